/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-expiry-private.h"

/*
 * Deadlines and cancellables of any number of operations, in one source: a main loop asks each of
 * its sources in every iteration, so that a source each would make all of them pay for all.
 *
 * A cancellable is cancelled by any thread. What its signal does is to post a notice to the source,
 * which runs in the thread that waits.
 */

typedef struct
{
  GSource                source;
  GTree                 *deadlines; /* of ZmqExpiry, the earliest first */
  ZmqCancellationNotice *posted;    /* atomic; the latest first */
  ZmqCancellationNotice *taken;     /* to be looked at */
} ZmqExpirySource;

struct _ZmqCancellationNotice
{
  int                    ref_count; /* atomic */
  int                    is_posted; /* atomic */
  GSource               *source;    /* kept by the handler, and else by who waits */
  ZmqExpiry             *expiry;    /* NULL when it has ended; only for the thread that waits */
  ZmqCancellationNotice *next;
};

static void
notice_unref (ZmqCancellationNotice *self)
{
  if (g_atomic_int_dec_and_test (&self->ref_count))
    g_free (self);
}

static void
notice_post (ZmqCancellationNotice *self)
{
  ZmqExpirySource       *source = (ZmqExpirySource *) self->source;
  ZmqCancellationNotice *next;

  if (!g_atomic_int_compare_and_exchange (&self->is_posted, FALSE, TRUE))
    return;

  g_atomic_int_inc (&self->ref_count);
  do
    next = self->next = g_atomic_pointer_get (&source->posted);
  while (!g_atomic_pointer_compare_and_exchange (&source->posted, next, self));

  /* the notice itself is the other thread's from now on */
  g_source_set_ready_time (&source->source, 0);
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
  ZmqCancellationNotice *notice = data;

  g_source_unref (notice->source);
  notice_unref (notice);
}

static int
compare_deadlines (gconstpointer a,
                   gconstpointer b)
{
  const ZmqExpiry *one = a;
  const ZmqExpiry *other = b;

  if (one->deadline != other->deadline)
    return one->deadline < other->deadline ? -1 : 1;

  return one < other ? -1 : one > other;
}

static ZmqExpiry *
get_earliest (ZmqExpirySource *self)
{
  GTreeNode *node = g_tree_node_first (self->deadlines);

  return node != NULL ? g_tree_node_key (node) : NULL;
}

/* A notice that was posted meanwhile must not be put off. */
static void
set_ready_time (ZmqExpirySource *self,
                gint64           ready_time)
{
  g_source_set_ready_time (&self->source, ready_time);
  if (g_atomic_pointer_get (&self->posted) != NULL)
    g_source_set_ready_time (&self->source, 0);
}

/* The notices that were posted, in order. */
static ZmqCancellationNotice *
take_posted (ZmqExpirySource *self)
{
  ZmqCancellationNotice *notice = g_atomic_pointer_exchange (&self->posted, NULL);
  ZmqCancellationNotice *first = NULL;

  while (notice != NULL)
    {
      ZmqCancellationNotice *next = notice->next;

      notice->next = first;
      first = notice;
      notice = next;
    }

  return first;
}

static ZmqCancellationNotice *
take_notice (ZmqExpirySource *self)
{
  ZmqCancellationNotice *notice;

  if (self->taken == NULL)
    self->taken = take_posted (self);

  notice = self->taken;
  if (notice != NULL)
    self->taken = notice->next;

  return notice;
}

/* One at a time: a callback may run a nested loop, which goes on from there. */
static void
end_cancelled (ZmqExpirySource *self)
{
  ZmqCancellationNotice *notice;

  while ((notice = take_notice (self)) != NULL)
    {
      ZmqExpiry *expiry = notice->expiry;

      if (expiry != NULL)
        {
          ZmqExpiryFunc func = expiry->func;

          zmqglib_expiry_end (expiry);
          func (expiry, TRUE);
        }
      notice_unref (notice);
    }
}

static void
end_late (ZmqExpirySource *self)
{
  gint64     now = g_source_get_time (&self->source);
  ZmqExpiry *expiry;

  while ((expiry = get_earliest (self)) != NULL && expiry->deadline <= now)
    {
      ZmqExpiryFunc func = expiry->func;

      zmqglib_expiry_end (expiry);
      func (expiry, FALSE);
    }

  set_ready_time (self, expiry != NULL ? expiry->deadline : -1);
}

static gboolean
zmqglib_expiry_source_dispatch (GSource    *source,
                                GSourceFunc callback,
                                gpointer    user_data)
{
  ZmqExpirySource *self = (ZmqExpirySource *) source;

  end_cancelled (self);
  end_late (self);

  return G_SOURCE_CONTINUE;
}

static void
zmqglib_expiry_source_finalize (GSource *source)
{
  ZmqExpirySource       *self = (ZmqExpirySource *) source;
  ZmqCancellationNotice *notice;

  while ((notice = take_notice (self)) != NULL)
    notice_unref (notice);
  g_tree_unref (self->deadlines);
}

static GSourceFuncs source_funcs = {
  .dispatch = zmqglib_expiry_source_dispatch,
  .finalize = zmqglib_expiry_source_finalize,
};

/*
 * zmqglib_expiry_source_new:
 *
 * Returns: (transfer full): a source that ends any number of waits
 */
GSource *
zmqglib_expiry_source_new (void)
{
  GSource *source = g_source_new (&source_funcs, sizeof (ZmqExpirySource));

  ((ZmqExpirySource *) source)->deadlines = g_tree_new (compare_deadlines);
  g_source_set_static_name (source, "[zmqglib] expiry");
  g_source_set_can_recurse (source, TRUE);

  return source;
}

static void
watch_cancellable (ZmqExpiry    *self,
                   GCancellable *cancellable)
{
  self->notice = g_new0 (ZmqCancellationNotice, 1);
  self->notice->ref_count = 2; /* one for the handler */
  self->notice->source = g_source_ref (self->source);
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
 * @source: (nullable): from zmqglib_expiry_source_new(), in whose thread this is; %NULL when there is
 *   neither a deadline nor a cancellable
 * @deadline: in monotonic time, or -1 for none
 * @cancellable: (nullable): a cancellable
 */
void
zmqglib_expiry_begin (ZmqExpiry    *self,
                      GSource      *source,
                      gint64        deadline,
                      GCancellable *cancellable,
                      ZmqExpiryFunc func)
{
  self->source = source;
  self->func = func;
  self->deadline = deadline;
  self->notice = NULL;
  self->cancellable = NULL;

  if (deadline >= 0)
    {
      gint64 ready_time = g_source_get_ready_time (source);

      g_tree_insert (((ZmqExpirySource *) source)->deadlines, self, self);
      /* one that is too early is put right when its time comes */
      if (ready_time < 0 || deadline < ready_time)
        set_ready_time ((ZmqExpirySource *) source, deadline);
    }

  if (cancellable != NULL)
    watch_cancellable (self, cancellable);
}

/*
 * zmqglib_expiry_end:
 *
 * The wait has ended: the callback is not called any more. May be called again.
 */
void
zmqglib_expiry_end (ZmqExpiry *self)
{
  if (self->deadline >= 0)
    {
      g_tree_remove (((ZmqExpirySource *) self->source)->deadlines, self);
      self->deadline = -1;
    }

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
