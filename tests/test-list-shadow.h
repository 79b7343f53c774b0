/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A copy of a list, kept by what the list tells alone. */
typedef struct
{
  GListModel *list;
  GPtrArray  *items;
  guint       n_changes;
} ListShadow;

/* The whole list by now, against what the changes have made. */
static inline void
list_shadow_check (ListShadow *self)
{
  guint n_items = g_list_model_get_n_items (self->list);

  g_assert_cmpuint (self->items->len, ==, n_items);
  for (guint i = 0; i < n_items; i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (self->list, i);

      g_assert_true (item == self->items->pdata[i]);
    }
  g_assert_null (g_list_model_get_item (self->list, n_items));
}

static inline void
list_shadow_on_items_changed (GListModel *list,
                              guint       position,
                              guint       removed,
                              guint       added,
                              gpointer    data)
{
  ListShadow *self = data;

  self->n_changes++;
  g_assert_cmpuint (position + removed, <=, self->items->len);
  g_assert_cmpuint (removed + added, >, 0);
  if (removed > 0)
    g_ptr_array_remove_range (self->items, position, removed);
  for (guint i = 0; i < added; i++)
    g_ptr_array_insert (self->items, position + i, g_list_model_get_item (list, position + i));
  list_shadow_check (self);
}

/* The list is not kept alive. */
static inline void
list_shadow_follow (ListShadow *self,
                    gpointer    list)
{
  self->list = list;
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  g_signal_connect (list, "items-changed", G_CALLBACK (list_shadow_on_items_changed), self);
}

/* Follows no more, for who knows the list to be there. */
static inline void
list_shadow_leave (ListShadow *self)
{
  g_signal_handlers_disconnect_by_data (self->list, self);
}

static inline void
list_shadow_clear (ListShadow *self)
{
  g_clear_pointer (&self->items, g_ptr_array_unref);
}

G_END_DECLS
