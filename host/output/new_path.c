/*
 * Results that appear when they are complete.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/output/new_path.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The path without slashes at its end, which would be taken for an empty name. */
static char *plain_path(const char *path)
{
	char *plain = g_strdup(path);
	size_t length = strlen(plain);

	while (length > 1 && plain[length - 1] == '/')
		plain[--length] = '\0';
	return plain;
}

static void set_error(GError **error, const char *path, int number)
{
	g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(number),
		"cannot write %s: %s", path, g_strerror(number));
}

/* A hidden name beside a path: ".NAME.new-XXXXXX". */
static char *name_beside(const char *path)
{
	char *plain = plain_path(path), *folder = g_path_get_dirname(plain);
	char *name = g_path_get_basename(plain);
	char *hidden = g_strdup_printf(".%s.new-XXXXXX", name);
	char *beside = g_build_filename(folder, hidden, NULL);

	g_free(hidden);
	g_free(name);
	g_free(folder);
	g_free(plain);
	return beside;
}

char *new_path_folder(const char *path, GError **error)
{
	char *beside = name_beside(path);

	if (g_mkdtemp_full(beside, 0777))
		return beside;
	set_error(error, path, errno);
	g_free(beside);
	return NULL;
}

/* Opens a new file beside a path, whose name is to be freed; -1 with `error` if that fails. */
static int open_beside(const char *path, char **beside, GError **error)
{
	int fd;

	*beside = name_beside(path);
	fd = g_mkstemp_full(*beside, O_RDWR | O_CLOEXEC, 0666);
	if (fd >= 0)
		return fd;
	set_error(error, path, errno);
	g_clear_pointer(beside, g_free);
	return -1;
}

char *new_path_file(const char *path, GError **error)
{
	char *beside;
	int fd = open_beside(path, &beside, error);

	if (fd >= 0)
		close(fd);
	return beside;
}

int new_path_open(const char *path, char **beside, GError **error)
{
	struct stat there;
	char *folder;
	int fd;

	*beside = NULL;
	/* What is no file, such as a device, must not be replaced. */
	if (stat(path, &there) == 0 && !S_ISREG(there.st_mode)) {
		set_error(error, path, S_ISDIR(there.st_mode) ? EISDIR : EEXIST);
		return -1;
	}
	folder = g_path_get_dirname(path);
	fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
	g_free(folder);
	return fd >= 0 ? fd : open_beside(path, beside, error);
}

/* Makes sure that the names in the folder of a path are on the disk. */
static bool sync_folder(const char *path)
{
	char *folder = g_path_get_dirname(path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* Not all file systems can; then there is nothing to be done. */
	bool ok = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);

	if (fd >= 0)
		close(fd);
	g_free(folder);
	return ok;
}

/* Renames over what is there, which is removed afterwards. */
static bool replace_path(const char *temporary, const char *path)
{
	if (g_rename(temporary, path) == 0)
		return true;
	if (errno != ENOTEMPTY && errno != EEXIST)
		return false;
	/* Both folders change their names at once. */
	if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_EXCHANGE) != 0)
		return false;
	new_path_drop(temporary);
	return true;
}

bool new_path_give(const char *temporary, const char *path, bool replace, GError **error)
{
	char *plain = plain_path(path);
	bool ok = replace ? replace_path(temporary, plain)
			  : renameat2(AT_FDCWD, temporary, AT_FDCWD, plain, RENAME_NOREPLACE) == 0;

	/* An empty folder gives way; and not all file systems can tell whether there is something. */
	if (!ok && !replace && (errno == EINVAL || g_file_test(plain, G_FILE_TEST_IS_DIR)))
		ok = g_rename(temporary, plain) == 0;
	if (ok)
		ok = sync_folder(plain);
	if (!ok)
		set_error(error, path, errno);
	g_free(plain);
	return ok;
}

/* Gives an open file without a name one that nothing else has. */
static bool link_open(int fd, const char *path)
{
	char *open_file = g_strdup_printf("/proc/self/fd/%d", fd);
	bool ok = linkat(AT_FDCWD, open_file, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
	int failed = errno;

	g_free(open_file);
	errno = failed;
	return ok;
}

/* The same, but over what has the name. */
static bool link_over(int fd, const char *path, GError **error)
{
	char *beside = new_path_file(path, error);
	bool ok;

	if (!beside)
		return false;
	g_unlink(beside);
	ok = link_open(fd, beside);
	if (!ok)
		set_error(error, path, errno);
	ok = ok && new_path_give(beside, path, true, error);
	if (!ok)
		g_unlink(beside);
	g_free(beside);
	return ok;
}

bool new_path_name(int fd, const char *path, GError **error)
{
	bool ok = link_open(fd, path);

	if (!ok && errno == EEXIST)
		return link_over(fd, path, error);
	if (ok)
		ok = sync_folder(path);
	if (!ok)
		set_error(error, path, errno);
	return ok;
}

void new_path_drop(const char *temporary)
{
	GDir *dir = g_file_test(temporary, G_FILE_TEST_IS_SYMLINK) ? NULL
								   : g_dir_open(temporary, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		char *path = g_build_filename(temporary, name, NULL);

		new_path_drop(path);
		g_free(path);
	}
	if (dir)
		g_dir_close(dir);
	g_remove(temporary);
}

bool new_path_check(const char *path, bool replace,
	const char *(*wrong)(const char *path, bool *is_export), GError **error)
{
	bool is_export = false;
	const char *why;

	if (g_access(path, F_OK) != 0)
		return true;
	why = wrong(path, &is_export);
	if (!why && is_export && !replace)
		why = "there is an export already; --force replaces it";
	if (!why && g_access(path, W_OK) != 0)
		why = g_strerror(errno);
	if (why)
		g_set_error(
			error, G_FILE_ERROR, G_FILE_ERROR_EXIST, "cannot write %s: %s", path, why);
	return !why;
}
