/*
 * Making the calls of hooks that were put off.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/player.h"

#include "host/lua/cursor.h"
#include "host/lua/hooks.h"
#include "host/lua/object.h"
#include "host/lua/packed_value.h"
#include "host/lua/push.h"

#include <lauxlib.h>
#include <stdio.h>

struct player {
	GPtrArray *hooks;    /* struct hooks, Lua's, by machine; NULL: not of this one */
	struct state *state; /* for texts only */
	GByteArray *block;   /* that is being read */
	guint machine;       /* what follows is for its window */
	int64_t window;
};

static int player_gc(lua_State *L)
{
	struct player *player = lua_touserdata(L, 1);

	if (player->hooks)
		g_ptr_array_unref(player->hooks);
	if (player->block)
		g_byte_array_unref(player->block);
	if (player->state)
		state_free(player->state);
	*player = (struct player){0};
	return 0;
}

static const struct object_type type; /* below */

static struct player *check_player(lua_State *L)
{
	return object_check(L, 1, &type);
}

/* The hooks of a machine, from 0 on; raises an error if there are none. */
static struct hooks *hooks_of(lua_State *L, const struct player *player, uint64_t machine)
{
	struct hooks *hooks = machine < player->hooks->len
				      ? g_ptr_array_index(player->hooks, (guint)machine)
				      : NULL;

	if (!hooks)
		luaL_error(L, "there is no such machine");
	return hooks;
}

/* Stack indices of the methods that read a file. */
enum { PLAYER = 1, STREAM, CALL, CLOSED };

/* Reads the next block; false at the end of the file. */
static bool read_block(lua_State *L, struct player *player, FILE *file)
{
	guint32 length;

	if (fread(&length, sizeof(length), 1, file) != 1)
		return false;
	g_byte_array_set_size(player->block, length);
	if (fread(player->block->data, length, 1, file) != 1)
		luaL_error(L, "a temporary file can't be read");
	return true;
}

static int64_t get_signed(lua_State *L, struct packed_bytes *from)
{
	uint64_t number = packed_get_number(L, from);

	return (int64_t)(number >> 1 ^ -(number & 1));
}

/* Pushes the values of a call; returns how many there are. */
static guint get_values(
	lua_State *L, const struct hooks *hooks, guint hook, struct packed_bytes *from)
{
	guint n = hooks_n_values(hooks, hook);

	luaL_checkstack(L, (int)n + LUA_MINSTACK, "too many values");
	for (guint i = 0; i < n; i++)
		packed_get_value(L, from);
	return n;
}

/* What is done with a call, whose hook is read from `from`. */
typedef void (*call_fn)(lua_State *L, struct player *player, struct packed_bytes *from);

static void play_call(lua_State *L, struct player *player, struct packed_bytes *from)
{
	struct hooks *hooks = hooks_of(L, player, player->machine);
	guint hook = (guint)packed_get_number(L, from);
	int top = lua_gettop(L);

	get_values(L, hooks, hook, from);
	hooks_play(hooks, L, player->state, hook, top + 1);
	lua_settop(L, top);
}

static void tell_call(lua_State *L, struct player *player, struct packed_bytes *from)
{
	const struct hooks *hooks = hooks_of(L, player, player->machine);
	guint hook = (guint)packed_get_number(L, from), n;
	int top = lua_gettop(L);

	n = get_values(L, hooks, hook, from);
	lua_pushvalue(L, CALL);
	lua_pushinteger(L, (lua_Integer)player->machine + 1);
	lua_pushinteger(L, player->window);
	lua_pushinteger(L, cursor.time);
	lua_pushinteger(L, (lua_Integer)hook + 1);
	lua_pushstring(L, hooks_deferred_event(hooks, hook));
	lua_createtable(L, 0, (int)n);
	for (guint i = 0; i < n; i++) {
		lua_pushvalue(L, top + 1 + (int)i);
		lua_setfield(L, -2, hooks_value_name(hooks, hook, i));
	}
	lua_call(L, 6, 0);
	lua_settop(L, top);
}

/* What follows is for another window: hooks get it, if they are called. */
static void enter_window(lua_State *L, struct player *player, bool is_played)
{
	struct hooks *hooks = hooks_of(L, player, player->machine);

	if (!is_played)
		return;
	lua_pushvalue(L, CALL);
	lua_pushinteger(L, player->window);
	lua_call(L, 1, 1);
	lua_geti(L, -1, (lua_Integer)player->machine + 1);
	hooks_set_windows(hooks, L);
	lua_pop(L, 1);
}

static void tell_closed(lua_State *L, int64_t window)
{
	lua_pushvalue(L, CLOSED);
	lua_pushinteger(L, window);
	lua_call(L, 1, 0);
}

/* Goes through the file at stack index STREAM. */
static int go_through(lua_State *L, call_fn call, bool is_played)
{
	struct player *player = check_player(L);
	luaL_Stream *stream = luaL_checkudata(L, STREAM, LUA_FILEHANDLE);

	luaL_argcheck(L, stream->closef, STREAM, "the file is closed");
	lua_settop(L, CLOSED);
	cursor_enter(L, NULL);
	while (read_block(L, player, stream->f)) {
		struct packed_bytes from = {
			player->block->data, player->block->data + player->block->len};

		while (from.at < from.end)
			switch (*from.at++) {
			case DEFERRED_TIME:
				cursor.time += get_signed(L, &from);
				break;
			case DEFERRED_WINDOW:
				player->machine = (guint)packed_get_number(L, &from);
				player->window = (int64_t)packed_get_number(L, &from);
				enter_window(L, player, is_played);
				break;
			case DEFERRED_CALL:
				call(L, player, &from);
				break;
			case DEFERRED_CLOSED:
				tell_closed(L, (int64_t)packed_get_number(L, &from));
				break;
			default:
				return luaL_error(L, "a temporary file is damaged");
			}
	}
	return 0;
}

static int player_play(lua_State *L)
{
	return go_through(L, play_call, true);
}

static int player_each(lua_State *L)
{
	return go_through(L, tell_call, false);
}

static int player_call(lua_State *L)
{
	enum { MACHINE = 2, LIST, TIME, HOOK, VALUES };
	struct player *player = check_player(L);
	struct hooks *hooks = hooks_of(L, player, (uint64_t)luaL_checkinteger(L, MACHINE) - 1);
	uint64_t hook = (uint64_t)luaL_checkinteger(L, HOOK) - 1;
	guint n;
	int first;

	luaL_checktype(L, LIST, LUA_TTABLE);
	luaL_checktype(L, VALUES, LUA_TTABLE);
	luaL_argcheck(L, hook < G_MAXUINT && hooks_deferred_event(hooks, (guint)hook), HOOK,
		"there is no such hook");
	lua_settop(L, VALUES);
	cursor_enter(L, NULL);
	cursor.time = luaL_checkinteger(L, TIME);
	lua_pushvalue(L, LIST);
	hooks_set_windows(hooks, L);
	first = lua_gettop(L) + 1;
	n = hooks_n_values(hooks, (guint)hook);
	luaL_checkstack(L, (int)n + LUA_MINSTACK, "too many values");
	for (guint i = 0; i < n; i++)
		lua_getfield(L, VALUES, hooks_value_name(hooks, (guint)hook, i));
	hooks_play(hooks, L, player->state, (guint)hook, first);
	return 0;
}

static const luaL_Reg methods[] = {
	{"call", player_call},
	{"each", player_each},
	{"play", player_play},
	{NULL, NULL},
};

static const struct object_type type = {
	.name = "lttnga.player", .methods = methods, .gc = player_gc};

int player_new(lua_State *L)
{
	static const struct state_config config = {0};
	struct player *player;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	player = object_new(L, &type, sizeof(*player), 1);
	player->hooks = g_ptr_array_new();
	player->block = g_byte_array_new();
	player->state = state_new(&config);
	/* They are kept. */
	lua_newtable(L);
	for (lua_Integer i = 1; lua_geti(L, 1, i) != LUA_TNIL; i++) {
		struct hooks *hooks = lua_istable(L, -1) ? hooks_new_played(L, -1) : NULL;

		if (hooks) {
			lua_rawseti(L, 3, i);
			lua_pop(L, 1);
		} else {
			lua_pop(L, 1);
		}
		g_ptr_array_add(player->hooks, hooks);
	}
	lua_pop(L, 1);
	lua_setiuservalue(L, 2, 1);
	return 1;
}
