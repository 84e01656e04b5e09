/*
 * Relay daemons, as Lua asks them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/relay_object.h"

#include "host/live/url.h"
#include "host/live/viewer.h"
#include "host/lua/interrupt.h"
#include "host/lua/push.h"

#include <lauxlib.h>
#include <string.h>

/* How long to wait for an answer, ms. */
#define PATIENCE 3000

static bool is_interrupted(void *data)
{
	(void)data;
	return interrupt_wanted();
}

int relay_url(lua_State *L)
{
	struct live_url url;
	GError *error = NULL;

	if (!live_url_parse(luaL_checkstring(L, 1), &url, &error))
		return push_failure(L, error);
	lua_createtable(L, 0, 4);
	set_text(L, "host", url.host);
	set_integer(L, "port", url.port);
	set_text(L, "target", url.target);
	set_text(L, "session", url.session);
	live_url_clear(&url);
	return 1;
}

/* Whether a session is what the URL names, if it names any. */
static bool is_meant(const struct live_url *url, const struct viewer_session *session)
{
	return !url->session || (strcmp(url->target, session->target) == 0 &&
					strcmp(url->session, session->name) == 0);
}

static void push_session(
	lua_State *L, const struct live_url *relay, const struct viewer_session *session)
{
	char *url = live_url_of(relay, session->target, session->name);

	lua_createtable(L, 0, 7);
	set_text(L, "url", url);
	set_text(L, "target", session->target);
	set_text(L, "name", session->name);
	set_integer(L, "live_timer", session->live_timer);
	set_integer(L, "viewers", session->viewers);
	set_integer(L, "streams", session->streams);
	if (session->ctf)
		set_integer(L, "ctf", session->ctf);
	g_free(url);
}

int relay_sessions(lua_State *L)
{
	const struct viewer_wait wait = {.patience = PATIENCE, .stop = is_interrupted};
	const char *text = luaL_checkstring(L, 1);
	struct live_url url;
	struct viewer *viewer;
	GPtrArray *sessions;
	GError *error = NULL;
	lua_Integer n = 0;

	if (!live_url_parse(text, &url, &error))
		return push_failure(L, error);
	viewer = viewer_connect(url.host, url.port, url.family, &wait, &error);
	sessions = viewer ? viewer_list(viewer, &error) : NULL;
	if (!sessions) {
		live_url_clear(&url);
		viewer_close(viewer);
		return push_failure(L, error);
	}
	lua_newtable(L);
	for (guint i = 0; i < sessions->len; i++) {
		const struct viewer_session *session = g_ptr_array_index(sessions, i);

		if (is_meant(&url, session)) {
			push_session(L, &url, session);
			lua_rawseti(L, -2, ++n);
		}
	}
	lua_pushstring(L, viewer_name(viewer));
	g_ptr_array_unref(sessions);
	viewer_close(viewer);
	live_url_clear(&url);
	return 2;
}
