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
	for (guint i = 0; i < class->slots->len; i++)
		g_strfreev(g_array_index(class->slots, struct slot, i).inside);
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

/* Finds the member of a structure that is called so; NULL if there is none. */
static const bt_field_class *find_member(
	const bt_field_class *structure, const struct field_name *name, uint64_t *number)
{
	uint64_t count = structure ? bt_field_class_structure_get_member_count(structure) : 0;

	for (uint64_t i = 0; i < count; i++) {
		const bt_field_class_structure_member *member =
			bt_field_class_structure_borrow_member_by_index_const(structure, i);

		if (!field_name_is(name, bt_field_class_structure_member_get_name(member)))
			continue;
		*number = i;
		return bt_field_class_structure_member_borrow_field_class_const(member);
	}
	return NULL;
}

/* Whether there is an integer to read in a field of this class. */
static bool has_number(const bt_field_class *class)
{
	bt_field_class_type type = bt_field_class_get_type(class);

	return kind_of_type(type) == FIELD_KIND_INT ||
	       bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_ARRAY);
}

/* Whether a class has something called `name` inside, in a structure or in any option of a variant. */
static bool has_inside(const bt_field_class *class, bool has_name, struct field_name name)
{
	bt_field_class_type type = bt_field_class_get_type(class);
	struct field_name first = name;
	uint64_t number, count;
	bool more;

	if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_OPTION))
		return has_inside(
			bt_field_class_option_borrow_field_class_const(class), has_name, name);
	if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_VARIANT)) {
		count = bt_field_class_variant_get_option_count(class);
		for (uint64_t i = 0; i < count; i++)
			if (has_inside(bt_field_class_variant_option_borrow_field_class_const(
					       bt_field_class_variant_borrow_option_by_index_const(
						       class, i)),
				    has_name, name))
				return true;
		return false;
	}
	if (!has_name)
		return has_number(class);
	if (type != BT_FIELD_CLASS_TYPE_STRUCTURE)
		return false;
	more = field_name_shift(&name, &first);
	class = find_member(class, &first, &number);
	return class && has_inside(class, more, name);
}

/* Finds a field in one scope of a class, or inside of a member of it; false if it is not there. */
static bool find_slot(const bt_event_class *class, enum scope scope, const char *text,
	size_t length, struct slot *slot)
{
	const bt_field_class *fields = scope_class(class, scope), *member;
	struct field_name name = field_name_of(text, length), first = name;
	char *inside;

	slot->elements = name.elements;
	member = find_member(fields, &name, &slot->member);
	if (member) {
		slot->scope = scope;
		slot->type = bt_field_class_get_type(member);
		slot->number = has_number(member);
		return true;
	}
	if (!field_name_shift(&name, &first))
		return false;
	member = find_member(fields, &first, &slot->member);
	if (!member || !has_inside(member, true, name))
		return false;
	slot->scope = scope;
	slot->type = bt_field_class_get_type(member);
	slot->number = true;
	inside = g_strndup(name.text, name.length);
	slot->inside = g_strsplit(inside, ".", -1);
	g_free(inside);
	return true;
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
	info->keeps |= slot.scope != SCOPE_NONE && slot.elements.first < 0 && !slot.inside &&
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

/* The integer in an array: some of its elements as one number, or all of its up to 8 bytes. */
static int64_t array_integer(const bt_field *field, struct elements elements)
{
	const bt_field_class *of = bt_field_class_array_borrow_element_field_class_const(
		bt_field_borrow_class_const(field));
	bool single = elements.first >= 0 && elements.n == 1;
	uint64_t sum = 0, bits;

	if (!bt_field_class_type_is(bt_field_class_get_type(of), BT_FIELD_CLASS_TYPE_INTEGER))
		return VALUE_ABSENT;
	bits = bt_field_class_integer_get_field_value_range(of);
	if (!elements_of_array(&elements, bt_field_array_get_length(field), &bits))
		return VALUE_ABSENT;
	if (single)
		return element_integer(field, (uint64_t)elements.first);
	for (int64_t i = elements.first; i < elements.first + elements.n; i++)
		sum = elements_append(sum, (uint64_t)element_integer(field, (uint64_t)i), bits);
	return (int64_t)sum;
}

/* What is there of a variant, or of what may be missing; NULL if that is nothing. */
static const bt_field *there(const bt_field *field)
{
	while (field) {
		bt_field_class_type type = bt_field_get_class_type(field);

		if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_OPTION))
			field = bt_field_option_borrow_field_const(field);
		else if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_VARIANT))
			field = bt_field_variant_borrow_selected_option_field_const(field);
		else
			break;
	}
	return field;
}

/* The integer in a field, or in what is inside of it; arrays see above. */
static int64_t slot_integer(const bt_field *scope, const struct slot *slot)
{
	const bt_field *field =
		bt_field_structure_borrow_member_field_by_index_const(scope, slot->member);
	bt_field_class_type type = slot->type;
	int64_t value;

	for (char *const *name = slot->inside; name && *name; name++) {
		field = there(field);
		if (!field || bt_field_get_class_type(field) != BT_FIELD_CLASS_TYPE_STRUCTURE)
			return VALUE_ABSENT;
		field = bt_field_structure_borrow_member_field_by_name_const(field, *name);
	}
	if (slot->inside) {
		field = there(field);
		if (!field)
			return VALUE_ABSENT;
		type = bt_field_get_class_type(field);
	}
	if (scalar_integer(field, type, &value))
		return value;
	return bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_ARRAY)
		       ? array_integer(field, slot->elements)
		       : VALUE_ABSENT;
}

static const bt_field *record_field(
	const struct source *source, const struct record *rec, unsigned int number)
{
	const struct class_info *class;

	if (!rec->handle)
		return NULL;
	class = g_ptr_array_index(source->classes, rec->class_no);
	if (number >= class->slots->len || g_array_index(class->slots, struct slot, number).inside)
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
