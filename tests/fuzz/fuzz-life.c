/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <dirent.h>

#include "fuzz-life.h"

/* Calls at random on sockets, streams, monitors, clients and all else that may be in a loop, also from within what they
 * call: whatever is done, and in whatever order, nothing breaks, each operation is told of once, and in the end nothing is
 * left. */

#define MAX_STEPS       100
#define MAX_TURNS       5000
#define MAX_DESCRIPTORS 100
#define PATIENCE_US     (5 * G_TIME_SPAN_SECOND)

Life life;

static void
on_gone (gpointer data,
         GObject *where_it_was)
{
  life.n_alive--;
}

void
life_count (gpointer object)
{
  life.n_alive++;
  g_object_weak_ref (object, on_gone, NULL);
}

/* A callback may do anything. */
void
life_on_callback (void)
{
  guint8 choice;

  if (life.is_over || life.depth >= LIFE_MAX_DEPTH)
    return;

  life.depth++;
  choice = fuzz_take_byte (&life.input);
  if (choice >= 0xa0)
    life_step ();
  else if (choice >= 0x90)
    for (guint i = 0; i < 3; i++)
      g_main_context_iteration (NULL, FALSE);
  life.depth--;
}

void
life_on_told (gboolean       is_success,
              GError *const *error)
{
  fuzz_check_error (is_success, error);
  life.n_told++;
  fuzz_assert (life.n_told <= life.n_begun);
  life_on_callback ();
}

GCancellable *
life_take_cancellable (void)
{
  guint8 choice = fuzz_take_byte (&life.input);

  if (choice & 0x80)
    return NULL;
  choice %= LIFE_N_CANCELLABLES;
  if (life.cancellables[choice] == NULL)
    life.cancellables[choice] = g_cancellable_new ();

  return life.cancellables[choice];
}

ZmqMessage *
life_take_message (void)
{
  ZmqMessage *message = zmqglib_message_new ();
  guint8      shape = fuzz_take_byte (&life.input);

  for (guint i = 0; i < shape % 4; i++)
    zmqglib_message_append_string (message, (shape >> i) & 0x10 ? "" : "frame");
  if (shape & 0x80)
    {
      g_clear_object (&life.tracker);
      life.tracker = zmqglib_message_track (message);
    }

  return message;
}

char *
life_take_endpoint (void)
{
  guint which = fuzz_take_number (&life.input, LIFE_N_ENDPOINTS + 1);

  if (which < LIFE_N_ENDPOINTS)
    return g_strdup_printf ("inproc://fuzz-life-%u-%u", life.number, which);

  return g_strdup (life.tcp != NULL ? life.tcp : "tcp://127.0.0.1:*");
}

ZmqSocket *
life_get_socket (void)
{
  return life.sockets[fuzz_take_number (&life.input, LIFE_N_SOCKETS)];
}

/* Sockets */

static void
make_socket (void)
{
  guint slot = fuzz_take_number (&life.input, LIFE_N_SOCKETS);
  guint type = fuzz_take_number (&life.input, 11);
  g_autoptr (GError) error = NULL;

  life_make_room (&life.sockets[slot]);
  life.sockets[slot] = zmqglib_socket_new (life.context, type, &error);
  fuzz_check_error (life.sockets[slot] != NULL, &error);
  if (life.sockets[slot] == NULL)
    return;
  life_count (life.sockets[slot]);
  g_object_set (life.sockets[slot], "linger", 0, "send-high-water-mark", 2, "receive-high-water-mark", 2, NULL);
  if (type == ZMQGLIB_SOCKET_SUB)
    zmqglib_socket_subscribe (life.sockets[slot], "", NULL);
}

static void
change_endpoint (void)
{
  gboolean (*const funcs[]) (ZmqSocket *, const char *, GError **) = {
    zmqglib_socket_bind,
    zmqglib_socket_connect_to,
    zmqglib_socket_unbind,
    zmqglib_socket_disconnect_from,
  };
  ZmqSocket       *socket = life_get_socket ();
  guint            which = fuzz_take_number (&life.input, 8);
  g_autofree char *endpoint = life_take_endpoint ();
  g_autoptr (GError) error = NULL;
  gboolean is_done;

  if (socket == NULL)
    return;
  /* mostly what makes something happen */
  which = which >= 4 ? which & 1 : which;
  is_done = funcs[which](socket, endpoint, &error);
  fuzz_check_error (is_done, &error);
  if (is_done && g_str_has_suffix (endpoint, "*"))
    g_object_get (socket, "last-endpoint", &life.tcp, NULL);
}

/* Each finishes what it has begun. */
static void
on_sent (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr (GError) error = NULL;

  life_on_told (zmqglib_socket_send_finish (ZMQGLIB_SOCKET (source), result, &error), &error);
}

static void
on_received (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_socket_receive_finish (ZMQGLIB_SOCKET (source), result, &error);

  life_on_told (message != NULL, &error);
}

static void
on_waited (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr (GError) error = NULL;

  life_on_told (zmqglib_socket_wait_finish (ZMQGLIB_SOCKET (source), result, &error) != 0, &error);
}

static void
begin_operation (void)
{
  ZmqSocket    *socket = life_get_socket ();
  guint         what = fuzz_take_number (&life.input, 3);
  GCancellable *cancellable = life_take_cancellable ();

  if (socket == NULL)
    return;
  life.n_begun++;
  if (what == 0)
    {
      g_autoptr (ZmqMessage) message = life_take_message ();

      zmqglib_socket_send_async (socket, message, G_PRIORITY_DEFAULT, cancellable, on_sent, NULL);
    }
  else if (what == 1)
    zmqglib_socket_receive_async (socket, G_PRIORITY_DEFAULT, cancellable, on_received, NULL);
  else
    zmqglib_socket_wait_async (socket, fuzz_take_byte (&life.input) & 1 ? G_IO_IN : G_IO_OUT, G_PRIORITY_HIGH, cancellable,
                               on_waited, NULL);
}

static void
use_socket (void)
{
  ZmqSocket *socket = life_get_socket ();
  guint      what = fuzz_take_number (&life.input, 4);
  g_autoptr (ZmqMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  if (socket == NULL)
    return;
  if (what == 0)
    {
      message = life_take_message ();
      fuzz_check_error (zmqglib_socket_try_send (socket, message, &error), &error);
    }
  else if (what < 3)
    {
      message = zmqglib_socket_try_receive (socket, &error);
      fuzz_check_error (message != NULL, &error);
      if (message != NULL && what == 2)
        zmqglib_socket_put_back (socket, message);
    }
  else
    zmqglib_socket_get_condition (socket);
}

/* Streams */

static ZmqStream *
get_stream (void)
{
  return life.streams[fuzz_take_number (&life.input, LIFE_N_STREAMS)];
}

static void
on_signal (ZmqStream *stream)
{
  life_on_callback ();
}

static void
on_stream_received (ZmqStream  *stream,
                    ZmqMessage *message,
                    gpointer    data)
{
  fuzz_assert (zmqglib_message_get_n_frames (message) > 0);
  life_on_callback ();
}

static void
on_function_gone (gpointer data)
{
  life.n_functions--;
  life_on_callback ();
}

static void
make_stream (void)
{
  guint      slot = fuzz_take_number (&life.input, LIFE_N_STREAMS);
  ZmqSocket *socket = life_get_socket ();
  guint8     flags = fuzz_take_byte (&life.input);
  gulong     handler;

  if (socket == NULL)
    return;
  life_make_room (&life.streams[slot]);
  /* which may have ended the socket, that nobody holds then */
  for (guint i = 0; i < LIFE_N_SOCKETS; i++)
    if (life.sockets[i] != NULL && life.sockets[i] == socket)
      {
        life.streams[slot] = g_object_new (ZMQGLIB_TYPE_STREAM, "socket", socket, "owned-by-loop", (flags & 1) != 0, NULL);
        break;
      }
  if (life.streams[slot] == NULL)
    return;
  life_count (life.streams[slot]);
  if (flags & 2)
    {
      handler = g_signal_connect (life.streams[slot], "received", G_CALLBACK (on_stream_received), NULL);
      if (flags & 0x40)
        g_signal_handler_block (life.streams[slot], handler);
    }
  if (flags & 4)
    g_signal_connect (life.streams[slot], "sent", G_CALLBACK (on_signal), NULL);
  if (flags & 8)
    g_signal_connect (life.streams[slot], "drained", G_CALLBACK (on_signal), NULL);
  if (flags & 0x10)
    g_signal_connect (life.streams[slot], "closed", G_CALLBACK (on_signal), NULL);
  if (flags & 0x20)
    g_signal_connect (life.streams[slot], "notify", G_CALLBACK (on_signal), NULL);
}

static void
on_stream_message (GObject      *source,
                   GAsyncResult *result,
                   gpointer      data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_stream_receive_finish (ZMQGLIB_STREAM (source), result, &error);

  life_on_told (message != NULL, &error);
}

static void
on_drained (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr (GError) error = NULL;

  life_on_told (zmqglib_stream_drain_finish (ZMQGLIB_STREAM (source), result, &error), &error);
}

static void
send_through_stream (ZmqStream *stream)
{
  g_autoptr (ZmqMessage) message = life_take_message ();
  GCancellable *cancellable = life_take_cancellable ();
  g_autoptr (GError) error = NULL;
  gboolean is_taken = cancellable != NULL ? zmqglib_stream_send_full (stream, message, -1, cancellable, &error)
                                          : zmqglib_stream_send (stream, message, &error);

  fuzz_check_error (is_taken, &error);
}

static void
set_function (ZmqStream *stream)
{
  const gboolean is_set = fuzz_take_byte (&life.input) & 1;

  if (is_set)
    life.n_functions++;
  zmqglib_stream_set_receive_func (stream, is_set ? on_stream_received : NULL, NULL, is_set ? on_function_gone : NULL);
}

static void
use_stream (void)
{
  ZmqStream *stream = get_stream ();
  guint      what = fuzz_take_number (&life.input, 12);

  if (stream == NULL)
    return;
  switch (what)
    {
    case 0:
    case 1:
    case 2:
      send_through_stream (stream);
      break;
    case 3:
      life.n_begun++;
      zmqglib_stream_receive_async (stream, life_take_cancellable (), on_stream_message, NULL);
      break;
    case 4:
      life.n_begun++;
      zmqglib_stream_drain_async (stream, life_take_cancellable (), on_drained, NULL);
      break;
    case 5:
    case 6:
      zmqglib_stream_flush (stream, what == 5 ? G_IO_IN : G_IO_IN | G_IO_OUT, fuzz_take_number (&life.input, 4));
      break;
    case 7:
      zmqglib_stream_discard (stream);
      break;
    case 8:
      zmqglib_stream_close (stream);
      break;
    case 9:
      set_function (stream);
      break;
    case 10:
      g_object_set (stream, "send-limit", fuzz_take_number (&life.input, 3), NULL);
      break;
    default:
      g_object_set (stream, "paused", fuzz_take_byte (&life.input) & 1, NULL);
      break;
    }
}

/* Ends */

static void
end_something (void)
{
  guint what = fuzz_take_number (&life.input, 8);
  guint slot = fuzz_take_byte (&life.input);

  switch (what)
    {
    case 0:
      if (life.sockets[slot % LIFE_N_SOCKETS] != NULL)
        zmqglib_socket_close (life.sockets[slot % LIFE_N_SOCKETS]);
      break;
    case 1:
    case 2:
      g_clear_object (&life.sockets[slot % LIFE_N_SOCKETS]);
      break;
    case 3:
    case 4:
      g_clear_object (&life.streams[slot % LIFE_N_STREAMS]);
      break;
    case 7:
      if (slot == 0xff)
        zmqglib_context_shutdown (life.context);
      break;
    default:
      slot %= LIFE_N_CANCELLABLES;
      if (life.cancellables[slot] != NULL)
        {
          g_autoptr (GCancellable) cancellable = g_steal_pointer (&life.cancellables[slot]);

          g_cancellable_cancel (cancellable);
        }
      break;
    }
}

void
life_step (void)
{
  guint step = fuzz_take_number (&life.input, 32);

  if (step < 3)
    make_socket ();
  else if (step < 7)
    change_endpoint ();
  else if (step < 9)
    begin_operation ();
  else if (step < 11)
    use_socket ();
  else if (step < 14)
    make_stream ();
  else if (step < 21)
    use_stream ();
  else if (step < 23)
    end_something ();
  else if (step < 25)
    g_main_context_iteration (NULL, FALSE);
  else
    life_things_step (step - 25);
}

static guint
count_descriptors (void)
{
  DIR  *dir = opendir ("/proc/self/fd");
  guint n = 0;

  while (dir != NULL && readdir (dir) != NULL)
    n++;
  if (dir != NULL)
    closedir (dir);

  return n;
}

/* The list passes one over now and then while another thread ends. */
static gboolean
has_thread (const char *name)
{
  DIR           *dir = opendir ("/proc/self/task");
  struct dirent *entry;
  gboolean       has = FALSE;

  while (!has && dir != NULL && (entry = readdir (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/task", entry->d_name, "comm", NULL);
      g_autofree char *comm = NULL;

      has = g_file_get_contents (path, &comm, NULL, NULL) && g_str_equal (g_strchomp (comm), name);
    }
  if (dir != NULL)
    closedir (dir);

  return has;
}

static void
drop_all (void)
{
  for (guint i = 0; i < LIFE_N_STREAMS; i++)
    {
      /* the loop may have it, too */
      if (life.streams[i] != NULL)
        zmqglib_stream_close (life.streams[i]);
      g_clear_object (&life.streams[i]);
    }
  for (guint i = 0; i < LIFE_N_SOCKETS; i++)
    g_clear_object (&life.sockets[i]);
  life_things_end ();
  for (guint i = 0; i < LIFE_N_CANCELLABLES; i++)
    g_clear_object (&life.cancellables[i]);
  g_clear_object (&life.tracker);
}

/* Whatever waits for something that will never come is told that the context has ended. */
static void
end (void)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE_US;
  g_autoptr (GError) error = NULL;
  gboolean is_monitored;

  life.is_over = TRUE;
  drop_all ();
  fuzz_assert (fuzz_settle (MAX_TURNS));
  zmqglib_context_shutdown (life.context);
  /* other threads of ours have a part in it, which a busy machine may let wait */
  while ((life.n_told < life.n_begun || life.n_alive > 0) && g_get_monotonic_time () < deadline)
    if (!g_main_context_iteration (NULL, FALSE))
      g_thread_yield ();
  if (life.n_told != life.n_begun || life.n_alive != 0 || life.n_functions != 0)
    fuzz_fail ("%u operations of %u were told of, %d objects and %d functions are left", life.n_told, life.n_begun, life.n_alive,
               life.n_functions);
  if (!zmqglib_context_terminate (life.context, NULL, &error))
    fuzz_fail ("%s", error->message);
  g_clear_object (&life.context);
  g_clear_pointer (&life.tcp, g_free);
  /* a context does not wait for the threads of its monitors, which have something in their hands to the last */
  while ((is_monitored = has_thread ("zmqglib-monitor")) && g_get_monotonic_time () < deadline)
    g_thread_yield ();
  fuzz_assert (!is_monitored);
  fuzz_assert (fuzz_settle (MAX_TURNS));
  fuzz_assert (count_descriptors () < MAX_DESCRIPTORS);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  static guint n_played;

  life = (Life){ .input = { data, size }, .number = n_played++, .context = zmqglib_context_new () };
  for (guint i = 0; i < MAX_STEPS && life.input.size > 0; i++)
    life_step ();
  end ();

  return 0;
}
