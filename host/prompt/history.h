/*
 * The lines of earlier sessions, in a file: one line each, the newest at the end.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_HISTORY_H
#define LTTNGA_HISTORY_H

#include <glib.h>
#include <stdbool.h>

/* So many lines are kept, the newest ones. */
#define HISTORY_MAX 1000

/*
 * Reads the file: texts, the oldest first; none if there is no such file, or it is no text. What is
 * too much is removed from the file, too.
 */
GPtrArray *history_read(const char *path);

/*
 * Adds lines to the file, where another session may have added its own. Makes the file, for its
 * owner only, and its folder. Whether that worked.
 */
bool history_add(const char *path, const GPtrArray *lines);

#endif
