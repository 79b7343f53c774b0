/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-util.h"

/* Sockets that are bound to a port of a range. */

/* Where the system itself does not take ports for those who connect. */
#define FIRST 20000
#define LAST  30000

typedef struct
{
  ZmqContext *context;
  ZmqSocket  *socket;
  GPtrArray  *blockers;
  guint       first; /* of three ports in a row that were free */
} Fixture;

static char *
make_endpoint (guint port)
{
  return g_strdup_printf ("tcp://127.0.0.1:%u", port);
}

/* Takes a port, so that it is in use. */
static gboolean
block (Fixture *self,
       guint    port)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = make_endpoint (port);
  ZmqSocket       *socket = test_socket_new (self->context, ZMQGLIB_SOCKET_PULL);

  g_ptr_array_add (self->blockers, socket);

  return zmqglib_socket_bind (socket, endpoint, &error);
}

static void
unblock (Fixture *self)
{
  g_ptr_array_set_size (self->blockers, 0);
}

/* A closed socket lets its port go a moment later. */
static gboolean
is_free (guint port)
{
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string ("127.0.0.1", port);

  return g_socket_bind (socket, address, TRUE, NULL) && g_socket_listen (socket, NULL);
}

static gboolean
are_free (guint first)
{
  return is_free (first) && is_free (first + 1) && is_free (first + 2);
}

static void
wait_until_free (Fixture *self)
{
  gint64 deadline = g_get_monotonic_time () + TEST_TIMEOUT_SECONDS * G_USEC_PER_SEC;

  while (!are_free (self->first))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_thread_yield ();
    }
}

static void
set_up (Fixture      *self,
        gconstpointer data)
{
  self->context = zmqglib_context_new ();
  self->socket = test_socket_new (self->context, ZMQGLIB_SOCKET_PULL);
  self->blockers = g_ptr_array_new_with_free_func (g_object_unref);
  do
    self->first = g_random_int_range (FIRST, LAST);
  while (!are_free (self->first));
}

static void
tear_down (Fixture      *self,
           gconstpointer data)
{
  g_ptr_array_unref (self->blockers);
  g_object_unref (self->socket);
  g_object_unref (self->context);
}

static guint
get_port (ZmqSocket *socket)
{
  g_autofree char *endpoint = NULL;
  guint64          port;

  g_object_get (socket, "last-endpoint", &endpoint, NULL);
  g_assert_true (g_str_has_prefix (endpoint, "tcp://127.0.0.1:"));
  g_assert_true (g_ascii_string_to_unsigned (strrchr (endpoint, ':') + 1, 10, 1, G_MAXUINT16, &port, NULL));

  return port;
}

static char *
make_range (const char *prefix,
            guint       first,
            guint       last)
{
  return g_strdup_printf ("tcp://127.0.0.1:%s[%u-%u]", prefix, first, last);
}

static guint
bind_or_fail (ZmqSocket  *socket,
              const char *prefix,
              guint       first,
              guint       last)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = make_range (prefix, first, last);

  zmqglib_socket_bind (socket, endpoint, &error);
  g_assert_no_error (error);

  return get_port (socket);
}

static void
test_in_order (Fixture      *self,
               gconstpointer prefix)
{
  g_autoptr (ZmqSocket) push = test_socket_new (self->context, ZMQGLIB_SOCKET_PUSH);
  g_autofree char *endpoint = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (bind_or_fail (self->socket, prefix, self->first, self->first + 2), ==, self->first);
  /* of what is in use the socket itself has a part */
  g_assert_true (block (self, self->first + 1));
  g_assert_cmpuint (bind_or_fail (self->socket, prefix, self->first, self->first + 2), ==, self->first + 2);

  g_object_get (self->socket, "last-endpoint", &endpoint, NULL);
  zmqglib_socket_connect_to (push, endpoint, &error);
  g_assert_no_error (error);
  test_send_string (push, "x");
  test_receive_string (self->socket, "x");
  zmqglib_socket_unbind (self->socket, endpoint, &error);
  g_assert_no_error (error);
}

static void
test_single (Fixture      *self,
             gconstpointer data)
{
  g_assert_cmpuint (bind_or_fail (self->socket, "", self->first, self->first), ==, self->first);
}

static void
test_all_in_use (Fixture      *self,
                 gconstpointer data)
{
  static const char *const prefixes[] = { "", "!" };

  for (guint i = 0; i < 3; i++)
    g_assert_true (block (self, self->first + i));

  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *endpoint = make_range (prefixes[i], self->first, self->first + 2);

      g_assert_false (zmqglib_socket_bind (self->socket, endpoint, &error));
      test_assert_error (error, ZMQGLIB_ERROR_ADDRESS_IN_USE, endpoint);
    }

  unblock (self);
  wait_until_free (self);
  g_assert_cmpuint (bind_or_fail (self->socket, "", self->first, self->first + 2), ==, self->first);
}

/* Every port of the range comes up first now and then, and all are found when few are left. */
static void
test_at_random (Fixture      *self,
                gconstpointer data)
{
  gboolean seen[3] = { FALSE };

  for (guint i = 0; i < 1000 && !(seen[0] && seen[1] && seen[2]); i++)
    {
      g_autoptr (ZmqSocket) socket = test_socket_new (self->context, ZMQGLIB_SOCKET_PULL);
      guint port = bind_or_fail (socket, "!", self->first, self->first + 2);

      g_assert_cmpuint (port - self->first, <, 3);
      seen[port - self->first] = TRUE;
      g_clear_object (&socket);
      wait_until_free (self);
    }
  g_assert_true (seen[0] && seen[1] && seen[2]);

  g_assert_true (block (self, self->first));
  g_assert_true (block (self, self->first + 1));
  g_assert_cmpuint (bind_or_fail (self->socket, "!", self->first, self->first + 2), ==, self->first + 2);
}

static void
test_limits_left_out (Fixture      *self,
                      gconstpointer data)
{
  static const char *const endpoints[] = {
    "tcp://127.0.0.1:!", "tcp://127.0.0.1:[-]", "tcp://127.0.0.1:![-]", "tcp://127.0.0.1:*[-]",
    "tcp://127.0.0.1:[49152-]", "tcp://127.0.0.1:[-65535]"
  };

  for (guint i = 0; i < G_N_ELEMENTS (endpoints); i++)
    {
      g_autoptr (GError) error = NULL;

      zmqglib_socket_bind (self->socket, endpoints[i], &error);
      g_assert_no_error (error);
      g_assert_cmpuint (get_port (self->socket), >=, 49152);
    }
}

static void
test_bad_ranges (Fixture      *self,
                 gconstpointer data)
{
  static const char *const ports[] = {
    "[]", "[60000]", "[60001-60000]", "[0-60000]", "[60000-65536]", "[60000-60100", "[60000-60100]x", "![", "!60000",
    "![a-b]", "*[60000-60100", "[ 60000-60100]", "[+1-2]", "[1--2]", "[1-2-3]", "[60000-99999999999999999999]", "!!"
  };

  for (guint i = 0; i < G_N_ELEMENTS (ports); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *endpoint = g_strconcat ("tcp://127.0.0.1:", ports[i], NULL);

      g_assert_false (zmqglib_socket_bind (self->socket, endpoint, &error));
      test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, endpoint);
    }
}

/* What is wrong with the first port is wrong with all. */
static void
test_other_errors (Fixture      *self,
                   gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (zmqglib_socket_bind (self->socket, "tcp://192.0.2.1:[60000-60100]", &error));
  test_assert_error (error, ZMQGLIB_ERROR_ADDRESS_NOT_AVAILABLE, "tcp://192.0.2.1:[60000-60100]");
  g_assert_false (zmqglib_socket_bind (self->socket, "tcp://nonsense:[60000-60100]", &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_NOT_FOUND);
}

/* Only who binds has a choice. */
static void
test_not_for_others (Fixture      *self,
                     gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (zmqglib_socket_connect_to (self->socket, "tcp://127.0.0.1:[60000-60100]", &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "[60000-60100]");
  g_assert_false (zmqglib_socket_unbind (self->socket, "tcp://127.0.0.1:[60000-60100]", &error));
  g_assert_nonnull (error);
}

/* What looks a little like it, and is none. */
static void
test_no_range (Fixture      *self,
               gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *inproc = g_strdup_printf ("inproc://%u:[1-2]", self->first);
  g_autofree char *last_endpoint = NULL;

  zmqglib_socket_bind (self->socket, inproc, &error);
  g_assert_no_error (error);
  g_object_get (self->socket, "last-endpoint", &last_endpoint, NULL);
  g_assert_cmpstr (last_endpoint, ==, inproc);
}

static void
test_ipv6 (Fixture      *self,
           gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = g_strdup_printf ("tcp://[::1]:[%u-%u]", self->first, self->first + 2);
  g_autofree char *last_endpoint = NULL;

  g_object_set (self->socket, "ipv6", TRUE, NULL);
  if (!zmqglib_socket_bind (self->socket, endpoint, &error))
    {
      g_assert_false (g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT));
      g_test_skip (error->message);
      return;
    }

  g_object_get (self->socket, "last-endpoint", &last_endpoint, NULL);
  g_assert_true (g_str_has_prefix (last_endpoint, "tcp://[::1]:"));
}

static void
add (const char   *name,
     gconstpointer data,
     void (*test) (Fixture      *fixture,
                   gconstpointer data))
{
  g_autofree char *path = g_strconcat ("/port-range/", name, NULL);

  g_test_add (path, Fixture, data, set_up, test, tear_down);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("in-order", "", test_in_order);
  add ("in-order-as-with-czmq", "*", test_in_order);
  add ("single", NULL, test_single);
  add ("all-in-use", NULL, test_all_in_use);
  add ("at-random", NULL, test_at_random);
  add ("limits-left-out", NULL, test_limits_left_out);
  add ("bad-ranges", NULL, test_bad_ranges);
  add ("other-errors", NULL, test_other_errors);
  add ("not-for-others", NULL, test_not_for_others);
  add ("no-range", NULL, test_no_range);
  add ("ipv6", NULL, test_ipv6);

  return g_test_run ();
}
