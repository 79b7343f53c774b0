/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <zmqglib/zmqglib-error.h>

#include "base/zmqglib-i18n-private.h"
#include "services/zmqglib-envelope-private.h"
#include "services/zmqglib-request-private.h"

/**
 * ZmqRequest:
 *
 * What a client has asked a [class@Zmq.Server], and the way back to that client.
 *
 * ```c
 * static void
 * on_request (ZmqServer  *server,
 *             ZmqRequest *request,
 *             gpointer    user_data)
 * {
 *   g_autoptr (ZmqMessage) reply = zmqglib_message_new_strings ("here you are", NULL);
 *   g_autoptr (GError) error = NULL;
 *
 *   if (!zmqglib_request_reply (request, reply, &error))
 *     g_warning ("%s", error->message);
 * }
 *
 * g_signal_connect (server, "request", G_CALLBACK (on_request), NULL);
 * ```
 *
 * In Python:
 *
 * ```python
 * def on_request(_server, request):
 *     request.reply(['here you are', *request.get_message()])
 *
 * server = Zmq.Server()
 * server.connect('request', on_request)
 * ```
 *
 * A handler of [signal@Zmq.Server::request] replies at once, or keeps the request and replies later, in whatever thread.
 * The reply goes to the client that has asked, whatever other clients have asked in the meantime. When the last reference
 * is dropped without a reply, nothing is sent: the client, which has a time limit, hears nothing.
 *
 * A request may outlive its server. It may be kept, read and replied to in any thread.
 *
 * Since: 1.0
 */

struct _ZmqRequest
{
  GObject parent_instance;

  ZmqServerCore *core; /* NULL when it was made by g_object_new() */
  ZmqMessage    *envelope;
  ZmqMessage    *message;
  char          *user_id;
  int            is_replied; /* atomic */
};

enum
{
  PROP_0,
  PROP_MESSAGE,
  PROP_USER_ID,
  PROP_PEER,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (ZmqRequest, zmqglib_request, G_TYPE_OBJECT)

static void
zmqglib_request_finalize (GObject *object)
{
  ZmqRequest *self = ZMQGLIB_REQUEST (object);

  if (self->core != NULL && !self->is_replied)
    zmqglib_server_core_count (self->core, -1);
  g_clear_pointer (&self->envelope, zmqglib_message_unref);
  g_clear_pointer (&self->message, zmqglib_message_unref);
  g_free (self->user_id);
  g_clear_pointer (&self->core, zmqglib_server_core_unref);

  G_OBJECT_CLASS (zmqglib_request_parent_class)->finalize (object);
}

static void
zmqglib_request_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  ZmqRequest *self = ZMQGLIB_REQUEST (object);

  switch (prop_id)
    {
    case PROP_MESSAGE:
      g_value_set_boxed (value, self->message);
      break;
    case PROP_USER_ID:
      g_value_set_string (value, self->user_id);
      break;
    case PROP_PEER:
      g_value_take_boxed (value, zmqglib_request_get_peer (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
zmqglib_request_class_init (ZmqRequestClass *klass)
{
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = zmqglib_request_finalize;
  object_class->get_property = zmqglib_request_get_property;

  /**
   * ZmqRequest:message: (getter get_message)
   *
   * What was asked.
   *
   * Since: 1.0
   */
  properties[PROP_MESSAGE] = g_param_spec_boxed ("message", NULL, _ ("What was asked"), ZMQGLIB_TYPE_MESSAGE, flags);

  /**
   * ZmqRequest:user-id: (getter get_user_id)
   *
   * Who has asked, as an authenticator has said.
   *
   * Since: 1.0
   */
  properties[PROP_USER_ID] =
      g_param_spec_string ("user-id", NULL, _ ("Who has asked, as an authenticator has said"), NULL, flags);

  /**
   * ZmqRequest:peer: (getter get_peer)
   *
   * The routing id of the connection that the request came by.
   *
   * Since: 1.0
   */
  properties[PROP_PEER] =
      g_param_spec_boxed ("peer", NULL, _ ("The routing id of the connection that the request came by"), G_TYPE_BYTES, flags);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
zmqglib_request_init (ZmqRequest *self)
{
}

/*
 * zmqglib_request_new:
 * @message: what a ROUTER socket has received, which nobody else has, and of which the body is left
 *
 * Returns: (transfer full): a request, which counts as pending
 */
ZmqRequest *
zmqglib_request_new (ZmqServerCore *core,
                     ZmqMessage    *message)
{
  ZmqRequest *self = g_object_new (ZMQGLIB_TYPE_REQUEST, NULL);

  self->core = zmqglib_server_core_ref (core);
  /* the first frame is the socket’s own */
  self->user_id = g_strdup (zmqglib_message_get_nth_user_id (message, 1));
  self->envelope = zmqglib_envelope_split (message, 1);
  self->message = zmqglib_message_ref (message);
  zmqglib_server_core_count (core, 1);

  return self;
}

/**
 * zmqglib_request_get_message: (get-property message)
 * @self: a request
 *
 * Gets what was asked: the frames behind the envelope. There may be none, when a DEALER or ROUTER socket has sent an
 * empty frame and nothing else. May be called from any thread.
 *
 * Returns: (transfer none): a message
 *
 * Since: 1.0
 */
ZmqMessage *
zmqglib_request_get_message (ZmqRequest *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_REQUEST (self), NULL);

  return self->message;
}

/**
 * zmqglib_request_get_user_id: (get-property user-id)
 * @self: a request
 *
 * Gets who has asked, as a [class@Zmq.Authenticator] of this process has said; see [method@Zmq.Message.get_user_id]. May
 * be called from any thread.
 *
 * Returns: (transfer none) (nullable): the user, or %NULL when nobody has vouched for the client, or it has no name
 *
 * Since: 1.0
 */
const char *
zmqglib_request_get_user_id (ZmqRequest *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_REQUEST (self), NULL);

  return self->user_id;
}

/**
 * zmqglib_request_get_peer: (get-property peer)
 * @self: a request
 *
 * Gets the routing id of the connection that the request came by: requests of one connection have the same. libzmq makes
 * one of five bytes, the first of which is 0, unless the client has set [property@Zmq.Socket:routing-id] to one of its
 * choice: so it is not proven who that is. May be called from any thread.
 *
 * Returns: (transfer full): the routing id
 *
 * Since: 1.0
 */
GBytes *
zmqglib_request_get_peer (ZmqRequest *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_REQUEST (self), NULL);

  return self->envelope != NULL ? zmqglib_message_get_frame (self->envelope, 0) : NULL;
}

static gboolean
send_reply (ZmqRequest *self,
            ZmqMessage *message,
            GError    **error)
{
  const char *what = _ ("Could not reply to a request");
  g_autoptr (ZmqMessage) sealed = NULL;
  g_autoptr (ZmqStream) stream = NULL;

  if (self->core != NULL && !zmqglib_server_core_check (self->core, what, error))
    return FALSE;

  stream = self->core != NULL ? zmqglib_server_core_dup_stream (self->core) : NULL;
  if (stream == NULL)
    {
      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED, _ ("%s: %s"), what, _ ("The server is closed"));
      return FALSE;
    }

  sealed = zmqglib_envelope_seal (self->envelope, message);
  zmqglib_message_give_tracker (message, sealed);
  if (zmqglib_stream_send (stream, sealed, error))
    return TRUE;

  zmqglib_message_give_tracker (sealed, message);
  g_prefix_error (error, "%s: ", what);

  return FALSE;
}

/**
 * zmqglib_request_reply:
 * @self: a request
 * @message: a message of at least one frame, which may be changed and sent again afterwards
 * @error: return location for an error
 *
 * Replies to the client that has asked, once. May be called from any thread, and never blocks: in another thread than the
 * server’s, the reply waits until the server’s main context has its turn. The replies of each thread keep their order,
 * and those of different requests need no order.
 *
 * A client that is gone gets no reply, and that is no error: libzmq drops it. It also drops what a client that does not
 * read has no room for ([property@Zmq.Socket:send-high-water-mark]), so that a slow client holds up nobody else’s
 * replies. To hear of a client that is gone one may set [property@Zmq.Socket:router-mandatory] on
 * [method@Zmq.Server.get_socket], at a price: then all replies wait behind one to a client that does not read.
 *
 * Fails with %ZMQGLIB_ERROR_INVALID_ARGUMENT when @message has no frame, %ZMQGLIB_ERROR_WRONG_STATE when the request was
 * replied to before, and %ZMQGLIB_ERROR_CLOSED when the server is closed, or belongs to the process that this one was
 * forked from.
 *
 * Returns: %TRUE when the reply was taken, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
zmqglib_request_reply (ZmqRequest *self,
                       ZmqMessage *message,
                       GError    **error)
{
  g_autoptr (ZmqRequest) held = NULL;

  g_return_val_if_fail (ZMQGLIB_IS_REQUEST (self), FALSE);
  g_return_val_if_fail (message != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (zmqglib_message_get_n_frames (message) == 0)
    {
      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT, _ ("%s: %s"), _ ("Could not reply to a request"),
                   _ ("The message has no frame"));
      return FALSE;
    }

  if (!g_atomic_int_compare_and_exchange (&self->is_replied, FALSE, TRUE))
    {
      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_WRONG_STATE, _ ("%s: %s"), _ ("Could not reply to a request"),
                   _ ("It was replied to before"));
      return FALSE;
    }

  /* what is sent here may drop messages, whose memory may be what keeps the request */
  held = g_object_ref (self);
  if (send_reply (self, message, error))
    {
      zmqglib_server_core_count (self->core, -1);
      return TRUE;
    }
  g_atomic_int_set (&self->is_replied, FALSE);

  return FALSE;
}
