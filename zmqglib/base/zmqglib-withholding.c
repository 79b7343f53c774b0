/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-withholding-private.h"

struct _ZmqWithheld
{
  ZmqWithheld   *next;
  GDestroyNotify func;
  gpointer       data;
};

static _Thread_local ZmqWithholding *current;

void
zmqglib_withholding_begin (ZmqWithholding *self)
{
  *self = (ZmqWithholding){ .outer = current };
  self->end = &self->first;
  current = self;
}

/*
 * zmqglib_withholding_end:
 *
 * Does what was withheld, in order. The caller has no lock any more.
 */
void
zmqglib_withholding_end (ZmqWithholding *self)
{
  ZmqWithheld *withheld = self->first;

  current = self->outer;
  while (withheld != NULL)
    {
      ZmqWithheld *next = withheld->next;

      withheld->func (withheld->data);
      g_free (withheld);
      withheld = next;
    }
}

/*
 * zmqglib_withhold:
 *
 * Returns: whether @func is called with @data later, by this thread; else that is for the caller to do
 */
gboolean
zmqglib_withhold (GDestroyNotify func,
                  gpointer       data)
{
  ZmqWithheld *withheld;

  if (current == NULL)
    return FALSE;

  withheld = g_new (ZmqWithheld, 1);
  *withheld = (ZmqWithheld){ .func = func, .data = data };
  *current->end = withheld;
  current->end = &withheld->next;

  return TRUE;
}
