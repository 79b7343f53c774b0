/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <zmqglib/zmqglib-enum-types.h>

#include "base/zmqglib-i18n-private.h"
#include "socket/zmqglib-socket-core-private.h"

/* What messages say of a socket, and of what could not be done with it. */

/*
 * zmqglib_socket_core_get_type_nick:
 *
 * Returns: what a sentence calls the socket's type, as “pull”
 */
const char *
zmqglib_socket_core_get_type_nick (ZmqSocketCore *self)
{
  g_autoptr (GEnumClass) enum_class = g_type_class_ref (ZMQGLIB_TYPE_SOCKET_TYPE);
  GEnumValue *value = g_enum_get_value (enum_class, self->type);

  return value != NULL ? value->value_nick : "?";
}

char *
zmqglib_socket_core_describe_send (ZmqSocketCore *self)
{
  /* Translators: a type of socket, as “push” */
  return g_strdup_printf (_ ("Could not send through a “%s” socket"),
                          zmqglib_socket_core_get_type_nick (self));
}

char *
zmqglib_socket_core_describe_receive (ZmqSocketCore *self)
{
  /* Translators: a type of socket, as “pull” */
  return g_strdup_printf (_ ("Could not receive from a “%s” socket"),
                          zmqglib_socket_core_get_type_nick (self));
}

char *
zmqglib_socket_core_describe_wait (ZmqSocketCore *self)
{
  /* Translators: a type of socket, as “pull” */
  return g_strdup_printf (_ ("Could not wait for a “%s” socket"),
                          zmqglib_socket_core_get_type_nick (self));
}
