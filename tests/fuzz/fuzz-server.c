/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz.h"

/* A server whose clients are hostile: they send frames of any kind, where an envelope and a request should be. Each is told
 * with the body that it has, and who has sent it gets the reply behind its own envelope, once, and nobody else does. */

#define N_PEERS   3
#define MAX_KEPT  8
#define MAX_SENT  32
#define MAX_STEPS 50

typedef struct
{
  ZmqMessage *envelope;
  ZmqMessage *body;
} Sent;

typedef struct
{
  ZmqSocket *socket; /* a DEALER */
  Sent       sent[MAX_SENT];
  guint      n_sent;
  guint      n_told; /* of these */
  GPtrArray *expected;
} Peer;

typedef struct
{
  FuzzInput  *input;
  ZmqServer  *server;
  gboolean    is_closed;
  Peer        peers[N_PEERS];
  guint       max_pending;
  ZmqRequest *kept[MAX_KEPT];
  guint       kept_of[MAX_KEPT];   /* whose they are */
  ZmqMessage *envelopes[MAX_KEPT]; /* and what goes before the reply */
  guint       n_kept;
} Play;

/* Up to the first empty frame, or nothing. */
static void
split (ZmqMessage *message,
       Sent       *sent)
{
  guint n_frames = zmqglib_message_get_n_frames (message);
  guint n_envelope = 0;

  for (guint i = 0; i < n_frames && n_envelope == 0; i++)
    {
      gsize size;

      zmqglib_message_peek_frame (message, i, &size);
      if (size == 0)
        n_envelope = i + 1;
    }

  *sent = (Sent){ zmqglib_message_new (), zmqglib_message_new () };
  for (guint i = 0; i < n_frames; i++)
    {
      g_autoptr (GBytes) frame = zmqglib_message_get_frame (message, i);

      zmqglib_message_append_bytes (i < n_envelope ? sent->envelope : sent->body, frame);
    }
}

static void
take_frames (FuzzInput  *input,
             ZmqMessage *message,
             guint       n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GBytes) frame = fuzz_take_bytes (input);

      zmqglib_message_append_bytes (message, frame);
    }
}

static void
send (Play *play,
      guint n)
{
  Peer *peer = &play->peers[n];
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();

  if (peer->n_sent == MAX_SENT)
    return;

  take_frames (play->input, message, 1 + fuzz_take_number (play->input, 6));
  if (!zmqglib_socket_try_send (peer->socket, message, NULL))
    {
      fuzz_assert (play->is_closed);
      return;
    }
  split (message, &peer->sent[peer->n_sent++]);
}

/* The reply, as the peer is to get it. */
static void
reply (Play       *play,
       ZmqRequest *request,
       guint       n,
       ZmqMessage *envelope)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();
  g_autoptr (ZmqMessage) expected = zmqglib_message_copy (envelope);
  g_autoptr (GError) error = NULL;
  guint    n_frames = fuzz_take_number (play->input, 4);
  gboolean is_taken;

  take_frames (play->input, message, n_frames);
  is_taken = zmqglib_request_reply (request, message, &error);
  fuzz_check_error (is_taken, &error);
  fuzz_assert (is_taken == (n_frames > 0 && !play->is_closed));
  if (!is_taken)
    return;

  for (guint i = 0; i < n_frames; i++)
    {
      g_autoptr (GBytes) frame = zmqglib_message_get_frame (message, i);

      zmqglib_message_append_bytes (expected, frame);
    }
  g_ptr_array_add (play->peers[n].expected, g_steal_pointer (&expected));
  fuzz_assert (!zmqglib_request_reply (request, message, &error));
  fuzz_assert (g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_WRONG_STATE));
}

static void
keep (Play       *play,
      ZmqRequest *request,
      guint       n,
      ZmqMessage *envelope)
{
  if (play->n_kept == MAX_KEPT)
    return;

  play->kept[play->n_kept] = g_object_ref (request);
  play->kept_of[play->n_kept] = n;
  play->envelopes[play->n_kept++] = zmqglib_message_copy (envelope);
}

static void
let_go (Play    *play,
        gboolean is_replied)
{
  guint i;

  if (play->n_kept == 0)
    return;

  i = fuzz_take_number (play->input, play->n_kept);
  if (is_replied)
    reply (play, play->kept[i], play->kept_of[i], play->envelopes[i]);
  g_object_unref (play->kept[i]);
  zmqglib_message_unref (play->envelopes[i]);
  play->n_kept--;
  play->kept[i] = play->kept[play->n_kept];
  play->kept_of[i] = play->kept_of[play->n_kept];
  play->envelopes[i] = play->envelopes[play->n_kept];
}

static void
on_request (ZmqServer  *server,
            ZmqRequest *request,
            gpointer    data)
{
  Play *play = data;
  g_autoptr (GBytes) peer = zmqglib_request_get_peer (request);
  gsize         size;
  const guint8 *id = g_bytes_get_data (peer, &size);
  guint         n;
  const Sent   *sent;

  fuzz_assert (size == 2 && id[0] == 'p' && id[1] < N_PEERS);
  fuzz_assert (play->max_pending == 0 || zmqglib_server_get_n_pending (server) <= play->max_pending);
  fuzz_assert (zmqglib_request_get_user_id (request) == NULL);
  n = id[1];
  fuzz_assert (play->peers[n].n_told < play->peers[n].n_sent);
  sent = &play->peers[n].sent[play->peers[n].n_told++];
  fuzz_assert (zmqglib_message_equal (zmqglib_request_get_message (request), sent->body));

  switch (fuzz_take_number (play->input, 4))
    {
    case 0:
    case 1:
      reply (play, request, n, sent->envelope);
      break;
    case 2:
      keep (play, request, n, sent->envelope);
      break;
    default:
      break;
    }
}

static void
check_replies (Play *play)
{
  for (guint i = 0; i < N_PEERS; i++)
    {
      Peer *peer = &play->peers[i];

      for (guint j = 0; j < peer->expected->len; j++)
        {
          g_autoptr (ZmqMessage) message = zmqglib_socket_try_receive (peer->socket, NULL);

          fuzz_assert (message != NULL && zmqglib_message_equal (message, peer->expected->pdata[j]));
        }
      g_ptr_array_set_size (peer->expected, 0);
      fuzz_assert (zmqglib_socket_try_receive (peer->socket, NULL) == NULL);
    }
}

static void
settle (Play *play)
{
  gboolean has_room;

  fuzz_assert (fuzz_settle (5000));
  check_replies (play);
  has_room = play->max_pending == 0 || play->n_kept < play->max_pending;
  fuzz_assert (play->is_closed || zmqglib_server_get_n_pending (play->server) == play->n_kept);
  for (guint i = 0; i < N_PEERS && has_room && !play->is_closed; i++)
    fuzz_assert (play->peers[i].n_told == play->peers[i].n_sent);
}

static void
set_max_pending (Play *play)
{
  play->max_pending = fuzz_take_number (play->input, 4);
  /* of those that were told before there may be more */
  if (play->max_pending > 0 && play->max_pending < play->n_kept)
    play->max_pending = play->n_kept;
  zmqglib_server_set_max_pending (play->server, play->max_pending);
}

static void
play_step (Play *play)
{
  guint8 step = fuzz_take_byte (play->input);

  if (step < 0x80)
    send (play, step % N_PEERS);
  else if (step < 0xc0)
    let_go (play, TRUE);
  else if (step < 0xe0)
    let_go (play, FALSE);
  else if (step < 0xf0)
    set_max_pending (play);
  else if (step < 0xf2)
    {
      play->is_closed = TRUE;
      zmqglib_server_close (play->server);
    }
  if (step % 4 != 3)
    settle (play);
}

static void
begin (Play *play)
{
  static guint     n_played;
  g_autofree char *endpoint = g_strdup_printf ("inproc://fuzz-server-%u", n_played++);

  play->server = zmqglib_server_new (NULL, NULL);
  fuzz_assert (zmqglib_server_bind (play->server, endpoint, NULL));
  g_signal_connect (play->server, "request", G_CALLBACK (on_request), play);
  for (guint i = 0; i < N_PEERS; i++)
    {
      const guint8 id[2] = { 'p', i };
      g_autoptr (GBytes) routing_id = g_bytes_new (id, sizeof id);
      Peer *peer = &play->peers[i];

      peer->socket = zmqglib_socket_new (NULL, ZMQGLIB_SOCKET_DEALER, NULL);
      peer->expected = g_ptr_array_new_with_free_func ((GDestroyNotify) zmqglib_message_unref);
      g_object_set (peer->socket, "routing-id", routing_id, "linger", 0, NULL);
      fuzz_assert (zmqglib_socket_connect_to (peer->socket, endpoint, NULL));
    }
}

static void
end (Play *play)
{
  settle (play);
  g_clear_object (&play->server);
  fuzz_assert (fuzz_settle (5000));
  check_replies (play);
  play->is_closed = TRUE;
  while (play->n_kept > 0)
    let_go (play, TRUE);
  for (guint i = 0; i < N_PEERS; i++)
    {
      Peer *peer = &play->peers[i];

      for (guint j = 0; j < peer->n_sent; j++)
        {
          zmqglib_message_unref (peer->sent[j].envelope);
          zmqglib_message_unref (peer->sent[j].body);
        }
      g_ptr_array_unref (peer->expected);
      g_object_unref (peer->socket);
    }
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
  end (&play);

  return 0;
}
