/*
 * One run over a trace: source -> kernel model -> hooks.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/replay/run.h"

#include "host/lua/interrupt.h"
#include "host/lua/place.h"
#include "host/replay/replay.h"
#include "host/replay/saved.h"

#include <lauxlib.h>
#include <string.h>

#define RUN_TYPE "lttnga.run"

struct run {
	struct source *source;
	struct replay replay;
	struct models *models; /* the replay's */
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
	struct run *run = luaL_checkudata(L, 1, RUN_TYPE);

	replay_clear(&run->replay);
	return 0;
}

static struct run *run_new(lua_State *L)
{
	struct run *run = lua_newuserdatauv(L, sizeof(*run), 0);

	memset(run, 0, sizeof(*run));
	if (luaL_newmetatable(L, RUN_TYPE)) {
		lua_pushcfunction(L, run_gc);
		lua_setfield(L, -2, "__gc");
	}
	lua_setmetatable(L, -2);
	return run;
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
	struct state_config config = {.wants = WANT_ALL};
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
	struct state_config config = {.wants = WANT_ALL};
	struct state *state = state_new(&config);
	struct event_want want;
	bool known = false;

	for (unsigned int i = 0; i < source_n_classes(source) && !known; i++)
		known = state_want(state, source_class(source, i)->name, &want);
	state_free(state);
	return known;
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

	hooks_derived(run->hooks, run->L, run->models->state, kind, values);
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
	models_cut(run->models, first, 0);
	models_cut(run->models, first, hooks_emits(run->hooks));
	if (run->refresh > 0) {
		run->window_begin = first;
		run->window_end = time_later(first, run->refresh);
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
		models_cut(run->models, run->window_end, hooks_emits(run->hooks));
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
	const struct channel *channel = models_channel(run->models, rec->stream);
	bool told = rec->time >= channel->begin;

	place.rec = rec;
	if (told && !run->begun)
		told = begin_windows(run, rec);
	if (told && run->refresh > 0 && rec->time >= run->window_end && is_seen(run, rec->time))
		turn_windows(run, rec->time);
	if (raw && told)
		hooks_record(run->hooks, run->L, channel->state, run->source, rec);
	if (rec->kind)
		models_feed(run->models, channel, rec, told ? emits : 0);
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
		place.rec = NULL;
		if (replay->n > 0)
			place.time = replay->records[replay->n - 1].time;
		if (interrupt_wanted())
			luaL_error(run->L, "interrupted");
		place_progress(run->L, PROGRESS);
	}
	if (status != REPLAY_FAILED)
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
		list = saved_check(L, -1);
	if (list && !(run->wants & ~checkpoints_wants(list))) {
		run->replay.checkpoints = checkpoints_ref(list);
		from = checkpoints_before(list, run->begin);
		if (from && !replay_go(&run->replay, from, &error)) {
			lua_pushstring(L, error->message);
			lua_setfield(L, OPTIONS, "unfit");
			g_error_free(error);
		}
	}
	lua_pop(L, 1);
}

/* Lets the run leave checkpoints, as options.leaves, if it is to. */
static void leave_checkpoints(struct run *run, lua_State *L)
{
	if (lua_getfield(L, OPTIONS, "leave") != LUA_TNIL && lua_toboolean(L, -1) &&
		!run->replay.checkpoints && source_can_seek(run->source)) {
		run->replay.checkpoints = saved_push_new(L, run->source, run->wants, 0);
		lua_setfield(L, OPTIONS, "leaves");
		replay_leave(&run->replay);
	}
	lua_pop(L, 1);
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
	run->wants = hooks_wants(run->hooks);
	run->models = models_new(source, run->wants, run->begin, on_derived, run);
	replay_init(&run->replay, source, run->models, NULL);
	for (unsigned int i = 0; i < source_n_classes(source); i++) {
		models_bind(run->models, i);
		hooks_bind(run->hooks, source, i);
	}
	source_limit(source, run->begin, end);
	if (lua_getfield(L, OPTIONS, "count") != LUA_TNIL && lua_toboolean(L, -1))
		source_count(source);
	lua_pop(L, 1);
	use_checkpoints(run, L);
	leave_checkpoints(run, L);
	place_enter(L, source);
	lua_pushnil(L);
	whole = read_all(run);
	if (!whole) {
		if (!place.time)
			return 2;
		lua_pushinteger(L, place.time);
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
		models_cut(run->models, last, hooks_emits(run->hooks));
		lua_pushinteger(L, first);
		lua_setfield(L, -2, "first");
		lua_pushinteger(L, last);
		lua_setfield(L, -2, "last");
	}
	return 1;
}
