/*
 * Entry and exit of system calls: which events these are, and what follows from them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/syscall.h"

#include "state/call_files.h"
#include "state/errno_names.h"
#include "state/image.h"
#include "state/model.h"
#include "state/signal_names.h"
#include "state/syscall_table.h"

#include <errno.h>
#include <string.h>

/* The largest errno a system call can return. */
#define ERRNO_MAX 4095

/* The parts of the model that need this call. */
static unsigned int row_wants(const struct syscall_row *row)
{
	return WANT_SYSCALLS | (row->io != IO_NONE ? WANT_IO : 0) |
	       (row->op != FD_KEEP ? WANT_FILES : 0) | (row->cache != CACHE_NONE ? WANT_CACHE : 0) |
	       (row->renames ? WANT_NAMES : 0) | (row->wait == SENDS_SIGNAL ? WANT_SIGNALS : 0) |
	       (membership_needs(row) ? WANT_NAMESPACES : 0);
}

/* Whether nothing but its begin and end is of interest in a call. */
static bool row_is_plain(const struct state *state, const struct syscall_row *row)
{
	return row->op == FD_KEEP && row->io == IO_NONE && row->cache == CACHE_NONE &&
	       !row->executes && !(row->wait == WAITS_FUTEX && state->config.wants & WANT_CAUSE) &&
	       !(row->wait == SENDS_SIGNAL && state->config.wants & WANT_SIGNALS);
}

/* Whether only its arguments tell what a call does. */
static bool needs_args(const struct syscall_row *row)
{
	return row->op == FD_FCNTL || row->op == FD_SOCKETCALL || row->wait == SENDS_SIGNAL;
}

/* Whether it is of interest what a call tells of namespaces. */
static bool tells_spaces(const struct state *state, const struct syscall_row *row)
{
	return state->config.wants & WANT_NAMESPACES && membership_needs(row);
}

/* Names of entry and exit events, the longest prefix first. */
static const struct {
	const char *prefix;
	bool exit;
	bool compat;
} prefixes[] = {
	{"compat_syscall_entry_", false, true},
	{"compat_syscall_exit_", true, true},
	{"syscall_entry_", false, false},
	{"syscall_exit_", true, false},
	{"compat_sys_", false, true},
	{"sys_", false, false},
};

static void want_call(const struct state *state, struct event_want *want,
	const struct syscall_row *row, bool exit)
{
	bool args = state->config.wants & WANT_ARGS;

	event_fields(exit ? EV_syscall_exit : EV_syscall_entry, want);
	want->wants = row_wants(row);
	if (exit && tells_spaces(state, row) && (row->op == FD_UNSHARE || row->op == FD_SETNS))
		return;
	if (exit) {
		want->n_fields = F_syscall_exit_cgroup_ns;
		if (row->op != FD_ACCEPT && row->op != FD_SOCKETCALL)
			want->n_fields = F_syscall_exit_family;
		if (row->op == FD_PAIR)
			want->n_fields = F_syscall_exit_v4addr;
		return;
	}
	want->fields[F_syscall_entry_fd].names = row->fd.field ?: "";
	want->fields[F_syscall_entry_fd2].names = row->fd2.field ?: "";
	want->fields[F_syscall_entry_count].names =
		row->count.field ?: (row->hostname ? "len" : "");
	want->fields[F_syscall_entry_flags].names = row->flags.field ?: "";
	want->fields[F_syscall_entry_pos].names = row->pos.field ?: "";
	want->fields[F_syscall_entry_path].names = row->path ?: row->hostname ?: "";
	want->fields[F_syscall_entry_path2].names = row->path2 ?: "";
	if (row_is_plain(state, row) || !(args || needs_args(row)))
		want->n_fields =
			tells_spaces(state, row) ? F_syscall_entry_path2 : F_syscall_entry_fd;
	else if (row->op == FD_CONNECT)
		want->n_fields = F_syscall_entry_fs_type;
	else if (row->op != FD_MOUNT)
		want->n_fields = F_syscall_entry_dport;
}

bool syscall_want(struct state *state, const char *name, struct event_want *want)
{
	uint16_t id;

	if (strcmp(name, "exit_syscall") == 0) {
		/* One exit event for all calls: wanted by all parts, and every field counts. */
		event_fields(EV_syscall_exit, want);
		want->wants = WANT_SYSCALLS | WANT_IO | WANT_FILES | WANT_SIGNALS | WANT_NAMESPACES;
		return true;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(prefixes); i++) {
		if (!g_str_has_prefix(name, prefixes[i].prefix))
			continue;
		name += strlen(prefixes[i].prefix);
		if (strcmp(name, "unknown") == 0) {
			event_fields(prefixes[i].exit ? EV_syscall_exit_unknown
						      : EV_syscall_entry_unknown,
				want);
			want->wants = WANT_SYSCALLS | WANT_IO | WANT_FILES | WANT_SIGNALS;
		} else {
			id = call_id(state, name);
			want_call(state, want, syscall_row_of(id), prefixes[i].exit);
			want->sub = id;
		}
		want->sub |= prefixes[i].compat ? SUB_COMPAT : 0;
		return true;
	}
	return false;
}

/* The thread that makes a call. All events of calls begin with the same contexts. */
static struct thread *caller(
	struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *thread = thread_of_event(
		state, rec, V(rec, syscall_entry, ctx_tid), V(rec, syscall_entry, ctx_pid));

	if (thread) {
		thread->kernel = false;
		thread->within = SYSCALL_ANY;
	}
	if (thread && (state->config.no_switches || thread->doubt != NAME_SURE))
		thread_name(state, thread, record_string(io->get, rec, F_PROCNAME));
	return thread;
}

/* A call begins; whatever the thread was in before, its exit is lost. */
static struct call *call_begin(
	struct state *state, const struct record *rec, struct thread *thread, uint16_t id)
{
	if (thread->call.id != SYSCALL_ANY)
		call_drop(state, &thread->call);
	/* The dead don't call: this is somebody new, whose fork was not seen. */
	if (thread->exited)
		thread_reuse(state, thread);
	thread->call.begin = rec->time;
	thread->call.between = false;
	thread->call.id = id;
	thread->call.compat = rec->sub & SUB_COMPAT;
	thread->call.fd = thread->call.fd2 = VALUE_ABSENT;
	thread->call.count = thread->call.flags = thread->call.pos = VALUE_ABSENT;
	thread->call.at = VALUE_ABSENT;
	if (syscall_row_of(id)->renames)
		thread_doubt(state, thread, NAME_UNTIL_DONE);
	return &thread->call;
}

void on_syscall_entry(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *thread = caller(state, rec, io);
	uint16_t id = rec->sub & ~SUB_COMPAT;
	const struct syscall_row *row = syscall_row_of(id);
	struct call *call;

	if (!thread)
		return;
	waits_enter(state, rec, thread);
	call = call_begin(state, rec, thread, id);
	if (tells_spaces(state, row))
		membership_call_begin(state, rec, io, thread, row);
	if (row_is_plain(state, row) || !(state->config.wants & WANT_ARGS || needs_args(row)))
		return;
	call->fd = V(rec, syscall_entry, fd);
	call->fd2 = V(rec, syscall_entry, fd2);
	call->count = V(rec, syscall_entry, count);
	call->flags = row->implied ?: V(rec, syscall_entry, flags);
	call->pos = V(rec, syscall_entry, pos);
	if (state->config.wants & WANT_FILES)
		call_begin_files(state, rec, io, thread, row);
	if (state->config.wants & WANT_CACHE)
		sync_follow(state, rec, thread, row);
}

/* An argument of an `unknown` call, which has its six arguments and nothing else. */
static int64_t unknown_arg(const struct record *rec, const struct syscall_arg *arg)
{
	if (!arg->field || !*arg->field || arg->position < 0)
		return VALUE_ABSENT;
	return rec->v[F_syscall_entry_unknown_arg0 + arg->position];
}

/* Descriptors and the like are 32 bits of the argument, with a sign. */
static int64_t as_int(int64_t arg)
{
	return arg == VALUE_ABSENT ? arg : (int32_t)arg;
}

void on_syscall_entry_unknown(
	struct state *state, const struct record *rec, const struct state_io *io)
{
	uint16_t id =
		call_id_of_number(state, rec->sub & SUB_COMPAT, V(rec, syscall_entry_unknown, id));
	const struct syscall_row *row = syscall_row_of(id);
	struct thread *thread = caller(state, rec, io);
	struct call *call;

	if (!thread || !(row_wants(row) & state->config.wants))
		return;
	waits_enter(state, rec, thread);
	call = call_begin(state, rec, thread, id);
	call->fd = unknown_arg(rec, &row->fd);
	call->fd2 = unknown_arg(rec, &row->fd2);
	call->count = unknown_arg(rec, &row->count);
	call->flags = unknown_arg(rec, &row->flags);
	call->fd = as_int(call->fd);
	call->fd2 = as_int(call->fd2);
	call->pos = unknown_arg(rec, &row->pos);
	if (row->wait == SENDS_SIGNAL)
		call->flags = as_int(call->flags);
	if (state->config.wants & WANT_FILES)
		call->file = call_file_of(state, thread, call->fd);
	if (state->config.wants & WANT_CACHE)
		sync_follow(state, rec, thread, row);
}

/* How long the call has slept, and why. */
#define CALL_WAITS_OF(waits)                                                             \
	.waited = (waits)->waited,                                                       \
	.cause = (waits)->longest > 0 ? cause_names[(waits)->cause.kind] : NULL,         \
	.disk = (waits)->cause.deed.kind == CAUSE_DISK ? (waits)->cause.deed.object : 0, \
	.source_tid = (waits)->longest > 0 ? (waits)->cause.source.tid : VALUE_ABSENT,   \
	.source_procname = (waits)->cause.source.comm

#define CALL_VALUES                                                                               \
	COMMON_OF(state, rec, thread),                                                            \
		.begin = call->begin, .duration = time_span(call->begin, rec->time),              \
		.name = call_name(state, call->id), .compat = call->compat, .ret = out->ret,      \
		.error = out->error,                                                              \
		.error_name = out->error > 0 ? errno_name(state->config.arch, out->error) : NULL, \
		.io_class = io_class_name(out->io), .fd = out->fd, .path = out->file.path,        \
		.file_type = has_file(out) ? file_type_name(out->file.type) : NULL,               \
		.flags = out->flags, .count = call->count, .size = size_of(out),                  \
		.peer = out->peer, .port = out->port, .side = out->side, .opened = out->opened,   \
		.address = out->address, .protocol = out->protocol,                               \
		CALL_WAITS_OF(&thread->call_waits)

/* Whether the call is about one file, known or not. */
static bool has_file(const struct outcome *out)
{
	return out->fd != VALUE_ABSENT || out->file.path;
}

/* Bytes that the call has transferred, VALUE_ABSENT if it does not tell. */
static int64_t size_of(const struct outcome *out)
{
	bool transfers = out->io == IO_READ || out->io == IO_WRITE || out->io == IO_COPY;

	return transfers && out->error == 0 && !out->row->returns_messages ? out->ret
									   : VALUE_ABSENT;
}

/* Tells io_end; of a copy, twice. */
static void tell_io(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread, const struct outcome *whole)
{
	const struct call *call = &thread->call;
	struct outcome side = *whole;
	const struct outcome *out = &side;

	if (side.io == IO_COPY)
		side.io = IO_READ;
	EMIT(io, io_end, CALL_VALUES);
	if (whole->io != IO_COPY)
		return;
	side.io = IO_WRITE;
	side.fd = call->fd2;
	side.file = (struct file){0};
	if (state->config.wants & WANT_FILES)
		side.file = call_file_of(state, thread, call->fd2);
	call_find_peer(state, call, &side);
	EMIT(io, io_end, CALL_VALUES);
	call_drop_outcome(state, &side);
}

/* Reports what calls of a few kinds have done. */
static void tell_deed(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread, const struct outcome *out)
{
	const struct call *call = &thread->call;
	const char *error = out->error > 0 ? errno_name(state->config.arch, out->error) : NULL;
	const struct thread *parent;

	if (out->row->wait == SENDS_SIGNAL && emits(io, DERIVED_signal_send))
		EMIT(io, signal_send, COMMON_OF(state, rec, thread), .begin = call->begin,
			.duration = time_span(call->begin, rec->time),
			.name = call_name(state, call->id), .sig = call->flags,
			.signal = signal_name(state->config.arch, call->flags), .target = call->pos,
			.ret = out->ret, .error = out->error, .error_name = error);
	if (!out->row->executes || out->error <= 0 || !emits(io, DERIVED_exec_fail))
		return;
	parent = thread_parent(state, thread);
	EMIT(io, exec_fail, COMMON_OF(state, rec, thread), .begin = call->begin,
		.duration = time_span(call->begin, rec->time), .name = call_name(state, call->id),
		.path = out->file.path, .ret = out->ret, .error = out->error, .error_name = error,
		.ppid = thread_tid(parent), .parent_procname = thread_comm(parent));
}

static void call_end(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, uint16_t id, int64_t ret)
{
	struct call *call = &thread->call;
	struct outcome outcome = {.ret = ret, .error = 0}, *out = &outcome;

	/* 32-bit calls return 32 bits. */
	if (call->compat && ret > UINT32_MAX - ERRNO_MAX && ret <= UINT32_MAX)
		out->ret = (int32_t)ret;
	if (ret == VALUE_ABSENT)
		out->error = VALUE_ABSENT;
	else if (out->ret < 0 && out->ret >= -ERRNO_MAX)
		out->error = -out->ret;
	if (call->id != SYSCALL_ANY && id != SYSCALL_ANY && call->id != id)
		call_drop(state, &thread->call); /* its exit was lost */
	if (call->id == SYSCALL_ANY) {
		if (ret != VALUE_ABSENT && out->ret >= 0 && state->config.wants & WANT_FILES)
			call_files_without_entry(
				state, rec, io, thread, syscall_row_of(id), out->ret);
		return;
	}
	out->row = syscall_row_of(call->id);
	if (out->row->op == FD_SOCKETCALL)
		out->row = socketcall_row(call->flags);
	call_find_outcome(state, rec, io, thread, out);
	if (emits(io, DERIVED_syscall_exit))
		EMIT(io, syscall_exit, CALL_VALUES);
	tell_deed(state, rec, io, thread, out);
	if (tells_spaces(state, out->row))
		membership_call_end(state, rec, thread, out->row, out->ret);
	if (state->config.wants & WANT_FILES)
		call_change_files(state, rec, io, thread, out);
	if (out->io != IO_NONE && emits(io, DERIVED_io_end))
		tell_io(state, rec, io, thread, out);
	if (state->config.wants & WANT_CACHE) {
		cache_call_end(state, rec, io, thread, out);
		sync_end(state, rec, io, thread, out);
	}
	if (out->row->op == FD_CLOSE && out->error != VALUE_ABSENT && out->error != EBADF)
		call_end_close(state, rec, io, thread);
	call_drop_outcome(state, out);
	if (out->row->renames) {
		thread_trust(state, thread);
		/* Without a context, only the next switch has its new name. */
		if (!record_string(io->get, rec, F_PROCNAME))
			thread_doubt(state, thread, NAME_UNTIL_SWITCH);
	}
	waits_leave(state, rec, thread);
	call_drop(state, &thread->call);
}

void on_syscall_exit(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *thread = caller(state, rec, io);

	if (!thread)
		return;
	call_end(state, rec, io, thread, rec->sub & ~SUB_COMPAT, V(rec, syscall_exit, ret));
	thread->call.between = true;
}

void on_syscall_exit_unknown(
	struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *thread = caller(state, rec, io);
	int64_t number = V(rec, syscall_exit_unknown, id);
	uint16_t id = number == VALUE_ABSENT
			      ? SYSCALL_ANY
			      : call_id_of_number(state, rec->sub & SUB_COMPAT, number);

	if (!thread)
		return;
	call_end(state, rec, io, thread, id, V(rec, syscall_exit_unknown, ret));
	thread->call.between = true;
}

/* ---- Signals ---- */

void on_signal_generate(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *thread = thread_of_event(
		state, rec, V(rec, signal_generate, ctx_tid), V(rec, signal_generate, ctx_pid));
	struct call *call = thread ? &thread->call : NULL;

	(void)io;
	/* Only this event says which process the descriptor refers to. */
	if (call && syscall_row_of(call->id)->wait == SENDS_SIGNAL && call->pos == VALUE_ABSENT &&
		call->flags == V(rec, signal_generate, sig))
		call->pos = V(rec, signal_generate, pid);
}

/* ---- What goes on when a window ends ---- */

#define OPEN_CALL_VALUES                                                                           \
	COMMON_OF(state, rec, thread),                                                             \
		.begin = thread->call.begin, .duration = time_span(thread->call.begin, rec->time), \
		.name = call_name(state, thread->call.id), .compat = thread->call.compat,          \
		.io_class = io_class_name(out->io), .fd = out->fd, .path = out->file.path,         \
		.file_type = has_file(out) ? file_type_name(out->file.type) : NULL,                \
		.flags = out->flags, .count = thread->call.count, .peer = out->peer,               \
		.port = out->port, .side = out->side, .opened = out->opened,                       \
		.address = out->address, .protocol = out->protocol

static void tell_open_call(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread)
{
	struct outcome outcome, *out = &outcome;

	call_find_open(state, thread, out);
	if (emits(io, DERIVED_syscall_open))
		EMIT(io, syscall_open, OPEN_CALL_VALUES);
	if (out->io != IO_NONE && emits(io, DERIVED_io_open)) {
		/* A copy is a read and a write; which of them it waits for is not told. */
		if (out->io == IO_COPY)
			out->io = IO_READ;
		EMIT(io, io_open, OPEN_CALL_VALUES);
	}
	call_drop_outcome(state, out);
}

void calls_tell_open(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct record at = *rec;

	if (!emits(io, DERIVED_syscall_open) && !emits(io, DERIVED_io_open))
		return;
	for (struct thread *thread = thread_after(state, 0); thread;
		thread = thread_after(state, thread->tid)) {
		at.cpu = thread->cpu;
		at.time = thread_known_until(state, thread, rec->time);
		if (thread->call.id != SYSCALL_ANY && !thread->exited &&
			thread->call.begin <= at.time)
			tell_open_call(state, &at, io, thread);
	}
}
