/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zmq.h>

#include "socket/zmqglib-socket-options-private.h"

#include "fence.h"
#include "fuzz.h"

/* Options of a socket, by their properties, names and numbers, with values of any kind and size; and then the socket is
 * used, over inproc or tcp, where libzmq comes to what it took before. */

#define MAX_STEPS   24
#define MAX_OPTION  140 /* of libzmq's numbers, and some more */
#define MAX_FD      65536
#define PATIENCE_US 2000

static const ZmqSocketType partners[] = {
  ZMQGLIB_SOCKET_PAIR,
  ZMQGLIB_SOCKET_SUB,
  ZMQGLIB_SOCKET_XPUB,
  ZMQGLIB_SOCKET_REP,
  ZMQGLIB_SOCKET_REQ,
  ZMQGLIB_SOCKET_ROUTER,
  ZMQGLIB_SOCKET_DEALER,
  ZMQGLIB_SOCKET_PUSH,
  ZMQGLIB_SOCKET_PULL,
  ZMQGLIB_SOCKET_SUB,
  ZMQGLIB_SOCKET_PUB,
  ZMQGLIB_SOCKET_STREAM,
};

typedef struct
{
  gboolean    is_tcp;
  ZmqContext *context;
  ZmqSocket  *sockets[2]; /* with the partner */
} Play;

/* A descriptor that is something else in this process is not to be closed by libzmq. */
static gboolean
is_foreign_fd (int   option,
               gsize size,
               int   value)
{
  return option == ZMQ_USE_FD && size == sizeof value && value >= 0 && value < MAX_FD;
}

static void
fill_value (FuzzInput *input,
            GValue    *value,
            GType      type)
{
  gint64        number = 0;
  gsize         size;
  gconstpointer data = NULL;

  if (type != G_TYPE_STRING && type != G_TYPE_BYTES)
    data = fuzz_take_data (input, 1 << fuzz_take_number (input, 4), &size);
  if (data != NULL)
    memcpy (&number, data, size);

  g_value_init (value, type);
  if (type == G_TYPE_BOOLEAN)
    g_value_set_boolean (value, number & 1);
  else if (type == G_TYPE_INT)
    g_value_set_int (value, size == 1 ? (gint8) number : (int) number);
  else if (type == G_TYPE_UINT)
    g_value_set_uint (value, number);
  else if (type == G_TYPE_INT64)
    g_value_set_int64 (value, size == 1 ? (gint8) number : number);
  else if (type == G_TYPE_UINT64)
    g_value_set_uint64 (value, number);
  else if (type == G_TYPE_DOUBLE)
    g_value_set_double (value, number / 3.0);
  else if (G_TYPE_IS_ENUM (type))
    g_value_set_enum (value, number & 7);
  else if (type == G_TYPE_STRING)
    g_value_take_string (value, fuzz_take_byte (input) == 0 ? NULL : fuzz_take_string (input));
  else if (type == G_TYPE_BYTES)
    g_value_take_boxed (value, fuzz_take_byte (input) == 0 ? NULL : fuzz_take_bytes (input));
}

static const ZmqSocketOption *
choose_row (FuzzInput *input)
{
  static const ZmqSocketOption *rows[200];
  static guint                  n_rows;

  if (n_rows == 0)
    {
      const ZmqSocketOption *const tables[] = { zmqglib_options_messaging, zmqglib_options_transport, zmqglib_options_security };

      for (gsize i = 0; i < G_N_ELEMENTS (tables); i++)
        for (const ZmqSocketOption *row = tables[i]; row->name != NULL; row++)
          rows[n_rows++] = row;
    }

  return rows[fuzz_take_number (input, n_rows)];
}

static GType
choose_type (FuzzInput  *input,
             GParamSpec *pspec)
{
  const GType types[] = { G_TYPE_BOOLEAN, G_TYPE_INT, G_TYPE_INT64, G_TYPE_UINT64, G_TYPE_DOUBLE, G_TYPE_STRING, G_TYPE_BYTES, G_TYPE_UINT };
  guint8      choice = fuzz_take_byte (input);

  return choice < 0xc0 ? pspec->value_type : types[choice % G_N_ELEMENTS (types)];
}

/* What is secret is in no message. */
static void
check_told (const ZmqSocketOption *row,
            const GValue          *value,
            const GError          *error)
{
  const char *secret = G_VALUE_HOLDS_STRING (value) ? g_value_get_string (value) : NULL;

  if (error != NULL && (row->flags & ZMQGLIB_OPTION_IS_SECRET) && secret != NULL && strlen (secret) > 8)
    fuzz_assert (strstr (error->message, secret) == NULL);
}

static gboolean
is_told_as_set (const ZmqSocketOption *row)
{
  switch (row->option)
    {
    /* libzmq makes something else of these */
    case ZMQ_HEARTBEAT_TTL:
    case ZMQ_GSSAPI_SERVER:
    case ZMQ_PLAIN_SERVER:
    case ZMQ_CURVE_SERVER:
      return FALSE;
    default:
      return (row->flags & G_PARAM_READABLE) != 0;
    }
}

static gboolean
has_same_value (GParamSpec   *pspec,
                const GValue *a,
                const GValue *b)
{
  if (G_VALUE_HOLDS (a, G_TYPE_BYTES) && g_value_get_boxed (a) != NULL && g_value_get_boxed (b) != NULL)
    return g_bytes_equal (g_value_get_boxed (a), g_value_get_boxed (b));

  return g_param_values_cmp (pspec, a, b) == 0;
}

static void
check_set (ZmqSocket    *socket,
           GParamSpec   *pspec,
           const GValue *value)
{
  g_auto (GValue) expected = G_VALUE_INIT;
  g_auto (GValue) present = G_VALUE_INIT;

  g_value_init (&expected, pspec->value_type);
  g_value_init (&present, pspec->value_type);
  fuzz_assert (g_value_transform (value, &expected));
  /* no name means no PLAIN, and libzmq remembers the one from before */
  if (strcmp (pspec->name, "plain-username") == 0)
    return;
  /* which is none */
  if (G_VALUE_HOLDS_STRING (&expected) && g_strcmp0 (g_value_get_string (&expected), "") == 0)
    g_value_reset (&expected);
  if (G_VALUE_HOLDS (&expected, G_TYPE_BYTES) && g_value_get_boxed (&expected) != NULL &&
      g_bytes_get_size (g_value_get_boxed (&expected)) == 0)
    g_value_reset (&expected);
  g_object_get_property (G_OBJECT (socket), pspec->name, &present);
  if (!has_same_value (pspec, &expected, &present))
    {
      g_autofree char *was = g_strdup_value_contents (&expected);
      g_autofree char *is = g_strdup_value_contents (&present);

      fuzz_fail ("“%s” was set to %s and is %s", pspec->name, was, is);
    }
}

static void
set_by_name (Play      *play,
             FuzzInput *input,
             guint      n)
{
  const ZmqSocketOption *row = choose_row (input);
  ZmqSocket             *socket = play->sockets[n];
  GParamSpec            *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (socket), row->name);
  const GType            type = choose_type (input, pspec);
  g_auto (GValue) value = G_VALUE_INIT;
  g_autoptr (GError) error = NULL;
  gboolean is_set;

  fill_value (input, &value, type);
  if (G_VALUE_HOLDS_INT (&value) && is_foreign_fd (row->option, sizeof (int), g_value_get_int (&value)))
    return;
  if (row->option == ZMQ_USE_FD && type != G_TYPE_INT)
    return;

  is_set = zmqglib_socket_set_option (socket, row->name, &value, &error);
  fuzz_check_error (is_set, &error);
  check_told (row, &value, error);
  if (is_set && type == pspec->value_type && is_told_as_set (row))
    check_set (socket, pspec, &value);
}

static void
set_as_property (Play      *play,
                 FuzzInput *input,
                 guint      n)
{
  const ZmqSocketOption *row = choose_row (input);
  GParamSpec            *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (play->sockets[n]), row->name);
  g_auto (GValue) value = G_VALUE_INIT;

  fill_value (input, &value, pspec->value_type);
  g_param_value_validate (pspec, &value);
  if ((pspec->flags & G_PARAM_WRITABLE) && row->option != ZMQ_USE_FD)
    g_object_set_property (G_OBJECT (play->sockets[n]), row->name, &value);
}

static int
choose_number (FuzzInput *input)
{
  guint8 number = fuzz_take_byte (input);

  return number < 0xf0 ? number % MAX_OPTION : (number - 0xf8) * 0x10000000;
}

static void
set_int (Play      *play,
         FuzzInput *input,
         guint      n)
{
  int option = choose_number (input);
  g_auto (GValue) value = G_VALUE_INIT;
  g_autoptr (GError) error = NULL;
  int number;
  int present;

  fill_value (input, &value, G_TYPE_INT);
  number = g_value_get_int (&value);
  if (is_foreign_fd (option, sizeof number, number))
    return;
  fuzz_check_error (zmqglib_socket_set_option_int (play->sockets[n], option, number, &error), &error);
  g_clear_error (&error);
  fuzz_check_error (zmqglib_socket_get_option_int (play->sockets[n], option, &present, &error), &error);
}

static void
set_bytes (Play      *play,
           FuzzInput *input,
           guint      n)
{
  int option = choose_number (input);
  g_autoptr (GBytes) bytes = fuzz_take_byte (input) & 1 ? fuzz_take_bytes (input) : NULL;
  g_autoptr (GError) error = NULL;
  int number = -1;

  if (bytes != NULL && g_bytes_get_size (bytes) == sizeof number)
    memcpy (&number, g_bytes_get_data (bytes, NULL), sizeof number);
  if (is_foreign_fd (option, sizeof number, number))
    return;
  fuzz_check_error (zmqglib_socket_set_option_bytes (play->sockets[n], option, bytes, &error), &error);
}

static void
get (Play      *play,
     FuzzInput *input,
     guint      n)
{
  int option = choose_number (input);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  bytes = zmqglib_socket_get_option_bytes (play->sockets[n], option, &error);
  fuzz_check_error (bytes != NULL, &error);
  if (option == ZMQ_CURVE_SECRETKEY || option == ZMQ_PLAIN_PASSWORD)
    fuzz_assert (g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_PERMISSION_DENIED));
}

static void
get_all_properties (ZmqSocket *socket)
{
  g_autofree GParamSpec **pspecs = NULL;
  guint                   n_pspecs;

  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (socket), &n_pspecs);
  for (guint i = 0; i < n_pspecs; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;

      if (!(pspecs[i]->flags & G_PARAM_READABLE))
        continue;
      g_value_init (&value, pspecs[i]->value_type);
      g_object_get_property (G_OBJECT (socket), pspecs[i]->name, &value);
    }
}

static void
subscribe (Play      *play,
           FuzzInput *input,
           guint      n)
{
  g_autoptr (GBytes) prefix = fuzz_take_bytes (input);
  g_autoptr (GError) error = NULL;
  gboolean is_done = fuzz_take_byte (input) & 1 ? zmqglib_socket_subscribe_bytes (play->sockets[n], prefix, &error)
                                                : zmqglib_socket_unsubscribe_bytes (play->sockets[n], prefix, &error);

  fuzz_check_error (is_done, &error);
}

/* A descriptor that listens, which is libzmq's once it was bound with. */
static void
bind_with_fd (Play *play,
              guint n)
{
  ZmqSocket         *self = play->sockets[n];
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  g_autoptr (GError) error = NULL;
  int fd = play->is_tcp ? socket (AF_INET, SOCK_STREAM, 0) : -1;

  if (fd < 0)
    return;
  fuzz_assert (bind (fd, (struct sockaddr *) &address, sizeof address) == 0 && listen (fd, 1) == 0);
  if (!zmqglib_socket_set_option_int (self, ZMQ_USE_FD, fd, &error) ||
      !zmqglib_socket_bind (self, "tcp://127.0.0.1:*", &error))
    {
      fuzz_check_error (FALSE, &error);
      close (fd);
    }
  zmqglib_socket_set_option_int (self, ZMQ_USE_FD, -1, NULL);
}

static void
join (Play *play)
{
  g_autofree char *last = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_bound = zmqglib_socket_bind (play->sockets[0], play->is_tcp ? "tcp://127.0.0.1:*" : "inproc://option", &error);

  fuzz_check_error (is_bound, &error);
  if (!is_bound)
    return;
  g_object_get (play->sockets[0], "last-endpoint", &last, NULL);
  fuzz_check_error (zmqglib_socket_connect_to (play->sockets[1], last, &error), &error);
}

static void
transfer (Play *play,
          guint from)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_strings ("first", "second", NULL);
  g_autoptr (ZmqMessage) received = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_sent = zmqglib_socket_try_send (play->sockets[from], message, &error);

  fuzz_check_error (is_sent, &error);
  g_clear_error (&error);
  zmqglib_socket_get_condition (play->sockets[from]);
  if (is_sent && play->is_tcp)
    zmqglib_socket_wait (play->sockets[1 - from], G_IO_IN, PATIENCE_US, NULL, NULL);
  received = zmqglib_socket_try_receive (play->sockets[1 - from], &error);
  fuzz_check_error (received != NULL, &error);
}

static void
play_step (Play      *play,
           FuzzInput *input)
{
  guint step = fuzz_take_number (input, 16);
  guint n = step & 1;

  switch (step >> 1)
    {
    case 0:
      set_by_name (play, input, n);
      break;
    case 1:
      set_as_property (play, input, n);
      break;
    case 2:
      set_int (play, input, n);
      break;
    case 3:
      set_bytes (play, input, n);
      break;
    case 4:
      get (play, input, n);
      break;
    case 5:
      subscribe (play, input, n);
      break;
    case 6:
      transfer (play, n);
      break;
    default:
      if (fuzz_take_byte (input) & 1)
        get_all_properties (play->sockets[n]);
      else
        bind_with_fd (play, n);
      break;
    }
}

static void
begin (Play      *play,
       FuzzInput *input)
{
  guint type = fuzz_take_number (input, G_N_ELEMENTS (partners));
  g_autoptr (GError) error = NULL;

  /* to begin with one takes longer than all else; over tcp it is libzmq's threads that do what is looked at, so that they
   * have to be waited for */
  if (play->is_tcp)
    play->context = zmqglib_context_new ();
  else
    play->context = g_object_ref (zmqglib_context_get_default ());
  play->sockets[0] = zmqglib_socket_new (play->context, type, &error);
  play->sockets[1] = zmqglib_socket_new (play->context, partners[type], &error);
  if (error != NULL)
    fuzz_fail ("%s", error->message);
}

static void
end (Play *play)
{
  static const int linger = 0;
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (play->sockets); i++)
    {
      zmq_setsockopt (zmqglib_socket_get_handle (play->sockets[i]), ZMQ_LINGER, &linger, sizeof linger);
      g_object_unref (play->sockets[i]);
    }
  if (play->is_tcp && !zmqglib_context_terminate (play->context, NULL, &error))
    fuzz_fail ("%s", error->message);
  g_object_unref (play->context);
  fuzz_assert (fuzz_settle (1000));
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  FuzzInput input = { data, size };
  Play      play = { 0 };
  guint8    flags = fuzz_take_byte (&input);

  fence_put_up ();
  fence_enter ();
  play.is_tcp = (flags & 3) == 3;
  begin (&play, &input);
  if (flags & 4)
    join (&play);
  for (guint i = 0; i < MAX_STEPS && input.size > 0; i++)
    play_step (&play, &input);
  if (flags & 8)
    {
      join (&play);
      transfer (&play, 0);
      transfer (&play, 1);
    }
  end (&play);
  fence_leave ();

  return 0;
}
