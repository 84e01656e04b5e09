/*
 * Small helpers around libbabeltrace2: queries, and its errors in words.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/bt2/util.h"

#include "host/source/source.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

const bt_component_class_source *bt2_ctf_class(GError **error)
{
	static const bt_component_class_source *class;
	const bt_plugin *plugin;
	char *reason;

	if (class)
		return class;
	if (bt_plugin_find("ctf", BT_TRUE, BT_TRUE, BT_TRUE, BT_FALSE, BT_FALSE, &plugin) ==
		BT_PLUGIN_FIND_STATUS_OK) {
		class = bt_plugin_borrow_source_component_class_by_name_const(plugin, "fs");
		if (class)
			bt_component_class_source_get_ref(class);
		bt_plugin_put_ref(plugin);
	}
	if (!class) {
		reason = bt2_reason();
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_OPEN,
			"libbabeltrace2 has no CTF reader%s%s: its plugin \"ctf\" is missing; "
			"reinstall the library (Debian: libbabeltrace2-0)",
			reason ? ": " : "", reason ? reason : "");
		g_free(reason);
	}
	return class;
}

const bt_value *bt2_query(
	const bt_component_class_source *class, const char *object, bt_value *params)
{
	const bt_value *result = NULL;
	bt_query_executor *executor = bt_query_executor_create(
		bt_component_class_source_as_component_class_const(class), object, params);
	bt_query_executor_query_status status;

	bt_value_put_ref(params);
	if (!executor)
		return NULL;
	do {
		status = bt_query_executor_query(executor, &result);
	} while (status == BT_QUERY_EXECUTOR_QUERY_STATUS_AGAIN);
	bt_query_executor_put_ref(executor);
	return status == BT_QUERY_EXECUTOR_QUERY_STATUS_OK ? result : NULL;
}

/* What the library's words mean for the user, where they don't say so. */
static const struct {
	const char *says;
	const char *means;
} explanations[] = {
	{"Failed to index CTF stream file",
		"it is truncated or damaged, or was copied while being recorded"},
	{"Cannot create trace for", "its metadata is damaged or in another format"},
	{"No event class with ID", "its data is damaged"},
	{"Invalid CTF magic number", "its data is damaged"},
	{"User function returned EOF", "a stream is truncated"},
};

/* The library's message without addresses in memory, and with what it means; to be freed. */
static char *explain(const char *message)
{
	GRegex *address = g_regex_new("[:,] [\\w-]*addr=0x[0-9a-f]+", 0, 0, NULL);
	char *plain = g_regex_replace_literal(address, message, -1, 0, "", 0, NULL);
	char *explained = NULL;

	g_regex_unref(address);
	for (size_t i = 0; plain && !explained && i < G_N_ELEMENTS(explanations); i++)
		if (strstr(plain, explanations[i].says))
			explained = g_strdup_printf("%s (%s)", plain, explanations[i].means);
	if (!explained)
		return plain ?: g_strdup(message);
	g_free(plain);
	return explained;
}

char *bt2_reason(void)
{
	const bt_error *error = bt_current_thread_take_error();
	char *reason = NULL;

	if (!error)
		return NULL;
	if (bt_error_get_cause_count(error) > 0)
		reason = explain(
			bt_error_cause_get_message(bt_error_borrow_cause_by_index(error, 0)));
	bt_error_release(error);
	return reason;
}

uint64_t bt2_memory_limit(unsigned int n_traces)
{
	uint64_t more = BT2_MEMORY_MAX + n_traces * BT2_MEMORY_TRACE;
	FILE *file = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;
	bool known = file && fscanf(file, "%19lu", &pages) == 1;

	if (file)
		fclose(file);
	return known ? (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE) + more : 0;
}

struct bt2_guard bt2_guard(uint64_t limit)
{
	struct bt2_guard guard = {0};
	struct rlimit lower;

	if (limit == 0 || getrlimit(RLIMIT_AS, &guard.before) != 0 ||
		guard.before.rlim_cur <= limit)
		return guard;
	lower = guard.before;
	lower.rlim_cur = limit;
	guard.is_set = setrlimit(RLIMIT_AS, &lower) == 0;
	return guard;
}

void bt2_unguard(const struct bt2_guard *guard)
{
	if (guard->is_set)
		setrlimit(RLIMIT_AS, &guard->before);
}
