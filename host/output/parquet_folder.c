/*
 * A folder of Parquet files. It is made under another name beside its own, and gets its own when all
 * files are complete and on the disk: so there is all of it, or nothing.
 *
 * TABLE.parquet is a table; or TABLE/part-0001.parquet, part-0002.parquet, ... are, if processes write parts of it:
 * each a file with a name of its own, which is numbered by the process that has made the folder.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/output/export.h"
#include "host/output/file_io.h"
#include "host/output/new_path.h"
#include "host/output/parquet.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file that tells that a folder is an export: it is the last one. */
#define LAST "trace"

/* A table: the file that rows go to, if there is one yet. */
struct file {
	const struct export_layout *layout;
	struct parquet *parquet; /* NULL: there is none */
	int fd;
	char *name;         /* of that file, while it is written; in the folder */
	unsigned int parts; /* how many files others have written */
};

struct folder {
	struct export_writer writer;
	char *path, *temporary;
	bool replace;
	bool in_parts; /* tables of facts are folders */
	bool is_part;  /* this process writes a part */
	pid_t owner;   /* the process that made it; copies of it write parts */
	int fd;
	GPtrArray *files; /* struct file */
	char *failed;
};

static void free_file(gpointer data)
{
	struct file *file = data;

	parquet_free(file->parquet);
	if (file->fd >= 0)
		close(file->fd);
	g_free(file->name);
	g_free(file);
}

static void fail(struct folder *folder, const char *what, int number)
{
	if (!folder->failed)
		folder->failed = g_strdup_printf("cannot write %s%s%s: %s", folder->path,
			*what ? "/" : "", what, g_strerror(number));
}

static void free_folder(struct export_writer *writer)
{
	struct folder *folder = (struct folder *)writer;

	g_ptr_array_unref(folder->files);
	if (folder->fd >= 0)
		close(folder->fd);
	if (folder->temporary && folder->owner == getpid())
		new_path_drop(folder->temporary);
	g_free(folder->temporary);
	g_free(folder->failed);
	g_free(folder->path);
	g_free(folder);
}

static const char *text_of(void *data, uint32_t number)
{
	const struct folder *folder = data;

	return export_text(folder->writer.texts, number);
}

/* Whether the table is a folder of files. */
static bool has_parts(const struct folder *folder, const struct file *file)
{
	return folder->in_parts && file->layout->is_divided;
}

/* The name that a file of the table gets at last. */
static char *final_name(const struct folder *folder, const struct file *file)
{
	return has_parts(folder, file) ? g_strdup_printf("%s/part-%04u.parquet", file->layout->name,
						 file->parts + 1)
				       : g_strdup_printf("%s.parquet", file->layout->name);
}

/* Makes a new file that no other process makes. */
static void create_file(struct folder *folder, struct file *file)
{
	char *place = has_parts(folder, file) ? g_strdup_printf("%s/new-XXXXXX", file->layout->name)
					      : g_strdup_printf("%s-XXXXXX", file->layout->name);
	char *path = g_build_filename(folder->temporary, place, NULL);

	if (has_parts(folder, file) && mkdirat(folder->fd, file->layout->name, 0777) != 0 &&
		errno != EEXIST)
		fail(folder, file->layout->name, errno);
	file->fd = g_mkstemp_full(path, O_WRONLY | O_CLOEXEC, 0666);
	if (file->fd < 0)
		fail(folder, file->layout->name, errno);
	file->name = g_strdup(path + strlen(folder->temporary) + 1);
	g_free(path);
	g_free(place);
}

/* Begins the file of a table. */
static void open_file(struct folder *folder, struct file *file)
{
	static const enum parquet_type types[] = {
		[EXPORT_INTEGER] = PARQUET_INTEGER,
		[EXPORT_TIME] = PARQUET_TIME,
		[EXPORT_BOOLEAN] = PARQUET_BOOLEAN,
		[EXPORT_TEXT] = PARQUET_TEXT,
	};
	const struct export_layout *layout = file->layout;
	struct parquet_texts texts = {text_of, folder};
	struct parquet_column *columns = g_new(struct parquet_column, layout->n);

	for (unsigned int i = 0; i < layout->n; i++)
		columns[i] = (struct parquet_column){layout->columns[i].name,
			types[layout->columns[i].type], layout->columns[i].required};
	create_file(folder, file);
	file->parquet = parquet_new(file->fd, columns, layout->n, &texts, PARQUET_ROWS);
	g_free(columns);
}

static void *add_table(struct export_writer *writer, const struct export_layout *layout)
{
	struct folder *folder = (struct folder *)writer;
	struct file *file = g_new0(struct file, 1);

	file->layout = layout;
	file->fd = -1;
	g_ptr_array_add(folder->files, file);
	return file;
}

static void add_row(struct export_writer *writer, void *table, const int64_t *cells)
{
	struct folder *folder = (struct folder *)writer;
	struct file *file = table;

	if (G_UNLIKELY(!file->parquet)) {
		/* A copy that does not write a part only looks where the trace begins. */
		if (!folder->is_part && getpid() != folder->owner)
			return;
		open_file(folder, file);
	}
	parquet_row(file->parquet, cells);
	if (parquet_failed(file->parquet))
		fail(folder, file->layout->name, parquet_failed(file->parquet));
}

static void add_text(struct export_writer *writer, uint32_t number)
{
	(void)writer;
	(void)number;
}

static void forget(struct export_writer *writer)
{
	struct folder *folder = (struct folder *)writer;

	for (guint i = 0; i < folder->files->len; i++) {
		struct file *file = g_ptr_array_index(folder->files, i);

		if (file->parquet)
			parquet_flush(file->parquet);
	}
}

static const char *failed(struct export_writer *writer)
{
	return ((struct folder *)writer)->failed;
}

/* Ends the file that rows went to, and makes sure that it is on the disk. */
static void end_file(struct folder *folder, struct file *file)
{
	const struct parquet_entry entries[] = {
		{"lttnga.table", file->layout->name}, {"lttnga.time_zone", "UTC"}};

	if (!parquet_finish(file->parquet, entries, G_N_ELEMENTS(entries)) || fsync(file->fd) != 0)
		fail(folder, file->layout->name, errno);
	g_clear_pointer(&file->parquet, parquet_free);
	close(file->fd);
	file->fd = -1;
}

/* Gives a file that is complete the next name of the table's. */
static void give_name(struct folder *folder, struct file *file, const char *name)
{
	char *last = final_name(folder, file);

	if (renameat(folder->fd, name, folder->fd, last) != 0)
		fail(folder, file->layout->name, errno);
	file->parts++;
	g_free(last);
}

/* Makes sure that the names in a table's folder are on the disk. */
static void sync_names(struct folder *folder, const struct file *file)
{
	int fd = openat(folder->fd, file->layout->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) != 0)
		fail(folder, file->layout->name, errno);
	if (fd >= 0)
		close(fd);
}

/* Ends a table; one without rows is a file, too. */
static void finish_file(struct folder *folder, struct file *file)
{
	if (file->parts == 0) {
		if (!file->parquet)
			open_file(folder, file);
		end_file(folder, file);
		give_name(folder, file, file->name);
	}
	if (has_parts(folder, file))
		sync_names(folder, file);
}

/* ---- Parts ---- */

static void begin_part(struct export_writer *writer)
{
	((struct folder *)writer)->is_part = true;
}

static const char *end_part(struct export_writer *writer, void *table)
{
	struct file *file = table;

	if (!file->parquet)
		return NULL;
	end_file((struct folder *)writer, file);
	return file->name;
}

static void take_part(struct export_writer *writer, void *table, const char *name)
{
	give_name((struct folder *)writer, table, name);
}

static void drop_parts(struct export_writer *writer)
{
	struct folder *folder = (struct folder *)writer;

	for (guint i = 0; i < folder->files->len; i++) {
		struct file *file = g_ptr_array_index(folder->files, i);
		char *path = g_build_filename(folder->temporary, file->layout->name, NULL);

		file->parts = 0;
		if (has_parts(folder, file))
			new_path_drop(path);
		g_free(path);
	}
}

/* ---- The end ---- */

/* Writes the views, for those who read the files with DuckDB. */
static void write_views(struct folder *folder, const char *sql)
{
	int fd = openat(folder->fd, "views.sql", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	if (fd < 0 || !file_write(fd, sql, strlen(sql)) || fsync(fd) != 0)
		fail(folder, "views.sql", errno);
	if (fd >= 0)
		close(fd);
}

static bool finish(struct export_writer *writer, const char *sql, GError **error)
{
	struct folder *folder = (struct folder *)writer;

	if (!folder->failed)
		write_views(folder, sql);
	for (int last = 0; last < 2; last++) {
		for (guint i = 0; i < folder->files->len && !folder->failed; i++) {
			struct file *file = g_ptr_array_index(folder->files, i);

			if ((strcmp(file->layout->name, LAST) == 0) == last)
				finish_file(folder, file);
		}
	}
	if (!folder->failed && fsync(folder->fd) != 0)
		fail(folder, "", errno);
	if (folder->failed) {
		g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, folder->failed);
		return false;
	}
	if (!new_path_give(folder->temporary, folder->path, folder->replace, error))
		return false;
	g_clear_pointer(&folder->temporary, g_free);
	return true;
}

/* No footer of ours is longer. */
#define FOOTER_MAX ((size_t)64 * 1024 * 1024)

/* Whether a Parquet file has our entry in its metadata, which are at its end. */
static bool is_our_file(const char *folder, const char *name)
{
	static const char entry[] = "lttnga.table";
	char *path = g_build_filename(folder, name, NULL);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	struct stat st;
	uint8_t end[8];
	char *footer = NULL;
	size_t length = 0;
	bool ours = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 8 &&
		    file_read_at(fd, end, sizeof(end), (uint64_t)st.st_size - sizeof(end)) &&
		    memcmp(&end[4], "PAR1", 4) == 0;

	if (ours) {
		length = end[0] | (size_t)end[1] << 8 | (size_t)end[2] << 16 | (size_t)end[3] << 24;
		ours = length <= FOOTER_MAX && length + 8 <= (size_t)st.st_size;
	}
	if (ours) {
		footer = g_malloc(length + 1);
		ours = file_read_at(fd, footer, length, (uint64_t)st.st_size - 8 - length) &&
		       memmem(footer, length, entry, strlen(entry)) != NULL;
	}
	if (fd >= 0)
		close(fd);
	g_free(footer);
	g_free(path);
	return ours;
}

/*
 * Whether there are files of ours in a folder, and nothing else. `is_table`: it is that of a table; else it can have
 * such folders in it.
 */
static bool has_only_ours(const char *path, bool is_table)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	const char *name = dir ? g_dir_read_name(dir) : NULL;
	bool ours = name != NULL;

	for (; ours && name; name = g_dir_read_name(dir)) {
		char *inner = g_build_filename(path, name, NULL);

		if (!is_table && g_file_test(inner, G_FILE_TEST_IS_DIR))
			ours = !g_file_test(inner, G_FILE_TEST_IS_SYMLINK) &&
			       has_only_ours(inner, true);
		else
			ours = (!is_table && strcmp(name, "views.sql") == 0) ||
			       (g_str_has_suffix(name, ".parquet") && is_our_file(path, name));
		g_free(inner);
	}
	if (dir)
		g_dir_close(dir);
	return ours;
}

/* Whether a folder is one that we have made: then it may be replaced. */
static bool is_export(const char *path)
{
	char *last = g_build_filename(path, LAST ".parquet", NULL);
	char *views = g_build_filename(path, "views.sql", NULL);
	bool is = g_file_test(last, G_FILE_TEST_IS_REGULAR) &&
		  g_file_test(views, G_FILE_TEST_IS_REGULAR);

	g_free(last);
	g_free(views);
	/* Somebody else's files in it would be lost. */
	return is && has_only_ours(path, false);
}

static bool is_empty(const char *path)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	bool empty = dir && !g_dir_read_name(dir);

	if (dir)
		g_dir_close(dir);
	return empty;
}

/* See new_path_check(). */
static const char *wrong_with(const char *path, bool *is_there)
{
	if (!g_file_test(path, G_FILE_TEST_IS_DIR))
		return "it is not a directory; a name that ends in .db makes an SQLite file";
	*is_there = !is_empty(path);
	return *is_there && !is_export(path) ? "the directory has other files in it" : NULL;
}

static const struct export_writer_type folder_writer = {
	.table = add_table,
	.row = add_row,
	.text = add_text,
	.forget = forget,
	.failed = failed,
	.finish = finish,
	.free = free_folder,
	.begin_part = begin_part,
	.end_part = end_part,
	.take_part = take_part,
	.drop_parts = drop_parts,
};

struct export_writer *parquet_folder_new(
	const char *path, bool replace, bool in_parts, GError **error)
{
	struct folder *folder;
	char *temporary;

	if (!new_path_check(path, replace, wrong_with, error))
		return NULL;
	temporary = new_path_folder(path, error);
	if (!temporary)
		return NULL;
	folder = g_new0(struct folder, 1);
	folder->writer.type = &folder_writer;
	folder->path = g_strdup(path);
	folder->temporary = temporary;
	folder->replace = replace;
	folder->in_parts = in_parts;
	folder->owner = getpid();
	folder->files = g_ptr_array_new_with_free_func(free_file);
	folder->fd = open(temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder->fd < 0)
		fail(folder, "", errno);
	return &folder->writer;
}
