/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "tool/tool-command.h"
#include "tool/tool-endpoints.h"

#define TYPES                                                                                                       \
  (TOOL_TYPE_BIT (ZMQGLIB_SOCKET_ROUTER) | TOOL_TYPE_BIT (ZMQGLIB_SOCKET_DEALER) |                                  \
   TOOL_TYPE_BIT (ZMQGLIB_SOCKET_XSUB) | TOOL_TYPE_BIT (ZMQGLIB_SOCKET_XPUB) | TOOL_TYPE_BIT (ZMQGLIB_SOCKET_SUB) | \
   TOOL_TYPE_BIT (ZMQGLIB_SOCKET_PUB) | TOOL_TYPE_BIT (ZMQGLIB_SOCKET_PULL) |                                       \
   TOOL_TYPE_BIT (ZMQGLIB_SOCKET_PUSH) | TOOL_TYPE_BIT (ZMQGLIB_SOCKET_PAIR))

enum
{
  FRONTEND,
  BACKEND,
  N_SIDES,
};

typedef struct
{
  ToolRun       run;
  ToolEndpoints endpoints;
  char        **addresses;
  gboolean      connects[N_SIDES];
  char         *type_names;
  char         *capture_address;
  double        timeout;
  ZmqSocketType types[N_SIDES];
  ZmqSocket    *sockets[N_SIDES];
  ZmqSocket    *capture;
  ZmqProxy     *proxy;
} Proxy;

static void
close_sockets (gpointer user_data)
{
  Proxy *self = user_data;

  zmqglib_proxy_stop (self->proxy);
  for (guint i = 0; i < N_SIDES; i++)
    zmqglib_socket_close (self->sockets[i]);
  if (self->capture != NULL)
    zmqglib_socket_close (self->capture);
}

static void
on_stopped (ZmqProxy     *proxy,
            const GError *error,
            Proxy        *self)
{
  if (error != NULL)
    tool_run_fail (&self->run, error);
}

static gboolean
parse_types (Proxy   *self,
             GError **error)
{
  const char *names = self->type_names != NULL ? self->type_names : "router:dealer";
  g_auto (GStrv) parts = g_strsplit (names, ":", -1);

  if (g_strv_length (parts) == N_SIDES)
    return tool_type_parse (parts[FRONTEND], TYPES, &self->types[FRONTEND], error) &&
           tool_type_parse (parts[BACKEND], TYPES, &self->types[BACKEND], error);

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("“%s” is no FRONTEND:BACKEND"), names);

  return FALSE;
}

static gboolean
check (Proxy   *self,
       GError **error)
{
  if (self->addresses == NULL || g_strv_length (self->addresses) != N_SIDES)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("It takes the endpoints of a FRONTEND and a BACKEND"));
      return FALSE;
    }

  return parse_types (self, error) && tool_command_check_timeout (self->timeout, error);
}

static ZmqSocket *
create_side (Proxy   *self,
             guint    side,
             GError **error)
{
  g_autoptr (ZmqSocket) socket = tool_endpoints_create (&self->endpoints, self->types[side], error);
  gboolean is_open;

  if (socket == NULL || (self->types[side] == ZMQGLIB_SOCKET_SUB && !zmqglib_socket_subscribe (socket, "", error)))
    return NULL;

  is_open = self->connects[side] ? tool_endpoints_connect (&self->endpoints, socket, self->addresses[side], error)
                                 : tool_endpoints_bind (&self->endpoints, socket, self->addresses[side], error);

  return is_open ? g_steal_pointer (&socket) : NULL;
}

static gboolean
create_capture (Proxy   *self,
                GError **error)
{
  if (self->capture_address == NULL)
    return TRUE;

  self->capture = tool_endpoints_create (&self->endpoints, ZMQGLIB_SOCKET_PUB, error);

  return self->capture != NULL && tool_endpoints_bind (&self->endpoints, self->capture, self->capture_address, error);
}

static gboolean
start (Proxy   *self,
       GError **error)
{
  if (!check (self, error) || !tool_endpoints_load (&self->endpoints, &self->run, error))
    return FALSE;

  for (guint i = 0; i < N_SIDES; i++)
    {
      self->sockets[i] = create_side (self, i, error);
      if (self->sockets[i] == NULL)
        return FALSE;
    }
  if (!create_capture (self, error))
    return FALSE;

  self->proxy = zmqglib_proxy_new (self->sockets[FRONTEND], self->sockets[BACKEND], self->capture, error);
  if (self->proxy == NULL)
    return FALSE;
  g_signal_connect (self->proxy, "stopped", G_CALLBACK (on_stopped), self);
  zmqglib_proxy_start (self->proxy);

  return TRUE;
}

static char *
describe (guint64 n_messages,
          guint64 n_bytes)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT " (%" G_GUINT64_FORMAT " bytes)", n_messages, n_bytes);
}

static void
show_statistics (Proxy *self)
{
  g_autofree char *in = NULL;
  g_autofree char *out = NULL;

  if (!self->endpoints.is_verbose || self->proxy == NULL)
    return;

  in = describe (zmqglib_proxy_get_n_forwarded_in (self->proxy), zmqglib_proxy_get_n_bytes_in (self->proxy));
  out = describe (zmqglib_proxy_get_n_forwarded_out (self->proxy), zmqglib_proxy_get_n_bytes_out (self->proxy));
  /* Translators: the name of the command, and how many messages went where */
  g_printerr (_ ("%s: Messages to the backend: %s, to the frontend: %s\n"), g_get_prgname (), in, out);
}

static void
clear (Proxy *self)
{
  g_clear_object (&self->proxy);
  tool_endpoints_clear (&self->endpoints);
  for (guint i = 0; i < N_SIDES; i++)
    g_clear_object (&self->sockets[i]);
  g_clear_object (&self->capture);
  g_strfreev (self->addresses);
  g_free (self->type_names);
  g_free (self->capture_address);
}

static GOptionGroup *
create_options (Proxy *self)
{
  const GOptionEntry entries[] = {
    { "types", 't', 0, G_OPTION_ARG_STRING, &self->type_names, N_ ("The types of the sockets: router:dealer (the default), xsub:xpub, pull:push and others"), N_ ("FRONTEND:BACKEND") },
    { "connect-frontend", 0, 0, G_OPTION_ARG_NONE, &self->connects[FRONTEND], N_ ("Connect the frontend rather than bind it"), NULL },
    { "connect-backend", 0, 0, G_OPTION_ARG_NONE, &self->connects[BACKEND], N_ ("Connect the backend rather than bind it"), NULL },
    { "capture", 0, 0, G_OPTION_ARG_STRING, &self->capture_address, N_ ("Publish a copy of each message there"), N_ ("ENDPOINT") },
    { "timeout", 'T', 0, G_OPTION_ARG_DOUBLE, &self->timeout, N_ ("Give up after this time"), N_ ("SECONDS") },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->addresses, NULL, N_ ("FRONTEND BACKEND") },
    { NULL },
  };
  GOptionGroup *group = g_option_group_new ("proxy", "", "", self, NULL);

  g_option_group_add_entries (group, entries);
  tool_endpoints_add_entries (&self->endpoints, group);

  return group;
}

int
tool_proxy (int    argc,
            char **argv)
{
  const ToolUsage usage = {
    .summary = _ ("Forwards what is received at the endpoint FRONTEND to the endpoint BACKEND, and back, until it is interrupted."),
  };
  Proxy self = { 0 };
  g_autoptr (GError) error = NULL;
  int status = TOOL_DONE;

  if (tool_command_parse (&usage, create_options (&self), argc, argv, &status))
    {
      tool_run_init (&self.run, TRUE, self.timeout, close_sockets, &self);
      status = start (&self, &error) ? tool_run_wait (&self.run) : tool_complain (error);
      show_statistics (&self);
      tool_run_clear (&self.run);
    }
  clear (&self);

  return status;
}
