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
	g_free(given->container_id);
	g_strfreev(given->containers);
}

GArray *given_array(void)
{
	GArray *array = g_array_new(FALSE, TRUE, sizeof(struct given));

	g_array_set_clear_func(array, clear_given);
	return array;
}

/* The texts of a list in the field `containers` of the table on top of the stack. */
static void read_containers(lua_State *L, struct given *given)
{
	if (lua_getfield(L, -1, "containers") == LUA_TTABLE) {
		lua_Unsigned n = lua_rawlen(L, -1);

		luaL_argcheck(L, n < 100, 1, "a given request has too many containers");
		given->containers = g_new0(char *, n + 1);
		for (lua_Unsigned i = 0; i < n; i++) {
			lua_geti(L, -1, (lua_Integer)i + 1);
			given->containers[i] = g_strdup(luaL_checkstring(L, -1));
			lua_pop(L, 1);
		}
	}
	lua_pop(L, 1);
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
	lua_getfield(L, -2, "guest");
	given->guest = lua_toboolean(L, -1);
	lua_pop(L, 2);
	read_containers(L, given);
	given->container_id = read_text(L, "container_id", SIZE_MAX);
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

/* IDs of containers are abbreviated to so many digits. */
#define ID_DIGITS 12

/* Whether a container may be that of a given request, which names one. */
static bool is_container(
	const struct state *state, const struct given *given, const struct thread_place *place)
{
	const char *name = state_text(state, place->container);
	const char *cgroup = state_text(state, place->cgroup), *id = given->container_id;

	if (id && strlen(id) >= ID_DIGITS &&
		((name && strncmp(name, id, ID_DIGITS) == 0) || (cgroup && strstr(cgroup, id))))
		return true;
	return name && given->containers &&
	       g_strv_contains((const char *const *)given->containers, name);
}

/* A search for a process by a PID of any namespace. */
struct search {
	const struct state *state;
	const struct given *given;
	int64_t pid;       /* of what was found: as the machine has it, */
	int64_t named_pid; /* and of what was found under its name */
	int n, n_named;    /* how many */
	bool by_container; /* only what is in its container */
};

static bool has_name(const struct search *search, const struct state_task *task)
{
	const char *name = state_text(search->state, task->process);

	return name && search->given->process && strcmp(name, search->given->process) == 0;
}

static void look_at(void *data, const struct state_task *task, const struct thread_place *place)
{
	struct search *search = data;

	/* One thread of each process is enough. */
	if (task->tid != task->pid || task->utid == VALUE_ABSENT ||
		(place->vpid != search->given->pid && task->pid != search->given->pid))
		return;
	if (search->by_container && !is_container(search->state, search->given, place))
		return;
	search->pid = task->pid;
	search->n++;
	if (has_name(search, task)) {
		search->named_pid = task->pid;
		search->n_named++;
	}
}

/*
 * The PID of its process as the machine has it; its own one if there is no such process, VALUE_ABSENT if that is
 * not known.
 */
static int64_t pid_of(
	const struct state *state, const struct given *given, enum given_process *process)
{
	struct search search = {.state = state, .given = given, .by_container = true};

	*process = GIVEN_KNOWN;
	if (given->pid == VALUE_ABSENT) {
		*process = given->guest ? GIVEN_ELSEWHERE : GIVEN_KNOWN;
		return VALUE_ABSENT;
	}
	if (!state_has_containers(state)) {
		*process = given->guest ? GIVEN_ELSEWHERE : GIVEN_KNOWN;
		return given->guest ? VALUE_ABSENT : given->pid;
	}
	if (given->containers || given->container_id)
		state_each_thread(state, look_at, &search);
	if (search.n == 0 && given->guest) {
		*process = GIVEN_ELSEWHERE;
		return VALUE_ABSENT;
	}
	if (search.n == 0) {
		search.by_container = false;
		state_each_thread(state, look_at, &search);
	}
	if (search.n == 0)
		return given->pid;
	if (search.n == 1)
		return search.pid;
	if (search.n_named == 1)
		return search.named_pid;
	*process = GIVEN_AMBIGUOUS;
	return VALUE_ABSENT;
}

/* A search for a thread of a process by a TID of any namespace. */
struct thread_search {
	int64_t pid, tid;
	struct state_task found;
};

static void look_at_thread(
	void *data, const struct state_task *task, const struct thread_place *place)
{
	struct thread_search *search = data;

	if (task->pid == search->pid && place->vtid == search->tid)
		search->found = *task;
}

/* The thread that a given request names, whether it is of its process or not. */
static struct state_task named_thread(
	const struct state *state, const struct given *given, int64_t pid)
{
	struct thread_search search = {pid, given->tid, nobody};

	if (given->tid == VALUE_ABSENT || pid == given->pid)
		return state_thread(state, given->tid);
	state_each_thread(state, look_at_thread, &search);
	return search.found;
}

/* Whether a thread is of the process of a given request, which has this PID on the machine. */
static bool is_of(const struct state *state, const struct given *given, int64_t pid,
	const struct state_task *task)
{
	const char *name;

	if (pid != VALUE_ABSENT)
		return task->pid == pid;
	name = given->process ? state_text(state, task->process) : NULL;
	return name && strcmp(name, given->process) == 0;
}

/* The thread of a process that runs now, as given_task() says. */
static struct state_task running(
	const struct state *state, const struct given *given, int64_t pid, int64_t likely)
{
	struct state_task found = nobody;
	int n = 0;

	for (int32_t cpu = 0; cpu < state_cpus(state); cpu++) {
		struct state_task task = state_current(state, cpu);

		if (!is_known(&task) || !is_of(state, given, pid, &task))
			continue;
		if (task.utid == likely)
			return task;
		found = task;
		n++;
	}
	return n == 1 ? found : nobody;
}

struct state_task given_task(const struct state *state, const struct given *given, int64_t likely,
	enum given_process *process)
{
	int64_t pid = pid_of(state, given, process);
	struct state_task named, main, task;

	if (*process != GIVEN_KNOWN)
		return nobody;
	named = named_thread(state, given, pid);
	/* What calls itself a thread can be a number of a runtime's own: then no thread of the process has it. */
	if (is_known(&named) &&
		(is_of(state, given, pid, &named) || (pid == VALUE_ABSENT && !given->process)))
		return named;
	main = state_thread(state, pid);
	if (pid == VALUE_ABSENT || main.pid != pid)
		main = nobody;
	if (given->main && is_known(&main))
		return main;
	task = running(state, given, pid, likely);
	if (is_known(&task))
		return task;
	main.tid = main.utid = VALUE_ABSENT;
	return main;
}
