/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#include "tool/tool-input.h"

#define PORTION 65536

/*
 * tool_input_init:
 * @is_whole: whether all of it is one line
 * @ready: (scope forever): called once when there may be a line after there was none
 */
void
tool_input_init (ToolInput  *self,
                 gboolean    is_whole,
                 GSourceFunc ready,
                 gpointer    user_data)
{
  *self = (ToolInput){
    .buffer = g_string_new (NULL),
    .is_whole = is_whole,
    .ready = ready,
    .user_data = user_data,
  };
}

static void
stop_watching (ToolInput *self)
{
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
}

void
tool_input_clear (ToolInput *self)
{
  stop_watching (self);
  if (self->buffer != NULL)
    g_string_free (g_steal_pointer (&self->buffer), TRUE);
}

static void
drop_taken (ToolInput *self)
{
  g_string_erase (self->buffer, 0, self->start);
  self->scanned -= self->start;
  self->start = 0;
}

/* Reads once, for which the input is ready. */
static gboolean
on_readable (int          fd,
             GIOCondition condition,
             gpointer     user_data)
{
  ToolInput  *self = user_data;
  const gsize old_size = self->buffer->len - self->start;
  gssize      n_read;

  drop_taken (self);
  g_string_set_size (self->buffer, old_size + PORTION);
  n_read = read (fd, self->buffer->str + old_size, PORTION);
  g_string_set_size (self->buffer, old_size + MAX (n_read, 0));
  if (n_read < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;

  /* what cannot be read has come to its end as well: a terminal that is gone, a folder */
  self->is_at_end = n_read <= 0;
  stop_watching (self);
  self->ready (self->user_data);

  return G_SOURCE_REMOVE;
}

static void
watch (ToolInput *self)
{
  if (self->source != NULL)
    return;

  self->source = g_unix_fd_source_new (STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR | G_IO_NVAL);
  g_source_set_callback (self->source, (GSourceFunc) (GCallback) on_readable, self, NULL);
  g_source_attach (self->source, NULL);
}

static ToolInputState
take_rest (ToolInput *self)
{
  const gboolean is_first = self->n_lines == 0;

  if (!self->is_at_end)
    {
      watch (self);
      return TOOL_INPUT_LATER;
    }

  /* nothing is no line, but a whole nothing is one */
  if (self->start == self->buffer->len && !(self->is_whole && is_first))
    return TOOL_INPUT_END;

  self->start = self->scanned = self->buffer->len;
  self->n_lines++;

  return TOOL_INPUT_LINE;
}

/*
 * tool_input_take:
 * @line: (out): the next line without its end, which is there until the next call
 *
 * Returns: whether there is a line now, may be one later, or will be none any more
 */
ToolInputState
tool_input_take (ToolInput   *self,
                 const char **line,
                 gsize       *size)
{
  const char    *text = self->buffer->str;
  const gsize    start = self->start;
  const gsize    length = self->buffer->len;
  const char    *end = NULL;
  ToolInputState state;

  if (!self->is_whole && self->scanned < length)
    end = memchr (text + self->scanned, '\n', length - self->scanned);

  if (end == NULL)
    {
      self->scanned = length;
      state = take_rest (self);
      *line = text + start;
      *size = length - start;
      return state;
    }

  *line = text + start;
  *size = end - *line;
  self->start = self->scanned = end + 1 - text;
  self->n_lines++;

  return TOOL_INPUT_LINE;
}
