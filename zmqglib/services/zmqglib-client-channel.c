/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include "base/zmqglib-withholding-private.h"
#include "services/zmqglib-client-channel-private.h"
#include "socket/zmqglib-socket-private.h"

/*
 * How requests go through a socket, and answers come back.
 *
 * libzmq is given a message only when it has told of a connection, so that what cannot be sent yet waits here, where it can
 * be withdrawn, instead of in libzmq for a server that may come back long after nobody wants an answer any
 * more. (ZMQ_IMMEDIATE would do that, too, but throws away what has come in when the connection breaks.)
 */

ZmqClientChannel *
zmqglib_client_channel_ref (ZmqClientChannel *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
zmqglib_client_channel_unref (ZmqClientChannel *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_clear_pointer (&self->hub, zmqglib_monitor_hub_unref);
  zmqglib_socket_core_unref (self->socket);
  zmqglib_agenda_release (self->agenda);
  g_free (self);
}

static void
drop_item (ZmqClientChannel *self)
{
  if (self->item == NULL)
    return;

  g_clear_pointer (&self->item, zmqglib_poll_item_remove);
  zmqglib_client_channel_unref (self);
}

/* Others who use the socket, too. */
static void
touch_others (ZmqClientChannel *self)
{
  ZmqSocketWatch *own = self->item != NULL ? &self->item->watch : NULL;

  if (zmqglib_socket_core_is_watched (self->socket, own))
    zmqglib_socket_core_touch (self->socket, own);
}

/*
 * zmqglib_client_channel_close:
 *
 * Closes the socket, and tells nothing any more. What was under way is let go of. May be called again.
 */
void
zmqglib_client_channel_close (ZmqClientChannel *self)
{
  if (self->is_closed)
    return;

  self->is_closed = TRUE;
  if (self->hub != NULL)
    zmqglib_monitor_hub_unsubscribe (self->hub, &self->subscriber);
  while (self->waiting.head != NULL)
    zmqglib_client_try_withdraw (self->waiting.head->data);
  while (self->sent.head != NULL)
    zmqglib_client_try_withdraw (self->sent.head->data);

  zmqglib_client_channel_ref (self);
  drop_item (self);
  zmqglib_socket_core_close (self->socket);
  zmqglib_client_channel_unref (self);
}

static GIOCondition
get_wanted (ZmqPollItem *item,
            GIOCondition among)
{
  ZmqClientChannel *self = item->owner;

  self->has_sent = FALSE;

  return among & (self->waiting.head != NULL && !self->is_down ? G_IO_IN | G_IO_OUT : G_IO_IN);
}

static void
enqueue (ZmqClientTry *try,
         gboolean      is_sent)
{
  ZmqClientChannel *channel = try->channel;

  try->is_sent = is_sent;
  g_queue_push_tail_link (is_sent ? &channel->sent : &channel->waiting, &try->link);
}

static void
dequeue (ZmqClientTry *try)
{
  g_queue_unlink (try->is_sent ? &try->channel->sent : &try->channel->waiting, &try->link);
}

/* Returns whether the next one may be sent, too. */
static gboolean
hand_over (ZmqClientTry *try)
{
  ZmqClientChannel *self = try->channel;
  const ZmqParcel   parcel = { .message = try->message };
  int               errnum;

  if (try->tracker != NULL)
    zmqglib_message_lend_tracker (try->message, try->tracker);
  errnum = zmqglib_socket_core_send_parcel (self->socket, &parcel);
  if (errnum == EAGAIN)
    return FALSE;

  dequeue (try);
  enqueue (try, TRUE);
  try->n_sent++;
  if (errnum != 0)
    self->funcs->refused (try, errnum);

  return TRUE;
}

static void
send_waiting (ZmqClientChannel *self,
              ZmqSlice         *slice)
{
  ZmqTurn turn = zmqglib_turn_begin (slice);

  zmqglib_withholding_begin ();
  while (self->waiting.head != NULL && !self->is_down && hand_over (self->waiting.head->data) && !zmqglib_turn_is_over (&turn))
    ;
  zmqglib_withholding_end ();
}

static int
receive_one (ZmqClientChannel *self,
             ZmqMessage      **reused)
{
  ZmqMessage *message = g_steal_pointer (reused);
  int         errnum = zmqglib_socket_core_receive (self->socket, &message);

  if (errnum == 0)
    self->funcs->received (self, message);

  if (message != NULL && zmqglib_message_is_shared (message))
    zmqglib_message_unref (message);
  else
    *reused = message;

  return errnum;
}

static gboolean
may_be_more (int errnum)
{
  return errnum == 0 || errnum == ZMQGLIB_EPARTIAL || errnum == ZMQGLIB_EREJECTED;
}

static ZmqPollOutcome
receive (ZmqClientChannel *self,
         ZmqSlice         *slice)
{
  g_autoptr (ZmqMessage) reused = NULL;
  ZmqTurn turn = zmqglib_turn_begin (slice);

  while (!self->is_closed)
    {
      int errnum = receive_one (self, &reused);

      if (!may_be_more (errnum))
        return errnum == EAGAIN ? ZMQGLIB_POLL_NO_INPUT : ZMQGLIB_POLL_UNKNOWN;
      if (zmqglib_turn_is_over (&turn))
        return ZMQGLIB_POLL_HAS_INPUT;
    }

  return ZMQGLIB_POLL_UNKNOWN;
}

static void
set_connected (ZmqClientChannel *self,
               gboolean          connected)
{
  if (connected && self->is_down)
    {
      self->is_down = FALSE;
      zmqglib_poll_item_changed (self->item);
    }

  if (connected != self->connected)
    {
      self->connected = connected;
      self->funcs->changed (self);
    }
}

/* All that the broken connection has brought is read. */
static void
tell_loss (ZmqClientChannel *self)
{
  self->loss_due = FALSE;
  self->is_down = g_atomic_int_get (&self->n_peers) == 0;
  self->funcs->lost (self);
  if (!self->is_closed && self->item != NULL)
    {
      zmqglib_poll_item_changed (self->item);
      set_connected (self, !self->is_down);
    }
}

static ZmqPollOutcome
serve_open (ZmqClientChannel *self,
            GIOCondition      ready,
            ZmqSlice         *slice)
{
  ZmqPollOutcome outcome = ZMQGLIB_POLL_UNKNOWN;

  zmqglib_socket_core_claim (self->socket);
  self->is_behind = FALSE;
  if (ready & G_IO_OUT)
    send_waiting (self, slice);
  if (ready & G_IO_IN)
    outcome = receive (self, slice);
  if (outcome == ZMQGLIB_POLL_NO_INPUT && self->loss_due)
    tell_loss (self);
  if (!self->is_closed)
    touch_others (self);

  return outcome;
}

static ZmqPollOutcome
serve (ZmqPollItem *item,
       GIOCondition ready,
       int          errnum,
       ZmqSlice    *slice)
{
  ZmqClientChannel *self = zmqglib_client_channel_ref (item->owner);
  ZmqPollOutcome    outcome = ZMQGLIB_POLL_UNKNOWN;

  if (errnum != 0)
    self->funcs->dead (self, errnum);
  else if (!self->is_closed)
    outcome = serve_open (self, ready, slice);
  zmqglib_client_channel_unref (self);

  return outcome;
}

static void
lose (ZmqPollItem *item)
{
  ZmqClientChannel *self = zmqglib_client_channel_ref (item->owner);

  self->funcs->abandoned (self);
  zmqglib_client_channel_close (self);
  zmqglib_client_channel_unref (self);
}

static const ZmqPollItemFuncs item_funcs = {
  .get_wanted = get_wanted,
  .serve = serve,
  .lose = lose,
};

/*
 * zmqglib_client_channel_catch_up:
 *
 * Reads what has come in, for as long as a slice at most: not again before the loop has had a turn, if that was not enough. To
 * be called by who owns the main context.
 *
 * Returns: whether there is no more
 */
gboolean
zmqglib_client_channel_catch_up (ZmqClientChannel *self)
{
  g_autoptr (ZmqMessage) reused = NULL;
  gint64   now = g_get_monotonic_time ();
  ZmqSlice slice = zmqglib_slice_begin (now, now + ZMQGLIB_SLICE_US);
  gboolean is_more = TRUE;

  if (self->is_behind || self->is_closed || self->item == NULL)
    return FALSE;

  zmqglib_client_channel_ref (self);
  zmqglib_socket_core_claim (self->socket);
  while (!self->is_closed && is_more && !self->is_behind)
    {
      is_more = may_be_more (receive_one (self, &reused));
      self->is_behind = zmqglib_slice_is_over (&slice);
    }
  if (self->item != NULL)
    zmqglib_poll_item_touch (self->item);
  zmqglib_client_channel_unref (self);

  return !is_more;
}

/* What the connection has brought before it broke counts, and libzmq had it all before it said so: the loss is told when that was
 * read, and nothing is sent through the next connection before. */
static void
read_news (gpointer data)
{
  ZmqClientChannel *self = data;

  g_atomic_int_set (&self->news_due, FALSE);

  if (!self->is_closed && self->item != NULL && g_atomic_int_exchange (&self->n_losses, 0) > 0)
    {
      self->loss_due = TRUE;
      self->is_down = TRUE;
      zmqglib_poll_item_changed (self->item);
      if (zmqglib_client_channel_catch_up (self) && self->loss_due)
        tell_loss (self);
    }
  if (!self->is_closed && self->item != NULL && !self->loss_due)
    set_connected (self, g_atomic_int_get (&self->n_peers) > 0);
  zmqglib_client_channel_unref (self);
}

static void
news_post (ZmqClientChannel *self)
{
  if (g_atomic_int_compare_and_exchange (&self->news_due, FALSE, TRUE))
    zmqglib_agenda_post (self->agenda, read_news, zmqglib_client_channel_ref (self));
}

/* In any thread, under the hub's lock. */
static void
on_notice (ZmqMonitorSubscriber *subscriber,
           ZmqMonitorEvent      *event,
           guint                 n_peers)
{
  ZmqClientChannel *self = (ZmqClientChannel *) subscriber;
  guint             n_before;

  if (event != NULL && zmqglib_monitor_event_get_kind (event) == ZMQGLIB_MONITOR_EVENT_MONITOR_STOPPED)
    return;

  n_before = g_atomic_int_exchange (&self->n_peers, n_peers);

  if (n_peers < n_before)
    g_atomic_int_inc (&self->n_losses);
  if (n_peers != n_before)
    news_post (self);
}

/*
 * zmqglib_client_channel_new:
 * @socket: an open socket, whose handle is the channel’s from now on
 * @agenda: that of the client
 *
 * Returns: (transfer full): a channel that is yet to be opened
 */
ZmqClientChannel *
zmqglib_client_channel_new (ZmqSocket                   *socket,
                            ZmqAgenda                   *agenda,
                            const ZmqClientChannelFuncs *funcs)
{
  ZmqClientChannel *self = g_new0 (ZmqClientChannel, 1);

  self->ref_count = 1;
  self->subscriber.notice = on_notice;
  self->funcs = funcs;
  self->socket = zmqglib_socket_core_ref (socket->core);
  self->agenda = zmqglib_agenda_use (agenda);

  return self;
}

/*
 * zmqglib_client_channel_follow:
 *
 * Lets the channel hear of its connection, which libzmq does not tell over inproc. To be called by the thread that has the
 * socket, before that is connected.
 */
gboolean
zmqglib_client_channel_follow (ZmqClientChannel *self,
                               const char       *endpoint,
                               GError          **error)
{
  guint n_peers;

  if (g_str_has_prefix (endpoint, "inproc://"))
    return TRUE;

  self->is_down = TRUE;
  self->hub = zmqglib_monitor_hub_get (self->socket, error);
  if (self->hub != NULL)
    zmqglib_monitor_hub_subscribe (self->hub, &self->subscriber, &n_peers);

  return self->hub != NULL;
}

/*
 * zmqglib_client_channel_open:
 *
 * Lets the channel into its loop. To be called by who owns the main context.
 */
void
zmqglib_client_channel_open (ZmqClientChannel *self,
                             gpointer          owner)
{
  ZmqPollSet *set = zmqglib_poll_set_get_shared (self->agenda);

  self->owner = owner;
  zmqglib_socket_core_claim (self->socket);
  zmqglib_client_channel_ref (self);
  self->item = zmqglib_poll_set_add_socket (set, self->socket, FALSE, &item_funcs, self);
  /* what was told before it was in its loop */
  if (self->hub != NULL)
    news_post (self);
}

/*
 * zmqglib_client_channel_send:
 * @try: one that is in no channel
 *
 * Sends a message, or lets it wait until it can be sent. The second and later ones of a dispatch wait for its end, which costs
 * the first nothing, and wakes libzmq's thread once for all the others.
 */
void
zmqglib_client_channel_send (ZmqClientChannel *self,
                             ZmqClientTry     *try)
{
  g_auto (ZmqWithholding) withholding G_GNUC_UNUSED = zmqglib_withholding_new ();
  gboolean                            may_send = self->waiting.head == NULL && !self->is_down && !self->has_sent;

  /* what is refused may take the channel along */
  zmqglib_client_channel_ref (self);
  try->link.data = try;
  try->channel = self;
  enqueue (try, FALSE);

  if (may_send)
    {
      zmqglib_socket_core_claim (self->socket);
      self->has_sent = zmqglib_agenda_is_dispatching (self->agenda);
      hand_over (try);
    }
  if (!self->is_closed && !self->is_down)
    {
      zmqglib_poll_item_touch (self->item);
      touch_others (self);
    }
  zmqglib_client_channel_unref (self);
}

/*
 * zmqglib_client_try_withdraw:
 *
 * Nobody wants an answer any more: when it was not sent yet, it is not going to be.
 */
void
zmqglib_client_try_withdraw (ZmqClientTry *try)
{
  if (try->channel == NULL)
    return;

  dequeue (try);
  try->channel = NULL;
}
