/*
 * Tables by key: something for each combination of the fields of events, in a hash table of their own.
 * What happens for each event is one look-up by the identities of its fields. What there is for a key,
 * and how it is merged, shown and saved, is the kind's.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_KEY_TABLE_H
#define LTTNGA_KEY_TABLE_H

#include "host/accumulate/identity_cache.h"
#include "host/lua/collector.h"
#include "host/lua/object.h"

#include <glib.h>
#include <lua.h>

/* What an entry of any kind begins with. */
struct key_entry {
	uint64_t hash;
	int64_t last;               /* number of the event that it got last, from 1 on */
	union collected_value *key; /* equal texts are at the same address */
};

struct key_table;

struct key_kind {
	struct object_type type;
	size_t size; /* of an entry, which is all 0 at first */
	bool (*init)(const struct key_table *table, struct key_entry *entry); /* or NULL */
	void (*clear)(struct key_entry *entry);                               /* or NULL */
	/* Adds an entry to another one; false if there is no memory. */
	bool (*merge)(struct key_entry *into, const struct key_entry *from);
	/* Sets what there is as fields of the record on top of the stack; the table is at `owner`. */
	void (*show)(
		lua_State *L, int owner, const struct key_table *table, struct key_entry *entry);
	/* Sets what there is as fields of the table on top of the stack, to be saved. */
	void (*save)(lua_State *L, const struct key_entry *entry);
	/*
	 * Takes in what was saved in the table at a stack index; raises an error if it makes no sense.
	 * Returns of how many events it was, of `most` at most.
	 */
	int64_t (*load)(lua_State *L, int index, struct key_entry *entry, int64_t most);
	const char *otherwise; /* what is wrong if the last field is no number */

	/* For kinds whose table has more than entries; all may be left out. */
	size_t table_size; /* of the userdata, which begins with struct key_table; 0: that is all */
	int user_values;   /* that it has */
	/*
	 * Finds which of the fields that it is fed with make the key, and, last, which is the number: puts
	 * their positions into `at`, and how many these are into `n_at`. Returns what is wrong, or NULL.
	 * Without: all make the key but the last.
	 */
	const char *(*choose)(struct key_table *table, const struct collected_field *fields,
		unsigned int n, unsigned int *at, unsigned int *n_at);
	/* Makes the table on top of the stack, which is new, one like that at `from`. */
	void (*derive)(lua_State *L, int from, struct key_table *table);
	void (*end)(struct key_table *table); /* its entries are gone */
	/* As `save` and `load`, of what is the table's. */
	void (*save_table)(lua_State *L, const struct key_table *table);
	void (*load_table)(lua_State *L, int index, struct key_table *table);
};

/* The texts of a table, and of those that are made of it: each one once. */
struct key_texts;

/* What the userdata of every kind begins with. */
struct key_table {
	const struct key_kind *kind;
	bool keep;          /* the kind's: whether values are kept */
	GArray *fields;     /* struct collected_field: those of the key, and last the number */
	GPtrArray *entries; /* struct key_entry, as they came */
	uint32_t *slots; /* number of an entry + 1, or 0; found by hash, then one after the other */
	size_t n_slots;
	struct key_texts *texts;
	struct identity_cache known; /* which entry an event belongs to */
	uint64_t *identities;        /* of the event that is added */
	unsigned int *at;            /* where in an event each of `fields` is */
	int64_t events;
};

/* Pushes an empty table. */
struct key_table *key_table_new(lua_State *L, const struct key_kind *kind, bool keep);

/* The table of this kind at a stack index; raises the usual error if there is something else. */
struct key_table *key_table_check(lua_State *L, int index, const struct key_kind *kind);

/* The entry number `i`; there are `table->entries->len`. */
static inline struct key_entry *key_table_entry(const struct key_table *table, guint i)
{
	return g_ptr_array_index(table->entries, i);
}

/* For struct object_type, and struct collector_type. */
int key_table_gc(lua_State *L);
const char *key_table_attach(
	lua_State *L, int index, const struct collected_field *fields, unsigned int n);

/* The methods that tables of all kinds have: see totals.h. */
int key_table_by(lua_State *L);
int key_table_each(lua_State *L);
int key_table_merge(lua_State *L);
int key_table_only(lua_State *L);
int key_table_save(lua_State *L);

/* As members of a list of methods, and as that list. */
#define KEY_TABLE_METHODS                                                           \
	{"by", key_table_by}, {"each", key_table_each}, {"merge", key_table_merge}, \
		{"only", key_table_only},                                           \
	{                                                                           \
		"save", key_table_save                                              \
	}
extern const luaL_Reg key_table_methods[];

/* So many fields an object of these takes at most. */
#define KEY_FIELDS_MAX 64

/* Number of the field that is not part of the key; the fields before it are. */
static inline guint key_table_number(const struct key_table *table)
{
	return table->fields->len - 1;
}

static inline const struct collected_field *key_table_field(const struct key_table *table, guint i)
{
	return &g_array_index(table->fields, struct collected_field, i);
}

/* Finds the entry by its texts, and makes it if it is new; key_table_at() is for callers. */
struct key_entry *key_table_find(
	lua_State *L, struct key_table *table, const struct collected_event *event);

/* The entry that an event belongs to, new if it is: mostly it is known from an event before. */
static inline struct key_entry *key_table_at(
	lua_State *L, struct key_table *table, const struct collected_event *event)
{
	guint n = key_table_number(table);
	struct key_entry *entry;
	void **found;

	for (guint i = 0; i < n; i++)
		table->identities[i] = collected_identity(event, table->at[i]);
	found = identity_cache_at(&table->known, n, table->identities);
	entry = *found;
	if (!entry)
		*found = entry = key_table_find(L, table, event);
	entry->last = ++table->events;
	return entry;
}

#endif
