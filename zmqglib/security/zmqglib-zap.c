/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>
#include <zmq.h>

#include "base/zmqglib-wipe-private.h"
#include "keys/zmqglib-keys-private.h"
#include "message/zmqglib-message-private.h"
#include "security/zmqglib-zap-private.h"

/* The ZeroMQ Authentication Protocol (https://rfc.zeromq.org/spec/27/), as a ROUTER has it. Of libzmq itself a request
 * is always well made, but for what a peer has put into it. */

#define VERSION "1.0"

/* of a request */
enum
{
  ROUTING_ID,
  DELIMITER,
  REQUEST_VERSION,
  REQUEST_ID,
  DOMAIN_NAME,
  ADDRESS,
  IDENTITY,
  MECHANISM,
  CREDENTIALS
};

static const struct
{
  const char          *name;
  ZmqSecurityMechanism mechanism;
  guint                n_credentials;
} mechanisms[] = {
  { "NULL", ZMQGLIB_SECURITY_MECHANISM_NULL, 0 },
  { "PLAIN", ZMQGLIB_SECURITY_MECHANISM_PLAIN, 2 },
  { "CURVE", ZMQGLIB_SECURITY_MECHANISM_CURVE, 1 },
  { "GSSAPI", ZMQGLIB_SECURITY_MECHANISM_GSSAPI, 1 },
};

/*
 * zmqglib_zap_request_clear:
 *
 * Frees what is in it, which may be nothing.
 */
void
zmqglib_zap_request_clear (ZmqZapRequest *self)
{
  if (self->password != NULL)
    zmqglib_wipe (self->password, strlen (self->password));

  g_clear_pointer (&self->routing_id, g_bytes_unref);
  g_clear_pointer (&self->request_id, g_bytes_unref);
  g_clear_pointer (&self->domain, g_free);
  g_clear_pointer (&self->address, g_free);
  g_clear_pointer (&self->identity, g_bytes_unref);
  g_clear_pointer (&self->user, g_free);
  g_clear_pointer (&self->password, g_free);
  g_clear_pointer (&self->public_key, g_free);
}

static gboolean
frame_equals (ZmqMessage *message,
              guint       index,
              const char *text)
{
  gsize         size;
  gconstpointer data = zmqglib_message_peek_frame (message, index, &size);

  return size == strlen (text) && memcmp (data, text, size) == 0;
}

/* What one would take for less than it is, or could not show to anybody, is refused. */
static char *
read_text (ZmqMessage *message,
           guint       index)
{
  gsize       size;
  const char *data = zmqglib_message_peek_frame (message, index, &size);

  if (size == 0)
    return g_strdup ("");
  if (!g_utf8_validate_len (data, size, NULL))
    return NULL;

  return g_strndup (data, size);
}

static char *
read_key (ZmqMessage *message,
          guint       index)
{
  gsize         size;
  gconstpointer data = zmqglib_message_peek_frame (message, index, &size);
  ZmqKeyText    key;

  if (size != ZMQGLIB_KEY_SIZE)
    return NULL;

  zmq_z85_encode (key, data, size);

  return g_strdup (key);
}

static gboolean
read_mechanism (ZmqZapRequest *self,
                ZmqMessage    *message)
{
  const guint n_credentials = zmqglib_message_get_n_frames (message) - CREDENTIALS;

  for (gsize i = 0; i < G_N_ELEMENTS (mechanisms); i++)
    if (frame_equals (message, MECHANISM, mechanisms[i].name))
      {
        self->mechanism = mechanisms[i].mechanism;
        return n_credentials == mechanisms[i].n_credentials;
      }

  return FALSE;
}

static gboolean
read_credentials (ZmqZapRequest *self,
                  ZmqMessage    *message)
{
  switch (self->mechanism)
    {
    case ZMQGLIB_SECURITY_MECHANISM_PLAIN:
      self->user = read_text (message, CREDENTIALS);
      self->password = read_text (message, CREDENTIALS + 1);
      return self->user != NULL && self->password != NULL;
    case ZMQGLIB_SECURITY_MECHANISM_CURVE:
      self->public_key = read_key (message, CREDENTIALS);
      return self->public_key != NULL;
    case ZMQGLIB_SECURITY_MECHANISM_GSSAPI:
      self->user = read_text (message, CREDENTIALS);
      return self->user != NULL;
    default:
      return TRUE;
    }
}

/*
 * zmqglib_zap_request_read:
 * @self: an empty request
 *
 * Reads a request. It cannot be answered when it has no @request_id then.
 *
 * Returns: (nullable): %NULL, or what is wrong with it, as is told to peers
 */
const char *
zmqglib_zap_request_read (ZmqZapRequest *self,
                          ZmqMessage    *message)
{
  const guint n_frames = zmqglib_message_get_n_frames (message);

  if (n_frames <= REQUEST_ID || zmqglib_message_get_size (message) > G_MAXINT16 ||
      !frame_equals (message, DELIMITER, ""))
    return "Malformed request";

  self->routing_id = zmqglib_message_get_frame (message, ROUTING_ID);
  self->request_id = zmqglib_message_get_frame (message, REQUEST_ID);
  if (!frame_equals (message, REQUEST_VERSION, VERSION))
    return "Unknown version";
  if (n_frames < CREDENTIALS)
    return "Malformed request";

  self->domain = read_text (message, DOMAIN_NAME);
  self->address = read_text (message, ADDRESS);
  self->identity = zmqglib_message_get_frame (message, IDENTITY);
  if (self->domain == NULL || self->address == NULL)
    return "Malformed request";
  if (!read_mechanism (self, message))
    return "Unknown mechanism";

  return read_credentials (self, message) ? NULL : "Malformed credentials";
}

static gboolean
is_reserved (const char *name)
{
  return g_ascii_strcasecmp (name, ZMQGLIB_MESSAGE_MARK) == 0 || g_ascii_strcasecmp (name, "User-Id") == 0;
}

/*
 * zmqglib_zap_is_metadata:
 * @metadata: (nullable): a table of strings
 *
 * Returns: whether a reply can have it
 */
gboolean
zmqglib_zap_is_metadata (GHashTable *metadata)
{
  GHashTableIter iter;
  gpointer       name;
  gpointer       value;

  if (metadata == NULL)
    return TRUE;

  g_hash_table_iter_init (&iter, metadata);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      const gsize size = strlen (name);

      if (size == 0 || size > G_MAXUINT8 || is_reserved (name) || value == NULL || strlen (value) > G_MAXINT16)
        return FALSE;
    }

  return TRUE;
}

static void
append_property (GByteArray *array,
                 const char *name,
                 const char *value)
{
  const guint8  name_size = strlen (name);
  const guint32 value_size = strlen (value);
  const guint32 encoded_size = GUINT32_TO_BE (value_size);

  g_byte_array_append (array, &name_size, sizeof name_size);
  g_byte_array_append (array, (const guint8 *) name, name_size);
  g_byte_array_append (array, (const guint8 *) &encoded_size, sizeof encoded_size);
  g_byte_array_append (array, (const guint8 *) value, value_size);
}

/* The mark comes first: libzmq keeps the first of equal names. */
static GBytes *
encode_metadata (GHashTable *metadata)
{
  const char    *mark = zmqglib_message_get_mark ();
  GByteArray    *array = g_byte_array_new ();
  GHashTableIter iter;
  gpointer       name;
  gpointer       value;

  if (mark != NULL)
    append_property (array, ZMQGLIB_MESSAGE_MARK, mark);
  if (metadata != NULL)
    {
      g_hash_table_iter_init (&iter, metadata);
      while (g_hash_table_iter_next (&iter, &name, &value))
        append_property (array, name, value);
    }

  return g_byte_array_free_to_bytes (array);
}

/*
 * zmqglib_zap_reply_new:
 * @status: 200 for a peer that is let in, else 300, 400 or 500
 * @text: what the peer may be told
 * @user_id: (nullable): who it is
 * @metadata: (nullable): what zmqglib_zap_is_metadata()
 *
 * Returns: (transfer full): the answer to @request
 */
ZmqMessage *
zmqglib_zap_reply_new (const ZmqZapRequest *request,
                       guint                status,
                       const char          *text,
                       const char          *user_id,
                       GHashTable          *metadata)
{
  ZmqMessage      *reply = zmqglib_message_new ();
  g_autofree char *code = g_strdup_printf ("%u", status);
  g_autoptr (GBytes) encoded = status == ZMQGLIB_ZAP_ACCEPTED ? encode_metadata (metadata) : g_bytes_new (NULL, 0);

  zmqglib_message_append_bytes (reply, request->routing_id);
  zmqglib_message_append_string (reply, "");
  zmqglib_message_append_string (reply, VERSION);
  zmqglib_message_append_bytes (reply, request->request_id);
  zmqglib_message_append_string (reply, code);
  zmqglib_message_append_string (reply, text);
  zmqglib_message_append_string (reply, status == ZMQGLIB_ZAP_ACCEPTED && user_id != NULL ? user_id : "");
  zmqglib_message_append_bytes (reply, encoded);

  return reply;
}
