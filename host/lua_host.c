/*
 * The module "lttnga.host": what Lua can ask of the C side. Traces are objects with methods, the
 * rest are plain functions. Nothing of it is for analyses; they use lttnga.analysis.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua_host.h"

#include "host/lua/event_view.h"
#include "host/lua/interrupt.h"
#include "host/lua/place.h"
#include "host/replay/models.h"
#include "host/replay/run.h"
#include "host/replay/saved.h"
#include "host/replay/session.h"
#include "host/source/source.h"

#include <lauxlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TRACE_TYPE "lttnga.trace"

struct trace {
	struct source *source; /* NULL once closed */
	GPtrArray *notes;
	bool used; /* it has been gone through, or is about to be; its session is the uservalue */
};

static struct trace *check_trace(lua_State *L)
{
	struct trace *trace = luaL_checkudata(L, 1, TRACE_TYPE);

	if (!trace->source)
		luaL_error(L, "the trace is closed");
	return trace;
}

static int trace_gc(lua_State *L)
{
	struct trace *trace = luaL_checkudata(L, 1, TRACE_TYPE);

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
	struct trace *trace = luaL_checkudata(L, 1, TRACE_TYPE);

	if (trace->source && trace->source == place.source)
		luaL_error(L, "a trace can't be closed while it is read");
	lua_getiuservalue(L, 1, 1);
	if (!session_is_closed(L, -1))
		luaL_error(L, "a trace can't be closed while a session has it");
	return trace_gc(L);
}

static enum source_reader reader_named(const char *name)
{
	if (g_strcmp0(name, "native") == 0)
		return SOURCE_NATIVE;
	return g_strcmp0(name, "babeltrace2") == 0 ? SOURCE_BABELTRACE2 : SOURCE_ANY;
}

/*
 * open(paths, { intersection = boolean, reader = "native", "babeltrace2" or nil, threads = 0 to 2 })
 * -> trace, or nil, message.
 * Notes to the user (what was left out) are in trace:notes().
 */
static int host_open(lua_State *L)
{
	struct source_options options = {.intersection = true};
	lua_Integer count = luaL_len(L, 1);
	const char **paths;
	struct trace *trace;
	GError *error = NULL;

	luaL_checktype(L, 1, LUA_TTABLE);
	if (lua_istable(L, 2)) {
		if (lua_getfield(L, 2, "intersection") != LUA_TNIL)
			options.intersection = lua_toboolean(L, -1);
		lua_getfield(L, 2, "reader");
		options.reader = reader_named(lua_tostring(L, -1));
		lua_getfield(L, 2, "threads");
		options.threads = (unsigned int)CLAMP(lua_tointeger(L, -1), 0, 2);
		lua_pop(L, 3);
	}
	lua_settop(L, 1);
	trace = lua_newuserdatauv(L, sizeof(*trace), 1);
	trace->source = NULL;
	trace->notes = NULL;
	trace->used = false;
	luaL_setmetatable(L, TRACE_TYPE);
	trace->notes = g_ptr_array_new_with_free_func(g_free);
	paths = lua_newuserdatauv(L, sizeof(*paths) * ((size_t)count + 1), 0);
	for (lua_Integer i = 0; i < count; i++) {
		lua_geti(L, 1, i + 1); /* the table keeps the text alive */
		paths[i] = luaL_checkstring(L, -1);
		lua_pop(L, 1);
	}
	paths[count] = NULL;
	trace->source = source_open(paths, &options, trace->notes, &error);
	lua_pop(L, 1);
	if (trace->source)
		return 1;
	lua_pushnil(L);
	lua_pushstring(L, error->message);
	g_error_free(error);
	return 2;
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

static void set_text(lua_State *L, const char *key, const char *value)
{
	lua_pushstring(L, value);
	lua_setfield(L, -2, key);
}

static void set_integer(lua_State *L, const char *key, lua_Integer value)
{
	lua_pushinteger(L, value);
	lua_setfield(L, -2, key);
}

/*
 * trace:streams() -> list of { name, cpu, trace, lost_events, lost_packets, lost_begin, lost_end,
 * damaged, damage }
 */
static int trace_streams(lua_State *L)
{
	struct source *source = check_trace(L)->source;

	lua_newtable(L);
	for (unsigned int i = 0; i < source_n_streams(source); i++) {
		const struct source_stream *stream = source_stream(source, i);

		lua_createtable(L, 0, 9);
		set_text(L, "name", stream->name);
		set_integer(L, "damaged", (lua_Integer)stream->damaged);
		set_text(L, "damage", stream->damage);
		set_integer(L, "trace", (lua_Integer)stream->trace + 1);
		if (stream->cpu >= 0)
			set_integer(L, "cpu", stream->cpu);
		set_integer(L, "lost_events", (lua_Integer)stream->lost_events);
		set_integer(L, "lost_packets", (lua_Integer)stream->lost_packets);
		if (stream->lost_events || stream->lost_packets) {
			set_integer(L, "lost_begin", stream->lost_begin);
			set_integer(L, "lost_end", stream->lost_end);
		}
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* trace:traces() -> list of { path, hostname, domain, tracer_name, tracer_version, ... } */
static int trace_traces(lua_State *L)
{
	struct source *source = check_trace(L)->source;

	lua_newtable(L);
	for (unsigned int i = 0; i < source_n_traces(source); i++) {
		const struct source_trace *trace = source_trace(source, i);

		lua_createtable(L, 0, 8);
		set_text(L, "path", trace->path);
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

/*
 * trace:classes() -> list of { name, trace, events, fields = { name, ... } }; contexts are fields
 * called "ctx.NAME"; `events` is 0 unless a run has counted them
 */
static int trace_classes(lua_State *L)
{
	struct source *source = check_trace(L)->source;

	lua_newtable(L);
	for (unsigned int i = 0; i < source_n_classes(source); i++) {
		const struct source_class *class = source_class(source, i);

		lua_createtable(L, 0, 4);
		set_text(L, "name", class->name);
		set_integer(L, "trace", (lua_Integer) class->trace + 1);
		set_integer(L, "events", (lua_Integer) class->events);
		lua_createtable(L, (int)class->n_fields, 0);
		for (unsigned int k = 0; k < class->n_fields; k++) {
			lua_pushstring(L, class->fields[k].name);
			lua_rawseti(L, -2, (lua_Integer)k + 1);
		}
		lua_setfield(L, -2, "fields");
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* trace:missing() -> { hook = { event, ... } }: events that the trace lacks for derived ones */
static int trace_missing(lua_State *L)
{
	run_push_missing(L, check_trace(L)->source);
	return 1;
}

/* trace:is_kernel() -> whether there is any event that the kernel model knows */
static int trace_is_kernel(lua_State *L)
{
	lua_pushboolean(L, run_is_kernel(check_trace(L)->source));
	return 1;
}

/* What is bound of a trace stays so: it can be gone through once. */
static void use(lua_State *L, struct trace *trace)
{
	if (trace->used)
		luaL_error(L, "a trace can be gone through once only: open it again");
	trace->used = true;
}

static int trace_run(lua_State *L)
{
	struct trace *trace = check_trace(L);

	if (place.source)
		luaL_error(L, "a hook can't begin another run");
	use(L, trace);
	return run_source(L, trace->source);
}

/* trace:can_seek() -> whether this reader can begin elsewhere than at the beginning */
static int trace_can_seek(lua_State *L)
{
	lua_pushboolean(L, source_can_seek(check_trace(L)->source));
	return 1;
}

/* trace:machines() -> how many machines it is of: two may have the same name */
static int trace_machines(lua_State *L)
{
	lua_pushinteger(L, models_count_hosts(check_trace(L)->source));
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

/* trace:saved(path) -> checkpoints of this trace in a file; or nil, why ("none", ...), message */
static int trace_saved(lua_State *L)
{
	return saved_read(L, check_trace(L)->source, luaL_checkstring(L, 2));
}

/* trace:saved_new(limit) -> an empty list of checkpoints of this trace, of at most so many bytes */
static int trace_saved_new(lua_State *L)
{
	return saved_new(L, check_trace(L)->source, (uint64_t)luaL_optinteger(L, 2, 0));
}

/* hooks() -> list of { name, doc, requires, fields = { { name, type, unit, doc }, ... } } */
static int host_hooks(lua_State *L)
{
	lua_newtable(L);
	for (int kind = 0; kind < DERIVED_KINDS; kind++) {
		const struct derived_event *event = &derived_events[kind];

		lua_createtable(L, 0, 4);
		set_text(L, "name", event->name);
		set_text(L, "doc", event->doc);
		set_text(L, "requires", event->requires);
		push_field_list(L, event->fields, event->n_fields);
		lua_setfield(L, -2, "fields");
		lua_rawseti(L, -2, kind + 1);
	}
	return 1;
}

/* place() -> event name (or nil), time in ns of a run that is under way; else nothing */
static int host_place(lua_State *L)
{
	if (!place.source)
		return 0;
	lua_pushstring(L, place_event());
	lua_pushinteger(L, place_time());
	return 2;
}

static int host_interrupted(lua_State *L)
{
	lua_pushboolean(L, interrupt_wanted());
	return 1;
}

/* terminal(fd) -> width in columns if that is a terminal, else nil */
static int host_terminal(lua_State *L)
{
	int fd = (int)luaL_checkinteger(L, 1);
	struct winsize size;

	if (!isatty(fd))
		return 0;
	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		lua_pushinteger(L, size.ws_col);
	else
		lua_pushinteger(L, 80);
	return 1;
}

/* files(folder) -> list of the names in it; empty if it can't be read */
static int host_files(lua_State *L)
{
	GDir *dir = g_dir_open(luaL_checkstring(L, 1), 0, NULL);
	const char *name;
	lua_Integer n = 0;

	lua_newtable(L);
	while (dir && (name = g_dir_read_name(dir))) {
		lua_pushstring(L, name);
		lua_rawseti(L, -2, ++n);
	}
	if (dir)
		g_dir_close(dir);
	return 1;
}

/* digest(paths, text) -> what tells these (absolute) paths and this text from others, in hexadecimal */
static int host_digest(lua_State *L)
{
	GChecksum *checksum;

	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_checkstring(L, 2);
	checksum = g_checksum_new(G_CHECKSUM_SHA256);
	g_checksum_update(checksum, (const guchar *)lua_tostring(L, 2), -1);
	for (lua_Integer i = 1; lua_geti(L, 1, i) == LUA_TSTRING; i++) {
		char *real = realpath(lua_tostring(L, -1), NULL);

		g_checksum_update(
			checksum, (const guchar *)(real ? real : lua_tostring(L, -1)), -1);
		g_checksum_update(checksum, (const guchar *)"\n", 1);
		free(real);
		lua_pop(L, 1);
	}
	lua_pushstring(L, g_checksum_get_string(checksum));
	g_checksum_free(checksum);
	return 1;
}

int luaopen_lttnga_host(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{"open", host_open},
		{"hooks", host_hooks},
		{"views", session_push_views},
		{"place", host_place},
		{"interrupted", host_interrupted},
		{"terminal", host_terminal},
		{"files", host_files},
		{"digest", host_digest},
		{NULL, NULL},
	};
	static const luaL_Reg methods[] = {
		{"close", trace_close},
		{"notes", trace_notes},
		{"range", trace_range},
		{"reader", trace_reader},
		{"streams", trace_streams},
		{"traces", trace_traces},
		{"classes", trace_classes},
		{"missing", trace_missing},
		{"is_kernel", trace_is_kernel},
		{"run", trace_run},
		{"session", trace_session},
		{"saved", trace_saved},
		{"can_seek", trace_can_seek},
		{"size", trace_size},
		{"machines", trace_machines},
		{"saved_new", trace_saved_new},
		{NULL, NULL},
	};

	event_view_setup(L);
	saved_setup(L);
	session_setup(L);
	luaL_newmetatable(L, TRACE_TYPE);
	luaL_newlib(L, methods);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, trace_gc);
	lua_setfield(L, -2, "__gc");
	lua_pop(L, 1);
	luaL_newlib(L, functions);
	set_text(L, "version", LTTNGA_VERSION);
	return 1;
}
