/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* An encrypted and authenticated pair: the client knows the server by its public key, and the server knows its clients by
 * theirs. In real life each has the other's public key from a file; here both are in one program. */

#include <zmqglib/zmqglib.h>

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    loop)
{
  g_autofree char *text = zmqglib_message_get_string (message, 0, NULL);

  g_print ("%s says: %s\n", zmqglib_message_get_user_id (message), text);
  g_main_loop_quit (loop);
}

static gboolean
run (GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (ZmqCertificate) server_key = zmqglib_certificate_new (error);
  g_autoptr (ZmqCertificate) client_key = zmqglib_certificate_new (error);
  g_autoptr (ZmqAuthenticator) authenticator = zmqglib_authenticator_new (NULL, error);
  g_autoptr (ZmqSocket) server = zmqglib_socket_new (NULL, ZMQGLIB_SOCKET_PULL, error);
  g_autoptr (ZmqSocket) client = zmqglib_socket_new (NULL, ZMQGLIB_SOCKET_PUSH, error);
  g_autoptr (ZmqStream) stream = NULL;
  g_autofree char *endpoint = NULL;

  if (server_key == NULL || client_key == NULL || authenticator == NULL || server == NULL || client == NULL)
    return FALSE;

  /* the server */
  zmqglib_authenticator_allow_key (authenticator, NULL, zmqglib_certificate_get_public_key (client_key), "anna");
  if (!zmqglib_socket_set_curve_server (server, server_key, error) ||
      !zmqglib_socket_bind (server, "tcp://127.0.0.1:*", error))
    return FALSE;
  stream = zmqglib_stream_new (server);
  g_signal_connect (stream, "received", G_CALLBACK (on_received), loop);

  /* the client */
  g_object_get (server, "last-endpoint", &endpoint, NULL);
  if (!zmqglib_socket_set_curve_client (client, client_key, zmqglib_certificate_get_public_key (server_key), error) ||
      !zmqglib_socket_connect_to (client, endpoint, error))
    return FALSE;
  g_object_set (client, "linger", 0, NULL);

  {
    g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("a secret");

    if (!zmqglib_socket_send (client, message, NULL, error))
      return FALSE;
  }
  g_main_loop_run (loop);

  return TRUE;
}

int
main (void)
{
  g_autoptr (GError) error = NULL;

  if (run (&error))
    return 0;

  g_printerr ("%s\n", error->message);

  return 1;
}
