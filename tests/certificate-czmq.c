/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* certificate-czmq save|load FILE: saves a new certificate with a name, or loads one, with CZMQ; prints its
 * keys, and its name, a line each. */

#include <czmq.h>

int
main (int   argc,
      char *argv[])
{
  const bool saves = argc == 3 && streq (argv[1], "save");
  zcert_t   *certificate;

  if (argc != 3)
    return 2;

  certificate = saves ? zcert_new () : zcert_load (argv[2]);
  if (certificate == NULL)
    return 1;

  if (saves)
    {
      zcert_set_meta (certificate, "name", "Ann \"the\" #1");
      if (zcert_save (certificate, argv[2]) != 0)
        return 1;
    }

  printf ("%s\n%s\n%s\n", zcert_public_txt (certificate), zcert_secret_txt (certificate),
          zcert_meta (certificate, "name"));
  zcert_destroy (&certificate);

  return 0;
}
