/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-life-util.h"

/* Rule 4: a completion is told last, when every structure is consistent: never from within the change,
 * true when it is heard, and those behind it come to a nested loop. */

typedef struct
{
  ZmqContext *context;
  ZmqSocket  *push; /* bound */
  ZmqSocket  *pull; /* connected by the test */
  ZmqStream  *stream;
  char       *endpoint;

  gboolean is_inside; /* a call in which nothing may be told */
  guint    n_told;
  guint    n_begun;
  guint    n_sent;
  guint    n_queued; /* in all */
  guint    n_drained;
  guint    n_left;
  GString *log;
} Fixture;

static void
fixture_set_up (Fixture      *self,
                gconstpointer transport)
{
  self->context = zmqglib_context_new ();
  self->push = test_socket_new (self->context, ZMQGLIB_SOCKET_PUSH);
  self->pull = test_socket_new (self->context, ZMQGLIB_SOCKET_PULL);
  g_object_set (self->push, "send-high-water-mark", 5, NULL);
  g_object_set (self->pull, "receive-high-water-mark", 5, NULL);
  self->endpoint = test_bind (self->push, "inproc");
  self->log = g_string_new ("");
}

static void
fixture_tear_down (Fixture      *self,
                   gconstpointer transport)
{
  life_settle (NULL);
  g_clear_object (&self->stream);
  g_clear_object (&self->push);
  g_clear_object (&self->pull);
  life_settle (NULL);
  life_terminate (self->context);
  g_clear_object (&self->context);
  g_free (self->endpoint);
  g_string_free (self->log, TRUE);
}

static void
fixture_connect (Fixture *self)
{
  g_autoptr (GError) error = NULL;

  zmqglib_socket_connect_to (self->pull, self->endpoint, &error);
  g_assert_no_error (error);
}

static gboolean
on_pull (gpointer data)
{
  for (guint i = 0; i < 3; i++)
    {
      ZmqMessage *message = zmqglib_socket_try_receive (data, NULL);

      g_clear_pointer (&message, zmqglib_message_unref);
    }

  return G_SOURCE_CONTINUE;
}

/* Drains */

static void
fixture_queue (Fixture *self,
               guint    n_messages)
{
  for (guint i = 0; i < n_messages; i++)
    {
      g_autoptr (GError) error = NULL;

      zmqglib_stream_send_string (self->stream, "x", &error);
      g_assert_no_error (error);
      self->n_queued++;
    }
}

static void
on_sent_count (ZmqStream    *stream,
               ZmqMessage   *message,
               const GError *error,
               Fixture      *fixture)
{
  g_assert_no_error (error);
  fixture->n_sent++;
}

/* The first handler hears what is true; a second one what the first made of it. */
static void
on_drained (ZmqStream *stream,
            Fixture   *fixture)
{
  g_assert_cmpuint (zmqglib_stream_get_n_queued (stream), ==, 0);
  g_assert_cmpuint (fixture->n_sent, ==, fixture->n_queued);
  fixture->n_drained++;
  if (fixture->n_left > 0 && fixture->n_left % 3 == 0)
    fixture_queue (fixture, 20);
}

static void
on_batch_drained (GObject      *stream,
                  GAsyncResult *result,
                  gpointer      data)
{
  Fixture *self = data;
  g_autoptr (GError) error = NULL;

  g_assert_true (zmqglib_stream_drain_finish (ZMQGLIB_STREAM (stream), result, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (zmqglib_stream_get_n_queued (self->stream), ==, 0);
  self->n_told++;
  if (self->n_left == 0)
    return;

  self->n_left--;
  fixture_queue (self, self->n_left % 4 * 10);
  zmqglib_stream_drain_async (self->stream, NULL, on_batch_drained, self);
  self->n_begun++;
}

/* Batch, drain, batch, drain …, several at once, each of which sends the next as it ends. */
static void
test_drain_sees_empty_queue (Fixture      *self,
                             gconstpointer with_drained)
{
  g_autoptr (GSource) puller = g_timeout_source_new (1);

  self->stream = zmqglib_stream_new (self->push);
  g_signal_connect (self->stream, "sent", G_CALLBACK (on_sent_count), self);
  if (with_drained != NULL)
    g_signal_connect (self->stream, "drained", G_CALLBACK (on_drained), self);
  fixture_connect (self);
  g_source_set_callback (puller, on_pull, self->pull, NULL);
  g_source_attach (puller, NULL);

  self->n_left = 40;
  fixture_queue (self, 30);
  for (guint i = 0; i < 4; i++)
    zmqglib_stream_drain_async (self->stream, NULL, on_batch_drained, self);
  self->n_begun += 4;
  life_until (NULL, self->n_left == 0 && self->n_told == self->n_begun);
  life_until (NULL, zmqglib_stream_get_n_queued (self->stream) == 0);
  life_settle (NULL);
  if (with_drained != NULL)
    g_assert_cmpuint (self->n_drained, >, 1);
  g_source_destroy (puller);
}

/* Nested loops */

typedef enum
{
  KIND_RECEIVE,
  KIND_NEXT, /* of a stream */
  KIND_SEND,
  KIND_WAIT,
  KIND_DRAIN,
  KIND_TRACKER,
} Kind;

static const char *const kind_names[] = { "receive", "next", "send", "wait", "drain", "tracker" };

#define N_OPERATIONS 5

/* Each callback runs a loop until all behind it have been told. */
static void
on_nested (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  Fixture *self = data;

  self->n_told++;
  life_until (NULL, self->n_told == N_OPERATIONS);
}

static void
begin_one (Fixture            *self,
           Kind                kind,
           ZmqTracker         *tracker,
           GCancellable       *cancellable,
           GAsyncReadyCallback callback)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");

  self->is_inside = TRUE;
  switch (kind)
    {
    case KIND_RECEIVE:
      zmqglib_socket_receive_async (self->pull, G_PRIORITY_DEFAULT, cancellable, callback, self);
      break;
    case KIND_NEXT:
      zmqglib_stream_receive_async (self->stream, cancellable, callback, self);
      break;
    case KIND_SEND:
      zmqglib_socket_send_async (self->push, message, G_PRIORITY_DEFAULT, cancellable, callback, self);
      break;
    case KIND_WAIT:
      zmqglib_socket_wait_async (self->pull, G_IO_IN, G_PRIORITY_DEFAULT, cancellable, callback, self);
      break;
    case KIND_DRAIN:
      zmqglib_stream_drain_async (self->stream, cancellable, callback, self);
      break;
    case KIND_TRACKER:
      zmqglib_tracker_wait_async (tracker, cancellable, callback, self);
      break;
    }
  self->is_inside = FALSE;
}

/* All of the kind wait, and then end at once. */
static void
test_nested_loop (Fixture      *self,
                  gconstpointer data)
{
  Kind kind = GPOINTER_TO_INT (data);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("tracked");
  g_autoptr (ZmqTracker) tracker = zmqglib_message_track (message);
  g_autoptr (GError) error = NULL;

  if (kind == KIND_NEXT)
    self->stream = zmqglib_stream_new (self->pull);
  if (kind == KIND_DRAIN)
    {
      self->stream = zmqglib_stream_new (self->push);
      fixture_queue (self, 1);
    }
  for (guint i = 0; i < N_OPERATIONS; i++)
    begin_one (self, kind, tracker, NULL, on_nested);
  life_settle (NULL);
  g_assert_cmpuint (self->n_told, ==, 0);

  fixture_connect (self);
  if (kind == KIND_RECEIVE || kind == KIND_NEXT || kind == KIND_WAIT)
    for (guint i = 0; i < N_OPERATIONS; i++)
      test_send_string (self->push, "x");
  if (kind == KIND_TRACKER)
    {
      zmqglib_socket_send (self->push, message, NULL, &error);
      g_assert_no_error (error);
    }
  life_until (NULL, self->n_told == N_OPERATIONS);
}

/* A source that begins an operation, which can end at once, when the main context asks whether it is ready. */
typedef struct
{
  GSource  source;
  Fixture *fixture;
  gboolean begins;
} Asked;

static void
on_received_when_asked (GObject      *source,
                        GAsyncResult *result,
                        gpointer      data)
{
  Fixture *self = data;
  g_autoptr (ZmqMessage) message = zmqglib_socket_receive_finish (ZMQGLIB_SOCKET (source), result, NULL);

  g_assert_nonnull (message);
  self->n_told++;
}

static gboolean
asked_prepare (GSource *source,
               int     *timeout)
{
  Asked *self = (Asked *) source;

  if (self->begins)
    begin_one (self->fixture, KIND_RECEIVE, NULL, NULL, on_received_when_asked);
  self->begins = FALSE;

  return FALSE;
}

static gboolean
on_run_nested (gpointer data)
{
  Asked *self = data;

  self->begins = TRUE;
  life_until (NULL, self->fixture->n_told == 1);

  return G_SOURCE_REMOVE;
}

/* By then a loop that a callback runs has asked everybody else, and is about to block. */
static void
test_nested_loop_about_to_block (Fixture      *self,
                                 gconstpointer data)
{
  static GSourceFuncs funcs = { .prepare = asked_prepare };
  g_autoptr (GSource) asked = g_source_new (&funcs, sizeof (Asked));

  self->stream = zmqglib_stream_new (self->push);
  fixture_connect (self);
  test_send_string (self->push, "x");
  ((Asked *) asked)->fixture = self;
  g_source_attach (asked, NULL);
  life_settle (NULL);

  g_idle_add (on_run_nested, asked);
  life_until (NULL, self->n_told == 1);
  g_source_destroy (asked);
}

/* The same for what ends because it is cancelled, or closed. */
static void
test_nested_loop_ending (Fixture      *self,
                         gconstpointer data)
{
  Kind     kind = GPOINTER_TO_INT (data) / 2;
  gboolean is_closed = GPOINTER_TO_INT (data) % 2;
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("tracked");
  g_autoptr (ZmqTracker) tracker = zmqglib_message_track (message);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  if (kind == KIND_NEXT)
    self->stream = zmqglib_stream_new (self->pull);
  if (kind == KIND_DRAIN)
    {
      self->stream = zmqglib_stream_new (self->push);
      fixture_queue (self, 1);
    }
  for (guint i = 0; i < N_OPERATIONS; i++)
    begin_one (self, kind, tracker, cancellable, on_nested);
  life_settle (NULL);

  if (!is_closed)
    g_cancellable_cancel (cancellable);
  else if (kind == KIND_DRAIN)
    zmqglib_stream_close (self->stream);
  else
    {
      zmqglib_socket_close (self->push);
      zmqglib_socket_close (self->pull);
      g_clear_pointer (&message, zmqglib_message_unref);
    }
  life_until (NULL, self->n_told == N_OPERATIONS);
}

/* Nothing is told within the call that begins, ends or makes it possible. */

static void
on_not_inside (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  Fixture *self = data;

  g_assert_false (self->is_inside);
  self->n_told++;
}

static void
on_done_not_inside (ZmqTracker *tracker,
                    GParamSpec *pspec,
                    Fixture    *fixture)
{
  g_assert_false (fixture->is_inside);
  fixture->n_drained++;
}

typedef enum
{
  BY_SOCKET_SEND,
  BY_SOCKET_TRY_SEND,
  BY_SOCKET_SEND_ASYNC,
  BY_STREAM_SEND,
  BY_STREAM_FLUSH,
  BY_STREAM_DISCARD,
  BY_STREAM_CLOSE,
  BY_STREAM_DROP,
  BY_SOCKET_CLOSE,
  BY_MESSAGE_DROP,
} By;

static const char *const by_names[] = {
  "send", "try-send", "send-async", "stream-send", "flush", "discard", "close", "drop", "socket-close",
  "message-drop"
};

static void
do_it (Fixture     *self,
       By           by,
       ZmqMessage **message)
{
  g_autoptr (GError) error = NULL;

  switch (by)
    {
    case BY_SOCKET_SEND:
      zmqglib_socket_send (self->push, *message, NULL, &error);
      break;
    case BY_SOCKET_TRY_SEND:
      zmqglib_socket_try_send (self->push, *message, &error);
      break;
    case BY_SOCKET_SEND_ASYNC:
      zmqglib_socket_send_async (self->push, *message, G_PRIORITY_DEFAULT, NULL, on_not_inside, self);
      self->n_begun++;
      break;
    case BY_STREAM_SEND:
      zmqglib_stream_send (self->stream, *message, &error);
      break;
    case BY_STREAM_FLUSH:
      zmqglib_stream_flush (self->stream, G_IO_OUT, 0);
      break;
    case BY_STREAM_DISCARD:
      g_assert_cmpuint (zmqglib_stream_discard (self->stream), ==, 1);
      break;
    case BY_STREAM_CLOSE:
      zmqglib_stream_close (self->stream);
      break;
    case BY_STREAM_DROP:
      g_clear_object (&self->stream);
      break;
    case BY_SOCKET_CLOSE:
      zmqglib_socket_close (self->push);
      break;
    case BY_MESSAGE_DROP:
      g_clear_pointer (message, zmqglib_message_unref);
      break;
    }
  g_assert_no_error (error);
}

static void
test_tracker_not_inside (Fixture      *self,
                         gconstpointer data)
{
  By by = GPOINTER_TO_INT (data);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");
  g_autoptr (ZmqTracker) tracker = zmqglib_message_track (message);
  g_autoptr (GError) error = NULL;

  g_signal_connect (tracker, "notify::done", G_CALLBACK (on_done_not_inside), self);
  zmqglib_tracker_wait_async (tracker, NULL, on_not_inside, self);
  self->n_begun = 1;
  if (by < BY_STREAM_FLUSH)
    fixture_connect (self);
  if (by >= BY_STREAM_SEND)
    self->stream = zmqglib_stream_new (self->push);
  if (by >= BY_STREAM_FLUSH && by != BY_MESSAGE_DROP)
    {
      zmqglib_stream_send (self->stream, message, &error);
      g_assert_no_error (error);
    }
  /* so that no earlier iteration is what made it come */
  life_settle (NULL);
  if (by == BY_STREAM_FLUSH)
    {
      fixture_connect (self);
      zmqglib_socket_wait (self->push, G_IO_OUT, -1, NULL, &error);
      g_assert_no_error (error);
    }
  g_assert_cmpuint (self->n_told, ==, 0);

  self->is_inside = TRUE;
  do_it (self, by, &message);
  self->is_inside = FALSE;
  life_until (NULL, self->n_told == self->n_begun && self->n_drained == 1);
}

static void
test_operation_not_inside (Fixture      *self,
                           gconstpointer data)
{
  Kind kind = GPOINTER_TO_INT (data);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("tracked");
  g_autoptr (ZmqTracker) tracker = zmqglib_message_track (message);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  self->stream = zmqglib_stream_new (kind == KIND_NEXT ? self->pull : self->push);
  if (kind == KIND_RECEIVE || kind == KIND_NEXT || kind == KIND_WAIT)
    {
      /* there is something, at once */
      fixture_connect (self);
      test_send_string (self->push, "x");
      test_send_string (self->push, "x");
    }
  else if (kind == KIND_TRACKER)
    g_clear_pointer (&message, zmqglib_message_unref);
  else if (kind == KIND_SEND)
    fixture_connect (self);
  for (guint i = 0; i < 2; i++)
    begin_one (self, kind, tracker, NULL, on_not_inside);
  life_until (NULL, self->n_told == 2);

  /* and now nothing can be done, until it is cancelled */
  self->n_told = 0;
  while (kind == KIND_SEND && zmqglib_socket_get_condition (self->push) & G_IO_OUT)
    test_send_string (self->push, "x");
  if (kind == KIND_WAIT)
    test_receive_string (self->pull, "x");
  if (kind == KIND_WAIT)
    test_receive_string (self->pull, "x");
  if (kind == KIND_DRAIN)
    fixture_queue (self, 1);
  if (kind == KIND_TRACKER)
    return;
  for (guint i = 0; i < 2; i++)
    begin_one (self, kind, tracker, cancellable, on_not_inside);
  life_settle (NULL);
  g_assert_cmpuint (self->n_told, ==, 0);
  self->is_inside = TRUE;
  g_cancellable_cancel (cancellable);
  self->is_inside = FALSE;
  life_until (NULL, self->n_told == 2);
}

/* A tracker's callback does what follows the message */

static void
on_sent_log (ZmqStream    *stream,
             ZmqMessage   *message,
             const GError *error,
             Fixture      *fixture)
{
  g_autofree char *text = zmqglib_message_get_string (message, 0, NULL);

  g_string_append_printf (fixture->log, "%s%s ", text, error != NULL ? "!" : "");
}

static void
on_tracked_send (GObject      *tracker,
                 GAsyncResult *result,
                 gpointer      data)
{
  Fixture *self = data;
  g_autoptr (GError) error = NULL;

  g_assert_false (self->is_inside);
  self->n_told++;
  zmqglib_stream_send_string (self->stream, "2", &error);
  g_assert_no_error (error);
}

static void
test_tracker_sends (Fixture      *self,
                    gconstpointer data)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("1");
  g_autoptr (ZmqTracker) tracker = zmqglib_message_track (message);
  g_autoptr (GError) error = NULL;

  self->stream = zmqglib_stream_new (self->push);
  g_signal_connect (self->stream, "sent", G_CALLBACK (on_sent_log), self);
  fixture_connect (self);
  zmqglib_tracker_wait_async (tracker, NULL, on_tracked_send, self);
  life_settle (NULL);
  self->is_inside = TRUE;
  zmqglib_stream_send (self->stream, message, &error);
  self->is_inside = FALSE;
  g_assert_no_error (error);
  life_until (NULL, strlen (self->log->str) == 4);
  g_assert_cmpstr (self->log->str, ==, "1 2 ");
  test_receive_string (self->pull, "1");
  test_receive_string (self->pull, "2");
}

static void
on_tracked_close (GObject      *tracker,
                  GAsyncResult *result,
                  gpointer      data)
{
  Fixture *self = data;

  self->n_told++;
  zmqglib_stream_close (self->stream);
}

static void
on_closed (ZmqStream    *stream,
           const GError *error,
           Fixture      *fixture)
{
  g_assert_no_error (error);
  g_string_append (fixture->log, "closed");
}

/* Those behind it were sent before, or are reported as not; each once, in order. */
static void
test_tracker_closes (Fixture      *self,
                     gconstpointer data)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("1");
  g_autoptr (ZmqTracker) tracker = zmqglib_message_track (message);
  g_autoptr (GError) error = NULL;

  self->stream = zmqglib_stream_new (self->push);
  g_signal_connect (self->stream, "sent", G_CALLBACK (on_sent_log), self);
  g_signal_connect (self->stream, "closed", G_CALLBACK (on_closed), self);
  zmqglib_tracker_wait_async (tracker, NULL, on_tracked_close, self);
  zmqglib_stream_send (self->stream, message, &error);
  g_assert_no_error (error);
  zmqglib_stream_send_string (self->stream, "2", &error);
  g_assert_no_error (error);
  life_settle (NULL);
  fixture_connect (self);
  life_until (NULL, g_str_has_suffix (self->log->str, "closed"));
  life_settle (NULL);

  if (strchr (self->log->str, '!') == NULL)
    g_assert_cmpstr (self->log->str, ==, "1 2 closed");
  else
    g_assert_cmpstr (self->log->str, ==, "1 2! closed");
  test_receive_string (self->pull, "1");
}

/* A tracker's callback in a chain of sends runs a loop in which those behind it end. */
static void
on_tracked_cancel (GObject      *tracker,
                   GAsyncResult *result,
                   gpointer      cancellable)
{
  g_cancellable_cancel (cancellable);
  life_settle (NULL);
}

static void
test_tracker_in_chain (Fixture      *self,
                       gconstpointer data)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("1");
  g_autoptr (ZmqTracker) tracker = zmqglib_message_track (message);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  zmqglib_tracker_wait_async (tracker, NULL, on_tracked_cancel, cancellable);
  zmqglib_socket_send_async (self->push, message, G_PRIORITY_DEFAULT, NULL, on_not_inside, self);
  begin_one (self, KIND_SEND, NULL, cancellable, on_not_inside);
  begin_one (self, KIND_SEND, NULL, NULL, on_not_inside);
  life_settle (NULL);
  fixture_connect (self);
  life_until (NULL, self->n_told == 3);
  life_settle (NULL);
  g_assert_cmpuint (self->n_told, ==, 3);
  test_receive_string (self->pull, "1");
}

/* One tracked message that two threads send at the same time, again and again */

#define N_SENDS 200

typedef struct
{
  ZmqContext *context;
  ZmqMessage *message;
  gsize       size;
  gint       *n_ready; /* atomic */
} TwiceSender;

static gpointer
send_and_receive (gpointer data)
{
  TwiceSender *self = data;
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (GError) error = NULL;

  test_socket_pair (self->context, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  g_atomic_int_inc (self->n_ready);
  while (g_atomic_int_get (self->n_ready) % 2 != 0)
    g_thread_yield ();

  for (guint i = 0; i < N_SENDS; i++)
    {
      g_autoptr (ZmqMessage) received = NULL;

      zmqglib_socket_send (push, self->message, NULL, &error);
      g_assert_no_error (error);
      received = zmqglib_socket_receive (pull, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (zmqglib_message_get_size (received), ==, self->size);
    }

  return NULL;
}

static void
test_tracked_by_two_threads (Fixture      *self,
                             gconstpointer data)
{
  static const gsize sizes[] = { 10, 1000000 };
  gint               n_ready = 0;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *text = g_strnfill (sizes[i], 'x');
      g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string (text);
      g_autoptr (ZmqTracker) tracker = zmqglib_message_track (message);
      TwiceSender sender = { self->context, message, sizes[i], &n_ready };
      GThread    *one;
      GThread    *two;

      self->n_told = 0;
      zmqglib_tracker_wait_async (tracker, NULL, on_not_inside, self);
      zmqglib_tracker_wait_async (tracker, NULL, on_not_inside, self);
      one = g_thread_new ("one", send_and_receive, &sender);
      two = g_thread_new ("two", send_and_receive, &sender);
      life_until (NULL, self->n_told == 2);
      g_thread_join (one);
      g_thread_join (two);
      g_assert_true (zmqglib_tracker_is_done (tracker));
      life_settle (NULL);
      g_assert_cmpuint (self->n_told, ==, 2);
    }
}

static void
add (const char   *rule,
     const char   *variant,
     gconstpointer data,
     void (*test) (Fixture      *fixture,
                   gconstpointer data))
{
  g_autofree char *path = g_strconcat ("/life/rule-4-", rule, variant != NULL ? "/" : NULL, variant, NULL);

  g_test_add (path, Fixture, data, fixture_set_up, test, fixture_tear_down);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("drain-sees-empty-queue", "alone", NULL, test_drain_sees_empty_queue);
  add ("drain-sees-empty-queue", "with-drained", "drained", test_drain_sees_empty_queue);
  for (guint kind = 0; kind < G_N_ELEMENTS (kind_names); kind++)
    {
      add ("nested-loop", kind_names[kind], GUINT_TO_POINTER (kind), test_nested_loop);
      add ("nested-loop-cancelled", kind_names[kind], GUINT_TO_POINTER (2 * kind), test_nested_loop_ending);
      add ("nested-loop-closed", kind_names[kind], GUINT_TO_POINTER (2 * kind + 1), test_nested_loop_ending);
      add ("operation-is-told-later", kind_names[kind], GUINT_TO_POINTER (kind), test_operation_not_inside);
    }
  add ("nested-loop-about-to-block", NULL, NULL, test_nested_loop_about_to_block);
  for (guint by = 0; by < G_N_ELEMENTS (by_names); by++)
    add ("tracker-is-told-later", by_names[by], GUINT_TO_POINTER (by), test_tracker_not_inside);
  add ("tracker-sends", NULL, NULL, test_tracker_sends);
  add ("tracker-closes", NULL, NULL, test_tracker_closes);
  add ("tracker-in-chain", NULL, NULL, test_tracker_in_chain);
  add ("tracked-by-two-threads", NULL, NULL, test_tracked_by_two_threads);

  return g_test_run ();
}
