/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* CZMQ's certificates and authenticator, for the tests of ours:
 *
 * certificate-czmq save|load FILE: saves a new certificate with a name, or loads one; prints its keys, and its name, a
 * line each.
 * certificate-czmq send FILE SERVER-KEY ENDPOINT: sends a message with the certificate of FILE.
 * certificate-czmq receive FILE DIRECTORY: with the certificate of FILE, receives a message from who has one in
 * DIRECTORY; prints its endpoint, the message, and who has sent it, a line each.
 */

#include <czmq.h>

#define TIMEOUT_MS 20000

static int
show (zcert_t *certificate)
{
  printf ("%s\n%s\n%s\n", zcert_public_txt (certificate), zcert_secret_txt (certificate),
          zcert_meta (certificate, "name"));

  return 0;
}

static int
save (const char *path)
{
  zcert_t *certificate = zcert_new ();
  int      status;

  zcert_set_meta (certificate, "name", "Ann \"the\" #1");
  status = zcert_save (certificate, path) == 0 ? show (certificate) : 1;
  zcert_destroy (&certificate);

  return status;
}

static int
send_message (zcert_t    *certificate,
              const char *server_key,
              const char *endpoint)
{
  zsock_t *socket = zsock_new (ZMQ_PUSH);
  int      status;

  zcert_apply (certificate, socket);
  zsock_set_curve_serverkey (socket, server_key);
  zsock_set_linger (socket, TIMEOUT_MS);
  zsock_set_sndtimeo (socket, TIMEOUT_MS);
  status = zsock_connect (socket, "%s", endpoint) == 0 && zstr_send (socket, "from CZMQ") == 0 ? 0 : 1;
  zsock_destroy (&socket);

  return status;
}

static int
receive_message (zcert_t    *certificate,
                 const char *directory)
{
  zactor_t *authenticator = zactor_new (zauth, NULL);
  zsock_t  *socket = zsock_new (ZMQ_PULL);
  zframe_t *frame;
  char     *text;

  zstr_sendx (authenticator, "CURVE", directory, NULL);
  zsock_wait (authenticator);
  zcert_apply (certificate, socket);
  zsock_set_curve_server (socket, 1);
  zsock_set_zap_domain (socket, "global");
  zsock_set_rcvtimeo (socket, TIMEOUT_MS);
  zsock_bind (socket, "tcp://127.0.0.1:*");
  printf ("%s\n", zsock_endpoint (socket));
  fflush (stdout);

  frame = zframe_recv (socket);
  text = frame != NULL ? zframe_strdup (frame) : NULL;
  if (frame != NULL)
    printf ("%s\n%s\n", text, zframe_meta (frame, "User-Id"));
  zstr_free (&text);
  zframe_destroy (&frame);
  zsock_destroy (&socket);
  zactor_destroy (&authenticator);

  return 0;
}

int
main (int   argc,
      char *argv[])
{
  zcert_t *certificate;
  int      status = 2;

  if (argc == 3 && streq (argv[1], "save"))
    return save (argv[2]);
  if (argc < 3)
    return status;

  certificate = zcert_load (argv[2]);
  if (certificate == NULL)
    return 1;

  if (argc == 3 && streq (argv[1], "load"))
    status = show (certificate);
  else if (argc == 5 && streq (argv[1], "send"))
    status = send_message (certificate, argv[3], argv[4]);
  else if (argc == 4 && streq (argv[1], "receive"))
    status = receive_message (certificate, argv[3]);
  zcert_destroy (&certificate);

  return status;
}
