/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-socket.h>

#include "socket/zmqglib-socket-core-private.h"

G_BEGIN_DECLS

struct _ZmqSocket
{
  GObject parent_instance;

  ZmqSocketCore *core;
  GError        *init_error;
  GError        *refused_error; /* of an option that the constructor was given */
  gboolean       is_initialized;

  /* what the constructor is given for the core */
  struct
  {
    ZmqContext   *context;
    ZmqSocketType type;
    gpointer      handle;
  } construct;
};

gboolean zmqglib_socket_guard (ZmqSocket  *self,
                               const char *what,
                               GError    **error);
gboolean zmqglib_socket_protect (ZmqSocket  *self,
                                 const char *domain,
                                 const char *what,
                                 GError    **error);

void     zmqglib_socket_install_options (GObjectClass *object_class,
                                         guint         first_prop_id);
void     zmqglib_socket_get_option (ZmqSocket  *self,
                                    GValue     *value,
                                    GParamSpec *pspec);
void     zmqglib_socket_write_property (ZmqSocket    *self,
                                        const GValue *value,
                                        GParamSpec   *pspec);
gboolean zmqglib_socket_write_option (ZmqSocket    *self,
                                      const char   *name,
                                      const GValue *value,
                                      GError      **error);

G_END_DECLS
