/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "inspector-icon-button.h"

static GtkWidget *
set_up (GtkWidget  *button,
        const char *icon,
        const char *name,
        const char *action)
{
  gtk_button_set_icon_name (GTK_BUTTON (button), icon);
  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);

  return button;
}

GtkWidget *
inspector_icon_button_new (const char *icon,
                           const char *name,
                           const char *action)
{
  return set_up (gtk_button_new (), icon, name, action);
}

GtkWidget *
inspector_icon_toggle_new (const char *icon,
                           const char *name,
                           const char *action)
{
  return set_up (gtk_toggle_button_new (), icon, name, action);
}
