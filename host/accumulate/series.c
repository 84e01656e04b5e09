/*
 * Series: values over time, in the bins of a grid.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/accumulate/series.h"

#include "host/accumulate/curve_object.h"
#include "host/accumulate/grid.h"
#include "host/accumulate/key_table.h"
#include "host/accumulate/saved_form.h"

#include <string.h>

/* The userdata; its user value is the grid. */
struct series {
	struct key_table table;
	struct grid *grid;
	enum curve_kind kind;
	GArray *kept;                   /* struct collected_field: what is kept of the largest */
	bool kinds_known;               /* of which kinds these are */
	bool has_begin;                 /* there is a field `begin`: */
	unsigned int begin_at;          /* where that, */
	unsigned int time_at;           /* `time`, */
	unsigned int number_at;         /* the number, */
	unsigned int kept_at[KEPT_MAX]; /* and what is kept are in an event */
	int64_t loaded_width;           /* of the bins that are read back, ns */
};

struct series_entry {
	struct key_entry entry;
	struct curve curve;
};

static const struct key_kind kind; /* below */

static const char *const kind_names[] = {[CURVE_TIME] = "time",
	[CURVE_SUM] = "sum",
	[CURVE_SPREAD] = "spread",
	[CURVE_VALUES] = "values",
	[CURVE_LEVEL] = "level",
	[CURVE_CHANGES] = "changes",
	[CURVE_LARGEST] = "largest",
	[CURVE_KINDS] = NULL};

/* Kinds that have a use for a field `begin`. */
#define WITH_BEGIN (1u << CURVE_TIME | 1u << CURVE_SPREAD | 1u << CURVE_LEVEL)

static struct series *series_of(const struct key_table *table)
{
	return (struct series *)(void *)table;
}

static struct curve *curve_of(struct key_entry *entry)
{
	return &((struct series_entry *)(void *)entry)->curve;
}

/* Makes the series on top of the stack one of the kind, on the grid below it, which stays there. */
static void set_up(lua_State *L, struct series *series, enum curve_kind which)
{
	series->kind = which;
	series->grid = grid_check(L, -2);
	series->kept = g_array_new(FALSE, FALSE, sizeof(struct collected_field));
	lua_pushvalue(L, -2);
	lua_setiuservalue(L, -2, 1);
}

int series_new(lua_State *L)
{
	enum curve_kind which = (enum curve_kind)luaL_checkoption(L, 2, NULL, kind_names);
	struct series *series;

	grid_check(L, 1);
	lua_settop(L, 3);
	lua_pushvalue(L, 1);
	series = series_of(key_table_new(L, &kind, false));
	set_up(L, series, which);
	if (lua_isnil(L, 3))
		return 1;
	luaL_checktype(L, 3, LUA_TTABLE);
	luaL_argcheck(L, which == CURVE_LARGEST, 3, "only a series of the largest keeps fields");
	for (lua_Integer i = 1; lua_rawgeti(L, 3, i) != LUA_TNIL; i++, lua_pop(L, 1)) {
		struct collected_field field = {0};

		luaL_argcheck(
			L, lua_type(L, -1) == LUA_TSTRING, 3, "must be a list of field names");
		luaL_argcheck(L, i <= KEPT_MAX, 3, "too many fields");
		field.name = g_intern_string(lua_tostring(L, -1));
		g_array_append_val(series->kept, field);
	}
	lua_pop(L, 1);
	return 1;
}

static void derive(lua_State *L, int from, struct key_table *table)
{
	const struct series *like = lua_touserdata(L, from);
	struct series *series = series_of(table);

	lua_getiuservalue(L, from, 1);
	lua_insert(L, -2);
	set_up(L, series, like->kind);
	g_array_append_vals(series->kept, like->kept->data, like->kept->len);
	series->kinds_known = like->kinds_known;
	lua_remove(L, -2);
}

static void end(struct key_table *table)
{
	g_array_unref(series_of(table)->kept);
}

static bool init(const struct key_table *table, struct key_entry *entry)
{
	const struct series *series = series_of(table);
	struct curve *curve = curve_of(entry);

	curve->kind = series->kind;
	curve->grid = &series->grid->bins;
	curve->kept = series->kept;
	curve_init(curve);
	return true;
}

static void clear(struct key_entry *entry)
{
	curve_clear(curve_of(entry));
}

/* ---- As a collector ---- */

/* Where the field of this name is that is an integer; `n` if there is none. */
static unsigned int find(const struct collected_field *fields, unsigned int n, const char *name)
{
	unsigned int i = 0;

	while (i < n && (strcmp(fields[i].name, name) != 0 || fields[i].kind != COLLECTED_INT))
		i++;
	return i;
}

/* The number among the fields to be kept of a field; as many as there are if it is not to be. */
static guint kept_as(const struct series *series, const char *name)
{
	guint i = 0;

	while (i < series->kept->len &&
		strcmp(g_array_index(series->kept, struct collected_field, i).name, name) != 0)
		i++;
	return i;
}

static const char *choose(struct key_table *table, const struct collected_field *fields,
	unsigned int n, unsigned int *at, unsigned int *n_at)
{
	struct series *series = series_of(table);
	unsigned int number = n > 0 ? n - 1 : 0, found = 0;

	series->time_at = find(fields, n, "time");
	series->begin_at = find(fields, n, "begin");
	series->has_begin = series->begin_at < n && (1u << series->kind & WITH_BEGIN) != 0;
	if (series->time_at == n)
		return "a series expects the field 'time'";
	if ((series->kind == CURVE_TIME || series->kind == CURVE_SPREAD) && !series->has_begin)
		return "a series of this kind expects the fields 'begin' and 'time'";
	if (series->kind == CURVE_TIME) {
		number = series->time_at;
	} else if (series->kind == CURVE_CHANGES) {
		number = find(fields, n, "change");
		if (number == n)
			return "a series of changes expects the fields 'time' and 'change'";
	} else if (number == series->time_at || fields[number].kind != COLLECTED_INT ||
		   (series->has_begin && number == series->begin_at)) {
		return "the last field of a series must be numeric";
	}
	series->number_at = number;
	for (unsigned int i = 0; i < n; i++) {
		guint as = kept_as(series, fields[i].name);

		if (i == series->time_at || i == number ||
			(series->has_begin && i == series->begin_at))
			continue;
		if (as == series->kept->len) {
			at[(*n_at)++] = i;
			continue;
		}
		series->kept_at[as] = i;
		g_array_index(series->kept, struct collected_field, as).kind = fields[i].kind;
		found++;
	}
	at[(*n_at)++] = number;
	series->kinds_known = true;
	return found < series->kept->len ? "a field to keep is not collected" : NULL;
}

/* The largest number so far: what else there is of this event is kept. */
static void keep(struct curve *curve, const struct series *series,
	const struct collected_event *event, int64_t time, int64_t number)
{
	union collected_value kept[KEPT_MAX];

	if (!curve_is_largest(curve, time, number))
		return;
	for (guint i = 0; i < series->kept->len; i++)
		kept[i] = collected_value(event, series->kept_at[i]);
	curve_put_largest(curve, time, number, kept);
}

/* How much of a number that is spread over the time from `from` to `to` is before `until`. */
static int64_t share(int64_t number, int64_t from, int64_t until, int64_t to)
{
	if (from >= until)
		return 0;
	return (int64_t)((wide)number * (wide)((uint64_t)until - (uint64_t)from) /
			 (wide)((uint64_t)to - (uint64_t)from));
}

/* An event of some time; all of it is in bins that there are. */
static void add_at(lua_State *L, struct series *series, const struct collected_event *event,
	int64_t begin, int64_t time)
{
	int64_t number = collected_number(event, series->number_at);
	struct curve *curve;

	/* A level that is not known is something to know. */
	if (number == VALUE_ABSENT && (series->kind != CURVE_LEVEL || series->has_begin))
		return;
	curve = curve_of(key_table_at(L, &series->table, event));
	if (series->kind == CURVE_TIME)
		curve_add_time(curve, begin, time);
	else if (series->kind == CURVE_SPREAD)
		curve_add_spread(curve, begin, time,
			number - share(number, collected_number(event, series->begin_at), begin,
					 time));
	else if (series->kind == CURVE_SUM || series->kind == CURVE_VALUES)
		curve_add_number(curve, time, number);
	else if (series->kind == CURVE_LARGEST)
		keep(curve, series, event, time, number);
	else if (series->has_begin)
		curve_add_level(curve, begin, time, number);
	else
		curve_set_level(curve, time, number);
}

/* The grid begins with the first event that comes. */
static void begin_grid(lua_State *L, int ref)
{
	int top = lua_gettop(L);

	lua_rawgeti(L, LUA_REGISTRYINDEX, ref);
	lua_getiuservalue(L, -1, 1);
	grid_begin(L, lua_gettop(L));
	lua_settop(L, top);
}

static void add(lua_State *L, void *object, int ref, const struct collected_event *event)
{
	struct series *series = object;
	struct grid *grid = series->grid;
	int64_t time = collected_number(event, series->time_at), begin = time;

	if (!grid->is_begun)
		begin_grid(L, ref);
	if (series->has_begin)
		begin = collected_number(event, series->begin_at);
	if (time < grid->bins.origin || time == VALUE_ABSENT || begin == VALUE_ABSENT)
		return;
	begin = MAX(begin, grid->bins.origin);
	if (series->has_begin) {
		if (begin >= time)
			return;
		grid_cover(grid, begin, time - 1);
	} else {
		grid_cover(grid, time, time);
	}
	add_at(L, series, event, begin, time);
	if (grid->bins.bytes > grid->most_bytes)
		grid_save_memory(grid);
}

/* ---- For Lua ---- */

static bool merge(struct key_entry *into, const struct key_entry *from)
{
	curve_merge(curve_of(into), curve_of((struct key_entry *)from));
	return true;
}

static void show(lua_State *L, int owner, const struct key_table *table, struct key_entry *entry)
{
	const struct series *series = series_of(table);

	curve_object_push(L, owner, series->grid, series->kind, curve_of(entry));
	lua_setfield(L, -2, "curve");
}

/* series:all() -> lttnga.Curve; the curve of all keys together; of levels the average */
static int all(lua_State *L)
{
	struct series *into;

	key_table_check(L, 1, &kind);
	lua_settop(L, 1);
	key_table_by(L);
	into = series_of(key_table_check(L, 2, &kind));
	curve_object_push(L, 2, into->grid, into->kind,
		into->table.entries->len > 0 ? curve_of(key_table_entry(&into->table, 0)) : NULL);
	return 1;
}

/* ---- Saved ---- */

static void save_table(lua_State *L, const struct key_table *table)
{
	const struct series *series = series_of(table);

	set_text(L, "kind", kind_names[series->kind]);
	set_integer(L, "origin", series->grid->bins.origin);
	set_integer(L, "width", series->grid->bins.width);
	lua_newtable(L);
	saved_set_fields(L, series->kept);
	lua_setfield(L, -2, "kept");
}

/* Checks that what is kept is what the table at a stack index says; of what kinds that is may be new. */
static void merge_kept(lua_State *L, int index, struct series *series)
{
	guint n = series->kept->len;
	const char *names[KEPT_MAX];

	for (guint i = 0; i < n; i++)
		names[i] = g_array_index(series->kept, struct collected_field, i).name;
	if (!series->kinds_known)
		g_array_set_size(series->kept, 0);
	saved_merge_fields(L, index, series->kept, KEPT_MAX);
	for (guint i = 0; i < MAX(n, series->kept->len); i++)
		if (n != series->kept->len ||
			strcmp(names[i],
				g_array_index(series->kept, struct collected_field, i).name) != 0)
			saved_fail(L, "its kept fields differ");
	series->kinds_known = true;
}

static void load_table(lua_State *L, int index, struct key_table *table)
{
	struct series *series = series_of(table);
	struct grid *grid = series->grid;
	int64_t origin, width;

	if (lua_getfield(L, index, "kind") != LUA_TSTRING ||
		strcmp(lua_tostring(L, -1), kind_names[series->kind]) != 0)
		saved_fail(L, "it is another kind of series");
	lua_getfield(L, index, "kept");
	merge_kept(L, lua_gettop(L), series);
	lua_getiuservalue(L, 1, 1);
	if (!grid->is_begun)
		grid_begin(L, lua_gettop(L));
	lua_pop(L, 3);
	origin = saved_integer(L, index, "origin", INT64_MIN, INT64_MAX);
	width = saved_integer(L, index, "width", 1, GRID_WIDTH_MAX);
	if (!grid->any && !grid->bins.is_within)
		grid->bins.origin = origin;
	if (grid->bins.origin != origin)
		saved_fail(L, "its bins start at another time");
	if (width > grid->bins.width && width % grid->bins.width == 0)
		grid_coarsen(grid, (uint64_t)(width / grid->bins.width));
	if (grid->bins.width % width != 0)
		saved_fail(L, "its bins have another width");
	series->loaded_width = width;
}

static void save(lua_State *L, const struct key_entry *entry)
{
	curve_save(L, curve_of((struct key_entry *)entry));
}

static int64_t load(lua_State *L, int index, struct key_entry *entry, int64_t most)
{
	struct curve *curve = curve_of(entry);
	const struct series *series = series_of(key_table_check(L, 1, &kind));

	(void)most;
	curve_load(L, index, series->grid, series->loaded_width, curve);
	/* How many events it was is not known. */
	return 0;
}

static const struct collector_type collector = {
	.attach = key_table_attach, .add = add, .by_name = true, .number_last = true};

static const luaL_Reg methods[] = {
	{"all", all},
	KEY_TABLE_METHODS,
	{NULL, NULL},
};

static const struct key_kind kind = {
	.type = {.name = "lttnga.series",
		.methods = methods,
		.gc = key_table_gc,
		.collector = &collector},
	.size = sizeof(struct series_entry),
	.init = init,
	.clear = clear,
	.merge = merge,
	.show = show,
	.save = save,
	.load = load,
	.table_size = sizeof(struct series),
	.user_values = 1,
	.choose = choose,
	.derive = derive,
	.end = end,
	.save_table = save_table,
	.load_table = load_table,
};
