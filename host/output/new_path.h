/*
 * Results that appear when they are complete: they are written under another name in the same folder,
 * and renamed at the end.
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
 * Gives it the name `path`, on the disk, too. What is there is removed with `replace`, else only an empty
 * folder is. False with `error` if that fails: then both are as before.
 */
bool new_path_give(const char *temporary, const char *path, bool replace, GError **error);

/* Removes it: a file, or a folder with the files in it. */
void new_path_drop(const char *temporary);

#endif
