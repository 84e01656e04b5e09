/*
 * Lines of text made of the fields of events, sorted. Until they are asked for they are kept as what
 * they are made of, which is smaller.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lines.h"

#include "host/line_layout.h"
#include "host/sink.h"
#include "host/sorted.h"
#include "state/record.h"

#include <glib.h>
#include <string.h>

#define LINES_TYPE "lttnga.lines"

/* How much text is given at once. */
#define PIECE 65536

/* Longer texts are cut off: no file has such a name, and a row must be kept whole. */
#define TEXT_MAX 65536

/* Bytes that keeping a number touches. */
#define KEPT_MAX 9

struct lines {
	struct line_layout *layout;
	struct sorted *rows;
	GArray *fields;                    /* struct sink_field: that it is fed with, if it is */
	unsigned int fed[LINE_FIELDS_MAX]; /* which of them each field of the layout is */
	bool is_text[LINE_FIELDS_MAX];     /* of the layout's fields */
	uint64_t times;                    /* bits for those that are shown as times */
	bool early;                        /* whether a line is marked */
	GByteArray *buffer;                /* a row, or a piece of text, in the making */
};

static struct lines *check_lines(lua_State *L)
{
	return luaL_checkudata(L, 1, LINES_TYPE);
}

static int lines_gc(lua_State *L)
{
	struct lines *lines = check_lines(L);

	line_layout_free(lines->layout);
	sorted_free(lines->rows);
	if (lines->fields)
		g_array_unref(lines->fields);
	if (lines->buffer)
		g_byte_array_unref(lines->buffer);
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
				"{NAME} or {NAME:time}, us, size, early, and there are up to %d",
				text, LINE_FIELDS_MAX);
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
	lines->rows = sorted_new();
	lines->fields = g_array_new(FALSE, FALSE, sizeof(struct sink_field));
	lines->buffer = g_byte_array_new();
	read_columns(L, lines->layout);
	lines->times = line_layout_times(lines->layout);
	return 1;
}

/* lines:early() -> whether something began before the time that was asked for */
static int lines_early(lua_State *L)
{
	lua_pushboolean(L, check_lines(L)->early);
	return 1;
}

/* ---- Rows: the fields of one event, as they are kept ---- */

/* Makes the buffer so large that `n` bytes fit behind the first `used`; returns where they are. */
static char *room_for(struct lines *lines, size_t used, size_t n)
{
	if (used + n > lines->buffer->len)
		g_byte_array_set_size(lines->buffer, (guint)(2 * (used + n)));
	return (char *)lines->buffer->data + used;
}

/*
 * A number is kept as its bytes but for the leading ones of 0, behind their count; of one below 0 all
 * bits but the sign are the other way round, and the sign is the lowest one. Eight bytes are touched
 * behind the count, always.
 */
static char *keep(char *to, int64_t number)
{
	uint64_t bits = fold_sign(number);
	unsigned int n = bits ? 8 - (unsigned int)__builtin_clzll(bits) / 8 : 0;

	*to = (char)n;
	memcpy(to + 1, &bits, sizeof(bits));
	return to + 1 + n;
}

static const char *kept(const char *at, int64_t *number)
{
	unsigned int n = (unsigned char)*at;
	uint64_t bits;

	memcpy(&bits, at + 1, sizeof(bits));
	bits &= n == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * n) - 1;
	*number = unfold_sign(bits);
	return at + 1 + n;
}

/* What is subtracted from a number before it is kept: times are near the key of the row. */
static uint64_t base_of(const struct lines *lines, unsigned int field, int64_t key)
{
	return lines->times >> field & 1 ? (uint64_t)key : 0;
}

/* Makes a row in the buffer; returns how long it is. */
static size_t make_row(
	struct lines *lines, const struct line_value *values, uint64_t there, int64_t key)
{
	unsigned int n = line_layout_n_fields(lines->layout);
	size_t most = KEPT_MAX * (n + 2);
	char *begin, *to;

	for (unsigned int i = 0; i < n; i++)
		most += values[i].text ? values[i].length : 0;
	begin = room_for(lines, 0, most);
	to = keep(begin, (int64_t)there);
	for (unsigned int i = 0; i < n; i++) {
		if (!(there >> i & 1))
			continue;
		if (!values[i].text) {
			to = keep(
				to, (int64_t)((uint64_t)values[i].number - base_of(lines, i, key)));
			continue;
		}
		to = keep(to, (int64_t)values[i].length);
		memcpy(to, values[i].text, values[i].length);
		to += values[i].length;
	}
	/* What is read of the last number must be there. */
	memset(to, 0, sizeof(uint64_t));
	return (size_t)(to - begin) + sizeof(uint64_t);
}

/* Gives the values that a row was made of; returns which are there. */
static uint64_t read_row(
	const struct lines *lines, const struct sorted_text *row, struct line_value *values)
{
	unsigned int n = line_layout_n_fields(lines->layout);
	const char *at = row->text;
	int64_t number;
	uint64_t there;

	at = kept(at, &number);
	there = (uint64_t)number;
	for (unsigned int i = 0; i < n; i++) {
		values[i].text = NULL;
		if (!(there >> i & 1))
			continue;
		at = kept(at, &number);
		if (!lines->is_text[i]) {
			values[i].number =
				(int64_t)((uint64_t)number + base_of(lines, i, row->key));
			continue;
		}
		values[i].text = at;
		values[i].length = (size_t)number;
		at += number;
	}
	return there;
}

static void add(lua_State *L, void *object, int ref, const union sink_value *given)
{
	struct lines *lines = object;
	unsigned int n = line_layout_n_fields(lines->layout);
	struct line_value values[LINE_FIELDS_MAX];
	uint64_t there = 0;
	size_t length;

	(void)ref;
	if (sorted_is_read(lines->rows))
		luaL_error(L, "these lines are being read");
	for (unsigned int i = 0; i < n; i++) {
		const union sink_value *value = &given[lines->fed[i]];

		values[i].text = NULL;
		if (lines->is_text[i]) {
			values[i].text = value->text;
			values[i].length = value->text ? strnlen(value->text, TEXT_MAX) : 0;
			there |= (uint64_t)(value->text != NULL) << i;
		} else {
			values[i].number = value->number;
			there |= (uint64_t)(value->number != VALUE_ABSENT) << i;
		}
	}
	if (!lines->early)
		lines->early = line_layout_early(lines->layout, values, there);
	length = make_row(lines, values, there, given[0].number);
	if (!sorted_put(lines->rows, given[0].number, (char *)lines->buffer->data, length))
		sorted_fail(L);
}

/* The iterator of pieces(). */
static int lines_next_piece(lua_State *L)
{
	struct lines *lines = check_lines(L);
	struct line_value values[LINE_FIELDS_MAX];
	struct sorted_text row;
	size_t used = 0;
	int more = 1;

	while (used < PIECE) {
		uint64_t there;
		char *to;

		more = sorted_next(lines->rows, &row);
		if (more < 0)
			return sorted_fail(L);
		if (!more)
			break;
		there = read_row(lines, &row, values);
		to = room_for(lines, used, line_layout_room(lines->layout, values) + 1);
		to = line_layout_write(lines->layout, values, there, to);
		*to++ = '\n';
		used = (size_t)(to - (char *)lines->buffer->data);
	}
	if (used == 0)
		return 0;
	lua_pushlstring(L, (char *)lines->buffer->data, used);
	return 1;
}

/* lines:pieces() -> an iterator over the lines, many at once. Only once. */
static int lines_pieces(lua_State *L)
{
	check_lines(L);
	lua_pushcfunction(L, lines_next_piece);
	lua_pushvalue(L, 1);
	return 2;
}

/* lines:text({ FIELD = value, ... }) -> one line, which is not added */
static int lines_text(lua_State *L)
{
	struct lines *lines = check_lines(L);
	struct line_value values[LINE_FIELDS_MAX];
	unsigned int n = line_layout_n_fields(lines->layout);
	uint64_t there = 0;
	char *begin, *end;

	luaL_checktype(L, 2, LUA_TTABLE);
	if (lines->fields->len > 0)
		return luaL_error(L, "these lines are made of events");
	luaL_checkstack(L, LINE_FIELDS_MAX, "too many fields");
	for (unsigned int i = 0; i < n; i++) {
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
		there |= UINT64_C(1) << i;
	}
	lines->early |= line_layout_early(lines->layout, values, there);
	begin = room_for(lines, 0, line_layout_room(lines->layout, values));
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
	for (unsigned int i = 0; i < line_layout_n_fields(lines->layout); i++) {
		const char *name = line_layout_field(lines->layout, i);
		unsigned int k = 0;

		while (k < n && strcmp(fields[k].name, name) != 0)
			k++;
		if (k == n)
			return lua_pushfstring(
				L, "a line names {%s}, which is not collected", name);
		lines->fed[i] = k;
		lines->is_text[i] = fields[k].kind == SINK_TEXT;
		if (lines->is_text[i] && line_layout_is_number(lines->layout, i))
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
		{"pieces", lines_pieces},
		{"text", lines_text},
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
