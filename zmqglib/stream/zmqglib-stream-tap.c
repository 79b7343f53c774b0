/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "stream/zmqglib-stream-private.h"
#include "stream/zmqglib-stream-tap-private.h"

/* How others hear of what a stream receives. A tap watches the stream's socket as well: a stream looks whether somebody else
 * does after each message anyway, so that a stream without a tap has nothing more to ask. */

static void
on_touched (ZmqSocketWatch *watch)
{
}

static void
on_observed (ZmqSocketWatch *watch,
             GIOCondition    condition)
{
}

static ZmqAgenda *
on_closed (ZmqSocketWatch *watch)
{
  return NULL;
}

static const ZmqSocketWatchFuncs watch_funcs = {
  .touched = on_touched,
  .observed = on_observed,
  .closed = on_closed,
};

/*
 * zmqglib_stream_add_tap:
 * @stream: an open stream
 *
 * To be called by who owns the stream's main context, as the next.
 */
void
zmqglib_stream_add_tap (ZmqStream    *stream,
                        ZmqStreamTap *tap)
{
  ZmqStreamCore *core = zmqglib_stream_get_core (stream);

  tap->watch.funcs = &watch_funcs;
  tap->watch.link.data = &tap->watch;
  tap->link.data = tap;
  g_queue_push_tail_link (&core->taps, &tap->link);
  zmqglib_socket_core_add_watch (core->socket, &tap->watch);
}

static void
release (ZmqStreamCore *core,
         ZmqStreamTap  *tap)
{
  g_queue_unlink (&core->taps, &tap->link);
  tap->link.data = NULL;
  zmqglib_socket_core_remove_watch (core->socket, &tap->watch);
  tap->released (tap);
}

void
zmqglib_stream_remove_tap (ZmqStream    *stream,
                           ZmqStreamTap *tap)
{
  if (tap->link.data != NULL)
    release (zmqglib_stream_get_core (stream), tap);
}

void
zmqglib_stream_release_taps (ZmqStreamCore *core)
{
  while (core->taps.head != NULL)
    release (core, core->taps.head->data);
}

void
zmqglib_stream_tell_taps (ZmqStreamCore *core,
                          ZmqMessage    *message)
{
  GList *next;

  for (GList *l = core->taps.head; l != NULL; l = next)
    {
      ZmqStreamTap *tap = l->data;

      next = l->next;
      tap->heard (tap, message);
    }
}
