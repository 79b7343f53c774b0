/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-util.h"

#define LARGE_SIZE (100 * 1000 * 1000)
#define N_THREADS  4
#define N_READS    2000

static const char *const transports[] = { "inproc", "ipc", "tcp" };

static void
assert_frame (ZmqMessage *message,
              guint       index,
              const char *expected)
{
  g_autoptr (GBytes) frame = zmqglib_message_get_frame (message, index);

  g_assert_nonnull (frame);
  g_assert_cmpmem (g_bytes_get_data (frame, NULL), g_bytes_get_size (frame), expected, strlen (expected));
}

/* A message of these frames that came through a socket, so that libzmq has its memory. */
static ZmqMessage *
receive_strv (const char        *transport,
              const char *const *strv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (ZmqMessage) sent = zmqglib_message_new_from_strv (strv);
  ZmqMessage *received;

  test_socket_pair (context, transport, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  zmqglib_socket_send (push, sent, NULL, &error);
  g_assert_no_error (error);
  received = zmqglib_socket_receive (pull, NULL, &error);
  g_assert_no_error (error);

  return received;
}

static void
test_new (void)
{
  static const char *const strv[] = { "one", "", "three", NULL };
  g_autoptr (GBytes) bytes = g_bytes_new_static ("a\0b", 3);
  g_autoptr (ZmqMessage) empty = zmqglib_message_new ();
  g_autoptr (ZmqMessage) from_bytes = zmqglib_message_new_from_bytes (bytes);
  g_autoptr (ZmqMessage) from_string = zmqglib_message_new_from_string ("Grüße");
  g_autoptr (ZmqMessage) from_strv = zmqglib_message_new_from_strv (strv);
  g_autoptr (GBytes) frame = NULL;

  g_assert_cmpuint (zmqglib_message_get_n_frames (empty), ==, 0);
  g_assert_cmpuint (zmqglib_message_get_size (empty), ==, 0);

  frame = zmqglib_message_get_frame (from_bytes, 0);
  g_assert_true (g_bytes_equal (frame, bytes));
  g_assert_cmpuint (zmqglib_message_get_n_frames (from_bytes), ==, 1);
  g_assert_cmpuint (zmqglib_message_get_size (from_bytes), ==, 3);

  assert_frame (from_string, 0, "Grüße");
  g_assert_cmpuint (zmqglib_message_get_n_frames (from_string), ==, 1);

  g_assert_cmpuint (zmqglib_message_get_n_frames (from_strv), ==, 3);
  g_assert_cmpuint (zmqglib_message_get_size (from_strv), ==, 8);
  assert_frame (from_strv, 0, "one");
  assert_frame (from_strv, 1, "");
  assert_frame (from_strv, 2, "three");
}

static void
test_references (void)
{
  ZmqMessage *message = zmqglib_message_new_from_string ("kept");
  GValue      value = G_VALUE_INIT;

  g_assert_true (zmqglib_message_ref (message) == message);
  zmqglib_message_unref (message);
  assert_frame (message, 0, "kept");

  g_value_init (&value, ZMQGLIB_TYPE_MESSAGE);
  g_value_take_boxed (&value, message);
  g_assert_true (g_value_get_boxed (&value) == message);
  g_value_unset (&value);
}

static void
on_bytes_freed (gpointer data)
{
  gboolean *freed = data;

  *freed = TRUE;
}

/* The last reference drops the frames. */
static void
test_free (void)
{
  gboolean    freed = FALSE;
  GBytes     *bytes = g_bytes_new_with_free_func ("x", 1, on_bytes_freed, &freed);
  ZmqMessage *message = zmqglib_message_new_from_bytes (bytes);

  g_bytes_unref (bytes);
  zmqglib_message_ref (message);
  zmqglib_message_unref (message);
  g_assert_false (freed);
  zmqglib_message_unref (message);
  g_assert_true (freed);
}

static void
test_append_prepend_pop (void)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();
  g_autoptr (GBytes) first = g_bytes_new_static ("first", 5);
  g_autoptr (GBytes) second = g_bytes_new_static ("second", 6);
  g_autoptr (GBytes) popped = NULL;

  g_assert_null (zmqglib_message_pop_frame (message));

  zmqglib_message_append_data (message, "third", 5);
  zmqglib_message_append_string (message, "fourth");
  zmqglib_message_append_data (message, NULL, 0);
  zmqglib_message_prepend_bytes (message, second);
  zmqglib_message_prepend_bytes (message, first);

  g_assert_cmpuint (zmqglib_message_get_n_frames (message), ==, 5);
  assert_frame (message, 0, "first");
  assert_frame (message, 1, "second");
  assert_frame (message, 2, "third");
  assert_frame (message, 3, "fourth");
  assert_frame (message, 4, "");

  popped = zmqglib_message_pop_frame (message);
  g_assert_true (g_bytes_equal (popped, first));
  zmqglib_message_append_bytes (message, popped);
  g_assert_cmpuint (zmqglib_message_get_n_frames (message), ==, 5);
  assert_frame (message, 0, "second");
  assert_frame (message, 4, "first");
}

/* Growing at either end leaves what was looked at before where it is, small frames too, that libzmq
 * keeps inside its own structure. */
static void
test_views_outlive_growth (gconstpointer data)
{
  const char              *transport = data;
  static const char *const strv[] = { "small", "another", "third", NULL };
  g_autoptr (ZmqMessage) message = receive_strv (transport, strv);
  g_autoptr (GPtrArray) views = zmqglib_message_get_frames (message);
  g_autoptr (GBytes) extra = g_bytes_new_static ("extra", 5);

  for (guint i = 0; i < 50; i++)
    {
      zmqglib_message_prepend_bytes (message, extra);
      zmqglib_message_append_bytes (message, extra);
    }

  g_assert_cmpuint (zmqglib_message_get_n_frames (message), ==, 103);
  for (guint i = 0; i < 3; i++)
    {
      GBytes *view = g_ptr_array_index (views, i);

      g_assert_cmpmem (g_bytes_get_data (view, NULL), g_bytes_get_size (view), strv[i], strlen (strv[i]));
      assert_frame (message, 50 + i, strv[i]);
    }

  for (guint i = 0; i < 50; i++)
    g_bytes_unref (zmqglib_message_pop_frame (message));
  assert_frame (message, 0, "small");

  /* and the bytes outlive the message */
  g_clear_pointer (&message, zmqglib_message_unref);
  for (guint i = 0; i < 3; i++)
    {
      GBytes *view = g_ptr_array_index (views, i);

      g_assert_cmpmem (g_bytes_get_data (view, NULL), g_bytes_get_size (view), strv[i], strlen (strv[i]));
    }
}

/* What a program behind a ROUTER does: takes the envelope off, and puts it on again. */
static void
test_envelope (gconstpointer data)
{
  const char      *transport = data;
  g_autofree char *large = g_strnfill (10000, 'l');
  const char      *strv[] = { "id", large, "content", NULL };
  g_autoptr (ZmqMessage) message = receive_strv (transport, strv);
  g_autoptr (GBytes) id = zmqglib_message_pop_frame (message);
  g_autoptr (GBytes) body = zmqglib_message_pop_frame (message);

  g_assert_cmpuint (zmqglib_message_get_n_frames (message), ==, 1);
  g_assert_cmpmem (g_bytes_get_data (id, NULL), g_bytes_get_size (id), "id", 2);
  g_assert_cmpuint (g_bytes_get_size (body), ==, 10000);

  zmqglib_message_prepend_bytes (message, body);
  zmqglib_message_prepend_bytes (message, id);
  assert_frame (message, 0, "id");
  assert_frame (message, 1, large);
  assert_frame (message, 2, "content");
}

/* A frame that was taken off and put on again must not keep its own message alive. */
static void
test_no_cycle (void)
{
  gboolean freed = FALSE;
  g_autoptr (GBytes) witness = g_bytes_new_with_free_func ("w", 1, on_bytes_freed, &freed);
  static const char *const strv[] = { "id", "content", NULL };
  ZmqMessage              *message = receive_strv ("tcp", strv);
  GBytes                  *id = zmqglib_message_pop_frame (message);

  zmqglib_message_prepend_bytes (message, id);
  zmqglib_message_append_bytes (message, witness);
  g_bytes_unref (id);
  g_bytes_unref (g_steal_pointer (&witness));
  g_assert_false (freed);
  zmqglib_message_unref (message);
  g_assert_true (freed);
}

/* A message may be given frames of its own again, or pieces of them: it must not keep itself. */
static void
test_own_frames (void)
{
  gboolean         freed = FALSE;
  g_autofree char *large = g_strnfill (10000, 'l');
  g_autoptr (GBytes) witness = g_bytes_new_with_free_func ("w", 1, on_bytes_freed, &freed);
  ZmqMessage *message = zmqglib_message_new ();

  zmqglib_message_append_string (message, "content");
  zmqglib_message_append_string (message, large);
  zmqglib_message_append_string (message, "");
  zmqglib_message_append_bytes (message, witness);
  g_bytes_unref (g_steal_pointer (&witness));

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GBytes) frame = zmqglib_message_get_frame (message, i);

      zmqglib_message_append_bytes (message, frame);
    }

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GBytes) frame = zmqglib_message_get_frame (message, 2 * i);
      g_autoptr (GBytes) piece = g_bytes_new_from_bytes (frame, 3, 4);

      zmqglib_message_prepend_bytes (message, piece);
    }

  g_assert_cmpuint (zmqglib_message_get_n_frames (message), ==, 9);
  assert_frame (message, 0, "llll");
  assert_frame (message, 1, "tent");
  assert_frame (message, 2, "content");
  assert_frame (message, 3, large);
  assert_frame (message, 4, "");
  assert_frame (message, 5, "w");
  assert_frame (message, 6, "content");
  assert_frame (message, 7, large);
  assert_frame (message, 8, "");

  g_assert_false (freed);
  zmqglib_message_unref (message);
  g_assert_true (freed);
}

/* Neither must messages keep each other, however many there are, when each is given a frame of the next. */
static void
test_frames_of_each_other (void)
{
  static const char *const strv[] = { "id", "content", NULL };
  gboolean                 freed = FALSE;
  ZmqMessage              *messages[3];

  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      g_autoptr (GBytes) witness = g_bytes_new_with_free_func ("w", 1, i == 0 ? on_bytes_freed : NULL, &freed);

      messages[i] = receive_strv ("tcp", strv);
      zmqglib_message_append_bytes (messages[i], witness);
    }

  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      g_autoptr (GBytes) frame = zmqglib_message_get_frame (messages[i], 1);
      ZmqMessage *next = messages[(i + 1) % G_N_ELEMENTS (messages)];

      if (i == 0)
        zmqglib_message_prepend_bytes (next, frame);
      else
        zmqglib_message_append_bytes (next, frame);
    }
  assert_frame (messages[0], 3, "content");
  assert_frame (messages[1], 0, "content");
  assert_frame (messages[2], 3, "id");

  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    zmqglib_message_unref (messages[i]);
  g_assert_true (freed);
}

/* A frame's bytes are the message's own memory. */
static void
test_no_copy (gconstpointer data)
{
  const char      *transport = data;
  g_autofree char *large = g_strnfill (100000, 'l');
  const char      *strv[] = { "small", large, NULL };
  g_autoptr (ZmqMessage) message = receive_strv (transport, strv);
  g_autoptr (GPtrArray) frames = zmqglib_message_get_frames (message);

  g_assert_cmpuint (frames->len, ==, 2);

  for (guint i = 0; i < frames->len; i++)
    {
      g_autoptr (GBytes) frame = zmqglib_message_get_frame (message, i);
      gsize         size;
      gconstpointer peeked = zmqglib_message_peek_frame (message, i, &size);

      g_assert_true (g_bytes_get_data (frame, NULL) == peeked);
      g_assert_true (g_bytes_get_data (g_ptr_array_index (frames, i), NULL) == peeked);
      g_assert_cmpuint (g_bytes_get_size (frame), ==, size);
      g_assert_cmpuint (strlen (strv[i]), ==, size);
    }
}

static void
test_no_such_frame (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("only");
  gsize size = 1;

  g_assert_null (zmqglib_message_get_frame (message, 1));
  g_assert_null (zmqglib_message_get_frame (message, G_MAXUINT));
  g_assert_null (zmqglib_message_peek_frame (message, 1, &size));
  g_assert_cmpuint (size, ==, 0);
  g_assert_null (zmqglib_message_peek_frame (message, 1, NULL));

  g_assert_null (zmqglib_message_get_string (message, 1, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "frame 1");
  g_assert_null (zmqglib_message_get_variant (message, 7, G_VARIANT_TYPE_STRING, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "frame 7");
}

static void
test_string (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();
  g_autofree char *text = NULL;
  g_autofree char *empty = NULL;
  g_autofree char *no_data = NULL;

  zmqglib_message_append_string (message, "Grüße");
  zmqglib_message_append_string (message, "");
  zmqglib_message_append_data (message, "\xff\xfe", 2);
  zmqglib_message_append_data (message, "a\0b", 3);
  zmqglib_message_append_data (message, NULL, 0);

  text = zmqglib_message_get_string (message, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, "Grüße");

  empty = zmqglib_message_get_string (message, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (empty, ==, "");

  no_data = zmqglib_message_get_string (message, 4, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (no_data, ==, "");

  g_assert_null (zmqglib_message_get_string (message, 2, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_DATA, "Frame 2");
  g_assert_null (zmqglib_message_get_string (message, 3, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_DATA, "Frame 3");
}

static void
test_variant (void)
{
  static const char *const texts[] = {
    "(1, 'two', [3.0, 4.0])",
    "{'key': <@u 7>}",
    "<('in a', 'variant')>",
    "@as []",
    "@x -1",
    "''",
    "()",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) variant = g_variant_parse (NULL, texts[i], NULL, NULL, &error);
      g_autoptr (ZmqMessage) message = zmqglib_message_new ();
      g_autoptr (GVariant) actual = NULL;

      g_assert_no_error (error);
      zmqglib_message_append_variant (message, variant);
      actual = zmqglib_message_get_variant (message, 0, g_variant_get_type (variant), &error);
      g_assert_no_error (error);
      g_assert_false (g_variant_is_floating (actual));
      g_assert_cmpvariant (actual, variant);
    }
}

static void
test_variant_received (gconstpointer data)
{
  const char *transport = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (ZmqMessage) sent = zmqglib_message_new ();
  g_autoptr (ZmqMessage) received = NULL;
  g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new ("(xds)", G_MININT64, 0.5, "text"));
  g_autoptr (GVariant) actual = NULL;

  test_socket_pair (context, transport, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  zmqglib_message_append_variant (sent, variant);
  zmqglib_socket_send (push, sent, NULL, &error);
  g_assert_no_error (error);
  received = zmqglib_socket_receive (pull, NULL, &error);
  g_assert_no_error (error);

  actual = zmqglib_message_get_variant (received, 0, G_VARIANT_TYPE ("(xds)"), &error);
  g_assert_no_error (error);
  g_clear_pointer (&received, zmqglib_message_unref);
  g_assert_cmpvariant (actual, variant);
}

static void
test_bad_variant (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new ("(ss)", "some", "text"));
  g_autoptr (GBytes) bytes = g_variant_get_data_as_bytes (variant);
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();

  /* each of the ways to cut it short */
  for (gsize size = 0; size < g_bytes_get_size (bytes); size++)
    {
      g_autoptr (GBytes) truncated = g_bytes_new_from_bytes (bytes, 0, size);

      zmqglib_message_append_bytes (message, truncated);
      g_assert_null (zmqglib_message_get_variant (message, size, G_VARIANT_TYPE ("(ss)"), &error));
      test_assert_error (error, ZMQGLIB_ERROR_INVALID_DATA, "(ss)");
    }

  g_clear_pointer (&message, zmqglib_message_unref);
  message = zmqglib_message_new ();
  zmqglib_message_append_variant (message, variant);

  g_assert_null (zmqglib_message_get_variant (message, 0, G_VARIANT_TYPE ("(xx)"), &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_DATA, "Frame 0");
  g_assert_null (zmqglib_message_get_variant (message, 0, G_VARIANT_TYPE_BOOLEAN, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_DATA, "“b”");
  g_assert_null (zmqglib_message_get_variant (message, 0, G_VARIANT_TYPE ("a*"), &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "“a*”");
}

static void
test_copy (gconstpointer data)
{
  const char              *transport = data;
  static const char *const strv[] = { "small", "frames", NULL };
  g_autoptr (ZmqMessage) message = receive_strv (transport, strv);
  g_autoptr (ZmqMessage) copy = zmqglib_message_copy (message);

  g_assert_true (copy != message);
  g_assert_true (zmqglib_message_equal (copy, message));
  g_assert_true (zmqglib_message_peek_frame (copy, 1, NULL) == zmqglib_message_peek_frame (message, 1, NULL));

  zmqglib_message_append_string (copy, "more");
  g_assert_cmpuint (zmqglib_message_get_n_frames (message), ==, 2);
  g_assert_false (zmqglib_message_equal (copy, message));

  g_clear_pointer (&message, zmqglib_message_unref);
  assert_frame (copy, 0, "small");
  assert_frame (copy, 1, "frames");
  assert_frame (copy, 2, "more");
}

static void
test_equal (void)
{
  static const char *const strv[] = { "a", "", NULL };
  static const char *const joined_strv[] = { "", "a", NULL };
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_strv (strv);
  g_autoptr (ZmqMessage) received = receive_strv ("tcp", strv);
  g_autoptr (ZmqMessage) shifted = zmqglib_message_new_from_strv (joined_strv);
  g_autoptr (ZmqMessage) shorter = zmqglib_message_new_from_string ("a");
  g_autoptr (ZmqMessage) different = zmqglib_message_new_from_string ("b");
  g_autoptr (ZmqMessage) empty = zmqglib_message_new ();
  g_autoptr (ZmqMessage) other_empty = zmqglib_message_new ();

  g_assert_true (zmqglib_message_equal (message, message));
  g_assert_true (zmqglib_message_equal (message, received));
  g_assert_true (zmqglib_message_equal (received, message));
  g_assert_true (zmqglib_message_equal (empty, other_empty));
  g_assert_false (zmqglib_message_equal (message, shifted));
  g_assert_false (zmqglib_message_equal (message, shorter));
  g_assert_false (zmqglib_message_equal (shorter, different));
  g_assert_false (zmqglib_message_equal (shorter, empty));
}

static void
test_metadata (void)
{
  static const char *const strv[] = { "x", "y", NULL };
  g_autoptr (ZmqMessage) over_tcp = receive_strv ("tcp", strv);
  g_autoptr (ZmqMessage) over_inproc = receive_strv ("inproc", strv);
  g_autoptr (ZmqMessage) made = zmqglib_message_new_from_strv (strv);

  g_assert_cmpstr (zmqglib_message_get_metadata (over_tcp, "Peer-Address"), ==, "127.0.0.1");
  g_assert_cmpstr (zmqglib_message_get_metadata (over_tcp, "Socket-Type"), ==, "PUSH");
  g_assert_null (zmqglib_message_get_metadata (over_tcp, "No-Such-Property"));
  g_assert_null (zmqglib_message_get_metadata (over_inproc, "Socket-Type"));
  g_assert_null (zmqglib_message_get_metadata (made, "Socket-Type"));
}

/* The routing id that a ROUTER puts in front does not hide the metadata. */
static void
test_router_metadata (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) router = NULL;
  g_autoptr (ZmqSocket) dealer = NULL;
  g_autoptr (ZmqMessage) received = NULL;

  test_socket_pair (context, "tcp", ZMQGLIB_SOCKET_ROUTER, ZMQGLIB_SOCKET_DEALER, &router, &dealer);
  test_send_string (dealer, "x");
  received = zmqglib_socket_receive (router, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (zmqglib_message_get_n_frames (received), ==, 2);
  g_assert_cmpstr (zmqglib_message_get_metadata (received, "Socket-Type"), ==, "DEALER");
}

static void
on_sent (ZmqStream    *stream,
         ZmqMessage   *message,
         const GError *error,
         gboolean     *sent)
{
  g_assert_no_error (error);
  *sent = TRUE;
}

#define assert_refused(statement)                                            \
  G_STMT_START                                                               \
  {                                                                          \
    g_test_expect_message ("zmqglib", G_LOG_LEVEL_CRITICAL, "*may_change*"); \
    statement;                                                               \
    g_test_assert_expected_messages ();                                      \
  }                                                                          \
  G_STMT_END

/* A queued message must not change; once it was sent it may. */
static void
test_frozen_while_queued (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (ZmqStream) stream = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("queued");
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);
  g_autofree char *endpoint = NULL;
  gboolean         sent = FALSE;

  push = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  stream = zmqglib_stream_new (push);
  g_signal_connect (stream, "sent", G_CALLBACK (on_sent), &sent);
  zmqglib_stream_send (stream, message, &error);
  g_assert_no_error (error);

  assert_refused (zmqglib_message_append_bytes (message, bytes));
  assert_refused (zmqglib_message_append_data (message, "x", 1));
  assert_refused (zmqglib_message_append_string (message, "x"));
  assert_refused (zmqglib_message_append_variant (message, g_variant_new_string ("x")));
  assert_refused (zmqglib_message_prepend_bytes (message, bytes));
  assert_refused (g_assert_null (zmqglib_message_pop_frame (message)));
  g_assert_cmpuint (zmqglib_message_get_n_frames (message), ==, 1);
  assert_frame (message, 0, "queued");

  pull = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  endpoint = test_bind (pull, "inproc");
  zmqglib_socket_connect_to (push, endpoint, &error);
  g_assert_no_error (error);
  test_iterate_until (NULL, test_is_true, &sent);
  zmqglib_message_append_string (message, "more");
  g_assert_cmpuint (zmqglib_message_get_n_frames (message), ==, 2);

  test_receive_string (pull, "queued");
  zmqglib_stream_close (stream);
}

/* A large frame arrives at the same address, and is freed only when the receiver is done with it. */
static void
test_large_without_copy (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();
  g_autoptr (ZmqMessage) received = NULL;
  g_autoptr (GBytes) frame = NULL;
  g_autofree char *data = g_malloc0 (LARGE_SIZE);
  gboolean         freed = FALSE;
  GBytes          *bytes = g_bytes_new_with_free_func (data, LARGE_SIZE, on_bytes_freed, &freed);

  test_socket_pair (context, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  zmqglib_message_append_bytes (message, bytes);
  zmqglib_message_append_bytes (message, bytes);
  g_bytes_unref (bytes);
  zmqglib_socket_send (push, message, NULL, &error);
  g_assert_no_error (error);
  g_clear_pointer (&message, zmqglib_message_unref);

  received = zmqglib_socket_receive (pull, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (zmqglib_message_get_n_frames (received), ==, 2);
  g_assert_cmpuint (zmqglib_message_get_size (received), ==, 2 * (gsize) LARGE_SIZE);
  g_assert_true (zmqglib_message_peek_frame (received, 0, NULL) == data);
  g_assert_true (zmqglib_message_peek_frame (received, 1, NULL) == data);

  frame = zmqglib_message_get_frame (received, 1);
  g_clear_pointer (&received, zmqglib_message_unref);
  g_assert_false (freed);
  g_assert_true (g_bytes_get_data (frame, NULL) == data);
  g_clear_pointer (&frame, g_bytes_unref);
  g_assert_true (freed);
}

/* The same over the network, where it is at least not mixed up. */
static void
test_large_over_tcp (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (ZmqMessage) message = NULL;
  g_autoptr (ZmqMessage) received = NULL;
  g_autoptr (GBytes) bytes = NULL;
  guint32 *numbers = g_malloc (LARGE_SIZE);

  for (guint32 i = 0; i < LARGE_SIZE / sizeof *numbers; i++)
    numbers[i] = i;
  bytes = g_bytes_new_take (numbers, LARGE_SIZE);
  message = zmqglib_message_new_from_bytes (bytes);
  zmqglib_message_append_string (message, "end");

  test_socket_pair (context, "tcp", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  zmqglib_socket_send (push, message, NULL, &error);
  g_assert_no_error (error);
  received = zmqglib_socket_receive (pull, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (zmqglib_message_equal (received, message));
}

typedef struct
{
  ZmqMessage *message;
  const char *large;
} Reader;

static gpointer
read_thread (gpointer data)
{
  Reader *reader = data;

  for (guint i = 0; i < N_READS; i++)
    {
      g_autoptr (ZmqMessage) copy = zmqglib_message_copy (reader->message);
      g_autoptr (GBytes) small = zmqglib_message_get_frame (reader->message, 0);
      g_autofree char *large = zmqglib_message_get_string (reader->message, 1, NULL);

      g_assert_cmpmem (g_bytes_get_data (small, NULL), g_bytes_get_size (small), "small", 5);
      g_assert_cmpstr (large, ==, reader->large);
      g_assert_true (zmqglib_message_equal (copy, reader->message));
    }

  return NULL;
}

/* Also sends it, which is reading too. */
static gpointer
send_thread (gpointer data)
{
  Reader *reader = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;

  test_socket_pair (NULL, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);

  for (guint i = 0; i < N_READS; i++)
    {
      g_autoptr (ZmqMessage) received = NULL;

      zmqglib_socket_send (push, reader->message, NULL, &error);
      g_assert_no_error (error);
      received = zmqglib_socket_receive (pull, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (zmqglib_message_equal (received, reader->message));
    }

  return NULL;
}

static void
test_read_by_threads (void)
{
  g_autofree char *large = g_strnfill (20000, 'l');
  const char      *strv[] = { "small", large, NULL };
  g_autoptr (ZmqMessage) message = receive_strv ("tcp", strv);
  Reader   reader = { message, large };
  GThread *threads[2 * N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    {
      threads[2 * i] = g_thread_new ("read", read_thread, &reader);
      threads[2 * i + 1] = g_thread_new ("send", send_thread, &reader);
    }
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);

  assert_frame (message, 0, "small");
  assert_frame (message, 1, large);
}

static void
add_for_transports (const char   *name,
                    GTestDataFunc func)
{
  for (guint i = 0; i < G_N_ELEMENTS (transports); i++)
    {
      g_autofree char *path = g_strdup_printf ("/message/%s/%s", name, transports[i]);

      g_test_add_data_func (path, transports[i], func);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/message/new", test_new);
  g_test_add_func ("/message/references", test_references);
  g_test_add_func ("/message/free", test_free);
  g_test_add_func ("/message/append-prepend-pop", test_append_prepend_pop);
  add_for_transports ("views-outlive-growth", test_views_outlive_growth);
  add_for_transports ("envelope", test_envelope);
  g_test_add_func ("/message/no-cycle", test_no_cycle);
  g_test_add_func ("/message/own-frames", test_own_frames);
  g_test_add_func ("/message/frames-of-each-other", test_frames_of_each_other);
  add_for_transports ("no-copy", test_no_copy);
  g_test_add_func ("/message/no-such-frame", test_no_such_frame);
  g_test_add_func ("/message/string", test_string);
  g_test_add_func ("/message/variant", test_variant);
  add_for_transports ("variant-received", test_variant_received);
  g_test_add_func ("/message/bad-variant", test_bad_variant);
  add_for_transports ("copy", test_copy);
  g_test_add_func ("/message/equal", test_equal);
  g_test_add_func ("/message/metadata", test_metadata);
  g_test_add_func ("/message/router-metadata", test_router_metadata);
  g_test_add_func ("/message/frozen-while-queued", test_frozen_while_queued);
  g_test_add_func ("/message/large-without-copy", test_large_without_copy);
  g_test_add_func ("/message/large-over-tcp", test_large_over_tcp);
  g_test_add_func ("/message/read-by-threads", test_read_by_threads);

  return g_test_run ();
}
