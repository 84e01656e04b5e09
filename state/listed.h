/*
 * What somebody wrote down of containers, beside the trace: looked up by their namespaces. The list may come from
 * anywhere: however long it is, a look-up sees few of its lines.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_LISTED_H
#define LTTNGA_LISTED_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Kinds of namespaces, the one that says most about who is in a container first. */
enum ns_kind { NS_PID, NS_CGROUP, NS_MNT, NS_UTS, NS_IPC, NS_NET, NS_USER, NS_TIME, NS_KINDS };

/* What somebody wrote down of a container: its namespaces (0: not known), its name and its cgroup. */
struct container_name {
	uint32_t inum[NS_KINDS];
	char *name;   /* or NULL */
	char *cgroup; /* or NULL */
	bool host;    /* it is the machine itself */
	bool late;    /* that was not before the recording: what was made in it may be there */
};

struct listed {
	const struct container_name *all; /* stays the caller's */
	GArray *places;                   /* of their namespaces, by these; NULL without lines */
	uint64_t digest;                  /* tells lists apart */
};

void listed_init(struct listed *listed, const struct container_name *all, unsigned int n);
void listed_clear(struct listed *listed);

/*
 * What is written of a container: by the most specific namespace that both have, and that is not the machine's. The
 * first such line; of one that was `born` while the trace was recorded, the last one that is late: numbers are used
 * again. NULL if there is none.
 */
const struct container_name *listed_find(
	const struct listed *listed, const uint32_t *inum, const uint32_t *host, bool born);

#endif
