/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

#include "base/zmqglib-agenda-private.h"

G_BEGIN_DECLS

typedef struct _ZmqFront ZmqFront;

ZmqFront *zmqglib_front_new (gpointer object);
void      zmqglib_front_unref (ZmqFront *self);
gpointer  zmqglib_front_dup (ZmqFront *self);
void      zmqglib_front_keep (ZmqFront *self,
                              gpointer  object);
gboolean  zmqglib_front_is_kept (ZmqFront *self);
void      zmqglib_front_let_go (ZmqFront  *self,
                                ZmqAgenda *agenda);

G_END_DECLS
