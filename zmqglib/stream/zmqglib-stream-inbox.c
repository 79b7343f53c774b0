/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "message/zmqglib-message-private.h"
#include "stream/zmqglib-stream-inbox-private.h"

/* A list to which any thread adds in front, and of which one thread takes all at once, so that the
 * order of each thread's own letters is kept. */

static ZmqLetter end; /* the last letter of an inbox that was closed */

#define CLOSED (&end)

/*
 * zmqglib_inbox_post:
 * @limit: how many may be there, with this one, what waits, and what is done
 * @n_waiting: atomic; how many have been taken out and wait
 * @n_done: atomic; how many do not wait any more
 *
 * Puts a message in. May be called from any thread.
 */
ZmqPostResult
zmqglib_inbox_post (ZmqInbox     *self,
                    ZmqMessage   *message,
                    gint64        deadline,
                    GCancellable *cancellable,
                    guint         limit,
                    guint        *n_waiting,
                    guint        *n_done)
{
  guint      n;
  ZmqLetter *letter;
  ZmqLetter *next;

  if (g_atomic_pointer_get (&self->latest) == CLOSED)
    return ZMQGLIB_POST_CLOSED;

  /* in the order of a message's way, so that none that is there is missed */
  n = g_atomic_int_add (&self->n, 1);
  n += g_atomic_int_get (n_waiting);
  n += g_atomic_int_get (n_done);
  if (n >= limit)
    {
      g_atomic_int_add (&self->n, -1);
      return ZMQGLIB_POST_FULL;
    }

  letter = g_new (ZmqLetter, 1);
  letter->message = zmqglib_message_ref (message);
  letter->deadline = deadline;
  letter->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  zmqglib_message_freeze (message);

  do
    {
      next = letter->next = g_atomic_pointer_get (&self->latest);
      if (next == CLOSED)
        {
          zmqglib_letter_free (letter);
          g_atomic_int_add (&self->n, -1);
          return ZMQGLIB_POST_CLOSED;
        }
    }
  while (!g_atomic_pointer_compare_and_exchange (&self->latest, next, letter));

  /* the letter may be taken and gone by now */
  return next == NULL ? ZMQGLIB_POSTED_FIRST : ZMQGLIB_POSTED;
}

static ZmqLetter *
replace (ZmqInbox  *self,
         ZmqLetter *by)
{
  ZmqLetter *letter = g_atomic_pointer_exchange (&self->latest, by);
  ZmqLetter *earliest = NULL;

  while (letter != NULL && letter != CLOSED)
    {
      ZmqLetter *next = letter->next;

      letter->next = earliest;
      earliest = letter;
      letter = next;
    }

  return earliest;
}

/*
 * zmqglib_inbox_count_out:
 *
 * To be called when so many that were taken out are counted elsewhere.
 */
void
zmqglib_inbox_count_out (ZmqInbox *self,
                         guint     n)
{
  g_atomic_int_add (&self->n, -(int) n);
}

/*
 * zmqglib_inbox_take:
 *
 * Takes all out. Not after zmqglib_inbox_close().
 *
 * Returns: (transfer full) (nullable): the first of them
 */
ZmqLetter *
zmqglib_inbox_take (ZmqInbox *self)
{
  return replace (self, NULL);
}

/*
 * zmqglib_inbox_close:
 *
 * Takes all out, so that none can come in any more.
 *
 * Returns: (transfer full) (nullable): the first of them
 */
ZmqLetter *
zmqglib_inbox_close (ZmqInbox *self)
{
  return replace (self, CLOSED);
}

guint
zmqglib_inbox_get_length (ZmqInbox *self)
{
  return g_atomic_int_get (&self->n);
}

/*
 * zmqglib_letter_free:
 *
 * Frees a letter; its message may be changed again.
 */
void
zmqglib_letter_free (ZmqLetter *letter)
{
  zmqglib_message_thaw (letter->message);
  zmqglib_message_unref (letter->message);
  g_clear_object (&letter->cancellable);
  g_free (letter);
}
