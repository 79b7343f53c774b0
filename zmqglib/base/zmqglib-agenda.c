/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-agenda-private.h"
#include "base/zmqglib-fork-private.h"
#include "base/zmqglib-wakeup-private.h"

/*
 * What belongs to a main context is touched only by the thread that owns the main context. Whoever
 * does not, acquires it for the moment, or posts what is to be done: an errand, which runs no foreign
 * code, so that it may be done in the middle of any call of the library, by the first who can.
 * Foreign code is what tellings are for: these wait until the source is dispatched, and everything
 * is consistent. One at a time is taken off the queue, so that a main loop that is run by one of them
 * goes on with those behind it.
 */

typedef struct _ZmqAgendaEntry ZmqAgendaEntry;
struct _ZmqAgendaEntry
{
  ZmqAgendaEntry *next;
  ZmqAgendaFunc   func;
  gpointer        data;
};

typedef struct
{
  ZmqAgendaEntry *first;
  ZmqAgendaEntry *last;
  int             length; /* written under the lock, and read atomically without */
} ZmqAgendaQueue;

struct _ZmqAgenda
{
  int           ref_count; /* atomic */
  int           n_users;   /* under the lock of the table */
  GThread      *visitor;
  GMainContext *context; /* not owned; NULL when it is no more, or the source has left it */
  int           priority;
  GSource      *source;
  ZmqPace      *pace;
  guint         generation;
  ZmqWakeup     wakeup;

  GMutex         lock; /* of the queues */
  ZmqAgendaQueue errands;
  ZmqAgendaQueue tellings;

  GTree *deadlines; /* of ZmqDeadline, the earliest first; or NULL */

  const ZmqAgendaDriverFuncs *driver_funcs;
  gpointer                    driver;
};

typedef struct
{
  GSource    source;
  ZmqAgenda *agenda;
} ZmqAgendaSource;

static GMutex      table_lock;
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

static void
push (ZmqAgenda      *self,
      ZmqAgendaQueue *queue,
      ZmqAgendaFunc   func,
      gpointer        data)
{
  ZmqAgendaEntry *entry = g_new (ZmqAgendaEntry, 1);

  *entry = (ZmqAgendaEntry){ .func = func, .data = data };

  g_mutex_lock (&self->lock);
  if (queue->last != NULL)
    queue->last->next = entry;
  else
    queue->first = entry;
  queue->last = entry;
  g_atomic_int_set (&queue->length, queue->length + 1);
  g_mutex_unlock (&self->lock);
}

/* Takes the first entry out and calls it. */
static gboolean
call_first (ZmqAgenda      *self,
            ZmqAgendaQueue *queue)
{
  ZmqAgendaEntry *entry;

  g_mutex_lock (&self->lock);
  entry = queue->first;
  if (entry != NULL)
    {
      queue->first = entry->next;
      if (queue->first == NULL)
        queue->last = NULL;
      g_atomic_int_set (&queue->length, queue->length - 1);
    }
  g_mutex_unlock (&self->lock);

  if (entry == NULL)
    return FALSE;

  entry->func (entry->data);
  g_free (entry);

  return TRUE;
}

static inline void
run_errands (ZmqAgenda *self)
{
  while (g_atomic_int_get (&self->errands.length) > 0 && call_first (self, &self->errands))
    ;
}

static ZmqDeadline *
get_earliest (ZmqAgenda *self)
{
  GTreeNode *node = self->deadlines != NULL ? g_tree_node_first (self->deadlines) : NULL;

  return node != NULL ? g_tree_node_key (node) : NULL;
}

/* Does what is due, and says in how many milliseconds the next will be, or -1. */
static int
run_due (ZmqAgenda *self)
{
  ZmqDeadline *deadline = get_earliest (self);
  gint64       now;

  if (deadline == NULL)
    return -1;

  now = g_get_monotonic_time ();
  while (deadline != NULL && deadline->time <= now)
    {
      zmqglib_agenda_remove_deadline (self, deadline);
      deadline->func (deadline);
      deadline = get_earliest (self);
    }

  return deadline != NULL ? (int) MIN ((deadline->time - now + 999) / 1000, G_MAXINT) : -1;
}

/* What a child has of its parent's agenda is its memory; all that is shared is made anew. */
static void
renew (ZmqAgenda *self)
{
  self->generation = zmqglib_fork_generation;
  if (self->wakeup.pollfd.fd >= 0)
    g_source_remove_poll (self->source, &self->wakeup.pollfd);
  zmqglib_wakeup_clear (&self->wakeup);
  zmqglib_wakeup_init (&self->wakeup);
  if (self->wakeup.pollfd.fd >= 0)
    g_source_add_poll (self->source, &self->wakeup.pollfd);

  if (self->driver != NULL)
    self->driver_funcs->forked (self->driver);
}

static inline void
ensure_process (ZmqAgenda *self)
{
  if (zmqglib_fork_is_inherited (self->generation))
    renew (self);
}

static gboolean
zmqglib_agenda_source_prepare (GSource *source,
                               int     *timeout)
{
  ZmqAgenda *self = ((ZmqAgendaSource *) source)->agenda;
  gboolean   is_ready;

  ensure_process (self);
  run_errands (self);
  *timeout = run_due (self);

  is_ready = self->driver != NULL && self->driver_funcs->prepare (self->driver);
  is_ready |= g_atomic_int_get (&self->tellings.length) > 0;

  if (!zmqglib_pace_is_yielding (self->pace))
    return is_ready;

  *timeout = 0;

  return FALSE;
}

static gboolean
zmqglib_agenda_source_check (GSource *source)
{
  ZmqAgenda *self = ((ZmqAgendaSource *) source)->agenda;
  gboolean   is_ready;

  zmqglib_wakeup_acknowledge (&self->wakeup);
  run_errands (self);
  run_due (self);

  is_ready = self->driver != NULL && self->driver_funcs->check (self->driver);
  is_ready |= g_atomic_int_get (&self->tellings.length) > 0;

  return !zmqglib_pace_yield (self->pace) && is_ready;
}

/* Those that are due by now: what they bring about waits, so that others have their turn. */
static void
tell_some (ZmqAgenda *self,
           ZmqSlice  *slice)
{
  int n_left = g_atomic_int_get (&self->tellings.length);

  while (n_left-- > 0 && call_first (self, &self->tellings) && !zmqglib_slice_is_over (slice))
    ;
}

static gboolean
zmqglib_agenda_source_dispatch (GSource    *source,
                                GSourceFunc callback,
                                gpointer    user_data)
{
  ZmqAgenda *self = ((ZmqAgendaSource *) source)->agenda;
  ZmqSlice   slice = zmqglib_pace_begin (self->pace, source);

  tell_some (self, &slice);
  if (self->driver != NULL && !g_source_is_destroyed (source))
    self->driver_funcs->dispatch (self->driver, source, &slice);
  tell_some (self, &slice);

  if (!g_source_is_destroyed (source))
    zmqglib_pace_end (self->pace, &slice);

  return G_SOURCE_CONTINUE;
}

static void
zmqglib_agenda_source_finalize (GSource *source)
{
  zmqglib_agenda_unref (((ZmqAgendaSource *) source)->agenda);
}

static GSourceFuncs source_funcs = {
  .prepare = zmqglib_agenda_source_prepare,
  .check = zmqglib_agenda_source_check,
  .dispatch = zmqglib_agenda_source_dispatch,
  .finalize = zmqglib_agenda_source_finalize,
};

static gboolean
on_callback (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* The source was destroyed, which is what its users do, or the main context is no more. What was
 * posted meanwhile is done now: nobody else can. */
static void
on_source_destroyed (gpointer data)
{
  ZmqAgenda *self = data;
  gboolean   is_used;

  g_mutex_lock (&table_lock);
  while (self->visitor != NULL && self->visitor != g_thread_self ())
    g_cond_wait (&visit_ended, &table_lock);
  is_used = self->n_users > 0;
  if (is_used)
    g_hash_table_remove (table, self);
  g_atomic_pointer_set (&self->context, NULL);
  g_mutex_unlock (&table_lock);

  run_errands (self);
  if (is_used && self->driver != NULL)
    self->driver_funcs->lost (self->driver);
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
  self->pace = zmqglib_pace_new ();
  g_mutex_init (&self->lock);
  zmqglib_wakeup_init (&self->wakeup);

  self->source = g_source_new (&source_funcs, sizeof (ZmqAgendaSource));
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

  g_mutex_lock (&table_lock);

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

  g_mutex_unlock (&table_lock);

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
  g_mutex_lock (&table_lock);
  self->n_users++;
  g_mutex_unlock (&table_lock);

  return zmqglib_agenda_ref (self);
}

/*
 * zmqglib_agenda_release:
 *
 * Ends a use; without any the agenda's source leaves the main context. May be called from any thread.
 */
void
zmqglib_agenda_release (ZmqAgenda *self)
{
  gboolean is_unused;

  g_mutex_lock (&table_lock);
  is_unused = --self->n_users == 0;
  if (is_unused && self->context != NULL)
    g_hash_table_remove (table, self);
  g_mutex_unlock (&table_lock);

  if (is_unused)
    {
      g_source_destroy (self->source);
      g_source_unref (self->source);
      zmqglib_agenda_unref (self);
    }
  zmqglib_agenda_unref (self);
}

ZmqAgenda *
zmqglib_agenda_ref (ZmqAgenda *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
zmqglib_agenda_unref (ZmqAgenda *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  run_errands (self);
  g_assert (self->tellings.first == NULL);
  if (self->driver != NULL)
    self->driver_funcs->free (self->driver);
  zmqglib_pace_free (self->pace);
  zmqglib_wakeup_clear (&self->wakeup);
  g_clear_pointer (&self->deadlines, g_tree_unref);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/*
 * zmqglib_agenda_is_owner:
 *
 * Whether this thread owns the main context, be it that it is dispatching there or only asking its
 * sources.
 */
gboolean
zmqglib_agenda_is_owner (ZmqAgenda *self)
{
  GSource *current = g_main_current_source ();

  if (current != NULL && g_source_get_context (current) == self->context)
    return TRUE;

  return self->context == NULL || g_main_context_is_owner (self->context);
}

/*
 * zmqglib_agenda_enter:
 *
 * Lets the thread touch what belongs to the main context, when it may: what was posted before is done
 * first. The caller keeps the main context alive.
 *
 * Returns: the leave to do so, to be ended; not granted when another thread owns the context
 */
ZmqEntry
zmqglib_agenda_enter (ZmqAgenda *self)
{
  GSource *current = g_main_current_source ();
  ZmqEntry entry = { .granted = TRUE };

  if (self->context != NULL && (current == NULL || g_source_get_context (current) != self->context))
    {
      entry.granted = g_main_context_acquire (self->context);
      entry.acquired = entry.granted ? g_main_context_ref (self->context) : NULL;
    }

  if (entry.granted)
    {
      ensure_process (self);
      run_errands (self);
    }

  return entry;
}

/*
 * zmqglib_agenda_post:
 * @func: what is to be done; it runs no foreign code
 *
 * Has something done by whoever owns the main context. May be called from any thread.
 */
void
zmqglib_agenda_post (ZmqAgenda    *self,
                     ZmqAgendaFunc func,
                     gpointer      data)
{
  if (g_atomic_pointer_get (&self->context) == NULL)
    {
      func (data);
      return;
    }

  push (self, &self->errands, func, data);
  zmqglib_agenda_wake (self);
}

/*
 * zmqglib_agenda_do:
 *
 * As zmqglib_agenda_post(), at once when this thread may.
 */
void
zmqglib_agenda_do (ZmqAgenda    *self,
                   ZmqAgendaFunc func,
                   gpointer      data)
{
  g_auto (ZmqEntry) entry = zmqglib_agenda_enter (self);

  if (entry.granted)
    func (data);
  else
    zmqglib_agenda_post (self, func, data);
}

/*
 * zmqglib_agenda_tell:
 * @func: what is to be called from the main context; it may do anything
 *
 * Calls somebody when the main context has its turn. May be called from any thread, by who uses the
 * agenda until then.
 */
void
zmqglib_agenda_tell (ZmqAgenda    *self,
                     ZmqAgendaFunc func,
                     gpointer      data)
{
  GSource *current = g_main_current_source ();

  push (self, &self->tellings, func, data);
  if (current == NULL || g_source_get_context (current) != self->context)
    zmqglib_agenda_wake (self);
}

/*
 * zmqglib_agenda_wake:
 *
 * Keeps the main context from blocking, or ends it.
 */
void
zmqglib_agenda_wake (ZmqAgenda *self)
{
  if (zmqglib_fork_is_inherited (self->generation) || !zmqglib_wakeup_signal (&self->wakeup))
    g_main_context_wakeup (self->context);
}

/* Takes one that nobody runs, and that has something to do. */
static ZmqAgenda *
visit_unowned (void)
{
  GHashTableIter iter;
  ZmqAgenda     *self;

  g_mutex_lock (&table_lock);
  if (table != NULL)
    {
      g_hash_table_iter_init (&iter, table);
      while (g_hash_table_iter_next (&iter, (gpointer *) &self, NULL))
        if (g_atomic_int_get (&self->errands.length) > 0 && g_main_context_acquire (self->context))
          {
            self->visitor = g_thread_self ();
            self->n_users++;
            g_atomic_int_inc (&self->ref_count);
            g_mutex_unlock (&table_lock);
            return self;
          }
    }
  g_mutex_unlock (&table_lock);

  return NULL;
}

/*
 * zmqglib_agenda_run_unowned:
 *
 * Does what was posted to main contexts that nobody runs.
 */
void
zmqglib_agenda_run_unowned (void)
{
  ZmqAgenda *self;

  while ((self = visit_unowned ()) != NULL)
    {
      ensure_process (self);
      run_errands (self);

      g_mutex_lock (&table_lock);
      if (self->context != NULL)
        g_main_context_release (self->context);
      self->visitor = NULL;
      g_cond_broadcast (&visit_ended);
      g_mutex_unlock (&table_lock);
      zmqglib_agenda_release (self);
    }
}

static int
compare_deadlines (gconstpointer a,
                   gconstpointer b)
{
  const ZmqDeadline *one = a;
  const ZmqDeadline *other = b;

  if (one->time != other->time)
    return one->time < other->time ? -1 : 1;

  return one < other ? -1 : one > other;
}

/*
 * zmqglib_agenda_add_deadline:
 * @deadline: on no agenda, with its func set; it stays in its place until it is removed, or due
 * @time: in monotonic time
 *
 * To be called by who owns the main context.
 */
void
zmqglib_agenda_add_deadline (ZmqAgenda   *self,
                             ZmqDeadline *deadline,
                             gint64       time)
{
  if (self->deadlines == NULL)
    self->deadlines = g_tree_new (compare_deadlines);

  deadline->time = time;
  g_tree_insert (self->deadlines, deadline, deadline);
}

/*
 * zmqglib_agenda_remove_deadline:
 *
 * Takes it off the agenda, when it is there.
 */
void
zmqglib_agenda_remove_deadline (ZmqAgenda   *self,
                                ZmqDeadline *deadline)
{
  if (deadline->time < 0)
    return;

  g_tree_remove (self->deadlines, deadline);
  deadline->time = -1;
}

gpointer
zmqglib_agenda_get_driver (ZmqAgenda *self)
{
  return self->driver;
}

/*
 * zmqglib_agenda_set_driver:
 *
 * Lets the source drive something from now on. To be called by who owns the main context.
 */
void
zmqglib_agenda_set_driver (ZmqAgenda                  *self,
                           const ZmqAgendaDriverFuncs *funcs,
                           gpointer                    driver)
{
  self->driver_funcs = funcs;
  self->driver = driver;
}

GSource *
zmqglib_agenda_get_source (ZmqAgenda *self)
{
  return self->source;
}

ZmqPace *
zmqglib_agenda_get_pace (ZmqAgenda *self)
{
  return self->pace;
}
