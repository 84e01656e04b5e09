/*
 * Events as Lua sees them: single fields pushed as arguments, and the `event` view of a whole event
 * that is dead once the hook has returned.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_EVENT_VIEW_H
#define LTTNGA_EVENT_VIEW_H

#include "host/lua/raw_field.h"

#include <lua.h>
#include <stdbool.h>

/* An event that is being told to hooks: exactly one of the two kinds. */
struct event {
	const struct state *state;
	/* a derived event */
	const struct derived_event *derived;
	const void *values; /* its structure */
	/* a raw event */
	const struct source *source;
	const struct record *rec;
	const struct raw_field *fields; /* what can be asked for by name */
	unsigned int n_fields;
	const struct raw_field *own; /* what the event has, contexts as "ctx.NAME" */
	unsigned int n_own;
};

/* Pushes a list of { name, type, unit, doc } for each of the fields. */
void push_field_list(lua_State *L, const struct derived_field *fields, unsigned int n);

/* Pushes one field of a derived event. */
void push_derived_field(lua_State *L, const struct state *state, const void *values,
	const struct derived_field *field);

/* Pushes one field of a raw event. */
void push_raw_field(lua_State *L, const struct event *event, const struct raw_field *field);

/* A view on the Lua stack's side of an event; `event` is set to NULL when the hook is over. */
struct view {
	const struct event *event;
};

/* Pushes a new view of `event` and returns it, for event_view_end(). */
struct view *event_view_push(lua_State *L, const struct event *event);

/* Pushes a table with all fields of an event that can be asked for by name. */
void event_view_copy(lua_State *L, const struct event *event);

/*
 * Makes what event_view_copy() has pushed, on top of the stack, usable as a view of a derived event: it gets the
 * method copy().
 */
void event_view_of_copy(lua_State *L);

/* From now on every use of the view is an error. */
static inline void event_view_end(struct view *view)
{
	view->event = NULL;
}

#endif
