/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "message/zmqglib-message-private.h"
#include "services/zmqglib-client-letter-private.h"

/* What a request looks like on its way: its number, the empty frame that ends REQ's envelope, and what is asked. The number
 * is the salt of the client's core, and a count that never comes again, in as many bytes as that has. */

#define ID_SIZE (2 * sizeof (guint64))

ZmqClientLetter *
zmqglib_client_letter_new (ZmqMessage *message)
{
  static const guint8 id[ID_SIZE];
  ZmqClientLetter    *self = g_new0 (ZmqClientLetter, 1);

  self->enclosed = zmqglib_message_new ();
  zmqglib_frame_fill (zmqglib_message_add_frame (self->enclosed), id, sizeof id);
  zmqglib_message_add_frame (self->enclosed);
  zmqglib_message_share_frames (self->enclosed, message, 0);

  return self;
}

void
zmqglib_client_letter_free (gpointer data)
{
  ZmqClientLetter *self = data;

  zmqglib_message_unref (self->enclosed);
  g_clear_pointer (&self->body, zmqglib_message_unref);
  g_free (self);
}

void
zmqglib_client_letter_number (ZmqClientLetter *self,
                              guint64          salt,
                              guint64          number)
{
  const guint64 id[] = { salt, number };

  memcpy (zmq_msg_data (&zmqglib_message_get_nth_frame (self->enclosed, 0)->msg), id, sizeof id);
}

gboolean
zmqglib_client_letter_is_empty (ZmqClientLetter *self)
{
  return self->enclosed->n_frames == 2;
}

ZmqMessage *
zmqglib_client_letter_get_body (ZmqClientLetter *self)
{
  if (self->body == NULL)
    {
      self->body = zmqglib_message_new ();
      zmqglib_message_share_frames (self->body, self->enclosed, 2);
    }

  return self->body;
}

/*
 * zmqglib_client_letter_read:
 *
 * Returns: whether the message is an answer to a letter of that salt
 */
gboolean
zmqglib_client_letter_read (ZmqMessage *message,
                            guint64     salt,
                            guint64    *number)
{
  guint64     id[2];
  gsize       size;
  const void *data = zmqglib_message_peek_frame (message, 0, &size);

  if (size != ID_SIZE)
    return FALSE;

  memcpy (id, data, sizeof id);
  *number = id[1];
  zmqglib_message_peek_frame (message, 1, &size);

  return id[0] == salt && size == 0 && message->n_frames > 1;
}
