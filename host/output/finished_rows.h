/*
 * Rows as they are written in the end, in files, in order: what one process has finished, another one merges
 * with those of others.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_FINISHED_ROWS_H
#define LTTNGA_FINISHED_ROWS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* ---- Saving ---- */

/* Rows on their way to a file, from where it stands; all zeros, but for the file, at first. */
struct finished_writer {
	FILE *file;
	GArray *places;   /* of the rows that wait: */
	GByteArray *text; /* what is written of them, with room behind it */
	size_t used;      /* how much of that there is */
};

/* Where the text of the next row goes, `most` bytes at most. */
char *finished_room(struct finished_writer *writer, size_t most);

/*
 * Adds the row whose text, `length` bytes, is there, behind those that come before it, or as it. False with errno
 * set if it can't be written.
 */
bool finished_add(struct finished_writer *writer, int64_t place, size_t length);

/* Writes what waits, and the end, and lets go of the memory; false as above. */
bool finished_end(struct finished_writer *writer);

/* ---- Merging ---- */

struct finished;

/* Rows that are behind each other in a file. */
struct finished_rows {
	const char *text; /* valid until the end */
	size_t length;
	int64_t n;
};

struct finished *finished_new(void);
void finished_free(struct finished *finished);

/*
 * Takes the rows that begin where a file stands, which then stands behind them; what is in the file must stay
 * there. Returns how many they are; below 0 if they are damaged, or (errno) can't be read.
 */
int64_t finished_take(struct finished *finished, FILE *file);

/*
 * The next rows in order, `most` at most, of equal places those that were taken first; false if there are no
 * more.
 */
bool finished_next(struct finished *finished, int64_t most, struct finished_rows *rows);

#endif
