/*
 * Small helpers around libbabeltrace2: queries, and its errors in words.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_BT2_UTIL_H
#define LTTNGA_BT2_UTIL_H

#include <babeltrace2/babeltrace.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

/* The component class that reads CTF files; NULL with `error` if babeltrace2 lacks its plugin. */
const bt_component_class_source *bt2_ctf_class(GError **error);

/*
 * Asks the CTF reader for `object` (see babeltrace2-query-babeltrace.trace-infos(7) and the
 * like). Takes over `params`. Returns a value to release with bt_value_put_ref(), or NULL; the
 * reason is then to be had from bt2_reason().
 */
const bt_value *bt2_query(
	const bt_component_class_source *class, const char *object, bt_value *params);

/* Why the last call failed, in libbabeltrace2's words (the first cause); to be freed. */
char *bt2_reason(void);

/*
 * How much memory the library may take beyond what the program has when traces are opened, and for
 * each of them: it believes every length that is in a trace. Real ones take some 20 to 30 MB.
 */
#define BT2_MEMORY_MAX   (UINT64_C(1) << 30)
#define BT2_MEMORY_TRACE (UINT64_C(64) << 20)

/* Begins and ends a part in which the library runs, and can't take more memory than that. */
struct bt2_guard {
	struct rlimit before;
	bool is_set;
};

struct bt2_guard bt2_guard(uint64_t limit);
void bt2_unguard(const struct bt2_guard *guard);

/* The limit that a guard needs: what the program has by now, and that. 0: not known. */
uint64_t bt2_memory_limit(unsigned int n_traces);

#endif
