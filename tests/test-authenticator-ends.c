/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include "test-authenticator.h"

/* How an authenticator begins and ends, and what it makes of those who do not ask as libzmq does. */

typedef void (*MeanwhileFunc) (ZmqContext *context);

/* What another part of the program does just when an authenticator has got its socket. */
static MeanwhileFunc meanwhile;
static ZmqContext   *meanwhile_context;

/* What a socket tells when it was bound. */
static void
on_notify (GObject    *object,
           GParamSpec *pspec)
{
  MeanwhileFunc func = g_str_equal (pspec->name, "last-endpoint") ? g_steal_pointer (&meanwhile) : NULL;

  if (func != NULL)
    func (meanwhile_context);
}

static ZmqAuthenticator *
new_authenticator (ZmqContext *context)
{
  g_autoptr (GError) error = NULL;
  ZmqAuthenticator *authenticator = zmqglib_authenticator_new (context, &error);

  g_assert_no_error (error);

  return authenticator;
}

static void
assert_none (ZmqContext *context,
             ZmqError    code,
             const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (zmqglib_authenticator_new (context, &error));
  test_assert_error (error, code, text);
}

/* One a context; another one comes after it. */
static void
test_second (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqContext) other_context = zmqglib_context_new ();
  g_autoptr (ZmqAuthenticator) first = new_authenticator (context);
  g_autoptr (ZmqAuthenticator) of_other G_GNUC_UNUSED = new_authenticator (other_context);
  g_autoptr (ZmqAuthenticator) second = NULL;
  g_autoptr (ZmqSocket) foreign = NULL;

  assert_none (context, ZMQGLIB_ERROR_ADDRESS_IN_USE, "one already");
  g_assert_false (zmqglib_authenticator_is_closed (first));

  zmqglib_authenticator_close (first);
  zmqglib_authenticator_close (first);
  g_assert_true (zmqglib_authenticator_is_closed (first));
  second = new_authenticator (context);
  g_clear_object (&second);

  foreign = test_socket_new (context, ZMQGLIB_SOCKET_REP);
  g_assert_true (zmqglib_socket_bind (foreign, "inproc://zeromq.zap.01", NULL));
  assert_none (context, ZMQGLIB_ERROR_ADDRESS_IN_USE, "Could not make an authenticator");
}

/* The default context has one, too. */
static void
test_default_context (void)
{
  g_autoptr (ZmqAuthenticator) authenticator = new_authenticator (NULL);
  g_autoptr (ZmqContext) context = NULL;

  g_object_get (authenticator, "context", &context, NULL);
  g_assert_true (context == zmqglib_context_get_default ());
}

typedef void (*SecureFunc) (ZmqSocket *socket);

static void
secure_nothing (ZmqSocket *socket)
{
}

static void
secure_plain (ZmqSocket *socket)
{
  g_object_set (socket, "plain-server", TRUE, NULL);
}

static void
secure_curve (ZmqSocket *socket)
{
  g_autoptr (ZmqCertificate) certificate = zmqglib_certificate_new (NULL);

  g_assert_true (zmqglib_socket_set_curve_server (socket, certificate, NULL));
}

static void
secure_domain (ZmqSocket *socket)
{
  g_object_set (socket, "zap-domain", "here", NULL);
}

static void
secure_curve_with_domain (ZmqSocket *socket)
{
  secure_curve (socket);
  secure_domain (socket);
}

static void
secure_all (ZmqSocket *socket)
{
  secure_curve_with_domain (socket);
  g_object_set (socket, "zap-enforce-domain", TRUE, NULL);
}

/* Where peers could get in once it is gone, there is none. */
static void
test_unguarded (void)
{
  static const struct
  {
    SecureFunc secure;
    gboolean   is_guarded;
  } servers[] = {
    { secure_nothing, TRUE },
    { secure_plain, FALSE },
    { secure_curve, FALSE },
    { secure_domain, FALSE },
    { secure_curve_with_domain, FALSE },
    { secure_all, TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (servers); i++)
    {
      g_autoptr (ZmqContext) context = zmqglib_context_new ();
      g_autoptr (ZmqSocket) server = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
      g_autoptr (ZmqAuthenticator) authenticator = NULL;
      g_autofree char *endpoint = NULL;

      servers[i].secure (server);
      endpoint = test_bind (server, "tcp");
      if (!servers[i].is_guarded)
        {
          assert_none (context, ZMQGLIB_ERROR_WRONG_STATE, "zap-enforce-domain");
          zmqglib_socket_close (server);
        }
      authenticator = new_authenticator (context);
    }
}

static ZmqSocket *bound_meanwhile;

static void
bind_unguarded (ZmqContext *context)
{
  g_autofree char *endpoint = NULL;

  bound_meanwhile = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  secure_plain (bound_meanwhile);
  endpoint = test_bind (bound_meanwhile, "tcp");
}

/* Whatever becomes of the context while an authenticator is made, there is none that could keep nobody out. */
static void
test_unguarded_meanwhile (void)
{
  g_autoptr (GTypeClass) type_class = g_type_class_ref (ZMQGLIB_TYPE_SOCKET);
  GObjectClass *socket_class = G_OBJECT_CLASS (type_class);
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqAuthenticator) authenticator = NULL;

  socket_class->notify = on_notify;
  meanwhile_context = context;
  meanwhile = bind_unguarded;
  assert_none (context, ZMQGLIB_ERROR_WRONG_STATE, "zap-enforce-domain");
  g_assert_nonnull (bound_meanwhile);
  zmqglib_socket_close (bound_meanwhile);
  g_clear_object (&bound_meanwhile);
  authenticator = new_authenticator (context);

  g_clear_object (&authenticator);
  meanwhile = zmqglib_context_shutdown;
  assert_none (context, ZMQGLIB_ERROR_TERMINATED, "Could not make an authenticator");
  g_assert_null (meanwhile);
  socket_class->notify = NULL;
}

/* What asks is guarded from then on, and keeps the domain that it has. */
static void
test_guarded (void)
{
  static const struct
  {
    SecureFunc  secure;
    const char *domain;
    gboolean    is_enforced;
  } servers[] = {
    { secure_nothing, NULL, FALSE },
    { secure_plain, "global", TRUE },
    { secure_curve, "global", TRUE },
    { secure_domain, "here", TRUE },
    { secure_curve_with_domain, "here", TRUE },
  };

  for (gsize i = 0; i < 2 * G_N_ELEMENTS (servers); i++)
    {
      gsize row = i / 2;
      g_autoptr (ZmqContext) context = zmqglib_context_new ();
      g_autoptr (ZmqAuthenticator) authenticator = new_authenticator (context);
      g_autoptr (ZmqSocket) server = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
      g_autofree char *domain = NULL;
      gboolean         is_enforced;

      /* also when there was one only */
      if (i % 2 == 1)
        g_clear_object (&authenticator);

      servers[row].secure (server);
      g_free (test_bind (server, "tcp"));
      g_object_get (server, "zap-domain", &domain, "zap-enforce-domain", &is_enforced, NULL);
      g_assert_cmpstr (domain, ==, servers[row].domain);
      g_assert_cmpint (is_enforced, ==, servers[row].is_enforced);
    }
}

static void
assert_unprotected (ZmqAuthenticator *authenticator,
                    ZmqSocket        *socket,
                    const char       *domain,
                    ZmqError          code,
                    const char       *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (zmqglib_authenticator_protect (authenticator, socket, domain, &error));
  test_assert_error (error, code, text);
}

static void
test_protect (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqAuthenticator) authenticator = new_authenticator (context);
  g_autoptr (ZmqSocket) bound = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) fresh = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) foreign = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autofree char *long_text = g_strnfill (256, 'x');
  g_autofree char *domain = NULL;
  g_autoptr (GError) error = NULL;

  g_free (test_bind (bound, "tcp"));
  assert_unprotected (authenticator, bound, "here", ZMQGLIB_ERROR_WRONG_STATE, "endpoints already");
  assert_unprotected (authenticator, foreign, "here", ZMQGLIB_ERROR_INVALID_ARGUMENT, "context");
  assert_unprotected (authenticator, fresh, long_text, ZMQGLIB_ERROR_INVALID_ARGUMENT, "Could not protect");

  zmqglib_authenticator_protect (authenticator, fresh, NULL, &error);
  g_assert_no_error (error);
  g_object_get (fresh, "zap-domain", &domain, NULL);
  g_assert_cmpstr (domain, ==, "global");

  zmqglib_socket_close (fresh);
  assert_unprotected (authenticator, fresh, NULL, ZMQGLIB_ERROR_CLOSED, "Could not protect");
  zmqglib_authenticator_close (authenticator);
  assert_unprotected (authenticator, bound, NULL, ZMQGLIB_ERROR_CLOSED, "authenticator is closed");
}

typedef struct
{
  GPtrArray        *requests;
  ZmqAuthenticator *authenticator; /* to be dropped by the handler */
  gboolean          closes;
} Asked;

static gboolean
on_authenticate (ZmqAuthenticator *authenticator,
                 ZmqAuthRequest   *request,
                 gpointer          data)
{
  Asked *asked = data;

  g_ptr_array_add (asked->requests, g_object_ref (request));
  if (asked->closes)
    zmqglib_authenticator_close (authenticator);
  g_clear_object (&asked->authenticator);

  return TRUE;
}

static gboolean
was_asked (gpointer data)
{
  return ((Asked *) data)->requests->len > 0;
}

static void
ask_about_somebody (Gate  *gate,
                    Asked *asked)
{
  gate_open (gate, ZMQGLIB_SECURITY_MECHANISM_PLAIN, "here");
  g_signal_connect (gate->authenticator, "authenticate", G_CALLBACK (on_authenticate), asked);
  gate_begin_out (gate, gate_new_user (gate, "emil", "x"));
}

static gpointer
close_in_thread (gpointer data)
{
  zmqglib_authenticator_close (data);

  return NULL;
}

static gpointer
drop_in_thread (gpointer data)
{
  g_object_unref (data);

  return NULL;
}

typedef enum
{
  CLOSED,
  CLOSED_IN_HANDLER,
  CLOSED_IN_THREAD,
  DROPPED,
  DROPPED_IN_HANDLER,
  DROPPED_IN_THREAD,
  N_ENDS
} End;

/* However it ends, who waits is denied, and an answer comes too late. */
static void
test_ends (void)
{
  for (End end = 0; end < N_ENDS; end++)
    {
      g_autoptr (GPtrArray) requests = g_ptr_array_new_with_free_func (g_object_unref);
      Asked asked = { requests, NULL, end == CLOSED_IN_HANDLER };
      g_auto (Gate) gate = GATE_INIT;

      g_test_message ("end %d", end);
      ask_about_somebody (&gate, &asked);
      if (end == DROPPED_IN_HANDLER)
        asked.authenticator = g_steal_pointer (&gate.authenticator);
      test_iterate_until (NULL, was_asked, &asked);

      if (end == CLOSED)
        zmqglib_authenticator_close (gate.authenticator);
      else if (end == CLOSED_IN_THREAD)
        g_thread_join (g_thread_new ("close", close_in_thread, gate.authenticator));
      else if (end == DROPPED)
        g_clear_object (&gate.authenticator);
      else if (end == DROPPED_IN_THREAD)
        g_thread_join (g_thread_new ("drop", drop_in_thread, g_steal_pointer (&gate.authenticator)));

      gate_end_out (&gate);
      g_assert_false (zmqglib_auth_request_accept (requests->pdata[0], "emil", NULL));
    }
}

/* A context ends while somebody waits to be let in, and while nobody has closed the authenticator. */
static void
test_terminate (gconstpointer data)
{
  const gboolean is_async = GPOINTER_TO_INT (data);
  g_autoptr (GPtrArray) requests = g_ptr_array_new_with_free_func (g_object_unref);
  Asked asked = { requests, NULL, FALSE };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Gate) gate = GATE_INIT;

  ask_about_somebody (&gate, &asked);
  test_iterate_until (NULL, was_asked, &asked);

  if (is_async)
    {
      zmqglib_context_terminate_async (gate.context, NULL, test_keep_result, &result);
      test_iterate_until (NULL, test_is_set, &result);
      zmqglib_context_terminate_finish (gate.context, result, &error);
    }
  else
    {
      zmqglib_monitor_close (gate.monitor);
      zmqglib_stream_close (gate.stream);
      zmqglib_context_terminate (gate.context, NULL, &error);
    }
  g_assert_no_error (error);

  g_assert_true (zmqglib_authenticator_is_closed (gate.authenticator));
  g_assert_false (zmqglib_auth_request_accept (requests->pdata[0], "emil", NULL));
  assert_none (gate.context, ZMQGLIB_ERROR_TERMINATED, "Could not make an authenticator");
}

static gboolean
is_closed (gpointer data)
{
  return zmqglib_authenticator_is_closed (data);
}

static void
test_shutdown (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqAuthenticator) authenticator = new_authenticator (context);

  zmqglib_context_shutdown (context);
  test_iterate_until (NULL, is_closed, authenticator);
}

/* Neither the loop nor who waits keeps anything when the main context goes. */
static void
test_main_context_gone (void)
{
  g_autoptr (GMainContext) main_context = g_main_context_new ();
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  ZmqAuthenticator *authenticator;

  g_main_context_push_thread_default (main_context);
  authenticator = new_authenticator (context);
  g_main_context_pop_thread_default (main_context);
  g_clear_pointer (&main_context, g_main_context_unref);

  g_object_add_weak_pointer (G_OBJECT (authenticator), (gpointer *) &authenticator);
  g_object_unref (authenticator);
  g_assert_null (authenticator);
  g_assert_true (zmqglib_context_terminate (context, NULL, NULL));
}

/* What is owned by its loop lives until it is closed. */
static void
test_owned_by_loop (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  ZmqAuthenticator *authenticator;

  authenticator = g_initable_new (ZMQGLIB_TYPE_AUTHENTICATOR, NULL, NULL, "context", context, "owned-by-loop", TRUE, NULL);
  g_object_add_weak_pointer (G_OBJECT (authenticator), (gpointer *) &authenticator);
  g_object_unref (authenticator);
  g_assert_nonnull (authenticator);
  zmqglib_authenticator_close (authenticator);
  while (authenticator != NULL)
    g_main_context_iteration (NULL, TRUE);
}

/* The child of a process has no authenticator, and takes nobody's away. */
static void
test_fork (void)
{
  g_auto (Gate) gate = GATE_INIT;
  pid_t pid;
  int   status;

  if (test_is_slow_tool ())
    {
      g_test_skip ("What a child leaves alone is lost for valgrind");
      return;
    }

  gate_open (&gate, ZMQGLIB_SECURITY_MECHANISM_PLAIN, "here");
  zmqglib_authenticator_add_password (gate.authenticator, NULL, "anna", "sesame");

  pid = fork ();
  if (pid == 0)
    {
      gboolean is_right = zmqglib_authenticator_is_closed (gate.authenticator);

      g_clear_object (&gate.authenticator);
      _exit (is_right ? 0 : 1);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);

  gate_assert_in (&gate, gate_new_user (&gate, "anna", "sesame"), "anna");
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

  g_test_add_func ("/authenticator/second", test_second);
  g_test_add_func ("/authenticator/default-context", test_default_context);
  g_test_add_func ("/authenticator/unguarded", test_unguarded);
  g_test_add_func ("/authenticator/unguarded-meanwhile", test_unguarded_meanwhile);
  g_test_add_func ("/authenticator/guarded", test_guarded);
  g_test_add_func ("/authenticator/protect", test_protect);
  g_test_add_func ("/authenticator/ends", test_ends);
  g_test_add_data_func ("/authenticator/terminate", GINT_TO_POINTER (FALSE), test_terminate);
  g_test_add_data_func ("/authenticator/terminate-async", GINT_TO_POINTER (TRUE), test_terminate);
  g_test_add_func ("/authenticator/shutdown", test_shutdown);
  g_test_add_func ("/authenticator/main-context-gone", test_main_context_gone);
  g_test_add_func ("/authenticator/owned-by-loop", test_owned_by_loop);
  g_test_add_func ("/authenticator/fork", test_fork);

  return g_test_run ();
}
