/*
 * Fuzzer of packets. An input is: the number of the text in tests/fuzz/metadata/ that is the metadata
 * (beyond them: it brings its own, behind its length of 2 bytes); a byte of flags, see below; a byte
 * of limits; if it has an index, its length of 1 byte, and that; and the files of streams. All is
 * read, in every way there is, and must be the same in each.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Files that are the input: each byte beyond their end is one too many ---- */

enum { FIRST, SECOND, INDEX, N_FILES };

static struct {
	const uint8_t *data;
	size_t size;
	unsigned int opened; /* times */
} files[N_FILES];

/* Files change while they are read: once they have been looked at, they are gone or shorter. */
static bool files_change;

static int fake_open(const char *path, int flags)
{
	static const char *const paths[N_FILES] = {"0", "1", "./index/0.idx"};

	(void)flags;
	errno = ENOENT;
	for (int i = 0; i < N_FILES; i++)
		if (strcmp(path, paths[i]) == 0 && files[i].size > 0)
			return files[i].opened++ > 0 && files_change && files[i].size % 2 ? -1 : i;
	return -1;
}

static int fake_fstat(int fd, struct stat *st)
{
	size_t size = files[fd].size;

	if (files_change && files[fd].opened > 1)
		size /= 2;
	*st = (struct stat){.st_mode = S_IFREG, .st_size = (off_t)size};
	return 0;
}

static ssize_t fake_pread(int fd, void *to, size_t size, off_t offset)
{
	if (offset < 0 || (size_t)offset > files[fd].size)
		return -1;
	size = size < files[fd].size - (size_t)offset ? size : files[fd].size - (size_t)offset;
	memcpy(to, files[fd].data + offset, size);
	return (ssize_t)size;
}

static void *fake_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	(void)at;
	(void)protection;
	(void)flags;
	(void)offset;
	return memcpy(malloc(size), files[fd].data, size);
}

static int fake_munmap(void *at, size_t size)
{
	(void)size;
	free(at);
	return 0;
}

#define open(path, flags)       fake_open(path, flags)
#define fstat(fd, st)           fake_fstat(fd, st)
#define pread(a, b, c, d)       fake_pread(a, b, c, d)
#define mmap(a, b, c, d, e, f)  fake_mmap(a, b, c, d, e, f)
#define munmap(at, size)        fake_munmap(at, size)
#define madvise(at, size, what) ((void)(at), 0)
#define close(fd)               ((void)(fd))
#include "host/ctf/packet.c"
#undef open
#undef close
#undef MAGIC

/* For its parts: a trace from memory is opened as one from a folder is. */
#include "host/ctf/reader.c"

static void check(bool ok)
{
	if (!ok)
		abort();
}

/* ---- Reading everything ---- */

/* What a visitor has been told. */
struct told {
	int64_t number;
	uint64_t checksum; /* so that nothing is optimized away */
	bool is_number;
	const char *text; /* that a getter has told of the same field, or NULL */
	bool is_same;     /* text is told, and that */
	int depth;
};

static void take_integer(void *data, int64_t value)
{
	struct told *told = data;

	told->is_number = true;
	told->number = value;
}

static void take_large(void *data, uint64_t value)
{
	take_integer(data, (int64_t)value);
}

static void take_real(void *data, double value)
{
	((struct told *)data)->checksum += value > 0;
}

static void take_text(void *data, const char *value)
{
	struct told *told = data;

	told->checksum += strlen(value);
	told->is_same = told->text && strcmp(told->text, value) == 0;
}

static void take_key(void *data, const char *value)
{
	((struct told *)data)->checksum += strlen(value);
}

static void take_nothing(void *data)
{
	(void)data;
}

static void take_begin(void *data)
{
	((struct told *)data)->depth++;
}

static void take_end(void *data)
{
	((struct told *)data)->depth--;
}

static const struct value_visitor visitor = {take_integer, take_large, take_real, take_text,
	take_nothing, take_begin, take_begin, take_key, take_nothing, take_end};

/* A class's fields are bound twice: as such, and their second elements. */
static void take_record(const struct source *source, const struct record *rec)
{
	const struct record_getters *get = source_getters(source);
	const struct source_class *class;

	if (rec->class_no == UINT32_MAX)
		return;
	class = source_class(source, rec->class_no);
	for (unsigned int i = 0; i < class->n_fields; i++) {
		const struct source_field *field = &class->fields[i];
		struct told told = {.text = record_string(get, rec, 2 * i)};
		int64_t ints[4] = {0};
		size_t n = record_ints(get, rec, 2 * i, ints, G_N_ELEMENTS(ints));

		source_visit(source, rec, 2 * i, &visitor, &told);
		check(told.depth == 0);
		check(told.is_same || !told.text);
		check(!told.is_number || field->kind != FIELD_KIND_INT ||
			rec->v[2 * i] == told.number);
		check(n < 2 || rec->v[2 * i + 1] == ints[1]);
	}
}

/* What reading came to: the same, however it was done. */
struct outcome {
	uint64_t damaged, lost_events, lost_packets;
	int64_t first, last;
	uint64_t events;         /* with one thread */
	uint64_t records, times; /* sums: the same if the same is bound */
};

/* ---- Readings ---- */

/* How a trace is read. */
struct way {
	bool bound;      /* fields, and with them events are wanted */
	bool any_header; /* field by field */
	unsigned int threads;
	bool pauses; /* and goes back to where it was */
};

/* A source, which is used again if its metadata is one of the texts: making it takes long. */
struct reading {
	struct ctf_source *source;
	struct ctf_trace *trace;
	guint n_bound; /* classes */
	bool ok;
};

static void free_reading(struct reading *reading)
{
	ctf_close(&reading->source->base);
	g_free(reading);
}

static struct reading *new_reading(const char *text, size_t size)
{
	struct reading *reading = g_new0(struct reading, 1);
	GError *error = NULL;

	reading->source = new_source();
	reading->trace = g_new0(struct ctf_trace, 1);
	reading->trace->facts.path = g_strdup("fuzz");
	g_ptr_array_add(reading->source->base.traces, reading->trace);
	reading->trace->metadata = ctf_metadata_read(text, size, &error);
	if (reading->trace->metadata) {
		learn_trace(reading->trace);
		reading->ok = make_format(reading->trace, 0, &error);
	}
	check(reading->ok == !error);
	g_clear_error(&error);
	return reading;
}

/* As if it were new, but for its classes. */
static void begin_again(struct ctf_source *ctf_source)
{
	struct source *source = &ctf_source->base;

	g_ptr_array_set_size(source->streams, 0);
	g_ptr_array_set_size(source->hungry, 0);
	g_ptr_array_set_size(source->paused, 0);
	g_array_set_size(source->merge, 0);
	for (guint i = 0; i < source->classes->len; i++)
		((struct ctf_class *)g_ptr_array_index(source->classes, i))->facts.events = 0;
	source->range_begin = INT64_MAX;
	source->range_end = INT64_MIN;
	source->has_range = true;
	source->counts = false;
	source->seen = false;
	source->bytes = 0;
	source->pause = INT64_MAX;
	source->reached = INT64_MIN;
	source->first = source->last = 0;
	source_limit(source, INT64_MIN, INT64_MAX);
}

/* So many names of fields inside of others are bound in a class. */
#define INSIDE_MAX 32

/* Binds what is inside of a field: whole integers, arrays, and parts of these. */
static void bind_inside(struct source *source, unsigned int class_no, const struct ctf_node *node,
	const char *name, unsigned int *n)
{
	bool variant = node->type->kind == CTF_VARIANT || node->type->kind == CTF_OPTION;
	char *part = g_strconcat(name, "[0:2]", NULL);

	if (variant || node->type->kind == CTF_STRUCT) {
		for (unsigned int i = 0; i < node->n_children && *n < INSIDE_MAX; i++) {
			const struct ctf_node *child = &node->children[i];
			char *inner = variant ? g_strdup(name)
					      : g_strconcat(name, ".", child->name, NULL);

			bind_inside(source, class_no, child, inner, n);
			g_free(inner);
		}
	} else if (strchr(name, '.')) {
		source_bind_field(source, class_no, *n % 2 ? part : name);
		++*n;
	}
	g_free(part);
}

static void bind_all_inside(struct source *source, unsigned int class_no)
{
	const struct ctf_class *class = g_ptr_array_index(source->classes, class_no);
	unsigned int n = 0;

	for (int scope = 0; scope < CTF_N_SCOPES; scope++) {
		const struct ctf_node *node = class->layout.scopes[scope];

		for (unsigned int i = 0; node && i < node->n_children; i++)
			bind_inside(
				source, class_no, &node->children[i], node->children[i].name, &n);
	}
}

static void bind_all(struct reading *reading)
{
	struct source *source = &reading->source->base;

	for (; reading->n_bound < source->classes->len; reading->n_bound++) {
		const struct source_class *class = source_class(source, reading->n_bound);

		source_bind(source, reading->n_bound, 1, 2);
		for (unsigned int i = 0; i < class->n_fields; i++) {
			char *name = g_strconcat(class->fields[i].name, "[1]", NULL);

			check(source_bind_field(source, reading->n_bound, class->fields[i].name) ==
				2 * i);
			source_bind_field(source, reading->n_bound, name);
			g_free(name);
		}
		bind_all_inside(source, reading->n_bound);
	}
}

/* Limits from a byte: 16ths of the time that the packets span. */
static void set_limits(struct source *source, uint8_t limits)
{
	int64_t begin, end;
	uint64_t part;

	if (!limits || !source_range(source, &begin, &end))
		return;
	part = ((uint64_t)end - (uint64_t)begin) / 16;
	source_limit(source, (int64_t)((uint64_t)begin + part * (limits % 16)),
		(int64_t)((uint64_t)end - part * (limits / 16)));
}

/*
 * Goes on after a pause: from where it is, or from where it was when it was saved here, or from there
 * after that has been damaged, and then from where it was.
 */
static void go_on(struct source *source, unsigned int *pauses)
{
	unsigned int n = (*pauses)++;
	int64_t pause = source_paused_at(source), begin, end;
	GByteArray *bytes = g_byte_array_new();
	struct codec codec = codec_writer(bytes, pause);

	if (!files_change && (source->begin == INT64_MIN || pause < source->begin))
		source_save(source, &codec);
	if (n % 2 && bytes->len > 0 && !codec.failed) {
		uint8_t *at = &bytes->data[n * 31 % bytes->len], flip = (uint8_t)(1 << n % 8);
		const struct record *records;
		size_t count;

		*at ^= flip;
		codec = codec_reader(bytes->data, bytes->len, pause);
		source_load(source, &codec);
		source_pause(source, INT64_MAX);
		for (int i = 0; i < 10; i++)
			source_next(source, &records, &count, NULL);
		*at ^= flip;
		codec = codec_reader(bytes->data, bytes->len, pause);
		source_load(source, &codec);
		codec_end(&codec);
		check(!codec.failed);
	}
	g_byte_array_unref(bytes);
	if (n > 100 || !source_range(source, &begin, &end)) {
		source_pause(source, INT64_MAX);
	} else if (n % 3 == 2) {
		int64_t ahead = source_time_ahead(source, 64 * n);

		check(ahead > pause);
		source_pause(source, ahead);
	} else {
		source_pause(source, (int64_t)((uint64_t)pause + ((uint64_t)end - (uint64_t)begin) /
									 (16 + 16 * (n % 5))));
	}
}

static struct outcome read_all(struct source *source, bool counts, bool pauses)
{
	struct outcome outcome = {0};
	unsigned int n_pauses = 0;
	const struct record *records;
	enum source_status status;
	int64_t now = INT64_MIN, first, last;
	size_t n;

	if (counts)
		source_count(source);
	if (pauses)
		source_pause(source, source->range_begin);
	for (;;) {
		status = source_next(source, &records, &n, NULL);
		if (status == SOURCE_PAUSED)
			go_on(source, &n_pauses);
		else if (status != SOURCE_MORE)
			break;
		for (size_t i = 0; i < n; i++) {
			check(records[i].time >= now); /* time does not go back */
			now = records[i].time;
			outcome.records++;
			outcome.times += (uint64_t)now;
			take_record(source, &records[i]);
		}
	}
	check(status == SOURCE_END);
	for (unsigned int i = 0; i < source_n_classes(source); i++)
		outcome.events += source_class(source, i)->events;
	for (unsigned int i = 0; i < source_n_streams(source); i++) {
		const struct source_stream *stream = source_stream(source, i);

		check(!stream->damaged == !stream->damage);
		outcome.damaged += stream->damaged;
		outcome.lost_events += stream->lost_events;
		outcome.lost_packets += stream->lost_packets;
	}
	if (source_seen(source, &first, &last)) {
		check(first <= last && first >= source->begin && last <= source->end);
		outcome.first = first;
		outcome.last = last;
	}
	check(!counts || (outcome.events > 0) == source->seen);
	/* The shortest header is one bit. */
	check(outcome.events <= 8 * (files[FIRST].size + files[SECOND].size));
	return outcome;
}

enum {
	BIND = 1,
	SPLIT = 2,
	INTERSECT = 4,
	COMPARE = 8,
	HAS_INDEX = 16,
	THREADS = 32,
	CHANGE = 64,
	AHEAD = 128,
};

/* Reads the files in one way; false if they are none of the trace. */
static bool read_files(struct reading *reading, struct way way, uint8_t flags, uint8_t limits,
	struct outcome *outcome)
{
	struct source_options options = {.intersection = flags & INTERSECT};
	struct source *source = &reading->source->base;
	struct finding finding = new_finding(NULL, NULL);
	GPtrArray *notes = g_ptr_array_new_with_free_func(g_free);
	unsigned int left_out = 0;
	GError *error = NULL;
	bool ok = true;

	begin_again(reading->source);
	files_change = flags & CHANGE;
	for (int i = 0; i < N_FILES; i++)
		files[i].opened = 0;
	for (int i = 0; ok && i < INDEX; i++)
		if (files[i].size > 0)
			ok = look_at(reading->trace, &finding, i ? "1" : "0", notes, &error);
	ok = ok && add_streams(reading->source, 0, finding.streams, &options, &left_out, &error);
	check(ok == !error);
	g_clear_error(&error);
	reading->source->threads = way.threads;
	reading->source->records_ahead = flags & AHEAD ? 7 : 1;
	for (guint i = 0; way.any_header && i < reading->source->sets->len; i++)
		((struct ctf_class_set *)g_ptr_array_index(reading->source->sets, i))->header =
			CTF_ANY_HEADER;
	if (ok && way.bound)
		bind_all(reading);
	set_limits(source, limits);
	if (ok)
		*outcome = read_all(source, way.threads == 1, way.pauses);
	ctf_ahead_free(reading->source->ahead);
	reading->source->ahead = NULL;
	g_hash_table_unref(finding.by_name);
	g_ptr_array_unref(finding.streams);
	g_ptr_array_unref(notes);
	return ok;
}

/* ---- Inputs ---- */

/* Metadata that many inputs have. */
struct text {
	char *data;
	gsize size;
	struct reading *readings[2][2]; /* bound or not, and with headers of any kind or not */
};

static GPtrArray *texts; /* struct text, read from the folder */

static gint compare_paths(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void load_texts(void)
{
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	const char *folder = "tests/fuzz/metadata", *name;
	GDir *dir = g_dir_open(folder, 0, NULL);

	check(dir != NULL); /* to be run in the project's folder */
	while ((name = g_dir_read_name(dir)))
		g_ptr_array_add(paths, g_build_filename(folder, name, NULL));
	g_dir_close(dir);
	g_ptr_array_sort(paths, compare_paths);
	texts = g_ptr_array_new();
	for (guint i = 0; i < paths->len; i++) {
		struct text *text = g_new0(struct text, 1);

		check(g_file_get_contents(
			g_ptr_array_index(paths, i), &text->data, &text->size, NULL));
		for (int way = 0; way < 4; way++) {
			struct reading *reading = new_reading(text->data, text->size);

			check(reading->ok);
			text->readings[way / 2][way % 2] = reading;
		}
		g_ptr_array_add(texts, text);
	}
	g_ptr_array_unref(paths);
}

struct input {
	const uint8_t *data;
	size_t size;
};

/* Cuts the first `size` bytes off an input, or all if it has less. */
static struct input take(struct input *input, size_t size)
{
	struct input cut = {input->data, MIN(size, input->size)};

	input->data += cut.size;
	input->size -= cut.size;
	return cut;
}

static uint8_t take_byte(struct input *input)
{
	struct input byte = take(input, 1);

	return byte.size ? *byte.data : 0;
}

static size_t take_length(struct input *input)
{
	size_t low = take_byte(input);

	return low | (size_t)take_byte(input) << 8;
}

/* Reads the files in one way, with metadata of its own if there is no text. */
static bool read_as(const struct text *text, struct input metadata, struct way way, uint8_t flags,
	uint8_t limits, struct outcome *outcome)
{
	struct reading *reading = text ? text->readings[way.bound][way.any_header]
				       : new_reading((const char *)metadata.data, metadata.size);
	bool ok = reading->ok && read_files(reading, way, flags, limits, outcome);

	if (!text)
		free_reading(reading);
	return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size}, metadata = {NULL, 0}, file;
	const struct text *text = NULL;
	struct outcome outcome, other;
	uint8_t number, flags, limits;
	struct way way = {.threads = 1};

	if (!texts)
		load_texts();
	number = take_byte(&input);
	flags = take_byte(&input);
	limits = take_byte(&input);
	if (number < texts->len)
		text = g_ptr_array_index(texts, number);
	else
		metadata = take(&input, take_length(&input));
	memset(files, 0, sizeof(files));
	if (flags & HAS_INDEX) {
		file = take(&input, take_byte(&input));
		files[INDEX].data = file.data;
		files[INDEX].size = file.size;
	}
	file = take(&input, flags & SPLIT ? input.size / 2 : input.size);
	files[FIRST].data = file.data;
	files[FIRST].size = file.size;
	files[SECOND].data = input.data;
	files[SECOND].size = input.size;
	way.bound = flags & BIND;
	if (!read_as(text, metadata, way, flags, limits, &outcome))
		return 0;
	if (flags & COMPARE) {
		check(read_as(text, metadata, (struct way){!way.bound, true, 1, false}, flags,
			limits, &other));
		check(memcmp(&outcome, &other, offsetof(struct outcome, records)) == 0);
		check(read_as(text, metadata, (struct way){way.bound, false, 1, true}, flags,
			limits, &other));
		check(memcmp(&outcome, &other, sizeof(outcome)) == 0);
	}
	if (flags & THREADS) {
		check(read_as(text, metadata, (struct way){way.bound, false, 2, flags & COMPARE},
			flags, limits, &other));
		other.events = outcome.events;
		check(memcmp(&outcome, &other, sizeof(outcome)) == 0);
	}
	return 0;
}
