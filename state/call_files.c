/*
 * System calls and descriptors: what a call is about, and what it changes in the descriptors of its
 * process, which is told.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/call_files.h"

#include "state/model.h"
#include "state/open_flags.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>

/* close_range(2) flags; older headers lack them. */
#define RANGE_UNSHARE 2
#define RANGE_CLOEXEC 4

/* The bits of a socket's type that are not flags; and the number after that of the last protocol within IP. */
#define SOCKET_TYPE    0xf
#define PROTOCOL_MPTCP 262

/* ioctl(2): FIOCLEX and FIONCLEX, as all but old architectures have them. */
#define IOCTL_CLOEXEC    0x5451
#define IOCTL_NO_CLOEXEC 0x5450

/* What old programs have in the upper half of mount(2)'s flags, instead of flags. */
#define MOUNT_MAGIC 0xC0ED

static bool flag(const struct call *call, int64_t bits)
{
	return call->flags != VALUE_ABSENT && call->flags & bits;
}

/* Of what type the files are that a call makes; of family 0 (and none) nothing is told. */
static enum file_type type_of_family(int64_t family)
{
	if (family == VALUE_ABSENT || family == AF_UNSPEC)
		return FILE_UNKNOWN;
	return family == AF_INET || family == AF_INET6 ? FILE_NET : FILE_LOCAL;
}

/* The address that a call tells; of version 0 if it is not one of the Internet Protocol. */
static struct address told_address(const struct record *rec, const struct state_io *io,
	int64_t family, int64_t port, unsigned int v4, unsigned int v6)
{
	int64_t a[8];

	if (family == AF_INET && record_ints(io->get, rec, v4, a, 4) == 4)
		return address_of_ipv4(a, port & UINT16_MAX);
	if (family == AF_INET6 && record_ints(io->get, rec, v6, a, 8) == 8)
		return address_of_ipv6(a, port & UINT16_MAX);
	return (struct address){.port = VALUE_ABSENT};
}

struct file call_file_of(const struct state *state, const struct thread *thread, int64_t number)
{
	const struct fd *fd = fd_find(state, thread->files, number);

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

/* What will be below the place where a call mounts something. */
static enum file_type type_of_mount(const struct state *state, const struct record *rec,
	const struct state_io *io, const struct call *call)
{
	if (flag(call, MS_BIND | MS_MOVE))
		return file_type_of_path(state, strpool_text(state->strings, call->path2));
	return file_type_of_fs(record_string(io->get, rec, F_syscall_entry_fs_type));
}

void call_begin_files(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, const struct syscall_row *row)
{
	struct call *call = &thread->call;
	const char *path = row->path ? record_string(io->get, rec, F_syscall_entry_path) : NULL;

	/* Another thread may close it, or give its number to another file, before the call returns. */
	call->file = call_file_of(state, thread, call->fd);
	/* What cannot be read, as it is in a page that is not there yet, is recorded as an empty name. */
	if (path && (*path || row->op != FD_OPEN))
		call->path = resolve_path(state, call->file, path);
	if (row->path2) {
		struct file folder = call_file_of(state, thread, call->fd2);

		call->path2 = resolve_path(
			state, folder, record_string(io->get, rec, F_syscall_entry_path2));
		strpool_unref(state->strings, folder.path);
	}
	if (row->op == FD_MOUNT && call->flags >> 16 == MOUNT_MAGIC)
		call->flags &= UINT16_MAX;
	if (row->op == FD_MOUNT)
		call->file.type = type_of_mount(state, rec, io, call);
	if (row->op == FD_CONNECT) {
		call->to = told_address(rec, io, call->fd2, V(rec, syscall_entry, dport),
			F_syscall_entry_v4addr, F_syscall_entry_v6addr);
		call->path = address_intern(state->strings, &call->to);
	}
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
	const struct fd *now = fd_find(state, thread->files, call->fd);

	if (now && (!file.path || file.path == now->file.path))
		file = now->file;
	strpool_ref(state->strings, file.path);
	return file;
}

/* The socket behind a descriptor of a thread; made, if nothing is known of it. 0 if it is not open. */
static uint32_t socket_of(struct state *state, const struct thread *thread, int64_t number)
{
	const struct fd *fd = fd_find(state, thread->files, number);
	uint32_t socket = fd ? fd->file.socket : 0;

	if (!fd || socket_find(state, socket))
		return socket;
	socket = socket_new(state, VALUE_ABSENT, SOCKET_UNKNOWN);
	if (socket)
		fd_change(state, thread->files, number)->file.socket = socket;
	return socket;
}

/* The protocol of a socket of this type; 0 if it is not known. */
static uint8_t protocol_of_type(const struct state *state, int64_t type, int64_t protocol)
{
	/* MIPS has these two the other way round. */
	bool turned = state->config.arch == SYSCALL_ARCH_MIPS;

	if (type == VALUE_ABSENT)
		return 0;
	/* Multipath TCP counts as TCP. */
	if (protocol > 0 && protocol != PROTOCOL_MPTCP)
		return protocol <= UINT8_MAX ? (uint8_t)protocol : 0;
	switch (type & SOCKET_TYPE) {
	case SOCK_STREAM:
		return turned ? PROTOCOL_UDP : PROTOCOL_TCP;
	case SOCK_DGRAM:
		return turned ? PROTOCOL_TCP : PROTOCOL_UDP;
	default:
		return 0;
	}
}

/* A new socket that a call has made. */
static uint32_t made_socket(struct state *state, const struct record *rec, const struct call *call)
{
	uint32_t number = socket_new(state, rec->time, SOCKET_UNKNOWN);
	struct socket *socket = socket_find(state, number);

	if (socket)
		socket->protocol = protocol_of_type(state, call->flags, call->pos);
	return number;
}

/*
 * The socket that a call has accepted, on another one (0: not known); 0 if nobody wants it. With `net` it is one of
 * the Internet Protocol.
 */
static uint32_t accepted_socket(struct state *state, const struct record *rec, uint32_t on,
	const struct address *peer, bool net)
{
	uint32_t number = socket_new(state, rec->time, SOCKET_SERVER);
	const struct socket *listener = socket_find(state, on);
	struct socket *socket = socket_find(state, number);

	if (!socket)
		return 0;
	socket->listener = on;
	socket->own.port = listener ? listener->own.port : VALUE_ABSENT;
	if (net)
		socket->protocol =
			listener && listener->protocol ? listener->protocol : PROTOCOL_TCP;
	if (peer->version)
		socket_set_peer(state, socket, peer);
	return number;
}

/* The connection that a call has accepted, with a reference to its name. */
static struct file accepted(struct state *state, const struct record *rec,
	const struct state_io *io, const struct thread *thread, const struct outcome *out)
{
	const struct fd *listener = fd_find(state, thread->files, thread->call.fd);
	struct file file = {.type = FILE_UNKNOWN};
	struct address peer = {.port = VALUE_ABSENT};

	if (out->error == 0 && rec->kind == EV_syscall_exit) {
		file.type = type_of_family(V(rec, syscall_exit, family));
		peer = told_address(rec, io, V(rec, syscall_exit, family),
			V(rec, syscall_exit, sport), F_syscall_exit_v4addr, F_syscall_exit_v6addr);
	}
	/* Who does not ask for the address is not told the family. */
	if (file.type == FILE_UNKNOWN)
		file.type = thread->call.file.type ?: listener ? listener->file.type : 0;
	file.path = address_intern(state->strings, &peer)
			    ?: strpool_intern(state->strings, out->row->label);
	if (out->error == 0 && file.type == FILE_LOCAL)
		file.socket = accepted_socket(state, rec, 0, &peer, false);
	else if (out->error == 0)
		file.socket = accepted_socket(state, rec, socket_of(state, thread, thread->call.fd),
			&peer, file.type == FILE_NET);
	return file;
}

static enum file_type type_of_path(const struct state *state, strid path)
{
	return file_type_of_path(state, strpool_text(state->strings, path));
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
		file.type = type_of_path(state, call->path);
		file_set_flags(&file, call->flags);
		return file;
	case FD_SOCKET:
		file.type = type_of_family(call->fd2);
		if (out->error == 0 && file.type == FILE_NET)
			file.socket = made_socket(state, rec, call);
		/* fall through */
	case FD_NEW:
		file.path = strpool_intern(state->strings, out->row->label);
		return file;
	case FD_ACCEPT:
		return accepted(state, rec, io, thread, out);
	default:
		if (!out->row->path)
			return call_file(state, thread);
		file.path = strpool_ref(state->strings, call->path);
		file.type = type_of_path(state, call->path);
		return file;
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

/* Nothing is known of a socket. */
static void no_peer(struct outcome *out)
{
	out->side = NULL;
	out->peer = out->address = 0;
	out->port = out->opened = VALUE_ABSENT;
	out->protocol = NULL;
}

void call_find_peer(struct state *state, const struct call *call, struct outcome *out)
{
	const struct socket *socket = socket_find(state, out->file.socket);
	struct address to = address_plain(&call->to);
	struct socket as_if;

	no_peer(out);
	if (socket) {
		out->side = socket_side(socket);
		out->peer = strpool_ref(state->strings, socket->peer_text);
		out->port = socket_port(socket);
		out->opened = socket->opened;
		out->address = strpool_ref(state->strings, socket->own_text);
		out->protocol = protocol_name(socket->protocol);
	}
	if (out->peer || !to.version || !(state->config.wants & WANT_PACKETS))
		return;
	out->peer = address_intern(state->strings, &to);
	if (out->row->op == FD_CONNECT) {
		out->port = to.port;
		out->side = socket_side(&(struct socket){.role = SOCKET_CLIENT});
	} else if (socket) {
		/* Who is not connected sends to somebody else each time. */
		as_if = *socket;
		as_if.peer = to;
		out->port = socket_port(&as_if);
	}
}

void call_drop_outcome(struct state *state, struct outcome *out)
{
	strpool_unref(state->strings, out->file.path);
	strpool_unref(state->strings, out->flags);
	strpool_unref(state->strings, out->peer);
	strpool_unref(state->strings, out->address);
}

/* What an open was asked for, in words, with a reference; 0 for other calls, and if it is not known. */
static strid open_flags(const struct state *state, const struct call *call)
{
	strid id = 0;
	char *text;

	if (syscall_row_of(call->id)->op != FD_OPEN || call->flags == VALUE_ABSENT)
		return 0;
	text = open_flags_text(state->config.arch, call->flags);
	id = strpool_intern(state->strings, text);
	g_free(text);
	return id;
}

void call_find_outcome(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread, struct outcome *out)
{
	const struct call *call = &thread->call;

	out->io = out->row->io;
	out->fd = call->fd;
	out->flags = open_flags(state, call);
	no_peer(out);
	if (out->row->op == FD_FCNTL && !fcntl_dups(call))
		out->io = IO_NONE;
	/* Of calls with a path it is the folder that this begins in. */
	if (out->row->path)
		out->fd = VALUE_ABSENT;
	if (returns_fd(out->row, call))
		out->fd = out->error == 0 ? out->ret : VALUE_ABSENT;
	if (!(state->config.wants & WANT_FILES))
		return;
	out->file = find_file(state, rec, io, thread, out);
	out->file.cloexec = out->row->op == FD_FCNTL ? call->fd2 == F_DUPFD_CLOEXEC
						     : makes_cloexec(out->row, call);
	call_find_peer(state, call, out);
}

void call_find_open(struct state *state, const struct thread *thread, struct outcome *out)
{
	const struct call *call = &thread->call;

	out->row = syscall_row_of(call->id);
	out->ret = out->error = VALUE_ABSENT;
	out->io = out->row->io;
	if (out->row->op == FD_FCNTL && !fcntl_dups(call))
		out->io = IO_NONE;
	out->fd = out->row->path || returns_fd(out->row, call) ? VALUE_ABSENT : call->fd;
	out->file = (struct file){.type = FILE_UNKNOWN};
	out->flags = open_flags(state, call);
	no_peer(out);
	if (!(state->config.wants & WANT_FILES))
		return;
	if (!out->row->path) {
		out->file = call_file(state, thread);
		call_find_peer(state, call, out);
		return;
	}
	out->file.path = strpool_ref(state->strings, call->path);
	out->file.type = type_of_path(state, call->path);
}

/* Closes an open descriptor of a thread, and tells so. */
static void close_fd(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread, int64_t number)
{
	const struct fd *fd = fd_find(state, thread->files, number);
	const struct socket *socket = fd ? socket_look(state, fd->file.socket) : NULL;
	strid path = fd_close(state, thread->files, number);

	if (emits(io, DERIVED_fd_close))
		EMIT(io, fd_close, COMMON_OF(state, rec, thread), .fd = number, .path = path,
			.side = socket ? socket_side(socket) : NULL);
	strpool_unref(state->strings, path);
}

/*
 * Descriptor `number` of a thread is open now, whatever it was before. Tells fd_open, and fd_close
 * first if it stood for something else. Impossible numbers are ignored.
 */
static void install(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, int64_t number, struct file file)
{
	const struct fd *fd = fd_find(state, thread_files(state, thread), number);
	bool is_open;

	/* The old descriptor may hold the last reference to the new one's path. */
	strpool_ref(state->strings, file.path);
	if (fd && (fd->file.path != file.path || fd->file.socket != file.socket))
		close_fd(state, rec, io, thread, number);
	is_open = fd_open(state, thread->files, number, file, rec->time);
	strpool_unref(state->strings, file.path);
	if (is_open && emits(io, DERIVED_fd_open))
		EMIT(io, fd_open, COMMON_OF(state, rec, thread), .fd = number, .path = file.path,
			.cloexec = file.cloexec);
}

/* Closes, or marks close-on-exec, all open descriptors from `first` to `last`, both included. */
static void close_fds(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread, uint32_t first, uint32_t last, bool mark_only)
{
	const struct fd *fd;

	if (!thread->files)
		return;
	if (mark_only) {
		files_mark(state, thread->files, first, last);
		return;
	}
	/* Each is told of, if anybody listens. */
	while (emits(io, DERIVED_fd_close) && (fd = fd_from(state, thread->files, first)) &&
		(uint32_t)fd->number <= last)
		close_fd(state, rec, io, thread, fd->number);
	files_close(state, thread->files, first, last);
}

void call_exec_files(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread)
{
	const struct fd *fd;

	thread->files = files_unshare(state, thread->files);
	while (emits(io, DERIVED_fd_close) && (fd = files_first_cloexec(state, thread->files)))
		close_fd(state, rec, io, thread, fd->number);
	files_close_on_exec(state, thread->files);
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
			install(state, rec, io, thread, pair[i], file);
	strpool_unref(state->strings, file.path);
}

/* Something has been mounted or unmounted, as everybody sees. */
static void change_mounts(
	struct state *state, const struct call *call, const struct syscall_row *row)
{
	const char *path = strpool_text(state->strings, call->path);

	if (row->op == FD_UMOUNT) {
		mounts_remove(state, path);
		return;
	}
	/* These change what is mounted already. */
	if (flag(call, MS_REMOUNT | MS_UNBINDABLE | MS_PRIVATE | MS_SLAVE | MS_SHARED))
		return;
	if (flag(call, MS_MOVE))
		mounts_remove(state, strpool_text(state->strings, call->path2));
	mounts_add(state, path, call->file.type);
}

/* A socket is connected, or will be. */
static void connect_socket(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread)
{
	const struct call *call = &thread->call;
	struct fd *fd = fd_change(state, thread->files, call->fd);
	struct socket *socket;

	if (!fd) {
		install(state, rec, io, thread, call->fd,
			(struct file){.path = call->path, .type = type_of_family(call->fd2)});
	} else {
		if (fd->file.type == FILE_UNKNOWN)
			fd->file.type = type_of_family(call->fd2);
		if (call->path)
			strpool_set(state->strings, &fd->file.path,
				strpool_text(state->strings, call->path));
	}
	if (!(state->config.wants & WANT_PACKETS) ||
		(!call->to.version && type_of_family(call->fd2) != FILE_LOCAL))
		return;
	socket = socket_find(state, socket_of(state, thread, call->fd));
	if (!socket)
		return;
	socket->role = SOCKET_CLIENT;
	if (call->to.version)
		socket_set_peer(state, socket, &call->to);
}

void call_change_files(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, const struct outcome *out)
{
	const struct call *call = &thread->call;

	if (out->row->op == FD_CONNECT && (out->error == 0 || out->error == EINPROGRESS)) {
		connect_socket(state, rec, io, thread);
		return;
	}
	if (out->error != 0)
		return;
	switch (out->row->op) {
	case FD_OPEN:
	case FD_SOCKET:
	case FD_ACCEPT:
	case FD_DUP:
		install(state, rec, io, thread, out->ret, out->file);
		break;
	case FD_NEW:
		/* signalfd(fd, ...) changes one that exists. */
		if (call->fd != out->ret)
			install(state, rec, io, thread, out->ret, out->file);
		break;
	case FD_DUP_TO:
		/* dup2(fd, fd) does nothing. */
		if (call->fd != out->ret)
			install(state, rec, io, thread, out->ret, out->file);
		break;
	case FD_FCNTL:
		if (fcntl_dups(call)) {
			install(state, rec, io, thread, out->ret, out->file);
		} else if (call->fd2 == F_SETFD) {
			fd_set_cloexec(state, thread->files, call->fd, flag(call, FD_CLOEXEC));
		}
		break;
	case FD_IOCTL:
		if (call->fd2 == IOCTL_CLOEXEC || call->fd2 == IOCTL_NO_CLOEXEC)
			fd_set_cloexec(state, thread->files, call->fd, call->fd2 == IOCTL_CLOEXEC);
		break;
	case FD_PAIR:
		open_pair(state, rec, io, thread, out);
		break;
	case FD_CLOSE_RANGE:
		if (call->fd == VALUE_ABSENT || call->fd2 == VALUE_ABSENT)
			break;
		if (flag(call, RANGE_UNSHARE))
			thread->files = files_unshare(state, thread->files);
		close_fds(state, rec, io, thread, (uint32_t)call->fd, (uint32_t)call->fd2,
			flag(call, RANGE_CLOEXEC));
		break;
	case FD_UNSHARE:
		if (flag(call, CLONE_FILES))
			thread->files = files_unshare(state, thread->files);
		thread->own_mounts |= call_makes_mounts(call);
		break;
	case FD_SETNS:
		/* Without a type it may be any. */
		thread->own_mounts |= call->flags == 0 || flag(call, CLONE_NEWNS);
		break;
	case FD_MOUNT:
	case FD_UMOUNT:
		if (!thread->own_mounts)
			change_mounts(state, call, out->row);
		break;
	}
}

void call_files_without_entry(struct state *state, const struct record *rec,
	const struct state_io *io, struct thread *thread, const struct syscall_row *row,
	int64_t ret)
{
	struct outcome out = {.row = row};
	struct address unknown = {.port = VALUE_ABSENT};
	struct file file = {.type = row->op == FD_NEW ? FILE_LOCAL : FILE_UNKNOWN};

	/* What it is shows by the call. */
	file.path = strpool_intern(state->strings, row->label);
	if (row->op == FD_ACCEPT)
		file.socket = accepted_socket(state, rec, 0, &unknown, false);
	switch (out.row->op) {
	case FD_OPEN:
	case FD_NEW:
	case FD_SOCKET:
	case FD_ACCEPT:
	case FD_DUP:
	case FD_DUP_TO:
		install(state, rec, io, thread, ret, file);
		break;
	case FD_PAIR:
		open_pair(state, rec, io, thread, &out);
		break;
	}
	strpool_unref(state->strings, file.path);
}

void call_end_close(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread)
{
	const struct fd *fd = fd_find(state, thread->files, thread->call.fd);

	if (fd && fd->since < thread->call.begin)
		close_fd(state, rec, io, thread, fd->number);
}

void call_sends(struct state *state, struct thread *thread)
{
	const struct call *call = &thread->call;
	const struct syscall_row *row = syscall_row_of(call->id);
	int64_t number;
	const struct fd *fd;

	if (call->id == SYSCALL_ANY || (row->io != IO_WRITE && row->io != IO_COPY))
		return;
	number = row->io == IO_COPY ? call->fd2 : call->fd;
	fd = fd_assume(state, thread_files(state, thread), number);
	if (fd && fd->file.type == FILE_UNKNOWN)
		fd_change(state, thread->files, number)->file.type = FILE_NET;
}

/* A socket that may send to several others has a port of its own, too. */
static void learn_port(struct state *state, const struct thread *thread, int64_t number,
	const struct packet_header *header)
{
	struct socket *socket = socket_find(state, socket_of(state, thread, number));

	if (!socket)
		return;
	if (!socket->protocol && header->protocol > 0 && header->protocol <= UINT8_MAX)
		socket->protocol = (uint8_t)header->protocol;
	if (!socket->own.version)
		socket_set_own(state, socket, &header->from);
}

/* The thread's call is about this connection, which it has sent a packet of. */
static void learn_connection(struct state *state, const struct thread *thread, int64_t number,
	const struct packet_header *header)
{
	struct socket *socket = socket_find(state, socket_of(state, thread, number));

	if (!socket)
		return;
	if (!socket->peer_text)
		socket_set_peer(state, socket, &header->to);
	if (!socket->own.version)
		socket_set_own(state, socket, &header->from);
	socket->protocol = PROTOCOL_TCP;
	if (socket->role == SOCKET_UNKNOWN && (header->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		socket->role = SOCKET_CLIENT;
}

void call_sends_packet(
	struct state *state, struct thread *thread, const struct packet_header *header)
{
	struct call *call = &thread->call;
	const struct syscall_row *row = syscall_row_of(call->id);
	bool writes = row->io == IO_WRITE || row->io == IO_COPY;
	int64_t number = row->io == IO_COPY ? call->fd2 : call->fd;
	const struct fd *fd;

	if (call->id == SYSCALL_ANY || !header->to.version || !(state->config.wants & WANT_FILES))
		return;
	fd = writes ? fd_assume(state, thread_files(state, thread), number)
		    : fd_find(state, thread->files, number);
	if (!fd || (fd->file.type != FILE_NET && !(writes && fd->file.type == FILE_UNKNOWN)))
		return;
	if (header->protocol == PROTOCOL_TCP) {
		learn_connection(state, thread, number, header);
	} else if (writes) {
		call->to = header->to;
		learn_port(state, thread, number, header);
	}
}
