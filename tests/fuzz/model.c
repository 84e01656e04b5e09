/*
 * Fuzzer of the kernel model: sequences of events that are well-formed, whatever they say. An input is
 * a byte of flags, a byte that chooses what the model keeps, the classes that there are, and events
 * (next_event() says what they are). After some events (after each of them, if the flags are 0) the
 * model is written out and read back, which checks every reference that there is, and what it tells is
 * looked at.
 *
 * With DAMAGE (tests/fuzz/image.c) the image is changed before it is read back, as its checksum would
 * be: a model that is accepted all the same has to go on.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/codec.h"
#include "state/derived.h"
#include "state/inspect.h"
#include "state/model.h"
#include "state/syscall_table.h"

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
		(int64_t)UINT32_MAX + 1, 65535, 65536, 4194304, 4194305, 255, 256, 512, 4096, 8192,
		1 << 20, 8388608, 8388609, 16384, 524288, 02000000, 040000, (int64_t)1 << 40, 140,
		1024, 1023};
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

static struct state *state;

/* The time of the first event. */
static int64_t began;

static void look_at(const struct derived_field *fields, unsigned int n, const void *values)
{
	for (unsigned int i = 0; i < n; i++) {
		const char *at = (const char *)values + fields[i].offset;
		const char *text = NULL;

		if (fields[i].type == DERIVED_STR)
			text = state_text(state, *(const strid *)(const void *)at);
		else if (fields[i].type == DERIVED_SYM)
			text = *(const char *const *)(const void *)at;
		CHECK(!text || strlen(text) < 10000);
		/* Time does not go back, but it can be long. */
		if (fields[i].type != DERIVED_STR && fields[i].type != DERIVED_SYM && !DAMAGE &&
			strcmp(fields[i].name, "duration") == 0)
			CHECK(began < 0 || *(const int64_t *)(const void *)at >= 0 ||
				*(const int64_t *)(const void *)at == VALUE_ABSENT);
	}
}

static void on_derived(void *data, enum derived_kind kind, const void *event)
{
	(void)data;
	look_at(derived_events[kind].fields, derived_events[kind].n_fields, event);
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

/* ---- Events ---- */

/* Names of all events: those of the list, and entry and exit of each call. */
static GPtrArray *names;

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
		unsigned int high = next_byte(input) << 8;

		classes[i] = (high | next_byte(input)) % names->len;
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
	static const uint16_t kinds[] = {
		EV_stream_begin, EV_stream_end, EV_gap_begin, EV_lost_events, EV_lost_packets};
	int64_t values[8] = {0};

	rec->kind = kinds[next_byte(input) % G_N_ELEMENTS(kinds)];
	rec->sub = next_byte(input) % 4 == 0 ? SUB_SIDE : 0;
	rec->v = values;
	values[F_lost_events_count] = 5;
	if (rec->kind == EV_lost_events || rec->kind == EV_lost_packets) {
		values[F_lost_events_begin] = rec->time - next_byte(input);
		values[F_lost_events_end] = rec->time;
	}
	state_feed(state, rec, io);
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
	state_feed(state, rec, io);
}

/*
 * An event: the number of its class, its CPU, how long it is after the one before, and its fields. Of the
 * numbers, some are no class: a stream's event, the end of a window, a look at the model.
 */
static void next_event(struct input *input, int64_t *time, struct state_io *io)
{
	unsigned int class_no = next_byte(input), cpu = next_byte(input), after = next_byte(input);
	struct record rec = {.cpu = cpu % 8 == 7 ? (cpu & 64 ? 70 : -1) : (int32_t)(cpu % 4)};

	*time = time_later(*time, after < 128   ? after % 16
				  : after < 255 ? (int64_t)1 << after % 32
						: INT64_MAX / 3);
	rec.time = *time;
	if (class_no < 208) {
		if (wanted[class_no % n_classes])
			class_event(input, class_no % n_classes, &rec, io);
		return;
	}
	switch (class_no % 8) {
	case 0:
		state_cut(state, *time, io);
		break;
	case 1:
		inspect(next_number(input));
		break;
	case 2:
		state_settle(state, *time, io);
		break;
	default:
		stream_event(input, &rec, io);
	}
}

/* ---- Images ---- */

static GByteArray *save(int64_t time)
{
	GByteArray *bytes = g_byte_array_new();
	struct codec codec = codec_writer(bytes, time);

	state_save(state, &codec);
	CHECK(!codec.failed);
	return bytes;
}

static struct state *load(const GByteArray *bytes, const struct state_config *config, int64_t time)
{
	struct codec codec = codec_reader(bytes->data, bytes->len, time);
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
static void reload(int64_t time)
{
	GByteArray *bytes = save(time), *again;
	struct state *made = load(bytes, state_config(state), time);

	CHECK(made);
	state_free(state);
	state = made;
	again = save(time);
	CHECK(bytes->len == again->len && memcmp(bytes->data, again->data, bytes->len) == 0);
	g_byte_array_unref(bytes);
	g_byte_array_unref(again);
}

/* Bytes of the image become others: places and values come from the input. */
static void damage(struct input *input, int64_t time)
{
	GByteArray *bytes = save(time);
	struct state *made;

	for (unsigned int n = 1 + next_byte(input) % 6; n > 0 && bytes->len > 0; n--) {
		unsigned int place = next_byte(input) << 8;

		place |= next_byte(input);
		bytes->data[place % bytes->len] = next_byte(input);
	}
	made = load(bytes, state_config(state), time);
	if (made) {
		state_free(state);
		state = made;
	}
	g_byte_array_unref(bytes);
}

/* ---- One input ---- */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned int parts[] = {WANT_ALL, WANT_FILES | WANT_IO,
		WANT_SCHED | WANT_WAKEUPS, WANT_CACHE, WANT_MEM | WANT_RECLAIM,
		WANT_ALL & ~WANT_CACHE, WANT_ALL & ~WANT_FILES, WANT_IRQ | WANT_NET, WANT_STATES};
	struct input input = {.at = data, .end = data + size};
	uint8_t flags = next_byte(&input), choice = next_byte(&input);
	struct state_config config = {.wants = parts[choice % G_N_ELEMENTS(parts)],
		.arch = (enum syscall_arch)(flags >> 5),
		.never_freed = flags & 1,
		.no_switches = flags & 2,
		.no_migrations = flags & 4,
		.tracer = flags & 8 ? state_version(2, choice & 64 ? 6 : 13, 0) : 0};
	struct record_getters get = {get_string, get_ints, &input};
	struct state_io io = {
		.get = &get, .emit = on_derived, .emits = flags & 16 ? 0 : ~UINT64_C(0)};
	int64_t time = choice & 128 ? INT64_MIN / 2 : 1000000;
	unsigned int events = 0;

	if (!names)
		make_names();
	read_classes(&input);
	began = time;
	state = state_new(&config);
	bind();
	state_begin_window(state, time, &io);
	for (; input.at < input.end; events++) {
		next_event(&input, &time, &io);
		if (DAMAGE && events % 16 == 15)
			damage(&input, time);
		else if (!DAMAGE && (events % 8 == 7 || flags == 0))
			reload(time);
	}
	if (!DAMAGE)
		reload(time);
	state_cut(state, time, &io);
	state_settle(state, time, &io);
	inspect(10);
	state_free(state);
	return 0;
}
