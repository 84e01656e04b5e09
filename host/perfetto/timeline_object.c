/*
 * The module "lttnga.perfetto": files, and timelines of machines in them.
 *
 *     local perfetto = require "lttnga.perfetto"
 *     local file, message = perfetto.open(path or nil, { gzip = true })
 *     local timeline = file:machine { host =, kernel =, number =, begin = }
 *     w.slices = timeline:slices { "Title", ... }      -- and so on: objects that a `collect` feeds
 *     timeline:finish(w.last)
 *     file:close()
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/perfetto/timeline_object.h"

#include "host/lua/object.h"
#include "host/lua/push.h"
#include "host/lua/script_fault.h"
#include "host/perfetto/timeline_private.h"
#include "state/state.h"

#include <stdio.h>
#include <unistd.h>

static const struct object_type file_type, timeline_type; /* below */

/* ---- Files ---- */

static struct timeline_file *check_file(lua_State *L)
{
	struct timeline_file *file = object_check(L, 1, &file_type);

	if (!file->sink)
		luaL_error(L, "this file is closed");
	return file;
}

static int file_gc(lua_State *L)
{
	struct timeline_file *file = object_check(L, 1, &file_type);

	sink_free(file->sink);
	file->sink = NULL;
	return 0;
}

/* A text in the table at a stack index; NULL if there is none. It is the table's. */
static const char *text_in(lua_State *L, int index, const char *key)
{
	const char *text;

	lua_getfield(L, index, key);
	text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
	lua_pop(L, 1);
	return text;
}

/* open(path or nil, { gzip = boolean }) -> file, or nil and a message; without a path the standard output */
static int module_open(lua_State *L)
{
	const char *path = luaL_optstring(L, 1, NULL);
	struct timeline_file *file;
	GError *error = NULL;
	bool gzip = false;

	if (lua_istable(L, 2)) {
		lua_getfield(L, 2, "gzip");
		gzip = lua_toboolean(L, -1);
	}
	if (!path && isatty(STDOUT_FILENO)) {
		lua_pushnil(L);
		lua_pushliteral(L, "a timeline is binary and is not written to a terminal: use "
				   "--output-file t.pftrace or > t.pftrace");
		return 2;
	}
	file = object_new(L, &file_type, sizeof(*file), 0);
	file->sink = sink_open(path, gzip, &error);
	return file->sink ? 1 : push_failure(L, error);
}

/* The version in "6.1.0-13-amd64"; 0 if there is none. */
static uint32_t version_of(const char *release)
{
	unsigned int major, minor, patch = 0;

	if (!release || sscanf(release, "%u.%u.%u", &major, &minor, &patch) < 2)
		return 0;
	return state_version(major, minor, patch);
}

/*
 * file:machine(about: table) -> lttnga.Timeline; the timeline of a machine: `host`, `kernel`
 * (its release), `begin` (start of its trace, ns), `number` (from 1, if there are several)
 */
static int file_machine(lua_State *L)
{
	struct timeline_file *file = check_file(L);
	struct packets_machine machine = {0};
	struct timeline *timeline;

	luaL_checktype(L, 2, LUA_TTABLE);
	machine.host = text_in(L, 2, "host");
	machine.release = text_in(L, 2, "kernel");
	lua_getfield(L, 2, "begin");
	machine.begin = lua_tointeger(L, -1);
	lua_getfield(L, 2, "number");
	machine.number = (unsigned int)lua_tointeger(L, -1);
	timeline = object_new(L, &timeline_type, sizeof(*timeline), TIMELINE_KEPT);
	lua_pushvalue(L, 1);
	lua_setiuservalue(L, -2, TIMELINE_KEPT);
	timeline->file = file;
	timeline->packets = packets_new(file->sink, &machine);
	timeline->cpus = cpus_new(timeline->packets, version_of(machine.release), true);
	timeline->threads = threads_new(timeline->packets, timeline->cpus, &timeline->tracks);
	timeline->counters = g_ptr_array_new();
	return 1;
}

/* file:bytes() -> integer; how many bytes were written so far, before compression */
static int file_bytes(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)sink_bytes(check_file(L)->sink));
	return 1;
}

/* file:close() -> true?, string?; ends the file; nil and a message if that fails */
static int file_close(lua_State *L)
{
	struct timeline_file *file = check_file(L);
	GError *error = NULL;
	bool closed = sink_close(file->sink, &error);

	sink_free(file->sink);
	file->sink = NULL;
	return closed ? push_done(L) : push_failure(L, error);
}

/* ---- Timelines ---- */

struct timeline *timeline_check(lua_State *L, int index)
{
	struct timeline *timeline = object_check(L, index, &timeline_type);

	if (!timeline->file->sink)
		luaL_error(L, "the file of this timeline is closed");
	return timeline;
}

void timeline_check_written(lua_State *L, const struct timeline *timeline)
{
	GError *error = NULL;

	if (!timeline->file->sink)
		luaL_error(L, "the file of this timeline is closed");
	if (!sink_has_failed(timeline->file->sink))
		return;
	sink_close(timeline->file->sink, &error);
	lua_pushstring(L, error->message);
	g_error_free(error);
	script_fault(L, "%s", lua_tostring(L, -1));
}

static int timeline_gc(lua_State *L)
{
	struct timeline *timeline = object_check(L, 1, &timeline_type);

	cpus_free(timeline->cpus);
	threads_free(timeline->threads);
	packets_free(timeline->packets);
	if (timeline->counters)
		g_ptr_array_unref(timeline->counters);
	*timeline = (struct timeline){.file = timeline->file};
	return 0;
}

/* timeline:finish(last: integer); writes what is left; nothing goes on after `last` (ns) */
static int timeline_finish(lua_State *L)
{
	struct timeline *timeline = timeline_check(L, 1);

	timeline->end = luaL_checkinteger(L, 2);
	timeline_end_counters(timeline);
	cpus_flush(timeline->cpus);
	timeline_check_written(L, timeline);
	return 0;
}

static const luaL_Reg file_methods[] = {
	{"bytes", file_bytes},
	{"close", file_close},
	{"machine", file_machine},
	{NULL, NULL},
};
static const struct object_type file_type = {
	.name = "lttnga.perfetto_file", .methods = file_methods, .gc = file_gc};

static const luaL_Reg timeline_methods[] = {
	{"counter", timeline_counter},
	{"finish", timeline_finish},
	{"kernel", timeline_kernel},
	{"slices", timeline_slices},
	{NULL, NULL},
};
static const struct object_type timeline_type = {
	.name = "lttnga.timeline", .methods = timeline_methods, .gc = timeline_gc};

int luaopen_lttnga_perfetto(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{"open", module_open},
		{NULL, NULL},
	};

	luaL_newlib(L, functions);
	return 1;
}
