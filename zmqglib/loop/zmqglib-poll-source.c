/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "loop/zmqglib-poll-source-private.h"

/* A GSource that drives a poll set. */
typedef struct
{
  GSource        source;
  ZmqPollSet    *set;
  gpointer       keeper; /* keeps the set alive */
  GDestroyNotify release;
  GSource       *witness; /* sees that lower priorities have their turn */
} ZmqPollSource;

/* A source that is never ready, of the next lower priority. GLib asks it just in those iterations
 * that no source of a higher priority takes. */
typedef struct
{
  GSource     source;
  ZmqPollSet *set;
} ZmqWitness;

static gboolean
zmqglib_witness_check (GSource *source)
{
  zmqglib_poll_set_end_yield (((ZmqWitness *) source)->set);

  return FALSE;
}

static gboolean
zmqglib_witness_dispatch (GSource    *source,
                          GSourceFunc callback,
                          gpointer    user_data)
{
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs witness_funcs = {
  .check = zmqglib_witness_check,
  .dispatch = zmqglib_witness_dispatch,
};

static void
ensure_witness (ZmqPollSource *self)
{
  int priority = MIN (g_source_get_priority (&self->source), G_MAXINT - 1) + 1;

  if (self->witness != NULL)
    {
      if (g_source_get_priority (self->witness) != priority)
        g_source_set_priority (self->witness, priority);
      return;
    }

  self->witness = g_source_new (&witness_funcs, sizeof (ZmqWitness));
  ((ZmqWitness *) self->witness)->set = self->set;
  g_source_set_static_name (self->witness, "[zmqglib] witness");
  g_source_set_priority (self->witness, priority);
  g_source_attach (self->witness, g_source_get_context (&self->source));
}

static gboolean
zmqglib_poll_source_prepare (GSource *source,
                             int     *timeout)
{
  return zmqglib_poll_set_prepare (((ZmqPollSource *) source)->set, timeout);
}

static gboolean
zmqglib_poll_source_check (GSource *source)
{
  return zmqglib_poll_set_check (((ZmqPollSource *) source)->set);
}

static gboolean
zmqglib_poll_source_dispatch (GSource    *source,
                              GSourceFunc callback,
                              gpointer    user_data)
{
  ZmqPollSource *self = (ZmqPollSource *) source;

  zmqglib_poll_set_dispatch (self->set, source);

  if (self->set->n_yields > 0 && !g_source_is_destroyed (source))
    ensure_witness (self);

  return G_SOURCE_CONTINUE;
}

static void
zmqglib_poll_source_finalize (GSource *source)
{
  ZmqPollSource *self = (ZmqPollSource *) source;

  zmqglib_poll_backend_detach (&self->set->backend, source);
  self->release (self->keeper);
}

static void
zmqglib_poll_source_dispose (GSource *source)
{
  ZmqPollSource *self = (ZmqPollSource *) source;

  if (self->witness != NULL)
    {
      g_source_destroy (self->witness);
      g_clear_pointer (&self->witness, g_source_unref);
    }
}

static GSourceFuncs source_funcs = {
  .prepare = zmqglib_poll_source_prepare,
  .check = zmqglib_poll_source_check,
  .dispatch = zmqglib_poll_source_dispatch,
  .finalize = zmqglib_poll_source_finalize,
};

/*
 * zmqglib_poll_source_new:
 * @keeper: (transfer full): what keeps @set alive
 * @release: drops @keeper
 *
 * Returns: (transfer full): a source that drives @set
 */
GSource *
zmqglib_poll_source_new (ZmqPollSet    *set,
                         gpointer       keeper,
                         GDestroyNotify release)
{
  GSource       *source = g_source_new (&source_funcs, sizeof (ZmqPollSource));
  ZmqPollSource *self = (ZmqPollSource *) source;

  self->set = set;
  self->keeper = keeper;
  self->release = release;

  g_source_set_static_name (source, "[zmqglib] poll");
  g_source_set_dispose_function (source, zmqglib_poll_source_dispose);
  /* a handler that runs a nested loop must not freeze the other sockets */
  g_source_set_can_recurse (source, TRUE);
  zmqglib_poll_backend_attach (&set->backend, source);

  return source;
}

/* The one set of a main context and priority, which all streams there share: what it costs the loop
 * does not grow with their number. */
typedef struct
{
  ZmqPollSet    set; /* first */
  GMainContext *context;
  int           priority;
  GSource      *source;
  GSource      *expiries; /* or NULL */
  int           n_users;
} SharedSet;

G_LOCK_DEFINE_STATIC (shared_sets);
static GHashTable *shared_sets;

static guint
shared_set_hash (gconstpointer key)
{
  const SharedSet *shared = key;

  return g_direct_hash (shared->context) ^ (guint) shared->priority;
}

static gboolean
shared_set_equal (gconstpointer a,
                  gconstpointer b)
{
  const SharedSet *one = a;
  const SharedSet *other = b;

  return one->context == other->context && one->priority == other->priority;
}

static void
shared_set_free (gpointer data)
{
  SharedSet *self = data;

  if (self->expiries != NULL)
    {
      g_source_destroy (self->expiries);
      g_source_unref (self->expiries);
    }
  zmqglib_poll_set_clear (&self->set);
  g_free (self);
}

static SharedSet *
shared_set_new (GMainContext *context,
                int           priority)
{
  SharedSet *self = g_new0 (SharedSet, 1);

  zmqglib_poll_set_init (&self->set);
  self->context = context;
  self->priority = priority;
  self->source = zmqglib_poll_source_new (&self->set, self, shared_set_free);
  g_source_set_priority (self->source, priority);
  g_source_attach (self->source, context);

  return self;
}

/*
 * zmqglib_poll_set_acquire_shared:
 * @context: a main context, to be kept by the caller
 * @priority: the priority among the context's sources
 *
 * Returns: the set of that context and priority
 */
ZmqPollSet *
zmqglib_poll_set_acquire_shared (GMainContext *context,
                                 int           priority)
{
  SharedSet  key = { .context = context, .priority = priority };
  SharedSet *shared;

  G_LOCK (shared_sets);

  if (shared_sets == NULL)
    shared_sets = g_hash_table_new (shared_set_hash, shared_set_equal);

  shared = g_hash_table_lookup (shared_sets, &key);
  if (shared == NULL)
    {
      shared = shared_set_new (context, priority);
      g_hash_table_add (shared_sets, shared);
    }
  shared->n_users++;

  G_UNLOCK (shared_sets);

  return &shared->set;
}

/*
 * zmqglib_poll_set_release_shared:
 * @set: a set from zmqglib_poll_set_acquire_shared(), in which the caller has no more item
 */
void
zmqglib_poll_set_release_shared (ZmqPollSet *set)
{
  SharedSet *shared = (SharedSet *) set;
  g_autoptr (GSource) unused = NULL;

  G_LOCK (shared_sets);

  if (--shared->n_users == 0)
    {
      g_hash_table_remove (shared_sets, shared);
      unused = shared->source;
    }

  G_UNLOCK (shared_sets);

  if (unused != NULL)
    g_source_destroy (unused);
}

/*
 * zmqglib_poll_set_begin_expiry:
 * @set: a set from zmqglib_poll_set_acquire_shared()
 *
 * As zmqglib_expiry_begin(), with the one source of those who use the set.
 */
void
zmqglib_poll_set_begin_expiry (ZmqPollSet   *set,
                               ZmqExpiry    *expiry,
                               gint64        deadline,
                               GCancellable *cancellable,
                               ZmqExpiryFunc func)
{
  SharedSet *shared = (SharedSet *) set;

  if (shared->expiries == NULL && (deadline >= 0 || cancellable != NULL))
    {
      shared->expiries = zmqglib_expiry_source_new ();
      g_source_set_priority (shared->expiries, shared->priority);
      g_source_attach (shared->expiries, shared->context);
    }

  zmqglib_expiry_begin (expiry, shared->expiries, deadline, cancellable, func);
}
