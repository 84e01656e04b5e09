/*
 * The scheduler: who ran how long on which CPU, at which priority, who waited for one, and for how
 * long.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/sched.h"

#include "state/model.h"
#include "state/run_queue.h"

/* Kernels before this one tell p->state as it is, later ones by a numbering of its own. */
#define KERNEL_STATE_INDEX VERSION(4, 14, 0)

/* Kernels before this one have no bit for threads that are parked. */
#define KERNEL_PARKED VERSION(3, 9, 0)

/* LTTng before these tells them shifted by one bit. */
#define TRACER_STATE_SHIFT_2_9  VERSION(2, 9, 15)
#define TRACER_STATE_SHIFT_2_10 VERSION(2, 10, 12)
#define PREEMPTED               0x100

/* LTTng before this one tells the priorities of wakeups 100 higher than those of switches. */
#define TRACER_PRIO_OFFSET VERSION(2, 7, 1)
#define PRIO_OFFSET        100

/* Whether a tracer tells states one bit too high, on kernels that number them. */
static bool shifts_states(uint32_t tracer)
{
	return tracer != 0 &&
	       (tracer < TRACER_STATE_SHIFT_2_9 ||
		       (tracer >= VERSION(2, 10, 0) && tracer < TRACER_STATE_SHIFT_2_10));
}

enum prev_state prev_state_of(int64_t value, uint32_t kernel, uint32_t tracer)
{
	static const struct {
		int64_t bits;
		enum prev_state old, now;
	} states[] = {
		{0x01, PREV_INTERRUPTIBLE, PREV_INTERRUPTIBLE},
		{0x02, PREV_UNINTERRUPTIBLE, PREV_UNINTERRUPTIBLE},
		{0x04, PREV_STOPPED, PREV_STOPPED},
		{0x08, PREV_TRACED, PREV_TRACED},
		{0x10, PREV_DEAD, PREV_DEAD},
		{0x20, PREV_ZOMBIE, PREV_ZOMBIE},
		{0x40, PREV_DEAD, PREV_PARKED},
		{0x80, PREV_UNINTERRUPTIBLE, PREV_IDLE},
	};
	bool old = kernel != 0 && kernel < KERNEL_STATE_INDEX;

	if (value == VALUE_ABSENT || value < 0)
		return PREV_UNKNOWN;
	/* A kernel thread that waits for work, as "uninterruptible, but no load". */
	if (old && (value & 0x402) == 0x402)
		return PREV_IDLE;
	if (old && kernel >= KERNEL_PARKED && value & 0x200)
		return PREV_PARKED;
	/* What is preempted is told as that is, shifted or not. */
	if (!old && kernel != 0 && shifts_states(tracer) && value != PREEMPTED)
		value >>= 1;
	for (size_t i = 0; i < G_N_ELEMENTS(states); i++)
		if (value & states[i].bits)
			return old ? states[i].old : states[i].now;
	/* What is above says that it was preempted. */
	return PREV_RUNNABLE;
}

/* Nobody waits for the thread to get a CPU any more. */
static void forget_wakeup(struct state *state, struct task *task)
{
	strpool_unref(state->strings, task->waker_comm);
	task->waker_comm = 0;
	context_drop(state->strings, &task->context);
	if (state->config.wants & WANT_CAUSE) {
		cause_drop(state->strings, &task->cause);
		cause_drop(state->strings, &task->blocked);
	}
	task->woken = task->early = false;
}

/* The priority of a thread as an event tells it. */
static void set_prio(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, int64_t prio)
{
	struct task *task = &thread->task;
	int64_t old = task->has_prio ? task->prio : VALUE_ABSENT;

	if (prio == VALUE_ABSENT || prio != (int32_t)prio || prio == old)
		return;
	task->prio = (int32_t)prio;
	task->has_prio = true;
	if (old != VALUE_ABSENT && emits(io, DERIVED_prio_change))
		EMIT(io, prio_change, COMMON_OF(state, rec, thread), .prio = prio, .old_prio = old);
}

static int64_t prio_of(const struct thread *thread)
{
	return thread && thread->task.has_prio ? thread->task.prio : VALUE_ABSENT;
}

/* Whether a task is not that of an idle CPU, as far as that is known. */
static int64_t is_busy(const struct thread *task)
{
	return task && task->tid != TID_UNKNOWN ? task->tid != 0 : VALUE_ABSENT;
}

/* Why a wait ended, as derived events tell it: what is known of it, once it is over. */
static struct cause told_cause(const struct state *state, const struct thread *thread)
{
	struct cause cause = thread->task.cause;

	if (thread->task.state == PREV_IDLE && cause.kind != CAUSE_WORK) {
		cause.work = cause.kind;
		cause.kind = CAUSE_WORK;
	}
	if (cause.kind == CAUSE_UNKNOWN && lost_since(state, thread->task.off))
		cause.kind = CAUSE_LOST;
	return cause;
}

/* What a thread has waited for that has been woken: NULL if that is not followed. */
static const char *cause_of(const struct state *state, const struct thread *thread)
{
	return state->config.wants & WANT_CAUSE ? cause_names[told_cause(state, thread).kind]
						: NULL;
}

static strid path_of(const struct cause *cause, const struct call *call)
{
	return cause->path ? cause->path : call->file.path;
}

/* Whether a thread of another machine has ended a wait. */
static bool is_remote(const struct cause *why)
{
	return why && why->kind == CAUSE_NET && why->deed.remote.machine > 0;
}

/*
 * The fields of a wait that is over. Of one that goes on, and of threads that run, only the call that they are
 * in is told: `why` is NULL.
 */
#define WAIT_OF(state, thread, why)                                                               \
	.cause = (why) ? cause_names[(why)->kind] : NULL,                                         \
	.work = (why) && (why)->kind == CAUSE_WORK ? cause_names[(why)->work] : NULL,             \
	.syscall = (thread)->call.id != SYSCALL_ANY ? call_name(state, (thread)->call.id) : NULL, \
	.fd = (why) ? (why)->fd : VALUE_ABSENT,                                                   \
	.path = (why) ? path_of(why, &(thread)->call) : (thread)->call.file.path,                 \
	.futex = (why) ? (why)->futex : VALUE_ABSENT,                                             \
	.disk = (why) && (why)->deed.kind == CAUSE_DISK ? (why)->deed.object : 0,                 \
	.sector = (why) && (why)->deed.kind == CAUSE_DISK ? (why)->deed.sector : VALUE_ABSENT,    \
	.netif = (why) && deed_is_packet(&(why)->deed) ? (why)->deed.object : 0,                  \
	.peer = (why) ? (why)->deed.peer : 0,                                                     \
	.source_utid = (why) ? (why)->source.utid : VALUE_ABSENT,                                 \
	.source_tid = (why) ? (why)->source.tid : VALUE_ABSENT,                                   \
	.source_procname = (why) ? (why)->source.comm : 0,                                        \
	.source_time =                                                                            \
		(why) && (why)->source.utid != VALUE_ABSENT ? (why)->source.time : VALUE_ABSENT,  \
	.remote_machine = is_remote(why) ? (why)->deed.remote.machine : VALUE_ABSENT,             \
	.remote_utid = is_remote(why) ? (why)->deed.remote.utid : VALUE_ABSENT,                   \
	.remote_time = is_remote(why) ? (why)->deed.remote.time : VALUE_ABSENT

/* Tells what a thread did on a CPU between two times; if it waited, and that is over, why it did, else NULL. */
static void tell_state(struct state *state, const struct state_io *io, const struct thread *thread,
	int32_t cpu, int64_t begin, int64_t end, const char *name, const struct cause *cause)
{
	const struct task *task = &thread->task;
	struct record at = {.time = end, .cpu = cpu};
	const struct context context = cause ? task->context : (struct context){0};

	if (begin < end && emits(io, DERIVED_thread_state))
		EMIT(io, thread_state, COMMON_OF(state, &at, thread), .begin = begin,
			.duration = time_span(begin, end), .state = name, .prio = prio_of(thread),
			WAKER_OF(context, cause ? task->waker_tid : VALUE_ABSENT,
				cause ? task->waker_pid : VALUE_ABSENT,
				cause ? task->waker_utid : VALUE_ABSENT,
				cause ? task->waker_comm : 0),
			WAIT_OF(state, thread, cause));
}

/* Whether a thread that waits could run, if it had a CPU. */
static bool is_runnable(const struct task *task)
{
	return task->woken || task->state == PREV_RUNNABLE;
}

/* What a thread does that waits, and since when: on the queue of a CPU, since it came there. */
static const char *waits_as(const struct task *task, int64_t *begin)
{
	*begin = is_runnable(task) ? task->queued : task->off;
	if (task->state == PREV_RUNNABLE)
		return "preempted";
	return task->woken ? "woken" : prev_state_names[task->state];
}

/* Where a thread waits: the CPU on whose queue it is, or, if it sleeps, on which it ran last. */
static int32_t waits_at(const struct thread *thread)
{
	return is_runnable(&thread->task) ? thread->task.queue : thread->cpu;
}

/* Until when it is known what a thread does that waits: up to `time`, or the end of its CPU's stream. */
static int64_t wait_end(const struct state *state, const struct thread *thread, int64_t time)
{
	const struct cpu *cpu = cpu_find(state, waits_at(thread));

	return cpu ? MIN(time, cpu->ended) : time;
}

/* Tells what a thread does that waits, up to the record's time, in this window; and, if it is woken, why. */
static void tell_wait(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread, const struct cause *cause)
{
	const struct task *task = &thread->task;
	const char *name;
	int64_t begin;

	if (!task->waits)
		return;
	name = waits_as(task, &begin);
	tell_state(state, io, thread, waits_at(thread), MAX(begin, state->sched.window),
		wait_end(state, thread, rec->time), name, cause);
}

/*
 * It is known from now on what a thread does that does not run; if it waits for a CPU, it does so on the queue of
 * `queue`.
 */
static void begin_wait(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, int32_t queue)
{
	bool runnable = is_runnable(&thread->task);

	/* Where events are missing, it may get a CPU without being seen. */
	if (!(state->config.wants & WANT_STATES) || (runnable && state->process.blind > 0))
		return;
	if (runnable) {
		run_queue_tell(state, rec, io, queue);
		thread->task.queued = rec->time;
	}
	thread_wait(state, thread, runnable, queue);
}

/* It is over, or not known any more, what the thread has done instead of running. */
static void leave_wait(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread)
{
	if (thread->task.place == PLACE_RUNNABLE)
		run_queue_tell(state, rec, io, thread->task.queue);
	thread_wait_end(state, thread);
}

void sched_end_wait(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread)
{
	tell_wait(state, rec, io, thread, NULL);
	leave_wait(state, rec, io, thread);
}

/* A thread that waits for a CPU is put on the queue of another one, if we know that. */
static void change_queue(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, int64_t to)
{
	int32_t queue = run_queue_choose(state, thread, to);

	if (thread->task.place != PLACE_RUNNABLE || queue != to || queue == thread->task.queue)
		return;
	sched_end_wait(state, rec, io, thread);
	begin_wait(state, rec, io, thread, queue);
}

void sched_end_wait_unseen(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread)
{
	const struct cpu *cpu = cpu_find(state, rec->cpu);
	struct record at = *rec;

	if (cpu && cpu->tid < 0 && cpu->since > INT64_MIN)
		at.time = cpu->sees < INT64_MAX ? cpu->sees : cpu->since;
	sched_end_wait(state, &at, io, thread);
}

void sched_lose_waits(struct state *state, const struct record *rec, const struct state_io *io)
{
	const struct cpu *cpu = cpu_find(state, rec->cpu);

	while (cpu && cpu->sleeping)
		sched_end_wait(state, rec, io, thread_at(state, cpu->sleeping));
	while (state->process.runnable)
		sched_end_wait(state, rec, io, thread_at(state, state->process.runnable));
}

/* How long a task waited for the slice that begins then, if it was seen to get the CPU. */
static int64_t before_slice(const struct thread *task, int64_t begin, int64_t waited)
{
	return task && task->task.got && task->task.got == begin ? waited : VALUE_ABSENT;
}

/* Tells who ran on the record's CPU between two times, if that is any time at all. */
static void tell_slice(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *task, int64_t begin, int64_t end, enum prev_state why)
{
	struct record at = {.time = end, .cpu = rec->cpu};

	if (is_busy(task) == 1)
		tell_state(state, io, task, rec->cpu, begin, end, "running", NULL);
	if ((begin < end || (begin == end && why != PREV_UNKNOWN)) &&
		emits(io, DERIVED_sched_slice))
		EMIT(io, sched_slice, COMMON_OF(state, &at, task), .begin = begin,
			.duration = time_span(begin, end), .busy = is_busy(task),
			.prio = prio_of(task), .state = prev_state_names[why],
			.wait = before_slice(task, begin, task ? task->task.wait : 0),
			.delay = before_slice(task, begin, task ? task->task.delay : 0));
	cpu_time_tell(state, rec, io, task, begin, end);
}

/* Tells the slice on the record's CPU, which ends for a reason, if it is not just cut. */
static void tell_slices(struct state *state, const struct record *rec, const struct state_io *io,
	int64_t begin, enum prev_state why)
{
	struct cpu *cpu = cpu_at(state, rec->cpu);
	int64_t end = rec->time;
	const struct thread *task;

	if (begin == INT64_MIN) {
		/* Its events begin later than the window. */
		if (state->sched.window != INT64_MIN)
			tell_slice(state, rec, io, NULL, state->sched.window, end, PREV_UNKNOWN);
		return;
	}
	task = task_current(state, rec);
	if (end <= cpu->blind) {
		tell_slice(state, rec, io, task, begin, end, why);
		return;
	}
	tell_slice(state, rec, io, task, begin, cpu->blind, PREV_UNKNOWN);
	begin = MAX(begin, cpu->blind);
	tell_slice(state, rec, io, NULL, begin, MIN(end, cpu->sees), PREV_UNKNOWN);
	if (end < cpu->sees)
		return;
	if (end > cpu->sees)
		tell_slice(state, rec, io, task, MAX(begin, cpu->sees), end, why);
	cpu->blind = cpu->sees = INT64_MAX;
}

/* The slice on the record's CPU ends, for a reason, if it is not just cut. */
static void end_slice(struct state *state, const struct record *rec, const struct state_io *io,
	enum prev_state why)
{
	struct cpu *cpu = cpu_at(state, rec->cpu);
	int64_t begin, end = rec->time;

	if (!cpu || !(state->config.wants & WANT_SCHED) || cpu->since > end)
		return;
	begin = cpu->since;
	/* What is before the window was told with the one that it was in. */
	if (begin == INT64_MIN && state->sched.window > end)
		return;
	cpu_time_until(state, rec);
	cpu->since = end;
	tell_slices(state, rec, io, begin, why);
	cpu_time_next(state, rec);
}

void sched_cut(struct state *state, const struct record *rec, const struct state_io *io)
{
	end_slice(state, rec, io, PREV_UNKNOWN);
}

/*
 * Whether it is not known who runs on a CPU, but will be, once that leaves it: since its events have begun,
 * or some were missing.
 */
static bool is_unsettled(const struct cpu *cpu)
{
	return cpu->known && cpu->tid < 0 && cpu->ended == INT64_MAX && cpu->since > INT64_MIN &&
	       (cpu->blind == INT64_MAX || cpu->sees < INT64_MAX);
}

/* Whether a slice that began in an earlier window has not been told. */
static bool is_untold(const struct state *state, const struct cpu *cpu)
{
	return cpu->known && cpu->since > INT64_MIN && cpu->since < state->sched.window;
}

/* Whether it is known of all CPUs who runs there. */
static bool is_settled(const struct state *state)
{
	for (guint i = 0; i < state->process.cpus->len; i++)
		if (is_unsettled(cpu_find(state, (int32_t)i)))
			return false;
	return true;
}

int64_t sched_unsettled(const struct state *state)
{
	int64_t since = INT64_MAX;

	for (guint i = 0; i < state->process.cpus->len; i++) {
		const struct cpu *cpu = cpu_find(state, (int32_t)i);

		/* Who runs there may have become known, and not have been told yet. */
		if (is_unsettled(cpu) || is_untold(state, cpu))
			since = MIN(since, cpu->since);
	}
	return since;
}

void sched_settle(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct record at = *rec;

	for (guint i = 0; i < state->process.cpus->len; i++) {
		at.cpu = (int32_t)i;
		if (cpu_find(state, at.cpu)->since > INT64_MIN)
			sched_cut(state, &at, io);
	}
}

bool sched_enter_window(struct state *state, int64_t time)
{
	for (guint i = 0; i < state->process.cpus->len; i++) {
		struct cpu *cpu = &g_array_index(state->process.cpus, struct cpu, i);

		if (cpu->since == INT64_MIN || cpu->since >= time)
			continue;
		if (!cpu_time_begin_later(state, (int32_t)i, time))
			return false;
		cpu->since = time;
	}
	return true;
}

/* Whether a thread may have become another one: its process has lost its first thread, as before an exec. */
static bool may_take_over(const struct state *state, const struct thread *thread)
{
	const struct thread *leader =
		thread && thread->pid != thread->tid ? thread_find(state, thread->pid) : NULL;

	return leader && leader->exited;
}

/*
 * Whether it may turn out that somebody else runs on a CPU: where events are lost without a trace, or filtered
 * out, its next context switch may tell so.
 */
static bool is_doubtful(const struct state *state, const struct cpu *cpu)
{
	const struct process_model *model = &state->process;

	return cpu->known && cpu->tid >= 0 && cpu->ended == INT64_MAX && cpu->since > INT64_MIN &&
	       (model->lost > INT64_MIN || model->unrecorded.contradicts > 0 ||
		       may_take_over(state, thread_at(state, cpu->thread)));
}

void sched_cut_all(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct record at = *rec;

	for (guint i = 0; i < state->process.cpus->len; i++) {
		const struct cpu *cpu = cpu_find(state, (int32_t)i);

		at.cpu = (int32_t)i;
		if (cpu->known ? !is_unsettled(cpu) && !is_doubtful(state, cpu) : cpu->expected)
			sched_cut(state, &at, io);
		else
			cpu_time_border(state, &at);
	}
	run_queues_tell(state, rec, io);
	if (!(state->config.wants & WANT_STATES))
		return;
	for (struct thread *thread = thread_after(state, 0); thread;
		thread = thread_after(state, thread->tid)) {
		tell_wait(state, rec, io, thread, NULL);
		if (thread->task.waits && wait_end(state, thread, rec->time) < rec->time)
			thread_wait_end(state, thread);
	}
}

void sched_blind(struct state *state, const struct record *rec, bool sees)
{
	struct cpu *cpu = cpu_at(state, rec->cpu);

	if (!cpu || (sees && cpu->blind == INT64_MAX))
		return;
	if (sees) {
		cpu->sees = rec->time;
	} else {
		cpu->blind = MIN(cpu->blind, rec->time);
		cpu->sees = INT64_MAX;
	}
}

void sched_leave(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread)
{
	enum prev_state why = prev_state_of(
		V(rec, sched_switch, prev_state), state->config.kernel, state->config.tracer);

	if (thread && !thread->task.has_prio)
		set_prio(state, rec, io, thread, V(rec, sched_switch, prev_prio));
	/* Being idle always ends because there is something to do. */
	end_slice(state, rec, io, V(rec, sched_switch, prev_tid) == 0 ? PREV_RUNNABLE : why);
	if (!thread)
		return;
	/* That it has another one now was not so while it ran. */
	set_prio(state, rec, io, thread, V(rec, sched_switch, prev_prio));
	/* Who has gone to sleep a moment too late will be put on a queue by an early waking. */
	if (!thread->task.early || why == PREV_RUNNABLE)
		forget_wakeup(state, &thread->task);
	if (why == PREV_UNINTERRUPTIBLE && thread->task.early) {
		cause_drop(state->strings, &thread->task.cause);
		thread->task.cause = thread->task.blocked;
		thread->task.blocked = (struct cause){0};
	}
	/* It was thought to wait since it was seen to leave another CPU. */
	leave_wait(state, rec, io, thread);
	thread->task.state = why;
	thread->task.off = rec->time;
	if (why == PREV_DEAD || why == PREV_ZOMBIE)
		thread->exited = true;
	else if (why != PREV_UNKNOWN)
		begin_wait(state, rec, io, thread, rec->cpu);
}

void sched_moved(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread, int32_t from)
{
	if (state->config.no_migrations && from != CPU_UNKNOWN && from != rec->cpu &&
		emits(io, DERIVED_migration))
		EMIT(io, migration, COMMON_OF(state, rec, thread), .orig_cpu = from,
			.dest_cpu = rec->cpu);
}

/*
 * Whether it is known that a thread that was last on CPU `from`, and is on `cpu`, has not run since
 * `begin`.
 */
static bool has_waited(const struct state *state, const struct record *rec, int64_t begin,
	int32_t from, int32_t cpu)
{
	return begin <= rec->time && begin >= cpu_blind_end(state, from) &&
	       begin >= cpu_blind_end(state, cpu);
}

#define RAN(ran) .prev_tid = (ran)->tid, .prev_pid = (ran)->pid, .prev_procname = (ran)->comm

/* Reports the wait of a thread that has got the record's CPU, as far as it is known. */
static void tell_waits(const struct state *state, const struct record *rec,
	const struct state_io *io, const struct thread *thread, const struct ran *ran)
{
	const struct task *task = &thread->task;
	bool preempted = task->state == PREV_RUNNABLE && task->wait != VALUE_ABSENT;
	bool woken = task->woken && !preempted;
	const struct context context = woken ? task->context : (struct context){0};
	struct cause cause, *why = NULL;

	if (woken && task->delay != VALUE_ABSENT && emits(io, DERIVED_wakeup_latency))
		EMIT(io, wakeup_latency, COMMON_OF(state, rec, thread), .begin = task->wakeup,
			.duration = task->delay, .prio = prio_of(thread),
			WAKER_OF(task->context, task->waker_tid, task->waker_pid, task->waker_utid,
				task->waker_comm),
			.cause = cause_of(state, thread), RAN(ran));
	if (preempted && emits(io, DERIVED_preempt_latency))
		EMIT(io, preempt_latency, COMMON_OF(state, rec, thread), .begin = task->off,
			.duration = task->wait, .prio = prio_of(thread), RAN(ran));
	if (task->wait == VALUE_ABSENT || !emits(io, DERIVED_off_cpu))
		return;
	if (!preempted && state->config.wants & WANT_CAUSE) {
		cause = told_cause(state, thread);
		why = &cause;
	}
	EMIT(io, off_cpu, COMMON_OF(state, rec, thread), .begin = task->off, .duration = task->wait,
		.delay = task->delay, .state = prev_state_names[task->state],
		.prio = prio_of(thread),
		WAKER_OF(context, woken ? task->waker_tid : VALUE_ABSENT,
			woken ? task->waker_pid : VALUE_ABSENT,
			woken ? task->waker_utid : VALUE_ABSENT, woken ? task->waker_comm : 0),
		WAIT_OF(state, thread, why));
}

void sched_enter(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, int32_t from, const struct ran *ran)
{
	struct task *task = &thread->task;

	set_prio(state, rec, io, thread, V(rec, sched_switch, next_prio));
	task->got = rec->time;
	task->wait = task->delay = VALUE_ABSENT;
	if (task->state != PREV_UNKNOWN && has_waited(state, rec, task->off, from, rec->cpu))
		task->wait = time_span(task->off, rec->time);
	/* A thread that is woken up though it was preempted has waited since then, or has run unseen. */
	if (task->state == PREV_RUNNABLE && task->wait != VALUE_ABSENT)
		task->delay = task->wait;
	else if (task->woken && has_waited(state, rec, task->wakeup, from, rec->cpu))
		task->delay = time_span(task->wakeup, rec->time);
	tell_waits(state, rec, io, thread, ran);
	sched_moved(state, rec, io, thread, from);
	forget_wakeup(state, task);
	task->state = PREV_UNKNOWN;
}

/* Tells how long a thread has slept that is woken now. */
static void tell_sleep(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread)
{
	const struct task *task = &thread->task;
	struct cause cause, *why = &cause;

	if (task->state == PREV_UNKNOWN || task->state == PREV_RUNNABLE ||
		!has_waited(state, rec, task->off, thread->cpu, thread->cpu) ||
		!emits(io, DERIVED_sleep_end))
		return;
	cause = told_cause(state, thread);
	EMIT(io, sleep_end, COMMON_OF(state, rec, thread), .begin = task->off,
		.duration = time_span(task->off, rec->time), .state = prev_state_names[task->state],
		.runnable_from = task->early ? task->off : rec->time,
		WAKER_OF(task->context, task->waker_tid, task->waker_pid, task->waker_utid,
			task->waker_comm),
		WAIT_OF(state, thread, why));
}

/* The thread is woken: that it sleeps is over, and told. */
static void end_sleep(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread)
{
	struct cause cause = {0};

	if (state->config.wants & WANT_CAUSE) {
		waits_ended(state, rec, thread, &thread->task.cause);
		cause = told_cause(state, thread);
	}
	tell_wait(state, rec, io, thread, &cause);
	thread_wait_end(state, thread);
}

/*
 * In what context a waking was made, `*waker` being who runs on that CPU; NULL if that did not do it.
 * A sched_wakeup can come from the woken thread's CPU, which was only asked to put it on its queue.
 */
static struct context waking_context(struct state *state, const struct record *rec,
	const struct thread *woken, const struct thread **waker)
{
	struct context context = irq_context(state, rec, waker), threaded;
	bool hidden = context.kind == CONTEXT_THREAD ||
		      (context.kind == CONTEXT_IRQ && context.number == VALUE_ABSENT);

	threaded = irq_threaded(state, rec, woken);
	if (threaded.kind != CONTEXT_UNKNOWN) {
		context_drop(state->strings, &context);
		*waker = NULL;
		return threaded;
	}
	if (rec->kind != EV_sched_wakeup || (state->config.no_waking && !hidden))
		return context;
	if (!state->config.no_waking)
		*waker = NULL;
	context_drop(state->strings, &context);
	return context;
}

/* Notes who wakes a thread, `waker` being who runs where that happens (or NULL). */
static void note_waker(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, const struct thread *waker)
{
	struct context context = waking_context(state, rec, thread, &waker);
	struct task *task = &thread->task;
	struct thread *named = waker ? thread_current(state, rec) : NULL;
	const char *procname =
		named ? record_string(io->get, rec, F_sched_waking_ctx_procname) : NULL;

	/* It may have been renamed since it got its CPU. */
	if (procname)
		strpool_set(state->strings, &named->comm, procname);
	forget_wakeup(state, task);
	task->context = context;
	task->waker_tid = thread_tid(waker);
	task->waker_pid = thread_pid(waker);
	task->waker_utid = thread_utid(waker);
	task->waker_comm = waker ? strpool_ref(state->strings, waker->comm) : 0;
	if (!(state->config.wants & WANT_CAUSE))
		return;
	if (!thread_is_running(state, thread)) {
		task->cause = waits_cause(state, rec, thread, task->state, waker, &context);
		return;
	}
	/* How it will sleep, if it does, is told by the switch. */
	task->cause = waits_cause(state, rec, thread, PREV_INTERRUPTIBLE, waker, &context);
	task->blocked = waits_cause(state, rec, thread, PREV_UNINTERRUPTIBLE, waker, &context);
}

void sched_tell_open(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct record at = *rec;

	if (!emits(io, DERIVED_wakeup_open) && !emits(io, DERIVED_preempt_open))
		return;
	for (struct thread *thread = thread_after(state, 0); thread;
		thread = thread_after(state, thread->tid)) {
		const struct task *task = &thread->task;
		bool preempted;

		at.cpu = thread->cpu;
		at.time = thread_known_until(state, thread, rec->time);
		if (thread_is_running(state, thread) || !is_runnable(task))
			continue;
		preempted = task->state == PREV_RUNNABLE &&
			    !(task->woken && lost_since(state, task->off));
		if (preempted && task->off <= at.time && emits(io, DERIVED_preempt_open))
			EMIT(io, preempt_open, COMMON_OF(state, &at, thread), .begin = task->off,
				.duration = time_span(task->off, at.time), .prio = prio_of(thread));
		if (!preempted && task->wakeup <= at.time && emits(io, DERIVED_wakeup_open))
			EMIT(io, wakeup_open, COMMON_OF(state, &at, thread), .begin = task->wakeup,
				.duration = time_span(task->wakeup, at.time),
				.prio = prio_of(thread),
				WAKER_OF(task->context, task->waker_tid, task->waker_pid,
					task->waker_utid, task->waker_comm),
				.cause = cause_of(state, thread));
	}
}

/* A thread is woken, under any of the three names that there are for it. */
void on_sched_waking(struct state *state, const struct record *rec, const struct state_io *io)
{
	const struct thread *waker = task_of_event(
		state, rec, V(rec, sched_waking, ctx_tid), V(rec, sched_waking, ctx_pid));
	struct thread *thread = thread_ensure(state, V(rec, sched_waking, tid));
	int64_t prio = V(rec, sched_waking, prio);
	struct task *task;
	bool known;

	if (!thread)
		return;
	task = &thread->task;
	if (thread_is_running(state, thread)) {
		/* It does not sleep yet, and will not, if a sched_wakeup says so before it does. */
		if (rec->kind == EV_sched_waking)
			note_waker(state, rec, io, thread, waker);
		else if (task->early)
			forget_wakeup(state, task);
		task->early = rec->kind == EV_sched_waking;
		return;
	}
	/* The dead don't wake: this is somebody new, whose fork was not seen. */
	if (task->state == PREV_DEAD || task->state == PREV_ZOMBIE)
		thread_reuse(state, thread);
	if (!thread->comm)
		strpool_set(state->strings, &thread->comm,
			record_string(io->get, rec, F_sched_waking_comm));
	/* What is no priority anyway can be anything. */
	if (prio >= INT32_MIN && state->config.tracer != 0 &&
		state->config.tracer < TRACER_PRIO_OFFSET)
		prio -= PRIO_OFFSET;
	set_prio(state, rec, io, thread, prio);
	change_queue(state, rec, io, thread, V(rec, sched_waking, cpu));
	/* Who is woken again has run and slept since then, which nobody saw. */
	if (task->woken && rec->kind == EV_sched_waking && lost_since(state, task->wakeup)) {
		thread_wait_end(state, thread);
		task->woken = false;
		task->state = PREV_UNKNOWN;
	}
	if (task->woken)
		return;
	if (!task->early || rec->kind == EV_sched_waking)
		note_waker(state, rec, io, thread, waker);
	sync_wake(state, rec, io, thread, strpool_text(state->strings, task->waker_comm));
	known = task->waits;
	if (task->state != PREV_RUNNABLE)
		end_sleep(state, rec, io, thread);
	task->woken = true;
	task->wakeup = rec->time;
	if (emits(io, DERIVED_wakeup))
		EMIT(io, wakeup, COMMON_OF(state, rec, thread), .prio = prio_of(thread),
			.target_cpu = V(rec, sched_waking, cpu),
			WAKER_OF(task->context, task->waker_tid, task->waker_pid, task->waker_utid,
				task->waker_comm));
	tell_sleep(state, rec, io, thread);
	/* Unless it was known to sleep, it may be the one that runs where that is not known. */
	if (state->config.wants & WANT_STATES && task->state != PREV_RUNNABLE &&
		(known || is_settled(state)))
		begin_wait(state, rec, io, thread,
			run_queue_choose(state, thread, V(rec, sched_waking, cpu)));
}

void on_sched_wakeup(struct state *state, const struct record *rec, const struct state_io *io)
{
	G_STATIC_ASSERT((int)F_sched_wakeup_comm == (int)F_sched_waking_comm);
	G_STATIC_ASSERT((int)F_sched_wakeup_ctx_procname == (int)F_sched_waking_ctx_procname);
	on_sched_waking(state, rec, io);
}

void on_sched_wakeup_new(struct state *state, const struct record *rec, const struct state_io *io)
{
	G_STATIC_ASSERT((int)F_sched_wakeup_new_comm == (int)F_sched_waking_comm);
	G_STATIC_ASSERT((int)F_sched_wakeup_new_ctx_procname == (int)F_sched_waking_ctx_procname);
	irq_thread_acts(state, rec);
	on_sched_waking(state, rec, io);
}

void on_sched_migrate_task(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *thread = thread_ensure(state, V(rec, sched_migrate_task, tid));

	if (!thread)
		return;
	if (!thread->comm)
		strpool_set(state->strings, &thread->comm,
			record_string(io->get, rec, F_sched_migrate_task_comm));
	if (emits(io, DERIVED_migration))
		EMIT(io, migration, COMMON_OF(state, rec, thread),
			.orig_cpu = V(rec, sched_migrate_task, orig_cpu),
			.dest_cpu = V(rec, sched_migrate_task, dest_cpu));
	change_queue(state, rec, io, thread, V(rec, sched_migrate_task, dest_cpu));
	set_prio(state, rec, io, thread, V(rec, sched_migrate_task, prio));
}

void on_sched_pi_setprio(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *thread = thread_ensure(state, V(rec, sched_pi_setprio, tid));

	if (!thread)
		return;
	if (!thread->comm)
		strpool_set(state->strings, &thread->comm,
			record_string(io->get, rec, F_sched_pi_setprio_comm));
	if (!thread->task.has_prio)
		set_prio(state, rec, io, thread, V(rec, sched_pi_setprio, oldprio));
	set_prio(state, rec, io, thread, V(rec, sched_pi_setprio, newprio));
}
