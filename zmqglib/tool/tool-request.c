/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "tool/tool-command.h"
#include "tool/tool-endpoints.h"
#include "tool/tool-feed.h"
#include "tool/tool-output.h"

typedef struct
{
  ToolRun           run;
  ToolEndpoints     endpoints;
  ToolFeed          feed;
  double            timeout;
  int               max_tries;
  char             *strategy_name;
  ZmqClientStrategy strategy;
  gboolean          is_exact;
  ZmqClient        *client;
  GError           *configure_error;
  GSource          *unwanted;
} Request;

static void ask (Request *self);

static gboolean
on_ready (gpointer user_data)
{
  ask (user_data);

  return G_SOURCE_REMOVE;
}

static void
close_client (gpointer user_data)
{
  Request *self = user_data;

  zmqglib_client_close (self->client);
}

static void
on_reply (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  Request *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) reply = zmqglib_client_request_finish (ZMQGLIB_CLIENT (source), result, &error);

  if (reply != NULL && tool_output_write_message (&self->feed.format, reply, &error))
    {
      ask (self);
      return;
    }

  if (self->run.hint != NULL && !self->run.is_ended)
    g_printerr ("%s: %s\n", g_get_prgname (), self->run.hint);
  tool_run_fail (&self->run, error);
}

static void
ask (Request *self)
{
  g_autoptr (ZmqMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  switch (tool_feed_next (&self->feed, &message, &error))
    {
    case TOOL_FEED_MESSAGE:
      zmqglib_client_request_async (self->client, message, NULL, on_reply, self);
      break;
    case TOOL_FEED_LATER:
      break;
    case TOOL_FEED_END:
      tool_run_end (&self->run, TOOL_DONE);
      break;
    case TOOL_FEED_ERROR:
      tool_run_fail (&self->run, error);
      break;
    }
}

/* The client makes a socket for each server. */
static void
on_configure (ZmqClient *client,
              ZmqSocket *socket,
              Request   *self)
{
  g_clear_error (&self->configure_error);
  if (tool_endpoints_configure (&self->endpoints, socket, &self->configure_error))
    tool_security_apply (&self->endpoints.security, socket, FALSE, &self->configure_error);
}

static gboolean
connect_client (Request *self,
                GError **error)
{
  self->client = zmqglib_client_new (NULL, error);
  if (self->client == NULL)
    return FALSE;

  g_signal_connect (self->client, "configure", G_CALLBACK (on_configure), self);
  zmqglib_client_set_timeout_us (self->client, tool_command_get_timeout_us (self->timeout));
  zmqglib_client_set_max_tries (self->client, self->max_tries);
  zmqglib_client_set_strategy (self->client, self->strategy);
  if (self->is_exact)
    zmqglib_client_set_envelope (self->client, ZMQGLIB_CLIENT_ENVELOPE_NONE);

  for (guint i = 0; self->endpoints.connects[i] != NULL; i++)
    {
      if (!zmqglib_client_connect_to (self->client, self->endpoints.connects[i], error))
        return FALSE;
      if (self->configure_error != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&self->configure_error));
          return FALSE;
        }
    }

  return TRUE;
}

static gboolean
check_strategy (Request *self,
                GError **error)
{
  g_autoptr (GEnumClass) strategies = g_type_class_ref (ZMQGLIB_TYPE_CLIENT_STRATEGY);
  GEnumValue *value;

  if (self->strategy_name == NULL)
    return TRUE;

  value = g_enum_get_value_by_nick (strategies, self->strategy_name);
  if (value != NULL)
    self->strategy = value->value;
  else
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 _ ("There is no strategy “%s”; there are failover, spread and all"), self->strategy_name);

  return value != NULL;
}

static gboolean
check (Request *self,
       GError **error)
{
  if (self->endpoints.connects == NULL)
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("There is no endpoint: --connect says where"));
  else if (self->max_tries < 0)
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("A number of tries is not negative"));
  else
    return tool_command_check_timeout (self->timeout, error) && check_strategy (self, error);

  return FALSE;
}

static gboolean
start (Request *self,
       GError **error)
{
  if (!check (self, error) || !tool_feed_start (&self->feed, on_ready, self, error) ||
      !tool_endpoints_load (&self->endpoints, &self->run, error) || !connect_client (self, error))
    return FALSE;

  self->unwanted = tool_output_watch (&self->run);
  ask (self);

  return TRUE;
}

static void
clear (Request *self)
{
  if (self->unwanted != NULL)
    g_source_destroy (self->unwanted);
  g_clear_pointer (&self->unwanted, g_source_unref);
  g_clear_object (&self->client);
  g_clear_error (&self->configure_error);
  tool_feed_clear (&self->feed);
  tool_endpoints_clear (&self->endpoints);
  g_free (self->strategy_name);
}

static GOptionGroup *
create_options (Request *self)
{
  const GOptionEntry entries[] = {
    { "connect", 'c', 0, G_OPTION_ARG_STRING_ARRAY, &self->endpoints.connects, N_ ("Ask the server there; may be given several times"), N_ ("ENDPOINT") },
    { "timeout", 'T', 0, G_OPTION_ARG_DOUBLE, &self->timeout, N_ ("How long one try waits for the reply, by default 2.5; 0 for as long as it takes"), N_ ("SECONDS") },
    { "tries", 'r', 0, G_OPTION_ARG_INT, &self->max_tries, N_ ("How often a request is tried, by default 3; 0 for as often as it takes"), N_ ("N") },
    { "strategy", 0, 0, G_OPTION_ARG_STRING, &self->strategy_name, N_ ("Which server a try goes to: failover (the default), spread or all"), N_ ("STRATEGY") },
    { "exact", 0, 0, G_OPTION_ARG_NONE, &self->is_exact, N_ ("Send exactly what a REQ socket sends, for servers that expect nothing else"), NULL },
    { NULL },
  };
  GOptionGroup *group = g_option_group_new ("request", "", "", &self->feed, NULL);

  self->timeout = 2.5;
  self->max_tries = 3;
  g_option_group_add_entries (group, entries);
  tool_feed_add_entries (&self->feed, group);
  tool_endpoints_add_entries (&self->endpoints, group);

  return group;
}

int
tool_request (int    argc,
              char **argv)
{
  const ToolUsage usage = {
    .summary = _ ("Sends a request whose frames are the FRAMEs, or a request for each line of the standard input, one after the "
                  "other, and prints each reply."),
  };
  Request self = { 0 };
  g_autoptr (GError) error = NULL;
  int status = TOOL_DONE;

  if (tool_command_parse (&usage, create_options (&self), argc, argv, &status))
    {
      tool_run_init (&self.run, FALSE, 0, close_client, &self);
      status = start (&self, &error) ? tool_run_wait (&self.run) : tool_complain (error);
      tool_run_clear (&self.run);
    }
  clear (&self);

  return status;
}
