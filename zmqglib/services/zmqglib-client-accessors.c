/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "services/zmqglib-client-private.h"

/* The properties of a client, for programs in C. */

/**
 * zmqglib_client_get_context: (get-property context)
 * @self: a client
 *
 * Gets the context of the client’s sockets. May be called from any thread.
 *
 * Returns: (transfer none): the context
 *
 * Since: 1.0
 */
ZmqContext *
zmqglib_client_get_context (ZmqClient *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_CLIENT (self), NULL);

  return self->context;
}

/**
 * zmqglib_client_get_n_pending: (get-property n-pending)
 * @self: a client
 *
 * Gets how many requests are under way. May be called from any thread.
 *
 * Returns: a number of requests
 *
 * Since: 1.0
 */
guint
zmqglib_client_get_n_pending (ZmqClient *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_CLIENT (self), 0);

  return g_atomic_int_get (&self->core->n_pending);
}

/**
 * zmqglib_client_get_connected: (get-property connected)
 * @self: a client
 *
 * Gets whether there is a connection to one of the endpoints at least. May be called from any thread.
 *
 * Returns: %TRUE when there is
 *
 * Since: 1.0
 */
gboolean
zmqglib_client_get_connected (ZmqClient *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_CLIENT (self), FALSE);

  return g_atomic_int_get (&self->core->n_connected) > 0;
}

/**
 * zmqglib_client_get_timeout_us: (get-property timeout-us)
 * @self: a client
 *
 * Gets how long one try waits for an answer. May be called from any thread.
 *
 * Returns: a time in microseconds, or -1
 *
 * Since: 1.0
 */
gint64
zmqglib_client_get_timeout_us (ZmqClient *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_CLIENT (self), -1);

  return zmqglib_client_get_terms (self).timeout_us;
}

/**
 * zmqglib_client_set_timeout_us: (set-property timeout-us)
 * @self: a client
 * @timeout_us: a time in microseconds, or -1 for as long as it takes
 *
 * Sets how long one try of a later request waits for an answer. May be called from any thread.
 *
 * Since: 1.0
 */
void
zmqglib_client_set_timeout_us (ZmqClient *self,
                               gint64     timeout_us)
{
  g_return_if_fail (ZMQGLIB_IS_CLIENT (self));
  g_return_if_fail (timeout_us >= -1);

  zmqglib_client_set_terms (self, (ZmqClientTerms){ .timeout_us = timeout_us }, CLIENT_PROP_TIMEOUT_US);
}

/**
 * zmqglib_client_get_max_tries: (get-property max-tries)
 * @self: a client
 *
 * Gets how often a request is tried at most. May be called from any thread.
 *
 * Returns: a number of tries, or 0
 *
 * Since: 1.0
 */
guint
zmqglib_client_get_max_tries (ZmqClient *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_CLIENT (self), 0);

  return zmqglib_client_get_terms (self).max_tries;
}

/**
 * zmqglib_client_set_max_tries: (set-property max-tries)
 * @self: a client
 * @max_tries: a number of tries, or 0 for as many as it takes
 *
 * Sets how often a later request is tried at most. May be called from any thread.
 *
 * Since: 1.0
 */
void
zmqglib_client_set_max_tries (ZmqClient *self,
                              guint      max_tries)
{
  g_return_if_fail (ZMQGLIB_IS_CLIENT (self));

  zmqglib_client_set_terms (self, (ZmqClientTerms){ .max_tries = max_tries }, CLIENT_PROP_MAX_TRIES);
}

/**
 * zmqglib_client_get_strategy: (get-property strategy)
 * @self: a client
 *
 * Gets which endpoint a try goes to. May be called from any thread.
 *
 * Returns: a strategy
 *
 * Since: 1.0
 */
ZmqClientStrategy
zmqglib_client_get_strategy (ZmqClient *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_CLIENT (self), ZMQGLIB_CLIENT_STRATEGY_FAILOVER);

  return zmqglib_client_get_terms (self).strategy;
}

/**
 * zmqglib_client_set_strategy: (set-property strategy)
 * @self: a client
 * @strategy: a strategy
 *
 * Sets which endpoint a try of a later request goes to. May be called from any thread.
 *
 * Since: 1.0
 */
void
zmqglib_client_set_strategy (ZmqClient        *self,
                             ZmqClientStrategy strategy)
{
  g_return_if_fail (ZMQGLIB_IS_CLIENT (self));
  g_return_if_fail (strategy <= ZMQGLIB_CLIENT_STRATEGY_ALL);

  zmqglib_client_set_terms (self, (ZmqClientTerms){ .strategy = strategy }, CLIENT_PROP_STRATEGY);
}

/**
 * zmqglib_client_get_envelope: (get-property envelope)
 * @self: a client
 *
 * Gets what is put in front of a request. May be called from any thread.
 *
 * Returns: an envelope
 *
 * Since: 1.0
 */
ZmqClientEnvelope
zmqglib_client_get_envelope (ZmqClient *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_CLIENT (self), ZMQGLIB_CLIENT_ENVELOPE_CORRELATED);

  return zmqglib_client_get_terms (self).envelope;
}

/**
 * zmqglib_client_set_envelope: (set-property envelope)
 * @self: a client
 * @envelope: an envelope
 *
 * Sets what is put in front of requests to endpoints that are connected to afterwards. May be called from any thread.
 *
 * Since: 1.0
 */
void
zmqglib_client_set_envelope (ZmqClient        *self,
                             ZmqClientEnvelope envelope)
{
  g_return_if_fail (ZMQGLIB_IS_CLIENT (self));
  g_return_if_fail (envelope <= ZMQGLIB_CLIENT_ENVELOPE_NONE);

  zmqglib_client_set_terms (self, (ZmqClientTerms){ .envelope = envelope }, CLIENT_PROP_ENVELOPE);
}
