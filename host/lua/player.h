/*
 * Makes the calls of hooks that other processes have put off.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_PLAYER_H
#define LTTNGA_PLAYER_H

#include <lua.h>

/*
 * player(scripts) -> an object; scripts: by number of the machine, lists of what hooks_new() reads, or false. Methods:
 *
 * play(file, windows, closed) makes all calls that are in a file (host/lua/deferred.h), from where it is read:
 * windows(begin) returns the windows by machine and script, closed(begin) is called when one is complete
 *
 * each(file, call, closed) makes none, but says what they are: call(machine, begin, time, hook, event, values), with
 * the values by their names
 *
 * call(machine, list, time, hook, values) makes one, for a list of windows by script, with values as `each` gives them
 */
int player_new(lua_State *L);

#endif
