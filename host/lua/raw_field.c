/*
 * Fields of raw events.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/raw_field.h"

#include <glib.h>
#include <string.h>

/* What stands before the names of what belongs to the task that an event happened in. */
#define CURRENT "current_"

bool raw_field_is_builtin(const char *name, enum raw_origin *origin)
{
	static const char *const names[] = {
		[RAW_TIME] = "time",
		[RAW_CPU] = "cpu",
		[RAW_TID] = "tid",
		[RAW_PID] = "pid",
		[RAW_PROCNAME] = "procname",
		[RAW_CONTAINER] = "container",
		[RAW_CONTAINER_ID] = "container_id",
		[RAW_CONTAINER_NS] = "container_ns",
		[RAW_EVENT_NAME] = "event_name",
	};

	for (enum raw_origin i = RAW_TIME; i <= RAW_EVENT_NAME; i++) {
		if (strcmp(name, names[i]) == 0) {
			*origin = i;
			return true;
		}
	}
	return false;
}

unsigned int raw_field_wants(const char *name)
{
	bool current = g_str_has_prefix(name, CURRENT);
	const char *plain = current ? name + strlen(CURRENT) : name;
	enum raw_origin origin = RAW_NONE;

	raw_field_is_builtin(plain, &origin);
	return origin >= RAW_CONTAINER && origin <= RAW_CONTAINER_NS ? WANT_NAMESPACES : 0;
}

static enum raw_origin origin_of(const struct source_field *field)
{
	return field->kind == FIELD_KIND_INT    ? RAW_INT
	       : field->kind == FIELD_KIND_TEXT ? RAW_TEXT
						: RAW_OTHER;
}

enum raw_origin raw_field_find(
	const struct source_class *class, const char *name, const char **bound_as)
{
	/* "current_tid" is that of the task, even if a field of the event is called tid. */
	bool current = g_str_has_prefix(name, CURRENT);
	const char *plain = current ? name + strlen(CURRENT) : name;
	enum raw_origin origin = RAW_NONE;
	const struct source_field *context = NULL;

	for (unsigned int i = 0; i < class->n_fields; i++) {
		const struct source_field *field = &class->fields[i];

		if (strcmp(field->name, name) == 0) {
			*bound_as = field->name;
			return origin_of(field);
		}
		if (g_str_has_prefix(field->name, RAW_CONTEXT) &&
			strcmp(field->name + strlen(RAW_CONTEXT), plain) == 0)
			context = field;
	}
	/* What the event itself tells of its task is better than what we think. */
	if (!context)
		return raw_field_is_builtin(plain, &origin) ? origin : RAW_NONE;
	*bound_as = context->name;
	return origin_of(context);
}

struct raw_field raw_field_bind(struct source *source, unsigned int class_no, const char *name)
{
	struct raw_field field = {.name = name};
	const struct source_class *class = source_class(source, class_no);
	const char *bound_as = NULL;

	field.origin = raw_field_find(class, name, &bound_as);
	for (unsigned int i = 0; bound_as && i < class->n_fields; i++)
		if (class->fields[i].name == bound_as)
			field.is_unsigned = class->fields[i].is_unsigned;
	if (bound_as)
		field.slot = source_bind_field(source, class_no, bound_as);
	return field;
}

enum raw_value_kind raw_field_kind(enum raw_origin origin)
{
	switch (origin) {
	case RAW_NONE:
		return RAW_VALUE_NONE;
	case RAW_PROCNAME:
	case RAW_CONTAINER:
		return RAW_VALUE_INTERNED;
	case RAW_EVENT_NAME:
	case RAW_TEXT:
		return RAW_VALUE_TEXT;
	case RAW_OTHER:
		return RAW_VALUE_OTHER;
	default:
		return RAW_VALUE_INTEGER;
	}
}

/* In which container the task is that runs on the CPU of an event. */
static struct thread_place place_of(const struct state *state, const struct record *rec)
{
	struct state_task task = state_current(state, rec->cpu);

	return state_place_of(state, task.tid, task.utid);
}

union raw_value raw_field_value(const struct state *state, const struct source *source,
	const struct record *rec, const struct raw_field *field)
{
	switch (field->origin) {
	case RAW_TIME:
		return (union raw_value){.integer = rec->time};
	case RAW_CPU:
		return (union raw_value){.integer = rec->cpu >= 0 ? rec->cpu : VALUE_ABSENT};
	case RAW_TID:
		return (union raw_value){.integer = state_current(state, rec->cpu).tid};
	case RAW_PID:
		return (union raw_value){.integer = state_current(state, rec->cpu).pid};
	case RAW_PROCNAME:
		return (union raw_value){.interned = state_current(state, rec->cpu).comm};
	case RAW_CONTAINER:
		return (union raw_value){.interned = place_of(state, rec).container};
	case RAW_CONTAINER_ID:
		return (union raw_value){.integer = place_of(state, rec).container_id};
	case RAW_CONTAINER_NS:
		return (union raw_value){.integer = place_of(state, rec).container_ns};
	case RAW_EVENT_NAME:
		return (union raw_value){.text = source_class(source, rec->class_no)->name};
	case RAW_INT:
		return (union raw_value){.integer = rec->v[field->slot]};
	case RAW_TEXT:
		return (union raw_value){
			.text = record_string(source_getters(source), rec, field->slot)};
	default:
		return (union raw_value){0};
	}
}
