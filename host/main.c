/*
 * lttnga-run: makes the Lua machine and hands it the command line. What happens then is in
 * lua/lib/cli.lua.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/interrupt.h"
#include "host/modules.h"
#include "host/sudden_end.h"

#include <glib.h>
#include <lauxlib.h>
#include <lualib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define PROGRAM "lttnga-run"

/* Each stream is an open file, and machines have many CPUs. */
static void allow_many_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* Runs lib/boot.lua with the folder and the arguments; returns the exit status. */
static int run_lua(lua_State *L, const char *folder, int argc, char **argv)
{
	char *boot = g_build_filename(folder, "lib", "boot.lua", NULL);
	int is_integer = 0, status = 0;

	luaL_openlibs(L);
	modules_preload(L);
	if (luaL_loadfile(L, boot) == LUA_OK) {
		lua_pushstring(L, folder);
		lua_createtable(L, argc, 0);
		for (int i = 0; i < argc; i++) {
			lua_pushstring(L, argv[i]);
			lua_rawseti(L, -2, i);
		}
		if (lua_pcall(L, 2, 1, 0) == LUA_OK)
			status = (int)lua_tointegerx(L, -1, &is_integer);
	}
	g_free(boot);
	if (is_integer)
		return status;
	/* Not even the message could be made: there is no memory, or a script broke the library. */
	fprintf(stderr, PROGRAM ": %s\n", lua_tostring(L, -1) ?: "unknown error");
	return 1;
}

int main(int argc, char **argv)
{
	lua_State *vm;
	char *self = g_file_read_link("/proc/self/exe", NULL);
	char *folder = modules_find_lua(self);
	int status;

	g_free(self);
	if (!folder) {
		fprintf(stderr, PROGRAM ": cannot find its Lua files; set LTTNGA_LUA to the "
					"directory that contains them\n");
		return 1;
	}
	vm = luaL_newstate();
	if (!vm) {
		fprintf(stderr, PROGRAM ": out of memory\n");
		g_free(folder);
		return 1;
	}
	allow_many_files();
	interrupt_setup(vm);
	sudden_end_setup();
	status = run_lua(vm, folder, argc, argv);
	interrupt_end();
	lua_close(vm);
	g_free(folder);
	if (fclose(stdout) != 0 && status == 0) {
		perror(PROGRAM ": cannot write the results");
		status = 1;
	}
	/* Whoever called us learns that it was Ctrl-C in the way that programs tell it. */
	if (interrupt_wanted())
		raise(SIGINT);
	return status;
}
