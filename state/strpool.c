/*
 * Interned strings with reference counts.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/strpool.h"

#include "state/codec.h"
#include "state/hash.h"
#include "state/pool.h"

#include <glib.h>
#include <string.h>

struct entry {
	char *text;
	uint64_t serial;
	uint32_t refs;
	uint32_t told; /* references that it has said to have when it was read */
};

struct strpool {
	struct pool entries;
	GHashTable *ids; /* text (the entry's) -> id */
};

/* The last serial number that was given to a string. */
static uint64_t serials;

struct strpool *strpool_new(void)
{
	struct strpool *pool = g_new0(struct strpool, 1);

	pool_init(&pool->entries, sizeof(struct entry));
	pool->ids = g_hash_table_new_full(text_hash, g_str_equal, g_free, NULL);
	return pool;
}

void strpool_free(struct strpool *pool)
{
	if (!pool)
		return;
	g_hash_table_destroy(pool->ids);
	pool_clear(&pool->entries);
	g_free(pool);
}

strid strpool_intern(struct strpool *pool, const char *text)
{
	struct entry *entry;
	strid id;

	if (!text)
		return 0;
	id = GPOINTER_TO_UINT(g_hash_table_lookup(pool->ids, text));
	if (id)
		return strpool_ref(pool, id);
	id = pool_add(&pool->entries);
	entry = pool_at(&pool->entries, id);
	entry->text = g_strdup(text);
	entry->serial = ++serials;
	entry->refs = 1;
	g_hash_table_insert(pool->ids, entry->text, GUINT_TO_POINTER(id));
	return id;
}

strid strpool_ref(struct strpool *pool, strid id)
{
	if (id)
		((struct entry *)pool_at(&pool->entries, id))->refs++;
	return id;
}

void strpool_unref(struct strpool *pool, strid id)
{
	struct entry *entry;

	if (!id)
		return;
	entry = pool_at(&pool->entries, id);
	if (--entry->refs > 0)
		return;
	g_hash_table_remove(pool->ids, entry->text);
	pool_remove(&pool->entries, id);
}

const char *strpool_text(const struct strpool *pool, strid id)
{
	return id ? ((struct entry *)pool_at(&pool->entries, id))->text : NULL;
}

uint64_t strpool_serial(const struct strpool *pool, strid id)
{
	return id ? ((struct entry *)pool_at(&pool->entries, id))->serial : 0;
}

void strpool_set(struct strpool *pool, strid *slot, const char *text)
{
	const char *now = strpool_text(pool, *slot);
	strid old = *slot;

	if (now == text || (now && text && strcmp(now, text) == 0))
		return;
	*slot = strpool_intern(pool, text);
	strpool_unref(pool, old);
}

uint32_t strpool_size(const struct strpool *pool)
{
	return g_hash_table_size(pool->ids);
}

struct pool *strpool_entries(struct strpool *pool)
{
	return &pool->entries;
}

void strpool_archive(struct strpool *pool, strid id, struct codec *codec)
{
	struct entry *entry = pool_at(&pool->entries, id);
	uint32_t refs = entry->refs;

	codec_text(codec, &entry->text);
	codec_u32(codec, &refs);
	if (!codec_reads(codec))
		return;
	entry->told = refs;
	entry->serial = ++serials;
	if (!entry->text) {
		codec_fail(codec, "a string is missing");
	} else if (g_hash_table_contains(pool->ids, entry->text)) {
		codec_fail(codec, "a string occurs twice");
		g_free(entry->text);
		entry->text = NULL;
	} else {
		g_hash_table_insert(pool->ids, entry->text, GUINT_TO_POINTER(id));
	}
}

bool strpool_is_told_right(const struct strpool *pool, strid id, bool all)
{
	const struct entry *entry = pool_at(&pool->entries, id);

	return all ? entry->refs == entry->told && entry->refs : entry->refs <= entry->told;
}
