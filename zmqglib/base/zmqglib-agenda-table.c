/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-agenda-struct-private.h"

/* Which agendas there are: one for each main context and priority that somebody uses. */

static GCond       visit_ended;
static GHashTable *table; /* a set of those that are in use */

static guint
agenda_hash (gconstpointer key)
{
  const ZmqAgenda *self = key;

  return g_direct_hash (self->context) ^ (guint) self->priority;
}

static gboolean
agenda_equal (gconstpointer a,
              gconstpointer b)
{
  const ZmqAgenda *one = a;
  const ZmqAgenda *other = b;

  return one->context == other->context && one->priority == other->priority;
}

static gboolean
on_callback (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* A child's threads are others than its parent's, whatever their addresses. */
static void
forget_parents (ZmqAgenda *self)
{
  if (!zmqglib_fork_is_inherited (self->visited))
    return;

  self->visited = zmqglib_fork_generation;
  g_clear_pointer (&self->visitors, g_slist_free);
}

/* With the lock: a main context that is about to go waits for the end of the visit. */
static void
visit_begin (ZmqAgenda *self)
{
  forget_parents (self);
  self->visitors = g_slist_prepend (self->visitors, g_thread_self ());
}

static void
visit_end (ZmqAgenda *self)
{
  self->visitors = g_slist_remove (self->visitors, g_thread_self ());
  g_cond_broadcast (&visit_ended);
}

static gboolean
has_other_visitor (ZmqAgenda *self)
{
  for (GSList *l = self->visitors; l != NULL; l = l->next)
    if (l->data != g_thread_self ())
      return TRUE;

  return FALSE;
}

/* The source was destroyed, which is what its users do, or the main context is no more. What was
 * posted meanwhile is done now: nobody else can. Until then all belongs to this thread, and others still
 * post. */
static void
on_source_destroyed (gpointer data)
{
  ZmqAgenda *self = data;
  gboolean   is_used;

  g_mutex_lock (&zmqglib_fork_lock);
  forget_parents (self);
  while (has_other_visitor (self))
    g_cond_wait (&visit_ended, &zmqglib_fork_lock);
  is_used = self->n_users > 0;
  if (is_used)
    g_hash_table_remove (table, self);
  g_atomic_pointer_set (&self->heir, g_thread_self ());
  g_atomic_pointer_set (&self->context, NULL);
  g_mutex_unlock (&zmqglib_fork_lock);

  zmqglib_agenda_run_errands (self);
  if (is_used && self->driver != NULL)
    self->driver_funcs->lost (self->driver);
  while (zmqglib_agenda_queue_drop_first (&self->tellings))
    ;

  g_atomic_pointer_set (&self->heir, NULL);
  /* what was posted last of all, by who has not seen that */
  zmqglib_agenda_run_errands (self);
  zmqglib_agenda_unref (self);
}

static ZmqAgenda *
agenda_new (GMainContext *context,
            int           priority)
{
  ZmqAgenda *self = g_new0 (ZmqAgenda, 1);

  self->ref_count = 3; /* of the table, the source, and its callback */
  self->context = context;
  self->priority = priority;
  self->generation = zmqglib_fork_generation;
  self->visited = zmqglib_fork_generation;
  self->pace = zmqglib_pace_new ();
  zmqglib_wakeup_init (&self->wakeup);
  zmqglib_agenda_queue_init (&self->errands);
  zmqglib_agenda_queue_init (&self->tellings);

  self->source = g_source_new (&zmqglib_agenda_source_funcs, sizeof (ZmqAgendaSource));
  ((ZmqAgendaSource *) self->source)->agenda = self;
  g_source_set_static_name (self->source, "[zmqglib]");
  g_source_set_priority (self->source, priority);
  /* a handler that runs a nested loop must not freeze the others */
  g_source_set_can_recurse (self->source, TRUE);
  g_source_set_callback (self->source, on_callback, self, on_source_destroyed);
  if (self->wakeup.pollfd.fd >= 0)
    g_source_add_poll (self->source, &self->wakeup.pollfd);
  g_source_attach (self->source, context);

  return self;
}

/*
 * zmqglib_agenda_acquire:
 * @context: a main context, which the caller keeps alive meanwhile
 * @priority: the priority among the context's sources
 *
 * May be called from any thread.
 *
 * Returns: (transfer full): the agenda of that context and priority, to be released
 */
ZmqAgenda *
zmqglib_agenda_acquire (GMainContext *context,
                        int           priority)
{
  ZmqAgenda  key = { .context = context, .priority = priority };
  ZmqAgenda *self;

  g_mutex_lock (&zmqglib_fork_lock);

  if (table == NULL)
    table = g_hash_table_new (agenda_hash, agenda_equal);

  self = g_hash_table_lookup (table, &key);
  if (self == NULL)
    {
      self = agenda_new (context, priority);
      g_hash_table_add (table, self);
    }
  self->n_users++;
  g_atomic_int_inc (&self->ref_count);

  g_mutex_unlock (&zmqglib_fork_lock);

  return self;
}

/*
 * zmqglib_agenda_use:
 *
 * Returns: (transfer full): the agenda, to be released once more
 */
ZmqAgenda *
zmqglib_agenda_use (ZmqAgenda *self)
{
  g_mutex_lock (&zmqglib_fork_lock);
  self->n_users++;
  g_mutex_unlock (&zmqglib_fork_lock);

  return zmqglib_agenda_ref (self);
}

/*
 * zmqglib_agenda_release:
 *
 * Ends a use; without any the agenda's source leaves the main context, unless that is an orphan of this process's parent: there
 * it stays. May be called from any thread.
 */
void
zmqglib_agenda_release (ZmqAgenda *self)
{
  gboolean is_unused;

  g_mutex_lock (&zmqglib_fork_lock);
  is_unused = --self->n_users == 0 && !zmqglib_agenda_is_orphan (self);
  if (is_unused)
    visit_begin (self);
  if (is_unused && self->context != NULL)
    g_hash_table_remove (table, self);
  g_mutex_unlock (&zmqglib_fork_lock);

  if (is_unused)
    {
      g_source_destroy (self->source);
      g_mutex_lock (&zmqglib_fork_lock);
      visit_end (self);
      g_mutex_unlock (&zmqglib_fork_lock);
      g_source_unref (self->source);
      zmqglib_agenda_unref (self);
    }
  zmqglib_agenda_unref (self);
}

/*
 * zmqglib_agenda_wake_context:
 *
 * For want of a descriptor of the agenda's own. With the lock the main context is there.
 */
void
zmqglib_agenda_wake_context (ZmqAgenda *self)
{
  g_mutex_lock (&zmqglib_fork_lock);
  if (self->context != NULL)
    g_main_context_wakeup (self->context);
  g_mutex_unlock (&zmqglib_fork_lock);
}

/* Takes it, unless somebody runs the main context or there is nothing to do. The visit begins before, so that
 * the main context is there; whether it is still anybody's does not matter. */
static gboolean
visit (ZmqAgenda *self)
{
  gboolean may_visit;

  g_mutex_lock (&zmqglib_fork_lock);
  may_visit = self->n_users > 0 && self->context != NULL && !zmqglib_agenda_is_orphan (self) &&
              zmqglib_agenda_queue_get_length (&self->errands) > 0;
  if (may_visit)
    {
      visit_begin (self);
      self->n_users++;
      zmqglib_agenda_ref (self);
    }
  g_mutex_unlock (&zmqglib_fork_lock);

  return may_visit;
}

/* Does what there is to do, if it may, and ends the visit. */
static gboolean
attend (ZmqAgenda *self)
{
  gboolean is_owner = zmqglib_ownership_take (self->context);

  if (is_owner)
    {
      zmqglib_agenda_ensure_process (self);
      zmqglib_agenda_run_errands (self);
    }

  g_mutex_lock (&zmqglib_fork_lock);
  if (is_owner)
    zmqglib_ownership_give (self->context);
  visit_end (self);
  g_mutex_unlock (&zmqglib_fork_lock);
  zmqglib_agenda_release (self);

  return is_owner;
}

/*
 * zmqglib_agenda_hurry:
 *
 * Does what was posted, unless somebody runs the main context. May be called from any thread, by who has a
 * reference and no lock; the main context may be about to go.
 *
 * Returns: whether there was something to do
 */
gboolean
zmqglib_agenda_hurry (ZmqAgenda *self)
{
  gboolean has_done = FALSE;

  while (visit (self) && attend (self))
    has_done = TRUE;

  return has_done;
}

static GSList *
list_all (void)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&zmqglib_fork_lock);
  GHashTableIter                  iter;
  ZmqAgenda                      *self;
  GSList                         *all = NULL;

  if (table == NULL)
    return NULL;

  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, (gpointer *) &self, NULL))
    all = g_slist_prepend (all, zmqglib_agenda_ref (self));

  return all;
}

/*
 * zmqglib_agenda_run_unowned:
 *
 * Does what was posted to main contexts that nobody runs.
 */
void
zmqglib_agenda_run_unowned (void)
{
  gboolean has_done;

  do
    {
      GSList *all = list_all ();

      has_done = FALSE;
      for (GSList *l = all; l != NULL; l = l->next)
        has_done |= zmqglib_agenda_hurry (l->data);
      g_slist_free_full (all, (GDestroyNotify) zmqglib_agenda_unref);
    }
  while (has_done);
}
