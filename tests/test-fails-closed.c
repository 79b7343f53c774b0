/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>
#include <zmq.h>

#include "test-util.h"

/* “Security fails closed”: whatever happens to a security option, a socket never ends up with less security than was
 * asked for. */

static ZmqCertificate *server_certificate;
static ZmqCertificate *client_certificate;

static ZmqSecurityMechanism
get_mechanism (ZmqSocket *socket)
{
  ZmqSecurityMechanism mechanism;

  g_object_get (socket, "security-mechanism", &mechanism, NULL);

  return mechanism;
}

static void
set_client (ZmqSocket      *socket,
            ZmqCertificate *server)
{
  g_autoptr (GError) error = NULL;

  zmqglib_socket_set_curve_client (socket, client_certificate, zmqglib_certificate_get_public_key (server), &error);
  g_assert_no_error (error);
}

static void
set_server (ZmqSocket      *socket,
            ZmqCertificate *certificate)
{
  g_autoptr (GError) error = NULL;

  zmqglib_socket_set_curve_server (socket, certificate, &error);
  g_assert_no_error (error);
}

/* Every option that selects a mechanism, as its default and as what is there. */
static void
write_everything_anew (ZmqSocket *socket)
{
  g_autofree GParamSpec **pspecs = NULL;
  guint                   n_pspecs;

  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (socket), &n_pspecs);

  for (guint i = 0; i < n_pspecs; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;

      if ((pspecs[i]->flags & G_PARAM_READWRITE) != G_PARAM_READWRITE || (pspecs[i]->flags & G_PARAM_CONSTRUCT_ONLY) ||
          !(g_str_has_prefix (pspecs[i]->name, "curve-") || g_str_has_prefix (pspecs[i]->name, "plain-") ||
            g_str_has_prefix (pspecs[i]->name, "gssapi-server")))
        continue;

      g_value_init (&value, pspecs[i]->value_type);
      g_object_get_property (G_OBJECT (socket), pspecs[i]->name, &value);
      g_object_set_property (G_OBJECT (socket), pspecs[i]->name, &value);
    }
}

static void
write_defaults_of_others (ZmqSocket *socket)
{
  g_autoptr (GError) error = NULL;

  g_object_set (socket, "plain-server", FALSE, "plain-username", NULL, "plain-password", NULL, "curve-server",
                get_mechanism (socket) == ZMQGLIB_SECURITY_MECHANISM_CURVE &&
                    zmqglib_socket_get_socket_type (socket) == ZMQGLIB_SOCKET_PULL,
                "gssapi-server", FALSE, NULL);
  zmqglib_socket_set_option_int (socket, ZMQ_PLAIN_SERVER, 0, &error);
  g_assert_no_error (error);
  zmqglib_socket_set_option_bytes (socket, ZMQ_PLAIN_USERNAME, NULL, &error);
  g_assert_no_error (error);
}

/* Writing an option's present value changes nothing. */
static void
test_present_value (void)
{
  g_autoptr (ZmqSocket) server = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) client = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqSocket) intruder = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_autofree char *endpoint = NULL;
  g_autoptr (GError) error = NULL;

  /* what was set of another mechanism is still there, for libzmq */
  g_object_set (client, "plain-username", "somebody", "plain-password", "sesame", NULL);
  set_server (server, server_certificate);
  set_client (client, server_certificate);

  write_everything_anew (server);
  write_everything_anew (client);
  write_defaults_of_others (server);
  write_defaults_of_others (client);
  g_assert_cmpint (get_mechanism (server), ==, ZMQGLIB_SECURITY_MECHANISM_CURVE);
  g_assert_cmpint (get_mechanism (client), ==, ZMQGLIB_SECURITY_MECHANISM_CURVE);

  endpoint = test_bind (server, "tcp");
  zmqglib_socket_connect_to (intruder, endpoint, &error);
  g_assert_no_error (error);
  test_send_string (intruder, "in clear");
  zmqglib_socket_connect_to (client, endpoint, &error);
  g_assert_no_error (error);
  test_send_string (client, "encrypted");
  test_receive_string (server, "encrypted");
}

/* The names of PLAIN, which libzmq keeps when they are unset, do select it again. */
static void
test_plain_again (void)
{
  g_autoptr (ZmqSocket) client = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);

  g_object_set (client, "plain-username", "somebody", NULL);
  g_object_set (client, "plain-username", NULL, NULL);
  g_assert_cmpint (get_mechanism (client), ==, ZMQGLIB_SECURITY_MECHANISM_NULL);
  g_object_set (client, "plain-username", "somebody", NULL);
  g_assert_cmpint (get_mechanism (client), ==, ZMQGLIB_SECURITY_MECHANISM_PLAIN);
}

/* With a key of CURVE that is there already, a socket that has fallen back to PLAIN encrypts again. */
static void
test_curve_again (void)
{
  g_autoptr (ZmqSocket) client = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);

  set_client (client, server_certificate);
  g_object_set (client, "plain-username", "somebody", NULL);
  g_assert_cmpint (get_mechanism (client), ==, ZMQGLIB_SECURITY_MECHANISM_PLAIN);
  g_object_set (client, "curve-server-key", zmqglib_certificate_get_public_key (server_certificate), NULL);
  g_assert_cmpint (get_mechanism (client), ==, ZMQGLIB_SECURITY_MECHANISM_CURVE);
}

/* A server becomes a client of the same server, and back. */
static void
test_roles (void)
{
  g_autoptr (ZmqSocket) socket = test_socket_new (NULL, ZMQGLIB_SOCKET_DEALER);
  gboolean is_server;

  for (guint i = 0; i < 2; i++)
    {
      set_client (socket, server_certificate);
      g_object_get (socket, "curve-server", &is_server, NULL);
      g_assert_false (is_server);
      set_server (socket, server_certificate);
      g_object_get (socket, "curve-server", &is_server, NULL);
      g_assert_true (is_server);
    }
}

static void
assert_shut (ZmqSocket  *socket,
             const char *option)
{
  g_autoptr (GError) bind_error = NULL;
  g_autoptr (GError) connect_error = NULL;

  g_assert_false (zmqglib_socket_bind (socket, "tcp://127.0.0.1:*", &bind_error));
  g_assert_error (bind_error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_WRONG_STATE);
  g_assert_nonnull (strstr (bind_error->message, option));
  g_assert_false (zmqglib_socket_connect_to (socket, "tcp://127.0.0.1:1", &connect_error));
  g_assert_error (connect_error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_WRONG_STATE);
}

static void
assert_usable (ZmqSocket *socket)
{
  g_autoptr (GError) error = NULL;

  zmqglib_socket_bind (socket, "tcp://127.0.0.1:*", &error);
  g_assert_no_error (error);
}

/* A security option that was refused as a property shuts the socket until it is mended. */
static void
test_refused (void)
{
  g_autofree char *long_text = g_strnfill (256, 'x');
  const struct
  {
    const char *option;
    const char *bad;
    const char *good;
  } refused[] = {
    { "plain-username", long_text, "somebody" },
    { "plain-password", long_text, "sesame" },
    { "zap-domain", long_text, "global" },
    { "curve-public-key", "no key", zmqglib_certificate_get_public_key (client_certificate) },
    { "curve-secret-key", "no key", zmqglib_certificate_get_public_key (client_certificate) },
    { "curve-server-key", "no key", zmqglib_certificate_get_public_key (server_certificate) },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (ZmqSocket) socket = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);

      g_test_expect_message ("zmqglib", G_LOG_LEVEL_WARNING, "Could not set*");
      g_object_set (socket, refused[i].option, refused[i].bad, NULL);
      g_test_assert_expected_messages ();
      assert_shut (socket, refused[i].option);

      g_object_set (socket, refused[i].option, refused[i].good, NULL);
      assert_usable (socket);
    }
}

/* libzmq would let everybody in, or abort. */
static void
test_enforced_domain (void)
{
  g_autoptr (ZmqSocket) socket = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (GError) error = NULL;
  gboolean is_enforced;

  g_test_expect_message ("zmqglib", G_LOG_LEVEL_WARNING, "Could not set “zap-enforce-domain”*");
  g_object_set (socket, "zap-enforce-domain", TRUE, NULL);
  g_test_assert_expected_messages ();
  assert_shut (socket, "zap-enforce-domain");

  g_object_set (socket, "zap-domain", "global", "zap-enforce-domain", TRUE, NULL);
  g_object_get (socket, "zap-enforce-domain", &is_enforced, NULL);
  g_assert_true (is_enforced);
  g_assert_false (zmqglib_socket_set_option_bytes (socket, ZMQ_ZAP_DOMAIN, NULL, &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT);
  assert_usable (socket);
}

static void
exchange (ZmqSocket      *server,
          const char     *endpoint,
          ZmqCertificate *certificate,
          const char     *text)
{
  g_autoptr (ZmqSocket) client = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (GError) error = NULL;

  if (certificate != NULL)
    set_client (client, certificate);
  zmqglib_socket_connect_to (client, endpoint, &error);
  g_assert_no_error (error);
  test_send_string (client, text);
  test_receive_string (server, text);
}

/* Options are for later endpoints: one socket is bound in clear, then with a key, then with another. */
static void
test_several_keys (void)
{
  g_autoptr (ZmqCertificate) other_certificate = zmqglib_certificate_new (NULL);
  g_autoptr (ZmqSocket) server = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autofree char *clear = test_bind (server, "tcp");
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  set_server (server, server_certificate);
  first = test_bind (server, "tcp");
  set_server (server, other_certificate);
  second = test_bind (server, "tcp");

  exchange (server, second, other_certificate, "second");
  exchange (server, clear, NULL, "clear");
  exchange (server, first, server_certificate, "first");
}

/* Keys as they are read from files. */
static void
test_white_space (void)
{
  const char      *key = zmqglib_certificate_get_public_key (server_certificate);
  g_autofree char *spaced = g_strdup_printf (" \t%s\r\n", key);
  g_autofree char *broken = g_strdup_printf ("%.20s %s", key, key + 20);
  g_autoptr (ZmqSocket) socket = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (GBytes) bytes = g_bytes_new (spaced, strlen (spaced));
  g_autoptr (GBytes) broken_bytes = g_bytes_new (broken, strlen (broken));
  g_autoptr (GError) error = NULL;
  g_autofree char *actual = NULL;

  g_object_set (socket, "curve-server-key", spaced, NULL);
  g_object_get (socket, "curve-server-key", &actual, NULL);
  g_assert_cmpstr (actual, ==, key);

  zmqglib_socket_set_option_bytes (socket, ZMQ_CURVE_PUBLICKEY, bytes, &error);
  g_assert_no_error (error);
  g_clear_pointer (&actual, g_free);
  g_object_get (socket, "curve-public-key", &actual, NULL);
  g_assert_cmpstr (actual, ==, key);

  g_assert_false (zmqglib_socket_set_option_bytes (socket, ZMQ_CURVE_PUBLICKEY, broken_bytes, &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT);
}

/* What is no text at all is as good as a wrong key. */
static void
test_other_type (void)
{
  g_autoptr (ZmqSocket) socket = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (GBytes) bytes = g_bytes_new ("x", 1);
  g_auto (GValue) value = G_VALUE_INIT;
  g_autoptr (GError) error = NULL;

  g_value_init (&value, G_TYPE_BYTES);
  g_value_set_boxed (&value, bytes);
  g_assert_false (zmqglib_socket_set_option (socket, "curve-server-key", &value, &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (zmqglib_socket_connect_to (socket, "tcp://127.0.0.1:9", &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_WRONG_STATE);
}

/* Secrets are written only, and stand in no message. */
static void
test_secrets (void)
{
  static const struct
  {
    const char *name;
    int         option;
  } secrets[] = {
    { "curve-secret-key", ZMQ_CURVE_SECRETKEY },
    { "plain-password", ZMQ_PLAIN_PASSWORD },
  };
  g_autofree char *key = zmqglib_certificate_dup_secret_key (client_certificate);
  g_autofree char *spoilt = g_strconcat (key, "x", NULL);
  g_autoptr (ZmqSocket) socket = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);

  g_object_set (socket, "plain-password", "sesame", "curve-secret-key", key, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (secrets); i++)
    {
      GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (socket), secrets[i].name);
      g_autoptr (GError) error = NULL;
      int number;

      g_assert_cmpint (pspec->flags & G_PARAM_READWRITE, ==, G_PARAM_WRITABLE);
      g_assert_null (zmqglib_socket_get_option_bytes (socket, secrets[i].option, &error));
      g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_PERMISSION_DENIED);
      g_assert_false (zmqglib_socket_get_option_int (socket, secrets[i].option, &number, NULL));
    }

  /* also when one key is mistaken for another */
  for (gsize i = 0; i < 3; i++)
    {
      static const char *const names[] = { "curve-secret-key", "curve-public-key", "curve-server-key" };
      g_auto (GValue) value = G_VALUE_INIT;
      g_autoptr (GError) error = NULL;

      g_value_init (&value, G_TYPE_STRING);
      g_value_set_string (&value, spoilt);
      g_assert_false (zmqglib_socket_set_option (socket, names[i], &value, &error));
      g_assert_null (strstr (error->message, key));
    }
}

static void
test_keypair (void)
{
  g_autofree char *public_key = NULL;
  g_autofree char *secret_key = NULL;
  g_autofree char *derived = NULL;
  g_autofree char *spaced = NULL;
  g_autoptr (ZmqCertificate) certificate = NULL;
  g_autoptr (GError) error = NULL;

  zmqglib_curve_keypair (&public_key, &secret_key, &error);
  g_assert_no_error (error);
  certificate = zmqglib_certificate_new_from_keys (public_key, secret_key, NULL, &error);
  g_assert_no_error (error);

  spaced = g_strconcat (secret_key, "\n", NULL);
  derived = zmqglib_curve_public_key (spaced, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (derived, ==, public_key);

  g_assert_null (zmqglib_curve_public_key ("no key", &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT);
}

int
main (int   argc,
      char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);

  if (!zmq_has ("curve"))
    {
      g_print ("1..0 # SKIP This libzmq has no CURVE\n");
      return 0;
    }

  server_certificate = zmqglib_certificate_new (NULL);
  client_certificate = zmqglib_certificate_new (NULL);

  g_test_add_func ("/fails-closed/present-value", test_present_value);
  g_test_add_func ("/fails-closed/plain-again", test_plain_again);
  g_test_add_func ("/fails-closed/curve-again", test_curve_again);
  g_test_add_func ("/fails-closed/roles", test_roles);
  g_test_add_func ("/fails-closed/refused", test_refused);
  g_test_add_func ("/fails-closed/enforced-domain", test_enforced_domain);
  g_test_add_func ("/fails-closed/several-keys", test_several_keys);
  g_test_add_func ("/fails-closed/white-space", test_white_space);
  g_test_add_func ("/fails-closed/other-type", test_other_type);
  g_test_add_func ("/fails-closed/secrets", test_secrets);
  g_test_add_func ("/fails-closed/keypair", test_keypair);
  result = g_test_run ();

  g_object_unref (server_certificate);
  g_object_unref (client_certificate);

  return result;
}
