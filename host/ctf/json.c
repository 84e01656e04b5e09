/*
 * Metadata written as JSON fragments, as CTF 2 has it. Fields whose length itself is variable
 * (LEB128) are left to libbabeltrace2: no kernel tracer writes them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/ctf/arena.h"
#include "host/ctf/metadata.h"

#include <json-c/json.h>
#include <string.h>

#define ALIGN_MAX 65536

/* Fragments can stand in any order but for what they refer to; events come in the last place. */
struct parser {
	struct ctf_metadata *metadata;
	GHashTable *aliases; /* char * -> const struct ctf_type */
	GError **error;
	bool failed;
	int depth;
	const char *origin; /* the structure that is being read, if it is known */
};

static void *fail_with(struct parser *parser, enum ctf_error code, const char *what)
{
	if (!parser->failed)
		g_set_error_literal(parser->error, CTF_ERROR, (int)code, what);
	parser->failed = true;
	return NULL;
}

static void *fail(struct parser *parser, const char *what)
{
	return fail_with(parser, CTF_ERROR_OTHER, what);
}

static const char too_deep[] = "field classes are nested too deeply in the metadata";

static json_object *member(const json_object *object, const char *key)
{
	json_object *value = NULL;

	if (json_object_is_type(object, json_type_object))
		json_object_object_get_ex(object, key, &value);
	return value;
}

static const char *get_text(const json_object *object, const char *key)
{
	json_object *value = member(object, key);

	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

static char *copy(struct parser *parser, const char *text)
{
	return text ? ctf_text(parser->metadata->arena, text, strlen(text)) : NULL;
}

/* An integer, whose values above INT64_MAX are those below 0; 0 if there is none. */
static int64_t get_signed(struct parser *parser, const json_object *object, const char *key)
{
	json_object *value = member(object, key);
	int64_t number = json_object_get_int64(value);

	if (value && !json_object_is_type(value, json_type_int))
		fail(parser, "a number in the metadata is out of range");
	return number < 0 ? number : (int64_t)json_object_get_uint64(value);
}

/* An integer that is not negative; `otherwise` if there is none. */
static uint64_t get_number(struct parser *parser, const json_object *object, const char *key,
	uint64_t max, uint64_t otherwise)
{
	json_object *value = member(object, key);
	uint64_t number;

	if (!value)
		return otherwise;
	number = json_object_get_uint64(value);
	if (!json_object_is_type(value, json_type_int) || json_object_get_int64(value) < 0 ||
		number > max) {
		fail(parser, "a number in the metadata is out of range");
		return otherwise;
	}
	return number;
}

static bool is_text(const json_object *object, const char *key, const char *text)
{
	return g_strcmp0(get_text(object, key), text) == 0;
}

static size_t list_length(const json_object *list)
{
	return json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
}

/* ---- Field classes ---- */

static const struct ctf_type *read_class(struct parser *parser, const json_object *object);

static struct ctf_type *new_type(struct parser *parser, enum ctf_kind kind)
{
	struct ctf_type *type = ctf_alloc(parser->metadata->arena, sizeof(*type));

	type->kind = kind;
	type->align = 1;
	return type;
}

static uint32_t get_align(
	struct parser *parser, const json_object *object, const char *key, uint32_t otherwise)
{
	uint64_t align = get_number(parser, object, key, ALIGN_MAX, otherwise);

	if (align == 0 || (align & (align - 1)))
		fail(parser, "an alignment in the metadata is not a power of 2");
	return (uint32_t)align;
}

/* A byte of text, or of a blob. */
static const struct ctf_type *byte_type(struct parser *parser, bool is_text)
{
	struct ctf_type *type = new_type(parser, CTF_INT);

	type->size = 8;
	type->align = 8;
	type->is_text = is_text;
	return type;
}

/* Where a length or a selector is. */
static void read_path(
	struct parser *parser, const json_object *object, const char *key, struct ctf_path *path)
{
	static const struct {
		const char *origin;
		enum ctf_scope scope;
	} origins[] = {
		{"event-record-common-context", CTF_COMMON_CONTEXT},
		{"event-record-specific-context", CTF_SPECIFIC_CONTEXT},
		{"event-record-payload", CTF_PAYLOAD},
	};
	const json_object *location = member(object, key);
	const json_object *names = member(location, "path");
	const char *origin = get_text(location, "origin");
	size_t n = list_length(names);

	/* What is in a header or a packet's context is found from in there only. */
	path->scope = !origin || !parser->origin || strcmp(origin, parser->origin) == 0 ? CTF_HERE
											: CTF_OTHER;
	for (size_t i = 0; origin && i < G_N_ELEMENTS(origins); i++)
		if (strcmp(origin, origins[i].origin) == 0)
			path->scope = origins[i].scope;
	path->names = ctf_alloc(parser->metadata->arena, n * sizeof(char *));
	for (size_t i = 0; i < n; i++) {
		json_object *name = json_object_array_get_idx(names, i);

		/* null goes to the structure around. */
		if (json_object_is_type(name, json_type_string))
			path->names[path->n_names++] = copy(parser, json_object_get_string(name));
		else if (path->n_names == 0)
			path->n_up++;
		else
			fail(parser, "a field location in the metadata goes back up");
	}
	if (path->n_names == 0)
		fail(parser, "a length or selector in the metadata has no location");
}

static uint64_t range_end(const json_object *end)
{
	/* Negative ones as two's complement. */
	return json_object_get_int64(end) < 0 ? (uint64_t)json_object_get_int64(end)
					      : json_object_get_uint64(end);
}

/* Adds a list of [low, high] to the labels. */
static void read_ranges(
	struct parser *parser, const json_object *ranges, const char *name, GArray *labels)
{
	for (size_t i = 0; i < list_length(ranges); i++) {
		const json_object *range = json_object_array_get_idx(ranges, i);
		struct ctf_label label = {.name = name};
		json_object *low, *high;

		if (list_length(range) != 2) {
			fail(parser, "a range of integers in the metadata is invalid");
			return;
		}
		low = json_object_array_get_idx(range, 0);
		high = json_object_array_get_idx(range, 1);
		if (!json_object_is_type(low, json_type_int) ||
			!json_object_is_type(high, json_type_int)) {
			fail(parser, "a range of integers in the metadata is invalid");
			return;
		}
		label.low = range_end(low);
		label.high = range_end(high);
		g_array_append_val(labels, label);
	}
}

/* The labels of `array`, which it frees, as memory of the arena. */
static struct ctf_label *take_labels(struct parser *parser, GArray *array, unsigned int *n)
{
	struct ctf_label *labels =
		ctf_alloc(parser->metadata->arena, array->len * sizeof(struct ctf_label));

	if (array->len > 0)
		memcpy(labels, array->data, array->len * sizeof(struct ctf_label));
	*n = array->len;
	g_array_free(array, TRUE);
	return labels;
}

static enum ctf_role read_role(const json_object *object)
{
	static const struct {
		const char *name;
		enum ctf_role role;
	} roles[] = {
		{"packet-magic-number", CTF_MAGIC},
		{"metadata-stream-uuid", CTF_UUID},
		{"data-stream-class-id", CTF_STREAM_ID},
		{"data-stream-id", CTF_INSTANCE_ID},
		{"packet-total-length", CTF_PACKET_SIZE},
		{"packet-content-length", CTF_CONTENT_SIZE},
		{"packet-sequence-number", CTF_SEQ_NUM},
		{"packet-end-default-clock-timestamp", CTF_END},
		{"discarded-event-record-counter-snapshot", CTF_DISCARDED},
		{"event-record-class-id", CTF_EVENT_ID},
		{"default-clock-timestamp", CTF_TIMESTAMP},
	};
	const json_object *list = member(object, "roles");

	for (size_t i = 0; i < list_length(list); i++) {
		json_object *one = json_object_array_get_idx(list, i);

		for (size_t k = 0; k < G_N_ELEMENTS(roles); k++)
			if (json_object_is_type(one, json_type_string) &&
				strcmp(json_object_get_string(one), roles[k].name) == 0)
				return roles[k].role;
	}
	return CTF_NO_ROLE;
}

/* Integers and reals: length, order, alignment. */
static const struct ctf_type *read_scalar(struct parser *parser, const json_object *object)
{
	struct ctf_type *type = new_type(parser,
		is_text(object, "type", "fixed-length-floating-point-number") ? CTF_REAL : CTF_INT);
	const json_object *mappings = member(object, "mappings");
	GArray *labels;

	type->size = (uint32_t)get_number(parser, object, "length", 64, 0);
	type->align = get_align(parser, object, "alignment", 1);
	type->is_signed = is_text(object, "type", "fixed-length-signed-integer");
	type->order = is_text(object, "byte-order", "big-endian") ? CTF_BIG : CTF_LITTLE;
	type->role = read_role(object);
	if (type->size == 0 || (type->kind == CTF_REAL && type->size != 32 && type->size != 64))
		return fail(parser, "an integer length in the metadata is not supported");
	/* Bits in the other order than their bytes: nobody writes them. */
	if (member(object, "bit-order") &&
		!is_text(object, "bit-order",
			type->order == CTF_BIG ? "last-to-first" : "first-to-last"))
		return fail(parser, "a bit order in the metadata is not supported");
	if (json_object_is_type(mappings, json_type_object)) {
		labels = g_array_new(FALSE, FALSE, sizeof(struct ctf_label));
		json_object_object_foreach(mappings, name, ranges)
			read_ranges(parser, ranges, copy(parser, name), labels);
		type->labels = take_labels(parser, labels, &type->n_labels);
	}
	return type;
}

static const struct ctf_type *read_string(struct parser *parser, const json_object *object)
{
	struct ctf_type *type = new_type(parser, CTF_STRING);

	(void)object;
	type->align = 8;
	return type;
}

/* Whether text is of bytes; others than UTF-8 nobody writes. */
static bool is_utf8(struct parser *parser, const json_object *object)
{
	if (member(object, "encoding") && !is_text(object, "encoding", "utf-8"))
		fail(parser, "a string encoding in the metadata is not supported");
	return !parser->failed;
}

static const struct ctf_type *read_array(struct parser *parser, const json_object *object)
{
	const char *name = get_text(object, "type");
	bool is_static = g_str_has_prefix(name, "static-");
	struct ctf_type *type = new_type(parser, is_static ? CTF_ARRAY : CTF_SEQUENCE);
	uint32_t align = get_align(parser, object, "minimum-alignment", 1);

	type->role = read_role(object);
	if (is_static)
		type->length = get_number(parser, object, "length", UINT64_MAX, 0);
	else
		read_path(parser, object, "length-field-location", &type->path);
	if (g_str_has_suffix(name, "-string"))
		type->element = is_utf8(parser, object) ? byte_type(parser, true) : NULL;
	else if (g_str_has_suffix(name, "-blob"))
		type->element = byte_type(parser, false);
	else
		type->element = read_class(parser, member(object, "element-field-class"));
	if (!type->element)
		return NULL;
	type->align = MAX(align, type->element->align);
	return type;
}

/* The members of a structure or the options of a variant. */
static void read_fields(struct parser *parser, struct ctf_type *type, const json_object *list)
{
	size_t n = list_length(list);

	type->fields = ctf_alloc(parser->metadata->arena, n * sizeof(struct ctf_field));
	for (size_t i = 0; i < n && !parser->failed; i++) {
		const json_object *one = json_object_array_get_idx(list, i);
		struct ctf_field *field = &type->fields[i];

		field->name = field->raw = copy(parser, get_text(one, "name") ?: "");
		field->type = read_class(parser, member(one, "field-class"));
		if (!field->type)
			return;
		field->role = field->type->role;
		type->n_fields++;
	}
}

static const struct ctf_type *read_struct(struct parser *parser, const json_object *object)
{
	struct ctf_type *type = new_type(parser, CTF_STRUCT);
	uint32_t align = get_align(parser, object, "minimum-alignment", 1);

	read_fields(parser, type, member(object, "member-classes"));
	type->align = ctf_struct_align(type, align);
	return type;
}

static void read_selection(
	struct parser *parser, const json_object *object, struct ctf_field *field)
{
	GArray *labels = g_array_new(FALSE, FALSE, sizeof(struct ctf_label));

	read_ranges(parser, member(object, "selector-field-ranges"), field->name, labels);
	field->when = take_labels(parser, labels, &field->n_when);
}

static const struct ctf_type *read_variant(struct parser *parser, const json_object *object)
{
	struct ctf_type *type = new_type(parser, CTF_VARIANT);
	const json_object *options = member(object, "options");

	read_path(parser, object, "selector-field-location", &type->path);
	read_fields(parser, type, options);
	for (unsigned int i = 0; i < type->n_fields; i++)
		read_selection(parser, json_object_array_get_idx(options, i), &type->fields[i]);
	return type;
}

static const struct ctf_type *read_option(struct parser *parser, const json_object *object)
{
	struct ctf_type *type = new_type(parser, CTF_OPTION);
	struct ctf_field *field = ctf_alloc(parser->metadata->arena, sizeof(*field));

	read_path(parser, object, "selector-field-location", &type->path);
	field->name = field->raw = "";
	field->type = read_class(parser, member(object, "field-class"));
	if (!field->type)
		return NULL;
	/* A selector that is a truth value has no ranges: anything but 0. */
	if (member(object, "selector-field-ranges")) {
		read_selection(parser, object, field);
	} else {
		struct ctf_label *label = ctf_alloc(parser->metadata->arena, sizeof(*label));

		*label = (struct ctf_label){.name = "", .low = 1, .high = UINT64_MAX};
		field->when = label;
		field->n_when = 1;
	}
	type->fields = field;
	type->n_fields = 1;
	return type;
}

static const struct ctf_type *read_class(struct parser *parser, const json_object *object)
{
	static const struct {
		const char *name;
		const struct ctf_type *(*read)(struct parser *parser, const json_object *object);
	} kinds[] = {
		{"fixed-length-unsigned-integer", read_scalar},
		{"fixed-length-signed-integer", read_scalar},
		{"fixed-length-boolean", read_scalar},
		{"fixed-length-bit-array", read_scalar},
		{"fixed-length-bit-map", read_scalar},
		{"fixed-length-floating-point-number", read_scalar},
		{"null-terminated-string", read_string},
		{"static-length-string", read_array},
		{"dynamic-length-string", read_array},
		{"static-length-blob", read_array},
		{"dynamic-length-blob", read_array},
		{"static-length-array", read_array},
		{"dynamic-length-array", read_array},
		{"structure", read_struct},
		{"variant", read_variant},
		{"optional", read_option},
	};
	const struct ctf_type *type = NULL;
	const char *name = get_text(object, "type");

	if (json_object_is_type(object, json_type_string)) {
		type = g_hash_table_lookup(
			parser->aliases, json_object_get_string((json_object *)object));
		return type ? type : fail(parser, "the metadata refers to an unknown field class");
	}
	if (!is_utf8(parser, object))
		return NULL;
	if (++parser->depth > CTF_DEPTH_MAX)
		return fail_with(parser, CTF_ERROR_LIMIT, too_deep);
	for (size_t i = 0; name && i < G_N_ELEMENTS(kinds); i++) {
		if (strcmp(name, kinds[i].name) == 0) {
			type = kinds[i].read(parser, object);
			parser->depth--;
			return parser->failed ? NULL : type;
		}
	}
	return fail(parser, "a field class in the metadata is not supported");
}

/* A structure that a fragment may have, or not, under the name of the origin of paths in it. */
static const struct ctf_type *read_scope(
	struct parser *parser, const json_object *object, const char *origin)
{
	char *key = g_strconcat(origin, "-field-class", NULL);
	const json_object *value = member(object, key);
	const struct ctf_type *type;

	parser->origin = origin;
	type = value ? read_class(parser, value) : NULL;
	parser->origin = NULL;
	g_free(key);
	return type;
}

/* ---- Fragments ---- */

static void read_preamble(struct parser *parser, const json_object *object)
{
	const json_object *uuid = member(object, "uuid");

	if (get_number(parser, object, "version", UINT32_MAX, 0) != 2)
		fail(parser, "the metadata is not CTF 2");
	if (list_length(uuid) != sizeof(parser->metadata->uuid))
		return;
	parser->metadata->has_uuid = true;
	for (size_t i = 0; i < sizeof(parser->metadata->uuid); i++)
		parser->metadata->uuid[i] =
			(uint8_t)json_object_get_int(json_object_array_get_idx(uuid, i));
}

static void read_alias(struct parser *parser, const json_object *object)
{
	const char *name = get_text(object, "name");
	const struct ctf_type *type = read_class(parser, member(object, "field-class"));

	if (type && name)
		g_hash_table_insert(parser->aliases, g_strdup(name), (gpointer)type);
}

static void read_trace(struct parser *parser, const json_object *object)
{
	const json_object *environment = member(object, "environment");

	parser->metadata->packet_header = read_scope(parser, object, "packet-header");
	if (!json_object_is_type(environment, json_type_object))
		return;
	json_object_object_foreach(environment, name, value)
	{
		struct ctf_env env = {.name = copy(parser, name)};

		if (json_object_is_type(value, json_type_string))
			env.text = copy(parser, json_object_get_string(value));
		else
			env.number = json_object_get_int64(value);
		g_array_append_val(parser->metadata->env, env);
	}
}

static void read_clock(struct parser *parser, const json_object *object)
{
	struct ctf_clock *clock = ctf_alloc(parser->metadata->arena, sizeof(*clock));
	const json_object *offset = member(object, "offset-from-origin");

	clock->name = copy(parser, get_text(object, "id") ?: get_text(object, "name") ?: "");
	if (get_text(object, "uid"))
		clock->uuid = copy(parser, get_text(object, "uid"));
	clock->frequency = get_number(parser, object, "frequency", UINT64_MAX, 0);
	clock->offset_s = json_object_get_int64(member(offset, "seconds"));
	clock->offset = get_signed(parser, offset, "cycles");
	if (clock->frequency == 0)
		fail(parser, "a clock in the metadata has no frequency");
	g_ptr_array_add(parser->metadata->clocks, clock);
}

static void read_stream(struct parser *parser, const json_object *object)
{
	struct ctf_stream_class *stream = ctf_alloc(parser->metadata->arena, sizeof(*stream));

	stream->events = g_ptr_array_new();
	g_ptr_array_add(parser->metadata->streams, stream);
	stream->id = get_number(parser, object, "id", UINT64_MAX, 0);
	stream->clock = copy(parser, get_text(object, "default-clock-class-id")
					     ?: get_text(object, "default-clock-class-name"));
	stream->packet_context = read_scope(parser, object, "packet-context");
	stream->event_header = read_scope(parser, object, "event-record-header");
	stream->event_context = read_scope(parser, object, "event-record-common-context");
}

static void read_event(struct parser *parser, const json_object *object)
{
	struct ctf_event_class *event = ctf_alloc(parser->metadata->arena, sizeof(*event));
	struct ctf_stream_class *stream = ctf_metadata_stream(parser->metadata,
		get_number(parser, object, "data-stream-class-id", UINT64_MAX, 0));

	if (!stream) {
		fail(parser, "an event belongs to an unknown stream");
		return;
	}
	event->id = get_number(parser, object, "id", UINT64_MAX, 0);
	event->name = copy(parser, get_text(object, "name") ?: "");
	event->context = read_scope(parser, object, "specific-context");
	event->payload = read_scope(parser, object, "payload");
	g_ptr_array_add(stream->events, event);
}

static void read_fragment(struct parser *parser, const json_object *object)
{
	static const struct {
		const char *name;
		void (*read)(struct parser *parser, const json_object *object);
	} fragments[] = {
		{"event-record-class", read_event},
		{"preamble", read_preamble},
		{"field-class-alias", read_alias},
		{"trace-class", read_trace},
		{"clock-class", read_clock},
		{"data-stream-class", read_stream},
	};
	const char *type = get_text(object, "type");

	for (size_t i = 0; type && i < G_N_ELEMENTS(fragments); i++)
		if (strcmp(type, fragments[i].name) == 0)
			fragments[i].read(parser, object);
}

/* In the context of a packet, a time is that of its begin. */
static void name_begin(const struct ctf_type *context)
{
	for (unsigned int i = 0; context && i < context->n_fields; i++)
		if (context->fields[i].role == CTF_TIMESTAMP)
			context->fields[i].role = CTF_BEGIN;
}

bool ctf_parse_json(struct ctf_metadata *metadata, const char *text, size_t size, GError **error)
{
	struct parser parser = {.metadata = metadata, .error = error};
	json_tokener *tokener = json_tokener_new_ex(2 * CTF_DEPTH_MAX + 8);
	size_t at = 0;

	parser.aliases = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	while (!parser.failed) {
		json_object *object;

		while (at < size && (text[at] == 0x1e || g_ascii_isspace(text[at])))
			at++;
		if (at == size)
			break;
		json_tokener_reset(tokener);
		object = json_tokener_parse_ex(
			tokener, text + at, (int)MIN(size - at, (size_t)INT32_MAX - 1));
		if (json_tokener_get_error(tokener) == json_tokener_success) {
			read_fragment(&parser, object);
			at += json_tokener_get_parse_end(tokener);
		} else {
			if (json_tokener_get_error(tokener) == json_tokener_error_depth)
				fail_with(&parser, CTF_ERROR_LIMIT, too_deep);
			fail(&parser, "the metadata is not valid JSON");
		}
		json_object_put(object);
	}
	json_tokener_free(tokener);
	g_hash_table_unref(parser.aliases);
	if (parser.failed)
		return false;
	for (guint i = 0; i < metadata->streams->len; i++)
		name_begin(((struct ctf_stream_class *)g_ptr_array_index(metadata->streams, i))
				   ->packet_context);
	ctf_name_roles(metadata);
	return true;
}
