/*
 * A folder of Parquet files. It is made under another name beside its own, and gets its own when all
 * files are complete and on the disk: so there is all of it, or nothing.
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

struct file {
	const struct export_layout *layout;
	struct parquet *parquet;
	int fd;
};

struct folder {
	struct export_writer writer;
	char *path, *temporary;
	bool replace;
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
	if (folder->temporary)
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

static void *add_table(struct export_writer *writer, const struct export_layout *layout)
{
	static const enum parquet_type types[] = {
		[EXPORT_INTEGER] = PARQUET_INTEGER,
		[EXPORT_TIME] = PARQUET_TIME,
		[EXPORT_BOOLEAN] = PARQUET_BOOLEAN,
		[EXPORT_TEXT] = PARQUET_TEXT,
	};
	struct folder *folder = (struct folder *)writer;
	struct parquet_texts texts = {text_of, folder};
	struct parquet_column *columns = g_new(struct parquet_column, layout->n);
	char *name = g_strdup_printf("%s.parquet.part", layout->name);
	struct file *file = g_new0(struct file, 1);

	for (unsigned int i = 0; i < layout->n; i++)
		columns[i] = (struct parquet_column){layout->columns[i].name,
			types[layout->columns[i].type], layout->columns[i].required};
	file->layout = layout;
	file->fd = openat(folder->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (file->fd >= 0) {
		file->parquet = parquet_new(file->fd, columns, layout->n, &texts, PARQUET_ROWS);
		g_ptr_array_add(folder->files, file);
	} else {
		fail(folder, layout->name, errno);
		g_clear_pointer(&file, free_file);
	}
	g_free(columns);
	g_free(name);
	return file;
}

static void add_row(struct export_writer *writer, void *table, const int64_t *cells)
{
	struct file *file = table;

	parquet_row(file->parquet, cells);
	if (parquet_failed(file->parquet))
		fail((struct folder *)writer, file->layout->name, parquet_failed(file->parquet));
}

static void add_text(struct export_writer *writer, uint32_t number)
{
	(void)writer;
	(void)number;
}

static void forget(struct export_writer *writer)
{
	struct folder *folder = (struct folder *)writer;

	for (guint i = 0; i < folder->files->len; i++)
		parquet_flush(((struct file *)g_ptr_array_index(folder->files, i))->parquet);
}

static const char *failed(struct export_writer *writer)
{
	return ((struct folder *)writer)->failed;
}

/* Ends a file, and makes sure that it is on the disk. */
static void finish_file(struct folder *folder, struct file *file)
{
	const struct parquet_entry entries[] = {
		{"lttnga.table", file->layout->name}, {"lttnga.time_zone", "UTC"}};
	char *part = g_strdup_printf("%s.parquet.part", file->layout->name);
	char *name = g_strdup_printf("%s.parquet", file->layout->name);

	if (!parquet_finish(file->parquet, entries, G_N_ELEMENTS(entries)) ||
		fsync(file->fd) != 0 || renameat(folder->fd, part, folder->fd, name) != 0)
		fail(folder, file->layout->name, errno);
	g_free(part);
	g_free(name);
}

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

/* Whether a folder is one that we have made: then it may be replaced. */
static bool is_export(const char *path)
{
	char *last = g_build_filename(path, LAST ".parquet", NULL);
	char *views = g_build_filename(path, "views.sql", NULL);
	bool is = g_file_test(last, G_FILE_TEST_IS_REGULAR) &&
		  g_file_test(views, G_FILE_TEST_IS_REGULAR);
	GDir *dir = is ? g_dir_open(path, 0, NULL) : NULL;
	const char *name;

	/* Somebody else's files in it would be lost. */
	is = dir != NULL;
	while (is && (name = g_dir_read_name(dir)))
		is = strcmp(name, "views.sql") == 0 ||
		     (g_str_has_suffix(name, ".parquet") && is_our_file(path, name));
	if (dir)
		g_dir_close(dir);
	g_free(last);
	g_free(views);
	return is;
}

static bool is_empty(const char *path)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	bool empty = dir && !g_dir_read_name(dir);

	if (dir)
		g_dir_close(dir);
	return empty;
}

/* Whether the path may be taken: there is nothing, or what may go. */
static bool check_path(const char *path, bool replace, GError **error)
{
	const char *wrong = NULL;

	if (g_access(path, F_OK) != 0)
		return true;
	if (!g_file_test(path, G_FILE_TEST_IS_DIR))
		wrong = "it is not a directory; a name that ends in .db makes an SQLite file";
	else if (g_access(path, W_OK) != 0)
		wrong = g_strerror(errno);
	else if (!is_empty(path) && !is_export(path))
		wrong = "the directory has other files in it";
	else if (!is_empty(path) && !replace)
		wrong = "there is an export already; --force replaces it";
	if (wrong)
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_EXIST, "cannot write %s: %s", path,
			wrong);
	return !wrong;
}

static const struct export_writer_type folder_writer = {
	.table = add_table,
	.row = add_row,
	.text = add_text,
	.forget = forget,
	.failed = failed,
	.finish = finish,
	.free = free_folder,
};

struct export_writer *parquet_folder_new(const char *path, bool replace, GError **error)
{
	struct folder *folder;
	char *temporary;

	if (!check_path(path, replace, error))
		return NULL;
	temporary = new_path_folder(path, error);
	if (!temporary)
		return NULL;
	folder = g_new0(struct folder, 1);
	folder->writer.type = &folder_writer;
	folder->path = g_strdup(path);
	folder->temporary = temporary;
	folder->replace = replace;
	folder->files = g_ptr_array_new_with_free_func(free_file);
	folder->fd = open(temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder->fd < 0)
		fail(folder, "", errno);
	return &folder->writer;
}
