/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <zmqglib/zmqglib-enum-types.h>

#include "base/zmqglib-i18n-private.h"
#include "services/zmqglib-client-private.h"

/**
 * ZmqClient:
 *
 * Sends requests to one server or several, and gets each its answer: with a time limit, with retries, any number
 * under way at once.
 *
 * ```c
 * static void
 * on_answer (GObject      *source,
 *            GAsyncResult *result,
 *            gpointer      user_data)
 * {
 *   g_autoptr (GError) error = NULL;
 *   g_autoptr (ZmqMessage) answer = zmqglib_client_request_finish (ZMQGLIB_CLIENT (source), result, &error);
 *
 *   if (answer == NULL)
 *     g_warning ("%s", error->message);
 * }
 *
 * client = zmqglib_client_new (NULL, &error);
 * zmqglib_client_set_timeout_us (client, 2 * G_TIME_SPAN_SECOND); // microseconds
 * zmqglib_client_connect_to (client, "tcp://127.0.0.1:5555", &error);
 * zmqglib_client_request_async (client, message, cancellable, on_answer, NULL);
 * ```
 *
 * In Python:
 *
 * ```python
 * def on_answer(client, result):
 *     try:
 *         print(client.request_finish(result))
 *     except Zmq.ZmqError as error:
 *         print(error)
 *
 * client = Zmq.Client(timeout_us=2_000_000)  # microseconds
 * client.connect('tcp://127.0.0.1:5555')
 * client.request_async('how much?', None, on_answer)
 * ```
 *
 * It speaks what REQ and REP sockets speak, so that a server may be anything in any language: a [class@Zmq.Server], a REP
 * socket, or a ROUTER or DEALER that sends back, untouched, all up to the first empty frame. In front of that frame travels
 * the request’s number, by which an answer is known whatever has been answered before; an answer counts only
 * from a server that was asked, and once. Late ones and doubled ones are dropped. For a server that expects exactly what REQ
 * sends there is [property@Zmq.Client:envelope].
 *
 * A request is tried [property@Zmq.Client:max-tries] times. A try ends without an answer when
 * [property@Zmq.Client:timeout-us] is over, or at once when the connection breaks through which it was sent. The next goes
 * where [property@Zmq.Client:strategy] says. An earlier try may still be answered, and the request **may so run more
 * than once**: servers must bear that.
 *
 * A client belongs to the thread-default main context of the thread that made it, in which it sends and receives. Its
 * functions may be called from any thread. [method@Zmq.Client.request] blocks, and needs no main loop.
 *
 * A request keeps its client. Dropping the last reference to a client that has none under way closes it.
 *
 * Since: 1.0
 */

/* As in the “lazy pirate” of ZeroMQ’s guide. */
#define DEFAULT_TIMEOUT_US (2500 * G_TIME_SPAN_MILLISECOND)
#define DEFAULT_MAX_TRIES  3

static void initable_iface_init (GInitableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ZmqClient, zmqglib_client, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, initable_iface_init))

static gboolean
zmqglib_client_initable_init (GInitable    *initable,
                              GCancellable *cancellable,
                              GError      **error)
{
  ZmqClient *self = ZMQGLIB_CLIENT (initable);

  if (self->owned_by_loop)
    zmqglib_front_keep (self->core->front, self);

  return TRUE;
}

static void
initable_iface_init (GInitableIface *iface)
{
  iface->init = zmqglib_client_initable_init;
}

static void
zmqglib_client_constructed (GObject *object)
{
  ZmqClient *self = ZMQGLIB_CLIENT (object);

  G_OBJECT_CLASS (zmqglib_client_parent_class)->constructed (object);

  if (self->context == NULL)
    self->context = g_object_ref (zmqglib_context_get_default ());
}

/* Runs in whatever thread drops the last reference: it only tells the core. */
static void
zmqglib_client_dispose (GObject *object)
{
  ZmqClient *self = ZMQGLIB_CLIENT (object);

  zmqglib_client_desk_close (self->core);
  zmqglib_client_close_twins (self);

  G_OBJECT_CLASS (zmqglib_client_parent_class)->dispose (object);
}

static void
zmqglib_client_finalize (GObject *object)
{
  ZmqClient                       *self = ZMQGLIB_CLIENT (object);
  g_autoptr (GMainContext) context G_GNUC_UNUSED = zmqglib_client_core_steal_context (self->core);

  zmqglib_client_core_unref (self->core);
  g_clear_object (&self->context);
  g_ptr_array_unref (self->endpoints);
  zmqglib_lock_clear (&self->lock);

  G_OBJECT_CLASS (zmqglib_client_parent_class)->finalize (object);
}

static void
zmqglib_client_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  ZmqClient *self = ZMQGLIB_CLIENT (object);

  switch (prop_id)
    {
    case CLIENT_PROP_CONTEXT:
      g_value_set_object (value, self->context);
      break;
    case CLIENT_PROP_OWNED_BY_LOOP:
      g_value_set_boolean (value, self->owned_by_loop);
      break;
    case CLIENT_PROP_TIMEOUT_US:
      g_value_set_int64 (value, zmqglib_client_get_terms (self).timeout_us);
      break;
    case CLIENT_PROP_MAX_TRIES:
      g_value_set_uint (value, zmqglib_client_get_terms (self).max_tries);
      break;
    case CLIENT_PROP_STRATEGY:
      g_value_set_enum (value, zmqglib_client_get_terms (self).strategy);
      break;
    case CLIENT_PROP_ENVELOPE:
      g_value_set_enum (value, zmqglib_client_get_terms (self).envelope);
      break;
    case CLIENT_PROP_N_PENDING:
      g_value_set_uint (value, g_atomic_int_get (&self->core->n_pending));
      break;
    case CLIENT_PROP_CONNECTED:
      g_value_set_boolean (value, g_atomic_int_get (&self->core->n_connected) > 0);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
zmqglib_client_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  ZmqClient *self = ZMQGLIB_CLIENT (object);

  switch (prop_id)
    {
    case CLIENT_PROP_CONTEXT:
      self->context = g_value_dup_object (value);
      break;
    case CLIENT_PROP_OWNED_BY_LOOP:
      self->owned_by_loop = g_value_get_boolean (value);
      break;
    case CLIENT_PROP_TIMEOUT_US:
      zmqglib_client_set_terms (self, (ZmqClientTerms){ .timeout_us = g_value_get_int64 (value) }, prop_id);
      break;
    case CLIENT_PROP_MAX_TRIES:
      zmqglib_client_set_terms (self, (ZmqClientTerms){ .max_tries = g_value_get_uint (value) }, prop_id);
      break;
    case CLIENT_PROP_STRATEGY:
      zmqglib_client_set_terms (self, (ZmqClientTerms){ .strategy = g_value_get_enum (value) }, prop_id);
      break;
    case CLIENT_PROP_ENVELOPE:
      zmqglib_client_set_terms (self, (ZmqClientTerms){ .envelope = g_value_get_enum (value) }, prop_id);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_construct_properties (void)
{
  /**
   * ZmqClient:context: (getter get_context)
   *
   * The context of the client’s sockets; %NULL makes it the default one.
   *
   * Since: 1.0
   */
  zmqglib_client_properties[CLIENT_PROP_CONTEXT] =
      g_param_spec_object ("context", NULL, _ ("The context of the client’s sockets"), ZMQGLIB_TYPE_CONTEXT,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * ZmqClient:owned-by-loop:
   *
   * Whether the main loop keeps the client alive until it is closed, as [property@Zmq.Stream:owned-by-loop] does for
   * a stream. In C the default, %FALSE, lets the last reference end the client; the overrides of languages with
   * a garbage collector set it.
   *
   * Since: 1.0
   */
  zmqglib_client_properties[CLIENT_PROP_OWNED_BY_LOOP] =
      g_param_spec_boolean ("owned-by-loop", NULL, _ ("Whether the main loop keeps the client alive"), FALSE,
                            G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
}

static void
install_terms (void)
{
  /**
   * ZmqClient:timeout-us: (getter get_timeout_us) (setter set_timeout_us)
   *
   * How long one try waits for an answer, in microseconds, the time until a connection is there included; -1 for as long as
   * it takes. Holds for the requests that are begun afterwards. By default 2.5 seconds.
   *
   * Since: 1.0
   */
  zmqglib_client_properties[CLIENT_PROP_TIMEOUT_US] =
      g_param_spec_int64 ("timeout-us", NULL, _ ("How long one try waits for an answer, in microseconds"), -1, G_MAXINT64,
                          DEFAULT_TIMEOUT_US, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * ZmqClient:max-tries: (getter get_max_tries) (setter set_max_tries)
   *
   * How often a request is tried at most, 0 for as often as it takes. Holds for the requests that are begun afterwards.
   *
   * Since: 1.0
   */
  zmqglib_client_properties[CLIENT_PROP_MAX_TRIES] =
      g_param_spec_uint ("max-tries", NULL, _ ("How often a request is tried at most"), 0, G_MAXUINT, DEFAULT_MAX_TRIES,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * ZmqClient:strategy: (getter get_strategy) (setter set_strategy)
   *
   * Which endpoint a try goes to, when there are several. Holds for the requests that are begun afterwards.
   *
   * Since: 1.0
   */
  zmqglib_client_properties[CLIENT_PROP_STRATEGY] =
      g_param_spec_enum ("strategy", NULL, _ ("Which endpoint a try goes to"), ZMQGLIB_TYPE_CLIENT_STRATEGY,
                         ZMQGLIB_CLIENT_STRATEGY_FAILOVER,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * ZmqClient:envelope: (getter get_envelope) (setter set_envelope)
   *
   * What is put in front of a request. Holds for the endpoints that are connected to afterwards.
   *
   * With %ZMQGLIB_CLIENT_ENVELOPE_NONE each try has a REQ socket, and so a connection, of its own, which is closed with the
   * request: an answer that bears no number is known by nothing else.
   *
   * Since: 1.0
   */
  zmqglib_client_properties[CLIENT_PROP_ENVELOPE] =
      g_param_spec_enum ("envelope", NULL, _ ("What is put in front of a request"), ZMQGLIB_TYPE_CLIENT_ENVELOPE,
                         ZMQGLIB_CLIENT_ENVELOPE_CORRELATED,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
}

static void
install_state_properties (void)
{
  /**
   * ZmqClient:n-pending: (getter get_n_pending)
   *
   * How many requests are under way, those that block included. Notified from the main loop, once for what has happened
   * meanwhile.
   *
   * Since: 1.0
   */
  zmqglib_client_properties[CLIENT_PROP_N_PENDING] =
      g_param_spec_uint ("n-pending", NULL, _ ("How many requests are under way"), 0, G_MAXUINT, 0,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * ZmqClient:connected: (getter get_connected)
   *
   * Whether there is a connection to one of the endpoints at least. Notified from the main loop. Over
   * `inproc://` libzmq does not tell, and it stays %FALSE.
   *
   * Since: 1.0
   */
  zmqglib_client_properties[CLIENT_PROP_CONNECTED] =
      g_param_spec_boolean ("connected", NULL, _ ("Whether there is a connection"), FALSE,
                            G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
zmqglib_client_class_init (ZmqClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = zmqglib_client_constructed;
  object_class->dispose = zmqglib_client_dispose;
  object_class->finalize = zmqglib_client_finalize;
  object_class->get_property = zmqglib_client_get_property;
  object_class->set_property = zmqglib_client_set_property;

  install_construct_properties ();
  install_terms ();
  install_state_properties ();
  g_object_class_install_properties (object_class, CLIENT_N_PROPS, zmqglib_client_properties);

  /**
   * ZmqClient::configure:
   * @self: the client
   * @socket: a socket of type DEALER, or REQ with %ZMQGLIB_CLIENT_ENVELOPE_NONE
   *
   * Emitted for each socket before it is connected, so that its options can be set: keys, heartbeats, high-water marks.
   * The socket is the client’s, and is not to be used for anything else; a security option that it refuses makes
   * connecting fail. By then it has no [property@Zmq.Socket:linger].
   *
   * Emitted by the thread that calls [method@Zmq.Client.connect_to] or [method@Zmq.Client.request], and from the main loop.
   *
   * Since: 1.0
   */
  zmqglib_client_configure_signal =
      g_signal_new ("configure", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    g_cclosure_marshal_VOID__OBJECT, G_TYPE_NONE, 1, ZMQGLIB_TYPE_SOCKET);
  g_signal_set_va_marshaller (zmqglib_client_configure_signal, G_TYPE_FROM_CLASS (klass), g_cclosure_marshal_VOID__OBJECTv);
}

static void
zmqglib_client_init (ZmqClient *self)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

  self->core = zmqglib_client_core_new (self, context);
  self->core->ended = zmqglib_client_close_twins;
  self->terms = (ZmqClientTerms){ .timeout_us = DEFAULT_TIMEOUT_US, .max_tries = DEFAULT_MAX_TRIES };
  self->endpoints = g_ptr_array_new_with_free_func (zmqglib_client_endpoint_free);
  zmqglib_lock_init (&self->lock);
}

/**
 * zmqglib_client_new:
 * @context: (nullable): the context of its sockets, or %NULL for the default one
 * @error: return location for an error
 *
 * Creates a client without any endpoint, on the thread-default main context of the calling thread.
 *
 * Returns: (transfer full): a new client
 *
 * Since: 1.0
 */
ZmqClient *
zmqglib_client_new (ZmqContext *context,
                    GError    **error)
{
  g_return_val_if_fail (context == NULL || ZMQGLIB_IS_CONTEXT (context), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_initable_new (ZMQGLIB_TYPE_CLIENT, NULL, error, "context", context, NULL);
}
