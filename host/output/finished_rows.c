/*
 * Rows as they are written in the end, in files.
 *
 * They are in blocks: how many rows, and how many bytes of text (4 bytes each); the place of each row (8) and how
 * long it is (4); the text. A block without rows is the end.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/output/finished_rows.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A block is written when it has so much text: the kernel takes much of a file at once for less. */
#define BLOCK 262144

/* Smaller files are read, larger ones mapped. */
#define MAPPED_LEAST 65536

struct block_head {
	uint32_t rows, bytes;
};

struct row_head {
	int64_t place;
	uint32_t length, reserved;
};

/* The rows of one file. */
struct source {
	char *data;    /* of the file; owned */
	size_t length; /* of what is mapped; 0: it is allocated */
	const char *next_block, *end;
	const char *heads; /* of the rows that are left in this block, */
	uint32_t left;     /* how many, */
	const char *text;  /* and theirs */
	int64_t place;     /* of the first one */
};

struct finished {
	GArray *sources; /* struct source, in the order in which they were taken */
	guint current;   /* the rows of which come next, */
	bool goes_on;    /* as long as their places are below those of */
	guint other;     /* another one's next row; G_MAXUINT: there is none */
};

/* ---- Saving ---- */

static bool write_block(struct finished_writer *writer)
{
	struct block_head head = {writer->places->len, (uint32_t)writer->used};

	if (fwrite(&head, sizeof(head), 1, writer->file) != 1 ||
		fwrite(writer->places->data, sizeof(struct row_head), head.rows, writer->file) !=
			head.rows ||
		fwrite(writer->text->data, 1, head.bytes, writer->file) != head.bytes)
		return false;
	g_array_set_size(writer->places, 0);
	writer->used = 0;
	return true;
}

char *finished_room(struct finished_writer *writer, size_t most)
{
	if (!writer->places) {
		writer->places = g_array_new(FALSE, FALSE, sizeof(struct row_head));
		writer->text = g_byte_array_new();
	}
	if (writer->used + most > writer->text->len)
		g_byte_array_set_size(writer->text, (guint)(MAX(writer->used, BLOCK) + 2 * most));
	return (char *)writer->text->data + writer->used;
}

bool finished_add(struct finished_writer *writer, int64_t place, size_t length)
{
	struct row_head head = {.place = place, .length = (uint32_t)length};

	g_array_append_val(writer->places, head);
	writer->used += length;
	return writer->used < BLOCK || write_block(writer);
}

bool finished_end(struct finished_writer *writer)
{
	static const struct block_head none = {0, 0};
	bool written = !writer->places || writer->places->len == 0 || write_block(writer);

	written = written && fwrite(&none, sizeof(none), 1, writer->file) == 1;
	if (writer->places) {
		g_array_unref(writer->places);
		g_byte_array_unref(writer->text);
	}
	*writer = (struct finished_writer){.file = writer->file};
	return written;
}

/* ---- Merging ---- */

struct finished *finished_new(void)
{
	struct finished *finished = g_new0(struct finished, 1);

	finished->sources = g_array_new(FALSE, FALSE, sizeof(struct source));
	return finished;
}

static void release(struct source *source)
{
	if (source->length > 0)
		munmap(source->data, source->length);
	else
		g_free(source->data);
}

void finished_free(struct finished *finished)
{
	if (!finished)
		return;
	for (guint i = 0; i < finished->sources->len; i++)
		release(&g_array_index(finished->sources, struct source, i));
	g_array_unref(finished->sources);
	g_free(finished);
}

/* How many bytes of text the rows of a block have that begin at `heads`; UINT64_MAX if there is no such place. */
static uint64_t text_of(const char *heads, uint32_t rows)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < rows; i++) {
		struct row_head head;

		memcpy(&head, heads + i * sizeof(head), sizeof(head));
		bytes += head.length;
	}
	return bytes;
}

/* Goes on to the next block; false if that was the last one. All was checked when it was taken. */
static bool next_block(struct source *source)
{
	struct block_head head;
	struct row_head row;

	memcpy(&head, source->next_block, sizeof(head));
	source->heads = source->next_block + sizeof(head);
	source->left = head.rows;
	source->text = source->heads + head.rows * sizeof(row);
	source->next_block = source->text + head.bytes;
	if (head.rows == 0)
		return false;
	memcpy(&row, source->heads, sizeof(row));
	source->place = row.place;
	return true;
}

/* Where the rows end that begin at an offset of a file, and how many they are; below 0 if that makes no sense. */
static int64_t find_end(FILE *file, long *end)
{
	struct block_head head;
	int64_t rows = 0;

	for (;;) {
		if (fread(&head, sizeof(head), 1, file) != 1)
			return -1;
		if (head.rows == 0)
			break;
		rows += head.rows;
		if (fseek(file, (long)(head.rows * sizeof(struct row_head) + head.bytes),
			    SEEK_CUR) < 0)
			return -1;
	}
	*end = ftell(file);
	return rows;
}

/* Gets the part of a file into memory; false with errno set if that fails. */
static bool get(struct source *source, FILE *file, long begin, long end)
{
	size_t length = (size_t)(end - begin), before = (size_t)begin % (size_t)getpagesize();
	size_t done = 0;
	ssize_t n;

	if (length >= MAPPED_LEAST) {
		source->data = mmap(NULL, length + before, PROT_READ, MAP_PRIVATE, fileno(file),
			begin - (long)before);
		if (source->data == MAP_FAILED)
			return false;
		source->length = length + before;
		source->next_block = source->data + before;
	} else {
		source->data = g_malloc(length);
		source->next_block = source->data;
		for (; done < length; done += (size_t)n) {
			n = pread(fileno(file), source->data + done, length - done,
				begin + (long)done);
			if (n <= 0) {
				g_free(source->data);
				return false;
			}
		}
	}
	source->end = source->next_block + length;
	return true;
}

/* Whether all blocks are within the file, and their rows within them. */
static bool is_sound(const struct source *source)
{
	const char *at = source->next_block;
	struct block_head head;

	for (;;) {
		uint64_t heads;

		if ((size_t)(source->end - at) < sizeof(head))
			return false;
		memcpy(&head, at, sizeof(head));
		at += sizeof(head);
		heads = head.rows * sizeof(struct row_head);
		if (head.rows == 0)
			return true;
		if (heads + head.bytes > (uint64_t)(source->end - at) ||
			text_of(at, head.rows) != head.bytes)
			return false;
		at += heads + head.bytes;
	}
}

int64_t finished_take(struct finished *finished, FILE *file)
{
	struct source source = {0};
	long begin = ftell(file), end = 0;
	int64_t rows = begin < 0 ? -1 : find_end(file, &end);

	if (rows <= 0)
		return rows;
	if (!get(&source, file, begin, end))
		return -1;
	if (!is_sound(&source)) {
		release(&source);
		errno = EIO;
		return -1;
	}
	next_block(&source);
	g_array_append_val(finished->sources, source);
	finished->goes_on = false;
	return rows;
}

static struct source *source_at(const struct finished *finished, guint i)
{
	return &g_array_index(finished->sources, struct source, i);
}

/* Whether the next row of a source comes before that of another one. */
static bool before(const struct finished *finished, guint one, guint other)
{
	int64_t a = source_at(finished, one)->place, b = source_at(finished, other)->place;

	return a < b || (a == b && one < other);
}

/* Finds the source whose row is next, and the one after that; false if there are no more rows. */
static bool choose(struct finished *finished)
{
	guint first = G_MAXUINT, second = G_MAXUINT;

	for (guint i = 0; i < finished->sources->len; i++) {
		if (source_at(finished, i)->left == 0)
			continue;
		if (first == G_MAXUINT || before(finished, i, first)) {
			second = first;
			first = i;
		} else if (second == G_MAXUINT || before(finished, i, second)) {
			second = i;
		}
	}
	finished->current = first;
	finished->other = second;
	return first != G_MAXUINT;
}

/* Goes on behind the first row of a source. */
static void advance(struct source *source, size_t length)
{
	struct row_head head;

	source->text += length;
	source->heads += sizeof(head);
	if (--source->left > 0) {
		memcpy(&head, source->heads, sizeof(head));
		source->place = head.place;
	} else {
		next_block(source);
	}
}

bool finished_next(struct finished *finished, int64_t most, struct finished_rows *rows)
{
	struct source *source;
	struct row_head head;
	bool in_block = true;

	if (!finished->goes_on && !choose(finished))
		return false;
	source = source_at(finished, finished->current);
	*rows = (struct finished_rows){.text = source->text};
	do {
		memcpy(&head, source->heads, sizeof(head));
		rows->length += head.length;
		rows->n++;
		in_block = source->left > 1;
		advance(source, head.length);
		finished->goes_on = source->left > 0 &&
				    (finished->other == G_MAXUINT ||
					    before(finished, finished->current, finished->other));
	} while (finished->goes_on && in_block && rows->n < most);
	return true;
}
