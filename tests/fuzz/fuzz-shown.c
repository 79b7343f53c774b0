/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz.h"

#include "inspector-compose.h"
#include "inspector-filter.h"
#include "inspector-text.h"

/* What the inspector shows of a message, whatever a peer has sent: text, of a bounded length. And a filter, whatever
 * somebody types. What can be edited is the same message again. */

#define MAX_FRAMES 20

static ZmqMessage *
take_message (FuzzInput *input)
{
  ZmqMessage *message = zmqglib_message_new ();
  guint       n_frames = fuzz_take_number (input, MAX_FRAMES);

  for (guint i = 0; i < n_frames; i++)
    {
      g_autoptr (GBytes) bytes = fuzz_take_bytes (input);

      zmqglib_message_append_bytes (message, bytes);
    }

  return message;
}

static void
show (ZmqMessage *message)
{
  g_autofree char *summary = inspector_text_summarize (message, 100);

  fuzz_assert (g_utf8_validate (summary, -1, NULL) && strlen (summary) < 1000 && strchr (summary, '\n') == NULL);
  for (guint how = INSPECTOR_SHOW_TEXT; how <= INSPECTOR_SHOW_FRAMES; how++)
    {
      g_autofree char *text = inspector_text_show (message, how);

      fuzz_assert (g_utf8_validate (text, -1, NULL));
    }
}

static void
edit (ZmqMessage *message)
{
  InspectorCompose compose;
  g_autofree char *text = inspector_decompose (message, &compose);
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) again = inspector_compose (compose, text, &error);

  if (error != NULL)
    fuzz_fail ("%s", error->message);
  /* one without a frame cannot be sent */
  if (zmqglib_message_get_n_frames (message) > 0)
    fuzz_assert (zmqglib_message_equal (message, again));
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  FuzzInput        input = { data, size };
  g_autofree char *text = fuzz_take_string (&input);
  InspectorEntry   entry = { .direction = fuzz_take_number (&input, INSPECTOR_N_DIRECTIONS) };
  g_autoptr (ZmqMessage) message = take_message (&input);
  g_autoptr (GError) error = NULL;
  g_autoptr (InspectorFilter) filter = NULL;

  entry.message = message;
  show (message);
  edit (message);
  if (!g_utf8_validate (text, -1, NULL))
    return 0;
  filter = inspector_filter_new (text, &error);
  fuzz_check_error (filter != NULL, &error);
  if (filter != NULL)
    inspector_filter_matches (filter, &entry);

  return 0;
}
