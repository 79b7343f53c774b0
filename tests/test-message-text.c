/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-util.h"

static void
test_new_strings (void)
{
  static const char *const strv[] = { "one", "", "Grüße", NULL };
  g_autoptr (ZmqMessage) message = zmqglib_message_new_strings ("one", "", "Grüße", NULL);
  g_autoptr (ZmqMessage) expected = zmqglib_message_new_from_strv (strv);
  g_autoptr (ZmqMessage) single = zmqglib_message_new_strings ("one", NULL);
  g_autoptr (ZmqMessage) empty = zmqglib_message_new_strings (NULL, NULL);

  g_assert_true (zmqglib_message_equal (message, expected));
  g_assert_cmpuint (zmqglib_message_get_n_frames (single), ==, 1);
  g_assert_cmpuint (zmqglib_message_get_n_frames (empty), ==, 0);
}

static void
test_dup_strv (void)
{
  static const char *const expected[] = { "one", "", "Grüße", NULL };
  static const char *const nothing[] = { NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_message_new_strings ("one", "", "Grüße", NULL);
  g_autoptr (ZmqMessage) empty = zmqglib_message_new ();
  g_auto (GStrv) strv = zmqglib_message_dup_strv (message, &error);
  g_auto (GStrv) none = NULL;

  g_assert_no_error (error);
  g_assert_cmpstrv (strv, expected);

  none = zmqglib_message_dup_strv (empty, &error);
  g_assert_no_error (error);
  g_assert_nonnull (none);
  g_assert_cmpstrv (none, nothing);
}

static void
test_dup_strv_of_bytes (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_message_new_strings ("one", NULL);
  g_autoptr (ZmqMessage) with_nul = zmqglib_message_new_strings ("one", "two", NULL);

  zmqglib_message_append_data (message, "\xff", 1);
  g_assert_null (zmqglib_message_dup_strv (message, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_DATA, "Frame 1");

  zmqglib_message_append_data (with_nul, "a\0b", 3);
  g_assert_null (zmqglib_message_dup_strv (with_nul, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_DATA, "Frame 2");
}

static void
assert_shown (gconstpointer data,
              gsize         size,
              const char   *expected)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();
  g_autofree char *string = NULL;

  zmqglib_message_append_data (message, data, size);
  string = zmqglib_message_to_string (message);
  g_assert_cmpstr (string, ==, expected);
}

static void
test_to_string (void)
{
  g_autoptr (ZmqMessage) empty = zmqglib_message_new ();
  g_autoptr (ZmqMessage) message = zmqglib_message_new_strings ("Hello", "", NULL);
  g_autofree char *shown_empty = zmqglib_message_to_string (empty);
  g_autofree char *shown = NULL;

  g_assert_cmpstr (shown_empty, ==, "0 frames, 0 bytes");

  zmqglib_message_append_data (message, "\x00\xff\x01", 3);
  shown = zmqglib_message_to_string (message);
  g_assert_cmpstr (shown, ==, "3 frames, 8 bytes: [5] \"Hello\", [0] \"\", [3] 0x00ff01");

  assert_shown ("\"\\", 2, "1 frame, 2 bytes: [2] \"\\\"\\\\\"");
  assert_shown ("Grüße", 7, "1 frame, 7 bytes: [7] \"Grüße\"");
  /* what would break the line, or a terminal */
  assert_shown ("a\nb", 3, "1 frame, 3 bytes: [3] 0x610a62");
  assert_shown ("\x1b", 1, "1 frame, 1 byte: [1] 0x1b");
  assert_shown ("\xe2\x80\xae", 3, "1 frame, 3 bytes: [3] 0xe280ae");
  /* not a character that was cut, since nothing was */
  assert_shown ("a\xc3", 2, "1 frame, 2 bytes: [2] 0x61c3");
}

static void
test_to_string_is_cut (void)
{
  g_autofree char *xs = g_strnfill (1000, 'x');
  g_autofree char *text = g_strconcat ("x", "ü", xs, NULL);
  g_autoptr (ZmqMessage) many = zmqglib_message_new ();
  g_autoptr (GString) umlauts = g_string_new ("x");
  g_autofree char *expected = NULL;
  g_autofree char *expected_umlauts = NULL;
  g_autofree char *shown = NULL;

  expected = g_strdup_printf ("1 frame, 1003 bytes: [1003] \"%.*s…\"", 48, text);
  assert_shown (text, strlen (text), expected);

  /* the last character that fits is cut in its middle */
  for (guint i = 0; i < 100; i++)
    g_string_append (umlauts, "ü");
  expected_umlauts = g_strdup_printf ("1 frame, 201 bytes: [201] \"%.*s…\"", 47, umlauts->str);
  assert_shown (umlauts->str, umlauts->len, expected_umlauts);

  for (guint i = 0; i < 17; i++)
    zmqglib_message_append_string (many, "a");
  shown = zmqglib_message_to_string (many);
  g_assert_true (g_str_has_prefix (shown, "17 frames, 17 bytes: [1] \"a\", "));
  g_assert_true (g_str_has_suffix (shown, "[1] \"a\", …"));
  g_assert_cmpuint (strlen (shown), <, 300);
}

static void
test_to_string_of_bytes_is_cut (void)
{
  guint8           bytes[100] = { 0xff };
  g_autofree char *zeros = g_strnfill (2 * 47, '0');
  g_autofree char *expected = g_strdup_printf ("1 frame, 100 bytes: [100] 0xff%s…", zeros);

  assert_shown (bytes, sizeof bytes, expected);
}

/* A NUL is no reason to leave out what is behind it. */
static void
test_to_string_with_nul_is_cut (void)
{
  guint8           bytes[100] = "text";
  g_autofree char *zeros = g_strnfill (2 * 44, '0');
  g_autofree char *expected = g_strdup_printf ("1 frame, 100 bytes: [100] 0x74657874%s…", zeros);

  assert_shown (bytes, sizeof bytes, expected);
}

/* Neither is one in the place of what a character goes on with, wherever that is. */
static void
test_to_string_with_nul_in_a_character_is_cut (void)
{
  static const char *const leads[] = { "\303", "\342", "\342\202", "\360", "\360\237\230" };

  for (gsize i = 0; i < G_N_ELEMENTS (leads); i++)
    for (gsize n_before = 0; n_before < 48; n_before++)
      {
        char             bytes[100] = { 0 };
        g_autofree char *shown = NULL;
        g_autoptr (ZmqMessage) message = zmqglib_message_new ();

        memset (bytes, 'x', n_before);
        memcpy (bytes + n_before, leads[i], strlen (leads[i]));
        zmqglib_message_append_data (message, bytes, sizeof bytes);
        shown = zmqglib_message_to_string (message);
        /* unless that is where it was cut */
        if (n_before + strlen (leads[i]) < 48)
          g_assert_true (g_str_has_prefix (shown, "1 frame, 100 bytes: [100] 0x"));
        else
          g_assert_true (g_str_has_prefix (shown, "1 frame, 100 bytes: [100] \"xxx"));
      }
}

/* What another machine reads. */
static void
test_variant_is_little_endian (void)
{
  static const guint8 expected[] = { 4, 3, 2, 1, 0, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1, 'a', 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new ("(uts)", 0x01020304, G_GUINT64_CONSTANT (0x0102030405060708),
                                                                    "a"));
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();
  g_autoptr (GBytes) frame = NULL;
  g_autoptr (GVariant) actual = NULL;

  zmqglib_message_append_variant (message, variant);
  frame = zmqglib_message_get_frame (message, 0);
  g_assert_cmpmem (g_bytes_get_data (frame, NULL), g_bytes_get_size (frame), expected, sizeof expected);

  actual = zmqglib_message_get_variant (message, 0, G_VARIANT_TYPE ("(uts)"), &error);
  g_assert_no_error (error);
  g_assert_cmpvariant (actual, variant);
}

/* The variant of a machine of the other order, as it lies in memory, is another variant. */
static void
test_variant_of_other_order (void)
{
  static const guint8 big_endian[] = { 1, 2, 3, 4 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new_uint32 (0x01020304));
  g_autoptr (GVariant) swapped = g_variant_byteswap (variant);
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();
  g_autoptr (GVariant) actual = NULL;
  g_autoptr (GVariant) swapped_actual = NULL;
  g_autoptr (GBytes) frame = NULL;

  zmqglib_message_append_variant (message, swapped);
  frame = zmqglib_message_get_frame (message, 0);
  g_assert_cmpmem (g_bytes_get_data (frame, NULL), g_bytes_get_size (frame), big_endian, sizeof big_endian);

  actual = zmqglib_message_get_variant (message, 0, G_VARIANT_TYPE_UINT32, &error);
  g_assert_no_error (error);
  g_assert_cmpvariant (actual, swapped);
  swapped_actual = g_variant_byteswap (actual);
  g_assert_cmpvariant (swapped_actual, variant);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/message-text/new-strings", test_new_strings);
  g_test_add_func ("/message-text/dup-strv", test_dup_strv);
  g_test_add_func ("/message-text/dup-strv-of-bytes", test_dup_strv_of_bytes);
  g_test_add_func ("/message-text/to-string", test_to_string);
  g_test_add_func ("/message-text/to-string-is-cut", test_to_string_is_cut);
  g_test_add_func ("/message-text/to-string-of-bytes-is-cut", test_to_string_of_bytes_is_cut);
  g_test_add_func ("/message-text/to-string-with-nul-is-cut", test_to_string_with_nul_is_cut);
  g_test_add_func ("/message-text/to-string-with-nul-in-a-character-is-cut", test_to_string_with_nul_in_a_character_is_cut);
  g_test_add_func ("/message-text/variant-is-little-endian", test_variant_is_little_endian);
  g_test_add_func ("/message-text/variant-of-other-order", test_variant_of_other_order);

  return g_test_run ();
}
