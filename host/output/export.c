/*
 * Tables on their way to a writer, and their texts.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/output/export.h"

#include "state/hash.h"

#include <string.h>

/* Texts may take so much memory before they are forgotten. */
#define TEXTS_MAX ((size_t)64 * 1024 * 1024)

/* What a text takes beside its bytes. */
#define TEXT_COST 64

struct export_table {
	struct export *export;
	struct export_layout layout;
	struct export_column *columns;
	void *written; /* the writer's */
	uint64_t rows;
};

struct export
{
	struct export_writer *writer;
	struct export_texts texts;
	GPtrArray *tables;
	unsigned int age;
};

static void free_table(gpointer data)
{
	struct export_table *table = data;

	g_free(table->columns);
	g_free(table);
}

struct export *export_new(struct export_writer *writer)
{
	struct export *export = g_new0(struct export, 1);

	export->writer = writer;
	export->tables = g_ptr_array_new_with_free_func(free_table);
	export->texts.numbers = g_hash_table_new(text_hash, g_str_equal);
	export->texts.texts = g_ptr_array_new_with_free_func(g_free);
	export->texts.first = 1;
	writer->texts = &export->texts;
	return export;
}

void export_free(struct export *export)
{
	if (!export)
		return;
	export->writer->type->free(export->writer);
	g_ptr_array_unref(export->tables);
	g_hash_table_unref(export->texts.numbers);
	g_ptr_array_unref(export->texts.texts);
	g_free(export);
}

static bool is_same(const struct export_layout *a, const struct export_layout *b)
{
	bool same = a->n == b->n;

	for (unsigned int i = 0; same && i < a->n; i++)
		same = a->columns[i].name == b->columns[i].name &&
		       a->columns[i].type == b->columns[i].type;
	return same;
}

struct export_table *export_table(struct export *export, const struct export_layout *layout)
{
	struct export_table *table;

	for (guint i = 0; i < export->tables->len; i++) {
		table = g_ptr_array_index(export->tables, i);
		if (strcmp(table->layout.name, layout->name) == 0)
			return is_same(&table->layout, layout) ? table : NULL;
	}
	table = g_new0(struct export_table, 1);
	table->export = export;
	table->columns = g_memdup2(layout->columns, layout->n * sizeof(*layout->columns));
	table->layout = *layout;
	table->layout.columns = table->columns;
	g_ptr_array_add(export->tables, table);
	table->written = export->writer->type->table(export->writer, &table->layout);
	return table->written ? table : NULL;
}

void export_row(struct export_table *table, const int64_t *cells)
{
	struct export_writer *writer = table->export->writer;

	writer->type->row(writer, table->written, cells);
	table->rows++;
}

uint64_t export_rows(const struct export_table *table)
{
	return table->rows;
}

static void forget_rows(struct export *export)
{
	for (guint i = 0; i < export->tables->len; i++)
		((struct export_table *)g_ptr_array_index(export->tables, i))->rows = 0;
}

void export_begin_part(struct export *export)
{
	export->writer->type->begin_part(export->writer);
	forget_rows(export);
}

const char *export_end_part(struct export_table *table)
{
	struct export_writer *writer = table->export->writer;

	return writer->type->end_part(writer, table->written);
}

void export_take_part(struct export_table *table, const char *name, uint64_t rows)
{
	struct export_writer *writer = table->export->writer;

	writer->type->take_part(writer, table->written, name);
	table->rows += rows;
}

void export_drop_parts(struct export *export)
{
	if (!export->writer->type->drop_parts)
		return;
	export->writer->type->drop_parts(export->writer);
	forget_rows(export);
}

uint32_t export_number(struct export *export, const char *text)
{
	struct export_texts *texts = &export->texts;
	char *valid = NULL, *kept;
	uint32_t number;
	gpointer found;

	/* Names in a trace are bytes that anybody has chosen. */
	if (!g_utf8_validate(text, -1, NULL))
		text = valid = g_utf8_make_valid(text, -1);
	found = g_hash_table_lookup(texts->numbers, text);
	if (found) {
		g_free(valid);
		return GPOINTER_TO_UINT(found);
	}
	kept = valid ? valid : g_strdup(text);
	number = texts->first + texts->texts->len;
	texts->bytes += strlen(kept) + TEXT_COST;
	g_ptr_array_add(texts->texts, kept);
	g_hash_table_insert(texts->numbers, kept, GUINT_TO_POINTER(number));
	export->writer->type->text(export->writer, number);
	return number;
}

unsigned int export_age(const struct export *export)
{
	return export->age;
}

void export_tidy(struct export *export)
{
	struct export_texts *texts = &export->texts;

	if (texts->bytes <= TEXTS_MAX)
		return;
	export->writer->type->forget(export->writer);
	texts->first += texts->texts->len;
	texts->bytes = 0;
	g_hash_table_remove_all(texts->numbers);
	g_ptr_array_set_size(texts->texts, 0);
	export->age++;
}

const char *export_failed(const struct export *export)
{
	return export->writer->type->failed(export->writer);
}

bool export_finish(struct export *export, const char *sql, GError **error)
{
	return export->writer->type->finish(export->writer, sql, error);
}
