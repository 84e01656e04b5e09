/*
 * The event classes of traces read by libbabeltrace2: what fields they have, where those that were
 * bound are, and reading them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/bt2/bt2.h"

#include <string.h>

#define CTX_PREFIX "ctx."

/* Ids above this are not dense: such a trace is not of LTTng. */
#define CLASS_ID_MAX 65535

void class_free(gpointer data)
{
	struct class_info *class = data;

	for (guint i = 0; i < class->fields->len; i++)
		g_free((char *)g_array_index(class->fields, struct source_field, i).name);
	g_array_free(class->fields, TRUE);
	g_array_free(class->slots, TRUE);
	g_free(class);
}

void class_set_free(gpointer data)
{
	struct class_set *set = data;

	g_ptr_array_unref(set->by_id);
	g_free(set);
}

static enum field_kind kind_of_type(bt_field_class_type type)
{
	if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_INTEGER) ||
		type == BT_FIELD_CLASS_TYPE_BOOL || type == BT_FIELD_CLASS_TYPE_BIT_ARRAY)
		return FIELD_KIND_INT;
	if (type == BT_FIELD_CLASS_TYPE_STRING)
		return FIELD_KIND_TEXT;
	if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_REAL))
		return FIELD_KIND_REAL;
	return FIELD_KIND_OTHER;
}

static const bt_field_class *scope_class(const bt_event_class *class, enum scope scope)
{
	switch (scope) {
	case SCOPE_PAYLOAD:
		return bt_event_class_borrow_payload_field_class_const(class);
	case SCOPE_SPECIFIC:
		return bt_event_class_borrow_specific_context_field_class_const(class);
	case SCOPE_COMMON:
		return bt_stream_class_borrow_event_common_context_field_class_const(
			bt_event_class_borrow_stream_class_const(class));
	default:
		return NULL;
	}
}

/* libbabeltrace2 keeps the lengths of sequences as members of their own; they are no fields. */
static bool is_length(const char *name)
{
	return name[0] == '_' && g_str_has_suffix(name, "_length");
}

static void add_fields(struct class_info *info, enum scope scope)
{
	const bt_field_class *class = scope_class(info->bt, scope);
	uint64_t count = class ? bt_field_class_structure_get_member_count(class) : 0;

	for (uint64_t i = 0; i < count; i++) {
		const bt_field_class_structure_member *member =
			bt_field_class_structure_borrow_member_by_index_const(class, i);
		const char *name = bt_field_class_structure_member_get_name(member);
		bt_field_class_type type = bt_field_class_get_type(
			bt_field_class_structure_member_borrow_field_class_const(member));
		struct source_field field;

		if (is_length(name))
			continue;
		field.name = g_strconcat(scope == SCOPE_PAYLOAD ? "" : CTX_PREFIX, name, NULL);
		field.kind = kind_of_type(type);
		field.is_unsigned =
			bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_UNSIGNED_INTEGER);
		g_array_append_val(info->fields, field);
	}
}

/* Finds `name` in one scope of a class; false if it is not there. */
static bool find_slot(const bt_event_class *class, enum scope scope, const char *name,
	size_t length, struct slot *slot)
{
	const bt_field_class *fields = scope_class(class, scope);
	uint64_t count = fields ? bt_field_class_structure_get_member_count(fields) : 0;
	const char *bracket = memchr(name, '[', length);
	size_t span = bracket ? (size_t)(bracket - name) : length;

	for (uint64_t i = 0; i < count; i++) {
		const bt_field_class_structure_member *member =
			bt_field_class_structure_borrow_member_by_index_const(fields, i);
		const char *own = bt_field_class_structure_member_get_name(member);

		if (strlen(own) != span || memcmp(own, name, span) != 0)
			continue;
		slot->scope = scope;
		slot->member = i;
		slot->element = bracket ? g_ascii_strtoll(bracket + 1, NULL, 10) : -1;
		slot->type = bt_field_class_get_type(
			bt_field_class_structure_member_borrow_field_class_const(member));
		slot->number = kind_of_type(slot->type) == FIELD_KIND_INT ||
			       bt_field_class_type_is(slot->type, BT_FIELD_CLASS_TYPE_ARRAY);
		return true;
	}
	return false;
}

/* Finds the field that tells the CPU; false if there is none. */
static bool find_cpu(struct class_info *info)
{
	for (enum scope scope = SCOPE_PAYLOAD; scope < SCOPE_NONE; scope++)
		if (find_slot(info->bt, scope, "cpu_id", strlen("cpu_id"), &info->cpu) &&
			bt_field_class_type_is(info->cpu.type, BT_FIELD_CLASS_TYPE_INTEGER))
			return true;
	info->cpu.scope = SCOPE_NONE;
	return false;
}

static void add_class(struct bt2_source *source, struct class_set *set, unsigned int trace,
	const bt_event_class *class)
{
	struct class_info *info;
	uint64_t id = bt_event_class_get_id(class);
	const char *name = bt_event_class_get_name(class);

	if (id > CLASS_ID_MAX)
		return;
	if (set->by_id->len <= id)
		g_ptr_array_set_size(set->by_id, (gint)id + 1);
	if (set->by_id->pdata[id])
		return;
	info = g_new0(struct class_info, 1);
	info->bt = class;
	info->cpu.scope = SCOPE_NONE;
	info->fields = g_array_new(FALSE, FALSE, sizeof(struct source_field));
	info->slots = g_array_new(FALSE, FALSE, sizeof(struct slot));
	for (enum scope scope = SCOPE_PAYLOAD; scope < SCOPE_NONE; scope++)
		add_fields(info, scope);
	info->facts.tells_cpu = set->cpu_member >= 0 || find_cpu(info);
	info->facts.name = name ? name : "";
	info->facts.trace = trace;
	info->facts.group = set->number;
	info->facts.fields = (const struct source_field *)(void *)info->fields->data;
	info->facts.n_fields = info->fields->len;
	info->number = source->base.classes->len;
	g_ptr_array_add(source->base.classes, info);
	set->by_id->pdata[id] = info;
}

static int64_t find_cpu_member(const bt_stream_class *class)
{
	const bt_field_class *context =
		bt_stream_class_borrow_packet_context_field_class_const(class);
	uint64_t count = context ? bt_field_class_structure_get_member_count(context) : 0;

	for (uint64_t i = 0; i < count; i++) {
		if (strcmp(bt_field_class_structure_member_get_name(
				   bt_field_class_structure_borrow_member_by_index_const(
					   context, i)),
			    "cpu_id") == 0)
			return (int64_t)i;
	}
	return -1;
}

struct class_set *class_set_for(
	struct bt2_source *source, unsigned int trace, const bt_stream_class *class)
{
	struct class_set *set;
	uint64_t count;

	for (guint i = 0; i < source->class_sets->len; i++) {
		set = g_ptr_array_index(source->class_sets, i);
		if (set->bt == class)
			return set;
	}
	set = g_new0(struct class_set, 1);
	set->bt = class;
	set->number = source->class_sets->len;
	set->by_id = g_ptr_array_new();
	set->cpu_member = find_cpu_member(class);
	set->has_clock = bt_stream_class_borrow_default_clock_class_const(class) != NULL;
	g_ptr_array_add(source->class_sets, set);
	count = bt_stream_class_get_event_class_count(class);
	for (uint64_t i = 0; i < count && set->has_clock; i++)
		add_class(source, set, trace,
			bt_stream_class_borrow_event_class_by_index_const(class, i));
	return set;
}

unsigned int bt2_bind_field(struct source *base, unsigned int class_no, const char *names)
{
	struct bt2_source *source = bt2_of(base);
	struct class_info *info = g_ptr_array_index(base->classes, class_no);
	struct slot slot = {.scope = SCOPE_NONE};
	const char *at = names;

	info->wanted = true;
	while (*at && slot.scope == SCOPE_NONE) {
		size_t span = strcspn(at, "|");

		if (g_str_has_prefix(at, CTX_PREFIX)) {
			const char *name = at + strlen(CTX_PREFIX);
			size_t length = span - strlen(CTX_PREFIX);

			if (!find_slot(info->bt, SCOPE_SPECIFIC, name, length, &slot))
				find_slot(info->bt, SCOPE_COMMON, name, length, &slot);
		} else {
			find_slot(info->bt, SCOPE_PAYLOAD, at, span, &slot);
		}
		at += span;
		at += *at == '|';
	}
	g_array_append_val(info->slots, slot);
	info->keeps |= slot.scope != SCOPE_NONE && slot.element < 0 &&
		       kind_of_type(slot.type) != FIELD_KIND_INT;
	source->values_max = MAX(source->values_max, info->slots->len);
	return info->slots->len - 1;
}

void bt2_bind(struct source *base, unsigned int class_no, uint16_t kind, uint16_t sub)
{
	struct class_info *info = g_ptr_array_index(base->classes, class_no);

	info->wanted = true;
	info->kind = kind;
	info->sub = sub;
}

/* ---- Reading fields ---- */

static const bt_field *scope_field(const bt_event *event, enum scope scope)
{
	switch (scope) {
	case SCOPE_PAYLOAD:
		return bt_event_borrow_payload_field_const(event);
	case SCOPE_SPECIFIC:
		return bt_event_borrow_specific_context_field_const(event);
	case SCOPE_COMMON:
		return bt_event_borrow_common_context_field_const(event);
	default:
		return NULL;
	}
}

static const bt_field *slot_field(const bt_event *event, const struct slot *slot)
{
	const bt_field *scope = scope_field(event, slot->scope);

	if (!scope)
		return NULL;
	return bt_field_structure_borrow_member_field_by_index_const(scope, slot->member);
}

static bool scalar_integer(const bt_field *field, bt_field_class_type type, int64_t *value)
{
	if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_UNSIGNED_INTEGER))
		*value = (int64_t)bt_field_integer_unsigned_get_value(field);
	else if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_SIGNED_INTEGER))
		*value = bt_field_integer_signed_get_value(field);
	else if (type == BT_FIELD_CLASS_TYPE_BOOL)
		*value = bt_field_bool_get_value(field);
	else if (type == BT_FIELD_CLASS_TYPE_BIT_ARRAY)
		*value = (int64_t)bt_field_bit_array_get_value_as_integer(field);
	else
		return false;
	return true;
}

bool field_integer(const bt_field *field, int64_t *value)
{
	return scalar_integer(field, bt_field_get_class_type(field), value);
}

static int64_t element_integer(const bt_field *array, uint64_t index)
{
	const bt_field *field = bt_field_array_borrow_element_field_by_index_const(array, index);
	int64_t value;

	return field_integer(field, &value) ? value : VALUE_ABSENT;
}

/* The integer in a field, whatever it is kept as: bytes in a row are one in network order. */
static int64_t slot_integer(const bt_field *scope, const struct slot *slot)
{
	const bt_field *field =
		bt_field_structure_borrow_member_field_by_index_const(scope, slot->member);
	int64_t value = 0;
	uint64_t length;

	if (scalar_integer(field, slot->type, &value))
		return value;
	length = bt_field_array_get_length(field);
	if (slot->element >= 0)
		return (uint64_t)slot->element < length ? element_integer(field, slot->element)
							: VALUE_ABSENT;
	if (length == 0 || length > sizeof(value))
		return VALUE_ABSENT;
	for (uint64_t i = 0; i < length; i++) {
		int64_t byte = element_integer(field, i);

		if (byte == VALUE_ABSENT)
			return VALUE_ABSENT;
		value = (int64_t)((uint64_t)value << 8 | (byte & 255));
	}
	return value;
}

static const bt_field *record_field(
	const struct source *source, const struct record *rec, unsigned int number)
{
	const struct class_info *class;

	if (!rec->handle)
		return NULL;
	class = g_ptr_array_index(source->classes, rec->class_no);
	if (number >= class->slots->len)
		return NULL;
	return slot_field(rec->handle, &g_array_index(class->slots, struct slot, number));
}

/* Of an empty string the library may still have the text of an older event. */
static const char *string_value(const bt_field *field)
{
	return bt_field_string_get_length(field) ? bt_field_string_get_value(field) : "";
}

const char *get_string(void *data, const struct record *rec, unsigned int slot)
{
	const bt_field *field = record_field(data, rec, slot);

	if (!field || bt_field_get_class_type(field) != BT_FIELD_CLASS_TYPE_STRING)
		return NULL;
	return string_value(field);
}

size_t get_ints(void *data, const struct record *rec, unsigned int slot, int64_t *out, size_t max)
{
	const bt_field *field = record_field(data, rec, slot);
	uint64_t length;

	if (!field ||
		!bt_field_class_type_is(bt_field_get_class_type(field), BT_FIELD_CLASS_TYPE_ARRAY))
		return 0;
	length = bt_field_array_get_length(field);
	for (uint64_t i = 0; i < length && i < max; i++)
		out[i] = element_integer(field, i);
	return length;
}

/* Structures and arrays in traces are shallow; what is deeper than this is not told. */
#define VISIT_DEPTH 16

static void visit_field(
	const bt_field *field, const struct value_visitor *visitor, void *data, int depth);

static void visit_array(
	const bt_field *field, const struct value_visitor *visitor, void *data, int depth)
{
	uint64_t length = bt_field_array_get_length(field);

	visitor->begin_list(data);
	for (uint64_t i = 0; i < length; i++) {
		visit_field(bt_field_array_borrow_element_field_by_index_const(field, i), visitor,
			data, depth + 1);
		visitor->item(data);
	}
	visitor->end(data);
}

static void visit_structure(
	const bt_field *field, const struct value_visitor *visitor, void *data, int depth)
{
	const bt_field_class *class = bt_field_borrow_class_const(field);
	uint64_t count = bt_field_class_structure_get_member_count(class);

	visitor->begin_map(data);
	for (uint64_t i = 0; i < count; i++) {
		const char *name = bt_field_class_structure_member_get_name(
			bt_field_class_structure_borrow_member_by_index_const(class, i));

		if (is_length(name))
			continue;
		visitor->key(data, name);
		visit_field(bt_field_structure_borrow_member_field_by_index_const(field, i),
			visitor, data, depth + 1);
		visitor->item(data);
	}
	visitor->end(data);
}

static void visit_field(
	const bt_field *field, const struct value_visitor *visitor, void *data, int depth)
{
	bt_field_class_type type = field ? bt_field_get_class_type(field) : 0;
	int64_t value;

	if (!field || depth > VISIT_DEPTH)
		visitor->none(data);
	else if (scalar_integer(field, type, &value) && value < 0 &&
		 bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_UNSIGNED_INTEGER))
		visitor->large(data, (uint64_t)value);
	else if (scalar_integer(field, type, &value))
		visitor->integer(data, value);
	else if (type == BT_FIELD_CLASS_TYPE_STRING)
		visitor->text(data, string_value(field));
	else if (type == BT_FIELD_CLASS_TYPE_SINGLE_PRECISION_REAL)
		visitor->real(data, bt_field_real_single_precision_get_value(field));
	else if (type == BT_FIELD_CLASS_TYPE_DOUBLE_PRECISION_REAL)
		visitor->real(data, bt_field_real_double_precision_get_value(field));
	else if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_ARRAY))
		visit_array(field, visitor, data, depth);
	else if (type == BT_FIELD_CLASS_TYPE_STRUCTURE)
		visit_structure(field, visitor, data, depth);
	else if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_OPTION))
		visit_field(bt_field_option_borrow_field_const(field), visitor, data, depth + 1);
	else if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_VARIANT))
		visit_field(bt_field_variant_borrow_selected_option_field_const(field), visitor,
			data, depth + 1);
	else
		visitor->none(data);
}

void bt2_visit(const struct source *base, const struct record *record, unsigned int slot,
	const struct value_visitor *visitor, void *data)
{
	visit_field(record_field(base, record, slot), visitor, data, 0);
}

struct class_info *class_of(const struct class_set *set, const bt_event *event)
{
	uint64_t id = bt_event_class_get_id(bt_event_borrow_class_const(event));

	return id < set->by_id->len ? set->by_id->pdata[id] : NULL;
}

void class_read(const struct class_info *class, const bt_event *event, int64_t *v)
{
	const struct slot *slots = (const struct slot *)(const void *)class->slots->data;
	const bt_field *scopes[SCOPE_NONE] = {NULL};

	for (guint i = 0; i < class->slots->len; i++) {
		const struct slot *slot = &slots[i];

		v[i] = VALUE_ABSENT;
		if (!slot->number)
			continue;
		if (!scopes[slot->scope])
			scopes[slot->scope] = scope_field(event, slot->scope);
		if (scopes[slot->scope])
			v[i] = slot_integer(scopes[slot->scope], slot);
	}
}

int64_t class_cpu(const struct class_info *class, const bt_event *event)
{
	const bt_field *scope = scope_field(event, class->cpu.scope);
	int64_t cpu = scope ? slot_integer(scope, &class->cpu) : VALUE_ABSENT;

	return cpu == VALUE_ABSENT ? -1 : cpu;
}
