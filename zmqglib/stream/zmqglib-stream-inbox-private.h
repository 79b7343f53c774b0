/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include <zmqglib/zmqglib-message.h>

G_BEGIN_DECLS

/* A message from another thread than the stream's. */
typedef struct _ZmqLetter ZmqLetter;
struct _ZmqLetter
{
  ZmqLetter    *next;
  ZmqMessage   *message; /* which must not change meanwhile */
  gint64        deadline;
  GCancellable *cancellable;
};

/* What other threads have sent, until the stream's thread takes it. Without a lock. */
typedef struct
{
  ZmqLetter *latest;     /* atomic */
  int        n;          /* atomic; letters, those about to come, and the one that is being counted elsewhere */
  guint      n_admitted; /* atomic; messages that were let in so far, as a rule also those of the stream's thread */
} ZmqInbox;

typedef enum
{
  ZMQGLIB_POSTED_FIRST, /* whose thread needs to be told */
  ZMQGLIB_POSTED,
  ZMQGLIB_POST_FULL,
  ZMQGLIB_POST_CLOSED,
} ZmqPostResult;

gboolean      zmqglib_inbox_admit (ZmqInbox *self,
                                   guint     limit,
                                   int      *balance);
ZmqPostResult zmqglib_inbox_post (ZmqInbox     *self,
                                  ZmqMessage   *message,
                                  gint64        deadline,
                                  GCancellable *cancellable,
                                  guint         limit,
                                  int          *balance);
ZmqLetter    *zmqglib_inbox_take (ZmqInbox *self);
ZmqLetter    *zmqglib_inbox_close (ZmqInbox *self);
void          zmqglib_inbox_count_out (ZmqInbox *self);
guint         zmqglib_inbox_get_length (ZmqInbox *self);
void          zmqglib_letter_free (ZmqLetter *letter);

/* Whether there is nothing to be taken. */
static inline gboolean
zmqglib_inbox_is_empty (ZmqInbox *self)
{
  return g_atomic_int_get (&self->n) == 0;
}

G_END_DECLS
