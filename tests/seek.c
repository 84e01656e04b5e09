/*
 * seek [POSITIONS [FLIPS [SEED]]] TRACE...: checks that pauses do not change what a source delivers, and
 * that it can go on from each position as if it had never left: the same source, new ones, with
 * one thread and with two, and with limits. Each position is also damaged, FLIPS times in all, and read.
 * With NOTHING in the environment, no class is bound; with NO_INTERSECTION, all of the time is read;
 * with BABELTRACE2, that reader pauses, too. Ends with 3 if the trace can't be opened.
 *
 * seek identity TRACE...: writes the trace's identity.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/readers.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a record: all that can be known of it, as a checksum. */
struct print {
	int64_t time;
	uint64_t sum;
};

/* What a source tells after the last record. */
struct facts {
	GString *streams; /* what is lost, damaged, and has been read of each */
	GString *events;  /* by class */
};

struct position {
	int64_t time;
	guint records; /* delivered before */
	GByteArray *bytes;
};

static const char *const *paths;
static const char *what = "nothing"; /* is being done */
static GRand *dice;

#define MUST(condition, ...)                                                             \
	do {                                                                             \
		if (!(condition)) {                                                      \
			printf("%s: %s:%d: %s: ", what, __FILE__, __LINE__, #condition); \
			printf(__VA_ARGS__);                                             \
			putchar('\n');                                                   \
			exit(1);                                                         \
		}                                                                        \
	} while (0)

/* ---- Checksums ---- */

static uint64_t add(uint64_t sum, uint64_t value)
{
	sum = (sum ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return sum ^ sum >> 29;
}

static uint64_t add_text(uint64_t sum, const char *text)
{
	return add(sum, text ? g_str_hash(text) : 0);
}

static struct print print_of(const struct source *source, const struct record *rec)
{
	const struct record_getters *get = source_getters(source);
	uint64_t sum = add(add(add(0, rec->stream), (uint32_t)rec->cpu), rec->kind);
	int64_t ints[4] = {0};

	sum = add(add(sum, rec->class_no), rec->sub);
	if (rec->class_no == UINT32_MAX) {
		if (rec->v)
			sum = add(sum, (uint64_t)rec->v[0]);
		return (struct print){rec->time, sum};
	}
	for (unsigned int i = 0; i < source_class(source, rec->class_no)->n_fields; i++) {
		sum = add(sum, (uint64_t)rec->v[i]);
		if (source_class(source, rec->class_no)->fields[i].kind == FIELD_KIND_INT)
			continue;
		sum = add_text(sum, record_string(get, rec, i));
		if (record_ints(get, rec, i, ints, G_N_ELEMENTS(ints)))
			sum = add(sum, (uint64_t)ints[0]);
	}
	return (struct print){rec->time, sum};
}

static struct facts facts_of(const struct source *source)
{
	struct facts facts = {g_string_new(NULL), g_string_new(NULL)};
	int64_t first, last;
	uint64_t total;

	for (unsigned int i = 0; i < source_n_streams(source); i++) {
		const struct source_stream *stream = source_stream(source, i);

		g_string_append_printf(facts.streams,
			"stream %u: cpu %d events %" PRIu64 " lost %" PRIu64 " %" PRIu64 " %" PRId64
			" %" PRId64 " damaged %" PRIu64 " %s\n",
			i, stream->cpu, stream->events, stream->lost_events, stream->lost_packets,
			stream->lost_events || stream->lost_packets ? stream->lost_begin : 0,
			stream->lost_events || stream->lost_packets ? stream->lost_end : 0,
			stream->damaged, stream->damage ? stream->damage : "");
	}
	if (source_seen(source, &first, &last))
		g_string_append_printf(
			facts.streams, "seen %" PRId64 " %" PRId64 "\n", first, last);
	g_string_append_printf(facts.streams, "bytes %" PRIu64, source_bytes(source, &total));
	g_string_append_printf(facts.streams, " of %" PRIu64 "\n", total);
	for (unsigned int i = 0; i < source_n_classes(source); i++)
		if (source_class(source, i)->events)
			g_string_append_printf(facts.events, "%u: %" PRIu64 "\n", i,
				source_class(source, i)->events);
	return facts;
}

static void free_facts(struct facts *facts)
{
	g_string_free(facts->streams, TRUE);
	g_string_free(facts->events, TRUE);
}

static void check_facts(const struct source *source, const struct facts *expected, bool counted)
{
	struct facts facts = facts_of(source);

	MUST(strcmp(facts.streams->str, expected->streams->str) == 0, "%s\ninstead of\n%s",
		facts.streams->str, expected->streams->str);
	MUST(!counted || strcmp(facts.events->str, expected->events->str) == 0,
		"%s\ninstead of\n%s", facts.events->str, expected->events->str);
	free_facts(&facts);
}

/* ---- Sources ---- */

static void bind_all(struct source *source)
{
	for (unsigned int i = 0; i < source_n_classes(source); i++) {
		const struct source_class *class = source_class(source, i);

		source_bind(source, i, (uint16_t)(i % 1000), (uint16_t)(i % 77));
		for (unsigned int k = 0; k < class->n_fields; k++)
			source_bind_field(source, i, class->fields[k].name);
	}
}

/* With one thread, events are counted; with two they can't be. */
static struct source *open_source(unsigned int threads, const char *reader)
{
	struct source_options options = {
		.intersection = !getenv("NO_INTERSECTION"),
		.reader = reader,
		.threads = threads,
	};
	GPtrArray *notes = g_ptr_array_new_with_free_func(g_free);
	GError *error = NULL;
	struct source *source = source_open(paths, &options, notes, &error);

	if (!source) {
		printf("%s\n", error->message);
		exit(3);
	}
	g_ptr_array_unref(notes);
	if (!getenv("NOTHING"))
		bind_all(source);
	if (threads == 1)
		source_count(source);
	return source;
}

/* Reads until the source pauses or ends; checks the records against those that are expected. */
static enum source_status read_on(struct source *source, const GArray *expected, guint *at)
{
	enum source_status status;
	const struct record *records;
	GError *error = NULL;
	size_t n;

	while ((status = source_next(source, &records, &n, &error)) == SOURCE_MORE) {
		for (size_t i = 0; i < n; i++, (*at)++) {
			struct print print = print_of(source, &records[i]), other = {0};

			if (*at < expected->len)
				other = g_array_index(expected, struct print, *at);
			MUST(*at < expected->len && print.time == other.time &&
					print.sum == other.sum,
				"record %u of %u: %" PRId64
				" kind %u class %u stream %u instead of %" PRId64,
				*at, expected->len, print.time, records[i].kind,
				records[i].class_no, records[i].stream, other.time);
		}
	}
	MUST(status != SOURCE_FAILED, "%s", error->message);
	MUST(n == 0, "there are %zu records", n);
	return status;
}

/* Reads all, as it is without pauses. */
static GArray *read_all(struct source *source)
{
	GArray *prints = g_array_new(FALSE, FALSE, sizeof(struct print));
	const struct record *records;
	size_t n;

	while (source_next(source, &records, &n, NULL) == SOURCE_MORE)
		for (size_t i = 0; i < n; i++) {
			struct print print = print_of(source, &records[i]);

			g_array_append_val(prints, print);
		}
	return prints;
}

/* How many records there are up to a time. */
static guint records_until(const GArray *prints, int64_t time)
{
	guint low = 0, high = prints->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;

		if (g_array_index(prints, struct print, middle).time <= time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ---- Pauses ---- */

static void free_position(gpointer data)
{
	struct position *position = data;

	g_byte_array_unref(position->bytes);
	g_free(position);
}

/* NULL if the position can't be saved, and need not be. */
static struct position *save(struct source *source, guint records, bool can_save)
{
	struct position *position = g_new0(struct position, 1);
	struct codec codec;

	position->time = source_paused_at(source);
	position->records = records;
	position->bytes = g_byte_array_new();
	codec = codec_writer(position->bytes, position->time);
	source_save(source, &codec);
	MUST(!codec.failed || !can_save, "%s", codec.failed);
	if (!codec.failed)
		return position;
	free_position(position);
	return NULL;
}

static void load(struct source *source, const struct position *position)
{
	struct codec codec =
		codec_reader(position->bytes->data, position->bytes->len, position->time);
	const struct record *records;
	size_t n;

	source_load(source, &codec);
	codec_end(&codec);
	MUST(!codec.failed, "%s", codec.failed);
	MUST(source_paused_at(source) == position->time, "%" PRId64, source_paused_at(source));
	MUST(source_next(source, &records, &n, NULL) == SOURCE_PAUSED && n == 0, "it goes on");
}

static gint compare_times(gconstpointer a, gconstpointer b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/*
 * Times to pause at: by chance between first and last, or those of records, just before them, or
 * just between two.
 */
static GArray *choose_times(const GArray *prints, guint n)
{
	GArray *times = g_array_new(FALSE, FALSE, sizeof(int64_t));
	int64_t first = g_array_index(prints, struct print, 0).time;
	int64_t last = g_array_index(prints, struct print, prints->len - 1).time;

	for (guint i = 0; i < n; i++) {
		guint any = (guint)(g_rand_double(dice) * prints->len);
		int64_t time = g_array_index(prints, struct print, any).time;

		if (i % 3 == 0)
			time = first + (int64_t)(g_rand_double(dice) * (double)(last - first));
		time -= i % 3 == 1;
		g_array_append_val(times, time);
	}
	g_array_sort(times, compare_times);
	return times;
}

/* Goes on a few steps, without a pause. */
static void read_steps(struct source *source, const GArray *expected, guint *at)
{
	const struct record *records;
	size_t n;

	source_pause(source, INT64_MAX);
	for (int step = g_rand_int_range(dice, 0, getenv("NOTHING") ? 2 : 40); step > 0; step--) {
		if (source_next(source, &records, &n, NULL) != SOURCE_MORE)
			return;
		for (size_t i = 0; i < n; i++, (*at)++)
			MUST(*at < expected->len &&
					print_of(source, &records[i]).sum ==
						g_array_index(expected, struct print, *at).sum,
				"record %u", *at);
	}
}

/*
 * Reads on to the pause that is set; notes the position there, which may be impossible if not
 * `can_save`. Returns whether it was possible.
 */
static bool read_to_pause(struct source *source, const GArray *expected, GPtrArray *positions,
	guint *at, bool can_save)
{
	guint before = *at;
	enum source_status status = read_on(source, expected, at);
	int64_t time = source_paused_at(source);
	const struct record *records;
	struct position *position;
	size_t n;

	MUST(*at == MAX(before, records_until(expected, time)), "%u records instead of %u", *at,
		records_until(expected, time));
	MUST(status == SOURCE_PAUSED || *at == expected->len, "%u records", *at);
	MUST(source_next(source, &records, &n, NULL) == status && n == 0, "no pause");
	if (status == SOURCE_END)
		return false;
	position = save(source, *at, can_save);
	if (position)
		g_ptr_array_add(positions, position);
	return position != NULL;
}

/*
 * Pauses at each of the times; and after some more steps, just before what comes next. Saves
 * positions, if the source can.
 */
static void read_with_pauses(
	struct source *source, const GArray *expected, const GArray *times, GPtrArray *positions)
{
	bool can_save = source_can_seek(source);
	guint at = 0;

	for (guint i = 0; i < times->len; i++) {
		source_pause(source, g_array_index(times, int64_t, i));
		read_to_pause(source, expected, positions, &at, can_save);
		read_steps(source, expected, &at);
		if (at < expected->len) {
			source_pause(source, g_array_index(expected, struct print, at).time);
			/* Other streams may have records that wait. */
			can_save = read_to_pause(source, expected, positions, &at, false);
		}
	}
	source_pause(source, INT64_MAX);
	MUST(read_on(source, expected, &at) == SOURCE_END, "it does not end");
	MUST(at == expected->len, "%u of %u records", at, expected->len);
}

/* ---- Positions ---- */

/* From a position on to the next one that is later; or to the end. */
static void read_from(struct source *source, const GArray *expected, const GPtrArray *positions,
	guint number, bool to_end, bool counted)
{
	const struct position *position = g_ptr_array_index(positions, number), *next = NULL;
	guint at = position->records;

	load(source, position);
	if (!to_end && number + 1 < positions->len)
		next = g_ptr_array_index(positions, number + 1);
	source_pause(source, next ? next->time : INT64_MAX);
	MUST(read_on(source, expected, &at) == (next ? SOURCE_PAUSED : SOURCE_END), "at %u", at);
	MUST(at == (next ? next->records : expected->len), "%u records", at);
	if (next && counted && getenv("NO_INTERSECTION")) {
		/* It stands where the other one stood; but for streams that end early. */
		struct position *again = save(source, at, true);

		MUST(again->bytes->len == next->bytes->len &&
				memcmp(again->bytes->data, next->bytes->data, next->bytes->len) ==
					0,
			"position %u is another one", number + 1);
		free_position(again);
	}
}

static void read_in_any_order(struct source *source, const GArray *expected,
	const GPtrArray *positions, const struct facts *facts, bool counted, guint ends)
{
	for (guint i = 0; i < 2 * positions->len; i++)
		read_from(source, expected, positions,
			(guint)g_rand_int_range(dice, 0, (gint)positions->len), false, counted);
	for (guint i = 0; i < ends; i++) {
		read_from(source, expected, positions,
			(guint)g_rand_int_range(dice, 0, (gint)positions->len), true, counted);
		check_facts(source, facts, counted);
	}
}

/* From positions into limits: the same as with the limits from the begin on. */
static void read_within_limits(const GArray *all, const GPtrArray *positions, unsigned int threads)
{
	int64_t last = g_array_index(all, struct print, all->len - 1).time;

	for (guint i = 0; i < MIN(positions->len, 4); i++) {
		const struct position *position = g_ptr_array_index(
			positions, g_rand_int_range(dice, 0, (gint)positions->len));
		int64_t span = last - position->time, begin, end;
		struct source *source = open_source(threads, "native");
		GArray *expected;
		struct facts facts;
		guint at;

		begin = position->time + 1 + (int64_t)(g_rand_double(dice) * (double)span / 2);
		end = begin + (int64_t)(g_rand_double(dice) * (double)span / 2);
		if (i % 2)
			source_limit(source, begin, end);
		else
			source_limit(source, INT64_MIN, end);
		expected = read_all(source);
		facts = facts_of(source);
		at = records_until(expected, position->time);
		load(source, position);
		source_pause(source, INT64_MAX);
		MUST(read_on(source, expected, &at) == SOURCE_END, "it does not end");
		MUST(at == expected->len, "%u of %u records", at, expected->len);
		check_facts(source, &facts, threads == 1);
		free_facts(&facts);
		g_array_unref(expected);
		source_close(source);
	}
}

/* ---- Damage ---- */

static void damage(GByteArray *bytes)
{
	int flips = g_rand_int_range(dice, 1, 4);

	if (g_rand_int_range(dice, 0, 8) == 0)
		g_byte_array_set_size(bytes, (guint)g_rand_int_range(dice, 0, (gint)bytes->len));
	for (; flips > 0 && bytes->len > 0; flips--) {
		guint at = (guint)g_rand_int_range(dice, 0, (gint)bytes->len);

		bytes->data[at] ^= g_rand_int_range(dice, 0, 2)
					   ? (guint8)(1 << g_rand_int_range(dice, 0, 8))
					   : (guint8)g_rand_int_range(dice, 1, 256);
	}
}

/* Reads positions that are damaged: what comes of it does not matter, only that it ends. */
static void read_damaged(
	struct source *source, const GPtrArray *positions, unsigned int n, unsigned int *refused)
{
	for (unsigned int i = 0; i < n; i++) {
		const struct position *position = g_ptr_array_index(
			positions, g_rand_int_range(dice, 0, (gint)positions->len));
		GByteArray *bytes = g_byte_array_new();
		struct codec codec;
		const struct record *records;
		size_t count;

		g_byte_array_append(bytes, position->bytes->data, position->bytes->len);
		damage(bytes);
		codec = codec_reader(bytes->data, bytes->len, position->time);
		*refused += !source_load(source, &codec);
		source_pause(source, i % 2 ? INT64_MAX : position->time + 100000000);
		for (int step = 0; step < 200; step++) {
			if (source_next(source, &records, &count, NULL) != SOURCE_MORE)
				break;
			for (size_t k = 0; k < count; k++)
				print_of(source, &records[k]);
		}
		g_byte_array_unref(bytes);
	}
}

/* ---- All of it ---- */

static void check_identity(struct source *source)
{
	struct source *other = open_source(2, "native");
	GString *one = g_string_new(NULL), *two = g_string_new(NULL);

	source_identity(source, one);
	source_identity(other, two);
	MUST(one->len > 0 && g_string_equal(one, two), "%s\nand\n%s", one->str, two->str);
	g_string_free(one, TRUE);
	g_string_free(two, TRUE);
	source_close(other);
}

static void check_rewound(
	struct source *source, const GArray *expected, const struct facts *facts, bool counted)
{
	guint at = 0;

	source_rewind(source);
	MUST(read_on(source, expected, &at) == SOURCE_END && at == expected->len, "at %u", at);
	check_facts(source, facts, counted);
}

static int write_identity(void)
{
	struct source *source = open_source(1, "native");
	GString *text = g_string_new(NULL);

	source_identity(source, text);
	fputs(text->str, stdout);
	g_string_free(text, TRUE);
	source_close(source);
	return 0;
}

/* Pauses only. */
static void check_babeltrace2(const GArray *times)
{
	GPtrArray *others = g_ptr_array_new_with_free_func(free_position);
	struct source *source = open_source(1, "babeltrace2");
	GArray *expected = read_all(source);

	source_close(source);
	source = open_source(1, "babeltrace2");
	MUST(!source_can_seek(source), "it can seek");
	read_with_pauses(source, expected, times, others);
	MUST(others->len == 0, "it can save");
	source_close(source);
	g_ptr_array_unref(others);
	g_array_unref(expected);
}

int main(int argc, char **argv)
{
	unsigned int numbers[] = {20, 1000, 1}, refused = 0;
	GPtrArray *positions = g_ptr_array_new_with_free_func(free_position);
	GPtrArray *others = g_ptr_array_new_with_free_func(free_position);
	struct source *source;
	struct facts facts;
	GArray *all, *times;
	size_t size = 0;
	int arg = 1;

	if (argc > 2 && strcmp(argv[1], "identity") == 0) {
		paths = (const char *const *)argv + 2;
		return write_identity();
	}
	for (; arg < argc && arg <= 3 && isdigit((unsigned char)argv[arg][0]); arg++)
		numbers[arg - 1] = (unsigned int)atoi(argv[arg]);
	if (arg == argc)
		return 2;
	paths = (const char *const *)argv + arg;
	dice = g_rand_new_with_seed(numbers[2]);

	what = "all";
	source = open_source(1, "native");
	check_identity(source);
	all = read_all(source);
	MUST(all->len > 0, "there are no records");
	facts = facts_of(source);
	times = choose_times(all, numbers[0]);

	what = "rewound";
	check_rewound(source, all, &facts, true);
	what = "pauses, rewound";
	source_rewind(source);
	read_with_pauses(source, all, times, positions);
	check_facts(source, &facts, true);
	MUST(positions->len > 0, "there are no positions");
	for (guint i = 0; i < positions->len; i++)
		size += ((struct position *)g_ptr_array_index(positions, i))->bytes->len;

	what = "positions";
	read_in_any_order(source, all, positions, &facts, true, 3);
	what = "damaged positions";
	read_damaged(source, positions, numbers[1], &refused);
	what = "positions after damage";
	read_in_any_order(source, all, positions, &facts, true, 1);
	check_rewound(source, all, &facts, true);
	source_close(source);
	for (unsigned int threads = 1; threads <= 2; threads++) {
		what = threads == 1 ? "positions, new" : "positions, two threads";
		source = open_source(threads, "native");
		read_in_any_order(source, all, positions, &facts, threads == 1, 2);
		check_rewound(source, all, &facts, threads == 1);
		source_close(source);
		what = threads == 1 ? "pauses" : "pauses, two threads";
		source = open_source(threads, "native");
		read_with_pauses(source, all, times, others);
		check_facts(source, &facts, threads == 1);
		read_in_any_order(source, all, others, &facts, threads == 1, 1);
		source_close(source);
		g_ptr_array_set_size(others, 0);
		what = threads == 1 ? "limits" : "limits, two threads";
		read_within_limits(all, positions, threads);
	}
	what = "two threads, damaged positions";
	source = open_source(2, "native");
	read_damaged(source, positions, numbers[1] / 4, &refused);
	check_rewound(source, all, &facts, false);
	source_close(source);
	if (getenv("BABELTRACE2")) {
		what = "babeltrace2";
		check_babeltrace2(times);
	}
	printf("%u records, %u positions of %zu bytes; of %u damaged ones %u are refused\n",
		all->len, positions->len, size / positions->len, numbers[1] + numbers[1] / 4,
		refused);
	free_facts(&facts);
	g_array_unref(times);
	g_array_unref(all);
	g_ptr_array_unref(positions);
	g_ptr_array_unref(others);
	g_rand_free(dice);
	return 0;
}
