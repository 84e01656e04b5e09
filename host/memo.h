/*
 * Memos: what was found out about something that is made of numbers, to be found again by these. Each
 * one has a place of its own, where another one may take its place: what is not there has to be found
 * out anew.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_MEMO_H
#define LTTNGA_MEMO_H

#include <glib.h>
#include <stdint.h>

/* Places in the beginning, and at most: there are twice as many after that many were taken anew. */
#define MEMO_FIRST 16
#define MEMO_MOST  1024

struct memo {
	size_t n;          /* numbers that a thing is made of */
	size_t places;     /* a power of 2; 0 in the beginning */
	size_t taken;      /* how often a place was taken since there are so many */
	uint64_t *numbers; /* of each place */
	void **found;      /* likewise; NULL: it is free */
};

static inline uint64_t memo_mix(uint64_t hash, uint64_t number)
{
	hash = (hash ^ number) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

/* A memo for things that are made of `n` numbers; it takes memory when it is asked first. */
static inline struct memo memo_new(size_t n)
{
	return (struct memo){.n = n};
}

static inline void memo_clear(struct memo *memo)
{
	g_free(memo->numbers);
	g_free(memo->found);
	*memo = memo_new(memo->n);
}

static inline void memo_grow(struct memo *memo)
{
	size_t places = memo->places ? 2 * memo->places : MEMO_FIRST;

	memo_clear(memo);
	memo->places = places;
	memo->numbers = g_new(uint64_t, places * MAX(memo->n, 1));
	memo->found = g_new0(void *, places);
}

/* Where what was found out about these numbers is noted; NULL there: it has to be found out. */
static inline void **memo_at(struct memo *memo, const uint64_t *numbers)
{
	uint64_t hash = 0, *own;
	size_t at, same = 0;

	if (memo->taken >= memo->places && memo->places < MEMO_MOST)
		memo_grow(memo);
	for (size_t i = 0; i < memo->n; i++)
		hash = memo_mix(hash, numbers[i]);
	at = hash & (memo->places - 1);
	own = &memo->numbers[at * memo->n];
	if (memo->found[at])
		while (same < memo->n && own[same] == numbers[same])
			same++;
	if (memo->found[at] && same == memo->n)
		return &memo->found[at];
	for (size_t i = 0; i < memo->n; i++)
		own[i] = numbers[i];
	memo->found[at] = NULL;
	memo->taken++;
	return &memo->found[at];
}

#endif
