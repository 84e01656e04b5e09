/*
 * Where bytes go: a file, or the standard output, as they are or compressed (gzip).
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/perfetto/sink.h"

#include "host/output/file_io.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* Bytes that are gathered before they are written, or compressed. */
#define GATHERED ((size_t)256 * 1024)

/* zlib: the largest window, and a header and trailer of gzip around it. */
#define GZIP_WINDOW (15 + 16)

struct sink {
	char *path,
		*temporary; /* NULL: the standard output, or what is no plain file (/dev/null) */
	int fd;
	int failed; /* errno of what could not be written, or 0 */
	uint64_t bytes;
	size_t n; /* bytes gathered */
	uint8_t *gathered;
	z_stream *gzip; /* NULL: as it is */
	uint8_t *compressed;
};

/* Sets an error about a file. */
static void set_error(GError **error, const char *path, int number)
{
	g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(number),
		"cannot write %s: %s", path ? path : "the results", g_strerror(number));
}

/* Opens the file under another name, beside the one that it will have. */
static bool open_file(struct sink *sink, const char *path)
{
	struct stat about;

	/* What is no plain file is written as it is: /dev/null, a pipe. */
	if (stat(path, &about) == 0 && !S_ISREG(about.st_mode)) {
		sink->path = g_strdup(path);
		sink->fd = open(path, O_WRONLY | O_CLOEXEC);
		return sink->fd >= 0;
	}
	sink->path = g_strdup(path);
	sink->temporary = g_strdup_printf("%s.XXXXXX", path);
	sink->fd = g_mkstemp_full(sink->temporary, O_WRONLY | O_CLOEXEC, 0666);
	if (sink->fd < 0)
		g_clear_pointer(&sink->temporary, g_free);
	return sink->fd >= 0;
}

struct sink *sink_open(const char *path, bool gzip, GError **error)
{
	struct sink *sink = g_new0(struct sink, 1);

	sink->fd = STDOUT_FILENO;
	if (path && !open_file(sink, path)) {
		set_error(error, path, errno);
		sink_free(sink);
		return NULL;
	}
	sink->gathered = g_malloc(GATHERED);
	if (gzip) {
		sink->gzip = g_new0(z_stream, 1);
		sink->compressed = g_malloc(GATHERED);
		if (deflateInit2(sink->gzip, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW,
			    MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
			g_error("failed to allocate memory for zlib");
	}
	return sink;
}

static void write_out(struct sink *sink, const void *bytes, size_t n)
{
	if (!sink->failed && !file_write(sink->fd, bytes, n))
		sink->failed = errno ? errno : EIO;
}

/* Hands on what was gathered; `last`: no more will come. */
static void hand_on(struct sink *sink, bool last)
{
	z_stream *gzip = sink->gzip;

	if (!gzip) {
		write_out(sink, sink->gathered, sink->n);
		sink->n = 0;
		return;
	}
	gzip->next_in = sink->gathered;
	gzip->avail_in = (uInt)sink->n;
	do {
		gzip->next_out = sink->compressed;
		gzip->avail_out = GATHERED;
		deflate(gzip, last ? Z_FINISH : Z_NO_FLUSH);
		write_out(sink, sink->compressed, GATHERED - gzip->avail_out);
	} while (gzip->avail_out == 0);
	sink->n = 0;
}

void sink_write(struct sink *sink, const void *bytes, size_t n)
{
	const uint8_t *from = bytes;

	sink->bytes += n;
	while (n > 0) {
		size_t part = MIN(n, GATHERED - sink->n);

		memcpy(&sink->gathered[sink->n], from, part);
		sink->n += part;
		from += part;
		n -= part;
		if (sink->n == GATHERED)
			hand_on(sink, false);
	}
}

uint64_t sink_bytes(const struct sink *sink)
{
	return sink->bytes;
}

bool sink_has_failed(const struct sink *sink)
{
	return sink->failed != 0;
}

bool sink_close(struct sink *sink, GError **error)
{
	int failed;

	hand_on(sink, true);
	failed = sink->failed;
	if (sink->path && close(sink->fd) != 0 && !failed)
		failed = errno;
	sink->fd = STDOUT_FILENO;
	if (!failed && sink->temporary && g_rename(sink->temporary, sink->path) != 0)
		failed = errno;
	if (failed) {
		set_error(error, sink->path, failed);
		return false;
	}
	g_clear_pointer(&sink->temporary, g_free);
	return true;
}

void sink_free(struct sink *sink)
{
	if (!sink)
		return;
	if (sink->fd != STDOUT_FILENO && sink->fd >= 0)
		close(sink->fd);
	if (sink->temporary)
		g_unlink(sink->temporary);
	if (sink->gzip)
		deflateEnd(sink->gzip);
	g_free(sink->gzip);
	g_free(sink->compressed);
	g_free(sink->gathered);
	g_free(sink->temporary);
	g_free(sink->path);
	g_free(sink);
}
