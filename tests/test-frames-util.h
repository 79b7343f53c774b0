/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "test-life-util.h"

/* Two sockets of which one sends messages of many frames to the other, and a log of what comes. */

typedef struct
{
  ZmqContext *context;
  ZmqSocket  *socket;
  ZmqSocket  *peer;
  GString    *log; /* of what came: the number of frames, “! ” for what was rejected */
  guint       n_turns;
} FramesFixture;

static inline void
frames_set_up (FramesFixture *self,
               gconstpointer  data)
{
  self->context = zmqglib_context_new ();
  test_socket_pair (self->context, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &self->socket, &self->peer);
  self->log = g_string_new ("");
}

static inline void
frames_tear_down (FramesFixture *self,
                  gconstpointer  data)
{
  g_clear_object (&self->socket);
  g_clear_object (&self->peer);
  life_settle (NULL);
  life_terminate (self->context);
  g_object_unref (self->context);
  g_string_free (self->log, TRUE);
}

static inline void
frames_send (ZmqSocket *socket,
             guint      n_frames)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n_frames; i++)
    zmqglib_message_append_data (message, &i, sizeof i);
  zmqglib_socket_send (socket, message, NULL, &error);
  g_assert_no_error (error);
}

/* All frames are there, in order. */
static inline void
frames_log_message (FramesFixture *self,
                    ZmqMessage    *message)
{
  guint n_frames = zmqglib_message_get_n_frames (message);

  for (guint i = 0; i < n_frames; i++)
    {
      gsize        size;
      const guint *number = zmqglib_message_peek_frame (message, i, &size);

      g_assert_cmpuint (size, ==, sizeof i);
      g_assert_true (memcmp (number, &i, size) == 0);
    }
  g_string_append_printf (self->log, "%u ", n_frames);
}

static inline void
frames_on_received (ZmqStream     *stream,
                    ZmqMessage    *message,
                    FramesFixture *self)
{
  frames_log_message (self, message);
}

static inline void
frames_on_rejected (ZmqStream     *stream,
                    const GError  *error,
                    FramesFixture *self)
{
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_MESSAGE_TOO_LARGE);
  g_string_append (self->log, "! ");
}

static inline ZmqStream *
frames_listen_to (FramesFixture *self)
{
  ZmqStream *stream = zmqglib_stream_new (self->socket);

  g_signal_connect (stream, "received", G_CALLBACK (frames_on_received), self);
  g_signal_connect (stream, "rejected", G_CALLBACK (frames_on_rejected), self);

  return stream;
}

static inline void
frames_assert_log (FramesFixture *self,
                   const char    *expected)
{
  g_assert_cmpstr (self->log->str, ==, expected);
  g_string_truncate (self->log, 0);
}

static inline void
frames_wait_for_input (ZmqSocket *socket)
{
  g_autoptr (GError) error = NULL;

  zmqglib_socket_wait (socket, G_IO_IN, TEST_TIMEOUT_SECONDS * G_USEC_PER_SEC, NULL, &error);
  g_assert_no_error (error);
}

static inline void
frames_on_receive (GObject      *socket,
                   GAsyncResult *result,
                   gpointer      data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_socket_receive_finish (ZMQGLIB_SOCKET (socket), result, &error);

  g_assert_no_error (error);
  frames_log_message (data, message);
}

static inline void
frames_add (const char *path,
            void (*test) (FramesFixture *self,
                          gconstpointer  data))
{
  g_autofree char *full_path = g_strdup_printf ("/frames/%s", path);

  g_test_add (full_path, FramesFixture, NULL, frames_set_up, test, frames_tear_down);
}
