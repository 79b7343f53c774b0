/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "tool/tool-children.h"
#include "tool/tool-command.h"
#include "tool/tool-endpoints.h"

typedef struct
{
  ToolRun       run;
  ToolEndpoints endpoints;
  ToolFormat    format;
  char        **arguments;
  gboolean      echoes;
  gboolean      runs;
  int           n_jobs;
  double        timeout;
  gint64        count;
  gint64        n_replies;
  ToolChildren  children;
  ZmqMessage   *fixed;
  ZmqServer    *server;
} Reply;

static void
close_server (gpointer user_data)
{
  Reply *self = user_data;

  zmqglib_server_close (self->server);
}

static void
reply (Reply      *self,
       ZmqRequest *request,
       ZmqMessage *message)
{
  g_autoptr (GError) error = NULL;

  if (self->run.is_leaving)
    return;

  if (!zmqglib_request_reply (request, message, &error))
    tool_complain (error);
  else if (++self->n_replies == self->count)
    tool_run_leave (&self->run);
}

static void
on_child_ended (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  Reply      *self = user_data;
  ZmqRequest *request;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = tool_children_run_finish (&self->children, result, &request, &error);

  /* who has asked hears nothing then, and the next may fare better */
  if (message == NULL)
    tool_complain (error);
  else
    reply (self, request, message);
}

static void
on_request (ZmqServer  *server,
            ZmqRequest *request,
            Reply      *self)
{
  ZmqMessage *question = zmqglib_request_get_message (request);

  if (self->run.is_leaving)
    return;

  if (self->runs)
    tool_children_run_async (&self->children, request, on_child_ended, self);
  else if (self->fixed != NULL)
    reply (self, request, self->fixed);
  else if (zmqglib_message_get_n_frames (question) > 0)
    reply (self, request, question);
}

static const char *
find_contradiction (Reply *self)
{
  const gboolean has_arguments = self->arguments != NULL;

  if (self->echoes && self->runs)
    return _ ("--echo and --exec do not go together");
  if (self->runs && !has_arguments)
    return _ ("--exec needs a COMMAND");
  if (self->echoes && has_arguments)
    return _ ("--echo does not go with FRAMEs");
  if (!self->echoes && !has_arguments)
    return _ ("There is nothing to reply: FRAMEs, --echo or --exec say what");
  if (self->count < 0 || self->n_jobs < 1)
    return _ ("A count is not negative, and there is at least one job");

  return NULL;
}

static gboolean
check (Reply   *self,
       GError **error)
{
  const char *contradiction = find_contradiction (self);

  if (contradiction != NULL)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, contradiction);
      return FALSE;
    }

  return tool_endpoints_check (&self->endpoints, error) && tool_command_check_timeout (self->timeout, error) &&
         tool_format_check (&self->format, error);
}

/* What is run reads and writes bytes, unless it was said how. */
static void
prepare_replies (Reply *self)
{
  const gboolean is_exact = self->format.kind == TOOL_FORMAT_RAW;

  if (self->runs)
    {
      if (self->format.name == NULL && !self->format.is_json)
        self->format.kind = TOOL_FORMAT_RAW;
      tool_children_init (&self->children, self->arguments, &self->format, is_exact);
    }
  else if (self->arguments != NULL)
    {
      self->fixed = zmqglib_message_new ();
      for (guint i = 0; self->arguments[i] != NULL; i++)
        zmqglib_message_append_data (self->fixed, self->arguments[i], strlen (self->arguments[i]));
    }
}

static gboolean
start (Reply   *self,
       GError **error)
{
  ZmqSocket *socket;

  if (!check (self, error) || !tool_endpoints_load (&self->endpoints, &self->run, error))
    return FALSE;

  prepare_replies (self);
  self->server = zmqglib_server_new (NULL, error);
  if (self->server == NULL)
    return FALSE;

  socket = zmqglib_server_get_socket (self->server);
  if (self->runs)
    zmqglib_server_set_max_pending (self->server, self->n_jobs);
  g_signal_connect (self->server, "request", G_CALLBACK (on_request), self);

  return tool_endpoints_configure (&self->endpoints, socket, error) && tool_endpoints_attach (&self->endpoints, socket, error);
}

static void
clear (Reply *self)
{
  tool_children_clear (&self->children);
  tool_endpoints_clear (&self->endpoints);
  g_clear_object (&self->server);
  g_clear_pointer (&self->fixed, zmqglib_message_unref);
  tool_format_clear (&self->format);
  g_strfreev (self->arguments);
}

static GOptionGroup *
create_options (Reply *self)
{
  const GOptionEntry entries[] = {
    { "echo", 'e', 0, G_OPTION_ARG_NONE, &self->echoes, N_ ("Send back what was asked"), NULL },
    { "exec", 'x', 0, G_OPTION_ARG_NONE, &self->runs, N_ ("Run COMMAND for each request, which it reads, and reply what it writes"), NULL },
    { "jobs", 'J', 0, G_OPTION_ARG_INT, &self->n_jobs, N_ ("How many run at once with --exec, by default as many as there are processors"), N_ ("N") },
    { "count", 'n', 0, G_OPTION_ARG_INT64, &self->count, N_ ("End after so many replies"), N_ ("N") },
    { "timeout", 'T', 0, G_OPTION_ARG_DOUBLE, &self->timeout, N_ ("Give up after this time"), N_ ("SECONDS") },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->arguments, NULL, N_ ("FRAME… | COMMAND [ARGUMENT…]") },
    { NULL },
  };
  GOptionGroup *group = g_option_group_new ("reply", "", "", self, NULL);

  self->n_jobs = g_get_num_processors ();
  tool_endpoints_add_addresses (&self->endpoints, group);
  g_option_group_add_entries (group, entries);
  tool_format_add_entries (&self->format, group);
  tool_endpoints_add_entries (&self->endpoints, group);

  return group;
}

int
tool_reply (int    argc,
            char **argv)
{
  const ToolUsage usage = {
    .summary = _ ("Answers requests of REQ sockets and others: with the FRAMEs, with what was asked, or with what a program writes."),
    .is_strict = TRUE,
  };
  Reply self = { 0 };
  g_autoptr (GError) error = NULL;
  int status = TOOL_DONE;

  if (tool_command_parse (&usage, create_options (&self), argc, argv, &status))
    {
      tool_run_init (&self.run, self.count == 0, self.timeout, close_server, &self);
      status = start (&self, &error) ? tool_run_wait (&self.run) : tool_complain (error);
      tool_run_clear (&self.run);
    }
  clear (&self);

  return status;
}
