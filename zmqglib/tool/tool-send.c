/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "tool/tool-command.h"
#include "tool/tool-endpoints.h"
#include "tool/tool-feed.h"
#include "tool/tool-peers.h"

#define TYPES                                                                  \
  (TOOL_TYPE_BIT (ZMQGLIB_SOCKET_PUSH) | TOOL_TYPE_BIT (ZMQGLIB_SOCKET_PUB) |  \
   TOOL_TYPE_BIT (ZMQGLIB_SOCKET_XPUB) | TOOL_TYPE_BIT (ZMQGLIB_SOCKET_PAIR) | \
   TOOL_TYPE_BIT (ZMQGLIB_SOCKET_DEALER) | TOOL_TYPE_BIT (ZMQGLIB_SOCKET_ROUTER) | TOOL_TYPE_BIT (ZMQGLIB_SOCKET_XSUB))

/* How many messages are sent before the main loop has its turn. */
#define BURST 100

typedef struct
{
  ToolRun       run;
  ToolEndpoints endpoints;
  ToolFeed      feed;
  ToolPeers     peers;
  char         *type_name;
  double        timeout;
  int           n_peers;
  ZmqSocketType type;
  ZmqSocket    *socket;
  guint         idle;
} Send;

static void send_some (Send *self);

static gboolean
on_ready (gpointer user_data)
{
  Send *self = user_data;

  self->idle = 0;
  send_some (self);

  return G_SOURCE_REMOVE;
}

static void
close_socket (gpointer user_data)
{
  Send *self = user_data;

  zmqglib_socket_close (self->socket);
}

static void
on_sent (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (GError) error = NULL;
  Send *self = user_data;

  if (zmqglib_socket_send_finish (ZMQGLIB_SOCKET (source), result, &error))
    send_some (self);
  else
    tool_run_fail (&self->run, error);
}

/* Sends now or, while nobody can take it, later: whether it was now. */
static gboolean
send_message (Send       *self,
              ZmqMessage *message)
{
  g_autoptr (GError) error = NULL;

  if (zmqglib_socket_try_send (self->socket, message, &error))
    return TRUE;

  if (g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN))
    zmqglib_socket_send_async (self->socket, message, G_PRIORITY_DEFAULT, NULL, on_sent, self);
  else
    tool_run_fail (&self->run, error);

  return FALSE;
}

static void
send_some (Send *self)
{
  for (guint i = 0; i < BURST; i++)
    {
      g_autoptr (ZmqMessage) message = NULL;
      g_autoptr (GError) error = NULL;

      switch (tool_feed_next (&self->feed, &message, &error))
        {
        case TOOL_FEED_MESSAGE:
          if (!send_message (self, message))
            return;
          break;
        case TOOL_FEED_LATER:
          return;
        case TOOL_FEED_END:
          tool_run_leave (&self->run);
          return;
        case TOOL_FEED_ERROR:
          tool_run_fail (&self->run, error);
          return;
        }
    }

  self->idle = g_idle_add_full (G_PRIORITY_DEFAULT, on_ready, self, NULL);
}

static gboolean
check (Send    *self,
       GError **error)
{
  if (!tool_type_parse (self->type_name != NULL ? self->type_name : "push", TYPES, &self->type, error) ||
      !tool_endpoints_check (&self->endpoints, error) || !tool_command_check_timeout (self->timeout, error))
    return FALSE;

  if (self->n_peers >= 0)
    return TRUE;
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("A number of peers is not negative"));

  return FALSE;
}

/* A socket that neither keeps messages for a peer that is not there yet nor drops those for nobody, as far as that goes. */
static gboolean
create_socket (Send    *self,
               GError **error)
{
  const gboolean waits = self->n_peers > 0;

  /* which is the same to subscribers */
  if (self->type == ZMQGLIB_SOCKET_PUB && waits)
    self->type = ZMQGLIB_SOCKET_XPUB;

  self->socket = tool_endpoints_create (&self->endpoints, self->type, error);
  if (self->socket == NULL)
    return FALSE;

  if (waits)
    g_object_set (self->socket, "immediate", TRUE, NULL);
  if (self->type == ZMQGLIB_SOCKET_XPUB)
    g_object_set (self->socket, "xpub-verboser", TRUE, NULL);
  if (self->type == ZMQGLIB_SOCKET_ROUTER)
    g_object_set (self->socket, "router-mandatory", TRUE, NULL);

  return tool_endpoints_attach (&self->endpoints, self->socket, error);
}

static gboolean
start (Send    *self,
       GError **error)
{
  if (!check (self, error) || !tool_feed_start (&self->feed, on_ready, self, error) ||
      !tool_endpoints_load (&self->endpoints, &self->run, error) || !create_socket (self, error))
    return FALSE;

  tool_peers_wait (&self->peers, self->socket, g_ptr_array_index (self->endpoints.monitors, 0), self->n_peers, on_ready, self);

  return TRUE;
}

static void
clear (Send *self)
{
  g_clear_handle_id (&self->idle, g_source_remove);
  tool_peers_clear (&self->peers);
  tool_feed_clear (&self->feed);
  tool_endpoints_clear (&self->endpoints);
  g_clear_object (&self->socket);
  g_free (self->type_name);
}

static GOptionGroup *
create_options (Send *self)
{
  const GOptionEntry entries[] = {
    { "type", 't', 0, G_OPTION_ARG_STRING, &self->type_name, N_ ("The type of the socket: push (the default), pub, pair, dealer, router, xpub or xsub"), N_ ("TYPE") },
    { "wait-peers", 'w', 0, G_OPTION_ARG_INT, &self->n_peers, N_ ("How many peers have to be there before anything is sent, by default 1"), N_ ("N") },
    { "timeout", 'T', 0, G_OPTION_ARG_DOUBLE, &self->timeout, N_ ("Give up when not all was sent in this time"), N_ ("SECONDS") },
    { NULL },
  };
  GOptionGroup *group = g_option_group_new ("send", "", "", &self->feed, NULL);

  self->n_peers = 1;
  tool_endpoints_add_addresses (&self->endpoints, group);
  g_option_group_add_entries (group, entries);
  tool_feed_add_entries (&self->feed, group);
  tool_endpoints_add_entries (&self->endpoints, group);

  return group;
}

int
tool_send (int    argc,
           char **argv)
{
  const ToolUsage usage = {
    .summary = _ ("Sends a message whose frames are the FRAMEs, or a message for each line of the standard input, and waits until "
                  "all was sent."),
  };
  Send self = { 0 };
  g_autoptr (GError) error = NULL;
  int status = TOOL_DONE;

  if (tool_command_parse (&usage, create_options (&self), argc, argv, &status))
    {
      tool_run_init (&self.run, FALSE, self.timeout, close_socket, &self);
      status = start (&self, &error) ? tool_run_wait (&self.run) : tool_complain (error);
      tool_run_clear (&self.run);
    }
  clear (&self);

  return status;
}
