/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "soak-hostile.h"

/* Peers who ask an authenticator to let them in, by CURVE and PLAIN: those who may are answered, the others are refused,
 * as their monitors tell, and none of their messages gets in. Some go before it is decided. */

#define COME_MS    100
#define MAX_GUESTS 20

typedef enum
{
  CURVE_RIGHT,
  CURVE_WRONG,
  PLAIN_RIGHT,
  PLAIN_ASKED, /* no rule decides; it is answered later */
  PLAIN_WRONG,
  N_KINDS
} Kind;

static const char *const names[N_KINDS] = { "curve right", "curve wrong", "plain right", "plain asked", "plain wrong" };

typedef struct
{
  Kind        kind;
  ZmqStream  *stream;
  ZmqMonitor *monitor;
  gint64      came_us;
  gint64      leaves_us; /* whatever was decided; or G_MAXINT64 */
  GList       link;
} Guest;

static ZmqContext       *context; /* the servers’ */
static ZmqAuthenticator *authenticator;
static ZmqCertificate   *own;
static ZmqCertificate   *known;
static ZmqCertificate   *unknown;
static ZmqStream        *servers[2]; /* of CURVE, of PLAIN */
static char             *endpoints[2];
static GQueue            guests;
static GQueue            asked; /* of ZmqAuthRequest */
static guint64           n_let_in;
static guint64           n_refused;
static guint64           n_left;

static gboolean
is_right (Kind kind)
{
  return kind != CURVE_WRONG && kind != PLAIN_WRONG;
}

static void
leave (Guest *self)
{
  g_queue_unlink (&guests, &self->link);
  g_signal_handlers_disconnect_by_data (self->stream, self);
  g_signal_handlers_disconnect_by_data (self->monitor, self);
  soak_drop (self->monitor);
  soak_drop (self->stream);
  g_free (self);
}

static void
on_answer (ZmqStream  *stream,
           ZmqMessage *message,
           gpointer    data)
{
  Guest *self = data;

  if (!is_right (self->kind))
    soak_fail ("guests: “%s” was answered", names[self->kind]);
  n_let_in++;
  leave (self);
}

static void
on_refused (ZmqMonitor      *monitor,
            ZmqMonitorEvent *event,
            gpointer         data)
{
  Guest *self = data;

  if (is_right (self->kind))
    soak_fail ("guests: “%s” was refused", names[self->kind]);
  n_refused++;
  leave (self);
}

/* At the server: nobody may be here who was not let in. */
static void
on_message (ZmqStream  *stream,
            ZmqMessage *message,
            gpointer    data)
{
  g_autofree char *text = zmqglib_message_get_n_frames (message) == 2 ? zmqglib_message_get_string (message, 1, NULL) : NULL;
  GError          *error = NULL;

  if (zmqglib_message_get_user_id (message) == NULL || text == NULL || g_str_has_suffix (text, "wrong"))
    soak_fail ("guests: a message has come in from who is none");
  zmqglib_stream_send (stream, message, &error);
  soak_check_error (error);
}

static gboolean
on_authenticate (ZmqAuthenticator *self,
                 ZmqAuthRequest   *request,
                 gpointer          data)
{
  if (g_strcmp0 (zmqglib_auth_request_get_user (request), "asked") != 0)
    return FALSE;
  g_queue_push_tail (&asked, g_object_ref (request));

  return TRUE;
}

static void
answer_asked (void)
{
  while (asked.length > 0 && g_rand_boolean (soak.rand))
    {
      g_autoptr (ZmqAuthRequest) request = g_queue_pop_head (&asked);

      zmqglib_auth_request_accept (request, "asked", NULL);
    }
}

static ZmqSocket *
make_socket (Kind kind)
{
  GError    *error = NULL;
  ZmqSocket *socket = zmqglib_socket_new (NULL, ZMQGLIB_SOCKET_DEALER, &error);

  if (!soak_check_error (error))
    return NULL;
  g_object_set (socket, "linger", 0, "reconnect-interval", 100, NULL);
  if (kind == CURVE_RIGHT || kind == CURVE_WRONG)
    zmqglib_socket_set_curve_client (socket, kind == CURVE_RIGHT ? known : unknown, zmqglib_certificate_get_public_key (own), &error);
  else
    g_object_set (socket, "plain-username", kind == PLAIN_ASKED ? "asked" : "anna", "plain-password",
                  kind == PLAIN_WRONG ? "open" : "sesame", NULL);
  soak_check_error (error);

  return socket;
}

static void
come (Kind kind)
{
  g_autoptr (ZmqSocket) socket = make_socket (kind);
  GError *error = NULL;
  Guest  *self = g_new0 (Guest, 1);

  if (socket == NULL)
    return;
  self->kind = kind;
  self->link.data = self;
  self->came_us = g_get_monotonic_time ();
  self->leaves_us = g_rand_int_range (soak.rand, 0, 5) == 0 ? self->came_us + g_rand_int_range (soak.rand, 0, 20000) : G_MAXINT64;
  self->monitor = zmqglib_monitor_new (socket, &error);
  if (!soak_check_error (error))
    return;
  self->stream = zmqglib_stream_new (socket);
  soak_count_object (self->stream);
  soak_count_object (self->monitor);
  g_signal_connect (self->stream, "received", G_CALLBACK (on_answer), self);
  g_signal_connect (self->monitor, "event::handshake-failed-auth", G_CALLBACK (on_refused), self);
  g_queue_push_tail_link (&guests, &self->link);
  zmqglib_socket_connect_to (socket, endpoints[kind == CURVE_RIGHT || kind == CURVE_WRONG ? 0 : 1], &error);
  if (soak_check_error (error))
    zmqglib_stream_send_string (self->stream, names[kind], &error);
  soak_check_error (error);
}

static gboolean
on_come (gpointer data)
{
  gint64 now = g_get_monotonic_time ();

  answer_asked ();
  for (GList *link = guests.head, *next; link != NULL; link = next)
    {
      Guest *guest = link->data;

      next = link->next;
      if (now >= guest->leaves_us)
        {
          n_left++;
          leave (guest);
        }
      else if (now - guest->came_us > soak.patience_us)
        soak_fail ("guests: nobody answers “%s”", names[guest->kind]);
    }
  if (guests.length < MAX_GUESTS)
    come (g_rand_int_range (soak.rand, 0, N_KINDS));

  return G_SOURCE_CONTINUE;
}

static void
open_server (guint which)
{
  GError    *error = NULL;
  ZmqSocket *socket = zmqglib_socket_new (context, ZMQGLIB_SOCKET_ROUTER, &error);

  if (!soak_check_error (error))
    return;
  if (which == 0)
    zmqglib_socket_set_curve_server (socket, own, &error);
  else
    g_object_set (socket, "plain-server", TRUE, NULL);
  g_object_set (socket, "zap-domain", "soak", "max-message-size", (gint64) SOAK_HOSTILE_MAX_SIZE, NULL);
  if (soak_check_error (error))
    zmqglib_socket_bind (socket, "tcp://127.0.0.1:*", &error);
  soak_check_error (error);
  g_object_get (socket, "last-endpoint", &endpoints[which], NULL);
  servers[which] = zmqglib_stream_new (socket);
  g_signal_connect (servers[which], "received", G_CALLBACK (on_message), NULL);
  soak_touch (servers[which]);
  soak_hostile_add (endpoints[which]);
  g_object_unref (socket);
}

static void
start (void)
{
  GError *error = NULL;

  context = zmqglib_context_new ();
  own = zmqglib_certificate_new (NULL);
  known = zmqglib_certificate_new (NULL);
  unknown = zmqglib_certificate_new (NULL);
  authenticator = zmqglib_authenticator_new (context, &error);
  if (!soak_check_error (error))
    return;
  zmqglib_authenticator_allow_key (authenticator, "soak", zmqglib_certificate_get_public_key (known), "known");
  zmqglib_authenticator_add_password (authenticator, "soak", "anna", "sesame");
  g_signal_connect (authenticator, "authenticate", G_CALLBACK (on_authenticate), NULL);
  soak_touch (authenticator);
  open_server (0);
  open_server (1);
  soak_add_timer (COME_MS, on_come);
}

static void
print (GString *line)
{
  g_string_append_printf (line, "guests in %" G_GUINT64_FORMAT " (refused %" G_GUINT64_FORMAT ", left %" G_GUINT64_FORMAT ")  ",
                          n_let_in, n_refused, n_left);
}

static void
stop (void)
{
  while (guests.length > 0)
    leave (guests.head->data);
  g_queue_clear_full (&asked, g_object_unref);
  for (guint i = 0; i < 2; i++)
    {
      g_clear_object (&servers[i]);
      g_clear_pointer (&endpoints[i], g_free);
    }
  g_clear_object (&authenticator);
  g_clear_object (&own);
  g_clear_object (&known);
  g_clear_object (&unknown);
  g_clear_object (&context);
}

const SoakPart soak_guests = { "guests", start, NULL, print, stop };
