/*
 * Items by number, in chunks: in memory, or in a file that is mapped.
 *
 * A row begins with small chunks, since there can be many rows that stay short, and goes on with large
 * ones. A chunk is either in memory of its own or a piece of a mapped part of the file; the parts never
 * move, so neither do items. The file's room is taken before it is mapped: a disk that is full is an error
 * of ours, and not a signal in the middle of a store. Pages of a shared map that are given back keep what
 * is in them: they come again from the file when they are looked at.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/accumulate/chunks.h"

#include "host/output/file_io.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The file grows by so much. */
#define MAP_BYTES (4u << 20)

/* So many chunks of the file may always be looked at before they are given back: 4 MB. */
#define TOUCHED_LEAST 256

/* The size of a row's first chunks, as CHUNK_LEAST << n; all others have the last one. */
static const uint8_t sizes[] = {0, 2, 4};

void chunks_init(struct chunks *chunks, uint64_t limit)
{
	*chunks = (struct chunks){
		.limit = limit,
		.chunks = g_array_new(FALSE, TRUE, sizeof(struct chunk)),
		.fd = -1,
		.touched = g_array_new(FALSE, FALSE, sizeof(uint32_t)),
		.maps = g_ptr_array_new(),
	};
	g_array_set_size(chunks->chunks, 1);
}

void chunks_free(struct chunks *chunks)
{
	for (guint i = 0; i < chunks->chunks->len; i++) {
		const struct chunk *chunk = &g_array_index(chunks->chunks, struct chunk, i);

		if (!chunk->mapped)
			g_free(chunk->at);
	}
	g_array_unref(chunks->chunks);
	g_array_unref(chunks->touched);
	for (guint i = 0; i < chunks->maps->len; i++)
		munmap(g_ptr_array_index(chunks->maps, i), MAP_BYTES);
	g_ptr_array_unref(chunks->maps);
	for (size_t i = 0; i < G_N_ELEMENTS(chunks->free); i++)
		if (chunks->free[i])
			g_array_unref(chunks->free[i]);
	if (chunks->fd >= 0)
		close(chunks->fd);
	*chunks = (struct chunks){.fd = -1};
}

void chunk_row_free(struct chunk_row *row)
{
	if (row->chunks)
		g_array_unref(row->chunks);
	row->chunks = NULL;
}

/* One more part of the file. False with `wrong` set if there is no room. */
static bool map_more(struct chunks *chunks)
{
	off_t at = (off_t)chunks->maps->len * MAP_BYTES;
	void *map;

	if (chunks->fd < 0)
		chunks->fd = file_temporary();
	chunks->wrong = chunks->fd < 0 ? errno : 0;
	if (!chunks->wrong)
		do
			chunks->wrong = posix_fallocate(chunks->fd, at, MAP_BYTES);
		while (chunks->wrong == EINTR);
	if (chunks->wrong)
		return false;
	map = mmap(NULL, MAP_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, chunks->fd, at);
	if (map == MAP_FAILED) {
		chunks->wrong = errno;
		return false;
	}
	g_ptr_array_add(chunks->maps, map);
	return true;
}

/* A free piece of the file, of CHUNK_LEAST << size bytes; NULL with `wrong` set if there is no room. */
static char *file_place(struct chunks *chunks, uint8_t size)
{
	GArray *free = chunks->free[size];
	uint64_t bytes = (uint64_t)CHUNK_LEAST << size, at;
	char *place;

	if (free && free->len > 0) {
		place = g_array_index(free, char *, free->len - 1);
		g_array_set_size(free, free->len - 1);
		memset(place, 0, bytes);
		return place;
	}
	/* So that large ones begin where pages do, and no chunk is in two parts. */
	at = (chunks->mapped + bytes - 1) & ~(bytes - 1);
	if (at / MAP_BYTES >= chunks->maps->len && !map_more(chunks))
		return NULL;
	chunks->mapped = at + bytes;
	return (char *)g_ptr_array_index(chunks->maps, at / MAP_BYTES) + at % MAP_BYTES;
}

/* Adds a chunk to a row; returns its number, or 0 with `wrong` set. */
static uint32_t add_chunk(struct chunks *chunks, struct chunk_row *row)
{
	guint n = row->chunks->len;
	uint32_t number = chunks->chunks->len;
	struct chunk chunk = {.last = INT64_MIN,
		.row = row->name,
		.eighth = (uint8_t)(row->size / 8),
		.bytes = sizes[MIN(n, G_N_ELEMENTS(sizes) - 1)]};
	uint64_t bytes = (uint64_t)CHUNK_LEAST << chunk.bytes;

	if (number >= ITEM_MAX >> ITEM_PLACE_BITS)
		chunks->wrong = EFBIG;
	if (chunks->wrong)
		return 0;
	chunk.mapped = chunks->held + bytes > chunks->limit;
	chunk.at = chunk.mapped ? file_place(chunks, chunk.bytes) : g_malloc0(bytes);
	if (!chunk.at)
		return 0;
	chunks->held += chunk.mapped ? 0 : bytes;
	g_array_append_val(chunks->chunks, chunk);
	g_array_append_val(row->chunks, number);
	return number;
}

/* The pages of a chunk are given back; what else is in them comes again, too. */
static void give_back(struct chunk *chunk)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t begin = (uintptr_t)chunk->at & ~(page - 1);
	uintptr_t end = (uintptr_t)chunk->at + ((size_t)CHUNK_LEAST << chunk->bytes);

	if (chunk->mapped)
		madvise((void *)begin, (end - begin + page - 1) & ~(page - 1), MADV_DONTNEED);
	chunk->touched = false;
}

item chunks_add(struct chunks *chunks, struct chunk_row *row, uint32_t n)
{
	uint32_t number = 0, place;
	struct chunk *chunk = NULL;

	if (!row->chunks)
		row->chunks = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	if (row->chunks->len > 0) {
		number = g_array_index(row->chunks, uint32_t, row->chunks->len - 1);
		chunk = &g_array_index(chunks->chunks, struct chunk, number);
	}
	if (!chunk || !chunk->at ||
		(chunk->used + n) * row->size > (uint64_t)CHUNK_LEAST << chunk->bytes) {
		/* It is full, and will not be looked at for a while. */
		if (chunk && chunk->at)
			give_back(chunk);
		number = add_chunk(chunks, row);
		if (number == 0)
			return 0;
		chunk = &g_array_index(chunks->chunks, struct chunk, number);
	}
	place = chunk->used;
	chunk->used = (uint16_t)(chunk->used + n);
	return number << ITEM_PLACE_BITS | place;
}

void chunks_touch(struct chunks *chunks, item number)
{
	uint32_t at = number >> ITEM_PLACE_BITS;

	/* What is looked at may take a quarter of what is kept in memory, or a little. */
	if (chunks->touched->len >= MAX(chunks->limit / 4 / CHUNK_BYTES, TOUCHED_LEAST))
		chunks_give_back(chunks);
	chunk_of(chunks, number)->touched = true;
	g_array_append_val(chunks->touched, at);
}

void chunks_give_back(struct chunks *chunks)
{
	for (guint i = 0; i < chunks->touched->len; i++)
		give_back(&g_array_index(
			chunks->chunks, struct chunk, g_array_index(chunks->touched, uint32_t, i)));
	g_array_set_size(chunks->touched, 0);
}

/* Drops what is in a chunk. */
static void drop(struct chunks *chunks, struct chunk *chunk)
{
	GArray **free = &chunks->free[chunk->bytes];

	if (!chunk->mapped) {
		g_free(chunk->at);
		chunks->held -= (uint64_t)CHUNK_LEAST << chunk->bytes;
	} else {
		if (!*free)
			*free = g_array_new(FALSE, FALSE, sizeof(char *));
		g_array_append_val(*free, chunk->at);
	}
	chunk->at = NULL;
	chunk->mapped = chunk->touched = false;
}

void chunks_forget(struct chunks *chunks, struct chunk_row *row, int64_t before)
{
	guint n = 0;

	while (row->chunks && n < row->chunks->len) {
		uint32_t number = g_array_index(row->chunks, uint32_t, n);
		struct chunk *chunk = &g_array_index(chunks->chunks, struct chunk, number);

		if (chunk->last >= before)
			break;
		drop(chunks, chunk);
		n++;
	}
	if (n > 0)
		g_array_remove_range(row->chunks, 0, n);
}
