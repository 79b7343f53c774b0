/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "inspector-session.h"

typedef struct
{
  char           *title;
  char           *subtitle;
  InspectorStore *store;
  InspectorList  *list;
  GListStore     *events;
  GListStore     *endpoints;
  InspectorRates  rates;
  gboolean        is_paused;
} InspectorSessionPrivate;

enum
{
  PROP_TITLE = 1,
  PROP_SUBTITLE,
  PROP_PAUSED,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_TYPE_WITH_PRIVATE (InspectorSession, inspector_session, G_TYPE_OBJECT)

static InspectorSessionPrivate *
get_private (InspectorSession *self)
{
  return inspector_session_get_instance_private (self);
}

static void
inspector_session_get_property (GObject    *object,
                                guint       id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  InspectorSessionPrivate *priv = get_private (INSPECTOR_SESSION (object));

  if (id == PROP_TITLE)
    g_value_set_string (value, priv->title);
  else if (id == PROP_SUBTITLE)
    g_value_set_string (value, priv->subtitle);
  else
    g_value_set_boolean (value, priv->is_paused);
}

static void
inspector_session_set_property (GObject      *object,
                                guint         id,
                                const GValue *value,
                                GParamSpec   *pspec)
{
  inspector_session_set_paused (INSPECTOR_SESSION (object), g_value_get_boolean (value));
}

static void
inspector_session_finalize (GObject *object)
{
  InspectorSessionPrivate *priv = get_private (INSPECTOR_SESSION (object));

  g_object_unref (priv->list);
  g_object_unref (priv->store);
  g_object_unref (priv->events);
  g_object_unref (priv->endpoints);
  g_free (priv->title);
  g_free (priv->subtitle);

  G_OBJECT_CLASS (inspector_session_parent_class)->finalize (object);
}

static void
inspector_session_class_init (InspectorSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = inspector_session_get_property;
  object_class->set_property = inspector_session_set_property;
  object_class->finalize = inspector_session_finalize;

  props[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_SUBTITLE] = g_param_spec_string ("subtitle", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_PAUSED] = g_param_spec_boolean ("paused", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
inspector_session_init (InspectorSession *self)
{
  InspectorSessionPrivate *priv = get_private (self);

  priv->store = inspector_store_new (INSPECTOR_MAX_ENTRIES, INSPECTOR_MAX_BYTES);
  priv->list = inspector_list_new (priv->store);
  priv->events = g_list_store_new (INSPECTOR_TYPE_EVENT);
  priv->endpoints = g_list_store_new (INSPECTOR_TYPE_ENDPOINT);
}

InspectorSession *
inspector_session_new (const char *title,
                       const char *subtitle)
{
  InspectorSession *self = g_object_new (INSPECTOR_TYPE_SESSION, NULL);

  get_private (self)->subtitle = g_strdup (subtitle);
  inspector_session_set_title (self, title);

  return self;
}

const char *
inspector_session_get_title (InspectorSession *self)
{
  return get_private (self)->title;
}

const char *
inspector_session_get_subtitle (InspectorSession *self)
{
  return get_private (self)->subtitle;
}

InspectorStore *
inspector_session_get_store (InspectorSession *self)
{
  return get_private (self)->store;
}

InspectorList *
inspector_session_get_list (InspectorSession *self)
{
  return get_private (self)->list;
}

GListModel *
inspector_session_get_events (InspectorSession *self)
{
  return G_LIST_MODEL (get_private (self)->events);
}

GListModel *
inspector_session_get_endpoints (InspectorSession *self)
{
  return G_LIST_MODEL (get_private (self)->endpoints);
}

InspectorRates *
inspector_session_get_rates (InspectorSession *self)
{
  return &get_private (self)->rates;
}

gboolean
inspector_session_get_paused (InspectorSession *self)
{
  return get_private (self)->is_paused;
}

void
inspector_session_set_paused (InspectorSession *self,
                              gboolean          is_paused)
{
  InspectorSessionClass *klass = INSPECTOR_SESSION_GET_CLASS (self);

  if (get_private (self)->is_paused == is_paused)
    return;

  get_private (self)->is_paused = is_paused;
  if (klass->set_paused != NULL)
    klass->set_paused (self, is_paused);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PAUSED]);
}

void
inspector_session_close (InspectorSession *self)
{
  InspectorSessionClass *klass = INSPECTOR_SESSION_GET_CLASS (self);

  if (klass->close != NULL)
    klass->close (self);
}

void
inspector_session_set_title (InspectorSession *self,
                             const char       *title)
{
  g_free (get_private (self)->title);
  get_private (self)->title = g_strdup (title);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TITLE]);
}

void
inspector_session_add_message (InspectorSession  *self,
                               InspectorDirection direction,
                               ZmqMessage        *message)
{
  inspector_store_append (get_private (self)->store, direction, g_get_real_time (), message);
}

static void
add_event (InspectorSession *self,
           InspectorEvent   *event)
{
  GListStore *events = get_private (self)->events;

  if (g_list_model_get_n_items (G_LIST_MODEL (events)) == INSPECTOR_MAX_EVENTS)
    g_list_store_remove (events, 0);
  g_list_store_append (events, event);
}

static InspectorEndpoint *
find_endpoint (InspectorSession *self,
               const char       *side,
               ZmqMonitorEvent  *event)
{
  GListModel *endpoints = inspector_session_get_endpoints (self);
  g_autoptr (InspectorEndpoint) found = NULL;
  guint rank = 0;

  for (guint i = 0; i < g_list_model_get_n_items (endpoints); i++)
    {
      g_autoptr (InspectorEndpoint) endpoint = g_list_model_get_item (endpoints, i);

      if (g_strcmp0 (inspector_endpoint_get_side (endpoint), side) != 0 || inspector_endpoint_rank (endpoint, event) <= rank)
        continue;
      rank = inspector_endpoint_rank (endpoint, event);
      g_set_object (&found, endpoint);
    }

  return g_steal_pointer (&found);
}

/* Of all the tries to connect to where nobody is the first is listed, and how many there were. */
static void
repeat_event (InspectorSession  *self,
              InspectorEndpoint *endpoint,
              ZmqMonitorEvent   *event)
{
  GListStore     *events = get_private (self)->events;
  InspectorEvent *row = g_object_get_data (G_OBJECT (endpoint), "try");
  guint           position;

  if (zmqglib_monitor_event_get_kind (event) != ZMQGLIB_MONITOR_EVENT_CONNECT_RETRIED || row == NULL)
    return;
  inspector_event_repeat (row, event);
  if (g_list_store_find (events, row, &position))
    g_list_store_splice (events, position, 1, (gpointer *) &row, 1);
}

void
inspector_session_add_event (InspectorSession *self,
                             const char       *side,
                             ZmqMonitorEvent  *event)
{
  g_autoptr (InspectorEndpoint) endpoint = find_endpoint (self, side, event);
  g_autoptr (InspectorEvent) row = NULL;

  if (endpoint != NULL && inspector_endpoint_has_no_handshake (endpoint, event))
    return;
  if (endpoint != NULL && inspector_endpoint_is_trying (endpoint, event))
    {
      repeat_event (self, endpoint, event);
      return;
    }

  row = inspector_event_new (side, event);
  add_event (self, row);
  if (endpoint == NULL)
    return;
  if (zmqglib_monitor_event_get_kind (event) == ZMQGLIB_MONITOR_EVENT_CONNECT_RETRIED)
    g_object_set_data_full (G_OBJECT (endpoint), "try", g_object_ref (row), g_object_unref);
  inspector_endpoint_tell (endpoint, event);
}

void
inspector_session_add_error (InspectorSession *self,
                             const char       *side,
                             const GError     *error)
{
  g_autoptr (InspectorEvent) row = inspector_event_new_for_error (side, error);

  add_event (self, row);
}

static void
update_subtitle (InspectorSession *self)
{
  InspectorSessionPrivate *priv = get_private (self);
  GListModel              *endpoints = G_LIST_MODEL (priv->endpoints);
  GString                 *text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (endpoints); i++)
    {
      g_autoptr (InspectorEndpoint) endpoint = g_list_model_get_item (endpoints, i);

      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", inspector_endpoint_get_address (endpoint));
    }

  g_free (priv->subtitle);
  priv->subtitle = g_string_free (text, FALSE);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SUBTITLE]);
}

static gboolean
has_endpoint (InspectorSession  *self,
              InspectorEndpoint *wanted)
{
  GListModel *endpoints = inspector_session_get_endpoints (self);

  for (guint i = 0; i < g_list_model_get_n_items (endpoints); i++)
    {
      g_autoptr (InspectorEndpoint) endpoint = g_list_model_get_item (endpoints, i);

      if (g_strcmp0 (inspector_endpoint_get_side (endpoint), inspector_endpoint_get_side (wanted)) == 0 &&
          g_str_equal (inspector_endpoint_get_address (endpoint), inspector_endpoint_get_address (wanted)) &&
          inspector_endpoint_is_bound (endpoint) == inspector_endpoint_is_bound (wanted))
        return TRUE;
    }

  return FALSE;
}

/* Who connects twice has one endpoint: libzmq tells them not apart, and leaves all of them at once. */
void
inspector_session_add_endpoint (InspectorSession      *self,
                                const char            *side,
                                const char            *address,
                                InspectorEndpointFlags flags)
{
  g_autoptr (InspectorEndpoint) endpoint = inspector_endpoint_new (side, address, flags);

  if (has_endpoint (self, endpoint))
    return;
  g_list_store_append (get_private (self)->endpoints, endpoint);
  update_subtitle (self);
}

void
inspector_session_remove_endpoint (InspectorSession *self,
                                   const char       *address)
{
  GListModel *endpoints = inspector_session_get_endpoints (self);

  for (guint i = g_list_model_get_n_items (endpoints); i > 0; i--)
    {
      g_autoptr (InspectorEndpoint) endpoint = g_list_model_get_item (endpoints, i - 1);

      if (g_str_equal (inspector_endpoint_get_address (endpoint), address))
        g_list_store_remove (get_private (self)->endpoints, i - 1);
    }
  update_subtitle (self);
}
