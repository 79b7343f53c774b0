/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A library translates from its own domain, which has to be bound before the first look-up. */
const char *zmqglib_gettext (const char *string) G_GNUC_FORMAT (1);
const char *zmqglib_ngettext (const char   *singular,
                              const char   *plural,
                              unsigned long n) G_GNUC_FORMAT (1) G_GNUC_FORMAT (2);

#define _(string) (zmqglib_gettext (string))
/* libintl.h may have its own */
#undef ngettext
#define ngettext(singular, plural, n) (zmqglib_ngettext (singular, plural, n))
#define N_(string)                    (string)

G_END_DECLS
