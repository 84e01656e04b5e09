/*
 * The kernel model as a whole: made of its subsystems, fed with raw events, saved and loaded.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/image.h"
#include "state/inspect.h"
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
	if (config->wants & WANT_CACHE)
		state->config.wants |= WANT_FILES | WANT_BLOCK | WANT_NAMES | WANT_WAKEUPS |
				       WANT_IO | WANT_SYSCALLS;
	if (config->wants & (WANT_CAUSE | WANT_REMOTE))
		state->config.wants |= WANT_CAUSE | WANT_WAKEUPS | WANT_CONTEXT | WANT_SYSCALLS |
				       WANT_FILES | WANT_BLOCK | WANT_PACKETS | WANT_NAMES;
	if (config->wants & WANT_CPU_TIME)
		state->config.wants |= WANT_SCHED | WANT_SYSCALLS | WANT_CONTEXT | WANT_NAMES;
	if (state->config.wants & WANT_PACKETS)
		state->config.wants |= WANT_CONTEXT;
	if (config->wants & WANT_RECLAIM)
		state->config.wants |= WANT_SCHED;
	if (config->wants & WANT_STATES)
		state->config.wants |= WANT_WAKEUPS;
	if (state->config.wants & WANT_CONTEXT)
		state->config.wants |= WANT_THREADS;
	if (state->config.wants & WANT_WAKEUPS)
		state->config.wants |= WANT_SCHED;
	if (state->config.wants &
		(WANT_FILES | WANT_IO | WANT_SYSCALLS | WANT_SCHED | WANT_CONTENTION |
			WANT_SIGNALS | WANT_NAMESPACES | WANT_RUNTIME))
		state->config.wants |= WANT_THREADS;
	if (state->config.wants & WANT_FILES)
		state->config.wants |= WANT_ARGS;
	state->strings = strpool_new();
	namespaces_init(state);
	process_init(&state->process);
	fd_init(state);
	call_init(&state->call);
	disk_init(&state->disk);
	mounts_init(&state->mounts);
	block_init(&state->block);
	irq_init(&state->irq);
	waits_init(&state->waits);
	cpu_time_init(&state->cpu_time);
	packets_init(&state->packets);
	sockets_init(&state->sockets);
	page_runs_init(&state->cache);
	sync_calls_init(&state->sync_calls);
	sync_init(&state->sync);
	state->sched.window = INT64_MIN;
	return state;
}

void state_free(struct state *state)
{
	if (!state)
		return;
	writeback_clear(&state->writeback);
	sync_clear(&state->sync);
	sync_calls_clear(&state->sync_calls);
	page_runs_clear(state);
	waits_clear(state);
	cpu_time_clear(&state->cpu_time);
	packets_clear(state);
	sockets_clear(state);
	irq_clear(&state->irq);
	block_clear(state);
	mounts_clear(&state->mounts);
	disk_clear(&state->disk);
	call_clear(&state->call);
	fd_clear(state);
	process_clear(state);
	namespaces_clear(state);
	strpool_free(state->strings);
	g_free(state);
}

const struct state_config *state_config(const struct state *state)
{
	return &state->config;
}

/* Whether names of threads in an event are read for those of containers. */
static bool names_containers(const struct state *state, const struct event_want *want)
{
	return state->config.wants & WANT_NAMESPACES &&
	       (want->kind == EV_sched_process_fork || want->kind == EV_sched_switch ||
		       want->kind == EV_statedump_process_state);
}

bool state_want(struct state *state, const char *name, struct event_want *want)
{
	static const unsigned int wants_of[] = {
		[FIELD_NAME] = WANT_NAMES,
		[FIELD_SCHED] = WANT_SCHED,
		[FIELD_PACKET] = WANT_PACKETS,
		[FIELD_INTS] = 0,
		[FIELD_NS] = WANT_NAMESPACES,
	};

	if (!event_lookup(name, want) && !syscall_want(state, name, want) &&
		!irq_want(state, name, want))
		return false;
	for (unsigned int i = 0; i < want->n_fields; i++)
		if (wants_of[want->fields[i].type] & ~state->config.wants &&
			!(want->fields[i].type == FIELD_NAME && names_containers(state, want)))
			want->fields[i].names = "";
	return want->wants & state->config.wants;
}

void state_feed(struct state *state, const struct record *rec, const struct state_io *io)
{
	if (!state->process.awake && !event_kind_is_of_stream(rec->kind))
		recording_begin(state, rec, io);
	if (G_UNLIKELY(state->process.doubted))
		thread_learn_name(state, rec, io);
	if (state->config.wants & WANT_CPU_TIME)
		cpu_time_before(state, rec);
	if (handlers[rec->kind])
		handlers[rec->kind](state, rec, io);
}

uint32_t state_version(unsigned int major, unsigned int minor, unsigned int patch)
{
	return VERSION(MIN(major, 1023), MIN(minor, 1023), MIN(patch, 1023));
}

/* What is measured in slices of time is told up to `time`. */
static void cut(struct state *state, int64_t time, const struct state_io *io)
{
	const struct record at = {.time = time, .cpu = CPU_UNKNOWN};

	recording_cut(state, &at, io);
	sched_cut_all(state, &at, io);
	cache_cut(state, &at, io);
	names_forget(state);
	state->sched.window = time;
}

void state_begin_window(struct state *state, int64_t time, const struct state_io *io)
{
	struct state_io silent = *io;

	silent.emits = 0;
	sched_settle(state, &(struct record){.time = time}, &silent);
	cut(state, time, &silent);
	cut(state, time, io);
}

bool state_enter_window(struct state *state, int64_t time)
{
	state->sched.window = time;
	return sched_enter_window(state, time);
}

void state_cut(struct state *state, int64_t time, const struct state_io *io)
{
	const struct record at = {.time = time, .cpu = CPU_UNKNOWN};

	recording_cut(state, &at, io);
	calls_tell_open(state, &at, io);
	sync_tell_open(state, &at, io);
	sched_tell_open(state, &at, io);
	irq_tell_open(state, &at, io);
	block_tell_open(state, &at, io);
	cut(state, time, io);
}

struct unrecorded state_unrecorded(const struct state *state)
{
	return state->process.unrecorded;
}

void state_settle(struct state *state, int64_t time, const struct state_io *io)
{
	sched_settle(state, &(struct record){.time = time}, io);
}

int64_t state_unsettled(const struct state *state)
{
	return sched_unsettled(state);
}

void state_expect_cpu(struct state *state, int32_t number)
{
	struct cpu *cpu = cpu_at(state, number);

	if (cpu)
		cpu->expected = true;
}

void state_set_arch(struct state *state, enum syscall_arch arch)
{
	if (state->config.arch != SYSCALL_ARCH_UNKNOWN)
		return;
	state->config.arch = arch;
	call_forget_numbers(state);
}

static struct state_task task_of(const struct state *state, const struct thread *thread)
{
	return (struct state_task){thread_tid(thread), thread_pid(thread), thread->comm,
		thread_utid(thread), thread_upid(state, thread), thread_process(state, thread)};
}

int32_t state_cpus(const struct state *state)
{
	return (int32_t)state->process.cpus->len;
}

struct state_task state_thread(const struct state *state, int64_t tid)
{
	const struct thread *thread = thread_find(state, tid);

	if (thread && !thread->exited && !thread_is_kernel(thread))
		return task_of(state, thread);
	return (struct state_task){.tid = VALUE_ABSENT,
		.pid = VALUE_ABSENT,
		.utid = VALUE_ABSENT,
		.upid = VALUE_ABSENT};
}

struct state_task state_current(const struct state *state, int32_t number)
{
	const struct cpu *cpu = cpu_find(state, number);
	const struct thread *thread = cpu ? thread_at(state, cpu->thread) : NULL;

	if (thread)
		return task_of(state, thread);
	return (struct state_task){
		.tid = cpu && cpu->tid >= 0 ? cpu->tid : VALUE_ABSENT,
		.pid = cpu && cpu->tid == 0 ? 0 : VALUE_ABSENT,
		.utid = VALUE_ABSENT,
		.upid = VALUE_ABSENT,
	};
}

struct thread_place state_place_of(const struct state *state, int64_t tid, int64_t utid)
{
	return *place_of_spot(state, spot_of_number(state, tid, utid));
}

bool state_has_containers(const struct state *state)
{
	return state->namespaces.containers.used > CONTAINER_HOST + 1;
}

struct each_thread {
	const struct state *state;
	void (*each)(void *data, const struct state_task *task, const struct thread_place *place);
	void *data;
};

static void show_thread(void *data, const struct thread *thread)
{
	const struct each_thread *to = data;
	struct state_task task = task_of(to->state, thread);

	if (!thread->exited)
		to->each(to->data, &task, place_of(to->state, thread));
}

void state_each_thread(const struct state *state,
	void (*each)(void *data, const struct state_task *task, const struct thread_place *place),
	void *data)
{
	struct each_thread to = {state, each, data};

	thread_each(state, show_thread, &to);
}

const char *state_text(const struct state *state, strid id)
{
	return strpool_text(state->strings, id);
}

strid state_intern(struct state *state, const char *text)
{
	return strpool_intern(state->strings, text);
}

void state_forget(struct state *state, strid id)
{
	strpool_unref(state->strings, id);
}

uint64_t state_text_serial(const struct state *state, strid id)
{
	return strpool_serial(state->strings, id);
}

struct state_counts state_count(const struct state *state)
{
	return (struct state_counts){
		.threads = state->process.alive,
		.files = state->fd.alive,
		.fds = state->fd.trees.alive,
		.requests = state->block.alive,
		.dirty_runs = state->cache.n_runs,
		.dirty = state->cache.dirty,
		.strings = strpool_size(state->strings),
	};
}

void on_statedump_cpu_topology(
	struct state *state, const struct record *rec, const struct state_io *io)
{
	const char *machine = record_string(io->get, rec, F_statedump_cpu_topology_architecture);

	if (machine)
		state_set_arch(state, syscall_arch_of(machine));
}

/* ---- Images ---- */

static void describe(struct image *image)
{
	struct state *state = image->state;
	uint32_t arch = state->config.arch;

	codec_index(image->codec, &arch, SYSCALL_ARCHS + 1);
	state->config.arch = arch;
	call_names_image(image);
	image_strings(image);
	image_part(image, (state->config.wants & WANT_NAMESPACES) != 0, namespaces_image);
	fd_image(image);
	sync_calls_image(image);
	sync_image(image);
	image_part(image, (state->config.wants & WANT_CACHE) != 0, page_runs_image);
	process_image(image);
	disk_image(image);
	mounts_image(image);
	block_image(image);
	irq_image(image);
	waits_image(image);
	packets_image(image);
	sockets_image(image);
	codec_time(image->codec, &state->sched.window);
	cpu_time_image(image);
	writeback_image(image);
	image_strings_check(image);
	fd_image_check(image);
}

static void run_image(struct image *image)
{
	/* Each pool is described before its items are named. */
	describe(image);
	for (int i = 0; i < IMAGE_POOLS; i++)
		g_free(image->alive[i]);
}

void state_save(const struct state *state, struct codec *codec)
{
	/* It stays as it is: what is read when loading is written here. */
	struct image image = {.codec = codec, .state = (struct state *)state};

	run_image(&image);
}

bool state_load(struct state *state, struct codec *codec)
{
	struct image image = {.codec = codec, .state = state};

	run_image(&image);
	return !codec->failed;
}
