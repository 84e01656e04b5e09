/*
 * Fuzzer of packets: the first byte of an input says which of the texts in tests/fuzz/metadata/ is the
 * metadata, or that the input brings its own; the rest are the files of streams. Everything is
 * read, in every way there is.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Files that are the input: each byte beyond their end is one too many ---- */

static struct {
	const uint8_t *data;
	size_t size;
} files[2];

static int fake_open(const char *path, int flags)
{
	(void)flags;
	errno = ENOENT;
	return path[0] == '0' || path[0] == '1' ? path[0] - '0' : -1;
}

static int fake_fstat(int fd, struct stat *st)
{
	*st = (struct stat){.st_mode = S_IFREG, .st_size = (off_t)files[fd].size};
	return 0;
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

/* What host/source.c would need to open folders. */
const struct reader babeltrace2_reader;

GPtrArray *trace_files_find(const char *const *paths, GPtrArray *notes, GError **error)
{
	(void)paths;
	(void)notes;
	(void)error;
	return NULL;
}

/* ---- Reading everything ---- */

static uint64_t checksum; /* so that nothing is optimized away */

static void take_integer(void *data, int64_t value)
{
	(void)data;
	checksum += (uint64_t)value;
}

static void take_large(void *data, uint64_t value)
{
	(void)data;
	checksum += value;
}

static void take_real(void *data, double value)
{
	(void)data;
	checksum += value > 0;
}

static void take_text(void *data, const char *value)
{
	(void)data;
	checksum += strlen(value);
}

static void take_nothing(void *data)
{
	(void)data;
}

static const struct value_visitor visitor = {take_integer, take_large, take_real, take_text,
	take_nothing, take_nothing, take_nothing, take_text, take_nothing, take_nothing};

static void take_record(const struct source *source, const struct record *rec)
{
	const struct record_getters *get = source_getters(source);
	const struct source_class *class;
	int64_t ints[4];
	const char *text;

	if (rec->class_no == UINT32_MAX)
		return;
	class = source_class(source, rec->class_no);
	for (unsigned int i = 0; i < class->n_fields; i++) {
		checksum += (uint64_t)rec->v[i];
		text = record_string(get, rec, i);
		checksum += text ? strlen(text) : 0;
		checksum += record_ints(get, rec, i, ints, 4);
		source_visit(source, rec, i, &visitor, NULL);
	}
}

static void read_all(struct source *source, bool wanted)
{
	const struct record *records;
	enum source_status status;
	int64_t now = INT64_MIN;
	size_t n;

	for (unsigned int i = 0; i < source_n_classes(source); i++) {
		const struct source_class *class = source_class(source, i);

		for (unsigned int k = 0; wanted && k < class->n_fields; k++)
			source_bind_field(source, i, class->fields[k].name);
	}
	source_count(source);
	while ((status = source_next(source, &records, &n, NULL)) == SOURCE_MORE) {
		for (size_t i = 0; i < n; i++) {
			if (records[i].time < now)
				abort(); /* time goes back */
			now = records[i].time;
			take_record(source, &records[i]);
		}
	}
	if (status != SOURCE_END)
		abort();
}

/* ---- Inputs ---- */

static GPtrArray *texts; /* struct ctf_metadata, read from the folder */

static gint compare_paths(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void load_texts(void)
{
	GPtrArray *paths = g_ptr_array_new();
	const char *folder = "tests/fuzz/metadata", *name;
	GDir *dir = g_dir_open(folder, 0, NULL);

	texts = g_ptr_array_new();
	while (dir && (name = g_dir_read_name(dir)))
		g_ptr_array_add(paths, g_build_filename(folder, name, NULL));
	g_ptr_array_sort(paths, compare_paths);
	for (guint i = 0; i < paths->len; i++) {
		char *text;
		gsize size;

		if (g_file_get_contents(g_ptr_array_index(paths, i), &text, &size, NULL))
			g_ptr_array_add(texts, ctf_metadata_read(text, size, NULL));
		else
			abort();
		if (!g_ptr_array_index(texts, texts->len - 1))
			abort();
		g_free(text);
	}
	if (dir)
		g_dir_close(dir);
	g_ptr_array_set_free_func(paths, g_free);
	g_ptr_array_unref(paths);
	if (texts->len == 0)
		abort(); /* to be run in the project's folder */
}

/* The metadata that an input says; moves behind it. What is laid out goes into an arena of its own. */
static struct ctf_metadata *take_metadata(const uint8_t **data, size_t *size)
{
	const uint8_t *own = *data + 3;
	struct ctf_metadata *metadata;
	size_t length;

	if ((*data)[0] < texts->len) {
		metadata = g_memdup2(g_ptr_array_index(texts, (*data)[0]), sizeof(*metadata));
		metadata->arena = ctf_arena_new();
		*data += 1;
		*size -= 1;
		return metadata;
	}
	if (*size < 3)
		return NULL;
	length = MIN((size_t)((*data)[1] | (*data)[2] << 8), *size - 3);
	*data += 3 + length;
	*size -= 3 + length;
	return ctf_metadata_read((const char *)own, length, NULL);
}

static void drop_metadata(struct ctf_metadata *metadata, bool own)
{
	if (own || !metadata) {
		ctf_metadata_free(metadata);
		return;
	}
	ctf_arena_free(metadata->arena);
	g_free(metadata);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source_options options = {.intersection = size % 2 == 0};
	GPtrArray *streams = g_ptr_array_new_with_free_func(free_found);
	GPtrArray *notes = g_ptr_array_new_with_free_func(g_free);
	struct ctf_source *source;
	struct ctf_trace *trace;
	unsigned int left_out = 0;
	struct ctf_metadata *metadata;
	bool ok, split, own;

	if (!texts)
		load_texts();
	if (size < 2) {
		g_ptr_array_unref(streams);
		g_ptr_array_unref(notes);
		return 0;
	}
	split = size % 4 == 1;
	source = new_source();
	trace = g_new0(struct ctf_trace, 1);
	trace->public.path = g_strdup("fuzz");
	g_ptr_array_add(source->base.traces, trace);
	own = data[0] >= texts->len;
	trace->metadata = metadata = take_metadata(&data, &size);
	ok = trace->metadata && make_format(trace, NULL);
	/* One file, or two halves. */
	files[0].data = data;
	files[0].size = split ? size / 2 : size;
	files[1].data = data + files[0].size;
	files[1].size = size - files[0].size;
	for (int i = 0; ok && i < 2; i++)
		if (files[i].size > 0)
			ok = look_at(trace, streams, i ? "1" : "0", notes, NULL);
	ok = ok && add_streams(source, 0, streams, &options, &left_out, NULL);
	source->records_ahead = 1 + (guint)size % 7;
	if (ok)
		read_all(&source->base, size % 3 != 0);
	for (unsigned int i = 0; ok && i < source_n_streams(&source->base); i++)
		checksum += source_stream(&source->base, i)->damaged;
	trace->metadata = NULL;
	ctf_close(&source->base);
	drop_metadata(metadata, own);
	g_ptr_array_unref(streams);
	g_ptr_array_unref(notes);
	return 0;
}
