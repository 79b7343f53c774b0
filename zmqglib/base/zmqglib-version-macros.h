/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

#include <zmqglib/zmqglib-version.h>

#ifndef _ZMQGLIB_EXTERN
#define _ZMQGLIB_EXTERN extern
#endif

/**
 * ZMQGLIB_VERSION_1_0:
 *
 * Version 1.0, to be given to `ZMQGLIB_VERSION_MAX_ALLOWED`.
 *
 * Since: 1.0
 */
#define ZMQGLIB_VERSION_1_0 (G_ENCODE_VERSION (1, 0))

/**
 * ZMQGLIB_VERSION_MAX_ALLOWED:
 *
 * Defined by a program before it includes `zmqglib.h`, the newest version whose functions it
 * uses: a function from a later one then gets a compiler warning. Without it nothing is warned of.
 *
 * Since: 1.0
 */
#ifndef ZMQGLIB_VERSION_MAX_ALLOWED
#define ZMQGLIB_VERSION_MAX_ALLOWED \
  (G_ENCODE_VERSION (ZMQGLIB_MAJOR_VERSION, ZMQGLIB_MINOR_VERSION))
#endif

#if ZMQGLIB_VERSION_MAX_ALLOWED < ZMQGLIB_VERSION_1_0
#define ZMQGLIB_AVAILABLE_IN_1_0 G_UNAVAILABLE (1, 0) _ZMQGLIB_EXTERN
#else
#define ZMQGLIB_AVAILABLE_IN_1_0 _ZMQGLIB_EXTERN
#endif
