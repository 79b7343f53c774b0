/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "inspector-record.h"
#include "inspector-text.h"

G_BEGIN_DECLS

#define INSPECTOR_TYPE_DETAIL (inspector_detail_get_type ())
G_DECLARE_FINAL_TYPE (InspectorDetail, inspector_detail, INSPECTOR, DETAIL, GtkBox)

/* All of one message; hidden when there is none. */
GtkWidget       *inspector_detail_new (void);
void             inspector_detail_set_record (InspectorDetail *self,
                                              InspectorRecord *record);
InspectorRecord *inspector_detail_get_record (InspectorDetail *self);
void             inspector_detail_set_show (InspectorDetail *self,
                                            InspectorShow    show);
char            *inspector_detail_dup_text (InspectorDetail *self);

G_END_DECLS
