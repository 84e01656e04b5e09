/*
 * Reading and writing all of so many bytes, and files for what does not fit into memory.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/output/file_io.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <unistd.h>

bool file_read_at(int fd, void *to, size_t n, uint64_t offset)
{
	char *at = to;

	while (n > 0) {
		ssize_t got = pread(fd, at, n, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got == 0)
			errno = 0;
		if (got <= 0)
			return false;
		at += got;
		offset += (uint64_t)got;
		n -= (size_t)got;
	}
	return true;
}

bool file_write(int fd, const void *from, size_t n)
{
	const char *at = from;

	while (n > 0) {
		ssize_t written = write(fd, at, n);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return false;
		at += written;
		n -= (size_t)written;
	}
	return true;
}

int file_temporary(void)
{
	/* Without a name, it leaves nothing behind if the process is killed; not all file systems can do that. */
	int fd = open(g_get_tmp_dir(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
	char *path;

	if (fd >= 0)
		return fd;
	path = g_build_filename(g_get_tmp_dir(), "lttnga-XXXXXX", NULL);
	fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		g_unlink(path);
	g_free(path);
	return fd;
}
