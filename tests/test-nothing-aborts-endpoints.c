/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <ifaddrs.h>
#include <net/if.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <zmq.h>

#include "test-nothing-aborts.h"

/* Endpoints at which libzmq aborts, or takes what belongs to others. */

#define N_INTERRUPTED 2000

typedef gboolean (*EndpointFunc) (ZmqSocket  *socket,
                                  const char *endpoint,
                                  GError    **error);

static void
assert_fails (ZmqSocket   *socket,
              EndpointFunc func,
              const char  *endpoint,
              ZmqError     code)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *quoted = g_strdup_printf ("“%s”", endpoint);

  if (func (socket, endpoint, &error))
    g_error ("%s was taken", quoted);
  g_test_message ("%s", error->message);
  test_assert_error (error, code, quoted);
}

/* libzmq’s I/O threads come to abort when they have to do with what was asked for before. */
static void
wait_for_io_threads (void)
{
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;

  test_socket_pair (NULL, "tcp", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  for (guint i = 0; i < 10; i++)
    {
      test_send_string (push, "x");
      test_receive_string (pull, "x");
    }
}

static void
test_malformed_multicast (void)
{
  static const char *const transports[] = { "norm", "pgm", "epgm" };
  static const char *const addresses[] = {
    "x",
    "*",
    ":",
    ":5555",
    "*:*",
    "127.0.0.1",
    "127.0.0.1:",
    "239.1.1.1:0",
    "239.1.1.1:65536",
    "239.1.1.1:-1",
    "239.1.1.1:5x",
    "[::1]:5555",
    ";",
    "lo;",
    "lo;:5555",
    "a;b;239.1.1.1:5555",
    "no host:5555",
    "é:5555",
    "nohost.invalid:5555",
    "1,2,239.1.1.1:5555",
    "a,239.1.1.1:5555",
    "0,239.1.1.1:5555",
  };

  if (!test_is_child ())
    return;

  for (guint i = 0; i < G_N_ELEMENTS (transports); i++)
    for (guint j = 0; zmq_has (i == 0 ? "norm" : "pgm") && j < G_N_ELEMENTS (addresses); j++)
      {
        g_autoptr (ZmqSocket) pub = test_socket_new (NULL, ZMQGLIB_SOCKET_PUB);
        g_autoptr (ZmqSocket) sub = test_socket_new (NULL, ZMQGLIB_SOCKET_SUB);
        g_autofree char *endpoint = g_strconcat (transports[i], "://", addresses[j], NULL);

        assert_fails (pub, zmqglib_socket_bind, endpoint, ZMQGLIB_ERROR_INVALID_ARGUMENT);
        assert_fails (pub, zmqglib_socket_connect_to, endpoint, ZMQGLIB_ERROR_INVALID_ARGUMENT);
        assert_fails (sub, zmqglib_socket_bind, endpoint, ZMQGLIB_ERROR_INVALID_ARGUMENT);
        assert_fails (sub, zmqglib_socket_connect_to, endpoint, ZMQGLIB_ERROR_INVALID_ARGUMENT);
      }

  wait_for_io_threads ();
}

static void
test_multicast_interface (void)
{
  g_autoptr (ZmqSocket) pub = NULL;

  if (!zmq_has ("norm"))
    {
      g_test_skip ("libzmq has no NORM");
      return;
    }

  if (!test_is_child ())
    return;

  pub = test_socket_new (NULL, ZMQGLIB_SOCKET_PUB);
  assert_fails (pub, zmqglib_socket_bind, "norm://no-such-nic;239.1.1.1:5555", ZMQGLIB_ERROR_NOT_FOUND);
  assert_fails (pub, zmqglib_socket_bind, "norm://192.0.2.1;239.1.1.1:5555", ZMQGLIB_ERROR_NOT_FOUND);
  wait_for_io_threads ();
}

/* NORM and PGM are opened by the I/O thread, which insists on it. */
static void
test_multicast_port_in_use (void)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t          size = sizeof address;
  g_autofree char   *endpoint = NULL;
  g_autoptr (ZmqSocket) pub = NULL;
  int fd;

  if (!zmq_has ("norm"))
    {
      g_test_skip ("libzmq has no NORM");
      return;
    }

  if (!test_is_child ())
    return;

  fd = socket (AF_INET, SOCK_DGRAM, 0);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, size), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *) &address, &size), ==, 0);
  endpoint = g_strdup_printf ("norm://127.0.0.1:%u", g_ntohs (address.sin_port));
  pub = test_socket_new (NULL, ZMQGLIB_SOCKET_XPUB);
  assert_fails (pub, zmqglib_socket_bind, endpoint, ZMQGLIB_ERROR_ADDRESS_IN_USE);
  wait_for_io_threads ();
  close (fd);
}

/* Without a network libzmq finds no interface, before it comes to anything else. */
static gboolean
has_network (void)
{
  struct ifaddrs *interfaces;
  gboolean        has_one = FALSE;

  g_assert_cmpint (getifaddrs (&interfaces), ==, 0);
  for (struct ifaddrs *i = interfaces; i != NULL; i = i->ifa_next)
    if (i->ifa_addr != NULL && i->ifa_addr->sa_family == AF_INET && !(i->ifa_flags & IFF_LOOPBACK))
      has_one = TRUE;
  freeifaddrs (interfaces);

  return has_one;
}

static void
test_multicast_rate (void)
{
  static const struct
  {
    int rate;
    int tpdu;
  } bad[] = { { 1, 1500 }, { G_MAXINT, 1500 }, { 100, 1 }, { 100, 65535 }, { 100, G_MAXINT } };

  if (!zmq_has ("pgm"))
    {
      g_test_skip ("libzmq has no PGM");
      return;
    }

  if (!has_network ())
    {
      g_test_skip ("there is no network");
      return;
    }

  if (!test_is_child ())
    return;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (ZmqSocket) pub = test_socket_new (NULL, ZMQGLIB_SOCKET_PUB);

      g_object_set (pub, "rate", bad[i].rate, "multicast-max-tpdu", bad[i].tpdu, NULL);
      assert_fails (pub, zmqglib_socket_bind, "epgm://239.1.1.1:5555", ZMQGLIB_ERROR_INVALID_ARGUMENT);
    }
  wait_for_io_threads ();
}

static void
test_no_right_to_raw_sockets (void)
{
  g_autoptr (ZmqSocket) pub = NULL;

  if (!zmq_has ("pgm"))
    {
      g_test_skip ("libzmq has no PGM");
      return;
    }

  if (!test_is_child ())
    return;

  test_become_nobody ();
  pub = test_socket_new (NULL, ZMQGLIB_SOCKET_PUB);
  assert_fails (pub, zmqglib_socket_bind, "pgm://239.1.1.1:5555", ZMQGLIB_ERROR_PERMISSION_DENIED);
  wait_for_io_threads ();
  test_end_child ();
}

static void
test_odd_endpoints (void)
{
  g_autofree char  *long_text = g_strnfill (100000, 'a');
  g_autofree char  *long_tcp = g_strconcat ("tcp://", long_text, ":1", NULL);
  g_autofree char  *long_ipc = g_strconcat ("ipc://", long_text, NULL);
  g_autofree char  *long_inproc = g_strconcat ("inproc://", long_text, NULL);
  const char *const odd[] = {
    "",
    "://",
    "tcp",
    "tcp:/",
    "tcp://[::",
    "tcp://[::1",
    "tcp://:",
    "tcp://;",
    "tcp://a;b",
    "tcp://127.0.0.1:0x10",
    "tcp://127.0.0.1:99999;127.0.0.1:5",
    "tcp://127.0.0.1:5;127.0.0.1:99999",
    "udp://;",
    "tipc://{",
    "tipc://<1.2>",
    "vmci://:",
    "ws://a",
    "\377\376://x",
    "tcp://\377:1",
    long_text,
    long_tcp,
    long_ipc,
    long_inproc,
  };
  const EndpointFunc funcs[] = {
    zmqglib_socket_bind,
    zmqglib_socket_connect_to,
    zmqglib_socket_unbind,
    zmqglib_socket_disconnect_from,
  };

  if (!test_is_child ())
    return;

  for (guint i = 0; i < G_N_ELEMENTS (odd); i++)
    for (guint j = 0; j < 2 * G_N_ELEMENTS (funcs); j++)
      {
        g_autoptr (ZmqSocket) socket = test_socket_new (NULL, ZMQGLIB_SOCKET_PUB);
        g_autoptr (GError) error = NULL;

        funcs[j / 2](socket, odd[i], &error);
        g_clear_error (&error);
        funcs[j % 4](socket, odd[i], &error);
        if (error != NULL)
          g_assert_true (g_utf8_validate (error->message, -1, NULL));
      }
  wait_for_io_threads ();
}

/* Where libzmq fails without a reason, there is one nevertheless, whatever has failed before. */
static void
test_without_reason (void)
{
  static const char *const  odd[] = { "tipc://{", "tipc://x", "tipc://{1}", "tipc://{5560,2,1}" };
  static const EndpointFunc funcs[] = { zmqglib_socket_bind, zmqglib_socket_connect_to };
  static const int          reasons[] = { 0, EAGAIN };

  if (!zmq_has ("tipc"))
    {
      g_test_skip ("libzmq has no tipc://");
      return;
    }

  for (guint i = 0; i < G_N_ELEMENTS (odd) * G_N_ELEMENTS (funcs) * G_N_ELEMENTS (reasons); i++)
    {
      g_autoptr (ZmqSocket) socket = test_socket_new (NULL, ZMQGLIB_SOCKET_PUB);

      errno = reasons[i % 2];
      assert_fails (socket, funcs[i / 2 % 2], odd[i / 4], ZMQGLIB_ERROR_INVALID_ARGUMENT);
    }
}

static void
on_alarm (int number)
{
}

/* A signal comes whenever it likes. */
static void
test_interrupted (void)
{
  struct sigaction action = { .sa_handler = on_alarm };
  struct itimerval often = { { 0, 50 }, { 0, 50 } };
  struct itimerval never = { { 0, 0 }, { 0, 0 } };
  g_autoptr (ZmqSocket) rep = NULL;
  g_autoptr (ZmqSocket) req = NULL;
  g_autoptr (GError) error = NULL;

  if (!test_is_child ())
    return;

  rep = test_socket_new (NULL, ZMQGLIB_SOCKET_REP);
  req = test_socket_new (NULL, ZMQGLIB_SOCKET_REQ);
  sigaction (SIGALRM, &action, NULL);
  setitimer (ITIMER_REAL, &often, NULL);

  for (guint i = 0; i < N_INTERRUPTED; i++)
    {
      g_autofree char *endpoint = NULL;

      zmqglib_socket_bind (rep, i % 2 == 0 ? "tcp://127.0.0.1:*" : "inproc://interrupted", &error);
      g_assert_no_error (error);
      g_object_get (rep, "last-endpoint", &endpoint, NULL);
      zmqglib_socket_connect_to (req, endpoint, &error);
      g_assert_no_error (error);
      zmqglib_socket_disconnect_from (req, endpoint, &error);
      g_assert_no_error (error);
      zmqglib_socket_unbind (rep, endpoint, &error);
      g_assert_no_error (error);
    }

  setitimer (ITIMER_REAL, &never, NULL);
}

/* Whatever is left, each way fails or works. */
static void
test_descriptors_used_up (void)
{
  static const char *const endpoints[] = {
    "tcp://127.0.0.1:*",
    "tcp://lo:*",
    "tcp://localhost:1",
    "ipc://*",
    "ipc://@zmqglib-used-up",
    "tcp://127.0.0.1:1",
    "norm://239.1.1.1:5555",
    "epgm://239.1.1.1:5555",
  };
  static const EndpointFunc funcs[] = {
    zmqglib_socket_bind,
    zmqglib_socket_unbind,
    zmqglib_socket_connect_to,
    zmqglib_socket_disconnect_from,
  };
  g_autoptr (ZmqSocket) pub = NULL;
  rlim_t original_limit;
  int    last_fd;

  if (!test_is_child ())
    return;

  pub = test_socket_new (NULL, ZMQGLIB_SOCKET_PUB);
  original_limit = test_leave_descriptors (0);

  for (guint i = 0; i < G_N_ELEMENTS (endpoints) * G_N_ELEMENTS (funcs); i++)
    if (!g_str_has_prefix (endpoints[i / G_N_ELEMENTS (funcs)], "norm") || zmq_has ("norm"))
      assert_fails (pub, funcs[i % G_N_ELEMENTS (funcs)], endpoints[i / G_N_ELEMENTS (funcs)],
                    ZMQGLIB_ERROR_TOO_MANY_SOCKETS);

  for (last_fd = 99; last_fd > 90; last_fd--)
    {
      close (last_fd);
      for (guint i = 6; i < G_N_ELEMENTS (endpoints); i++)
        if (zmq_has ("norm") && zmq_has ("pgm"))
          assert_fails (pub, zmqglib_socket_bind, endpoints[i], ZMQGLIB_ERROR_TOO_MANY_SOCKETS);
    }

  test_limit (RLIMIT_NOFILE, original_limit);
  wait_for_io_threads ();
}

static void
assert_hears (ZmqSocket  *pull,
              const char *endpoint)
{
  g_autoptr (ZmqSocket) push = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (GError) error = NULL;

  zmqglib_socket_connect_to (push, endpoint, &error);
  g_assert_no_error (error);
  test_send_string (push, "heard");
  test_receive_string (pull, "heard");
}

static void
test_ipc_somebody_listens (void)
{
  g_autoptr (ZmqSocket) first = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) second = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autofree char *endpoint = test_bind (first, "ipc");

  assert_fails (second, zmqglib_socket_bind, endpoint, ZMQGLIB_ERROR_ADDRESS_IN_USE);
  assert_hears (first, endpoint);
  g_unlink (endpoint + strlen ("ipc://"));
}

/* A socket that was left behind. */
static void
test_ipc_stale (void)
{
  g_autoptr (ZmqSocket) pull = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (GError) error = NULL;
  g_autofree char   *endpoint = test_endpoint ("ipc");
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int                fd = socket (AF_UNIX, SOCK_STREAM, 0);

  g_strlcpy (address.sun_path, endpoint + strlen ("ipc://"), sizeof address.sun_path);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  close (fd);

  zmqglib_socket_bind (pull, endpoint, &error);
  g_assert_no_error (error);
  assert_hears (pull, endpoint);
  g_unlink (address.sun_path);
}

static void
assert_kept (const char *endpoint,
             const char *path,
             ZmqError    code)
{
  g_autoptr (ZmqSocket) socket = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autofree char *contents = NULL;

  g_assert_true (g_file_set_contents (path, "precious", -1, NULL));
  assert_fails (socket, zmqglib_socket_bind, endpoint, code);
  g_assert_true (g_file_get_contents (path, &contents, NULL, NULL));
  g_assert_cmpstr (contents, ==, "precious");
  g_unlink (path);
}

/* What is not a socket is somebody’s; libzmq looks for abstract names among the files, too. */
static void
test_ipc_file_in_the_way (void)
{
  g_autoptr (ZmqSocket) socket = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autofree char *directory = g_dir_make_tmp ("zmqglib-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "file", NULL);
  g_autofree char *endpoint = g_strconcat ("ipc://", path, NULL);
  g_autofree char *directory_endpoint = g_strconcat ("ipc://", directory, NULL);
  g_autofree char *long_name = g_strnfill (150, 'x');
  g_autofree char *long_path = g_build_filename (directory, long_name, NULL);
  g_autofree char *long_endpoint = g_strconcat ("ipc://", long_path, NULL);
  g_autofree char *before = g_get_current_dir ();

  assert_kept (endpoint, path, ZMQGLIB_ERROR_ADDRESS_IN_USE);
  assert_kept (long_endpoint, long_path, ZMQGLIB_ERROR_INVALID_ARGUMENT);
  assert_fails (socket, zmqglib_socket_bind, directory_endpoint, ZMQGLIB_ERROR_ADDRESS_IN_USE);

  g_assert_cmpint (symlink ("nowhere", path), ==, 0);
  assert_fails (socket, zmqglib_socket_bind, endpoint, ZMQGLIB_ERROR_ADDRESS_IN_USE);
  g_unlink (path);

  g_assert_cmpint (chdir (directory), ==, 0);
  assert_kept ("ipc://@zmqglib-abstract", "@zmqglib-abstract", ZMQGLIB_ERROR_ADDRESS_IN_USE);
  g_assert_cmpint (chdir (before), ==, 0);
  g_rmdir (directory);
}

static void
test_ipc_without_a_file (void)
{
  g_autoptr (ZmqSocket) abstract = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) other = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) wildcard = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_strdup_printf ("ipc://@zmqglib-%08x", g_random_int ());
  g_autofree char *endpoint = NULL;

  zmqglib_socket_bind (abstract, name, &error);
  g_assert_no_error (error);
  assert_hears (abstract, name);
  assert_fails (other, zmqglib_socket_bind, name, ZMQGLIB_ERROR_ADDRESS_IN_USE);

  zmqglib_socket_bind (wildcard, "ipc://*", &error);
  g_assert_no_error (error);
  g_object_get (wildcard, "last-endpoint", &endpoint, NULL);
  assert_hears (wildcard, endpoint);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  /* where libzmq makes up paths; without, it is the working directory */
  g_setenv ("TMPDIR", g_get_tmp_dir (), FALSE);

  g_test_add_func ("/life/rule-7-nothing-aborts/endpoints/malformed-multicast", test_malformed_multicast);
  g_test_add_func ("/life/rule-7-nothing-aborts/endpoints/multicast-interface", test_multicast_interface);
  g_test_add_func ("/life/rule-7-nothing-aborts/endpoints/multicast-port-in-use", test_multicast_port_in_use);
  g_test_add_func ("/life/rule-7-nothing-aborts/endpoints/multicast-rate", test_multicast_rate);
  g_test_add_func ("/life/rule-7-nothing-aborts/endpoints/no-right-to-raw-sockets", test_no_right_to_raw_sockets);
  g_test_add_func ("/life/rule-7-nothing-aborts/endpoints/odd", test_odd_endpoints);
  g_test_add_func ("/life/rule-7-nothing-aborts/endpoints/without-reason", test_without_reason);
  g_test_add_func ("/life/rule-7-nothing-aborts/endpoints/interrupted", test_interrupted);
  g_test_add_func ("/life/rule-7-nothing-aborts/endpoints/descriptors-used-up", test_descriptors_used_up);
  g_test_add_func ("/life/rule-7-nothing-aborts/endpoints/ipc-somebody-listens", test_ipc_somebody_listens);
  g_test_add_func ("/life/rule-7-nothing-aborts/endpoints/ipc-stale", test_ipc_stale);
  g_test_add_func ("/life/rule-7-nothing-aborts/endpoints/ipc-file-in-the-way", test_ipc_file_in_the_way);
  g_test_add_func ("/life/rule-7-nothing-aborts/endpoints/ipc-without-a-file", test_ipc_without_a_file);

  return g_test_run ();
}
