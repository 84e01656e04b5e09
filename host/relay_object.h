/*
 * Relay daemons, as Lua asks them.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_RELAY_OBJECT_H
#define LTTNGA_RELAY_OBJECT_H

#include <lua.h>

/*
 * relay_sessions(url) -> list of { url, target, name, live_timer, viewers, streams, ctf }, and HOST:PORT of
 * the relay; or nil and a message. The live timer is in us; ctf is the version of the format, nil if the
 * relay does not say. If the URL is that of a session, only sessions of that name are listed.
 */
int relay_sessions(lua_State *L);

/*
 * relay_url(text) -> { host, port, target, session }: a URL taken apart; the last two are nil if it is only of a
 * relay; or nil and a message
 */
int relay_url(lua_State *L);

#endif
