/*
 * Sessions.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/replay/session.h"

#include "host/lua/cursor.h"
#include "host/lua/event_view.h"
#include "host/lua/hooks.h"
#include "host/lua/interrupt.h"
#include "host/lua/object.h"
#include "host/lua/push.h"
#include "host/replay/checkpoint_list.h"
#include "host/replay/replay.h"
#include "host/source/feed.h"
#include "state/codec.h"
#include "state/inspect.h"

#include <string.h>

struct session {
	struct replay replay;
	struct machines *machines; /* the replay's */
	struct source *source;
	struct hooks *own;   /* those given when it was made, or NULL; uservalue OWN_HOOKS */
	struct hooks *hooks; /* those of the last run, or NULL: of no use behind it */
	lua_State *L;
	int64_t time;    /* of the last event, or that was asked for; INT64_MIN before the first */
	int64_t reached; /* what has been fed is not later, but may be as late */
	bool ended;
	bool broken;            /* an error has left the models in the middle of an event */
	unsigned int n_classes; /* that are bound */
};

/* Room for a call of any hook: those given when the session was made are called from elsewhere. */
#define HOOK_STACK (UINT8_MAX + LUA_MINSTACK)

enum { OWN_TRACE = 1, OWN_HOOKS, OWNS };

/* Stack indices of session:run(). */
enum { SESSION = 1, OPTIONS, ON_ERROR, PROGRESS };

static const struct object_type session_type; /* below */

static struct session *check_session(lua_State *L)
{
	struct session *session = object_check(L, SESSION, &session_type);

	if (!session->machines)
		luaL_error(L, "the session is closed");
	return session;
}

static int session_gc(lua_State *L)
{
	struct session *session = object_check(L, SESSION, &session_type);

	replay_clear(&session->replay);
	session->machines = NULL;
	return 0;
}

/* session:close(): also of one that is closed already */
static int session_close(lua_State *L)
{
	if (cursor.source)
		return luaL_error(L, "a hook cannot close a session");
	return session_gc(L);
}

bool session_is_closed(lua_State *L, int index)
{
	const struct session *session = luaL_testudata(L, index, session_type.name);

	return !session || !session->machines;
}

static void on_derived(void *data, enum derived_kind kind, const void *values)
{
	struct session *session = data;

	hooks_derived(session->hooks, session->L,
		machines_state(session->machines, session->machines->at), kind, values);
}

/* Reads { scripts = ... } at OPTIONS: leaves the hooks on the stack, or nil. */
static struct hooks *read_own_hooks(lua_State *L, const struct source *source)
{
	struct hooks *hooks;

	if (lua_getfield(L, OPTIONS, "scripts") == LUA_TNIL)
		return NULL;
	hooks = hooks_new(L, lua_gettop(L), 0, source);
	hooks_watch(hooks);
	return hooks;
}

/* Binds the classes that are new: events of all count, so that their numbers are those of the trace. */
static void bind_classes(struct session *session)
{
	for (; session->n_classes < source_n_classes(session->source); session->n_classes++) {
		source_bind(session->source, session->n_classes, 0, 0);
		machines_bind(session->machines, session->n_classes);
		if (session->own)
			hooks_bind(session->own, session->source, session->n_classes);
	}
}

int session_new(lua_State *L, struct source *source)
{
	struct session *session;
	struct checkpoints *list = NULL;
	struct hooks *own;
	uint64_t events;
	int hooks_at;

	luaL_checktype(L, OPTIONS, LUA_TTABLE);
	if (cursor.source)
		return luaL_error(L, "a hook cannot start a session");
	if (lua_getfield(L, OPTIONS, "checkpoints") != LUA_TNIL)
		list = checkpoint_list_check(L, -1);
	own = read_own_hooks(L, source);
	hooks_at = lua_gettop(L);
	session = object_new(L, &session_type, sizeof(*session), OWNS);
	lua_pushvalue(L, 1);
	lua_setiuservalue(L, -2, OWN_TRACE);
	lua_pushvalue(L, hooks_at);
	lua_setiuservalue(L, -2, OWN_HOOKS);
	session->source = source;
	session->own = own;
	session->time = session->reached = INT64_MIN;
	session->machines = machines_new(source, WANT_ALL, INT64_MIN, on_derived, session);
	replay_init(&session->replay, source, session->machines, list);
	bind_classes(session);
	if (list && source_can_seek(source) && !checkpoints_complete(list, &events))
		replay_make_checkpoints(&session->replay);
	return 1;
}

/* session:now() -> time, events, whether it has ended, whether it is in the middle of an event */
static int session_now(lua_State *L)
{
	const struct session *session = check_session(L);

	if (session->time == INT64_MIN)
		lua_pushnil(L);
	else
		lua_pushinteger(L, session->time);
	lua_pushinteger(L, (lua_Integer)session->replay.events);
	lua_pushboolean(L, session->ended);
	lua_pushboolean(L, session->broken);
	return 4;
}

/* ---- Going back, and far ahead ---- */

static bool option_integer(lua_State *L, const char *name, int64_t *value)
{
	bool there = lua_getfield(L, OPTIONS, name) != LUA_TNIL;

	if (there)
		*value = luaL_checkinteger(L, -1);
	lua_pop(L, 1);
	return there;
}

/* Goes to a checkpoint, or the beginning; returns what session:seek() does. */
static int go_to(lua_State *L, struct session *session, const struct checkpoint *checkpoint)
{
	GError *error = NULL;

	session->ended = session->broken = false;
	session->time = session->reached = checkpoint ? checkpoint->time : INT64_MIN;
	if (replay_go(&session->replay, checkpoint, &error))
		return push_done(L);
	session->time = session->reached = INT64_MIN;
	return push_failure(L, error);
}

/* session:forget(checkpoints): those that it has are of no use; makes new ones in this list */
static int session_forget(lua_State *L)
{
	struct replay *replay = &check_session(L)->replay;
	struct checkpoints *list = checkpoints_ref(checkpoint_list_check(L, 2));

	checkpoints_unref(replay->checkpoints);
	replay->checkpoints = list;
	replay_make_checkpoints(replay);
	return 0;
}

/* session:seek { time = ns } or { events = n } -> true, or nil and a message */
static int session_seek(lua_State *L)
{
	struct session *session = check_session(L);
	const struct checkpoints *list = session->replay.checkpoints;
	const struct checkpoint *checkpoint = NULL;
	uint64_t now = session->replay.events;
	int64_t target = 0;
	bool back;

	luaL_checktype(L, OPTIONS, LUA_TTABLE);
	if (option_integer(L, "time", &target)) {
		back = target < session->reached;
		if (list)
			checkpoint = checkpoints_before(list, time_later(target, 1));
	} else {
		luaL_argcheck(L, option_integer(L, "events", &target), OPTIONS,
			"`time` or `events` expected");
		target = MAX(target, 0);
		back = (uint64_t)target < now;
		if (list)
			checkpoint = checkpoints_before_event(list, (uint64_t)target);
	}
	back = back || session->broken;
	if (!back && !(checkpoint && checkpoint->events > now))
		return push_done(L);
	if (!source_can_seek(session->source))
		return luaL_error(L, "this reader cannot go back");
	return go_to(L, session, checkpoint);
}

/* ---- Going on ---- */

/* What a run is to stop at. */
struct goal {
	int64_t time;
	uint64_t events;
	uint64_t emits;
	bool raw;
	bool waits;      /* of a trace that is being recorded: for what is still to come */
	bool has_looked; /* what has come by now */
};

/* Feeds one record; whether a hook says that this is it. */
static bool feed(struct session *session, const struct record *rec, const struct goal *goal)
{
	const struct route *route = machines_route(session->machines, rec->stream);
	bool told = session->hooks && rec->time >= route->begin;

	cursor.rec = rec;
	session->reached = rec->time;
	/* What streams tell of themselves is no event. */
	if (rec->class_no != UINT32_MAX) {
		session->time = rec->time;
		session->replay.events++;
	}
	if (goal->raw && told)
		hooks_record(session->hooks, session->L, route->state, session->source, rec);
	if (rec->kind)
		machines_feed(session->machines, route, rec, told ? goal->emits : 0);
	return told && hooks_hit(session->hooks);
}

/* Feeds what is left of the batch at hand; returns what was reached, or NULL. */
static const char *feed_batch(struct session *session, const struct goal *goal)
{
	struct replay *replay = &session->replay;

	while (replay->next < replay->n) {
		const struct record *rec = &replay->records[replay->next];

		if (replay->events >= goal->events)
			return "events";
		if (rec->time > goal->time)
			return "time";
		replay->next++;
		if (feed(session, rec, goal))
			return "hook";
	}
	return replay->events >= goal->events ? "events" : NULL;
}

/*
 * All has been read. Where that leads is the last event, whatever time was asked for, and wherever
 * the last checkpoint was.
 */
static void end(struct session *session)
{
	int64_t first, last;

	session->ended = true;
	if (source_seen(session->source, &first, &last))
		session->time = last;
}

/* ---- Traces that are being recorded ---- */

/* Nothing is read beyond the goal, nor beyond what has been recorded so far. */
static void stop_at(struct session *session, const struct goal *goal)
{
	replay_stop_at(&session->replay, MIN(goal->time, source_complete(session->source)));
}

/*
 * All up to the goal's time has been read; or all that there is by now, and the goal is no more than that: it is not
 * waited for what may come.
 */
static bool is_at_goal(const struct session *session, const struct goal *goal)
{
	if (goal->time <= source_complete(session->source))
		return true;
	return goal->has_looked && goal->time == INT64_MAX && goal->events == UINT64_MAX &&
	       !goal->waits;
}

/* Takes what has come since, or waits a little while for it. */
static bool take_more(struct session *session, struct goal *goal, GError **error)
{
	struct feed *feed = source_feed(session->source);

	if (feed->wait(feed, error) == FEED_FAILED || !source_grow(session->source, error))
		return false;
	machines_grow(session->machines);
	bind_classes(session);
	goal->has_looked = true;
	stop_at(session, goal);
	return true;
}

/*
 * Goes on until a goal, or the end, is reached; returns which. NULL, with a message on the Lua
 * stack, if the trace breaks off.
 */
static const char *go_on(struct session *session, lua_State *L, struct goal *goal)
{
	const char *reached;
	GError *error = NULL;

	stop_at(session, goal);
	for (;;) {
		session->broken = true;
		reached = feed_batch(session, goal);
		session->broken = false;
		if (reached)
			break;
		cursor.rec = NULL;
		cursor.time = session->time == INT64_MIN ? 0 : session->time;
		if (interrupt_wanted())
			luaL_error(L, "interrupted");
		cursor_progress(L, PROGRESS);
		switch (replay_next(&session->replay, &error)) {
		case REPLAY_MORE:
			break;
		case REPLAY_STOPPED:
			if (is_at_goal(session, goal)) {
				reached = "time";
			} else if (!take_more(session, goal, &error)) {
				push_error(L, error);
				return NULL;
			}
			break;
		case REPLAY_END:
			end(session);
			return "end";
		case REPLAY_FAILED:
			session->broken = true;
			push_error(L, error);
			return NULL;
		}
		if (reached)
			break;
	}
	if (strcmp(reached, "time") == 0)
		session->time = session->reached =
			MAX(session->reached, MIN(goal->time, source_complete(session->source)));
	return reached;
}

/* Makes the hooks of options.hooks: leaves them on the stack. */
static struct hooks *read_hooks(lua_State *L, struct session *session)
{
	struct hooks *hooks;

	if (lua_getfield(L, OPTIONS, "hooks") == LUA_TNIL)
		return NULL;
	if (lua_isboolean(L, -1))
		return session->own;
	hooks = hooks_new(L, lua_gettop(L), lua_isnil(L, ON_ERROR) ? 0 : ON_ERROR, session->source);
	if (hooks_raw(hooks))
		luaL_error(L, "hooks of trace events must be given when the session is created");
	hooks_watch(hooks);
	return hooks;
}

static int session_run(lua_State *L)
{
	struct session *session = check_session(L);
	struct goal goal = {.time = INT64_MAX, .events = UINT64_MAX};
	const char *reached;
	int64_t events;
	struct hooks *hooks;

	luaL_checktype(L, OPTIONS, LUA_TTABLE);
	if (cursor.source)
		return luaL_error(L, "a hook cannot move the session");
	if (session->broken)
		return luaL_error(
			L, "the last run failed in the middle of an event: go elsewhere first");
	lua_settop(L, OPTIONS);
	lua_getfield(L, OPTIONS, "on_error");
	lua_getfield(L, OPTIONS, "progress");
	option_integer(L, "time", &goal.time);
	if (option_integer(L, "events", &events))
		goal.events = (uint64_t)MAX(events, 0);
	hooks = read_hooks(L, session);
	goal.waits = hooks != NULL;
	luaL_checkstack(L, HOOK_STACK, "too many parameters");
	cursor_enter(L, session->source);
	session->L = L;
	session->hooks = hooks;
	if (hooks) {
		hooks_forget_hit(hooks, L);
		goal.emits = hooks_emits(hooks);
		goal.raw = hooks_raw(hooks);
	}
	reached = go_on(session, L, &goal);
	if (!reached) {
		lua_pushnil(L);
		lua_insert(L, -2);
		return 2;
	}
	lua_pushstring(L, reached);
	if (!hooks || !hooks_hit(hooks))
		return 1;
	hooks_push_hit(hooks, L);
	return 2;
}

/* ---- Looking ---- */

/* Where rows of a view go: the list on top of the stack. */
struct listing {
	lua_State *L;
	const struct state *state;
	const struct state_view_info *view;
	const char *host; /* NULL if there is only one */
	lua_Integer n;
};

static void add_row(void *data, const void *row)
{
	struct listing *listing = data;
	lua_State *L = listing->L;

	lua_createtable(L, 0, (int)listing->view->n_fields);
	for (unsigned int i = 0; i < listing->view->n_fields; i++) {
		const struct derived_field *field = &listing->view->fields[i];

		push_derived_field(L, listing->state, row, field);
		lua_setfield(L, -2, field->name);
	}
	if (listing->host)
		set_text(L, "host", listing->host);
	lua_rawseti(L, -2, ++listing->n);
}

/* session:view(name, tid) */
static int session_view(lua_State *L)
{
	struct session *session = check_session(L);
	const char *name = luaL_checkstring(L, 2);
	int64_t of = luaL_optinteger(L, 3, 0);
	guint hosts = machines_n(session->machines);

	for (int i = 0; i < STATE_VIEW_COUNT; i++) {
		struct listing listing = {.L = L, .view = &state_views[i]};
		struct view_sink sink = {add_row, &listing};

		if (strcmp(state_views[i].name, name) != 0)
			continue;
		lua_newtable(L);
		for (guint k = 0; k < hosts; k++) {
			const char *host = machines_name(session->machines, k) ?: "unknown";

			listing.host = hosts > 1 ? host : NULL;
			listing.state = machines_state(session->machines, k);
			state_inspect(listing.state, i, of, &sink);
		}
		return 1;
	}
	return luaL_error(L, "unknown view '%s'", name);
}

/* session:image() */
static int session_image(lua_State *L)
{
	const struct session *session = check_session(L);
	GByteArray *bytes = g_byte_array_new();
	struct codec codec = codec_writer(bytes, 0);

	machines_save(session->machines, &codec);
	lua_pushlstring(L, (const char *)bytes->data, bytes->len);
	g_byte_array_unref(bytes);
	return 1;
}

int session_push_views(lua_State *L)
{
	lua_newtable(L);
	for (int i = 0; i < STATE_VIEW_COUNT; i++) {
		const struct state_view_info *view = &state_views[i];

		lua_createtable(L, 0, 3);
		set_text(L, "name", view->name);
		set_text(L, "doc", view->doc);
		push_field_list(L, view->fields, view->n_fields);
		lua_setfield(L, -2, "fields");
		lua_rawseti(L, -2, i + 1);
	}
	return 1;
}

static const luaL_Reg methods[] = {
	{"close", session_close},
	{"forget", session_forget},
	{"image", session_image},
	{"now", session_now},
	{"run", session_run},
	{"seek", session_seek},
	{"view", session_view},
	{NULL, NULL},
};

static const struct object_type session_type = {
	.name = "lttnga.session", .methods = methods, .gc = session_gc};
