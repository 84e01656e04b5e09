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

struct run {
	struct source *source;
	struct replay replay;
	struct machines *machines; /* the replay's */
	struct hooks *hooks;
	lua_State *L;
	unsigned int wants; /* parts of the models */
	int64_t begin;
	int64_t refresh;                  /* length of a window, ns; 0: there is only one */
	int64_t window_begin, window_end; /* of the one that is open; it has begun if window_begin
					   * is before window_end */
	bool begun;                       /* something has been told */
};

/* Stack indices of trace:run() and what it keeps there. */
enum { TRACE = 1, OPTIONS, PROGRESS, WINDOW, ON_ERROR };

static int run_gc(lua_State *L)
{
	struct run *run = lua_touserdata(L, 1);

	replay_clear(&run->replay);
	return 0;
}

static const struct object_type run_type = {.name = "lttnga.run", .gc = run_gc};

static void on_derived(void *data, enum derived_kind kind, const void *values)
{
	struct run *run = data;

	hooks_derived(run->hooks, run->L, run->machines->state, kind, values);
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
	machines_cut(run->machines, first, 0);
	machines_cut(run->machines, first, hooks_emits(run->hooks));
	if (run->refresh > 0) {
		run->window_begin = first;
		run->window_end = time_later(first, run->refresh);
	}
	run->begun = true;
	return true;
}

static void push_name(void *data, int64_t tid, const char *name)
{
	lua_State *L = data;

	lua_pushstring(L, name);
	lua_rawseti(L, -2, tid);
}

/*
 * OPTIONS.names = { [TID] = name }: what threads are called at the end of a window that were called
 * otherwise in it. Of several machines there is none, as TIDs are of each.
 */
static void tell_names(struct run *run)
{
	lua_State *L = run->L;

	lua_newtable(L);
	if (machines_n(run->machines) == 1)
		state_each_renamed(machines_state(run->machines, 0), push_name, L);
	lua_setfield(L, OPTIONS, "names");
}

/*
 * Closes the windows that end at `time` or before: calls the function at stack index WINDOW with
 * the begin and the end of each, and gives the scripts the new windows that it returns.
 */
static void turn_windows(struct run *run, int64_t time)
{
	while (time >= run->window_end && run->window_end < INT64_MAX) {
		tell_names(run);
		machines_cut(run->machines, run->window_end, hooks_emits(run->hooks));
		lua_pushvalue(run->L, WINDOW);
		lua_pushinteger(run->L, run->window_begin);
		lua_pushinteger(run->L, run->window_end);
		lua_call(run->L, 2, 1);
		hooks_set_windows(run->hooks, run->L);
		run->window_begin = run->window_end;
		run->window_end = time_later(run->window_begin, run->refresh);
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
	const struct route *route = machines_route(run->machines, rec->stream);
	bool told = rec->time >= route->begin;

	cursor.rec = rec;
	if (told && !run->begun)
		told = begin_windows(run, rec);
	if (told && run->refresh > 0 && rec->time >= run->window_end && is_seen(run, rec->time))
		turn_windows(run, rec->time);
	if (raw && told)
		hooks_record(run->hooks, run->L, route->state, run->source, rec);
	if (rec->kind)
		machines_feed(run->machines, route, rec, told ? emits : 0);
}

/* Reads all that there is; false with a message on the Lua stack if the trace breaks off. */
static bool read_all(struct run *run)
{
	bool raw = hooks_raw(run->hooks);
	uint32_t emits = hooks_emits(run->hooks);
	struct replay *replay = &run->replay;
	GError *error = NULL;
	enum replay_status status;

	while ((status = replay_next(replay, &error)) == REPLAY_MORE) {
		for (; replay->next < replay->n; replay->next++)
			feed_record(run, &replay->records[replay->next], raw, emits);
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

static int64_t option_time(lua_State *L, const char *name, int64_t otherwise)
{
	int64_t time = otherwise;

	if (lua_getfield(L, OPTIONS, name) != LUA_TNIL)
		time = luaL_checkinteger(L, -1);
	lua_pop(L, 1);
	return time;
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
	if (!option_flag(L, "make_checkpoints") || run->replay.checkpoints ||
		!source_can_seek(run->source))
		return;
	run->replay.checkpoints = checkpoint_list_new(L, run->source, run->wants, 0);
	lua_setfield(L, OPTIONS, "made_checkpoints");
	replay_make_checkpoints(&run->replay);
}

/* Makes the run that the options ask for, with hooks and models bound; leaves both on the stack. */
static struct run *new_run(lua_State *L, struct source *source, int on_error)
{
	struct run *run = object_new(L, &run_type, sizeof(*run), 0);

	run->L = L;
	run->source = source;
	run->begin = option_time(L, "begin", INT64_MIN);
	run->refresh = option_time(L, "refresh", 0);
	run->window_begin = run->window_end = INT64_MIN;
	lua_getfield(L, OPTIONS, "scripts");
	run->hooks = hooks_new(L, -1, on_error, source);
	run->wants = hooks_wants(run->hooks);
	run->machines = machines_new(source, run->wants, run->begin, on_derived, run);
	replay_init(&run->replay, source, run->machines, NULL);
	for (unsigned int i = 0; i < source_n_classes(source); i++) {
		machines_bind(run->machines, i);
		hooks_bind(run->hooks, source, i);
	}
	return run;
}

/* All has been read: closes all windows but the last one, and pushes where that is. */
static void push_last_window(struct run *run, lua_State *L)
{
	int64_t first, last;

	lua_newtable(L);
	if (!source_seen(run->source, &first, &last))
		return;
	if (!run->begun)
		begin_windows(run, &(struct record){.time = last});
	if (run->refresh > 0) {
		/* Events that nobody asked for have gone on for longer. */
		turn_windows(run, last);
		first = run->window_begin;
	}
	tell_names(run);
	machines_cut(run->machines, last, hooks_emits(run->hooks));
	set_integer(L, "first", first);
	set_integer(L, "last", last);
}

int run_source(lua_State *L, struct source *source)
{
	struct run *run;
	int on_error;

	luaL_checktype(L, OPTIONS, LUA_TTABLE);
	lua_settop(L, OPTIONS);
	lua_getfield(L, OPTIONS, "progress");
	lua_getfield(L, OPTIONS, "window");
	on_error = lua_getfield(L, OPTIONS, "on_error") != LUA_TNIL ? ON_ERROR : 0;
	run = new_run(L, source, on_error);
	source_limit(source, run->begin, option_time(L, "end", INT64_MAX));
	if (option_flag(L, "count"))
		source_count(source);
	use_checkpoints(run, L);
	make_checkpoints(run, L);
	cursor_enter(L, source);
	lua_pushnil(L);
	if (read_all(run)) {
		push_last_window(run, L);
		return 1;
	}
	if (!cursor.time)
		return 2;
	lua_pushinteger(L, cursor.time);
	return 3;
}
