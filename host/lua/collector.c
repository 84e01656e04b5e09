/*
 * What collectors have in common.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/collector.h"

#include <string.h>

/* Whether two lists of fields are no different. */
static bool same_fields(const struct collected_field *a, unsigned int n_a,
	const struct collected_field *b, unsigned int n_b)
{
	for (unsigned int i = 0; n_a == n_b && i < n_a; i++)
		if (strcmp(a[i].name, b[i].name) != 0 || a[i].kind != b[i].kind)
			return false;
	return n_a == n_b;
}

const char *collected_keep_fields(
	GArray *kept, const struct collected_field *fields, unsigned int n, const char *otherwise)
{
	const struct collected_field *first = (const void *)kept->data;

	if (kept->len > 0)
		return same_fields(first, kept->len, fields, n) ? NULL : otherwise;
	g_array_append_vals(kept, fields, n);
	for (unsigned int i = 0; i < n; i++)
		g_array_index(kept, struct collected_field, i).name =
			g_intern_string(fields[i].name);
	return NULL;
}

const char *collected_find_known(lua_State *L, const struct collected_known *known,
	unsigned int n_known, const struct collected_field *fields, unsigned int n,
	unsigned int *at, const char *unknown)
{
	for (unsigned int i = 0; i < n_known; i++)
		at[i] = COLLECTED_NOT_GIVEN;
	for (unsigned int k = 0; k < n; k++) {
		unsigned int i = 0;

		while (i < n_known && strcmp(fields[k].name, known[i].name) != 0)
			i++;
		if (i == n_known)
			return lua_pushfstring(L, unknown, fields[k].name);
		if (fields[k].kind != known[i].kind)
			return lua_pushfstring(L, "'%s' has the wrong type", fields[k].name);
		at[i] = k;
	}
	return NULL;
}
