/*
 * Folders with files of checkpoints: what is there, and how it goes. Only what is ours is seen, by its
 * name and by what it begins with; links are not followed. Others may write and remove files at the same
 * time.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CHECKPOINT_FOLDER_H
#define LTTNGA_CHECKPOINT_FOLDER_H

#include "host/replay/checkpoints.h"

struct checkpoint_file {
	char *name;
	uint64_t size;   /* bytes */
	int64_t used;    /* when it was written or used last, ns */
	bool unfinished; /* it is being written, or */
	bool left;       /* was when its program was killed */
	/* The following of others only. */
	enum checkpoints_kind kind;
	struct checkpoints_origin origin;
};

/* All that there are, in the order of their names; to be freed with g_ptr_array_unref(). */
GPtrArray *checkpoint_folder_list(const char *folder);

/* Removes one; false with `error` if that fails, or it is not ours. One that is gone is removed. */
bool checkpoint_folder_remove(const char *folder, const char *name, GError **error);

/* Why nothing can be written there, in words; NULL if it can. The folder need not be there yet. */
const char *checkpoint_folder_trouble(const char *folder);

/* Makes the name of a file that is not finished, for g_mkstemp(); to be freed. */
char *checkpoint_folder_unfinished(const char *folder);

/* Removes what programs have left that were killed while they wrote. */
void checkpoint_folder_tidy(const char *folder);

#endif
