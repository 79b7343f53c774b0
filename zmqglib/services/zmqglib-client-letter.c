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

/*
 * zmqglib_client_letter_new:
 * @body: what is asked; the caller may change it afterwards
 *
 * Returns: (transfer full): a letter that has yet to be numbered
 */
ZmqMessage *
zmqglib_client_letter_new (ZmqMessage *body)
{
  static const guint8 id[ID_SIZE];
  ZmqMessage         *self = zmqglib_message_new ();

  zmqglib_message_reserve (self, 2 + body->n_frames);
  zmqglib_frame_fill (zmqglib_message_add_frame (self), id, sizeof id);
  zmqglib_message_add_frame (self);
  zmqglib_message_share_frames (self, body, 0);

  return self;
}

void
zmqglib_client_letter_number (ZmqMessage *self,
                              guint64     salt,
                              guint64     number)
{
  const guint64 id[] = { salt, number };

  memcpy (zmq_msg_data (&zmqglib_message_get_nth_frame (self, 0)->msg), id, sizeof id);
}

gboolean
zmqglib_client_letter_is_empty (ZmqMessage *self)
{
  return self->n_frames == 2;
}

/*
 * zmqglib_client_letter_get_body:
 *
 * Returns: (transfer full): what is asked, alone
 */
ZmqMessage *
zmqglib_client_letter_get_body (ZmqMessage *self)
{
  ZmqMessage *body = zmqglib_message_new ();

  zmqglib_message_share_frames (body, self, 2);

  return body;
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
  guint64       id[2];
  gsize         size;
  gconstpointer data;

  if (message->n_frames < 2)
    return FALSE;

  data = zmqglib_frame_get_data (zmqglib_message_get_nth_frame (message, 0), &size);
  if (size != ID_SIZE)
    return FALSE;

  memcpy (id, data, sizeof id);
  *number = id[1];
  zmqglib_frame_get_data (zmqglib_message_get_nth_frame (message, 1), &size);

  return id[0] == salt && size == 0;
}
