/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <unistd.h>

#include "tool/tool-run.h"

/* How long a service that is interrupted waits for its last messages to leave. */
#define GRACE_MS 1000

/*
 * tool_status_of_error:
 *
 * Returns: what a command exits with that has failed with @error
 */
int
tool_status_of_error (const GError *error)
{
  if (error->domain == G_OPTION_ERROR)
    return TOOL_USAGE;
  else if (g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN))
    return TOOL_TIME_UP;
  else
    return TOOL_FAILED;
}

/*
 * tool_complain:
 *
 * Tells the user what has gone wrong.
 *
 * Returns: what to exit with
 */
int
tool_complain (const GError *error)
{
  const int status = tool_status_of_error (error);

  g_printerr ("%s: %s\n", g_get_prgname (), error->message);
  if (status == TOOL_USAGE)
    /* Translators: the name of a command */
    g_printerr (_ ("See “%s --help”.\n"), g_get_prgname ());

  return status;
}

static void
clear_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
set_deadline (ToolRun    *self,
              guint       milliseconds,
              GSourceFunc func)
{
  clear_source (&self->deadline);
  self->deadline = g_timeout_source_new (milliseconds);
  g_source_set_callback (self->deadline, func, self, NULL);
  g_source_attach (self->deadline, NULL);
}

static gboolean
on_time_up (gpointer user_data)
{
  ToolRun *self = user_data;

  if (self->hint != NULL)
    g_printerr ("%s: %s\n", g_get_prgname (), self->hint);
  g_printerr ("%s: %s\n", g_get_prgname (), _ ("The time is up"));
  tool_run_end (self, TOOL_TIME_UP);

  return G_SOURCE_REMOVE;
}

static gboolean
on_grace_over (gpointer user_data)
{
  tool_run_end (user_data, TOOL_DONE);

  return G_SOURCE_REMOVE;
}

static gboolean
on_signal (int          fd,
           GIOCondition condition,
           gpointer     user_data)
{
  ToolRun *self = user_data;
  guint8   signal_number;

  if (read (fd, &signal_number, 1) != 1)
    return G_SOURCE_CONTINUE;

  if (!self->is_service || self->is_leaving)
    tool_run_end (self, self->is_service ? TOOL_DONE : 128 + signal_number);
  else
    {
      set_deadline (self, GRACE_MS, on_grace_over);
      tool_run_leave (self);
    }

  return G_SOURCE_CONTINUE;
}

/*
 * tool_run_init:
 * @is_service: whether the command goes on until it is interrupted
 * @timeout: after how many seconds the time is up; 0 for never
 * @close: closes the command's sockets
 */
void
tool_run_init (ToolRun      *self,
               gboolean      is_service,
               double        timeout,
               ToolCloseFunc close_func,
               gpointer      user_data)
{
  *self = (ToolRun){
    .loop = g_main_loop_new (NULL, FALSE),
    .cancellable = g_cancellable_new (),
    .is_service = is_service,
    .close = close_func,
    .user_data = user_data,
  };
  if (timeout > 0)
    set_deadline (self, MIN (timeout * 1000 + 0.5, G_MAXINT), on_time_up);

  self->signals = g_unix_fd_source_new (tool_signals_get_fd (), G_IO_IN);
  g_source_set_callback (self->signals, (GSourceFunc) (GCallback) on_signal, self, NULL);
  g_source_set_priority (self->signals, G_PRIORITY_HIGH);
  g_source_attach (self->signals, NULL);
}

void
tool_run_clear (ToolRun *self)
{
  clear_source (&self->deadline);
  clear_source (&self->signals);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->loop, g_main_loop_unref);
  g_clear_pointer (&self->hint, g_free);
}

/*
 * tool_run_wait:
 *
 * Runs the main loop, unless the command has come to its end already.
 *
 * Returns: what to exit with
 */
int
tool_run_wait (ToolRun *self)
{
  if (!self->is_ended)
    g_main_loop_run (self->loop);

  return self->status;
}

/*
 * tool_run_end:
 *
 * Ends the command. The first status counts.
 */
void
tool_run_end (ToolRun *self,
              int      status)
{
  if (self->is_ended)
    return;

  self->is_ended = TRUE;
  self->status = status;
  g_main_loop_quit (self->loop);
}

/*
 * tool_run_fail:
 * @error: why; %G_IO_ERROR_CANCELLED for what a signal has ended, which tells so itself, and %G_IO_ERROR_BROKEN_PIPE for
 *   output that nobody wants any more
 *
 * Tells the user, and ends the command.
 */
void
tool_run_fail (ToolRun      *self,
               const GError *error)
{
  if (self->is_ended || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE))
    tool_run_end (self, TOOL_DONE);
  else
    tool_run_end (self, tool_complain (error));
}

static void
on_terminated (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr (GError) error = NULL;

  if (zmqglib_context_terminate_finish (ZMQGLIB_CONTEXT (source), result, &error))
    tool_run_end (user_data, TOOL_DONE);
  else
    tool_run_fail (user_data, error);
}

/*
 * tool_run_leave:
 *
 * Closes the sockets, and ends the command when all has left that was sent.
 */
void
tool_run_leave (ToolRun *self)
{
  if (self->is_leaving)
    return;

  self->is_leaving = TRUE;
  self->close (self->user_data);
  zmqglib_context_terminate_async (zmqglib_context_get_default (), self->cancellable, on_terminated, self);
}

/*
 * tool_run_set_hint:
 * @hint: what has gone wrong, and is tried again
 */
void
tool_run_set_hint (ToolRun    *self,
                   const char *hint)
{
  g_free (self->hint);
  self->hint = g_strdup (hint);
}
