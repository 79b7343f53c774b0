/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "inspector-socket.h"

#define LINGER_MS 1000 /* what was sent is to leave, and who does not read is not waited for */

struct _InspectorSocket
{
  InspectorSession parent_instance;
  ZmqSocket       *socket;
  ZmqStream       *stream;
  ZmqMonitor      *monitor;
  GPtrArray       *subscriptions; /* NULL-terminated */
};

enum
{
  PROP_N_QUEUED = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];
static guint       failed_signal;

G_DEFINE_FINAL_TYPE (InspectorSocket, inspector_socket, INSPECTOR_TYPE_SESSION)

static const char *const type_names[] = {
  "PAIR", "PUB", "SUB", "REQ", "REP", "DEALER", "ROUTER", "PULL", "PUSH", "XPUB", "XSUB", "STREAM"
};

static void
inspector_socket_set_paused (InspectorSession *session,
                             gboolean          is_paused)
{
  g_object_set (INSPECTOR_SOCKET (session)->stream, "paused", is_paused, NULL);
}

static void
inspector_socket_close (InspectorSession *session)
{
  InspectorSocket *self = INSPECTOR_SOCKET (session);

  if (self->stream == NULL)
    return;

  zmqglib_stream_set_receive_func (self->stream, NULL, NULL, NULL);
  g_signal_handlers_disconnect_by_data (self->stream, self);
  g_signal_handlers_disconnect_by_data (self->monitor, self);
  zmqglib_monitor_close (self->monitor);
  zmqglib_stream_close (self->stream);
}

static void
inspector_socket_get_property (GObject    *object,
                               guint       id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  g_value_set_uint (value, inspector_socket_get_n_queued (INSPECTOR_SOCKET (object)));
}

static void
inspector_socket_dispose (GObject *object)
{
  InspectorSocket *self = INSPECTOR_SOCKET (object);

  inspector_socket_close (INSPECTOR_SESSION (self));
  g_clear_object (&self->monitor);
  g_clear_object (&self->stream);
  g_clear_object (&self->socket);

  G_OBJECT_CLASS (inspector_socket_parent_class)->dispose (object);
}

static void
inspector_socket_finalize (GObject *object)
{
  g_ptr_array_unref (INSPECTOR_SOCKET (object)->subscriptions);

  G_OBJECT_CLASS (inspector_socket_parent_class)->finalize (object);
}

static void
inspector_socket_class_init (InspectorSocketClass *klass)
{
  GObjectClass          *object_class = G_OBJECT_CLASS (klass);
  InspectorSessionClass *session_class = INSPECTOR_SESSION_CLASS (klass);

  object_class->get_property = inspector_socket_get_property;
  object_class->dispose = inspector_socket_dispose;
  object_class->finalize = inspector_socket_finalize;
  session_class->set_paused = inspector_socket_set_paused;
  session_class->close = inspector_socket_close;

  props[PROP_N_QUEUED] = g_param_spec_uint ("n-queued", NULL, NULL, 0, G_MAXUINT, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  failed_signal = g_signal_new ("failed", INSPECTOR_TYPE_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void
inspector_socket_init (InspectorSocket *self)
{
  self->subscriptions = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->subscriptions, NULL);
}

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    user_data)
{
  inspector_session_add_message (user_data, INSPECTOR_RECEIVED, message);
}

static void
fail (InspectorSocket *self,
      const GError    *error)
{
  inspector_session_add_error (INSPECTOR_SESSION (self), NULL, error);
  g_signal_emit (self, failed_signal, 0, error);
}

static void
on_sent (ZmqStream       *stream,
         ZmqMessage      *message,
         const GError    *error,
         InspectorSocket *self)
{
  if (error == NULL)
    inspector_session_add_message (INSPECTOR_SESSION (self), INSPECTOR_SENT, message);
  else
    fail (self, error);
}

static void
on_closed (ZmqStream       *stream,
           const GError    *error,
           InspectorSocket *self)
{
  if (error != NULL)
    fail (self, error);
}

static void
on_n_queued (ZmqStream       *stream,
             GParamSpec      *pspec,
             InspectorSocket *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_QUEUED]);
}

static void
on_event (ZmqMonitor      *monitor,
          ZmqMonitorEvent *event,
          InspectorSocket *self)
{
  inspector_session_add_event (INSPECTOR_SESSION (self), NULL, event);
}

InspectorSession *
inspector_socket_new (ZmqSocketType type,
                      GError      **error)
{
  g_autoptr (ZmqSocket) socket = zmqglib_socket_new (NULL, type, error);
  g_autoptr (ZmqMonitor) monitor = socket != NULL ? zmqglib_monitor_new (socket, error) : NULL;
  InspectorSocket *self;

  if (monitor == NULL)
    return NULL;

  self = g_object_new (INSPECTOR_TYPE_SOCKET, NULL);
  self->socket = g_steal_pointer (&socket);
  self->monitor = g_steal_pointer (&monitor);
  self->stream = zmqglib_stream_new (self->socket);
  g_object_set (self->socket, "linger", LINGER_MS, NULL);
  g_signal_connect (self->monitor, "event", G_CALLBACK (on_event), self);
  g_signal_connect (self->stream, "sent", G_CALLBACK (on_sent), self);
  g_signal_connect (self->stream, "closed", G_CALLBACK (on_closed), self);
  g_signal_connect (self->stream, "notify::n-queued", G_CALLBACK (on_n_queued), self);
  zmqglib_stream_set_receive_func (self->stream, on_received, self, NULL);
  inspector_session_set_title (INSPECTOR_SESSION (self), inspector_socket_get_type_name (type));

  return INSPECTOR_SESSION (self);
}

gboolean
inspector_socket_set_curve (InspectorSocket *self,
                            ZmqCertificate  *own,
                            ZmqCertificate  *server,
                            GError         **error)
{
  if (server == NULL)
    return zmqglib_socket_set_curve_server (self->socket, own, error);

  return zmqglib_socket_set_curve_client (self->socket, own, zmqglib_certificate_get_public_key (server), error);
}

static void
add_endpoint (InspectorSocket       *self,
              const char            *address,
              InspectorEndpointFlags flags)
{
  if (zmqglib_socket_get_socket_type (self->socket) == ZMQGLIB_SOCKET_STREAM)
    flags |= INSPECTOR_ENDPOINT_RAW;
  inspector_session_add_endpoint (INSPECTOR_SESSION (self), NULL, address, flags);
}

gboolean
inspector_socket_bind (InspectorSocket *self,
                       const char      *address,
                       GError         **error)
{
  g_autofree char *bound = NULL;

  if (!zmqglib_socket_bind (self->socket, address, error))
    return FALSE;

  /* a port that was chosen is known now */
  g_object_get (self->socket, "last-endpoint", &bound, NULL);
  add_endpoint (self, bound, INSPECTOR_ENDPOINT_BOUND);

  return TRUE;
}

gboolean
inspector_socket_connect (InspectorSocket *self,
                          const char      *address,
                          GError         **error)
{
  if (!zmqglib_socket_connect_to (self->socket, address, error))
    return FALSE;
  add_endpoint (self, address, INSPECTOR_ENDPOINT_CONNECTED);

  return TRUE;
}

gboolean
inspector_socket_leave (InspectorSocket *self,
                        const char      *address,
                        GError         **error)
{
  g_autoptr (GError) unbind_error = NULL;

  if (!zmqglib_socket_unbind (self->socket, address, &unbind_error) &&
      !zmqglib_socket_disconnect_from (self->socket, address, error))
    return FALSE;
  inspector_session_remove_endpoint (INSPECTOR_SESSION (self), address);

  return TRUE;
}

static gboolean
find_subscription (InspectorSocket *self,
                   const char      *prefix,
                   guint           *index)
{
  for (guint i = 0; i + 1 < self->subscriptions->len; i++)
    if (g_str_equal (self->subscriptions->pdata[i], prefix))
      {
        *index = i;
        return TRUE;
      }

  return FALSE;
}

gboolean
inspector_socket_subscribe (InspectorSocket *self,
                            const char      *prefix,
                            GError         **error)
{
  guint index;

  /* libzmq counts them, and people do not */
  if (find_subscription (self, prefix, &index))
    return TRUE;
  if (!zmqglib_socket_subscribe (self->socket, prefix, error))
    return FALSE;
  g_ptr_array_insert (self->subscriptions, self->subscriptions->len - 1, g_strdup (prefix));

  return TRUE;
}

gboolean
inspector_socket_unsubscribe (InspectorSocket *self,
                              const char      *prefix,
                              GError         **error)
{
  guint index;

  if (!find_subscription (self, prefix, &index))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _ ("There is no subscription to “%s”"), prefix);
      return FALSE;
    }
  if (!zmqglib_socket_unsubscribe (self->socket, prefix, error))
    return FALSE;
  g_ptr_array_remove_index (self->subscriptions, index);

  return TRUE;
}

gboolean
inspector_socket_send (InspectorSocket *self,
                       ZmqMessage      *message,
                       GError         **error)
{
  return zmqglib_stream_send (self->stream, message, error);
}

const char *const *
inspector_socket_get_subscriptions (InspectorSocket *self)
{
  return (const char *const *) self->subscriptions->pdata;
}

gboolean
inspector_socket_can_send (InspectorSocket *self)
{
  ZmqSocketType type = zmqglib_socket_get_socket_type (self->socket);

  return type != ZMQGLIB_SOCKET_SUB && type != ZMQGLIB_SOCKET_PULL;
}

gboolean
inspector_socket_can_subscribe (InspectorSocket *self)
{
  return zmqglib_socket_get_socket_type (self->socket) == ZMQGLIB_SOCKET_SUB;
}

guint
inspector_socket_get_n_queued (InspectorSocket *self)
{
  return self->stream != NULL ? zmqglib_stream_get_n_queued (self->stream) : 0;
}

gboolean
inspector_socket_parse_type (const char    *name,
                             ZmqSocketType *type)
{
  for (guint i = 0; i < G_N_ELEMENTS (type_names); i++)
    if (g_ascii_strcasecmp (name, type_names[i]) == 0)
      {
        *type = i;
        return TRUE;
      }

  return FALSE;
}

const char *
inspector_socket_get_type_name (ZmqSocketType type)
{
  return type_names[type];
}
