/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/tool-output.h"

/* What goes to the standard output, at once. A program there that reads slowly holds messages back: nothing more is
 * received meanwhile. But a signal still ends the command. */

static gboolean
fail (GError **error)
{
  const int errnum = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errnum),
               _ ("Could not write to the standard output: %s"), g_strerror (errnum));

  return FALSE;
}

/* Waits until something can be written, which is a whole PIPE_BUF then. */
static gboolean
wait_for_room (GError **error)
{
  GPollFD fds[] = {
    { .fd = STDOUT_FILENO, .events = G_IO_OUT },
    { .fd = tool_signals_get_fd (), .events = G_IO_IN },
  };

  while (g_poll (fds, G_N_ELEMENTS (fds), -1) < 0)
    if (errno != EINTR)
      return fail (error);

  if (fds[1].revents == 0)
    return TRUE;

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "");

  return FALSE;
}

gboolean
tool_output_write (const char *text,
                   gsize       size,
                   GError    **error)
{
  while (size > 0)
    {
      gssize n_written;

      if (!wait_for_room (error))
        return FALSE;

      n_written = write (STDOUT_FILENO, text, MIN (size, PIPE_BUF));
      if (n_written < 0 && errno != EINTR && errno != EAGAIN)
        return fail (error);
      if (n_written > 0)
        {
          text += n_written;
          size -= n_written;
        }
    }

  return TRUE;
}

gboolean
tool_output_write_line (const char *line,
                        GError    **error)
{
  g_autofree char *text = g_strconcat (line, "\n", NULL);

  return tool_output_write (text, strlen (text), error);
}

gboolean
tool_output_write_message (ToolFormat *format,
                           ZmqMessage *message,
                           GError    **error)
{
  g_autoptr (GString) text = g_string_new (NULL);

  tool_format_print (format, message, text);

  return tool_output_write (text->str, text->len, error);
}

static gboolean
on_unwanted (int          fd,
             GIOCondition condition,
             gpointer     user_data)
{
  tool_run_end (user_data, TOOL_DONE);

  return G_SOURCE_REMOVE;
}

static gboolean
is_pipe (void)
{
  struct stat status;

  return fstat (STDOUT_FILENO, &status) == 0 && (S_ISFIFO (status.st_mode) || S_ISSOCK (status.st_mode));
}

/*
 * tool_output_watch:
 *
 * Ends the command when nobody reads its output any more, also when there is nothing to be written, so that no
 * message is received for nobody.
 *
 * Returns: (nullable) (transfer full): what to destroy
 */
GSource *
tool_output_watch (ToolRun *run)
{
  GSource *source;

  if (!is_pipe ())
    return NULL;

  source = g_unix_fd_source_new (STDOUT_FILENO, G_IO_ERR | G_IO_HUP);
  g_source_set_callback (source, (GSourceFunc) (GCallback) on_unwanted, run, NULL);
  g_source_set_priority (source, G_PRIORITY_HIGH);
  g_source_attach (source, NULL);

  return source;
}
