/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "inspector-session.h"

G_BEGIN_DECLS

#define INSPECTOR_TYPE_RATES_PAGE (inspector_rates_page_get_type ())
G_DECLARE_FINAL_TYPE (InspectorRatesPage, inspector_rates_page, INSPECTOR, RATES_PAGE, GtkBox)

/* The page of how much comes and goes. */
GtkWidget *inspector_rates_page_new (InspectorSession *session);
/* to be told when there is a new sample */
void inspector_rates_page_update (InspectorRatesPage *self);

G_END_DECLS
