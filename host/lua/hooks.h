/*
 * Hooks: the Lua functions that scripts attach to events. A hook's parameter names say which
 * fields it gets; filters are applied here, before Lua is entered.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_HOOKS_H
#define LTTNGA_HOOKS_H

#include "host/lua/deferred.h"
#include "host/lua/event_view.h"

#include <glib.h>
#include <lua.h>

struct hooks;

/*
 * Reads the scripts' hooks from the Lua value at `index`: a list of tables
 *     { name = string, window = table, on = { [event] = function }, collect = { ... },
 *       filter = { [event] = expression } }
 * where an expression is what host/lua/expression.h reads: hooks get the events that it lets pass, those with
 * a parameter `selected` all of them. Raises a fault that names script, hook and field if one can't be understood. A raw event is taken
 * to exist if `source` has a class of that name, or if the model knows the name. The result belongs
 * to Lua: a userdata is left on the stack. `on_error` is the stack index of a message handler for
 * hooks that fail, or 0. There must be room on the stack for a hook's parameters when it is called;
 * in the C function that called this there is.
 */
struct hooks *hooks_new(lua_State *L, int index, int on_error, const struct source *source);

/*
 * The same scripts in a process that only makes the calls that others have put off: what is not put off is
 * never fed. No trace is needed.
 */
struct hooks *hooks_new_played(lua_State *L, int index);

/*
 * Lets the hooks of scripts that have a field `deferred` put off their calls, as those of a machine: all
 * functions; and of what is collected that for which `deferred`, a list of booleans, says so.
 */
void hooks_defer(struct hooks *hooks, struct deferred *deferred, guint machine);

/*
 * How many values a call that was put off has, and how one of them is called, from 0 on; NULL if there is no such
 * hook, or its calls are not put off.
 */
guint hooks_n_values(const struct hooks *hooks, guint hook);
const char *hooks_value_name(const struct hooks *hooks, guint hook, guint i);

/* The event of a hook whose calls are put off; NULL as above. */
const char *hooks_deferred_event(const struct hooks *hooks, guint hook);

/* Makes a call with the values that begin at a stack index; texts become those of `state` meanwhile. */
void hooks_play(struct hooks *hooks, lua_State *L, struct state *state, guint hook, int first);

/* Pops a list of tables, one for each script: what its hooks get as `w` from now on. */
void hooks_set_windows(struct hooks *hooks, lua_State *L);

/* Parts of the model (enum want) and derived events (bits) that the hooks need. */
unsigned int hooks_wants(const struct hooks *hooks);
uint64_t hooks_emits(const struct hooks *hooks);

/* Whether any hook takes a raw event. */
bool hooks_raw(const struct hooks *hooks);

/*
 * From now on it is looked at what hooks return; to be said before hooks_bind(). Whether one has
 * returned something true. Pushes the (first) event for which one has, as a table of its fields and
 * `event_name`, and forgets it. Forgets it without that.
 */
void hooks_watch(struct hooks *hooks);
bool hooks_hit(const struct hooks *hooks);
void hooks_push_hit(struct hooks *hooks, lua_State *L);
void hooks_forget_hit(struct hooks *hooks, lua_State *L);

/* Lets the hooks of a raw event bind the fields that they need of one class. */
void hooks_bind(struct hooks *hooks, struct source *source, unsigned int class_no);

/*
 * Calls all hooks of one event. May raise a Lua error. Hooks of one event are called in the order
 * of the scripts.
 */
void hooks_derived(struct hooks *hooks, lua_State *L, const struct state *state,
	enum derived_kind kind, const void *values);
void hooks_record(struct hooks *hooks, lua_State *L, const struct state *state,
	const struct source *source, const struct record *rec);

/*
 * Pushes a list of what was filtered: for each hook with a filter { script = number, event = name,
 * misses = list }, see expression_push_misses().
 */
void hooks_push_misses(const struct hooks *hooks, lua_State *L);

#endif
