/*
 * Which threads are in which namespaces, as events tell it.
 *
 * What a fork tells is exact for PID namespaces; a child has the other ones of its parent, unless the flags
 * of clone(2) are known and say otherwise. unshare(2) and setns(2) give a thread namespaces that only a
 * context can tell: without one they are not known until the next statedump.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/membership.h"

#include "state/inspect.h"
#include "state/model.h"
#include "state/syscall_table.h"

#include <fcntl.h>
#include <string.h>

/* So far up it is looked for who made a container. */
#define MAKERS 3

/* The flags of clone, unshare and setns by kind of namespace (linux/sched.h). */
static const uint32_t flag_of[NS_KINDS] = {
	[NS_PID] = 0x20000000,
	[NS_CGROUP] = 0x02000000,
	[NS_MNT] = 0x00020000,
	[NS_UTS] = 0x04000000,
	[NS_IPC] = 0x08000000,
	[NS_NET] = 0x40000000,
	[NS_USER] = 0x10000000,
	[NS_TIME] = 0x00000080,
};

/* In flags of clone these bits are the signal that tells of the child's end. */
#define CLONE_SIGNAL 0xff

static bool is_inum(int64_t inum)
{
	return inum > 0 && inum <= UINT32_MAX;
}

/* It is known which namespace of a kind a thread has; 0 says that it is exiting. Whether that is news. */
static bool tell(struct spaces *spaces, enum ns_kind kind, int64_t inum)
{
	bool doubted = spaces->doubted >> kind & 1;

	if (!is_inum(inum) || (spaces->inum[kind] == inum && !doubted))
		return false;
	spaces->inum[kind] = (uint32_t)inum;
	spaces->doubted &= (uint8_t) ~(1u << kind);
	return true;
}

/* It has another namespace of a kind, and nothing tells which. */
static void doubt(struct spaces *spaces, enum ns_kind kind)
{
	spaces->inum[kind] = 0;
	spaces->doubted |= (uint8_t)(1u << kind);
}

/* Whether a namespace of a thread is known to be that of the machine. */
static bool is_of_machine(const struct state *state, enum ns_kind kind, const struct spaces *spaces)
{
	return container_find(state, kind, spaces->inum[kind]) == CONTAINER_HOST;
}

static int32_t as_tid(int64_t number)
{
	return number > 0 && number <= TID_MAX ? (int32_t)number : 0;
}

static const char *program_of(const struct state *state, const struct thread *thread)
{
	return strpool_text(state->strings, thread->comm);
}

/* ---- Who made a container ---- */

/*
 * A container has just been made by a thread. Who makes one first makes a cgroup for it, and moves it in there: the
 * last cgroup that the maker, or who made that, has opened. It is that of one container only.
 */
static void find_cgroup(struct state *state, const struct thread *thread, uint32_t container)
{
	for (int i = 0; thread && thread->tid > 1 && i <= MAKERS; i++) {
		struct spaces *spaces = spaces_in(&state->namespaces, thread->spaces);

		if (spaces && spaces->opened) {
			container_set_cgroup(
				state, container, strpool_text(state->strings, spaces->opened));
			strpool_unref(state->strings, spaces->opened);
			spaces->opened = 0;
			return;
		}
		thread = thread_parent(state, thread);
	}
}

/* Finds the container of a thread; if it is a new one, it was made just now, by this or its parent. */
static void settle_now(struct state *state, const struct thread *thread, struct spaces *spaces)
{
	int64_t last = state->namespaces.last;

	spaces_settle(state, spaces, true, program_of(state, thread));
	if (state->namespaces.last > last && spaces->container != CONTAINER_HOST)
		find_cgroup(state, thread, spaces->container);
}

/* ---- Forks and programs ---- */

static bool is_clone(const struct thread *parent)
{
	return parent && call_is_clone(&parent->call) && parent->call.flags != VALUE_ABSENT;
}

/* The numbers that a child has in the PID namespaces that it is in, from the machine's on. */
static void take_vtids(struct spaces *spaces, const struct spaces *parent, const int64_t *vtids,
	size_t n, uint32_t inum, bool thread)
{
	spaces_set_depth(spaces, (unsigned int)n - 1);
	for (unsigned int i = 0; i < spaces->n_levels; i++) {
		struct ns_level *level = &spaces->levels[i];
		bool known = parent && parent->n_levels == spaces->n_levels;

		level->vtid = as_tid(vtids[i + 1]);
		level->vpid = !thread ? level->vtid : known ? parent->levels[i].vpid : 0;
	}
	if (n > 1)
		spaces->levels[n - 2].inum = inum;
}

void membership_fork(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *parent, struct thread *child, bool thread)
{
	int64_t inum = V(rec, sched_process_fork, child_ns), vtids[NS_LEVELS_MAX + 1];
	int64_t outer = V(rec, sched_process_fork, parent_ns);
	struct spaces *spaces;
	size_t n;

	if (!is_inum(inum) && !(parent && parent->spaces))
		return;
	spaces = spaces_ensure(state, &child->spaces);
	if (parent)
		spaces_inherit(state, &child->spaces, parent->spaces);
	for (int kind = NS_PID + 1; kind < NS_KINDS && !thread; kind++) {
		int64_t flags = is_clone(parent) ? parent->call.flags & ~CLONE_SIGNAL : 0;

		/* clone3 hides its flags in user memory. */
		if (flags & flag_of[kind] ||
			(!is_clone(parent) && is_inum(outer) && is_inum(inum) && inum != outer))
			doubt(spaces, kind);
	}
	if (is_inum(inum)) {
		n = record_ints(
			io->get, rec, F_sched_process_fork_vtids, vtids, G_N_ELEMENTS(vtids));
		n = MIN(n, G_N_ELEMENTS(vtids));
		tell(spaces, NS_PID, inum);
		if (n > 0)
			take_vtids(spaces,
				parent ? spaces_in(&state->namespaces, parent->spaces) : NULL,
				vtids, n, (uint32_t)inum, thread);
		if (n > 1 && vtids[n - 1] == 1 && inum != outer)
			container_renew(state, NS_PID, (uint32_t)inum);
	}
	settle_now(state, child, spaces);
}

void membership_exec(struct state *state, const struct thread *thread)
{
	const struct spaces *spaces = spaces_in(&state->namespaces, thread->spaces);

	if (spaces && spaces->n_levels > 0 && spaces->levels[spaces->n_levels - 1].vtid == 1)
		container_call(state, spaces->container, NAME_PROGRAM, program_of(state, thread));
}

/* ---- Contexts ---- */

void membership_switch(struct state *state, const struct record *rec, struct thread *prev)
{
	const int64_t inums[NS_KINDS] = {
		[NS_PID] = V(rec, sched_switch, pid_ns),
		[NS_CGROUP] = V(rec, sched_switch, cgroup_ns),
		[NS_MNT] = V(rec, sched_switch, mnt_ns),
		[NS_UTS] = V(rec, sched_switch, uts_ns),
		[NS_NET] = V(rec, sched_switch, net_ns),
	};
	int64_t vtid = V(rec, sched_switch, ctx_vtid), vpid = V(rec, sched_switch, ctx_vpid);
	struct spaces *spaces;
	bool news = false;

	if (V(rec, sched_switch, prev_tid) == 0)
		for (int kind = NS_PID + 1; kind < NS_KINDS; kind++)
			if (is_inum(inums[kind]))
				machine_has_space(state, kind, (uint32_t)inums[kind]);
	if (!prev || prev->tid <= 0 || prev->exited)
		return;
	for (int kind = 0; kind < NS_KINDS; kind++)
		news = news || is_inum(inums[kind]);
	if (!news)
		return;
	spaces = spaces_ensure(state, &prev->spaces);
	/* Nobody changes the one that it is in: this is somebody else. */
	if (is_inum(inums[NS_PID]) && spaces->inum[NS_PID] &&
		spaces->inum[NS_PID] != inums[NS_PID]) {
		spaces_drop(state, &prev->spaces);
		spaces = spaces_ensure(state, &prev->spaces);
	}
	/* In the same namespaces, who has another number is somebody else, too. */
	news = as_tid(vtid) && spaces->n_levels > 0 &&
	       spaces->levels[spaces->n_levels - 1].vtid != vtid;
	for (int kind = 0; kind < NS_KINDS; kind++)
		news = tell(spaces, kind, inums[kind]) || news;
	if (!news)
		return;
	if (is_inum(inums[NS_PID]) &&
		container_find(state, NS_PID, (uint32_t)inums[NS_PID]) != CONTAINER_HOST) {
		struct ns_level *deepest;

		if (spaces->n_levels == 0)
			spaces_set_depth(spaces, 1);
		deepest = &spaces->levels[spaces->n_levels - 1];
		deepest->inum = (uint32_t)inums[NS_PID];
		deepest->vtid = as_tid(vtid) ?: deepest->vtid;
		deepest->vpid = as_tid(vpid) ?: deepest->vpid;
	}
	spaces_settle(state, spaces, false, program_of(state, prev));
}

/* ---- The statedump ---- */

static void take_level(struct state *state, struct thread *thread, int64_t level, int64_t inum,
	int64_t vtid, int64_t vpid)
{
	struct spaces *spaces = spaces_ensure(state, &thread->spaces);
	bool is_deepest = spaces->dumped || level >= spaces->n_levels;

	if (level < 0 || level > NS_LEVELS_MAX || !is_inum(inum))
		return;
	spaces->dumped = false;
	if (is_deepest) {
		tell(spaces, NS_PID, inum);
		spaces_set_depth(spaces, (unsigned int)level);
	}
	if (level == 0) {
		machine_has_space(state, NS_PID, (uint32_t)inum);
		spaces_settle(state, spaces, false, program_of(state, thread));
		return;
	}
	spaces->levels[level - 1] = (struct ns_level){(uint32_t)inum, as_tid(vtid), as_tid(vpid)};
}

void on_statedump_pid_ns(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *thread = thread_ensure(state, V(rec, statedump_pid_ns, tid));

	(void)io;
	if (thread && !thread->exited)
		take_level(state, thread, V(rec, statedump_pid_ns, level),
			V(rec, statedump_pid_ns, inum), V(rec, statedump_pid_ns, vtid),
			V(rec, statedump_pid_ns, vpid));
}

void membership_dumped(struct state *state, const struct record *rec, struct thread *thread)
{
	int64_t level = V(rec, statedump_process_state, level);
	struct spaces *spaces;

	if (level == VALUE_ABSENT) {
		spaces = spaces_in(&state->namespaces, thread->spaces);
		if (spaces)
			spaces->dumped = true;
		return;
	}
	take_level(state, thread, level, V(rec, statedump_process_state, inum),
		V(rec, statedump_process_state, vtid), V(rec, statedump_process_state, vpid));
	/* Here the levels come in any order. */
	spaces = spaces_in(&state->namespaces, thread->spaces);
	if (spaces->inum[NS_PID])
		spaces_settle(state, spaces, false, program_of(state, thread));
}

/* A namespace of a kind that is not nested, or at the deepest level, which comes first. */
static void take_space(struct state *state, enum ns_kind kind, int64_t tid, int64_t inum)
{
	struct thread *thread = thread_ensure(state, tid);
	struct spaces *spaces;

	if (!thread || thread->exited || !is_inum(inum))
		return;
	spaces = spaces_ensure(state, &thread->spaces);
	if (tid == 1)
		machine_has_space(state, kind, (uint32_t)inum);
	if (tell(spaces, kind, inum))
		spaces_settle(state, spaces, false, program_of(state, thread));
}

void on_statedump_user_ns(struct state *state, const struct record *rec, const struct state_io *io)
{
	int64_t tid = V(rec, statedump_user_ns, tid);
	const struct thread *thread = thread_find(state, tid);
	const struct spaces *spaces = thread ? spaces_in(&state->namespaces, thread->spaces) : NULL;

	(void)io;
	/* One for each level: those that come later are around the first one. */
	if (!spaces || !spaces->inum[NS_USER] || is_of_machine(state, NS_USER, spaces))
		take_space(state, NS_USER, tid, V(rec, statedump_user_ns, inum));
}

#define DUMPED(event, kind)                                                                       \
	void on_##event(struct state *state, const struct record *rec, const struct state_io *io) \
	{                                                                                         \
		(void)io;                                                                         \
		take_space(state, kind, V(rec, event, tid), V(rec, event, inum));                 \
	}
DUMPED(statedump_cgroup_ns, NS_CGROUP)
DUMPED(statedump_ipc_ns, NS_IPC)
DUMPED(statedump_mnt_ns, NS_MNT)
DUMPED(statedump_net_ns, NS_NET)
DUMPED(statedump_uts_ns, NS_UTS)
DUMPED(statedump_time_ns, NS_TIME)
#undef DUMPED

/* ---- Calls ---- */

bool membership_needs(const struct syscall_row *row)
{
	return row->op == FD_OPEN || row->op == FD_CLONE || row->op == FD_UNSHARE ||
	       row->op == FD_SETNS || row->hostname;
}

/* How long the name of a hierarchy is that a path begins with, as cgroup v1 has several; 0 if there is none. */
static size_t hierarchy_length(const char *path)
{
	static const char *const names[] = {"blkio", "cpu", "cpuacct", "cpuset", "devices",
		"freezer", "hugetlb", "memory", "misc", "net_cls", "net_prio", "perf_event", "pids",
		"rdma", "systemd", "unified"};
	size_t length = 0;

	while (path[length] == (length == 0 ? '/' : ',')) {
		size_t n = strcspn(path + length + 1, ",/"), i = 0;

		while (i < G_N_ELEMENTS(names) &&
			(strlen(names[i]) != n || strncmp(path + length + 1, names[i], n) != 0))
			i++;
		if (i == G_N_ELEMENTS(names))
			return 0;
		length += n + 1;
	}
	return length;
}

/* The cgroup whose list of processes a path is; NULL if it is none. Free it. */
static char *cgroup_of_path(const char *path)
{
	static const char root[] = "/sys/fs/cgroup/";
	static const char *const lists[] = {"/cgroup.procs", "/cgroup.threads", "/tasks"};
	size_t length;

	if (!path || strncmp(path, root, strlen(root)) != 0)
		return NULL;
	path += strlen(root) - 1;
	path += hierarchy_length(path);
	length = strlen(path);
	for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
		size_t n = strlen(lists[i]);

		if (length > n && strcmp(path + length - n, lists[i]) == 0)
			return g_strndup(path, length - n);
	}
	return NULL;
}

/* Forgets what the last call was about. */
static void forget(struct state *state, struct spaces *spaces)
{
	if (!spaces || !spaces->asked)
		return;
	strpool_unref(state->strings, spaces->asked);
	spaces->asked = 0;
}

static void ask(struct state *state, struct thread *thread, const char *what)
{
	if (what)
		strpool_set(state->strings, &spaces_ensure(state, &thread->spaces)->asked, what);
}

/* A host name has so many bytes, whatever comes after them in memory. */
static void ask_name(struct state *state, struct thread *thread, const char *name, int64_t length)
{
	size_t n = name ? strlen(name) : 0;
	char *cut = name ? g_strndup(name, length >= 0 ? MIN(n, (size_t)length) : n) : NULL;

	ask(state, thread, cut);
	g_free(cut);
}

void membership_call_begin(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, const struct syscall_row *row)
{
	int64_t flags = V(rec, syscall_entry, flags);
	int64_t length = V(rec, syscall_entry, count);
	char *cgroup;

	/* The exit of a call may have been lost. */
	forget(state, spaces_in(&state->namespaces, thread->spaces));
	if (row->hostname) {
		ask_name(state, thread, record_string(io->get, rec, F_syscall_entry_path), length);
		return;
	}
	if (row->op != FD_OPEN) {
		thread->call.flags = flags;
		return;
	}
	if (flags == VALUE_ABSENT || (flags & O_ACCMODE) == O_RDONLY)
		return;
	cgroup = cgroup_of_path(record_string(io->get, rec, F_syscall_entry_path));
	ask(state, thread, cgroup);
	g_free(cgroup);
}

/* A call has given its thread other namespaces, of some kinds; `made`: they are new ones. */
static void changed(struct state *state, const struct record *rec, struct thread *thread,
	int64_t flags, bool made)
{
	const int64_t inums[NS_KINDS] = {
		[NS_CGROUP] = V(rec, syscall_exit, cgroup_ns),
		[NS_MNT] = V(rec, syscall_exit, mnt_ns),
		[NS_UTS] = V(rec, syscall_exit, uts_ns),
		[NS_IPC] = V(rec, syscall_exit, ipc_ns),
		[NS_NET] = V(rec, syscall_exit, net_ns),
		[NS_USER] = V(rec, syscall_exit, user_ns),
		[NS_TIME] = V(rec, syscall_exit, time_ns),
	};
	struct spaces *spaces = spaces_ensure(state, &thread->spaces);

	/* It is its children that get another PID or time namespace. */
	for (int kind = NS_PID + 1; kind < NS_TIME; kind++) {
		bool asked = flags & flag_of[kind];

		if (tell(spaces, kind, inums[kind]) && asked && made)
			container_renew(state, kind, (uint32_t)inums[kind]);
		else if (!is_inum(inums[kind]) && asked)
			doubt(spaces, kind);
	}
	settle_now(state, thread, spaces);
}

void membership_call_end(struct state *state, const struct record *rec, struct thread *thread,
	const struct syscall_row *row, int64_t ret)
{
	struct spaces *spaces = spaces_in(&state->namespaces, thread->spaces);
	strid asked = spaces ? spaces->asked : 0;
	int64_t flags = thread->call.flags;

	if (ret == VALUE_ABSENT || ret < 0) {
		flags = 0;
	} else if (asked && row->op == FD_OPEN) {
		strpool_unref(state->strings, spaces->opened);
		spaces->opened = strpool_ref(state->strings, asked);
	} else if (asked && row->hostname && !is_of_machine(state, NS_UTS, spaces)) {
		container_call(
			state, spaces->container, NAME_HOST, strpool_text(state->strings, asked));
	} else if (flags != VALUE_ABSENT && row->op == FD_UNSHARE) {
		changed(state, rec, thread, flags, true);
	} else if (flags != VALUE_ABSENT && row->op == FD_SETNS) {
		/* Without flags, those of any kind that is behind the descriptor. */
		changed(state, rec, thread, flags ?: -1, false);
	}
	forget(state, spaces);
}
