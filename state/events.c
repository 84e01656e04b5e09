/*
 * The list of raw events that the kernel model understands, as data.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/events.h"

#include <glib.h>
#include <string.h>

#define INT    FIELD_INT
#define SCHED  FIELD_SCHED
#define PACKET FIELD_PACKET
#define NS     FIELD_NS
#define STR    FIELD_STR
#define NAME   FIELD_NAME
#define INTS   FIELD_INTS

struct field_row {
	const char *names;
	enum field_type type;
};

#define X_FIELD(event, field, type, names) {names, type},
#define X_EVENT(event, wants, names, fields) \
	static const struct field_row event##_rows[] = {{"ctx.procname", NAME}, fields(X_FIELD)};
RAW_EVENTS(X_EVENT)
#undef X_EVENT
#undef X_FIELD

/* Records have room for so many values. */
#define X_EVENT(event, wants, names, fields) \
	G_STATIC_ASSERT((int)F_##event##_COUNT <= EVENT_FIELDS_MAX);
RAW_EVENTS(X_EVENT)
#undef X_EVENT

static const struct {
	const char *name;
	const char *names;
	unsigned int wants;
	const struct field_row *fields;
	unsigned int n_fields;
} event_rows[EVENT_KINDS] = {
#define X_EVENT(event, wants, names, fields) \
	[EV_##event] = {#event, names, wants, event##_rows, F_##event##_COUNT},
	RAW_EVENTS(X_EVENT)
#undef X_EVENT
};

bool name_among(const char *name, const char *names)
{
	size_t length = strlen(name);
	const char *at = names;

	while (*at) {
		size_t span = strcspn(at, "|");

		if (span == length && memcmp(at, name, length) == 0)
			return true;
		at += span;
		at += *at == '|';
	}
	return false;
}

void event_fields(enum event_kind kind, struct event_want *want)
{
	want->kind = kind;
	want->sub = 0;
	want->wants = event_rows[kind].wants;
	want->n_fields = event_rows[kind].n_fields;
	for (unsigned int i = 0; i < want->n_fields; i++) {
		want->fields[i].names = event_rows[kind].fields[i].names;
		want->fields[i].type = event_rows[kind].fields[i].type;
	}
}

/* All names that events have had -> kind. Made once: traces have many classes. */
static GHashTable *kinds_by_name(void)
{
	static GHashTable *kinds;

	if (kinds)
		return kinds;
	kinds = g_hash_table_new(g_str_hash, g_str_equal);
	for (int kind = EVENT_KINDS - 1; kind > 0; kind--) {
		const char *names = event_rows[kind].names;

		for (; names && *names; names += *names == '|') {
			size_t span = strcspn(names, "|");

			g_hash_table_insert(kinds, g_strndup(names, span), GINT_TO_POINTER(kind));
			names += span;
		}
	}
	return kinds;
}

bool event_lookup(const char *name, struct event_want *want)
{
	int kind = GPOINTER_TO_INT(g_hash_table_lookup(kinds_by_name(), name));

	if (kind > 0)
		event_fields(kind, want);
	return kind > 0;
}

bool event_kind_is_of_stream(enum event_kind kind)
{
	return kind >= EV_packet_begin && kind <= EV_lost_packets;
}

const char *event_kind_name(enum event_kind kind)
{
	return event_rows[kind].name;
}
