/*
 * Where bytes go: a file, or the standard output, as they are or compressed (gzip). A file has another
 * name until it is complete.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SINK_H
#define LTTNGA_SINK_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sink;

/*
 * Opens a file, or (NULL) the standard output. NULL with an error if that can't be written. Free it with
 * sink_free().
 */
struct sink *sink_open(const char *path, bool gzip, GError **error);

/* Writes bytes. After an error nothing more is written: sink_close() tells it. */
void sink_write(struct sink *sink, const void *bytes, size_t n);

/* How many bytes have been written so far, before they are compressed. */
uint64_t sink_bytes(const struct sink *sink);

/* Whether something could not be written. */
bool sink_has_failed(const struct sink *sink);

/*
 * No more will come: gives the file its name. False with an error if that fails, or something could not be
 * written.
 */
bool sink_close(struct sink *sink, GError **error);

/* Lets go of it; what was not closed is no result, and removed if it is a file. */
void sink_free(struct sink *sink);

#endif
