/*
 * Threads and CPUs: who exists, what is known of each, and who runs where.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/process.h"

#include "state/image.h"
#include "state/inspect.h"
#include "state/model.h"
#include "state/syscall_table.h"

#include <string.h>

/* Fuzzers make many small models. */
#ifndef TID_PAGE
#define TID_PAGE 1024
#endif
#define TID_PAGES (TID_MAX / TID_PAGE + 1)

const char *const prev_state_names[PREV_STATES] = {
	[PREV_RUNNABLE] = "runnable",
	[PREV_INTERRUPTIBLE] = "interruptible",
	[PREV_UNINTERRUPTIBLE] = "uninterruptible",
	[PREV_STOPPED] = "stopped",
	[PREV_TRACED] = "traced",
	[PREV_DEAD] = "dead",
	[PREV_ZOMBIE] = "zombie",
	[PREV_PARKED] = "parked",
	[PREV_IDLE] = "idle",
};

void process_init(struct process_model *model)
{
	pool_init(&model->threads, sizeof(struct thread));
	model->lost = INT64_MIN;
	model->streams = g_array_new(FALSE, TRUE, sizeof(struct recording));
	model->tids = g_new0(uint32_t *, TID_PAGES);
	model->forks = g_new0(uint32_t *, TID_PAGES);
	model->renamed = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	model->cpus = g_array_new(FALSE, FALSE, sizeof(struct cpu));
}

void process_clear(struct state *state)
{
	struct process_model *model = &state->process;

	g_hash_table_destroy(model->renamed);
	for (int i = 0; i < TID_PAGES; i++) {
		g_free(model->tids[i]);
		g_free(model->forks[i]);
	}
	g_free(model->tids);
	g_free(model->forks);
	g_array_free(model->cpus, TRUE);
	g_array_free(model->streams, TRUE);
	pool_clear(&model->threads);
}

/* Where pages keep the number of a TID; NULL if the page is not there and not to be made. */
static uint32_t *slot_in(uint32_t **pages, int64_t tid, bool make)
{
	uint32_t **page;

	if (tid <= 0 || tid > TID_MAX)
		return NULL;
	page = &pages[tid / TID_PAGE];
	if (!*page) {
		if (!make)
			return NULL;
		*page = g_new0(uint32_t, TID_PAGE);
	}
	return &(*page)[tid % TID_PAGE];
}

static uint32_t *tid_slot(const struct process_model *model, int64_t tid, bool make)
{
	return slot_in(model->tids, tid, make);
}

int64_t process_number(const struct state *state, int64_t tid)
{
	const uint32_t *forks = slot_in(state->process.forks, tid, false);

	if (tid < 0 || tid > TID_MAX)
		return VALUE_ABSENT;
	return tid + (forks ? (int64_t)*forks * TID_MAX : 0);
}

int64_t thread_upid(const struct state *state, const struct thread *thread)
{
	int64_t pid = thread_pid(thread);

	return pid == VALUE_ABSENT ? pid : process_number(state, pid);
}

struct thread *thread_at(const struct state *state, uint32_t index)
{
	return index ? pool_at(&state->process.threads, index) : NULL;
}

struct thread *thread_find(const struct state *state, int64_t tid)
{
	uint32_t *slot = tid_slot(&state->process, tid, false);

	return slot ? thread_at(state, *slot) : NULL;
}

struct thread *thread_ensure(struct state *state, int64_t tid)
{
	uint32_t *slot = tid_slot(&state->process, tid, true);
	struct thread *thread;

	if (!slot)
		return NULL;
	if (*slot)
		return thread_at(state, *slot);
	*slot = pool_add(&state->process.threads);
	state->process.alive++;
	thread = thread_at(state, *slot);
	thread->tid = (int32_t)tid;
	thread->utid = process_number(state, tid);
	thread->pid = PID_UNKNOWN;
	thread->cpu = CPU_UNKNOWN;
	return thread;
}

struct thread *thread_after(const struct state *state, int64_t tid)
{
	for (int64_t i = tid < 0 ? 0 : tid + 1; i <= TID_MAX; i++) {
		const uint32_t *page = state->process.tids[i / TID_PAGE];

		if (!page)
			i += TID_PAGE - i % TID_PAGE - 1;
		else if (page[i % TID_PAGE])
			return thread_at(state, page[i % TID_PAGE]);
	}
	return NULL;
}

void thread_doubt(struct state *state, struct thread *thread, enum name_doubt doubt)
{
	if (!(state->config.wants & WANT_NAMES))
		return;
	state->process.doubted += thread->doubt == NAME_SURE;
	thread->doubt = MAX(thread->doubt, doubt);
}

void thread_trust(struct state *state, struct thread *thread)
{
	state->process.doubted -= thread->doubt != NAME_SURE;
	thread->doubt = NAME_SURE;
}

/* What a TID is called last, 0 if that is not one thing only; with a reference of its own. */
static void set_renamed(struct state *state, int64_t tid, strid name)
{
	GHashTable *renamed = state->process.renamed;

	strpool_unref(state->strings, GPOINTER_TO_UINT(g_hash_table_lookup(renamed, &tid)));
	g_hash_table_insert(renamed, g_memdup2(&tid, sizeof(tid)),
		GUINT_TO_POINTER(strpool_ref(state->strings, name)));
}

/* Whether a TID got another name since the window began; what it is called now, or 0. */
static bool is_renamed(const struct state *state, int64_t tid, strid *name)
{
	gpointer found = NULL;
	bool is = g_hash_table_lookup_extended(state->process.renamed, &tid, NULL, &found);

	*name = GPOINTER_TO_UINT(found);
	return is;
}

void thread_name(struct state *state, struct thread *thread, const char *name)
{
	strid before = thread->comm, known;
	bool renamed, another = thread->exited || !before;

	if (!name)
		return;
	strpool_set(state->strings, &thread->comm, name);
	if (before == thread->comm || thread->tid <= 0)
		return;
	renamed = is_renamed(state, thread->tid, &known);
	/* Somebody else had the number before, and was called otherwise. */
	if (another && (before || renamed))
		set_renamed(state, thread->tid, 0);
	else if (!another && (!renamed || known))
		set_renamed(state, thread->tid, thread->comm);
}

void names_forget(struct state *state)
{
	GHashTableIter iter;
	gpointer name;

	g_hash_table_iter_init(&iter, state->process.renamed);
	while (g_hash_table_iter_next(&iter, NULL, &name)) {
		strpool_unref(state->strings, GPOINTER_TO_UINT(name));
		g_hash_table_iter_remove(&iter);
	}
}

void state_each_renamed(const struct state *state,
	void (*tell)(void *data, int64_t tid, const char *name), void *data)
{
	GHashTableIter iter;
	gpointer tid, name;

	g_hash_table_iter_init(&iter, state->process.renamed);
	while (g_hash_table_iter_next(&iter, &tid, &name))
		if (name)
			tell(data, *(int64_t *)tid,
				strpool_text(state->strings, GPOINTER_TO_UINT(name)));
}

void thread_learn_name(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *thread = thread_current(state, rec);

	if (thread && thread->doubt != NAME_SURE && !event_kind_is_of_stream(rec->kind))
		thread_name(state, thread, record_string(io->get, rec, F_PROCNAME));
}

bool thread_is_kernel(const struct thread *thread)
{
	return thread->kernel || thread->tid == TID_KTHREADD;
}

void thread_set_parent(const struct state *state, struct thread *thread, int64_t ppid)
{
	if (ppid < 0 || ppid > TID_MAX)
		return;
	thread->ppid = (int32_t)ppid;
	thread->parent = process_number(state, ppid);
}

const struct thread *thread_parent(const struct state *state, const struct thread *thread)
{
	const struct thread *leader = thread_find(state, thread_pid(thread)), *parent;

	leader = leader ?: thread;
	/* A further thread: its process is known, but not the parent of that. */
	if (leader->ppid <= 0 || leader->ppid == leader->pid)
		return NULL;
	parent = thread_find(state, leader->ppid);
	/* The PID may have been reused. */
	return parent && !parent->exited && parent->utid == leader->parent ? parent : NULL;
}

strid thread_process(const struct state *state, const struct thread *thread)
{
	const struct thread *leader;

	if (!thread || thread->pid == thread->tid || !(state->config.wants & WANT_NAMES))
		return thread_comm(thread);
	leader = thread_find(state, thread->pid);
	return leader && leader->comm ? leader->comm : thread->comm;
}

struct thread *ring_owner(const struct state *state, const char *comm)
{
	static const char *const workers[] = {"iou-wrk-", "iou-sqp-"};

	for (size_t i = 0; comm && i < G_N_ELEMENTS(workers); i++)
		if (g_str_has_prefix(comm, workers[i]))
			return thread_find(
				state, g_ascii_strtoll(comm + strlen(workers[i]), NULL, 10));
	return NULL;
}

const struct thread *thread_member(const struct state *state, const struct thread *thread)
{
	const struct thread *owner;

	if (!thread || thread->pid != PID_UNKNOWN)
		return thread;
	owner = ring_owner(state, strpool_text(state->strings, thread->comm));
	return owner ?: thread;
}

void thread_each(const struct state *state, void (*each)(void *data, const struct thread *thread),
	void *data)
{
	for (int i = 0; i < TID_PAGES; i++) {
		const uint32_t *page = state->process.tids[i];

		for (int k = 0; page && k < TID_PAGE; k++)
			if (page[k])
				each(data, thread_at(state, page[k]));
	}
}

struct spot spot_of_number(const struct state *state, int64_t tid, int64_t utid)
{
	const struct thread *thread = thread_find(state, tid);

	return thread_spot(state, thread && thread->utid == utid ? thread : NULL);
}

struct owner thread_owner(const struct state *state, const struct thread *thread)
{
	const struct thread *member = thread_member(state, thread);

	return (struct owner){thread_tid(thread), thread_pid(member), thread_utid(thread),
		thread_upid(state, member), thread_comm(thread), thread_process(state, member)};
}

uint32_t thread_files(struct state *state, struct thread *thread)
{
	if (!thread->files)
		thread->files = files_new(state);
	return thread->files;
}

/* ---- Threads that wait ---- */

/* The first one of a list of waiting threads. */
static uint32_t *first_waiting(struct state *state, uint32_t place)
{
	return place == PLACE_RUNNABLE ? &state->process.runnable
				       : &cpu_at(state, (int32_t)place - 1)->sleeping;
}

/* A thread is on the queue of a CPU, if there is that one. */
static void enter_queue(struct state *state, struct task *task)
{
	if (cpu_find(state, task->queue))
		cpu_at(state, task->queue)->queued++;
	else
		task->queue = CPU_UNKNOWN;
}

void thread_wait(struct state *state, struct thread *thread, bool runnable, int32_t queue)
{
	struct task *task = &thread->task;
	uint32_t *slot = tid_slot(&state->process, thread->tid, false), *first;

	thread_wait_end(state, thread);
	task->waits = true;
	task->queue = queue;
	if (!slot || (!runnable && !cpu_at(state, thread->cpu)))
		return;
	task->place = runnable ? PLACE_RUNNABLE : (uint32_t)thread->cpu + 1;
	if (runnable)
		enter_queue(state, task);
	first = first_waiting(state, task->place);
	task->next = *first;
	if (task->next)
		thread_at(state, task->next)->task.prev = *slot;
	*first = *slot;
}

void thread_wait_end(struct state *state, struct thread *thread)
{
	struct task *task = &thread->task;

	task->waits = false;
	if (!task->place)
		return;
	if (task->place == PLACE_RUNNABLE && task->queue != CPU_UNKNOWN)
		cpu_at(state, task->queue)->queued--;
	if (task->next)
		thread_at(state, task->next)->task.prev = task->prev;
	if (task->prev)
		thread_at(state, task->prev)->task.next = task->next;
	else
		*first_waiting(state, task->place) = task->next;
	task->place = task->prev = task->next = 0;
}

/* ---- What threads hold ---- */

void task_drop(struct state *state, struct task *task)
{
	strpool_unref(state->strings, task->waker_comm);
	context_drop(state->strings, &task->context);
	cause_drop(state->strings, &task->cause);
	cause_drop(state->strings, &task->blocked);
	memset(task, 0, sizeof(*task));
}

void thread_forget_waits(struct state *state, struct thread *thread)
{
	deed_drop(state->strings, &thread->deed);
	strpool_unref(state->strings, thread->closed.path);
	thread->closed = (struct file){0};
	cause_drop(state->strings, &thread->call_waits.cause);
	thread->call_waits = (struct call_waits){0};
}

void thread_reset(struct state *state, struct thread *thread)
{
	int32_t tid = thread->tid;
	int64_t utid = thread->utid;
	uint32_t on = thread->on;

	thread_trust(state, thread);
	call_drop(state, &thread->call);
	thread_wait_end(state, thread);
	task_drop(state, &thread->task);
	thread_forget_waits(state, thread);
	files_unref(state, thread->files);
	spaces_drop(state, &thread->spaces);
	strpool_unref(state->strings, thread->comm);
	strpool_unref(state->strings, thread->mapped);
	memset(thread, 0, sizeof(*thread));
	thread->on = on;
	thread->tid = tid;
	thread->utid = utid;
	thread->pid = PID_UNKNOWN;
	thread->cpu = CPU_UNKNOWN;
}

void thread_renew(struct state *state, struct thread *thread)
{
	uint32_t *forks = slot_in(state->process.forks, thread->tid, true);

	*forks += *forks < UINT32_MAX;
	thread_reset(state, thread);
	thread->utid = process_number(state, thread->tid);
}

void thread_reuse(struct state *state, struct thread *thread)
{
	strid comm = strpool_ref(state->strings, thread->comm);
	int32_t cpu = thread->cpu;

	thread_renew(state, thread);
	thread_doubt(state, thread, NAME_UNTIL_SWITCH);
	thread->comm = comm;
	thread->cpu = cpu;
}

/* Another thread runs on a CPU: that of this number, or (0) none. */
static void cpu_set_thread(struct state *state, struct cpu *cpu, uint32_t index)
{
	if (cpu->thread)
		thread_at(state, cpu->thread)->on--;
	cpu->thread = index;
	if (index)
		thread_at(state, index)->on++;
}

/* A thread runs on no CPU any more. */
static void thread_leave_cpus(struct state *state, struct thread *thread, uint32_t index)
{
	GArray *cpus = state->process.cpus;

	/* It can be on more than the last one only if events are missing. */
	if (thread->on && thread->cpu >= 0 && (guint)thread->cpu < cpus->len) {
		struct cpu *cpu = &g_array_index(cpus, struct cpu, thread->cpu);

		if (cpu->thread == index)
			cpu_set_thread(state, cpu, 0);
	}
	for (guint i = 0; thread->on && i < cpus->len; i++)
		if (g_array_index(cpus, struct cpu, i).thread == index)
			cpu_set_thread(state, &g_array_index(cpus, struct cpu, i), 0);
}

void thread_remove(struct state *state, struct thread *thread)
{
	uint32_t *slot = tid_slot(&state->process, thread->tid, false);
	uint32_t index = *slot;

	thread_leave_cpus(state, thread, index);
	thread_reset(state, thread);
	*slot = 0;
	pool_remove(&state->process.threads, index);
	state->process.alive--;
}

struct cpu *cpu_at(struct state *state, int32_t number)
{
	GArray *cpus = state->process.cpus;

	if (number < 0 || number >= CPU_MAX)
		return NULL;
	while (cpus->len <= (guint)number)
		g_array_append_vals(cpus,
			&(struct cpu){.tid = -1,
				.gap_end = INT64_MIN,
				.blind_end = INT64_MIN,
				.ended = INT64_MAX,
				.since = INT64_MIN,
				.queue_told = INT64_MIN,
				.blind = INT64_MAX,
				.sees = INT64_MAX},
			1);
	return &g_array_index(cpus, struct cpu, number);
}

const struct cpu *cpu_find(const struct state *state, int32_t number)
{
	if (number < 0 || (guint)number >= state->process.cpus->len)
		return NULL;
	return &g_array_index(state->process.cpus, struct cpu, number);
}

/* Whether events of a CPU are missing at the moment: not, if its stream has ended. */
static bool is_missing(const struct cpu *cpu)
{
	return cpu->gap_end == INT64_MAX;
}

/* Events of a CPU are missing until then, INT64_MAX if they are at the moment. */
static void cpu_set_gap(struct state *state, struct cpu *cpu, int64_t end)
{
	state->process.missing -= is_missing(cpu);
	cpu->gap_end = end;
	state->process.missing += is_missing(cpu);
}

/* The same for context switches only. */
static void cpu_set_blind(struct state *state, struct cpu *cpu, int64_t end)
{
	state->process.blind -= cpu->blind_end == INT64_MAX;
	cpu->blind_end = end;
	state->process.blind += cpu->blind_end == INT64_MAX;
}

bool lost_since(const struct state *state, int64_t time)
{
	return time < state->process.lost || state->process.missing > 0;
}

int64_t cpu_gap_end(const struct state *state, int32_t number)
{
	const struct cpu *cpu = cpu_find(state, number);

	if (!cpu)
		return INT64_MIN;
	return cpu->ended < INT64_MAX ? INT64_MAX : cpu->gap_end;
}

int64_t cpu_blind_end(const struct state *state, int32_t number)
{
	const struct cpu *cpu = cpu_find(state, number);

	if (!cpu)
		return INT64_MIN;
	return cpu->ended < INT64_MAX ? INT64_MAX : cpu->blind_end;
}

int64_t thread_known_until(const struct state *state, const struct thread *thread, int64_t time)
{
	const struct cpu *cpu = cpu_find(state, thread->cpu);

	if (!cpu)
		return time;
	if (MAX(cpu->gap_end, cpu->blind_end) > MAX(thread->left, thread->task.wakeup))
		return thread_is_running(state, thread) ? time : INT64_MIN;
	return MIN(time, cpu->ended);
}

bool cpu_has_ended(const struct state *state, int32_t number)
{
	const struct cpu *cpu = cpu_find(state, number);

	return cpu && cpu->ended < INT64_MAX;
}

/* Nothing is known of who runs on a CPU from now on. */
static void cpu_forget(struct state *state, struct cpu *cpu, int64_t time)
{
	struct thread *thread = thread_at(state, cpu->thread);

	if (thread)
		thread->left = time;
	cpu_set_thread(state, cpu, 0);
	if (cpu->stand_in) {
		thread_reset(state, thread_at(state, cpu->stand_in));
		pool_remove(&state->process.threads, cpu->stand_in);
	}
	cpu->tid = -1;
	cpu->stand_in = 0;
}

void cpu_lose(struct state *state, const struct record *rec)
{
	struct cpu *cpu = cpu_at(state, rec->cpu);
	struct thread *thread;

	cpu_forget(state, cpu, rec->time);
	cpu->stand_in = pool_add(&state->process.threads);
	cpu_set_thread(state, cpu, cpu->stand_in);
	thread = thread_at(state, cpu->stand_in);
	thread->tid = TID_UNKNOWN;
	thread->pid = PID_UNKNOWN;
	thread_doubt(state, thread, NAME_UNTIL_SWITCH);
}

bool cpu_is_idle(const struct state *state, const struct record *rec)
{
	const struct cpu *cpu = cpu_find(state, rec->cpu);

	return cpu && cpu->tid == 0;
}

/*
 * Whether a thread that comes to `cpu` can have run since it was last seen to, without our knowing:
 * while events were missing there, or where it was before.
 */
static bool may_have_run(
	const struct state *state, const struct thread *thread, const struct cpu *cpu)
{
	return cpu->gap_end > thread->left || cpu->ended < INT64_MAX ||
	       cpu_gap_end(state, thread->cpu) > thread->left;
}

struct thread *cpu_run(struct state *state, const struct record *rec, int64_t tid)
{
	struct thread *thread = thread_ensure(state, tid);
	struct cpu *cpu = cpu_at(state, rec->cpu);

	if (!cpu)
		return thread;
	cpu_forget(state, cpu, rec->time);
	cpu->known = true;
	cpu->tid = thread || tid == 0 ? (int32_t)tid : -1;
	if (!thread)
		return NULL;
	cpu_set_thread(state, cpu, *tid_slot(&state->process, tid, false));
	thread_wait_end(state, thread);
	if (!thread->comm)
		thread_doubt(state, thread, NAME_UNTIL_SWITCH);
	if ((thread->call.id != SYSCALL_ANY || thread->call.between || thread->within) &&
		may_have_run(state, thread, cpu)) {
		call_drop(state, &thread->call);
		thread->within = SYSCALL_ANY;
	}
	thread->cpu = rec->cpu;
	return thread;
}

struct thread *cpu_correct(struct state *state, const struct record *rec, int64_t tid)
{
	const struct cpu *cpu = cpu_find(state, rec->cpu);
	struct thread *stand_in = cpu ? thread_at(state, cpu->stand_in) : NULL;
	bool contradicts = cpu && cpu->tid >= 0 && cpu->tid != tid;
	struct call call = {.id = SYSCALL_ANY};
	int32_t pid = PID_UNKNOWN;
	struct thread *thread;

	if (stand_in) {
		call = stand_in->call;
		pid = stand_in->pid;
		memset(&stand_in->call, 0, sizeof(stand_in->call));
	}
	if (contradicts) {
		state->process.unrecorded.contradicts++;
		cpu_doubt(state, rec);
	}
	thread = cpu_run(state, rec, tid);
	if (!thread) {
		call_drop(state, &call);
		return NULL;
	}
	if (pid != PID_UNKNOWN)
		thread_set_pid(state, thread, pid);
	call_drop(state, &thread->call);
	thread_forget_waits(state, thread);
	thread->call = call;
	sync_call_move(state, thread->call.sync, thread->tid);
	return thread;
}

void cpu_doubt(struct state *state, const struct record *rec)
{
	struct cpu *cpu = cpu_at(state, rec->cpu);

	if (!cpu || cpu->tid < 0 || cpu->since == INT64_MIN)
		return;
	cpu->blind = MIN(cpu->blind, cpu->since);
	cpu->sees = rec->time;
}

void cpu_begin(struct state *state, const struct record *rec)
{
	struct cpu *cpu = cpu_at(state, rec->cpu);

	if (!cpu)
		return;
	cpu->known = true;
	cpu->ended = INT64_MAX;
	cpu_set_gap(state, cpu, MAX(cpu->gap_end, rec->time));
	cpu_set_blind(state, cpu, MAX(cpu->blind_end, rec->time));
	/* Whoever runs there until its first switch makes calls, too. */
	if (!cpu->thread && cpu->tid != 0)
		cpu_lose(state, rec);
}

void cpu_end(struct state *state, const struct record *rec)
{
	struct cpu *cpu = cpu_at(state, rec->cpu);

	if (cpu)
		cpu->ended = rec->time;
}

void cpu_gap(struct state *state, const struct record *rec, int64_t end, bool switches)
{
	struct cpu *cpu = cpu_at(state, rec->cpu);
	struct thread *thread = thread_current(state, rec);

	if (!cpu)
		return;
	if (thread) {
		call_drop(state, &thread->call);
		thread->within = SYSCALL_ANY;
	}
	cpu_set_gap(state, cpu, end);
	if (!switches)
		return;
	cpu->known = true;
	cpu_set_blind(state, cpu, end);
	cpu_lose(state, rec);
}

struct thread *thread_current(const struct state *state, const struct record *rec)
{
	const struct cpu *cpu = cpu_find(state, rec->cpu);

	return cpu ? thread_at(state, cpu->thread) : NULL;
}

struct thread *thread_of_event(
	struct state *state, const struct record *rec, int64_t ctx_tid, int64_t ctx_pid)
{
	struct thread *thread = thread_current(state, rec);

	if (ctx_tid != VALUE_ABSENT) {
		if (!thread || thread->tid != ctx_tid) {
			cpu_doubt(state, rec);
			thread = cpu_run(state, rec, ctx_tid);
		}
		if (thread && ctx_pid != VALUE_ABSENT)
			thread_set_pid(state, thread, ctx_pid);
		return thread;
	}
	if (ctx_pid == VALUE_ABSENT || (!thread && !cpu_is_idle(state, rec)))
		return thread;
	/* Another process than we think, or none: a context switch is missing. */
	if (!thread || (thread->pid != PID_UNKNOWN && thread->pid != ctx_pid)) {
		cpu_doubt(state, rec);
		cpu_lose(state, rec);
	}
	thread = thread_current(state, rec);
	thread_set_pid(state, thread, ctx_pid);
	return thread;
}

const struct thread *task_on(struct state *state, int32_t number)
{
	struct cpu *cpu = number >= 0 && (guint)number < state->process.cpus->len
				  ? cpu_at(state, number)
				  : NULL;
	char comm[COMM_MAX + 1];
	struct thread *swapper;

	if (!cpu || cpu->tid != 0)
		return cpu ? thread_at(state, cpu->thread) : NULL;
	if (!cpu->swapper) {
		cpu->swapper = pool_add(&state->process.threads);
		swapper = thread_at(state, cpu->swapper);
		g_snprintf(comm, sizeof(comm), "swapper/%d", number);
		strpool_set(state->strings, &swapper->comm, comm);
	}
	return thread_at(state, cpu->swapper);
}

const struct thread *task_current(struct state *state, const struct record *rec)
{
	return task_on(state, rec->cpu);
}

const struct thread *task_of_event(
	struct state *state, const struct record *rec, int64_t ctx_tid, int64_t ctx_pid)
{
	const struct thread *thread = thread_current(state, rec);
	bool idle = ctx_tid == 0 || (ctx_tid == VALUE_ABSENT && ctx_pid == 0);

	/* Who has exited has no number any more, while it is still running. */
	if (idle && !(thread && thread->exited) && !cpu_is_idle(state, rec)) {
		cpu_doubt(state, rec);
		cpu_run(state, rec, 0);
	} else if (!idle)
		thread_of_event(state, rec, ctx_tid, ctx_pid);
	return task_current(state, rec);
}

bool thread_is_running(const struct state *state, const struct thread *thread)
{
	const struct cpu *cpu = cpu_find(state, thread->cpu);

	return cpu && cpu->thread && thread_at(state, cpu->thread) == thread;
}

bool thread_claim_pid(struct state *state, struct thread *thread, int64_t pid)
{
	if (pid <= 0 || pid > TID_MAX || thread->pid == pid)
		return false;
	/* A TID does not change its process: this is somebody new, whose fork was not seen. */
	if (thread->pid != PID_UNKNOWN)
		thread_reset(state, thread);
	thread->pid = (int32_t)pid;
	return true;
}

/* A further thread of a process uses the descriptors of the first one. */
static void thread_join_leader(struct state *state, struct thread *thread)
{
	struct thread *leader;

	if (thread->pid == thread->tid || !(state->config.wants & WANT_FILES))
		return;
	leader = thread_ensure(state, thread->pid);
	leader->pid = thread->pid;
	if (thread->files && thread->files == leader->files)
		return;
	if (thread->files)
		files_merge(state, thread_files(state, leader), thread->files);
	files_unref(state, thread->files);
	thread->files = files_ref(state, thread_files(state, leader));
}

void thread_set_pid(struct state *state, struct thread *thread, int64_t pid)
{
	if (thread_claim_pid(state, thread, pid))
		thread_join_leader(state, thread);
}

/* ---- Views ---- */

/* 0 is no number of a descriptor table that has not been made. */
static int64_t count_fds(const struct state *state, const struct thread *thread)
{
	return thread->files ? files_count(state, thread->files) : VALUE_ABSENT;
}

static int64_t or_absent(int64_t number, bool known)
{
	return known ? number : VALUE_ABSENT;
}

/* What a thread does, as in sched_slice, and since when; NULL and VALUE_ABSENT if not known. */
static void task_show(
	const struct state *state, const struct thread *thread, const char **name, int64_t *since)
{
	const struct task *task = &thread->task;

	*name = prev_state_names[task->state];
	*since = task->state != PREV_UNKNOWN ? task->off : VALUE_ABSENT;
	if (thread_is_running(state, thread)) {
		*name = "running";
		*since = cpu_find(state, thread->cpu)->since;
	} else if (task->woken) {
		*name = prev_state_names[PREV_RUNNABLE];
		*since = task->wakeup;
	}
}

static void show_thread(
	const struct state *state, const struct thread *thread, const struct view_sink *sink)
{
	static const struct context unknown = {0};
	const struct task *task = &thread->task;
	const struct context *context = task->woken ? &task->context : &unknown;
	const struct call *call = &thread->call;
	bool calls = call->id != SYSCALL_ANY;
	const struct thread *parent = thread_parent(state, thread);
	struct spot spot = thread_spot(state, thread);
	struct view_thread row = {
		.tid = thread->tid,
		.pid = thread_pid(thread),
		.ppid = thread_tid(parent),
		.procname = thread->comm,
		.process = thread_process(state, thread),
		.cpu = or_absent(thread->cpu, thread->cpu >= 0),
		.prio = or_absent(task->prio, task->has_prio),
		.syscall = calls ? call_name(state, call->id) : NULL,
		.begin = or_absent(call->begin, calls),
		.fd = or_absent(call->fd, calls && call->fd >= 0),
		.path = call->file.path ?: call->path,
		.count = or_absent(call->count, calls),
		.waker_tid = or_absent(task->waker_tid, task->woken),
		.waker_procname = task->woken ? task->waker_comm : 0,
		.context = context_names[context->kind],
		.irq = context_irq(context),
		.irq_name = context->name,
		.softirq = context_softirq(context),
		.fds = count_fds(state, thread),
		.container = container_label(container_in(&state->namespaces, spot.container)),
		.vtid = or_absent(spot.vtid, spot.vtid > 0),
		.vpid = or_absent(spot.vpid, spot.vpid > 0),
		.pid_ns_levels = spaces_levels(state, thread->spaces),
		.exited = thread->exited,
		.lost = calls && lost_since(state, call->begin),
	};

	task_show(state, thread, &row.state, &row.since);
	sink->row(sink->data, &row);
}

void thread_inspect(const struct state *state, int64_t of, const struct view_sink *sink)
{
	(void)of;
	for (int i = 0; i < TID_PAGES; i++) {
		const uint32_t *page = state->process.tids[i];

		for (int k = 0; page && k < TID_PAGE; k++)
			if (page[k])
				show_thread(state, thread_at(state, page[k]), sink);
	}
}

void fd_inspect(const struct state *state, int64_t of, const struct view_sink *sink)
{
	const struct thread *thread = thread_find(state, of);

	if (thread)
		files_inspect(state, thread->files, sink);
}

void cpu_inspect(const struct state *state, int64_t of, const struct view_sink *sink)
{
	(void)of;
	for (guint i = 0; i < state->process.cpus->len; i++) {
		const struct cpu *cpu = &g_array_index(state->process.cpus, struct cpu, i);
		const struct thread *thread = thread_at(state, cpu->thread);
		bool calls = thread && thread->call.id != SYSCALL_ANY;
		bool prio = thread && thread->task.has_prio;
		struct view_cpu row = {
			.cpu = i,
			.tid = thread ? thread_tid(thread) : or_absent(cpu->tid, cpu->tid >= 0),
			.pid = thread ? thread_pid(thread) : VALUE_ABSENT,
			.procname = thread_comm(thread),
			.prio = prio ? thread->task.prio : VALUE_ABSENT,
			.since = cpu->since,
			.syscall = calls ? call_name(state, thread->call.id) : NULL,
			.lost = is_missing(cpu),
		};

		if (cpu->known)
			sink->row(sink->data, &row);
	}
}

/* ---- Images ---- */

static void task_image(struct image *image, struct task *task)
{
	struct codec *codec = image->codec;

	codec_bool(codec, &task->has_prio);
	codec_bool(codec, &task->woken);
	codec_bool(codec, &task->early);
	codec_u8(codec, &task->state);
	if (task->state >= PREV_STATES) {
		codec_fail(codec, "the state of a thread is unknown");
		task->state = PREV_UNKNOWN;
	}
	codec_i32(codec, &task->prio);
	codec_time(codec, &task->off);
	codec_time(codec, &task->got);
	codec_i64(codec, &task->wait);
	codec_i64(codec, &task->delay);
	codec_time(codec, &task->wakeup);
	codec_i64(codec, &task->waker_tid);
	codec_i64(codec, &task->waker_pid);
	codec_i64(codec, &task->waker_utid);
	image_string(image, &task->waker_comm);
	codec_bool(codec, &task->waits);
	codec_i32(codec, &task->queue);
	codec_time(codec, &task->queued);
	context_image(image, &task->context);
	cause_image(image, &task->cause);
	cause_image(image, &task->blocked);
}

static void dirtying_image(struct image *image, struct dirtying *dirtying)
{
	struct codec *codec = image->codec;

	image_past_number(image, &dirtying->run, IMAGE_RUNS);
	codec_u32(codec, &dirtying->serial);
	codec_u32(codec, &dirtying->generation);
	codec_time(codec, &dirtying->call);
	codec_time(codec, &dirtying->buffer_time);
	codec_i64(codec, &dirtying->buffer.space);
	codec_i64(codec, &dirtying->buffer.begin);
	codec_time(codec, &dirtying->fault);
	codec_i64(codec, &dirtying->limit);
}

static void flusher_image(struct image *image, struct flusher *flusher)
{
	struct codec *codec = image->codec;

	codec_bool(codec, &flusher->writes);
	codec_time(codec, &flusher->write_begin);
	codec_i64(codec, &flusher->write_dev);
	codec_bool(codec, &flusher->reclaims);
	codec_time(codec, &flusher->reclaim_begin);
	codec_amount(codec, &flusher->freed);
	codec_time(codec, &flusher->off);
	codec_i64(codec, &flusher->asleep);
	codec_i64(codec, &flusher->nid);
}

static void contended_image(struct image *image, struct thread *thread)
{
	struct codec *codec = image->codec;

	codec_u8(codec, &thread->n_contended);
	if (thread->n_contended > CONTENDED_MAX) {
		codec_fail(codec, "a thread waits for too many locks");
		thread->n_contended = 0;
	}
	for (unsigned int i = 0; i < thread->n_contended; i++) {
		codec_i64(codec, &thread->contended[i].lock);
		codec_time(codec, &thread->contended[i].since);
		codec_i64(codec, &thread->contended[i].flags);
	}
}

static void thread_image(struct image *image, uint32_t index, void *item)
{
	struct codec *codec = image->codec;
	struct thread *thread = item;
	uint32_t *slot;

	codec_i32(codec, &thread->tid);
	codec_i32(codec, &thread->pid);
	codec_i32(codec, &thread->ppid);
	codec_i64(codec, &thread->parent);
	image_string(image, &thread->comm);
	image_number(image, &thread->files, IMAGE_TABLES);
	image_number(image, &thread->spaces, IMAGE_SPACES);
	codec_bool(codec, &thread->exited);
	codec_bool(codec, &thread->kernel);
	codec_u16(codec, &thread->within);
	if (thread->within > SYSCALL_ROWS + image->state->call.names->len)
		codec_fail(codec, "a system call number is unknown");
	codec_bool(codec, &thread->own_mounts);
	codec_u8(codec, &thread->doubt);
	if (thread->doubt >= NAME_DOUBTS)
		codec_fail(codec, "a name flag of a thread is unknown");
	codec_i32(codec, &thread->cpu);
	codec_time(codec, &thread->left);
	call_image(image, &thread->call);
	task_image(image, &thread->task);
	deed_image(image, &thread->deed);
	codec_bool(codec, &thread->asks_disk);
	codec_time(codec, &thread->blocked);
	codec_i64(codec, &thread->call_waits.waited);
	codec_i64(codec, &thread->call_waits.longest);
	cause_image(image, &thread->call_waits.cause);
	file_image(image, &thread->closed);
	image_string(image, &thread->mapped);
	dirtying_image(image, &thread->dirtying);
	flusher_image(image, &thread->flusher);
	contended_image(image, thread);
	if (!image_reads(image))
		return;
	thread->utid = process_number(image->state, thread->tid);
	files_ref(image->state, thread->files);
	image->state->process.doubted += thread->doubt != NAME_SURE;
	if (thread->tid == 0 || thread->tid == TID_UNKNOWN)
		return;
	slot = tid_slot(&image->state->process, thread->tid, true);
	if (!slot || *slot) {
		codec_fail(codec, "two threads have the same TID");
		return;
	}
	*slot = index;
	image->state->process.alive++;
}

/* A thread that a CPU has for itself, instead of one with a TID; or 0. */
static void own_thread_image(struct image *image, uint32_t *index, int32_t tid)
{
	image_number(image, index, IMAGE_THREADS);
	if (!image_reads(image) || !*index)
		return;
	if (thread_at(image->state, *index)->tid != tid)
		codec_fail(image->codec, "a CPU runs a thread that runs on another CPU");
	image->alive[IMAGE_THREADS][*index] = false;
}

/* The list of waiting threads of a place. */
static void waiting_image(struct image *image, uint32_t *first, uint32_t place)
{
	uint32_t index = *first, prev = 0, *link = first;

	for (;;) {
		struct thread *thread;

		image_number(image, &index, IMAGE_THREADS);
		if (!index || image->codec->failed)
			return;
		thread = thread_at(image->state, index);
		if (image_reads(image)) {
			if (!thread->task.waits || thread->task.place || thread->tid <= 0) {
				codec_fail(image->codec, "a waiting thread is invalid");
				return;
			}
			*link = index;
			thread->task.place = place;
			if (place == PLACE_RUNNABLE)
				enter_queue(image->state, &thread->task);
			thread->task.prev = prev;
			prev = index;
			link = &thread->task.next;
			index = 0;
		} else {
			index = thread->task.next;
		}
	}
}

static void cpu_image(struct image *image, struct cpu *cpu, uint32_t place)
{
	struct codec *codec = image->codec;

	codec_i32(codec, &cpu->tid);
	image_number(image, &cpu->thread, IMAGE_THREADS);
	if (image_reads(image) && cpu->thread)
		thread_at(image->state, cpu->thread)->on++;
	own_thread_image(image, &cpu->stand_in, TID_UNKNOWN);
	own_thread_image(image, &cpu->swapper, 0);
	codec_bool(codec, &cpu->expected);
	codec_bool(codec, &cpu->known);
	codec_time(codec, &cpu->gap_end);
	if (image_reads(image))
		image->state->process.missing += is_missing(cpu);
	codec_time(codec, &cpu->blind_end);
	codec_time(codec, &cpu->ended);
	codec_time(codec, &cpu->since);
	codec_time(codec, &cpu->blind);
	codec_time(codec, &cpu->sees);
	codec_bool(codec, &cpu->waits_for_event);
	codec_bool(codec, &cpu->away);
	codec_time(codec, &cpu->queue_told);
	waiting_image(image, &cpu->sleeping, place);
	if (image_reads(image) && cpu->blind_end == INT64_MAX)
		image->state->process.blind++;
}

static void unrecorded_image(struct codec *codec, struct unrecorded *unrecorded)
{
	codec_u32(codec, &unrecorded->holes);
	codec_i64(codec, &unrecorded->time);
	codec_time(codec, &unrecorded->begin);
	codec_time(codec, &unrecorded->end);
	codec_u64(codec, &unrecorded->switches);
	codec_u64(codec, &unrecorded->contradicts);
}

static void recording_image(struct image *image, struct process_model *model)
{
	struct codec *codec = image->codec;
	uint32_t n = codec_count(codec, model->streams->len, STREAMS_MAX);

	codec_bool(codec, &model->awake);
	codec_bool(codec, &model->hole);
	codec_bool(codec, &model->hole_told);
	codec_time(codec, &model->hole_begin);
	unrecorded_image(codec, &model->unrecorded);
	g_array_set_size(model->streams, n);
	for (uint32_t i = 0; i < n; i++) {
		struct recording *stream = &g_array_index(model->streams, struct recording, i);

		codec_bool(codec, &stream->open);
		codec_time(codec, &stream->next);
		if (image_reads(image) && stream->open)
			model->open++;
	}
}

/* Those that were renamed, by TID. */
static void renamed_image(struct image *image)
{
	GHashTable *renamed = image->state->process.renamed;
	GArray *tids = image_keys(renamed);
	uint32_t n = codec_count(image->codec, tids->len, TID_MAX);
	int64_t tid;
	strid name;

	for (uint32_t i = 0; i < n && !image->codec->failed; i++) {
		tid = image_reads(image) ? 0 : g_array_index(tids, int64_t, i);
		name = GPOINTER_TO_UINT(g_hash_table_lookup(renamed, &tid));
		codec_i64(image->codec, &tid);
		image_string(image, &name);
		if (!image_reads(image))
			continue;
		if (tid <= 0 || tid > TID_MAX || g_hash_table_contains(renamed, &tid))
			codec_fail(image->codec, "a thread is renamed twice");
		g_hash_table_replace(renamed, g_memdup2(&tid, sizeof(tid)), GUINT_TO_POINTER(name));
	}
	g_array_unref(tids);
}

/* How many threads have been made under each TID, in the order of the TIDs. */
static void forks_image(struct image *image)
{
	uint32_t **pages = image->state->process.forks, n = 0, *slot;
	int32_t tid = 0;

	for (int64_t i = 1; i <= TID_MAX; i++) {
		slot = slot_in(pages, i, false);
		if (!slot)
			i += TID_PAGE - i % TID_PAGE - 1;
		else
			n += *slot > 0;
	}
	n = codec_count(image->codec, n, TID_MAX);
	for (uint32_t i = 0; i < n && !image->codec->failed; i++) {
		for (tid++; !image_reads(image);) {
			slot = slot_in(pages, tid, false);
			if (slot && *slot > 0)
				break;
			tid = slot ? tid + 1 : (tid / TID_PAGE + 1) * TID_PAGE;
		}
		codec_i32(image->codec, &tid);
		slot = slot_in(pages, tid, true);
		if (slot)
			codec_u32(image->codec, slot);
		else
			codec_fail(image->codec, "a TID is out of range");
	}
}

void process_image(struct image *image)
{
	struct process_model *model = &image->state->process;
	uint32_t n;

	forks_image(image);
	image_pool(image, &model->threads, IMAGE_THREADS, thread_image);
	renamed_image(image);
	codec_time(image->codec, &model->lost);
	n = codec_count(image->codec, model->cpus->len, CPU_MAX);
	if (image_reads(image) && n > 0)
		cpu_at(image->state, (int32_t)n - 1);
	for (uint32_t i = 0; i < n; i++)
		cpu_image(image, &g_array_index(model->cpus, struct cpu, i), i + 1);
	waiting_image(image, &model->runnable, PLACE_RUNNABLE);
	recording_image(image, model);
}
