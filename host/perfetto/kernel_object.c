/*
 * What Perfetto has tracks of its own for: who runs on CPUs, who is woken, interrupts, who exists.
 *
 *     w.running = timeline:kernel "sched_slice"
 *     collect = { { "sched_slice", "cpu", "begin", ..., into = "running" } }
 *
 * takes events of one kind; those that are still open at the end feed a second object of that kind.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/collector.h"
#include "host/lua/object.h"
#include "host/perfetto/timeline_private.h"
#include "state/context.h"

/* All fields that events of some kind are drawn with. */
#define FIELDS(F)                     \
	F(TIME, "time", INT)          \
	F(BEGIN, "begin", INT)        \
	F(CPU, "cpu", INT)            \
	F(TID, "tid", INT)            \
	F(PID, "pid", INT)            \
	F(UTID, "utid", INT)          \
	F(PROCNAME, "procname", TEXT) \
	F(PROCESS, "process", TEXT)   \
	F(PRIO, "prio", INT)          \
	F(BUSY, "busy", BOOL)         \
	F(STATE, "state", TEXT)       \
	F(TARGET, "target_cpu", INT)  \
	F(CONTEXT, "context", TEXT)   \
	F(WAKER, "waker_tid", INT)    \
	F(IRQ, "irq", INT)            \
	F(VEC, "vec", INT)            \
	F(NAME, "name", TEXT)         \
	F(RET, "ret", INT)            \
	F(OPEN, "open", BOOL)         \
	F(PARENT, "parent_tid", INT)  \
	F(THREAD, "thread", BOOL)

enum field {
#define X(id, name, kind) DRAWN_##id,
	FIELDS(X)
#undef X
		N_FIELDS
};

static const struct collected_known known_fields[N_FIELDS] = {
#define X(id, name, kind) {name, COLLECTED_##kind},
	FIELDS(X)
#undef X
};

struct object {
	struct timeline *timeline;
	const struct kind *kind;
	unsigned int at[N_FIELDS]; /* where each field is among those of an event */
	uint64_t drawn;            /* how many events */
};

/* The event at hand, and where its fields are. */
struct taken {
	const struct object *object;
	const struct collected_event *event;
};

static int64_t number(const struct taken *taken, enum field field)
{
	return collected_known_number(taken->event, taken->object->at[field]);
}

static const char *text(const struct taken *taken, enum field field)
{
	return collected_known_text(taken->event, taken->object->at[field]);
}

static struct threads_seen seen_in(const struct taken *taken, int64_t time)
{
	return (struct threads_seen){.time = time,
		.tid = number(taken, DRAWN_TID),
		.pid = number(taken, DRAWN_PID),
		.utid = number(taken, DRAWN_UTID),
		.procname = text(taken, DRAWN_PROCNAME),
		.process = text(taken, DRAWN_PROCESS)};
}

static enum prev_state state_of(const char *name)
{
	for (int state = 1; name && state < PREV_STATES; state++)
		if (name == prev_state_names[state] || strcmp(name, prev_state_names[state]) == 0)
			return (enum prev_state)state;
	return PREV_UNKNOWN;
}

static enum context_kind context_of(const char *name)
{
	for (int kind = 1; name && kind < CONTEXTS; kind++)
		if (name == context_names[kind] || strcmp(name, context_names[kind]) == 0)
			return (enum context_kind)kind;
	return CONTEXT_UNKNOWN;
}

static void take_slice(struct timeline *timeline, const struct taken *taken)
{
	struct cpus_slice slice = {
		.cpu = number(taken, DRAWN_CPU),
		.begin = number(taken, DRAWN_BEGIN),
		.tid = number(taken, DRAWN_BUSY) == VALUE_ABSENT ? VALUE_ABSENT
								 : number(taken, DRAWN_TID),
		.prio = number(taken, DRAWN_PRIO),
		.comm = text(taken, DRAWN_PROCNAME),
		.state = state_of(text(taken, DRAWN_STATE)),
	};
	struct threads_seen seen = seen_in(taken, slice.begin);

	if (slice.tid != VALUE_ABSENT)
		threads_see(timeline->threads, &seen);
	cpus_slice(timeline->cpus, &slice);
	if (slice.tid == VALUE_ABSENT || slice.tid == 0 ||
		(slice.state != PREV_DEAD && slice.state != PREV_ZOMBIE))
		return;
	seen.time = number(taken, DRAWN_TIME);
	threads_end(timeline->threads, &seen);
}

static void take_wakeup(struct timeline *timeline, const struct taken *taken)
{
	enum context_kind context = context_of(text(taken, DRAWN_CONTEXT));
	int64_t waker = number(taken, DRAWN_WAKER);
	struct threads_seen seen = seen_in(taken, number(taken, DRAWN_TIME));

	if (threads_wake(timeline->threads, &seen))
		return;
	cpus_waking(timeline->cpus,
		&(struct cpus_waking){.cpu = number(taken, DRAWN_CPU),
			.time = number(taken, DRAWN_TIME),
			.context = context,
			.waker = waker,
			.by_current = waker != VALUE_ABSENT ||
				      (context != CONTEXT_UNKNOWN && context != CONTEXT_THREAD),
			.tid = number(taken, DRAWN_TID),
			.prio = number(taken, DRAWN_PRIO),
			.target_cpu = number(taken, DRAWN_TARGET),
			.comm = text(taken, DRAWN_PROCNAME)});
}

static struct cpus_handler handler_in(const struct taken *taken, enum field number_field)
{
	return (struct cpus_handler){.cpu = number(taken, DRAWN_CPU),
		.begin = number(taken, DRAWN_BEGIN),
		.time = number(taken, DRAWN_OPEN) == 1 ? VALUE_ABSENT : number(taken, DRAWN_TIME),
		.number = number(taken, number_field),
		.tid = number(taken, DRAWN_TID),
		.name = text(taken, DRAWN_NAME),
		.ret = number(taken, DRAWN_RET)};
}

static void take_irq(struct timeline *timeline, const struct taken *taken)
{
	struct cpus_handler irq = handler_in(taken, DRAWN_IRQ);

	cpus_irq(timeline->cpus, &irq);
}

static void take_softirq(struct timeline *timeline, const struct taken *taken)
{
	struct cpus_handler softirq = handler_in(taken, DRAWN_VEC);

	cpus_softirq(timeline->cpus, &softirq);
}

static void take_start(struct timeline *timeline, const struct taken *taken)
{
	struct threads_seen seen = seen_in(taken, number(taken, DRAWN_TIME));

	threads_start(timeline->threads, &seen, number(taken, DRAWN_PARENT),
		number(taken, DRAWN_THREAD) == 1);
}

static void take_exec(struct timeline *timeline, const struct taken *taken)
{
	struct threads_seen seen = seen_in(taken, number(taken, DRAWN_TIME));

	threads_see(timeline->threads, &seen);
}

/* Without any of these fields an event can't be drawn. */
#define MOST_NEEDED 6

static const struct kind {
	const char *name;
	void (*take)(struct timeline *timeline, const struct taken *taken);
	enum field needs[MOST_NEEDED];
	unsigned int n_needs;
} kinds[] = {
	{"sched_slice", take_slice,
		{DRAWN_CPU, DRAWN_BEGIN, DRAWN_TIME, DRAWN_TID, DRAWN_BUSY, DRAWN_STATE}, 6},
	{"wakeup", take_wakeup, {DRAWN_CPU, DRAWN_TIME, DRAWN_TID}, 3},
	{"irq_end", take_irq, {DRAWN_CPU, DRAWN_BEGIN, DRAWN_TIME, DRAWN_IRQ}, 4},
	{"softirq_end", take_softirq, {DRAWN_CPU, DRAWN_BEGIN, DRAWN_TIME, DRAWN_VEC}, 4},
	{"process_start", take_start, {DRAWN_TIME, DRAWN_TID}, 2},
	{"process_exec", take_exec, {DRAWN_TIME, DRAWN_TID, DRAWN_PID}, 3},
};

static const char *attach(
	lua_State *L, int index, const struct collected_field *fields, unsigned int n)
{
	struct object *object = lua_touserdata(L, index);
	const char *wrong = collected_find_known(
		L, known_fields, N_FIELDS, fields, n, object->at, "unknown field '%s'");

	if (wrong)
		return wrong;
	for (unsigned int k = 0; k < object->kind->n_needs; k++)
		if (object->at[object->kind->needs[k]] == COLLECTED_NOT_GIVEN)
			return lua_pushfstring(L, "field '%s' is missing",
				known_fields[object->kind->needs[k]].name);
	return NULL;
}

static void feed(lua_State *L, void *data, int ref, const struct collected_event *event)
{
	struct object *object = data;
	struct taken taken = {object, event};

	(void)ref;
	timeline_check_written(L, object->timeline);
	object->kind->take(object->timeline, &taken);
	object->drawn++;
}

static const struct object_type kernel_type; /* below */

/* kernel:drawn() -> integer; how many events were drawn */
static int kernel_drawn(lua_State *L)
{
	struct object *object = object_check(L, 1, &kernel_type);

	lua_pushinteger(L, (lua_Integer)object->drawn);
	return 1;
}

static const struct collector_type kernel_collector = {
	.attach = attach, .add = feed, .by_name = true};
static const luaL_Reg kernel_methods[] = {
	{"drawn", kernel_drawn},
	{NULL, NULL},
};
static const struct object_type kernel_type = {.name = "lttnga.timeline_kernel",
	.methods = kernel_methods,
	.collector = &kernel_collector};

/*
 * timeline:kernel(event: string) -> lttnga.Kernel; an object for a `collect` of an event that
 * Perfetto has tracks of its own for
 */
int timeline_kernel(lua_State *L)
{
	struct timeline *timeline = timeline_check(L, 1);
	const char *name = luaL_checkstring(L, 2);
	size_t i = 0;
	struct object *object;

	while (i < G_N_ELEMENTS(kinds) && strcmp(kinds[i].name, name) != 0)
		i++;
	luaL_argcheck(L, i < G_N_ELEMENTS(kinds), 2, "unknown kind");
	object = object_new(L, &kernel_type, sizeof(*object), TIMELINE_KEPT);
	object->timeline = timeline;
	object->kind = &kinds[i];
	lua_pushvalue(L, 1);
	lua_setiuservalue(L, -2, TIMELINE_KEPT);
	return 1;
}
