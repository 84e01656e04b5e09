/*
 * Hooks: the Lua functions that scripts attach to events. A hook's parameter names say which
 * fields it gets; filters are applied here, before Lua is entered.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_HOOKS_H
#define LTTNGA_HOOKS_H

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
