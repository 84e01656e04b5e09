/*
 * What accumulators are saved as.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/accumulate/saved_form.h"

#include <lauxlib.h>
#include <string.h>

int saved_fail(lua_State *L, const char *what)
{
	return luaL_error(L, "saved data is invalid: %s", what);
}

int64_t saved_integer(lua_State *L, int index, const char *name, int64_t least, int64_t most)
{
	int64_t value;

	lua_getfield(L, index, name);
	value = lua_tointeger(L, -1);
	if (!lua_isinteger(L, -1) || value < least || value > most)
		saved_fail(L, lua_pushfstring(L, "'%s' is not an integer, or out of range", name));
	lua_pop(L, 1);
	return value;
}

lua_Integer saved_push_list(lua_State *L, int index, const char *name)
{
	if (lua_getfield(L, index, name) != LUA_TTABLE)
		saved_fail(L, lua_pushfstring(L, "'%s' is not a list", name));
	return (lua_Integer)lua_rawlen(L, -1);
}

/* ---- 128 bits ---- */

/* Room for the digits, and a sign. */
#define WIDE_MAX 41

void saved_push_wide(lua_State *L, unsigned_wide number, bool negative)
{
	char digits[WIDE_MAX], *end = digits + sizeof(digits), *at = end;

	do {
		*--at = (char)('0' + (int)(number % 10));
		number /= 10;
	} while (number > 0);
	if (negative)
		*--at = '-';
	lua_pushlstring(L, at, (size_t)(end - at));
}

/* Reads digits; false if they are none, or too many. */
static bool read_wide(const char *text, unsigned_wide *number)
{
	*number = 0;
	for (const char *at = text; *at; at++) {
		if (*at < '0' || *at > '9' || at - text > WIDE_MAX ||
			__builtin_mul_overflow(*number, (unsigned_wide)10, number) ||
			__builtin_add_overflow(*number, (unsigned_wide)(*at - '0'), number))
			return false;
	}
	return *text != '\0';
}

unsigned_wide saved_wide(lua_State *L, int index, const char *name, bool *negative)
{
	unsigned_wide number = 0;
	const char *text;
	size_t length;

	if (lua_getfield(L, index, name) != LUA_TSTRING)
		saved_fail(L, lua_pushfstring(L, "'%s' is not a string of digits", name));
	text = lua_tolstring(L, -1, &length);
	*negative = text[0] == '-';
	if (strlen(text) != length || !read_wide(text + *negative, &number))
		saved_fail(L, lua_pushfstring(L, "'%s' is not a string of digits", name));
	lua_pop(L, 1);
	return number;
}

/* ---- Statistics ---- */

static void push_pair(void *data, int64_t value, uint64_t count)
{
	lua_State *L = data;

	lua_createtable(L, 2, 0);
	lua_pushinteger(L, value);
	lua_rawseti(L, -2, 1);
	lua_pushinteger(L, (lua_Integer)count);
	lua_rawseti(L, -2, 2);
	lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

static void push_one(void *data, int64_t value, uint64_t count)
{
	lua_State *L = data;

	(void)count;
	lua_pushinteger(L, value);
	lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

void saved_set_statistics(lua_State *L, const struct statistics *stats)
{
	bool negative = stats->sum < 0;

	set_integer(L, "count", stats->count);
	if (stats->count > 0) {
		set_integer(L, "min", stats->min);
		set_integer(L, "max", stats->max);
	}
	saved_push_wide(
		L, negative ? -(unsigned_wide)stats->sum : (unsigned_wide)stats->sum, negative);
	lua_setfield(L, -2, "sum");
	saved_push_wide(L, stats->squares, false);
	lua_setfield(L, -2, "squares");
	if (!stats->samples)
		return;
	lua_newtable(L);
	if (samples_are_exact(stats->samples)) {
		samples_each(stats->samples, push_one, L);
		lua_setfield(L, -2, "values");
	} else {
		samples_each(stats->samples, push_pair, L);
		lua_setfield(L, -2, "buckets");
	}
}

/* Whether the list on top of the stack has values from min to max only. */
static bool are_values(lua_State *L, const struct statistics *stats)
{
	for (lua_Integer i = 1; i <= stats->count; i++) {
		int64_t value;

		lua_rawgeti(L, -1, i);
		value = lua_tointeger(L, -1);
		if (!lua_isinteger(L, -1) || value < stats->min || value > stats->max)
			return false;
		lua_pop(L, 1);
	}
	return true;
}

static void merge_values(
	lua_State *L, int index, struct samples *samples, const struct statistics *stats)
{
	lua_Integer n = saved_push_list(L, index, "values");

	if (n != stats->count || !are_values(L, stats))
		saved_fail(L, "its values do not match its count");
	for (lua_Integer i = 1; i <= n; i++) {
		lua_rawgeti(L, -1, i);
		if (!samples_add(samples, lua_tointeger(L, -1)))
			luaL_error(L, "not enough memory");
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

/* Reads the pair number `i` of the list on top of the stack; false if it is none. */
static bool read_pair(lua_State *L, lua_Integer i, int64_t *lowest, int64_t *count)
{
	bool is_pair;

	if (lua_rawgeti(L, -1, i) != LUA_TTABLE)
		return false;
	lua_rawgeti(L, -1, 1);
	lua_rawgeti(L, -2, 2);
	is_pair = lua_isinteger(L, -1) && lua_isinteger(L, -2);
	*lowest = lua_tointeger(L, -2);
	*count = lua_tointeger(L, -1);
	lua_pop(L, 3);
	return is_pair && *count > 0 && samples_is_lowest(*lowest);
}

static void merge_buckets(
	lua_State *L, int index, struct samples *samples, const struct statistics *stats)
{
	lua_Integer n = saved_push_list(L, index, "buckets");
	int64_t lowest, count, left = stats->count;

	for (lua_Integer i = 1; i <= n; i++) {
		if (!read_pair(L, i, &lowest, &count) || count > left)
			saved_fail(L, "its buckets do not match its count");
		left -= count;
	}
	if (left > 0)
		saved_fail(L, "its buckets do not match its count");
	for (lua_Integer i = 1; i <= n; i++) {
		read_pair(L, i, &lowest, &count);
		if (!samples_add_bucket(samples, lowest, (uint64_t)count, stats->min, stats->max))
			luaL_error(L, "not enough memory");
	}
	lua_pop(L, 1);
}

/* Takes in the values themselves; they must be there. */
static void merge_samples(
	lua_State *L, int index, struct samples *samples, const struct statistics *stats)
{
	int type = lua_getfield(L, index, "values");

	lua_pop(L, 1);
	if (type == LUA_TTABLE)
		merge_values(L, index, samples, stats);
	else
		merge_buckets(L, index, samples, stats);
}

int64_t saved_merge_statistics(lua_State *L, int index, struct statistics *stats, int64_t most)
{
	struct statistics more = {.min = INT64_MAX, .max = INT64_MIN};
	unsigned_wide sum, largest;
	bool negative, unused;

	index = lua_absindex(L, index);
	luaL_checktype(L, index, LUA_TTABLE);
	more.count =
		saved_integer(L, index, "count", 0, MIN(most, STATISTICS_COUNT_MAX - stats->count));
	if (more.count > 0) {
		more.min = saved_integer(L, index, "min", INT64_MIN, INT64_MAX);
		more.max = saved_integer(L, index, "max", more.min, INT64_MAX);
	}
	/* So sums never overflow, whatever is merged. */
	sum = saved_wide(L, index, "sum", &negative);
	largest = (unsigned_wide)more.count << 63;
	if (sum > largest)
		saved_fail(L, "'sum' is too large");
	more.sum = negative ? -(wide)sum : (wide)sum;
	if (more.sum < (wide)more.count * (more.count ? more.min : 0) ||
		more.sum > (wide)more.count * (more.count ? more.max : 0))
		saved_fail(L, "'sum' does not match 'min' and 'max'");
	more.squares = saved_wide(L, index, "squares", &unused);
	if (unused)
		saved_fail(L, "'squares' is negative");
	if (stats->samples)
		merge_samples(L, index, stats->samples, &more);
	more.samples = NULL;
	statistics_merge_sums(stats, &more);
	return more.count;
}

/* ---- Fields, and their values ---- */

static const char *const kinds[] = {
	[COLLECTED_INT] = "integer", [COLLECTED_BOOL] = "boolean", [COLLECTED_TEXT] = "text"};

void saved_set_fields(lua_State *L, const GArray *fields)
{
	lua_createtable(L, (int)fields->len, 0);
	for (guint i = 0; i < fields->len; i++) {
		const struct collected_field *field =
			&g_array_index(fields, struct collected_field, i);

		lua_createtable(L, 2, 0);
		lua_pushstring(L, field->name);
		lua_rawseti(L, -2, 1);
		lua_pushstring(L, kinds[field->kind]);
		lua_rawseti(L, -2, 2);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	lua_setfield(L, -2, "fields");
}

/* Reads the field number `i` of the list on top of the stack; its name lives as long as that. */
static struct collected_field read_field(lua_State *L, guint i)
{
	struct collected_field field = {0};
	size_t kind = 0;

	if (lua_rawgeti(L, -1, (lua_Integer)i + 1) != LUA_TTABLE)
		saved_fail(L, "a field is not a list");
	lua_rawgeti(L, -1, 1);
	lua_rawgeti(L, -2, 2);
	if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING)
		saved_fail(L, "a field has no name and kind");
	while (kind < G_N_ELEMENTS(kinds) && strcmp(kinds[kind], lua_tostring(L, -1)) != 0)
		kind++;
	if (kind == G_N_ELEMENTS(kinds))
		saved_fail(L, "the kind of a field is unknown");
	field.name = lua_tostring(L, -2);
	field.kind = (enum collected_kind)kind;
	lua_pop(L, 3);
	return field;
}

void saved_merge_fields(lua_State *L, int index, GArray *fields, unsigned int most)
{
	lua_Integer n;
	bool are_new = fields->len == 0;

	luaL_checktype(L, index, LUA_TTABLE);
	n = saved_push_list(L, index, "fields");
	if (n > (lua_Integer)most || (!are_new && n != (lua_Integer)fields->len))
		saved_fail(L, "its fields differ");
	for (guint i = 0; i < (guint)n; i++) {
		struct collected_field field = read_field(L, i), *own;

		if (are_new) {
			field.name = g_intern_string(field.name);
			g_array_append_val(fields, field);
			continue;
		}
		own = &g_array_index(fields, struct collected_field, i);
		if (own->kind != field.kind || strcmp(own->name, field.name) != 0)
			saved_fail(L, lua_pushfstring(L, "its field is '%s' instead of '%s'",
					      field.name, own->name));
	}
	lua_pop(L, 1);
}

void saved_push_value(
	lua_State *L, const struct collected_field *field, const union collected_value *value)
{
	if (field->kind == COLLECTED_TEXT ? !value->text : value->number == VALUE_ABSENT)
		lua_pushboolean(L, false);
	else if (field->kind == COLLECTED_TEXT)
		lua_pushstring(L, value->text);
	else
		lua_pushinteger(L, value->number);
}

union collected_value saved_value(lua_State *L, const struct collected_field *field)
{
	union collected_value value = {.number = VALUE_ABSENT};

	if (lua_isboolean(L, -1) && !lua_toboolean(L, -1)) {
		if (field->kind == COLLECTED_TEXT)
			value = (union collected_value){.number = 0};
		return value;
	}
	if (field->kind == COLLECTED_TEXT ? lua_type(L, -1) != LUA_TSTRING : !lua_isinteger(L, -1))
		saved_fail(L, lua_pushfstring(L, "'%s' has the wrong type", field->name));
	value.number = 0;
	if (field->kind == COLLECTED_TEXT)
		value.text = lua_tostring(L, -1);
	else
		value.number = lua_tointeger(L, -1);
	return value;
}
