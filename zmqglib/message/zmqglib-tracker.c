/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <zmqglib/zmqglib-error.h>

#include "base/zmqglib-completion-private.h"
#include "base/zmqglib-error-private.h"
#include "base/zmqglib-expiry-private.h"
#include "base/zmqglib-fork-private.h"
#include "base/zmqglib-i18n-private.h"
#include "base/zmqglib-latch-private.h"
#include "message/zmqglib-tracker-private.h"

/**
 * ZmqTracker:
 *
 * Tells when libzmq no longer uses the memory of a message, so that a big buffer can be used again.
 *
 * A large frame that was appended as a `GBytes` is sent without a copy: libzmq reads its memory in a
 * thread of its own, possibly long after the message was sent, until the peer has it. Over
 * `inproc://` the receiver has the same memory, and uses it until it drops the message.
 *
 * ```c
 * static void
 * on_done (ZmqTracker *tracker,
 *          GParamSpec *pspec,
 *          gpointer    buffer)
 * {
 *   g_print ("%p may be filled anew\n", buffer);
 * }
 *
 * message = zmqglib_message_new_from_bytes (bytes);
 * tracker = zmqglib_message_track (message);
 * g_signal_connect (tracker, "notify::done", G_CALLBACK (on_done), buffer);
 * zmqglib_stream_send (stream, message, &error);
 * ```
 *
 * In Python:
 *
 * ```python
 * message = Zmq.Message(GLib.Bytes.new(bytes(1_000_000)))
 * tracker = message.track()
 * tracker.connect('notify::done', lambda *_: print('the buffer may be filled anew'))
 * push = Zmq.Stream.new_bound(Zmq.SocketType.PUSH, 'inproc://pictures')
 * push.send(message)
 * ```
 *
 * A tracker is done when its message has been sent, or is not going to be (it was freed, or dropped
 * from a queue), and libzmq holds none of its frames' `GBytes`. Those who keep the message, or the
 * `GBytes`, are not counted.
 *
 * [property@Zmq.Tracker:done] is notified once, in the main context that was the thread-default one
 * where the tracker was made; the methods may be called from any thread.
 *
 * Since: 1.0
 */

struct _ZmqTracker
{
  GObject parent_instance;

  GMainContext *context;
  ZmqAgenda    *agenda; /* that of the context, until the end is told */
  int           n_uses; /* atomic; of libzmq, and one for the message that is to be sent */
  guint         generation;
  ZmqLatch      done;
};

enum
{
  PROP_0,
  PROP_DONE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (ZmqTracker, zmqglib_tracker, G_TYPE_OBJECT)

static void
zmqglib_tracker_finalize (GObject *object)
{
  ZmqTracker *self = ZMQGLIB_TRACKER (object);

  g_clear_pointer (&self->agenda, zmqglib_agenda_release);
  g_main_context_unref (self->context);
  zmqglib_latch_clear (&self->done);

  G_OBJECT_CLASS (zmqglib_tracker_parent_class)->finalize (object);
}

static void
zmqglib_tracker_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_DONE:
      g_value_set_boolean (value, zmqglib_tracker_is_done (ZMQGLIB_TRACKER (object)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
zmqglib_tracker_class_init (ZmqTrackerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = zmqglib_tracker_finalize;
  object_class->get_property = zmqglib_tracker_get_property;

  /**
   * ZmqTracker:done: (getter is_done)
   *
   * Whether libzmq no longer uses the memory.
   *
   * Since: 1.0
   */
  properties[PROP_DONE] =
      g_param_spec_boolean ("done", NULL, _ ("Whether libzmq no longer uses the memory"),
                            FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
zmqglib_tracker_init (ZmqTracker *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->agenda = zmqglib_agenda_acquire (self->context, G_PRIORITY_DEFAULT);
  self->generation = zmqglib_fork_generation;
  zmqglib_latch_init (&self->done);
  /* one of no message has nothing to wait for */
  zmqglib_latch_open (&self->done);
}

/*
 * zmqglib_tracker_new:
 *
 * Returns: (transfer full): the tracker of a message that is to be sent, whose end
 *   zmqglib_tracker_release() tells
 */
ZmqTracker *
zmqglib_tracker_new (void)
{
  ZmqTracker *self = g_object_new (ZMQGLIB_TYPE_TRACKER, NULL);

  self->n_uses = 1;
  self->done.is_open = FALSE;

  return self;
}

void
zmqglib_tracker_hold (ZmqTracker *self)
{
  g_atomic_int_inc (&self->n_uses);
}

static void
on_done (gpointer data)
{
  g_autoptr (ZmqTracker) self = data;

  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DONE]);
}

/*
 * zmqglib_tracker_release:
 * @self: (transfer full): a tracker
 *
 * Ends a use of the memory. Called by any thread, libzmq's own included.
 */
void
zmqglib_tracker_release (ZmqTracker *self)
{
  if (!g_atomic_int_dec_and_test (&self->n_uses))
    {
      g_object_unref (self);
      return;
    }

  zmqglib_latch_open (&self->done);
  zmqglib_agenda_tell (self->agenda, on_done, g_object_unref, self);
}

/**
 * zmqglib_tracker_is_done: (get-property done)
 * @self: a tracker
 *
 * Whether libzmq no longer uses the memory. May be called from any thread.
 *
 * Returns: %TRUE when it does not, and will not
 *
 * Since: 1.0
 */
gboolean
zmqglib_tracker_is_done (ZmqTracker *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_TRACKER (self), FALSE);

  return zmqglib_latch_is_open (&self->done);
}

static gboolean
is_heard (ZmqTracker *self)
{
  return g_signal_handler_find (self, G_SIGNAL_MATCH_ID, g_signal_lookup ("notify", G_TYPE_OBJECT), 0, NULL, NULL,
                                NULL) != 0;
}

/* What the parent's libzmq uses it never gives back in a forked child. */
static gboolean
check_own (ZmqTracker *self,
           GError    **error)
{
  if (!zmqglib_fork_is_inherited (self->generation) || zmqglib_tracker_is_done (self))
    return TRUE;

  zmqglib_error_set (error, ZMQGLIB_EFORKED, "%s", _ ("The message’s memory is still in use"));

  return FALSE;
}

/**
 * zmqglib_tracker_wait:
 * @self: a tracker
 * @timeout_us: how long to wait at most, in microseconds, or -1 for as long as it takes
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Blocks until libzmq no longer uses the memory. May be called from any thread, but from that of the
 * stream that has yet to send the message it would wait in vain.
 *
 * Fails with %ZMQGLIB_ERROR_AGAIN when the time is up, with `G_IO_ERROR_CANCELLED`, and in a forked child with
 * %ZMQGLIB_ERROR_CLOSED for a tracker of the parent’s that is not done.
 *
 * Returns: %TRUE when the tracker is done, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
zmqglib_tracker_wait (ZmqTracker   *self,
                      gint64        timeout_us,
                      GCancellable *cancellable,
                      GError      **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_TRACKER (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_own (self, error))
    return FALSE;

  if (zmqglib_latch_wait (&self->done, zmqglib_deadline_after (timeout_us), cancellable))
    {
      if (!is_heard (self))
        zmqglib_agenda_untell (self->agenda, self);
      return TRUE;
    }

  if (!g_cancellable_set_error_if_cancelled (cancellable, error))
    g_set_error_literal (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN,
                         _ ("The message’s memory is still in use: The time is up"));

  return FALSE;
}

/**
 * zmqglib_tracker_wait_async:
 * @self: a tracker
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the tracker is done
 * @user_data: data for @callback
 *
 * As [method@Zmq.Tracker.wait], without blocking and without a limit of time. The callback is called
 * in the thread-default main context of the calling thread.
 *
 * Since: 1.0
 */
void
zmqglib_tracker_wait_async (ZmqTracker         *self,
                            GCancellable       *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (ZMQGLIB_IS_TRACKER (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, zmqglib_tracker_wait_async);
  if (check_own (self, &error))
    zmqglib_latch_wait_async (&self->done, task);
  else
    zmqglib_completion_return_error (g_object_ref (task), zmqglib_completion_acquire_agenda (task), error);
}

/**
 * zmqglib_tracker_wait_finish:
 * @self: a tracker
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Ends an operation begun with [method@Zmq.Tracker.wait_async]. Fails with `G_IO_ERROR_CANCELLED`, and in a forked child
 * with %ZMQGLIB_ERROR_CLOSED for a tracker of the parent’s.
 *
 * Returns: %TRUE when the tracker is done, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
zmqglib_tracker_wait_finish (ZmqTracker   *self,
                             GAsyncResult *result,
                             GError      **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_TRACKER (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, zmqglib_tracker_wait_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
