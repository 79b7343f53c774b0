/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <sys/wait.h>
#include <unistd.h>

#include "test-feed-util.h"

/* Feeds of real sockets: what they show, and how they tell. */

static void
check_item (FeedFixture *self,
            guint        position,
            const char  *topic,
            const char  *text,
            guint        n_updates)
{
  g_autoptr (ZmqFeedItem) item = g_list_model_get_item (G_LIST_MODEL (self->feed), position);
  g_autofree char *shown = zmqglib_message_get_string (zmqglib_feed_item_get_message (item), 1, NULL);

  g_assert_cmpstr (zmqglib_feed_item_get_topic (item), ==, topic);
  g_assert_cmpstr (shown, ==, text);
  g_assert_cmpuint (zmqglib_feed_item_get_n_updates (item), ==, n_updates);
  g_assert_cmpint (ABS (g_get_real_time () - zmqglib_feed_item_get_time (item)), <, 60 * G_USEC_PER_SEC);
}

static guint
get_n_updates (FeedFixture *self,
               guint        position)
{
  g_autoptr (ZmqFeedItem) item = g_list_model_get_item (G_LIST_MODEL (self->feed), position);

  return zmqglib_feed_item_get_n_updates (item);
}

static void
test_log (FeedFixture  *self,
          gconstpointer data)
{
  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (self->feed)) == ZMQGLIB_TYPE_FEED_ITEM);
  zmqglib_feed_set_max_items (self->feed, 3);
  feed_fixture_publish (self, "a", "1");
  feed_fixture_publish (self, "b", "2");
  feed_fixture_publish (self, "a", "3");
  requests_until (feed_fixture_count (self) == 3);
  check_item (self, 0, "a", "1", 1);
  check_item (self, 2, "a", "3", 1);

  /* however many changes the first three came in */
  self->shadow.n_changes = 0;
  feed_fixture_publish (self, "c", "4");
  requests_until (self->shadow.n_changes == 1);
  g_assert_cmpuint (feed_fixture_count (self), ==, zmqglib_feed_get_max_items (self->feed));
  check_item (self, 0, "b", "2", 1);
  check_item (self, 2, "c", "4", 1);
}

static void
on_notify (GObject    *object,
           GParamSpec *pspec,
           gpointer    data)
{
  ++*(guint *) data;
}

static void
test_latest (FeedFixture  *self,
             gconstpointer data)
{
  g_autoptr (ZmqFeedItem) item = NULL;
  guint n_notified = 0;
  guint n_topics = 0;

  zmqglib_feed_set_mode (self->feed, ZMQGLIB_FEED_MODE_LATEST);
  g_assert_cmpint (zmqglib_feed_get_mode (self->feed), ==, ZMQGLIB_FEED_MODE_LATEST);
  feed_fixture_publish (self, "a", "1");
  feed_fixture_publish (self, "b", "2");
  feed_fixture_publish (self, "a", "3");
  requests_until (feed_fixture_count (self) == 2 && get_n_updates (self, 0) == 2);
  check_item (self, 0, "a", "3", 2);
  check_item (self, 1, "b", "2", 1);

  /* the list stays, and the item tells */
  item = g_list_model_get_item (G_LIST_MODEL (self->feed), 0);
  g_signal_connect (item, "notify::message", G_CALLBACK (on_notify), &n_notified);
  g_signal_connect (item, "notify::topic", G_CALLBACK (on_notify), &n_topics);
  self->shadow.n_changes = 0;
  feed_fixture_publish (self, "a", "4");
  requests_until (n_notified == 1);
  check_item (self, 0, "a", "4", 3);
  g_assert_cmpuint (self->shadow.n_changes, ==, 0);
  g_assert_cmpuint (n_topics, ==, 0);
}

/* Bytes that are no text stay different topics, and can be shown. */
static void
test_topics (FeedFixture  *self,
             gconstpointer data)
{
  static const char *const topics[] = { "plain", "", "\xff", "\xfe", "\xc3\xa9t\xc3\xa9\xc3" };
  static const char *const shown[] = { "plain", "", "\\xff", "\\xfe", "été\\xc3" };

  zmqglib_feed_set_mode (self->feed, ZMQGLIB_FEED_MODE_LATEST);
  for (gsize i = 0; i < G_N_ELEMENTS (topics); i++)
    feed_fixture_publish (self, topics[i], "x");
  requests_until (feed_fixture_count (self) == G_N_ELEMENTS (topics));
  for (gsize i = 0; i < G_N_ELEMENTS (topics); i++)
    check_item (self, i, shown[i], "x", 1);
}

static gboolean
on_tick (gpointer data)
{
  ++*(guint *) data;

  return G_SOURCE_CONTINUE;
}

/* However much comes in between, the list is what was told last, and changes once an interval. */
static void
test_interval (FeedFixture  *self,
               gconstpointer data)
{
  gint64 start;

  feed_fixture_publish (self, "first", "1");
  requests_until (feed_fixture_count (self) == 1);
  zmqglib_feed_set_interval_us (self->feed, 300000);
  g_assert_cmpint (zmqglib_feed_get_interval_us (self->feed), ==, 300000);
  start = g_get_monotonic_time ();
  self->shadow.n_changes = 0;
  for (guint i = 0; i < 100; i++)
    {
      feed_fixture_publish (self, "more", "2");
      feed_fixture_take (self);
      g_main_context_iteration (NULL, FALSE);
      if (self->shadow.n_changes == 0)
        g_assert_cmpuint (feed_fixture_count (self), ==, 1);
    }
  requests_until (feed_fixture_count (self) == 101);
  g_assert_cmpuint (self->shadow.n_changes, <=, 1 + (g_get_monotonic_time () - start) / 300000);
}

/* What is due already, too: for a long time a feed is as good as frozen, and the next interval thaws it. */
static void
test_interval_changed (FeedFixture  *self,
                       gconstpointer data)
{
  static const gint64 others[] = { 0, 1, 1000, 50000 };
  guint               n_ticks = 0;
  guint               tick;

  feed_fixture_publish (self, "first", "1");
  requests_until (feed_fixture_count (self) == 1);

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      zmqglib_feed_set_interval_us (self->feed, i % 2 == 0 ? G_MAXINT64 : G_TIME_SPAN_HOUR);
      feed_fixture_publish (self, "frozen", "2");
      feed_fixture_take (self);
      zmqglib_feed_set_interval_us (self->feed, i % 2 == 0 ? G_TIME_SPAN_HOUR : G_MAXINT64);
      g_main_context_iteration (NULL, FALSE);
      g_assert_cmpuint (feed_fixture_count (self), ==, i + 1);
      zmqglib_feed_set_interval_us (self->feed, others[i]);
      requests_until (feed_fixture_count (self) == i + 2);
    }

  /* it is due within 50 ms, and then is not any more */
  feed_fixture_publish (self, "late", "3");
  feed_fixture_take (self);
  zmqglib_feed_set_interval_us (self->feed, G_TIME_SPAN_HOUR);
  tick = g_timeout_add (60, on_tick, &n_ticks);
  requests_until (n_ticks == 2);
  g_source_remove (tick);
  g_assert_cmpuint (feed_fixture_count (self), ==, G_N_ELEMENTS (others) + 1);
}

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    data)
{
  g_autoptr (GBytes) first = zmqglib_message_pop_frame (message);

  g_assert_nonnull (first);
  ++*(guint *) data;
}

/* Handlers of the stream hear each message, and what they do to it is not what is shown. */
static void
test_handlers_miss_nothing (FeedFixture  *self,
                            gconstpointer data)
{
  guint  n_received = 0;
  gulong id;

  feed_fixture_publish (self, "before", "0");
  requests_until (feed_fixture_count (self) == 1);
  id = g_signal_connect (self->stream, "received", G_CALLBACK (on_received), &n_received);
  for (guint i = 0; i < 1000; i++)
    {
      feed_fixture_publish (self, "topic", "text");
      if (i % 100 == 0)
        g_main_context_iteration (NULL, FALSE);
    }
  requests_until (feed_fixture_count (self) == 1001);
  g_assert_cmpuint (n_received, ==, 1000);
  check_item (self, 1000, "topic", "text", 1);

  g_signal_handler_disconnect (self->stream, id);
  feed_fixture_publish (self, "after", "1");
  requests_until (feed_fixture_count (self) == 1002);
  g_assert_cmpuint (n_received, ==, 1000);
}

static void
test_fails (FeedFixture  *self,
            gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (g_initable_new (ZMQGLIB_TYPE_FEED, NULL, &error, "stream", self->stream, NULL));
  test_assert_error (error, ZMQGLIB_ERROR_WRONG_STATE, "function");
  g_assert_null (g_initable_new (ZMQGLIB_TYPE_FEED, NULL, &error, NULL));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "stream");
  g_test_expect_message ("zmqglib", G_LOG_LEVEL_WARNING, "*function*");
  g_assert_null (zmqglib_feed_new (self->stream));
  g_test_assert_expected_messages ();

  zmqglib_feed_close (self->feed);
  zmqglib_stream_close (self->stream);
  g_assert_null (g_initable_new (ZMQGLIB_TYPE_FEED, NULL, &error, "stream", self->stream, NULL));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "closed");
}

/* The stream is as it was; what had come is still shown. */
static void
test_closed (FeedFixture  *self,
             gconstpointer data)
{
  guint n_received = 0;

  g_assert_true (zmqglib_feed_get_stream (self->feed) == self->stream);
  feed_fixture_publish (self, "last", "1");
  feed_fixture_take (self);
  zmqglib_feed_close (self->feed);
  zmqglib_feed_close (self->feed);
  g_assert_true (zmqglib_feed_is_closed (self->feed));
  feed_fixture_publish (self, "unread", "2");
  requests_until (feed_fixture_count (self) == 1);

  g_signal_connect (self->stream, "received", G_CALLBACK (on_received), &n_received);
  requests_until (n_received == 1);
  g_assert_cmpuint (feed_fixture_count (self), ==, 1);
}

static void
test_stream_closed (FeedFixture  *self,
                    gconstpointer data)
{
  feed_fixture_publish (self, "last", "1");
  feed_fixture_take (self);
  g_assert_false (zmqglib_feed_is_closed (self->feed));
  zmqglib_stream_close (self->stream);
  requests_until (feed_fixture_count (self) == 1 && zmqglib_feed_is_closed (self->feed));
  check_item (self, 0, "last", "1", 1);
}

static gpointer
drop (gpointer data)
{
  g_object_unref (data);

  return NULL;
}

/* Also by another thread, and in the middle of a change. */
static void
test_dropped (FeedFixture  *self,
              gconstpointer data)
{
  guint n_received = 0;

  list_shadow_leave (&self->shadow);
  feed_fixture_publish (self, "unseen", "1");
  feed_fixture_take (self);
  g_object_add_weak_pointer (G_OBJECT (self->feed), (gpointer *) &self->feed);
  g_thread_join (g_thread_new ("drop", drop, self->feed));
  g_assert_null (self->feed);

  g_signal_connect (self->stream, "received", G_CALLBACK (on_received), &n_received);
  feed_fixture_publish (self, "heard", "2");
  requests_until (n_received == 1);
}

static void
on_changed_drop (GListModel *list,
                 guint       position,
                 guint       removed,
                 guint       added,
                 gpointer    data)
{
  FeedFixture *self = data;

  g_clear_object (&self->feed);
}

static void
test_dropped_in_a_change (FeedFixture  *self,
                          gconstpointer data)
{
  list_shadow_leave (&self->shadow);
  g_signal_connect (self->feed, "items-changed", G_CALLBACK (on_changed_drop), self);
  feed_fixture_publish (self, "one", "1");
  requests_until (self->feed == NULL);
}

/* While the list is told nothing changes, also in a main loop of the handler’s own. */
static void
on_changed_nest (GListModel *list,
                 guint       position,
                 guint       removed,
                 guint       added,
                 gpointer    data)
{
  FeedFixture *self = data;
  guint        n_items = feed_fixture_count (self);

  if (self->shadow.n_changes > 1)
    return;

  feed_fixture_publish (self, "nested", "2");
  feed_fixture_take (self);
  zmqglib_feed_set_max_items (self->feed, 1);
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (feed_fixture_count (self), ==, n_items);
}

static void
test_nested (FeedFixture  *self,
             gconstpointer data)
{
  g_signal_connect (self->feed, "items-changed", G_CALLBACK (on_changed_nest), self);
  feed_fixture_publish (self, "one", "1");
  requests_until (self->shadow.n_changes == 2);
  g_assert_cmpuint (feed_fixture_count (self), ==, 1);
  check_item (self, 0, "nested", "2", 1);
}

static void
test_owned_by_loop (FeedFixture  *self,
                    gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  ZmqFeed *feed;

  g_clear_object (&self->feed);
  feed = g_initable_new (ZMQGLIB_TYPE_FEED, NULL, &error, "stream", self->stream, "owned-by-loop", TRUE, NULL);
  g_assert_no_error (error);
  g_object_add_weak_pointer (G_OBJECT (feed), (gpointer *) &feed);
  g_object_unref (feed);
  g_assert_nonnull (feed);
  zmqglib_stream_close (self->stream);
  requests_until (feed == NULL);
}

static void
test_forked (FeedFixture  *self,
             gconstpointer data)
{
  int   status;
  pid_t pid;

  if (test_is_slow_tool ())
    {
      g_test_skip ("the child leaves all alone");
      return;
    }

  feed_fixture_publish (self, "before", "1");
  requests_until (feed_fixture_count (self) == 1);
  pid = fork ();
  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      g_assert_true (zmqglib_feed_is_closed (self->feed));
      list_shadow_leave (&self->shadow);
      g_clear_object (&self->feed);
      _exit (0);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
  feed_fixture_publish (self, "after", "2");
  requests_until (feed_fixture_count (self) == 2);
}

/* What the feed shows, step by step, as a list that is made in the simplest way. */
typedef struct
{
  char *topic;
  guint number;
} Row;

static void
row_free (gpointer data)
{
  Row *row = data;

  g_free (row->topic);
  g_free (row);
}

static void
model_take (GPtrArray  *rows,
            ZmqFeedMode mode,
            const char *topic,
            guint       number)
{
  Row *row;

  for (guint i = 0; mode == ZMQGLIB_FEED_MODE_LATEST && i < rows->len; i++)
    {
      row = rows->pdata[i];
      if (g_str_equal (row->topic, topic))
        {
          row->number = number;
          return;
        }
    }

  row = g_new (Row, 1);
  *row = (Row){ g_strdup (topic), number };
  g_ptr_array_add (rows, row);
}

static void
model_limit (GPtrArray *rows,
             guint      max_items)
{
  if (max_items > 0 && rows->len > max_items)
    g_ptr_array_remove_range (rows, 0, rows->len - max_items);
}

static gboolean
is_as_model (FeedFixture *self,
             GPtrArray   *rows)
{
  if (feed_fixture_count (self) != rows->len)
    return FALSE;

  for (guint i = 0; i < rows->len; i++)
    {
      g_autoptr (ZmqFeedItem) item = g_list_model_get_item (G_LIST_MODEL (self->feed), i);
      g_autofree char *number = zmqglib_message_get_string (zmqglib_feed_item_get_message (item), 1, NULL);
      Row             *row = rows->pdata[i];

      if (!g_str_equal (zmqglib_feed_item_get_topic (item), row->topic) ||
          g_ascii_strtoull (number, NULL, 10) != row->number)
        return FALSE;
    }

  return TRUE;
}

static void
test_random (FeedFixture  *self,
             gconstpointer data)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (row_free);
  ZmqFeedMode mode = ZMQGLIB_FEED_MODE_LOG;
  guint       max_items = 10;
  guint       number = 0;
  guint       n_steps = test_is_slow_tool () ? 200 : 3000;

  zmqglib_feed_set_max_items (self->feed, max_items);
  for (guint step = 0; step < n_steps; step++)
    {
      guint n_messages = g_test_rand_int_range (0, 30);

      switch (g_test_rand_int_range (0, 12))
        {
        case 0:
          max_items = g_test_rand_int_range (0, 40);
          feed_fixture_take (self);
          zmqglib_feed_set_max_items (self->feed, max_items);
          break;
        case 1:
          mode = !mode;
          feed_fixture_take (self);
          zmqglib_feed_set_mode (self->feed, mode);
          g_ptr_array_set_size (rows, 0);
          break;
        default:
          break;
        }
      model_limit (rows, max_items);

      for (guint i = 0; i < n_messages; i++)
        {
          g_autofree char *topic = g_strdup_printf ("topic %d", g_test_rand_int_range (0, 50));
          g_autofree char *text = g_strdup_printf ("%u", ++number);

          feed_fixture_publish (self, topic, text);
          if (g_test_rand_int_range (0, 3) == 0)
            feed_fixture_take (self);
          if (g_test_rand_int_range (0, 3) == 0)
            g_main_context_iteration (NULL, FALSE);
          model_take (rows, mode, topic, number);
          model_limit (rows, max_items);
        }
      requests_until (is_as_model (self, rows));
      list_shadow_check (&self->shadow);
    }
}

#define add(name, func) g_test_add ("/feed/" name, FeedFixture, NULL, feed_fixture_set_up, func, feed_fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("log", test_log);
  add ("latest", test_latest);
  add ("topics", test_topics);
  add ("interval", test_interval);
  add ("interval-changed", test_interval_changed);
  add ("handlers-miss-nothing", test_handlers_miss_nothing);
  add ("fails", test_fails);
  add ("closed", test_closed);
  add ("stream-closed", test_stream_closed);
  add ("dropped", test_dropped);
  add ("dropped-in-a-change", test_dropped_in_a_change);
  add ("nested", test_nested);
  add ("owned-by-loop", test_owned_by_loop);
  add ("forked", test_forked);
  add ("random", test_random);

  return g_test_run ();
}
