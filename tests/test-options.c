/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>
#include <zmq.h>
#include <zmqglib/zmqglib.h>

/* Each option of libzmq with its property, or with the reason why it has none. What a property is,
 * and what libzmq lets one do with it, the tests ask libzmq itself. */
typedef struct
{
  const char   *macro;
  int           option;
  const char   *property;
  ZmqSocketType type;   /* one that has the option */
  gint64        number; /* a value that is not the default */
  const char   *text;   /* likewise, of what is not a number */
  const char   *needs;  /* what not every libzmq is built with */
  const char   *reason; /* why there is no property */
  gboolean      is_secret;
} Option;

#define OPTION(option) #option, option

#define PUB    ZMQGLIB_SOCKET_PUB
#define SUB    ZMQGLIB_SOCKET_SUB
#define REQ    ZMQGLIB_SOCKET_REQ
#define DEALER ZMQGLIB_SOCKET_DEALER
#define ROUTER ZMQGLIB_SOCKET_ROUTER
#define PULL   ZMQGLIB_SOCKET_PULL
#define PUSH   ZMQGLIB_SOCKET_PUSH
#define XPUB   ZMQGLIB_SOCKET_XPUB
#define XSUB   ZMQGLIB_SOCKET_XSUB
#define STREAM ZMQGLIB_SOCKET_STREAM

/* stands for the key that main() makes */
#define A_KEY "key"

static const Option options[] = {
  { OPTION (ZMQ_SUBSCRIBE), NULL, .reason = "a method" },
  { OPTION (ZMQ_UNSUBSCRIBE), NULL, .reason = "a method" },
  { OPTION (ZMQ_RCVMORE), NULL, .reason = "messages are received whole" },
  { OPTION (ZMQ_FD), NULL, .reason = "the poller's" },
  { OPTION (ZMQ_EVENTS), NULL, .reason = "a method, get_condition()" },
  { OPTION (ZMQ_TYPE), NULL, .reason = "the property “socket-type”" },
  { OPTION (ZMQ_THREAD_SAFE), NULL, .reason = "no type that is stable is" },
  { OPTION (ZMQ_BLOCKY), NULL, .reason = "an option of contexts" },

  { OPTION (ZMQ_SNDHWM), "send-high-water-mark", PUSH, 7 },
  { OPTION (ZMQ_RCVHWM), "receive-high-water-mark", PULL, 0 },
  { OPTION (ZMQ_SNDTIMEO), "send-timeout", PUSH, 250 },
  { OPTION (ZMQ_RCVTIMEO), "receive-timeout", PULL, 0 },
  { OPTION (ZMQ_LINGER), "linger", PUSH, G_MAXINT },
  { OPTION (ZMQ_IMMEDIATE), "immediate", PUSH, TRUE },
  { OPTION (ZMQ_CONFLATE), "conflate", PULL, TRUE },
  { OPTION (ZMQ_MAXMSGSIZE), "max-message-size", PULL, G_GINT64_CONSTANT (1) << 40 },
  { OPTION (ZMQ_AFFINITY), "affinity", PULL, G_MININT64 },
  { OPTION (ZMQ_ROUTING_ID), "routing-id", DEALER, .text = "a name" },
  { OPTION (ZMQ_CONNECT_ROUTING_ID), "connect-routing-id", ROUTER, .text = "a name" },
  { OPTION (ZMQ_PROBE_ROUTER), "probe-router", DEALER, TRUE },
  { OPTION (ZMQ_ROUTER_MANDATORY), "router-mandatory", ROUTER, TRUE },
  { OPTION (ZMQ_ROUTER_HANDOVER), "router-handover", ROUTER, TRUE },
  { OPTION (ZMQ_ROUTER_RAW), "router-raw", ROUTER, TRUE },
  { OPTION (ZMQ_REQ_CORRELATE), "request-correlate", REQ, TRUE },
  { OPTION (ZMQ_REQ_RELAXED), "request-relaxed", REQ, TRUE },
  { OPTION (ZMQ_INVERT_MATCHING), "invert-matching", SUB, TRUE },
  { OPTION (ZMQ_XPUB_VERBOSE), "xpub-verbose", XPUB, TRUE },
  { OPTION (ZMQ_XPUB_VERBOSER), "xpub-verboser", XPUB, TRUE },
  { OPTION (ZMQ_XPUB_MANUAL), "xpub-manual", XPUB, TRUE },
  { OPTION (ZMQ_XPUB_NODROP), "xpub-no-drop", PUB, TRUE },
  { OPTION (ZMQ_XPUB_WELCOME_MSG), "xpub-welcome-message", XPUB, .text = "hello" },
  { OPTION (ZMQ_STREAM_NOTIFY), "stream-notify", STREAM, FALSE },

  { OPTION (ZMQ_LAST_ENDPOINT), "last-endpoint", PULL, .text = "tcp://127.0.0.1:80" },
  { OPTION (ZMQ_USE_FD), "use-fd", PULL, 0 },
  { OPTION (ZMQ_BINDTODEVICE), "bind-to-device", PULL, .text = "lo" },
  { OPTION (ZMQ_BACKLOG), "backlog", PULL, 0 },
  { OPTION (ZMQ_CONNECT_TIMEOUT), "connect-timeout", PUSH, 5000 },
  { OPTION (ZMQ_HANDSHAKE_IVL), "handshake-interval", PUSH, 0 },
  { OPTION (ZMQ_RECONNECT_IVL), "reconnect-interval", PUSH, -1 },
  { OPTION (ZMQ_RECONNECT_IVL_MAX), "reconnect-interval-max", PUSH, 5000 },
  { OPTION (ZMQ_HEARTBEAT_IVL), "heartbeat-interval", PUSH, 1000 },
  { OPTION (ZMQ_HEARTBEAT_TTL), "heartbeat-ttl", PUSH, 6553500 },
  { OPTION (ZMQ_HEARTBEAT_TIMEOUT), "heartbeat-timeout", PUSH, 0 },
  { OPTION (ZMQ_SNDBUF), "send-buffer-size", PUSH, 0 },
  { OPTION (ZMQ_RCVBUF), "receive-buffer-size", PULL, 4096 },
  { OPTION (ZMQ_TOS), "type-of-service", PUSH, 255 },
  { OPTION (ZMQ_IPV6), "ipv6", PUSH, TRUE },
  { OPTION (ZMQ_SOCKS_PROXY), "socks-proxy", PUSH, .text = "proxy.example:1080" },
  { OPTION (ZMQ_TCP_KEEPALIVE), "tcp-keepalive", PUSH, 1 },
  { OPTION (ZMQ_TCP_KEEPALIVE_CNT), "tcp-keepalive-count", PUSH, 9 },
  { OPTION (ZMQ_TCP_KEEPALIVE_IDLE), "tcp-keepalive-idle", PUSH, 60 },
  { OPTION (ZMQ_TCP_KEEPALIVE_INTVL), "tcp-keepalive-interval", PUSH, 30 },
  { OPTION (ZMQ_TCP_MAXRT), "tcp-max-retransmit-timeout", PUSH, 9000 },
  { OPTION (ZMQ_RATE), "rate", PUB, 1 },
  { OPTION (ZMQ_RECOVERY_IVL), "recovery-interval", PUB, 0 },
  { OPTION (ZMQ_MULTICAST_HOPS), "multicast-hops", PUB, 255 },
  { OPTION (ZMQ_MULTICAST_MAXTPDU), "multicast-max-tpdu", PUB, 1280 },
  { OPTION (ZMQ_VMCI_BUFFER_SIZE), "vmci-buffer-size", PUSH, 65536, .needs = "vmci" },
  { OPTION (ZMQ_VMCI_BUFFER_MIN_SIZE), "vmci-buffer-min-size", PUSH, 128, .needs = "vmci" },
  { OPTION (ZMQ_VMCI_BUFFER_MAX_SIZE), "vmci-buffer-max-size", PUSH, 262144, .needs = "vmci" },
  { OPTION (ZMQ_VMCI_CONNECT_TIMEOUT), "vmci-connect-timeout", PUSH, 5000, .needs = "vmci" },

  { OPTION (ZMQ_MECHANISM), "security-mechanism", PUSH, ZMQGLIB_SECURITY_MECHANISM_PLAIN },
  { OPTION (ZMQ_ZAP_DOMAIN), "zap-domain", PULL, .text = "global" },
  { OPTION (ZMQ_PLAIN_SERVER), "plain-server", PULL, TRUE },
  { OPTION (ZMQ_PLAIN_USERNAME), "plain-username", PUSH, .text = "somebody" },
  { OPTION (ZMQ_PLAIN_PASSWORD), "plain-password", PUSH, .text = "sesame", .is_secret = TRUE },
  { OPTION (ZMQ_CURVE_SERVER), "curve-server", PUSH, TRUE, .needs = "curve" },
  { OPTION (ZMQ_CURVE_PUBLICKEY), "curve-public-key", PUSH, .text = A_KEY, .needs = "curve" },
  { OPTION (ZMQ_CURVE_SECRETKEY), "curve-secret-key", PUSH, .text = A_KEY, .needs = "curve", .is_secret = TRUE },
  { OPTION (ZMQ_CURVE_SERVERKEY), "curve-server-key", PUSH, .text = A_KEY, .needs = "curve" },
  { OPTION (ZMQ_GSSAPI_SERVER), "gssapi-server", PUSH, TRUE, .needs = "gssapi" },
  { OPTION (ZMQ_GSSAPI_PRINCIPAL), "gssapi-principal", PUSH, .text = "host", .needs = "gssapi" },
  { OPTION (ZMQ_GSSAPI_SERVICE_PRINCIPAL), "gssapi-service-principal", PUSH,
    .text = "zmq", .needs = "gssapi" },
  { OPTION (ZMQ_GSSAPI_PLAINTEXT), "gssapi-plaintext", PUSH, TRUE, .needs = "gssapi" },
  { OPTION (ZMQ_GSSAPI_PRINCIPAL_NAMETYPE), "gssapi-principal-name-type", PUSH,
    ZMQGLIB_GSSAPI_NAME_TYPE_USER_NAME, .needs = "gssapi" },
  { OPTION (ZMQ_GSSAPI_SERVICE_PRINCIPAL_NAMETYPE), "gssapi-service-principal-name-type", PUSH,
    ZMQGLIB_GSSAPI_NAME_TYPE_KRB5_PRINCIPAL, .needs = "gssapi" },
};

static char public_key[41];
static char secret_key[41];

static ZmqSocket *
new_socket (ZmqSocketType type)
{
  GError    *error = NULL;
  ZmqSocket *socket = zmqglib_socket_new (NULL, type, &error);

  g_assert_no_error (error);
  g_assert_nonnull (socket);

  return socket;
}

static GParamSpec *
find_pspec (ZmqSocket  *socket,
            const char *property)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (socket), property);

  if (pspec == NULL)
    g_error ("There is no property “%s”", property);

  return pspec;
}

static gboolean
libzmq_has (const Option *option)
{
  return option->needs == NULL || zmq_has (option->needs);
}

static gboolean
is_key (const Option *option)
{
  return g_strcmp0 (option->text, A_KEY) == 0;
}

/* the option's sample, as the property has it */
static void
init_sample (GValue       *value,
             const Option *option,
             GParamSpec   *pspec)
{
  g_value_init (value, pspec->value_type);

  if (pspec->value_type == G_TYPE_BYTES)
    g_value_take_boxed (value, g_bytes_new (option->text, strlen (option->text)));
  else if (pspec->value_type == G_TYPE_STRING)
    g_value_set_string (value, is_key (option) ? public_key : option->text);
  else if (pspec->value_type == G_TYPE_UINT64)
    g_value_set_uint64 (value, option->number);
  else if (pspec->value_type == G_TYPE_INT64)
    g_value_set_int64 (value, option->number);
  else if (pspec->value_type == G_TYPE_BOOLEAN)
    g_value_set_boolean (value, option->number);
  else if (G_IS_PARAM_SPEC_ENUM (pspec))
    g_value_set_enum (value, option->number);
  else
    g_value_set_int (value, option->number);
}

/* the same, as libzmq has it */
static GBytes *
get_raw (const Option *option,
         const GValue *value)
{
  guint8 key[32];
  int    number;

  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)))
    {
    case G_TYPE_BOXED:
      return g_value_dup_boxed (value);
    case G_TYPE_STRING:
      if (!is_key (option))
        return g_bytes_new (g_value_get_string (value), strlen (g_value_get_string (value)) + 1);
      g_assert_nonnull (zmq_z85_decode (key, g_value_get_string (value)));
      return g_bytes_new (key, sizeof key);
    case G_TYPE_INT64:
    case G_TYPE_UINT64:
      return g_bytes_new (&value->data[0].v_int64, sizeof (gint64));
    case G_TYPE_BOOLEAN:
      number = g_value_get_boolean (value);
      return g_bytes_new (&number, sizeof number);
    case G_TYPE_ENUM:
      number = g_value_get_enum (value);
      return g_bytes_new (&number, sizeof number);
    default:
      number = g_value_get_int (value);
      return g_bytes_new (&number, sizeof number);
    }
}

/* what libzmq says without us, or NULL */
static GBytes *
ask_libzmq (ZmqSocket *socket,
            int        option)
{
  static const gsize sizes[] = { 4, 8, 32, 256 };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      guint8 data[256];
      gsize  size = sizes[i];

      if (zmq_getsockopt (zmqglib_socket_get_handle (socket), option, data, &size) == 0)
        return g_bytes_new (data, size);
    }

  return NULL;
}

static gboolean
tell_libzmq (ZmqSocket *socket,
             int        option,
             GBytes    *bytes)
{
  gsize         size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  return zmq_setsockopt (zmqglib_socket_get_handle (socket), option, data, size) == 0;
}

static gboolean
values_equal (GParamSpec   *pspec,
              const GValue *a,
              const GValue *b)
{
  GBytes *bytes_a;
  GBytes *bytes_b;

  if (pspec->value_type != G_TYPE_BYTES)
    return g_param_values_cmp (pspec, a, b) == 0;

  bytes_a = g_value_get_boxed (a);
  bytes_b = g_value_get_boxed (b);

  if (bytes_a == NULL || bytes_b == NULL)
    return bytes_a == bytes_b;
  else
    return g_bytes_equal (bytes_a, bytes_b);
}

#define assert_property(socket, pspec, expected)                                     \
  G_STMT_START                                                                       \
  {                                                                                  \
    g_auto (GValue) actual_ = G_VALUE_INIT;                                          \
    g_object_get_property (G_OBJECT (socket), (pspec)->name, &actual_);              \
    if (!values_equal (pspec, &actual_, expected))                                   \
      {                                                                              \
        g_autofree char *actual_text_ = g_strdup_value_contents (&actual_);          \
        g_autofree char *expected_text_ = g_strdup_value_contents (expected);        \
        g_error ("“%s” is %s, not %s", (pspec)->name, actual_text_, expected_text_); \
      }                                                                              \
  }                                                                                  \
  G_STMT_END

static void
count_notify (GObject    *object,
              GParamSpec *pspec,
              guint      *n_notified)
{
  (*n_notified)++;
}

/* Every stable option of the libzmq that is installed is a property, or deliberately none: a newer
 * libzmq may have more. */
static void
test_complete (void)
{
  const char *const pattern = "^#define (ZMQ_\\w+)";
  const char       *path = g_getenv ("ZMQ_HEADER");
  g_autoptr (GRegex) regex = g_regex_new (pattern, G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *header = NULL;
  char            *start;
  char            *end;
  guint            n_found = 0;
  GError          *error = NULL;

  if (path == NULL)
    g_error ("ZMQ_HEADER has to be the path of zmq.h");

  g_file_get_contents (path, &header, NULL, &error);
  g_assert_no_error (error);

  /* up to the heading of what comes next */
  start = strstr (header, "/*  Socket options. ");
  g_assert_nonnull (start);
  end = strstr (start + 1, "\n/*");
  g_assert_nonnull (end);
  *end = '\0';

  g_regex_match (regex, start, 0, &match);
  for (; g_match_info_matches (match); g_match_info_next (match, NULL))
    {
      g_autofree char *macro = g_match_info_fetch (match, 1);
      gboolean         known = FALSE;

      for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
        known = known || strcmp (options[i].macro, macro) == 0;

      if (!known)
        g_test_fail_printf ("%s is neither a property nor left out for a reason", macro);
      n_found++;
    }

  g_assert_cmpuint (n_found, >=, G_N_ELEMENTS (options));
}

/* The table above knows all properties, so that the tests below miss none. */
static void
test_no_other_properties (void)
{
  /* the last two are no stable options of libzmq */
  static const char *const others[] = { "context", "socket-type", "handle", "max-frames", "zap-enforce-domain", NULL };
  g_autoptr (GTypeClass) klass = g_type_class_ref (ZMQGLIB_TYPE_SOCKET);
  g_autofree GParamSpec **pspecs = NULL;
  guint                   n_properties;

  pspecs = g_object_class_list_properties (G_OBJECT_CLASS (klass), &n_properties);

  for (guint i = 0; i < n_properties; i++)
    {
      gboolean known = g_strv_contains (others, pspecs[i]->name);

      for (gsize j = 0; j < G_N_ELEMENTS (options); j++)
        known = known || g_strcmp0 (options[j].property, pspecs[i]->name) == 0;

      if (!known)
        g_test_fail_printf ("The property “%s” is not tested", pspecs[i]->name);

      g_assert_nonnull (g_param_spec_get_blurb (pspecs[i]));
    }

  for (gsize j = 0; j < G_N_ELEMENTS (options); j++)
    g_assert_true ((options[j].property == NULL) == (options[j].reason != NULL));
}

/* A property can be read and written just where libzmq lets the option be, but for secrets. */
static void
test_access (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    {
      const Option *option = &options[i];
      g_autoptr (ZmqSocket) socket = new_socket (option->type);
      g_autoptr (GBytes) old_bytes = NULL;
      g_autoptr (GBytes) sample_bytes = NULL;
      g_auto (GValue) sample = G_VALUE_INIT;
      GParamSpec *pspec;

      if (option->property == NULL || !libzmq_has (option))
        continue;

      pspec = find_pspec (socket, option->property);
      init_sample (&sample, option, pspec);
      old_bytes = ask_libzmq (socket, option->option);
      sample_bytes = get_raw (option, &sample);

      g_test_message ("%s", option->property);
      g_assert_cmpint ((pspec->flags & G_PARAM_READABLE) != 0, ==, old_bytes != NULL && !option->is_secret);
      g_assert_cmpint ((pspec->flags & G_PARAM_WRITABLE) != 0,
                       ==,
                       tell_libzmq (socket, option->option, sample_bytes));
    }
}

/* What libzmq says of a new socket is the default of the property. */
static void
check_default (ZmqSocket    *socket,
               const Option *option,
               GParamSpec   *pspec)
{
  ZmqSocketType type = zmqglib_socket_get_socket_type (socket);
  g_autoptr (GBytes) bytes = ask_libzmq (socket, option->option);
  g_autoptr (GBytes) expected = NULL;
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, pspec->value_type);
  g_param_value_set_default (pspec, &value);

  /* the one exception: what only sends subscriptions need not wait for them */
  if (option->option == ZMQ_LINGER && (type == SUB || type == XSUB))
    g_value_set_int (&value, 0);

  g_test_message ("%s, type %d", option->property, type);
  assert_property (socket, pspec, &value);

  if (option->text == NULL)
    {
      expected = get_raw (option, &value);
      g_assert_true (g_bytes_equal (bytes, expected));
      return;
    }

  for (gsize i = 0; i < g_bytes_get_size (bytes); i++)
    g_assert_cmpint (((const guint8 *) g_bytes_get_data (bytes, NULL))[i], ==, 0);
}

static void
test_defaults (void)
{
  for (ZmqSocketType type = ZMQGLIB_SOCKET_PAIR; type <= ZMQGLIB_SOCKET_STREAM; type++)
    {
      g_autoptr (ZmqSocket) socket = new_socket (type);

      for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
        {
          GParamSpec *pspec;

          if (options[i].property == NULL || !libzmq_has (&options[i]))
            continue;

          pspec = find_pspec (socket, options[i].property);
          if (pspec->flags & G_PARAM_READABLE)
            check_default (socket, &options[i], pspec);
        }
    }
}

/* What is set arrives in libzmq, can be read again, and is notified once. A refusal would warn,
 * which ends the test. What cannot be read shows its effect in test-option-effects. */
static void
test_round_trip (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    {
      const Option *option = &options[i];
      g_autoptr (ZmqSocket) socket = new_socket (option->type);
      g_autoptr (GBytes) sample_bytes = NULL;
      g_autoptr (GBytes) bytes = NULL;
      g_auto (GValue) sample = G_VALUE_INIT;
      g_autofree char *signal = NULL;
      guint            n_notified = 0;
      GParamSpec      *pspec;

      if (option->property == NULL || !libzmq_has (option))
        continue;

      pspec = find_pspec (socket, option->property);
      if (!(pspec->flags & G_PARAM_WRITABLE))
        continue;

      g_test_message ("%s", option->property);
      init_sample (&sample, option, pspec);
      sample_bytes = get_raw (option, &sample);
      signal = g_strconcat ("notify::", option->property, NULL);
      g_signal_connect (socket, signal, G_CALLBACK (count_notify), &n_notified);

      g_object_set_property (G_OBJECT (socket), option->property, &sample);
      if (!(pspec->flags & G_PARAM_READABLE) && !option->is_secret)
        continue;

      if (!option->is_secret)
        assert_property (socket, pspec, &sample);
      g_assert_cmpuint (n_notified, ==, option->is_secret ? 0 : 1);
      bytes = ask_libzmq (socket, option->option);
      g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                       g_bytes_get_data (sample_bytes, NULL), g_bytes_get_size (sample_bytes));

      g_object_set_property (G_OBJECT (socket), option->property, &sample);
      g_assert_cmpuint (n_notified, ==, option->is_secret ? 0 : 1);
    }
}

/* An option that libzmq was built without has its default, and setting it warns. */
static void
test_not_built (void)
{
  g_autoptr (ZmqSocket) socket = new_socket (ZMQGLIB_SOCKET_PUSH);

  if (zmq_has ("vmci"))
    {
      g_test_skip ("This libzmq has VMCI");
      return;
    }

  g_test_expect_message ("zmqglib", G_LOG_LEVEL_WARNING,
                         "Could not set “vmci-buffer-size” of a “push” socket to 5: "
                         "Invalid argument");
  g_object_set (socket, "vmci-buffer-size", G_GUINT64_CONSTANT (5), NULL);
  g_test_assert_expected_messages ();
}

/* Inspectors read all properties of any object that they find. */
static void
test_closed (void)
{
  g_autoptr (ZmqSocket) socket = new_socket (ZMQGLIB_SOCKET_PUSH);

  g_object_set (socket, "send-high-water-mark", 7, "curve-public-key", public_key, NULL);
  zmqglib_socket_close (socket);

  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;
      GParamSpec *pspec;

      if (options[i].property == NULL)
        continue;

      pspec = find_pspec (socket, options[i].property);
      if (!(pspec->flags & G_PARAM_READABLE))
        continue;

      g_value_init (&value, pspec->value_type);
      g_param_value_set_default (pspec, &value);
      assert_property (socket, pspec, &value);
    }
}

static gboolean
is_known (int number)
{
  /* what libzmq only takes still, and “zap-enforce-domain”, a draft for its header */
  const int others[] = { ZMQ_IPV4ONLY, ZMQ_TCP_ACCEPT_FILTER, ZMQ_IPC_FILTER_PID, ZMQ_IPC_FILTER_UID, ZMQ_IPC_FILTER_GID, 93 };

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    if (others[i] == number)
      return TRUE;

  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    if (options[i].option == number)
      return TRUE;

  return FALSE;
}

/* Each has a name for those who set it by its number: that of its property. */
static void
test_numbers (void)
{
  g_autoptr (GEnumClass) names = g_type_class_ref (ZMQGLIB_TYPE_OPTION);
  g_autoptr (ZmqSocket) socket = new_socket (PUSH);
  GError *error = NULL;
  int     number;

  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    {
      GEnumValue *value = g_enum_get_value (names, options[i].option);

      if (options[i].option == ZMQ_BLOCKY)
        continue;
      if (value == NULL)
        g_error ("%s has no name", options[i].macro);
      if (options[i].property != NULL)
        g_assert_cmpstr (value->value_nick, ==, options[i].property);
    }

  for (guint i = 0; i < names->n_values; i++)
    if (!is_known (names->values[i].value))
      g_error ("%s is none of libzmq’s", names->values[i].value_name);

  g_assert_true (zmqglib_socket_set_option_int (socket, ZMQGLIB_OPTION_SEND_HIGH_WATER_MARK, 7, &error));
  g_assert_no_error (error);
  g_assert_true (zmqglib_socket_get_option_int (socket, ZMQGLIB_OPTION_SEND_HIGH_WATER_MARK, &number, &error));
  g_assert_no_error (error);
  g_assert_cmpint (number, ==, 7);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  if (zmq_has ("curve"))
    g_assert_cmpint (zmq_curve_keypair (public_key, secret_key), ==, 0);

  g_test_add_func ("/options/complete", test_complete);
  g_test_add_func ("/options/no-other-properties", test_no_other_properties);
  g_test_add_func ("/options/access", test_access);
  g_test_add_func ("/options/defaults", test_defaults);
  g_test_add_func ("/options/round-trip", test_round_trip);
  g_test_add_func ("/options/not-built", test_not_built);
  g_test_add_func ("/options/numbers", test_numbers);
  g_test_add_func ("/options/closed", test_closed);

  return g_test_run ();
}
