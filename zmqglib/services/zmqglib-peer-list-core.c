/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <zmqglib/zmqglib-error.h>

#include "base/zmqglib-hash-private.h"
#include "base/zmqglib-expiry-private.h"
#include "base/zmqglib-i18n-private.h"
#include "services/zmqglib-peer-list-private.h"
#include "stream/zmqglib-stream-private.h"

/*
 * How a list hears of peers. The stream tells of each message, in the middle of its turn, and nothing but the books are kept
 * then; who is listed changes from the main loop, one peer at a time.
 */

/* How often somebody is told that peers were heard of. */
#define NOTIFY_INTERVAL_US (100 * G_TIME_SPAN_MILLISECOND)

guint       zmqglib_peer_list_appeared_signal;
guint       zmqglib_peer_list_expired_signal;
GParamSpec *zmqglib_peer_list_properties[PEER_LIST_N_PROPS];

static ZmqPeerListCore *
core_ref (ZmqPeerListCore *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
zmqglib_peer_list_core_unref (ZmqPeerListCore *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_queue_clear_full (&self->news, g_object_unref);
  g_sequence_free (self->shown);
  g_hash_table_unref (self->peers);
  g_clear_pointer (&self->agenda, zmqglib_agenda_release);
  zmqglib_front_unref (self->front);
  g_free (self);
}

static void
drop (gpointer data)
{
  zmqglib_peer_list_core_unref (data);
}

/* All who hear of a change find the list as it says, also in a main loop of their own. */
static void
tell_change (ZmqPeerListCore *self,
             ZmqPeerList     *front,
             guint            position,
             guint            removed,
             guint            added)
{
  self->is_changing = TRUE;
  g_list_model_items_changed (G_LIST_MODEL (front), position, removed, added);
  g_object_notify_by_pspec (G_OBJECT (front), zmqglib_peer_list_properties[PEER_LIST_PROP_N_ITEMS]);
  self->is_changing = FALSE;
}

static void
show (ZmqPeerListCore *self,
      ZmqPeerList     *front,
      ZmqPeer         *peer)
{
  guint n_before = g_sequence_get_length (self->shown);

  zmqglib_peer_get_entry (peer)->place = g_sequence_append (self->shown, g_object_ref (peer));
  tell_change (self, front, n_before, 0, 1);
  g_signal_emit (front, zmqglib_peer_list_appeared_signal, 0, peer);
}

/* Of one that is found by its id no more. */
static void
hide (ZmqPeerListCore *self,
      ZmqPeerList     *front,
      ZmqPeer         *peer)
{
  ZmqPeerEntry *entry = zmqglib_peer_get_entry (peer);
  guint         position = g_sequence_iter_get_position (entry->place);

  if (entry->is_changed)
    g_queue_unlink (&self->changed, &entry->changed);
  entry->is_changed = FALSE;
  g_sequence_remove (g_steal_pointer (&entry->place));

  tell_change (self, front, position, 1, 0);
  g_signal_emit (front, zmqglib_peer_list_expired_signal, 0, peer);
}

static void
tell_next (ZmqPeerListCore *self,
           ZmqPeerList     *front)
{
  g_autoptr (ZmqPeer) peer = g_queue_pop_head (&self->news);

  if (zmqglib_peer_get_entry (peer)->place == NULL)
    show (self, front, peer);
  else
    hide (self, front, peer);
}

static void
notify_next (ZmqPeerListCore *self)
{
  ZmqPeer      *peer = g_object_ref (g_queue_peek_head (&self->changed));
  ZmqPeerEntry *entry = zmqglib_peer_get_entry (peer);

  g_queue_unlink (&self->changed, &entry->changed);
  entry->is_changed = FALSE;
  zmqglib_peer_notify (peer);
  g_object_unref (peer);
}

static ZmqPeer *
peek_expired (ZmqPeerListCore *self)
{
  ZmqPeer *peer = g_queue_peek_head (&self->all);

  if (peer == NULL || self->expiry_us == 0)
    return NULL;

  return zmqglib_deadline_add (zmqglib_peer_get_entry (peer)->heard, self->expiry_us) <= g_get_monotonic_time () ? peer : NULL;
}

/* From now on it is not found by its id, and yet to be told that it has gone. */
static void
strike (ZmqPeerListCore *self,
        ZmqPeer         *peer)
{
  g_queue_unlink (&self->all, &zmqglib_peer_get_entry (peer)->link);
  g_hash_table_steal (self->peers, zmqglib_peer_get_id (peer));
  g_queue_push_tail (&self->news, peer);
}

/* Each step may run foreign code, which may bring about more of them, or end the list. */
static void
update (ZmqPeerListCore *self,
        ZmqPeerList     *front)
{
  ZmqPeer *expired;
  guint    n_changed = 0;

  while (self->news.head != NULL)
    tell_next (self, front);

  if (g_get_monotonic_time () >= self->notified + NOTIFY_INTERVAL_US)
    {
      self->notified = g_get_monotonic_time ();
      n_changed = self->changed.length;
    }
  while (n_changed-- > 0 && self->changed.head != NULL)
    notify_next (self);

  while (self->news.head == NULL && (expired = peek_expired (self)) != NULL)
    {
      strike (self, expired);
      tell_next (self, front);
    }
}

static void
look (gpointer data)
{
  ZmqPeerListCore *self = data;
  g_autoptr (ZmqPeerList) front = zmqglib_front_dup (self->front);

  self->is_told = FALSE;
  /* who is changing it goes on with what there is */
  if (front != NULL && !self->is_changing && !zmqglib_fork_is_inherited (self->generation))
    {
      update (self, front);
      zmqglib_peer_list_core_look (self);
    }

  /* the last reference to the list may be the one here, and it wants to find its core */
  g_clear_object (&front);
  zmqglib_peer_list_core_unref (self);
}

static void
look_now (ZmqPeerListCore *self)
{
  if (self->is_told || self->is_changing)
    return;

  self->is_told = TRUE;
  zmqglib_agenda_tell (self->agenda, look, drop, core_ref (self));
}

static void
on_deadline (ZmqDeadline *deadline)
{
  ZmqPeerListCore *self = (gpointer) ((char *) deadline - G_STRUCT_OFFSET (ZmqPeerListCore, deadline));

  look_now (self);
  zmqglib_peer_list_core_unref (self);
}

static void
forget_deadline (ZmqPeerListCore *self)
{
  if (self->deadline.time < 0)
    return;

  zmqglib_deadlines_remove (zmqglib_agenda_get_deadlines (self->agenda), &self->deadline);
  zmqglib_peer_list_core_unref (self);
}

/* What was owned by the loop is, until a closed list has nothing to tell any more. */
static void
release_keeper (ZmqPeerListCore *self)
{
  if (self->is_released && !self->is_told && !self->is_changing && self->deadline.time < 0)
    zmqglib_front_let_go (self->front, self->agenda);
}

static gint64
get_next_time (ZmqPeerListCore *self)
{
  ZmqPeer *first = g_queue_peek_head (&self->all);
  gint64   time = G_MAXINT64;

  if (first != NULL && self->expiry_us > 0)
    time = zmqglib_deadline_add (zmqglib_peer_get_entry (first)->heard, self->expiry_us);
  if (self->changed.head != NULL)
    time = MIN (time, self->notified + NOTIFY_INTERVAL_US);

  return time;
}

/*
 * zmqglib_peer_list_core_look:
 *
 * Looks for what there is to tell, when it is time. One that comes too early only looks again.
 */
void
zmqglib_peer_list_core_look (ZmqPeerListCore *self)
{
  gint64 time = get_next_time (self);

  if (self->news.head != NULL)
    look_now (self);
  if (self->is_told || self->is_changing || time == G_MAXINT64 || (self->deadline.time >= 0 && self->deadline.time <= time))
    {
      release_keeper (self);
      return;
    }

  forget_deadline (self);
  zmqglib_deadlines_add (zmqglib_agenda_get_deadlines (self->agenda), &core_ref (self)->deadline, time);
  zmqglib_agenda_wake (self->agenda);
}

static ZmqPeer *
find_peer (ZmqPeerListCore *self,
           ZmqMessage      *message)
{
  gsize         size;
  gconstpointer data = zmqglib_message_peek_frame (message, 0, &size);
  g_autoptr (GBytes) id = g_bytes_new_static (data, size);
  ZmqPeer *peer = g_hash_table_lookup (self->peers, id);

  if (peer != NULL && zmqglib_peer_is_sender (peer, message))
    return peer;

  /* a routing id is whose comes with it first, and somebody else's when that one has gone */
  if (peer != NULL)
    strike (self, peer);

  peer = zmqglib_peer_new (message);
  g_hash_table_insert (self->peers, zmqglib_peer_get_id (peer), peer);
  g_queue_push_tail (&self->news, g_object_ref (peer));
  g_queue_push_tail_link (&self->all, &zmqglib_peer_get_entry (peer)->link);

  return peer;
}

static void
on_heard (ZmqStreamTap *tap,
          ZmqMessage   *message)
{
  ZmqPeerListCore *self = (ZmqPeerListCore *) tap;
  ZmqPeer         *peer = find_peer (self, message);
  ZmqPeerEntry    *entry = zmqglib_peer_get_entry (peer);

  zmqglib_peer_hear (peer);
  entry->heard = g_get_monotonic_time ();
  g_queue_unlink (&self->all, &entry->link);
  g_queue_push_tail_link (&self->all, &entry->link);
  if (!entry->is_changed)
    g_queue_push_tail_link (&self->changed, &entry->changed);
  entry->is_changed = TRUE;
  zmqglib_peer_list_core_look (self);
}

static void
on_released (ZmqStreamTap *tap)
{
  ZmqPeerListCore *self = (ZmqPeerListCore *) tap;

  g_atomic_int_set (&self->is_closed, TRUE);
  self->is_released = TRUE;
  release_keeper (self);
  zmqglib_peer_list_core_unref (self);
}

/*
 * zmqglib_peer_list_core_new:
 *
 * Returns: (transfer full): a core that has yet to be opened
 */
ZmqPeerListCore *
zmqglib_peer_list_core_new (ZmqPeerList *front)
{
  ZmqPeerListCore *self = g_new0 (ZmqPeerListCore, 1);

  self->ref_count = 1;
  self->tap.heard = on_heard;
  self->tap.released = on_released;
  self->generation = zmqglib_fork_generation;
  self->deadline.time = -1;
  self->deadline.func = on_deadline;
  self->peers = g_hash_table_new_full (zmqglib_hash_bytes, g_bytes_equal, NULL, g_object_unref);
  self->shown = g_sequence_new (g_object_unref);
  self->front = zmqglib_front_new (front);

  return self;
}

static gboolean
check (ZmqStream *stream,
       GError   **error)
{
  const char *what = _ ("Could not make a list of peers");

  if (!zmqglib_stream_check_own (stream, what, error))
    return FALSE;
  if (zmqglib_stream_get_core (stream)->socket->type == ZMQGLIB_SOCKET_ROUTER)
    return TRUE;

  g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_NOT_SUPPORTED, _ ("%s: %s"), what,
               _ ("The stream’s socket is no ROUTER"));

  return FALSE;
}

/*
 * zmqglib_peer_list_core_open:
 * @keeper: (nullable): the list, when it is owned by the loop
 */
gboolean
zmqglib_peer_list_core_open (ZmqPeerListCore *self,
                             ZmqStream       *stream,
                             ZmqPeerList     *keeper,
                             GError         **error)
{
  if (!check (stream, error))
    return FALSE;

  self->agenda = zmqglib_agenda_use (zmqglib_stream_get_core (stream)->agenda);
  if (keeper != NULL)
    zmqglib_front_keep (self->front, keeper);
  zmqglib_stream_add_tap (stream, &core_ref (self)->tap);

  return TRUE;
}

typedef struct
{
  ZmqPeerListCore *core;
  ZmqStream       *stream;
  gboolean         is_gone;
} Return;

static void
leave (gpointer data)
{
  g_autofree Return *self = data;

  zmqglib_stream_remove_tap (self->stream, &self->core->tap);
  if (self->is_gone)
    forget_deadline (self->core);
  g_object_unref (self->stream);
  zmqglib_peer_list_core_unref (self->core);
}

/*
 * zmqglib_peer_list_core_close:
 *
 * Hears of nothing any more. May be called from any thread, and again.
 */
void
zmqglib_peer_list_core_close (ZmqPeerListCore *self,
                              ZmqStream       *stream,
                              gboolean         is_gone)
{
  Return *data;

  if (self->agenda == NULL || (!g_atomic_int_compare_and_exchange (&self->is_closed, FALSE, TRUE) && !is_gone))
    return;

  data = g_new (Return, 1);
  *data = (Return){ core_ref (self), g_object_ref (stream), is_gone };
  zmqglib_agenda_do (self->agenda, leave, data);
}
