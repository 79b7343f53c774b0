/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "soak.h"

G_BEGIN_DECLS

void soak_hostile_add (const char *endpoint); /* over tcp, to be attacked */

G_END_DECLS
