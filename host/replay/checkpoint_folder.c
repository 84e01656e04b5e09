/*
 * Folders with files of checkpoints.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/replay/checkpoint_folder.h"

#include "host/replay/checkpoints_private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* What is not finished after this time is written by nobody any more, ns. */
#define STALE INT64_C(3600000000000)

/* Names of files that are not finished: this, a PID, a "-", and what makes them differ. */
#define UNFINISHED        ".new-"
#define UNFINISHED_RANDOM 6

/* Names of those that are: of a trace, a "-", so many hexadecimal digits, and this. */
#define FINISHED        ".state"
#define FINISHED_DIGITS 20

static bool is_unfinished_name(const char *name)
{
	const char *at = name + strlen(UNFINISHED);

	if (!g_str_has_prefix(name, UNFINISHED))
		return false;
	at += strspn(at, "0123456789");
	return *at == '-' && strlen(at + 1) == UNFINISHED_RANDOM;
}

static bool is_finished_name(const char *name)
{
	size_t length = strlen(name), rest = FINISHED_DIGITS + strlen(FINISHED);
	const char *digits;

	if (length <= rest || !g_str_has_suffix(name, FINISHED))
		return false;
	digits = name + length - rest;
	return digits[-1] == '-' && strspn(digits, "0123456789abcdef") == FINISHED_DIGITS;
}

/* Opens a file that is ours, by its name and by what it begins with; below 0 with errno if it is not. */
static int open_ours(int folder, const char *name, struct stat *st)
{
	bool unfinished = is_unfinished_name(name);
	int fd = -1;

	errno = EPERM;
	if (unfinished || is_finished_name(name))
		fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	if (fd < 0)
		return fd;
	/* Of one that is not finished there may be nothing yet. */
	if (fstat(fd, st) == 0 && (checkpoints_is_ours(fd) ||
					  (unfinished && S_ISREG(st->st_mode) && st->st_size == 0)))
		return fd;
	close(fd);
	errno = EPERM;
	return -1;
}

static void free_file(gpointer data)
{
	struct checkpoint_file *file = data;

	g_strfreev(file->origin.paths);
	g_free(file->origin.clocks);
	g_free(file->name);
	g_free(file);
}

static gint compare_files(gconstpointer a, gconstpointer b)
{
	const struct checkpoint_file *x = *(const struct checkpoint_file *const *)a;
	const struct checkpoint_file *y = *(const struct checkpoint_file *const *)b;

	return strcmp(x->name, y->name);
}

static void add_file(GPtrArray *files, int folder, const char *name)
{
	struct checkpoint_file *file;
	struct stat st;
	int fd = open_ours(folder, name, &st);

	if (fd < 0)
		return;
	file = g_new0(struct checkpoint_file, 1);
	file->name = g_strdup(name);
	file->size = (uint64_t)st.st_size;
	file->used = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	if (is_unfinished_name(name)) {
		file->left = g_get_real_time() * 1000 - file->used > STALE;
		file->unfinished = !file->left;
	} else {
		file->kind = checkpoints_look(fd, &file->origin);
	}
	close(fd);
	g_ptr_array_add(files, file);
}

static int open_folder(const char *folder)
{
	return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

GPtrArray *checkpoint_folder_list(const char *folder)
{
	GPtrArray *files = g_ptr_array_new_with_free_func(free_file);
	GDir *dir = g_dir_open(folder, 0, NULL);
	int fd = dir ? open_folder(folder) : -1;
	const char *name;

	while (fd >= 0 && (name = g_dir_read_name(dir)))
		add_file(files, fd, name);
	if (fd >= 0)
		close(fd);
	if (dir)
		g_dir_close(dir);
	g_ptr_array_sort(files, compare_files);
	return files;
}

bool checkpoint_folder_remove(const char *folder, const char *name, GError **error)
{
	int fd = open_folder(folder), file;
	bool ok = fd >= 0;
	struct stat st;

	if (ok) {
		file = open_ours(fd, name, &st);
		ok = file >= 0 && unlinkat(fd, name, 0) == 0;
		if (file >= 0)
			close(file);
	}
	ok = ok || errno == ENOENT;
	if (!ok)
		g_set_error(error, CHECKPOINTS_ERROR, CHECKPOINTS_ERROR_WRITE, "%s/%s: %s", folder,
			name, g_strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok;
}

const char *checkpoint_folder_trouble(const char *folder)
{
	char *path = g_strdup(folder);
	const char *trouble = NULL;

	/* What is not there is made in the first folder above it that is. */
	while (g_access(path, F_OK) != 0 && errno == ENOENT && strchr(path, '/') &&
		strcmp(path, "/") != 0) {
		char *above = g_path_get_dirname(path);

		g_free(path);
		path = above;
	}
	if (strchr(path, '/') && g_access(path, W_OK | X_OK) != 0)
		trouble = g_strerror(errno);
	else if (strchr(path, '/') && !g_file_test(path, G_FILE_TEST_IS_DIR))
		trouble = g_strerror(ENOTDIR);
	g_free(path);
	return trouble;
}

char *checkpoint_folder_unfinished(const char *folder)
{
	return g_strdup_printf("%s/" UNFINISHED "%d-XXXXXX", folder, (int)getpid());
}

void checkpoint_folder_tidy(const char *folder)
{
	GPtrArray *files = checkpoint_folder_list(folder);

	for (guint i = 0; i < files->len; i++) {
		const struct checkpoint_file *file = g_ptr_array_index(files, i);

		if (file->left)
			checkpoint_folder_remove(folder, file->name, NULL);
	}
	g_ptr_array_unref(files);
}
