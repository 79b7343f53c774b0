/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib/gstdio.h>
#include <zmq.h>

#include "test-authenticator.h"

/* What an authenticator decides: by rules, by handlers that answer at once or later, and when it ends. */

/* Who is let in by which rule, of PLAIN. */
static void
test_passwords (void)
{
  g_auto (Gate) gate = GATE_INIT;

  gate_open (&gate, ZMQGLIB_SECURITY_MECHANISM_PLAIN, "here");
  zmqglib_authenticator_add_password (gate.authenticator, NULL, "anna", "everywhere");
  zmqglib_authenticator_add_password (gate.authenticator, "here", "anna", "only here");
  zmqglib_authenticator_add_password (gate.authenticator, "there", "bert", "elsewhere");
  zmqglib_authenticator_add_password (gate.authenticator, NULL, "carl", "once");
  zmqglib_authenticator_add_password (gate.authenticator, NULL, "carl", NULL);
  zmqglib_authenticator_add_password (gate.authenticator, NULL, "dora", "");

  gate_assert_in (&gate, gate_new_user (&gate, "anna", "only here"), "anna");
  gate_assert_out (&gate, gate_new_user (&gate, "anna", "everywhere"));
  gate_assert_out (&gate, gate_new_user (&gate, "anna", "only her"));
  gate_assert_out (&gate, gate_new_user (&gate, "anna", "only hero"));
  gate_assert_out (&gate, gate_new_user (&gate, "anna", "Only here"));
  gate_assert_out (&gate, gate_new_user (&gate, "bert", "elsewhere"));
  gate_assert_out (&gate, gate_new_user (&gate, "carl", "once"));
  gate_assert_out (&gate, gate_new_user (&gate, "emil", "x"));
}

/* The last rule of a user and a domain takes the place of those before it, wherever it is among those of others. */
static void
test_changed_passwords (void)
{
  static const char *const domains[] = { "here", "there", NULL, "here", "there" };
  static const char *const users[] = { "anna", "bert", "carl" };
  g_auto (Gate) gate = GATE_INIT;

  gate_open (&gate, ZMQGLIB_SECURITY_MECHANISM_PLAIN, "here");
  for (guint i = 0; i < G_N_ELEMENTS (users); i++)
    {
      for (guint j = 0; j < 3; j++)
        zmqglib_authenticator_add_password (gate.authenticator, domains[i + j], users[i], "old");
      gate_assert_in (&gate, gate_new_user (&gate, users[i], "old"), users[i]);

      zmqglib_authenticator_add_password (gate.authenticator, "here", users[i], "new");
      gate_assert_out (&gate, gate_new_user (&gate, users[i], "old"));
      gate_assert_in (&gate, gate_new_user (&gate, users[i], "new"), users[i]);
      zmqglib_authenticator_add_password (gate.authenticator, "here", users[i], NULL);
      gate_assert_out (&gate, gate_new_user (&gate, users[i], "new"));
      gate_assert_out (&gate, gate_new_user (&gate, users[i], "old"));
    }
}

static void
test_keys (void)
{
  g_autoptr (ZmqCertificate) known = zmqglib_certificate_new (NULL);
  g_autoptr (ZmqCertificate) named = zmqglib_certificate_new (NULL);
  g_autoptr (ZmqCertificate) denied = zmqglib_certificate_new (NULL);
  g_autoptr (ZmqCertificate) elsewhere = zmqglib_certificate_new (NULL);
  g_autofree char *spaced = g_strdup_printf (" %s\n", zmqglib_certificate_get_public_key (named));
  g_auto (Gate) gate = GATE_INIT;

  gate_open (&gate, ZMQGLIB_SECURITY_MECHANISM_CURVE, "here");
  g_assert_true (zmqglib_authenticator_allow_key (gate.authenticator, NULL, zmqglib_certificate_get_public_key (known), NULL));
  g_assert_true (zmqglib_authenticator_allow_key (gate.authenticator, "here", spaced, "a friend"));
  zmqglib_authenticator_allow_key (gate.authenticator, NULL, zmqglib_certificate_get_public_key (denied), NULL);
  g_assert_true (zmqglib_authenticator_deny_key (gate.authenticator, NULL, zmqglib_certificate_get_public_key (denied)));
  zmqglib_authenticator_allow_key (gate.authenticator, "there", zmqglib_certificate_get_public_key (elsewhere), NULL);

  gate_assert_in (&gate, gate_new_client (&gate, known), zmqglib_certificate_get_public_key (known));
  gate_assert_in (&gate, gate_new_client (&gate, named), "a friend");
  gate_assert_out (&gate, gate_new_client (&gate, denied));
  gate_assert_out (&gate, gate_new_client (&gate, elsewhere));

  zmqglib_authenticator_allow_any_curve (gate.authenticator, "here");
  gate_assert_in (&gate, gate_new_client (&gate, elsewhere), zmqglib_certificate_get_public_key (elsewhere));
  gate_assert_out (&gate, gate_new_client (&gate, denied));
}

static void
test_addresses (void)
{
  static const struct
  {
    const char *allowed[3];
    const char *denied[3];
    gboolean    is_in;
  } rules[] = {
    { { NULL }, { NULL }, FALSE },
    { { "127.0.0.1" }, { NULL }, TRUE },
    { { "127.0.0.0/8" }, { NULL }, TRUE },
    { { "192.0.2.1", "127.0.0.1" }, { NULL }, TRUE },
    { { "192.0.2.0/24" }, { NULL }, FALSE },
    { { "127.0.0.0/8" }, { "127.0.0.1" }, FALSE },
    { { "127.0.0.1" }, { "192.0.2.1" }, TRUE },
    { { "::1", "2001:db8::/32" }, { NULL }, FALSE },
    /* the last word counts */
    { { "127.0.0.1", "127.0.0.2" }, { "127.0.0.1" }, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      g_auto (Gate) gate = GATE_INIT;

      g_test_message ("rule %" G_GSIZE_FORMAT, i);
      gate_open (&gate, ZMQGLIB_SECURITY_MECHANISM_NULL, "here");
      for (gsize j = 0; rules[i].allowed[j] != NULL; j++)
        g_assert_true (zmqglib_authenticator_allow_address (gate.authenticator, rules[i].allowed[j]));
      for (gsize j = 0; rules[i].denied[j] != NULL; j++)
        g_assert_true (zmqglib_authenticator_deny_address (gate.authenticator, rules[i].denied[j]));

      if (rules[i].is_in)
        gate_assert_in (&gate, gate_new_socket (&gate), NULL);
      else
        gate_assert_out (&gate, gate_new_socket (&gate));
    }
}

/* An address is one more condition for who has to prove something. */
static void
test_addresses_and_passwords (void)
{
  g_auto (Gate) gate = GATE_INIT;

  gate_open (&gate, ZMQGLIB_SECURITY_MECHANISM_PLAIN, "here");
  zmqglib_authenticator_add_password (gate.authenticator, NULL, "anna", "sesame");
  zmqglib_authenticator_allow_address (gate.authenticator, "127.0.0.1");
  gate_assert_in (&gate, gate_new_user (&gate, "anna", "sesame"), "anna");
  gate_assert_out (&gate, gate_new_user (&gate, "bert", "sesame"));
  zmqglib_authenticator_deny_address (gate.authenticator, "127.0.0.1");
  gate_assert_out (&gate, gate_new_user (&gate, "anna", "sesame"));
}

/* What cannot be read allows nobody, and denies everybody. */
static void
test_bad_rules (void)
{
  g_auto (Gate) gate = GATE_INIT;

  gate_open (&gate, ZMQGLIB_SECURITY_MECHANISM_PLAIN, "here");
  zmqglib_authenticator_add_password (gate.authenticator, NULL, "anna", "sesame");

  g_test_expect_message ("zmqglib", G_LOG_LEVEL_WARNING, "*“127.0.0.1.2” is neither*");
  g_assert_false (zmqglib_authenticator_allow_address (gate.authenticator, "127.0.0.1.2"));
  g_test_expect_message ("zmqglib", G_LOG_LEVEL_WARNING, "*is not 40 characters*");
  g_assert_false (zmqglib_authenticator_allow_key (gate.authenticator, NULL, "no key", NULL));
  g_test_expect_message ("zmqglib", G_LOG_LEVEL_WARNING, "*is not 40 characters*");
  g_assert_false (zmqglib_authenticator_deny_key (gate.authenticator, NULL, "no key"));
  g_test_assert_expected_messages ();
  gate_assert_in (&gate, gate_new_user (&gate, "anna", "sesame"), "anna");

  g_test_expect_message ("zmqglib", G_LOG_LEVEL_WARNING, "*“localhost” is neither*");
  g_assert_false (zmqglib_authenticator_deny_address (gate.authenticator, "localhost"));
  g_test_assert_expected_messages ();
  gate_assert_out (&gate, gate_new_user (&gate, "anna", "sesame"));
}

static void
save (ZmqCertificate *certificate,
      const char     *directory,
      const char     *name)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;

  zmqglib_certificate_save_public (certificate, file, NULL, &error);
  g_assert_no_error (error);
}

/* Directories are read anew when a file in them changes. */
static void
test_directory (void)
{
  g_autoptr (ZmqCertificate) first = zmqglib_certificate_new (NULL);
  g_autoptr (ZmqCertificate) second = zmqglib_certificate_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_dir_make_tmp ("zmqglib-XXXXXX", &error);
  g_autofree char *junk = g_build_filename (path, "junk", NULL);
  g_autofree char *member = g_build_filename (path, "member", NULL);
  g_autofree char *secret = g_build_filename (path, "own.key_secret", NULL);
  g_autoptr (GFile) directory = g_file_new_for_path (path);
  g_autoptr (GFile) nowhere = g_file_new_for_path ("/nonexistent");
  g_autoptr (GFile) own = g_file_get_child (directory, "own.key");
  g_auto (Gate) gate = GATE_INIT;

  gate_open (&gate, ZMQGLIB_SECURITY_MECHANISM_CURVE, "here");
  g_file_set_contents (junk, "no certificate", -1, &error);
  save (first, path, "member");

  g_assert_false (zmqglib_authenticator_set_certificate_directory (gate.authenticator, NULL, nowhere, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "/nonexistent"));
  g_clear_error (&error);

  zmqglib_authenticator_set_certificate_directory (gate.authenticator, "here", directory, &error);
  g_assert_no_error (error);
  gate_assert_in (&gate, gate_new_client (&gate, first), zmqglib_certificate_get_public_key (first));
  gate_assert_out (&gate, gate_new_client (&gate, second));

  /* in place, as long, and at once */
  save (second, path, "member");
  gate_assert_in (&gate, gate_new_client (&gate, second), zmqglib_certificate_get_public_key (second));
  gate_assert_out (&gate, gate_new_client (&gate, first));

  /* a secret key is for nobody */
  zmqglib_certificate_save (first, own, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_delete (own, NULL, &error));
  gate_assert_out (&gate, gate_new_client (&gate, first));

  g_assert_cmpint (g_remove (member), ==, 0);
  gate_assert_out (&gate, gate_new_client (&gate, second));

  save (second, path, "member");
  gate_assert_in (&gate, gate_new_client (&gate, second), zmqglib_certificate_get_public_key (second));
  zmqglib_authenticator_set_certificate_directory (gate.authenticator, "here", NULL, &error);
  g_assert_no_error (error);
  gate_assert_out (&gate, gate_new_client (&gate, second));

  zmqglib_authenticator_set_certificate_directory (gate.authenticator, NULL, directory, &error);
  g_assert_no_error (error);
  g_remove (member);
  g_remove (junk);
  g_remove (secret);
  g_assert_cmpint (g_rmdir (path), ==, 0);
  gate_assert_out (&gate, gate_new_client (&gate, second));
}

/* A request tells what is known of the peer. */
static gboolean
on_plain (ZmqAuthenticator *authenticator,
          ZmqAuthRequest   *request,
          gpointer          data)
{
  g_autoptr (GHashTable) metadata = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char *domain = NULL;
  g_autofree char *address = NULL;
  g_autofree char *user = NULL;
  g_autofree char *password = NULL;
  g_autofree char *key = NULL;
  g_autoptr (GBytes) identity = NULL;
  ZmqSecurityMechanism mechanism;

  g_object_get (request, "domain", &domain, "address", &address, "user", &user, "password", &password, "public-key", &key,
                "identity", &identity, "mechanism", &mechanism, NULL);
  g_assert_cmpstr (domain, ==, "here");
  g_assert_cmpstr (address, ==, "127.0.0.1");
  g_assert_cmpstr (user, ==, "anna");
  g_assert_cmpstr (password, ==, "päßword");
  g_assert_null (key);
  g_assert_cmpmem (g_bytes_get_data (identity, NULL), g_bytes_get_size (identity), "server", 6);
  g_assert_cmpint (mechanism, ==, ZMQGLIB_SECURITY_MECHANISM_PLAIN);

  g_hash_table_insert (metadata, (gpointer) "X-Department", (gpointer) "sales");
  g_assert_true (zmqglib_auth_request_accept (request, "Anna", metadata));
  g_assert_false (zmqglib_auth_request_accept (request, "Anna", metadata));
  g_assert_false (zmqglib_auth_request_deny (request, 400, NULL));

  return TRUE;
}

static void
test_request (void)
{
  g_auto (Gate) gate = GATE_INIT;
  g_autoptr (GBytes) id = g_bytes_new_static ("server", 6);
  g_autoptr (ZmqMessage) message = NULL;

  gate.routing_id = id;
  gate_open (&gate, ZMQGLIB_SECURITY_MECHANISM_PLAIN, "here");
  g_signal_connect (gate.authenticator, "authenticate", G_CALLBACK (on_plain), NULL);
  message = gate_receive (&gate, gate_new_user (&gate, "anna", "päßword"));
  g_assert_cmpstr (zmqglib_message_get_user_id (message), ==, "Anna");
  g_assert_cmpstr (zmqglib_message_get_metadata (message, "X-Department"), ==, "sales");
  g_assert_null (zmqglib_message_get_metadata (message, "X-Zmqglib-Mark"));
}

static gboolean
on_curve (ZmqAuthenticator *authenticator,
          ZmqAuthRequest   *request,
          gpointer          data)
{
  g_assert_cmpstr (zmqglib_auth_request_get_public_key (request), ==, data);
  g_assert_cmpint (zmqglib_auth_request_get_mechanism (request), ==, ZMQGLIB_SECURITY_MECHANISM_CURVE);
  g_assert_null (zmqglib_auth_request_get_user (request));
  g_assert_null (zmqglib_auth_request_get_password (request));
  /* that of the server, which has none */
  g_assert_nonnull (zmqglib_auth_request_get_identity (request));
  g_assert_cmpuint (g_bytes_get_size (zmqglib_auth_request_get_identity (request)), ==, 0);
  g_assert_cmpstr (zmqglib_auth_request_get_address (request), ==, "127.0.0.1");

  return zmqglib_auth_request_accept (request, NULL, NULL);
}

/* A peer without a name has none, whatever it claims. */
static void
test_no_name (void)
{
  g_autoptr (ZmqCertificate) client = zmqglib_certificate_new (NULL);
  g_auto (Gate) gate = GATE_INIT;

  gate_open (&gate, ZMQGLIB_SECURITY_MECHANISM_CURVE, "here");
  g_signal_connect (gate.authenticator, "authenticate", G_CALLBACK (on_curve),
                    (gpointer) zmqglib_certificate_get_public_key (client));
  gate_assert_in (&gate, gate_new_client (&gate, client), NULL);
}

typedef struct
{
  GPtrArray *requests;
  gboolean   is_handled;
} Kept;

static gboolean
on_kept (ZmqAuthenticator *authenticator,
         ZmqAuthRequest   *request,
         gpointer          data)
{
  Kept *kept = data;

  g_ptr_array_add (kept->requests, g_object_ref (request));

  return kept->is_handled;
}

static gboolean
has_kept (gpointer data)
{
  return ((Kept *) data)->requests->len > 0;
}

static gboolean
on_time_for_answer (gpointer data)
{
  Kept *kept = data;

  g_assert_true (zmqglib_auth_request_accept (kept->requests->pdata[0], "late", NULL));

  return G_SOURCE_REMOVE;
}

static gpointer
answer_in_thread (gpointer data)
{
  on_time_for_answer (data);

  return NULL;
}

/* Who is answered later holds up nobody else, by whatever thread that comes. */
static void
test_later (gconstpointer data)
{
  const gboolean in_thread = GPOINTER_TO_INT (data);
  g_autoptr (GPtrArray) requests = g_ptr_array_new_with_free_func (g_object_unref);
  Kept kept = { requests, TRUE };
  g_auto (Gate) gate = GATE_INIT;
  ZmqSocket *slow;

  gate_open (&gate, ZMQGLIB_SECURITY_MECHANISM_PLAIN, "here");
  g_signal_connect (gate.authenticator, "authenticate", G_CALLBACK (on_kept), &kept);
  zmqglib_authenticator_add_password (gate.authenticator, NULL, "anna", "sesame");

  slow = gate_new_user (&gate, "emil", "x");
  gate_connect (&gate, slow);
  test_iterate_until (NULL, has_kept, &kept);
  gate_assert_in (&gate, gate_new_user (&gate, "anna", "sesame"), "anna");

  if (in_thread)
    g_thread_join (g_thread_new ("answer", answer_in_thread, &kept));
  else
    g_timeout_add (300, on_time_for_answer, &kept);
  gate_assert_in (&gate, slow, "late");
}

static gboolean
on_nested (ZmqAuthenticator *authenticator,
           ZmqAuthRequest   *request,
           gpointer          data)
{
  Gate *gate = data;

  if (gate->is_nested)
    return FALSE;

  gate->is_nested = TRUE;
  gate_assert_in (gate, gate_new_user (gate, "anna", "sesame"), "anna");
  gate_assert_out (gate, gate_new_user (gate, "bert", "x"));
  gate->is_nested = FALSE;

  return zmqglib_auth_request_accept (request, "nested", NULL);
}

/* A handler that runs a nested main loop, as a dialog does, holds up nobody else. */
static void
test_nested_loop (void)
{
  g_auto (Gate) gate = GATE_INIT;

  gate_open (&gate, ZMQGLIB_SECURITY_MECHANISM_PLAIN, "here");
  zmqglib_authenticator_add_password (gate.authenticator, NULL, "anna", "sesame");
  g_signal_connect (gate.authenticator, "authenticate", G_CALLBACK (on_nested), &gate);
  gate_assert_in (&gate, gate_new_user (&gate, "emil", "x"), "nested");
}

/* Whoever is kept unhandled, or handled and dropped, is denied without waiting for the time limit. */
static void
test_denied_at_once (void)
{
  g_autoptr (GPtrArray) requests = g_ptr_array_new_with_free_func (g_object_unref);
  Kept kept = { requests, FALSE };
  g_auto (Gate) gate = GATE_INIT;

  gate_open (&gate, ZMQGLIB_SECURITY_MECHANISM_PLAIN, "here");
  g_signal_connect (gate.authenticator, "authenticate", G_CALLBACK (on_kept), &kept);

  gate_assert_out (&gate, gate_new_user (&gate, "emil", "x"));
  g_assert_false (zmqglib_auth_request_accept (requests->pdata[0], "emil", NULL));

  g_ptr_array_set_size (requests, 0);
  kept.is_handled = TRUE;
  gate_begin_out (&gate, gate_new_user (&gate, "emil", "x"));
  test_iterate_until (NULL, has_kept, &kept);
  g_ptr_array_set_size (requests, 0);
  gate_end_out (&gate);
}

/* Nobody has answered in time, and then it is too late. */
static void
test_timeout (void)
{
  g_autoptr (GPtrArray) requests = g_ptr_array_new_with_free_func (g_object_unref);
  Kept kept = { requests, TRUE };
  g_auto (Gate) gate = GATE_INIT;
  gint64 timeout_us;

  gate_open (&gate, ZMQGLIB_SECURITY_MECHANISM_PLAIN, "here");
  g_object_get (gate.authenticator, "timeout-us", &timeout_us, NULL);
  g_assert_cmpint (timeout_us, ==, 25 * G_TIME_SPAN_SECOND);
  zmqglib_authenticator_set_timeout_us (gate.authenticator, 20000);
  g_assert_cmpint (zmqglib_authenticator_get_timeout_us (gate.authenticator), ==, 20000);
  g_signal_connect (gate.authenticator, "authenticate", G_CALLBACK (on_kept), &kept);

  gate_assert_out (&gate, gate_new_user (&gate, "emil", "x"));
  g_assert_false (zmqglib_auth_request_accept (requests->pdata[0], "emil", NULL));
}

static gboolean
has_kept_all (gpointer data)
{
  return ((Kept *) data)->requests->len == 3;
}

static gboolean
have_failed (gpointer data)
{
  return ((Gate *) data)->n_failed >= 3;
}

/* All who wait are denied when it ends, and not only one of them. */
static void
test_several_wait (void)
{
  static const char *const users[] = { "anna", "bert", "carl" };
  g_autoptr (GPtrArray) requests = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) peers = g_ptr_array_new_with_free_func (g_object_unref);
  Kept kept = { requests, TRUE };
  g_auto (Gate) gate = GATE_INIT;

  gate_open (&gate, ZMQGLIB_SECURITY_MECHANISM_PLAIN, "here");
  zmqglib_authenticator_set_timeout_us (gate.authenticator, G_MAXINT64);
  g_signal_connect (gate.authenticator, "authenticate", G_CALLBACK (on_kept), &kept);
  for (guint i = 0; i < G_N_ELEMENTS (users); i++)
    {
      g_ptr_array_add (peers, gate_new_user (&gate, users[i], "x"));
      gate_connect (&gate, peers->pdata[i]);
    }
  test_iterate_until (NULL, has_kept_all, &kept);

  zmqglib_authenticator_close (gate.authenticator);
  for (guint i = 0; i < requests->len; i++)
    g_assert_false (zmqglib_auth_request_accept (requests->pdata[i], "somebody", NULL));
  test_iterate_until (NULL, have_failed, &gate);
  g_assert_cmpuint (gate.n_succeeded, ==, 0);
}

static void
on_notify (GObject    *object,
           GParamSpec *pspec,
           gpointer    data)
{
  gboolean *is_notified = data;

  *is_notified = TRUE;
}

static void
test_counts (void)
{
  g_auto (Gate) gate = GATE_INIT;
  gboolean accepted_notified = FALSE;
  gboolean denied_notified = FALSE;

  gate_open (&gate, ZMQGLIB_SECURITY_MECHANISM_PLAIN, "here");
  g_signal_connect (gate.authenticator, "notify::n-accepted", G_CALLBACK (on_notify), &accepted_notified);
  g_signal_connect (gate.authenticator, "notify::n-denied", G_CALLBACK (on_notify), &denied_notified);
  zmqglib_authenticator_add_password (gate.authenticator, NULL, "anna", "sesame");

  gate_assert_in (&gate, gate_new_user (&gate, "anna", "sesame"), "anna");
  test_iterate_until (NULL, test_is_true, &accepted_notified);
  g_assert_cmpuint (zmqglib_authenticator_get_n_accepted (gate.authenticator), ==, 1);
  gate_assert_out (&gate, gate_new_user (&gate, "emil", "x"));
  test_iterate_until (NULL, test_is_true, &denied_notified);
  g_assert_cmpuint (zmqglib_authenticator_get_n_denied (gate.authenticator), >, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  if (!zmq_has ("curve"))
    {
      g_print ("1..0 # SKIP This libzmq has no CURVE\n");
      return 0;
    }

  g_test_add_func ("/authenticator/passwords", test_passwords);
  g_test_add_func ("/authenticator/changed-passwords", test_changed_passwords);
  g_test_add_func ("/authenticator/keys", test_keys);
  g_test_add_func ("/authenticator/addresses", test_addresses);
  g_test_add_func ("/authenticator/addresses-and-passwords", test_addresses_and_passwords);
  g_test_add_func ("/authenticator/bad-rules", test_bad_rules);
  g_test_add_func ("/authenticator/directory", test_directory);
  g_test_add_func ("/authenticator/request", test_request);
  g_test_add_func ("/authenticator/no-name", test_no_name);
  g_test_add_data_func ("/authenticator/later", GINT_TO_POINTER (FALSE), test_later);
  g_test_add_data_func ("/authenticator/later-in-thread", GINT_TO_POINTER (TRUE), test_later);
  g_test_add_func ("/authenticator/nested-loop", test_nested_loop);
  g_test_add_func ("/authenticator/denied-at-once", test_denied_at_once);
  g_test_add_func ("/authenticator/timeout", test_timeout);
  g_test_add_func ("/authenticator/several-wait", test_several_wait);
  g_test_add_func ("/authenticator/counts", test_counts);

  return g_test_run ();
}
