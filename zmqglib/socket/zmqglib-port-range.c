/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "socket/zmqglib-port-range-private.h"

/* Ranges as CZMQ has them, *[first-last] and ![first-last]. Of libzmq’s own endpoints none looks like that. */

/* those that nobody may register, by RFC 6335 */
#define FIRST_DYNAMIC_PORT 49152
#define LAST_DYNAMIC_PORT  65535

/* Where the port begins. */
static const char *
find_port (const char *endpoint)
{
  const char *colon = g_str_has_prefix (endpoint, "tcp://") ? strrchr (endpoint + strlen ("tcp://"), ':') : NULL;

  return colon != NULL ? colon + 1 : NULL;
}

/*
 * zmqglib_port_range_is:
 *
 * Returns: whether an endpoint is meant to have a range of ports, be it a bad one
 */
gboolean
zmqglib_port_range_is (const char *endpoint)
{
  const char *port = find_port (endpoint);

  return port != NULL && (port[0] == '[' || port[0] == '!' || g_str_has_prefix (port, "*["));
}

static gboolean
parse_port (const char *text,
            guint       if_empty,
            guint      *port)
{
  guint64 number = if_empty;

  if (*text != '\0' && !g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT16, &number, NULL))
    return FALSE;

  *port = number;

  return TRUE;
}

/* What is between the brackets. */
static gboolean
parse_limits (ZmqPortRange *self,
              const char   *text)
{
  g_auto (GStrv) limits = g_strsplit (text, "-", -1);

  return g_strv_length (limits) == 2 && parse_port (limits[0], FIRST_DYNAMIC_PORT, &self->first) &&
         parse_port (limits[1], LAST_DYNAMIC_PORT, &self->last) && self->first <= self->last;
}

/*
 * zmqglib_port_range_init:
 * @endpoint: an endpoint with a range of ports
 *
 * Returns: whether it is a good one; it is to be cleared in any case
 */
gboolean
zmqglib_port_range_init (ZmqPortRange *self,
                         const char   *endpoint)
{
  const char      *port = find_port (endpoint);
  gboolean         is_random = port[0] == '!';
  const char      *range = port + (port[0] == '[' ? 0 : 1);
  g_autofree char *limits = NULL;

  *self = (ZmqPortRange){ .host = g_strndup (endpoint, port - endpoint) };
  if (*range == '\0')
    limits = g_strdup ("-");
  else if (*range == '[' && g_str_has_suffix (range, "]"))
    limits = g_strndup (range + 1, strlen (range) - 2);
  if (limits == NULL || !parse_limits (self, limits))
    return FALSE;

  self->start = is_random ? (guint) g_random_int_range (self->first, self->last + 1) : self->first;

  return TRUE;
}

void
zmqglib_port_range_clear (ZmqPortRange *self)
{
  g_clear_pointer (&self->host, g_free);
}

guint
zmqglib_port_range_get_length (const ZmqPortRange *self)
{
  return self->last - self->first + 1;
}

/*
 * zmqglib_port_range_get_endpoint:
 * @index: which is to be tried, from 0
 *
 * Returns: (transfer full): an endpoint with one port
 */
char *
zmqglib_port_range_get_endpoint (const ZmqPortRange *self,
                                 guint               index)
{
  guint offset = (self->start - self->first + index) % zmqglib_port_range_get_length (self);

  return g_strdup_printf ("%s%u", self->host, self->first + offset);
}
