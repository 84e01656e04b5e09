/*
 * Descriptors by number, as trees that tables share: a copy of a table costs nothing, and a change of
 * one costs as much as its way through the tree (fd_tree.c says how). A tree is named by the number of
 * its root, 0 if it is empty; whoever holds one has a reference to it.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_FD_TREE_H
#define LTTNGA_FD_TREE_H

#include "state/pool.h"
#include "state/strpool.h"

#include <stdbool.h>

struct image;

/* What is behind a descriptor. */
enum file_type {
	FILE_UNKNOWN,
	FILE_STORED,  /* it has a path, and is a file on a disk, as far as is known */
	FILE_DEVICE,  /* it has a path in /dev */
	FILE_VIRTUAL, /* it has a path, but is in memory, or what the kernel shows: /proc, tmpfs */
	FILE_NET,     /* a socket to other machines: families INET and INET6 */
	FILE_LOCAL, /* what never leaves the machine: sockets of other families, pipes, eventfd, ... */
	FILE_TYPES,
};

struct file {
	strid path;      /* 0 if not known */
	uint8_t type;    /* enum file_type */
	bool cloexec;    /* of descriptors the table says it: in a tree it is false */
	bool readonly;   /* it was opened for reading only */
	bool direct;     /* what is read and written goes round the page cache (O_DIRECT) */
	uint32_t socket; /* its number, see sockets.h; 0 if it is none, or nothing is known of it */
};

/* An open descriptor. */
struct fd {
	int32_t number;
	struct file file;
	int64_t since; /* when it became that, ns */
};

/* All trees of a model. */
struct fd_trees {
	struct pool nodes;
	struct strpool *strings; /* of the model */
	uint32_t alive;          /* nodes in the pool: descriptors, each as often as it is stored */
};

void fd_trees_init(struct fd_trees *trees, struct strpool *strings);
void fd_trees_clear(struct fd_trees *trees);

/* One more, one less holder of a tree; the former returns it. */
uint32_t fd_tree_ref(struct fd_trees *trees, uint32_t root);
void fd_tree_unref(struct fd_trees *trees, uint32_t root);

/* How many descriptors there are. */
uint32_t fd_tree_size(const struct fd_trees *trees, uint32_t root);

/* The descriptor of this number, or NULL; the first one from this number on, or NULL. */
const struct fd *fd_tree_find(const struct fd_trees *trees, uint32_t root, int32_t number);
const struct fd *fd_tree_from(const struct fd_trees *trees, uint32_t root, int32_t number);

/*
 * What follows changes the tree at *root for this holder only. Addresses of descriptors that were
 * given out before are of no use afterwards.
 */

/* Puts a descriptor in, or in the place of the one of its number; with a reference of its own to the path. */
void fd_tree_put(struct fd_trees *trees, uint32_t *root, const struct fd *fd);

/* The descriptor of this number, which must be there, to be changed: not its number. */
struct fd *fd_tree_change(struct fd_trees *trees, uint32_t *root, int32_t number);

/* Takes out those from `first` to `last`, both included; returns them as a tree. */
uint32_t fd_tree_cut(struct fd_trees *trees, uint32_t *root, int32_t first, int32_t last);

/* Adds what is in `other` and not there by number. */
void fd_tree_add(struct fd_trees *trees, uint32_t *root, uint32_t other);

/* Takes out those whose numbers are in `other`. */
void fd_tree_drop(struct fd_trees *trees, uint32_t *root, uint32_t other);

/* All nodes; a tree of a holder; and the check, when all has been read. */
void fd_trees_image(struct image *image, struct fd_trees *trees);
void fd_tree_image(struct image *image, struct fd_trees *trees, uint32_t *root);
void fd_trees_image_check(struct image *image, struct fd_trees *trees);

/* What is behind a descriptor. */
void file_image(struct image *image, struct file *file);

#endif
