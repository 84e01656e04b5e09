/*
 * What has been read of traces that are being recorded, kept for a while: the packets of the last seconds, and those
 * with the state of the machine from when recording began. They can be written as a trace.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/ctf/ctf.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* Bytes that are copied at once. */
#define PIECE 65536

static int64_t packet_time(const struct ctf_stream *stream, bool known, uint64_t value)
{
	return known ? ctf_packet_time(&stream->set->time, value) : INT64_MIN;
}

static struct ctf_kept kept_of(const struct ctf_stream *stream, const struct ctf_packet *packet)
{
	int64_t begin = packet_time(stream, packet->has_begin, packet->begin);
	int64_t end = packet_time(stream, packet->has_end, packet->end);

	return (struct ctf_kept){packet->offset, packet->size, begin, MAX(begin, end)};
}

/* Whether a packet is wanted, when it is `now`. */
static bool is_wanted(const struct source *source, const struct ctf_kept *packet, int64_t now)
{
	return packet->begin <= source->keeps_until || time_span(packet->end, now) <= source->keeps;
}

void ctf_keep_packet(
	const struct ctf_stream *stream, struct ctf_file *file, const struct ctf_packet *packet)
{
	const struct source *source = stream->stream.source;
	struct feed *feed = source->feed;
	struct ctf_kept kept = kept_of(stream, packet);
	guint left = 0;

	if (!feed)
		return;
	if (!file->kept)
		file->kept = g_array_new(FALSE, FALSE, sizeof(struct ctf_kept));
	/* The packet itself has still to be read. */
	for (guint i = 0; i < file->kept->len; i++) {
		const struct ctf_kept *one = &g_array_index(file->kept, struct ctf_kept, i);

		if (is_wanted(source, one, kept.begin))
			g_array_index(file->kept, struct ctf_kept, left++) = *one;
		else if (feed->passed)
			feed->passed(feed, file->path, one->offset, one->offset + one->size);
	}
	g_array_set_size(file->kept, left);
	g_array_append_val(file->kept, kept);
}

/* ---- Writing ---- */

static bool fail(GError **error, const char *path)
{
	int code = errno;

	g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(code), "%s: %s", path,
		g_strerror(code));
	return false;
}

/* Copies bytes of a file to the end of another one; false with errno. */
static bool copy(int from, uint64_t offset, uint64_t size, int to)
{
	char *bytes = g_malloc(PIECE);
	ssize_t n = 1;

	for (; size > 0 && n > 0; offset += (uint64_t)n, size -= (uint64_t)n) {
		n = pread(from, bytes, (size_t)MIN(size, PIECE), (off_t)offset);
		if (n > 0 && write(to, bytes, (size_t)n) != n)
			n = -1;
		if (n == 0)
			errno = EIO; /* it has become shorter */
	}
	g_free(bytes);
	return size == 0;
}

/* Writes the packets that are wanted of a file, which are in `packets`. */
static bool write_packets(const struct source *source, const char *from_path, const GArray *packets,
	int64_t now, const char *to_path, GError **error)
{
	int from = open(from_path, O_RDONLY | O_CLOEXEC), to = -1;
	bool ok = true;

	for (guint i = 0; from >= 0 && ok && i < packets->len; i++) {
		const struct ctf_kept *one = &g_array_index(packets, struct ctf_kept, i);

		if (!is_wanted(source, one, now))
			continue;
		if (to < 0)
			to = open(to_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
		ok = to >= 0 && copy(from, one->offset, one->size, to);
	}
	if (to >= 0 && close(to) < 0)
		ok = false;
	if (from >= 0)
		close(from);
	return ok || fail(error, to_path);
}

/* All packets of a file that are there: those that were passed, and those that have not been read yet. */
static GArray *packets_of(const struct ctf_stream *stream, const struct ctf_file *file)
{
	GArray *packets = g_array_new(FALSE, FALSE, sizeof(struct ctf_kept));
	struct ctf_file walk = *file; /* shares what is mapped */
	uint64_t where;

	if (file->kept)
		g_array_append_vals(packets, file->kept->data, file->kept->len);
	while (walk.base && walk.has_next) {
		struct ctf_packet packet = walk.next;
		struct ctf_kept kept = kept_of(stream, &packet);

		g_array_append_val(packets, kept);
		ctf_file_advance(&stream->trace->format, &walk, &packet, &where);
	}
	return packets;
}

static bool write_stream(
	const struct ctf_stream *stream, int64_t now, const char *folder, GError **error)
{
	bool ok = true;

	for (guint i = 0; ok && i < stream->all->len; i++) {
		const struct ctf_file *file = g_ptr_array_index(stream->all, i);
		GArray *packets = packets_of(stream, file);
		char *name = g_path_get_basename(file->path);
		char *path = g_build_filename(folder, name, NULL);

		ok = write_packets(stream->stream.source, file->path, packets, now, path, error);
		g_array_unref(packets);
		g_free(path);
		g_free(name);
	}
	return ok;
}

static bool write_trace(struct ctf_source *source, unsigned int number, int64_t now,
	const char *folder, GError **error)
{
	const struct ctf_trace *trace = g_ptr_array_index(source->base.traces, number);
	char *metadata = g_build_filename(g_ptr_array_index(trace->folders, 0), "metadata", NULL);
	char *to = g_build_filename(folder, "metadata", NULL), *bytes = NULL;
	gsize length;
	bool ok;

	ok = g_file_get_contents(metadata, &bytes, &length, error) &&
	     g_file_set_contents(to, bytes, (gssize)MIN(length, trace->metadata_bytes), error);
	for (guint i = 0; ok && i < source->base.streams->len; i++) {
		const struct ctf_stream *stream = g_ptr_array_index(source->base.streams, i);

		if (stream->stream.facts.trace == number)
			ok = write_stream(stream, now, folder, error);
	}
	g_free(bytes);
	g_free(to);
	g_free(metadata);
	return ok;
}

bool ctf_keep(struct source *base, const char *folder, GError **error)
{
	struct ctf_source *source = ctf_of(base);
	int64_t now = base->seen ? base->last : INT64_MIN;
	bool ok = true;

	for (unsigned int i = 0; ok && i < base->traces->len; i++) {
		char *own = i == 0 ? g_build_filename(folder, "kernel", NULL)
				   : g_strdup_printf("%s/trace-%u", folder, i + 1);

		ok = g_mkdir(own, 0777) == 0 || fail(error, own);
		ok = ok && write_trace(source, i, now, own, error);
		g_free(own);
	}
	return ok;
}
