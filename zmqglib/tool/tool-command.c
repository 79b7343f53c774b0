/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "tool/tool-command.h"
#include "tool/tool-run.h"

/* Longer than anybody waits. */
#define MAX_TIMEOUT_SECONDS 1e9

/* GLib says of a text in another encoding neither what it is nor that it is wrong use. */
static void
mend_error (GError **error)
{
  g_autoptr (GError) reason = NULL;

  if ((*error)->domain != G_CONVERT_ERROR)
    return;

  reason = g_steal_pointer (error);
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("The value of an option is no text: %s"), reason->message);
}

/*
 * tool_command_parse:
 * @group: (transfer full): the options
 * @argv: the name of the command, and its arguments
 * @status: (out): what to exit with when this fails
 *
 * Parses the command line of a command. “--help” prints it and ends the program.
 */
gboolean
tool_command_parse (const ToolUsage *usage,
                    GOptionGroup    *group,
                    int              argc,
                    char           **argv,
                    int             *status)
{
  g_autoptr (GOptionContext) context = g_option_context_new (usage->parameters);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) arguments = g_strdupv (argv);

  g_option_group_set_translation_domain (group, GETTEXT_PACKAGE);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, usage->summary);
  g_option_context_set_strict_posix (context, usage->is_strict);
  g_option_context_set_main_group (context, group);

  if (g_option_context_parse_strv (context, &arguments, &error))
    {
      if (arguments[0] == NULL || arguments[1] == NULL)
        return TRUE;
      g_set_error (&error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("There is no use for “%s”"), arguments[1]);
    }

  mend_error (&error);
  /* a file that cannot be read, for instance, is not a wrong use */
  *status = tool_complain (error);

  return FALSE;
}

/*
 * tool_command_check_timeout:
 *
 * For what may be any number, also none.
 */
gboolean
tool_command_check_timeout (double   timeout,
                            GError **error)
{
  if (timeout >= 0)
    return TRUE;

  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("A time limit is not negative"));

  return FALSE;
}

/*
 * tool_command_get_timeout_us:
 * @timeout: a number of seconds, or 0 for none
 *
 * Returns: as many microseconds, or -1 for no limit
 */
gint64
tool_command_get_timeout_us (double timeout)
{
  return timeout > 0 ? MIN (timeout, MAX_TIMEOUT_SECONDS) * G_USEC_PER_SEC : -1;
}
