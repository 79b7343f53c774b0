/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "inspector-session.h"

G_BEGIN_DECLS

#define INSPECTOR_TYPE_PROXY (inspector_proxy_get_type ())
G_DECLARE_FINAL_TYPE (InspectorProxy, inspector_proxy, INSPECTOR, PROXY, InspectorSession)

typedef struct
{
  const char *address;
  gboolean    is_bound;
} InspectorProxySide;

/* Sits between two endpoints, and shows what goes there and back. The pattern is “requests” (ROUTER and DEALER), “publishing”
 * (XSUB and XPUB) or “pipeline” (PULL and PUSH). It runs in a thread of its own, so that a window that is busy holds up
 * nobody. */
InspectorSession *inspector_proxy_new (const char               *pattern,
                                       const InspectorProxySide *frontend,
                                       const InspectorProxySide *backend,
                                       GError                  **error);

G_END_DECLS
