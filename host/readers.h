/*
 * The readers of traces, and which of them reads one.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_READERS_H
#define LTTNGA_READERS_H

#include "host/source/source.h"

/* The name of a reader by number, from 0 on, in the order in which they are tried; NULL: no more. */
const char *readers_name(unsigned int number);

/*
 * Opens all traces below the given paths as one source. What is no kernel trace (user space) is
 * left out. `notes` gets a line (char *, to free) for each thing that the user should know.
 * Returns NULL and sets `error` if nothing can be read. Free it with source_close().
 */
struct source *source_open(const char *const *paths, const struct source_options *options,
	GPtrArray *notes, GError **error);

#endif
