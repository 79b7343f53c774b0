/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* for dup3 () */
#define _GNU_SOURCE

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#ifdef HAVE_EPOLL
#include <sys/epoll.h>
#endif

#include "base/zmqglib-debug-private.h"
#include "base/zmqglib-source-private.h"
#include "loop/zmqglib-poll-backend-private.h"

/* What goes into the kernel is a number that is looked up: a descriptor may be closed behind our back,
 * while a duplicate lives in this process or in a child, and epoll then goes on telling of what nobody
 * here has any more. That cannot be taken out of an epoll set, so the set is built anew. */

/* How many signalled descriptors are taken at once. The others are still signalled the next time,
 * and the kernel tells them in turn. */
#define MAX_EVENTS 256

/* A source may be destroyed in any thread, and some time passes until GLib has taken what it polls for out of the
 * main context. That is there as long as the source is in the list. A pointer is taken out twice without harm. */
static void
forget_destroyed (GSource *source,
                  GPollFD *pollfd)
{
  GMainContext *context = g_atomic_pointer_get (&source->context);

  if (!zmqglib_source_is_in_use (source) && context != NULL)
    g_main_context_remove_poll (context, pollfd);
}

/*
 * zmqglib_poll_backend_include:
 *
 * Lets the sources poll for something else, too, until zmqglib_poll_backend_exclude().
 */
void
zmqglib_poll_backend_include (ZmqPollBackend *self,
                              GPollFD        *pollfd)
{
  zmqglib_lock_take (&self->lock);
  for (guint i = 0; i < self->sources->len; i++)
    {
      GSource *source = g_ptr_array_index (self->sources, i);

      if (zmqglib_source_is_in_use (source))
        g_source_add_poll (source, pollfd);
      forget_destroyed (source, pollfd);
    }
  zmqglib_lock_give (&self->lock);
}

void
zmqglib_poll_backend_exclude (ZmqPollBackend *self,
                              GPollFD        *pollfd)
{
  zmqglib_lock_take (&self->lock);
  for (guint i = 0; i < self->sources->len; i++)
    {
      GSource *source = g_ptr_array_index (self->sources, i);

      if (zmqglib_source_is_in_use (source))
        g_source_remove_poll (source, pollfd);
      forget_destroyed (source, pollfd);
    }
  zmqglib_lock_give (&self->lock);
}

#ifdef HAVE_EPOLL

G_STATIC_ASSERT (EPOLLIN == (int) G_IO_IN && EPOLLOUT == (int) G_IO_OUT);
G_STATIC_ASSERT (EPOLLPRI == (int) G_IO_PRI && EPOLLERR == (int) G_IO_ERR);
G_STATIC_ASSERT (EPOLLHUP == (int) G_IO_HUP);

static gboolean
epoll_control (ZmqPollBackend *self,
               int             operation,
               ZmqPollFD      *fd)
{
  struct epoll_event event = { .events = fd->pollfd.events, .data.u64 = fd->id };

  return !self->inherited && epoll_ctl (self->epoll_pollfd.fd, operation, fd->pollfd.fd, &event) == 0;
}

/* Without a descriptor for the set, everything is polled one by one. */
static gboolean
ensure_epoll (ZmqPollBackend *self)
{
  if (self->epoll_pollfd.fd >= 0)
    return TRUE;

  self->epoll_pollfd.fd = epoll_create1 (EPOLL_CLOEXEC);
  if (self->epoll_pollfd.fd < 0)
    {
      zmqglib_debug ("Sockets are polled one by one: %s", g_strerror (errno));
      return FALSE;
    }

  zmqglib_poll_backend_include (self, &self->epoll_pollfd);

  return TRUE;
}

/* A number that was left behind by a descriptor that was closed is taken over. */
static gboolean
epoll_register (ZmqPollBackend *self,
                ZmqPollFD      *fd)
{
  return epoll_control (self, EPOLL_CTL_ADD, fd) ||
         (errno == EEXIST && epoll_control (self, EPOLL_CTL_MOD, fd));
}

/* Whether the set has that very file by that number for another member, which two who watch one socket
 * have in common. */
static gboolean
is_taken (ZmqPollBackend *self,
          ZmqPollFD      *fd)
{
  struct epoll_event event;
  ZmqPollFD         *other = g_hash_table_lookup (self->numbers, GINT_TO_POINTER (fd->pollfd.fd));

  if (other == NULL)
    return FALSE;

  event = (struct epoll_event){ .events = other->pollfd.events, .data.u64 = other->id };

  return epoll_ctl (self->epoll_pollfd.fd, EPOLL_CTL_MOD, fd->pollfd.fd, &event) == 0;
}

static gboolean
epoll_add (ZmqPollBackend *self,
           ZmqPollFD      *fd)
{
  ZmqPollFD *stale;

  if (!ensure_epoll (self) || is_taken (self, fd))
    return FALSE;

  do
    fd->id = ++self->last_id;
  while (fd->id == 0 || g_hash_table_contains (self->members, GUINT_TO_POINTER (fd->id)));

  if (!epoll_register (self, fd))
    return FALSE;

  stale = g_hash_table_lookup (self->numbers, GINT_TO_POINTER (fd->pollfd.fd));
  if (stale != NULL)
    g_hash_table_remove (self->members, GUINT_TO_POINTER (stale->id));

  g_hash_table_insert (self->members, GUINT_TO_POINTER (fd->id), fd);
  g_hash_table_insert (self->numbers, GINT_TO_POINTER (fd->pollfd.fd), fd);

  return TRUE;
}

static gboolean
is_member (ZmqPollBackend *self,
           ZmqPollFD      *fd)
{
  return g_hash_table_lookup (self->members, GUINT_TO_POINTER (fd->id)) == fd;
}

static void
epoll_modify (ZmqPollBackend *self,
              ZmqPollFD      *fd)
{
  if (is_member (self, fd) && !epoll_control (self, EPOLL_CTL_MOD, fd))
    zmqglib_poll_backend_renew (self);
}

static void
epoll_remove (ZmqPollBackend *self,
              ZmqPollFD      *fd)
{
  if (!is_member (self, fd))
    return;

  epoll_control (self, EPOLL_CTL_DEL, fd);
  g_hash_table_remove (self->members, GUINT_TO_POINTER (fd->id));
  g_hash_table_remove (self->numbers, GINT_TO_POINTER (fd->pollfd.fd));
}

/* Whether what is signalled is what has that number now. */
static gboolean
is_current (ZmqPollBackend *self,
            ZmqPollFD      *fd)
{
  return !fd->is_foreign || self->inherited || epoll_control (self, EPOLL_CTL_MOD, fd);
}

static void
epoll_collect (ZmqPollBackend *self,
               ZmqPollFDFunc   signalled)
{
  struct epoll_event events[MAX_EVENTS];
  int                n_events = epoll_wait (self->epoll_pollfd.fd, events, MAX_EVENTS, 0);
  gboolean           has_strays = FALSE;

  for (int i = 0; i < n_events; i++)
    {
      ZmqPollFD *fd = g_hash_table_lookup (self->members, GUINT_TO_POINTER ((guint) events[i].data.u64));

      if (fd == NULL || !is_current (self, fd))
        {
          has_strays = TRUE;
          continue;
        }

      fd->pollfd.revents = events[i].events;
      signalled (fd);
      fd->pollfd.revents = 0;
    }

  if (has_strays)
    zmqglib_poll_backend_renew (self);
}

/*
 * zmqglib_poll_backend_renew:
 *
 * Builds the epoll set anew, in the place of the old one.
 */
void
zmqglib_poll_backend_renew (ZmqPollBackend *self)
{
  GHashTableIter iter;
  ZmqPollFD     *fd;
  int            epoll_fd;

  self->inherited = FALSE;
  if (self->epoll_pollfd.fd < 0)
    return;

  epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (epoll_fd < 0)
    return;
  dup3 (epoll_fd, self->epoll_pollfd.fd, O_CLOEXEC);
  close (epoll_fd);

  g_hash_table_iter_init (&iter, self->members);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &fd))
    epoll_control (self, EPOLL_CTL_ADD, fd);
}

#else /* !HAVE_EPOLL */

static gboolean
epoll_add (ZmqPollBackend *self,
           ZmqPollFD      *fd)
{
  return FALSE;
}

static void
epoll_modify (ZmqPollBackend *self,
              ZmqPollFD      *fd)
{
}

static void
epoll_remove (ZmqPollBackend *self,
              ZmqPollFD      *fd)
{
}

static void
epoll_collect (ZmqPollBackend *self,
               ZmqPollFDFunc   signalled)
{
}

void
zmqglib_poll_backend_renew (ZmqPollBackend *self)
{
  self->inherited = FALSE;
}

#endif /* !HAVE_EPOLL */

void
zmqglib_poll_backend_init (ZmqPollBackend *self)
{
  self->epoll_pollfd = (GPollFD){ .fd = -1, .events = G_IO_IN };
  self->members = g_hash_table_new (NULL, NULL);
  self->numbers = g_hash_table_new (NULL, NULL);
  self->sources = g_ptr_array_new ();
  g_queue_init (&self->singles);
  zmqglib_lock_init (&self->lock);
}

void
zmqglib_poll_backend_clear (ZmqPollBackend *self)
{
  if (self->epoll_pollfd.fd >= 0)
    close (self->epoll_pollfd.fd);

  g_hash_table_unref (self->members);
  g_hash_table_unref (self->numbers);
  g_ptr_array_unref (self->sources);
  zmqglib_lock_clear (&self->lock);
}

/*
 * zmqglib_poll_backend_inherit:
 *
 * The epoll set is the parent's, and only looked at from now on, until it is made anew.
 */
void
zmqglib_poll_backend_inherit (ZmqPollBackend *self)
{
  self->inherited = TRUE;
}

/* The first few are polled by themselves, which for them is faster: who waits for an epoll set is woken on
 * a longer way, and then has to ask it. So are those that epoll refuses: regular files, which are always
 * ready, and a descriptor that it already has. */
static void
watch (ZmqPollBackend *self,
       ZmqPollFD      *fd)
{
  fd->pollfd.revents = 0;
  fd->in_epoll = self->singles.length + 1 > MAX_DIRECT && epoll_add (self, fd);
  if (fd->in_epoll)
    return;

  fd->link = (GList){ .data = fd };
  g_queue_push_tail_link (&self->singles, &fd->link);
  zmqglib_poll_backend_include (self, &fd->pollfd);
}

static void
unwatch (ZmqPollBackend *self,
         ZmqPollFD      *fd)
{
  if (fd->in_epoll)
    {
      epoll_remove (self, fd);
      return;
    }

  g_queue_unlink (&self->singles, &fd->link);
  zmqglib_poll_backend_exclude (self, &fd->pollfd);
}

/*
 * zmqglib_poll_backend_add:
 * @fd: a descriptor with what it is watched for; it stays in its place until it is removed
 */
void
zmqglib_poll_backend_add (ZmqPollBackend *self,
                          ZmqPollFD      *fd)
{
  if (fd->pollfd.events != 0)
    watch (self, fd);
}

void
zmqglib_poll_backend_modify (ZmqPollBackend *self,
                             ZmqPollFD      *fd,
                             GIOCondition    condition)
{
  GIOCondition old_condition = fd->pollfd.events;

  if (old_condition == condition)
    return;

  if (condition == 0)
    unwatch (self, fd);
  fd->pollfd.events = condition;
  if (old_condition == 0)
    watch (self, fd);
  else if (condition != 0 && fd->in_epoll)
    epoll_modify (self, fd);
}

void
zmqglib_poll_backend_remove (ZmqPollBackend *self,
                             ZmqPollFD      *fd)
{
  if (fd->pollfd.events != 0)
    unwatch (self, fd);
}

/*
 * zmqglib_poll_backend_collect:
 * @polled: whether the sources have just polled
 * @signalled: called for each descriptor that is signalled; it may modify it
 *
 * Finds out who is signalled, without waiting.
 */
void
zmqglib_poll_backend_collect (ZmqPollBackend *self,
                              gboolean        polled,
                              ZmqPollFDFunc   signalled)
{
  GList *next;

  if (g_hash_table_size (self->members) > 0 && (!polled || self->epoll_pollfd.revents != 0))
    epoll_collect (self, signalled);
  else if (self->epoll_pollfd.revents != 0)
    zmqglib_poll_backend_renew (self);
  self->epoll_pollfd.revents = 0;

  for (GList *l = self->singles.head; l != NULL; l = next)
    {
      ZmqPollFD *fd = l->data;

      next = l->next;
      if (fd->pollfd.revents != 0)
        signalled (fd);
      fd->pollfd.revents = 0;
    }
}

/*
 * zmqglib_poll_backend_attach:
 * @source: a source that lets its context poll for the back end from now on
 */
void
zmqglib_poll_backend_attach (ZmqPollBackend *self,
                             GSource        *source)
{
  zmqglib_lock_take (&self->lock);
  g_ptr_array_add (self->sources, source);

  if (self->epoll_pollfd.fd >= 0)
    g_source_add_poll (source, &self->epoll_pollfd);
  for (GList *l = self->singles.head; l != NULL; l = l->next)
    g_source_add_poll (source, &((ZmqPollFD *) l->data)->pollfd);
  zmqglib_lock_give (&self->lock);
}

/*
 * zmqglib_poll_backend_detach:
 *
 * The source leaves its main context. May be called from any thread.
 */
void
zmqglib_poll_backend_detach (ZmqPollBackend *self,
                             GSource        *source)
{
  zmqglib_lock_take (&self->lock);
  g_ptr_array_remove_fast (self->sources, source);
  zmqglib_lock_give (&self->lock);
}

/*
 * zmqglib_poll_backend_poll:
 * @extras: other descriptors to wait for
 * @timeout_ms: how long to wait at most, in milliseconds, or -1
 *
 * Polls without any source, for those who wait outside of a main context.
 */
void
zmqglib_poll_backend_poll (ZmqPollBackend *self,
                           GPollFD       **extras,
                           guint           n_extras,
                           int             timeout_ms)
{
  g_autofree GPollFD *fds = g_new (GPollFD, self->singles.length + n_extras + 1);
  GPollFD            *next = fds;

  for (GList *l = self->singles.head; l != NULL; l = l->next)
    *next++ = ((ZmqPollFD *) l->data)->pollfd;
  for (guint i = 0; i < n_extras; i++)
    *next++ = *extras[i];
  if (self->epoll_pollfd.fd >= 0)
    *next++ = self->epoll_pollfd;

  if (g_poll (fds, next - fds, timeout_ms) <= 0)
    return;

  next = fds;
  for (GList *l = self->singles.head; l != NULL; l = l->next)
    ((ZmqPollFD *) l->data)->pollfd.revents = next++->revents;
  for (guint i = 0; i < n_extras; i++)
    extras[i]->revents = next++->revents;
  if (self->epoll_pollfd.fd >= 0)
    self->epoll_pollfd.revents = next->revents;
}
