/*
 * Traces in archives, which we don't read: which files look like one, and how they are unpacked.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_PACKED_H
#define LTTNGA_PACKED_H

#include <stdbool.h>

/* Whether a file is an archive, by the end of its name. */
bool packed_is(const char *path);

/* The path of an archive without that end: where it is unpacked to; to be freed. */
char *packed_folder(const char *path);

/* The shell command that unpacks an archive into a new folder of that name; to be freed. */
char *packed_command(const char *path);

#endif
