/*
 * What is behind paths: files, devices, or what the kernel only shows as files. It follows from the
 * begin of a path, where nothing else is known, and from what is seen to be mounted.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_MOUNTS_H
#define LTTNGA_MOUNTS_H

#include "state/fd.h"

#include <glib.h>

struct state;
struct image;

/* More are not kept; a machine has some dozens. */
#define MOUNTS_MAX 4096

/* What is mounted deeper than that is not seen, bytes of its path. */
#define MOUNT_PATH_MAX 256

struct mount_model {
	GHashTable *types; /* path (char *, without a slash at its end) -> enum file_type */
};

void mounts_init(struct mount_model *model);
void mounts_clear(struct mount_model *model);

/* What a file system of this type (NULL: not known) has: "tmpfs" -> FILE_VIRTUAL. */
enum file_type file_type_of_fs(const char *fs);

/* What is behind a path; that of a file on a disk if nothing says otherwise. */
enum file_type file_type_of_path(const struct state *state, const char *path);

/* What is below this path is of that type from now on, until it is unmounted. */
void mounts_add(struct state *state, const char *path, enum file_type type);
void mounts_remove(struct state *state, const char *path);

void mounts_image(struct image *image);

#endif
