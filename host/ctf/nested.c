/*
 * Fields inside of structures and variants.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/ctf/nested.h"

/* Adds a field that the whole name leads to. */
static bool add(struct ctf_node *node, const struct ctf_nested *nested, GArray *found)
{
	struct ctf_nested one = *nested;

	if (node->type->kind != CTF_INT && !ctf_is_array(node->type))
		return false;
	one.node = node;
	g_array_append_val(found, one);
	node->leads = true;
	return true;
}

/* `has_name`: there is a part of the name that is still to be found in here. */
static bool find(struct ctf_node *node, bool has_name, struct field_name name,
	const struct ctf_nested *nested, GArray *found)
{
	bool variant = node->type->kind == CTF_VARIANT || node->type->kind == CTF_OPTION;
	struct field_name first = name;
	bool more = has_name && !variant && field_name_shift(&name, &first), any = false;

	if (!has_name && !variant)
		return add(node, nested, found);
	if (!variant && node->type->kind != CTF_STRUCT)
		return false;
	for (unsigned int i = 0; i < node->n_children; i++) {
		struct ctf_node *child = &node->children[i];

		if (variant)
			any |= find(child, has_name, name, nested, found);
		else if (field_name_is(&first, child->name))
			any |= find(child, more, name, nested, found);
	}
	node->leads |= any;
	return any;
}

bool ctf_nested_find(struct ctf_node *node, struct field_name name, const struct ctf_nested *nested,
	GArray *found)
{
	return find(node, true, name, nested, found);
}

int64_t ctf_array_integer(
	const struct ctf_node *node, const struct ctf_cursor *cursor, struct elements elements)
{
	const struct ctf_node *of = &node->children[0];
	struct ctf_cursor at = *cursor;
	bool single = elements.first >= 0 && elements.n == 1;
	uint64_t length, value = 0, sum = 0, bits = of->type->size;

	if (!ctf_enter(node, &at, &length) || of->type->kind != CTF_INT ||
		!elements_of_array(&elements, length, &bits))
		return VALUE_ABSENT;
	for (int64_t i = 0; i < elements.first + elements.n; i++) {
		if (!ctf_read(of, &at, &value))
			return VALUE_ABSENT;
		if (i >= elements.first)
			sum = elements_append(sum, value, bits);
	}
	return (int64_t)(single ? value : sum);
}

/* Puts a bound field into its slots, and moves behind it. */
static bool read_bound(
	const struct ctf_node *node, struct ctf_cursor *cursor, const GArray *nested, int64_t *v)
{
	bool array = ctf_is_array(node->type);
	uint64_t value = 0;

	if (!array && !ctf_read(node, cursor, &value))
		return false;
	for (guint i = 0; i < nested->len; i++) {
		const struct ctf_nested *one = &g_array_index(nested, struct ctf_nested, i);

		if (one->node == node)
			v[one->to] = array ? ctf_array_integer(node, cursor, one->elements)
					   : (int64_t)value;
	}
	return !array || ctf_skip(node, cursor);
}

bool ctf_nested_read(
	const struct ctf_node *node, struct ctf_cursor *cursor, const GArray *nested, int64_t *v)
{
	const struct ctf_node *option;

	if (!node->leads)
		return ctf_skip(node, cursor);
	if (!ctf_align(cursor, node->align))
		return false;
	switch (node->type->kind) {
	case CTF_STRUCT:
		for (unsigned int i = 0; i < node->n_children; i++)
			if (!ctf_nested_read(&node->children[i], cursor, nested, v))
				return false;
		return true;
	case CTF_VARIANT:
	case CTF_OPTION:
		option = ctf_choose(node, cursor);
		return option ? ctf_nested_read(option, cursor, nested, v)
			      : node->type->kind == CTF_OPTION;
	default:
		return read_bound(node, cursor, nested, v);
	}
}
