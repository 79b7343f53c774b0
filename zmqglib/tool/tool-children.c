/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <gio/gunixoutputstream.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <string.h>

#include "tool/tool-children.h"

/*
 * tool_children_init:
 * @argv: (transfer none): a program and its arguments
 * @is_exact: whether what it writes is taken as it is
 */
void
tool_children_init (ToolChildren *self,
                    char        **argv,
                    ToolFormat   *format,
                    gboolean      is_exact)
{
  *self = (ToolChildren){
    .argv = argv,
    .format = format,
    .is_exact = is_exact,
    .running = g_ptr_array_new_with_free_func (g_object_unref),
  };
}

/* Nobody waits for what they would say. */
void
tool_children_clear (ToolChildren *self)
{
  for (guint i = 0; self->running != NULL && i < self->running->len; i++)
    g_subprocess_send_signal (g_ptr_array_index (self->running, i), SIGTERM);
  g_clear_pointer (&self->running, g_ptr_array_unref);
}

static GSubprocess *
spawn (ToolChildren *self,
       ZmqRequest   *request,
       GError      **error)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  const char *user_id = zmqglib_request_get_user_id (request);

  /* only what an authenticator vouches for, and not what we may have inherited */
  if (user_id != NULL)
    g_subprocess_launcher_setenv (launcher, "ZMQGLIB_USER_ID", user_id, TRUE);
  else
    g_subprocess_launcher_unsetenv (launcher, "ZMQGLIB_USER_ID");

  return g_subprocess_launcher_spawnv (launcher, (const char *const *) self->argv, error);
}

/* What the program has written, less the end of its last line, as a shell takes it; all of it when raw bytes were asked
 * for. */
static ZmqMessage *
parse_output (ToolChildren *self,
              GBytes       *output,
              GError      **error)
{
  gsize       size;
  const char *text = g_bytes_get_data (output, &size);

  if (!self->is_exact && size > 0 && text[size - 1] == '\n')
    size--;

  return tool_format_parse (self->format, text != NULL ? text : "", size, error);
}

static gboolean
check_exit (GSubprocess *child,
            GError     **error)
{
  if (g_subprocess_get_if_exited (child))
    return g_spawn_check_wait_status (g_subprocess_get_status (child), error);

  g_set_error (error, G_SPAWN_ERROR, G_SPAWN_ERROR_FAILED, _ ("The program was ended by signal %d"),
               g_subprocess_get_if_signaled (child) ? g_subprocess_get_term_sig (child) : 0);

  return FALSE;
}

static void
on_waited (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  GSubprocess *child = G_SUBPROCESS (source);
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) reply = NULL;
  ToolChildren *self = g_task_get_task_data (task);
  GBytes       *output = g_object_get_data (G_OBJECT (child), "output");

  g_subprocess_wait_finish (child, result, NULL);
  if (check_exit (child, &error))
    reply = parse_output (self, output, &error);
  g_ptr_array_remove_fast (self->running, child);

  if (reply != NULL)
    g_task_return_pointer (task, g_steal_pointer (&reply), (GDestroyNotify) zmqglib_message_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/* The request was read, or the program does not want the rest of it, which is no failure. */
static void
on_written (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GSubprocess) child G_GNUC_UNUSED = user_data;

  g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL);
  g_output_stream_close (G_OUTPUT_STREAM (source), NULL, NULL);
}

static void
on_read (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  GTask       *task = user_data;
  GSubprocess *child = g_object_get_data (source, "child");
  GBytes      *output;

  g_output_stream_splice_finish (G_OUTPUT_STREAM (source), result, NULL);
  output = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (source));
  g_object_set_data_full (G_OBJECT (child), "output", output, (GDestroyNotify) g_bytes_unref);
  g_subprocess_wait_async (child, NULL, on_waited, task);
}

/* g_subprocess_communicate () would give up when the program does not read all. */
static void
communicate (GSubprocess *child,
             GBytes      *input,
             GTask       *task)
{
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();
  GOutputStream *pipe = g_subprocess_get_stdin_pipe (child);
  gsize          size;
  gconstpointer  data = g_bytes_get_data (input, &size);

  /* else a long request blocks us, who have to read meanwhile */
  g_unix_set_fd_nonblocking (g_unix_output_stream_get_fd (G_UNIX_OUTPUT_STREAM (pipe)), TRUE, NULL);
  g_object_set_data_full (G_OBJECT (child), "input", g_bytes_ref (input), (GDestroyNotify) g_bytes_unref);
  g_output_stream_write_all_async (pipe, data, size, G_PRIORITY_DEFAULT, NULL, on_written, g_object_ref (child));

  g_object_set_data_full (G_OBJECT (output), "child", g_object_ref (child), g_object_unref);
  g_output_stream_splice_async (output, g_subprocess_get_stdout_pipe (child),
                                G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE | G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET,
                                G_PRIORITY_DEFAULT, NULL, on_read, task);
}

/*
 * tool_children_run_async:
 *
 * Runs the program, which reads the request and writes the reply.
 */
void
tool_children_run_async (ToolChildren       *self,
                         ZmqRequest         *request,
                         GAsyncReadyCallback callback,
                         gpointer            user_data)
{
  g_autoptr (GTask) task = g_task_new (request, NULL, callback, user_data);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GBytes) input = NULL;
  g_autoptr (GError) error = NULL;
  GSubprocess *child;

  g_task_set_task_data (task, self, NULL);
  child = spawn (self, request, &error);
  if (child == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  g_ptr_array_add (self->running, child);
  tool_format_print (self->format, zmqglib_request_get_message (request), text);
  input = g_bytes_new (text->str, text->len);
  communicate (child, input, g_steal_pointer (&task));
}

/*
 * tool_children_run_finish:
 * @request: (out) (transfer none): what was asked
 *
 * Returns: (transfer full): the reply, or %NULL with @error set
 */
ZmqMessage *
tool_children_run_finish (ToolChildren *self,
                          GAsyncResult *result,
                          ZmqRequest  **request,
                          GError      **error)
{
  *request = g_task_get_source_object (G_TASK (result));

  return g_task_propagate_pointer (G_TASK (result), error);
}
