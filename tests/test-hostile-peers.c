/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <stdio.h>
#include <unistd.h>

#include "../examples/c/harden.h"
#include "test-hostile-util.h"
#include "test-life-util.h"

/* Peers that do not speak as they should, against a stream of each type of socket. They may be thrown out, or bore
 * themselves: meanwhile the main loop has its turns, memory stays what it is, and afterwards a good peer is served.
 * With “--long” there is more of everything. */

#define HANDSHAKE_MS (test_is_slow_tool () ? 3000 : 300)
#define MAX_FRAMES   1000
#define TICK_MS      20
/* what libzmq holds for an unfinished message is some 64 bytes a frame */
#define MAX_GROWTH (100 << 20)

static guint scale = 1;

typedef struct
{
  const char   *name;
  ZmqSocketType type;
  const char   *peer_name; /* what the raw peers say they are; NULL where there is no handshake */
  ZmqSocketType good_type;
  gboolean      good_sends;
  gboolean      rejects; /* a whole message of too many frames gets to where the limit is */
} Victim;

static const Victim victims[] = {
  { "pair", ZMQGLIB_SOCKET_PAIR, "PAIR", ZMQGLIB_SOCKET_PAIR, TRUE, FALSE },
  { "pub", ZMQGLIB_SOCKET_PUB, "SUB", ZMQGLIB_SOCKET_SUB, FALSE, FALSE },
  { "sub", ZMQGLIB_SOCKET_SUB, "PUB", ZMQGLIB_SOCKET_PUB, TRUE, TRUE },
  { "req", ZMQGLIB_SOCKET_REQ, "REP", ZMQGLIB_SOCKET_REP, FALSE, FALSE },
  { "rep", ZMQGLIB_SOCKET_REP, "REQ", ZMQGLIB_SOCKET_DEALER, TRUE, TRUE },
  { "dealer", ZMQGLIB_SOCKET_DEALER, "DEALER", ZMQGLIB_SOCKET_DEALER, TRUE, TRUE },
  { "router", ZMQGLIB_SOCKET_ROUTER, "DEALER", ZMQGLIB_SOCKET_DEALER, TRUE, TRUE },
  { "pull", ZMQGLIB_SOCKET_PULL, "PUSH", ZMQGLIB_SOCKET_PUSH, TRUE, TRUE },
  { "push", ZMQGLIB_SOCKET_PUSH, "PULL", ZMQGLIB_SOCKET_PULL, FALSE, FALSE },
  { "xpub", ZMQGLIB_SOCKET_XPUB, "XSUB", ZMQGLIB_SOCKET_XSUB, FALSE, FALSE },
  { "xsub", ZMQGLIB_SOCKET_XSUB, "XPUB", ZMQGLIB_SOCKET_XPUB, TRUE, FALSE },
  { "stream", ZMQGLIB_SOCKET_STREAM, NULL, ZMQGLIB_SOCKET_STREAM, FALSE, FALSE },
};

typedef struct
{
  const Victim *victim;
  ZmqContext   *context;
  ZmqStream    *stream;
  ZmqSocket    *good; /* or NULL */
  char         *endpoint;
  GArray       *lags; /* of gint64, µs: from when a tick was due */
  gint64        due;
  gsize         start_size; /* of the process, in bytes */
  gsize         max_size;
  guint         n_rejected;
  gboolean      is_heard; /* the good peer is */
  int           is_over;  /* atomic; the hostile ones are through */
} Siege;

static gsize
get_process_size (void)
{
  g_autofree char *text = NULL;
  unsigned long    total, resident;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  g_assert_cmpint (sscanf (text, "%lu %lu", &total, &resident), ==, 2);

  return resident * sysconf (_SC_PAGESIZE);
}

static gboolean
on_tick (gpointer data)
{
  Siege *self = data;
  gint64 now = g_get_monotonic_time ();
  gint64 lag = MAX (now - self->due, 0);

  g_array_append_val (self->lags, lag);
  self->due = now + TICK_MS * G_TIME_SPAN_MILLISECOND;
  self->max_size = MAX (self->max_size, get_process_size ());

  return G_SOURCE_CONTINUE;
}

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             Siege      *self)
{
  guint       last = zmqglib_message_get_n_frames (message) - 1;
  gsize       size;
  const char *data = zmqglib_message_peek_frame (message, last, &size);

  g_assert_cmpuint (last, <, MAX_FRAMES);
  if (size == strlen (HOSTILE_PASSWORD) && memcmp (data, HOSTILE_PASSWORD, size) == 0)
    self->is_heard = TRUE;
  if (self->victim->type == ZMQGLIB_SOCKET_REP)
    zmqglib_stream_send_string (stream, "", NULL);
}

static void
on_rejected (ZmqStream    *stream,
             const GError *error,
             Siege        *self)
{
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_MESSAGE_TOO_LARGE);
  self->n_rejected++;
}

static void
siege_begin (Siege        *self,
             gconstpointer data)
{
  g_autoptr (ZmqSocket) socket = NULL;
  g_autoptr (GError) error = NULL;

  self->victim = data;
  self->context = zmqglib_context_new ();
  socket = test_socket_new (self->context, self->victim->type);
  harden (socket);
  /* so that the test does not take long, and reads something */
  g_object_set (socket, "max-frames", MAX_FRAMES, "handshake-interval", HANDSHAKE_MS, NULL);
  if (self->victim->type == ZMQGLIB_SOCKET_SUB)
    zmqglib_socket_subscribe (socket, "", &error);
  if (self->victim->type == ZMQGLIB_SOCKET_REQ)
    g_object_set (socket, "request-relaxed", TRUE, NULL);
  g_assert_no_error (error);
  self->endpoint = test_bind (socket, "tcp");

  self->stream = zmqglib_stream_new (socket);
  g_signal_connect (self->stream, "received", G_CALLBACK (on_received), self);
  g_signal_connect (self->stream, "rejected", G_CALLBACK (on_rejected), self);

  self->lags = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->start_size = self->max_size = get_process_size ();
}

static void
siege_end (Siege        *self,
           gconstpointer data)
{
  g_clear_object (&self->good);
  zmqglib_stream_close (self->stream);
  g_clear_object (&self->stream);
  life_settle (NULL);
  life_terminate (self->context);
  g_object_unref (self->context);
  g_free (self->endpoint);
  g_array_unref (self->lags);
}

static gpointer
attack (gpointer data)
{
  Siege        *self = data;
  HostileTarget target = { atoi (strrchr (self->endpoint, ':') + 1), self->victim->peer_name, scale };

  hostile_attack_before_handshake (&target);
  hostile_attack_after_handshake (&target);
  /* there is no limit of time for a STREAM's peers */
  if (self->victim->peer_name != NULL)
    hostile_wait_to_be_thrown_out (&target);

  g_atomic_int_set (&self->is_over, TRUE);
  g_main_context_wakeup (NULL);

  return NULL;
}

static void
exchange (Siege *self)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string (HOSTILE_PASSWORD);
  g_autoptr (ZmqMessage) answer = NULL;

  if (!self->victim->good_sends)
    {
      zmqglib_stream_send (self->stream, message, NULL);
      answer = zmqglib_socket_try_receive (self->good, NULL);
      self->is_heard = answer != NULL;
      return;
    }

  if (self->victim->type == ZMQGLIB_SOCKET_REP)
    {
      g_autoptr (GBytes) empty = g_bytes_new (NULL, 0);

      zmqglib_message_prepend_bytes (message, empty);
    }
  zmqglib_socket_try_send (self->good, message, NULL);
}

/* The messages of the first moments may go nowhere, or to hostile peers that are about to be noticed gone. */
static gboolean
on_exchange (gpointer data)
{
  exchange (data);

  return G_SOURCE_CONTINUE;
}

static void
serve_good_peer (Siege *self)
{
  g_autoptr (GError) error = NULL;
  guint id;

  self->good = test_socket_new (self->context, self->victim->good_type);
  if (self->victim->good_type == ZMQGLIB_SOCKET_SUB)
    zmqglib_socket_subscribe (self->good, "", &error);
  zmqglib_socket_connect_to (self->good, self->endpoint, &error);
  g_assert_no_error (error);
  if (self->victim->good_type == ZMQGLIB_SOCKET_XSUB)
    {
      g_autoptr (ZmqMessage) all = zmqglib_message_new_from_string ("\001");

      zmqglib_socket_send (self->good, all, NULL, &error);
    }
  if (self->victim->type == ZMQGLIB_SOCKET_XSUB)
    zmqglib_stream_send_string (self->stream, "\001", &error);
  g_assert_no_error (error);

  id = g_timeout_add (10, on_exchange, self);
  life_until (NULL, self->is_heard);
  g_source_remove (id);
}

static int
compare (gconstpointer a,
         gconstpointer b)
{
  gint64 one = *(const gint64 *) a;
  gint64 other = *(const gint64 *) b;

  return (one > other) - (one < other);
}

/* Another program may take the processor away; so it is what is usual that counts. */
static void
check_figures (Siege *self)
{
  gint64 median, late;
  double growth = ((double) self->max_size - self->start_size) / (1 << 20);

  g_array_sort (self->lags, compare);
  median = g_array_index (self->lags, gint64, self->lags->len / 2);
  late = g_array_index (self->lags, gint64, self->lags->len * 9 / 10);
  g_test_message ("%u ticks: median %.1f ms late, nine in ten %.1f ms, all %.1f ms; %.1f MiB more; %u rejected",
                  self->lags->len, median / 1e3, late / 1e3,
                  g_array_index (self->lags, gint64, self->lags->len - 1) / 1e3, growth, self->n_rejected);

  if (test_is_slow_tool ())
    return;
  g_assert_cmpint (median, <, 50 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpint (late, <, 250 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpfloat (growth, <, scale * (MAX_GROWTH >> 20));
}

static void
test_siege (Siege        *self,
            gconstpointer data)
{
  guint    id = g_timeout_add (TICK_MS, on_tick, self);
  GThread *thread;

  self->due = g_get_monotonic_time () + TICK_MS * G_TIME_SPAN_MILLISECOND;
  /* replies are read only when something was asked */
  if (self->victim->type == ZMQGLIB_SOCKET_REQ)
    zmqglib_stream_send_string (self->stream, "", NULL);

  thread = g_thread_new ("hostile", attack, self);
  life_until (NULL, g_atomic_int_get (&self->is_over));
  g_thread_join (thread);

  g_assert_false (zmqglib_stream_is_closed (self->stream));
  if (self->victim->rejects)
    life_until (NULL, self->n_rejected > 0);
  if (self->victim->peer_name != NULL)
    serve_good_peer (self);
  g_source_remove (id);
  check_figures (self);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  if (g_getenv ("ZMQGLIB_TEST_LONG") != NULL || (argc > 1 && g_str_equal (argv[1], "--long")))
    scale = 20;

  for (gsize i = 0; i < G_N_ELEMENTS (victims); i++)
    {
      g_autofree char *path = g_strdup_printf ("/hostile-peers/%s", victims[i].name);

      g_test_add (path, Siege, &victims[i], siege_begin, test_siege, siege_end);
    }

  return g_test_run ();
}
