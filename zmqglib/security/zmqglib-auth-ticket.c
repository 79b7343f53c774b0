/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-debug-private.h"
#include "base/zmqglib-expiry-private.h"
#include "security/zmqglib-auth-ticket-private.h"

/* A peer is answered once, by whoever is the first: a rule, a handler in whatever thread, the time limit, or the end of
 * the authenticator. libzmq aborts when it is answered unasked. */

static void
on_deadline (ZmqDeadline *deadline)
{
  ZmqAuthTicket *self = (gpointer) ((char *) deadline - G_STRUCT_OFFSET (ZmqAuthTicket, deadline));

  zmqglib_auth_ticket_deny (self, ZMQGLIB_ZAP_DENIED, "Nobody has answered in time");
}

/*
 * zmqglib_auth_ticket_new:
 *
 * Returns: (transfer full): a ticket whose request is empty
 */
ZmqAuthTicket *
zmqglib_auth_ticket_new (ZmqAuthCore *core)
{
  ZmqAuthTicket *self = g_new0 (ZmqAuthTicket, 1);

  self->ref_count = 1;
  self->core = zmqglib_auth_core_ref (core);
  self->arrived = g_get_monotonic_time ();
  self->deadline.time = -1;
  self->deadline.func = on_deadline;

  return self;
}

ZmqAuthTicket *
zmqglib_auth_ticket_ref (ZmqAuthTicket *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
zmqglib_auth_ticket_unref (ZmqAuthTicket *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  zmqglib_zap_request_clear (&self->request);
  zmqglib_auth_core_unref (self->core);
  g_free (self);
}

/*
 * zmqglib_auth_ticket_wait:
 *
 * Lets the main loop remember who waits, for as long as it has time. To be called by who owns the main context.
 */
void
zmqglib_auth_ticket_wait (ZmqAuthTicket *self)
{
  ZmqAuthCore *core = self->core;
  gint64       timeout_us;

  zmqglib_lock_take (&core->lock);
  timeout_us = core->timeout_us;
  zmqglib_lock_give (&core->lock);

  g_hash_table_replace (core->tickets, self->request.routing_id, zmqglib_auth_ticket_ref (self));
  zmqglib_deadlines_add (zmqglib_agenda_get_deadlines (core->agenda), &self->deadline,
                         zmqglib_deadline_add (self->arrived, timeout_us));
}

/* Runs where the main context is owned. */
static void
forget (gpointer data)
{
  ZmqAuthTicket *self = data;
  ZmqAuthCore   *core = self->core;

  zmqglib_deadlines_remove (zmqglib_agenda_get_deadlines (core->agenda), &self->deadline);
  if (g_hash_table_lookup (core->tickets, self->request.routing_id) == self)
    g_hash_table_remove (core->tickets, self->request.routing_id);
  zmqglib_auth_ticket_unref (self);
}

static gboolean
take (ZmqAuthTicket *self)
{
  return g_atomic_int_compare_and_exchange (&self->is_answered, FALSE, TRUE);
}

/*
 * zmqglib_auth_ticket_void:
 *
 * The session that has asked asks again, about another peer, and waits for no other answer than to that. To be called
 * by who owns the main context.
 */
void
zmqglib_auth_ticket_void (ZmqAuthTicket *self)
{
  take (self);
  forget (zmqglib_auth_ticket_ref (self));
}

static gboolean
answer (ZmqAuthTicket *self,
        guint          status,
        const char    *text,
        const char    *user_id,
        GHashTable    *metadata)
{
  g_autoptr (ZmqMessage) reply = NULL;
  gboolean is_sent;

  if (!take (self))
    return FALSE;

  /* the main loop's reference may be the last */
  zmqglib_auth_ticket_ref (self);
  reply = zmqglib_zap_reply_new (&self->request, status, text, user_id, metadata);
  is_sent = zmqglib_stream_send (self->core->stream, reply, NULL);
  zmqglib_auth_core_count (self->core, is_sent && status == ZMQGLIB_ZAP_ACCEPTED);
  zmqglib_debug ("A peer at \"%s\" was %s for the domain \"%s\" (%u)", self->request.address,
                 is_sent && status == ZMQGLIB_ZAP_ACCEPTED ? "accepted" : "denied", self->request.domain, status);
  zmqglib_agenda_do (self->core->agenda, forget, zmqglib_auth_ticket_ref (self));
  zmqglib_auth_ticket_unref (self);

  return is_sent;
}

/*
 * zmqglib_auth_ticket_accept:
 * @metadata: (nullable): what zmqglib_zap_is_metadata()
 *
 * Lets the peer in, unless the authenticator is closed. May be called from any thread.
 *
 * Returns: whether it was not answered before
 */
gboolean
zmqglib_auth_ticket_accept (ZmqAuthTicket *self,
                            const char    *user_id,
                            GHashTable    *metadata)
{
  if (!zmqglib_auth_core_is_open (self->core))
    {
      zmqglib_auth_ticket_deny (self, ZMQGLIB_ZAP_DENIED, "Closed");
      return FALSE;
    }

  return answer (self, ZMQGLIB_ZAP_ACCEPTED, "OK", user_id, metadata);
}

/*
 * zmqglib_auth_ticket_deny:
 * @status: 300, 400 or 500
 *
 * Keeps the peer out. May be called from any thread.
 *
 * Returns: whether it was not answered before
 */
gboolean
zmqglib_auth_ticket_deny (ZmqAuthTicket *self,
                          guint          status,
                          const char    *text)
{
  return answer (self, status, text, NULL, NULL);
}
