/*
 * What happens to threads: a CPU goes from one to the next, they are made, execute programs, exit and
 * are freed; and what the statedump tells of those that were there before.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/call_files.h"
#include "state/model.h"

#include <sched.h>
#include <string.h>

/* O_CLOEXEC as the statedump tells it among a file's flags. */
#define O_CLOEXEC_FLAG 02000000

void on_sched_switch(struct state *state, const struct record *rec, const struct state_io *io)
{
	int64_t prev_tid = V(rec, sched_switch, prev_tid);
	struct thread *prev = thread_find(state, prev_tid), *next;
	int32_t from = prev ? prev->cpu : CPU_UNKNOWN;
	const struct thread *left;
	struct ran ran = {VALUE_ABSENT, VALUE_ABSENT, 0};

	state->process.unrecorded.switches++;
	irq_switch(state, rec, prev_tid);
	if (prev && prev->task.waits && prev != thread_current(state, rec))
		sched_end_wait_unseen(state, rec, io, prev);
	if (prev != thread_current(state, rec) || (prev_tid == 0) != cpu_is_idle(state, rec) ||
		(!prev && prev_tid > 0))
		prev = cpu_correct(state, rec, prev_tid);
	if (prev && state->config.wants & WANT_SCHED)
		sched_moved(state, rec, io, prev, from);
	if (state->config.wants & WANT_NAMESPACES)
		membership_switch(state, rec, prev);
	if (prev) {
		if (V(rec, sched_switch, ctx_pid) != VALUE_ABSENT)
			thread_set_pid(state, prev, V(rec, sched_switch, ctx_pid));
		if (!prev->comm || prev->doubt != NAME_SURE)
			thread_name(
				state, prev, record_string(io->get, rec, F_sched_switch_prev_comm));
		if (prev->doubt == NAME_UNTIL_SWITCH)
			thread_trust(state, prev);
	}
	if (state->config.wants & WANT_SCHED)
		sched_leave(state, rec, io, prev);
	if (emits(io, DERIVED_wakeup_latency) || emits(io, DERIVED_preempt_latency)) {
		left = task_current(state, rec);
		ran = (struct ran){
			prev_tid, thread_pid(left), strpool_ref(state->strings, thread_comm(left))};
	}
	if (prev && prev->call.sync)
		sync_leave(state, rec, prev, prev->task.state != PREV_RUNNABLE);
	if (prev && prev->flusher.reclaims && prev->task.state != PREV_RUNNABLE)
		reclaim_leave(rec, prev);
	if (prev && prev->exited && state->config.never_freed)
		thread_remove(state, prev);
	next = thread_find(state, V(rec, sched_switch, next_tid));
	from = next ? next->cpu : CPU_UNKNOWN;
	if (next)
		sched_end_wait(state, rec, io, next);
	next = cpu_run(state, rec, V(rec, sched_switch, next_tid));
	if (next) {
		thread_name(state, next, record_string(io->get, rec, F_sched_switch_next_comm));
		if (state->config.wants & WANT_SCHED)
			sched_enter(state, rec, io, next, from, &ran);
	}
	strpool_unref(state->strings, ran.comm);
	if (!next)
		return;
	if (next->call.sync)
		sync_enter(state, rec, io, next);
	if (next->flusher.reclaims)
		reclaim_enter(rec, next);
}

void on_sched_stat_runtime(struct state *state, const struct record *rec, const struct state_io *io)
{
	const struct thread *thread = thread_ensure(state, V(rec, sched_stat_runtime, tid));

	if (thread && emits(io, DERIVED_cpu_runtime))
		EMIT(io, cpu_runtime, COMMON_OF(state, rec, thread),
			.runtime = V(rec, sched_stat_runtime, runtime));
}

void on_sched_process_fork(struct state *state, const struct record *rec, const struct state_io *io)
{
	int64_t child_tid = V(rec, sched_process_fork, child_tid);
	int64_t child_pid = V(rec, sched_process_fork, child_pid);
	int64_t parent_pid = V(rec, sched_process_fork, parent_pid);
	struct thread *parent = thread_ensure(state, V(rec, sched_process_fork, parent_tid));
	struct thread *child = thread_ensure(state, child_tid);
	bool thread = child_pid != VALUE_ABSENT && child_pid != child_tid;
	bool shares = thread;

	irq_thread_acts(state, rec);
	if (!child || child == parent)
		return;
	/* First of all: the child may be what the parent has been thought to belong to. */
	if (parent)
		thread_set_pid(state, parent, parent_pid);
	sched_end_wait(state, rec, io, child);
	thread_renew(state, child);
	child->left = rec->time;
	child->kernel = parent && thread_is_kernel(parent);
	child->within = parent ? parent->call.id : SYSCALL_ANY;
	if (child_pid > 0 && child_pid <= TID_MAX)
		child->pid = (int32_t)child_pid;
	thread_name(state, child, record_string(io->get, rec, F_sched_process_fork_child_comm));
	if (parent) {
		thread_set_parent(state, child, parent->pid);
		child->own_mounts = parent->own_mounts || call_makes_mounts(&parent->call);
		/* It may have been renamed since it got its CPU. */
		thread_name(state, parent,
			record_string(io->get, rec, F_sched_process_fork_parent_comm));
		/* clone3 hides its flags in user memory; then threads share, processes do not. */
		if (call_is_clone(&parent->call) && parent->call.flags != VALUE_ABSENT)
			shares = parent->call.flags & CLONE_FILES;
		if (state->config.wants & WANT_FILES)
			child->files = shares ? files_ref(state, thread_files(state, parent))
					      : files_copy(state, parent->files);
	}
	if (state->config.wants & WANT_NAMESPACES)
		membership_fork(state, rec, io, parent, child, thread);
	/*
	 * The kernel's own threads are made as copies, and name themselves; its workers make some that
	 * execute a program, without a call.
	 */
	thread_doubt(state, child,
		is_flusher(strpool_text(state->strings, child->comm)) ? NAME_UNTIL_DONE
								      : NAME_UNTIL_SWITCH);
	if (emits(io, DERIVED_process_start))
		EMIT(io, process_start, COMMON_OF(state, rec, child),
			.parent_tid = thread_tid(parent), .parent_utid = thread_utid(parent),
			.parent_upid = thread_upid(state, parent), .thread = thread,
			.shares_files = shares);
}

/* The kernel names a process after the last part of the path, cut to 15 characters. */
static void set_comm_from_path(struct state *state, struct thread *thread, const char *path)
{
	char comm[COMM_MAX + 1];
	const char *slash = strrchr(path, '/');

	g_strlcpy(comm, slash ? slash + 1 : path, sizeof(comm));
	thread_name(state, thread, comm);
}

void on_sched_process_exec(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *thread = thread_ensure(state, V(rec, sched_process_exec, tid));
	struct thread *old = thread_find(state, V(rec, sched_process_exec, old_tid));
	const char *path = record_string(io->get, rec, F_sched_process_exec_filename);
	const char *procname = record_string(io->get, rec, F_PROCNAME);
	const struct thread *parent;
	strid interned;

	irq_thread_acts(state, rec);
	if (!thread)
		return;
	if (old && old != thread) {
		/* A further thread called exec: it takes over the first one's TID. */
		struct call call = old->call;
		uint32_t files = files_ref(state, old->files);
		bool runs = thread_current(state, rec) == thread;

		memset(&old->call, 0, sizeof(old->call));
		/* There may have been a switch to it under that TID already. */
		if (!runs)
			sched_cut(state, rec, io);
		thread_remove(state, old);
		call_drop(state, &thread->call);
		if (!runs) {
			sched_end_wait(state, rec, io, thread);
			task_drop(state, &thread->task);
		}
		files_unref(state, thread->files);
		thread->call = call;
		sync_call_move(state, thread->call.sync, thread->tid);
		thread->files = files;
		thread->cpu = rec->cpu;
		thread->left = rec->time;
		cpu_run(state, rec, thread->tid);
	}
	thread->exited = thread->kernel = false;
	thread->pid = thread->tid;
	strpool_unref(state->strings, thread->mapped);
	thread->mapped = 0;
	if (procname)
		thread_name(state, thread, procname);
	else if (path)
		set_comm_from_path(state, thread, path);
	thread_trust(state, thread);
	if (state->config.wants & WANT_NAMESPACES)
		membership_exec(state, thread);
	if (emits(io, DERIVED_process_exec)) {
		parent = thread_parent(state, thread);
		interned = strpool_intern(state->strings, path);
		EMIT(io, process_exec, COMMON_OF(state, rec, thread), .path = interned,
			.old_tid = V(rec, sched_process_exec, old_tid), .ppid = thread_tid(parent),
			.parent_procname = thread_comm(parent));
		strpool_unref(state->strings, interned);
	}
	if (state->config.wants & WANT_FILES)
		call_exec_files(state, rec, io, thread);
}

void on_sched_process_exit(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *thread = thread_ensure(state, V(rec, sched_process_exit, tid));

	irq_thread_acts(state, rec);
	if (!thread)
		return;
	thread_name(state, thread, record_string(io->get, rec, F_sched_process_exit_comm));
	if (emits(io, DERIVED_process_exit))
		EMIT(io, process_exit, COMMON_OF(state, rec, thread));
	thread->within = thread->call.id;
	call_drop(state, &thread->call);
	/* The other threads of a process go on with the descriptors of the first. */
	if (thread->tid != thread->pid || !files_shared(state, thread->files)) {
		files_unref(state, thread->files);
		thread->files = 0;
	}
	thread->exited = true;
}

void on_sched_process_free(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *thread = thread_find(state, V(rec, sched_process_free, tid));

	/*
	 * The kernel frees late: by now the TID may belong to somebody new, who has not exited. Where
	 * events were lost since it was made, or ran last, it is its exit that is missing.
	 */
	if (thread && (thread->exited || (!thread->on && lost_since(state, thread->left)))) {
		sched_end_wait(state, rec, io, thread);
		thread_remove(state, thread);
	}
}

void on_statedump_process_state(
	struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *thread = thread_ensure(state, V(rec, statedump_process_state, tid));
	if (!thread || thread->exited)
		return;
	if (V(rec, statedump_process_state, file_table_address) == VALUE_ABSENT)
		thread_set_pid(state, thread, V(rec, statedump_process_state, pid));
	else
		thread_claim_pid(state, thread, V(rec, statedump_process_state, pid));
	if (state->config.wants & WANT_FILES)
		thread->files = files_at_address(
			state, thread->files, V(rec, statedump_process_state, file_table_address));
	thread_name(state, thread, record_string(io->get, rec, F_statedump_process_state_name));
	thread_set_parent(state, thread, V(rec, statedump_process_state, ppid));
	if (state->config.wants & WANT_NAMESPACES)
		membership_dumped(state, rec, thread);
	if (V(rec, statedump_process_state, ppid) != TID_KTHREADD || thread->kernel)
		return;
	cpu_time_until(state, &(struct record){.time = rec->time, .cpu = thread->cpu});
	thread->kernel = true;
}

void on_statedump_file_descriptor(
	struct state *state, const struct record *rec, const struct state_io *io)
{
	int64_t address = V(rec, statedump_file_descriptor, file_table_address);
	int64_t flags = V(rec, statedump_file_descriptor, flags);
	const char *name = record_string(io->get, rec, F_statedump_file_descriptor_filename);
	int64_t number = V(rec, statedump_file_descriptor, fd);
	const struct fd *known;
	struct thread *owner;
	uint32_t files = 0;
	struct file file = {0};

	if (address != VALUE_ABSENT) {
		files = files_find_address(state, address);
	} else {
		owner = thread_ensure(state, V(rec, statedump_file_descriptor, pid));
		if (owner)
			files = thread_files(state, owner);
	}
	if (!files)
		return;
	file.path = strpool_intern(state->strings, name);
	file.type = file_type_of_name(name);
	if (file.type == FILE_UNKNOWN && name && name[0] == '/')
		file.type = file_type_of_path(state, name);
	file.cloexec = flags != VALUE_ABSENT && flags & O_CLOEXEC_FLAG;
	file_set_flags(&file, flags);
	known = fd_find(state, files, number);
	/* A socket has no name of its own, by which it could be told from another one. */
	file.socket = known && file.type == FILE_UNKNOWN ? known->file.socket : 0;
	fd_open(state, files, number, file, rec->time);
	strpool_unref(state->strings, file.path);
}
