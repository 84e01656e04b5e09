/*
 * Disks and partitions: their numbers and names, and the kernel threads that write to them for
 * others.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_DISK_H
#define LTTNGA_DISK_H

#include "state/strpool.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct state;
struct image;

struct disk_model {
	GHashTable *names; /* device number (major << 20 | minor) -> strid */
};

void disk_init(struct disk_model *model);
void disk_clear(struct disk_model *model);

/* The disk's name with a reference: the statedump's, or "(major,minor)". */
strid disk_name(struct state *state, int64_t dev);

/* The name that the statedump told, without a reference; 0 if it told none. */
strid disk_known_name(const struct state *state, int64_t dev);

/* Whether a path is that of a disk whose name is known: "/dev/vda1". */
bool disk_has_path(const struct state *state, const char *path);

/* The numbers of the disks that have a name, ascending; free the array with g_array_unref(). */
GArray *disk_known(const struct state *state);

/* "254:16" as a device number; -1 if it is none. */
int64_t disk_parse_dev(const char *text);

/* Whether a thread of this name (NULL: not known) writes dirty pages for the kernel. */
bool is_flusher(const char *comm);

/* Whether a thread of this name writes the journal of a file system, or the like. */
bool is_journal(const char *comm);

void disk_image(struct image *image);

#endif
