/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "inspector-session.h"

G_BEGIN_DECLS

/* Makes a session of what an action or a dialog says, a{sv}.
 *
 *   type s, bind as, connect as, subscribe as     as the command’s options
 *   certificate s                                 a file with our own keys, or the public one beside it, as a path or URI
 *   server-certificate s                          likewise, with the key of the server; without it we are the server
 *
 * A client needs no file of its own: it then has a pair that is made for it. */
InspectorSession *inspector_make_socket (GVariant *description,
                                         GError  **error);

/*   pattern s                                     “requests”, “publishing” or “pipeline”
 *   frontend-bind s or frontend-connect s, backend-bind s or backend-connect s */
InspectorSession *inspector_make_proxy (GVariant *description,
                                        GError  **error);

G_END_DECLS
