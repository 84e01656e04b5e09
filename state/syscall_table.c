/*
 * What the model knows of single system calls.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/syscall_table.h"

/* Most flags that mean close-on-exec have the value of O_CLOEXEC. */
#define CLOEXEC     02000000
#define MFD_CLOEXEC 1

/* An argument: its field's name and its place, which is all that an `unknown` call tells. */
#define A(field, position)      \
	{                       \
		field, position \
	}
#define NO A("", -1)

#define READS(name, count, at)                                                    \
	{                                                                         \
		name, IO_READ, FD_KEEP, A("fd", 0), NO, A(count, at), NO, 0, 0, 0 \
	}
#define WRITES(name, count, at)                                                    \
	{                                                                          \
		name, IO_WRITE, FD_KEEP, A("fd", 0), NO, A(count, at), NO, 0, 0, 0 \
	}
#define SYNCS(name, count, at)                                                    \
	{                                                                         \
		name, IO_SYNC, FD_KEEP, A("fd", 0), NO, A(count, at), NO, 0, 0, 0 \
	}
#define MAKES(name, at, label)                                                       \
	{                                                                            \
		name, IO_NONE, FD_NEW, NO, NO, NO, A("flags", at), 0, label, CLOEXEC \
	}

/* clang-format off */
const struct syscall_row syscall_rows[] = {
	{"", 0, 0, NO, NO, NO, NO, 0, 0, 0},
	/* name         class     descriptors  fd            fd2 or cmd       count              flags             path        label  cloexec */
	{"open",        IO_OPEN,  FD_OPEN,     NO,           NO,              NO,                A("flags", 1),    "filename|pathname", 0, CLOEXEC},
	{"openat",      IO_OPEN,  FD_OPEN,     NO,           NO,              NO,                A("flags", 2),    "filename|pathname", 0, CLOEXEC},
	{"openat2",     IO_OPEN,  FD_OPEN,     NO,           NO,              NO,                NO,               "filename|pathname", 0, CLOEXEC},
	{"creat",       IO_OPEN,  FD_OPEN,     NO,           NO,              NO,                NO,               "pathname|filename", 0, 0},
	{"socket",      IO_OPEN,  FD_NEW,      NO,           NO,              NO,                A("type", 1),     0,          "socket", CLOEXEC},
	{"dup",         IO_OPEN,  FD_DUP,      A("fildes", 0), NO,            NO,                NO,               0,          0,     0},
	{"dup2",        IO_OPEN,  FD_DUP_TO,   A("oldfd", 0), A("newfd", 1),  NO,                NO,               0,          0,     0},
	{"dup3",        IO_OPEN,  FD_DUP_TO,   A("oldfd", 0), A("newfd", 1),  NO,                A("flags", 2),    0,          0,     CLOEXEC},
	{"fcntl",       IO_OPEN,  FD_FCNTL,    A("fd", 0),   A("cmd", 1),     NO,                A("arg", 2),      0,          0,     0},
	{"fcntl64",     IO_OPEN,  FD_FCNTL,    A("fd", 0),   A("cmd", 1),     NO,                A("arg", 2),      0,          0,     0},
	{"close",       IO_CLOSE, FD_CLOSE,    A("fd", 0),   NO,              NO,                NO,               0,          0,     0},
	{"close_range", IO_NONE,  FD_CLOSE_RANGE, A("fd", 0), A("max_fd", 1), NO,                A("flags", 2),    0,          0,     0},
	{"accept",      IO_NONE,  FD_ACCEPT,   NO,           NO,              NO,                NO,               0,          "socket", 0},
	{"accept4",     IO_NONE,  FD_ACCEPT,   NO,           NO,              NO,                A("flags", 3),    0,          "socket", CLOEXEC},
	{"connect",     IO_NONE,  FD_CONNECT,  A("fd", 0),   NO,              NO,                NO,               0,          0,     0},
	{"pipe",        IO_NONE,  FD_PAIR,     NO,           NO,              NO,                NO,               0,          "pipe", 0},
	{"pipe2",       IO_NONE,  FD_PAIR,     NO,           NO,              NO,                A("flags", 1),    0,          "pipe", CLOEXEC},
	{"socketpair",  IO_NONE,  FD_PAIR,     NO,           NO,              NO,                A("type", 1),     0,          "socket", CLOEXEC},
	{"unshare",     IO_NONE,  FD_UNSHARE,  NO,           NO,              NO,                A("unshare_flags", 0), 0,     0,     0},
	{"clone",       IO_NONE,  FD_CLONE,    NO,           NO,              NO,                A("flags|clone_flags", 0), 0, 0,     0},
	{"memfd_create", IO_NONE, FD_NEW,      NO,           NO,              NO,                A("flags", 1),    0,          "memfd", MFD_CLOEXEC},
	{"signalfd",    IO_NONE,  FD_NEW,      A("ufd", 0),  NO,              NO,                NO,               0,          "anon_inode:[signalfd]", 0},
	{"signalfd4",   IO_NONE,  FD_NEW,      A("ufd", 0),  NO,              NO,                A("flags", 3),    0,          "anon_inode:[signalfd]", CLOEXEC},
	MAKES("eventfd", -1, "anon_inode:[eventfd]"),
	MAKES("eventfd2", 1, "anon_inode:[eventfd]"),
	MAKES("epoll_create", -1, "anon_inode:[eventpoll]"),
	MAKES("epoll_create1", 0, "anon_inode:[eventpoll]"),
	MAKES("timerfd_create", 1, "anon_inode:[timerfd]"),
	MAKES("inotify_init", -1, "anon_inode:inotify"),
	MAKES("inotify_init1", 0, "anon_inode:inotify"),
	MAKES("fanotify_init", 0, "anon_inode:[fanotify]"),
	MAKES("userfaultfd", 0, "anon_inode:[userfaultfd]"),
	MAKES("perf_event_open", -1, "anon_inode:[perf_event]"),
	MAKES("io_uring_setup", -1, "anon_inode:[io_uring]"),
	MAKES("pidfd_open", -1, "anon_inode:[pidfd]"),
	READS("read", "count", 2),
	READS("pread", "count", 2),
	READS("pread64", "count", 2),
	READS("readv", "", -1),
	READS("preadv", "", -1),
	READS("preadv2", "", -1),
	READS("recvfrom", "size", 2),
	READS("recvmsg", "", -1),
	WRITES("write", "count", 2),
	WRITES("pwrite", "count", 2),
	WRITES("pwrite64", "count", 2),
	WRITES("writev", "", -1),
	WRITES("pwritev", "", -1),
	WRITES("pwritev2", "", -1),
	WRITES("sendto", "len", 2),
	WRITES("sendmsg", "", -1),
	{"sync",        IO_SYNC,  FD_KEEP,     NO,           NO,              NO,                NO,               0,          0,     0},
	SYNCS("fsync", "", -1),
	SYNCS("fdatasync", "", -1),
	SYNCS("sync_file_range", "nbytes", 2),
};
/* clang-format on */

const unsigned int SYSCALL_ROWS = sizeof(syscall_rows) / sizeof(syscall_rows[0]) - 1;

const char *io_class_name(enum io_class io)
{
	static const char *const names[] = {
		[IO_NONE] = 0,
		[IO_OPEN] = "open",
		[IO_READ] = "read",
		[IO_WRITE] = "write",
		[IO_SYNC] = "sync",
		[IO_CLOSE] = "close",
	};

	return names[io];
}
