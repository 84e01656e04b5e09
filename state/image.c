/*
 * What all parts of an image share: pools, numbers of their items, texts.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/image.h"

#include "state/model.h"

#include <string.h>

/* Pools do not take more memory than that, bytes; an image that says so makes no sense. */
#define POOL_BYTES_MAX (512u << 20)

void image_pool(struct image *image, struct pool *pool, enum image_pool kind,
	void (*item)(struct image *image, uint32_t index, void *item))
{
	struct codec *codec = image->codec;
	uint32_t most = (uint32_t)MIN(POOL_BYTES_MAX / pool->item_size, UINT32_MAX);
	uint32_t used = codec_count(codec, pool->used, most);
	uint32_t n_free = codec_count(codec, pool->free->len, MAX(used, 1) - 1);
	bool *alive = g_new0(bool, MAX(used, 1));

	if (image_reads(image))
		pool_restore(pool, MAX(used, 1), n_free);
	memset(alive, true, pool->used);
	alive[0] = false;
	for (uint32_t i = 0; i < n_free; i++) {
		uint32_t *at = &g_array_index(pool->free, uint32_t, i);

		codec_index(codec, at, used);
		if (image_reads(image) && !alive[*at])
			codec_fail(codec, "a slot is free twice");
		alive[*at] = false;
	}
	image->alive[kind] = alive;
	image->used[kind] = pool->used;
	for (uint32_t i = 1; i < pool->used && !codec->failed; i++)
		if (alive[i])
			item(image, i, pool_at(pool, i));
}

static void write_part(struct image *image, void (*part)(struct image *image))
{
	GByteArray *out = image->codec->out, *own = g_byte_array_new();
	uint64_t size;

	image->codec->out = own;
	part(image);
	image->codec->out = out;
	size = own->len;
	codec_u64(image->codec, &size);
	g_byte_array_append(out, own->data, own->len);
	g_byte_array_unref(own);
}

void image_part(struct image *image, bool wanted, void (*part)(struct image *image))
{
	struct codec *codec = image->codec;
	const uint8_t *end;
	uint64_t size = 0;

	if (!image_reads(image)) {
		write_part(image, part);
		return;
	}
	codec_u64(codec, &size);
	if (size > (size_t)(codec->end - codec->at)) {
		codec_fail(codec, "a section is cut short");
		return;
	}
	end = codec->at + size;
	if (wanted) {
		part(image);
		if (codec->at != end)
			codec_fail(codec, "the length of a section is wrong");
	} else {
		codec->at = end;
		image->leaves_out = true;
	}
}

void image_past_number(struct image *image, uint32_t *index, enum image_pool kind)
{
	if (image->leaves_out && !image->alive[kind]) {
		codec_u32(image->codec, index);
		*index = 0;
	} else {
		codec_index(image->codec, index, image->used[kind]);
	}
}

void image_number(struct image *image, uint32_t *index, enum image_pool kind)
{
	image_past_number(image, index, kind);
	if (image_reads(image) && *index && !image->alive[kind][*index]) {
		codec_fail(image->codec, "an index refers to a deleted item");
		*index = 0;
	}
}

void image_string(struct image *image, strid *id)
{
	image_number(image, id, IMAGE_STRINGS);
	if (image_reads(image))
		strpool_ref(image->state->strings, *id);
}

static void string_image(struct image *image, uint32_t index, void *item)
{
	(void)item;
	strpool_archive(image->state->strings, index, image->codec);
}

void image_strings(struct image *image)
{
	image_pool(image, strpool_entries(image->state->strings), IMAGE_STRINGS, string_image);
}

void image_strings_check(struct image *image)
{
	for (uint32_t i = 1; image_reads(image) && i < image->used[IMAGE_STRINGS]; i++)
		if (image->alive[IMAGE_STRINGS][i] &&
			!strpool_is_told_right(image->state->strings, i, !image->leaves_out))
			codec_fail(image->codec, "the reference count of a string is wrong");
}

void image_names(struct image *image, const GPtrArray *names,
	void (*add)(struct image *image, const char *name), uint32_t max)
{
	uint32_t known = names->len, n = codec_count(image->codec, known, max);

	if (n < known)
		codec_fail(image->codec, "event or field names are missing");
	for (uint32_t i = 0; i < n && !image->codec->failed; i++) {
		char *name = i < known ? g_ptr_array_index(names, i) : NULL, *own = name;

		codec_text(image->codec, &name);
		if (image_reads(image) && (!name || (own && strcmp(name, own) != 0)))
			codec_fail(image->codec, "event or field names differ from the trace's");
		else if (image_reads(image) && !own)
			add(image, name);
		if (image_reads(image))
			g_free(name);
	}
}

static gint compare_keys(gconstpointer a, gconstpointer b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

GArray *image_keys(GHashTable *table)
{
	GArray *keys = g_array_new(FALSE, FALSE, sizeof(int64_t));
	GHashTableIter iter;
	gpointer key;

	g_hash_table_iter_init(&iter, table);
	while (g_hash_table_iter_next(&iter, &key, NULL))
		g_array_append_vals(keys, key, 1);
	g_array_sort(keys, compare_keys);
	return keys;
}
