/*
 * A pool of equal items that are named by index.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/pool.h"

#include <string.h>

void pool_init(struct pool *pool, size_t item_size)
{
	pool->chunks = g_ptr_array_new_with_free_func(g_free);
	pool->free = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	pool->item_size = item_size;
	pool->used = 1;
}

void pool_clear(struct pool *pool)
{
	g_ptr_array_free(pool->chunks, TRUE);
	g_array_free(pool->free, TRUE);
}

uint32_t pool_add(struct pool *pool)
{
	uint32_t index;

	if (pool->free->len > 0) {
		index = g_array_index(pool->free, uint32_t, pool->free->len - 1);
		g_array_set_size(pool->free, pool->free->len - 1);
	} else {
		index = pool->used++;
		if (index / POOL_CHUNK >= pool->chunks->len)
			g_ptr_array_add(pool->chunks, g_malloc(POOL_CHUNK * pool->item_size));
	}
	memset(pool_at(pool, index), 0, pool->item_size);
	return index;
}

void pool_remove(struct pool *pool, uint32_t index)
{
	g_array_append_val(pool->free, index);
}

void pool_restore(struct pool *pool, uint32_t used, uint32_t n_free)
{
	pool->used = used;
	while (pool->chunks->len * POOL_CHUNK < used)
		g_ptr_array_add(pool->chunks, g_malloc0(POOL_CHUNK * pool->item_size));
	g_array_set_size(pool->free, n_free);
}
