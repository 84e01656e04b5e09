/*
 * The event at hand, as conditions of requests see it: fields by number, each read when it is first asked
 * for.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_EVENT_VALUES_H
#define LTTNGA_EVENT_VALUES_H

#include "host/lua/raw_field.h"
#include "host/requests/value.h"

#include <glib.h>

/* An event's conditions look at so many fields at most. */
#define EVENT_VALUES_MAX 64

/* A field that conditions look at; `derived` is NULL for those of raw events, or where there is none. */
struct event_field {
	const struct derived_field *derived;
	struct raw_field raw;
	const char *without; /* a text is without this at its end; NULL: it is whole */
};

struct event_values {
	const struct event_field *fields;
	const struct state *state;
	const struct source *source; /* of a raw event, */
	const struct record *rec;    /* and its record; else NULL, */
	const void *derived;         /* and the structure of a derived event */
	uint64_t known;              /* which values have been read: bits by number */
	struct value values[EVENT_VALUES_MAX];
	GString *texts[EVENT_VALUES_MAX]; /* of those that are not whole; or NULL */
};

/* Frees what it owns. */
void event_values_clear(struct event_values *event);

/* Reads field `number`, which is not known yet. */
void event_values_read(struct event_values *event, unsigned int number);

/* The value of a field; valid during the event. */
static inline const struct value *event_value(struct event_values *event, unsigned int number)
{
	if (!(event->known >> number & 1))
		event_values_read(event, number);
	return &event->values[number];
}

#endif
