/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whatever a fuzzer is given, it reaches nothing but the machine itself and the process's own folder: no name is looked
 * up, no other machine is connected to or can connect, and no file elsewhere is made or removed. To be called first. */
void fence_put_up (void);

/* While a play is on, the thread that plays is within the fence; all others are always. */
void fence_enter (void);
void fence_leave (void);

G_END_DECLS
