/*
 * What the model knows of single system calls.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/syscall_table.h"

#include <string.h>

/* Most flags that mean close-on-exec have the value of O_CLOEXEC. */
#define CLOEXEC      02000000
#define CREAT_FLAGS  01101 /* O_CREAT, O_WRONLY, O_TRUNC */
#define MFD_CLOEXEC  1
#define FAN_CLOEXEC  1
#define PERF_CLOEXEC 8

/* An argument: its field's name and its place, which is all that an `unknown` call tells. */
#define A(field, position)      \
	{                       \
		field, position \
	}

/* clang-format off */
#define OPENS(name, ...)  {name, IO_OPEN, FD_OPEN, .path = "filename|pathname", __VA_ARGS__}
#define READS(name, ...)  {name, IO_READ, FD_KEEP, .fd = A("fd", 0), __VA_ARGS__}
#define WRITES(name, ...) {name, IO_WRITE, FD_KEEP, .fd = A("fd", 0), __VA_ARGS__}
#define SYNCS(name, ...)  {name, IO_SYNC, FD_KEEP, .fd = A("fd", 0), __VA_ARGS__}
#define MAKES(name, what, ...) \
	{name, IO_NONE, FD_NEW, .label = what, __VA_ARGS__}

const struct syscall_row syscall_rows[] = {
	{.name = ""},
	OPENS("open", .flags = A("flags", 1), .cloexec = CLOEXEC),
	OPENS("openat", .fd = A("dfd", 0), .flags = A("flags", 2), .cloexec = CLOEXEC),
	OPENS("openat2", .fd = A("dfd", 0)),
	OPENS("creat", .implied = CREAT_FLAGS),
	{"open_by_handle_at", IO_OPEN, FD_OPEN, .flags = A("flags", 2), .cloexec = CLOEXEC},
	{"socket", IO_OPEN, FD_SOCKET, .fd2 = A("family", 0), .flags = A("type", 1), .pos = A("protocol", 2), .label = "socket", .cloexec = CLOEXEC},
	{"dup", IO_OPEN, FD_DUP, .fd = A("fildes", 0)},
	{"dup2", IO_OPEN, FD_DUP_TO, .fd = A("oldfd", 0), .fd2 = A("newfd", 1)},
	{"dup3", IO_OPEN, FD_DUP_TO, .fd = A("oldfd", 0), .fd2 = A("newfd", 1), .flags = A("flags", 2), .cloexec = CLOEXEC},
	{"fcntl", IO_OPEN, FD_FCNTL, .fd = A("fd", 0), .fd2 = A("cmd", 1), .flags = A("arg", 2)},
	{"fcntl64", IO_OPEN, FD_FCNTL, .fd = A("fd", 0), .fd2 = A("cmd", 1), .flags = A("arg", 2)},
	{"ioctl", IO_NONE, FD_IOCTL, .fd = A("fd", 0), .fd2 = A("cmd", 1)},
	{"accept", IO_ACCEPT, FD_ACCEPT, .fd = A("fd", 0), .label = "socket"},
	{"accept4", IO_ACCEPT, FD_ACCEPT, .fd = A("fd", 0), .flags = A("flags", 3), .label = "socket", .cloexec = CLOEXEC},
	{"close", IO_CLOSE, FD_CLOSE, .fd = A("fd", 0)},
	{"close_range", IO_NONE, FD_CLOSE_RANGE, .fd = A("fd", 0), .fd2 = A("max_fd", 1), .flags = A("flags", 2)},
	{"connect", IO_NONE, FD_CONNECT, .fd = A("fd", 0), .fd2 = A("family", -1)},
	{"pipe", IO_NONE, FD_PAIR, .label = "pipe"},
	{"pipe2", IO_NONE, FD_PAIR, .flags = A("flags", 1), .label = "pipe", .cloexec = CLOEXEC},
	{"socketpair", IO_NONE, FD_PAIR, .flags = A("type", 1), .label = "socket", .cloexec = CLOEXEC},
	{"unshare", IO_NONE, FD_UNSHARE, .flags = A("unshare_flags", 0)},
	{"prctl", .renames = true},
	{"execve", .renames = true, .executes = true, .path = "filename"},
	{"execveat", .renames = true, .executes = true, .fd = A("fd|dfd", 0), .path = "filename"},
	{.name = "sethostname", .hostname = "name"},
	{"setns", IO_NONE, FD_SETNS, .flags = A("nstype", 1)},
	{"mount", IO_NONE, FD_MOUNT, .path = "dir_name", .path2 = "dev_name", .flags = A("flags", 3)},
	{"umount", IO_NONE, FD_UMOUNT, .path = "name"},
	{"umount2", IO_NONE, FD_UMOUNT, .path = "name"},
	{"oldumount", IO_NONE, FD_UMOUNT, .path = "name"},
	{"socketcall", IO_READ, FD_SOCKETCALL, .flags = A("call", 0)},
	{"clone", IO_NONE, FD_CLONE, .wait = WAITS_FORK, .flags = A("flags|clone_flags", 0)},
	MAKES("memfd_create", "memfd", .flags = A("flags", 1), .cloexec = MFD_CLOEXEC),
	MAKES("signalfd", "anon_inode:[signalfd]", .fd = A("ufd", 0)),
	MAKES("signalfd4", "anon_inode:[signalfd]", .fd = A("ufd", 0), .flags = A("flags", 3), .cloexec = CLOEXEC),
	MAKES("eventfd", "anon_inode:[eventfd]"),
	MAKES("eventfd2", "anon_inode:[eventfd]", .flags = A("flags", 1), .cloexec = CLOEXEC),
	MAKES("epoll_create", "anon_inode:[eventpoll]"),
	MAKES("epoll_create1", "anon_inode:[eventpoll]", .flags = A("flags", 0), .cloexec = CLOEXEC),
	MAKES("timerfd_create", "anon_inode:[timerfd]", .flags = A("flags", 1), .cloexec = CLOEXEC),
	MAKES("inotify_init", "anon_inode:inotify"),
	MAKES("inotify_init1", "anon_inode:inotify", .flags = A("flags", 0), .cloexec = CLOEXEC),
	MAKES("fanotify_init", "anon_inode:[fanotify]", .flags = A("flags", 0), .cloexec = FAN_CLOEXEC),
	MAKES("userfaultfd", "anon_inode:[userfaultfd]", .flags = A("flags", 0), .cloexec = CLOEXEC),
	MAKES("perf_event_open", "anon_inode:[perf_event]", .flags = A("flags", 4), .cloexec = PERF_CLOEXEC),
	MAKES("pidfd_open", "anon_inode:[pidfd]", .cloexec = CLOEXEC_ALWAYS),
	{"io_uring_setup", IO_URING, FD_NEW, .label = "anon_inode:[io_uring]", .cloexec = CLOEXEC_ALWAYS},
	{"io_uring_enter", IO_URING, FD_KEEP, .fd = A("fd", 0)},
	{"io_uring_register", IO_URING, FD_KEEP, .fd = A("fd", 0)},
	READS("read", .count = A("count", 2)),
	READS("pread", .count = A("count", 2)),
	READS("pread64", .count = A("count", 2)),
	READS("readv"),
	READS("preadv"),
	READS("preadv2"),
	READS("recv", .count = A("size", 2)),
	READS("recvfrom", .count = A("size", 2)),
	READS("recvmsg"),
	READS("recvmmsg", .returns_messages = true),
	WRITES("write", .count = A("count", 2)),
	WRITES("pwrite", .count = A("count", 2), .pos = A("pos", 3)),
	WRITES("pwrite64", .count = A("count", 2), .pos = A("pos", 3)),
	WRITES("writev"),
	WRITES("pwritev", .pos = A("pos_l|pos", 3)),
	WRITES("pwritev2", .pos = A("pos_l|pos", 3)),
	WRITES("send", .count = A("len", 2)),
	WRITES("sendto", .count = A("len", 2)),
	WRITES("sendmsg"),
	WRITES("sendmmsg", .returns_messages = true),
	WRITES("vmsplice"),
	{"sendfile", IO_COPY, FD_KEEP, .fd = A("in_fd", 1), .fd2 = A("out_fd", 0), .count = A("count", 3)},
	{"sendfile64", IO_COPY, FD_KEEP, .fd = A("in_fd", 1), .fd2 = A("out_fd", 0), .count = A("count", 3)},
	{"splice", IO_COPY, FD_KEEP, .fd = A("fd_in", 0), .fd2 = A("fd_out", 2), .count = A("len", 4)},
	{"tee", IO_COPY, FD_KEEP, .fd = A("fdin", 0), .fd2 = A("fdout", 1), .count = A("len", 2)},
	{"copy_file_range", IO_COPY, FD_KEEP, .fd = A("fd_in", 0), .fd2 = A("fd_out", 2), .count = A("len", 4)},
	{.name = "sync", .io = IO_SYNC, .cache = CACHE_SETTLE_ALL},
	SYNCS("syncfs", .cache = CACHE_SETTLE_DEVICE),
	SYNCS("fsync", .cache = CACHE_SETTLE),
	SYNCS("fdatasync", .cache = CACHE_SETTLE),
	SYNCS("sync_file_range", .count = A("nbytes", 2)),
	SYNCS("sync_file_range2", .count = A("nbytes", 3)),
	{"msync", IO_SYNC, FD_KEEP, .count = A("len", 1)},
	{.name = "lseek", .cache = CACHE_SEEK, .fd = A("fd", 0)},
	{.name = "mmap", .cache = CACHE_MAP, .fd = A("fd", 4), .fd2 = A("prot", 2), .flags = A("flags", 3)},
	{.name = "truncate", .cache = CACHE_TRUNCATE, .path = "path|pathname", .count = A("length", 1)},
	{.name = "ftruncate", .cache = CACHE_TRUNCATE, .fd = A("fd", 0), .count = A("length", 1)},
	{.name = "unlink", .cache = CACHE_UNLINK, .path = "pathname"},
	{.name = "unlinkat", .cache = CACHE_UNLINK, .fd = A("dfd", 0), .path = "pathname"},
	{.name = "rename", .cache = CACHE_RENAME, .path = "oldname", .path2 = "newname"},
	{.name = "renameat", .cache = CACHE_RENAME, .fd = A("olddfd", 0), .fd2 = A("newdfd", 2), .path = "oldname", .path2 = "newname"},
	{.name = "link", .cache = CACHE_RENAME, .path = "oldname", .path2 = "newname"},
	{.name = "linkat", .cache = CACHE_RENAME, .fd = A("olddfd", 0), .fd2 = A("newdfd", 2), .path = "oldname", .path2 = "newname"},
	{.name = "renameat2", .cache = CACHE_RENAME, .fd = A("olddfd", 0), .fd2 = A("newdfd", 2), .flags = A("flags", 4), .path = "oldname", .path2 = "newname"},
	{.name = "futex", .wait = WAITS_FUTEX, .pos = A("uaddr", 0)},
	{.name = "futex_time64", .wait = WAITS_FUTEX, .pos = A("uaddr", 0)},
	{.name = "vfork", .wait = WAITS_FORK},
	{.name = "clone3", .wait = WAITS_FORK},
	{.name = "nanosleep", .wait = WAITS_TIME},
	{.name = "clock_nanosleep", .wait = WAITS_TIME},
	{.name = "clock_nanosleep_time64", .wait = WAITS_TIME},
	{.name = "poll", .wait = WAITS_FILES},
	{.name = "ppoll", .wait = WAITS_FILES},
	{.name = "ppoll_time64", .wait = WAITS_FILES},
	{.name = "select", .wait = WAITS_FILES},
	{.name = "_newselect", .wait = WAITS_FILES},
	{.name = "pselect6", .wait = WAITS_FILES},
	{.name = "pselect6_time64", .wait = WAITS_FILES},
	{.name = "epoll_wait", .wait = WAITS_FILES},
	{.name = "epoll_pwait", .wait = WAITS_FILES},
	{.name = "epoll_pwait2", .wait = WAITS_FILES},
	{.name = "wait4", .wait = WAITS_CHILD},
	{.name = "waitid", .wait = WAITS_CHILD},
	{.name = "waitpid", .wait = WAITS_CHILD},
	{.name = "rt_sigtimedwait", .wait = WAITS_SIGNAL},
	{.name = "rt_sigtimedwait_time64", .wait = WAITS_SIGNAL},
	{.name = "rt_sigsuspend", .wait = WAITS_SIGNAL},
	{.name = "sigsuspend", .wait = WAITS_SIGNAL},
	{.name = "pause", .wait = WAITS_SIGNAL},
	{.name = "kill", .wait = SENDS_SIGNAL, .pos = A("pid", 0), .flags = A("sig", 1)},
	{.name = "tkill", .wait = SENDS_SIGNAL, .pos = A("pid", 0), .flags = A("sig", 1)},
	{.name = "tgkill", .wait = SENDS_SIGNAL, .pos = A("pid", 1), .flags = A("sig", 2)},
	{.name = "rt_sigqueueinfo", .wait = SENDS_SIGNAL, .pos = A("pid", 0), .flags = A("sig", 1)},
	{.name = "rt_tgsigqueueinfo", .wait = SENDS_SIGNAL, .pos = A("pid", 1), .flags = A("sig", 2)},
	{.name = "pidfd_send_signal", .wait = SENDS_SIGNAL, .flags = A("sig", 1)},
	{.name = "exit", .wait = ENDS_THREAD},
	{.name = "exit_group", .wait = ENDS_THREAD},
};
/* clang-format on */

const unsigned int SYSCALL_ROWS = sizeof(syscall_rows) / sizeof(syscall_rows[0]) - 1;

const struct syscall_row *syscall_row_of(uint16_t id)
{
	static const struct syscall_row plain;

	return id <= SYSCALL_ROWS ? &syscall_rows[id] : &plain;
}

const struct syscall_row *socketcall_row(int64_t number)
{
	/* By the kernel's numbers; those that are missing do nothing that is of interest. */
	static const char *const names[] = {[1] = "socket",
		[5] = "accept",
		[8] = "socketpair",
		[9] = "send",
		[10] = "recv",
		[11] = "sendto",
		[12] = "recvfrom",
		[16] = "sendmsg",
		[17] = "recvmsg",
		[18] = "accept4",
		[19] = "recvmmsg",
		[20] = "sendmmsg"};
	const char *name = number >= 0 && number < (int64_t)(sizeof(names) / sizeof(names[0]))
				   ? names[number]
				   : 0;

	for (unsigned int id = 1; name && id <= SYSCALL_ROWS; id++)
		if (strcmp(syscall_rows[id].name, name) == 0)
			return &syscall_rows[id];
	return syscall_row_of(UINT16_MAX);
}

const char *io_class_name(enum io_class io)
{
	static const char *const names[] = {
		[IO_NONE] = 0,
		[IO_OPEN] = "open",
		[IO_READ] = "read",
		[IO_WRITE] = "write",
		[IO_SYNC] = "sync",
		[IO_CLOSE] = "close",
		[IO_ACCEPT] = "accept",
		[IO_URING] = "io_uring",
		[IO_COPY] = "copy",
	};

	return names[io];
}
