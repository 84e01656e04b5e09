/*
 * Fuzzer of metadata: any bytes are read as such, laid out and planned, as a trace's would be.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/ctf/nested.h"
#include "host/ctf/plan.h"

#include <stdlib.h>

/* What is refused is so for a reason. */
static void refuse(GError *error)
{
	if (!error || strlen(error->message) == 0)
		abort();
	g_error_free(error);
}

/* Lays out the structures of an event, or just one, and makes a plan that reads every member. */
static void lay_out(struct ctf_layouts *layouts, const struct ctf_type *a, const struct ctf_type *b,
	const struct ctf_type *c)
{
	const struct ctf_type *types[CTF_N_SCOPES] = {a, b, c};
	struct ctf_slot slots[64];
	GArray *nested = g_array_new(FALSE, FALSE, sizeof(struct ctf_nested));
	unsigned int n = 0;
	struct ctf_layout layout;
	GError *error = NULL;

	if (!ctf_layout(layouts, types, &layout, &error)) {
		refuse(error);
		return;
	}
	for (int scope = 0; scope < CTF_N_SCOPES; scope++) {
		const struct ctf_node *node = layout.scopes[scope];

		for (unsigned int i = 0; node && i < node->n_children && n < 64; i++)
			slots[n++] = (struct ctf_slot){.scope = (enum ctf_scope)scope,
				.member = i,
				.elements = {.first = (int64_t)(i % 3) - 1, .n = 1}};
	}
	ctf_plan_free(ctf_plan_new(&layout, slots, n, nested));
	g_array_free(nested, TRUE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	GError *error = NULL;
	struct ctf_metadata *metadata = ctf_metadata_read((const char *)data, size, &error);
	struct ctf_layouts layouts = {0};

	if (!metadata) {
		refuse(error);
		return 0;
	}
	layouts.metadata = metadata;
	layouts.arena = metadata->arena;
	lay_out(&layouts, metadata->packet_header, NULL, NULL);
	for (guint i = 0; i < metadata->streams->len; i++) {
		const struct ctf_stream_class *stream = g_ptr_array_index(metadata->streams, i);

		lay_out(&layouts, stream->packet_context, NULL, NULL);
		lay_out(&layouts, stream->event_header, NULL, NULL);
		for (guint k = 0; k < stream->events->len; k++) {
			const struct ctf_event_class *event = g_ptr_array_index(stream->events, k);

			lay_out(&layouts, stream->event_context, event->context, event->payload);
		}
	}
	ctf_metadata_free(metadata);
	return 0;
}
