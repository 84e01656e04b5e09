/*
 * Checkpoints of a trace as an object of Lua.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/replay/checkpoint_list.h"

#include "host/lua/object.h"
#include "host/lua/push.h"
#include "state/events.h"

struct checkpoint_list {
	struct checkpoints *list; /* NULL once it is freed */
};

static const struct object_type list_type; /* below */

struct checkpoints *checkpoint_list_check(lua_State *L, int index)
{
	return ((struct checkpoint_list *)object_check(L, index, &list_type))->list;
}

static void push(lua_State *L, struct checkpoints *list)
{
	struct checkpoint_list *object = object_new(L, &list_type, sizeof(*object), 0);

	object->list = list;
}

/* What lists of a source are of; `identity` is to be freed. */
static struct checkpoints_of describe(
	const struct source *source, unsigned int wants, uint64_t limit, GString **identity)
{
	struct checkpoints_of of = {.wants = wants, .limit = limit};

	*identity = g_string_new(NULL);
	source_identity(source, *identity);
	source_bytes(source, &of.bytes);
	of.identity = (*identity)->str;
	return of;
}

struct checkpoints *checkpoint_list_new(
	lua_State *L, const struct source *source, unsigned int wants, uint64_t limit)
{
	GString *identity;
	struct checkpoints_of of = describe(source, wants, limit, &identity);
	struct checkpoints *list = checkpoints_new(&of);

	g_string_free(identity, TRUE);
	push(L, list);
	return checkpoints_ref(list);
}

int checkpoint_list_read(lua_State *L, const struct source *source, const char *path)
{
	static const char *const codes[] = {
		[CHECKPOINTS_ERROR_NONE] = "none",
		[CHECKPOINTS_ERROR_FIT] = "other",
		[CHECKPOINTS_ERROR_BROKEN] = "broken",
		[CHECKPOINTS_ERROR_FOREIGN] = "unreadable",
		[CHECKPOINTS_ERROR_READ] = "unreadable",
	};
	GString *identity;
	struct checkpoints_of of = describe(source, WANT_ALL, 0, &identity);
	GError *error = NULL;
	struct checkpoints *list = checkpoints_read(path, &of, &error);

	g_string_free(identity, TRUE);
	if (list) {
		push(L, list);
		return 1;
	}
	lua_pushnil(L);
	lua_pushstring(L, codes[error->code]);
	push_error(L, error);
	return 3;
}

static int list_gc(lua_State *L)
{
	struct checkpoint_list *object = object_check(L, 1, &list_type);

	checkpoints_unref(object->list);
	object->list = NULL;
	return 0;
}

static int list_write(lua_State *L)
{
	GError *error = NULL;

	if (!checkpoints_write(checkpoint_list_check(L, 1), luaL_checkstring(L, 2), &error))
		return push_failure(L, error);
	return push_done(L);
}

static int list_info(lua_State *L)
{
	const struct checkpoints *list = checkpoint_list_check(L, 1);
	uint64_t events;
	bool complete = checkpoints_complete(list, &events);

	lua_createtable(L, 0, 5);
	set_integer(L, "count", checkpoints_count(list));
	set_integer(L, "size", (lua_Integer)checkpoints_size(list));
	set_boolean(L, "complete", complete);
	set_integer(L, "events", (lua_Integer)events);
	set_boolean(L, "all", checkpoints_wants(list) == WANT_ALL);
	return 1;
}

static int list_times(lua_State *L)
{
	const struct checkpoints *list = checkpoint_list_check(L, 1);

	lua_newtable(L);
	for (unsigned int i = 0; i < checkpoints_count(list); i++) {
		const struct checkpoint *one = checkpoints_at(list, i);

		lua_createtable(L, 0, 2);
		set_integer(L, "time", one->time);
		set_integer(L, "events", (lua_Integer)one->events);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

static const luaL_Reg methods[] = {
	{"info", list_info}, {"times", list_times}, {"write", list_write}, {NULL, NULL}};

static const struct object_type list_type = {
	.name = "lttnga.checkpoints", .methods = methods, .gc = list_gc};
