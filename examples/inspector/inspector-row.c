/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "inspector-row.h"
#include "inspector-text.h"

#define MAX_CHARS    300
#define TOLD_CHARS   120 /* to who listens rather than looks */
#define PADDING      4
#define DIM          0.8
#define TIME_CHARS   16
#define ARROW_CHARS  3
#define FRAMES_CHARS 7
#define SIZE_CHARS   10

struct _InspectorRow
{
  GtkWidget        parent_instance;
  InspectorRecord *record;
  int              height;
  int              char_width;
  gboolean         is_told;
};

G_DEFINE_FINAL_TYPE (InspectorRow, inspector_row, GTK_TYPE_WIDGET)

static void
measure_font (InspectorRow *self)
{
  PangoContext     *context = gtk_widget_get_pango_context (GTK_WIDGET (self));
  PangoFontMetrics *metrics = pango_context_get_metrics (context, NULL, NULL);

  self->height = PANGO_PIXELS_CEIL (pango_font_metrics_get_height (metrics)) + 2 * PADDING;
  self->char_width = PANGO_PIXELS_CEIL (pango_font_metrics_get_approximate_digit_width (metrics));
  pango_font_metrics_unref (metrics);
}

static void
inspector_row_measure (GtkWidget     *widget,
                       GtkOrientation orientation,
                       int            for_size,
                       int           *minimum,
                       int           *natural,
                       int           *minimum_baseline,
                       int           *natural_baseline)
{
  InspectorRow *self = INSPECTOR_ROW (widget);

  if (self->height == 0)
    measure_font (self);
  *minimum = orientation == GTK_ORIENTATION_VERTICAL ? self->height : 20 * self->char_width;
  *natural = orientation == GTK_ORIENTATION_VERTICAL ? self->height : 100 * self->char_width;
}

/* Returns where the next column begins. */
static int
draw_text (InspectorRow  *self,
           GtkSnapshot   *snapshot,
           const char    *text,
           int            x,
           int            width,
           PangoAlignment alignment,
           double         alpha)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &color);
  color.alpha *= alpha;
  pango_layout_set_width (layout, (width - self->char_width) * PANGO_SCALE);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_alignment (layout, alignment);

  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x, PADDING));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);

  return x + width;
}

static void
draw (InspectorRow *self,
      GtkSnapshot  *snapshot,
      const char   *time,
      const char   *arrow,
      const char   *frames,
      const char   *size,
      const char   *content)
{
  int x = self->char_width;
  int width = gtk_widget_get_width (GTK_WIDGET (self));

  x = draw_text (self, snapshot, time, x, TIME_CHARS * self->char_width, PANGO_ALIGN_LEFT, DIM);
  x = draw_text (self, snapshot, arrow, x, ARROW_CHARS * self->char_width, PANGO_ALIGN_LEFT, 1);
  x = draw_text (self, snapshot, frames, x, FRAMES_CHARS * self->char_width, PANGO_ALIGN_RIGHT, DIM);
  x = draw_text (self, snapshot, size, x, SIZE_CHARS * self->char_width, PANGO_ALIGN_RIGHT, DIM);
  if (width > x + 2 * self->char_width)
    draw_text (self, snapshot, content, x + self->char_width, width - x - self->char_width, PANGO_ALIGN_LEFT, 1);
}

static void
draw_record (InspectorRow *self,
             GtkSnapshot  *snapshot)
{
  const InspectorEntry *entry = inspector_record_get_entry (self->record);
  g_autofree char      *time = inspector_text_format_time (entry->time);
  g_autofree char      *frames = g_strdup_printf ("%u", zmqglib_message_get_n_frames (entry->message));
  g_autofree char      *size = g_strdup_printf ("%" G_GSIZE_FORMAT, zmqglib_message_get_size (entry->message));
  g_autofree char      *content = inspector_text_summarize (entry->message, MAX_CHARS);

  draw (self, snapshot, time, inspector_direction_get_arrow (entry->direction), frames, size, content);
}

/* Of what is in sight only, as all that is laid out. */
static void
tell (InspectorRow *self)
{
  const InspectorEntry *entry = inspector_record_get_entry (self->record);
  g_autofree char      *content = inspector_text_summarize (entry->message, TOLD_CHARS);
  g_autofree char      *text = g_strdup_printf ("%s: %s", inspector_direction_get_name (entry->direction), content);

  self->is_told = TRUE;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

static void
inspector_row_snapshot (GtkWidget   *widget,
                        GtkSnapshot *snapshot)
{
  InspectorRow *self = INSPECTOR_ROW (widget);

  if (self->record != NULL && !self->is_told)
    tell (self);
  if (self->record != NULL)
    draw_record (self, snapshot);
  else
    draw (self, snapshot, _ ("Time"), "", _ ("Frames"), _ ("Bytes"), _ ("Content"));
}

static void
inspector_row_css_changed (GtkWidget         *widget,
                           GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (inspector_row_parent_class)->css_changed (widget, change);

  measure_font (INSPECTOR_ROW (widget));
}

static void
inspector_row_dispose (GObject *object)
{
  g_clear_object (&INSPECTOR_ROW (object)->record);

  G_OBJECT_CLASS (inspector_row_parent_class)->dispose (object);
}

static void
inspector_row_class_init (InspectorRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = inspector_row_dispose;
  widget_class->measure = inspector_row_measure;
  widget_class->snapshot = inspector_row_snapshot;
  widget_class->css_changed = inspector_row_css_changed;
  gtk_widget_class_set_css_name (widget_class, "message");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LABEL);
}

static void
inspector_row_init (InspectorRow *self)
{
}

GtkWidget *
inspector_row_new (void)
{
  return g_object_new (INSPECTOR_TYPE_ROW, NULL);
}

void
inspector_row_set_record (InspectorRow    *self,
                          InspectorRecord *record)
{
  if (!g_set_object (&self->record, record))
    return;
  self->is_told = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
