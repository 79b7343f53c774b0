/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "tool/tool-command.h"
#include "tool/tool-endpoints.h"
#include "tool/tool-output.h"

#define TYPES (TOOL_TYPE_BIT (ZMQGLIB_SOCKET_STREAM + 1) - 1)

typedef struct
{
  ToolRun       run;
  ToolEndpoints endpoints;
  char         *type_name;
  char        **kind_names;
  double        timeout;
  gint64        count;
  guint         kinds;
  ZmqSocketType type;
  ZmqSocket    *socket;
  GSource      *unwanted;
  gint64        n_events;
} Monitor;

static void
close_socket (gpointer user_data)
{
  Monitor *self = user_data;

  zmqglib_socket_close (self->socket);
}

static void
on_event (ZmqMonitor      *monitor,
          ZmqMonitorEvent *event,
          Monitor         *self)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  /* that we close the socket ourselves is no news */
  if (self->run.is_ended || self->run.is_leaving || !(zmqglib_monitor_event_get_kind (event) & self->kinds))
    return;

  text = zmqglib_monitor_event_to_string (event);
  if (!tool_output_write_line (text, &error))
    tool_run_fail (&self->run, error);
  else if (++self->n_events == self->count)
    tool_run_end (&self->run, TOOL_DONE);
}

static gboolean
parse_kinds (Monitor *self,
             GError **error)
{
  g_autoptr (GFlagsClass) kinds = g_type_class_ref (ZMQGLIB_TYPE_MONITOR_EVENT_KIND);

  self->kinds = self->kind_names == NULL ? G_MAXUINT : 0;
  for (guint i = 0; self->kind_names != NULL && self->kind_names[i] != NULL; i++)
    {
      GFlagsValue *value = g_flags_get_value_by_nick (kinds, self->kind_names[i]);

      if (value == NULL)
        {
          g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("There is no event “%s”"), self->kind_names[i]);
          return FALSE;
        }
      self->kinds |= value->value;
    }

  return TRUE;
}

static gboolean
check (Monitor *self,
       GError **error)
{
  if (!tool_type_parse (self->type_name != NULL ? self->type_name : "dealer", TYPES, &self->type, error) ||
      !parse_kinds (self, error) || !tool_endpoints_check (&self->endpoints, error) ||
      !tool_command_check_timeout (self->timeout, error))
    return FALSE;

  if (self->count >= 0)
    return TRUE;
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("A count and an interval are not negative"));

  return FALSE;
}

static gboolean
start (Monitor *self,
       GError **error)
{
  if (!check (self, error) || !tool_endpoints_load (&self->endpoints, &self->run, error))
    return FALSE;

  self->socket = tool_endpoints_create (&self->endpoints, self->type, error);
  if (self->socket == NULL)
    return FALSE;

  g_signal_connect (g_ptr_array_index (self->endpoints.monitors, 0), "event", G_CALLBACK (on_event), self);
  self->unwanted = tool_output_watch (&self->run);

  return tool_endpoints_attach (&self->endpoints, self->socket, error);
}

static void
clear (Monitor *self)
{
  if (self->unwanted != NULL)
    g_source_destroy (self->unwanted);
  g_clear_pointer (&self->unwanted, g_source_unref);
  tool_endpoints_clear (&self->endpoints);
  g_clear_object (&self->socket);
  g_strfreev (self->kind_names);
  g_free (self->type_name);
}

static GOptionGroup *
create_options (Monitor *self)
{
  const GOptionEntry entries[] = {
    { "type", 't', 0, G_OPTION_ARG_STRING, &self->type_name, N_ ("The type of the socket, by default dealer"), N_ ("TYPE") },
    { "event", 'e', 0, G_OPTION_ARG_STRING_ARRAY, &self->kind_names, N_ ("Print events of this kind, as connected or handshake-failed-auth; may be given several times"), N_ ("KIND") },
    { "count", 'n', 0, G_OPTION_ARG_INT64, &self->count, N_ ("End after so many events"), N_ ("N") },
    { "timeout", 'T', 0, G_OPTION_ARG_DOUBLE, &self->timeout, N_ ("Give up after this time"), N_ ("SECONDS") },
    { NULL },
  };
  GOptionGroup *group = g_option_group_new ("monitor", "", "", self, NULL);

  tool_endpoints_add_addresses (&self->endpoints, group);
  g_option_group_add_entries (group, entries);
  tool_endpoints_add_entries (&self->endpoints, group);

  return group;
}

int
tool_monitor (int    argc,
              char **argv)
{
  const ToolUsage usage = {
    .summary = _ ("Binds or connects a socket, and prints what happens to its connections, a line each. It neither sends nor "
                  "receives."),
  };
  Monitor self = { 0 };
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
