/*
 * Culprits: who had a CPU while others waited for it.
 *
 * Each CPU has a ring of its last slices, one right after the other. A wait is told when it ends: what of it is in
 * the ring is shared out by going back through that; what is before the oldest slice is nobody's any more
 * (OTHERS). What is behind the newest slice, where the thread was moved to another CPU in the middle of it, hangs until the
 * next slice comes, which covers it: slices come in the order of their ends, and so do waits. So a wait hangs
 * once at most, and costs as many steps as there are slices in it, of SLICES_MAX at most.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/accumulate/culprits.h"

#include "host/lua/collector.h"
#include "host/lua/object.h"
#include "state/hash.h"
#include "state/process.h"
#include "state/record.h"

#include <string.h>

/* So many slices of a CPU are remembered; there is room for so many at first. */
#define SLICES_MAX   1024
#define SLICES_FIRST 16

/* So many waits of a CPU that nothing covers yet are kept. */
#define HANGING_MAX (1 << 18)

/* So many pairs are kept; what comes then counts as OTHERS of its victim. */
#define PAIRS_MAX (1 << 18)

/* Culprits that are no threads. */
enum { IDLE = 0, UNKNOWN = -1, OTHERS = -2 };

struct slice {
	int64_t end; /* ns; it begins where the one before it ends */
	int64_t culprit;
};

struct wait {
	int64_t victim, begin, end;
};

struct place {
	struct slice *ring; /* NULL: nothing came yet */
	unsigned int first, n, room;
	bool forgot;        /* there were slices before the oldest one */
	int64_t begin, end; /* of the oldest slice, and of the newest one, ns */
	GArray *hanging;    /* struct wait, or NULL; all of them are behind `end` */
};

struct pair {
	int64_t victim, culprit, time;
};

/* The fields that it takes, by their numbers. */
enum field { CPU, BEGIN, TIME, VICTIM, CULPRIT, BUSY, FIELDS };

static const char *const names[FIELDS] = {"cpu", "begin", "time", "victim", "culprit", "busy"};

struct culprits {
	GArray *places;  /* struct place, by CPU */
	GArray *pairs;   /* struct pair */
	uint32_t *slots; /* number of a pair + 1, or 0; found by hash, then one after the other */
	size_t n_slots;  /* a power of 2, or 0 */
	int64_t least;   /* shorter times are left out, ns */
	unsigned int fields[FIELDS];
};

static const struct object_type culprits_type; /* below */

static struct culprits *check_culprits(lua_State *L)
{
	return object_check(L, 1, &culprits_type);
}

int culprits_new(lua_State *L)
{
	int64_t least = luaL_optinteger(L, 1, 0);
	struct culprits *culprits = object_new(L, &culprits_type, sizeof(*culprits), 0);

	culprits->least = least;
	culprits->places = g_array_new(FALSE, TRUE, sizeof(struct place));
	culprits->pairs = g_array_new(FALSE, FALSE, sizeof(struct pair));
	return 1;
}

static int culprits_gc(lua_State *L)
{
	struct culprits *culprits = check_culprits(L);

	for (guint i = 0; culprits->places && i < culprits->places->len; i++) {
		struct place *place = &g_array_index(culprits->places, struct place, i);

		g_free(place->ring);
		if (place->hanging)
			g_array_unref(place->hanging);
	}
	g_clear_pointer(&culprits->places, g_array_unref);
	g_clear_pointer(&culprits->pairs, g_array_unref);
	g_clear_pointer(&culprits->slots, g_free);
	return 0;
}

/* ---- Pairs ---- */

static struct pair *pair_at(const struct culprits *culprits, guint i)
{
	return &g_array_index(culprits->pairs, struct pair, i);
}

/* The slot of a pair; it is 0 if there is no such pair. */
static uint32_t *slot_of(const struct culprits *culprits, int64_t victim, int64_t culprit)
{
	uint64_t hash = hash_mix(hash_mix(hash_seed, (uint64_t)victim), (uint64_t)culprit);
	const struct pair *pair;
	uint32_t *slot;

	for (size_t i = hash;; i++) {
		slot = &culprits->slots[i & (culprits->n_slots - 1)];
		if (*slot == 0)
			return slot;
		pair = pair_at(culprits, *slot - 1);
		if (pair->victim == victim && pair->culprit == culprit)
			return slot;
	}
}

/* Makes room for one pair more: at least half of the slots are free. */
static void make_room(struct culprits *culprits)
{
	if (2 * ((size_t)culprits->pairs->len + 1) <= culprits->n_slots)
		return;
	g_free(culprits->slots);
	culprits->n_slots = MAX(64, 2 * culprits->n_slots);
	culprits->slots = g_new0(uint32_t, culprits->n_slots);
	for (guint i = 0; i < culprits->pairs->len; i++) {
		const struct pair *pair = pair_at(culprits, i);

		*slot_of(culprits, pair->victim, pair->culprit) = i + 1;
	}
}

static void blame(struct culprits *culprits, int64_t victim, int64_t culprit, int64_t time)
{
	uint32_t *slot;
	struct pair *pair;

	if (time < culprits->least)
		return;
	make_room(culprits);
	slot = slot_of(culprits, victim, culprit);
	/* There are not more victims than threads. */
	if (*slot == 0 && culprits->pairs->len >= PAIRS_MAX && culprit != OTHERS) {
		blame(culprits, victim, OTHERS, time);
		return;
	}
	if (*slot == 0) {
		g_array_append_vals(culprits->pairs, &(struct pair){victim, culprit, 0}, 1);
		*slot = culprits->pairs->len;
	}
	pair = pair_at(culprits, *slot - 1);
	pair->time = time_sum(pair->time, time);
}

/* ---- Slices and waits ---- */

static struct place *place_at(struct culprits *culprits, int64_t cpu)
{
	if (cpu < 0 || cpu >= CPU_MAX)
		return NULL;
	if ((guint)cpu >= culprits->places->len)
		g_array_set_size(culprits->places, (guint)cpu + 1);
	return &g_array_index(culprits->places, struct place, cpu);
}

static struct slice *slice_at(const struct place *place, unsigned int i)
{
	return &place->ring[(place->first + i) % place->room];
}

static void add_slice(struct place *place, int64_t end, int64_t culprit)
{
	if (place->n == place->room && place->room < SLICES_MAX) {
		place->room = MAX(2 * place->room, SLICES_FIRST);
		place->ring = g_renew(struct slice, place->ring, place->room);
	} else if (place->n == place->room) {
		place->forgot = true;
		place->begin = slice_at(place, 0)->end;
		place->first = (place->first + 1) % place->room;
		place->n--;
	}
	*slice_at(place, place->n++) = (struct slice){end, culprit};
	place->end = end;
}

/* Shares a wait out that is not behind the newest slice. */
static void share_out(struct culprits *culprits, const struct place *place, const struct wait *wait)
{
	int64_t end = wait->end, begin, begin_of;

	for (unsigned int i = place->n; i > 0 && end > wait->begin; i--) {
		begin_of = i > 1 ? slice_at(place, i - 2)->end : place->begin;
		begin = MAX(begin_of, wait->begin);
		if (begin >= end)
			continue;
		blame(culprits, wait->victim, slice_at(place, i - 1)->culprit,
			time_span(begin, end));
		end = begin;
	}
	/* Before the first slice nobody knows who ran; before the oldest one, nobody remembers. */
	if (end > wait->begin)
		blame(culprits, wait->victim, place->forgot ? OTHERS : UNKNOWN,
			time_span(wait->begin, end));
}

/* The waits that hang over the end of the slice before the newest one are covered by that. */
static void cover(struct culprits *culprits, struct place *place)
{
	guint n = 0;

	for (guint i = 0; place->hanging && i < place->hanging->len; i++) {
		struct wait wait = g_array_index(place->hanging, struct wait, i), rest = wait;

		wait.end = MIN(wait.end, place->end);
		share_out(culprits, place, &wait);
		rest.begin = MAX(wait.begin, place->end);
		if (rest.begin < rest.end)
			g_array_index(place->hanging, struct wait, n++) = rest;
	}
	if (place->hanging)
		g_array_set_size(place->hanging, n);
}

static void take_slice(
	struct culprits *culprits, struct place *place, int64_t begin, int64_t end, int64_t culprit)
{
	if (!place->ring)
		place->begin = place->end = begin;
	if (begin > place->end)
		add_slice(place, begin, UNKNOWN);
	if (end <= place->end)
		return;
	add_slice(place, end, culprit);
	cover(culprits, place);
}

static void take_wait(struct culprits *culprits, struct place *place, struct wait wait)
{
	struct wait known = wait;

	if (!place) {
		blame(culprits, wait.victim, UNKNOWN, time_span(wait.begin, wait.end));
		return;
	}
	if (place->ring) {
		known.end = MIN(wait.end, place->end);
		if (known.begin < known.end)
			share_out(culprits, place, &known);
		wait.begin = MAX(wait.begin, place->end);
	}
	if (wait.begin >= wait.end)
		return;
	if (place->hanging && place->hanging->len == HANGING_MAX) {
		blame(culprits, wait.victim, UNKNOWN, time_span(wait.begin, wait.end));
		return;
	}
	if (!place->hanging)
		place->hanging = g_array_new(FALSE, FALSE, sizeof(struct wait));
	g_array_append_val(place->hanging, wait);
}

/* ---- As a collector ---- */

static const char *attach(
	lua_State *L, int index, const struct collected_field *fields, unsigned int n)
{
	struct culprits *culprits = lua_touserdata(L, index);

	for (unsigned int f = 0; f < FIELDS; f++) {
		unsigned int i = 0;

		while (i < n &&
			(strcmp(fields[i].name, names[f]) != 0 || fields[i].kind == COLLECTED_TEXT))
			i++;
		if (i == n)
			return "culprits expect the numeric fields cpu, begin and time, for slices also "
			       "culprit and busy, for waits also victim";
		culprits->fields[f] = i;
	}
	return NULL;
}

static void add(lua_State *L, void *object, int ref, const struct collected_event *event)
{
	struct culprits *culprits = object;
	int64_t of[FIELDS];
	struct place *place;

	(void)L;
	(void)ref;
	for (unsigned int f = 0; f < FIELDS; f++)
		of[f] = collected_number(event, culprits->fields[f]);
	if (of[BEGIN] == VALUE_ABSENT || of[TIME] == VALUE_ABSENT || of[BEGIN] >= of[TIME])
		return;
	place = place_at(culprits, of[CPU]);
	if (of[VICTIM] != VALUE_ABSENT)
		take_wait(culprits, place, (struct wait){of[VICTIM], of[BEGIN], of[TIME]});
	else if (place && of[BUSY] == 0)
		take_slice(culprits, place, of[BEGIN], of[TIME], IDLE);
	else if (place && of[BUSY] == 1 && of[CULPRIT] > 0)
		take_slice(culprits, place, of[BEGIN], of[TIME], of[CULPRIT]);
	else if (place)
		take_slice(culprits, place, of[BEGIN], of[TIME], UNKNOWN);
}

/* ---- For Lua ---- */

/* What still hangs will not be covered any more. */
static void settle(struct culprits *culprits)
{
	for (guint i = 0; i < culprits->places->len; i++) {
		GArray *hanging = g_array_index(culprits->places, struct place, i).hanging;

		for (guint k = 0; hanging && k < hanging->len; k++) {
			const struct wait *wait = &g_array_index(hanging, struct wait, k);

			blame(culprits, wait->victim, UNKNOWN, time_span(wait->begin, wait->end));
		}
		if (hanging)
			g_array_set_size(hanging, 0);
	}
}

static void push_culprit(lua_State *L, int64_t culprit)
{
	if (culprit == IDLE)
		lua_pushliteral(L, "idle");
	else if (culprit == UNKNOWN)
		lua_pushliteral(L, "unknown");
	else if (culprit == OTHERS)
		lua_pushliteral(L, "others");
	else
		lua_pushinteger(L, culprit);
}

/* The iterator of each(): its upvalues are the object, and the next pair. */
static int next_pair(lua_State *L)
{
	struct culprits *culprits = luaL_checkudata(L, lua_upvalueindex(1), culprits_type.name);
	guint i = (guint)lua_tointeger(L, lua_upvalueindex(2));
	const struct pair *pair;

	if (i >= culprits->pairs->len)
		return 0;
	pair = pair_at(culprits, i);
	lua_pushinteger(L, (lua_Integer)i + 1);
	lua_replace(L, lua_upvalueindex(2));
	lua_pushinteger(L, pair->victim);
	push_culprit(L, pair->culprit);
	lua_pushinteger(L, pair->time);
	return 3;
}

/*
 * culprits:each() -> fun(): integer?, integer|string, integer; an iterator: `utid` of the
 * thread that waited; `utid` of the one that ran meanwhile, or `idle`, `unknown` or `others`;
 * for how long (ns)
 */
static int each(lua_State *L)
{
	settle(check_culprits(L));
	lua_settop(L, 1);
	lua_pushinteger(L, 0);
	lua_pushcclosure(L, next_pair, 2);
	return 1;
}

static const struct collector_type collector = {.attach = attach, .add = add, .by_name = true};

static const luaL_Reg methods[] = {
	{"each", each},
	{NULL, NULL},
};

static const struct object_type culprits_type = {
	.name = "lttnga.culprits", .methods = methods, .gc = culprits_gc, .collector = &collector};
