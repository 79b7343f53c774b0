/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "test-util.h"

G_BEGIN_DECLS

/* A server with an authenticator, to which peers of a context of their own come one after the other. */
typedef struct
{
  ZmqSecurityMechanism mechanism;
  GBytes              *routing_id; /* to be set before it is opened, or NULL */
  ZmqContext          *context;
  ZmqContext          *peers_context;
  ZmqAuthenticator    *authenticator;
  ZmqCertificate      *certificate;
  ZmqSocket           *server; /* a ROUTER */
  ZmqStream           *stream; /* of the same */
  ZmqMonitor          *monitor;
  char                *endpoint;
  ZmqMessage          *message; /* that has come in */
  ZmqSocket           *peer;    /* that is kept out */
  guint                n_failed;
  guint                n_succeeded;
  guint                n_in; /* who have come in */
  gboolean             is_nested;
} Gate;

#define GATE_INIT \
  {               \
    0             \
  }

static inline void
gate_on_event (ZmqMonitor      *monitor,
               ZmqMonitorEvent *event,
               gpointer         data)
{
  Gate *self = data;

  if (zmqglib_monitor_event_get_kind (event) &
      (ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_PROTOCOL |
       ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_AUTH))
    self->n_failed++;
  else if (zmqglib_monitor_event_get_kind (event) == ZMQGLIB_MONITOR_EVENT_HANDSHAKE_SUCCEEDED)
    self->n_succeeded++;
}

static inline void
gate_on_received (ZmqStream  *stream,
                  ZmqMessage *message,
                  gpointer    data)
{
  Gate *self = data;

  g_assert_null (self->message);
  self->message = zmqglib_message_ref (message);
}

static inline void
gate_open (Gate                *self,
           ZmqSecurityMechanism mechanism,
           const char          *domain)
{
  g_autoptr (GError) error = NULL;

  self->mechanism = mechanism;
  self->context = zmqglib_context_new ();
  self->peers_context = zmqglib_context_new ();
  self->certificate = zmqglib_certificate_new (NULL);
  self->authenticator = zmqglib_authenticator_new (self->context, &error);
  g_assert_no_error (error);

  self->server = test_socket_new (self->context, ZMQGLIB_SOCKET_ROUTER);
  if (self->routing_id != NULL)
    g_object_set (self->server, "routing-id", self->routing_id, NULL);
  if (mechanism == ZMQGLIB_SECURITY_MECHANISM_PLAIN)
    g_object_set (self->server, "plain-server", TRUE, NULL);
  else if (mechanism == ZMQGLIB_SECURITY_MECHANISM_CURVE)
    zmqglib_socket_set_curve_server (self->server, self->certificate, &error);
  g_assert_no_error (error);
  zmqglib_authenticator_protect (self->authenticator, self->server, domain, &error);
  g_assert_no_error (error);

  self->monitor = zmqglib_monitor_new (self->server, &error);
  g_assert_no_error (error);
  g_signal_connect (self->monitor, "event", G_CALLBACK (gate_on_event), self);
  self->endpoint = test_bind (self->server, "tcp");
  self->stream = zmqglib_stream_new (self->server);
  g_signal_connect (self->stream, "received", G_CALLBACK (gate_on_received), self);
}

static inline void
gate_clear (Gate *self)
{
  g_clear_object (&self->peer);
  g_clear_object (&self->monitor);
  g_clear_object (&self->stream);
  g_clear_object (&self->server);
  g_clear_pointer (&self->message, zmqglib_message_unref);
  g_clear_object (&self->authenticator);
  g_clear_object (&self->certificate);
  g_clear_object (&self->context);
  g_clear_object (&self->peers_context);
  g_clear_pointer (&self->endpoint, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Gate, gate_clear)

/* A peer that is yet to be connected. */
static inline ZmqSocket *
gate_new_socket (Gate *self)
{
  ZmqSocket *peer = test_socket_new (self->peers_context, ZMQGLIB_SOCKET_DEALER);

  g_object_set (peer, "reconnect-interval", 10, NULL);

  return peer;
}

static inline ZmqSocket *
gate_new_user (Gate       *self,
               const char *user,
               const char *password)
{
  ZmqSocket *peer = gate_new_socket (self);

  g_object_set (peer, "plain-username", user, "plain-password", password, NULL);

  return peer;
}

static inline ZmqSocket *
gate_new_client (Gate           *self,
                 ZmqCertificate *certificate)
{
  ZmqSocket *peer = gate_new_socket (self);
  g_autoptr (GError) error = NULL;

  zmqglib_socket_set_curve_client (peer, certificate, zmqglib_certificate_get_public_key (self->certificate), &error);
  g_assert_no_error (error);

  return peer;
}

static inline void
gate_connect (Gate      *self,
              ZmqSocket *peer)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("hello");
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = NULL;

  /* once is enough */
  g_object_get (peer, "last-endpoint", &endpoint, NULL);
  if (endpoint != NULL)
    return;

  zmqglib_socket_connect_to (peer, self->endpoint, &error);
  g_assert_no_error (error);
  zmqglib_socket_try_send (peer, message, &error);
  g_assert_no_error (error);
}

static inline gboolean
gate_has_told (gpointer data)
{
  Gate *self = data;

  return self->message != NULL && self->n_succeeded == self->n_in + 1;
}

/* Takes the peer, which has to get in, and returns its message. */
static inline ZmqMessage *
gate_receive (Gate      *self,
              ZmqSocket *peer)
{
  gate_connect (self, peer);
  test_iterate_until (NULL, gate_has_told, self);
  self->n_in++;
  g_object_unref (peer);

  return g_steal_pointer (&self->message);
}

/* Takes the peer, which has to get in by that name. */
static inline void
gate_assert_in (Gate       *self,
                ZmqSocket  *peer,
                const char *user_id)
{
  g_autoptr (ZmqMessage) message = gate_receive (self, peer);

  g_assert_cmpstr (zmqglib_message_get_user_id (message), ==, user_id);
}

static inline gboolean
gate_has_failed (gpointer data)
{
  return ((Gate *) data)->n_failed > 0;
}

/* Takes the peer, which must not get in. */
static inline void
gate_begin_out (Gate      *self,
                ZmqSocket *peer)
{
  self->n_failed = 0;
  self->peer = peer;
  gate_connect (self, peer);
}

static inline void
gate_end_out (Gate *self)
{
  test_iterate_until (NULL, gate_has_failed, self);
  g_assert_cmpuint (self->n_succeeded, ==, self->n_in);
  g_assert_null (self->message);
  g_clear_object (&self->peer);
}

static inline void
gate_assert_out (Gate      *self,
                 ZmqSocket *peer)
{
  gate_begin_out (self, peer);
  gate_end_out (self);
}

G_END_DECLS
