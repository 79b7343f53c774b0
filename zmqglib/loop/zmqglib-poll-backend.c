/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <unistd.h>

#ifdef HAVE_EPOLL
#include <sys/epoll.h>
#endif

#include "loop/zmqglib-poll-backend-private.h"

/* How many signalled descriptors are taken at once. The others are still signalled the next time,
 * and the kernel tells them in turn. */
#define MAX_EVENTS 256

#ifdef HAVE_EPOLL

G_STATIC_ASSERT (EPOLLIN == (int) G_IO_IN && EPOLLOUT == (int) G_IO_OUT);
G_STATIC_ASSERT (EPOLLPRI == (int) G_IO_PRI && EPOLLERR == (int) G_IO_ERR);
G_STATIC_ASSERT (EPOLLHUP == (int) G_IO_HUP);

static void
epoll_init (ZmqPollBackend *self)
{
  /* without a descriptor for it, everything is polled one by one */
  self->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
}

static gboolean
epoll_control (ZmqPollBackend *self,
               int             operation,
               ZmqPollFD      *fd)
{
  struct epoll_event event = { .events = fd->pollfd.events, .data.ptr = fd };

  return self->epoll_fd >= 0 && epoll_ctl (self->epoll_fd, operation, fd->pollfd.fd, &event) == 0;
}

static gboolean
epoll_add (ZmqPollBackend *self,
           ZmqPollFD      *fd)
{
  return epoll_control (self, EPOLL_CTL_ADD, fd);
}

static void
epoll_modify (ZmqPollBackend *self,
              ZmqPollFD      *fd)
{
  epoll_control (self, EPOLL_CTL_MOD, fd);
}

static void
epoll_remove (ZmqPollBackend *self,
              ZmqPollFD      *fd)
{
  epoll_control (self, EPOLL_CTL_DEL, fd);
}

static void
epoll_collect (ZmqPollBackend *self,
               ZmqPollFDFunc   signalled)
{
  struct epoll_event events[MAX_EVENTS];
  int                n_events = epoll_wait (self->epoll_fd, events, MAX_EVENTS, 0);

  for (int i = 0; i < n_events; i++)
    {
      ZmqPollFD *fd = events[i].data.ptr;

      fd->pollfd.revents = events[i].events;
      signalled (fd);
      fd->pollfd.revents = 0;
    }
}

#else /* !HAVE_EPOLL */

static void
epoll_init (ZmqPollBackend *self)
{
  self->epoll_fd = -1;
}

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

#endif /* !HAVE_EPOLL */

void
zmqglib_poll_backend_init (ZmqPollBackend *self)
{
  epoll_init (self);
  self->epoll_pollfd = (GPollFD){ .fd = self->epoll_fd, .events = G_IO_IN };
  self->epoll_members = g_hash_table_new (NULL, NULL);
  self->sources = g_ptr_array_new ();
  g_queue_init (&self->singles);
}

void
zmqglib_poll_backend_clear (ZmqPollBackend *self)
{
  if (self->epoll_fd >= 0)
    close (self->epoll_fd);

  g_hash_table_unref (self->epoll_members);
  g_ptr_array_unref (self->sources);
}

/*
 * zmqglib_poll_backend_add:
 * @fd: a descriptor with what it is watched for; it stays in its place until it is removed
 *
 * The first few are polled by themselves, which for them is faster: who waits for an epoll set is
 * woken on a longer way, and then has to ask it. So are those that epoll refuses: regular files,
 * which are always ready, and a descriptor that it already has.
 */
void
zmqglib_poll_backend_add (ZmqPollBackend *self,
                          ZmqPollFD      *fd)
{
  fd->pollfd.revents = 0;
  fd->in_epoll = self->singles.length + 1 > MAX_DIRECT && epoll_add (self, fd);

  if (fd->in_epoll)
    {
      g_hash_table_insert (self->epoll_members, GINT_TO_POINTER (fd->pollfd.fd), fd);
      return;
    }

  fd->link = (GList){ .data = fd };
  g_queue_push_tail_link (&self->singles, &fd->link);
  for (guint i = 0; i < self->sources->len; i++)
    {
      GSource *source = g_ptr_array_index (self->sources, i);

      if (!g_source_is_destroyed (source))
        g_source_add_poll (source, &fd->pollfd);
    }
}

void
zmqglib_poll_backend_modify (ZmqPollBackend *self,
                             ZmqPollFD      *fd,
                             GIOCondition    condition)
{
  if (fd->pollfd.events == condition)
    return;

  fd->pollfd.events = condition;
  if (fd->in_epoll)
    epoll_modify (self, fd);
}

void
zmqglib_poll_backend_remove (ZmqPollBackend *self,
                             ZmqPollFD      *fd)
{
  gpointer key = GINT_TO_POINTER (fd->pollfd.fd);

  if (!fd->in_epoll)
    {
      g_queue_unlink (&self->singles, &fd->link);
      for (guint i = 0; i < self->sources->len; i++)
        {
          GSource *source = g_ptr_array_index (self->sources, i);

          if (!g_source_is_destroyed (source))
            g_source_remove_poll (source, &fd->pollfd);
        }
    }
  else if (g_hash_table_lookup (self->epoll_members, key) == fd)
    {
      epoll_remove (self, fd);
      g_hash_table_remove (self->epoll_members, key);
    }
  /* else it was closed behind our back, and its number has come to another member since */
}

/*
 * zmqglib_poll_backend_collect:
 * @polled: whether the sources have just polled
 * @signalled: called for each descriptor that is signalled
 *
 * Finds out who is signalled, without waiting.
 */
void
zmqglib_poll_backend_collect (ZmqPollBackend *self,
                              gboolean        polled,
                              ZmqPollFDFunc   signalled)
{
  if (g_hash_table_size (self->epoll_members) > 0 &&
      (!polled || self->epoll_pollfd.revents != 0))
    epoll_collect (self, signalled);
  self->epoll_pollfd.revents = 0;

  for (GList *l = self->singles.head; l != NULL; l = l->next)
    {
      ZmqPollFD *fd = l->data;

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
  g_ptr_array_add (self->sources, source);

  if (self->epoll_fd >= 0)
    g_source_add_poll (source, &self->epoll_pollfd);
  for (GList *l = self->singles.head; l != NULL; l = l->next)
    g_source_add_poll (source, &((ZmqPollFD *) l->data)->pollfd);
}

void
zmqglib_poll_backend_detach (ZmqPollBackend *self,
                             GSource        *source)
{
  g_ptr_array_remove_fast (self->sources, source);
}

/*
 * zmqglib_poll_backend_wake:
 *
 * Keeps the contexts that poll for the back end from blocking, or ends it.
 */
void
zmqglib_poll_backend_wake (ZmqPollBackend *self)
{
  for (guint i = 0; i < self->sources->len; i++)
    {
      GSource *source = g_ptr_array_index (self->sources, i);

      if (!g_source_is_destroyed (source) && g_source_get_context (source) != NULL)
        g_main_context_wakeup (g_source_get_context (source));
    }
}

/*
 * zmqglib_poll_backend_poll:
 * @extra: (nullable): another descriptor to wait for
 * @timeout_ms: how long to wait at most, in milliseconds, or -1
 *
 * Polls without any source, for those who wait outside of a main context.
 */
void
zmqglib_poll_backend_poll (ZmqPollBackend *self,
                           GPollFD        *extra,
                           int             timeout_ms)
{
  g_autofree GPollFD *fds = g_new (GPollFD, self->singles.length + 2);
  guint               n_singles = 0;
  guint               n_fds;

  for (GList *l = self->singles.head; l != NULL; l = l->next)
    fds[n_singles++] = ((ZmqPollFD *) l->data)->pollfd;

  n_fds = n_singles;
  if (self->epoll_fd >= 0)
    fds[n_fds++] = self->epoll_pollfd;
  if (extra != NULL)
    fds[n_fds++] = *extra;

  if (g_poll (fds, n_fds, timeout_ms) <= 0)
    return;

  for (GList *l = self->singles.tail; l != NULL; l = l->prev)
    ((ZmqPollFD *) l->data)->pollfd.revents = fds[--n_singles].revents;
  if (self->epoll_fd >= 0)
    self->epoll_pollfd.revents = fds[self->singles.length].revents;
}
