/*
 * The module "lttnga.host": what Lua can ask of the C side. Nothing of it is for analyses; they use
 * lttnga.analysis.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua_host.h"

#include "host/live_object.h"
#include "host/lua/cursor.h"
#include "host/lua/deferred.h"
#include "host/lua/event_view.h"
#include "host/lua/interrupt.h"
#include "host/lua/packed_value.h"
#include "host/lua/player.h"
#include "host/lua/push.h"
#include "host/output/file_io.h"
#include "host/output/new_path.h"
#include "host/output/sorted_object.h"
#include "host/readers.h"
#include "host/relay_object.h"
#include "host/replay/checkpoint_list.h"
#include "host/replay/session.h"
#include "host/source/packed.h"
#include "host/trace_object.h"
#include "host/workers.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <lauxlib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* hooks() -> list of { name, doc, requires, fields = { { name, type, unit, doc }, ... } } */
static int host_hooks(lua_State *L)
{
	lua_newtable(L);
	for (int kind = 0; kind < DERIVED_KINDS; kind++) {
		const struct derived_event *event = &derived_events[kind];

		lua_createtable(L, 0, 4);
		set_text(L, "name", event->name);
		set_text(L, "doc", event->doc);
		set_text(L, "requires", event->requires);
		push_field_list(L, event->fields, event->n_fields);
		lua_setfield(L, -2, "fields");
		lua_rawseti(L, -2, kind + 1);
	}
	return 1;
}

/* cursor() -> event name (or nil), time in ns of a run that is under way; else nothing */
static int host_cursor(lua_State *L)
{
	if (!cursor.source && !cursor.time)
		return 0;
	lua_pushstring(L, cursor_event());
	lua_pushinteger(L, cursor_time());
	return 2;
}

/* processors() -> how many CPUs this program may use */
static int host_processors(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)g_get_num_processors());
	return 1;
}

/* stop(): the run that is under way reads no further; what it has read counts */
static int host_stop(lua_State *L)
{
	(void)L;
	cursor.stop = true;
	return 0;
}

static int host_interrupted(lua_State *L)
{
	lua_pushboolean(L, interrupt_wanted());
	return 1;
}

static int close_file(lua_State *L)
{
	luaL_Stream *stream = luaL_checkudata(L, 1, LUA_FILEHANDLE);

	return luaL_fileresult(L, fclose(stream->f) == 0, NULL);
}

/* process() -> the number of this process */
static int host_process(lua_State *L)
{
	lua_pushinteger(L, getpid());
	return 1;
}

/* Pushes a file that is open; false, with errno set, if that fails: then it is closed. */
static bool push_file(lua_State *L, int fd)
{
	luaL_Stream *stream = lua_newuserdatauv(L, sizeof(*stream), 0);
	int failed;

	*stream = (luaL_Stream){0};
	luaL_setmetatable(L, LUA_FILEHANDLE);
	stream->f = fdopen(fd, "w+");
	if (stream->f) {
		stream->closef = close_file;
		return true;
	}
	failed = errno;
	close(fd);
	lua_pop(L, 1);
	errno = failed;
	return false;
}

/*
 * new_file(path) -> file that has no name, and its name if it needs one; or nil and a message. It is to become `path`,
 * see name_file()
 */
static int host_new_file(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	GError *error = NULL;
	char *beside;
	int fd = new_path_open(path, &beside, &error);

	if (fd < 0)
		return push_failure(L, error);
	lua_pushstring(L, beside);
	g_free(beside);
	if (!push_file(L, fd))
		return luaL_fileresult(L, 0, path);
	lua_insert(L, -2);
	return 2;
}

/*
 * name_file(file, from, to) -> true; or nil and a message. When all of a file of new_file() is on the disk, gives it
 * its name, in place of what had that, and closes it
 */
static int host_name_file(lua_State *L)
{
	luaL_Stream *stream = luaL_checkudata(L, 1, LUA_FILEHANDLE);
	const char *from = luaL_optstring(L, 2, NULL), *to = luaL_checkstring(L, 3);
	GError *error = NULL;
	bool done;

	luaL_argcheck(L, stream->closef, 1, "the file is closed");
	if (fflush(stream->f) != 0 || fsync(fileno(stream->f)) != 0)
		return luaL_fileresult(L, 0, to);
	done = from ? new_path_give(from, to, true, &error)
		    : new_path_name(fileno(stream->f), to, &error);
	stream->closef = NULL;
	fclose(stream->f);
	return done ? push_done(L) : push_failure(L, error);
}

/* monotonic() -> ns since some time before */
static int host_monotonic(lua_State *L)
{
	lua_pushinteger(L, g_get_monotonic_time() * 1000);
	return 1;
}

/* What a command writes is no result of ours. */
static void write_to_stderr(gpointer data)
{
	(void)data;
	dup2(STDERR_FILENO, STDOUT_FILENO);
}

/*
 * spawn(command, environment) -> true; or nil and a message. Lets sh run a command, and does not wait for it;
 * environment: a list of "NAME=value", added to ours
 */
static int host_spawn(lua_State *L)
{
	char *argv[] = {(char *)"/bin/sh", (char *)"-c", (char *)luaL_checkstring(L, 1), NULL};
	char **env = g_get_environ();
	GError *error = NULL;
	bool ok;

	luaL_checktype(L, 2, LUA_TTABLE);
	for (lua_Integer i = 1; lua_geti(L, 2, i) == LUA_TSTRING; i++) {
		char **pair = g_strsplit(lua_tostring(L, -1), "=", 2);

		if (pair[0] && pair[1])
			env = g_environ_setenv(env, pair[0], pair[1], TRUE);
		g_strfreev(pair);
		lua_pop(L, 1);
	}
	ok = g_spawn_async(NULL, argv, env, G_SPAWN_DEFAULT, write_to_stderr, NULL, NULL, &error);
	g_strfreev(env);
	return ok ? push_done(L) : push_failure(L, error);
}

/* temporary_file() -> file that is gone when it is closed, or nil and a message */
static int host_temporary_file(lua_State *L)
{
	int fd = file_temporary();

	if (fd >= 0 && push_file(L, fd))
		return 1;
	lua_pushnil(L);
	sorted_push_reason(L);
	return 2;
}

/* terminal(fd) -> width in columns if that is a terminal, else nil */
static int host_terminal(lua_State *L)
{
	int fd = (int)luaL_checkinteger(L, 1);
	struct winsize size;

	if (!isatty(fd))
		return 0;
	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		lua_pushinteger(L, size.ws_col);
	else
		lua_pushinteger(L, 80);
	return 1;
}

/*
 * ignore("PIPE"): a pager may go away, which is an error of what is written, and shares the terminal;
 * ignore("INT"): Ctrl-C does nothing from now on
 */
static int host_ignore(lua_State *L)
{
	static const char *const names[] = {"PIPE", "INT", NULL};

	if (luaL_checkoption(L, 1, NULL, names) == 0) {
		signal(SIGPIPE, SIG_IGN);
		interrupt_share();
	} else {
		interrupt_ignore();
	}
	return 0;
}

/* files(folder) -> list of the names in it; empty if it can't be read */
static int host_files(lua_State *L)
{
	GDir *dir = g_dir_open(luaL_checkstring(L, 1), 0, NULL);
	const char *name;
	lua_Integer n = 0;

	lua_newtable(L);
	while (dir && (name = g_dir_read_name(dir))) {
		lua_pushstring(L, name);
		lua_rawseti(L, -2, ++n);
	}
	if (dir)
		g_dir_close(dir);
	return 1;
}

/* An absolute path without links, as far as it leads to something; to be freed. */
static char *resolve(const char *path)
{
	char *real = realpath(path, NULL), *whole, *above, *name, *resolved;

	if (real) {
		resolved = g_strdup(real);
		free(real);
		return resolved;
	}
	whole = g_canonicalize_filename(path, NULL);
	name = g_path_get_basename(whole);
	above = g_path_get_dirname(whole);
	real = strcmp(above, whole) != 0 ? resolve(above) : g_strdup(above);
	resolved = g_build_filename(real, name, NULL);
	g_free(real);
	g_free(above);
	g_free(name);
	g_free(whole);
	return resolved;
}

/* is_packed(path) -> whether the name is that of an archive, which may hold traces */
static int host_is_packed(lua_State *L)
{
	lua_pushboolean(L, packed_is(luaL_checkstring(L, 1)));
	return 1;
}

/*
 * real_path(path) -> the same as an absolute path without links, as far as it leads to something; and
 * whether there is something, or that can't be found out
 */
static int host_real_path(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	char *real = resolve(path);

	lua_pushstring(L, real);
	g_free(real);
	lua_pushboolean(L, g_access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR));
	return 2;
}

/*
 * digest(paths, text) -> what tells these (absolute) paths and this text from others, in
 * hexadecimal
 */
static int host_digest(lua_State *L)
{
	GChecksum *checksum;

	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_checkstring(L, 2);
	checksum = g_checksum_new(G_CHECKSUM_SHA256);
	g_checksum_update(checksum, (const guchar *)lua_tostring(L, 2), -1);
	/* A metamethod could tell of paths without end, or raise an error. */
	for (lua_Integer i = 1; lua_rawgeti(L, 1, i) == LUA_TSTRING; i++) {
		char *real = resolve(lua_tostring(L, -1));

		g_checksum_update(checksum, (const guchar *)real, -1);
		g_checksum_update(checksum, (const guchar *)"\n", 1);
		g_free(real);
		lua_pop(L, 1);
	}
	lua_pushstring(L, g_checksum_get_string(checksum));
	g_checksum_free(checksum);
	return 1;
}

/* sha256(text) -> its SHA-256 in base64, as a Content-Security-Policy names a script by */
static int host_sha256(lua_State *L)
{
	size_t length;
	const char *text = luaL_checklstring(L, 1, &length);
	guint8 digest[32];
	gsize size = sizeof(digest);
	GChecksum *checksum = g_checksum_new(G_CHECKSUM_SHA256);
	gchar *written;

	g_checksum_update(checksum, (const guchar *)text, (gssize)length);
	g_checksum_get_digest(checksum, digest, &size);
	g_checksum_free(checksum);
	written = g_base64_encode(digest, size);
	lua_pushstring(L, written);
	g_free(written);
	return 1;
}

static void push_reader_names(lua_State *L)
{
	lua_newtable(L);
	for (unsigned int i = 0; readers_name(i); i++) {
		lua_pushstring(L, readers_name(i));
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
}

int luaopen_lttnga_host(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{"cursor", host_cursor},
		{"deferred", deferred_new},
		{"digest", host_digest},
		{"files", host_files},
		{"follow", live_object_follow},
		{"hooks", host_hooks},
		{"ignore", host_ignore},
		{"interrupted", host_interrupted},
		{"is_packed", host_is_packed},
		{"live", live_object_new},
		{"monotonic", host_monotonic},
		{"open", trace_object_open},
		{"pack", packed_value_pack},
		{"player", player_new},
		{"process", host_process},
		{"processors", host_processors},
		{"real_path", host_real_path},
		{"relay_sessions", relay_sessions},
		{"relay_url", relay_url},
		{"remove_saved", checkpoint_list_remove},
		{"name_file", host_name_file},
		{"new_file", host_new_file},
		{"saved_states", checkpoint_list_folder},
		{"sha256", host_sha256},
		{"spawn", host_spawn},
		{"stop", host_stop},
		{"temporary_file", host_temporary_file},
		{"terminal", host_terminal},
		{"unpack", packed_value_unpack},
		{"views", session_push_views},
		{"workers", workers_run},
		{"write_to", workers_write_to},
		{NULL, NULL},
	};

	luaL_newlib(L, functions);
	push_reader_names(L);
	lua_setfield(L, -2, "readers");
	set_text(L, "version", LTTNGA_VERSION);
	/* Another one if what is made of a trace can be. */
	set_text(L, "model", LTTNGA_MODEL);
	return 1;
}
