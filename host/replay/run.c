/*
 * One run over a trace: source -> kernel model -> hooks.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/replay/run.h"

#include "host/lua/cursor.h"
#include "host/lua/interrupt.h"
#include "host/lua/object.h"
#include "host/lua/push.h"
#include "host/replay/checkpoint_list.h"
#include "host/replay/replay.h"
#include "host/replay/windows.h"
#include "host/requests/matcher.h"
#include "host/source/feed.h"
#include "state/wire.h"

/* From so many machines on, hooks are not called in order of time over all of them. */
#define MACHINES_FREE 8

struct run;

/*
 * A part of a run, whose windows are merged with those of the other parts. What begins in one part and ends in
 * another is reported as a whole by the part in which it ends: nothing is cut between them.
 */
struct segment {
	bool is_asked;      /* otherwise, the run is whole */
	bool scout;         /* only find out when the first window begins */
	bool alone;         /* in one thread, unless two were asked for */
	int64_t checkpoint; /* number of the one to start at, from 1 on; 0: the start of the trace */
	int64_t window; /* when the window began that the checkpoint is in, ns; INT64_MIN: none has... */
	int64_t lead;  /* ...and the first one begins then; INT64_MIN: as in a whole run */
	int64_t after; /* events up to this time are reported by earlier parts, ns */
	int64_t stop; /* the last time whose events belong to it, ns; INT64_MAX: to the end of the run */
};

/* Who looks for the requests of a machine. */
struct run_matcher {
	struct run *run;
	guint machine;
	struct matcher *matcher; /* NULL: it is left out */
	int64_t due;             /* when it has something to do without an event, ns */
};

struct run {
	struct source *source;
	struct replay replay;
	struct machines *machines; /* the replay's */
	struct plan *plan;         /* of requests; NULL: nobody asks for any */
	GArray *matchers;          /* struct run_matcher, by machine */
	GPtrArray *hooks;          /* struct hooks, Lua's, by machine; NULL: not told of this one */
	struct windows windows;
	lua_State *L;
	unsigned int wants; /* parts of the models */
	int64_t begin;      /* what was asked for, ns; INT64_MIN: from the first event... */
	int64_t end;        /* ...INT64_MAX: to the last one */
	bool begun;         /* the first window has begun, */
	int64_t first;      /* then, ns */
	bool in_order;      /* hooks of all machines are to be called in order of time */
	struct segment segment;
	unsigned int n_classes; /* that are bound */
	bool stopped;           /* somebody has seen enough of a trace that is being recorded */
	bool has_all;           /* no more of it will come */
	bool unfit;             /* the segment cannot be analysed by itself */
};

/* Stack indices of trace:run() and what it keeps there. */
enum { TRACE = 1, OPTIONS, PROGRESS, OPEN, CLOSE, WAITING, ON_ERROR };

static void clear(struct run *run)
{
	for (guint i = 0; run->matchers && i < run->matchers->len; i++)
		matcher_free(g_array_index(run->matchers, struct run_matcher, i).matcher);
	if (run->matchers)
		g_array_unref(run->matchers);
	run->matchers = NULL;
	plan_free(run->plan);
	run->plan = NULL;
	windows_clear(&run->windows);
	replay_clear(&run->replay);
	if (run->hooks)
		g_ptr_array_unref(run->hooks);
	run->hooks = NULL;
}

static int run_gc(lua_State *L)
{
	clear(lua_touserdata(L, 1));
	return 0;
}

static const struct object_type run_type = {.name = "lttnga.run", .gc = run_gc};

/* What is looking for the requests of a machine; NULL: nothing. */
static struct matcher *matcher_of(const struct run *run, guint machine)
{
	return run->matchers ? g_array_index(run->matchers, struct run_matcher, machine).matcher
			     : NULL;
}

static void on_derived(void *data, enum derived_kind kind, const void *values)
{
	struct run *run = data;
	guint machine = run->machines->at;

	windows_derived(&run->windows, machine, kind, values);
	if (matcher_of(run, machine))
		matcher_derived(matcher_of(run, machine), kind, values);
}

static void on_request(void *data, enum derived_kind kind, const void *values)
{
	const struct run_matcher *of = data;

	windows_derived(&of->run->windows, of->machine, kind, values);
}

/* Within the window that has begun, no machine needs to wait for another one. */
static void free_order(struct run *run)
{
	if (!run->in_order)
		source_free_order(run->source, run->windows.end);
}

/* The first window begins, in this part or in an earlier one, which has told what there is at its begin. */
static void begin_first(struct run *run, int64_t time)
{
	run->begun = true;
	run->first = time;
	if (run->segment.scout) {
		windows_pass(&run->windows, time, time);
		return;
	}
	if (time > run->segment.after)
		run->windows.deaf = false;
	windows_begin(&run->windows, time);
}

/*
 * Begins the first window before a record that is to be told, when it was asked for, or else with the
 * first event, whether anybody wants that or not. False if there was none before the record: streams
 * begin earlier than that.
 */
static bool begin_at(struct run *run, const struct record *rec)
{
	int64_t first = run->segment.lead > INT64_MIN ? run->segment.lead : run->begin, last;

	if (first == INT64_MIN && !source_seen(run->source, &first, &last))
		return false;
	if (rec->time < first)
		return false;
	begin_first(run, first);
	free_order(run);
	return true;
}

/*
 * From here on, windows are reported. What is in progress at this border must have begun after `lead`, because there,
 * all was assumed to be cut.
 */
static void begin_telling(struct run *run)
{
	windows_turn(&run->windows, run->segment.after + 1);
	run->windows.deaf = false;
	run->unfit = windows_known(&run->windows) <= run->segment.lead;
}

/*
 * Whether there is an event at `time`, or later: streams end after their last one. If it was said when
 * the last window ends, windows go on until then.
 */
static bool is_seen(const struct run *run, int64_t time)
{
	int64_t first, last;

	return run->end < INT64_MAX || (source_seen(run->source, &first, &last) && time <= last);
}

/* Lets the matcher of a machine take in what is given until `time`. */
static void pass_given(struct run *run, guint machine, int64_t time)
{
	struct run_matcher *of = &g_array_index(run->matchers, struct run_matcher, machine);

	if (of->matcher && time >= of->due)
		of->due = matcher_pass(of->matcher, run->first, time);
}

/* The same for all machines. */
static void pass_all_given(struct run *run, int64_t time)
{
	for (guint i = 0; run->matchers && i < run->matchers->len; i++)
		pass_given(run, i, time);
}

/* Turns the windows that are over at `time`, each when all has been told that was given in it. */
static void turn_given(struct run *run, int64_t time)
{
	struct windows *windows = &run->windows;

	while (run->matchers && run->plan->given->len > 0 && windows_are_due(windows, time) &&
		windows->end < INT64_MAX) {
		int64_t border = windows->end + (windows->closed ? 1 : 0);

		pass_all_given(run, border - 1);
		windows_turn(windows, border);
	}
}

/* Windows end that are over at `time`. */
static void turn(struct run *run, int64_t time)
{
	for (guint i = 0; i < run->hooks->len; i++)
		if (matcher_of(run, i))
			matcher_turn(matcher_of(run, i));
	if (G_UNLIKELY(run->windows.deaf) && time > run->segment.after)
		begin_telling(run);
	turn_given(run, time);
	windows_turn(&run->windows, time);
	free_order(run);
}

static void feed_record(struct run *run, const struct record *rec, bool raw)
{
	const struct route *route = machines_route(run->machines, rec->stream);
	struct windows *windows = &run->windows;
	bool told = rec->time >= route->begin;

	cursor.rec = rec;
	if (told && !run->begun)
		told = begin_at(run, rec);
	if (run->segment.scout && run->begun) {
		windows_pass(&run->windows, run->windows.begin, rec->time);
		return;
	}
	if (G_UNLIKELY(windows->deaf) && told && rec->time > run->segment.after)
		pass_all_given(run, run->segment.after);
	if (told && windows_are_due(windows, rec->time) && is_seen(run, rec->time))
		turn(run, rec->time);
	if (G_UNLIKELY(windows->deaf) && told && run->segment.lead == INT64_MIN &&
		rec->time > run->segment.after)
		windows->deaf = false;
	if (told && run->matchers)
		pass_given(run, route->machine, rec->time);
	if (raw && told && !windows_are_deaf(windows) &&
		g_ptr_array_index(run->hooks, route->machine))
		hooks_record(g_ptr_array_index(run->hooks, route->machine), run->L, route->state,
			run->source, rec);
	if (told && matcher_of(run, route->machine))
		matcher_record(matcher_of(run, route->machine), run->source, rec);
	if (rec->kind)
		machines_feed(run->machines, route, rec, told ? windows->emits[route->machine] : 0);
	if (windows->late)
		windows_close(windows);
}

/* Whether any hook of any machine takes a raw event. */
static bool has_raw_hooks(const struct run *run)
{
	for (guint i = 0; i < run->hooks->len; i++)
		if (g_ptr_array_index(run->hooks, i) && hooks_raw(g_ptr_array_index(run->hooks, i)))
			return true;
	return false;
}

/* Whether a part of a run need not be read any further. */
static bool is_over(const struct run *run)
{
	return run->unfit || run->stopped || cursor.stop || interrupt_asked() ||
	       (run->segment.scout && run->begun);
}

/* Binds what is wanted of the classes that are new. */
static void bind_classes(struct run *run)
{
	for (; run->n_classes < source_n_classes(run->source); run->n_classes++) {
		guint machine = machines_of_class(run->machines, run->n_classes);
		struct hooks *hooks = g_ptr_array_index(run->hooks, machine);

		machines_bind(run->machines, run->n_classes);
		if (hooks)
			hooks_bind(hooks, run->source, run->n_classes);
		if (run->plan && hooks)
			plan_bind(run->plan, run->source, run->n_classes);
	}
}

/* For how long after its end a window waits for an event behind it, ns: packets end later than their last events. */
#define SILENCE 1000000000

/*
 * All that happened until `time` has been read, and nothing else: windows that ended long enough before that are over,
 * even if no event follows. One that the session's last event is in should be cut there, as in a finished trace.
 */
static void turn_in_silence(struct run *run, int64_t time)
{
	struct windows *windows = &run->windows;

	if (!run->begun || windows->length <= 0 || time == INT64_MAX)
		return;
	if (windows_are_due(windows, time - SILENCE))
		turn(run, time - SILENCE);
	if (windows->late)
		windows_close(windows);
}

/*
 * All has been read that has been recorded so far: waits for more, while the function options.waiting(time), which is
 * called now and then with the time up to which everything has been read, returns nothing true. Ctrl-C is the end, too.
 */
static bool wait_for_more(struct run *run, GError **error)
{
	struct feed *feed = source_feed(run->source);
	int64_t read_to = source_paused_at(run->source);
	lua_State *L = run->L;

	switch (feed->wait(feed, error)) {
	case FEED_FAILED:
		if (!interrupt_asked())
			return false;
		g_clear_error(error);
		break;
	case FEED_OVER:
		/* What is not there by now will not come. */
		run->stopped = run->has_all;
		run->has_all = true;
		/* fall through */
	case FEED_MORE:
		if (!source_grow(run->source, error))
			return false;
		machines_grow(run->machines);
		bind_classes(run);
		break;
	case FEED_NOTHING:
		break;
	}
	turn_in_silence(run, read_to);
	if (!lua_isnil(L, WAITING)) {
		lua_pushvalue(L, WAITING);
		lua_pushinteger(L, read_to);
		lua_call(L, 1, 1);
		run->stopped = run->stopped || lua_toboolean(L, -1);
		lua_pop(L, 1);
	}
	return true;
}

/* Reads all that there is; false with a message on the Lua stack if the trace breaks off. */
static bool read_all(struct run *run)
{
	bool raw = has_raw_hooks(run);
	struct replay *replay = &run->replay;
	GError *error = NULL;
	enum replay_status status = REPLAY_END;

	while (!is_over(run)) {
		status = replay_next(replay, &error);
		if (status == REPLAY_STOPPED && source_feed(run->source)) {
			if (wait_for_more(run, &error))
				continue;
			status = REPLAY_FAILED;
		}
		if (status != REPLAY_MORE)
			break;
		for (; replay->next < replay->n; replay->next++)
			feed_record(run, &replay->records[replay->next], raw);
		cursor.rec = NULL;
		if (replay->n > 0)
			cursor.time = replay->records[replay->n - 1].time;
		if (interrupt_wanted())
			luaL_error(run->L, "interrupted");
		cursor_progress(run->L, PROGRESS);
	}
	if (status != REPLAY_FAILED)
		return true;
	push_error(run->L, error);
	return false;
}

static int64_t option_integer(lua_State *L, const char *name, int64_t otherwise)
{
	int64_t value = otherwise;

	if (lua_getfield(L, OPTIONS, name) != LUA_TNIL)
		value = luaL_checkinteger(L, -1);
	lua_pop(L, 1);
	return value;
}

static bool option_flag(lua_State *L, const char *name)
{
	bool on = lua_getfield(L, OPTIONS, name) != LUA_TNIL && lua_toboolean(L, -1);

	lua_pop(L, 1);
	return on;
}

/*
 * Lets the run begin at the last of options.checkpoints before its begin, if they are of all parts
 * that it needs; says in options.unfit if they can't be read.
 */
static void use_checkpoints(struct run *run, lua_State *L)
{
	struct checkpoints *list = NULL;
	const struct checkpoint *from;
	GError *error = NULL;

	if (lua_getfield(L, OPTIONS, "checkpoints") != LUA_TNIL)
		list = checkpoint_list_check(L, -1);
	if (list && !(run->wants & ~checkpoints_wants(list))) {
		run->replay.checkpoints = checkpoints_ref(list);
		from = checkpoints_before(list, run->begin);
		if (from && !replay_go(&run->replay, from, &error)) {
			push_error(L, error);
			lua_setfield(L, OPTIONS, "unfit");
		}
	}
	lua_pop(L, 1);
}

/* Lets the run make checkpoints, as options.made_checkpoints, if it is to. */
static void make_checkpoints(struct run *run, lua_State *L)
{
	int64_t room = option_integer(L, "make_checkpoints", 0);

	if (room <= 0 || run->replay.checkpoints || !source_can_seek(run->source))
		return;
	run->replay.checkpoints = checkpoint_list_new(L, run->source, run->wants, (uint64_t)room);
	lua_setfield(L, OPTIONS, "made_checkpoints");
	replay_make_checkpoints(&run->replay);
}

/* Reads options.segment. */
static void read_segment(struct run *run)
{
	struct segment *segment = &run->segment;
	lua_State *L = run->L;
	static const struct {
		const char *name;
		size_t place;
		int64_t otherwise;
	} times[] = {
		{"checkpoint", offsetof(struct segment, checkpoint), 0},
		{"window", offsetof(struct segment, window), INT64_MIN},
		{"lead", offsetof(struct segment, lead), INT64_MIN},
		{"after", offsetof(struct segment, after), INT64_MIN},
		{"stop", offsetof(struct segment, stop), INT64_MAX},
	};

	segment->is_asked = lua_getfield(L, OPTIONS, "segment") == LUA_TTABLE;
	for (size_t i = 0; i < G_N_ELEMENTS(times); i++) {
		int64_t *time = (int64_t *)((char *)segment + times[i].place);

		*time = times[i].otherwise;
		if (segment->is_asked && lua_getfield(L, -1, times[i].name) != LUA_TNIL)
			*time = luaL_checkinteger(L, -1);
		lua_settop(L, segment->is_asked ? -2 : -1);
	}
	if (segment->is_asked) {
		lua_getfield(L, -1, "scout");
		segment->scout = lua_toboolean(L, -1);
		lua_getfield(L, -2, "alone");
		segment->alone = lua_toboolean(L, -1);
		lua_pop(L, 2);
	}
	lua_pop(L, 1);
}

/*
 * Lets the run start and stop where its segment does. To be called before the limits are set: a checkpoint within
 * them has what was seen until then.
 */
static void use_segment(struct run *run)
{
	const struct segment *segment = &run->segment;
	const struct checkpoint *checkpoint;
	struct checkpoints *list;
	GError *error = NULL;

	if (segment->checkpoint > 0) {
		lua_getfield(run->L, OPTIONS, "checkpoints");
		list = checkpoint_list_check(run->L, -1);
		lua_pop(run->L, 1);
		luaL_argcheck(run->L, segment->checkpoint <= checkpoints_count(list), OPTIONS,
			"there is no such checkpoint");
		run->replay.checkpoints = checkpoints_ref(list);
		checkpoint = checkpoints_at(list, (unsigned int)segment->checkpoint - 1);
		if (checkpoint->time < run->begin)
			source_limit(run->source, run->begin, run->end);
		if (!replay_go(&run->replay, checkpoint, &error)) {
			push_error(run->L, error);
			lua_error(run->L);
		}
		source_forget_counts(run->source);
	}
	if (segment->alone)
		source_read_alone(run->source);
	run->windows.deaf = segment->after > INT64_MIN;
	if (segment->window > INT64_MIN) {
		windows_enter(&run->windows, segment->window);
		run->begun = true;
		run->unfit = !machines_enter_window(run->machines, segment->window);
	}
	if (segment->stop < INT64_MAX)
		replay_stop_at(&run->replay, segment->stop);
}

/* Reads the hooks of all machines, which stay on the stack. */
static void read_hooks(struct run *run, guint n, int on_error)
{
	lua_State *L = run->L;
	int scripts;

	run->hooks = g_ptr_array_new();
	lua_getfield(L, OPTIONS, "scripts");
	scripts = lua_gettop(L);
	luaL_checktype(L, scripts, LUA_TTABLE);
	/* Each leaves its scripts and its hooks. */
	luaL_checkstack(L, (int)MIN(n, INT32_MAX / 4) * 2 + LUA_MINSTACK, "too many machines");
	for (guint i = 0; i < n; i++) {
		struct hooks *hooks = NULL;

		if (lua_geti(L, scripts, (lua_Integer)i + 1) == LUA_TTABLE)
			hooks = hooks_new(L, -1, on_error, run->source);
		if (hooks)
			run->wants |= hooks_wants(hooks);
		g_ptr_array_add(run->hooks, hooks);
	}
}

/* Calls of hooks are put off, if options.deferred says where to. */
static void defer_hooks(struct run *run)
{
	struct deferred *deferred = NULL;

	/* The caller keeps it. */
	if (lua_getfield(run->L, OPTIONS, "deferred") != LUA_TNIL)
		deferred = deferred_check(run->L, -1);
	lua_pop(run->L, 1);
	for (guint i = 0; deferred && i < run->hooks->len; i++)
		if (g_ptr_array_index(run->hooks, i))
			hooks_defer(g_ptr_array_index(run->hooks, i), deferred, i);
}

/* What is in options.spans, a list of { begin, end }: struct span; NULL if there is nothing. */
static GArray *read_spans(lua_State *L)
{
	GArray *spans = NULL;

	if (lua_getfield(L, OPTIONS, "spans") == LUA_TTABLE) {
		spans = g_array_new(FALSE, FALSE, sizeof(struct span));
		for (lua_Integer i = 1; lua_geti(L, -1, i) == LUA_TTABLE; i++) {
			struct span span;

			lua_geti(L, -1, 1);
			lua_geti(L, -2, 2);
			span = (struct span){lua_tointeger(L, -2), lua_tointeger(L, -1)};
			g_array_append_val(spans, span);
			lua_pop(L, 3);
		}
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	return spans;
}

/* Makes what looks for requests, if options.requests has a plan; what that needs is bound. */
static void make_matchers(struct run *run)
{
	lua_State *L = run->L;

	if (lua_getfield(L, OPTIONS, "requests") != LUA_TNIL) {
		run->plan = plan_new();
		plan_read(L, run->plan);
		run->wants |= plan_wants(run->plan);
	}
	lua_pop(L, 1);
}

/* Lets them begin, when there are models and windows. */
static void start_matchers(struct run *run)
{
	struct windows *windows = &run->windows;

	if (!run->plan)
		return;
	run->matchers = g_array_sized_new(FALSE, TRUE, sizeof(struct run_matcher), run->hooks->len);
	g_array_set_size(run->matchers, run->hooks->len);
	for (guint i = 0; i < run->hooks->len; i++) {
		struct run_matcher *of = &g_array_index(run->matchers, struct run_matcher, i);

		if (!g_ptr_array_index(run->hooks, i))
			continue;
		*of = (struct run_matcher){run, i, NULL, INT64_MIN};
		of->matcher = matcher_new(run->plan, i, machines_state(run->machines, i),
			on_request, of, windows->emits[i]);
		windows_want(windows, i, plan_emits(run->plan));
	}
}

/* Makes the run that the options ask for, with hooks and models bound; leaves all on the stack. */
static struct run *new_run(lua_State *L, struct source *source, int on_error)
{
	struct run *run = object_new(L, &run_type, sizeof(*run), 0);

	run->L = L;
	run->source = source;
	run->begin = option_integer(L, "begin", INT64_MIN);
	run->end = option_integer(L, "end", INT64_MAX);
	read_segment(run);
	read_hooks(run, machines_count(source), on_error);
	defer_hooks(run);
	make_matchers(run);
	run->machines = machines_new(source, run->wants, run->begin, on_derived, run);
	replay_init(&run->replay, source, run->machines, NULL);
	bind_classes(run);
	/* A packet has to be sent before it is received. */
	run->in_order = machines_count(source) < MACHINES_FREE || option_flag(L, "in_order") ||
			run->machines->wire || run->segment.after > INT64_MIN;
	run->windows.length = option_integer(L, "refresh", 0);
	run->windows.spans = read_spans(L);
	run->windows.last_end = run->end;
	run->windows.open = OPEN;
	run->windows.close = CLOSE;
	lua_getfield(L, OPTIONS, "windows");
	windows_init(&run->windows, L, run->machines, run->hooks);
	start_matchers(run);
	return run;
}

/*
 * When the time that was asked for begins and ends, where it was not said: with the first and the last
 * event; false if there is none, and nothing was said.
 */
static bool find_range(const struct run *run, int64_t *first, int64_t *last)
{
	bool seen = source_seen(run->source, first, last);
	int64_t begin = 0, end = 0;

	if (!seen && run->begin == INT64_MIN && run->end == INT64_MAX)
		return false;
	if (!seen && source_range(run->source, &begin, &end)) {
		*first = begin;
		*last = end;
	} else if (!seen) {
		*first = run->end;
		*last = run->begin;
	}
	if (run->begin > INT64_MIN)
		*first = run->begin;
	if (run->end < INT64_MAX)
		*last = run->end;
	return *first <= *last;
}

/* Pushes what was not recorded: a list of tables, one for each machine. */
static void push_unrecorded(const struct run *run, lua_State *L)
{
	lua_newtable(L);
	for (guint i = 0; i < run->hooks->len; i++) {
		struct unrecorded of = state_unrecorded(machines_state(run->machines, i));

		lua_createtable(L, 0, 6);
		set_integer(L, "holes", of.holes);
		set_integer(L, "time", of.time);
		set_integer(L, "begin", of.begin);
		set_integer(L, "end", of.end);
		set_integer(L, "switches", (lua_Integer)of.switches);
		set_integer(L, "contradicts", (lua_Integer)of.contradicts);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
}

/* How many requests were left out. */
static int64_t refused(const struct run *run)
{
	int64_t n = 0;

	for (guint i = 0; i < run->hooks->len; i++)
		n += matcher_of(run, i) ? matcher_refused(matcher_of(run, i)) : 0;
	return n;
}

/* Pushes what has become of given requests, of all machines. */
static void push_given(const struct run *run, lua_State *L)
{
	struct given_counts all = {0};

	for (guint i = 0; i < run->hooks->len; i++) {
		struct given_counts of = {0};

		if (matcher_of(run, i))
			of = matcher_given(matcher_of(run, i));
		all.told += of.told;
		all.outside += of.outside;
		all.no_process += of.no_process;
		all.no_thread += of.no_thread;
		all.ambiguous += of.ambiguous;
		all.elsewhere += of.elsewhere;
	}
	lua_createtable(L, 0, 6);
	set_integer(L, "told", all.told);
	set_integer(L, "outside", all.outside);
	set_integer(L, "no_process", all.no_process);
	set_integer(L, "no_thread", all.no_thread);
	set_integer(L, "ambiguous", all.ambiguous);
	set_integer(L, "elsewhere", all.elsewhere);
}

/* Whether what the checkpoints have is all that the run needs. */
static bool segment_fits(const struct run *run)
{
	const struct checkpoints *list = NULL;

	if (lua_getfield(run->L, OPTIONS, "checkpoints") != LUA_TNIL)
		list = checkpoint_list_check(run->L, -1);
	lua_pop(run->L, 1);
	return list && !(run->wants & ~checkpoints_wants(list));
}

/* A part ends, and others follow: windows that are over by then belong to it, even without events. */
static void turn_at_end(struct run *run)
{
	const struct segment *segment = &run->segment;
	int64_t first = segment->lead > INT64_MIN ? segment->lead : run->begin;

	/* Before the first window begins, there is nothing to be told. */
	if (!run->begun && first > INT64_MIN && first <= segment->stop)
		begin_first(run, first);
	if (!run->begun || run->unfit)
		return;
	if (run->windows.deaf)
		begin_telling(run);
	turn_given(run, segment->stop + 1);
	if (windows_are_due(&run->windows, segment->stop + 1))
		windows_turn(&run->windows, segment->stop + 1);
	pass_all_given(run, segment->stop);
}

/* A part has been read: closes all windows but the newest, and pushes when that one begins. */
static void push_part(struct run *run, lua_State *L)
{
	const struct segment *segment = &run->segment;
	int64_t first = 0, last = 0;

	lua_newtable(L);
	if (!segment->scout && segment->stop < INT64_MAX)
		turn_at_end(run);
	set_boolean(L, "unfit", run->unfit);
	if (run->unfit || !run->begun)
		return;
	if (segment->scout)
		set_boolean(L, "fits", segment_fits(run));
	set_boolean(L, "closed", windows_are_deaf(&run->windows));
	if (!segment->scout)
		windows_give(&run->windows);
	source_seen(run->source, &first, &last);
	set_integer(L, "first", run->windows.begin);
	set_integer(L, "last", last);
	set_integer(L, "known", windows_known(&run->windows));
	set_integer(L, "refused", 0);
	push_unrecorded(run, L);
	lua_setfield(L, -2, "unrecorded");
}

/* All has been read: closes all windows but the last one, and pushes where that is. */
static void push_last_window(struct run *run, lua_State *L)
{
	int64_t first, last;

	lua_newtable(L);
	set_boolean(L, "idle", run->windows.deaf);
	if (!find_range(run, &first, &last))
		return;
	if (!run->begun)
		begin_first(run, first);
	turn_given(run, last);
	pass_all_given(run, last);
	for (guint i = 0; i < run->hooks->len; i++)
		if (matcher_of(run, i))
			matcher_end(matcher_of(run, i), last);
	run->windows.deaf = false;
	/* Events that nobody asked for have gone on for longer. */
	windows_end(&run->windows, MAX(last, run->windows.begin));
	set_boolean(L, "closed", windows_are_deaf(&run->windows) || last < run->windows.begin);
	set_integer(L, "first", run->windows.begin);
	set_integer(L, "last", last);
	set_integer(L, "refused", refused(run));
	if (run->machines->wire)
		set_integer(L, "early", (lua_Integer)wire_early(run->machines->wire));
	if (run->matchers && run->plan->given->len > 0) {
		push_given(run, L);
		lua_setfield(L, -2, "given");
	}
	push_unrecorded(run, L);
	lua_setfield(L, -2, "unrecorded");
}

/* What filters have selected nothing: options.filtered, by machine. */
static void push_misses(const struct run *run, lua_State *L)
{
	lua_newtable(L);
	for (guint i = 0; i < run->hooks->len; i++) {
		if (g_ptr_array_index(run->hooks, i))
			hooks_push_misses(g_ptr_array_index(run->hooks, i), L);
		else
			lua_pushboolean(L, false);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	lua_setfield(L, OPTIONS, "filtered");
}

bool run_is_of_part(lua_State *L)
{
	bool is_asked;

	luaL_checktype(L, OPTIONS, LUA_TTABLE);
	is_asked = lua_getfield(L, OPTIONS, "segment") == LUA_TTABLE;
	lua_pop(L, 1);
	return is_asked;
}

int run_source(lua_State *L, struct source *source)
{
	struct run *run;
	GError *error = NULL;
	int on_error;

	luaL_checktype(L, OPTIONS, LUA_TTABLE);
	lua_settop(L, OPTIONS);
	lua_getfield(L, OPTIONS, "progress");
	lua_getfield(L, OPTIONS, "open");
	lua_getfield(L, OPTIONS, "close");
	lua_getfield(L, OPTIONS, "waiting");
	on_error = lua_getfield(L, OPTIONS, "on_error") != LUA_TNIL ? ON_ERROR : 0;
	run = new_run(L, source, on_error);
	if (run->segment.is_asked)
		use_segment(run);
	source_limit(source, run->begin, run->end);
	if (run->segment.is_asked && run->segment.after > INT64_MIN)
		source_count_from(source, run->segment.after + 1);
	if (option_flag(L, "count"))
		source_count(source);
	if (!run->segment.is_asked) {
		use_checkpoints(run, L);
		make_checkpoints(run, L);
	}
	if (!source_grow(source, &error)) {
		push_error(L, error);
		return lua_error(L);
	}
	cursor_enter(L, source);
	if (source_feed(source))
		interrupt_reading(true);
	lua_pushnil(L);
	if (read_all(run)) {
		push_misses(run, L);
		if (run->segment.is_asked &&
			(run->segment.stop < INT64_MAX || run->segment.scout || run->unfit))
			push_part(run, L);
		else
			push_last_window(run, L);
		/* Others may follow in this process, with models of their own. */
		if (run->segment.is_asked)
			clear(run);
		return 1;
	}
	if (!cursor.time)
		return 2;
	lua_pushinteger(L, cursor.time);
	return 3;
}
