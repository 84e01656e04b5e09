/*
 * The Tab key of the prompt: what the word before the cursor could become.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_TAB_H
#define LTTNGA_TAB_H

#include <glib.h>
#include <histedit.h>
#include <stddef.h>

/* How the line was after the last Tab, to know a second one. */
struct tab {
	char *line;    /* NULL: there was none */
	size_t cursor; /* in bytes */
};

void tab_forget(struct tab *tab);

/*
 * Puts what all completions begin with into the line, instead of the bytes from `start` (0 is the
 * first) to the cursor; where that changes nothing, a second Tab lists them. Returns what libedit
 * wants of a function that is bound to a key.
 */
unsigned char tab_complete(
	struct tab *tab, EditLine *el, const GPtrArray *completions, size_t start);

#endif
