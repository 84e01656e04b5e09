/*
 * Reading what requests are looked for:
 *
 *     { limit = N,
 *       definitions = { { name = TEXT, path = TEXT, owner = N, parent = N, policy = "all", again = "add", last = BOOLEAN,
 *         min = NS, max = NS, kept = N, keys = { { OPERAND, ... }, ... }, captures = { { NAME, OPERAND }, ... },
 *         given = see given_read() }, ... },
 *       events = { [N of a class, or NAME of a derived event] = { fields = { NAME or { NAME, what it is without }, ... },
 *         begins = { RULE, ... }, ends = { RULE, ... } }, ... } }
 *
 * A rule is { definition = N, gate = PROGRAM, key = N, parts = { OPERAND, ... }, rest = PROGRAM,
 * kept = { OPERAND, ... }, captures = { { NAME, OPERAND }, ... }, drops = BOOLEAN }, and time, begin, port,
 * size, error: numbers of fields. Numbers are from 1, those of classes from 0. What can be left out is name, parent,
 * last, min, max, given, gate, rest, drops and numbers of fields. Definitions come behind their parents.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/requests/plan.h"

#include <lauxlib.h>
#include <string.h>

/* ---- Making and freeing ---- */

static void clear_key(gpointer data)
{
	g_free(((struct key *)data)->parts);
}

static void clear_capture(gpointer data)
{
	g_free(((struct capture *)data)->name);
}

static void clear_definition(gpointer data)
{
	struct definition *definition = data;

	g_array_unref(definition->keys);
	g_array_unref(definition->captures);
	g_array_unref(definition->children);
}

static void clear_rule(gpointer data)
{
	struct rule *rule = data;

	program_free(rule->gate);
	program_free(rule->rest);
	g_free(rule->parts);
	g_free(rule->kept);
	g_array_unref(rule->captures);
}

static GArray *new_array(guint size, GDestroyNotify clear)
{
	GArray *array = g_array_new(FALSE, TRUE, size);

	g_array_set_clear_func(array, clear);
	return array;
}

static struct event_rules *new_rules(void)
{
	struct event_rules *rules = g_new0(struct event_rules, 1);

	rules->names = g_ptr_array_new_with_free_func(g_free);
	rules->fields = g_array_new(FALSE, TRUE, sizeof(struct event_field));
	rules->begins = new_array(sizeof(struct rule), clear_rule);
	rules->ends = new_array(sizeof(struct rule), clear_rule);
	return rules;
}

static void free_rules(gpointer data)
{
	struct event_rules *rules = data;

	if (!rules)
		return;
	g_ptr_array_unref(rules->names);
	g_array_unref(rules->fields);
	g_array_unref(rules->begins);
	g_array_unref(rules->ends);
	g_free(rules);
}

struct plan *plan_new(void)
{
	struct plan *plan = g_new0(struct plan, 1);

	plan->definitions = new_array(sizeof(struct definition), clear_definition);
	plan->by_class = g_ptr_array_new_with_free_func(free_rules);
	plan->given = given_array();
	return plan;
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	for (int kind = 0; kind < DERIVED_KINDS; kind++)
		free_rules(plan->by_derived[kind]);
	g_array_unref(plan->definitions);
	g_ptr_array_unref(plan->by_class);
	g_array_unref(plan->given);
	g_free(plan);
}

/* ---- Reading ---- */

/* The integer in a field of the table on top of the stack, within bounds. */
static lua_Integer read_integer(
	lua_State *L, const char *field, lua_Integer least, lua_Integer most, lua_Integer otherwise)
{
	lua_Integer value = otherwise;

	if (lua_getfield(L, -1, field) != LUA_TNIL)
		value = luaL_checkinteger(L, -1);
	lua_pop(L, 1);
	if (value != otherwise && (value < least || value > most))
		luaL_error(L, "%s must not be %I", field, value);
	return value;
}

static const char *read_text(lua_State *L, const char *field)
{
	const char *text = NULL;

	if (lua_getfield(L, -1, field) != LUA_TNIL)
		text = g_intern_string(luaL_checkstring(L, -1));
	lua_pop(L, 1);
	return text;
}

static bool read_flag(lua_State *L, const char *field)
{
	bool on = lua_getfield(L, -1, field) != LUA_TNIL && lua_toboolean(L, -1);

	lua_pop(L, 1);
	return on;
}

static int read_choice(lua_State *L, const char *field, const char *const choices[])
{
	int choice;

	lua_getfield(L, -1, field);
	choice = luaL_checkoption(L, -1, choices[0], choices);
	lua_pop(L, 1);
	return choice;
}

/* Pushes the list in a field of the table on top of the stack; returns its length. */
static guint push_list(lua_State *L, const char *field)
{
	lua_getfield(L, -1, field);
	luaL_checktype(L, -1, LUA_TTABLE);
	return (guint)MIN(luaL_len(L, -1), UINT16_MAX);
}

/* Reads a list of operands, on top of the stack, into `*parts`, which is NULL before. */
static void read_operands(lua_State *L, guint n, struct operand **parts)
{
	*parts = g_new0(struct operand, n);
	for (guint i = 0; i < n; i++) {
		lua_geti(L, -1, (lua_Integer)i + 1);
		(*parts)[i] = operand_read(L);
		lua_pop(L, 1);
	}
}

static void read_captures(lua_State *L, GArray *captures)
{
	guint n = push_list(L, "captures");

	for (guint i = 0; i < n; i++) {
		g_array_set_size(captures, i + 1);
		lua_geti(L, -1, (lua_Integer)i + 1);
		lua_geti(L, -1, 2);
		g_array_index(captures, struct capture, i).value = operand_read(L);
		lua_geti(L, -2, 1);
		g_array_index(captures, struct capture, i).name = g_strdup(luaL_checkstring(L, -1));
		lua_pop(L, 3);
	}
	lua_pop(L, 1);
}

static void read_keys(lua_State *L, struct definition *definition)
{
	guint n = push_list(L, "keys");

	for (guint i = 0; i < n; i++) {
		struct key *key;

		g_array_set_size(definition->keys, i + 1);
		key = &g_array_index(definition->keys, struct key, i);
		lua_geti(L, -1, (lua_Integer)i + 1);
		key->n = (guint)luaL_len(L, -1);
		read_operands(L, key->n, &key->parts);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

/* Tells the parents of definition `number` that it is part of them. */
static void tell_parents(lua_State *L, struct plan *plan, guint number)
{
	int depth = 0;

	for (int i = plan_definition(plan, number)->parent; i >= 0; depth++) {
		struct definition *parent = &g_array_index(plan->definitions, struct definition, i);

		if (depth == DEFINITION_DEPTH_MAX)
			luaL_error(L, "definitions are nested too deeply");
		g_array_index(plan->definitions, struct definition, number).place[depth] =
			(int)parent->children->len;
		g_array_append_val(parent->children, number);
		i = parent->parent;
	}
}

/* Reads the definition on top of the stack. */
static void read_definition(lua_State *L, struct plan *plan)
{
	static const char *const policies[] = {"all", "newest", "oldest", NULL};
	static const char *const agains[] = {"add", "keep", "replace", NULL};
	guint number = plan->definitions->len;
	struct definition *definition;

	luaL_checktype(L, -1, LUA_TTABLE);
	g_array_set_size(plan->definitions, number + 1);
	definition = &g_array_index(plan->definitions, struct definition, number);
	definition->keys = new_array(sizeof(struct key), clear_key);
	definition->captures = new_array(sizeof(struct capture), clear_capture);
	definition->children = g_array_new(FALSE, FALSE, sizeof(guint));
	definition->name = read_text(L, "name");
	definition->path = read_text(L, "path");
	definition->owner = read_integer(L, "owner", 1, INT32_MAX, 1);
	definition->parent = (int)read_integer(L, "parent", 1, number, 0) - 1;
	definition->policy = (enum end_policy)read_choice(L, "policy", policies);
	definition->again = (enum again_policy)read_choice(L, "again", agains);
	definition->last = read_flag(L, "last");
	definition->min = read_integer(L, "min", 0, INT64_MAX, INT64_MIN);
	definition->max = read_integer(L, "max", 0, INT64_MAX, INT64_MAX);
	definition->n_kept = (guint)read_integer(L, "kept", 0, KEPT_MAX, 0);
	read_keys(L, definition);
	read_captures(L, definition->captures);
	tell_parents(L, plan, number);
	if (lua_getfield(L, -1, "given") != LUA_TNIL)
		given_read(L, number, plan->given);
	lua_pop(L, 1);
}

static struct program *read_program(lua_State *L, const char *field)
{
	struct program *program;

	lua_getfield(L, -1, field);
	program = program_read(L);
	lua_pop(L, 1);
	return program;
}

/* Reads the rule on top of the stack, into a new one. */
static void read_rule(lua_State *L, const struct plan *plan, GArray *rules, guint n_fields)
{
	static const char *const numbers[RULE_NUMBERS] = {"time", "begin", "port", "size", "error"};
	struct rule *rule;

	luaL_checktype(L, -1, LUA_TTABLE);
	g_array_set_size(rules, rules->len + 1);
	rule = &g_array_index(rules, struct rule, rules->len - 1);
	rule->captures = new_array(sizeof(struct capture), clear_capture);
	rule->definition = (guint)read_integer(L, "definition", 1, plan->definitions->len, 0) - 1;
	if (rule->definition == G_MAXUINT)
		luaL_error(L, "a rule has no definition");
	rule->key = (guint)read_integer(L, "key", 1, UINT16_MAX, 1) - 1;
	for (int i = 0; i < RULE_NUMBERS; i++)
		rule->numbers[i] = (int)read_integer(L, numbers[i], 1, n_fields, 0) - 1;
	rule->drops = read_flag(L, "drops");
	rule->gate = read_program(L, "gate");
	rule->rest = read_program(L, "rest");
	rule->n_parts = push_list(L, "parts");
	read_operands(L, rule->n_parts, &rule->parts);
	lua_pop(L, 1);
	rule->n_kept = push_list(L, "kept");
	read_operands(L, rule->n_kept, &rule->kept);
	lua_pop(L, 1);
	read_captures(L, rule->captures);
}

static void read_rules(
	lua_State *L, const struct plan *plan, const char *field, GArray *rules, guint n_fields)
{
	guint n = push_list(L, field);

	for (guint i = 0; i < n; i++) {
		lua_geti(L, -1, (lua_Integer)i + 1);
		read_rule(L, plan, rules, n_fields);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

static void find_owner_fields(struct event_rules *rules, enum derived_kind kind)
{
	static const char *const names[OWNER_FIELDS] = {
		"cpu", "tid", "pid", "utid", "upid", "procname", "process"};

	for (int i = 0; i < OWNER_FIELDS; i++) {
		const struct derived_field *field = derived_field(kind, names[i]);
		enum derived_type type = i < OWNER_PROCNAME ? DERIVED_INT : DERIVED_STR;

		rules->owner[i] = field && field->type == type ? field : NULL;
	}
}

/* Reads what an event does, on top of the stack, for the key below it. */
static void read_event(lua_State *L, struct plan *plan)
{
	struct event_rules *rules = new_rules();
	bool raw = lua_isinteger(L, -2);
	lua_Integer at = raw ? lua_tointeger(L, -2) : derived_lookup(luaL_checkstring(L, -2));
	guint n;

	if (raw) {
		while (at >= 0 && (lua_Integer)plan->by_class->len <= at && at < INT32_MAX)
			g_ptr_array_add(plan->by_class, NULL);
		plan->by_class->pdata[at] = rules;
	} else if (at >= 0) {
		plan->by_derived[at] = rules;
	} else {
		free_rules(rules);
		luaL_error(L, "unknown event '%s'", lua_tostring(L, -2));
	}
	if (!raw)
		find_owner_fields(rules, (enum derived_kind)at);
	n = push_list(L, "fields");
	if (n > EVENT_VALUES_MAX)
		luaL_error(L, "conditions use too many fields of one event (at most %d)",
			EVENT_VALUES_MAX);
	for (guint i = 0; i < n; i++) {
		struct event_field field = {0};

		lua_geti(L, -1, (lua_Integer)i + 1);
		if (lua_istable(L, -1)) {
			lua_geti(L, -1, 2);
			field.without = g_intern_string(luaL_checkstring(L, -1));
			lua_geti(L, -2, 1);
			lua_replace(L, -3);
			lua_pop(L, 1);
		}
		g_ptr_array_add(rules->names, g_strdup(luaL_checkstring(L, -1)));
		if (!raw)
			field.derived = derived_field((enum derived_kind)at, lua_tostring(L, -1));
		g_array_append_val(rules->fields, field);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	read_rules(L, plan, "begins", rules->begins, n);
	read_rules(L, plan, "ends", rules->ends, n);
}

/* ---- Checks ---- */

/* How many values there are of each kind; see enum operand_space. */
struct counts {
	guint of[OPERAND_SPACES];
};

static bool operands_fit(const struct operand *operands, guint n, const struct counts *counts)
{
	for (guint i = 0; i < n; i++)
		if (operands[i].number >= counts->of[operands[i].space])
			return false;
	return true;
}

static bool captures_fit(const GArray *captures, const struct counts *counts)
{
	for (guint i = 0; i < captures->len; i++)
		if (!operands_fit(&g_array_index(captures, struct capture, i).value, 1, counts))
			return false;
	return true;
}

static bool rule_fits(const struct plan *plan, const struct rule *rule, guint n_fields, bool begins)
{
	const struct definition *definition = plan_definition(plan, rule->definition);
	const struct definition *parent =
		definition->parent >= 0 ? plan_definition(plan, (guint)definition->parent) : NULL;
	/* What begins as a part is looked for among what it could be part of. */
	const struct definition *found = begins ? parent : definition;
	struct counts event = {{n_fields}}, all = {{n_fields, begins ? 0 : definition->n_kept,
						    parent ? parent->n_kept : 0}};

	if (rule->n_parts > EVENT_VALUES_MAX)
		return false;
	if (found && (rule->key >= found->keys->len ||
			     g_array_index(found->keys, struct key, rule->key).n != rule->n_parts))
		return false;
	return program_fits(rule->gate, event.of) && program_fits(rule->rest, all.of) &&
	       operands_fit(rule->parts, rule->n_parts, &event) &&
	       operands_fit(rule->kept, rule->n_kept, &all) && captures_fit(rule->captures, &all) &&
	       (!begins || rule->n_kept == definition->n_kept);
}

static bool definition_fits(const struct plan *plan, const struct definition *definition)
{
	guint parents = definition->parent >= 0
				? plan_definition(plan, (guint)definition->parent)->n_kept
				: 0;
	struct counts counts = {{0, definition->n_kept, parents}};

	for (guint i = 0; i < definition->keys->len; i++) {
		const struct key *key = &g_array_index(definition->keys, struct key, i);

		if (!operands_fit(key->parts, key->n, &counts))
			return false;
	}
	return definition->keys->len > 0 && captures_fit(definition->captures, &counts);
}

static bool rules_fit(const struct plan *plan, const struct event_rules *rules)
{
	for (guint i = 0; rules && i < rules->begins->len; i++)
		if (!rule_fits(plan, &g_array_index(rules->begins, struct rule, i),
			    rules->fields->len, true))
			return false;
	for (guint i = 0; rules && i < rules->ends->len; i++)
		if (!rule_fits(plan, &g_array_index(rules->ends, struct rule, i),
			    rules->fields->len, false))
			return false;
	return true;
}

/* Whether all values that are named are there. */
static bool plan_fits(const struct plan *plan)
{
	bool fits = true;

	for (guint i = 0; i < plan->definitions->len; i++)
		fits = fits && definition_fits(plan, plan_definition(plan, i));
	for (guint i = 0; i < plan->by_class->len; i++)
		fits = fits && rules_fit(plan, plan->by_class->pdata[i]);
	for (int kind = 0; kind < DERIVED_KINDS; kind++)
		fits = fits && rules_fit(plan, plan->by_derived[kind]);
	return fits;
}

void plan_read(lua_State *L, struct plan *plan)
{
	guint n;

	luaL_checkstack(L, LUA_MINSTACK, "plan");
	luaL_checktype(L, -1, LUA_TTABLE);
	plan->limit = read_integer(L, "limit", 1, INT32_MAX, INT32_MAX);
	n = push_list(L, "definitions");
	if (n > DEFINITIONS_MAX)
		luaL_error(L, "too many definitions (at most %d)", DEFINITIONS_MAX);
	for (guint i = 0; i < n; i++) {
		lua_geti(L, -1, (lua_Integer)i + 1);
		read_definition(L, plan);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	lua_getfield(L, -1, "events");
	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
		read_event(L, plan);
	lua_pop(L, 1);
	given_sort(plan->given);
	if (!plan_fits(plan))
		luaL_error(L, "a plan of requests refers to missing values");
}

/* ---- What it needs ---- */

void plan_bind(struct plan *plan, struct source *source, unsigned int class_no)
{
	struct event_rules *rules = plan_rules(plan, class_no);

	if (!rules)
		return;
	/* Even what looks at no field wants the event. */
	source_bind_field(source, class_no, "");
	for (guint i = 0; i < rules->fields->len; i++)
		g_array_index(rules->fields, struct event_field, i).raw =
			raw_field_bind(source, class_no, g_ptr_array_index(rules->names, i));
}

unsigned int plan_wants(const struct plan *plan)
{
	/* Who a request is of; names only if somebody asks for them. */
	unsigned int wants = WANT_THREADS;

	for (guint i = 0; i < plan->by_class->len; i++) {
		const struct event_rules *rules = plan->by_class->pdata[i];

		for (guint k = 0; rules && k < rules->names->len; k++)
			if (strstr(rules->names->pdata[k], "procname"))
				wants |= WANT_NAMES;
	}
	for (guint i = 0; i < plan->given->len; i++) {
		const struct given *given = &g_array_index(plan->given, struct given, i);

		wants |= given->process ? WANT_NAMES : 0;
		/* It may be one of a PID namespace. */
		wants |= given->pid != VALUE_ABSENT ? WANT_NAMESPACES | WANT_NAMES : 0;
	}
	for (int kind = 0; kind < DERIVED_KINDS; kind++) {
		const struct event_rules *rules = plan->by_derived[kind];

		wants |= rules ? derived_events[kind].wants : 0;
		for (guint i = 0; rules && i < rules->fields->len; i++) {
			const struct event_field *field =
				&g_array_index(rules->fields, struct event_field, i);

			wants |= field->derived ? field->derived->wants : 0;
		}
	}
	return wants;
}

uint64_t plan_emits(const struct plan *plan)
{
	uint64_t emits = UINT64_C(1) << DERIVED_lost_events;

	for (int kind = 0; kind < DERIVED_KINDS; kind++)
		if (plan->by_derived[kind])
			emits |= UINT64_C(1) << kind;
	return emits;
}
