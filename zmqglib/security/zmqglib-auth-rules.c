/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "base/zmqglib-wipe-private.h"
#include "security/zmqglib-auth-rules-private.h"

/* A rule of a domain comes before one of all domains, which is kept under this name. */
#define ALL_DOMAINS "*"

/* What is known of a user, or a key, in a domain. */
typedef struct
{
  char    *domain;
  char    *secret;  /* the password, or NULL */
  char    *user_id; /* or NULL for the name or key itself */
  gboolean is_allowed;
} Entry;

static char *
dup_domain (const char *domain)
{
  return g_strdup (domain != NULL ? domain : ALL_DOMAINS);
}

static void
entry_free (gpointer data)
{
  Entry *self = data;

  if (self->secret != NULL)
    zmqglib_wipe (self->secret, strlen (self->secret));
  g_free (self->domain);
  g_free (self->secret);
  g_free (self->user_id);
  g_free (self);
}

void
zmqglib_auth_rules_init (ZmqAuthRules *self)
{
  zmqglib_lock_init (&self->lock);
  self->allowed = g_ptr_array_new_with_free_func (g_object_unref);
  self->denied = g_ptr_array_new_with_free_func (g_object_unref);
  self->users = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  self->keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  self->any_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->directories =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) zmqglib_auth_directory_unref);
}

void
zmqglib_auth_rules_clear (ZmqAuthRules *self)
{
  g_ptr_array_unref (self->allowed);
  g_ptr_array_unref (self->denied);
  g_hash_table_unref (self->users);
  g_hash_table_unref (self->keys);
  g_hash_table_unref (self->any_key);
  g_hash_table_unref (self->directories);
  zmqglib_lock_clear (&self->lock);
}

static void
remove_mask (GPtrArray        *masks,
             GInetAddressMask *mask)
{
  guint index;

  if (g_ptr_array_find_with_equal_func (masks, mask, (GEqualFunc) g_inet_address_mask_equal, &index))
    g_ptr_array_remove_index (masks, index);
}

/*
 * zmqglib_auth_rules_add_address:
 * @address: an address, or a range as `10.0.0.0/8`
 *
 * The last word about an address is what counts. Where it cannot be read and was to be denied, everybody is.
 *
 * Returns: whether it was an address
 */
gboolean
zmqglib_auth_rules_add_address (ZmqAuthRules *self,
                                const char   *address,
                                gboolean      is_allowed)
{
  GInetAddressMask *mask = g_inet_address_mask_new_from_string (address, NULL);

  zmqglib_lock_take (&self->lock);
  if (mask != NULL)
    {
      remove_mask (self->allowed, mask);
      remove_mask (self->denied, mask);
      g_ptr_array_add (is_allowed ? self->allowed : self->denied, g_object_ref (mask));
    }
  else if (!is_allowed)
    self->denies_all = TRUE;
  zmqglib_lock_give (&self->lock);

  if (mask == NULL)
    return FALSE;
  g_object_unref (mask);

  return TRUE;
}

/* Takes the entry. */
static void
set_entry (ZmqAuthRules *self,
           GHashTable   *table,
           const char   *name,
           Entry        *entry)
{
  GPtrArray *entries;

  zmqglib_lock_take (&self->lock);
  entries = g_hash_table_lookup (table, name);
  if (entries == NULL)
    {
      entries = g_ptr_array_new_with_free_func (entry_free);
      g_hash_table_insert (table, g_strdup (name), entries);
    }
  for (guint i = 0; i < entries->len; i++)
    if (strcmp (((Entry *) entries->pdata[i])->domain, entry->domain) == 0)
      g_ptr_array_remove_index_fast (entries, i--);
  g_ptr_array_add (entries, entry);
  zmqglib_lock_give (&self->lock);
}

/*
 * zmqglib_auth_rules_add_user:
 * @domain: (nullable): a domain, or %NULL for all
 * @password: (nullable): the password, or %NULL when the user is not to be let in
 */
void
zmqglib_auth_rules_add_user (ZmqAuthRules *self,
                             const char   *domain,
                             const char   *user,
                             const char   *password)
{
  Entry *entry = g_new (Entry, 1);

  *entry = (Entry){ .domain = dup_domain (domain), .secret = g_strdup (password), .is_allowed = password != NULL };
  set_entry (self, self->users, user, entry);
}

/*
 * zmqglib_auth_rules_add_key:
 * @public_key: a key, as is checked
 * @user_id: (nullable): whose it is, or %NULL for the key
 */
void
zmqglib_auth_rules_add_key (ZmqAuthRules *self,
                            const char   *domain,
                            const char   *public_key,
                            const char   *user_id,
                            gboolean      is_allowed)
{
  Entry *entry = g_new (Entry, 1);

  *entry = (Entry){ .domain = dup_domain (domain), .user_id = g_strdup (user_id), .is_allowed = is_allowed };
  set_entry (self, self->keys, public_key, entry);
}

void
zmqglib_auth_rules_add_any_key (ZmqAuthRules *self,
                                const char   *domain)
{
  zmqglib_lock_take (&self->lock);
  g_hash_table_add (self->any_key, dup_domain (domain));
  zmqglib_lock_give (&self->lock);
}

/*
 * zmqglib_auth_rules_set_directory:
 * @directory: (transfer full) (nullable): where the domain's certificates are
 */
void
zmqglib_auth_rules_set_directory (ZmqAuthRules     *self,
                                  const char       *domain,
                                  ZmqAuthDirectory *directory)
{
  zmqglib_lock_take (&self->lock);
  if (directory != NULL)
    g_hash_table_replace (self->directories, dup_domain (domain), directory);
  else
    g_hash_table_remove (self->directories, domain != NULL ? domain : ALL_DOMAINS);
  zmqglib_lock_give (&self->lock);
}

static gboolean
matches (GPtrArray    *masks,
         GInetAddress *address)
{
  for (guint i = 0; address != NULL && i < masks->len; i++)
    if (g_inet_address_mask_matches (masks->pdata[i], address))
      return TRUE;

  return FALSE;
}

/* An address of IPv4 is one also when it came through a socket of IPv6. */
static GInetAddress *
read_address (const char *text)
{
  static const char mapped[] = "::ffff:";

  if (g_ascii_strncasecmp (text, mapped, strlen (mapped)) == 0 && strchr (text, '.') != NULL)
    text += strlen (mapped);

  return g_inet_address_new_from_string (text);
}

/* Returns FALSE for one that must not come in. */
static gboolean
check_address (ZmqAuthRules *self,
               const char   *text,
               gboolean     *is_allowed)
{
  GInetAddress *address = read_address (text);
  gboolean      is_denied;

  *is_allowed = matches (self->allowed, address);
  is_denied = self->denies_all || matches (self->denied, address) || (self->allowed->len > 0 && !*is_allowed);
  g_clear_object (&address);

  return !is_denied;
}

static const Entry *
find_entry (GHashTable *table,
            const char *name,
            const char *domain)
{
  GPtrArray   *entries = g_hash_table_lookup (table, name);
  const Entry *of_all = NULL;

  for (guint i = 0; entries != NULL && i < entries->len; i++)
    {
      const Entry *entry = entries->pdata[i];

      if (strcmp (entry->domain, domain) == 0)
        return entry;
      if (strcmp (entry->domain, ALL_DOMAINS) == 0)
        of_all = entry;
    }

  return of_all;
}

/* How long it takes does not tell how much of it is right. */
static gboolean
is_same_secret (const char *a,
                const char *b)
{
  const gsize     size = strlen (a);
  volatile guint8 difference = 0;

  if (strlen (b) != size)
    return FALSE;

  for (gsize i = 0; i < size; i++)
    difference |= a[i] ^ b[i];

  return difference == 0;
}

static ZmqAuthVerdict
decide_user (ZmqAuthRules        *self,
             const ZmqZapRequest *request,
             char               **user_id)
{
  const Entry *entry = find_entry (self->users, request->user, request->domain);

  if (entry == NULL)
    return ZMQGLIB_AUTH_ASK;
  if (!entry->is_allowed || !is_same_secret (entry->secret, request->password))
    return ZMQGLIB_AUTH_DENY;

  *user_id = g_strdup (request->user);

  return ZMQGLIB_AUTH_ACCEPT;
}

static gboolean
has_domain (GHashTable *table,
            const char *domain)
{
  return g_hash_table_contains (table, domain) || g_hash_table_contains (table, ALL_DOMAINS);
}

static ZmqAuthVerdict
decide_key (ZmqAuthRules        *self,
            const ZmqZapRequest *request,
            char               **user_id)
{
  const Entry *entry = find_entry (self->keys, request->public_key, request->domain);

  if (entry != NULL && !entry->is_allowed)
    return ZMQGLIB_AUTH_DENY;
  if (entry == NULL && !has_domain (self->any_key, request->domain))
    return has_domain (self->directories, request->domain) ? ZMQGLIB_AUTH_LOOK : ZMQGLIB_AUTH_ASK;

  *user_id = g_strdup (entry != NULL && entry->user_id != NULL ? entry->user_id : request->public_key);

  return ZMQGLIB_AUTH_ACCEPT;
}

static ZmqAuthVerdict
decide_mechanism (ZmqAuthRules        *self,
                  const ZmqZapRequest *request,
                  gboolean             is_allowed,
                  char               **user_id)
{
  switch (request->mechanism)
    {
    case ZMQGLIB_SECURITY_MECHANISM_NULL:
      return is_allowed ? ZMQGLIB_AUTH_ACCEPT : ZMQGLIB_AUTH_ASK;
    case ZMQGLIB_SECURITY_MECHANISM_PLAIN:
      return decide_user (self, request, user_id);
    case ZMQGLIB_SECURITY_MECHANISM_CURVE:
      return decide_key (self, request, user_id);
    default:
      return ZMQGLIB_AUTH_ASK;
    }
}

/*
 * zmqglib_auth_rules_decide:
 * @user_id: (out) (transfer full) (nullable): who it is, when the peer is let in
 */
ZmqAuthVerdict
zmqglib_auth_rules_decide (ZmqAuthRules        *self,
                           const ZmqZapRequest *request,
                           char               **user_id)
{
  ZmqAuthVerdict verdict = ZMQGLIB_AUTH_DENY;
  gboolean       is_allowed;

  *user_id = NULL;

  zmqglib_lock_take (&self->lock);
  if (check_address (self, request->address, &is_allowed))
    verdict = decide_mechanism (self, request, is_allowed, user_id);
  zmqglib_lock_give (&self->lock);

  return verdict;
}

/*
 * zmqglib_auth_rules_dup_directories:
 *
 * Returns: (transfer full): where certificates of a domain may be
 */
GPtrArray *
zmqglib_auth_rules_dup_directories (ZmqAuthRules *self,
                                    const char   *domain)
{
  GPtrArray  *directories = g_ptr_array_new_with_free_func ((GDestroyNotify) zmqglib_auth_directory_unref);
  const char *names[] = { domain, ALL_DOMAINS };

  zmqglib_lock_take (&self->lock);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      ZmqAuthDirectory *directory = g_hash_table_lookup (self->directories, names[i]);

      if (directory != NULL)
        g_ptr_array_add (directories, zmqglib_auth_directory_ref (directory));
    }
  zmqglib_lock_give (&self->lock);

  return directories;
}
