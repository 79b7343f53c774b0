/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "inspector-event.h"

struct _InspectorEndpoint
{
  GObject  parent_instance;
  char    *side;
  char    *address;
  char    *resolved; /* what libzmq has made of the address, when that is a name */
  char    *state;
  char    *failure;  /* why the last handshake failed, until one succeeds */
  guint    n_peers;  /* of a bound one */
  guint    n_failed; /* connections that are still to be told to have ended */
  gboolean is_bound;
  gboolean is_raw;
  gboolean is_trying;
};

enum
{
  PROP_STATE = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (InspectorEndpoint, inspector_endpoint, G_TYPE_OBJECT)

static void
inspector_endpoint_get_property (GObject    *object,
                                 guint       id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  g_value_set_string (value, inspector_endpoint_get_state (INSPECTOR_ENDPOINT (object)));
}

static void
inspector_endpoint_finalize (GObject *object)
{
  InspectorEndpoint *self = INSPECTOR_ENDPOINT (object);

  g_free (self->side);
  g_free (self->address);
  g_free (self->resolved);
  g_free (self->state);
  g_free (self->failure);

  G_OBJECT_CLASS (inspector_endpoint_parent_class)->finalize (object);
}

static void
inspector_endpoint_class_init (InspectorEndpointClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = inspector_endpoint_get_property;
  object_class->finalize = inspector_endpoint_finalize;

  props[PROP_STATE] = g_param_spec_string ("state", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
inspector_endpoint_init (InspectorEndpoint *self)
{
}

static void
set_state (InspectorEndpoint *self,
           const char        *state)
{
  if (g_strcmp0 (self->state, state) == 0)
    return;

  g_free (self->state);
  self->state = g_strdup (state);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
}

InspectorEndpoint *
inspector_endpoint_new (const char            *side,
                        const char            *address,
                        InspectorEndpointFlags flags)
{
  InspectorEndpoint *self = g_object_new (INSPECTOR_TYPE_ENDPOINT, NULL);

  self->side = g_strdup (side);
  self->address = g_strdup (address);
  self->is_bound = (flags & INSPECTOR_ENDPOINT_BOUND) != 0;
  self->is_raw = (flags & INSPECTOR_ENDPOINT_RAW) != 0;
  /* over inproc nothing is told */
  set_state (self, self->is_bound ? _ ("Bound") : _ ("Connecting"));
  if (!self->is_bound && g_str_has_prefix (address, "inproc:"))
    set_state (self, _ ("Connected"));

  return self;
}

const char *
inspector_endpoint_get_side (InspectorEndpoint *self)
{
  return self->side;
}

const char *
inspector_endpoint_get_address (InspectorEndpoint *self)
{
  return self->address;
}

gboolean
inspector_endpoint_is_bound (InspectorEndpoint *self)
{
  return self->is_bound;
}

const char *
inspector_endpoint_get_state (InspectorEndpoint *self)
{
  return self->state;
}

gboolean
inspector_endpoint_has_failed (InspectorEndpoint *self)
{
  return self->failure != NULL;
}

static gboolean
has_same_port (const char *a,
               const char *b)
{
  return g_str_has_prefix (a, "tcp://") && g_str_has_prefix (b, "tcp://") && g_str_equal (strrchr (a, ':'), strrchr (b, ':'));
}

static gboolean
is_wildcard (const char *address)
{
  return g_str_has_prefix (address, "tcp://0.0.0.0:") || g_str_has_prefix (address, "tcp://[::]:");
}

/* Or has the address to come from in front, which libzmq leaves out as it does the name. */
static gboolean
is_name (const char *address)
{
  const char *host = address + strlen ("tcp://");

  return strchr (address, ';') != NULL || (*host != '[' && strspn (host, "0123456789.") != strcspn (host, ":"));
}

guint
inspector_endpoint_rank (InspectorEndpoint *self,
                         ZmqMonitorEvent   *event)
{
  const char *endpoint = zmqglib_monitor_event_get_endpoint (event);

  if (endpoint == NULL)
    return 0;
  if (g_str_equal (endpoint, self->address) || g_strcmp0 (endpoint, self->resolved) == 0)
    return 3;
  if (!has_same_port (endpoint, self->address) || !(self->is_bound ? is_wildcard (self->address) : is_name (self->address)))
    return 0;

  return self->resolved == NULL ? 2 : 1;
}

static void
set_failure (InspectorEndpoint *self,
             const GError      *error)
{
  g_free (self->failure);
  self->failure = error != NULL ? g_strdup (error->message) : NULL;
}

/* One who could not come in drives nobody out. */
static void
tell_peers (InspectorEndpoint *self)
{
  g_autofree char *peers = g_strdup_printf (ngettext ("Listening, %u peer", "Listening, %u peers", self->n_peers), self->n_peers);
  g_autofree char *text = self->failure != NULL ? g_strdup_printf ("%s. %s", peers, self->failure) : NULL;

  set_state (self, text != NULL ? text : peers);
}

static gboolean
is_failed_handshake (ZmqMonitorEventKind kind)
{
  const guint kinds = ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_AUTH;

  return (kind & kinds) != 0;
}

static void
tell_bound (InspectorEndpoint  *self,
            ZmqMonitorEventKind kind)
{
  if (kind == (self->is_raw ? ZMQGLIB_MONITOR_EVENT_ACCEPTED : ZMQGLIB_MONITOR_EVENT_HANDSHAKE_SUCCEEDED))
    self->n_peers++;
  else if (is_failed_handshake (kind))
    self->n_failed++;
  else if (kind == ZMQGLIB_MONITOR_EVENT_DISCONNECTED && self->n_failed > 0)
    self->n_failed--;
  else if (kind == ZMQGLIB_MONITOR_EVENT_DISCONNECTED && self->n_peers > 0)
    self->n_peers--;
  tell_peers (self);
}

static void
tell_connected (InspectorEndpoint  *self,
                ZmqMonitorEventKind kind)
{
  if (self->failure != NULL)
    set_state (self, self->failure);
  else if (kind == ZMQGLIB_MONITOR_EVENT_CONNECT_RETRIED)
    set_state (self, _ ("Nobody is there yet"));
  else if (kind == ZMQGLIB_MONITOR_EVENT_CONNECTED)
    set_state (self, self->is_raw ? _ ("Connected") : _ ("Connected, without a handshake so far"));
  else if (kind == ZMQGLIB_MONITOR_EVENT_HANDSHAKE_SUCCEEDED)
    set_state (self, _ ("Ready"));
  else if (kind == ZMQGLIB_MONITOR_EVENT_DISCONNECTED)
    set_state (self, _ ("Disconnected"));
}

gboolean
inspector_endpoint_has_no_handshake (InspectorEndpoint *self,
                                     ZmqMonitorEvent   *event)
{
  return self->is_raw && is_failed_handshake (zmqglib_monitor_event_get_kind (event));
}

gboolean
inspector_endpoint_is_trying (InspectorEndpoint *self,
                              ZmqMonitorEvent   *event)
{
  const guint of_a_try = ZMQGLIB_MONITOR_EVENT_CONNECT_DELAYED | ZMQGLIB_MONITOR_EVENT_CLOSED | ZMQGLIB_MONITOR_EVENT_CONNECT_RETRIED;

  return self->is_trying && (zmqglib_monitor_event_get_kind (event) & of_a_try) != 0;
}

void
inspector_endpoint_tell (InspectorEndpoint *self,
                         ZmqMonitorEvent   *event)
{
  ZmqMonitorEventKind kind = zmqglib_monitor_event_get_kind (event);

  if (!self->is_bound && !g_str_equal (zmqglib_monitor_event_get_endpoint (event), self->address))
    {
      g_free (self->resolved);
      self->resolved = g_strdup (zmqglib_monitor_event_get_endpoint (event));
    }
  if (zmqglib_monitor_event_get_error (event) != NULL)
    set_failure (self, zmqglib_monitor_event_get_error (event));
  else if (kind == ZMQGLIB_MONITOR_EVENT_HANDSHAKE_SUCCEEDED)
    set_failure (self, NULL);

  self->is_trying = kind == ZMQGLIB_MONITOR_EVENT_CONNECT_RETRIED || inspector_endpoint_is_trying (self, event);
  if (self->is_bound)
    tell_bound (self, kind);
  else
    tell_connected (self, kind);
}
