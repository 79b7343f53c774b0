/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _ZmqWithheld ZmqWithheld;

/* While a thread has one, what would run foreign code in the middle of something waits until it ends: libzmq frees messages
 * wherever it comes across them, and their content may be somebody's who then does anything. Lives on the stack. */
typedef struct _ZmqWithholding
{
  struct _ZmqWithholding *outer;
  ZmqWithheld            *first;
  ZmqWithheld           **end;
} ZmqWithholding;

void     zmqglib_withholding_begin (ZmqWithholding *self);
void     zmqglib_withholding_end (ZmqWithholding *self);
gboolean zmqglib_withhold (GDestroyNotify func,
                           gpointer       data);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ZmqWithholding, zmqglib_withholding_end)

G_END_DECLS
