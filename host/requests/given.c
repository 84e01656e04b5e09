/*
 * Reading given requests, and finding out whose they are.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/requests/given.h"

#include <lauxlib.h>
#include <string.h>

/* The kernel keeps so much of the name of a process. */
#define NAME_MAX_KEPT 15

/* ---- Reading ---- */

/* The integer in a field of the table on top of the stack; VALUE_ABSENT if there is none. */
static int64_t read_number(lua_State *L, const char *field)
{
	int64_t value = VALUE_ABSENT;

	if (lua_getfield(L, -1, field) != LUA_TNIL)
		value = luaL_checkinteger(L, -1);
	lua_pop(L, 1);
	return value;
}

/* A copy of the text in a field of the table on top of the stack, up to a length; NULL if there is none. */
static char *read_text(lua_State *L, const char *field, size_t most)
{
	char *text = NULL;
	size_t length;

	if (lua_getfield(L, -1, field) != LUA_TNIL) {
		const char *all = luaL_checklstring(L, -1, &length);

		text = g_strndup(all, MIN(length, most));
	}
	lua_pop(L, 1);
	return text;
}

static void clear_given(gpointer data)
{
	struct given *given = data;

	g_free(given->process);
	g_free(given->captures);
}

GArray *given_array(void)
{
	GArray *array = g_array_new(FALSE, TRUE, sizeof(struct given));

	g_array_set_clear_func(array, clear_given);
	return array;
}

/* Reads the request on top of the stack; its texts are freed with it, whatever error is raised. */
static void read_one(lua_State *L, struct given *given)
{
	int64_t machine = read_number(L, "machine");

	luaL_argcheck(L, machine >= 1 && machine <= INT32_MAX, 1, "a machine is needed");
	given->machine = (guint)machine - 1;
	given->begin = read_number(L, "begin");
	given->end = read_number(L, "end");
	given->pid = read_number(L, "pid");
	given->tid = read_number(L, "tid");
	given->port = read_number(L, "port");
	given->error = read_number(L, "error");
	lua_getfield(L, -1, "main");
	given->main = lua_toboolean(L, -1);
	lua_pop(L, 1);
	given->process = read_text(L, "process", NAME_MAX_KEPT);
	given->captures = read_text(L, "captures", SIZE_MAX);
	if (given->begin < 0 || given->end < given->begin)
		luaL_error(L, "a given request must end after its begin");
}

void given_read(lua_State *L, guint definition, GArray *array)
{
	luaL_checktype(L, -1, LUA_TTABLE);
	for (lua_Integer i = 1; lua_geti(L, -1, i) == LUA_TTABLE; i++) {
		struct given *given;

		g_array_set_size(array, array->len + 1);
		given = &g_array_index(array, struct given, array->len - 1);
		given->definition = definition;
		read_one(L, given);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

static gint by_begin(gconstpointer a, gconstpointer b)
{
	const struct given *x = a, *y = b;

	return (x->begin > y->begin) - (x->begin < y->begin);
}

void given_sort(GArray *array)
{
	g_array_sort(array, by_begin); /* which keeps the order of those that begin together */
}

/* ---- Whose they are ---- */

static const struct state_task nobody = {
	.tid = VALUE_ABSENT, .pid = VALUE_ABSENT, .utid = VALUE_ABSENT, .upid = VALUE_ABSENT};

static bool is_known(const struct state_task *task)
{
	return task->utid != VALUE_ABSENT;
}

/* Whether a thread is of the process of a given request. */
static bool is_of(
	const struct state *state, const struct given *given, const struct state_task *task)
{
	const char *name;

	if (given->pid != VALUE_ABSENT)
		return task->pid == given->pid;
	name = given->process ? state_text(state, task->process) : NULL;
	return name && strcmp(name, given->process) == 0;
}

/* The thread of a process that runs now, as given_task() says. */
static struct state_task running(
	const struct state *state, const struct given *given, int64_t likely)
{
	struct state_task found = nobody;
	int n = 0;

	for (int32_t cpu = 0; cpu < state_cpus(state); cpu++) {
		struct state_task task = state_current(state, cpu);

		if (!is_known(&task) || !is_of(state, given, &task))
			continue;
		if (task.utid == likely)
			return task;
		found = task;
		n++;
	}
	return n == 1 ? found : nobody;
}

struct state_task given_task(const struct state *state, const struct given *given, int64_t likely)
{
	struct state_task named = state_thread(state, given->tid), main, task;

	/* What calls itself a thread can be a number of a runtime's own: then no thread of the process has it. */
	if (is_known(&named) &&
		(is_of(state, given, &named) || (given->pid == VALUE_ABSENT && !given->process)))
		return named;
	main = state_thread(state, given->pid);
	if (given->pid == VALUE_ABSENT || main.pid != given->pid)
		main = nobody;
	if (given->main && is_known(&main))
		return main;
	task = running(state, given, likely);
	if (is_known(&task))
		return task;
	main.tid = main.utid = VALUE_ABSENT;
	return main;
}
