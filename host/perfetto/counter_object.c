/*
 * Counters of a timeline: of any event, as a script says.
 *
 *     w.dirty = timeline:counter { "Dirty pages", value = "dirty", unit = "bytes" }
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/perfetto/drawn.h"

static const struct object_type counter_type; /* below */

/* The name of the field `time`, kept once. */
static const char *time_name;

static void put_value(
	struct drawn *object, const struct counter *counter, int64_t time, int64_t value)
{
	packets_event(object->timeline->packets, &(struct packets_event){.time = time,
							 .type = PACKETS_VALUE,
							 .track = counter->number,
							 .value = value});
	object->drawn++;
}

/* What has come per second in the interval that is over: `value` of the counter. */
static void put_rate(struct drawn *object, struct counter *counter)
{
	double rate = (double)counter->value * 1e9 / (double)object->every;

	/* The first one is not told for before there was anything. */
	put_value(object, counter, MAX(counter->since, counter->first),
		rate < (double)INT64_MAX ? (int64_t)rate : INT64_MAX);
	counter->value = 0;
}

/* The interval that a time is in, by its begin. */
static void count_rate(struct drawn *object, struct counter *counter, int64_t time, int64_t value)
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
static int64_t change_of(const struct drawn *object, const struct values *values)
{
	int64_t more = drawn_number(values, object->add), less = drawn_number(values, object->less);

	if (more == VALUE_ABSENT && less == VALUE_ABSENT)
		return VALUE_ABSENT;
	return time_span(less == VALUE_ABSENT ? 0 : less, more == VALUE_ABSENT ? 0 : more);
}

/* The value that was held back is told. */
static void tell_held(struct drawn *object, struct counter *counter)
{
	if (counter->is_held)
		put_value(object, counter, counter->held, counter->value);
	counter->is_held = false;
}

/* A new value; of those that come too fast, the last one of each interval is told. */
static void set_value(struct drawn *object, struct counter *counter, int64_t time, int64_t value)
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

static void draw_value(struct drawn *object, const struct values *values)
{
	char key[NAME_MAX_BYTES];
	int64_t time = drawn_number(values, time_name), value;
	struct counter *counter;

	if (object->add)
		value = change_of(object, values);
	else
		value = drawn_number(values, object->value ? object->value : object->rate);
	if (time == VALUE_ABSENT || value == VALUE_ABSENT)
		return;
	counter = tracks_counter(
		object->tracks, drawn_key(object, values, key), object->unit, object->unit_name);
	if (object->rate)
		count_rate(object, counter, time, value);
	else
		set_value(object, counter, time,
			object->add ? time_sum(counter->value, value) : value);
}

static void feed_counter(lua_State *L, void *data, int ref, const struct collected_event *event)
{
	struct drawn *object = data;
	struct values values;

	(void)ref;
	timeline_check_written(L, object->timeline);
	drawn_take(&values, object, event);
	draw_value(object, &values);
}

static const struct collector_type counter_collector = {
	.attach = drawn_attach, .add = feed_counter, .by_name = true};

/* No more will come. */
static void end_counter(void *data, struct counter *counter)
{
	struct drawn *object = data;

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
		struct drawn *object = g_ptr_array_index(timeline->counters, i);

		tracks_each_counter(object->tracks, end_counter, object);
	}
}

/* counter:add(row: table); draws a value: `time`, and other fields */
static int counter_add(lua_State *L)
{
	struct drawn *object = object_check(L, 1, &counter_type);
	struct values values;

	timeline_check_written(L, object->timeline);
	drawn_take_row(L, 2, &values);
	draw_value(object, &values);
	return 0;
}

/* counter:drawn() -> integer; how many values were drawn */
static int counter_drawn(lua_State *L)
{
	struct drawn *object = object_check(L, 1, &counter_type);

	lua_pushinteger(L, (lua_Integer)object->drawn);
	return 1;
}

static int counter_gc(lua_State *L)
{
	struct drawn *object = object_check(L, 1, &counter_type);

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
 * timeline:counter(spec: table) -> lttnga.Counter; an object for a `collect`: a counter below a
 * title, `{ TITLE, by =, value =, add =, less =, rate =, every =, unit = }`, see
 * docs/timeline.md. There is a counter below the title for each value of the field `by`. It shows
 * the field `value` as it is, or the sum of the fields `add` minus that of the fields `less`, or
 * the field `rate` per second. Rates are written every `every` ns, other values at most twice in
 * that time. `unit` is "bytes", "count", "ns", or a text of your own.
 */
int timeline_counter(lua_State *L)
{
	static const char *const known[] = {
		"by", "value", "add", "less", "rate", "every", "unit", NULL};
	struct drawn *object = drawn_new(L, &counter_type);
	const char *unit = drawn_read_text(L, "unit");

	time_name = g_intern_static_string("time");
	drawn_check_keys(L, known);
	luaL_argcheck(L, object->title, 2, "a counter needs a title");
	object->value = drawn_read_text(L, "value");
	object->add = drawn_read_text(L, "add");
	object->less = drawn_read_text(L, "less");
	object->rate = drawn_read_text(L, "rate");
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
