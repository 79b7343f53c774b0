/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What the benchmark programs share.
 *
 * A program measures one side of a comparison and prints its figures as one line of JSON. Each
 * frame begins with its number, so that a lost or misplaced frame does not go unnoticed, and every
 * side looks at each cache line of it. The peer is another process, bench-peer, or with inproc
 * another thread; it uses libzmq only. */

#pragma once

#include <string.h>

#include <zmq.h>
#include <zmqglib/zmqglib.h>

G_BEGIN_DECLS

#define BENCH_CACHE_LINE 64

/* What a program was asked to do. Set the defaults, then call bench_init(). */
typedef struct
{
  char  *side;
  char  *transport; /* “tcp”, “ipc” or “inproc” */
  int    size;      /* of a frame, in bytes */
  int    frames;    /* in a message */
  int    idle;      /* sockets */
  gint64 count;     /* of messages; for the peer “push” 0 is without end */

  ZmqContext *context;
  char       *directory; /* of the endpoint, with ipc */
} Bench;

/* Checks and touches frames, counts messages, and stops the time from the end of the warm-up. */
typedef struct
{
  guint64 next_frame;
  guint64 checksum;
  gint64  n_messages;
  gint64  warm_up;
  gint64  count;
  gint64  started_ns;
  gint64  ended_ns;
  gint64  started_cpu_ns; /* of the thread that counts */
  gint64  ended_cpu_ns;
} BenchMeter;

typedef struct _BenchPeer BenchPeer;

void bench_init (Bench             *bench,
                 int                argc,
                 char             **argv,
                 const char *const *sides);
void bench_clear (Bench *bench);

void       bench_allow_sockets (Bench *bench,
                                int    n_sockets);
char      *bench_dup_endpoint (Bench *bench);
ZmqSocket *bench_bind (Bench        *bench,
                       ZmqSocketType type,
                       char        **endpoint);

BenchPeer *bench_peer_start (Bench      *bench,
                             const char *role,
                             const char *endpoint,
                             void       *handle);
void       bench_peer_wait (BenchPeer *self);
void       bench_peer_kill (BenchPeer *self);
int        bench_peer_get_socket_type (const char *role);
void       bench_peer_run_role (void       *handle,
                                const char *role,
                                const char *endpoint,
                                int         size,
                                int         frames,
                                gint64      count);

void   bench_meter_init (BenchMeter *self,
                         gint64      count);
double bench_meter_get_rate (const BenchMeter *self);
void   bench_meter_print (const BenchMeter *self);

guint  bench_add_signal (GType type);
void   bench_write_number (void   *frame,
                           guint64 number);
void   bench_print (const char *name,
                    double      figure,
                    ...) G_GNUC_NULL_TERMINATED;
void   bench_fail (const char *format,
                   ...) G_GNUC_PRINTF (1, 2) G_GNUC_NORETURN;
void   bench_fail_order (guint64 number,
                         guint64 expected) G_GNUC_NORETURN;
void   bench_check (int result);
gint64 bench_now_ns (void);
gint64 bench_cpu_ns (void);

static inline void
bench_touch (BenchMeter   *self,
             gconstpointer data,
             gsize         size)
{
  const guint8 *bytes = data;
  guint64       number = 0;

  if (G_LIKELY (size >= sizeof number))
    memcpy (&number, data, sizeof number);
  number = GUINT64_FROM_LE (number);
  if (G_UNLIKELY (size < sizeof number || number != self->next_frame))
    bench_fail_order (number, self->next_frame);
  self->next_frame++;

  for (gsize i = 0; i < size; i += BENCH_CACHE_LINE)
    self->checksum += bytes[i];
}

/* Counts a message; returns whether it was the last one. */
static inline gboolean
bench_meter_count (BenchMeter *self)
{
  self->n_messages++;

  if (G_UNLIKELY (self->n_messages == self->warm_up))
    {
      self->started_ns = bench_now_ns ();
      self->started_cpu_ns = bench_cpu_ns ();
    }

  if (G_LIKELY (self->n_messages != self->count))
    return FALSE;

  self->ended_ns = bench_now_ns ();
  self->ended_cpu_ns = bench_cpu_ns ();

  return TRUE;
}

G_END_DECLS
