/*
 * Hooks of raw events: where the fields that they name are in the records of a class.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/hooks_private.h"

#include <string.h>

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

bool hooks_class_is(const struct source_class *class, const char *event)
{
	struct event_want a, b;

	if (strcmp(class->name, event) == 0 || strcmp(event, ANY_EVENT) == 0)
		return true;
	return event_lookup(class->name, &a) && event_lookup(event, &b) && a.kind == b.kind;
}

/* What a filter sees of a field: see raw_field_value(). */
static enum expression_kind tested_kind(enum raw_origin origin)
{
	switch (origin) {
	case RAW_TIME:
	case RAW_CPU:
	case RAW_TID:
	case RAW_PID:
	case RAW_CONTAINER_ID:
	case RAW_CONTAINER_NS:
	case RAW_INT:
		return EXPRESSION_INTEGER;
	case RAW_PROCNAME:
	case RAW_CONTAINER:
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
			raw_field_bind(source, class_no, expression_field_name(filter, i));

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
		struct raw_field field = raw_field_bind(source, class_no, builtins[i]);

		g_array_append_val(call->all, field);
	}
	for (unsigned int i = 0; i < class->n_fields; i++) {
		struct raw_field field = raw_field_bind(source, class_no, class->fields[i].name);
		enum raw_origin origin;

		field.is_unsigned = class->fields[i].is_unsigned;

		g_array_append_val(call->own, field);
		if (g_str_has_prefix(field.name, RAW_CONTEXT))
			field.name += strlen(RAW_CONTEXT);
		/* A builtin is there already, from wherever it comes. */
		if (!raw_field_is_builtin(field.name, &origin))
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
				field = raw_field_bind(source, class_no, arg->name);
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
	/* Classes come in order. Those of other machines, before its own, may be millions. */
	if (hooks->by_class->len == 0)
		hooks->first_class = class_no;
	while (hooks->by_class->len <= class_no - hooks->first_class)
		g_ptr_array_add(hooks->by_class, NULL);
	hooks->by_class->pdata[class_no - hooks->first_class] = calls;
}
