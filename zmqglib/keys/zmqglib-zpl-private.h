/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A part of a text, which is not copied: it may be secret. */
typedef struct
{
  const char *text;
  gsize       size;
} ZmqSlice;

typedef struct
{
  ZmqSlice rest;
  guint    line;
  ZmqSlice section; /* that the line is in */
  gsize    nested;  /* how far a section in that section is indented; 0 outside of one */
} ZmqZplReader;

typedef struct
{
  ZmqSlice section;
  ZmqSlice name;
  ZmqSlice value;
  guint    line;
} ZmqZplProperty;

gboolean zmqglib_slice_equals (ZmqSlice    self,
                               const char *text);

void     zmqglib_zpl_reader_init (ZmqZplReader *self,
                                  const char   *text,
                                  gsize         size);
gboolean zmqglib_zpl_reader_next (ZmqZplReader   *self,
                                  ZmqZplProperty *property,
                                  GError        **error);

gboolean zmqglib_zpl_is_name (const char *text);
gboolean zmqglib_zpl_is_value (const char *text);
void     zmqglib_zpl_append (GString    *text,
                             const char *name,
                             const char *value);

G_END_DECLS
