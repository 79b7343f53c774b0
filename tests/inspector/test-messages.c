/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <math.h>
#include <time.h>

#include "inspector-compose.h"
#include "inspector-hex.h"
#include "inspector-json.h"
#include "inspector-list.h"
#include "inspector-rates.h"
#include "inspector-replay.h"
#include "inspector-text.h"
#include "test-util.h"

/* What a list has told of its changes has to be what it is. */
typedef struct
{
  GArray *shown; /* of numbers */
  guint   n_changes;
} Mirror;

static void
on_items_changed (InspectorList *list,
                  guint          position,
                  guint          n_removed,
                  guint          n_added,
                  Mirror        *mirror)
{
  if (n_removed > 0)
    g_array_remove_range (mirror->shown, position, n_removed);
  for (guint i = 0; i < n_added; i++)
    {
      guint64 number = inspector_list_get_number (list, position + i);

      g_array_insert_val (mirror->shown, position + i, number);
    }
  mirror->n_changes++;

  g_assert_cmpuint (mirror->shown->len, ==, g_list_model_get_n_items (G_LIST_MODEL (list)));
  for (guint i = 0; i < mirror->shown->len; i++)
    g_assert_cmpuint (g_array_index (mirror->shown, guint64, i), ==, inspector_list_get_number (list, i));
}

static void
append (InspectorStore *store,
        const char     *text)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string (text);

  inspector_store_append (store, INSPECTOR_RECEIVED, 1, message);
}

static void
append_numbers (InspectorStore *store,
                guint           from,
                guint           to)
{
  for (guint i = from; i < to; i++)
    {
      g_autofree char *text = g_strdup_printf ("message %u", i);

      append (store, text);
    }
}

static void
assert_text_at (InspectorList *list,
                guint          position,
                const char    *expected)
{
  g_autoptr (InspectorRecord) record = g_list_model_get_item (G_LIST_MODEL (list), position);
  g_autofree char *text = inspector_text_summarize (inspector_record_get_entry (record)->message, 100);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_store_is_bounded (void)
{
  g_autoptr (InspectorStore) by_count = inspector_store_new (1000, G_MAXSIZE);
  g_autoptr (InspectorStore) by_size = inspector_store_new (1000, 4096);
  g_autofree char *large = g_strnfill (10000, 'x');

  append_numbers (by_count, 0, 2500);
  g_assert_cmpuint (inspector_store_get_first (by_count), ==, 1500);
  g_assert_cmpuint (inspector_store_get_end (by_count), ==, 2500);
  g_assert_null (inspector_store_get_entry (by_count, 1499));
  g_assert_nonnull (inspector_store_get_entry (by_count, 1500));
  g_assert_null (inspector_store_get_entry (by_count, 2500));
  g_assert_cmpuint (inspector_store_get_n_messages (by_count, INSPECTOR_RECEIVED), ==, 2500);

  append_numbers (by_size, 0, 500);
  g_assert_cmpuint (inspector_store_get_end (by_size) - inspector_store_get_first (by_size), <, 40);
  append (by_size, large);
  g_assert_cmpuint (inspector_store_get_first (by_size), ==, 500);
  g_assert_cmpuint (inspector_store_get_end (by_size), ==, 501);
}

/* Frames that hold nothing take memory all the same. */
static void
test_store_counts_frames (void)
{
  g_autoptr (InspectorStore) store = inspector_store_new (1000, 1 << 20);
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();

  for (guint i = 0; i < 1000; i++)
    zmqglib_message_append_data (message, NULL, 0);
  for (guint i = 0; i < 100; i++)
    inspector_store_append (store, INSPECTOR_RECEIVED, 1, message);
  g_assert_cmpuint (inspector_store_get_end (store), ==, 100);
  g_assert_cmpuint (inspector_store_get_end (store) - inspector_store_get_first (store), <, 15);
}

static void
test_list_follows (void)
{
  g_autoptr (InspectorStore) store = inspector_store_new (1000, G_MAXSIZE);
  g_autoptr (InspectorList) list = inspector_list_new (store);
  g_autoptr (GArray) shown = g_array_new (FALSE, FALSE, sizeof (guint64));
  Mirror mirror = { .shown = shown };

  g_signal_connect (list, "items-changed", G_CALLBACK (on_items_changed), &mirror);
  append_numbers (store, 0, 700);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 0);
  while (inspector_list_update (list, 1000))
    ;
  g_assert_cmpuint (shown->len, ==, 700);

  /* what was dropped is still there, if only as nothing, until the list is told */
  append_numbers (store, 700, 3000);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 700);
  assert_text_at (list, 0, "");
  while (inspector_list_update (list, 1000))
    ;
  g_assert_cmpuint (shown->len, ==, 1000);
  assert_text_at (list, 0, "message 2000");
  assert_text_at (list, 999, "message 2999");
  g_assert_cmpuint (inspector_list_find (list, 2500), ==, 500);

  inspector_store_clear (store);
  inspector_list_update (list, 1000);
  g_assert_cmpuint (shown->len, ==, 0);
}

static void
test_list_takes_its_time (void)
{
  g_autoptr (InspectorStore) store = inspector_store_new (100000, G_MAXSIZE);
  g_autoptr (InspectorList) list = inspector_list_new (store);
  guint n_updates = 1;

  append_numbers (store, 0, 1000);
  for (; inspector_list_update (list, 0); n_updates++)
    ;
  g_assert_cmpuint (n_updates, >, 10);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 1000);
}

/* A message may be as long as thousands. */
static void
test_list_takes_its_time_for_bytes (void)
{
  g_autoptr (InspectorStore) store = inspector_store_new (1000, G_MAXSIZE);
  g_autoptr (InspectorList) list = inspector_list_new (store);
  g_autofree char *large = g_strnfill (100000, 'x');
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string (large);
  guint n_updates = 1;

  for (guint i = 0; i < 100; i++)
    inspector_store_append (store, INSPECTOR_RECEIVED, 1, message);
  inspector_list_set_filter (list, inspector_filter_new ("y", NULL));
  for (; inspector_list_update (list, 0); n_updates++)
    ;
  g_assert_cmpuint (n_updates, >=, 50);
}

static void
on_outdated (InspectorList *list,
             guint         *n)
{
  (*n)++;
}

static void
test_list_is_told_once (void)
{
  g_autoptr (InspectorStore) store = inspector_store_new (1000, G_MAXSIZE);
  g_autoptr (InspectorList) list = inspector_list_new (store);
  guint n = 0;

  g_signal_connect (list, "outdated", G_CALLBACK (on_outdated), &n);
  append_numbers (store, 0, 100);
  g_assert_cmpuint (n, ==, 1);
  inspector_list_update (list, 1000);
  append_numbers (store, 0, 100);
  g_assert_cmpuint (n, ==, 2);
}

static void
test_list_is_filtered (void)
{
  g_autoptr (InspectorStore) store = inspector_store_new (1000, G_MAXSIZE);
  g_autoptr (InspectorList) list = inspector_list_new (store);
  g_autoptr (GArray) shown = g_array_new (FALSE, FALSE, sizeof (guint64));
  Mirror mirror = { .shown = shown };

  g_signal_connect (list, "items-changed", G_CALLBACK (on_items_changed), &mirror);
  append_numbers (store, 0, 100);
  inspector_list_set_filter (list, inspector_filter_new ("\"MESSAGE 42\"", NULL));
  inspector_list_update (list, G_USEC_PER_SEC);
  g_assert_cmpuint (shown->len, ==, 1);
  g_assert_cmpuint (inspector_list_get_number (list, 0), ==, 42);
}

static gboolean
matches (const char           *filter_text,
         const InspectorEntry *entry)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (InspectorFilter) filter = inspector_filter_new (filter_text, &error);

  g_assert_no_error (error);

  return inspector_filter_matches (filter, entry);
}

static void
test_filter_terms (void)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_strings ("weather", "Sunny in Rome", NULL);
  InspectorEntry entry = { .message = message, .direction = INSPECTOR_SENT };

  zmqglib_message_append_data (message, "\x0a\xff\x00", 3);
  g_assert_true (matches ("", &entry));
  g_assert_true (matches ("  rome SUNNY", &entry));
  g_assert_false (matches ("\"rome sunny\"", &entry));
  g_assert_true (matches ("\"in rome", &entry));
  g_assert_false (matches ("sunny -rome", &entry));
  g_assert_true (matches ("-rain", &entry));
  g_assert_true (matches ("topic:wea", &entry));
  g_assert_true (matches ("\"in\\ rome\"", &entry));
  g_assert_false (matches ("\\\"rome", &entry));
  g_assert_false (matches ("topic:eather", &entry));
  g_assert_true (matches ("hex:0AFF00", &entry));
  g_assert_false (matches ("hex:0affff", &entry));
  g_assert_true (matches ("frames:3 size>22 size<24", &entry));
  g_assert_false (matches ("size>23", &entry));
  g_assert_true (matches ("is:out", &entry));
  g_assert_false (matches ("is:in", &entry));
  g_assert_true (matches ("-is:in", &entry));
}

static char *
make_word (guint n_letters,
           guint bits)
{
  char *word = g_strnfill (n_letters, 'a');

  for (guint i = 0; i < n_letters; i++)
    word[i] += (bits >> i) & 1;

  return word;
}

/* All words of two letters in all texts of two letters. */
static void
test_filter_finds (void)
{
  for (guint size = 1; size <= 7; size++)
    for (guint bits = 0; bits < 1u << size; bits++)
      {
        g_autofree char *word = make_word (size, bits);
        g_autoptr (InspectorFilter) filter = inspector_filter_new (word, NULL);

        for (guint text_bits = 0; text_bits < 1u << 11; text_bits++)
          {
            g_autofree char *text = make_word (11, text_bits);
            g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string (text);
            InspectorEntry entry = { .message = message };

            g_assert_cmpint (inspector_filter_matches (filter, &entry), ==, strstr (text, word) != NULL);
          }
      }
}

/* What almost matches everywhere is searched as fast as what does not. */
static void
test_filter_is_fast (void)
{
  g_autofree char *half = g_strnfill (1000, 'x');
  g_autofree char *word = g_strconcat (half, "y", half, NULL);
  g_autofree char *large = g_strnfill (1 << 21, 'x');
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string (large);
  const InspectorEntry entry = { .message = message };
  clock_t              started = clock ();
  clock_t              simple;

  g_assert_false (matches ("y", &entry));
  simple = clock () - started;
  g_assert_false (matches (word, &entry));
  g_assert_cmpint (clock () - started - simple, <, 50 * MAX (simple, CLOCKS_PER_SEC / 1000));
}

static void
test_filter_errors (void)
{
  const char *const wrong[] = { "size>x", "frames:", "hex:0", "hex:zz", "is:up", "size<-1" };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (inspector_filter_new (wrong[i], &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
    }
}

static void
assert_json (const char *json,
             const char *expected)
{
  g_autoptr (GString) text = g_string_new ("> ");
  g_autoptr (GError) error = NULL;

  g_assert_true (inspector_json_indent (json, strlen (json), text, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_json (void)
{
  const char *const wrong[] = { "", "{", "[1,]", "{\"a\" 1}", "01", "1.", "nul", "\"\\x\"", "\"\n\"", "[] []", "{1:2}", "-", "1e", "\"\\u12g4\"", "\xff" };
  g_autofree char  *open = g_strnfill (100, '[');
  g_autofree char  *close = g_strnfill (100, ']');
  g_autofree char  *deep = g_strconcat (open, close, NULL);

  assert_json (" {\"a\":[1,-2.5e+3,\"x\\u00e4\"], \"b\":{},\"c\":[ ]}\n",
               "> {\n  \"a\": [\n    1,\n    -2.5e+3,\n    \"x\\u00e4\"\n  ],\n  \"b\": {},\n  \"c\": []\n}");
  assert_json ("null", "> null");
  for (guint i = 0; i <= G_N_ELEMENTS (wrong); i++)
    {
      const char *json = i < G_N_ELEMENTS (wrong) ? wrong[i] : deep;
      g_autoptr (GString) text = g_string_new ("");
      g_autoptr (GError) error = NULL;

      g_assert_false (inspector_json_indent (json, strlen (json), text, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
      g_assert_cmpstr (text->str, ==, "");
    }
}

static void
test_compose (void)
{
  const struct
  {
    InspectorCompose compose;
    const char      *text;
    guint            n_frames;
    gsize            size;
  } cases[] = {
    { INSPECTOR_COMPOSE_LINES, "", 1, 0 },
    { INSPECTOR_COMPOSE_LINES, "a\n\nbc", 3, 3 },
    { INSPECTOR_COMPOSE_TEXT, "a\nb", 1, 3 },
    { INSPECTOR_COMPOSE_JSON, "[1]", 1, 3 },
    { INSPECTOR_COMPOSE_HEX, "0a ff\n\n00", 3, 3 },
  };
  const char *const names[] = { "lines", "text", "json", "hex" };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ZmqMessage) message = inspector_compose (cases[i].compose, cases[i].text, &error);
      g_autoptr (ZmqMessage) again = NULL;
      g_autofree char *text = NULL;
      InspectorCompose compose;

      g_assert_no_error (error);
      g_assert_cmpuint (zmqglib_message_get_n_frames (message), ==, cases[i].n_frames);
      g_assert_cmpuint (zmqglib_message_get_size (message), ==, cases[i].size);

      text = inspector_decompose (message, &compose);
      again = inspector_compose (compose, text, &error);
      g_assert_true (zmqglib_message_equal (message, again));
    }
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      InspectorCompose compose;

      g_assert_true (inspector_compose_parse (names[i], &compose));
      g_assert_cmpstr (inspector_compose_get_name (compose), ==, names[i]);
    }
  g_assert_null (inspector_compose (INSPECTOR_COMPOSE_JSON, "[1", NULL));
  g_assert_null (inspector_compose (INSPECTOR_COMPOSE_HEX, "1", NULL));
}

static void
assert_shown (ZmqMessage *message,
              const char *how,
              const char *expected)
{
  InspectorShow    show;
  g_autofree char *text = NULL;

  g_assert_true (inspector_show_parse (how, &show));
  text = inspector_text_show (message, show);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_text (void)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_strings ("one\ntwo", "", NULL);
  g_autoptr (ZmqMessage) longer = zmqglib_message_new_from_string ("0123456789äöü");
  g_autoptr (ZmqMessage) json = zmqglib_message_new_from_string ("{\"a\":1}");
  g_autofree char *summary = NULL;
  g_autofree char *cut = NULL;

  zmqglib_message_append_data (message, "\x00\xffz", 3);
  summary = inspector_text_summarize (message, 100);
  g_assert_cmpstr (summary, ==, "one two  │  “”  │  0x00ff7a");
  cut = inspector_text_summarize (longer, 10);
  g_assert_cmpstr (cut, ==, "0123456789…");

  assert_shown (json, "json", "{\n  \"a\": 1\n}\n");
  assert_shown (json, "text", "{\"a\":1}\n");
  assert_shown (json, "hex", "00000000  7b 22 61 22 3a 31 7d                              |{\"a\":1}|\n");
  assert_shown (json, "frames", "   1           7  {\"a\":1}\n");
}

/* Scripts and emoji have characters that cannot be seen; those that control a terminal are none. */
static void
test_text_of_all_scripts (void)
{
  static const char *const texts[] = { "می\u200cخواهم", "👨\u200d👩", "co\u00adoperate", "\ufeff<xml/>" };
  g_autoptr (ZmqMessage) bell = zmqglib_message_new_from_string ("ring\a");

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string (texts[i]);
      g_autofree char *line = g_strconcat (texts[i], "\n", NULL);
      g_autofree char *summary = inspector_text_summarize (message, 100);

      assert_shown (message, "text", line);
      g_assert_cmpstr (summary, ==, texts[i]);
    }
  assert_shown (bell, "frames", "   1           5  0x72696e6707\n");
}

static void
test_time (void)
{
  g_autofree char *after = inspector_text_format_time (1000001);
  g_autofree char *before = inspector_text_format_time (-5);
  g_autofree char *never = inspector_text_format_time (G_MININT64);

  g_assert_true (g_str_has_suffix (after, ":01.000001"));
  g_assert_true (g_str_has_suffix (before, ":59.999995"));
  g_assert_cmpstr (never, ==, "—");
}

static void
test_rates (void)
{
  g_autoptr (InspectorStore) store = inspector_store_new (10, G_MAXSIZE);
  InspectorRates   rates = { 0 };
  g_autofree char *thousands = inspector_rates_format (12345);
  g_autofree char *few = inspector_rates_format (12);

  inspector_rates_sample (&rates, store, 1 * G_USEC_PER_SEC);
  append_numbers (store, 0, 10);
  inspector_rates_sample (&rates, store, 3 * G_USEC_PER_SEC);
  g_assert_cmpfloat (inspector_rates_get (&rates, 0).messages_in, ==, 5);
  g_assert_cmpfloat (inspector_rates_get (&rates, 0).bytes_in, ==, 45);
  g_assert_cmpfloat (inspector_rates_get (&rates, 1).messages_in, ==, 0);
  for (guint i = 0; i < 2 * INSPECTOR_RATES_LENGTH; i++)
    inspector_rates_sample (&rates, store, (4 + i) * G_USEC_PER_SEC);
  g_assert_cmpfloat (inspector_rates_get (&rates, INSPECTOR_RATES_LENGTH - 1).messages_in, ==, 0);
  g_assert_cmpstr (thousands, ==, "12.3 k");
  g_assert_cmpstr (few, ==, "12");
}

/* The lines of a graph are at numbers that are written as they are. */
static void
test_rates_round_up (void)
{
  const struct
  {
    double rate;
    double expected;
  } cases[] = { { 0, 4 }, { 4, 4 }, { 5, 8 }, { 9, 20 }, { 10, 20 }, { 21, 40 }, { 99, 100 }, { 100.5, 200 }, { 3e6, 4e6 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpfloat (inspector_rates_round_up (cases[i].rate, 4), ==, cases[i].expected);
}

typedef struct
{
  guint    n_sent;
  guint    n_allowed;
  gboolean is_ended;
  gboolean has_failed;
} Replayed;

static gboolean
on_replayed (ZmqMessage *message,
             gpointer    user_data,
             GError    **error)
{
  Replayed *replayed = user_data;

  if (replayed->n_sent == replayed->n_allowed)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "No more");
      return FALSE;
    }
  replayed->n_sent++;

  return TRUE;
}

static void
on_ended (InspectorReplay *replay,
          const GError    *error,
          Replayed        *replayed)
{
  replayed->is_ended = TRUE;
  replayed->has_failed = error != NULL;
}

static Replayed
replay (double speed,
        guint  n_allowed)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("again");
  g_autoptr (InspectorReplay) self = NULL;
  Replayed replayed = { .n_allowed = n_allowed };

  for (guint i = 0; i < 300; i++)
    {
      const InspectorEntry entry = { .message = message, .time = 1000 * i };

      g_ptr_array_add (records, inspector_record_new (&entry, i));
    }
  self = inspector_replay_new (records, speed, on_replayed, &replayed);
  g_signal_connect (self, "ended", G_CALLBACK (on_ended), &replayed);
  inspector_replay_start (self);
  test_until (replayed.is_ended);
  g_assert_cmpuint (inspector_replay_get_n_sent (self), ==, replayed.n_sent);

  return replayed;
}

static void
test_replay (void)
{
  gint64   started = g_get_monotonic_time ();
  Replayed replayed = replay (1, G_MAXUINT);

  g_assert_cmpuint (replayed.n_sent, ==, 300);
  g_assert_false (replayed.has_failed);
  g_assert_cmpint (g_get_monotonic_time () - started, >=, 299000);

  g_assert_cmpuint (replay (0, G_MAXUINT).n_sent, ==, 300);
  replayed = replay (0, 150);
  g_assert_cmpuint (replayed.n_sent, ==, 150);
  g_assert_true (replayed.has_failed);
}

/* Times as far apart as a file can say. */
static void
test_replay_of_any_time (void)
{
  static const gint64 times[] = { G_MAXINT64, G_MININT64 + 1000000 * (gint64) G_USEC_PER_SEC, 0, G_MAXINT64 };
  static const double speeds[] = { 1, 0.001, -1, NAN };
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("again");

  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    {
      const InspectorEntry entry = { .message = message, .time = times[i] };

      g_ptr_array_add (records, inspector_record_new (&entry, i));
    }
  for (guint i = 0; i < G_N_ELEMENTS (speeds); i++)
    {
      Replayed replayed = { .n_allowed = G_MAXUINT };
      g_autoptr (InspectorReplay) self = inspector_replay_new (records, speeds[i], on_replayed, &replayed);

      g_signal_connect (self, "ended", G_CALLBACK (on_ended), &replayed);
      inspector_replay_start (self);
      test_until (replayed.is_ended);
      g_assert_cmpuint (replayed.n_sent, ==, G_N_ELEMENTS (times));
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/inspector/store/is-bounded", test_store_is_bounded);
  g_test_add_func ("/inspector/store/counts-frames", test_store_counts_frames);
  g_test_add_func ("/inspector/list/follows", test_list_follows);
  g_test_add_func ("/inspector/list/takes-its-time", test_list_takes_its_time);
  g_test_add_func ("/inspector/list/takes-its-time-for-bytes", test_list_takes_its_time_for_bytes);
  g_test_add_func ("/inspector/list/is-told-once", test_list_is_told_once);
  g_test_add_func ("/inspector/list/is-filtered", test_list_is_filtered);
  g_test_add_func ("/inspector/filter/terms", test_filter_terms);
  g_test_add_func ("/inspector/filter/finds", test_filter_finds);
  g_test_add_func ("/inspector/filter/is-fast", test_filter_is_fast);
  g_test_add_func ("/inspector/filter/errors", test_filter_errors);
  g_test_add_func ("/inspector/json", test_json);
  g_test_add_func ("/inspector/compose", test_compose);
  g_test_add_func ("/inspector/text", test_text);
  g_test_add_func ("/inspector/text-of-all-scripts", test_text_of_all_scripts);
  g_test_add_func ("/inspector/time", test_time);
  g_test_add_func ("/inspector/rates", test_rates);
  g_test_add_func ("/inspector/rates-round-up", test_rates_round_up);
  g_test_add_func ("/inspector/replay", test_replay);
  g_test_add_func ("/inspector/replay-of-any-time", test_replay_of_any_time);

  return g_test_run ();
}
