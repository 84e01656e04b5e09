/*
 * A raw event on its way from a source to the kernel model: when, where, what, and the integers
 * that were asked for. Shared by host/ and state/, and small enough for a test to make by hand.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_RECORD_H
#define LTTNGA_RECORD_H

#include <stddef.h>
#include <stdint.h>

/* A number that an event does not have. */
#define VALUE_ABSENT INT64_MIN

/* How long it is from one time to a later one, or how much between two counts; what is damaged wraps. */
static inline int64_t time_span(int64_t begin, int64_t end)
{
	return (int64_t)((uint64_t)end - (uint64_t)begin);
}

/* How long two times were, one after the other; what is damaged wraps. */
static inline int64_t time_sum(int64_t one, int64_t other)
{
	return (int64_t)((uint64_t)one + (uint64_t)other);
}

/* A time that is `span` later, or the last one there is. */
static inline int64_t time_later(int64_t time, int64_t span)
{
	return time > INT64_MAX - span ? INT64_MAX : time + span;
}

/* A number whose sign is its lowest bit: what is near 0 is small. And back. */
static inline uint64_t fold_sign(int64_t value)
{
	return (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
}

static inline int64_t unfold_sign(uint64_t bits)
{
	return (int64_t)(bits >> 1 ^ -(bits & 1));
}

/* The CPU of a record whose stream does not say. */
#define CPU_UNKNOWN (-1)

struct record {
	int64_t time;       /* ns since the Epoch */
	const int64_t *v;   /* the bound fields, in the order they were bound */
	const void *handle; /* the reader's own, for the getters */
	uint32_t class_no;  /* number of the event class within its source */
	uint32_t stream;    /* number of the stream within its source */
	int32_t cpu;        /* CPU_UNKNOWN if the trace does not tell */
	uint16_t kind;      /* enum event_kind: what the model makes of it */
	uint16_t sub;       /* which system call, for the kinds that have one */
};

/* What is known to be unknown, and is no lost event; counted while something is told. */
struct unrecorded {
	uint32_t holes;       /* times in which nothing was recorded on any CPU */
	int64_t time;         /* how long they were, all in all, ns */
	int64_t begin, end;   /* from the begin of the first one to the end of the last one, ns */
	uint64_t switches;    /* context switches, */
	uint64_t contradicts; /* and those from another thread than the one that is known to run */
};
/* The slow ways into a record: what did not fit in an integer. Valid until the next batch. */
struct record_getters {
	/* Bound field number `slot` as text, or NULL. The text is the reader's. */
	const char *(*string)(void *data, const struct record *rec, unsigned int slot);
	/* Copies at most `max` elements of an integer array; returns how many there were to copy. */
	size_t (*ints)(
		void *data, const struct record *rec, unsigned int slot, int64_t *out, size_t max);
	void *data;
};

static inline const char *record_string(
	const struct record_getters *get, const struct record *rec, unsigned int slot)
{
	return get->string(get->data, rec, slot);
}

static inline size_t record_ints(const struct record_getters *get, const struct record *rec,
	unsigned int slot, int64_t *out, size_t max)
{
	return get->ints(get->data, rec, slot, out, max);
}

#endif
