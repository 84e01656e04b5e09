/*
 * A pool of equal items that are named by index: addresses stay put while it grows, freed items
 * are used again, and memory follows the largest number alive at one time. Index 0 means "none".
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_POOL_H
#define LTTNGA_POOL_H

#include <glib.h>
#include <stdint.h>

struct pool {
	GPtrArray *chunks; /* of POOL_CHUNK items each */
	GArray *free;      /* indices to use again */
	size_t item_size;
	uint32_t used; /* indices handed out so far, index 0 included */
};

/* Fuzzers make many small models. */
#ifndef POOL_CHUNK
#define POOL_CHUNK 256u
#endif

/* Makes `pool` empty, for items of `item_size` bytes. Undo with pool_clear(). */
void pool_init(struct pool *pool, size_t item_size);

/* Frees all items' memory (not what they own). */
void pool_clear(struct pool *pool);

/* A new item, all zero bytes; returns its index (never 0). */
uint32_t pool_add(struct pool *pool);

/* Gives the item back; `index` must be alive. */
void pool_remove(struct pool *pool, uint32_t index);

/* Makes an empty pool have so many numbers, whose items are all 0, and so many free places. */
void pool_restore(struct pool *pool, uint32_t used, uint32_t n_free);

/* The address of the item with a valid index; it stays the same as long as the item lives. */
static inline void *pool_at(const struct pool *pool, uint32_t index)
{
	char *chunk = g_ptr_array_index(pool->chunks, index / POOL_CHUNK);
	return chunk + (size_t)(index % POOL_CHUNK) * pool->item_size;
}

#endif
