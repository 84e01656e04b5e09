/*
 * System calls and descriptors: what a call is about, and what it changes in the descriptors of its
 * process.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CALL_FILES_H
#define LTTNGA_CALL_FILES_H

#include "state/fd.h"
#include "state/syscall_table.h"

#include <stdint.h>

struct packet_header;
struct state;
struct state_io;
struct call;
struct record;
struct thread;

/* What a call did, once its return value is known. */
struct outcome {
	const struct syscall_row *row;
	enum io_class io;
	int64_t ret;   /* VALUE_ABSENT if the trace does not tell */
	int64_t error; /* 0 if the call succeeded, VALUE_ABSENT if not known */
	int64_t fd;
	struct file file; /* the path has a reference of its own */
	strid flags;      /* of an open, in words, with a reference of its own; 0 if not known */
	const char *side; /* what it is in a connection, as socket_side(), */
	strid peer;       /* who is at the other end of a socket, with a reference of its own; */
	int64_t port;     /* the port of who serves there; */
	int64_t opened;   /* and when it was made, ns: VALUE_ABSENT if that is not known; */
	strid address;    /* this side, with a reference of its own; */
	const char *protocol;
};

/* What is behind a descriptor of a thread, with a reference to its path. */
struct file call_file_of(const struct state *state, const struct thread *thread, int64_t number);

/* Notes what the call is about that the thread begins with this record. */
void call_begin_files(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, const struct syscall_row *row);

/*
 * What the thread's call counts as, and which descriptor and file it is about: fills the rest of
 * `out`, with a reference to the path.
 */
void call_find_outcome(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread, struct outcome *out);

/*
 * What the thread's call is about while it is still in progress: fills `out`, with a reference to the
 * path.
 */
void call_find_open(struct state *state, const struct thread *thread, struct outcome *out);

/* Lets go of what an outcome refers to. */
void call_drop_outcome(struct state *state, struct outcome *out);

/* Who is at the other end of a descriptor: fills the rest of `out`, if its file is known. */
void call_find_peer(struct state *state, const struct call *call, struct outcome *out);

/* What a finished call changes in the descriptors of its process; failed calls change nothing. */
void call_change_files(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, const struct outcome *out);

/*
 * An exit whose entry was not seen: only a new descriptor can follow from it, of which the call tells
 * no more than what kind of thing it is.
 */
void call_files_without_entry(struct state *state, const struct record *rec,
	const struct state_io *io, struct thread *thread, const struct syscall_row *row,
	int64_t ret);

/*
 * A close is over. Whatever went wrong, unless there was nothing to close, Linux has closed it; but
 * the number may have been given out again in the meantime.
 */
void call_end_close(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread);

/* What an exec does: a table of its own, and the close-on-exec descriptors closed. */
void call_exec_files(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread);

/*
 * A packet leaves the machine on behalf of the thread: if it is writing to something that nothing
 * is known of, that is a connection.
 */
void call_sends(struct state *state, struct thread *thread);

/* The same of a packet, whose ends are known: these are those of what the thread's call is about. */
void call_sends_packet(
	struct state *state, struct thread *thread, const struct packet_header *header);

#endif
