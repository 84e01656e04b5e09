/*
 * libbabeltrace2's graph: one component for each trace, and one sink with a port for each stream;
 * and what it tells before the first record: spans of time, event classes, the environment.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/bt2/bt2.h"

#include "host/bt2/util.h"
#include "host/source/trace_files.h"
#include "state/events.h"

#include <glib/gstdio.h>
#include <string.h>

static bt_component_class_initialize_method_status sink_initialize(bt_self_component_sink *self,
	bt_self_component_sink_configuration *config, const bt_value *params, void *data)
{
	struct bt2_source *source = data;

	(void)config;
	(void)params;
	bt_self_component_set_data(bt_self_component_sink_as_self_component(self), source);
	for (guint i = 0; i < source->base.streams->len; i++) {
		char name[16];

		g_snprintf(name, sizeof(name), "%u", i);
		if (bt_self_component_sink_add_input_port(self, name, NULL, NULL) !=
			BT_SELF_COMPONENT_ADD_PORT_STATUS_OK)
			return BT_COMPONENT_CLASS_INITIALIZE_METHOD_STATUS_ERROR;
	}
	return BT_COMPONENT_CLASS_INITIALIZE_METHOD_STATUS_OK;
}

static bt_component_class_sink_graph_is_configured_method_status sink_configured(
	bt_self_component_sink *self)
{
	struct bt2_source *source =
		bt_self_component_get_data(bt_self_component_sink_as_self_component(self));

	for (guint i = 0; i < source->base.streams->len; i++) {
		struct port *port = g_ptr_array_index(source->base.streams, i);

		if (bt_message_iterator_create_from_sink_component(self,
			    bt_self_component_sink_borrow_input_port_by_index(self, i),
			    &port->iterator) !=
			BT_MESSAGE_ITERATOR_CREATE_FROM_SINK_COMPONENT_STATUS_OK)
			return BT_COMPONENT_CLASS_SINK_GRAPH_IS_CONFIGURED_METHOD_STATUS_ERROR;
	}
	return BT_COMPONENT_CLASS_SINK_GRAPH_IS_CONFIGURED_METHOD_STATUS_OK;
}

/* One step of the graph: all streams that have nothing left take what comes next. */
static bt_component_class_sink_consume_method_status sink_consume(bt_self_component_sink *self)
{
	struct bt2_source *source =
		bt_self_component_get_data(bt_self_component_sink_as_self_component(self));

	for (guint i = 0; i < source->base.hungry->len; i++) {
		source->failed = g_ptr_array_index(source->base.hungry, i);
		if (!port_feed(source->failed))
			return BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_ERROR;
	}
	source->failed = NULL;
	return BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_OK;
}

static void free_trace(gpointer data)
{
	struct trace_info *trace = data;

	g_ptr_array_unref(trace->strings);
	g_free(trace);
}

void bt2_close(struct source *base)
{
	struct bt2_source *source = bt2_of(base);

	source_clear(base);
	g_ptr_array_unref(source->class_sets);
	bt_graph_put_ref(source->graph);
	g_free(source);
}

static struct bt2_source *new_source(void)
{
	struct bt2_source *source = source_new(
		&babeltrace2_reader, sizeof(struct bt2_source), class_free, free_trace, port_free);

	source->class_sets = g_ptr_array_new_with_free_func(class_set_free);
	source->base.getters = (struct record_getters){get_string, get_ints, source};
	source->values_max = GAP_VALUES;
	return source;
}

/* Fills in an error with what libbabeltrace2 says. */
static void set_error(GError **error, enum source_error code, const char *what, const char *path)
{
	char *reason = bt2_reason();

	g_set_error(error, SOURCE_ERROR, code, "%s %s: %s", what, path,
		reason ? reason : "libbabeltrace2 gives no reason");
	g_free(reason);
}

static bt_value *inputs_of(const struct trace_files *files)
{
	bt_value *params = bt_value_map_create();
	bt_value *inputs;

	bt_value_map_insert_empty_array_entry(params, "inputs", &inputs);
	for (guint i = 0; i < files->folders->len; i++)
		bt_value_array_append_string_element(inputs, g_ptr_array_index(files->folders, i));
	return params;
}

static bool map_integer(const bt_value *map, const char *key, int64_t *value)
{
	const bt_value *entry = bt_value_map_borrow_entry_value_const(map, key);

	if (!entry || !bt_value_is_signed_integer(entry))
		return false;
	*value = bt_value_integer_signed_get(entry);
	return true;
}

/* What the trace's packets span. */
struct port_spans {
	struct span all;
	GHashTable
		*streams; /* name of the output port -> int64_t[2], begin and end of that stream */
};

static bool stream_span(const bt_value *stream, int64_t *begin, int64_t *end)
{
	const bt_value *range = bt_value_map_borrow_entry_value_const(stream, "range-ns");

	return range && map_integer(range, "begin", begin) && map_integer(range, "end", end);
}

static void free_spans(gpointer data)
{
	g_hash_table_unref(((struct port_spans *)data)->streams);
}

/* Takes one stream into account. */
static void add_stream_span(
	struct port_spans *spans, const bt_value *stream, const struct source_clock *clock)
{
	const bt_value *port = bt_value_map_borrow_entry_value_const(stream, "port-name");
	int64_t begin, end;

	if (!stream_span(stream, &begin, &end) || !clock_correct(clock, &begin) ||
		!clock_correct(clock, &end)) {
		spans->all.known = false;
		return;
	}
	span_add(&spans->all, begin, end);
	if (port && bt_value_is_string(port))
		g_hash_table_insert(spans->streams, g_strdup(bt_value_string_get(port)),
			g_memdup2((int64_t[2]){begin, end}, 2 * sizeof(int64_t)));
}

/* Asks for the span of a trace; false with `error` if the trace can't be read at all. */
static bool find_span(const bt_component_class_source *class, const struct trace_files *files,
	const struct source_clock *clock, struct port_spans *spans, GError **error)
{
	const bt_value *infos = bt2_query(class, "babeltrace.trace-infos", inputs_of(files));
	uint64_t n_traces;

	*spans = (struct port_spans){
		SPAN_EMPTY, g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free)};
	if (!infos) {
		set_error(error, SOURCE_ERROR_OPEN, "cannot read",
			g_ptr_array_index(files->folders, 0));
		return false;
	}
	n_traces = bt_value_array_get_length(infos);
	for (uint64_t i = 0; i < n_traces; i++) {
		const bt_value *streams = bt_value_map_borrow_entry_value_const(
			bt_value_array_borrow_element_by_index_const(infos, i), "stream-infos");
		uint64_t n_streams = streams ? bt_value_array_get_length(streams) : 0;

		for (uint64_t j = 0; j < n_streams; j++)
			add_stream_span(spans,
				bt_value_array_borrow_element_by_index_const(streams, j), clock);
	}
	if (spans->all.begin > spans->all.end)
		spans->all.known = false;
	bt_value_put_ref(infos);
	return true;
}

/* An output port of a trace's component, while the graph is being built. */
struct output {
	unsigned int trace;
	const bt_port_output *port;
	const char *name;
};

static gint compare_outputs(gconstpointer a, gconstpointer b)
{
	const struct output *x = a, *y = b;

	if (x->trace != y->trace)
		return x->trace < y->trace ? -1 : 1;
	return strverscmp(x->name, y->name);
}

/* The library takes more than a minute for 30 MB of metadata. */
#define METADATA_MAX (4 << 20)

/* False with `error` if there is too much metadata for the library. */
static bool is_short(const struct trace_files *files, GError **error)
{
	bool ok = true;

	for (guint i = 0; ok && i < files->folders->len; i++) {
		const char *folder = g_ptr_array_index(files->folders, i);
		char *path = g_build_filename(folder, "metadata", NULL);
		GStatBuf st;

		ok = g_stat(path, &st) != 0 || st.st_size <= METADATA_MAX;
		if (!ok)
			g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_REFUSED,
				"cannot read %s: its metadata is too large for libbabeltrace2",
				folder);
		g_free(path);
	}
	return ok;
}

/* False with `error` if a trace is newer than the library. */
static bool is_readable(const struct trace_files *files, GError **error)
{
	if (!is_short(files, error))
		return false;
	if (files->version < 2 || bt_version_get_major() > 2 || bt_version_get_minor() > 0)
		return true;
	g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_DECLINED,
		"%s is a CTF 2 trace, which libbabeltrace2 %u.%u.%u cannot read: install "
		"libbabeltrace2 2.1 or later, or record with "
		"`lttng create --trace-format=ctf-1.8`",
		(const char *)g_ptr_array_index(files->folders, 0), bt_version_get_major(),
		bt_version_get_minor(), bt_version_get_patch());
	return false;
}

/* Adds the component that reads one trace; appends its ports to `outputs`. */
static bool add_component(struct bt2_source *source, const bt_component_class_source *class,
	const struct trace_files *files, unsigned int trace, GArray *outputs, GError **error)
{
	const bt_component_source *component;
	bt_value *params = inputs_of(files);
	bt_graph_add_component_status status;
	char name[32], *culprit;
	uint64_t count;

	g_snprintf(name, sizeof(name), "trace%u", trace);
	status = bt_graph_add_source_component(
		source->graph, class, name, params, BT_LOGGING_LEVEL_NONE, &component);
	bt_value_put_ref(params);
	if (status != BT_GRAPH_ADD_COMPONENT_STATUS_OK) {
		culprit = trace_files_culprit(files);
		if (culprit) {
			bt_current_thread_clear_error();
			g_set_error_literal(error, SOURCE_ERROR, SOURCE_ERROR_OPEN, culprit);
			g_free(culprit);
		} else {
			set_error(error, SOURCE_ERROR_OPEN, "cannot read",
				g_ptr_array_index(files->folders, 0));
		}
		return false;
	}
	count = bt_component_source_get_output_port_count(component);
	for (uint64_t i = 0; i < count; i++) {
		struct output output = {.trace = trace};

		output.port = bt_component_source_borrow_output_port_by_index_const(component, i);
		output.name = bt_port_get_name(bt_port_output_as_port_const(output.port));
		g_array_append_val(outputs, output);
	}
	return true;
}

static void add_port(struct bt2_source *source, const struct output *output,
	const struct port_spans *spans, const struct source_options *options)
{
	struct port *port = g_new0(struct port, 1);
	const int64_t *span = g_hash_table_lookup(spans->streams, output->name);

	port->kept = g_ptr_array_new();
	port->last = span ? span[1] : INT64_MAX;
	source_add_stream(&source->base, &port->stream, g_strdup(output->name), output->trace,
		&spans->all, options);
	if (span) {
		port->stream.facts.from = span[0];
		port->stream.facts.to = span[1];
	}
}

/* Adds our sink and connects every stream to a port of its own. */
static bool connect_outputs(struct bt2_source *source, const GArray *outputs, GError **error)
{
	bt_component_class_sink *class = bt_component_class_sink_create("lttnga", sink_consume);
	const bt_component_sink *sink;
	bool ok;

	bt_component_class_sink_set_initialize_method(class, sink_initialize);
	bt_component_class_sink_set_graph_is_configured_method(class, sink_configured);
	ok = bt_graph_add_sink_component_with_initialize_method_data(source->graph, class, "lttnga",
		     NULL, source, BT_LOGGING_LEVEL_NONE,
		     &sink) == BT_GRAPH_ADD_COMPONENT_STATUS_OK;
	bt_component_class_sink_put_ref(class);
	for (guint i = 0; ok && i < outputs->len; i++)
		ok = bt_graph_connect_ports(source->graph,
			     g_array_index(outputs, struct output, i).port,
			     bt_component_sink_borrow_input_port_by_index_const(sink, i),
			     NULL) == BT_GRAPH_CONNECT_PORTS_STATUS_OK;
	if (!ok)
		set_error(error, SOURCE_ERROR_OPEN, "cannot read", "the trace");
	return ok;
}

/* What to call a stream in a message: what the library calls it is mostly numbers. */
static char *stream_name(const char *path, const struct port *port)
{
	if (port->stream.facts.cpu >= 0)
		return g_strdup_printf("the stream of CPU %d of %s", port->stream.facts.cpu, path);
	return g_strdup_printf("stream %s of %s", port->stream.facts.name, path);
}

bool graph_run(struct bt2_source *source, GError **error)
{
	struct bt2_guard guard = bt2_guard(source->memory_max);
	bt_graph_run_once_status status = bt_graph_run_once(source->graph);
	struct port *failed;
	const char *path;
	char *name;

	bt2_unguard(&guard);
	if (status == BT_GRAPH_RUN_ONCE_STATUS_OK || status == BT_GRAPH_RUN_ONCE_STATUS_AGAIN)
		return true;
	failed = source->failed ?: g_ptr_array_index(source->base.streams, 0);
	path = source_trace(&source->base, failed->stream.facts.trace)->path;
	name = stream_name(path, failed);
	if (failed->fault) {
		/* What the library has to say is only that we stopped it. */
		bt_current_thread_clear_error();
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_READ,
			"cannot continue reading %s: %s", name, failed->fault);
	} else {
		set_error(error, SOURCE_ERROR_READ, "cannot continue reading", name);
	}
	g_free(name);
	return false;
}

/* ---- What the first messages tell: classes, environment ---- */

static const char *env_text(struct trace_info *info, const char *key)
{
	const bt_value *value =
		bt_trace_borrow_environment_entry_value_by_name_const(info->bt, key);
	char *text;

	if (!value || !bt_value_is_string(value))
		return NULL;
	text = g_strdup(bt_value_string_get(value));
	g_ptr_array_add(info->strings, text);
	return text;
}

static int env_number(struct trace_info *info, const char *key)
{
	const bt_value *value =
		bt_trace_borrow_environment_entry_value_by_name_const(info->bt, key);

	if (value && bt_value_is_signed_integer(value))
		return (int)CLAMP(bt_value_integer_signed_get(value), -1, INT32_MAX);
	if (value && bt_value_is_string(value))
		return (int)CLAMP(
			g_ascii_strtoll(bt_value_string_get(value), NULL, 10), 0, INT32_MAX);
	return -1;
}

static void learn_trace(struct trace_info *info, const bt_trace *trace)
{
	struct source_trace *facts = &info->facts;

	if (info->bt)
		return;
	info->bt = trace;
	facts->hostname = env_text(info, "hostname");
	facts->domain = env_text(info, "domain");
	facts->tracer_name = env_text(info, "tracer_name");
	facts->kernel_release = env_text(info, "kernel_release");
	facts->kernel_version = env_text(info, "kernel_version");
	facts->tracer_major = env_number(info, "tracer_major");
	facts->tracer_minor = env_number(info, "tracer_minor");
	facts->tracer_patch = env_number(info, "tracer_patchlevel");
}

/* The UUID of the clock of a stream, as a text. */
static void learn_boot(struct trace_info *info, const bt_stream *stream)
{
	const bt_clock_class *clock = bt_stream_class_borrow_default_clock_class_const(
		bt_stream_borrow_class_const(stream));
	bt_uuid uuid = clock ? bt_clock_class_get_uuid(clock) : NULL;
	GString *text;

	if (!uuid || info->facts.boot_id)
		return;
	text = g_string_new(NULL);
	for (unsigned int i = 0; i < 16; i++)
		g_string_append_printf(
			text, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
	info->facts.boot_id = g_string_free(text, FALSE);
	g_ptr_array_add(info->strings, (gpointer)info->facts.boot_id);
}

/* Every stream begins with a message that tells its class; returns false with `error` if not. */
static bool learn_stream(struct bt2_source *source, struct port *port, GError **error)
{
	struct trace_info *info = g_ptr_array_index(source->base.traces, port->stream.facts.trace);
	const bt_stream *stream;

	if (port->stream.ended)
		return true;
	if (port->n_messages == 0 ||
		bt_message_get_type(port->messages[0]) != BT_MESSAGE_TYPE_STREAM_BEGINNING) {
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_OPEN,
			"stream %s of %s has no beginning", port->stream.facts.name,
			info->facts.path);
		return false;
	}
	stream = bt_message_stream_beginning_borrow_stream_const(port->messages[0]);
	learn_trace(info, bt_stream_borrow_trace_const(stream));
	learn_boot(info, stream);
	port->classes = class_set_for(
		source, port->stream.facts.trace, bt_stream_borrow_class_const(stream));
	port->stream.facts.group = port->classes->number;
	port->stream.facts.first_cpu = port_first_cpu(port);
	if (!port->classes->has_clock) {
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_OPEN,
			"%s is not a kernel trace: its events have no timestamps",
			info->facts.path);
		return false;
	}
	return true;
}

static bool build(struct bt2_source *source, const GPtrArray *traces,
	const struct source_options *options, GPtrArray *notes, GError **error)
{
	const bt_component_class_source *class = bt2_ctf_class(error);
	GArray *spans = g_array_new(FALSE, FALSE, sizeof(struct port_spans));
	GArray *outputs = g_array_new(FALSE, FALSE, sizeof(struct output));
	unsigned int without = 0;
	bool ok = class != NULL;

	g_array_set_clear_func(spans, free_spans);
	source->graph = bt_graph_create(0);
	for (guint i = 0; ok && i < traces->len; i++) {
		const struct trace_files *files = g_ptr_array_index(traces, i);
		struct trace_info *info = g_new0(struct trace_info, 1);
		struct port_spans span = {0};

		info->strings = g_ptr_array_new_with_free_func(g_free);
		info->facts.path = g_strdup(g_ptr_array_index(files->folders, 0));
		g_ptr_array_add(info->strings, (gpointer)info->facts.path);
		info->facts.user = files->user;
		info->facts.clock = source_clock_of_next(&source->base, options);
		g_ptr_array_add(source->base.traces, info);
		/* In this order: the query for the span aborts on what the component refuses. */
		ok = is_readable(files, error) &&
		     add_component(source, class, files, i, outputs, error) &&
		     find_span(class, files, &info->facts.clock, &span, error);
		if (span.streams)
			g_array_append_val(spans, span);
		if (!ok)
			break;
		info->facts.begin = span.all.begin;
		info->facts.end = span.all.end;
		if (!files->user)
			without += !source_add_span(&source->base, &span.all, options);
	}
	ok = ok && source_tell_left_out(&source->base, without, notes, error);
	if (ok) {
		g_array_sort(outputs, compare_outputs);
		for (guint i = 0; i < outputs->len; i++) {
			const struct output *output = &g_array_index(outputs, struct output, i);

			add_port(source, output,
				&g_array_index(spans, struct port_spans, output->trace), options);
		}
		ok = connect_outputs(source, outputs, error);
	}
	g_array_free(spans, TRUE);
	g_array_free(outputs, TRUE);
	return ok;
}

struct source *bt2_open(
	GPtrArray *traces, const struct source_options *options, GPtrArray *notes, GError **error)
{
	struct bt2_source *source = new_source();
	struct bt2_guard guard;
	bool ok;

	source->memory_max = bt2_memory_limit(traces->len);
	guard = bt2_guard(source->memory_max);
	ok = build(source, traces, options, notes, error);
	bt2_unguard(&guard);

	if (ok && source->base.streams->len == 0) {
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_OPEN,
			"%s contains no events: it has no stream files, or only empty ones",
			source_trace(&source->base, 0)->path);
		ok = false;
	}
	ok = ok && graph_run(source, error);
	for (guint i = 0; ok && i < source->base.streams->len; i++)
		ok = learn_stream(source, g_ptr_array_index(source->base.streams, i), error);
	if (ok)
		return &source->base;
	bt2_close(&source->base);
	return NULL;
}
