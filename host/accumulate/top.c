/*
 * Top: the events with the largest numbers. Most events are too small to matter: they cost one
 * comparison.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/accumulate/top.h"

#include "host/accumulate/saved_form.h"
#include "host/lua/collector.h"
#include "host/lua/object.h"
#include "state/record.h"

#include <glib.h>
#include <string.h>

/* So many are as good as all. */
#define MANY 1000000000

/* How many fields there are at most. */
#define FIELDS_MAX 64

/* The fields that an object takes before those that are just kept. */
enum { KEY, NUMBER, LEAST_FIELDS };

struct entry {
	int64_t number;
	uint64_t order;
	union collected_value values[]; /* texts are copies */
};

/* The entries of one key: what is too small is thrown away many at a time. */
struct ranking {
	char *key;
	const char *address; /* of the last fixed text that was this key, or NULL */
	GPtrArray *entries;
	bool is_full;  /* there are `limit` entries that are not below `least` */
	int64_t least; /* what is not above it need not be kept */
};

struct top {
	GArray *fields; /* struct collected_field */
	size_t limit;   /* 0: keep all */
	GPtrArray *rankings;
	uint64_t order;
};

static const struct object_type top_type; /* below */

static struct top *check_top(lua_State *L)
{
	return object_check(L, 1, &top_type);
}

static void free_ranking(gpointer data)
{
	struct ranking *ranking = data;

	g_ptr_array_unref(ranking->entries);
	g_free(ranking->key);
	g_free(ranking);
}

int top_new(lua_State *L)
{
	lua_Integer limit = luaL_optinteger(L, 1, 10);
	struct top *top;

	luaL_argcheck(L, limit >= 0, 1, "must not be negative");
	top = object_new(L, &top_type, sizeof(*top), 0);
	*top = (struct top){
		.fields = g_array_new(FALSE, FALSE, sizeof(struct collected_field)),
		.limit = limit < MANY ? (size_t)limit : 0,
		.rankings = g_ptr_array_new_with_free_func(free_ranking),
	};
	return 1;
}

static int top_gc(lua_State *L)
{
	struct top *top = check_top(L);

	if (!top->fields)
		return 0;
	g_ptr_array_unref(top->rankings);
	g_array_free(top->fields, TRUE);
	top->fields = NULL;
	return 0;
}

static const struct collected_field *field_at(const struct top *top, guint i)
{
	return &g_array_index(top->fields, struct collected_field, i);
}

static gint compare_entries(gconstpointer a, gconstpointer b)
{
	const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;

	if (x->number != y->number)
		return x->number > y->number ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/* Sorts the entries, and throws away those that are too many. */
static void prune(const struct top *top, struct ranking *ranking)
{
	g_ptr_array_sort(ranking->entries, compare_entries);
	if (top->limit == 0 || ranking->entries->len < top->limit)
		return;
	g_ptr_array_set_size(ranking->entries, (gint)top->limit);
	ranking->is_full = true;
	ranking->least =
		((struct entry *)g_ptr_array_index(ranking->entries, top->limit - 1))->number;
}

static struct ranking *find_ranking(struct top *top, const char *key, bool fixed)
{
	struct ranking *ranking;

	for (guint i = 0; i < top->rankings->len; i++) {
		ranking = g_ptr_array_index(top->rankings, i);
		if (fixed && ranking->address == key)
			return ranking;
		if (strcmp(ranking->key, key) == 0) {
			ranking->address = fixed ? key : NULL;
			return ranking;
		}
	}
	ranking = g_new0(struct ranking, 1);
	ranking->key = g_strdup(key);
	ranking->address = fixed ? key : NULL;
	ranking->entries = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(top->rankings, ranking);
	return ranking;
}

/* An entry of values in one piece with its texts. */
static struct entry *new_entry(struct top *top, const union collected_value *values)
{
	guint n = top->fields->len;
	size_t size = sizeof(struct entry) + n * sizeof(union collected_value);
	struct entry *entry;
	char *at;

	for (guint i = 0; i < n; i++)
		if (field_at(top, i)->kind == COLLECTED_TEXT && values[i].text)
			size += strlen(values[i].text) + 1;
	entry = g_malloc(size);
	entry->number = values[NUMBER].number;
	entry->order = top->order++;
	at = (char *)&entry->values[n];
	for (guint i = 0; i < n; i++) {
		entry->values[i] = values[i];
		if (field_at(top, i)->kind == COLLECTED_TEXT && values[i].text) {
			entry->values[i].text = at;
			at = g_stpcpy(at, values[i].text) + 1;
		}
	}
	return entry;
}

/* Adds an entry that is not too small. */
static void add_entry(struct top *top, struct ranking *ranking, const union collected_value *values)
{
	g_ptr_array_add(ranking->entries, new_entry(top, values));
	if (top->limit > 0 && ranking->entries->len >= 2 * top->limit + 64)
		prune(top, ranking);
}

static void add(lua_State *L, void *object, int ref, const struct collected_event *event)
{
	struct top *top = object;
	const char *key = collected_text(event, KEY);
	int64_t number = collected_number(event, NUMBER);
	union collected_value values[FIELDS_MAX];
	struct ranking *ranking;

	(void)L;
	(void)ref;
	if (!key || number == VALUE_ABSENT)
		return;
	ranking = find_ranking(top, key, event->fields[KEY].fixed);
	if (ranking->is_full && number <= ranking->least)
		return;
	for (guint i = 0; i < top->fields->len; i++)
		values[i] = collected_value(event, i);
	add_entry(top, ranking, values);
}

static const char *attach(
	lua_State *L, int index, const struct collected_field *fields, unsigned int n)
{
	struct top *top = lua_touserdata(L, index);

	if (n < LEAST_FIELDS || fields[KEY].kind != COLLECTED_TEXT ||
		fields[NUMBER].kind != COLLECTED_INT)
		return "a top expects a string field, a numeric field, and then any fields to keep";
	if (n > FIELDS_MAX)
		return "too many fields";
	return collected_keep_fields(
		top->fields, fields, n, "all collects into one top must give the same fields");
}

static void push_entry(lua_State *L, const struct top *top, const struct entry *entry)
{
	lua_createtable(L, 0, (int)top->fields->len);
	for (guint i = 0; i < top->fields->len; i++) {
		const struct collected_field *field = field_at(top, i);

		collected_push(L, field, &entry->values[i]);
		lua_setfield(L, -2, field->name);
	}
}

/* top:rows(key: string) -> table[]; the events of a key as tables of fields, the largest first */
static int top_rows(lua_State *L)
{
	const struct top *top = check_top(L);
	const char *key = luaL_checkstring(L, 2);

	lua_newtable(L);
	for (guint i = 0; i < top->rankings->len; i++) {
		struct ranking *ranking = g_ptr_array_index(top->rankings, i);

		if (strcmp(ranking->key, key) != 0)
			continue;
		prune(top, ranking);
		for (guint k = 0; k < ranking->entries->len; k++) {
			push_entry(L, top, g_ptr_array_index(ranking->entries, k));
			lua_rawseti(L, -2, (lua_Integer)k + 1);
		}
	}
	return 1;
}

/* Pushes the rows of a ranking, as they are saved: the largest first. */
static void push_saved(lua_State *L, struct top *top, struct ranking *ranking)
{
	prune(top, ranking);
	lua_createtable(L, (int)ranking->entries->len, 0);
	for (guint i = 0; i < ranking->entries->len; i++) {
		const struct entry *entry = g_ptr_array_index(ranking->entries, i);

		lua_createtable(L, (int)top->fields->len, 0);
		for (guint k = 0; k < top->fields->len; k++) {
			saved_push_value(L, field_at(top, k), &entry->values[k]);
			lua_rawseti(L, -2, (lua_Integer)k + 1);
		}
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
}

/* top:save() -> table; what it holds, as a plain table for merge() */
static int top_save(lua_State *L)
{
	struct top *top = check_top(L);

	lua_newtable(L);
	saved_set_fields(L, top->fields);
	lua_createtable(L, (int)top->rankings->len, 0);
	for (guint i = 0; i < top->rankings->len; i++) {
		push_saved(L, top, g_ptr_array_index(top->rankings, i));
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	lua_setfield(L, -2, "rankings");
	return 1;
}

/* Takes in the row on top of the stack. Its texts are those of Lua until it is added. */
static void merge_row(lua_State *L, struct top *top)
{
	union collected_value values[FIELDS_MAX];
	struct ranking *ranking;
	guint n = top->fields->len;

	luaL_checkstack(L, FIELDS_MAX, "too many fields");
	if (!lua_istable(L, -1) || lua_rawlen(L, -1) != n)
		saved_fail(L, "a row has other fields");
	for (guint i = 0; i < n; i++) {
		lua_rawgeti(L, -1, (lua_Integer)i + 1);
		values[i] = saved_value(L, field_at(top, i));
		lua_pop(L, 1);
	}
	if (!values[KEY].text || values[NUMBER].number == VALUE_ABSENT)
		saved_fail(L, "a row has no key or no number");
	ranking = find_ranking(top, values[KEY].text, false);
	if (!ranking->is_full || values[NUMBER].number > ranking->least)
		add_entry(top, ranking, values);
}

/* top:merge(saved: table); takes in what another one has saved */
static int top_merge(lua_State *L)
{
	struct top *top = check_top(L);
	lua_Integer n;

	lua_settop(L, 2);
	luaL_checktype(L, 2, LUA_TTABLE);
	n = saved_push_list(L, 2, "rankings");
	if (n == 0)
		return 0;
	saved_merge_fields(L, 2, top->fields, FIELDS_MAX);
	if (top->fields->len < LEAST_FIELDS || field_at(top, KEY)->kind != COLLECTED_TEXT ||
		field_at(top, NUMBER)->kind != COLLECTED_INT)
		saved_fail(L, "its fields are not those of a top");
	for (lua_Integer i = 1; i <= n; i++, lua_pop(L, 1)) {
		if (lua_rawgeti(L, 3, i) != LUA_TTABLE)
			saved_fail(L, "a ranking is not a list");
		for (lua_Integer k = 1; lua_rawgeti(L, 4, k) != LUA_TNIL; k++, lua_pop(L, 1))
			merge_row(L, top);
		lua_pop(L, 1);
	}
	return 0;
}

static const struct collector_type collector = {.attach = attach, .add = add, .by_name = true};

static const luaL_Reg methods[] = {
	{"merge", top_merge},
	{"rows", top_rows},
	{"save", top_save},
	{NULL, NULL},
};

static const struct object_type top_type = {
	.name = "lttnga.top", .methods = methods, .gc = top_gc, .collector = &collector};
