/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <unistd.h>
#include <zmq.h>

#include "base/zmqglib-error-private.h"
#include "message/zmqglib-message-private.h"

/* Who has sent a message. libzmq tells it as “User-Id”, whether an authenticator has said so or the peer itself. Our
 * authenticators say a word beside it that nobody else can know. */

#define MARK_BYTES 16

static char mark[2 * MARK_BYTES + 1];

/*
 * zmqglib_message_get_mark:
 *
 * Returns: what an authenticator of this process says beside a user's name, as %ZMQGLIB_MESSAGE_MARK, or %NULL when
 *   the system has nothing that nobody can guess
 */
const char *
zmqglib_message_get_mark (void)
{
  static gsize is_made = 0;

  if (g_once_init_enter (&is_made))
    {
      guint8 bytes[MARK_BYTES];

      if (getentropy (bytes, sizeof bytes) == 0)
        for (gsize i = 0; i < sizeof bytes; i++)
          g_snprintf (mark + 2 * i, 3, "%02x", bytes[i]);
      g_once_init_leave (&is_made, 1);
    }

  return mark[0] != '\0' ? mark : NULL;
}

static gboolean
has_metadata (ZmqFrame *frame)
{
  static const char *const names[] = { "Peer-Address", "Socket-Type", "User-Id" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (zmq_msg_gets (&frame->msg, names[i]) != NULL)
      return TRUE;

  return FALSE;
}

/* Returns FALSE for a frame that was received from somebody whom nobody has vouched for. */
static gboolean
check_frame (ZmqFrame    *frame,
             const char **user_id)
{
  const char *frame_mark;
  const char *frame_user_id;

  if (frame->bytes != NULL || !has_metadata (frame))
    return TRUE;

  frame_mark = zmq_msg_gets (&frame->msg, ZMQGLIB_MESSAGE_MARK);
  frame_user_id = zmq_msg_gets (&frame->msg, "User-Id");
  if (frame_user_id == NULL || g_strcmp0 (frame_mark, zmqglib_message_get_mark ()) != 0)
    return FALSE;

  if (*user_id != NULL && g_strcmp0 (*user_id, frame_user_id) != 0)
    return FALSE;
  *user_id = frame_user_id;

  return TRUE;
}

static const char *
check_name (const char *user_id)
{
  return user_id != NULL && user_id[0] != '\0' ? user_id : NULL;
}

/*
 * zmqglib_message_get_nth_user_id:
 *
 * As zmqglib_message_get_user_id(), of one frame of a message that is as it was received, whose frames are all of the
 * same sender.
 *
 * Returns: (nullable): the user
 */
const char *
zmqglib_message_get_nth_user_id (ZmqMessage *self,
                                 guint       index)
{
  ZmqFrame   *frame = zmqglib_message_get_nth_frame (self, index);
  const char *own_mark = zmqglib_message_get_mark ();
  const char *frame_mark;

  if (frame == NULL || frame->bytes != NULL || own_mark == NULL)
    return NULL;

  /* Each look at metadata costs a fifth of what a message does, and most senders are known to nobody. */
  frame_mark = zmq_msg_gets (&frame->msg, ZMQGLIB_MESSAGE_MARK);
  if (frame_mark == NULL || !g_str_equal (frame_mark, own_mark))
    return NULL;

  return check_name (zmq_msg_gets (&frame->msg, "User-Id"));
}

/**
 * zmqglib_message_get_user_id:
 * @self: a message
 *
 * Gets who has sent the message, as a [class@Zmq.Authenticator] of this process has said: what the rule or
 * [method@Zmq.AuthRequest.accept] that let the peer in has for a name.
 *
 * The `User-Id` that [method@Zmq.Message.get_metadata] gets may be what the peer itself claims; this one is not. May be
 * called from any thread.
 *
 * Returns: (transfer none) (nullable): the user, or %NULL when nobody has vouched for the sender, when it has no name,
 *   when the frames are of different senders, and for a message that was not received
 *
 * Since: 1.0
 */
const char *
zmqglib_message_get_user_id (ZmqMessage *self)
{
  const char *user_id = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  if (zmqglib_message_get_mark () == NULL)
    return NULL;

  for (guint i = 0; i < self->n_frames; i++)
    if (!check_frame (zmqglib_message_get_nth_frame (self, i), &user_id))
      return NULL;

  return check_name (user_id);
}
