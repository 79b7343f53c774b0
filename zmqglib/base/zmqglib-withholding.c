/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include "base/zmqglib-withholding-private.h"

struct _ZmqWithheld
{
  ZmqWithheld   *next;
  GDestroyNotify func;
  gpointer       data;
};

_Thread_local ZmqWithholdings zmqglib_withholdings;

static ZmqWithheld *
take_first (ZmqWithholdings *self)
{
  ZmqWithheld *first = self->first;

  if (first != NULL)
    self->first = first->next;
  if (self->first == NULL)
    self->last = NULL;

  return first;
}

/*
 * zmqglib_withholding_settle:
 *
 * Does what was withheld, in order. That may withhold more.
 */
void
zmqglib_withholding_settle (void)
{
  const int    saved_errno = errno;
  ZmqWithheld *withheld;

  while ((withheld = take_first (&zmqglib_withholdings)) != NULL)
    {
      withheld->func (withheld->data);
      g_free (withheld);
    }
  errno = saved_errno;
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
  ZmqWithholdings *self = &zmqglib_withholdings;
  ZmqWithheld     *withheld;

  if (self->depth == 0)
    return FALSE;

  withheld = g_new (ZmqWithheld, 1);
  *withheld = (ZmqWithheld){ .func = func, .data = data };
  if (self->last != NULL)
    self->last->next = withheld;
  else
    self->first = withheld;
  self->last = withheld;

  return TRUE;
}
