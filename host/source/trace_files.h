/*
 * Finds the traces below the paths that a user names, and sorts out which of them to read.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_TRACE_FILES_H
#define LTTNGA_TRACE_FILES_H

#include <glib.h>
#include <stdbool.h>

/* The folders of one CTF trace: one, or several for chunks and snapshots of the same trace. */
struct trace_files {
	GPtrArray *folders; /* char *, sorted */
	int version;        /* of CTF: 1 or 2 */
	bool user;          /* it is of user space */
};

/*
 * Finds all kernel traces below `paths` (NULL at the end), and behind them, if `user`, those of user space
 * beside them. What is left out otherwise is told in `notes`. Returns an array of struct trace_files *,
 * which the caller frees with g_ptr_array_unref(); or NULL with `error` if there is no kernel trace, or one
 * is beyond us.
 */
GPtrArray *trace_files_find(const char *const *paths, bool user, GPtrArray *notes, GError **error);

/* False if the metadata of a folder says that it is not of the kernel; if it can't be read, opening it tells why. */
bool trace_files_may_be_kernel(const char *folder);

/*
 * Why a trace can't be opened, if a look at its files tells: one that can't be read, or is no
 * stream. To be freed; NULL if nothing is wrong with them at their begin.
 */
char *trace_files_culprit(const struct trace_files *files);

#endif
