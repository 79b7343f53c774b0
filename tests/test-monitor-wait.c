/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-monitor-util.h"

/* Waiting for an event. */

typedef struct
{
  ZmqContext *context;
  ZmqSocket  *server;
  ZmqSocket  *client;
  ZmqMonitor *monitor;
} Fixture;

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->context = zmqglib_context_new ();
  fixture->server = test_socket_new (fixture->context, ZMQGLIB_SOCKET_PULL);
  fixture->client = test_socket_new (fixture->context, ZMQGLIB_SOCKET_PUSH);
  fixture->monitor = zmqglib_monitor_new (fixture->server, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  g_clear_object (&fixture->client);
  g_clear_object (&fixture->server);
  watched_terminate (fixture->context);
  g_clear_object (&fixture->context);
  g_object_add_weak_pointer (G_OBJECT (fixture->monitor), (gpointer *) &fixture->monitor);
  g_object_unref (fixture->monitor);
  g_assert_null (fixture->monitor);
}

static void
link_up (Fixture *fixture)
{
  g_autofree char *endpoint = test_bind (fixture->server, "tcp");

  watched_connect (fixture->client, endpoint);
}

/* Ends a wait with an event of that kind. */
static void
assert_waited (Fixture            *fixture,
               GAsyncResult      **result,
               ZmqMonitorEventKind kind)
{
  g_autoptr (ZmqMonitorEvent) event = NULL;
  g_autoptr (GError) error = NULL;

  test_iterate_until (NULL, test_is_set, result);
  event = zmqglib_monitor_wait_finish (fixture->monitor, *result, &error);
  g_assert_no_error (error);
  g_assert_cmpint (zmqglib_monitor_event_get_kind (event), ==, kind);
  g_clear_object (result);
}

static void
assert_failed (Fixture       *fixture,
               GAsyncResult **result,
               GQuark         domain,
               int            code)
{
  g_autoptr (GError) error = NULL;

  test_iterate_until (NULL, test_is_set, result);
  g_assert_null (zmqglib_monitor_wait_finish (fixture->monitor, *result, &error));
  g_assert_error (error, domain, code);
  g_clear_object (result);
}

static void
test_kinds (Fixture      *fixture,
            gconstpointer data)
{
  GAsyncResult *any = NULL;
  GAsyncResult *success = NULL;
  GAsyncResult *either = NULL;

  zmqglib_monitor_wait_async (fixture->monitor, 0, -1, NULL, test_keep_result, &any);
  zmqglib_monitor_wait_async (fixture->monitor, ZMQGLIB_MONITOR_EVENT_HANDSHAKE_SUCCEEDED, -1, NULL, test_keep_result,
                              &success);
  zmqglib_monitor_wait_async (fixture->monitor, ZMQGLIB_MONITOR_EVENT_ACCEPTED | ZMQGLIB_MONITOR_EVENT_DISCONNECTED, -1,
                              NULL, test_keep_result, &either);
  link_up (fixture);
  g_assert_null (any);

  assert_waited (fixture, &any, ZMQGLIB_MONITOR_EVENT_LISTENING);
  assert_waited (fixture, &success, ZMQGLIB_MONITOR_EVENT_HANDSHAKE_SUCCEEDED);
  assert_waited (fixture, &either, ZMQGLIB_MONITOR_EVENT_ACCEPTED);
  g_assert_cmpuint (zmqglib_monitor_get_n_peers (fixture->monitor), ==, 1);
}

static void
test_timeout (Fixture      *fixture,
              gconstpointer data)
{
  GAsyncResult *at_once = NULL;
  GAsyncResult *soon = NULL;

  zmqglib_monitor_wait_async (fixture->monitor, 0, 0, NULL, test_keep_result, &at_once);
  zmqglib_monitor_wait_async (fixture->monitor, ZMQGLIB_MONITOR_EVENT_ACCEPTED, 1000, NULL, test_keep_result, &soon);
  assert_failed (fixture, &at_once, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN);
  assert_failed (fixture, &soon, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN);
}

static void
test_cancelled (Fixture      *fixture,
                gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GAsyncResult *before = NULL;
  GAsyncResult *after = NULL;

  zmqglib_monitor_wait_async (fixture->monitor, 0, -1, cancellable, test_keep_result, &before);
  g_cancellable_cancel (cancellable);
  zmqglib_monitor_wait_async (fixture->monitor, 0, -1, cancellable, test_keep_result, &after);
  assert_failed (fixture, &before, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_failed (fixture, &after, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_closed (Fixture      *fixture,
             gconstpointer data)
{
  GAsyncResult *before = NULL;
  GAsyncResult *after = NULL;

  zmqglib_monitor_wait_async (fixture->monitor, 0, -1, NULL, test_keep_result, &before);
  zmqglib_monitor_close (fixture->monitor);
  zmqglib_monitor_wait_async (fixture->monitor, 0, -1, NULL, test_keep_result, &after);
  g_assert_null (before);
  assert_failed (fixture, &before, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED);
  assert_failed (fixture, &after, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED);
}

static void
test_socket_closed (Fixture      *fixture,
                    gconstpointer data)
{
  GAsyncResult *stopped = NULL;
  GAsyncResult *other = NULL;

  zmqglib_monitor_wait_async (fixture->monitor, ZMQGLIB_MONITOR_EVENT_MONITOR_STOPPED, -1, NULL, test_keep_result,
                              &stopped);
  zmqglib_monitor_wait_async (fixture->monitor, ZMQGLIB_MONITOR_EVENT_ACCEPTED, -1, NULL, test_keep_result, &other);
  zmqglib_socket_close (fixture->server);
  assert_waited (fixture, &stopped, ZMQGLIB_MONITOR_EVENT_MONITOR_STOPPED);
  assert_failed (fixture, &other, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED);
}

static void
test_shut_down (Fixture      *fixture,
                gconstpointer data)
{
  GAsyncResult *result = NULL;

  zmqglib_monitor_wait_async (fixture->monitor, ZMQGLIB_MONITOR_EVENT_ACCEPTED, -1, NULL, test_keep_result, &result);
  zmqglib_context_shutdown (fixture->context);
  assert_failed (fixture, &result, ZMQGLIB_ERROR, ZMQGLIB_ERROR_TERMINATED);
  g_assert_true (zmqglib_monitor_is_closed (fixture->monitor));
}

typedef struct
{
  Fixture      *fixture;
  GAsyncResult *result;
  gboolean      done;
} Elsewhere;

/* Waits in a main context of its own. */
static gpointer
wait_thread (gpointer data)
{
  Elsewhere *elsewhere = data;
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  zmqglib_monitor_wait_async (elsewhere->fixture->monitor, ZMQGLIB_MONITOR_EVENT_HANDSHAKE_SUCCEEDED, -1, NULL,
                              test_keep_result, &elsewhere->result);
  test_iterate_until (context, test_is_set, &elsewhere->result);
  g_main_context_pop_thread_default (context);

  g_atomic_int_set (&elsewhere->done, TRUE);
  g_main_context_wakeup (NULL);

  return NULL;
}

static void
test_other_thread (Fixture      *fixture,
                   gconstpointer data)
{
  Elsewhere elsewhere = { .fixture = fixture };
  GThread  *thread = g_thread_new ("waits", wait_thread, &elsewhere);
  guint     n_tries = 0;

  /* it may begin to wait after the first has come */
  while (!g_atomic_int_get (&elsewhere.done))
    {
      g_autoptr (ZmqSocket) client = test_socket_new (fixture->context, ZMQGLIB_SOCKET_PUSH);
      g_autofree char *endpoint = test_bind (fixture->server, "tcp");
      GAsyncResult    *result = NULL;

      zmqglib_monitor_wait_async (fixture->monitor, ZMQGLIB_MONITOR_EVENT_HANDSHAKE_SUCCEEDED, -1, NULL,
                                  test_keep_result, &result);
      watched_connect (client, endpoint);
      assert_waited (fixture, &result, ZMQGLIB_MONITOR_EVENT_HANDSHAKE_SUCCEEDED);
      g_assert_cmpuint (++n_tries, <, 1000);
    }
  g_thread_join (thread);
  assert_waited (fixture, &elsewhere.result, ZMQGLIB_MONITOR_EVENT_HANDSHAKE_SUCCEEDED);
}

static void
add (const char *path,
     void (*test) (Fixture      *fixture,
                   gconstpointer data))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("/monitor-wait/kinds", test_kinds);
  add ("/monitor-wait/timeout", test_timeout);
  add ("/monitor-wait/cancelled", test_cancelled);
  add ("/monitor-wait/closed", test_closed);
  add ("/monitor-wait/socket-closed", test_socket_closed);
  add ("/monitor-wait/shut-down", test_shut_down);
  add ("/monitor-wait/other-thread", test_other_thread);

  return g_test_run ();
}
