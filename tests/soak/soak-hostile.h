/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "soak.h"

G_BEGIN_DECLS

/* Whoever is attacked says how long messages are at most: libzmq makes room for whatever is announced. */
#define SOAK_HOSTILE_MAX_SIZE (1 << 20)

void soak_hostile_add (const char *endpoint); /* over tcp, to be attacked */

G_END_DECLS
