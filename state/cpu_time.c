/*
 * What CPUs spend their time on.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/cpu_time.h"

#include "state/image.h"
#include "state/model.h"
#include "state/syscall_table.h"

/* More entries than windows can wait for and calls can be in; what is read must be less. */
#define SPENT_MAX (1 << 22)

enum mode {
	MODE_REST,    /* it was not known who ran, see name_rest() */
	MODE_UNKNOWN, /* nor what the thread did that was known to run */
	MODE_USER,
	MODE_SYSCALL,
	MODE_KERNEL,
	MODE_IRQ,
	MODE_SOFTIRQ,
	MODES,
};

static const char *const mode_names[MODES] = {
	[MODE_USER] = "user",
	[MODE_SYSCALL] = "syscall",
	[MODE_KERNEL] = "kernel",
	[MODE_IRQ] = "irq",
	[MODE_SOFTIRQ] = "softirq",
};

/* How much of a piece was spent on one thing. */
struct spent {
	int64_t begin, end; /* of the piece, ns; `end` only if a window ended there */
	int64_t time;       /* ns */
	uint16_t call;      /* of MODE_SYSCALL; SYSCALL_ANY: its name is not known */
	uint8_t mode;       /* enum mode */
};

/*
 * A slice in progress. Windows cut it into pieces that stay together until it is told; each has an entry of
 * MODE_REST, so that it is seen to be there.
 */
struct cpu_spent {
	int64_t since; /* when the newest piece began, ns */
	int64_t mark;  /* up to when it is summed up, ns */
	int64_t acted; /* when its thread last entered a call, or returned from one, ns */
	GArray *spent; /* struct spent, of each piece together */
	guint first;   /* the first one of the newest piece */
	GArray *slots; /* by key_of(): which of `spent` that is, if it is of the newest piece */
};

void cpu_time_init(struct cpu_time_model *model)
{
	model->cpus = g_ptr_array_new();
}

void cpu_time_clear(struct cpu_time_model *model)
{
	for (guint i = 0; i < model->cpus->len; i++) {
		struct cpu_spent *cpu = g_ptr_array_index(model->cpus, i);

		if (!cpu)
			continue;
		g_array_free(cpu->spent, TRUE);
		g_array_free(cpu->slots, TRUE);
		g_free(cpu);
	}
	g_ptr_array_free(model->cpus, TRUE);
}

/* The slice on a CPU; `number` is that of a CPU that there is. */
static struct cpu_spent *spent_on(struct state *state, int32_t number)
{
	GPtrArray *cpus = state->cpu_time.cpus;
	struct cpu_spent *cpu;

	if (cpus->len <= (guint)number)
		g_ptr_array_set_size(cpus, number + 1);
	cpu = g_ptr_array_index(cpus, number);
	if (cpu)
		return cpu;
	cpu = g_new0(struct cpu_spent, 1);
	cpu->since = cpu->mark = cpu->acted = INT64_MIN;
	cpu->spent = g_array_new(FALSE, TRUE, sizeof(struct spent));
	cpu->slots = g_array_new(FALSE, TRUE, sizeof(uint32_t));
	g_ptr_array_index(cpus, number) = cpu;
	return cpu;
}

/* Nothing is known of the slice in progress before this time. */
static void begin_at(struct cpu_spent *cpu, int64_t time)
{
	g_array_set_size(cpu->spent, 0);
	cpu->first = 0;
	cpu->since = cpu->mark = time;
}

/* ---- Sums ---- */

static guint key_of(enum mode mode, uint16_t call)
{
	return mode == MODE_SYSCALL ? MODES + (guint)call : (guint)mode;
}

static struct spent *spent_at(const struct cpu_spent *cpu, guint i)
{
	return &g_array_index(cpu->spent, struct spent, i);
}

/* Something has taken time of the newest piece. */
static void add(struct cpu_spent *cpu, enum mode mode, uint16_t call, int64_t time)
{
	guint key = key_of(mode, call), slot;
	struct spent *spent;

	if (cpu->slots->len <= key)
		g_array_set_size(cpu->slots, key + 1);
	slot = g_array_index(cpu->slots, uint32_t, key);
	/* It may be that of an older piece, or slice. */
	if (slot >= cpu->first && slot < cpu->spent->len) {
		spent = spent_at(cpu, slot);
		if (key_of(spent->mode, spent->call) == key) {
			spent->time = time_sum(spent->time, time);
			return;
		}
	}
	g_array_index(cpu->slots, uint32_t, key) = cpu->spent->len;
	g_array_append_vals(cpu->spent,
		&(struct spent){.begin = cpu->since, .time = time, .call = call, .mode = mode}, 1);
}

/* Whether a thread never is in user space; workers of io_uring are told by their names. */
static bool is_kernel(const struct state *state, const struct thread *thread)
{
	return thread_is_kernel(thread) ||
	       ring_owner(state, strpool_text(state->strings, thread->comm));
}

/* What the thread has done for some time that runs there, beside interrupts. */
static void add_thread(
	const struct state *state, struct cpu_spent *cpu, const struct thread *thread, int64_t time)
{
	const struct call *call = &thread->call;

	if (thread->within != SYSCALL_ANY)
		add(cpu, MODE_SYSCALL, thread->within, time);
	else if (thread->exited)
		add(cpu, MODE_KERNEL, 0, time);
	else if (call->id != SYSCALL_ANY)
		add(cpu, MODE_SYSCALL, call->id, time);
	else if (call->between)
		add(cpu, MODE_USER, 0, time);
	else if (is_kernel(state, thread))
		add(cpu, MODE_KERNEL, 0, time);
	else if (thread->tid != TID_UNKNOWN)
		add(cpu, MODE_UNKNOWN, 0, time);
}

/* The slice in progress on the record's CPU; NULL if there is none, or nobody wants to know. */
static struct cpu_spent *slice_of(struct state *state, const struct record *rec)
{
	const struct cpu *cpu =
		state->config.wants & WANT_CPU_TIME ? cpu_find(state, rec->cpu) : NULL;
	struct cpu_spent *spent;

	if (!cpu || cpu->since == INT64_MIN)
		return NULL;
	spent = spent_on(state, rec->cpu);
	/* Until then it was somebody else, as it turned out. */
	if (cpu->sees < INT64_MAX && spent->since < cpu->sees)
		begin_at(spent, cpu->sees);
	else if (spent->since == INT64_MIN)
		begin_at(spent, rec->time);
	return spent;
}

void cpu_time_until(struct state *state, const struct record *rec)
{
	struct cpu_spent *spent = slice_of(state, rec);
	const struct thread *thread;
	const struct cpu *cpu;
	int64_t time, end;

	if (!spent)
		return;
	cpu = cpu_find(state, rec->cpu);
	end = MIN(rec->time, cpu->ended);
	if (end <= spent->mark)
		return;
	time = time_span(spent->mark, end);
	spent->mark = end;
	thread = thread_at(state, cpu->thread);
	switch (irq_innermost(state, rec->cpu, spent->acted)) {
	case CONTEXT_IRQ:
	case CONTEXT_HRTIMER:
		add(spent, MODE_IRQ, 0, time);
		break;
	case CONTEXT_SOFTIRQ:
		add(spent, MODE_SOFTIRQ, 0, time);
		break;
	default:
		if (thread)
			add_thread(state, spent, thread, time);
	}
}

void cpu_time_border(struct state *state, const struct record *rec)
{
	struct cpu_spent *spent;

	cpu_time_until(state, rec);
	spent = slice_of(state, rec);
	if (!spent || spent->since >= rec->time)
		return;
	add(spent, MODE_REST, 0, 0);
	for (guint i = spent->first; i < spent->spent->len; i++)
		spent_at(spent, i)->end = rec->time;
	spent->first = spent->spent->len;
	spent->since = spent->mark = rec->time;
}

void cpu_time_next(struct state *state, const struct record *rec)
{
	struct cpu_spent *spent = slice_of(state, rec);

	if (spent)
		begin_at(spent, rec->time);
}

bool cpu_time_begin_later(struct state *state, int32_t cpu, int64_t time)
{
	struct cpu_spent *spent = slice_of(state, &(struct record){.time = time, .cpu = cpu});

	if (!spent || spent->since >= time)
		return true;
	if (spent->mark > spent->since)
		return false;
	begin_at(spent, time);
	return true;
}

/* ---- Events ---- */

void cpu_time_before(struct state *state, const struct record *rec)
{
	struct cpu_spent *spent;

	switch (rec->kind) {
	case EV_syscall_entry:
	case EV_syscall_entry_unknown:
	case EV_syscall_exit:
	case EV_syscall_exit_unknown:
		cpu_time_until(state, rec);
		spent = slice_of(state, rec);
		if (spent)
			spent->acted = rec->time;
		break;
	case EV_irq_handler_entry:
	case EV_irq_handler_exit:
	case EV_irq_vector_entry:
	case EV_irq_vector_exit:
	case EV_hrtimer_expire_entry:
	case EV_hrtimer_expire_exit:
	case EV_softirq_entry:
	case EV_softirq_exit:
	case EV_sched_process_exec:
	case EV_sched_process_exit:
	case EV_gap_begin:
	case EV_lost_events:
	case EV_lost_packets:
		cpu_time_until(state, rec);
		break;
	default:
		break;
	}
}

/* ---- Telling ---- */

/* What a task did before it was known to be there. */
static const char *name_rest(const struct state *state, const struct thread *task)
{
	if (!task || task->tid == TID_UNKNOWN)
		return NULL;
	if (task->tid == 0)
		return "idle";
	return is_kernel(state, task) ? mode_names[MODE_KERNEL] : NULL;
}

static void tell(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *task, int64_t begin, int64_t end, int64_t time, const char *mode,
	uint16_t call)
{
	struct record at = {.time = end, .cpu = rec->cpu};
	bool known = task && task->tid != TID_UNKNOWN;

	if (time != 0)
		EMIT(io, cpu_time, COMMON_OF(state, &at, task), .since = begin, .duration = time,
			.busy = known ? task->tid != 0 : VALUE_ABSENT, .mode = mode,
			.syscall = call != SYSCALL_ANY ? call_name(state, call) : NULL);
}

/* Tells a piece, whose entries are those from `i` on; returns the number of the first one of the next piece. */
static guint tell_piece(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *task, const struct cpu_spent *cpu, guint i, int64_t end)
{
	int64_t begin = spent_at(cpu, i)->begin, rest = time_span(begin, end);

	for (; i < cpu->spent->len && spent_at(cpu, i)->begin == begin; i++) {
		const struct spent *spent = spent_at(cpu, i);
		bool handler = spent->mode == MODE_IRQ || spent->mode == MODE_SOFTIRQ;

		/* An idle CPU does nothing but handle interrupts. */
		if (spent->mode == MODE_REST || (task->tid == 0 && !handler))
			continue;
		tell(state, rec, io, task, begin, end, spent->time, mode_names[spent->mode],
			spent->call);
		rest = time_span(spent->time, rest);
	}
	tell(state, rec, io, task, begin, end, rest, name_rest(state, task), SYSCALL_ANY);
	return i;
}

void cpu_time_tell(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *task, int64_t begin, int64_t end)
{
	const struct cpu_spent *cpu;
	guint i = 0;

	if (!emits(io, DERIVED_cpu_time) || begin >= end)
		return;
	cpu = spent_on(state, rec->cpu);
	while (task && task->tid != TID_UNKNOWN && i < cpu->spent->len) {
		const struct spent *piece = spent_at(cpu, i);
		int64_t until = i < cpu->first ? piece->end : end;

		if (piece->begin < begin || piece->begin >= end || until > end) {
			i++;
			continue;
		}
		tell(state, rec, io, task, begin, piece->begin, time_span(begin, piece->begin),
			name_rest(state, task), SYSCALL_ANY);
		i = tell_piece(state, rec, io, task, cpu, i, until);
		begin = until;
	}
	tell(state, rec, io, task, begin, end, time_span(begin, end), name_rest(state, task),
		SYSCALL_ANY);
}

/* ---- Images ---- */

static void spent_image(struct image *image, struct cpu_spent *cpu)
{
	struct codec *codec = image->codec;
	uint32_t n = codec_count(codec, cpu->spent->len, SPENT_MAX);

	codec_time(codec, &cpu->since);
	codec_time(codec, &cpu->mark);
	codec_time(codec, &cpu->acted);
	g_array_set_size(cpu->spent, n);
	codec_index(codec, &cpu->first, n + 1);
	for (uint32_t i = 0; i < n; i++) {
		struct spent *spent = spent_at(cpu, i);

		codec_time(codec, &spent->begin);
		codec_time(codec, &spent->end);
		codec_i64(codec, &spent->time);
		codec_u16(codec, &spent->call);
		codec_u8(codec, &spent->mode);
		if (spent->mode >= MODES ||
			spent->call > SYSCALL_ROWS + image->state->call.names->len) {
			codec_fail(codec, "the mode of a CPU is unknown");
			*spent = (struct spent){0};
		}
		if (!image_reads(image) || i < cpu->first)
			continue;
		if (cpu->slots->len <= key_of(spent->mode, spent->call))
			g_array_set_size(cpu->slots, key_of(spent->mode, spent->call) + 1);
		g_array_index(cpu->slots, uint32_t, key_of(spent->mode, spent->call)) = i;
	}
}

void cpu_time_image(struct image *image)
{
	GPtrArray *cpus = image->state->cpu_time.cpus;
	uint32_t n = codec_count(image->codec, cpus->len, CPU_MAX);

	for (uint32_t i = 0; i < n && !image->codec->failed; i++) {
		bool there = !image_reads(image) && g_ptr_array_index(cpus, i);

		codec_bool(image->codec, &there);
		if (there)
			spent_image(image, spent_on(image->state, (int32_t)i));
	}
}
