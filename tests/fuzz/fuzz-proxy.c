/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz.h"

/* A proxy between two peers that send each other any frames, subscriptions among them, and read late, while it is paused,
 * stopped and started again. What goes in comes out, whole and in order, or is dropped by who may, and the capture has a
 * copy. */

#define MAX_STEPS 60
#define MAX_TURNS 500

/* of what libzmq keeps within a message, and does not share */
#define MAX_INLINE 33

typedef struct
{
  ZmqSocketType frontend;
  ZmqSocketType backend;
  ZmqSocketType client; /* of the frontend */
  ZmqSocketType service;
} Kind;

static const Kind kinds[] = {
  { ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PULL },
  { ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR },
  { ZMQGLIB_SOCKET_DEALER, ZMQGLIB_SOCKET_DEALER, ZMQGLIB_SOCKET_DEALER, ZMQGLIB_SOCKET_DEALER },
  { ZMQGLIB_SOCKET_ROUTER, ZMQGLIB_SOCKET_DEALER, ZMQGLIB_SOCKET_DEALER, ZMQGLIB_SOCKET_DEALER },
  { ZMQGLIB_SOCKET_XSUB, ZMQGLIB_SOCKET_XPUB, ZMQGLIB_SOCKET_XPUB, ZMQGLIB_SOCKET_XSUB },
};

/* of the handler */
typedef enum
{
  MODE_NONE,
  MODE_KEEPS,
  MODE_ADDS,
  MODE_DROPS,
  N_MODES
} Mode;

typedef struct
{
  FuzzInput  *input;
  const Kind *kind;
  Mode        mode;
  gboolean    is_small; /* what the sockets have room for */

  ZmqProxy  *proxy;
  ZmqSocket *frontend;
  ZmqSocket *backend;
  ZmqSocket *capture;
  ZmqSocket *witness;  /* of the capture */
  ZmqSocket *peers[2]; /* who sends in, and who out */

  GPtrArray *expected[2]; /* where what goes in, or out, arrives */
  GPtrArray *captured[2];
  guint64    n_forwarded[2];
} Play;

static gboolean
begins_with (ZmqMessage *message,
             const char *text)
{
  gsize         size;
  gconstpointer data = zmqglib_message_peek_frame (message, 0, &size);

  return size == strlen (text) && memcmp (data, text, size) == 0;
}

static gboolean
ends_with (ZmqMessage *message,
           const char *text)
{
  guint         n_frames = zmqglib_message_get_n_frames (message);
  gsize         size = 0;
  gconstpointer data = n_frames > 0 ? zmqglib_message_peek_frame (message, n_frames - 1, &size) : NULL;

  return size == strlen (text) && memcmp (data, text, size) == 0;
}

/* What a handler makes of a message: the same when it comes by again, since the proxy was stopped. */
static gboolean
handle (Play       *play,
        ZmqMessage *message)
{
  if (play->mode == MODE_ADDS && !ends_with (message, "added"))
    zmqglib_message_append_string (message, "added");

  return play->mode == MODE_DROPS && ends_with (message, "");
}

static gboolean
on_forward (ZmqProxy         *proxy,
            ZmqProxyDirection direction,
            ZmqMessage       *message,
            gpointer          data)
{
  return handle (data, message);
}

static gboolean
is_lossy (Play *play)
{
  return play->kind->frontend == ZMQGLIB_SOCKET_XSUB;
}

/* Into a list of the peer's at the other end, and of the capture's. */
static void
expect (Play       *play,
        guint       direction,
        ZmqMessage *sent)
{
  const gboolean has_router = play->kind->frontend == ZMQGLIB_SOCKET_ROUTER;
  g_autoptr (ZmqMessage) message = zmqglib_message_copy (sent);
  g_autoptr (GBytes) routing_id = g_bytes_new_static ("f", 1);
  g_autoptr (GBytes) prefix = direction == 0 ? g_bytes_new_static ("in", 2) : g_bytes_new_static ("out", 3);
  ZmqMessage *copy;

  if (has_router && direction == 0)
    zmqglib_message_prepend_bytes (message, routing_id);
  if (handle (play, message))
    return;

  play->n_forwarded[direction]++;
  copy = zmqglib_message_copy (message);
  zmqglib_message_prepend_bytes (copy, prefix);
  g_ptr_array_add (play->captured[direction], copy);
  if (has_router && direction == 1)
    {
      /* to nobody whom the router knows, or nothing */
      if (!begins_with (message, "f") || zmqglib_message_get_n_frames (message) < 2)
        return;
      g_bytes_unref (zmqglib_message_pop_frame (message));
    }
  g_ptr_array_add (play->expected[direction], g_steal_pointer (&message));
}

static void
send_message (Play *play,
              guint direction)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();
  guint          n_frames = 1 + fuzz_take_number (play->input, 5);
  const gboolean subscribes = is_lossy (play) && direction == 1;

  for (guint i = 0; i < n_frames; i++)
    {
      g_autoptr (GBytes) frame = fuzz_take_bytes (play->input);

      /* of subscriptions each frame is one; of what is longer, and no subscription, an XPUB loses the memory */
      if (subscribes && (i > 0 || g_bytes_get_size (frame) > MAX_INLINE))
        continue;
      zmqglib_message_append_bytes (message, frame);
    }
  if (zmqglib_message_get_n_frames (message) > 0 && zmqglib_socket_try_send (play->peers[direction], message, NULL))
    expect (play, direction, message);
}

/* The next of the list; or a later one, when some may be left out; or any, since libzmq tells subscriptions anew. */
static void
check_received (Play       *play,
                guint       direction,
                GPtrArray  *list,
                ZmqMessage *message)
{
  guint i = 0;

  while (is_lossy (play) && i < list->len && !zmqglib_message_equal (message, list->pdata[i]))
    i++;
  if (i == list->len || !zmqglib_message_equal (message, list->pdata[i]))
    {
      g_autofree char *is = zmqglib_message_to_string (message);
      g_autofree char *was = i < list->len ? zmqglib_message_to_string (list->pdata[i]) : g_strdup ("nothing");

      fuzz_fail ("%s came out, and not %s", is, was);
    }
  if (!is_lossy (play) || direction == 0)
    g_ptr_array_remove_range (list, 0, i + 1);
}

static gboolean
receive (Play *play,
         guint direction)
{
  g_autoptr (ZmqMessage) message = zmqglib_socket_try_receive (play->peers[1 - direction], NULL);

  if (message == NULL)
    return FALSE;
  check_received (play, direction, play->expected[direction], message);

  return TRUE;
}

static gboolean
receive_captured (Play *play)
{
  guint direction;
  g_autoptr (ZmqMessage) message = play->witness != NULL ? zmqglib_socket_try_receive (play->witness, NULL) : NULL;

  if (message == NULL)
    return FALSE;
  fuzz_assert (begins_with (message, "in") || begins_with (message, "out"));
  direction = begins_with (message, "out") ? 1 : 0;
  check_received (play, direction, play->captured[direction], message);

  return TRUE;
}

static void
play_step (Play *play)
{
  guint8 step = fuzz_take_byte (play->input);

  if (step < 0x60)
    send_message (play, 0);
  else if (step < 0x90)
    send_message (play, 1);
  else if (step < 0xb0)
    receive (play, step & 1);
  else if (step < 0xc0)
    receive_captured (play);
  else if (step < 0xd0)
    zmqglib_proxy_set_paused (play->proxy, step & 1);
  else if (step < 0xd8)
    zmqglib_proxy_stop (play->proxy);
  else if (step < 0xe0)
    zmqglib_proxy_start (play->proxy);

  if (step % 4 != 3)
    fuzz_assert (fuzz_settle (2000));
}

/* Everybody reads, and all comes. */
static void
flush (Play *play)
{
  gboolean has_come = TRUE;

  zmqglib_proxy_set_paused (play->proxy, FALSE);
  if (!zmqglib_proxy_get_running (play->proxy))
    zmqglib_proxy_start (play->proxy);
  for (guint i = 0; i < MAX_TURNS && has_come; i++)
    {
      fuzz_assert (fuzz_settle (2000));
      has_come = receive (play, 0) | receive (play, 1) | receive_captured (play);
    }
  fuzz_assert (!has_come);
  if (is_lossy (play))
    return;

  for (guint i = 0; i < 2; i++)
    {
      fuzz_assert (play->expected[i]->len == 0);
      fuzz_assert (play->witness == NULL || play->captured[i]->len == 0);
    }
  fuzz_assert (zmqglib_proxy_get_n_forwarded_in (play->proxy) == play->n_forwarded[0]);
  fuzz_assert (zmqglib_proxy_get_n_forwarded_out (play->proxy) == play->n_forwarded[1]);
}

static ZmqSocket *
make_socket (Play         *play,
             ZmqSocketType type,
             const char   *routing_id)
{
  g_autoptr (GError) error = NULL;
  ZmqSocket *socket = zmqglib_socket_new (NULL, type, &error);

  if (socket == NULL)
    fuzz_fail ("%s", error->message);
  g_object_set (socket, "linger", 0, NULL);
  if (play->is_small)
    g_object_set (socket, "send-high-water-mark", 1, "receive-high-water-mark", 1, NULL);
  if (routing_id != NULL)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (routing_id, strlen (routing_id));

      g_object_set (socket, "routing-id", bytes, NULL);
    }

  return socket;
}

static void
join (ZmqSocket  *bound,
      ZmqSocket  *connected,
      const char *what,
      guint       number)
{
  g_autofree char *endpoint = g_strdup_printf ("inproc://fuzz-proxy-%s-%u", what, number);

  fuzz_assert (zmqglib_socket_bind (bound, endpoint, NULL));
  fuzz_assert (zmqglib_socket_connect_to (connected, endpoint, NULL));
}

static void
begin (Play *play)
{
  static guint n_played;
  guint8       flags;
  g_autoptr (GBytes) prefix_in = g_bytes_new_static ("in", 2);
  g_autoptr (GBytes) prefix_out = g_bytes_new_static ("out", 3);

  n_played++;
  play->kind = &kinds[fuzz_take_number (play->input, G_N_ELEMENTS (kinds))];
  play->mode = fuzz_take_number (play->input, N_MODES);
  /* it would be a subscription, too */
  if (is_lossy (play) && play->mode == MODE_ADDS)
    play->mode = MODE_KEEPS;
  flags = fuzz_take_byte (play->input);
  /* a ROUTER drops what there is no room for */
  play->is_small = (flags & 1) && play->kind->frontend != ZMQGLIB_SOCKET_ROUTER;

  play->frontend = make_socket (play, play->kind->frontend, NULL);
  play->backend = make_socket (play, play->kind->backend, NULL);
  play->peers[0] = make_socket (play, play->kind->client, play->kind->client == ZMQGLIB_SOCKET_DEALER ? "f" : NULL);
  play->peers[1] = make_socket (play, play->kind->service, NULL);
  join (play->frontend, play->peers[0], "front", n_played);
  join (play->backend, play->peers[1], "back", n_played);
  if (flags & 2)
    {
      play->capture = make_socket (play, ZMQGLIB_SOCKET_PUSH, NULL);
      play->witness = make_socket (play, ZMQGLIB_SOCKET_PULL, NULL);
      join (play->capture, play->witness, "capture", n_played);
    }
  for (guint i = 0; i < 2; i++)
    {
      play->expected[i] = g_ptr_array_new_with_free_func ((GDestroyNotify) zmqglib_message_unref);
      play->captured[i] = g_ptr_array_new_with_free_func ((GDestroyNotify) zmqglib_message_unref);
    }

  play->proxy = zmqglib_proxy_new (play->frontend, play->backend, play->capture, NULL);
  g_object_set (play->proxy, "prefix-in", prefix_in, "prefix-out", prefix_out, NULL);
  if (play->mode != MODE_NONE)
    g_signal_connect (play->proxy, "forward", G_CALLBACK (on_forward), play);
  zmqglib_proxy_start (play->proxy);
}

static void
end (Play *play)
{
  g_clear_object (&play->proxy);
  fuzz_assert (fuzz_settle (1000));
  for (guint i = 0; i < 2; i++)
    {
      g_object_unref (play->peers[i]);
      g_ptr_array_unref (play->expected[i]);
      g_ptr_array_unref (play->captured[i]);
    }
  g_object_unref (play->frontend);
  g_object_unref (play->backend);
  g_clear_object (&play->capture);
  g_clear_object (&play->witness);
  fuzz_assert (fuzz_settle (1000));
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  FuzzInput input = { data, size };
  Play      play = { .input = &input };

  begin (&play);
  for (guint i = 0; i < MAX_STEPS && input.size > 0; i++)
    play_step (&play);
  flush (&play);
  end (&play);

  return 0;
}
