/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "inspector-make.h"
#include "inspector-proxy.h"
#include "inspector-socket.h"

typedef struct
{
  const char *key;
  const char *type;
} Part;

/* What is overlooked may be the certificate, and the socket then one that anybody can listen to. */
static gboolean
check (GVariant   *description,
       const Part *parts,
       guint       n_parts,
       GError    **error)
{
  GVariantIter iter;
  const char  *key;
  GVariant    *value;

  g_variant_iter_init (&iter, description);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &value))
    {
      g_autoptr (GVariant) owned = value;
      guint i = 0;

      while (i < n_parts && !(g_str_equal (parts[i].key, key) && g_str_equal (parts[i].type, g_variant_get_type_string (owned))))
        i++;
      if (i < n_parts)
        continue;
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _ ("There is no “%s” of the type “%s”"), key, g_variant_get_type_string (owned));
      return FALSE;
    }

  return TRUE;
}

static ZmqCertificate *
load (GVariant   *description,
      const char *key,
      GError    **error)
{
  const char *path;
  g_autoptr (GFile) file = NULL;

  if (!g_variant_lookup (description, key, "&s", &path))
    return NULL;
  file = g_file_new_for_commandline_arg (path);

  return zmqglib_certificate_load (file, NULL, error);
}

/* Who names the file that is for others means the pair. */
static ZmqCertificate *
load_own (GVariant *description,
          GError  **error)
{
  g_autoptr (ZmqCertificate) own = load (description, "certificate", error);
  g_autofree char *secret_path = NULL;
  const char      *path;
  g_autoptr (GFile) file = NULL;

  if (own == NULL || zmqglib_certificate_has_secret_key (own) || !g_variant_lookup (description, "certificate", "&s", &path))
    return g_steal_pointer (&own);

  secret_path = g_strconcat (path, "_secret", NULL);
  file = g_file_new_for_commandline_arg (secret_path);

  return zmqglib_certificate_load (file, NULL, error);
}

static gboolean
set_security (InspectorSocket *socket,
              GVariant        *description,
              GError         **error)
{
  g_autoptr (GError) own_error = NULL;
  g_autoptr (ZmqCertificate) own = load_own (description, &own_error);
  g_autoptr (ZmqCertificate) server = own_error == NULL ? load (description, "server-certificate", &own_error) : NULL;

  if (own_error == NULL && own == NULL && server != NULL)
    own = zmqglib_certificate_new (&own_error);
  if (own_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&own_error));
      return FALSE;
    }

  return own == NULL || inspector_socket_set_curve (socket, own, server, error);
}

static gboolean
for_each (InspectorSocket *socket,
          GVariant        *description,
          const char      *key,
          gboolean (*func) (InspectorSocket *socket,
                            const char      *text,
                            GError         **error),
          GError **error)
{
  g_autofree const char **texts = NULL;

  g_variant_lookup (description, key, "^a&s", &texts);
  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    if (!func (socket, texts[i], error))
      return FALSE;

  return TRUE;
}

InspectorSession *
inspector_make_socket (GVariant *description,
                       GError  **error)
{
  static const Part parts[] = {
    { "type", "s" },
    { "bind", "as" },
    { "connect", "as" },
    { "subscribe", "as" },
    { "certificate", "s" },
    { "server-certificate", "s" },
  };
  g_autoptr (InspectorSession) session = NULL;
  InspectorSocket *socket;
  const char      *type_name = "";
  ZmqSocketType    type;

  if (!check (description, parts, G_N_ELEMENTS (parts), error))
    return NULL;
  g_variant_lookup (description, "type", "&s", &type_name);
  if (!inspector_socket_parse_type (type_name, &type))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _ ("There is no type of socket “%s”"), type_name);
      return NULL;
    }

  session = inspector_socket_new (type, error);
  socket = (InspectorSocket *) session;
  if (session == NULL || !set_security (socket, description, error) ||
      !for_each (socket, description, "subscribe", inspector_socket_subscribe, error) ||
      !for_each (socket, description, "bind", inspector_socket_bind, error) ||
      !for_each (socket, description, "connect", inspector_socket_connect, error))
    return NULL;

  return g_steal_pointer (&session);
}

static gboolean
look_up_side (GVariant           *description,
              const char         *bind_key,
              const char         *connect_key,
              InspectorProxySide *side,
              GError            **error)
{
  side->is_bound = g_variant_lookup (description, bind_key, "&s", &side->address);
  if (side->is_bound || g_variant_lookup (description, connect_key, "&s", &side->address))
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _ ("A proxy needs two sides"));

  return FALSE;
}

InspectorSession *
inspector_make_proxy (GVariant *description,
                      GError  **error)
{
  static const Part parts[] = {
    { "pattern", "s" },
    { "frontend-bind", "s" },
    { "frontend-connect", "s" },
    { "backend-bind", "s" },
    { "backend-connect", "s" },
  };
  const char        *pattern = "requests";
  InspectorProxySide frontend, backend;

  g_variant_lookup (description, "pattern", "&s", &pattern);
  if (!check (description, parts, G_N_ELEMENTS (parts), error) ||
      !look_up_side (description, "frontend-bind", "frontend-connect", &frontend, error) ||
      !look_up_side (description, "backend-bind", "backend-connect", &backend, error))
    return NULL;

  return inspector_proxy_new (pattern, &frontend, &backend, error);
}
