/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <zmq.h>

#include "test-stream-util.h"

/* Streams that talk with peers that are not ours: a pyzmq process, libzmq in threads. */

typedef struct
{
  StreamFixture base;
  GSubprocess  *peer;
  GPtrArray    *messages; /* of ZmqMessage */
} PeerFixture;

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    data)
{
  g_ptr_array_add (data, zmqglib_message_ref (message));
}

static void
peer_fixture_set_up (PeerFixture  *fixture,
                     gconstpointer data)
{
  stream_fixture_open (&fixture->base, "tcp", GPOINTER_TO_INT (data), ZMQGLIB_SOCKET_PAIR);
  fixture->messages = g_ptr_array_new_with_free_func ((GDestroyNotify) zmqglib_message_unref);
  g_signal_connect (fixture->base.stream, "received", G_CALLBACK (on_received), fixture->messages);
}

static void
peer_fixture_tear_down (PeerFixture  *fixture,
                        gconstpointer data)
{
  if (fixture->peer != NULL)
    g_subprocess_force_exit (fixture->peer);
  g_clear_object (&fixture->peer);
  g_clear_pointer (&fixture->messages, g_ptr_array_unref);
  stream_fixture_tear_down (&fixture->base, NULL);
}

/* Starts peer.py with a command and its arguments. FALSE when there is no pyzmq. */
static gboolean
start_python (PeerFixture *fixture,
              const char  *command,
              ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *script = g_test_build_filename (G_TEST_DIST, "python", "peer.py", NULL);
  const char      *python = g_getenv ("TEST_PYTHON");
  const char      *argument;
  g_autoptr (GError) error = NULL;
  va_list arguments;

  if (python == NULL)
    {
      g_test_skip ("no Python with pyzmq");
      return FALSE;
    }

  g_ptr_array_add (argv, (char *) python);
  g_ptr_array_add (argv, script);
  g_ptr_array_add (argv, (char *) command);
  g_ptr_array_add (argv, fixture->base.endpoint);
  va_start (arguments, command);
  while ((argument = va_arg (arguments, const char *)) != NULL)
    g_ptr_array_add (argv, (char *) argument);
  va_end (arguments);
  g_ptr_array_add (argv, NULL);

  fixture->peer = g_subprocess_newv ((const char *const *) argv->pdata,
                                     G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);

  return TRUE;
}

/* Ends well, and not without having done its job. */
static void
wait_for_python (PeerFixture *fixture)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_subprocess_wait_check_async (fixture->peer, NULL, test_keep_result, &result);
  test_iterate_until (NULL, test_is_set, &result);
  g_subprocess_wait_check_finish (fixture->peer, result, &error);
  g_assert_no_error (error);
}

static void
tell_python_to_quit (PeerFixture *fixture)
{
  g_assert_true (zmqglib_stream_send_string (fixture->base.stream, "quit", NULL));
  wait_for_python (fixture);
}

static void
wait_for_messages (PeerFixture *fixture,
                   guint        n_messages)
{
  g_autoptr (GSource) timeout = g_timeout_source_new_seconds (3 * TEST_TIMEOUT_SECONDS);
  gboolean timed_out = FALSE;

  g_source_set_callback (timeout, test_on_timeout, &timed_out, NULL);
  g_source_attach (timeout, NULL);
  while (fixture->messages->len < n_messages)
    {
      g_main_context_iteration (NULL, TRUE);
      g_assert_false (timed_out);
    }
  g_source_destroy (timeout);
}

/* The stream sends the message and gets it back. */
static void
check_echo (PeerFixture *fixture,
            ZmqMessage  *message)
{
  g_autoptr (GError) error = NULL;

  zmqglib_stream_send (fixture->base.stream, message, &error);
  g_assert_no_error (error);
  wait_for_messages (fixture, 1);
  g_assert_true (zmqglib_message_equal (g_ptr_array_index (fixture->messages, 0), message));
  g_ptr_array_set_size (fixture->messages, 0);
}

static void
test_echo (PeerFixture  *fixture,
           gconstpointer data)
{
  enum
  {
    N_MESSAGES = 1000
  };
  guint n_received = 0;

  if (!start_python (fixture, "echo", NULL))
    return;

  /* before the peer is there, and all at once */
  stream_fixture_send_numbers (&fixture->base, 0, N_MESSAGES);
  wait_for_messages (fixture, N_MESSAGES);
  for (; n_received < N_MESSAGES; n_received++)
    {
      g_autofree char *expected = g_strdup_printf ("%u", n_received);
      g_autofree char *actual = zmqglib_message_get_string (g_ptr_array_index (fixture->messages, n_received), 0, NULL);

      g_assert_cmpstr (actual, ==, expected);
    }
  tell_python_to_quit (fixture);
}

static void
test_echo_multipart (PeerFixture  *fixture,
                     gconstpointer data)
{
  static const guint8 bytes[] = { 0, 255, 1, 128 };
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();

  if (!start_python (fixture, "echo", NULL))
    return;

  for (guint i = 0; i < 1000; i++)
    zmqglib_message_append_data (message, bytes, i % (sizeof bytes + 1));
  check_echo (fixture, message);
  tell_python_to_quit (fixture);
}

static void
test_echo_empty_frames (PeerFixture  *fixture,
                        gconstpointer data)
{
  const char *const *const shapes[] = {
    (const char *const[]){ "", NULL },
    (const char *const[]){ "", "", NULL },
    (const char *const[]){ "", "a", "", NULL },
  };

  if (!start_python (fixture, "echo", NULL))
    return;

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autoptr (ZmqMessage) message = zmqglib_message_new_from_strv (shapes[i]);

      check_echo (fixture, message);
    }
  tell_python_to_quit (fixture);
}

static void
test_echo_large_frames (PeerFixture  *fixture,
                        gconstpointer data)
{
  gsize   size = test_is_slow_tool () ? 1000000 : 100000000;
  guint8 *data_of_frame;
  g_autoptr (GBytes) frame = NULL;
  g_autoptr (ZmqMessage) message = NULL;

  if (!start_python (fixture, "echo", NULL))
    return;

  data_of_frame = g_malloc (size);
  for (gsize i = 0; i < size; i++)
    data_of_frame[i] = i * 2654435761u >> 24;
  frame = g_bytes_new_take (data_of_frame, size);
  message = zmqglib_message_new_from_bytes (frame);
  zmqglib_message_append_string (message, "small");
  zmqglib_message_append_bytes (message, frame);

  check_echo (fixture, message);
  tell_python_to_quit (fixture);
}

static void
test_shapes_from_python (PeerFixture  *fixture,
                         gconstpointer data)
{
  const char *const strings[] = { "", "", "", NULL };
  g_autoptr (ZmqMessage) empty = zmqglib_message_new_from_string ("");
  g_autoptr (ZmqMessage) empties = zmqglib_message_new_from_strv (strings);
  g_autoptr (ZmqMessage) mixed = zmqglib_message_new_from_string ("a");
  g_autoptr (ZmqMessage) many = zmqglib_message_new ();
  ZmqMessage *expected[] = { empty, empties, mixed, many };

  zmqglib_message_append_string (mixed, "");
  zmqglib_message_append_data (mixed, "\0\xff\0", 3);
  zmqglib_message_append_string (mixed, "ä“”");
  for (guint i = 0; i < 256; i++)
    {
      guint8 bytes[256];

      memset (bytes, i, sizeof bytes);
      zmqglib_message_append_data (many, bytes, i);
    }

  if (!start_python (fixture, "patterns", NULL))
    return;

  wait_for_messages (fixture, G_N_ELEMENTS (expected));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_true (zmqglib_message_equal (g_ptr_array_index (fixture->messages, i), expected[i]));
  tell_python_to_quit (fixture);
}

static void
reply (ZmqStream  *stream,
       ZmqMessage *message,
       gpointer    data)
{
  g_autoptr (ZmqMessage) answer = zmqglib_message_new_from_string ("reply");
  g_autoptr (GBytes) number = zmqglib_message_get_frame (message, 0);
  g_autoptr (GError) error = NULL;

  zmqglib_message_append_bytes (answer, number);
  zmqglib_stream_send (stream, answer, &error);
  g_assert_no_error (error);
}

static void
test_reply (PeerFixture  *fixture,
            gconstpointer data)
{
  g_signal_connect (fixture->base.stream, "received", G_CALLBACK (reply), NULL);
  if (!start_python (fixture, "request", "100", NULL))
    return;

  wait_for_python (fixture);
  g_assert_cmpuint (fixture->messages->len, ==, 100);
}

/* What a SUB with a prefix of any bytes gets is what begins with them. */
static void
test_binary_prefix (PeerFixture  *fixture,
                    gconstpointer data)
{
  static const guint8 subscription[] = { 1, 0, 255 };
  gsize               size;
  const guint8       *frame;
  g_autoptr (GBytes) near_miss = g_bytes_new_static ("\0\xfe+", 3);
  g_autoptr (GBytes) hit = g_bytes_new_static ("\0\xff+", 3);
  g_autoptr (GBytes) exact_hit = g_bytes_new_static ("\0\xff", 2);
  g_autoptr (GDataInputStream) output = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  if (!start_python (fixture, "subscribe", "00ff", "2", NULL))
    return;

  wait_for_messages (fixture, 1);
  frame = zmqglib_message_peek_frame (g_ptr_array_index (fixture->messages, 0), 0, &size);
  g_assert_cmpmem (frame, size, subscription, sizeof subscription);

  g_assert_true (zmqglib_stream_send_bytes (fixture->base.stream, near_miss, NULL));
  g_assert_true (zmqglib_stream_send_bytes (fixture->base.stream, hit, NULL));
  g_assert_true (zmqglib_stream_send_bytes (fixture->base.stream, near_miss, NULL));
  g_assert_true (zmqglib_stream_send_bytes (fixture->base.stream, exact_hit, NULL));
  wait_for_python (fixture);

  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (fixture->peer));
  first = g_data_input_stream_read_line_utf8 (output, NULL, NULL, &error);
  g_assert_no_error (error);
  second = g_data_input_stream_read_line_utf8 (output, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (first, ==, "00ff2b");
  g_assert_cmpstr (second, ==, "00ff");
}

/* libzmq in threads: several DEALERs that return what one ROUTER sends, each to its own place. */

enum
{
  N_THREADS = 4,
  N_MESSAGES = 500
};

typedef struct
{
  const char *endpoint;
  guint       index;
  GThread    *thread;
} Client;

static gpointer
client_thread (gpointer data)
{
  Client *client = data;
  void   *context = zmq_ctx_new ();
  void   *handle = zmq_socket (context, ZMQ_DEALER);
  int     timeout = TEST_TIMEOUT_SECONDS * 1000;

  zmq_setsockopt (handle, ZMQ_RCVTIMEO, &timeout, sizeof timeout);
  zmq_setsockopt (handle, ZMQ_LINGER, &timeout, sizeof timeout);
  g_assert_cmpint (zmq_connect (handle, client->endpoint), ==, 0);

  for (guint i = 0; i < N_MESSAGES; i++)
    {
      guint sent[] = { client->index, i };

      g_assert_cmpint (zmq_send (handle, sent, sizeof sent, ZMQ_SNDMORE), ==, sizeof sent);
      g_assert_cmpint (zmq_send (handle, "", 0, 0), ==, 0);
    }
  for (guint i = 0; i < N_MESSAGES; i++)
    {
      guint expected[] = { client->index, i };
      guint received[2];

      g_assert_cmpint (zmq_recv (handle, received, sizeof received, 0), ==, sizeof received);
      g_assert_cmpmem (received, sizeof received, expected, sizeof expected);
      g_assert_cmpint (zmq_recv (handle, received, sizeof received, 0), ==, 0);
    }
  zmq_close (handle);
  zmq_ctx_term (context);

  return NULL;
}

static void
return_message (ZmqStream  *stream,
                ZmqMessage *message,
                gpointer    data)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (zmqglib_message_get_n_frames (message), ==, 3);
  zmqglib_stream_send (stream, message, &error);
  g_assert_no_error (error);
}

static gboolean
is_all_sent (gpointer data)
{
  StreamFixture *base = data;

  return base->events->len == N_THREADS * N_MESSAGES;
}

static void
test_threads (PeerFixture  *fixture,
              gconstpointer data)
{
  Client clients[N_THREADS];

  g_signal_connect (fixture->base.stream, "received", G_CALLBACK (return_message), NULL);
  for (guint i = 0; i < N_THREADS; i++)
    {
      clients[i] = (Client){ fixture->base.endpoint, i, NULL };
      clients[i].thread = g_thread_new ("client", client_thread, &clients[i]);
    }

  test_iterate_until (NULL, is_all_sent, &fixture->base);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (clients[i].thread);
  g_assert_cmpuint (fixture->messages->len, ==, N_THREADS * N_MESSAGES);
}

static void
add (const char   *path,
     ZmqSocketType type,
     void (*test) (PeerFixture  *fixture,
                   gconstpointer data))
{
  g_test_add (path, PeerFixture, GINT_TO_POINTER (type), peer_fixture_set_up, test,
              peer_fixture_tear_down);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("/stream/peers/python/echo", ZMQGLIB_SOCKET_DEALER, test_echo);
  add ("/stream/peers/python/multipart", ZMQGLIB_SOCKET_DEALER, test_echo_multipart);
  add ("/stream/peers/python/empty-frames", ZMQGLIB_SOCKET_DEALER, test_echo_empty_frames);
  add ("/stream/peers/python/large-frames", ZMQGLIB_SOCKET_DEALER, test_echo_large_frames);
  add ("/stream/peers/python/shapes", ZMQGLIB_SOCKET_DEALER, test_shapes_from_python);
  add ("/stream/peers/python/reply", ZMQGLIB_SOCKET_REP, test_reply);
  add ("/stream/peers/python/binary-prefix", ZMQGLIB_SOCKET_XPUB, test_binary_prefix);
  add ("/stream/peers/libzmq-threads", ZMQGLIB_SOCKET_ROUTER, test_threads);

  return g_test_run ();
}
