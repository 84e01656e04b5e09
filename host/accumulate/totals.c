/*
 * Totals: sums of a number for each combination of other fields.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/accumulate/totals.h"

#include "host/accumulate/key_table.h"
#include "host/accumulate/saved_form.h"

struct total {
	struct key_entry entry;
	int64_t sum, events;
};

/* Adds a number; the sum stays at the border if it does not fit. */
static void add_to(int64_t *sum, int64_t number)
{
	if (__builtin_add_overflow(*sum, number, sum))
		*sum = number < 0 ? INT64_MIN : INT64_MAX;
}

static void add(lua_State *L, void *object, int ref, const struct collected_event *event)
{
	struct key_table *table = object;
	int64_t number = collected_number(event, key_table_number(table));
	struct total *total;

	(void)ref;
	if (number == VALUE_ABSENT)
		return;
	total = (struct total *)key_table_at(L, table, event);
	add_to(&total->sum, number);
	total->events++;
}

static bool merge(struct key_entry *into, const struct key_entry *from)
{
	struct total *total = (struct total *)into;
	const struct total *more = (const struct total *)from;

	add_to(&total->sum, more->sum);
	total->events += more->events;
	return true;
}

static void show(lua_State *L, int owner, const struct key_table *table, struct key_entry *entry)
{
	const struct total *total = (const struct total *)entry;

	(void)owner;
	set_integer(L, key_table_field(table, key_table_number(table))->name, total->sum);
	set_integer(L, "n", total->events);
}

static void save(lua_State *L, const struct key_entry *entry)
{
	const struct total *total = (const struct total *)entry;

	set_integer(L, "sum", total->sum);
	set_integer(L, "n", total->events);
}

static int64_t load(lua_State *L, int index, struct key_entry *entry, int64_t most)
{
	struct total more = {0};

	more.sum = saved_integer(L, index, "sum", INT64_MIN, INT64_MAX);
	more.events = saved_integer(L, index, "n", 0, most);
	merge(entry, &more.entry);
	return more.events;
}

static const struct collector_type collector = {
	.attach = key_table_attach, .add = add, .by_name = true, .number_last = true};

static const struct key_kind kind = {
	.type = {.name = "lttnga.totals",
		.methods = key_table_methods,
		.gc = key_table_gc,
		.collector = &collector},
	.size = sizeof(struct total),
	.merge = merge,
	.show = show,
	.save = save,
	.load = load,
	.otherwise = "the last field of totals must be numeric",
};

int totals_new(lua_State *L)
{
	key_table_new(L, &kind, false);
	return 1;
}
