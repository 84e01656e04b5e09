/*
 * Tables by key.
 *
 * Structure: entries in the order in which their keys came; a hash table of their numbers, with open
 * addressing; and a cache that finds an entry by what identifies the fields of an event, without a look
 * at texts. Every text of a key is kept once, so equal keys are equal byte for byte, and a hash of their
 * bytes is one of the key.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/accumulate/key_table.h"

#include "host/accumulate/saved_form.h"

#include <string.h>

/* How many slots there are to begin with: a power of 2. */
#define SLOTS_FIRST 256

struct key_texts {
	GStringChunk *chunk;
	int refs;
};

static struct key_texts *new_texts(void)
{
	struct key_texts *texts = g_new(struct key_texts, 1);

	*texts = (struct key_texts){g_string_chunk_new(4096), 0};
	return texts;
}

static void unref_texts(struct key_texts *texts)
{
	if (--texts->refs > 0)
		return;
	g_string_chunk_free(texts->chunk);
	g_free(texts);
}

/* Pushes a table whose texts are among these. */
static struct key_table *push_table(
	lua_State *L, const struct key_kind *kind, bool keep, struct key_texts *texts)
{
	size_t size = kind->table_size ? kind->table_size : sizeof(struct key_table);
	struct key_table *table = object_new(L, &kind->type, size, kind->user_values);

	texts->refs++;
	*table = (struct key_table){
		.kind = kind,
		.keep = keep,
		.fields = g_array_new(FALSE, FALSE, sizeof(struct collected_field)),
		.entries = g_ptr_array_new(),
		.slots = g_new0(uint32_t, SLOTS_FIRST),
		.n_slots = SLOTS_FIRST,
		.texts = texts,
	};
	return table;
}

struct key_table *key_table_new(lua_State *L, const struct key_kind *kind, bool keep)
{
	return push_table(L, kind, keep, new_texts());
}

struct key_table *key_table_check(lua_State *L, int index, const struct key_kind *kind)
{
	return object_check(L, index, &kind->type);
}

int key_table_gc(lua_State *L)
{
	struct key_table *table = lua_touserdata(L, 1);

	if (!table->fields)
		return 0;
	for (guint i = 0; i < table->entries->len; i++) {
		if (table->kind->clear)
			table->kind->clear(key_table_entry(table, i));
		g_free(key_table_entry(table, i));
	}
	g_ptr_array_unref(table->entries);
	g_array_unref(table->fields);
	g_free(table->slots);
	unref_texts(table->texts);
	identity_cache_clear(&table->known);
	g_free(table->identities);
	g_free(table->at);
	if (table->kind->end)
		table->kind->end(table);
	table->fields = NULL;
	return 0;
}

/* Any table by key at stack index 1: the methods of all kinds are these. */
static struct key_table *check_table(lua_State *L)
{
	struct key_table *table = lua_touserdata(L, 1);
	const struct collector_type *type = collector_type_of(L, 1);

	if (!type || type->attach != key_table_attach)
		luaL_typeerror(L, 1, "totals or statistics by key");
	return table;
}

/* ---- Finding entries ---- */

static uint64_t hash_of(const union collected_value *key, guint n)
{
	uint64_t hash = hash_seed;

	for (guint i = 0; i < n; i++)
		hash = hash_mix(hash, (uint64_t)key[i].number);
	return hash;
}

/* Puts an entry into the first slot that is free for it. */
static void place(struct key_table *table, uint64_t hash, uint32_t number)
{
	size_t at = hash & (table->n_slots - 1);

	while (table->slots[at])
		at = (at + 1) & (table->n_slots - 1);
	table->slots[at] = number;
}

static void grow(struct key_table *table)
{
	g_free(table->slots);
	table->n_slots *= 2;
	table->slots = g_new0(uint32_t, table->n_slots);
	for (guint i = 0; i < table->entries->len; i++)
		place(table, key_table_entry(table, i)->hash, i + 1);
}

static struct key_entry *add_entry(
	lua_State *L, struct key_table *table, uint64_t hash, const union collected_value *key)
{
	size_t key_size = key_table_number(table) * sizeof(*key);
	struct key_entry *entry = g_malloc0(table->kind->size + key_size);

	entry->hash = hash;
	entry->key = (void *)((char *)entry + table->kind->size);
	memcpy(entry->key, key, key_size);
	if (table->kind->init && !table->kind->init(table, entry)) {
		g_free(entry);
		luaL_error(L, "not enough memory");
	}
	g_ptr_array_add(table->entries, entry);
	if (table->entries->len > table->n_slots / 2)
		grow(table);
	else
		place(table, hash, table->entries->len);
	return entry;
}

/* The entry with a key whose texts are among those of the table, new if it is. */
static struct key_entry *find_key(
	lua_State *L, struct key_table *table, const union collected_value *key)
{
	uint64_t hash = hash_of(key, key_table_number(table));
	size_t at = hash & (table->n_slots - 1), size = key_table_number(table) * sizeof(*key);

	for (; table->slots[at]; at = (at + 1) & (table->n_slots - 1)) {
		struct key_entry *entry = key_table_entry(table, table->slots[at] - 1);

		if (entry->hash == hash && memcmp(entry->key, key, size) == 0)
			return entry;
	}
	return add_entry(L, table, hash, key);
}

struct key_entry *key_table_find(
	lua_State *L, struct key_table *table, const struct collected_event *event)
{
	guint n = key_table_number(table);
	union collected_value key[KEY_FIELDS_MAX];

	for (guint i = 0; i < n; i++) {
		unsigned int at = table->at[i];
		union collected_value value = collected_value(event, at);

		/* All its bytes are compared: a text may have fewer than a number. */
		key[i].number = 0;
		if (event->fields[at].kind != COLLECTED_TEXT)
			key[i] = value;
		else if (value.text)
			key[i].text = g_string_chunk_insert_const(table->texts->chunk, value.text);
	}
	return find_key(L, table, key);
}

/* What is chosen of fields if the kind has no rule of its own: all, as they come. */
static const char *choose_all(struct key_table *table, const struct collected_field *fields,
	unsigned int n, unsigned int *at, unsigned int *n_at)
{
	if (n == 0 || fields[n - 1].kind != COLLECTED_INT)
		return table->kind->otherwise;
	for (unsigned int i = 0; i < n; i++)
		at[i] = i;
	*n_at = n;
	return NULL;
}

const char *key_table_attach(
	lua_State *L, int index, const struct collected_field *fields, unsigned int n)
{
	struct key_table *table = lua_touserdata(L, index);
	struct collected_field chosen[KEY_FIELDS_MAX];
	unsigned int n_chosen = 0;
	const char *wrong;

	if (n > KEY_FIELDS_MAX)
		return "too many fields";
	if (!table->at) {
		table->at = g_new(unsigned int, KEY_FIELDS_MAX);
		table->identities = g_new(uint64_t, KEY_FIELDS_MAX);
	}
	wrong = (table->kind->choose ? table->kind->choose : choose_all)(
		table, fields, n, table->at, &n_chosen);
	if (wrong)
		return wrong;
	for (unsigned int i = 0; i < n_chosen; i++)
		chosen[i] = fields[table->at[i]];
	return collected_keep_fields(table->fields, chosen, n_chosen,
		"all collects into one table by key must give the same fields");
}

/* ---- Methods ---- */

/* Pushes a record of an entry of the table at `owner`. */
static void push_entry(
	lua_State *L, int owner, const struct key_table *table, struct key_entry *entry)
{
	guint n = key_table_number(table);

	lua_createtable(L, 0, (int)n + 2);
	for (guint i = 0; i < n; i++) {
		collected_push(L, key_table_field(table, i), &entry->key[i]);
		lua_setfield(L, -2, key_table_field(table, i)->name);
	}
	table->kind->show(L, owner, table, entry);
}

/* The iterator of each(): its upvalues are the object, the order (or nil), and the next place. */
static int next_entry(lua_State *L)
{
	const struct key_table *table = lua_touserdata(L, lua_upvalueindex(1));
	const guint *order = lua_touserdata(L, lua_upvalueindex(2));
	lua_Integer at = lua_tointeger(L, lua_upvalueindex(3));

	/* What came after an order was made is not in it. */
	if (at >= table->entries->len ||
		(order && (size_t)at >= lua_rawlen(L, lua_upvalueindex(2)) / sizeof(*order)))
		return 0;
	lua_pushinteger(L, at + 1);
	lua_replace(L, lua_upvalueindex(3));
	push_entry(L, lua_upvalueindex(1), table,
		key_table_entry(table, order ? order[at] : (guint)at));
	return 1;
}

static gint compare_last(gconstpointer a, gconstpointer b, gpointer data)
{
	const struct key_entry *x = key_table_entry(data, *(const guint *)a);
	const struct key_entry *y = key_table_entry(data, *(const guint *)b);

	return x->last < y->last ? -1 : x->last > y->last;
}

/*
 * table:each(order?: string) -> fun(): table?; an iterator over the combinations of fields, as
 * tables of them, in the order in which they came first; `each("last")` in that in which they
 * came last
 */
int key_table_each(lua_State *L)
{
	struct key_table *table = check_table(L);
	bool last = strcmp(luaL_optstring(L, 2, "first"), "last") == 0;
	guint n = table->entries->len, *order;

	lua_pushvalue(L, 1);
	if (last) {
		order = lua_newuserdatauv(L, n * sizeof(*order), 0);
		for (guint i = 0; i < n; i++)
			order[i] = i;
		g_qsort_with_data(order, (gint)n, sizeof(*order), compare_last, table);
	} else {
		lua_pushnil(L);
	}
	lua_pushinteger(L, 0);
	lua_pushcclosure(L, next_entry, 3);
	return 1;
}

/* The number of the field that is named at a stack index. */
static guint check_field(lua_State *L, const struct key_table *table, int index)
{
	const char *name = luaL_checkstring(L, index);

	for (guint i = 0; i + 1 < table->fields->len; i++)
		if (strcmp(key_table_field(table, i)->name, name) == 0)
			return i;
	return (guint)luaL_error(L, "the key has no field '%s'", name);
}

/* Adds an entry to that of another table which has this key. */
static void merge(lua_State *L, struct key_table *into, const union collected_value *key,
	const struct key_entry *from)
{
	struct key_entry *entry = find_key(L, into, key);

	if (!into->kind->merge(entry, from))
		luaL_error(L, "not enough memory");
	entry->last = MAX(entry->last, from->last);
	into->events = MAX(into->events, from->last);
}

/* Pushes an empty table like the one at stack index 1. */
static struct key_table *push_like(lua_State *L, struct key_table *table)
{
	struct key_table *into = push_table(L, table->kind, table->keep, table->texts);

	if (table->kind->derive)
		table->kind->derive(L, 1, into);
	return into;
}

/* table:by(...: string) -> self; the same for each combination of these fields only */
int key_table_by(lua_State *L)
{
	struct key_table *table = check_table(L), *into;
	guint fields[KEY_FIELDS_MAX], n = (guint)lua_gettop(L) - 1;
	union collected_value key[KEY_FIELDS_MAX];

	luaL_argcheck(L, n < KEY_FIELDS_MAX, KEY_FIELDS_MAX + 2, "too many fields");
	into = push_like(L, table);
	if (table->fields->len == 0)
		return 1;
	for (guint i = 0; i < n; i++) {
		fields[i] = check_field(L, table, (int)i + 2);
		g_array_append_val(into->fields, *key_table_field(table, fields[i]));
	}
	g_array_append_val(into->fields, *key_table_field(table, key_table_number(table)));
	for (guint i = 0; i < table->entries->len; i++) {
		const struct key_entry *entry = key_table_entry(table, i);

		for (guint k = 0; k < n; k++)
			key[k] = entry->key[fields[k]];
		merge(L, into, key, entry);
	}
	return 1;
}

/* Whether the value on top of the stack is of a field's kind. */
static bool is_of_kind(lua_State *L, enum collected_kind kind)
{
	return kind == COLLECTED_TEXT   ? lua_type(L, -1) == LUA_TSTRING
	       : kind == COLLECTED_BOOL ? lua_isboolean(L, -1)
					: lua_isinteger(L, -1);
}

/* Raises an error if the list at stack index 3 has other values than a field can have. */
static void check_list(lua_State *L, const struct collected_field *field)
{
	static const char *const kinds[] = {
		[COLLECTED_TEXT] = "strings",
		[COLLECTED_BOOL] = "booleans",
		[COLLECTED_INT] = "integers",
	};

	for (lua_Integer i = 1; lua_geti(L, 3, i) != LUA_TNIL; i++, lua_pop(L, 1))
		if (!is_of_kind(L, field->kind))
			luaL_error(L, "the values of '%s' must be %s", field->name,
				kinds[field->kind]);
	lua_pop(L, 1);
}

/* Whether the value on top of the stack, of the kind of a field, is its value. */
static bool is_value(lua_State *L, enum collected_kind kind, const union collected_value *value)
{
	return kind == COLLECTED_TEXT   ? g_strcmp0(value->text, lua_tostring(L, -1)) == 0
	       : kind == COLLECTED_BOOL ? value->number == lua_toboolean(L, -1)
					: value->number == lua_tointeger(L, -1);
}

/* Whether the value of a field is in the list at stack index 3. */
static bool is_listed(lua_State *L, enum collected_kind kind, const union collected_value *value)
{
	bool same = false;

	for (lua_Integer i = 1; !same && lua_geti(L, 3, i) != LUA_TNIL; i++) {
		same = is_value(L, kind, value);
		lua_pop(L, 1);
	}
	if (!same)
		lua_pop(L, 1);
	return same;
}

static bool is_absent(enum collected_kind kind, const union collected_value *value)
{
	return kind == COLLECTED_TEXT ? !value->text : value->number == VALUE_ABSENT;
}

/*
 * table:only(field: string, values?: any[]) -> self; what has one of these values in a field;
 * without `values`, what has none in it
 */
int key_table_only(lua_State *L)
{
	struct key_table *table = check_table(L), *into;
	enum collected_kind kind;
	guint field;

	lua_settop(L, 3);
	if (!lua_isnil(L, 3))
		luaL_checktype(L, 3, LUA_TTABLE);
	into = push_like(L, table);
	if (table->fields->len == 0)
		return 1;
	field = check_field(L, table, 2);
	kind = key_table_field(table, field)->kind;
	if (!lua_isnil(L, 3))
		check_list(L, key_table_field(table, field));
	g_array_append_vals(into->fields, table->fields->data, table->fields->len);
	for (guint i = 0; i < table->entries->len; i++) {
		const struct key_entry *entry = key_table_entry(table, i);
		const union collected_value *value = &entry->key[field];

		if (lua_isnil(L, 3) ? is_absent(kind, value) : is_listed(L, kind, value))
			merge(L, into, entry->key, entry);
	}
	return 1;
}

/* table:save() -> table; what it holds, as a plain table for merge() */
int key_table_save(lua_State *L)
{
	struct key_table *table = check_table(L);

	lua_newtable(L);
	saved_set_fields(L, table->fields);
	set_integer(L, "events", table->events);
	if (table->kind->save_table)
		table->kind->save_table(L, table);
	lua_createtable(L, (int)table->entries->len, 0);
	for (guint i = 0; i < table->entries->len; i++) {
		const struct key_entry *entry = key_table_entry(table, i);

		lua_newtable(L);
		lua_newtable(L);
		for (guint k = 0; k < key_table_number(table); k++) {
			saved_push_value(L, key_table_field(table, k), &entry->key[k]);
			lua_rawseti(L, -2, (lua_Integer)k + 1);
		}
		lua_setfield(L, -2, "key");
		set_integer(L, "last", entry->last);
		table->kind->save(L, entry);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	lua_setfield(L, -2, "entries");
	return 1;
}

/* Takes in the entry that is on top of the stack, of `most` events at most; returns of how many. */
static int64_t merge_saved(
	lua_State *L, struct key_table *table, int64_t before, int64_t events, int64_t most)
{
	union collected_value key[KEY_FIELDS_MAX];
	int at = lua_gettop(L);
	struct key_entry *entry;
	int64_t n;

	if (!lua_istable(L, at) ||
		saved_push_list(L, at, "key") != (lua_Integer)key_table_number(table))
		saved_fail(L, "the key of an entry is incomplete");
	for (guint i = 0; i < key_table_number(table); i++) {
		lua_rawgeti(L, at + 1, (lua_Integer)i + 1);
		key[i] = saved_value(L, key_table_field(table, i));
		if (key_table_field(table, i)->kind == COLLECTED_TEXT && key[i].text)
			key[i].text = g_string_chunk_insert_const(table->texts->chunk, key[i].text);
		lua_pop(L, 1);
	}
	entry = find_key(L, table, key);
	entry->last = MAX(entry->last, before + saved_integer(L, at, "last", 1, events));
	n = table->kind->load(L, at, entry, most);
	lua_settop(L, at);
	return n;
}

/* table:merge(saved: table); takes in what another one has saved */
int key_table_merge(lua_State *L)
{
	struct key_table *table = check_table(L);
	int64_t events, left, before = table->events;
	lua_Integer n;

	lua_settop(L, 2);
	luaL_checktype(L, 2, LUA_TTABLE);
	n = saved_push_list(L, 2, "entries");
	if (n == 0)
		return 0;
	saved_merge_fields(L, 2, table->fields, KEY_FIELDS_MAX);
	if (table->fields->len == 0)
		saved_fail(L, "it has no fields");
	if (table->kind->load_table)
		table->kind->load_table(L, 2, table);
	events = saved_integer(L, 2, "events", 1, STATISTICS_COUNT_MAX - before);
	table->events = before + events;
	left = events;
	for (lua_Integer i = 1; i <= n; i++) {
		lua_rawgeti(L, 3, i);
		left -= merge_saved(L, table, before, events, left);
		lua_pop(L, 1);
	}
	return 0;
}

const luaL_Reg key_table_methods[] = {
	KEY_TABLE_METHODS,
	{NULL, NULL},
};
