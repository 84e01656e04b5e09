/*
 * Memory that is freed all at once.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/ctf/arena.h"

#include <glib.h>
#include <stdalign.h>
#include <string.h>

#define BLOCK 65536

struct block {
	struct block *next;
	alignas(max_align_t) char data[];
};

struct ctf_arena {
	struct block *blocks;
	char *at;
	size_t left;
};

struct ctf_arena *ctf_arena_new(void)
{
	return g_new0(struct ctf_arena, 1);
}

void ctf_arena_free(struct ctf_arena *arena)
{
	struct block *next;

	for (struct block *block = arena ? arena->blocks : NULL; block; block = next) {
		next = block->next;
		g_free(block);
	}
	g_free(arena);
}

void *ctf_alloc(struct ctf_arena *arena, size_t size)
{
	void *bytes;

	size = (size + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
	if (size > arena->left) {
		size_t room = MAX(size, BLOCK);
		struct block *block = g_malloc0(sizeof(*block) + room);

		block->next = arena->blocks;
		arena->blocks = block;
		arena->at = block->data;
		arena->left = room;
	}
	bytes = arena->at;
	arena->at += size;
	arena->left -= size;
	return bytes;
}

char *ctf_text(struct ctf_arena *arena, const char *text, size_t length)
{
	char *copy = ctf_alloc(arena, length + 1);

	memcpy(copy, text, length);
	return copy;
}
