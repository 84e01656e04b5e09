/*
 * What lttnga-record has written of containers beside a trace: containers.tsv, which names their
 * namespaces.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CONTAINER_LIST_H
#define LTTNGA_CONTAINER_LIST_H

#include <glib.h>

/*
 * Reads the list that belongs to the trace in this folder. Returns an array of struct container_name, which is the
 * caller's; NULL if there is no such file, or it is none. Lines that make no sense, or name
 * no namespace, are left out, and so are those that are too many.
 */
GArray *container_list_read(const char *trace);

#endif
