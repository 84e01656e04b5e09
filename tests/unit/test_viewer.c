/*
 * Viewers: what a relay answers, from a socket that holds it already; answers that end anywhere; answers that
 * no relay would send; and the URLs of relays.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/live/url.h"
#include "host/live/viewer.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* How long a viewer waits here for an answer, ms. */
#define PATIENCE 100

/* ---- A relay that has said all that it will say ---- */

static void put_u32(GByteArray *bytes, uint32_t value)
{
	value = GUINT32_TO_BE(value);
	g_byte_array_append(bytes, (const guint8 *)&value, sizeof(value));
}

static void put_u64(GByteArray *bytes, uint64_t value)
{
	value = GUINT64_TO_BE(value);
	g_byte_array_append(bytes, (const guint8 *)&value, sizeof(value));
}

/* A text in a field of so many bytes. */
static void put_text(GByteArray *bytes, const char *text, guint size)
{
	guint before = bytes->len;

	g_byte_array_set_size(bytes, before + size);
	memset(bytes->data + before, 0, size);
	memcpy(bytes->data + before, text, MIN(strlen(text), size));
}

static GByteArray *hello(uint32_t major, uint32_t minor)
{
	GByteArray *answers = g_byte_array_new();

	put_u64(answers, 1);
	put_u32(answers, major);
	put_u32(answers, minor);
	put_u32(answers, 1);
	return answers;
}

static void put_session(GByteArray *answers, const char *target, const char *name)
{
	put_u64(answers, 7);
	put_u32(answers, 500000);
	put_u32(answers, 1);
	put_u32(answers, 3);
	put_text(answers, target, 64);
	put_text(answers, name, 255);
}

static void put_stream(GByteArray *answers, uint64_t id, const char *path, const char *channel)
{
	put_u64(answers, id);
	put_u64(answers, 1);
	put_u32(answers, strcmp(channel, "metadata") == 0);
	put_text(answers, path, 4096);
	put_text(answers, channel, 255);
}

static void put_index(GByteArray *answers, uint64_t offset, uint64_t bits, uint64_t content,
	uint64_t begin, uint64_t end, uint32_t status, uint32_t flags)
{
	put_u64(answers, offset);
	put_u64(answers, bits);
	put_u64(answers, content);
	put_u64(answers, begin);
	put_u64(answers, end);
	put_u64(answers, 5);
	put_u64(answers, 2);
	put_u32(answers, status);
	put_u32(answers, flags);
}

/* A viewer of a relay whose answers, which are freed, end after `n` bytes. `relay`: its socket. */
static struct viewer *view(GByteArray *answers, guint n, int *relay, GError **error)
{
	const struct viewer_wait wait = {.patience = PATIENCE};
	int ends[2];

	g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
	g_assert_cmpint(write(ends[1], answers->data, n), ==, n);
	shutdown(ends[1], SHUT_WR);
	g_byte_array_unref(answers);
	*relay = ends[1];
	return viewer_take(ends[0], "relay", &wait, error);
}

static struct viewer *view_all(GByteArray *answers, int *relay)
{
	GError *error = NULL;
	struct viewer *viewer = view(answers, answers->len, relay, &error);

	g_assert_no_error(error);
	return viewer;
}

static void leave(struct viewer *viewer, int relay)
{
	viewer_close(viewer);
	close(relay);
}

/* An error with this code, and these words in its message; it is freed. */
static void expect(GError *error, enum viewer_error code, const char *words)
{
	g_assert_error(error, VIEWER_ERROR, (gint)code);
	if (!strstr(error->message, words))
		g_error("'%s' is not in '%s'", words, error->message);
	g_assert_null(strchr(error->message, '\n'));
	g_error_free(error);
}

/* ---- Sessions ---- */

static void check_session(
	GPtrArray *sessions, guint number, const char *target, const char *name, int ctf)
{
	const struct viewer_session *session = g_ptr_array_index(sessions, number);

	g_assert_cmpuint(session->id, ==, 7);
	g_assert_cmpuint(session->live_timer, ==, 500000);
	g_assert_cmpuint(session->viewers, ==, 1);
	g_assert_cmpuint(session->streams, ==, 3);
	g_assert_cmpstr(session->target, ==, target);
	g_assert_cmpstr(session->name, ==, name);
	g_assert_cmpint(session->ctf, ==, ctf);
}

static void test_sessions(void)
{
	char *full = g_strnfill(300, 'x'), *longest = g_strnfill(255, 'x');
	GByteArray *answers = hello(2, 13);
	GPtrArray *sessions;
	struct viewer *viewer;
	int relay;

	put_u32(answers, 2);
	put_session(answers, "box", "live");
	put_session(answers, "", full); /* its field has no end */
	viewer = view_all(answers, &relay);
	sessions = viewer_list(viewer, NULL);
	g_assert_cmpuint(sessions->len, ==, 2);
	check_session(sessions, 0, "box", "live", 0);
	check_session(sessions, 1, "", longest, 0);
	g_ptr_array_unref(sessions);
	leave(viewer, relay);
	g_free(longest);
	g_free(full);
}

/* From 2.15 on names are as long as they are. The version that counts is the older one of both. */
static void test_long_names(void)
{
	GByteArray *answers = hello(2, 99);
	GPtrArray *sessions;
	struct viewer *viewer;
	int relay;

	put_u32(answers, 2);
	for (uint32_t format = 0; format < 2; format++) {
		put_session(answers, "", "");
		g_byte_array_set_size(answers, answers->len - 64 - 255);
		put_u32(answers, 4);
		put_u32(answers, 300);
		put_u32(answers, format);
		put_text(answers, "box", 4);
		put_text(answers, "a name", 300);
	}
	viewer = view_all(answers, &relay);
	sessions = viewer_list(viewer, NULL);
	check_session(sessions, 0, "box", "a name", 1);
	check_session(sessions, 1, "box", "a name", 2);
	g_ptr_array_unref(sessions);
	leave(viewer, relay);
}

static void test_no_sessions(void)
{
	GByteArray *answers = hello(2, 4);
	GPtrArray *sessions;
	struct viewer *viewer;
	int relay;

	put_u32(answers, 0);
	viewer = view_all(answers, &relay);
	sessions = viewer_list(viewer, NULL);
	g_assert_cmpuint(sessions->len, ==, 0);
	g_ptr_array_unref(sessions);
	leave(viewer, relay);
}

/* ---- Attaching ---- */

static void check_stream(
	GPtrArray *streams, guint number, uint64_t id, const char *channel, bool is_metadata)
{
	const struct viewer_stream *stream = g_ptr_array_index(streams, number);

	g_assert_cmpuint(stream->id, ==, id);
	g_assert_cmpuint(stream->trace, ==, 1);
	g_assert_cmpint(stream->is_metadata, ==, is_metadata);
	g_assert_cmpstr(stream->path, ==, "kernel");
	g_assert_cmpstr(stream->channel, ==, channel);
}

static void test_streams(void)
{
	static const uint32_t statuses[] = {1, 2, 3, 4};
	static const enum viewer_status meanings[] = {
		VIEWER_NONE, VIEWER_NONE, VIEWER_OVER, VIEWER_OVER};
	GPtrArray *streams = viewer_streams_new();
	GByteArray *answers = hello(2, 13);
	struct viewer *viewer;
	int relay;

	put_u32(answers, 1);
	put_u32(answers, 1);
	put_u32(answers, 2);
	put_stream(answers, 3, "kernel", "chan_0");
	put_stream(answers, 4, "kernel", "metadata");
	put_u32(answers, 1);
	put_u32(answers, 1);
	put_stream(answers, 5, "kernel", "chan_1");
	for (guint i = 0; i < G_N_ELEMENTS(statuses); i++) {
		put_u32(answers, statuses[i]);
		put_u32(answers, 0);
	}
	viewer = view_all(answers, &relay);
	g_assert_true(viewer_attach(viewer, 7, "live", VIEWER_BEGINNING, streams, NULL));
	g_assert_cmpint(viewer_new_streams(viewer, 7, streams, NULL), ==, VIEWER_OK);
	g_assert_cmpuint(streams->len, ==, 3);
	check_stream(streams, 0, 3, "chan_0", false);
	check_stream(streams, 1, 4, "metadata", true);
	check_stream(streams, 2, 5, "chan_1", false);
	for (guint i = 0; i < G_N_ELEMENTS(statuses); i++)
		g_assert_cmpint(viewer_new_streams(viewer, 7, streams, NULL), ==, meanings[i]);
	g_assert_cmpuint(streams->len, ==, 3);
	g_ptr_array_unref(streams);
	leave(viewer, relay);
}

/* After a refusal the connection can still be used. */
static void test_refusals(void)
{
	static const char *const words[] = {[2] = "session live: another viewer is attached",
		[3] = "no such session",
		[4] = "not a live session",
		[5] = "cannot start",
		[6] = "viewer session"};
	GPtrArray *streams = viewer_streams_new();
	GByteArray *answers = hello(2, 13);
	struct viewer *viewer;
	int relay;

	put_u32(answers, 1);
	for (uint32_t status = 2; status <= 6; status++) {
		put_u32(answers, status);
		put_u32(answers, 0);
	}
	viewer = view_all(answers, &relay);
	for (uint32_t status = 2; status <= 6; status++) {
		GError *error = NULL;

		g_assert_false(viewer_attach(viewer, 7, "live", VIEWER_LAST, streams, &error));
		expect(error, VIEWER_ERROR_REFUSED, words[status]);
	}
	g_ptr_array_unref(streams);
	leave(viewer, relay);
}

/* What is sent: where to start must not get lost. */
static void test_requests(void)
{
	GPtrArray *streams = viewer_streams_new();
	GByteArray *answers = hello(2, 13), *requests = g_byte_array_new();
	uint8_t sent[256];
	ssize_t n;
	struct viewer *viewer;
	int relay;

	put_u32(answers, 1);
	put_u32(answers, 1);
	put_u32(answers, 0);
	viewer = view_all(answers, &relay);
	g_assert_true(viewer_attach(viewer, 7, "live", VIEWER_BEGINNING, streams, NULL));
	put_u64(requests, 20);
	put_u32(requests, 1);
	put_u32(requests, 0);
	put_u64(requests, UINT64_MAX);
	put_u32(requests, 2);
	put_u32(requests, 15);
	put_u32(requests, 1);
	put_u64(requests, 0);
	put_u32(requests, 8);
	put_u32(requests, 0);
	put_u64(requests, 20);
	put_u32(requests, 3);
	put_u32(requests, 0);
	put_u64(requests, 7);
	put_u64(requests, 0);
	put_u32(requests, 1);
	n = read(relay, sent, sizeof(sent));
	g_assert_cmpmem(sent, n, requests->data, requests->len);
	g_byte_array_unref(requests);
	g_ptr_array_unref(streams);
	leave(viewer, relay);
}

/* ---- What streams hold ---- */

static void put_metadata(GByteArray *answers, const char *text, uint32_t status)
{
	put_u64(answers, strlen(text));
	put_u32(answers, status);
	put_text(answers, text, strlen(text));
}

static void test_metadata(void)
{
	GByteArray *answers = hello(2, 13), *metadata = g_byte_array_new();
	struct viewer *viewer;
	int relay;

	put_metadata(answers, "trace ", 1);
	put_metadata(answers, "", 1);
	put_metadata(answers, "{};", 1);
	put_metadata(answers, "", 2);
	put_metadata(answers, "", 3);
	viewer = view_all(answers, &relay);
	for (int i = 0; i < 3; i++)
		g_assert_cmpint(viewer_metadata(viewer, 4, metadata, NULL), ==, VIEWER_OK);
	g_assert_cmpint(viewer_metadata(viewer, 4, metadata, NULL), ==, VIEWER_NONE);
	g_assert_cmpint(viewer_metadata(viewer, 4, metadata, NULL), ==, VIEWER_OVER);
	g_assert_cmpmem(metadata->data, metadata->len, "trace {};", 9);
	g_byte_array_unref(metadata);
	leave(viewer, relay);
}

static void test_indexes(void)
{
	GByteArray *answers = hello(2, 13);
	struct viewer_index index;
	GError *error = NULL;
	struct viewer *viewer;
	int relay;

	put_index(answers, 4096, 8 * 8192, 100, 10, 20, 1, 3);
	put_index(answers, 0, 0, 0, 0, 0, 2, 1);
	put_index(answers, 0, 0, 0, 0, 30, 5, 0);
	put_index(answers, 0, 0, 0, 0, 0, 3, 2);
	put_index(answers, 0, 0, 0, 0, 0, 6, 0);
	put_index(answers, 0, 0, 0, 0, 0, 4, 0);
	viewer = view_all(answers, &relay);
	g_assert_cmpint(viewer_next_index(viewer, 3, &index, NULL), ==, VIEWER_OK);
	g_assert_cmpuint(index.offset, ==, 4096);
	g_assert_cmpuint(index.size, ==, 8192);
	g_assert_cmpuint(index.content, ==, 100);
	g_assert_cmpuint(index.begin, ==, 10);
	g_assert_cmpuint(index.end, ==, 20);
	g_assert_cmpuint(index.lost, ==, 5);
	g_assert_cmpuint(index.stream_class, ==, 2);
	g_assert_true(index.new_metadata && index.new_streams);
	g_assert_cmpint(viewer_next_index(viewer, 3, &index, NULL), ==, VIEWER_NONE);
	g_assert_true(index.new_metadata && !index.new_streams);
	g_assert_cmpint(viewer_next_index(viewer, 3, &index, NULL), ==, VIEWER_INACTIVE);
	g_assert_cmpuint(index.end, ==, 30);
	g_assert_cmpint(viewer_next_index(viewer, 3, &index, NULL), ==, VIEWER_OVER);
	g_assert_true(!index.new_metadata && index.new_streams);
	g_assert_cmpint(viewer_next_index(viewer, 3, &index, NULL), ==, VIEWER_OVER);
	g_assert_cmpint(viewer_next_index(viewer, 3, &index, &error), ==, VIEWER_FAILED);
	expect(error, VIEWER_ERROR_LOST, "cannot read the index of stream 3");
	leave(viewer, relay);
}

static void put_packet(GByteArray *answers, uint32_t status, const char *bytes, uint32_t flags)
{
	put_u32(answers, status);
	put_u32(answers, strlen(bytes));
	put_u32(answers, flags);
	put_text(answers, bytes, strlen(bytes));
}

static void test_packets(void)
{
	GByteArray *answers = hello(2, 13);
	struct viewer_index index = {0};
	GError *error = NULL;
	struct viewer *viewer;
	uint8_t bytes[8];
	uint32_t got;
	int relay;

	put_packet(answers, 1, "abc", 0);
	put_packet(answers, 2, "", 0);
	put_packet(answers, 3, "", 1);
	put_packet(answers, 4, "", 0);
	put_packet(answers, 3, "", 0);
	viewer = view_all(answers, &relay);
	g_assert_cmpint(viewer_packet(viewer, 3, 0, 8, bytes, &got, &index, NULL), ==, VIEWER_OK);
	g_assert_cmpmem(bytes, got, "abc", 3);
	g_assert_cmpint(viewer_packet(viewer, 3, 3, 5, bytes, &got, &index, NULL), ==, VIEWER_NONE);
	g_assert_false(index.new_metadata);
	g_assert_cmpint(viewer_packet(viewer, 3, 3, 5, bytes, &got, &index, NULL), ==, VIEWER_NONE);
	g_assert_true(index.new_metadata);
	g_assert_cmpint(viewer_packet(viewer, 3, 3, 5, bytes, &got, &index, NULL), ==, VIEWER_OVER);
	g_assert_cmpint(
		viewer_packet(viewer, 3, 3, 5, bytes, &got, &index, &error), ==, VIEWER_FAILED);
	expect(error, VIEWER_ERROR_LOST, "cannot read a packet of stream 3");
	leave(viewer, relay);
}

/* ---- What goes wrong ---- */

/* Asks for one thing of each kind. False with `error` at the first that fails. */
static bool ask_all(struct viewer *viewer, GError **error)
{
	GPtrArray *streams = viewer_streams_new(), *sessions = viewer_list(viewer, error);
	GByteArray *metadata = g_byte_array_new();
	struct viewer_index index;
	uint8_t bytes[8];
	uint32_t got;
	bool ok = sessions && viewer_attach(viewer, 7, "live", VIEWER_BEGINNING, streams, error) &&
		  viewer_new_streams(viewer, 7, streams, error) != VIEWER_FAILED &&
		  viewer_metadata(viewer, 4, metadata, error) != VIEWER_FAILED &&
		  viewer_next_index(viewer, 3, &index, error) != VIEWER_FAILED &&
		  viewer_packet(viewer, 3, 0, 8, bytes, &got, &index, error) != VIEWER_FAILED &&
		  viewer_detach(viewer, 7, error);

	g_clear_pointer(&sessions, g_ptr_array_unref);
	g_ptr_array_unref(streams);
	g_byte_array_unref(metadata);
	return ok;
}

static GByteArray *all_answers(void)
{
	GByteArray *answers = hello(2, 13);

	put_u32(answers, 1);
	put_session(answers, "box", "live");
	put_u32(answers, 1);
	put_u32(answers, 1);
	put_u32(answers, 1);
	put_stream(answers, 3, "kernel", "chan_0");
	put_u32(answers, 2);
	put_u32(answers, 0);
	put_metadata(answers, "trace {};", 1);
	put_index(answers, 0, 64, 64, 1, 2, 1, 0);
	put_packet(answers, 1, "12345678", 0);
	put_u32(answers, 1);
	return answers;
}

/* Wherever a relay falls silent for good, that is what is said, once and ever after. */
static void test_lost(void)
{
	GByteArray *whole = all_answers();
	guint size = whole->len;

	g_byte_array_unref(whole);
	for (guint n = 0; n <= size; n += n > 400 && n < 4600 ? 199 : 1) {
		GError *error = NULL;
		int relay;
		struct viewer *viewer = view(all_answers(), n, &relay, &error);

		if (n == size) {
			g_assert_true(ask_all(viewer, &error));
		} else {
			g_assert_false(viewer && ask_all(viewer, &error));
			expect(error, VIEWER_ERROR_LOST, "relay relay closed the connection");
			error = NULL;
			g_assert_false(viewer && viewer_detach(viewer, 7, &error));
			if (viewer)
				expect(error, VIEWER_ERROR_LOST, "closed");
		}
		leave(viewer, relay);
	}
}

/* The answers up to a place, and then this number. */
static void check_nonsense(guint at, uint64_t number, guint size, const char *words)
{
	GByteArray *answers = all_answers();
	GError *error = NULL;
	struct viewer *viewer;
	int relay;

	number = GUINT64_TO_BE(number);
	memcpy(answers->data + at, (const uint8_t *)&number + 8 - size, size);
	viewer = view(answers, answers->len, &relay, &error);
	g_assert_false(viewer && ask_all(viewer, &error));
	expect(error, VIEWER_ERROR_PROTOCOL, words);
	leave(viewer, relay);
}

static void test_nonsense(void)
{
	enum {
		LIST = 20,
		CREATE = LIST + 4 + 339,
		ATTACH = CREATE + 4,
		NEW_STREAMS = ATTACH + 8 + 4371,
		METADATA = NEW_STREAMS + 8,
		INDEX = METADATA + 12 + 9,
		PACKET = INDEX + 64
	};

	check_nonsense(8, 3, 4, "major version 3");
	check_nonsense(LIST, UINT32_MAX, 4, "number of sessions 4294967295");
	check_nonsense(CREATE, 2, 4, "status 2");
	check_nonsense(ATTACH, 7, 4, "status 7");
	check_nonsense(ATTACH + 4, 1u << 31, 4, "number of streams 2147483648");
	check_nonsense(NEW_STREAMS, 0, 4, "status 0");
	check_nonsense(METADATA, UINT64_C(1) << 63, 8, "metadata of length 9223372036854775808");
	check_nonsense(METADATA + 8, 4, 4, "status 4");
	check_nonsense(INDEX, UINT64_MAX, 8, "a packet at byte 18446744073709551615");
	check_nonsense(INDEX + 8, 0, 8, "size in bits is 0");
	check_nonsense(INDEX + 8, 65, 8, "size in bits is 65");
	check_nonsense(INDEX + 8, UINT64_C(1) << 63, 8, "size in bits is 9223372036854775808");
	check_nonsense(INDEX + 16, 65, 8, "content in bits is 65");
	check_nonsense(INDEX + 24, 3, 8, "ends before it begins, at 2");
	check_nonsense(INDEX + 56, 7, 4, "status 7");
	check_nonsense(PACKET, 5, 4, "status 5");
	check_nonsense(PACKET + 4, 9, 4, "a part of a packet of length 9");
	check_nonsense(PACKET + 4, 0, 4, "a part of a packet of length 0");
}

static bool is_over(void *data)
{
	return g_get_monotonic_time() >= *(gint64 *)data;
}

/* A relay that says nothing is given up, or the caller stops waiting for it. */
static void test_silence(void)
{
	gint64 begin = g_get_monotonic_time(), end = begin + 50000;
	const struct viewer_wait patient = {60000, is_over, &end},
				 impatient = {PATIENCE, NULL, NULL};
	GError *error = NULL;
	int ends[2];

	g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
	g_assert_null(viewer_take(ends[0], "relay", &patient, &error));
	expect(error, VIEWER_ERROR_STOPPED, "interrupted");
	g_assert_cmpint(g_get_monotonic_time() - begin, <, 2000000);
	close(ends[1]);
	error = NULL;
	g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
	g_assert_null(viewer_take(ends[0], "relay", &impatient, &error));
	expect(error, VIEWER_ERROR_LOST, "relay relay does not answer");
	close(ends[1]);
}

static void test_no_relay(void)
{
	const struct viewer_wait wait = {.patience = PATIENCE};
	GError *error = NULL;

	/* Nobody listens at port 1. */
	g_assert_null(viewer_connect("127.0.0.1", 1, AF_UNSPEC, &wait, &error));
	expect(error, VIEWER_ERROR_CONNECT,
		"cannot connect to relay 127.0.0.1:1: Connection refused");
}

/* ---- URLs ---- */

static void test_urls(void)
{
	static const struct {
		const char *text, *host;
		unsigned int port;
		int family;
		const char *target, *session;
	} good[] = {
		{"net://box", "box", 5344, AF_UNSPEC, NULL, NULL},
		{"net://box/", "box", 5344, AF_UNSPEC, NULL, NULL},
		{"net4://10.0.0.1:80", "10.0.0.1", 80, AF_INET, NULL, NULL},
		{"net6://[::1]:80/host/a/b c", "::1", 80, AF_INET6, "a", "b c"},
		{"net://[fe80::1]", "fe80::1", 5344, AF_UNSPEC, NULL, NULL},
		{"net://box:65535/host/a/b", "box", 65535, AF_UNSPEC, "a", "b"},
	};
	static const char *const bad[] = {"", "box", "net:/box", "net5://box", "net://",
		"net://:80", "net://box:", "net://box:0", "net://box:65536", "net://box:-1",
		"net://box: 1", "net://box:1x", "net://[::1", "net://[::1]x", "net://[]",
		"net://::1", "net://box/host", "net://box/host/a", "net://box/host/a/",
		"net://box/host//b", "net://box/host/a/b/c", "net://box/a/b/c", "tcp://box"};

	for (guint i = 0; i < G_N_ELEMENTS(good); i++) {
		struct live_url url;

		g_assert_true(live_url_parse(good[i].text, &url, NULL));
		g_assert_cmpstr(url.host, ==, good[i].host);
		g_assert_cmpuint(url.port, ==, good[i].port);
		g_assert_cmpint(url.family, ==, good[i].family);
		g_assert_cmpstr(url.target, ==, good[i].target);
		g_assert_cmpstr(url.session, ==, good[i].session);
		if (url.session) {
			char *again = live_url_of(&url, url.target, url.session);

			g_assert_cmpstr(again, ==, good[i].text);
			g_free(again);
		}
		live_url_clear(&url);
	}
	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		struct live_url url;
		GError *error = NULL;

		g_assert_false(live_url_parse(bad[i], &url, &error));
		expect(error, VIEWER_ERROR_URL, bad[i]);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/viewer/sessions", test_sessions);
	g_test_add_func("/viewer/long_names", test_long_names);
	g_test_add_func("/viewer/no_sessions", test_no_sessions);
	g_test_add_func("/viewer/streams", test_streams);
	g_test_add_func("/viewer/refusals", test_refusals);
	g_test_add_func("/viewer/requests", test_requests);
	g_test_add_func("/viewer/metadata", test_metadata);
	g_test_add_func("/viewer/indexes", test_indexes);
	g_test_add_func("/viewer/packets", test_packets);
	g_test_add_func("/viewer/lost", test_lost);
	g_test_add_func("/viewer/nonsense", test_nonsense);
	g_test_add_func("/viewer/silence", test_silence);
	g_test_add_func("/viewer/no_relay", test_no_relay);
	g_test_add_func("/viewer/urls", test_urls);
	return g_test_run();
}
