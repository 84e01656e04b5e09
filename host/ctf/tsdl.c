/*
 * Metadata written as TSDL, the language of CTF 1.8.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/ctf/arena.h"
#include "host/ctf/metadata.h"
#include "host/ctf/tsdl_lexer.h"

#include <string.h>

#define ALIGN_MAX 65536

/* Names of types that hold up to the end of a block: "struct name", "enum name", or an alias. */
struct scope {
	struct scope *outer;
	GHashTable *types; /* char * -> const struct ctf_type; NULL as long as there is none */
};

/*
 * Tracers say what integers are like again and again, in the same words: those are known already.
 */
#define KNOWN_MAX 32

struct known_integer {
	const char *text; /* from behind the "{" to the "}" */
	size_t length;
	const struct ctf_type *type;
};

struct parser {
	struct ctf_metadata *metadata;
	struct tsdl_lexer lexer;
	struct scope *scope;
	GError **error;
	bool failed;
	int depth;
	GPtrArray *events; /* struct event_class */
	/* A field's name that was read together with the name of its type, or NULL. */
	const char *name;
	size_t name_length;
	struct known_integer known[KNOWN_MAX];
	size_t n_known;
};

/* An event class, before it is known which stream class it belongs to. */
struct event_class {
	struct ctf_event_class facts;
	uint64_t stream_id;
	bool has_stream_id; /* else it is of the only stream class */
};

/* "key = value;" or "key := type;" */
struct attribute {
	const char *key;
	size_t key_length;
	int token; /* TSDL_NAME, TSDL_NUMBER, TSDL_TEXT or TSDL_ASSIGN_TYPE */
	const char *word;
	size_t length;
	bool has_escapes;
	uint64_t number;
	bool is_negative;
	const struct ctf_type *type;
};

static bool fail_with(struct parser *parser, enum ctf_error code, const char *what)
{
	if (!parser->failed)
		g_set_error(parser->error, CTF_ERROR, code, "metadata, line %u: %s",
			parser->lexer.line, what);
	parser->failed = true;
	return false;
}

static bool fail(struct parser *parser, const char *what)
{
	return fail_with(parser, CTF_ERROR_OTHER, what);
}

static bool accept(struct parser *parser, char sign)
{
	if (!tsdl_is(&parser->lexer, sign))
		return false;
	tsdl_next(&parser->lexer);
	return true;
}

static bool expect(struct parser *parser, char sign)
{
	char what[] = "'?' expected";

	if (accept(parser, sign))
		return true;
	what[1] = sign;
	return fail(parser, what);
}

static bool accept_name(struct parser *parser, const char *name)
{
	if (!tsdl_is_name(&parser->lexer, name))
		return false;
	tsdl_next(&parser->lexer);
	return true;
}

static char *copy(struct parser *parser, const char *text, size_t length)
{
	return ctf_text(parser->metadata->arena, text, length);
}

/* A copy of what is between the quotes of a text. */
static char *unescape(struct parser *parser, const char *text, size_t length, bool has_escapes)
{
	char *plain = copy(parser, text, length), *to = plain;

	if (!has_escapes)
		return plain;
	for (const char *from = plain; *from; from++) {
		if (*from == '\\' && from[1]) {
			from++;
			*to++ = (char)(*from == 'n' ? '\n' : *from == 't' ? '\t' : *from);
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
	return plain;
}

static struct ctf_type *new_type(struct parser *parser, enum ctf_kind kind)
{
	struct ctf_type *type = ctf_alloc(parser->metadata->arena, sizeof(*type));

	type->kind = kind;
	type->align = 1;
	return type;
}

static void *copy_array(struct parser *parser, const GArray *array, size_t size)
{
	void *items = ctf_alloc(parser->metadata->arena, array->len * size);

	if (array->len > 0)
		memcpy(items, array->data, array->len * size);
	return items;
}

/* ---- Scopes ---- */

static void open_scope(struct parser *parser, struct scope *scope)
{
	*scope = (struct scope){.outer = parser->scope};
	parser->scope = scope;
}

static void close_scope(struct parser *parser)
{
	if (parser->scope->types)
		g_hash_table_unref(parser->scope->types);
	parser->scope = parser->scope->outer;
}

/* Takes over `name`. */
static void define(struct parser *parser, char *name, const struct ctf_type *type)
{
	if (!parser->scope->types)
		parser->scope->types = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_hash_table_insert(parser->scope->types, name, (gpointer)type);
}

static const struct ctf_type *look_up(const struct parser *parser, const char *name)
{
	const struct ctf_type *type = NULL;

	for (const struct scope *scope = parser->scope; scope && !type; scope = scope->outer)
		if (scope->types)
			type = g_hash_table_lookup(scope->types, name);
	return type;
}

/* ---- Attributes ---- */

/* Takes names with dots between them. */
static bool read_dotted(struct parser *parser, const char **word, size_t *length)
{
	if (parser->lexer.token != TSDL_NAME)
		return fail(parser, "name expected");
	*word = parser->lexer.word;
	do {
		if (parser->lexer.token != TSDL_NAME)
			return fail(parser, "name expected after '.'");
		*length = (size_t)(parser->lexer.word - *word) + parser->lexer.length;
		tsdl_next(&parser->lexer);
	} while (accept(parser, '.'));
	return true;
}

static bool key_is(const struct attribute *attribute, const char *key)
{
	/* Most differ in the first character: that is the faster question. */
	return attribute->key[0] == key[0] &&
	       strncmp(attribute->key, key, attribute->key_length) == 0 &&
	       key[attribute->key_length] == '\0';
}

static bool value_is(const struct attribute *attribute, const char *value)
{
	return (attribute->token == TSDL_NAME || attribute->token == TSDL_TEXT) &&
	       g_ascii_strncasecmp(attribute->word, value, attribute->length) == 0 &&
	       value[attribute->length] == '\0';
}

static const struct ctf_type *read_type(struct parser *parser, bool named);

/* Reads the attribute at hand, up to its semicolon. */
static bool read_attribute(struct parser *parser, struct attribute *attribute)
{
	struct tsdl_lexer *lexer = &parser->lexer;

	*attribute = (struct attribute){.word = ""};
	if (lexer->token == TSDL_TEXT) {
		/* Keys of the environment can be quoted. */
		attribute->key = lexer->word;
		attribute->key_length = lexer->length;
		tsdl_next(lexer);
	} else if (!read_dotted(parser, &attribute->key, &attribute->key_length)) {
		return false;
	}
	if (lexer->token == TSDL_ASSIGN_TYPE) {
		attribute->token = TSDL_ASSIGN_TYPE;
		tsdl_next(lexer);
		attribute->type = read_type(parser, false);
		return attribute->type && expect(parser, ';');
	}
	if (!expect(parser, '='))
		return false;
	attribute->token = lexer->token;
	if (lexer->token == TSDL_NAME)
		return read_dotted(parser, &attribute->word, &attribute->length) &&
		       expect(parser, ';');
	if (lexer->token != TSDL_NUMBER && lexer->token != TSDL_TEXT)
		return fail(parser, "value expected");
	attribute->word = lexer->word;
	attribute->length = lexer->length;
	attribute->has_escapes = lexer->has_escapes;
	attribute->number = lexer->number;
	attribute->is_negative = lexer->is_negative;
	tsdl_next(lexer);
	return expect(parser, ';');
}

/* The number of an attribute that can't be negative. */
static bool get_number(
	struct parser *parser, const struct attribute *attribute, uint64_t max, uint64_t *number)
{
	*number = attribute->number;
	if (attribute->token != TSDL_NUMBER || attribute->is_negative || *number > max)
		return fail(parser, "number expected, or out of range");
	return true;
}

static bool get_align(struct parser *parser, const struct attribute *attribute, uint32_t *align)
{
	uint64_t number;

	if (!get_number(parser, attribute, ALIGN_MAX, &number))
		return false;
	if (number == 0 || (number & (number - 1)))
		return fail(parser, "alignment must be a power of 2");
	*align = (uint32_t)number;
	return true;
}

static bool get_order(
	struct parser *parser, const struct attribute *attribute, enum ctf_order *order)
{
	if (value_is(attribute, "le"))
		*order = CTF_LITTLE;
	else if (value_is(attribute, "be") || value_is(attribute, "network"))
		*order = CTF_BIG;
	else if (value_is(attribute, "native"))
		*order = CTF_NATIVE;
	else
		return fail(parser, "byte order must be 'le', 'be', 'network' or 'native'");
	return true;
}

static bool is_text_encoding(const struct attribute *attribute)
{
	return value_is(attribute, "UTF8") || value_is(attribute, "UTF-8") ||
	       value_is(attribute, "ASCII");
}

/* ---- Types ---- */

/* "clock.NAME.value" */
static bool get_clock(struct parser *parser, const struct attribute *attribute, const char **clock)
{
	static const char before[] = "clock.", after[] = ".value";
	size_t around = strlen(before) + strlen(after);

	if (attribute->token != TSDL_NAME || attribute->length <= around ||
		memcmp(attribute->word, before, strlen(before)) != 0 ||
		memcmp(attribute->word + attribute->length - strlen(after), after, strlen(after)) !=
			0)
		return fail(parser, "an integer can only be mapped to the value of a clock");
	*clock = copy(parser, attribute->word + strlen(before), attribute->length - around);
	return true;
}

static bool set_integer(
	struct parser *parser, struct ctf_type *type, const struct attribute *attribute)
{
	uint64_t number;

	if (key_is(attribute, "size")) {
		if (!get_number(parser, attribute, 64, &number) || number == 0)
			return fail(parser, "the size of an integer must be 1 to 64 bits");
		type->size = (uint32_t)number;
	} else if (key_is(attribute, "align")) {
		return get_align(parser, attribute, &type->align);
	} else if (key_is(attribute, "signed")) {
		type->is_signed = value_is(attribute, "true") ||
				  (attribute->token == TSDL_NUMBER && attribute->number != 0);
	} else if (key_is(attribute, "byte_order")) {
		return get_order(parser, attribute, &type->order);
	} else if (key_is(attribute, "encoding")) {
		type->is_text = is_text_encoding(attribute);
	} else if (key_is(attribute, "map")) {
		return get_clock(parser, attribute, &type->clock);
	}
	return true;
}

/* An integer in words that are known, up to the first "}"; NULL if they are not. */
static const struct ctf_type *find_known(struct parser *parser, const char *text)
{
	const char *end = memchr(text, '}', (size_t)(parser->lexer.end - text));

	for (size_t i = 0; end && i < parser->n_known; i++) {
		const struct known_integer *known = &parser->known[i];

		if (known->length != (size_t)(end - text) ||
			memcmp(known->text, text, known->length) != 0)
			continue;
		tsdl_skip(&parser->lexer, end + 1);
		return known->type;
	}
	return NULL;
}

/*
 * Remembers an integer that has been read up to the "}" that is the token at hand, the first one.
 */
static void remember(struct parser *parser, const char *text, const struct ctf_type *type)
{
	size_t length = (size_t)(parser->lexer.word - text);

	if (parser->n_known < KNOWN_MAX && !memchr(text, '}', length) &&
		!memchr(text, '\n', length))
		parser->known[parser->n_known++] = (struct known_integer){text, length, type};
}

static const struct ctf_type *read_integer(struct parser *parser)
{
	const char *text = parser->lexer.at;
	const struct ctf_type *known = NULL;
	struct attribute attribute;
	struct ctf_type *type;

	if (tsdl_is(&parser->lexer, '{'))
		known = find_known(parser, text);
	if (known)
		return known;
	type = new_type(parser, CTF_INT);
	type->align = 0;
	if (!expect(parser, '{'))
		return NULL;
	while (!tsdl_is(&parser->lexer, '}'))
		if (!read_attribute(parser, &attribute) || !set_integer(parser, type, &attribute))
			return NULL;
	remember(parser, text, type);
	tsdl_next(&parser->lexer);
	if (type->size == 0) {
		fail(parser, "an integer has no size");
		return NULL;
	}
	if (type->align == 0)
		type->align = type->size % 8 == 0 ? 8 : 1;
	type->is_text = type->is_text && type->size == 8 && type->align == 8;
	return type;
}

static const struct ctf_type *read_real(struct parser *parser)
{
	struct ctf_type *type = new_type(parser, CTF_REAL);
	struct attribute attribute;
	uint64_t exponent = 0, mantissa = 0;
	bool ok = expect(parser, '{');

	type->align = 8;
	while (ok && !accept(parser, '}')) {
		ok = read_attribute(parser, &attribute);
		if (ok && key_is(&attribute, "exp_dig"))
			ok = get_number(parser, &attribute, 64, &exponent);
		else if (ok && key_is(&attribute, "mant_dig"))
			ok = get_number(parser, &attribute, 64, &mantissa);
		else if (ok && key_is(&attribute, "align"))
			ok = get_align(parser, &attribute, &type->align);
		else if (ok && key_is(&attribute, "byte_order"))
			ok = get_order(parser, &attribute, &type->order);
	}
	if (ok && !(exponent == 8 && mantissa == 24) && !(exponent == 11 && mantissa == 53))
		ok = fail(parser, "floating-point numbers of this size are not supported");
	type->size = (uint32_t)(exponent + mantissa);
	return ok ? type : NULL;
}

static const struct ctf_type *read_string(struct parser *parser)
{
	struct ctf_type *type = new_type(parser, CTF_STRING);
	struct attribute attribute;

	type->align = 8;
	if (accept(parser, '{'))
		while (!accept(parser, '}'))
			if (!read_attribute(parser, &attribute))
				return NULL;
	return type;
}

/* What a path that begins with the name of a scope begins with; a path of one name is none. */
static enum ctf_scope scope_of(const GPtrArray *names, unsigned int *n_scope)
{
	static const struct {
		const char *names[3];
		enum ctf_scope scope;
	} scopes[] = {
		{{"stream", "event", "context"}, CTF_COMMON_CONTEXT},
		{{"event", "context"}, CTF_SPECIFIC_CONTEXT},
		{{"event", "fields"}, CTF_PAYLOAD},
		{{"trace"}, CTF_OTHER},
		{{"stream"}, CTF_OTHER},
		{{"env"}, CTF_OTHER},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(scopes); i++) {
		unsigned int n = 0;

		while (n < G_N_ELEMENTS(scopes[i].names) && scopes[i].names[n] &&
			n + 1 < names->len &&
			strcmp(scopes[i].names[n], g_ptr_array_index(names, n)) == 0)
			n++;
		if (n > 0 && (n == G_N_ELEMENTS(scopes[i].names) || !scopes[i].names[n])) {
			*n_scope = n;
			return scopes[i].scope;
		}
	}
	*n_scope = 0;
	return CTF_HERE;
}

/* Reads where a length or a tag is. */
static bool read_path(struct parser *parser, struct ctf_path *path)
{
	GPtrArray *names = g_ptr_array_new();
	unsigned int n_scope;
	bool ok = true;

	do {
		ok = parser->lexer.token == TSDL_NAME || fail(parser, "field name expected");
		if (!ok)
			break;
		g_ptr_array_add(names, copy(parser, parser->lexer.word, parser->lexer.length));
		tsdl_next(&parser->lexer);
	} while (accept(parser, '.'));
	path->scope = scope_of(names, &n_scope);
	path->n_names = names->len - n_scope;
	path->names = ctf_alloc(parser->metadata->arena, path->n_names * sizeof(char *));
	for (unsigned int i = 0; i < path->n_names; i++)
		path->names[i] = g_ptr_array_index(names, n_scope + i);
	g_ptr_array_unref(names);
	return ok;
}

/* Makes `type` what "[length]" after a field's name says; the brackets nest to the right. */
static const struct ctf_type *read_brackets(struct parser *parser, const struct ctf_type *type)
{
	struct ctf_type *array = new_type(parser, CTF_ARRAY);
	bool ok;

	if (!accept(parser, '['))
		return type;
	if (++parser->depth > CTF_DEPTH_MAX) {
		fail_with(parser, CTF_ERROR_LIMIT, "arrays are nested too deeply");
		return NULL;
	}
	if (parser->lexer.token == TSDL_NUMBER) {
		array->length = parser->lexer.number;
		ok = !parser->lexer.is_negative ||
		     fail(parser, "the length of an array must not be negative");
		tsdl_next(&parser->lexer);
	} else {
		array->kind = CTF_SEQUENCE;
		ok = read_path(parser, &array->path);
	}
	array->element = ok && expect(parser, ']') ? read_brackets(parser, type) : NULL;
	parser->depth--;
	if (!array->element)
		return NULL;
	array->align = array->element->align;
	return array;
}

static bool read_type_name(struct parser *parser);

/* Whether a statement that gives a type a name is at hand: reads it. */
static bool is_type_name(const struct parser *parser)
{
	return tsdl_is_name(&parser->lexer, "typealias") || tsdl_is_name(&parser->lexer, "typedef");
}

/* Takes the name of a field, with what follows it up to ',' or ';'. */
static bool read_declarator(struct parser *parser, const struct ctf_type *type, GArray *fields)
{
	struct ctf_field field = {0};
	const char *name = parser->name;
	size_t length = parser->name_length;

	parser->name = NULL;
	if (!name) {
		if (parser->lexer.token != TSDL_NAME)
			return fail(parser, "field name expected");
		name = parser->lexer.word;
		length = parser->lexer.length;
		tsdl_next(&parser->lexer);
	}
	field.raw = copy(parser, name, length);
	field.name = field.raw + (field.raw[0] == '_');
	field.type = read_brackets(parser, type);
	if (!field.type)
		return false;
	g_array_append_val(fields, field);
	return true;
}

static bool read_fields(struct parser *parser, GArray *fields)
{
	while (!accept(parser, '}')) {
		const struct ctf_type *type;

		if (is_type_name(parser)) {
			if (!read_type_name(parser))
				return false;
			continue;
		}
		type = read_type(parser, true);
		do {
			if (!type || !read_declarator(parser, type, fields))
				return false;
		} while (accept(parser, ','));
		if (!expect(parser, ';'))
			return false;
	}
	return true;
}

/* Reads what is between the braces of a structure or a variant. */
static bool read_body(struct parser *parser, struct ctf_type *type)
{
	GArray *fields = g_array_new(FALSE, FALSE, sizeof(struct ctf_field));
	struct scope scope;
	bool ok;

	open_scope(parser, &scope);
	ok = read_fields(parser, fields);
	close_scope(parser);
	type->n_fields = fields->len;
	type->fields = copy_array(parser, fields, sizeof(struct ctf_field));
	g_array_free(fields, TRUE);
	return ok;
}

/* "struct NAME", to look up or define; NULL if there is no name. To be freed. */
static char *read_tag(struct parser *parser, const char *what)
{
	char *tag = NULL;

	if (parser->lexer.token == TSDL_NAME) {
		tag = g_strdup_printf(
			"%s %.*s", what, (int)parser->lexer.length, parser->lexer.word);
		tsdl_next(&parser->lexer);
	}
	return tag;
}

/* What stands instead of a body: the name of a type that is known. Frees the tag. */
static const struct ctf_type *known_type(struct parser *parser, char *tag)
{
	const struct ctf_type *type = tag ? look_up(parser, tag) : NULL;

	g_free(tag);
	if (!type)
		fail(parser, "unknown type");
	return type;
}

/* Gives a type its name, if it has one, and frees that; NULL if the type is broken. */
static const struct ctf_type *finish_type(
	struct parser *parser, char *tag, const struct ctf_type *type)
{
	if (tag && !parser->failed)
		define(parser, tag, type);
	else
		g_free(tag);
	return parser->failed ? NULL : type;
}

static const struct ctf_type *read_struct(struct parser *parser)
{
	char *tag = read_tag(parser, "struct");
	struct ctf_type *type;
	uint32_t align = 1;

	if (!accept(parser, '{'))
		return known_type(parser, tag);
	type = new_type(parser, CTF_STRUCT);
	if (read_body(parser, type) && accept_name(parser, "align")) {
		struct attribute attribute = {.token = TSDL_NUMBER};

		expect(parser, '(');
		attribute.token = parser->lexer.token;
		attribute.number = parser->lexer.number;
		attribute.is_negative = parser->lexer.is_negative;
		tsdl_next(&parser->lexer);
		if (!parser->failed && get_align(parser, &attribute, &align))
			expect(parser, ')');
	}
	if (!parser->failed)
		type->align = ctf_struct_align(type, align);
	return finish_type(parser, tag, type);
}

static const struct ctf_type *read_variant(struct parser *parser)
{
	char *tag = read_tag(parser, "variant");
	struct ctf_path path = {0};
	struct ctf_type *type;
	const struct ctf_type *known;

	if (accept(parser, '<') && (!read_path(parser, &path) || !expect(parser, '>'))) {
		g_free(tag);
		return NULL;
	}
	type = new_type(parser, CTF_VARIANT);
	if (accept(parser, '{')) {
		read_body(parser, type);
		type->path = path;
		return finish_type(parser, tag, type);
	}
	known = known_type(parser, tag);
	if (!known)
		return NULL;
	*type = *known;
	if (path.n_names > 0)
		type->path = path;
	return type;
}

/* "name = 1 ... 5" */
static bool read_label(struct parser *parser, uint64_t *next, GArray *labels)
{
	struct tsdl_lexer *lexer = &parser->lexer;
	struct ctf_label label = {.low = *next};

	if (lexer->token != TSDL_NAME && lexer->token != TSDL_TEXT)
		return fail(parser, "name of a value expected");
	label.name = unescape(parser, lexer->word, lexer->length,
		lexer->token == TSDL_TEXT && lexer->has_escapes);
	tsdl_next(lexer);
	if (accept(parser, '=')) {
		if (lexer->token != TSDL_NUMBER)
			return fail(parser, "value of a name expected");
		label.low = lexer->number;
		tsdl_next(lexer);
	}
	label.high = label.low;
	if (lexer->token == TSDL_RANGE) {
		tsdl_next(lexer);
		if (lexer->token != TSDL_NUMBER)
			return fail(parser, "end of a range expected");
		label.high = lexer->number;
		tsdl_next(lexer);
	}
	*next = label.high + 1;
	g_array_append_val(labels, label);
	return true;
}

static const struct ctf_type *read_enum(struct parser *parser)
{
	char *tag = read_tag(parser, "enum");
	const struct ctf_type *container = NULL;
	struct ctf_type *type;
	GArray *labels;
	uint64_t next = 0;
	bool ok = true;

	if (accept(parser, ':')) {
		container = read_type(parser, false);
		ok = container != NULL;
	} else if (!tsdl_is(&parser->lexer, '{')) {
		return known_type(parser, tag);
	} else {
		container = look_up(parser, "int");
	}
	if (ok && (!container || container->kind != CTF_INT))
		ok = fail(parser, "the type of an enumeration must be an integer");
	if (!ok || !expect(parser, '{')) {
		g_free(tag);
		return NULL;
	}
	type = new_type(parser, CTF_INT);
	*type = *container;
	type->is_text = false;
	labels = g_array_new(FALSE, FALSE, sizeof(struct ctf_label));
	while (ok && !accept(parser, '}')) {
		ok = read_label(parser, &next, labels);
		if (ok && !accept(parser, ',') && !tsdl_is(&parser->lexer, '}'))
			ok = fail(parser, "',' expected");
	}
	type->n_labels = labels->len;
	type->labels = copy_array(parser, labels, sizeof(struct ctf_label));
	g_array_free(labels, TRUE);
	return finish_type(parser, tag, type);
}

/*
 * The name of a type, of one or more words. With `named`, the last of them is the name of a field
 * of this type.
 */
static const struct ctf_type *read_alias(struct parser *parser, bool named)
{
	GString *alias = g_string_new(NULL);
	const struct ctf_type *type;
	size_t before = 0;

	while (parser->lexer.token == TSDL_NAME) {
		before = alias->len;
		if (before > 0)
			g_string_append_c(alias, ' ');
		g_string_append_len(alias, parser->lexer.word, (gssize)parser->lexer.length);
		parser->name = parser->lexer.word;
		parser->name_length = parser->lexer.length;
		tsdl_next(&parser->lexer);
	}
	if (named)
		g_string_truncate(alias, before);
	else
		parser->name = NULL;
	type = look_up(parser, alias->str);
	if (!type)
		fail(parser, alias->len > 0 ? "unknown type" : "type expected");
	g_string_free(alias, TRUE);
	return type;
}

/* Reads a type. With `named`, it is followed by a field's name (see parser->name). */
static const struct ctf_type *read_type(struct parser *parser, bool named)
{
	static const struct {
		const char *name;
		const struct ctf_type *(*read)(struct parser *parser);
	} kinds[] = {
		{"integer", read_integer},
		{"floating_point", read_real},
		{"string", read_string},
		{"struct", read_struct},
		{"variant", read_variant},
		{"enum", read_enum},
	};
	const struct ctf_type *type = NULL;
	bool found = false;

	if (++parser->depth > CTF_DEPTH_MAX)
		fail_with(parser, CTF_ERROR_LIMIT, "types are nested too deeply");
	for (size_t i = 0; !parser->failed && !found && i < G_N_ELEMENTS(kinds); i++) {
		found = accept_name(parser, kinds[i].name);
		if (found)
			type = kinds[i].read(parser);
	}
	if (!parser->failed && !found)
		type = read_alias(parser, named);
	parser->depth--;
	return type;
}

/* typealias TYPE := NAME; or typedef TYPE NAME; */
static bool read_type_name(struct parser *parser)
{
	bool alias = tsdl_is_name(&parser->lexer, "typealias");
	GArray *fields;
	const struct ctf_type *type;
	GString *name;

	tsdl_next(&parser->lexer);
	type = read_type(parser, !alias);
	if (!type)
		return false;
	if (!alias) {
		fields = g_array_new(FALSE, FALSE, sizeof(struct ctf_field));
		if (read_declarator(parser, type, fields)) {
			const struct ctf_field *field = &g_array_index(fields, struct ctf_field, 0);

			define(parser, g_strdup(field->raw), field->type);
		}
		g_array_free(fields, TRUE);
		return !parser->failed && expect(parser, ';');
	}
	if (parser->lexer.token != TSDL_ASSIGN_TYPE)
		return fail(parser, "':=' expected");
	tsdl_next(&parser->lexer);
	name = g_string_new(NULL);
	while (parser->lexer.token == TSDL_NAME) {
		if (name->len > 0)
			g_string_append_c(name, ' ');
		g_string_append_len(name, parser->lexer.word, (gssize)parser->lexer.length);
		tsdl_next(&parser->lexer);
	}
	define(parser, g_string_free(name, FALSE), type);
	return expect(parser, ';');
}

/* ---- Blocks ---- */

static bool is_type_definition(const struct parser *parser)
{
	return tsdl_is_name(&parser->lexer, "struct") || tsdl_is_name(&parser->lexer, "variant") ||
	       tsdl_is_name(&parser->lexer, "enum");
}

/*
 * Reads a block's next attribute; false at its end, or if it is broken (parser->failed). Types
 * that get names in it are noted on the way.
 */
static bool next_attribute(struct parser *parser, struct attribute *attribute)
{
	while (!parser->failed && !accept(parser, '}')) {
		if (is_type_name(parser))
			read_type_name(parser);
		else if (is_type_definition(parser))
			(void)(read_type(parser, false) && expect(parser, ';'));
		else
			return read_attribute(parser, attribute);
	}
	return false;
}

static bool parse_uuid(const struct attribute *attribute, uint8_t uuid[16])
{
	const char *at = attribute->word;
	const char *end = at + attribute->length;
	int nibbles = 0;

	for (; at < end; at++) {
		int value = g_ascii_xdigit_value(*at);

		if (*at == '-')
			continue;
		if (value < 0 || nibbles == 32)
			return false;
		uuid[nibbles / 2] = (uint8_t)(uuid[nibbles / 2] << 4 | value);
		nibbles++;
	}
	return nibbles == 32;
}

static void read_trace(struct parser *parser)
{
	struct ctf_metadata *metadata = parser->metadata;
	struct attribute attribute;
	enum ctf_order order = CTF_NATIVE;
	uint64_t number;

	while (next_attribute(parser, &attribute)) {
		if (key_is(&attribute, "uuid")) {
			metadata->has_uuid = attribute.token == TSDL_TEXT &&
					     parse_uuid(&attribute, metadata->uuid);
			if (!metadata->has_uuid)
				fail(parser, "invalid UUID");
		} else if (key_is(&attribute, "byte_order")) {
			get_order(parser, &attribute, &order);
			metadata->big_endian = order == CTF_BIG;
		} else if (key_is(&attribute, "packet.header")) {
			metadata->packet_header = attribute.type;
		} else if (key_is(&attribute, "major")) {
			if (get_number(parser, &attribute, UINT32_MAX, &number) && number != 1)
				fail(parser, "not CTF 1");
		}
	}
	if (!parser->failed && order == CTF_NATIVE)
		fail(parser, "the trace's byte order is missing");
}

static void read_env(struct parser *parser)
{
	struct attribute attribute;

	while (next_attribute(parser, &attribute)) {
		struct ctf_env env = {.number = (int64_t)attribute.number};

		env.name = copy(parser, attribute.key, attribute.key_length);
		if (attribute.token == TSDL_TEXT)
			env.text = unescape(
				parser, attribute.word, attribute.length, attribute.has_escapes);
		g_array_append_val(parser->metadata->env, env);
	}
}

static void read_clock(struct parser *parser)
{
	struct ctf_clock *clock = ctf_alloc(parser->metadata->arena, sizeof(*clock));
	struct attribute attribute;

	clock->frequency = 1000000000;
	while (next_attribute(parser, &attribute)) {
		if (key_is(&attribute, "name")) {
			clock->name = copy(parser, attribute.word, attribute.length);
		} else if (key_is(&attribute, "uuid")) {
			clock->uuid = copy(parser, attribute.word, attribute.length);
		} else if (key_is(&attribute, "freq")) {
			if (get_number(parser, &attribute, UINT64_MAX, &clock->frequency) &&
				clock->frequency == 0)
				fail(parser, "the frequency of a clock must not be 0");
		} else if (key_is(&attribute, "offset_s")) {
			clock->offset_s = (int64_t)attribute.number;
			if (attribute.token != TSDL_NUMBER)
				fail(parser, "the offset of a clock must be a number");
		} else if (key_is(&attribute, "offset")) {
			clock->offset = (int64_t)attribute.number;
			if (attribute.token != TSDL_NUMBER)
				fail(parser, "the offset of a clock must be a number");
		}
	}
	if (!parser->failed && !clock->name)
		fail(parser, "a clock has no name");
	g_ptr_array_add(parser->metadata->clocks, clock);
}

static void read_stream(struct parser *parser)
{
	struct ctf_stream_class *stream = ctf_alloc(parser->metadata->arena, sizeof(*stream));
	struct attribute attribute;

	stream->events = g_ptr_array_new();
	g_ptr_array_add(parser->metadata->streams, stream);
	while (next_attribute(parser, &attribute)) {
		if (key_is(&attribute, "id"))
			get_number(parser, &attribute, UINT64_MAX, &stream->id);
		else if (key_is(&attribute, "event.header"))
			stream->event_header = attribute.type;
		else if (key_is(&attribute, "event.context"))
			stream->event_context = attribute.type;
		else if (key_is(&attribute, "packet.context"))
			stream->packet_context = attribute.type;
	}
}

static void read_event(struct parser *parser)
{
	struct event_class *event = ctf_alloc(parser->metadata->arena, sizeof(*event));
	struct attribute attribute;

	event->facts.name = "";
	while (next_attribute(parser, &attribute)) {
		if (key_is(&attribute, "name"))
			event->facts.name = unescape(
				parser, attribute.word, attribute.length, attribute.has_escapes);
		else if (key_is(&attribute, "id"))
			get_number(parser, &attribute, UINT64_MAX, &event->facts.id);
		else if (key_is(&attribute, "stream_id"))
			event->has_stream_id =
				get_number(parser, &attribute, UINT64_MAX, &event->stream_id);
		else if (key_is(&attribute, "context"))
			event->facts.context = attribute.type;
		else if (key_is(&attribute, "fields"))
			event->facts.payload = attribute.type;
	}
	g_ptr_array_add(parser->events, event);
}

static void skip_block(struct parser *parser)
{
	struct attribute attribute;

	while (next_attribute(parser, &attribute))
		;
}

/* Events that name no stream may be of one that is not written down: it has no header of its own. */
static void add_implied_stream(struct parser *parser)
{
	struct ctf_stream_class *stream = ctf_alloc(parser->metadata->arena, sizeof(*stream));

	stream->events = g_ptr_array_new();
	g_ptr_array_add(parser->metadata->streams, stream);
}

/* Gives the stream classes their events. */
static void sort_events(struct parser *parser)
{
	if (parser->metadata->streams->len == 0 && parser->events->len > 0)
		add_implied_stream(parser);
	for (guint i = 0; i < parser->events->len; i++) {
		struct event_class *event = g_ptr_array_index(parser->events, i);
		GPtrArray *streams = parser->metadata->streams;
		struct ctf_stream_class *stream =
			ctf_metadata_stream(parser->metadata, event->stream_id);

		if (!event->has_stream_id && streams->len == 1)
			stream = g_ptr_array_index(streams, 0);
		if (!stream) {
			fail(parser, "an event belongs to an unknown stream");
			return;
		}
		g_ptr_array_add(stream->events, &event->facts);
	}
}

static void read_statement(struct parser *parser)
{
	static const struct {
		const char *name;
		void (*read)(struct parser *parser);
	} blocks[] = {
		{"event", read_event},
		{"trace", read_trace},
		{"env", read_env},
		{"clock", read_clock},
		{"stream", read_stream},
		{"callsite", skip_block},
	};
	struct scope scope;

	if (is_type_name(parser)) {
		read_type_name(parser);
		return;
	}
	if (is_type_definition(parser)) {
		(void)(read_type(parser, false) && expect(parser, ';'));
		return;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(blocks); i++) {
		if (!accept_name(parser, blocks[i].name))
			continue;
		if (!expect(parser, '{'))
			return;
		open_scope(parser, &scope);
		blocks[i].read(parser);
		close_scope(parser);
		if (!parser->failed)
			expect(parser, ';');
		return;
	}
	fail(parser, "not a TSDL statement");
}

bool ctf_parse_tsdl(struct ctf_metadata *metadata, const char *text, size_t size, GError **error)
{
	struct parser parser = {.metadata = metadata, .error = error, .events = g_ptr_array_new()};
	struct scope scope;

	open_scope(&parser, &scope);
	tsdl_lexer_init(&parser.lexer, text, size);
	while (!parser.failed && parser.lexer.token != TSDL_END) {
		if (accept(&parser, ';'))
			continue;
		read_statement(&parser);
	}
	if (!parser.failed)
		sort_events(&parser);
	close_scope(&parser);
	g_ptr_array_unref(parser.events);
	if (parser.failed)
		return false;
	ctf_name_roles(metadata);
	return true;
}
