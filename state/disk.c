/*
 * Disks and partitions: their numbers and names, and the kernel threads that write to them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/disk.h"

#include "state/hash.h"
#include "state/image.h"
#include "state/model.h"

#include <string.h>

#define MINOR_BITS 20
#define MINOR_MASK ((1 << MINOR_BITS) - 1)

void disk_init(struct disk_model *model)
{
	model->names = g_hash_table_new_full(number_hash, g_int64_equal, g_free, NULL);
}

void disk_clear(struct disk_model *model)
{
	/* The names go with all strings. */
	g_hash_table_destroy(model->names);
}

strid disk_known_name(const struct state *state, int64_t dev)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(state->disk.names, &dev));
}

strid disk_name(struct state *state, int64_t dev)
{
	strid name = disk_known_name(state, dev);
	char numbers[48];

	if (name)
		return strpool_ref(state->strings, name);
	g_snprintf(numbers, sizeof(numbers), "(%u,%u)", (unsigned int)(dev >> MINOR_BITS),
		(unsigned int)(dev & MINOR_MASK));
	return strpool_intern(state->strings, numbers);
}

bool disk_has_path(const struct state *state, const char *path)
{
	static const char folder[] = "/dev/";
	GHashTableIter iter;
	gpointer name;

	if (!path || !g_str_has_prefix(path, folder))
		return false;
	g_hash_table_iter_init(&iter, state->disk.names);
	while (g_hash_table_iter_next(&iter, NULL, &name))
		if (g_strcmp0(strpool_text(state->strings, GPOINTER_TO_UINT(name)),
			    path + strlen(folder)) == 0)
			return true;
	return false;
}

GArray *disk_known(const struct state *state)
{
	return image_keys(state->disk.names);
}

int64_t disk_parse_dev(const char *text)
{
	char *end;
	guint64 major, minor;

	if (!text || !g_ascii_isdigit(*text))
		return -1;
	major = g_ascii_strtoull(text, &end, 10);
	if (*end != ':' || major >= 1 << (32 - MINOR_BITS) || !g_ascii_isdigit(end[1]))
		return -1;
	minor = g_ascii_strtoull(end + 1, &end, 10);
	return *end || minor > MINOR_MASK ? -1 : (int64_t)(major << MINOR_BITS | minor);
}

/* Whether a name begins with one of `n` prefixes. */
static bool begins_with(const char *comm, const char *const *prefixes, size_t n)
{
	for (size_t i = 0; comm && i < n; i++)
		if (g_str_has_prefix(comm, prefixes[i]))
			return true;
	return false;
}

bool is_flusher(const char *comm)
{
	static const char *const names[] = {"kworker/", "flush-", "pdflush", "bdi-default"};

	return begins_with(comm, names, G_N_ELEMENTS(names));
}

bool is_journal(const char *comm)
{
	static const char *const names[] = {"jbd2/", "jbd/", "kjournald", "xfsaild/", "xfs-cil/",
		"xfs-log/", "btrfs-transacti", "f2fs_ckpt"};

	return begins_with(comm, names, G_N_ELEMENTS(names));
}

void on_statedump_block_device(
	struct state *state, const struct record *rec, const struct state_io *io)
{
	int64_t dev = V(rec, statedump_block_device, dev);
	strid name = strpool_intern(
		state->strings, record_string(io->get, rec, F_statedump_block_device_diskname));
	strid old = disk_known_name(state, dev);

	if (!name)
		return;
	g_hash_table_insert(
		state->disk.names, g_memdup2(&dev, sizeof(dev)), GUINT_TO_POINTER(name));
	strpool_unref(state->strings, old);
}

/* ---- Images ---- */

void disk_image(struct image *image)
{
	struct disk_model *model = &image->state->disk;
	GArray *devs = image_keys(model->names);
	uint32_t n = codec_count(image->codec, devs->len, UINT32_MAX);

	for (uint32_t i = 0; i < n && !image->codec->failed; i++) {
		int64_t dev = image_reads(image) ? 0 : g_array_index(devs, int64_t, i);
		strid name = GPOINTER_TO_UINT(g_hash_table_lookup(model->names, &dev));

		codec_i64(image->codec, &dev);
		image_string(image, &name);
		if (image_reads(image))
			g_hash_table_replace(
				model->names, g_memdup2(&dev, sizeof(dev)), GUINT_TO_POINTER(name));
	}
	g_array_unref(devs);
}
