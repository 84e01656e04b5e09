/*
 * The small steps that every line of output takes: texts made safe for a terminal, columns, numbers.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/output/formats.h"

#include <glib.h>
#include <lauxlib.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct range {
	uint32_t first, last;
};

/*
 * Characters that must not reach a terminal: controls, those that turn the direction of writing, and
 * those that nobody sees (of no width, fillers, selectors, tags): with these a name can look like
 * another one, or say what only a program reads.
 */
static const struct range unsafe[] = {{0x00, 0x1f}, {0x7f, 0x9f}, {0xad, 0xad}, {0x034f, 0x034f},
	{0x061c, 0x061c}, {0x115f, 0x1160}, {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x200b, 0x200f},
	{0x2028, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff},
	{0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
	{0xe0000, 0xe0fff}};

#define WITHIN(code, ranges) within(code, ranges, sizeof(ranges) / sizeof((ranges)[0]))

static bool within(uint32_t code, const struct range *ranges, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

/* Eight times one byte. */
#define EIGHT(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Whether one of eight bytes is no printable ASCII character. */
static bool has_odd(uint64_t eight)
{
	/* The top bit of a byte shows what is below 0x20, above 0x7f, or 0x7f. */
	return ((((eight - EIGHT(0x20)) & ~eight) | eight | (eight + EIGHT(0x01))) & EIGHT(0x80)) !=
	       0;
}

/* Copies a text; whether every byte is a printable ASCII character. If not, it may be part of it. */
static bool copy_plain(char *to, const char *text, size_t length)
{
	uint64_t eight;
	size_t i = 0;

	for (; i + sizeof(eight) <= length; i += sizeof(eight)) {
		memcpy(&eight, text + i, sizeof(eight));
		memcpy(to + i, &eight, sizeof(eight));
		if (has_odd(eight))
			return false;
	}
	if (i < length && length >= sizeof(eight)) {
		/* The last ones, with some before that are copied again. */
		memcpy(&eight, text + length - sizeof(eight), sizeof(eight));
		memcpy(to + length - sizeof(eight), &eight, sizeof(eight));
		return !has_odd(eight);
	}
	for (; i < length; i++) {
		if (text[i] < 0x20 || text[i] > 0x7e)
			return false;
		to[i] = text[i];
	}
	return true;
}

/* Whether every byte is a printable ASCII character. */
static bool is_plain(const char *text, size_t length)
{
	uint64_t eight;
	size_t i = 0;

	for (; i + sizeof(eight) <= length; i += sizeof(eight)) {
		memcpy(&eight, text + i, sizeof(eight));
		if (has_odd(eight))
			return false;
	}
	for (; i < length; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			return false;
	return true;
}

/* The columns of a terminal that a character takes. */
static size_t columns_of(uint32_t code)
{
	if (code < 0x300)
		return 1;
	return g_unichar_iszerowidth(code) ? 0 : g_unichar_iswide(code) ? 2 : 1;
}

size_t formats_decode(const char *text, size_t length, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *at = (const unsigned char *)text;
	size_t size = at[0] < 0x80 ? 1 : at[0] < 0xc0 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;

	if (size == 0 || size > length || at[0] >= 0xf8)
		return 0;
	*code = size == 1 ? at[0] : at[0] & (0x7fu >> size);
	for (size_t i = 1; i < size; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (at[i] & 0x3f);
	}
	if (*code < least[size] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return size;
}

bool formats_is_utf8(const char *text, size_t length)
{
	uint32_t code;

	for (size_t at = 0, size; at < length; at += size) {
		size = formats_decode(text + at, length - at, &code);
		if (size == 0)
			return false;
	}
	return true;
}

size_t formats_clean_into(char *to, const char *text, size_t length, size_t *columns)
{
	const char *begin = to;

	*columns = length;
	if (copy_plain(to, text, length))
		return length;
	*columns = 0;
	for (size_t at = 0; at < length;) {
		uint32_t code = 0;
		size_t size = formats_decode(text + at, length - at, &code);

		if (size > 0 && !WITHIN(code, unsafe)) {
			memcpy(to, text + at, size);
			*columns += columns_of(code);
			to += size;
			at += size;
			continue;
		}
		for (size_t end = at + (size ? size : 1); at < end; at++) {
			char escape[5];

			snprintf(escape, sizeof(escape), "\\x%02x", (unsigned char)text[at]);
			memcpy(to, escape, 4);
			to += 4;
			*columns += 4;
		}
	}
	return (size_t)(to - begin);
}

/* Adds a text with its unsafe bytes written as \xNN; returns the columns that it takes. */
static size_t add_clean(luaL_Buffer *buffer, const char *text, size_t length)
{
	char *to = luaL_prepbuffsize(buffer, FORMATS_CLEAN_MAX * length);
	size_t columns;

	luaL_addsize(buffer, formats_clean_into(to, text, length, &columns));
	return columns;
}

/* clean(text) -> the text, safe to print: what could steer a terminal, or is no UTF-8, as \xNN */
static int formats_clean(lua_State *L)
{
	size_t length;
	const char *text = luaL_checklstring(L, 1, &length);
	luaL_Buffer buffer;

	if (is_plain(text, length)) {
		lua_settop(L, 1);
		return 1;
	}
	luaL_buffinit(L, &buffer);
	add_clean(&buffer, text, length);
	luaL_pushresult(&buffer);
	return 1;
}

/* A character of a clean text, and the columns that it takes; returns how many bytes it has. */
static size_t next_character(const char *text, size_t length, size_t *columns)
{
	uint32_t code = '?';
	size_t size = formats_decode(text, length, &code);

	*columns = columns_of(code);
	return size ? size : 1;
}

static size_t width_of(const char *text, size_t length)
{
	size_t columns = 0, more;

	for (size_t at = 0; at < length; columns += more)
		at += next_character(text + at, length - at, &more);
	return columns;
}

/* width(text) -> columns that a clean text takes on a terminal */
static int formats_width(lua_State *L)
{
	size_t length;
	const char *text = luaL_checklstring(L, 1, &length);

	lua_pushinteger(L, (lua_Integer)width_of(text, length));
	return 1;
}

/* How many bytes at the begin of a text take so many columns at most, marks behind them included. */
static size_t head_of(const char *text, size_t length, size_t room, size_t *columns)
{
	size_t at = 0, more;

	for (*columns = 0; at < length; *columns += more) {
		size_t size = next_character(text + at, length - at, &more);

		if (*columns + more > room)
			break;
		at += size;
	}
	return at;
}

size_t formats_shorten(char *text, size_t length, size_t room, size_t before, size_t *columns)
{
	static const char dots[] = "\xe2\x80\xa6";
	size_t whole = width_of(text, length), head, tail, more, skipped;

	*columns = whole;
	if (whole <= room)
		return length;
	if (room == 0) {
		*columns = 0;
		return 0;
	}
	head = head_of(text, length, MIN(before, room - 1), columns);
	/* From the first character on, before which so much is left out that the rest fits. */
	tail = head;
	for (skipped = *columns; whole - skipped > room - 1 - *columns || tail == head;) {
		tail += next_character(text + tail, length - tail, &more);
		skipped += more;
	}
	/* A mark needs what it is on. */
	while (tail < length) {
		size_t size = next_character(text + tail, length - tail, &more);

		if (more > 0)
			break;
		tail += size;
	}
	memmove(text + head + sizeof(dots) - 1, text + tail, length - tail);
	memcpy(text + head, dots, sizeof(dots) - 1);
	*columns += 1 + whole - skipped;
	return head + sizeof(dots) - 1 + length - tail;
}

/*
 * shorten(text, columns[, before]) -> a clean text with dots in its middle, or behind so many columns, if it
 * takes more columns
 */
static int formats_shorten_text(lua_State *L)
{
	size_t length, columns;
	const char *text = luaL_checklstring(L, 1, &length);
	lua_Integer room = MAX(luaL_checkinteger(L, 2), 0);
	lua_Integer before = MAX(luaL_optinteger(L, 3, room / 2), 0);
	luaL_Buffer buffer;
	char *to = luaL_buffinitsize(L, &buffer, length + FORMATS_SHORTEN_EXTRA);

	memcpy(to, text, length);
	luaL_pushresultsize(
		&buffer, formats_shorten(to, length, (size_t)room, (size_t)before, &columns));
	return 1;
}

static void add_blanks(luaL_Buffer *buffer, size_t count)
{
	if (count > 0) {
		memset(luaL_prepbuffsize(buffer, count), ' ', count);
		luaL_addsize(buffer, count);
	}
}

/* Writes a number that is not negative to the end of `digits`; returns where it begins. */
static char *write_number(char *end, uint64_t number)
{
	do {
		*--end = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	return end;
}

/* Room for any number of 64 bits, and a point. */
#define DIGITS_MAX 24

/* The value at a stack index as text, valid as long as that stays; `digits` has room for a number. */
static const char *value_text(lua_State *L, int index, char *digits, size_t *length)
{
	const char *text;

	if (lua_isinteger(L, index)) {
		lua_Integer number = lua_tointeger(L, index);
		char *end = digits + DIGITS_MAX;
		char *at = write_number(end, number < 0 ? -(uint64_t)number : (uint64_t)number);

		if (number < 0)
			*--at = '-';
		*length = (size_t)(end - at);
		return at;
	}
	text = luaL_tolstring(L, index, length);
	lua_replace(L, index);
	return text;
}

/* Columns wider than this are a mistake. */
#define COLUMN_MAX 10000

/*
 * columns({ width, ... }, value, ...) -> the values, made safe, with a blank between them, each
 * filled up to its width: at the left if that is positive, at the right if it is negative
 */
static int formats_columns(lua_State *L)
{
	int n = lua_gettop(L);
	luaL_Buffer buffer, part;

	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_buffinit(L, &buffer);
	for (int i = 2; i <= n; i++) {
		char digits[DIGITS_MAX];
		size_t length, columns, room;
		lua_Integer width;
		const char *text;

		lua_rawgeti(L, 1, i - 1);
		width = lua_tointeger(L, -1);
		lua_pop(L, 1);
		text = value_text(L, i, digits, &length);
		luaL_argcheck(L, width >= -COLUMN_MAX && width <= COLUMN_MAX, 1, "column too wide");
		room = (size_t)(width < 0 ? -width : width);
		if (width > 0 && !is_plain(text, length)) {
			/* How wide it becomes must be known first. */
			luaL_buffinit(L, &part);
			columns = add_clean(&part, text, length);
			luaL_pushresult(&part);
			lua_replace(L, i);
			add_blanks(&buffer, columns < room ? room - columns : 0);
			luaL_addlstring(&buffer, lua_tostring(L, i), lua_rawlen(L, i));
		} else if (width > 0) {
			add_blanks(&buffer, length < room ? room - length : 0);
			luaL_addlstring(&buffer, text, length);
		} else {
			columns = add_clean(&buffer, text, length);
			if (i < n)
				add_blanks(&buffer, columns < room ? room - columns : 0);
		}
		if (i < n)
			luaL_addchar(&buffer, ' ');
	}
	luaL_pushresult(&buffer);
	return 1;
}

/* us(ns) -> microseconds with three digits after the point, for integers from 0 on */
static int formats_us(lua_State *L)
{
	uint64_t ns = (uint64_t)luaL_checkinteger(L, 1);
	char digits[DIGITS_MAX], *end = digits + sizeof(digits), *at = end - 3;

	for (int i = 2; i >= 0; i--, ns /= 10)
		at[i] = (char)('0' + ns % 10);
	*--at = '.';
	at = write_number(at, ns);
	lua_pushlstring(L, at, (size_t)(end - at));
	return 1;
}

/* Up to here floats are exact integers, and a hundred times as much still fits into 64 bits. */
#define EXACT_SIZE_MAX (1ll << 53)

/* A whole size of at least 1024, with two digits after the point, rounded as printf rounds. */
static size_t whole_size_into(char *to, uint64_t size)
{
	unsigned int shift = 10;
	char digits[DIGITS_MAX], *end = digits + sizeof(digits), *at;
	uint64_t hundredths, rest, half;
	const char *unit = "KMGTPE";

	for (; size >> shift >= 1024; shift += 10)
		unit++;
	hundredths = size * 100 >> shift;
	rest = size * 100 & ((UINT64_C(1) << shift) - 1);
	half = UINT64_C(1) << (shift - 1);
	hundredths += rest > half || (rest == half && hundredths % 2 == 1);
	at = end - 2;
	at[0] = (char)('0' + hundredths / 10 % 10);
	at[1] = (char)('0' + hundredths % 10);
	*--at = '.';
	at = write_number(at, hundredths / 100);
	memcpy(to, at, (size_t)(end - at));
	to += end - at;
	memcpy(to, " KiB", 5);
	to[1] = *unit;
	return (size_t)(end - at) + 4;
}

size_t formats_size_into(char *to, double size)
{
	const char *unit = "KMGTPE";

	if (size >= 1024 && size < EXACT_SIZE_MAX && size == floor(size))
		return whole_size_into(to, (uint64_t)size);
	if (size >= 0 && size < 1024 && size == floor(size)) {
		char digits[DIGITS_MAX], *end = digits + sizeof(digits);
		char *at = write_number(end, (uint64_t)size);

		memcpy(to, at, (size_t)(end - at));
		memcpy(to + (end - at), "   B", 5);
		return (size_t)(end - at) + 4;
	}
	if (size < 1024)
		return (size_t)snprintf(to, FORMATS_SIZE_MAX, "%.0f   B", size);
	for (size /= 1024; size >= 1024 && unit[1]; unit++)
		size /= 1024;
	return (size_t)snprintf(to, FORMATS_SIZE_MAX, "%.2f %ciB", size, *unit);
}

/* size(bytes) -> "42   B", "1.50 KiB" */
static int formats_size(lua_State *L)
{
	char text[FORMATS_SIZE_MAX];

	lua_pushlstring(L, text, formats_size_into(text, luaL_checknumber(L, 1)));
	return 1;
}

/* A number of thousandths, rounded as printf rounds, of `unit` of them. */
static size_t thousandths_into(char *to, uint64_t ns, uint64_t unit, const char *name)
{
	uint64_t thousandth = unit / 1000, rounded = ns / thousandth, rest = ns % thousandth;
	char digits[DIGITS_MAX], *end = digits + sizeof(digits), *at = end - 3;

	if (2 * rest == thousandth)
		return (size_t)snprintf(
			to, FORMATS_DURATION_MAX, "%.3f%s", (double)ns / (double)unit, name);
	rounded += 2 * rest > thousandth;
	for (int i = 2; i >= 0; i--, rounded /= 10)
		at[i] = (char)('0' + rounded % 10);
	*--at = '.';
	at = write_number(at, rounded);
	memcpy(to, at, (size_t)(end - at));
	to += end - at;
	memcpy(to, name, strlen(name) + 1);
	return (size_t)(end - at) + strlen(name);
}

size_t formats_duration_into(char *to, int64_t ns)
{
	if (ns < 0) {
		*to = '-';
		return 1 + formats_duration_into(to + 1, ns == INT64_MIN ? INT64_MAX : -ns);
	}
	if (ns >= 1000000000)
		return thousandths_into(to, (uint64_t)ns, 1000000000, " s ");
	return ns >= 1000000 ? thousandths_into(to, (uint64_t)ns, 1000000, " ms")
			     : thousandths_into(to, (uint64_t)ns, 1000, " us");
}

/* duration(ns) -> "1.815 s ", "12.345 ms", "3.210 us" */
static int formats_duration(lua_State *L)
{
	char text[FORMATS_DURATION_MAX];

	lua_pushlstring(L, text, formats_duration_into(text, luaL_checkinteger(L, 1)));
	return 1;
}

/* fraction(text, n) -> the text, a point, and an integer from 0 to 999999999 with nine digits */
static int formats_fraction(lua_State *L)
{
	size_t length;
	const char *text = luaL_checklstring(L, 1, &length);
	uint64_t number = (uint64_t)luaL_checkinteger(L, 2);
	luaL_Buffer buffer;
	char *at = luaL_buffinitsize(L, &buffer, length + 10);

	memcpy(at, text, length);
	at[length] = '.';
	for (int i = 9; i > 0; i--, number /= 10)
		at[length + (size_t)i] = (char)('0' + number % 10);
	luaL_pushresultsize(&buffer, length + 10);
	return 1;
}

int luaopen_lttnga_formats(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{"clean", formats_clean},
		{"columns", formats_columns},
		{"duration", formats_duration},
		{"fraction", formats_fraction},
		{"shorten", formats_shorten_text},
		{"size", formats_size},
		{"us", formats_us},
		{"width", formats_width},
		{NULL, NULL},
	};

	luaL_newlib(L, functions);
	return 1;
}
