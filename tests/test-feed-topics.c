/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>
#include <time.h>

#include "test-feed-util.h"

/*
 * Topics of a publisher that wants to hold up the main loop: all of them have one hash, of a function that may be known.
 *
 * Whatever takes in one piece after the other, and has 32 bits in between, has many such topics: of a few ten thousand
 * pieces two lead to the same, and so do two of those that follow; out of n pairs there are 2^n topics.
 */

#define PIECE_SIZE 8
#define N_PIECES   12

typedef guint32 (*Step) (guint32 state,
                         guint8  byte);

typedef struct
{
  guint8 bytes[2][PIECE_SIZE];
} Pair;

/* g_bytes_hash (), g_str_hash () */
static guint32
step_33 (guint32 state,
         guint8  byte)
{
  return state * 33 + byte;
}

static guint32
step_signed_33 (guint32 state,
                guint8  byte)
{
  return state * 33 + (gint8) byte;
}

static guint32
step_31 (guint32 state,
         guint8  byte)
{
  return state * 31 + byte;
}

static guint32
step_fnv_1a (guint32 state,
             guint8  byte)
{
  return (state ^ byte) * 16777619u;
}

/* one at a time, by Bob Jenkins */
static guint32
step_jenkins (guint32 state,
              guint8  byte)
{
  state += byte;
  state += state << 10;

  return state ^ state >> 6;
}

static const struct
{
  const char *name;
  Step        step;
  guint32     start;
} functions[] = {
  { "33", step_33, 5381 },
  { "signed-33", step_signed_33, 5381 },
  { "31", step_31, 0 },
  { "fnv-1a", step_fnv_1a, 2166136261u },
  { "jenkins", step_jenkins, 0 },
};

static guint32
take_piece (Step          step,
            guint32       state,
            const guint8 *piece)
{
  for (gsize i = 0; i < PIECE_SIZE; i++)
    state = step (state, piece[i]);

  return state;
}

/* Returns what both lead to. */
static guint32
find_pair (Step    step,
           guint32 state,
           Pair   *pair)
{
  g_autoptr (GHashTable) numbers = g_hash_table_new (NULL, NULL);
  g_autoptr (GArray) pieces = g_array_new (FALSE, FALSE, PIECE_SIZE);

  for (;;)
    {
      guint8 *piece = pair->bytes[0];
      guint   number;
      guint32 next;

      for (guint i = 0; i < PIECE_SIZE; i++)
        piece[i] = g_test_rand_int ();
      next = take_piece (step, state, piece);
      number = GPOINTER_TO_UINT (g_hash_table_lookup (numbers, GUINT_TO_POINTER (next)));
      if (number > 0)
        {
          memcpy (pair->bytes[1], pieces->data + (number - 1) * PIECE_SIZE, PIECE_SIZE);
          return next;
        }
      g_array_append_vals (pieces, piece, 1);
      g_hash_table_insert (numbers, GUINT_TO_POINTER (next), GUINT_TO_POINTER (pieces->len));
    }
}

static void
publish (FeedFixture *self,
         const Pair  *pairs,
         guint        number)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();
  g_autoptr (GError) error = NULL;
  guint8 topic[N_PIECES * PIECE_SIZE];

  for (guint i = 0; i < N_PIECES; i++)
    memcpy (topic + i * PIECE_SIZE, pairs[i].bytes[number >> i & 1], PIECE_SIZE);
  zmqglib_message_append_data (message, topic, sizeof topic);
  zmqglib_socket_send (self->publisher, message, NULL, &error);
  g_assert_no_error (error);
}

static gint64
get_cpu_us (void)
{
  struct timespec time;

  g_assert_cmpint (clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time), ==, 0);

  return time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

/* Returns how long the feed is busy with all topics. */
static gint64
take_all (FeedFixture *self,
          const Pair  *pairs)
{
  const guint n_topics = 1 << (test_is_slow_tool () ? N_PIECES - 2 : N_PIECES);
  gint64      cpu_us = 0;

  zmqglib_feed_set_mode (self->feed, ZMQGLIB_FEED_MODE_LOG);
  zmqglib_feed_set_mode (self->feed, ZMQGLIB_FEED_MODE_LATEST);
  for (guint i = 0; i < n_topics; i++)
    {
      publish (self, pairs, i);
      if (i % 256 == 255)
        {
          cpu_us -= get_cpu_us ();
          feed_fixture_take (self);
          cpu_us += get_cpu_us ();
        }
    }
  requests_until (feed_fixture_count (self) == n_topics);

  return cpu_us;
}

/* They cost about what others do, and not that times how many there are. */
static void
test_same_hash (FeedFixture  *self,
                gconstpointer data)
{
  Pair   pairs[N_PIECES];
  gint64 plain_us, us;

  for (guint i = 0; i < N_PIECES; i++)
    for (guint j = 0; j < sizeof pairs->bytes; j++)
      pairs[i].bytes[j / PIECE_SIZE][j % PIECE_SIZE] = g_test_rand_int ();
  plain_us = take_all (self, pairs);

  for (guint k = 0; k < G_N_ELEMENTS (functions); k++)
    {
      guint32 state = functions[k].start;

      for (guint i = 0; i < N_PIECES; i++)
        state = find_pair (functions[k].step, state, &pairs[i]);
      us = take_all (self, pairs);
      g_test_message ("%s: %" G_GINT64_FORMAT " µs, others %" G_GINT64_FORMAT " µs", functions[k].name, us, plain_us);
      g_assert_cmpint (us, <, 8 * plain_us);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/feed-topics/same-hash", FeedFixture, NULL, feed_fixture_set_up, test_same_hash, feed_fixture_tear_down);

  return g_test_run ();
}
