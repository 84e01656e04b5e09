/*
 * Causes: why a thread was woken.
 *
 * Structure: what ends waits is noted where it happens, as a `deed` of the innermost handler that runs
 * on that CPU, or of the thread, and ends with that handler, or when the thread does something else. A
 * work item takes the deed of who queues it along to the worker that executes it; so does a kernel
 * thread that was woken by one. At a waking, rules are asked from the surest to the weakest; each
 * looks at the deed, the context, the call of the waker and that of the sleeper.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/waits.h"

#include "state/hash.h"
#include "state/image.h"
#include "state/model.h"
#include "state/syscall_table.h"

#include <string.h>

/* Work items that are queued at once; where there are more, their ends are not recorded. */
#define WORKS_MAX 16384

/* A work item that waits for a worker. */
struct work {
	struct deed deed;     /* of who queued it */
	struct source source; /* that one, if it is a thread */
};

void waits_init(struct waits_model *model)
{
	model->works = g_hash_table_new_full(number_hash, g_int64_equal, g_free, g_free);
}

static void work_drop(struct state *state, struct work *work)
{
	deed_drop(state->strings, &work->deed);
	source_drop(state->strings, &work->source);
}

static void works_forget(struct state *state)
{
	GHashTableIter iter;
	gpointer work;

	g_hash_table_iter_init(&iter, state->waits.works);
	while (g_hash_table_iter_next(&iter, NULL, &work)) {
		work_drop(state, work);
		g_hash_table_iter_remove(&iter);
	}
}

void waits_clear(struct state *state)
{
	works_forget(state);
	g_hash_table_destroy(state->waits.works);
}

/* A thread as who did something, at the record's time, with a reference to its name. */
static struct source source_of(
	struct state *state, const struct record *rec, const struct thread *thread)
{
	if (!thread || thread->tid <= 0)
		return (struct source){.utid = VALUE_ABSENT, .tid = VALUE_ABSENT};
	return (struct source){
		thread->utid, thread->tid, rec->time, strpool_ref(state->strings, thread->comm)};
}

static struct source source_copy(struct state *state, const struct source *source)
{
	strpool_ref(state->strings, source->comm);
	return *source;
}

/* ---- What ends waits ---- */

/* The record's CPU has done something in the context that it is in; takes over the deed's texts. */
static void note(struct state *state, const struct record *rec, struct deed deed)
{
	struct deed *place = irq_deed(state, rec);

	if (place) {
		deed_drop(state->strings, place);
		*place = deed;
	} else {
		deed_drop(state->strings, &deed);
	}
}

void waits_complete(
	struct state *state, const struct record *rec, const struct request *request, strid disk)
{
	struct source source = {request->utid, request->tid, request->begin,
		strpool_ref(state->strings, request->comm)};

	/* Who is not known, or the idle task, is nobody whose path could go on. */
	if (request->tid <= 0)
		source.utid = source.tid = VALUE_ABSENT;
	note(state, rec,
		(struct deed){.kind = CAUSE_DISK,
			.time = rec->time,
			.sector = request->sector,
			.object = strpool_ref(state->strings, disk),
			.source = source});
}

void waits_packet(struct state *state, const struct record *rec, const struct packet *packet)
{
	struct source source = source_copy(state, &packet->source);

	note(state, rec,
		(struct deed){.kind = source.utid == VALUE_ABSENT ? CAUSE_NET : CAUSE_SOCKET,
			.time = rec->time,
			.sector = VALUE_ABSENT,
			.object = strpool_ref(state->strings, packet->netif),
			.peer = strpool_ref(state->strings, packet->peer),
			.source = source});
}

void on_signal_generate(struct state *state, const struct record *rec, const struct state_io *io)
{
	(void)io;
	irq_set_signalled(state, rec, V(rec, signal_generate, tid));
}

void waits_forget(struct state *state, const struct record *rec)
{
	irq_forget_task(state, rec);
}

/* ---- Work items ---- */

void on_workqueue_queue_work(
	struct state *state, const struct record *rec, const struct state_io *io)
{
	const struct thread *task = task_current(state, rec);
	struct context context = irq_context(state, rec, &task);
	int64_t address = V(rec, workqueue_queue_work, work);
	const struct deed *deed = irq_deed(state, rec);
	struct work *work;

	(void)io;
	context_drop(state->strings, &context);
	if (address == VALUE_ABSENT)
		return;
	if (g_hash_table_size(state->waits.works) >= WORKS_MAX)
		works_forget(state);
	work = g_hash_table_lookup(state->waits.works, &address);
	if (work) {
		work_drop(state, work);
	} else {
		work = g_new0(struct work, 1);
		g_hash_table_insert(state->waits.works, g_memdup2(&address, sizeof(address)), work);
	}
	/* A kernel thread hands on what it was woken for. */
	if (deed && deed->kind == CAUSE_UNKNOWN && task)
		deed = &task->deed;
	if (deed)
		work->deed = deed_copy(state->strings, deed);
	work->source = source_of(state, rec, task);
}

void on_workqueue_execute_start(
	struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *worker = thread_current(state, rec);
	int64_t address = V(rec, workqueue_execute_start, work);
	struct work *work = g_hash_table_lookup(state->waits.works, &address);

	(void)io;
	if (work && worker) {
		deed_drop(state->strings, &worker->deed);
		worker->deed = deed_copy(state->strings, &work->deed);
	}
	if (work) {
		work_drop(state, work);
		g_hash_table_remove(state->waits.works, &address);
	}
}

void on_workqueue_execute_end(
	struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *worker = thread_current(state, rec);

	(void)io;
	if (worker)
		deed_drop(state->strings, &worker->deed);
}

/* ---- Rules ---- */

/* What is known at a waking. */
struct waking {
	struct state *state;
	const struct record *rec;
	const struct thread *thread, *waker; /* the waker may be NULL */
	const struct context *context;
	const struct deed
		*deed;     /* what the context has just done, or the kernel thread was woken for */
	enum wait_op asks; /* what the sleeper's call waits for */
	const char *comm;  /* names, NULL if not known */
	const char *waker_comm;
};

/* Threads of the kernel, as far as their parent or their name tells. */
static bool is_kernel(const struct thread *thread, const char *comm)
{
	static const char *const names[] = {"kworker/", "ksoftirqd/", "migration/", "rcu", "kswapd",
		"jbd2/", "kcompactd", "irq/", "kthreadd", "khugepaged", "kauditd", "cpuhp/",
		"watchdog", "scsi_", "loop", "xfsaild/", "txg_", "dmcrypt", "kcryptd"};

	if (thread->tid == 2 || thread->ppid == 2)
		return true;
	if (thread->ppid > 0 || thread->call.id != SYSCALL_ANY)
		return false;
	for (size_t i = 0; comm && i < G_N_ELEMENTS(names); i++)
		if (g_str_has_prefix(comm, names[i]))
			return true;
	return false;
}

/* Whether a thread works for others: the kernel's own, and the workers of io_uring. */
static bool is_worker(const struct state *state, const struct thread *thread, const char *comm)
{
	return is_kernel(thread, comm) || ring_owner(state, comm);
}

/* Threads that move pages about. */
static bool moves_pages(const char *comm)
{
	static const char *const names[] = {"kcompactd", "kswapd", "khugepaged", "ksmd"};

	for (size_t i = 0; comm && i < G_N_ELEMENTS(names); i++)
		if (g_str_has_prefix(comm, names[i]))
			return true;
	return is_flusher(comm);
}

static const struct syscall_row *row_of(const struct thread *thread)
{
	return syscall_row_of(thread->call.id);
}

/* Whether a call is about something that is read and written on this machine only. */
static bool is_local(const struct call *call)
{
	return call->file.type == FILE_LOCAL || call->file.type == FILE_DEVICE;
}

/* Whether that is a socket, by its name. */
static bool is_socket(const struct state *state, const struct file *file)
{
	const char *path = strpool_text(state->strings, file->path);

	return file->type == FILE_NET || (path && g_str_has_prefix(path, "socket"));
}

/* The cause is what both, or one of them, do with a file. */
static void set_file(struct state *state, struct cause *cause, const struct file *file)
{
	cause->kind = is_socket(state, file) ? CAUSE_SOCKET : CAUSE_PIPE;
	strpool_unref(state->strings, cause->path);
	cause->path = strpool_ref(state->strings, file->path);
}

/* A handler that has just got something done, or received it. */
static bool rule_deed(const struct waking *w, struct cause *cause)
{
	/* What a kernel thread was woken for before the sleep began is not what is waited for. */
	if (!w->deed || w->deed->kind == CAUSE_UNKNOWN || w->deed->time < w->thread->task.off)
		return false;
	cause->kind = w->deed->kind;
	cause->deed = deed_copy(w->state->strings, w->deed);
	if (!w->waker) {
		source_drop(w->state->strings, &cause->source);
		cause->source = source_copy(w->state, &w->deed->source);
	}
	return true;
}

static bool rule_timer(const struct waking *w, struct cause *cause)
{
	const char *softirq = context_softirq(w->context);

	if (w->context->kind != CONTEXT_HRTIMER && g_strcmp0(softirq, "TIMER") != 0 &&
		g_strcmp0(softirq, "HRTIMER") != 0)
		return false;
	cause->kind = CAUSE_TIMER;
	return true;
}

static bool rule_softirq(const struct waking *w, struct cause *cause)
{
	static const struct {
		const char *softirq;
		enum cause_kind kind;
	} kinds[] = {{"NET_RX", CAUSE_NET}, {"NET_TX", CAUSE_NET}, {"RCU", CAUSE_RCU},
		{"BLOCK", CAUSE_DISK}, {"BLOCK_IOPOLL", CAUSE_DISK}};
	const char *softirq = context_softirq(w->context);

	for (size_t i = 0; softirq && i < G_N_ELEMENTS(kinds); i++)
		if (strcmp(softirq, kinds[i].softirq) == 0)
			cause->kind = kinds[i].kind;
	return cause->kind != CAUSE_UNKNOWN;
}

/* Another interrupt, that has a name. */
static bool rule_irq(const struct waking *w, struct cause *cause)
{
	if (w->context->kind != CONTEXT_IRQ && w->context->kind != CONTEXT_SOFTIRQ)
		return false;
	if (w->context->kind == CONTEXT_SOFTIRQ || w->context->name)
		cause->kind = CAUSE_IRQ;
	return cause->kind != CAUSE_UNKNOWN;
}

/* The clock, though it is not known who told that it is time. */
static bool rule_sleep(const struct waking *w, struct cause *cause)
{
	if (w->asks != WAITS_TIME || (w->waker && w->context->kind == CONTEXT_THREAD))
		return false;
	cause->kind = CAUSE_TIMER;
	return true;
}

/* A process that the sleeper waits for ends, or (vfork) executes a program. */
static bool rule_child(const struct waking *w, struct cause *cause)
{
	const struct thread *child = w->waker;
	bool made = w->asks == WAITS_FORK && child && child->ppid == w->thread->pid;

	if (!child || (!made && !(child->exited && w->asks == WAITS_CHILD)))
		return false;
	cause->kind = CAUSE_CHILD;
	return true;
}

static bool rule_signal(const struct waking *w, struct cause *cause)
{
	int64_t tid = irq_signalled(w->state, w->rec);

	if (tid <= 0 || (tid != w->thread->tid && tid != w->thread->pid))
		return false;
	cause->kind = w->waker && w->waker->exited ? CAUSE_CHILD : CAUSE_SIGNAL;
	return true;
}

static bool rule_futex(const struct waking *w, struct cause *cause)
{
	/* Who happens to run where an interrupt that is not recorded wakes somebody has no part in it. */
	bool takes_part = w->waker && (w->context->kind == CONTEXT_THREAD || w->waker->exited ||
					      row_of(w->waker)->wait == WAITS_FUTEX);

	if (!takes_part || w->asks != WAITS_FUTEX)
		return false;
	cause->kind = CAUSE_LOCK;
	cause->futex = w->thread->call.pos;
	return true;
}

/* One end is written, the other one read, or polled; or it is closed. */
static bool rule_file(const struct waking *w, struct cause *cause)
{
	const struct call *asks = &w->thread->call, *does = w->waker ? &w->waker->call : NULL;
	bool moves = w->asks == WAITS_FILES || row_of(w->thread)->io != IO_NONE;

	if (!does || !moves)
		return false;
	if (w->asks != WAITS_FILES && is_local(asks))
		set_file(w->state, cause, &asks->file);
	else if (is_local(does) && (w->asks == WAITS_FILES || asks->file.type == FILE_UNKNOWN))
		set_file(w->state, cause, &does->file);
	return cause->kind != CAUSE_UNKNOWN;
}

/* Who has nothing to do waits for work, whoever brings it. */
static bool rule_worker(const struct waking *w, struct cause *cause)
{
	if (!w->waker || w->thread->task.state == PREV_UNINTERRUPTIBLE ||
		!is_worker(w->state, w->thread, w->comm))
		return false;
	cause->kind = CAUSE_WORK;
	cause->work = CAUSE_THREAD;
	return true;
}

/* Two that work on one file. */
static bool rule_same_file(const struct waking *w, struct cause *cause)
{
	const struct call *asks = &w->thread->call, *does = w->waker ? &w->waker->call : NULL;

	if (!does || w->thread->task.state != PREV_UNINTERRUPTIBLE || !asks->file.path ||
		asks->file.path != does->file.path)
		return false;
	cause->kind = CAUSE_LOCK;
	cause->path = strpool_ref(w->state->strings, asks->file.path);
	return true;
}

static bool rule_page(const struct waking *w, struct cause *cause)
{
	if (!w->waker || w->thread->task.state != PREV_UNINTERRUPTIBLE ||
		!moves_pages(w->waker_comm))
		return false;
	cause->kind = CAUSE_PAGE;
	return true;
}

static bool rule_rcu(const struct waking *w, struct cause *cause)
{
	if (!w->waker || !w->waker_comm || !g_str_has_prefix(w->waker_comm, "rcu"))
		return false;
	cause->kind = CAUSE_RCU;
	return true;
}

static bool rule_thread(const struct waking *w, struct cause *cause)
{
	if (!w->waker)
		return false;
	cause->kind = CAUSE_THREAD;
	return true;
}

/* From the surest to the weakest. */
static bool (*const rules[])(const struct waking *w, struct cause *cause) = {rule_child,
	rule_signal, rule_futex, rule_file, rule_worker, rule_deed, rule_timer, rule_softirq,
	rule_sleep, rule_irq, rule_rcu, rule_same_file, rule_page, rule_thread};

struct cause waits_cause(struct state *state, const struct record *rec, const struct thread *thread,
	const struct thread *waker, const struct context *context)
{
	bool known = context->kind == CONTEXT_THREAD || context->kind == CONTEXT_UNKNOWN;
	const struct deed *deed = irq_deed(state, rec);
	struct waking w = {state, rec, thread, waker, context, deed, row_of(thread)->wait,
		strpool_text(state->strings, thread->comm), NULL};
	struct cause cause = {.futex = VALUE_ABSENT,
		.fd = thread->call.id == SYSCALL_ANY ? VALUE_ABSENT : thread->call.fd};

	if (waker)
		w.waker_comm = strpool_text(state->strings, waker->comm);
	if (waker && known && (!deed || deed->kind == CAUSE_UNKNOWN))
		w.deed = &waker->deed;
	cause.source = source_of(state, rec, waker);
	for (size_t i = 0; i < G_N_ELEMENTS(rules); i++)
		if (rules[i](&w, &cause))
			break;
	return cause;
}

void waits_ended(struct state *state, const struct record *rec, struct thread *thread,
	const struct cause *cause)
{
	bool keeps = cause->deed.kind != CAUSE_UNKNOWN &&
		     is_worker(state, thread, strpool_text(state->strings, thread->comm));

	deed_drop(state->strings, &thread->deed);
	if (!keeps)
		return;
	thread->deed = deed_copy(state->strings, &cause->deed);
	thread->deed.time = rec->time;
}

/* ---- Images ---- */

void waits_image(struct image *image)
{
	GHashTable *works = image->state->waits.works;
	GArray *keys = image_keys(works);
	uint32_t n = codec_count(image->codec, keys->len, WORKS_MAX);

	for (uint32_t i = 0; i < n && !image->codec->failed; i++) {
		int64_t address = image_reads(image) ? 0 : g_array_index(keys, int64_t, i);
		struct work *work;

		codec_i64(image->codec, &address);
		work = g_hash_table_lookup(works, &address);
		if (image_reads(image) && work) {
			codec_fail(image->codec, "a work item is queued twice");
			break;
		}
		if (!work) {
			work = g_new0(struct work, 1);
			g_hash_table_insert(works, g_memdup2(&address, sizeof(address)), work);
		}
		deed_image(image, &work->deed);
		source_image(image, &work->source);
	}
	g_array_unref(keys);
}
