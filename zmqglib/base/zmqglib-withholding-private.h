/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _ZmqWithheld ZmqWithheld;

/* What a thread would do in the middle of something, and does at its end. */
typedef struct
{
  guint        depth;
  ZmqWithheld *first;
  ZmqWithheld *last;
} ZmqWithholdings;

/* With a model that costs a message two instructions, and not two calls. */
extern _Thread_local ZmqWithholdings zmqglib_withholdings __attribute__ ((visibility ("hidden"), tls_model ("initial-exec")));

void     zmqglib_withholding_settle (void);
gboolean zmqglib_withhold (GDestroyNotify func,
                           gpointer       data);

/*
 * zmqglib_withholding_begin:
 *
 * From now on foreign code that frees the content of messages is withheld. libzmq frees messages wherever it comes across them, in
 * the middle of what it does with a socket, which may be the one that such code closes.
 */
static inline void
zmqglib_withholding_begin (void)
{
  zmqglib_withholdings.depth++;
}

/*
 * zmqglib_withholding_end:
 *
 * Does what was withheld, unless the caller is in the middle of something as well. It has no lock any more.
 */
static inline void
zmqglib_withholding_end (void)
{
  if (--zmqglib_withholdings.depth == 0 && G_UNLIKELY (zmqglib_withholdings.first != NULL))
    zmqglib_withholding_settle ();
}

/* Until it is freed, as a #GMutexLocker has a mutex. */
typedef struct
{
  char unused;
} ZmqWithholding;

static inline ZmqWithholding
zmqglib_withholding_new (void)
{
  zmqglib_withholding_begin ();

  return (ZmqWithholding){ 0 };
}

static inline void
zmqglib_withholding_clear (ZmqWithholding *self)
{
  zmqglib_withholding_end ();
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ZmqWithholding, zmqglib_withholding_clear)

G_END_DECLS
