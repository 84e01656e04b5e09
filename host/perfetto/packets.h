/*
 * A trace as Perfetto reads it: packets with what is drawn on tracks, and with what threads and machines
 * are called. What CPUs do is in cpus.h.
 *
 * All times are ns since the Epoch. Texts may be anything: what is no UTF-8 is replaced. Order does not
 * matter to readers, but that slices of one track must lie in each other or apart.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_PACKETS_H
#define LTTNGA_PACKETS_H

#include "host/perfetto/proto.h"
#include "host/perfetto/sink.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct packets;

struct packets_machine {
	unsigned int number; /* 0: there is one machine only; else from 1 on */
	const char *host;    /* or NULL */
	const char
		*release; /* of its kernel, or NULL: how states of threads are told depends on it */
	const char *arch; /* or NULL */
	int64_t begin;    /* when its trace begins */
};

/* Begins the packets of a machine; the sink stays the caller's. Free it with packets_free(). */
struct packets *packets_new(struct sink *sink, const struct packets_machine *machine);
void packets_free(struct packets *packets);

/* ---- Names ---- */

struct packets_process {
	int64_t pid, ppid; /* VALUE_ABSENT if the parent is not known */
	const char *name;
};

struct packets_thread {
	int64_t tid, pid;
	const char *name;
};

/* From a time on, processes and threads are called so. */
void packets_tree(struct packets *packets, int64_t time, const struct packets_process *processes,
	size_t n_processes, const struct packets_thread *threads, size_t n_threads);

/* ---- Tracks ---- */

/* What the values of a counter are. */
enum packets_unit { PACKETS_NO_UNIT, PACKETS_NS = 1, PACKETS_COUNT = 2, PACKETS_BYTES = 3 };

/* All 0 but the number: what is not told. */
struct packets_track {
	uint64_t number; /* which one it is: chosen by the caller, for each machine */
	uint64_t parent; /* the number of the track that it stands below, 0: none */
	const char *name;
	bool of_thread; /* the track of a thread: */
	int64_t pid, tid;
	int64_t since; /* from when on these are that thread's */
	bool is_counter;
	enum packets_unit unit;
	const char *unit_name; /* or NULL */
};

void packets_track(struct packets *packets, const struct packets_track *track);

/* ---- What is on them ---- */

enum packets_type {
	PACKETS_BEGIN = 1,
	PACKETS_END = 2,
	PACKETS_INSTANT = 3,
	PACKETS_VALUE = 4, /* of a counter */
};

enum packets_kind { PACKETS_INT, PACKETS_BOOL, PACKETS_TEXT };

/* Something that is told of a slice. */
struct packets_arg {
	const char *name;
	enum packets_kind kind;
	int64_t number;   /* or a boolean */
	const char *text; /* not NULL for PACKETS_TEXT */
	bool once;        /* name and text are not expected to come again: they get no number */
};

struct packets_event {
	int64_t time;
	enum packets_type type;
	uint64_t track;
	const char *name; /* of what begins, or happens */
	bool once;        /* it is not expected to come again: it gets no number */
	const struct packets_arg *args;
	size_t n_args;
	/* Arrows of these numbers begin, or (0: none) end here. */
	uint64_t arrow_from, arrow_to;
	int64_t value; /* of a counter */
};

void packets_event(struct packets *packets, const struct packets_event *event);

/* ---- For cpus.c ---- */

/* Begins a packet without a time; returns where its message is written to. */
struct proto *packets_begin(struct packets *packets);
void packets_end(struct packets *packets);

/* The text in UTF-8, which may be the same; `*copy` is freed by the caller. */
const char *packets_utf8(const char *text, char **copy);

#endif
