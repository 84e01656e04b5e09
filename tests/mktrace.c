/*
 * mktrace DESCRIPTION.lua FOLDER: writes a real CTF trace from a description, for tests. See
 * tests/spec/host.lua for what a description looks like; the writer is libbabeltrace2's.
 *
 * SPDX-License-Identifier: MIT
 */
#include <babeltrace2/babeltrace.h>
#include <glib.h>
#include <lauxlib.h>
#include <lualib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_SECOND 1000000000u

/* Every failure here is the test writer's, and ends the program. */
#define MUST(condition)                                                                \
	do {                                                                           \
		if (!(condition))                                                      \
			g_error("mktrace: %s:%d: %s", __FILE__, __LINE__, #condition); \
	} while (0)

static lua_State *L; /* with the description at index 1 */
static bt_trace *trace;
static bt_stream_class *stream_class;
static GHashTable *event_classes; /* name -> bt_event_class */
static GPtrArray *messages;       /* made, and not yet handed on */
static guint next_message;
static GPtrArray *contexts; /* names of context fields, without "ctx." */

static lua_Integer get_integer(int index, const char *key, lua_Integer otherwise)
{
	lua_Integer value = otherwise;

	if (lua_getfield(L, index, key) != LUA_TNIL)
		value = luaL_checkinteger(L, -1);
	lua_pop(L, 1);
	return value;
}

/* Whether the table on top of the stack is { enum = number }; if so, pushes the number. */
static bool is_enumeration(void)
{
	if (lua_getfield(L, -1, "enum") != LUA_TNIL)
		return true;
	lua_pop(L, 1);
	return false;
}

/* An enumeration with a label for 0 only: other values have none, as happens in real traces. */
static bt_field_class *enumeration(bt_trace_class *trace_class)
{
	bt_field_class *class = bt_field_class_enumeration_unsigned_create(trace_class);
	bt_integer_range_set_unsigned *range = bt_integer_range_set_unsigned_create();

	MUST(bt_integer_range_set_unsigned_add_range(range, 0, 0) == 0);
	MUST(bt_field_class_enumeration_unsigned_add_mapping(class, "none", range) == 0);
	bt_integer_range_set_unsigned_put_ref(range);
	return class;
}

/* The field class for the Lua value on top of the stack. */
static bt_field_class *class_for_value(bt_trace_class *trace_class)
{
	bt_field_class *class, *element;

	switch (lua_type(L, -1)) {
	case LUA_TSTRING:
		return bt_field_class_string_create(trace_class);
	case LUA_TTABLE:
		if (is_enumeration()) {
			lua_pop(L, 1);
			return enumeration(trace_class);
		}
		element = bt_field_class_integer_signed_create(trace_class);
		class = bt_field_class_array_static_create(trace_class, element, lua_rawlen(L, -1));
		bt_field_class_put_ref(element);
		return class;
	default:
		return bt_field_class_integer_signed_create(trace_class);
	}
}

/* Writes the Lua value on top of the stack into a field. */
static void set_field(bt_field *field)
{
	switch (bt_field_get_class_type(field)) {
	case BT_FIELD_CLASS_TYPE_STRING:
		MUST(bt_field_string_set_value(field, luaL_checkstring(L, -1)) == 0);
		break;
	case BT_FIELD_CLASS_TYPE_STATIC_ARRAY:
		for (lua_Integer i = 0; i < (lua_Integer)bt_field_array_get_length(field); i++) {
			lua_geti(L, -1, i + 1);
			set_field(bt_field_array_borrow_element_field_by_index(field, i));
			lua_pop(L, 1);
		}
		break;
	case BT_FIELD_CLASS_TYPE_UNSIGNED_ENUMERATION:
		MUST(is_enumeration());
		bt_field_integer_unsigned_set_value(field, (uint64_t)luaL_checkinteger(L, -1));
		lua_pop(L, 1);
		break;
	default:
		bt_field_integer_signed_set_value(field, luaL_checkinteger(L, -1));
	}
}

static void append_member(bt_field_class *structure, const char *name, bt_field_class *class)
{
	MUST(bt_field_class_structure_append_member(structure, name, class) == 0);
	bt_field_class_put_ref(class);
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of an event's payload fields, sorted; its fields are on top of the stack. */
static GPtrArray *payload_names(void)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
		if (!g_str_has_prefix(lua_tostring(L, -2), "ctx."))
			g_ptr_array_add(names, g_strdup(lua_tostring(L, -2)));
	g_ptr_array_sort(names, compare_names);
	return names;
}

/* The class of events called `name`, made by the fields of the first one. */
static bt_event_class *event_class(bt_trace_class *trace_class, const char *name)
{
	bt_event_class *class = g_hash_table_lookup(event_classes, name);
	bt_field_class *payload;
	GPtrArray *names;

	if (class)
		return class;
	class = bt_event_class_create(stream_class);
	MUST(bt_event_class_set_name(class, name) == 0);
	payload = bt_field_class_structure_create(trace_class);
	names = payload_names();
	for (guint i = 0; i < names->len; i++) {
		lua_getfield(L, -1, g_ptr_array_index(names, i));
		append_member(payload, g_ptr_array_index(names, i), class_for_value(trace_class));
		lua_pop(L, 1);
	}
	g_ptr_array_unref(names);
	MUST(bt_event_class_set_payload_field_class(class, payload) == 0);
	bt_field_class_put_ref(payload);
	g_hash_table_insert(event_classes, g_strdup(name), class);
	return class;
}

static void fill_event(bt_event *event)
{
	bt_field *payload = bt_event_borrow_payload_field(event);
	bt_field *context = bt_event_borrow_common_context_field(event);
	GPtrArray *names = payload_names();

	for (guint i = 0; i < names->len; i++) {
		lua_getfield(L, -1, g_ptr_array_index(names, i));
		set_field(bt_field_structure_borrow_member_field_by_index(payload, i));
		lua_pop(L, 1);
	}
	g_ptr_array_unref(names);
	for (guint i = 0; i < contexts->len; i++) {
		char *key = g_strconcat("ctx.", g_ptr_array_index(contexts, i), NULL);

		MUST(lua_getfield(L, -1, key) != LUA_TNIL);
		set_field(bt_field_structure_borrow_member_field_by_index(context, i));
		lua_pop(L, 1);
		g_free(key);
	}
}

static int64_t event_time(int packet, lua_Integer number)
{
	int64_t time;

	lua_geti(L, packet, number);
	lua_geti(L, -1, 1);
	time = luaL_checkinteger(L, -1);
	lua_pop(L, 2);
	return time;
}

/* Adds the messages of the packet at stack index `packet`; returns its end. */
static int64_t add_packet(bt_self_message_iterator *self, bt_trace_class *trace_class,
	bt_stream *stream, int packet, lua_Integer cpu, int64_t last_end)
{
	lua_Integer count = luaL_len(L, packet);
	int64_t begin = get_integer(packet, "from", count ? event_time(packet, 1) : last_end);
	int64_t end = get_integer(packet, "to", count ? event_time(packet, count) : begin);
	lua_Integer lost = get_integer(packet, "lost", 0);
	bt_packet *bt_packet = bt_packet_create(stream);
	bt_message *message;

	if (lost > 0) {
		message = bt_message_discarded_events_create_with_default_clock_snapshots(
			self, stream, last_end, end);
		bt_message_discarded_events_set_count(message, lost);
		g_ptr_array_add(messages, message);
	}
	bt_field_integer_unsigned_set_value(bt_field_structure_borrow_member_field_by_index(
						    bt_packet_borrow_context_field(bt_packet), 0),
		cpu);
	g_ptr_array_add(messages, bt_message_packet_beginning_create_with_default_clock_snapshot(
					  self, bt_packet, begin));
	for (lua_Integer i = 1; i <= count; i++) {
		const char *name;

		lua_geti(L, packet, i);
		lua_geti(L, -1, 2);
		name = luaL_checkstring(L, -1);
		if (lua_geti(L, -2, 3) == LUA_TNIL) {
			lua_pop(L, 1);
			lua_newtable(L);
		}
		message = bt_message_event_create_with_packet_and_default_clock_snapshot(
			self, event_class(trace_class, name), bt_packet, event_time(packet, i));
		fill_event(bt_message_event_borrow_event(message));
		g_ptr_array_add(messages, message);
		lua_pop(L, 3);
	}
	g_ptr_array_add(messages,
		bt_message_packet_end_create_with_default_clock_snapshot(self, bt_packet, end));
	bt_packet_put_ref(bt_packet);
	return end;
}

/* Context fields are those that the description lists: contexts = { pid = 0, procname = "" }. */
static void add_contexts(bt_trace_class *trace_class)
{
	bt_field_class *context;

	contexts = g_ptr_array_new_with_free_func(g_free);
	if (lua_getfield(L, 1, "contexts") == LUA_TTABLE) {
		context = bt_field_class_structure_create(trace_class);
		for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
			g_ptr_array_add(contexts, g_strdup(lua_tostring(L, -2)));
			append_member(context, lua_tostring(L, -2), class_for_value(trace_class));
		}
		MUST(bt_stream_class_set_event_common_context_field_class(stream_class, context) ==
			0);
		bt_field_class_put_ref(context);
	}
	lua_pop(L, 1);
}

static void add_environment(void)
{
	lua_getfield(L, 1, "env");
	for (lua_pushnil(L); lua_istable(L, -2) && lua_next(L, -2); lua_pop(L, 1)) {
		const char *key = lua_tostring(L, -2);

		if (lua_isinteger(L, -1))
			MUST(bt_trace_set_environment_entry_integer(
				     trace, key, lua_tointeger(L, -1)) == 0);
		else
			MUST(bt_trace_set_environment_entry_string(
				     trace, key, lua_tostring(L, -1)) == 0);
	}
	lua_settop(L, 1);
}

/* ---- The component ---- */

static bt_component_class_initialize_method_status initialize(bt_self_component_source *self,
	bt_self_component_source_configuration *config, const bt_value *params, void *data)
{
	bt_trace_class *trace_class =
		bt_trace_class_create(bt_self_component_source_as_self_component(self));
	bt_clock_class *clock =
		bt_clock_class_create(bt_self_component_source_as_self_component(self));
	bt_field_class *context = bt_field_class_structure_create(trace_class);

	(void)config;
	(void)params;
	(void)data;
	bt_clock_class_set_frequency(clock, NS_PER_SECOND);
	bt_clock_class_set_origin_is_unix_epoch(clock, BT_TRUE);
	stream_class = bt_stream_class_create(trace_class);
	MUST(bt_stream_class_set_default_clock_class(stream_class, clock) == 0);
	bt_stream_class_set_supports_packets(stream_class, BT_TRUE, BT_TRUE, BT_TRUE);
	bt_stream_class_set_supports_discarded_events(stream_class, BT_TRUE, BT_TRUE);
	append_member(context, "cpu_id", bt_field_class_integer_unsigned_create(trace_class));
	MUST(bt_stream_class_set_packet_context_field_class(stream_class, context) == 0);
	bt_field_class_put_ref(context);
	add_contexts(trace_class);
	trace = bt_trace_create(trace_class);
	add_environment();
	bt_clock_class_put_ref(clock);
	bt_trace_class_put_ref(trace_class);
	return bt_self_component_source_add_output_port(self, "out", NULL, NULL) == 0 ? 0 : -1;
}

/* The stream that is being written. */
static struct {
	bt_stream *bt; /* NULL before the first and between two */
	lua_Integer number, packets;
	int64_t end; /* of the last packet */
} stream;

static void begin_stream(bt_self_message_iterator *self)
{
	char *name = g_strdup_printf("channel0_%d", (int)stream.number - 1);

	stream.bt = bt_stream_create(stream_class, trace);
	stream.packets = 0;
	stream.end = 0;
	/* The name becomes that of the file. */
	MUST(bt_stream_set_name(stream.bt, name) == 0);
	g_free(name);
	g_ptr_array_add(messages, bt_message_stream_beginning_create(self, stream.bt));
}

/* Pushes the next packet of the stream on top of the stack, or nil. */
static void push_packet(void)
{
	stream.packets++;
	switch (lua_getfield(L, -1, "packets")) {
	case LUA_TNIL:
		lua_pop(L, 1);
		if (stream.packets == 1)
			lua_pushvalue(L, -1);
		else
			lua_pushnil(L);
		break;
	case LUA_TFUNCTION:
		lua_pushinteger(L, stream.packets);
		lua_call(L, 1, 1);
		break;
	default:
		lua_geti(L, -1, stream.packets);
	}
}

/* Makes the messages that come next; false if there are no more. */
static bool make_messages(bt_self_message_iterator *self)
{
	g_ptr_array_set_size(messages, 0);
	next_message = 0;
	lua_settop(L, 1);
	lua_getfield(L, 1, "streams");
	if (!stream.bt) {
		if (lua_geti(L, -1, ++stream.number) == LUA_TNIL)
			return false;
		begin_stream(self);
		return true;
	}
	lua_geti(L, -1, stream.number);
	push_packet();
	if (lua_isnil(L, -1)) {
		g_ptr_array_add(messages, bt_message_stream_end_create(self, stream.bt));
		bt_stream_put_ref(stream.bt);
		stream.bt = NULL;
		return true;
	}
	stream.end = add_packet(self, bt_trace_borrow_class(trace), stream.bt, lua_gettop(L),
		get_integer(3, "cpu", 0), stream.end);
	return true;
}

static bt_message_iterator_class_initialize_method_status iterator_initialize(
	bt_self_message_iterator *self, bt_self_message_iterator_configuration *config,
	bt_self_component_port_output *port)
{
	(void)self;
	(void)config;
	(void)port;
	messages = g_ptr_array_new();
	event_classes = g_hash_table_new(g_str_hash, g_str_equal);
	return 0;
}

static bt_message_iterator_class_next_method_status iterator_next(bt_self_message_iterator *self,
	bt_message_array_const out, uint64_t capacity, uint64_t *count)
{
	*count = 0;
	while (next_message == messages->len)
		if (!make_messages(self))
			return BT_MESSAGE_ITERATOR_CLASS_NEXT_METHOD_STATUS_END;
	while (*count < capacity && next_message < messages->len)
		out[(*count)++] = g_ptr_array_index(messages, next_message++);
	return 0;
}

static const bt_component_source *add_source(bt_graph *graph)
{
	bt_message_iterator_class *iterator = bt_message_iterator_class_create(iterator_next);
	bt_component_class_source *class;
	const bt_component_source *source;

	bt_message_iterator_class_set_initialize_method(iterator, iterator_initialize);
	class = bt_component_class_source_create("mktrace", iterator);
	bt_component_class_source_set_initialize_method(class, initialize);
	MUST(bt_graph_add_source_component(
		     graph, class, "source", NULL, BT_LOGGING_LEVEL_NONE, &source) == 0);
	return source;
}

static const bt_component_sink *add_sink(bt_graph *graph, const char *folder)
{
	bt_value *params = bt_value_map_create();
	const bt_component_sink *sink;
	const bt_plugin *plugin;

	MUST(bt_plugin_find("ctf", BT_TRUE, BT_TRUE, BT_TRUE, BT_FALSE, BT_FALSE, &plugin) == 0);
	bt_value_map_insert_string_entry(params, "path", folder);
	bt_value_map_insert_bool_entry(params, "assume-single-trace", BT_TRUE);
	bt_value_map_insert_bool_entry(params, "quiet", BT_TRUE);
	MUST(bt_graph_add_sink_component(graph,
		     bt_plugin_borrow_sink_component_class_by_name_const(plugin, "fs"), "sink",
		     params, BT_LOGGING_LEVEL_NONE, &sink) == 0);
	return sink;
}

int main(int argc, char **argv)
{
	const bt_component_source *source;
	const bt_component_sink *sink;
	bt_graph *graph;

	if (argc != 3) {
		fprintf(stderr, "Usage: mktrace DESCRIPTION.lua FOLDER\n");
		return 2;
	}
	L = luaL_newstate();
	luaL_openlibs(L);
	if (luaL_dofile(L, argv[1]) != LUA_OK || !lua_istable(L, 1))
		g_error("mktrace: %s: %s", argv[1], lua_tostring(L, -1));
	graph = bt_graph_create(0);
	source = add_source(graph);
	sink = add_sink(graph, argv[2]);
	MUST(bt_graph_connect_ports(graph,
		     bt_component_source_borrow_output_port_by_index_const(source, 0),
		     bt_component_sink_borrow_input_port_by_index_const(sink, 0), NULL) == 0);
	MUST(bt_graph_run(graph) == BT_GRAPH_RUN_STATUS_OK);
	bt_graph_put_ref(graph); /* closes the files */
	/* What is left goes with the process: it has done its work. */
	return 0;
}
