/*
 * Event classes: what fields they have, where those are that were bound, and the slow ways to them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/ctf/ctf.h"

#define CTX_PREFIX "ctx."

/* Ids above this are not dense: such a trace is not of LTTng. */
#define CLASS_ID_MAX 65535

/* Nor are those with more fields than this: the largest there are have 100. */
#define CLASS_FIELDS_MAX 4096

/* Scopes in the order in which fields are listed, and looked for. */
static const enum ctf_scope scope_order[] = {CTF_PAYLOAD, CTF_SPECIFIC_CONTEXT, CTF_COMMON_CONTEXT};

void ctf_class_free(gpointer data)
{
	struct ctf_class *class = data;

	for (guint i = 0; i < class->fields->len; i++)
		g_free((char *)g_array_index(class->fields, struct source_field, i).name);
	g_array_free(class->fields, TRUE);
	g_array_free(class->slots, TRUE);
	g_array_free(class->nested, TRUE);
	ctf_plan_free(class->plan);
	g_free(class);
}

static enum field_kind kind_of(const struct ctf_type *type)
{
	if (ctf_is_text(type))
		return FIELD_KIND_TEXT;
	return type->kind == CTF_INT    ? FIELD_KIND_INT
	       : type->kind == CTF_REAL ? FIELD_KIND_REAL
					: FIELD_KIND_OTHER;
}

static void add_fields(struct ctf_class *class, enum ctf_scope scope)
{
	const struct ctf_node *node = class->layout.scopes[scope];

	for (unsigned int i = 0; node && i < node->n_children; i++) {
		const struct ctf_node *child = &node->children[i];
		struct source_field field;

		if (ctf_is_length(child->name))
			continue;
		field.name = g_strconcat(scope == CTF_PAYLOAD ? "" : CTX_PREFIX, child->name, NULL);
		field.kind = kind_of(child->type);
		field.is_unsigned = child->type->kind == CTF_INT && !child->type->is_signed;
		g_array_append_val(class->fields, field);
	}
}

/* Finds the member of one scope of a class that is called so; false if there is none. */
static bool find_member(const struct ctf_class *class, enum ctf_scope scope,
	const struct field_name *name, struct ctf_slot *slot)
{
	const struct ctf_node *node = class->layout.scopes[scope];

	for (unsigned int i = 0; node && i < node->n_children; i++) {
		if (!field_name_is(name, node->children[i].name))
			continue;
		slot->scope = scope;
		slot->member = i;
		slot->elements = name->elements;
		return true;
	}
	return false;
}

/* Finds a field in one scope of a class, or inside of a member of it; false if it is not there. */
static bool find_slot(const struct ctf_class *class, enum ctf_scope scope, const char *text,
	size_t length, struct ctf_slot *slot)
{
	struct field_name name = field_name_of(text, length), member;
	struct ctf_nested nested = {.to = (uint16_t) class->slots->len};
	struct ctf_slot outer = *slot;

	if (find_member(class, scope, &name, slot))
		return true;
	if (!field_name_shift(&name, &member) || !find_member(class, scope, &member, &outer))
		return false;
	outer.inside = true;
	nested.elements = name.elements;
	if (!ctf_nested_find(&class->layout.scopes[scope]->children[outer.member], name, &nested,
		    class->nested))
		return false;
	*slot = outer;
	return true;
}

static const struct ctf_node *slot_node(const struct ctf_class *class, const struct ctf_slot *slot)
{
	return &class->layout.scopes[slot->scope]->children[slot->member];
}

/* Finds the field that tells the CPU; false if there is none. */
static bool find_cpu(struct ctf_class *class)
{
	for (size_t i = 0; i < G_N_ELEMENTS(scope_order); i++) {
		class->cpu.scope = CTF_N_SCOPES;
		if (find_slot(class, scope_order[i], "cpu_id", strlen("cpu_id"), &class->cpu) &&
			slot_node(class, &class->cpu)->type->kind == CTF_INT)
			return true;
	}
	class->cpu.scope = CTF_N_SCOPES;
	return false;
}

static bool add_class(struct ctf_source *source, struct ctf_trace *trace, unsigned int number,
	const struct ctf_stream_class *stream, const struct ctf_event_class *event,
	struct ctf_class_set *set, GError **error)
{
	const struct ctf_type *types[CTF_N_SCOPES] = {
		stream->event_context, event->context, event->payload};
	struct ctf_class *class;
	struct ctf_hot *hot;

	if (event->id > CLASS_ID_MAX) {
		g_set_error(error, CTF_ERROR, CTF_ERROR_LIMIT,
			"event \"%.64s\" has too large an id: %" G_GUINT64_FORMAT "", event->name,
			event->id);
		return false;
	}
	if (set->hot->len <= event->id)
		g_array_set_size(set->hot, (guint)event->id + 1);
	hot = &g_array_index(set->hot, struct ctf_hot, event->id);
	if (hot->class)
		return true;
	class = g_new0(struct ctf_class, 1);
	class->cpu.scope = CTF_N_SCOPES;
	class->fields = g_array_new(FALSE, FALSE, sizeof(struct source_field));
	class->slots = g_array_new(FALSE, FALSE, sizeof(struct ctf_slot));
	class->nested = g_array_new(FALSE, FALSE, sizeof(struct ctf_nested));
	class->number = source->base.classes->len;
	g_ptr_array_add(source->base.classes, class);
	if (!ctf_layout(&trace->layouts, types, &class->layout, error))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(scope_order); i++)
		add_fields(class, scope_order[i]);
	if (class->fields->len > CLASS_FIELDS_MAX) {
		g_set_error(error, CTF_ERROR, CTF_ERROR_LIMIT,
			"event \"%.64s\" has too many fields: %u", event->name, class->fields->len);
		return false;
	}
	class->facts.tells_cpu = set->has_cpu || find_cpu(class);
	class->facts.name = event->name;
	class->facts.trace = number;
	class->facts.group = set->number;
	class->facts.fields = (const struct source_field *)(void *)class->fields->data;
	class->facts.n_fields = class->fields->len;
	*hot = (struct ctf_hot){.class = class, .bytes = -1};
	return true;
}

bool ctf_add_classes(struct ctf_source *source, struct ctf_trace *trace, unsigned int number,
	const struct ctf_stream_class *stream, struct ctf_class_set *set, GError **error)
{
	bool ok = true;

	if (stream->events->len == 1)
		set->only_id = ((struct ctf_event_class *)g_ptr_array_index(stream->events, 0))->id;
	for (guint i = 0; ok && i < stream->events->len; i++)
		ok = add_class(source, trace, number, stream, g_ptr_array_index(stream->events, i),
			set, error);
	return ok;
}

const struct ctf_plan *ctf_class_plan(struct ctf_class *class, struct ctf_hot *hot)
{
	if (!class->plan) {
		class->plan =
			ctf_plan_new(&class->layout, (struct ctf_slot *)(void *)class->slots->data,
				class->slots->len, class->nested);
		hot->bytes = class->wanted ? -1 : ctf_plan_bytes(class->plan);
	}
	return class->plan;
}

/* ---- Binding ---- */

unsigned int ctf_bind_field(struct source *base, unsigned int class_no, const char *names)
{
	struct ctf_source *source = ctf_of(base);
	struct ctf_class *class = g_ptr_array_index(base->classes, class_no);
	struct ctf_slot slot = {.scope = CTF_N_SCOPES};
	const char *at = names;
	guint values;

	class->wanted = true;
	while (*at && slot.scope == CTF_N_SCOPES) {
		size_t span = strcspn(at, "|");

		if (g_str_has_prefix(at, CTX_PREFIX)) {
			const char *name = at + strlen(CTX_PREFIX);
			size_t length = span - strlen(CTX_PREFIX);

			if (!find_slot(class, CTF_SPECIFIC_CONTEXT, name, length, &slot))
				find_slot(class, CTF_COMMON_CONTEXT, name, length, &slot);
		} else {
			find_slot(class, CTF_PAYLOAD, at, span, &slot);
		}
		at += span;
		at += *at == '|';
	}
	g_array_append_val(class->slots, slot);
	class->keeps |= slot.scope != CTF_N_SCOPES && slot.elements.first < 0 && !slot.inside &&
			slot_node(class, &slot)->type->kind != CTF_INT;
	values = class->slots->len + sizeof(struct ctf_extent) / sizeof(int64_t);
	source->values_max = MAX(source->values_max, values);
	return class->slots->len - 1;
}

void ctf_unbind(struct source *base)
{
	struct ctf_source *source = ctf_of(base);

	for (guint i = 0; i < base->classes->len; i++) {
		struct ctf_class *class = g_ptr_array_index(base->classes, i);

		class->wanted = class->keeps = false;
		class->kind = class->sub = 0;
		g_array_set_size(class->slots, 0);
		g_array_set_size(class->nested, 0);
		ctf_plan_free(class->plan);
		class->plan = NULL;
	}
	for (guint i = 0; i < source->sets->len; i++) {
		const struct ctf_class_set *set = g_ptr_array_index(source->sets, i);

		for (guint k = 0; k < set->hot->len; k++)
			g_array_index(set->hot, struct ctf_hot, k).bytes = -1;
	}
	source->planned = false;
}

void ctf_bind(struct source *base, unsigned int class_no, uint16_t kind, uint16_t sub)
{
	struct ctf_class *class = g_ptr_array_index(base->classes, class_no);

	class->wanted = true;
	class->kind = kind;
	class->sub = sub;
}

/* ---- Getters ---- */

int64_t ctf_event_cpu(const struct ctf_class *class, const uint8_t *base, uint64_t at, uint64_t end)
{
	struct ctf_cursor cursor = {.base = base, .at = at, .end = end};
	uint64_t cpu;

	if (!ctf_find(&class->layout, class->cpu.scope, class->cpu.member, &cursor) ||
		!ctf_read(slot_node(class, &class->cpu), &cursor, &cpu))
		return -1;
	return (int64_t)cpu;
}

/* Moves the cursor to a bound field of a record; NULL if there is none. */
static const struct ctf_node *go_to(const struct source *base, const struct record *rec,
	unsigned int number, struct ctf_cursor *cursor)
{
	const struct ctf_extent *extent = rec->handle;
	const struct ctf_class *class;
	const struct ctf_slot *slot;

	if (!extent)
		return NULL;
	class = g_ptr_array_index(base->classes, rec->class_no);
	if (number >= class->slots->len)
		return NULL;
	slot = &g_array_index(class->slots, struct ctf_slot, number);
	if (slot->scope == CTF_N_SCOPES || slot->inside)
		return NULL;
	cursor->base = extent->base;
	cursor->at = extent->at;
	cursor->end = extent->end;
	if (slot->offset == CTF_VARIABLE)
		return ctf_find(&class->layout, slot->scope, slot->member, cursor)
			       ? slot_node(class, slot)
			       : NULL;
	cursor->at = bits_align(cursor->at, ctf_plan_align(class->plan)) + slot->offset;
	return slot_node(class, slot);
}

/* Text in turns: who compares two of them has both. */
static GString *next_buffer(struct ctf_source *source)
{
	return source->buffers[source->buffer++ % G_N_ELEMENTS(source->buffers)];
}

const char *ctf_get_string(void *data, const struct record *rec, unsigned int slot)
{
	struct ctf_cursor cursor;
	const struct ctf_node *node = go_to(data, rec, slot, &cursor);

	if (!node || !ctf_is_text(node->type))
		return NULL;
	return ctf_text_at(node, &cursor, next_buffer(data));
}

size_t ctf_get_ints(
	void *data, const struct record *rec, unsigned int slot, int64_t *out, size_t max)
{
	struct ctf_cursor cursor;
	const struct ctf_node *node = go_to(data, rec, slot, &cursor), *element;
	uint64_t length, value;

	if (!node || ctf_is_text(node->type) ||
		(node->type->kind != CTF_ARRAY && node->type->kind != CTF_SEQUENCE) ||
		!ctf_enter(node, &cursor, &length))
		return 0;
	element = &node->children[0];
	for (uint64_t i = 0; i < length && i < max; i++) {
		out[i] = VALUE_ABSENT;
		if (element->type->kind == CTF_INT && ctf_read(element, &cursor, &value))
			out[i] = (int64_t)value;
	}
	return length;
}

void ctf_visit_slot(const struct source *base, const struct record *record, unsigned int slot,
	const struct value_visitor *visitor, void *data)
{
	struct ctf_cursor cursor;
	const struct ctf_node *node = go_to(base, record, slot, &cursor);

	if (node)
		ctf_visit(node, &cursor, next_buffer(ctf_of(base)), visitor, data);
	else
		visitor->none(data);
}
