/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "inspector-capture.h"
#include "inspector-proxy.h"
#include "inspector-socket.h"

typedef struct
{
  ZmqSocket  *socket;
  ZmqMonitor *monitor;
} Side;

struct _InspectorProxy
{
  InspectorSession  parent_instance;
  Side              frontend;
  Side              backend;
  ZmqSocket        *capture;  /* the proxy's */
  ZmqSocket        *captured; /* the other end of it */
  ZmqProxy         *proxy;
  InspectorCapture *reader;
};

G_DEFINE_FINAL_TYPE (InspectorProxy, inspector_proxy, INSPECTOR_TYPE_SESSION)

static const struct
{
  const char   *name;
  ZmqSocketType frontend;
  ZmqSocketType backend;
} patterns[] = {
  { "requests", ZMQGLIB_SOCKET_ROUTER, ZMQGLIB_SOCKET_DEALER },
  { "publishing", ZMQGLIB_SOCKET_XSUB, ZMQGLIB_SOCKET_XPUB },
  { "pipeline", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH },
};

static void
inspector_proxy_set_paused (InspectorSession *session,
                            gboolean          is_paused)
{
  zmqglib_proxy_set_paused (INSPECTOR_PROXY (session)->proxy, is_paused);
}

static void
close_side (InspectorProxy *self,
            Side           *side)
{
  if (side->monitor != NULL)
    {
      g_signal_handlers_disconnect_by_data (side->monitor, self);
      zmqglib_monitor_close (side->monitor);
    }
  if (side->socket != NULL)
    zmqglib_socket_close (side->socket);
}

static void
inspector_proxy_close (InspectorSession *session)
{
  InspectorProxy *self = INSPECTOR_PROXY (session);

  if (self->proxy != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->proxy, self);
      zmqglib_proxy_stop (self->proxy);
    }
  close_side (self, &self->frontend);
  close_side (self, &self->backend);
  g_clear_pointer (&self->reader, inspector_capture_free);
  if (self->captured != NULL)
    zmqglib_socket_close (self->captured);
  if (self->capture != NULL)
    zmqglib_socket_close (self->capture);
}

static void
inspector_proxy_dispose (GObject *object)
{
  InspectorProxy *self = INSPECTOR_PROXY (object);

  inspector_proxy_close (INSPECTOR_SESSION (self));
  g_clear_object (&self->proxy);
  g_clear_object (&self->captured);
  g_clear_object (&self->capture);
  g_clear_object (&self->frontend.monitor);
  g_clear_object (&self->frontend.socket);
  g_clear_object (&self->backend.monitor);
  g_clear_object (&self->backend.socket);

  G_OBJECT_CLASS (inspector_proxy_parent_class)->dispose (object);
}

static void
inspector_proxy_class_init (InspectorProxyClass *klass)
{
  InspectorSessionClass *session_class = INSPECTOR_SESSION_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = inspector_proxy_dispose;
  session_class->set_paused = inspector_proxy_set_paused;
  session_class->close = inspector_proxy_close;
}

static void
inspector_proxy_init (InspectorProxy *self)
{
}

static void
on_captured (const InspectorEntry *entry,
             gpointer              user_data)
{
  inspector_store_append (inspector_session_get_store (user_data), entry->direction, entry->time, entry->message);
}

static void
on_frontend_event (ZmqMonitor       *monitor,
                   ZmqMonitorEvent  *event,
                   InspectorSession *session)
{
  inspector_session_add_event (session, _ ("Frontend"), event);
}

static void
on_backend_event (ZmqMonitor       *monitor,
                  ZmqMonitorEvent  *event,
                  InspectorSession *session)
{
  inspector_session_add_event (session, _ ("Backend"), event);
}

static void
on_stopped (ZmqProxy         *proxy,
            const GError     *error,
            InspectorSession *session)
{
  if (error != NULL)
    inspector_session_add_error (session, NULL, error);
}

static gboolean
make_side (InspectorProxy           *self,
           Side                     *side,
           ZmqSocketType             type,
           const char               *name,
           const InspectorProxySide *where,
           GError                  **error)
{
  g_autofree char *bound = NULL;

  side->socket = zmqglib_socket_new (NULL, type, error);
  side->monitor = side->socket != NULL ? zmqglib_monitor_new (side->socket, error) : NULL;
  if (side->monitor == NULL)
    return FALSE;

  g_object_set (side->socket, "linger", 0, NULL);
  g_signal_connect (side->monitor, "event", side == &self->frontend ? G_CALLBACK (on_frontend_event) : G_CALLBACK (on_backend_event), self);
  if (where->is_bound ? !zmqglib_socket_bind (side->socket, where->address, error)
                      : !zmqglib_socket_connect_to (side->socket, where->address, error))
    return FALSE;

  if (where->is_bound)
    g_object_get (side->socket, "last-endpoint", &bound, NULL);
  inspector_session_add_endpoint (INSPECTOR_SESSION (self), name, bound != NULL ? bound : where->address,
                                  where->is_bound ? INSPECTOR_ENDPOINT_BOUND : INSPECTOR_ENDPOINT_CONNECTED);

  return TRUE;
}

static gboolean
make_capture (InspectorProxy *self,
              GError        **error)
{
  static guint     n_captures;
  g_autofree char *endpoint = g_strdup_printf ("inproc://inspector-capture-%u", n_captures++);

  self->capture = zmqglib_socket_new (NULL, ZMQGLIB_SOCKET_PAIR, error);
  if (self->capture == NULL || !zmqglib_socket_bind (self->capture, endpoint, error))
    return FALSE;
  self->captured = zmqglib_socket_new (NULL, ZMQGLIB_SOCKET_PAIR, error);

  return self->captured != NULL && zmqglib_socket_connect_to (self->captured, endpoint, error);
}

static gboolean
start (InspectorProxy *self,
       GError        **error)
{
  g_autoptr (GBytes) to_backend = g_bytes_new_static (INSPECTOR_CAPTURED_TO_BACKEND, 1);
  g_autoptr (GBytes) to_frontend = g_bytes_new_static (INSPECTOR_CAPTURED_TO_FRONTEND, 1);

  self->proxy = zmqglib_proxy_new (self->frontend.socket, self->backend.socket, self->capture, error);
  if (self->proxy == NULL)
    return FALSE;
  g_object_set (self->proxy, "prefix-in", to_backend, "prefix-out", to_frontend, NULL);
  g_signal_connect (self->proxy, "stopped", G_CALLBACK (on_stopped), self);

  if (!zmqglib_proxy_start_in_thread (self->proxy, error))
    return FALSE;
  self->reader = inspector_capture_new (self->captured, on_captured, self);

  return TRUE;
}

InspectorSession *
inspector_proxy_new (const char               *pattern,
                     const InspectorProxySide *frontend,
                     const InspectorProxySide *backend,
                     GError                  **error)
{
  g_autoptr (InspectorProxy) self = NULL;
  g_autofree char *title = NULL;
  guint            i = 0;

  while (i < G_N_ELEMENTS (patterns) && !g_str_equal (patterns[i].name, pattern))
    i++;
  if (i == G_N_ELEMENTS (patterns))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _ ("There is no pattern “%s”"), pattern);
      return NULL;
    }

  self = g_object_new (INSPECTOR_TYPE_PROXY, NULL);
  /* Translators: and the types of its two sockets */
  title = g_strdup_printf (_ ("Proxy %s–%s"), inspector_socket_get_type_name (patterns[i].frontend), inspector_socket_get_type_name (patterns[i].backend));
  inspector_session_set_title (INSPECTOR_SESSION (self), title);
  if (!make_side (self, &self->frontend, patterns[i].frontend, _ ("Frontend"), frontend, error) ||
      !make_side (self, &self->backend, patterns[i].backend, _ ("Backend"), backend, error) ||
      !make_capture (self, error) || !start (self, error))
    return NULL;

  return INSPECTOR_SESSION (g_steal_pointer (&self));
}
