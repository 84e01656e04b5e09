/*
 * What a script collects without a call of Lua:
 *
 *     { EVENT, FIELD, ..., NAME = FIELD, ..., set = { NAME = VALUE, ... }, into = OBJECT,
 *       only = { FIELD = VALUES, ... } }
 *
 * feeds the fields of a derived event to an object of the window, in C if that is a collector
 * (host/lua/collector.h), else through its method add(). First come the fields as they are called, then
 * those that get another name, and those that are set to a text, an integer or a boolean, both sorted by
 * their names. Beside those of the event there are `host` and `trace`, the path of the trace. Events are
 * left out whose fields have none of the values of `only`: texts, integers or booleans.
 *
 * Several can feed one object: a collector whose fields have names gets those of all of them from each,
 * and what an event lacks is absent.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_COLLECT_H
#define LTTNGA_COLLECT_H

#include "state/derived.h"
#include "state/state.h"

#include <glib.h>
#include <lua.h>

struct collect;

/*
 * Reads the table on top of the stack, of the script that is called so (which lives as long). NULL if
 * there is no such event; other mistakes are raised as faults.
 */
struct collect *collect_read(lua_State *L, const char *script);
void collect_free(struct collect *collect);

/* Lets all collects of a run know of those that feed the object that they do, in their order. */
void collect_join(GPtrArray *collects);

/* The derived event that is collected, and the parts of the model that this takes (enum want). */
enum derived_kind collect_event(const struct collect *collect);
unsigned int collect_wants(const struct collect *collect);

/*
 * Finds the object in the window on top of the stack, and tells it what will come; raises a fault if
 * there is none. collect_release() lets go of it.
 */
void collect_attach(lua_State *L, struct collect *collect);
void collect_release(lua_State *L, struct collect *collect);

/* Feeds an event to the object; may raise a Lua error. */
void collect_feed(
	lua_State *L, struct collect *collect, const struct state *state, const void *values);

/* ---- Events that are put off ---- */

/* Whether the object gets an event; how many values that is, from what is called so; pushes one of them. */
bool collect_takes(struct collect *collect, const struct state *state, const void *values);
guint collect_n_values(const struct collect *collect);
const char *collect_value_name(const struct collect *collect, guint i);
void collect_push_value(lua_State *L, struct collect *collect, const struct state *state,
	const void *values, guint i);

/* The object will get such values only: to be said before it is attached. */
void collect_set_played(struct collect *collect);

/*
 * Feeds the object with the values that begin at a stack index; texts become those of `state` meanwhile. Raises a
 * Lua error if they are of other types.
 */
void collect_play(lua_State *L, struct collect *collect, struct state *state, int first);

#endif
