/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "test-util.h"

G_BEGIN_DECLS

/* A server, and the requests that it was asked. */
typedef struct
{
  ZmqContext *context;
  ZmqServer  *server;
  char       *endpoint;
  GPtrArray  *requests; /* of ZmqRequest */
  guint       n_told;
  guint       n_notified;
  gulong      handler;
} Served;

static inline void
served_on_request (ZmqServer  *server,
                   ZmqRequest *request,
                   Served     *self)
{
  self->n_told++;
  g_ptr_array_add (self->requests, g_object_ref (request));
}

static inline void
served_on_notify (ZmqServer  *server,
                  GParamSpec *pspec,
                  Served     *self)
{
  self->n_notified++;
}

static inline void
served_bind (Served     *self,
             const char *transport)
{
  g_autofree char *endpoint = test_endpoint (transport);
  g_autoptr (GError) error = NULL;

  zmqglib_server_bind (self->server, endpoint, &error);
  g_assert_no_error (error);
  g_free (self->endpoint);
  self->endpoint = zmqglib_server_dup_last_endpoint (self->server);
  g_assert_nonnull (self->endpoint);
}

static inline void
served_listen (Served *self)
{
  self->handler = g_signal_connect (self->server, "request", G_CALLBACK (served_on_request), self);
}

/* A server that nobody listens to. */
static inline void
served_open (Served     *self,
             const char *transport)
{
  g_autoptr (GError) error = NULL;

  *self = (Served){ .context = zmqglib_context_new () };
  self->requests = g_ptr_array_new_with_free_func (g_object_unref);
  self->server = zmqglib_server_new (self->context, &error);
  g_assert_no_error (error);
  g_signal_connect (self->server, "notify::n-pending", G_CALLBACK (served_on_notify), self);
  served_bind (self, transport);
}

static inline void
served_clear (Served *self)
{
  g_clear_pointer (&self->requests, g_ptr_array_unref);
  g_clear_object (&self->server);
  g_clear_object (&self->context);
  g_clear_pointer (&self->endpoint, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Served, served_clear)

static inline ZmqSocket *
served_new_client (Served       *self,
                   ZmqSocketType type)
{
  ZmqSocket *client = test_socket_new (self->context, type);
  g_autoptr (GError) error = NULL;

  zmqglib_socket_connect_to (client, self->endpoint, &error);
  g_assert_no_error (error);

  return client;
}

static inline ZmqRequest *
served_get (Served *self,
            guint   index)
{
  g_assert_cmpuint (index, <, self->requests->len);

  return g_ptr_array_index (self->requests, index);
}

typedef struct
{
  Served *served;
  guint   n;
} ServedCondition;

static inline gboolean
served_has_told (gpointer data)
{
  ServedCondition *condition = data;

  return condition->served->n_told >= condition->n;
}

/* Iterates until so many requests were told in all. */
static inline void
served_wait (Served *self,
             guint   n_told)
{
  test_iterate_until (NULL, served_has_told, &(ServedCondition){ self, n_told });
  g_assert_cmpuint (self->n_told, ==, n_told);
}

static inline gboolean
served_has_pending (gpointer data)
{
  ServedCondition *condition = data;

  return zmqglib_server_get_n_pending (condition->served->server) == condition->n;
}

static inline void
served_wait_pending (Served *self,
                     guint   n_pending)
{
  test_iterate_until (NULL, served_has_pending, &(ServedCondition){ self, n_pending });
}

/* Lets the server do what it is going to do, over “inproc”, by which all is there at once. */
static inline void
served_settle (void)
{
  for (guint i = 0; i < 50; i++)
    g_main_context_iteration (NULL, FALSE);
}

/* What is unread. */
static inline gboolean
served_has_input (Served *self)
{
  return (zmqglib_socket_get_condition (zmqglib_server_get_socket (self->server)) & G_IO_IN) != 0;
}

/* Frames as text, with “|” between them. */
static inline ZmqMessage *
served_message (const char *frames)
{
  g_auto (GStrv) strv = g_strsplit (frames, "|", -1);

  if (frames[0] == '\0')
    return zmqglib_message_new_from_string ("");

  return zmqglib_message_new_from_strv ((const char *const *) strv);
}

static inline char *
served_frames (ZmqMessage *message)
{
  GString *frames = g_string_new (NULL);

  for (guint i = 0; i < zmqglib_message_get_n_frames (message); i++)
    {
      gsize         size;
      gconstpointer data = zmqglib_message_peek_frame (message, i, &size);

      g_string_append_len (frames, data, size);
      if (i + 1 < zmqglib_message_get_n_frames (message))
        g_string_append_c (frames, '|');
    }

  return g_string_free (frames, FALSE);
}

static inline void
served_check_message (ZmqMessage *message,
                      const char *frames)
{
  g_autofree char *have = served_frames (message);

  g_assert_cmpstr (have, ==, frames);
}

static inline void
served_check (Served     *self,
              guint       index,
              const char *frames)
{
  served_check_message (zmqglib_request_get_message (served_get (self, index)), frames);
}

static inline void
served_ask (ZmqSocket  *client,
            const char *frames)
{
  g_autoptr (ZmqMessage) message = served_message (frames);
  g_autoptr (GError) error = NULL;

  zmqglib_socket_send (client, message, NULL, &error);
  g_assert_no_error (error);
}

static inline void
served_reply_to (ZmqRequest *request,
                 const char *frames)
{
  g_autoptr (ZmqMessage) message = served_message (frames);
  g_autoptr (GError) error = NULL;

  zmqglib_request_reply (request, message, &error);
  g_assert_no_error (error);
}

static inline void
served_reply (Served     *self,
              guint       index,
              const char *frames)
{
  served_reply_to (served_get (self, index), frames);
}

/* What the client receives while the main loop runs. */
static inline ZmqMessage *
served_receive (ZmqSocket *client)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  ZmqMessage *message;

  zmqglib_socket_receive_async (client, G_PRIORITY_DEFAULT, NULL, test_keep_result, &result);
  test_iterate_until (NULL, test_is_set, &result);
  message = zmqglib_socket_receive_finish (client, result, &error);
  g_assert_no_error (error);

  return message;
}

static inline void
served_expect (ZmqSocket  *client,
               const char *frames)
{
  g_autoptr (ZmqMessage) message = served_receive (client);

  served_check_message (message, frames);
}

static inline void
served_expect_nothing (ZmqSocket *client)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message G_GNUC_UNUSED = zmqglib_socket_try_receive (client, &error);

  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN);
}

/* A reply that is refused. */
static inline void
served_reply_fails (ZmqRequest *request,
                    const char *frames,
                    ZmqError    code,
                    const char *reason)
{
  g_autoptr (ZmqMessage) message = frames != NULL ? served_message (frames) : zmqglib_message_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (zmqglib_request_reply (request, message, &error));
  test_assert_error (error, code, reason);
}

G_END_DECLS
