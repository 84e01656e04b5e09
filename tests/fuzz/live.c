/*
 * Fuzzer of live sessions: a relay answers with any bytes, all of them at once, and then hangs up. A session is
 * listed, attached and copied to the disk, over two connections.
 *
 * Answers are long, and mostly zeros. So the input alternates between bytes that are taken as they are, and
 * zeros: a number n and n bytes, a number n and n * n zeros, and so on.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/live/spool.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the socket takes without anybody reading. */
#define ANSWERS_MAX 131072

#define STEPS_MAX 256

/* What is refused is so for a reason, of one line. */
static void refuse(GError *error)
{
	if (!error || strlen(error->message) == 0 || strchr(error->message, '\n'))
		abort();
	g_error_free(error);
}

static GByteArray *expand(const uint8_t *data, size_t size)
{
	GByteArray *answers = g_byte_array_new();

	while (size > 0 && answers->len < ANSWERS_MAX) {
		size_t n = MIN(data[0], size - 1), zeros;
		guint before;

		g_byte_array_append(answers, data + 1, (guint)n);
		data += 1 + n;
		size -= 1 + n;
		if (size == 0)
			break;
		zeros = (size_t)data[0] * data[0];
		before = answers->len;
		g_byte_array_set_size(answers, before + (guint)zeros);
		if (zeros > 0)
			memset(answers->data + before, 0, zeros);
		data++;
		size--;
	}
	g_byte_array_set_size(answers, MIN(answers->len, ANSWERS_MAX));
	return answers;
}

static void remove_all(const char *path)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		char *below = g_build_filename(path, name, NULL);

		remove_all(below);
		g_free(below);
	}
	if (dir)
		g_dir_close(dir);
	g_remove(path);
}

/* All that the spool reports is there, and in the folder. */
static void check(const struct spool *spool, const char *folder)
{
	struct stat st;

	for (unsigned int i = 0; i < spool_n_streams(spool); i++) {
		const struct spool_stream *stream = spool_stream(spool, i);

		if (!g_str_has_prefix(stream->file, folder) ||
			stream->file[strlen(folder)] != '/' || strstr(stream->file, "/../"))
			abort();
		if (stream->size > 0 &&
			(g_stat(stream->file, &st) != 0 || (uint64_t)st.st_size < stream->size ||
				spool_trace(spool, stream->trace)->metadata == 0))
			abort();
	}
}

static void leave(struct viewer *viewer, int relay)
{
	viewer_close(viewer);
	close(relay);
}

/* A viewer of a relay that answers with these bytes, and its first session. NULL: they are refused. */
static struct viewer *view(const GByteArray *answers, GPtrArray **sessions, int *relay)
{
	const struct viewer_wait wait = {.patience = 1000};
	GError *error = NULL;
	struct viewer *viewer;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0 ||
		write(ends[1], answers->data, answers->len) != (ssize_t)answers->len)
		abort();
	shutdown(ends[1], SHUT_WR);
	*sessions = NULL;
	viewer = viewer_take(ends[0], "relay", &wait, &error);
	if (viewer)
		*sessions = viewer_list(viewer, &error);
	*relay = ends[1];
	if (!*sessions)
		refuse(error);
	if (*sessions && (*sessions)->len > 0)
		return viewer;
	g_clear_pointer(sessions, g_ptr_array_unref);
	leave(viewer, *relay);
	return NULL;
}

static void go_on(struct spool *spool, const char *folder)
{
	GError *error = NULL;
	enum spool_status status = SPOOL_MORE;

	for (int i = 0; i < STEPS_MAX && (status == SPOOL_MORE || status == SPOOL_IDLE); i++) {
		status = spool_step(spool, &error);
		check(spool, folder);
	}
	if (status == SPOOL_FAILED)
		refuse(error);
}

/* Copies a session, and then goes on with it, as if the connection had been lost. */
static void copy(const GByteArray *first, const GByteArray *second, const char *folder)
{
	GPtrArray *sessions;
	GError *error = NULL;
	int relay;
	struct viewer *viewer = view(first, &sessions, &relay);
	struct spool *spool;

	if (!viewer)
		return;
	spool = spool_new(viewer, g_ptr_array_index(sessions, 0), VIEWER_BEGINNING, folder, &error);
	if (spool)
		go_on(spool, folder);
	else
		refuse(error);
	g_ptr_array_unref(sessions);
	leave(viewer, relay);
	viewer = spool ? view(second, &sessions, &relay) : NULL;
	if (viewer) {
		if (spool_resume(spool, viewer, g_ptr_array_index(sessions, 0), &error))
			go_on(spool, folder);
		else
			refuse(error);
		g_ptr_array_unref(sessions);
		leave(viewer, relay);
	}
	spool_free(spool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	GByteArray *second = expand(data, size), *first = g_byte_array_new();
	char *folder = g_dir_make_tmp("live-XXXXXX", NULL);

	/* The first connection is lost before its end. */
	g_byte_array_append(first, second->data, second->len - second->len / 8);
	if (!folder)
		abort();
	copy(first, second, folder);
	remove_all(folder);
	g_free(folder);
	g_byte_array_unref(first);
	g_byte_array_unref(second);
	return 0;
}
