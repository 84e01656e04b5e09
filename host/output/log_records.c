/*
 * Rows of logs that scripts give and get.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/collector.h"
#include "host/output/log_private.h"

#include <math.h>

/* Whether the value on top of the stack is none: nil, or a number that is none. */
static bool is_nothing(lua_State *L)
{
	return lua_isnil(L, -1) ||
	       (lua_type(L, -1) == LUA_TNUMBER && !isfinite(lua_tonumber(L, -1)));
}

/* Reads the value on top of the stack; false if it is nothing that a row can have. */
static bool read_value(lua_State *L, struct line_value *value)
{
	*value = (struct line_value){0};
	switch (lua_type(L, -1)) {
	case LUA_TBOOLEAN:
		value->kind = LINE_BOOL;
		value->number = lua_toboolean(L, -1);
		return true;
	case LUA_TNUMBER:
		value->kind = lua_isinteger(L, -1) ? LINE_INT : LINE_FLOAT;
		value->number = lua_tointeger(L, -1);
		value->real = lua_tonumber(L, -1);
		return true;
	case LUA_TSTRING:
		value->kind = LINE_TEXT;
		value->text = lua_tolstring(L, -1, &value->length);
		value->length = MIN(value->length, LOG_TEXT_MAX);
		return true;
	default:
		return false;
	}
}

/* Raises the error that the value on top of the stack is none for a field. */
static void fail_value(lua_State *L, const struct log *log, unsigned int i)
{
	unsigned int kinds = log_kinds(log, i);
	luaL_Buffer buffer;
	const char *what = luaL_typename(L, -1);

	luaL_buffinit(L, &buffer);
	for (int kind = LINE_INT, n = 0; kind <= LINE_TEXT; kind++) {
		if (!(kinds >> kind & 1))
			continue;
		luaL_addstring(&buffer, n++ > 0 ? " or " : "");
		luaL_addstring(&buffer, log_kind_names[kind]);
	}
	luaL_pushresult(&buffer);
	luaL_error(L, "'%s' in a row of a log must be %s, not a %s", log->kept[i].name,
		lua_tostring(L, -1), what);
}

/* The name of the field that rows are sorted by. */
static const char *key_name(const struct log *log)
{
	unsigned int first = log->hosts ? COLLECTED_ORIGIN : 0;

	if (log->sort)
		return log->sort;
	if (log->fields->len > 0)
		return g_array_index(log->fields, struct collected_field, 0).name;
	return first < log->n_kept ? log->kept[first].name : "";
}

/* The key of the record at stack index 2. */
static int64_t record_key(lua_State *L, const struct log *log)
{
	const char *name = key_name(log);
	int64_t key = VALUE_ABSENT;

	if (lua_getfield(L, 2, name) == LUA_TNIL && log->may_lack) {
		lua_pop(L, 1);
		return key;
	}
	if (!lua_isinteger(L, -1))
		luaL_error(L,
			"rows of a log are sorted by '%s', which must be an integer, not a %s",
			name, luaL_typename(L, -1));
	key = lua_tointeger(L, -1);
	lua_pop(L, 1);
	return key;
}

/* log:add(row: table, key?: integer); adds a row, a table of fields; `key`: what it is sorted by */
int log_add(lua_State *L)
{
	struct log *log = log_check(L);
	size_t room, used = 0;
	int64_t key;

	if (!lua_istable(L, 2))
		return luaL_error(
			L, "a row of a log must be a table of fields, { FIELD = value, ... }");
	key = lua_isinteger(L, 3) ? lua_tointeger(L, 3) : record_key(L, log);
	lua_settop(L, 2);
	log_begin_row(L, log, &room);
	for (unsigned int i = 0; i < log->n_kept; i++, lua_pop(L, 1)) {
		const struct kept *kept = &log->kept[i];
		char *to = sorted_room(log->rows, room) + used;
		struct line_value value;

		lua_getfield(L, 2, kept->name);
		if (is_nothing(L))
			to = pack(to, 0);
		else if (!read_value(L, &value) || !(log_kinds(log, i) >> value.kind & 1))
			fail_value(L, log, i);
		else
			to = log_pack_field(log, i, &room, used, &value, key);
		used = (size_t)(to - sorted_room(log->rows, room));
	}
	log_end_row(L, log, key, used);
	return 0;
}

static void push_value(lua_State *L, const struct line_value *value)
{
	if (value->kind == LINE_TEXT)
		lua_pushlstring(L, value->text, value->length);
	else if (value->kind == LINE_FLOAT)
		lua_pushnumber(L, value->real);
	else if (value->kind == LINE_BOOL)
		lua_pushboolean(L, value->number != 0);
	else
		lua_pushinteger(L, value->number);
}

/* Pushes a row as a record: texts as they came. */
static void push_record(lua_State *L, const struct log *log, const struct sorted_text *row)
{
	struct line_value values[LINE_FIELDS_MAX];
	size_t texts;
	uint64_t there = log_read_row(log, row, values, &texts);

	log_raw_texts(log, row, values);
	lua_createtable(L, 0, (int)log->n_kept);
	for (unsigned int i = 0; i < log->n_kept; i++) {
		if (there >> i & 1) {
			push_value(L, &values[i]);
			lua_setfield(L, -2, log->kept[i].name);
		}
	}
}

static int next_record(lua_State *L)
{
	struct log *log = lua_touserdata(L, lua_upvalueindex(1));
	struct sorted_text row;

	if (!log_next_row(L, log, &row)) {
		log_drop_rows(log);
		return 0;
	}
	push_record(L, log, &row);
	lua_pushinteger(L, log_key_at(log, row.key));
	return 2;
}

/* log:each() -> fun(): table?, integer?; an iterator over the rows, once, with what they are sorted by */
int log_each(lua_State *L)
{
	log_check_unread(L, log_check(L));
	lua_settop(L, 1);
	lua_pushcclosure(L, next_record, 1);
	return 1;
}

/* log:text(row: table) -> string; the line of a row, which is not added */
int log_text(lua_State *L)
{
	struct log *log = log_check(L);
	struct line_value values[LINE_FIELDS_MAX];
	uint64_t there = 0;
	size_t texts = 0;
	char *begin, *end;

	luaL_checktype(L, 2, LUA_TTABLE);
	if (log->fields->len > 0)
		return luaL_error(L, "rows cannot be added to a log that is collected");
	luaL_checkstack(L, LINE_FIELDS_MAX, "too many fields");
	for (unsigned int i = 0; i < log->n_kept; i++) {
		/* The values stay on the stack, since their texts are used. */
		lua_getfield(L, 2, log->kept[i].name);
		if (is_nothing(L) || !read_value(L, &values[i]) ||
			!(line_layout_kinds(log->layout, i) >> values[i].kind & 1))
			continue;
		texts += values[i].length;
		there |= UINT64_C(1) << i;
		log->early |=
			values[i].kind == LINE_INT && log_is_early(&log->kept[i], values[i].number);
	}
	begin = log_room(log, 0, line_layout_room(log->layout, texts));
	end = line_layout_write(log->layout, values, there, begin);
	lua_pushlstring(L, begin, (size_t)(end - begin));
	return 1;
}
