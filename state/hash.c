/*
 * The seed of hashes.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/hash.h"

#include <sys/random.h>
#include <time.h>

uint64_t hash_seed;

/* Before anything else, so that there is no table yet. */
__attribute__((constructor)) static void choose_seed(void)
{
	if (getrandom(&hash_seed, sizeof(hash_seed), GRND_NONBLOCK) != sizeof(hash_seed))
		hash_seed = hash_mix((uintptr_t)&hash_seed, (uint64_t)time(NULL));
}
