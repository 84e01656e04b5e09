/*
 * A terminal as a whole: the alternate screen, keys without Enter, its size. It is restored on every way out: at the
 * end, by signals that end or stop the program, on a crash. To Lua it is the module "lttnga.full_screen".
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_FULL_SCREEN_H
#define LTTNGA_FULL_SCREEN_H

#include <lua.h>

/*
 * Pushes the module:
 *
 * enter(): stdout, a terminal, shows an empty screen of its own; stdin, if it is one, gives keys
 * leave(): restores both
 * size() -> columns, lines; nothing if stdout is no terminal
 * resized() -> whether the size, or what is on the screen, has changed since the last call
 * keys() -> the bytes that were typed since the last call; "" if there are none
 * write(text): at once, whatever stdio holds back
 * now() -> ns since the Epoch
 */
int luaopen_lttnga_full_screen(lua_State *L);

/* Restores the terminal, if it is ours; a handler of signals may call it. */
void full_screen_restore(void);

#endif
