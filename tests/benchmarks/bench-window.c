/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Whether a window still paints while a stream of the same main context is flooded: an animation
 * that the frame clock ticks, in a GTK window. Sides: slices, no-slices, the same with a slower
 * handler: working-slices, working-no-slices, and quiet, without a flood. To be run under xvfb-run,
 * or on a desktop for the eye. */

#include <gtk/gtk.h>

#include "flood.h"

#define DURATION_US (3 * G_TIME_SPAN_SECOND)
#define N_FRAMES    30 /* that show the window to be up, before the flood is let in */
#define WIDTH       480
#define HEIGHT      320
#define RADIUS      24

#define EXIT_SKIP 77

typedef struct
{
  Flood  flood;
  gint64 last_frame_us;
  gint64 longest_us;
  guint  n_drawn;
  guint  n_counted;
} Animation;

static gboolean
on_quiet_over (gpointer data)
{
  flood_end (data, g_get_monotonic_time ());

  return G_SOURCE_REMOVE;
}

static void
begin (Animation *self)
{
  Flood *flood = &self->flood;

  if (flood->peer != NULL)
    {
      flood_open (flood);
      return;
    }

  flood->started_us = g_get_monotonic_time ();
  g_timeout_add (flood->duration_us / G_TIME_SPAN_MILLISECOND, on_quiet_over, flood);
}

static void
add_frame (Animation *self,
           gint64     now)
{
  gint64 since = MAX (self->last_frame_us, self->flood.started_us);

  self->longest_us = MAX (self->longest_us, now - since);
}

static void
on_draw (GtkDrawingArea *area,
         cairo_t        *cr,
         int             width,
         int             height,
         gpointer        user_data)
{
  Animation       *self = user_data;
  gint64           now = g_get_monotonic_time ();
  double           way = now % G_TIME_SPAN_SECOND / (double) G_TIME_SPAN_SECOND;
  g_autofree char *text = g_strdup_printf ("%s, frame %u, %" G_GINT64_FORMAT " messages",
                                           self->flood.bench.side, self->n_drawn,
                                           self->flood.meter.n_messages);

  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  cairo_set_source_rgb (cr, 0.1, 0.3, 0.6);
  cairo_arc (cr, way * width, height / 2.0, RADIUS, 0, 2 * G_PI);
  cairo_fill (cr);
  cairo_move_to (cr, RADIUS, RADIUS);
  cairo_show_text (cr, text);

  self->n_drawn++;
  if (self->flood.started_us != 0 && self->flood.ended_us == 0)
    {
      add_frame (self, now);
      self->n_counted++;
    }
  self->last_frame_us = now;

  if (self->n_drawn == N_FRAMES)
    begin (self);
}

static gboolean
on_tick (GtkWidget     *widget,
         GdkFrameClock *clock,
         gpointer       user_data)
{
  gtk_widget_queue_draw (widget);

  return G_SOURCE_CONTINUE;
}

static GtkWidget *
new_window (Animation *animation)
{
  GtkWidget *window = gtk_window_new ();
  GtkWidget *area = gtk_drawing_area_new ();

  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (area), on_draw, animation, NULL);
  gtk_widget_add_tick_callback (area, on_tick, NULL, NULL);
  gtk_window_set_child (GTK_WINDOW (window), area);
  gtk_window_set_default_size (GTK_WINDOW (window), WIDTH, HEIGHT);

  return window;
}

int
main (int   argc,
      char *argv[])
{
  static const char *const sides[] = {
    "slices", "no-slices", "working-slices", "working-no-slices", "quiet", NULL
  };
  Animation  animation = { .n_drawn = 0 };
  Flood     *flood = &animation.flood;
  GtkWidget *window;
  gint64     elapsed_us;

  /* the same drawing everywhere, and nobody to be told about it */
  g_setenv ("GSK_RENDERER", "cairo", FALSE);
  g_setenv ("GTK_A11Y", "none", FALSE);

  if (!gtk_init_check ())
    {
      g_printerr ("There is no display: run it under xvfb-run -a\n");
      return EXIT_SKIP;
    }

  flood_init (flood, argc, argv, sides, DURATION_US);

  window = new_window (&animation);
  gtk_window_present (GTK_WINDOW (window));
  g_main_loop_run (flood->loop);

  /* the frame that was due all the time */
  add_frame (&animation, flood->ended_us);

  elapsed_us = flood->ended_us - flood->started_us;
  bench_print ("frames_per_second", animation.n_counted * 1e6 / elapsed_us,
               "longest_frame_ms", animation.longest_us / 1e3,
               "messages_per_second", flood_get_rate (flood),
               NULL);

  gtk_window_destroy (GTK_WINDOW (window));
  flood_clear (flood);

  return 0;
}
