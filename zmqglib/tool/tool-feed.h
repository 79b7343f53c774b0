/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "tool/tool-format.h"
#include "tool/tool-input.h"

G_BEGIN_DECLS

typedef enum
{
  TOOL_FEED_MESSAGE,
  TOOL_FEED_LATER,
  TOOL_FEED_END,
  TOOL_FEED_ERROR,
} ToolFeedState;

/* The messages that the user gives: one in the arguments, or those of the standard input. */
typedef struct
{
  ToolFormat  format;
  ZmqMessage *fixed; /* of the arguments */
  gint64      count;
  double      interval;
  guint64     n_taken;
  ToolInput   input;
  gint64      next_time; /* in monotonic time */
  GSource    *timer;
  GSourceFunc ready;
  gpointer    user_data;
} ToolFeed;

void     tool_feed_add_entries (ToolFeed     *self,
                                GOptionGroup *group);
gboolean tool_feed_start (ToolFeed   *self,
                          GSourceFunc ready,
                          gpointer    user_data,
                          GError    **error);
void     tool_feed_clear (ToolFeed *self);

ToolFeedState tool_feed_next (ToolFeed    *self,
                              ZmqMessage **message,
                              GError     **error);

gboolean tool_feed_add_argument (const char *option_name,
                                 const char *value,
                                 gpointer    data,
                                 GError    **error);
gboolean tool_feed_add_file (const char *option_name,
                             const char *value,
                             gpointer    data,
                             GError    **error);

G_END_DECLS
