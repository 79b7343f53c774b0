/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "soak-flow.h"

#define MAGIC   0x736f616b
#define MAX_LEN 4000

typedef struct
{
  guint32 magic;
  guint32 size; /* of the next frame */
  guint64 number;
} Head;

static guint
get_size (guint64 number)
{
  guint32 mixed = (guint32) (number * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) >> 33);

  /* most are short, some are not, and a few are long */
  if (number % 1000 == 999)
    return 100000 + mixed % 100000;
  if (number % 10 == 9)
    return mixed % MAX_LEN;

  return mixed % 64;
}

ZmqMessage *
soak_message_new (guint64 number)
{
  ZmqMessage      *message = zmqglib_message_new ();
  const Head       head = { .magic = MAGIC, .size = get_size (number), .number = number };
  g_autofree char *filler = g_malloc (head.size + 1);

  memset (filler, number & 0xff, head.size);
  zmqglib_message_append_data (message, &head, sizeof head);
  zmqglib_message_append_data (message, filler, head.size);

  return message;
}

/* Reads what soak_message_new() has written into the frames from @index on; FALSE when it is something else. */
gboolean
soak_message_read (ZmqMessage *message,
                   guint       index,
                   guint64    *number)
{
  gsize       size;
  const char *data;
  Head        head;

  if (zmqglib_message_get_n_frames (message) != index + 2)
    return FALSE;
  data = zmqglib_message_peek_frame (message, index, &size);
  if (size != sizeof head)
    return FALSE;
  memcpy (&head, data, sizeof head);
  data = zmqglib_message_peek_frame (message, index + 1, &size);
  if (head.magic != MAGIC || size != head.size || head.size != get_size (head.number))
    return FALSE;
  for (gsize i = 0; i < size; i++)
    if (data[i] != (char) (head.number & 0xff))
      return FALSE;
  *number = head.number;

  return TRUE;
}

guint64
soak_flow_count_under_way (SoakFlow *self)
{
  return self->n_sent - self->n_received;
}

ZmqMessage *
soak_flow_next (SoakFlow *self)
{
  if (soak_flow_count_under_way (self) == 0)
    self->progress_us = g_get_monotonic_time ();
  /* the fault that is made on purpose */
  if (g_strcmp0 (soak.plant, "lost") == 0 && self->n_sent == 500)
    self->n_sent++;

  return soak_message_new (self->n_sent++);
}

void
soak_flow_take (SoakFlow   *self,
                ZmqMessage *message,
                guint       index)
{
  guint64 number;

  if (!soak_message_read (message, index, &number))
    {
      g_autofree char *text = zmqglib_message_to_string (message);

      soak_fail ("%s: what came is none of what was sent: %s", self->name, text);
      return;
    }

  if (number != self->n_received)
    soak_lose (number > self->n_received ? number - self->n_received : 1, "%s: lost or out of order: number %" G_GUINT64_FORMAT " came where %" G_GUINT64_FORMAT " was next", self->name,
               number, self->n_received);
  self->n_received = number + 1;
  self->progress_us = g_get_monotonic_time ();
}

void
soak_flow_check (SoakFlow *self,
                 gint64    now)
{
  if (self->n_sent > self->n_received && now - self->progress_us > soak.patience_us)
    soak_lose (soak_flow_count_under_way (self), "%s: lost: of %" G_GUINT64_FORMAT " messages %" G_GUINT64_FORMAT " came, and none for a long time", self->name,
               self->n_sent, self->n_received);
}
