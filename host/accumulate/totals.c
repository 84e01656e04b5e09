/*
 * Totals: sums of a number for each combination of other fields, in a hash table of their own: what
 * happens for each event is one look-up.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/accumulate/totals.h"

#include "host/accumulate/identity_cache.h"
#include "host/lua/collector.h"
#include "state/record.h"

#include <glib.h>
#include <string.h>

#define TOTALS_TYPE "lttnga.totals"

/* How many slots there are to begin with: a power of 2. */
#define SLOTS_FIRST 256

struct total {
	uint64_t hash;
	int64_t sum, events, last;
	union collected_value key[]; /* equal texts are at the same address */
};

/* The texts of totals, and of those that are made of them: each one once. */
struct texts {
	GStringChunk *chunk;
	int refs;
};

struct totals {
	GArray *fields;    /* struct collected_field, the last one is what is added up */
	GPtrArray *totals; /* struct total, as they came */
	uint32_t *slots; /* number of a total + 1, or 0; found by hash, then one after the other */
	size_t n_slots;
	struct texts *texts;
	struct identity_cache
		memo;         /* which total an event belongs to, by the identities of its fields */
	uint64_t *identities; /* of the event that is added */
	int64_t events;
};

static struct totals *check_totals(lua_State *L)
{
	return luaL_checkudata(L, 1, TOTALS_TYPE);
}

static struct texts *new_texts(void)
{
	struct texts *texts = g_new(struct texts, 1);

	*texts = (struct texts){g_string_chunk_new(4096), 0};
	return texts;
}

static void unref_texts(struct texts *texts)
{
	if (--texts->refs > 0)
		return;
	g_string_chunk_free(texts->chunk);
	g_free(texts);
}

/* Pushes totals whose texts are among these. */
static struct totals *push_totals(lua_State *L, struct texts *texts)
{
	struct totals *totals = lua_newuserdatauv(L, sizeof(*totals), 0);

	texts->refs++;
	*totals = (struct totals){
		.fields = g_array_new(FALSE, FALSE, sizeof(struct collected_field)),
		.totals = g_ptr_array_new_with_free_func(g_free),
		.slots = g_new0(uint32_t, SLOTS_FIRST),
		.n_slots = SLOTS_FIRST,
		.texts = texts,
	};
	luaL_setmetatable(L, TOTALS_TYPE);
	return totals;
}

int totals_new(lua_State *L)
{
	push_totals(L, new_texts());
	return 1;
}

static int totals_gc(lua_State *L)
{
	struct totals *totals = check_totals(L);

	if (!totals->fields)
		return 0;
	g_array_free(totals->fields, TRUE);
	g_ptr_array_unref(totals->totals);
	g_free(totals->slots);
	unref_texts(totals->texts);
	identity_cache_clear(&totals->memo);
	g_free(totals->identities);
	totals->fields = NULL;
	return 0;
}

static const struct collected_field *field_at(const struct totals *totals, guint i)
{
	return &g_array_index(totals->fields, struct collected_field, i);
}

static uint64_t hash_of(const union collected_value *key, guint n)
{
	uint64_t hash = 0;

	for (guint i = 0; i < n; i++)
		hash = identity_mix(hash, (uint64_t)key[i].number);
	return hash;
}

/* How many fields make the key of a total. */
static guint key_length(const struct totals *totals)
{
	return totals->fields->len - 1;
}

/* Puts a total into the first slot that is free for it. */
static void place(struct totals *totals, uint64_t hash, uint32_t number)
{
	size_t at = hash & (totals->n_slots - 1);

	while (totals->slots[at])
		at = (at + 1) & (totals->n_slots - 1);
	totals->slots[at] = number;
}

static void grow(struct totals *totals)
{
	g_free(totals->slots);
	totals->n_slots *= 2;
	totals->slots = g_new0(uint32_t, totals->n_slots);
	for (guint i = 0; i < totals->totals->len; i++)
		place(totals, ((struct total *)g_ptr_array_index(totals->totals, i))->hash, i + 1);
}

static struct total *add_total(
	struct totals *totals, uint64_t hash, const union collected_value *key)
{
	size_t size = key_length(totals) * sizeof(*key);
	struct total *total = g_malloc0(sizeof(*total) + size);

	total->hash = hash;
	memcpy(total->key, key, size);
	g_ptr_array_add(totals->totals, total);
	if (totals->totals->len > totals->n_slots / 2)
		grow(totals);
	else
		place(totals, hash, totals->totals->len);
	return total;
}

/* The total with a key whose texts are among those of the totals, new if it is. */
static struct total *find_total(struct totals *totals, const union collected_value *key)
{
	uint64_t hash = hash_of(key, key_length(totals));
	size_t at = hash & (totals->n_slots - 1), size = key_length(totals) * sizeof(*key);

	for (; totals->slots[at]; at = (at + 1) & (totals->n_slots - 1)) {
		struct total *total = g_ptr_array_index(totals->totals, totals->slots[at] - 1);

		if (total->hash == hash && memcmp(total->key, key, size) == 0)
			return total;
	}
	return add_total(totals, hash, key);
}

/* Adds a number; the sum stays at the border if it does not fit. */
static void add_to(int64_t *sum, int64_t number)
{
	if (__builtin_add_overflow(*sum, number, sum))
		*sum = number < 0 ? INT64_MIN : INT64_MAX;
}

/* The total that an event belongs to, by its texts. */
static struct total *find_by_texts(struct totals *totals, const struct collected_event *event)
{
	guint n = key_length(totals);
	union collected_value *key = g_newa(union collected_value, n + 1);

	for (guint i = 0; i < n; i++) {
		union collected_value value = collected_value(event, i);

		/* All its bytes are compared: a text may have fewer than a number. */
		key[i].number = 0;
		if (field_at(totals, i)->kind != COLLECTED_TEXT)
			key[i] = value;
		else if (value.text)
			key[i].text = g_string_chunk_insert_const(totals->texts->chunk, value.text);
	}
	return find_total(totals, key);
}

/* The same; mostly it is known from an event before that was no different. */
static struct total *total_of(struct totals *totals, const struct collected_event *event)
{
	guint n = key_length(totals);
	void **found;

	if (!totals->identities)
		totals->identities = g_new(uint64_t, n + 1);
	for (guint i = 0; i < n; i++)
		totals->identities[i] = collected_identity(event, i);
	found = identity_cache_at(&totals->memo, n, totals->identities);
	if (!*found)
		*found = find_by_texts(totals, event);
	return *found;
}

static void add(lua_State *L, void *object, int ref, const struct collected_event *event)
{
	struct totals *totals = object;
	int64_t number = collected_number(event, key_length(totals));
	struct total *total;

	(void)L;
	(void)ref;
	if (number == VALUE_ABSENT)
		return;
	total = total_of(totals, event);
	add_to(&total->sum, number);
	total->events++;
	total->last = ++totals->events;
}

static const char *attach(
	lua_State *L, int index, const struct collected_field *fields, unsigned int n)
{
	struct totals *totals = lua_touserdata(L, index);

	if (n == 0 || fields[n - 1].kind != COLLECTED_INT)
		return "totals add up the last of their fields, which must be a number";
	if (totals->fields->len > 0)
		return collected_same_fields(field_at(totals, 0), totals->fields->len, fields, n)
			       ? NULL
			       : "totals take one set of fields only";
	g_array_append_vals(totals->fields, fields, n);
	for (guint i = 0; i < n; i++)
		g_array_index(totals->fields, struct collected_field, i).name =
			g_intern_string(fields[i].name);
	return NULL;
}

static void push_value(
	lua_State *L, const struct collected_field *field, const union collected_value *value)
{
	if (field->kind == COLLECTED_TEXT)
		lua_pushstring(L, value->text);
	else if (value->number == VALUE_ABSENT)
		lua_pushnil(L);
	else if (field->kind == COLLECTED_BOOL)
		lua_pushboolean(L, value->number != 0);
	else
		lua_pushinteger(L, value->number);
}

static void push_total(lua_State *L, const struct totals *totals, const struct total *total)
{
	guint n = key_length(totals);

	lua_createtable(L, 0, (int)n + 2);
	for (guint k = 0; k < n; k++) {
		push_value(L, field_at(totals, k), &total->key[k]);
		lua_setfield(L, -2, field_at(totals, k)->name);
	}
	lua_pushinteger(L, total->sum);
	lua_setfield(L, -2, field_at(totals, n)->name);
	lua_pushinteger(L, total->events);
	lua_setfield(L, -2, "n");
}

/* The iterator of each(): its upvalues are the object, the order (or nil), and the next place. */
static int totals_next(lua_State *L)
{
	const struct totals *totals = lua_touserdata(L, lua_upvalueindex(1));
	const guint *order = lua_touserdata(L, lua_upvalueindex(2));
	lua_Integer at = lua_tointeger(L, lua_upvalueindex(3));

	/* What came after an order was made is not in it. */
	if (at >= totals->totals->len ||
		(order && (size_t)at >= lua_rawlen(L, lua_upvalueindex(2)) / sizeof(*order)))
		return 0;
	lua_pushinteger(L, at + 1);
	lua_replace(L, lua_upvalueindex(3));
	push_total(L, totals, g_ptr_array_index(totals->totals, order ? order[at] : at));
	return 1;
}

static gint compare_last(gconstpointer a, gconstpointer b, gpointer data)
{
	const GPtrArray *totals = data;
	const struct total *x = g_ptr_array_index(totals, *(const guint *)a);
	const struct total *y = g_ptr_array_index(totals, *(const guint *)b);

	return x->last < y->last ? -1 : x->last > y->last;
}

static int totals_each(lua_State *L)
{
	const struct totals *totals = check_totals(L);
	bool last = g_strcmp0(luaL_optstring(L, 2, "first"), "last") == 0;
	guint n = totals->totals->len, *order;

	lua_pushvalue(L, 1);
	if (last) {
		order = lua_newuserdatauv(L, n * sizeof(*order), 0);
		for (guint i = 0; i < n; i++)
			order[i] = i;
		g_qsort_with_data(order, (gint)n, sizeof(*order), compare_last, totals->totals);
	} else {
		lua_pushnil(L);
	}
	lua_pushinteger(L, 0);
	lua_pushcclosure(L, totals_next, 3);
	return 1;
}

/* The number of the field that is named at a stack index. */
static guint check_field(lua_State *L, const struct totals *totals, int index)
{
	const char *name = luaL_checkstring(L, index);

	for (guint i = 0; i + 1 < totals->fields->len; i++)
		if (strcmp(field_at(totals, i)->name, name) == 0)
			return i;
	return (guint)luaL_error(L, "'%s' is not one of the fields that the totals have", name);
}

/* How many fields by() takes at most. */
#define FIELDS_MAX 64

/* Adds a total to that of other totals which has this key. */
static void merge(struct totals *into, const union collected_value *key, const struct total *total)
{
	struct total *sum = find_total(into, key);

	add_to(&sum->sum, total->sum);
	sum->events += total->events;
	sum->last = MAX(sum->last, total->last);
	into->events = MAX(into->events, total->last);
}

/* totals:by(FIELD, ...) -> totals for each combination of these fields only */
static int totals_by(lua_State *L)
{
	const struct totals *totals = check_totals(L);
	guint fields[FIELDS_MAX], n = (guint)lua_gettop(L) - 1;
	union collected_value key[FIELDS_MAX];
	struct totals *into;

	luaL_argcheck(L, n <= FIELDS_MAX, FIELDS_MAX + 2, "too many fields");
	into = push_totals(L, totals->texts);
	if (totals->fields->len == 0)
		return 1;
	for (guint i = 0; i < n; i++) {
		fields[i] = check_field(L, totals, (int)i + 2);
		g_array_append_val(into->fields, *field_at(totals, fields[i]));
	}
	g_array_append_val(into->fields, *field_at(totals, totals->fields->len - 1));
	for (guint i = 0; i < totals->totals->len; i++) {
		const struct total *total = g_ptr_array_index(totals->totals, i);

		for (guint k = 0; k < n; k++)
			key[k] = total->key[fields[k]];
		merge(into, key, total);
	}
	return 1;
}

/* Reads a list of texts at a stack index: their addresses among those of the totals. */
static GHashTable *read_texts(lua_State *L, int index, const struct totals *totals)
{
	GHashTable *texts = g_hash_table_new(NULL, NULL);

	for (lua_Integer i = 1; lua_geti(L, index, i) == LUA_TSTRING; i++, lua_pop(L, 1))
		g_hash_table_add(texts,
			g_string_chunk_insert_const(totals->texts->chunk, lua_tostring(L, -1)));
	if (!lua_isnil(L, -1)) {
		g_hash_table_unref(texts);
		luaL_error(L, "the texts must be strings");
	}
	lua_pop(L, 1);
	return texts;
}

/* totals:only(FIELD, { TEXT, ... }) -> the totals in which a field has one of these texts; without
 * them: those in which it has none */
static int totals_only(lua_State *L)
{
	const struct totals *totals = check_totals(L);
	GHashTable *texts = NULL;
	struct totals *into;
	guint field;

	lua_settop(L, 3);
	if (!lua_isnil(L, 3))
		luaL_checktype(L, 3, LUA_TTABLE);
	into = push_totals(L, totals->texts);
	if (totals->fields->len == 0)
		return 1;
	field = check_field(L, totals, 2);
	if (field_at(totals, field)->kind != COLLECTED_TEXT)
		return luaL_error(L, "'%s' is not a text", field_at(totals, field)->name);
	g_array_append_vals(into->fields, totals->fields->data, totals->fields->len);
	if (!lua_isnil(L, 3))
		texts = read_texts(L, 3, totals);
	for (guint i = 0; i < totals->totals->len; i++) {
		const struct total *total = g_ptr_array_index(totals->totals, i);
		const char *text = total->key[field].text;

		if (texts ? text && g_hash_table_contains(texts, text) : !text)
			merge(into, total->key, total);
	}
	if (texts)
		g_hash_table_unref(texts);
	return 1;
}

void totals_setup(lua_State *L)
{
	static const struct collector_type type = {attach, add};
	static const luaL_Reg methods[] = {
		{"by", totals_by},
		{"each", totals_each},
		{"only", totals_only},
		{NULL, NULL},
	};

	luaL_newmetatable(L, TOTALS_TYPE);
	luaL_newlib(L, methods);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, totals_gc);
	lua_setfield(L, -2, "__gc");
	collector_mark(L, &type);
	lua_pop(L, 1);
}
