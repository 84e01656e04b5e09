/*
 * The list of derived events, as data.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/derived.h"

#include <string.h>

#define X_FIELD(event, field, type, wants, unit, doc) \
	{#field, DERIVED_##type, offsetof(struct derived_##event, field), wants, unit, doc},
#define X_PLACE(event, field, type, wants, unit, doc) \
	{#field, DERIVED_##type, offsetof(struct derived_##event, place.field), wants, unit, doc},
#define X_FIELD_PLACE(event) PLACE_FIELDS(X_PLACE, event)
#define X_EVENT(event, wants, requires, doc, fields) \
	static const struct derived_field event##_fields[] = {fields(X_FIELD)};
DERIVED_EVENTS(X_EVENT)
#undef X_EVENT
#undef X_FIELD_PLACE
#undef X_PLACE
#undef X_FIELD

const struct derived_event derived_events[DERIVED_KINDS] = {
#define X_EVENT(event, wants, requires, doc, fields)                       \
	[DERIVED_##event] = {#event, doc, wants, requires, event##_fields, \
		sizeof(event##_fields) / sizeof(event##_fields[0])},
	DERIVED_EVENTS(X_EVENT)
#undef X_EVENT
};

int derived_lookup(const char *name)
{
	for (int kind = 0; kind < DERIVED_KINDS; kind++) {
		if (strcmp(derived_events[kind].name, name) == 0)
			return kind;
	}
	return -1;
}

const struct derived_field *derived_field(enum derived_kind kind, const char *name)
{
	const struct derived_event *event = &derived_events[kind];

	for (unsigned int i = 0; i < event->n_fields; i++) {
		if (strcmp(event->fields[i].name, name) == 0)
			return &event->fields[i];
	}
	return NULL;
}
