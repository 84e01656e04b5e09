/*
 * A live session on its way to the disk: all that a relay hands on is written to a folder, as CTF that
 * grows. For each trace of the session there is a folder with its file `metadata` and a file for each
 * stream, to which packets are appended whole, in the order in which they arrive. What has arrived can be
 * read at any time, up to the sizes in these structures; bytes after that may be incomplete.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SPOOL_H
#define LTTNGA_SPOOL_H

#include "host/live/viewer.h"

/* Bytes of one trace's metadata, and streams of a session, at most. */
#define SPOOL_METADATA_MAX (UINT64_C(64) << 20)
#define SPOOL_STREAMS_MAX  VIEWER_STREAMS_MAX

struct spool_trace {
	char *folder; /* absolute, or below the spool's folder as that was given */
	/* Bytes of its file that can be parsed: they cover all packets that are there. 0: none yet, or never. */
	uint64_t metadata;
};

struct spool_stream {
	unsigned int trace; /* its number */
	char *file;
	uint64_t size;    /* bytes: of whole packets */
	uint64_t packets; /* how many */
	/*
	 * Nothing that is still to come is before this time, in cycles of the stream's clock: the end of the last
	 * packet, or the last beacon. 0 if nothing is known, UINT64_MAX if the stream has ended. (A stream that
	 * becomes known later may start before that of others.)
	 */
	uint64_t complete;
};

struct spool;

/*
 * Attaches to a session of a relay, to copy it to a folder, which is made if it is missing, and must be empty.
 * The viewer stays the caller's, and is used by spool_step() only. Free the result with spool_free(); NULL with
 * `error`.
 */
struct spool *spool_new(struct viewer *viewer, const struct viewer_session *session,
	enum viewer_seek seek, const char *folder, GError **error);

/*
 * Goes on over another connection after one was lost (VIEWER_ERROR_LOST): attaches at the beginning of the same
 * session, and passes over what is here already. Traces and streams keep their numbers and sizes. False with
 * `error` if that fails, when it can be tried again.
 */
bool spool_resume(struct spool *spool, struct viewer *viewer, const struct viewer_session *session,
	GError **error);

/* Keeps the files, but cuts off packets that are not complete. NULL is nothing. */
void spool_free(struct spool *spool);

enum spool_status {
	SPOOL_FAILED, /* with `error`: what has arrived before can be read; see spool_resume() */
	SPOOL_MORE,   /* something has arrived: there may be more at once */
	SPOOL_IDLE,   /* nothing new anywhere: see viewer_pause() */
	SPOOL_OVER,   /* the session has ended, and all of it is here */
};

/*
 * Asks for the next packet, that of the stream which is behind the others; and for new streams, and
 * metadata, if there are any. Takes as long as the relay takes to answer.
 */
enum spool_status spool_step(struct spool *spool, GError **error);

/* What is there so far. Traces and streams have numbers from 0, in the order in which they became known. */
unsigned int spool_n_traces(const struct spool *spool);
const struct spool_trace *spool_trace(const struct spool *spool, unsigned int number);
unsigned int spool_n_streams(const struct spool *spool);
const struct spool_stream *spool_stream(const struct spool *spool, unsigned int number);

#endif
