/*
 * What CPUs do, as Perfetto reads it from ftrace: who runs, who is woken, interrupts.
 *
 * The first switch of a CPU, and what the compact form has no words for, are events of their own: of a
 * compact first one, Perfetto would not know who ran before.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/perfetto/cpus.h"

#include "host/perfetto/fields.h"
#include "state/hash.h"
#include "state/record.h"
#include "state/state.h"

#include <glib.h>

/* So many events are written at once. */
#define BUNDLED 1000

/* Priorities are told as the kernel has them: 120 is nice 0. */
#define PRIO_OFFSET  100
#define PRIO_DEFAULT 20

#define FLAG_HARDIRQ 0x08
#define FLAG_SOFTIRQ 0x10

/* Softirqs that there are. */
#define SOFTIRQS 10

#define NEWTASK_THREAD 0x10000

/* Bytes of a thread's name, as far as they are kept until it has left the CPU. */
#define COMM_BYTES 64

/* Fields of the compact form that have a value for each event. */
#define COMPACT_FIELDS (COMPACT_WAKING_FLAGS + 1)

struct cpu_lane {
	unsigned int events; /* in the bundle */
	struct proto other;  /* those with a message of their own */
	struct proto compact[COMPACT_FIELDS];
	int64_t switched, woken; /* times of the last ones in the compact form */
	GArray *comms;           /* uint64_t: hashes of the names in the table, */
	GPtrArray *names;        /* and these */
	/* Who runs, and why it will have left: of the latest slice. */
	bool begun;
	int64_t tid, prio;
	enum prev_state state;
	char comm[COMM_BYTES];
};

struct cpus {
	struct packets *packets;
	const int64_t *states; /* what each state is as a number */
	bool compact;
	struct cpu_lane *lanes[CPUS_MAX]; /* NULL until something happens there */
};

/* What a state is as a number, for kernels from 4.14 on, and before. */
static const int64_t states_now[PREV_STATES] = {
	[PREV_UNKNOWN] = 0xc0,
	[PREV_RUNNABLE] = 0x100,
	[PREV_INTERRUPTIBLE] = 0x01,
	[PREV_UNINTERRUPTIBLE] = 0x02,
	[PREV_STOPPED] = 0x04,
	[PREV_TRACED] = 0x08,
	[PREV_DEAD] = 0x10,
	[PREV_ZOMBIE] = 0x20,
	[PREV_PARKED] = 0x40,
	[PREV_IDLE] = 0x80,
};
static const int64_t states_before[PREV_STATES] = {
	[PREV_UNKNOWN] = 0xc0,
	[PREV_RUNNABLE] = 0x800,
	[PREV_INTERRUPTIBLE] = 0x01,
	[PREV_UNINTERRUPTIBLE] = 0x02,
	[PREV_STOPPED] = 0x04,
	[PREV_TRACED] = 0x08,
	[PREV_DEAD] = 0x40,
	[PREV_ZOMBIE] = 0x20,
	[PREV_PARKED] = 0x200,
	[PREV_IDLE] = 0x402,
};

struct cpus *cpus_new(struct packets *packets, uint32_t kernel, bool compact)
{
	struct cpus *cpus = g_new0(struct cpus, 1);

	cpus->packets = packets;
	cpus->compact = compact;
	cpus->states = kernel && kernel < state_version(4, 14, 0) ? states_before : states_now;
	return cpus;
}

void cpus_free(struct cpus *cpus)
{
	for (unsigned int i = 0; cpus && i < CPUS_MAX; i++) {
		struct cpu_lane *lane = cpus->lanes[i];

		if (!lane)
			continue;
		g_free(lane->other.data);
		for (int field = 0; field < COMPACT_FIELDS; field++)
			g_free(lane->compact[field].data);
		g_array_unref(lane->comms);
		g_ptr_array_unref(lane->names);
		g_free(lane);
	}
	g_free(cpus);
}

/* ---- Bundles ---- */

static void put_compact(struct proto *packet, const struct cpu_lane *lane)
{
	size_t message = proto_begin(packet, BUNDLE_COMPACT);
	char *copy;

	for (unsigned int field = 0; field < COMPACT_FIELDS; field++) {
		const struct proto *values = &lane->compact[field];

		if (field == COMPACT_COMM)
			for (guint i = 0; i < lane->names->len; i++) {
				proto_text(packet, field,
					packets_utf8(g_ptr_array_index(lane->names, i), &copy));
				g_free(copy);
			}
		else if (values->n > 0)
			proto_bytes(packet, field, values->data, values->n);
	}
	proto_end(packet, message);
}

static void flush(struct cpus *cpus, unsigned int cpu)
{
	struct cpu_lane *lane = cpus->lanes[cpu];
	struct proto *packet;
	size_t message;

	if (lane->events == 0)
		return;
	packet = packets_begin(cpus->packets);
	message = proto_begin(packet, PACKET_FTRACE);
	proto_int(packet, BUNDLE_CPU, cpu);
	if (lane->other.n > 0) {
		memcpy(proto_room(packet, lane->other.n), lane->other.data, lane->other.n);
		packet->n += lane->other.n;
	}
	if (lane->names->len > 0)
		put_compact(packet, lane);
	proto_end(packet, message);
	packets_end(cpus->packets);
	lane->events = 0;
	lane->other.n = 0;
	lane->switched = lane->woken = 0;
	for (int field = 0; field < COMPACT_FIELDS; field++)
		lane->compact[field].n = 0;
	g_array_set_size(lane->comms, 0);
	g_ptr_array_set_size(lane->names, 0);
}

void cpus_flush(struct cpus *cpus)
{
	for (unsigned int i = 0; i < CPUS_MAX; i++)
		if (cpus->lanes[i])
			flush(cpus, i);
}

/* Where one more event of a CPU goes; NULL if that is none that can be shown. */
static struct cpu_lane *lane_for(struct cpus *cpus, int64_t cpu)
{
	struct cpu_lane *lane;

	if (cpu < 0 || cpu >= CPUS_MAX)
		return NULL;
	lane = cpus->lanes[cpu];
	if (!lane) {
		lane = cpus->lanes[cpu] = g_new0(struct cpu_lane, 1);
		lane->comms = g_array_new(FALSE, FALSE, sizeof(uint64_t));
		lane->names = g_ptr_array_new_with_free_func(g_free);
	}
	if (lane->events >= BUNDLED)
		flush(cpus, (unsigned int)cpu);
	lane->events++;
	return lane;
}

/* The number of a name in the bundle's table. */
static uint64_t comm_number(struct cpu_lane *lane, const char *comm)
{
	uint64_t hash = text_hash(comm);

	for (guint i = 0; i < lane->comms->len; i++)
		if (g_array_index(lane->comms, uint64_t, i) == hash &&
			strcmp(g_ptr_array_index(lane->names, i), comm) == 0)
			return i;
	g_array_append_val(lane->comms, hash);
	g_ptr_array_add(lane->names, g_strdup(comm));
	return lane->comms->len - 1;
}

/* Begins an event with a message of its own; returns what end_event() takes. */
static size_t begin_event(struct cpu_lane *lane, int64_t time, int64_t pid, int64_t flags)
{
	size_t event = proto_begin(&lane->other, BUNDLE_EVENT);

	proto_int(&lane->other, FTRACE_TIME, time);
	proto_int(&lane->other, FTRACE_PID, pid);
	if (flags)
		proto_int(&lane->other, FTRACE_FLAGS, flags);
	return event;
}

static void put_name(struct cpu_lane *lane, unsigned int field, const char *name)
{
	char *copy;

	proto_text(&lane->other, field, packets_utf8(name, &copy));
	g_free(copy);
}

static int64_t prio_of(int64_t prio)
{
	return (prio == VALUE_ABSENT ? PRIO_DEFAULT : prio) + PRIO_OFFSET;
}

/* ---- Who runs ---- */

/* A switch from whom the lane has to who is in the slice. */
static void put_switch(struct cpus *cpus, struct cpu_lane *lane, const struct cpus_slice *next,
	int64_t tid, const char *comm)
{
	struct proto *to = &lane->other;
	int64_t state = lane->tid == 0 ? 0 : cpus->states[lane->state];
	size_t event = begin_event(lane, next->begin, lane->tid, 0);
	size_t message = proto_begin(to, FTRACE_SWITCH);

	put_name(lane, SWITCH_PREV_COMM, lane->comm);
	proto_int(to, SWITCH_PREV_PID, lane->tid);
	proto_int(to, SWITCH_PREV_PRIO, prio_of(lane->prio));
	proto_int(to, SWITCH_PREV_STATE, state);
	put_name(lane, SWITCH_NEXT_COMM, comm);
	proto_int(to, SWITCH_NEXT_PID, tid);
	proto_int(to, SWITCH_NEXT_PRIO, prio_of(next->prio));
	proto_end(to, message);
	proto_end(to, event);
}

static void put_compact_switch(struct cpus *cpus, struct cpu_lane *lane,
	const struct cpus_slice *next, int64_t tid, const char *comm)
{
	struct proto *to = lane->compact;
	int64_t state = lane->tid == 0 ? 0 : cpus->states[lane->state];

	proto_number(&to[COMPACT_SWITCH_TIME], (uint64_t)time_span(lane->switched, next->begin));
	proto_number(&to[COMPACT_SWITCH_PREV_STATE], (uint64_t)state);
	proto_number(&to[COMPACT_SWITCH_NEXT_PID], (uint64_t)tid);
	proto_number(&to[COMPACT_SWITCH_NEXT_PRIO], (uint64_t)prio_of(next->prio));
	proto_number(&to[COMPACT_SWITCH_NEXT_COMM], comm_number(lane, comm));
	lane->switched = next->begin;
}

void cpus_slice(struct cpus *cpus, const struct cpus_slice *slice)
{
	struct cpu_lane *lane = lane_for(cpus, slice->cpu);
	const char *comm = slice->comm ? slice->comm : "";
	int64_t tid = slice->tid;
	char idle[COMM_BYTES];

	if (!lane)
		return;
	if (tid == VALUE_ABSENT) {
		tid = TID_OF_UNKNOWN + slice->cpu;
		comm = "(unknown)";
	} else if (tid == 0) {
		g_snprintf(idle, sizeof(idle), "swapper/%d", (int)slice->cpu);
		comm = idle;
	}
	if (!lane->begun) {
		g_snprintf(lane->comm, sizeof(lane->comm), "swapper/%d", (int)slice->cpu);
		lane->prio = PRIO_DEFAULT;
	}
	/* Where nothing is known of an end there may be none. */
	if (!lane->begun || tid != lane->tid || lane->state != PREV_UNKNOWN) {
		if (!lane->begun || !cpus->compact || slice->begin < lane->switched)
			put_switch(cpus, lane, slice, tid, comm);
		else
			put_compact_switch(cpus, lane, slice, tid, comm);
	}
	lane->begun = true;
	lane->tid = tid;
	lane->prio = slice->prio;
	lane->state = slice->state;
	g_strlcpy(lane->comm, comm, sizeof(lane->comm));
}

/* ---- Who is woken ---- */

static int64_t flags_of(enum context_kind context)
{
	if (context == CONTEXT_SOFTIRQ)
		return FLAG_SOFTIRQ;
	return context == CONTEXT_IRQ || context == CONTEXT_HRTIMER ? FLAG_HARDIRQ : 0;
}

static void put_waking(struct cpu_lane *lane, const struct cpus_waking *waking, const char *comm)
{
	struct proto *to = &lane->other;
	int64_t waker = waking->waker;
	size_t event, message;

	if (waker == VALUE_ABSENT)
		waker = TID_OF_UNKNOWN + waking->cpu;
	event = begin_event(lane, waking->time, waker, flags_of(waking->context));
	message = proto_begin(to, FTRACE_WAKING);
	put_name(lane, WAKING_COMM, comm);
	proto_int(to, WAKING_PID, waking->tid);
	proto_int(to, WAKING_PRIO, prio_of(waking->prio));
	proto_int(to, WAKING_TARGET_CPU, waking->target_cpu);
	proto_end(to, message);
	proto_end(to, event);
}

static void put_compact_waking(
	struct cpu_lane *lane, const struct cpus_waking *waking, const char *comm)
{
	struct proto *to = lane->compact;

	proto_number(&to[COMPACT_WAKING_TIME], (uint64_t)time_span(lane->woken, waking->time));
	proto_number(&to[COMPACT_WAKING_PID], (uint64_t)waking->tid);
	proto_number(&to[COMPACT_WAKING_TARGET_CPU], (uint64_t)waking->target_cpu);
	proto_number(&to[COMPACT_WAKING_PRIO], (uint64_t)prio_of(waking->prio));
	proto_number(&to[COMPACT_WAKING_COMM], comm_number(lane, comm));
	proto_number(&to[COMPACT_WAKING_FLAGS], (uint64_t)flags_of(waking->context));
	lane->woken = waking->time;
}

void cpus_waking(struct cpus *cpus, const struct cpus_waking *given)
{
	struct cpu_lane *lane = lane_for(cpus, given->cpu);
	struct cpus_waking waking = *given;
	const char *comm = waking.comm ? waking.comm : "";

	if (!lane)
		return;
	if (waking.target_cpu == VALUE_ABSENT)
		waking.target_cpu = waking.cpu;
	if (cpus->compact && waking.by_current && waking.time >= lane->woken)
		put_compact_waking(lane, &waking, comm);
	else
		put_waking(lane, &waking, comm);
}

/* ---- Interrupts ---- */

void cpus_irq(struct cpus *cpus, const struct cpus_handler *irq)
{
	struct cpu_lane *lane = lane_for(cpus, irq->cpu);
	int64_t tid = irq->tid == VALUE_ABSENT ? 0 : irq->tid;
	size_t event, message;

	if (!lane)
		return;
	event = begin_event(lane, irq->begin, tid, 0);
	message = proto_begin(&lane->other, FTRACE_IRQ_ENTRY);
	proto_int(&lane->other, IRQ_NUMBER, irq->number);
	put_name(lane, IRQ_NAME, irq->name ? irq->name : "");
	proto_end(&lane->other, message);
	proto_end(&lane->other, event);
	if (irq->time == VALUE_ABSENT)
		return;
	event = begin_event(lane, irq->time, tid, 0);
	message = proto_begin(&lane->other, FTRACE_IRQ_EXIT);
	proto_int(&lane->other, IRQ_NUMBER, irq->number);
	if (irq->ret != VALUE_ABSENT)
		proto_int(&lane->other, IRQ_RET, irq->ret);
	proto_end(&lane->other, message);
	proto_end(&lane->other, event);
}

static void put_softirq(
	struct cpu_lane *lane, unsigned int kind, int64_t time, const struct cpus_handler *softirq)
{
	size_t event = begin_event(lane, time, softirq->tid == VALUE_ABSENT ? 0 : softirq->tid, 0);
	size_t message = proto_begin(&lane->other, kind);

	proto_int(&lane->other, SOFTIRQ_VEC, softirq->number);
	proto_end(&lane->other, message);
	proto_end(&lane->other, event);
}

void cpus_softirq(struct cpus *cpus, const struct cpus_handler *softirq)
{
	struct cpu_lane *lane;

	if (softirq->number < 0 || softirq->number >= SOFTIRQS)
		return;
	lane = lane_for(cpus, softirq->cpu);
	if (!lane)
		return;
	put_softirq(lane, FTRACE_SOFTIRQ_ENTRY, softirq->begin, softirq);
	if (softirq->time != VALUE_ABSENT)
		put_softirq(lane, FTRACE_SOFTIRQ_EXIT, softirq->time, softirq);
}

/* ---- Who exists ---- */

/* Where an event goes that is of no CPU: to one that there is. */
static struct cpu_lane *any_lane(struct cpus *cpus)
{
	int64_t cpu = 0;

	while (cpu < CPUS_MAX && !cpus->lanes[cpu])
		cpu++;
	return lane_for(cpus, cpu < CPUS_MAX ? cpu : 0);
}

void cpus_newtask(struct cpus *cpus, int64_t time, int64_t parent, int64_t tid, const char *comm,
	bool is_thread)
{
	struct cpu_lane *lane = any_lane(cpus);
	size_t event = begin_event(lane, time, parent == VALUE_ABSENT ? 0 : parent, 0);
	size_t message = proto_begin(&lane->other, FTRACE_NEWTASK);

	proto_int(&lane->other, NEWTASK_PID, tid);
	put_name(lane, NEWTASK_COMM, comm);
	proto_int(&lane->other, NEWTASK_CLONE_FLAGS, is_thread ? NEWTASK_THREAD : 0);
	proto_end(&lane->other, message);
	proto_end(&lane->other, event);
}

void cpus_rename(struct cpus *cpus, int64_t time, int64_t tid, const char *from, const char *to)
{
	struct cpu_lane *lane = any_lane(cpus);
	size_t event = begin_event(lane, time, tid, 0);
	size_t message = proto_begin(&lane->other, FTRACE_RENAME);

	proto_int(&lane->other, RENAME_PID, tid);
	put_name(lane, RENAME_OLD, from);
	put_name(lane, RENAME_NEW, to);
	proto_end(&lane->other, message);
	proto_end(&lane->other, event);
}

void cpus_freetask(struct cpus *cpus, int64_t time, int64_t tid, const char *comm)
{
	struct cpu_lane *lane = any_lane(cpus);
	size_t event = begin_event(lane, time, tid, 0);
	size_t message = proto_begin(&lane->other, FTRACE_FREE);

	put_name(lane, FREE_COMM, comm ? comm : "");
	proto_int(&lane->other, FREE_PID, tid);
	proto_int(&lane->other, FREE_PRIO, PRIO_DEFAULT + PRIO_OFFSET);
	proto_end(&lane->other, message);
	proto_end(&lane->other, event);
}
