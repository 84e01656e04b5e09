/*
 * What slices and counters of a timeline have in common.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/perfetto/drawn.h"

#include <stdlib.h>

/* ---- Values ---- */

static void add_value(struct values *values, struct value value)
{
	if (values->n < FIELDS_MAX)
		values->list[values->n++] = value;
}

void drawn_take(
	struct values *values, const struct drawn *object, const struct collected_event *event)
{
	values->n = 0;
	for (unsigned int i = 0; i < object->n; i++) {
		const struct collected_field *field = &event->fields[i];
		struct value value = {.field = object->fields[i]};

		if (field->kind == COLLECTED_TEXT) {
			value.kind = PACKETS_TEXT;
			value.text = collected_text(event, i);
			if (!value.text)
				continue;
		} else {
			value.kind = field->kind == COLLECTED_BOOL ? PACKETS_BOOL : PACKETS_INT;
			value.number = collected_number(event, i);
			if (value.number == VALUE_ABSENT)
				continue;
		}
		add_value(values, value);
	}
}

static gint compare_values(gconstpointer a, gconstpointer b)
{
	return strcmp(((const struct value *)a)->field, ((const struct value *)b)->field);
}

void drawn_take_row(lua_State *L, int index, struct values *values)
{
	values->n = 0;
	luaL_checktype(L, index, LUA_TTABLE);
	for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
		struct value value = {0};

		if (lua_type(L, -2) != LUA_TSTRING)
			continue;
		value.field = g_intern_string(lua_tostring(L, -2));
		if (lua_type(L, -1) == LUA_TSTRING) {
			value.kind = PACKETS_TEXT;
			value.text = lua_tostring(L, -1);
		} else if (lua_isboolean(L, -1)) {
			value.kind = PACKETS_BOOL;
			value.number = lua_toboolean(L, -1);
		} else if (lua_isinteger(L, -1)) {
			value.number = lua_tointeger(L, -1);
		} else {
			continue;
		}
		add_value(values, value);
	}
	qsort(values->list, values->n, sizeof(values->list[0]), compare_values);
}

const struct value *drawn_find(const struct values *values, const char *field)
{
	for (size_t i = 0; field && i < values->n; i++)
		if (values->list[i].field == field)
			return &values->list[i];
	return NULL;
}

int64_t drawn_number(const struct values *values, const char *field)
{
	const struct value *value = drawn_find(values, field);

	return value && value->kind != PACKETS_TEXT ? value->number : VALUE_ABSENT;
}

const char *drawn_text(const struct values *values, const char *field)
{
	const struct value *value = drawn_find(values, field);

	return value && value->kind == PACKETS_TEXT ? value->text : NULL;
}

/* ---- What a script says ---- */

bool drawn_has_part(const struct parts *parts, const char *field)
{
	for (unsigned int i = 0; i < parts->n; i++)
		if (parts->fields[i] == field)
			return true;
	return false;
}

struct parts drawn_read_parts(lua_State *L, const char *key)
{
	struct parts parts = {0};

	if (lua_getfield(L, 2, key) == LUA_TSTRING) {
		parts.fields[parts.n++] = g_intern_string(lua_tostring(L, -1));
	} else if (lua_istable(L, -1)) {
		for (lua_Integer i = 1; lua_geti(L, -1, i) == LUA_TSTRING; i++) {
			if (parts.n == PARTS_MAX)
				luaL_error(L, "'%s' has too many fields", key);
			parts.fields[parts.n++] = g_intern_string(lua_tostring(L, -1));
			lua_pop(L, 1);
		}
		lua_pop(L, 1);
	} else if (!lua_isnil(L, -1)) {
		luaL_error(L, "'%s' must be a field name or a list of field names", key);
	}
	lua_pop(L, 1);
	return parts;
}

const char *drawn_read_text(lua_State *L, const char *key)
{
	const char *text;

	lua_getfield(L, 2, key);
	text = luaL_opt(L, luaL_checkstring, -1, NULL);
	text = text ? g_intern_string(text) : NULL;
	lua_pop(L, 1);
	return text;
}

bool drawn_read_flag(lua_State *L, const char *key)
{
	bool flag;

	lua_getfield(L, 2, key);
	flag = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return flag;
}

void drawn_check_keys(lua_State *L, const char *const *known)
{
	for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1)) {
		bool is_known = lua_type(L, -2) == LUA_TNUMBER;

		for (size_t i = 0; known[i] && lua_type(L, -2) == LUA_TSTRING; i++)
			is_known = is_known || strcmp(known[i], lua_tostring(L, -2)) == 0;
		if (!is_known)
			luaL_error(L, "unknown field '%s' of a track", luaL_tolstring(L, -2, NULL));
	}
}

struct drawn *drawn_new(lua_State *L, const struct object_type *type)
{
	struct timeline *timeline = timeline_check(L, 1);
	struct drawn *object;

	luaL_checktype(L, 2, LUA_TTABLE);
	object = object_new(L, type, sizeof(*object), TIMELINE_KEPT);
	object->timeline = timeline;
	lua_pushvalue(L, 1);
	lua_setiuservalue(L, -2, TIMELINE_KEPT);
	if (lua_geti(L, 2, 1) == LUA_TSTRING)
		object->title = g_intern_string(lua_tostring(L, -1));
	lua_pop(L, 1);
	object->by = drawn_read_text(L, "by");
	return object;
}

const char *drawn_attach(
	lua_State *L, int index, const struct collected_field *fields, unsigned int n)
{
	struct drawn *object = lua_touserdata(L, index);
	bool has_time = false;

	for (unsigned int i = 0; i < n && i < FIELDS_MAX; i++)
		object->fields[i] = g_intern_string(fields[i].name);
	for (unsigned int i = 0; i < n; i++)
		has_time = has_time ||
			   (strcmp(fields[i].name, "time") == 0 && fields[i].kind == COLLECTED_INT);
	object->n = MIN(n, FIELDS_MAX);
	return has_time ? NULL : "a timeline expects the field 'time'";
}

int drawn_write(char *to, size_t room, const struct value *value)
{
	if (value->kind == PACKETS_TEXT)
		return g_snprintf(to, room, "%s", value->text);
	/* Numbers of CPUs say what they are. */
	return g_snprintf(to, room, "%s%" G_GINT64_FORMAT,
		strcmp(value->field, "cpu") == 0 ? "CPU " : "", value->number);
}

const char *drawn_key(const struct drawn *object, const struct values *values, char *room)
{
	const struct value *value = drawn_find(values, object->by);

	if (!object->by)
		return NULL;
	if (!value)
		return "(none)";
	if (value->kind == PACKETS_TEXT)
		return value->text;
	drawn_write(room, NAME_MAX_BYTES, value);
	return room;
}
