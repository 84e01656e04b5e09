/*
 * Reading containers.tsv: a heading with the names of the columns, then a line for each container
 * (record/lttnga-containers says which columns there are). The file may come from anywhere.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/replay/container_list.h"

#include "state/namespaces.h"

#include <glib/gstdio.h>
#include <string.h>

#define FILE_NAME "containers.tsv"

/* Larger files, and more columns, are none of ours. */
#define SIZE_MAX_BYTES (16 << 20)
#define LINES_MAX      (1 << 16)
#define COLUMNS_MAX    64

/* Names and paths are cut to so many bytes. */
#define NAME_MAX_BYTES   255
#define CGROUP_MAX_BYTES 4096

/* IDs of containers are as long as people write them. */
#define ID_DIGITS 12

static void clear_name(gpointer data)
{
	struct container_name *one = data;

	g_free(one->name);
	g_free(one->cgroup);
}

/* The path of the file in a folder; NULL if there is none. */
static char *path_in(const char *folder)
{
	char *path = g_build_filename(folder, FILE_NAME, NULL);
	GStatBuf about;

	if (g_stat(path, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size > SIZE_MAX_BYTES)
		g_clear_pointer(&path, g_free);
	return path;
}

/* Whether a folder is a part of what one recording has written, and which part of its name says so. */
static bool is_part(const char *folder)
{
	char *name = g_path_get_basename(folder);
	bool is = strcmp(name, "kernel") == 0 || strcmp(name, "archives") == 0 ||
		  g_str_has_prefix(name, "snapshot-");
	char *above = g_path_get_dirname(folder), *above_name = g_path_get_basename(above);

	/* A chunk, whose name is a date. */
	is = is || strcmp(above_name, "archives") == 0;
	g_free(above_name);
	g_free(above);
	g_free(name);
	return is;
}

/* The file beside a trace: in its folder, or in that of the recording that it is a part of. */
static char *path_beside(const char *trace)
{
	char *folder = g_canonicalize_filename(trace, NULL), *path = path_in(folder), *above;

	while (!path && is_part(folder)) {
		above = g_path_get_dirname(folder);
		g_free(folder);
		folder = above;
		path = path_in(folder);
	}
	g_free(folder);
	return path;
}

/* The value of a column in a line; NULL if it has none, or it is not known. */
static const char *value_of(char **columns, char **values, const char *name)
{
	for (guint i = 0; columns[i] && values[i]; i++)
		if (strcmp(columns[i], name) == 0)
			return strcmp(values[i], "-") != 0 && *values[i] ? values[i] : NULL;
	return NULL;
}

static uint32_t inum_of(char **columns, char **values, enum ns_kind kind)
{
	char *name = g_strdup_printf("%s_ns", ns_names[kind]);
	const char *text = value_of(columns, values, name);
	guint64 number = 0;

	if (!text || !g_ascii_string_to_unsigned(text, 10, 1, G_MAXUINT32, &number, NULL))
		number = 0;
	g_free(name);
	return (uint32_t)number;
}

static char *cut(const char *text, size_t most)
{
	return g_utf8_make_valid(text, (gssize)MIN(strlen(text), most));
}

/* What a line calls a container: as its runtime does, else by its ID, or as it calls itself. */
static char *name_of(char **columns, char **values)
{
	const char *name = value_of(columns, values, "name");
	const char *id = value_of(columns, values, "id");
	const char *host = value_of(columns, values, "hostname");

	if (name)
		return cut(name, NAME_MAX_BYTES);
	if (id)
		return cut(id, ID_DIGITS);
	return host ? cut(host, NAME_MAX_BYTES) : NULL;
}

static void read_line(GArray *list, char **columns, char **values)
{
	const char *runtime = value_of(columns, values, "runtime");
	const char *when = value_of(columns, values, "when");
	const char *cgroup = value_of(columns, values, "cgroup");
	struct container_name one = {
		.host = runtime && strcmp(runtime, "host") == 0,
		.late = !when || strcmp(when, "start") != 0,
	};
	bool found = false;

	for (int kind = 0; kind < NS_KINDS; kind++) {
		one.inum[kind] = inum_of(columns, values, kind);
		found = found || one.inum[kind];
	}
	if (!found)
		return;
	one.name = name_of(columns, values);
	one.cgroup = cgroup ? cut(cgroup, CGROUP_MAX_BYTES) : NULL;
	g_array_append_val(list, one);
}

/* Ends a line; returns the next one, or NULL. */
static char *cut_line(char *line)
{
	char *end = strchr(line, '\n');

	if (end)
		*end = '\0';
	return end ? end + 1 : NULL;
}

static void read_list(GArray *list, const char *path)
{
	char *text = NULL, *line, *next, **columns;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return;
	line = text;
	next = cut_line(line);
	columns = g_strsplit(line, "\t", COLUMNS_MAX);
	for (int n = 0; next && n < LINES_MAX; n++) {
		char **values;

		line = next;
		next = cut_line(line);
		values = g_strsplit(line, "\t", COLUMNS_MAX);
		if (g_strv_length(values) == g_strv_length(columns))
			read_line(list, columns, values);
		g_strfreev(values);
	}
	g_strfreev(columns);
	g_free(text);
}

GArray *container_list_read(const GPtrArray *traces)
{
	/* Several traces may be parts of one recording. */
	GHashTable *done = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GArray *list = g_array_new(FALSE, FALSE, sizeof(struct container_name));

	g_array_set_clear_func(list, clear_name);
	for (guint i = 0; i < traces->len; i++) {
		char *path = path_beside(g_ptr_array_index(traces, i));

		if (path && g_hash_table_add(done, path))
			read_list(list, path);
	}
	g_hash_table_unref(done);
	return list;
}
