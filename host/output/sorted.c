/*
 * Texts sorted by a number, however many they are. They gather in memory; when that is full they
 * are written to a file as one sorted run, and in the end all runs are merged.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/output/sorted.h"

#include "host/output/file_io.h"
#include "host/source/heap.h"

#include <errno.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* Bytes of text to gather, and entries: what the memory follows. */
#define TEXT_MAX    (4 * 1024 * 1024)
#define ENTRIES_MAX (128 * 1024)

/* So much is written at once. */
#define WRITE_MIN (256 * 1024)

/* Of each run this much is read at once; less if there are many. */
#define READ_MAX (256 * 1024)
#define READ_MIN 4096

/* What stands before each text, in memory and in the file: its key and its length. */
#define HEAD (sizeof(int64_t) + sizeof(uint32_t))

struct head {
	int64_t key;
	uint32_t length;
};

/* A text in memory. */
struct entry {
	int64_t key;
	size_t at; /* of its head, in `text` */
};

/* A sorted run: in the file, or (`end` 0) the one in memory. */
struct run {
	off_t at, end; /* what is left of it in the file */
	char *buffer;
	size_t next, length, room; /* in the buffer */
	size_t entry;              /* in memory */
	struct head head;          /* of the text that comes next */
	const char *text;
	guint number; /* runs are in the order in which their texts came */
};

struct sorted {
	char *text; /* head and text, one after the other; SORTED_SLACK behind them */
	size_t length, room;
	struct entry *entries; /* texts mostly come nearly in order: those that do */
	size_t n_entries, entries_room;
	GArray *late;      /* struct entry: those that come after a larger key */
	GArray *ends;      /* off_t: where each run ends in the file */
	int fd;            /* of the file, -1 if there is none */
	GArray *runs;      /* struct run, while they are merged; NULL before */
	struct run **heap; /* the one whose text comes next first */
	size_t heap_length;
};

struct sorted *sorted_new(void)
{
	struct sorted *sorted = g_new0(struct sorted, 1);

	sorted->fd = -1;
	sorted->late = g_array_new(FALSE, FALSE, sizeof(struct entry));
	sorted->ends = g_array_new(FALSE, FALSE, sizeof(off_t));
	return sorted;
}

void sorted_free(struct sorted *sorted)
{
	if (!sorted)
		return;
	g_free(sorted->text);
	g_free(sorted->entries);
	g_array_unref(sorted->late);
	g_array_unref(sorted->ends);
	for (guint i = 0; sorted->runs && i < sorted->runs->len; i++)
		g_free(g_array_index(sorted->runs, struct run, i).buffer);
	if (sorted->runs)
		g_array_unref(sorted->runs);
	g_free(sorted->heap);
	if (sorted->fd >= 0)
		close(sorted->fd);
	g_free(sorted);
}

static void write_head(char *at, int64_t key, uint32_t length)
{
	memcpy(at, &key, sizeof(key));
	memcpy(at + sizeof(key), &length, sizeof(length));
}

static struct head read_head(const char *at)
{
	struct head head;

	memcpy(&head.key, at, sizeof(head.key));
	memcpy(&head.length, at + sizeof(head.key), sizeof(head.length));
	return head;
}

/* ---- Adding ---- */

static gint compare_entries(gconstpointer a, gconstpointer b)
{
	const struct entry *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* Makes room for `n` more entries. */
static void have_entries(struct sorted *sorted, size_t n)
{
	if (sorted->n_entries + n <= sorted->entries_room)
		return;
	sorted->entries_room = 2 * (sorted->n_entries + n);
	sorted->entries = g_renew(struct entry, sorted->entries, sorted->entries_room);
}

/* Puts those that are late to where they belong. */
static void put_in_order(struct sorted *sorted)
{
	guint late = sorted->late->len;
	size_t in_order = sorted->n_entries, to = in_order + late;

	have_entries(sorted, late);
	sorted->n_entries = to;
	g_array_sort(sorted->late, compare_entries);
	/* From the end on, so that nothing is in the way of itself. */
	while (late > 0) {
		const struct entry *last = &g_array_index(sorted->late, struct entry, late - 1);
		struct entry *entry = in_order > 0 ? &sorted->entries[in_order - 1] : NULL;

		if (entry && compare_entries(entry, last) > 0) {
			sorted->entries[--to] = *entry;
			in_order--;
		} else {
			sorted->entries[--to] = *last;
			late--;
		}
	}
	g_array_set_size(sorted->late, 0);
}

/* Makes the file; false with errno set if that fails. */
static bool make_file(struct sorted *sorted)
{
	sorted->fd = file_temporary();
	return sorted->fd >= 0;
}

/* How many bytes an entry takes, with its head. */
static size_t size_of(const struct sorted *sorted, const struct entry *entry)
{
	return HEAD + read_head(sorted->text + entry->at).length;
}

/* Writes what is in memory to the file, sorted; false with errno set if that fails. */
static bool write_run(struct sorted *sorted)
{
	GByteArray *buffer = g_byte_array_sized_new(2 * WRITE_MIN);
	off_t end =
		sorted->ends->len ? g_array_index(sorted->ends, off_t, sorted->ends->len - 1) : 0;
	bool ok = sorted->fd >= 0 || make_file(sorted);

	put_in_order(sorted);
	for (size_t i = 0, next; ok && i < sorted->n_entries; i = next) {
		size_t at = sorted->entries[i].at, length = 0;

		/* What stands one behind the other goes at once. */
		for (next = i; next < sorted->n_entries && length < WRITE_MIN &&
			       sorted->entries[next].at == at + length;
			next++)
			length += size_of(sorted, &sorted->entries[next]);
		g_byte_array_append(buffer, (const guint8 *)sorted->text + at, (guint)length);
		if (buffer->len >= WRITE_MIN || next == sorted->n_entries) {
			ok = file_write(sorted->fd, buffer->data, buffer->len);
			g_byte_array_set_size(buffer, 0);
		}
	}
	end += (off_t)sorted->length;
	g_array_append_val(sorted->ends, end);
	g_byte_array_unref(buffer);
	sorted->length = 0;
	sorted->n_entries = 0;
	return ok;
}

char *sorted_room(struct sorted *sorted, size_t length)
{
	size_t size = sorted->length + HEAD + length + SORTED_SLACK;

	if (size > sorted->room) {
		sorted->room = 2 * size;
		sorted->text = g_realloc(sorted->text, sorted->room);
	}
	return sorted->text + sorted->length + HEAD;
}

bool sorted_add(struct sorted *sorted, int64_t key, size_t length)
{
	struct entry entry = {.key = key, .at = sorted->length};

	write_head(sorted->text + sorted->length, key, (uint32_t)length);
	sorted->length += HEAD + length;
	if (sorted->n_entries > 0 && sorted->entries[sorted->n_entries - 1].key > key) {
		g_array_append_val(sorted->late, entry);
	} else {
		have_entries(sorted, 1);
		sorted->entries[sorted->n_entries++] = entry;
	}
	return (sorted->length < TEXT_MAX && sorted->n_entries + sorted->late->len < ENTRIES_MAX) ||
	       write_run(sorted);
}

/* ---- Reading ---- */

/* Makes `size` bytes of a run available at once; false with errno set if that fails. */
static bool have(struct sorted *sorted, struct run *run, size_t size)
{
	size_t rest = run->length - run->next;

	if (rest >= size)
		return true;
	memmove(run->buffer, run->buffer + run->next, rest);
	run->next = 0;
	run->length = rest;
	if (size > run->room) {
		run->room = size;
		run->buffer = g_realloc(run->buffer, run->room + SORTED_SLACK);
	}
	while (run->length < size) {
		size_t want = MIN(run->room - run->length, (size_t)(run->end - run->at));
		ssize_t got = pread(sorted->fd, run->buffer + run->length, want, run->at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			errno = got == 0 ? EIO : errno;
			return false;
		}
		run->at += got;
		run->length += (size_t)got;
	}
	return true;
}

/* Goes on to a run's next text: 1 if there is one, 0 if not, -1 with errno set on failure. */
static int advance(struct sorted *sorted, struct run *run)
{
	if (run->end == 0) {
		const char *at;

		if (run->entry == sorted->n_entries)
			return 0;
		at = sorted->text + sorted->entries[run->entry++].at;
		run->head = read_head(at);
		run->text = at + HEAD;
		return 1;
	}
	if (run->next == run->length && run->at == run->end)
		return 0;
	if (!have(sorted, run, HEAD))
		return -1;
	run->head = read_head(run->buffer + run->next);
	if (!have(sorted, run, HEAD + run->head.length))
		return -1;
	run->text = run->buffer + run->next + HEAD;
	run->next += HEAD + run->head.length;
	return 1;
}

/* The order of struct run *: by key, and by when they came. */
static bool before(const void *a, const void *b)
{
	const struct run *x = *(const struct run *const *)a, *y = *(const struct run *const *)b;

	return x->head.key != y->head.key ? x->head.key < y->head.key : x->number < y->number;
}

/* Prepares all runs for the merge; false with errno set on failure. */
static bool begin_merge(struct sorted *sorted)
{
	size_t room = CLAMP(TEXT_MAX / (sorted->ends->len + 1), READ_MIN, READ_MAX);

	put_in_order(sorted);
	sorted->runs = g_array_new(FALSE, TRUE, sizeof(struct run));
	for (guint i = 0; i <= sorted->ends->len; i++) {
		struct run run = {.number = i};

		if (i < sorted->ends->len) {
			run.at = i ? g_array_index(sorted->ends, off_t, i - 1) : 0;
			run.end = g_array_index(sorted->ends, off_t, i);
			run.room = room;
			run.buffer = g_malloc(room + SORTED_SLACK);
		}
		g_array_append_val(sorted->runs, run);
	}
	sorted->heap = g_new(struct run *, sorted->runs->len);
	for (guint i = 0; i < sorted->runs->len; i++) {
		struct run *run = &g_array_index(sorted->runs, struct run, i);
		int more = advance(sorted, run);

		if (more < 0)
			return false;
		if (more)
			sorted->heap[sorted->heap_length++] = run;
	}
	heap_make(sorted->heap, sorted->heap_length, sizeof(*sorted->heap), before);
	return true;
}

bool sorted_is_read(const struct sorted *sorted)
{
	return sorted->runs != NULL;
}

int sorted_next(struct sorted *sorted, struct sorted_text *text)
{
	const struct run *run;

	if (!sorted->runs) {
		if (!begin_merge(sorted))
			return -1;
	} else if (sorted->heap_length > 0) {
		/* The text that was given last stays valid until now. */
		int more = advance(sorted, sorted->heap[0]);

		if (more < 0)
			return -1;
		if (!more)
			sorted->heap[0] = sorted->heap[--sorted->heap_length];
		if (sorted->heap_length > 1)
			heap_down(sorted->heap, sorted->heap_length, sizeof(*sorted->heap), before,
				0);
	}
	if (sorted->heap_length == 0)
		return 0;
	run = sorted->heap[0];
	*text = (struct sorted_text){run->head.key, run->text, run->head.length};
	return 1;
}
