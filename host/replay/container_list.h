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
 * Reads the lists that belong to the traces of a machine: an array of their folders. Returns an array of struct
 * container_name, which is the caller's, in the order of traces. Lines that make no sense, or name no namespace, are
 * left out, and so are those that are too many.
 */
GArray *container_list_read(const GPtrArray *traces);

#endif
