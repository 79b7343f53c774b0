/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <zmq.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "poller/zmqglib-poller-private.h"
#include "socket/zmqglib-socket-private.h"

/**
 * ZmqPoller:
 *
 * Watches any number of sockets and file descriptors at once, as `zmq_poll ()` does, by itself or
 * in a main context.
 *
 * ```c
 * static void
 * on_ready (ZmqPoller   *poller,
 *           ZmqSocket   *socket,
 *           int          fd,
 *           GIOCondition condition,
 *           gpointer     user_data)
 * {
 *   g_autoptr (ZmqMessage) message = zmqglib_socket_try_receive (socket, NULL);
 * }
 *
 * poller = zmqglib_poller_new ();
 * zmqglib_poller_add_socket (poller, socket, G_IO_IN, on_ready, NULL, NULL, &error);
 * zmqglib_poller_wait (poller, G_TIME_SPAN_SECOND, NULL, &error); // microseconds
 * ```
 *
 * In Python:
 *
 * ```python
 * def on_ready(poller, socket, fd, condition):
 *     print(socket.try_receive()[0])
 *
 * pull, push = Zmq.Socket(Zmq.SocketType.PULL), Zmq.Socket(Zmq.SocketType.PUSH)
 * pull.bind('inproc://jobs')
 * push.connect('inproc://jobs')
 * push.send('a job')
 *
 * poller = Zmq.Poller()
 * poller.add_socket(pull, GLib.IOCondition.IN, on_ready)
 * poller.wait(1_000_000)  # microseconds
 * ```
 *
 * Each is added with a function that is called for as long as what was asked for is ready.
 * [method@Zmq.Poller.wait] waits for something to be ready and calls the functions;
 * [method@Zmq.Poller.create_source] lets a main context do it. What this costs does not grow with
 * the number of those that are idle.
 *
 * For sockets in a main context a [class@Zmq.Stream] is most often the better choice.
 *
 * A poller belongs to one thread, as its sockets do. The functions may do anything, also add and
 * remove. When a socket was closed, or its context shut down, the poller takes it out and calls its
 * function a last time, with %G_IO_NVAL or %G_IO_HUP.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (ZmqPoller, zmqglib_poller, G_TYPE_OBJECT)

#define SOCKET_CONDITIONS (G_IO_IN | G_IO_OUT)
#define FD_CONDITIONS     (G_IO_IN | G_IO_OUT | G_IO_PRI)

static gboolean
check_condition (GIOCondition condition,
                 GIOCondition allowed,
                 GError     **error)
{
  if ((condition & ~allowed) == 0)
    return TRUE;

  g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
               _ ("Could not watch for the condition 0x%x: Only 0x%x can be asked for"),
               condition, allowed);

  return FALSE;
}

/* May run in another thread than that of the poller and its sockets, which nobody uses any more for the
 * poller; but the sockets may be used for others, and then must not touch what is taken apart here. */
static void
zmqglib_poller_dispose (GObject *object)
{
  ZmqPoller      *self = ZMQGLIB_POLLER (object);
  GHashTableIter  iter;
  ZmqPollerEntry *entry;

  g_hash_table_iter_init (&iter, self->sockets);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &entry))
    zmqglib_poll_item_unwatch (entry->item);
  zmqglib_poll_set_ensure_process (&self->set);

  g_hash_table_remove_all (self->sockets);
  g_hash_table_remove_all (self->fds);

  G_OBJECT_CLASS (zmqglib_poller_parent_class)->dispose (object);
}

static void
zmqglib_poller_finalize (GObject *object)
{
  ZmqPoller *self = ZMQGLIB_POLLER (object);

  g_hash_table_unref (self->sockets);
  g_hash_table_unref (self->fds);
  zmqglib_poll_set_clear (&self->set);

  G_OBJECT_CLASS (zmqglib_poller_parent_class)->finalize (object);
}

static void
zmqglib_poller_class_init (ZmqPollerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = zmqglib_poller_dispose;
  object_class->finalize = zmqglib_poller_finalize;
}

static void
zmqglib_poller_init (ZmqPoller *self)
{
  zmqglib_poll_set_init (&self->set, NULL);
  self->sockets = g_hash_table_new_full (NULL, NULL, NULL, zmqglib_poller_entry_remove);
  self->fds = g_hash_table_new_full (NULL, NULL, NULL, zmqglib_poller_entry_remove);
}

/**
 * zmqglib_poller_new:
 *
 * Creates a poller that watches nothing yet. It is to be used by one thread.
 *
 * Returns: (transfer full): a new poller
 *
 * Since: 1.0
 */
ZmqPoller *
zmqglib_poller_new (void)
{
  return g_object_new (ZMQGLIB_TYPE_POLLER, NULL);
}

/**
 * zmqglib_poller_add_socket:
 * @self: a poller
 * @socket: an open socket that is not in the poller
 * @condition: what to watch for: %G_IO_IN, %G_IO_OUT, both, or nothing for now
 * @func: (nullable) (scope notified) (closure user_data) (destroy destroy): called for as long as it is
 *   ready; without one, it only ends [method@Zmq.Poller.wait], which does not count it
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 * @error: return location for an error
 *
 * Adds a socket.
 *
 * Fails with %ZMQGLIB_ERROR_INVALID_ARGUMENT when it is in the poller already or when something
 * else is asked for, and with %ZMQGLIB_ERROR_CLOSED when it is closed. Then @destroy is not
 * called.
 *
 * Returns: %TRUE when added, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
zmqglib_poller_add_socket (ZmqPoller     *self,
                           ZmqSocket     *socket,
                           GIOCondition   condition,
                           ZmqPollerFunc  func,
                           gpointer       user_data,
                           GDestroyNotify destroy,
                           GError       **error)
{
  ZmqPollerEntry *entry;

  g_return_val_if_fail (ZMQGLIB_IS_POLLER (self), FALSE);
  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (socket), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_condition (condition, SOCKET_CONDITIONS, error) ||
      !zmqglib_socket_core_check_open (socket->core, _ ("Could not add a socket to a poller"), error))
    return FALSE;

  if (g_hash_table_contains (self->sockets, socket))
    {
      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                   /* Translators: a type of socket, as “pull” */
                   _ ("Could not add a “%s” socket to a poller: It is in it already"),
                   zmqglib_socket_core_get_type_nick (socket->core));
      return FALSE;
    }

  entry = zmqglib_poller_entry_new (self, condition, func, user_data, destroy);
  entry->socket = g_object_ref (socket);
  entry->item = zmqglib_poll_set_add_socket (&self->set, socket->core, FALSE, &zmqglib_poller_entry_funcs, entry);
  g_hash_table_insert (self->sockets, socket, entry);

  return TRUE;
}

/**
 * zmqglib_poller_add_fd:
 * @self: a poller
 * @fd: an open file descriptor that is not in the poller
 * @condition: what to watch for: any of %G_IO_IN, %G_IO_OUT and %G_IO_PRI, or nothing for now
 * @func: (nullable) (scope notified) (closure user_data) (destroy destroy): called for as long as it is
 *   ready; without one, it only ends [method@Zmq.Poller.wait], which does not count it
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 * @error: return location for an error
 *
 * Adds a file descriptor. It has to be removed before it is closed.
 *
 * Fails with %ZMQGLIB_ERROR_INVALID_ARGUMENT when it is in the poller already, is not an open
 * descriptor, or when something else is asked for. Then @destroy is not called.
 *
 * Returns: %TRUE when added, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
zmqglib_poller_add_fd (ZmqPoller     *self,
                       int            fd,
                       GIOCondition   condition,
                       ZmqPollerFunc  func,
                       gpointer       user_data,
                       GDestroyNotify destroy,
                       GError       **error)
{
  ZmqPollerEntry *entry;

  g_return_val_if_fail (ZMQGLIB_IS_POLLER (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_condition (condition, FD_CONDITIONS, error))
    return FALSE;

  if (fcntl (fd, F_GETFD) < 0)
    {
      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                   _ ("Could not add the file descriptor %d to a poller: %s"),
                   fd, g_strerror (errno));
      return FALSE;
    }

  if (g_hash_table_contains (self->fds, GINT_TO_POINTER (fd)))
    {
      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                   _ ("Could not add the file descriptor %d to a poller: It is in it already"), fd);
      return FALSE;
    }

  entry = zmqglib_poller_entry_new (self, condition, func, user_data, destroy);
  entry->fd = fd;
  entry->item = zmqglib_poll_set_add_fd (&self->set, fd, &zmqglib_poller_entry_funcs, entry);
  g_hash_table_insert (self->fds, GINT_TO_POINTER (fd), entry);

  return TRUE;
}

static ZmqPollerEntry *
find_socket (ZmqPoller *self,
             ZmqSocket *socket,
             GError   **error)
{
  ZmqPollerEntry *entry = g_hash_table_lookup (self->sockets, socket);

  if (entry == NULL)
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_NOT_FOUND,
                 /* Translators: a type of socket, as “pull” */
                 _ ("There is no such “%s” socket in the poller"),
                 zmqglib_socket_core_get_type_nick (socket->core));

  return entry;
}

static ZmqPollerEntry *
find_fd (ZmqPoller *self,
         int        fd,
         GError   **error)
{
  ZmqPollerEntry *entry = g_hash_table_lookup (self->fds, GINT_TO_POINTER (fd));

  if (entry == NULL)
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_NOT_FOUND,
                 _ ("There is no file descriptor %d in the poller"), fd);

  return entry;
}

/**
 * zmqglib_poller_modify_socket:
 * @self: a poller
 * @socket: a socket that is in the poller
 * @condition: what to watch for from now on
 * @error: return location for an error
 *
 * Changes what a socket is watched for.
 *
 * Fails with %ZMQGLIB_ERROR_NOT_FOUND when it is not in the poller.
 *
 * Returns: %TRUE when changed, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
zmqglib_poller_modify_socket (ZmqPoller   *self,
                              ZmqSocket   *socket,
                              GIOCondition condition,
                              GError     **error)
{
  ZmqPollerEntry *entry;

  g_return_val_if_fail (ZMQGLIB_IS_POLLER (self), FALSE);
  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (socket), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_condition (condition, SOCKET_CONDITIONS, error))
    return FALSE;

  entry = find_socket (self, socket, error);
  if (entry == NULL)
    return FALSE;

  entry->condition = condition;
  zmqglib_poll_item_changed (entry->item);

  return TRUE;
}

/**
 * zmqglib_poller_modify_fd:
 * @self: a poller
 * @fd: a file descriptor that is in the poller
 * @condition: what to watch for from now on
 * @error: return location for an error
 *
 * Changes what a file descriptor is watched for.
 *
 * Fails with %ZMQGLIB_ERROR_NOT_FOUND when it is not in the poller.
 *
 * Returns: %TRUE when changed, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
zmqglib_poller_modify_fd (ZmqPoller   *self,
                          int          fd,
                          GIOCondition condition,
                          GError     **error)
{
  ZmqPollerEntry *entry;

  g_return_val_if_fail (ZMQGLIB_IS_POLLER (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_condition (condition, FD_CONDITIONS, error))
    return FALSE;

  entry = find_fd (self, fd, error);
  if (entry == NULL)
    return FALSE;

  entry->condition = condition;
  zmqglib_poll_item_changed (entry->item);

  return TRUE;
}

/* What is freed with the entry may be what keeps the poller. */
static void
remove_entry (ZmqPoller    *self,
              GHashTable   *entries,
              gconstpointer key)
{
  g_object_ref (self);
  g_hash_table_remove (entries, key);
  g_object_unref (self);
}

/**
 * zmqglib_poller_remove_socket:
 * @self: a poller
 * @socket: a socket that is in the poller
 * @error: return location for an error
 *
 * Removes a socket, also from within its own function, which is not called any more.
 *
 * Fails with %ZMQGLIB_ERROR_NOT_FOUND when it is not in the poller.
 *
 * Returns: %TRUE when removed, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
zmqglib_poller_remove_socket (ZmqPoller *self,
                              ZmqSocket *socket,
                              GError   **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_POLLER (self), FALSE);
  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (socket), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (find_socket (self, socket, error) == NULL)
    return FALSE;

  remove_entry (self, self->sockets, socket);

  return TRUE;
}

/**
 * zmqglib_poller_remove_fd:
 * @self: a poller
 * @fd: a file descriptor that is in the poller
 * @error: return location for an error
 *
 * Removes a file descriptor, also from within its own function, which is not called any more.
 *
 * Fails with %ZMQGLIB_ERROR_NOT_FOUND when it is not in the poller.
 *
 * Returns: %TRUE when removed, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
zmqglib_poller_remove_fd (ZmqPoller *self,
                          int        fd,
                          GError   **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_POLLER (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (find_fd (self, fd, error) == NULL)
    return FALSE;

  remove_entry (self, self->fds, GINT_TO_POINTER (fd));

  return TRUE;
}
