/*
 * spool URL FOLDER [last | retry]: copies a live session to a folder until it ends, from what is recorded now on with
 * `last`, over as many connections as it takes with `retry`; and reports the streams: a line for each, with its
 * packets and bytes.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/live/spool.h"
#include "host/live/url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ms between rounds in which nothing came, and until a relay that does not answer is given up. */
#define PAUSE    5
#define PATIENCE 2000

static const struct viewer_session *find(GPtrArray *sessions, const struct live_url *url)
{
	for (guint i = 0; sessions && i < sessions->len; i++) {
		const struct viewer_session *session = g_ptr_array_index(sessions, i);

		if (strcmp(session->name, url->session) == 0 &&
			strcmp(session->target, url->target) == 0)
			return session;
	}
	return NULL;
}

/* Sizes and times must never go back, and there is no packet without metadata. */
static void check(const struct spool *spool, GArray *before)
{
	for (unsigned int i = 0; i < spool_n_streams(spool); i++) {
		const struct spool_stream *stream = spool_stream(spool, i);
		struct spool_stream none = {0}, *old;

		if (i == before->len)
			g_array_append_val(before, none);
		old = &g_array_index(before, struct spool_stream, i);
		if (stream->complete < old->complete || stream->size < old->size ||
			(stream->size > 0 && spool_trace(spool, stream->trace)->metadata == 0))
			g_error("stream %u goes back", i);
		*old = *stream;
	}
}

static enum spool_status copy(struct spool *spool, struct viewer *viewer, GError **error)
{
	GArray *before = g_array_new(FALSE, FALSE, sizeof(struct spool_stream));
	enum spool_status status;

	do {
		status = spool_step(spool, error);
		check(spool, before);
		if (status == SPOOL_IDLE && !viewer_pause(viewer, PAUSE, error))
			status = SPOOL_FAILED;
	} while (status == SPOOL_MORE || status == SPOOL_IDLE);
	g_array_unref(before);
	return status;
}

static void report(const struct spool *spool)
{
	for (unsigned int i = 0; i < spool_n_streams(spool); i++) {
		const struct spool_stream *stream = spool_stream(spool, i);

		printf("%s: %" G_GUINT64_FORMAT " packets, %" G_GUINT64_FORMAT " bytes\n",
			stream->file, stream->packets, stream->size);
	}
}

/* Connects to a relay, and finds a session there. NULL with `error` if that fails. */
static struct viewer *reach(const struct live_url *url, GPtrArray **sessions,
	const struct viewer_session **session, GError **error)
{
	const struct viewer_wait wait = {.patience = PATIENCE};
	struct viewer *viewer = viewer_connect(url->host, url->port, url->family, &wait, error);

	*sessions = viewer ? viewer_list(viewer, error) : NULL;
	if (!*sessions) {
		viewer_close(viewer);
		return NULL;
	}
	*session = find(*sessions, url);
	if (!*session)
		g_error("no such session");
	return viewer;
}

/* Goes on over new connections until the session ends, or something else goes wrong. */
static enum spool_status retry(
	struct spool *spool, const struct live_url *url, enum spool_status status, GError **error)
{

	while (status == SPOOL_FAILED && g_error_matches(*error, VIEWER_ERROR, VIEWER_ERROR_LOST)) {
		const struct viewer_session *session;
		GPtrArray *sessions;
		struct viewer *viewer;

		g_clear_error(error);
		viewer = reach(url, &sessions, &session, error);
		if (viewer && spool_resume(spool, viewer, session, error))
			status = copy(spool, viewer, error);
		viewer_close(viewer);
		g_clear_pointer(&sessions, g_ptr_array_unref);
	}
	return status;
}

int main(int argc, char **argv)
{
	const char *how = argc == 4 ? argv[3] : "";
	struct viewer *viewer;
	GPtrArray *sessions = NULL;
	const struct viewer_session *session;
	struct spool *spool = NULL;
	struct live_url url = {0};
	GError *error = NULL;
	enum spool_status status = SPOOL_FAILED;

	if (argc < 3 || !live_url_parse(argv[1], &url, &error) || !url.session)
		g_error("spool URL FOLDER [last | retry]");
	viewer = reach(&url, &sessions, &session, &error);
	if (viewer)
		spool = spool_new(viewer, session,
			strcmp(how, "last") == 0 ? VIEWER_LAST : VIEWER_BEGINNING, argv[2], &error);
	if (spool)
		status = copy(spool, viewer, &error);
	viewer_close(viewer);
	if (spool && strcmp(how, "retry") == 0)
		status = retry(spool, &url, status, &error);
	if (spool)
		report(spool);
	if (status == SPOOL_FAILED)
		fprintf(stderr, "%s\n", error->message);
	g_clear_error(&error);
	spool_free(spool);
	g_clear_pointer(&sessions, g_ptr_array_unref);
	live_url_clear(&url);
	return status == SPOOL_FAILED;
}
