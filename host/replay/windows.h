/*
 * The windows of a run: they follow each other, each gets its part of what goes on over their borders,
 * and one is closed when nothing of it is still to be found out.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_WINDOWS_H
#define LTTNGA_WINDOWS_H

#include "host/lua/hooks.h"
#include "host/replay/machines.h"

/* So many windows wait at most for what is to be found out of them; then that is unknown. */
#define WINDOWS_WAITING_MAX 1000

/* A part of the time that is to be a window. */
struct span {
	int64_t begin, end; /* ns */
};

struct windows {
	lua_State *L;
	struct machines *machines;
	GPtrArray *
		hooks; /* struct hooks by number of the machine; NULL: of this one nothing is told */
	int64_t length;   /* of a window, ns; 0: there is only one */
	int64_t last_end; /* where the last one ends, ns; INT64_MAX: with the last event */
	GArray *spans; /* struct span, in order, apart; or NULL. Then windows are these, not of a length: */
	guint next;  /* number of the next one; */
	bool gap;    /* the newest window is none, but the time between two: nobody is told of it */
	bool closed; /* what happens at its end is in the newest window, too */
	bool deaf;   /* the models only catch up: nothing is reported */
	int first;   /* reference to what is there for the first one; or LUA_NOREF */
	int open, close;    /* stack indices of the functions that open and close windows */
	int64_t begin, end; /* of the newest one, ns; an end of INT64_MAX: it is the last one */
	GArray *waiting; /* struct window, see windows.c: those before it that are not closed yet */
	bool slices;     /* somebody takes slices of time: the only events that come late */
	bool late;       /* a window that is over has got one: it may be complete now */
	int newest;      /* reference to what `open` gave for the newest one */
	uint64_t *emits; /* what is told, by number of the machine, */
	uint64_t *silent; /* and in gaps: nothing */
};

/*
 * Gets ready, for these hooks, which stay the caller's. On top of the Lua stack is the first window: a
 * list by machine of what hooks_set_windows() takes; it is popped.
 */
void windows_init(
	struct windows *windows, lua_State *L, struct machines *machines, GPtrArray *hooks);
void windows_clear(struct windows *windows);

/* Events (bits by enum derived_kind) of a machine are wanted by somebody else than its hooks, too. */
void windows_want(struct windows *windows, guint machine, uint64_t emits);

/* The first window begins. */
void windows_begin(struct windows *windows, int64_t time);

/*
 * Finds the window that `time` is in, if one begins at `begin`, and tells nobody: what hooks keep can't
 * be taken back.
 */
void windows_pass(struct windows *windows, int64_t begin, int64_t time);

/* The first window has begun, at `time`; the models are already in it. */
void windows_enter(struct windows *windows, int64_t time);

/* Whether the newest window is over at `time`. A span has what is at its end, unless another begins there. */
static inline bool windows_are_due(const struct windows *windows, int64_t time)
{
	return time > windows->end || (time == windows->end && !windows->closed);
}

/*
 * All windows that are over at `time` end: for each that follows, the function `open` returns
 * what windows_init() takes. May raise a Lua error.
 */
void windows_turn(struct windows *windows, int64_t time);

/*
 * Closes the windows that are over and complete, the oldest first: calls `close` with what `open` gave,
 * the begin and the end. May raise a Lua error.
 */
void windows_close(struct windows *windows);

/* Whether nobody is told of what happens now. */
static inline bool windows_are_deaf(const struct windows *windows)
{
	return windows->gap || windows->deaf;
}

/* Closes all windows that are over with what is known so far, even if more may become known. */
void windows_give(struct windows *windows);

/* Up to when windows are complete that end until then, ns; INT64_MAX: all that are over. */
int64_t windows_known(const struct windows *windows);

/* Nothing more will come: what is still to be found out is unknown, and all but the newest are closed. */
void windows_end(struct windows *windows, int64_t time);

/* Hands a derived event of a machine to its hooks, in the windows in which it was. */
void windows_derived(
	struct windows *windows, guint machine, enum derived_kind kind, const void *values);

#endif
