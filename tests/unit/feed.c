/*
 * For tests of the kernel model: events made by hand go in, derived events come out as text.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tests/unit/feed.h"

#include "state/codec.h"
#include "state/model.h"

#include <string.h>

struct feed {
	struct state *state;
	bool reloads;        /* after events, the model is written out and read back: */
	unsigned int events; /* of many only now and then */
	GPtrArray *names;    /* that state_want() was asked for */
	struct state_io io;
	struct record_getters get;
	struct event_want want; /* of the event at hand */
	GHashTable *fields;     /* its fields as text */
	char **watched[DERIVED_KINDS];
	GString *seen;
};

/* The text of a field by any of its names ("a|b"), or NULL. */
static const char *field_text(struct feed *feed, const char *names)
{
	char **list = g_strsplit(names, "|", -1);
	const char *found = NULL;

	for (int i = 0; list[i] && !found; i++)
		found = g_hash_table_lookup(feed->fields, list[i]);
	g_strfreev(list);
	return found;
}

static const char *get_string(void *data, const struct record *rec, unsigned int slot)
{
	struct feed *feed = data;

	(void)rec;
	return field_text(feed, feed->want.fields[slot].names);
}

static size_t get_ints(
	void *data, const struct record *rec, unsigned int slot, int64_t *out, size_t max)
{
	const char *text = get_string(data, rec, slot);
	char **items;
	size_t n = 0;

	if (!text || text[0] != '[')
		return 0;
	items = g_strsplit(text + 1, ",", -1);
	for (; items[n]; n++)
		if (n < max)
			out[n] = g_ascii_strtoll(items[n], NULL, 10);
	g_strfreev(items);
	return n;
}

static void write_field(struct feed *feed, const struct derived_field *field, const void *event)
{
	const void *at = (const char *)event + field->offset;
	const char *text = NULL;
	int64_t number;

	switch (field->type) {
	case DERIVED_STR:
		text = state_text(feed->state, *(const strid *)at);
		break;
	case DERIVED_SYM:
		text = *(const char *const *)at;
		break;
	default:
		number = *(const int64_t *)at;
		if (number != VALUE_ABSENT) {
			g_string_append_printf(feed->seen, " %" G_GINT64_FORMAT, number);
			return;
		}
	}
	g_string_append_printf(feed->seen, " %s", text ? text : "nil");
}

static void on_derived(void *data, enum derived_kind kind, const void *event)
{
	struct feed *feed = data;

	g_string_append(feed->seen, derived_events[kind].name);
	for (int i = 0; feed->watched[kind][i]; i++)
		write_field(feed, derived_field(kind, feed->watched[kind][i]), event);
	g_string_append_c(feed->seen, '\n');
}

struct feed *feed_new_with(const struct state_config *config)
{
	struct feed *feed = g_new0(struct feed, 1);

	feed->state = state_new(config);
	feed->reloads = g_getenv("FEED_RELOADS") != NULL;
	feed->names = g_ptr_array_new_with_free_func(g_free);
	feed->get = (struct record_getters){get_string, get_ints, feed};
	feed->io = (struct state_io){.get = &feed->get, .emit = on_derived, .data = feed};
	feed->fields = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	feed->seen = g_string_new(NULL);
	return feed;
}

struct feed *feed_new(void)
{
	return feed_new_with(&(struct state_config){.wants = ~0u, .arch = SYSCALL_ARCH_X86_64});
}

void feed_free(struct feed *feed)
{
	state_free(feed->state);
	g_ptr_array_unref(feed->names);
	g_hash_table_destroy(feed->fields);
	g_string_free(feed->seen, TRUE);
	for (int kind = 0; kind < DERIVED_KINDS; kind++)
		g_strfreev(feed->watched[kind]);
	g_free(feed);
}

struct state *feed_state(struct feed *feed)
{
	return feed->state;
}

struct state *feed_new_state(const struct feed *feed)
{
	struct state *state = state_new(&feed->state->config);
	struct event_want want;

	for (guint i = 0; i < feed->names->len; i++)
		state_want(state, g_ptr_array_index(feed->names, i), &want);
	return state;
}

struct feed *feed_adopt(const struct feed *like, struct state *state)
{
	struct feed *feed = feed_new_with(&like->state->config);

	state_free(feed->state);
	feed->state = state;
	return feed;
}

static GByteArray *save(const struct state *state, int64_t time)
{
	GByteArray *bytes = g_byte_array_new();
	struct codec codec = codec_writer(bytes, time);

	state_save(state, &codec);
	return bytes;
}

/* Replaces the model by what is read of it after it has been written, which must be the same. */
static void reload(struct feed *feed, int64_t time)
{
	GByteArray *bytes = save(feed->state, time), *again;
	struct codec codec = codec_reader(bytes->data, bytes->len, time);
	struct state *state = feed_new_state(feed);

	if (!state_load(state, &codec))
		g_error("the image of a model makes no sense: %s", codec.failed);
	codec_end(&codec);
	g_assert_null(codec.failed);
	again = save(state, time);
	g_assert_cmpmem(bytes->data, bytes->len, again->data, again->len);
	g_byte_array_unref(bytes);
	g_byte_array_unref(again);
	state_free(feed->state);
	feed->state = state;
}

/* Feeds one record. */
static void feed_record(struct feed *feed, const struct record *rec)
{
	state_feed(feed->state, rec, &feed->io);
	feed->events++;
	if (feed->reloads && (feed->events < 500 || feed->events % 5000 == 0))
		reload(feed, rec->time);
}

static void read_fields(struct feed *feed, const char *fields)
{
	char **list = g_strsplit(fields, " ", -1);

	g_hash_table_remove_all(feed->fields);
	for (int i = 0; list[i]; i++) {
		char *equals = strchr(list[i], '=');

		if (!*list[i])
			continue;
		g_assert_nonnull(equals);
		g_hash_table_insert(
			feed->fields, g_strndup(list[i], equals - list[i]), g_strdup(equals + 1));
	}
	g_strfreev(list);
}

void feed(struct feed *feed, int64_t time, int32_t cpu, const char *event, const char *fields)
{
	int64_t values[EVENT_FIELDS_MAX];
	struct record rec = {.time = time, .cpu = cpu, .v = values};

	read_fields(feed, fields);
	g_assert_true(state_want(feed->state, event, &feed->want));
	g_ptr_array_add(feed->names, g_strdup(event));
	for (unsigned int i = 0; i < feed->want.n_fields; i++) {
		const char *text = field_text(feed, feed->want.fields[i].names);
		char *end = NULL;

		values[i] = text ? g_ascii_strtoll(text, &end, 10) : VALUE_ABSENT;
		if (text && (end == text || *end))
			values[i] = VALUE_ABSENT;
	}
	rec.kind = feed->want.kind;
	rec.sub = feed->want.sub;
	feed_record(feed, &rec);
}

void feed_try(struct feed *self, int64_t time, int32_t cpu, const char *event, const char *fields)
{
	struct event_want want;

	if (state_want(self->state, event, &want))
		feed(self, time, cpu, event, fields);
}

static void feed_gap(
	struct feed *feed, int64_t begin, int64_t end, int32_t cpu, int64_t count, uint16_t sub)
{
	int64_t values[F_lost_events_COUNT];
	struct record rec = {
		.time = begin, .cpu = cpu, .v = values, .kind = EV_gap_begin, .sub = sub};

	values[F_gap_begin_count] = count;
	feed_record(feed, &rec);
	rec.time = end;
	rec.kind = EV_lost_events;
	values[F_lost_events_count] = count;
	values[F_lost_events_begin] = begin;
	values[F_lost_events_end] = end;
	feed_record(feed, &rec);
}

void feed_lost(struct feed *feed, int64_t begin, int64_t end, int32_t cpu, int64_t count)
{
	feed_gap(feed, begin, end, cpu, count, 0);
}

void feed_lost_aside(struct feed *feed, int64_t begin, int64_t end, int32_t cpu, int64_t count)
{
	feed_gap(feed, begin, end, cpu, count, SUB_SIDE);
}

void feed_stream(struct feed *feed, int64_t time, int32_t cpu, const char *what)
{
	struct record rec = {
		.time = time, .cpu = cpu, .stream = (uint32_t)cpu, .kind = EV_stream_begin};

	if (g_str_has_suffix(what, "_end"))
		rec.kind = EV_stream_end;
	if (g_str_equal(what, "first_event"))
		rec.kind = EV_first_event;
	if (g_str_has_prefix(what, "side_"))
		rec.sub = SUB_SIDE;
	feed_record(feed, &rec);
	if (g_str_equal(what, "stream_begin")) {
		rec.kind = EV_first_event;
		feed_record(feed, &rec);
	}
}

void feed_packet_begin(struct feed *feed, int64_t time, int32_t cpu)
{
	struct record rec = {
		.time = time, .cpu = cpu, .stream = (uint32_t)cpu, .kind = EV_packet_begin};

	feed_record(feed, &rec);
}

void feed_packet_end(struct feed *feed, int64_t time, int32_t cpu, int64_t next)
{
	int64_t values[F_packet_end_COUNT] = {[F_packet_end_next] = next};
	struct record rec = {.time = time,
		.cpu = cpu,
		.stream = (uint32_t)cpu,
		.v = values,
		.kind = EV_packet_end};

	feed_record(feed, &rec);
}

void feed_begin_window(struct feed *feed, int64_t time)
{
	state_begin_window(feed->state, time, &feed->io);
}

void feed_cut(struct feed *feed, int64_t time)
{
	state_cut(feed->state, time, &feed->io);
}

uint64_t feed_contradictions(const struct feed *feed)
{
	return state_unrecorded(feed->state).contradicts;
}

void feed_settle(struct feed *feed, int64_t time)
{
	state_settle(feed->state, time, &feed->io);
}

void feed_call(struct feed *self, int64_t time, int32_t cpu, const char *name,
	const char *entry_fields, const char *exit_fields)
{
	char *entry = g_strconcat("syscall_entry_", name, NULL);
	char *leave = g_strconcat("syscall_exit_", name, NULL);

	feed(self, time, cpu, entry, entry_fields);
	feed(self, time + 10, cpu, leave, exit_fields);
	g_free(entry);
	g_free(leave);
}

void feed_watch(struct feed *feed, const char *event, const char *fields)
{
	int kind = derived_lookup(event);

	g_assert_cmpint(kind, >=, 0);
	g_strfreev(feed->watched[kind]);
	feed->watched[kind] = g_strsplit(fields, " ", -1);
	for (int i = 0; feed->watched[kind][i]; i++)
		g_assert_nonnull(derived_field(kind, feed->watched[kind][i]));
	feed->io.emits |= UINT64_C(1) << kind;
}

void feed_expect_at(const char *file, int line, struct feed *feed, const char *lines)
{
	if (strcmp(feed->seen->str, lines) != 0)
		g_error("%s:%d: expected:\n%sbut there was:\n%s", file, line, lines,
			feed->seen->str);
	g_string_truncate(feed->seen, 0);
}

const char *feed_fd(struct feed *feed, int32_t tid, int32_t number)
{
	const struct thread *thread = thread_find(feed->state, tid);
	const struct fd *fd = thread ? fd_find(feed->state, thread->files, number) : NULL;

	if (!fd)
		return "closed";
	return fd->file.path ? state_text(feed->state, fd->file.path) : "?";
}
