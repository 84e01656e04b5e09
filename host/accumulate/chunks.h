/*
 * Items by number that are only added to, in rows of items of one size. They are kept in memory up to a
 * limit, and what is beyond in a file without a name that is mapped: it takes no memory but while it is
 * looked at. What is old can be dropped a chunk at a time.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CHUNKS_H
#define LTTNGA_CHUNKS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* The number of an item: its chunk, and its place there. 0 is none. */
typedef uint32_t item;

#define ITEM_PLACE_BITS 10

/* So many items there can be of a row that are numbered with 31 bits. */
#define ITEM_MAX (UINT32_C(1) << 31)

/* Bytes of a chunk at most. */
#define CHUNK_BYTES (1u << 14)

/* At most so many bytes can be added at once. */
#define CHUNK_LEAST 1024

struct chunk {
	char *at;       /* NULL: it was dropped */
	int64_t last;   /* no item of it is about what is later; see chunks_note() */
	int32_t row;    /* what the row is called */
	uint16_t used;  /* items */
	uint8_t eighth; /* size of an item, in 8 bytes */
	uint8_t bytes;  /* its own size: CHUNK_LEAST << bytes */
	bool mapped;    /* it is in the file, */
	bool touched;   /* and was looked at since what is mapped was last given back */
};

/* Items of one size; all 0 but for the first members in the beginning. */
struct chunk_row {
	uint32_t size;  /* of an item: a multiple of 8, from 16 to 512 */
	int32_t name;   /* any number that tells rows apart */
	GArray *chunks; /* uint32_t: the numbers of its chunks, in order; NULL: none yet */
};

struct chunks {
	uint64_t limit; /* bytes in memory */
	GArray *chunks; /* struct chunk; the first one is none */
	uint64_t held;  /* bytes in memory */
	GArray *touched; /* uint32_t: chunks of the file that were looked at since the last give-back */
	int fd;          /* the file; -1: none yet */
	GPtrArray *maps; /* its parts, mapped, of MAP_BYTES each */
	uint64_t mapped; /* bytes of them that are in use */
	GArray *free[8]; /* char *: places in the file of chunks that were dropped, by their size */
	int wrong;       /* errno: nothing can be added any more; 0: all is well */
};

/* Nothing, with at most so many bytes in memory; free it with chunks_free(). */
void chunks_init(struct chunks *chunks, uint64_t limit);
void chunks_free(struct chunks *chunks);

/* Frees what a row has beside its chunks. */
void chunk_row_free(struct chunk_row *row);

/*
 * Adds `n` items, which are all 0, one behind the other; CHUNK_LEAST bytes at most. Returns the number
 * of the first one; 0 if there is no room for them: then `wrong` says why.
 */
item chunks_add(struct chunks *chunks, struct chunk_row *row, uint32_t n);

/* A chunk of the file is looked at. */
void chunks_touch(struct chunks *chunks, item number);

static inline struct chunk *chunk_of(const struct chunks *chunks, item number)
{
	return &g_array_index(chunks->chunks, struct chunk, number >> ITEM_PLACE_BITS);
}

/* The item of a number that was given out; NULL if it is 0, or was dropped. It stays where it is. */
static inline void *chunks_at(struct chunks *chunks, item number)
{
	struct chunk *chunk = chunk_of(chunks, number);

	if (!chunk->at)
		return NULL;
	if (chunk->mapped && !chunk->touched)
		chunks_touch(chunks, number);
	return chunk->at + (number & ((1u << ITEM_PLACE_BITS) - 1)) * 8 * chunk->eighth;
}

/* An item is about what goes on until `time`. */
static inline void chunks_note(struct chunks *chunks, item number, int64_t time)
{
	struct chunk *chunk = chunk_of(chunks, number);

	chunk->last = MAX(chunk->last, time);
}

/* Drops the chunks of a row, from its begin on, that are about nothing that is at `before` or later. */
void chunks_forget(struct chunks *chunks, struct chunk_row *row, int64_t before);

/* Gives back the memory that looking at the file has taken. */
void chunks_give_back(struct chunks *chunks);

#endif
