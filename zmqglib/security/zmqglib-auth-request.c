/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <zmqglib/zmqglib-enum-types.h>

#include "base/zmqglib-i18n-private.h"
#include "security/zmqglib-auth-request-private.h"

/**
 * ZmqAuthRequest:
 *
 * A peer that wants to be let in, and that no rule of a [class@Zmq.Authenticator] knows: what is known of it, and the
 * answer.
 *
 * ```c
 * static gboolean
 * on_authenticate (ZmqAuthenticator *authenticator,
 *                  ZmqAuthRequest   *request,
 *                  gpointer          user_data)
 * {
 *   if (g_strcmp0 (zmqglib_auth_request_get_user (request), "ann") == 0)
 *     zmqglib_auth_request_accept (request, "ann", NULL);
 *   else
 *     zmqglib_auth_request_deny (request, 400, "Only Ann comes in");
 *
 *   return TRUE;
 * }
 *
 * g_signal_connect (authenticator, "authenticate", G_CALLBACK (on_authenticate), NULL);
 * ```
 *
 * In Python:
 *
 * ```python
 * def on_authenticate(_authenticator, request):
 *     if request.get_user() == 'ann':
 *         request.accept('ann', None)
 *     else:
 *         request.deny(400, 'Only Ann comes in')
 *     return True
 *
 * authenticator = Zmq.Authenticator()
 * authenticator.connect('authenticate', on_authenticate)
 * ```
 *
 * A handler of [signal@Zmq.Authenticator::authenticate] answers at once, or keeps the request and answers later, after it
 * has asked a database or a person. When the last reference to a request is dropped without an answer, the peer is
 * denied.
 *
 * It may be kept, read and answered in any thread.
 *
 * Since: 1.0
 */

struct _ZmqAuthRequest
{
  GObject parent_instance;

  ZmqAuthTicket *ticket;
};

enum
{
  PROP_0,
  PROP_DOMAIN,
  PROP_ADDRESS,
  PROP_IDENTITY,
  PROP_MECHANISM,
  PROP_USER,
  PROP_PASSWORD,
  PROP_PUBLIC_KEY,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (ZmqAuthRequest, zmqglib_auth_request, G_TYPE_OBJECT)

static void
zmqglib_auth_request_finalize (GObject *object)
{
  ZmqAuthRequest *self = ZMQGLIB_AUTH_REQUEST (object);

  if (self->ticket != NULL)
    zmqglib_auth_ticket_deny (self->ticket, ZMQGLIB_ZAP_DENIED, "Not answered");
  g_clear_pointer (&self->ticket, zmqglib_auth_ticket_unref);

  G_OBJECT_CLASS (zmqglib_auth_request_parent_class)->finalize (object);
}

static void
zmqglib_auth_request_get_property (GObject    *object,
                                   guint       prop_id,
                                   GValue     *value,
                                   GParamSpec *pspec)
{
  ZmqAuthRequest *self = ZMQGLIB_AUTH_REQUEST (object);

  switch (prop_id)
    {
    case PROP_DOMAIN:
      g_value_set_string (value, zmqglib_auth_request_get_domain (self));
      break;
    case PROP_ADDRESS:
      g_value_set_string (value, zmqglib_auth_request_get_address (self));
      break;
    case PROP_IDENTITY:
      g_value_set_boxed (value, zmqglib_auth_request_get_identity (self));
      break;
    case PROP_MECHANISM:
      g_value_set_enum (value, zmqglib_auth_request_get_mechanism (self));
      break;
    case PROP_USER:
      g_value_set_string (value, zmqglib_auth_request_get_user (self));
      break;
    case PROP_PASSWORD:
      g_value_set_string (value, zmqglib_auth_request_get_password (self));
      break;
    case PROP_PUBLIC_KEY:
      g_value_set_string (value, zmqglib_auth_request_get_public_key (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
zmqglib_auth_request_class_init (ZmqAuthRequestClass *klass)
{
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = zmqglib_auth_request_finalize;
  object_class->get_property = zmqglib_auth_request_get_property;

  /**
   * ZmqAuthRequest:domain: (getter get_domain)
   *
   * The domain of the socket that the peer wants to be let in to.
   *
   * Since: 1.0
   */
  properties[PROP_DOMAIN] =
      g_param_spec_string ("domain", NULL, _ ("The domain of the socket that the peer wants to be let in to"), NULL, flags);

  /**
   * ZmqAuthRequest:address: (getter get_address)
   *
   * The address that the peer has.
   *
   * Since: 1.0
   */
  properties[PROP_ADDRESS] =
      g_param_spec_string ("address", NULL, _ ("The address that the peer has"), NULL, flags);

  /**
   * ZmqAuthRequest:identity: (getter get_identity)
   *
   * The routing id of the socket that the peer wants to be let in to.
   *
   * Since: 1.0
   */
  properties[PROP_IDENTITY] =
      g_param_spec_boxed ("identity", NULL, _ ("The routing id of the socket that the peer wants to be let in to"), G_TYPE_BYTES, flags);

  /**
   * ZmqAuthRequest:mechanism: (getter get_mechanism)
   *
   * The mechanism that the peer uses.
   *
   * Since: 1.0
   */
  properties[PROP_MECHANISM] =
      g_param_spec_enum ("mechanism", NULL, _ ("The mechanism that the peer uses"), ZMQGLIB_TYPE_SECURITY_MECHANISM, ZMQGLIB_SECURITY_MECHANISM_NULL, flags);

  /**
   * ZmqAuthRequest:user: (getter get_user)
   *
   * The user that the peer claims to be.
   *
   * Since: 1.0
   */
  properties[PROP_USER] =
      g_param_spec_string ("user", NULL, _ ("The user that the peer claims to be"), NULL, flags);

  /**
   * ZmqAuthRequest:password: (getter get_password)
   *
   * The password that the peer gives.
   *
   * Since: 1.0
   */
  properties[PROP_PASSWORD] =
      g_param_spec_string ("password", NULL, _ ("The password that the peer gives"), NULL, flags);

  /**
   * ZmqAuthRequest:public-key: (getter get_public_key)
   *
   * The public key of the peer.
   *
   * Since: 1.0
   */
  properties[PROP_PUBLIC_KEY] =
      g_param_spec_string ("public-key", NULL, _ ("The public key of the peer"), NULL, flags);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
zmqglib_auth_request_init (ZmqAuthRequest *self)
{
}

/*
 * zmqglib_auth_request_new:
 *
 * Returns: (transfer full): what handlers are given of a ticket
 */
ZmqAuthRequest *
zmqglib_auth_request_new (ZmqAuthTicket *ticket)
{
  ZmqAuthRequest *self = g_object_new (ZMQGLIB_TYPE_AUTH_REQUEST, NULL);

  self->ticket = zmqglib_auth_ticket_ref (ticket);

  return self;
}

/**
 * zmqglib_auth_request_get_domain: (get-property domain)
 * @self: a request
 *
 * Gets the domain of the socket that the peer wants to be let in to: its [property@Zmq.Socket:zap-domain]. May be
 * called from any thread.
 *
 * Returns: (transfer none): a domain, which may be empty
 *
 * Since: 1.0
 */
const char *
zmqglib_auth_request_get_domain (ZmqAuthRequest *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_AUTH_REQUEST (self), NULL);

  return self->ticket != NULL ? self->ticket->request.domain : NULL;
}

/**
 * zmqglib_auth_request_get_address: (get-property address)
 * @self: a request
 *
 * Gets the address that the peer has, as the system tells it: for TCP an address of IPv4 or IPv6 without a port. When
 * our own socket has connected, it is that of the server. May be called from any thread.
 *
 * Returns: (transfer none): an address, which may be empty, as for `ipc://`
 *
 * Since: 1.0
 */
const char *
zmqglib_auth_request_get_address (ZmqAuthRequest *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_AUTH_REQUEST (self), NULL);

  return self->ticket != NULL ? self->ticket->request.address : NULL;
}

/**
 * zmqglib_auth_request_get_identity: (get-property identity)
 * @self: a request
 *
 * Gets the [property@Zmq.Socket:routing-id] of the socket that the peer wants to be let in to, as libzmq has it: it
 * is ours, and not the peer’s. May be called from any thread.
 *
 * Returns: (transfer none): bytes, of which there may be none
 *
 * Since: 1.0
 */
GBytes *
zmqglib_auth_request_get_identity (ZmqAuthRequest *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_AUTH_REQUEST (self), NULL);

  return self->ticket != NULL ? self->ticket->request.identity : NULL;
}

/**
 * zmqglib_auth_request_get_mechanism: (get-property mechanism)
 * @self: a request
 *
 * Gets the mechanism that the peer uses, which says what else is known of it. May be called from any thread.
 *
 * Returns: a mechanism
 *
 * Since: 1.0
 */
ZmqSecurityMechanism
zmqglib_auth_request_get_mechanism (ZmqAuthRequest *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_AUTH_REQUEST (self), ZMQGLIB_SECURITY_MECHANISM_NULL);

  return self->ticket != NULL ? self->ticket->request.mechanism : ZMQGLIB_SECURITY_MECHANISM_NULL;
}

/**
 * zmqglib_auth_request_get_user: (get-property user)
 * @self: a request
 *
 * Gets the user that the peer claims to be: of PLAIN, whose password has yet to be checked, or the principal of
 * GSSAPI, which is proven. May be called from any thread.
 *
 * Returns: (transfer none) (nullable): a name, or %NULL for other mechanisms
 *
 * Since: 1.0
 */
const char *
zmqglib_auth_request_get_user (ZmqAuthRequest *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_AUTH_REQUEST (self), NULL);

  return self->ticket != NULL ? self->ticket->request.user : NULL;
}

/**
 * zmqglib_auth_request_get_password: (get-property password)
 * @self: a request
 *
 * Gets the password that the peer gives, with PLAIN. It is overwritten in memory when the request is freed. May be
 * called from any thread.
 *
 * Returns: (transfer none) (nullable): a password, or %NULL for other mechanisms
 *
 * Since: 1.0
 */
const char *
zmqglib_auth_request_get_password (ZmqAuthRequest *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_AUTH_REQUEST (self), NULL);

  return self->ticket != NULL ? self->ticket->request.password : NULL;
}

/**
 * zmqglib_auth_request_get_public_key: (get-property public-key)
 * @self: a request
 *
 * Gets the public key of the peer, with CURVE. That it has the secret one is proven. May be called from any thread.
 *
 * Returns: (transfer none) (nullable): a key, 40 characters of Z85, or %NULL for other mechanisms
 *
 * Since: 1.0
 */
const char *
zmqglib_auth_request_get_public_key (ZmqAuthRequest *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_AUTH_REQUEST (self), NULL);

  return self->ticket != NULL ? self->ticket->request.public_key : NULL;
}

/**
 * zmqglib_auth_request_accept:
 * @self: a request
 * @user_id: (nullable): what the peer is called in [method@Zmq.Message.get_user_id] of its messages, or %NULL for nothing
 * @metadata: (nullable) (element-type utf8 utf8) (transfer none): what else [method@Zmq.Message.get_metadata] is to tell of
 *   its messages, by names of 1 to 255 bytes; `User-Id` is not for it
 *
 * Lets the peer in. May be called from any thread.
 *
 * It is too late when the request was answered before, [property@Zmq.Authenticator:timeout-us] has run out, or the
 * authenticator is closed.
 *
 * Returns: %TRUE when the peer was let in, as far as that is for an authenticator
 *
 * Since: 1.0
 */
gboolean
zmqglib_auth_request_accept (ZmqAuthRequest *self,
                             const char     *user_id,
                             GHashTable     *metadata)
{
  g_return_val_if_fail (ZMQGLIB_IS_AUTH_REQUEST (self), FALSE);
  g_return_val_if_fail (zmqglib_zap_is_metadata (metadata), FALSE);

  return self->ticket != NULL && zmqglib_auth_ticket_accept (self->ticket, user_id, metadata);
}

/**
 * zmqglib_auth_request_deny:
 * @self: a request
 * @status: 400 for a peer that is not let in, 500 when that could not be found out, or 300 when it may try again later,
 *   which libzmq lets it do at once and without a word
 * @text: (nullable): why, for who listens to what libzmq asks
 *
 * Keeps the peer out. May be called from any thread. With any other @status it is 400.
 *
 * Returns: %TRUE, or %FALSE when the request was answered before
 *
 * Since: 1.0
 */
gboolean
zmqglib_auth_request_deny (ZmqAuthRequest *self,
                           guint           status,
                           const char     *text)
{
  g_return_val_if_fail (ZMQGLIB_IS_AUTH_REQUEST (self), FALSE);

  if (status != 300 && status != 500)
    status = ZMQGLIB_ZAP_DENIED;

  return self->ticket != NULL && zmqglib_auth_ticket_deny (self->ticket, status, text != NULL ? text : "Denied");
}
