/*
 * Graphs of threads for Lua: fed by a `collect`, asked for paths.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/accumulate/graph_object.h"

#include "host/accumulate/critical_path.h"
#include "host/accumulate/graph_machines.h"
#include "host/accumulate/identity_cache.h"
#include "host/lua/collector.h"
#include "host/lua/object.h"
#include "host/lua/script_fault.h"
#include "state/process.h"
#include "state/record.h"

#include <glib.h>
#include <inttypes.h>
#include <string.h>

/* The fields that it takes. What the cause of a wait is about comes last: from CAUSE on. */
#define FIELDS(F)                                \
	F(UTID, "utid", INT)                     \
	F(PID, "pid", INT)                       \
	F(PROCNAME, "procname", TEXT)            \
	F(PROCESS, "process", TEXT)              \
	F(TIME, "time", INT)                     \
	F(BEGIN, "begin", INT)                   \
	F(STATE, "state", TEXT)                  \
	F(CPU, "cpu", INT)                       \
	F(EXITS, "exits", BOOL)                  \
	F(PARENT, "parent_utid", INT)            \
	F(SOURCE, "source_utid", INT)            \
	F(SOURCE_TIME, "source_time", INT)       \
	F(REMOTE, "remote_utid", INT)            \
	F(REMOTE_MACHINE, "remote_machine", INT) \
	F(REMOTE_TIME, "remote_time", INT)       \
	F(CAUSE, "cause", TEXT)                  \
	F(WORK, "work", TEXT)                    \
	F(SYSCALL, "syscall", TEXT)              \
	F(PATH, "path", TEXT)                    \
	F(FUTEX, "futex", INT)                   \
	F(DISK, "disk", TEXT)                    \
	F(NETIF, "netif", TEXT)                  \
	F(PEER, "peer", TEXT)                    \
	F(IRQ_NAME, "irq_name", TEXT)            \
	F(SOFTIRQ, "softirq", TEXT)

enum field {
#define X(id, name, kind) FIELD_##id,
	FIELDS(X)
#undef X
		N_FIELDS
};

static const struct collected_known known_fields[N_FIELDS] = {
#define X(id, name, kind) {name, COLLECTED_##kind},
	FIELDS(X)
#undef X
};

#define N_CAUSE_FIELDS (N_FIELDS - FIELD_CAUSE)

/* Threads that were fed last, each in a place that its number chooses. */
#define RECENT 64

struct object {
	struct graph_machines *machines;
	struct graph *graph;  /* of these; NULL: it no longer exists */
	unsigned int machine; /* of which this is the graph: the others are where its paths lead */
	unsigned int at[N_FIELDS];     /* where each field is among those of an event */
	struct identity_cache manners; /* by the identities of the fields from CAUSE on */
	struct {
		int64_t utid, pid;
		uint64_t process; /* identity of its process' name */
		item thread;
	} recent[RECENT];
};

static const struct object_type graph_type; /* below */

static struct object *check_graph(lua_State *L)
{
	return object_check(L, 1, &graph_type);
}

int graph_object_new(lua_State *L)
{
	lua_Integer limit = luaL_optinteger(L, 1, GRAPH_LIMIT);
	struct object *object;

	luaL_argcheck(L, limit >= 0, 1, "must not be negative");
	object = object_new(L, &graph_type, sizeof(*object), 0);
	object->machines = graph_machines_new((uint64_t)limit);
	object->graph = graph_machines_graph(object->machines);
	graph_machines_add(object->machines, 0, NULL);
	return 1;
}

/*
 * graph:of(number: integer, name: string?) -> Graph; the same graph for one of several machines (its `number` from
 * 1): that is fed with the threads of this machine, and its paths lead to those of others, whose pieces have a `host`
 */
static int graph_of_machine(lua_State *L)
{
	struct object *whole = check_graph(L), *object;
	lua_Integer number = luaL_checkinteger(L, 2);
	const char *name = luaL_optstring(L, 3, NULL);

	luaL_argcheck(L, whole->graph, 1, "this graph no longer exists");
	luaL_argcheck(L, number > 0 && number < GRAPH_MACHINES_MAX, 2, "must be from 1 to 32767");
	object = object_new(L, &graph_type, sizeof(*object), 0);
	object->machines = graph_machines_ref(whole->machines);
	object->graph = whole->graph;
	object->machine = (unsigned int)number;
	graph_machines_add(object->machines, object->machine, name);
	return 1;
}

static int graph_gc(lua_State *L)
{
	struct object *object = check_graph(L);

	graph_machines_unref(object->machines);
	object->machines = NULL;
	object->graph = NULL;
	identity_cache_clear(&object->manners);
	return 0;
}

/* ---- Feeding ---- */

static const char *attach(
	lua_State *L, int index, const struct collected_field *fields, unsigned int n)
{
	struct object *object = lua_touserdata(L, index);
	const char *wrong = collected_find_known(
		L, known_fields, N_FIELDS, fields, n, object->at, "a graph has no field '%s'");

	if (wrong)
		return wrong;
	if (object->at[FIELD_UTID] == COLLECTED_NOT_GIVEN ||
		object->at[FIELD_TIME] == COLLECTED_NOT_GIVEN ||
		object->at[FIELD_BEGIN] == COLLECTED_NOT_GIVEN ||
		object->at[FIELD_STATE] == COLLECTED_NOT_GIVEN)
		return "a graph expects 'utid', 'begin', 'time' and 'state' of thread_state";
	return NULL;
}

static int64_t number_of(
	const struct object *object, const struct collected_event *event, enum field field)
{
	return collected_known_number(event, object->at[field]);
}

static const char *text_of(
	const struct object *object, const struct collected_event *event, enum field field)
{
	return collected_known_text(event, object->at[field]);
}

static uint64_t identity_of(
	const struct object *object, const struct collected_event *event, enum field field)
{
	unsigned int at = object->at[field];

	return at == COLLECTED_NOT_GIVEN ? 0 : collected_identity(event, at);
}

/* The thread of that number, which tells its TID, on a machine; 0: it is not known, or not to be. */
static item thread_of(const struct object *object, int64_t machine, int64_t utid)
{
	if (utid == VALUE_ABSENT || !graph_machines_has(object->machines, machine))
		return 0;
	return graph_thread(object->graph, graph_machines_thread((unsigned int)machine, utid),
		utid % TID_MAX, -1);
}

/* The thread that an event is about; 0: none, or there is no room. */
static item thread_at_hand(struct object *object, const struct collected_event *event)
{
	int64_t utid = number_of(object, event, FIELD_UTID);
	int64_t pid = number_of(object, event, FIELD_PID);
	uint64_t process = identity_of(object, event, FIELD_PROCESS);
	size_t place = (uint64_t)utid % RECENT;
	item thread = object->recent[place].thread;

	if (thread && object->recent[place].utid == utid && object->recent[place].pid == pid &&
		object->recent[place].process == process)
		return thread;
	if (utid == VALUE_ABSENT)
		return 0;
	thread = graph_thread(object->graph, graph_machines_thread(object->machine, utid),
		utid % TID_MAX, pid == VALUE_ABSENT ? -1 : pid);
	graph_process(object->graph, thread, text_of(object, event, FIELD_PROCESS));
	object->recent[place].utid = utid;
	object->recent[place].pid = pid;
	object->recent[place].process = process;
	object->recent[place].thread = thread;
	return thread;
}

/* What a wait for that cause was about. */
static void append_object(GString *detail, const struct object *object,
	const struct collected_event *event, const char *cause)
{
	static const struct {
		const char *cause;
		enum field fields[3];
	} lists[] = {
		{"disk", {FIELD_DISK, FIELD_PATH}},
		{"net", {FIELD_PEER, FIELD_NETIF}},
		{"irq", {FIELD_IRQ_NAME, FIELD_SOFTIRQ}},
		{"timer", {0}},
		{"rcu", {0}},
	};
	static const enum field otherwise[] = {FIELD_PATH, FIELD_PEER, 0};
	const enum field *fields = otherwise;
	int64_t futex = number_of(object, event, FIELD_FUTEX);
	const char *text = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
		if (strcmp(lists[i].cause, cause) == 0)
			fields = lists[i].fields;
	for (; *fields && !text; fields++)
		text = text_of(object, event, *fields);
	if (!text && futex != VALUE_ABSENT && strcmp(cause, "lock") == 0)
		g_string_append_printf(detail, " 0x%" PRIx64, (uint64_t)futex);
	else if (text)
		g_string_append_printf(detail, " %s", text);
}

/* How a thread has waited, told by an event with a cause. */
static item new_manner(struct object *object, const struct collected_event *event)
{
	const char *cause = text_of(object, event, FIELD_CAUSE);
	const char *work = text_of(object, event, FIELD_WORK);
	const char *syscall = text_of(object, event, FIELD_SYSCALL);
	GString *detail;
	item manner;

	/* Of an idle worker it matters what has brought work, unless a thread did, with which the path goes on. */
	if (strcmp(cause, "work") == 0 && work && strcmp(work, "thread") != 0)
		cause = work;
	detail = g_string_new(syscall ? " " : NULL);
	if (syscall)
		g_string_append(detail, syscall);
	append_object(detail, object, event, cause);
	manner = graph_manner(object->graph, cause, detail->len ? detail->str + 1 : NULL);
	g_string_free(detail, TRUE);
	return manner;
}

static item manner_of(struct object *object, const struct collected_event *event)
{
	uint64_t identities[N_CAUSE_FIELDS];
	void **found;

	if (!text_of(object, event, FIELD_CAUSE))
		return 0;
	for (int i = 0; i < N_CAUSE_FIELDS; i++)
		identities[i] = identity_of(object, event, (enum field)(FIELD_CAUSE + i));
	found = identity_cache_at(&object->manners, N_CAUSE_FIELDS, identities);
	if (!*found)
		*found = GUINT_TO_POINTER(new_manner(object, event));
	return GPOINTER_TO_UINT(*found);
}

/* What the states of thread_state are; any other is a sleep. */
static enum graph_doing doing_of(const char *state)
{
	static const struct {
		const char *state;
		enum graph_doing doing;
	} states[] = {
		{"running", GRAPH_RUNNING},
		{"woken", GRAPH_WOKEN},
		{"preempted", GRAPH_PREEMPTED},
		{"idle", GRAPH_IDLE},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(states); i++)
		if (strcmp(states[i].state, state) == 0)
			return states[i].doing;
	return GRAPH_SLEEPING;
}

/* With whom the path of a sleep goes on, and when; 0: nobody. */
static item source_of(
	const struct object *object, const struct collected_event *event, int64_t *time)
{
	item source = thread_of(object, object->machine, number_of(object, event, FIELD_SOURCE));
	enum field of = FIELD_SOURCE_TIME;

	if (!source) {
		source = thread_of(object, number_of(object, event, FIELD_REMOTE_MACHINE),
			number_of(object, event, FIELD_REMOTE));
		of = FIELD_REMOTE_TIME;
	}
	*time = number_of(object, event, of);
	if (*time == VALUE_ABSENT)
		*time = number_of(object, event, FIELD_TIME);
	return source;
}

static void add_interval(struct object *object, const struct collected_event *event, item thread)
{
	const char *state = text_of(object, event, FIELD_STATE);
	int64_t cpu = number_of(object, event, FIELD_CPU);
	struct graph_interval interval = {
		.thread = thread,
		.doing = doing_of(state),
		.begin = number_of(object, event, FIELD_BEGIN),
		.end = number_of(object, event, FIELD_TIME),
		.cpu = graph_machines_cpu(object->machines, object->machine, cpu),
	};

	if (interval.doing == GRAPH_SLEEPING || interval.doing == GRAPH_IDLE) {
		interval.manner = manner_of(object, event);
		interval.source = source_of(object, event, &interval.source_time);
	}
	graph_add(object->graph, &interval);
}

static void feed(lua_State *L, void *data, int ref, const struct collected_event *event)
{
	struct object *object = data;
	int64_t begin = number_of(object, event, FIELD_BEGIN), parent;
	item thread;

	(void)ref;
	if (!object->graph)
		luaL_error(L, "this graph no longer exists");
	thread = thread_at_hand(object, event);
	if (begin == VALUE_ABSENT)
		begin = number_of(object, event, FIELD_TIME);
	graph_name(object->graph, thread, begin, text_of(object, event, FIELD_PROCNAME),
		identity_of(object, event, FIELD_PROCNAME));
	parent = number_of(object, event, FIELD_PARENT);
	if (text_of(object, event, FIELD_STATE))
		add_interval(object, event, thread);
	else if (parent != VALUE_ABSENT)
		graph_fork(
			object->graph, thread, thread_of(object, object->machine, parent), begin);
	else if (number_of(object, event, FIELD_EXITS) == 1)
		graph_exit(object->graph, thread);
	if (graph_wrong(object->graph))
		script_fault(L,
			"cannot write a temporary file: %s (set TMPDIR to a directory with more room)",
			g_strerror(graph_wrong(object->graph)));
}

/* ---- Asking ---- */

/* How much of the time between two others is known of a thread; -1: there is no such thread. */
static int64_t known_time(struct graph *graph, item thread, int64_t begin, int64_t end)
{
	struct graph_thread about;

	if (!graph_about(graph, thread, &about))
		return -1;
	begin = MAX(about.first, begin);
	end = MIN(about.last, end);
	return begin < end ? end - begin : 0;
}

/*
 * The thread that a script means: by its number, if something is known of it between two times, or else by
 * its TID; of several that had that, the one of which most is known then. 0: none.
 */
static item find_thread(const struct object *object, int64_t number, int64_t begin, int64_t end)
{
	struct graph *graph = object->graph;
	item thread = graph_find(graph, graph_machines_thread(object->machine, number));
	item best = thread;
	int64_t most = known_time(graph, thread, begin, end), common;

	/* The first thread of a TID has that as its number, too. */
	if (most > 0)
		return thread;
	for (thread = graph_next(graph, 0); thread; thread = graph_next(graph, thread)) {
		struct graph_thread about;

		if (!graph_about(graph, thread, &about) || about.tid != number ||
			graph_machines_of(about.utid) != object->machine)
			continue;
		common = known_time(graph, thread, begin, end);
		if (common > most) {
			most = common;
			best = thread;
		}
	}
	return best;
}

/* Sets what is known of a thread in the table on top of the stack. */
static void set_thread(lua_State *L, const struct object *object, item thread, int64_t time)
{
	struct graph *graph = object->graph;
	struct graph_thread about;
	unsigned int machine;

	if (!graph_about(graph, thread, &about))
		return;
	machine = graph_machines_of(about.utid);
	if (machine != object->machine)
		set_text(L, "host", graph_machines_name(object->machines, machine) ?: "unknown");
	set_integer(L, "utid", graph_machines_utid(about.utid));
	set_integer(L, "tid", about.tid);
	if (about.pid >= 0)
		set_integer(L, "pid", about.pid);
	set_text(L, "procname", graph_name_at(graph, thread, time));
}

/* Who ran instead, as "NAME (TID)". */
static void set_instead(lua_State *L, struct graph *graph, const struct piece *piece)
{
	item other = graph_longest(graph, piece->cpu, piece->begin, piece->end);
	struct graph_thread about;
	const char *name;

	if (!graph_about(graph, other, &about))
		return;
	name = graph_name_at(graph, other, piece->begin);
	lua_pushfstring(L, "%s (%I)", name ? name : "unknown", (LUAI_UACINT)about.tid);
	lua_setfield(L, -2, "detail");
}

/* Pushes a piece as a table. */
static void push_piece(lua_State *L, const struct object *object, const struct piece *piece)
{
	struct graph *graph = object->graph;
	static const char *const states[] = {"running", "runnable", "preempted", NULL, "unknown"};
	const char *cause, *detail, *reason, *reason_detail;

	graph_explain(graph, piece->manner, &cause, &detail);
	graph_explain(graph, piece->reason, &reason, &reason_detail);
	lua_createtable(L, 0, 13);
	set_integer(L, "begin", piece->begin);
	set_integer(L, "end", piece->end);
	set_integer(L, "duration", piece->end - piece->begin);
	set_thread(L, object, piece->thread, piece->begin);
	set_text(L, "state", piece->state == PIECE_WAITS ? cause : states[piece->state]);
	set_text(L, "cause", reason ? reason : cause);
	if (piece->state == PIECE_RUNNABLE || piece->state == PIECE_PREEMPTED)
		set_instead(L, graph, piece);
	else
		set_text(L, "detail", piece->asleep ? "still asleep at the end" : detail);
	if (piece->cpu >= 0)
		set_integer(L, "cpu", graph_machines_cpu_there(object->machines, piece->cpu));
}

/* The pieces of a path, which go with the object. */
static int pieces_gc(lua_State *L);

static const struct object_type pieces_type = {.name = "lttnga.pieces", .gc = pieces_gc};

struct pieces {
	GArray *pieces;
	guint next;
};

/* They can take much memory, of which the collector knows nothing: it is given back when they were told. */
static void drop_pieces(struct pieces *pieces)
{
	if (pieces->pieces)
		g_array_unref(pieces->pieces);
	pieces->pieces = NULL;
}

static int pieces_gc(lua_State *L)
{
	drop_pieces(object_check(L, 1, &pieces_type));
	return 0;
}

/* Pushes the path of the arguments (graph, thread, begin, end). */
static struct pieces *push_path(lua_State *L)
{
	const struct object *object = check_graph(L);
	lua_Integer number = luaL_checkinteger(L, 2);
	lua_Integer begin = luaL_checkinteger(L, 3);
	lua_Integer end = luaL_checkinteger(L, 4);
	struct pieces *pieces;

	luaL_argcheck(L, object->graph, 1, "this graph no longer exists");
	luaL_argcheck(L, begin <= end, 4, "must not be before the start");
	luaL_argcheck(L, begin >= 0 || end <= INT64_MAX + begin, 4, "too long");
	pieces = object_new(L, &pieces_type, sizeof(*pieces), 0);
	pieces->pieces =
		critical_path(object->graph, find_thread(object, number, begin, end), begin, end);
	return pieces;
}

static int next_piece(lua_State *L)
{
	struct object *object = object_check(L, lua_upvalueindex(1), &graph_type);
	struct pieces *pieces = object_check(L, lua_upvalueindex(2), &pieces_type);

	if (!object->graph || !pieces->pieces || pieces->next >= pieces->pieces->len) {
		drop_pieces(pieces);
		return 0;
	}
	push_piece(L, object, &g_array_index(pieces->pieces, struct piece, pieces->next++));
	return 1;
}

/*
 * graph:pieces(thread: integer, from: integer, to: integer) -> fun(): table?; an iterator over
 * the pieces of path(): takes less memory
 */
static int graph_pieces(lua_State *L)
{
	lua_settop(L, 4);
	push_path(L);
	lua_pushvalue(L, 1);
	lua_insert(L, -2);
	lua_pushcclosure(L, next_piece, 2);
	return 1;
}

/*
 * graph:path(thread: integer, from: integer, to: integer) -> table[]; the critical path of a
 * thread (TID, or `utid`) from one time to another (ns): a list of pieces in order
 */
static int graph_path(lua_State *L)
{
	const struct object *object = check_graph(L);
	struct pieces *pieces = push_path(L);

	lua_createtable(L, (int)MIN(pieces->pieces->len, INT_MAX), 0);
	for (guint i = 0; i < pieces->pieces->len; i++) {
		push_piece(L, object, &g_array_index(pieces->pieces, struct piece, i));
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	drop_pieces(pieces);
	return 1;
}

/*
 * graph:threads() -> table[]; what is known of each thread of the machine: `{ utid, tid, pid, procname,
 * process, first, last, born, exited }`
 */
static int graph_threads(lua_State *L)
{
	const struct object *object = check_graph(L);
	struct graph *graph = object->graph;
	struct graph_thread about;
	lua_Integer n = 0;

	luaL_argcheck(L, graph, 1, "this graph no longer exists");
	lua_newtable(L);
	for (item thread = graph_next(graph, 0); thread; thread = graph_next(graph, thread)) {
		if (!graph_about(graph, thread, &about) ||
			graph_machines_of(about.utid) != object->machine)
			continue;
		lua_createtable(L, 0, 9);
		set_thread(L, object, thread, INT64_MAX);
		set_text(L, "process", graph_process_of(graph, thread));
		set_integer(L, "first", about.first);
		set_integer(L, "last", about.last);
		set_boolean(L, "born", about.born);
		set_boolean(L, "exited", about.exited);
		lua_rawseti(L, -2, ++n);
	}
	return 1;
}

/* graph:forget(before: integer); drops what is about earlier times only (ns) */
static int graph_forget_before(lua_State *L)
{
	const struct object *object = check_graph(L);

	luaL_argcheck(L, object->graph, 1, "this graph no longer exists");
	graph_machines_forget(object->machines, object->machine, luaL_checkinteger(L, 2));
	return 0;
}

/* graph:size() -> integer, integer; bytes in memory, and in the temporary file */
static int graph_bytes(lua_State *L)
{
	struct graph *graph = check_graph(L)->graph;
	uint64_t memory, file;

	luaL_argcheck(L, graph, 1, "this graph no longer exists");
	graph_size(graph, &memory, &file);
	lua_pushinteger(L, (lua_Integer)memory);
	lua_pushinteger(L, (lua_Integer)file);
	return 2;
}

static const struct collector_type collector = {.attach = attach, .add = feed, .by_name = true};

static const luaL_Reg methods[] = {
	{"forget", graph_forget_before},
	{"of", graph_of_machine},
	{"path", graph_path},
	{"pieces", graph_pieces},
	{"size", graph_bytes},
	{"threads", graph_threads},
	{NULL, NULL},
};

static const struct object_type graph_type = {
	.name = "lttnga.graph", .methods = methods, .gc = graph_gc, .collector = &collector};
