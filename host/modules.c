/*
 * The modules that are C, and where the others are.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/modules.h"

#include "host/accumulate/accumulators.h"
#include "host/lua/glob.h"
#include "host/lua_host.h"
#include "host/output/export_object.h"
#include "host/output/formats.h"
#include "host/output/log.h"
#include "host/output/sorted_object.h"
#include "host/output/sqlite_query.h"
#include "host/perfetto/timeline_object.h"
#include "host/prompt/full_screen.h"
#include "host/prompt/prompt.h"

#include <glib.h>
#include <lauxlib.h>

void modules_preload(lua_State *L)
{
	static const luaL_Reg modules[] = {
		{"lttnga.accumulators", luaopen_lttnga_accumulators},
		{"lttnga.exporter", luaopen_lttnga_exporter},
		{"lttnga.formats", luaopen_lttnga_formats},
		{"lttnga.full_screen", luaopen_lttnga_full_screen},
		{"lttnga.glob", luaopen_lttnga_glob},
		{"lttnga.host", luaopen_lttnga_host},
		{"lttnga.log", luaopen_lttnga_log},
		{"lttnga.perfetto", luaopen_lttnga_perfetto},
		{"lttnga.prompt", luaopen_lttnga_prompt},
		{"lttnga.sorted", luaopen_lttnga_sorted},
		{"lttnga.sqlite", luaopen_lttnga_sqlite},
		{NULL, NULL},
	};

	luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
	luaL_setfuncs(L, modules, 0);
	lua_pop(L, 1);
}

char *modules_find_lua(const char *self)
{
	/* The library is deeper below the place where both are installed than the program, and deeper
	   still where libraries of several architectures are. */
	static const char *const places[] = {"../lua", "../share/lttnga/lua",
		"../../../share/lttnga/lua", "../../../../share/lttnga/lua"};
	const char *override = g_getenv("LTTNGA_LUA");
	/* Who does not know where it is looks nowhere: the current folder can be a stranger's. */
	char *folder = self ? g_path_get_dirname(self) : NULL;
	char *found = override && *override ? g_strdup(override) : NULL;

	for (size_t i = 0; folder && !found && i < G_N_ELEMENTS(places); i++) {
		char *boot = g_build_filename(folder, places[i], "lib", "boot.lua", NULL);

		if (g_file_test(boot, G_FILE_TEST_EXISTS))
			found = g_canonicalize_filename(places[i], folder);
		g_free(boot);
	}
	g_free(folder);
	return found;
}
