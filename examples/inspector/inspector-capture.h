/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "inspector-record.h"

G_BEGIN_DECLS

/* Reads what a proxy captures in a thread of its own, so that the time of a message is that at which it was forwarded,
 * however busy the window is, and hands it over to the main loop. */
typedef struct _InspectorCapture InspectorCapture;

/* The first frame of a message is a character that says which way it went. */
#define INSPECTOR_CAPTURED_TO_BACKEND  "b"
#define INSPECTOR_CAPTURED_TO_FRONTEND "f"

typedef void (*InspectorCaptureFunc) (const InspectorEntry *entry,
                                      gpointer              user_data);

/* The socket is the thread's until inspector_capture_free() has returned. */
InspectorCapture *inspector_capture_new (ZmqSocket           *socket,
                                         InspectorCaptureFunc func,
                                         gpointer             user_data);
void              inspector_capture_free (InspectorCapture *self);

G_END_DECLS
