/*
 * Feeding the fields of events to objects.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/collect.h"

#include "host/lua/collector.h"
#include "host/lua/fixed_texts.h"
#include "host/lua/script_fault.h"

#include <glib.h>
#include <lauxlib.h>
#include <string.h>

/* A field that must have one of several values. */
struct only {
	const struct derived_field *field;
	GPtrArray *texts;         /* of a text, */
	GArray *numbers;          /* else: int64_t; booleans are 0 and 1 */
	struct fixed_texts known; /* of its texts, if they are fixed; are they wanted? */
	bool wanted[FIXED_TEXTS];
};

/* A value that was put off: what fields point to then. */
union played_value {
	int64_t number;
	const char *fixed;
	strid text;
};

/* How many fields an object can be fed with. */
#define FIELDS_MAX 64

struct collect {
	const char *script; /* the caller's */
	char *into;         /* the object's name in the window */
	enum derived_kind event;
	GArray *only;   /* struct only */
	GArray *fields; /* struct collected_field, that it gives */
	guint last;     /* number of the last one that is called as it is; -1 if there is none */
	unsigned int wants; /* parts of the model that its fields take */
	/* Values that are the same for every event; the first are those of fields that are absent. */
	GArray *constants;             /* union collected_value */
	bool played;                   /* see collect_set_played() */
	GPtrArray *together;           /* struct collect, borrowed: all that feed the object */
	struct collected_field *taken; /* as the object gets them, and the origin behind them */
	guint n_taken;
	int object;                        /* reference to the object, or LUA_NOREF */
	void *data;                        /* if it is a collector: it, and its type */
	const struct collector_type *type; /* NULL: its method add() is called */
};

enum { ABSENT_NUMBER, ABSENT_TEXT };

static void clear_only(gpointer data)
{
	struct only *only = data;

	g_ptr_array_unref(only->texts);
	g_array_unref(only->numbers);
}

void collect_free(struct collect *collect)
{
	if (!collect)
		return;
	g_array_unref(collect->only);
	g_array_unref(collect->fields);
	g_array_unref(collect->constants);
	g_ptr_array_unref(collect->together);
	g_free(collect->taken);
	g_free(collect->into);
	g_free(collect);
}

static struct collect *new_collect(const char *script, enum derived_kind event)
{
	static const union collected_value absent[] = {
		[ABSENT_NUMBER] = {.number = VALUE_ABSENT}, [ABSENT_TEXT] = {.text = NULL}};
	struct collect *collect = g_new0(struct collect, 1);

	collect->script = script;
	collect->event = event;
	collect->object = LUA_NOREF;
	collect->last = G_MAXUINT;
	collect->wants = derived_events[event].wants;
	collect->only = g_array_new(FALSE, FALSE, sizeof(struct only));
	g_array_set_clear_func(collect->only, clear_only);
	collect->fields = g_array_new(FALSE, FALSE, sizeof(struct collected_field));
	collect->together = g_ptr_array_new();
	collect->constants = g_array_new(FALSE, FALSE, sizeof(union collected_value));
	g_array_append_vals(collect->constants, absent, G_N_ELEMENTS(absent));
	return collect;
}

static struct collected_field *field_at(const GArray *fields, guint i)
{
	return &g_array_index(fields, struct collected_field, i);
}

/* The field of this name; NULL if there is none. */
static struct collected_field *find_field(const GArray *fields, const char *name)
{
	for (guint i = 0; i < fields->len; i++)
		if (strcmp(field_at(fields, i)->name, name) == 0)
			return field_at(fields, i);
	return NULL;
}

/* ---- Reading ---- */

/* Raises a fault of a `collect`; frees it. */
static _Noreturn void fail(lua_State *L, struct collect *collect, const char *what)
{
	const char *script = collect->script, *event = derived_events[collect->event].name;

	collect_free(collect);
	script_fault(L, "%s: collect of '%s': %s", script, event, what);
}

/* Reads the values that a field may have: the keys of a table that are texts, or the members of a list. */
static void read_values(lua_State *L, struct collect *collect, struct only *only)
{
	bool is_text = only->field->type == DERIVED_SYM || only->field->type == DERIVED_STR;

	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
		int at = lua_type(L, -2) == LUA_TSTRING ? -2 : -1;
		int64_t number = lua_isboolean(L, at) ? lua_toboolean(L, at) : lua_tointeger(L, at);

		if (is_text && lua_type(L, at) == LUA_TSTRING)
			g_ptr_array_add(only->texts, g_strdup(lua_tostring(L, at)));
		else if (only->field->type == DERIVED_BOOL ? lua_isboolean(L, at)
							   : !is_text && lua_isinteger(L, at))
			g_array_append_val(only->numbers, number);
		else
			fail(L, collect, "the values in `only` must be of the field's type");
	}
}

/* Reads `only`: { field = { value, ... } }, in the table on top of the stack. */
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
		if (!only.field || !lua_istable(L, -1))
			fail(L, collect,
				"`only` must be { FIELD = { VALUE, ... } }, with fields of "
				"the event");
		only.texts = g_ptr_array_new_with_free_func(g_free);
		only.numbers = g_array_new(FALSE, FALSE, sizeof(int64_t));
		g_array_append_val(collect->only, only);
		collect->wants |= only.field->wants;
		read_values(L, collect,
			&g_array_index(collect->only, struct only, collect->only->len - 1));
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

/* What a collector sees of a field of the event. */
static struct collected_field taken_as(const struct derived_field *field)
{
	static const enum collected_kind kinds[] = {
		[DERIVED_INT] = COLLECTED_INT,
		[DERIVED_BOOL] = COLLECTED_BOOL,
		[DERIVED_STR] = COLLECTED_TEXT,
		[DERIVED_SYM] = COLLECTED_TEXT,
	};

	return (struct collected_field){field->name, kinds[field->type], field->type == DERIVED_SYM,
		COLLECTED_EVENT, field->offset};
}

/* Where events come from. */
static const struct collected_field origin[COLLECTED_ORIGIN] = {
	[COLLECTED_HOST] = {"host", COLLECTED_TEXT, true, COLLECTED_MODEL,
		offsetof(struct state_config, host)},
	[COLLECTED_TRACE] = {"trace", COLLECTED_TEXT, true, COLLECTED_MODEL,
		offsetof(struct state_config, trace)},
};

/* How these are called among values that are put off. */
static const char *const origin_names[COLLECTED_ORIGIN] = {
	[COLLECTED_HOST] = "origin_host", [COLLECTED_TRACE] = "origin_trace"};

/* Adds a field to those that are given. */
static void give(lua_State *L, struct collect *collect, struct collected_field field)
{
	if (find_field(collect->fields, field.name))
		fail(L, collect, lua_pushfstring(L, "field '%s' is given twice", field.name));
	if (collect->fields->len == FIELDS_MAX)
		fail(L, collect, "too many fields");
	g_array_append_val(collect->fields, field);
}

/* Adds the field that is named on top of the stack, under a name, or (NULL) its own. */
static void give_field(lua_State *L, struct collect *collect, const char *name)
{
	const struct derived_field *field;
	struct collected_field as = origin[COLLECTED_TRACE];

	if (lua_type(L, -1) != LUA_TSTRING)
		fail(L, collect, "must be { EVENT, FIELD, ..., NAME = FIELD, into = NAME }");
	field = derived_field(collect->event, lua_tostring(L, -1));
	if (field) {
		as = taken_as(field);
		collect->wants |= field->wants;
	} else if (strcmp(lua_tostring(L, -1), as.name) != 0) {
		fail_field(L, collect, lua_tostring(L, -1));
	}
	as.name = name ? name : as.name;
	give(L, collect, as);
}

/* Adds a field with the value on top of the stack. */
static void give_constant(lua_State *L, struct collect *collect, const char *name)
{
	struct collected_field as = {name, COLLECTED_INT, true, COLLECTED_CONSTANT,
		collect->constants->len * sizeof(union collected_value)};
	union collected_value value = {.number = lua_tointeger(L, -1)};

	if (lua_type(L, -1) == LUA_TSTRING) {
		as.kind = COLLECTED_TEXT;
		value.text = g_intern_string(lua_tostring(L, -1));
	} else if (lua_isboolean(L, -1)) {
		as.kind = COLLECTED_BOOL;
		value.number = lua_toboolean(L, -1);
	} else if (!lua_isinteger(L, -1)) {
		fail(L, collect,
			"`set` must be { NAME = VALUE, ... }, with strings, integers or booleans");
	}
	g_array_append_val(collect->constants, value);
	give(L, collect, as);
}

/* The next key behind a text (NULL: the first one) of the table on top of the stack; NULL after the last. */
static const char *next_name(lua_State *L, const char *name)
{
	const char *next = NULL;

	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
		const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;

		if (key && (!name || strcmp(key, name) > 0) && (!next || strcmp(key, next) < 0))
			next = key;
	}
	return next ? g_intern_string(next) : NULL;
}

/* Gives a constant of `set`, if the name on top of the stack is one of its: then it stands here. */
static bool give_named_constant(lua_State *L, struct collect *collect)
{
	bool is_constant = lua_getfield(L, -2, "set") == LUA_TTABLE;
	const char *name =
		lua_type(L, -2) == LUA_TSTRING ? g_intern_string(lua_tostring(L, -2)) : NULL;

	is_constant = is_constant && name && !derived_field(collect->event, name) &&
		      lua_getfield(L, -1, name) != LUA_TNIL;
	if (is_constant)
		give_constant(L, collect, name);
	return is_constant;
}

/* Reads the fields that are named as they are: the members of a list from the second on. */
static void read_fields(lua_State *L, struct collect *collect)
{
	int top = lua_gettop(L);

	for (lua_Integer i = 2; lua_geti(L, -1, i) != LUA_TNIL; i++) {
		if (!give_named_constant(L, collect)) {
			lua_settop(L, top + 1);
			give_field(L, collect, NULL);
			collect->last = collect->fields->len - 1;
		}
		lua_settop(L, top);
	}
	lua_pop(L, 1);
}

/* The keys of a collect that are not names of fields; `collect` in lua/lib/keys.lua says what they are. */
static const char *const own_keys[] = {"into", "only", "set"};

static bool is_own_key(const char *name)
{
	size_t i = 0;

	while (i < G_N_ELEMENTS(own_keys) && strcmp(name, own_keys[i]) != 0)
		i++;
	return i < G_N_ELEMENTS(own_keys);
}

/* Reads the fields that get other names: NAME = FIELD. */
static void read_renamed(lua_State *L, struct collect *collect)
{
	const char *name = NULL;

	while ((name = next_name(L, name))) {
		if (is_own_key(name))
			continue;
		lua_getfield(L, -1, name);
		give_field(L, collect, name);
		lua_pop(L, 1);
	}
}

/* Whether a constant of this name stands among the fields already. */
static bool find_constant(const struct collect *collect, const char *name)
{
	const struct collected_field *field = find_field(collect->fields, name);

	return field && field->base == COLLECTED_CONSTANT;
}

/* Reads the fields that are the same for every event: set = { NAME = VALUE }. */
static void read_constants(lua_State *L, struct collect *collect)
{
	const char *name = NULL;

	if (lua_getfield(L, -1, "set") == LUA_TTABLE) {
		while ((name = next_name(L, name))) {
			lua_getfield(L, -1, name);
			if (!find_constant(collect, name))
				give_constant(L, collect, name);
			lua_pop(L, 1);
		}
	} else if (!lua_isnil(L, -1)) {
		fail(L, collect, "`set` must be { NAME = VALUE, ... }");
	}
	lua_pop(L, 1);
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
	collect = new_collect(script, (enum derived_kind)event);
	if (lua_getfield(L, -1, "into") != LUA_TSTRING)
		fail(L, collect, "`into` must be the name of an object in the window");
	collect->into = g_strdup(lua_tostring(L, -1));
	lua_pop(L, 1);
	read_fields(L, collect);
	read_renamed(L, collect);
	read_constants(L, collect);
	read_only(L, collect);
	return collect;
}

enum derived_kind collect_event(const struct collect *collect)
{
	return collect->event;
}

unsigned int collect_wants(const struct collect *collect)
{
	return collect->wants;
}

/* ---- Several that feed one object ---- */

void collect_join(GPtrArray *collects)
{
	for (guint i = 0; i < collects->len; i++) {
		struct collect *collect = g_ptr_array_index(collects, i);

		for (guint k = 0; k < collects->len; k++) {
			struct collect *other = g_ptr_array_index(collects, k);

			if (other->script == collect->script &&
				strcmp(other->into, collect->into) == 0)
				g_ptr_array_add(collect->together, other);
		}
	}
}

/* Adds fields to those of all; returns what is wrong if one of them is something else there. */
static const char *join(lua_State *L, GArray *all, const struct collect *collect)
{
	for (guint i = 0; i < collect->fields->len; i++) {
		const struct collected_field *field = field_at(collect->fields, i);
		const struct collected_field *known = find_field(all, field->name);

		if (known && known->kind != field->kind)
			return lua_pushfstring(
				L, "'%s' has another type in another collect", field->name);
		if (!known)
			g_array_append_val(all, *field);
	}
	return all->len > FIELDS_MAX ? "too many fields" : NULL;
}

/* What is taken of a field that another collect gives. */
static struct collected_field absent_as(const struct collected_field *field)
{
	guint at = field->kind == COLLECTED_TEXT ? ABSENT_TEXT : ABSENT_NUMBER;

	return (struct collected_field){field->name, field->kind, true, COLLECTED_CONSTANT,
		at * sizeof(union collected_value)};
}

/*
 * Finds what the object takes: the fields of the first collect that feeds it, then what the next one has
 * more, and so on; or only its own. If the last one counts, the last that the first collect gives under
 * its own name is moved there. Returns what is wrong, or NULL.
 */
static const char *find_taken(lua_State *L, struct collect *collect)
{
	bool by_name = collect->type && collect->type->by_name;
	const struct collect *first = by_name ? g_ptr_array_index(collect->together, 0) : collect;
	GArray *all = g_array_new(FALSE, FALSE, sizeof(struct collected_field));
	const char *wrong = join(L, all, first);

	for (guint i = 1; by_name && !wrong && i < collect->together->len; i++)
		wrong = join(L, all, g_ptr_array_index(collect->together, i));
	if (collect->type && collect->type->number_last && first->last < all->len) {
		struct collected_field last = *field_at(all, first->last);

		g_array_remove_index(all, first->last);
		g_array_append_val(all, last);
	}
	collect->n_taken = all->len;
	g_free(collect->taken);
	collect->taken = g_new(struct collected_field, all->len + COLLECTED_ORIGIN);
	for (guint i = 0; i < all->len; i++) {
		const struct collected_field *own =
			find_field(collect->fields, field_at(all, i)->name);

		collect->taken[i] = own ? *own : absent_as(field_at(all, i));
	}
	memcpy(&collect->taken[all->len], origin, sizeof(origin));
	for (guint i = 0; collect->played && i < collect_n_values(collect); i++) {
		collect->taken[i].base = COLLECTED_CONSTANT;
		collect->taken[i].offset = i * sizeof(union played_value);
	}
	g_array_unref(all);
	return wrong;
}

/* ---- The object ---- */

void collect_release(lua_State *L, struct collect *collect)
{
	luaL_unref(L, LUA_REGISTRYINDEX, collect->object);
	collect->object = LUA_NOREF;
}

void collect_attach(lua_State *L, struct collect *collect)
{
	const char *wrong;

	lua_getfield(L, -1, collect->into);
	if (!lua_istable(L, -1) && !lua_isuserdata(L, -1))
		script_fault(L,
			"%s: collect of '%s': the window has no object '%s': create it in `begin`",
			collect->script, derived_events[collect->event].name, collect->into);
	collect->type = collector_type_of(L, -1);
	collect->data = lua_touserdata(L, -1);
	lua_pushvalue(L, -1);
	wrong = find_taken(L, collect);
	if (!wrong && collect->type)
		wrong = collect->type->attach(
			L, lua_absindex(L, -1), collect->taken, collect->n_taken);
	if (wrong)
		script_fault(L, "%s: collect of '%s': %s", collect->script,
			derived_events[collect->event].name, wrong);
	lua_pop(L, 1);
	collect_release(L, collect);
	collect->object = luaL_ref(L, LUA_REGISTRYINDEX);
}

/* ---- Feeding ---- */

static bool is_among(GPtrArray *texts, const char *text)
{
	return text && g_ptr_array_find_with_equal_func(texts, text, g_str_equal, NULL);
}

static bool is_among_numbers(const GArray *numbers, int64_t number)
{
	for (guint i = 0; i < numbers->len; i++)
		if (g_array_index(numbers, int64_t, i) == number)
			return true;
	return false;
}

/* Whether a field has one of the values that are wanted. */
static bool is_wanted(struct only *only, const struct state *state, const void *values)
{
	const void *at = (const char *)values + only->field->offset;
	const char *text;
	unsigned int place;
	bool is_new;

	if (only->field->type == DERIVED_STR)
		return is_among(only->texts, state_text(state, *(const strid *)at));
	if (only->field->type != DERIVED_SYM)
		return is_among_numbers(only->numbers, *(const int64_t *)at);
	text = *(const char *const *)at;
	if (!text)
		return false;
	place = fixed_texts_find(&only->known, text, &is_new);
	if (is_new)
		only->wanted[place] = is_among(only->texts, text);
	return only->wanted[place];
}

/* Calls the method add() of the object. */
static void call_add(lua_State *L, struct collect *collect, const struct collected_event *event)
{
	guint n = collect->n_taken;

	luaL_checkstack(L, (int)n + LUA_MINSTACK, "too many fields");
	lua_rawgeti(L, LUA_REGISTRYINDEX, collect->object);
	lua_getfield(L, -1, "add");
	lua_insert(L, -2);
	for (guint i = 0; i < n; i++) {
		union collected_value value = collected_value(event, i);

		collected_push(L, &collect->taken[i], &value);
	}
	lua_call(L, (int)n + 1, 0);
}

bool collect_takes(struct collect *collect, const struct state *state, const void *values)
{
	for (guint i = 0; i < collect->only->len; i++)
		if (!is_wanted(&g_array_index(collect->only, struct only, i), state, values))
			return false;
	return true;
}

static struct collected_event event_of(
	const struct collect *collect, const struct state *state, const void *values)
{
	return (struct collected_event){
		.fields = collect->taken,
		.state = state,
		.bases = {[COLLECTED_EVENT] = values,
			[COLLECTED_CONSTANT] = collect->constants->data,
			[COLLECTED_MODEL] = (const char *)state_config(state)},
	};
}

static void feed(lua_State *L, struct collect *collect, const struct collected_event *event)
{
	if (collect->type)
		collect->type->add(L, collect->data, collect->object, event);
	else
		call_add(L, collect, event);
}

void collect_feed(
	lua_State *L, struct collect *collect, const struct state *state, const void *values)
{
	struct collected_event event = event_of(collect, state, values);

	if (collect_takes(collect, state, values))
		feed(L, collect, &event);
}

/* ---- Events that are put off ---- */

guint collect_n_values(const struct collect *collect)
{
	return collect->n_taken + COLLECTED_ORIGIN;
}

const char *collect_value_name(const struct collect *collect, guint i)
{
	return i < collect->n_taken ? collect->taken[i].name : origin_names[i - collect->n_taken];
}

void collect_push_value(lua_State *L, struct collect *collect, const struct state *state,
	const void *values, guint i)
{
	struct collected_event event = event_of(collect, state, values);
	union collected_value value = collected_value(&event, i);

	collected_push(L, &collect->taken[i], &value);
}

void collect_set_played(struct collect *collect)
{
	collect->played = true;
}

/* Reads the value at a stack index as that of a field. */
static union played_value read_played(
	lua_State *L, const struct collected_field *field, struct state *state, int index)
{
	union played_value value = {.number = VALUE_ABSENT};

	if (field->kind == COLLECTED_TEXT) {
		if (!lua_isnil(L, index))
			luaL_checktype(L, index, LUA_TSTRING);
		value.number = 0;
		if (field->fixed)
			value.fixed = g_intern_string(lua_tostring(L, index));
		else
			value.text = state_intern(state, lua_tostring(L, index));
	} else if (field->kind == COLLECTED_BOOL && !lua_isnil(L, index)) {
		luaL_checktype(L, index, LUA_TBOOLEAN);
		value.number = lua_toboolean(L, index);
	} else if (!lua_isnil(L, index)) {
		value.number = luaL_checkinteger(L, index);
	}
	return value;
}

void collect_play(lua_State *L, struct collect *collect, struct state *state, int first)
{
	union played_value values[FIELDS_MAX + COLLECTED_ORIGIN];
	struct collected_event event = {.fields = collect->taken,
		.state = state,
		.bases = {[COLLECTED_CONSTANT] = (const char *)values}};

	for (guint i = 0; i < collect_n_values(collect); i++)
		values[i] = read_played(L, &collect->taken[i], state, first + (int)i);
	feed(L, collect, &event);
	for (guint i = 0; i < collect_n_values(collect); i++)
		if (collect->taken[i].kind == COLLECTED_TEXT && !collect->taken[i].fixed)
			state_forget(state, values[i].text);
}
