/*
 * Exports: all facts of a trace as tables, for SQL. Rows go to a writer of one format
 * (host/output/parquet_folder.c, sqlite_file.c) as they come.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_EXPORT_H
#define LTTNGA_EXPORT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum export_type { EXPORT_INTEGER, EXPORT_TIME, EXPORT_BOOLEAN, EXPORT_TEXT };

struct export_column {
	const char *name; /* interned */
	enum export_type type;
	bool required; /* every row has a value */
};

struct export_layout {
	const char *name; /* interned */
	const struct export_column *columns;
	unsigned int n;
	bool is_divided; /* if several processes write the export, each writes a part of it */
};

/* What a cell without a value holds; the number of a text is never 0. */
#define EXPORT_NULL INT64_MIN

/*
 * Texts, each with a number; what is there is valid UTF-8. When they take too much memory all are
 * forgotten: the numbers go on.
 */
struct export_texts {
	GHashTable *numbers;
	GPtrArray *texts;
	uint32_t first; /* number of the first text there is */
	size_t bytes;
};

static inline const char *export_text(const struct export_texts *texts, uint32_t number)
{
	return g_ptr_array_index(texts->texts, number - texts->first);
}

/* A writer: its own structure begins with this one. */
struct export_writer {
	const struct export_writer_type *type;
	const struct export_texts *texts;
};

struct export_writer_type {
	/* A new table, or NULL if that failed (see `failed`). The layout lives as long as the writer. */
	void *(*table)(struct export_writer *writer, const struct export_layout *layout);
	/* A row: a number for each column. */
	void (*row)(struct export_writer *writer, void *table, const int64_t *cells);
	/* There is a new text of this number. */
	void (*text)(struct export_writer *writer, uint32_t number);
	/* All texts will be forgotten. */
	void (*forget)(struct export_writer *writer);
	/* Something could not be written: why; NULL if all was. It belongs to the writer. */
	const char *(*failed)(struct export_writer *writer);
	/*
	 * Ends all tables and gives the result its name; `sql` makes its views and indexes. False with
	 * `error` if that fails: then nothing is left.
	 */
	bool (*finish)(struct export_writer *writer, const char *sql, GError **error);
	/* Removes what was written, unless it is finished. */
	void (*free)(struct export_writer *writer);
	/*
	 * Parts of tables, which are written by processes that are copies of the writer's; NULL: there are none. From now
	 * on, this process writes a part;
	 */
	void (*begin_part)(struct export_writer *writer);
	/* ends that of a table: what it is called for `take_part`, or NULL if it has no rows; */
	const char *(*end_part)(struct export_writer *writer, void *table);
	/* takes one, as the next part of the table; */
	void (*take_part)(struct export_writer *writer, void *table, const char *name);
	/* removes all of them. */
	void (*drop_parts)(struct export_writer *writer);
};

/*
 * A folder of Parquet files, and a file views.sql. Tables are files; or if it is written in parts, tables of facts are
 * folders of these.
 */
struct export_writer *parquet_folder_new(
	const char *path, bool replace, bool in_parts, GError **error);

/* A file of SQLite. */
struct export_writer *sqlite_file_new(const char *path, bool replace, GError **error);

struct export;
struct export_table;

/* Takes the writer. */
struct export *export_new(struct export_writer *writer);
void export_free(struct export *export);

/*
 * The table of that name and layout; made if there is none, columns are copied. NULL if it exists with other columns,
 * or that failed.
 */
struct export_table *export_table(struct export *export, const struct export_layout *layout);

/* Adds a row: a number for each column; of a text what export_number() gives. */
void export_row(struct export_table *table, const int64_t *cells);

/* The number of a text, for rows up to the next of another text that is new: see export_age(). */
uint32_t export_number(struct export *export, const char *text);

/* Texts that were given before this has changed must be looked up anew. */
unsigned int export_age(const struct export *export);

/* Forgets texts if there are too many; to be called between two rows. */
void export_tidy(struct export *export);

uint64_t export_rows(const struct export_table *table);

/* See struct export_writer_type. */
void export_begin_part(struct export *export);
const char *export_end_part(struct export_table *table);
void export_take_part(struct export_table *table, const char *name, uint64_t rows);
void export_drop_parts(struct export *export);

const char *export_failed(const struct export *export);
bool export_finish(struct export *export, const char *sql, GError **error);

#endif
