/*
 * Results that appear when they are complete: they are written under another name in the same folder,
 * or without one, and named at the end.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_NEW_PATH_H
#define LTTNGA_NEW_PATH_H

#include <glib.h>
#include <stdbool.h>

/* A new folder, or an empty new file, beside `path`; to be freed. NULL with `error` if that fails. */
char *new_path_folder(const char *path, GError **error);
char *new_path_file(const char *path, GError **error);

/*
 * Opens a new file without a name, on the file system of `path`: nothing is left of it if the process is killed. If
 * that file system can't do that, the file has the name `beside`, to be freed, which is NULL otherwise. -1 with
 * `error` if both fail.
 */
int new_path_open(const char *path, char **beside, GError **error);

/* Gives such a file without a name the name `path`, in place of what has that. False with `error` if that fails. */
bool new_path_name(int fd, const char *path, GError **error);

/*
 * Gives it the name `path`, on the disk, too. What is there is removed with `replace`, else only an empty
 * folder is. False with `error` if that fails: then both are as before.
 */
bool new_path_give(const char *temporary, const char *path, bool replace, GError **error);

/* Removes it: a file, or a folder with all that is in it. */
void new_path_drop(const char *temporary);

/*
 * Whether the path may be taken: there is nothing, or what may go. `wrong` says why what is there may not, or sets
 * `is_export` if it is an export, which goes with `replace` only. False with `error` if not.
 */
bool new_path_check(const char *path, bool replace,
	const char *(*wrong)(const char *path, bool *is_export), GError **error);

#endif
