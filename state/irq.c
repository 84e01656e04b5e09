/*
 * Interrupts: handlers that run on each CPU, nested as they interrupt each other, and softirqs from
 * raise to exit.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/irq.h"

#include "state/image.h"
#include "state/inspect.h"
#include "state/model.h"

#include <string.h>

/* Handlers that are inside each other on one CPU; the kernel hardly has three. */
#define NESTED_MAX 16

/* Softirqs that are raised or run on one CPU; the kernel has ten of them. */
#define SOFTIRQS_MAX 64

/* Names of vectors beyond these are nonsense. */
#define VECTORS_MAX 256

/*
 * In which task a handler runs. A switch can't come while a hard interrupt is handled: then its exit
 * is lost. But real-time kernels run softirqs in threads, which may lose their CPU meanwhile.
 */
#define IN_CURRENT (-1) /* in the one that runs, whichever that is */
#define IN_NONE    (-2) /* it is over, though its exit was not seen */

/* What a handler returns that has a thread. */
#define IRQ_WAKES_THREAD 2

enum handler_kind {
	HANDLER_IRQ,    /* of a device */
	HANDLER_VECTOR, /* of an x86 vector */
	HANDLER_HRTIMER,
	HANDLERS,
};

/* A handler in progress. */
struct handler {
	enum handler_kind kind;
	uint16_t sub;
	int32_t task;   /* IN_CURRENT, IN_NONE or a TID */
	int64_t number; /* of a timer: its address */
	int64_t begin;
	strid name;
	struct deed deed; /* what it has just done that ends waits */
};

/* A softirq that is raised, or runs, or both; VALUE_ABSENT where that is not so or not known. */
struct softirq {
	int64_t vec;
	int64_t raise;      /* for the handler that runs, if one does, or for the next one */
	int64_t begin;      /* of the handler that runs */
	int64_t next_raise; /* while the handler runs: for the one after it */
	int64_t again; /* raised though it was already: for this handler, or for the next one */
	bool in_pass;  /* that was in the round in which it was to run, so it is for the next one */
	uint32_t raised_in, again_in; /* the round of both; 0: no handler ran then */
	int32_t task;                 /* of the handler that runs: IN_CURRENT, IN_NONE or a TID */
	struct deed deed;             /* as above */
};

struct irq_cpu {
	struct handler handlers[NESTED_MAX];
	unsigned int n_handlers;
	struct softirq softirqs[SOFTIRQS_MAX];
	unsigned int n_softirqs;
	uint32_t round;   /* of handlers that were taken at once, as far as that shows */
	int64_t last_vec; /* the last one of these */
	bool shown;       /* no handler can be in progress there whose entry was not seen */
	bool acts; /* its task has made a call, or returned from one, since events were missing */
	struct deed deed; /* what the task has just done, or a handler that is not recorded */
	struct context
		threaded; /* the interrupt that ended last, if it wakes a thread of its own */
};

void irq_init(struct irq_model *model)
{
	model->cpus = g_array_new(FALSE, TRUE, sizeof(uint32_t));
	pool_init(&model->pool, sizeof(struct irq_cpu));
	model->vectors = g_ptr_array_new();
}

void irq_clear(struct irq_model *model)
{
	g_array_free(model->cpus, TRUE);
	pool_clear(&model->pool);
	g_ptr_array_free(model->vectors, TRUE);
}

/* What goes on on the record's CPU; NULL if that can't be. */
static struct irq_cpu *irq_cpu(struct state *state, const struct record *rec)
{
	GArray *cpus = state->irq.cpus;
	uint32_t *index;

	if (rec->cpu < 0 || rec->cpu >= CPU_MAX)
		return NULL;
	if (cpus->len <= (guint)rec->cpu)
		g_array_set_size(cpus, (guint)rec->cpu + 1);
	index = &g_array_index(cpus, uint32_t, rec->cpu);
	if (!*index)
		*index = pool_add(&state->irq.pool);
	return pool_at(&state->irq.pool, *index);
}

/* Forgets the handlers from number `n` on: they are over. */
static void drop_handlers(struct state *state, struct irq_cpu *cpu, unsigned int n)
{
	for (unsigned int i = n; i < cpu->n_handlers; i++) {
		strpool_unref(state->strings, cpu->handlers[i].name);
		deed_drop(state->strings, &cpu->handlers[i].deed);
	}
	cpu->n_handlers = n;
}

/* What the task has done, or is about to do, that may end waits, is over. */
static void drop_task(struct state *state, struct irq_cpu *cpu)
{
	deed_drop(state->strings, &cpu->deed);
	context_drop(state->strings, &cpu->threaded);
}

void irq_lose_cpu(struct state *state, int32_t cpu)
{
	uint32_t index = 0;
	struct irq_cpu *at;

	if (cpu >= 0 && (guint)cpu < state->irq.cpus->len)
		index = g_array_index(state->irq.cpus, uint32_t, cpu);
	if (!index)
		return;
	at = pool_at(&state->irq.pool, index);
	drop_handlers(state, at, 0);
	for (unsigned int i = 0; i < at->n_softirqs; i++)
		deed_drop(state->strings, &at->softirqs[i].deed);
	at->n_softirqs = 0;
	at->shown = at->acts = false;
	drop_task(state, at);
}

/* ---- Contexts ---- */

/* What runs in task `from` on a CPU turns out to be in task `to`. */
static void move_task(struct irq_cpu *cpu, int32_t from, int32_t to, int32_t hard_to)
{
	for (unsigned int i = 0; i < cpu->n_handlers; i++)
		if (cpu->handlers[i].task == from)
			cpu->handlers[i].task =
				cpu->handlers[i].kind == HANDLER_HRTIMER ? to : hard_to;
	for (unsigned int i = 0; i < cpu->n_softirqs; i++)
		if (cpu->softirqs[i].task == from)
			cpu->softirqs[i].task = to;
}

/* The softirq that runs in a task, the one that began last; NULL if none does. */
static struct softirq *softirq_in(struct irq_cpu *cpu, int32_t tid)
{
	struct softirq *last = NULL;

	for (unsigned int i = 0; i < cpu->n_softirqs; i++) {
		struct softirq *softirq = &cpu->softirqs[i];

		if (softirq->begin != VALUE_ABSENT &&
			(softirq->task == IN_CURRENT || softirq->task == tid) &&
			(!last || softirq->begin >= last->begin))
			last = softirq;
	}
	return last;
}

void irq_switch(struct state *state, const struct record *rec, int64_t prev_tid)
{
	struct irq_cpu *cpu = state->config.wants & WANT_CONTEXT ? irq_cpu(state, rec) : NULL;
	/* Where softirqs run in threads, timers can run in softirqs. */
	bool soft = cpu && prev_tid > 0 && prev_tid <= TID_MAX && softirq_in(cpu, IN_CURRENT);

	if (!cpu)
		return;
	move_task(cpu, IN_CURRENT, soft ? (int32_t)prev_tid : IN_NONE, IN_NONE);
	cpu->shown = true;
	drop_task(state, cpu);
}

void irq_thread_acts(struct state *state, const struct record *rec)
{
	struct irq_cpu *cpu = state->config.wants & WANT_CONTEXT ? irq_cpu(state, rec) : NULL;
	const struct cpu *at = cpu_find(state, rec->cpu);

	if (!cpu)
		return;
	move_task(cpu, IN_CURRENT, IN_NONE, IN_NONE);
	if (at && at->tid > 0)
		move_task(cpu, at->tid, IN_NONE, IN_NONE);
	cpu->shown = true;
}

/* The handler of a hard interrupt or timer as a context. */
static struct context context_of(struct state *state, const struct handler *handler)
{
	struct context context = {.kind = CONTEXT_IRQ, .number = VALUE_ABSENT};

	if (handler->kind == HANDLER_HRTIMER) {
		context.kind = CONTEXT_HRTIMER;
		context.name = strpool_intern(state->strings, "timer");
	} else if (handler->kind == HANDLER_VECTOR) {
		context.name = strpool_intern(
			state->strings, g_ptr_array_index(state->irq.vectors, handler->sub));
	} else {
		context.number = handler->number;
		context.name = strpool_ref(state->strings, handler->name);
	}
	return context;
}

/* The innermost hard interrupt or timer that is handled in a task, or interrupts it; NULL if none is. */
static struct handler *handler_in(struct irq_cpu *cpu, int32_t tid)
{
	for (unsigned int i = cpu->n_handlers; i-- > 0;)
		if (cpu->handlers[i].task == IN_CURRENT || cpu->handlers[i].task == tid)
			return &cpu->handlers[i];
	return NULL;
}

/* The innermost handler that runs on a CPU, in its task or interrupting that. */
static struct context innermost(struct state *state, struct irq_cpu *cpu, int32_t tid)
{
	const struct handler *handler = handler_in(cpu, tid);
	const struct softirq *softirq = handler ? NULL : softirq_in(cpu, tid);

	if (handler)
		return context_of(state, handler);
	if (softirq)
		return (struct context){.kind = CONTEXT_SOFTIRQ, .number = softirq->vec};
	return (struct context){0};
}

enum context_kind irq_innermost(const struct state *state, int32_t number, int64_t since)
{
	const GArray *cpus = state->irq.cpus;
	const struct cpu *at = cpu_find(state, number);
	int32_t tid = at ? at->tid : IN_CURRENT;
	const struct softirq *softirq;
	const struct handler *handler;
	struct irq_cpu *cpu;
	uint32_t index = 0;

	if (number >= 0 && (guint)number < cpus->len)
		index = g_array_index(cpus, uint32_t, number);
	if (!index)
		return CONTEXT_UNKNOWN;
	cpu = pool_at(&state->irq.pool, index);
	handler = handler_in(cpu, tid);
	if (handler && handler->begin >= since)
		return handler->kind == HANDLER_HRTIMER ? CONTEXT_HRTIMER : CONTEXT_IRQ;
	softirq = softirq_in(cpu, tid);
	return softirq && softirq->begin >= since ? CONTEXT_SOFTIRQ : CONTEXT_UNKNOWN;
}

struct deed *irq_deed(struct state *state, const struct record *rec)
{
	struct irq_cpu *cpu = state->config.wants & WANT_CAUSE ? irq_cpu(state, rec) : NULL;
	const struct cpu *at = cpu_find(state, rec->cpu);
	struct softirq *softirq;
	struct handler *handler;

	if (!cpu)
		return NULL;
	handler = handler_in(cpu, at ? at->tid : IN_CURRENT);
	softirq = handler ? NULL : softirq_in(cpu, at ? at->tid : IN_CURRENT);
	if (handler)
		return &handler->deed;
	return softirq ? &softirq->deed : &cpu->deed;
}

void irq_forget_task(struct state *state, const struct record *rec)
{
	struct irq_cpu *cpu = state->config.wants & WANT_CAUSE ? irq_cpu(state, rec) : NULL;

	if (!cpu)
		return;
	drop_task(state, cpu);
	cpu->acts = true;
}

bool irq_task_acts(struct state *state, const struct record *rec)
{
	const struct state_config *config = &state->config;
	const struct irq_cpu *cpu = irq_cpu(state, rec);

	return cpu && cpu->acts && !config->no_irqs && !config->no_softirqs &&
	       !config->no_hrtimers && cpu_gap_end(state, rec->cpu) < INT64_MAX;
}

struct context irq_threaded(
	struct state *state, const struct record *rec, const struct thread *woken)
{
	struct irq_cpu *cpu = state->config.wants & WANT_CONTEXT ? irq_cpu(state, rec) : NULL;
	const char *comm = strpool_text(state->strings, woken->comm);
	struct context context = {0};

	if (!cpu || cpu->threaded.kind == CONTEXT_UNKNOWN || !comm ||
		!g_str_has_prefix(comm, "irq/"))
		return context;
	context = cpu->threaded;
	cpu->threaded = (struct context){0};
	return context;
}

struct context irq_context(
	struct state *state, const struct record *rec, const struct thread **task)
{
	struct irq_cpu *cpu = state->config.wants & WANT_CONTEXT ? irq_cpu(state, rec) : NULL;
	const struct state_config *config = &state->config;
	bool all = !config->no_irqs && !config->no_softirqs && !config->no_hrtimers;
	bool idle = *task && (*task)->tid == 0;
	struct context context = {0};

	if (cpu)
		context = innermost(state, cpu, *task ? (*task)->tid : IN_CURRENT);
	if (context.kind == CONTEXT_UNKNOWN && cpu && all) {
		if (!cpu->shown || cpu_gap_end(state, rec->cpu) == INT64_MAX)
			*task = NULL;
		else
			context = idle ? (struct context){CONTEXT_IRQ, VALUE_ABSENT, 0}
				       : (struct context){.kind = CONTEXT_THREAD};
	}
	if (idle || (context.kind != CONTEXT_UNKNOWN && context.kind != CONTEXT_THREAD))
		*task = NULL;
	return context;
}

/* ---- Hard interrupts and timers ---- */

/* Whether both entries and exits of such handlers are recorded. */
static bool is_followed(const struct state *state, enum handler_kind kind)
{
	return !(kind == HANDLER_IRQ && state->config.no_irqs) &&
	       !(kind == HANDLER_HRTIMER && state->config.no_hrtimers);
}

static void handler_begin(
	struct state *state, const struct record *rec, struct handler begun, const char *name)
{
	struct irq_cpu *cpu = irq_cpu(state, rec);

	/* So many inside each other are none: their exits are lost. */
	if (!cpu || begun.number == VALUE_ABSENT)
		return;
	if (cpu->n_handlers == NESTED_MAX)
		drop_handlers(state, cpu, 0);
	begun.begin = rec->time;
	begun.sub = rec->sub;
	begun.task = is_followed(state, begun.kind) ? IN_CURRENT : IN_NONE;
	begun.name = strpool_intern(state->strings, name);
	cpu->handlers[cpu->n_handlers++] = begun;
	context_drop(state->strings, &cpu->threaded);
}

/*
 * Takes the innermost handler of that kind and number off the CPU, and those inside it, whose exits
 * are lost. False if there is none; otherwise the caller has its reference to the name.
 */
static bool handler_end(struct state *state, const struct record *rec, enum handler_kind kind,
	int64_t number, struct handler *ended)
{
	struct irq_cpu *cpu = irq_cpu(state, rec);

	for (unsigned int i = cpu ? cpu->n_handlers : 0; i-- > 0;) {
		*ended = cpu->handlers[i];
		if (ended->kind != kind || ended->number != number)
			continue;
		strpool_ref(state->strings, ended->name);
		drop_handlers(state, cpu, i);
		ended->deed = (struct deed){0};
		return true;
	}
	return false;
}

void on_irq_handler_entry(struct state *state, const struct record *rec, const struct state_io *io)
{
	handler_begin(state, rec, (struct handler){.number = V(rec, irq_handler_entry, irq)},
		record_string(io->get, rec, F_irq_handler_entry_name));
}

/* An interrupt has left the rest to its thread, which the kernel wakes after the handler's exit. */
static void set_threaded(
	struct state *state, const struct record *rec, const struct handler *handler)
{
	struct irq_cpu *cpu = irq_cpu(state, rec);

	context_drop(state->strings, &cpu->threaded);
	cpu->threaded = context_of(state, handler);
}

void on_irq_handler_exit(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct handler ended;

	if (!handler_end(state, rec, HANDLER_IRQ, V(rec, irq_handler_exit, irq), &ended))
		return;
	if (emits(io, DERIVED_irq_end))
		EMIT(io, irq_end, COMMON_OF(state, rec, task_current(state, rec)),
			.begin = ended.begin, .duration = time_span(ended.begin, rec->time),
			.irq = ended.number, .name = ended.name,
			.ret = V(rec, irq_handler_exit, ret));
	/* It has a thread, which is woken next. */
	if (state->config.wants & WANT_CONTEXT && V(rec, irq_handler_exit, ret) == IRQ_WAKES_THREAD)
		set_threaded(state, rec, &ended);
	strpool_unref(state->strings, ended.name);
}

void on_hrtimer_expire_entry(
	struct state *state, const struct record *rec, const struct state_io *io)
{
	(void)io;
	handler_begin(state, rec,
		(struct handler){
			.kind = HANDLER_HRTIMER, .number = V(rec, hrtimer_expire_entry, hrtimer)},
		NULL);
}

void on_hrtimer_expire_exit(
	struct state *state, const struct record *rec, const struct state_io *io)
{
	struct handler ended;

	(void)io;
	if (handler_end(state, rec, HANDLER_HRTIMER, V(rec, hrtimer_expire_exit, hrtimer), &ended))
		strpool_unref(state->strings, ended.name);
}

/* ---- Vectors of x86 ---- */

/* The number of a vector by name, given if it is new. */
static uint16_t vector_sub(struct irq_model *model, const char *name)
{
	for (guint i = 0; i < model->vectors->len; i++)
		if (strcmp(g_ptr_array_index(model->vectors, i), name) == 0)
			return (uint16_t)i;
	if (model->vectors->len == VECTORS_MAX)
		return VECTORS_MAX - 1;
	g_ptr_array_add(model->vectors, (gpointer)g_intern_string(name));
	return (uint16_t)(model->vectors->len - 1);
}

bool irq_want(struct state *state, const char *name, struct event_want *want)
{
	bool entry = g_str_has_suffix(name, "_entry");
	size_t length;
	char *vector;

	if (!g_str_has_prefix(name, "x86_irq_vectors_") ||
		(!entry && !g_str_has_suffix(name, "_exit")))
		return false;
	name += strlen("x86_irq_vectors_");
	length = strlen(entry ? "_entry" : "_exit");
	if (strlen(name) <= length)
		return false;
	event_fields(entry ? EV_irq_vector_entry : EV_irq_vector_exit, want);
	vector = g_strndup(name, strlen(name) - length);
	want->sub = vector_sub(&state->irq, vector);
	g_free(vector);
	return true;
}

void on_irq_vector_entry(struct state *state, const struct record *rec, const struct state_io *io)
{
	(void)io;
	handler_begin(state, rec,
		(struct handler){
			.kind = HANDLER_VECTOR, .number = V(rec, irq_vector_entry, vector)},
		NULL);
}

void on_irq_vector_exit(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct handler ended;

	if (handler_end(state, rec, HANDLER_VECTOR, V(rec, irq_vector_exit, vector), &ended) &&
		emits(io, DERIVED_irq_vector_end))
		EMIT(io, irq_vector_end, COMMON_OF(state, rec, task_current(state, rec)),
			.begin = ended.begin, .duration = time_span(ended.begin, rec->time),
			.vector = ended.number,
			.name = g_ptr_array_index(state->irq.vectors, ended.sub));
}

/* ---- Softirqs ---- */

/* The softirq of a CPU; if it is not there and to be made, it takes the place of an old one. */
static struct softirq *softirq_at(struct state *state, struct irq_cpu *cpu, int64_t vec, bool make)
{
	for (unsigned int i = 0; i < cpu->n_softirqs; i++)
		if (cpu->softirqs[i].vec == vec)
			return &cpu->softirqs[i];
	if (!make)
		return NULL;
	if (cpu->n_softirqs == SOFTIRQS_MAX) {
		deed_drop(state->strings, &cpu->softirqs[0].deed);
		cpu->n_softirqs--;
		memmove(&cpu->softirqs[0], &cpu->softirqs[1],
			cpu->n_softirqs * sizeof(cpu->softirqs[0]));
	}
	cpu->softirqs[cpu->n_softirqs] = (struct softirq){
		.vec = vec,
		.raise = VALUE_ABSENT,
		.begin = VALUE_ABSENT,
		.next_raise = VALUE_ABSENT,
		.again = VALUE_ABSENT,
		.task = IN_NONE,
	};
	return &cpu->softirqs[cpu->n_softirqs++];
}

static bool runs_softirq(const struct irq_cpu *cpu)
{
	for (unsigned int i = 0; i < cpu->n_softirqs; i++)
		if (cpu->softirqs[i].begin != VALUE_ABSENT)
			return true;
	return false;
}

/*
 * What is raised while its handler runs is for the next run. What is raised though it is already
 * most often means nothing; but the kernel takes all that are raised at once, then runs their
 * handlers one after the other, by number: what is raised again in between is for the next round. Where no
 * handler runs it may be that, too, since the moment of taking is not recorded: then it counts if there is a
 * run for which nothing else was raised.
 */
void on_softirq_raise(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct irq_cpu *cpu = irq_cpu(state, rec);
	struct softirq *softirq;
	uint32_t round;

	(void)io;
	if (!cpu || V(rec, softirq_raise, vec) == VALUE_ABSENT)
		return;
	softirq = softirq_at(state, cpu, V(rec, softirq_raise, vec), true);
	round = runs_softirq(cpu) ? cpu->round : 0;
	if (softirq->begin != VALUE_ABSENT) {
		if (softirq->next_raise == VALUE_ABSENT)
			softirq->next_raise = rec->time;
	} else if (softirq->raise == VALUE_ABSENT) {
		softirq->raise = rec->time;
		softirq->raised_in = round;
		softirq->again = VALUE_ABSENT;
		softirq->in_pass = false;
	} else if (!softirq->in_pass) {
		softirq->in_pass = round != 0 && softirq->raised_in != round;
		if (softirq->in_pass || softirq->again == VALUE_ABSENT) {
			softirq->again = rec->time;
			softirq->again_in = round;
		}
	}
}

/* A run of the handler is over: what has been raised meanwhile is for the next one. */
static void next_run(struct state *state, const struct irq_cpu *cpu, struct softirq *softirq)
{
	deed_drop(state->strings, &softirq->deed);
	softirq->raise = softirq->in_pass ? softirq->again : softirq->next_raise;
	softirq->raised_in = cpu->round;
	softirq->begin = softirq->next_raise = VALUE_ABSENT;
	if (softirq->raise == VALUE_ABSENT)
		return;
	softirq->again = VALUE_ABSENT;
	softirq->in_pass = false;
}

void on_softirq_entry(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct irq_cpu *cpu = irq_cpu(state, rec);
	struct softirq *softirq;

	(void)io;
	if (!cpu || V(rec, softirq_entry, vec) == VALUE_ABSENT)
		return;
	softirq = softirq_at(state, cpu, V(rec, softirq_entry, vec), true);
	/* The exit of the one before is lost. */
	if (softirq->begin != VALUE_ABSENT)
		next_run(state, cpu, softirq);
	if (cpu->round == 0 || softirq->vec <= cpu->last_vec)
		cpu->round++;
	cpu->last_vec = softirq->vec;
	if (softirq->raise == VALUE_ABSENT) {
		softirq->raise = softirq->again;
		softirq->again = VALUE_ABSENT;
		softirq->in_pass = false;
	} else if (softirq->in_pass && softirq->again_in != cpu->round) {
		/* It was not to run in that round: it runs for both now. */
		softirq->again = VALUE_ABSENT;
		softirq->in_pass = false;
	}
	softirq->begin = rec->time;
	softirq->task = state->config.no_softirqs ? IN_NONE : IN_CURRENT;
}

void on_softirq_exit(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct irq_cpu *cpu = irq_cpu(state, rec);
	int64_t vec = V(rec, softirq_exit, vec);
	struct softirq *softirq = cpu ? softirq_at(state, cpu, vec, false) : NULL;
	bool raised;

	/* Without an entry: what has been raised since the trace began is for the next one. */
	if (!softirq || softirq->begin == VALUE_ABSENT)
		return;
	raised = softirq->raise != VALUE_ABSENT;
	if (emits(io, DERIVED_softirq_end))
		EMIT(io, softirq_end, COMMON_OF(state, rec, task_current(state, rec)),
			.begin = softirq->begin, .duration = time_span(softirq->begin, rec->time),
			.vec = vec, .raise = softirq->raise,
			.raise_latency =
				raised ? time_span(softirq->raise, softirq->begin) : VALUE_ABSENT,
			.name = softirq_name(vec));
	next_run(state, cpu, softirq);
	if (softirq->raise == VALUE_ABSENT && softirq->again == VALUE_ABSENT)
		*softirq = cpu->softirqs[--cpu->n_softirqs];
}

/* ---- What goes on when a window ends ---- */

static void tell_open_handler(struct state *state, const struct record *rec,
	const struct state_io *io, const struct handler *handler)
{
	const struct thread *task = task_current(state, rec);

	/* A stream beside that of its CPU may tell more than that. */
	if (handler->begin > rec->time)
		return;
	if (handler->kind == HANDLER_VECTOR && emits(io, DERIVED_irq_vector_open))
		EMIT(io, irq_vector_open, COMMON_OF(state, rec, task), .begin = handler->begin,
			.duration = time_span(handler->begin, rec->time), .vector = handler->number,
			.name = g_ptr_array_index(state->irq.vectors, handler->sub));
	else if (handler->kind == HANDLER_IRQ && emits(io, DERIVED_irq_open))
		EMIT(io, irq_open, COMMON_OF(state, rec, task), .begin = handler->begin,
			.duration = time_span(handler->begin, rec->time), .irq = handler->number,
			.name = handler->name);
}

static void tell_open_softirq(struct state *state, const struct record *rec,
	const struct state_io *io, const struct softirq *softirq)
{
	bool raised = softirq->raise != VALUE_ABSENT;

	if (softirq->begin != VALUE_ABSENT && softirq->begin <= rec->time &&
		emits(io, DERIVED_softirq_open))
		EMIT(io, softirq_open, COMMON_OF(state, rec, task_current(state, rec)),
			.begin = softirq->begin, .duration = time_span(softirq->begin, rec->time),
			.vec = softirq->vec, .name = softirq_name(softirq->vec),
			.raise = softirq->raise,
			.raise_latency =
				raised ? time_span(softirq->raise, softirq->begin) : VALUE_ABSENT);
}

void irq_tell_open(struct state *state, const struct record *rec, const struct state_io *io)
{
	for (guint i = 0; i < state->irq.cpus->len; i++) {
		uint32_t index = g_array_index(state->irq.cpus, uint32_t, i);
		const struct irq_cpu *cpu = index ? pool_at(&state->irq.pool, index) : NULL;
		const struct cpu *known = cpu_find(state, (int32_t)i);
		struct record at = {.time = rec->time, .cpu = (int32_t)i};

		/* What goes on after the end of its stream is not known. */
		if (known)
			at.time = MIN(at.time, known->ended);
		for (unsigned int k = 0; cpu && k < cpu->n_handlers; k++)
			tell_open_handler(state, &at, io, &cpu->handlers[k]);
		for (unsigned int k = 0; cpu && k < cpu->n_softirqs; k++)
			tell_open_softirq(state, &at, io, &cpu->softirqs[k]);
	}
}

/* ---- Views ---- */

static const char *const handler_kinds[HANDLERS] = {
	[HANDLER_IRQ] = "irq",
	[HANDLER_VECTOR] = "vector",
	[HANDLER_HRTIMER] = "hrtimer",
};

static void show_cpu(const struct state *state, guint number, const struct irq_cpu *cpu,
	const struct view_sink *sink)
{
	for (unsigned int i = 0; i < cpu->n_handlers; i++) {
		const struct handler *handler = &cpu->handlers[i];
		const char *vector = NULL;
		bool timer = handler->kind == HANDLER_HRTIMER;

		if (handler->kind == HANDLER_VECTOR)
			vector = g_ptr_array_index(state->irq.vectors, handler->sub);
		sink->row(sink->data, &(struct view_irq){.cpu = number,
					      .kind = handler_kinds[handler->kind],
					      .number = timer ? VALUE_ABSENT : handler->number,
					      .name = handler->name,
					      .softirq = vector,
					      .raise = VALUE_ABSENT,
					      .begin = handler->begin});
	}
	for (unsigned int i = 0; i < cpu->n_softirqs; i++) {
		const struct softirq *softirq = &cpu->softirqs[i];

		sink->row(sink->data, &(struct view_irq){.cpu = number,
					      .kind = "softirq",
					      .number = softirq->vec,
					      .softirq = softirq_name(softirq->vec),
					      .raise = softirq->raise,
					      .begin = softirq->begin});
	}
}

void irq_inspect(const struct state *state, int64_t of, const struct view_sink *sink)
{
	(void)of;
	for (guint i = 0; i < state->irq.cpus->len; i++) {
		uint32_t index = g_array_index(state->irq.cpus, uint32_t, i);

		if (index)
			show_cpu(state, i, pool_at(&state->irq.pool, index), sink);
	}
}

/* ---- Images ---- */

static void handler_kind_image(struct codec *codec, enum handler_kind *kind)
{
	uint32_t number = *kind;

	codec_index(codec, &number, HANDLERS);
	*kind = (enum handler_kind)number;
}

static void irq_cpu_image(struct image *image, uint32_t index, void *item)
{
	struct codec *codec = image->codec;
	struct irq_cpu *cpu = item;

	(void)index;
	codec_bool(codec, &cpu->shown);
	codec_bool(codec, &cpu->acts);
	cpu->n_handlers = codec_count(codec, cpu->n_handlers, NESTED_MAX);
	for (unsigned int i = 0; i < cpu->n_handlers; i++) {
		struct handler *handler = &cpu->handlers[i];

		handler_kind_image(codec, &handler->kind);
		codec_u16(codec, &handler->sub);
		codec_i32(codec, &handler->task);
		codec_i64(codec, &handler->number);
		codec_time(codec, &handler->begin);
		image_string(image, &handler->name);
		deed_image(image, &handler->deed);
		if (handler->kind == HANDLER_VECTOR &&
			handler->sub >= image->state->irq.vectors->len)
			codec_fail(codec, "an interrupt vector is unknown");
	}
	codec_u32(codec, &cpu->round);
	codec_i64(codec, &cpu->last_vec);
	cpu->n_softirqs = codec_count(codec, cpu->n_softirqs, SOFTIRQS_MAX);
	for (unsigned int i = 0; i < cpu->n_softirqs; i++) {
		struct softirq *softirq = &cpu->softirqs[i];

		codec_i64(codec, &softirq->vec);
		codec_time(codec, &softirq->raise);
		codec_time(codec, &softirq->begin);
		codec_time(codec, &softirq->next_raise);
		codec_time(codec, &softirq->again);
		codec_bool(codec, &softirq->in_pass);
		codec_u32(codec, &softirq->raised_in);
		codec_u32(codec, &softirq->again_in);
		codec_i32(codec, &softirq->task);
		deed_image(image, &softirq->deed);
	}
	deed_image(image, &cpu->deed);
	context_image(image, &cpu->threaded);
}

static void add_vector(struct image *image, const char *name)
{
	g_ptr_array_add(image->state->irq.vectors, (gpointer)g_intern_string(name));
}

void irq_image(struct image *image)
{
	struct irq_model *model = &image->state->irq;
	uint32_t n;

	image_names(image, model->vectors, add_vector, VECTORS_MAX);
	image_pool(image, &model->pool, IMAGE_IRQ_CPUS, irq_cpu_image);
	n = codec_count(image->codec, model->cpus->len, CPU_MAX);
	g_array_set_size(model->cpus, n);
	for (uint32_t i = 0; i < n; i++)
		image_number(image, &g_array_index(model->cpus, uint32_t, i), IMAGE_IRQ_CPUS);
}
