/*
 * The page cache: which pages of which files are dirty, who made them so, and what cleans them.
 * docs/pagecache.md has the rules and what each of them is worth.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/pagecache.h"

#include "state/model.h"
#include "state/syscall_table.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#define SECTOR_SIZE 512
#define PAGE_SIZE   4096

/* Larger than any buffer; a size beyond it is damage. */
#define BUFFER_MAX (1 << 20)

/* How long after its first page another one may still become part of a run, ns. */
#define RUN_SPAN 1000000

static gint place_compare(gconstpointer a, gconstpointer b, gpointer data)
{
	const struct page_place *x = a, *y = b;

	(void)data;
	if (x->space != y->space)
		return x->space < y->space ? -1 : 1;
	return (x->begin > y->begin) - (x->begin < y->begin);
}

static guint name_hash(gconstpointer data)
{
	const struct file_name *name = data;

	return name->path * 0x9e3779b1u ^ (guint)name->pid;
}

static gboolean name_equal(gconstpointer a, gconstpointer b)
{
	const struct file_name *x = a, *y = b;

	return x->path == y->path && x->pid == y->pid;
}

static guint inode_hash(gconstpointer data)
{
	const struct inode *inode = data;
	uint64_t mix = (uint64_t)inode->ino * 0x9e3779b97f4a7c15u ^ (uint64_t)inode->dev;

	return (guint)(mix >> 32 ^ mix);
}

static gboolean inode_equal(gconstpointer a, gconstpointer b)
{
	const struct inode *x = a, *y = b;

	return x->ino == y->ino && x->dev == y->dev;
}

void cache_init(struct cache_model *model)
{
	pool_init(&model->runs, sizeof(struct page_run));
	pool_init(&model->files, sizeof(struct cached_file));
	model->places = g_tree_new_with_data(place_compare, NULL);
	model->by_name = g_hash_table_new(name_hash, name_equal);
	model->by_inode = g_hash_table_new(inode_hash, inode_equal);
	model->devices = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
	/* No cursor is right before there is anything. */
	model->generation = 1;
}

void cache_clear(struct state *state)
{
	struct cache_model *model = &state->cache;

	g_tree_destroy(model->places);
	g_hash_table_destroy(model->by_name);
	g_hash_table_destroy(model->by_inode);
	g_hash_table_destroy(model->devices);
	pool_clear(&model->runs);
	pool_clear(&model->files);
}

static struct page_run *run_at(const struct state *state, uint32_t index)
{
	return pool_at(&state->cache.runs, index);
}

static struct cached_file *file_at(const struct state *state, uint32_t index)
{
	return pool_at(&state->cache.files, index);
}

static bool is_delayed(const struct page_run *run)
{
	return run->place.space < 0;
}

/* Whether a name is that of a kernel thread that writes dirty pages. */
static bool is_flusher(const char *comm)
{
	static const char *const names[] = {"kworker/", "flush-", "pdflush", "bdi-default"};

	for (size_t i = 0; comm && i < G_N_ELEMENTS(names); i++)
		if (g_str_has_prefix(comm, names[i]))
			return true;
	return false;
}

/* ---- Files ---- */

/* The file with dirty pages that is called so, 0 if there is none. */
static uint32_t file_find(const struct state *state, struct file_name name)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(state->cache.by_name, &name));
}

/* The same by path; 0 for a path that is not known. */
static uint32_t file_at_path(const struct state *state, strid path)
{
	return path ? file_find(state, (struct file_name){.path = path}) : 0;
}

/* Gives a file another name, which no other has. */
static void file_rename(struct state *state, uint32_t index, struct file_name name)
{
	struct cached_file *file = file_at(state, index);

	if (g_hash_table_lookup(state->cache.by_name, &file->name) == GUINT_TO_POINTER(index))
		g_hash_table_remove(state->cache.by_name, &file->name);
	strpool_ref(state->strings, name.path);
	strpool_unref(state->strings, file->name.path);
	file->name = name;
	g_hash_table_insert(state->cache.by_name, &file->name, GUINT_TO_POINTER(index));
	state->cache.generation++;
}

static uint32_t file_ensure(struct state *state, struct file_name name)
{
	uint32_t index = file_find(state, name);

	if (index)
		return index;
	index = pool_add(&state->cache.files);
	file_rename(state, index, name);
	return index;
}

static void file_remove(struct state *state, uint32_t index)
{
	struct cached_file *file = file_at(state, index);

	if (file->inode.ino)
		g_hash_table_remove(state->cache.by_inode, &file->inode);
	if (g_hash_table_lookup(state->cache.by_name, &file->name) == GUINT_TO_POINTER(index))
		g_hash_table_remove(state->cache.by_name, &file->name);
	strpool_unref(state->strings, file->name.path);
	pool_remove(&state->cache.files, index);
	state->cache.generation++;
}

/* The file with this inode; a path or a process tells more of it, if that is all that is known. */
static uint32_t file_of_inode(struct state *state, struct inode inode, struct file_name name)
{
	uint32_t index = GPOINTER_TO_UINT(g_hash_table_lookup(state->cache.by_inode, &inode));
	struct cached_file *file;

	if (index) {
		if (name.path && !file_at(state, index)->name.path && !file_find(state, name))
			file_rename(state, index, name);
		return index;
	}
	index = name.path ? file_ensure(state, name) : pool_add(&state->cache.files);
	file = file_at(state, index);
	/* Another file is called so, too: it has been replaced, or is in another folder. */
	if (file->inode.ino) {
		index = pool_add(&state->cache.files);
		file = file_at(state, index);
	}
	file->inode = inode;
	g_hash_table_insert(state->cache.by_inode, &file->inode, GUINT_TO_POINTER(index));
	state->cache.generation++;
	return index;
}

static struct cached_device *device_find(const struct state *state, int64_t dev)
{
	return g_hash_table_lookup(state->cache.devices, &dev);
}

/* The file has its first page that waits for a block: it is the newest of its device. */
static void file_enqueue(struct state *state, uint32_t index, int64_t dev)
{
	struct cached_file *file = file_at(state, index);
	struct cached_device *device = device_find(state, dev);

	if (!device) {
		device = g_new0(struct cached_device, 1);
		device->dev = dev;
		g_hash_table_insert(state->cache.devices, &device->dev, device);
	}
	file->dev = dev;
	file->older = device->newest;
	file->newer = 0;
	if (device->newest)
		file_at(state, device->newest)->newer = index;
	else
		device->oldest = index;
	device->newest = index;
}

static void file_dequeue(struct state *state, uint32_t index)
{
	struct cached_file *file = file_at(state, index);
	struct cached_device *device = device_find(state, file->dev);

	if (file->older)
		file_at(state, file->older)->newer = file->newer;
	else
		device->oldest = file->newer;
	if (file->newer)
		file_at(state, file->newer)->older = file->older;
	else
		device->newest = file->older;
	if (!device->oldest)
		g_hash_table_remove(state->cache.devices, &file->dev);
}

/* ---- Runs ---- */

/* The newest of all runs with this place or before it in the same space, 0 if there is none. */
static uint32_t run_before(const struct state *state, const struct page_place *place)
{
	GTreeNode *node = g_tree_upper_bound(state->cache.places, place);
	uint32_t index;

	node = node ? g_tree_node_previous(node) : g_tree_node_last(state->cache.places);
	index = node ? GPOINTER_TO_UINT(g_tree_node_value(node)) : 0;
	return index && run_at(state, index)->place.space == place->space ? index : 0;
}

/* The first run at this place or behind it in the same space, 0 if there is none. */
static uint32_t run_from(const struct state *state, const struct page_place *place)
{
	GTreeNode *node = g_tree_lower_bound(state->cache.places, place);
	uint32_t index = node ? GPOINTER_TO_UINT(g_tree_node_value(node)) : 0;

	return index && run_at(state, index)->place.space == place->space ? index : 0;
}

/* Tells what of a run has become dirty since it was last told. */
static void tell_dirty(struct state *state, const struct record *rec, const struct state_io *io,
	struct page_run *run)
{
	int64_t size = run->end - run->place.begin - run->told;

	run->told += size;
	if (size == 0 || !emits(io, DERIVED_page_dirty))
		return;
	EMIT(io, page_dirty, .time = rec->time, .cpu = rec->cpu >= 0 ? rec->cpu : VALUE_ABSENT,
		.host = state->config.host, .tid = run->tid, .pid = run->pid, .procname = run->comm,
		.process = run->process, .begin = run->since, .size = size,
		.path = file_at(state, run->file)->path,
		.dev = is_delayed(run) ? file_at(state, run->file)->dev : run->place.space,
		.blocks = !is_delayed(run), .dirty = state->cache.dirty);
}

static void run_link(struct state *state, uint32_t index, int64_t dev)
{
	struct cache_model *model = &state->cache;
	struct page_run *run = run_at(state, index);
	struct cached_file *file = file_at(state, run->file);

	run->prev = file->last;
	if (file->last)
		run_at(state, file->last)->next = index;
	else
		file->first = index;
	file->last = index;
	run->older = model->newest;
	if (model->newest)
		run_at(state, model->newest)->newer = index;
	else
		model->oldest = index;
	model->newest = index;
	model->n_runs++;
	model->generation++;
	g_tree_insert(model->places, &run->place, GUINT_TO_POINTER(index));
	if (is_delayed(run)) {
		if (file->delayed == 0)
			file_enqueue(state, run->file, dev);
		file->delayed += run->end - run->place.begin;
	}
}

/* The run's pages are gone; so is the file if they were its last ones. */
static void run_remove(struct state *state, uint32_t index)
{
	struct cache_model *model = &state->cache;
	struct page_run *run = run_at(state, index);
	struct cached_file *file = file_at(state, run->file);

	if (run->prev)
		run_at(state, run->prev)->next = run->next;
	else
		file->first = run->next;
	if (run->next)
		run_at(state, run->next)->prev = run->prev;
	else
		file->last = run->prev;
	if (run->older)
		run_at(state, run->older)->newer = run->newer;
	else
		model->oldest = run->newer;
	if (run->newer)
		run_at(state, run->newer)->older = run->older;
	else
		model->newest = run->older;
	model->n_runs--;
	model->generation++;
	g_tree_remove(model->places, &run->place);
	if (!file->first)
		file_remove(state, run->file);
	strpool_unref(state->strings, run->comm);
	strpool_unref(state->strings, run->process);
	pool_remove(&model->runs, index);
}

/* What is known of the owner, the file and the pages of a run that is no longer dirty. */
#define RUN_VALUES(state, run)                                                                  \
	.owner_tid = (run)->tid, .owner_pid = (run)->pid, .owner_procname = (run)->comm,        \
	.owner_process = (run)->process, .path = file_at((state), (run)->file)->path,           \
	.begin = (run)->since

/*
 * Takes up to `size` bytes from a run, beginning at byte `from` of its space. `tell` is called
 * before it changes, with what is taken. Returns how much that was.
 */
static int64_t run_take(struct state *state, const struct record *rec, const struct state_io *io,
	uint32_t index, int64_t from, int64_t size)
{
	struct page_run *run = run_at(state, index), *rest;
	struct cached_file *file = file_at(state, run->file);
	int64_t end = MIN(run->end, from + size), taken = end - from;
	uint32_t behind;

	tell_dirty(state, rec, io, run);
	state->cache.dirty -= taken;
	if (is_delayed(run)) {
		file->delayed -= taken;
		if (file->delayed == 0)
			file_dequeue(state, run->file);
	}
	if (from == run->place.begin && end == run->end) {
		run_remove(state, index);
		return taken;
	}
	state->cache.generation++;
	if (from == run->place.begin) {
		/* No other run is in between: the order stays. */
		run->place.begin = end;
		run->told -= taken;
		return taken;
	}
	run->told = from - run->place.begin;
	if (end < run->end) {
		behind = pool_add(&state->cache.runs);
		rest = run_at(state, behind);
		*rest = *run;
		rest->place.begin = end;
		rest->told = rest->end - end;
		rest->prev = rest->next = rest->older = rest->newer = 0;
		strpool_ref(state->strings, rest->comm);
		strpool_ref(state->strings, rest->process);
		run->end = from;
		/* run_link() counts it, and it has been. */
		if (is_delayed(rest))
			file->delayed -= rest->end - rest->place.begin;
		run_link(state, behind, file->dev);
		return taken;
	}
	run->end = from;
	return taken;
}

/* Pages of a run are clean though nobody was seen to write them. */
static int64_t drop(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread, uint32_t index, int64_t from, int64_t size, const char *why)
{
	const struct page_run *run = run_at(state, index);
	struct derived_page_drop event = {COMMON_OF(state, rec, thread), RUN_VALUES(state, run),
		.duration = time_span(run->since, rec->time), .why = why};

	strpool_ref(state->strings, event.owner_procname);
	strpool_ref(state->strings, event.owner_process);
	strpool_ref(state->strings, event.path);
	event.size = run_take(state, rec, io, index, from, size);
	event.dirty = state->cache.dirty;
	if (emits(io, DERIVED_page_drop))
		io->emit(io->data, DERIVED_page_drop, &event);
	strpool_unref(state->strings, event.owner_procname);
	strpool_unref(state->strings, event.owner_process);
	strpool_unref(state->strings, event.path);
	return event.size;
}

static void drop_run(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread, uint32_t index, const char *why)
{
	drop(state, rec, io, thread, index, run_at(state, index)->place.begin, INT64_MAX / 2, why);
}

/* All pages of a file that were dirty at `before` are clean. */
static void drop_file(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread, uint32_t file, int64_t before, const char *why)
{
	uint32_t run, next;

	for (run = file ? file_at(state, file)->first : 0; run; run = next) {
		/* The file goes with its last run. */
		next = run_at(state, run)->next;
		if (run_at(state, run)->since < before)
			drop_run(state, rec, io, thread, run, why);
	}
}

/* ---- Becoming dirty ---- */

/* The file that the thread is writing to, and its name. */
static strid path_written(const struct state *state, const struct thread *thread)
{
	const struct call *call = &thread->call;
	const struct syscall_row *row = syscall_row_of(call->id);
	const struct thread *leader;
	const struct fd *fd;

	if (call->id != SYSCALL_ANY && row->io == IO_COPY) {
		fd = fd_find(state, thread, call->fd2);
		return fd ? fd->file.path : 0;
	}
	if (call->id != SYSCALL_ANY && (call->file.path || row->io != IO_NONE))
		return call->file.path;
	leader = thread_find(state, thread->pid) ?: thread;
	return call->id == SYSCALL_ANY ? leader->mapped : 0;
}

static struct file_key key_written(const struct state *state, const struct thread *thread)
{
	strid path = thread ? path_written(state, thread) : 0;

	if (path)
		return key_of_path(path);
	return (struct file_key){.pid = thread && thread->pid != PID_UNKNOWN ? thread->pid : 0};
}

/* Where in the file the thread's call has come to, bytes; goes on by `size`. */
static int64_t advance(struct state *state, struct thread *thread, uint32_t file, int64_t size)
{
	struct call *call = &thread->call;
	int64_t at;

	if (call->at == VALUE_ABSENT) {
		call->from = call->pos;
		if (call->from == VALUE_ABSENT || call->from < 0)
			call->from = file ? file_at(state, file)->pos : 0;
		call->at = call->from - call->from % size;
	}
	at = call->at;
	if (call->at <= INT64_MAX / 2)
		call->at += size;
	return at;
}

/* The thread goes on with this run until another one is in its way. */
static void set_cursor(struct state *state, struct thread *thread, uint32_t index)
{
	const struct page_run *run = run_at(state, index);
	struct page_place behind = {run->place.space, run->end};
	uint32_t next = run_from(state, &behind);

	if (!thread)
		return;
	thread->dirtying = (struct dirtying){.generation = state->cache.generation,
		.file = run->file,
		.run = index,
		.limit = next ? run_at(state, next)->place.begin : INT64_MAX};
}

/* Whether pages that the thread makes dirty now belong to the run. */
static bool run_takes(
	const struct page_run *run, const struct record *rec, int64_t tid, uint32_t file)
{
	return run->tid == tid && run->file == file &&
	       time_span(run->since, rec->time) <= RUN_SPAN && rec->time >= run->since;
}

static void run_grow(struct state *state, struct page_run *run, int64_t end)
{
	state->cache.dirty += end - run->end;
	if (is_delayed(run))
		file_at(state, run->file)->delayed += end - run->end;
	run->end = end;
}

/* The thread (may be NULL) makes bytes at a place dirty, unless they are so already. */
static void make_dirty(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, uint32_t file, struct page_place place, int64_t size, int64_t dev)
{
	uint32_t index = run_before(state, &place);
	int64_t end = place.begin + size;
	struct page_run *run = index ? run_at(state, index) : NULL;
	uint32_t next;

	if (run && run->end >= end) {
		/* It is dirty already; if it was made for that, the file is not needed. */
		if (!file_at(state, file)->first)
			file_remove(state, file);
		return;
	}
	if (run)
		place.begin = MAX(place.begin, run->end);
	next = run_from(state, &place);
	if (next)
		end = MIN(end, run_at(state, next)->place.begin);
	if (place.begin >= end) {
		if (!file_at(state, file)->first)
			file_remove(state, file);
		return;
	}
	if (run && run->end == place.begin && run_takes(run, rec, thread_tid(thread), file)) {
		run_grow(state, run, end);
		set_cursor(state, thread, index);
		return;
	}
	if (state->cache.n_runs >= PAGE_RUNS_MAX && state->cache.oldest &&
		run_at(state, state->cache.oldest)->file != file)
		drop_run(state, rec, io, NULL, state->cache.oldest, "forgotten");
	index = pool_add(&state->cache.runs);
	run = run_at(state, index);
	run->place = place;
	run->end = end;
	run->since = rec->time;
	run->tid = thread_tid(thread);
	run->pid = thread_pid(thread);
	run->comm = strpool_ref(state->strings, thread_comm(thread));
	run->process = strpool_ref(state->strings, thread ? thread_process(state, thread) : 0);
	run->file = file;
	state->cache.dirty += end - place.begin;
	run_link(state, index, dev);
	set_cursor(state, thread, index);
}

void on_block_dirty_buffer(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *thread = thread_of_event(state, rec, V(rec, block_dirty_buffer, ctx_tid),
		V(rec, block_dirty_buffer, ctx_pid));
	int64_t dev = V(rec, block_dirty_buffer, dev);
	int64_t block = V(rec, block_dirty_buffer, sector);
	int64_t size = V(rec, block_dirty_buffer, size);
	struct dirtying *cursor = thread ? &thread->dirtying : NULL;
	struct cpu *cpu = cpu_at(state, rec->cpu);
	struct page_place place;
	struct page_run *run;
	struct file_key key;
	uint32_t file;
	int64_t at;

	if (size <= 0 || size > BUFFER_MAX || dev < 0 || block > INT64_MAX / BUFFER_MAX)
		return;
	if (state->cache.exact) {
		/* If that makes a page dirty, it will be told with its inode. */
		if (cpu)
			cpu->buffer = block >= 0 ? (struct page_place){dev, block * size}
						 : (struct page_place){-1, 0};
		return;
	}
	/* Which file that is, is the same as long as nothing has come in between. */
	if (cursor && cursor->generation == state->cache.generation && cursor->run) {
		file = cursor->file;
		run = run_at(state, cursor->run);
	} else {
		key = key_written(state, thread);
		file = file_find(state, &key);
		run = NULL;
	}
	at = thread ? advance(state, thread, file, size) : 0;
	/* Without a block yet (ext4 and others give them out when they write), the file tells. */
	place = block >= 0 ? (struct page_place){dev, block * size}
			   : (struct page_place){-1 - (int64_t)file, at};
	if (run && run->place.space == place.space && run->end == place.begin &&
		place.begin + size <= cursor->limit &&
		run_takes(run, rec, thread->tid, file)) {
		run_grow(state, run, place.begin + size);
		return;
	}
	if (!file) {
		file = file_ensure(state, key, key.path);
		if (block < 0)
			place.space = -1 - (int64_t)file;
	}
	make_dirty(state, rec, io, thread, file, place, size, dev);
}

/* "254:16" as a device number; -1 if it is not. */
static int64_t parse_dev(const char *name)
{
	char *end;
	guint64 major = name ? g_ascii_strtoull(name, &end, 10) : 0, minor;

	if (!name || end == name || *end != ':' || major > UINT16_MAX)
		return -1;
	name = end + 1;
	minor = g_ascii_strtoull(name, &end, 10);
	return end == name || *end || minor >= 1 << 20 ? -1 : (int64_t)(major << 20 | minor);
}

void on_writeback_dirty_folio(
	struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *thread = thread_of_event(state, rec, V(rec, writeback_dirty_folio, ctx_tid),
		V(rec, writeback_dirty_folio, ctx_pid));
	int64_t dev = parse_dev(record_string(io->get, rec, F_writeback_dirty_folio_name));
	int64_t index = V(rec, writeback_dirty_folio, index);
	struct cpu *cpu = cpu_at(state, rec->cpu);
	struct page_place buffer = {-1, 0};
	struct file_key key = {.dev = dev, .ino = V(rec, writeback_dirty_folio, ino)};
	uint32_t file;

	if (index < 0 || index > INT64_MAX / (2 * PAGE_SIZE) || dev < 0)
		return;
	state->cache.exact = true;
	if (cpu) {
		buffer = cpu->buffer;
		cpu->buffer.space = -1;
	}
	file = file_ensure(state, key, thread ? path_written(state, thread) : 0);
	if (buffer.space < 0)
		buffer = (struct page_place){-1 - (int64_t)file, index * PAGE_SIZE};
	make_dirty(state, rec, io, thread, file, buffer, PAGE_SIZE, dev);
}

/* ---- Becoming clean ---- */

/* What is told of a page that a request writes. */
struct flush {
	struct state *state;
	const struct record *rec;
	const struct state_io *io;
	const struct request *request;
	const struct thread *issuer;
	const struct thread *asked; /* whose call it is written for, NULL if nobody's */
	struct cleaned cleaned;
};

static void tell_flush(
	struct flush *flush, struct derived_page_flush *event, int64_t size, const char *how)
{
	struct state *state = flush->state;
	const struct thread *asked = flush->asked;

	state->cache.flushed += size;
	if (!emits(flush->io, DERIVED_page_flush))
		return;
	event->time = flush->rec->time;
	event->cpu = flush->rec->cpu >= 0 ? flush->rec->cpu : VALUE_ABSENT;
	event->host = state->config.host;
	event->tid = flush->request->tid;
	event->pid = flush->request->pid;
	event->procname = flush->request->comm;
	event->process = flush->request->process;
	event->dev = flush->request->dev;
	event->disk = block_disk_name(state, event->dev);
	event->size = size;
	event->how = how;
	event->dirty = state->cache.dirty;
	event->call_tid = thread_tid(asked);
	event->call_pid = thread_pid(asked);
	event->call_procname = thread_comm(asked);
	event->call_name =
		asked ? syscall_id_name(&state->syscall, asked->call.id) : NULL;
	flush->io->emit(flush->io->data, DERIVED_page_flush, event);
	strpool_unref(state->strings, event->disk);
}

/* Up to `size` bytes of a run are written, from byte `from` of its space on; returns how many. */
static int64_t flush_run(
	struct flush *flush, uint32_t index, int64_t from, int64_t size, const char *how)
{
	struct state *state = flush->state;
	const struct page_run *run = run_at(state, index);
	struct derived_page_flush event = {
		RUN_VALUES(state, run), .duration = time_span(run->since, flush->rec->time)};
	const struct thread *asked = flush->asked;

	strpool_ref(state->strings, event.owner_procname);
	strpool_ref(state->strings, event.owner_process);
	strpool_ref(state->strings, event.path);
	if (!asked)
		flush->asked = sync_asked(state, flush->request->dev, event.path);
	size = run_take(state, flush->rec, flush->io, index, from, size);
	tell_flush(flush, &event, size, how);
	flush->asked = asked;
	flush->cleaned.path = event.path;
	strpool_unref(state->strings, event.owner_procname);
	strpool_unref(state->strings, event.owner_process);
	strpool_unref(state->strings, event.path);
	return size;
}

/* The blocks of a request are clean; returns how many bytes of it were dirty. */
static int64_t flush_blocks(struct flush *flush, int64_t dev, int64_t begin, int64_t end)
{
	struct state *state = flush->state;
	struct page_place place = {dev, begin};
	uint32_t index = run_before(state, &place);
	int64_t size = 0, taken;

	if (!index || run_at(state, index)->end <= begin)
		index = run_from(state, &place);
	while (index && place.begin < end) {
		place.begin = MAX(place.begin, run_at(state, index)->place.begin);
		if (place.begin >= end)
			break;
		taken = flush_run(flush, index, place.begin, end - place.begin, "blocks");
		place.begin += taken;
		size += taken;
		index = run_from(state, &place);
	}
	return size;
}

/* Pages of a file without blocks are written, in the order of the file; returns how many bytes. */
static int64_t flush_file(struct flush *flush, uint32_t file, int64_t size, const char *how)
{
	struct page_place begin = {-1 - (int64_t)file, INT64_MIN};
	int64_t left = size;
	uint32_t index;

	while (file && left > 0 && (index = run_from(flush->state, &begin)) != 0)
		left -= flush_run(flush, index, run_at(flush->state, index)->place.begin, left, how);
	return size - left;
}

/* The same of the files of a device, those first that have been dirty for longest. */
static int64_t flush_oldest(struct flush *flush, int64_t dev, int64_t size)
{
	const struct cached_device *device;
	int64_t left = size;

	while (left > 0 && (device = device_find(flush->state, dev)) != NULL)
		left -= flush_file(flush, device->oldest, left, "fifo");
	return size - left;
}

/* The file of the issuer's call that is written here, and if not all is, what it has mapped. */
static int64_t flush_own(struct flush *flush, const struct syscall_row *row, int64_t size)
{
	const struct thread *issuer = flush->issuer;
	struct file_key key = key_written(flush->state, issuer);
	struct file_key nameless = {.pid = issuer->pid};
	const struct thread *leader = thread_find(flush->state, issuer->pid) ?: issuer;
	struct file_key mapped = key_of_path(leader->mapped);
	int64_t left = size;
	uint32_t file = file_find(flush->state, &key);

	if (!file && key.path)
		file = cache_file_by_path(flush->state, key.path);
	left -= flush_file(flush, file, left, "file");
	if (row->io != IO_SYNC || issuer->call.fd != VALUE_ABSENT)
		return size - left;
	/* msync(2) */
	if (mapped.path)
		left -= flush_file(flush, file_find(flush->state, &mapped), left, "file");
	if (issuer->pid != PID_UNKNOWN)
		left -= flush_file(flush, file_find(flush->state, &nameless), left, "file");
	return size - left;
}

struct cleaned cache_flush(struct state *state, const struct record *rec,
	const struct state_io *io, const struct request *request, const struct thread *issuer,
	bool journal)
{
	int64_t size = request->nr_sector * SECTOR_SIZE, left;
	bool calls = issuer && issuer->call.id != SYSCALL_ANY;
	const struct syscall_row *row = syscall_row_of(calls ? issuer->call.id : SYSCALL_ANY);
	bool everything = row->cache == CACHE_SETTLE_ALL || row->cache == CACHE_SETTLE_DEVICE;
	bool flusher = !calls && is_flusher(strpool_text(state->strings, request->comm));
	struct flush flush = {state, rec, io, request, issuer,
		calls && (row->io == IO_SYNC || row->io == IO_WRITE || row->io == IO_COPY) ? issuer
											    : NULL,
		{0}};
	int64_t begin = request->upper_sector * SECTOR_SIZE;

	flush.cleaned.blocks = flush_blocks(&flush, request->dev, begin, begin + size);
	left = size - flush.cleaned.blocks;
	if (journal || left == 0)
		return flush.cleaned;
	if (calls && !everything)
		left -= flush_own(&flush, row, left);
	else if (flusher || everything)
		left -= flush_oldest(&flush, request->dev, left);
	flush.cleaned.others = size - left - flush.cleaned.blocks;
	/* It was dirty before the trace began, or nobody knows what it is. */
	if (left > 0 && (flusher || row->io == IO_SYNC)) {
		if (!flush.asked)
			flush.asked = sync_asked(state, request->dev, 0);
		tell_flush(&flush,
			&(struct derived_page_flush){.owner_tid = VALUE_ABSENT,
				.owner_pid = VALUE_ABSENT,
				.begin = VALUE_ABSENT,
				.duration = VALUE_ABSENT},
			left, "unknown");
	}
	return flush.cleaned;
}

/* ---- What calls do ---- */

/* A file is called otherwise from now on. */
static void rename_file(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread, strid from, strid to)
{
	uint32_t file = cache_file_by_path(state, from);
	uint32_t old = cache_file_by_path(state, to);
	struct cached_file *moved;

	if (!from || !to || from == to)
		return;
	/* What had that name before is gone. */
	drop_file(state, rec, io, thread, old, INT64_MAX, "deleted");
	if (!file)
		return;
	moved = file_at(state, file);
	strpool_unref(state->strings, moved->path);
	moved->path = strpool_ref(state->strings, to);
	state->cache.generation++;
	if (!moved->key.path)
		return;
	g_hash_table_remove(state->cache.by_key, &moved->key);
	strpool_unref(state->strings, moved->key.path);
	moved->key.path = strpool_ref(state->strings, to);
	g_hash_table_insert(state->cache.by_key, &moved->key, GUINT_TO_POINTER(file));
}

/* All that was dirty at `before` is clean, on one device or (VALUE_ABSENT) on all of them. */
static void settle(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread, int64_t dev, int64_t before)
{
	uint32_t run = state->cache.oldest, newer;

	for (; run; run = newer) {
		const struct page_run *at = run_at(state, run);
		int64_t on = is_delayed(at) ? file_at(state, at->file)->dev : at->place.space;

		newer = at->newer;
		if (at->since < before && (dev == VALUE_ABSENT || dev == on))
			drop_run(state, rec, io, thread, run, "settled");
	}
}

/* The next write(2) to the file of a call goes to this place. */
static void set_pos(struct state *state, uint32_t file, int64_t pos)
{
	if (file && pos >= 0)
		file_at(state, file)->pos = pos;
}

void cache_call_end(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, const struct outcome *out)
{
	const struct call *call = &thread->call;
	const struct syscall_row *row = out->row;
	struct dirtying *cursor = &thread->dirtying;
	uint32_t file;

	if (cursor->generation == state->cache.generation && cursor->run)
		tell_dirty(state, rec, io, run_at(state, cursor->run));
	if (out->error != 0)
		return;
	file = cache_file_by_path(state, row->io == IO_COPY ? path_written(state, thread)
							     : out->file.path);
	if ((row->io == IO_WRITE || row->io == IO_COPY) && !row->pos.field && out->ret > 0 && file)
		set_pos(state, file,
			(call->at != VALUE_ABSENT ? call->from : file_at(state, file)->pos) +
				MIN(out->ret, UINT32_MAX));
	if (row->op == FD_OPEN && call->flags != VALUE_ABSENT && call->flags & O_TRUNC)
		drop_file(state, rec, io, thread, file, INT64_MAX, "deleted");
	else if (row->op == FD_OPEN && call->flags != VALUE_ABSENT && !(call->flags & O_APPEND))
		set_pos(state, file, 0);
	switch (row->cache) {
	case CACHE_SEEK:
		set_pos(state, file, out->ret);
		break;
	case CACHE_MAP:
		if (out->file.path && call->fd2 != VALUE_ABSENT && call->fd2 & PROT_WRITE &&
			call->flags != VALUE_ABSENT && call->flags & MAP_SHARED) {
			struct thread *leader = thread_find(state, thread->pid) ?: thread;

			strpool_set(state->strings, &leader->mapped,
				strpool_text(state->strings, out->file.path));
		}
		break;
	case CACHE_TRUNCATE:
		if (call->count == 0)
			drop_file(state, rec, io, thread, file, INT64_MAX, "deleted");
		break;
	case CACHE_UNLINK:
		drop_file(state, rec, io, thread, file, INT64_MAX, "deleted");
		break;
	case CACHE_RENAME:
		rename_file(state, rec, io, thread, call->path, call->path2);
		break;
	case CACHE_SETTLE:
		drop_file(state, rec, io, thread, file, call->begin, "settled");
		break;
	case CACHE_SETTLE_DEVICE:
		if (call->sync)
			settle(state, rec, io, thread, 0, call->begin);
		break;
	case CACHE_SETTLE_ALL:
		settle(state, rec, io, thread, VALUE_ABSENT, call->begin);
		break;
	}
}

void cache_cut(struct state *state, const struct record *rec, const struct state_io *io)
{
	if (!emits(io, DERIVED_page_dirty))
		return;
	for (uint32_t run = state->cache.oldest; run; run = run_at(state, run)->newer)
		tell_dirty(state, rec, io, run_at(state, run));
}
