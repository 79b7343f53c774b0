/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "inspector-graph.h"

#define MARGIN     12
#define LEFT       64
#define BOTTOM     24
#define N_LINES    4
#define LINE_WIDTH 2
#define MIN_HEIGHT 140

struct _InspectorGraph
{
  GtkWidget             parent_instance;
  const InspectorRates *rates;
  InspectorGraphKind    kind;
};

G_DEFINE_FINAL_TYPE (InspectorGraph, inspector_graph, GTK_TYPE_WIDGET)

static double
get_value (InspectorGraph *self,
           guint           age,
           gboolean        is_out)
{
  InspectorRate rate = inspector_rates_get (self->rates, age);

  if (self->kind == INSPECTOR_GRAPH_MESSAGES)
    return is_out ? rate.messages_out : rate.messages_in;

  return is_out ? rate.bytes_out : rate.bytes_in;
}

/* A round number that no value is above. */
static double
get_top (InspectorGraph *self)
{
  double highest = 0;

  for (guint age = 0; age < INSPECTOR_RATES_LENGTH; age++)
    highest = MAX (highest, MAX (get_value (self, age, FALSE), get_value (self, age, TRUE)));

  return inspector_rates_round_up (highest, N_LINES);
}

static void
draw_label (InspectorGraph *self,
            GtkSnapshot    *snapshot,
            const char     *text,
            double          x,
            double          y,
            double          x_align)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  GdkRGBA color;
  int     width, height;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &color);
  pango_layout_get_pixel_size (layout, &width, &height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x - width * x_align, y - height / 2.0));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
}

static void
draw_grid (InspectorGraph              *self,
           GtkSnapshot                 *snapshot,
           const cairo_rectangle_int_t *area,
           double                       top)
{
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &color);
  color.alpha *= 0.2;
  for (guint i = 0; i <= N_LINES; i++)
    {
      double           y = area->y + area->height * (1 - (double) i / N_LINES);
      g_autofree char *text = inspector_rates_format (top * i / N_LINES);

      gtk_snapshot_append_color (snapshot, &color, &GRAPHENE_RECT_INIT (area->x, round (y), area->width, 1));
      draw_label (self, snapshot, text, area->x - 6, y, 1);
    }
  draw_label (self, snapshot, _ ("a minute ago"), area->x, area->y + area->height + BOTTOM / 2, 0);
  draw_label (self, snapshot, _ ("now"), area->x + area->width, area->y + area->height + BOTTOM / 2, 1);
}

/* What comes in is a whole line, and what goes out a broken one, for who does not tell them by their colour. */
static void
draw_curve (InspectorGraph              *self,
            cairo_t                     *cr,
            const cairo_rectangle_int_t *area,
            double                       top,
            gboolean                     is_out)
{
  const double dashes[] = { 6, 4 };

  cairo_set_line_width (cr, LINE_WIDTH);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_dash (cr, dashes, is_out ? G_N_ELEMENTS (dashes) : 0, 0);
  for (guint age = 0; age < INSPECTOR_RATES_LENGTH; age++)
    cairo_line_to (cr, area->x + area->width * (1 - (double) age / (INSPECTOR_RATES_LENGTH - 1)),
                   area->y + area->height * (1 - get_value (self, age, is_out) / top));
  cairo_stroke (cr);
}

static void
inspector_graph_snapshot (GtkWidget   *widget,
                          GtkSnapshot *snapshot)
{
  InspectorGraph       *self = INSPECTOR_GRAPH (widget);
  GtkStyleContext      *style = gtk_widget_get_style_context (widget);
  cairo_rectangle_int_t area = { LEFT, MARGIN, gtk_widget_get_width (widget) - LEFT - MARGIN, gtk_widget_get_height (widget) - MARGIN - BOTTOM };
  double                top = get_top (self);
  GdkRGBA               in, out;
  cairo_t              *cr;

  if (area.width <= 0 || area.height <= 0)
    return;

  gtk_style_context_get_color (style, &out);
  if (!gtk_style_context_lookup_color (style, "inspector_in_color", &in))
    in = out;
  draw_grid (self, snapshot, &area, top);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget)));
  gdk_cairo_set_source_rgba (cr, &in);
  draw_curve (self, cr, &area, top, FALSE);
  gdk_cairo_set_source_rgba (cr, &out);
  draw_curve (self, cr, &area, top, TRUE);
  cairo_destroy (cr);
}

static void
inspector_graph_measure (GtkWidget     *widget,
                         GtkOrientation orientation,
                         int            for_size,
                         int           *minimum,
                         int           *natural,
                         int           *minimum_baseline,
                         int           *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? MIN_HEIGHT : 2 * MIN_HEIGHT;
}

static void
inspector_graph_class_init (InspectorGraphClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->snapshot = inspector_graph_snapshot;
  widget_class->measure = inspector_graph_measure;
  gtk_widget_class_set_css_name (widget_class, "graph");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
inspector_graph_init (InspectorGraph *self)
{
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
}

GtkWidget *
inspector_graph_new (const InspectorRates *rates,
                     InspectorGraphKind    kind)
{
  InspectorGraph *self = g_object_new (INSPECTOR_TYPE_GRAPH, NULL);

  self->rates = rates;
  self->kind = kind;

  return GTK_WIDGET (self);
}
