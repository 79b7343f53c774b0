/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <zmqglib/zmqglib.h>

G_BEGIN_DECLS

/* What the parts of the stress program share: workers, which are threads that do something at random,
 * and what they account for. */

#define STRESS_MAX_WORKERS 64

typedef struct
{
  guint         number;
  GThread      *thread;
  GMainContext *main_context; /* NULL: none of its own, so that things go to the main thread's */
  guint64       random;
  guint         depth; /* of callbacks */
} Worker;

typedef struct
{
  /* arguments */
  double   seconds;
  guint    n_workers;
  guint64  seed;
  gboolean with_forks;

  ZmqContext *context;
  gint        is_over;  /* atomic */
  gboolean    is_child; /* of a fork */

  /* figures, atomic */
  gint n_links;
  gint n_sent;
  gint n_received;
  gint n_begun; /* operations */
  gint n_told;
  gint n_sources;
  gint n_pollers;
  gint n_contexts;
  gint n_forks;

  /* what is alive, atomic: must be 0 in the end */
  gint n_objects;
  gint n_closures;
} Stress;

extern Stress stress;

/* Ends the program, with what repeats it. */
#define stress_fail(...)                                                                               \
  G_STMT_START                                                                                         \
  {                                                                                                    \
    fprintf (stderr, "life-stress: %s:%d: ", __FILE__, __LINE__);                                      \
    fprintf (stderr, __VA_ARGS__);                                                                     \
    fprintf (stderr, " (seed %" G_GUINT64_FORMAT ", %u threads%s%s)\n", stress.seed, stress.n_workers, \
             stress.with_forks ? ", forks" : "", stress.is_child ? ", in a child" : "");               \
    abort ();                                                                                          \
  }                                                                                                    \
  G_STMT_END

#define stress_assert(expression)                           \
  G_STMT_START                                              \
  {                                                         \
    if (!(expression))                                      \
      stress_fail ("not so: %s", G_STRINGIFY (expression)); \
  }                                                         \
  G_STMT_END

/* The worker of this thread */
Worker *stress_get_worker (void);

guint stress_random (Worker *worker,
                     guint   n);

/* Orders what one thread wrote before what another reads, where only GLib hands it over: a thread
 * sanitizer does not see that it does. */
void stress_hand_over (gpointer data);

void stress_count_object (gpointer object);

void stress_check_error (const GError *error);

/* A callback does something, too, at times. */
void stress_on_callback (void);

void stress_act (Worker *worker);

ZmqSocket *stress_socket_new (ZmqContext   *context,
                              ZmqSocketType type);

char *stress_bind (ZmqSocket *socket);

void stress_connect (ZmqSocket  *socket,
                     const char *endpoint);

/* Links: life-stress-links.c */
void     stress_links_make (Worker *worker);
void     stress_links_complete (Worker *worker);
void     stress_links_send (Worker *worker);
void     stress_links_drain (Worker *worker);
void     stress_links_end (Worker *worker);
void     stress_links_check (Worker *worker);
void     stress_links_finish (Worker *worker);
gboolean stress_links_are_over (void);

/* Everything else that may be in a loop: life-stress-things.c */
void stress_things_begin (Worker *worker);
void stress_things_add_cancellable (Worker       *worker,
                                    GCancellable *cancellable);
void stress_things_make_source (Worker *worker);
void stress_things_make_poller (Worker *worker);
void stress_things_end (Worker *worker);
void stress_things_end_all (Worker *worker);

G_END_DECLS
