/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "tool/tool-security.h"

/* Security fails closed: what was asked for in part only is an error of use, and a server says whom it lets in. */

void
tool_security_add_entries (ToolSecurity *self,
                           GOptionGroup *group)
{
  const GOptionEntry entries[] = {
    { "certificate", 'C', 0, G_OPTION_ARG_FILENAME, &self->certificate, N_ ("Our own certificate of CURVE, as keygen writes it"), N_ ("FILE") },
    { "server-key", 'K', 0, G_OPTION_ARG_FILENAME, &self->server, N_ ("The certificate of the server to be talked to by CURVE, or its public key"), N_ ("FILE|KEY") },
    { "curve-server", 0, 0, G_OPTION_ARG_NONE, &self->is_server, N_ ("Be a server of CURVE, with --certificate"), NULL },
    { "allow", 'a', 0, G_OPTION_ARG_FILENAME_ARRAY, &self->allowed, N_ ("Let in who has one of these certificates"), N_ ("FILE|DIRECTORY") },
    { "allow-any", 0, 0, G_OPTION_ARG_NONE, &self->allows_any, N_ ("Let in everybody who knows our public key"), NULL },
    { "user", 'u', 0, G_OPTION_ARG_STRING, &self->user, N_ ("Our name in PLAIN, which sends passwords in clear"), N_ ("NAME") },
    { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &self->password_file, N_ ("What has our password in PLAIN as its first line"), N_ ("FILE") },
    { "passwords", 0, 0, G_OPTION_ARG_FILENAME, &self->passwords, N_ ("Be a server of PLAIN, for the users in the file: NAME:PASSWORD, a line each"), N_ ("FILE") },
    { NULL },
  };

  g_option_group_add_entries (group, entries);
}

static void
clear_secret (char **secret)
{
  if (*secret != NULL)
    explicit_bzero (*secret, strlen (*secret));
  g_clear_pointer (secret, g_free);
}

void
tool_security_clear (ToolSecurity *self)
{
  g_clear_pointer (&self->certificate, g_free);
  g_clear_pointer (&self->server, g_free);
  g_clear_pointer (&self->allowed, g_strfreev);
  g_clear_pointer (&self->user, g_free);
  g_clear_pointer (&self->password_file, g_free);
  g_clear_pointer (&self->passwords, g_free);
  g_clear_object (&self->own);
  g_clear_pointer (&self->server_key, g_free);
  clear_secret (&self->password);
  g_clear_object (&self->authenticator);
}

static const char *
find_contradiction (ToolSecurity *self)
{
  const gboolean is_curve = self->is_server || self->server != NULL;
  const gboolean is_plain = self->user != NULL || self->password_file != NULL || self->passwords != NULL;

  if (is_curve && is_plain)
    return _ ("CURVE and PLAIN do not go together");
  if (self->certificate != NULL && !is_curve)
    return _ ("--certificate needs --server-key or --curve-server: nothing would be encrypted");
  if (self->is_server && self->certificate == NULL)
    return _ ("--curve-server needs --certificate");
  if (self->is_server && self->allowed == NULL && !self->allows_any)
    return _ ("--curve-server needs --allow or --allow-any: nobody could come in");
  if (self->allowed != NULL && self->allows_any)
    return _ ("--allow and --allow-any do not go together");
  if (!self->is_server && (self->allowed != NULL || self->allows_any))
    return _ ("--allow and --allow-any are for --curve-server");
  if ((self->user == NULL) != (self->password_file == NULL))
    return _ ("--user and --password-file need each other");

  return NULL;
}

static ZmqCertificate *
load_certificate (const char *path,
                  GError    **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);

  return zmqglib_certificate_load (file, NULL, error);
}

/* The pair: the public file is named, or the secret one. */
static ZmqCertificate *
load_pair (const char *path,
           GError    **error)
{
  g_autoptr (ZmqCertificate) certificate = load_certificate (path, error);
  g_autofree char *secret_path = NULL;

  if (certificate == NULL || zmqglib_certificate_has_secret_key (certificate))
    return g_steal_pointer (&certificate);

  secret_path = g_strconcat (path, "_secret", NULL);

  return load_certificate (secret_path, error);
}

/* A file, or the key itself. */
static char *
load_server_key (const char *text,
                 GError    **error)
{
  g_autoptr (ZmqCertificate) certificate = NULL;

  if (strlen (text) == 40 && !g_file_test (text, G_FILE_TEST_EXISTS))
    certificate = zmqglib_certificate_new_from_keys (text, NULL, NULL, error);
  else
    certificate = load_certificate (text, error);

  return certificate != NULL ? g_strdup (zmqglib_certificate_get_public_key (certificate)) : NULL;
}

static gboolean
load_password (ToolSecurity *self,
               GError      **error)
{
  if (!g_file_get_contents (self->password_file, &self->password, NULL, error))
    return FALSE;

  self->password[strcspn (self->password, "\r\n")] = '\0';

  return TRUE;
}

static gboolean
allow_certificates (ToolSecurity *self,
                    const char   *path,
                    GError      **error)
{
  g_autoptr (GFile) directory = g_file_new_for_path (path);
  g_autoptr (ZmqCertificate) certificate = NULL;

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return zmqglib_authenticator_set_certificate_directory (self->authenticator, NULL, directory, error);

  certificate = load_certificate (path, error);
  if (certificate == NULL)
    return FALSE;

  return zmqglib_authenticator_allow_key (self->authenticator, NULL, zmqglib_certificate_get_public_key (certificate),
                                          g_hash_table_lookup (zmqglib_certificate_get_metadata (certificate), "name"));
}

static gboolean
allow_passwords (ToolSecurity *self,
                 GError      **error)
{
  g_autofree char *content = NULL;
  gsize            size;
  char            *line;
  char            *rest;

  if (!g_file_get_contents (self->passwords, &content, &size, error))
    return FALSE;

  for (line = strtok_r (content, "\r\n", &rest); line != NULL; line = strtok_r (NULL, "\r\n", &rest))
    {
      char *password = strchr (line, ':');

      if (password != NULL)
        {
          *password = '\0';
          zmqglib_authenticator_add_password (self->authenticator, NULL, line, password + 1);
        }
    }
  explicit_bzero (content, size);

  return TRUE;
}

static gboolean
check_directories (ToolSecurity *self,
                   GError      **error)
{
  guint n = 0;

  for (guint i = 0; self->allowed != NULL && self->allowed[i] != NULL; i++)
    n += g_file_test (self->allowed[i], G_FILE_TEST_IS_DIR);
  if (n <= 1)
    return TRUE;

  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("--allow takes files, and one directory at most"));

  return FALSE;
}

/* Before there is any socket: from then on nobody unknown comes in. */
static gboolean
make_authenticator (ToolSecurity *self,
                    GError      **error)
{
  if (!self->is_server && self->passwords == NULL)
    return TRUE;

  self->authenticator = zmqglib_authenticator_new (NULL, error);
  if (self->authenticator == NULL || !check_directories (self, error))
    return FALSE;

  if (self->allows_any)
    zmqglib_authenticator_allow_any_curve (self->authenticator, NULL);
  for (guint i = 0; self->allowed != NULL && self->allowed[i] != NULL; i++)
    if (!allow_certificates (self, self->allowed[i], error))
      return FALSE;

  return self->passwords == NULL || allow_passwords (self, error);
}

/*
 * tool_security_load:
 *
 * Looks at what the user has chosen, reads the files, and sets up who may come in. It comes before any socket.
 */
gboolean
tool_security_load (ToolSecurity *self,
                    GError      **error)
{
  const char *contradiction = find_contradiction (self);

  if (contradiction != NULL)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, contradiction);
      return FALSE;
    }

  if (self->certificate != NULL)
    self->own = load_pair (self->certificate, error);
  else if (self->server != NULL)
    /* a stranger, for servers that let in anybody */
    self->own = zmqglib_certificate_new (error);
  if ((self->certificate != NULL || self->server != NULL) && self->own == NULL)
    return FALSE;

  if (self->server != NULL)
    {
      self->server_key = load_server_key (self->server, error);
      if (self->server_key == NULL)
        return FALSE;
    }

  return (self->password_file == NULL || load_password (self, error)) && make_authenticator (self, error);
}

static gboolean
set_option (ZmqSocket  *socket,
            const char *name,
            GType       type,
            const char *text,
            GError    **error)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, type);
  if (type == G_TYPE_BOOLEAN)
    g_value_set_boolean (&value, TRUE);
  else
    g_value_set_static_string (&value, text);

  return zmqglib_socket_set_option (socket, name, &value, error);
}

/*
 * tool_security_apply:
 * @binds: whether the socket is to be bound next, rather than connected
 *
 * Sets what holds for the next endpoint. A role that was not asked for is no reason to talk in clear: who is only a
 * server is one where it connects as well, and the other way round.
 */
gboolean
tool_security_apply (ToolSecurity *self,
                     ZmqSocket    *socket,
                     gboolean      binds,
                     GError      **error)
{
  if (self->is_server && (binds || self->server_key == NULL))
    return zmqglib_socket_set_curve_server (socket, self->own, error);
  else if (self->server_key != NULL)
    return zmqglib_socket_set_curve_client (socket, self->own, self->server_key, error);
  else if (self->passwords != NULL && (binds || self->user == NULL))
    return set_option (socket, "plain-server", G_TYPE_BOOLEAN, NULL, error);
  else if (self->user != NULL)
    return set_option (socket, "plain-username", G_TYPE_STRING, self->user, error) &&
           set_option (socket, "plain-password", G_TYPE_STRING, self->password, error);
  else
    return TRUE;
}
