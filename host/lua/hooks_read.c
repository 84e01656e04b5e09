/*
 * Hooks as scripts write them: read, checked, and what they need of the model.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/hooks_private.h"

#include "host/lua/object.h"
#include "host/lua/raw_field.h"
#include "host/lua/script_fault.h"

#include <lauxlib.h>
#include <string.h>

/* ---- Making and freeing ---- */

static void free_script(gpointer data)
{
	struct script *script = data;

	g_free(script->name);
	g_free(script);
}

static void free_hook(gpointer data)
{
	struct hook *hook = data;

	collect_free(hook->collect);
	expression_free(hook->filter);
	g_free(hook->tested);
	for (guint i = 0; i < hook->args->len; i++)
		g_free((char *)g_array_index(hook->args, struct arg, i).name);
	g_array_free(hook->args, TRUE);
	g_free(hook->event);
	g_free(hook->where);
	g_free(hook);
}

static int hooks_gc(lua_State *L)
{
	struct hooks *hooks = lua_touserdata(L, 1);

	if (!hooks->scripts)
		return 0;
	for (guint i = 0; i < hooks->hooks->len; i++) {
		struct hook *hook = g_ptr_array_index(hooks->hooks, i);

		luaL_unref(L, LUA_REGISTRYINDEX, hook->function);
		if (hook->collect)
			collect_release(L, hook->collect);
	}
	luaL_unref(L, LUA_REGISTRYINDEX, hooks->event);
	for (guint i = 0; i < hooks->scripts->len; i++)
		luaL_unref(L, LUA_REGISTRYINDEX,
			((struct script *)g_ptr_array_index(hooks->scripts, i))->window);
	for (int kind = 0; kind < DERIVED_KINDS; kind++)
		g_ptr_array_unref(hooks->by_derived[kind]);
	g_ptr_array_unref(hooks->by_class);
	g_ptr_array_unref(hooks->names);
	g_ptr_array_unref(hooks->hooks);
	g_ptr_array_unref(hooks->scripts);
	hooks->scripts = NULL;
	return 0;
}

static const struct object_type hooks_type = {.name = "lttnga.hooks", .gc = hooks_gc};

static struct hooks *new_hooks(lua_State *L)
{
	struct hooks *hooks = object_new(L, &hooks_type, sizeof(*hooks), 0);

	hooks->event = LUA_NOREF;
	hooks->hooks = g_ptr_array_new_with_free_func(free_hook);
	hooks->names = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
	hooks->by_class = g_ptr_array_new_with_free_func(hooks_free_raw_calls);
	for (int kind = 0; kind < DERIVED_KINDS; kind++)
		hooks->by_derived[kind] = g_ptr_array_new();
	hooks->scripts = g_ptr_array_new_with_free_func(free_script); /* now it is complete */
	return hooks;
}

/* ---- Reading what scripts say ---- */

/*
 * Reads what passes of a hook's event: field `filter` of its script, which is at stack index `table`, has an
 * expression for each event that is not taken as it comes.
 */
static void read_filter(lua_State *L, struct hook *hook, const char *event, int table)
{
	int top = lua_gettop(L);

	if (lua_getfield(L, table, "filter") == LUA_TTABLE &&
		lua_getfield(L, -1, event) == LUA_TTABLE) {
		hook->filter = expression_new();
		expression_read(L, hook->filter);
	}
	lua_settop(L, top);
}

/* Classes of the trace, if there is one. */
static unsigned int n_classes(const struct source *source)
{
	return source ? source_n_classes(source) : 0;
}

/* All names that a hook may have, for "did you mean". */
static GPtrArray *all_events(const struct source *source)
{
	GPtrArray *names = g_ptr_array_new();

	for (int kind = 0; kind < DERIVED_KINDS; kind++)
		g_ptr_array_add(names, (gpointer)derived_events[kind].name);
	for (unsigned int i = 0; i < n_classes(source); i++)
		g_ptr_array_add(names, (gpointer)source_class(source, i)->name);
	return names;
}

/* Checks that some class of the raw event has every field that the hook names. */
static void check_raw_fields(lua_State *L, const struct hook *hook, const struct source *source)
{
	for (guint i = 0; i < hook->args->len; i++) {
		const struct arg *arg = &g_array_index(hook->args, struct arg, i);
		bool found = arg->kind != ARG_FIELD, present = false;
		GPtrArray *names = g_ptr_array_new();
		const char *bound_as;

		for (unsigned int j = 0; !found && j < n_classes(source); j++) {
			const struct source_class *class = source_class(source, j);

			if (!hooks_class_is(class, hook->event))
				continue;
			present = true;
			found = raw_field_find(class, arg->name, &bound_as) != RAW_NONE;
			for (unsigned int k = 0; k < class->n_fields; k++)
				g_ptr_array_add(names, (gpointer) class->fields[k].name);
		}
		if (!found && present) {
			script_fault_word(L, hook->where,
				lua_pushfstring(L, "event %s has no field", hook->event), arg->name,
				names);
		}
		g_ptr_array_unref(names);
	}
}

/* Reads the names of a function's parameters; the function is on top of the stack. */
static void read_parameters(lua_State *L, struct hook *hook)
{
	const char *name;
	lua_Debug info;

	lua_pushvalue(L, -1);
	lua_getinfo(L, ">uS", &info);
	hook->where = g_strdup_printf("%s:%d", info.short_src, info.linedefined);
	if (info.isvararg) {
		script_fault(L, "%s: hook '%s' must name its parameters: '...' is not supported",
			hook->where, hook->event);
	}
	for (int n = 1; n <= info.nparams; n++) {
		struct arg arg = {.kind = ARG_FIELD};

		name = lua_getlocal(L, NULL, n);
		if (!name) {
			script_fault(L,
				"%s: hook '%s' has no parameter names: compile the script with "
				"debug information",
				hook->script->name, hook->event);
		}
		if (strcmp(name, "w") == 0)
			arg.kind = ARG_WINDOW;
		else if (strcmp(name, "event") == 0)
			arg.kind = ARG_EVENT;
		else if (strcmp(name, "selected") == 0)
			arg.kind = ARG_SELECTED;
		if (hook->whole && arg.kind == ARG_EVENT) {
			script_fault(L, "%s: hook '%s' has two parameters 'event'", hook->where,
				hook->event);
		}
		hook->whole |= arg.kind == ARG_EVENT;
		hook->sees_all |= arg.kind == ARG_SELECTED;
		arg.name = g_strdup(name);
		g_array_append_val(hook->args, arg);
	}
}

/* Finds the fields that the filter of a derived event looks at. */
static void find_tested_fields(struct hook *hook)
{
	guint n = hook->filter ? expression_n_fields(hook->filter) : 0;

	hook->tested = g_new0(struct expression_field, n);
	for (guint i = 0; i < n; i++)
		hook->tested[i] = expression_derived_field(
			derived_field(hook->derived, expression_field_name(hook->filter, i)));
}

static void find_derived_fields(lua_State *L, struct hook *hook)
{
	for (guint i = 0; i < hook->args->len; i++) {
		struct arg *arg = &g_array_index(hook->args, struct arg, i);

		if (arg->kind != ARG_FIELD)
			continue;
		arg->field = derived_field(hook->derived, arg->name);
		if (!arg->field) {
			const struct derived_event *event = &derived_events[hook->derived];
			GPtrArray *names = g_ptr_array_new();

			for (unsigned int k = 0; k < event->n_fields; k++)
				g_ptr_array_add(names, (gpointer)event->fields[k].name);
			script_fault_word(L, hook->where,
				lua_pushfstring(L, "%s has no field", event->name), arg->name,
				names);
		}
	}
}

/*
 * Whether calls of the script at stack index `table` can be put off: of its hooks (0), or of its collect of a
 * number.
 */
static bool is_deferred(lua_State *L, int table, lua_Integer number)
{
	int top = lua_gettop(L);
	bool is = lua_getfield(L, table, "deferred") == LUA_TTABLE;

	if (is && number > 0) {
		lua_geti(L, -1, number);
		is = lua_toboolean(L, -1);
	}
	lua_settop(L, top);
	return is;
}

static void add_hook(struct hooks *hooks, struct hook *hook)
{
	hook->number = hooks->hooks->len;
	g_ptr_array_add(hooks->hooks, hook);
}

/*
 * Reads one hook: the event's name, and the function on top of the stack (which it pops). The script is at
 * stack index `table`.
 */
static void read_hook(lua_State *L, struct hooks *hooks, const struct script *script, int table,
	const char *event, const struct source *source)
{
	struct hook *hook = g_new0(struct hook, 1);
	bool known = false;
	struct event_want want;

	hook->script = script;
	hook->function = LUA_NOREF;
	hook->event = g_strdup(event);
	hook->args = g_array_new(FALSE, FALSE, sizeof(struct arg));
	hook->derived = derived_lookup(event);
	hook->is_deferred = is_deferred(L, table, 0);
	add_hook(hooks, hook);
	if (!lua_isfunction(L, -1) || lua_iscfunction(L, -1)) {
		script_fault(L, "%s: hook '%s' must be a Lua function, not a %s", script->name,
			event, lua_iscfunction(L, -1) ? "C function" : luaL_typename(L, -1));
	}
	read_parameters(L, hook);
	read_filter(L, hook, event, table);
	/* Calls are made from where we are called: this room on the stack is theirs. */
	luaL_checkstack(L, (int)hook->args->len + LUA_MINSTACK, "too many parameters");
	if (hook->derived >= 0) {
		find_derived_fields(L, hook);
		find_tested_fields(hook);
		g_ptr_array_add(hooks->by_derived[hook->derived], hook);
	} else {
		if (hook->whole && hook->is_deferred)
			script_fault(L,
				"%s: hook '%s' can't be replayed: name the fields in place of "
				"`event`",
				hook->where, event);
		known = hooks->played || strcmp(event, ANY_EVENT) == 0;
		for (unsigned int i = 0; !known && i < n_classes(source); i++)
			known = hooks_class_is(source_class(source, i), event);
		if (!known && !event_lookup(event, &want))
			script_fault_word(L, hook->where,
				"neither a derived event nor an event of this trace:", event,
				all_events(source));
		check_raw_fields(L, hook, source);
	}
	hook->function = luaL_ref(L, LUA_REGISTRYINDEX);
}

/*
 * Reads { event, field, ..., into = name, only = { ... } }, which is on top of the stack: the script's collect of
 * this number, from 1 on.
 */
static void read_collect(lua_State *L, struct hooks *hooks, const struct script *script, int table,
	lua_Integer number, const struct source *source)
{
	struct collect *collect = collect_read(L, script->name);
	struct hook *hook;

	if (!collect) {
		lua_geti(L, -1, 1);
		script_fault_word(L, script->name, "collect: unknown derived event",
			luaL_tolstring(L, -1, NULL), all_events(source));
	}
	hook = g_new0(struct hook, 1);
	hook->script = script;
	hook->collect = collect;
	hook->derived = collect_event(collect);
	hook->function = LUA_NOREF;
	hook->args = g_array_new(FALSE, FALSE, sizeof(struct arg));
	hook->is_deferred = is_deferred(L, table, number);
	if (hooks->played)
		collect_set_played(collect);
	add_hook(hooks, hook);
	read_filter(L, hook, derived_events[hook->derived].name, table);
	find_tested_fields(hook);
	g_ptr_array_add(hooks->by_derived[hook->derived], hook);
}

/* Lets collects that feed one object know of each other. */
static void join_collects(struct hooks *hooks)
{
	GPtrArray *collects = g_ptr_array_new();

	for (guint i = 0; i < hooks->hooks->len; i++) {
		struct hook *hook = g_ptr_array_index(hooks->hooks, i);

		if (hook->collect)
			g_ptr_array_add(collects, hook->collect);
	}
	collect_join(collects);
	g_ptr_array_unref(collects);
}

static void attach_collects(struct hooks *hooks, lua_State *L)
{
	for (guint i = 0; i < hooks->hooks->len; i++) {
		struct hook *hook = g_ptr_array_index(hooks->hooks, i);

		if (!hook->collect || (hooks->played && !hook->is_deferred))
			continue;
		lua_rawgeti(L, LUA_REGISTRYINDEX, hook->script->window);
		collect_attach(L, hook->collect);
		lua_pop(L, 1);
	}
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of the hooks in the table on top of the stack, sorted: tables have no order. */
static GPtrArray *hook_names(lua_State *L, const struct script *script)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

	lua_pushnil(L);
	while (lua_next(L, -2)) {
		if (lua_type(L, -2) != LUA_TSTRING) {
			g_ptr_array_unref(names);
			script_fault(
				L, "%s: the keys of `on` must be names of events", script->name);
		}
		g_ptr_array_add(names, g_strdup(lua_tostring(L, -2)));
		lua_pop(L, 1);
	}
	g_ptr_array_sort(names, compare_names);
	return names;
}

/* Reads the script in the table on top of the stack. */
static void read_script(lua_State *L, struct hooks *hooks, const struct source *source)
{
	struct script *script = g_new0(struct script, 1);
	int table = lua_gettop(L);
	GPtrArray *names;

	script->window = LUA_NOREF;
	script->first = VALUE_ABSENT;
	g_ptr_array_add(hooks->scripts, script);
	lua_getfield(L, -1, "name");
	script->name = g_strdup(luaL_checkstring(L, -1));
	lua_pop(L, 1);
	lua_getfield(L, -1, "window");
	script->window = luaL_ref(L, LUA_REGISTRYINDEX);
	if (lua_getfield(L, -1, "on") != LUA_TTABLE)
		script_fault(L, "%s: `on` must be a table of hooks", script->name);
	names = hook_names(L, script);
	g_ptr_array_add(hooks->names, names);
	for (guint i = 0; i < names->len; i++) {
		lua_getfield(L, -1, g_ptr_array_index(names, i));
		read_hook(L, hooks, script, table, g_ptr_array_index(names, i), source);
	}
	lua_pop(L, 1);
	if (lua_getfield(L, -1, "collect") == LUA_TTABLE) {
		for (lua_Integer i = 1; lua_geti(L, -1, i) == LUA_TTABLE; i++) {
			read_collect(L, hooks, script, table, i, source);
			lua_pop(L, 1);
		}
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

/* Reads the scripts in the list at a stack index. */
static struct hooks *read_scripts(lua_State *L, int index, bool played, const struct source *source)
{
	struct hooks *hooks;

	index = lua_absindex(L, index);
	luaL_checktype(L, index, LUA_TTABLE);
	hooks = new_hooks(L);
	hooks->played = played;
	for (lua_Integer i = 1; lua_geti(L, index, i) == LUA_TTABLE; i++) {
		read_script(L, hooks, source);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	join_collects(hooks);
	attach_collects(hooks, L);
	return hooks;
}

struct hooks *hooks_new(lua_State *L, int index, int on_error, const struct source *source)
{
	struct hooks *hooks = read_scripts(L, index, false, source);

	hooks->on_error = on_error;
	return hooks;
}

struct hooks *hooks_new_played(lua_State *L, int index)
{
	return read_scripts(L, index, true, NULL);
}

void hooks_set_windows(struct hooks *hooks, lua_State *L)
{
	for (guint i = 0; i < hooks->scripts->len; i++) {
		struct script *script = g_ptr_array_index(hooks->scripts, i);

		lua_geti(L, -1, (lua_Integer)i + 1);
		lua_rawseti(L, LUA_REGISTRYINDEX, script->window);
		script->first = VALUE_ABSENT;
	}
	lua_pop(L, 1);
	attach_collects(hooks, L);
}

/* The same for a hook of a raw event. */
static unsigned int raw_wants(const struct hook *hook)
{
	guint n = hook->filter ? expression_n_fields(hook->filter) : 0;
	unsigned int wants = WANT_THREADS | WANT_NAMES;

	for (guint i = 0; i < n; i++)
		wants |= raw_field_wants(expression_field_name(hook->filter, i));
	for (guint i = 0; i < hook->args->len; i++)
		wants |= raw_field_wants(g_array_index(hook->args, struct arg, i).name);
	return wants;
}

/* Parts of the model that a hook needs: of its event, and of the fields that it names. */
static unsigned int hook_wants(const struct hook *hook)
{
	guint n = hook->filter ? expression_n_fields(hook->filter) : 0;
	const struct derived_event *event;
	unsigned int wants = 0;

	/* Raw hooks may ask who runs, and so may the filters. */
	if (hook->derived < 0)
		return raw_wants(hook);
	for (guint i = 0; i < n; i++) {
		const struct derived_field *field =
			derived_field(hook->derived, expression_field_name(hook->filter, i));

		wants |= field ? field->wants : 0;
	}
	if (hook->collect)
		return wants | collect_wants(hook->collect);
	event = &derived_events[hook->derived];
	wants |= event->wants;
	for (guint i = 0; i < hook->args->len; i++) {
		const struct arg *arg = &g_array_index(hook->args, struct arg, i);

		if (arg->field)
			wants |= arg->field->wants;
	}
	for (unsigned int i = 0; hook->whole && i < event->n_fields; i++)
		wants |= event->fields[i].wants;
	return wants;
}

unsigned int hooks_wants(const struct hooks *hooks)
{
	unsigned int wants = 0;

	for (guint i = 0; i < hooks->hooks->len; i++)
		wants |= hook_wants(g_ptr_array_index(hooks->hooks, i));
	return wants;
}

uint64_t hooks_emits(const struct hooks *hooks)
{
	uint64_t emits = 0;

	for (int kind = 0; kind < DERIVED_KINDS; kind++)
		if (hooks->by_derived[kind]->len > 0)
			emits |= UINT64_C(1) << kind;
	return emits;
}

bool hooks_raw(const struct hooks *hooks)
{
	for (guint i = 0; i < hooks->hooks->len; i++)
		if (((struct hook *)g_ptr_array_index(hooks->hooks, i))->derived < 0)
			return true;
	return false;
}
