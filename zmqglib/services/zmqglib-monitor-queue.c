/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "services/zmqglib-monitor-event-private.h"
#include "services/zmqglib-monitor-queue-private.h"

/* So many wait as they are; beyond, those that are equal to one beyond are merged into that. */
#define MAX_UNMERGED 10000

static void
news_free (gpointer data)
{
  ZmqMonitorNews *news = data;

  g_clear_pointer (&news->event, zmqglib_monitor_event_unref);
  g_free (news);
}

void
zmqglib_monitor_queue_clear (ZmqMonitorQueue *self)
{
  g_clear_pointer (&self->merging, g_hash_table_unref);
  g_queue_clear_full (&self->entries, news_free);
}

/*
 * zmqglib_monitor_queue_push:
 * @event: (nullable): an event, or %NULL when only the number of peers has changed
 *
 * Returns: whether there is one more to be announced
 */
gboolean
zmqglib_monitor_queue_push (ZmqMonitorQueue *self,
                            ZmqMonitorEvent *event,
                            guint            n_peers)
{
  ZmqMonitorNews *news;

  self->n_peers = n_peers;

  if (self->entries.length >= MAX_UNMERGED)
    {
      if (self->merging == NULL)
        self->merging = g_hash_table_new (zmqglib_monitor_event_hash, zmqglib_monitor_event_equal);
      if (event == NULL || g_hash_table_contains (self->merging, event))
        return FALSE;
      g_hash_table_add (self->merging, event);
    }

  news = g_new (ZmqMonitorNews, 1);
  *news = (ZmqMonitorNews){ .event = event != NULL ? zmqglib_monitor_event_ref (event) : NULL, .n_peers = n_peers };
  g_queue_push_tail (&self->entries, news);

  return TRUE;
}

static void
stop_merging_into (ZmqMonitorQueue *self,
                   ZmqMonitorEvent *event)
{
  if (self->merging == NULL)
    return;

  /* an equal one may be further behind */
  if (event != NULL && g_hash_table_lookup (self->merging, event) == event)
    g_hash_table_remove (self->merging, event);
  if (g_hash_table_size (self->merging) == 0)
    g_clear_pointer (&self->merging, g_hash_table_unref);
}

/*
 * zmqglib_monitor_queue_pop:
 * @news: (out): what is to be announced next; the event is the caller's
 *
 * Returns: %FALSE when there is nothing
 */
gboolean
zmqglib_monitor_queue_pop (ZmqMonitorQueue *self,
                           ZmqMonitorNews  *news)
{
  ZmqMonitorNews *first = g_queue_pop_head (&self->entries);

  if (first == NULL)
    return FALSE;

  stop_merging_into (self, first->event);
  *news = *first;
  g_free (first);

  /* what was merged may have changed it */
  if (self->entries.length == 0)
    news->n_peers = self->n_peers;

  return TRUE;
}
