/*
 * Expressions: their tests, and what was found out about texts.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/expression.h"

#include "host/lua/glob.h"
#include "host/lua/push.h"
#include "state/hash.h"

#include <glib.h>
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

/* Where a way through the tests ends. */
enum { FAILS = 0, PASSES = -1 };

enum test_kind {
	TEST_RANGE,
	TEST_AMONG,
	TEST_TEXTS,
	TEST_EXACT,
	TEST_ABSENT,
	TEST_EQUAL,
	TEST_BELOW,
};

static const char *const kind_names[] = {
	[TEST_RANGE] = "range",
	[TEST_AMONG] = "among",
	[TEST_TEXTS] = "texts",
	[TEST_EXACT] = "exact",
	[TEST_ABSENT] = "absent",
	[TEST_EQUAL] = "equal",
	[TEST_BELOW] = "below",
	NULL,
};

/* Texts about which it is known whether they match. Each has one place: what is not there is matched. */
#define KNOWN_TEXTS 256

struct known_text {
	uint64_t identity; /* 0: the place is free */
	bool holds;
};

/* So many values are noted of those that did not fulfil a test. */
#define MISSES_MAX 4096

struct test {
	enum test_kind kind;
	unsigned int field, other;
	int64_t low, high;
	int yes, no;              /* number of the next test, or where it ends */
	GArray *integers;         /* int64_t, sorted */
	GPtrArray *globs;         /* texts */
	struct known_text *known; /* KNOWN_TEXTS; NULL until the first one */
	bool held;                /* some event has fulfilled it */
	GHashTable *misses; /* values that did not, until an event passes: texts, or int64_t */
};

struct expression {
	GPtrArray *fields; /* their names */
	GPtrArray *tests;  /* struct test */
	int entry;
	bool tried;  /* there was an event, */
	bool passed; /* and one that has passed */
};

/* The values of an event. */
struct event_values {
	const struct expression_field *fields;
	const struct state *state;
	const char *at;
};

/* ---- Making and reading ---- */

static void free_test(gpointer data)
{
	struct test *test = data;

	g_array_unref(test->integers);
	g_ptr_array_unref(test->globs);
	g_clear_pointer(&test->misses, g_hash_table_unref);
	g_free(test->known);
	g_free(test);
}

struct expression *expression_new(void)
{
	struct expression *expression = g_new0(struct expression, 1);

	expression->fields = g_ptr_array_new_with_free_func(g_free);
	expression->tests = g_ptr_array_new_with_free_func(free_test);
	return expression;
}

void expression_free(struct expression *expression)
{
	if (!expression)
		return;
	g_ptr_array_unref(expression->fields);
	g_ptr_array_unref(expression->tests);
	g_free(expression);
}

static int64_t read_integer(lua_State *L, const char *name, int64_t otherwise)
{
	int64_t value = otherwise;

	if (lua_getfield(L, -1, name) != LUA_TNIL)
		value = luaL_checkinteger(L, -1);
	lua_pop(L, 1);
	return value;
}

/* Reads a number of something of which there are `n`. */
static unsigned int read_number(lua_State *L, const char *name, guint n)
{
	int64_t value = read_integer(L, name, 1);

	if (value < 1 || value > (int64_t)n)
		luaL_error(L, "an expression has no %s %I", name, (LUAI_UACINT)value);
	return (unsigned int)value - 1;
}

/* Reads where it goes on: with a test before number `n`, or at the end. */
static int read_target(lua_State *L, const char *name, guint n)
{
	int64_t value = read_integer(L, name, FAILS);

	if (value < PASSES || value > (int64_t)n)
		luaL_error(L, "'%s' of an expression must name an earlier test", name);
	return (int)value;
}

static void read_texts(lua_State *L, const char *name, GPtrArray *into)
{
	if (lua_getfield(L, -1, name) == LUA_TTABLE) {
		for (lua_Integer i = 1; lua_geti(L, -1, i) != LUA_TNIL; i++) {
			g_ptr_array_add(into, g_strdup(luaL_checkstring(L, -1)));
			lua_pop(L, 1);
		}
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

static gint compare_integers(gconstpointer a, gconstpointer b)
{
	int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;

	return (one > other) - (one < other);
}

static void read_integers(lua_State *L, GArray *into)
{
	if (lua_getfield(L, -1, "integers") == LUA_TTABLE) {
		for (lua_Integer i = 1; lua_geti(L, -1, i) != LUA_TNIL; i++) {
			int64_t value = luaL_checkinteger(L, -1);

			g_array_append_val(into, value);
			lua_pop(L, 1);
		}
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	g_array_sort(into, compare_integers);
}

/* Reads the test on top of the stack. */
static void read_test(lua_State *L, struct expression *expression)
{
	struct test *test = g_new0(struct test, 1);
	guint n = expression->tests->len;

	test->integers = g_array_new(FALSE, FALSE, sizeof(int64_t));
	test->globs = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(expression->tests, test);
	lua_getfield(L, -1, "kind");
	test->kind = (enum test_kind)luaL_checkoption(L, -1, NULL, kind_names);
	lua_pop(L, 1);
	test->field = read_number(L, "field", expression->fields->len);
	test->other = read_number(L, "other", expression->fields->len);
	test->yes = read_target(L, "yes", n);
	test->no = read_target(L, "no", n);
	/* No bounds contain the number that stands for none. */
	test->low = MAX(read_integer(L, "low", INT64_MIN), INT64_MIN + 1);
	test->high = read_integer(L, "high", INT64_MAX);
	read_integers(L, test->integers);
	read_texts(L, "globs", test->globs);
}

void expression_read(lua_State *L, struct expression *expression)
{
	luaL_checktype(L, -1, LUA_TTABLE);
	luaL_checkstack(L, LUA_MINSTACK, "expression");
	read_texts(L, "fields", expression->fields);
	if (expression->fields->len > EXPRESSION_FIELDS_MAX)
		luaL_error(
			L, "too many fields in an expression (at most %d)", EXPRESSION_FIELDS_MAX);
	for (lua_Integer i = 1; lua_geti(L, -1, i) == LUA_TTABLE; i++) {
		read_test(L, expression);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	expression->entry = read_target(L, "entry", expression->tests->len);
}

unsigned int expression_n_fields(const struct expression *expression)
{
	return expression->fields->len;
}

const char *expression_field_name(const struct expression *expression, unsigned int i)
{
	return g_ptr_array_index(expression->fields, i);
}

struct expression_field expression_derived_field(const struct derived_field *field)
{
	static const enum expression_kind kinds[] = {
		[DERIVED_INT] = EXPRESSION_INTEGER,
		[DERIVED_BOOL] = EXPRESSION_INTEGER,
		[DERIVED_STR] = EXPRESSION_INTERNED,
		[DERIVED_SYM] = EXPRESSION_FIXED,
	};

	if (!field)
		return (struct expression_field){EXPRESSION_NONE, 0};
	return (struct expression_field){kinds[field->type], field->offset};
}

/* ---- Values ---- */

static int64_t integer_of(const struct event_values *values, unsigned int field)
{
	const struct expression_field *of = &values->fields[field];

	if (of->kind != EXPRESSION_INTEGER)
		return VALUE_ABSENT;
	return *(const int64_t *)(const void *)(values->at + of->offset);
}

static const char *text_of(const struct event_values *values, unsigned int field)
{
	const struct expression_field *of = &values->fields[field];
	const void *at = values->at + of->offset;

	switch (of->kind) {
	case EXPRESSION_INTERNED:
		return state_text(values->state, *(const strid *)at);
	case EXPRESSION_FIXED:
	case EXPRESSION_TEXT:
		return *(const char *const *)at;
	default:
		return NULL;
	}
}

/* Tells serial numbers of texts from addresses, which never have this bit. */
#define SERIAL (UINT64_C(1) << 63)

/* What is this text's alone as long as the program runs; 0 if there is nothing like that. */
static uint64_t identity_of(const struct event_values *values, unsigned int field)
{
	const struct expression_field *of = &values->fields[field];
	const void *at = values->at + of->offset;
	uint64_t serial;

	if (of->kind == EXPRESSION_FIXED)
		return (uintptr_t) * (const char *const *)at;
	if (of->kind != EXPRESSION_INTERNED)
		return 0;
	serial = state_text_serial(values->state, *(const strid *)at);
	return serial ? serial | SERIAL : 0;
}

static bool is_there(const struct event_values *values, unsigned int field)
{
	return values->fields[field].kind == EXPRESSION_INTEGER
		       ? integer_of(values, field) != VALUE_ABSENT
		       : text_of(values, field) != NULL;
}

/* ---- Tests ---- */

static void note_text(struct test *test, const char *text)
{
	if (!test->misses)
		test->misses = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if (g_hash_table_size(test->misses) < MISSES_MAX &&
		!g_hash_table_contains(test->misses, text))
		g_hash_table_add(test->misses, g_strdup(text));
}

static void note_integer(struct test *test, int64_t value)
{
	if (!test->misses)
		test->misses = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	if (g_hash_table_size(test->misses) < MISSES_MAX &&
		!g_hash_table_contains(test->misses, &value))
		g_hash_table_add(test->misses, g_memdup2(&value, sizeof(value)));
}

static bool match_text(const struct test *test, const char *text)
{
	for (guint i = 0; i < test->globs->len; i++) {
		const char *glob = g_ptr_array_index(test->globs, i);

		if (test->kind == TEST_EXACT ? strcmp(glob, text) == 0 : glob_matches(glob, text))
			return true;
	}
	return false;
}

/* Whether a text matches. One that is met again is known by what is its alone, not looked at. */
static bool test_text(struct test *test, const struct event_values *values, bool notes)
{
	uint64_t identity = identity_of(values, test->field);
	struct known_text *known = NULL;
	const char *text;

	if (identity) {
		if (!test->known)
			test->known = g_new0(struct known_text, KNOWN_TEXTS);
		known = &test->known[hash_mix(0, identity) % KNOWN_TEXTS];
		if (known->identity == identity)
			return known->holds;
	}
	text = text_of(values, test->field);
	if (!text)
		return false;
	if (known) {
		known->identity = identity;
		known->holds = match_text(test, text);
	}
	if (known ? known->holds : match_text(test, text))
		return true;
	if (notes)
		note_text(test, text);
	return false;
}

/* Lists that are no longer are gone through. */
#define SHORT_LIST 16

static bool is_among(const GArray *sorted, int64_t value)
{
	const int64_t *integers = (const int64_t *)(const void *)sorted->data;

	if (sorted->len > SHORT_LIST)
		return value != VALUE_ABSENT &&
		       bsearch(&value, integers, sorted->len, sizeof(*integers), compare_integers);
	for (guint i = 0; i < sorted->len; i++)
		if (integers[i] == value)
			return value != VALUE_ABSENT;
	return false;
}

/* Whether an integer fits; what does not is noted if one of few is asked for. */
static bool test_integer(struct test *test, const struct event_values *values, bool notes)
{
	int64_t value = integer_of(values, test->field);
	bool few = test->kind == TEST_AMONG || test->low == test->high;
	bool holds = test->kind == TEST_AMONG ? is_among(test->integers, value)
					      : value >= test->low && value <= test->high;

	if (notes && few && !holds && value != VALUE_ABSENT)
		note_integer(test, value);
	return holds;
}

/* Compares two fields, which are there. */
static bool test_fields(const struct test *test, const struct event_values *values)
{
	const char *text = text_of(values, test->field), *other = text_of(values, test->other);
	int order;

	if (!is_there(values, test->field) || !is_there(values, test->other) || !text != !other)
		return false;
	if (text) {
		order = strcmp(text, other);
	} else {
		int64_t one = integer_of(values, test->field);
		int64_t two = integer_of(values, test->other);

		order = (one > two) - (one < two);
	}
	return test->kind == TEST_EQUAL ? order == 0 : order < 0;
}

static bool test_holds(struct test *test, const struct event_values *values, bool notes)
{
	switch (test->kind) {
	case TEST_RANGE:
	case TEST_AMONG:
		return test_integer(test, values, notes);
	case TEST_TEXTS:
	case TEST_EXACT:
		return test_text(test, values, notes);
	case TEST_ABSENT:
		return !is_there(values, test->field);
	default:
		return test_fields(test, values);
	}
}

/* Now it is known that something passes, so what does not needs no explanation. */
static void forget_misses(struct expression *expression)
{
	expression->passed = true;
	for (guint i = 0; i < expression->tests->len; i++) {
		struct test *test = g_ptr_array_index(expression->tests, i);

		g_clear_pointer(&test->misses, g_hash_table_unref);
	}
}

bool expression_passes(struct expression *expression, const struct expression_field *fields,
	const struct state *state, const void *values)
{
	const struct event_values event = {fields, state, values};
	int at = expression->entry;

	expression->tried = true;
	while (at > 0) {
		struct test *test = g_ptr_array_index(expression->tests, at - 1);
		bool holds = test_holds(test, &event, !expression->passed);

		test->held |= holds;
		at = holds ? test->yes : test->no;
	}
	if (at == PASSES && !expression->passed)
		forget_misses(expression);
	return at == PASSES;
}

/* ---- Why nothing has passed ---- */

static void push_values(lua_State *L, const struct test *test)
{
	bool is_text = test->kind == TEST_TEXTS || test->kind == TEST_EXACT;
	GHashTableIter iter;
	lua_Integer n = 0;
	gpointer value;

	lua_newtable(L);
	g_hash_table_iter_init(&iter, test->misses);
	while (g_hash_table_iter_next(&iter, &value, NULL)) {
		if (is_text)
			lua_pushstring(L, value);
		else
			lua_pushinteger(L, *(const int64_t *)value);
		lua_rawseti(L, -2, ++n);
	}
}

bool expression_was_tried(const struct expression *expression)
{
	return expression->tried;
}

void expression_push_misses(lua_State *L, const struct expression *expression)
{
	lua_Integer n = 0;

	if (expression->passed) {
		lua_pushnil(L);
		return;
	}
	lua_newtable(L);
	for (guint i = 0; i < expression->tests->len; i++) {
		const struct test *test = g_ptr_array_index(expression->tests, i);

		if (!test->held && !test->misses)
			continue;
		lua_createtable(L, 0, 3);
		set_integer(L, "test", (lua_Integer)i + 1);
		set_boolean(L, "held", test->held);
		if (test->misses)
			push_values(L, test);
		else
			lua_newtable(L);
		lua_setfield(L, -2, "values");
		lua_rawseti(L, -2, ++n);
	}
}
