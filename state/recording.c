/*
 * What was recorded, and what was not: streams that begin and end, events that are lost, and time in which
 * nothing was recorded though nothing is lost.
 *
 * A machine is recorded from its first event on: a packet can begin long before that, when a session is made
 * and has not been started. When no stream is within a packet for some time, recording was stopped, unless
 * all CPUs were idle: then nothing has happened. A CPU that leaves its packet with the thread that takes it
 * off line, and does not go on for some time, is off line. Who ran in such times is not known, and what was
 * in progress may be over, as where events are lost.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/recording.h"

#include "state/model.h"
#include "state/run_queue.h"

/* The priority of the thread that stops a CPU (migration/N), as LTTng has it. */
#define STOPPER_PRIO (-100)

/* Events of the record's CPU are missing from now on, or have been until now. */
static void lose_cpu(
	struct state *state, const struct record *rec, const struct state_io *io, bool over)
{
	bool switches = rec->sub != SUB_SIDE;

	state->process.lost = rec->time;
	if (switches && !over)
		sched_cut(state, rec, io);
	if (switches)
		sched_lose_waits(state, rec, io);
	if (switches)
		sched_blind(state, rec, over);
	if (switches)
		run_queues_tell(state, rec, io);
	cpu_gap(state, rec, over ? rec->time : INT64_MAX, switches);
	irq_lose_cpu(state, rec->cpu);
	sync_forget_requests(state, rec);
}

/*
 * The record's CPU goes off line, or is back (`over`): who runs there is not known, but whoever it was does
 * not go on unseen, as where events are missing.
 */
static void set_off_line(
	struct state *state, const struct record *rec, const struct state_io *io, bool over)
{
	if (!over)
		sched_cut(state, rec, io);
	sched_blind(state, rec, over);
	run_queues_tell(state, rec, io);
	if (!over)
		cpu_lose(state, rec);
	cpu_at(state, rec->cpu)->away = !over;
}

/* The stream of the record's CPU begins to tell what happens there. */
static void begin_cpu(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct record end = *rec;

	/* It has been there before, and ended. */
	if (cpu_has_ended(state, rec->cpu)) {
		end.time = cpu_find(state, rec->cpu)->ended;
		lose_cpu(state, &end, io, false);
		lose_cpu(state, rec, io, true);
	}
	run_queues_tell(state, rec, io);
	cpu_begin(state, rec);
	sched_cut(state, rec, io);
	/* Until now, anybody may have run there. */
	for (guint i = 0; i < state->process.cpus->len; i++)
		sched_lose_waits(state, &(struct record){.time = rec->time, .cpu = (int32_t)i}, io);
}

/* ---- Holes ---- */

/* Loses all CPUs, or finds them again. */
static void lose_all(
	struct state *state, const struct record *rec, const struct state_io *io, bool over)
{
	struct record at = *rec;

	at.sub = 0;
	for (guint i = 0; i < state->process.cpus->len; i++) {
		const struct cpu *cpu = cpu_find(state, (int32_t)i);

		at.cpu = (int32_t)i;
		if (cpu->known && cpu->ended == INT64_MAX)
			lose_cpu(state, &at, io, over);
	}
}

/* Whether some CPU does something, or may do. */
static bool is_busy(const struct state *state)
{
	for (guint i = 0; i < state->process.cpus->len; i++) {
		const struct cpu *cpu = cpu_find(state, (int32_t)i);

		if (cpu->known && cpu->tid != 0)
			return true;
	}
	return false;
}

void recording_cut(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct process_model *model = &state->process;

	if (!model->hole || model->hole_told || rec->time < model->hole_begin)
		return;
	model->hole_told = true;
	lose_all(state, &(struct record){.time = model->hole_begin}, io, false);
}

void recording_begin(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct process_model *model = &state->process;
	struct unrecorded *unrecorded = &model->unrecorded;
	struct record at = {.time = rec->time};

	model->awake = true;
	recording_cut(state, rec, io);
	if (model->hole) {
		model->hole = false;
		lose_all(state, rec, io, true);
		if (io->emits) {
			unrecorded->holes++;
			unrecorded->end = rec->time;
			unrecorded->time =
				time_sum(unrecorded->time, time_span(model->hole_begin, rec->time));
			if (unrecorded->holes == 1)
				unrecorded->begin = model->hole_begin;
		}
	}
	for (guint i = 0; i < model->cpus->len; i++) {
		struct cpu *cpu = &g_array_index(model->cpus, struct cpu, i);

		at.cpu = (int32_t)i;
		if (cpu->waits_for_event)
			begin_cpu(state, &at, io);
		cpu->waits_for_event = false;
	}
}

/* When the first stream goes on that is not within a packet, ns. */
static int64_t next_packet(const struct state *state)
{
	int64_t next = INT64_MAX;

	for (guint i = 0; i < state->process.streams->len; i++)
		next = MIN(next, g_array_index(state->process.streams, struct recording, i).next);
	return next;
}

/* No stream is within a packet. */
static void end_recording(struct state *state, const struct record *rec)
{
	if (!state->process.awake || time_span(rec->time, next_packet(state)) < QUIET_MIN)
		return;
	state->process.awake = false;
	if (!is_busy(state))
		return;
	state->process.hole = true;
	state->process.hole_told = false;
	state->process.hole_begin = rec->time;
}

/* How the record's stream is recorded; NULL if that is too much. */
static struct recording *recording_of(struct state *state, const struct record *rec)
{
	GArray *streams = state->process.streams;

	if (rec->stream >= STREAMS_MAX)
		return NULL;
	while (rec->stream >= streams->len)
		g_array_append_vals(streams, &(struct recording){.next = INT64_MAX}, 1);
	return &g_array_index(streams, struct recording, rec->stream);
}

void on_packet_begin(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct recording *stream = recording_of(state, rec);

	(void)io;
	if (!stream || stream->open)
		return;
	stream->open = true;
	stream->next = INT64_MAX;
	state->process.open++;
}

/* Whether a CPU leaves its packet to go off line. */
static bool goes_off_line(const struct state *state, const struct record *rec)
{
	const struct thread *thread = thread_current(state, rec);

	return rec->sub != SUB_SIDE && thread && thread->task.has_prio &&
	       thread->task.prio == STOPPER_PRIO &&
	       time_span(rec->time, V(rec, packet_end, next)) >= QUIET_MIN;
}

/* A stream leaves its packet, and begins another one at `next`, ns. */
static void end_packet(struct state *state, const struct record *rec, int64_t next)
{
	struct recording *stream = recording_of(state, rec);

	if (!stream || !stream->open)
		return;
	stream->open = false;
	stream->next = next;
	state->process.open--;
	if (state->process.open == 0)
		end_recording(state, rec);
}

void on_packet_end(struct state *state, const struct record *rec, const struct state_io *io)
{
	int64_t next = V(rec, packet_end, next);

	end_packet(state, rec, next == VALUE_ABSENT ? rec->time : next);
	if (state->process.awake && next != VALUE_ABSENT && goes_off_line(state, rec))
		set_off_line(state, rec, io, false);
}

void on_packet_wait(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct recording *stream = recording_of(state, rec);

	(void)io;
	if (stream && !stream->open)
		stream->next = MAX(stream->next, V(rec, packet_wait, next));
}

void on_first_event(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct cpu *cpu = cpu_at(state, rec->cpu);

	if (!state->process.awake)
		recording_begin(state, rec, io);
	if (!cpu || !cpu->away || rec->sub == SUB_SIDE)
		return;
	set_off_line(state, rec, io, true);
}

/* ---- Streams, and what they have lost ---- */

void on_stream_begin(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct cpu *cpu = cpu_at(state, rec->cpu);

	if (rec->sub == SUB_SIDE || !cpu)
		return;
	if (state->process.awake)
		begin_cpu(state, rec, io);
	else
		cpu->waits_for_event = true;
}

void on_stream_end(struct state *state, const struct record *rec, const struct state_io *io)
{
	(void)io;
	end_packet(state, rec, INT64_MAX);
	if (rec->sub == SUB_SIDE)
		return;
	sched_blind(state, rec, false);
	cpu_end(state, rec);
}

void on_gap_begin(struct state *state, const struct record *rec, const struct state_io *io)
{
	lose_cpu(state, rec, io, false);
}

void on_lost_events(struct state *state, const struct record *rec, const struct state_io *io)
{
	lose_cpu(state, rec, io, true);
	if (emits(io, DERIVED_lost_events))
		EMIT(io, lost_events, .time = rec->time,
			.cpu = rec->cpu >= 0 ? rec->cpu : VALUE_ABSENT,
			.begin = V(rec, lost_events, begin),
			.duration = time_span(V(rec, lost_events, begin), rec->time),
			.events = V(rec, lost_events, count), .packets = VALUE_ABSENT);
}

void on_lost_packets(struct state *state, const struct record *rec, const struct state_io *io)
{
	lose_cpu(state, rec, io, true);
	if (emits(io, DERIVED_lost_events))
		EMIT(io, lost_events, .time = rec->time,
			.cpu = rec->cpu >= 0 ? rec->cpu : VALUE_ABSENT,
			.begin = V(rec, lost_packets, begin),
			.duration = time_span(V(rec, lost_packets, begin), rec->time),
			.events = VALUE_ABSENT, .packets = V(rec, lost_packets, count));
}
