/*
 * The prompt of a session: a line that the user edits at the terminal, with history and completion.
 * To Lua it is the module "lttnga.prompt".
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_PROMPT_H
#define LTTNGA_PROMPT_H

#include <lua.h>

/*
 * Pushes the module:
 *
 * read(text) -> line; nil at the end of input (Ctrl-D); nil, "interrupted" after a Ctrl-C. Only
 *     where stdin is a terminal.
 * remember(line): adds a line to the history load_history(path): adds the lines of a file to the
 * history save_history(path) -> whether that worked: adds the lines that were remembered to the
 * file, once complete(function(line, cursor) -> list of texts, start): what Tab asks. `cursor` is
 * the number of
 *     bytes before the cursor; each text could stand instead of those from `start` on, 1 being the
 *     first.
 * session(on): whether Ctrl-C stops only what call() calls, see host/interrupt.h
 * call(f, handler, ...) -> true, results; false, what the message handler returned; or nil after a
 *     Ctrl-C
 */
int luaopen_lttnga_prompt(lua_State *L);

/* Makes the terminal as it was, if a line is being edited; to be called before a sudden end. */
void prompt_restore_terminal(void);

#endif
