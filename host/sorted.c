/*
 * Texts sorted by a number, however many they are. They gather in memory; when that is full they
 * are written to a file as one sorted run, and in the end all runs are merged.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/sorted.h"

#include "host/file_io.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <lauxlib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define SORTED_TYPE "lttnga.sorted"

/* The longest text. */
#define LENGTH_MAX (8 * 1024 * 1024)

/* Bytes of text to gather, and entries: what the memory follows. */
#define TEXT_MAX    (4 * 1024 * 1024)
#define ENTRIES_MAX (128 * 1024)

/* So much is written at once. */
#define WRITE_MIN (256 * 1024)

/* Of each run this much is read at once; less if there are many. */
#define READ_MAX (256 * 1024)
#define READ_MIN 4096

/* What stands before each text, in memory and in the file. */
struct head {
	int64_t key;
	uint32_t length;
};

/* A text in memory. */
struct entry {
	int64_t key;
	size_t at; /* of its head, in `text` */
};

/* A sorted run: in the file, or (`fd` -1) the one in memory. */
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
	char *text; /* head and text, one after the other */
	size_t length, room;
	/* Texts mostly come nearly in order: those that do, and those that come after a larger key. */
	GArray *entries, *late; /* struct entry */
	GArray *ends;           /* off_t: where each run ends in the file */
	int fd;                 /* of the file, -1 if there is none */
	GArray *runs;           /* struct run, while they are merged; NULL before */
	GArray *heap;           /* guint: numbers of runs, the one with the least key first */
};

struct sorted *sorted_new(void)
{
	struct sorted *sorted = g_new0(struct sorted, 1);

	sorted->fd = -1;
	sorted->entries = g_array_new(FALSE, FALSE, sizeof(struct entry));
	sorted->late = g_array_new(FALSE, FALSE, sizeof(struct entry));
	sorted->ends = g_array_new(FALSE, FALSE, sizeof(off_t));
	sorted->heap = g_array_new(FALSE, FALSE, sizeof(guint));
	return sorted;
}

void sorted_free(struct sorted *sorted)
{
	if (!sorted)
		return;
	g_free(sorted->text);
	g_array_unref(sorted->entries);
	g_array_unref(sorted->late);
	g_array_unref(sorted->ends);
	for (guint i = 0; sorted->runs && i < sorted->runs->len; i++)
		g_free(g_array_index(sorted->runs, struct run, i).buffer);
	if (sorted->runs)
		g_array_unref(sorted->runs);
	g_array_unref(sorted->heap);
	if (sorted->fd >= 0)
		close(sorted->fd);
	g_free(sorted);
}

static gint compare_entries(gconstpointer a, gconstpointer b)
{
	const struct entry *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static struct entry *entry_at(const GArray *entries, guint i)
{
	return &g_array_index(entries, struct entry, i);
}

/* Puts those that are late to where they belong. */
static void put_in_order(struct sorted *sorted)
{
	guint in_order = sorted->entries->len, late = sorted->late->len;

	g_array_sort(sorted->late, compare_entries);
	g_array_set_size(sorted->entries, in_order + late);
	/* From the end on, so that nothing is in the way of itself. */
	for (guint to = in_order + late; late > 0; to--) {
		const struct entry *last = entry_at(sorted->late, late - 1);

		if (in_order > 0 &&
			compare_entries(entry_at(sorted->entries, in_order - 1), last) > 0)
			*entry_at(sorted->entries, to - 1) = *entry_at(sorted->entries, --in_order);
		else
			*entry_at(sorted->entries, to - 1) = *entry_at(sorted->late, --late);
	}
	g_array_set_size(sorted->late, 0);
}

/* Makes the file, which has no name: it is gone when it is closed. */
static bool make_file(struct sorted *sorted)
{
	char *path = g_build_filename(g_get_tmp_dir(), "lttnga-XXXXXX", NULL);

	sorted->fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);
	if (sorted->fd >= 0)
		g_unlink(path);
	g_free(path);
	return sorted->fd >= 0;
}

/* Writes what is in memory to the file, sorted; false with errno set if that fails. */
static bool write_run(struct sorted *sorted)
{
	GByteArray *buffer = g_byte_array_sized_new(2 * WRITE_MIN);
	off_t end =
		sorted->ends->len ? g_array_index(sorted->ends, off_t, sorted->ends->len - 1) : 0;
	bool ok = sorted->fd >= 0 || make_file(sorted);

	put_in_order(sorted);
	for (guint i = 0; ok && i < sorted->entries->len; i++) {
		const struct entry *entry = &g_array_index(sorted->entries, struct entry, i);
		const char *from = sorted->text + entry->at;
		struct head head;

		memcpy(&head, from, sizeof(head));
		g_byte_array_append(
			buffer, (const guint8 *)from, (guint)sizeof(head) + head.length);
		if (buffer->len >= WRITE_MIN || i + 1 == sorted->entries->len) {
			ok = file_write(sorted->fd, buffer->data, buffer->len);
			g_byte_array_set_size(buffer, 0);
		}
	}
	end += (off_t)sorted->length;
	g_array_append_val(sorted->ends, end);
	g_byte_array_unref(buffer);
	sorted->length = 0;
	g_array_set_size(sorted->entries, 0);
	return ok;
}

bool sorted_put(struct sorted *sorted, int64_t key, const char *text, size_t length)
{
	struct head head = {.key = key, .length = (uint32_t)MIN(length, LENGTH_MAX)};
	struct entry entry = {.key = key, .at = sorted->length};
	bool in_order = sorted->entries->len == 0 ||
			entry_at(sorted->entries, sorted->entries->len - 1)->key <= key;

	if (sorted->length + sizeof(head) + head.length > sorted->room) {
		sorted->room = 2 * sorted->room + sizeof(head) + head.length;
		sorted->text = g_realloc(sorted->text, sorted->room);
	}
	memcpy(sorted->text + sorted->length, &head, sizeof(head));
	memcpy(sorted->text + sorted->length + sizeof(head), text, head.length);
	sorted->length += sizeof(head) + head.length;
	g_array_append_val(in_order ? sorted->entries : sorted->late, entry);
	return (sorted->length < TEXT_MAX &&
		       sorted->entries->len + sorted->late->len < ENTRIES_MAX) ||
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
		run->buffer = g_realloc(run->buffer, run->room);
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
		const struct entry *entry;

		if (run->entry == sorted->entries->len)
			return 0;
		entry = &g_array_index(sorted->entries, struct entry, run->entry++);
		memcpy(&run->head, sorted->text + entry->at, sizeof(run->head));
		run->text = sorted->text + entry->at + sizeof(run->head);
		return 1;
	}
	if (run->next == run->length && run->at == run->end)
		return 0;
	if (!have(sorted, run, sizeof(run->head)))
		return -1;
	memcpy(&run->head, run->buffer + run->next, sizeof(run->head));
	if (!have(sorted, run, sizeof(run->head) + run->head.length))
		return -1;
	run->text = run->buffer + run->next + sizeof(run->head);
	run->next += sizeof(run->head) + run->head.length;
	return 1;
}

static struct run *run_at(const struct sorted *sorted, guint place)
{
	return &g_array_index(sorted->runs, struct run, g_array_index(sorted->heap, guint, place));
}

static bool before(const struct run *a, const struct run *b)
{
	return a->head.key != b->head.key ? a->head.key < b->head.key : a->number < b->number;
}

/* The run at this place of the heap goes down to where it belongs. */
static void sink(struct sorted *sorted, guint place)
{
	guint length = sorted->heap->len;

	for (;;) {
		guint child = 2 * place + 1, swap;

		if (child >= length)
			return;
		if (child + 1 < length && before(run_at(sorted, child + 1), run_at(sorted, child)))
			child++;
		if (!before(run_at(sorted, child), run_at(sorted, place)))
			return;
		swap = g_array_index(sorted->heap, guint, place);
		g_array_index(sorted->heap, guint, place) =
			g_array_index(sorted->heap, guint, child);
		g_array_index(sorted->heap, guint, child) = swap;
		place = child;
	}
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
			run.buffer = g_malloc(room);
		}
		g_array_append_val(sorted->runs, run);
	}
	for (guint i = 0; i < sorted->runs->len; i++) {
		int more = advance(sorted, &g_array_index(sorted->runs, struct run, i));

		if (more < 0)
			return false;
		if (more)
			g_array_append_val(sorted->heap, i);
	}
	for (guint i = sorted->heap->len; i-- > 0;)
		sink(sorted, i);
	return true;
}

bool sorted_is_read(const struct sorted *sorted)
{
	return sorted->runs != NULL;
}

int sorted_next(struct sorted *sorted, struct sorted_text *text)
{
	struct run *run;
	int more;

	if (!sorted->runs) {
		if (!begin_merge(sorted))
			return -1;
	} else if (sorted->heap->len > 0) {
		/* The text that was given last stays valid until now. */
		more = advance(sorted, run_at(sorted, 0));
		if (more < 0)
			return -1;
		if (!more)
			g_array_remove_index_fast(sorted->heap, 0);
		sink(sorted, 0);
	}
	if (sorted->heap->len == 0)
		return 0;
	run = run_at(sorted, 0);
	*text = (struct sorted_text){run->head.key, run->text, run->head.length};
	return 1;
}

/* ---- The module ---- */

static struct sorted *check_sorted(lua_State *L)
{
	struct sorted **sorted = luaL_checkudata(L, 1, SORTED_TYPE);

	if (!*sorted)
		luaL_error(L, "these texts are gone");
	return *sorted;
}

static int module_gc(lua_State *L)
{
	struct sorted **sorted = luaL_checkudata(L, 1, SORTED_TYPE);

	sorted_free(*sorted);
	*sorted = NULL;
	return 0;
}

/* new() -> an object without texts */
static int module_new(lua_State *L)
{
	struct sorted **sorted = lua_newuserdatauv(L, sizeof(*sorted), 0);

	*sorted = NULL;
	luaL_setmetatable(L, SORTED_TYPE);
	*sorted = sorted_new();
	return 1;
}

/* Pushes what is wrong with the file. */
static const char *push_reason(lua_State *L)
{
	return lua_pushfstring(L, "cannot keep results in %s: %s (TMPDIR says where)",
		g_get_tmp_dir(), g_strerror(errno));
}

int sorted_fail(lua_State *L)
{
	return luaL_error(L, "%s", push_reason(L));
}

/* sorted:add(key, text) -> true, or nil and a message; `key` is an integer */
static int module_add(lua_State *L)
{
	struct sorted *sorted = check_sorted(L);
	int64_t key = luaL_checkinteger(L, 2);
	size_t length;
	const char *text = luaL_checklstring(L, 3, &length);

	luaL_argcheck(L, length <= LENGTH_MAX, 3, "too long");
	if (sorted_is_read(sorted))
		return luaL_error(L, "these texts are being read");
	if (!sorted_put(sorted, key, text, length)) {
		lua_pushnil(L);
		push_reason(L);
		return 2;
	}
	lua_pushboolean(L, true);
	return 1;
}

/* The iterator of each(). */
static int module_next(lua_State *L)
{
	struct sorted *sorted = check_sorted(L);
	struct sorted_text text;
	int more = sorted_next(sorted, &text);

	if (more < 0)
		return sorted_fail(L);
	if (!more)
		return 0;
	lua_pushlstring(L, text.text, text.length);
	return 1;
}

/* sorted:each() -> an iterator over the texts, by key; equal keys as they came. Only once. */
static int module_each(lua_State *L)
{
	check_sorted(L);
	lua_pushcfunction(L, module_next);
	lua_pushvalue(L, 1);
	return 2;
}

int luaopen_lttnga_sorted(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{"new", module_new},
		{NULL, NULL},
	};
	static const luaL_Reg methods[] = {
		{"add", module_add},
		{"each", module_each},
		{NULL, NULL},
	};

	luaL_newmetatable(L, SORTED_TYPE);
	luaL_newlib(L, methods);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, module_gc);
	lua_setfield(L, -2, "__gc");
	lua_pop(L, 1);
	luaL_newlib(L, functions);
	return 1;
}
