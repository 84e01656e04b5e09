/*
 * Finds the traces below the paths that a user names, and sorts out which of them to read.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/trace_files.h"

#include "host/bt2_util.h"
#include "host/source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How deep traces may lie below a path. Real ones are at most 7 levels down. */
#define DEPTH_MAX 32

/* Of metadata no more than this is looked at here; the rest is for the reader. */
#define HEAD_SIZE 256

static void free_trace_files(gpointer data)
{
	struct trace_files *files = data;

	g_ptr_array_unref(files->folders);
	g_free(files);
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Collects every folder below `folder` (included) that holds a file called "metadata". */
static bool find_folders(const char *folder, int depth, GPtrArray *found, GError **error)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	GPtrArray *children;
	const char *name;
	bool ok = true;

	if (!dir) {
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_OPEN, "cannot read folder %s: %s",
			folder, g_strerror(errno));
		return false;
	}
	children = g_ptr_array_new_with_free_func(g_free);
	while ((name = g_dir_read_name(dir)))
		g_ptr_array_add(children, g_build_filename(folder, name, NULL));
	g_dir_close(dir);
	g_ptr_array_sort(children, compare_names);
	for (guint i = 0; i < children->len && ok; i++) {
		const char *child = g_ptr_array_index(children, i);
		struct stat st;

		/* Links to folders are not followed: they could lead in circles. */
		if (lstat(child, &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
			ok = find_folders(child, depth + 1, found, error);
		else if (strcmp(strrchr(child, '/') + 1, "metadata") == 0 && !S_ISDIR(st.st_mode))
			g_ptr_array_add(found, g_strdup(folder));
	}
	g_ptr_array_unref(children);
	return ok;
}

/* Reads the first bytes of a trace's metadata; false with `error` if they can't be read. */
static bool read_head(const char *folder, char *head, size_t *size, GError **error)
{
	char *path = g_build_filename(folder, "metadata", NULL);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, head, HEAD_SIZE);

	if (got < 0)
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_OPEN, "cannot read %s: %s", path,
			g_strerror(errno));
	else if (got == 0)
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_OPEN, "%s is empty", path);
	if (fd >= 0)
		close(fd);
	g_free(path);
	*size = got > 0 ? (size_t)got : 0;
	return got > 0;
}

/* CTF 2 metadata is a sequence of JSON objects, each begun by a record separator. */
static bool is_ctf2(const char *head, size_t size)
{
	static const unsigned char magic[] = {0x75, 0xd1, 0x1d, 0x57};
	static const unsigned char magic_le[] = {0x57, 0x1d, 0xd1, 0x75};
	/* Packet header: magic, UUID, checksum, sizes, 3 schemes, then major and minor version. */
	const size_t major_at = 4 + 16 + 4 + 4 + 4 + 3;

	if (size > major_at && (memcmp(head, magic, 4) == 0 || memcmp(head, magic_le, 4) == 0))
		return head[major_at] == 2;
	return head[0] == 0x1e || head[0] == '{';
}

/* The metadata as text; NULL with `error`. To be released with bt_value_put_ref(). */
static const bt_value *metadata_info(
	const bt_component_class_source *class, const char *folder, GError **error)
{
	bt_value *params = bt_value_map_create();
	const bt_value *info;
	char *reason;

	bt_value_map_insert_string_entry(params, "path", folder);
	info = bt2_query(class, "metadata-info", params);
	if (!info) {
		reason = bt2_reason();
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_OPEN,
			"cannot read the metadata of %s: %s", folder,
			reason ? reason : "it is damaged");
		g_free(reason);
	}
	return info;
}

/* The first group that `pattern` matches in `text`, or NULL; to be freed. */
static char *match_first(const char *pattern, const char *text)
{
	GRegex *regex = g_regex_new(pattern, 0, 0, NULL);
	GMatchInfo *match;
	char *found = NULL;

	if (g_regex_match(regex, text, 0, &match))
		found = g_match_info_fetch(match, 1);
	g_match_info_free(match);
	g_regex_unref(regex);
	return found;
}

/* What libbabeltrace2 wants to be read together: chunks of one trace have one UUID. */
static char *group_of(const bt_component_class_source *class, const char *folder)
{
	bt_value *params = bt_value_map_create();
	const bt_value *info;
	const bt_value *group = NULL;
	char *name = NULL;

	bt_value_map_insert_string_entry(params, "type", "directory");
	bt_value_map_insert_string_entry(params, "input", folder);
	info = bt2_query(class, "babeltrace.support-info", params);
	if (info && bt_value_is_map(info))
		group = bt_value_map_borrow_entry_value_const(info, "group");
	if (group && bt_value_is_string(group))
		name = g_strdup(bt_value_string_get(group));
	if (info)
		bt_value_put_ref(info);
	else
		g_free(bt2_reason());
	return name ? name : g_strdup(folder);
}

/* Adds a folder to the group that it belongs to. */
static void add_to_group(
	const bt_component_class_source *class, GPtrArray *traces, GHashTable *groups, char *folder)
{
	char *group = group_of(class, folder);
	struct trace_files *files = g_hash_table_lookup(groups, group);

	if (!files) {
		files = g_new0(struct trace_files, 1);
		files->folders = g_ptr_array_new_with_free_func(g_free);
		g_ptr_array_add(traces, files);
		g_hash_table_insert(groups, g_strdup(group), files);
	}
	g_ptr_array_add(files->folders, g_strdup(folder));
	g_free(group);
}

/* Decides about one folder: 1 to be read, 0 left out, -1 an error. */
static int judge_folder(const bt_component_class_source *class, const char *folder,
	GPtrArray *left_out, GError **error)
{
	char head[HEAD_SIZE];
	size_t size;
	const bt_value *info;
	char *domain;
	int verdict = 1;

	if (!read_head(folder, head, &size, error))
		return -1;
	if (is_ctf2(head, size) && bt_version_get_major() == 2 && bt_version_get_minor() < 1) {
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_OPEN,
			"%s is a CTF 2 trace, which libbabeltrace2 %u.%u.%u cannot read: install "
			"libbabeltrace2 2.1 or later, or record with "
			"`lttng create --trace-format=ctf-1.8`",
			folder, bt_version_get_major(), bt_version_get_minor(),
			bt_version_get_patch());
		return -1;
	}
	info = metadata_info(class, folder, error);
	if (!info)
		return -1;
	domain = match_first("\\bdomain\\s*=\\s*\"([^\"]*)\"",
		bt_value_string_get(bt_value_map_borrow_entry_value_const(info, "text")));
	if (g_strcmp0(domain, "ust") == 0) {
		g_ptr_array_add(left_out, g_strdup(folder));
		verdict = 0;
	}
	g_free(domain);
	bt_value_put_ref(info);
	return verdict;
}

/* All folders with metadata below all paths; NULL with `error` if there is none. */
static GPtrArray *all_folders(const char *const *paths, GError **error)
{
	GPtrArray *found = g_ptr_array_new_with_free_func(g_free);

	for (; *paths; paths++) {
		guint before = found->len;
		struct stat st;

		if (stat(*paths, &st) != 0) {
			g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_OPEN, "cannot open %s: %s",
				*paths, g_strerror(errno));
		} else if (!S_ISDIR(st.st_mode)) {
			g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_OPEN,
				"%s is not a folder; a trace is one, with a file called "
				"\"metadata\" somewhere in it",
				*paths);
		} else if (find_folders(*paths, 0, found, error) && found->len == before) {
			g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_OPEN,
				"%s is not a trace: no folder in it has a file called \"metadata\"",
				*paths);
		}
		if (error && *error) {
			g_ptr_array_unref(found);
			return NULL;
		}
	}
	return found;
}

GPtrArray *trace_files_find(const char *const *paths, GPtrArray *notes, GError **error)
{
	GPtrArray *traces = g_ptr_array_new_with_free_func(free_trace_files);
	GPtrArray *left_out = g_ptr_array_new_with_free_func(g_free);
	GHashTable *groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	const bt_component_class_source *class = bt2_ctf_class(error);
	GPtrArray *folders = class ? all_folders(paths, error) : NULL;
	bool ok = folders != NULL;

	for (guint i = 0; ok && i < folders->len; i++) {
		char *folder = g_ptr_array_index(folders, i);
		int verdict = judge_folder(class, folder, left_out, error);

		ok = verdict >= 0;
		if (verdict > 0)
			add_to_group(class, traces, groups, folder);
	}
	if (ok && traces->len == 0) {
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_OPEN,
			"%s is a user-space trace only: the analyses need a kernel trace "
			"(lttng enable-event --kernel)",
			paths[0]);
		ok = false;
	}
	if (ok && left_out->len > 0)
		g_ptr_array_add(notes, g_strdup_printf("%s is a user-space trace%s and left out",
					       (char *)g_ptr_array_index(left_out, 0),
					       left_out->len > 1 ? ", as are others," : ""));
	if (folders)
		g_ptr_array_unref(folders);
	g_ptr_array_unref(left_out);
	g_hash_table_destroy(groups);
	if (ok)
		return traces;
	g_ptr_array_unref(traces);
	return NULL;
}
