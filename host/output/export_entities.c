/*
 * Threads, processes, containers, files and disks of an export.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/output/export_entities.h"

#include "host/output/entity_journal.h"
#include "state/hash.h"

#include <string.h>

/* Numbers of the model are below this: those of each host get a range of their own. */
#define HOST_SHIFT 48

/* Numbers of files and disks have so many bits: fewer would be the same for two names now and then. */
#ifndef NUMBER_BITS
#define NUMBER_BITS 60
#endif

/* If more threads than that have ended, those are let go that have not been seen for a while. */
#define ENDED_MAX 16384

const char *const export_entity_fields[EXPORT_ENTITY_FIELDS_N] = {
#define X(field, name) name,
	EXPORT_ENTITY_FIELDS(X)
#undef X
};

/* A thread, process or container under its present name, and the one before that. */
struct named {
	int64_t number, id, of;
	char *name; /* NULL: not known */
	uint64_t identity;
	char *cgroup; /* likewise */
	uint64_t cgroup_identity;
	int64_t from;        /* since when it has the name; */
	int64_t called;      /* when it was last called so; */
	int64_t last;        /* when it was seen last, ns */
	char *before;        /* the name before, until `from` */
	int64_t before_from; /* since when; VALUE_ABSENT: there was none */
	bool guessed;        /* the name is another's */
	bool ended;
};

/* A file or disk. */
struct numbered {
	int64_t number, dev;
	char *name;
};

struct export_entities {
	struct export *export;
	struct export_entity_table tables[EXPORT_ENTITY_KINDS];
	int64_t host;
	GHashTable *named[EXPORT_NAMED_KINDS]; /* number -> struct named */
	guint ended;                           /* how many threads of these have ended, */
	guint ended_max;                       /* and may have */
	GHashTable *files;                     /* path -> struct numbered */
	GHashTable *disks;                     /* name -> struct numbered */
	GPtrArray *all_disks;                  /* of these, in the order in which they came */
	GHashTable *taken;                     /* numbers of files and disks, as keys */
	struct entity_journal *journal;        /* NULL: rows are written */
};

static void free_named(gpointer data)
{
	struct named *named = data;

	g_free(named->name);
	g_free(named->before);
	g_free(named->cgroup);
	g_free(named);
}

static void free_numbered(gpointer data)
{
	struct numbered *numbered = data;

	g_free(numbered->name);
	g_free(numbered);
}

struct export_entities *export_entities_new(struct export *export,
	const struct export_entity_table *tables, int64_t host, GHashTable *taken)
{
	struct export_entities *entities = g_new0(struct export_entities, 1);

	entities->export = export;
	memcpy(entities->tables, tables, sizeof(entities->tables));
	entities->host = host;
	entities->ended_max = ENDED_MAX;
	for (int i = 0; i < EXPORT_NAMED_KINDS; i++)
		entities->named[i] =
			g_hash_table_new_full(number_hash, g_int64_equal, NULL, free_named);
	entities->files = g_hash_table_new_full(text_hash, g_str_equal, NULL, free_numbered);
	entities->disks = g_hash_table_new_full(text_hash, g_str_equal, NULL, free_numbered);
	entities->all_disks = g_ptr_array_new();
	entities->taken = g_hash_table_ref(taken);
	return entities;
}

void export_entities_free(struct export_entities *entities)
{
	if (!entities)
		return;
	for (int i = 0; i < EXPORT_NAMED_KINDS; i++)
		g_hash_table_unref(entities->named[i]);
	g_ptr_array_unref(entities->all_disks);
	g_hash_table_unref(entities->files);
	g_hash_table_unref(entities->disks);
	g_hash_table_unref(entities->taken);
	entity_journal_free(entities->journal);
	g_free(entities);
}

struct entity_journal *export_entities_keep(struct export_entities *entities)
{
	entities->journal = entity_journal_new();
	return entities->journal;
}

int64_t export_entities_global(const struct export_entities *entities, int64_t number)
{
	return number == EXPORT_NULL || number < 0 ? number
						   : number + ((entities->host - 1) << HOST_SHIFT);
}

/* ---- Rows ---- */

static void write_row(
	struct export_entities *entities, enum export_entity_kind kind, const int64_t *fields)
{
	const struct export_entity_table *table = &entities->tables[kind];
	int64_t cells[EXPORT_ENTITY_FIELDS_N];

	for (unsigned int i = 0; i < table->n; i++)
		cells[i] = fields[table->fields[i]];
	export_row(table->table, cells);
}

static int64_t number_of(struct export_entities *entities, const char *text)
{
	return text ? export_number(entities->export, text) : EXPORT_NULL;
}

/* A name that something had for some time. */
static void write_name(struct export_entities *entities, enum export_entity_kind kind,
	const struct named *named, const char *name, int64_t from, int64_t to)
{
	const int64_t fields[EXPORT_ENTITY_FIELDS_N] = {
		[EXPORT_ENTITY_NUMBER] = export_entities_global(entities, named->number),
		[EXPORT_ENTITY_HOST] = entities->host,
		[EXPORT_ENTITY_ID] = named->id,
		[EXPORT_ENTITY_OF] = export_entities_global(entities, named->of),
		[EXPORT_ENTITY_NAME] = number_of(entities, name),
		[EXPORT_ENTITY_CGROUP] = number_of(entities, named->cgroup),
		[EXPORT_ENTITY_FROM] = from,
		[EXPORT_ENTITY_TO] = to,
	};

	write_row(entities, kind, fields);
}

/* The name before the present one: from now on its end is known. */
static void write_before(
	struct export_entities *entities, enum export_entity_kind kind, const struct named *named)
{
	if (named->before_from != EXPORT_NULL)
		write_name(entities, kind, named, named->before, named->before_from, named->from);
}

static void write_named(
	struct export_entities *entities, enum export_entity_kind kind, const struct named *named)
{
	write_before(entities, kind, named);
	write_name(entities, kind, named, named->name, named->from, named->last + 1);
}

/* ---- Threads, processes and containers ---- */

/* Those that idle CPUs run have one number: they are one, and called alike. */
static bool is_idle(const struct export_seen *seen)
{
	return seen->id == 0;
}

static struct named *find_named(struct export_entities *entities, enum export_entity_kind kind,
	const struct export_seen *seen)
{
	struct named *named = g_hash_table_lookup(entities->named[kind], &seen->number);

	if (named &&
		(!named->ended || seen->goes_on || seen->time - named->last <= EXPORT_ENDED_AFTER))
		return named;
	/* It could have been let go: so that nothing depends on whether it was, it begins anew. */
	if (named) {
		write_named(entities, kind, named);
		entities->ended -= kind == EXPORT_THREADS;
		g_hash_table_remove(entities->named[kind], &seen->number);
	}
	named = g_new(struct named, 1);
	*named = (struct named){.number = seen->number,
		.id = seen->id,
		.of = seen->of,
		.from = seen->begin,
		.called = seen->begin,
		.last = seen->time,
		.before_from = EXPORT_NULL,
		.guessed = seen->guessed,
		.identity = is_idle(seen) ? 0 : seen->identity,
		.name = g_strdup(is_idle(seen) ? "swapper" : seen->name)};
	g_hash_table_insert(entities->named[kind], &named->number, named);
	return named;
}

/* It was called so at that time; `identity` is that of the name. */
static void call(struct export_entities *entities, enum export_entity_kind kind,
	struct named *named, const char *name, uint64_t identity, int64_t time)
{
	/* As if the names had been compared. */
	if (identity && identity == named->identity && time >= named->called) {
		named->called = time;
		return;
	}
	if (g_strcmp0(named->name, name) == 0) {
		/* What tells of it later can have begun earlier. */
		if (named->before_from == EXPORT_NULL || time > named->before_from)
			named->from = MIN(named->from, time);
		named->called = MAX(named->called, time);
		named->identity = identity;
		return;
	}
	/* Of two names at one time the second one counts. */
	if (time < named->called)
		return;
	if (time > named->from) {
		write_before(entities, kind, named);
		g_free(named->before);
		named->before = named->name;
		named->before_from = named->from;
	} else {
		g_free(named->name);
	}
	named->name = g_strdup(name);
	named->identity = identity;
	named->from = named->called = time;
}

void export_entities_see(struct export_entities *entities, enum export_entity_kind kind,
	const struct export_seen *seen)
{
	struct named *named;

	if (seen->number == EXPORT_NULL || seen->number < 0)
		return;
	if (entities->journal) {
		entity_journal_see(entities->journal, kind, seen);
		return;
	}
	named = find_named(entities, kind, seen);
	if (named->of == EXPORT_NULL)
		named->of = seen->of;
	/* A container that gets a PID namespace is known by that. */
	if (named->id == EXPORT_NULL || (kind == EXPORT_CONTAINERS && seen->id != EXPORT_NULL))
		named->id = seen->id;
	if (seen->cgroup && (!named->cgroup || !seen->cgroup_identity ||
				    named->cgroup_identity != seen->cgroup_identity)) {
		g_free(named->cgroup);
		named->cgroup = g_strdup(seen->cgroup);
		named->cgroup_identity = seen->cgroup_identity;
	}
	named->last = MAX(named->last, seen->time);
	if (named->before_from == EXPORT_NULL)
		named->from = MIN(named->from, seen->begin);
	if (!seen->name || is_idle(seen) || (seen->guessed && !named->guessed && named->name))
		return;
	if (named->guessed || seen->guessed) {
		g_free(named->name);
		named->name = g_strdup(seen->name);
		named->guessed = seen->guessed;
		named->identity = 0;
		return;
	}
	call(entities, kind, named, seen->name, seen->identity,
		seen->early ? seen->begin : seen->time);
}

static gint compare_named(gconstpointer a, gconstpointer b)
{
	const struct named *x = *(const struct named *const *)a;
	const struct named *y = *(const struct named *const *)b;

	return x->number < y->number ? -1 : x->number > y->number;
}

/* What is in a table, in an order that is always the same; to be freed. */
static GPtrArray *sorted_named(GHashTable *table)
{
	GPtrArray *values = g_ptr_array_new();
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, table);
	while (g_hash_table_iter_next(&iter, NULL, &value))
		g_ptr_array_add(values, value);
	g_ptr_array_sort(values, compare_named);
	return values;
}

/* Writes what has ended and was last seen before that, and forgets it; returns how many. */
static guint let_go(struct export_entities *entities, enum export_entity_kind kind, int64_t before)
{
	GPtrArray *all = sorted_named(entities->named[kind]);
	guint gone = 0;

	for (guint i = 0; i < all->len; i++) {
		const struct named *named = g_ptr_array_index(all, i);

		if (!named->ended || named->last >= before)
			continue;
		write_named(entities, kind, named);
		g_hash_table_remove(entities->named[kind], &named->number);
		gone++;
	}
	g_ptr_array_unref(all);
	return gone;
}

void export_entities_end(struct export_entities *entities, int64_t utid, int64_t time)
{
	struct named *thread = g_hash_table_lookup(entities->named[EXPORT_THREADS], &utid);
	struct named *process = g_hash_table_lookup(entities->named[EXPORT_PROCESSES], &utid);

	if (entities->journal) {
		entity_journal_end(entities->journal, utid, time);
		return;
	}
	if (thread && !thread->ended) {
		thread->ended = true;
		entities->ended++;
	}
	/* Its number is that of its first thread, without which it does not go on for long. */
	if (process)
		process->ended = true;
	if (entities->ended <= entities->ended_max)
		return;
	entities->ended -= let_go(entities, EXPORT_THREADS, time - EXPORT_ENDED_AFTER);
	let_go(entities, EXPORT_PROCESSES, time - EXPORT_ENDED_AFTER);
	/* If many end within that while, they are not looked through each time. */
	entities->ended_max = MAX(ENDED_MAX, entities->ended * 2);
}

/* ---- Files and disks ---- */

/* A number for a name: if that of another name is the same, the next one that is free. */
static int64_t new_number(
	const struct export_entities *entities, enum export_entity_kind kind, const char *name)
{
	GChecksum *checksum = g_checksum_new(G_CHECKSUM_SHA256);
	const guchar of[3] = {(guchar)kind, (guchar)(entities->host >> 8), (guchar)entities->host};
	guint8 digest[32];
	gsize size = sizeof(digest);
	uint64_t number = 0;
	int64_t found;

	g_checksum_update(checksum, of, sizeof(of));
	g_checksum_update(checksum, (const guchar *)name, -1);
	g_checksum_get_digest(checksum, digest, &size);
	g_checksum_free(checksum);
	for (unsigned int i = 0; i < sizeof(number); i++)
		number = number << 8 | digest[i];
	found = (int64_t)(number >> (64 - NUMBER_BITS));
	while (g_hash_table_contains(entities->taken, &found))
		found++;
	g_hash_table_add(entities->taken, g_memdup2(&found, sizeof(found)));
	return found;
}

static void write_numbered(struct export_entities *entities, enum export_entity_kind kind,
	const struct numbered *numbered)
{
	int64_t fields[EXPORT_ENTITY_FIELDS_N];

	for (int i = 0; i < EXPORT_ENTITY_FIELDS_N; i++)
		fields[i] = EXPORT_NULL;
	fields[EXPORT_ENTITY_NUMBER] = numbered->number;
	fields[EXPORT_ENTITY_HOST] = entities->host;
	fields[EXPORT_ENTITY_ID] = numbered->dev;
	fields[EXPORT_ENTITY_NAME] = number_of(entities, numbered->name);
	write_row(entities, kind, fields);
}

int64_t export_entities_name(struct export_entities *entities, enum export_entity_kind kind,
	const char *name, int64_t dev)
{
	GHashTable *table = kind == EXPORT_FILES ? entities->files : entities->disks;
	struct numbered *numbered = g_hash_table_lookup(table, name);
	bool is_new = !numbered;

	if (is_new) {
		numbered = g_new(struct numbered, 1);
		*numbered = (struct numbered){
			new_number(entities, kind, name), EXPORT_NULL, g_strdup(name)};
		g_hash_table_insert(table, numbered->name, numbered);
		if (kind == EXPORT_DISKS)
			g_ptr_array_add(entities->all_disks, numbered);
	}
	if (entities->journal && (is_new || (numbered->dev == EXPORT_NULL && dev != EXPORT_NULL)))
		entity_journal_name(entities->journal, kind, name, dev, numbered->number);
	if (numbered->dev == EXPORT_NULL)
		numbered->dev = dev;
	/* The device of a disk can come later than its name. */
	if (is_new && kind == EXPORT_FILES && !entities->journal)
		write_numbered(entities, kind, numbered);
	return numbered->number;
}

/* ---- The end ---- */

void export_entities_finish(struct export_entities *entities)
{
	for (int kind = 0; kind < EXPORT_NAMED_KINDS; kind++) {
		GPtrArray *all = sorted_named(entities->named[kind]);

		for (guint i = 0; i < all->len; i++) {
			const struct named *named = g_ptr_array_index(all, i);

			write_named(entities, kind, named);
		}
		g_ptr_array_unref(all);
	}
	for (guint i = 0; i < entities->all_disks->len; i++)
		write_numbered(entities, EXPORT_DISKS, g_ptr_array_index(entities->all_disks, i));
}
