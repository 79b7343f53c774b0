/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

/* soak-attack.c */
void soak_attack (const char *endpoint);
