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
 * zmqglib_inbox_admit:
 * @limit: how many messages the stream may have, or 0 for any number
 * @balance: atomic; how many it has beside those that were admitted, and where there is a limit only less
 *   than before
 *
 * Lets a message in. No other can come in unseen from when the number is read, and what has gone since leaves
 * room; so a stream with a limit never has more, and who is refused has seen that many.
 *
 * Returns: %FALSE when there is no room
 */
gboolean
zmqglib_inbox_admit (ZmqInbox *self,
                     guint     limit,
                     int      *balance)
{
  guint n;

  if (limit == 0)
    {
      g_atomic_int_inc (&self->n_admitted);
      return TRUE;
    }

  do
    {
      n = g_atomic_int_get (&self->n_admitted);
      /* less than none where others came and went in between: the number is not the same any more */
      if ((gint64) (int) (n + g_atomic_int_get (balance)) >= limit)
        return FALSE;
    }
  while (!g_atomic_int_compare_and_exchange ((int *) &self->n_admitted, n, n + 1));

  return TRUE;
}

/*
 * zmqglib_inbox_post:
 * @limit: see zmqglib_inbox_admit()
 * @balance: likewise
 *
 * Puts a message in. May be called from any thread.
 */
ZmqPostResult
zmqglib_inbox_post (ZmqInbox     *self,
                    ZmqMessage   *message,
                    gint64        deadline,
                    GCancellable *cancellable,
                    guint         limit,
                    int          *balance)
{
  ZmqLetter *letter;
  ZmqLetter *next;

  if (g_atomic_pointer_get (&self->latest) == CLOSED)
    return ZMQGLIB_POST_CLOSED;

  if (!zmqglib_inbox_admit (self, limit, balance))
    return ZMQGLIB_POST_FULL;

  g_atomic_int_inc (&self->n);

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
 * To be called when one that was taken out is counted elsewhere.
 */
void
zmqglib_inbox_count_out (ZmqInbox *self)
{
  g_atomic_int_add (&self->n, -1);
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
