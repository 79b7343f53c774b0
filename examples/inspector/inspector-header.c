/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "inspector-header.h"
#include "inspector-icon-button.h"

static GMenuModel *
make_new_menu (void)
{
  GMenu *menu = g_menu_new ();

  g_menu_append (menu, _ ("New _Socket…"), "win.new-socket");
  g_menu_append (menu, _ ("New _Proxy…"), "win.new-proxy");
  g_menu_append (menu, _ ("_Open Recording…"), "win.open");

  return G_MENU_MODEL (menu);
}

static GMenuModel *
make_main_menu (void)
{
  GMenu *menu = g_menu_new ();
  GMenu *recording = g_menu_new ();
  GMenu *session = g_menu_new ();
  GMenu *app = g_menu_new ();

  g_menu_append (recording, _ ("Sa_ve Recording…"), "win.save");
  g_menu_append (recording, _ ("_Replay…"), "win.replay");
  g_menu_append (session, _ ("_Send Message Again"), "win.send-again");
  g_menu_append (session, _ ("_Copy Message"), "win.copy");
  g_menu_append (session, _ ("C_lose Session"), "win.close-session");
  g_menu_append (app, _ ("_New Window"), "app.new-window");
  g_menu_append (app, _ ("_Keyboard Shortcuts"), "win.show-help-overlay");
  g_menu_append (app, _ ("_About Inspector"), "app.about");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (recording));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (session));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (app));
  g_object_unref (recording);
  g_object_unref (session);
  g_object_unref (app);

  return G_MENU_MODEL (menu);
}

static GtkWidget *
make_menu_button (const char *icon,
                  const char *tooltip,
                  GMenuModel *menu)
{
  GtkWidget *button = gtk_menu_button_new ();

  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), icon);
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), menu);
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip, -1);
  g_object_unref (menu);

  return button;
}

GtkWidget *
inspector_header_new (GtkWidget **switcher)
{
  GtkWidget *header = gtk_header_bar_new ();
  GtkWidget *menu = make_menu_button ("open-menu-symbolic", _ ("Main Menu"), make_main_menu ());

  gtk_menu_button_set_primary (GTK_MENU_BUTTON (menu), TRUE);
  *switcher = gtk_stack_switcher_new ();
  gtk_header_bar_set_title_widget (GTK_HEADER_BAR (header), *switcher);
  gtk_header_bar_pack_start (GTK_HEADER_BAR (header), inspector_icon_toggle_new ("sidebar-show-symbolic", _ ("Show the Sidebar"), "win.sidebar"));
  gtk_header_bar_pack_start (GTK_HEADER_BAR (header), make_menu_button ("list-add-symbolic", _ ("New Socket, Proxy or Recording"), make_new_menu ()));
  gtk_header_bar_pack_end (GTK_HEADER_BAR (header), menu);
  gtk_header_bar_pack_end (GTK_HEADER_BAR (header), inspector_icon_toggle_new ("media-playback-pause-symbolic", _ ("Pause: messages wait where they are"), "win.pause"));

  return header;
}

static GtkWidget *
make_action_button (const char *label,
                    const char *action)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_add_css_class (button, "pill");

  return button;
}

GtkWidget *
inspector_empty_page_new (void)
{
  GtkWidget *page = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *icon = gtk_image_new_from_icon_name ("network-transmit-receive-symbolic");
  GtkWidget *title = gtk_label_new (_ ("No Sockets Yet"));
  GtkWidget *text = gtk_label_new (_ ("Make a socket to see what comes in, or a proxy that stands between two endpoints."));
  GtkWidget *socket = make_action_button (_ ("New _Socket…"), "win.new-socket");

  gtk_image_set_pixel_size (GTK_IMAGE (icon), 96);
  gtk_widget_add_css_class (icon, "dim-label");
  gtk_widget_add_css_class (title, "title-1");
  gtk_widget_add_css_class (socket, "suggested-action");
  gtk_label_set_wrap (GTK_LABEL (text), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (text), 50);
  gtk_label_set_justify (GTK_LABEL (text), GTK_JUSTIFY_CENTER);
  gtk_widget_set_valign (page, GTK_ALIGN_CENTER);
  gtk_widget_set_halign (page, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (page, "page");
  gtk_box_append (GTK_BOX (page), icon);
  gtk_box_append (GTK_BOX (page), title);
  gtk_box_append (GTK_BOX (page), text);
  gtk_box_append (GTK_BOX (page), socket);
  gtk_box_append (GTK_BOX (page), make_action_button (_ ("New _Proxy…"), "win.new-proxy"));
  gtk_box_append (GTK_BOX (page), make_action_button (_ ("_Open Recording…"), "win.open"));

  return page;
}
