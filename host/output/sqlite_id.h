/*
 * How our files of SQLite are told from others: by the number that these files have for that, behind what
 * all of them begin with (https://www.sqlite.org/fileformat2.html#the_database_header).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SQLITE_ID_H
#define LTTNGA_SQLITE_ID_H

#include <stdbool.h>
#include <string.h>

/* "lttn" */
#define SQLITE_ID 0x6c74746e

/* Bytes of the head of a file. */
#define SQLITE_HEAD 100

static inline bool sqlite_is_ours(const unsigned char head[SQLITE_HEAD])
{
	return memcmp(head, "SQLite format 3", 16) == 0 && memcmp(&head[68], "lttn", 4) == 0;
}

#endif
