/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE

#include <sys/uio.h>
#include <glib/gstdio.h>
#include <zmq.h>

#include "test-util.h"

/* Sockets with certificates: who may talk to whom, and what is left in memory. */

#define SHORT_WHILE_MS 300

static ZmqCertificate *
new_certificate (void)
{
  g_autoptr (GError) error = NULL;
  ZmqCertificate *certificate = zmqglib_certificate_new (&error);

  g_assert_no_error (error);

  return certificate;
}

static void
set_server (ZmqSocket      *socket,
            ZmqCertificate *certificate)
{
  g_autoptr (GError) error = NULL;

  zmqglib_socket_set_curve_server (socket, certificate, &error);
  g_assert_no_error (error);
}

static void
set_client (ZmqSocket      *socket,
            ZmqCertificate *certificate,
            ZmqCertificate *server)
{
  g_autoptr (GError) error = NULL;

  zmqglib_socket_set_curve_client (socket, certificate, zmqglib_certificate_get_public_key (server), &error);
  g_assert_no_error (error);
}

static void
connect_to (ZmqSocket  *socket,
            const char *endpoint)
{
  g_autoptr (GError) error = NULL;

  zmqglib_socket_connect_to (socket, endpoint, &error);
  g_assert_no_error (error);
}

static void
assert_nothing_comes (ZmqSocket *socket)
{
  g_autoptr (GError) error = NULL;

  g_object_set (socket, "receive-timeout", SHORT_WHILE_MS, NULL);
  g_assert_null (zmqglib_socket_receive (socket, NULL, &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN);
  g_object_set (socket, "receive-timeout", TEST_TIMEOUT_SECONDS * 1000, NULL);
}

static void
test_talk (void)
{
  g_autoptr (ZmqSocket) server = test_socket_new (NULL, ZMQGLIB_SOCKET_REP);
  g_autoptr (ZmqSocket) client = test_socket_new (NULL, ZMQGLIB_SOCKET_REQ);
  g_autoptr (ZmqCertificate) server_certificate = new_certificate ();
  g_autoptr (ZmqCertificate) client_certificate = new_certificate ();
  g_autofree char     *endpoint = NULL;
  g_autofree char     *key = NULL;
  ZmqSecurityMechanism mechanism;
  gboolean             is_server;

  set_server (server, server_certificate);
  g_object_get (server, "security-mechanism", &mechanism, "curve-server", &is_server, "curve-public-key", &key, NULL);
  g_assert_cmpint (mechanism, ==, ZMQGLIB_SECURITY_MECHANISM_CURVE);
  g_assert_true (is_server);
  g_assert_cmpstr (key, ==, zmqglib_certificate_get_public_key (server_certificate));

  set_client (client, client_certificate, server_certificate);
  endpoint = test_bind (server, "tcp");
  connect_to (client, endpoint);
  test_send_string (client, "question");
  test_receive_string (server, "question");
  test_send_string (server, "answer");
  test_receive_string (client, "answer");
}

/* Neither a client that expects another server, nor one in clear, gets anything to the server. */
static void
test_wrong_key (void)
{
  g_autoptr (ZmqSocket) server = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) client = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqSocket) clear = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqSocket) right = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqCertificate) certificate = new_certificate ();
  g_autoptr (ZmqCertificate) other = new_certificate ();
  g_autofree char *endpoint = NULL;

  set_server (server, certificate);
  endpoint = test_bind (server, "tcp");

  set_client (client, other, other);
  connect_to (client, endpoint);
  connect_to (clear, endpoint);
  test_send_string (client, "for another");
  test_send_string (clear, "in clear");
  assert_nothing_comes (server);

  set_client (right, other, certificate);
  connect_to (right, endpoint);
  test_send_string (right, "for the server");
  test_receive_string (server, "for the server");
}

/* The one role after the other, on one socket; options are for the endpoints after them. */
static void
test_both_roles (void)
{
  g_autoptr (ZmqSocket) middle = test_socket_new (NULL, ZMQGLIB_SOCKET_DEALER);
  g_autoptr (ZmqSocket) server = test_socket_new (NULL, ZMQGLIB_SOCKET_DEALER);
  g_autoptr (ZmqSocket) client = test_socket_new (NULL, ZMQGLIB_SOCKET_DEALER);
  g_autoptr (ZmqCertificate) certificate = new_certificate ();
  g_autofree char *server_endpoint = NULL;
  g_autofree char *middle_endpoint = NULL;

  set_server (server, certificate);
  server_endpoint = test_bind (server, "tcp");
  set_client (middle, certificate, certificate);
  connect_to (middle, server_endpoint);
  set_server (middle, certificate);
  middle_endpoint = test_bind (middle, "tcp");
  set_client (client, certificate, certificate);
  connect_to (client, middle_endpoint);

  test_send_string (server, "from the server");
  test_receive_string (middle, "from the server");
  test_send_string (client, "from the client");
  test_receive_string (middle, "from the client");
}

static void
assert_poisoned (ZmqSocket *socket)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (zmqglib_socket_connect_to (socket, "tcp://127.0.0.1:1", &error));
  test_assert_error (error, ZMQGLIB_ERROR_WRONG_STATE, "curve-");
  g_assert_false (zmqglib_socket_bind (socket, "tcp://127.0.0.1:*", &error));
  test_assert_error (error, ZMQGLIB_ERROR_WRONG_STATE, "curve-");
}

static void
test_refused (void)
{
  g_autoptr (ZmqSocket) socket = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqCertificate) certificate = new_certificate ();
  g_autoptr (ZmqCertificate) public = NULL;
  g_autoptr (GError) error = NULL;
  const char *key = zmqglib_certificate_get_public_key (certificate);

  public = zmqglib_certificate_new_from_keys (key, NULL, NULL, &error);
  g_assert_no_error (error);

  g_assert_false (zmqglib_socket_set_curve_server (socket, public, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "no secret key");
  assert_poisoned (socket);
  set_client (socket, certificate, certificate);
  connect_to (socket, "tcp://127.0.0.1:1");

  g_assert_false (zmqglib_socket_set_curve_client (socket, public, key, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "no secret key");
  assert_poisoned (socket);
  g_assert_false (zmqglib_socket_set_curve_client (socket, certificate, "no key", &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "server’s key");
  assert_poisoned (socket);
  g_object_set (socket, "curve-public-key", key, NULL);
  assert_poisoned (socket);
  set_server (socket, certificate);
  connect_to (socket, "tcp://127.0.0.1:1");

  zmqglib_socket_close (socket);
  g_assert_false (zmqglib_socket_set_curve_server (socket, certificate, &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "“push”");
}

static void
on_notify (ZmqSocket  *socket,
           GParamSpec *pspec,
           GString    *names)
{
  g_string_append_printf (names, "%s ", pspec->name);
  zmqglib_socket_close (socket);
}

/* Handlers hear of it when all is set, and may do anything. */
static void
test_notified (void)
{
  g_autoptr (ZmqSocket) socket = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqCertificate) certificate = new_certificate ();
  g_autoptr (GString) names = g_string_new (NULL);

  g_signal_connect (socket, "notify", G_CALLBACK (on_notify), names);
  set_server (socket, certificate);
  g_assert_nonnull (strstr (names->str, "curve-server "));
  g_assert_nonnull (strstr (names->str, "security-mechanism "));
  g_assert_nonnull (strstr (names->str, "curve-public-key "));
}

/* What must not be in memory stands here in a form of its own. */
#define MASK 0x5a

typedef struct
{
  guint8 text[40];
  guint8 binary[32];
} Masked;

static void
write_masked (ZmqCertificate *certificate,
              const char     *path)
{
  g_autofree char *key = zmqglib_certificate_dup_secret_key (certificate);
  Masked           masked;

  memcpy (masked.text, key, sizeof masked.text);
  g_assert_nonnull (zmq_z85_decode (masked.binary, key));
  for (gsize i = 0; i < sizeof masked; i++)
    ((guint8 *) &masked)[i] ^= MASK;
  g_assert_true (g_file_set_contents (path, (char *) &masked, sizeof masked, NULL));
}

static guint
count_in (const guint8 *start,
          const guint8 *end,
          const guint8 *masked,
          gsize         size)
{
  guint n_found = 0;

  for (const guint8 *place = start; place + size <= end; place++)
    {
      gsize i = 0;

      while (i < size && (place[i] ^ MASK) == masked[i])
        i++;
      n_found += i == size;
    }

  return n_found;
}

static void
read_file (const char *path,
           gpointer    buffer,
           gsize       size)
{
  FILE *file = g_fopen (path, "r");

  g_assert_nonnull (file);
  setvbuf (file, NULL, _IONBF, 0);
  g_assert_cmpuint (fread (buffer, 1, size, file), >, 0);
  fclose (file);
}

/* A C library may have guarded the end of a stack by what the list of mappings does not show. */
static gboolean
can_read (const guint8 *place)
{
  guint8       byte;
  struct iovec here = { &byte, 1 };
  struct iovec there = { (gpointer) place, 1 };

  return process_vm_readv (getpid (), &here, 1, &there, 1, 0) == 1;
}

static const guint8 *
skip_pages (const guint8 *place,
            const guint8 *end,
            gboolean      readable)
{
  const gsize page = sysconf (_SC_PAGESIZE);

  while (place < end && can_read (place) == readable)
    place += page;

  return place;
}

static void
count_in_mapping (const guint8 *start,
                  const guint8 *end,
                  const Masked *masked,
                  guint        *n_texts,
                  guint        *n_binaries)
{
  while ((start = skip_pages (start, end, FALSE)) < end)
    {
      const guint8 *last = skip_pages (start, end, TRUE);

      *n_texts += count_in (start, last, masked->text, sizeof masked->text);
      *n_binaries += count_in (start, last, masked->binary, sizeof masked->binary);
      start = last;
    }
}

/* Looks through all memory of this process that can be written to, without allocating any: what was freed is to
 * be found as it was left. */
static void
count_secrets (const char *path,
               guint      *n_texts,
               guint      *n_binaries)
{
  static Masked masked;
  static char   maps[512 * 1024];

  read_file (path, &masked, sizeof masked);
  memset (maps, 0, sizeof maps);
  read_file ("/proc/self/maps", maps, sizeof maps - 1);
  *n_texts = *n_binaries = 0;

  for (const char *line = maps; line != NULL && *line != '\0'; line = strchr (line, '\n'))
    {
      gsize start;
      gsize end;
      char  mode[5];

      line += *line == '\n';
      if (sscanf (line, "%zx-%zx %4s", &start, &end, mode) != 3 || !g_str_has_prefix (mode, "rw"))
        continue;
      count_in_mapping ((guint8 *) start, (guint8 *) end, &masked, n_texts, n_binaries);
    }
}

static ZmqCertificate *
load_certificate (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "a.key_secret", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  return zmqglib_certificate_load (file, NULL, NULL);
}

static void
save_certificate (ZmqCertificate *certificate,
                  const char     *folder)
{
  g_autofree char *path = g_build_filename (folder, "copy.key", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  g_assert_true (zmqglib_certificate_save (certificate, file, NULL, NULL));
}

static void
assert_secrets (const char *masked_path,
                guint       n_texts)
{
  guint n_found_texts;
  guint n_found_binaries;

  count_secrets (masked_path, &n_found_texts, &n_found_binaries);
  g_assert_cmpuint (n_found_texts, ==, n_texts);
  g_assert_cmpuint (n_found_binaries, ==, 0);
}

static void
use_sockets (ZmqContext     *context,
             ZmqCertificate *certificate)
{
  g_autoptr (ZmqSocket) server = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) client = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_autofree char *endpoint = NULL;

  set_server (server, certificate);
  set_client (client, certificate, certificate);
  endpoint = test_bind (server, "tcp");
  connect_to (client, endpoint);
  test_send_string (client, "secret");
  test_receive_string (server, "secret");
}

/* In a process that has never had the secret but from its file. */
static void
test_memory_child (gconstpointer data)
{
  const gboolean   with_sockets = GPOINTER_TO_INT (data);
  const char      *folder = g_getenv ("TEST_FOLDER");
  g_autofree char *masked_path = g_build_filename (folder, "masked", NULL);
  ZmqCertificate  *certificate;
  guint            n_texts;
  guint            n_binaries;

  /* at once, before others use the memory */
  certificate = load_certificate (folder);
  assert_secrets (masked_path, 1);
  save_certificate (certificate, folder);
  assert_secrets (masked_path, 1);

  if (with_sockets)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ZmqContext) context = zmqglib_context_new ();

      use_sockets (context, certificate);
      g_assert_true (zmqglib_context_terminate (context, NULL, &error));
    }

  g_object_unref (certificate);
  count_secrets (masked_path, &n_texts, &n_binaries);
  g_assert_cmpuint (n_texts, ==, 0);
  /* libzmq has copies in memory that it has freed, unless that is overwritten */
  if (!with_sockets || g_getenv ("MALLOC_PERTURB_") != NULL)
    g_assert_cmpuint (n_binaries, ==, 0);
}

/* A sanitizer forbids to look at what is not in use, and keeps much of it. */
static gboolean
can_search_memory (void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return FALSE;
#else
  return !test_is_slow_tool ();
#endif
}

static void
run_child (const char *name)
{
  g_autofree char *path = g_strconcat ("/certificate/memory/subprocess/", name, NULL);

  g_test_trap_subprocess (path, 0, 0);
  g_test_trap_assert_passed ();
}

static void
test_memory (void)
{
  static const char *const names[] = { "a.key", "a.key_secret", "copy.key", "copy.key_secret", "masked" };
  g_autoptr (ZmqCertificate) certificate = new_certificate ();
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *masked_path = NULL;
  g_autoptr (GFile) folder_file = NULL;
  g_autoptr (GFile) file = NULL;

  if (!can_search_memory ())
    {
      g_test_skip ("There is a tool that keeps us from looking through the memory");
      return;
    }

  folder = g_dir_make_tmp ("zmqglib-XXXXXX", &error);
  g_assert_no_error (error);
  masked_path = g_build_filename (folder, "masked", NULL);
  folder_file = g_file_new_for_path (folder);
  file = g_file_get_child (folder_file, "a.key");
  zmqglib_certificate_save (certificate, file, NULL, &error);
  g_assert_no_error (error);
  write_masked (certificate, masked_path);

  /* what overwrites freed memory would hide what is left there */
  g_setenv ("TEST_FOLDER", folder, TRUE);
  g_unsetenv ("G_DEBUG");
  g_unsetenv ("MALLOC_PERTURB_");
  run_child ("files");
  run_child ("sockets");
  g_setenv ("MALLOC_PERTURB_", "1", TRUE);
  run_child ("sockets");

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GFile) child = g_file_get_child (folder_file, names[i]);

      g_assert_true (g_file_delete (child, NULL, &error));
    }
  g_assert_true (g_file_delete (folder_file, NULL, &error));
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

  g_test_add_func ("/certificate/sockets/talk", test_talk);
  g_test_add_func ("/certificate/sockets/wrong-key", test_wrong_key);
  g_test_add_func ("/certificate/sockets/both-roles", test_both_roles);
  g_test_add_func ("/certificate/sockets/refused", test_refused);
  g_test_add_func ("/certificate/sockets/notified", test_notified);
  g_test_add_func ("/certificate/memory", test_memory);
  g_test_add_data_func ("/certificate/memory/subprocess/files", GINT_TO_POINTER (FALSE), test_memory_child);
  g_test_add_data_func ("/certificate/memory/subprocess/sockets", GINT_TO_POINTER (TRUE), test_memory_child);

  return g_test_run ();
}
