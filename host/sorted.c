/*
 * Texts sorted by a number, however many they are. They gather in memory; when that is full they
 * are written to a file as one sorted run, and in the end all runs are merged.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/sorted.h"

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

/* Bytes of text to gather, and entries: what the memory follows. */
#define TEXT_MAX    (8 * 1024 * 1024)
#define ENTRIES_MAX (256 * 1024)

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
	GByteArray *text; /* head and text, one after the other */
	GArray *entries;  /* struct entry */
	GArray *ends;     /* off_t: where each run ends in the file */
	int fd;           /* of the file, -1 if there is none */
	GArray *runs;     /* struct run, while they are merged; NULL before */
	GArray *heap;     /* guint: numbers of runs, the one with the least key first */
};

static struct sorted *check_sorted(lua_State *L)
{
	struct sorted *sorted = luaL_checkudata(L, 1, SORTED_TYPE);

	if (!sorted->text)
		luaL_error(L, "these texts are gone");
	return sorted;
}

static int sorted_gc(lua_State *L)
{
	struct sorted *sorted = luaL_checkudata(L, 1, SORTED_TYPE);

	if (!sorted->text)
		return 0;
	g_byte_array_unref(sorted->text);
	g_array_unref(sorted->entries);
	g_array_unref(sorted->ends);
	for (guint i = 0; sorted->runs && i < sorted->runs->len; i++)
		g_free(g_array_index(sorted->runs, struct run, i).buffer);
	if (sorted->runs)
		g_array_unref(sorted->runs);
	g_array_unref(sorted->heap);
	if (sorted->fd >= 0)
		close(sorted->fd);
	sorted->text = NULL;
	return 0;
}

static void push_type(lua_State *L);

void sorted_push(lua_State *L)
{
	struct sorted *sorted = lua_newuserdatauv(L, sizeof(*sorted), 0);

	*sorted = (struct sorted){.fd = -1};
	push_type(L);
	lua_setmetatable(L, -2);
	sorted->text = g_byte_array_new();
	sorted->entries = g_array_new(FALSE, FALSE, sizeof(struct entry));
	sorted->ends = g_array_new(FALSE, FALSE, sizeof(off_t));
	sorted->heap = g_array_new(FALSE, FALSE, sizeof(guint));
}

/* new() -> an object without texts */
static int sorted_new(lua_State *L)
{
	sorted_push(L);
	return 1;
}

static gint compare_entries(gconstpointer a, gconstpointer b)
{
	const struct entry *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static bool write_all(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size > 0) {
		ssize_t written = write(fd, at, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return false;
		at += written;
		size -= (size_t)written;
	}
	return true;
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
	GByteArray *run = g_byte_array_sized_new(sorted->text->len);
	off_t end =
		sorted->ends->len ? g_array_index(sorted->ends, off_t, sorted->ends->len - 1) : 0;
	bool ok;

	g_array_sort(sorted->entries, compare_entries);
	for (guint i = 0; i < sorted->entries->len; i++) {
		const struct entry *entry = &g_array_index(sorted->entries, struct entry, i);
		const guint8 *from = sorted->text->data + entry->at;
		struct head head;

		memcpy(&head, from, sizeof(head));
		g_byte_array_append(run, from, sizeof(head) + head.length);
	}
	ok = (sorted->fd >= 0 || make_file(sorted)) && write_all(sorted->fd, run->data, run->len);
	end += run->len;
	g_array_append_val(sorted->ends, end);
	g_byte_array_unref(run);
	g_byte_array_set_size(sorted->text, 0);
	g_array_set_size(sorted->entries, 0);
	return ok;
}

/* Pushes what is wrong with the file. */
static const char *push_reason(lua_State *L)
{
	return lua_pushfstring(L, "cannot keep results in %s: %s (TMPDIR says where)",
		g_get_tmp_dir(), g_strerror(errno));
}

/* Adds a text; false with errno set if that fails. */
static bool put(struct sorted *sorted, int64_t key, const char *text, size_t length)
{
	struct head head = {.key = key, .length = (uint32_t)length};
	struct entry entry = {.key = key, .at = sorted->text->len};

	g_byte_array_append(sorted->text, (const guint8 *)&head, sizeof(head));
	g_byte_array_append(sorted->text, (const guint8 *)text, (guint)length);
	g_array_append_val(sorted->entries, entry);
	return (sorted->text->len < TEXT_MAX && sorted->entries->len < ENTRIES_MAX) ||
	       write_run(sorted);
}

void sorted_put(lua_State *L, int index, int64_t key, const char *text, size_t length)
{
	struct sorted *sorted = lua_touserdata(L, index);

	if (sorted->runs)
		luaL_error(L, "these texts are being read");
	if (!put(sorted, key, text, MIN(length, TEXT_MAX)))
		luaL_error(L, "%s", push_reason(L));
}

/* sorted:add(key, text) -> true, or nil and a message; `key` is an integer */
static int sorted_add(lua_State *L)
{
	struct sorted *sorted = check_sorted(L);
	int64_t key = luaL_checkinteger(L, 2);
	size_t length;
	const char *text = luaL_checklstring(L, 3, &length);

	luaL_argcheck(L, length <= TEXT_MAX, 3, "too long");
	if (sorted->runs)
		return luaL_error(L, "these texts are being read");
	if (!put(sorted, key, text, length)) {
		lua_pushnil(L);
		push_reason(L);
		return 2;
	}
	lua_pushboolean(L, true);
	return 1;
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
		memcpy(&run->head, sorted->text->data + entry->at, sizeof(run->head));
		run->text = (const char *)sorted->text->data + entry->at + sizeof(run->head);
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

	g_array_sort(sorted->entries, compare_entries);
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

/* The iterator of each(). */
static int sorted_next(lua_State *L)
{
	struct sorted *sorted = check_sorted(L);
	struct run *run;
	int more;

	if (!sorted->runs && !begin_merge(sorted))
		return luaL_error(L, "%s", push_reason(L));
	if (sorted->heap->len == 0)
		return 0;
	run = run_at(sorted, 0);
	lua_pushlstring(L, run->text, run->head.length);
	more = advance(sorted, run);
	if (more < 0)
		return luaL_error(L, "%s", push_reason(L));
	if (!more)
		g_array_remove_index_fast(sorted->heap, 0);
	sink(sorted, 0);
	return 1;
}

/* How much text pieces() gives at once. */
#define PIECE 65536

/* The iterator of pieces(). */
static int sorted_next_piece(lua_State *L)
{
	struct sorted *sorted = check_sorted(L);
	luaL_Buffer buffer;
	size_t added = 0;

	if (!sorted->runs && !begin_merge(sorted))
		return luaL_error(L, "%s", push_reason(L));
	luaL_buffinit(L, &buffer);
	while (sorted->heap->len > 0 && added < PIECE) {
		struct run *run = run_at(sorted, 0);
		int more;

		luaL_addlstring(&buffer, run->text, run->head.length);
		luaL_addchar(&buffer, '\n');
		added += run->head.length + 1;
		more = advance(sorted, run);
		if (more < 0)
			return luaL_error(L, "%s", push_reason(L));
		if (!more)
			g_array_remove_index_fast(sorted->heap, 0);
		sink(sorted, 0);
	}
	luaL_pushresult(&buffer);
	if (added == 0)
		lua_pushnil(L);
	return 1;
}

/* sorted:pieces() -> an iterator over the texts as lines, many at once. Only once. */
static int sorted_pieces(lua_State *L)
{
	check_sorted(L);
	lua_pushcfunction(L, sorted_next_piece);
	lua_pushvalue(L, 1);
	return 2;
}

/* sorted:each() -> an iterator over the texts, by key; equal keys as they came. Only once. */
static int sorted_each(lua_State *L)
{
	check_sorted(L);
	lua_pushcfunction(L, sorted_next);
	lua_pushvalue(L, 1);
	return 2;
}

/* Pushes the metatable of the objects, made if it is not there yet. */
static void push_type(lua_State *L)
{
	static const luaL_Reg methods[] = {
		{"add", sorted_add},
		{"each", sorted_each},
		{"pieces", sorted_pieces},
		{NULL, NULL},
	};

	if (!luaL_newmetatable(L, SORTED_TYPE))
		return;
	luaL_newlib(L, methods);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, sorted_gc);
	lua_setfield(L, -2, "__gc");
}

int luaopen_lttnga_sorted(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{"new", sorted_new},
		{NULL, NULL},
	};

	luaL_newlib(L, functions);
	return 1;
}
