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

/* From this one on, workers that have nothing to do sleep idle. */
#define KERNEL_IDLE_WORKERS VERSION(4, 15, 0)

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
	for (size_t i = 0; i < FLUSHES; i++)
		source_drop(state->strings, &state->waits.flushes[i].source);
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

static const struct syscall_row *row_of(const struct thread *thread)
{
	return syscall_row_of(thread->call.id);
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

/* Where the model keeps who has asked for a flush of a disk, or for a request with one behind it. */
static struct flush_asked *flush_of(struct state *state, int64_t dev, int64_t sector)
{
	for (size_t i = 0; i < FLUSHES; i++) {
		struct flush_asked *flush = &state->waits.flushes[i];

		if (flush->source.utid != 0 && flush->dev == dev && flush->sector == sector)
			return flush;
	}
	return NULL;
}

static void note_flush(
	struct state *state, int64_t dev, int64_t sector, const struct source *source)
{
	struct flush_asked *flush = flush_of(state, dev, sector);

	if (!flush)
		flush = &state->waits.flushes[state->waits.next_flush++ % FLUSHES];
	source_drop(state->strings, &flush->source);
	*flush = (struct flush_asked){dev, sector, source_copy(state, source)};
}

void waits_issue(struct state *state, const struct record *rec, struct thread *thread, int64_t dev,
	int64_t sector, int64_t nr_sector)
{
	struct source source = source_of(state, rec, thread);

	if (thread)
		thread->asks_disk = true;
	if (nr_sector == 0 && thread)
		note_flush(state, dev, sector, &source);
	source_drop(state->strings, &source);
}

/* Who has asked for what a disk has done. */
static struct source asked_by(struct state *state, int64_t dev, int64_t sector,
	const struct request *request, bool flushes)
{
	struct source source = {.utid = VALUE_ABSENT, .tid = VALUE_ABSENT};
	struct flush_asked *flush = request ? NULL : flush_of(state, dev, sector);

	if (flush) {
		source = flush->source;
		*flush = (struct flush_asked){0};
	} else if (request && request->tid > 0) {
		/* The idle task is nobody whose path could go on. */
		source = (struct source){request->utid, request->tid, request->begin,
			strpool_ref(state->strings, request->comm)};
		/* The same comes once more when the disk has written its cache. */
		if (flushes)
			note_flush(state, dev, sector, &source);
	}
	return source;
}

void waits_complete(struct state *state, const struct record *rec, int64_t dev, int64_t sector,
	const struct request *request, bool flushes)
{
	struct source source = asked_by(state, dev, sector, request, flushes);

	note(state, rec,
		(struct deed){.kind = CAUSE_DISK,
			.time = rec->time,
			.sector = request      ? request->sector
				  : sector > 0 ? sector
					       : VALUE_ABSENT,
			.object = disk_name(state, request ? request->dev : dev),
			.source = source});
}

void waits_packet(struct state *state, const struct record *rec, strid netif, strid peer,
	const struct packet *sent, const struct remote *remote)
{
	struct source source = {.utid = VALUE_ABSENT, .tid = VALUE_ABSENT};
	const struct sender *sender = sent ? &sent->sender : NULL;

	/* What softirqs send by themselves (they acknowledge) is nobody's. */
	if (sender && sender->tid != VALUE_ABSENT)
		source = (struct source){sender->utid, sender->tid, sender->time,
			strpool_ref(state->strings, sender->comm)};
	note(state, rec,
		(struct deed){.kind = sent && remote->machine == 0 ? CAUSE_SOCKET : CAUSE_NET,
			.time = rec->time,
			.sector = VALUE_ABSENT,
			.object = strpool_ref(state->strings, netif),
			.peer = strpool_ref(state->strings, peer),
			.source = source,
			.remote = *remote});
}

void waits_enter(struct state *state, const struct record *rec, struct thread *thread)
{
	if (!(state->config.wants & WANT_CAUSE))
		return;
	irq_forget_task(state, rec);
	thread_forget_waits(state, thread);
}

void waits_leave(struct state *state, const struct record *rec, struct thread *thread)
{
	if (!(state->config.wants & WANT_CAUSE))
		return;
	waits_enter(state, rec, thread);
	if (row_of(thread)->op != FD_CLOSE && row_of(thread)->op != FD_DUP_TO)
		return;
	thread->closed = thread->call.file;
	strpool_ref(state->strings, thread->closed.path);
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
	const struct deed *deed; /* what the context has just done; NULL if that is not known */
	enum prev_state sleeps;  /* how the thread sleeps, or is about to */
	bool early;              /* it does not sleep yet */
	enum wait_op asks;       /* what the sleeper's call waits for */
	const char *comm;        /* names, NULL if not known */
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
	return false;
}

/* What a call is about: the file behind its descriptor, or the one that it names. */
static strid path_of(const struct call *call)
{
	return call->file.path ? call->file.path : call->path;
}

/* Whether that is a socket, by its name. */
static bool is_socket(const struct state *state, const struct file *file)
{
	const char *path = strpool_text(state->strings, file->path);

	return file->type == FILE_NET || (path && g_str_has_prefix(path, "socket"));
}

/* Whether the sleeper can't be interrupted. */
static bool is_blocked(const struct waking *w)
{
	return w->sleeps != PREV_INTERRUPTIBLE && w->sleeps != PREV_IDLE &&
	       w->sleeps != PREV_UNKNOWN;
}

/* The cause is what both, or one of them, do with a file. */
static void set_file(struct state *state, struct cause *cause, const struct file *file)
{
	cause->kind = is_socket(state, file) ? CAUSE_SOCKET : CAUSE_PIPE;
	strpool_unref(state->strings, cause->path);
	cause->path = strpool_ref(state->strings, file->path);
}

/* The cause is what has been done. */
static bool set_deed(const struct waking *w, struct cause *cause, const struct deed *deed)
{
	struct strpool *strings = w->state->strings;

	cause->kind = deed->kind;
	cause->deed = deed_copy(strings, deed);
	/* A thread that receives packets only hands them on. */
	if (!w->waker || deed->kind == CAUSE_NET || deed->kind == CAUSE_SOCKET) {
		source_drop(strings, &cause->source);
		cause->source = source_copy(w->state, &deed->source);
	}
	return true;
}

/* Whether something was done since the sleep began, which has not begun yet where that is early. */
static bool is_meanwhile(const struct waking *w, const struct deed *deed)
{
	return deed->kind != CAUSE_UNKNOWN && !w->early && deed->time >= w->thread->task.off;
}

/*
 * What the context has just got done, or received: in the same run of the handler, before the sleep began or
 * since. Or what a thread that works for others has waited for meanwhile.
 */
static bool rule_deed(const struct waking *w, struct cause *cause)
{
	bool handler = w->context->kind != CONTEXT_THREAD && w->context->kind != CONTEXT_UNKNOWN;
	bool works = w->waker && is_worker(w->state, w->waker, w->waker_comm);

	if (w->deed && (handler ? w->deed->kind != CAUSE_UNKNOWN : is_meanwhile(w, w->deed)))
		return set_deed(w, cause, w->deed);
	return works && is_meanwhile(w, &w->waker->deed) && set_deed(w, cause, &w->waker->deed);
}

/* Another thread has been blocked meanwhile, and lets go on who waited for what it held. */
static bool rule_held(const struct waking *w, struct cause *cause)
{
	if (!w->waker || !is_blocked(w) || w->early ||
		is_worker(w->state, w->waker, w->waker_comm) || !w->waker->blocked ||
		w->waker->blocked < w->thread->task.off)
		return false;
	cause->kind = CAUSE_LOCK;
	cause->path = strpool_intern(w->state->strings, "kernel lock");
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

/*
 * A process that the sleeper waits for ends, or (vfork) executes a program; or the sleeper exits, and
 * waits for the end of its workers of io_uring.
 */
static bool rule_child(const struct waking *w, struct cause *cause)
{
	const struct thread *child = w->waker;

	if (!child)
		return false;
	bool is_child = child->ppid == w->thread->pid;
	bool ends = w->asks == WAITS_CHILD && (child->exited || is_child);
	bool made = w->asks == WAITS_FORK && is_child;
	bool worker =
		w->asks == ENDS_THREAD && is_blocked(w) && ring_owner(w->state, w->waker_comm);

	if (!ends && !made && !worker)
		return false;
	cause->kind = CAUSE_CHILD;
	return true;
}

/* The kernel tells of a signal (signal_generate) after it has woken who gets it. */
static bool rule_signal(const struct waking *w, struct cause *cause)
{
	bool sends = w->waker && row_of(w->waker)->wait == SENDS_SIGNAL;

	if (!w->waker || (!sends && w->asks != WAITS_SIGNAL))
		return false;
	/* That one of its processes has ended is a signal, too. */
	cause->kind = w->waker->exited ? CAUSE_CHILD : CAUSE_SIGNAL;
	return true;
}

static bool rule_futex(const struct waking *w, struct cause *cause)
{
	/* Who happens to run where an interrupt that is not recorded wakes somebody has no part in it. */
	bool takes_part = w->waker && (w->context->kind == CONTEXT_THREAD || w->waker->exited ||
					      row_of(w->waker)->wait == WAITS_FUTEX ||
					      row_of(w->waker)->wait == ENDS_THREAD);

	if (!takes_part || w->asks != WAITS_FUTEX)
		return false;
	cause->kind = CAUSE_LOCK;
	cause->futex = w->thread->call.pos;
	return true;
}

/* Whether a call moves data through a descriptor, connects or closes it. */
static bool moves_data(const struct thread *thread)
{
	const struct syscall_row *row = row_of(thread);

	return row->op == FD_CONNECT ||
	       (row->io != IO_NONE && row->io != IO_OPEN && row->io != IO_SYNC);
}

/* Whether that is on this machine, and not in a file. */
static bool is_channel(const struct file *file)
{
	return file->type != FILE_STORED && file->type != FILE_VIRTUAL;
}

/*
 * One end is written, the other one is read, or polled; or it is closed. What comes from other machines is not
 * brought by threads, and who waits for a file can't be interrupted.
 */
static bool rule_file(const struct waking *w, struct cause *cause)
{
	const struct file *asks = &w->thread->call.file,
			  *does = w->waker ? &w->waker->call.file : NULL;
	bool polls = w->asks == WAITS_FILES;

	if (!does || is_blocked(w) || (!polls && !(moves_data(w->thread) && is_channel(asks))))
		return false;
	if (w->waker->call.id == SYSCALL_ANY)
		does = &w->waker->closed;
	if ((moves_data(w->waker) || does->path) && is_channel(does))
		set_file(w->state, cause, polls ? does : asks);
	else if (w->waker->exited && !polls)
		set_file(w->state, cause, asks);
	return cause->kind != CAUSE_UNKNOWN;
}

/*
 * Whether the sleeper may have nothing to do. Recent kernels tell of their workers when that is so: those sleep
 * idle, and whatever else they wait for is something else.
 */
static bool may_be_idle(const struct waking *w)
{
	uint32_t kernel = w->state->config.kernel;
	bool tells = (kernel == 0 || kernel >= KERNEL_IDLE_WORKERS) && w->comm &&
		     g_str_has_prefix(w->comm, "kworker/");

	return tells ? w->sleeps == PREV_IDLE : !is_blocked(w);
}

/* Who has nothing to do waits for work, whoever brings it. */
static bool rule_worker(const struct waking *w, struct cause *cause)
{
	if (!w->waker || !may_be_idle(w) || !is_worker(w->state, w->thread, w->comm))
		return false;
	cause->kind = CAUSE_WORK;
	cause->work = CAUSE_THREAD;
	return true;
}

/* The folder that both paths are in, with a reference; 0 if it is not the same one. */
static strid same_folder(const struct state *state, strid a, strid b)
{
	const char *x = strpool_text(state->strings, a), *y = strpool_text(state->strings, b);
	const char *slash = x ? strrchr(x, '/') : NULL;
	size_t length = slash ? (size_t)(slash - x) : 0;
	char *folder;
	strid interned;

	if (!length || !y || strncmp(x, y, length + 1) != 0 || strchr(y + length + 1, '/'))
		return 0;
	folder = g_strndup(x, length);
	interned = strpool_intern(state->strings, folder);
	g_free(folder);
	return interned;
}

/* Two that work on one file, or on names in one folder. */
static bool rule_same_file(const struct waking *w, struct cause *cause)
{
	strid path = path_of(&w->thread->call), other = w->waker ? path_of(&w->waker->call) : 0;

	if (!is_blocked(w) || !path || !other)
		return false;
	if (path == other)
		cause->path = strpool_ref(w->state->strings, path);
	else if (w->thread->call.path && w->waker->call.path)
		cause->path = same_folder(w->state, path, other);
	if (cause->path)
		cause->kind = CAUSE_LOCK;
	return cause->path;
}

/* Whether a thread is one that writes pages, and has to do with a disk at the moment. */
static bool writes_pages(const struct thread *thread, const char *comm)
{
	return is_flusher(comm) &&
	       (thread->flusher.writes || thread->asks_disk || thread->deed.kind == CAUSE_DISK);
}

/* Whether what a thread does may be about pages of files: a call, a fault, or the kernel's own work. */
static bool uses_pages(const struct thread *thread)
{
	const struct syscall_row *row = row_of(thread);

	return thread->call.id == SYSCALL_ANY || (row->io != IO_NONE && row->io != IO_ACCEPT) ||
	       row->cache != CACHE_NONE || row->wait == WAITS_FORK;
}

/*
 * A page is unlocked, or has been written: by a thread that writes pages, or moves them about. Or it is such a
 * one that has waited, for somebody who reads or writes a file.
 */
static bool rule_page(const struct waking *w, struct cause *cause)
{
	bool syncs = row_of(w->thread)->io == IO_SYNC && is_flusher(w->waker_comm);
	bool by = w->waker && uses_pages(w->thread) &&
		  (syncs || moves_pages(w->waker_comm) || writes_pages(w->waker, w->waker_comm));
	bool own = w->waker && row_of(w->waker)->io != IO_NONE &&
		   (moves_pages(w->comm) || writes_pages(w->thread, w->comm));

	if (!is_blocked(w) || (!by && !own))
		return false;
	cause->kind = CAUSE_PAGE;
	if (!by)
		cause->path = strpool_ref(w->state->strings, path_of(&w->waker->call));
	return true;
}

/* The journal of a file system: its commit is over; or a call that changes something has let it begin. */
static bool rule_journal(const struct waking *w, struct cause *cause)
{
	const struct thread *journal = is_journal(w->comm) ? w->thread : w->waker;

	if (!w->waker || !is_blocked(w) || !(journal == w->thread || is_journal(w->waker_comm)))
		return false;
	cause->kind = CAUSE_LOCK;
	cause->path = strpool_ref(w->state->strings, journal->comm);
	return true;
}

/* A process or thread that ends, whatever the sleeper has asked for. */
static bool rule_exit(const struct waking *w, struct cause *cause)
{
	if (!w->waker || !w->waker->exited || (!is_blocked(w) && w->waker->ppid != w->thread->pid))
		return false;
	cause->kind = CAUSE_CHILD;
	return true;
}

/* Threads of one process that change, or look at, what is mapped where. */
static bool rule_mappings(const struct waking *w, struct cause *cause)
{
	const struct thread *thread = w->thread, *waker = w->waker;

	if (!waker || ring_owner(w->state, w->waker_comm) || !is_blocked(w) ||
		thread->pid == PID_UNKNOWN || thread->pid != waker->pid ||
		row_of(thread)->io != IO_NONE || is_kernel(thread, w->comm))
		return false;
	cause->kind = CAUSE_LOCK;
	cause->path = strpool_intern(w->state->strings, "mmap_lock");
	return true;
}

static bool rule_rcu(const struct waking *w, struct cause *cause)
{
	if (!w->waker || !w->waker_comm || !g_str_has_prefix(w->waker_comm, "rcu") ||
		!is_kernel(w->waker, w->waker_comm))
		return false;
	cause->kind = CAUSE_RCU;
	return true;
}

/* Nobody knows who runs there: events are missing. */
static bool rule_lost(const struct waking *w, struct cause *cause)
{
	const struct thread *current = thread_current(w->state, w->rec);

	if (w->context->kind != CONTEXT_UNKNOWN || w->waker || !current ||
		current->tid != TID_UNKNOWN)
		return false;
	cause->kind = CAUSE_LOST;
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
static bool (*const rules[])(const struct waking *w, struct cause *cause) = {rule_signal,
	rule_child, rule_futex, rule_file, rule_worker, rule_deed, rule_timer, rule_softirq,
	rule_sleep, rule_irq, rule_rcu, rule_journal, rule_same_file, rule_page, rule_held,
	rule_mappings, rule_exit, rule_thread, rule_lost};

/* Who has nothing to do waits for work, even if it is an interrupt that brings it. */
static void set_idle(const struct waking *w, struct cause *cause)
{
	static const char *const names[] = {
		"ksoftirqd/", "migration/", "kworker/", "cpuhp/", "irq/"};
	bool idle = cause->kind == CAUSE_UNKNOWN && is_worker(w->state, w->thread, w->comm);

	for (size_t i = 0; w->comm && i < G_N_ELEMENTS(names); i++)
		idle |= g_str_has_prefix(w->comm, names[i]);
	if (!idle || cause->kind == CAUSE_WORK || !may_be_idle(w))
		return;
	cause->work = cause->kind;
	cause->kind = CAUSE_WORK;
}

/* The descriptor that the thread's call is about; of calls with a path it is the folder that this begins in. */
static int64_t fd_of(const struct thread *thread)
{
	return thread->call.id == SYSCALL_ANY || thread->call.fd < 0 || row_of(thread)->path
		       ? VALUE_ABSENT
		       : thread->call.fd;
}

struct cause waits_cause(struct state *state, const struct record *rec, const struct thread *thread,
	enum prev_state sleeps, const struct thread *waker, const struct context *context)
{
	const struct deed *deed = irq_deed(state, rec);
	const struct context by_thread = {.kind = CONTEXT_THREAD};
	bool early = thread_is_running(state, thread);
	struct waking w = {state, rec, thread, waker, context, deed, sleeps, early,
		row_of(thread)->wait, strpool_text(state->strings, thread->comm), NULL};
	struct cause cause = {.futex = VALUE_ABSENT, .fd = fd_of(thread)};

	/* Since events were missing, the task has made a call: it is not in a handler that was not seen. */
	if (context->kind == CONTEXT_UNKNOWN && !waker && irq_task_acts(state, rec)) {
		waker = thread_current(state, rec);
		w.waker = waker;
		w.context = waker ? &by_thread : context;
	}
	if (waker)
		w.waker_comm = strpool_text(state->strings, waker->comm);
	cause.source = source_of(state, rec, waker);
	for (size_t i = 0; i < G_N_ELEMENTS(rules); i++)
		if (rules[i](&w, &cause))
			break;
	set_idle(&w, &cause);
	return cause;
}

/* Notes how long the thread has slept in its call, and why, if it was never longer. */
static void note_in_call(struct state *state, const struct record *rec, struct thread *thread,
	const struct cause *cause)
{
	struct call_waits *waits = &thread->call_waits;
	int64_t begin = MAX(thread->task.off, thread->call.begin);
	int64_t duration = time_span(begin, rec->time);

	/* Where it is not known that it slept, it may have run. */
	if (thread->call.id == SYSCALL_ANY || thread->task.state == PREV_UNKNOWN || duration <= 0)
		return;
	waits->waited = time_sum(waits->waited, duration);
	if (duration <= waits->longest)
		return;
	cause_drop(state->strings, &waits->cause);
	waits->cause = cause_copy(state->strings, cause);
	if (cause->kind == CAUSE_UNKNOWN && lost_since(state, thread->task.off))
		waits->cause.kind = CAUSE_LOST;
	waits->longest = duration;
}

/* What a thread that works for others can have waited for on their behalf. */
static bool is_handed_on(enum cause_kind kind)
{
	return kind == CAUSE_DISK || kind == CAUSE_CHILD || kind == CAUSE_RCU;
}

void waits_ended(struct state *state, const struct record *rec, struct thread *thread,
	const struct cause *cause)
{
	bool idle = cause->kind == CAUSE_WORK || thread->task.state == PREV_IDLE;

	note_in_call(state, rec, thread, cause);
	if (thread->task.state == PREV_UNINTERRUPTIBLE)
		thread->blocked = rec->time;
	if (!is_worker(state, thread, strpool_text(state->strings, thread->comm)))
		return;
	if (idle) {
		deed_drop(state->strings, &thread->deed);
		thread->asks_disk = false;
	}
	if (cause->deed.kind == CAUSE_UNKNOWN && !is_handed_on(cause->kind))
		return;
	deed_drop(state->strings, &thread->deed);
	if (cause->deed.kind != CAUSE_UNKNOWN)
		thread->deed = deed_copy(state->strings, &cause->deed);
	else
		thread->deed = (struct deed){.kind = cause->kind,
			.sector = VALUE_ABSENT,
			.object = strpool_ref(state->strings, cause->source.comm),
			.source = {.utid = VALUE_ABSENT, .tid = VALUE_ABSENT}};
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
	codec_u32(image->codec, &image->state->waits.next_flush);
	for (size_t i = 0; i < FLUSHES; i++) {
		struct flush_asked *flush = &image->state->waits.flushes[i];

		codec_i64(image->codec, &flush->dev);
		codec_i64(image->codec, &flush->sector);
		source_image(image, &flush->source);
	}
}
