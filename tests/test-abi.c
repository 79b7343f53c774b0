/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-util.h"

/* What subclasses that were compiled with an older version have built in. */

/* A new virtual function comes after these and takes one pointer of the padding. */
static const gsize vfunc_offsets[] = {
  G_STRUCT_OFFSET (ZmqStreamClass, received),
  G_STRUCT_OFFSET (ZmqStreamClass, sent),
  G_STRUCT_OFFSET (ZmqStreamClass, drained),
  G_STRUCT_OFFSET (ZmqStreamClass, closed),
  G_STRUCT_OFFSET (ZmqStreamClass, rejected),
  G_STRUCT_OFFSET (ZmqStreamClass, padding),
};

static void
test_stream_class (void)
{
  g_assert_cmpuint (sizeof (ZmqStreamClass), ==, sizeof (GObjectClass) + 12 * sizeof (gpointer));

  for (guint i = 0; i < G_N_ELEMENTS (vfunc_offsets); i++)
    g_assert_cmpuint (vfunc_offsets[i], ==, sizeof (GObjectClass) + i * sizeof (gpointer));
}

static void
test_stream (void)
{
  g_assert_cmpuint (sizeof (ZmqStream), ==, sizeof (GObject));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/abi/stream-class", test_stream_class);
  g_test_add_func ("/abi/stream", test_stream);

  return g_test_run ();
}
