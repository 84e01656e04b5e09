/*
 * Lines of text made of the fields of events, sorted. Until they are asked for they are kept as what
 * they are made of, which is smaller.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/output/lines.h"

#include "host/accumulate/memo.h"
#include "host/accumulate/sink.h"
#include "host/lua/interrupt.h"
#include "host/output/line_layout.h"
#include "host/output/sorted.h"
#include "host/output/words.h"
#include "state/record.h"

#include <glib.h>
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#define LINES_TYPE "lttnga.lines"

/* How much text is given at once. */
#define PIECE 65536

/* Longer texts are cut off: no file has such a name, and a row must be kept whole. */
#define TEXT_MAX 65536

/* A field of the layout. */
struct kept {
	unsigned int fed; /* which of the fields that are fed it is */
	bool is_text;
	bool is_time;     /* kept as the difference to the key of the row */
	int64_t early;    /* a number below it is marked */
	struct memo memo; /* the numbers of words by the identities of texts */
};

struct lines {
	struct line_layout *layout;
	struct sorted *rows;
	GArray *fields;    /* struct sink_field: that it is fed with, if it is */
	struct kept *kept; /* the fields of the layout */
	unsigned int n_kept;
	struct words *words;
	bool early;         /* whether a line is marked */
	bool written;       /* all rows are gone, or going */
	GByteArray *buffer; /* a piece of text in the making */
};

static struct lines *check_lines(lua_State *L)
{
	return luaL_checkudata(L, 1, LINES_TYPE);
}

/* Lets go of all that is kept of events. */
static void drop_rows(struct lines *lines)
{
	sorted_free(lines->rows);
	lines->rows = NULL;
	words_free(lines->words);
	lines->words = NULL;
	for (unsigned int i = 0; i < lines->n_kept; i++)
		memo_clear(&lines->kept[i].memo);
	if (lines->buffer)
		g_byte_array_unref(lines->buffer);
	lines->buffer = NULL;
}

static int lines_gc(lua_State *L)
{
	struct lines *lines = check_lines(L);

	drop_rows(lines);
	g_free(lines->kept);
	line_layout_free(lines->layout);
	if (lines->fields)
		g_array_unref(lines->fields);
	*lines = (struct lines){0};
	return 0;
}

/* Reads the columns in the list at index 1. */
static void read_columns(lua_State *L, struct line_layout *layout)
{
	for (lua_Integer i = 1; lua_geti(L, 1, i) == LUA_TTABLE; i++) {
		lua_Integer width;
		const char *text;

		lua_geti(L, -1, 1);
		width = luaL_checkinteger(L, -1);
		lua_geti(L, -2, 2);
		text = luaL_checkstring(L, -1);
		if (!line_layout_add(layout, (int)CLAMP(width, INT_MIN, INT_MAX), text))
			luaL_error(L,
				"the column '%s' of a line makes no sense: a field is "
				"{NAME} or {NAME:time}, us, size, early; there are up to %d, each up "
				"to %d times",
				text, LINE_FIELDS_MAX, LINE_MENTIONED_MAX);
		lua_pop(L, 3);
	}
	lua_pop(L, 1);
}

/* new(columns, { gmt =, date =, from = }) -> object */
static int lines_new(lua_State *L)
{
	struct line_times times;
	struct lines *lines;

	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_checktype(L, 2, LUA_TTABLE);
	lua_getfield(L, 2, "gmt");
	times.gmt = lua_toboolean(L, -1);
	lua_getfield(L, 2, "date");
	times.date = lua_toboolean(L, -1);
	times.from = lua_getfield(L, 2, "from") == LUA_TNUMBER ? lua_tointeger(L, -1) : INT64_MIN;
	lua_pop(L, 3);
	lines = lua_newuserdatauv(L, sizeof(*lines), 0);
	*lines = (struct lines){0};
	luaL_setmetatable(L, LINES_TYPE);
	lines->layout = line_layout_new(&times);
	lines->fields = g_array_new(FALSE, FALSE, sizeof(struct sink_field));
	read_columns(L, lines->layout);
	lines->n_kept = line_layout_n_fields(lines->layout);
	lines->kept = g_new0(struct kept, lines->n_kept);
	for (unsigned int i = 0; i < lines->n_kept; i++) {
		lines->kept[i].is_time = line_layout_times(lines->layout) >> i & 1;
		lines->kept[i].early = line_layout_early(lines->layout, i);
	}
	return 1;
}

/* lines:early() -> whether something began before the time that was asked for */
static int lines_early(lua_State *L)
{
	lua_pushboolean(L, check_lines(L)->early);
	return 1;
}

/* Makes the buffer so large that `n` bytes fit behind the first `used`; returns where they are. */
static char *room_for(struct lines *lines, size_t used, size_t n)
{
	if (!lines->buffer)
		lines->buffer = g_byte_array_new();
	if (used + n > lines->buffer->len)
		g_byte_array_set_size(lines->buffer, (guint)(2 * (used + n)));
	return (char *)lines->buffer->data + used;
}

/* ---- Rows: the fields of one event, as they are kept ---- */

/* Bytes that keeping a number touches, and those that it takes at most. */
#define KEPT_MAX 9

/*
 * A number of up to 56 bits is kept in as many bytes as it has groups of 7 bits, which are (9 bits + 64)
 * / 64. The lowest bit of the first byte that is 1 tells how many: that many bits, up to there, are not
 * the number's. Larger ones are kept in 8 bytes behind one that is 0.
 */
static char *keep(char *to, uint64_t number)
{
	unsigned int bits = 64 - (unsigned int)__builtin_clzll(number | 1),
		     n = (bits * 9 + 64) / 64;
	uint64_t word;

	if (bits > 56) {
		*to++ = 0;
		word = GUINT64_TO_LE(number);
		n = sizeof(word);
	} else {
		word = GUINT64_TO_LE((number << 1 | 1) << (n - 1));
	}
	memcpy(to, &word, sizeof(word));
	return to + n;
}

static const char *read_kept(const char *at, uint64_t *number)
{
	unsigned int first = (unsigned char)*at, n;
	uint64_t word;

	if (first == 0) {
		memcpy(&word, at + 1, sizeof(word));
		*number = GUINT64_FROM_LE(word);
		return at + 1 + sizeof(word);
	}
	n = (unsigned int)__builtin_ctz(first) + 1;
	memcpy(&word, at, sizeof(word));
	*number = GUINT64_FROM_LE(word) >> n & ((UINT64_C(1) << 7 * n) - 1);
	return at + n;
}

/*
 * A number is kept as its distance from a base, since times are near the key of the row: as one more than
 * what that is with its sign at the lowest bit. What is not there is 0; the one distance that would be 0,
 * too, is kept as the one that is left over, since nothing that is there is VALUE_ABSENT.
 */
static char *keep_number(char *to, int64_t number, uint64_t base)
{
	uint64_t distance = (uint64_t)number - base;

	if (number == VALUE_ABSENT)
		return keep(to, 0);
	if (distance == (uint64_t)VALUE_ABSENT)
		distance = (uint64_t)VALUE_ABSENT - base;
	return keep(to, fold_sign((int64_t)distance) + 1);
}

/* The number that is there, and was kept as this. */
static int64_t read_number(uint64_t kept, uint64_t base)
{
	uint64_t number = (uint64_t)unfold_sign(kept - 1) + base;

	return (int64_t)(number == (uint64_t)VALUE_ABSENT ? number + base : number);
}

static uint64_t base_of(const struct kept *kept, int64_t key)
{
	return kept->is_time ? (uint64_t)key : 0;
}

/*
 * A text is kept as twice the number of its word, or as one more than twice its length with its bytes
 * behind that; none is 0.
 */
static const char *read_text(
	const struct lines *lines, const char *at, uint64_t kept, struct line_value *value)
{
	const struct word *word;

	if (kept & 1) {
		value->text = at;
		value->length = kept / 2;
		return at + kept / 2;
	}
	word = words_at(lines->words, (uint32_t)(kept / 2));
	value->is_clean = true;
	value->text = word->text;
	value->length = word->length;
	value->columns = word->columns;
	return at;
}

/* Gives the values that a row was made of, and how long its texts are; returns which are there. */
static uint64_t read_row(const struct lines *lines, const struct sorted_text *row,
	struct line_value *values, size_t *texts)
{
	const char *at = row->text;
	uint64_t there = 0;

	*texts = 0;
	for (unsigned int i = 0; i < lines->n_kept; i++) {
		const struct kept *kept = &lines->kept[i];
		struct line_value *value = &values[i];
		uint64_t number;

		value->text = NULL;
		value->is_clean = false;
		at = read_kept(at, &number);
		if (number == 0)
			continue;
		there |= UINT64_C(1) << i;
		if (kept->is_text) {
			at = read_text(lines, at, number, value);
			*texts += value->length;
		} else {
			value->number = read_number(number, base_of(kept, row->key));
		}
	}
	return there;
}

/* Whether a number is marked in the line. */
static bool is_early(const struct kept *kept, int64_t number)
{
	return number < kept->early && number != VALUE_ABSENT;
}

/* The word that the text of a field is, mostly known from an event before; 0 if it is none. */
static uint32_t find_word(
	struct lines *lines, struct kept *kept, const struct sink_event *event, uint64_t identity)
{
	void **found = memo_at(&kept->memo, 1, &identity);

	if (!*found)
		*found = GUINT_TO_POINTER(words_find(lines->words, sink_text(event, kept->fed)));
	return GPOINTER_TO_UINT(*found);
}

static void add(lua_State *L, void *object, int ref, const struct sink_event *event)
{
	struct lines *lines = object;
	size_t most = KEPT_MAX * lines->n_kept;
	int64_t key = sink_number(event, 0);
	char *begin, *to;

	(void)ref;
	if (lines->written)
		luaL_error(L, "these lines are written already");
	if (!lines->rows) {
		lines->rows = sorted_new();
		lines->words = words_new();
	}
	begin = to = sorted_room(lines->rows, most);
	for (unsigned int i = 0; i < lines->n_kept; i++) {
		struct kept *kept = &lines->kept[i];
		uint64_t identity;
		int64_t number;
		uint32_t word;

		if (!kept->is_text) {
			number = sink_number(event, kept->fed);
			lines->early |= is_early(kept, number);
			to = keep_number(to, number, base_of(kept, key));
			continue;
		}
		identity = sink_identity(event, kept->fed);
		word = identity ? find_word(lines, kept, event, identity) : 0;
		if (word > 0 || !identity) {
			to = keep(to, 2 * (uint64_t)word);
		} else {
			const char *text = sink_text(event, kept->fed);
			size_t length = strnlen(text, TEXT_MAX), used = (size_t)(to - begin);

			most += length;
			begin = sorted_room(lines->rows, most);
			to = keep(begin + used, 2 * length + 1);
			memcpy(to, text, length);
			to += length;
		}
	}
	if (!sorted_add(lines->rows, key, (size_t)(to - begin)))
		sorted_fail(L);
}

/* Makes the next lines, many at once, in the buffer; returns how long they are, 0 if that was all. */
static size_t next_piece(lua_State *L, struct lines *lines)
{
	struct line_value values[LINE_FIELDS_MAX];
	struct sorted_text row;
	size_t used = 0;
	int more = 1;

	while (used < PIECE && (more = sorted_next(lines->rows, &row)) > 0) {
		size_t texts;
		uint64_t there = read_row(lines, &row, values, &texts);
		char *to = room_for(lines, used, line_layout_room(lines->layout, texts) + 1);

		to = line_layout_write(lines->layout, values, there, to);
		*to++ = '\n';
		used = (size_t)(to - (char *)lines->buffer->data);
	}
	if (more < 0)
		sorted_fail(L);
	return used;
}

/* lines:write(file) -> true, or nil and a message; writes the lines. Only once. */
static int lines_write(lua_State *L)
{
	struct lines *lines = check_lines(L);
	luaL_Stream *stream = luaL_checkudata(L, 2, LUA_FILEHANDLE);
	size_t length;

	luaL_argcheck(L, stream->closef, 2, "the file is closed");
	lines->written = true;
	while (lines->rows && (length = next_piece(L, lines)) > 0) {
		if (fwrite(lines->buffer->data, 1, length, stream->f) != length)
			return luaL_fileresult(L, 0, NULL);
		if (interrupt_wanted()) {
			lua_pushliteral(L, "interrupted");
			return lua_error(L);
		}
	}
	drop_rows(lines);
	lua_pushboolean(L, true);
	return 1;
}

/* lines:text({ FIELD = value, ... }) -> one line, which is not added */
static int lines_text(lua_State *L)
{
	struct lines *lines = check_lines(L);
	struct line_value values[LINE_FIELDS_MAX];
	uint64_t there = 0;
	size_t texts = 0;
	char *begin, *end;

	luaL_checktype(L, 2, LUA_TTABLE);
	if (lines->fields->len > 0)
		return luaL_error(L, "these lines are made of events");
	luaL_checkstack(L, LINE_FIELDS_MAX, "too many fields");
	for (unsigned int i = 0; i < lines->n_kept; i++) {
		/* The values stay on the stack, since their texts are used. */
		int type = lua_getfield(L, 2, line_layout_field(lines->layout, i));

		values[i] = (struct line_value){0};
		if (type == LUA_TBOOLEAN)
			values[i].number = lua_toboolean(L, -1);
		else if (lua_isinteger(L, -1))
			values[i].number = lua_tointeger(L, -1);
		else if (type == LUA_TSTRING && !line_layout_is_number(lines->layout, i))
			values[i].text = lua_tolstring(L, -1, &values[i].length);
		else
			continue;
		values[i].length = MIN(values[i].length, TEXT_MAX);
		texts += values[i].length;
		there |= UINT64_C(1) << i;
		lines->early |= !values[i].text && is_early(&lines->kept[i], values[i].number);
	}
	begin = room_for(lines, 0, line_layout_room(lines->layout, texts));
	end = line_layout_write(lines->layout, values, there, begin);
	lua_pushlstring(L, begin, (size_t)(end - begin));
	return 1;
}

/* ---- What it is fed with ---- */

static const char *attach(lua_State *L, int index, const struct sink_field *fields, unsigned int n)
{
	struct lines *lines = lua_touserdata(L, index);

	if (lines->fields->len > 0)
		return sink_same_fields(&g_array_index(lines->fields, struct sink_field, 0),
			       lines->fields->len, fields, n)
			       ? NULL
			       : "a log takes one set of fields only";
	if (n == 0 || fields[0].kind != SINK_INT)
		return "lines are sorted by the first field, which must be a number";
	for (unsigned int i = 0; i < lines->n_kept; i++) {
		const char *name = line_layout_field(lines->layout, i);
		unsigned int k = 0;

		while (k < n && strcmp(fields[k].name, name) != 0)
			k++;
		if (k == n)
			return lua_pushfstring(
				L, "a line names {%s}, which is not collected", name);
		lines->kept[i].fed = k;
		lines->kept[i].is_text = fields[k].kind == SINK_TEXT;
		if (lines->kept[i].is_text && line_layout_is_number(lines->layout, i))
			return lua_pushfstring(L, "{%s} is no number in a line", name);
	}
	g_array_append_vals(lines->fields, fields, n);
	return NULL;
}

int luaopen_lttnga_lines(lua_State *L)
{
	static const struct sink_type type = {attach, add};
	static const luaL_Reg functions[] = {
		{"new", lines_new},
		{NULL, NULL},
	};
	static const luaL_Reg methods[] = {
		{"early", lines_early},
		{"text", lines_text},
		{"write", lines_write},
		{NULL, NULL},
	};

	luaL_newmetatable(L, LINES_TYPE);
	luaL_newlib(L, methods);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, lines_gc);
	lua_setfield(L, -2, "__gc");
	sink_mark(L, &type);
	lua_pop(L, 1);
	luaL_newlib(L, functions);
	return 1;
}
