/*
 * What collectors have in common.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/collector.h"

const char *collected_keep_fields(
	GArray *kept, const struct collected_field *fields, unsigned int n, const char *otherwise)
{
	const struct collected_field *first = (const void *)kept->data;

	if (kept->len > 0)
		return collected_same_fields(first, kept->len, fields, n) ? NULL : otherwise;
	g_array_append_vals(kept, fields, n);
	for (unsigned int i = 0; i < n; i++)
		g_array_index(kept, struct collected_field, i).name =
			g_intern_string(fields[i].name);
	return NULL;
}
