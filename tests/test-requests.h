/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmq.h>

#include "test-util.h"

G_BEGIN_DECLS

/* Servers and clients of requests, of libzmq alone, each in a thread of its own with a context of its own. */

typedef struct _RawServer RawServer;

/* What has come in, the routing id of a ROUTER included, and is freed by who calls. */
typedef void (*RawServerFunc) (RawServer  *self,
                               ZmqMessage *message);

struct _RawServer
{
  int           type;
  RawServerFunc func;
  gpointer      data;
  char         *endpoint;
  void         *context;
  void         *socket; /* the thread's */
  GThread      *thread;
  int           n_received; /* atomic */
};

static inline gboolean
raw_send (void       *socket,
          ZmqMessage *message)
{
  guint n_frames = zmqglib_message_get_n_frames (message);

  for (guint i = 0; i < n_frames; i++)
    {
      gsize         size;
      gconstpointer data = zmqglib_message_peek_frame (message, i, &size);

      if (zmq_send (socket, data, size, i + 1 < n_frames ? ZMQ_SNDMORE : 0) < 0)
        return FALSE;
    }

  return TRUE;
}

/* Returns NULL when the context has ended. */
static inline ZmqMessage *
raw_receive (void *socket)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();
  int has_more = TRUE;

  while (has_more)
    {
      zmq_msg_t frame;

      zmq_msg_init (&frame);
      if (zmq_msg_recv (&frame, socket, 0) < 0)
        {
          g_assert_cmpint (zmq_errno (), ==, ETERM);
          return NULL;
        }
      zmqglib_message_append_data (message, zmq_msg_data (&frame), zmq_msg_size (&frame));
      has_more = zmq_msg_more (&frame);
      zmq_msg_close (&frame);
    }

  return g_steal_pointer (&message);
}

static inline void
raw_server_answer (RawServer  *self,
                   ZmqMessage *message)
{
  g_assert_true (raw_send (self->socket, message));
}

static inline gpointer
raw_server_run (gpointer data)
{
  RawServer  *self = data;
  ZmqMessage *message;

  while ((message = raw_receive (self->socket)) != NULL)
    {
      g_atomic_int_inc (&self->n_received);
      if (self->func != NULL)
        self->func (self, message);
      zmqglib_message_unref (message);
    }
  zmq_close (self->socket);

  return NULL;
}

/* Without a function it hears requests, and is silent. With an endpoint it takes the place of another that was there. */
static inline void
raw_server_start (RawServer    *self,
                  int           type,
                  const char   *endpoint,
                  RawServerFunc func,
                  gpointer      data)
{
  const int none = 0;
  char      last_endpoint[256];
  size_t    size = sizeof last_endpoint;

  *self = (RawServer){ .type = type, .func = func, .data = data, .context = zmq_ctx_new () };
  self->socket = zmq_socket (self->context, type);
  zmq_setsockopt (self->socket, ZMQ_LINGER, &none, sizeof none);
  /* a ROUTER drops answers beyond its high-water mark */
  zmq_setsockopt (self->socket, ZMQ_SNDHWM, &none, sizeof none);
  while (zmq_bind (self->socket, endpoint != NULL ? endpoint : "tcp://127.0.0.1:*") != 0)
    g_assert_cmpint (zmq_errno (), ==, EADDRINUSE);
  zmq_getsockopt (self->socket, ZMQ_LAST_ENDPOINT, last_endpoint, &size);
  self->endpoint = g_strdup (last_endpoint);
  self->thread = g_thread_new ("server", raw_server_run, self);
}

static inline void
raw_server_stop (RawServer *self)
{
  if (self->context == NULL)
    return;

  zmq_ctx_shutdown (self->context);
  g_thread_join (self->thread);
  zmq_ctx_term (self->context);
  self->context = NULL;
  g_clear_pointer (&self->endpoint, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RawServer, raw_server_stop)

static inline guint
raw_server_count (RawServer *self)
{
  return g_atomic_int_get (&self->n_received);
}

/* The last frame as a string, with “re: ” in front, in the place of it; what is in front stays. */
static inline ZmqMessage *
requests_make_answer (ZmqMessage *request)
{
  ZmqMessage      *answer = zmqglib_message_new ();
  guint            n_frames = zmqglib_message_get_n_frames (request);
  g_autofree char *text = NULL;
  g_autofree char *answered = NULL;

  for (guint i = 0; i + 1 < n_frames; i++)
    {
      g_autoptr (GBytes) frame = zmqglib_message_get_frame (request, i);

      zmqglib_message_append_bytes (answer, frame);
    }

  text = zmqglib_message_get_string (request, n_frames - 1, NULL);
  answered = g_strdup_printf ("re: %s", text);
  zmqglib_message_append_string (answer, answered);

  return answer;
}

static inline void
raw_server_echo (RawServer  *self,
                 ZmqMessage *message)
{
  g_autoptr (ZmqMessage) answer = requests_make_answer (message);

  raw_server_answer (self, answer);
}

/* Iterates the main context until the expression is true. */
#define requests_until(expression)                                                              \
  G_STMT_START                                                                                  \
  {                                                                                             \
    gint64 _deadline = g_get_monotonic_time () + TEST_TIMEOUT_SECONDS * G_USEC_PER_SEC;         \
    guint  _tick = g_timeout_add (2, requests_on_tick, NULL);                                   \
                                                                                                \
    while (!(expression))                                                                       \
      {                                                                                         \
        g_main_context_iteration (NULL, TRUE);                                                  \
        if (g_get_monotonic_time () > _deadline)                                                \
          g_error ("%s:%d: never came true: %s", __FILE__, __LINE__, G_STRINGIFY (expression)); \
      }                                                                                         \
    g_source_remove (_tick);                                                                    \
  }                                                                                             \
  G_STMT_END

/* What other threads do does not wake the loop. */
static inline gboolean
requests_on_tick (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static inline ZmqClient *
requests_client (const char *endpoint)
{
  g_autoptr (GError) error = NULL;
  ZmqClient *client = zmqglib_client_new (NULL, &error);

  g_assert_no_error (error);
  g_object_set (client, "timeout-us", TEST_TIMEOUT_SECONDS * G_TIME_SPAN_SECOND, NULL);
  if (endpoint != NULL)
    {
      zmqglib_client_connect_to (client, endpoint, &error);
      g_assert_no_error (error);
    }

  return client;
}

static inline void
requests_send (ZmqClient     *client,
               const char    *text,
               GCancellable  *cancellable,
               GAsyncResult **result)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string (text);

  zmqglib_client_request_async (client, message, cancellable, test_keep_result, result);
}

/* Waits for the result, and checks that the answer is the last frame. */
static inline void
requests_check (ZmqClient     *client,
                GAsyncResult **result,
                const char    *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) answer = NULL;
  g_autofree char *answered = NULL;

  test_iterate_until (NULL, test_is_set, result);
  answer = zmqglib_client_request_finish (client, *result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (zmqglib_message_get_n_frames (answer), ==, 1);
  answered = zmqglib_message_get_string (answer, 0, NULL);
  g_assert_cmpstr (answered, ==, text);
  g_clear_object (result);
}

/* Waits for the result, and returns the error. */
static inline GError *
requests_fail (ZmqClient     *client,
               GAsyncResult **result)
{
  GError *error = NULL;

  test_iterate_until (NULL, test_is_set, result);
  g_assert_null (zmqglib_client_request_finish (client, *result, &error));
  g_assert_nonnull (error);
  g_clear_object (result);

  return error;
}

G_END_DECLS
