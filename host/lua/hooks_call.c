/*
 * Hooks at work: what passes the filters is handed to the functions of scripts.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/hooks_private.h"

#include "host/lua/cursor.h"

#include <lauxlib.h>

static bool derived_passes(const struct hook *hook, const struct event *event)
{
	return !hook->filter ||
	       expression_passes(hook->filter, hook->tested, event->state, event->values);
}

static bool record_passes(const struct raw_call *call, const struct event *event)
{
	union raw_value values[EXPRESSION_FIELDS_MAX];

	if (!call->hook->filter)
		return true;
	for (guint i = 0; i < call->sources->len; i++)
		values[i] = raw_field_value(event->state, event->source, event->rec,
			&g_array_index(call->sources, struct raw_field, i));
	return expression_passes(call->hook->filter, call->tested, event->state, values);
}

/* Pushes what a call begins with: the view of the event if there is one, then the function. */
static struct view *begin_call(lua_State *L, const struct hook *hook, const struct event *event)
{
	struct view *view = hook->whole ? event_view_push(L, event) : NULL;

	lua_rawgeti(L, LUA_REGISTRYINDEX, hook->function);
	return view;
}

/*
 * Pushes a parameter that is no field: the window, whether the event passes, or the view, which is at
 * stack index `view_at`.
 */
static void push_special(
	lua_State *L, const struct hook *hook, const struct arg *arg, bool passes, int view_at)
{
	if (arg->kind == ARG_WINDOW)
		lua_rawgeti(L, LUA_REGISTRYINDEX, hook->script->window);
	else if (arg->kind == ARG_SELECTED)
		lua_pushboolean(L, passes);
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

/* ---- Calls that are put off ---- */

void hooks_defer(struct hooks *hooks, struct deferred *deferred, guint machine)
{
	hooks->deferred = deferred;
	hooks->machine = machine;
}

/* When the window of a script began. */
static int64_t window_of(lua_State *L, struct script *script)
{
	if (script->first == VALUE_ABSENT) {
		lua_rawgeti(L, LUA_REGISTRYINDEX, script->window);
		lua_getfield(L, -1, "first");
		script->first = lua_tointeger(L, -1);
		lua_pop(L, 2);
	}
	return script->first;
}

static void begin_deferred(const struct hooks *hooks, lua_State *L, const struct hook *hook)
{
	deferred_begin(hooks->deferred, hooks->machine, window_of(L, (struct script *)hook->script),
		cursor_time(), hook->number);
}

/* Puts off a call of a hook that is a function; `call` is that of a raw event. */
static void defer_call(struct hooks *hooks, lua_State *L, const struct hook *hook,
	const struct event *event, const struct raw_call *call, bool passes)
{
	begin_deferred(hooks, L, hook);
	for (guint k = 0; k < hook->args->len; k++) {
		const struct arg *arg = &g_array_index(hook->args, struct arg, k);

		if (arg->kind == ARG_WINDOW)
			continue;
		if (arg->kind == ARG_SELECTED)
			lua_pushboolean(L, passes);
		else if (arg->kind == ARG_EVENT)
			event_view_copy(L, event);
		else if (call)
			push_raw_field(L, event, &g_array_index(call->args, struct raw_field, k));
		else
			push_derived_field(L, event->state, event->values, arg->field);
		deferred_value(hooks->deferred, L);
	}
	deferred_end(hooks->deferred, L);
}

static void defer_collect(
	struct hooks *hooks, lua_State *L, const struct hook *hook, const struct event *event)
{
	guint n = collect_n_values(hook->collect);

	if (!collect_takes(hook->collect, event->state, event->values))
		return;
	begin_deferred(hooks, L, hook);
	for (guint i = 0; i < n; i++) {
		collect_push_value(L, hook->collect, event->state, event->values, i);
		deferred_value(hooks->deferred, L);
	}
	deferred_end(hooks->deferred, L);
}

/* The hook of a number, if its calls are put off; or NULL. */
static const struct hook *deferred_hook(const struct hooks *hooks, guint number)
{
	const struct hook *hook =
		number < hooks->hooks->len ? g_ptr_array_index(hooks->hooks, number) : NULL;

	return hook && hook->is_deferred ? hook : NULL;
}

/* The parameter of a hook that gets value `i`; NULL if there is none. */
static const struct arg *arg_of_value(const struct hook *hook, guint i)
{
	for (guint k = 0; k < hook->args->len; k++) {
		const struct arg *arg = &g_array_index(hook->args, struct arg, k);

		if (arg->kind != ARG_WINDOW && i-- == 0)
			return arg;
	}
	return NULL;
}

guint hooks_n_values(const struct hooks *hooks, guint number)
{
	const struct hook *hook = deferred_hook(hooks, number);
	guint n = 0;

	if (!hook)
		return 0;
	if (hook->collect)
		return collect_n_values(hook->collect);
	while (arg_of_value(hook, n))
		n++;
	return n;
}

const char *hooks_value_name(const struct hooks *hooks, guint number, guint i)
{
	const struct hook *hook = deferred_hook(hooks, number);

	if (!hook)
		return NULL;
	return hook->collect ? collect_value_name(hook->collect, i) : arg_of_value(hook, i)->name;
}

const char *hooks_deferred_event(const struct hooks *hooks, guint number)
{
	const struct hook *hook = deferred_hook(hooks, number);

	if (!hook)
		return NULL;
	return hook->derived >= 0 ? derived_events[hook->derived].name : hook->event;
}

void hooks_play(struct hooks *hooks, lua_State *L, struct state *state, guint number, int first)
{
	const struct hook *hook = deferred_hook(hooks, number);

	if (!hook)
		luaL_error(L, "there is no such hook");
	if (hook->collect) {
		collect_play(L, hook->collect, state, first);
		return;
	}
	lua_rawgeti(L, LUA_REGISTRYINDEX, hook->function);
	for (guint k = 0; k < hook->args->len; k++) {
		enum arg_kind kind = g_array_index(hook->args, struct arg, k).kind;

		if (kind == ARG_WINDOW)
			lua_rawgeti(L, LUA_REGISTRYINDEX, hook->script->window);
		else
			lua_pushvalue(L, first++);
		if (kind == ARG_EVENT) {
			luaL_checktype(L, -1, LUA_TTABLE);
			event_view_of_copy(L);
		}
	}
	lua_call(L, (int)hook->args->len, 0);
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
		bool passes = derived_passes(hook, &event);
		struct view *view;
		int view_at;

		if (!passes && !hook->sees_all)
			continue;
		if (hook->is_deferred && hooks->deferred) {
			if (hook->collect)
				defer_collect(hooks, L, hook, &event);
			else
				defer_call(hooks, L, hook, &event, NULL, passes);
			continue;
		}
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
				push_special(L, hook, arg, passes, view_at);
		}
		finish_call(hooks, L, hook, view, &event);
	}
}

void hooks_record(struct hooks *hooks, lua_State *L, const struct state *state,
	const struct source *source, const struct record *rec)
{
	struct event event = {.state = state, .source = source, .rec = rec};
	/* Far too large where the class comes before the first one, or there is none. */
	uint32_t class_no = rec->class_no - hooks->first_class;
	GPtrArray *calls;

	if (class_no >= hooks->by_class->len)
		return;
	calls = hooks->by_class->pdata[class_no];
	for (guint i = 0; calls && i < calls->len; i++) {
		struct raw_call *call = g_ptr_array_index(calls, i);
		struct hook *hook = call->hook;
		int view_at = lua_gettop(L) + 1;
		bool passes = record_passes(call, &event);
		struct view *view;

		if (!passes && !hook->sees_all)
			continue;
		event.fields = (const struct raw_field *)(const void *)call->all->data;
		event.n_fields = call->all->len;
		event.own = (const struct raw_field *)(const void *)call->own->data;
		event.n_own = call->own->len;
		if (hook->is_deferred && hooks->deferred) {
			defer_call(hooks, L, hook, &event, call, passes);
			continue;
		}
		view = begin_call(L, hook, &event);
		for (guint k = 0; k < hook->args->len; k++) {
			const struct arg *arg = &g_array_index(hook->args, struct arg, k);

			if (arg->kind == ARG_FIELD)
				push_raw_field(
					L, &event, &g_array_index(call->args, struct raw_field, k));
			else
				push_special(L, hook, arg, passes, view_at);
		}
		finish_call(hooks, L, hook, view, &event);
	}
}

/* Which script a hook is of, from 1. */
static lua_Integer script_number(const struct hooks *hooks, const struct hook *hook)
{
	guint i = 0;

	g_ptr_array_find(hooks->scripts, hook->script, &i);
	return (lua_Integer)i + 1;
}

void hooks_push_misses(const struct hooks *hooks, lua_State *L)
{
	lua_Integer n = 0;

	lua_createtable(L, (int)hooks->hooks->len, 0);
	for (guint i = 0; i < hooks->hooks->len; i++) {
		const struct hook *hook = g_ptr_array_index(hooks->hooks, i);

		if (!hook->filter || !expression_was_tried(hook->filter))
			continue;
		lua_createtable(L, 0, 3);
		lua_pushinteger(L, script_number(hooks, hook));
		lua_setfield(L, -2, "script");
		lua_pushstring(L, hook->event ? hook->event : derived_events[hook->derived].name);
		lua_setfield(L, -2, "event");
		expression_push_misses(L, hook->filter);
		lua_setfield(L, -2, "misses");
		lua_rawseti(L, -2, ++n);
	}
}
