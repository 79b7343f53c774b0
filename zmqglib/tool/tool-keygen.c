/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "tool/tool-command.h"
#include "tool/tool-output.h"

typedef struct
{
  char   **paths;
  char   **metadata;
  gboolean overwrites;
} Keygen;

static gboolean
check_absent (const char *path,
              GError    **error)
{
  if (!g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    return TRUE;

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, _ ("There is a file “%s” already; --force replaces it"), path);

  return FALSE;
}

static GHashTable *
parse_metadata (Keygen  *self,
                GError **error)
{
  g_autoptr (GHashTable) metadata = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint i = 0; self->metadata != NULL && self->metadata[i] != NULL; i++)
    {
      const char *equals = strchr (self->metadata[i], '=');

      if (equals == NULL)
        {
          g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("“%s” is no NAME=VALUE"), self->metadata[i]);
          return NULL;
        }
      g_hash_table_replace (metadata, g_strndup (self->metadata[i], equals - self->metadata[i]), g_strdup (equals + 1));
    }

  return g_steal_pointer (&metadata);
}

static ZmqCertificate *
create_certificate (GHashTable *metadata,
                    GError    **error)
{
  g_autofree char *public_key = NULL;
  g_autofree char *secret_key = NULL;
  ZmqCertificate  *certificate;

  if (!zmqglib_curve_keypair (&public_key, &secret_key, error))
    return NULL;

  certificate = zmqglib_certificate_new_from_keys (public_key, secret_key, metadata, error);
  explicit_bzero (secret_key, strlen (secret_key));

  return certificate;
}

static gboolean
generate (Keygen  *self,
          GError **error)
{
  g_autoptr (GHashTable) metadata = NULL;
  g_autoptr (ZmqCertificate) certificate = NULL;
  g_autoptr (GFile) file = NULL;
  g_autofree char *secret_path = NULL;

  if (self->paths == NULL || self->paths[1] != NULL)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("It takes one FILE"));
      return FALSE;
    }

  secret_path = g_strconcat (self->paths[0], "_secret", NULL);
  if (!self->overwrites && (!check_absent (self->paths[0], error) || !check_absent (secret_path, error)))
    return FALSE;

  metadata = parse_metadata (self, error);
  certificate = metadata != NULL ? create_certificate (metadata, error) : NULL;
  if (certificate == NULL)
    return FALSE;

  file = g_file_new_for_path (self->paths[0]);

  return zmqglib_certificate_save (certificate, file, NULL, error) &&
         tool_output_write_line (zmqglib_certificate_get_public_key (certificate), error);
}

static GOptionGroup *
create_options (Keygen *self)
{
  const GOptionEntry entries[] = {
    { "metadata", 'm', 0, G_OPTION_ARG_STRING_ARRAY, &self->metadata, N_ ("Write this beside the keys; “name” is what an authenticator calls the owner"), N_ ("NAME=VALUE") },
    { "force", 0, 0, G_OPTION_ARG_NONE, &self->overwrites, N_ ("Replace files that are there"), NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->paths, NULL, N_ ("FILE") },
    { NULL },
  };
  GOptionGroup *group = g_option_group_new ("keygen", "", "", self, NULL);

  g_option_group_add_entries (group, entries);

  return group;
}

int
tool_keygen (int    argc,
             char **argv)
{
  const ToolUsage usage = {
    .summary = _ ("Makes a new pair of keys of CURVE. The public key is written to FILE, for others, and printed; both are written to "
                  "FILE_secret, which is for us alone."),
  };
  Keygen self = { 0 };
  g_autoptr (GError) error = NULL;
  int status = TOOL_DONE;

  if (tool_command_parse (&usage, create_options (&self), argc, argv, &status) && !generate (&self, &error))
    status = tool_complain (error);
  g_strfreev (self.paths);
  g_strfreev (self.metadata);

  return status;
}
