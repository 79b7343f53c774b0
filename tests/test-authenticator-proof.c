/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <zmq.h>

#include "test-util.h"

/* That no unknown peer gets in: for each mechanism, type of socket and side, with a domain and without, whatever the
 * state of the authenticator is. */

typedef enum
{
  RUNNING, /* with rules that let others in */
  HANDLER_GONE,
  HANDLER_RAISES, /* what PyGObject and gjs return for one that does */
  HANDLER_DROPS,
  HANDLER_NEVER_ANSWERS,
  CLOSED,
  DROPPED,
  N_STATES
} State;

static const struct
{
  ZmqSocketType server;
  ZmqSocketType intruder;
} types[] = {
  { ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH },
  { ZMQGLIB_SOCKET_SUB, ZMQGLIB_SOCKET_PUB },
  { ZMQGLIB_SOCKET_XSUB, ZMQGLIB_SOCKET_XPUB },
  { ZMQGLIB_SOCKET_XPUB, ZMQGLIB_SOCKET_SUB },
  { ZMQGLIB_SOCKET_REP, ZMQGLIB_SOCKET_REQ },
  { ZMQGLIB_SOCKET_ROUTER, ZMQGLIB_SOCKET_DEALER },
  { ZMQGLIB_SOCKET_DEALER, ZMQGLIB_SOCKET_ROUTER },
  { ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR },
};

static ZmqCertificate *server_certificate;
static ZmqCertificate *known_certificate;
static ZmqCertificate *unknown_certificate;

typedef struct
{
  ZmqSecurityMechanism mechanism;
  ZmqSocketType        server_type;
  ZmqSocketType        intruder_type;
  State                state;
  gboolean             server_connects;
  gboolean             has_domain;

  ZmqAuthenticator *authenticator; /* or NULL when it was dropped */
  ZmqSocket        *server;
  ZmqSocket        *intruder;
  GPtrArray        *requests;
  guint             n_asked;
  guint             n_failed;
  guint             n_succeeded;
} Case;

static gboolean
on_authenticate (ZmqAuthenticator *authenticator,
                 ZmqAuthRequest   *request,
                 gpointer          data)
{
  Case *self = data;

  self->n_asked++;
  if (self->state == HANDLER_NEVER_ANSWERS)
    g_ptr_array_add (self->requests, g_object_ref (request));

  return self->state == HANDLER_NEVER_ANSWERS || self->state == HANDLER_DROPS;
}

static void
on_event (ZmqMonitor      *monitor,
          ZmqMonitorEvent *event,
          gpointer         data)
{
  Case *self = data;

  if (zmqglib_monitor_event_get_kind (event) &
      (ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_PROTOCOL |
       ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_AUTH))
    self->n_failed++;
  else if (zmqglib_monitor_event_get_kind (event) == ZMQGLIB_MONITOR_EVENT_HANDSHAKE_SUCCEEDED)
    self->n_succeeded++;
}

static ZmqAuthenticator *
make_authenticator (Case       *self,
                    ZmqContext *context)
{
  g_autoptr (GError) error = NULL;
  ZmqAuthenticator *authenticator = zmqglib_authenticator_new (context, &error);
  gulong            handler;

  g_assert_no_error (error);
  zmqglib_authenticator_add_password (authenticator, NULL, "somebody", "sesame");
  zmqglib_authenticator_allow_key (authenticator, NULL, zmqglib_certificate_get_public_key (known_certificate), NULL);
  if (self->mechanism == ZMQGLIB_SECURITY_MECHANISM_NULL)
    zmqglib_authenticator_allow_address (authenticator, "192.0.2.0/24");
  g_object_set (authenticator, "timeout-us", (gint64) 50000, NULL);

  if (self->state == RUNNING)
    return authenticator;

  handler = g_signal_connect (authenticator, "authenticate", G_CALLBACK (on_authenticate), self);
  if (self->state == HANDLER_GONE)
    g_signal_handler_disconnect (authenticator, handler);

  return authenticator;
}

/* Secures the server as its program does, the domain apart. */
static void
secure_server (Case *self)
{
  g_autoptr (GError) error = NULL;

  if (self->has_domain)
    g_object_set (self->server, "zap-domain", "some domain", NULL);
  if (self->mechanism == ZMQGLIB_SECURITY_MECHANISM_PLAIN)
    g_object_set (self->server, "plain-server", TRUE, NULL);
  else if (self->mechanism == ZMQGLIB_SECURITY_MECHANISM_CURVE)
    zmqglib_socket_set_curve_server (self->server, server_certificate, &error);
  g_assert_no_error (error);

  if (self->server_type == ZMQGLIB_SOCKET_SUB)
    zmqglib_socket_subscribe (self->server, "", &error);
  g_assert_no_error (error);
}

static void
arm_intruder (Case *self)
{
  g_autoptr (GError) error = NULL;

  if (self->mechanism == ZMQGLIB_SECURITY_MECHANISM_PLAIN)
    g_object_set (self->intruder, "plain-username", "somebody", "plain-password", "guessed", NULL);
  else if (self->mechanism == ZMQGLIB_SECURITY_MECHANISM_CURVE)
    zmqglib_socket_set_curve_client (self->intruder, unknown_certificate,
                                     zmqglib_certificate_get_public_key (server_certificate), &error);
  g_assert_no_error (error);

  if (self->intruder_type == ZMQGLIB_SOCKET_SUB)
    zmqglib_socket_subscribe (self->intruder, "", &error);
  g_assert_no_error (error);
}

static void
bring_together (Case *self)
{
  ZmqSocket       *connecting = self->server_connects ? self->server : self->intruder;
  g_autofree char *endpoint = NULL;
  g_autoptr (GError) error = NULL;

  endpoint = test_bind (self->server_connects ? self->intruder : self->server, "tcp");
  zmqglib_socket_connect_to (connecting, endpoint, &error);
  g_assert_no_error (error);
}

static void
try_to_send (Case *self)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("from an intruder");

  if (self->intruder_type != ZMQGLIB_SOCKET_SUB)
    zmqglib_socket_try_send (self->intruder, message, NULL);
}

static gboolean
has_failed (gpointer data)
{
  Case *self = data;

  g_assert_cmpuint (self->n_succeeded, ==, 0);
  try_to_send (self);

  return self->n_failed > 0 || (self->state == HANDLER_NEVER_ANSWERS && self->requests->len > 1);
}

static void
assert_nobody_came (Case *self)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (zmqglib_socket_try_receive (self->server, &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN);
  g_assert_cmpuint (self->n_succeeded, ==, 0);

  if (self->authenticator == NULL)
    return;

  g_assert_cmpuint (zmqglib_authenticator_get_n_accepted (self->authenticator), ==, 0);
  if (self->state != CLOSED)
    g_assert_cmpuint (zmqglib_authenticator_get_n_denied (self->authenticator), >, 0);
  if (self->state >= HANDLER_RAISES && self->state <= HANDLER_NEVER_ANSWERS &&
      self->mechanism == ZMQGLIB_SECURITY_MECHANISM_CURVE)
    g_assert_cmpuint (self->n_asked, >, 0);
}

static void
run_case (Case *self)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqContext) intruders_context = zmqglib_context_new ();
  g_autoptr (ZmqMonitor) monitor = NULL;
  g_autoptr (GError) error = NULL;

  self->requests = g_ptr_array_new_with_free_func (g_object_unref);
  self->authenticator = make_authenticator (self, context);
  self->server = test_socket_new (context, self->server_type);
  self->intruder = test_socket_new (intruders_context, self->intruder_type);
  g_object_set (self->intruder, "reconnect-interval", 10, NULL);
  g_object_set (self->server, "reconnect-interval", 10, NULL);
  monitor = zmqglib_monitor_new (self->server, &error);
  g_assert_no_error (error);
  g_signal_connect (monitor, "event", G_CALLBACK (on_event), self);

  if (self->state == CLOSED)
    zmqglib_authenticator_close (self->authenticator);
  else if (self->state == DROPPED)
    g_clear_object (&self->authenticator);

  secure_server (self);
  arm_intruder (self);
  bring_together (self);
  test_iterate_until (NULL, has_failed, self);
  assert_nobody_came (self);

  g_clear_object (&self->authenticator);
  g_clear_object (&self->server);
  g_clear_object (&self->intruder);
  g_ptr_array_unref (self->requests);
}

static void
test_state (gconstpointer data)
{
  const State state = GPOINTER_TO_UINT (data);
  guint       n_cases = 0;

  for (ZmqSecurityMechanism mechanism = ZMQGLIB_SECURITY_MECHANISM_NULL; mechanism <= ZMQGLIB_SECURITY_MECHANISM_CURVE;
       mechanism++)
    for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
      for (guint variant = 0; variant < 4; variant++)
        {
          Case self = {
            .mechanism = mechanism,
            .server_type = types[i].server,
            .intruder_type = types[i].intruder,
            .state = state,
            .server_connects = variant & 1,
            .has_domain = (variant & 2) != 0,
          };

          /* without a domain, libzmq asks nobody about those who need not prove anything */
          if (mechanism == ZMQGLIB_SECURITY_MECHANISM_NULL && !self.has_domain)
            continue;

          g_test_message ("mechanism %d, type %d, connects %d, domain %d", mechanism, self.server_type,
                          self.server_connects, self.has_domain);
          run_case (&self);
          n_cases++;
        }

  g_assert_cmpuint (n_cases, ==, G_N_ELEMENTS (types) * (2 + 4 + 4));
}

/* That the proof proves anything: who is known gets in, in all of the same ways. */
static void
test_known (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    for (guint connects = 0; connects < 2; connects++)
      {
        Case self = {
          .mechanism = ZMQGLIB_SECURITY_MECHANISM_CURVE,
          .server_type = types[i].server,
          .intruder_type = types[i].intruder,
          .state = RUNNING,
          .server_connects = connects,
        };
        g_autoptr (ZmqContext) context = zmqglib_context_new ();
        g_autoptr (ZmqMonitor) monitor = NULL;
        g_autoptr (GError) error = NULL;

        self.authenticator = make_authenticator (&self, context);
        self.server = test_socket_new (context, self.server_type);
        self.intruder = test_socket_new (NULL, self.intruder_type);
        monitor = zmqglib_monitor_new (self.server, &error);
        g_signal_connect (monitor, "event", G_CALLBACK (on_event), &self);

        secure_server (&self);
        arm_intruder (&self);
        zmqglib_socket_set_curve_client (self.intruder, known_certificate,
                                         zmqglib_certificate_get_public_key (server_certificate), &error);
        g_assert_no_error (error);
        bring_together (&self);
        test_iterate_until (NULL, test_is_true, &self.n_succeeded);
        g_assert_cmpuint (self.n_failed, ==, 0);

        g_clear_object (&self.authenticator);
        g_clear_object (&self.server);
        g_clear_object (&self.intruder);
      }
}

int
main (int   argc,
      char *argv[])
{
  static const char *const names[N_STATES] = {
    "running",
    "handler-gone",
    "handler-raises",
    "handler-drops",
    "handler-never-answers",
    "closed",
    "dropped",
  };
  int result;

  g_test_init (&argc, &argv, NULL);

  if (!zmq_has ("curve"))
    {
      g_print ("1..0 # SKIP This libzmq has no CURVE\n");
      return 0;
    }

  server_certificate = zmqglib_certificate_new (NULL);
  known_certificate = zmqglib_certificate_new (NULL);
  unknown_certificate = zmqglib_certificate_new (NULL);

  g_test_add_func ("/authenticator/proof/known", test_known);
  for (State state = 0; state < N_STATES; state++)
    {
      g_autofree char *path = g_strdup_printf ("/authenticator/proof/%s", names[state]);

      g_test_add_data_func (path, GUINT_TO_POINTER (state), test_state);
    }
  result = g_test_run ();

  g_object_unref (server_certificate);
  g_object_unref (known_certificate);
  g_object_unref (unknown_certificate);

  return result;
}
