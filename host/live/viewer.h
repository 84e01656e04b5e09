/*
 * A viewer: the client's side of the protocol by which a relay daemon (lttng-relayd) hands on what is
 * being recorded. Each call sends a request, and waits for the answer. Nothing that a relay
 * sends is trusted: counts and lengths are bounded, and no memory is taken before its contents arrive.
 *
 * A function that fails sets `error`, whose message is one line for the user. After VIEWER_ERROR_LOST,
 * VIEWER_ERROR_PROTOCOL and VIEWER_ERROR_STOPPED the connection is closed, and every later call fails.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_VIEWER_H
#define LTTNGA_VIEWER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* The domain of errors, and their codes. */
#define VIEWER_ERROR (g_quark_from_static_string("lttnga-viewer"))
enum viewer_error {
	VIEWER_ERROR_URL,      /* not a URL of a relay, or of a session */
	VIEWER_ERROR_CONNECT,  /* nobody there, or no such host */
	VIEWER_ERROR_LOST,     /* the connection broke, or the relay does not answer */
	VIEWER_ERROR_PROTOCOL, /* an answer that makes no sense */
	VIEWER_ERROR_REFUSED,  /* the relay refuses what was asked for, such as a second viewer */
	VIEWER_ERROR_STOPPED,  /* the caller wanted to stop */
};

/* The newest version of the protocol that is spoken here is 2.VIEWER_MINOR. */
#define VIEWER_MINOR 15

/* Sessions, and streams, in one answer at most. */
#define VIEWER_SESSIONS_MAX 4096
#define VIEWER_STREAMS_MAX  16384

/* Bytes of metadata in one answer at most: far above what all events of a kernel take. */
#define VIEWER_METADATA_MAX (UINT64_C(64) << 20)

/* Bytes of a packet at most: no machine has buffers of that size. */
#define VIEWER_PACKET_MAX (UINT64_C(4) << 30)

struct viewer;

/* How to wait for a relay. */
struct viewer_wait {
	int64_t patience; /* ms to wait for an answer, or for each 64 KiB of a long one */
	bool (*stop)(
		void *data); /* whether to give up: called at least every 50 ms while waiting; or NULL */
	void *data;
};

/*
 * Connects to the relay at a host's port, over any version of IP (AF_UNSPEC) or one (AF_INET, AF_INET6).
 * Close the result with viewer_close(); NULL with `error` if that fails.
 */
struct viewer *viewer_connect(const char *host, unsigned int port, int family,
	const struct viewer_wait *wait, GError **error);

/* The same over a socket that is connected, and is closed with the viewer, whatever happens. */
struct viewer *viewer_take(
	int fd, const char *name, const struct viewer_wait *wait, GError **error);

/* Ends the connection; the relay detaches the viewer then. NULL is nothing. */
void viewer_close(struct viewer *viewer);

/* What the relay is called in messages: HOST:PORT. */
const char *viewer_name(const struct viewer *viewer);

/* Sleeps so many ms, before asking again. False with `error` if `stop` says so meanwhile. */
bool viewer_pause(struct viewer *viewer, int64_t ms, GError **error);

/* ---- Sessions ---- */

struct viewer_session {
	uint64_t id;
	uint32_t live_timer; /* us */
	uint32_t viewers;    /* that are attached */
	uint32_t streams;
	int ctf;             /* the version of its traces, 1 or 2; 0 if the relay does not say */
	char *target, *name; /* the machine's hostname, the session's name: any bytes but NUL */
};

/* The sessions of a relay: struct viewer_session *, in its order, to be freed with g_ptr_array_unref(). */
GPtrArray *viewer_list(struct viewer *viewer, GError **error);

/* ---- Streams ---- */

struct viewer_stream {
	uint64_t id;
	uint64_t trace; /* streams of one trace have the same number */
	bool is_metadata;
	char *path,
		*channel; /* of its file below the session's folder, as the relay calls them: any bytes */
};

/* An empty list of struct viewer_stream *, which are freed with it. */
GPtrArray *viewer_streams_new(void);

enum viewer_seek { VIEWER_BEGINNING = 1, VIEWER_LAST = 2 };

/* What a question about streams, metadata or packets came to. */
enum viewer_status {
	VIEWER_FAILED, /* with `error` */
	VIEWER_OK,
	VIEWER_NONE,     /* nothing new, or not yet: ask again later */
	VIEWER_INACTIVE, /* nothing until the end time of the index: ask again later */
	VIEWER_OVER,     /* nothing will come any more */
};

/*
 * Attaches to a session, by its number, and appends its streams. `name` is what it is called in messages.
 * There may be none yet: then viewer_new_streams() is to be asked.
 */
bool viewer_attach(struct viewer *viewer, uint64_t session, const char *name, enum viewer_seek seek,
	GPtrArray *streams, GError **error);

/* Appends streams of an attached session that are new since the last time. VIEWER_OVER: the session has ended. */
enum viewer_status viewer_new_streams(
	struct viewer *viewer, uint64_t session, GPtrArray *streams, GError **error);

/* Lets another viewer attach. */
bool viewer_detach(struct viewer *viewer, uint64_t session, GError **error);

/* ---- What they hold ---- */

/*
 * Appends the metadata that has been recorded since the last time. Ask until there is VIEWER_NONE, when a
 * trace is new and when an index says so; only all of it together can be parsed. VIEWER_OVER: the relay has
 * forgotten the stream, as the session is over. What comes in one answer is bounded, all answers are not.
 */
enum viewer_status viewer_metadata(
	struct viewer *viewer, uint64_t stream, GByteArray *metadata, GError **error);

/* Of a packet, or a beacon. Times are cycles of the stream's clock. */
struct viewer_index {
	uint64_t offset, size,
		content; /* in the relay's file, the packet's and that of what it holds: bytes, bytes, bits */
	uint64_t begin, end; /* VIEWER_INACTIVE: `end` only */
	uint64_t lost;       /* the tracer's counter of discarded events */
	uint64_t stream_class;
	bool new_metadata,
		new_streams; /* to be asked for before the packet is decoded; whatever the status */
};

/* The index of the next packet of a data stream; each comes once. VIEWER_OVER: the stream has ended. */
enum viewer_status viewer_next_index(
	struct viewer *viewer, uint64_t stream, struct viewer_index *index, GError **error);

/*
 * Reads up to `length` bytes (1 to VIEWER_CHUNK) of a stream's file, within the packet whose index came
 * last. `got` is how many: 1 or more with VIEWER_OK. VIEWER_NONE may set the flags of `index`: then ask
 * for what they announce first.
 */
#define VIEWER_CHUNK (UINT32_C(1) << 20)
enum viewer_status viewer_packet(struct viewer *viewer, uint64_t stream, uint64_t offset,
	uint32_t length, uint8_t *bytes, uint32_t *got, struct viewer_index *index, GError **error);

#endif
