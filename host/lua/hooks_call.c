/*
 * Hooks at work: what passes the filters is handed to the functions of scripts.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/hooks_private.h"

#include <lauxlib.h>

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

/*
 * Pushes a parameter that is no field: the window, or the view, which is at stack index `view_at`.
 */
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
