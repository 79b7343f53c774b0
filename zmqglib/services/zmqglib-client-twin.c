/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include "base/zmqglib-debug-private.h"
#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "base/zmqglib-ownership-private.h"
#include "context/zmqglib-context-private.h"
#include "services/zmqglib-client-private.h"

/*
 * Who blocks for an answer cannot do so in the client's main context, which may be another thread's, or in the middle of
 * a dispatch. So it has a core in a main context of its own, with sockets of its own, which the next one
 * uses again. As many are kept as there were threads at once.
 */

typedef struct
{
  GList          link;
  GMainContext  *context;
  ZmqClientCore *core;
  guint          serial; /* of the endpoints that it has */
  gboolean       is_connected;
} ZmqClientTwin;

static void
twin_free (ZmqClientTwin *self)
{
  zmqglib_client_desk_close (self->core);
  g_main_context_unref (zmqglib_client_core_steal_context (self->core));
  zmqglib_client_core_unref (self->core);
  g_main_context_unref (self->context);
  g_free (self);
}

static gboolean
connect_all (ZmqClientTwin *self,
             ZmqClient     *client,
             GPtrArray     *endpoints,
             GError       **error)
{
  for (guint i = 0; i < endpoints->len; i++)
    if (!zmqglib_client_desk_connect (self->core, client, endpoints->pdata[i], error))
      return FALSE;

  return TRUE;
}

static ZmqClientTwin *
twin_new (void)
{
  ZmqClientTwin *self = g_new0 (ZmqClientTwin, 1);

  self->link.data = self;
  self->context = g_main_context_new ();
  self->core = zmqglib_client_core_new (NULL, self->context);

  return self;
}

/* Returns NULL when there is none and cannot be one: GLib ends the process when a main context has no descriptor. */
static ZmqClientTwin *
take (ZmqClient *client)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&client->lock);
  GList                       *link = g_queue_pop_head_link (&client->twins);

  if (link == NULL && !zmqglib_context_has_descriptors (2))
    return NULL;

  return link != NULL ? link->data : twin_new ();
}

/* From then on it is told when the client is closed, and of other endpoints. Returns FALSE when it was not told by now. Sets
 * @endpoints when it is not connected yet. */
static gboolean
join (ZmqClient     *client,
      ZmqClientTwin *self,
      GPtrArray    **endpoints)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&client->lock);

  if (!zmqglib_client_core_is_open (client->core) || (self->is_connected && self->serial != client->serial))
    return FALSE;

  if (!self->is_connected)
    *endpoints = g_ptr_array_ref (client->endpoints);
  self->serial = client->serial;
  self->is_connected = TRUE;
  g_queue_push_tail_link (&client->busy_twins, &self->link);

  return TRUE;
}

/* Returns one that this thread is in, or NULL with @error set. */
static ZmqClientTwin *
begin (ZmqClient  *client,
       GPtrArray **endpoints,
       GError    **error)
{
  while (zmqglib_client_core_is_open (client->core))
    {
      ZmqClientTwin *self = take (client);

      if (self == NULL)
        {
          zmqglib_error_set (error, EMFILE, _ ("Could not send a request"));
          return NULL;
        }

      zmqglib_ownership_enter (self->context);
      if (join (client, self, endpoints))
        return self;

      zmqglib_ownership_leave (self->context);
      twin_free (self);
    }

  g_propagate_error (error, zmqglib_client_desk_make_error (client->core, _ ("Could not send a request")));

  return NULL;
}

static void
give_back (ZmqClient     *client,
           ZmqClientTwin *self)
{
  gboolean is_good;

  zmqglib_lock_take (&client->lock);
  g_queue_unlink (&client->busy_twins, &self->link);
  is_good = self->serial == client->serial && zmqglib_client_core_is_open (self->core) &&
            zmqglib_client_core_is_open (client->core);
  if (is_good)
    g_queue_push_head_link (&client->twins, &self->link);
  zmqglib_lock_give (&client->lock);

  if (!is_good)
    twin_free (self);
}

/*
 * zmqglib_client_close_twins:
 *
 * The endpoints have changed, or the client was closed: twins that nobody uses are of no use any more. In the
 * latter case requests of those that somebody uses end.
 */
void
zmqglib_client_close_twins (ZmqClient *client)
{
  GQueue idle = G_QUEUE_INIT;
  GList *link;

  zmqglib_lock_take (&client->lock);
  idle = client->twins;
  g_queue_init (&client->twins);
  if (!zmqglib_client_core_is_open (client->core))
    for (link = client->busy_twins.head; link != NULL; link = link->next)
      zmqglib_client_desk_close (((ZmqClientTwin *) link->data)->core);
  zmqglib_lock_give (&client->lock);

  while ((link = g_queue_pop_head_link (&idle)) != NULL)
    twin_free (link->data);
}

/*
 * zmqglib_client_list_busy_twins:
 *
 * With the client's lock.
 *
 * Returns: (transfer container): the cores of those who block for an answer
 */
GPtrArray *
zmqglib_client_list_busy_twins (ZmqClient *client)
{
  GPtrArray *cores = g_ptr_array_new_with_free_func ((GDestroyNotify) zmqglib_client_core_unref);

  for (GList *link = client->busy_twins.head; link != NULL; link = link->next)
    g_ptr_array_add (cores, zmqglib_client_core_ref (((ZmqClientTwin *) link->data)->core));

  return cores;
}

static void
on_answered (GObject      *source_object,
             GAsyncResult *result,
             gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static GAsyncResult *
run (ZmqClient     *client,
     ZmqClientTwin *twin,
     ZmqMessage    *message,
     GCancellable  *cancellable,
     ZmqClientTerms terms)
{
  GAsyncResult *result = NULL;
  GTask        *task;

  task = g_task_new (client, cancellable, on_answered, &result);
  g_task_set_source_tag (task, zmqglib_client_block);
  zmqglib_client_desk_begin (twin->core, task, message, terms);
  while (result == NULL)
    g_main_context_iteration (twin->context, TRUE);

  return result;
}

/*
 * zmqglib_client_block:
 *
 * Asks, and waits for the answer. May be called from any thread.
 *
 * Returns: (transfer full): the answer, or %NULL with @error set
 */
ZmqMessage *
zmqglib_client_block (ZmqClient     *client,
                      ZmqMessage    *message,
                      GCancellable  *cancellable,
                      ZmqClientTerms terms,
                      GError       **error)
{
  g_autoptr (GPtrArray) endpoints = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  ZmqClientTwin *twin = begin (client, &endpoints, error);

  if (twin == NULL)
    return NULL;

  if (endpoints == NULL || connect_all (twin, client, endpoints, error))
    result = run (client, twin, message, cancellable, terms);
  else
    zmqglib_client_desk_close (twin->core);
  zmqglib_ownership_leave (twin->context);
  give_back (client, twin);

  return result != NULL ? g_task_propagate_pointer (G_TASK (result), error) : NULL;
}
