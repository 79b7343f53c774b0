/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib.h>

G_BEGIN_DECLS

/* What the parts of the long run share. Each part does one thing for as long as the program runs, in the main
 * thread, and says what there is to count; whatever is wrong ends the run by soak_fail(). */

typedef struct
{
  const char *name;
  void (*start) (void);
  void (*check) (gint64 now);    /* once a line; or NULL */
  void (*print) (GString *line); /* or NULL */
  void (*stop) (void);           /* or NULL */
} SoakPart;

typedef struct
{
  /* arguments */
  const char *program;
  char       *title; /* of this process, before each line */
  double      hours;
  double      tick_seconds; /* from one line to the next */
  int         rate;         /* messages a second, of each flow */
  gint64      patience_us;  /* how long something may make no progress before it counts as lost */
  gint64      lateness_us;  /* of a timer, beyond that of the machine */
  char       *plant;        /* a fault made on purpose, or NULL */

  GMainLoop *loop;
  GRand     *rand;
  GPtrArray *things; /* of GObject: what children that are forked touch */
  char      *folder; /* of sockets and certificates */
  gboolean   has_failed;
  guint64    n_lost;
  gboolean   is_ending;
  gboolean   is_child;  /* of a fork */
  gint       n_objects; /* that are made and dropped all the time, atomic */
} Soak;

extern Soak soak;

extern const SoakPart soak_echo;
extern const SoakPart soak_reconnects;
extern const SoakPart soak_requests;
extern const SoakPart soak_replies;
extern const SoakPart soak_feeds;
extern const SoakPart soak_peers;
extern const SoakPart soak_proxies;
extern const SoakPart soak_guests;
extern const SoakPart soak_hostile;
extern const SoakPart soak_collectors;
extern const SoakPart soak_forks;
extern const SoakPart soak_churn;
extern const SoakPart soak_twin;

/* soak-base.c */
void     soak_begin (void);
void     soak_end (void);
void     soak_fail (const char *format,
                    ...) G_GNUC_PRINTF (1, 2);
void     soak_lose (guint64     n,
                    const char *format,
                    ...) G_GNUC_PRINTF (2, 3);
gboolean soak_check_error (GError *error); /* takes it; fails when it is one */
void     soak_count_object (gpointer object);
void     soak_touch (gpointer object); /* a child that is forked may touch it */
void     soak_add_timer (guint       interval_ms,
                         GSourceFunc func);
void     soak_remove_timers (void);

/* soak-collectors.c */
void soak_drop (gpointer object); /* takes it: another thread has the last reference */
void soak_hold_threads (void);    /* nobody else is in the library, or in GLib, until they are let go */
void soak_let_threads_go (void);

/* soak-children.c */
typedef struct _SoakChild SoakChild;

SoakChild *soak_child_start (const char        *name,
                             const char *const *arguments);
SoakChild *soak_child_start_self (const char *role,
                                  const char *endpoint);
void       soak_child_kill (SoakChild *self); /* and it is started again */
void       soak_child_ends_in_order (SoakChild *self);
void       soak_child_may_be_stopped (SoakChild *self);
void       soak_children_begin (void);
void       soak_children_end (void);
guint      soak_children_count_stops (void);

/* soak-roles.c: what the program does as a child */
int soak_play (const char *role,
               const char *endpoint);

/* soak-figures.c */
void soak_figures_begin (void);
void soak_figures_print (GString *line);
void soak_figures_check (void);
void soak_figures_end (void);

/* soak-lateness.c */
void soak_lateness_begin (void);
void soak_lateness_print (GString *line);
void soak_lateness_end (void);

/* soak-where.c */
void soak_where_begin (void);
void soak_where_tell (void);

/* soak-plant.c */
void soak_plant (void);

G_END_DECLS
