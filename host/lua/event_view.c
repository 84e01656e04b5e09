/*
 * Events as Lua sees them: single fields pushed as arguments, and the `event` view.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/event_view.h"

#include "host/lua/object.h"
#include "host/lua/push.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *type_name(enum derived_type type)
{
	switch (type) {
	case DERIVED_INT:
		return "integer";
	case DERIVED_BOOL:
		return "boolean";
	default:
		return "string";
	}
}

void push_field_list(lua_State *L, const struct derived_field *fields, unsigned int n)
{
	lua_createtable(L, (int)n, 0);
	for (unsigned int i = 0; i < n; i++) {
		const char *texts[][2] = {{"name", fields[i].name},
			{"type", type_name(fields[i].type)}, {"unit", fields[i].unit},
			{"doc", fields[i].doc}};

		lua_createtable(L, 0, G_N_ELEMENTS(texts));
		for (size_t k = 0; k < G_N_ELEMENTS(texts); k++) {
			lua_pushstring(L, texts[k][1]);
			lua_setfield(L, -2, texts[k][0]);
		}
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
}

void push_derived_field(lua_State *L, const struct state *state, const void *values,
	const struct derived_field *field)
{
	const char *at = (const char *)values + field->offset;

	switch (field->type) {
	case DERIVED_INT:
		push_integer(L, *(const int64_t *)(const void *)at);
		break;
	case DERIVED_STR:
		lua_pushstring(L, state_text(state, *(const strid *)(const void *)at));
		break;
	case DERIVED_SYM:
		lua_pushstring(L, *(const char *const *)(const void *)at);
		break;
	case DERIVED_BOOL:
		push_boolean(L, *(const int64_t *)(const void *)at);
		break;
	}
}

/* Builds Lua values out of a field's parts: lists and maps become tables. */
struct builder {
	lua_State *L;
	bool for_people; /* integers that need all their 64 bits become texts */
	int depth;
	struct {
		bool map;
		lua_Integer length;
	} open[VALUE_DEPTH_MAX];
};

static void build_integer(void *data, int64_t value)
{
	lua_pushinteger(((struct builder *)data)->L, value);
}

/* As people want to see it: an address is not a negative number. */
static void push_large(lua_State *L, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, value);
	lua_pushstring(L, text);
}

static void build_large(void *data, uint64_t value)
{
	const struct builder *builder = data;

	if (builder->for_people)
		push_large(builder->L, value);
	else
		lua_pushinteger(builder->L, (lua_Integer)value);
}

static void build_real(void *data, double value)
{
	lua_pushnumber(((struct builder *)data)->L, value);
}

static void build_text(void *data, const char *value)
{
	lua_pushstring(((struct builder *)data)->L, value);
}

static void build_none(void *data)
{
	lua_pushnil(((struct builder *)data)->L);
}

static void build_table(struct builder *builder, bool map)
{
	luaL_checkstack(builder->L, 4, "event field");
	lua_newtable(builder->L);
	builder->open[builder->depth].map = map;
	builder->open[builder->depth].length = 0;
	builder->depth++;
}

static void build_list(void *data)
{
	build_table(data, false);
}

static void build_map(void *data)
{
	build_table(data, true);
}

static void build_key(void *data, const char *name)
{
	lua_pushstring(((struct builder *)data)->L, name);
}

static void build_item(void *data)
{
	struct builder *builder = data;

	if (builder->open[builder->depth - 1].map)
		lua_rawset(builder->L, -3);
	else
		lua_rawseti(builder->L, -2, ++builder->open[builder->depth - 1].length);
}

static void build_end(void *data)
{
	((struct builder *)data)->depth--;
}

static const struct value_visitor build = {
	.integer = build_integer,
	.large = build_large,
	.real = build_real,
	.text = build_text,
	.none = build_none,
	.begin_list = build_list,
	.begin_map = build_map,
	.key = build_key,
	.item = build_item,
	.end = build_end,
};

void push_raw_field(lua_State *L, const struct event *event, const struct raw_field *field)
{
	const struct record *rec = event->rec;
	struct builder builder = {.L = L};

	switch (field->origin) {
	case RAW_NONE:
		lua_pushnil(L);
		break;
	case RAW_TIME:
		lua_pushinteger(L, rec->time);
		break;
	case RAW_CPU:
		push_integer(L, rec->cpu >= 0 ? rec->cpu : VALUE_ABSENT);
		break;
	case RAW_TID:
		push_integer(L, state_current(event->state, rec->cpu).tid);
		break;
	case RAW_PID:
		push_integer(L, state_current(event->state, rec->cpu).pid);
		break;
	case RAW_PROCNAME:
		lua_pushstring(
			L, state_text(event->state, state_current(event->state, rec->cpu).comm));
		break;
	case RAW_CONTAINER:
		lua_pushstring(L,
			state_text(event->state,
				raw_field_value(event->state, event->source, rec, field).interned));
		break;
	case RAW_CONTAINER_ID:
	case RAW_CONTAINER_NS:
		push_integer(L, raw_field_value(event->state, event->source, rec, field).integer);
		break;
	case RAW_EVENT_NAME:
		lua_pushstring(L, source_class(event->source, rec->class_no)->name);
		break;
	case RAW_INT:
		push_integer(L, rec->v[field->slot]);
		break;
	case RAW_TEXT: {
		const struct record_getters *get = source_getters(event->source);

		lua_pushstring(L, record_string(get, rec, field->slot));
		break;
	}
	case RAW_OTHER:
		source_visit(event->source, rec, field->slot, &build, &builder);
		break;
	}
}

static const struct object_type view_type; /* below */

static const struct event *check_view(lua_State *L)
{
	struct view *view = object_check(L, 1, &view_type);

	if (!view->event)
		luaL_error(L, "this event is no longer valid: it can be used only in its hook "
			      "(keep event:copy() instead)");
	return view->event;
}

/* Pushes the field called `name`; false if the event has none. */
static bool push_field(lua_State *L, const struct event *event, const char *name)
{
	if (event->derived) {
		const struct derived_event *derived = event->derived;

		for (unsigned int i = 0; i < derived->n_fields; i++) {
			if (strcmp(derived->fields[i].name, name) == 0) {
				push_derived_field(
					L, event->state, event->values, &derived->fields[i]);
				return true;
			}
		}
		return false;
	}
	for (unsigned int i = 0; i < event->n_fields; i++) {
		if (strcmp(event->fields[i].name, name) == 0) {
			push_raw_field(L, event, &event->fields[i]);
			return true;
		}
	}
	return false;
}

void event_view_copy(lua_State *L, const struct event *event)
{
	unsigned int count = event->derived ? event->derived->n_fields : event->n_fields;

	lua_createtable(L, 0, (int)count);
	for (unsigned int i = count; i-- > 0;) {
		if (event->derived) {
			lua_pushstring(L, event->derived->fields[i].name);
			push_derived_field(
				L, event->state, event->values, &event->derived->fields[i]);
		} else {
			lua_pushstring(L, event->fields[i].name);
			push_raw_field(L, event, &event->fields[i]);
		}
		lua_rawset(L, -3);
	}
}

/* event:copy() -> table; all fields in a plain table, which you can keep */
static int view_copy(lua_State *L)
{
	event_view_copy(L, check_view(L));
	return 1;
}

/* Its method copy(). */
static int copied_copy(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	lua_newtable(L);
	for (lua_pushnil(L); lua_next(L, 1);) {
		lua_pushvalue(L, -2);
		lua_insert(L, -2);
		lua_rawset(L, 2);
	}
	return 1;
}

void event_view_of_copy(lua_State *L)
{
	static const luaL_Reg copied[] = {{"copy", copied_copy}, {NULL, NULL}};

	if (luaL_newmetatable(L, "lttnga.copied_event")) {
		luaL_newlib(L, copied);
		lua_setfield(L, -2, "__index");
	}
	lua_setmetatable(L, -2);
}

/* Pushes a field of a raw event as people want to see it. */
static void push_own_field(lua_State *L, const struct event *event, const struct raw_field *field)
{
	int64_t value = field->origin == RAW_INT ? event->rec->v[field->slot] : 0;
	struct builder builder = {.L = L, .for_people = true};

	if (value < 0 && value != VALUE_ABSENT && field->is_unsigned)
		push_large(L, (uint64_t)value);
	else if (field->origin == RAW_OTHER)
		source_visit(event->source, event->rec, field->slot, &build, &builder);
	else
		push_raw_field(L, event, field);
}

/*
 * event:list() -> table; the fields that the event has, in its order: `{ name, value, name,
 * value, ..., n = length }`. Contexts are called `ctx.NAME`; integers that need all 64 bits are
 * strings (`0xffff888003c4d000`)
 */
static int view_list(lua_State *L)
{
	const struct event *event = check_view(L);
	unsigned int count = event->derived ? event->derived->n_fields : event->n_own;

	lua_createtable(L, (int)count * 2, 1);
	for (unsigned int i = 0; i < count; i++) {
		const char *name =
			event->derived ? event->derived->fields[i].name : event->own[i].name;

		lua_pushstring(L, name);
		lua_rawseti(L, -2, (lua_Integer)i * 2 + 1);
		if (event->derived)
			push_derived_field(
				L, event->state, event->values, &event->derived->fields[i]);
		else
			push_own_field(L, event, &event->own[i]);
		lua_rawseti(L, -2, (lua_Integer)i * 2 + 2);
	}
	lua_pushinteger(L, (lua_Integer)count * 2);
	lua_setfield(L, -2, "n");
	return 1;
}

static int view_index(lua_State *L)
{
	const struct event *event = check_view(L);
	const char *name = luaL_checkstring(L, 2);

	/* Fields of these names are in the copy. */
	if (strcmp(name, "copy") == 0 || strcmp(name, "list") == 0) {
		lua_pushcfunction(L, strcmp(name, "copy") == 0 ? view_copy : view_list);
		return 1;
	}
	if (push_field(L, event, name))
		return 1;
	return luaL_error(L, "event has no field '%s'", name);
}

static int view_newindex(lua_State *L)
{
	return luaL_error(L, "events cannot be changed");
}

static int view_tostring(lua_State *L)
{
	struct view *view = object_check(L, 1, &view_type);

	if (!view->event)
		lua_pushliteral(L, "event (no longer valid)");
	else
		lua_pushfstring(
			L, "event (%s)", view->event->derived ? view->event->derived->name : "raw");
	return 1;
}

static const luaL_Reg view_meta[] = {
	{"__index", view_index},
	{"__newindex", view_newindex},
	{"__tostring", view_tostring},
	{NULL, NULL},
};

static const struct object_type view_type = {.name = "lttnga.event", .meta = view_meta};

struct view *event_view_push(lua_State *L, const struct event *event)
{
	struct view *view = object_new(L, &view_type, sizeof(*view), 0);

	view->event = event;
	return view;
}
