/*
 * Reading and writing all of so many bytes.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/output/file_io.h"

#include <errno.h>
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
