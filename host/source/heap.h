/*
 * Binary heaps: arrays of items of any kind, the first of which comes before all others. An item
 * comes before those at 2 i + 1 and 2 i + 2, where i is its own place. The functions are made anew
 * for each kind of items that they are called with, so asking for their order costs no call.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_HEAP_H
#define LTTNGA_HEAP_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* The largest item, in bytes. */
#define HEAP_ITEM_MAX 32

/* Whether one item comes before another one; for no two at the same time both ways. */
typedef bool (*heap_order)(const void *a, const void *b);

/* The item at place `at` may have become later: it goes down to where it belongs. */
static inline __attribute__((always_inline)) void heap_down(
	void *items, size_t n, size_t size, heap_order before, size_t at)
{
	char *base = items;
	_Alignas(8) char item[HEAP_ITEM_MAX];

	memcpy(item, base + at * size, size);
	for (size_t child; (child = 2 * at + 1) < n; at = child) {
		if (child + 1 < n && before(base + (child + 1) * size, base + child * size))
			child++;
		if (!before(base + child * size, item))
			break;
		memcpy(base + at * size, base + child * size, size);
	}
	memcpy(base + at * size, item, size);
}

/* The last of the `n` items is new: it goes up to where it belongs. */
static inline __attribute__((always_inline)) void heap_up(
	void *items, size_t n, size_t size, heap_order before)
{
	char *base = items;
	size_t at = n - 1;
	_Alignas(8) char item[HEAP_ITEM_MAX];

	memcpy(item, base + at * size, size);
	while (at > 0 && before(item, base + (at - 1) / 2 * size)) {
		memcpy(base + at * size, base + (at - 1) / 2 * size, size);
		at = (at - 1) / 2;
	}
	memcpy(base + at * size, item, size);
}

/* Makes a heap of items that are in any order. */
static inline __attribute__((always_inline)) void heap_make(
	void *items, size_t n, size_t size, heap_order before)
{
	for (size_t i = n / 2; i-- > 0;)
		heap_down(items, n, size, before, i);
}

#endif
