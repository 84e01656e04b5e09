/*
 * Views of the model: what there is at this moment, as plain structures. This one list makes them,
 * what Lua gets, and docs/state.md. Looking changes nothing.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_INSPECT_H
#define LTTNGA_INSPECT_H

#include "state/derived.h"

struct state;

/* Fields as in derived.h: F(view, name, type, wants, unit, what it is). */
#define V_THREAD_FIELDS(F)                                                                        \
	F(thread, tid, INT, 0, "", "its TID")                                                     \
	F(thread, pid, INT, 0, "", "PID of its process; nil if not known")                        \
	F(thread, ppid, INT, 0, "", "PID of the parent; nil if unknown or exited")                \
	F(thread, procname, STR, 0, "", "its name")                                               \
	F(thread, process, STR, 0, "", "name of its process: that of the main thread")            \
	F(thread, state, SYM, 0, "",                                                              \
		"`running`, `runnable` (it waits for a CPU), "                                    \
		"`interruptible`, `uninterruptible`, ... as in sched_slice; "                     \
		"nil if not known")                                                               \
	F(thread, since, INT, 0, "ns", "since when it is in this state")                          \
	F(thread, cpu, INT, 0, "", "CPU on which it runs, or ran last")                           \
	F(thread, prio, INT, 0, "", "its priority: 20 is nice 0")                                 \
	F(thread, syscall, SYM, 0, "", "system call in progress")                                 \
	F(thread, begin, INT, 0, "ns", "when that was entered")                                   \
	F(thread, fd, INT, 0, "", "file descriptor of that call")                                 \
	F(thread, path, STR, 0, "", "file of that call")                                          \
	F(thread, count, INT, 0, "bytes", "requested size")                                       \
	F(thread, waker_tid, INT, 0, "", "if it waits for a CPU: TID of the thread that woke it") \
	F(thread, waker_procname, STR, 0, "", "name of that thread")                              \
	F(thread, context, SYM, 0, "",                                                            \
		"what woke it: `thread`, `irq`, `softirq`, `hrtimer`; nil if "                    \
		"not known")                                                                      \
	F(thread, irq, INT, 0, "", "number of the interrupt that woke it")                        \
	F(thread, irq_name, STR, 0, "", "name of its handler")                                    \
	F(thread, softirq, SYM, 0, "", "name of the softirq that woke it: `NET_RX`")              \
	F(thread, fds, INT, 0, "", "how many file descriptors are open; nil if none is known")    \
	F(thread, container, STR, 0, "",                                                          \
		"its container; nil if nobody asks for them, or not known")                       \
	F(thread, vtid, INT, 0, "", "its TID in there")                                           \
	F(thread, vpid, INT, 0, "", "its PID in there")                                           \
	F(thread, pid_ns_levels, INT, 0, "",                                                      \
		"in how many PID namespaces it is: 1 is only the machine's own")                  \
	F(thread, exited, BOOL, 0, "", "whether it has exited but is not freed yet")              \
	F(thread, lost, BOOL, 0, "",                                                              \
		"whether events were lost since its call was entered: the "                       \
		"call may be over")

#define V_FD_FIELDS(F)                                                                             \
	F(fd, fd, INT, 0, "", "the file descriptor")                                               \
	F(fd, path, STR, 0, "", "its file name, or what it is: `socket`, `pipe`")                  \
	F(fd, file_type, SYM, 0, "", "its kind, as in syscall_exit: `file`, `device`, `net`, ...") \
	F(fd, since, INT, 0, "ns", "when it was opened, or first seen")                            \
	F(fd, cloexec, BOOL, 0, "", "whether an exec closes it")                                   \
	F(fd, readonly, BOOL, 0, "", "whether it was opened for reading only")                     \
	F(fd, direct, BOOL, 0, "", "whether it bypasses the page cache (O_DIRECT)")                \
	F(fd, peer, STR, 0, "", "the other side of a connection: `10.0.2.2:5432`")                 \
	F(fd, port, INT, 0, "", "the server's port")

#define V_CPU_FIELDS(F)                                                                        \
	F(cpu, cpu, INT, 0, "", "its number")                                                  \
	F(cpu, tid, INT, 0, "", "TID of the thread that runs; 0 is idle; nil if not known")    \
	F(cpu, pid, INT, 0, "", "PID of its process")                                          \
	F(cpu, procname, STR, 0, "", "name of that thread")                                    \
	F(cpu, prio, INT, 0, "", "its priority")                                               \
	F(cpu, since, INT, 0, "ns", "when it got the CPU, or when the window began, if later") \
	F(cpu, syscall, SYM, 0, "", "system call in progress")                                 \
	F(cpu, lost, BOOL, 0, "", "whether events are missing at the moment")

#define V_DISK_FIELDS(F)                                                           \
	F(disk, dev, INT, 0, "", "its number: (major << 20) + minor")              \
	F(disk, disk, STR, 0, "", "its name; nil if not known")                    \
	F(disk, requests, INT, 0, "", "requests in flight that were issued to it") \
	F(disk, size, INT, 0, "bytes", "their size")                               \
	F(disk, oldest, INT, 0, "ns", "when the oldest of them was issued")

#define V_REQUEST_FIELDS(F)                                                              \
	F(request, begin, INT, 0, "ns", "when it was issued to the disk")                \
	F(request, dev, INT, 0, "", "number of the disk: (major << 20) + minor")         \
	F(request, disk, STR, 0, "", "name of the disk; nil if not known")               \
	F(request, sector, INT, 0, "", "first sector, on the device that does the work") \
	F(request, size, INT, 0, "bytes", "size")                                        \
	F(request, op, SYM, 0, "", "`read`, `write`, `discard`, `flush` or `other`")     \
	F(request, tid, INT, 0, "", "TID of the thread that issued it")                  \
	F(request, pid, INT, 0, "", "PID of that thread")                                \
	F(request, procname, STR, 0, "", "name of that thread")                          \
	F(request, path, STR, 0, "", "a file whose pages it writes")                     \
	F(request, requeued, BOOL, 0, "", "whether it was requeued, to be issued again") \
	F(request, lost, BOOL, 0, "", "whether events were lost since then: it may be done")

#define V_IRQ_FIELDS(F)                                                                 \
	F(irq, cpu, INT, 0, "", "on which CPU")                                         \
	F(irq, kind, SYM, 0, "", "`irq`, `vector` (x86's own), `hrtimer` or `softirq`") \
	F(irq, number, INT, 0, "", "number of the interrupt or softirq")                \
	F(irq, name, STR, 0, "", "name of the interrupt's handler")                     \
	F(irq, softirq, SYM, 0, "", "name of the softirq or vector")                    \
	F(irq, raise, INT, 0, "ns", "when the softirq was raised")                      \
	F(irq, begin, INT, 0, "ns", "when the handler began; nil if it has not")

#define V_DIRTY_FIELDS(F)                                                                       \
	F(dirty, path, STR, 0, "", "the file; nil if its name is not known")                    \
	F(dirty, pid, INT, 0, "", "if the file has no name: PID of the process that writes it") \
	F(dirty, size, INT, 0, "bytes", "dirty pages in the page cache")                        \
	F(dirty, delayed, INT, 0, "bytes", "those of them that have no blocks on the disk yet") \
	F(dirty, runs, INT, 0, "", "how many separate ranges they are")                         \
	F(dirty, since, INT, 0, "ns", "when the oldest page became dirty")                      \
	F(dirty, tid, INT, 0, "", "TID of the thread that made the oldest page dirty")          \
	F(dirty, procname, STR, 0, "", "name of that thread")

#define V_CONTAINER_FIELDS(F)                                                              \
	F(container, container_id, INT, 0, "",                                             \
		"its number, unique in the trace; 1 is the machine")                       \
	F(container, container, STR, 0, "", "its name, as in derived events")              \
	F(container, kind, SYM, 0, "",                                                     \
		"the kind of namespace by which it is known: `pid`, `cgroup`, `mnt`, ...") \
	F(container, container_ns, INT, 0, "", "that namespace: its inode number")         \
	F(container, parent_id, INT, 0, "", "number of the container around it")           \
	F(container, cgroup, STR, 0, "", "path of its cgroup; nil if not known")           \
	F(container, threads, INT, 0, "", "its threads that are there now")

/* V(view, what its rows are, fields) */
#define STATE_VIEWS(V)                                                                     \
	V(thread, "Threads, by TID.", V_THREAD_FIELDS)                                     \
	V(fd, "Open file descriptors of a thread, by number.", V_FD_FIELDS)                \
	V(cpu, "CPUs, by number.", V_CPU_FIELDS)                                           \
	V(disk, "Disks and partitions, by number.", V_DISK_FIELDS)                         \
	V(request, "Requests in flight on the disks, the oldest first.", V_REQUEST_FIELDS) \
	V(irq, "Interrupt handlers in progress, and softirqs that are raised, by CPU.",    \
		V_IRQ_FIELDS)                                                              \
	V(dirty, "Files with dirty pages, the oldest first.", V_DIRTY_FIELDS)              \
	V(container, "Containers, by number; none if nobody asks for them.", V_CONTAINER_FIELDS)

enum state_view {
#define X_VIEW(view, doc, fields) VIEW_##view,
	STATE_VIEWS(X_VIEW)
#undef X_VIEW
		STATE_VIEW_COUNT
};

/* One structure for each view: struct view_thread { int64_t tid; ... }. */
#define X_FIELD(view, field, type, wants, unit, doc) X_TYPE_##type field;
#define X_VIEW(view, doc, fields) \
	struct view_##view {      \
		fields(X_FIELD)   \
	};
STATE_VIEWS(X_VIEW)
#undef X_VIEW
#undef X_FIELD

struct state_view_info {
	const char *name;
	const char *doc;
	const struct derived_field *fields;
	unsigned int n_fields;
};

/* The list above as data, by enum state_view. */
extern const struct state_view_info state_views[STATE_VIEW_COUNT];

/* Takes a row: a struct view_NAME, valid during the call. */
struct view_sink {
	void (*row)(void *data, const void *row);
	void *data;
};

/* Gives the rows of a view; `of` is the TID for those that are of one thread. */
void state_inspect(
	const struct state *state, enum state_view view, int64_t of, const struct view_sink *sink);

/* What the subsystems have to show; in their own files. */
void thread_inspect(const struct state *state, int64_t of, const struct view_sink *sink);
void fd_inspect(const struct state *state, int64_t of, const struct view_sink *sink);
void cpu_inspect(const struct state *state, int64_t of, const struct view_sink *sink);
void disk_inspect(const struct state *state, int64_t of, const struct view_sink *sink);
void request_inspect(const struct state *state, int64_t of, const struct view_sink *sink);
void irq_inspect(const struct state *state, int64_t of, const struct view_sink *sink);
void dirty_inspect(const struct state *state, int64_t of, const struct view_sink *sink);
void container_inspect(const struct state *state, int64_t of, const struct view_sink *sink);

#endif
