/*
 * Hooks: the Lua functions that scripts attach to events.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/hooks.h"

#include "host/lua/collect.h"
#include "host/lua/script_fault.h"

#include <lauxlib.h>
#include <string.h>

#define HOOKS_TYPE "lttnga.hooks"

/* The name of a hook on every event of the trace. */
#define ANY_EVENT "*"

/* What stands before the names of what belongs to the task that an event happened in. */
#define CURRENT "current_"

/* What a script wants to see of events: bounds are inclusive, empty lists let everything pass. */
struct filter {
	GArray *tids; /* int64_t */
	GArray *cpus; /* int64_t */
	GPtrArray *procnames;
	int64_t min_duration, max_duration;
	int64_t min_size, max_size;
	bool any; /* whether there is anything to check */
};

struct script {
	char *name;
	int window; /* reference to the table that hooks get as `w` */
	struct filter filter;
};

enum arg_kind { ARG_WINDOW, ARG_EVENT, ARG_FIELD };

struct arg {
	enum arg_kind kind;
	const char *name;
	const struct derived_field *field; /* of a derived event */
};

/* The fields that a filter looks at, of one derived event; NULL where it has none. */
struct filter_fields {
	const struct derived_field *tid, *cpu, *procname, *duration, *size;
};

struct hook {
	const struct script *script;
	char *event;
	char *where;             /* "script.lua:17", where the function is */
	int function;            /* reference */
	int derived;             /* enum derived_kind, or -1 for a raw event */
	GArray *args;            /* struct arg */
	bool whole;              /* some parameter is `event` */
	struct collect *collect; /* NULL for a hook that is a function */
	struct filter_fields filter_fields;
};

/* A raw hook together with one class: where its arguments are in that class's records. */
struct raw_call {
	struct hook *hook;
	GArray *args;                   /* struct raw_field, one for each of hook->args */
	GArray *all, *own;              /* struct raw_field: every field, if they may be wanted */
	struct raw_field tid, procname; /* of the task that it happened in, for filters */
};

struct hooks {
	int on_error;                         /* stack index of the message handler, or 0 */
	bool watches;                         /* what hooks return */
	bool hit;                             /* one has returned something true, */
	int event;                            /* and this is its event: a reference */
	GPtrArray *scripts;                   /* struct script */
	GPtrArray *hooks;                     /* struct hook */
	GPtrArray *names;                     /* of their events: an array for each script */
	GPtrArray *by_derived[DERIVED_KINDS]; /* struct hook, borrowed */
	GPtrArray *by_class;                  /* GPtrArray of struct raw_call, or NULL */
};

/* ---- Making and freeing ---- */

static void free_script(gpointer data)
{
	struct script *script = data;

	g_array_free(script->filter.tids, TRUE);
	g_array_free(script->filter.cpus, TRUE);
	g_ptr_array_unref(script->filter.procnames);
	g_free(script->name);
	g_free(script);
}

static void free_hook(gpointer data)
{
	struct hook *hook = data;

	collect_free(hook->collect);
	for (guint i = 0; i < hook->args->len; i++)
		g_free((char *)g_array_index(hook->args, struct arg, i).name);
	g_array_free(hook->args, TRUE);
	g_free(hook->event);
	g_free(hook->where);
	g_free(hook);
}

static void free_raw_call(gpointer data)
{
	struct raw_call *call = data;

	g_array_free(call->args, TRUE);
	g_array_free(call->all, TRUE);
	g_array_free(call->own, TRUE);
	g_free(call);
}

static void free_raw_calls(gpointer data)
{
	if (data)
		g_ptr_array_unref(data);
}

static int hooks_gc(lua_State *L)
{
	struct hooks *hooks = luaL_checkudata(L, 1, HOOKS_TYPE);

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

static struct hooks *new_hooks(lua_State *L)
{
	struct hooks *hooks = lua_newuserdatauv(L, sizeof(*hooks), 1);

	memset(hooks, 0, sizeof(*hooks));
	if (luaL_newmetatable(L, HOOKS_TYPE)) {
		lua_pushcfunction(L, hooks_gc);
		lua_setfield(L, -2, "__gc");
	}
	hooks->event = LUA_NOREF;
	hooks->scripts = g_ptr_array_new_with_free_func(free_script);
	hooks->hooks = g_ptr_array_new_with_free_func(free_hook);
	hooks->names = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
	hooks->by_class = g_ptr_array_new_with_free_func(free_raw_calls);
	for (int kind = 0; kind < DERIVED_KINDS; kind++)
		hooks->by_derived[kind] = g_ptr_array_new();
	lua_setmetatable(L, -2);
	return hooks;
}

/* ---- Reading what scripts say ---- */

/* Reads the integers of list `name` in the table on top of the stack. */
static void read_integers(lua_State *L, const char *name, GArray *into)
{
	if (lua_getfield(L, -1, name) == LUA_TTABLE) {
		for (lua_Integer i = 1; lua_geti(L, -1, i) != LUA_TNIL; i++) {
			int64_t value = luaL_checkinteger(L, -1);

			g_array_append_val(into, value);
			lua_pop(L, 1);
		}
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

static int64_t read_bound(lua_State *L, const char *name, int64_t otherwise)
{
	int64_t value = otherwise;

	if (lua_getfield(L, -1, name) != LUA_TNIL)
		value = luaL_checkinteger(L, -1);
	lua_pop(L, 1);
	return value;
}

/* Reads the filter in the table on top of the stack. */
static void read_filter(lua_State *L, struct filter *filter)
{
	read_integers(L, "tids", filter->tids);
	read_integers(L, "cpus", filter->cpus);
	if (lua_getfield(L, -1, "procnames") == LUA_TTABLE) {
		for (lua_Integer i = 1; lua_geti(L, -1, i) != LUA_TNIL; i++) {
			g_ptr_array_add(filter->procnames, g_strdup(luaL_checkstring(L, -1)));
			lua_pop(L, 1);
		}
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	filter->min_duration = read_bound(L, "min_duration", INT64_MIN);
	filter->max_duration = read_bound(L, "max_duration", INT64_MAX);
	filter->min_size = read_bound(L, "min_size", INT64_MIN);
	filter->max_size = read_bound(L, "max_size", INT64_MAX);
	filter->any = filter->tids->len || filter->cpus->len || filter->procnames->len ||
		      filter->min_duration != INT64_MIN || filter->max_duration != INT64_MAX ||
		      filter->min_size != INT64_MIN || filter->max_size != INT64_MAX;
}

static bool is_builtin(const char *name, enum raw_origin *origin)
{
	static const char *const names[] = {
		[RAW_TIME] = "time",
		[RAW_CPU] = "cpu",
		[RAW_TID] = "tid",
		[RAW_PID] = "pid",
		[RAW_PROCNAME] = "procname",
		[RAW_EVENT_NAME] = "event_name",
	};

	for (enum raw_origin i = RAW_TIME; i <= RAW_EVENT_NAME; i++) {
		if (strcmp(name, names[i]) == 0) {
			*origin = i;
			return true;
		}
	}
	return false;
}

static enum raw_origin origin_of(const struct source_field *field)
{
	return field->kind == FIELD_KIND_INT    ? RAW_INT
	       : field->kind == FIELD_KIND_TEXT ? RAW_TEXT
						: RAW_OTHER;
}

/* Where `name` comes from in one class; RAW_NONE if that class has no such field. */
static enum raw_origin raw_origin(
	const struct source_class *class, const char *name, const char **bound_as)
{
	/* "current_tid" is that of the task, even if a field of the event is called tid. */
	bool current = g_str_has_prefix(name, CURRENT);
	const char *plain = current ? name + strlen(CURRENT) : name;
	enum raw_origin origin = RAW_NONE;
	const struct source_field *context = NULL;

	for (unsigned int i = 0; i < class->n_fields; i++) {
		const struct source_field *field = &class->fields[i];

		if (strcmp(field->name, name) == 0) {
			*bound_as = field->name;
			return origin_of(field);
		}
		if (g_str_has_prefix(field->name, "ctx.") && strcmp(field->name + 4, plain) == 0)
			context = field;
	}
	/* What the event itself tells of its task is better than what we think. */
	if (!context)
		return is_builtin(plain, &origin) ? origin : RAW_NONE;
	*bound_as = context->name;
	return origin_of(context);
}

/* Whether a class is the event that a hook names: by its own name, or by one it has had. */
static bool class_is(const struct source_class *class, const char *event)
{
	struct event_want a, b;

	if (strcmp(class->name, event) == 0 || strcmp(event, ANY_EVENT) == 0)
		return true;
	return event_lookup(class->name, &a) && event_lookup(event, &b) && a.kind == b.kind;
}

/* All names that a hook may have, for "did you mean". */
static GPtrArray *all_events(const struct source *source)
{
	GPtrArray *names = g_ptr_array_new();

	for (int kind = 0; kind < DERIVED_KINDS; kind++)
		g_ptr_array_add(names, (gpointer)derived_events[kind].name);
	for (unsigned int i = 0; i < source_n_classes(source); i++)
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

		for (unsigned int j = 0; !found && j < source_n_classes(source); j++) {
			const struct source_class *class = source_class(source, j);

			if (!class_is(class, hook->event))
				continue;
			present = true;
			found = raw_origin(class, arg->name, &bound_as) != RAW_NONE;
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
		script_fault(L, "%s: hook '%s' must name its parameters: '...' gets nothing",
			hook->where, hook->event);
	}
	for (int n = 1; n <= info.nparams; n++) {
		struct arg arg = {.kind = ARG_FIELD};

		name = lua_getlocal(L, NULL, n);
		if (!name) {
			script_fault(L,
				"%s: hook '%s' has lost the names of its parameters: it was "
				"compiled without debug information",
				hook->script->name, hook->event);
		}
		if (strcmp(name, "w") == 0)
			arg.kind = ARG_WINDOW;
		else if (strcmp(name, "event") == 0)
			arg.kind = ARG_EVENT;
		if (hook->whole && arg.kind == ARG_EVENT) {
			script_fault(
				L, "%s: hook '%s' names 'event' twice", hook->where, hook->event);
		}
		hook->whole |= arg.kind == ARG_EVENT;
		arg.name = g_strdup(name);
		g_array_append_val(hook->args, arg);
	}
}

/* Finds the fields that filters look at. */
static void find_filter_fields(struct hook *hook)
{
	hook->filter_fields = (struct filter_fields){
		.tid = derived_field(hook->derived, "tid"),
		.cpu = derived_field(hook->derived, "cpu"),
		.procname = derived_field(hook->derived, "procname"),
		.duration = derived_field(hook->derived, "duration"),
		.size = derived_field(hook->derived, "size"),
	};
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

/* Reads one hook: the event's name, and the function on top of the stack (which it pops). */
static void read_hook(lua_State *L, struct hooks *hooks, const struct script *script,
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
	g_ptr_array_add(hooks->hooks, hook);
	if (!lua_isfunction(L, -1) || lua_iscfunction(L, -1)) {
		script_fault(L, "%s: hook '%s' must be a Lua function, not a %s", script->name,
			event, lua_iscfunction(L, -1) ? "C function" : luaL_typename(L, -1));
	}
	read_parameters(L, hook);
	/* Calls are made from where we are called: this room on the stack is theirs. */
	luaL_checkstack(L, (int)hook->args->len + LUA_MINSTACK, "too many parameters");
	if (hook->derived >= 0) {
		find_derived_fields(L, hook);
		find_filter_fields(hook);
		g_ptr_array_add(hooks->by_derived[hook->derived], hook);
	} else {
		known = strcmp(event, ANY_EVENT) == 0;
		for (unsigned int i = 0; !known && i < source_n_classes(source); i++)
			known = class_is(source_class(source, i), event);
		if (!known && !event_lookup(event, &want))
			script_fault_word(L, hook->where,
				"there is no derived event, nor an event in this trace, called",
				event, all_events(source));
		check_raw_fields(L, hook, source);
	}
	hook->function = luaL_ref(L, LUA_REGISTRYINDEX);
}

/* Reads { event, field, ..., into = name, only = { ... } }, which is on top of the stack. */
static void read_collect(
	lua_State *L, struct hooks *hooks, const struct script *script, const struct source *source)
{
	struct collect *collect = collect_read(L, script->name);
	struct hook *hook;

	if (!collect) {
		lua_geti(L, -1, 1);
		script_fault_word(L, script->name, "collect: there is no derived event called",
			luaL_tolstring(L, -1, NULL), all_events(source));
	}
	hook = g_new0(struct hook, 1);
	hook->script = script;
	hook->collect = collect;
	hook->derived = collect_event(collect);
	hook->function = LUA_NOREF;
	hook->args = g_array_new(FALSE, FALSE, sizeof(struct arg));
	find_filter_fields(hook);
	g_ptr_array_add(hooks->hooks, hook);
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

		if (!hook->collect)
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
	GPtrArray *names;

	script->window = LUA_NOREF;
	g_ptr_array_add(hooks->scripts, script);
	script->filter.tids = g_array_new(FALSE, FALSE, sizeof(int64_t));
	script->filter.cpus = g_array_new(FALSE, FALSE, sizeof(int64_t));
	script->filter.procnames = g_ptr_array_new_with_free_func(g_free);
	lua_getfield(L, -1, "name");
	script->name = g_strdup(luaL_checkstring(L, -1));
	lua_pop(L, 1);
	lua_getfield(L, -1, "window");
	script->window = luaL_ref(L, LUA_REGISTRYINDEX);
	if (lua_getfield(L, -1, "filter") == LUA_TTABLE)
		read_filter(L, &script->filter);
	lua_pop(L, 1);
	if (lua_getfield(L, -1, "on") != LUA_TTABLE)
		luaL_error(L, "%s: `on` must be a table of hooks", script->name);
	names = hook_names(L, script);
	g_ptr_array_add(hooks->names, names);
	for (guint i = 0; i < names->len; i++) {
		lua_getfield(L, -1, g_ptr_array_index(names, i));
		read_hook(L, hooks, script, g_ptr_array_index(names, i), source);
	}
	lua_pop(L, 1);
	if (lua_getfield(L, -1, "collect") == LUA_TTABLE) {
		for (lua_Integer i = 1; lua_geti(L, -1, i) == LUA_TTABLE; i++) {
			read_collect(L, hooks, script, source);
			lua_pop(L, 1);
		}
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

struct hooks *hooks_new(lua_State *L, int index, int on_error, const struct source *source)
{
	struct hooks *hooks;

	index = lua_absindex(L, index);
	luaL_checktype(L, index, LUA_TTABLE);
	hooks = new_hooks(L);
	hooks->on_error = on_error;
	for (lua_Integer i = 1; lua_geti(L, index, i) == LUA_TTABLE; i++) {
		read_script(L, hooks, source);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	join_collects(hooks);
	attach_collects(hooks, L);
	return hooks;
}

void hooks_set_windows(struct hooks *hooks, lua_State *L)
{
	for (guint i = 0; i < hooks->scripts->len; i++) {
		struct script *script = g_ptr_array_index(hooks->scripts, i);

		lua_geti(L, -1, (lua_Integer)i + 1);
		lua_rawseti(L, LUA_REGISTRYINDEX, script->window);
	}
	lua_pop(L, 1);
	attach_collects(hooks, L);
}

/* Parts of the model that a hook needs: of its event, and of the fields that it names. */
static unsigned int hook_wants(const struct hook *hook)
{
	unsigned int wants = hook->script->filter.procnames->len ? WANT_NAMES : 0;
	const struct derived_event *event;

	/* Raw hooks may ask who runs, and so may the filters. */
	if (hook->derived < 0)
		return WANT_THREADS | WANT_NAMES;
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

uint32_t hooks_emits(const struct hooks *hooks)
{
	uint32_t emits = 0;

	for (int kind = 0; kind < DERIVED_KINDS; kind++)
		if (hooks->by_derived[kind]->len > 0)
			emits |= 1u << kind;
	return emits;
}

bool hooks_raw(const struct hooks *hooks)
{
	for (guint i = 0; i < hooks->hooks->len; i++)
		if (((struct hook *)g_ptr_array_index(hooks->hooks, i))->derived < 0)
			return true;
	return false;
}

/* ---- Binding raw events ---- */

/* Binds one field of a class, as the source knows it. */
static struct raw_field bind_field(struct source *source, unsigned int class_no, const char *name)
{
	struct raw_field field = {.name = name};
	const char *bound_as = NULL;

	field.origin = raw_origin(source_class(source, class_no), name, &bound_as);
	if (bound_as)
		field.slot = source_bind_field(source, class_no, bound_as);
	return field;
}

/* Binds a context of a class, if it has one of that name. */
static struct raw_field bind_context(struct source *source, unsigned int class_no, const char *name)
{
	const struct source_class *class = source_class(source, class_no);

	for (unsigned int i = 0; i < class->n_fields; i++)
		if (g_str_has_prefix(class->fields[i].name, "ctx.") &&
			strcmp(class->fields[i].name + strlen("ctx."), name) == 0)
			return bind_field(source, class_no, class->fields[i].name);
	return (struct raw_field){.name = name};
}

/* Binds every field of a class, for the `event` view. */
static void bind_all(struct raw_call *call, struct source *source, unsigned int class_no)
{
	static const char *const builtins[] = {
		"time", "cpu", "tid", "pid", "procname", "event_name"};
	const struct source_class *class = source_class(source, class_no);

	for (size_t i = 0; i < G_N_ELEMENTS(builtins); i++) {
		struct raw_field field = bind_field(source, class_no, builtins[i]);

		g_array_append_val(call->all, field);
	}
	for (unsigned int i = 0; i < class->n_fields; i++) {
		struct raw_field field = bind_field(source, class_no, class->fields[i].name);
		enum raw_origin origin;

		field.is_unsigned = class->fields[i].is_unsigned;

		g_array_append_val(call->own, field);
		if (g_str_has_prefix(field.name, "ctx."))
			field.name += strlen("ctx.");
		/* A builtin is there already, from wherever it comes. */
		if (!is_builtin(field.name, &origin))
			g_array_append_val(call->all, field);
	}
}

void hooks_bind(struct hooks *hooks, struct source *source, unsigned int class_no)
{
	const struct source_class *class = source_class(source, class_no);
	GPtrArray *calls = NULL;

	for (guint i = 0; i < hooks->hooks->len; i++) {
		struct hook *hook = g_ptr_array_index(hooks->hooks, i);
		struct raw_call *call;

		if (hook->derived >= 0 || !class_is(class, hook->event))
			continue;
		call = g_new0(struct raw_call, 1);
		call->hook = hook;
		call->args = g_array_new(FALSE, FALSE, sizeof(struct raw_field));
		call->all = g_array_new(FALSE, FALSE, sizeof(struct raw_field));
		call->own = g_array_new(FALSE, FALSE, sizeof(struct raw_field));
		for (guint k = 0; k < hook->args->len; k++) {
			const struct arg *arg = &g_array_index(hook->args, struct arg, k);
			struct raw_field field = {.name = arg->name};

			if (arg->kind == ARG_FIELD)
				field = bind_field(source, class_no, arg->name);
			g_array_append_val(call->args, field);
		}
		if (hook->script->filter.tids->len)
			call->tid = bind_context(source, class_no, "tid");
		if (hook->script->filter.procnames->len)
			call->procname = bind_context(source, class_no, "procname");
		if (hook->whole || hooks->watches)
			bind_all(call, source, class_no);
		if (!calls)
			calls = g_ptr_array_new_with_free_func(free_raw_call);
		g_ptr_array_add(calls, call);
	}
	if (!calls)
		return;
	/* Even a hook without parameters wants the event. */
	source_bind_field(source, class_no, "");
	while (hooks->by_class->len <= class_no)
		g_ptr_array_add(hooks->by_class, NULL);
	hooks->by_class->pdata[class_no] = calls;
}

/* ---- Calling ---- */

static bool listed(const GArray *list, int64_t value)
{
	for (guint i = 0; i < list->len; i++)
		if (g_array_index(list, int64_t, i) == value)
			return true;
	return false;
}

static bool named(const GPtrArray *list, const char *name)
{
	return name && g_ptr_array_find_with_equal_func((GPtrArray *)list, name, g_str_equal, NULL);
}

static int64_t field_integer(const void *values, const struct derived_field *field)
{
	return *(const int64_t *)(const void *)((const char *)values + field->offset);
}

/* Whether a value is within bounds; what an event does not have is not held against it. */
static bool within(const void *values, const struct derived_field *field, int64_t min, int64_t max)
{
	int64_t value = field ? field_integer(values, field) : VALUE_ABSENT;

	return value == VALUE_ABSENT || (value >= min && value <= max);
}

static bool derived_passes(const struct filter *filter, const struct filter_fields *fields,
	const struct state *state, const void *values)
{
	if (filter->tids->len && fields->tid &&
		!listed(filter->tids, field_integer(values, fields->tid)))
		return false;
	if (filter->cpus->len && fields->cpu &&
		!listed(filter->cpus, field_integer(values, fields->cpu)))
		return false;
	if (filter->procnames->len && fields->procname) {
		strid name = *(const strid *)(const void *)((const char *)values +
							    fields->procname->offset);

		if (!named(filter->procnames, state_text(state, name)))
			return false;
	}
	return within(values, fields->duration, filter->min_duration, filter->max_duration) &&
	       within(values, fields->size, filter->min_size, filter->max_size);
}

static bool record_passes(const struct raw_call *call, const struct event *event)
{
	const struct filter *filter = &call->hook->script->filter;
	const struct record *rec = event->rec;
	struct state_task task = state_current(event->state, rec->cpu);
	const char *name = state_text(event->state, task.comm);

	if (call->tid.origin == RAW_INT)
		task.tid = rec->v[call->tid.slot];
	if (call->procname.origin == RAW_TEXT)
		name = record_string(source_getters(event->source), rec, call->procname.slot);
	if (filter->tids->len && !listed(filter->tids, task.tid))
		return false;
	if (filter->cpus->len && !listed(filter->cpus, rec->cpu))
		return false;
	return !filter->procnames->len || named(filter->procnames, name);
}

/* Pushes what a call begins with: the view of the event if there is one, then the function. */
static struct view *begin_call(lua_State *L, const struct hook *hook, const struct event *event)
{
	struct view *view = hook->whole ? event_view_push(L, event) : NULL;

	lua_rawgeti(L, LUA_REGISTRYINDEX, hook->function);
	return view;
}

/* Pushes a parameter that is no field: the window, or the view, which is at stack index `view_at`. */
static void push_special(lua_State *L, const struct hook *hook, const struct arg *arg, int view_at)
{
	if (arg->kind == ARG_WINDOW)
		lua_rawgeti(L, LUA_REGISTRYINDEX, hook->script->window);
	else
		lua_pushvalue(L, view_at);
}

/* Keeps the event for which a hook has returned something true. */
static void note_hit(struct hooks *hooks, lua_State *L, const struct event *event)
{
	event_view_copy(L, event);
	if (event->derived) {
		lua_pushstring(L, event->derived->name);
		lua_setfield(L, -2, "event_name");
	}
	hooks->event = luaL_ref(L, LUA_REGISTRYINDEX);
	hooks->hit = true;
}

/*
 * Calls a hook whose function and arguments are on the stack. A view ends with the call, even if an
 * error ends it: the event is gone before anybody who kept the view can look at it again.
 */
static void finish_call(struct hooks *hooks, lua_State *L, const struct hook *hook,
	struct view *view, const struct event *event)
{
	int status, results = hooks->watches ? 1 : 0;

	if (!view) {
		lua_call(L, (int)hook->args->len, results);
	} else {
		status = lua_pcall(L, (int)hook->args->len, results, hooks->on_error);
		event_view_end(view);
		if (status != LUA_OK)
			lua_error(L);
	}
	if (results && lua_toboolean(L, -1) && !hooks->hit)
		note_hit(hooks, L, event);
	lua_pop(L, results + (view ? 1 : 0));
}

void hooks_watch(struct hooks *hooks)
{
	hooks->watches = true;
}

void hooks_forget_hit(struct hooks *hooks, lua_State *L)
{
	hooks->hit = false;
	luaL_unref(L, LUA_REGISTRYINDEX, hooks->event);
	hooks->event = LUA_NOREF;
}

bool hooks_hit(const struct hooks *hooks)
{
	return hooks->hit;
}

void hooks_push_hit(struct hooks *hooks, lua_State *L)
{
	lua_rawgeti(L, LUA_REGISTRYINDEX, hooks->event);
	hooks_forget_hit(hooks, L);
}

void hooks_derived(struct hooks *hooks, lua_State *L, const struct state *state,
	enum derived_kind kind, const void *values)
{
	GPtrArray *list = hooks->by_derived[kind];
	struct event event = {.state = state, .derived = &derived_events[kind], .values = values};

	for (guint i = 0; i < list->len; i++) {
		struct hook *hook = g_ptr_array_index(list, i);
		struct view *view;
		int view_at;

		if (hook->script->filter.any &&
			!derived_passes(&hook->script->filter, &hook->filter_fields, state, values))
			continue;
		if (hook->collect) {
			collect_feed(L, hook->collect, state, values);
			continue;
		}
		view_at = lua_gettop(L) + 1;
		view = begin_call(L, hook, &event);
		for (guint k = 0; k < hook->args->len; k++) {
			const struct arg *arg = &g_array_index(hook->args, struct arg, k);

			if (arg->field)
				push_derived_field(L, state, values, arg->field);
			else
				push_special(L, hook, arg, view_at);
		}
		finish_call(hooks, L, hook, view, &event);
	}
}

void hooks_record(struct hooks *hooks, lua_State *L, const struct state *state,
	const struct source *source, const struct record *rec)
{
	struct event event = {.state = state, .source = source, .rec = rec};
	GPtrArray *calls;

	if (rec->class_no >= hooks->by_class->len)
		return;
	calls = hooks->by_class->pdata[rec->class_no];
	for (guint i = 0; calls && i < calls->len; i++) {
		struct raw_call *call = g_ptr_array_index(calls, i);
		struct hook *hook = call->hook;
		int view_at = lua_gettop(L) + 1;
		struct view *view;

		if (hook->script->filter.any && !record_passes(call, &event))
			continue;
		event.fields = (const struct raw_field *)(const void *)call->all->data;
		event.n_fields = call->all->len;
		event.own = (const struct raw_field *)(const void *)call->own->data;
		event.n_own = call->own->len;
		view = begin_call(L, hook, &event);
		for (guint k = 0; k < hook->args->len; k++) {
			const struct arg *arg = &g_array_index(hook->args, struct arg, k);

			if (arg->kind == ARG_FIELD)
				push_raw_field(
					L, &event, &g_array_index(call->args, struct raw_field, k));
			else
				push_special(L, hook, arg, view_at);
		}
		finish_call(hooks, L, hook, view, &event);
	}
}
