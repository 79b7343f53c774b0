/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "inspector-actions.h"

InspectorSession *
inspector_actions_get_session (InspectorWindow *window)
{
  InspectorView *view = inspector_window_get_view (window);

  return view != NULL ? inspector_view_get_session (view) : NULL;
}

void
inspector_actions_add (InspectorWindow *window)
{
  inspector_actions_add_sessions (window);
  inspector_actions_add_messages (window);
  inspector_actions_add_files (window);
  inspector_actions_add_status (window);
}
