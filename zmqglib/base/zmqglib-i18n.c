/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <libintl.h>

#include "base/zmqglib-i18n-private.h"

static void
bind_domain (void)
{
  static gsize bound = 0;

  if (g_once_init_enter (&bound))
    {
      bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
      bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
      g_once_init_leave (&bound, 1);
    }
}

const char *
zmqglib_gettext (const char *string)
{
  bind_domain ();

  return g_dgettext (GETTEXT_PACKAGE, string);
}

const char *
zmqglib_ngettext (const char   *singular,
                  const char   *plural,
                  unsigned long n)
{
  bind_domain ();

  return g_dngettext (GETTEXT_PACKAGE, singular, plural, n);
}
