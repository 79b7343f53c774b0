/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>
#include <zmq.h>

#include "base/zmqglib-wipe-private.h"
#include "keys/zmqglib-keys-private.h"
#include "socket/zmqglib-option-check-private.h"
#include "socket/zmqglib-socket-private.h"

/* libzmq has no option for the mechanism: it takes the one of which anything was written last, also what was
 * there before, and none when that is FALSE or unset. So a program that writes what it takes for a default after
 * its keys would send in clear. Here, to write what is there changes nothing. */

/* a text of 255 bytes, and its end */
#define MAX_SIZE 256

static int
get_number (ZmqSocket *self,
            int        option)
{
  int   number = 0;
  gsize size = sizeof number;

  return zmq_getsockopt (self->core->handle, option, &number, &size) == 0 ? number : 0;
}

/* libzmq wants the exact size of a number or a key. */
static gsize
get_size (const ZmqSocketOption *row)
{
  switch (row->kind)
    {
    case ZMQGLIB_OPTION_KIND_BOOLEAN:
      return sizeof (int);
    case ZMQGLIB_OPTION_KIND_KEY:
      return ZMQGLIB_KEY_SIZE;
    default:
      return MAX_SIZE;
    }
}

static gboolean
has_value (ZmqSocket             *self,
           const ZmqSocketOption *row,
           gconstpointer          data,
           gsize                  size)
{
  guint8   present[MAX_SIZE];
  gsize    present_size = get_size (row);
  gboolean is_same;

  if (zmq_getsockopt (self->core->handle, row->option, present, &present_size) != 0)
    return FALSE;

  /* the zero byte at the end */
  if (row->kind == ZMQGLIB_OPTION_KIND_STRING && present_size > 0)
    present_size--;
  is_same = present_size == size && (size == 0 || memcmp (present, data, size) == 0);
  zmqglib_wipe (present, sizeof present);

  return is_same;
}

/* PLAIN gives way to what encrypts. Unset, its options select no mechanism, and libzmq keeps the last ones. */
static gboolean
changes_nothing_of_plain (ZmqSocket             *self,
                          const ZmqSocketOption *row,
                          gconstpointer          data,
                          gsize                  size)
{
  const int mechanism = get_number (self, ZMQ_MECHANISM);

  if (size == 0 && mechanism != ZMQ_PLAIN)
    return TRUE;

  return mechanism != ZMQ_NULL && has_value (self, row, data, size);
}

/*
 * zmqglib_option_changes_nothing:
 * @row: (nullable): the row of the option
 *
 * Returns: whether @row is one of the options that select a security mechanism, and it has the value already, so
 *   that it must not be written
 */
gboolean
zmqglib_option_changes_nothing (ZmqSocket             *self,
                                const ZmqSocketOption *row,
                                gconstpointer          data,
                                gsize                  size)
{
  if (row == NULL || !(row->flags & ZMQGLIB_OPTION_SELECTS_MECHANISM))
    return FALSE;

  switch (row->option)
    {
    case ZMQ_PLAIN_USERNAME:
    case ZMQ_PLAIN_PASSWORD:
      return changes_nothing_of_plain (self, row, data, size);
    case ZMQ_CURVE_PUBLICKEY:
    case ZMQ_CURVE_SECRETKEY:
      return get_number (self, ZMQ_MECHANISM) == ZMQ_CURVE && has_value (self, row, data, size);
    case ZMQ_CURVE_SERVERKEY:
      /* a server becomes a client */
      return get_number (self, ZMQ_MECHANISM) == ZMQ_CURVE && get_number (self, ZMQ_CURVE_SERVER) == 0 &&
             has_value (self, row, data, size);
    case ZMQ_GSSAPI_PRINCIPAL:
    case ZMQ_GSSAPI_SERVICE_PRINCIPAL:
      return get_number (self, ZMQ_MECHANISM) == ZMQ_GSSAPI && has_value (self, row, data, size);
    default:
      return has_value (self, row, data, size);
    }
}

/*
 * zmqglib_option_has_zap_domain:
 *
 * Returns: whether there is a domain: without one, libzmq lets everybody in, or aborts, when it is to be enforced
 */
gboolean
zmqglib_option_has_zap_domain (ZmqSocket *self)
{
  char  domain[MAX_SIZE] = "";
  gsize size = sizeof domain;

  return zmq_getsockopt (self->core->handle, ZMQ_ZAP_DOMAIN, domain, &size) == 0 && domain[0] != '\0';
}

/*
 * zmqglib_option_asks_authenticator:
 *
 * Returns: whether libzmq asks an authenticator about the next peers, when there is one: those of servers, and those of
 *   sockets without security that have a domain
 */
gboolean
zmqglib_option_asks_authenticator (ZmqSocket *self)
{
  if (get_number (self, ZMQ_MECHANISM) == ZMQ_NULL)
    return zmqglib_option_has_zap_domain (self);

  return get_number (self, ZMQ_PLAIN_SERVER) != 0 || get_number (self, ZMQ_CURVE_SERVER) != 0 ||
         get_number (self, ZMQ_GSSAPI_SERVER) != 0;
}
