/*
 * Fuzzer of the kernel model: sequences of events that are well-formed, whatever they say. An input is
 * a head that says how the model is made, the classes that there are, and events (next_event() says
 * what they are). After each event, what the model holds must be consistent (check_model()); what it
 * tells is checked as it comes (on_derived()). At times it is written out and read back, which checks
 * every reference that there is; if the head says so, the whole input is fed a second time to a model
 * to which that never happens: it must tell the same.
 *
 * With DAMAGE (tests/fuzz/image.c) the image is changed before it is read back, as its checksum would
 * be: a model that is accepted all the same has to go on.
 *
 * With FUZZ_SHOW=1 it shows what it feeds, and what is told: what a unit test is made of.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/codec.h"
#include "state/derived.h"
#include "state/inspect.h"
#include "state/model.h"
#include "state/syscall_table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef DAMAGE
#define DAMAGE 0
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must be so is not. */
#define CHECK(what)              \
	do {                     \
		if (!(what))     \
			abort(); \
	} while (0)

/* Whether what happens is shown; and that. */
static bool shows;

static void show(const char *form, ...) G_GNUC_PRINTF(1, 2);
static void show(const char *form, ...)
{
	va_list args;

	if (!shows)
		return;
	va_start(args, form);
	vprintf(form, args);
	va_end(args);
	fflush(stdout);
}

/* ---- The input ---- */

struct input {
	const uint8_t *at, *end;
	const char *strings[16]; /* those of the event at hand, by field */
	unsigned int n_ints;
	int64_t ints[16];
};

static uint8_t next_byte(struct input *input)
{
	return input->at < input->end ? *input->at++ : 0;
}

/* Numbers: small ones, so that the same come again; those at borders; and any. */
static int64_t next_number(struct input *input)
{
	static const int64_t odd[] = {VALUE_ABSENT, INT64_MIN + 1, INT64_MAX, INT64_MAX - 1, -1, -2,
		-100, INT32_MIN, INT32_MAX, (int64_t)INT32_MAX + 1, UINT32_MAX,
		(int64_t)UINT32_MAX + 1, 65535, 65536, TID_MAX, TID_MAX + 1, 255, 256, 512, 4096,
		8192, 1 << 20, 8388608, 8388609, 16384, 524288, 02000000, 040000, (int64_t)1 << 40,
		140, 1024, 1023};
	uint8_t byte = next_byte(input);
	uint64_t any = 0;

	if (byte < 160)
		return byte % 40;
	if (byte < 250)
		return odd[byte % G_N_ELEMENTS(odd)];
	for (int i = 0; i < 8; i++)
		any = any << 8 | next_byte(input);
	return (int64_t)any;
}

static const char *next_string(struct input *input)
{
	static const char *const texts[] = {NULL, "", "a", "app", "/a", "/b", "/dev/vda",
		"/dev/null", "pipe:[1]", "socket:[2]", "anon_inode:[eventfd]", "jbd2/vda1-8",
		"kworker/u4:0-flush-254:0", "kworker/u4:1", "iou-wrk-10",
		"iou-wrk-99999999999999999999", "8:0", "254:16", "bdi-1", "swapper/0", "kswapd0",
		"x86_64", "aarch64", "/proc/1/fd", "./a", ".", "a/b/../c", "vda", "\xff\xfe",
		"a name that is longer than what a kernel keeps", "/a\nb", "dm-0"};

	return texts[next_byte(input) % G_N_ELEMENTS(texts)];
}

static const char *get_string(void *data, const struct record *rec, unsigned int slot)
{
	(void)rec;
	return slot < 16 ? ((struct input *)data)->strings[slot] : NULL;
}

static size_t get_ints(
	void *data, const struct record *rec, unsigned int slot, int64_t *out, size_t max)
{
	const struct input *input = data;

	(void)rec;
	(void)slot;
	memcpy(out, input->ints, sizeof(*out) * MIN(max, input->n_ints));
	return input->n_ints;
}

/* ---- What the model tells ---- */

/* CPUs that events come from. */
#define CPUS 6

static struct state *state;

/* The time of the latest event, and a sum of all that was told. */
static int64_t now;
static uint64_t told_sum;

/* Whether the first window has begun; up to when slices of each CPU were told since then. */
static bool windows;
static int64_t sliced[CPUS], queued[CPUS], spent[CPUS];

static void add_told(uint64_t value)
{
	told_sum = (told_sum ^ value) * 0x9e3779b97f4a7c15u;
	told_sum ^= told_sum >> 29;
}

static void add_text(const char *text)
{
	size_t length = text ? strlen(text) : 0;

	CHECK(length < 10000);
	for (size_t i = 0; i < length; i++)
		add_told((uint8_t)text[i]);
	add_told(text ? length : UINT64_MAX);
}

static void look_at(const struct derived_field *fields, unsigned int n, const void *values)
{
	for (unsigned int i = 0; i < n; i++) {
		const void *at = (const char *)values + fields[i].offset;

		if (fields[i].type == DERIVED_STR)
			add_text(state_text(state, *(const strid *)at));
		else if (fields[i].type == DERIVED_SYM)
			add_text(*(const char *const *)at);
		else
			add_told(*(const uint64_t *)at);
	}
}

/* What was told of a CPU is told from its end on: slices leave nothing out, and nothing is twice. */
static void check_slice(const struct derived_sched_slice *slice)
{
	int64_t *last = slice->cpu >= 0 && slice->cpu < CPUS ? &sliced[slice->cpu] : NULL;

	CHECK(slice->begin <= slice->time && slice->time <= now);
	if (!last)
		return;
	CHECK(*last == VALUE_ABSENT || slice->begin == *last);
	*last = slice->time;
	CHECK(spent[slice->cpu] == 0);
	spent[slice->cpu] = slice->duration;
}

/* What a slice was spent on follows it, and is as long. */
static void check_cpu_time(const struct derived_cpu_time *told)
{
	CHECK(told->since < told->time && told->time <= now && told->duration > 0);
	CHECK(told->duration <= told->time - told->since);
	if (told->cpu >= 0 && told->cpu < CPUS)
		spent[told->cpu] -= told->duration;
}

/* The same of how long its queue is. */
static void check_run_queue(const struct derived_run_queue *told)
{
	int64_t *last = told->cpu < CPUS ? &queued[told->cpu] : NULL;

	CHECK(told->begin < told->time && told->time <= now && told->begin >= state->sched.window);
	CHECK(told->length == VALUE_ABSENT || told->length <= state->process.alive);
	if (!last)
		return;
	CHECK(*last == VALUE_ABSENT || told->begin == *last);
	*last = told->time;
}

/* What a thread does is in the window; who has run may turn out later. */
static void check_thread_state(const struct derived_thread_state *told)
{
	CHECK(told->begin < told->time && told->time <= now);
	CHECK(strcmp(told->state, "running") == 0 || told->begin >= state->sched.window);
}

static int64_t number_of(enum derived_kind kind, const void *event, const char *name)
{
	const struct derived_field *field = derived_field(kind, name);

	return field ? *(const int64_t *)(const void *)((const char *)event + field->offset)
		     : VALUE_ABSENT;
}

/* Time does not go back, but it can be long. */
static void check_times(enum derived_kind kind, const void *event)
{
	static bool known[DERIVED_KINDS], timed[DERIVED_KINDS];
	int64_t begin, time;

	if (!known[kind]) {
		known[kind] = true;
		timed[kind] = derived_field(kind, "begin") && derived_field(kind, "duration");
	}
	if (!timed[kind])
		return;
	begin = number_of(kind, event, "begin");
	time = number_of(kind, event, "time");
	CHECK(time <= now);
	CHECK(begin == VALUE_ABSENT || begin <= time);
	CHECK(begin == VALUE_ABSENT ||
		number_of(kind, event, "duration") == time_span(begin, time));
}

static void show_derived(enum derived_kind kind, const void *event)
{
	show("    %s", derived_events[kind].name);
	for (unsigned int i = 0; i < derived_events[kind].n_fields; i++) {
		const struct derived_field *field = &derived_events[kind].fields[i];
		const void *at = (const char *)event + field->offset;

		if (field->type == DERIVED_STR)
			show(" %s=%s", field->name, state_text(state, *(const strid *)at));
		else if (field->type == DERIVED_SYM)
			show(" %s=%s", field->name, *(const char *const *)at);
		else if (*(const int64_t *)at != VALUE_ABSENT)
			show(" %s=%" G_GINT64_FORMAT, field->name, *(const int64_t *)at);
	}
	show("\n");
}

static void on_derived(void *data, enum derived_kind kind, const void *event)
{
	(void)data;
	add_told(kind);
	if (shows)
		show_derived(kind, event);
	look_at(derived_events[kind].fields, derived_events[kind].n_fields, event);
	if (DAMAGE)
		return;
	check_times(kind, event);
	if (kind == DERIVED_sched_slice)
		check_slice(event);
	else if (kind == DERIVED_thread_state)
		check_thread_state(event);
	else if (kind == DERIVED_cpu_time)
		check_cpu_time(event);
	else if (kind == DERIVED_run_queue)
		check_run_queue(event);
}

static void on_row(void *data, const void *row)
{
	const struct state_view_info *view = data;

	look_at(view->fields, view->n_fields, row);
}

static void inspect(int64_t of)
{
	for (int view = 0; view < STATE_VIEW_COUNT; view++) {
		struct view_sink sink = {on_row, (void *)&state_views[view]};

		state_inspect(state, view, of, &sink);
	}
}

/* ---- What the model holds ---- */

/* The threads of a list of waiting ones; each knows its neighbours and its place. */
static uint32_t check_waiting(uint32_t first, uint32_t place)
{
	uint32_t n = 0, prev = 0;

	for (uint32_t index = first; index; index = thread_at(state, index)->task.next) {
		const struct task *task = &thread_at(state, index)->task;

		CHECK(n++ <= state->process.alive);
		CHECK(task->waits && task->place == place && task->prev == prev);
		CHECK(thread_find(state, thread_at(state, index)->tid) == thread_at(state, index));
		prev = index;
	}
	return n;
}

struct seen {
	uint32_t alive, doubted, queued, on_queues, placed, on, waiting, blind, missing, running,
		open;
};

static void check_cpu(int32_t number, struct seen *seen)
{
	const struct cpu *cpu = cpu_find(state, number);
	const struct thread *thread = thread_at(state, cpu->thread);

	CHECK(!thread || cpu->thread == cpu->stand_in || thread->tid == cpu->tid);
	CHECK(!cpu->stand_in || cpu->thread == cpu->stand_in);
	CHECK(!cpu->swapper || thread_at(state, cpu->swapper)->tid == 0);
	CHECK(cpu->since <= now);
	seen->blind += cpu->blind_end == INT64_MAX;
	seen->missing += cpu->gap_end == INT64_MAX;
	seen->running += thread != NULL;
	seen->waiting += check_waiting(cpu->sleeping, (uint32_t)number + 1);
	seen->queued += cpu->queued;
	if (cpu->stand_in) {
		seen->on += thread->on;
		seen->doubted += thread->doubt != NAME_SURE;
		CHECK(thread->tid == TID_UNKNOWN && thread->on == 1);
	}
}

/* What is counted is as many; what refers to each other does so both ways. */
static void check_model(void)
{
	const struct process_model *model = &state->process;
	struct seen seen = {.waiting = check_waiting(model->runnable, PLACE_RUNNABLE)};

	for (uint32_t i = 1; i < model->threads.used; i++) {
		const struct thread *thread = thread_at(state, i);

		if (thread_find(state, thread->tid) != thread)
			continue;
		seen.alive++;
		seen.doubted += thread->doubt != NAME_SURE;
		seen.placed += thread->task.place != 0;
		seen.on_queues +=
			thread->task.place == PLACE_RUNNABLE && thread->task.queue != CPU_UNKNOWN;
		seen.on += thread->on;
		CHECK(thread->task.waits || thread->task.place == 0);
	}
	for (guint i = 0; i < model->cpus->len; i++)
		check_cpu((int32_t)i, &seen);
	for (guint i = 0; i < model->streams->len; i++)
		seen.open += g_array_index(model->streams, struct recording, i).open;
	CHECK(seen.alive == model->alive && seen.doubted == model->doubted);
	CHECK(seen.placed == seen.waiting && seen.on == seen.running);
	CHECK(seen.queued == seen.on_queues);
	CHECK(seen.blind == model->blind && seen.missing == model->missing);
	CHECK(seen.open == model->open);
	CHECK(!model->hole || model->hole_begin <= now);
	CHECK(state->sched.window <= now);
}

/* ---- Events ---- */

/* Names of all events: those of the list, of which there are so many, and entry and exit of each call. */
static GPtrArray *names;
static unsigned int n_listed;

static void add_names(const char *all)
{
	char **list = g_strsplit(all, "|", -1);

	for (int i = 0; list[i]; i++)
		if (*list[i])
			g_ptr_array_add(names, g_strdup(list[i]));
	g_strfreev(list);
}

static void make_names(void)
{
	static const char *const more[] = {"syscall_entry_unknown", "syscall_exit_unknown",
		"exit_syscall", "syscall_entry_futex", "syscall_exit_futex", "sys_read",
		"sys_unknown", "compat_syscall_entry_read", "compat_syscall_exit_read",
		"irq_vectors_local_timer_entry|irq_vectors_local_timer_exit",
		"x86_irq_vectors_local_timer_entry|x86_irq_vectors_local_timer_exit"};

	names = g_ptr_array_new();
#define X_EVENT(event, wants, all, fields) add_names(all ? all : "");
	RAW_EVENTS(X_EVENT)
#undef X_EVENT
	for (size_t i = 0; i < G_N_ELEMENTS(more); i++)
		add_names(more[i]);
	n_listed = names->len;
	for (unsigned int i = 1; i <= SYSCALL_ROWS; i++) {
		g_ptr_array_add(names, g_strconcat("syscall_entry_", syscall_rows[i].name, NULL));
		g_ptr_array_add(names, g_strconcat("syscall_exit_", syscall_rows[i].name, NULL));
	}
}

/* The classes that the trace has. All of them are known before it is read. */
#define CLASSES_MAX 24

static unsigned int classes[CLASSES_MAX], n_classes;
static struct event_want wants_of[CLASSES_MAX];
static bool wanted[CLASSES_MAX];

static void read_classes(struct input *input)
{
	n_classes = 1 + next_byte(input) % CLASSES_MAX;
	for (unsigned int i = 0; i < n_classes; i++) {
		unsigned int high = next_byte(input), low = next_byte(input);

		classes[i] = high < 160 ? low % n_listed : (high << 8 | low) % names->len;
	}
}

/* A new model is asked what it wants of each. */
static void bind(void)
{
	for (unsigned int i = 0; i < n_classes; i++)
		wanted[i] = state_want(state, g_ptr_array_index(names, classes[i]), &wants_of[i]);
}

/* What a source tells of a stream: it begins, ends, or has lost something. */
static void stream_event(struct input *input, struct record *rec, const struct state_io *io)
{
	static const uint16_t kinds[] = {EV_stream_begin, EV_stream_end, EV_gap_begin,
		EV_lost_events, EV_lost_packets, EV_packet_begin, EV_packet_end, EV_packet_end,
		EV_first_event};
	uint8_t side = next_byte(input);
	int64_t values[8] = {0};

	rec->kind = kinds[next_byte(input) % G_N_ELEMENTS(kinds)];
	rec->sub = side % 4 == 0 ? SUB_SIDE : 0;
	rec->stream = side >> 2 & 3;
	rec->v = values;
	if (rec->kind == EV_packet_end) {
		values[F_packet_end_next] =
			side < 64 ? VALUE_ABSENT
				  : time_later(rec->time, (int64_t)next_byte(input) << side % 32);
	} else if (rec->kind == EV_lost_events || rec->kind == EV_lost_packets) {
		values[F_lost_events_count] = 5;
		values[F_lost_events_begin] = rec->time - next_byte(input);
		values[F_lost_events_end] = rec->time;
	}
	show("%" G_GINT64_FORMAT " cpu %d stream %u %s sub %u %" G_GINT64_FORMAT "\n", rec->time,
		rec->cpu, rec->stream, event_kind_name(rec->kind), rec->sub, values[1]);
	state_feed(state, rec, io);
}

static void show_class(unsigned int class_no, const struct record *rec, const struct input *input)
{
	show("%" G_GINT64_FORMAT " cpu %d %s", rec->time, rec->cpu,
		(const char *)g_ptr_array_index(names, classes[class_no]));
	for (unsigned int i = 0; i < wants_of[class_no].n_fields; i++)
		if (input->strings[i])
			show(" %s=%s", wants_of[class_no].fields[i].names, input->strings[i]);
		else if (rec->v[i] != VALUE_ABSENT)
			show(" %s=%" G_GINT64_FORMAT, wants_of[class_no].fields[i].names,
				rec->v[i]);
	show("\n");
}

static void class_event(
	struct input *input, unsigned int class_no, struct record *rec, const struct state_io *io)
{
	const struct event_want *want = &wants_of[class_no];
	int64_t values[EVENT_FIELDS_MAX];

	for (unsigned int i = 0; i < want->n_fields; i++) {
		bool there = *want->fields[i].names;

		values[i] = VALUE_ABSENT;
		input->strings[i % 16] = NULL;
		switch (want->fields[i].type) {
		case FIELD_STR:
		case FIELD_NAME:
			input->strings[i % 16] = there ? next_string(input) : NULL;
			break;
		case FIELD_INTS:
			input->n_ints = next_byte(input) % 16;
			for (unsigned int k = 0; k < input->n_ints; k++)
				input->ints[k] = next_number(input);
			break;
		default:
			values[i] = there ? next_number(input) : VALUE_ABSENT;
		}
	}
	rec->kind = want->kind;
	rec->sub = want->sub;
	rec->v = values;
	if (shows)
		show_class(class_no, rec, input);
	state_feed(state, rec, io);
}

/* What there is beside events. */
enum step { STEP_EVENT, STEP_RELOAD };

/* A window begins: the first one, or one of a run that goes on from here. */
static void begin_window(struct state_io *io)
{
	for (int i = 0; i < CPUS; i++)
		sliced[i] = queued[i] = VALUE_ABSENT;
	memset(spent, 0, sizeof(spent));
	windows = true;
	show("%" G_GINT64_FORMAT " begin_window\n", now);
	state_begin_window(state, now, io);
	for (int i = 0; i < CPUS; i++)
		sliced[i] = queued[i] = now;
}

/* A window ends; of CPUs that nobody knows, nothing was told in it. */
static void cut(struct state_io *io)
{
	show("%" G_GINT64_FORMAT " cut\n", now);
	if (!windows)
		return;
	state_cut(state, now, io);
	for (int i = 0; i < CPUS; i++) {
		const struct cpu *cpu = cpu_find(state, i);

		if (!cpu || !(cpu->known || cpu->expected))
			sliced[i] = queued[i] = now;
	}
}

/*
 * An event: the number of its class, its CPU, how long it is after the one before, and its fields. Of the
 * numbers, some are no class: a stream's event, the end of a window, a look at the model.
 */
static enum step next_event(struct input *input, struct state_io *io, uint64_t emits)
{
	unsigned int class_no = next_byte(input), cpu = next_byte(input), after = next_byte(input);
	struct record rec = {.cpu = cpu % 8 == 7 ? (cpu & 64 ? 5 : -1) : (int32_t)(cpu % 4)};

	now = time_later(now, after < 128   ? after % 16
			      : after < 255 ? (int64_t)1 << after % 32
					    : INT64_MAX / 3);
	rec.time = now;
	/* Nothing is told before the first window begins. */
	io->emits = windows ? emits : 0;
	if (class_no < 200) {
		if (wanted[class_no % n_classes])
			class_event(input, class_no % n_classes, &rec, io);
		return STEP_EVENT;
	}
	switch (class_no % 14) {
	case 0:
	case 1:
		cut(io);
		break;
	case 2:
		inspect(next_number(input));
		break;
	case 3:
		show("%" G_GINT64_FORMAT " settle\n", now);
		state_settle(state, now, io);
		break;
	case 4:
		io->emits = emits;
		begin_window(io);
		break;
	case 5:
		return STEP_RELOAD;
	case 6:
		show("cpu %d is expected\n", rec.cpu);
		state_expect_cpu(state, rec.cpu);
		break;
	default:
		stream_event(input, &rec, io);
	}
	return STEP_EVENT;
}

/* ---- Images ---- */

static GByteArray *save(void)
{
	GByteArray *bytes = g_byte_array_new();
	struct codec codec = codec_writer(bytes, now);

	state_save(state, &codec);
	CHECK(!codec.failed);
	return bytes;
}

static struct state *load(const GByteArray *bytes, const struct state_config *config)
{
	struct codec codec = codec_reader(bytes->data, bytes->len, now);
	struct state *old = state, *made = state_new(config);
	bool ok;

	state = made;
	bind();
	ok = state_load(made, &codec);
	codec_end(&codec);
	state = old;
	if (ok && !codec.failed)
		return made;
	CHECK(codec.failed);
	if (!DAMAGE)
		fprintf(stderr, "an image is refused: %s\n", codec.failed);
	state_free(made);
	return NULL;
}

/* The model becomes what is read of it, which is the same. */
static void reload(void)
{
	GByteArray *bytes = save(), *again;
	struct state *made = load(bytes, state_config(state));

	CHECK(made);
	show("reload\n");
	state_free(state);
	state = made;
	again = save();
	CHECK(bytes->len == again->len && memcmp(bytes->data, again->data, bytes->len) == 0);
	g_byte_array_unref(bytes);
	g_byte_array_unref(again);
}

/* Bytes of the image become others: places and values come from the input. */
static void damage(struct input *input)
{
	GByteArray *bytes = save();
	struct state *made;

	for (unsigned int n = 1 + next_byte(input) % 6; n > 0 && bytes->len > 0; n--) {
		unsigned int place = next_byte(input) << 8;

		place |= next_byte(input);
		bytes->data[place % bytes->len] = next_byte(input);
	}
	made = load(bytes, state_config(state));
	if (made) {
		state_free(state);
		state = made;
	}
	g_byte_array_unref(bytes);
}

/* ---- One input ---- */

/* What the head of an input says: bits of these. */
struct head {
	uint8_t flags, choice, lacks, ways;
};

static struct state_config config_of(const struct head *head)
{
	static const unsigned int parts[] = {WANT_ALL, WANT_FILES | WANT_IO,
		WANT_SCHED | WANT_WAKEUPS, WANT_CACHE, WANT_MEM | WANT_RECLAIM,
		WANT_ALL & ~WANT_CACHE, WANT_ALL & ~WANT_FILES, WANT_IRQ | WANT_NET, WANT_STATES,
		WANT_STATES | WANT_CONTEXT | WANT_NAMES};
	static const uint32_t kernels[] = {
		0, VERSION(3, 2, 0), VERSION(4, 13, 0), VERSION(6, 1, 0)};
	static const uint32_t tracers[] = {
		0, VERSION(2, 6, 0), VERSION(2, 9, 3), VERSION(2, 13, 0)};

	return (struct state_config){.wants = parts[head->choice % G_N_ELEMENTS(parts)],
		.arch = (enum syscall_arch)(head->flags >> 5),
		.never_freed = head->flags & 1,
		.no_switches = head->flags & 2,
		.no_migrations = head->flags & 4,
		.no_waking = head->flags & 8,
		.no_irqs = head->lacks & 1,
		.no_softirqs = head->lacks & 2,
		.no_hrtimers = head->lacks & 4,
		.kernel = kernels[head->lacks >> 3 & 3],
		.tracer = tracers[head->lacks >> 5 & 3]};
}

/* What `ways` of a head says. */
#define WAY_TWICE   1   /* the input is fed twice, the second time without reloads */
#define WAY_SILENT  2   /* nobody listens */
#define WAY_LATE    4   /* the first window does not begin at once */
#define WAYS_ALWAYS 248 /* from here on: there is a reload after each event */

static void feed(struct input *input, const struct head *head, bool reloads)
{
	struct state_config config = config_of(head);
	struct record_getters get = {get_string, get_ints, input};
	uint64_t emits = head->ways & WAY_SILENT ? 0 : ~UINT64_C(0);
	struct state_io io = {.get = &get, .emit = on_derived, .emits = emits};
	unsigned int events = 0;

	now = head->choice & 128 ? INT64_MIN / 2 : 1000000;
	told_sum = 0;
	windows = false;
	state = state_new(&config);
	bind();
	if (!(head->ways & WAY_LATE))
		begin_window(&io);
	for (; input->at < input->end; events++) {
		enum step step = next_event(input, &io, emits);

		if (DAMAGE && events % 16 == 15)
			damage(input);
		else if (!DAMAGE && reloads && (step == STEP_RELOAD || head->ways >= WAYS_ALWAYS))
			reload();
		if (!DAMAGE)
			check_model();
	}
	io.emits = windows ? emits : 0;
	show("%" G_GINT64_FORMAT " end\n", now);
	state_cut(state, now, &io);
	state_settle(state, now, &io);
	inspect(10);
	if (!DAMAGE) {
		check_model();
		CHECK(state_unsettled(state) >= now);
	}
	state_free(state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {.at = data, .end = data + size};
	struct head head;
	struct input start;
	uint64_t sum;

	if (!names) {
		make_names();
		shows = getenv("FUZZ_SHOW") != NULL;
	}
	head.flags = next_byte(&input);
	head.choice = next_byte(&input);
	head.lacks = next_byte(&input);
	head.ways = next_byte(&input);
	read_classes(&input);
	start = input;
	feed(&input, &head, true);
	sum = told_sum;
	if (!DAMAGE && head.ways & WAY_TWICE) {
		feed(&start, &head, false);
		CHECK(sum == told_sum);
	}
	return 0;
}
