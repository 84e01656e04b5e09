/*
 * File descriptors: what each system call makes, renames and closes.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tests/unit/feed.h"

#include "state/model.h"
#include "state/open_flags.h"

#include <glib.h>

#define FD(tid, fd, path) g_assert_cmpstr(feed_fd(f, tid, fd), ==, path)

/* A model in which TID 10 (PID 10) runs on CPU 0. */
static struct feed *start(void)
{
	struct feed *f = feed_new();

	feed(f, 1, 0, "sched_switch", "prev_tid=0 next_tid=10 next_comm=app");
	feed(f, 2, 0, "lttng_statedump_process_state",
		"tid=10 pid=10 ppid=1 file_table_address=100 name=app");
	return f;
}

static void open_path(struct feed *f, int fd, const char *path, int flags)
{
	char *entry = g_strdup_printf("dfd=-100 filename=%s flags=%d", path, flags);
	char *leave = g_strdup_printf("ret=%d", fd);

	feed_call(f, 4, 0, "openat", entry, leave);
	g_free(entry);
	g_free(leave);
}

static void test_open(void)
{
	struct feed *f = start();

	feed_watch(f, "fd_open", "tid fd path cloexec");
	feed_call(f, 10, 0, "open", "filename=/a flags=0", "ret=3");
	feed_call(f, 20, 0, "openat", "dfd=-100 filename=/b flags=524288", "ret=4");
	feed_call(f, 30, 0, "creat", "pathname=/c", "ret=5");
	feed_call(f, 40, 0, "openat2", "dfd=-100 filename=/d", "ret=6");
	feed_expect(
		f, "fd_open 10 3 /a 0\nfd_open 10 4 /b 1\nfd_open 10 5 /c 0\nfd_open 10 6 /d 0\n");
	FD(10, 6, "/d");
	feed_free(f);
}

static void test_failed_calls_change_nothing(void)
{
	struct feed *f = start();

	open_path(f, 3, "/a", 0);
	feed_watch(f, "fd_open", "fd");
	feed_watch(f, "fd_close", "fd");
	feed_call(f, 10, 0, "openat", "dfd=-100 filename=/b flags=0", "ret=-2");
	feed_call(f, 20, 0, "dup2", "oldfd=9 newfd=3", "ret=-9");
	feed_call(f, 30, 0, "socket", "family=2 type=1 protocol=0", "ret=-24");
	feed_call(f, 40, 0, "fcntl", "fd=3 cmd=0 arg=0", "ret=-24");
	feed_call(f, 50, 0, "close", "fd=3", "ret=-9");
	feed_expect(f, "");
	FD(10, 3, "/a");
	feed_free(f);
}

/* Linux has closed the descriptor even if close(2) fails, unless there was none. */
static void test_close_with_error(void)
{
	struct feed *f = start();

	open_path(f, 3, "/a", 0);
	feed_watch(f, "fd_close", "fd path");
	feed_call(f, 200, 0, "close", "fd=3", "ret=-5");
	feed_expect(f, "fd_close 3 /a\n");
	FD(10, 3, "closed");
	feed_free(f);
}

static void test_stale_name_is_replaced(void)
{
	struct feed *f = start();

	open_path(f, 3, "/old", 0);
	feed_watch(f, "fd_open", "fd path");
	feed_watch(f, "fd_close", "fd path");
	open_path(f, 3, "/new", 0);
	feed_expect(f, "fd_close 3 /old\nfd_open 3 /new\n");
	feed_free(f);
}

static void test_dup(void)
{
	struct feed *f = start();

	open_path(f, 3, "/a", 0);
	open_path(f, 4, "/b", 0);
	feed_call(f, 10, 0, "dup", "fildes=3", "ret=5");
	feed_call(f, 20, 0, "dup2", "oldfd=3 newfd=4", "ret=4");
	feed_call(f, 30, 0, "dup2", "oldfd=3 newfd=3", "ret=3");
	feed_call(f, 40, 0, "dup3", "oldfd=3 newfd=6 flags=524288", "ret=6");
	FD(10, 5, "/a");
	FD(10, 4, "/a");
	FD(10, 3, "/a");
	FD(10, 6, "/a");
	feed(f, 50, 0, "sched_process_exec", "tid=10 old_tid=10 filename=/bin/app");
	FD(10, 5, "/a");
	FD(10, 6, "closed");
	feed_free(f);
}

static void test_fcntl(void)
{
	struct feed *f = start();

	open_path(f, 3, "/a", 0);
	feed_watch(f, "io_end", "name io_class fd path");
	feed_call(f, 10, 0, "fcntl", "fd=3 cmd=0 arg=7", "ret=7");
	feed_call(f, 20, 0, "fcntl", "fd=3 cmd=1030 arg=8", "ret=8");
	feed_call(f, 30, 0, "fcntl", "fd=3 cmd=2 arg=1", "ret=0");
	feed_call(f, 40, 0, "fcntl", "fd=3 cmd=3 arg=0", "ret=0");
	feed_expect(f, "io_end fcntl open 7 /a\nio_end fcntl open 8 /a\n");
	feed(f, 50, 0, "sched_process_exec", "tid=10 old_tid=10 filename=/bin/app");
	FD(10, 7, "/a");
	FD(10, 8, "closed");
	FD(10, 3, "closed");
	feed_free(f);
}

/* Python and others say so by ioctl(): FIOCLEX and FIONCLEX. */
static void test_ioctl(void)
{
	struct feed *f = start();

	open_path(f, 3, "/a", 0);
	open_path(f, 4, "/b", 02000000);
	open_path(f, 5, "/c", 0);
	open_path(f, 6, "/d", 0);
	feed_call(f, 10, 0, "ioctl", "fd=3 cmd=21585 arg=0", "ret=0");
	feed_call(f, 20, 0, "ioctl", "fd=4 cmd=21584 arg=0", "ret=0");
	feed_call(f, 30, 0, "ioctl", "fd=5 cmd=21585 arg=0", "ret=-9");
	feed_call(f, 40, 0, "ioctl", "fd=6 cmd=21505 arg=0", "ret=0");
	feed(f, 50, 0, "sched_process_exec", "tid=10 old_tid=10 filename=/bin/app");
	FD(10, 3, "closed");
	FD(10, 4, "/b");
	FD(10, 5, "/c");
	FD(10, 6, "/d");
	feed_free(f);
}

/* What open was asked for; and a name that could not be read, which is recorded as an empty one. */
static void test_open_flags(void)
{
	struct feed *f = start();

	feed_watch(f, "syscall_exit", "name ret flags path");
	feed_call(f, 10, 0, "openat", "dfd=-100 filename=/a flags=0", "ret=3");
	feed_call(f, 20, 0, "open", "filename=/b flags=1052738", "ret=4");
	feed_call(f, 30, 0, "creat", "filename=/c", "ret=5");
	feed_call(f, 40, 0, "openat2", "dfd=-100 filename=/d", "ret=6");
	feed_call(f, 50, 0, "openat", "dfd=3 filename= flags=4259840", "ret=-2");
	feed_call(f, 60, 0, "openat", "dfd=3 filename=x flags=-1", "ret=-22");
	feed_call(f, 70, 0, "dup", "fildes=3", "ret=7");
	feed_expect(f, "syscall_exit openat 3 O_RDONLY /a\n"
		       "syscall_exit open 4 O_RDWR|O_CREAT|O_SYNC /b\n"
		       "syscall_exit creat 5 O_WRONLY|O_CREAT|O_TRUNC /c\n"
		       "syscall_exit openat2 6 nil /d\n"
		       "syscall_exit openat -2 O_RDONLY|O_TMPFILE nil\n"
		       "syscall_exit openat -22 O_ACCMODE|O_CREAT|O_EXCL|O_NOCTTY|O_TRUNC|O_APPEND|"
		       "O_NONBLOCK|O_SYNC|O_ASYNC|O_NOATIME|O_CLOEXEC|O_PATH|O_TMPFILE|O_NOFOLLOW|"
		       "O_DIRECT|O_LARGEFILE|0xff80003c /a/x\n"
		       "syscall_exit dup 7 nil /a\n");
	feed_free(f);
}

/* Not all have the same bits for the same flags: those that are not known are numbers. */
static void test_open_flags_by_architecture(void)
{
	static const struct {
		enum syscall_arch arch;
		const char *text;
	} rows[] = {
		{SYSCALL_ARCH_X86_64, "O_WRONLY|O_CLOEXEC|O_DIRECT"},
		{SYSCALL_ARCH_I386, "O_WRONLY|O_CLOEXEC|O_DIRECT"},
		{SYSCALL_ARCH_ARM64, "O_WRONLY|O_CLOEXEC|0x4000"},
		{SYSCALL_ARCH_UNKNOWN, "O_WRONLY|O_CLOEXEC|0x4000"},
		{SYSCALL_ARCH_MIPS, "0x84001"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		char *text = open_flags_text(rows[i].arch, 02040001);

		g_assert_cmpstr(text, ==, rows[i].text);
		g_free(text);
	}
}

static void test_close_range(void)
{
	struct feed *f = start();

	for (int fd = 3; fd < 8; fd++)
		open_path(f, fd, "/a", 0);
	/* Younger than LTTng's tables: it comes as a number. */
	feed(f, 10, 0, "syscall_entry_unknown", "id=436 args[0]=4 args[1]=5 args[2]=0");
	feed(f, 20, 0, "syscall_exit_unknown", "id=436 ret=0");
	FD(10, 3, "/a");
	FD(10, 4, "closed");
	FD(10, 5, "closed");
	FD(10, 6, "/a");
	/* CLOSE_RANGE_CLOEXEC only marks; ~0 is "all that follow". */
	feed(f, 30, 0, "syscall_entry_unknown", "id=436 args[0]=6 args[1]=4294967295 args[2]=4");
	feed(f, 40, 0, "syscall_exit_unknown", "id=436 ret=0");
	FD(10, 7, "/a");
	feed(f, 50, 0, "sched_process_exec", "tid=10 old_tid=10 filename=/bin/app");
	FD(10, 3, "/a");
	FD(10, 6, "closed");
	FD(10, 7, "closed");
	feed_free(f);
}

static void test_things_without_a_path(void)
{
	struct feed *f = start();

	feed_call(f, 10, 0, "socket", "family=2 type=1 protocol=0", "ret=3");
	feed_call(f, 20, 0, "eventfd2", "count=0 flags=0", "ret=4");
	feed_call(f, 30, 0, "epoll_create1", "flags=0", "ret=5");
	feed_call(f, 40, 0, "timerfd_create", "clockid=0 flags=0", "ret=6");
	feed_call(f, 50, 0, "inotify_init1", "flags=0", "ret=7");
	feed_call(f, 60, 0, "memfd_create", "flags=1", "ret=8");
	feed_call(f, 70, 0, "pipe2", "flags=0", "ret=0 fildes=[9,11]");
	feed_call(f, 80, 0, "socketpair", "family=1 type=1 protocol=0", "ret=0 socket=[12,13]");
	feed_call(f, 90, 0, "signalfd4", "ufd=-1 flags=0", "ret=14");
	FD(10, 3, "socket");
	FD(10, 4, "anon_inode:[eventfd]");
	FD(10, 5, "anon_inode:[eventpoll]");
	FD(10, 6, "anon_inode:[timerfd]");
	FD(10, 7, "anon_inode:inotify");
	FD(10, 8, "memfd");
	FD(10, 9, "pipe");
	FD(10, 10, "closed");
	FD(10, 11, "pipe");
	FD(10, 12, "socket");
	FD(10, 13, "socket");
	FD(10, 14, "anon_inode:[signalfd]");
	feed_free(f);
}

static void test_connect(void)
{
	struct feed *f = start();

	feed_call(f, 10, 0, "socket", "family=2 type=1 protocol=0", "ret=3");
	feed_call(f, 20, 0, "connect", "fd=3 family=2 dport=80 v4addr=[192,0,2,1]", "ret=0");
	FD(10, 3, "192.0.2.1:80");
	feed_call(f, 30, 0, "socket", "family=10 type=1 protocol=0", "ret=4");
	feed_call(f, 40, 0, "connect", "fd=4 family=10 dport=443 v6addr=[8193,3512,0,0,1,0,0,255]",
		"ret=-115");
	FD(10, 4, "[2001:db8::1:0:0:ff]:443");
	/* Refused: no name. */
	feed_call(f, 50, 0, "socket", "family=2 type=1 protocol=0", "ret=5");
	feed_call(f, 60, 0, "connect", "fd=5 family=2 dport=81 v4addr=[192,0,2,1]", "ret=-111");
	FD(10, 5, "socket");
	feed_free(f);
}

static void test_accept(void)
{
	struct feed *f = start();

	feed_call(f, 10, 0, "accept4", "fd=3 flags=0",
		"ret=7 family=2 sport=5555 v4addr=[127,0,0,1]");
	FD(10, 7, "127.0.0.1:5555");
	feed_call(f, 20, 0, "accept", "fd=3", "ret=8");
	FD(10, 8, "socket");
	feed_free(f);
}

/* A connection whose address nobody wanted to know is of the family of its listener. */
static void test_accept_untold(void)
{
	struct feed *f = start();

	feed_call(f, 10, 0, "socket", "family=2 type=1 protocol=0", "ret=3");
	feed_call(f, 20, 0, "socket", "family=1 type=1 protocol=0", "ret=4");
	feed_call(f, 30, 0, "accept", "fd=3", "ret=5 family=0");
	feed_call(f, 40, 0, "accept4", "fd=3 flags=0", "ret=6");
	feed_call(f, 50, 0, "accept", "fd=4", "ret=7 family=0");
	feed_call(f, 60, 0, "accept", "fd=9", "ret=8 family=0");
	feed_call(f, 70, 0, "accept", "fd=9", "ret=10 family=1");
	feed_watch(f, "io_end", "fd path file_type");
	for (int fd = 5; fd <= 10; fd++) {
		char *fields = g_strdup_printf("fd=%d count=1", fd);

		feed_call(f, 100 + 10 * fd, 0, "write", fields, "ret=1");
		g_free(fields);
	}
	feed_expect(f, "io_end 5 socket net\nio_end 6 socket net\nio_end 7 socket local\n"
		       "io_end 8 socket unknown\nio_end 9 nil unknown\nio_end 10 socket local\n");
	feed_free(f);
}

static void test_absurd_numbers(void)
{
	struct feed *f = start();

	feed_watch(f, "fd_open", "fd");
	/* The largest that can be takes no more room than another one. */
	feed_call(f, 10, 0, "openat", "filename=/a flags=0", "ret=2147483647");
	feed_call(f, 20, 0, "openat", "filename=/a flags=0", "ret=9223372036854775807");
	feed_call(f, 30, 0, "openat", "filename=/a flags=0", "ret=2147483648");
	feed_call(f, 40, 0, "close", "fd=-1", "ret=0");
	feed_expect(f, "fd_open 2147483647\n");
	g_assert_cmpint(state_count(feed_state(f)).fds, ==, 1);
	feed_free(f);
}

static void test_statedump_of_old_tracers(void)
{
	struct feed *f = feed_new();

	/* Until 2.11 a descriptor is told with the PID of its process. */
	feed(f, 1, 0, "lttng_statedump_process_state", "tid=20 pid=20 ppid=1 name=srv");
	feed(f, 2, 0, "lttng_statedump_file_descriptor", "pid=20 fd=5 flags=0 filename=/log");
	feed(f, 3, 0, "lttng_statedump_process_state", "tid=21 pid=20 ppid=1 name=srv");
	FD(20, 5, "/log");
	FD(21, 5, "/log");
	feed_free(f);
}

static void test_statedump_with_table_address(void)
{
	struct feed *f = feed_new();

	/* Since 2.12 a descriptor is told with its table, and each thread with the one it uses. */
	feed(f, 1, 0, "lttng_statedump_process_state",
		"tid=20 pid=20 ppid=1 file_table_address=4096 name=srv");
	feed(f, 2, 0, "lttng_statedump_file_descriptor",
		"file_table_address=4096 fd=5 flags=0 filename=/log");
	feed(f, 3, 0, "lttng_statedump_process_state",
		"tid=30 pid=30 ppid=1 file_table_address=4096 name=other");
	feed(f, 4, 0, "lttng_statedump_process_state",
		"tid=31 pid=30 ppid=1 file_table_address=8192 name=other");
	FD(20, 5, "/log");
	FD(30, 5, "/log");
	FD(31, 5, "closed");
	feed_free(f);
}

static void test_unshare(void)
{
	struct feed *f = start();

	open_path(f, 3, "/a", 0);
	feed(f, 10, 0, "syscall_entry_clone", "clone_flags=1024");
	feed(f, 11, 0, "sched_process_fork",
		"parent_tid=10 parent_pid=10 child_tid=11 child_pid=11 child_comm=app");
	feed(f, 12, 0, "syscall_exit_clone", "ret=11");
	feed_call(f, 20, 0, "close", "fd=3", "ret=0");
	FD(11, 3, "closed");
	open_path(f, 3, "/b", 0);
	FD(11, 3, "/b");
	feed_call(f, 30, 0, "unshare", "unshare_flags=1024", "ret=0");
	feed_call(f, 40, 0, "close", "fd=3", "ret=0");
	FD(10, 3, "closed");
	FD(11, 3, "/b");
	feed_free(f);
}

/* A path is relative to the folder that the call names, if that is known. */
static void test_relative_paths(void)
{
	struct feed *f = start();

	open_path(f, 3, "/etc", 0);
	feed_watch(f, "io_end", "fd path");
	feed_call(f, 10, 0, "openat", "dfd=3 filename=passwd flags=0", "ret=4");
	feed_call(f, 20, 0, "openat", "dfd=3 filename=./ssh/./config flags=0", "ret=5");
	feed_call(f, 30, 0, "openat", "dfd=3 filename=. flags=0", "ret=6");
	feed_call(f, 40, 0, "openat", "dfd=3 filename=/abs flags=0", "ret=7");
	feed_call(f, 50, 0, "openat", "dfd=99 filename=somewhere flags=0", "ret=8");
	feed_call(f, 60, 0, "openat", "dfd=3 filename=absent flags=0", "ret=-2");
	feed_expect(f, "io_end 4 /etc/passwd\nio_end 5 /etc/ssh/./config\nio_end 6 /etc\n"
		       "io_end 7 /abs\nio_end 8 somewhere\nio_end nil /etc/absent\n");
	feed_free(f);
}

static void test_types(void)
{
	struct feed *f = start();

	open_path(f, 3, "/data", 0);
	feed_call(f, 20, 0, "socket", "family=2 type=1 protocol=0", "ret=4");
	feed_call(f, 30, 0, "socket", "family=1 type=1 protocol=0", "ret=5");
	feed_call(f, 40, 0, "pipe2", "flags=0", "ret=0 fildes=[6,7]");
	feed_call(f, 50, 0, "eventfd2", "flags=0", "ret=8");
	feed_call(f, 60, 0, "accept4", "flags=0",
		"ret=9 family=10 sport=80 v6addr=[0,0,0,0,0,0,0,1]");
	feed_call(f, 70, 0, "accept", "", "ret=10 family=1");
	feed_call(f, 80, 0, "dup", "fildes=4", "ret=11");
	feed_watch(f, "io_end", "fd path file_type");
	for (int fd = 3; fd <= 12; fd++) {
		char *fields = g_strdup_printf("fd=%d count=1", fd);

		feed_call(f, 100 + fd, 0, "write", fields, "ret=1");
		g_free(fields);
	}
	feed_call(f, 200, 0, "sync", "", "ret=0");
	feed_expect(f, "io_end 3 /data file\nio_end 4 socket net\nio_end 5 socket local\n"
		       "io_end 6 pipe local\nio_end 7 pipe local\n"
		       "io_end 8 anon_inode:[eventfd] local\nio_end 9 [::1]:80 net\n"
		       "io_end 10 socket local\nio_end 11 socket net\nio_end 12 nil unknown\n"
		       "io_end nil nil nil\n");
	feed_free(f);
}

/* 32-bit x86: one call for all that is done to sockets, most arguments of which are in memory. */
static void test_socketcall(void)
{
	struct feed *f = start();
	static const struct {
		const char *entry, *exit;
	} calls[] = {{"call=1 args=64", "ret=4"}, {"call=5 args=64", "ret=5"},
		{"call=9 args=64", "ret=100"}, {"call=10 args=64", "ret=50"},
		{"call=16 args=64", "ret=-11"}, {"call=20 args=64", "ret=3"},
		{"call=2 args=64", "ret=0"}, {"call=99 args=64", "ret=0"}};

	feed_watch(f, "io_end", "name io_class fd path size error file_type");
	feed_watch(f, "fd_open", "fd path");
	for (size_t i = 0; i < G_N_ELEMENTS(calls); i++)
		feed_call(f, 10 + 20 * (int64_t)i, 0, "socketcall", calls[i].entry, calls[i].exit);
	feed_expect(f, "fd_open 4 socket\nio_end socketcall open 4 socket nil 0 unknown\n"
		       "fd_open 5 socket\nio_end socketcall accept 5 socket nil 0 unknown\n"
		       "io_end socketcall write nil nil 100 0 nil\n"
		       "io_end socketcall read nil nil 50 0 nil\n"
		       "io_end socketcall write nil nil nil 11 nil\n"
		       "io_end socketcall write nil nil nil 0 nil\n");
	/* ARM has calls of their own for two of them. */
	feed_call(f, 300, 0, "send", "fd=4 len=9 flags=0", "ret=8");
	feed_call(f, 320, 0, "recv", "fd=4 size=9 flags=0", "ret=7");
	feed_expect(f, "io_end send write 4 socket 8 0 unknown\n"
		       "io_end recv read 4 socket 7 0 unknown\n");
	feed_free(f);
}

/* What is behind a path that is opened. */
static void expect_type(struct feed *f, int64_t time, const char *path, const char *type)
{
	char *entry = g_strdup_printf("dfd=-100 filename=%s flags=0", path);
	char *line = g_strdup_printf("io_end %s %s\n", path, type);

	feed_watch(f, "io_end", "path file_type");
	feed_call(f, time, 0, "openat", entry, "ret=3");
	feed_expect(f, line);
	g_free(entry);
	g_free(line);
}

/* What is behind a path tells its begin. */
static void test_kinds_of_paths(void)
{
	struct feed *f = start();
	static const char *const paths[][2] = {{"/home/a", "file"}, {"a", "file"}, {"/", "file"},
		{"/dev/zero", "device"}, {"/dev/vda1", "device"}, {"/dev/shm/x", "virtual"},
		{"/dev/shmx", "device"}, {"/devices/x", "file"}, {"/proc/1/stat", "virtual"},
		{"/proc", "virtual"}, {"/sys/kernel/x", "virtual"}, {"/run/x.pid", "virtual"},
		{"/runner/x", "file"}, {"/var/run/x", "virtual"}, {"/var/log/x", "file"}};

	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
		expect_type(f, 100 * (int64_t)(i + 1), paths[i][0], paths[i][1]);
	feed_free(f);
}

/* What is mounted there counts more; but not what a thread mounts for itself. */
static void test_mounts(void)
{
	struct feed *f = start();

	feed_call(f, 10, 0, "mount", "dev_name=none dir_name=/mnt/t type=tmpfs flags=0", "ret=0");
	feed_call(f, 30, 0, "mount", "dev_name=/dev/vdb dir_name=/mnt/t/d/ type=ext4 flags=0",
		"ret=0");
	feed_call(f, 50, 0, "mount", "dev_name=none dir_name=/no type=tmpfs flags=0", "ret=-1");
	feed_call(f, 70, 0, "mount", "dev_name=/dev/vdc dir_name=/run/media type=xfs flags=0",
		"ret=0");
	feed_call(f, 90, 0, "mount", "dev_name=/mnt/t dir_name=/srv type=none flags=4096", "ret=0");
	feed_call(f, 110, 0, "mount", "dev_name=none dir_name=/srv type=x flags=32", "ret=0");
	feed_call(f, 130, 0, "mount", "dev_name=/srv dir_name=/opt type=none flags=8192", "ret=0");
	expect_type(f, 200, "/mnt/t/a", "virtual");
	expect_type(f, 300, "/mnt/ta", "file");
	expect_type(f, 400, "/mnt/t/d/a", "file");
	expect_type(f, 500, "/no/a", "file");
	expect_type(f, 600, "/run/media/a", "file");
	expect_type(f, 700, "/srv/a", "file");
	expect_type(f, 800, "/opt/a", "virtual");
	feed_call(f, 900, 0, "umount", "name=/mnt/t/d flags=2", "ret=0");
	feed_call(f, 920, 0, "umount", "name=/run/media flags=2", "ret=0");
	feed_call(f, 940, 0, "umount", "name=/run flags=2", "ret=-1");
	expect_type(f, 1000, "/mnt/t/d/a", "virtual");
	expect_type(f, 1100, "/run/media/a", "virtual");
	/* In a namespace of its own. */
	feed_call(f, 1200, 0, "unshare", "unshare_flags=131072", "ret=0");
	feed_call(f, 1220, 0, "mount", "dev_name=none dir_name=/tmp type=tmpfs flags=0", "ret=0");
	expect_type(f, 1300, "/tmp/a", "file");
	feed_free(f);
}

/* The statedump tells what files are by their names; sockets, only once something is sent. */
static void test_types_of_the_statedump(void)
{
	struct feed *f = start();
	static const char *const names[] = {"/var/log/x", "pipe:[12]", "socket:[13]", "socket:[14]",
		"anon_inode:[eventpoll]", "/memfd:x", "name"};

	for (int i = 0; i < 7; i++) {
		char *fields = g_strdup_printf(
			"file_table_address=100 fd=%d flags=0 filename=%s", i, names[i]);

		feed(f, 10, 0, "lttng_statedump_file_descriptor", fields);
		g_free(fields);
	}
	feed(f, 20, 0, "syscall_entry_sendto", "fd=3 len=10");
	feed(f, 21, 0, "net_dev_xmit", "name=eth0 len=52");
	feed(f, 22, 0, "syscall_exit_sendto", "ret=10");
	feed(f, 30, 0, "syscall_entry_recvfrom", "fd=2 size=10");
	feed(f, 31, 0, "net_dev_xmit", "name=eth0 len=52");
	feed(f, 32, 0, "syscall_exit_recvfrom", "ret=10");
	feed(f, 40, 0, "net_dev_xmit", "name=eth0 len=52");
	/* One that was not in the statedump. */
	feed(f, 50, 0, "syscall_entry_write", "fd=9 count=10");
	feed(f, 51, 0, "net_dev_xmit", "name=eth0 len=52");
	feed(f, 52, 0, "syscall_exit_write", "ret=10");
	feed_watch(f, "io_end", "fd path file_type");
	for (int i = 0; i < 7; i++) {
		char *fields = g_strdup_printf("fd=%d count=1", i);

		feed_call(f, 100 + i, 0, "read", fields, "ret=1");
		g_free(fields);
	}
	feed_call(f, 200, 0, "read", "fd=9 count=1", "ret=1");
	feed_expect(f, "io_end 0 /var/log/x file\nio_end 1 pipe:[12] local\n"
		       "io_end 2 socket:[13] unknown\nio_end 3 socket:[14] net\n"
		       "io_end 4 anon_inode:[eventpoll] local\nio_end 5 /memfd:x local\n"
		       "io_end 6 name unknown\nio_end 9 nil net\n");
	feed_free(f);
}

/* TIDs 10 on CPU 0 and 11 on CPU 1 are threads of one process. */
static struct feed *start_two_threads(void)
{
	struct feed *f = start();

	feed(f, 5, 0, "sched_process_fork",
		"parent_tid=10 parent_pid=10 child_tid=11 child_pid=10 child_comm=app");
	feed(f, 6, 1, "sched_switch", "prev_tid=0 next_tid=11 next_comm=app");
	return f;
}

/* While a call is under way another thread can give its descriptor's number to another file. */
static void test_calls_in_flight(void)
{
	struct feed *f = start_two_threads();

	open_path(f, 3, "/a", 0);
	feed_watch(f, "io_end", "tid name fd path");
	feed_watch(f, "fd_close", "tid fd path");
	feed(f, 10, 0, "syscall_entry_read", "fd=3 count=1");
	feed_call(f, 20, 1, "close", "fd=3", "ret=0");
	feed_call(f, 40, 1, "openat", "dfd=-100 filename=/b flags=0", "ret=3");
	feed(f, 60, 0, "syscall_exit_read", "ret=1");
	feed_expect(f, "io_end 11 close 3 /a\nfd_close 11 3 /a\nio_end 11 openat 3 /b\n"
		       "io_end 10 read 3 /a\n");
	/* The number is free before close(2) returns. */
	feed(f, 70, 0, "syscall_entry_close", "fd=3");
	feed_call(f, 80, 1, "openat", "dfd=-100 filename=/c flags=0", "ret=3");
	feed(f, 100, 0, "syscall_exit_close", "ret=0");
	feed_expect(f, "fd_close 11 3 /b\nio_end 11 openat 3 /c\nio_end 10 close 3 /b\n");
	FD(10, 3, "/c");
	feed_free(f);
}

static void test_close_on_exec(void)
{
	struct feed *f = start();

	feed_call(f, 10, 0, "fanotify_init", "flags=1 event_f_flags=0", "ret=3");
	feed_call(f, 20, 0, "perf_event_open", "flags=8", "ret=4");
	feed_call(f, 30, 0, "pidfd_open", "pid=1 flags=0", "ret=5");
	feed_call(f, 40, 0, "io_uring_setup", "", "ret=6");
	feed_call(f, 50, 0, "memfd_create", "uname=x flags=1", "ret=7");
	feed_call(f, 60, 0, "eventfd2", "flags=0", "ret=8");
	feed(f, 70, 0, "sched_process_exec", "filename=/bin/x tid=10 old_tid=10");
	for (int fd = 3; fd < 8; fd++)
		FD(10, fd, "closed");
	FD(10, 8, "anon_inode:[eventfd]");
	feed_free(f);
}

static void test_close_range_without_arguments(void)
{
	struct feed *f = start();

	open_path(f, 0, "/dev/null", 0);
	feed_call(f, 10, 0, "close_range", "", "ret=0");
	FD(10, 0, "/dev/null");
	feed_free(f);
}

static void dump_process(struct feed *f, const char *fields)
{
	feed(f, 10, 0, "lttng_statedump_process_state", fields);
}

static void dump_fd(struct feed *f, const char *fields)
{
	feed(f, 10, 0, "lttng_statedump_file_descriptor", fields);
}

/* The kernel gives the address of a table that is gone to the next one. */
static void test_reused_address(void)
{
	struct feed *f = start();

	dump_process(f, "tid=20 pid=20 ppid=1 file_table_address=500 name=a");
	dump_fd(f, "file_table_address=500 fd=5 flags=0 filename=/secret");
	feed(f, 11, 0, "sched_process_exit", "tid=20 comm=a");
	dump_fd(f, "file_table_address=500 fd=6 flags=0 filename=/late");
	dump_process(f, "tid=30 pid=30 ppid=1 file_table_address=500 name=b");
	dump_fd(f, "file_table_address=500 fd=7 flags=0 filename=/own");
	FD(30, 5, "closed");
	FD(30, 6, "closed");
	FD(30, 7, "/own");
	/* A statedump that never ended says nothing of the addresses in the next. */
	feed(f, 20, 0, "lttng_statedump_start", "");
	dump_process(f, "tid=40 pid=40 ppid=1 file_table_address=500 name=c");
	FD(40, 7, "closed");
	g_assert_cmpint(state_count(feed_state(f)).files, ==, 3);
	feed_free(f);
}

/* Threads that were thought to share descriptors do not if their addresses differ. */
static void test_two_addresses(void)
{
	struct feed *f = start();

	feed(f, 9, 1, "sched_switch", "prev_tid=0 next_tid=11 next_comm=app");
	feed_call(f, 10, 1, "getpid", "ctx.tid=11 ctx.pid=10", "ret=10");
	dump_fd(f, "file_table_address=100 fd=5 flags=0 filename=/of10");
	dump_process(f, "tid=11 pid=10 ppid=1 file_table_address=200 name=app");
	dump_fd(f, "file_table_address=200 fd=5 flags=0 filename=/of11");
	FD(10, 5, "/of10");
	FD(11, 5, "/of11");
	feed_free(f);
}

/* The first thread of a process may exit before the others. */
static void test_leader_exits(void)
{
	struct feed *f = start_two_threads();

	open_path(f, 3, "/a", 0);
	feed(f, 10, 0, "sched_process_exit", "tid=10 comm=app");
	FD(11, 3, "/a");
	feed(f, 11, 0, "sched_switch", "prev_tid=10 next_tid=12 next_comm=app");
	feed_call(f, 20, 0, "getpid", "ctx.tid=12 ctx.pid=10", "ret=10");
	FD(12, 3, "/a");
	feed_free(f);
}

/* Tables are there without threads: those who share one see the same, copies go their own way. */
static void test_tables(void)
{
	struct state *state = state_new(&(struct state_config){.wants = ~0u});
	uint32_t files = files_new(state), shared = files_ref(state, files), own;
	struct file file = {.path = strpool_intern(state->strings, "/a")};

	g_assert_null(fd_find(state, 0, 3));
	g_assert_null(fd_from(state, 0, 0));
	g_assert_true(fd_open(state, files, 7, file, 1));
	g_assert_true(fd_open(state, files, 3, file, 1));
	g_assert_false(fd_open(state, files, -1, file, 1));
	g_assert_false(fd_open(state, files, (int64_t)INT32_MAX + 1, file, 1));
	g_assert_cmpint(fd_from(state, files, -1)->number, ==, 3);
	g_assert_cmpint(fd_from(state, files, 4)->number, ==, 7);
	g_assert_null(fd_from(state, files, 8));
	g_assert_null(fd_from(state, files, (int64_t)INT32_MAX + 1));
	g_assert_true(files_shared(state, files));

	own = files_unshare(state, shared);
	g_assert_cmpuint(own, !=, files);
	g_assert_false(files_shared(state, files));
	g_assert_cmpuint(files_unshare(state, own), ==, own);
	strpool_unref(state->strings, fd_close(state, own, 3));
	g_assert_null(fd_find(state, own, 3));
	g_assert_cmpint(fd_find(state, files, 3)->file.path, ==, file.path);
	g_assert_cmpint(files_count(state, own), ==, 1);

	/* Who is at the address of another shares it, with what it had itself. */
	g_assert_cmpuint(files_at_address(state, files, 0x1000), ==, files);
	g_assert_cmpuint(files_at_address(state, own, 0x1000), ==, files);
	g_assert_cmpuint(files_find_address(state, 0x1000), ==, files);
	files_unref(state, files);
	files_unref(state, files);
	g_assert_cmpuint(files_find_address(state, 0x1000), ==, 0);
	g_assert_cmpuint(state_count(state).fds, ==, 0);
	g_assert_cmpuint(state_count(state).strings, ==, 1);
	strpool_unref(state->strings, file.path);
	state_free(state);
}

/* What it takes to open `n` descriptors, from `first` on in steps of `step`, s. */
static double time_opens(int64_t first, int64_t step, int n)
{
	struct state *state = state_new(&(struct state_config){.wants = ~0u});
	uint32_t files = files_new(state);
	int64_t begin = g_get_monotonic_time();
	double took;

	for (int i = 0; i < n; i++)
		g_assert_true(fd_open(state, files, first + i * step, (struct file){0}, i));
	took = (double)(g_get_monotonic_time() - begin) / 1e6;
	g_assert_cmpint(files_count(state, files), ==, n);
	files_unref(state, files);
	g_assert_cmpuint(state_count(state).fds, ==, 0);
	state_free(state);
	return took;
}

/* Numbers come in any order: none costs more than another. */
static void test_falling(void)
{
	enum { N = 100000 };

	g_assert_cmpfloat(time_opens(N, -1, N), <, 20 * time_opens(0, 1, N));
}

/* As many processes as descriptors: each has all of them, and lets them go, at no cost. */
static void test_forks(void)
{
	enum { N = 10000 };
	struct state *state = state_new(&(struct state_config){.wants = ~0u});
	uint32_t files = files_new(state), copies[N];

	for (int i = 0; i < N; i++)
		fd_open(state, files, i, (struct file){.cloexec = i % 2}, 1);
	for (int i = 0; i < N; i++) {
		copies[i] = files_copy(state, files);
		fd_open(state, copies[i], i / 2, (struct file){0}, 2);
		strpool_unref(state->strings, fd_close(state, copies[i], i / 4));
	}
	/* Each has made its own ways to what it has changed. */
	g_assert_cmpuint(state_count(state).fds, <, N + N * 64);
	g_assert_cmpint(files_count(state, copies[7]), ==, N - 1);
	g_assert_null(fd_find(state, copies[8], 2));
	g_assert_cmpint(fd_find(state, copies[8], 4)->since, ==, 2);
	g_assert_cmpint(fd_find(state, files, 4)->since, ==, 1);
	for (int i = 0; i < N; i++) {
		if (i % 3 == 0)
			files_close(state, copies[i], 0, UINT32_MAX);
		else if (i % 3 == 1)
			files_mark(state, copies[i], 10, N - 10);
		files_close_on_exec(state, copies[i]);
	}
	g_assert_cmpuint(state_count(state).fds, <, N + N * 64);
	g_assert_cmpint(files_count(state, copies[0]), ==, 0);
	g_assert_cmpint(files_count(state, copies[2]), ==, N / 2);
	g_assert_cmpint(files_count(state, files), ==, N);
	for (int i = 0; i < N; i++)
		files_unref(state, copies[i]);
	g_assert_cmpuint(state_count(state).fds, ==, N);
	files_unref(state, files);
	g_assert_cmpuint(state_count(state).fds, ==, 0);
	state_free(state);
}

/* A tree does whatever an array does that is indexed by number. */
static void test_as_array(void)
{
	enum { N = 64, TABLES = 4 };
	struct state *state = state_new(&(struct state_config){.wants = ~0u});
	int64_t since[TABLES][N] = {0};
	bool cloexec[TABLES][N] = {0};
	GRand *random = g_rand_new_with_seed(5);
	uint32_t files[TABLES];

	for (int t = 0; t < TABLES; t++)
		files[t] = files_new(state);
	for (int step = 1; step <= 10000; step++) {
		int t = g_rand_int_range(random, 0, TABLES), k = g_rand_int_range(random, 0, N);
		int last = g_rand_int_range(random, k, N), other = (t + 1) % TABLES;

		switch (g_rand_int_range(random, 0, 12)) {
		case 0:
			files_close(state, files[t], (uint32_t)k, (uint32_t)last);
			memset(&since[t][k], 0, sizeof(since[t][0]) * (size_t)(last - k + 1));
			break;
		case 1:
			files_mark(state, files[t], (uint32_t)k, (uint32_t)last);
			for (int i = k; i <= last; i++)
				cloexec[t][i] = true;
			break;
		case 2:
			files_unref(state, files[t]);
			files[t] = files_copy(state, files[other]);
			memcpy(since[t], since[other], sizeof(since[t]));
			memcpy(cloexec[t], cloexec[other], sizeof(cloexec[t]));
			break;
		case 3:
			files_merge(state, files[t], files[other]);
			for (int i = 0; i < N; i++) {
				if (since[t][i])
					continue;
				since[t][i] = since[other][i];
				cloexec[t][i] = cloexec[other][i];
			}
			break;
		case 4:
			files_close_on_exec(state, files[t]);
			for (int i = 0; i < N; i++)
				since[t][i] = cloexec[t][i] ? 0 : since[t][i];
			break;
		case 5:
			fd_set_cloexec(state, files[t], k, step % 2);
			cloexec[t][k] = step % 2;
			break;
		case 6:
			if (fd_find(state, files[t], k))
				fd_close(state, files[t], k);
			since[t][k] = 0;
			break;
		default:
			cloexec[t][k] = step % 3 == 0;
			fd_open(state, files[t], k, (struct file){.cloexec = cloexec[t][k]}, step);
			since[t][k] = step;
		}
		for (int i = 0, n = 0; i < N; i++) {
			const struct fd *fd = fd_find(state, files[t], i);

			g_assert_cmpint(fd ? fd->since : 0, ==, since[t][i]);
			if (fd)
				g_assert_true(fd_is_cloexec(state, files[t], i) == cloexec[t][i]);
			n += fd != NULL;
			if (i == N - 1)
				g_assert_cmpint(files_count(state, files[t]), ==, n);
		}
	}
	for (int t = 0; t < TABLES; t++)
		files_unref(state, files[t]);
	g_assert_cmpuint(state_count(state).fds, ==, 0);
	g_rand_free(random);
	state_free(state);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/fd/open", test_open);
	g_test_add_func("/fd/failed-calls-change-nothing", test_failed_calls_change_nothing);
	g_test_add_func("/fd/close-with-error", test_close_with_error);
	g_test_add_func("/fd/stale-name-is-replaced", test_stale_name_is_replaced);
	g_test_add_func("/fd/dup", test_dup);
	g_test_add_func("/fd/fcntl", test_fcntl);
	g_test_add_func("/fd/ioctl", test_ioctl);
	g_test_add_func("/fd/open-flags", test_open_flags);
	g_test_add_func("/fd/open-flags-by-architecture", test_open_flags_by_architecture);
	g_test_add_func("/fd/close-range", test_close_range);
	g_test_add_func("/fd/things-without-a-path", test_things_without_a_path);
	g_test_add_func("/fd/connect", test_connect);
	g_test_add_func("/fd/accept", test_accept);
	g_test_add_func("/fd/accept-untold", test_accept_untold);
	g_test_add_func("/fd/socketcall", test_socketcall);
	g_test_add_func("/fd/kinds-of-paths", test_kinds_of_paths);
	g_test_add_func("/fd/mounts", test_mounts);
	g_test_add_func("/fd/absurd-numbers", test_absurd_numbers);
	g_test_add_func("/fd/statedump-of-old-tracers", test_statedump_of_old_tracers);
	g_test_add_func("/fd/statedump-with-table-address", test_statedump_with_table_address);
	g_test_add_func("/fd/unshare", test_unshare);
	g_test_add_func("/fd/calls-in-flight", test_calls_in_flight);
	g_test_add_func("/fd/close-on-exec", test_close_on_exec);
	g_test_add_func("/fd/close-range-without-arguments", test_close_range_without_arguments);
	g_test_add_func("/fd/reused-address", test_reused_address);
	g_test_add_func("/fd/two-addresses", test_two_addresses);
	g_test_add_func("/fd/leader-exits", test_leader_exits);
	g_test_add_func("/fd/relative-paths", test_relative_paths);
	g_test_add_func("/fd/types", test_types);
	g_test_add_func("/fd/types-of-the-statedump", test_types_of_the_statedump);
	g_test_add_func("/fd/tables", test_tables);
	g_test_add_func("/fd/falling", test_falling);
	g_test_add_func("/fd/forks", test_forks);
	g_test_add_func("/fd/as-array", test_as_array);
	return g_test_run();
}
