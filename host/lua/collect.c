/*
 * Feeding the fields of events to objects.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/collect.h"

#include "host/lua/collector.h"
#include "host/lua/event_view.h"
#include "host/lua/fixed_texts.h"
#include "host/lua/script_fault.h"

#include <glib.h>
#include <lauxlib.h>
#include <string.h>

/* A field that must have one of several texts. */
struct only {
	const struct derived_field *field;
	GPtrArray *texts;
	struct fixed_texts known; /* of its texts, if they are fixed; are they wanted? */
	bool wanted[FIXED_TEXTS];
};

struct collect {
	const char *script; /* the caller's */
	char *into;         /* the object's name in the window */
	enum derived_kind event;
	GArray *only;                      /* struct only */
	GPtrArray *fields;                 /* struct derived_field, that are fed */
	struct collected_field *taken;     /* these fields, as the collector sees them */
	int object;                        /* reference to the object, or LUA_NOREF */
	void *data;                        /* if it is a collector: it, and its type */
	const struct collector_type *type; /* NULL: its method add() is called */
};

static void clear_only(gpointer data)
{
	g_ptr_array_unref(((struct only *)data)->texts);
}

void collect_free(struct collect *collect)
{
	if (!collect)
		return;
	g_array_unref(collect->only);
	g_ptr_array_unref(collect->fields);
	g_free(collect->taken);
	g_free(collect->into);
	g_free(collect);
}

static const struct derived_field *field_at(const struct collect *collect, guint i)
{
	return g_ptr_array_index(collect->fields, i);
}

/* ---- Reading ---- */

/* Raises a fault of a `collect`; frees it. */
static _Noreturn void fail(lua_State *L, struct collect *collect, const char *what)
{
	const char *script = collect->script, *event = derived_events[collect->event].name;

	collect_free(collect);
	script_fault(L, "%s: collect of '%s': %s", script, event, what);
}

/* Reads the texts that a field may have: the keys of a table, or the members of a list. */
static void read_texts(lua_State *L, GPtrArray *texts)
{
	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
		int at = lua_type(L, -2) == LUA_TSTRING ? -2 : -1;

		if (lua_type(L, at) == LUA_TSTRING)
			g_ptr_array_add(texts, g_strdup(lua_tostring(L, at)));
	}
}

/* Reads `only`: { field = { text, ... } }, in the table on top of the stack. */
static void read_only(lua_State *L, struct collect *collect)
{
	if (lua_getfield(L, -1, "only") != LUA_TTABLE) {
		lua_pop(L, 1);
		return;
	}
	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
		struct only only = {0};

		if (lua_type(L, -2) == LUA_TSTRING)
			only.field = derived_field(collect->event, lua_tostring(L, -2));
		if (!only.field || !lua_istable(L, -1) ||
			(only.field->type != DERIVED_SYM && only.field->type != DERIVED_STR))
			fail(L, collect,
				"`only` must be { FIELD = { TEXT, ... } }, of fields that are "
				"texts");
		only.texts = g_ptr_array_new_with_free_func(g_free);
		g_array_append_val(collect->only, only);
		read_texts(L, only.texts);
	}
	lua_pop(L, 1);
}

/* Raises the fault that an event has no such field; frees the collect. */
static _Noreturn void fail_field(lua_State *L, struct collect *collect, const char *name)
{
	const struct derived_event *event = &derived_events[collect->event];
	const char *script = collect->script;
	GPtrArray *names = g_ptr_array_new();

	for (unsigned int i = 0; i < event->n_fields; i++)
		g_ptr_array_add(names, (gpointer)event->fields[i].name);
	collect_free(collect);
	script_fault_word(
		L, script, lua_pushfstring(L, "%s has no field", event->name), name, names);
}

/*
 * Reads the names of the fields: the members of the table on top of the stack from the second on.
 */
static void read_fields(lua_State *L, struct collect *collect)
{
	for (lua_Integer i = 2; lua_geti(L, -1, i) != LUA_TNIL; i++) {
		const struct derived_field *field;

		if (lua_type(L, -1) != LUA_TSTRING)
			fail(L, collect, "it must be { EVENT, FIELD, ..., into = NAME }");
		field = derived_field(collect->event, lua_tostring(L, -1));
		if (!field)
			fail_field(L, collect, lua_tostring(L, -1));
		g_ptr_array_add(collect->fields, (gpointer)field);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

/* What a collector sees of a field. */
static struct collected_field taken_as(const struct derived_field *field)
{
	static const enum collected_kind kinds[] = {
		[DERIVED_INT] = COLLECTED_INT,
		[DERIVED_BOOL] = COLLECTED_BOOL,
		[DERIVED_STR] = COLLECTED_TEXT,
		[DERIVED_SYM] = COLLECTED_TEXT,
	};

	return (struct collected_field){
		field->name, kinds[field->type], field->type == DERIVED_SYM, field->offset};
}

struct collect *collect_read(lua_State *L, const char *script)
{
	struct collect *collect;
	int event;

	lua_geti(L, -1, 1);
	event = lua_type(L, -1) == LUA_TSTRING ? derived_lookup(lua_tostring(L, -1)) : -1;
	lua_pop(L, 1);
	if (event < 0)
		return NULL;
	collect = g_new0(struct collect, 1);
	collect->script = script;
	collect->event = (enum derived_kind)event;
	collect->object = LUA_NOREF;
	collect->only = g_array_new(FALSE, FALSE, sizeof(struct only));
	g_array_set_clear_func(collect->only, clear_only);
	collect->fields = g_ptr_array_new();
	if (lua_getfield(L, -1, "into") != LUA_TSTRING)
		fail(L, collect, "`into` must be the name of an object of the window");
	collect->into = g_strdup(lua_tostring(L, -1));
	lua_pop(L, 1);
	read_fields(L, collect);
	read_only(L, collect);
	collect->taken = g_new0(struct collected_field, collect->fields->len);
	for (guint i = 0; i < collect->fields->len; i++)
		collect->taken[i] = taken_as(field_at(collect, i));
	return collect;
}

enum derived_kind collect_event(const struct collect *collect)
{
	return collect->event;
}

unsigned int collect_wants(const struct collect *collect)
{
	unsigned int wants = derived_events[collect->event].wants;

	for (guint i = 0; i < collect->fields->len; i++)
		wants |= field_at(collect, i)->wants;
	for (guint i = 0; i < collect->only->len; i++)
		wants |= g_array_index(collect->only, struct only, i).field->wants;
	return wants;
}

/* ---- The object ---- */

void collect_release(lua_State *L, struct collect *collect)
{
	luaL_unref(L, LUA_REGISTRYINDEX, collect->object);
	collect->object = LUA_NOREF;
}

void collect_attach(lua_State *L, struct collect *collect)
{
	const char *wrong = NULL;

	lua_getfield(L, -1, collect->into);
	collect->type = collector_type_of(L, -1);
	collect->data = lua_touserdata(L, -1);
	if (collect->type) {
		wrong = collect->type->attach(
			L, lua_gettop(L), collect->taken, collect->fields->len);
	} else if (!lua_istable(L, -1) && !lua_isuserdata(L, -1)) {
		wrong = lua_pushfstring(
			L, "the window has no object '%s': `begin` must make it", collect->into);
	}
	if (wrong)
		script_fault(L, "%s: collect of '%s': %s", collect->script,
			derived_events[collect->event].name, wrong);
	collect_release(L, collect);
	collect->object = luaL_ref(L, LUA_REGISTRYINDEX);
}

/* ---- Feeding ---- */

static bool is_among(GPtrArray *texts, const char *text)
{
	return text && g_ptr_array_find_with_equal_func(texts, text, g_str_equal, NULL);
}

/* Whether a field has one of the texts that are wanted. */
static bool is_wanted(struct only *only, const struct state *state, const void *values)
{
	const void *at = (const char *)values + only->field->offset;
	const char *text;
	unsigned int place;
	bool is_new;

	if (only->field->type == DERIVED_STR)
		return is_among(only->texts, state_text(state, *(const strid *)at));
	text = *(const char *const *)at;
	if (!text)
		return false;
	place = fixed_texts_find(&only->known, text, &is_new);
	if (is_new)
		only->wanted[place] = is_among(only->texts, text);
	return only->wanted[place];
}

/* Calls the method add() of the object. */
static void call_add(
	lua_State *L, struct collect *collect, const struct state *state, const void *values)
{
	guint n = collect->fields->len;

	luaL_checkstack(L, (int)n + LUA_MINSTACK, "too many fields");
	lua_rawgeti(L, LUA_REGISTRYINDEX, collect->object);
	lua_getfield(L, -1, "add");
	lua_insert(L, -2);
	for (guint i = 0; i < n; i++)
		push_derived_field(L, state, values, field_at(collect, i));
	lua_call(L, (int)n + 1, 0);
}

void collect_feed(
	lua_State *L, struct collect *collect, const struct state *state, const void *values)
{
	struct collected_event event = {collect->taken, state, values};

	for (guint i = 0; i < collect->only->len; i++)
		if (!is_wanted(&g_array_index(collect->only, struct only, i), state, values))
			return;
	if (collect->type)
		collect->type->add(L, collect->data, collect->object, &event);
	else
		call_add(L, collect, state, values);
}
