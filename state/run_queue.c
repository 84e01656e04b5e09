/*
 * Run queues: how many threads wait for each CPU.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/run_queue.h"

#include "state/model.h"

/* Tells what the length (VALUE_ABSENT: not known) was between two times, if that is any time at all. */
static void tell(const struct state *state, const struct state_io *io, int32_t cpu, int64_t begin,
	int64_t end, int64_t length)
{
	if (begin < end)
		EMIT(io, run_queue, .time = end, .cpu = cpu, .host = state->config.host,
			.begin = begin, .duration = time_span(begin, end), .length = length);
}

/*
 * Up to when it is known who waits for a CPU: not at all while it is not known of some CPU who runs there, since
 * that may be anybody who waits.
 */
static int64_t known_until(
	const struct state *state, const struct cpu *cpu, int64_t begin, int64_t end)
{
	if (!cpu->known || state->process.blind > 0)
		return begin;
	return CLAMP(cpu->ended, begin, end);
}

void run_queue_tell(
	struct state *state, const struct record *rec, const struct state_io *io, int32_t number)
{
	struct cpu *cpu = cpu_find(state, number) ? cpu_at(state, number) : NULL;
	int64_t begin, known, end = rec->time;

	if (!(state->config.wants & WANT_STATES) || !cpu || (!cpu->known && !cpu->expected))
		return;
	begin = MAX(cpu->queue_told, state->sched.window);
	if (end <= begin)
		return;
	cpu->queue_told = end;
	if (begin == INT64_MIN || !emits(io, DERIVED_run_queue))
		return;
	known = known_until(state, cpu, begin, end);
	tell(state, io, number, begin, known, cpu->queued);
	tell(state, io, number, known, end, VALUE_ABSENT);
}

void run_queues_tell(struct state *state, const struct record *rec, const struct state_io *io)
{
	guint n = state->config.wants & WANT_STATES ? state->process.cpus->len : 0;

	for (guint i = 0; i < n; i++)
		run_queue_tell(state, rec, io, (int32_t)i);
}

/* Whether there is a CPU of this number. */
static bool is_known(const struct state *state, int64_t number)
{
	const struct cpu *cpu =
		number >= 0 && number < CPU_MAX ? cpu_find(state, (int32_t)number) : NULL;

	return cpu && cpu->known;
}

int32_t run_queue_choose(const struct state *state, const struct thread *thread, int64_t target)
{
	return is_known(state, target) ? (int32_t)target : thread->cpu;
}
