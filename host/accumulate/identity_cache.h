/*
 * What was found out about something that is made of numbers, to be found again by these. Each
 * one has a place of its own, where another one may take its place: what is not there has to be found
 * out anew.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_IDENTITY_CACHE_H
#define LTTNGA_IDENTITY_CACHE_H

#include "state/hash.h"

#include <stddef.h>
#include <stdint.h>

/* All 0 in the beginning; it takes memory when something is noted first. */
struct identity_cache {
	size_t places;     /* a power of 2, or 0 */
	size_t taken;      /* how often a place was taken since there are so many */
	uint64_t *numbers; /* of each place */
	void **found;      /* likewise; NULL: it is free */
};

/* Takes a place, which is free then, for what is not there. */
void **identity_cache_take(
	struct identity_cache *cache, size_t n, const uint64_t *numbers, uint64_t hash);

/*
 * Where what was found out about these `n` numbers, of a cache always as many, is noted. NULL there: it
 * has to be found out.
 */
static inline void **identity_cache_at(
	struct identity_cache *cache, size_t n, const uint64_t *numbers)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < n; i++)
		hash = hash_mix(hash, numbers[i]);
	if (cache->places > 0) {
		size_t at = hash & (cache->places - 1), same = 0;
		const uint64_t *own = &cache->numbers[at * n];

		while (same < n && own[same] == numbers[same])
			same++;
		if (same == n && cache->found[at])
			return &cache->found[at];
	}
	return identity_cache_take(cache, n, numbers, hash);
}

/* Forgets all, and gives the memory back. */
void identity_cache_clear(struct identity_cache *cache);

#endif
