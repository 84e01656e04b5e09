/*
 * Calls of hooks that are put off.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/deferred.h"

#include "host/lua/object.h"
#include "host/lua/packed_value.h"

#include <lauxlib.h>
#include <stdbool.h>
#include <stdio.h>

/* So many bytes are written at once. */
#define BLOCK 65536

struct deferred {
	FILE *file;        /* of a Lua object, which is kept */
	GByteArray *bytes; /* what is not written yet */
	guint machine;     /* that the last call was for, */
	int64_t window;    /* and its window; INT64_MIN: there was none */
	int64_t time;      /* of the last call */
	bool failed;       /* something could not be written */
};

static int deferred_gc(lua_State *L)
{
	struct deferred *deferred = lua_touserdata(L, 1);

	if (deferred->bytes)
		g_byte_array_unref(deferred->bytes);
	deferred->bytes = NULL;
	return 0;
}

static void write_block(struct deferred *deferred)
{
	guint32 length = deferred->bytes->len;

	if (length > 0 && (fwrite(&length, sizeof(length), 1, deferred->file) != 1 ||
				  fwrite(deferred->bytes->data, length, 1, deferred->file) != 1))
		deferred->failed = true;
	g_byte_array_set_size(deferred->bytes, 0);
}

static void put_item(struct deferred *deferred, enum deferred_item item)
{
	uint8_t byte = (uint8_t)item;

	g_byte_array_append(deferred->bytes, &byte, 1);
}

static int deferred_closed(lua_State *L)
{
	struct deferred *deferred = deferred_check(L, 1);

	put_item(deferred, DEFERRED_CLOSED);
	packed_put_number(deferred->bytes, (uint64_t)luaL_checkinteger(L, 2));
	return 0;
}

static int deferred_flush(lua_State *L)
{
	struct deferred *deferred = deferred_check(L, 1);

	write_block(deferred);
	return luaL_fileresult(L, !deferred->failed && fflush(deferred->file) == 0, NULL);
}

static const luaL_Reg methods[] = {
	{"closed", deferred_closed},
	{"flush", deferred_flush},
	{NULL, NULL},
};

static const struct object_type type = {
	.name = "lttnga.deferred", .methods = methods, .gc = deferred_gc};

struct deferred *deferred_check(lua_State *L, int index)
{
	return object_check(L, index, &type);
}

int deferred_new(lua_State *L)
{
	luaL_Stream *stream = luaL_checkudata(L, 1, LUA_FILEHANDLE);
	struct deferred *deferred;

	luaL_argcheck(L, stream->closef, 1, "the file is closed");
	deferred = object_new(L, &type, sizeof(*deferred), 1);
	lua_pushvalue(L, 1);
	lua_setiuservalue(L, -2, 1);
	deferred->file = stream->f;
	deferred->bytes = g_byte_array_sized_new(BLOCK);
	deferred->window = INT64_MIN;
	return 1;
}

void deferred_begin(
	struct deferred *deferred, guint machine, int64_t window, int64_t time, guint hook)
{
	int64_t since = (int64_t)((uint64_t)time - (uint64_t)deferred->time);

	if (since != 0) {
		put_item(deferred, DEFERRED_TIME);
		packed_put_number(deferred->bytes, (uint64_t)since << 1 ^ (uint64_t)(since >> 63));
		deferred->time = time;
	}
	if (machine != deferred->machine || window != deferred->window) {
		put_item(deferred, DEFERRED_WINDOW);
		packed_put_number(deferred->bytes, machine);
		packed_put_number(deferred->bytes, (uint64_t)window);
		deferred->machine = machine;
		deferred->window = window;
	}
	put_item(deferred, DEFERRED_CALL);
	packed_put_number(deferred->bytes, hook);
}

void deferred_value(struct deferred *deferred, lua_State *L)
{
	const char *fault = packed_put_value(L, deferred->bytes);

	if (fault)
		luaL_error(L, "a field of an event can't be put off: %s", fault);
	lua_pop(L, 1);
}

void deferred_end(struct deferred *deferred, lua_State *L)
{
	if (deferred->bytes->len >= BLOCK)
		write_block(deferred);
	if (deferred->failed)
		luaL_error(L, "calls of hooks can't be written to a temporary file");
}
