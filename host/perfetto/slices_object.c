/*
 * Slices of a timeline: of any event, as a script says.
 *
 *     w.disks = timeline:slices { "Disks", by = "disk", name = { "op", "size" } }
 *     w.calls = timeline:slices { thread = true, name = "name" }
 *
 * A slice lasts from the field `begin` to `time`; without `begin` it is an instant, and with `open` = true
 * it has no end. Fields that have no other use are told as its arguments.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/perfetto/drawn.h"
#include "state/hash.h"

/* Names of fields that have a use of their own, kept once. */
static struct {
	const char *time, *begin, *open, *tid, *pid, *utid, *procname, *process;
} names;

static void learn_names(void)
{
	names.time = g_intern_static_string("time");
	names.begin = g_intern_static_string("begin");
	names.open = g_intern_static_string("open");
	names.tid = g_intern_static_string("tid");
	names.pid = g_intern_static_string("pid");
	names.utid = g_intern_static_string("utid");
	names.procname = g_intern_static_string("procname");
	names.process = g_intern_static_string("process");
}

/* The name of a slice: its fields, as far as there are any; one text stays where it is. */
static const char *name_of(const struct drawn *object, const struct values *values, char *room)
{
	const struct value *only =
		object->name.n == 1 ? drawn_find(values, object->name.fields[0]) : NULL;
	size_t at = 0;

	if (only && only->kind == PACKETS_TEXT)
		return only->text;
	/* What is too long is cut; then, nothing fits behind it. */
	for (unsigned int i = 0; i < object->name.n && at + 1 < NAME_MAX_BYTES; i++) {
		const struct value *value = drawn_find(values, object->name.fields[i]);

		if (!value)
			continue;
		if (at > 0)
			room[at++] = ' ';
		at += (size_t)drawn_write(&room[at], NAME_MAX_BYTES - at, value);
	}
	return at > 0 ? room : object->title ? object->title : "(no name)";
}

/* The number of an arrow: of the values of its fields; 0 if it has none, or not all are there. */
static uint64_t arrow_of(const struct parts *parts, const struct values *values)
{
	uint64_t hash = 0;

	for (unsigned int i = 0; i < parts->n; i++) {
		const struct value *value = drawn_find(values, parts->fields[i]);
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
	return field == names.tid || field == names.pid || field == names.utid ||
	       field == names.procname || field == names.process;
}

static bool is_argument(const struct drawn *object, const char *field)
{
	if (field == names.begin || field == names.time || field == names.open)
		return false;
	/* A name of several parts has them as texts: as numbers they can be looked for. */
	return !(object->name.n == 1 && drawn_has_part(&object->name, field)) &&
	       (!object->by || object->by != field) && !(object->of_thread && is_of_thread(field));
}

static size_t arguments_of(
	const struct drawn *object, const struct values *values, struct packets_arg *args)
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
static uint64_t thread_track(const struct drawn *object, const struct values *values, int64_t time)
{
	struct threads_seen seen = {.time = time,
		.tid = drawn_number(values, names.tid),
		.pid = drawn_number(values, names.pid),
		.utid = drawn_number(values, names.utid),
		.procname = drawn_text(values, names.procname),
		.process = drawn_text(values, names.process)};

	return threads_track(object->timeline->threads, &seen);
}

static void draw_slice(struct drawn *object, const struct values *values)
{
	char name[NAME_MAX_BYTES], key[NAME_MAX_BYTES];
	struct packets_arg args[FIELDS_MAX];
	int64_t time = drawn_number(values, names.time), begin = drawn_number(values, names.begin);
	bool open = drawn_number(values, names.open) == 1, instant = begin == VALUE_ABSENT;
	struct packets_event event = {.args = args};

	if (time == VALUE_ABSENT)
		return;
	event.time = instant ? time : begin;
	if (object->of_thread)
		event.track = thread_track(object, values, event.time);
	if (!event.track && object->tracks)
		event.track = tracks_lane(object->tracks, drawn_key(object, values, key),
			event.time, open ? INT64_MAX : time);
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
	struct drawn *object = data;
	struct values values;

	(void)ref;
	timeline_check_written(L, object->timeline);
	drawn_take(&values, object, event);
	draw_slice(object, &values);
}

static const struct collector_type slices_collector = {
	.attach = drawn_attach, .add = feed_slices, .by_name = true};
static const struct object_type slices_type; /* below */

static struct drawn *check_slices(lua_State *L)
{
	struct drawn *object = object_check(L, 1, &slices_type);

	timeline_check_written(L, object->timeline);
	return object;
}

/* slices:add(row: table); draws a slice: `begin`, `time`, and other fields */
static int slices_add(lua_State *L)
{
	struct drawn *object = check_slices(L);
	struct values values;

	drawn_take_row(L, 2, &values);
	draw_slice(object, &values);
	return 0;
}

/* slices:drawn() -> integer; how many slices were drawn */
static int slices_drawn(lua_State *L)
{
	struct drawn *object = object_check(L, 1, &slices_type);

	lua_pushinteger(L, (lua_Integer)object->drawn);
	return 1;
}

static int slices_gc(lua_State *L)
{
	struct drawn *object = object_check(L, 1, &slices_type);

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
 * timeline:slices(spec: table) -> lttnga.Slices; an object for a `collect`: slices below a
 * title, `{ TITLE, by =, name =, thread =, from =, to = }`, see docs/timeline.md. Slices are drawn
 * below the title, on a track for each value of the field `by`; with `thread = true`, on the tracks
 * of threads, and below the title (if there is one) if the thread is not known. The field `name`,
 * or a list of fields, names them. Arrows connect slices in which the fields `from` and `to` have
 * the same values.
 */
int timeline_slices(lua_State *L)
{
	static const char *const known[] = {"by", "name", "thread", "from", "to", NULL};
	struct drawn *object = drawn_new(L, &slices_type);

	learn_names();
	drawn_check_keys(L, known);
	object->name = drawn_read_parts(L, "name");
	object->from = drawn_read_parts(L, "from");
	object->to = drawn_read_parts(L, "to");
	object->of_thread = drawn_read_flag(L, "thread");
	luaL_argcheck(L, object->title || object->of_thread, 2, "a track needs a title");
	if (object->title) {
		object->tracks = tracks_new(
			object->timeline->packets, &object->timeline->tracks, object->title);
	}
	return 1;
}
