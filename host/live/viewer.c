/*
 * A viewer: the client's side of the protocol of relay daemons.
 *
 * All numbers are big-endian. A request is 16 bytes (the length of its body, its number, 0) and a body; an
 * answer has no header: what it looks like follows from the request, so that after one that makes no sense
 * the rest is lost, too.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/live/viewer.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* How often the caller is asked whether to stop, ms. */
#define LOOK 50

/* Long answers are received in such pieces, each of which the relay has its time for. */
#define PIECE 65536

#define MAJOR 2

/* From this minor version on, names in lists of sessions have any length. */
#define MINOR_OF_LONG_NAMES 15

enum command {
	CONNECT = 1,
	LIST,
	ATTACH,
	NEXT_INDEX,
	PACKET,
	METADATA,
	NEW_STREAMS,
	CREATE,
	DETACH
};

/* The lengths of texts, and of a name as newer relays send it at most. */
enum { HOSTNAME = 64, NAME = 255, PATH = 4096, LONG_NAME_MAX = 4096 };

/* The lengths of answers, or of their beginnings. */
enum {
	CONNECT_ANSWER = 20,
	SESSION_HEAD = 20,
	STREAM_HEAD = 20,
	INDEX_ANSWER = 64,
	PACKET_ANSWER = 12,
	METADATA_ANSWER = 12
};

enum { FLAG_METADATA = 1, FLAG_STREAMS = 2 };

struct viewer {
	int fd; /* -1: the connection is closed */
	char *name;
	struct viewer_wait wait;
	uint32_t minor;  /* of the version that both speak */
	bool is_created; /* the relay has made us a viewer's session, to which others are attached */
};

/* ---- Errors ---- */

static void hang_up(struct viewer *viewer)
{
	if (viewer->fd >= 0)
		close(viewer->fd);
	viewer->fd = -1;
}

/* Closes the connection; false. */
static bool G_GNUC_PRINTF(4, 5) give_up(
	struct viewer *viewer, GError **error, enum viewer_error code, const char *format, ...)
{
	va_list arguments;

	hang_up(viewer);
	va_start(arguments, format);
	g_propagate_error(error, g_error_new_valist(VIEWER_ERROR, code, format, arguments));
	va_end(arguments);
	return false;
}

static bool lose(struct viewer *viewer, GError **error)
{
	return give_up(
		viewer, error, VIEWER_ERROR_LOST, "relay %s closed the connection", viewer->name);
}

/* An answer that makes no sense: `what` says why, with a number. */
static bool refuse(struct viewer *viewer, GError **error, const char *what, uint64_t number)
{
	return give_up(viewer, error, VIEWER_ERROR_PROTOCOL,
		"relay %s sent an answer that is not of the viewer protocol: %s %" G_GUINT64_FORMAT,
		viewer->name, what, number);
}

static enum viewer_status refuse_status(struct viewer *viewer, GError **error, uint32_t status)
{
	refuse(viewer, error, "status", status);
	return VIEWER_FAILED;
}

/* What the relay says is an error of its own: it does not say which. */
static enum viewer_status relay_failed(
	struct viewer *viewer, GError **error, const char *what, uint64_t stream)
{
	give_up(viewer, error, VIEWER_ERROR_LOST,
		"relay %s cannot read %s of stream %" G_GUINT64_FORMAT, viewer->name, what, stream);
	return VIEWER_FAILED;
}

/* ---- Sending and receiving ---- */

static int64_t now_ms(void)
{
	return g_get_monotonic_time() / 1000;
}

static bool is_to_stop(const struct viewer_wait *wait)
{
	return wait->stop && wait->stop(wait->data);
}

/* Waits until a socket is ready for `events`; false with `error` when it is not by `deadline`. */
static bool wait_for(struct viewer *viewer, short events, int64_t deadline, GError **error)
{
	for (;;) {
		struct pollfd poll_fd = {.fd = viewer->fd, .events = events};
		int64_t left = deadline - now_ms();

		if (is_to_stop(&viewer->wait))
			return give_up(viewer, error, VIEWER_ERROR_STOPPED, "interrupted");
		if (left <= 0)
			return give_up(viewer, error, VIEWER_ERROR_LOST, "relay %s does not answer",
				viewer->name);
		if (poll(&poll_fd, 1, (int)MIN(left, LOOK)) > 0)
			return true;
	}
}

static bool is_worth_waiting(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static bool send_all(struct viewer *viewer, const uint8_t *bytes, size_t n, GError **error)
{
	int64_t deadline = now_ms() + viewer->wait.patience;

	while (n > 0) {
		ssize_t sent = send(viewer->fd, bytes, n, MSG_NOSIGNAL);

		if (sent < 0 && !is_worth_waiting())
			return lose(viewer, error);
		if (sent < 0 && !wait_for(viewer, POLLOUT, deadline, error))
			return false;
		if (sent > 0) {
			bytes += sent;
			n -= (size_t)sent;
		}
	}
	return true;
}

/* Receives exactly so many bytes, PIECE at most for each time that the relay has. */
static bool receive(struct viewer *viewer, uint8_t *bytes, size_t n, GError **error)
{
	int64_t deadline = now_ms() + viewer->wait.patience;
	size_t piece = 0;

	while (n > 0) {
		ssize_t received = recv(viewer->fd, bytes, n, 0);

		if (received == 0 || (received < 0 && !is_worth_waiting()))
			return lose(viewer, error);
		if (received > 0) {
			bytes += received;
			n -= (size_t)received;
			piece += (size_t)received;
		}
		if (piece >= PIECE) {
			deadline = now_ms() + viewer->wait.patience;
			piece = 0;
		}
		/* A relay that sends byte by byte must come to an end, too. */
		if (n > 0 && !wait_for(viewer, POLLIN, deadline, error))
			return false;
	}
	return true;
}

static void put_u32(GByteArray *request, uint32_t value)
{
	value = GUINT32_TO_BE(value);
	g_byte_array_append(request, (const guint8 *)&value, sizeof(value));
}

static void put_u64(GByteArray *request, uint64_t value)
{
	value = GUINT64_TO_BE(value);
	g_byte_array_append(request, (const guint8 *)&value, sizeof(value));
}

static uint32_t get_u32(const uint8_t **at)
{
	uint32_t value;

	memcpy(&value, *at, sizeof(value));
	*at += sizeof(value);
	return GUINT32_FROM_BE(value);
}

static uint64_t get_u64(const uint8_t **at)
{
	uint64_t value;

	memcpy(&value, *at, sizeof(value));
	*at += sizeof(value);
	return GUINT64_FROM_BE(value);
}

/* The text in a field of so many bytes, which need not have an end. */
static char *get_text(const uint8_t **at, size_t size)
{
	char *text = g_strndup((const char *)*at, size);

	*at += size;
	return text;
}

/* Sends a request, whose body is freed, and receives the first `n` bytes of the answer. */
static bool ask(struct viewer *viewer, enum command command, GByteArray *body, uint8_t *answer,
	size_t n, GError **error)
{
	GByteArray *request = g_byte_array_new();
	bool ok;

	put_u64(request, body->len);
	put_u32(request, command);
	put_u32(request, 0);
	g_byte_array_append(request, body->data, body->len);
	g_byte_array_unref(body);
	/* A relay that is fast enough never makes us wait. */
	if (is_to_stop(&viewer->wait))
		ok = give_up(viewer, error, VIEWER_ERROR_STOPPED, "interrupted");
	else if (viewer->fd < 0)
		ok = give_up(viewer, error, VIEWER_ERROR_LOST,
			"the connection to relay %s is closed", viewer->name);
	else
		ok = send_all(viewer, request->data, request->len, error);
	g_byte_array_unref(request);
	return ok && receive(viewer, answer, n, error);
}

/* A request's body that is one number. */
static GByteArray *about(uint64_t number)
{
	GByteArray *body = g_byte_array_new();

	put_u64(body, number);
	return body;
}

/* ---- The connection ---- */

static bool shake_hands(struct viewer *viewer, GError **error)
{
	uint8_t answer[CONNECT_ANSWER];
	const uint8_t *at = answer;
	GByteArray *body = about(UINT64_MAX);
	uint32_t major;

	put_u32(body, MAJOR);
	put_u32(body, VIEWER_MINOR);
	put_u32(body, 1); /* for commands */
	if (!ask(viewer, CONNECT, body, answer, sizeof(answer), error))
		return false;
	get_u64(&at);
	major = get_u32(&at);
	viewer->minor = MIN(get_u32(&at), VIEWER_MINOR);
	if (major != MAJOR)
		return refuse(viewer, error, "major version", major);
	return true;
}

struct viewer *viewer_take(int fd, const char *name, const struct viewer_wait *wait, GError **error)
{
	struct viewer *viewer = g_new0(struct viewer, 1);

	viewer->fd = fd;
	viewer->name = g_strdup(name);
	viewer->wait = *wait;
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	if (!shake_hands(viewer, error))
		g_clear_pointer(&viewer, viewer_close);
	return viewer;
}

void viewer_close(struct viewer *viewer)
{
	if (!viewer)
		return;
	hang_up(viewer);
	g_free(viewer->name);
	g_free(viewer);
}

const char *viewer_name(const struct viewer *viewer)
{
	return viewer->name;
}

bool viewer_pause(struct viewer *viewer, int64_t ms, GError **error)
{
	int64_t end = now_ms() + ms;

	for (int64_t left = ms; left > 0; left = end - now_ms()) {
		if (is_to_stop(&viewer->wait))
			return give_up(viewer, error, VIEWER_ERROR_STOPPED, "interrupted");
		g_usleep((gulong)MIN(left, LOOK) * 1000);
	}
	return true;
}

/* Waits for a connection that is being made. What went wrong: an errno, 0 if nothing did; -1: it is to stop. */
static int finish_connecting(int fd, const struct viewer_wait *wait)
{
	int64_t deadline = now_ms() + wait->patience, left;

	while ((left = deadline - now_ms()) > 0) {
		struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
		int failed = 0;
		socklen_t size = sizeof(failed);

		if (is_to_stop(wait))
			return -1;
		if (poll(&poll_fd, 1, (int)MIN(left, LOOK)) <= 0)
			continue;
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &size) < 0)
			failed = errno;
		return failed;
	}
	return ETIMEDOUT;
}

/* A connected socket, or -1 with what went wrong, as above. */
static int connect_to(const struct addrinfo *address, const struct viewer_wait *wait, int *failed)
{
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0) {
		*failed = errno;
		return -1;
	}
	*failed = connect(fd, address->ai_addr, address->ai_addrlen) == 0 ? 0 : errno;
	if (*failed == EINPROGRESS)
		*failed = finish_connecting(fd, wait);
	if (*failed != 0) {
		close(fd);
		return -1;
	}
	/* Requests are small, and each waits for its answer. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	/* A relay whose machine is gone is noticed in the end, even while there is nothing to ask. */
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	return fd;
}

static int connect_to_any(const struct addrinfo *addresses, const char *name,
	const struct viewer_wait *wait, GError **error)
{
	int failed = 0, fd = -1;

	for (const struct addrinfo *one = addresses; one && fd < 0 && failed >= 0;
		one = one->ai_next)
		fd = connect_to(one, wait, &failed);
	if (fd >= 0)
		return fd;
	if (failed < 0)
		g_set_error(error, VIEWER_ERROR, VIEWER_ERROR_STOPPED, "interrupted");
	else
		g_set_error(error, VIEWER_ERROR, VIEWER_ERROR_CONNECT,
			"cannot connect to relay %s: %s", name, g_strerror(failed));
	return -1;
}

struct viewer *viewer_connect(const char *host, unsigned int port, int family,
	const struct viewer_wait *wait, GError **error)
{
	struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_STREAM}, *addresses;
	char *name = g_strdup_printf(strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, port),
	     *service = g_strdup_printf("%u", port);
	struct viewer *viewer = NULL;
	int failed = getaddrinfo(host, service, &hints, &addresses), fd = -1;

	if (failed != 0) {
		g_set_error(error, VIEWER_ERROR, VIEWER_ERROR_CONNECT,
			"cannot connect to relay %s: %s", name, gai_strerror(failed));
	} else {
		fd = connect_to_any(addresses, name, wait, error);
		freeaddrinfo(addresses);
	}
	if (fd >= 0)
		viewer = viewer_take(fd, name, wait, error);
	g_free(service);
	g_free(name);
	return viewer;
}

/* ---- Sessions ---- */

static void free_session(gpointer data)
{
	struct viewer_session *session = data;

	g_free(session->target);
	g_free(session->name);
	g_free(session);
}

/* The names of a session as older relays send them: each in a field of its own. */
static bool receive_names(struct viewer *viewer, struct viewer_session *session, GError **error)
{
	uint8_t names[HOSTNAME + NAME];
	const uint8_t *at = names;

	if (!receive(viewer, names, sizeof(names), error))
		return false;
	session->target = get_text(&at, HOSTNAME);
	session->name = get_text(&at, NAME);
	return true;
}

static bool receive_long_names(
	struct viewer *viewer, struct viewer_session *session, GError **error)
{
	uint8_t head[12], names[2 * LONG_NAME_MAX];
	const uint8_t *at = head;
	uint32_t target, name, format;

	if (!receive(viewer, head, sizeof(head), error))
		return false;
	target = get_u32(&at);
	name = get_u32(&at);
	format = get_u32(&at);
	if (target > LONG_NAME_MAX || name > LONG_NAME_MAX)
		return refuse(viewer, error, "a name of length", MAX(target, name));
	if (format > 1)
		return refuse(viewer, error, "trace format", format);
	if (!receive(viewer, names, target + name, error))
		return false;
	at = names;
	session->target = get_text(&at, target);
	session->name = get_text(&at, name);
	session->ctf = format == 0 ? 1 : 2;
	return true;
}

static bool receive_session(struct viewer *viewer, GPtrArray *sessions, GError **error)
{
	uint8_t head[SESSION_HEAD];
	const uint8_t *at = head;
	struct viewer_session *session;

	if (!receive(viewer, head, sizeof(head), error))
		return false;
	session = g_new0(struct viewer_session, 1);
	g_ptr_array_add(sessions, session);
	session->id = get_u64(&at);
	session->live_timer = get_u32(&at);
	session->viewers = get_u32(&at);
	session->streams = get_u32(&at);
	return viewer->minor >= MINOR_OF_LONG_NAMES ? receive_long_names(viewer, session, error)
						    : receive_names(viewer, session, error);
}

GPtrArray *viewer_list(struct viewer *viewer, GError **error)
{
	uint8_t answer[4];
	const uint8_t *at = answer;
	GPtrArray *sessions;
	uint32_t n;

	if (!ask(viewer, LIST, g_byte_array_new(), answer, sizeof(answer), error))
		return NULL;
	n = get_u32(&at);
	if (n > VIEWER_SESSIONS_MAX) {
		refuse(viewer, error, "number of sessions", n);
		return NULL;
	}
	sessions = g_ptr_array_new_with_free_func(free_session);
	for (uint32_t i = 0; i < n; i++)
		if (!receive_session(viewer, sessions, error)) {
			g_ptr_array_unref(sessions);
			return NULL;
		}
	return sessions;
}

/* ---- Streams ---- */

static void free_stream(gpointer data)
{
	struct viewer_stream *stream = data;

	g_free(stream->path);
	g_free(stream->channel);
	g_free(stream);
}

GPtrArray *viewer_streams_new(void)
{
	return g_ptr_array_new_with_free_func(free_stream);
}

static bool receive_streams(struct viewer *viewer, uint32_t n, GPtrArray *streams, GError **error)
{
	uint8_t record[STREAM_HEAD + PATH + NAME];

	if (n > VIEWER_STREAMS_MAX)
		return refuse(viewer, error, "number of streams", n);
	for (uint32_t i = 0; i < n; i++) {
		const uint8_t *at = record;
		struct viewer_stream *stream;

		if (!receive(viewer, record, sizeof(record), error))
			return false;
		stream = g_new0(struct viewer_stream, 1);
		stream->id = get_u64(&at);
		stream->trace = get_u64(&at);
		stream->is_metadata = get_u32(&at) != 0;
		stream->path = get_text(&at, PATH);
		stream->channel = get_text(&at, NAME);
		g_ptr_array_add(streams, stream);
	}
	return true;
}

/* Asks the relay to make us what sessions are attached to, once. */
static bool create(struct viewer *viewer, GError **error)
{
	uint8_t answer[4];
	const uint8_t *at = answer;
	uint32_t status;

	if (viewer->is_created)
		return true;
	if (!ask(viewer, CREATE, g_byte_array_new(), answer, sizeof(answer), error))
		return false;
	status = get_u32(&at);
	viewer->is_created = status == 1;
	return viewer->is_created || refuse(viewer, error, "status", status);
}

/* Why a relay does not attach a viewer, by its status; NULL if that is none. */
static const char *refusal(uint32_t status)
{
	static const char *const texts[] = {
		[2] = "another viewer is attached",
		[3] = "the relay has no such session, or it has ended, or its format is not for viewers of this version",
		[4] = "it is not a live session (lttng create --live)",
		[5] = "the relay cannot start where it was asked to",
		[6] = "the relay did not create a viewer session",
	};

	return status < G_N_ELEMENTS(texts) ? texts[status] : NULL;
}

bool viewer_attach(struct viewer *viewer, uint64_t session, const char *name, enum viewer_seek seek,
	GPtrArray *streams, GError **error)
{
	uint8_t answer[8];
	const uint8_t *at = answer;
	GByteArray *body;
	uint32_t status, n;

	if (!create(viewer, error))
		return false;
	body = about(session);
	put_u64(body, 0);
	put_u32(body, seek);
	if (!ask(viewer, ATTACH, body, answer, sizeof(answer), error))
		return false;
	status = get_u32(&at);
	n = get_u32(&at);
	if (status == 1)
		return receive_streams(viewer, n, streams, error);
	if (!refusal(status))
		return refuse(viewer, error, "status", status);
	g_set_error(
		error, VIEWER_ERROR, VIEWER_ERROR_REFUSED, "session %s: %s", name, refusal(status));
	return false;
}

enum viewer_status viewer_new_streams(
	struct viewer *viewer, uint64_t session, GPtrArray *streams, GError **error)
{
	uint8_t answer[8];
	const uint8_t *at = answer;
	uint32_t status, n;

	if (!ask(viewer, NEW_STREAMS, about(session), answer, sizeof(answer), error))
		return VIEWER_FAILED;
	status = get_u32(&at);
	n = get_u32(&at);
	switch (status) {
	case 1:
		if (n == 0)
			return VIEWER_NONE;
		return receive_streams(viewer, n, streams, error) ? VIEWER_OK : VIEWER_FAILED;
	case 2:
		return VIEWER_NONE;
	case 3: /* it does not know the session any more */
	case 4:
		return VIEWER_OVER;
	default:
		return refuse_status(viewer, error, status);
	}
}

bool viewer_detach(struct viewer *viewer, uint64_t session, GError **error)
{
	uint8_t answer[4];

	/* Whether it was attached makes no difference. */
	return ask(viewer, DETACH, about(session), answer, sizeof(answer), error);
}

/* ---- What they hold ---- */

/* Appends `n` bytes of the answer: memory is taken as they come. */
static bool receive_bytes(struct viewer *viewer, uint64_t n, GByteArray *bytes, GError **error)
{
	while (n > 0) {
		guint piece = (guint)MIN(n, PIECE), before = bytes->len;

		g_byte_array_set_size(bytes, before + piece);
		if (!receive(viewer, bytes->data + before, piece, error))
			return false;
		n -= piece;
	}
	return true;
}

enum viewer_status viewer_metadata(
	struct viewer *viewer, uint64_t stream, GByteArray *metadata, GError **error)
{
	uint8_t answer[METADATA_ANSWER];
	const uint8_t *at = answer;
	uint64_t length;
	uint32_t status;

	if (!ask(viewer, METADATA, about(stream), answer, sizeof(answer), error))
		return VIEWER_FAILED;
	length = get_u64(&at);
	status = get_u32(&at);
	switch (status) {
	case 1:
		if (length > VIEWER_METADATA_MAX || length > UINT32_MAX - metadata->len) {
			refuse(viewer, error, "metadata of length", length);
			return VIEWER_FAILED;
		}
		return receive_bytes(viewer, length, metadata, error) ? VIEWER_OK : VIEWER_FAILED;
	case 2:
		return VIEWER_NONE;
	case 3:
		return VIEWER_OVER;
	default:
		return refuse_status(viewer, error, status);
	}
}

/* Whether a packet can be as its index says. */
static bool check_index(
	struct viewer *viewer, uint64_t bits, const struct viewer_index *index, GError **error)
{
	if (bits % 8 != 0 || bits == 0 || index->size > VIEWER_PACKET_MAX)
		return refuse(viewer, error, "a packet whose size in bits is", bits);
	if (index->content > bits)
		return refuse(viewer, error, "a packet whose content in bits is", index->content);
	if (index->offset > (uint64_t)INT64_MAX - index->size)
		return refuse(viewer, error, "a packet at byte", index->offset);
	if (index->end < index->begin)
		return refuse(viewer, error, "a packet that ends before it begins, at", index->end);
	return true;
}

enum viewer_status viewer_next_index(
	struct viewer *viewer, uint64_t stream, struct viewer_index *index, GError **error)
{
	uint8_t answer[INDEX_ANSWER];
	const uint8_t *at = answer;
	uint64_t bits;
	uint32_t status, flags;

	if (!ask(viewer, NEXT_INDEX, about(stream), answer, sizeof(answer), error))
		return VIEWER_FAILED;
	index->offset = get_u64(&at);
	bits = get_u64(&at);
	index->size = bits / 8;
	index->content = get_u64(&at);
	index->begin = get_u64(&at);
	index->end = get_u64(&at);
	index->lost = get_u64(&at);
	index->stream_class = get_u64(&at);
	status = get_u32(&at);
	flags = get_u32(&at);
	index->new_metadata = flags & FLAG_METADATA;
	index->new_streams = flags & FLAG_STREAMS;
	switch (status) {
	case 1:
		return check_index(viewer, bits, index, error) ? VIEWER_OK : VIEWER_FAILED;
	case 2:
		return VIEWER_NONE;
	case 3:
	case 6: /* the end of the last file */
		return VIEWER_OVER;
	case 4:
		return relay_failed(viewer, error, "the index", stream);
	case 5:
		return VIEWER_INACTIVE;
	default:
		return refuse_status(viewer, error, status);
	}
}

enum viewer_status viewer_packet(struct viewer *viewer, uint64_t stream, uint64_t offset,
	uint32_t length, uint8_t *bytes, uint32_t *got, struct viewer_index *index, GError **error)
{
	uint8_t answer[PACKET_ANSWER];
	const uint8_t *at = answer;
	GByteArray *body = about(stream);
	uint32_t status, flags;

	put_u64(body, offset);
	put_u32(body, length);
	if (!ask(viewer, PACKET, body, answer, sizeof(answer), error))
		return VIEWER_FAILED;
	status = get_u32(&at);
	*got = get_u32(&at);
	flags = get_u32(&at);
	index->new_metadata = flags & FLAG_METADATA;
	index->new_streams = flags & FLAG_STREAMS;
	switch (status) {
	case 1:
		if (*got == 0 || *got > length) {
			refuse(viewer, error, "a part of a packet of length", *got);
			return VIEWER_FAILED;
		}
		return receive(viewer, bytes, *got, error) ? VIEWER_OK : VIEWER_FAILED;
	case 2:
		return VIEWER_NONE;
	case 3: /* older relays want to hand on what is new before the packet */
		return flags ? VIEWER_NONE : relay_failed(viewer, error, "a packet", stream);
	case 4:
		return VIEWER_OVER;
	default:
		return refuse_status(viewer, error, status);
	}
}
