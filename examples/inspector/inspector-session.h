/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "inspector-event.h"
#include "inspector-list.h"
#include "inspector-rates.h"

G_BEGIN_DECLS

#define INSPECTOR_MAX_ENTRIES 100000
#define INSPECTOR_MAX_BYTES   (256 << 20)
#define INSPECTOR_MAX_EVENTS  1000

#define INSPECTOR_TYPE_SESSION (inspector_session_get_type ())
G_DECLARE_DERIVABLE_TYPE (InspectorSession, inspector_session, INSPECTOR, SESSION, GObject)

/* Something that messages are shown of: a recording, or, by its subclasses, a socket or a proxy. Properties: “title”,
 * “subtitle”, “paused”. */
struct _InspectorSessionClass
{
  GObjectClass parent_class;

  void (*set_paused) (InspectorSession *self,
                      gboolean          is_paused);
  void (*close) (InspectorSession *self);
};

InspectorSession *inspector_session_new (const char *title,
                                         const char *subtitle);

const char     *inspector_session_get_title (InspectorSession *self);
const char     *inspector_session_get_subtitle (InspectorSession *self);
InspectorStore *inspector_session_get_store (InspectorSession *self);
InspectorList  *inspector_session_get_list (InspectorSession *self);
/* of InspectorEvent, the latest last, and of InspectorEndpoint */
GListModel *inspector_session_get_events (InspectorSession *self);
GListModel *inspector_session_get_endpoints (InspectorSession *self);
/* owned, and sampled by who shows it */
InspectorRates *inspector_session_get_rates (InspectorSession *self);

gboolean inspector_session_get_paused (InspectorSession *self);
void     inspector_session_set_paused (InspectorSession *self,
                                       gboolean          is_paused);
void     inspector_session_close (InspectorSession *self);

/* for subclasses, and who reads recordings */
void inspector_session_set_title (InspectorSession *self,
                                  const char       *title);
void inspector_session_add_message (InspectorSession  *self,
                                    InspectorDirection direction,
                                    ZmqMessage        *message);
void inspector_session_add_event (InspectorSession *self,
                                  const char       *side,
                                  ZmqMonitorEvent  *event);
void inspector_session_add_error (InspectorSession *self,
                                  const char       *side,
                                  const GError     *error);
void inspector_session_add_endpoint (InspectorSession      *self,
                                     const char            *side,
                                     const char            *address,
                                     InspectorEndpointFlags flags);
void inspector_session_remove_endpoint (InspectorSession *self,
                                        const char       *address);

G_END_DECLS
