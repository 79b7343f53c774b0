/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "security/zmqglib-auth-core-private.h"

/* An authenticator is two things: an object, which anybody may drop at any time in any thread, and a core, which its
 * main loop has, and those who have not been answered. */

/* Below the half minute that libzmq gives a handshake. */
#define DEFAULT_TIMEOUT_US (25 * G_TIME_SPAN_SECOND)

guint       zmqglib_authenticate_signal;
GParamSpec *zmqglib_authenticator_properties[AUTH_N_PROPS];

/*
 * zmqglib_auth_core_new:
 *
 * Returns: (transfer full): a core that has yet to be opened, of the thread-default main context
 */
ZmqAuthCore *
zmqglib_auth_core_new (ZmqAuthenticator *front)
{
  ZmqAuthCore *self = g_new0 (ZmqAuthCore, 1);

  self->ref_count = 1;
  self->generation = zmqglib_fork_generation;
  self->timeout_us = DEFAULT_TIMEOUT_US;
  self->context = g_main_context_ref_thread_default ();
  self->agenda = zmqglib_agenda_acquire (self->context, G_PRIORITY_DEFAULT);
  self->front = zmqglib_front_new (front);
  zmqglib_lock_init (&self->lock);
  zmqglib_auth_rules_init (&self->rules);

  return self;
}

ZmqAuthCore *
zmqglib_auth_core_ref (ZmqAuthCore *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
zmqglib_auth_core_unref (ZmqAuthCore *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_clear_pointer (&self->tickets, g_hash_table_unref);
  g_clear_object (&self->stream);
  g_clear_object (&self->zmq_context);
  g_clear_pointer (&self->agenda, zmqglib_agenda_release);
  zmqglib_auth_rules_clear (&self->rules);
  zmqglib_front_unref (self->front);
  zmqglib_lock_clear (&self->lock);
  g_free (self);
}

static void
notify_counts (gpointer data)
{
  ZmqAuthCore *self = data;
  g_autoptr (ZmqAuthenticator) front = zmqglib_front_dup (self->front);

  zmqglib_lock_take (&self->lock);
  self->counts_due = FALSE;
  zmqglib_lock_give (&self->lock);

  if (front != NULL)
    {
      g_object_notify_by_pspec (G_OBJECT (front), zmqglib_authenticator_properties[AUTH_PROP_N_ACCEPTED]);
      g_object_notify_by_pspec (G_OBJECT (front), zmqglib_authenticator_properties[AUTH_PROP_N_DENIED]);
    }

  /* the last reference to the authenticator may be the one here, and it wants to find its core */
  g_clear_object (&front);
  zmqglib_auth_core_unref (self);
}

static void
drop_counts (gpointer data)
{
  zmqglib_auth_core_unref (data);
}

/*
 * zmqglib_auth_core_count:
 *
 * Counts an answer, by whatever thread, and lets the main loop notify.
 */
void
zmqglib_auth_core_count (ZmqAuthCore *self,
                         gboolean     is_accepted)
{
  gboolean was_due;

  zmqglib_lock_take (&self->lock);
  if (is_accepted)
    self->n_accepted++;
  else
    self->n_denied++;
  was_due = self->counts_due;
  self->counts_due = TRUE;
  zmqglib_lock_give (&self->lock);

  if (!was_due)
    zmqglib_agenda_tell (self->agenda, notify_counts, drop_counts, zmqglib_auth_core_ref (self));
}
