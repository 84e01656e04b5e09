/*
 * Writes Parquet files (https://parquet.apache.org/docs/file-format/): flat tables of integers, times,
 * booleans and texts, compressed with zstd. Rows are gathered until a row group is full, and written
 * while more come, so memory does not grow with the file.
 *
 * Encodings: RLE_DICTIONARY where values recur, else DELTA_BINARY_PACKED for times and PLAIN for others;
 * data pages of version 1. Each row group has the minimum, maximum and number of nulls of each column.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_PARQUET_H
#define LTTNGA_PARQUET_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* No row group has more rows, unless the unit tests want smaller ones. */
#define PARQUET_ROWS 65536

enum parquet_type {
	PARQUET_INTEGER, /* 64 bits */
	PARQUET_TIME,    /* nanoseconds since the Epoch, UTC */
	PARQUET_BOOLEAN,
	PARQUET_TEXT, /* UTF-8 */
};

struct parquet_column {
	const char *name;
	enum parquet_type type;
	bool required; /* it has no nulls */
};

/* An entry of the file's own metadata. */
struct parquet_entry {
	const char *key, *value;
};

/* Texts by number: what cells of PARQUET_TEXT hold. They stay until the row group has been written. */
struct parquet_texts {
	const char *(*text)(void *data, uint32_t number);
	void *data;
};

/* What a cell holds that has no value. */
#define PARQUET_NULL INT64_MIN

struct parquet;

/*
 * Begins a file, which is written to `fd` from its start. The names of columns and entries are the
 * caller's, and live as long. `texts` may be NULL if no column is of texts.
 */
struct parquet *parquet_new(int fd, const struct parquet_column *columns, unsigned int n,
	const struct parquet_texts *texts, unsigned int rows_per_group);

/* Adds a row: a number for each column; of a text its number; of a boolean 0 or 1. */
void parquet_row(struct parquet *parquet, const int64_t *cells);

/* Writes the rows that wait as a row group: after that, no texts are needed. */
void parquet_flush(struct parquet *parquet);

/* The errno of what could not be written, or 0. */
int parquet_failed(const struct parquet *parquet);

uint64_t parquet_rows(const struct parquet *parquet);

/* Writes the end of the file; false, with errno, if it was not written as a whole. Does not close `fd`. */
bool parquet_finish(
	struct parquet *parquet, const struct parquet_entry *entries, unsigned int n_entries);

void parquet_free(struct parquet *parquet);

#endif
