/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <zmq.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "socket/zmqglib-option-check-private.h"
#include "socket/zmqglib-socket-private.h"

/* What libzmq takes at first and then aborts at, and what it must not lose. */

/* What libzmq does not tell of a socket. */
typedef struct
{
  gboolean    is_raw;
  gboolean    is_probing;
  GBytes     *next_routing_id; /* what the next connection's peer will be called */
  GHashTable *routing_ids;     /* what peers were called; NULL for none */
  gboolean    has_strangers;   /* peers may have come that name themselves */
  GSList     *refused;         /* rows of security options */
} OptionState;

static G_DEFINE_QUARK (zmqglib - option - state, option_state)

    static void option_state_free (gpointer data)
{
  OptionState *state = data;

  g_clear_pointer (&state->next_routing_id, g_bytes_unref);
  g_clear_pointer (&state->routing_ids, g_hash_table_unref);
  g_slist_free (state->refused);
  g_free (state);
}

/* Most sockets have none, which is as if nothing was in it. */
static const OptionState *
peek_state (ZmqSocket *self)
{
  static const OptionState empty = { 0 };
  const OptionState       *state = g_object_get_qdata (G_OBJECT (self), option_state_quark ());

  return state != NULL ? state : &empty;
}

static OptionState *
get_state (ZmqSocket *self)
{
  OptionState *state = g_object_get_qdata (G_OBJECT (self), option_state_quark ());

  if (state != NULL)
    return state;

  state = g_new0 (OptionState, 1);
  g_object_set_qdata_full (G_OBJECT (self), option_state_quark (), state, option_state_free);

  return state;
}

static gboolean
get_number (gconstpointer data,
            gsize         size,
            gint64       *number)
{
  int narrow;

  if (size == sizeof narrow)
    {
      memcpy (&narrow, data, size);
      *number = narrow;
    }
  else if (size == sizeof *number)
    memcpy (number, data, size);
  else
    return FALSE;

  return TRUE;
}

static gboolean
is_in_range (const ZmqSocketOption *row,
             gint64                 number)
{
  if (row == NULL || (row->kind != ZMQGLIB_OPTION_KIND_INT && row->kind != ZMQGLIB_OPTION_KIND_INT64))
    return TRUE;

  return number >= row->minimum && number <= row->maximum;
}

/* A REP is a ROUTER for libzmq, and takes options that it then does not get along with. */
static gboolean
goes_with_type (ZmqSocket *self,
                int        option)
{
  switch (option)
    {
    case ZMQ_ROUTER_MANDATORY:
    case ZMQ_ROUTER_RAW:
    case ZMQ_PROBE_ROUTER:
    case ZMQ_CONNECT_ROUTING_ID:
      return self->core->type != ZMQGLIB_SOCKET_REP;
    default:
      return TRUE;
    }
}

/* Names that start with a zero libzmq makes up. */
static gboolean
is_made_up (int           option,
            gconstpointer data,
            gsize         size)
{
  return option == ZMQ_CONNECT_ROUTING_ID && size > 0 && *(const char *) data == '\0';
}

static gboolean
is_possible (ZmqSocket *self,
             int        option,
             gint64     number)
{
  const OptionState *state = peek_state (self);

  switch (option)
    {
    case ZMQ_USE_FD:
      return number < 0 || fcntl (number, F_GETFD) >= 0;
    /* the probe is an empty message, which plain data cannot have */
    case ZMQ_ROUTER_RAW:
      return number == 0 || !state->is_probing;
    case ZMQ_PROBE_ROUTER:
      return number == 0 || !state->is_raw;
    case ZMQGLIB_OPTION_ZAP_ENFORCE_DOMAIN:
      return number == 0 || zmqglib_option_has_zap_domain (self);
    default:
      return TRUE;
    }
}

/*
 * zmqglib_option_check:
 * @row: (nullable): the row of @option
 *
 * Checks what is to be written.
 *
 * Returns: 0, or an error number
 */
int
zmqglib_option_check (ZmqSocket             *self,
                      const ZmqSocketOption *row,
                      int                    option,
                      gconstpointer          data,
                      gsize                  size)
{
  gint64 number;

  if (!goes_with_type (self, option) || is_made_up (option, data, size))
    return EINVAL;

  if (!get_number (data, size, &number))
    return 0;

  return is_in_range (row, number) && is_possible (self, option, number) ? 0 : EINVAL;
}

/* Whether libzmq, which does so for these types alone, keeps one frame in some queue: those that there are stay as they are. */
static gboolean
is_conflating (ZmqSocketCore *core,
               gboolean       conflate)
{
  char  endpoint[2];
  gsize size = sizeof endpoint;

  switch (core->type)
    {
    case ZMQGLIB_SOCKET_PUB:
    case ZMQGLIB_SOCKET_SUB:
    case ZMQGLIB_SOCKET_PUSH:
    case ZMQGLIB_SOCKET_PULL:
    case ZMQGLIB_SOCKET_DEALER:
      /* an endpoint is too long, and without one the text is empty */
      return conflate || (core->conflates && (zmq_getsockopt (core->handle, ZMQ_LAST_ENDPOINT, endpoint, &size) != 0 || size > 1));
    default:
      return FALSE;
    }
}

/*
 * zmqglib_option_mended:
 *
 * Forgets that an option was refused: it was set, or others that make up for it.
 */
void
zmqglib_option_mended (ZmqSocket *self,
                       int        option)
{
  for (const GSList *link = peek_state (self)->refused; link != NULL; link = link->next)
    if (((const ZmqSocketOption *) link->data)->option == option)
      {
        OptionState *state = get_state (self);

        state->refused = g_slist_remove (state->refused, link->data);
        return;
      }
}

/*
 * zmqglib_option_written:
 *
 * Remembers what libzmq has taken.
 */
void
zmqglib_option_written (ZmqSocket    *self,
                        int           option,
                        gconstpointer data,
                        gsize         size)
{
  gint64 number = 0;

  zmqglib_option_mended (self, option);

  if (option == ZMQ_CONFLATE && get_number (data, size, &number))
    self->core->conflates = is_conflating (self->core, number != 0);
  else if (option == ZMQ_XPUB_WELCOME_MSG)
    self->core->welcomes = size > 0;
  else if (option == ZMQ_ROUTER_RAW && get_number (data, size, &number))
    get_state (self)->is_raw = number != 0;
  else if (option == ZMQ_PROBE_ROUTER && get_number (data, size, &number))
    get_state (self)->is_probing = number != 0;
  else if (option == ZMQ_CONNECT_ROUTING_ID)
    {
      OptionState *state = get_state (self);

      g_clear_pointer (&state->next_routing_id, g_bytes_unref);
      state->next_routing_id = g_bytes_new (data, size);
    }
}

/*
 * zmqglib_option_refused:
 *
 * Remembers a security option that could not be set as its property: without it, the socket might
 * send in clear, or let anybody in.
 */
void
zmqglib_option_refused (ZmqSocket             *self,
                        const ZmqSocketOption *row)
{
  for (const ZmqSocketOption *other = zmqglib_options_security; other->name != NULL; other++)
    if (other == row && g_slist_find (peek_state (self)->refused, row) == NULL)
      {
        OptionState *state = get_state (self);

        state->refused = g_slist_prepend (state->refused, (gpointer) row);
      }
}

/*
 * zmqglib_option_check_security:
 * @what: what cannot be done otherwise, translated
 *
 * Returns: %TRUE, or %FALSE with @error set while a security option is refused, or when the constructor has failed
 *   for any and nobody has asked it
 */
gboolean
zmqglib_option_check_security (ZmqSocket  *self,
                               const char *what,
                               GError    **error)
{
  const GSList *refused = peek_state (self)->refused;

  if (self->refused_error != NULL)
    {
      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_WRONG_STATE, _ ("%s: %s"), what, self->refused_error->message);
      return FALSE;
    }

  if (refused == NULL)
    return TRUE;

  g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_WRONG_STATE,
               /* Translators: what could not be done, and the name of an option */
               _ ("%s: The security option “%s” was refused and has to be set first"), what,
               ((const ZmqSocketOption *) refused->data)->name);

  return FALSE;
}

/* All other sockets, and raw ones, call them by names of libzmq’s. */
static gboolean
lets_peers_name_themselves (ZmqSocket *self)
{
  return self->core->type == ZMQGLIB_SOCKET_ROUTER && !peek_state (self)->is_raw;
}

/*
 * zmqglib_option_check_routing_id:
 * @what: what cannot be done otherwise, translated
 *
 * libzmq aborts when the next peer is to be called as one that there is. After a disconnection it
 * still is, for as long as its unsent messages linger, which nobody can tell: a name is used once. Nor can anybody tell how peers
 * have called themselves: who connects to those that it has a name for does so before others can have come.
 *
 * Returns: %TRUE, or %FALSE with @error set
 */
gboolean
zmqglib_option_check_routing_id (ZmqSocket  *self,
                                 const char *what,
                                 GError    **error)
{
  const OptionState *state = peek_state (self);

  if (state->next_routing_id == NULL)
    return TRUE;

  if (state->routing_ids != NULL && g_hash_table_contains (state->routing_ids, state->next_routing_id))
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_ADDRESS_IN_USE,
                 /* Translators: what could not be done */
                 _ ("%s: The “connect-routing-id” was used for another peer"), what);
  else if (state->has_strangers)
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_WRONG_STATE,
                 /* Translators: what could not be done */
                 _ ("%s: A peer that was not named by a “connect-routing-id” may have called itself so"), what);
  else
    return TRUE;

  return FALSE;
}

/*
 * zmqglib_option_connected:
 *
 * The peer that was connected to is called as was asked for the next one. With “immediate” it is not, since it comes later as any
 * other, and what was asked is for the one after it.
 */
void
zmqglib_option_connected (ZmqSocket  *self,
                          const char *endpoint)
{
  OptionState *state;
  int          immediate = 0;
  gsize        size = sizeof immediate;

  if (!g_str_has_prefix (endpoint, "inproc://"))
    zmq_getsockopt (self->core->handle, ZMQ_IMMEDIATE, &immediate, &size);

  if (immediate || peek_state (self)->next_routing_id == NULL)
    {
      zmqglib_option_bound (self);
      return;
    }

  state = get_state (self);
  if (state->routing_ids == NULL)
    state->routing_ids = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  g_hash_table_add (state->routing_ids, g_steal_pointer (&state->next_routing_id));
}

/*
 * zmqglib_option_bound:
 *
 * Peers may come that name themselves.
 */
void
zmqglib_option_bound (ZmqSocket *self)
{
  if (lets_peers_name_themselves (self))
    get_state (self)->has_strangers = TRUE;
}
