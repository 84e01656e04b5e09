/*
 * The kernel model: raw events in, derived events out. One model for each traced host. It knows
 * nothing of trace formats or of Lua, and holds no callback: what it holds is plain data.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_STATE_H
#define LTTNGA_STATE_H

#include "state/derived.h"
#include "state/events.h"
#include "state/record.h"
#include "state/syscall_numbers.h"

#include <stdbool.h>

struct state;

struct container_name;
struct wire;

struct state_config {
	unsigned int wants;     /* enum want: the parts of the model to keep */
	const char *host;       /* name of the machine, or NULL; stays the caller's */
	const char *trace;      /* path of its (first) trace, or NULL; stays the caller's */
	enum syscall_arch arch; /* decides what `unknown` system calls are called */
	bool never_freed;       /* the trace has no sched_process_free: exit is the end */
	bool no_switches;       /* nor sched_switch: names come from a context, if at all */
	bool no_migrations;     /* nor sched_migrate_task: seeing them elsewhere must do */
	bool no_waking;         /* nor sched_waking: sched_wakeup must do */
	/* It has not both the entries and the exits of these: who runs may seem to do what they do. */
	bool no_irqs, no_softirqs, no_hrtimers;
	uint32_t kernel; /* its version, see state_version(); 0 if not known */
	uint32_t tracer; /* the tracer's version; 0 if not known */
	/* What was written down of containers beside the trace (namespaces.h); stays the caller's. */
	const struct container_name *containers;
	unsigned int n_containers;
	/* Its number, from 1, and the packets of it and of others (wire.h), which stay the caller's; or 0 and NULL. */
	uint32_t machine;
	struct wire *wire;
};

/* How the model talks to the world during state_feed(). */
struct state_io {
	const struct record_getters *get;
	/* Called for each derived event; `event` is a struct derived_NAME, valid during the call. */
	void (*emit)(void *data, enum derived_kind kind, const void *event);
	void *data;
	uint64_t emits; /* bit by enum derived_kind: what emit() is called for */
};
_Static_assert(DERIVED_KINDS <= 64, "struct state_io has one bit for each derived event");

/* Makes an empty model; free it with state_free(). Never fails. */
struct state *state_new(const struct state_config *config);
void state_free(struct state *state);

/* What a model was made with; valid as long as the model. */
const struct state_config *state_config(const struct state *state);

/*
 * Says what the model wants of the event class called `name` (as the trace spells it). Returns
 * false if it has no use for that class. System call names are learned here.
 */
bool state_want(struct state *state, const char *name, struct event_want *want);

/* Updates the model by one event; its values are those that state_want() named, in that order. */
void state_feed(struct state *state, const struct record *rec, const struct state_io *io);

/* A version for struct state_config; of parts that are too large, as much as there is room for. */
uint32_t state_version(unsigned int major, unsigned int minor, unsigned int patch);

/*
 * The first window begins at `time`: of what was before, only what is still so is told. Nothing has
 * been fed that is later.
 */
void state_begin_window(struct state *state, int64_t time, const struct state_io *io);

/*
 * A window ends at `time`, and the next one begins: what is measured in slices of time is told up
 * to there, and what is still open (events *_open). Nothing has been fed that is later.
 *
 * One thing is told later: who runs on a CPU of which that is not known yet, but will be. Such a slice
 * begins in a window that is over. state_settle() says that nothing more will come: then it is told, as
 * not known, up to `time`. state_unsettled() is when the first such slice began; INT64_MAX if there is
 * none.
 */
void state_cut(struct state *state, int64_t time, const struct state_io *io);
void state_settle(struct state *state, int64_t time, const struct state_io *io);
int64_t state_unsettled(const struct state *state);

/*
 * Puts a model into the window that began at `time`, after that: as if that window had begun then, and all that
 * was known until now had been told. False if something is in progress that cannot be divided there any more.
 */
bool state_enter_window(struct state *state, int64_t time);

/* Says that the trace is of a machine of this architecture, if that was not known before. */
void state_set_arch(struct state *state, enum syscall_arch arch);

/* Says that events of this CPU will come: until then it is known that nothing is known of it. */
void state_expect_cpu(struct state *state, int32_t cpu);

/* Who runs on a CPU, as far as the model knows. */
struct state_task {
	int64_t tid; /* VALUE_ABSENT if not known */
	int64_t pid; /* VALUE_ABSENT if not known */
	strid comm;
	int64_t utid, upid; /* see derived.h; VALUE_ABSENT if not known */
	strid process;      /* name of the main thread */
};
struct state_task state_current(const struct state *state, int32_t cpu);

/* CPUs have numbers below this. */
int32_t state_cpus(const struct state *state);

/*
 * The thread of user space that has a TID now; all is VALUE_ABSENT if there is none, as far as the model knows. Any
 * number may be asked.
 */
struct state_task state_thread(const struct state *state, int64_t tid);

/* In which container a thread is, by its numbers, if it still exists; as in derived events. */
struct thread_place state_place_of(const struct state *state, int64_t tid, int64_t utid);

/* Whether there are containers beside the machine itself, as far as is known. */
bool state_has_containers(const struct state *state);

/* Calls a function for all threads that have not exited, and says in which containers they are. */
void state_each_thread(const struct state *state,
	void (*each)(void *data, const struct state_task *task, const struct thread_place *place),
	void *data);

/* The text of an interned string of this model, NULL for 0. */
const char *state_text(const struct state *state, strid id);

/*
 * The number of a text in this model, for what it is told of that it has not told itself, with one
 * reference for the caller; NULL gives 0. state_forget() gives that back.
 */
strid state_intern(struct state *state, const char *text);
void state_forget(struct state *state, strid id);

/*
 * What those threads are called that got another name since the window began, or were called when they
 * ended: `tell` is called with the TID of each, but of those that were of several threads.
 */
void state_each_renamed(const struct state *state,
	void (*tell)(void *data, int64_t tid, const char *name), void *data);

/* A number that only this string of this model ever has in this program, though `id` may come again. */
uint64_t state_text_serial(const struct state *state, strid id);

/*
 * Writes all that a model holds. What is read makes a new model hold the same, whatever parts of it
 * are wanted; all that state_want() is asked must have been asked before. False, with the codec's
 * reason, if it makes no sense: then the model is good for state_free() only.
 */
struct codec;
void state_save(const struct state *state, struct codec *codec);
bool state_load(struct state *state, struct codec *codec);

/* What has not been recorded so far. */
struct unrecorded state_unrecorded(const struct state *state);

/* What the model holds, for tests and for --debug. */
struct state_counts {
	uint32_t threads;
	uint32_t files; /* fd tables */
	uint32_t fds;   /* open descriptors in all tables */
	uint32_t requests;
	uint32_t dirty_runs; /* neighbouring dirty pages count as one */
	int64_t dirty;       /* bytes of them */
	uint32_t strings;
};
struct state_counts state_count(const struct state *state);

#endif
