/*
 * Namespaces and containers: who is in which, as the statedump, forks, contexts and calls tell it, and
 * what containers are called.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tests/unit/feed.h"

#include "state/inspect.h"
#include "state/model.h"

#include <glib.h>
#include <time.h>

#define HOST_PID "4026531836"

/* Where a thread is: "container vtid vpid levels", with nil for what is not known. */
static void show_thread(void *data, const void *row)
{
	const struct view_thread *thread = row;
	struct {
		const struct state *state;
		int64_t tid;
		GString *text;
	} *to = data;
	const char *container = state_text(to->state, thread->container);
	const int64_t numbers[] = {thread->vtid, thread->vpid, thread->pid_ns_levels};

	if (thread->tid != to->tid)
		return;
	g_string_assign(to->text, container ?: "nil");
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
		if (numbers[i] == VALUE_ABSENT)
			g_string_append(to->text, " nil");
		else
			g_string_append_printf(to->text, " %" G_GINT64_FORMAT, numbers[i]);
}

static void expect_at(int line, struct feed *f, int64_t tid, const char *expected)
{
	struct {
		const struct state *state;
		int64_t tid;
		GString *text;
	} to = {feed_state(f), tid, g_string_new("none")};

	state_inspect(to.state, VIEW_thread, 0, &(struct view_sink){show_thread, &to});
	if (g_strcmp0(to.text->str, expected) != 0)
		g_error("line %d: TID %" G_GINT64_FORMAT " is in '%s', not '%s'", line, tid,
			to.text->str, expected);
	g_string_free(to.text, TRUE);
}
#define WHERE(tid, expected) expect_at(__LINE__, f, tid, expected)

static void show_container(void *data, const void *row)
{
	const struct view_container *one = row;
	struct {
		const struct state *state;
		GString *text;
	} *to = data;
	const char *cgroup = state_text(to->state, one->cgroup);

	g_string_append_printf(to->text, "%" G_GINT64_FORMAT " %s %s:%" G_GINT64_FORMAT,
		one->container_id, state_text(to->state, one->container), one->kind,
		one->container_ns);
	if (one->parent_id == VALUE_ABSENT)
		g_string_append(to->text, " in nil");
	else
		g_string_append_printf(to->text, " in %" G_GINT64_FORMAT, one->parent_id);
	g_string_append_printf(
		to->text, " %s %" G_GINT64_FORMAT "\n", cgroup ?: "nil", one->threads);
}

/* All containers: "id name kind:inode in parent cgroup threads". */
static void containers_at(int line, struct feed *f, const char *expected)
{
	struct {
		const struct state *state;
		GString *text;
	} to = {feed_state(f), g_string_new(NULL)};

	state_inspect(to.state, VIEW_container, 0, &(struct view_sink){show_container, &to});
	if (g_strcmp0(to.text->str, expected) != 0)
		g_error("line %d: containers are\n%snot\n%s", line, to.text->str, expected);
	g_string_free(to.text, TRUE);
}
#define CONTAINERS(expected) containers_at(__LINE__, f, expected)

static void process(struct feed *f, int64_t time, int tid, int ppid, const char *name)
{
	char *fields = g_strdup_printf("tid=%d pid=%d ppid=%d name=%s", tid, tid, ppid, name);

	feed(f, time, 0, "lttng_statedump_process_state", fields);
	g_free(fields);
}

static void level(struct feed *f, int64_t time, int tid, int vtid, int n, const char *inum)
{
	char *fields = g_strdup_printf(
		"tid=%d vtid=%d vpid=%d vppid=0 ns_level=%d ns_inum=%s", tid, vtid, vtid, n, inum);

	feed(f, time, 0, "lttng_statedump_process_pid_ns", fields);
	g_free(fields);
}

static void space(struct feed *f, int64_t time, int tid, const char *kind, int64_t inum)
{
	char *event = g_strdup_printf("lttng_statedump_process_%s_ns", kind);
	char *fields = g_strdup_printf("tid=%d ns_inum=%" G_GINT64_FORMAT, tid, inum);

	feed(f, time, 0, event, fields);
	g_free(event);
	g_free(fields);
}

/* The machine: its init, and a shell. */
static struct feed *start(void)
{
	struct feed *f = feed_new();

	process(f, 1, 1, 0, "systemd");
	level(f, 1, 1, 1, 0, HOST_PID);
	space(f, 1, 1, "cgroup", 4026531835);
	space(f, 1, 1, "mnt", 4026531841);
	space(f, 1, 1, "net", 4026531840);
	space(f, 1, 1, "uts", 4026531838);
	process(f, 2, 10, 1, "bash");
	level(f, 2, 10, 10, 0, HOST_PID);
	space(f, 2, 10, "cgroup", 4026531835);
	space(f, 2, 10, "net", 4026531840);
	return f;
}

/* LTTng since 2.12: an event for each level and kind, from the deepest level on. */
static void test_statedump(void)
{
	struct feed *f = start();

	WHERE(1, "host 1 1 1");
	WHERE(10, "host 10 10 1");
	WHERE(99, "none");
	/* Who made a container is seen before it: it has all of its namespaces but one. */
	process(f, 3, 20, 10, "unshare");
	level(f, 3, 20, 20, 0, HOST_PID);
	space(f, 3, 20, "cgroup", 500);
	process(f, 4, 21, 20, "sh");
	level(f, 4, 21, 1, 1, "600");
	level(f, 4, 21, 21, 0, HOST_PID);
	space(f, 4, 21, "cgroup", 500);
	space(f, 4, 21, "net", 501);
	process(f, 5, 22, 21, "work");
	level(f, 5, 22, 4, 1, "600");
	level(f, 5, 22, 22, 0, HOST_PID);
	WHERE(20, "sh[600] 20 20 1");
	WHERE(21, "sh[600] 1 1 2");
	WHERE(22, "sh[600] 4 4 2");
	/* It has the PID namespace of the machine, but not its cgroups. */
	process(f, 6, 30, 1, "agent");
	level(f, 6, 30, 30, 0, HOST_PID);
	space(f, 6, 30, "cgroup", 700);
	WHERE(30, "agent[700] 30 30 1");
	/* Whoever is in nothing but the network of a container is in that. */
	process(f, 7, 31, 1, "tcpdump");
	level(f, 7, 31, 31, 0, HOST_PID);
	space(f, 7, 31, "net", 501);
	WHERE(31, "sh[600] 31 31 1");
	/* A task that is exiting has no namespaces any more: it is where it was. */
	space(f, 8, 22, "net", 0);
	space(f, 8, 22, "cgroup", 0);
	WHERE(22, "sh[600] 4 4 2");
	CONTAINERS("1 host pid:4026531836 in nil nil 2\n"
		   "2 sh[600] pid:600 in 1 nil 4\n"
		   "4 agent[700] cgroup:700 in 1 nil 1\n");
	feed_free(f);
}

/* Before LTTng 2.12 there is one process_state for each level. The facts are those of Trace Compass. */
static void test_old_statedump(void)
{
	static const char *const dumped[] = {
		"tid=1 pid=1 ppid=0 name=init vtid=1 vpid=1 ns_level=0 ns_inum=" HOST_PID,
		"tid=40 pid=40 ppid=1 name=a vtid=40 vpid=40 ns_level=0 ns_inum=" HOST_PID,
		"tid=40 pid=40 ppid=1 name=a vtid=1 vpid=1 ns_level=1 ns_inum=654321",
		"tid=41 pid=41 ppid=40 name=b vtid=2 vpid=2 ns_level=1 ns_inum=654321",
		"tid=41 pid=41 ppid=40 name=b vtid=41 vpid=41 ns_level=0 ns_inum=" HOST_PID,
		"tid=42 pid=42 ppid=40 name=c vtid=1 vpid=1 ns_level=2 ns_inum=987654",
		"tid=42 pid=42 ppid=40 name=c vtid=3 vpid=3 ns_level=1 ns_inum=654321",
		"tid=42 pid=42 ppid=40 name=c vtid=42 vpid=42 ns_level=0 ns_inum=" HOST_PID,
	};
	struct feed *f = feed_new();

	for (size_t i = 0; i < G_N_ELEMENTS(dumped); i++)
		feed(f, 1 + (int64_t)i, 0, "lttng_statedump_process_state", dumped[i]);
	feed(f, 20, 0, "sched_process_fork",
		"parent_tid=42 parent_pid=42 parent_ns_inum=987654 child_tid=43 child_pid=43 "
		"vtids=[43,4,2] child_ns_inum=987654 parent_comm=c child_comm=c");
	feed(f, 21, 0, "sched_process_fork",
		"parent_tid=42 parent_pid=42 parent_ns_inum=987654 child_tid=44 child_pid=44 "
		"vtids=[44,5,3] child_ns_inum=987654 parent_comm=c child_comm=c");
	WHERE(40, "a[654321] 1 1 2");
	WHERE(41, "a[654321] 2 2 2");
	WHERE(42, "c[987654] 1 1 3");
	WHERE(43, "c[987654] 2 2 3");
	WHERE(44, "c[987654] 3 3 3");
	/* The machine's is in none, and each is in the next. */
	CONTAINERS("1 host pid:4026531836 in nil nil 1\n"
		   "2 a[654321] pid:654321 in 1 nil 2\n"
		   "3 c[987654] pid:987654 in 2 nil 3\n");
	feed_free(f);
}

static void forks(struct feed *f, int64_t time, int parent, const char *child)
{
	char *fields =
		g_strdup_printf("parent_tid=%d parent_pid=%d parent_comm=sh child_comm=sh %s",
			parent, parent, child);

	feed(f, time, 0, "sched_process_fork", fields);
	g_free(fields);
}

static void run(struct feed *f, int64_t time, int tid)
{
	char *fields = g_strdup_printf("prev_tid=0 next_tid=%d next_comm=sh", tid);

	feed(f, time, 1, "sched_switch", fields);
	g_free(fields);
}

/* Containers that are made while the trace is recorded. */
static void test_fork(void)
{
	struct feed *f = start();

	/* Of clone: CLONE_NEWPID | CLONE_NEWNET. */
	run(f, 10, 10);
	feed(f, 11, 1, "syscall_entry_clone", "clone_flags=1610612753");
	forks(f, 12, 10,
		"child_tid=50 child_pid=50 parent_ns_inum=" HOST_PID
		" child_ns_inum=800 vtids=[50,1]");
	feed(f, 13, 1, "syscall_exit_clone", "ret=50");
	forks(f, 14, 50,
		"child_tid=51 child_pid=51 parent_ns_inum=800 child_ns_inum=800 vtids=[51,2]");
	/* A thread: its process has its own number in there. */
	forks(f, 15, 51,
		"child_tid=52 child_pid=51 parent_ns_inum=800 child_ns_inum=800 vtids=[52,3]");
	WHERE(50, "sh[800] 1 1 2");
	WHERE(51, "sh[800] 2 2 2");
	WHERE(52, "sh[800] 3 2 2");
	/* It enters by setns and fork: its parent stays outside. */
	forks(f, 16, 10,
		"child_tid=53 child_pid=53 parent_ns_inum=" HOST_PID
		" child_ns_inum=800 vtids=[53,4]");
	WHERE(53, "sh[800] 4 4 2");
	WHERE(10, "host 10 10 1");
	feed(f, 20, 1, "sched_process_exec", "tid=50 old_tid=50 filename=/usr/sbin/nginx");
	WHERE(51, "nginx[800] 2 2 2");
	/* The number is used again while a thread of the old one has not been freed. */
	feed(f, 30, 1, "sched_process_exit", "tid=50 comm=nginx");
	forks(f, 31, 10,
		"child_tid=60 child_pid=60 parent_ns_inum=" HOST_PID
		" child_ns_inum=800 vtids=[60,1]");
	WHERE(60, "sh[800] 1 1 2");
	WHERE(51, "nginx[800] 2 2 2");
	CONTAINERS("1 host pid:4026531836 in nil nil 2\n"
		   "2 nginx[800] pid:800 in 1 nil 4\n"
		   "3 sh[800] pid:800 in 1 nil 1\n");
	/* When its last thread is gone, it is. */
	feed(f, 40, 1, "sched_process_exit", "tid=60 comm=sh");
	feed(f, 41, 1, "sched_process_free", "tid=60 comm=sh");
	CONTAINERS("1 host pid:4026531836 in nil nil 2\n"
		   "2 nginx[800] pid:800 in 1 nil 4\n");
	feed_free(f);
}

/* Without contexts, nothing tells which namespaces unshare and setns give. */
static void test_unknown(void)
{
	struct feed *f = start();

	run(f, 10, 10);
	feed_call(f, 11, 1, "unshare", "unshare_flags=131072", "ret=-1");
	WHERE(10, "host 10 10 1");
	feed_call(f, 31, 1, "unshare", "unshare_flags=131072", "ret=0"); /* CLONE_NEWNS */
	WHERE(10, "nil 10 10 1");
	/* Nor which its children have, but for the PID namespace. */
	forks(f, 50, 10,
		"child_tid=11 child_pid=11 parent_ns_inum=" HOST_PID " child_ns_inum=" HOST_PID
		" vtids=[11]");
	WHERE(11, "nil 11 11 1");
	forks(f, 51, 10,
		"child_tid=12 child_pid=12 parent_ns_inum=" HOST_PID
		" child_ns_inum=801 vtids=[12,1]");
	WHERE(12, "sh[801] 1 1 2");
	/* Until the next statedump. */
	space(f, 60, 10, "mnt", 4026531841);
	WHERE(10, "host 10 10 1");
	feed_call(f, 70, 1, "setns", "fd=3 nstype=0", "ret=0");
	WHERE(10, "nil 10 10 1");
	feed_free(f);
}

/* A TID is somebody else's by now, whose fork was lost: a new statedump, or a context, says where that is. */
static void test_used_again(void)
{
	struct feed *f = start();

	process(f, 3, 90, 1, "a");
	level(f, 3, 90, 1, 2, "902");
	level(f, 3, 90, 5, 1, "901");
	level(f, 3, 90, 90, 0, HOST_PID);
	WHERE(90, "a[902] 1 1 3");
	process(f, 30, 90, 1, "b");
	level(f, 30, 90, 90, 0, HOST_PID);
	WHERE(90, "host 90 90 1");
	process(f, 33, 90, 1, "c");
	level(f, 33, 90, 1, 1, "950");
	level(f, 33, 90, 90, 0, HOST_PID);
	WHERE(90, "c[950] 1 1 2");
	feed(f, 40, 0, "sched_switch",
		"prev_tid=90 prev_comm=c prev_state=1 next_tid=0 ctx.pid_ns=950 ctx.vtid=7 ctx.vpid=6");
	WHERE(90, "c[950] 7 6 2");
	feed_free(f);
}

/* Contexts tell. */
static void test_contexts(void)
{
	struct feed *f = start();

	run(f, 10, 10);
	feed_call(f, 11, 1, "unshare", "unshare_flags=1073741824",
		"ret=0 ctx.net_ns=900 ctx.cgroup_ns=4026531835");
	WHERE(10, "sh[900] 10 10 1");
	feed_free(f);
	/* A namespace that has just been made is not what had its number before. */
	f = start();
	process(f, 3, 20, 1, "a");
	level(f, 3, 20, 1, 1, "800");
	level(f, 3, 20, 20, 0, HOST_PID);
	space(f, 3, 20, "mnt", 5001);
	run(f, 10, 20);
	feed_call(f, 11, 1, "unshare", "unshare_flags=131072", "ret=0 ctx.mnt_ns=5002");
	run(f, 39, 10);
	feed_call(f, 41, 1, "unshare", "unshare_flags=131072", "ret=0 ctx.mnt_ns=5001");
	WHERE(20, "sh[800] 1 1 2");
	WHERE(10, "sh[5001] 10 10 1");
	CONTAINERS("1 host pid:4026531836 in nil nil 1\n"
		   "2 sh[800] pid:800 in 1 nil 1\n"
		   "3 sh[5001] mnt:5001 in 1 nil 1\n");
	feed_free(f);
}

/* Who leaves a CPU is where the contexts of the switch say, even if there was no statedump. */
static void test_switch(void)
{
	struct feed *f = feed_new();

	feed(f, 1, 0, "sched_switch",
		"prev_tid=0 prev_comm=swapper/0 next_tid=70 next_comm=db ctx.pid_ns=" HOST_PID
		" ctx.net_ns=4026531840 ctx.vtid=0 ctx.vpid=0");
	WHERE(70, "nil nil nil nil");
	feed(f, 2, 0, "sched_switch",
		"prev_tid=70 prev_comm=db prev_state=1 next_tid=71 next_comm=cat ctx.pid_ns=850 "
		"ctx.net_ns=851 ctx.vtid=7 ctx.vpid=6");
	WHERE(70, "pid:[850] 7 6 2");
	feed(f, 3, 0, "sched_switch",
		"prev_tid=71 prev_comm=cat prev_state=1 next_tid=0 next_comm=swapper/0 "
		"ctx.pid_ns=" HOST_PID " ctx.net_ns=4026531840 ctx.vtid=71 ctx.vpid=71");
	WHERE(71, "host 71 nil 1");
	feed_free(f);
	/* What a container is called does not depend on what else is asked for. */
	f = feed_new_with(&(struct state_config){.wants = WANT_NAMESPACES});
	feed(f, 1, 0, "sched_switch",
		"prev_tid=0 prev_comm=swapper/0 next_tid=70 next_comm=db ctx.pid_ns=" HOST_PID
		" ctx.net_ns=4026531840 ctx.vtid=0 ctx.vpid=0");
	feed(f, 2, 0, "sched_switch",
		"prev_tid=70 prev_comm=db prev_state=1 next_tid=0 next_comm=swapper/0 ctx.pid_ns=850 "
		"ctx.vtid=1 ctx.vpid=1");
	WHERE(70, "db[850] 1 1 2");
	feed_free(f);
}

/* What a container is called, from the worst to the best. */
static void test_names(void)
{
	struct feed *f = start();
	const char *docker =
		"dfd=-100 filename=/sys/fs/cgroup/system.slice/docker-"
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope/cgroup.procs "
		"flags=1";

	run(f, 10, 10);
	forks(f, 12, 10,
		"child_tid=50 child_pid=50 parent_ns_inum=" HOST_PID
		" child_ns_inum=800 vtids=[50,1]");
	WHERE(50, "sh[800] 1 1 2");
	/* Its host name; that of the machine is not one of a container. */
	space(f, 13, 50, "uts", 802);
	feed_call(f, 14, 1, "sethostname", "name=box len=3", "ret=0");
	run(f, 30, 50);
	feed_call(f, 31, 1, "sethostname", "name=nobody len=6", "ret=-1");
	/* Whatever comes after it in memory. */
	feed_call(f, 51, 1, "sethostname", "name=webs len=3", "ret=0");
	WHERE(50, "web 1 1 2");
	WHERE(10, "host 10 10 1");
	/* Worse evidence changes nothing. */
	feed(f, 70, 1, "sched_process_exec", "tid=50 old_tid=50 filename=/usr/sbin/nginx");
	WHERE(50, "web 1 1 2");
	/* The cgroup that its maker has moved it to; reading one means nothing. */
	run(f, 80, 10);
	feed_call(f, 81, 1, "openat", docker, "ret=3");
	feed_call(f, 101, 1, "openat",
		"dfd=-100 filename=/sys/fs/cgroup/other/cgroup.procs flags=0", "ret=3");
	feed_call(f, 121, 1, "openat",
		"dfd=-100 filename=/sys/fs/cgroup/other/cgroup.procs flags=1", "ret=-13");
	forks(f, 150, 10,
		"child_tid=55 child_pid=55 parent_ns_inum=" HOST_PID
		" child_ns_inum=805 vtids=[55,1]");
	WHERE(55, "0123456789ab 1 1 2");
	/* It is that of one container. */
	forks(f, 160, 10,
		"child_tid=56 child_pid=56 parent_ns_inum=" HOST_PID
		" child_ns_inum=806 vtids=[56,1]");
	WHERE(56, "sh[806] 1 1 2");
	/* In cgroup v1, there are several trees of them. */
	feed_call(f, 170, 1, "openat",
		"dfd=-100 filename=/sys/fs/cgroup/cpu,cpuacct/docker/abc/cgroup.procs flags=1",
		"ret=3");
	forks(f, 190, 10,
		"child_tid=57 child_pid=57 parent_ns_inum=" HOST_PID
		" child_ns_inum=807 vtids=[57,1]");
	feed_call(f, 200, 1, "openat",
		"dfd=-100 filename=/sys/fs/cgroup/cpu.slice/b/cgroup.procs flags=1", "ret=3");
	forks(f, 220, 10,
		"child_tid=58 child_pid=58 parent_ns_inum=" HOST_PID
		" child_ns_inum=808 vtids=[58,1]");
	/* The exit of a call is lost: the next one is about something else. */
	feed(f, 230, 1, "syscall_entry_sethostname", "name=lost len=4");
	feed_lost(f, 231, 240, 1, 5);
	run(f, 241, 10);
	feed_call(f, 250, 1, "openat", "dfd=-100 filename=/etc/passwd flags=0", "ret=3");
	forks(f, 270, 10,
		"child_tid=59 child_pid=59 parent_ns_inum=" HOST_PID
		" child_ns_inum=809 vtids=[59,1]");
	CONTAINERS("1 host pid:4026531836 in nil nil 2\n"
		   "2 web pid:800 in 1 nil 1\n"
		   "3 0123456789ab pid:805 in 1 "
		   "/system.slice/docker-"
		   "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope 1\n"
		   "4 sh[806] pid:806 in 1 nil 1\n"
		   "5 abc pid:807 in 1 /docker/abc 1\n"
		   "6 b pid:808 in 1 /cpu.slice/b 1\n"
		   "7 sh[809] pid:809 in 1 nil 1\n");
	feed_free(f);
}

/* What somebody wrote down beside the trace. */
static void test_listed(void)
{
	struct container_name listed[] = {
		{.inum = {[NS_PID] = 4026531836, [NS_NET] = 4026531840}, .host = true},
		{.inum = {[NS_PID] = 800}, .name = (char *)"web", .cgroup = (char *)"/docker/1"},
		{.inum = {[NS_PID] = 800}, .name = (char *)"late", .late = true},
		{.inum = {[NS_PID] = 4026531836, [NS_CGROUP] = 500}, .name = (char *)"agent"},
		{.inum = {[NS_PID] = 801}, .cgroup = (char *)"/lxc.payload.box/init.scope"},
	};
	struct feed *f = feed_new_with(&(struct state_config){
		.wants = WANT_ALL, .containers = listed, .n_containers = G_N_ELEMENTS(listed)});

	process(f, 1, 20, 1, "sh");
	level(f, 1, 20, 1, 1, "800");
	level(f, 1, 20, 20, 0, HOST_PID);
	WHERE(20, "web 1 1 2");
	process(f, 2, 30, 1, "agent");
	level(f, 2, 30, 30, 0, HOST_PID);
	space(f, 2, 30, "cgroup", 500);
	WHERE(30, "agent 30 30 1");
	process(f, 3, 40, 1, "init");
	level(f, 3, 40, 1, 1, "801");
	level(f, 3, 40, 40, 0, HOST_PID);
	WHERE(40, "box 1 1 2");
	/* One that was made later, under a number that was used again. */
	forks(f, 31, 30,
		"child_tid=60 child_pid=60 parent_ns_inum=" HOST_PID
		" child_ns_inum=800 vtids=[60,1]");
	WHERE(60, "late 1 1 2");
	WHERE(20, "web 1 1 2");
	/* Of which nothing was written: it was not there before. */
	forks(f, 32, 30,
		"child_tid=61 child_pid=61 parent_ns_inum=" HOST_PID
		" child_ns_inum=801 vtids=[61,1]");
	WHERE(61, "sh[801] 1 1 2");
	WHERE(40, "box 1 1 2");
	feed_free(f);
}

/* However long the list is, and whatever it says, each container is looked up at once. */
static void test_listed_many(void)
{
	/* A state that is saved and loaded after each event sorts them again. */
	const unsigned int n = g_getenv("FEED_RELOADS") ? 1000 : 500000;
	const int forked = g_getenv("FEED_RELOADS") ? 20 : 4000;
	struct container_name *listed = g_new0(struct container_name, n);
	struct feed *f;
	clock_t begin;

	for (unsigned int i = 0; i < n; i++)
		listed[i] = (struct container_name){
			.inum = {[NS_PID] = i % 2 ? i : 800, [NS_CGROUP] = i % 3},
			.name = (char *)"some",
			.late = true};
	f = feed_new_with(
		&(struct state_config){.wants = WANT_ALL, .containers = listed, .n_containers = n});
	process(f, 1, 1, 0, "systemd");
	level(f, 1, 1, 1, 0, HOST_PID);
	begin = clock();
	for (int i = 0; i < forked; i++) {
		char *fields = g_strdup_printf("child_tid=%d child_pid=%d parent_ns_inum=" HOST_PID
					       " child_ns_inum=%d vtids=[%d,1]",
			100 + i, 100 + i, i % 2 ? 800 : 777 + i, 100 + i);

		forks(f, 2 + i, 1, fields);
		g_free(fields);
	}
	g_assert_cmpint((clock() - begin) / CLOCKS_PER_SEC, <, 3);
	WHERE(102, "some 1 1 2");
	WHERE(99 + forked, "some 1 1 2");
	feed_free(f);
	g_free(listed);
}

/* What makes no sense does no harm. */
static void test_absurd(void)
{
	struct feed *f = feed_new();

	level(f, 1, 5, -7, 1000000, "600");
	level(f, 1, 5, -7, -1, "600");
	level(f, 1, 5, 1, 32, "99999999999");
	level(f, 1, 5, 1, 32, "4294967295");
	level(f, 1, 5, 1, 0, "4294967295");
	forks(f, 2, 5, "child_tid=6 child_pid=6 child_ns_inum=7 vtids=[]");
	forks(f, 3, 6,
		"child_tid=7 child_pid=7 child_ns_inum=8 parent_ns_inum=9 vtids=[1,1,1,1,1,1,1,1,1,"
		"1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]");
	WHERE(7, "sh[8] 1 1 33");
	feed_free(f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/namespaces/statedump", test_statedump);
	g_test_add_func("/namespaces/old-statedump", test_old_statedump);
	g_test_add_func("/namespaces/fork", test_fork);
	g_test_add_func("/namespaces/unknown", test_unknown);
	g_test_add_func("/namespaces/used-again", test_used_again);
	g_test_add_func("/namespaces/contexts", test_contexts);
	g_test_add_func("/namespaces/switch", test_switch);
	g_test_add_func("/namespaces/names", test_names);
	g_test_add_func("/namespaces/listed", test_listed);
	g_test_add_func("/namespaces/listed-many", test_listed_many);
	g_test_add_func("/namespaces/absurd", test_absurd);
	return g_test_run();
}
