/*
 * Small helpers around libbabeltrace2: queries, and its errors in words.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_BT2_UTIL_H
#define LTTNGA_BT2_UTIL_H

#include <babeltrace2/babeltrace.h>
#include <glib.h>

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

#endif
