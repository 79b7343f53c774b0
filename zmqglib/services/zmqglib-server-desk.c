/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "services/zmqglib-request-private.h"
#include "services/zmqglib-server-private.h"
#include "stream/zmqglib-stream-private.h"

/* Where requests come in. The stream reads one, and the main loop tells it on its own, outside of what it does for the
 * stream: so a handler that runs a nested loop holds up nobody else, neither who asks nor who is replied to. Meanwhile the
 * stream reads no other one, so that what nobody wants any more when its turn comes is the one that goes back. */

static void
emit (ZmqServerCore *core,
      ZmqServer     *front,
      ZmqMessage    *message)
{
  g_autoptr (ZmqRequest) request = zmqglib_request_new (core, message);

  g_signal_emit (front, zmqglib_server_request_signal, 0, request);
}

static void
put_back (ZmqServerCore *core,
          ZmqMessage    *message)
{
  g_autoptr (ZmqStream) stream = zmqglib_server_core_dup_stream (core);

  if (stream != NULL)
    zmqglib_socket_core_put_back (zmqglib_stream_get_core (stream)->socket, message, NULL);
}

static void
tell_request (gpointer data)
{
  ZmqServerCore *core = data;
  g_autoptr (ZmqServer) front = zmqglib_front_dup (core->front);
  g_autoptr (ZmqMessage) message = g_steal_pointer (&core->next);

  if (message != NULL && front != NULL && zmqglib_server_core_is_open (core))
    {
      if (zmqglib_server_core_wants (core))
        emit (core, front, message);
      else
        put_back (core, message);
    }

  /* the last reference to the server may be the one here, and it wants to find its core */
  g_clear_object (&front);
  zmqglib_server_core_unref (core);
}

/* The main context is no more. */
static void
drop_request (gpointer data)
{
  zmqglib_server_core_unref (data);
}

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    data)
{
  ZmqServerCore *core = data;

  core->next = zmqglib_message_ref (message);
  zmqglib_agenda_tell (core->agenda, tell_request, drop_request, zmqglib_server_core_ref (core));
}

static gboolean
wants (gpointer data)
{
  return zmqglib_server_core_wants (data);
}

static ZmqStream *
steal_stream (ZmqServerCore *core)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&core->lock);

  return g_steal_pointer (&core->stream);
}

/* Takes the server out of its loop. Replies that other threads have sent before are sent, and requests that outlive the
 * server keep no stream, nor that its main context. */
static void
leave (gpointer data)
{
  ZmqServerCore *core = data;
  g_autoptr (ZmqStream) stream = steal_stream (core);

  if (!core->has_left)
    {
      core->has_left = TRUE;
      g_clear_pointer (&core->next, zmqglib_message_unref);
      if (stream != NULL && !zmqglib_stream_is_closed (stream))
        {
          /* this thread may have the main context for the moment only */
          zmqglib_socket_core_claim (zmqglib_stream_get_core (stream)->socket);
          zmqglib_stream_flush (stream, G_IO_OUT, 0);
        }
      if (stream != NULL)
        zmqglib_stream_close (stream);
      zmqglib_front_let_go (core->front, core->agenda);
    }

  g_clear_object (&stream);
  zmqglib_server_core_unref (core);
}

/*
 * zmqglib_server_desk_close:
 *
 * No request is told any more. May be called from any thread, and again.
 */
void
zmqglib_server_desk_close (ZmqServerCore *core)
{
  if (g_atomic_int_compare_and_exchange (&core->is_closed, FALSE, TRUE))
    zmqglib_agenda_do (core->agenda, leave, zmqglib_server_core_ref (core));
}

/* The stream was closed, by us or by others. */
static void
end (gpointer data)
{
  ZmqServerCore *core = data;

  zmqglib_server_desk_close (core);
  zmqglib_server_core_unref (core);
}

/* Runs where the main context is owned, be it for the moment only: the socket stays whose it is. */
static void
begin (gpointer data)
{
  ZmqServerCore *core = data;
  g_autoptr (ZmqStream) stream = zmqglib_server_core_dup_stream (core);

  if (stream != NULL)
    zmqglib_stream_set_choosy_func (stream, on_received, wants, zmqglib_server_core_ref (core), end);
  zmqglib_server_core_unref (core);
}

/*
 * zmqglib_server_desk_open:
 * @socket: a ROUTER socket
 * @keeper: (nullable): the server, when it is owned by the loop
 */
void
zmqglib_server_desk_open (ZmqServerCore *core,
                          ZmqSocket     *socket,
                          ZmqServer     *keeper)
{
  core->stream = zmqglib_stream_new (socket);
  g_atomic_int_set (&core->is_closed, FALSE);
  if (keeper != NULL)
    zmqglib_front_keep (core->front, keeper);
  zmqglib_agenda_do (core->agenda, begin, zmqglib_server_core_ref (core));
}
