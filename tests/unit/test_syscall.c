/*
 * System calls: entry and exit, by thread and by name, and what each says of I/O.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tests/unit/feed.h"

#include <glib.h>

/* TID 10 runs on CPU 0, TID 20 on CPU 1. */
static struct feed *start(void)
{
	struct feed *f = feed_new();

	feed(f, 1, 0, "sched_switch", "prev_tid=0 next_tid=10 next_comm=app");
	feed(f, 2, 1, "sched_switch", "prev_tid=0 next_tid=20 next_comm=srv");
	feed_watch(f, "syscall_exit", "tid name begin duration ret error");
	return f;
}

static void test_entry_and_exit(void)
{
	struct feed *f = start();

	feed(f, 100, 0, "syscall_entry_getpid", "");
	feed(f, 110, 1, "syscall_entry_nanosleep", "");
	feed(f, 150, 0, "syscall_exit_getpid", "ret=10");
	feed(f, 190, 1, "syscall_exit_nanosleep", "ret=-4");
	feed_expect(f, "syscall_exit 10 getpid 100 50 10 0\n"
		       "syscall_exit 20 nanosleep 110 80 -4 4\n");
	feed_free(f);
}

/* A call goes on while its thread sleeps, and returns on another CPU. */
static void test_blocked_call(void)
{
	struct feed *f = start();

	feed(f, 100, 0, "syscall_entry_read", "fd=3 count=10");
	feed(f, 110, 0, "sched_switch", "prev_tid=10 next_tid=0 next_comm=swapper/0");
	feed(f, 120, 1, "sched_switch", "prev_tid=20 next_tid=10 next_comm=app");
	feed(f, 130, 1, "syscall_exit_read", "ret=5");
	feed_expect(f, "syscall_exit 10 read 100 30 5 0\n");
	feed_free(f);
}

static void test_exit_of_another_name(void)
{
	struct feed *f = start();

	feed(f, 100, 0, "syscall_entry_read", "fd=3 count=10");
	feed(f, 150, 0, "syscall_exit_write", "ret=10");
	feed(f, 160, 0, "syscall_exit_read", "ret=10");
	feed_expect(f, "");
	feed_free(f);
}

static void test_exit_without_entry(void)
{
	struct feed *f = start();

	feed(f, 100, 0, "syscall_exit_openat", "ret=3");
	feed_expect(f, "");
	/* The descriptor is there, though: nobody knows of what. */
	g_assert_cmpstr(feed_fd(f, 10, 3), ==, "?");
	feed_free(f);
}

static void test_exit_lost(void)
{
	struct feed *f = start();

	feed(f, 100, 0, "syscall_entry_read", "fd=3 count=10");
	feed(f, 200, 0, "syscall_entry_getpid", "");
	feed(f, 210, 0, "syscall_exit_getpid", "ret=10");
	feed_expect(f, "syscall_exit 10 getpid 200 10 10 0\n");
	feed_free(f);
}

/* LTTng up to 2.5 has one exit event for all calls. */
static void test_old_names(void)
{
	struct feed *f = start();

	feed(f, 100, 0, "sys_openat", "filename=/a flags=0");
	feed(f, 110, 0, "exit_syscall", "ret=3");
	feed_expect(f, "syscall_exit 10 openat 100 10 3 0\n");
	g_assert_cmpstr(feed_fd(f, 10, 3), ==, "/a");
	feed_free(f);
}

static void test_compat(void)
{
	struct feed *f = start();

	feed_watch(f, "syscall_exit", "name compat ret error");
	/* 32 bits of -2 */
	feed(f, 100, 0, "compat_syscall_entry_open", "filename=/a flags=0");
	feed(f, 110, 0, "compat_syscall_exit_open", "ret=4294967294");
	feed(f, 120, 0, "compat_sys_open", "filename=/a flags=0");
	feed(f, 130, 0, "exit_syscall", "ret=3");
	feed_expect(f, "syscall_exit open 1 -2 2\nsyscall_exit open 1 3 0\n");
	feed_free(f);
}

static void test_signals(void)
{
	struct feed *f = feed_new();

	feed(f, 1, 0, "sched_switch", "prev_tid=0 next_tid=10 next_comm=app");
	feed_watch(f, "signal_send", "name sig signal target ret error_name");
	feed_call(f, 100, 0, "kill", "pid=-5 sig=15", "ret=0");
	feed_call(f, 120, 0, "tgkill", "tgid=7 pid=8 sig=9", "ret=-3");
	feed_call(f, 140, 0, "tkill", "pid=8 sig=0", "ret=0");
	feed_call(f, 160, 0, "rt_sigqueueinfo", "pid=8 sig=35", "ret=0");
	feed_call(f, 180, 0, "rt_tgsigqueueinfo", "tgid=7 pid=8 sig=33", "ret=-1");
	feed_expect(f, "signal_send kill 15 SIGTERM -5 0 nil\n"
		       "signal_send tgkill 9 SIGKILL 8 -3 ESRCH\n"
		       "signal_send tkill 0 nil 8 0 nil\n"
		       "signal_send rt_sigqueueinfo 35 SIGRTMIN+1 8 0 nil\n"
		       "signal_send rt_tgsigqueueinfo 33 nil 8 -1 EPERM\n");
	/* Whom a descriptor stands for is told by the signal itself, if there is one. */
	feed(f, 200, 0, "syscall_entry_unknown", "id=424 args[0]=3 args[1]=64");
	feed(f, 201, 0, "signal_generate", "sig=17 pid=30");
	feed(f, 202, 0, "signal_generate", "sig=64 pid=31");
	feed(f, 203, 0, "signal_generate", "sig=64 pid=32");
	feed(f, 210, 0, "syscall_exit_unknown", "id=424 ret=0");
	feed(f, 220, 0, "syscall_entry_unknown", "id=424 args[0]=3 args[1]=4294967295");
	feed(f, 230, 0, "syscall_exit_unknown", "id=424 ret=-22");
	feed_expect(f, "signal_send pidfd_send_signal 64 SIGRTMAX 31 0 nil\n"
		       "signal_send pidfd_send_signal -1 nil nil -22 EINVAL\n");
	feed_free(f);
}

static void test_unknown_by_number(void)
{
	struct feed *f = start();

	feed_watch(f, "syscall_exit", "name compat");
	feed(f, 100, 0, "syscall_entry_unknown", "id=425 args[0]=8");
	feed(f, 110, 0, "syscall_exit_unknown", "id=425 ret=3");
	g_assert_cmpstr(feed_fd(f, 10, 3), ==, "anon_inode:[io_uring]");
	/* 3 is read on i386, and close on x86-64. */
	feed(f, 120, 0, "compat_syscall_entry_unknown", "id=3 args[0]=3 args[2]=7");
	feed(f, 130, 0, "compat_syscall_exit_unknown", "id=3 ret=7");
	feed(f, 140, 0, "syscall_entry_unknown", "id=9999");
	feed(f, 150, 0, "syscall_exit_unknown", "id=9999 ret=-38");
	feed_expect(f, "syscall_exit io_uring_setup 0\nsyscall_exit read 1\n"
		       "syscall_exit unknown_9999 0\n");
	/* A private call of ARM, and no numbers of calls. */
	feed(f, 160, 0, "syscall_entry_unknown", "id=983045");
	feed(f, 170, 0, "syscall_exit_unknown", "id=983045 ret=0");
	feed(f, 180, 0, "syscall_entry_unknown", "id=-1");
	feed(f, 190, 0, "syscall_exit_unknown", "id=-1 ret=-38");
	feed(f, 200, 0, "compat_syscall_entry_unknown", "id=4294967295");
	feed(f, 210, 0, "compat_syscall_exit_unknown", "id=4294967295 ret=-38");
	feed_expect(f, "syscall_exit unknown_983045 0\nsyscall_exit unknown 0\n"
		       "syscall_exit unknown 1\n");
	feed_free(f);
}

static void test_unknown_without_end(void)
{
	struct feed *f = start();
	char fields[32];

	/* Numbers that are none of a kernel get no names without end. */
	for (int i = 0; i < 3000; i++) {
		g_snprintf(fields, sizeof(fields), "id=%d", 2000000 + i);
		feed(f, 100 + i, 0, "syscall_entry_unknown", fields);
	}
	feed_watch(f, "syscall_exit", "name compat");
	feed(f, 9000, 0, "syscall_exit_unknown", "id=2002999 ret=0");
	feed_expect(f, "syscall_exit unknown 0\n");
	feed_free(f);
}

static void test_numbers_by_architecture(void)
{
	g_assert_cmpstr(syscall_name(SYSCALL_ARCH_X86_64, 0), ==, "read");
	g_assert_cmpstr(syscall_name(SYSCALL_ARCH_I386, 3), ==, "read");
	g_assert_cmpstr(syscall_name(SYSCALL_ARCH_ARM64, 63), ==, "read");
	g_assert_cmpstr(syscall_name(SYSCALL_ARCH_ARM, 322), ==, "openat");
	g_assert_cmpstr(syscall_name(SYSCALL_ARCH_PPC64, 286), ==, "openat");
	g_assert_cmpstr(syscall_name(SYSCALL_ARCH_S390X, 288), ==, "openat");
	g_assert_cmpstr(syscall_name(SYSCALL_ARCH_X86_64, 452), ==, "fchmodat2");
	g_assert_null(syscall_name(SYSCALL_ARCH_X86_64, 100000));
	g_assert_null(syscall_name(SYSCALL_ARCH_X86_64, -1));
	g_assert_null(syscall_name(SYSCALL_ARCH_UNKNOWN, 0));
	g_assert_cmpint(syscall_arch_of("x86_64"), ==, SYSCALL_ARCH_X86_64);
	g_assert_cmpint(syscall_arch_of("aarch64"), ==, SYSCALL_ARCH_ARM64);
	g_assert_cmpint(syscall_arch_of("armv7l"), ==, SYSCALL_ARCH_ARM);
	g_assert_cmpint(syscall_arch_of("ppc64le"), ==, SYSCALL_ARCH_PPC64);
	g_assert_cmpint(syscall_arch_of("vax"), ==, SYSCALL_ARCH_UNKNOWN);
	g_assert_cmpint(syscall_arch_compat(SYSCALL_ARCH_X86_64), ==, SYSCALL_ARCH_I386);
}

/* Addresses can look negative: only the last 4095 numbers are errors. */
static void test_errors_and_addresses(void)
{
	struct feed *f = start();

	feed_watch(f, "syscall_exit", "ret error");
	feed_call(f, 100, 0, "mmap", "", "ret=-4095");
	feed_call(f, 200, 0, "mmap", "", "ret=-4096");
	feed_call(f, 300, 0, "mmap", "", "ret=140000000000000");
	feed_expect(f, "syscall_exit -4095 4095\nsyscall_exit -4096 0\n"
		       "syscall_exit 140000000000000 0\n");
	feed_free(f);
}

static void test_io_classes(void)
{
	static const struct {
		const char *call, *entry, *leave, *io;
	} rows[] = {
		{"open", "filename=/a flags=0", "ret=3", "open 3 /a nil nil"},
		{"openat", "filename=/b flags=0", "ret=4", "open 4 /b nil nil"},
		{"socket", "family=2", "ret=5", "open 5 socket nil nil"},
		{"dup", "fildes=3", "ret=6", "open 6 /a nil nil"},
		{"read", "fd=3 count=100", "ret=60", "read 3 /a 100 60"},
		{"pread64", "fd=3 count=100", "ret=0", "read 3 /a 100 0"},
		{"readv", "fd=3", "ret=7", "read 3 /a nil 7"},
		{"recvfrom", "fd=5 size=9", "ret=8", "read 5 socket 9 8"},
		{"recvmsg", "fd=5", "ret=8", "read 5 socket nil 8"},
		{"write", "fd=4 count=4096", "ret=4096", "write 4 /b 4096 4096"},
		{"pwrite64", "fd=4 count=1", "ret=1", "write 4 /b 1 1"},
		{"writev", "fd=4", "ret=3", "write 4 /b nil 3"},
		{"sendto", "fd=5 len=50", "ret=50", "write 5 socket 50 50"},
		{"sendmsg", "fd=5", "ret=50", "write 5 socket nil 50"},
		{"write", "fd=4 count=4096", "ret=-28", "write 4 /b 4096 nil"},
		{"write", "fd=99 count=1", "ret=-9", "write 99 nil 1 nil"},
		{"fsync", "fd=4", "ret=0", "sync 4 /b nil nil"},
		{"fdatasync", "fd=4", "ret=0", "sync 4 /b nil nil"},
		{"sync_file_range", "fd=4 nbytes=10", "ret=0", "sync 4 /b 10 nil"},
		{"sync", "", "ret=0", "sync nil nil nil nil"},
		{"open", "filename=/none flags=0", "ret=-2", "open nil /none nil nil"},
		{"close", "fd=4", "ret=0", "close 4 /b nil nil"},
	};
	struct feed *f = feed_new();

	feed(f, 1, 0, "sched_switch", "prev_tid=0 next_tid=10 next_comm=app");
	feed_watch(f, "io_end", "name io_class fd path count size");
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		char *line = g_strdup_printf("io_end %s %s\n", rows[i].call, rows[i].io);

		feed_call(f, 100 * (int64_t)i + 100, 0, rows[i].call, rows[i].entry, rows[i].leave);
		feed_expect(f, line);
		g_free(line);
	}
	feed_call(f, 9000, 0, "getpid", "", "ret=1");
	feed_expect(f, "");
	feed_free(f);
}

/* What was lost may have been this exit, or a switch to another thread. */
static void test_lost_events(void)
{
	struct feed *f = start();

	feed(f, 100, 0, "syscall_entry_write", "fd=4 count=10");
	feed_watch(f, "lost_events", "time begin cpu events duration");
	feed_lost(f, 105, 110, 0, 7);
	feed(f, 120, 0, "syscall_exit_write", "ret=10");
	feed_expect(f, "lost_events 110 105 0 7 5\n");
	g_assert_cmpint(state_current(feed_state(f), 0).tid, ==, VALUE_ABSENT);
	feed_free(f);
}

/* Whoever it is: between two switches it is the same thread, and the next switch tells which. */
static void test_calls_after_lost_events(void)
{
	struct feed *f = start();

	feed_lost(f, 105, 110, 0, 7);
	feed(f, 120, 0, "syscall_entry_read", "fd=3 count=10");
	feed(f, 130, 0, "syscall_exit_read", "ret=10");
	feed_expect(f, "syscall_exit nil read 120 10 10 0\n");
	feed(f, 140, 0, "syscall_entry_write", "fd=4 count=10");
	feed(f, 150, 0, "sched_switch", "prev_tid=77 next_tid=0 next_comm=swapper/0");
	feed(f, 160, 0, "sched_switch", "prev_tid=0 next_tid=77 next_comm=job");
	feed(f, 170, 0, "syscall_exit_write", "ret=10");
	feed_expect(f, "syscall_exit 77 write 140 30 10 0\n");
	g_assert_cmpint(state_count(feed_state(f)).threads, ==, 3);
	feed_free(f);
}

/* A thread that sleeps through a gap is still in its call, unless it may have run in that gap. */
static void test_sleepers_and_lost_events(void)
{
	struct feed *f = start();

	feed(f, 90, 1, "syscall_entry_read", "fd=3 count=10");
	feed(f, 95, 1, "sched_switch", "prev_tid=20 next_tid=0 next_comm=swapper/1");
	feed_lost(f, 105, 110, 0, 7);
	feed(f, 130, 1, "sched_switch", "prev_tid=0 next_tid=20 next_comm=srv");
	feed(f, 140, 1, "syscall_exit_read", "ret=10");
	feed_expect(f, "syscall_exit 20 read 90 50 10 0\n");
	/* The CPU on which it wakes up had the gap: that may have been another read. */
	feed(f, 190, 1, "syscall_entry_read", "fd=3 count=10");
	feed(f, 195, 1, "sched_switch", "prev_tid=20 next_tid=0 next_comm=swapper/1");
	feed_lost(f, 205, 210, 0, 7);
	feed(f, 230, 0, "sched_switch", "prev_tid=10 next_tid=20 next_comm=srv");
	feed(f, 240, 0, "syscall_exit_read", "ret=10");
	feed_expect(f, "");
	feed_free(f);
}

/* Nobody asked for it: it is not even read. */
static void test_unwanted_classes(void)
{
	struct state *state = state_new(&(struct state_config){.wants = WANT_BLOCK});
	struct event_want want;

	g_assert_true(state_want(state, "block_rq_issue", &want));
	g_assert_false(state_want(state, "syscall_entry_read", &want));
	g_assert_false(state_want(state, "sched_switch", &want));
	g_assert_false(state_want(state, "timer_hrtimer_start", &want));
	state_free(state);
	/* Of system calls only those that send signals. */
	state = state_new(&(struct state_config){.wants = WANT_SIGNALS});
	g_assert_true(state_want(state, "syscall_entry_kill", &want));
	g_assert_true(state_want(state, "signal_generate", &want));
	g_assert_false(state_want(state, "syscall_entry_read", &want));
	state_free(state);
	/* Of system calls only those that say something of files or I/O. */
	state = state_new(&(struct state_config){.wants = WANT_IO});
	g_assert_true(state_want(state, "syscall_entry_read", &want));
	g_assert_false(state_want(state, "syscall_entry_getpid", &want));
	state_free(state);
}

/* Nobody asked for descriptors, arguments and names: calls are told all the same. */
static void test_only_io(void)
{
	struct feed *f = feed_new_with(&(struct state_config){.wants = WANT_IO});
	struct event_want want;

	feed(f, 1, 0, "sched_switch", "prev_tid=0 next_tid=10 next_comm=app");
	feed_watch(f, "io_end", "tid procname io_class fd path count size");
	feed_call(f, 10, 0, "openat", "dfd=-100 filename=/a flags=0", "ret=3");
	feed_call(f, 30, 0, "read", "fd=3 count=10", "ret=7");
	feed_call(f, 50, 0, "fcntl", "fd=3 cmd=0 arg=7", "ret=7");
	feed_call(f, 70, 0, "fcntl", "fd=3 cmd=2 arg=1", "ret=0");
	feed_expect(f, "io_end 10 nil open 3 nil nil nil\n"
		       "io_end 10 nil read nil nil nil 7\n"
		       "io_end 10 nil open 7 nil nil nil\n");
	g_assert_cmpint(state_count(feed_state(f)).files, ==, 0);
	g_assert_cmpint(state_count(feed_state(f)).strings, ==, 0);
	g_assert_false(state_want(feed_state(f), "lttng_statedump_file_descriptor", &want));
	feed_free(f);
}

/* Without context switches, contexts tell who calls, and what it is called. */
static void test_contexts_alone(void)
{
	struct state_config config = {.wants = ~0u, .no_switches = true};
	struct feed *f = feed_new_with(&config);

	feed_watch(f, "io_end", "tid pid procname duration");
	feed(f, 10, 0, "syscall_entry_read", "fd=3 count=1 ctx.tid=7 ctx.pid=6 ctx.procname=app");
	feed(f, 20, 0, "syscall_entry_read", "fd=3 count=1 ctx.tid=8 ctx.pid=8 ctx.procname=b");
	feed(f, 25, 1, "syscall_exit_read", "ret=1 ctx.tid=7 ctx.pid=6 ctx.procname=app");
	feed(f, 30, 0, "syscall_exit_read", "ret=1 ctx.tid=8 ctx.pid=8 ctx.procname=b");
	feed_expect(f, "io_end 7 6 app 15\nio_end 8 8 b 10\n");
	feed_free(f);
}

/* Where a stream has not begun yet, or has ended, a thread may run without our knowing. */
static void test_streams_of_different_length(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "io_end", "tid duration");
	feed(f, 10, 0, "sched_switch", "prev_tid=0 next_tid=7 next_comm=a");
	feed(f, 20, 0, "syscall_entry_read", "fd=3 count=1");
	feed(f, 30, 0, "sched_switch", "prev_tid=7 next_tid=0 next_comm=swapper");
	feed_stream(f, 100, 1, "stream_begin");
	feed(f, 110, 1, "sched_switch", "prev_tid=0 next_tid=7 next_comm=a");
	feed(f, 120, 1, "syscall_exit_read", "ret=1");
	feed_expect(f, "");
	feed(f, 200, 1, "syscall_entry_read", "fd=3 count=1");
	feed(f, 210, 1, "sched_switch", "prev_tid=7 next_tid=0 next_comm=swapper");
	feed(f, 220, 0, "sched_switch", "prev_tid=0 next_tid=7 next_comm=a");
	feed(f, 230, 0, "syscall_exit_read", "ret=1");
	feed_expect(f, "io_end 7 30\n");
	feed(f, 300, 0, "syscall_entry_read", "fd=3 count=1");
	feed(f, 310, 0, "sched_switch", "prev_tid=7 next_tid=0 next_comm=swapper");
	feed_stream(f, 320, 0, "stream_end");
	feed(f, 330, 1, "sched_switch", "prev_tid=0 next_tid=7 next_comm=a");
	feed(f, 340, 1, "syscall_exit_read", "ret=1");
	feed_expect(f, "");
	feed_free(f);
}

/* What reads one descriptor and writes another is both. */
static void test_copies(void)
{
	struct feed *f = feed_new();

	feed(f, 1, 0, "sched_switch", "prev_tid=0 next_tid=10 next_comm=app");
	feed_call(f, 10, 0, "openat", "dfd=-100 filename=/in flags=0", "ret=3");
	feed_call(f, 30, 0, "openat", "dfd=-100 filename=/out flags=0", "ret=4");
	feed_watch(f, "syscall_exit", "name io_class fd size");
	feed_watch(f, "io_end", "name io_class fd path count size error");
	feed_call(f, 50, 0, "sendfile64", "out_fd=4 in_fd=3 count=100", "ret=60");
	feed_call(f, 60, 0, "splice", "fd_in=3 fd_out=4 len=10", "ret=10");
	feed_call(f, 70, 0, "tee", "fdin=3 fdout=4 len=10", "ret=-11");
	/* copy_file_range by number: fd_in, off_in, fd_out, off_out, len, flags */
	feed(f, 80, 0, "syscall_entry_unknown",
		"id=326 args[0]=3 args[1]=0 args[2]=4 args[3]=0 args[4]=9 args[5]=0");
	feed(f, 81, 0, "syscall_exit_unknown", "id=326 ret=9");
	feed_expect(f, "syscall_exit sendfile64 copy 3 60\n"
		       "io_end sendfile64 read 3 /in 100 60 0\n"
		       "io_end sendfile64 write 4 /out 100 60 0\n"
		       "syscall_exit splice copy 3 10\nio_end splice read 3 /in 10 10 0\n"
		       "io_end splice write 4 /out 10 10 0\n"
		       "syscall_exit tee copy 3 nil\nio_end tee read 3 /in 10 nil 11\n"
		       "io_end tee write 4 /out 10 nil 11\n"
		       "syscall_exit copy_file_range copy 3 9\n"
		       "io_end copy_file_range read 3 /in 9 9 0\n"
		       "io_end copy_file_range write 4 /out 9 9 0\n");
	feed_free(f);
}

/* What some calls return is no number of bytes, and some are a class of their own. */
static void test_special_calls(void)
{
	struct feed *f = start();

	feed_watch(f, "syscall_exit", "name");
	feed_watch(f, "io_end", "name io_class fd size");
	feed_call(f, 10, 0, "recvmmsg", "fd=3 vlen=8", "ret=2");
	feed_call(f, 20, 0, "sendmmsg", "fd=3 vlen=8", "ret=2");
	feed_call(f, 30, 0, "accept4", "flags=0", "ret=5");
	feed_call(f, 40, 0, "msync", "start=0 len=4096 flags=4", "ret=0");
	feed_call(f, 50, 0, "syncfs", "fd=3", "ret=0");
	feed(f, 60, 0, "syscall_entry_unknown",
		"id=426 args[0]=7 args[1]=1 args[2]=1 args[3]=0 args[4]=0 args[5]=0");
	feed(f, 61, 0, "syscall_exit_unknown", "id=426 ret=1");
	feed_expect(f, "syscall_exit recvmmsg\nio_end recvmmsg read 3 nil\n"
		       "syscall_exit sendmmsg\nio_end sendmmsg write 3 nil\n"
		       "syscall_exit accept4\nio_end accept4 accept 5 nil\n"
		       "syscall_exit msync\nio_end msync sync nil nil\n"
		       "syscall_exit syncfs\nio_end syncfs sync 3 nil\n"
		       "syscall_exit io_uring_enter\nio_end io_uring_enter io_uring 7 nil\n");
	feed_free(f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/syscall/entry-and-exit", test_entry_and_exit);
	g_test_add_func("/syscall/blocked-call", test_blocked_call);
	g_test_add_func("/syscall/exit-of-another-name", test_exit_of_another_name);
	g_test_add_func("/syscall/exit-without-entry", test_exit_without_entry);
	g_test_add_func("/syscall/exit-lost", test_exit_lost);
	g_test_add_func("/syscall/old-names", test_old_names);
	g_test_add_func("/syscall/compat", test_compat);
	g_test_add_func("/syscall/signals", test_signals);
	g_test_add_func("/syscall/unknown-by-number", test_unknown_by_number);
	g_test_add_func("/syscall/unknown-without-end", test_unknown_without_end);
	g_test_add_func("/syscall/numbers-by-architecture", test_numbers_by_architecture);
	g_test_add_func("/syscall/errors-and-addresses", test_errors_and_addresses);
	g_test_add_func("/syscall/io-classes", test_io_classes);
	g_test_add_func("/syscall/lost-events", test_lost_events);
	g_test_add_func("/syscall/calls-after-lost-events", test_calls_after_lost_events);
	g_test_add_func("/syscall/sleepers-and-lost-events", test_sleepers_and_lost_events);
	g_test_add_func("/syscall/unwanted-classes", test_unwanted_classes);
	g_test_add_func("/syscall/only-io", test_only_io);
	g_test_add_func("/syscall/contexts-alone", test_contexts_alone);
	g_test_add_func("/syscall/streams-of-different-length", test_streams_of_different_length);
	g_test_add_func("/syscall/copies", test_copies);
	g_test_add_func("/syscall/special-calls", test_special_calls);
	return g_test_run();
}
