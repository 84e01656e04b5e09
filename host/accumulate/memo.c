/*
 * Memos: what was found out about something that is made of numbers.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/accumulate/memo.h"

#include <glib.h>

/* Places in the beginning, and at most; twice as many after as many have been taken. */
#define PLACES_FIRST 16
#define PLACES_MAX   1024

void memo_clear(struct memo *memo)
{
	g_free(memo->numbers);
	g_free(memo->found);
	*memo = (struct memo){0};
}

static void grow(struct memo *memo, size_t n)
{
	size_t places = memo->places > 0 ? 2 * memo->places : PLACES_FIRST;

	memo_clear(memo);
	memo->places = places;
	memo->numbers = g_new0(uint64_t, places * n);
	memo->found = g_new0(void *, places);
}

void **memo_take(struct memo *memo, size_t n, const uint64_t *numbers, uint64_t hash)
{
	size_t at;

	if (memo->taken++ >= memo->places && memo->places < PLACES_MAX)
		grow(memo, n);
	at = hash & (memo->places - 1);
	for (size_t i = 0; i < n; i++)
		memo->numbers[at * n + i] = numbers[i];
	memo->found[at] = NULL;
	return &memo->found[at];
}
