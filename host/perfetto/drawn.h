/*
 * What slices and counters of a timeline have in common: the values of an event, or of a row, and what a script
 * says of the track that they are on.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_DRAWN_H
#define LTTNGA_DRAWN_H

#include "host/lua/collector.h"
#include "host/lua/object.h"
#include "host/perfetto/timeline_private.h"

/* Fields of a slice at most. */
#define FIELDS_MAX 64

/* Fields that its name, or an arrow, is made of. */
#define PARTS_MAX 4

/* Bytes of a name that is put together, or of what a track is called. */
#define NAME_MAX_BYTES 512

/* A value that a slice, or a counter, is told with; texts are not NULL. */
struct value {
	const char *
		field; /* its name, kept once (g_intern_string()): names are equal if addresses are */
	enum packets_kind kind;
	int64_t number;
	const char *text;
};

/* All values of an event that it has. */
struct values {
	struct value list[FIELDS_MAX];
	size_t n;
};

/* The fields of the table at a stack index, in the order of their names; texts are the table's. */
void drawn_take_row(lua_State *L, int index, struct values *values);

/* The value of a field, by its name that is kept once (NULL: none); NULL if it has none. */
const struct value *drawn_find(const struct values *values, const char *field);

/* The same as a number, or VALUE_ABSENT; as a text, or NULL. */
int64_t drawn_number(const struct values *values, const char *field);
const char *drawn_text(const struct values *values, const char *field);

/* Writes what a value looks like in a name; returns how long that would be. */
int drawn_write(char *to, size_t room, const struct value *value);

/* ---- What a script says ---- */

/* Names of fields, kept for ever (g_intern_string()). */
struct parts {
	const char *fields[PARTS_MAX];
	unsigned int n;
};

/* What is drawn below a title, as a script says: an object of Lua. */
struct drawn {
	struct timeline *timeline;
	struct tracks *tracks; /* below the title; NULL: there is none */
	bool of_thread; /* slices are on the tracks of threads, and there if that is not known */
	const char *title, *by;
	struct parts name, from, to;
	unsigned int n;                 /* fields that a collect gives, */
	const char *fields[FIELDS_MAX]; /* and their names, kept once */
	uint64_t drawn;                 /* how many slices, or values */
	/* Of counters: */
	const char *value, *add, *less, *rate;
	enum packets_unit unit;
	const char *unit_name;
	int64_t every; /* ns that a rate is made for, or between values; 0: all are told */
};

/* Whether a field is among them. */
bool drawn_has_part(const struct parts *parts, const char *field);

/* Reads a name of a field, or a list of such, in the table at index 2. */
struct parts drawn_read_parts(lua_State *L, const char *key);

/* Reads a text, or a boolean, in that table. */
const char *drawn_read_text(lua_State *L, const char *key);
bool drawn_read_flag(lua_State *L, const char *key);

/* Raises an error if the table has keys that are not among these; the list ends with NULL. */
void drawn_check_keys(lua_State *L, const char *const *known);

/* Pushes a new object of the timeline at index 1, with what the table at index 2 says of title and `by`. */
struct drawn *drawn_new(lua_State *L, const struct object_type *type);

/* The values of an event that feeds an object. */
void drawn_take(
	struct values *values, const struct drawn *object, const struct collected_event *event);

/* For `attach` of such objects. */
const char *drawn_attach(
	lua_State *L, int index, const struct collected_field *fields, unsigned int n);

/* The track below the title that an event is on; NULL: the title's own. `room`: NAME_MAX_BYTES. */
const char *drawn_key(const struct drawn *object, const struct values *values, char *room);

#endif
