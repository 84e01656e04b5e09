/*
 * Asking files of SQLite, without changing them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/output/sqlite_query.h"

#include "host/lua/interrupt.h"
#include "host/lua/object.h"
#include "host/lua/push.h"
#include "host/output/sqlite_id.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct db {
	sqlite3 *db;
	sqlite3_stmt *statement; /* the question whose rows are being read, or NULL */
	bool refused;            /* it wants more than to read */
};

static const struct object_type db_type; /* below */

/* SQLite asks whether it has been interrupted once in so many of its steps. */
#define STEPS 10000

static int db_gc(lua_State *L)
{
	struct db *db = object_check(L, 1, &db_type);

	sqlite3_finalize(db->statement);
	sqlite3_close(db->db);
	*db = (struct db){0};
	return 0;
}

/* Lets through what reads. */
static int authorize(void *data, int action, const char *first, const char *second,
	const char *database, const char *trigger)
{
	struct db *db = data;

	(void)first;
	(void)database;
	(void)trigger;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_FUNCTION:
		if (g_ascii_strcasecmp(second, "load_extension") != 0)
			return SQLITE_OK;
		break;
	default:
		break;
	}
	db->refused = true;
	return SQLITE_DENY;
}

static int is_interrupted(void *data)
{
	(void)data;
	return interrupt_wanted();
}

/* Pushes nil and what is wrong. */
static int push_wrong(lua_State *L, const struct db *db)
{
	lua_pushnil(L);
	if (db->refused)
		lua_pushliteral(L, "the tables can only be read: use SELECT");
	else
		lua_pushstring(L, sqlite3_errmsg(db->db));
	return 2;
}

/* open(path) -> db, or nil and a message */
static int module_open(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	struct db *db = object_new(L, &db_type, sizeof(*db), 0);

	if (sqlite3_open_v2(path, &db->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) !=
		SQLITE_OK)
		return push_wrong(L, db);
	sqlite3_db_config(db->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_exec(db->db, "pragma query_only = 1; pragma cache_size = -65536", NULL, NULL, NULL);
	sqlite3_set_authorizer(db->db, authorize, db);
	sqlite3_progress_handler(db->db, STEPS, is_interrupted, NULL);
	return 1;
}

static bool is_blank(const char *sql)
{
	return sql[strspn(sql, " \t\r\n;")] == '\0';
}

/* db:ask(sql) -> list of the names of columns; or nil and a message */
static int db_ask(lua_State *L)
{
	struct db *db = object_check(L, 1, &db_type);
	const char *sql = luaL_checkstring(L, 2), *rest = NULL;
	int n;

	sqlite3_finalize(db->statement);
	db->statement = NULL;
	db->refused = false;
	if (sqlite3_prepare_v2(db->db, sql, -1, &db->statement, &rest) != SQLITE_OK)
		return push_wrong(L, db);
	if (!db->statement || !is_blank(rest)) {
		lua_pushnil(L);
		lua_pushstring(L, db->statement ? "there is more than one statement: ask them one "
						  "by one"
						: "there is no statement");
		return 2;
	}
	n = sqlite3_column_count(db->statement);
	lua_createtable(L, n, 0);
	for (int i = 0; i < n; i++) {
		lua_pushstring(L, sqlite3_column_name(db->statement, i));
		lua_rawseti(L, -2, i + 1);
	}
	return 1;
}

static void push_value(lua_State *L, sqlite3_stmt *statement, int i)
{
	switch (sqlite3_column_type(statement, i)) {
	case SQLITE_INTEGER:
		lua_pushinteger(L, sqlite3_column_int64(statement, i));
		break;
	case SQLITE_FLOAT:
		lua_pushnumber(L, sqlite3_column_double(statement, i));
		break;
	case SQLITE_NULL:
		lua_pushnil(L);
		break;
	default:
		lua_pushlstring(L, sqlite3_column_blob(statement, i),
			(size_t)sqlite3_column_bytes(statement, i));
		break;
	}
}

/* db:row() -> list of values; nil after the last one; nil and a message if it failed */
static int db_row(lua_State *L)
{
	struct db *db = object_check(L, 1, &db_type);
	int status, n;

	if (!db->statement)
		return luaL_error(L, "nothing was asked");
	status = sqlite3_step(db->statement);
	if (status == SQLITE_DONE) {
		lua_pushnil(L);
		return 1;
	}
	if (status == SQLITE_INTERRUPT)
		return luaL_error(L, "interrupted");
	if (status != SQLITE_ROW)
		return push_wrong(L, db);
	n = sqlite3_column_count(db->statement);
	lua_createtable(L, n, 0);
	for (int i = 0; i < n; i++) {
		push_value(L, db->statement, i);
		lua_rawseti(L, -2, i + 1);
	}
	return 1;
}

/* ---- Files in a folder ---- */

/* Names of files: of a trace, a "-", hexadecimal digits, and this. */
#define FINISHED ".db"
#define DIGITS   20

/* Of one that is being written: a "." before, and behind that this, and six characters. */
#define UNFINISHED ".new-"

/* What is not finished after this time is written by nobody any more, ns. */
#define STALE INT64_C(3600000000000)

static bool is_finished_name(const char *name, size_t length)
{
	const size_t rest = DIGITS + strlen(FINISHED);

	return length > rest + 1 &&
	       strncmp(&name[length - strlen(FINISHED)], FINISHED, strlen(FINISHED)) == 0 &&
	       strspn(&name[length - rest], "0123456789abcdef") == DIGITS &&
	       name[length - rest - 1] == '-';
}

static bool is_unfinished_name(const char *name)
{
	const char *end = strrchr(name, '.');

	return *name == '.' && end && g_str_has_prefix(end, UNFINISHED) &&
	       is_finished_name(&name[1], (size_t)(end - name) - 1);
}

/* Whether a file in a folder is one of ours; what it is. */
static bool look(int folder, const char *name, struct stat *st, bool *unfinished)
{
	unsigned char head[SQLITE_HEAD];
	int fd = -1;
	bool ours;

	*unfinished = is_unfinished_name(name);
	if (*unfinished || is_finished_name(name, strlen(name)))
		fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	ours = fd >= 0 && fstat(fd, st) == 0 && S_ISREG(st->st_mode);
	/* It gets our number last. */
	if (ours && !*unfinished)
		ours = read(fd, head, sizeof(head)) == (ssize_t)sizeof(head) &&
		       sqlite_is_ours(head);
	if (fd >= 0)
		close(fd);
	return ours;
}

static void push_file(lua_State *L, const char *name, const struct stat *st, bool unfinished)
{
	int64_t used = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
	bool left = g_get_real_time() * 1000 - used > STALE;

	lua_createtable(L, 0, 4);
	lua_pushstring(L, name);
	lua_setfield(L, -2, "name");
	lua_pushinteger(L, st->st_size);
	lua_setfield(L, -2, "size");
	lua_pushinteger(L, used);
	lua_setfield(L, -2, "used");
	lua_pushstring(L, !unfinished ? "tables" : left ? "left" : "unfinished");
	lua_setfield(L, -2, "kind");
}

/* files(folder) -> list of { name, size, used (ns), kind = "tables", "unfinished" or "left" }, by name */
static int module_files(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	GDir *dir = g_dir_open(path, 0, NULL);
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const char *name;
	struct stat st;
	bool unfinished;

	lua_newtable(L);
	while (dir && folder >= 0 && (name = g_dir_read_name(dir))) {
		if (look(folder, name, &st, &unfinished)) {
			push_file(L, name, &st, unfinished);
			lua_rawseti(L, -2, luaL_len(L, -2) + 1);
		}
	}
	if (folder >= 0)
		close(folder);
	if (dir)
		g_dir_close(dir);
	return 1;
}

/* remove(folder, name) -> true; nil and a message if that fails. One that is gone is removed */
static int module_remove(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1), *name = luaL_checkstring(L, 2);
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), number;
	struct stat st;
	bool ok, unfinished;

	errno = folder >= 0 ? 0 : errno;
	ok = folder >= 0 && look(folder, name, &st, &unfinished) && unlinkat(folder, name, 0) == 0;
	number = errno ? errno : EPERM;
	if (folder >= 0)
		close(folder);
	if (ok || number == ENOENT)
		return push_done(L);
	lua_pushnil(L);
	lua_pushfstring(L, "%s/%s: %s", path, name, g_strerror(number));
	return 2;
}

/* touch(path); notes that it is used now */
static int module_touch(lua_State *L)
{
	/* If that fails it goes earlier than it could. */
	(void)!utimensat(AT_FDCWD, luaL_checkstring(L, 1), NULL, 0);
	return 0;
}

/* Pushes nil and the reason of the operating system. */
static int push_reason(lua_State *L, const char *path)
{
	lua_pushnil(L);
	lua_pushfstring(L, "%s: %s", path, g_strerror(errno));
	return 2;
}

/* make_folder(path) -> true, or nil and a message; makes it, if it is not there, for its user only */
static int module_make_folder(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);

	return g_mkdir_with_parents(path, 0700) == 0 ? push_done(L) : push_reason(L, path);
}

/* temporary_folder() -> path of a new folder, or nil and a message */
static int module_temporary_folder(lua_State *L)
{
	char *path = g_build_filename(g_get_tmp_dir(), "lttnga-XXXXXX", NULL);
	int n = 1;

	if (g_mkdtemp(path))
		lua_pushstring(L, path);
	else
		n = push_reason(L, g_get_tmp_dir());
	g_free(path);
	return n;
}

static const luaL_Reg db_methods[] = {
	{"ask", db_ask},
	{"row", db_row},
	{NULL, NULL},
};
static const struct object_type db_type = {
	.name = "lttnga.sqlite_db", .methods = db_methods, .gc = db_gc};

int luaopen_lttnga_sqlite(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{"files", module_files},
		{"make_folder", module_make_folder},
		{"open", module_open},
		{"remove", module_remove},
		{"temporary_folder", module_temporary_folder},
		{"touch", module_touch},
		{NULL, NULL},
	};

	luaL_newlib(L, functions);
	return 1;
}
