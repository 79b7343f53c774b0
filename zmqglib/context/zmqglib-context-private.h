/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-context.h>
#include <zmqglib/zmqglib-enums.h>

G_BEGIN_DECLS

/* A context counts its sockets through this list, so that waiting for one of them in the thread
 * that would have to close it can be refused. */
typedef struct
{
  GList    link;
  GThread *thread; /* the last to use the socket; atomic */
} ZmqSocketRecord;

gpointer zmqglib_context_open_handle (ZmqContext      *self,
                                      ZmqSocketType    type,
                                      ZmqSocketRecord *record,
                                      GError         **error);
void     zmqglib_context_close_handle (ZmqContext      *self,
                                       gpointer         handle,
                                       ZmqSocketRecord *record);
gboolean zmqglib_context_has_descriptors (guint n_needed);

G_END_DECLS
