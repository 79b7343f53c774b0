/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "inspector-event.h"

struct _InspectorEvent
{
  GObject  parent_instance;
  gint64   time;
  char    *title;
  char    *endpoint;
  char    *detail;
  gboolean is_error;
  guint    n;
};

G_DEFINE_FINAL_TYPE (InspectorEvent, inspector_event, G_TYPE_OBJECT)

static void
inspector_event_finalize (GObject *object)
{
  InspectorEvent *self = INSPECTOR_EVENT (object);

  g_free (self->title);
  g_free (self->endpoint);
  g_free (self->detail);

  G_OBJECT_CLASS (inspector_event_parent_class)->finalize (object);
}

static void
inspector_event_class_init (InspectorEventClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = inspector_event_finalize;
}

static void
inspector_event_init (InspectorEvent *self)
{
  self->time = g_get_real_time ();
  self->n = 1;
}

static const char *
get_kind_title (ZmqMonitorEventKind kind)
{
  switch (kind)
    {
    case ZMQGLIB_MONITOR_EVENT_CONNECTED:
      return _ ("Connected");
    case ZMQGLIB_MONITOR_EVENT_CONNECT_DELAYED:
      return _ ("Connecting");
    case ZMQGLIB_MONITOR_EVENT_CONNECT_RETRIED:
      return _ ("Trying again");
    case ZMQGLIB_MONITOR_EVENT_LISTENING:
      return _ ("Listening");
    case ZMQGLIB_MONITOR_EVENT_BIND_FAILED:
      return _ ("Could not bind");
    case ZMQGLIB_MONITOR_EVENT_ACCEPTED:
      return _ ("Accepted");
    case ZMQGLIB_MONITOR_EVENT_ACCEPT_FAILED:
      return _ ("Could not accept");
    case ZMQGLIB_MONITOR_EVENT_CLOSED:
      return _ ("Closed");
    case ZMQGLIB_MONITOR_EVENT_CLOSE_FAILED:
      return _ ("Could not close");
    case ZMQGLIB_MONITOR_EVENT_DISCONNECTED:
      return _ ("Disconnected");
    case ZMQGLIB_MONITOR_EVENT_HANDSHAKE_SUCCEEDED:
      return _ ("Handshake succeeded");
    case ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
    case ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_PROTOCOL:
    case ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_AUTH:
      return _ ("Handshake failed");
    default:
      return _ ("No more is told");
    }
}

static char *
make_title (const char *side,
            const char *title)
{
  return side != NULL ? g_strdup_printf ("%s: %s", side, title) : g_strdup (title);
}

static char *
make_interval (InspectorEvent  *self,
               ZmqMonitorEvent *event)
{
  int interval_ms = zmqglib_monitor_event_get_interval_us (event) / 1000;

  if (self->n == 1)
    return g_strdup_printf (_ ("in %d ms"), interval_ms);

  return g_strdup_printf (ngettext ("in %d ms, %u time so far", "in %d ms, %u times so far", self->n), interval_ms, self->n);
}

InspectorEvent *
inspector_event_new (const char      *side,
                     ZmqMonitorEvent *event)
{
  InspectorEvent *self = g_object_new (INSPECTOR_TYPE_EVENT, NULL);
  const GError   *error = zmqglib_monitor_event_get_error (event);
  const char     *endpoint = zmqglib_monitor_event_get_endpoint (event);

  self->title = make_title (side, get_kind_title (zmqglib_monitor_event_get_kind (event)));
  self->endpoint = g_strdup (endpoint != NULL ? endpoint : "");
  self->is_error = error != NULL;
  if (error != NULL)
    self->detail = g_strdup (error->message);
  else if (zmqglib_monitor_event_get_kind (event) == ZMQGLIB_MONITOR_EVENT_CONNECT_RETRIED)
    self->detail = make_interval (self, event);
  else
    self->detail = g_strdup ("");

  return self;
}

InspectorEvent *
inspector_event_new_for_error (const char   *side,
                               const GError *error)
{
  InspectorEvent *self = g_object_new (INSPECTOR_TYPE_EVENT, NULL);

  self->title = make_title (side, _ ("Failed"));
  self->endpoint = g_strdup ("");
  self->detail = g_strdup (error->message);
  self->is_error = TRUE;

  return self;
}

void
inspector_event_repeat (InspectorEvent  *self,
                        ZmqMonitorEvent *event)
{
  self->time = g_get_real_time ();
  self->n++;
  g_free (self->detail);
  self->detail = make_interval (self, event);
}

gint64
inspector_event_get_time (InspectorEvent *self)
{
  return self->time;
}

const char *
inspector_event_get_title (InspectorEvent *self)
{
  return self->title;
}

const char *
inspector_event_get_endpoint (InspectorEvent *self)
{
  return self->endpoint;
}

const char *
inspector_event_get_detail (InspectorEvent *self)
{
  return self->detail;
}

gboolean
inspector_event_is_error (InspectorEvent *self)
{
  return self->is_error;
}
