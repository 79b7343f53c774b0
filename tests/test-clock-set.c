/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE

#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>

#include "test-asked.h"
#include "test-counted.h"

/* The time of day is set while things wait: none of them ends earlier or later, and no connection breaks.
 *
 * The clock of the system is left alone. Whoever asks for the time of day in this process is told another one, as the
 * functions are the program’s own, here, before those of the C library. What the kernel itself waits for by that
 * clock would not be changed by this; the library has nothing of the kind. */

#define LIMIT_US   (200 * G_TIME_SPAN_MILLISECOND)
#define EARLY_US   (5 * G_TIME_SPAN_MILLISECOND) /* time is rounded here and there */
#define SLACK_US   (5 * G_TIME_SPAN_SECOND)
#define N_MESSAGES 3000

/* Where the C library has two, for seconds of 32 bits and of 64. */
#define CLOCK_GETTIME (sizeof (time_t) > sizeof (long) ? "__clock_gettime64" : "clock_gettime")

static int offset_s; /* atomic: how far off the clock is */

static gboolean
is_time_of_day (clockid_t clock)
{
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
}

int
clock_gettime (clockid_t        clock,
               struct timespec *time)
{
  static int (*next) (clockid_t, struct timespec *);
  int result;

  if (next == NULL)
    next = (int (*) (clockid_t, struct timespec *)) dlsym (RTLD_NEXT, CLOCK_GETTIME);
  result = next (clock, time);
  if (is_time_of_day (clock))
    time->tv_sec += g_atomic_int_get (&offset_s);

  return result;
}

int
gettimeofday (struct timeval *restrict time,
              void *restrict zone)
{
  struct timespec now;

  clock_gettime (CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;

  return 0;
}

time_t
time (time_t *location)
{
  struct timespec now;

  clock_gettime (CLOCK_REALTIME, &now);
  if (location != NULL)
    *location = now.tv_sec;

  return now.tv_sec;
}

static void
set_clock (int seconds)
{
  g_atomic_int_set (&offset_s, seconds);
}

/* Else the rest tells nothing. */
static void
test_is_set_at_all (void)
{
  gint64 before = g_get_real_time ();
  g_autoptr (GDateTime) now = NULL;

  set_clock (1000000);
  g_assert_cmpint (g_get_real_time (), >=, before + 1000000 * G_TIME_SPAN_SECOND);
  now = g_date_time_new_now_utc ();
  g_assert_cmpint (g_date_time_to_unix (now), >=, before / G_TIME_SPAN_SECOND + 1000000);
  set_clock (-1000000);
  g_assert_cmpint (g_get_real_time (), <, before - 999990 * G_TIME_SPAN_SECOND);
  set_clock (0);
}

/* Sets the clock in the middle of what the main thread waits for, or again and again. */
typedef struct
{
  GThread *thread;
  int      seconds;
  gboolean is_often;
  int      is_over; /* atomic */
} Setter;

static gpointer
setter_run (gpointer data)
{
  Setter *self = data;

  g_usleep (LIMIT_US / 4);
  set_clock (self->seconds);
  while (self->is_often && !g_atomic_int_get (&self->is_over))
    {
      g_usleep (500);
      set_clock (-g_atomic_int_get (&offset_s));
    }

  return NULL;
}

static void
setter_begin (Setter  *self,
              int      seconds,
              gboolean is_often)
{
  *self = (Setter){ .seconds = seconds, .is_often = is_often };
  self->thread = g_thread_new ("setter", setter_run, self);
}

static void
setter_end (Setter *self)
{
  g_atomic_int_set (&self->is_over, TRUE);
  g_thread_join (self->thread);
  set_clock (0);
}

static ZmqSocket *
new_bound (ZmqSocketType type,
           char        **endpoint)
{
  ZmqSocket *socket = test_socket_new (NULL, type);

  *endpoint = test_bind (socket, "tcp");

  return socket;
}

static ZmqSocket *
new_connected (ZmqSocketType type,
               const char   *endpoint)
{
  ZmqSocket *socket = test_socket_new (NULL, type);

  g_assert_true (zmqglib_socket_connect_to (socket, endpoint, NULL));

  return socket;
}

/* What waits for LIMIT_US, and returns when it has ended for that. Nobody ever answers. */

static ZmqClient *
new_client (ZmqSocket **server)
{
  g_autofree char *endpoint = NULL;
  ZmqClient       *client = zmqglib_client_new (NULL, NULL);

  *server = new_bound (ZMQGLIB_SOCKET_ROUTER, &endpoint);
  g_object_set (client, "timeout-us", LIMIT_US, "max-tries", 1, NULL);
  g_assert_true (zmqglib_client_connect_to (client, endpoint, NULL));

  return client;
}

static void
wait_for_request (void)
{
  g_autoptr (ZmqSocket) server = NULL;
  g_autoptr (ZmqClient) client = new_client (&server);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  zmqglib_client_request_async (client, message, NULL, test_keep_result, &result);
  test_iterate_until (NULL, test_is_set, &result);
  g_assert_null (zmqglib_client_request_finish (client, result, &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN);
}

static void
wait_for_blocking_request (void)
{
  g_autoptr (ZmqSocket) server = NULL;
  g_autoptr (ZmqClient) client = new_client (&server);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");
  g_autoptr (GError) error = NULL;

  g_assert_null (zmqglib_client_request (client, message, NULL, &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN);
}

static void
on_sent (ZmqStream    *stream,
         ZmqMessage   *message,
         const GError *error,
         gpointer      data)
{
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN);
  *(gboolean *) data = TRUE;
}

static void
wait_for_send (void)
{
  g_autoptr (ZmqSocket) push = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (push);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");
  gboolean is_sent = FALSE;

  g_signal_connect (stream, "sent", G_CALLBACK (on_sent), &is_sent);
  g_assert_true (zmqglib_stream_send_full (stream, message, LIMIT_US, NULL, NULL));
  test_iterate_until (NULL, test_is_true, &is_sent);
}

static void
wait_for_socket (void)
{
  g_autoptr (ZmqSocket) pull = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (zmqglib_socket_wait (pull, G_IO_IN, LIMIT_US, NULL, &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN);
}

static void
wait_for_receive (void)
{
  g_autoptr (ZmqSocket) pull = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (GError) error = NULL;

  g_object_set (pull, "receive-timeout", (int) (LIMIT_US / 1000), NULL);
  g_assert_null (zmqglib_socket_receive (pull, NULL, &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN);
}

static void
on_polled (ZmqPoller   *poller,
           ZmqSocket   *socket,
           int          fd,
           GIOCondition condition,
           gpointer     data)
{
  g_assert_not_reached ();
}

static void
wait_for_poller (void)
{
  g_autoptr (ZmqSocket) pull = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqPoller) poller = zmqglib_poller_new ();

  g_assert_true (zmqglib_poller_add_socket (poller, pull, G_IO_IN, on_polled, NULL, NULL, NULL));
  g_assert_cmpint (zmqglib_poller_wait (poller, LIMIT_US, NULL, NULL), ==, 0);
}

static void
wait_for_event (void)
{
  g_autoptr (ZmqSocket) pull = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqMonitor) monitor = zmqglib_monitor_new (pull, NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  zmqglib_monitor_wait_async (monitor, ZMQGLIB_MONITOR_EVENT_ACCEPTED, LIMIT_US, NULL, test_keep_result, &result);
  test_iterate_until (NULL, test_is_set, &result);
  g_assert_null (zmqglib_monitor_wait_finish (monitor, result, &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN);
}

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    data)
{
}

static void
on_expired (ZmqPeerList *list,
            ZmqPeer     *peer,
            gpointer     data)
{
  *(gboolean *) data = TRUE;
}

static void
wait_for_expiry (void)
{
  g_autofree char *endpoint = NULL;
  g_autoptr (ZmqSocket) router = new_bound (ZMQGLIB_SOCKET_ROUTER, &endpoint);
  g_autoptr (ZmqSocket) dealer = new_connected (ZMQGLIB_SOCKET_DEALER, endpoint);
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (router);
  g_autoptr (ZmqPeerList) list = zmqglib_peer_list_new (stream);
  gboolean is_expired = FALSE;

  g_object_set (list, "expiry-us", LIMIT_US, NULL);
  g_signal_connect (list, "expired", G_CALLBACK (on_expired), &is_expired);
  g_signal_connect (stream, "received", G_CALLBACK (on_received), NULL);
  test_send_string (dealer, "x");
  test_iterate_until (NULL, test_is_true, &is_expired);
}

/* The authenticator’s time for an answer, which nobody gives. */
static gboolean
on_authenticate (ZmqAuthenticator *authenticator,
                 ZmqAuthRequest   *request,
                 gpointer          data)
{
  /* one that is dropped would be denied at once */
  g_set_object ((ZmqAuthRequest **) data, request);

  return TRUE;
}

static void
wait_for_denial (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqAuthenticator) authenticator = zmqglib_authenticator_new (context, NULL);
  g_autoptr (ZmqSocket) router = test_socket_new (context, ZMQGLIB_SOCKET_ROUTER);
  g_autoptr (ZmqSocket) dealer = test_socket_new (NULL, ZMQGLIB_SOCKET_DEALER);
  g_autofree char *endpoint = NULL;
  g_autoptr (ZmqAuthRequest) request = NULL;

  g_signal_connect (authenticator, "authenticate", G_CALLBACK (on_authenticate), &request);
  g_object_set (authenticator, "timeout-us", LIMIT_US, NULL);
  g_object_set (router, "plain-server", TRUE, NULL);
  endpoint = test_bind (router, "tcp");
  g_object_set (dealer, "plain-username", "Ann", "plain-password", "secret", NULL);
  g_assert_true (zmqglib_socket_connect_to (dealer, endpoint, NULL));
  test_until (zmqglib_authenticator_get_n_denied (authenticator) > 0);
}

static const struct
{
  const char *name;
  void (*func) (void);
} waits[] = {
  { "request", wait_for_request },
  { "blocking-request", wait_for_blocking_request },
  { "send", wait_for_send },
  { "socket", wait_for_socket },
  { "receive", wait_for_receive },
  { "poller", wait_for_poller },
  { "event", wait_for_event },
  { "expiry", wait_for_expiry },
  { "denial", wait_for_denial },
};

static const struct
{
  const char *name;
  int         seconds;
  gboolean    is_often;
} settings[] = {
  { "forward", 86400, FALSE },
  { "back", -86400, FALSE },
  { "to-and-fro", 3600, TRUE },
};

static void
test_wait (gconstpointer data)
{
  const guint number = GPOINTER_TO_UINT (data);
  const guint setting = number % G_N_ELEMENTS (settings);
  Setter      setter;
  gint64      begun;
  gint64      took_us;

  setter_begin (&setter, settings[setting].seconds, settings[setting].is_often);
  begun = g_get_monotonic_time ();
  waits[number / G_N_ELEMENTS (settings)].func ();
  took_us = g_get_monotonic_time () - begun;
  setter_end (&setter);
  g_test_message ("%" G_GINT64_FORMAT " ms", took_us / 1000);
  g_assert_cmpint (took_us, >=, LIMIT_US - EARLY_US);
  g_assert_cmpint (took_us, <, LIMIT_US + SLACK_US);
}

/* A connection with heartbeats lives, messages come, and requests are answered. */
static void
test_traffic (void)
{
  g_autofree char *endpoint = NULL;
  g_autofree char *server_endpoint = NULL;
  g_autoptr (ZmqSocket) pull = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) push = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_auto (Counted) sender = { NULL };
  g_auto (Counted) receiver = { NULL };
  g_auto (Asker) asker = { NULL };
  g_auto (Answerer) answerer = { NULL };
  Setter setter;
  gint64 end;

  g_object_set (pull, "heartbeat-interval", 50, "heartbeat-timeout", 5000, "heartbeat-ttl", 5000, NULL);
  g_object_set (push, "heartbeat-interval", 50, "heartbeat-timeout", 5000, "heartbeat-ttl", 5000, NULL);
  counted_open (&receiver, pull);
  counted_open (&sender, push);
  endpoint = test_bind (pull, "tcp");
  g_assert_true (zmqglib_socket_connect_to (push, endpoint, NULL));
  answerer_open (&answerer, NULL);
  g_assert_true (zmqglib_server_bind (answerer.server, "tcp://127.0.0.1:*", NULL));
  server_endpoint = zmqglib_server_dup_last_endpoint (answerer.server);
  asker_open (&asker, NULL);
  asker_connect (&asker, server_endpoint);
  asker_set_terms (&asker, TEST_TIMEOUT_SECONDS * 1000, 1);

  setter_begin (&setter, 86400, TRUE);
  for (guint i = 0; i < 10; i++)
    {
      counted_send (&sender, N_MESSAGES / 10);
      asker_ask (&asker, 20, NULL);
      end = g_get_monotonic_time () + LIMIT_US / 4;
      while (g_get_monotonic_time () < end)
        g_main_context_iteration (NULL, FALSE);
    }
  test_until (receiver.next == N_MESSAGES && asker_is_done (&asker));
  setter_end (&setter);
  g_test_message ("%u sent, %u came, %u missing, %u connections, %u asked, %u answered", sender.n_accepted, receiver.n_received,
                  receiver.n_missing, sender.n_connected, asker.n_begun, asker.n_answered);
  g_assert_cmpuint (receiver.n_missing, ==, 0);
  g_assert_cmpuint (sender.n_connected, ==, 1);
  g_assert_cmpuint (sender.n_disconnected, ==, 0);
  g_assert_cmpuint (asker.n_answered, ==, asker.n_begun);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/clock/is-set-at-all", test_is_set_at_all);
  for (guint i = 0; i < G_N_ELEMENTS (waits) * G_N_ELEMENTS (settings); i++)
    {
      g_autofree char *path = g_strdup_printf ("/clock/%s/%s", settings[i % G_N_ELEMENTS (settings)].name,
                                               waits[i / G_N_ELEMENTS (settings)].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_wait);
    }
  g_test_add_func ("/clock/traffic", test_traffic);

  return g_test_run ();
}
