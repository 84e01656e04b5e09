/*
 * One run over a trace: source -> kernel model -> hooks.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/run.h"

#include "state/state.h"

#include <lauxlib.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define RUN_TYPE "lttnga.run"

/* How often the progress function is called, at most. */
#define PROGRESS_US 100000
/* How many batches go by before the clock is looked at. */
#define PROGRESS_BATCHES 1024

/* The traces that share a kernel, and so a model of it. */
struct host {
	const char *name; /* NULL if the trace does not tell */
	struct state *state;
	bool has_free, has_switch, has_migrate;
	enum syscall_arch arch;
	uint32_t kernel, tracer; /* versions, see state_version() */
};

/* Where the records of a stream go. */
struct channel {
	struct state *state;
	int64_t begin; /* what happened before is not told */
	bool side;     /* context switches are in other streams of its CPU */
};

struct run {
	struct source *source;
	struct hooks *hooks;
	lua_State *L;
	GArray *hosts;    /* struct host */
	GArray *host_of;  /* guint: by number of the trace */
	GArray *channels; /* struct channel, by number of the stream */
	struct state_io io;
	struct state *state; /* the one that is being fed */
	int64_t begin;
	int64_t refresh;                  /* length of a window, ns; 0: there is only one */
	int64_t window_begin, window_end; /* of the one that is open; it has begun if window_begin
					   * is before window_end */
	bool begun;                       /* something has been told */
};

/* Stack indices of trace:run() and what it keeps there. */
enum { TRACE = 1, OPTIONS, PROGRESS, WINDOW, ON_ERROR };

static volatile sig_atomic_t interrupted;

/* Where we are. */
static struct {
	const struct run *run;    /* NULL if none is under way */
	const struct record *rec; /* NULL between batches */
	int64_t time;
} at;

void run_interrupt(void)
{
	interrupted = 1;
}

bool run_interrupted(void)
{
	return interrupted;
}

static int run_gc(lua_State *L)
{
	struct run *run = luaL_checkudata(L, 1, RUN_TYPE);

	for (guint i = 0; run->hosts && i < run->hosts->len; i++)
		state_free(g_array_index(run->hosts, struct host, i).state);
	if (run->hosts) {
		g_array_free(run->hosts, TRUE);
		g_array_free(run->host_of, TRUE);
		g_array_free(run->channels, TRUE);
	}
	run->hosts = NULL;
	return 0;
}

/* However a run ends, nobody asks for its place afterwards. */
static int run_close(lua_State *L)
{
	(void)L;
	at.run = NULL;
	at.rec = NULL;
	return 0;
}

static struct run *run_new(lua_State *L)
{
	struct run *run = lua_newuserdatauv(L, sizeof(*run), 0);

	memset(run, 0, sizeof(*run));
	if (luaL_newmetatable(L, RUN_TYPE)) {
		lua_pushcfunction(L, run_gc);
		lua_setfield(L, -2, "__gc");
		lua_pushcfunction(L, run_close);
		lua_setfield(L, -2, "__close");
	}
	run->hosts = g_array_new(FALSE, TRUE, sizeof(struct host));
	run->host_of = g_array_new(FALSE, TRUE, sizeof(guint));
	run->channels = g_array_new(FALSE, FALSE, sizeof(struct channel));
	lua_setmetatable(L, -2);
	lua_toclose(L, -1);
	return run;
}

/* Whether two traces have an event in common that the model knows. */
static bool have_common_events(const struct source *source, unsigned int one, unsigned int other)
{
	for (unsigned int i = 0; i < source_n_classes(source); i++) {
		const struct source_class *class = source_class(source, i);

		for (unsigned int k = 0; class->trace == one && k < source_n_classes(source); k++) {
			const struct source_class *same = source_class(source, k);

			if (same->trace == other && strcmp(same->name, class->name) == 0)
				return true;
		}
	}
	return false;
}

/*
 * Whether two traces tell of the same kernel at the same time, each something else. Two that tell
 * the same would tell everything twice, and one that follows another has missed what was between.
 */
static bool share_model(const struct source *source, unsigned int one, unsigned int other)
{
	const struct source_trace *a = source_trace(source, one);
	const struct source_trace *b = source_trace(source, other);

	return a->hostname && g_strcmp0(a->hostname, b->hostname) == 0 && a->begin <= a->end &&
	       b->begin <= b->end && a->begin <= b->end && b->begin <= a->end &&
	       !have_common_events(source, one, other);
}

/* The number of the host of a trace; those of the traces before it are known. */
static guint host_number(struct run *run, unsigned int trace)
{
	struct host host = {0};

	for (unsigned int i = 0; i < trace; i++)
		if (share_model(run->source, trace, i))
			return g_array_index(run->host_of, guint, i);
	g_array_append_val(run->hosts, host);
	return run->hosts->len - 1;
}

/* The architecture, as far as texts and event names give it away. */
static enum syscall_arch guess_arch(const struct source_trace *trace)
{
	static const char *const machines[] = {"x86_64", "amd64", "aarch64", "arm64", "armv7l",
		"armhf", "armmp", "ppc64le", "ppc64el", "powerpc64le", "s390x", "riscv64", "i686",
		"i386", "686-pae", "mips", "octeon", "4kc-malta", "5kc-malta", "loongson-3"};
	const char *texts[] = {trace->kernel_release, trace->kernel_version};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		for (size_t j = 0; texts[i] && j < G_N_ELEMENTS(machines); j++)
			if (strstr(texts[i], machines[j]))
				return syscall_arch_of(machines[j]);
	return SYSCALL_ARCH_UNKNOWN;
}

/* What the class names tell of a host before anything is read. */
static void learn_classes(struct run *run)
{
	for (unsigned int i = 0; i < source_n_classes(run->source); i++) {
		const struct source_class *class = source_class(run->source, i);
		guint number = g_array_index(run->host_of, guint, class->trace);
		struct host *host = &g_array_index(run->hosts, struct host, number);

		host->has_free |= strcmp(class->name, "sched_process_free") == 0;
		host->has_switch |= strcmp(class->name, "sched_switch") == 0;
		host->has_migrate |= strcmp(class->name, "sched_migrate_task") == 0;
		/* Only x86 has this call, and a 64-bit kernel knows its own by this name. */
		if (host->arch == SYSCALL_ARCH_UNKNOWN &&
			strcmp(class->name, "syscall_entry_arch_prctl") == 0)
			host->arch = SYSCALL_ARCH_X86_64;
		if (host->arch == SYSCALL_ARCH_UNKNOWN &&
			strcmp(class->name, "syscall_entry_sysmips") == 0)
			host->arch = SYSCALL_ARCH_MIPS;
	}
}

/* The version that a release such as "6.1.0-56-amd64" begins with. */
static uint32_t read_version(const char *release)
{
	unsigned int major = 0, minor = 0, patch = 0;

	if (!release || sscanf(release, "%4u.%4u.%4u", &major, &minor, &patch) < 1)
		return 0;
	return state_version(major, minor, patch);
}

static void learn_versions(struct host *host, const struct source_trace *trace)
{
	if (!host->kernel)
		host->kernel = read_version(trace->kernel_release);
	if (!host->tracer && trace->tracer_major >= 0)
		host->tracer = state_version((unsigned int)trace->tracer_major,
			(unsigned int)MAX(trace->tracer_minor, 0),
			(unsigned int)MAX(trace->tracer_patch, 0));
}

/* Whether the streams of a group have context switches. */
static bool has_switches(const struct source *source, unsigned int group)
{
	for (unsigned int i = 0; i < source_n_classes(source); i++) {
		const struct source_class *class = source_class(source, i);

		if (class->group == group && strcmp(class->name, "sched_switch") == 0)
			return true;
	}
	return false;
}

static void make_hosts(struct run *run)
{
	struct state_config config = {.wants = hooks_wants(run->hooks)};

	for (unsigned int i = 0; i < source_n_traces(run->source); i++) {
		const struct source_trace *trace = source_trace(run->source, i);
		guint number = host_number(run, i);
		struct host *host = &g_array_index(run->hosts, struct host, number);

		g_array_append_val(run->host_of, number);
		host->name = trace->hostname;
		if (host->arch == SYSCALL_ARCH_UNKNOWN)
			host->arch = guess_arch(trace);
		learn_versions(host, trace);
	}
	learn_classes(run);
	for (guint i = 0; i < run->hosts->len; i++) {
		struct host *host = &g_array_index(run->hosts, struct host, i);

		config.host = host->name;
		config.arch = host->arch;
		config.never_freed = !host->has_free;
		config.no_switches = !host->has_switch;
		config.no_migrations = !host->has_migrate;
		config.kernel = host->kernel;
		config.tracer = host->tracer;
		host->state = state_new(&config);
	}
	for (unsigned int i = 0; i < source_n_streams(run->source); i++) {
		const struct source_stream *stream = source_stream(run->source, i);
		guint number = g_array_index(run->host_of, guint, stream->trace);
		const struct host *host = &g_array_index(run->hosts, struct host, number);
		struct channel channel = {
			.state = host->state,
			.begin = MAX(run->begin, stream->begin),
			.side = host->has_switch && !has_switches(run->source, stream->group),
		};

		g_array_append_val(run->channels, channel);
	}
}

/* Binds what the models and the hooks want of every class. */
static void bind_classes(struct run *run)
{
	for (unsigned int i = 0; i < source_n_classes(run->source); i++) {
		const struct source_class *class = source_class(run->source, i);
		guint number = g_array_index(run->host_of, guint, class->trace);
		struct state *state = g_array_index(run->hosts, struct host, number).state;
		struct event_want want;

		/* The model's fields come first: their places in the records are fixed. */
		if (state_want(state, class->name, &want)) {
			for (unsigned int k = 0; k < want.n_fields; k++)
				source_bind_field(run->source, i, want.fields[k].names);
			source_bind(run->source, i, want.kind, want.sub);
		}
		hooks_bind(run->hooks, run->source, i);
	}
}

/* ---- What a trace has, and lacks ---- */

/* Which of the events that the model knows there are in a trace. */
struct inventory {
	bool kinds[EVENT_KINDS];
	bool has_tid; /* system calls tell the TID as a context */
};

static bool has_field(const struct source_class *class, const char *name)
{
	for (unsigned int i = 0; i < class->n_fields; i++)
		if (strcmp(class->fields[i].name, name) == 0)
			return true;
	return false;
}

static void take_inventory(const struct source *source, struct inventory *inventory)
{
	struct state_config config = {.wants = ~0u};
	struct state *state = state_new(&config);
	struct event_want want;

	memset(inventory, 0, sizeof(*inventory));
	for (unsigned int i = 0; i < source_n_classes(source); i++) {
		const struct source_class *class = source_class(source, i);

		if (!state_want(state, class->name, &want))
			continue;
		inventory->kinds[want.kind] = true;
		inventory->has_tid |= want.kind == EV_syscall_entry && has_field(class, "ctx.tid");
	}
	state_free(state);
}

bool run_is_kernel(const struct source *source)
{
	struct inventory inventory;

	take_inventory(source, &inventory);
	for (int kind = 0; kind < EVENT_KINDS; kind++)
		if (inventory.kinds[kind])
			return true;
	return false;
}

/* Whether the trace has one of the things in `names` ("a|b"), see DERIVED_EVENTS. */
static bool has_one_of(const struct inventory *inventory, const char *names)
{
	if (name_among("ctx.tid", names) && inventory->has_tid)
		return true;
	for (int kind = 1; kind < EVENT_KINDS; kind++)
		if (inventory->kinds[kind] && name_among(event_kind_name(kind), names))
			return true;
	return false;
}

void run_push_missing(lua_State *L, const struct source *source)
{
	struct inventory inventory;

	take_inventory(source, &inventory);
	lua_newtable(L);
	for (int kind = 0; kind < DERIVED_KINDS; kind++) {
		char **names = g_strsplit(derived_events[kind].requires, " ", -1);
		lua_Integer absent = 0;

		lua_newtable(L);
		for (int i = 0; names[i]; i++) {
			if (!*names[i] || has_one_of(&inventory, names[i]))
				continue;
			lua_pushlstring(L, names[i], strcspn(names[i], "|"));
			lua_rawseti(L, -2, ++absent);
		}
		g_strfreev(names);
		if (absent)
			lua_setfield(L, -2, derived_events[kind].name);
		else
			lua_pop(L, 1);
	}
}

/* ---- Running ---- */

static void on_derived(void *data, enum derived_kind kind, const void *values)
{
	struct run *run = data;

	hooks_derived(run->hooks, run->L, run->state, kind, values);
}

static const char *record_name(const struct run *run, const struct record *rec)
{
	if (rec->class_no != UINT32_MAX)
		return source_class(run->source, rec->class_no)->name;
	return event_kind_name(rec->kind) ?: "end of a packet";
}

struct run_place run_place(void)
{
	return (struct run_place){
		.source = at.run ? at.run->source : NULL,
		.event = at.rec ? record_name(at.run, at.rec) : NULL,
		.time = at.rec ? at.rec->time : at.time,
	};
}

/* A time that is `span` later, or the last one there is. */
static int64_t saturate(int64_t time, int64_t span)
{
	return time > INT64_MAX - span ? INT64_MAX : time + span;
}

/* A window ends at `time`: what goes on beyond it is told up to there, if to anybody. */
static void cut_models(struct run *run, int64_t time, uint32_t emits)
{
	run->io.emits = emits;
	for (guint i = 0; i < run->hosts->len; i++) {
		run->state = g_array_index(run->hosts, struct host, i).state;
		state_cut(run->state, time, &run->io);
	}
}

/*
 * Begins the first window, with the first event that is to be told of, whether anybody wants it or
 * not. False if there was none before the record: streams begin earlier than that.
 */
static bool begin_windows(struct run *run, const struct record *rec)
{
	int64_t first, last;

	if (!source_seen(run->source, &first, &last) || rec->time < first)
		return false;
	/* Nobody is told of what was before, but for what is still so. */
	cut_models(run, first, 0);
	cut_models(run, first, hooks_emits(run->hooks));
	if (run->refresh > 0) {
		run->window_begin = first;
		run->window_end = saturate(first, run->refresh);
	}
	run->begun = true;
	return true;
}

/*
 * Closes the windows that end at `time` or before: calls the function at stack index WINDOW with
 * the begin and the end of each, and gives the scripts the new windows that it returns.
 */
static void turn_windows(struct run *run, int64_t time)
{
	while (time >= run->window_end && run->window_end < INT64_MAX) {
		cut_models(run, run->window_end, hooks_emits(run->hooks));
		lua_pushvalue(run->L, WINDOW);
		lua_pushinteger(run->L, run->window_begin);
		lua_pushinteger(run->L, run->window_end);
		lua_call(run->L, 2, 1);
		hooks_set_windows(run->hooks, run->L);
		run->window_begin = run->window_end;
		run->window_end = saturate(run->window_begin, run->refresh);
	}
}

/* Whether there is an event at `time`, or later: streams end after their last one. */
static bool is_seen(const struct run *run, int64_t time)
{
	int64_t first, last;

	return source_seen(run->source, &first, &last) && time <= last;
}

static void feed_record(struct run *run, const struct record *rec, bool raw, uint32_t emits)
{
	const struct channel *channel = &g_array_index(run->channels, struct channel, rec->stream);
	bool told = rec->time >= channel->begin;

	at.rec = rec;
	if (told && !run->begun)
		told = begin_windows(run, rec);
	if (told && run->refresh > 0 && rec->time >= run->window_end && is_seen(run, rec->time))
		turn_windows(run, rec->time);
	run->state = channel->state;
	if (raw && told)
		hooks_record(run->hooks, run->L, run->state, run->source, rec);
	if (!rec->kind)
		return;
	run->io.emits = told ? emits : 0;
	if (channel->side && event_kind_is_of_stream(rec->kind)) {
		struct record marked = *rec;

		marked.sub = SUB_SIDE;
		state_feed(run->state, &marked, &run->io);
		return;
	}
	state_feed(run->state, rec, &run->io);
}

/* Calls the progress function now and then. */
static void tell_progress(lua_State *L, int64_t time)
{
	static gint64 told;
	gint64 now = g_get_monotonic_time();

	if (now - told < PROGRESS_US)
		return;
	told = now;
	lua_pushvalue(L, PROGRESS);
	lua_pushinteger(L, time);
	lua_call(L, 1, 0);
}

/* Reads all that there is; false with a message on the Lua stack if the trace breaks off. */
static bool read_all(struct run *run, bool progress)
{
	bool raw = hooks_raw(run->hooks);
	uint32_t emits = hooks_emits(run->hooks);
	const struct record *records;
	GError *error = NULL;
	enum source_status status;
	unsigned int batches = 0;
	size_t n;

	at.run = run;
	at.rec = NULL;
	at.time = 0;
	while ((status = source_next(run->source, &records, &n, &error)) == SOURCE_MORE) {
		for (size_t i = 0; i < n; i++)
			feed_record(run, &records[i], raw, emits);
		at.rec = NULL;
		if (n > 0)
			at.time = records[n - 1].time;
		if (interrupted) {
			lua_pushliteral(run->L, "interrupted");
			lua_error(run->L);
		}
		if (progress && ++batches % PROGRESS_BATCHES == 0)
			tell_progress(run->L, at.time);
	}
	if (status != SOURCE_FAILED)
		return true;
	lua_pushstring(run->L, error->message);
	g_error_free(error);
	return false;
}

static int64_t option_time(lua_State *L, const char *name, int64_t otherwise)
{
	int64_t time = otherwise;

	if (lua_getfield(L, OPTIONS, name) != LUA_TNIL)
		time = luaL_checkinteger(L, -1);
	lua_pop(L, 1);
	return time;
}

int run_source(lua_State *L, struct source *source)
{
	struct run *run;
	int64_t end, first, last;
	int on_error;
	bool whole;

	luaL_checktype(L, OPTIONS, LUA_TTABLE);
	lua_settop(L, OPTIONS);
	lua_getfield(L, OPTIONS, "progress");
	lua_getfield(L, OPTIONS, "window");
	on_error = lua_getfield(L, OPTIONS, "on_error") != LUA_TNIL ? ON_ERROR : 0;
	run = run_new(L);
	run->L = L;
	run->source = source;
	run->begin = option_time(L, "begin", INT64_MIN);
	run->refresh = option_time(L, "refresh", 0);
	run->window_begin = run->window_end = INT64_MIN;
	end = option_time(L, "end", INT64_MAX);
	lua_getfield(L, OPTIONS, "scripts");
	run->hooks = hooks_new(L, -1, on_error, source);
	make_hosts(run);
	bind_classes(run);
	run->io.get = source_getters(source);
	run->io.emit = on_derived;
	run->io.data = run;
	source_limit(source, run->begin, end);
	if (lua_getfield(L, OPTIONS, "count") != LUA_TNIL && lua_toboolean(L, -1))
		source_count(source);
	lua_pop(L, 1);
	lua_pushnil(L);
	whole = read_all(run, !lua_isnil(L, PROGRESS));
	if (!whole) {
		if (!at.time)
			return 2;
		lua_pushinteger(L, at.time);
		return 3;
	}
	lua_newtable(L);
	if (source_seen(source, &first, &last)) {
		if (!run->begun)
			begin_windows(run, &(struct record){.time = last});
		if (run->refresh > 0) {
			/* Events that nobody asked for have gone on for longer. */
			turn_windows(run, last);
			first = run->window_begin;
		}
		cut_models(run, last, hooks_emits(run->hooks));
		lua_pushinteger(L, first);
		lua_setfield(L, -2, "first");
		lua_pushinteger(L, last);
		lua_setfield(L, -2, "last");
	}
	return 1;
}
