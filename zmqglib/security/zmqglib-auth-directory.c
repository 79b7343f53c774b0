/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <zmqglib/zmqglib-certificate.h>

#include "base/zmqglib-lock-private.h"
#include "security/zmqglib-auth-directory-private.h"

/* A directory of certificates. It is looked through whenever somebody asks for a key, so that nobody comes in with
 * one that was taken away, and only files that have changed are read. Watching the directory would tell too late. */

#define ATTRIBUTES \
  G_FILE_ATTRIBUTE_STANDARD_NAME "," G_FILE_ATTRIBUTE_STANDARD_TYPE "," G_FILE_ATTRIBUTE_STANDARD_SIZE "," G_FILE_ATTRIBUTE_UNIX_INODE "," G_FILE_ATTRIBUTE_TIME_MODIFIED "," G_FILE_ATTRIBUTE_TIME_MODIFIED_USEC "," G_FILE_ATTRIBUTE_TIME_CHANGED "," G_FILE_ATTRIBUTE_TIME_CHANGED_USEC

/* A file may be written again without another time: how much that may be behind, on any file system. */
#define RECENT_US (2 * G_TIME_SPAN_SECOND)

struct _ZmqAuthDirectory
{
  int    ref_count; /* atomic */
  GFile *file;

  ZmqLock     lock;    /* of what follows */
  GHashTable *entries; /* by the names of files */
  gint64      scanned; /* when the last scan began, in monotonic time */
};

typedef struct
{
  char    *public_key; /* or NULL for what is no certificate */
  goffset  size;
  guint64  inode;
  gint64   modified; /* in microseconds */
  gint64   changed;
  gboolean is_recent; /* when it was read */
  gboolean is_seen;   /* in this scan */
} Entry;

static void
entry_free (gpointer data)
{
  Entry *self = data;

  g_free (self->public_key);
  g_free (self);
}

static gint64
get_time (GFileInfo  *info,
          const char *seconds,
          const char *microseconds)
{
  return (gint64) g_file_info_get_attribute_uint64 (info, seconds) * G_TIME_SPAN_SECOND +
         g_file_info_get_attribute_uint32 (info, microseconds);
}

static Entry
make_stamp (GFileInfo *info)
{
  return (Entry){
    .size = g_file_info_get_size (info),
    .inode = g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_UNIX_INODE),
    .modified = get_time (info, G_FILE_ATTRIBUTE_TIME_MODIFIED, G_FILE_ATTRIBUTE_TIME_MODIFIED_USEC),
    .changed = get_time (info, G_FILE_ATTRIBUTE_TIME_CHANGED, G_FILE_ATTRIBUTE_TIME_CHANGED_USEC),
    .is_seen = TRUE,
  };
}

static gboolean
is_current (const Entry *self,
            const Entry *stamp)
{
  return !self->is_recent && self->size == stamp->size && self->inode == stamp->inode &&
         self->modified == stamp->modified && self->changed == stamp->changed;
}

/* Secret keys are for nobody here, and hidden files are being written. */
static gboolean
may_be_certificate (GFileInfo *info)
{
  const char *name = g_file_info_get_name (info);

  return g_file_info_get_file_type (info) == G_FILE_TYPE_REGULAR && name[0] != '.' && !g_str_has_suffix (name, "_secret");
}

static char *
read_public_key (GFile      *directory,
                 const char *name)
{
  g_autoptr (GFile) file = g_file_get_child (directory, name);
  g_autoptr (ZmqCertificate) certificate = NULL;
  g_autoptr (GError) error = NULL;

  certificate = zmqglib_certificate_load (file, NULL, &error);
  if (certificate == NULL)
    {
      g_debug ("%s", error->message);
      return NULL;
    }

  return g_strdup (zmqglib_certificate_get_public_key (certificate));
}

static void
look_at (ZmqAuthDirectory *self,
         GFileInfo        *info,
         gint64            now)
{
  const char *name = g_file_info_get_name (info);
  Entry      *entry = g_hash_table_lookup (self->entries, name);
  Entry       stamp = make_stamp (info);

  if (entry != NULL && is_current (entry, &stamp))
    {
      entry->is_seen = TRUE;
      return;
    }

  stamp.public_key = read_public_key (self->file, name);
  stamp.is_recent = MAX (stamp.modified, stamp.changed) > now - RECENT_US;
  entry = g_new (Entry, 1);
  *entry = stamp;
  g_hash_table_replace (self->entries, g_strdup (name), entry);
}

static gboolean
was_not_seen (gpointer key,
              gpointer value,
              gpointer user_data)
{
  Entry   *entry = value;
  gboolean was_seen = entry->is_seen;

  entry->is_seen = FALSE;

  return !was_seen;
}

/* What cannot be looked through to the end has no key. */
static gboolean
scan (ZmqAuthDirectory *self,
      GError          **error)
{
  const gint64 now = g_get_real_time ();
  g_autoptr (GFileEnumerator) enumerator = NULL;
  GFileInfo *info = NULL;

  self->scanned = g_get_monotonic_time ();
  enumerator = g_file_enumerate_children (self->file, ATTRIBUTES, G_FILE_QUERY_INFO_NONE, NULL, error);
  if (enumerator == NULL)
    {
      g_hash_table_remove_all (self->entries);
      return FALSE;
    }

  do
    {
      if (!g_file_enumerator_iterate (enumerator, &info, NULL, NULL, error))
        {
          g_hash_table_remove_all (self->entries);
          return FALSE;
        }
      if (info != NULL && may_be_certificate (info))
        look_at (self, info, now);
    }
  while (info != NULL);

  g_hash_table_foreach_remove (self->entries, was_not_seen, NULL);

  return TRUE;
}

/*
 * zmqglib_auth_directory_new:
 *
 * Returns: (transfer full): a directory that could be read, or %NULL with @error set
 */
ZmqAuthDirectory *
zmqglib_auth_directory_new (GFile   *file,
                            GError **error)
{
  ZmqAuthDirectory *self = g_new0 (ZmqAuthDirectory, 1);

  self->ref_count = 1;
  self->file = g_object_ref (file);
  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, entry_free);
  zmqglib_lock_init (&self->lock);

  if (!scan (self, error))
    g_clear_pointer (&self, zmqglib_auth_directory_unref);

  return self;
}

ZmqAuthDirectory *
zmqglib_auth_directory_ref (ZmqAuthDirectory *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
zmqglib_auth_directory_unref (ZmqAuthDirectory *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_object_unref (self->file);
  g_hash_table_unref (self->entries);
  zmqglib_lock_clear (&self->lock);
  g_free (self);
}

static gboolean
find_key (ZmqAuthDirectory *self,
          const char       *public_key)
{
  GHashTableIter iter;
  gpointer       value;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (g_strcmp0 (((Entry *) value)->public_key, public_key) == 0)
      return TRUE;

  return FALSE;
}

/*
 * zmqglib_auth_directory_has_key:
 * @since: when it was asked for, in monotonic time: a scan that another thread has begun after that will do
 *
 * Blocks for as long as looking takes. May be called from any thread.
 *
 * Returns: whether a certificate in the directory has the key
 */
gboolean
zmqglib_auth_directory_has_key (ZmqAuthDirectory *self,
                                const char       *public_key,
                                gint64            since)
{
  gboolean has_key;

  zmqglib_lock_take (&self->lock);
  if (self->scanned <= since)
    scan (self, NULL);
  has_key = find_key (self, public_key);
  zmqglib_lock_give (&self->lock);

  return has_key;
}
