/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "test-util.h"

G_BEGIN_DECLS

/* A monitor and the events that it has told. */
typedef struct
{
  ZmqMonitor *monitor;
  GPtrArray  *events; /* of ZmqMonitorEvent */
  guint       n_peers_notified;
  guint       n_connected_notified;
} Watched;

static inline void
watched_on_event (ZmqMonitor      *monitor,
                  ZmqMonitorEvent *event,
                  Watched         *self)
{
  g_ptr_array_add (self->events, zmqglib_monitor_event_ref (event));
}

static inline void
watched_on_notify (ZmqMonitor *monitor,
                   GParamSpec *pspec,
                   Watched    *self)
{
  if (g_str_equal (pspec->name, "n-peers"))
    self->n_peers_notified++;
  else
    self->n_connected_notified++;
}

static inline void
watched_init (Watched   *self,
              ZmqSocket *socket)
{
  g_autoptr (GError) error = NULL;

  *self = (Watched){ .monitor = zmqglib_monitor_new (socket, &error) };
  g_assert_no_error (error);
  self->events = g_ptr_array_new_with_free_func ((GDestroyNotify) zmqglib_monitor_event_unref);
  g_signal_connect (self->monitor, "event", G_CALLBACK (watched_on_event), self);
  g_signal_connect (self->monitor, "notify", G_CALLBACK (watched_on_notify), self);
}

static inline void
watched_clear (Watched *self)
{
  g_clear_object (&self->monitor);
  g_clear_pointer (&self->events, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Watched, watched_clear)

static inline ZmqMonitorEvent *
watched_find (Watched            *self,
              ZmqMonitorEventKind kind)
{
  for (guint i = 0; i < self->events->len; i++)
    if (zmqglib_monitor_event_get_kind (g_ptr_array_index (self->events, i)) == kind)
      return g_ptr_array_index (self->events, i);

  return NULL;
}

typedef struct
{
  Watched            *watched;
  ZmqMonitorEventKind kind;
  guint               n_peers;
} WatchedCondition;

static inline gboolean
watched_has_kind (gpointer data)
{
  WatchedCondition *condition = data;

  return watched_find (condition->watched, condition->kind) != NULL;
}

static inline gboolean
watched_has_peers (gpointer data)
{
  WatchedCondition *condition = data;

  return zmqglib_monitor_get_n_peers (condition->watched->monitor) == condition->n_peers;
}

/* Iterates until the event was told, and returns it; it is the log's. */
static inline ZmqMonitorEvent *
watched_wait (Watched            *self,
              ZmqMonitorEventKind kind)
{
  test_iterate_until (NULL, watched_has_kind, &(WatchedCondition){ .watched = self, .kind = kind });

  return watched_find (self, kind);
}

static inline void
watched_wait_peers (Watched *self,
                    guint    n_peers)
{
  gboolean connected;

  test_iterate_until (NULL, watched_has_peers, &(WatchedCondition){ .watched = self, .n_peers = n_peers });
  g_object_get (self->monitor, "connected", &connected, NULL);
  g_assert_cmpint (connected, ==, n_peers > 0);
}

static inline void
watched_connect (ZmqSocket  *socket,
                 const char *endpoint)
{
  g_autoptr (GError) error = NULL;

  zmqglib_socket_connect_to (socket, endpoint, &error);
  g_assert_no_error (error);
}

static inline char *
watched_bind (ZmqSocket  *socket,
              const char *endpoint)
{
  g_autoptr (GError) error = NULL;
  char *last_endpoint = NULL;

  zmqglib_socket_bind (socket, endpoint, &error);
  g_assert_no_error (error);
  g_object_get (socket, "last-endpoint", &last_endpoint, NULL);

  return last_endpoint;
}

static inline gboolean
watched_is_closed (gpointer monitor)
{
  return zmqglib_monitor_is_closed (monitor);
}

/* Nothing keeps a context whose sockets are closed from ending, though nobody runs a main loop. */
static inline void
watched_terminate (ZmqContext *context)
{
  g_autoptr (GError) error = NULL;

  zmqglib_context_terminate (context, NULL, &error);
  g_assert_no_error (error);
}

G_END_DECLS
