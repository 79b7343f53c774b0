/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <zmq.h>

#include "message/zmqglib-message-private.h"

#include "fuzz.h"

/* What an authenticator is told of peers, and then asked about them, by frames that may be anything. Nobody comes in whom no
 * rule and no handler lets in, and whoever asks so that it can be answered gets one answer. */

#define MAX_RULES    12
#define MAX_REQUESTS 12
#define MAX_FRAMES   12

typedef enum
{
  HANDLER_NONE,
  HANDLER_ACCEPTS,
  HANDLER_DENIES,
  HANDLER_KEEPS,
  HANDLER_FORGETS,
  HANDLER_DECLINES,
  N_HANDLERS
} Handler;

typedef struct
{
  char  kind;    /* p: a user and a password; k: a key; c: any key */
  char *domain;  /* "*" for all */
  char *name;    /* or key */
  char *secret;  /* the password, or NULL for who must not come in */
  char *user_id; /* of a key */
} Rule;

typedef struct
{
  GInetAddressMask *mask;
  gboolean          is_allowed;
} Range;

typedef struct
{
  ZmqAuthenticator *authenticator;
  ZmqSocket        *sessions[2];
  Handler           handler;
  ZmqAuthRequest   *kept;       /* by the handler */
  guint             kept_by;    /* the session */
  GBytes           *kept_id;    /* of the request */
  guint             session;    /* that asks */
  GBytes           *request_id; /* with which */

  Rule     rules[MAX_RULES];
  guint    n_rules;
  Range    ranges[MAX_RULES];
  guint    n_ranges;
  gboolean denies_all;

  guint n_accepted;
  guint n_denied;
} Play;

static const char *const words[] = { "anna", "sesame", "emil", "here", "there", "*", "", "a" };
static const char *const addresses[] = {
  "127.0.0.1",
  "192.0.2.1",
  "192.0.2.0/24",
  "::1",
  "2001:db8::/32",
  "::ffff:192.0.2.7",
  "0.0.0.0/0",
  "no address",
  "",
  "::FFFF:127.0.0.1",
};
static const char *const mechanisms[] = { "NULL", "PLAIN", "CURVE", "GSSAPI" };
static const char *const keys[] = {
  "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID",
  "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7",
  "0000000000000000000000000000000000000000",
};

static char *
take_word (FuzzInput         *input,
           const char *const *table,
           guint              n)
{
  guint8 choice = fuzz_take_byte (input);

  return choice < 0xf0 ? g_strdup (table[choice % n]) : fuzz_take_string (input);
}

static char *
take_domain (FuzzInput *input)
{
  return fuzz_take_byte (input) & 1 ? take_word (input, words, G_N_ELEMENTS (words)) : NULL;
}

/* Takes all that it is given. */
static void
add_rule (Play *play,
          char  kind,
          char *domain,
          char *name,
          char *secret,
          char *user_id)
{
  Rule rule = { kind, domain != NULL ? domain : g_strdup ("*"), name, secret, user_id };

  for (guint i = 0; i < play->n_rules; i++)
    if (play->rules[i].kind == kind && g_str_equal (play->rules[i].domain, rule.domain) &&
        g_strcmp0 (play->rules[i].name, name) == 0)
      {
        g_free (play->rules[i].domain);
        g_free (play->rules[i].name);
        g_free (play->rules[i].secret);
        g_free (play->rules[i].user_id);
        play->rules[i] = rule;
        return;
      }
  play->rules[play->n_rules++] = rule;
}

static void
add_range (Play       *play,
           const char *text,
           gboolean    is_allowed)
{
  GInetAddressMask *mask = g_inet_address_mask_new_from_string (text, NULL);
  gboolean          is_taken = is_allowed ? zmqglib_authenticator_allow_address (play->authenticator, text)
                                          : zmqglib_authenticator_deny_address (play->authenticator, text);

  fuzz_assert (is_taken == (mask != NULL));
  if (mask == NULL)
    {
      play->denies_all |= !is_allowed;
      return;
    }
  for (guint i = 0; i < play->n_ranges; i++)
    if (g_inet_address_mask_equal (play->ranges[i].mask, mask))
      {
        play->ranges[i].is_allowed = is_allowed;
        g_object_unref (mask);
        return;
      }
  play->ranges[play->n_ranges++] = (Range){ mask, is_allowed };
}

static void
play_key_rule (Play      *play,
               FuzzInput *input,
               gboolean   is_allowed)
{
  char    *domain = take_domain (input);
  char    *key = take_word (input, keys, G_N_ELEMENTS (keys));
  char    *user_id = is_allowed ? take_domain (input) : NULL;
  gboolean is_key = is_allowed ? zmqglib_authenticator_allow_key (play->authenticator, domain, key, user_id)
                               : zmqglib_authenticator_deny_key (play->authenticator, domain, key);

  if (is_key)
    add_rule (play, 'k', domain, g_strstrip (key), is_allowed ? g_strdup ("") : NULL, user_id);
  else
    {
      g_free (domain);
      g_free (key);
      g_free (user_id);
    }
}

static void
play_rule (Play      *play,
           FuzzInput *input)
{
  guint kind = fuzz_take_number (input, 6);

  if (kind < 2)
    {
      g_autofree char *address = take_word (input, addresses, G_N_ELEMENTS (addresses));

      add_range (play, address, kind == 0);
    }
  else if (kind == 2)
    {
      char *domain = take_domain (input);
      char *user = take_word (input, words, G_N_ELEMENTS (words));
      char *password = take_domain (input);

      zmqglib_authenticator_add_password (play->authenticator, domain, user, password);
      add_rule (play, 'p', domain, user, password, NULL);
    }
  else if (kind == 5)
    {
      char *domain = take_domain (input);

      zmqglib_authenticator_allow_any_curve (play->authenticator, domain);
      add_rule (play, 'c', domain, NULL, NULL, NULL);
    }
  else
    play_key_rule (play, input, kind == 3);
}

/* What is to be answered */

static gboolean
equals (GBytes     *frame,
        const char *text)
{
  return g_bytes_get_size (frame) == strlen (text) && (*text == '\0' || memcmp (g_bytes_get_data (frame, NULL), text, strlen (text)) == 0);
}

/* NULL for what is none. */
static char *
dup_text (GBytes *frame)
{
  gsize       size;
  const char *data = g_bytes_get_data (frame, &size);

  if (size > 0 && (memchr (data, '\0', size) != NULL || !g_utf8_validate (data, size, NULL)))
    return NULL;

  return g_strndup (size > 0 ? data : "", size);
}

static const Rule *
find_rule (Play       *play,
           char        kind,
           const char *domain,
           const char *name)
{
  const Rule *of_all = NULL;

  for (guint i = 0; i < play->n_rules; i++)
    {
      const Rule *rule = &play->rules[i];

      if (rule->kind != kind || (name != NULL && !g_str_equal (rule->name, name)))
        continue;
      if (g_str_equal (rule->domain, domain))
        return rule;
      if (g_str_equal (rule->domain, "*"))
        of_all = rule;
    }

  return of_all;
}

static gboolean
is_within (GInetAddressMask *mask,
           const char       *text)
{
  g_autoptr (GInetAddress) address = NULL;
  gboolean is_mapped = g_ascii_strncasecmp (text, "::ffff:", 7) == 0 && strchr (text, '.') != NULL;

  address = g_inet_address_new_from_string (is_mapped ? text + 7 : text);

  return address != NULL && g_inet_address_mask_matches (mask, address);
}

/* 1: lets in, 0: does not say, -1: keeps out. */
static int
ask_ranges (Play       *play,
            const char *address)
{
  gboolean is_any_allowed = FALSE;
  int      answer = 0;

  if (play->denies_all)
    return -1;
  for (guint i = 0; i < play->n_ranges; i++)
    {
      is_any_allowed |= play->ranges[i].is_allowed;
      if (!is_within (play->ranges[i].mask, address))
        continue;
      if (!play->ranges[i].is_allowed)
        return -1;
      answer = 1;
    }

  return is_any_allowed && answer == 0 ? -1 : answer;
}

/* The same of who proves to be somebody. */
static int
ask_rules (Play        *play,
           GPtrArray   *frames,
           const char  *domain,
           int          address,
           const char **user_id)
{
  const Rule *rule;

  if (equals (frames->pdata[6], "NULL"))
    return address;
  if (equals (frames->pdata[6], "PLAIN"))
    {
      g_autofree char *user = dup_text (frames->pdata[7]);

      rule = find_rule (play, 'p', domain, user);
      if (rule == NULL)
        return 0;
      *user_id = rule->name;
      return rule->secret != NULL && equals (frames->pdata[8], rule->secret) ? 1 : -1;
    }
  if (equals (frames->pdata[6], "CURVE"))
    {
      static char key[41];

      zmq_z85_encode (key, g_bytes_get_data (frames->pdata[7], NULL), 32);
      *user_id = key;
      rule = find_rule (play, 'k', domain, key);
      if (rule == NULL)
        return find_rule (play, 'c', domain, NULL) != NULL ? 1 : 0;
      if (rule->user_id != NULL)
        *user_id = rule->user_id;
      return rule->secret != NULL ? 1 : -1;
    }

  return 0;
}

static gboolean
is_well_formed (GPtrArray *frames)
{
  static const guint n_credentials[] = { 0, 2, 1, 1 };
  gboolean           is_known = FALSE;

  if (frames->len < 7 || !equals (frames->pdata[1], "1.0"))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (mechanisms); i++)
    is_known |= equals (frames->pdata[6], mechanisms[i]) && frames->len == 7 + n_credentials[i];
  if (!is_known)
    return FALSE;
  if (equals (frames->pdata[6], "CURVE"))
    return g_bytes_get_size (frames->pdata[7]) == 32;
  for (guint i = 7; i < frames->len; i++)
    {
      g_autofree char *text = dup_text (frames->pdata[i]);

      if (text == NULL)
        return FALSE;
    }

  return TRUE;
}

static int
ask_model (Play        *play,
           GPtrArray   *frames,
           const char **user_id)
{
  g_autofree char *domain = NULL;
  g_autofree char *address = NULL;
  int              range;

  if (!is_well_formed (frames))
    return -1;
  domain = dup_text (frames->pdata[3]);
  address = dup_text (frames->pdata[4]);
  if (domain == NULL || address == NULL)
    return -1;
  range = ask_ranges (play, address);

  return range < 0 ? -1 : ask_rules (play, frames, domain, range, user_id);
}

/* Handlers */

static gboolean
on_authenticate (ZmqAuthenticator *authenticator,
                 ZmqAuthRequest   *request,
                 gpointer          data)
{
  Play *play = data;

  fuzz_assert (g_utf8_validate (zmqglib_auth_request_get_domain (request), -1, NULL));
  fuzz_assert (g_utf8_validate (zmqglib_auth_request_get_address (request), -1, NULL));
  switch (play->handler)
    {
    case HANDLER_ACCEPTS:
      fuzz_assert (zmqglib_auth_request_accept (request, "handled", NULL));
      fuzz_assert (!zmqglib_auth_request_accept (request, "twice", NULL) && !zmqglib_auth_request_deny (request, 400, NULL));
      return TRUE;
    case HANDLER_DENIES:
      fuzz_assert (zmqglib_auth_request_deny (request, 300, "later"));
      return TRUE;
    case HANDLER_KEEPS:
      fuzz_assert (play->kept == NULL);
      play->kept = g_object_ref (request);
      play->kept_by = play->session;
      play->kept_id = g_bytes_ref (play->request_id);
      return TRUE;
    case HANDLER_FORGETS:
      return TRUE;
    default:
      return FALSE;
    }
}

static const char *
expect_handler (Play        *play,
                const char **user_id)
{
  *user_id = "";
  switch (play->handler)
    {
    case HANDLER_ACCEPTS:
      *user_id = "handled";
      return "200";
    case HANDLER_DENIES:
      return "300";
    case HANDLER_KEEPS:
      return NULL;
    default:
      return "400";
    }
}

/* Requests */

static ZmqMessage *
receive (Play *play,
         guint session)
{
  return zmqglib_socket_try_receive (play->sessions[session], NULL);
}

static gboolean
frame_equals (ZmqMessage *message,
              guint       index,
              GBytes     *expected)
{
  g_autoptr (GBytes) frame = zmqglib_message_get_frame (message, index);

  return g_bytes_equal (frame, expected);
}

static gboolean
frame_is (ZmqMessage *message,
          guint       index,
          const char *expected)
{
  g_autoptr (GBytes) frame = zmqglib_message_get_frame (message, index);

  return equals (frame, expected);
}

static void
check_reply (Play       *play,
             guint       session,
             GBytes     *id,
             const char *status,
             const char *user_id)
{
  g_autoptr (ZmqMessage) reply = receive (play, session);
  gboolean is_accepted = status != NULL && g_str_equal (status, "200");
  gsize    size;

  fuzz_assert ((reply != NULL) == (status != NULL));
  if (reply == NULL)
    return;

  fuzz_assert (zmqglib_message_get_n_frames (reply) == 7);
  fuzz_assert (frame_is (reply, 0, "") && frame_is (reply, 1, "1.0") && frame_equals (reply, 2, id));
  if (!frame_is (reply, 3, status))
    {
      g_autofree char *shown = zmqglib_message_to_string (reply);

      fuzz_fail ("%s was expected: %s", status, shown);
    }
  fuzz_assert (frame_is (reply, 5, is_accepted ? user_id : ""));
  zmqglib_message_peek_frame (reply, 6, &size);
  fuzz_assert ((size > 0) == is_accepted);
  if (is_accepted)
    play->n_accepted++;
  else
    play->n_denied++;
}

static void
answer_kept (Play *play)
{
  if (play->kept == NULL)
    return;

  fuzz_assert (zmqglib_auth_request_accept (play->kept, "kept", NULL));
  g_clear_object (&play->kept);
  fuzz_assert (fuzz_settle (1000));
  check_reply (play, play->kept_by, play->kept_id, "200", "kept");
  g_clear_pointer (&play->kept_id, g_bytes_unref);
}

static GBytes *
take_frame (FuzzInput *input,
            guint      index)
{
  g_autofree char *text = NULL;
  guint8           choice = fuzz_take_byte (input);
  char             key[32];

  if (choice >= 0xe0)
    return fuzz_take_bytes (input);

  switch (index)
    {
    case 0:
    case 5:
      return g_bytes_new (NULL, 0);
    case 1:
      return g_bytes_new ("1.0", 3);
    case 4:
      text = g_strdup (addresses[choice % G_N_ELEMENTS (addresses)]);
      break;
    case 6:
      text = g_strdup (mechanisms[choice % G_N_ELEMENTS (mechanisms)]);
      break;
    default:
      if (index == 7 && choice >= 0x80)
        {
          zmq_z85_decode ((guint8 *) key, keys[choice % G_N_ELEMENTS (keys)]);
          return g_bytes_new (key, sizeof key);
        }
      text = g_strdup (words[choice % G_N_ELEMENTS (words)]);
      break;
    }

  return g_bytes_new (text, strlen (text));
}

static GPtrArray *
take_request (FuzzInput *input)
{
  GPtrArray *frames = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  guint8     shape = fuzz_take_byte (input);
  guint      n_frames = shape < 0xe0 ? 7 + shape % 3 : 1 + shape % MAX_FRAMES;

  for (guint i = 0; i < n_frames; i++)
    g_ptr_array_add (frames, take_frame (input, i));

  return frames;
}

static gboolean
can_be_answered (GPtrArray *frames,
                 gsize      size)
{
  return frames->len >= 3 && equals (frames->pdata[0], "") && size <= G_MAXINT16;
}

static void
play_request (Play      *play,
              FuzzInput *input)
{
  g_autoptr (GPtrArray) frames = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();
  const char *user_id = "";
  const char *status = "400";
  gsize       routing_id_size = 5;
  int         verdict;

  play->session = fuzz_take_byte (input) & 1;
  /* a session that asks anew does not wait for the answer from before */
  if (play->kept_by != play->session)
    answer_kept (play);
  frames = take_request (input);
  for (guint i = 0; i < frames->len; i++)
    zmqglib_message_append_bytes (message, frames->pdata[i]);
  fuzz_assert (zmqglib_socket_try_send (play->sessions[play->session], message, NULL));

  if (!can_be_answered (frames, zmqglib_message_get_size (message) + routing_id_size))
    {
      fuzz_assert (fuzz_settle (1000));
      check_reply (play, play->session, NULL, NULL, NULL);
      play->n_denied++;
      return;
    }

  play->request_id = frames->pdata[2];
  verdict = ask_model (play, frames, &user_id);
  if (verdict > 0)
    status = "200";
  else if (verdict == 0)
    status = expect_handler (play, &user_id);
  if (play->kept != NULL)
    {
      g_autoptr (ZmqAuthRequest) old = g_steal_pointer (&play->kept);

      g_clear_pointer (&play->kept_id, g_bytes_unref);
      fuzz_assert (fuzz_settle (1000));
      fuzz_assert (!zmqglib_auth_request_accept (old, "late", NULL));
    }
  fuzz_assert (fuzz_settle (1000));
  check_reply (play, play->session, frames->pdata[2], status, user_id);
}

static void
begin (Play *play)
{
  static ZmqContext *context;
  g_autoptr (GError) error = NULL;

  if (context == NULL)
    context = zmqglib_context_new ();
  play->authenticator = zmqglib_authenticator_new (context, &error);
  if (play->authenticator == NULL)
    fuzz_fail ("%s", error->message);
  g_signal_connect (play->authenticator, "authenticate", G_CALLBACK (on_authenticate), play);
  for (guint i = 0; i < G_N_ELEMENTS (play->sessions); i++)
    {
      play->sessions[i] = zmqglib_socket_new (context, ZMQGLIB_SOCKET_DEALER, &error);
      if (play->sessions[i] == NULL)
        fuzz_fail ("%s", error->message);
      g_object_set (play->sessions[i], "linger", 0, NULL);
      fuzz_assert (zmqglib_socket_connect_to (play->sessions[i], "inproc://zeromq.zap.01", &error));
    }
}

static void
end (Play *play)
{
  answer_kept (play);
  fuzz_assert (zmqglib_authenticator_get_n_accepted (play->authenticator) == play->n_accepted);
  fuzz_assert (zmqglib_authenticator_get_n_denied (play->authenticator) == play->n_denied);
  g_object_unref (play->authenticator);
  fuzz_assert (fuzz_settle (1000));
  for (guint i = 0; i < G_N_ELEMENTS (play->sessions); i++)
    {
      check_reply (play, i, NULL, NULL, NULL);
      g_object_unref (play->sessions[i]);
    }
  for (guint i = 0; i < play->n_ranges; i++)
    g_object_unref (play->ranges[i].mask);
  for (guint i = 0; i < play->n_rules; i++)
    {
      g_free (play->rules[i].domain);
      g_free (play->rules[i].name);
      g_free (play->rules[i].secret);
      g_free (play->rules[i].user_id);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  FuzzInput input = { data, size };
  Play      play = { .handler = fuzz_take_number (&input, N_HANDLERS) };
  guint     n_rules = fuzz_take_number (&input, MAX_RULES);

  begin (&play);
  for (guint i = 0; i < n_rules; i++)
    play_rule (&play, &input);
  for (guint i = 0; i < MAX_REQUESTS && input.size > 0; i++)
    play_request (&play, &input);
  end (&play);

  return 0;
}
