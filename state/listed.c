/*
 * What somebody wrote down of containers, sorted by their namespaces.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/listed.h"

#include <string.h>

/* So many lines of one namespace are looked at; more containers do not share one. */
#define LINES_MAX 64

/* Where a namespace is in the list. */
struct place {
	uint32_t kind, inum;
	uint32_t line;
};

static gint compare_places(gconstpointer p, gconstpointer q)
{
	const struct place *a = p, *b = q;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->inum != b->inum)
		return a->inum < b->inum ? -1 : 1;
	return (a->line > b->line) - (a->line < b->line);
}

/* FNV-1a. */
static uint64_t add_bytes(uint64_t digest, const void *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		digest = (digest ^ ((const unsigned char *)bytes)[i]) * UINT64_C(0x100000001b3);
	return digest;
}

static uint64_t add_line(uint64_t digest, const struct container_name *one)
{
	const char *texts[] = {one->name ?: "", one->cgroup ?: ""};

	digest = add_bytes(digest, one->inum, sizeof(one->inum));
	for (size_t k = 0; k < G_N_ELEMENTS(texts); k++)
		digest = add_bytes(digest, texts[k], strlen(texts[k]) + 1);
	digest = add_bytes(digest, &one->host, sizeof(one->host));
	return add_bytes(digest, &one->late, sizeof(one->late));
}

void listed_init(struct listed *listed, const struct container_name *all, unsigned int n)
{
	*listed = (struct listed){.all = all, .digest = UINT64_C(0xcbf29ce484222325)};
	if (n == 0)
		return;
	listed->places = g_array_new(FALSE, FALSE, sizeof(struct place));
	for (unsigned int i = 0; i < n; i++) {
		listed->digest = add_line(listed->digest, &all[i]);
		for (uint32_t kind = 0; kind < NS_TIME && !all[i].host; kind++) {
			struct place place = {kind, all[i].inum[kind], i};

			if (place.inum)
				g_array_append_val(listed->places, place);
		}
	}
	g_array_sort(listed->places, compare_places);
}

void listed_clear(struct listed *listed)
{
	g_clear_pointer(&listed->places, g_array_unref);
}

/* The first place of a namespace, or where that would be. */
static guint find(const GArray *places, uint32_t kind, uint32_t inum)
{
	const struct place first = {kind, inum, 0};
	guint low = 0, high = places->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;

		if (compare_places(&g_array_index(places, struct place, middle), &first) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_of(const struct container_name *one, const uint32_t *inum, const uint32_t *host)
{
	for (int kind = 0; kind < NS_TIME; kind++)
		if (inum[kind] && one->inum[kind] && one->inum[kind] != host[kind])
			return inum[kind] == one->inum[kind];
	return false;
}

const struct container_name *listed_find(
	const struct listed *listed, const uint32_t *inum, const uint32_t *host, bool born)
{
	const struct container_name *found = NULL;

	for (uint32_t kind = 0; kind < NS_TIME && listed->places; kind++) {
		guint first = inum[kind] ? find(listed->places, kind, inum[kind]) : G_MAXUINT;

		for (guint i = first; i < listed->places->len && i - first < LINES_MAX; i++) {
			const struct place *place = &g_array_index(listed->places, struct place, i);
			const struct container_name *one = &listed->all[place->line];

			if (place->kind != kind || place->inum != inum[kind])
				break;
			/* What was made later was not there at first; its number may have been. */
			if (!is_of(one, inum, host) || (born && !one->late))
				continue;
			if (!found || (born ? one > found : one < found))
				found = one;
		}
	}
	return found;
}
