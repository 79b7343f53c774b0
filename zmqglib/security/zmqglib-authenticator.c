/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-i18n-private.h"
#include "security/zmqglib-auth-desk-private.h"

/**
 * ZmqAuthenticator:
 *
 * Decides in a main loop who may talk to the sockets of a context: what libzmq asks at `inproc://zeromq.zap.01`
 * about each peer of a server of PLAIN or CURVE, and of each socket that has a [property@Zmq.Socket:zap-domain].
 *
 * ```c
 * authenticator = zmqglib_authenticator_new (context, &error);
 * zmqglib_authenticator_allow_key (authenticator, NULL, zmqglib_certificate_get_public_key (certificate), "friend");
 * zmqglib_authenticator_deny_address (authenticator, "192.168.7.0/24");
 * ```
 *
 * In Python:
 *
 * ```python
 * friend = Zmq.Certificate()
 * authenticator = Zmq.Authenticator()
 * authenticator.allow_key(None, friend.get_public_key(), 'friend')
 * authenticator.deny_address('192.168.7.0/24')
 * ```
 *
 * From its construction on nobody unknown gets in, and once it is closed, by whomever, nobody at all. So that libzmq keeps
 * to that, a server that is bound or connected in a context that has an authenticator, or had one, gets the domain
 * `global`, when it has none, and [property@Zmq.Socket:zap-enforce-domain]. A socket without security is asked about
 * only after [method@Zmq.Authenticator.protect].
 *
 * Rules decide first: addresses, passwords, keys, directories of certificates. What none of them knows is for
 * [signal@Zmq.Authenticator::authenticate], whose handlers may answer later, and hold up nobody else meanwhile; when nobody
 * answers, the peer is denied. Rules may be set by any thread. The handlers are called in the main context that was the
 * thread-default one of the thread that made the authenticator.
 *
 * An authenticator decides once, when a peer comes: who is in stays there, whatever becomes of the rules. It is out of its
 * reach who comes by `inproc://`, what sockets do that were adopted by their handle, and sockets
 * without security that it does not protect. The mechanism PLAIN shows passwords to who listens.
 *
 * Since: 1.0
 */

static void initable_iface_init (GInitableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ZmqAuthenticator, zmqglib_authenticator, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, initable_iface_init))

static gboolean
zmqglib_authenticator_initable_init (GInitable    *initable,
                                     GCancellable *cancellable,
                                     GError      **error)
{
  ZmqAuthenticator *self = ZMQGLIB_AUTHENTICATOR (initable);

  if (self->context == NULL)
    self->context = g_object_ref (zmqglib_context_get_default ());

  return zmqglib_auth_desk_open (self->core, self->context, self->owned_by_loop ? self : NULL, error);
}

static void
initable_iface_init (GInitableIface *iface)
{
  iface->init = zmqglib_authenticator_initable_init;
}

/* Runs in whatever thread drops the last reference: it only tells the core. */
static void
zmqglib_authenticator_dispose (GObject *object)
{
  ZmqAuthenticator *self = ZMQGLIB_AUTHENTICATOR (object);

  zmqglib_auth_desk_close (self->core);
  g_clear_object (&self->context);

  G_OBJECT_CLASS (zmqglib_authenticator_parent_class)->dispose (object);
}

static void
zmqglib_authenticator_finalize (GObject *object)
{
  ZmqAuthCore  *core = ZMQGLIB_AUTHENTICATOR (object)->core;
  GMainContext *context;

  zmqglib_lock_take (&core->lock);
  context = g_steal_pointer (&core->context);
  zmqglib_lock_give (&core->lock);

  zmqglib_auth_core_unref (core);
  g_clear_pointer (&context, g_main_context_unref);

  G_OBJECT_CLASS (zmqglib_authenticator_parent_class)->finalize (object);
}

static void
zmqglib_authenticator_get_property (GObject    *object,
                                    guint       prop_id,
                                    GValue     *value,
                                    GParamSpec *pspec)
{
  ZmqAuthenticator *self = ZMQGLIB_AUTHENTICATOR (object);

  switch (prop_id)
    {
    case AUTH_PROP_CONTEXT:
      g_value_set_object (value, self->context);
      break;
    case AUTH_PROP_OWNED_BY_LOOP:
      g_value_set_boolean (value, self->owned_by_loop);
      break;
    case AUTH_PROP_TIMEOUT_US:
      g_value_set_int64 (value, zmqglib_authenticator_get_timeout_us (self));
      break;
    case AUTH_PROP_N_ACCEPTED:
      g_value_set_uint64 (value, zmqglib_authenticator_get_n_accepted (self));
      break;
    case AUTH_PROP_N_DENIED:
      g_value_set_uint64 (value, zmqglib_authenticator_get_n_denied (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
zmqglib_authenticator_set_property (GObject      *object,
                                    guint         prop_id,
                                    const GValue *value,
                                    GParamSpec   *pspec)
{
  ZmqAuthenticator *self = ZMQGLIB_AUTHENTICATOR (object);

  switch (prop_id)
    {
    case AUTH_PROP_CONTEXT:
      self->context = g_value_dup_object (value);
      break;
    case AUTH_PROP_OWNED_BY_LOOP:
      self->owned_by_loop = g_value_get_boolean (value);
      break;
    case AUTH_PROP_TIMEOUT_US:
      zmqglib_authenticator_set_timeout_us (self, g_value_get_int64 (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  GParamSpec **properties = zmqglib_authenticator_properties;

  /**
   * ZmqAuthenticator:context:
   *
   * The context whose sockets are protected. %NULL in the constructor is the default one.
   *
   * Since: 1.0
   */
  properties[AUTH_PROP_CONTEXT] =
      g_param_spec_object ("context", NULL, _ ("The context whose sockets are protected"), ZMQGLIB_TYPE_CONTEXT,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * ZmqAuthenticator:owned-by-loop:
   *
   * Whether the main loop keeps the authenticator alive until it is closed, as [property@Zmq.Stream:owned-by-loop] does
   * for a stream. In C the default, %FALSE, lets the last reference end it; the overrides of languages with a garbage
   * collector set it.
   *
   * Since: 1.0
   */
  properties[AUTH_PROP_OWNED_BY_LOOP] =
      g_param_spec_boolean ("owned-by-loop", NULL, _ ("Whether the main loop keeps the authenticator alive"), FALSE,
                            G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * ZmqAuthenticator:timeout-us: (getter get_timeout_us) (setter set_timeout_us)
   *
   * After how many microseconds a peer is denied that nobody has answered. The default of 25 s is less than the 30 s after
   * which libzmq gives a handshake up ([property@Zmq.Socket:handshake-interval]): a later answer is lost.
   *
   * Since: 1.0
   */
  properties[AUTH_PROP_TIMEOUT_US] =
      g_param_spec_int64 ("timeout-us", NULL, _ ("When a peer is denied that nobody has answered"), 0,
                          G_MAXINT64, 25 * G_TIME_SPAN_SECOND,
                          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * ZmqAuthenticator:n-accepted: (getter get_n_accepted)
   *
   * How often a peer was let in. Notified from the main loop.
   *
   * Since: 1.0
   */
  properties[AUTH_PROP_N_ACCEPTED] =
      g_param_spec_uint64 ("n-accepted", NULL, _ ("How often a peer was let in"), 0, G_MAXUINT64, 0,
                           G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * ZmqAuthenticator:n-denied: (getter get_n_denied)
   *
   * How often a peer was denied, for whatever reason. libzmq lets peers try again, so that one of them may be counted
   * often. Notified from the main loop.
   *
   * Since: 1.0
   */
  properties[AUTH_PROP_N_DENIED] =
      g_param_spec_uint64 ("n-denied", NULL, _ ("How often a peer was denied"), 0, G_MAXUINT64, 0,
                           G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, AUTH_N_PROPS, properties);
}

static void
zmqglib_authenticator_class_init (ZmqAuthenticatorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = zmqglib_authenticator_dispose;
  object_class->finalize = zmqglib_authenticator_finalize;
  object_class->get_property = zmqglib_authenticator_get_property;
  object_class->set_property = zmqglib_authenticator_set_property;
  install_properties (object_class);

  /**
   * ZmqAuthenticator::authenticate:
   * @self: the authenticator
   * @request: the peer, and the answer
   *
   * Emitted from the main loop for each peer that no rule decides about.
   *
   * A handler that returns %TRUE answers, at once or later, by whatever thread: it keeps a reference to @request until
   * then, with [method@Zmq.AuthRequest.accept] or [method@Zmq.AuthRequest.deny]. It may run a nested main loop, in which
   * other peers are asked about.
   *
   * Returns: %TRUE when the handler answers; else the next one is called, and without any the peer is denied
   *
   * Since: 1.0
   */
  zmqglib_authenticate_signal =
      g_signal_new ("authenticate", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, g_signal_accumulator_true_handled,
                    NULL, NULL, G_TYPE_BOOLEAN, 1, ZMQGLIB_TYPE_AUTH_REQUEST);
}

static void
zmqglib_authenticator_init (ZmqAuthenticator *self)
{
  self->core = zmqglib_auth_core_new (self);
}

/**
 * zmqglib_authenticator_new:
 * @context: (nullable): a context, or %NULL for the default one
 * @error: return location for an error
 *
 * Creates an authenticator on the thread-default main context of the calling thread.
 *
 * Fails with %ZMQGLIB_ERROR_ADDRESS_IN_USE when the context has one already, ours or another library’s, with
 * %ZMQGLIB_ERROR_WRONG_STATE when a server of the context was bound or connected before without
 * [property@Zmq.Socket:zap-enforce-domain], since libzmq would let peers in there once the authenticator is gone, and with
 * %ZMQGLIB_ERROR_TERMINATED.
 *
 * Returns: (transfer full): a new authenticator, or %NULL with @error set
 *
 * Since: 1.0
 */
ZmqAuthenticator *
zmqglib_authenticator_new (ZmqContext *context,
                           GError    **error)
{
  g_return_val_if_fail (context == NULL || ZMQGLIB_IS_CONTEXT (context), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_initable_new (ZMQGLIB_TYPE_AUTHENTICATOR, NULL, error, "context", context, NULL);
}

/**
 * zmqglib_authenticator_close:
 * @self: an authenticator
 *
 * Ends the authenticator: those who wait are denied, and nobody is let in any more until the context has another one.
 * Who is in stays. Terminating the context closes it, too. Closing again does nothing. May be called from any thread.
 *
 * Since: 1.0
 */
void
zmqglib_authenticator_close (ZmqAuthenticator *self)
{
  g_return_if_fail (ZMQGLIB_IS_AUTHENTICATOR (self));

  zmqglib_auth_desk_close (self->core);
}

/**
 * zmqglib_authenticator_is_closed:
 * @self: an authenticator
 *
 * Whether the authenticator was closed, its context was shut down, or it was made by the process that this one was forked
 * from. May be called from any thread.
 *
 * Returns: %TRUE when it lets nobody in any more
 *
 * Since: 1.0
 */
gboolean
zmqglib_authenticator_is_closed (ZmqAuthenticator *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_AUTHENTICATOR (self), TRUE);

  return !zmqglib_auth_core_is_open (self->core);
}

/**
 * zmqglib_authenticator_protect:
 * @self: an authenticator
 * @socket: a socket of the same context, before it is bound or connected
 * @domain: (nullable): what rules and handlers know the socket by, from 1 to 255 bytes, or %NULL for the
 *   [property@Zmq.Socket:zap-domain] that it has, or `global`
 * @error: return location for an error
 *
 * Has the authenticator asked about all peers of a socket, one without security included, whose peers are known by their
 * addresses alone. Such a socket asks about the servers that it connects to as well. For a server of PLAIN or CURVE it
 * sets the domain.
 *
 * Fails with %ZMQGLIB_ERROR_INVALID_ARGUMENT for a socket of another context, %ZMQGLIB_ERROR_WRONG_STATE when the socket has
 * endpoints already, to which peers could come unasked, and %ZMQGLIB_ERROR_CLOSED. To be called by the thread that uses
 * the socket.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
zmqglib_authenticator_protect (ZmqAuthenticator *self,
                               ZmqSocket        *socket,
                               const char       *domain,
                               GError          **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_AUTHENTICATOR (self), FALSE);
  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (socket), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return zmqglib_auth_desk_protect (self->core, socket, domain, error);
}

/**
 * zmqglib_authenticator_get_timeout_us: (get-property timeout-us)
 * @self: an authenticator
 *
 * Gets after what time a peer is denied that nobody has answered. May be called from any thread.
 *
 * Returns: a time in microseconds
 *
 * Since: 1.0
 */
gint64
zmqglib_authenticator_get_timeout_us (ZmqAuthenticator *self)
{
  ZmqAuthCore *core;
  gint64       timeout_us;

  g_return_val_if_fail (ZMQGLIB_IS_AUTHENTICATOR (self), 0);

  core = self->core;
  zmqglib_lock_take (&core->lock);
  timeout_us = core->timeout_us;
  zmqglib_lock_give (&core->lock);

  return timeout_us;
}

/**
 * zmqglib_authenticator_set_timeout_us: (set-property timeout-us)
 * @self: an authenticator
 * @timeout_us: a time in microseconds, which is not negative
 *
 * Sets after what time a peer is denied that nobody has answered, for those who come later. May be called from any
 * thread.
 *
 * Since: 1.0
 */
void
zmqglib_authenticator_set_timeout_us (ZmqAuthenticator *self,
                                      gint64            timeout_us)
{
  ZmqAuthCore *core;
  gboolean     has_changed;

  g_return_if_fail (ZMQGLIB_IS_AUTHENTICATOR (self));
  g_return_if_fail (timeout_us >= 0);

  core = self->core;
  zmqglib_lock_take (&core->lock);
  has_changed = core->timeout_us != timeout_us;
  core->timeout_us = timeout_us;
  zmqglib_lock_give (&core->lock);

  if (has_changed)
    g_object_notify_by_pspec (G_OBJECT (self), zmqglib_authenticator_properties[AUTH_PROP_TIMEOUT_US]);
}

static guint64
get_count (ZmqAuthCore *core,
           gboolean     of_accepted)
{
  guint64 count;

  zmqglib_lock_take (&core->lock);
  count = of_accepted ? core->n_accepted : core->n_denied;
  zmqglib_lock_give (&core->lock);

  return count;
}

/**
 * zmqglib_authenticator_get_n_accepted: (get-property n-accepted)
 * @self: an authenticator
 *
 * Gets how often a peer was let in. May be called from any thread.
 *
 * Returns: a number of answers
 *
 * Since: 1.0
 */
guint64
zmqglib_authenticator_get_n_accepted (ZmqAuthenticator *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_AUTHENTICATOR (self), 0);

  return get_count (self->core, TRUE);
}

/**
 * zmqglib_authenticator_get_n_denied: (get-property n-denied)
 * @self: an authenticator
 *
 * Gets how often a peer was denied. May be called from any thread.
 *
 * Returns: a number of answers
 *
 * Since: 1.0
 */
guint64
zmqglib_authenticator_get_n_denied (ZmqAuthenticator *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_AUTHENTICATOR (self), 0);

  return get_count (self->core, FALSE);
}
