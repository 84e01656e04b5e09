/*
 * A trace as an object of Lua: what it is made of, and the ways through it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/trace_object.h"

#include "host/live_object.h"
#include "host/lua/cursor.h"
#include "host/lua/interrupt.h"
#include "host/lua/object.h"
#include "host/lua/push.h"
#include "host/output/new_path.h"
#include "host/readers.h"
#include "host/replay/checkpoint_list.h"
#include "host/replay/inventory.h"
#include "host/replay/machines.h"
#include "host/replay/run.h"
#include "host/replay/session.h"
#include "host/sync/sync.h"

#include <string.h>

struct trace {
	struct source *source; /* NULL once closed */
	GPtrArray *notes;
	bool used; /* it has been gone through, or is about to be; its session is the uservalue */
	bool in_parts; /* only parts of it have been gone through: others can be */
};

static const struct object_type trace_type; /* below */

static struct trace *check_trace(lua_State *L)
{
	struct trace *trace = object_check(L, 1, &trace_type);

	if (!trace->source)
		luaL_error(L, "the trace is closed");
	return trace;
}

static int trace_gc(lua_State *L)
{
	struct trace *trace = object_check(L, 1, &trace_type);

	source_close(trace->source);
	trace->source = NULL;
	if (trace->notes)
		g_ptr_array_unref(trace->notes);
	trace->notes = NULL;
	return 0;
}

/* trace:close(): also of one that is closed already */
static int trace_close(lua_State *L)
{
	struct trace *trace = object_check(L, 1, &trace_type);

	if (trace->source && trace->source == cursor.source)
		luaL_error(L, "a trace cannot be closed while it is being read");
	lua_getiuservalue(L, 1, 1);
	if (!session_is_closed(L, -1))
		luaL_error(L, "a trace cannot be closed while a session uses it");
	return trace_gc(L);
}

static int64_t integer_in(lua_State *L, const char *key)
{
	int64_t value;

	lua_getfield(L, -1, key);
	value = luaL_checkinteger(L, -1);
	lua_pop(L, 1);
	return value;
}

/*
 * Reads the list on top of the stack, { machine =, offset =, from =, rate = } for each trace, and puts what keeps the
 * result alive in its place.
 */
static void read_clocks(lua_State *L, struct source_options *options)
{
	size_t n = lua_istable(L, -1) ? lua_rawlen(L, -1) : 0;
	struct source_clock *clocks = lua_newuserdatauv(L, sizeof(*clocks) * (n + 1), 0);

	for (size_t i = 0; i < n; i++) {
		int64_t machine, rate;

		lua_rawgeti(L, -2, (lua_Integer)i + 1);
		luaL_checktype(L, -1, LUA_TTABLE);
		machine = integer_in(L, "machine");
		rate = integer_in(L, "rate");
		if (machine < 1 || machine > (int64_t)n || ABS(rate) > CLOCK_RATE_MAX)
			luaL_error(L, "a clock is out of range");
		clocks[i] = (struct source_clock){(unsigned int)machine - 1,
			integer_in(L, "offset"), integer_in(L, "from"), rate};
		lua_pop(L, 1);
	}
	options->clocks = clocks;
	options->n_clocks = (unsigned int)n;
	lua_remove(L, -2);
}

/*
 * Reads { intersection =, user =, reader =, threads =, live =, clocks = } at stack index 2; what is left out is as
 * usual. Leaves the name of the reader, and the clocks, on the stack, which keeps them alive.
 */
static struct source_options read_options(lua_State *L)
{
	struct source_options options = {.intersection = true};

	if (!lua_istable(L, 2))
		return options;
	if (lua_getfield(L, 2, "intersection") != LUA_TNIL)
		options.intersection = lua_toboolean(L, -1);
	lua_getfield(L, 2, "user");
	options.user = lua_toboolean(L, -1);
	lua_pop(L, 1);
	lua_getfield(L, 2, "threads");
	options.threads = (unsigned int)CLAMP(lua_tointeger(L, -1), 0, 2);
	if (lua_getfield(L, 2, "live") != LUA_TNIL)
		options.feed = live_object_feed(L, -1);
	lua_pop(L, 1);
	lua_getfield(L, 2, "clocks");
	read_clocks(L, &options);
	lua_getfield(L, 2, "reader");
	options.reader = lua_tostring(L, -1);
	return options;
}

int trace_object_open(lua_State *L)
{
	struct source_options options;
	const char **paths;
	struct trace *trace;
	GError *error = NULL;
	size_t count;

	luaL_checktype(L, 1, LUA_TTABLE);
	/* Metamethods could tell anything, and make texts that nobody keeps. */
	count = lua_rawlen(L, 1);
	lua_settop(L, 2);
	options = read_options(L);
	trace = object_new(L, &trace_type, sizeof(*trace), 2);
	/* Who brings what is read has to stay. */
	lua_pushvalue(L, 2);
	lua_setiuservalue(L, -2, 2);
	trace->notes = g_ptr_array_new_with_free_func(g_free);
	paths = lua_newuserdatauv(L, sizeof(*paths) * (count + 1), 0);
	for (size_t i = 0; i < count; i++) {
		lua_rawgeti(L, 1, (lua_Integer)i + 1); /* the table keeps the text alive */
		luaL_checktype(L, -1, LUA_TSTRING);
		paths[i] = lua_tostring(L, -1);
		lua_pop(L, 1);
	}
	paths[count] = NULL;
	trace->source = source_open(paths, &options, trace->notes, &error);
	lua_pop(L, 1);
	return trace->source ? 1 : push_failure(L, error);
}

/* trace:notes() -> list of texts */
static int trace_notes(lua_State *L)
{
	struct trace *trace = check_trace(L);

	lua_newtable(L);
	for (guint i = 0; i < trace->notes->len; i++) {
		lua_pushstring(L, g_ptr_array_index(trace->notes, i));
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* trace:is_growing() -> whether it is being recorded */
static int trace_is_growing(lua_State *L)
{
	lua_pushboolean(L, source_feed(check_trace(L)->source) != NULL);
	return 1;
}

/* trace:keep_last(span, until): see source_keep_last(); times in ns, `until` may be left out */
static int trace_keep_last(lua_State *L)
{
	source_keep_last(
		check_trace(L)->source, luaL_checkinteger(L, 2), luaL_optinteger(L, 3, INT64_MAX));
	return 0;
}

/* trace:keep(folder) -> true; or nil and a message. Makes it, with a trace of what is kept */
static int trace_keep(lua_State *L)
{
	struct source *source = check_trace(L)->source;
	const char *path = luaL_checkstring(L, 2);
	GError *error = NULL;
	char *folder = new_path_folder(path, &error);
	bool ok = folder && source_keep(source, folder, &error) &&
		  new_path_give(folder, path, false, &error);

	if (folder && !ok)
		new_path_drop(folder);
	g_free(folder);
	return ok ? push_done(L) : push_failure(L, error);
}

/* trace:reader() -> who decodes it: "native" or "babeltrace2" */
static int trace_reader(lua_State *L)
{
	lua_pushstring(L, source_reader(check_trace(L)->source));
	return 1;
}

/* trace:range() -> begin, end in ns; nothing if the trace does not tell in advance */
static int trace_range(lua_State *L)
{
	int64_t begin, end;

	if (!source_range(check_trace(L)->source, &begin, &end))
		return 0;
	lua_pushinteger(L, begin);
	lua_pushinteger(L, end);
	return 2;
}

/* The CPUs that a stream has told of. */
static void push_cpus(lua_State *L, const struct source_stream *stream)
{
	lua_Integer n = 0;

	lua_newtable(L);
	if (stream->cpu >= 0) {
		lua_pushinteger(L, stream->cpu);
		lua_rawseti(L, -2, ++n);
	}
	for (int word = 0; word < SOURCE_CPUS / 64; word++)
		for (int bit = 0; stream->event_cpus[word] >> bit; bit++) {
			if (stream->event_cpus[word] >> bit & 1) {
				lua_pushinteger(L, 64 * word + bit);
				lua_rawseti(L, -2, ++n);
			}
			if (bit == 63)
				break;
		}
}

/*
 * trace:streams() -> list of { name, cpu, first_cpu, cpus, from, to, first, last (events that have been read), trace,
 * events, lost_events, lost_packets, late, lost_begin, lost_end, damaged, damage }
 */
static int trace_streams(lua_State *L)
{
	struct source *source = check_trace(L)->source;

	lua_newtable(L);
	for (unsigned int i = 0; i < source_n_streams(source); i++) {
		const struct source_stream *stream = source_stream(source, i);
		int64_t first, last;

		lua_createtable(L, 0, 16);
		set_text(L, "name", stream->name);
		set_integer(L, "damaged", (lua_Integer)stream->damaged);
		set_text(L, "damage", stream->damage);
		set_integer(L, "trace", (lua_Integer)stream->trace + 1);
		if (stream->cpu >= 0)
			set_integer(L, "cpu", stream->cpu);
		if (stream->first_cpu >= 0)
			set_integer(L, "first_cpu", stream->first_cpu);
		if (stream->from > INT64_MIN) {
			set_integer(L, "from", stream->from);
			set_integer(L, "to", stream->to);
		}
		if (source_stream_seen(source, i, &first, &last)) {
			set_integer(L, "first", first);
			set_integer(L, "last", last);
		}
		push_cpus(L, stream);
		lua_setfield(L, -2, "cpus");
		set_integer(L, "events", (lua_Integer)stream->events);
		set_integer(L, "lost_events", (lua_Integer)stream->lost_events);
		set_integer(L, "lost_packets", (lua_Integer)stream->lost_packets);
		set_integer(L, "late", (lua_Integer)stream->late);
		if (stream->lost_events || stream->lost_packets) {
			set_integer(L, "lost_begin", stream->lost_begin);
			set_integer(L, "lost_end", stream->lost_end);
		}
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* trace:traces() -> list of { path, hostname, domain, tracer_name, tracer_version, offset, rate, ... } */
static int trace_traces(lua_State *L)
{
	struct source *source = check_trace(L)->source;

	lua_newtable(L);
	for (unsigned int i = 0; i < source_n_traces(source); i++) {
		const struct source_trace *trace = source_trace(source, i);

		lua_createtable(L, 0, 10);
		set_text(L, "path", trace->path);
		set_integer(L, "offset", trace->clock.offset);
		set_integer(L, "from", trace->clock.from);
		set_integer(L, "rate", trace->clock.rate);
		set_text(L, "hostname", trace->hostname);
		set_text(L, "domain", trace->domain);
		set_text(L, "tracer_name", trace->tracer_name);
		set_text(L, "kernel_release", trace->kernel_release);
		set_text(L, "kernel_version", trace->kernel_version);
		if (trace->begin <= trace->end) {
			set_integer(L, "begin", trace->begin);
			set_integer(L, "end", trace->end);
		}
		if (trace->tracer_major >= 0) {
			lua_pushfstring(L, "%d.%d.%d", trace->tracer_major,
				MAX(trace->tracer_minor, 0), MAX(trace->tracer_patch, 0));
			lua_setfield(L, -2, "tracer_version");
		}
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* Pushes a list of what the fields of a class are in Lua. */
static void push_types(lua_State *L, const struct source_class *class)
{
	static const char *const names[] = {
		[FIELD_KIND_INT] = "integer",
		[FIELD_KIND_REAL] = "number",
		[FIELD_KIND_TEXT] = "string",
		[FIELD_KIND_OTHER] = "table",
	};

	lua_createtable(L, (int)class->n_fields, 0);
	for (unsigned int k = 0; k < class->n_fields; k++) {
		lua_pushstring(L, names[class->fields[k].kind]);
		lua_rawseti(L, -2, (lua_Integer)k + 1);
	}
}

/*
 * trace:classes() -> list of { name, trace, events, fields = { name, ... }, types = { type, ... } };
 * contexts are fields called "ctx.NAME"; `events` is 0 unless a run has counted them; types are those of
 * Lua
 */
static int trace_classes(lua_State *L)
{
	struct source *source = check_trace(L)->source;

	lua_newtable(L);
	for (unsigned int i = 0; i < source_n_classes(source); i++) {
		const struct source_class *class = source_class(source, i);

		lua_createtable(L, 0, 5);
		set_text(L, "name", class->name);
		set_integer(L, "trace", (lua_Integer) class->trace + 1);
		set_integer(L, "events", (lua_Integer) class->events);
		lua_createtable(L, (int)class->n_fields, 0);
		for (unsigned int k = 0; k < class->n_fields; k++) {
			lua_pushstring(L, class->fields[k].name);
			lua_rawseti(L, -2, (lua_Integer)k + 1);
		}
		lua_setfield(L, -2, "fields");
		push_types(L, class);
		lua_setfield(L, -2, "types");
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/*
 * trace:missing() -> { hook = { event, ... }, ["hook.field"] = ... }: events that the trace lacks for
 * derived ones, and for their fields
 */
static int trace_missing(lua_State *L)
{
	inventory_push_missing(L, check_trace(L)->source);
	return 1;
}

/* trace:is_kernel() -> whether there is any event that the kernel model knows */
static int trace_is_kernel(lua_State *L)
{
	lua_pushboolean(L, inventory_is_kernel(check_trace(L)->source));
	return 1;
}

/* What is bound of a trace stays so: as a whole, it can be gone through once. */
static void use(lua_State *L, struct trace *trace)
{
	if (trace->used)
		luaL_error(L, "a trace can be read only once: open it again");
	trace->used = true;
}

static int trace_run(lua_State *L)
{
	struct trace *trace = check_trace(L);

	if (cursor.source)
		luaL_error(L, "a hook cannot start another run");
	if (trace->in_parts && source_can_seek(trace->source)) {
		source_start_again(trace->source);
		trace->used = false;
	}
	use(L, trace);
	trace->in_parts = run_is_of_part(L);
	return run_source(L, trace->source);
}

/* trace:can_seek() -> whether this reader can begin elsewhere than at the beginning */
static int trace_can_seek(lua_State *L)
{
	lua_pushboolean(L, source_can_seek(check_trace(L)->source));
	return 1;
}

/*
 * trace:machines() -> list of { name, traces = { number, ... } }: the machines that they were recorded on;
 * two may have the same name
 */
static int trace_machines(lua_State *L)
{
	struct source *source = check_trace(L)->source;

	lua_newtable(L);
	for (unsigned int i = 0; i < source_n_traces(source); i++) {
		const struct source_trace *trace = source_trace(source, i);
		lua_Integer number = (lua_Integer)trace->machine + 1;

		if (lua_rawgeti(L, -1, number) == LUA_TNIL) {
			lua_pop(L, 1);
			lua_createtable(L, 0, 2);
			lua_newtable(L);
			lua_setfield(L, -2, "traces");
			lua_pushvalue(L, -1);
			lua_rawseti(L, -3, number);
		}
		set_text(L, "name", trace->hostname);
		lua_getfield(L, -1, "traces");
		lua_pushinteger(L, (lua_Integer)i + 1);
		lua_rawseti(L, -2, luaL_len(L, -2) + 1);
		lua_pop(L, 2);
	}
	return 1;
}

/* Reads { number, ... } of all machines at a stack index, in what is left on the stack. */
static unsigned int *read_order(lua_State *L, int index, unsigned int n)
{
	unsigned int *order = lua_newuserdatauv(L, sizeof(*order) * (n + 1), 0);
	bool *there = lua_newuserdatauv(L, n + 1, 0);

	memset(there, 0, n + 1);
	for (unsigned int i = 0; i < n; i++) {
		lua_Integer number;

		lua_rawgeti(L, index, (lua_Integer)i + 1);
		number = luaL_checkinteger(L, -1);
		lua_pop(L, 1);
		if (number < 1 || number > (lua_Integer)n || there[number])
			luaL_error(L, "all machines are needed, once");
		there[number] = true;
		order[i] = (unsigned int)number - 1;
	}
	return order;
}

static void push_violations(lua_State *L, const char *key, const struct sync_violations *violations)
{
	lua_createtable(L, 0, 2);
	set_integer(L, "count", (lua_Integer)violations->n);
	set_integer(L, "worst", violations->worst);
	lua_setfield(L, -2, key);
}

static void push_pair(lua_State *L, const struct sync_pair *pair)
{
	lua_createtable(L, 0, 12);
	set_integer(L, "first", (lua_Integer)pair->first + 1);
	set_integer(L, "second", (lua_Integer)pair->second + 1);
	set_text(L, "quality", hull_quality_name(pair->quality));
	set_integer(L, "forth", (lua_Integer)pair->forth);
	set_integer(L, "back", (lua_Integer)pair->back);
	set_integer(L, "ahead", pair->ahead);
	lua_pushnumber(L, pair->excess);
	lua_setfield(L, -2, "excess");
	set_boolean(L, "rate_known", pair->rate_known);
	set_integer(L, "uncertain", pair->uncertain);
	push_violations(L, "before", &pair->before);
	push_violations(L, "after", &pair->after);
	set_boolean(L, "used", pair->used);
}

static void push_machine(lua_State *L, const struct sync_machine *machine)
{
	lua_createtable(L, 0, 4);
	set_integer(L, "reference", (lua_Integer)machine->reference + 1);
	set_integer(L, "offset", machine->clock.offset);
	set_integer(L, "from", machine->clock.from);
	set_integer(L, "rate", machine->clock.rate);
}

/*
 * trace:sync(order) -> { seen, each, machines = { { reference, offset, from, rate }, ... }, pairs = { { first, second,
 * quality, forth, back, ahead, excess, rate_known, uncertain, used, before = { count, worst }, after = { count, worst } }, ... } }:
 * reads the packets, see host/sync/sync.h; or nil and a message. The machines are in the order of their numbers.
 */
static int trace_sync(lua_State *L)
{
	struct trace *trace = check_trace(L);
	unsigned int n = machines_count(trace->source), *order;
	GError *error = NULL;
	struct sync *sync;

	luaL_checktype(L, 2, LUA_TTABLE);
	order = read_order(L, 2, n);
	use(L, trace);
	sync = sync_read(trace->source, order, n, interrupt_wanted, &error);
	if (!sync)
		return push_failure(L, error);
	lua_createtable(L, 0, 4);
	set_integer(L, "seen", (lua_Integer)sync->seen);
	set_integer(L, "each", (lua_Integer)sync->each);
	lua_createtable(L, (int)sync->machines->len, 0);
	for (guint i = 0; i < sync->machines->len; i++) {
		push_machine(L, &g_array_index(sync->machines, struct sync_machine, i));
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	lua_setfield(L, -2, "machines");
	lua_createtable(L, (int)sync->pairs->len, 0);
	for (guint i = 0; i < sync->pairs->len; i++) {
		push_pair(L, &g_array_index(sync->pairs, struct sync_pair, i));
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	lua_setfield(L, -2, "pairs");
	sync_free(sync);
	return 1;
}

/* trace:size() -> bytes of its streams */
static int trace_size(lua_State *L)
{
	uint64_t total;

	source_bytes(check_trace(L)->source, &total);
	lua_pushinteger(L, (lua_Integer)total);
	return 1;
}

/* trace:identity() -> a text that is another one when the trace is; empty if that is not known */
static int trace_identity(lua_State *L)
{
	GString *text = g_string_new(NULL);

	source_identity(check_trace(L)->source, text);
	lua_pushlstring(L, text->str, text->len);
	g_string_free(text, TRUE);
	return 1;
}

/* trace:session(options) -> object, see host/replay/session.h */
static int trace_session(lua_State *L)
{
	struct trace *trace = check_trace(L);

	use(L, trace);
	session_new(L, trace->source);
	lua_pushvalue(L, -1);
	lua_setiuservalue(L, 1, 1);
	return 1;
}

/* trace:read_checkpoints(path) -> those in a file; or nil, why ("none", ...), message */
static int trace_read_checkpoints(lua_State *L)
{
	return checkpoint_list_read(L, check_trace(L)->source, luaL_checkstring(L, 2));
}

/*
 * trace:new_checkpoints(limit) -> an empty list of checkpoints of all parts, of at most so many
 * bytes
 */
static int trace_new_checkpoints(lua_State *L)
{
	const struct source *source = check_trace(L)->source;
	uint64_t limit = (uint64_t)luaL_optinteger(L, 2, 0);

	checkpoints_unref(checkpoint_list_new(L, source, WANT_ALL, limit));
	return 1;
}

static const luaL_Reg methods[] = {
	{"can_seek", trace_can_seek},
	{"classes", trace_classes},
	{"close", trace_close},
	{"identity", trace_identity},
	{"is_kernel", trace_is_kernel},
	{"is_growing", trace_is_growing},
	{"keep", trace_keep},
	{"keep_last", trace_keep_last},
	{"machines", trace_machines},
	{"missing", trace_missing},
	{"new_checkpoints", trace_new_checkpoints},
	{"notes", trace_notes},
	{"range", trace_range},
	{"read_checkpoints", trace_read_checkpoints},
	{"reader", trace_reader},
	{"run", trace_run},
	{"session", trace_session},
	{"size", trace_size},
	{"streams", trace_streams},
	{"sync", trace_sync},
	{"traces", trace_traces},
	{NULL, NULL},
};

static const struct object_type trace_type = {
	.name = "lttnga.trace", .methods = methods, .gc = trace_gc};
