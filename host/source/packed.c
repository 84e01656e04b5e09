/*
 * Traces in archives: the ends of their names, and a command for each.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/source/packed.h"

#include <glib.h>
#include <string.h>

/* The command for each kind: that, the archive, " -C " or the like, and the folder. */
static const struct {
	const char *suffix, *unpack, *to;
	bool needs_folder; /* which has to be there */
} archives[] = {
	{".tar", "tar -xf ", " -C ", true},
	{".tar.gz", "tar -xzf ", " -C ", true},
	{".tgz", "tar -xzf ", " -C ", true},
	{".tar.bz2", "tar -xjf ", " -C ", true},
	{".tbz2", "tar -xjf ", " -C ", true},
	{".tar.xz", "tar -xJf ", " -C ", true},
	{".txz", "tar -xJf ", " -C ", true},
	{".tar.zst", "tar --zstd -xf ", " -C ", true},
	{".tzst", "tar --zstd -xf ", " -C ", true},
	{".tar.lz4", "tar -I lz4 -xf ", " -C ", true},
	{".zip", "unzip -q ", " -d ", false},
	{".7z", "7z x ", " -o", false},
};

/* The number of an archive's kind; -1 if it is none. */
static int kind_of(const char *path)
{
	size_t length = strlen(path);

	for (size_t i = 0; i < G_N_ELEMENTS(archives); i++) {
		size_t end = strlen(archives[i].suffix);

		/* There must be a name before it. */
		if (length > end && path[length - end - 1] != '/' &&
			g_ascii_strcasecmp(path + length - end, archives[i].suffix) == 0)
			return (int)i;
	}
	return -1;
}

bool packed_is(const char *path)
{
	return kind_of(path) >= 0;
}

char *packed_folder(const char *path)
{
	return g_strndup(path, strlen(path) - strlen(archives[kind_of(path)].suffix));
}

/* A path as a word of the shell that no program takes for an option, or for a file elsewhere. */
static char *quote(const char *path)
{
	/* To tar, "host:file" is on another machine. */
	bool is_plain = path[0] != '-' && strcspn(path, "/") <= strcspn(path, ":");
	char *safe = g_strconcat(is_plain ? "" : "./", path, NULL);
	char *quoted;

	if (safe[strspn(safe, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "_-+=.,:/@%")] == '\0')
		return safe;
	quoted = g_shell_quote(safe);
	g_free(safe);
	return quoted;
}

char *packed_command(const char *path)
{
	int kind = kind_of(path);
	char *folder = packed_folder(path);
	char *archive = quote(path), *to = quote(folder);
	char *command = g_strconcat(archives[kind].needs_folder ? "mkdir " : "",
		archives[kind].needs_folder ? to : "", archives[kind].needs_folder ? " && " : "",
		archives[kind].unpack, archive, archives[kind].to, to, NULL);

	g_free(to);
	g_free(archive);
	g_free(folder);
	return command;
}
