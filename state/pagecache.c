/*
 * The page cache: which pages of which files are dirty, who made them so, and what cleans them.
 * docs/pagecache.md has the rules and what each of them is worth.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/pagecache.h"

#include "state/call_files.h"
#include "state/image.h"
#include "state/model.h"
#include "state/syscall_table.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE_SIZE 4096

/*
 * Pages that become dirty without a call (mmap) can be anywhere in their file: here they stand behind
 * everything else, in the order in which that happened.
 */
#define FAULTS_BEGIN ((int64_t)1 << 60)

/* A page fault takes no longer than that, unless it waits, ns. */
#define FAULT_SPAN 1000000

/* No device is as large, bytes. */
#define PLACE_MAX ((int64_t)1 << 61)

/* Larger than any buffer; a size beyond it is damage. */
#define BUFFER_MAX (1 << 20)

/* How long after its first page another one may still become part of a run, ns. */
#define RUN_SPAN 1000000

/* What is known of the owner, the file and the pages of a run that is no longer dirty. */
#define RUN_VALUES(run)                                                             \
	.owner_tid = (run)->owner.tid, .owner_pid = (run)->owner.pid,               \
	.owner_utid = (run)->owner.utid, .owner_upid = (run)->owner.upid,           \
	.owner_procname = (run)->owner.comm, .owner_process = (run)->owner.process, \
	.path = (run)->path, .begin = (run)->since

/* The texts of an event stay until it has been told, whatever becomes of the run. */
static void hold_values(struct state *state, strid procname, strid process, strid path)
{
	strpool_ref(state->strings, procname);
	strpool_ref(state->strings, process);
	strpool_ref(state->strings, path);
}

static void release_values(struct state *state, strid procname, strid process, strid path)
{
	strpool_unref(state->strings, procname);
	strpool_unref(state->strings, process);
	strpool_unref(state->strings, path);
}

/* Tells what of a run has become dirty since it was last told. */
static void tell_dirty(
	struct state *state, const struct record *rec, const struct state_io *io, uint32_t index)
{
	struct page_run *run = run_at(state, index);
	int64_t size = run->end - run->place.begin - run->told;

	run->told += size;
	if (size == 0 || !emits(io, DERIVED_page_dirty))
		return;
	EMIT(io, page_dirty, .time = rec->time, .cpu = rec->cpu >= 0 ? rec->cpu : VALUE_ABSENT,
		.host = state->config.host, .tid = run->owner.tid, .pid = run->owner.pid,
		.utid = run->owner.utid, .upid = run->owner.upid, .procname = run->owner.comm,
		.process = run->owner.process,
		.place = *place_of_spot(
			state, spot_of_number(state, run->owner.tid, run->owner.utid)),
		.begin = run->since, .size = size, .path = run->path,
		.dev = run_is_delayed(run) ? file_at(state, run->file)->dev : run->place.space,
		.blocks = !run_is_delayed(run), .earlier = run->since < state->sched.window,
		.dirty = state->cache.dirty);
}

/* All pages of a run are clean though nobody was seen to write them. */
static void drop_run(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread, uint32_t index, const char *why)
{
	const struct page_run *run = run_at(state, index);
	struct derived_page_drop event = {COMMON_OF(state, rec, thread), RUN_VALUES(run),
		.duration = time_span(run->since, rec->time), .why = why};

	tell_dirty(state, rec, io, index);
	hold_values(state, event.owner_procname, event.owner_process, event.path);
	event.size = run_take(state, index, run->place.begin, INT64_MAX);
	event.dirty = state->cache.dirty;
	if (emits(io, DERIVED_page_drop))
		io->emit(io->data, DERIVED_page_drop, &event);
	release_values(state, event.owner_procname, event.owner_process, event.path);
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

/* What the thread's process has mapped to write to it; 0 if nothing is known of that. */
static strid mapped_path(const struct state *state, const struct thread *thread)
{
	const struct thread *leader = thread_find(state, thread->pid);

	return leader ? leader->mapped : thread->mapped;
}

/* Whether the thread does what a ring asks for, be it in a call or as a worker: of which file is not told. */
static bool is_in_ring(const struct state *state, const struct thread *thread)
{
	if (thread->call.id != SYSCALL_ANY)
		return syscall_row_of(thread->call.id)->io == IO_URING;
	return ring_owner(state, strpool_text(state->strings, thread->comm)) != NULL;
}

/* The path that the thread's call is writing to, or whose pages it makes dirty without one. */
static strid path_written(const struct state *state, const struct thread *thread)
{
	const struct call *call = &thread->call;
	const struct syscall_row *row = syscall_row_of(call->id);
	const struct fd *fd;

	if (is_in_ring(state, thread))
		return 0;
	if (call->id == SYSCALL_ANY)
		return mapped_path(state, thread);
	if (row->io == IO_COPY) {
		fd = fd_find(state, thread->files, call->fd2);
		return fd ? fd->file.path : 0;
	}
	return row->cache == CACHE_RENAME ? call->path : call->file.path;
}

/* The file that the thread writes to, by name: one without a path is that of its process. */
static struct file_name name_written(const struct state *state, const struct thread *thread)
{
	const struct thread *member = thread_member(state, thread);
	strid path = thread ? path_written(state, thread) : 0;

	if (path || !thread || member->pid == PID_UNKNOWN)
		return (struct file_name){.path = path};
	return (struct file_name){.pid = member->pid};
}

/*
 * Where in the file the next `size` bytes are that the thread (may be NULL) makes dirty. A call goes
 * through what it writes from the begin to the end.
 */
static int64_t next_place(struct state *state, struct thread *thread, uint32_t file, int64_t size)
{
	struct call *call = thread ? &thread->call : NULL;
	struct cached_file *at = file_at(state, file);
	int64_t place;

	if (!call || call->id == SYSCALL_ANY || syscall_row_of(call->id)->io == IO_URING) {
		place = FAULTS_BEGIN + at->faults;
		at->faults = (at->faults + size) % (FAULTS_BEGIN / 2);
		return place;
	}
	if (call->at == VALUE_ABSENT) {
		call->from = call->pos != VALUE_ABSENT ? call->pos : at->pos;
		call->from = CLAMP(call->from, 0, FAULTS_BEGIN / 2);
		call->at = call->from - call->from % size;
	}
	place = call->at;
	call->at = (call->at + size) % FAULTS_BEGIN;
	return place;
}

/* The run that the thread's pages went to last, 0 if it is gone. */
static uint32_t last_run(const struct state *state, const struct thread *thread)
{
	const struct dirtying *cursor = thread ? &thread->dirtying : NULL;

	return cursor && cursor->run && run_at(state, cursor->run)->serial == cursor->serial
		       ? cursor->run
		       : 0;
}

/* The thread's pages go to this run until another one is in its way. */
static void set_cursor(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, uint32_t index)
{
	const struct page_run *run = run_at(state, index);
	struct page_place behind = {run->place.space, run->end};
	uint32_t next = run_from(state, &behind);
	uint32_t last = last_run(state, thread);

	if (!thread) {
		tell_dirty(state, rec, io, index);
		return;
	}
	if (last && last != index)
		tell_dirty(state, rec, io, last);
	thread->dirtying.run = index;
	thread->dirtying.serial = run->serial;
	thread->dirtying.generation = state->cache.generation;
	thread->dirtying.call = thread->call.begin;
	thread->dirtying.limit = next ? run_at(state, next)->place.begin : INT64_MAX;
}

/* Whether pages that the thread makes dirty now belong to the run. */
static bool run_takes(const struct state *state, const struct page_run *run,
	const struct record *rec, int64_t tid, uint32_t file)
{
	return run->owner.tid == tid && run->file == file && rec->time >= run->since &&
	       run->since >= state->sched.window && time_span(run->since, rec->time) <= RUN_SPAN;
}

/* If there are too many runs, the oldest ones are forgotten. */
static void keep_room(struct state *state, const struct record *rec, const struct state_io *io)
{
	while (state->cache.n_runs > PAGE_RUNS_MAX)
		drop_run(state, rec, io, NULL, state->cache.oldest, "forgotten");
}

/*
 * The thread (may be NULL) makes bytes at a place dirty. Those that are so already stay whose they
 * are.
 */
static void make_dirty(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, uint32_t file, struct page_place place, int64_t size, int64_t dev)
{
	int64_t end = place.begin + size;
	uint32_t before = run_before(state, &place), behind;
	struct owner owner;
	struct page_run *run = before ? run_at(state, before) : NULL;

	if (run)
		place.begin = MAX(place.begin, run->end);
	behind = run_from(state, &place);
	if (behind)
		end = MIN(end, run_at(state, behind)->place.begin);
	if (place.begin < end && run && run->end == place.begin &&
		run_takes(state, run, rec, thread_tid(thread), file)) {
		run_grow(state, before, end);
		set_cursor(state, rec, io, thread, before);
	} else if (place.begin < end) {
		owner = thread_owner(state, thread);
		set_cursor(state, rec, io, thread,
			run_new(state, rec->time, &owner, file, place, end, dev));
	}
	/* It may have been made for nothing. */
	file_forget_unused(state, file);
	keep_room(state, rec, io);
}

/*
 * Whether a page without a block has just been told: the kernel marks the buffers of a page that is
 * in memory when they are made, and again when a fault is over.
 */
static bool is_told_twice(
	const struct state *state, const struct record *rec, struct thread *thread)
{
	int64_t before;

	/* Who has mapped nothing writes in another way, without a call that was seen. */
	if (!thread || thread->call.id != SYSCALL_ANY || !mapped_path(state, thread) ||
		is_in_ring(state, thread))
		return false;
	before = thread->dirtying.fault;
	thread->dirtying.fault = 0;
	if (before && time_span(before, rec->time) <= FAULT_SPAN)
		return true;
	thread->dirtying.fault = rec->time;
	return false;
}

void on_block_dirty_buffer(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *thread = thread_of_event(state, rec, V(rec, block_dirty_buffer, ctx_tid),
		V(rec, block_dirty_buffer, ctx_pid));
	int64_t dev = V(rec, block_dirty_buffer, dev);
	int64_t block = V(rec, block_dirty_buffer, sector); /* in units of `size` */
	int64_t size = V(rec, block_dirty_buffer, size);
	uint32_t last, file;
	struct page_place place;
	const struct page_run *run;
	bool goes_on;
	int64_t at;

	if (size <= 0 || size > BUFFER_MAX || dev < 0 || block > PLACE_MAX / BUFFER_MAX)
		return;
	place = (struct page_place){block < 0 ? -1 : dev, block < 0 ? 0 : block * size};
	if (state->cache.exact) {
		/* If that makes a page dirty, it will be told with its inode. */
		if (thread) {
			thread->dirtying.buffer = place;
			thread->dirtying.buffer_time = rec->time;
		}
		return;
	}
	last = last_run(state, thread);
	if (block < 0 && is_told_twice(state, rec, thread))
		return;
	/* As long as nothing has come in between, it is the same file, and what follows is free. */
	goes_on = last && thread->dirtying.generation == state->cache.generation &&
		  thread->dirtying.call == thread->call.begin;
	file = goes_on ? run_at(state, last)->file
		       : file_ensure(state, name_written(state, thread));
	at = next_place(state, thread, file, size);
	/* Without blocks yet (ext4 gives them out when it writes), the place in the file tells. */
	if (block < 0)
		place = (struct page_place){file_space(file), at};
	run = goes_on ? run_at(state, last) : NULL;
	if (run && run->place.space == place.space && run->end == place.begin &&
		place.begin + size <= thread->dirtying.limit &&
		run_takes(state, run, rec, thread->tid, file)) {
		run_grow(state, last, place.begin + size);
		return;
	}
	make_dirty(state, rec, io, thread, file, place, size, dev);
}

void on_writeback_dirty_folio(
	struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *thread = thread_of_event(state, rec, V(rec, writeback_dirty_folio, ctx_tid),
		V(rec, writeback_dirty_folio, ctx_pid));
	int64_t dev = disk_parse_dev(record_string(io->get, rec, F_writeback_dirty_folio_name));
	int64_t ino = V(rec, writeback_dirty_folio, ino);
	int64_t index = V(rec, writeback_dirty_folio, index);
	struct page_place place = {.space = -1};
	struct file_name name = {0};
	uint32_t file;

	if (index < 0 || index > FAULTS_BEGIN / PAGE_SIZE || dev < 0 || ino <= 0)
		return;
	if (!state->cache.exact) {
		state->cache.exact = true;
		/* The buffer of this one has just been counted. */
		if (last_run(state, thread))
			return;
	}
	if (thread) {
		/* The event of its buffer has come right before; one without a buffer has none. */
		if (thread->dirtying.buffer_time && rec->time >= thread->dirtying.buffer_time &&
			time_span(thread->dirtying.buffer_time, rec->time) <= FAULT_SPAN)
			place = thread->dirtying.buffer;
		thread->dirtying.buffer_time = 0;
	}
	/* Blocks of the device itself have its number for an inode: metadata, of no file. */
	if (ino != dev)
		name = name_written(state, thread);
	file = file_of_inode(state, (struct inode){dev, ino}, name);
	if (place.space < 0)
		place = (struct page_place){file_space(file), index * PAGE_SIZE};
	make_dirty(state, rec, io, thread, file, place, PAGE_SIZE, dev);
}

/* ---- Becoming clean ---- */

/* A write request, and what is known of it. */
struct flush {
	struct state *state;
	const struct record *rec;
	const struct state_io *io;
	const struct request *request;
	const struct thread *issuer; /* in a call, or NULL */
	struct cleaned cleaned;
};

/* Tells what a request has cleaned, or (without an owner) that it is not known what. */
static void tell_flush(struct flush *flush, struct derived_page_flush *event, const char *how)
{
	struct state *state = flush->state;
	const struct thread *asked = flush->issuer;

	if (!asked)
		asked = thread_find(state, sync_asked(state, flush->request->key.dev,
						   flush->request->dev, event->path));
	if (asked)
		flush->cleaned.asked = asked;
	state->cache.flushed += event->size;
	if (!emits(flush->io, DERIVED_page_flush))
		return;
	event->time = flush->rec->time;
	event->cpu = flush->rec->cpu >= 0 ? flush->rec->cpu : VALUE_ABSENT;
	event->host = state->config.host;
	event->tid = flush->request->tid;
	event->pid = flush->request->pid;
	event->utid = flush->request->utid;
	event->upid = flush->request->upid;
	event->procname = flush->request->comm;
	event->process = flush->request->process;
	event->place = *place_of_spot(state, flush->request->spot);
	event->dev = flush->request->dev;
	event->disk = disk_name(state, event->dev);
	event->how = how;
	event->dirty = state->cache.dirty;
	event->call_tid = thread_tid(asked);
	event->call_pid = thread_pid(asked);
	event->call_utid = thread_utid(asked);
	event->call_procname = thread_comm(asked);
	event->call_process = thread_process(state, asked);
	event->call_name = asked ? call_name(state, asked->call.id) : NULL;
	event->call_begin = asked ? asked->call.begin : VALUE_ABSENT;
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
		RUN_VALUES(run), .duration = time_span(run->since, flush->rec->time)};

	tell_dirty(state, flush->rec, flush->io, index);
	hold_values(state, event.owner_procname, event.owner_process, event.path);
	event.size = run_take(state, index, from, size);
	tell_flush(flush, &event, how);
	strpool_unref(state->strings, flush->cleaned.path);
	flush->cleaned.path = strpool_ref(state->strings, event.path);
	release_values(state, event.owner_procname, event.owner_process, event.path);
	return event.size;
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
	while (index) {
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
	struct page_place begin = {file_space(file), INT64_MIN};
	int64_t left = size;
	uint32_t index;

	while (file && left > 0 && (index = run_from(flush->state, &begin)) != 0)
		left -= flush_run(
			flush, index, run_at(flush->state, index)->place.begin, left, how);
	return size - left;
}

/*
 * Pages without blocks of a device's files are written, those files first that have been dirty for
 * longest; returns how many bytes.
 */
static int64_t flush_oldest(struct flush *flush, int64_t dev, int64_t size)
{
	int64_t left = size, taken = 1;

	while (left > 0 && taken > 0) {
		taken = flush_file(flush, file_oldest(flush->state, dev), left, "fifo");
		left -= taken;
	}
	return size - left;
}

/* The file of the issuer's call is written; of a call without one (msync), what it has mapped. */
static int64_t flush_own(struct flush *flush, int64_t size)
{
	const struct state *state = flush->state;
	const struct thread *issuer = flush->issuer;
	struct file_name own = {.pid = issuer->pid};
	int64_t left = size;

	left -= flush_file(flush, file_find(state, name_written(state, issuer)), left, "file");
	if (issuer->call.fd != VALUE_ABSENT)
		return size - left;
	left -= flush_file(flush, file_at_path(state, mapped_path(state, issuer)), left, "file");
	left -= flush_file(flush, file_find(state, own), left, "file");
	return size - left;
}

/* Whether what a call has the disk write are pages of its file: not what goes round the cache. */
static bool writes_own(
	const struct state *state, const struct thread *issuer, const struct syscall_row *row)
{
	const struct fd *to = fd_find(state, issuer->files, issuer->call.fd2);

	if (row->io == IO_COPY)
		return !to || !to->file.direct;
	if (row->io == IO_WRITE)
		return !issuer->call.file.direct;
	return row->io == IO_SYNC || row->op == FD_CLOSE || row->cache == CACHE_RENAME ||
	       row->cache == CACHE_TRUNCATE;
}

/* The thread that waits in io_uring_enter for what a worker of its ring does; NULL if it does not. */
static const struct thread *ring_waiter(const struct thread *owner)
{
	const struct syscall_row *row = syscall_row_of(owner->call.id);

	return row->io == IO_URING && strcmp(row->name, "io_uring_enter") == 0 ? owner : NULL;
}

/* A worker of a ring writes; which file is not told, but whose it is. */
static void flush_ring(struct flush *flush, const struct thread *owner, int64_t size)
{
	struct file_name own = {.pid = owner->pid};

	if (owner->pid != PID_UNKNOWN)
		flush_file(flush, file_find(flush->state, own), size, "fifo");
}

struct cleaned cache_flush(struct state *state, const struct record *rec, const struct state_io *io,
	const struct request *request, const struct thread *issuer, bool journal)
{
	bool calls = issuer && issuer->call.id != SYSCALL_ANY;
	const struct syscall_row *row = syscall_row_of(calls ? issuer->call.id : SYSCALL_ANY);
	bool all = row->cache == CACHE_SETTLE_ALL || row->cache == CACHE_SETTLE_DEVICE;
	const char *comm = strpool_text(state->strings, request->comm);
	bool flusher = !calls && is_flusher(comm);
	const struct thread *ring = calls ? NULL : ring_owner(state, comm);
	int64_t size = request->nr_sector * SECTOR_SIZE, left;
	int64_t begin = CLAMP(request->upper_sector, 0, PLACE_MAX / SECTOR_SIZE) * SECTOR_SIZE;
	struct flush flush = {state, rec, io, request, calls ? issuer : NULL, {0}};
	struct derived_page_flush unknown = {
		.owner_tid = VALUE_ABSENT,
		.owner_pid = VALUE_ABSENT,
		.owner_utid = VALUE_ABSENT,
		.owner_upid = VALUE_ABSENT,
		.begin = VALUE_ABSENT,
		.duration = VALUE_ABSENT,
	};

	if (request->dev < 0 || begin / SECTOR_SIZE != request->upper_sector)
		return flush.cleaned;
	if (ring)
		flush.issuer = ring_waiter(ring);
	flush.cleaned.blocks = flush_blocks(&flush, request->dev, begin, begin + size);
	keep_room(state, rec, io);
	left = size - flush.cleaned.blocks;
	if (journal || left == 0)
		return flush.cleaned;
	if (calls && !all && writes_own(state, issuer, row))
		left -= flush_own(&flush, left);
	if (ring)
		flush_ring(&flush, ring, left);
	if (flusher || all)
		left -= flush_oldest(&flush, request->dev, left);
	/* Events of pages name the disk, requests the partition that they were for. */
	if ((flusher || all) && request->key.dev != request->dev)
		left -= flush_oldest(&flush, request->key.dev, left);
	/* It was dirty before the trace began, or its events are lost. */
	if (left > 0 && (flusher || row->io == IO_SYNC)) {
		unknown.size = left;
		tell_flush(&flush, &unknown, "unknown");
	}
	return flush.cleaned;
}

/* ---- What calls do ---- */

/* A file is called otherwise from now on. What was called so before is gone. */
static void rename_path(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread, strid from, strid to)
{
	if (!from || !to || from == to)
		return;
	drop_file(state, rec, io, thread, file_at_path(state, to), INT64_MAX, "deleted");
	if (file_at_path(state, from))
		file_rename(state, file_at_path(state, from), (struct file_name){.path = to});
}

/* All that was dirty at `before` is clean, on one device or (VALUE_ABSENT) on all of them. */
static void settle(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread, int64_t dev, int64_t before)
{
	uint32_t run = state->cache.oldest, newer;

	for (; run; run = newer) {
		const struct page_run *at = run_at(state, run);
		int64_t on = run_is_delayed(at) ? file_at(state, at->file)->dev : at->place.space;

		newer = at->newer;
		if (at->since < before && (dev == VALUE_ABSENT || dev == on))
			drop_run(state, rec, io, thread, run, "settled");
	}
}

int64_t cache_device_of(const struct state *state, strid path)
{
	uint32_t file = file_at_path(state, path);

	return file && file_at(state, file)->delayed ? file_at(state, file)->dev : VALUE_ABSENT;
}

/* The process may make pages of the call's file dirty without a call from now on. */
static void note_mapping(struct state *state, struct thread *thread, strid path)
{
	const struct call *call = &thread->call;
	struct thread *leader = thread_find(state, thread->pid) ?: thread;

	if (path && call->file.type != FILE_LOCAL && call->fd2 != VALUE_ABSENT &&
		call->fd2 & PROT_WRITE && call->flags != VALUE_ABSENT && call->flags & MAP_SHARED)
		strpool_set(state->strings, &leader->mapped, strpool_text(state->strings, path));
	/* What becomes dirty without a call may be another file now. */
	state->cache.generation++;
}

/* Where the next write(2) to a file goes. */
static void set_pos(struct state *state, uint32_t file, int64_t pos)
{
	if (file)
		file_at(state, file)->pos = CLAMP(pos, 0, FAULTS_BEGIN / 2);
}

static void note_pos(
	struct state *state, const struct call *call, const struct outcome *out, uint32_t file)
{
	const struct syscall_row *row = out->row;

	if (!file)
		return;
	/* There is one position for each file: readers have others, but these write nothing. */
	if (row->cache == CACHE_SEEK && !out->file.readonly)
		set_pos(state, file, out->ret);
	else if (row->op == FD_OPEN && call->flags != VALUE_ABSENT && !(call->flags & O_APPEND) &&
		 !out->file.readonly)
		set_pos(state, file, 0);
	else if ((row->io == IO_WRITE || row->io == IO_COPY) && call->pos == VALUE_ABSENT)
		set_pos(state, file,
			(call->at != VALUE_ABSENT ? call->from : file_at(state, file)->pos) +
				CLAMP(out->ret, 0, UINT32_MAX));
}

void cache_call_end(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, const struct outcome *out)
{
	const struct call *call = &thread->call;
	uint32_t last = last_run(state, thread);
	strid path = out->row->io == IO_COPY ? path_written(state, thread) : out->file.path;
	bool truncates =
		out->row->op == FD_OPEN && call->flags != VALUE_ABSENT && call->flags & O_TRUNC;
	int64_t dev;

	if (last)
		tell_dirty(state, rec, io, last);
	if (out->error != 0)
		return;
	if (truncates || out->row->cache == CACHE_UNLINK ||
		(out->row->cache == CACHE_TRUNCATE && call->count == 0))
		drop_file(state, rec, io, thread, file_at_path(state, path), INT64_MAX, "deleted");
	note_pos(state, call, out, file_at_path(state, path));
	switch (out->row->cache) {
	case CACHE_MAP:
		note_mapping(state, thread, path);
		break;
	case CACHE_RENAME:
		/* RENAME_EXCHANGE, and others: both are still there. */
		if (call->flags != VALUE_ABSENT && call->flags != 0)
			break;
		rename_path(state, rec, io, thread, call->path, call->path2);
		break;
	case CACHE_SETTLE:
		drop_file(
			state, rec, io, thread, file_at_path(state, path), call->begin, "settled");
		break;
	case CACHE_SETTLE_DEVICE:
		dev = call->sync ? sync_call_at(state, call->sync)->cached : VALUE_ABSENT;
		if (dev != VALUE_ABSENT)
			settle(state, rec, io, thread, dev, call->begin);
		break;
	case CACHE_SETTLE_ALL:
		settle(state, rec, io, thread, VALUE_ABSENT, call->begin);
		break;
	}
}

void cache_cut(struct state *state, const struct record *rec, const struct state_io *io)
{
	for (uint32_t run = state->cache.oldest; run; run = run_at(state, run)->newer) {
		if (emits(io, DERIVED_page_dirty))
			tell_dirty(state, rec, io, run);
		else
			run_at(state, run)->told = 0;
	}
}
