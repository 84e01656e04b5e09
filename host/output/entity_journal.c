/*
 * Journals of entities.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/output/entity_journal.h"

#include "state/hash.h"

#include <string.h>

/* What an entry is: a thread, process or container was seen, a thread has ended, a file or disk has a number. */
enum what { SEEN, ENDED, NAMED };

#define NO_TEXT UINT32_MAX

/*
 * Seen several times under one name: once from `begin` to `time`, and if `again` at `called`, as the last time that it
 * was called so. `last` is when it was seen last.
 */
struct entry {
	enum what what;
	enum export_entity_kind kind;
	int64_t number, id, of; /* NAMED: `id` is the device */
	int64_t begin, time, called, last;
	uint32_t text, cgroup; /* places of the name and of the cgroup, or NO_TEXT */
	bool early, guessed, again;
};

/* A thread, process or container, and what has been seen of it so far. */
struct known {
	int64_t number;
	int64_t id, of;    /* what is known of these */
	int64_t begin;     /* the least of what was seen */
	int64_t called;    /* no name before had a later time */
	int64_t last;      /* when it was seen last */
	uint64_t identity; /* of the name in its last entry, */
	uint64_t cgroup;   /* and of its cgroup */
	guint entry;       /* which is that one */
	bool in_order;     /* whether the name in that one counted */
};

struct entity_journal {
	GArray *entries;                       /* struct entry */
	GByteArray *texts;                     /* one after the other */
	GHashTable *places;                    /* text -> 1 + where it is */
	GHashTable *known[EXPORT_NAMED_KINDS]; /* number -> struct known */
};

struct entity_journal *entity_journal_new(void)
{
	struct entity_journal *journal = g_new0(struct entity_journal, 1);

	journal->entries = g_array_new(FALSE, TRUE, sizeof(struct entry));
	journal->texts = g_byte_array_new();
	journal->places = g_hash_table_new_full(text_hash, g_str_equal, g_free, NULL);
	for (int i = 0; i < EXPORT_NAMED_KINDS; i++)
		journal->known[i] = g_hash_table_new_full(number_hash, g_int64_equal, NULL, g_free);
	return journal;
}

void entity_journal_free(struct entity_journal *journal)
{
	if (!journal)
		return;
	g_array_unref(journal->entries);
	g_byte_array_unref(journal->texts);
	g_hash_table_unref(journal->places);
	for (int i = 0; i < EXPORT_NAMED_KINDS; i++)
		g_hash_table_unref(journal->known[i]);
	g_free(journal);
}

static struct entry *entry_at(const struct entity_journal *journal, guint i)
{
	return &g_array_index(journal->entries, struct entry, i);
}

static const char *text_at(const struct entity_journal *journal, uint32_t place)
{
	return place == NO_TEXT ? NULL : (const char *)&journal->texts->data[place];
}

/* Where a text is. */
static uint32_t place_of(struct entity_journal *journal, const char *text)
{
	gpointer found = text ? g_hash_table_lookup(journal->places, text) : NULL;
	uint32_t place = found ? GPOINTER_TO_UINT(found) - 1 : journal->texts->len;

	if (!text)
		return NO_TEXT;
	if (!found) {
		g_byte_array_append(journal->texts, (const guint8 *)text, (guint)strlen(text) + 1);
		g_hash_table_insert(journal->places, g_strdup(text), GUINT_TO_POINTER(place + 1));
	}
	return place;
}

/* ---- Threads, processes and containers ---- */

static int64_t called_at(const struct export_seen *seen)
{
	return seen->early ? seen->begin : seen->time;
}

/* Whether it is called as in an entry. */
static bool is_called_so(const struct entity_journal *journal, const struct known *known,
	const struct entry *entry, const struct export_seen *seen)
{
	return entry->guessed == seen->guessed &&
	       ((seen->identity && seen->identity == known->identity) ||
		       g_strcmp0(text_at(journal, entry->text), seen->name) == 0);
}

/*
 * Whether nothing follows from it but that the thing in its last entry was seen for longer: all else has been said by
 * that, or by one before, whatever other parts have of it.
 */
static bool goes_on(const struct entity_journal *journal, const struct known *known,
	const struct export_seen *seen)
{
	const struct entry *entry = entry_at(journal, known->entry);

	if (seen->begin < known->begin || (seen->id == 0) != (entry->id == 0) ||
		(known->id == EXPORT_NULL && seen->id != EXPORT_NULL) ||
		(known->of == EXPORT_NULL && seen->of != EXPORT_NULL) ||
		(entry->kind == EXPORT_CONTAINERS &&
			(known->id != seen->id || known->cgroup != seen->cgroup_identity)))
		return false;
	return !seen->name || (known->in_order && called_at(seen) >= known->called &&
				      is_called_so(journal, known, entry, seen));
}

static void add_entry(struct entity_journal *journal, enum export_entity_kind kind,
	struct known *known, const struct export_seen *seen)
{
	struct entry entry = {.what = SEEN,
		.kind = kind,
		.number = seen->number,
		.id = seen->id,
		.of = seen->of,
		.begin = seen->begin,
		.time = seen->time,
		.last = seen->time,
		.text = place_of(journal, seen->name),
		.cgroup = place_of(journal, seen->cgroup),
		.early = seen->early,
		.guessed = seen->guessed};

	known->entry = journal->entries->len;
	known->identity = seen->name ? seen->identity : 0;
	known->cgroup = seen->cgroup_identity;
	known->in_order = seen->name && called_at(seen) >= known->called;
	g_array_append_val(journal->entries, entry);
}

void entity_journal_see(struct entity_journal *journal, enum export_entity_kind kind,
	const struct export_seen *seen)
{
	struct known *known = g_hash_table_lookup(journal->known[kind], &seen->number);
	bool is_new = !known || seen->time - known->last > EXPORT_ENDED_AFTER;

	if (!known) {
		known = g_new0(struct known, 1);
		known->number = seen->number;
		g_hash_table_insert(journal->known[kind], &known->number, known);
	}
	/* After a while, it may begin anew. Names before, and in earlier parts, are of earlier times. */
	if (is_new) {
		known->called = seen->now;
		known->id = known->of = EXPORT_NULL;
		known->begin = INT64_MAX;
		known->last = seen->time;
	}
	if (is_new || !goes_on(journal, known, seen)) {
		add_entry(journal, kind, known, seen);
	} else {
		struct entry *entry = entry_at(journal, known->entry);

		entry->last = MAX(entry->last, seen->time);
		if (seen->name) {
			entry->again = true;
			entry->called = called_at(seen);
		}
	}
	if (seen->name)
		known->called = MAX(known->called, called_at(seen));
	known->begin = MIN(known->begin, seen->begin);
	known->last = MAX(known->last, seen->time);
	if (known->id == EXPORT_NULL || kind == EXPORT_CONTAINERS)
		known->id = seen->id;
	if (known->of == EXPORT_NULL)
		known->of = seen->of;
}

void entity_journal_end(struct entity_journal *journal, int64_t utid, int64_t time)
{
	const struct entry entry = {
		.what = ENDED, .number = utid, .time = time, .text = NO_TEXT, .cgroup = NO_TEXT};

	g_array_append_val(journal->entries, entry);
}

void entity_journal_name(struct entity_journal *journal, enum export_entity_kind kind,
	const char *name, int64_t dev, int64_t number)
{
	const struct entry entry = {.what = NAMED,
		.kind = kind,
		.number = number,
		.id = dev,
		.text = place_of(journal, name),
		.cgroup = NO_TEXT};

	g_array_append_val(journal->entries, entry);
}

/* ---- Putting them together ---- */

void entity_journal_save(const struct entity_journal *journal, GBytes **entries, GBytes **texts)
{
	*entries =
		g_bytes_new(journal->entries->data, journal->entries->len * sizeof(struct entry));
	*texts = g_bytes_new(journal->texts->data, journal->texts->len);
}

static void see_again(struct export_entities *entities, const struct entry *entry, const char *name,
	const char *cgroup)
{
	struct export_seen seen = {.number = entry->number,
		.id = entry->id,
		.of = entry->of,
		.begin = entry->begin,
		.time = entry->time,
		.name = name,
		.cgroup = cgroup,
		.early = entry->early,
		.guessed = entry->guessed};

	export_entities_see(entities, entry->kind, &seen);
	if (!entry->again && entry->last == entry->time)
		return;
	/* Nothing has begun earlier than in the first entry of it. */
	seen.early = seen.goes_on = true;
	seen.begin = entry->again ? entry->called : entry->time;
	seen.time = entry->last;
	seen.name = entry->again ? name : NULL;
	export_entities_see(entities, entry->kind, &seen);
}

const char *entity_journal_replay(GBytes *entries, GBytes *texts, struct export_entities *entities)
{
	gsize size, texts_size;
	const struct entry *all = g_bytes_get_data(entries, &size);
	const char *text = g_bytes_get_data(texts, &texts_size);

	for (gsize i = 0; i < size / sizeof(*all); i++) {
		const struct entry *entry = &all[i];
		const char *name = entry->text == NO_TEXT ? NULL : text + entry->text;
		const char *cgroup = entry->cgroup == NO_TEXT ? NULL : text + entry->cgroup;

		if (entry->what == SEEN)
			see_again(entities, entry, name, cgroup);
		else if (entry->what == ENDED)
			export_entities_end(entities, entry->number, entry->time);
		else if (export_entities_name(entities, entry->kind, name, entry->id) !=
			 entry->number)
			return name;
	}
	return NULL;
}
