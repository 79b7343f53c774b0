/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE

#include "test-life-moment.h"

/* A poller is another thread's as soon as that uses it, while the one before may still use the sockets. */

static LifeMoment in_list = LIFE_MOMENT_INIT;
static gint       is_held_up;   /* atomic */
static gint       n_trespasses; /* atomic; what another thread has done to the lists meanwhile */

void
g_queue_push_tail_link (GQueue *queue,
                        GList  *link)
{
  static gpointer next;

  if (g_atomic_pointer_get (&in_list.thread) == g_thread_self ())
    {
      g_atomic_int_set (&is_held_up, TRUE);
      life_moment_come (&in_list);
      g_atomic_int_set (&is_held_up, FALSE);
    }
  else if (g_atomic_int_get (&is_held_up))
    g_atomic_int_inc (&n_trespasses);
  ((void (*) (GQueue *, GList *)) life_next (&next, "g_queue_push_tail_link")) (queue, link);
}

void
g_queue_unlink (GQueue *queue,
                GList  *link)
{
  static gpointer next;

  if (g_atomic_int_get (&is_held_up))
    g_atomic_int_inc (&n_trespasses);
  ((void (*) (GQueue *, GList *)) life_next (&next, "g_queue_unlink")) (queue, link);
}

typedef struct
{
  ZmqPoller *poller;
  ZmqSocket *socket;
  guint      n_called;
} HandedOver;

static void
on_ready (ZmqPoller   *poller,
          ZmqSocket   *socket,
          int          fd,
          GIOCondition condition,
          gpointer     data)
{
  HandedOver *self = data;

  self->n_called++;
}

static void
wait_there (gpointer data)
{
  HandedOver *self = data;
  gint64      began = g_get_monotonic_time ();

  g_assert_cmpint (zmqglib_poller_wait (self->poller, TEST_TIMEOUT_SECONDS * G_USEC_PER_SEC, NULL, NULL), ==, 1);
  g_assert_cmpuint (self->n_called, ==, 1);
  /* it would look when its time is up, if nobody had woken it */
  g_assert_cmpint (g_get_monotonic_time () - began, <, TEST_TIMEOUT_SECONDS * G_USEC_PER_SEC / 2);
}

static void
remove_there (gpointer data)
{
  HandedOver *self = data;

  g_assert_true (zmqglib_poller_remove_socket (self->poller, self->socket, NULL));
}

static void
test_put_back (gconstpointer data)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqPoller) poller = zmqglib_poller_new ();
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");
  HandedOver handed_over = { poller, socket, 0 };

  g_assert_true (zmqglib_poller_add_socket (poller, socket, G_IO_IN, on_ready, &handed_over, NULL, NULL));
  g_assert_cmpint (zmqglib_poller_wait (poller, 0, NULL, NULL), ==, 0);

  g_atomic_int_set (&n_trespasses, 0);
  life_moment_await (&in_list, *(LifeFunc *) data, &handed_over);
  zmqglib_socket_put_back (socket, message);
  life_moment_end (&in_list);
  g_assert_cmpint (n_trespasses, ==, 0);
}

int
main (int    argc,
      char **argv)
{
  static const LifeFunc wait_func = wait_there;
  static const LifeFunc remove_func = remove_there;

  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/life/handed-over/put-back-and-wait", &wait_func, test_put_back);
  g_test_add_data_func ("/life/handed-over/put-back-and-remove", &remove_func, test_put_back);

  return g_test_run ();
}
