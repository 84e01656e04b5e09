/*
 * Threads and CPUs: who exists, what is known of each, and who runs where. What happens to them at
 * an event is in tasks.c; what the parts of a thread mean, in the files that keep them.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_PROCESS_H
#define LTTNGA_PROCESS_H

#include "state/call.h"
#include "state/cause.h"
#include "state/context.h"
#include "state/namespaces.h"
#include "state/page_runs.h"
#include "state/pool.h"
#include "state/record.h"
#include "state/strpool.h"

#include <glib.h>
#include <stdbool.h>

struct state;
struct state_io;
struct image;

/* Linux never gives out a TID above this (PID_MAX_LIMIT); larger ones in a trace are nonsense. */
#ifndef TID_MAX /* fuzzers make many small models */
#define TID_MAX (4 * 1024 * 1024)
#endif
/* More CPUs than any kernel supports; larger numbers in a trace are nonsense. */
#define CPU_MAX 65536
/* More streams than files that can be open at once; larger numbers are nonsense. */
#define STREAMS_MAX (1 << 20)

/* The kernel keeps 15 characters of a program's name. */
#define COMM_MAX 15

#define PID_UNKNOWN (-1)

/* The thread that makes those of the kernel. */
#define TID_KTHREADD 2

/* The TID of a stand-in: events are missing, so that nobody knows who runs on a CPU. */
#define TID_UNKNOWN (-1)

/* Why a thread left its CPU; PREV_UNKNOWN if that is not known. */
enum prev_state {
	PREV_UNKNOWN,
	PREV_RUNNABLE, /* it was preempted, or yielded */
	PREV_INTERRUPTIBLE,
	PREV_UNINTERRUPTIBLE,
	PREV_STOPPED,
	PREV_TRACED,
	PREV_DEAD,
	PREV_ZOMBIE,
	PREV_PARKED,
	PREV_IDLE, /* a kernel thread with nothing to do */
	PREV_STATES,
};

/* What they are called, by enum prev_state; NULL for PREV_UNKNOWN. */
extern const char *const prev_state_names[PREV_STATES];

/* The list of the threads that wait for a CPU: each may get any. */
#define PLACE_RUNNABLE (CPU_MAX + 1)

/* What the scheduler does with a thread, see sched.h. All zero: nothing is known. */
struct task {
	bool has_prio;
	bool woken;    /* since it ran last */
	bool early;    /* it was, and has not gone to sleep yet, or has just then */
	uint8_t state; /* enum prev_state: why it does not run */
	int32_t prio;
	int64_t off;         /* when it left its CPU, ns; if `state` is known */
	int64_t got;         /* when it got one, ns; 0: that was not seen; and of then: */
	int64_t wait, delay; /* how long it had been off the CPU then, and could have run, ns */
	int64_t wakeup;      /* when it was first woken, ns; if `woken` */
	int64_t waker_tid, waker_pid,
		waker_utid; /* these, and what follows, if `woken` or `early` */
	strid waker_comm;
	struct context context; /* in which it was woken */
	struct cause cause;     /* why; all zero unless WANT_CAUSE */
	struct cause blocked;   /* if `early`: why, if it goes to sleep uninterruptibly */
	bool waits;             /* it is known what it does instead of running, see sched.c */
	int32_t queue; /* the CPU on whose queue it is, if it waits for one; CPU_UNKNOWN if not known */
	int64_t queued;      /* since when it is there, ns */
	uint32_t place;      /* in which list of waiting threads it is: 1 + the CPU that it ran on,
			      * PLACE_RUNNABLE; 0: in none */
	uint32_t prev, next; /* its neighbours there, 0 for none */
};

/* Where a thread goes on to make pages dirty, see pagecache.c. */
struct dirtying {
	uint32_t run, serial; /* `run` is still the same if its serial number is */
	uint32_t generation;  /* what follows is still right if this is the model's */
	int64_t call;         /* begin of the call in which that was */
	int64_t buffer_time; /* when it last marked a buffer that may make a page dirty, ns; or 0 */
	struct page_place buffer; /* where that is; space -1: it has no block */
	int64_t fault; /* when it last made a page dirty without a call, ns; 0 if not known */
	int64_t limit; /* up to where nothing is dirty behind the run, bytes */
};

/*
 * What a thread does to write dirty pages or to free memory, see writeback.h. All zero: nothing.
 */
struct flusher {
	bool writes;           /* a round of writeback, since... */
	int64_t write_begin;   /* ns */
	int64_t write_dev;     /* the device, -1 if not known */
	bool reclaims;         /* it frees memory, since... */
	int64_t reclaim_begin; /* ns */
	int64_t freed;         /* pages, meanwhile */
	int64_t off;           /* when it began to sleep, meanwhile, ns; 0 if it does not */
	int64_t asleep;        /* ns */
	int64_t nid;           /* as kswapd of this node; VALUE_ABSENT for others */
};

/* Until when a thread may get another name. */
enum name_doubt {
	NAME_SURE,
	NAME_UNTIL_SWITCH, /* it leaves its CPU: the switch that brings it back will tell */
	NAME_UNTIL_DONE,   /* its call is over, or (the kernel executes a program) its exec */
	NAME_DOUBTS,
};

/* How long a thread has slept in the call that it is in, and why it did so for longest. */
struct call_waits {
	int64_t waited, longest; /* ns */
	struct cause cause;
};

/* So many locks are waited for at once, one in an interrupt of the other. */
#define CONTENDED_MAX 4

/* A lock of the kernel that a thread waits for, see contention.c. */
struct contended {
	int64_t lock;  /* its address */
	int64_t since; /* ns */
	int64_t flags; /* VALUE_ABSENT: not known */
};

struct thread {
	int32_t tid;    /* TID_UNKNOWN if it only stands in for somebody */
	int32_t pid;    /* PID_UNKNOWN until something tells */
	int32_t ppid;   /* of a further thread that was made before our eyes: of its own process */
	int64_t parent; /* the number of that process, see process_number(); if `ppid` is above 0 */
	int64_t utid;   /* see process_number() */
	strid comm;     /* 0 until something tells */
	uint32_t files; /* the fd table, 0 for none yet */
	uint32_t spaces;  /* its namespaces, see namespaces.h; 0 for none yet */
	bool exited;      /* it will not come back; waits to be freed */
	bool kernel;      /* one of the kernel's own, see thread_is_kernel() */
	bool own_mounts;  /* what it mounts is not there for others */
	uint8_t doubt;    /* enum name_doubt: it may be called otherwise by now */
	int32_t cpu;      /* on which it ran last, or CPU_UNKNOWN */
	int64_t left;     /* when it left that CPU, ns */
	uint32_t on;      /* on how many CPUs it is thought to run */
	struct call call; /* the system call in progress */
	struct task task; /* what the scheduler does with it */
	struct deed deed; /* of a thread of the kernel: why it does what it does now */
	bool asks_disk;   /* it has asked a disk for something since it was idle */
	int64_t blocked;  /* when it was last woken that could not be interrupted, ns */
	struct call_waits call_waits;
	struct file closed; /* what the call closed that has just returned: that is done now */
	strid mapped; /* the file that its process may dirty without a call, see pagecache.c */
	struct dirtying dirtying;
	struct flusher flusher;
	struct contended contended[CONTENDED_MAX];
	uint8_t n_contended;

	uint16_t
		within; /* the call that it is in though it has none in progress: that made it, or in
			  * which it exits; SYSCALL_ANY: none */
};

struct cpu {
	int32_t tid;          /* of the current task: 0 is idle, -1 not known */
	uint32_t thread;      /* its thread, 0 if idle or not known */
	uint32_t stand_in;    /* `thread`, if it is nobody in particular */
	bool expected;        /* there will be such a CPU */
	bool known;           /* there is such a CPU */
	int64_t gap_end;      /* when events were last missing, ns: INT64_MAX while they are */
	int64_t blind_end;    /* the same for context switches only */
	int64_t ended;        /* when its stream ended, ns; INT64_MAX if it has not */
	uint32_t swapper;     /* a thread that stands for being idle there, 0 if not made yet */
	int64_t since;        /* when the slice in progress began, ns: INT64_MIN if none has */
	int64_t blind, sees;  /* between these nobody knows who runs there, ns; INT64_MAX: never */
	bool waits_for_event; /* its stream has begun, but nothing was recorded yet */
	bool away;            /* it is off line, as it seems, and records nothing */
	uint32_t sleeping;  /* the first of the threads that sleep, and ran here last; 0 for none */
	uint32_t queued;    /* threads on its queue, see run_queue.h */
	int64_t queue_told; /* up to when that has been told, ns; INT64_MIN: nothing has */
};

/* How a stream is recorded. */
struct recording {
	bool open;    /* it is within a packet */
	int64_t next; /* otherwise: when its next one begins, ns; INT64_MAX: never, or not known */
};

struct process_model {
	struct pool threads;
	uint32_t **tids;  /* pages of thread numbers by TID */
	uint32_t **forks; /* ... and of how many threads have been made under a TID */
	GArray *cpus;     /* struct cpu by number */
	uint32_t alive;   /* threads in the pool */
	int64_t lost;     /* when events of some CPU were last missing, ns; INT64_MIN: never */
	uint32_t doubted; /* threads (and stand-ins) whose name is doubted */
	/* TID -> strid of those that got another name in this window; 0: it is of several threads */
	GHashTable *renamed;
	uint32_t missing;   /* on how many CPUs they are at the moment */
	bool awake;         /* something is recorded: see recording.c */
	bool hole;          /* nothing is, though some CPU was busy... */
	int64_t hole_begin; /* ...since then, ns */
	bool hole_told;     /* the models of CPUs and threads know */
	GArray *streams;    /* struct recording, by number of the stream */
	uint32_t open;      /* streams that are within a packet */
	struct unrecorded unrecorded;
	uint32_t blind;    /* CPUs whose context switches are missing at the moment */
	uint32_t runnable; /* the first of the threads that wait for a CPU; 0 for none */
};

void process_init(struct process_model *model);
void process_clear(struct state *state);

/* The thread with this number in the pool; NULL for 0. */
struct thread *thread_at(const struct state *state, uint32_t index);

/*
 * The number of the thread, or process, that has this TID now, which no other one has had or will have in
 * the trace: it depends on how many have been made under that TID, not on what the model has seen
 * of them. VALUE_ABSENT for TIDs that can't be.
 */
int64_t process_number(const struct state *state, int64_t tid);

/* The thread with this TID, or NULL. Any number may be asked. */
struct thread *thread_find(const struct state *state, int64_t tid);

/*
 * The thread with this TID, made if it does not exist; NULL only for TIDs that can't be (<= 0 or
 * > TID_MAX).
 */
struct thread *thread_ensure(struct state *state, int64_t tid);

/* The thread that runs on the record's CPU; NULL if that is idle or not known. */
struct thread *thread_current(const struct state *state, const struct record *rec);

/*
 * The thread that made this event, or NULL. A `tid` context (VALUE_ABSENT if the trace has none) is
 * the best evidence; it also corrects what was thought to run on that CPU. Where events are missing
 * a stand-in has the calls: of no process that we know, or of the one that a `pid` context tells.
 */
struct thread *thread_of_event(
	struct state *state, const struct record *rec, int64_t ctx_tid, int64_t ctx_pid);

/*
 * The task that an event happened in: as thread_of_event(), but an idle CPU has one, too, with TID 0.
 * NULL if it is not known. For reading only.
 */
const struct thread *task_of_event(
	struct state *state, const struct record *rec, int64_t ctx_tid, int64_t ctx_pid);

/* The task on the record's CPU as far as the model knows; an idle CPU has one, with TID 0. NULL if not known. */
const struct thread *task_current(struct state *state, const struct record *rec);

/* The task on the CPU with this number; an idle CPU has one, with TID 0. NULL if not known. */
const struct thread *task_on(struct state *state, int32_t cpu);

/* Whether a thread runs on some CPU, as far as the model knows. */
bool thread_is_running(const struct state *state, const struct thread *thread);

/* The thread with the lowest TID above `tid`, or NULL. */
struct thread *thread_after(const struct state *state, int64_t tid);

/*
 * It is known what the thread does that does not run: it sleeps, until events are missing of the CPU it
 * ran on; or, `runnable`, it waits for a CPU, until events of any are missing: on the queue of the CPU
 * `queue`, if there is that one.
 */
void thread_wait(struct state *state, struct thread *thread, bool runnable, int32_t queue);

/* That is over, or not known any more. */
void thread_wait_end(struct state *state, struct thread *thread);

/*
 * Names change silently: at prctl(2), in the middle of an exec, when a kernel thread begins. As long as
 * that can be, each event's context is looked at, which would cost too much for all threads.
 */
void thread_doubt(struct state *state, struct thread *thread, enum name_doubt doubt);
void thread_trust(struct state *state, struct thread *thread);

/* The thread is called so, unless `name` is NULL: then nothing is told. */
void thread_name(struct state *state, struct thread *thread, const char *name);

/* Names that come are news again: a window begins. */
void names_forget(struct state *state);

/* Before an event is handled: if who runs there is doubted, and a context tells its name, it is that. */
void thread_learn_name(struct state *state, const struct record *rec, const struct state_io *io);

/* The thread's fd table, made if it has none. */
uint32_t thread_files(struct state *state, struct thread *thread);

/* Another thread has been made under this TID. */
void thread_renew(struct state *state, struct thread *thread);

/* A thread goes on to something else: for what it has waited, and what it has done, is the past. */
void thread_forget_waits(struct state *state, struct thread *thread);

/* What a thread holds is let go; it is as if it had just been seen. */
void thread_reset(struct state *state, struct thread *thread);

/* There is no such thread any more. */
void thread_remove(struct state *state, struct thread *thread);

/* The thread has exited, and its TID is used by another one that now runs there. */
void thread_reuse(struct state *state, struct thread *thread);

/*
 * Says that `thread` belongs to process `pid`. Returns false if that is impossible or not new. What
 * it was thought to be before, if it was of another process, is forgotten.
 */
bool thread_claim_pid(struct state *state, struct thread *thread, int64_t pid);

/*
 * Says that `thread` belongs to process `pid`, and joins the descriptors that it was thought to own
 * with those of its process.
 */
void thread_set_pid(struct state *state, struct thread *thread, int64_t pid);

/* The CPU with this number, or NULL. */
const struct cpu *cpu_find(const struct state *state, int32_t number);

/* The CPU with this number, made if it does not exist; NULL for impossible numbers. */
struct cpu *cpu_at(struct state *state, int32_t number);

/* Whether the record's CPU is known to be idle. */
bool cpu_is_idle(const struct state *state, const struct record *rec);

/*
 * The thread with this TID (0: none, it is idle) runs on the record's CPU from now on; it is made if
 * need be. NULL for none.
 */
struct thread *cpu_run(struct state *state, const struct record *rec, int64_t tid);

/*
 * It turns out that this thread has been running on the record's CPU, not who we thought: what a
 * stand-in has been doing there, it did. NULL for none.
 */
struct thread *cpu_correct(struct state *state, const struct record *rec, int64_t tid);

/*
 * It turns out that somebody else runs on the record's CPU than who was thought to, without a context switch:
 * who has run there since the last one is not known, up to the record.
 */
void cpu_doubt(struct state *state, const struct record *rec);

/* Whether events of some CPU have been missing since then, or are. */
bool lost_since(const struct state *state, int64_t time);

/*
 * Until when it is known what a thread does, ns: up to `time`, or to the end of the stream of its CPU;
 * INT64_MIN if events are missing since it was last seen.
 */
int64_t thread_known_until(const struct state *state, const struct thread *thread, int64_t time);

/* Whether the stream of a CPU has ended, and no other one has begun. */
bool cpu_has_ended(const struct state *state, int32_t number);

/* When events of a CPU were last missing, ns; INT64_MIN if never. */
int64_t cpu_gap_end(const struct state *state, int32_t number);

/* When context switches of a CPU were last missing, ns: until then it was not known who runs there. */
int64_t cpu_blind_end(const struct state *state, int32_t number);

/* The trace of the record's CPU begins: what happened there before was not seen. */
void cpu_begin(struct state *state, const struct record *rec);

/* It ends: who ran there goes on, but unseen. */
void cpu_end(struct state *state, const struct record *rec);

/* Who runs on the record's CPU has been lost: until that is known a stand-in has its calls. */
void cpu_lose(struct state *state, const struct record *rec);

/*
 * Events of the record's CPU are missing until `end` (INT64_MAX: it is not known until when). Who
 * runs there is not known any more, if context switches are among them, nor whether the call of who
 * did is still the same.
 */
void cpu_gap(struct state *state, const struct record *rec, int64_t end, bool switches);

/* What derived events say of a thread, or of no thread (NULL). */
static inline int64_t thread_tid(const struct thread *thread)
{
	return thread && thread->tid != TID_UNKNOWN ? thread->tid : VALUE_ABSENT;
}

static inline int64_t thread_pid(const struct thread *thread)
{
	return thread && thread->pid != PID_UNKNOWN ? thread->pid : VALUE_ABSENT;
}

static inline int64_t thread_utid(const struct thread *thread)
{
	return thread && thread->tid != TID_UNKNOWN ? thread->utid : VALUE_ABSENT;
}

int64_t thread_upid(const struct state *state, const struct thread *thread);

static inline strid thread_comm(const struct thread *thread)
{
	return thread ? thread->comm : 0;
}

/* Where the thread with this number is, if it still exists. */
struct spot spot_of_number(const struct state *state, int64_t tid, int64_t utid);

/* Calls a function for all threads that there are. */
void thread_each(const struct state *state, void (*each)(void *data, const struct thread *thread),
	void *data);

/* Whether a thread is one of the kernel's own, as far as that is known: kthreadd's, or made by such a one. */
bool thread_is_kernel(const struct thread *thread);

/* Sets the PID of the parent of the thread's process. */
void thread_set_parent(const struct state *state, struct thread *thread, int64_t ppid);

/* The first thread of the parent of the thread's process; NULL if it has exited, or is not known. */
const struct thread *thread_parent(const struct state *state, const struct thread *thread);

/* What the thread's process is called: as its first thread, if that is known. */
strid thread_process(const struct state *state, const struct thread *thread);

/*
 * Workers of io_uring are threads that the kernel makes without telling; they are called after the
 * thread that they work for. Returns that one, or NULL for any other name (or NULL).
 */
struct thread *ring_owner(const struct state *state, const char *comm);

/* The thread itself, or (its process is not known) the one that it works for as a worker of io_uring. */
const struct thread *thread_member(const struct state *state, const struct thread *thread);

/* All that at once, without references to the names. */
struct owner thread_owner(const struct state *state, const struct thread *thread);

/* Lets go what a task holds, and forgets it. */
void task_drop(struct state *state, struct task *task);

void process_image(struct image *image);

#endif
