/*
 * Ctrl-C while something is run: it is stopped, be it a run over a trace or a loop in Lua. In a
 * program that runs one thing that is the end; in a session (see host/prompt/prompt.h) only what is
 * being run ends.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_INTERRUPT_H
#define LTTNGA_INTERRUPT_H

#include <lua.h>
#include <stdbool.h>

/* From now on Ctrl-C stops what is run in L, with the Lua error "interrupted". */
void interrupt_setup(lua_State *L);

/* From now on Ctrl-C ends the program at once. To be called before L is closed. */
void interrupt_end(void);

/*
 * From now on a pager gets each Ctrl-C, too, and the terminal is its own: the program goes on until Lua can
 * stop, for instance as soon as the pager reads what is written.
 */
void interrupt_share(void);

/* From now on Ctrl-C does nothing: it is for a program that ours waits for. */
void interrupt_ignore(void);

/* Whether Ctrl-C stops only what interrupt_call() calls, and does nothing outside of that. */
void interrupt_session(bool on);

/*
 * Whether Ctrl-C, or another signal that asks programs to end, does nothing but let interrupt_asked() say so: the end
 * of reading what has no end of its own. A second one ends the program.
 */
void interrupt_reading(bool on);
bool interrupt_asked(void);

/* What to call before a second Ctrl-C ends the program; as a handler of signals, it may do little. */
void interrupt_before_end(void (*function)(void));

/*
 * In a session: lua_pcall() of what is on the stack, which Ctrl-C can stop. Returns its status.
 * `interrupted` tells whether there was a Ctrl-C; it is forgotten then, so that the next call
 * begins anew. What was called has raised "interrupted", unless it ended by itself just then. A
 * second Ctrl-C before that ends the program. Outside of a session it is a plain lua_pcall().
 */
int interrupt_call(lua_State *L, int n_arguments, int handler, bool *interrupted);

/* Whether there was a Ctrl-C that has not had its effect yet: loops over a trace ask. */
bool interrupt_wanted(void);

/* Whether a Ctrl-C is stopping what interrupt_call() calls. */
bool interrupt_pending(void);

#endif
