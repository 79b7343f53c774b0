/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include "test-monitor-util.h"

/* Who may be alive where: monitors, their sockets, streams and contexts, ended in any order. */

typedef struct
{
  ZmqContext *context;
  ZmqSocket  *server;
  ZmqSocket  *client;
  ZmqStream  *stream;
  ZmqMonitor *monitor;
} Things;

static void
things_open (Things *self)
{
  g_autofree char *endpoint = NULL;
  g_autoptr (GError) error = NULL;

  self->context = zmqglib_context_new ();
  self->server = test_socket_new (self->context, ZMQGLIB_SOCKET_DEALER);
  self->client = test_socket_new (self->context, ZMQGLIB_SOCKET_DEALER);
  self->monitor = zmqglib_monitor_new (self->server, &error);
  g_assert_no_error (error);
  self->stream = zmqglib_stream_new (self->server);
  endpoint = test_bind (self->server, "tcp");
  watched_connect (self->client, endpoint);
  g_object_add_weak_pointer (G_OBJECT (self->context), (gpointer *) &self->context);
  g_object_add_weak_pointer (G_OBJECT (self->monitor), (gpointer *) &self->monitor);
}

static gboolean
is_null (gpointer data)
{
  gpointer *location = data;

  return g_atomic_pointer_get (location) == NULL;
}

static gboolean
on_tick (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* What ends in another thread does not wake the loop. */
static void
wait_until_null (gpointer *location)
{
  guint id = g_timeout_add (5, on_tick, NULL);

  test_iterate_until (NULL, is_null, location);
  g_source_remove (id);
}

static void
end_thing (Things *self,
           char    which)
{
  switch (which)
    {
    case 's':
      zmqglib_socket_close (self->server);
      g_clear_object (&self->server);
      break;
    case 'd': /* dropped, and not closed */
      g_clear_object (&self->server);
      break;
    case 'm':
      zmqglib_monitor_close (self->monitor);
      g_object_unref (self->monitor);
      break;
    case 'n':
      g_object_unref (self->monitor);
      break;
    case 't':
      zmqglib_stream_close (self->stream);
      g_clear_object (&self->stream);
      break;
    case 'c':
      zmqglib_context_shutdown (self->context);
      g_object_unref (self->context);
      break;
    default:
      g_assert_not_reached ();
    }
}

/* In each order, with the events unread or read in between; nothing is left of anything. */
static void
test_order (gconstpointer data)
{
  for (guint n_iterations = 0; n_iterations < 3; n_iterations++)
    {
      Things      things = { 0 };
      const char *order = data;

      things_open (&things);
      if (n_iterations > 1)
        test_iterate_until (NULL, (TestDoneFunc) zmqglib_monitor_get_connected, things.monitor);
      for (; *order != '\0'; order++)
        {
          end_thing (&things, *order);
          if (n_iterations > 0)
            g_main_context_iteration (NULL, FALSE);
        }
      g_clear_object (&things.client);
      wait_until_null ((gpointer *) &things.monitor);
      wait_until_null ((gpointer *) &things.context);
    }
}

/* Nobody runs the main loop, and events are unread. */
static void
test_terminate_without_loop (void)
{
  for (guint i = 0; i < 20; i++)
    {
      Things things = { 0 };

      things_open (&things);
      g_clear_object (&things.client);
      zmqglib_stream_close (things.stream);
      watched_terminate (things.context);
      g_object_unref (things.monitor);
      g_clear_object (&things.stream);
      g_clear_object (&things.server);
      g_object_unref (things.context);
      wait_until_null ((gpointer *) &things.context);
    }
}

typedef struct
{
  Things     *things;
  const char *what;
  guint       n_calls;
} Ending;

static void
on_event_end (ZmqMonitor      *monitor,
              ZmqMonitorEvent *event,
              gpointer         data)
{
  Ending *ending = data;

  if (ending->n_calls++ == 0)
    for (const char *which = ending->what; *which != '\0'; which++)
      end_thing (ending->things, *which);
}

static void
test_dropped_in_handler (gconstpointer data)
{
  Things things = { 0 };
  Ending ending = { .things = &things, .what = data };

  things_open (&things);
  g_signal_connect (things.monitor, "event", G_CALLBACK (on_event_end), &ending);
  test_iterate_until (NULL, is_null, &things.monitor);
  g_assert_cmpuint (ending.n_calls, ==, 1);
  for (const char *rest = "stc"; *rest != '\0'; rest++)
    if (strchr (ending.what, *rest) == NULL)
      end_thing (&things, *rest);
  g_clear_object (&things.client);
  wait_until_null ((gpointer *) &things.context);
}

static void
on_event_nest (ZmqMonitor      *monitor,
               ZmqMonitorEvent *event,
               gpointer         data)
{
  gboolean *nested = data;

  if (*nested)
    return;

  *nested = TRUE;
  test_iterate_until (NULL, (TestDoneFunc) zmqglib_monitor_get_connected, monitor);
}

/* The events behind one whose handler runs a loop are told there. */
static void
test_nested_loop (void)
{
  Things   things = { 0 };
  gboolean nested = FALSE;

  things_open (&things);
  g_signal_connect (things.monitor, "event", G_CALLBACK (on_event_nest), &nested);
  test_iterate_until (NULL, test_is_true, &nested);
  g_assert_true (zmqglib_monitor_get_connected (things.monitor));
  for (const char *rest = "nstc"; *rest != '\0'; rest++)
    end_thing (&things, *rest);
  g_clear_object (&things.client);
  wait_until_null ((gpointer *) &things.context);
}

static gpointer
unref_thread (gpointer data)
{
  g_object_unref (data);

  return NULL;
}

typedef struct
{
  Watched             watched;
  ZmqSocket          *client;
  ZmqMonitorEventKind kind;
} Nest;

static void
on_peers_nest (ZmqMonitor *monitor,
               GParamSpec *pspec,
               gpointer    data)
{
  Nest *nest = data;

  g_signal_handlers_disconnect_by_func (monitor, on_peers_nest, data);
  if (nest->kind == ZMQGLIB_MONITOR_EVENT_DISCONNECTED)
    g_clear_object (&nest->client);
  watched_wait (&nest->watched, nest->kind);
}

/* So is the event that the peers come of, where a handler of the property runs a loop: next, and before those behind it. */
static void
test_nested_loop_of_peers (gconstpointer data)
{
  g_autoptr (ZmqSocket) server = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autofree char *endpoint = NULL;
  Nest             nest = { .client = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH), .kind = GPOINTER_TO_INT (data) };

  watched_init (&nest.watched, server);
  g_signal_connect (nest.watched.monitor, "notify::n-peers", G_CALLBACK (on_peers_nest), &nest);
  endpoint = test_bind (server, "tcp");
  watched_connect (nest.client, endpoint);

  watched_wait (&nest.watched, nest.kind);
  g_assert_cmpint (zmqglib_monitor_event_get_kind (nest.watched.events->pdata[2]), ==,
                   ZMQGLIB_MONITOR_EVENT_HANDSHAKE_SUCCEEDED);
  g_clear_object (&nest.client);
  watched_clear (&nest.watched);
}

/* The last reference goes in another thread, while events come. */
static void
test_dropped_in_thread (void)
{
  for (guint i = 0; i < 50; i++)
    {
      Things   things = { 0 };
      GThread *thread;

      things_open (&things);
      if (i % 2 == 0)
        test_iterate_until (NULL, (TestDoneFunc) zmqglib_monitor_get_connected, things.monitor);
      thread = g_thread_new ("drops", unref_thread, things.monitor);
      while (things.monitor != NULL)
        g_main_context_iteration (NULL, FALSE);
      g_thread_join (thread);
      for (const char *rest = "stc"; *rest != '\0'; rest++)
        end_thing (&things, *rest);
      g_clear_object (&things.client);
      wait_until_null ((gpointer *) &things.context);
    }
}

/* A monitor in a main context of its own thread, of a socket that another thread closes. */
static gpointer
monitor_thread (gpointer data)
{
  ZmqSocket *socket = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GError) error = NULL;
  ZmqMonitor *monitor;

  g_main_context_push_thread_default (context);
  monitor = zmqglib_monitor_new (socket, &error);
  g_assert_no_error (error);
  g_object_unref (socket);
  test_iterate_until (context, watched_is_closed, monitor);
  g_object_unref (monitor);
  g_main_context_pop_thread_default (context);

  return NULL;
}

static void
test_thread (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  ZmqSocket *socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  GThread   *thread = g_thread_new ("monitors", monitor_thread, socket);

  g_thread_join (thread);
}

/* It lives until it is closed, or its socket is, and then nothing keeps it. */
static void
test_owned_by_loop (gconstpointer data)
{
  gboolean closes = GPOINTER_TO_INT (data);
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (GError) error = NULL;
  ZmqMonitor *monitor = g_initable_new (ZMQGLIB_TYPE_MONITOR, NULL, &error, "socket", socket, "owned-by-loop", TRUE, NULL);

  g_assert_no_error (error);
  g_object_add_weak_pointer (G_OBJECT (monitor), (gpointer *) &monitor);
  g_object_unref (monitor);
  g_free (test_bind (socket, "tcp"));
  g_main_context_iteration (NULL, FALSE);
  g_assert_nonnull (monitor);

  if (closes)
    zmqglib_monitor_close (monitor);
  else
    zmqglib_socket_close (socket);
  test_iterate_until (NULL, is_null, &monitor);
}

/* A main context that is never run goes with what was to be told. */
static void
test_context_goes (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  GMainContext *main_context = g_main_context_new ();
  g_autoptr (GError) error = NULL;
  ZmqMonitor *monitor;

  g_main_context_push_thread_default (main_context);
  monitor = g_initable_new (ZMQGLIB_TYPE_MONITOR, NULL, &error, "socket", socket, "owned-by-loop", TRUE, NULL);
  g_assert_no_error (error);
  g_main_context_pop_thread_default (main_context);
  g_main_context_unref (main_context);

  g_free (test_bind (socket, "tcp"));
  g_object_add_weak_pointer (G_OBJECT (monitor), (gpointer *) &monitor);
  zmqglib_monitor_close (monitor);
  g_object_unref (monitor);
  g_assert_null (monitor);
}

/* A child finds the monitor dead, and disturbs nothing. */
static void
test_fork (void)
{
  Things things = { 0 };
  pid_t  child;
  int    status;

  if (test_is_slow_tool ())
    {
      g_test_skip ("What a child leaves alone is lost for valgrind");
      return;
    }

  things_open (&things);
  test_iterate_until (NULL, (TestDoneFunc) zmqglib_monitor_get_connected, things.monitor);

  child = fork ();
  if (child == 0)
    {
      g_autoptr (GError) error = NULL;

      if (!zmqglib_monitor_is_closed (things.monitor) || zmqglib_monitor_new (things.server, &error) != NULL ||
          !g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED))
        _exit (1);
      zmqglib_monitor_close (things.monitor);
      g_object_unref (things.monitor);
      g_clear_object (&things.stream);
      g_clear_object (&things.server);
      g_main_context_iteration (NULL, FALSE);
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);

  g_assert_false (zmqglib_monitor_is_closed (things.monitor));
  zmqglib_socket_close (things.client);
  while (zmqglib_monitor_get_connected (things.monitor))
    g_main_context_iteration (NULL, TRUE);
  for (const char *rest = "nstc"; *rest != '\0'; rest++)
    end_thing (&things, *rest);
  g_clear_object (&things.client);
  wait_until_null ((gpointer *) &things.context);
}

/* Connects to a server and leaves again. */
static void
knock (const char *endpoint)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GError) error = NULL;

  connection = g_socket_client_connect_to_host (client, endpoint + strlen ("tcp://"), 0, NULL, &error);
  g_assert_no_error (error);
  g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
}

/* What is dropped by a child that is forked in the next call below. */
static ZmqMonitor *forked_monitor;
static int         forked_status = -1;

static void
fork_and_drop (ZmqMonitor *monitor)
{
  pid_t child = fork ();

  if (child == 0)
    {
      alarm (TEST_TIMEOUT_SECONDS);
      g_main_context_iteration (NULL, FALSE);
      zmqglib_monitor_close (monitor);
      g_object_unref (monitor);
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &forked_status, 0), ==, child);
}

/* In the place of GLib's: the library's thread calls it with the news of a monitor locked, and half written. */
void
g_queue_push_tail (GQueue  *queue,
                   gpointer data)
{
  GList      *link = g_list_alloc ();
  ZmqMonitor *monitor = g_atomic_pointer_exchange (&forked_monitor, NULL);

  if (monitor != NULL)
    fork_and_drop (monitor);

  link->data = data;
  g_queue_push_tail_link (queue, link);
}

/* No program can keep the thread of a monitor from having its locks when it forks: the child waits for none. */
static void
test_fork_while_locked (void)
{
  Things things = { 0 };

  if (test_is_slow_tool ())
    {
      g_test_skip ("What a child leaves alone is lost for valgrind");
      return;
    }

  things_open (&things);
  test_iterate_until (NULL, (TestDoneFunc) zmqglib_monitor_get_connected, things.monitor);
  g_atomic_pointer_set (&forked_monitor, things.monitor);
  zmqglib_socket_close (things.client);
  while (zmqglib_monitor_get_connected (things.monitor))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (forked_status, ==, 0);

  for (const char *rest = "nstc"; *rest != '\0'; rest++)
    end_thing (&things, *rest);
  g_clear_object (&things.client);
  wait_until_null ((gpointer *) &things.context);
}

/* Whether a thread of that name is at work; asked at once again it may have been held up only. */
static gboolean
is_at_work (const char *name)
{
  g_autoptr (GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);
  const char *task;

  while ((task = g_dir_read_name (tasks)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/task", task, "stat", NULL);
      g_autofree char *stat = NULL;
      const char      *state;

      /* such as “12 (name) S” */
      if (!g_file_get_contents (path, &stat, NULL, NULL) || strstr (stat, name) == NULL)
        continue;
      state = strrchr (stat, ')');
      if (state != NULL && !g_str_has_prefix (state, ") S"))
        return TRUE;
    }

  return FALSE;
}

/* Till it has read all that there is. The loop is not run. */
static void
wait_for_thread (const char *name)
{
  for (guint n_idle = 0; n_idle < 50; n_idle++)
    {
      g_usleep (2000);
      if (is_at_work (name))
        n_idle = 0;
    }
}

/* Many connections come and go while nobody runs the loop: others of the context go on, and then all is told but what
 * is equal. */
static void
test_storm (void)
{
  const guint n_connections = test_is_slow_tool () ? 500 : 8000;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) server = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) last = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_autofree char *endpoint = NULL;
  ZmqSocket       *push;
  ZmqSocket       *pull;
  g_auto (Watched) watched = { 0 };

  test_socket_pair (context, "tcp", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  watched_init (&watched, server);
  endpoint = test_bind (server, "tcp");

  for (guint i = 0; i < n_connections; i++)
    {
      knock (endpoint);
      if (i % 100 == 0)
        {
          test_send_string (push, "on");
          test_receive_string (pull, "on");
        }
    }
  /* all were accepted before the last one; a connection makes three events */
  watched_connect (last, endpoint);
  test_send_string (last, "on");
  test_receive_string (server, "on");
  g_clear_object (&last);
  g_clear_object (&push);
  g_clear_object (&pull);

  zmqglib_socket_close (server);
  wait_for_thread ("zmqglib-monitor");
  watched_wait (&watched, ZMQGLIB_MONITOR_EVENT_MONITOR_STOPPED);
  g_assert_cmpuint (watched.events->len, >, 2 * MIN (n_connections, 4000));
  g_assert_cmpuint (watched.events->len, <, 11000);
  watched_terminate (context);
}

/* The process has no descriptor left for a peer. */
static void
test_accept_failed (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) server = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (GSocket) client = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = NULL;
  struct rlimit    before;
  struct rlimit    limit;
  g_auto (Watched) watched = { 0 };
  int unused;

  if (test_is_slow_tool ())
    {
      g_test_skip ("Valgrind does not heed the limit of descriptors");
      return;
    }

  watched_init (&watched, server);
  endpoint = test_bind (server, "tcp");
  watched_wait (&watched, ZMQGLIB_MONITOR_EVENT_LISTENING);
  address = g_inet_socket_address_new_from_string ("127.0.0.1", atoi (strrchr (endpoint, ':') + 1));

  getrlimit (RLIMIT_NOFILE, &before);
  unused = dup (STDIN_FILENO);
  close (unused);
  limit = before;
  limit.rlim_cur = unused;
  setrlimit (RLIMIT_NOFILE, &limit);
  g_socket_connect (client, address, NULL, &error);
  g_assert_no_error (error);
  watched_wait (&watched, ZMQGLIB_MONITOR_EVENT_ACCEPT_FAILED);
  setrlimit (RLIMIT_NOFILE, &before);

  g_assert_error (zmqglib_monitor_event_get_error (watched_find (&watched, ZMQGLIB_MONITOR_EVENT_ACCEPT_FAILED)),
                  ZMQGLIB_ERROR, ZMQGLIB_ERROR_TOO_MANY_SOCKETS);
  watched_wait (&watched, ZMQGLIB_MONITOR_EVENT_ACCEPTED);
}

int
main (int   argc,
      char *argv[])
{
  const char *orders[] = {
    "mstc",
    "mtsc",
    "mcst",
    "smtc",
    "stmc",
    "scmt",
    "tsmc",
    "tmsc",
    "tcms",
    "cmst",
    "csmt",
    "ctsm",
    "ndtc",
    "dntc",
    "dtnc",
    "cdtn",
    "tdcn",
    "tndc",
  };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (orders); i++)
    {
      g_autofree char *path = g_strconcat ("/monitor-life/order/", orders[i], NULL);

      g_test_add_data_func (path, orders[i], test_order);
    }
  g_test_add_func ("/monitor-life/terminate-without-loop", test_terminate_without_loop);
  g_test_add_data_func ("/monitor-life/in-handler/drops", "m", test_dropped_in_handler);
  g_test_add_data_func ("/monitor-life/in-handler/drops-without-closing", "n", test_dropped_in_handler);
  g_test_add_data_func ("/monitor-life/in-handler/socket-then-monitor", "stm", test_dropped_in_handler);
  g_test_add_data_func ("/monitor-life/in-handler/context-then-monitor", "cm", test_dropped_in_handler);
  g_test_add_data_func ("/monitor-life/in-handler/monitor-then-all", "nstc", test_dropped_in_handler);
  g_test_add_func ("/monitor-life/nested-loop", test_nested_loop);
  g_test_add_data_func ("/monitor-life/nested-loop-of-peers/their-event",
                        GINT_TO_POINTER (ZMQGLIB_MONITOR_EVENT_HANDSHAKE_SUCCEEDED), test_nested_loop_of_peers);
  g_test_add_data_func ("/monitor-life/nested-loop-of-peers/next-event",
                        GINT_TO_POINTER (ZMQGLIB_MONITOR_EVENT_DISCONNECTED), test_nested_loop_of_peers);
  g_test_add_func ("/monitor-life/dropped-in-thread", test_dropped_in_thread);
  g_test_add_func ("/monitor-life/thread", test_thread);
  g_test_add_data_func ("/monitor-life/owned-by-loop/closed", GINT_TO_POINTER (TRUE), test_owned_by_loop);
  g_test_add_data_func ("/monitor-life/owned-by-loop/socket-closed", GINT_TO_POINTER (FALSE), test_owned_by_loop);
  g_test_add_func ("/monitor-life/context-goes", test_context_goes);
  g_test_add_func ("/monitor-life/fork", test_fork);
  g_test_add_func ("/monitor-life/fork-while-locked", test_fork_while_locked);
  g_test_add_func ("/monitor-life/storm", test_storm);
  g_test_add_func ("/monitor-life/accept-failed", test_accept_failed);

  return g_test_run ();
}
