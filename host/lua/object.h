/*
 * Objects of Lua that are made in C: each type is described once, and its metatable made when the
 * first object is.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_OBJECT_H
#define LTTNGA_OBJECT_H

#include <lauxlib.h>
#include <stddef.h>

struct collector_type;

/* All but the name may be left out (NULL); the lists end with {NULL, NULL}. */
struct object_type {
	const char *name;        /* in messages, and of the metatable in the registry */
	const luaL_Reg *methods; /* what can be called on an object */
	lua_CFunction gc;        /* frees what it owns; only the collector calls it */
	const luaL_Reg *meta;    /* other fields of the metatable: { "__close", function } */
	const struct collector_type *collector; /* how events feed it (host/lua/collector.h) */
};

/* Pushes the metatable of a type, and makes it if there is none yet. */
void object_push_metatable(lua_State *L, const struct object_type *type);

/*
 * Pushes a new object of `size` bytes, all 0, with room for so many user values. What it owns is
 * freed by `gc`, also if an error is raised before it is complete. Scripts can't get at the metatable,
 * nor call `gc`; once that was called the object is of no type, and no function takes it.
 */
void *object_new(lua_State *L, const struct object_type *type, size_t size, int n_user_values);

/* The object of this type at a stack index; raises the usual error if there is something else. */
static inline void *object_check(lua_State *L, int index, const struct object_type *type)
{
	return luaL_checkudata(L, index, type->name);
}

#endif
