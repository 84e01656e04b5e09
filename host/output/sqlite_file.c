/*
 * A file of SQLite. Its tables are called raw_NAME, and hold numbers only: those of texts are of the table
 * raw_text. Views make them what they are called. The file is made under another name, and gets its own
 * when it is complete and on the disk.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/output/export.h"
#include "host/output/new_path.h"
#include "host/output/sqlite_id.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

/* Rows of a table are inserted so many at once: switching between tables costs time. */
#define ROWS 1024

struct table {
	sqlite3_stmt *insert;
	unsigned int n;
	size_t rows;    /* that wait */
	int64_t *cells; /* of these */
};

struct file {
	struct export_writer writer;
	char *path, *temporary;
	bool replace;
	sqlite3 *db;
	sqlite3_stmt *insert_text;
	GPtrArray *tables; /* struct table */
	char *failed;
};

static void free_table(gpointer data)
{
	struct table *table = data;

	sqlite3_finalize(table->insert);
	g_free(table->cells);
	g_free(table);
}

static void fail(struct file *file, const char *why)
{
	if (!file->failed)
		file->failed = g_strdup_printf("cannot write %s: %s", file->path, why);
}

/* Nobody else has the file: all that can fail is writing it. */
static void execute(struct file *file, const char *sql)
{
	if (!file->failed && sqlite3_exec(file->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail(file, sqlite3_errmsg(file->db));
}

static sqlite3_stmt *prepare(struct file *file, const char *sql)
{
	sqlite3_stmt *statement = NULL;

	if (!file->failed && sqlite3_prepare_v2(file->db, sql, -1, &statement, NULL) != SQLITE_OK)
		fail(file, sqlite3_errmsg(file->db));
	return statement;
}

static void step(struct file *file, sqlite3_stmt *statement)
{
	if (file->failed)
		return;
	if (sqlite3_step(statement) != SQLITE_DONE)
		fail(file, sqlite3_errmsg(file->db));
	sqlite3_reset(statement);
}

static void close_file(struct file *file)
{
	sqlite3_finalize(file->insert_text);
	file->insert_text = NULL;
	g_ptr_array_set_size(file->tables, 0);
	sqlite3_close(file->db);
	file->db = NULL;
}

static void free_file(struct export_writer *writer)
{
	struct file *file = (struct file *)writer;

	close_file(file);
	g_ptr_array_unref(file->tables);
	if (file->temporary)
		new_path_drop(file->temporary);
	g_free(file->temporary);
	g_free(file->failed);
	g_free(file->path);
	g_free(file);
}

static void *add_table(struct export_writer *writer, const struct export_layout *layout)
{
	struct file *file = (struct file *)writer;
	GString *sql = g_string_new(NULL);
	struct table *table;

	g_string_printf(sql, "create table raw_%s (", layout->name);
	for (unsigned int i = 0; i < layout->n; i++)
		g_string_append_printf(sql, "%s\"%s\" integer%s", i > 0 ? ", " : "",
			layout->columns[i].name, layout->columns[i].required ? " not null" : "");
	g_string_append(sql, ")");
	execute(file, sql->str);
	g_string_printf(sql, "insert into raw_%s values (", layout->name);
	for (unsigned int i = 0; i < layout->n; i++)
		g_string_append(sql, i > 0 ? ", ?" : "?");
	g_string_append(sql, ")");
	table = g_new(struct table, 1);
	*table = (struct table){.insert = prepare(file, sql->str),
		.n = layout->n,
		.cells = g_new(int64_t, (size_t)layout->n * ROWS)};
	g_ptr_array_add(file->tables, table);
	g_string_free(sql, TRUE);
	return file->failed ? NULL : table;
}

static void insert_row(struct file *file, struct table *table, const int64_t *cells)
{
	for (unsigned int i = 0; i < table->n; i++) {
		if (cells[i] == EXPORT_NULL)
			sqlite3_bind_null(table->insert, (int)i + 1);
		else
			sqlite3_bind_int64(table->insert, (int)i + 1, cells[i]);
	}
	step(file, table->insert);
}

/* Inserts the rows that wait. */
static void flush(struct file *file, struct table *table)
{
	for (size_t i = 0; i < table->rows; i++)
		insert_row(file, table, &table->cells[i * table->n]);
	table->rows = 0;
}

static void add_row(struct export_writer *writer, void *data, const int64_t *cells)
{
	struct table *table = data;

	memcpy(&table->cells[table->rows * table->n], cells, table->n * sizeof(*cells));
	if (++table->rows == ROWS)
		flush((struct file *)writer, table);
}

static void add_text(struct export_writer *writer, uint32_t number)
{
	struct file *file = (struct file *)writer;

	sqlite3_bind_int64(file->insert_text, 1, number);
	sqlite3_bind_text(
		file->insert_text, 2, export_text(writer->texts, number), -1, SQLITE_STATIC);
	step(file, file->insert_text);
}

/* They are in the file; one that comes again gets another number. */
static void forget(struct export_writer *writer)
{
	(void)writer;
}

static const char *failed(struct export_writer *writer)
{
	return ((struct file *)writer)->failed;
}

/* Makes sure that a file is on the disk. */
static bool sync_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), number;
	bool ok = fd >= 0 && fsync(fd) == 0;

	number = errno;
	if (fd >= 0)
		close(fd);
	errno = number;
	return ok;
}

static bool finish(struct export_writer *writer, const char *sql, GError **error)
{
	struct file *file = (struct file *)writer;

	for (guint i = 0; i < file->tables->len; i++)
		flush(file, g_ptr_array_index(file->tables, i));
	execute(file, sql);
	execute(file, "pragma application_id = " G_STRINGIFY(SQLITE_ID) "; commit");
	close_file(file);
	if (!file->failed && !sync_file(file->temporary))
		fail(file, g_strerror(errno));
	if (file->failed) {
		g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, file->failed);
		return false;
	}
	if (!new_path_give(file->temporary, file->path, file->replace, error))
		return false;
	g_clear_pointer(&file->temporary, g_free);
	return true;
}

static const struct export_writer_type file_writer = {
	.table = add_table,
	.row = add_row,
	.text = add_text,
	.forget = forget,
	.failed = failed,
	.finish = finish,
	.free = free_file,
};

/* Whether a file begins as SQLite's do, with our number. */
static bool is_ours(const char *path)
{
	unsigned char head[SQLITE_HEAD] = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool ours = fd >= 0 && read(fd, head, sizeof(head)) == (ssize_t)sizeof(head) &&
		    sqlite_is_ours(head);

	if (fd >= 0)
		close(fd);
	return ours;
}

/* See new_path_check(). */
static const char *wrong_with(const char *path, bool *is_export)
{
	*is_export = true;
	return !g_file_test(path, G_FILE_TEST_IS_REGULAR) ? "it is not a plain file"
	       : !is_ours(path)                           ? "there is a file that is not an export"
							  : NULL;
}

struct export_writer *sqlite_file_new(const char *path, bool replace, GError **error)
{
	struct file *file;
	char *temporary;

	if (!new_path_check(path, replace, wrong_with, error))
		return NULL;
	temporary = new_path_file(path, error);
	if (!temporary)
		return NULL;
	file = g_new0(struct file, 1);
	file->writer.type = &file_writer;
	file->path = g_strdup(path);
	file->temporary = temporary;
	file->replace = replace;
	file->tables = g_ptr_array_new_with_free_func(free_table);
	if (sqlite3_open_v2(temporary, &file->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
		    NULL) != SQLITE_OK)
		fail(file, sqlite3_errmsg(file->db));
	/* If we are killed the file is gone anyway: nothing needs a journal. */
	execute(file, "pragma journal_mode = off; pragma synchronous = off; "
		      "pragma locking_mode = exclusive; pragma cache_size = -65536; begin; "
		      "create table raw_text (id integer primary key, text text not null)");
	file->insert_text = prepare(file, "insert into raw_text values (?, ?)");
	return &file->writer;
}
