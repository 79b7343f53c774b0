/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "test-util.h"

G_BEGIN_DECLS

#define MIDDLE_SHORT_WHILE_MS 50

/* A proxy between a client and a service. */
typedef struct
{
  ZmqContext   *context; /* to be set before it is opened, or NULL for the default one */
  ZmqSocket    *frontend;
  ZmqSocket    *backend;
  ZmqSocket    *client;
  ZmqSocket    *service;
  ZmqProxy     *proxy;
  gboolean      has_stopped;
  gboolean      drops_in_handler;
  GError       *error; /* that it was stopped with */
  GAsyncResult *result;
} Middle;

#define MIDDLE_INIT \
  {                 \
    0               \
  }

static inline void
middle_open (Middle       *self,
             ZmqSocketType frontend,
             ZmqSocketType backend,
             ZmqSocketType client,
             ZmqSocketType service)
{
  g_autoptr (GError) error = NULL;

  test_socket_pair (self->context, "inproc", frontend, client, &self->frontend, &self->client);
  test_socket_pair (self->context, "inproc", backend, service, &self->backend, &self->service);
  self->proxy = zmqglib_proxy_new (self->frontend, self->backend, NULL, &error);
  g_assert_no_error (error);
}

static inline void
middle_on_stopped (ZmqProxy     *proxy,
                   const GError *error,
                   gpointer      data)
{
  Middle *self = data;

  g_assert_false (self->has_stopped);
  g_assert_false (zmqglib_proxy_get_running (proxy));
  self->has_stopped = TRUE;
  self->error = error != NULL ? g_error_copy (error) : NULL;
}

static inline void
middle_start (Middle       *self,
              gconstpointer in_thread)
{
  g_autoptr (GError) error = NULL;

  g_signal_handlers_disconnect_by_func (self->proxy, middle_on_stopped, self);
  g_signal_connect (self->proxy, "stopped", G_CALLBACK (middle_on_stopped), self);
  self->has_stopped = FALSE;
  if (GPOINTER_TO_INT (in_thread))
    zmqglib_proxy_start_in_thread (self->proxy, &error);
  else
    zmqglib_proxy_start (self->proxy);
  g_assert_no_error (error);
}

static inline void
middle_await_stop (Middle *self)
{
  test_iterate_until (NULL, test_is_true, &self->has_stopped);
}

static inline void
middle_stop (Middle *self)
{
  zmqglib_proxy_stop (self->proxy);
  middle_await_stop (self);
}

static inline void
middle_clear (Middle *self)
{
  if (self->proxy != NULL)
    {
      g_signal_handlers_disconnect_by_func (self->proxy, middle_on_stopped, self);
      zmqglib_proxy_stop (self->proxy);
    }
  g_clear_object (&self->proxy);
  g_clear_object (&self->frontend);
  g_clear_object (&self->backend);
  g_clear_object (&self->client);
  g_clear_object (&self->service);
  g_clear_object (&self->result);
  g_clear_error (&self->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Middle, middle_clear)

/* Iterates the main loop, in which the proxy may run, while waiting for a message. */
static inline ZmqMessage *
middle_receive_any (Middle    *self,
                    ZmqSocket *socket)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  ZmqMessage *message;

  zmqglib_socket_receive_async (socket, G_PRIORITY_DEFAULT, NULL, test_keep_result, &result);
  test_iterate_until (NULL, test_is_set, &result);
  message = zmqglib_socket_receive_finish (socket, result, &error);
  g_assert_no_error (error);

  return message;
}

static inline void
middle_receive (Middle     *self,
                ZmqSocket  *socket,
                const char *expected)
{
  g_autoptr (ZmqMessage) message = middle_receive_any (self, socket);
  g_autofree char *text = zmqglib_message_get_string (message, 0, NULL);

  g_assert_cmpstr (text, ==, expected);
}

static inline gboolean
middle_on_time (gpointer data)
{
  gboolean *is_over = data;

  *is_over = TRUE;

  return G_SOURCE_REMOVE;
}

/* Gives the proxy time to do what it should not. */
static inline void
middle_assert_nothing (Middle    *self,
                       ZmqSocket *socket)
{
  gboolean is_over = FALSE;

  g_timeout_add (MIDDLE_SHORT_WHILE_MS, middle_on_time, &is_over);
  test_iterate_until (NULL, test_is_true, &is_over);
  if (socket != NULL)
    g_assert_cmpint (zmqglib_socket_get_condition (socket) & G_IO_IN, ==, 0);
}

/* In a loop, and in a thread. */
static inline void
middle_add_tests (const char   *path,
                  GTestDataFunc func)
{
  g_autofree char *in_loop = g_strconcat (path, "/loop", NULL);
  g_autofree char *in_thread = g_strconcat (path, "/thread", NULL);

  g_test_add_data_func (in_loop, GINT_TO_POINTER (FALSE), func);
  g_test_add_data_func (in_thread, GINT_TO_POINTER (TRUE), func);
}

G_END_DECLS
