/*
 * Processes and threads: fork, exec, exit, reused TIDs, and who runs where.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tests/unit/feed.h"

#include <glib.h>

#define FD(tid, fd, path) g_assert_cmpstr(feed_fd(f, tid, fd), ==, path)

/* TID 10 runs on CPU 0 and has /a open as 3, and /secret as 4 with O_CLOEXEC. */
static struct feed *start(void)
{
	struct feed *f = feed_new();

	feed(f, 1, 0, "sched_switch", "prev_tid=0 next_tid=10 next_comm=app");
	feed(f, 2, 0, "lttng_statedump_process_state",
		"tid=10 pid=10 ppid=1 file_table_address=100 name=app");
	feed(f, 3, 0, "lttng_statedump_end", "");
	feed_call(f, 10, 0, "openat", "dfd=-100 filename=/a flags=0", "ret=3");
	feed_call(f, 30, 0, "openat", "dfd=-100 filename=/secret flags=524288", "ret=4");
	return f;
}

static void fork_child(struct feed *f, const char *child)
{
	char *fields = g_strdup_printf(
		"parent_tid=10 parent_pid=10 parent_comm=app child_comm=app %s", child);

	feed(f, 100, 0, "sched_process_fork", fields);
	g_free(fields);
}

/* A process gets a copy of the descriptors, a thread shares them. */
static void test_fork(void)
{
	struct feed *f = start();

	feed_watch(f, "process_start", "tid pid procname parent_tid thread shares_files");
	fork_child(f, "child_tid=11 child_pid=11");
	fork_child(f, "child_tid=12 child_pid=10");
	feed_expect(f, "process_start 11 11 app 10 0 0\nprocess_start 12 10 app 10 1 1\n");
	feed_call(f, 200, 0, "close", "fd=3", "ret=0");
	FD(11, 3, "/a");
	FD(12, 3, "closed");
	feed_free(f);
}

/* clone(2) says what is shared, whatever else the child is. */
static void test_clone_flags(void)
{
	struct feed *f = start();

	feed(f, 90, 0, "syscall_entry_clone", "clone_flags=65536"); /* CLONE_THREAD alone */
	fork_child(f, "child_tid=12 child_pid=10");
	feed(f, 110, 0, "syscall_exit_clone", "ret=12");
	feed_call(f, 200, 0, "close", "fd=3", "ret=0");
	FD(12, 3, "/a");
	feed_free(f);
}

/* In a PID namespace the event's own numbers are those of the outermost one. */
static void test_exec(void)
{
	struct feed *f = start();

	feed_watch(f, "process_exec", "tid pid procname path old_tid");
	feed(f, 100, 0, "sched_process_exec",
		"tid=10 old_tid=10 filename=/usr/bin/a-very-long-name");
	feed_expect(f, "process_exec 10 10 a-very-long-nam /usr/bin/a-very-long-name 10\n");
	FD(10, 3, "/a");
	FD(10, 4, "closed");
	feed_free(f);
}

/* A further thread that calls exec takes over the TID of the first one. */
static void test_exec_from_thread(void)
{
	struct feed *f = start();

	fork_child(f, "child_tid=12 child_pid=10");
	feed(f, 110, 0, "sched_switch", "prev_tid=10 next_tid=12 next_comm=app");
	feed_watch(f, "io_end", "tid name duration");
	feed_watch(f, "syscall_exit", "tid name duration");
	feed(f, 120, 0, "syscall_entry_execve", "filename=/bin/sh");
	feed(f, 125, 1, "sched_process_exit", "tid=10 comm=app");
	feed(f, 130, 0, "sched_process_exec", "tid=10 old_tid=12 filename=/bin/sh");
	feed(f, 140, 0, "syscall_exit_execve", "ret=0");
	feed_expect(f, "syscall_exit 10 execve 20\n");
	g_assert_cmpint(state_current(feed_state(f), 0).tid, ==, 10);
	FD(10, 3, "/a");
	FD(12, 3, "closed");
	feed_free(f);
}

/* A thread that has called exec has got the first one's TID before that is told: its slice goes on. */
static void test_exec_takes_over(void)
{
	struct feed *f = start();

	feed_watch(f, "sched_slice", "time tid duration wait");
	feed(f, 100, 0, "sched_process_fork",
		"parent_tid=10 parent_pid=10 child_tid=11 child_pid=10 child_comm=app");
	feed(f, 110, 0, "sched_switch", "prev_tid=10 prev_state=1 next_tid=11 next_comm=app");
	feed(f, 120, 0, "sched_process_exit", "tid=10 comm=app");
	feed(f, 130, 0, "sched_switch", "prev_tid=10 prev_state=2 next_tid=0 next_comm=swapper/0");
	feed(f, 140, 0, "sched_switch", "prev_tid=0 prev_state=0 next_tid=10 next_comm=app");
	feed(f, 150, 0, "sched_process_exec", "tid=10 old_tid=11 filename=/bin/ls");
	feed(f, 160, 0, "sched_switch", "prev_tid=10 prev_state=1 next_tid=0 next_comm=swapper/0");
	feed_expect(f, "sched_slice 110 10 109 nil\n"
		       "sched_slice 130 nil 20 nil\n"
		       "sched_slice 140 0 10 nil\n"
		       "sched_slice 160 10 20 10\n");
	feed_free(f);
}

/* The parent of who executes a program, as long as it lives. */
static void test_parent(void)
{
	struct feed *f = start();

	feed_watch(f, "process_exec", "pid ppid parent_procname path");
	feed_watch(f, "process_start", "pid parent_upid");
	feed_watch(f, "exec_fail", "pid ppid parent_procname path ret error_name procname");
	fork_child(f, "child_tid=20 child_pid=20 child_comm=app");
	feed(f, 110, 0, "sched_switch", "prev_tid=10 next_tid=20 next_comm=app");
	feed_call(f, 120, 0, "execve", "filename=/usr/local/bin/ls", "ret=-2");
	feed(f, 140, 0, "sched_process_exec", "tid=20 old_tid=20 filename=/bin/ls");
	feed_expect(f, "process_start 20 10\n"
		       "exec_fail 20 10 app /usr/local/bin/ls -2 ENOENT app\n"
		       "process_exec 20 10 app /bin/ls\n");
	/* Of a further thread it is that of its process. */
	feed(f, 150, 0, "sched_process_fork",
		"parent_tid=20 parent_pid=20 child_tid=21 child_pid=20 child_comm=ls");
	feed(f, 160, 0, "sched_switch", "prev_tid=20 next_tid=21 next_comm=ls");
	feed_call(f, 170, 0, "execve", "filename=/c", "ret=-13");
	feed_expect(f, "process_start 20 4194324\n"
		       "exec_fail 20 10 app /c -13 EACCES ls\n");
	/* Who takes the parent's place is not recorded, and its number may be given out again. */
	feed(f, 180, 1, "sched_process_exit", "tid=10 comm=app");
	feed_call(f, 190, 0, "execve", "filename=/c", "ret=-13");
	feed_expect(f, "exec_fail 20 nil nil /c -13 EACCES ls\n");
	feed(f, 210, 1, "sched_process_free", "tid=10 comm=app");
	feed(f, 220, 1, "sched_process_fork",
		"parent_tid=1 parent_pid=1 child_tid=10 child_pid=10 child_comm=new");
	feed_call(f, 230, 0, "execve", "filename=/c", "ret=-13");
	feed_expect(f, "process_start 10 1\n"
		       "exec_fail 20 nil nil /c -13 EACCES ls\n");
	feed_free(f);
}

/* A call that renames its thread, in a trace that has no names in contexts: the next switch tells. */
static void test_renamed_without_context(void)
{
	struct feed *f = start();

	feed_watch(f, "preempt_latency", "tid prev_procname");
	feed(f, 100, 0, "sched_switch", "prev_tid=10 prev_state=0 next_tid=11 next_comm=b");
	feed_call(f, 110, 0, "prctl", "option=15", "ret=0");
	feed(f, 130, 0, "sched_switch",
		"prev_tid=11 prev_comm=new prev_state=1 next_tid=10 next_comm=app");
	feed_expect(f, "preempt_latency 10 new\n");
	feed_free(f);
}

static void test_exit_and_free(void)
{
	struct feed *f = start();

	feed_watch(f, "process_exit", "tid procname");
	feed(f, 100, 0, "sched_process_exit", "tid=10 comm=app");
	feed_expect(f, "process_exit 10 app\n");
	FD(10, 3, "closed");
	feed(f, 110, 0, "sched_process_free", "tid=10");
	g_assert_cmpint(state_count(feed_state(f)).threads, ==, 0);
	g_assert_cmpint(state_count(feed_state(f)).files, ==, 0);
	feed_free(f);
}

/* Where the exit may have been lost, a thread that is freed is gone. */
static void test_lost_exit(void)
{
	struct feed *f = start();

	fork_child(f, "child_tid=50 child_pid=50");
	feed_lost(f, 110, 120, 1, 3);
	feed(f, 130, 1, "sched_process_free", "tid=50");
	FD(50, 3, "closed");
	feed_free(f);
}

/* The kernel may free a thread after its TID has gone to somebody new, whatever was lost before. */
static void test_reused_tid(void)
{
	struct feed *f = start();

	feed_lost(f, 40, 50, 0, 3);
	fork_child(f, "child_tid=50 child_pid=50");
	feed(f, 110, 1, "sched_process_exit", "tid=50 comm=app");
	fork_child(f, "child_tid=50 child_pid=50");
	feed(f, 120, 1, "sched_process_free", "tid=50");
	FD(50, 3, "/a");
	feed_free(f);
}

/* Without sched_process_free a thread is gone once it is switched out after its exit. */
static void test_no_free_events(void)
{
	struct feed *f = feed_new_with(&(struct state_config){.wants = ~0u, .never_freed = true});

	feed(f, 1, 0, "sched_switch", "prev_tid=0 next_tid=10 next_comm=app");
	feed(f, 2, 0, "sched_process_exit", "tid=10 comm=app");
	feed(f, 3, 0, "sched_switch", "prev_tid=10 next_tid=0 next_comm=swapper/0");
	g_assert_cmpint(state_count(feed_state(f)).threads, ==, 0);
	feed_free(f);
}

/* A tid context is the best evidence of who runs. */
static void test_tid_context(void)
{
	struct feed *f = start();

	feed_watch(f, "syscall_exit", "tid pid name");
	feed(f, 100, 0, "syscall_entry_getpid", "ctx.tid=77 ctx.pid=70");
	feed(f, 110, 0, "syscall_exit_getpid", "ret=70 ctx.tid=77 ctx.pid=70");
	feed_expect(f, "syscall_exit 77 70 getpid\n");
	g_assert_cmpint(state_current(feed_state(f), 0).tid, ==, 77);
	feed_free(f);
}

/* A pid context that does not fit: the switch to that process is missing. */
static void test_pid_context_contradicts(void)
{
	struct feed *f = start();

	feed_watch(f, "syscall_exit", "tid pid name");
	feed_watch(f, "fd_open", "tid fd path");
	feed(f, 100, 0, "syscall_entry_getpid", "ctx.pid=99");
	feed(f, 110, 0, "syscall_exit_getpid", "ret=99 ctx.pid=99");
	feed_expect(f, "syscall_exit nil 99 getpid\n");
	/* Which thread of that process it is shows at the switch; the files are those of all. */
	feed(f, 120, 0, "syscall_entry_open", "filename=/b flags=0 ctx.pid=99");
	feed(f, 130, 0, "syscall_exit_open", "ret=5 ctx.pid=99");
	feed_expect(f, "syscall_exit nil 99 open\nfd_open nil 5 /b\n");
	feed(f, 140, 0, "sched_switch", "prev_tid=98 next_tid=10 next_comm=app ctx.pid=99");
	g_assert_cmpstr(feed_fd(f, 98, 5), ==, "/b");
	g_assert_cmpstr(feed_fd(f, 99, 5), ==, "/b");
	g_assert_cmpstr(feed_fd(f, 10, 5), ==, "closed");
	feed_free(f);
}

/* Names change without exec too: prctl(2) shows at the next switch. */
static void test_renamed(void)
{
	struct feed *f = start();

	feed(f, 100, 0, "sched_switch", "prev_tid=10 next_tid=0 next_comm=swapper/0");
	feed(f, 110, 0, "sched_switch", "prev_tid=0 next_tid=10 next_comm=worker");
	feed_watch(f, "syscall_exit", "procname name");
	feed_call(f, 120, 0, "getpid", "", "ret=10");
	feed_expect(f, "syscall_exit worker getpid\n");
	feed_free(f);
}

/* What a hundred thousand processes leave behind is nothing. */
static void test_memory(void)
{
	struct feed *f = start();
	struct state_counts before = state_count(feed_state(f));

	for (int i = 0; i < 100000; i++) {
		char *child = g_strdup_printf("child_tid=%d child_pid=%d child_comm=job%d",
			1000 + i % 30000, 1000 + i % 30000, i);
		char *gone = g_strdup_printf("tid=%d comm=job%d", 1000 + i % 30000, i);

		fork_child(f, child);
		feed(f, 110, 1, "sched_process_exit", gone);
		feed(f, 120, 1, "sched_process_free", gone);
		g_free(child);
		g_free(gone);
	}
	g_assert_cmpint(state_count(feed_state(f)).threads, ==, before.threads);
	g_assert_cmpint(state_count(feed_state(f)).files, ==, before.files);
	g_assert_cmpint(state_count(feed_state(f)).fds, ==, before.fds);
	g_assert_cmpint(state_count(feed_state(f)).strings, ==, before.strings);
	feed_free(f);
}

/* Numbers that no kernel gives out do not make threads, or CPUs. */
static void test_absurd_numbers(void)
{
	struct feed *f = feed_new();

	feed(f, 1, 2000000000, "sched_switch", "prev_tid=0 next_tid=2000000000 next_comm=x");
	feed(f, 2, 0, "sched_process_fork",
		"parent_tid=-5 parent_pid=-5 child_tid=999999999999 child_pid=1");
	feed(f, 3, 0, "lttng_statedump_process_state", "tid=-1 pid=-1 ppid=-1 name=x");
	g_assert_cmpint(state_count(feed_state(f)).threads, ==, 0);
	feed_free(f);
}

static void test_name_of_the_process(void)
{
	struct feed *f = start();

	feed(f, 100, 0, "sched_process_fork",
		"parent_tid=10 parent_pid=10 parent_comm=app child_comm=app child_tid=11 child_pid=10");
	feed_watch(f, "syscall_exit", "tid procname process");
	feed(f, 110, 0, "sched_switch", "prev_tid=10 next_tid=11 next_comm=worker");
	feed_call(f, 120, 0, "getpid", "", "ret=10");
	feed(f, 140, 0, "sched_switch", "prev_tid=11 next_tid=10 next_comm=app");
	feed_call(f, 150, 0, "getpid", "", "ret=10");
	feed_expect(f, "syscall_exit 11 worker app\nsyscall_exit 10 app app\n");
	feed_free(f);
}

/* A TID that is used again without a fork that we saw: the dead make no calls. */
static void test_tid_reused_unseen(void)
{
	struct feed *f = start();

	feed_watch(f, "io_end", "tid pid procname path");
	feed(f, 100, 0, "sched_process_exit", "tid=10 comm=app");
	feed(f, 110, 0, "sched_switch", "prev_tid=10 next_tid=0 next_comm=swapper");
	feed(f, 200, 0, "sched_switch", "prev_tid=0 next_tid=10 next_comm=new");
	feed(f, 210, 0, "syscall_entry_read", "fd=3 count=1");
	/* Freed late. */
	feed(f, 220, 1, "sched_process_free", "tid=10 comm=app");
	feed(f, 230, 0, "syscall_exit_read", "ret=1");
	feed_expect(f, "io_end 10 nil new nil\n");
	feed_free(f);
}

/* A fork says that the parent belongs to the child: nothing is forgotten that is not let go. */
static void test_child_of_itself(void)
{
	struct feed *f = feed_new();

	feed(f, 1, 0, "sched_switch", "prev_tid=0 next_tid=10 next_comm=app");
	feed_call(f, 10, 0, "openat", "dfd=-100 filename=/a flags=0", "ret=3");
	feed(f, 30, 0, "sched_process_fork",
		"parent_tid=10 parent_pid=11 child_tid=11 child_pid=11");
	FD(10, 3, "/a");
	FD(11, 3, "/a");
	feed(f, 40, 0, "sched_process_exit", "tid=11");
	feed(f, 50, 0, "sched_process_exit", "tid=10");
	feed(f, 60, 0, "sched_process_free", "tid=11");
	g_assert_cmpuint(state_count(feed_state(f)).files, ==, 0);
	g_assert_cmpuint(state_count(feed_state(f)).fds, ==, 0);
	feed_free(f);
}

/* Pages are allocated: by whom, as it is called then. */
static void alloc(struct feed *f, int64_t time, const char *context)
{
	char *fields = g_strdup_printf("page=1 order=0 ctx.procname=%s", context);

	feed(f, time, 0, "kmem_mm_page_alloc", fields);
	g_free(fields);
}

/* A context tells what a thread is called from the moment on in which that changes. */
static void test_names_by_context(void)
{
	struct feed *f = start();

	feed_watch(f, "page_alloc", "tid procname");
	feed_watch(f, "sched_slice", "tid procname");
	alloc(f, 100, "app");
	feed(f, 110, 0, "syscall_entry_prctl", "option=15 ctx.procname=app");
	alloc(f, 111, "app");
	alloc(f, 112, "new");
	feed(f, 113, 0, "syscall_exit_prctl", "ret=0 ctx.procname=new");
	alloc(f, 114, "new");
	/* It is not looked at where nothing can have changed: that would cost too much. */
	alloc(f, 115, "whatever");
	feed(f, 120, 0, "syscall_entry_execve", "filename=/bin/ls ctx.procname=new");
	alloc(f, 121, "new");
	feed(f, 122, 0, "sched_switch",
		"prev_tid=10 prev_comm=new prev_state=2 next_tid=0 next_comm=swapper/0");
	feed(f, 123, 0, "sched_switch", "prev_tid=0 next_tid=10 next_comm=new");
	alloc(f, 124, "ls");
	feed(f, 125, 0, "sched_process_exec", "filename=/bin/ls tid=10 old_tid=10 ctx.procname=ls");
	alloc(f, 126, "whatever");
	feed(f, 127, 0, "syscall_exit_execve", "ret=0 ctx.procname=ls");
	feed_expect(f, "page_alloc 10 app\npage_alloc 10 app\npage_alloc 10 new\n"
		       "page_alloc 10 new\npage_alloc 10 new\npage_alloc 10 new\n"
		       "sched_slice 10 new\nsched_slice 0 swapper/0\npage_alloc 10 ls\n"
		       "page_alloc 10 ls\n");
	/* Without a context the switch away tells, and the exec itself. */
	feed(f, 130, 0, "syscall_entry_prctl", "option=15");
	feed(f, 131, 0, "syscall_exit_prctl", "ret=0");
	feed(f, 140, 0, "syscall_entry_execve", "filename=/bin/cat");
	feed(f, 141, 0, "sched_switch",
		"prev_tid=10 prev_comm=cat prev_state=0 next_tid=0 next_comm=swapper/0");
	feed_expect(f, "sched_slice 10 cat\n");
	feed_free(f);
}

/* Threads of the kernel name themselves, and its workers execute programs without a call. */
static void test_names_of_new_threads(void)
{
	struct feed *f = start();

	feed_watch(f, "page_alloc", "tid procname");
	feed(f, 100, 0, "sched_process_fork",
		"parent_tid=2 parent_pid=2 parent_comm=kthreadd child_tid=20 child_pid=20 "
		"child_comm=kthreadd");
	feed(f, 110, 0, "sched_switch", "prev_tid=10 next_tid=20 next_comm=kthreadd");
	alloc(f, 111, "kthreadd");
	alloc(f, 112, "kworker/0:1");
	feed(f, 120, 0, "sched_switch",
		"prev_tid=20 prev_comm=kworker/0:1 next_tid=20 next_comm=kworker/0:1");
	alloc(f, 121, "whatever");
	feed(f, 130, 0, "sched_process_fork",
		"parent_tid=20 parent_pid=20 parent_comm=kworker/0:1 child_tid=21 child_pid=21 "
		"child_comm=kworker/0:1");
	feed(f, 140, 0, "sched_switch", "prev_tid=20 next_tid=21 next_comm=kworker/0:1");
	feed(f, 150, 0, "sched_switch",
		"prev_tid=21 prev_comm=kworker/0:1 next_tid=21 next_comm=kworker/0:1");
	alloc(f, 151, "modprobe");
	feed(f, 152, 0, "sched_process_exec", "filename=/sbin/modprobe tid=21 old_tid=21");
	alloc(f, 153, "whatever");
	/* A worker of a ring is not told at all. */
	feed(f, 160, 0, "sched_switch", "prev_tid=21 next_tid=22");
	alloc(f, 161, "iou-wrk-10");
	feed_lost(f, 170, 180, 0, 3);
	alloc(f, 181, "nobody");
	feed_expect(f, "page_alloc 20 kthreadd\npage_alloc 20 kworker/0:1\n"
		       "page_alloc 20 kworker/0:1\npage_alloc 21 modprobe\n"
		       "page_alloc 21 modprobe\npage_alloc 22 iou-wrk-10\n"
		       "page_alloc nil nobody\n");
	feed_free(f);
}

/* TIDs and PIDs come again; numbers don't, whatever has been seen of the threads before. */
static void test_numbers(void)
{
	struct feed *f = feed_new();
	struct feed *g = feed_new();

	feed_watch(f, "process_exit", "tid utid upid");
	feed_watch(g, "process_exit", "tid utid upid");
	/* One model sees 20 before it is forked again, the other one does not. */
	feed(f, 1, 0, "sched_process_exit", "tid=20 comm=old");
	feed_expect(f, "process_exit 20 20 nil\n");
	for (int i = 0; i < 2; i++) {
		struct feed *one = i ? g : f;

		for (int k = 0; k < 3; k++)
			feed(one, 10 + k, 0, "sched_process_fork",
				"parent_tid=1 parent_pid=1 parent_comm=init child_tid=20 "
				"child_pid=20 child_comm=new");
		feed(one, 20, 0, "sched_process_fork",
			"parent_tid=20 parent_pid=20 parent_comm=new child_tid=21 child_pid=20 "
			"child_comm=new");
		feed(one, 30, 0, "sched_process_exit", "tid=21 comm=new");
		feed(one, 31, 0, "sched_process_exit", "tid=20 comm=new");
		feed_expect(one, "process_exit 21 4194325 12582932\n"
				 "process_exit 20 12582932 12582932\n");
		feed_free(one);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/process/fork", test_fork);
	g_test_add_func("/process/clone-flags", test_clone_flags);
	g_test_add_func("/process/exec", test_exec);
	g_test_add_func("/process/exec-from-thread", test_exec_from_thread);
	g_test_add_func("/process/exec-takes-over", test_exec_takes_over);
	g_test_add_func("/process/parent", test_parent);
	g_test_add_func("/process/renamed-without-context", test_renamed_without_context);
	g_test_add_func("/process/exit-and-free", test_exit_and_free);
	g_test_add_func("/process/lost-exit", test_lost_exit);
	g_test_add_func("/process/reused-tid", test_reused_tid);
	g_test_add_func("/process/no-free-events", test_no_free_events);
	g_test_add_func("/process/tid-context", test_tid_context);
	g_test_add_func("/process/pid-context-contradicts", test_pid_context_contradicts);
	g_test_add_func("/process/renamed", test_renamed);
	g_test_add_func("/process/names-by-context", test_names_by_context);
	g_test_add_func("/process/names-of-new-threads", test_names_of_new_threads);
	g_test_add_func("/process/memory", test_memory);
	g_test_add_func("/process/absurd-numbers", test_absurd_numbers);
	g_test_add_func("/process/name-of-the-process", test_name_of_the_process);
	g_test_add_func("/process/child-of-itself", test_child_of_itself);
	g_test_add_func("/process/tid-reused-unseen", test_tid_reused_unseen);
	g_test_add_func("/process/numbers", test_numbers);
	return g_test_run();
}
