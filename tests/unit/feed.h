/*
 * For tests of the kernel model: events made by hand go in, derived events come out as text, so
 * that a test reads like a story.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_TEST_FEED_H
#define LTTNGA_TEST_FEED_H

#include "state/state.h"

struct feed;

/* A model that keeps everything, of a 64-bit x86 machine; free it with feed_free(). */
struct feed *feed_new(void);
struct feed *feed_new_with(const struct state_config *config);
void feed_free(struct feed *feed);

struct state *feed_state(struct feed *feed);

/* An empty model like this one, which has been asked for the same classes. */
struct state *feed_new_state(const struct feed *feed);

/* Feeds a model like that of `like`, and takes it over. */
struct feed *feed_adopt(const struct feed *like, struct state *state);

/* Like feed(), but an event that the model has no use for is left out. */
void feed_try(struct feed *feed, int64_t time, int32_t cpu, const char *event, const char *fields);

/*
 * Feeds one raw event by the name that a trace would give it. `fields` are what the class has:
 * "fd=3 filename=/etc/passwd v4addr=[127,0,0,1] ctx.tid=7"; values have no blanks.
 */
void feed(struct feed *feed, int64_t time, int32_t cpu, const char *event, const char *fields);

/* The tracer lost events on this CPU between two times. */
void feed_lost(struct feed *feed, int64_t begin, int64_t end, int32_t cpu, int64_t count);

/* The tracer lost events on a stream without context switches, beside one that has them. */
void feed_lost_aside(struct feed *feed, int64_t begin, int64_t end, int32_t cpu, int64_t count);

/*
 * What a source tells of a CPU's stream: "stream_begin" (its first event comes at once, unless it is
 * "quiet_begin"; then "first_event") or "stream_end"; of one without context switches beside it,
 * "side_begin" or "side_end".
 */
void feed_stream(struct feed *feed, int64_t time, int32_t cpu, const char *what);

/* A packet of that stream begins; it ends, and the next one begins at `next` (VALUE_ABSENT: not known). */
void feed_packet_begin(struct feed *feed, int64_t time, int32_t cpu);
void feed_packet_end(struct feed *feed, int64_t time, int32_t cpu, int64_t next);

/* A window ends at this time. */
void feed_cut(struct feed *feed, int64_t time);

/* How many context switches contradicted the one before, see struct unrecorded. */
uint64_t feed_contradictions(const struct feed *feed);

/* Nothing more will come: see state_settle(). */
void feed_settle(struct feed *feed, int64_t time);

/* The first window begins at this time. */
void feed_begin_window(struct feed *feed, int64_t time);

/* A call that does not sleep: entry at `time`, exit 10 ns later. */
void feed_call(struct feed *feed, int64_t time, int32_t cpu, const char *name,
	const char *entry_fields, const char *exit_fields);

/* From now on, derived events called `event` are written down with these fields. */
void feed_watch(struct feed *feed, const char *event, const char *fields);

/*
 * What was written down since the last call must be this: one line for each event, with
 * the values in the order of the fields ("io_end 3 /etc/passwd nil").
 */
#define feed_expect(feed, lines) feed_expect_at(__FILE__, __LINE__, feed, lines)
void feed_expect_at(const char *file, int line, struct feed *feed, const char *lines);

/* What file a descriptor of a thread stands for; "closed" if there is none, "?" without a name. */
const char *feed_fd(struct feed *feed, int32_t tid, int32_t fd);

#endif
