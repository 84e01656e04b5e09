/*
 * dump READER TRACE...: writes all that a reader makes of a trace, to compare it with the other
 * one: classes, streams, every record with all its fields, read in every way there is. With
 * NO_INTERSECTION in the environment, of the whole time; with THREADS=2, one thread decodes ahead, and
 * events are not counted; with NESTED="NAME NAME...", these integers, too, of all classes that have them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/readers.h"

#include "state/events.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_integer(void *data, int64_t value)
{
	(void)data;
	printf("%" PRId64, value);
}

static void put_large(void *data, uint64_t value)
{
	(void)data;
	printf("%" PRIu64, value);
}

static void put_real(void *data, double value)
{
	(void)data;
	printf("%.17g", value);
}

static void put_text(void *data, const char *value)
{
	(void)data;
	putchar('"');
	for (; *value; value++)
		if (*value < ' ' || *value == '"' || *value == '\\')
			printf("\\%03o", (unsigned char)*value);
		else
			putchar(*value);
	putchar('"');
}

static void put_none(void *data)
{
	(void)data;
	fputs("nil", stdout);
}

static void put_list(void *data)
{
	(void)data;
	putchar('[');
}

static void put_key(void *data, const char *name)
{
	(void)data;
	printf("%s=", name);
}

static void put_item(void *data)
{
	(void)data;
	putchar(';');
}

static void put_end(void *data)
{
	(void)data;
	putchar(']');
}

static const struct value_visitor visitor = {put_integer, put_large, put_real, put_text, put_none,
	put_list, put_list, put_key, put_item, put_end};

static void dump_classes(const struct source *source)
{
	for (unsigned int i = 0; i < source_n_classes(source); i++) {
		const struct source_class *class = source_class(source, i);

		printf("class %u %s trace %u group %u:", i, class->name, class->trace,
			class->group);
		for (unsigned int k = 0; k < class->n_fields; k++)
			printf(" %s/%d/%d", class->fields[k].name, class->fields[k].kind,
				class->fields[k].is_unsigned);
		putchar('\n');
	}
}

static void dump_facts(const struct source *source)
{
	int64_t begin, end;
	bool known = source_range(source, &begin, &end);

	for (unsigned int i = 0; i < source_n_traces(source); i++) {
		const struct source_trace *trace = source_trace(source, i);

		printf("trace %u: %s %s %s %s %d.%d.%d %s %s", i, trace->path, trace->hostname,
			trace->domain, trace->tracer_name, trace->tracer_major, trace->tracer_minor,
			trace->tracer_patch, trace->kernel_release, trace->kernel_version);
		if (trace->begin <= trace->end)
			printf(" %" PRId64 " %" PRId64, trace->begin, trace->end);
		putchar('\n');
	}
	if (known)
		printf("range %" PRId64 " %" PRId64 "\n", begin, end);
}

/* After reading: it is then that streams have a CPU, and gaps. */
static void dump_streams(const struct source *source)
{
	int64_t first, last;

	for (unsigned int i = 0; i < source_n_streams(source); i++) {
		const struct source_stream *stream = source_stream(source, i);

		printf("stream %u: %s trace %u group %u cpu %d begin %" PRId64 " events %" PRIu64
		       " lost %" PRIu64 " %" PRIu64 " %" PRId64 " %" PRId64 "\n",
			i, stream->name, stream->trace, stream->group, stream->cpu, stream->begin,
			stream->events, stream->lost_events, stream->lost_packets,
			stream->lost_begin, stream->lost_end);
	}
	for (unsigned int i = 0; i < source_n_classes(source); i++)
		if (source_class(source, i)->events)
			printf("count %s %" PRIu64 "\n", source_class(source, i)->name,
				source_class(source, i)->events);
	if (source_seen(source, &first, &last))
		printf("seen %" PRId64 " %" PRId64 "\n", first, last);
}

static void dump_field(const struct source *source, const struct record *rec, unsigned int slot)
{
	const struct source_class *class = source_class(source, rec->class_no);
	const struct record_getters *get = source_getters(source);
	int64_t ints[8];
	const char *text;
	size_t n;

	printf(" %s=", class->fields[slot].name);
	if (class->fields[slot].kind == FIELD_KIND_INT || rec->v[slot] != VALUE_ABSENT)
		printf("%" PRId64 ",", rec->v[slot]);
	if (class->fields[slot].kind == FIELD_KIND_INT)
		return;
	source_visit(source, rec, slot, &visitor, NULL);
	text = record_string(get, rec, slot);
	if (text) {
		putchar(',');
		put_text(NULL, text);
	}
	n = record_ints(get, rec, slot, ints, 8);
	for (size_t i = 0; i < n && i < 8; i++)
		printf(",%" PRId64, ints[i]);
}

/* What NESTED says. */
static char **nested;

/* The numbers of NESTED, which are bound behind the other fields. */
static void dump_nested(const struct source *source, const struct record *rec)
{
	const int64_t *v = rec->v + source_class(source, rec->class_no)->n_fields;

	for (unsigned int i = 0; nested[i]; i++)
		if (v[i] != VALUE_ABSENT)
			printf(" %s=%" PRId64, nested[i], v[i]);
}

static void dump_record(const struct source *source, const struct record *rec)
{
	printf("%" PRId64 " %u %d ", rec->time, rec->stream, rec->cpu);
	if (rec->class_no == UINT32_MAX) {
		printf("kind %u", rec->kind);
		if (rec->v)
			printf(" %" PRId64, rec->v[F_PROCNAME + 1]);
	} else {
		printf("%s %u %u:", source_class(source, rec->class_no)->name, rec->kind, rec->sub);
		for (unsigned int i = 0; i < source_class(source, rec->class_no)->n_fields; i++)
			dump_field(source, rec, i);
		dump_nested(source, rec);
	}
	putchar('\n');
}

/* Wants all events with all fields; those of class 7, 14, ... only as such. */
static void bind_all(struct source *source, bool wanted)
{
	for (unsigned int i = 0; wanted && i < source_n_classes(source); i++) {
		const struct source_class *class = source_class(source, i);

		source_bind(source, i, (uint16_t)(i % 1000), (uint16_t)(i % 77));
		for (unsigned int k = 0; k < class->n_fields; k++)
			source_bind_field(source, i, class->fields[k].name);
		for (unsigned int k = 0; nested[k]; k++)
			source_bind_field(source, i, nested[k]);
	}
	if (!getenv("THREADS"))
		source_count(source);
}

int main(int argc, char **argv)
{
	GPtrArray *notes = g_ptr_array_new_with_free_func(g_free);
	struct source_options options = {.intersection = !getenv("NO_INTERSECTION")};
	const struct record *records;
	enum source_status status = SOURCE_END;
	struct source *source;
	GError *error = NULL;
	size_t n;

	if (argc < 3)
		return 2;
	nested = g_strsplit(getenv("NESTED") ? getenv("NESTED") : "", " ", -1);
	options.reader = argv[1];
	options.threads = getenv("THREADS") ? (unsigned int)atoi(getenv("THREADS")) : 1;
	source = source_open((const char *const *)argv + 2, &options, notes, &error);
	for (guint i = 0; i < notes->len; i++)
		fprintf(stderr, "note: %s\n", (char *)g_ptr_array_index(notes, i));
	if (source) {
		dump_facts(source);
		dump_classes(source);
		bind_all(source, !getenv("SKIP_ALL"));
		while ((status = source_next(source, &records, &n, &error)) == SOURCE_MORE)
			for (size_t i = 0; i < n; i++)
				dump_record(source, &records[i]);
		dump_streams(source);
	}
	for (unsigned int i = 0; source && i < source_n_streams(source); i++)
		if (source_stream(source, i)->damage)
			fprintf(stderr, "damage: %s\n", source_stream(source, i)->damage);
	if (error)
		fprintf(stderr, "error: %s\n", error->message);
	source_close(source);
	g_ptr_array_unref(notes);
	g_strfreev(nested);
	return error != NULL;
}
