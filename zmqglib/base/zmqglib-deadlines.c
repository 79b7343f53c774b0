/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-deadlines-private.h"

static int
compare (gconstpointer a,
         gconstpointer b)
{
  const ZmqDeadline *one = a;
  const ZmqDeadline *other = b;

  if (one->time != other->time)
    return one->time < other->time ? -1 : 1;

  return one < other ? -1 : one > other;
}

static ZmqDeadline *
get_earliest (ZmqDeadlines *self)
{
  GTreeNode   *node = self->tree != NULL ? g_tree_node_first (self->tree) : NULL;
  ZmqDeadline *first = node != NULL ? g_tree_node_key (node) : NULL;
  ZmqDeadline *queued = self->queue.head != NULL ? self->queue.head->data : NULL;

  return first == NULL || (queued != NULL && queued->time <= first->time) ? queued : first;
}

static gboolean
is_latest (ZmqDeadlines *self,
           gint64        time)
{
  ZmqDeadline *last = self->queue.tail != NULL ? self->queue.tail->data : NULL;

  return last == NULL || last->time <= time;
}

void
zmqglib_deadlines_clear (ZmqDeadlines *self)
{
  g_clear_pointer (&self->tree, g_tree_unref);
}

/*
 * zmqglib_deadlines_add:
 * @deadline: in no list, with its func set; it stays in its place until it is removed, or due
 * @time: in monotonic time
 */
void
zmqglib_deadlines_add (ZmqDeadlines *self,
                       ZmqDeadline  *deadline,
                       gint64        time)
{
  deadline->time = time;
  deadline->is_queued = is_latest (self, time);
  if (deadline->is_queued)
    {
      deadline->link = (GList){ .data = deadline };
      g_queue_push_tail_link (&self->queue, &deadline->link);
      return;
    }

  if (self->tree == NULL)
    self->tree = g_tree_new (compare);
  g_tree_insert (self->tree, deadline, deadline);
}

/*
 * zmqglib_deadlines_remove:
 *
 * Takes it out, when it is there.
 */
void
zmqglib_deadlines_remove (ZmqDeadlines *self,
                          ZmqDeadline  *deadline)
{
  if (deadline->time < 0)
    return;

  if (deadline->is_queued)
    g_queue_unlink (&self->queue, &deadline->link);
  else
    g_tree_remove (self->tree, deadline);
  deadline->time = -1;
}

/*
 * zmqglib_deadlines_run_due:
 *
 * Does what is due.
 *
 * Returns: in how many milliseconds the next will be, or -1
 */
int
zmqglib_deadlines_run_due (ZmqDeadlines *self)
{
  ZmqDeadline *deadline = get_earliest (self);
  gint64       now;

  if (deadline == NULL)
    return -1;

  now = g_get_monotonic_time ();
  while (deadline != NULL && deadline->time <= now)
    {
      zmqglib_deadlines_remove (self, deadline);
      deadline->func (deadline);
      deadline = get_earliest (self);
    }

  return deadline != NULL ? (int) MIN ((deadline->time - now + 999) / 1000, G_MAXINT) : -1;
}
