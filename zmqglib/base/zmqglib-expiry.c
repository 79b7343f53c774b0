/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-expiry-private.h"

/*
 * Deadlines and cancellables of any number of operations, on the agenda of their main context.
 *
 * A cancellable is cancelled by any thread. What its signal does is to post a notice, which is read by
 * who owns the main context.
 */

struct _ZmqCancellationNotice
{
  int        ref_count; /* atomic */
  int        is_posted; /* atomic */
  ZmqAgenda *agenda;
  ZmqExpiry *expiry; /* NULL when it has ended; only for who owns the main context */
};

static void
notice_unref (ZmqCancellationNotice *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  zmqglib_agenda_unref (self->agenda);
  g_free (self);
}

static void
notice_read (gpointer data)
{
  ZmqCancellationNotice *self = data;
  ZmqExpiry             *expiry = self->expiry;

  if (expiry != NULL)
    {
      zmqglib_expiry_end (expiry);
      expiry->func (expiry, TRUE);
    }
  notice_unref (self);
}

static void
notice_post (ZmqCancellationNotice *self)
{
  if (!g_atomic_int_compare_and_exchange (&self->is_posted, FALSE, TRUE))
    return;

  g_atomic_int_inc (&self->ref_count);
  zmqglib_agenda_post (self->agenda, notice_read, self);
}

static void
on_cancelled (GCancellable *cancellable,
              gpointer      data)
{
  notice_post (data);
}

static void
on_disconnected (gpointer  data,
                 GClosure *closure)
{
  notice_unref (data);
}

static void
on_deadline (ZmqDeadline *deadline)
{
  ZmqExpiry *self = (ZmqExpiry *) deadline;

  zmqglib_expiry_end (self);
  self->func (self, FALSE);
}

static void
watch_cancellable (ZmqExpiry    *self,
                   GCancellable *cancellable)
{
  self->notice = g_new0 (ZmqCancellationNotice, 1);
  self->notice->ref_count = 2; /* one for the handler */
  self->notice->agenda = zmqglib_agenda_ref (self->agenda);
  self->notice->expiry = self;
  self->cancellable = g_object_ref (cancellable);

  /* Not g_cancellable_connect(): to be disconnected also from within the emission. */
  self->handler = g_signal_connect_data (cancellable, "cancelled", G_CALLBACK (on_cancelled),
                                         self->notice, on_disconnected, 0);
  if (g_cancellable_is_cancelled (cancellable))
    notice_post (self->notice);
}

/*
 * zmqglib_expiry_begin:
 * @agenda: that of the main context in which the wait ends
 * @deadline: in monotonic time, or -1 for none
 * @cancellable: (nullable): a cancellable
 *
 * To be called by who owns the main context.
 */
void
zmqglib_expiry_begin (ZmqExpiry    *self,
                      ZmqAgenda    *agenda,
                      gint64        deadline,
                      GCancellable *cancellable,
                      ZmqExpiryFunc func)
{
  *self = (ZmqExpiry){
    .deadline = { .time = -1, .func = on_deadline },
    .agenda = agenda,
    .func = func,
  };

  if (deadline >= 0)
    zmqglib_deadlines_add (zmqglib_agenda_get_deadlines (agenda), &self->deadline, deadline);
  if (cancellable != NULL)
    watch_cancellable (self, cancellable);
}

/*
 * zmqglib_expiry_end:
 *
 * The wait has ended: the function is not called any more. May be called again.
 */
void
zmqglib_expiry_end (ZmqExpiry *self)
{
  zmqglib_deadlines_remove (zmqglib_agenda_get_deadlines (self->agenda), &self->deadline);

  if (self->notice != NULL)
    {
      self->notice->expiry = NULL;
      g_signal_handler_disconnect (self->cancellable, self->handler);
      g_clear_pointer (&self->notice, notice_unref);
      g_clear_object (&self->cancellable);
    }
}

/*
 * zmqglib_deadline_after:
 * @timeout_us: in microseconds, or -1
 *
 * Returns: the time in so long, in monotonic time, or -1 for never
 */
gint64
zmqglib_deadline_after (gint64 timeout_us)
{
  gint64 now;

  if (timeout_us < 0)
    return -1;

  now = g_get_monotonic_time ();

  return timeout_us < G_MAXINT64 - now ? now + timeout_us : -1;
}

/*
 * zmqglib_deadline_add:
 * @span_us: how long afterwards, which is not negative
 *
 * Returns: a time that never comes, when there is no such
 */
gint64
zmqglib_deadline_add (gint64 time,
                      gint64 span_us)
{
  return span_us < G_MAXINT64 - time ? time + span_us : G_MAXINT64;
}

/*
 * zmqglib_deadline_get_timeout_ms:
 * @deadline: in monotonic time, or -1
 *
 * Returns: for how many milliseconds to poll, 0 when the time is up, -1 for ever
 */
int
zmqglib_deadline_get_timeout_ms (gint64 deadline)
{
  gint64 left;

  if (deadline < 0)
    return -1;

  left = deadline - g_get_monotonic_time ();

  return left <= 0 ? 0 : (int) (MIN (left - 1, G_MAXINT * G_GINT64_CONSTANT (1000) - 1) / 1000 + 1);
}
