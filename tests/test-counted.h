/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "test-util.h"

G_BEGIN_DECLS

/* A stream whose messages have numbers, from 0 on, by which is seen what became of each: whether it was reported as sent,
 * and whether it came, whole, once and in order. */
typedef struct
{
  ZmqStream  *stream;
  ZmqMonitor *monitor;
  GBytes     *route;      /* in front of what is sent, for a ROUTER, or NULL */
  guint       n_in_front; /* frames in front of what is received */
  guint       n_connected;
  guint       n_disconnected;
  guint       n_retried;

  /* what is sent */
  guint n_accepted; /* by send(); what it does not take has no number */
  guint n_unreachable;
  guint n_sent; /* as reported by “sent” */
  guint n_refused;

  /* what is received */
  guint n_received;
  guint next; /* the number after the greatest */
  guint n_missing;
  guint first_missing;
  guint last_missing;
} Counted;

static inline void
counted_append_frames (ZmqMessage *message,
                       guint       number)
{
  zmqglib_message_append_data (message, &number, sizeof number);
  for (guint i = 0; i < number % 3; i++)
    {
      gsize              size = (number * 37 + i * 501) % 2000;
      g_autofree guint8 *data = g_malloc (size + 1);

      memset (data, (int) (number + i), size);
      zmqglib_message_append_data (message, data, size);
    }
}

static inline ZmqMessage *
counted_message (Counted *self,
                 guint    number)
{
  ZmqMessage *message = zmqglib_message_new ();

  if (self->route != NULL)
    zmqglib_message_append_bytes (message, self->route);
  counted_append_frames (message, number);

  return message;
}

/* Checks that it is whole; returns its number. */
static inline guint
counted_check (ZmqMessage *message,
               guint       n_in_front)
{
  g_autoptr (ZmqMessage) expected = zmqglib_message_new ();
  gsize         size;
  gconstpointer data = zmqglib_message_peek_frame (message, n_in_front, &size);
  guint         number;

  g_assert_cmpuint (size, ==, sizeof number);
  memcpy (&number, data, size);
  counted_append_frames (expected, number);
  g_assert_cmpuint (zmqglib_message_get_n_frames (message), ==, zmqglib_message_get_n_frames (expected) + n_in_front);
  for (guint i = 0; i < zmqglib_message_get_n_frames (expected); i++)
    {
      g_autoptr (GBytes) frame = zmqglib_message_get_frame (message, i + n_in_front);
      g_autoptr (GBytes) expected_frame = zmqglib_message_get_frame (expected, i);

      g_assert_true (g_bytes_equal (frame, expected_frame));
    }

  return number;
}

/* A message has come: none comes twice, or after one that was sent later. */
static inline void
counted_receive (Counted    *self,
                 ZmqMessage *message)
{
  guint number = counted_check (message, self->n_in_front);

  g_assert_cmpuint (number, >=, self->next);
  if (number > self->next)
    {
      if (self->n_missing == 0)
        self->first_missing = self->next;
      self->last_missing = number - 1;
      self->n_missing += number - self->next;
    }
  self->next = number + 1;
  self->n_received++;
}

static inline void
counted_on_received (ZmqStream  *stream,
                     ZmqMessage *message,
                     gpointer    data)
{
  counted_receive (data, message);
}

static inline void
counted_on_sent (ZmqStream    *stream,
                 ZmqMessage   *message,
                 const GError *error,
                 gpointer      data)
{
  Counted *self = data;

  /* each once, in order */
  g_assert_cmpuint (counted_check (message, self->route != NULL), ==, self->n_sent + self->n_refused);
  if (error == NULL)
    self->n_sent++;
  else
    self->n_refused++;
}

static inline void
counted_on_event (ZmqMonitor      *monitor,
                  ZmqMonitorEvent *event,
                  gpointer         data)
{
  Counted *self = data;

  if (zmqglib_monitor_event_get_kind (event) == ZMQGLIB_MONITOR_EVENT_HANDSHAKE_SUCCEEDED)
    self->n_connected++;
  else if (zmqglib_monitor_event_get_kind (event) == ZMQGLIB_MONITOR_EVENT_DISCONNECTED)
    self->n_disconnected++;
  else if (zmqglib_monitor_event_get_kind (event) == ZMQGLIB_MONITOR_EVENT_CONNECT_RETRIED && self->n_disconnected > 0)
    self->n_retried++;
}

/* A stream of a socket that is not connected yet. */
static inline void
counted_open (Counted   *self,
              ZmqSocket *socket)
{
  ZmqSocketType type = zmqglib_socket_get_socket_type (socket);
  g_autoptr (GError) error = NULL;

  *self = (Counted){ .stream = zmqglib_stream_new (socket) };
  self->monitor = zmqglib_monitor_new (socket, &error);
  g_assert_no_error (error);
  g_signal_connect (self->monitor, "event", G_CALLBACK (counted_on_event), self);
  if (type != ZMQGLIB_SOCKET_PULL)
    g_signal_connect (self->stream, "sent", G_CALLBACK (counted_on_sent), self);
  if (type != ZMQGLIB_SOCKET_PUSH)
    g_signal_connect (self->stream, "received", G_CALLBACK (counted_on_received), self);
}

static inline void
counted_clear (Counted *self)
{
  if (self->stream == NULL)
    return;

  zmqglib_monitor_close (self->monitor);
  g_clear_object (&self->monitor);
  g_signal_handlers_disconnect_by_data (self->stream, self);
  zmqglib_stream_close (self->stream);
  g_clear_object (&self->stream);
  g_clear_pointer (&self->route, g_bytes_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Counted, counted_clear)

static inline void
counted_send (Counted *self,
              guint    n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (ZmqMessage) message = counted_message (self, self->n_accepted);
      g_autoptr (GError) error = NULL;

      if (zmqglib_stream_send (self->stream, message, &error))
        {
          self->n_accepted++;
          continue;
        }
      g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_HOST_UNREACHABLE);
      self->n_unreachable++;
    }
}

/* Whether each message that was taken was reported. */
static inline gboolean
counted_is_told (Counted *self)
{
  return self->n_sent + self->n_refused == self->n_accepted;
}

/* Only of these may have been lost: from the first, up to before the end. */
static inline void
counted_assert_missing_within (Counted *self,
                               guint    first,
                               guint    end)
{
  if (self->n_missing == 0)
    return;

  g_assert_cmpuint (self->first_missing, >=, first);
  g_assert_cmpuint (self->last_missing, <, end);
}

G_END_DECLS
