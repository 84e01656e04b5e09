/*
 * Conditions of requests.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/requests/program.h"

#include "host/lua/glob.h"

#include <glib.h>
#include <lauxlib.h>

enum test_kind {
	TEST_EQUAL,
	TEST_BELOW,
	TEST_WITHIN,
	TEST_ABOVE,
	TEST_FROM,
	TEST_GLOB,
	TEST_THERE,
};

static const char *const kind_names[] = {
	"equal", "below", "within", "above", "from", "glob", "there", NULL};

struct test {
	enum test_kind kind;
	struct operand a, b;
	int yes, no; /* tests before this one, 0 or -1 */
};

struct program {
	GArray *tests;     /* struct test */
	GArray *constants; /* struct value, whose texts are its own */
	int entry;
};

/* ---- Reading ---- */

void program_free(struct program *program)
{
	if (!program)
		return;
	for (guint i = 0; i < program->constants->len; i++) {
		const struct value *value = &g_array_index(program->constants, struct value, i);

		if (value->kind == VALUE_TEXT)
			g_free((char *)value->text);
	}
	g_array_unref(program->constants);
	g_array_unref(program->tests);
	g_free(program);
}

struct operand operand_read(lua_State *L)
{
	static const char *const spaces[] = {"event", "begin", "parent", NULL};
	struct operand operand;
	lua_Integer number;

	luaL_checktype(L, -1, LUA_TTABLE);
	lua_geti(L, -1, 1);
	operand.space = (enum operand_space)luaL_checkoption(L, -1, NULL, spaces);
	lua_geti(L, -2, 2);
	number = luaL_checkinteger(L, -1);
	if (number < 1 || number > UINT16_MAX)
		luaL_error(L, "unknown value %d", (int)number);
	operand.number = (unsigned int)number - 1;
	lua_pop(L, 2);
	return operand;
}

/* Adds the constant on top of the stack. */
static struct operand add_constant(lua_State *L, struct program *program)
{
	struct value value = {.kind = VALUE_INTEGER};

	if (lua_type(L, -1) == LUA_TSTRING) {
		value.kind = VALUE_TEXT;
		value.text = g_strdup(lua_tostring(L, -1));
	} else if (lua_isinteger(L, -1)) {
		value.integer = lua_tointeger(L, -1);
	} else {
		value.kind = VALUE_REAL;
		value.real = luaL_checknumber(L, -1);
	}
	g_array_append_val(program->constants, value);
	return (struct operand){OPERAND_CONSTANT, program->constants->len - 1};
}

/* Reads where it goes on from a test: a field of the table on top of the stack. */
static int read_next(lua_State *L, const char *field, guint before)
{
	lua_Integer next;

	lua_getfield(L, -1, field);
	next = luaL_checkinteger(L, -1);
	if (next < -1 || next > (lua_Integer)before)
		luaL_error(L, "no earlier test has the number %d", (int)next);
	lua_pop(L, 1);
	return (int)next;
}

/* Reads the test on top of the stack. */
static void read_test(lua_State *L, struct program *program)
{
	struct test test;

	lua_getfield(L, -1, "kind");
	test.kind = (enum test_kind)luaL_checkoption(L, -1, NULL, kind_names);
	lua_getfield(L, -2, "a");
	test.a = test.b = operand_read(L);
	if (lua_getfield(L, -3, "value") != LUA_TNIL) {
		test.b = add_constant(L, program);
	} else if (test.kind != TEST_THERE) {
		lua_getfield(L, -4, "b");
		test.b = operand_read(L);
		lua_pop(L, 1);
	}
	lua_pop(L, 3);
	test.yes = read_next(L, "yes", program->tests->len);
	test.no = read_next(L, "no", program->tests->len);
	g_array_append_val(program->tests, test);
}

/* Frees what an error leaves. */
static int read_program(lua_State *L)
{
	struct program *program = lua_touserdata(L, 2);

	lua_settop(L, 1);
	for (lua_Integer i = 1; lua_geti(L, -1, i) == LUA_TTABLE; i++) {
		read_test(L, program);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	program->entry = read_next(L, "entry", program->tests->len);
	return 0;
}

struct program *program_read(lua_State *L)
{
	struct program *program;

	if (lua_isnil(L, -1))
		return NULL;
	program = g_new0(struct program, 1);
	program->tests = g_array_new(FALSE, FALSE, sizeof(struct test));
	program->constants = g_array_new(FALSE, FALSE, sizeof(struct value));
	lua_pushcfunction(L, read_program);
	lua_pushvalue(L, -2);
	lua_pushlightuserdata(L, program);
	if (lua_pcall(L, 2, 0, 0) != LUA_OK) {
		program_free(program);
		lua_error(L);
	}
	return program;
}

bool program_fits(const struct program *program, const unsigned int counts[])
{
	for (guint i = 0; program && i < program->tests->len; i++) {
		const struct test *test = &g_array_index(program->tests, struct test, i);

		if (test->a.number >= counts[test->a.space] ||
			(test->b.space != OPERAND_CONSTANT &&
				test->b.number >= counts[test->b.space]))
			return false;
	}
	return true;
}

/* ---- Evaluating ---- */

static bool test_holds(const struct test *test, const struct value *a, const struct value *b)
{
	int order;

	if (test->kind == TEST_THERE)
		return a->kind != VALUE_NONE;
	if (test->kind == TEST_GLOB)
		return a->kind == VALUE_TEXT && b->kind == VALUE_TEXT &&
		       glob_matches(b->text, a->text);
	if (!value_compare(a, b, &order))
		return false;
	switch (test->kind) {
	case TEST_EQUAL:
		return order == 0;
	case TEST_BELOW:
		return order < 0;
	case TEST_WITHIN:
		return order <= 0;
	case TEST_ABOVE:
		return order > 0;
	default:
		return order >= 0;
	}
}

static const struct value *value_of(
	const struct program *program, const struct scene *scene, struct operand operand)
{
	if (operand.space == OPERAND_CONSTANT)
		return &g_array_index(program->constants, struct value, operand.number);
	return scene_value(scene, operand);
}

bool program_holds(const struct program *program, const struct scene *scene)
{
	int next = program ? program->entry : -1;

	while (next > 0) {
		const struct test *test = &g_array_index(program->tests, struct test, next - 1);

		next = test_holds(test, value_of(program, scene, test->a),
			       value_of(program, scene, test->b))
			       ? test->yes
			       : test->no;
	}
	return next < 0;
}
