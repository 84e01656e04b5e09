/*
 * Slices and counters of a timeline: of any event, as a script says.
 *
 *     w.disks = timeline:slices { "Disks", by = "disk", name = { "op", "size" } }
 *     w.calls = timeline:slices { thread = true, name = "name" }
 *     w.dirty = timeline:counter { "Dirty pages", value = "dirty", unit = "bytes" }
 *
 * A slice lasts from the field `begin` to `time`; without `begin` it is an instant, and with `open` = true
 * it has no end. Fields that have no other use are told as its arguments.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/collector.h"
#include "host/lua/object.h"
#include "host/lua/push.h"
#include "host/perfetto/timeline_private.h"
#include "state/hash.h"

/* Fields of a slice at most. */
#define FIELDS_MAX 64

/* Fields that its name, or an arrow, is made of. */
#define PARTS_MAX 4

/* Bytes of a name that is put together, or of what a track is called. */
#define NAME_MAX_BYTES 512

/* A value that a slice, or a counter, is told with; texts are not NULL. */
struct value {
	const char *field;
	enum packets_kind kind;
	int64_t number;
	const char *text;
};

/* All values of an event that it has. */
struct values {
	struct value list[FIELDS_MAX];
	size_t n;
};

/* ---- Values ---- */

static void add_value(struct values *values, struct value value)
{
	if (values->n < FIELDS_MAX)
		values->list[values->n++] = value;
}

static void take_values(struct values *values, const struct collected_event *event, unsigned int n)
{
	values->n = 0;
	for (unsigned int i = 0; i < n; i++) {
		const struct collected_field *field = &event->fields[i];
		struct value value = {.field = field->name};

		if (field->kind == COLLECTED_TEXT) {
			value.kind = PACKETS_TEXT;
			value.text = collected_text(event, i);
			if (!value.text)
				continue;
		} else {
			value.kind = field->kind == COLLECTED_BOOL ? PACKETS_BOOL : PACKETS_INT;
			value.number = collected_number(event, i);
			if (value.number == VALUE_ABSENT)
				continue;
		}
		add_value(values, value);
	}
}

static gint compare_values(gconstpointer a, gconstpointer b)
{
	return strcmp(((const struct value *)a)->field, ((const struct value *)b)->field);
}

/* The fields of a table at a stack index, in the order of their names; texts are the table's. */
static void take_row(lua_State *L, int index, struct values *values)
{
	values->n = 0;
	luaL_checktype(L, index, LUA_TTABLE);
	for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
		struct value value = {0};

		if (lua_type(L, -2) != LUA_TSTRING)
			continue;
		value.field = lua_tostring(L, -2);
		if (lua_type(L, -1) == LUA_TSTRING) {
			value.kind = PACKETS_TEXT;
			value.text = lua_tostring(L, -1);
		} else if (lua_isboolean(L, -1)) {
			value.kind = PACKETS_BOOL;
			value.number = lua_toboolean(L, -1);
		} else if (lua_isinteger(L, -1)) {
			value.number = lua_tointeger(L, -1);
		} else {
			continue;
		}
		add_value(values, value);
	}
	qsort(values->list, values->n, sizeof(values->list[0]), compare_values);
}

static const struct value *find(const struct values *values, const char *field)
{
	for (size_t i = 0; field && i < values->n; i++)
		if (strcmp(values->list[i].field, field) == 0)
			return &values->list[i];
	return NULL;
}

static int64_t number_of(const struct values *values, const char *field)
{
	const struct value *value = find(values, field);

	return value && value->kind != PACKETS_TEXT ? value->number : VALUE_ABSENT;
}

static const char *text_of(const struct values *values, const char *field)
{
	const struct value *value = find(values, field);

	return value && value->kind == PACKETS_TEXT ? value->text : NULL;
}

/* ---- What a script says ---- */

/* Names of fields, kept for ever (g_intern_string()). */
struct parts {
	const char *fields[PARTS_MAX];
	unsigned int n;
};

struct object {
	struct timeline *timeline;
	struct tracks *tracks; /* below the title; NULL: there is none */
	bool of_thread; /* slices are on the tracks of threads, and there if that is not known */
	const char *title, *by;
	struct parts name, from, to;
	unsigned int n; /* fields that a collect gives */
	uint64_t drawn; /* how many slices, or values */
	/* Of counters: */
	const char *value, *add, *less, *rate;
	enum packets_unit unit;
	const char *unit_name;
	int64_t every; /* ns that a rate is made for, or between values; 0: all are told */
};

static bool has_part(const struct parts *parts, const char *field)
{
	for (unsigned int i = 0; i < parts->n; i++)
		if (strcmp(parts->fields[i], field) == 0)
			return true;
	return false;
}

/* Reads a name of a field, or a list of such, in the table at index 2. */
static struct parts read_parts(lua_State *L, const char *key)
{
	struct parts parts = {0};

	if (lua_getfield(L, 2, key) == LUA_TSTRING) {
		parts.fields[parts.n++] = g_intern_string(lua_tostring(L, -1));
	} else if (lua_istable(L, -1)) {
		for (lua_Integer i = 1; lua_geti(L, -1, i) == LUA_TSTRING; i++) {
			if (parts.n == PARTS_MAX)
				luaL_error(L, "'%s' has too many fields", key);
			parts.fields[parts.n++] = g_intern_string(lua_tostring(L, -1));
			lua_pop(L, 1);
		}
		lua_pop(L, 1);
	} else if (!lua_isnil(L, -1)) {
		luaL_error(L, "'%s' must be the name of a field, or a list of such", key);
	}
	lua_pop(L, 1);
	return parts;
}

static const char *read_text(lua_State *L, const char *key)
{
	const char *text;

	lua_getfield(L, 2, key);
	text = luaL_opt(L, luaL_checkstring, -1, NULL);
	text = text ? g_intern_string(text) : NULL;
	lua_pop(L, 1);
	return text;
}

static bool read_flag(lua_State *L, const char *key)
{
	bool flag;

	lua_getfield(L, 2, key);
	flag = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return flag;
}

/* Keys that there are; others are mistakes. */
static void check_keys(lua_State *L, const char *const *known)
{
	for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1)) {
		bool is_known = lua_type(L, -2) == LUA_TNUMBER;

		for (size_t i = 0; known[i] && lua_type(L, -2) == LUA_TSTRING; i++)
			is_known = is_known || strcmp(known[i], lua_tostring(L, -2)) == 0;
		if (!is_known)
			luaL_error(L, "a track has no '%s'", luaL_tolstring(L, -2, NULL));
	}
}

/* Pushes a new object whose table is at index 2. */
static struct object *new_object(lua_State *L, const struct object_type *type)
{
	struct timeline *timeline = timeline_check(L, 1);
	struct object *object;

	luaL_checktype(L, 2, LUA_TTABLE);
	object = object_new(L, type, sizeof(*object), TIMELINE_KEPT);
	object->timeline = timeline;
	lua_pushvalue(L, 1);
	lua_setiuservalue(L, -2, TIMELINE_KEPT);
	if (lua_geti(L, 2, 1) == LUA_TSTRING)
		object->title = g_intern_string(lua_tostring(L, -1));
	lua_pop(L, 1);
	object->by = read_text(L, "by");
	return object;
}

static const char *attach(
	lua_State *L, int index, const struct collected_field *fields, unsigned int n)
{
	struct object *object = lua_touserdata(L, index);
	bool has_time = false;

	for (unsigned int i = 0; i < n; i++)
		has_time = has_time ||
			   (strcmp(fields[i].name, "time") == 0 && fields[i].kind == COLLECTED_INT);
	object->n = n;
	return has_time ? NULL : "a timeline takes 'time'";
}

/* ---- Drawing ---- */

/* Writes what a value looks like in a name; returns how long that would be. */
static int write_value(char *to, size_t room, const struct value *value)
{
	if (value->kind == PACKETS_TEXT)
		return g_snprintf(to, room, "%s", value->text);
	/* Numbers of CPUs say what they are. */
	return g_snprintf(to, room, "%s%" G_GINT64_FORMAT,
		strcmp(value->field, "cpu") == 0 ? "CPU " : "", value->number);
}

/* The name of a slice: its fields, as far as there are any; one text stays where it is. */
static const char *name_of(const struct object *object, const struct values *values, char *room)
{
	const struct value *only =
		object->name.n == 1 ? find(values, object->name.fields[0]) : NULL;
	size_t at = 0;

	if (only && only->kind == PACKETS_TEXT)
		return only->text;
	for (unsigned int i = 0; i < object->name.n && at < NAME_MAX_BYTES; i++) {
		const struct value *value = find(values, object->name.fields[i]);

		if (!value)
			continue;
		if (at > 0)
			room[at++] = ' ';
		at += (size_t)write_value(&room[at], NAME_MAX_BYTES - at, value);
	}
	return at > 0 ? room : object->title ? object->title : "(no name)";
}

/* The track below the title that an event is on; NULL: the title's own. */
static const char *key_of(const struct object *object, const struct values *values, char *room)
{
	const struct value *value = find(values, object->by);

	if (!object->by)
		return NULL;
	if (!value)
		return "(none)";
	if (value->kind == PACKETS_TEXT)
		return value->text;
	write_value(room, NAME_MAX_BYTES, value);
	return room;
}

/* The number of an arrow: of the values of its fields; 0 if it has none, or not all are there. */
static uint64_t arrow_of(const struct parts *parts, const struct values *values)
{
	uint64_t hash = 0;

	for (unsigned int i = 0; i < parts->n; i++) {
		const struct value *value = find(values, parts->fields[i]);
		uint64_t word;

		if (!value)
			return 0;
		word = (uint64_t)value->number;
		/* No seed: the same trace gives the same file. */
		for (const char *c = value->text; value->kind == PACKETS_TEXT && *c; c++)
			word = hash_mix(word, (unsigned char)*c);
		hash = hash_mix(hash, word);
	}
	return hash;
}

/* Fields that say which thread it is. */
static bool is_of_thread(const char *field)
{
	static const char *const fields[] = {"tid", "pid", "utid", "procname", "process"};

	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
		if (strcmp(fields[i], field) == 0)
			return true;
	return false;
}

static bool is_argument(const struct object *object, const char *field)
{
	static const char *const others[] = {"begin", "time", "open"};

	for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
		if (strcmp(others[i], field) == 0)
			return false;
	/* A name of several parts has them as texts: as numbers they can be looked for. */
	return !(object->name.n == 1 && has_part(&object->name, field)) &&
	       (!object->by || strcmp(object->by, field) != 0) &&
	       !(object->of_thread && is_of_thread(field));
}

static size_t arguments_of(
	const struct object *object, const struct values *values, struct packets_arg *args)
{
	size_t n = 0;

	for (size_t i = 0; i < values->n; i++) {
		const struct value *value = &values->list[i];

		if (is_argument(object, value->field))
			args[n++] = (struct packets_arg){
				value->field, value->kind, value->number, value->text, false};
	}
	return n;
}

/* The track of the thread that an event is of; 0 if there is none. */
static uint64_t thread_track(const struct object *object, const struct values *values, int64_t time)
{
	struct threads_seen seen = {.time = time,
		.tid = number_of(values, "tid"),
		.pid = number_of(values, "pid"),
		.utid = number_of(values, "utid"),
		.procname = text_of(values, "procname"),
		.process = text_of(values, "process")};

	return threads_track(object->timeline->threads, &seen);
}

static void draw_slice(struct object *object, const struct values *values)
{
	char name[NAME_MAX_BYTES], key[NAME_MAX_BYTES];
	struct packets_arg args[FIELDS_MAX];
	int64_t time = number_of(values, "time"), begin = number_of(values, "begin");
	bool open = number_of(values, "open") == 1, instant = begin == VALUE_ABSENT;
	struct packets_event event = {.args = args};

	if (time == VALUE_ABSENT)
		return;
	event.time = instant ? time : begin;
	if (object->of_thread)
		event.track = thread_track(object, values, event.time);
	if (!event.track && object->tracks)
		event.track = tracks_lane(object->tracks, key_of(object, values, key), event.time,
			open ? INT64_MAX : time);
	if (!event.track)
		return;
	event.type = instant ? PACKETS_INSTANT : PACKETS_BEGIN;
	event.name = name_of(object, values, name);
	event.n_args = arguments_of(object, values, args);
	event.arrow_from = arrow_of(&object->from, values);
	event.arrow_to = arrow_of(&object->to, values);
	packets_event(object->timeline->packets, &event);
	if (!instant && !open)
		packets_event(object->timeline->packets,
			&(struct packets_event){
				.time = time, .type = PACKETS_END, .track = event.track});
	object->drawn++;
}

static void feed_slices(lua_State *L, void *data, int ref, const struct collected_event *event)
{
	struct object *object = data;
	struct values values;

	(void)ref;
	timeline_check_written(L, object->timeline);
	take_values(&values, event, object->n);
	draw_slice(object, &values);
}

static const struct collector_type slices_collector = {
	.attach = attach, .add = feed_slices, .by_name = true};
static const struct object_type slices_type, counter_type; /* below */

static struct object *check_slices(lua_State *L)
{
	struct object *object = object_check(L, 1, &slices_type);

	timeline_check_written(L, object->timeline);
	return object;
}

/* slices:add { begin =, time =, ... }: draws one, with these fields */
static int slices_add(lua_State *L)
{
	struct object *object = check_slices(L);
	struct values values;

	take_row(L, 2, &values);
	draw_slice(object, &values);
	return 0;
}

/* slices:drawn() -> how many there are so far */
static int slices_drawn(lua_State *L)
{
	struct object *object = object_check(L, 1, &slices_type);

	lua_pushinteger(L, (lua_Integer)object->drawn);
	return 1;
}

static int slices_gc(lua_State *L)
{
	struct object *object = object_check(L, 1, &slices_type);

	tracks_free(object->tracks);
	object->tracks = NULL;
	return 0;
}

static const luaL_Reg slices_methods[] = {
	{"add", slices_add},
	{"drawn", slices_drawn},
	{NULL, NULL},
};
static const struct object_type slices_type = {.name = "lttnga.timeline_slices",
	.methods = slices_methods,
	.gc = slices_gc,
	.collector = &slices_collector};

/*
 * timeline:slices { TITLE, by =, name =, thread =, from =, to = } -> an object that a `collect` feeds: slices
 * below the title, on a track for each value of the field `by`; with thread = true on the tracks of threads, and
 * below the title, if there is one, where it is not known which thread that is; called as the field `name` says,
 * or several; with arrows from and to them, of the values of fields
 */
int timeline_slices(lua_State *L)
{
	static const char *const known[] = {"by", "name", "thread", "from", "to", NULL};
	struct object *object = new_object(L, &slices_type);

	check_keys(L, known);
	object->name = read_parts(L, "name");
	object->from = read_parts(L, "from");
	object->to = read_parts(L, "to");
	object->of_thread = read_flag(L, "thread");
	luaL_argcheck(L, object->title || object->of_thread, 2, "a track needs a title");
	if (object->title) {
		object->tracks = tracks_new(
			object->timeline->packets, &object->timeline->tracks, object->title);
	}
	return 1;
}

/* ---- Counters ---- */

static void put_value(
	struct object *object, const struct counter *counter, int64_t time, int64_t value)
{
	packets_event(object->timeline->packets, &(struct packets_event){.time = time,
							 .type = PACKETS_VALUE,
							 .track = counter->number,
							 .value = value});
	object->drawn++;
}

/* What has come per second in the interval that is over: `value` of the counter. */
static void put_rate(struct object *object, struct counter *counter)
{
	double rate = (double)counter->value * 1e9 / (double)object->every;

	/* The first one is not told for before there was anything. */
	put_value(object, counter, MAX(counter->since, counter->first),
		rate < (double)INT64_MAX ? (int64_t)rate : INT64_MAX);
	counter->value = 0;
}

/* The interval that a time is in, by its begin. */
static void count_rate(struct object *object, struct counter *counter, int64_t time, int64_t value)
{
	int64_t since = time_span(time % object->every, time);

	if (!counter->is_told)
		counter->first = time;
	counter->is_told = true;
	if (counter->value > 0 && since > counter->since) {
		put_rate(object, counter);
		if (since > time_later(counter->since, object->every))
			put_value(object, counter, counter->since + object->every, 0);
	}
	counter->since = MAX(since, counter->since);
	counter->value = time_sum(counter->value, value);
}

/* How much an event changes a sum; VALUE_ABSENT if it does not. */
static int64_t change_of(const struct object *object, const struct values *values)
{
	int64_t more = number_of(values, object->add), less = number_of(values, object->less);

	if (more == VALUE_ABSENT && less == VALUE_ABSENT)
		return VALUE_ABSENT;
	return time_span(less == VALUE_ABSENT ? 0 : less, more == VALUE_ABSENT ? 0 : more);
}

/* The value that was held back is told. */
static void tell_held(struct object *object, struct counter *counter)
{
	if (counter->is_held)
		put_value(object, counter, counter->held, counter->value);
	counter->is_held = false;
}

/* A new value; of those that come too fast, the last one of each interval is told. */
static void set_value(struct object *object, struct counter *counter, int64_t time, int64_t value)
{
	if (object->every > 0 && counter->is_told &&
		time_span(counter->since, time) < object->every) {
		counter->value = value;
		counter->held = time;
		counter->is_held = true;
		return;
	}
	tell_held(object, counter);
	counter->value = value;
	counter->since = time;
	counter->is_told = true;
	put_value(object, counter, time, value);
}

static void draw_value(struct object *object, const struct values *values)
{
	char key[NAME_MAX_BYTES];
	int64_t time = number_of(values, "time"), value;
	struct counter *counter;

	if (object->add)
		value = change_of(object, values);
	else
		value = number_of(values, object->value ? object->value : object->rate);
	if (time == VALUE_ABSENT || value == VALUE_ABSENT)
		return;
	counter = tracks_counter(
		object->tracks, key_of(object, values, key), object->unit, object->unit_name);
	if (object->rate)
		count_rate(object, counter, time, value);
	else
		set_value(object, counter, time,
			object->add ? time_sum(counter->value, value) : value);
}

static void feed_counter(lua_State *L, void *data, int ref, const struct collected_event *event)
{
	struct object *object = data;
	struct values values;

	(void)ref;
	timeline_check_written(L, object->timeline);
	take_values(&values, event, object->n);
	draw_value(object, &values);
}

static const struct collector_type counter_collector = {
	.attach = attach, .add = feed_counter, .by_name = true};

/* No more will come. */
static void end_counter(void *data, struct counter *counter)
{
	struct object *object = data;

	if (!object->rate) {
		tell_held(object, counter);
	} else if (counter->value > 0) {
		put_rate(object, counter);
		put_value(object, counter,
			MIN(time_later(counter->since, object->every), object->timeline->end), 0);
	}
}

void timeline_end_counters(struct timeline *timeline)
{
	for (guint i = 0; i < timeline->counters->len; i++) {
		struct object *object = g_ptr_array_index(timeline->counters, i);

		tracks_each_counter(object->tracks, end_counter, object);
	}
}

/* counter:add { time =, ... }: one value, with these fields */
static int counter_add(lua_State *L)
{
	struct object *object = object_check(L, 1, &counter_type);
	struct values values;

	timeline_check_written(L, object->timeline);
	take_row(L, 2, &values);
	draw_value(object, &values);
	return 0;
}

static int counter_drawn(lua_State *L)
{
	struct object *object = object_check(L, 1, &counter_type);

	lua_pushinteger(L, (lua_Integer)object->drawn);
	return 1;
}

static int counter_gc(lua_State *L)
{
	struct object *object = object_check(L, 1, &counter_type);

	/* The timeline may be gone already, when all ends. */
	if (object->timeline->counters)
		g_ptr_array_remove_fast(object->timeline->counters, object);
	tracks_free(object->tracks);
	object->tracks = NULL;
	return 0;
}

static const luaL_Reg counter_methods[] = {
	{"add", counter_add},
	{"drawn", counter_drawn},
	{NULL, NULL},
};
static const struct object_type counter_type = {.name = "lttnga.timeline_counter",
	.methods = counter_methods,
	.gc = counter_gc,
	.collector = &counter_collector};

/* How often rates are told, ns, if the script does not say that. */
#define RATES_EVERY 100000000

/*
 * timeline:counter { TITLE, by =, value =, add =, less =, rate =, every =, unit = } -> an object that a `collect`
 * feeds: counters below the title, one for each value of the field `by`; of the field `value` as it is, or what
 * the fields `add` come to, without the fields `less`, or how much of the field `rate` there is per second.
 * Rates are told for intervals of `every` ns, other values not more often than twice in one; `unit` is "bytes",
 * "count", "ns", or something else
 */
int timeline_counter(lua_State *L)
{
	static const char *const known[] = {
		"by", "value", "add", "less", "rate", "every", "unit", NULL};
	struct object *object = new_object(L, &counter_type);
	const char *unit = read_text(L, "unit");

	check_keys(L, known);
	luaL_argcheck(L, object->title, 2, "a counter needs a title");
	object->value = read_text(L, "value");
	object->add = read_text(L, "add");
	object->less = read_text(L, "less");
	object->rate = read_text(L, "rate");
	lua_getfield(L, 2, "every");
	object->every = luaL_optinteger(L, -1, object->rate ? RATES_EVERY : 0);
	lua_pop(L, 1);
	luaL_argcheck(L, object->every > 0 || (!object->rate && object->every == 0), 2,
		"`every` must be above 0");
	luaL_argcheck(L, !!object->value + !!object->add + !!object->rate == 1, 2,
		"a counter needs `value`, `add` or `rate`");
	if (g_strcmp0(unit, "bytes") == 0)
		object->unit = PACKETS_BYTES;
	else if (g_strcmp0(unit, "count") == 0)
		object->unit = PACKETS_COUNT;
	else if (g_strcmp0(unit, "ns") == 0)
		object->unit = PACKETS_NS;
	else
		object->unit_name = unit;
	object->tracks =
		tracks_new(object->timeline->packets, &object->timeline->tracks, object->title);
	g_ptr_array_add(object->timeline->counters, object);
	return 1;
}
