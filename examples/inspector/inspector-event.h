/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib.h>

G_BEGIN_DECLS

/* What has happened to a connection, as a row of a list. */
#define INSPECTOR_TYPE_EVENT (inspector_event_get_type ())
G_DECLARE_FINAL_TYPE (InspectorEvent, inspector_event, INSPECTOR, EVENT, GObject)

/* the side is “Frontend” or the like, or NULL */
InspectorEvent *inspector_event_new (const char      *side,
                                     ZmqMonitorEvent *event);
InspectorEvent *inspector_event_new_for_error (const char   *side,
                                               const GError *error);

/* it has happened again */
void inspector_event_repeat (InspectorEvent  *self,
                             ZmqMonitorEvent *event);

gint64      inspector_event_get_time (InspectorEvent *self);
const char *inspector_event_get_title (InspectorEvent *self);
const char *inspector_event_get_endpoint (InspectorEvent *self); /* or “” */
const char *inspector_event_get_detail (InspectorEvent *self);   /* or “” */
gboolean    inspector_event_is_error (InspectorEvent *self);

/* Where a socket is bound or connected, and how that goes: the property “state” changes. */
#define INSPECTOR_TYPE_ENDPOINT (inspector_endpoint_get_type ())
G_DECLARE_FINAL_TYPE (InspectorEndpoint, inspector_endpoint, INSPECTOR, ENDPOINT, GObject)

typedef enum
{
  INSPECTOR_ENDPOINT_CONNECTED = 0,
  INSPECTOR_ENDPOINT_BOUND = 1 << 0,
  INSPECTOR_ENDPOINT_RAW = 1 << 1 /* of a STREAM socket, which shakes no hands */
} InspectorEndpointFlags;

InspectorEndpoint *inspector_endpoint_new (const char            *side,
                                           const char            *address,
                                           InspectorEndpointFlags flags);

const char *inspector_endpoint_get_side (InspectorEndpoint *self); /* nullable */
const char *inspector_endpoint_get_address (InspectorEndpoint *self);
gboolean    inspector_endpoint_is_bound (InspectorEndpoint *self);
const char *inspector_endpoint_get_state (InspectorEndpoint *self);
gboolean    inspector_endpoint_has_failed (InspectorEndpoint *self);
/* How likely it is that an event is about it, 0 for not at all. What libzmq names may be an address where all of them,
 * “0.0.0.0”, were bound, and one that a name stands for. */
guint inspector_endpoint_rank (InspectorEndpoint *self,
                               ZmqMonitorEvent   *event);
/* Whether it tells that a handshake failed where there is none. */
gboolean inspector_endpoint_has_no_handshake (InspectorEndpoint *self,
                                              ZmqMonitorEvent   *event);
/* Whether it is one of the many tries to connect to where nobody is, and that has been told already. */
gboolean inspector_endpoint_is_trying (InspectorEndpoint *self,
                                       ZmqMonitorEvent   *event);
void     inspector_endpoint_tell (InspectorEndpoint *self,
                                  ZmqMonitorEvent   *event);

G_END_DECLS
