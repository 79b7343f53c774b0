/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "fuzz.h"

G_BEGIN_DECLS

/* What the parts of the fuzzer of lives share: the things that are there, and what is counted of them. Nobody but these
 * slots holds a thing, so that it may go in the middle of a call that was made on it. */

#define LIFE_N_SOCKETS      6
#define LIFE_N_STREAMS      4
#define LIFE_N_MONITORS     3
#define LIFE_N_SOURCES      4
#define LIFE_N_CANCELLABLES 4
#define LIFE_N_REQUESTS     4
#define LIFE_N_ENDPOINTS    4
#define LIFE_MAX_DEPTH      3 /* of callbacks */

typedef struct
{
  FuzzInput   input;
  ZmqContext *context;
  guint       number; /* of the play */
  guint       depth;
  gboolean    is_over;

  ZmqSocket    *sockets[LIFE_N_SOCKETS];
  ZmqStream    *streams[LIFE_N_STREAMS];
  ZmqMonitor   *monitors[LIFE_N_MONITORS];
  ZmqPoller    *poller;
  ZmqClient    *client;
  ZmqServer    *server;
  ZmqRequest   *requests[LIFE_N_REQUESTS];
  GSource      *sources[LIFE_N_SOURCES];
  GCancellable *cancellables[LIFE_N_CANCELLABLES];
  ZmqTracker   *tracker;
  char         *tcp; /* an endpoint that was bound, or NULL */

  guint n_begun; /* operations */
  guint n_told;
  int   n_alive;     /* objects */
  int   n_functions; /* whose data was not destroyed yet */
} Life;

extern Life life;

/* Makes room for another; who goes may call what puts one there. */
#define life_make_room(place) \
  G_STMT_START                \
  {                           \
    while (*(place) != NULL)  \
      g_clear_object (place); \
  }                           \
  G_STMT_END

void          life_step (void);
void          life_on_callback (void);
void          life_count (gpointer object);
GCancellable *life_take_cancellable (void);
ZmqMessage   *life_take_message (void);
char         *life_take_endpoint (void);
ZmqSocket    *life_get_socket (void);

/* What a GAsyncReadyCallback of any operation does beside finishing it. */
void life_on_told (gboolean       is_success,
                   GError *const *error);

/* Of what else lives in a loop: fuzz-life-things.c */
void life_things_step (guint what);
void life_things_end (void);

G_END_DECLS
