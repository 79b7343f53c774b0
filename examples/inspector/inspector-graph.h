/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "inspector-rates.h"

G_BEGIN_DECLS

#define INSPECTOR_TYPE_GRAPH (inspector_graph_get_type ())
G_DECLARE_FINAL_TYPE (InspectorGraph, inspector_graph, INSPECTOR, GRAPH, GtkWidget)

typedef enum
{
  INSPECTOR_GRAPH_MESSAGES,
  INSPECTOR_GRAPH_BYTES
} InspectorGraphKind;

/* Rates over the last minute. To be told by gtk_widget_queue_draw() that they have changed; they outlive it. */
GtkWidget *inspector_graph_new (const InspectorRates *rates,
                                InspectorGraphKind    kind);

G_END_DECLS
