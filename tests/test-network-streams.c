/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE

#include "test-counted.h"
#include "test-network-util.h"

/* Streams over a network that fails: what they have promised comes.
 *
 * A connection that breaks takes with it what libzmq had written to it, and what the other side’s libzmq had not read of
 * it: nobody has promised that. Those are the “missing” ones that the tests tell, and they are of those that were sent
 * between the fault and when it was noticed. Before, and after, none is missing. */

#define N_MESSAGES 200
#define N_BACKLOG  1500

/* A sender that connects, on the near side, to a receiver on the far side. */
typedef struct
{
  ZmqContext *contexts[2];
  Counted     sender;
  Counted     receiver;
  char       *endpoint;
} Line;

#define LINE_INIT \
  {               \
    {             \
      NULL        \
    }             \
  }

static ZmqSocket *
line_new_socket (Line         *self,
                 NetworkSide   side,
                 ZmqSocketType type)
{
  if (self->contexts[side] == NULL)
    self->contexts[side] = network_context (side);

  return test_socket_new (self->contexts[side], type);
}

static void
line_open (Line         *self,
           ZmqSocketType sender_type,
           ZmqSocketType receiver_type,
           gboolean      is_noticed,
           gboolean      is_immediate)
{
  g_autoptr (ZmqSocket) sender = line_new_socket (self, NETWORK_SIDE_NEAR, sender_type);
  g_autoptr (ZmqSocket) receiver = line_new_socket (self, NETWORK_SIDE_FAR, receiver_type);

  network_mend ();
  /* so that the stream has to keep some, too */
  g_object_set (sender, "send-high-water-mark", N_MESSAGES / 2, "immediate", is_immediate, NULL);
  if (is_noticed)
    {
      network_notice (sender);
      network_notice (receiver);
    }
  counted_open (&self->sender, sender);
  counted_open (&self->receiver, receiver);
  self->endpoint = network_bind (NETWORK_SIDE_FAR, receiver);
}

static void
line_clear (Line *self)
{
  counted_clear (&self->sender);
  counted_clear (&self->receiver);
  g_clear_object (&self->contexts[0]);
  g_clear_object (&self->contexts[1]);
  g_clear_pointer (&self->endpoint, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Line, line_clear)

/* All that was sent before the line breaks has come. */
static void
line_begin (Line *self)
{
  network_connect (zmqglib_stream_get_socket (self->sender.stream), self->endpoint);
  counted_send (&self->sender, N_MESSAGES);
  test_until (self->receiver.next == N_MESSAGES);
}

/* Sends on until the sender has noticed that the line is broken, and has told its socket: libzmq’s thread does that after
 * it has told the monitor, and before it tries to connect anew. Returns how many libzmq has taken till then. */
static guint
line_send_until_noticed (Line *self,
                         guint n_messages)
{
  counted_send (&self->sender, n_messages);
  test_until (self->sender.n_retried > 0);
  zmqglib_socket_get_condition (zmqglib_stream_get_socket (self->sender.stream));

  return self->sender.n_accepted - zmqglib_stream_get_n_queued (self->sender.stream);
}

static void
line_tell (Line *self)
{
  g_test_message ("%u sent, %u reported as sent, %u refused at once, %u came, %u missing, %u connections, %d packets, %d lost",
                  self->sender.n_accepted, self->sender.n_sent, self->sender.n_unreachable, self->receiver.n_received,
                  self->receiver.n_missing, self->sender.n_connected, network.wire.n_carried, network.wire.n_lost);
}

static void
line_end (Line *self)
{
  test_until (self->receiver.next == self->sender.n_accepted && counted_is_told (&self->sender));
  line_tell (self);
  g_assert_cmpuint (self->sender.n_refused, ==, 0);
}

/* Nothing is lost while the connection lives. */
static void
test_bad_wire (void)
{
  g_auto (Line) line = LINE_INIT;

  if (!network_is_there ())
    return;

  line_open (&line, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PULL, FALSE, FALSE);
  wire_be_bad (&network.wire);
  line_begin (&line);
  counted_send (&line.sender, 2 * N_MESSAGES);
  line_end (&line);
  g_assert_cmpuint (line.receiver.n_missing, ==, 0);
  g_assert_cmpuint (line.sender.n_connected, ==, 1);
}

static void
break_by_wire (gboolean is_broken)
{
  g_atomic_int_set (&network.wire.is_cut, is_broken);
}

static void
break_by_near_device (gboolean is_broken)
{
  network_ip (NETWORK_SIDE_NEAR, is_broken ? "link set " NETWORK_DEVICE " down" : "link set " NETWORK_DEVICE " up");
}

static void
break_by_far_device (gboolean is_broken)
{
  network_ip (NETWORK_SIDE_FAR, is_broken ? "link set " NETWORK_DEVICE " down" : "link set " NETWORK_DEVICE " up");
}

static void
break_by_route (gboolean is_broken)
{
  network_ip (NETWORK_SIDE_NEAR, is_broken ? "route add unreachable " NETWORK_FAR : "route del unreachable " NETWORK_FAR);
}

typedef void (*BreakFunc) (gboolean is_broken);

static const struct
{
  const char *name;
  BreakFunc   func;
} breaks[] = {
  { "wire", break_by_wire },
  { "near-device", break_by_near_device },
  { "far-device", break_by_far_device },
  { "route", break_by_route },
};

/* A break that nobody looks out for, and that is over before TCP has given up. */
static void
test_moment (gconstpointer data)
{
  g_auto (Line) line = LINE_INIT;
  BreakFunc break_func = breaks[GPOINTER_TO_UINT (data)].func;

  if (!network_is_there ())
    return;

  line_open (&line, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PULL, FALSE, FALSE);
  line_begin (&line);
  break_func (TRUE);
  counted_send (&line.sender, N_MESSAGES);
  test_pass_time (300);
  g_assert_cmpuint (line.receiver.n_received, ==, N_MESSAGES);
  break_func (FALSE);
  counted_send (&line.sender, N_MESSAGES);
  line_end (&line);
  g_assert_cmpuint (line.receiver.n_missing, ==, 0);
  g_assert_cmpuint (line.sender.n_connected, ==, 1);
}

/* What the stream takes while it is not connected is delivered when it is. */
static void
test_partition (gconstpointer data)
{
  g_auto (Line) line = LINE_INIT;
  gboolean  is_immediate = GPOINTER_TO_UINT (data) == G_N_ELEMENTS (breaks);
  BreakFunc break_func = is_immediate ? break_by_wire : breaks[GPOINTER_TO_UINT (data)].func;
  guint     n_noticed;

  if (!network_is_there ())
    return;

  line_open (&line, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PULL, TRUE, is_immediate);
  line_begin (&line);
  break_func (TRUE);
  n_noticed = line_send_until_noticed (&line, N_MESSAGES);
  counted_send (&line.sender, N_MESSAGES);
  test_pass_time (100);
  g_assert_cmpuint (line.receiver.n_received, ==, N_MESSAGES);
  break_func (FALSE);
  counted_send (&line.sender, N_MESSAGES);
  line_end (&line);
  counted_assert_missing_within (&line.receiver, N_MESSAGES, n_noticed);
}

/* So much that it does not go into the connection: then nothing goes into it any more, no question whether the other side
 * is there, either, and TCP has to notice. */
static void
test_backlog (void)
{
  g_auto (Line) line = LINE_INIT;
  guint n_noticed;

  if (!network_is_there ())
    return;

  line_open (&line, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PULL, TRUE, FALSE);
  line_begin (&line);
  wire_cut (&network.wire);
  n_noticed = line_send_until_noticed (&line, N_BACKLOG);
  g_assert_cmpuint (zmqglib_stream_get_n_queued (line.sender.stream), >, 0);
  wire_mend (&network.wire);
  line_end (&line);
  counted_assert_missing_within (&line.receiver, N_MESSAGES, n_noticed);
}

/* Where the stream waits for a connection it keeps all itself, and where it does not, libzmq has them: they go with the
 * connection that is given up. */
static void
test_address_moves (gconstpointer data)
{
  g_auto (Line) line = LINE_INIT;
  g_autofree char *moved = NULL;
  gboolean         is_immediate = GPOINTER_TO_INT (data);
  ZmqSocket       *socket;
  guint            n_noticed;

  if (!network_is_there ())
    return;

  line_open (&line, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PULL, TRUE, is_immediate);
  line_begin (&line);
  socket = zmqglib_stream_get_socket (line.sender.stream);
  network_move_far ();
  n_noticed = line_send_until_noticed (&line, N_MESSAGES);
  counted_send (&line.sender, N_MESSAGES);
  if (!is_immediate)
    n_noticed = line.sender.n_accepted;

  moved = network_move (line.endpoint, NETWORK_OTHER);
  g_assert_true (zmqglib_socket_disconnect_from (socket, line.endpoint, NULL));
  network_connect (socket, moved);
  counted_send (&line.sender, N_MESSAGES);
  line_end (&line);
  counted_assert_missing_within (&line.receiver, N_MESSAGES, n_noticed);
}

static char *
hosts_begin (void)
{
  g_autoptr (GError) error = NULL;
  char *file = NULL;
  int   fd = g_file_open_tmp ("zmqglib-hosts-XXXXXX", &file, &error);

  g_assert_no_error (error);
  close (fd);
  if (mount ("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0 || mount (file, "/etc/hosts", "none", MS_BIND, NULL) != 0)
    {
      g_test_skip ("“/etc/hosts” may not be another file");
      unlink (file);
      g_clear_pointer (&file, g_free);
    }

  return file;
}

static void
hosts_write (const char *file,
             const char *address)
{
  FILE *stream = fopen (file, "w");

  g_assert_nonnull (stream);
  fprintf (stream, "127.0.0.1 localhost\n%s moving.example\n", address);
  g_assert_cmpint (fclose (stream), ==, 0);
}

static void
hosts_end (char *file)
{
  umount ("/etc/hosts");
  unlink (file);
  g_free (file);
}

/* A name is looked up for each connection: nobody has to do anything. */
static void
test_name_moves (void)
{
  g_auto (Line) line = LINE_INIT;
  g_autofree char *named = NULL;
  char            *hosts;
  guint            n_noticed;

  if (!network_is_there () || (hosts = hosts_begin ()) == NULL)
    return;

  hosts_write (hosts, NETWORK_FAR);
  line_open (&line, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PULL, TRUE, FALSE);
  named = network_move (line.endpoint, "moving.example");
  g_free (line.endpoint);
  line.endpoint = g_steal_pointer (&named);
  line_begin (&line);
  network_move_far ();
  n_noticed = line_send_until_noticed (&line, N_MESSAGES);
  counted_send (&line.sender, N_MESSAGES);
  hosts_write (hosts, NETWORK_OTHER);
  line_end (&line);
  counted_assert_missing_within (&line.receiver, N_MESSAGES, n_noticed);
  hosts_end (hosts);
}

static ZmqSocket *
new_mandatory_router (Line *line)
{
  ZmqSocket *router = line_new_socket (line, NETWORK_SIDE_FAR, ZMQGLIB_SOCKET_ROUTER);

  g_object_set (router, "router-mandatory", TRUE, "router-handover", TRUE, "send-high-water-mark", 0, NULL);
  network_notice (router);

  return router;
}

static ZmqSocket *
new_named_dealer (Line   *line,
                  GBytes *name)
{
  ZmqSocket *dealer = line_new_socket (line, NETWORK_SIDE_NEAR, ZMQGLIB_SOCKET_DEALER);

  g_object_set (dealer, "routing-id", name, NULL);
  network_notice (dealer);

  return dealer;
}

static void
on_hello (ZmqStream  *stream,
          ZmqMessage *message,
          gpointer    data)
{
  (*(guint *) data)++;
}

/* The receiver is connected, so many times by now, and says so: then the ROUTER knows it. */
static void
line_say_hello (Line  *self,
                guint *n_hellos,
                guint  nth)
{
  test_until (self->receiver.n_connected >= nth);
  g_assert_true (zmqglib_stream_send_string (self->receiver.stream, "hello", NULL));
  test_until (*n_hellos >= nth);
}

static void
line_open_router (Line  *self,
                  guint *n_hellos)
{
  g_autoptr (GBytes) name = g_bytes_new_static ("near", 4);
  g_autoptr (ZmqSocket) router = new_mandatory_router (self);
  g_autoptr (ZmqSocket) dealer = new_named_dealer (self, name);

  network_mend ();
  counted_open (&self->sender, router);
  counted_open (&self->receiver, dealer);
  g_signal_handlers_disconnect_by_func (self->sender.stream, counted_on_received, &self->sender);
  g_signal_handlers_disconnect_by_func (self->receiver.stream, counted_on_sent, &self->receiver);
  g_signal_connect (self->sender.stream, "received", G_CALLBACK (on_hello), n_hellos);
  self->sender.route = g_bytes_ref (name);
  self->endpoint = network_bind (NETWORK_SIDE_FAR, router);
  network_connect (dealer, self->endpoint);
  line_say_hello (self, n_hellos, 1);
}

/* One more */
static gboolean
is_refused (Counted *sender)
{
  counted_send (sender, 1);

  return sender->n_unreachable > 0;
}

/* A ROUTER that has to reach its peers says so of each message that it cannot send. */
static void
test_router (void)
{
  g_auto (Line) line = LINE_INIT;
  guint n_hellos = 0;
  guint n_noticed;

  if (!network_is_there ())
    return;

  line_open_router (&line, &n_hellos);
  counted_send (&line.sender, N_MESSAGES);
  test_until (line.receiver.next == N_MESSAGES);
  wire_cut (&network.wire);
  counted_send (&line.sender, N_MESSAGES);
  test_until (line.sender.n_disconnected > 0 && is_refused (&line.sender));
  n_noticed = line.sender.n_accepted;
  counted_send (&line.sender, N_MESSAGES - 1);
  g_assert_cmpuint (line.sender.n_unreachable, ==, N_MESSAGES);

  wire_mend (&network.wire);
  line_say_hello (&line, &n_hellos, 2);
  counted_send (&line.sender, N_MESSAGES);
  line_end (&line);
  g_assert_cmpuint (line.sender.n_unreachable, ==, N_MESSAGES);
  counted_assert_missing_within (&line.receiver, N_MESSAGES, n_noticed);
}

static void
add_breaks (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (breaks); i++)
    {
      g_autofree char *moment = g_strconcat ("/network/streams/moment/", breaks[i].name, NULL);
      g_autofree char *partition = g_strconcat ("/network/streams/partition/", breaks[i].name, NULL);

      g_test_add_data_func (moment, GUINT_TO_POINTER (i), test_moment);
      g_test_add_data_func (partition, GUINT_TO_POINTER (i), test_partition);
    }
  g_test_add_data_func ("/network/streams/partition/immediate", GUINT_TO_POINTER (G_N_ELEMENTS (breaks)), test_partition);
}

int
main (int    argc,
      char **argv)
{
  network_make ();
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/network/streams/bad-wire", test_bad_wire);
  add_breaks ();
  g_test_add_func ("/network/streams/backlog", test_backlog);
  g_test_add_data_func ("/network/streams/address-moves/kept", GINT_TO_POINTER (TRUE), test_address_moves);
  g_test_add_data_func ("/network/streams/address-moves/given-to-libzmq", GINT_TO_POINTER (FALSE), test_address_moves);
  g_test_add_func ("/network/streams/name-moves", test_name_moves);
  g_test_add_func ("/network/streams/router", test_router);

  return network_run_tests ();
}
