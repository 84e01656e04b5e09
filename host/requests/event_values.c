/*
 * Values of the event at hand.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/requests/event_values.h"

/* ---- Raw events ---- */

static void take_integer(void *data, int64_t integer)
{
	*(struct value *)data = (struct value){.kind = VALUE_INTEGER, .integer = integer};
}

static void take_large(void *data, uint64_t integer)
{
	*(struct value *)data = (struct value){
		.kind = VALUE_INTEGER, .is_unsigned = true, .integer = (int64_t)integer};
}

static void take_real(void *data, double real)
{
	*(struct value *)data = (struct value){.kind = VALUE_REAL, .real = real};
}

static void take_text(void *data, const char *text)
{
	*(struct value *)data = (struct value){.kind = VALUE_TEXT, .text = text};
}

/* What consists of several values is none. */
static void take_none(void *data)
{
	*(struct value *)data = (struct value){.kind = VALUE_NONE};
}

static void pass_key(void *data, const char *name)
{
	(void)data;
	(void)name;
}

static const struct value_visitor visitor = {
	.integer = take_integer,
	.large = take_large,
	.real = take_real,
	.text = take_text,
	.none = take_none,
	.begin_list = take_none,
	.begin_map = take_none,
	.key = pass_key,
	.item = take_none,
	.end = take_none,
};

static struct value raw_value(const struct event_values *event, const struct raw_field *field)
{
	struct value value = {.kind = VALUE_NONE};
	union raw_value raw;

	switch (raw_field_kind(field->origin)) {
	case RAW_VALUE_INTEGER:
		raw = raw_field_value(event->state, event->source, event->rec, field);
		if (raw.integer == VALUE_ABSENT && !field->is_unsigned)
			return value;
		return (struct value){.kind = VALUE_INTEGER,
			.is_unsigned = field->is_unsigned,
			.integer = raw.integer};
	case RAW_VALUE_INTERNED:
		raw = raw_field_value(event->state, event->source, event->rec, field);
		value.text = state_text(event->state, raw.interned);
		break;
	case RAW_VALUE_TEXT:
		raw = raw_field_value(event->state, event->source, event->rec, field);
		value.text = raw.text;
		break;
	case RAW_VALUE_OTHER:
		source_visit(event->source, event->rec, field->slot, &visitor, &value);
		return value;
	case RAW_VALUE_NONE:
		return value;
	}
	value.kind = value.text ? VALUE_TEXT : VALUE_NONE;
	return value;
}

/* ---- Derived events ---- */

static struct value derived_value(
	const struct event_values *event, const struct derived_field *field)
{
	const void *at = (const char *)event->derived + field->offset;
	struct value value = {.kind = VALUE_NONE};

	if (field->type == DERIVED_INT || field->type == DERIVED_BOOL) {
		value.integer = *(const int64_t *)at;
		value.kind = value.integer == VALUE_ABSENT ? VALUE_NONE : VALUE_INTEGER;
		return value;
	}
	value.text = field->type == DERIVED_SYM ? *(const char *const *)at
						: state_text(event->state, *(const strid *)at);
	value.kind = value.text ? VALUE_TEXT : VALUE_NONE;
	return value;
}

/* A text without something at its end; as it is if it ends with something else. */
static void shorten(struct event_values *event, unsigned int number, const char *without)
{
	struct value *value = &event->values[number];

	if (value->kind != VALUE_TEXT || !g_str_has_suffix(value->text, without))
		return;
	if (!event->texts[number])
		event->texts[number] = g_string_new(NULL);
	g_string_assign(event->texts[number], value->text);
	g_string_truncate(event->texts[number], strlen(value->text) - strlen(without));
	value->text = event->texts[number]->str;
}

void event_values_clear(struct event_values *event)
{
	for (unsigned int i = 0; i < EVENT_VALUES_MAX; i++)
		if (event->texts[i])
			g_string_free(event->texts[i], TRUE);
}

void event_values_read(struct event_values *event, unsigned int number)
{
	const struct event_field *field = &event->fields[number];

	event->known |= UINT64_C(1) << number;
	if (field->derived)
		event->values[number] = derived_value(event, field->derived);
	else if (event->rec)
		event->values[number] = raw_value(event, &field->raw);
	else
		event->values[number] = (struct value){.kind = VALUE_NONE};
	if (field->without)
		shorten(event, number, field->without);
}
