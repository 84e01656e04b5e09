/*
 * The windows of a run.
 *
 * What goes on over a border is cut there by the models, so that each window gets its part. But who runs
 * on a CPU may become known later only: its first context switch tells who has run there before, and once
 * events have been missing, the next one may tell that it was somebody else than was thought. So a
 * slice can begin in a window that is over. It is cut at the borders here, and windows that may still get
 * some wait until the models say that there is no such CPU (machines_unsettled()).
 *
 * Where windows are spans of time that were asked for, the time between two of them is a window, too, but
 * one of which nobody is told: its reference is LUA_NOREF.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/replay/windows.h"

#include "host/lua/push.h"

#include <lauxlib.h>

/* What is told of slices of time: bits by enum derived_kind. */
#define SLICES                                                                      \
	(UINT64_C(1) << DERIVED_sched_slice | UINT64_C(1) << DERIVED_thread_state | \
		UINT64_C(1) << DERIVED_cpu_time)

/* A window that is over. */
struct window {
	int64_t begin, end;
	int ref; /* to what `open` gave; LUA_NOREF: nobody is told of it */
};

void windows_init(
	struct windows *windows, lua_State *L, struct machines *machines, GPtrArray *hooks)
{
	windows->L = L;
	windows->machines = machines;
	windows->hooks = hooks;
	windows->waiting = g_array_new(FALSE, FALSE, sizeof(struct window));
	windows->emits = g_new0(uint64_t, hooks->len);
	windows->begin = windows->end = INT64_MAX;
	windows->newest = luaL_ref(L, LUA_REGISTRYINDEX);
	windows->first = LUA_NOREF;
	windows->silent = g_new0(uint64_t, hooks->len);
	for (guint i = 0; i < hooks->len; i++) {
		if (!g_ptr_array_index(hooks, i))
			continue;
		windows->emits[i] = hooks_emits(g_ptr_array_index(hooks, i));
		windows->slices |= (windows->emits[i] & SLICES) != 0;
	}
}

void windows_want(struct windows *windows, guint machine, uint64_t emits)
{
	windows->emits[machine] |= emits;
	windows->slices |= (emits & SLICES) != 0;
}

void windows_clear(struct windows *windows)
{
	if (!windows->waiting)
		return;
	for (guint i = 0; i < windows->waiting->len; i++)
		luaL_unref(windows->L, LUA_REGISTRYINDEX,
			g_array_index(windows->waiting, struct window, i).ref);
	luaL_unref(windows->L, LUA_REGISTRYINDEX, windows->newest);
	luaL_unref(windows->L, LUA_REGISTRYINDEX, windows->first);
	if (windows->spans)
		g_array_unref(windows->spans);
	windows->spans = NULL;
	g_free(windows->silent);
	g_array_free(windows->waiting, TRUE);
	windows->waiting = NULL;
	g_free(windows->emits);
}

/* Lets hooks write into the windows that a reference stands for. */
static void enter(struct windows *windows, int ref)
{
	lua_State *L = windows->L;

	lua_rawgeti(L, LUA_REGISTRYINDEX, ref);
	for (guint i = 0; i < windows->hooks->len; i++) {
		struct hooks *hooks = g_ptr_array_index(windows->hooks, i);

		if (!hooks)
			continue;
		lua_geti(L, -1, (lua_Integer)i + 1);
		hooks_set_windows(hooks, L);
	}
	lua_pop(L, 1);
}

/* The end of the newest window, which begins at `time`; whether it is a gap. */
static int64_t end_of_span(struct windows *windows, int64_t time)
{
	const struct span *next = NULL;

	for (; windows->next < windows->spans->len; windows->next++) {
		next = &g_array_index(windows->spans, struct span, windows->next);
		if (next->end > time)
			break;
		next = NULL; /* it is over before it could begin */
	}
	windows->gap = !next || next->begin > time;
	windows->closed = false;
	if (windows->gap)
		return next ? next->begin : INT64_MAX;
	windows->next++;
	windows->closed = windows->next == windows->spans->len || next[1].begin > next->end;
	return next->end;
}

/* The newest window begins at `time`. */
static void set_begin(struct windows *windows, int64_t time)
{
	windows->begin = time;
	if (windows->spans) {
		windows->end = end_of_span(windows, time);
		return;
	}
	windows->end = windows->length > 0 ? time_later(time, windows->length) : INT64_MAX;
	if (windows->end >= windows->last_end)
		windows->end = INT64_MAX;
}

/* What is told of the newest window: by number of the machine. */
static const uint64_t *told(const struct windows *windows)
{
	return windows->gap ? windows->silent : windows->emits;
}

/* The newest window begins: what each script has for it gets `first`, when that is. */
static void tell_begin(struct windows *windows)
{
	lua_State *L = windows->L;

	lua_rawgeti(L, LUA_REGISTRYINDEX, windows->newest);
	for (guint i = 0; i < windows->hooks->len && lua_istable(L, -1); i++) {
		bool is_list = lua_geti(L, -1, (lua_Integer)i + 1) == LUA_TTABLE;

		for (lua_Integer k = 1; is_list && lua_geti(L, -1, k) == LUA_TTABLE; k++) {
			set_integer(L, "first", windows->begin);
			lua_pop(L, 1);
		}
		lua_pop(L, is_list ? 2 : 1);
	}
	lua_pop(L, 1);
}

void windows_enter(struct windows *windows, int64_t time)
{
	set_begin(windows, time);
	if (windows->gap) {
		windows->first = windows->newest;
		windows->newest = LUA_NOREF;
	}
	if (windows->newest != LUA_NOREF)
		tell_begin(windows);
}

void windows_begin(struct windows *windows, int64_t time)
{
	windows_enter(windows, time);
	machines_begin_window(windows->machines, time, told(windows));
}

void windows_pass(struct windows *windows, int64_t begin, int64_t time)
{
	set_begin(windows, begin);
	while (windows_are_due(windows, time) && windows->end < INT64_MAX)
		set_begin(windows, windows->end);
}

static void push_name(void *data, int64_t tid, const char *name)
{
	lua_State *L = data;

	lua_pushstring(L, name);
	lua_rawseti(L, -2, tid);
}

/*
 * The newest window ends: those of each machine get `renamed` = { [TID] = name }, what threads are
 * called now that were called otherwise in it.
 */
static void tell_names(struct windows *windows)
{
	lua_State *L = windows->L;

	lua_rawgeti(L, LUA_REGISTRYINDEX, windows->newest);
	for (guint i = 0; i < machines_n(windows->machines) && lua_istable(L, -1); i++) {
		if (lua_geti(L, -1, (lua_Integer)i + 1) == LUA_TTABLE) {
			lua_newtable(L);
			state_each_renamed(machines_state(windows->machines, i), push_name, L);
			lua_setfield(L, -2, "renamed");
		}
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

/* Lets hooks write into the newest window: what was there for the first one, or what `open` gives. */
static void open_newest(struct windows *windows)
{
	lua_State *L = windows->L;

	windows->newest = windows->first;
	windows->first = LUA_NOREF;
	if (windows->newest == LUA_NOREF) {
		lua_pushvalue(L, windows->open);
		lua_call(L, 0, 1);
		windows->newest = luaL_ref(L, LUA_REGISTRYINDEX);
	}
	tell_begin(windows);
	enter(windows, windows->newest);
}

void windows_turn(struct windows *windows, int64_t time)
{
	while (windows_are_due(windows, time) && windows->end < INT64_MAX) {
		struct window over = {windows->begin, windows->end, windows->newest};

		if (!windows->gap)
			tell_names(windows);
		machines_cut(windows->machines, over.end, told(windows));
		g_array_append_val(windows->waiting, over);
		windows->newest = LUA_NOREF;
		set_begin(windows, over.end);
		if (!windows->gap)
			open_newest(windows);
		if (windows->waiting->len > WINDOWS_WAITING_MAX)
			machines_settle(windows->machines, over.end, windows->emits);
		windows_close(windows);
	}
}

/* Closes the windows that end up to a time. */
static void close_until(struct windows *windows, int64_t time)
{
	lua_State *L = windows->L;
	guint n = 0;

	windows->late = false;
	while (n < windows->waiting->len &&
		g_array_index(windows->waiting, struct window, n).end <= time)
		n++;
	for (; n > 0; n--) {
		struct window over = g_array_index(windows->waiting, struct window, 0);

		g_array_remove_index(windows->waiting, 0);
		if (over.ref == LUA_NOREF || windows->deaf) {
			luaL_unref(L, LUA_REGISTRYINDEX, over.ref);
			continue;
		}
		lua_pushvalue(L, windows->close);
		lua_rawgeti(L, LUA_REGISTRYINDEX, over.ref);
		luaL_unref(L, LUA_REGISTRYINDEX, over.ref);
		lua_pushinteger(L, over.begin);
		lua_pushinteger(L, over.end);
		lua_call(L, 3, 0);
	}
}

int64_t windows_known(const struct windows *windows)
{
	return windows->slices ? machines_unsettled(windows->machines) : INT64_MAX;
}

void windows_close(struct windows *windows)
{
	close_until(windows, windows_known(windows));
}

void windows_give(struct windows *windows)
{
	if (windows->newest != LUA_NOREF)
		tell_names(windows);
	close_until(windows, INT64_MAX);
}

void windows_end(struct windows *windows, int64_t time)
{
	windows_turn(windows, time);
	if (!windows->gap)
		tell_names(windows);
	machines_cut(windows->machines, time, told(windows));
	machines_settle(windows->machines, time, windows->emits);
	windows_close(windows);
}

/* ---- Slices over borders ---- */

/* A slice, whatever of. */
struct slice {
	enum derived_kind kind;
	union {
		struct derived_sched_slice sched;
		struct derived_thread_state state;
		struct derived_cpu_time cpu;
	} as;
};

static void read_slice(struct slice *slice, enum derived_kind kind, const void *values)
{
	slice->kind = kind;
	if (kind == DERIVED_sched_slice)
		slice->as.sched = *(const struct derived_sched_slice *)values;
	else if (kind == DERIVED_cpu_time)
		slice->as.cpu = *(const struct derived_cpu_time *)values;
	else
		slice->as.state = *(const struct derived_thread_state *)values;
}

/* The part of a slice that is between two times; why it ends is not known at a border. */
static void set_part(struct slice *slice, int64_t begin, int64_t end, bool border)
{
	if (slice->kind == DERIVED_sched_slice) {
		slice->as.sched.begin = begin;
		slice->as.sched.time = end;
		slice->as.sched.duration = time_span(begin, end);
		if (border)
			slice->as.sched.state = NULL;
	} else if (slice->kind == DERIVED_cpu_time) {
		/* What takes only a part of its time is within one window, see cpu_time_border(). */
		if (begin != slice->as.cpu.since || end != slice->as.cpu.time)
			slice->as.cpu.duration = time_span(begin, end);
		slice->as.cpu.since = begin;
		slice->as.cpu.time = end;
	} else {
		slice->as.state.begin = begin;
		slice->as.state.time = end;
		slice->as.state.duration = time_span(begin, end);
	}
}

/* Hands a slice that begins in a window that is over to all windows in which it is. */
static void tell_parts(struct windows *windows, guint machine, enum derived_kind kind,
	const void *values, int64_t begin, int64_t end)
{
	struct hooks *hooks = g_ptr_array_index(windows->hooks, machine);
	const struct state *state = machines_state(windows->machines, machine);
	struct slice slice;

	windows->late = true;
	for (guint i = 0; i < windows->waiting->len; i++) {
		struct window window = g_array_index(windows->waiting, struct window, i);

		if (window.end <= begin)
			continue;
		if (window.ref != LUA_NOREF) {
			enter(windows, window.ref);
			read_slice(&slice, kind, values);
			set_part(&slice, begin, MIN(end, window.end), end > window.end);
			hooks_derived(hooks, windows->L, state, kind, &slice.as);
		}
		begin = MIN(end, window.end);
		if (begin == end)
			break;
	}
	if (windows->gap)
		return;
	enter(windows, windows->newest);
	if (begin == end)
		return;
	read_slice(&slice, kind, values);
	set_part(&slice, begin, end, false);
	hooks_derived(hooks, windows->L, state, kind, &slice.as);
}

void windows_derived(
	struct windows *windows, guint machine, enum derived_kind kind, const void *values)
{
	int64_t begin = INT64_MAX, end = INT64_MAX;

	if (windows->deaf)
		return;
	if (windows->waiting->len > 0 && kind == DERIVED_sched_slice) {
		begin = ((const struct derived_sched_slice *)values)->begin;
		end = ((const struct derived_sched_slice *)values)->time;
	} else if (windows->waiting->len > 0 && kind == DERIVED_thread_state) {
		begin = ((const struct derived_thread_state *)values)->begin;
		end = ((const struct derived_thread_state *)values)->time;
	} else if (windows->waiting->len > 0 && kind == DERIVED_cpu_time) {
		begin = ((const struct derived_cpu_time *)values)->since;
		end = ((const struct derived_cpu_time *)values)->time;
	}
	if (begin < windows->begin && begin < end)
		tell_parts(windows, machine, kind, values, begin, end);
	else if (!windows->gap)
		hooks_derived(g_ptr_array_index(windows->hooks, machine), windows->L,
			machines_state(windows->machines, machine), kind, values);
}
