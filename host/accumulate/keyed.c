/*
 * Statistics of a number for each combination of other fields.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/accumulate/keyed.h"

#include "host/accumulate/accumulators.h"
#include "host/accumulate/key_table.h"
#include "host/accumulate/saved_form.h"
#include "host/accumulate/statistics.h"

struct keyed {
	struct key_entry entry;
	struct statistics stats;
};

static struct keyed *keyed_of(struct key_entry *entry)
{
	return (struct keyed *)(void *)entry;
}

static void add(lua_State *L, void *object, int ref, const struct collected_event *event)
{
	struct key_table *table = object;
	int64_t number = collected_number(event, key_table_number(table));

	(void)ref;
	if (number == VALUE_ABSENT)
		return;
	if (!statistics_add(&keyed_of(key_table_at(L, table, event))->stats, number))
		luaL_error(L, "not enough memory");
}

static bool init(const struct key_table *table, struct key_entry *entry)
{
	return statistics_init(&keyed_of(entry)->stats, table->keep);
}

static void clear(struct key_entry *entry)
{
	statistics_clear(&keyed_of(entry)->stats);
}

static bool merge(struct key_entry *into, const struct key_entry *from)
{
	return statistics_merge(
		&keyed_of(into)->stats, &((const struct keyed *)(const void *)from)->stats);
}

static void show(lua_State *L, int owner, const struct key_table *table, struct key_entry *entry)
{
	struct statistics *stats = &keyed_of(entry)->stats;

	(void)table;
	set_integer(L, "n", stats->count);
	stats_push_shared(L, stats, owner);
	lua_setfield(L, -2, "stats");
}

static void save(lua_State *L, const struct key_entry *entry)
{
	saved_set_statistics(L, &((const struct keyed *)(const void *)entry)->stats);
}

static int64_t load(lua_State *L, int index, struct key_entry *entry, int64_t most)
{
	return saved_merge_statistics(L, index, &keyed_of(entry)->stats, most);
}

static const struct collector_type collector = {
	.attach = key_table_attach, .add = add, .by_name = true, .number_last = true};

static const struct key_kind kind = {
	.type = {.name = "lttnga.keyed",
		.methods = key_table_methods,
		.gc = key_table_gc,
		.collector = &collector},
	.size = sizeof(struct keyed),
	.init = init,
	.clear = clear,
	.merge = merge,
	.show = show,
	.save = save,
	.load = load,
	.otherwise = "the last field of statistics by key must be numeric",
};

int keyed_new(lua_State *L)
{
	key_table_new(L, &kind, lua_toboolean(L, 1));
	return 1;
}
