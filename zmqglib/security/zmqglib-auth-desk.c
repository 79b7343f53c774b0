/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "context/zmqglib-context-private.h"
#include "security/zmqglib-auth-desk-private.h"
#include "security/zmqglib-auth-request-private.h"
#include "security/zmqglib-auth-ticket-private.h"
#include "socket/zmqglib-socket-private.h"

/* Where peers are asked about: those whom a rule decides are answered at once, certificates are looked for in another
 * thread, and all others wait for the authenticator's handlers. Each of these is told by the main loop on its own, so
 * that a handler that runs a nested loop holds up nobody else. */

static void
drop_ticket (gpointer data)
{
  zmqglib_auth_ticket_unref (data);
}

/* A handler answers, or keeps the request: when it does neither, nobody is left who could. */
static void
emit (ZmqAuthTicket    *ticket,
      ZmqAuthenticator *front)
{
  g_autoptr (ZmqAuthRequest) request = zmqglib_auth_request_new (ticket);
  gboolean is_handled = FALSE;

  g_signal_emit (front, zmqglib_authenticate_signal, 0, request, &is_handled);
  if (!is_handled)
    zmqglib_auth_ticket_deny (ticket, ZMQGLIB_ZAP_DENIED, "Unknown");
}

static void
ask (gpointer data)
{
  ZmqAuthTicket *ticket = data;
  ZmqAuthCore   *core = zmqglib_auth_core_ref (ticket->core);
  g_autoptr (ZmqAuthenticator) front = zmqglib_front_dup (core->front);

  if (zmqglib_fork_is_inherited (core->generation))
    zmqglib_auth_ticket_void (ticket);
  else if (front != NULL && zmqglib_auth_core_is_open (core))
    emit (ticket, front);
  else
    zmqglib_auth_ticket_deny (ticket, ZMQGLIB_ZAP_DENIED, "Closed");

  zmqglib_auth_ticket_unref (ticket);
  /* the last reference to the authenticator may be the one here, and it wants to find its core */
  g_clear_object (&front);
  zmqglib_auth_core_unref (core);
}

static gboolean
is_known (ZmqAuthTicket *ticket)
{
  g_autoptr (GPtrArray) directories = NULL;

  directories = zmqglib_auth_rules_dup_directories (&ticket->core->rules, ticket->request.domain);
  for (guint i = 0; i < directories->len; i++)
    if (zmqglib_auth_directory_has_key (directories->pdata[i], ticket->request.public_key, ticket->arrived))
      return TRUE;

  return FALSE;
}

static void
look_in_thread (GTask        *task,
                gpointer      source_object,
                gpointer      task_data,
                GCancellable *cancellable)
{
  ZmqAuthTicket *ticket = task_data;

  if (is_known (ticket))
    zmqglib_auth_ticket_accept (ticket, ticket->request.public_key, NULL);
  else
    zmqglib_agenda_tell (ticket->core->agenda, ask, drop_ticket, zmqglib_auth_ticket_ref (ticket));
}

/* A file system may be slow. */
static void
look (ZmqAuthTicket *ticket)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_set_source_tag (task, look);
  g_task_set_task_data (task, zmqglib_auth_ticket_ref (ticket), drop_ticket);
  g_task_run_in_thread (task, look_in_thread);
}

static void
decide (ZmqAuthTicket *ticket)
{
  g_autofree char *user_id = NULL;

  switch (zmqglib_auth_rules_decide (&ticket->core->rules, &ticket->request, &user_id))
    {
    case ZMQGLIB_AUTH_ACCEPT:
      zmqglib_auth_ticket_accept (ticket, user_id, NULL);
      break;
    case ZMQGLIB_AUTH_DENY:
      zmqglib_auth_ticket_deny (ticket, ZMQGLIB_ZAP_DENIED, "Denied");
      break;
    case ZMQGLIB_AUTH_LOOK:
      look (ticket);
      break;
    case ZMQGLIB_AUTH_ASK:
      zmqglib_agenda_tell (ticket->core->agenda, ask, drop_ticket, zmqglib_auth_ticket_ref (ticket));
      break;
    }
}

static void
on_request (ZmqStream  *stream,
            ZmqMessage *message,
            gpointer    data)
{
  ZmqAuthCore   *core = data;
  ZmqAuthTicket *ticket = zmqglib_auth_ticket_new (core);
  ZmqAuthTicket *earlier = NULL;
  const char    *fault = zmqglib_zap_request_read (&ticket->request, message);

  if (ticket->request.routing_id != NULL)
    earlier = g_hash_table_lookup (core->tickets, ticket->request.routing_id);
  if (earlier != NULL)
    zmqglib_auth_ticket_void (earlier);

  if (ticket->request.request_id == NULL)
    zmqglib_auth_core_count (core, FALSE);
  else
    {
      zmqglib_auth_ticket_wait (ticket);
      if (fault != NULL)
        zmqglib_auth_ticket_deny (ticket, ZMQGLIB_ZAP_DENIED, fault);
      else
        decide (ticket);
    }

  zmqglib_auth_ticket_unref (ticket);
}

/* Whoever is owned by the loop is let go of from there, since that may be the last reference; meanwhile it does not keep
 * the main context in turn. */
static void
release_keeper (ZmqAuthCore *core)
{
  GMainContext *context;

  if (!zmqglib_front_is_kept (core->front))
    return;

  zmqglib_front_let_go (core->front, core->agenda);
  zmqglib_lock_take (&core->lock);
  context = g_steal_pointer (&core->context);
  zmqglib_lock_give (&core->lock);
  g_clear_pointer (&context, g_main_context_unref);
}

static void
deny_all (ZmqAuthCore *core)
{
  g_autoptr (GPtrArray) tickets = g_ptr_array_new_with_free_func (drop_ticket);
  GHashTableIter iter;
  gpointer       ticket;

  g_hash_table_iter_init (&iter, core->tickets);
  while (g_hash_table_iter_next (&iter, NULL, &ticket))
    g_ptr_array_add (tickets, zmqglib_auth_ticket_ref (ticket));
  for (guint i = 0; i < tickets->len; i++)
    {
      zmqglib_auth_ticket_deny (tickets->pdata[i], ZMQGLIB_ZAP_DENIED, "Closed");
      zmqglib_auth_ticket_void (tickets->pdata[i]);
    }
}

/* Takes the authenticator out of its loop: who waits is denied, and libzmq has nobody to ask any more. */
static void
leave (gpointer data)
{
  ZmqAuthCore *core = data;

  if (!core->has_left)
    {
      core->has_left = TRUE;
      /* this thread may have the main context for the moment only, and what it sends is to leave now */
      zmqglib_socket_core_claim (zmqglib_stream_get_socket (core->stream)->core);
      deny_all (core);
      /* closing would free the name later, in a thread of libzmq's */
      zmqglib_socket_unbind (zmqglib_stream_get_socket (core->stream), ZMQGLIB_ZAP_ENDPOINT, NULL);
      zmqglib_stream_close (core->stream);
      if (zmqglib_context_release_authenticator (core->zmq_context, core))
        zmqglib_auth_core_unref (core);
      release_keeper (core);
    }

  zmqglib_auth_core_unref (core);
}

/*
 * zmqglib_auth_desk_close:
 *
 * Nobody is let in any more. May be called from any thread, and again.
 */
void
zmqglib_auth_desk_close (ZmqAuthCore *core)
{
  if (g_atomic_int_compare_and_exchange (&core->is_closed, FALSE, TRUE) && core->stream != NULL)
    zmqglib_agenda_do (core->agenda, leave, zmqglib_auth_core_ref (core));
}

/* Consumes the reference of what held it until then: the stream's receive function, or the context. */
static void
end (gpointer data)
{
  ZmqAuthCore *core = data;

  zmqglib_auth_desk_close (core);
  zmqglib_auth_core_unref (core);
}

/* Runs where the main context is owned. */
static void
begin (gpointer data)
{
  ZmqAuthCore *core = data;

  zmqglib_socket_core_claim (zmqglib_stream_get_socket (core->stream)->core);
  if (!core->has_left)
    zmqglib_stream_set_receive_func (core->stream, on_request, zmqglib_auth_core_ref (core), end);
  zmqglib_auth_core_unref (core);
}

static gboolean
make_stream (ZmqAuthCore *core,
             ZmqContext  *context,
             const char  *what,
             GError     **error)
{
  g_autoptr (ZmqSocket) socket = zmqglib_socket_new (context, ZMQGLIB_SOCKET_ROUTER, error);

  if (socket == NULL || !zmqglib_socket_bind (socket, ZMQGLIB_ZAP_ENDPOINT, error))
    {
      g_prefix_error (error, "%s: ", what);
      return FALSE;
    }

  core->zmq_context = g_object_ref (context);
  core->tickets = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, NULL, drop_ticket);
  core->stream = zmqglib_stream_new (socket);

  return TRUE;
}

/*
 * zmqglib_auth_desk_open:
 * @keeper: (nullable): the authenticator, when it is owned by the loop
 *
 * Returns: %TRUE when libzmq asks from now on, or %FALSE with @error set
 */
gboolean
zmqglib_auth_desk_open (ZmqAuthCore      *core,
                        ZmqContext       *context,
                        ZmqAuthenticator *keeper,
                        GError          **error)
{
  const char *what = _ ("Could not make an authenticator");

  if (!zmqglib_context_check_trust (context, what, error) || !make_stream (core, context, what, error))
    return FALSE;

  if (keeper != NULL)
    zmqglib_front_keep (core->front, keeper);
  zmqglib_agenda_do (core->agenda, begin, zmqglib_auth_core_ref (core));

  /* a server may have been bound meanwhile, or the context shut down */
  if (zmqglib_context_set_authenticator (context, zmqglib_auth_core_ref (core), end, what, error))
    return TRUE;

  zmqglib_auth_core_unref (core);
  zmqglib_auth_desk_close (core);

  return FALSE;
}

/*
 * zmqglib_auth_desk_protect:
 * @domain: (nullable): a domain, or %NULL for the one that the socket has, or a default
 *
 * Has libzmq ask about a socket's later peers.
 */
gboolean
zmqglib_auth_desk_protect (ZmqAuthCore *core,
                           ZmqSocket   *socket,
                           const char  *domain,
                           GError     **error)
{
  const char *what = _ ("Could not protect a socket");

  if (zmqglib_fork_is_inherited (core->generation))
    zmqglib_error_set (error, ZMQGLIB_EFORKED, "%s", what);
  else if (!zmqglib_auth_core_is_open (core))
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED, _ ("%s: %s"), what, _ ("The authenticator is closed"));
  else if (socket->core->context != core->zmq_context)
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT, _ ("%s: %s"), what,
                 _ ("It is not of the authenticator’s context"));
  else
    return zmqglib_socket_protect (socket, domain, what, error);

  return FALSE;
}
