/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Three ZeroMQ streams, a GSocket, a timer and a worker thread in one main loop.
 *
 *   timer → udp datagram → GSocket → PAIR → worker thread → PAIR → PUB … SUB → counted
 *
 * A GSocket and a stream are sources of the same loop; neither needs to know of the other. */

#include <stdlib.h>
#include <string.h>

#include <zmqglib/zmqglib.h>

#define WORKER     "inproc://worker"
#define NEWS       "inproc://news"
#define N_READINGS 20

typedef struct
{
  GMainLoop *loop;
  GSocket   *udp;
  ZmqStream *worker;
  ZmqStream *publisher;
  ZmqStream *subscriber;
  guint      n_measured;
  guint      n_received;
  gboolean   failed;
} Station;

static void
check (Station *station,
       gboolean succeeded,
       GError  *error)
{
  if (succeeded)
    return;

  g_printerr ("%s\n", error->message);
  station->failed = TRUE;
  g_main_loop_quit (station->loop);
}

/* The worker: turns each message into upper case, until its context is shut down. */
static gpointer
worker_thread (gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) socket = zmqglib_socket_new (NULL, ZMQGLIB_SOCKET_PAIR, &error);
  gboolean ok = socket != NULL && zmqglib_socket_connect_to (socket, WORKER, &error);

  while (ok)
    {
      g_autoptr (ZmqMessage) request = zmqglib_socket_receive (socket, NULL, &error);
      g_autoptr (ZmqMessage) answer = NULL;
      g_autofree char *text = NULL;
      g_autofree char *upper = NULL;

      if (request != NULL)
        text = zmqglib_message_get_string (request, 0, &error);
      if (text == NULL)
        break;

      upper = g_utf8_strup (text, -1);
      answer = zmqglib_message_new_from_string (upper);
      ok = zmqglib_socket_send (socket, answer, NULL, &error);
    }

  if (!g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_TERMINATED))
    g_printerr ("The worker ended: %s\n", error->message);

  return NULL;
}

/* Sends a datagram to ourselves, as a thermometer in the network would. */
static gboolean
on_timer (gpointer data)
{
  Station *station = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (station->udp, &error);
  g_autofree char *text = g_strdup_printf ("reading %u", ++station->n_measured);

  check (station,
         address != NULL &&
             g_socket_send_to (station->udp, address, text, strlen (text), NULL, &error) >= 0,
         error);

  return station->n_measured < N_READINGS ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean
on_datagram (GSocket     *udp,
             GIOCondition condition,
             gpointer     user_data)
{
  Station *station = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();
  char   buffer[512];
  gssize size = g_socket_receive (udp, buffer, sizeof buffer, NULL, &error);

  if (size >= 0)
    zmqglib_message_append_data (message, buffer, size);
  check (station, size >= 0 && zmqglib_stream_send (station->worker, message, &error), error);

  return G_SOURCE_CONTINUE;
}

static void
on_worked (ZmqStream  *worker,
           ZmqMessage *message,
           gpointer    user_data)
{
  Station *station = user_data;
  g_autoptr (GError) error = NULL;

  check (station, zmqglib_stream_send (station->publisher, message, &error), error);
}

static void
on_news (ZmqStream  *subscriber,
         ZmqMessage *message,
         gpointer    user_data)
{
  Station *station = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = zmqglib_message_get_string (message, 0, &error);

  check (station, text != NULL, error);
  if (text != NULL)
    g_print ("%s\n", text);
  if (++station->n_received == N_READINGS)
    g_main_loop_quit (station->loop);
}

static gboolean
on_timeout (gpointer data)
{
  Station *station = data;

  g_printerr ("Only %u of %u readings came through\n", station->n_received, N_READINGS);
  station->failed = TRUE;
  g_main_loop_quit (station->loop);

  return G_SOURCE_CONTINUE;
}

/* Makes a stream and hands @func what it receives; without a @func it only sends. */
static ZmqStream *
open_stream (Station      *station,
             ZmqSocketType type,
             const char   *bind_to,
             const char   *connect_to,
             GCallback     func,
             GError      **error)
{
  g_autoptr (ZmqSocket) socket = zmqglib_socket_new (NULL, type, error);
  ZmqStream *stream;

  if (socket == NULL ||
      (bind_to != NULL && !zmqglib_socket_bind (socket, bind_to, error)) ||
      (connect_to != NULL && !zmqglib_socket_connect_to (socket, connect_to, error)) ||
      (type == ZMQGLIB_SOCKET_SUB && !zmqglib_socket_subscribe (socket, "READING", error)))
    return NULL;

  stream = zmqglib_stream_new (socket);
  if (func != NULL)
    g_signal_connect (stream, "received", func, station);

  return stream;
}

static GSocket *
open_udp (GError **error)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any_port = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocket) udp = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
                                          G_SOCKET_PROTOCOL_UDP, error);

  if (udp == NULL || !g_socket_bind (udp, any_port, TRUE, error))
    return NULL;
  g_socket_set_blocking (udp, FALSE);

  return g_steal_pointer (&udp);
}

static gboolean
open_station (Station *station,
              GError **error)
{
  return (station->udp = open_udp (error)) != NULL &&
         (station->worker = open_stream (station, ZMQGLIB_SOCKET_PAIR, WORKER, NULL,
                                         G_CALLBACK (on_worked), error)) != NULL &&
         (station->publisher = open_stream (station, ZMQGLIB_SOCKET_PUB, NEWS, NULL,
                                            NULL, error)) != NULL &&
         (station->subscriber = open_stream (station, ZMQGLIB_SOCKET_SUB, NULL, NEWS,
                                             G_CALLBACK (on_news), error)) != NULL;
}

static void
run_station (Station *station)
{
  g_autoptr (GSource) source = g_socket_create_source (station->udp, G_IO_IN, NULL);
  GThread *thread = g_thread_new ("worker", worker_thread, NULL);

  g_source_set_callback (source, (GSourceFunc) (void (*) (void)) on_datagram, station, NULL);
  g_source_attach (source, NULL);
  g_timeout_add (25, on_timer, station);
  g_timeout_add_seconds (10, on_timeout, station);
  g_main_loop_run (station->loop);
  g_source_destroy (source);

  /* whoever is blocked in a socket of this context, as the worker is, is told to end */
  zmqglib_context_shutdown (zmqglib_context_get_default ());
  g_thread_join (thread);
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (GError) error = NULL;
  Station station = { .loop = g_main_loop_new (NULL, FALSE) };

  if (open_station (&station, &error))
    run_station (&station);
  else
    check (&station, FALSE, error);

  g_clear_object (&station.subscriber);
  g_clear_object (&station.publisher);
  g_clear_object (&station.worker);
  g_clear_object (&station.udp);
  g_main_loop_unref (station.loop);

  return station.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
