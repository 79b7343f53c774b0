/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The ports of an endpoint such as tcp://127.0.0.1:[60000-60100], in the order in which they are to be tried. */
typedef struct
{
  char *host; /* all before the port, with the colon */
  guint first;
  guint last;
  guint start; /* where to begin, from which it goes round */
} ZmqPortRange;

gboolean zmqglib_port_range_is (const char *endpoint);
gboolean zmqglib_port_range_init (ZmqPortRange *self,
                                  const char   *endpoint);
void     zmqglib_port_range_clear (ZmqPortRange *self);
guint    zmqglib_port_range_get_length (const ZmqPortRange *self);
char    *zmqglib_port_range_get_endpoint (const ZmqPortRange *self,
                                          guint               index);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ZmqPortRange, zmqglib_port_range_clear)

G_END_DECLS
