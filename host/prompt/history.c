/*
 * The lines of earlier sessions, in a file.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/prompt/history.h"

#include "host/output/file_io.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A larger file is no history. */
#define BYTES_MAX (16 * 1024 * 1024)

static GString *join(const GPtrArray *lines)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < lines->len; i++)
		g_string_append_printf(text, "%s\n", (const char *)g_ptr_array_index(lines, i));
	return text;
}

/* Keeps the newest lines, also in the file; a link to it stays. */
static void forget_oldest(const char *path, GPtrArray *lines)
{
	char *real = realpath(path, NULL);
	GString *text;

	g_ptr_array_remove_range(lines, 0, lines->len - HISTORY_MAX);
	text = join(lines);
	if (real)
		g_file_set_contents_full(real, text->str, (gssize)text->len,
			G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL);
	g_string_free(text, TRUE);
	free(real);
}

GPtrArray *history_read(const char *path)
{
	GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
	char *text = NULL, **parts;
	GStatBuf info;

	if (g_stat(path, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size > BYTES_MAX ||
		!g_file_get_contents(path, &text, NULL, NULL))
		return lines;
	parts = g_strsplit(text, "\n", -1);
	for (guint i = 0; parts[i]; i++) {
		if (*parts[i] && g_utf8_validate(parts[i], -1, NULL))
			g_ptr_array_add(lines, parts[i]);
		else
			g_free(parts[i]);
	}
	g_free(parts);
	g_free(text);
	if (lines->len > HISTORY_MAX)
		forget_oldest(path, lines);
	return lines;
}

bool history_add(const char *path, const GPtrArray *lines)
{
	char *folder = g_path_get_dirname(path);
	struct stat info;
	GString *text;
	bool ok;
	int fd;

	g_mkdir_with_parents(folder, 0700);
	g_free(folder);
	/* What is no file must not keep us waiting. */
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
	if (fd < 0)
		return false;
	text = join(lines);
	ok = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size <= BYTES_MAX &&
	     fchmod(fd, 0600) == 0 && file_write(fd, text->str, text->len);
	close(fd);
	g_string_free(text, TRUE);
	return ok;
}
