/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "inspector-capture.h"

#define MAX_PENDING 10000 /* then what comes waits, and the proxy with it */

struct _InspectorCapture
{
  ZmqSocket           *socket;
  InspectorCaptureFunc func;
  gpointer             user_data;
  GThread             *thread;
  GCancellable        *cancellable;
  GMutex               mutex; /* of what follows */
  GCond                has_room;
  GArray              *pending; /* of InspectorEntry */
  guint                source;
  gboolean             is_stopped;
};

static void
clear_entry (gpointer data)
{
  inspector_entry_clear (data);
}

static GArray *
make_entries (void)
{
  GArray *entries = g_array_new (FALSE, FALSE, sizeof (InspectorEntry));

  g_array_set_clear_func (entries, clear_entry);

  return entries;
}

static gboolean
hand_over (gpointer user_data)
{
  InspectorCapture *self = user_data;
  g_autoptr (GArray) entries = NULL;

  g_mutex_lock (&self->mutex);
  entries = self->pending;
  self->pending = make_entries ();
  self->source = 0;
  g_cond_signal (&self->has_room);
  g_mutex_unlock (&self->mutex);

  for (guint i = 0; i < entries->len; i++)
    self->func (&g_array_index (entries, InspectorEntry, i), self->user_data);

  return G_SOURCE_REMOVE;
}

static void
add (InspectorCapture *self,
     ZmqMessage       *message)
{
  InspectorEntry entry = { .message = message, .time = g_get_real_time () };
  g_autoptr (GBytes) direction = zmqglib_message_pop_frame (message);
  const char *name = g_bytes_get_data (direction, NULL);

  entry.direction = *name == *INSPECTOR_CAPTURED_TO_BACKEND ? INSPECTOR_TO_BACKEND : INSPECTOR_TO_FRONTEND;
  g_mutex_lock (&self->mutex);
  while (self->pending->len == MAX_PENDING && !self->is_stopped)
    g_cond_wait (&self->has_room, &self->mutex);
  g_array_append_val (self->pending, entry);
  if (self->source == 0 && !self->is_stopped)
    self->source = g_idle_add_full (G_PRIORITY_DEFAULT, hand_over, self, NULL);
  g_mutex_unlock (&self->mutex);
}

static gpointer
read_all (gpointer user_data)
{
  InspectorCapture *self = user_data;
  ZmqMessage       *message;

  while ((message = zmqglib_socket_receive (self->socket, self->cancellable, NULL)) != NULL)
    add (self, message);

  return NULL;
}

InspectorCapture *
inspector_capture_new (ZmqSocket           *socket,
                       InspectorCaptureFunc func,
                       gpointer             user_data)
{
  InspectorCapture *self = g_new0 (InspectorCapture, 1);

  self->socket = g_object_ref (socket);
  self->func = func;
  self->user_data = user_data;
  self->cancellable = g_cancellable_new ();
  self->pending = make_entries ();
  g_mutex_init (&self->mutex);
  g_cond_init (&self->has_room);
  self->thread = g_thread_new ("capture", read_all, self);

  return self;
}

void
inspector_capture_free (InspectorCapture *self)
{
  g_mutex_lock (&self->mutex);
  self->is_stopped = TRUE;
  g_cond_signal (&self->has_room);
  g_mutex_unlock (&self->mutex);
  g_cancellable_cancel (self->cancellable);
  g_thread_join (self->thread);

  g_clear_handle_id (&self->source, g_source_remove);
  g_array_unref (self->pending);
  g_object_unref (self->cancellable);
  g_object_unref (self->socket);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->has_room);
  g_free (self);
}
