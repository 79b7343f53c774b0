/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

#include <zmqglib/zmqglib-tracker.h>
#include <zmqglib/zmqglib-version-macros.h>

G_BEGIN_DECLS

#define ZMQGLIB_TYPE_MESSAGE (zmqglib_message_get_type ())

typedef struct _ZmqMessage ZmqMessage;

ZMQGLIB_AVAILABLE_IN_1_0
GType zmqglib_message_get_type (void) G_GNUC_CONST;

ZMQGLIB_AVAILABLE_IN_1_0
ZmqMessage *zmqglib_message_new (void);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqMessage *zmqglib_message_new_from_bytes (GBytes *bytes);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqMessage *zmqglib_message_new_from_string (const char *string);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqMessage *zmqglib_message_new_from_strv (const char *const *strv);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqMessage *zmqglib_message_new_strings (const char *first,
                                         ...) G_GNUC_NULL_TERMINATED;

ZMQGLIB_AVAILABLE_IN_1_0
ZmqMessage *zmqglib_message_ref (ZmqMessage *self);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_message_unref (ZmqMessage *self);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqMessage *zmqglib_message_copy (ZmqMessage *self);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_message_append_bytes (ZmqMessage *self,
                                   GBytes     *bytes);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_message_append_data (ZmqMessage   *self,
                                  gconstpointer data,
                                  gsize         size);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_message_append_string (ZmqMessage *self,
                                    const char *string);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_message_append_variant (ZmqMessage *self,
                                     GVariant   *variant);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_message_prepend_bytes (ZmqMessage *self,
                                    GBytes     *bytes);

ZMQGLIB_AVAILABLE_IN_1_0
GBytes *zmqglib_message_pop_frame (ZmqMessage *self);

ZMQGLIB_AVAILABLE_IN_1_0
guint zmqglib_message_get_n_frames (ZmqMessage *self);

ZMQGLIB_AVAILABLE_IN_1_0
gsize zmqglib_message_get_size (ZmqMessage *self);

ZMQGLIB_AVAILABLE_IN_1_0
GBytes *zmqglib_message_get_frame (ZmqMessage *self,
                                   guint       index);

ZMQGLIB_AVAILABLE_IN_1_0
GPtrArray *zmqglib_message_get_frames (ZmqMessage *self);

ZMQGLIB_AVAILABLE_IN_1_0
gconstpointer zmqglib_message_peek_frame (ZmqMessage *self,
                                          guint       index,
                                          gsize      *size);

ZMQGLIB_AVAILABLE_IN_1_0
char *zmqglib_message_get_string (ZmqMessage *self,
                                  guint       index,
                                  GError    **error);

ZMQGLIB_AVAILABLE_IN_1_0
char **zmqglib_message_dup_strv (ZmqMessage *self,
                                 GError    **error);

ZMQGLIB_AVAILABLE_IN_1_0
char *zmqglib_message_to_string (ZmqMessage *self);

ZMQGLIB_AVAILABLE_IN_1_0
GVariant *zmqglib_message_get_variant (ZmqMessage         *self,
                                       guint               index,
                                       const GVariantType *type,
                                       GError            **error);

ZMQGLIB_AVAILABLE_IN_1_0
const char *zmqglib_message_get_metadata (ZmqMessage *self,
                                          const char *name);

ZMQGLIB_AVAILABLE_IN_1_0
const char *zmqglib_message_get_user_id (ZmqMessage *self);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_message_equal (ZmqMessage *self,
                                ZmqMessage *other);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqTracker *zmqglib_message_track (ZmqMessage *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ZmqMessage, zmqglib_message_unref)

G_END_DECLS
