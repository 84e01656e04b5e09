/*
 * The reader on libbabeltrace2.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/bt2/works.h"

#include "host/bt2/bt2.h"

volatile sig_atomic_t bt2_works;

static struct source *open_source(
	GPtrArray *traces, const struct source_options *options, GPtrArray *notes, GError **error)
{
	struct source *source;

	bt2_works = true;
	source = bt2_open(traces, options, notes, error);
	bt2_works = false;
	return source;
}

static bool read_on(struct source *base, GError **error)
{
	struct bt2_source *source = bt2_of(base);

	if (source->bound)
		return graph_run(source, error);
	/* What was read to learn the classes are the first messages to make records of. */
	source->bound = true;
	for (guint i = 0; i < base->streams->len; i++) {
		struct port *port = g_ptr_array_index(base->streams, i);

		if (!port->stream.ended)
			port_read(port);
	}
	return true;
}

static bool feed(struct source *base, GError **error)
{
	bool ok;

	bt2_works = true;
	ok = read_on(base, error);
	bt2_works = false;
	return ok;
}

const struct reader babeltrace2_reader = {
	.name = "babeltrace2",
	.title = "libbabeltrace2",
	.open = open_source,
	.close = bt2_close,
	.bind_field = bt2_bind_field,
	.bind = bt2_bind,
	.feed = feed,
	.visit = bt2_visit,
};
