/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "inspector-icon-button.h"
#include "inspector-messages.h"
#include "inspector-row.h"

#define UPDATE_US  5000                 /* of a frame, at most, for what has come */
#define LEISURE_MS 250                  /* between updates, when what has come is not what is looked at */
#define SETTLED_US (G_USEC_PER_SEC / 2) /* after which the list is where somebody, not we, has scrolled it */

struct _InspectorMessages
{
  GtkBox              parent_instance;
  InspectorSession   *session;
  GtkWidget          *search;
  GtkWidget          *problem;
  GtkWidget          *count;
  GtkWidget          *nothing;
  GtkWidget          *view;
  GtkSingleSelection *selection;
  GtkWidget          *detail;
  GtkWidget          *composer;
  guint               tick;
  guint               leisure;
  gint64              scrolled; /* when we did */
  gboolean            is_following;
};

enum
{
  PROP_FOLLOWING = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (InspectorMessages, inspector_messages, GTK_TYPE_BOX)

static void
inspector_messages_get_property (GObject    *object,
                                 guint       id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  g_value_set_boolean (value, INSPECTOR_MESSAGES (object)->is_following);
}

static void
inspector_messages_set_property (GObject      *object,
                                 guint         id,
                                 const GValue *value,
                                 GParamSpec   *pspec)
{
  inspector_messages_set_following (INSPECTOR_MESSAGES (object), g_value_get_boolean (value));
}

static void
scroll_to (InspectorMessages *self,
           guint              position)
{
  self->scrolled = g_get_monotonic_time ();
  gtk_widget_activate_action (self->view, "list.scroll-to-item", "u", position);
}

static void
scroll_to_end (InspectorMessages *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->selection));

  if (n > 0)
    scroll_to (self, n - 1);
}

static void
show_count (InspectorMessages *self)
{
  guint            n = g_list_model_get_n_items (G_LIST_MODEL (self->selection));
  g_autofree char *text = g_strdup_printf (ngettext ("%'u message", "%'u messages", n), n);

  gtk_label_set_text (GTK_LABEL (self->count), text);
  gtk_label_set_text (GTK_LABEL (self->nothing), *inspector_messages_get_filter (self) != '\0' ? _ ("No message passes the filter") : _ ("No messages yet"));
  gtk_widget_set_visible (self->nothing, n == 0);
}

static gboolean
update (InspectorMessages *self)
{
  gboolean is_more = inspector_list_update (inspector_session_get_list (self->session), UPDATE_US);

  show_count (self);
  if (self->is_following)
    scroll_to_end (self);

  return is_more;
}

static gboolean
on_tick (GtkWidget     *widget,
         GdkFrameClock *clock,
         gpointer       user_data)
{
  InspectorMessages *self = INSPECTOR_MESSAGES (widget);

  if (update (self))
    return G_SOURCE_CONTINUE;
  self->tick = 0;

  return G_SOURCE_REMOVE;
}

static gboolean
on_leisure (gpointer user_data)
{
  InspectorMessages *self = user_data;

  self->leisure = 0;
  self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_tick, NULL, NULL);

  return G_SOURCE_REMOVE;
}

static void
begin_to_update (InspectorMessages *self)
{
  if (self->tick != 0 || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;

  if (self->is_following)
    {
      g_clear_handle_id (&self->leisure, g_source_remove);
      on_leisure (self);
    }
  else if (self->leisure == 0)
    self->leisure = g_timeout_add (LEISURE_MS, on_leisure, self);
}

static void
on_outdated (InspectorList     *list,
             InspectorMessages *self)
{
  begin_to_update (self);
}

static void
inspector_messages_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (inspector_messages_parent_class)->map (widget);

  begin_to_update (INSPECTOR_MESSAGES (widget));
}

/* A list that nobody sees is not brought up to date. */
static void
inspector_messages_unmap (GtkWidget *widget)
{
  InspectorMessages *self = INSPECTOR_MESSAGES (widget);

  if (self->tick != 0)
    gtk_widget_remove_tick_callback (widget, self->tick);
  self->tick = 0;
  g_clear_handle_id (&self->leisure, g_source_remove);

  GTK_WIDGET_CLASS (inspector_messages_parent_class)->unmap (widget);
}

static void
inspector_messages_dispose (GObject *object)
{
  InspectorMessages *self = INSPECTOR_MESSAGES (object);

  g_clear_object (&self->selection);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (inspector_messages_parent_class)->dispose (object);
}

static void
inspector_messages_class_init (InspectorMessagesClass *klass)
{
  GObjectClass   *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = inspector_messages_get_property;
  object_class->set_property = inspector_messages_set_property;
  object_class->dispose = inspector_messages_dispose;
  widget_class->map = inspector_messages_map;
  widget_class->unmap = inspector_messages_unmap;

  props[PROP_FOLLOWING] = g_param_spec_boolean ("following", NULL, NULL, TRUE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
on_search_changed (GtkSearchEntry    *search,
                   InspectorMessages *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (search));
  g_autoptr (GError) error = NULL;
  InspectorFilter *filter = inspector_filter_new (text, &error);

  gtk_label_set_text (GTK_LABEL (self->problem), error != NULL ? error->message : "");
  gtk_widget_set_tooltip_text (self->problem, error != NULL ? error->message : NULL);
  gtk_widget_set_visible (self->problem, error != NULL);
  if (filter == NULL)
    return;
  inspector_list_set_filter (inspector_session_get_list (self->session), filter);
  update (self);
}

static void
on_stop_search (GtkSearchEntry    *search,
                InspectorMessages *self)
{
  gtk_editable_set_text (GTK_EDITABLE (search), "");
  gtk_widget_grab_focus (self->view);
}

static GtkWidget *
build_bar (InspectorMessages *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *follow = inspector_icon_toggle_new ("go-bottom-symbolic", _ ("Stay at the latest message"), "win.follow");
  GtkWidget *clear = inspector_icon_button_new ("edit-clear-all-symbolic", _ ("Forget all messages"), "win.clear");

  self->search = gtk_search_entry_new ();
  g_object_set (self->search, "placeholder-text", _ ("Filter"), NULL);
  gtk_widget_set_hexpand (self->search, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->search), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Filter"), -1);
  gtk_widget_set_tooltip_text (self->search, _ ("Words, “two words”, topic:word, hex:0aff, size>100, frames:2, is:in, is:out; with a - before it, what does not hold"));
  g_signal_connect (self->search, "search-changed", G_CALLBACK (on_search_changed), self);
  g_signal_connect (self->search, "stop-search", G_CALLBACK (on_stop_search), self);
  self->problem = gtk_label_new (NULL);
  gtk_label_set_ellipsize (GTK_LABEL (self->problem), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (GTK_LABEL (self->problem), 50);
  gtk_widget_add_css_class (self->problem, "error");
  gtk_widget_hide (self->problem);
  self->count = gtk_label_new (NULL);

  gtk_widget_add_css_class (bar, "bar");
  gtk_box_append (GTK_BOX (bar), self->search);
  gtk_box_append (GTK_BOX (bar), self->problem);
  gtk_box_append (GTK_BOX (bar), self->count);
  gtk_box_append (GTK_BOX (bar), follow);
  gtk_box_append (GTK_BOX (bar), clear);

  return bar;
}

static void
on_setup (GtkSignalListItemFactory *factory,
          GtkListItem              *item)
{
  gtk_list_item_set_child (item, inspector_row_new ());
}

static void
on_bind (GtkSignalListItemFactory *factory,
         GtkListItem              *item)
{
  inspector_row_set_record (INSPECTOR_ROW (gtk_list_item_get_child (item)), gtk_list_item_get_item (item));
}

static void
on_selected (GtkSingleSelection *selection,
             GParamSpec         *pspec,
             InspectorMessages  *self)
{
  InspectorRecord *record = gtk_single_selection_get_selected_item (selection);

  /* what is looked at stays, also when the list has dropped it */
  if (record == NULL)
    return;
  inspector_detail_set_record (INSPECTOR_DETAIL (self->detail), record);
  inspector_messages_set_following (self, FALSE);
}

static gboolean
on_scroll (GtkEventControllerScroll *controller,
           double                    dx,
           double                    dy,
           InspectorMessages        *self)
{
  if (dy < 0)
    inspector_messages_set_following (self, FALSE);

  return FALSE;
}

static void
on_edge_reached (GtkScrolledWindow *scrolled,
                 GtkPositionType    position,
                 InspectorMessages *self)
{
  if (position == GTK_POS_BOTTOM && g_get_monotonic_time () - self->scrolled > SETTLED_US)
    inspector_messages_set_following (self, TRUE);
}

static GtkWidget *
build_list (InspectorMessages *self)
{
  GtkWidget          *scrolled = gtk_scrolled_window_new ();
  GtkWidget          *overlay = gtk_overlay_new ();
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkEventController *controller = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);

  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), NULL);
  self->view = gtk_list_view_new (GTK_SELECTION_MODEL (g_object_ref (self->selection)), factory);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Messages"), -1);
  gtk_widget_add_css_class (self->view, "messages");
  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  g_signal_connect (controller, "scroll", G_CALLBACK (on_scroll), self);
  g_signal_connect (scrolled, "edge-reached", G_CALLBACK (on_edge_reached), self);
  gtk_widget_add_controller (scrolled, controller);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->view);
  gtk_widget_set_vexpand (scrolled, TRUE);
  self->nothing = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->nothing, "dim-label");
  gtk_widget_set_can_target (self->nothing, FALSE);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), scrolled);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), self->nothing);

  return overlay;
}

static GtkWidget *
build_panes (InspectorMessages *self)
{
  GtkWidget *panes = gtk_paned_new (GTK_ORIENTATION_VERTICAL);
  GtkWidget *upper = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *heading = inspector_row_new ();

  gtk_widget_add_css_class (heading, "head");
  gtk_box_append (GTK_BOX (upper), heading);
  gtk_box_append (GTK_BOX (upper), build_list (self));
  gtk_widget_set_size_request (upper, -1, 100);
  gtk_widget_set_size_request (self->detail, -1, 80);
  gtk_paned_set_start_child (GTK_PANED (panes), upper);
  gtk_paned_set_end_child (GTK_PANED (panes), self->detail);
  gtk_paned_set_shrink_start_child (GTK_PANED (panes), FALSE);
  gtk_paned_set_shrink_end_child (GTK_PANED (panes), FALSE);
  gtk_paned_set_resize_end_child (GTK_PANED (panes), FALSE);
  gtk_paned_set_position (GTK_PANED (panes), 320);
  gtk_widget_set_vexpand (panes, TRUE);

  return panes;
}

static void
inspector_messages_init (InspectorMessages *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
}

GtkWidget *
inspector_messages_new (InspectorSession *session)
{
  InspectorMessages *self = g_object_new (INSPECTOR_TYPE_MESSAGES, NULL);
  InspectorList     *list = inspector_session_get_list (session);

  self->session = g_object_ref (session);
  /* a recording is read from its beginning */
  self->is_following = G_OBJECT_TYPE (session) != INSPECTOR_TYPE_SESSION;
  self->selection = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (list)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  self->detail = inspector_detail_new ();
  gtk_box_append (GTK_BOX (self), build_bar (self));
  gtk_box_append (GTK_BOX (self), build_panes (self));
  if (INSPECTOR_IS_SOCKET (session) && inspector_socket_can_send (INSPECTOR_SOCKET (session)))
    {
      self->composer = inspector_composer_new (INSPECTOR_SOCKET (session));
      gtk_box_append (GTK_BOX (self), self->composer);
    }

  g_signal_connect_object (list, "outdated", G_CALLBACK (on_outdated), self, 0);
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (on_selected), self, 0);
  show_count (self);

  return GTK_WIDGET (self);
}

InspectorDetail *
inspector_messages_get_detail (InspectorMessages *self)
{
  return INSPECTOR_DETAIL (self->detail);
}

InspectorComposer *
inspector_messages_get_composer (InspectorMessages *self)
{
  return self->composer != NULL ? INSPECTOR_COMPOSER (self->composer) : NULL;
}

gboolean
inspector_messages_get_following (InspectorMessages *self)
{
  return self->is_following;
}

void
inspector_messages_set_following (InspectorMessages *self,
                                  gboolean           is_following)
{
  if (self->is_following == is_following)
    return;

  self->is_following = is_following;
  if (is_following)
    {
      begin_to_update (self);
      scroll_to_end (self);
    }
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_FOLLOWING]);
}

const char *
inspector_messages_get_filter (InspectorMessages *self)
{
  return gtk_editable_get_text (GTK_EDITABLE (self->search));
}

void
inspector_messages_set_filter (InspectorMessages *self,
                               const char        *text)
{
  /* GTK takes the old text out before, and tells at once that there is none */
  g_signal_handlers_block_by_func (self->search, on_search_changed, self);
  gtk_editable_set_text (GTK_EDITABLE (self->search), text);
  g_signal_handlers_unblock_by_func (self->search, on_search_changed, self);
  on_search_changed (GTK_SEARCH_ENTRY (self->search), self);
}

void
inspector_messages_focus_filter (InspectorMessages *self)
{
  gtk_widget_grab_focus (self->search);
}

gboolean
inspector_messages_select (InspectorMessages *self,
                           guint              position)
{
  if (position >= g_list_model_get_n_items (G_LIST_MODEL (self->selection)))
    return FALSE;

  gtk_single_selection_set_selected (self->selection, position);
  scroll_to (self, position);

  return TRUE;
}
