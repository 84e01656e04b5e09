/*
 * weigh TRACE...: how many bytes the events of a trace take, by class. Writes a line for the trace
 *
 *     trace CPUS SECONDS
 *
 * and one for each class, also of those without events; bytes are those of all of them together:
 *
 *     NAME EVENTS HEADERS CONTEXTS PAYLOADS
 *
 * The native reader tells where the structures of an event begin, and how to get over each of them.
 * Between an event and the one before it in the same packet lies nothing but its header; the first one
 * of a packet counts with a header as the one before had it. What packets have besides, their own
 * headers and what is left over at their ends, is no event's, and not counted.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/ctf/ctf.h"
#include "host/readers.h"

#include <inttypes.h>
#include <stdio.h>

/* Bits of all events of a class. */
struct weight {
	uint64_t headers, contexts, payloads;
};

/* Where the last event of a stream has ended: its packet, and the bit there. */
struct place {
	const uint8_t *base;
	uint64_t at, header;
};

/* Moves over one structure of an event; returns its bits. */
static uint64_t skip(const struct ctf_class *class, enum ctf_scope scope, struct ctf_cursor *cursor)
{
	const struct ctf_node *node = class->layout.scopes[scope];
	uint64_t begin = cursor->at;

	if (node && !ctf_skip(node, cursor))
		g_error("an event of %s goes beyond its packet", class->facts.name);
	return cursor->at - begin;
}

static void weigh(const struct ctf_class *class, const struct ctf_extent *extent,
	struct place *place, struct weight *weight)
{
	struct ctf_cursor cursor = {.base = extent->base, .at = extent->at, .end = extent->end};

	if (place->base == extent->base)
		place->header = extent->at - place->at;
	weight->headers += place->header;
	weight->contexts += skip(class, CTF_COMMON_CONTEXT, &cursor);
	weight->contexts += skip(class, CTF_SPECIFIC_CONTEXT, &cursor);
	weight->payloads += skip(class, CTF_PAYLOAD, &cursor);
	place->base = extent->base;
	place->at = cursor.at;
}

/* All events are wanted, with the place where they are. */
static void bind_all(struct source *source)
{
	for (unsigned int i = 0; i < source_n_classes(source); i++) {
		source_bind_field(source, i, "");
		((struct ctf_class *)g_ptr_array_index(source->classes, i))->keeps = true;
	}
	source_count(source);
}

static void write_all(const struct source *source, const struct weight *weights)
{
	int64_t first = 0, last = 0;

	source_seen(source, &first, &last);
	printf("trace %u %.3f\n", source_n_streams(source), (double)(last - first) / 1e9);
	for (unsigned int i = 0; i < source_n_classes(source); i++)
		printf("%s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
			source_class(source, i)->name, source_class(source, i)->events,
			weights[i].headers / 8, weights[i].contexts / 8, weights[i].payloads / 8);
}

int main(int argc, char **argv)
{
	GPtrArray *notes = g_ptr_array_new_with_free_func(g_free);
	struct source_options options = {.reader = "native", .threads = 1};
	const struct record *records;
	enum source_status status = SOURCE_END;
	struct source *source;
	struct weight *weights;
	struct place *places;
	GError *error = NULL;
	size_t n;

	if (argc < 2)
		return 2;
	source = source_open((const char *const *)argv + 1, &options, notes, &error);
	if (!source) {
		fprintf(stderr, "%s\n", error->message);
		return 1;
	}
	weights = g_new0(struct weight, source_n_classes(source));
	places = g_new0(struct place, source_n_streams(source));
	bind_all(source);
	while ((status = source_next(source, &records, &n, &error)) == SOURCE_MORE)
		for (size_t i = 0; i < n; i++)
			if (records[i].class_no != UINT32_MAX)
				weigh((const struct ctf_class *)source_class(
					      source, records[i].class_no),
					records[i].handle, &places[records[i].stream],
					&weights[records[i].class_no]);
	if (error)
		fprintf(stderr, "%s\n", error->message);
	else
		write_all(source, weights);
	g_clear_error(&error);
	source_close(source);
	g_free(weights);
	g_free(places);
	g_ptr_array_unref(notes);
	return status != SOURCE_END;
}
