/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "inspector-record.h"

G_BEGIN_DECLS

#define INSPECTOR_TYPE_ROW (inspector_row_get_type ())
G_DECLARE_FINAL_TYPE (InspectorRow, inspector_row, INSPECTOR, ROW, GtkWidget)

/* A message in a line. It lays out no text until it is drawn: of the rows that a list has most are out of sight, and in a
 * flood all of them change with each frame. Without a record it is the heading. */
GtkWidget *inspector_row_new (void);
void       inspector_row_set_record (InspectorRow    *self,
                                     InspectorRecord *record);

G_END_DECLS
