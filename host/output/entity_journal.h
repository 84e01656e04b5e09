/*
 * What was seen of threads and processes, files and disks in a part of a trace, for the process that puts the parts of an
 * export together: it sees all of it again, in the same order, and comes to the same rows as one that reads the trace
 * as a whole. What has no effect is left out.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_ENTITY_JOURNAL_H
#define LTTNGA_ENTITY_JOURNAL_H

#include "host/output/export_entities.h"

struct entity_journal;

struct entity_journal *entity_journal_new(void);
void entity_journal_free(struct entity_journal *journal);

/* See export_entities.h. */
void entity_journal_see(struct entity_journal *journal, enum export_entity_kind kind,
	const struct export_seen *seen);
void entity_journal_end(struct entity_journal *journal, int64_t utid, int64_t time);
void entity_journal_name(struct entity_journal *journal, enum export_entity_kind kind,
	const char *name, int64_t dev, int64_t number);

/* All that is in it, for another process of the same program; both belong to the journal. */
void entity_journal_save(const struct entity_journal *journal, GBytes **entries, GBytes **texts);

/*
 * Lets entities see what a journal has, as it was saved. Returns NULL; or the name of a file or disk whose number is
 * another one there.
 */
const char *entity_journal_replay(GBytes *entries, GBytes *texts, struct export_entities *entities);

#endif
