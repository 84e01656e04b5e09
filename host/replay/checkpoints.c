/*
 * Checkpoints in memory: how many, how large, and which one is the last before a time.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/replay/checkpoints_private.h"

#include <unistd.h>

/* No more than one for so many bytes of the trace, which are read in no time. */
#define LEAST_SPACING 4096

/* They take at most this part of the trace, but always so many bytes. */
#define PART        20
#define LEAST_LIMIT (1 << 20)

static void clear_checkpoint(gpointer data)
{
	g_bytes_unref(((struct checkpoint *)data)->packed);
}

struct checkpoints *checkpoints_new(const struct checkpoints_of *of)
{
	struct checkpoints *list = g_new0(struct checkpoints, 1);

	list->refs = 1;
	list->identity = g_strdup(of->identity);
	list->wants = of->wants;
	list->bytes = of->bytes;
	list->limit = MAX(of->bytes / PART, LEAST_LIMIT);
	if (of->limit)
		list->limit = MIN(list->limit, of->limit);
	list->spacing = MAX(of->bytes / USUAL, LEAST_SPACING);
	list->list = g_array_new(FALSE, TRUE, sizeof(struct checkpoint));
	g_array_set_clear_func(list->list, clear_checkpoint);
	list->fd = -1;
	return list;
}

struct checkpoints *checkpoints_ref(struct checkpoints *list)
{
	g_atomic_int_inc(&list->refs);
	return list;
}

void checkpoints_unref(struct checkpoints *list)
{
	if (!list || !g_atomic_int_dec_and_test(&list->refs))
		return;
	g_array_unref(list->list);
	g_free(list->identity);
	ZSTD_freeCCtx(list->packing);
	if (list->fd >= 0)
		close(list->fd);
	g_free(list);
}

unsigned int checkpoints_wants(const struct checkpoints *list)
{
	return list->wants;
}

unsigned int checkpoints_count(const struct checkpoints *list)
{
	return list->list->len;
}

uint64_t checkpoints_size(const struct checkpoints *list)
{
	return list->packed;
}

bool checkpoints_complete(const struct checkpoints *list, uint64_t *events)
{
	*events = list->events;
	return list->complete;
}

void checkpoints_set_complete(struct checkpoints *list, uint64_t events)
{
	list->complete = true;
	list->events = events;
}

const struct checkpoint *checkpoints_at(const struct checkpoints *list, unsigned int i)
{
	return &g_array_index(list->list, struct checkpoint, i);
}

static const struct checkpoint *last_of(const struct checkpoints *list)
{
	return list->list->len ? checkpoints_at(list, list->list->len - 1) : NULL;
}

uint64_t checkpoints_spacing(const struct checkpoints *list)
{
	return list->spacing;
}

bool checkpoints_wanted(const struct checkpoints *list, int64_t time)
{
	const struct checkpoint *last = last_of(list);

	return !list->complete && (!last || last->time < time);
}

/* Every second one goes, and from now on there are half as many. */
static void thin(struct checkpoints *list)
{
	for (guint i = list->list->len; i-- > 0;) {
		if (i % 2 == 1)
			continue;
		list->packed -= checkpoints_at(list, i)->packed_size;
		g_array_remove_index(list->list, i);
	}
	list->spacing *= 2;
}

void checkpoints_add(
	struct checkpoints *list, int64_t time, uint64_t events, const GByteArray *saved)
{
	size_t room = ZSTD_compressBound(saved->len), packed;
	struct checkpoint one = {.time = time, .events = events, .size = saved->len};
	uint8_t *bytes;

	if (saved->len > SAVED_MAX)
		return;
	if (!list->packing) {
		list->packing = ZSTD_createCCtx();
		ZSTD_CCtx_setParameter(list->packing, ZSTD_c_checksumFlag, 1);
		ZSTD_CCtx_setParameter(list->packing, ZSTD_c_compressionLevel, -3);
	}
	bytes = g_malloc(room);
	packed = ZSTD_compress2(list->packing, bytes, room, saved->data, saved->len);
	if (ZSTD_isError(packed) || packed > list->limit) {
		g_free(bytes);
		return;
	}
	while (list->list->len > 0 &&
		(list->packed + packed > list->limit || list->list->len >= MOST))
		thin(list);
	one.packed_size = (uint32_t)packed;
	one.packed = g_bytes_new_take(g_realloc(bytes, packed), packed);
	list->packed += packed;
	g_array_append_val(list->list, one);
}

const struct checkpoint *checkpoints_before(const struct checkpoints *list, int64_t time)
{
	const struct checkpoint *found = NULL;

	for (guint i = 0; i < list->list->len && checkpoints_at(list, i)->time < time; i++)
		found = checkpoints_at(list, i);
	return found;
}

const struct checkpoint *checkpoints_before_event(const struct checkpoints *list, uint64_t events)
{
	const struct checkpoint *found = NULL;

	for (guint i = 0; i < list->list->len && checkpoints_at(list, i)->events < events; i++)
		found = checkpoints_at(list, i);
	return found;
}
