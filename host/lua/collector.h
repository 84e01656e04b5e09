/*
 * Collectors: objects made in C that take the fields of events directly, without a call of Lua. A hook
 * that is written as a `collect` of an analysis feeds them (host/lua/collect.c).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_COLLECTOR_H
#define LTTNGA_COLLECTOR_H

#include "host/lua/push.h"
#include "state/state.h"

#include <glib.h>
#include <lauxlib.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum collected_kind { COLLECTED_INT, COLLECTED_BOOL, COLLECTED_TEXT };

/* Where values are: in the event, in what is said once and for all, in the configuration of its model. */
enum collected_base { COLLECTED_EVENT, COLLECTED_CONSTANT, COLLECTED_MODEL, COLLECTED_BASES };

/* A field that an object will be fed with. */
struct collected_field {
	const char *name; /* lives as long as the object is fed */
	enum collected_kind kind;
	bool fixed; /* a text at an address that stays the same text for ever */
	enum collected_base base;
	size_t offset; /* from there */
};

/*
 * One event: the object takes those of its fields that it needs, as they were attached. Behind them are
 * COLLECTED_ORIGIN more: the name of the machine, and the path of its trace.
 */
struct collected_event {
	const struct collected_field *fields;
	const struct state *state;
	const char *bases[COLLECTED_BASES];
};

enum { COLLECTED_HOST, COLLECTED_TRACE, COLLECTED_ORIGIN };

struct collector_type {
	/*
	 * From now on the object at stack index `index` gets these fields of events. Returns what is
	 * wrong with that, or NULL. If several feed the object it is called for each of them.
	 */
	const char *(*attach)(
		lua_State *L, int index, const struct collected_field *fields, unsigned int n);
	/*
	 * Takes one event; `ref` is a reference to the object in the registry. Raises Lua errors, and
	 * leaves the stack as it was.
	 */
	void (*add)(lua_State *L, void *object, int ref, const struct collected_event *event);
	/*
	 * Its fields have names: all that feed it give the fields of all, in one order, and what an
	 * event lacks is absent. Otherwise each gives its own.
	 */
	bool by_name;
	/* The last of the fields is the number that it is about: what is renamed or set comes before. */
	bool number_last;
};

/* Where the value of field `i` is. */
static inline const void *collected_at(const struct collected_event *event, unsigned int i)
{
	return event->bases[event->fields[i].base] + event->fields[i].offset;
}

/* The number in field `i` of an event (VALUE_ABSENT: there is none). */
static inline int64_t collected_number(const struct collected_event *event, unsigned int i)
{
	return *(const int64_t *)collected_at(event, i);
}

/* The text in field `i` (NULL: there is none); unless it is fixed, valid during the event only. */
static inline const char *collected_text(const struct collected_event *event, unsigned int i)
{
	const void *at = collected_at(event, i);

	return event->fields[i].fixed ? *(const char *const *)at
				      : state_text(event->state, *(const strid *)at);
}

/* The value of a field, kept: a number, or a text. */
union collected_value {
	int64_t number;
	const char *text;
};

/* The value of field `i`; texts as above. */
static inline union collected_value collected_value(
	const struct collected_event *event, unsigned int i)
{
	return event->fields[i].kind == COLLECTED_TEXT
		       ? (union collected_value){.text = collected_text(event, i)}
		       : (union collected_value){.number = collected_number(event, i)};
}

/* Tells numbers of texts from addresses of fixed ones, which never have this bit. */
#define COLLECTED_SERIAL (UINT64_C(1) << 63)

/*
 * What is equal for two events, also of several that feed one object, only if their values of field `i`
 * are; for texts it need not be equal, though they are. 0 where there is no text.
 */
static inline uint64_t collected_identity(const struct collected_event *event, unsigned int i)
{
	const struct collected_field *field = &event->fields[i];
	const void *at = collected_at(event, i);
	uint64_t serial;

	if (field->kind != COLLECTED_TEXT)
		return (uint64_t) * (const int64_t *)at;
	if (field->fixed)
		return (uintptr_t) * (const char *const *)at;
	serial = state_text_serial(event->state, *(const strid *)at);
	return serial ? serial | COLLECTED_SERIAL : 0;
}

/* The field of a metatable that says that its userdata is a collector: a light userdata. */
#define COLLECTOR_FIELD "__collector"

/* Pushes the value of a field that was kept; nil where there is none. */
static inline void collected_push(
	lua_State *L, const struct collected_field *field, const union collected_value *value)
{
	if (field->kind == COLLECTED_TEXT)
		lua_pushstring(L, value->text);
	else if (field->kind == COLLECTED_BOOL)
		push_boolean(L, value->number);
	else
		push_integer(L, value->number);
}

/*
 * What most objects do when they are attached: keeps the fields that they are fed with in `kept`, an
 * array of struct collected_field that is empty before, with names that stay for ever. Once there are
 * some, only fields that are no different may come. Returns NULL, or `otherwise` if they differ.
 */
const char *collected_keep_fields(
	GArray *kept, const struct collected_field *fields, unsigned int n, const char *otherwise);

/* A field that an object knows by its name. */
struct collected_known {
	const char *name;
	enum collected_kind kind;
};

/* Where a known field is among those of an event that lacks it. */
#define COLLECTED_NOT_GIVEN UINT_MAX

/*
 * What objects do when they are attached that know their fields: finds where each of these is among the `n` ones
 * that they are fed with, as `at` says then. Returns NULL, or what is wrong: `unknown`, a format of
 * lua_pushfstring() with the name of a field that is not known, on the stack.
 */
const char *collected_find_known(lua_State *L, const struct collected_known *known,
	unsigned int n_known, const struct collected_field *fields, unsigned int n,
	unsigned int *at, const char *unknown);

/* The number in a known field of an event, or VALUE_ABSENT; the text, or NULL. */
static inline int64_t collected_known_number(const struct collected_event *event, unsigned int at)
{
	return at == COLLECTED_NOT_GIVEN ? VALUE_ABSENT : collected_number(event, at);
}

static inline const char *collected_known_text(const struct collected_event *event, unsigned int at)
{
	return at == COLLECTED_NOT_GIVEN ? NULL : collected_text(event, at);
}

/* What kind of collector is at a stack index; NULL if it is none. */
static inline const struct collector_type *collector_type_of(lua_State *L, int index)
{
	const struct collector_type *type = NULL;

	if (lua_type(L, index) == LUA_TUSERDATA && luaL_getmetafield(L, index, COLLECTOR_FIELD)) {
		type = lua_touserdata(L, -1);
		lua_pop(L, 1);
	}
	return type;
}

#endif
