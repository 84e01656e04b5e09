/*
 * Memory that is freed all at once: what a trace's metadata becomes.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CTF_ARENA_H
#define LTTNGA_CTF_ARENA_H

#include <stddef.h>

struct ctf_arena;

struct ctf_arena *ctf_arena_new(void);
void ctf_arena_free(struct ctf_arena *arena);

/* `size` zeroed bytes, aligned for any type; they live as long as the arena. */
void *ctf_alloc(struct ctf_arena *arena, size_t size);

/* A copy of a text of `length` bytes, with a NUL at its end. */
char *ctf_text(struct ctf_arena *arena, const char *text, size_t length);

#endif
