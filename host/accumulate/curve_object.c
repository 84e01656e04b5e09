/*
 * Curves as objects of Lua, and as what they are saved as.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/accumulate/curve_object.h"

#include "host/accumulate/saved_form.h"
#include "host/lua/object.h"

#include <math.h>
#include <string.h>

/* The userdata; its user value is the series. */
struct curve_object {
	const struct grid *grid;
	enum curve_kind kind;
	const struct curve *curve; /* NULL: nothing is in it */
};

static const struct object_type curve_type; /* below */

void curve_object_push(lua_State *L, int owner, const struct grid *grid, enum curve_kind kind,
	const struct curve *curve)
{
	struct curve_object *object;

	owner = lua_absindex(L, owner);
	object = object_new(L, &curve_type, sizeof(*object), 1);
	*object = (struct curve_object){grid, kind, curve};
	lua_pushvalue(L, owner);
	lua_setiuservalue(L, -2, 1);
}

/* The object that a method is called on, which is for these kinds of curves (bits by enum curve_kind). */
static const struct curve_object *check(lua_State *L, unsigned int kinds)
{
	const struct curve_object *object = object_check(L, 1, &curve_type);

	if (!(kinds & 1u << object->kind))
		luaL_error(L, "a series of this kind does not have this method");
	/* Other finalizers may still have it when the collector has ended the series. */
	lua_getiuservalue(L, 1, 1);
	if (!lua_getmetatable(L, -1))
		luaL_error(L, "this series no longer exists");
	lua_pop(L, 2);
	return object;
}

#define TIME    (1u << CURVE_TIME)
#define SUM     (1u << CURVE_SUM | 1u << CURVE_SPREAD)
#define VALUES  (1u << CURVE_VALUES)
#define LEVELS  (1u << CURVE_LEVEL | 1u << CURVE_CHANGES)
#define LARGEST (1u << CURVE_LARGEST)

/* curve:time() -> integer[]; ns in each bin (`time`) */
static int get_time(lua_State *L)
{
	const struct curve_object *object = check(L, TIME);
	uint64_t first;
	int64_t *times;
	size_t n;

	first = grid_shown(object->grid, &n);
	times = lua_newuserdatauv(L, n * sizeof(*times) + 1, 0);
	memset(times, 0, n * sizeof(*times));
	if (object->curve)
		curve_times(object->curve, first, n, times);
	lua_createtable(L, (int)n, 0);
	for (size_t i = 0; i < n; i++) {
		lua_pushinteger(L, times[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* Pushes a list of what `push` pushes for each bin that is shown, of which there may be none. */
static int push_list(lua_State *L, const struct curve_object *object,
	void (*push)(lua_State *L, const struct curve *curve, const void *bin))
{
	uint64_t first;
	size_t n;

	first = grid_shown(object->grid, &n);
	lua_createtable(L, (int)n, 0);
	for (size_t i = 0; i < n; i++) {
		push(L, object->curve, object->curve ? curve_look(object->curve, first + i) : NULL);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

static void push_n(lua_State *L, const struct curve *curve, const void *bin)
{
	(void)curve;
	lua_pushinteger(L, bin ? ((const struct sum_bin *)bin)->n : 0);
}

static void push_sum(lua_State *L, const struct curve *curve, const void *bin)
{
	(void)curve;
	lua_pushinteger(L, bin ? ((const struct sum_bin *)bin)->sum : 0);
}

static void push_max_value(lua_State *L, const struct curve *curve, const void *bin)
{
	const struct values_bin *values = bin;

	(void)curve;
	if (values && values->n > 0)
		lua_pushinteger(L, values->max);
	else
		lua_pushnil(L);
}

static void push_max_level(lua_State *L, const struct curve *curve, const void *bin)
{
	const struct level_bin *level = bin;

	(void)curve;
	if (level && level->known > 0)
		lua_pushinteger(L, level->max);
	else
		lua_pushnil(L);
}

static void push_mean_value(lua_State *L, const struct curve *curve, const void *bin)
{
	const struct values_bin *values = bin;

	(void)curve;
	if (values && values->n > 0)
		lua_pushnumber(L, (lua_Number)values->sum / (lua_Number)values->n);
	else
		lua_pushnil(L);
}

static void push_mean_level(lua_State *L, const struct curve *curve, const void *bin)
{
	const struct level_bin *level = bin;

	(void)curve;
	if (level && level->known > 0)
		lua_pushnumber(L, (lua_Number)level->integral / (lua_Number)level->known);
	else
		lua_pushnil(L);
}

static void push_known(lua_State *L, const struct curve *curve, const void *bin)
{
	(void)curve;
	lua_pushinteger(L, bin ? ((const struct level_bin *)bin)->known : 0);
}

static void push_largest(lua_State *L, const struct curve *curve, const void *bin)
{
	const struct largest_bin *largest = bin;

	if (!largest || !largest->kept) {
		lua_pushnil(L);
		return;
	}
	lua_createtable(L, 0, (int)curve->kept->len + 2);
	for (guint i = 0; i < curve->kept->len; i++) {
		const struct collected_field *field =
			&g_array_index(curve->kept, struct collected_field, i);

		collected_push(L, field, &largest->kept[i]);
		lua_setfield(L, -2, field->name);
	}
	set_integer(L, "value", largest->number);
	set_integer(L, "time", largest->time);
}

/* curve:n() -> integer[]; how many numbers are in each bin (`sum`, `spread`, `values`) */
static int get_n(lua_State *L)
{
	return push_list(L, check(L, SUM | VALUES), push_n);
}

/* curve:sum() -> integer[]; the sum of the numbers in each bin (`sum`, `spread`, `values`) */
static int get_sum(lua_State *L)
{
	return push_list(L, check(L, SUM | VALUES), push_sum);
}

/*
 * curve:max() -> table<integer, integer>; the largest number or level of each bin; nil for bins
 * without any (`values`, `level`, `changes`)
 */
static int get_max(lua_State *L)
{
	const struct curve_object *object = check(L, VALUES | LEVELS);

	return push_list(L, object, object->kind == CURVE_VALUES ? push_max_value : push_max_level);
}

/*
 * curve:mean() -> table<integer, number>; the mean of each bin, of levels over time; nil for
 * bins without any (`values`, `level`, `changes`)
 */
static int get_mean(lua_State *L)
{
	const struct curve_object *object = check(L, VALUES | LEVELS);

	return push_list(
		L, object, object->kind == CURVE_VALUES ? push_mean_value : push_mean_level);
}

/*
 * curve:known() -> integer[]; for how many ns of each bin the level is known (`level`,
 * `changes`)
 */
static int get_known(lua_State *L)
{
	return push_list(L, check(L, LEVELS), push_known);
}

/*
 * curve:largest() -> table<integer, table>; the largest of each bin, `{ value =, time =, FIELD
 * = ... }`; nil for bins without any (`largest`)
 */
static int get_largest(lua_State *L)
{
	return push_list(L, check(L, LARGEST), push_largest);
}

/* ---- Histograms ---- */

/* Pushes the number below or at which a part of all in a bin are; nil without any. */
static void push_quantile(lua_State *L, const struct values_bin *values, lua_Number q)
{
	lua_Number rank;

	if (!values || values->n <= 0) {
		lua_pushnil(L);
		return;
	}
	rank = fmax(ceil(q * (lua_Number)values->n), 1);
	if (rank >= (lua_Number)values->n)
		lua_pushinteger(L, values->max);
	else
		lua_pushinteger(
			L, MIN(values->max, log_histogram_ranked(&values->counts, (uint64_t)rank)));
}

static lua_Number check_part(lua_State *L)
{
	lua_Number q = luaL_checknumber(L, 2);

	luaL_argcheck(L, q >= 0 && q <= 1, 2, "must be between 0 and 1");
	return q;
}

/*
 * curve:quantiles(q: number) -> table<integer, integer>; the quantile `q` (0 to 1) of each bin;
 * nil for bins without numbers (`values`)
 */
static int quantiles(lua_State *L)
{
	const struct curve_object *object = check(L, VALUES);
	lua_Number q = check_part(L);
	uint64_t first;
	size_t n;

	first = grid_shown(object->grid, &n);
	lua_createtable(L, (int)n, 0);
	for (size_t i = 0; i < n; i++) {
		push_quantile(L, object->curve ? curve_look(object->curve, first + i) : NULL, q);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* What is in the bins whose numbers are at a stack index and behind it; free the histogram. */
static struct values_bin together(lua_State *L, const struct curve_object *object, int index)
{
	struct values_bin all = {0};
	lua_Integer from, to;
	uint64_t first;
	size_t n;

	first = grid_shown(object->grid, &n);
	from = luaL_optinteger(L, index, 1);
	to = luaL_optinteger(L, index + 1, (lua_Integer)n);
	luaL_argcheck(L, from >= 1, index, "bin out of range");
	luaL_argcheck(L, to <= (lua_Integer)n, index + 1, "bin out of range");
	for (lua_Integer i = from; object->curve && i <= to; i++) {
		const struct values_bin *bin = curve_look(object->curve, first + (uint64_t)(i - 1));

		if (!bin || bin->n <= 0)
			continue;
		all.max = all.n > 0 ? MAX(all.max, bin->max) : bin->max;
		all.n += bin->n;
		log_histogram_merge(&all.counts, &bin->counts);
	}
	return all;
}

/*
 * curve:quantile(q: number, first?: integer, last?: integer) -> integer?; the quantile `q` of
 * the bins from number `first` to `last`, or of all (`values`)
 */
static int quantile(lua_State *L)
{
	const struct curve_object *object = check(L, VALUES);
	lua_Number q = check_part(L);
	struct values_bin all = together(L, object, 3);

	push_quantile(L, &all, q);
	log_histogram_clear(&all.counts);
	return 1;
}

/*
 * curve:histogram(first?: integer, last?: integer) -> table[]; the numbers in the bins from
 * `first` to `last`, or in all, as a list of `{ from =, to =, n = }` (`values`)
 */
static int histogram(lua_State *L)
{
	struct values_bin all = together(L, check(L, VALUES), 2);
	struct log_histogram *counts = lua_newuserdatauv(L, sizeof(*counts), 0);
	lua_Integer n = 0;

	*counts = all.counts;
	lua_newtable(L);
	for (uint32_t i = 0; i < counts->n; i++) {
		uint64_t bucket = counts->first + i, next;

		if (counts->counts[i] == 0)
			continue;
		next = bucket + 1 < LOG_HISTOGRAM_BUCKETS
			       ? log_bucket_lowest(bucket + 1, LOG_HISTOGRAM_BITS)
			       : INT64_MAX;
		lua_createtable(L, 0, 3);
		set_integer(L, "from", (lua_Integer)log_bucket_lowest(bucket, LOG_HISTOGRAM_BITS));
		set_integer(L, "to", (lua_Integer)MIN(next, (uint64_t)INT64_MAX));
		set_integer(L, "n", (lua_Integer)counts->counts[i]);
		lua_rawseti(L, -2, ++n);
	}
	log_histogram_clear(counts);
	return 1;
}

/* ---- Saved ---- */

static void save_values(lua_State *L, const struct values_bin *values)
{
	lua_Integer n = 0;

	set_integer(L, "n", values->n);
	set_integer(L, "sum", values->sum);
	set_integer(L, "max", values->max);
	lua_newtable(L);
	for (uint32_t i = 0; i < values->counts.n; i++) {
		if (values->counts.counts[i] == 0)
			continue;
		lua_pushinteger(L, values->counts.first + i);
		lua_rawseti(L, -2, ++n);
		lua_pushinteger(L, (lua_Integer)values->counts.counts[i]);
		lua_rawseti(L, -2, ++n);
	}
	lua_setfield(L, -2, "counts");
}

static void save_level(lua_State *L, const struct level_bin *level)
{
	bool negative = level->integral < 0;

	saved_push_wide(L,
		negative ? -(unsigned_wide)level->integral : (unsigned_wide)level->integral,
		negative);
	lua_setfield(L, -2, "integral");
	set_integer(L, "known", level->known);
	set_integer(L, "max", level->max);
}

static void save_largest(lua_State *L, const struct curve *curve, const struct largest_bin *largest)
{
	set_integer(L, "value", largest->number);
	set_integer(L, "time", largest->time);
	lua_newtable(L);
	for (guint i = 0; i < curve->kept->len; i++) {
		saved_push_value(L, &g_array_index(curve->kept, struct collected_field, i),
			&largest->kept[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	lua_setfield(L, -2, "kept");
}

/* Whether something is in a bin, of a kind other than CURVE_TIME. */
static bool is_filled(const struct curve *curve, const void *bin)
{
	const struct sum_bin *sum = bin;

	if (curve->kind == CURVE_LARGEST)
		return ((const struct largest_bin *)bin)->kept != NULL;
	if (1u << curve->kind & LEVELS)
		return ((const struct level_bin *)bin)->known != 0;
	/* What is spread is counted where it ends. */
	return sum->n != 0 || sum->sum != 0;
}

/* Pushes what a bin is saved as: false if nothing is in it. */
static void push_saved(lua_State *L, const struct curve *curve, const void *bin)
{
	if (!is_filled(curve, bin)) {
		lua_pushboolean(L, false);
		return;
	}
	lua_newtable(L);
	if (curve->kind == CURVE_LARGEST) {
		save_largest(L, curve, bin);
	} else if (1u << curve->kind & LEVELS) {
		save_level(L, bin);
	} else if (curve->kind == CURVE_VALUES) {
		save_values(L, bin);
	} else {
		set_integer(L, "n", ((const struct sum_bin *)bin)->n);
		set_integer(L, "sum", ((const struct sum_bin *)bin)->sum);
	}
}

/* Sets what a later part goes on with: see struct curve. */
static void save_state(lua_State *L, const struct curve *curve)
{
	lua_createtable(L, 0, 4);
	if (curve->level != VALUE_ABSENT)
		set_integer(L, "level", curve->level);
	set_integer(L, "since", curve->since);
	set_integer(L, "begun", curve->begun);
	set_integer(L, "lifted", curve->lifted);
	lua_setfield(L, -2, "state");
}

void curve_save(lua_State *L, const struct curve *curve)
{
	size_t n = curve->n;
	int64_t *times = NULL;

	/* There is more room than bins. */
	while (curve->kind != CURVE_TIME && n > 0 &&
		!is_filled(curve, curve_look(curve, curve->first + n - 1)))
		n--;
	if (curve->kind == CURVE_TIME) {
		times = lua_newuserdatauv(L, curve->n * sizeof(*times) + 1, 0);
		curve_times(curve, curve->first, curve->n, times);
		lua_insert(L, -2);
	}
	set_integer(L, "first", (lua_Integer)curve->first);
	lua_createtable(L, (int)n, 0);
	for (size_t i = 0; i < n; i++) {
		if (times)
			lua_pushinteger(L, times[i]);
		else
			push_saved(L, curve, curve_look(curve, curve->first + i));
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	lua_setfield(L, -2, "bins");
	if (curve->has_level)
		save_state(L, curve);
	if (times)
		lua_remove(L, -2);
}

/* Reads the histogram of values out of the table on top of the stack. */
static void load_counts(lua_State *L, struct values_bin *values)
{
	lua_Integer n = saved_push_list(L, -1, "counts");
	struct log_histogram more = {0};
	int64_t left = values->n;

	/* All is looked at first: an error leaves nothing behind. */
	for (int round = 0; round < 2; round++) {
		for (lua_Integer i = 1; i < n; i += 2) {
			lua_Integer bucket, count;

			lua_rawgeti(L, -1, i);
			lua_rawgeti(L, -2, i + 1);
			bucket = lua_tointeger(L, -2);
			count = lua_tointeger(L, -1);
			if (!lua_isinteger(L, -2) || !lua_isinteger(L, -1) || bucket < 0 ||
				bucket >= (lua_Integer)LOG_HISTOGRAM_BUCKETS || count < 1 ||
				count > (round == 0 ? left : count))
				saved_fail(L, "its counts do not match its values");
			lua_pop(L, 2);
			if (round == 0) {
				left -= count;
				continue;
			}
			log_histogram_widen(&more, (uint32_t)bucket, (uint32_t)bucket);
			more.counts[(uint32_t)bucket - more.first] += (uint64_t)count;
		}
		if (left != 0 || n % 2 != 0)
			saved_fail(L, "its counts do not match its values");
	}
	values->counts = more;
	lua_pop(L, 1);
}

/* Reads what is kept of the largest out of the table on top of the stack; texts are Lua's. */
static void load_kept(lua_State *L, const struct curve *curve, union collected_value *kept)
{
	if (saved_push_list(L, -1, "kept") != (lua_Integer)curve->kept->len)
		saved_fail(L, "the kept fields of a bin are missing");
	for (guint i = 0; i < curve->kept->len; i++) {
		lua_rawgeti(L, -1, (lua_Integer)i + 1);
		kept[i] = saved_value(L, &g_array_index(curve->kept, struct collected_field, i));
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

/* How the bins of a part fit to those that are there: see join(). */
struct joint {
	int64_t from;  /* what is before is left out, ns, */
	int64_t level; /* of this level; */
	int64_t by;    /* by how much more it is */
};

/* Makes a bin from one time to another one fit; false if nothing is left of it. */
static bool fit_bin(struct level_bin *bin, const struct joint *joint, int64_t from, int64_t to)
{
	int64_t part = CLAMP(joint->from, from, to) - from;

	if (to <= joint->from || part >= bin->known)
		return false;
	bin->known -= part;
	bin->integral = wide_sum(bin->integral, -(wide)joint->level * part);
	bin->integral = wide_sum(bin->integral, (wide)joint->by * bin->known);
	bin->max = time_sum(bin->max, joint->by);
	return true;
}

/*
 * A curve goes on with what a later part of the window has, whose state is in the table at a stack index: its level
 * holds until the part's begins. How much there is of what changes, a part does not know.
 */
static struct joint join(lua_State *L, int index, struct curve *curve)
{
	struct joint joint = {.from = INT64_MIN};
	int64_t level = VALUE_ABSENT, since, begun, lifted;

	if (lua_getfield(L, index, "state") != LUA_TTABLE) {
		lua_pop(L, 1);
		return joint;
	}
	if (lua_getfield(L, -1, "level") != LUA_TNIL) {
		lua_pop(L, 1);
		level = saved_integer(L, -1, "level", INT64_MIN + 1, INT64_MAX);
		lua_pushnil(L);
	}
	lua_pop(L, 1);
	since = saved_integer(L, -1, "since", INT64_MIN, INT64_MAX);
	begun = saved_integer(L, -1, "begun", INT64_MIN, INT64_MAX);
	lifted = saved_integer(L, -1, "lifted", 0, INT64_MAX);
	lua_pop(L, 1);
	if (curve->has_level) {
		curve_extend(curve, begun);
		if (curve->kind == CURVE_CHANGES) {
			if (curve->grid->is_within)
				joint.from = begun;
			joint.level = lifted;
			if (curve->level < lifted)
				curve_lift(curve, time_span(curve->level, lifted));
			joint.by = time_span(lifted, MAX(curve->level, lifted));
			level = time_sum(level, joint.by);
		}
	} else {
		curve->begun = begun;
		curve->lifted = lifted;
	}
	curve->has_level = true;
	curve->level = level;
	curve->since = since;
	return joint;
}

/* Takes in the bin on top of the stack, as the one with a number; it is from one time to another one. */
static void load_bin(lua_State *L, struct curve *curve, uint64_t number, const struct joint *joint,
	int64_t from, int64_t to)
{
	struct time_bin time = {0};
	struct values_bin values = {0};
	struct level_bin level = {0};
	struct largest_bin largest = {0};
	union collected_value kept[KEPT_MAX];
	bool negative;

	if (curve->kind == CURVE_TIME) {
		time.part = lua_tointeger(L, -1);
		if (!lua_isinteger(L, -1) || time.part < 0)
			saved_fail(L, "the time of a bin is invalid");
		curve_merge_bin(curve, number, &time);
		return;
	}
	if (!lua_istable(L, -1))
		saved_fail(L, "a bin is not a table");
	if (curve->kind == CURVE_LARGEST) {
		largest.number = saved_integer(L, -1, "value", INT64_MIN, INT64_MAX);
		largest.time = saved_integer(L, -1, "time", INT64_MIN, INT64_MAX);
		largest.kept = kept;
		load_kept(L, curve, kept);
		curve_merge_bin(curve, number, &largest);
	} else if (1u << curve->kind & LEVELS) {
		level.known = saved_integer(L, -1, "known", 1, INT64_MAX / 2);
		level.max = saved_integer(L, -1, "max", INT64_MIN, INT64_MAX);
		level.integral = (wide)saved_wide(L, -1, "integral", &negative);
		level.integral = negative ? (wide) - (unsigned_wide)level.integral : level.integral;
		if (fit_bin(&level, joint, from, to))
			curve_merge_bin(curve, number, &level);
	} else {
		values.n = saved_integer(
			L, -1, "n", curve->kind == CURVE_SPREAD ? 0 : 1, INT64_MAX / 2);
		values.sum = saved_integer(L, -1, "sum", INT64_MIN, INT64_MAX);
		if (curve->kind == CURVE_VALUES) {
			values.max = saved_integer(L, -1, "max", INT64_MIN, INT64_MAX);
			load_counts(L, &values);
		}
		curve_merge_bin(curve, number, &values);
		log_histogram_clear(&values.counts);
	}
}

void curve_load(lua_State *L, int index, struct grid *grid, int64_t width, struct curve *curve)
{
	struct joint joint = join(L, index, curve);
	lua_Integer n;
	int64_t first, most;

	/* The last bin ends before time does. */
	most = (int64_t)((UINT64_C(1) << 62) / (uint64_t)width);
	first = saved_integer(L, index, "first", 0, most);
	n = saved_push_list(L, index, "bins");
	if (n > most - first || n > GRID_BINS_MAX * INT64_C(2))
		saved_fail(L, "it has too many bins");
	for (lua_Integer i = 0; i < n; i++) {
		int64_t time = (int64_t)((uint64_t)grid->bins.origin +
					 (uint64_t)(first + i) * (uint64_t)width);

		lua_rawgeti(L, -1, i + 1);
		if (lua_toboolean(L, -1) && !(lua_isinteger(L, -1) && lua_tointeger(L, -1) == 0)) {
			grid_cover(grid, time, time);
			load_bin(L, curve, bin_of(&grid->bins, time), &joint, time,
				time_sum(time, width));
		}
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	if (grid->bins.bytes > grid->most_bytes)
		grid_save_memory(grid);
}

static const luaL_Reg methods[] = {
	{"histogram", histogram},
	{"known", get_known},
	{"largest", get_largest},
	{"max", get_max},
	{"mean", get_mean},
	{"n", get_n},
	{"quantile", quantile},
	{"quantiles", quantiles},
	{"sum", get_sum},
	{"time", get_time},
	{NULL, NULL},
};

static const struct object_type curve_type = {.name = "lttnga.curve", .methods = methods};
