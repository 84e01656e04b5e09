/*
 * Hooks of raw events: where the fields that they name are in the records of a class.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/hooks_private.h"

#include <string.h>

/* What stands before the names of what belongs to the task that an event happened in. */
#define CURRENT "current_"

/* What stands before the names of an event's contexts. */
#define CONTEXT "ctx."

static void free_raw_call(gpointer data)
{
	struct raw_call *call = data;

	g_array_free(call->args, TRUE);
	g_array_free(call->all, TRUE);
	g_array_free(call->own, TRUE);
	g_array_free(call->sources, TRUE);
	g_free(call->tested);
	g_free(call);
}

void hooks_free_raw_calls(gpointer calls)
{
	if (calls)
		g_ptr_array_unref(calls);
}

static bool is_builtin(const char *name, enum raw_origin *origin)
{
	static const char *const names[] = {
		[RAW_TIME] = "time",
		[RAW_CPU] = "cpu",
		[RAW_TID] = "tid",
		[RAW_PID] = "pid",
		[RAW_PROCNAME] = "procname",
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

static enum raw_origin origin_of(const struct source_field *field)
{
	return field->kind == FIELD_KIND_INT    ? RAW_INT
	       : field->kind == FIELD_KIND_TEXT ? RAW_TEXT
						: RAW_OTHER;
}

enum raw_origin hooks_raw_origin(
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
		if (g_str_has_prefix(field->name, CONTEXT) &&
			strcmp(field->name + strlen(CONTEXT), plain) == 0)
			context = field;
	}
	/* What the event itself tells of its task is better than what we think. */
	if (!context)
		return is_builtin(plain, &origin) ? origin : RAW_NONE;
	*bound_as = context->name;
	return origin_of(context);
}

bool hooks_class_is(const struct source_class *class, const char *event)
{
	struct event_want a, b;

	if (strcmp(class->name, event) == 0 || strcmp(event, ANY_EVENT) == 0)
		return true;
	return event_lookup(class->name, &a) && event_lookup(event, &b) && a.kind == b.kind;
}

/* Binds one field of a class, as the source knows it. */
static struct raw_field bind_field(struct source *source, unsigned int class_no, const char *name)
{
	struct raw_field field = {.name = name};
	const char *bound_as = NULL;

	field.origin = hooks_raw_origin(source_class(source, class_no), name, &bound_as);
	if (bound_as)
		field.slot = source_bind_field(source, class_no, bound_as);
	return field;
}

/* What a filter sees of a field: see hooks_call.c, which makes the values. */
static enum expression_kind tested_kind(enum raw_origin origin)
{
	switch (origin) {
	case RAW_TIME:
	case RAW_CPU:
	case RAW_TID:
	case RAW_PID:
	case RAW_INT:
		return EXPRESSION_INTEGER;
	case RAW_PROCNAME:
		return EXPRESSION_INTERNED;
	case RAW_EVENT_NAME:
		return EXPRESSION_FIXED;
	case RAW_TEXT:
		return EXPRESSION_TEXT;
	default:
		return EXPRESSION_NONE;
	}
}

/* Binds the fields that the filter of a hook looks at. */
static void bind_tested(struct raw_call *call, struct source *source, unsigned int class_no)
{
	const struct expression *filter = call->hook->filter;
	guint n = filter ? expression_n_fields(filter) : 0;

	call->tested = g_new0(struct expression_field, n);
	for (guint i = 0; i < n; i++) {
		struct raw_field field =
			bind_field(source, class_no, expression_field_name(filter, i));

		g_array_append_val(call->sources, field);
		call->tested[i] = (struct expression_field){
			tested_kind(field.origin), i * sizeof(union raw_value)};
	}
}

/* Binds every field of a class, for the `event` view. */
static void bind_all(struct raw_call *call, struct source *source, unsigned int class_no)
{
	static const char *const builtins[] = {
		"time", "cpu", "tid", "pid", "procname", "event_name"};
	const struct source_class *class = source_class(source, class_no);

	for (size_t i = 0; i < G_N_ELEMENTS(builtins); i++) {
		struct raw_field field = bind_field(source, class_no, builtins[i]);

		g_array_append_val(call->all, field);
	}
	for (unsigned int i = 0; i < class->n_fields; i++) {
		struct raw_field field = bind_field(source, class_no, class->fields[i].name);
		enum raw_origin origin;

		field.is_unsigned = class->fields[i].is_unsigned;

		g_array_append_val(call->own, field);
		if (g_str_has_prefix(field.name, CONTEXT))
			field.name += strlen(CONTEXT);
		/* A builtin is there already, from wherever it comes. */
		if (!is_builtin(field.name, &origin))
			g_array_append_val(call->all, field);
	}
}

void hooks_bind(struct hooks *hooks, struct source *source, unsigned int class_no)
{
	const struct source_class *class = source_class(source, class_no);
	GPtrArray *calls = NULL;

	for (guint i = 0; i < hooks->hooks->len; i++) {
		struct hook *hook = g_ptr_array_index(hooks->hooks, i);
		struct raw_call *call;

		if (hook->derived >= 0 || !hooks_class_is(class, hook->event))
			continue;
		call = g_new0(struct raw_call, 1);
		call->hook = hook;
		call->args = g_array_new(FALSE, FALSE, sizeof(struct raw_field));
		call->all = g_array_new(FALSE, FALSE, sizeof(struct raw_field));
		call->own = g_array_new(FALSE, FALSE, sizeof(struct raw_field));
		call->sources = g_array_new(FALSE, FALSE, sizeof(struct raw_field));
		for (guint k = 0; k < hook->args->len; k++) {
			const struct arg *arg = &g_array_index(hook->args, struct arg, k);
			struct raw_field field = {.name = arg->name};

			if (arg->kind == ARG_FIELD)
				field = bind_field(source, class_no, arg->name);
			g_array_append_val(call->args, field);
		}
		bind_tested(call, source, class_no);
		if (hook->whole || hooks->watches)
			bind_all(call, source, class_no);
		if (!calls)
			calls = g_ptr_array_new_with_free_func(free_raw_call);
		g_ptr_array_add(calls, call);
	}
	if (!calls)
		return;
	/* Even a hook without parameters wants the event. */
	source_bind_field(source, class_no, "");
	while (hooks->by_class->len <= class_no)
		g_ptr_array_add(hooks->by_class, NULL);
	hooks->by_class->pdata[class_no] = calls;
}
