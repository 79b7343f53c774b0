/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz.h"

/* What may be done with messages, beside what they then have to be: lists of copies of what was put into them. Bytes that
 * came out of a message are kept, may go into any other, and stay what they were, whatever becomes of the message. */

#define N_MESSAGES    3
#define MAX_KEPT      8
#define MAX_STEPS     200
#define MAX_FRAMES    300
#define SHOWN_BYTES   48 /* of a frame, by zmqglib_message_to_string() */
#define SHOWN_FRAMES  16
#define MAX_SHOWN_LEN (64 + SHOWN_FRAMES * (32 + 2 * SHOWN_BYTES))

typedef struct
{
  ZmqMessage *messages[N_MESSAGES];
  GPtrArray  *models[N_MESSAGES]; /* of GBytes */
  GBytes     *kept[MAX_KEPT];     /* what came out */
  GBytes     *copies[MAX_KEPT];   /* and was, then */
  guint       n_kept;
} Play;

static const char *const types[] = {
  "b",
  "y",
  "n",
  "q",
  "i",
  "u",
  "x",
  "t",
  "d",
  "s",
  "o",
  "g",
  "h",
  "v",
  "ay",
  "as",
  "ai",
  "a{sv}",
  "(iu)",
  "mi",
  "ms",
  "a(sy)",
  "()",
  "(sv)",
  "aas",
  "mmy",
};

static ZmqSocket *sender;
static ZmqSocket *receiver;

static void
make_sockets (void)
{
  g_autoptr (GError) error = NULL;

  if (sender != NULL)
    return;

  sender = zmqglib_socket_new (NULL, ZMQGLIB_SOCKET_PAIR, &error);
  receiver = zmqglib_socket_new (NULL, ZMQGLIB_SOCKET_PAIR, &error);
  fuzz_assert (zmqglib_socket_bind (receiver, "inproc://fuzz-message", &error));
  fuzz_assert (zmqglib_socket_connect_to (sender, "inproc://fuzz-message", &error));
}

static GBytes *
copy_bytes (GBytes *bytes)
{
  return g_bytes_new (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static void
set_message (Play       *play,
             guint       n,
             ZmqMessage *message)
{
  fuzz_assert (message != NULL);
  g_clear_pointer (&play->messages[n], zmqglib_message_unref);
  g_ptr_array_set_size (play->models[n], 0);
  play->messages[n] = message;
}

static void
check_frame (ZmqMessage *message,
             guint       index,
             GBytes     *model)
{
  gsize         size = G_MAXSIZE;
  gconstpointer data = zmqglib_message_peek_frame (message, index, &size);

  fuzz_assert (size == g_bytes_get_size (model));
  fuzz_assert (size == 0 || memcmp (data, g_bytes_get_data (model, NULL), size) == 0);
}

static void
check_message (Play *play,
               guint n)
{
  ZmqMessage *message = play->messages[n];
  GPtrArray  *model = play->models[n];
  gsize       total = 0;
  gsize       size = G_MAXSIZE;

  fuzz_assert (zmqglib_message_get_n_frames (message) == model->len);
  for (guint i = 0; i < model->len; i++)
    {
      check_frame (message, i, model->pdata[i]);
      total += g_bytes_get_size (model->pdata[i]);
    }
  fuzz_assert (zmqglib_message_get_size (message) == total);
  fuzz_assert (zmqglib_message_peek_frame (message, model->len, &size) == NULL && size == 0);
  fuzz_assert (zmqglib_message_get_frame (message, model->len) == NULL);
}

static void
keep (Play   *play,
      GBytes *bytes)
{
  if (play->n_kept == MAX_KEPT)
    {
      g_bytes_unref (bytes);
      return;
    }

  play->kept[play->n_kept] = bytes;
  play->copies[play->n_kept++] = copy_bytes (bytes);
}

static void
let_go (Play *play,
        guint n)
{
  fuzz_assert (g_bytes_equal (play->kept[n], play->copies[n]));
  g_bytes_unref (play->kept[n]);
  g_bytes_unref (play->copies[n]);
  play->n_kept--;
  play->kept[n] = play->kept[play->n_kept];
  play->copies[n] = play->copies[play->n_kept];
}

static void
append (Play      *play,
        guint      n,
        FuzzInput *input,
        guint      how)
{
  g_autoptr (GBytes) bytes = fuzz_take_bytes (input);
  gsize         size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  if (how == 0)
    zmqglib_message_append_data (play->messages[n], data, size);
  else if (how == 1)
    zmqglib_message_append_bytes (play->messages[n], bytes);
  else
    zmqglib_message_prepend_bytes (play->messages[n], bytes);
  g_ptr_array_insert (play->models[n], how == 2 ? 0 : -1, copy_bytes (bytes));
}

static void
append_string (Play      *play,
               guint      n,
               FuzzInput *input)
{
  g_autofree char *string = fuzz_take_string (input);

  zmqglib_message_append_string (play->messages[n], string);
  g_ptr_array_add (play->models[n], g_bytes_new (string, strlen (string)));
}

/* Puts on again what was taken off some message. */
static void
put_kept (Play      *play,
          guint      n,
          FuzzInput *input,
          gboolean   is_first)
{
  GBytes *bytes;

  if (play->n_kept == 0)
    return;

  bytes = play->kept[fuzz_take_number (input, play->n_kept)];
  if (is_first)
    zmqglib_message_prepend_bytes (play->messages[n], bytes);
  else
    zmqglib_message_append_bytes (play->messages[n], bytes);
  g_ptr_array_insert (play->models[n], is_first ? 0 : -1, copy_bytes (bytes));
}

static void
pop (Play *play,
     guint n)
{
  GBytes *bytes = zmqglib_message_pop_frame (play->messages[n]);

  fuzz_assert ((bytes == NULL) == (play->models[n]->len == 0));
  if (bytes == NULL)
    return;
  fuzz_assert (g_bytes_equal (bytes, play->models[n]->pdata[0]));
  g_ptr_array_remove_index (play->models[n], 0);
  keep (play, bytes);
}

static void
get_frames (Play      *play,
            guint      n,
            FuzzInput *input)
{
  g_autoptr (GPtrArray) frames = zmqglib_message_get_frames (play->messages[n]);

  fuzz_assert (frames->len == play->models[n]->len);
  for (guint i = 0; i < frames->len; i++)
    fuzz_assert (g_bytes_equal (frames->pdata[i], play->models[n]->pdata[i]));
  if (frames->len > 0)
    keep (play, g_bytes_ref (frames->pdata[fuzz_take_number (input, frames->len)]));
}

static void
copy (Play *play,
      guint from,
      guint to)
{
  ZmqMessage *message = zmqglib_message_copy (play->messages[from]);

  if (from != to)
    {
      set_message (play, to, message);
      for (guint i = 0; i < play->models[from]->len; i++)
        g_ptr_array_add (play->models[to], g_bytes_ref (play->models[from]->pdata[i]));
    }
  else
    {
      zmqglib_message_unref (play->messages[to]);
      play->messages[to] = message;
    }
}

/* Frames that are libzmq's, as those are that somebody has sent. */
static void
send_and_receive (Play *play,
                  guint n)
{
  g_autoptr (GError) error = NULL;
  gboolean is_sent = zmqglib_socket_try_send (sender, play->messages[n], &error);

  fuzz_check_error (is_sent, &error);
  fuzz_assert (is_sent == (play->models[n]->len > 0));
  if (!is_sent)
    return;

  zmqglib_message_unref (play->messages[n]);
  play->messages[n] = zmqglib_socket_try_receive (receiver, &error);
  if (error != NULL)
    fuzz_fail ("%s", error->message);
  fuzz_assert (zmqglib_message_get_user_id (play->messages[n]) == NULL);
}

static gboolean
is_text (GBytes *bytes)
{
  gsize       size;
  const char *data = g_bytes_get_data (bytes, &size);

  return size == 0 || (memchr (data, '\0', size) == NULL && g_utf8_validate (data, size, NULL));
}

static gboolean
equals_text (GBytes     *bytes,
             const char *text)
{
  return strlen (text) == g_bytes_get_size (bytes) &&
         (*text == '\0' || memcmp (text, g_bytes_get_data (bytes, NULL), strlen (text)) == 0);
}

static void
get_string (Play *play,
            guint n,
            guint index)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *string = zmqglib_message_get_string (play->messages[n], index, &error);

  fuzz_check_error (string != NULL, &error);
  if (index >= play->models[n]->len)
    fuzz_assert (g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT));
  else if (!is_text (play->models[n]->pdata[index]))
    fuzz_assert (g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_DATA));
  else
    fuzz_assert (equals_text (play->models[n]->pdata[index], string));
}

static void
get_strv (Play *play,
          guint n)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) strv = zmqglib_message_dup_strv (play->messages[n], &error);
  GPtrArray *model = play->models[n];
  gboolean   is_all_text = TRUE;

  fuzz_check_error (strv != NULL, &error);
  for (guint i = 0; i < model->len; i++)
    is_all_text &= is_text (model->pdata[i]);
  fuzz_assert ((strv != NULL) == is_all_text);
  if (strv == NULL)
    return;
  fuzz_assert (g_strv_length (strv) == model->len);
  for (guint i = 0; i < model->len; i++)
    fuzz_assert (equals_text (model->pdata[i], strv[i]));
}

/* Reads what is shown of a frame, and returns what comes after it. */
static const char *
check_shown_text (const char *shown,
                  GBytes     *frame)
{
  gsize       size;
  const char *data = g_bytes_get_data (frame, &size);
  gsize       i = 0;

  while (*shown != '"' && !(size > SHOWN_BYTES && g_str_has_prefix (shown, "…\"")))
    {
      if (*shown == '\\')
        shown++;
      fuzz_assert (i < MIN (size, SHOWN_BYTES) && *shown == data[i]);
      shown++;
      i++;
    }
  /* a character that was cut has up to three bytes */
  fuzz_assert (size > SHOWN_BYTES ? i > SHOWN_BYTES - 4 : i == size);

  return shown + (size > SHOWN_BYTES ? strlen ("…\"") : strlen ("\""));
}

static const char *
check_shown_hex (const char *shown,
                 GBytes     *frame)
{
  gsize         size;
  const guint8 *data = g_bytes_get_data (frame, &size);

  for (gsize i = 0; i < MIN (size, SHOWN_BYTES); i++, shown += 2)
    fuzz_assert (g_ascii_xdigit_value (shown[0]) * 16 + g_ascii_xdigit_value (shown[1]) == data[i]);

  return shown + (size > SHOWN_BYTES ? strlen ("…") : 0);
}

static const char *
check_shown_frame (const char *shown,
                   GBytes     *frame)
{
  g_autofree char *size = g_strdup_printf ("[%" G_GSIZE_FORMAT "] ", g_bytes_get_size (frame));

  fuzz_assert (g_str_has_prefix (shown, size));
  shown += strlen (size);
  if (*shown == '"')
    return check_shown_text (shown + 1, frame);

  fuzz_assert (g_str_has_prefix (shown, "0x"));

  return check_shown_hex (shown + 2, frame);
}

static void
show (Play *play,
      guint n)
{
  g_autofree char *string = zmqglib_message_to_string (play->messages[n]);
  GPtrArray       *model = play->models[n];
  const char      *shown = string;

  fuzz_assert (strlen (string) < MAX_SHOWN_LEN && g_utf8_validate (string, -1, NULL));
  for (const char *p = string; *p != '\0'; p = g_utf8_next_char (p))
    fuzz_assert (g_unichar_isprint (g_utf8_get_char (p)));

  for (guint i = 0; i < MIN (model->len, SHOWN_FRAMES); i++)
    {
      shown = i == 0 ? strstr (shown, ": ") : shown;
      fuzz_assert (shown != NULL && (i == 0 || g_str_has_prefix (shown, ", ")));
      shown = check_shown_frame (shown + 2, model->pdata[i]);
    }
  if (model->len > 0)
    fuzz_assert (g_str_equal (shown, model->len > SHOWN_FRAMES ? ", …" : ""));
}

/* Whether the bytes are those that a variant of that type would have, and none else. */
static GVariant *
read_variant (GBytes     *bytes,
              const char *type)
{
  g_autoptr (GVariant) any = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (type), bytes, FALSE));
  g_autoptr (GVariant) ordered = G_BYTE_ORDER == G_LITTLE_ENDIAN ? g_variant_ref (any) : g_variant_byteswap (any);
  g_autoptr (GVariant) normal = g_variant_get_normal_form (ordered);
  g_autoptr (GVariant) written = G_BYTE_ORDER == G_LITTLE_ENDIAN ? g_variant_ref (normal) : g_variant_byteswap (normal);
  g_autoptr (GBytes) written_bytes = g_variant_get_data_as_bytes (written);

  return g_bytes_equal (bytes, written_bytes) ? g_steal_pointer (&normal) : NULL;
}

static void
get_variant (Play      *play,
             guint      n,
             FuzzInput *input)
{
  const char *type = types[fuzz_take_number (input, G_N_ELEMENTS (types))];
  guint       index = fuzz_take_byte (input);
  g_autoptr (GVariant) expected = NULL;
  g_autoptr (GVariant) variant = NULL;
  g_autoptr (GError) error = NULL;

  variant = zmqglib_message_get_variant (play->messages[n], index, G_VARIANT_TYPE (type), &error);
  fuzz_check_error (variant != NULL, &error);
  if (index >= play->models[n]->len)
    {
      fuzz_assert (g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT));
      return;
    }

  expected = read_variant (play->models[n]->pdata[index], type);
  fuzz_assert ((variant != NULL) == (expected != NULL));
  if (variant != NULL)
    fuzz_assert (g_variant_is_of_type (variant, G_VARIANT_TYPE (type)) && g_variant_is_normal_form (variant));
  else
    fuzz_assert (g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_DATA));
}

static void
append_variant (Play      *play,
                guint      n,
                FuzzInput *input)
{
  const char *type = types[fuzz_take_number (input, G_N_ELEMENTS (types))];
  g_autoptr (GBytes) bytes = fuzz_take_bytes (input);
  g_autoptr (GVariant) any = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (type), bytes, FALSE));
  g_autoptr (GVariant) normal = g_variant_get_normal_form (any);
  g_autoptr (GVariant) written = G_BYTE_ORDER == G_LITTLE_ENDIAN ? g_variant_ref (normal) : g_variant_byteswap (normal);
  g_autoptr (GVariant) got = NULL;

  zmqglib_message_append_variant (play->messages[n], normal);
  g_ptr_array_add (play->models[n], g_bytes_new (g_variant_get_data (written), g_variant_get_size (written)));
  got = zmqglib_message_get_variant (play->messages[n], play->models[n]->len - 1, G_VARIANT_TYPE (type), NULL);
  fuzz_assert (got != NULL);
}

static void
make_from_strings (Play      *play,
                   guint      n,
                   FuzzInput *input)
{
  char       *strings[4] = { NULL };
  guint       n_strings = fuzz_take_number (input, 4);
  ZmqMessage *message;

  for (guint i = 0; i < n_strings; i++)
    strings[i] = fuzz_take_string (input);
  if (fuzz_take_byte (input) & 1)
    message = zmqglib_message_new_strings (strings[0], strings[1], strings[2], NULL);
  else
    message = zmqglib_message_new_from_strv ((const char *const *) strings);

  set_message (play, n, message);
  for (guint i = 0; i < n_strings; i++)
    {
      g_ptr_array_add (play->models[n], g_bytes_new (strings[i], strlen (strings[i])));
      g_free (strings[i]);
    }
}

static void
make_from_bytes (Play      *play,
                 guint      n,
                 FuzzInput *input)
{
  g_autoptr (GBytes) bytes = fuzz_take_bytes (input);

  set_message (play, n, zmqglib_message_new_from_bytes (bytes));
  g_ptr_array_add (play->models[n], copy_bytes (bytes));
}

static void
compare (Play *play,
         guint a,
         guint b)
{
  gboolean is_equal = play->models[a]->len == play->models[b]->len;

  for (guint i = 0; is_equal && i < play->models[a]->len; i++)
    is_equal = g_bytes_equal (play->models[a]->pdata[i], play->models[b]->pdata[i]);
  fuzz_assert (zmqglib_message_equal (play->messages[a], play->messages[b]) == is_equal);
}

static void
hold_for_a_moment (Play *play,
                   guint n)
{
  ZmqMessage *message = g_boxed_copy (ZMQGLIB_TYPE_MESSAGE, play->messages[n]);

  g_object_unref (zmqglib_message_track (message));
  g_boxed_free (ZMQGLIB_TYPE_MESSAGE, message);
}

static void
play_step (Play      *play,
           FuzzInput *input)
{
  guint step = fuzz_take_byte (input);
  guint n = fuzz_take_number (input, N_MESSAGES);

  switch (step % 19)
    {
    case 0:
    case 1:
    case 2:
      append (play, n, input, step % 19);
      break;
    case 3:
      append_string (play, n, input);
      break;
    case 4:
    case 5:
      put_kept (play, n, input, step % 19 == 4);
      break;
    case 6:
      pop (play, n);
      break;
    case 7:
      get_frames (play, n, input);
      break;
    case 8:
      copy (play, n, fuzz_take_number (input, N_MESSAGES));
      break;
    case 9:
      send_and_receive (play, n);
      break;
    case 10:
      get_string (play, n, fuzz_take_byte (input));
      break;
    case 11:
      get_strv (play, n);
      break;
    case 12:
      show (play, n);
      break;
    case 13:
      get_variant (play, n, input);
      break;
    case 14:
      append_variant (play, n, input);
      break;
    case 15:
      make_from_strings (play, n, input);
      break;
    case 16:
      make_from_bytes (play, n, input);
      break;
    case 17:
      compare (play, n, fuzz_take_number (input, N_MESSAGES));
      hold_for_a_moment (play, n);
      break;
    default:
      if (play->n_kept > 0)
        let_go (play, fuzz_take_number (input, play->n_kept));
      break;
    }

  if (play->models[n]->len > MAX_FRAMES)
    set_message (play, n, zmqglib_message_new ());
  check_message (play, n);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  FuzzInput input = { data, size };
  Play      play = { 0 };
  gboolean  messages_go_first = fuzz_take_byte (&input) & 1;

  make_sockets ();
  for (guint i = 0; i < N_MESSAGES; i++)
    {
      play.models[i] = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      play.messages[i] = zmqglib_message_new ();
    }

  for (guint i = 0; i < MAX_STEPS && input.size > 0; i++)
    play_step (&play, &input);

  for (guint i = 0; i < N_MESSAGES; i++)
    {
      check_message (&play, i);
      if (messages_go_first)
        g_clear_pointer (&play.messages[i], zmqglib_message_unref);
    }
  while (play.n_kept > 0)
    let_go (&play, 0);
  for (guint i = 0; i < N_MESSAGES; i++)
    {
      g_clear_pointer (&play.messages[i], zmqglib_message_unref);
      g_ptr_array_unref (play.models[i]);
    }
  /* trackers are told in the loop */
  fuzz_assert (fuzz_settle (10 * MAX_STEPS));

  return 0;
}
