/*
 * What a trace has and lacks of what the kernel model knows.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/replay/inventory.h"

#include "state/derived.h"
#include "state/events.h"
#include "state/state.h"

#include <string.h>

/* Which of the events that the model knows there are in a trace. */
struct inventory {
	bool kinds[EVENT_KINDS];
	bool has_tid;   /* system calls tell the TID as a context */
	bool tells_cpu; /* it is known where events happened */
};

static bool has_field(const struct source_class *class, const char *name)
{
	for (unsigned int i = 0; i < class->n_fields; i++)
		if (strcmp(class->fields[i].name, name) == 0)
			return true;
	return false;
}

static void take_inventory(const struct source *source, struct inventory *inventory)
{
	struct state_config config = {.wants = WANT_ALL};
	struct state *state = state_new(&config);
	struct event_want want;

	memset(inventory, 0, sizeof(*inventory));
	for (unsigned int i = 0; i < source_n_classes(source); i++) {
		const struct source_class *class = source_class(source, i);

		if (!state_want(state, class->name, &want))
			continue;
		inventory->kinds[want.kind] = true;
		inventory->tells_cpu |= class->tells_cpu;
		inventory->has_tid |= want.kind == EV_syscall_entry && has_field(class, "ctx.tid");
	}
	state_free(state);
}

bool inventory_is_kernel(const struct source *source)
{
	struct state_config config = {.wants = WANT_ALL};
	struct state *state = state_new(&config);
	struct event_want want;
	bool known = false;

	for (unsigned int i = 0; i < source_n_classes(source) && !known; i++)
		known = state_want(state, source_class(source, i)->name, &want);
	state_free(state);
	return known;
}

/* Whether the trace has one of the things in `names` ("a|b"), see DERIVED_EVENTS. */
static bool has_one_of(const struct inventory *inventory, const char *names)
{
	if (name_among("ctx.tid", names) && inventory->has_tid)
		return true;
	for (int kind = 1; kind < EVENT_KINDS; kind++)
		if (inventory->kinds[kind] && name_among(event_kind_name(kind), names))
			return true;
	return false;
}

/* Pushes a list of what the trace lacks of "a|b c", see DERIVED_EVENTS; returns how much that is. */
static lua_Integer push_absent(
	lua_State *L, const struct inventory *inventory, const char *requires)
{
	char **names = g_strsplit(requires, " ", -1);
	lua_Integer absent = 0;

	lua_newtable(L);
	/* Nobody knows what belongs together, nor who does anything. */
	if (!inventory->tells_cpu) {
		lua_pushliteral(L, "cpu_id");
		lua_rawseti(L, -2, ++absent);
	}
	for (int i = 0; names[i]; i++) {
		if (!*names[i] || has_one_of(inventory, names[i]))
			continue;
		lua_pushlstring(L, names[i], strcspn(names[i], "|"));
		lua_rawseti(L, -2, ++absent);
	}
	g_strfreev(names);
	return absent;
}

/* What a field requires beside what its event does; NULL if nothing. */
static const char *field_requires(const struct derived_field *field)
{
	if (field->wants & WANT_CAUSE)
		return CAUSE_REQUIRES;
	return field->wants & WANT_CONTEXT ? CONTEXT_REQUIRES : NULL;
}

/* The same for the fields of an event that require more than it does, as "event.field". */
static void push_missing_of_fields(
	lua_State *L, const struct inventory *inventory, const struct derived_event *event)
{
	for (unsigned int i = 0; i < event->n_fields; i++) {
		const char *requires = field_requires(&event->fields[i]);

		if (!requires)
			continue;
		lua_pushfstring(L, "%s.%s", event->name, event->fields[i].name);
		if (push_absent(L, inventory, requires))
			lua_rawset(L, -3);
		else
			lua_pop(L, 2);
	}
}

void inventory_push_missing(lua_State *L, const struct source *source)
{
	struct inventory inventory;

	take_inventory(source, &inventory);
	lua_newtable(L);
	for (int kind = 0; kind < DERIVED_KINDS; kind++) {
		const struct derived_event *event = &derived_events[kind];

		if (push_absent(L, &inventory, event->requires))
			lua_setfield(L, -2, event->name);
		else
			lua_pop(L, 1);
		push_missing_of_fields(L, &inventory, event);
	}
}
