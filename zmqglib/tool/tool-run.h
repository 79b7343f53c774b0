/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib.h>

G_BEGIN_DECLS

/* What a command exits with; and 128 and the number of a signal, for one that was interrupted in its work. */
typedef enum
{
  TOOL_DONE = 0,
  TOOL_FAILED = 1,
  TOOL_USAGE = 2,
  TOOL_TIME_UP = 3,
} ToolStatus;

/* Closes the sockets of a command. */
typedef void (*ToolCloseFunc) (gpointer user_data);

/* A command at work: its main loop, and how it comes to its end. */
typedef struct
{
  GMainLoop    *loop;
  GCancellable *cancellable; /* of the wait for what has yet to leave */
  GSource      *deadline;
  GSource      *signals;
  gboolean      is_service; /* is never done, and so done whenever it is interrupted */
  gboolean      is_leaving;
  gboolean      is_ended;
  int           status;
  char         *hint; /* what may be the reason when the time is up */
  ToolCloseFunc close;
  gpointer      user_data;
} ToolRun;

void tool_run_init (ToolRun      *self,
                    gboolean      is_service,
                    double        timeout,
                    ToolCloseFunc close,
                    gpointer      user_data);
void tool_run_clear (ToolRun *self);
int  tool_run_wait (ToolRun *self);
void tool_run_end (ToolRun *self,
                   int      status);
void tool_run_fail (ToolRun      *self,
                    const GError *error);
void tool_run_leave (ToolRun *self);
void tool_run_set_hint (ToolRun    *self,
                        const char *hint);

int  tool_status_of_error (const GError *error);
int  tool_complain (const GError *error);
int  tool_signals_get_fd (void);
void tool_signals_init (void);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ToolRun, tool_run_clear)

G_END_DECLS
