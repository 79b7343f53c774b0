/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

#include <zmqglib/zmqglib-option.h>

G_BEGIN_DECLS

/* What an option is for libzmq, and so what its property is. */
typedef enum
{
  ZMQGLIB_OPTION_KIND_BOOLEAN, /* an int, 0 or 1 */
  ZMQGLIB_OPTION_KIND_INT,
  ZMQGLIB_OPTION_KIND_INT64,
  ZMQGLIB_OPTION_KIND_UINT64, /* always with its whole range */
  ZMQGLIB_OPTION_KIND_STRING, /* NULL when libzmq has it empty */
  ZMQGLIB_OPTION_KIND_KEY,    /* a CURVE key, as Z85 text; NULL when it was not set */
  ZMQGLIB_OPTION_KIND_BYTES,  /* NULL when libzmq has it empty */
  ZMQGLIB_OPTION_KIND_SECURITY_MECHANISM,
  ZMQGLIB_OPTION_KIND_GSSAPI_NAME_TYPE
} ZmqSocketOptionKind;

/* In a row's flags, beside G_PARAM_READABLE and G_PARAM_WRITABLE. */

/* setting it may also change the security mechanism, and whether the socket is a server of one */
#define ZMQGLIB_OPTION_SELECTS_MECHANISM (1u << G_PARAM_USER_SHIFT)
/* its value is not for logs */
#define ZMQGLIB_OPTION_IS_SECRET (1u << (G_PARAM_USER_SHIFT + 1))

/* One row of a table: an option of libzmq and its property. The numbers are for the kinds that
 * have them; without one of its own, an option's default is 0, %FALSE or %NULL. */
typedef struct
{
  const char         *name;
  int                 option;
  ZmqSocketOptionKind kind;
  guint               flags;
  gint64              minimum;
  gint64              maximum;
  gint64              default_value;
  const char         *blurb; /* not translated yet */
} ZmqSocketOption;

/* Each ends with a row without a name. */
extern const ZmqSocketOption zmqglib_options_messaging[];
extern const ZmqSocketOption zmqglib_options_transport[];
extern const ZmqSocketOption zmqglib_options_security[];

G_END_DECLS
