/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "tool/tool-command.h"
#include "tool/tool-run.h"

/* zmqglib: ZeroMQ by hand and in pipes. Each command is in a file of its own. */

typedef struct
{
  const char *name;
  const char *summary;
  int (*run) (int    argc,
              char **argv);
} Command;

static const Command commands[] = {
  { "send", N_ ("Send messages"), tool_send },
  { "receive", N_ ("Receive messages and print them"), tool_receive },
  { "request", N_ ("Ask a server and print its replies"), tool_request },
  { "reply", N_ ("Answer requests"), tool_reply },
  { "proxy", N_ ("Forward messages between two sockets"), tool_proxy },
  { "monitor", N_ ("Print what happens to connections"), tool_monitor },
  { "keygen", N_ ("Make a certificate of CURVE"), tool_keygen },
};

static void
show_help (void (*print) (const char *format, ...) G_GNUC_PRINTF (1, 2))
{
  print ("%s\n", _ ("Usage:"));
  print ("  zmqglib %s\n", _ ("COMMAND [OPTION…] …"));
  print ("  zmqglib COMMAND --help\n");
  print ("  zmqglib --version\n\n");
  print ("%s\n", _ ("ZeroMQ by hand and in pipes."));
  print ("\n%s\n", _ ("Commands:"));
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    print ("  %-10s %s\n", commands[i].name, _ (commands[i].summary));
}

static void
show_version (void)
{
  g_print ("zmqglib %d.%d.%d\n", ZMQGLIB_MAJOR_VERSION, ZMQGLIB_MINOR_VERSION, ZMQGLIB_MICRO_VERSION);
}

/* A socket that took the place of a standard stream would be written to. Writing to what is only open for reading
 * fails, as it does with what is not open. */
static void
fill_standard_streams (void)
{
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (fcntl (fd, F_GETFD) < 0 && open ("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
      _exit (TOOL_FAILED);
}

static int
run_command (int    argc,
             char **argv)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (argv[0], commands[i].name))
      {
        g_autofree char *name = g_strconcat ("zmqglib ", commands[i].name, NULL);

        g_set_prgname (name);
        tool_signals_init ();

        return commands[i].run (argc, argv);
      }

  /* Translators: a word that is no command */
  g_printerr (_ ("zmqglib: There is no command “%s”\n"), argv[0]);
  show_help (g_printerr);

  return TOOL_USAGE;
}

int
main (int   argc,
      char *argv[])
{
  fill_standard_streams ();
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  if (argc < 2)
    {
      show_help (g_printerr);
      return TOOL_USAGE;
    }

  if (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h") || g_str_equal (argv[1], "help"))
    show_help (g_print);
  else if (g_str_equal (argv[1], "--version"))
    show_version ();
  else
    return run_command (argc - 1, argv + 1);

  return TOOL_DONE;
}
