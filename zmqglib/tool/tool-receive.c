/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "tool/tool-command.h"
#include "tool/tool-endpoints.h"
#include "tool/tool-output.h"

#define TYPES                                                                  \
  (TOOL_TYPE_BIT (ZMQGLIB_SOCKET_PULL) | TOOL_TYPE_BIT (ZMQGLIB_SOCKET_SUB) |  \
   TOOL_TYPE_BIT (ZMQGLIB_SOCKET_PAIR) | TOOL_TYPE_BIT (ZMQGLIB_SOCKET_XPUB) | \
   TOOL_TYPE_BIT (ZMQGLIB_SOCKET_DEALER) | TOOL_TYPE_BIT (ZMQGLIB_SOCKET_ROUTER))

typedef struct
{
  ToolRun       run;
  ToolEndpoints endpoints;
  ToolFormat    format;
  char         *type_name;
  char        **prefixes;
  double        timeout;
  gint64        count;
  ZmqSocketType type;
  ZmqSocket    *socket;
  ZmqStream    *stream;
  GSource      *unwanted;
  gint64        n_received;
} Receive;

static void
close_socket (gpointer user_data)
{
  Receive *self = user_data;

  zmqglib_stream_close (self->stream);
}

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    user_data)
{
  Receive *self = user_data;
  g_autoptr (GError) error = NULL;

  if (self->run.is_ended)
    return;

  if (!tool_output_write_message (&self->format, message, &error))
    {
      /* what was written in part has to be the last */
      zmqglib_stream_close (stream);
      tool_run_fail (&self->run, error);
      return;
    }

  if (++self->n_received == self->count)
    {
      zmqglib_stream_close (stream);
      tool_run_end (&self->run, TOOL_DONE);
    }
}

static gboolean
subscribe (Receive *self,
           GError **error)
{
  static const char *const everything[] = { "", NULL };
  const char *const       *prefixes = self->prefixes != NULL ? (const char *const *) self->prefixes : everything;

  for (; *prefixes != NULL; prefixes++)
    if (!zmqglib_socket_subscribe (self->socket, *prefixes, error))
      return FALSE;

  return TRUE;
}

static gboolean
check (Receive *self,
       GError **error)
{
  const char *const type_name = self->prefixes != NULL ? "sub" : "pull";

  if (!tool_type_parse (self->type_name != NULL ? self->type_name : type_name, TYPES, &self->type, error) ||
      !tool_endpoints_check (&self->endpoints, error) || !tool_command_check_timeout (self->timeout, error) ||
      !tool_format_check (&self->format, error))
    return FALSE;

  if (self->count < 0)
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("A count and an interval are not negative"));
  else if (self->prefixes != NULL && self->type != ZMQGLIB_SOCKET_SUB)
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("--subscribe is for sockets of type sub"));
  else
    return TRUE;

  return FALSE;
}

static gboolean
start (Receive *self,
       GError **error)
{
  if (!check (self, error) || !tool_endpoints_load (&self->endpoints, &self->run, error))
    return FALSE;

  self->socket = tool_endpoints_create (&self->endpoints, self->type, error);
  if (self->socket == NULL || (self->type == ZMQGLIB_SOCKET_SUB && !subscribe (self, error)) ||
      !tool_endpoints_attach (&self->endpoints, self->socket, error))
    return FALSE;

  self->stream = zmqglib_stream_new (self->socket);
  zmqglib_stream_set_receive_func (self->stream, on_received, self, NULL);
  self->unwanted = tool_output_watch (&self->run);

  return TRUE;
}

static void
clear (Receive *self)
{
  if (self->unwanted != NULL)
    g_source_destroy (self->unwanted);
  g_clear_pointer (&self->unwanted, g_source_unref);
  if (self->stream != NULL)
    zmqglib_stream_close (self->stream);
  g_clear_object (&self->stream);
  g_clear_object (&self->socket);
  tool_endpoints_clear (&self->endpoints);
  tool_format_clear (&self->format);
  g_strfreev (self->prefixes);
  g_free (self->type_name);
}

static GOptionGroup *
create_options (Receive *self)
{
  const GOptionEntry entries[] = {
    { "type", 't', 0, G_OPTION_ARG_STRING, &self->type_name, N_ ("The type of the socket: pull (the default), sub, pair, dealer, router or xpub"), N_ ("TYPE") },
    { "subscribe", 's', 0, G_OPTION_ARG_STRING_ARRAY, &self->prefixes, N_ ("Receive what begins with PREFIX, by a socket of type sub"), N_ ("PREFIX") },
    { "count", 'n', 0, G_OPTION_ARG_INT64, &self->count, N_ ("End after so many messages"), N_ ("N") },
    { "timeout", 'T', 0, G_OPTION_ARG_DOUBLE, &self->timeout, N_ ("Give up after this time"), N_ ("SECONDS") },
    { NULL },
  };
  GOptionGroup *group = g_option_group_new ("receive", "", "", self, NULL);

  tool_endpoints_add_addresses (&self->endpoints, group);
  g_option_group_add_entries (group, entries);
  tool_format_add_entries (&self->format, group);
  tool_endpoints_add_entries (&self->endpoints, group);

  return group;
}

int
tool_receive (int    argc,
              char **argv)
{
  const ToolUsage usage = { .summary = _ ("Receives messages, and prints each at once, on a line of its own.") };
  Receive         self = { 0 };
  g_autoptr (GError) error = NULL;
  int status = TOOL_DONE;

  if (tool_command_parse (&usage, create_options (&self), argc, argv, &status))
    {
      tool_run_init (&self.run, self.count == 0, self.timeout, close_socket, &self);
      status = start (&self, &error) ? tool_run_wait (&self.run) : tool_complain (error);
      tool_run_clear (&self.run);
    }
  clear (&self);

  return status;
}
