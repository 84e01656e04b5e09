/*
 * Images: a whole model as bytes, and bytes as a model. Here is what all parts of an image share:
 * pools, numbers of their items, texts. Each subsystem describes what it holds in one function for
 * both ways (state/codec.h), in its own file; state.c puts them together. What is read is
 * checked: numbers of items stand for items that are there, and texts and tables are used as often
 * as they say.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_IMAGE_H
#define LTTNGA_IMAGE_H

#include "state/codec.h"
#include "state/pool.h"
#include "state/strpool.h"

struct state;

/* The pools whose items are named by number in others. */
enum image_pool {
	IMAGE_STRINGS,
	IMAGE_CONTAINERS,
	IMAGE_SPACES,
	IMAGE_FDS,
	IMAGE_TABLES,
	IMAGE_CALLS,
	IMAGE_FILES,
	IMAGE_RUNS,
	IMAGE_THREADS,
	IMAGE_REQUESTS,
	IMAGE_IRQ_CPUS,
	IMAGE_POOLS
};

/* A model on its way to or from an codec. */
struct image {
	struct codec *codec;
	struct state *state;
	/* When reading: which items of each pool there are, and how many numbers. */
	bool *alive[IMAGE_POOLS];
	uint32_t used[IMAGE_POOLS];
	bool leaves_out; /* some part: what refers to it does not count */
};

static inline bool image_reads(const struct image *image)
{
	return codec_reads(image->codec);
}

/* A pool with its free places; `item` describes each of its items. When reading, it is empty before. */
void image_pool(struct image *image, struct pool *pool, enum image_pool kind,
	void (*item)(struct image *image, uint32_t index, void *item));

/*
 * A part of the model, with the pools that it describes. Whoever does not want it when reading does not
 * get it: it costs nothing then, and numbers of what is in there become 0.
 */
void image_part(struct image *image, bool wanted, void (*part)(struct image *image));

/* The number of an item, or 0. */
void image_number(struct image *image, uint32_t *index, enum image_pool kind);

/* The number of an item that may be gone meanwhile, or 0. */
void image_past_number(struct image *image, uint32_t *index, enum image_pool kind);

/* A text that the holder has a reference to. */
void image_string(struct image *image, strid *id);

/* All texts; and the check, when all has been read, that references to them were counted right. */
void image_strings(struct image *image);
void image_strings_check(struct image *image);

/* Texts that are told apart by number: those that there are must be the first ones of the others. */
void image_names(struct image *image, const GPtrArray *names,
	void (*add)(struct image *image, const char *name), uint32_t max);

/* The keys of a hash table whose keys are int64_t, ascending; free it with g_array_unref(). */
GArray *image_keys(GHashTable *table);

#endif
