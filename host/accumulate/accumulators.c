/*
 * Accumulators: what analyses add numbers to, once per event.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/accumulate/accumulators.h"

#include "host/accumulate/culprits.h"
#include "host/accumulate/graph_object.h"
#include "host/accumulate/grid.h"
#include "host/accumulate/keyed.h"
#include "host/accumulate/samples.h"
#include "host/accumulate/saved_form.h"
#include "host/accumulate/series.h"
#include "host/accumulate/statistics.h"
#include "host/accumulate/top.h"
#include "host/accumulate/totals.h"
#include "host/lua/collector.h"
#include "host/lua/fixed_texts.h"
#include "host/lua/object.h"
#include "state/record.h"

#include <lauxlib.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/* What each object begins with: a look at it is a faster check than one at metatables. */
typedef const char *type_tag;

static const char stats_tag[] = "lttnga.stats";
static const char group_tag[] = "lttnga.group";

/* Statistics as an object: its own, or those of another object, which is its user value then. */
struct stats {
	type_tag tag;
	struct statistics *values;
	struct statistics own;
	const void *key; /* of the group that it is in: the address of Lua's text, or NULL */
};

/* How many keys of a group are found without asking Lua. */
#define GROUP_CACHE 16

/* Stats by key. The user values are a table of them by key, and a list of the keys. */
struct group {
	type_tag tag;
	struct stats *cache[GROUP_CACHE]; /* by the address of the key; NULL or any of its stats */
	struct fixed_texts fixed;         /* texts that stay what they are */
	struct stats *fixed_stats[FIXED_TEXTS];
	bool fixed_texts; /* the group is fed with such only */
	bool is_fed;
	bool keep;
};

enum group_value { GROUP_BY_KEY = 1, GROUP_KEYS };

static const struct object_type stats_type, group_type; /* below */

/* The object that a method is called on. */
static void *check_object(lua_State *L, type_tag tag)
{
	void *object = lua_touserdata(L, 1);

	if (!object || lua_rawlen(L, 1) < sizeof(tag) || *(type_tag *)object != tag)
		luaL_typeerror(L, 1, tag);
	return object;
}

static struct statistics *check_stats(lua_State *L)
{
	return ((struct stats *)check_object(L, stats_tag))->values;
}

static struct stats *new_stats(lua_State *L, int n_user_values)
{
	struct stats *stats = object_new(L, &stats_type, sizeof(*stats), n_user_values);

	stats->tag = stats_tag;
	stats->values = &stats->own;
	return stats;
}

void stats_push_shared(lua_State *L, struct statistics *values, int owner)
{
	owner = lua_absindex(L, owner);
	new_stats(L, 1)->values = values;
	lua_pushvalue(L, owner);
	lua_setiuservalue(L, -2, 1);
}

/* Pushes new statistics; their values are kept if `keep` says so. */
static struct stats *push_stats(lua_State *L, bool keep)
{
	struct stats *stats = new_stats(L, 0);

	if (!statistics_init(&stats->own, keep))
		luaL_error(L, "not enough memory");
	return stats;
}

/* stats(keep) -> object without values; `keep` makes quantile() and histogram() possible */
static int stats_new(lua_State *L)
{
	push_stats(L, lua_toboolean(L, 1));
	return 1;
}

static int stats_gc(lua_State *L)
{
	statistics_clear(&((struct stats *)check_object(L, stats_tag))->own);
	return 0;
}

/* `stats` is NULL if the collector has ended it: other finalizers may still have its group. */
static void take(lua_State *L, struct statistics *stats, int64_t value)
{
	if (!stats)
		luaL_error(L, "these statistics no longer exist");
	if (!statistics_add(stats, value))
		luaL_error(L, "not enough memory");
}

/* stats:add(value: integer); takes in a number */
static int stats_add(lua_State *L)
{
	struct statistics *stats = check_stats(L);

	take(L, stats, luaL_checkinteger(L, 2));
	return 0;
}

/* stats:count() -> integer; how many numbers there are */
static int stats_count(lua_State *L)
{
	lua_pushinteger(L, check_stats(L)->count);
	return 1;
}

/* stats:min() -> integer?; the smallest number; nil if there are none */
static int stats_min(lua_State *L)
{
	struct statistics *stats = check_stats(L);

	if (stats->count == 0)
		return 0;
	lua_pushinteger(L, stats->min);
	return 1;
}

/* stats:max() -> integer?; the largest number; nil if there are none */
static int stats_max(lua_State *L)
{
	struct statistics *stats = check_stats(L);

	if (stats->count == 0)
		return 0;
	lua_pushinteger(L, stats->max);
	return 1;
}

/* stats:sum() -> number; the sum: a float if it does not fit into an integer */
static int stats_sum(lua_State *L)
{
	struct statistics *stats = check_stats(L);

	if (stats->sum >= INT64_MIN && stats->sum <= INT64_MAX)
		lua_pushinteger(L, (int64_t)stats->sum);
	else
		lua_pushnumber(L, (lua_Number)stats->sum);
	return 1;
}

/* stats:mean() -> number?; the mean; nil if there are no numbers */
static int stats_mean(lua_State *L)
{
	struct statistics *stats = check_stats(L);

	if (stats->count == 0)
		return 0;
	lua_pushnumber(L, statistics_mean(stats));
	return 1;
}

/* stats:stdev() -> number?; the standard deviation of the sample; nil for fewer than two numbers */
static int stats_stdev(lua_State *L)
{
	struct statistics *stats = check_stats(L);

	if (stats->count < 2)
		return 0;
	lua_pushnumber(L, statistics_stdev(stats));
	return 1;
}

static struct samples *check_samples(lua_State *L)
{
	struct statistics *stats = check_stats(L);

	if (!stats->samples)
		luaL_error(L, "these statistics do not keep their values");
	return stats->samples;
}

/*
 * stats:keeps() -> boolean; whether the numbers are kept, so that quantile() and histogram()
 * work
 */
static int stats_keeps(lua_State *L)
{
	lua_pushboolean(L, check_stats(L)->samples != NULL);
	return 1;
}

/*
 * stats:quantile(q: number) -> integer?; the quantile `q` (0 to 1): the smallest number that a
 * share `q` of them are not above; nil if there are none. Only with `keep`
 */
static int stats_quantile(lua_State *L)
{
	struct samples *samples = check_samples(L);
	struct statistics *stats = check_stats(L);
	lua_Number q = luaL_checknumber(L, 2);
	lua_Number rank = ceil(q * (lua_Number)stats->count);

	luaL_argcheck(L, q >= 0 && q <= 1, 2, "must be between 0 and 1");
	if (stats->count == 0)
		return 0;
	rank = fmin(fmax(rank, 1), (lua_Number)stats->count);
	lua_pushinteger(L, samples_ranked(samples, (uint64_t)rank));
	return 1;
}

#define HISTOGRAM_MAX 1000000

/*
 * stats:histogram(low: integer, high: integer, n: integer) -> integer[]; how many numbers are
 * in each of `n` equal parts of the range from `low` to `high`. Only with `keep`
 */
static int stats_histogram(lua_State *L)
{
	struct samples *samples = check_samples(L);
	lua_Integer low = luaL_checkinteger(L, 2);
	lua_Integer high = luaL_checkinteger(L, 3);
	lua_Integer n = luaL_checkinteger(L, 4);
	uint64_t *counts;

	luaL_argcheck(L, high > low, 3, "must be above the lower bound");
	luaL_argcheck(L, n > 0 && n <= HISTOGRAM_MAX, 4, "out of range");
	counts = lua_newuserdatauv(L, (size_t)n * sizeof(*counts), 0);
	samples_histogram(samples, low, high, (size_t)n, counts);
	lua_createtable(L, (int)n, 0);
	for (lua_Integer i = 0; i < n; i++) {
		lua_pushinteger(L, (lua_Integer)counts[i]);
		lua_rawseti(L, -2, i + 1);
	}
	return 1;
}

/* stats:save() -> table; what it holds, as a plain table for merge() */
static int stats_save(lua_State *L)
{
	struct statistics *stats = check_stats(L);

	lua_newtable(L);
	saved_set_statistics(L, stats);
	return 1;
}

/*
 * stats:merge(other: lttnga.Statistics|table); takes in the numbers of other statistics, or of
 * saved ones
 */
static int stats_merge(lua_State *L)
{
	struct statistics *stats = check_stats(L);
	const struct statistics *other;

	if (lua_type(L, 2) != LUA_TUSERDATA) {
		saved_merge_statistics(L, 2, stats, STATISTICS_COUNT_MAX);
		return 0;
	}
	lua_remove(L, 1);
	other = check_stats(L);
	luaL_argcheck(L, !stats->samples || other->samples || other->count == 0, 1,
		"these statistics do not keep their values");
	luaL_argcheck(L, stats != other, 1, "statistics cannot be merged with themselves");
	luaL_argcheck(L, other->count <= STATISTICS_COUNT_MAX - stats->count, 1, "too many values");
	if (other->count > 0 && !statistics_merge(stats, other))
		luaL_error(L, "not enough memory");
	return 0;
}

/* group(keep) -> object without keys; `keep` is for the stats of its keys, see stats() */
static int group_new(lua_State *L)
{
	bool keep = lua_toboolean(L, 1);
	struct group *group = object_new(L, &group_type, sizeof(*group), 2);

	group->tag = group_tag;
	group->keep = keep;
	lua_newtable(L);
	lua_setiuservalue(L, -2, GROUP_BY_KEY);
	lua_newtable(L);
	lua_setiuservalue(L, -2, GROUP_KEYS);
	return 1;
}

/* Pushes the stats of the key at index `key` of the group at index `at`, made if the key is new. */
static struct stats *push_stats_of(lua_State *L, const struct group *group, int at, int key)
{
	struct stats *stats;

	luaL_checkany(L, key);
	lua_getiuservalue(L, at, GROUP_BY_KEY);
	lua_pushvalue(L, key);
	if (lua_rawget(L, -2) != LUA_TNIL)
		return lua_touserdata(L, -1);
	lua_pop(L, 1);
	lua_pushvalue(L, key);
	stats = push_stats(L, group->keep);
	/* The table keeps this very text alive. An equal one can be elsewhere, if it is long. */
	stats->key = lua_type(L, key) == LUA_TSTRING ? lua_topointer(L, key) : NULL;
	lua_rawset(L, -3); /* raises if the key is nil or no number */
	lua_getiuservalue(L, at, GROUP_KEYS);
	lua_pushvalue(L, key);
	lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
	lua_pop(L, 1);
	lua_pushvalue(L, key);
	lua_rawget(L, -2);
	return stats;
}

/* group:add(key: any, value: integer); takes in a number for a key */
static int group_add(lua_State *L)
{
	struct group *group = check_object(L, group_tag);
	int64_t value = luaL_checkinteger(L, 3);
	const void *key = lua_type(L, 2) == LUA_TSTRING ? lua_topointer(L, 2) : NULL;
	struct stats **cached =
		&group->cache[((uintptr_t)key >> 4 ^ (uintptr_t)key >> 8) % GROUP_CACHE];

	if (!key || !*cached || (*cached)->key != key)
		*cached = push_stats_of(L, group, 1, 2);
	take(L, (*cached)->values, value);
	return 0;
}

/* group:of(key: any) -> lttnga.Statistics; the statistics of a key, which is made if it is new */
static int group_of(lua_State *L)
{
	push_stats_of(L, check_object(L, group_tag), 1, 2);
	return 1;
}

/* group:keys() -> any[]; the keys in the order in which they came. Do not change the list */
static int group_keys(lua_State *L)
{
	check_object(L, group_tag);
	lua_getiuservalue(L, 1, GROUP_KEYS);
	return 1;
}

/*
 * group:save() -> table; what it holds, as a plain table for merge(); keys must be strings or
 * integers
 */
static int group_save(lua_State *L)
{
	const struct statistics *values;
	lua_Integer n;

	check_object(L, group_tag);
	lua_settop(L, 1);
	lua_getiuservalue(L, 1, GROUP_KEYS);
	n = (lua_Integer)lua_rawlen(L, 2);
	lua_createtable(L, (int)n, 0);
	lua_getiuservalue(L, 1, GROUP_BY_KEY);
	for (lua_Integer i = 1; i <= n; i++) {
		lua_newtable(L);
		lua_rawgeti(L, 2, i);
		if (lua_type(L, -1) != LUA_TSTRING && !lua_isinteger(L, -1))
			return luaL_error(
				L, "a group can be saved only if its keys are strings or integers");
		lua_pushvalue(L, -1);
		lua_setfield(L, -3, "key");
		lua_rawget(L, 4);
		values = ((struct stats *)lua_touserdata(L, -1))->values;
		lua_pop(L, 1);
		saved_set_statistics(L, values);
		lua_rawseti(L, 3, i);
	}
	lua_pop(L, 1);
	return 1;
}

/* group:merge(saved: table); takes in what another group has saved */
static int group_merge(lua_State *L)
{
	struct group *group = check_object(L, group_tag);

	luaL_checktype(L, 2, LUA_TTABLE);
	lua_settop(L, 2);
	for (lua_Integer i = 1; lua_rawgeti(L, 2, i) != LUA_TNIL; i++) {
		lua_settop(L, 3);
		if (!lua_istable(L, 3))
			return saved_fail(L, "an entry of a group is not a table");
		lua_getfield(L, 3, "key");
		if (lua_type(L, 4) != LUA_TSTRING && !lua_isinteger(L, 4))
			return saved_fail(L, "a key of a group is neither a string nor an integer");
		saved_merge_statistics(
			L, 3, push_stats_of(L, group, 1, 4)->values, STATISTICS_COUNT_MAX);
		lua_settop(L, 2);
	}
	return 0;
}

/* ---- What a `collect` feeds ---- */

static const char *attach_stats(
	lua_State *L, int index, const struct collected_field *fields, unsigned int n)
{
	(void)L;
	(void)index;
	return n == 1 && fields[0].kind == COLLECTED_INT ? NULL
							 : "statistics expect one numeric field";
}

static void feed_stats(lua_State *L, void *object, int ref, const struct collected_event *event)
{
	int64_t number = collected_number(event, 0);

	(void)ref;
	if (number != VALUE_ABSENT)
		take(L, ((struct stats *)object)->values, number);
}

static const char *attach_group(
	lua_State *L, int index, const struct collected_field *fields, unsigned int n)
{
	struct group *group = lua_touserdata(L, index);

	if (n != 2 || fields[0].kind != COLLECTED_TEXT || fields[1].kind != COLLECTED_INT)
		return "a group of statistics expects a string field and a numeric field";
	/* If any of its keys can change at their address, none is known by it. */
	group->fixed_texts = fields[0].fixed && (!group->is_fed || group->fixed_texts);
	group->is_fed = true;
	return NULL;
}

/* The stats of a key that the Lua side has to find. */
static struct stats *look_up(lua_State *L, struct group *group, int ref, const char *key)
{
	int top = lua_gettop(L);
	struct stats *stats;

	lua_rawgeti(L, LUA_REGISTRYINDEX, ref);
	lua_pushstring(L, key);
	stats = push_stats_of(L, group, top + 1, top + 2);
	lua_settop(L, top);
	return stats;
}

static void feed_group(lua_State *L, void *object, int ref, const struct collected_event *event)
{
	struct group *group = object;
	const char *key = collected_text(event, 0);
	int64_t number = collected_number(event, 1);
	unsigned int place;
	bool is_new;

	if (!key || number == VALUE_ABSENT)
		return;
	if (!group->fixed_texts) {
		take(L, look_up(L, group, ref, key)->values, number);
		return;
	}
	place = fixed_texts_find(&group->fixed, key, &is_new);
	if (is_new)
		group->fixed_stats[place] = look_up(L, group, ref, key);
	take(L, group->fixed_stats[place]->values, number);
}

/* What events cost before anybody looks at them: nothing is done with these. */

static const char *attach_drop(
	lua_State *L, int index, const struct collected_field *fields, unsigned int n)
{
	(void)L;
	(void)index;
	(void)fields;
	(void)n;
	return NULL;
}

static void feed_drop(lua_State *L, void *object, int ref, const struct collected_event *event)
{
	(void)L;
	(void)object;
	(void)ref;
	(void)event;
}

static const struct collector_type drop_collector = {.attach = attach_drop, .add = feed_drop};

static const struct object_type drop_type = {.name = "lttnga.drop", .collector = &drop_collector};

/* drop() -> an object that a `collect` feeds, and that drops what it gets: for measuring */
static int drop_new(lua_State *L)
{
	object_new(L, &drop_type, 1, 0);
	return 1;
}

static const struct collector_type stats_collector = {
	.attach = attach_stats, .add = feed_stats, .number_last = true};
static const struct collector_type group_collector = {
	.attach = attach_group, .add = feed_group, .number_last = true};

static const luaL_Reg stats_methods[] = {
	{"add", stats_add},
	{"count", stats_count},
	{"histogram", stats_histogram},
	{"keeps", stats_keeps},
	{"max", stats_max},
	{"mean", stats_mean},
	{"merge", stats_merge},
	{"min", stats_min},
	{"quantile", stats_quantile},
	{"save", stats_save},
	{"stdev", stats_stdev},
	{"sum", stats_sum},
	{NULL, NULL},
};

static const luaL_Reg group_methods[] = {
	{"add", group_add},
	{"keys", group_keys},
	{"merge", group_merge},
	{"of", group_of},
	{"save", group_save},
	{NULL, NULL},
};

static const struct object_type stats_type = {
	.name = stats_tag, .methods = stats_methods, .gc = stats_gc, .collector = &stats_collector};
static const struct object_type group_type = {
	.name = group_tag, .methods = group_methods, .collector = &group_collector};

/* lowest(value: integer) -> integer; the value nearest to 0 of those that are counted together with this one */
static int lowest(lua_State *L)
{
	lua_pushinteger(L, samples_lowest(luaL_checkinteger(L, 1)));
	return 1;
}

int luaopen_lttnga_accumulators(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{"culprits", culprits_new},
		{"drop", drop_new},
		{"stats", stats_new},
		{"graph", graph_object_new},
		{"grid", grid_new},
		{"group", group_new},
		{"keyed", keyed_new},
		{"lowest", lowest},
		{"series", series_new},
		{"top", top_new},
		{"totals", totals_new},
		{NULL, NULL},
	};

	luaL_newlib(L, functions);
	object_push_metatable(L, &group_type);
	lua_getfield(L, -1, "__index");
	lua_setfield(L, -3, "group_methods"); /* for more methods, written in Lua */
	lua_pop(L, 1);
	return 1;
}
