/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-wipe-private.h"

/* Overwrites what nobody is to find in memory that is used again, in a core file, or in swapped pages. */

/* more than libzmq, libsodium and the dynamic linker use of it together */
#define STACK_SIZE (32 * 1024)

typedef struct
{
  gpointer data;
  gsize    size;
} Secret;

/*
 * zmqglib_wipe:
 *
 * Overwrites memory that is about to be given back, which a compiler would leave out of memset().
 */
void
zmqglib_wipe (gpointer data,
              gsize    size)
{
  volatile guint8 *byte = data;

  while (size-- > 0)
    *byte++ = 0;
}

/*
 * zmqglib_wipe_stack:
 *
 * Overwrites what the functions that the caller has called have left below its frame: libzmq decodes keys
 * there.
 */
G_GNUC_NO_INLINE void
zmqglib_wipe_stack (void)
{
  guint8 frames[STACK_SIZE];

  zmqglib_wipe (frames, sizeof frames);
}

static void
secret_free (gpointer data)
{
  Secret *secret = data;

  zmqglib_wipe (secret->data, secret->size);
  g_free (secret->data);
  g_free (secret);
}

/*
 * zmqglib_wipe_bytes_new_take:
 * @data: (transfer full): allocated memory
 *
 * Returns: (transfer full): bytes that are wiped when the last reference goes
 */
GBytes *
zmqglib_wipe_bytes_new_take (gpointer data,
                             gsize    size)
{
  Secret *secret = g_new (Secret, 1);

  *secret = (Secret){ data, size };

  return g_bytes_new_with_free_func (data, size, secret_free, secret);
}
