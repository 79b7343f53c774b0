/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "services/zmqglib-client-private.h"

/* What holds for the requests that are yet to come, for any thread. */

ZmqClientTerms
zmqglib_client_get_terms (ZmqClient *self)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->lock);

  return self->terms;
}

static gboolean
change (ZmqClientTerms       *self,
        const ZmqClientTerms *terms,
        guint                 prop_id)
{
  ZmqClientTerms before = *self;

  switch (prop_id)
    {
    case CLIENT_PROP_TIMEOUT_US:
      self->timeout_us = terms->timeout_us;
      return self->timeout_us != before.timeout_us;
    case CLIENT_PROP_MAX_TRIES:
      self->max_tries = terms->max_tries;
      return self->max_tries != before.max_tries;
    case CLIENT_PROP_STRATEGY:
      self->strategy = terms->strategy;
      return self->strategy != before.strategy;
    default:
      self->envelope = terms->envelope;
      return self->envelope != before.envelope;
    }
}

/*
 * zmqglib_client_set_terms:
 * @prop_id: which of them is set; another thread may be setting others
 */
void
zmqglib_client_set_terms (ZmqClient     *self,
                          ZmqClientTerms terms,
                          guint          prop_id)
{
  gboolean has_changed;

  zmqglib_lock_take (&self->lock);
  has_changed = change (&self->terms, &terms, prop_id);
  zmqglib_lock_give (&self->lock);

  if (has_changed)
    g_object_notify_by_pspec (G_OBJECT (self), zmqglib_client_properties[prop_id]);
}
