/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "inspector-header.h"
#include "inspector-replay-bar.h"
#include "inspector-sidebar.h"
#include "inspector-window.h"
#include "inspector-wrapped-label.h"

#define NARROW        900
#define SIDEBAR_WIDTH 250

struct _InspectorWindow
{
  GtkApplicationWindow parent_instance;
  GListStore          *sessions;
  GtkWidget           *switcher;
  GtkWidget           *sidebar;
  GtkWidget           *stack; /* of views */
  GtkWidget           *complaint_bar;
  GtkWidget           *complaint;
  GtkWidget           *replay_bar;
  InspectorView       *view;
  guint                timer;
  guint                narrow_idle;
  gboolean             is_narrow;
};

enum
{
  CHANGED,
  SAMPLED,
  NARROW_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (InspectorWindow, inspector_window, GTK_TYPE_APPLICATION_WINDOW)

static gboolean
on_narrow (gpointer user_data)
{
  InspectorWindow *self = user_data;

  self->narrow_idle = 0;
  g_signal_emit (self, signals[NARROW_CHANGED], 0, self->is_narrow);

  return G_SOURCE_REMOVE;
}

static void
inspector_window_size_allocate (GtkWidget *widget,
                                int        width,
                                int        height,
                                int        baseline)
{
  InspectorWindow *self = INSPECTOR_WINDOW (widget);

  GTK_WIDGET_CLASS (inspector_window_parent_class)->size_allocate (widget, width, height, baseline);

  if (self->is_narrow == (width < NARROW))
    return;
  self->is_narrow = width < NARROW;
  /* what is being laid out may not change */
  if (self->narrow_idle == 0)
    self->narrow_idle = g_idle_add (on_narrow, self);
}

static void
inspector_window_dispose (GObject *object)
{
  InspectorWindow *self = INSPECTOR_WINDOW (object);

  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_handle_id (&self->narrow_idle, g_source_remove);
  if (self->sessions != NULL)
    {
      inspector_replay_bar_stop (INSPECTOR_REPLAY_BAR (self->replay_bar));
      for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->sessions)); i++)
        {
          g_autoptr (InspectorSession) session = g_list_model_get_item (G_LIST_MODEL (self->sessions), i);

          inspector_session_close (session);
        }
    }
  self->view = NULL;

  G_OBJECT_CLASS (inspector_window_parent_class)->dispose (object);
}

static void
inspector_window_finalize (GObject *object)
{
  g_clear_object (&INSPECTOR_WINDOW (object)->sessions);

  G_OBJECT_CLASS (inspector_window_parent_class)->finalize (object);
}

static void
inspector_window_class_init (InspectorWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = inspector_window_dispose;
  object_class->finalize = inspector_window_finalize;
  GTK_WIDGET_CLASS (klass)->size_allocate = inspector_window_size_allocate;

  signals[CHANGED] = g_signal_new ("changed", INSPECTOR_TYPE_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SAMPLED] = g_signal_new ("sampled", INSPECTOR_TYPE_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[NARROW_CHANGED] = g_signal_new ("narrow", INSPECTOR_TYPE_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
}

static gboolean
on_sample (gpointer user_data)
{
  InspectorWindow *self = user_data;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->sessions)); i++)
    {
      g_autoptr (InspectorSession) session = g_list_model_get_item (G_LIST_MODEL (self->sessions), i);

      inspector_rates_sample (inspector_session_get_rates (session), inspector_session_get_store (session), g_get_monotonic_time ());
    }
  inspector_sidebar_update_rates (INSPECTOR_SIDEBAR (self->sidebar));
  inspector_replay_bar_update (INSPECTOR_REPLAY_BAR (self->replay_bar));
  if (self->view != NULL)
    inspector_view_update_rates (self->view);
  g_signal_emit (self, signals[SAMPLED], 0);

  return G_SOURCE_CONTINUE;
}

static void
on_chosen (InspectorSidebar *sidebar,
           int               index,
           InspectorWindow  *self)
{
  inspector_window_select (self, index);
}

static void
on_failed (GObject         *failed,
           const GError    *error,
           InspectorWindow *self)
{
  inspector_window_complain (self, error);
}

static void
on_complaint_response (GtkInfoBar *bar)
{
  gtk_info_bar_set_revealed (bar, FALSE);
}

static GtkWidget *
build_complaint (InspectorWindow *self)
{
  self->complaint = inspector_wrapped_label_new ();
  self->complaint_bar = gtk_info_bar_new ();
  gtk_info_bar_set_message_type (GTK_INFO_BAR (self->complaint_bar), GTK_MESSAGE_ERROR);
  gtk_info_bar_set_show_close_button (GTK_INFO_BAR (self->complaint_bar), TRUE);
  gtk_info_bar_set_revealed (GTK_INFO_BAR (self->complaint_bar), FALSE);
  gtk_info_bar_add_child (GTK_INFO_BAR (self->complaint_bar), self->complaint);
  g_signal_connect (self->complaint_bar, "response", G_CALLBACK (on_complaint_response), NULL);

  return self->complaint_bar;
}

static GtkWidget *
build_content (InspectorWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *panes = gtk_paned_new (GTK_ORIENTATION_HORIZONTAL);

  self->sidebar = inspector_sidebar_new (G_LIST_MODEL (self->sessions));
  g_signal_connect (self->sidebar, "chosen", G_CALLBACK (on_chosen), self);
  gtk_widget_hide (self->sidebar);
  gtk_widget_set_size_request (self->sidebar, SIDEBAR_WIDTH * 2 / 3, -1);
  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), inspector_empty_page_new (), "empty");
  gtk_paned_set_start_child (GTK_PANED (panes), self->sidebar);
  gtk_paned_set_end_child (GTK_PANED (panes), self->stack);
  gtk_paned_set_resize_start_child (GTK_PANED (panes), FALSE);
  gtk_paned_set_shrink_start_child (GTK_PANED (panes), FALSE);
  gtk_paned_set_shrink_end_child (GTK_PANED (panes), FALSE);
  gtk_paned_set_position (GTK_PANED (panes), SIDEBAR_WIDTH);
  gtk_widget_set_vexpand (panes, TRUE);
  self->replay_bar = inspector_replay_bar_new ();
  g_signal_connect (self->replay_bar, "failed", G_CALLBACK (on_failed), self);

  gtk_box_append (GTK_BOX (box), build_complaint (self));
  gtk_box_append (GTK_BOX (box), panes);
  gtk_box_append (GTK_BOX (box), self->replay_bar);

  return box;
}

static void
inspector_window_init (InspectorWindow *self)
{
  self->sessions = g_list_store_new (INSPECTOR_TYPE_SESSION);
  gtk_window_set_title (GTK_WINDOW (self), _ ("ZeroMQ Inspector"));
  gtk_window_set_default_size (GTK_WINDOW (self), 1100, 750);
  gtk_window_set_icon_name (GTK_WINDOW (self), "org.zmqglib.Inspector");
  gtk_window_set_titlebar (GTK_WINDOW (self), inspector_header_new (&self->switcher));
  gtk_window_set_child (GTK_WINDOW (self), build_content (self));
  gtk_widget_hide (self->switcher);
  self->timer = g_timeout_add (INSPECTOR_RATES_INTERVAL_US / 1000, on_sample, self);
}

GtkWidget *
inspector_window_new (GtkApplication *app)
{
  return g_object_new (INSPECTOR_TYPE_WINDOW, "application", app, NULL);
}

GListModel *
inspector_window_get_sessions (InspectorWindow *self)
{
  return G_LIST_MODEL (self->sessions);
}

InspectorView *
inspector_window_get_view (InspectorWindow *self)
{
  return self->view;
}

int
inspector_window_get_selected (InspectorWindow *self)
{
  guint position;

  if (self->view != NULL && g_list_store_find (self->sessions, inspector_view_get_session (self->view), &position))
    return position;

  return -1;
}

static InspectorView *
find_view (InspectorWindow  *self,
           InspectorSession *session)
{
  for (GtkWidget *child = gtk_widget_get_first_child (self->stack); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (INSPECTOR_IS_VIEW (child) && inspector_view_get_session (INSPECTOR_VIEW (child)) == session)
      return INSPECTOR_VIEW (child);

  return NULL;
}

static void
show_view (InspectorWindow *self,
           InspectorView   *view)
{
  self->view = view;
  inspector_window_complain (self, NULL);
  if (view != NULL)
    gtk_stack_set_visible_child (GTK_STACK (self->stack), GTK_WIDGET (view));
  else
    gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "empty");
  gtk_stack_switcher_set_stack (GTK_STACK_SWITCHER (self->switcher), view != NULL ? inspector_view_get_stack (view) : NULL);
  /* one page is no choice */
  gtk_widget_set_visible (self->switcher, view != NULL && inspector_view_get_connections (view) != NULL);
  inspector_sidebar_select (INSPECTOR_SIDEBAR (self->sidebar), inspector_window_get_selected (self));
  g_signal_emit (self, signals[CHANGED], 0);
}

void
inspector_window_select (InspectorWindow *self,
                         int              index)
{
  g_autoptr (InspectorSession) session = index >= 0 ? g_list_model_get_item (G_LIST_MODEL (self->sessions), index) : NULL;
  InspectorView *view = session != NULL ? find_view (self, session) : NULL;

  if (view != NULL && view != self->view)
    show_view (self, view);
}

void
inspector_window_add_session (InspectorWindow  *self,
                              InspectorSession *session)
{
  GtkWidget *view = inspector_view_new (session);

  if (g_signal_lookup ("failed", G_OBJECT_TYPE (session)) != 0)
    g_signal_connect_object (session, "failed", G_CALLBACK (on_failed), self, 0);
  gtk_stack_add_child (GTK_STACK (self->stack), view);
  g_list_store_append (self->sessions, session);
  show_view (self, INSPECTOR_VIEW (view));
  g_object_unref (session);
}

void
inspector_window_close_session (InspectorWindow *self)
{
  InspectorView *view = self->view;
  int            index = inspector_window_get_selected (self);
  guint          n;

  if (index < 0)
    return;

  inspector_session_close (inspector_view_get_session (view));
  self->view = NULL;
  gtk_stack_switcher_set_stack (GTK_STACK_SWITCHER (self->switcher), NULL);
  g_list_store_remove (self->sessions, index);
  n = g_list_model_get_n_items (G_LIST_MODEL (self->sessions));
  if (n > 0)
    inspector_window_select (self, MIN ((guint) index, n - 1));
  else
    show_view (self, NULL);
  gtk_stack_remove (GTK_STACK (self->stack), GTK_WIDGET (view));
}

GPtrArray *
inspector_window_list_shown (InspectorWindow *self)
{
  GPtrArray  *records = g_ptr_array_new_with_free_func (g_object_unref);
  GListModel *list;

  if (self->view == NULL)
    return records;

  list = G_LIST_MODEL (inspector_session_get_list (inspector_view_get_session (self->view)));
  while (inspector_list_update (INSPECTOR_LIST (list), G_USEC_PER_SEC))
    ;
  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    g_ptr_array_add (records, g_list_model_get_item (list, i));

  return records;
}

gboolean
inspector_window_replay (InspectorWindow *self,
                         guint            target,
                         double           speed,
                         GError         **error)
{
  g_autoptr (InspectorSession) session = g_list_model_get_item (G_LIST_MODEL (self->sessions), target);
  g_autoptr (GPtrArray) records = inspector_window_list_shown (self);

  if (session == NULL || !INSPECTOR_IS_SOCKET (session) || !inspector_socket_can_send (INSPECTOR_SOCKET (session)))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _ ("There is no socket that can send"));
      return FALSE;
    }
  if (records->len == 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _ ("No message is shown"));
      return FALSE;
    }

  inspector_replay_bar_start (INSPECTOR_REPLAY_BAR (self->replay_bar), records, speed, INSPECTOR_SOCKET (session));

  return TRUE;
}

void
inspector_window_stop_replay (InspectorWindow *self)
{
  inspector_replay_bar_stop (INSPECTOR_REPLAY_BAR (self->replay_bar));
}

gboolean
inspector_window_is_replaying (InspectorWindow *self)
{
  return inspector_replay_bar_is_running (INSPECTOR_REPLAY_BAR (self->replay_bar));
}

void
inspector_window_complain (InspectorWindow *self,
                           const GError    *error)
{
  if (error != NULL)
    gtk_label_set_text (GTK_LABEL (self->complaint), error->message);
  gtk_info_bar_set_revealed (GTK_INFO_BAR (self->complaint_bar), error != NULL);
}

const char *
inspector_window_get_complaint (InspectorWindow *self)
{
  return gtk_info_bar_get_revealed (GTK_INFO_BAR (self->complaint_bar)) ? gtk_label_get_text (GTK_LABEL (self->complaint)) : "";
}

void
inspector_window_show_sidebar (InspectorWindow *self,
                               gboolean         is_shown)
{
  gtk_widget_set_visible (self->sidebar, is_shown);
}

gboolean
inspector_window_is_narrow (InspectorWindow *self)
{
  return self->is_narrow;
}
