/*
 * A live session on its way to the disk.
 *
 * Streams are asked in rounds. In each round, that stream is next which is complete up to the earliest time,
 * since it holds back what can be read of all of them; one that has nothing is not asked again in this round.
 * When all have been asked, the round is over. A stream without metadata is not asked: its packets could not
 * be read.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/live/spool.h"

#include "host/output/file_io.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

struct trace {
	struct spool_trace facts;
	char *name;             /* what the relay calls it, */
	uint64_t id;            /* and its number there, if is_present */
	uint64_t metadata_id;   /* of its metadata stream, if has_metadata */
	uint64_t metadata_size; /* bytes that have been written */
	uint64_t passed_over;   /* of what a new connection brings again */
	bool is_present;        /* in this connection */
	bool has_metadata;
	bool wants_metadata; /* there may be some that we don't have */
	bool is_asked;       /* in this round, and had nothing */
	bool is_over;        /* no more metadata will come */
};

struct stream {
	struct spool_stream facts;
	char *name;  /* what the relay calls it, */
	uint64_t id; /* and its number there, if is_present */
	bool is_present;
	bool is_over;   /* in this connection: nothing more comes */
	bool is_asked;  /* in this round */
	bool has_index; /* of the packet that is being fetched: */
	struct viewer_index index;
	uint64_t got;              /* bytes of it that are in the file, behind the others */
	uint64_t last_begin, last; /* times of the last packet in the file */
};

struct spool {
	struct viewer *viewer;
	char *folder;
	char *name; /* of the session, for messages */
	uint64_t session;
	GPtrArray *traces, *streams;
	GHashTable *paths; /* that are taken */
	uint8_t *chunk;
	bool has_arrived;   /* something, in this round */
	bool wants_streams; /* there may be some that we don't know */
	bool is_over;       /* no more streams will come */
	bool is_resumed;    /* this connection is not the first one */
};

static bool fail(GError **error, const char *path)
{
	int code = errno;

	g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(code), "cannot write %s: %s",
		path, g_strerror(code));
	return false;
}

/* ---- Files ---- */

/* Writes at a place of a file, which is made if it is missing. */
static bool write_at(
	const char *path, uint64_t offset, const uint8_t *bytes, size_t n, GError **error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	bool ok = fd >= 0 && lseek(fd, (off_t)offset, SEEK_SET) >= 0 && file_write(fd, bytes, n);

	if (!ok)
		fail(error, path);
	if (fd >= 0)
		close(fd);
	return ok;
}

/* Makes a name of what a relay calls something: one that leads nowhere else. */
static void clean_name(char *name)
{
	g_strcanon(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._-", '_');
	if (*name == '.')
		*name = '_';
}

/* Frees a path, and returns it, or if it is taken, one with a number behind it. */
static char *take_path(struct spool *spool, char *path)
{
	guint number = g_hash_table_size(spool->paths);
	char *own = g_strdup(path);

	while (g_hash_table_contains(spool->paths, own)) {
		g_free(own);
		own = g_strdup_printf("%s-%u", path, ++number);
	}
	g_free(path);
	g_hash_table_add(spool->paths, g_strdup(own));
	return own;
}

/* The folder of a trace, by what the relay calls it: "kernel", "ust/uid/1000/64-bit". */
static char *folder_of(struct spool *spool, const char *name)
{
	char **parts = g_strsplit(name, "/", -1);
	GString *path = g_string_new(spool->folder);

	for (char **part = parts; *part; part++)
		if (**part) {
			clean_name(*part);
			g_string_append_printf(path, "/%s", *part);
		}
	g_strfreev(parts);
	/* One trace without a name may have the whole folder. */
	if (g_hash_table_contains(spool->paths, spool->folder) &&
		strcmp(path->str, spool->folder) == 0)
		g_string_append(path, "/trace");
	return take_path(spool, g_string_free(path, FALSE));
}

static char *file_of(struct spool *spool, const struct trace *trace, const char *name)
{
	char *clean = g_strdup(*name ? name : "stream"), *path;

	clean_name(clean);
	path = g_build_filename(trace->facts.folder, clean, NULL);
	g_free(clean);
	return take_path(spool, path);
}

/* ---- Traces and streams ---- */

static void free_trace(gpointer data)
{
	struct trace *trace = data;

	g_free(trace->facts.folder);
	g_free(trace->name);
	g_free(trace);
}

static void free_stream(gpointer data)
{
	struct stream *stream = data;

	g_free(stream->facts.file);
	g_free(stream->name);
	g_free(stream);
}

static struct trace *trace_of(const struct spool *spool, const struct stream *stream)
{
	return g_ptr_array_index(spool->traces, stream->facts.trace);
}

/* Nothing more will come of it; a part of a packet is dropped. */
static void end_stream(struct spool *spool, struct stream *stream)
{
	stream->facts.complete = UINT64_MAX;
	stream->is_over = true;
	stream->has_index = false;
	spool->has_arrived = true;
}

/* Whether a session may have one more. */
static bool check_number(
	const struct spool *spool, const GPtrArray *list, const char *what, GError **error)
{
	if (list->len < SPOOL_STREAMS_MAX)
		return true;
	g_set_error(error, VIEWER_ERROR, VIEWER_ERROR_PROTOCOL, "session %s has more than %d %s",
		spool->name, SPOOL_STREAMS_MAX, what);
	return false;
}

/* The number of a trace that is known, in this connection or from another one; -1 if there is none. */
static int find_trace(const struct spool *spool, const struct viewer_stream *announced)
{
	for (guint i = 0; i < spool->traces->len; i++) {
		const struct trace *trace = g_ptr_array_index(spool->traces, i);

		if (trace->is_present ? trace->id == announced->trace
				      : strcmp(trace->name, announced->path) == 0)
			return (int)i;
	}
	return -1;
}

/* The number of the trace that a stream is of; makes it if it is new. -1 with `error` if that fails. */
static int make_trace(struct spool *spool, const struct viewer_stream *announced, GError **error)
{
	int number = find_trace(spool, announced);
	struct trace *trace;

	if (number < 0) {
		if (!check_number(spool, spool->traces, "traces", error))
			return -1;
		number = (int)spool->traces->len;
		trace = g_new0(struct trace, 1);
		g_ptr_array_add(spool->traces, trace);
		trace->name = g_strdup(announced->path);
		trace->facts.folder = folder_of(spool, announced->path);
		/* No stream gets its name. */
		g_hash_table_add(
			spool->paths, g_build_filename(trace->facts.folder, "metadata", NULL));
		if (g_mkdir_with_parents(trace->facts.folder, 0777) < 0) {
			fail(error, trace->facts.folder);
			return -1;
		}
	}
	trace = g_ptr_array_index(spool->traces, number);
	trace->id = announced->trace;
	trace->is_present = true;
	return number;
}

static struct stream *find_stream(
	const struct spool *spool, const struct viewer_stream *announced, unsigned int trace)
{
	for (guint i = 0; i < spool->streams->len; i++) {
		struct stream *stream = g_ptr_array_index(spool->streams, i);

		if (stream->is_present ? stream->id == announced->id
				       : stream->facts.trace == trace &&
						 strcmp(stream->name, announced->channel) == 0)
			return stream;
	}
	return NULL;
}

static bool add_stream(struct spool *spool, const struct viewer_stream *announced, GError **error)
{
	int number = make_trace(spool, announced, error);
	struct trace *trace;
	struct stream *stream;

	if (number < 0)
		return false;
	trace = g_ptr_array_index(spool->traces, number);
	if (announced->is_metadata) {
		trace->metadata_id = announced->id;
		trace->has_metadata = trace->wants_metadata = true;
		return true;
	}
	stream = find_stream(spool, announced, (unsigned int)number);
	if (!stream) {
		if (!check_number(spool, spool->streams, "streams", error))
			return false;
		stream = g_new0(struct stream, 1);
		g_ptr_array_add(spool->streams, stream);
		stream->name = g_strdup(announced->channel);
		stream->facts.trace = (unsigned int)number;
		stream->facts.file = file_of(spool, trace, announced->channel);
	}
	stream->id = announced->id;
	stream->is_present = true;
	return true;
}

/* Takes over the streams that a relay has announced; they are freed. */
static bool add_streams(struct spool *spool, GPtrArray *announced, GError **error)
{
	bool ok = true;

	for (guint i = 0; i < announced->len && ok; i++)
		ok = add_stream(spool, g_ptr_array_index(announced, i), error);
	g_ptr_array_unref(announced);
	return ok;
}

/* Those that a new connection does not bring again have ended meanwhile. */
static void end_absent_streams(struct spool *spool)
{
	for (guint i = 0; i < spool->streams->len; i++) {
		struct stream *stream = g_ptr_array_index(spool->streams, i);

		if (!stream->is_present)
			end_stream(spool, stream);
	}
}

/* How many streams the relay has announced in this connection. */
static guint n_present(const struct spool *spool)
{
	guint n = 0;

	for (guint i = 0; i < spool->streams->len; i++)
		n += ((const struct stream *)g_ptr_array_index(spool->streams, i))->is_present;
	return n;
}

static bool ask_for_streams(struct spool *spool, GError **error)
{
	GPtrArray *announced = viewer_streams_new();
	guint n = n_present(spool);
	enum viewer_status status =
		viewer_new_streams(spool->viewer, spool->session, announced, error);

	if (status == VIEWER_FAILED) {
		g_ptr_array_unref(announced);
		return false;
	}
	spool->has_arrived = spool->has_arrived || announced->len > 0;
	spool->is_over = status == VIEWER_OVER;
	if (spool->is_over)
		end_absent_streams(spool);
	if (!add_streams(spool, announced, error))
		return false;
	spool->wants_streams = n_present(spool) > n;
	return true;
}

/*
 * All that the relay knows, which need not come in one answer. Nothing may be decoded before that: they have events
 * of the same time as the others.
 */
static bool ask_for_all_streams(struct spool *spool, GError **error)
{
	while (spool->wants_streams && !spool->is_over)
		if (!ask_for_streams(spool, error))
			return false;
	return true;
}

/* ---- Metadata ---- */

static bool write_metadata(
	struct spool *spool, struct trace *trace, const GByteArray *bytes, GError **error)
{
	uint64_t again = MIN(bytes->len, trace->metadata_size - trace->passed_over);
	size_t n = bytes->len - again;
	char *path;
	bool ok;

	trace->passed_over += again;
	if (n == 0)
		return true;
	if (n > SPOOL_METADATA_MAX - trace->metadata_size) {
		g_set_error(error, VIEWER_ERROR, VIEWER_ERROR_PROTOCOL,
			"session %s: the metadata of %s has no end: it is above %d MiB",
			spool->name, trace->facts.folder, (int)(SPOOL_METADATA_MAX >> 20));
		return false;
	}
	path = g_build_filename(trace->facts.folder, "metadata", NULL);
	ok = write_at(path, trace->metadata_size, bytes->data + again, n, error);
	if (ok)
		trace->passed_over = trace->metadata_size += n;
	g_free(path);
	return ok;
}

/* Without metadata the packets of a trace are of no use. */
static void end_streams_of(struct spool *spool, const struct trace *trace)
{
	for (guint i = 0; i < spool->streams->len; i++) {
		struct stream *stream = g_ptr_array_index(spool->streams, i);

		if (trace_of(spool, stream) == trace)
			end_stream(spool, stream);
	}
}

/* Asks until there is no more for now: only then it can be parsed. */
static bool ask_for_metadata(struct spool *spool, struct trace *trace, GError **error)
{
	GByteArray *bytes = g_byte_array_new();
	enum viewer_status status;
	bool ok = true;

	do {
		g_byte_array_set_size(bytes, 0);
		status = viewer_metadata(spool->viewer, trace->metadata_id, bytes, error);
		ok = status != VIEWER_FAILED && write_metadata(spool, trace, bytes, error);
	} while (ok && status == VIEWER_OK && bytes->len > 0);
	g_byte_array_unref(bytes);
	trace->is_asked = true;
	/* An answer without anything in it means that there will be more soon. */
	if (!ok || status == VIEWER_OK)
		return ok;
	trace->is_over = status == VIEWER_OVER;
	spool->has_arrived = spool->has_arrived || trace->facts.metadata != trace->metadata_size;
	trace->facts.metadata = trace->metadata_size;
	trace->wants_metadata = trace->metadata_size == 0;
	if (trace->wants_metadata && trace->is_over)
		end_streams_of(spool, trace);
	return true;
}

static bool ask_for_all_metadata(struct spool *spool, GError **error)
{
	for (guint i = 0; i < spool->traces->len; i++) {
		struct trace *trace = g_ptr_array_index(spool->traces, i);

		if (trace->has_metadata && trace->wants_metadata && !trace->is_asked &&
			!trace->is_over && !ask_for_metadata(spool, trace, error))
			return false;
	}
	return true;
}

/* ---- Packets ---- */

/* Takes over what an answer says about streams and metadata that are new. */
static void note_flags(struct spool *spool, struct stream *stream)
{
	struct trace *trace = trace_of(spool, stream);

	if (stream->index.new_streams)
		spool->wants_streams = true;
	if (stream->index.new_metadata && !trace->is_over) {
		trace->wants_metadata = true;
		trace->is_asked = false;
	}
}

/* Writes a part of the packet that is being fetched; if it is the last one, the packet is there. */
static bool take_part(struct spool *spool, struct stream *stream, uint32_t n, GError **error)
{
	if (!write_at(stream->facts.file, stream->facts.size + stream->got, spool->chunk, n, error))
		return false;
	stream->got += n;
	if (stream->got < stream->index.size)
		return true;
	stream->facts.size += stream->got;
	stream->facts.packets++;
	stream->facts.complete = MAX(stream->facts.complete, stream->index.end);
	stream->last_begin = stream->index.begin;
	stream->last = stream->index.end;
	stream->got = 0;
	stream->has_index = false;
	spool->has_arrived = true;
	return true;
}

/* Fetches the rest of a packet, until the relay wants to be asked again later. */
static bool ask_for_packet(struct spool *spool, struct stream *stream, GError **error)
{
	while (stream->has_index) {
		uint32_t n = (uint32_t)MIN(stream->index.size - stream->got, VIEWER_CHUNK);

		switch (viewer_packet(spool->viewer, stream->id, stream->index.offset + stream->got,
			n, spool->chunk, &n, &stream->index, error)) {
		case VIEWER_FAILED:
			return false;
		case VIEWER_OK:
			if (!take_part(spool, stream, n, error))
				return false;
			break;
		case VIEWER_OVER: /* the relay has lost what it announced */
			end_stream(spool, stream);
			break;
		default:
			note_flags(spool, stream);
			stream->is_asked = true;
			return true;
		}
	}
	return true;
}

/*
 * Whether a packet is here already, or was before we attached first: a new connection brings all of them. Those
 * before a beacon are.
 */
static bool is_here(const struct spool *spool, const struct stream *stream)
{
	const struct viewer_index *index = &stream->index;

	return spool->is_resumed &&
	       (index->end < stream->facts.complete ||
		       (index->end <= stream->last && index->begin <= stream->last_begin));
}

static bool ask_for_index(struct spool *spool, struct stream *stream, GError **error)
{
	enum viewer_status status =
		viewer_next_index(spool->viewer, stream->id, &stream->index, error);

	if (status == VIEWER_FAILED)
		return false;
	note_flags(spool, stream);
	stream->has_index = status == VIEWER_OK && !is_here(spool, stream);
	stream->is_asked = status != VIEWER_OK;
	if (status == VIEWER_OVER)
		end_stream(spool, stream);
	if (status == VIEWER_INACTIVE && stream->index.end > stream->facts.complete) {
		stream->facts.complete = stream->index.end;
		spool->has_arrived = true;
	}
	return true;
}

/* ---- Rounds ---- */

/* Whether it is of use to ask for a stream's packets now. */
static bool is_to_be_asked(const struct spool *spool, const struct stream *stream)
{
	return stream->is_present && !stream->is_asked && !stream->is_over &&
	       trace_of(spool, stream)->facts.metadata > 0;
}

/* The stream that is behind the others; NULL: the round is over. */
static struct stream *next_stream(const struct spool *spool)
{
	struct stream *next = NULL;

	for (guint i = 0; i < spool->streams->len; i++) {
		struct stream *stream = g_ptr_array_index(spool->streams, i);

		if (is_to_be_asked(spool, stream) &&
			(!next || stream->facts.complete < next->facts.complete))
			next = stream;
	}
	return next;
}

/*
 * All may be asked again. New streams are announced by the others; if these have ended, or cannot be asked
 * because their trace has no metadata stream yet, it takes a question.
 */
static enum spool_status end_round(struct spool *spool)
{
	bool has_arrived = spool->has_arrived, has_ended = true;

	for (guint i = 0; i < spool->streams->len; i++) {
		struct stream *stream = g_ptr_array_index(spool->streams, i);

		stream->is_asked = false;
		has_ended = has_ended && (stream->is_over || !stream->is_present);
	}
	if (has_ended && spool->is_over)
		return SPOOL_OVER;
	spool->wants_streams = spool->wants_streams || has_ended;
	for (guint i = 0; i < spool->traces->len; i++) {
		struct trace *trace = g_ptr_array_index(spool->traces, i);

		trace->is_asked = false;
		spool->wants_streams = spool->wants_streams || !trace->has_metadata;
	}
	spool->has_arrived = false;
	return has_arrived ? SPOOL_MORE : SPOOL_IDLE;
}

/* Fetches the packet whose index is here, after the metadata that this has announced. */
static bool go_on(struct spool *spool, struct stream *stream, GError **error)
{
	const struct trace *trace = trace_of(spool, stream);

	if (!stream->has_index)
		return true;
	if (trace->wants_metadata && !ask_for_all_metadata(spool, error))
		return false;
	stream->is_asked = trace->wants_metadata;
	return stream->is_asked || ask_for_packet(spool, stream, error);
}

enum spool_status spool_step(struct spool *spool, GError **error)
{
	struct stream *stream;

	if (!ask_for_all_streams(spool, error) || !ask_for_all_metadata(spool, error))
		return SPOOL_FAILED;
	stream = next_stream(spool);
	if (!stream)
		return end_round(spool);
	if (!stream->has_index && !ask_for_index(spool, stream, error))
		return SPOOL_FAILED;
	if (!ask_for_all_streams(spool, error))
		return SPOOL_FAILED;
	return go_on(spool, stream, error) ? SPOOL_MORE : SPOOL_FAILED;
}

/* ---- The spool ---- */

/* The folder must be there, and hold nothing. */
static bool make_folder(const char *folder, GError **error)
{
	GDir *dir;
	bool is_empty;

	if (g_mkdir_with_parents(folder, 0777) < 0)
		return fail(error, folder);
	dir = g_dir_open(folder, 0, error);
	if (!dir)
		return false;
	is_empty = !g_dir_read_name(dir);
	g_dir_close(dir);
	errno = ENOTEMPTY;
	return is_empty || fail(error, folder);
}

static bool attach(struct spool *spool, struct viewer *viewer, const struct viewer_session *session,
	enum viewer_seek seek, GError **error)
{
	GPtrArray *announced = viewer_streams_new();

	spool->viewer = viewer;
	spool->session = session->id;
	spool->wants_streams = true;
	if (viewer_attach(viewer, session->id, session->name, seek, announced, error))
		return add_streams(spool, announced, error);
	g_ptr_array_unref(announced);
	return false;
}

struct spool *spool_new(struct viewer *viewer, const struct viewer_session *session,
	enum viewer_seek seek, const char *folder, GError **error)
{
	struct spool *spool = g_new0(struct spool, 1);

	spool->name = g_strdup(session->name);
	spool->folder = g_strdup(folder);
	spool->traces = g_ptr_array_new_with_free_func(free_trace);
	spool->streams = g_ptr_array_new_with_free_func(free_stream);
	spool->paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	spool->chunk = g_malloc(VIEWER_CHUNK);
	if (!make_folder(folder, error) || !attach(spool, viewer, session, seek, error))
		g_clear_pointer(&spool, spool_free);
	return spool;
}

bool spool_resume(struct spool *spool, struct viewer *viewer, const struct viewer_session *session,
	GError **error)
{
	for (guint i = 0; i < spool->traces->len; i++) {
		struct trace *trace = g_ptr_array_index(spool->traces, i);

		trace->is_present = trace->has_metadata = trace->is_over = trace->is_asked = false;
		trace->passed_over = 0;
	}
	for (guint i = 0; i < spool->streams->len; i++) {
		struct stream *stream = g_ptr_array_index(spool->streams, i);

		stream->is_present = stream->is_over = stream->is_asked = stream->has_index = false;
		stream->got = 0;
	}
	spool->is_resumed = true;
	spool->is_over = false;
	return attach(spool, viewer, session, VIEWER_BEGINNING, error);
}

/* Takes the part of a packet that has arrived off its file. */
static void drop_part(const struct stream *stream)
{
	/* If that fails, readers still stop at the size that the spool reports. */
	if (stream->facts.size == 0)
		g_unlink(stream->facts.file);
	else if (truncate(stream->facts.file, (off_t)stream->facts.size) < 0)
		return;
}

void spool_free(struct spool *spool)
{
	if (!spool)
		return;
	for (guint i = 0; i < spool->streams->len; i++)
		drop_part(g_ptr_array_index(spool->streams, i));
	g_ptr_array_unref(spool->streams);
	g_ptr_array_unref(spool->traces);
	g_hash_table_unref(spool->paths);
	g_free(spool->chunk);
	g_free(spool->folder);
	g_free(spool->name);
	g_free(spool);
}

unsigned int spool_n_traces(const struct spool *spool)
{
	return spool->traces->len;
}

const struct spool_trace *spool_trace(const struct spool *spool, unsigned int number)
{
	return &((struct trace *)g_ptr_array_index(spool->traces, number))->facts;
}

unsigned int spool_n_streams(const struct spool *spool)
{
	return spool->streams->len;
}

const struct spool_stream *spool_stream(const struct spool *spool, unsigned int number)
{
	return &((struct stream *)g_ptr_array_index(spool->streams, number))->facts;
}
