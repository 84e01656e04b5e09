/*
 * System calls: what each thread is doing between entry and exit, and what follows from it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/syscall.h"

#include "state/errno_names.h"
#include "state/model.h"
#include "state/syscall_table.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>

/* close_range(2) flags; older headers lack them. */
#define RANGE_UNSHARE 2
#define RANGE_CLOEXEC 4

/* Room for "[8 groups of 4 digits]:65535". */
#define ADDRESS_MAX 64

void syscall_init(struct syscall_model *model)
{
	model->names = g_ptr_array_new();
	model->ids = g_hash_table_new(g_str_hash, g_str_equal);
	for (unsigned int i = 1; i <= SYSCALL_ROWS; i++)
		g_hash_table_insert(
			model->ids, (gpointer)syscall_rows[i].name, GUINT_TO_POINTER(i));
}

void syscall_clear(struct syscall_model *model)
{
	g_ptr_array_free(model->names, TRUE);
	g_hash_table_destroy(model->ids);
}

uint16_t syscall_id(struct syscall_model *model, const char *name)
{
	unsigned int id = GPOINTER_TO_UINT(g_hash_table_lookup(model->ids, name));
	const char *kept;

	if (id)
		return (uint16_t)id;
	id = SYSCALL_ROWS + 1 + model->names->len;
	if (id > SYSCALL_IDS_MAX)
		return SYSCALL_ANY;
	kept = g_intern_string(name);
	g_ptr_array_add(model->names, (gpointer)kept);
	g_hash_table_insert(model->ids, (gpointer)kept, GUINT_TO_POINTER(id));
	return (uint16_t)id;
}

const char *syscall_id_name(const struct syscall_model *model, uint16_t id)
{
	if (id == SYSCALL_ANY)
		return "unknown";
	if (id <= SYSCALL_ROWS)
		return syscall_rows[id].name;
	return g_ptr_array_index(model->names, id - SYSCALL_ROWS - 1);
}

void syscall_forget_numbers(struct syscall_model *model)
{
	memset(model->by_number, 0, sizeof(model->by_number));
}

/* The row of a call; one that says nothing for calls that have none. */
static const struct syscall_row *row_of(uint16_t id)
{
	static const struct syscall_row plain;

	return id <= SYSCALL_ROWS ? &syscall_rows[id] : &plain;
}

/* The parts of the model that need this call. */
static unsigned int row_wants(const struct syscall_row *row)
{
	return WANT_SYSCALLS | (row->io != IO_NONE ? WANT_IO : 0) |
	       (row->op != FD_KEEP ? WANT_FILES : 0);
}

/* Whether nothing but its begin and end is of interest in a call. */
static bool row_is_plain(const struct syscall_row *row)
{
	return row->op == FD_KEEP && row->io == IO_NONE;
}

/* Of what type the files are that a call makes. */
static enum file_type type_of_family(int64_t family)
{
	if (family == VALUE_ABSENT)
		return FILE_UNKNOWN;
	return family == AF_INET || family == AF_INET6 ? FILE_NET : FILE_LOCAL;
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

static void want_call(struct event_want *want, const struct syscall_row *row, bool exit, bool args)
{
	event_fields(exit ? EV_syscall_exit : EV_syscall_entry, want);
	want->wants = row_wants(row);
	if (exit) {
		if (row->op != FD_ACCEPT)
			want->n_fields = F_syscall_exit_family;
		if (row->op == FD_PAIR)
			want->n_fields = F_syscall_exit_v4addr;
		return;
	}
	want->fields[F_syscall_entry_fd].names = row->fd.field ?: "";
	want->fields[F_syscall_entry_fd2].names = row->fd2.field ?: "";
	want->fields[F_syscall_entry_count].names = row->count.field ?: "";
	want->fields[F_syscall_entry_flags].names = row->flags.field ?: "";
	want->fields[F_syscall_entry_path].names = row->path ?: "";
	if (row_is_plain(row) || (!args && row->op != FD_FCNTL))
		want->n_fields = F_syscall_entry_fd;
	else if (row->op != FD_CONNECT)
		want->n_fields = F_syscall_entry_dport;
}

bool syscall_want(struct state *state, const char *name, struct event_want *want)
{
	uint16_t id;

	if (strcmp(name, "exit_syscall") == 0) {
		/* One exit event for all calls: wanted by all parts, and every field counts. */
		event_fields(EV_syscall_exit, want);
		want->wants = WANT_SYSCALLS | WANT_IO | WANT_FILES;
		if (!state->config.no_switches)
			want->fields[F_syscall_exit_ctx_procname].names = "";
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
			want->wants = WANT_SYSCALLS | WANT_IO | WANT_FILES;
		} else {
			id = syscall_id(&state->syscall, name);
			want_call(want, row_of(id), prefixes[i].exit,
				state->config.wants & WANT_ARGS);
			want->sub = id;
		}
		want->sub |= prefixes[i].compat ? SUB_COMPAT : 0;
		if (!state->config.no_switches)
			want->fields[F_syscall_entry_ctx_procname].names = "";
		return true;
	}
	return false;
}

void call_drop(struct state *state, struct thread *thread)
{
	strpool_unref(state->strings, thread->call.path);
	strpool_unref(state->strings, thread->call.file.path);
	memset(&thread->call, 0, sizeof(thread->call));
}

bool call_is_clone(const struct state *state, const struct thread *thread)
{
	(void)state;
	return thread->call.id != SYSCALL_ANY && row_of(thread->call.id)->op == FD_CLONE;
}

/* "192.0.2.1:80" or "[2001:db8::1]:80"; NULL if the call's address is not one of these. */
static const char *format_address(char *out, size_t room, const struct record *rec,
	const struct state_io *io, int64_t family, int64_t port, unsigned int v4, unsigned int v6)
{
	int64_t a[8] = {0};

	if (family == AF_INET && record_ints(io->get, rec, v4, a, 4) == 4) {
		g_snprintf(out, room, "%u.%u.%u.%u:%u", (unsigned int)a[0] & 255,
			(unsigned int)a[1] & 255, (unsigned int)a[2] & 255,
			(unsigned int)a[3] & 255, (unsigned int)port & 65535);
		return out;
	}
	if (family == AF_INET6 && record_ints(io->get, rec, v6, a, 8) == 8) {
		GString *text = g_string_new("[");

		/* The longest run of zero groups, if two or more, is written "::". */
		int best = -1, best_length = 1;
		for (int i = 0, run = 0; i < 8; i++) {
			run = a[i] == 0 ? run + 1 : 0;
			if (run > best_length) {
				best_length = run;
				best = i - run + 1;
			}
		}
		for (int i = 0; i < 8; i++) {
			if (i == best) {
				g_string_append(text, "::");
				i += best_length - 1;
				continue;
			}
			if (i > 0 && i != best + best_length)
				g_string_append_c(text, ':');
			g_string_append_printf(text, "%x", (unsigned int)a[i] & 65535);
		}
		g_string_append_printf(text, "]:%u", (unsigned int)port & 65535);
		g_strlcpy(out, text->str, room);
		g_string_free(text, TRUE);
		return out;
	}
	return NULL;
}

/* The thread that makes a call. All events of calls begin with the same contexts. */
static struct thread *caller(
	struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *thread = thread_of_event(
		state, rec, V(rec, syscall_entry, ctx_tid), V(rec, syscall_entry, ctx_pid));
	const char *name;

	G_STATIC_ASSERT((int)F_syscall_exit_ctx_procname == (int)F_syscall_entry_ctx_procname);
	G_STATIC_ASSERT(
		(int)F_syscall_entry_unknown_ctx_procname == (int)F_syscall_entry_ctx_procname);
	G_STATIC_ASSERT(
		(int)F_syscall_exit_unknown_ctx_procname == (int)F_syscall_entry_ctx_procname);
	if (thread && state->config.no_switches) {
		name = record_string(io->get, rec, F_syscall_entry_ctx_procname);
		if (name)
			strpool_set(state->strings, &thread->comm, name);
	}
	return thread;
}

/* A call begins; whatever the thread was in before, its exit is lost. */
static struct call *call_begin(
	struct state *state, const struct record *rec, struct thread *thread, uint16_t id)
{
	if (thread->call.id != SYSCALL_ANY)
		call_drop(state, thread);
	/* The dead don't call: this is somebody new, whose fork was not seen. */
	if (thread->exited)
		thread_reuse(state, thread);
	thread->call.begin = rec->time;
	thread->call.id = id;
	thread->call.compat = rec->sub & SUB_COMPAT;
	thread->call.fd = thread->call.fd2 = VALUE_ABSENT;
	thread->call.count = thread->call.flags = VALUE_ABSENT;
	return &thread->call;
}

/* What is behind a descriptor, with a reference to its path. */
static struct file file_of(const struct state *state, const struct thread *thread, int64_t number)
{
	const struct fd *fd = fd_find(state, thread, number);

	if (!fd)
		return (struct file){.type = FILE_UNKNOWN};
	strpool_ref(state->strings, fd->file.path);
	return fd->file;
}

/*
 * The path that a call names, with a reference: one relative to an open folder (openat) begins
 * with that folder's, if it is known.
 */
static strid resolve_path(struct state *state, struct file folder, const char *path)
{
	const char *base = NULL;
	char *joined;
	strid id;

	if (path && path[0] != '/')
		base = strpool_text(state->strings, folder.path);
	if (!base)
		return strpool_intern(state->strings, path);
	while (g_str_has_prefix(path, "./"))
		path += strlen("./");
	if (*path == 0 || strcmp(path, ".") == 0)
		return strpool_intern(state->strings, base);
	joined = g_build_filename(base, path, NULL);
	id = strpool_intern(state->strings, joined);
	g_free(joined);
	return id;
}

void on_syscall_entry(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *thread = caller(state, rec, io);
	uint16_t id = rec->sub & ~SUB_COMPAT;
	const struct syscall_row *row = row_of(id);
	char address[ADDRESS_MAX];
	struct call *call;

	if (!thread)
		return;
	call = call_begin(state, rec, thread, id);
	if (row_is_plain(row) || (!(state->config.wants & WANT_ARGS) && row->op != FD_FCNTL))
		return;
	call->fd = V(rec, syscall_entry, fd);
	call->fd2 = V(rec, syscall_entry, fd2);
	call->count = V(rec, syscall_entry, count);
	call->flags = V(rec, syscall_entry, flags);
	if (!(state->config.wants & WANT_FILES))
		return;
	/* Another thread may close it, or give its number to another file, before the call returns. */
	call->file = file_of(state, thread, call->fd);
	if (row->path)
		call->path = resolve_path(
			state, call->file, record_string(io->get, rec, F_syscall_entry_path));
	else if (row->op == FD_CONNECT)
		call->path = strpool_intern(
			state->strings, format_address(address, sizeof(address), rec, io, call->fd2,
						V(rec, syscall_entry, dport),
						F_syscall_entry_v4addr, F_syscall_entry_v6addr));
}

/* The number of a call that the tracer has no name for. */
static uint16_t unknown_id(struct state *state, const struct record *rec, int64_t number)
{
	enum syscall_arch arch = state->config.arch;
	bool compat = rec->sub & SUB_COMPAT;
	uint16_t *cached = NULL;
	char numbered[32];
	const char *name;
	uint16_t id;

	if (number >= 0 && number < SYSCALL_NUMBERS_CACHED)
		cached = &state->syscall.by_number[compat][number];
	if (cached && *cached)
		return *cached;
	name = syscall_name(compat ? syscall_arch_compat(arch) : arch, number);
	if (!name && cached)
		g_snprintf(numbered, sizeof(numbered), "unknown_%d", (int)number);
	id = syscall_id(&state->syscall, name ?: cached ? numbered : "unknown");
	if (cached)
		*cached = id;
	return id;
}

/* An argument of an `unknown` call, which has its six arguments and nothing else. */
static int64_t unknown_arg(const struct record *rec, const struct syscall_arg *arg)
{
	if (!arg->field || !*arg->field || arg->position < 0)
		return VALUE_ABSENT;
	return rec->v[F_syscall_entry_unknown_arg0 + arg->position];
}

/* Descriptors are 32 bits of the argument, with a sign. */
static int64_t as_fd(int64_t arg)
{
	return arg == VALUE_ABSENT ? arg : (int32_t)arg;
}

void on_syscall_entry_unknown(
	struct state *state, const struct record *rec, const struct state_io *io)
{
	uint16_t id = unknown_id(state, rec, V(rec, syscall_entry_unknown, id));
	const struct syscall_row *row = row_of(id);
	struct thread *thread = caller(state, rec, io);
	struct call *call;

	if (!thread || !(row_wants(row) & state->config.wants))
		return;
	call = call_begin(state, rec, thread, id);
	call->fd = unknown_arg(rec, &row->fd);
	call->fd2 = unknown_arg(rec, &row->fd2);
	call->count = unknown_arg(rec, &row->count);
	call->flags = unknown_arg(rec, &row->flags);
	call->fd = as_fd(call->fd);
	call->fd2 = as_fd(call->fd2);
	if (state->config.wants & WANT_FILES)
		call->file = file_of(state, thread, call->fd);
}

/* What a call did, once its return value is known. */
struct outcome {
	const struct syscall_row *row;
	enum io_class io;
	int64_t ret;   /* VALUE_ABSENT if the trace does not tell */
	int64_t error; /* 0 if the call succeeded, VALUE_ABSENT if not known */
	int64_t fd;
	struct file file; /* the path has a reference of its own */
};

static bool flag(const struct call *call, int64_t bits)
{
	return call->flags != VALUE_ABSENT && call->flags & bits;
}

/* Whether an exec closes the descriptor that the call makes. */
static bool makes_cloexec(const struct syscall_row *row, const struct call *call)
{
	return row->cloexec == CLOEXEC_ALWAYS || flag(call, row->cloexec);
}

static bool fcntl_dups(const struct call *call)
{
	return call->fd2 == F_DUPFD || call->fd2 == F_DUPFD_CLOEXEC;
}

/*
 * What is behind the descriptor of the call, with a reference to its path: what was there when the
 * call began, and what has become known of it since.
 */
static struct file call_file(const struct state *state, const struct thread *thread)
{
	const struct call *call = &thread->call;
	struct file file = call->file;
	const struct fd *now = fd_find(state, thread, call->fd);

	if (now && (!file.path || file.path == now->file.path))
		file = now->file;
	strpool_ref(state->strings, file.path);
	return file;
}

/* The connection that a call has accepted, with a reference to its name. */
static struct file accepted(struct state *state, const struct record *rec,
	const struct state_io *io, const struct outcome *out)
{
	struct file file = {.type = FILE_UNKNOWN};
	char address[ADDRESS_MAX];
	const char *name = NULL;

	if (out->error == 0 && rec->kind == EV_syscall_exit) {
		file.type = type_of_family(V(rec, syscall_exit, family));
		name = format_address(address, sizeof(address), rec, io,
			V(rec, syscall_exit, family), V(rec, syscall_exit, sport),
			F_syscall_exit_v4addr, F_syscall_exit_v6addr);
	}
	file.path = strpool_intern(state->strings, name ?: out->row->label);
	return file;
}

/* What the call is about, or makes, with a reference to its path. */
static struct file find_file(struct state *state, const struct record *rec,
	const struct state_io *io, const struct thread *thread, const struct outcome *out)
{
	const struct call *call = &thread->call;
	struct file file = {.type = FILE_LOCAL};

	switch (out->row->op) {
	case FD_OPEN:
		file.path = strpool_ref(state->strings, call->path);
		file.type = FILE_DISK;
		return file;
	case FD_SOCKET:
		file.type = type_of_family(call->fd2);
		/* fall through */
	case FD_NEW:
		file.path = strpool_intern(state->strings, out->row->label);
		return file;
	case FD_ACCEPT:
		return accepted(state, rec, io, out);
	default:
		return call_file(state, thread);
	}
}

/* Whether the call returns a new descriptor if it succeeds. */
static bool returns_fd(const struct syscall_row *row, const struct call *call)
{
	switch (row->op) {
	case FD_OPEN:
	case FD_NEW:
	case FD_SOCKET:
	case FD_ACCEPT:
	case FD_DUP:
	case FD_DUP_TO:
		return true;
	case FD_FCNTL:
		return fcntl_dups(call);
	default:
		return false;
	}
}

/* What the call counts as, and which descriptor and file it is about. */
static void find_outcome(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread, struct outcome *out)
{
	const struct call *call = &thread->call;

	out->io = out->row->io;
	out->fd = call->fd;
	if (out->row->op == FD_FCNTL && !fcntl_dups(call))
		out->io = IO_NONE;
	if (returns_fd(out->row, call))
		out->fd = out->error == 0 ? out->ret : VALUE_ABSENT;
	if (!(state->config.wants & WANT_FILES))
		return;
	out->file = find_file(state, rec, io, thread, out);
	out->file.cloexec = out->row->op == FD_FCNTL ? call->fd2 == F_DUPFD_CLOEXEC
						     : makes_cloexec(out->row, call);
}

/* Two descriptors made at once, told at exit. */
static void open_pair(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, const struct outcome *out)
{
	struct file file = {.type = FILE_LOCAL, .cloexec = out->file.cloexec};
	int64_t pair[2];

	file.path = strpool_intern(state->strings, out->row->label);

	if (rec->kind == EV_syscall_exit &&
		record_ints(io->get, rec, F_syscall_exit_fds, pair, 2) == 2)
		for (int i = 0; i < 2; i++)
			fd_install(state, rec, io, thread, pair[i], file);
	strpool_unref(state->strings, file.path);
}

/* What a finished call changes in the descriptors of its process; failed calls change nothing. */
static void change_files(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, const struct outcome *out)
{
	const struct call *call = &thread->call;
	struct fd *fd;

	if (out->row->op == FD_CONNECT && (out->error == 0 || out->error == EINPROGRESS)) {
		fd = fd_find(state, thread, call->fd);
		if (!fd) {
			fd_install(state, rec, io, thread, call->fd,
				(struct file){
					.path = call->path, .type = type_of_family(call->fd2)});
			return;
		}
		if (fd->file.type == FILE_UNKNOWN)
			fd->file.type = type_of_family(call->fd2);
		if (call->path)
			strpool_set(state->strings, &fd->file.path,
				strpool_text(state->strings, call->path));
		return;
	}
	if (out->error != 0)
		return;
	switch (out->row->op) {
	case FD_OPEN:
	case FD_SOCKET:
	case FD_ACCEPT:
	case FD_DUP:
		fd_install(state, rec, io, thread, out->ret, out->file);
		break;
	case FD_NEW:
		/* signalfd(fd, ...) changes one that exists. */
		if (call->fd != out->ret)
			fd_install(state, rec, io, thread, out->ret, out->file);
		break;
	case FD_DUP_TO:
		/* dup2(fd, fd) does nothing. */
		if (call->fd != out->ret)
			fd_install(state, rec, io, thread, out->ret, out->file);
		break;
	case FD_FCNTL:
		if (fcntl_dups(call)) {
			fd_install(state, rec, io, thread, out->ret, out->file);
		} else if (call->fd2 == F_SETFD) {
			fd = fd_find(state, thread, call->fd);
			if (fd)
				fd->file.cloexec = flag(call, FD_CLOEXEC);
		}
		break;
	case FD_PAIR:
		open_pair(state, rec, io, thread, out);
		break;
	case FD_CLOSE_RANGE:
		if (call->fd == VALUE_ABSENT || call->fd2 == VALUE_ABSENT)
			break;
		if (flag(call, RANGE_UNSHARE))
			files_unshare(state, thread);
		fd_close_range(state, rec, io, thread, (uint32_t)call->fd, (uint32_t)call->fd2,
			flag(call, RANGE_CLOEXEC));
		break;
	case FD_UNSHARE:
		if (flag(call, CLONE_FILES))
			files_unshare(state, thread);
		break;
	}
}

/* An exit whose entry was not seen: only a new descriptor, of unknown name, can follow from it. */
static void exit_without_entry(struct state *state, const struct record *rec,
	const struct state_io *io, struct thread *thread, uint16_t id, int64_t ret)
{
	struct outcome out = {.row = row_of(id)};

	if (ret == VALUE_ABSENT || ret < 0 || !(state->config.wants & WANT_FILES))
		return;
	switch (out.row->op) {
	case FD_OPEN:
	case FD_NEW:
	case FD_SOCKET:
	case FD_ACCEPT:
	case FD_DUP:
	case FD_DUP_TO:
		fd_install(state, rec, io, thread, ret, (struct file){0});
		break;
	case FD_PAIR:
		open_pair(state, rec, io, thread, &out);
		break;
	}
}

#define CALL_VALUES                                                                               \
	COMMON_OF(state, rec, thread),                                                            \
		.begin = call->begin, .duration = time_span(call->begin, rec->time),              \
		.name = syscall_id_name(&state->syscall, call->id), .compat = call->compat,       \
		.ret = out->ret, .error = out->error,                                             \
		.error_name = out->error > 0 ? errno_name(state->config.arch, out->error) : NULL, \
		.io_class = io_class_name(out->io), .fd = out->fd, .path = out->file.path,        \
		.file_type = has_file(out) ? file_type_name(out->file.type) : NULL,               \
		.count = call->count, .size = size_of(out)

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
		side.file = file_of(state, thread, call->fd2);
	EMIT(io, io_end, CALL_VALUES);
	strpool_unref(state->strings, side.file.path);
}

void call_sends(struct state *state, struct thread *thread)
{
	const struct call *call = &thread->call;
	const struct syscall_row *row = row_of(call->id);
	struct fd *fd;

	if (call->id == SYSCALL_ANY || (row->io != IO_WRITE && row->io != IO_COPY))
		return;
	fd = fd_assume(state, thread, row->io == IO_COPY ? call->fd2 : call->fd);
	if (fd && fd->file.type == FILE_UNKNOWN)
		fd->file.type = FILE_NET;
}

/*
 * A close is over. Whatever went wrong, unless there was nothing to close, Linux has closed it; but
 * the number may have been given out again in the meantime.
 */
static void end_close(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread)
{
	const struct fd *fd = fd_find(state, thread, thread->call.fd);

	if (fd && fd->since < thread->call.begin)
		fd_close(state, rec, io, thread, thread->call.fd);
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
		call_drop(state, thread); /* its exit was lost */
	if (call->id == SYSCALL_ANY) {
		exit_without_entry(state, rec, io, thread, id, out->ret);
		return;
	}
	out->row = row_of(call->id);
	find_outcome(state, rec, io, thread, out);
	if (emits(io, DERIVED_syscall_exit))
		EMIT(io, syscall_exit, CALL_VALUES);
	if (state->config.wants & WANT_FILES)
		change_files(state, rec, io, thread, out);
	if (out->io != IO_NONE && emits(io, DERIVED_io_end))
		tell_io(state, rec, io, thread, out);
	if (out->row->op == FD_CLOSE && out->error != VALUE_ABSENT && out->error != EBADF)
		end_close(state, rec, io, thread);
	strpool_unref(state->strings, out->file.path);
	call_drop(state, thread);
}

void on_syscall_exit(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *thread = caller(state, rec, io);

	if (thread)
		call_end(state, rec, io, thread, rec->sub & ~SUB_COMPAT, V(rec, syscall_exit, ret));
}

void on_syscall_exit_unknown(
	struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *thread = caller(state, rec, io);
	int64_t number = V(rec, syscall_exit_unknown, id);
	uint16_t id = number == VALUE_ABSENT ? SYSCALL_ANY : unknown_id(state, rec, number);

	if (thread)
		call_end(state, rec, io, thread, id, V(rec, syscall_exit_unknown, ret));
}
