/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz.h"

/* A client whose servers are hostile: they answer with frames of any kind, with numbers of other requests, of another
 * client's, changed, twice, for one another, and late. A request ends with its own answer, from a server that was asked, or
 * not at all. */

#define N_SERVERS    2
#define N_CLIENTS    2
#define MAX_REQUESTS 8
#define MAX_LETTERS  32
#define MAX_STEPS    40
#define PATIENCE_US  (G_TIME_SPAN_HOUR)

/* of what a server receives */
enum
{
  ROUTING_ID,
  NUMBER,
  DELIMITER,
  MARK, /* by which the request, and the play, are known here, which is of its body */
};

typedef struct
{
  guint         client;
  GCancellable *cancellable;
  ZmqMessage   *body;
  gboolean      is_asked[N_SERVERS]; /* and the answer would count */
  ZmqMessage   *expected[N_SERVERS]; /* the answers of which the one that is read first counts */
  gboolean      may_fail;
  gboolean      is_told;
} Request;

typedef struct
{
  guint       server;
  guint       request;
  ZmqMessage *message;
} Letter;

typedef struct
{
  ZmqClient *clients[N_CLIENTS];
  gboolean   is_connected[N_CLIENTS][N_SERVERS];
  gboolean   is_closed[N_CLIENTS];
  Request    requests[MAX_REQUESTS];
  guint      n_requests;
  Letter     letters[MAX_LETTERS];
  guint      n_letters;
  guint8     number;
} Play;

static ZmqSocket        *servers[N_SERVERS];
static const char *const endpoints[N_SERVERS] = { "inproc://fuzz-client-0", "inproc://fuzz-client-1" };

static void
make_servers (void)
{
  for (guint i = 0; i < N_SERVERS && servers[i] == NULL; i++)
    {
      servers[i] = zmqglib_socket_new (NULL, ZMQGLIB_SOCKET_ROUTER, NULL);
      fuzz_assert (zmqglib_socket_bind (servers[i], endpoints[i], NULL));
    }
}

static gboolean
is_expected (const Request *request,
             ZmqMessage    *answer)
{
  for (guint i = 0; i < N_SERVERS; i++)
    if (request->expected[i] != NULL && zmqglib_message_equal (answer, request->expected[i]))
      return TRUE;

  return FALSE;
}

static gboolean
is_answered (const Request *request)
{
  for (guint i = 0; i < N_SERVERS; i++)
    if (request->expected[i] != NULL)
      return TRUE;

  return FALSE;
}

static gboolean
has_server (Play *play,
            guint client)
{
  for (guint i = 0; i < N_SERVERS; i++)
    if (play->is_connected[client][i])
      return TRUE;

  return FALSE;
}

static guint
count_pending (Play *play,
               guint client)
{
  guint n_pending = 0;

  for (guint i = 0; i < play->n_requests; i++)
    if (play->requests[i].client == client && !play->requests[i].is_told)
      n_pending++;

  return n_pending;
}

static void
on_answer (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  Request *request = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) answer = zmqglib_client_request_finish (ZMQGLIB_CLIENT (source), result, &error);

  fuzz_check_error (answer != NULL, &error);
  fuzz_assert (!request->is_told);
  request->is_told = TRUE;
  if (answer != NULL)
    fuzz_assert (is_expected (request, answer));
  else if (!request->may_fail)
    fuzz_fail ("a request failed: %s", error->message);
}

/* What was sent in an earlier play, and came late, is nobody's. */
static void
take_letter (Play       *play,
             guint       server,
             ZmqMessage *message)
{
  gsize         size;
  const guint8 *mark = zmqglib_message_peek_frame (message, MARK, &size);
  Request      *request;

  fuzz_assert (size == 2);
  if (mark[1] != play->number)
    return;
  fuzz_assert (mark[0] < play->n_requests);
  request = &play->requests[mark[0]];
  fuzz_assert (zmqglib_message_get_n_frames (message) == MARK + zmqglib_message_get_n_frames (request->body));
  zmqglib_message_peek_frame (message, DELIMITER, &size);
  fuzz_assert (size == 0);
  request->is_asked[server] = TRUE;
  if (play->n_letters < MAX_LETTERS)
    play->letters[play->n_letters++] = (Letter){ server, mark[0], zmqglib_message_ref (message) };
}

/* The servers read, and know the requests by what is in them. */
static void
read_letters (Play *play)
{
  for (guint i = 0; i < N_SERVERS; i++)
    {
      ZmqMessage *message;

      while ((message = zmqglib_socket_try_receive (servers[i], NULL)) != NULL)
        {
          take_letter (play, i, message);
          zmqglib_message_unref (message);
        }
    }
}

static void
settle (Play *play)
{
  fuzz_assert (fuzz_settle (2000));
  read_letters (play);
  for (guint i = 0; i < N_CLIENTS; i++)
    if (!play->is_closed[i])
      fuzz_assert (zmqglib_client_get_n_pending (play->clients[i]) == count_pending (play, i));
  for (guint i = 0; i < play->n_requests; i++)
    fuzz_assert (play->requests[i].is_told || !is_answered (&play->requests[i]));
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
ask (Play      *play,
     FuzzInput *input)
{
  const guint8 mark[] = { play->n_requests, play->number };
  Request     *request = &play->requests[play->n_requests];
  guint8       how = fuzz_take_byte (input);

  if (play->n_requests == MAX_REQUESTS)
    return;

  play->n_requests++;
  request->client = how % N_CLIENTS;
  request->cancellable = g_cancellable_new ();
  request->body = zmqglib_message_new ();
  zmqglib_message_append_data (request->body, mark, sizeof mark);
  take_frames (input, request->body, (how >> 4) % 4);
  request->may_fail = play->is_closed[request->client] || !has_server (play, request->client);
  zmqglib_client_request_async (play->clients[request->client], request->body, request->cancellable, on_answer, request);
}

static void
cancel (Play      *play,
        FuzzInput *input)
{
  Request *request;

  if (play->n_requests == 0)
    return;

  request = &play->requests[fuzz_take_number (input, play->n_requests)];
  request->may_fail = TRUE;
  g_cancellable_cancel (request->cancellable);
}

/* The number of the request, or one that looks like it. */
static GBytes *
make_number (Play         *play,
             FuzzInput    *input,
             const Letter *letter)
{
  g_autoptr (GBytes) own = zmqglib_message_get_frame (letter->message, NUMBER);
  gsize              size;
  g_autofree guint8 *copy = g_memdup2 (g_bytes_get_data (own, &size), g_bytes_get_size (own));
  guint8             how = fuzz_take_byte (input);

  if (how < 0x80)
    return g_steal_pointer (&own);
  if (how < 0xa0)
    return fuzz_take_bytes (input);
  if (how < 0xc0)
    return zmqglib_message_get_frame (play->letters[how % play->n_letters].message, NUMBER);
  if (how < 0xe0)
    copy[how % size] ^= 1 << fuzz_take_number (input, 8);
  else
    size = how - 0xe0;

  return size > g_bytes_get_size (own) ? g_bytes_new (NULL, 0) : g_bytes_new (copy, size);
}

static const Letter *
find_by_number (Play       *play,
                guint       client,
                ZmqMessage *answer)
{
  g_autoptr (GBytes) number = zmqglib_message_get_frame (answer, 1);

  for (guint i = 0; number != NULL && i < play->n_letters; i++)
    {
      g_autoptr (GBytes) other = zmqglib_message_get_frame (play->letters[i].message, NUMBER);

      if (g_bytes_equal (number, other) && play->requests[play->letters[i].request].client == client)
        return &play->letters[i];
    }

  return NULL;
}

/* What the client is to make of it, which begins with a routing id. */
static void
expect (Play       *play,
        guint       server,
        guint       client,
        ZmqMessage *answer)
{
  const Letter *letter = find_by_number (play, client, answer);
  Request      *request = letter != NULL ? &play->requests[letter->request] : NULL;
  gsize         size;

  zmqglib_message_peek_frame (answer, 2, &size);
  if (request == NULL || zmqglib_message_get_n_frames (answer) < 3 || size > 0)
    return;
  if (request->is_told || request->expected[server] != NULL || !request->is_asked[server] || !play->is_connected[client][server])
    return;

  request->expected[server] = zmqglib_message_copy (answer);
  for (guint i = 0; i < 3; i++)
    g_bytes_unref (zmqglib_message_pop_frame (request->expected[server]));
}

static void
answer_letter (Play      *play,
               FuzzInput *input)
{
  g_autoptr (ZmqMessage) answer = zmqglib_message_new ();
  g_autoptr (GBytes) routing_id = NULL;
  g_autoptr (GBytes) number = NULL;
  const Letter *letter;
  guint8        shape;

  if (play->n_letters == 0)
    return;

  letter = &play->letters[fuzz_take_number (input, play->n_letters)];
  routing_id = zmqglib_message_get_frame (letter->message, ROUTING_ID);
  number = make_number (play, input, letter);
  shape = fuzz_take_byte (input);
  zmqglib_message_append_bytes (answer, routing_id);
  if (!(shape & 0x40))
    zmqglib_message_append_bytes (answer, number);
  if (!(shape & 0x20))
    zmqglib_message_append_data (answer, "x", shape & 0x10 ? 1 : 0);
  take_frames (input, answer, shape % 4);
  if (zmqglib_message_get_n_frames (answer) == 1)
    zmqglib_message_append_string (answer, "");

  expect (play, letter->server, play->requests[letter->request].client, answer);
  fuzz_assert (zmqglib_socket_try_send (servers[letter->server], answer, NULL));
}

/* What was asked there goes on elsewhere, as far as there is somebody. */
static void
disconnect (Play      *play,
            FuzzInput *input)
{
  guint which = fuzz_take_number (input, N_CLIENTS * N_SERVERS);
  guint client = which / N_SERVERS;
  guint server = which % N_SERVERS;
  g_autoptr (GError) error = NULL;
  gboolean was_connected = play->is_connected[client][server] && !play->is_closed[client];
  gboolean is_done;

  /* what has come in before counts */
  settle (play);
  is_done = zmqglib_client_disconnect_from (play->clients[client], endpoints[server], &error);

  fuzz_check_error (is_done, &error);
  fuzz_assert (is_done == was_connected);
  if (!is_done)
    return;
  play->is_connected[client][server] = FALSE;
  for (guint i = 0; i < play->n_requests; i++)
    if (play->requests[i].client == client)
      {
        play->requests[i].is_asked[server] = FALSE;
        play->requests[i].may_fail |= !has_server (play, client);
      }
}

static void
close_client (Play *play,
              guint client)
{
  for (guint i = 0; i < play->n_requests; i++)
    play->requests[i].may_fail |= play->requests[i].client == client;
  play->is_closed[client] = TRUE;
  zmqglib_client_close (play->clients[client]);
}

static void
play_step (Play      *play,
           FuzzInput *input)
{
  guint8 step = fuzz_take_byte (input);

  if (step < 0x40)
    ask (play, input);
  else if (step < 0xc0)
    answer_letter (play, input);
  else if (step < 0xd0)
    cancel (play, input);
  else if (step < 0xe0)
    disconnect (play, input);
  else if (step < 0xe4)
    close_client (play, step % N_CLIENTS);
  /* else several things may happen before the loop has its turn; a server that reads late finds requests that were ended */
  if (step % 8 != 7)
    settle (play);
}

static void
begin (Play      *play,
       FuzzInput *input)
{
  static const ZmqClientStrategy strategies[] = { ZMQGLIB_CLIENT_STRATEGY_FAILOVER, ZMQGLIB_CLIENT_STRATEGY_SPREAD, ZMQGLIB_CLIENT_STRATEGY_ALL };
  guint8                         how = fuzz_take_byte (input);

  for (guint i = 0; i < N_CLIENTS; i++)
    {
      play->clients[i] = zmqglib_client_new (NULL, NULL);
      zmqglib_client_set_timeout_us (play->clients[i], PATIENCE_US);
      zmqglib_client_set_max_tries (play->clients[i], 100);
      zmqglib_client_set_strategy (play->clients[i], strategies[(how >> (2 * i)) % G_N_ELEMENTS (strategies)]);
      for (guint j = 0; j < N_SERVERS; j++)
        {
          play->is_connected[i][j] = zmqglib_client_connect_to (play->clients[i], endpoints[j], NULL);
          fuzz_assert (play->is_connected[i][j]);
        }
    }
}

static void
end (Play *play)
{
  for (guint i = 0; i < N_CLIENTS; i++)
    {
      close_client (play, i);
      g_object_unref (play->clients[i]);
    }
  fuzz_assert (fuzz_settle (2000));
  read_letters (play);
  for (guint i = 0; i < play->n_requests; i++)
    {
      fuzz_assert (play->requests[i].is_told);
      zmqglib_message_unref (play->requests[i].body);
      for (guint j = 0; j < N_SERVERS; j++)
        g_clear_pointer (&play->requests[i].expected[j], zmqglib_message_unref);
      g_object_unref (play->requests[i].cancellable);
    }
  for (guint i = 0; i < play->n_letters; i++)
    zmqglib_message_unref (play->letters[i].message);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  static guint8 n_played;
  FuzzInput     input = { data, size };
  Play          play = { .number = n_played++ };

  make_servers ();
  begin (&play, &input);
  for (guint i = 0; i < MAX_STEPS && input.size > 0; i++)
    play_step (&play, &input);
  end (&play);

  return 0;
}
