/*
 * The feed of a live session.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/live/relay_feed.h"

#include "host/live/spool.h"
#include "host/live/url.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* How long the relay is asked before what has come is read, and left alone when it has nothing, ms. */
#define ASK_MS   20
#define PAUSE_MS 20

/* How often it is tried to connect again, us. */
#define RETRY_US 500000

/* Rooms on disks are multiples of this. */
#define PAGE 4096

/* A session, with a connection of its own. */
struct part {
	struct viewer *viewer;
	struct spool *spool;
	bool is_over;
	gint64 lost;  /* when the connection was lost, us; 0: it is there */
	gint64 tried; /* when it was last tried to connect again, us */
};

struct relay_feed {
	struct live_feed live;
	struct live_url url;
	struct viewer_wait wait;
	gint64 retry;      /* us */
	char *name;        /* the URL */
	GPtrArray *parts;  /* struct part */
	GHashTable *files; /* const struct spool_stream, by path: those that are known */
	uint64_t seen;     /* what had come, see how_much() */
};

static struct relay_feed *relay_of(const struct feed *feed)
{
	return (struct relay_feed *)(void *)feed;
}

static void free_part(gpointer data)
{
	struct part *part = data;

	spool_free(part->spool);
	viewer_close(part->viewer);
	g_free(part);
}

/* ---- What has come ---- */

static struct part *part_at(const struct relay_feed *relay, guint i)
{
	return g_ptr_array_index(relay->parts, i);
}

/* A number that is larger when more has come. */
static uint64_t how_much(const struct relay_feed *relay)
{
	uint64_t sum = 0;

	for (guint i = 0; i < relay->parts->len; i++) {
		const struct spool *spool = part_at(relay, i)->spool;

		for (unsigned int k = 0; k < spool_n_streams(spool); k++)
			sum += 1 + spool_stream(spool, k)->size + spool_stream(spool, k)->complete;
		for (unsigned int k = 0; k < spool_n_traces(spool); k++)
			sum += 1 + spool_trace(spool, k)->metadata;
		sum += part_at(relay, i)->is_over;
	}
	return sum;
}

/* ---- Lost connections ---- */

/* Finds session number `i` of those that are meant; NULL if it is not there, or with `error`. */
static struct viewer_session *find_session(const struct relay_feed *relay, struct viewer *viewer,
	guint i, GPtrArray **sessions, GError **error)
{
	*sessions = viewer_list(viewer, error);
	for (guint k = 0; *sessions && k < (*sessions)->len; k++) {
		struct viewer_session *session = g_ptr_array_index(*sessions, k);

		if (strcmp(session->target, relay->url.target) == 0 &&
			strcmp(session->name, relay->url.session) == 0 && i-- == 0)
			return session;
	}
	return NULL;
}

/* Connects again, and goes on where it was; a session that is not there any more is over. */
static bool reconnect(struct relay_feed *relay, guint i, GError **error)
{
	struct part *part = g_ptr_array_index(relay->parts, i);
	struct viewer *viewer = viewer_connect(
		relay->url.host, relay->url.port, relay->url.family, &relay->wait, error);
	struct viewer_session *session;
	GPtrArray *sessions = NULL;
	bool ok = false;

	session = viewer ? find_session(relay, viewer, i, &sessions, error) : NULL;
	if (session)
		ok = spool_resume(part->spool, viewer, session, error);
	else if (sessions)
		ok = part->is_over = true;
	if (sessions)
		g_ptr_array_unref(sessions);
	if (!ok) {
		viewer_close(viewer);
		return false;
	}
	viewer_close(part->viewer);
	part->viewer = viewer;
	part->lost = 0;
	return true;
}

/* A connection was lost: whether that is to be lived with, for now. It is tried again every now and then. */
static bool bear_loss(struct relay_feed *relay, guint i, GError **error)
{
	struct part *part = g_ptr_array_index(relay->parts, i);
	gint64 now = g_get_monotonic_time();

	if (!part->lost)
		part->lost = now;
	if (now - part->tried >= RETRY_US) {
		part->tried = now;
		g_clear_error(error);
		if (reconnect(relay, i, error))
			return true;
	}
	if (relay->wait.stop && relay->wait.stop(relay->wait.data))
		return false;
	if (now - part->lost >= relay->retry)
		return *error == NULL;
	g_clear_error(error);
	g_usleep(PAUSE_MS * G_TIME_SPAN_MILLISECOND);
	return true;
}

/* Asks for what has been recorded of a session, for a short while. */
static bool ask(struct relay_feed *relay, guint i, GError **error)
{
	gint64 end = g_get_monotonic_time() + ASK_MS * G_TIME_SPAN_MILLISECOND;
	struct part *part = g_ptr_array_index(relay->parts, i);

	if (part->lost)
		return bear_loss(relay, i, error);
	while (!part->is_over && g_get_monotonic_time() < end) {
		switch (spool_step(part->spool, error)) {
		case SPOOL_FAILED:
			return relay->retry > 0 &&
			       g_error_matches(*error, VIEWER_ERROR, VIEWER_ERROR_LOST) &&
			       bear_loss(relay, i, error);
		case SPOOL_IDLE:
			return true;
		case SPOOL_OVER:
			part->is_over = true;
			break;
		default:
			break;
		}
	}
	return true;
}

static void find_files(struct relay_feed *relay)
{
	for (guint i = 0; i < relay->parts->len; i++) {
		const struct spool *spool = part_at(relay, i)->spool;

		for (unsigned int k = 0; k < spool_n_streams(spool); k++)
			g_hash_table_insert(relay->files, spool_stream(spool, k)->file,
				(gpointer)spool_stream(spool, k));
	}
}

static bool is_over(const struct relay_feed *relay)
{
	bool over = true;

	for (guint i = 0; i < relay->parts->len; i++)
		over = over && part_at(relay, i)->is_over;
	return over;
}

static enum feed_status wait_for_relay(struct feed *feed, GError **error)
{
	struct relay_feed *relay = relay_of(feed);
	uint64_t before = relay->seen;

	for (guint i = 0; i < relay->parts->len; i++)
		if (!ask(relay, i, error))
			return FEED_FAILED;
	find_files(relay);
	relay->seen = how_much(relay);
	if (is_over(relay))
		return FEED_OVER;
	if (relay->seen != before)
		return FEED_MORE;
	return viewer_pause(part_at(relay, 0)->viewer, PAUSE_MS, error) ? FEED_NOTHING
									: FEED_FAILED;
}

static bool know_file(struct feed *feed, const char *path, struct feed_file *file)
{
	const struct spool_stream *stream = g_hash_table_lookup(relay_of(feed)->files, path);

	if (!stream)
		return false;
	*file = (struct feed_file){.bytes = stream->size,
		.complete = stream->complete == UINT64_MAX ? 0 : stream->complete,
		.over = stream->complete == UINT64_MAX};
	return true;
}

/* The trace in a folder, and its spool; NULL if there is none. */
static const struct spool_trace *trace_in(const struct relay_feed *relay, const char *folder,
	const struct spool **of, unsigned int *number)
{
	for (guint i = 0; i < relay->parts->len; i++) {
		*of = part_at(relay, i)->spool;
		for (*number = 0; *number < spool_n_traces(*of); ++*number)
			if (strcmp(spool_trace(*of, *number)->folder, folder) == 0)
				return spool_trace(*of, *number);
	}
	return NULL;
}

/* Gives back the room of what has been read on the disk; where that can't be done it stays. */
static void drop_passed(struct feed *feed, const char *path, uint64_t begin, uint64_t end)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	(void)feed;
	begin += (PAGE - begin % PAGE) % PAGE;
	end -= end % PAGE;
	if (fd < 0)
		return;
	if (begin < end && fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)begin,
				   (off_t)(end - begin)) < 0)
		errno = 0; /* not all file systems can */
	close(fd);
}

static uint64_t know_metadata(struct feed *feed, const char *folder)
{
	const struct spool *spool;
	unsigned int number;
	const struct spool_trace *trace = trace_in(relay_of(feed), folder, &spool, &number);

	return trace ? trace->metadata : 0;
}

static bool know_without_file(struct feed *feed, const char *folder, uint64_t *complete)
{
	const struct spool *spool;
	unsigned int number;
	bool any = false;

	*complete = UINT64_MAX;
	if (!trace_in(relay_of(feed), folder, &spool, &number))
		return false;
	for (unsigned int i = 0; i < spool_n_streams(spool); i++) {
		const struct spool_stream *stream = spool_stream(spool, i);

		if (stream->trace != number || stream->size > 0 || stream->complete == UINT64_MAX)
			continue;
		any = true;
		*complete = MIN(*complete, stream->complete);
	}
	return any;
}

/* ---- The begin ---- */

/* Whether a trace has packets, and something is known of all of its streams. */
static bool is_ready(const struct spool *spool, unsigned int trace)
{
	bool any = false, all = spool_trace(spool, trace)->metadata > 0;

	for (unsigned int i = 0; i < spool_n_streams(spool); i++) {
		const struct spool_stream *stream = spool_stream(spool, i);

		if (stream->trace != trace)
			continue;
		any = any || stream->size > 0;
		all = all && stream->complete > 0;
	}
	return any && all;
}

static GPtrArray *ready_folders(const struct feed *feed)
{
	const struct relay_feed *relay = relay_of(feed);
	GPtrArray *folders = g_ptr_array_new();

	for (guint i = 0; i < relay->parts->len; i++) {
		const struct spool *spool = part_at(relay, i)->spool;

		for (unsigned int k = 0; k < spool_n_traces(spool); k++)
			if (is_ready(spool, k))
				g_ptr_array_add(folders, spool_trace(spool, k)->folder);
	}
	return folders;
}

/* ---- Attaching ---- */

static bool attach(struct relay_feed *relay, const struct live_url *url,
	const struct viewer_session *session, const char *folder, enum viewer_seek seek,
	const struct viewer_wait *wait, GError **error)
{
	struct part *part = g_new0(struct part, 1);
	char *own = relay->parts->len == 0 ? g_strdup(folder)
					   : g_strdup_printf("%s-%u", folder, relay->parts->len);

	g_ptr_array_add(relay->parts, part);
	part->viewer = viewer_connect(url->host, url->port, url->family, wait, error);
	if (part->viewer)
		part->spool = spool_new(part->viewer, session, seek, own, error);
	g_free(own);
	return part->spool != NULL;
}

/* Attaches to all sessions that are meant. */
static bool attach_all(struct relay_feed *relay, const struct live_url *url, const char *folder,
	enum viewer_seek seek, const struct viewer_wait *wait, GError **error)
{
	struct viewer *viewer = viewer_connect(url->host, url->port, url->family, wait, error);
	GPtrArray *sessions = viewer ? viewer_list(viewer, error) : NULL;
	bool ok = sessions != NULL;

	for (guint i = 0; ok && i < sessions->len; i++) {
		const struct viewer_session *session = g_ptr_array_index(sessions, i);

		if (strcmp(session->target, url->target) == 0 &&
			strcmp(session->name, url->session) == 0)
			ok = attach(relay, url, session, folder, seek, wait, error);
	}
	if (ok && relay->parts->len == 0) {
		g_set_error(error, VIEWER_ERROR, VIEWER_ERROR_REFUSED,
			"relay %s has no session '%s' of host '%s' (lttnga-run list net://%s lists them)",
			viewer_name(viewer), url->session, url->target, viewer_name(viewer));
		ok = false;
	}
	if (sessions)
		g_ptr_array_unref(sessions);
	viewer_close(viewer);
	return ok;
}

static void close_relay(struct feed *feed)
{
	struct relay_feed *relay = relay_of(feed);

	live_url_clear(&relay->url);
	g_free(relay->name);
	g_hash_table_unref(relay->files);
	g_ptr_array_unref(relay->parts);
	g_free(relay);
}

struct live_feed *relay_feed_new(const char *url, const char *folder, enum viewer_seek seek,
	const struct viewer_wait *wait, int64_t retry, GError **error)
{
	struct relay_feed *relay;
	struct live_url parts;
	bool ok;

	if (!live_url_parse(url, &parts, error))
		return NULL;
	if (!parts.session) {
		g_set_error(error, VIEWER_ERROR, VIEWER_ERROR_URL,
			"%s names no session: net://HOST[:PORT]/host/TARGET/SESSION (lttnga-run list %s "
			"lists them)",
			url, url);
		live_url_clear(&parts);
		return NULL;
	}
	relay = g_new0(struct relay_feed, 1);
	relay->name = g_strdup(url);
	relay->live = (struct live_feed){
		.feed = {.name = relay->name,
			.wait = wait_for_relay,
			.file = know_file,
			.metadata = know_metadata,
			.passed = drop_passed,
			.without_file = know_without_file},
		.folders = ready_folders,
		.close = close_relay,
	};
	relay->parts = g_ptr_array_new_with_free_func(free_part);
	relay->files = g_hash_table_new(g_str_hash, g_str_equal);
	relay->url = parts;
	relay->wait = *wait;
	relay->retry = retry * G_TIME_SPAN_MILLISECOND;
	ok = attach_all(relay, &parts, folder, seek, wait, error);
	if (ok)
		return &relay->live;
	close_relay(&relay->live.feed);
	return NULL;
}
