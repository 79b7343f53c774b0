/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "tool/tool-feed.h"

/* What nobody asks for. */
#define NO_COUNT G_MININT64

/*
 * tool_feed_add_entries:
 * @group: a group whose user data is @self
 */
void
tool_feed_add_entries (ToolFeed     *self,
                       GOptionGroup *group)
{
  const GOptionEntry entries[] = {
    { "file", 'f', G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, tool_feed_add_file, N_ ("A frame that is all of a file; its place among the others is where it stands"), N_ ("FILE") },
    { "count", 'n', 0, G_OPTION_ARG_INT64, &self->count, N_ ("How often to send FRAMEs, or how many messages of the input at most; 0 for no end"), N_ ("N") },
    { "interval", 'i', 0, G_OPTION_ARG_DOUBLE, &self->interval, N_ ("How many seconds to wait between two messages"), N_ ("SECONDS") },
    { G_OPTION_REMAINING, 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, tool_feed_add_argument, NULL, N_ ("[FRAME…]") },
    { NULL },
  };

  self->count = NO_COUNT;
  g_option_group_add_entries (group, entries);
  tool_format_add_entries (&self->format, group);
}

static void
add_frame (ToolFeed   *self,
           const char *data,
           gsize       size)
{
  if (self->fixed == NULL)
    self->fixed = zmqglib_message_new ();
  zmqglib_message_append_data (self->fixed, data, size);
}

gboolean
tool_feed_add_argument (const char *option_name,
                        const char *value,
                        gpointer    data,
                        GError    **error)
{
  add_frame (data, value, strlen (value));

  return TRUE;
}

gboolean
tool_feed_add_file (const char *option_name,
                    const char *value,
                    gpointer    data,
                    GError    **error)
{
  g_autofree char *content = NULL;
  gsize            size;

  if (!g_file_get_contents (value, &content, &size, error))
    return FALSE;
  add_frame (data, content, size);

  return TRUE;
}

static gboolean
on_ready (gpointer user_data)
{
  ToolFeed *self = user_data;

  return self->ready (self->user_data);
}

/*
 * tool_feed_start:
 * @ready: (scope forever): called when there may be a message after there was none
 */
gboolean
tool_feed_start (ToolFeed   *self,
                 GSourceFunc ready,
                 gpointer    user_data,
                 GError    **error)
{
  if (!tool_format_check (&self->format, error))
    return FALSE;

  if ((self->count < 0 && self->count != NO_COUNT) || !(self->interval >= 0))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("A count and an interval are not negative"));
      return FALSE;
    }

  self->ready = ready;
  self->user_data = user_data;
  if (self->fixed == NULL)
    tool_input_init (&self->input, self->format.kind == TOOL_FORMAT_RAW, on_ready, self);
  if (self->count < 0)
    self->count = self->fixed != NULL ? 1 : 0;

  return TRUE;
}

static void
clear_timer (ToolFeed *self)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

void
tool_feed_clear (ToolFeed *self)
{
  clear_timer (self);
  tool_input_clear (&self->input);
  tool_format_clear (&self->format);
  g_clear_pointer (&self->fixed, zmqglib_message_unref);
}

static gboolean
on_timer (gpointer user_data)
{
  ToolFeed *self = user_data;

  clear_timer (self);
  self->ready (self->user_data);

  return G_SOURCE_REMOVE;
}

/* Whether it is time for the next message; else a timer is set. */
static gboolean
is_due (ToolFeed *self)
{
  const gint64 now = g_get_monotonic_time ();

  if (self->n_taken == 0 || self->interval <= 0 || now >= self->next_time)
    return TRUE;

  if (self->timer == NULL)
    {
      self->timer = g_timeout_source_new (MIN ((self->next_time - now + 999) / 1000, G_MAXINT));
      g_source_set_callback (self->timer, on_timer, self, NULL);
      g_source_attach (self->timer, NULL);
    }

  return FALSE;
}

static ToolFeedState
next_of_input (ToolFeed    *self,
               ZmqMessage **message,
               GError     **error)
{
  const char *line;
  gsize       size;

  switch (tool_input_take (&self->input, &line, &size))
    {
    case TOOL_INPUT_LATER:
      return TOOL_FEED_LATER;
    case TOOL_INPUT_END:
      return TOOL_FEED_END;
    case TOOL_INPUT_LINE:
      break;
    }

  *message = tool_format_parse (&self->format, line, size, error);
  if (*message != NULL)
    return TOOL_FEED_MESSAGE;

  /* Translators: the number of a line of the standard input */
  g_prefix_error (error, _ ("Line %lu: "), (gulong) self->input.n_lines);

  return TOOL_FEED_ERROR;
}

/*
 * tool_feed_next:
 * @message: (out) (transfer full): the next message, when there is one
 *
 * Returns: whether there is a message now, may be one later, or will be none any more
 */
ToolFeedState
tool_feed_next (ToolFeed    *self,
                ZmqMessage **message,
                GError     **error)
{
  ToolFeedState state = TOOL_FEED_MESSAGE;

  if (self->count > 0 && self->n_taken == (guint64) self->count)
    return TOOL_FEED_END;
  if (!is_due (self))
    return TOOL_FEED_LATER;

  if (self->fixed != NULL)
    *message = zmqglib_message_copy (self->fixed);
  else
    state = next_of_input (self, message, error);

  if (state == TOOL_FEED_MESSAGE)
    {
      self->n_taken++;
      self->next_time = g_get_monotonic_time () + MIN (self->interval, G_MAXINT) * G_USEC_PER_SEC;
    }

  return state;
}
