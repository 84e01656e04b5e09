/*
 * The native reader of CTF 1.8 and CTF 2: opens traces, and lets their streams make records.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/ctf/ctf.h"

#include "host/source/trace_files.h"
#include "state/events.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <string.h>

/* How many records a stream makes ahead: fewer if there are many streams. */
#define RECORDS_AHEAD_MAX 256
#define RECORDS_AHEAD_MIN 16
#define RECORDS_AHEAD_ALL 16384

/* With two threads: more, so that they wake each other less often. */
#define RECORDS_AHEAD_THREADS 6144

/* A second thread is worth its while for traces of at least so many bytes. */
#define THREAD_BYTES (16 << 20)

/*
 * It begins, unless it is asked for, when so many have been read: what is short is over before it
 * pays.
 */
#define THREAD_AFTER (4 << 20)

static void free_set(gpointer data)
{
	struct ctf_class_set *set = data;

	g_array_free(set->hot, TRUE);
	g_free(set);
}

static void free_trace(gpointer data)
{
	struct ctf_trace *trace = data;

	ctf_metadata_free(trace->metadata);
	if (trace->old)
		g_ptr_array_unref(trace->old);
	if (trace->folders)
		g_ptr_array_unref(trace->folders);
	g_free(trace->format.contexts);
	g_free(trace->sets);
	g_free((char *)trace->facts.path);
	g_free(trace);
}

static void ctf_close(struct source *base)
{
	struct ctf_source *source = ctf_of(base);

	ctf_ahead_free(source->ahead);
	source_clear(base);
	g_ptr_array_unref(source->sets);
	for (size_t i = 0; i < G_N_ELEMENTS(source->buffers); i++)
		g_string_free(source->buffers[i], TRUE);
	g_free(source);
}

static struct ctf_source *new_source(void)
{
	struct ctf_source *source = source_new(&native_reader, sizeof(struct ctf_source),
		ctf_class_free, free_trace, ctf_stream_free);

	source->sets = g_ptr_array_new_with_free_func(free_set);
	source->base.getters = (struct record_getters){ctf_get_string, ctf_get_ints, source};
	source->values_max = GAP_VALUES;
	source->begun_at = UINT64_MAX;
	for (size_t i = 0; i < G_N_ELEMENTS(source->buffers); i++)
		source->buffers[i] = g_string_new(NULL);
	return source;
}

/* ---- Metadata ---- */

/* Leaves a trace to the other reader, or refuses it, for a reason that it frees. */
static bool decline(GError **error, const char *path, GError *why)
{
	if (g_error_matches(why, CTF_ERROR, CTF_ERROR_LIMIT))
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_REFUSED, "cannot read %s: %s", path,
			why->message);
	else if (g_error_matches(why, CTF_ERROR, CTF_ERROR_NO_TIMES))
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_REFUSED,
			"%s is not a kernel trace: its events have no timestamps", path);
	else
		g_set_error(
			error, SOURCE_ERROR, SOURCE_ERROR_DECLINED, "%s: %s", path, why->message);
	g_error_free(why);
	return false;
}

/*
 * The metadata of a trace, of which at most `bytes` count. It only grows while a trace is recorded, so that of several
 * folders is the longest.
 */
static bool read_metadata(struct ctf_trace *trace, uint64_t bytes, GError **error)
{
	char *longest = NULL;
	gsize length = 0;
	GError *why = NULL;

	for (guint i = 0; i < trace->folders->len && !why; i++) {
		char *path =
			g_build_filename(g_ptr_array_index(trace->folders, i), "metadata", NULL);
		char *data = NULL;
		gsize size = 0;

		if (g_file_get_contents(path, &data, &size, &why) && (!longest || size > length)) {
			g_free(longest);
			longest = g_steal_pointer(&data);
			length = size;
		}
		g_free(data);
		g_free(path);
	}
	length = (gsize)MIN(length, bytes);
	trace->metadata_bytes = length;
	if (!why)
		trace->metadata = ctf_metadata_read(longest, length, &why);
	g_free(longest);
	return !why || decline(error, trace->facts.path, why);
}

static const char *env_text(const struct ctf_metadata *metadata, const char *name)
{
	const struct ctf_env *env = ctf_metadata_env(metadata, name);

	return env ? env->text : NULL;
}

static int env_number(const struct ctf_metadata *metadata, const char *name)
{
	const struct ctf_env *env = ctf_metadata_env(metadata, name);

	if (env && env->text)
		return (int)CLAMP(g_ascii_strtoll(env->text, NULL, 10), 0, INT32_MAX);
	return env ? (int)CLAMP(env->number, -1, INT32_MAX) : -1;
}

static void learn_trace(struct ctf_trace *trace)
{
	const struct ctf_metadata *metadata = trace->metadata;
	struct source_trace *facts = &trace->facts;

	facts->hostname = env_text(metadata, "hostname");
	if (metadata->clocks->len > 0)
		facts->boot_id =
			((const struct ctf_clock *)g_ptr_array_index(metadata->clocks, 0))->uuid;
	facts->domain = env_text(metadata, "domain");
	facts->tracer_name = env_text(metadata, "tracer_name");
	facts->kernel_release = env_text(metadata, "kernel_release");
	facts->kernel_version = env_text(metadata, "kernel_version");
	facts->tracer_major = env_number(metadata, "tracer_major");
	facts->tracer_minor = env_number(metadata, "tracer_minor");
	facts->tracer_patch = env_number(metadata, "tracer_patchlevel");
}

/* Lays out one structure, which may be absent. */
static bool lay_out(struct ctf_trace *trace, const struct ctf_type *type, struct ctf_layout *layout,
	GError **error)
{
	const struct ctf_type *types[CTF_N_SCOPES] = {type};

	return ctf_layout(&trace->layouts, types, layout, error);
}

/* Makes it of the metadata, which may be longer by now: it had `known` classes of streams before. */
static bool make_format(struct ctf_trace *trace, guint known, GError **error)
{
	struct ctf_metadata *metadata = trace->metadata;
	guint n = metadata->streams->len;
	bool ok;

	trace->layouts = (struct ctf_layouts){.metadata = metadata, .arena = metadata->arena};
	trace->format.metadata = metadata;
	trace->format.contexts = g_renew(struct ctf_layout, trace->format.contexts, n + 1);
	trace->sets = g_renew(struct ctf_class_set *, trace->sets, n + 1);
	for (guint i = known; i <= n; i++) {
		trace->format.contexts[i] = (struct ctf_layout){0};
		trace->sets[i] = NULL;
	}
	ok = lay_out(trace, metadata->packet_header, &trace->format.header, error);
	for (guint i = known; ok && i < n; i++) {
		const struct ctf_stream_class *stream = g_ptr_array_index(metadata->streams, i);

		ok = lay_out(trace, stream->packet_context, &trace->format.contexts[i], error);
	}
	return ok;
}

/* ---- Stream classes ---- */

/* Whether a member is this integer, little-endian and without a gap before it. */
static bool is_integer(
	const struct ctf_node *node, unsigned int size, uint32_t align, enum ctf_role role)
{
	return node->type->kind == CTF_INT && node->type->size == size &&
	       node->type->align == align && !node->type->is_signed && !node->big_endian &&
	       node->role == role;
}

/* Whether a header is the tracer's: id, and one of two structures that the id selects. */
static bool is_header(const struct ctf_node *node, unsigned int id_size, uint32_t id_align,
	unsigned int time_size)
{
	uint64_t extended = (UINT64_C(1) << id_size) - 1;
	const struct ctf_node *variant, *compact, *longer;

	if (node->align != 8 || node->n_children != 2 ||
		!is_integer(&node->children[0], id_size, id_align, CTF_EVENT_ID))
		return false;
	variant = &node->children[1];
	if (variant->type->kind != CTF_VARIANT || variant->n_children != 2 ||
		variant->n_choices != 2 || variant->load != node->children[0].store ||
		variant->choices[0].low != 0 || variant->choices[0].high != extended - 1 ||
		variant->choices[1].low != extended || variant->choices[1].high != extended)
		return false;
	compact = &variant->children[variant->choices[0].child];
	longer = &variant->children[variant->choices[1].child];
	return compact->type->kind == CTF_STRUCT && compact->n_children == 1 &&
	       compact->align == id_align &&
	       is_integer(&compact->children[0], time_size, id_align, CTF_TIMESTAMP) &&
	       longer->type->kind == CTF_STRUCT && longer->n_children == 2 && longer->align == 8 &&
	       is_integer(&longer->children[0], 32, 8, CTF_EVENT_ID) &&
	       is_integer(&longer->children[1], 64, 8, CTF_TIMESTAMP);
}

static enum ctf_header find_header(const struct ctf_node *node)
{
	if (is_header(node, 5, 1, 27))
		return CTF_COMPACT;
	return is_header(node, 16, 8, 32) ? CTF_LARGE : CTF_ANY_HEADER;
}

/*
 * Finds the clock that the times in a header are values of. False if there are several.
 */
static bool find_clock(const struct ctf_node *node, const char **clock)
{
	if (!node)
		return true;
	if (node->type->clock) {
		if (*clock && strcmp(*clock, node->type->clock) != 0)
			return false;
		*clock = node->type->clock;
	}
	for (unsigned int i = 0; i < node->n_children; i++)
		if (!find_clock(&node->children[i], clock))
			return false;
	return true;
}

/* Whether a header, or a packet's context, has a time. */
static bool has_time(const struct ctf_node *node)
{
	for (unsigned int i = 0; node && i < node->n_children; i++)
		if (node->children[i].role == CTF_TIMESTAMP ||
			node->children[i].role == CTF_BEGIN || has_time(&node->children[i]))
			return true;
	return false;
}

/* Whether a packet's context has a member for this. */
static bool has_role(const struct ctf_node *node, enum ctf_role role)
{
	for (unsigned int i = 0; node && i < node->n_children; i++)
		if (node->children[i].role == role)
			return true;
	return false;
}

/* False if that is beyond what there can be. */
static bool set_time(
	struct ctf_time *time, const struct ctf_clock *clock, const struct source_clock *correction)
{
	__extension__ typedef __int128 wide;
	wide cycles = (wide)clock->offset * 1000000000, base, max;

	/* Downwards, as with values; C divides towards 0. */
	base = (wide)clock->offset_s * 1000000000 + cycles / clock->frequency -
	       (cycles % clock->frequency < 0) + correction->offset;
	if (base < INT64_MIN || base > INT64_MAX)
		return false;
	time->base = (int64_t)base;
	time->clock = *correction;
	time->frequency = clock->frequency;
	/* In two steps: the first product has up to 128 bits. */
	max = ((wide)INT64_MAX - base) / 1000000000 * clock->frequency +
	      ((wide)INT64_MAX - base) % 1000000000 * clock->frequency / 1000000000;
	time->max = max > (wide)UINT64_MAX ? UINT64_MAX : (uint64_t)max;
	return true;
}

static bool find_time(const struct ctf_trace *trace, const struct ctf_stream_class *stream,
	unsigned int number, struct ctf_class_set *set, GError **error)
{
	const char *name = stream->clock;
	const struct ctf_clock *clock;

	if (!find_clock(set->header_layout.scopes[0], &name) ||
		!find_clock(trace->format.contexts[number].scopes[0], &name)) {
		g_set_error(error, CTF_ERROR, CTF_ERROR_OTHER, "a stream uses several clocks");
		return false;
	}
	/* If the trace has one clock, times are its values, even if nothing is mapped to it. */
	if (!name && trace->metadata->clocks->len == 1 &&
		(has_time(set->header_layout.scopes[0]) ||
			has_time(trace->format.contexts[number].scopes[0])))
		name = ((struct ctf_clock *)g_ptr_array_index(trace->metadata->clocks, 0))->name;
	clock = name ? ctf_metadata_clock(trace->metadata, name) : NULL;
	if (!clock || !set_time(&set->time, clock, &trace->facts.clock)) {
		g_set_error(error, CTF_ERROR, clock ? CTF_ERROR_OTHER : CTF_ERROR_NO_TIMES,
			clock ? "the offset of a clock is out of range" : "a stream has no clock");
		return false;
	}
	return true;
}

/* The classes of a stream class, made if it is the first stream of them. */
static struct ctf_class_set *get_set(
	struct ctf_source *source, unsigned int trace_number, unsigned int number, GError **error)
{
	struct ctf_trace *trace = g_ptr_array_index(source->base.traces, trace_number);
	const struct ctf_stream_class *stream = g_ptr_array_index(trace->metadata->streams, number);
	struct ctf_class_set *set = trace->sets[number];
	const struct ctf_node *header;

	if (set)
		return set;
	set = g_new0(struct ctf_class_set, 1);
	set->number = source->sets->len;
	set->hot = g_array_new(FALSE, TRUE, sizeof(struct ctf_hot));
	g_ptr_array_add(source->sets, set);
	trace->sets[number] = set;
	trace->layouts.no_clock = false;
	if (!lay_out(trace, stream->event_header, &set->header_layout, error))
		return NULL;
	if (!find_time(trace, stream, number, set, error))
		return NULL;
	header = set->header_layout.scopes[0];
	if (!header || header->least == 0) {
		g_set_error(
			error, CTF_ERROR, CTF_ERROR_OTHER, "the events of a stream have no header");
		return NULL;
	}
	set->header_align = header->align;
	set->has_cpu = has_role(trace->format.contexts[number].scopes[0], CTF_CPU_ID);
	set->header = find_header(header);
	trace->layouts.no_clock = true;
	return ctf_add_classes(source, trace, trace_number, stream, set, error) ? set : NULL;
}

/* ---- Streams ---- */

/* A stream while its files are being found. */
struct found {
	char *name;
	unsigned int number; /* of its class in the metadata */
	GPtrArray *files;
	uint64_t begin, end; /* values of the clock */
	bool known;
	GPtrArray *damage; /* of the begins of files: char *, to free */
};

/* The streams of a trace that have been found so far. */
struct finding {
	struct feed *feed;   /* or NULL */
	GHashTable *known;   /* paths of files that need not be looked at; or NULL */
	GPtrArray *streams;  /* struct found */
	GHashTable *by_name; /* the same */
};

static void free_found(gpointer data)
{
	struct found *found = data;

	g_free(found->name);
	g_ptr_array_unref(found->files);
	g_ptr_array_unref(found->damage);
	g_free(found);
}

static struct finding new_finding(struct feed *feed, GHashTable *known)
{
	return (struct finding){feed, known, g_ptr_array_new_with_free_func(free_found),
		g_hash_table_new(g_str_hash, g_str_equal)};
}

static void free_finding(struct finding *finding)
{
	g_hash_table_unref(finding->by_name);
	g_ptr_array_unref(finding->streams);
	if (finding->known)
		g_hash_table_unref(finding->known);
}

/*
 * What a stream is called: the library's words, so that both readers have the same order. Files of
 * packets without times can't be put in order, so that each is a stream.
 */
static char *stream_name(
	const struct ctf_trace *trace, const struct ctf_file *file, const struct ctf_packet *packet)
{
	const struct ctf_stream_class *stream =
		g_ptr_array_index(trace->metadata->streams, packet->stream);
	GString *name = g_string_new(NULL);

	if (trace->metadata->has_uuid) {
		for (size_t i = 0; i < sizeof(trace->metadata->uuid); i++)
			g_string_append_printf(name, "%s%02x",
				i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
				trace->metadata->uuid[i]);
	} else {
		g_string_append(name, trace->facts.path);
	}
	g_string_append_printf(name, " | %" G_GUINT64_FORMAT " | ", stream->id);
	if (packet->has_instance && packet->has_begin)
		g_string_append_printf(name, "%" G_GUINT64_FORMAT, packet->instance);
	else
		g_string_append(name, file->path);
	return g_string_free(name, FALSE);
}

static struct found *find_stream(struct finding *finding, char *name, unsigned int number)
{
	struct found *found = g_hash_table_lookup(finding->by_name, name);

	if (found) {
		g_free(name);
		return found;
	}
	found = g_new0(struct found, 1);
	found->name = name;
	found->number = number;
	found->files = g_ptr_array_new_with_free_func(ctf_file_free);
	found->damage = g_ptr_array_new_with_free_func(g_free);
	found->begin = UINT64_MAX;
	found->known = true;
	g_ptr_array_add(finding->streams, found);
	g_hash_table_insert(finding->by_name, name, found);
	return found;
}

/* Adds a file, whose first packet is known, to the stream that it is of. */
static void add_file(const struct ctf_trace *trace, struct finding *finding, struct ctf_file *file,
	const char *why, uint64_t where)
{
	struct ctf_packet last = ctf_file_last(&trace->format, file);
	const struct ctf_packet *first = &file->next;
	struct found *found = find_stream(finding, stream_name(trace, file, first), first->stream);

	/* After a crash of the tracer's machine the end of the last packet is 0. */
	found->known = found->known && first->has_begin && last.has_end;
	found->begin = MIN(found->begin, first->begin);
	found->end = MAX(found->end, MAX(last.begin, last.end));
	if (why)
		g_ptr_array_add(found->damage, g_strdup_printf("%s, byte %" G_GUINT64_FORMAT ": %s",
						       file->path, where, why));
	g_ptr_array_add(found->files, file);
}

/* Looks at one file of a trace. */
static bool look_at(const struct ctf_trace *trace, struct finding *finding, const char *path,
	GPtrArray *notes, GError **error)
{
	struct ctf_file *file = ctf_file_new(path);
	GError *unreadable = NULL;
	const char *why;
	uint64_t where;

	if (!ctf_file_map(file, &unreadable)) {
		/* A link to nowhere, a socket, a file that is gone by now. */
		bool left_out = unreadable->code == SOURCE_ERROR_NO_STREAM;

		if (left_out)
			g_ptr_array_add(
				notes, g_strdup_printf("%s (ignored)", unreadable->message));
		else
			g_propagate_error(error, g_steal_pointer(&unreadable));
		g_clear_error(&unreadable);
		ctf_file_free(file);
		return left_out;
	}
	if (finding->feed && !ctf_file_ask(&trace->format, finding->feed, file)) {
		ctf_file_free(file);
		return true;
	}
	why = ctf_file_advance(&trace->format, file, NULL, &where);
	if (file->has_next) {
		add_file(trace, finding, file, why, where);
		ctf_file_unmap(file);
		return true;
	}
	g_ptr_array_add(
		notes, g_strdup_printf("%s is ignored: not a stream of this trace: %s", path, why));
	ctf_file_free(file);
	return true;
}

static gint compare_texts(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_empty(const char *path)
{
	GStatBuf st;

	return g_stat(path, &st) == 0 && st.st_size == 0;
}

/* Finds the streams of a trace: looks at the files of one folder. */
static bool find_in_folder(const struct ctf_trace *trace, const char *folder,
	struct finding *finding, GPtrArray *notes, GError **error)
{
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	GError *why = NULL;
	GDir *dir = g_dir_open(folder, 0, &why);
	bool ok = dir != NULL;
	const char *name;

	if (why) {
		g_set_error_literal(error, SOURCE_ERROR, SOURCE_ERROR_OPEN, why->message);
		g_error_free(why);
	}

	while (dir && (name = g_dir_read_name(dir))) {
		char *path = g_build_filename(folder, name, NULL);

		/* The list of containers is read by others. */
		if (name[0] == '.' || strcmp(name, "metadata") == 0 ||
			strcmp(name, "containers.tsv") == 0 ||
			(finding->known && g_hash_table_contains(finding->known, path)) ||
			g_file_test(path, G_FILE_TEST_IS_DIR) || is_empty(path))
			g_free(path);
		else
			g_ptr_array_add(paths, path);
	}
	if (dir)
		g_dir_close(dir);
	g_ptr_array_sort(paths, compare_texts);
	for (guint i = 0; ok && i < paths->len; i++)
		ok = look_at(trace, finding, g_ptr_array_index(paths, i), notes, error);
	g_ptr_array_unref(paths);
	return ok;
}

static gint compare_found(gconstpointer a, gconstpointer b)
{
	return strverscmp((*(struct found *const *)a)->name, (*(struct found *const *)b)->name);
}

/* A file becomes one of a stream, of that number. */
static void adopt_file(struct ctf_source *source, struct ctf_stream *stream, guint number)
{
	struct ctf_file *file = g_ptr_array_index(stream->all, number);

	file->number = number;
	file->first = file->next;
	file->opened_size = file->size;
	file->opened_modified = file->modified;
	file->opened_changed = file->changed;
	source->base.bytes += file->size;
	if (file->next.has_cpu && file->next.cpu <= INT32_MAX)
		stream->stream.facts.first_cpu = (int32_t)file->next.cpu;
}

/* Makes a stream of the source of what has been found, and takes it over. */
static void add_stream(struct ctf_source *source, unsigned int trace_number,
	const struct ctf_class_set *set, struct found *found, const struct span *span,
	const struct source_options *options)
{
	struct ctf_stream *stream = g_new0(struct ctf_stream, 1);
	struct source_stream *facts = &stream->stream.facts;

	stream->trace = g_ptr_array_index(source->base.traces, trace_number);
	stream->set = set;
	stream->out = &stream->stream;
	stream->all = g_ptr_array_ref(found->files);
	stream->files = g_ptr_array_new();
	stream->used_up = g_ptr_array_new();
	g_ptr_array_extend(stream->files, stream->all, NULL, NULL);
	source_add_stream(
		&source->base, &stream->stream, g_strdup(found->name), trace_number, span, options);
	facts->group = set->number;
	if (found->known) {
		facts->from = ctf_packet_time(&set->time, found->begin);
		facts->to = ctf_packet_time(&set->time, found->end);
	}
	facts->damaged = stream->opened_damaged = found->damage->len;
	if (found->damage->len > 0)
		stream->opened_damage = g_strdup(g_ptr_array_index(found->damage, 0));
	facts->damage = g_strdup(stream->opened_damage);
	stream->told = VALUE_ABSENT;
	stream->quiet = INT64_MIN;
	for (guint i = 0; i < stream->all->len; i++)
		adopt_file(source, stream, i);
	ctf_stream_note_growth(stream);
}

/* Adds the streams of a trace; notes in `left_out` if they have no time in common. */
static bool add_streams(struct ctf_source *source, unsigned int trace_number, GPtrArray *streams,
	const struct source_options *options, unsigned int *left_out, GError **error)
{
	struct ctf_trace *trace = g_ptr_array_index(source->base.traces, trace_number);
	struct span span = SPAN_EMPTY;
	GError *why = NULL;

	g_ptr_array_sort(streams, compare_found);
	for (guint i = 0; i < streams->len; i++) {
		const struct found *found = g_ptr_array_index(streams, i);
		const struct ctf_class_set *set =
			get_set(source, trace_number, found->number, &why);
		const struct ctf_time *time;

		if (!set)
			return decline(error, trace->facts.path, why);
		time = &set->time;
		if (found->known)
			span_add(&span, ctf_packet_time(time, found->begin),
				ctf_packet_time(time, found->end));
		else
			span.known = false;
	}
	if (span.begin > span.end)
		span.known = false;
	trace->facts.begin = span.begin;
	trace->facts.end = span.end;
	/* A trace without streams says nothing of when. */
	if (streams->len > 0 && !trace->facts.user)
		*left_out += !source_add_span(&source->base, &span, options);
	for (guint i = 0; i < streams->len; i++) {
		struct found *found = g_ptr_array_index(streams, i);

		add_stream(source, trace_number, trace->sets[found->number], found, &span, options);
	}
	return true;
}

static void choose_records_ahead(struct ctf_source *source, guint most)
{
	source->records_ahead =
		CLAMP(RECORDS_AHEAD_ALL / source->base.streams->len, RECORDS_AHEAD_MIN, most);
}

/* ---- The reader ---- */

static bool open_trace(struct ctf_source *source, const struct trace_files *files,
	const struct source_options *options, GPtrArray *notes, unsigned int *left_out,
	GError **error)
{
	struct ctf_trace *trace = g_new0(struct ctf_trace, 1);
	struct finding finding = new_finding(source->base.feed, NULL);
	GError *why = NULL;
	bool ok;

	trace->facts.path = g_strdup(source->base.feed && source->base.feed->name
					     ? source->base.feed->name
					     : g_ptr_array_index(files->folders, 0));
	trace->facts.user = files->user;
	trace->facts.clock = source_clock_of_next(&source->base, options);
	trace->folders = g_ptr_array_ref(files->folders);
	g_ptr_array_add(source->base.traces, trace);
	ok = read_metadata(trace,
		source->base.feed ? source->base.feed->metadata(
					    source->base.feed, g_ptr_array_index(files->folders, 0))
				  : UINT64_MAX,
		error);
	if (ok)
		learn_trace(trace);
	if (ok && !make_format(trace, 0, &why))
		ok = decline(error, trace->facts.path, why);
	for (guint i = 0; ok && i < files->folders->len; i++)
		ok = find_in_folder(
			trace, g_ptr_array_index(files->folders, i), &finding, notes, error);
	ok = ok && add_streams(source, source->base.traces->len - 1, finding.streams, options,
			   left_out, error);
	free_finding(&finding);
	return ok;
}

/* ---- What has come since ---- */

bool ctf_reread_metadata(
	struct ctf_source *source, unsigned int trace_number, uint64_t bytes, GError **error)
{
	struct ctf_trace *trace = g_ptr_array_index(source->base.traces, trace_number);
	struct ctf_metadata *old = trace->metadata;
	GError *why = NULL;
	bool ok = true;

	if (!read_metadata(trace, bytes, error)) {
		trace->metadata = old;
		return false;
	}
	if (!trace->old)
		trace->old = g_ptr_array_new_with_free_func((GDestroyNotify)ctf_metadata_free);
	g_ptr_array_add(trace->old, old);
	if (trace->metadata->streams->len < old->streams->len) {
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_READ,
			"the metadata of %s has become shorter", trace->facts.path);
		return false;
	}
	ok = make_format(trace, old->streams->len, &why);
	trace->layouts.no_clock = true;
	for (guint i = 0; ok && i < old->streams->len; i++)
		if (trace->sets[i])
			ok = ctf_add_classes(source, trace, trace_number,
				g_ptr_array_index(trace->metadata->streams, i), trace->sets[i],
				&why);
	return ok || decline(error, trace->facts.path, why);
}

/* The stream of a trace that is called so; NULL if it is new. */
static struct ctf_stream *stream_called(
	const struct ctf_source *source, unsigned int trace_number, const char *name)
{
	for (guint i = 0; i < source->base.streams->len; i++) {
		struct ctf_stream *stream = g_ptr_array_index(source->base.streams, i);

		if (stream->stream.facts.trace == trace_number &&
			strcmp(stream->stream.facts.name, name) == 0)
			return stream;
	}
	return NULL;
}

/* Adds what has been found to the streams of a trace. */
static bool add_found(
	struct ctf_source *source, unsigned int trace_number, struct found *found, GError **error)
{
	struct ctf_trace *trace = g_ptr_array_index(source->base.traces, trace_number);
	struct ctf_stream *stream = stream_called(source, trace_number, found->name);
	static const struct source_options options = {0};
	struct span span = SPAN_EMPTY;
	GError *why = NULL;

	if (!get_set(source, trace_number, found->number, &why))
		return decline(error, trace->facts.path, why);
	if (!stream) {
		add_stream(
			source, trace_number, trace->sets[found->number], found, &span, &options);
		return true;
	}
	for (guint i = 0; i < found->files->len; i++) {
		g_ptr_array_add(stream->all, g_ptr_array_index(found->files, i));
		g_ptr_array_add(stream->files, g_ptr_array_index(found->files, i));
		adopt_file(source, stream, stream->all->len - 1);
	}
	/* They are the stream's by now. */
	g_ptr_array_set_free_func(found->files, NULL);
	g_ptr_array_set_size(found->files, 0);
	ctf_stream_note_growth(stream);
	return true;
}

bool ctf_find_new_files(struct ctf_source *source, unsigned int trace_number, GError **error)
{
	struct ctf_trace *trace = g_ptr_array_index(source->base.traces, trace_number);
	struct finding finding =
		new_finding(source->base.feed, g_hash_table_new(g_str_hash, g_str_equal));
	GPtrArray *notes = g_ptr_array_new_with_free_func(g_free);
	guint n = source->base.streams->len;
	bool ok = true;

	for (guint i = 0; i < n; i++) {
		const struct ctf_stream *stream = g_ptr_array_index(source->base.streams, i);

		for (guint k = 0; k < stream->all->len; k++)
			g_hash_table_add(finding.known,
				((struct ctf_file *)g_ptr_array_index(stream->all, k))->path);
	}
	for (guint i = 0; ok && i < trace->folders->len; i++)
		ok = find_in_folder(
			trace, g_ptr_array_index(trace->folders, i), &finding, notes, error);
	g_ptr_array_sort(finding.streams, compare_found);
	for (guint i = 0; ok && i < finding.streams->len; i++)
		ok = add_found(source, trace_number, g_ptr_array_index(finding.streams, i), error);
	if (source->base.streams->len != n)
		choose_records_ahead(source, RECORDS_AHEAD_MAX);
	g_ptr_array_unref(notes);
	free_finding(&finding);
	return ok;
}

/* How many processors we may use. */
static guint count_processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 ? (guint)CPU_COUNT(&set)
							    : g_get_num_processors();
}

/* How many threads to use: a second one, if there is a processor for it and much to read. */
static unsigned int choose_threads(
	const struct ctf_source *source, const struct source_options *options)
{
	if (options->threads > 0)
		return options->threads;
	return source->base.bytes >= THREAD_BYTES && count_processors() > 1 ? 2 : 1;
}

static struct source *ctf_open(
	GPtrArray *traces, const struct source_options *options, GPtrArray *notes, GError **error)
{
	struct ctf_source *source = new_source();
	GPtrArray *own_notes = g_ptr_array_new();
	unsigned int left_out = 0;
	bool ok = true;

	source->base.intersection = options->intersection;
	source->base.feed = options->feed;
	for (guint i = 0; ok && i < traces->len; i++)
		ok = open_trace(
			source, g_ptr_array_index(traces, i), options, own_notes, &left_out, error);
	ok = ok && source_tell_left_out(&source->base, left_out, own_notes, error);
	if (ok && source->base.streams->len == 0) {
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_OPEN, "%s contains no events: %s",
			source_trace(&source->base, 0)->path,
			own_notes->len ? (const char *)g_ptr_array_index(own_notes, 0)
				       : "it has no stream files, or only empty ones");
		ok = false;
	}
	/* If the other reader takes over, it has its own. */
	g_ptr_array_set_free_func(own_notes, ok ? NULL : g_free);
	if (ok)
		g_ptr_array_extend(notes, own_notes, NULL, NULL);
	g_ptr_array_unref(own_notes);
	if (!ok) {
		ctf_close(&source->base);
		return NULL;
	}
	source->threads = options->feed ? 1 : choose_threads(source, options);
	source->alone = options->threads > 0 ? 0 : THREAD_AFTER;
	choose_records_ahead(
		source, options->threads > 1 ? RECORDS_AHEAD_THREADS : RECORDS_AHEAD_MAX);
	return &source->base;
}

/* Makes the plans of all classes: from then on threads only look at them. */
static void make_plans(struct ctf_source *source)
{
	for (guint i = 0; i < source->sets->len; i++) {
		const struct ctf_class_set *set = g_ptr_array_index(source->sets, i);

		for (guint k = 0; k < set->hot->len; k++) {
			struct ctf_hot *hot = &g_array_index(set->hot, struct ctf_hot, k);

			if (hot->class)
				ctf_class_plan(hot->class, hot);
		}
	}
	source->planned = true;
}

/* Begins to decode ahead, if it is time; events are counted by one thread only. */
static void begin_ahead(struct ctf_source *source)
{
	uint64_t total, bytes = source_bytes(&source->base, &total);

	/* It may begin, or go on, in the middle of the trace. */
	if (source->begun_at == UINT64_MAX)
		source->begun_at = bytes;
	if (source->base.counts || (source->base.reads_alone && source->alone > 0)) {
		source->threads = 1;
	} else if (bytes - MIN(bytes, source->begun_at) >= source->alone) {
		source->threads = 1;
		if (source->alone > 0)
			choose_records_ahead(source, RECORDS_AHEAD_THREADS);
		make_plans(source);
		source->ahead = ctf_ahead_new();
	}
}

static bool ctf_feed(struct source *base, GError **error)
{
	struct ctf_source *source = ctf_of(base);

	(void)error;
	if (source->threads > 1)
		begin_ahead(source);
	else if (source->ahead && !source->planned)
		make_plans(source);
	for (guint i = 0; i < base->hungry->len; i++) {
		struct ctf_stream *stream = g_ptr_array_index(base->hungry, i);

		if (source->ahead)
			ctf_ahead_take(source->ahead, stream);
		else
			ctf_stream_feed(stream);
	}
	return true;
}

const struct reader native_reader = {
	.name = "native",
	.title = "the native reader",
	.open = ctf_open,
	.close = ctf_close,
	.bind_field = ctf_bind_field,
	.bind = ctf_bind,
	.unbind = ctf_unbind,
	.feed = ctf_feed,
	.visit = ctf_visit_slot,
	.hold = ctf_hold,
	.release = ctf_release,
	.latest = ctf_latest,
	.time_ahead = ctf_time_ahead,
	.rewind = ctf_rewind,
	.codec = ctf_codec,
	.identity = ctf_identity,
	.grow = ctf_grow,
	.keep = ctf_keep,
};
