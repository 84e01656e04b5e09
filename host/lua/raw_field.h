/*
 * Fields of raw events by the names that people use: what the event has itself, then its contexts (`ctx.`
 * may be left out), then what the model knows of the task in which it happened.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_RAW_FIELD_H
#define LTTNGA_RAW_FIELD_H

#include "host/source/source.h"
#include "state/state.h"

#include <stdbool.h>

/* What stands before the names of an event's contexts. */
#define RAW_CONTEXT "ctx."

/* Where the value of a field comes from. */
enum raw_origin {
	RAW_NONE, /* this class has no such field */
	RAW_TIME,
	RAW_CPU,
	RAW_TID, /* of the task that runs there, and so on */
	RAW_PID,
	RAW_PROCNAME,
	RAW_CONTAINER,
	RAW_CONTAINER_ID,
	RAW_CONTAINER_NS,
	RAW_EVENT_NAME,
	RAW_INT, /* a bound integer */
	RAW_TEXT,
	RAW_OTHER, /* anything else: arrays become tables */
};

struct raw_field {
	const char *name;
	enum raw_origin origin;
	unsigned int slot;
	bool is_unsigned;
};

/*
 * Where `name` comes from in one class, and under which name it is bound if it is a field; RAW_NONE
 * if the class has no such field.
 */
enum raw_origin raw_field_find(
	const struct source_class *class, const char *name, const char **bound_as);

/* Parts of the model (enum want) that a field of this name needs, if it is none of the event itself. */
unsigned int raw_field_wants(const char *name);

/* Whether every event has this one; `*origin` is where it comes from. */
bool raw_field_is_builtin(const char *name, enum raw_origin *origin);

/* Binds a field of a class; before the first record. `name` is to live as long as the result. */
struct raw_field raw_field_bind(struct source *source, unsigned int class_no, const char *name);

/* What the value of a field is. */
enum raw_value_kind {
	RAW_VALUE_NONE,     /* there is none */
	RAW_VALUE_INTEGER,  /* VALUE_ABSENT: there is none */
	RAW_VALUE_INTERNED, /* a text of the model */
	RAW_VALUE_TEXT,     /* any other one, valid until the next record */
	RAW_VALUE_OTHER,    /* what source_visit() shows */
};

union raw_value {
	int64_t integer;
	strid interned;
	const char *text;
};

enum raw_value_kind raw_field_kind(enum raw_origin origin);

/* The value of a field, of a kind but RAW_VALUE_OTHER. */
union raw_value raw_field_value(const struct state *state, const struct source *source,
	const struct record *rec, const struct raw_field *field);

#endif
