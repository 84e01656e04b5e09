/*
 * How fields lie in the bits of a packet.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/ctf/layout.h"

/* Layouts of a real trace have some 10,000; types can be made that unfold without end. */
#define NODES_MAX 262144

/* How many names are compared to find what others refer to. */
#define LOOKS_MAX (64 << 20)

/*
 * How many fields of an event may be of no bits: the work that these cause has nothing to do with
 * how much of a trace there is.
 */
#define EMPTY_MAX 512

/* An array of no more elements may cost another reader something, but not everything. */
#define FEW 16

/* How deep fields may lie in each other. */
#define DEPTH_MAX VALUE_DEPTH_MAX

/* How long a field's name may be: each class that has the field has a copy. */
#define NAME_LENGTH_MAX 1024

/* ---- Making layouts ---- */

/* A structure that is being laid out, and what it lies in. */
struct frame {
	const struct frame *outer;
	struct ctf_node *node;
};

struct builder {
	struct ctf_layouts *layouts;
	struct ctf_layout *layout;
	int depth;
	unsigned int n_empty; /* fields that may be of no bits */
	GError **error;
};

static bool fail_with(
	struct builder *builder, enum ctf_error code, const char *what, const char *name)
{
	if (builder->error && !*builder->error && name[0])
		g_set_error(builder->error, CTF_ERROR, code, "metadata, field \"%.64s\": %s", name,
			what);
	else if (builder->error && !*builder->error)
		g_set_error(builder->error, CTF_ERROR, code, "metadata: %s", what);
	return false;
}

static bool fail(struct builder *builder, const char *what, const char *name)
{
	return fail_with(builder, CTF_ERROR_OTHER, what, name);
}

/* It is too much of something. */
static bool exceed(struct builder *builder, const char *what, const char *name)
{
	return fail_with(builder, CTF_ERROR_LIMIT, what, name);
}

/* Takes note of a look at `n` names; false if those are too many. */
static bool may_look(struct builder *builder, unsigned int n)
{
	if (n > LOOKS_MAX - builder->layouts->n_looks)
		return exceed(builder, "too many references to names", "");
	builder->layouts->n_looks += n;
	return true;
}

/* The structure in `node` that is around, too, whatever is between them; NULL if there is none. */
static struct ctf_node *next_inside(const struct frame *frame, const struct ctf_node *node)
{
	struct ctf_node *inside = NULL;

	for (; frame && frame->node != node; frame = frame->outer)
		if (frame->node->type->kind == CTF_STRUCT)
			inside = frame->node;
	return frame ? inside : NULL;
}

/*
 * The member of a structure that is called `name`, among those laid out so far; of the one that is
 * being laid out, the structure around.
 */
static struct ctf_node *find_member(
	struct builder *builder, struct ctf_node *node, const char *name, const struct frame *frame)
{
	const struct ctf_type *type = node->type;

	if (type->kind != CTF_STRUCT || !may_look(builder, node->n_children + 1))
		return NULL;
	for (unsigned int i = 0; i < type->n_fields && i <= node->n_children; i++)
		if (strcmp(type->fields[i].raw, name) == 0)
			return i < node->n_children ? &node->children[i] : next_inside(frame, node);
	return NULL;
}

static struct ctf_node *follow(struct builder *builder, struct ctf_node *node,
	const struct ctf_path *path, const struct frame *frame)
{
	for (unsigned int i = 0; node && i < path->n_names; i++)
		node = find_member(builder, node, path->names[i], frame);
	return node;
}

/* The `n`th structure further out; NULL if there are not as many. */
static const struct frame *go_up(const struct frame *frame, unsigned int n)
{
	for (; frame && (n > 0 || frame->node->type->kind != CTF_STRUCT); frame = frame->outer)
		n -= frame->node->type->kind == CTF_STRUCT;
	return frame;
}

/* Finds the integer that a path leads to, and gives it a register; NULL if there is none. */
static struct ctf_node *refer(
	struct builder *builder, const struct frame *frame, const struct ctf_path *path)
{
	const struct frame *from = go_up(frame, path->n_up);
	struct ctf_node *node = NULL;

	if (path->scope < CTF_N_SCOPES && builder->layout->scopes[path->scope])
		node = follow(builder, builder->layout->scopes[path->scope], path, frame);
	for (; path->scope == CTF_HERE && from && !node; from = from->outer)
		node = follow(builder, from->node, path, frame);
	if (!node || node->type->kind != CTF_INT || path->n_names == 0)
		return NULL;
	if (node->store < 0) {
		if (builder->layout->n_registers == CTF_REGISTERS_MAX) {
			exceed(builder, "too many lengths and selectors", node->name);
			return NULL;
		}
		node->store = (int)builder->layout->n_registers++;
		node->stores = true;
	}
	return node;
}

static bool build(struct builder *builder, struct ctf_node *node, const struct ctf_type *type,
	const struct frame *frame);

static bool may_add(struct builder *builder, unsigned int n)
{
	if (n > NODES_MAX - builder->layouts->n_nodes)
		return false;
	builder->layouts->n_nodes += n;
	return true;
}

static struct ctf_node *new_nodes(struct builder *builder, unsigned int n)
{
	if (!may_add(builder, n))
		return NULL;
	return ctf_alloc(builder->layouts->arena, n * sizeof(struct ctf_node));
}

/* No packet has as many bits; so sums of smaller sizes don't overflow. */
#define SIZE_MAX_BITS (UINT64_C(1) << 48)

/* a + b, of sizes that may be variable, or beyond any packet. */
static uint64_t add_sizes(uint64_t a, uint64_t b)
{
	return a > SIZE_MAX_BITS || b > SIZE_MAX_BITS ? CTF_VARIABLE : a + b;
}

static uint64_t times(uint64_t size, uint64_t length)
{
	return size != 0 && length > SIZE_MAX_BITS / size ? CTF_VARIABLE : size * length;
}

/* Lays out the fields of a structure or a variant as the children of `node`. */
static bool build_fields(struct builder *builder, struct ctf_node *node, const struct frame *frame)
{
	const struct ctf_type *type = node->type;
	struct frame own = {frame, node};

	node->children = new_nodes(builder, type->n_fields);
	if (type->n_fields > 0 && !node->children)
		return exceed(builder, "too many fields", node->name);
	for (unsigned int i = 0; i < type->n_fields; i++) {
		struct ctf_node *child = &node->children[i];

		child->name = type->fields[i].name;
		child->role = type->fields[i].role;
		if (strlen(child->name) > NAME_LENGTH_MAX)
			return exceed(builder, "a name in it is too long", node->name);
		if (!build(builder, child, type->fields[i].type, &own))
			return false;
		node->n_children++;
	}
	return true;
}

static bool build_struct(struct builder *builder, struct ctf_node *node, const struct frame *frame)
{
	if (!build_fields(builder, node, frame))
		return false;
	node->size = 0;
	for (unsigned int i = 0; i < node->n_children; i++) {
		const struct ctf_node *child = &node->children[i];

		if (node->size != CTF_VARIABLE && child->size != CTF_VARIABLE)
			node->size = add_sizes(bits_align(node->size, child->align), child->size);
		else
			node->size = CTF_VARIABLE;
		node->least = add_sizes(node->least, child->least);
		node->stores |= child->stores;
	}
	return true;
}

static bool build_array(struct builder *builder, struct ctf_node *node, const struct frame *frame)
{
	const struct ctf_type *type = node->type;
	struct ctf_node *length = NULL, *element;

	if (type->kind == CTF_SEQUENCE) {
		length = refer(builder, frame, &type->path);
		if (!length)
			return fail(builder, "its length field is not found", node->name);
		if (length->type->is_signed)
			return fail(builder, "its length field is signed", node->name);
		node->load = length->store;
	}
	node->children = element = new_nodes(builder, 1);
	if (!element)
		return exceed(builder, "too many fields", node->name);
	node->n_children = 1;
	element->name = node->name;
	if (!build(builder, element, type->element, frame))
		return false;
	/* Elements of nothing would be there without end. */
	if (element->least == 0)
		return fail_with(builder,
			type->kind == CTF_ARRAY && type->length <= FEW ? CTF_ERROR_OTHER
								       : CTF_ERROR_LIMIT,
			"its elements may have size 0", node->name);
	node->stores = element->stores;
	if (type->kind == CTF_SEQUENCE)
		return true;
	node->least = times(element->least, type->length);
	if (type->length == 0)
		node->size = 0;
	else if (element->size != CTF_VARIABLE)
		node->size = add_sizes(
			times(bits_align(element->size, element->align), type->length - 1),
			element->size);
	return true;
}

/*
 * Adds what selects an option: its own ranges, or those of the selector's labels of its name. False
 * if that is too much.
 */
static bool add_choices(struct builder *builder, GArray *choices, const struct ctf_field *option,
	unsigned int child, const struct ctf_type *selector)
{
	const struct ctf_label *labels = option->when ? option->when : selector->labels;
	unsigned int n = option->when ? option->n_when : selector->n_labels;
	guint before = choices->len;

	if (!may_look(builder, n))
		return false;
	for (unsigned int i = 0; i < n; i++) {
		struct ctf_choice choice = {labels[i].low, labels[i].high, child};

		if (option->when || strcmp(labels[i].name, option->raw) == 0)
			g_array_append_val(choices, choice);
	}
	return may_add(builder, choices->len - before);
}

static bool build_variant(struct builder *builder, struct ctf_node *node, const struct frame *frame)
{
	const struct ctf_type *type = node->type;
	const struct ctf_node *selector = refer(builder, frame, &type->path);
	bool ok = true;
	GArray *choices;

	if (!selector)
		return fail(builder, "its selector is not found", node->name);
	node->load = selector->store;
	node->selector_is_signed = selector->type->is_signed;
	if (!build_fields(builder, node, frame))
		return false;
	choices = g_array_new(FALSE, FALSE, sizeof(struct ctf_choice));
	node->least = type->kind == CTF_OPTION || node->n_children == 0 ? 0 : UINT64_MAX;
	for (unsigned int i = 0; ok && i < node->n_children; i++) {
		ok = add_choices(builder, choices, &type->fields[i], i, selector->type);
		node->least = MIN(node->least, node->children[i].least);
		node->stores |= node->children[i].stores;
	}
	node->n_choices = choices->len;
	node->choices =
		ctf_alloc(builder->layouts->arena, choices->len * sizeof(struct ctf_choice));
	if (choices->len > 0)
		memcpy(node->choices, choices->data, choices->len * sizeof(struct ctf_choice));
	g_array_free(choices, TRUE);
	return ok || exceed(builder, "too many selector values", node->name);
}

static bool build(struct builder *builder, struct ctf_node *node, const struct ctf_type *type,
	const struct frame *frame)
{
	bool ok = true;

	node->type = type;
	node->align = type->align;
	node->big_endian = type->order == CTF_NATIVE ? builder->layouts->metadata->big_endian
						     : type->order == CTF_BIG;
	node->size = CTF_VARIABLE;
	node->store = node->load = -1;
	if (++builder->depth > DEPTH_MAX)
		return exceed(builder, "fields are nested too deeply", node->name);
	if (type->clock && builder->layouts->no_clock)
		return fail(builder, "it is a clock value outside of a header", node->name);
	switch (type->kind) {
	case CTF_INT:
	case CTF_REAL:
		node->size = node->least = type->size;
		break;
	case CTF_STRING:
		node->least = 8;
		break;
	case CTF_STRUCT:
		ok = build_struct(builder, node, frame);
		break;
	case CTF_ARRAY:
	case CTF_SEQUENCE:
		ok = build_array(builder, node, frame);
		break;
	case CTF_VARIANT:
	case CTF_OPTION:
		ok = build_variant(builder, node, frame);
		break;
	}
	builder->depth--;
	if (ok && node->least == 0 && ++builder->n_empty > EMPTY_MAX)
		return exceed(builder, "too many fields that may have size 0", node->name);
	return ok;
}

/* Stores are known only when all references are: tells the structures around them. */
static bool note_stores(struct ctf_node *node)
{
	node->stores = node->store >= 0;
	for (unsigned int i = 0; i < node->n_children; i++)
		node->stores |= note_stores(&node->children[i]);
	return node->stores;
}

bool ctf_layout(struct ctf_layouts *layouts, const struct ctf_type *const types[CTF_N_SCOPES],
	struct ctf_layout *layout, GError **error)
{
	struct builder builder = {layouts, layout, 0, 0, error};

	*layout = (struct ctf_layout){0};
	for (int i = 0; i < CTF_N_SCOPES; i++) {
		if (!types[i])
			continue;
		if (types[i]->kind != CTF_STRUCT)
			return fail(&builder, "it must be a structure", "");
		layout->scopes[i] = new_nodes(&builder, 1);
		if (!layout->scopes[i])
			return exceed(&builder, "too many fields", "");
		layout->scopes[i]->name = "";
		if (!build(&builder, layout->scopes[i], types[i], NULL))
			return false;
	}
	for (int i = 0; i < CTF_N_SCOPES; i++)
		if (layout->scopes[i])
			note_stores(layout->scopes[i]);
	return true;
}

/* ---- Walking ---- */

bool ctf_read(const struct ctf_node *node, struct ctf_cursor *cursor, uint64_t *value)
{
	unsigned int size = node->type->size;

	if (!ctf_align(cursor, node->align) || size > cursor->end - cursor->at)
		return false;
	*value = bits_read(cursor->base, cursor->at, size, node->big_endian);
	if (node->type->is_signed)
		*value = (uint64_t)bits_signed(*value, size);
	cursor->at += size;
	if (node->store >= 0)
		cursor->registers[node->store] = *value;
	return true;
}

/* Moves behind the NUL of a string; false if there is none. */
static bool skip_string(struct ctf_cursor *cursor)
{
	const uint8_t *begin, *nul;

	if (!ctf_align(cursor, 8) || cursor->at == cursor->end)
		return false;
	begin = cursor->base + cursor->at / 8;
	nul = memchr(begin, '\0', (cursor->end - cursor->at) / 8);
	if (!nul)
		return false;
	cursor->at += 8 * (uint64_t)(nul + 1 - begin);
	return true;
}

/* Whether `length` elements are there, as far as that can be told without a look at them. */
static bool has_elements(
	const struct ctf_node *element, const struct ctf_cursor *cursor, uint64_t length)
{
	return length <= (cursor->end - cursor->at) / element->least;
}

bool ctf_enter(const struct ctf_node *node, struct ctf_cursor *cursor, uint64_t *length)
{
	*length =
		node->type->kind == CTF_ARRAY ? node->type->length : cursor->registers[node->load];
	return ctf_align(cursor, node->align) && has_elements(&node->children[0], cursor, *length);
}

/* Moves behind `length` elements. */
static bool skip_elements(
	const struct ctf_node *element, struct ctf_cursor *cursor, uint64_t length)
{
	if (element->size != CTF_VARIABLE && !element->stores && length > 0) {
		uint64_t stride = bits_align(element->size, element->align);
		uint64_t left = cursor->end - cursor->at;

		if (element->size > left || length - 1 > (left - element->size) / stride)
			return false;
		cursor->at += (length - 1) * stride + element->size;
		return true;
	}
	for (uint64_t i = 0; i < length; i++)
		if (!ctf_skip(element, cursor))
			return false;
	return true;
}

static bool is_chosen(const struct ctf_node *node, const struct ctf_choice *choice, uint64_t value)
{
	if (node->selector_is_signed)
		return (int64_t)value >= (int64_t)choice->low &&
		       (int64_t)value <= (int64_t)choice->high;
	return value >= choice->low && value <= choice->high;
}

const struct ctf_node *ctf_choose(const struct ctf_node *node, const struct ctf_cursor *cursor)
{
	for (unsigned int i = 0; i < node->n_choices; i++)
		if (is_chosen(node, &node->choices[i], cursor->registers[node->load]))
			return &node->children[node->choices[i].child];
	return NULL;
}

bool ctf_skip(const struct ctf_node *node, struct ctf_cursor *cursor)
{
	const struct ctf_node *option;
	uint64_t value;

	if (!ctf_align(cursor, node->align))
		return false;
	if (node->size != CTF_VARIABLE && !node->stores) {
		if (node->size > cursor->end - cursor->at)
			return false;
		cursor->at += node->size;
		return true;
	}
	switch (node->type->kind) {
	case CTF_INT:
	case CTF_REAL:
		return ctf_read(node, cursor, &value);
	case CTF_STRING:
		return skip_string(cursor);
	case CTF_STRUCT:
		for (unsigned int i = 0; i < node->n_children; i++)
			if (!ctf_skip(&node->children[i], cursor))
				return false;
		return true;
	case CTF_ARRAY:
	case CTF_SEQUENCE:
		return ctf_enter(node, cursor, &value) &&
		       skip_elements(&node->children[0], cursor, value);
	case CTF_VARIANT:
	case CTF_OPTION:
		option = ctf_choose(node, cursor);
		return option ? ctf_skip(option, cursor) : node->type->kind == CTF_OPTION;
	}
	return false;
}

bool ctf_find(const struct ctf_layout *layout, enum ctf_scope scope, unsigned int member,
	struct ctf_cursor *cursor)
{
	const struct ctf_node *node = layout->scopes[scope];

	for (int i = 0; i < (int)scope; i++)
		if (layout->scopes[i] && !ctf_skip(layout->scopes[i], cursor))
			return false;
	if (!node || member >= node->n_children || !ctf_align(cursor, node->align))
		return false;
	for (unsigned int i = 0; i < member; i++)
		if (!ctf_skip(&node->children[i], cursor))
			return false;
	return ctf_align(cursor, node->children[member].align);
}

bool ctf_is_text(const struct ctf_type *type)
{
	return type->kind == CTF_STRING ||
	       ((type->kind == CTF_ARRAY || type->kind == CTF_SEQUENCE) && type->element->is_text);
}

bool ctf_is_array(const struct ctf_type *type)
{
	return (type->kind == CTF_ARRAY || type->kind == CTF_SEQUENCE) && !ctf_is_text(type);
}

const char *ctf_text_at(const struct ctf_node *node, struct ctf_cursor *cursor, GString *buffer)
{
	const char *text;
	uint64_t length;

	if (node->type->kind == CTF_STRING) {
		if (!ctf_align(cursor, 8))
			return NULL;
		text = (const char *)cursor->base + cursor->at / 8;
		return skip_string(cursor) ? text : NULL;
	}
	if (!ctf_enter(node, cursor, &length))
		return NULL;
	text = (const char *)cursor->base + cursor->at / 8;
	if (!skip_elements(&node->children[0], cursor, length))
		return NULL;
	if (length > 0 && memchr(text, '\0', length))
		return text;
	g_string_truncate(buffer, 0);
	g_string_append_len(buffer, text, (gssize)length);
	return buffer->str;
}

bool ctf_is_length(const char *name)
{
	return name[0] == '_' && g_str_has_suffix(name, "_length");
}

static bool visit_real(const struct ctf_node *node, struct ctf_cursor *cursor,
	const struct value_visitor *visitor, void *data)
{
	uint64_t bits;
	uint32_t half;
	float single;
	double both;

	if (!ctf_read(node, cursor, &bits))
		return false;
	if (node->type->size == 32) {
		half = (uint32_t)bits;
		memcpy(&single, &half, sizeof(single));
		both = (double)single;
	} else {
		memcpy(&both, &bits, sizeof(both));
	}
	visitor->real(data, both);
	return true;
}

static bool visit_elements(const struct ctf_node *node, struct ctf_cursor *cursor, GString *buffer,
	const struct value_visitor *visitor, void *data)
{
	uint64_t length;
	bool ok = ctf_enter(node, cursor, &length);

	visitor->begin_list(data);
	for (uint64_t i = 0; ok && i < length; i++) {
		ok = ctf_visit(&node->children[0], cursor, buffer, visitor, data);
		visitor->item(data);
	}
	visitor->end(data);
	return ok;
}

static bool visit_members(const struct ctf_node *node, struct ctf_cursor *cursor, GString *buffer,
	const struct value_visitor *visitor, void *data)
{
	bool ok = true;

	visitor->begin_map(data);
	for (unsigned int i = 0; ok && i < node->n_children; i++) {
		const struct ctf_node *child = &node->children[i];

		if (ctf_is_length(child->name)) {
			ok = ctf_skip(child, cursor);
			continue;
		}
		visitor->key(data, child->name);
		ok = ctf_visit(child, cursor, buffer, visitor, data);
		visitor->item(data);
	}
	visitor->end(data);
	return ok;
}

bool ctf_visit(const struct ctf_node *node, struct ctf_cursor *cursor, GString *buffer,
	const struct value_visitor *visitor, void *data)
{
	const struct ctf_node *option;
	const char *text;
	uint64_t value;

	if (!ctf_align(cursor, node->align)) {
		visitor->none(data);
		return false;
	}
	if (ctf_is_text(node->type)) {
		text = ctf_text_at(node, cursor, buffer);
		if (text)
			visitor->text(data, text);
		else
			visitor->none(data);
		return text != NULL;
	}
	switch (node->type->kind) {
	case CTF_INT:
		if (!ctf_read(node, cursor, &value))
			break;
		if (!node->type->is_signed && value > INT64_MAX)
			visitor->large(data, value);
		else
			visitor->integer(data, (int64_t)value);
		return true;
	case CTF_REAL:
		if (!visit_real(node, cursor, visitor, data))
			break;
		return true;
	case CTF_ARRAY:
	case CTF_SEQUENCE:
		return visit_elements(node, cursor, buffer, visitor, data);
	case CTF_STRUCT:
		return visit_members(node, cursor, buffer, visitor, data);
	case CTF_VARIANT:
	case CTF_OPTION:
		option = ctf_choose(node, cursor);
		if (option)
			return ctf_visit(option, cursor, buffer, visitor, data);
		visitor->none(data);
		return node->type->kind == CTF_OPTION;
	default:
		break;
	}
	visitor->none(data);
	return false;
}
