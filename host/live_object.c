/*
 * Traces that are being recorded, as Lua opens them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/live_object.h"

#include "host/live/follow.h"
#include "host/live/relay_feed.h"
#include "host/lua/interrupt.h"
#include "host/lua/object.h"
#include "host/lua/push.h"
#include "host/source/trace_files.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <lauxlib.h>

/* How long a relay may take to answer, ms. */
#define PATIENCE 10000

struct live {
	struct live_feed *feed;
	char *folder; /* where it writes to; NULL: none has been made */
};

/* ---- The folder ---- */

/* Makes one where large files may be; to be freed. NULL with `error` if that fails. */
static char *make_folder(GError **error)
{
	const char *where = g_getenv("TMPDIR") ?: "/var/tmp";
	char *folder = g_build_filename(where, "lttnga-live-XXXXXX", NULL);

	if (g_mkdtemp(folder))
		return folder;
	g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(errno),
		"cannot make a directory in %s: %s", where, g_strerror(errno));
	g_free(folder);
	return NULL;
}

/* Removes a folder and all that is in it. */
static void remove_folder(const char *folder)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		char *path = g_build_filename(folder, name, NULL);

		if (!g_file_test(path, G_FILE_TEST_IS_SYMLINK) &&
			g_file_test(path, G_FILE_TEST_IS_DIR))
			remove_folder(path);
		else
			g_unlink(path);
		g_free(path);
	}
	if (dir)
		g_dir_close(dir);
	g_rmdir(folder);
}

/* ---- The object ---- */

static int live_gc(lua_State *L)
{
	struct live *live = lua_touserdata(L, 1);

	if (live->feed)
		live->feed->close(&live->feed->feed);
	live->feed = NULL;
	if (live->folder)
		remove_folder(live->folder);
	g_clear_pointer(&live->folder, g_free);
	return 0;
}

static const struct object_type type; /* below */

static struct live_feed *check_feed(lua_State *L, int index)
{
	return ((struct live *)object_check(L, index, &type))->feed;
}

struct feed *live_object_feed(lua_State *L, int index)
{
	return &check_feed(L, index)->feed;
}

/*
 * Whether there is something to open: FEED_MORE if the first packets of a kernel trace are there; FEED_NOTHING if it is
 * to be asked again (waits a little while before); FEED_OVER if nothing will come any more. A trace of user space may
 * come first.
 */
static enum feed_status prepare(struct live_feed *live, GError **error)
{
	enum feed_status status = live->feed.wait(&live->feed, error);
	GPtrArray *folders;
	bool any = false;

	if (status == FEED_FAILED)
		return status;
	folders = live->folders(&live->feed);
	for (guint i = 0; !any && i < folders->len; i++)
		any = trace_files_may_be_kernel(g_ptr_array_index(folders, i));
	g_ptr_array_unref(folders);
	return any ? FEED_MORE : status == FEED_OVER ? FEED_OVER : FEED_NOTHING;
}

static int live_prepare(lua_State *L)
{
	struct live_feed *live = check_feed(L, 1);
	GError *error = NULL;

	switch (prepare(live, &error)) {
	case FEED_FAILED:
		return push_failure(L, error);
	case FEED_MORE:
		lua_pushliteral(L, "ready");
		break;
	case FEED_OVER:
		lua_pushliteral(L, "over");
		break;
	default:
		lua_pushliteral(L, "wait");
	}
	return 1;
}

static int live_folders(lua_State *L)
{
	const struct live_feed *live = check_feed(L, 1);
	GPtrArray *folders = live->folders(&live->feed);

	lua_createtable(L, (int)folders->len, 0);
	for (guint i = 0; i < folders->len; i++) {
		lua_pushstring(L, g_ptr_array_index(folders, i));
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	g_ptr_array_unref(folders);
	return 1;
}

static const luaL_Reg methods[] = {
	{"folders", live_folders},
	{"prepare", live_prepare},
	{NULL, NULL},
};

static const struct object_type type = {.name = "lttnga.live", .methods = methods, .gc = live_gc};

static bool is_interrupted(void *data)
{
	(void)data;
	/* In a session only what waits is stopped. */
	return (interrupt_wanted() && !interrupt_pending()) || interrupt_asked();
}

int live_object_new(lua_State *L)
{
	static const struct viewer_wait wait = {.patience = PATIENCE, .stop = is_interrupted};
	const char *url = luaL_checkstring(L, 1);
	enum viewer_seek seek = lua_toboolean(L, 2) ? VIEWER_LAST : VIEWER_BEGINNING;
	int64_t retry = luaL_optinteger(L, 3, 0) / 1000000;
	struct live *live = object_new(L, &type, sizeof(*live), 0);
	GError *error = NULL;

	live->folder = make_folder(&error);
	if (live->folder) {
		char *session = g_build_filename(live->folder, "session", NULL);

		live->feed = relay_feed_new(url, session, seek, &wait, retry, &error);
		g_free(session);
	}
	return live->feed ? 1 : push_failure(L, error);
}

int live_object_follow(lua_State *L)
{
	const char *folder = luaL_checkstring(L, 1);
	int64_t idle = luaL_checkinteger(L, 2);
	struct live *live = object_new(L, &type, sizeof(*live), 0);
	GError *error = NULL;

	live->folder = make_folder(&error);
	if (live->folder)
		live->feed = follow_new(folder, live->folder, idle, &error);
	return live->feed ? 1 : push_failure(L, error);
}
