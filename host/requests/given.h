/*
 * Requests that are known before the trace is read, such as the spans of an application: when each began
 * and ended, and what is known of whose it is. The trace tells which thread that was.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_GIVEN_H
#define LTTNGA_GIVEN_H

#include "state/state.h"

#include <glib.h>
#include <lua.h>

/* Numbers are VALUE_ABSENT where they are not known, texts NULL. */
struct given {
	guint definition;   /* number of its definition, from 0 */
	guint machine;      /* number of its machine, from 0 */
	int64_t begin, end; /* ns */
	int64_t pid, tid;   /* what it says of itself */
	bool main;          /* it is of the main thread */
	char *process;      /* the name of its process, as far as the kernel keeps it */
	char **containers;  /* what its container may be called; or NULL */
	char *container_id; /* or NULL */
	bool guest;         /* it is of another machine, unless a container is called as that is */
	int64_t port, error;
	char *captures; /* as JSON */
};

/* What has become of given requests. */
struct given_counts {
	int64_t told;       /* that have ended */
	int64_t outside;    /* of the time that is analysed, or partly: not told */
	int64_t no_process; /* told, but their process is not known */
	int64_t no_thread;  /* told, but only their process is known */
	int64_t ambiguous; /* told, but several processes have its PID, each in its own namespace */
	int64_t elsewhere; /* of another machine: not told */
};

/* An empty array of struct given, which owns its texts. */
GArray *given_array(void);

/*
 * Appends what is given of definition `definition` to an array of struct given: a list, on top of the stack,
 * which stays there, of
 *
 *     { machine = N, begin = NS, ["end"] = NS, pid = N, tid = N, main = BOOLEAN, process = TEXT, port = N,
 *       error = N, captures = TEXT, containers = { TEXT, ... }, container_id = TEXT, guest = BOOLEAN }
 *
 * with the number of the machine from 1. All but machine, begin and end can be left out. Raises a Lua error if it
 * has another form.
 */
void given_read(lua_State *L, guint definition, GArray *array);

/* Puts an array of struct given in the order in which they begin. */
void given_sort(GArray *array);

/* What is known of whose a given request is. */
enum given_process {
	GIVEN_KNOWN, /* as much as there is */
	GIVEN_AMBIGUOUS,
	GIVEN_ELSEWHERE,
};

/*
 * Whose a given request is at this moment, its begin or end: the thread that it names; or its main thread, if it is of
 * that; or the only thread of its process that runs, since somebody looked at the clock then. If several run, it
 * is the one with the number `likely`, if that is among them. All is VALUE_ABSENT that is not known; of a known
 * process, `pid` and `upid` are.
 *
 * Its PID and TID may be those of a PID namespace. If a container of one of its names has a process of that PID, it
 * is that; if not, it is the only process that has this PID on the machine or in any container, or the only one of
 * these with its name. Otherwise `process`, which is set, says why it is not known.
 */
struct state_task given_task(const struct state *state, const struct given *given, int64_t likely,
	enum given_process *process);

#endif
