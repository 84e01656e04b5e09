/*
 * Lines of text made of the fields of events, sorted.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lines.h"

#include "host/formats.h"
#include "host/sink.h"
#include "host/sorted.h"
#include "state/record.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define LINES_TYPE "lttnga.lines"

/* Columns wider than this are a mistake. */
#define COLUMN_MAX 10000

enum format { FORMAT_PLAIN, FORMAT_TIME, FORMAT_US, FORMAT_SIZE, FORMAT_EARLY };

static const char *const format_names[] = {"", "time", "us", "size", "early"};

/* A piece of a column: a text as it is, or a field. */
struct piece {
	char *text; /* the name of a field, if it is one */
	bool is_field;
	enum format format;
	unsigned int field; /* number among those that are fed */
	bool is_number;
};

/* One of the texts that a column can have. */
struct choice {
	GArray *pieces; /* struct piece */
};

struct column {
	int width;
	GArray *choices; /* struct choice */
};

struct lines {
	GArray *columns; /* struct column */
	GArray *fields;  /* struct sink_field: that it is fed with, if it is */
	char *line;      /* that is being made */
	size_t room;     /* in it */
	bool gmt, date, early;
	int64_t from;   /* earlier than this is early */
	int64_t second; /* that `clock` is the text of */
	char clock[64];
	size_t clock_length;
};

/* User values of an object. */
enum { LINES_TEXTS = 1 };

static struct lines *check_lines(lua_State *L)
{
	return luaL_checkudata(L, 1, LINES_TYPE);
}

static void free_columns(GArray *columns)
{
	for (guint i = 0; i < columns->len; i++) {
		GArray *choices = g_array_index(columns, struct column, i).choices;

		for (guint k = 0; k < choices->len; k++) {
			GArray *pieces = g_array_index(choices, struct choice, k).pieces;

			for (guint m = 0; m < pieces->len; m++)
				g_free(g_array_index(pieces, struct piece, m).text);
			g_array_free(pieces, TRUE);
		}
		g_array_free(choices, TRUE);
	}
	g_array_free(columns, TRUE);
}

static int lines_gc(lua_State *L)
{
	struct lines *lines = check_lines(L);

	if (!lines->columns)
		return 0;
	free_columns(lines->columns);
	g_array_free(lines->fields, TRUE);
	g_free(lines->line);
	lines->columns = NULL;
	return 0;
}

/* ---- Reading what a line looks like ---- */

static bool find_format(const char *name, size_t length, enum format *format)
{
	for (size_t i = 0; i < G_N_ELEMENTS(format_names); i++) {
		if (strlen(format_names[i]) == length &&
			memcmp(format_names[i], name, length) == 0) {
			*format = (enum format)i;
			return true;
		}
	}
	return false;
}

/* Reads "{field:format}" from behind its brace; returns where it ends, or NULL if it does not. */
static const char *read_field(const char *at, struct piece *piece)
{
	size_t name = strcspn(at, ":}|"), format = 0;

	piece->is_field = true;
	piece->text = g_strndup(at, name);
	at += name;
	if (*at == ':') {
		format = strcspn(++at, "}|");
		if (!find_format(at, format, &piece->format))
			return NULL;
		at += format;
	}
	return *at == '}' ? at + 1 : NULL;
}

/* Adds the choices that a text consists of to a column; false if it is broken. */
static bool read_choices(const char *at, GArray *choices)
{
	struct choice choice = {g_array_new(FALSE, FALSE, sizeof(struct piece))};

	g_array_append_val(choices, choice);
	while (at && *at) {
		struct piece piece = {0};

		if (*at == '|') {
			choice.pieces = g_array_new(FALSE, FALSE, sizeof(struct piece));
			g_array_append_val(choices, choice);
			at++;
			continue;
		}
		if (*at == '{') {
			at = read_field(at + 1, &piece);
		} else {
			size_t length = strcspn(at, "{|");

			piece.text = g_strndup(at, length);
			at += length;
		}
		g_array_append_val(choice.pieces, piece);
	}
	return at != NULL;
}

/* Reads the columns in the list at index 1. */
static void read_columns(lua_State *L, struct lines *lines)
{
	for (lua_Integer i = 1; lua_geti(L, 1, i) == LUA_TTABLE; i++) {
		struct column column = {0};
		const char *text;

		lua_geti(L, -1, 1);
		column.width = (int)CLAMP(luaL_checkinteger(L, -1), -COLUMN_MAX, COLUMN_MAX);
		lua_geti(L, -2, 2);
		text = luaL_checkstring(L, -1);
		column.choices = g_array_new(FALSE, FALSE, sizeof(struct choice));
		g_array_append_val(lines->columns, column);
		if (!read_choices(text, column.choices))
			luaL_error(L,
				"the column '%s' of a line makes no sense: a field is "
				"{NAME} or {NAME:time}, us, size, early",
				text);
		lua_pop(L, 3);
	}
	lua_pop(L, 1);
}

/* new(columns, { gmt =, date =, from = }) -> object */
static int lines_new(lua_State *L)
{
	struct lines *lines;

	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_checktype(L, 2, LUA_TTABLE);
	lines = lua_newuserdatauv(L, sizeof(*lines), 1);
	*lines = (struct lines){
		.columns = g_array_new(FALSE, FALSE, sizeof(struct column)),
		.fields = g_array_new(FALSE, FALSE, sizeof(struct sink_field)),
		.second = INT64_MIN,
	};
	luaL_setmetatable(L, LINES_TYPE);
	sorted_push(L);
	lua_setiuservalue(L, -2, LINES_TEXTS);
	lua_getfield(L, 2, "gmt");
	lines->gmt = lua_toboolean(L, -1);
	lua_getfield(L, 2, "date");
	lines->date = lua_toboolean(L, -1);
	lines->from = lua_getfield(L, 2, "from") == LUA_TNUMBER ? lua_tointeger(L, -1) : INT64_MIN;
	lua_pop(L, 3);
	read_columns(L, lines);
	return 1;
}

/* lines:texts() -> the lines, see lttnga.sorted */
static int lines_texts(lua_State *L)
{
	check_lines(L);
	lua_getiuservalue(L, 1, LINES_TEXTS);
	return 1;
}

/* lines:early() -> whether something began before the time that was asked for */
static int lines_early(lua_State *L)
{
	lua_pushboolean(L, check_lines(L)->early);
	return 1;
}

/* ---- Making lines ---- */

/* Room for any number, time or size, as it is written. */
#define NUMBER_MAX FORMATS_SIZE_MAX

/* The following write to `to`, which has room, and return where that ends. */

static char *put_digits(char *to, uint64_t number, size_t least)
{
	char digits[24], *at = digits + sizeof(digits);
	size_t n = 0;

	for (; number > 0 || n < least; n++, number /= 10)
		*--at = (char)('0' + number % 10);
	memcpy(to, at, n);
	return to + n;
}

static uint64_t size_of(int64_t number)
{
	return number < 0 ? -(uint64_t)number : (uint64_t)number;
}

static char *put_number(char *to, int64_t number)
{
	if (number < 0)
		*to++ = '-';
	return put_digits(to, size_of(number), 1);
}

static char *put_us(char *to, int64_t ns)
{
	if (ns < 0)
		*to++ = '-';
	to = put_digits(to, size_of(ns) / 1000, 1);
	*to++ = '.';
	return put_digits(to, size_of(ns) % 1000, 3);
}

static char *put_time(struct lines *lines, char *to, int64_t ns)
{
	int64_t second = ns / 1000000000, rest = ns % 1000000000;
	struct tm parts;
	time_t when;

	if (rest < 0) {
		rest += 1000000000;
		second--;
	}
	if (second != lines->second) {
		lines->second = second;
		when = (time_t)second;
		if (lines->gmt)
			gmtime_r(&when, &parts);
		else
			localtime_r(&when, &parts);
		lines->clock_length = strftime(
			lines->clock, sizeof(lines->clock), lines->date ? "%F %T" : "%T", &parts);
	}
	memcpy(to, lines->clock, lines->clock_length);
	to += lines->clock_length;
	*to++ = '.';
	return put_digits(to, (uint64_t)rest, 9);
}

static char *put_value(struct lines *lines, char *to, enum format format, int64_t number)
{
	switch (format) {
	case FORMAT_TIME:
		return put_time(lines, to, number);
	case FORMAT_US:
		return put_us(to, number);
	case FORMAT_SIZE:
		return to + formats_size_into(to, (double)number);
	case FORMAT_EARLY:
		lines->early |= number < lines->from;
		*to = number < lines->from ? '*' : ' ';
		return to + 1;
	default:
		return put_number(to, number);
	}
}

static bool is_there(const struct piece *piece, const union sink_value *values)
{
	if (!piece->is_field)
		return true;
	return piece->is_number ? values[piece->field].number != VALUE_ABSENT
				: values[piece->field].text != NULL;
}

/* The first choice whose fields are all there; NULL if there is none. */
static const GArray *choose(const struct column *column, const union sink_value *values)
{
	for (guint i = 0; i < column->choices->len; i++) {
		const GArray *pieces = g_array_index(column->choices, struct choice, i).pieces;
		bool all = true;

		for (guint k = 0; k < pieces->len && all; k++)
			all = is_there(&g_array_index(pieces, struct piece, k), values);
		if (all)
			return pieces;
	}
	return NULL;
}

/* Makes sure that `n` bytes more fit into the line, the last of whose is before `to`. */
static char *make_room(struct lines *lines, char *to, size_t n)
{
	size_t length = (size_t)(to - lines->line);

	if (length + n > lines->room) {
		lines->room = 2 * (length + n);
		lines->line = g_realloc(lines->line, lines->room);
	}
	return lines->line + length;
}

static char *put_column(struct lines *lines, char *to, const struct column *column,
	const union sink_value *values, bool is_last)
{
	const GArray *pieces = choose(column, values);
	size_t width = (size_t)(column->width < 0 ? -column->width : column->width);
	size_t before = (size_t)(to - lines->line), columns = 0, part, length;

	for (guint i = 0; pieces && i < pieces->len; i++) {
		const struct piece *piece = &g_array_index(pieces, struct piece, i);
		const char *text = piece->is_field && !piece->is_number ? values[piece->field].text
									: piece->text;
		char *begin;

		if (piece->is_field && piece->is_number) {
			begin = to = make_room(lines, to, NUMBER_MAX);
			to = put_value(lines, to, piece->format, values[piece->field].number);
			columns += (size_t)(to - begin);
			continue;
		}
		length = strlen(text);
		to = make_room(lines, to, FORMATS_CLEAN_MAX * length);
		to += formats_clean_into(to, text, length, &part);
		columns += part;
	}
	if (columns >= width || (column->width < 0 && is_last))
		return to;
	width -= columns;
	to = make_room(lines, to, width);
	if (column->width > 0) {
		char *begin = lines->line + before;

		memmove(begin + width, begin, (size_t)(to - begin));
		memset(begin, ' ', width);
	} else {
		memset(to, ' ', width);
	}
	return to + width;
}

/* Makes lines->line; returns how long it is. */
static size_t make_line(struct lines *lines, const union sink_value *values)
{
	char *to = lines->line;

	for (guint i = 0; i < lines->columns->len; i++) {
		to = make_room(lines, to, 1);
		if (i > 0)
			*to++ = ' ';
		to = put_column(lines, to, &g_array_index(lines->columns, struct column, i), values,
			i + 1 == lines->columns->len);
	}
	return (size_t)(to - lines->line);
}

static void add(lua_State *L, void *object, int ref, const union sink_value *values)
{
	struct lines *lines = object;
	size_t length;

	length = make_line(lines, values);
	lua_rawgeti(L, LUA_REGISTRYINDEX, ref);
	lua_getiuservalue(L, -1, LINES_TEXTS);
	sorted_put(L, -1, values[0].number, lines->line, length);
	lua_pop(L, 2);
}

/* How many different fields one line can name. */
#define FIELDS_MAX 64

/* Takes the value at the top of the stack for a piece, which is its field number `number`. */
static void take_value(
	lua_State *L, struct piece *piece, unsigned int number, union sink_value *value)
{
	piece->field = number;
	piece->is_number = lua_type(L, -1) != LUA_TSTRING;
	if (!piece->is_number)
		value->text = lua_tostring(L, -1);
	else if (lua_isboolean(L, -1))
		value->number = lua_toboolean(L, -1);
	else
		value->number = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : VALUE_ABSENT;
}

/* lines:text({ FIELD = value, ... }) -> one line, which is not added */
static int lines_text(lua_State *L)
{
	struct lines *lines = check_lines(L);
	union sink_value values[FIELDS_MAX];
	unsigned int n = 0;
	size_t length;

	luaL_checktype(L, 2, LUA_TTABLE);
	if (lines->fields->len > 0)
		return luaL_error(L, "these lines are made of events");
	luaL_checkstack(L, FIELDS_MAX, "too many fields");
	for (guint i = 0; i < lines->columns->len; i++) {
		GArray *choices = g_array_index(lines->columns, struct column, i).choices;

		for (guint k = 0; k < choices->len; k++) {
			GArray *pieces = g_array_index(choices, struct choice, k).pieces;

			for (guint m = 0; m < pieces->len; m++) {
				struct piece *piece = &g_array_index(pieces, struct piece, m);

				if (!piece->is_field)
					continue;
				if (n == FIELDS_MAX)
					return luaL_error(L, "a line names too many fields");
				lua_getfield(L, 2, piece->text); /* stays: its text is used */
				take_value(L, piece, n, &values[n]);
				n++;
			}
		}
	}
	length = make_line(lines, values);
	lua_pushlstring(L, lines->line, length);
	return 1;
}

/* Finds the field that a piece names; returns what is wrong with it, or NULL. */
static const char *find_piece(
	lua_State *L, struct piece *piece, const struct sink_field *fields, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		if (strcmp(fields[i].name, piece->text) != 0)
			continue;
		piece->field = i;
		piece->is_number = fields[i].kind != SINK_TEXT;
		if (!piece->is_number && piece->format != FORMAT_PLAIN)
			return lua_pushfstring(L, "{%s} is no number in a line", piece->text);
		return NULL;
	}
	return lua_pushfstring(L, "a line names {%s}, which is not collected", piece->text);
}

static const char *attach(lua_State *L, int index, const struct sink_field *fields, unsigned int n)
{
	struct lines *lines = lua_touserdata(L, index);
	const char *wrong = NULL;

	if (lines->fields->len > 0)
		return sink_same_fields(&g_array_index(lines->fields, struct sink_field, 0),
			       lines->fields->len, fields, n)
			       ? NULL
			       : "a log takes one set of fields only";
	if (n == 0 || fields[0].kind != SINK_INT)
		return "lines are sorted by the first field, which must be a number";
	for (guint i = 0; i < lines->columns->len; i++) {
		GArray *choices = g_array_index(lines->columns, struct column, i).choices;

		for (guint k = 0; k < choices->len; k++) {
			GArray *pieces = g_array_index(choices, struct choice, k).pieces;

			for (guint m = 0; m < pieces->len && !wrong; m++)
				if (g_array_index(pieces, struct piece, m).is_field)
					wrong = find_piece(L,
						&g_array_index(pieces, struct piece, m), fields, n);
		}
	}
	if (!wrong)
		g_array_append_vals(lines->fields, fields, n);
	return wrong;
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
		{"texts", lines_texts},
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
