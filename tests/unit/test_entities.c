/*
 * Threads, processes, files and disks of exports: parts of a trace, each of which keeps a journal, come to the same rows
 * as the trace as a whole, whatever is seen by chance and wherever it is divided; and names whose numbers would
 * be the same get others.
 *
 * SPDX-License-Identifier: MIT
 */
#define NUMBER_BITS 12
#include "host/output/export_entities.c"

#define SECOND INT64_C(1000000000)

/* ---- A writer that keeps rows as text ---- */

struct kept {
	struct export_writer writer;
	GString *rows;
};

static void *add_table(struct export_writer *writer, const struct export_layout *layout)
{
	(void)writer;
	return (void *)layout;
}

static void add_row(struct export_writer *writer, void *table, const int64_t *cells)
{
	const struct export_layout *layout = table;
	GString *rows = ((struct kept *)writer)->rows;

	g_string_append(rows, layout->name);
	for (unsigned int i = 0; i < layout->n; i++) {
		if (cells[i] == EXPORT_NULL)
			g_string_append(rows, " null");
		else if (layout->columns[i].type == EXPORT_TEXT)
			g_string_append_printf(
				rows, " %s", export_text(writer->texts, (uint32_t)cells[i]));
		else
			g_string_append_printf(rows, " %" G_GINT64_FORMAT, cells[i]);
	}
	g_string_append_c(rows, '\n');
}

static void add_text(struct export_writer *writer, uint32_t number)
{
	(void)writer;
	(void)number;
}

static void free_writer(struct export_writer *writer)
{
	(void)writer;
}

static const struct export_writer_type type = {
	.table = add_table, .row = add_row, .text = add_text, .free = free_writer};

/* What a test needs to write entities. */
struct world {
	struct kept kept;
	struct export *export;
	GHashTable *taken;
	struct export_entity_table tables[EXPORT_ENTITY_KINDS];
};

static void world_init(struct world *world)
{
	static const char *const names[] = {"thread", "process", "container", "file", "disk"};
	static enum export_entity_field fields[EXPORT_ENTITY_FIELDS_N];
	static struct export_column columns[EXPORT_ENTITY_FIELDS_N];

	for (int i = 0; i < EXPORT_ENTITY_FIELDS_N; i++) {
		fields[i] = (enum export_entity_field)i;
		columns[i] = (struct export_column){export_entity_fields[i],
			i == EXPORT_ENTITY_NAME || i == EXPORT_ENTITY_CGROUP ? EXPORT_TEXT
									     : EXPORT_INTEGER,
			false};
	}
	world->kept = (struct kept){{&type, NULL}, g_string_new(NULL)};
	world->export = export_new(&world->kept.writer);
	world->taken = g_hash_table_new_full(number_hash, g_int64_equal, g_free, NULL);
	for (int kind = 0; kind < EXPORT_ENTITY_KINDS; kind++) {
		const struct export_layout layout = {
			names[kind], columns, EXPORT_ENTITY_FIELDS_N, false};

		world->tables[kind] = (struct export_entity_table){
			export_table(world->export, &layout), EXPORT_ENTITY_FIELDS_N, fields};
	}
}

static struct export_entities *entities_of(struct world *world)
{
	return export_entities_new(world->export, world->tables, 1, world->taken);
}

/* Ends it; the rows that were written. */
static char *world_end(struct world *world)
{
	export_free(world->export);
	g_hash_table_unref(world->taken);
	return g_string_free(world->kept.rows, FALSE);
}

/* ---- Parts ---- */

/* What happens: something is seen, or has ended, or a file or disk. */
struct happening {
	enum { SEE, END, NAME } what;
	enum export_entity_kind kind;
	struct export_seen seen;
};

static struct happening by_chance(int64_t *now)
{
	static const char *const names[] = {NULL, "a", "b", "c"};
	struct happening one = {.what = SEE};
	struct export_seen *seen = &one.seen;
	int chance = g_test_rand_int_range(0, 100);

	/* Now and then nothing happens for long. */
	*now += chance < 2 ? EXPORT_ENDED_AFTER + g_test_rand_int_range(-1, 2)
			   : g_test_rand_int_range(0, 30);
	chance = g_test_rand_int_range(0, 100);
	*seen = (struct export_seen){.number = g_test_rand_int_range(0, 4), .now = *now};
	seen->id = chance % 7 == 0 ? EXPORT_NULL : seen->number;
	seen->of = chance % 3 == 0 ? EXPORT_NULL : seen->number + 10;
	/* It can come out late. */
	seen->time = *now - (chance < 10 ? g_test_rand_int_range(0, 100) : 0);
	seen->begin = seen->time - (chance < 60 ? g_test_rand_int_range(0, 200) : 0);
	seen->early = g_test_rand_int_range(0, 5) == 0;
	seen->guessed = g_test_rand_int_range(0, 10) == 0;
	/* Names stay for a while. */
	seen->name = names[(*now / 150 + seen->number + (chance < 5)) % 4];
	seen->identity = chance % 2 ? (uint64_t)(uintptr_t)seen->name : 0;
	one.kind = chance % 5 == 0   ? EXPORT_PROCESSES
		   : chance % 5 == 1 ? EXPORT_CONTAINERS
				     : EXPORT_THREADS;
	/* They get another namespace, and a cgroup, now and then. */
	if (one.kind == EXPORT_CONTAINERS) {
		seen->id = seen->id == EXPORT_NULL ? EXPORT_NULL : seen->id + *now / 1000 % 3;
		seen->cgroup = names[(*now / 400 + seen->number) % 4];
		seen->cgroup_identity = (uint64_t)(uintptr_t)seen->cgroup;
	}
	if (chance >= 97) {
		one.what = END;
	} else if (chance >= 80) {
		one.what = NAME;
		one.kind = chance % 2 ? EXPORT_FILES : EXPORT_DISKS;
		seen->name = names[g_test_rand_int_range(1, 4)];
		seen->id = one.kind == EXPORT_DISKS && chance > 90 ? chance : EXPORT_NULL;
	}
	return one;
}

static void happen(struct export_entities *entities, const struct happening *one)
{
	if (one->what == SEE)
		export_entities_see(entities, one->kind, &one->seen);
	else if (one->what == END)
		export_entities_end(entities, one->seen.number, one->seen.time);
	else
		export_entities_name(entities, one->kind, one->seen.name, one->seen.id);
}

static char *rows_of_whole(const struct happening *all, int n)
{
	struct world world;
	struct export_entities *entities;

	world_init(&world);
	entities = entities_of(&world);
	for (int i = 0; i < n; i++)
		happen(entities, &all[i]);
	export_entities_finish(entities);
	export_entities_free(entities);
	return world_end(&world);
}

/* What the journal of a part has in the end. */
static void keep_part(const struct happening *all, int n, GBytes **entries, GBytes **texts)
{
	struct world world;
	struct export_entities *entities;
	struct entity_journal *journal;
	char *rows;

	world_init(&world);
	entities = entities_of(&world);
	journal = export_entities_keep(entities);
	for (int i = 0; i < n; i++)
		happen(entities, &all[i]);
	entity_journal_save(journal, entries, texts);
	export_entities_free(entities);
	rows = world_end(&world);
	g_assert_cmpstr(rows, ==, "");
	g_free(rows);
}

static char *rows_of_parts(const struct happening *all, int n)
{
	struct world world;
	struct export_entities *entities;
	int at = 0, end;

	world_init(&world);
	entities = entities_of(&world);
	while (at < n) {
		GBytes *entries, *texts;

		end = at + g_test_rand_int_range(1, 80);
		end = MIN(n, end);
		/* Parts are divided between two times. */
		while (end < n && all[end].seen.now == all[end - 1].seen.now)
			end++;
		keep_part(&all[at], end - at, &entries, &texts);
		g_assert_null(entity_journal_replay(entries, texts, entities));
		g_bytes_unref(entries);
		g_bytes_unref(texts);
		at = end;
	}
	export_entities_finish(entities);
	export_entities_free(entities);
	return world_end(&world);
}

static void test_parts(void)
{
	struct happening all[300];

	for (int i = 0; i < 2000; i++) {
		int64_t now = 1000 * SECOND;
		char *whole, *parts;

		for (unsigned int k = 0; k < G_N_ELEMENTS(all); k++)
			all[k] = by_chance(&now);
		whole = rows_of_whole(all, G_N_ELEMENTS(all));
		parts = rows_of_parts(all, G_N_ELEMENTS(all));
		g_assert_cmpstr(whole, ==, parts);
		g_free(whole);
		g_free(parts);
	}
}

/* A thread that does the same all the time takes one entry. */
static void test_short(void)
{
	struct happening all[1000];
	GBytes *entries, *texts;
	gsize few, many;

	for (int i = 0; i < 1000; i++)
		all[i] = (struct happening){SEE, EXPORT_THREADS,
			{.number = 7,
				.id = 7,
				.of = 7,
				.begin = i,
				.time = i,
				.now = i,
				.name = "a"}};
	keep_part(all, 2, &entries, &texts);
	few = g_bytes_get_size(entries);
	g_bytes_unref(entries);
	g_bytes_unref(texts);
	keep_part(all, 1000, &entries, &texts);
	many = g_bytes_get_size(entries);
	g_bytes_unref(entries);
	g_bytes_unref(texts);
	g_assert_cmpuint(few, ==, many);
}

/* ---- Numbers ---- */

/* There are more names than numbers: each has its own, and a part in which that is another one is found. */
static void test_numbers(void)
{
	struct world world;
	struct export_entities *entities;
	GHashTable *numbers = g_hash_table_new(NULL, NULL);
	struct happening one = {NAME, EXPORT_FILES, {0}};
	char name[16], *rows;
	int clashes = 0;

	world_init(&world);
	entities = entities_of(&world);
	for (int i = 0; i < 5000; i++) {
		GBytes *entries, *texts;
		int64_t number;

		g_snprintf(name, sizeof(name), "file %d", i);
		number = export_entities_name(entities, EXPORT_FILES, name, EXPORT_NULL);
		g_assert_cmpint(number, ==,
			export_entities_name(entities, EXPORT_FILES, name, EXPORT_NULL));
		g_assert_true(g_hash_table_add(numbers, GSIZE_TO_POINTER((gsize)number)));
		one.seen.name = name;
		keep_part(&one, 1, &entries, &texts);
		if (entity_journal_replay(entries, texts, entities))
			clashes++;
		g_bytes_unref(entries);
		g_bytes_unref(texts);
	}
	g_assert_cmpint(clashes, >, 0);
	g_assert_cmpint(clashes, <, 5000);
	g_hash_table_unref(numbers);
	export_entities_free(entities);
	rows = world_end(&world);
	g_free(rows);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/entities/parts", test_parts);
	g_test_add_func("/entities/short", test_short);
	g_test_add_func("/entities/numbers", test_numbers);
	return g_test_run();
}
