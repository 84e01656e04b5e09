/*
 * Checkpoints of a trace as an object of Lua.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/replay/checkpoint_list.h"

#include "host/lua/object.h"
#include "host/lua/push.h"
#include "host/replay/checkpoint_folder.h"
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

/*
 * Reads which traces a file is of from the table at a stack index. Its paths are in an array that is left
 * on the stack; the texts stay the table's.
 */
static struct checkpoints_origin check_origin(lua_State *L, int index)
{
	struct checkpoints_origin origin = {0};
	size_t n;

	luaL_checktype(L, index, LUA_TTABLE);
	lua_getfield(L, index, "whole");
	lua_getfield(L, index, "user");
	lua_getfield(L, index, "clocks");
	origin.whole = lua_toboolean(L, -3);
	origin.user = lua_toboolean(L, -2);
	origin.clocks = (char *)luaL_optstring(L, -1, NULL);
	lua_pop(L, 3);
	n = lua_rawlen(L, index);
	origin.paths = lua_newuserdatauv(L, sizeof(*origin.paths) * (n + 1), 0);
	for (size_t i = 0; i < n; i++) {
		lua_rawgeti(L, index, (lua_Integer)i + 1);
		luaL_checktype(L, -1, LUA_TSTRING);
		origin.paths[i] = (char *)lua_tostring(L, -1);
		lua_pop(L, 1);
	}
	origin.paths[n] = NULL;
	return origin;
}

static int list_write(lua_State *L)
{
	const struct checkpoints *list = checkpoint_list_check(L, 1);
	const char *path = luaL_checkstring(L, 2);
	struct checkpoints_origin origin = check_origin(L, 3);
	GError *error = NULL;

	if (!checkpoints_write(list, &origin, path, &error))
		return push_failure(L, error);
	return push_done(L);
}

static int list_file_size(lua_State *L)
{
	const struct checkpoints *list = checkpoint_list_check(L, 1);
	struct checkpoints_origin origin = check_origin(L, 2);

	lua_pushinteger(L, (lua_Integer)checkpoints_file_size(list, &origin));
	return 1;
}

static int list_mark_used(lua_State *L)
{
	checkpoints_mark_used(checkpoint_list_check(L, 1));
	return 0;
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
	{"file_size", list_file_size},
	{"info", list_info},
	{"mark_used", list_mark_used},
	{"times", list_times},
	{"write", list_write},
	{NULL, NULL},
};

static const struct object_type list_type = {
	.name = "lttnga.checkpoints", .methods = methods, .gc = list_gc};

/* ---- Folders ---- */

static void push_origin(lua_State *L, const struct checkpoints_origin *origin)
{
	lua_newtable(L);
	for (lua_Integer i = 0; origin->paths[i]; i++) {
		lua_pushstring(L, origin->paths[i]);
		lua_rawseti(L, -2, i + 1);
	}
	set_boolean(L, "whole", origin->whole);
	set_boolean(L, "user", origin->user);
	if (origin->clocks)
		set_text(L, "clocks", origin->clocks);
}

static void push_file(lua_State *L, const struct checkpoint_file *file)
{
	static const char *const kinds[] = {
		[CHECKPOINTS_CURRENT] = "current",
		[CHECKPOINTS_OTHER] = "other",
		[CHECKPOINTS_DAMAGED] = "damaged",
	};

	lua_createtable(L, 0, 5);
	set_text(L, "name", file->name);
	set_integer(L, "size", (lua_Integer)file->size);
	set_integer(L, "used", file->used);
	set_text(L, "kind",
		file->left         ? "left"
		: file->unfinished ? "unfinished"
				   : kinds[file->kind]);
	if (file->origin.paths) {
		push_origin(L, &file->origin);
		lua_setfield(L, -2, "origin");
	}
}

int checkpoint_list_folder(lua_State *L)
{
	const char *folder = luaL_checkstring(L, 1);
	GPtrArray *files = checkpoint_folder_list(folder);

	lua_createtable(L, (int)files->len, 0);
	for (guint i = 0; i < files->len; i++) {
		push_file(L, g_ptr_array_index(files, i));
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	g_ptr_array_unref(files);
	lua_pushstring(L, checkpoint_folder_trouble(folder));
	return 2;
}

int checkpoint_list_remove(lua_State *L)
{
	GError *error = NULL;

	if (!checkpoint_folder_remove(luaL_checkstring(L, 1), luaL_checkstring(L, 2), &error))
		return push_failure(L, error);
	return push_done(L);
}
