/*
 * The kernel model as a whole: made of its subsystems, and fed with raw events.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/model.h"

static void (*const handlers[EVENT_KINDS])(
	struct state *state, const struct record *rec, const struct state_io *io) = {
#define X_EVENT(event, wants, names, fields) [EV_##event] = on_##event,
	RAW_EVENTS(X_EVENT)
#undef X_EVENT
};

struct state *state_new(const struct state_config *config)
{
	struct state *state = g_new0(struct state, 1);

	state->config = *config;
	if (config->wants & (WANT_FILES | WANT_IO | WANT_SYSCALLS))
		state->config.wants |= WANT_THREADS;
	if (config->wants & WANT_FILES)
		state->config.wants |= WANT_ARGS;
	state->strings = strpool_new();
	process_init(&state->process);
	fd_init(&state->fd);
	syscall_init(&state->syscall);
	block_init(&state->block);
	return state;
}

void state_free(struct state *state)
{
	if (!state)
		return;
	block_clear(state);
	syscall_clear(&state->syscall);
	fd_clear(state);
	process_clear(&state->process);
	strpool_free(state->strings);
	g_free(state);
}

bool state_want(struct state *state, const char *name, struct event_want *want)
{
	if (!event_lookup(name, want) && !syscall_want(state, name, want))
		return false;
	for (unsigned int i = 0; i < want->n_fields; i++)
		if (want->fields[i].type == FIELD_NAME && !(state->config.wants & WANT_NAMES))
			want->fields[i].names = "";
	return want->wants & state->config.wants;
}

void state_feed(struct state *state, const struct record *rec, const struct state_io *io)
{
	if (handlers[rec->kind])
		handlers[rec->kind](state, rec, io);
}

void state_set_arch(struct state *state, enum syscall_arch arch)
{
	if (state->config.arch != SYSCALL_ARCH_UNKNOWN)
		return;
	state->config.arch = arch;
	syscall_forget_numbers(&state->syscall);
}

struct state_task state_current(const struct state *state, int32_t cpu)
{
	const struct cpu *now = NULL;
	const struct thread *thread;

	if (cpu >= 0 && (guint)cpu < state->process.cpus->len)
		now = &g_array_index(state->process.cpus, struct cpu, cpu);
	thread = now ? thread_at(state, now->thread) : NULL;
	if (thread)
		return (struct state_task){thread_tid(thread), thread_pid(thread), thread->comm};
	if (!now || now->tid < 0)
		return (struct state_task){VALUE_ABSENT, VALUE_ABSENT, 0};
	return (struct state_task){now->tid, now->tid == 0 ? 0 : VALUE_ABSENT, 0};
}

const char *state_text(const struct state *state, strid id)
{
	return strpool_text(state->strings, id);
}

struct state_counts state_count(const struct state *state)
{
	return (struct state_counts){
		.threads = state->process.alive,
		.files = state->fd.alive,
		.fds = state->fd.open,
		.requests = state->block.alive,
		.strings = strpool_size(state->strings),
	};
}

const char *state_fd_path(const struct state *state, int32_t tid, int32_t number)
{
	const struct thread *thread = thread_find(state, tid);
	const struct fd *fd = thread ? fd_find(state, thread, number) : NULL;

	return fd ? strpool_text(state->strings, fd->file.path) : NULL;
}

void on_statedump_cpu_topology(
	struct state *state, const struct record *rec, const struct state_io *io)
{
	const char *machine = record_string(io->get, rec, F_statedump_cpu_topology_architecture);

	if (machine)
		state_set_arch(state, syscall_arch_of(machine));
}

void on_stream_begin(struct state *state, const struct record *rec, const struct state_io *io)
{
	(void)io;
	cpu_begin(state, rec);
}

void on_stream_end(struct state *state, const struct record *rec, const struct state_io *io)
{
	(void)io;
	cpu_gap(state, rec, INT64_MAX);
}

void on_gap_begin(struct state *state, const struct record *rec, const struct state_io *io)
{
	(void)io;
	cpu_gap(state, rec, INT64_MAX);
}

void on_lost_events(struct state *state, const struct record *rec, const struct state_io *io)
{
	cpu_gap(state, rec, rec->time);
	if (emits(io, DERIVED_lost_events))
		EMIT(io, lost_events, .time = rec->time,
			.cpu = rec->cpu >= 0 ? rec->cpu : VALUE_ABSENT,
			.begin = V(rec, lost_events, begin),
			.duration = time_span(V(rec, lost_events, begin), rec->time),
			.events = V(rec, lost_events, count), .packets = VALUE_ABSENT);
}

void on_lost_packets(struct state *state, const struct record *rec, const struct state_io *io)
{
	cpu_gap(state, rec, rec->time);
	if (emits(io, DERIVED_lost_events))
		EMIT(io, lost_events, .time = rec->time,
			.cpu = rec->cpu >= 0 ? rec->cpu : VALUE_ABSENT,
			.begin = V(rec, lost_packets, begin),
			.duration = time_span(V(rec, lost_packets, begin), rec->time),
			.events = VALUE_ABSENT, .packets = V(rec, lost_packets, count));
}
