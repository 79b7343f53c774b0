/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "keys/zmqglib-keys-private.h"
#include "security/zmqglib-auth-core-private.h"

/* What an authenticator is told of peers before they come. */

static gboolean
change_address (ZmqAuthenticator *self,
                const char       *address,
                gboolean          is_allowed)
{
  g_autofree char *shown = NULL;

  if (zmqglib_auth_rules_add_address (&self->core->rules, address, is_allowed))
    return TRUE;

  shown = zmqglib_error_show (address);
  g_warning ("“%s” is neither an address nor a range of addresses", shown);

  return FALSE;
}

/**
 * zmqglib_authenticator_allow_address:
 * @self: an authenticator
 * @address: an address, as `192.0.2.1` or `2001:db8::1`, or a range, as `192.0.2.0/24`
 *
 * Lets peers of an address in, as far as addresses are concerned, and from then on nobody whose address was not allowed.
 * A peer of a socket without security is let in thereby; others have to prove who they are. Peers that come by `ipc://`
 * have no address. May be called from any thread.
 *
 * What is no address warns, and allows nothing.
 *
 * Returns: %TRUE when @address is one
 *
 * Since: 1.0
 */
gboolean
zmqglib_authenticator_allow_address (ZmqAuthenticator *self,
                                     const char       *address)
{
  g_return_val_if_fail (ZMQGLIB_IS_AUTHENTICATOR (self), FALSE);
  g_return_val_if_fail (address != NULL, FALSE);

  return change_address (self, address, TRUE);
}

/**
 * zmqglib_authenticator_deny_address:
 * @self: an authenticator
 * @address: as for [method@Zmq.Authenticator.allow_address]
 *
 * Denies peers of an address, also in a range that is allowed. May be called from any thread.
 *
 * What is no address warns, and denies everybody from then on: it is not known who was meant.
 *
 * Returns: %TRUE when @address is one
 *
 * Since: 1.0
 */
gboolean
zmqglib_authenticator_deny_address (ZmqAuthenticator *self,
                                    const char       *address)
{
  g_return_val_if_fail (ZMQGLIB_IS_AUTHENTICATOR (self), FALSE);
  g_return_val_if_fail (address != NULL, FALSE);

  return change_address (self, address, FALSE);
}

/**
 * zmqglib_authenticator_add_password:
 * @self: an authenticator
 * @domain: (nullable): the domain of the sockets, or %NULL for all; a rule of a domain comes before one of all
 * @user: the name of a user
 * @password: (nullable): the user’s password, or %NULL when the user is not let in
 *
 * Lets a user of PLAIN in who knows the password, by the name of @user. It takes the place of the one before. It is
 * overwritten in memory when it is not needed any more. May be called from any thread.
 *
 * Since: 1.0
 */
void
zmqglib_authenticator_add_password (ZmqAuthenticator *self,
                                    const char       *domain,
                                    const char       *user,
                                    const char       *password)
{
  g_return_if_fail (ZMQGLIB_IS_AUTHENTICATOR (self));
  g_return_if_fail (user != NULL);

  zmqglib_auth_rules_add_user (&self->core->rules, domain, user, password);
}

static gboolean
change_key (ZmqAuthenticator *self,
            const char       *domain,
            const char       *public_key,
            const char       *user_id,
            gboolean          is_allowed)
{
  ZmqKeyText key;

  if (zmqglib_key_read (public_key, strlen (public_key), key))
    {
      zmqglib_auth_rules_add_key (&self->core->rules, domain, key, user_id, is_allowed);
      return TRUE;
    }

  g_warning ("A public key is not 40 characters of Z85");

  return FALSE;
}

/**
 * zmqglib_authenticator_allow_key:
 * @self: an authenticator
 * @domain: (nullable): the domain of the sockets, or %NULL for all; a rule of a domain comes before one of all
 * @public_key: a public key, 40 characters of Z85; white space around it does not belong to it
 * @user_id: (nullable): what its owner is called in [method@Zmq.Message.get_user_id], or %NULL for the key
 *
 * Lets the owner of a key of CURVE in. May be called from any thread.
 *
 * What is no key warns, and allows nobody.
 *
 * Returns: %TRUE when @public_key is one
 *
 * Since: 1.0
 */
gboolean
zmqglib_authenticator_allow_key (ZmqAuthenticator *self,
                                 const char       *domain,
                                 const char       *public_key,
                                 const char       *user_id)
{
  g_return_val_if_fail (ZMQGLIB_IS_AUTHENTICATOR (self), FALSE);
  g_return_val_if_fail (public_key != NULL, FALSE);

  return change_key (self, domain, public_key, user_id, TRUE);
}

/**
 * zmqglib_authenticator_deny_key:
 * @self: an authenticator
 * @domain: (nullable): the domain of the sockets, or %NULL for all; a rule of a domain comes before one of all
 * @public_key: a public key, as for [method@Zmq.Authenticator.allow_key]
 *
 * Denies the owner of a key of CURVE, whatever else allows it. May be called from any thread.
 *
 * What is no key warns, and there is nobody who could have it.
 *
 * Returns: %TRUE when @public_key is one
 *
 * Since: 1.0
 */
gboolean
zmqglib_authenticator_deny_key (ZmqAuthenticator *self,
                                const char       *domain,
                                const char       *public_key)
{
  g_return_val_if_fail (ZMQGLIB_IS_AUTHENTICATOR (self), FALSE);
  g_return_val_if_fail (public_key != NULL, FALSE);

  return change_key (self, domain, public_key, NULL, FALSE);
}

/**
 * zmqglib_authenticator_allow_any_curve:
 * @self: an authenticator
 * @domain: (nullable): the domain of the sockets, or %NULL for all
 *
 * Lets everybody in who uses CURVE and knows the server’s public key: messages are encrypted, and
 * [method@Zmq.Message.get_user_id] tells the peers’ keys. May be called from any thread.
 *
 * Since: 1.0
 */
void
zmqglib_authenticator_allow_any_curve (ZmqAuthenticator *self,
                                       const char       *domain)
{
  g_return_if_fail (ZMQGLIB_IS_AUTHENTICATOR (self));

  zmqglib_auth_rules_add_any_key (&self->core->rules, domain);
}

/**
 * zmqglib_authenticator_set_certificate_directory:
 * @self: an authenticator
 * @domain: (nullable): the domain of the sockets, or %NULL for all
 * @directory: (nullable): a directory of certificates, or %NULL for none any more
 * @error: return location for an error
 *
 * Lets the owners of the keys in a directory in, by their public keys: those in files that
 * [method@Zmq.Certificate.save_public] writes, or pyzmq, or CZMQ. Files with secret keys, whose names end in `_secret`, and
 * hidden ones are left out, and what is no certificate opens to nobody. It is looked through in another thread whenever
 * somebody comes, so that a file that was added, changed or removed counts at once. When it cannot be read any more,
 * nobody is known from it.
 *
 * Blocks for as long as looking through it takes, this first time. May be called from any thread.
 *
 * Fails with an error of `G_IO_ERROR` when it cannot be read, and changes nothing then.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
zmqglib_authenticator_set_certificate_directory (ZmqAuthenticator *self,
                                                 const char       *domain,
                                                 GFile            *directory,
                                                 GError          **error)
{
  ZmqAuthDirectory *certificates = NULL;

  g_return_val_if_fail (ZMQGLIB_IS_AUTHENTICATOR (self), FALSE);
  g_return_val_if_fail (directory == NULL || G_IS_FILE (directory), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (directory != NULL)
    {
      certificates = zmqglib_auth_directory_new (directory, error);
      if (certificates == NULL)
        {
          g_autofree char *name = g_file_get_parse_name (directory);

          /* Translators: the name of a directory, with the reason after it */
          g_prefix_error (error, _ ("Could not look for certificates in “%s”: "), name);
          return FALSE;
        }
    }

  zmqglib_auth_rules_set_directory (&self->core->rules, domain, certificates);

  return TRUE;
}
