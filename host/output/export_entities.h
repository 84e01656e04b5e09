/*
 * What facts are about: threads, processes and containers with their names over time, files, disks. Each is
 * a row of its own table, and has a number that no other one has within the export.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_EXPORT_ENTITIES_H
#define LTTNGA_EXPORT_ENTITIES_H

#include "host/output/export.h"

/* The fields of each kind, which columns of its table show. */
#define EXPORT_ENTITY_FIELDS(F) \
	F(NUMBER, "number")     \
	F(HOST, "host")         \
	F(ID, "id")             \
	F(OF, "of")             \
	F(NAME, "name")         \
	F(CGROUP, "cgroup")     \
	F(FROM, "from")         \
	F(TO, "to")

enum export_entity_field {
#define X(field, name) EXPORT_ENTITY_##field,
	EXPORT_ENTITY_FIELDS(X)
#undef X
		EXPORT_ENTITY_FIELDS_N
};

extern const char *const export_entity_fields[EXPORT_ENTITY_FIELDS_N];

enum export_entity_kind {
	EXPORT_THREADS,   /* ID: the TID; OF: its process */
	EXPORT_PROCESSES, /* ID: the PID; OF: its parent */
	EXPORT_CONTAINERS, /* ID: its namespace; OF: the container around it; CGROUP: the path of that */
	EXPORT_NAMED_KINDS,
	EXPORT_FILES = EXPORT_NAMED_KINDS, /* NAME: the path */
	EXPORT_DISKS,                      /* ID: major << 20 | minor */
	EXPORT_ENTITY_KINDS
};

/* How the rows of a kind look. */
struct export_entity_table {
	struct export_table *table;
	unsigned int n;
	enum export_entity_field *fields; /* of each column */
};

struct export_entities;
struct entity_journal;

/* If a thread has ended, and is seen again after so long, its rows begin anew, ns. */
#define EXPORT_ENDED_AFTER INT64_C(10000000000)

/*
 * Those of one host: a number from 1. The tables are the caller's, and live as long. `taken` has the numbers of files
 * and disks of all hosts as keys, and is for them only.
 */
struct export_entities *export_entities_new(struct export *export,
	const struct export_entity_table *tables, int64_t host, GHashTable *taken);
void export_entities_free(struct export_entities *entities);

/* A number of the model (utid, upid, container_id) as one that other hosts do not have; EXPORT_NULL stays so. */
int64_t export_entities_global(const struct export_entities *entities, int64_t number);

/*
 * A thread, process or container was seen from `begin` to `time`, under this name then. NULL: it is not known.
 * `identity` is equal only if names are; 0: it is not known.
 */
struct export_seen {
	int64_t number, id, of; /* as the model has them */
	int64_t begin, time;
	int64_t now; /* when that came out: no earlier one has had a later time */
	uint64_t identity;
	const char *name;
	uint64_t cgroup_identity; /* the same for its cgroup, */
	const char *cgroup;       /* which may be known later; NULL: it is not */
	bool early;               /* it was called so at `begin` */
	bool guessed;             /* it is another's name, as long as its own is not known */
	bool goes_on;             /* it was seen in between, too */
};

void export_entities_see(struct export_entities *entities, enum export_entity_kind kind,
	const struct export_seen *seen);

/* A thread has ended: soon nothing more will be seen of it. */
void export_entities_end(struct export_entities *entities, int64_t utid, int64_t time);

/*
 * The number of a file or disk: it is made of its name, and so is the same in each export of a machine. `dev` of a disk
 * may be EXPORT_NULL.
 */
int64_t export_entities_name(struct export_entities *entities, enum export_entity_kind kind,
	const char *name, int64_t dev);

/* Writes the rows of all that there is. */
void export_entities_finish(struct export_entities *entities);

/*
 * From now on nothing is written: what is seen goes to a journal (host/output/entity_journal.h), which belongs to the
 * entities.
 */
struct entity_journal *export_entities_keep(struct export_entities *entities);

#endif
