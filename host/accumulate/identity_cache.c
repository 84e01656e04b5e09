/*
 * What was found out about something that is made of numbers.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/accumulate/identity_cache.h"

#include <glib.h>

/* Places in the beginning, and at most; twice as many after as many have been taken. */
#define PLACES_FIRST 16
#define PLACES_MAX   1024

void identity_cache_clear(struct identity_cache *cache)
{
	g_free(cache->numbers);
	g_free(cache->found);
	*cache = (struct identity_cache){0};
}

static void grow(struct identity_cache *cache, size_t n)
{
	size_t places = cache->places > 0 ? 2 * cache->places : PLACES_FIRST;

	identity_cache_clear(cache);
	cache->places = places;
	cache->numbers = g_new0(uint64_t, places * n);
	cache->found = g_new0(void *, places);
}

void **identity_cache_take(
	struct identity_cache *cache, size_t n, const uint64_t *numbers, uint64_t hash)
{
	size_t at;

	if (cache->taken++ >= cache->places && cache->places < PLACES_MAX)
		grow(cache, n);
	at = hash & (cache->places - 1);
	for (size_t i = 0; i < n; i++)
		cache->numbers[at * n + i] = numbers[i];
	cache->found[at] = NULL;
	return &cache->found[at];
}
