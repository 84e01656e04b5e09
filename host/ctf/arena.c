/*
 * Memory that is freed all at once.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/ctf/arena.h"

#include <glib.h>
#include <stdalign.h>
#include <string.h>

/* Blocks are twice as long as the one before, up to a limit. */
#define BLOCK_FIRST 2048
#define BLOCK_MAX   65536

struct block {
	struct block *next;
	alignas(max_align_t) char data[];
};

struct ctf_arena {
	struct block *blocks;
	char *at;
	size_t left;
	size_t block; /* how long the next one will be */
};

struct ctf_arena *ctf_arena_new(void)
{
	struct ctf_arena *arena = g_new0(struct ctf_arena, 1);

	arena->block = BLOCK_FIRST;
	return arena;
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

	/* Nothing, too, has a place. */
	size = (MAX(size, 1) + alignof(max_align_t) - 1) / alignof(max_align_t) *
	       alignof(max_align_t);
	if (size > arena->left) {
		size_t room = MAX(size, arena->block);
		struct block *block = g_malloc0(sizeof(*block) + room);

		block->next = arena->blocks;
		arena->blocks = block;
		arena->at = block->data;
		arena->left = room;
		arena->block = MIN(2 * arena->block, BLOCK_MAX);
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
