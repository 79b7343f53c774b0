/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <malloc.h>

#include "test-life-util.h"

/* Promise 11: memory is bounded by the send limit; and what is dropped in great numbers does not stop
 * the rest of the program. */

#define SEND_LIMIT   100
#define MESSAGE_SIZE 4096
#define MAX_GROWTH   (5 * 1024 * 1024)

static gboolean
is_memory_ours (void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return FALSE;
#else
  return !test_is_slow_tool ();
#endif
}

static gint64
get_resident_size (void)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) numbers = NULL;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  numbers = g_strsplit (text, " ", 3);

  return g_ascii_strtoll (numbers[1], NULL, 10) * sysconf (_SC_PAGESIZE);
}

/* A stream of a PUB that libzmq takes all from, and the handler that floods it */
typedef struct
{
  ZmqStream *stream;
  guint      n_messages;
  guint      n_taken;
  guint      n_refused;
  gint64     growth;
  guint      n_sent;
  gboolean   is_done;
} Flood;

static void
on_sent (ZmqStream    *stream,
         ZmqMessage   *message,
         const GError *error,
         Flood        *flood)
{
  g_assert_no_error (error);
  flood->n_sent++;
}

static void
flood_send (Flood *self)
{
  g_autofree char *data = g_malloc0 (MESSAGE_SIZE);
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();
  g_autoptr (GError) error = NULL;

  zmqglib_message_append_data (message, data, MESSAGE_SIZE);
  if (zmqglib_stream_send (self->stream, message, &error))
    {
      self->n_taken++;
      return;
    }
  g_assert_error (error, ZMQGLIB_ERROR, (int) ZMQGLIB_ERROR_QUEUE_FULL);
  self->n_refused++;
}

static gboolean
on_flood (gpointer data)
{
  Flood *self = data;
  gint64 before = get_resident_size ();

  for (guint i = 0; i < self->n_messages; i++)
    {
      flood_send (self);
      if (i % 1000 == 0)
        self->growth = MAX (self->growth, get_resident_size () - before);
    }
  self->growth = MAX (self->growth, get_resident_size () - before);
  self->is_done = TRUE;

  return G_SOURCE_REMOVE;
}

static ZmqStream *
make_publisher (ZmqContext *context,
                GType       type)
{
  g_autoptr (ZmqSocket) pub = test_socket_new (context, ZMQGLIB_SOCKET_PUB);
  g_autofree char *endpoint G_GNUC_UNUSED = test_bind (pub, "tcp");

  return g_object_new (type, "socket", pub, "send-limit", SEND_LIMIT, NULL);
}

static void
run_flood (Flood *self)
{
  self->n_messages = test_is_slow_tool () ? 5000 : 200000;
  g_idle_add_full (G_PRIORITY_DEFAULT, on_flood, self, NULL);
  life_until (NULL, self->is_done);
}

/* Nobody listens to “sent”: what libzmq has taken is gone, and counts no more. */
static void
test_without_listener (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqStream) stream = make_publisher (context, ZMQGLIB_TYPE_STREAM);
  Flood flood = { .stream = stream };

  life_settle (NULL);
  run_flood (&flood);
  g_assert_cmpuint (flood.n_taken, ==, flood.n_messages);
  g_assert_cmpuint (flood.n_refused, ==, 0);
  g_assert_cmpuint (zmqglib_stream_get_n_queued (stream), ==, 0);
  if (is_memory_ours ())
    g_assert_cmpint (flood.growth, <, MAX_GROWTH);
}

/* Somebody does: what is not yet told of counts, and is told of when the handler has come back. */
static void
assert_limited (Flood *flood)
{
  g_assert_cmpuint (flood->n_taken, ==, SEND_LIMIT);
  g_assert_cmpuint (flood->n_refused, ==, flood->n_messages - SEND_LIMIT);
  if (is_memory_ours ())
    g_assert_cmpint (flood->growth, <, MAX_GROWTH);
}

static void
test_with_listener (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqStream) stream = make_publisher (context, ZMQGLIB_TYPE_STREAM);
  Flood flood = { .stream = stream };

  g_signal_connect (stream, "sent", G_CALLBACK (on_sent), &flood);
  life_settle (NULL);
  run_flood (&flood);
  assert_limited (&flood);
  life_until (NULL, flood.n_sent == SEND_LIMIT);

  /* and there is room again */
  flood_send (&flood);
  g_assert_cmpuint (flood.n_taken, ==, SEND_LIMIT + 1);
  life_until (NULL, flood.n_sent == SEND_LIMIT + 1);
}

/* A subclass that has the vfunc listens, too. */
typedef struct
{
  ZmqStream parent;
  guint     n_sent;
} Teller;

typedef struct
{
  ZmqStreamClass parent_class;
} TellerClass;

GType teller_get_type (void) G_GNUC_CONST;

G_DEFINE_TYPE (Teller, teller, ZMQGLIB_TYPE_STREAM)

static void
teller_sent (ZmqStream    *stream,
             ZmqMessage   *message,
             const GError *error)
{
  g_assert_no_error (error);
  ((Teller *) stream)->n_sent++;
}

static void
teller_class_init (TellerClass *klass)
{
  ZMQGLIB_STREAM_CLASS (klass)->sent = teller_sent;
}

static void
teller_init (Teller *self)
{
}

static void
test_with_subclass (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqStream) stream = make_publisher (context, teller_get_type ());
  Flood flood = { .stream = stream };

  life_settle (NULL);
  run_flood (&flood);
  assert_limited (&flood);
  life_until (NULL, ((Teller *) stream)->n_sent == SEND_LIMIT);
}

/* The memory itself: gone as soon as libzmq has taken it, which drops it without subscribers. */
static void
test_nothing_kept (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqStream) stream = make_publisher (context, ZMQGLIB_TYPE_STREAM);
  static char data[MESSAGE_SIZE * 10];
  gint        n_alive = 0;

  life_settle (NULL);
  for (guint i = 0; i < 1000; i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_with_free_func (data, sizeof data, life_on_destroyed, &n_alive);
      g_autoptr (GError) error = NULL;

      g_atomic_int_inc (&n_alive);
      zmqglib_stream_send_bytes (stream, bytes, &error);
      g_assert_no_error (error);
      g_clear_pointer (&bytes, g_bytes_unref);
      g_assert_cmpint (g_atomic_int_get (&n_alive), ==, 0);
    }
}

/* A great many that wait when a stream closes are told of in portions. */
typedef struct
{
  guint    n_messages;
  guint    n_told;
  guint    n_told_at_turn; /* when the redraw had its turn last */
  guint    max_between_turns;
  guint    n_turns;
  gboolean is_closed;
} Closing;

static void
on_closing_sent (ZmqStream    *stream,
                 ZmqMessage   *message,
                 const GError *error,
                 Closing      *self)
{
  g_assert_error (error, ZMQGLIB_ERROR, (int) ZMQGLIB_ERROR_CLOSED);
  self->n_told++;
  self->max_between_turns = MAX (self->max_between_turns, self->n_told - self->n_told_at_turn);
}

static void
on_closing_closed (ZmqStream    *stream,
                   const GError *error,
                   Closing      *self)
{
  g_assert_no_error (error);
  g_assert_cmpuint (self->n_told, ==, self->n_messages);
  self->is_closed = TRUE;
}

static gboolean
on_redraw (gpointer data)
{
  Closing *self = data;

  self->n_turns++;
  self->n_told_at_turn = self->n_told;

  return G_SOURCE_CONTINUE;
}

static void
test_close (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) push = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (push);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("one of many");
  Closing self = { .n_messages = test_is_slow_tool () ? 100000 : 1000000 };
  guint   redraw;

  g_signal_connect (stream, "sent", G_CALLBACK (on_closing_sent), &self);
  g_signal_connect (stream, "closed", G_CALLBACK (on_closing_closed), &self);
  for (guint i = 0; i < self.n_messages; i++)
    g_assert_true (zmqglib_stream_send (stream, message, NULL));
  redraw = g_idle_add_full (G_PRIORITY_HIGH_IDLE + 20, on_redraw, &self, NULL);
  zmqglib_stream_close (stream);
  life_until (NULL, self.is_closed);
  g_source_remove (redraw);

  /* the slice of 2 ms has room for a few ten thousand on the quickest machine there is */
  g_assert_cmpuint (self.n_turns, >, 5);
  g_assert_cmpuint (self.max_between_turns, <, self.n_messages / 5);
}

/* What a message has of itself does not keep it. */

typedef enum
{
  OWN_VARIANT,
  OWN_VARIANT_CHILD,
  OWN_BYTES,
  OWN_BYTES_IN_FRONT,
} Own;

static void
append_own (ZmqMessage *message,
            Own         own)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) variant = NULL;
  g_autoptr (GVariant) child = NULL;
  g_autoptr (GBytes) bytes = NULL;

  switch (own)
    {
    case OWN_VARIANT:
      variant = zmqglib_message_get_variant (message, 0, G_VARIANT_TYPE_BYTESTRING, &error);
      g_assert_no_error (error);
      zmqglib_message_append_variant (message, variant);
      break;
    case OWN_VARIANT_CHILD:
      variant = zmqglib_message_get_variant (message, 0, G_VARIANT_TYPE ("a(yy)"), &error);
      g_assert_no_error (error);
      child = g_variant_get_child_value (variant, 0);
      zmqglib_message_append_variant (message, child);
      break;
    case OWN_BYTES:
      bytes = zmqglib_message_get_frame (message, 0);
      zmqglib_message_append_bytes (message, bytes);
      break;
    case OWN_BYTES_IN_FRONT:
      bytes = zmqglib_message_get_frame (message, 0);
      zmqglib_message_prepend_bytes (message, bytes);
      break;
    }
  g_assert_cmpuint (zmqglib_message_get_n_frames (message), ==, 2);
}

/* Made here, and received: over inproc the receiver has the sender's memory. */
static void
test_own (gconstpointer data)
{
  static char        memory[MESSAGE_SIZE * 10];
  static const gsize sizes[] = { 10, 100, 1000, sizeof memory };
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  gint n_alive = 0;

  test_socket_pair (context, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  for (guint i = 0; i < 2 * G_N_ELEMENTS (sizes); i++)
    {
      gsize       size = sizes[i / 2];
      GBytes     *bytes = g_bytes_new_with_free_func (memory, size, life_on_destroyed, &n_alive);
      ZmqMessage *message = zmqglib_message_new_from_bytes (bytes);
      g_autoptr (GError) error = NULL;

      g_atomic_int_inc (&n_alive);
      g_bytes_unref (bytes);
      if (i % 2 == 1)
        {
          zmqglib_socket_send (push, message, NULL, &error);
          g_assert_no_error (error);
          zmqglib_message_unref (message);
          message = zmqglib_socket_receive (pull, NULL, &error);
          g_assert_no_error (error);
        }
      append_own (message, GPOINTER_TO_INT (data));
      zmqglib_message_unref (message);
      life_poll_until (NULL, g_atomic_int_get (&n_alive) == 0);
    }
}

/* What is made and dropped again and again. */
typedef void (*RoundFunc) (gpointer data);

#define N_ROUNDS 1000
#define MAX_LEFT (N_ROUNDS * 8) /* less than anything that each of them could leave */

static void
round_of_poller (gpointer fds)
{
  g_autoptr (ZmqPoller) poller = zmqglib_poller_new ();
  g_autoptr (GSource) source = zmqglib_poller_create_source (poller);

  g_source_attach (source, NULL);
  g_assert_true (zmqglib_poller_add_fd (poller, *(int *) fds, G_IO_IN, NULL, NULL, NULL, NULL));
  g_main_context_iteration (NULL, FALSE);
  g_source_destroy (source);
}

static void
on_waited (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  gboolean *is_over = data;

  *is_over = TRUE;
}

static void
round_of_main_context (gpointer socket)
{
  g_autoptr (GMainContext) main_context = g_main_context_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  gboolean is_over = FALSE;

  g_main_context_push_thread_default (main_context);
  zmqglib_socket_wait_async (socket, G_IO_IN, G_PRIORITY_DEFAULT, cancellable, on_waited, &is_over);
  g_main_context_iteration (main_context, FALSE);
  g_cancellable_cancel (cancellable);
  life_until (main_context, is_over);
  g_main_context_pop_thread_default (main_context);
}

/* Also what would be found in no list of leaks, since GLib keeps small memory in pages. */
static void
assert_nothing_left (RoundFunc func,
                     gpointer  data)
{
  gsize before = 0;

  for (guint i = 0; i < 2 * N_ROUNDS; i++)
    {
      if (i == N_ROUNDS)
        before = mallinfo2 ().uordblks;
      func (data);
    }
  g_assert_cmpuint (mallinfo2 ().uordblks, <, before + MAX_LEFT);
}

static void
test_nothing_left (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  int fds[2];

  if (!is_memory_ours ())
    {
      g_test_skip ("The memory is not ours alone");
      return;
    }

  g_assert_cmpint (pipe (fds), ==, 0);
  assert_nothing_left (round_of_poller, fds);
  assert_nothing_left (round_of_main_context, socket);
  close (fds[0]);
  close (fds[1]);
}

int
main (int   argc,
      char *argv[])
{
  static const char *const own_names[] = { "variant", "variant-child", "bytes", "bytes-in-front" };

  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/memory/promise-11-without-listener", test_without_listener);
  g_test_add_func ("/memory/promise-11-with-listener", test_with_listener);
  g_test_add_func ("/memory/promise-11-with-subclass", test_with_subclass);
  g_test_add_func ("/memory/promise-11-nothing-kept", test_nothing_kept);
  g_test_add_func ("/memory/close-in-portions", test_close);
  g_test_add_func ("/memory/nothing-left", test_nothing_left);
  for (Own own = OWN_VARIANT; own <= OWN_BYTES_IN_FRONT; own++)
    {
      g_autofree char *path = g_strdup_printf ("/memory/own-content/%s", own_names[own]);

      g_test_add_data_func (path, GINT_TO_POINTER (own), test_own);
    }

  return g_test_run ();
}
