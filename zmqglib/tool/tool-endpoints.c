/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "tool/tool-endpoints.h"
#include "tool/tool-option.h"

/* What says why nothing gets through. */
#define FAILED_HANDSHAKES \
  (ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_AUTH)

void
tool_endpoints_add_entries (ToolEndpoints *self,
                            GOptionGroup  *group)
{
  const GOptionEntry entries[] = {
    { "option", 'o', 0, G_OPTION_ARG_STRING_ARRAY, &self->options, N_ ("Set an option of the socket, by the name of its property"), N_ ("NAME=VALUE") },
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &self->is_verbose, N_ ("Tell what happens to connections, on the standard error"), NULL },
    { NULL },
  };

  g_option_group_add_entries (group, entries);
  tool_security_add_entries (&self->security, group);
}

void
tool_endpoints_add_addresses (ToolEndpoints *self,
                              GOptionGroup  *group)
{
  const GOptionEntry entries[] = {
    { "bind", 'b', 0, G_OPTION_ARG_STRING_ARRAY, &self->binds, N_ ("Wait for peers there"), N_ ("ENDPOINT") },
    { "connect", 'c', 0, G_OPTION_ARG_STRING_ARRAY, &self->connects, N_ ("Go to a peer there"), N_ ("ENDPOINT") },
    { NULL },
  };

  g_option_group_add_entries (group, entries);
}

void
tool_endpoints_clear (ToolEndpoints *self)
{
  g_clear_pointer (&self->monitors, g_ptr_array_unref);
  g_clear_pointer (&self->binds, g_strfreev);
  g_clear_pointer (&self->connects, g_strfreev);
  g_clear_pointer (&self->options, g_strfreev);
  tool_security_clear (&self->security);
}

/*
 * tool_endpoints_load:
 *
 * To be called before anything else, and before there is any socket.
 */
gboolean
tool_endpoints_load (ToolEndpoints *self,
                     ToolRun       *run,
                     GError       **error)
{
  self->run = run;
  self->monitors = g_ptr_array_new_with_free_func (g_object_unref);

  return tool_security_load (&self->security, error);
}

/*
 * tool_endpoints_check:
 *
 * For commands that need an endpoint.
 */
gboolean
tool_endpoints_check (ToolEndpoints *self,
                      GError       **error)
{
  if (self->binds != NULL || self->connects != NULL)
    return TRUE;

  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("There is no endpoint: --bind or --connect says where"));

  return FALSE;
}

static void
on_event (ZmqMonitor      *monitor,
          ZmqMonitorEvent *event,
          ToolEndpoints   *self)
{
  g_autofree char *text = zmqglib_monitor_event_to_string (event);

  if (self->is_verbose)
    g_printerr ("%s: %s\n", g_get_prgname (), text);
  else if (zmqglib_monitor_event_get_kind (event) & FAILED_HANDSHAKES)
    tool_run_set_hint (self->run, text);
}

/*
 * tool_endpoints_configure:
 * @socket: a socket without endpoints
 *
 * Sets the options of a socket, and watches it.
 */
gboolean
tool_endpoints_configure (ToolEndpoints *self,
                          ZmqSocket     *socket,
                          GError       **error)
{
  g_autoptr (ZmqMonitor) monitor = NULL;

  for (guint i = 0; self->options != NULL && self->options[i] != NULL; i++)
    if (!tool_option_set (socket, self->options[i], error))
      return FALSE;

  monitor = zmqglib_monitor_new (socket, error);
  if (monitor == NULL)
    return FALSE;

  g_signal_connect (monitor, "event", G_CALLBACK (on_event), self);
  g_ptr_array_add (self->monitors, g_steal_pointer (&monitor));

  return TRUE;
}

/*
 * tool_endpoints_create:
 *
 * Returns: (transfer full): a new socket with the options that the user has chosen, or %NULL with @error set
 */
ZmqSocket *
tool_endpoints_create (ToolEndpoints *self,
                       ZmqSocketType  type,
                       GError       **error)
{
  g_autoptr (ZmqSocket) socket = zmqglib_socket_new (NULL, type, error);

  if (socket == NULL || !tool_endpoints_configure (self, socket, error))
    return NULL;

  return g_steal_pointer (&socket);
}

gboolean
tool_endpoints_bind (ToolEndpoints *self,
                     ZmqSocket     *socket,
                     const char    *endpoint,
                     GError       **error)
{
  g_autofree char *bound = NULL;

  if (!tool_security_apply (&self->security, socket, TRUE, error) || !zmqglib_socket_bind (socket, endpoint, error))
    return FALSE;

  g_object_get (socket, "last-endpoint", &bound, NULL);
  if (self->is_verbose)
    /* Translators: an endpoint */
    g_printerr (_ ("%s: Bound to %s\n"), g_get_prgname (), bound);

  return TRUE;
}

gboolean
tool_endpoints_connect (ToolEndpoints *self,
                        ZmqSocket     *socket,
                        const char    *endpoint,
                        GError       **error)
{
  return tool_security_apply (&self->security, socket, FALSE, error) && zmqglib_socket_connect_to (socket, endpoint, error);
}

/*
 * tool_endpoints_attach:
 *
 * Binds and connects a socket wherever the user says.
 */
gboolean
tool_endpoints_attach (ToolEndpoints *self,
                       ZmqSocket     *socket,
                       GError       **error)
{
  for (guint i = 0; self->binds != NULL && self->binds[i] != NULL; i++)
    if (!tool_endpoints_bind (self, socket, self->binds[i], error))
      return FALSE;
  for (guint i = 0; self->connects != NULL && self->connects[i] != NULL; i++)
    if (!tool_endpoints_connect (self, socket, self->connects[i], error))
      return FALSE;

  return TRUE;
}

/*
 * tool_type_parse:
 * @types: those that the command can use
 *
 * Finds a type of sockets by its name.
 */
gboolean
tool_type_parse (const char    *name,
                 ToolTypes      types,
                 ZmqSocketType *type,
                 GError       **error)
{
  g_autoptr (GEnumClass) class = g_type_class_ref (ZMQGLIB_TYPE_SOCKET_TYPE);
  g_autoptr (GString) names = NULL;
  GEnumValue *value = g_enum_get_value_by_nick (class, name);

  if (value != NULL && (types & TOOL_TYPE_BIT (value->value)))
    {
      *type = value->value;
      return TRUE;
    }

  names = g_string_new (NULL);
  for (guint i = 0; i < class->n_values; i++)
    if (types & TOOL_TYPE_BIT (class->values[i].value))
      g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", class->values[i].value_nick);
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               /* Translators: a type of sockets, and those that there are */
               _ ("“%s” is no type of socket for this command; there are %s"), name, names->str);

  return FALSE;
}
