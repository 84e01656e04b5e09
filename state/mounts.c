/*
 * What is behind paths: what is usual, and what is seen to be mounted.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/mounts.h"

#include "state/image.h"
#include "state/model.h"

#include <string.h>

/* Where every Linux has what is no file on a disk. The longest one that fits counts. */
static const struct {
	const char *path;
	enum file_type type;
} usual[] = {
	{"/dev", FILE_DEVICE},
	{"/dev/hugepages", FILE_VIRTUAL},
	{"/dev/mqueue", FILE_VIRTUAL},
	{"/dev/shm", FILE_VIRTUAL},
	{"/proc", FILE_VIRTUAL},
	{"/run", FILE_VIRTUAL},
	{"/sys", FILE_VIRTUAL},
	{"/var/run", FILE_VIRTUAL},
};

void mounts_init(struct mount_model *model)
{
	model->types = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

void mounts_clear(struct mount_model *model)
{
	g_hash_table_destroy(model->types);
}

enum file_type file_type_of_fs(const char *fs)
{
	static const char *const in_memory[] = {"tmpfs", "ramfs", "hugetlbfs", "proc", "sysfs",
		"mqueue", "cgroup", "cgroup2", "bpf", "pstore", "configfs", "debugfs", "tracefs",
		"securityfs", "selinuxfs", "smackfs", "efivarfs", "fusectl", "binfmt_misc",
		"rpc_pipefs", "nsfs", "resctrl"};

	for (size_t i = 0; fs && i < G_N_ELEMENTS(in_memory); i++)
		if (strcmp(fs, in_memory[i]) == 0)
			return FILE_VIRTUAL;
	return fs && (strcmp(fs, "devtmpfs") == 0 || strcmp(fs, "devpts") == 0) ? FILE_DEVICE
										: FILE_STORED;
}

/* The length of the longest of the usual places that a path is in, 0 if it is in none; its type. */
static size_t find_usual(const char *path, enum file_type *type)
{
	size_t longest = 0, length;

	if (!strchr("dprsv", path[1]))
		return 0;
	for (size_t i = 0; i < G_N_ELEMENTS(usual); i++) {
		length = strlen(usual[i].path);
		if (length <= longest || strncmp(path, usual[i].path, length) != 0 ||
			(path[length] != '/' && path[length] != 0))
			continue;
		longest = length;
		*type = usual[i].type;
	}
	return longest;
}

/* The same for what has been mounted, if that is as long as `least`. */
static void find_mounted(
	const struct state *state, const char *path, size_t least, enum file_type *type)
{
	char text[MOUNT_PATH_MAX + 1];
	gpointer found;

	if (g_hash_table_size(state->mounts.types) == 0)
		return;
	g_strlcpy(text, path, sizeof(text));
	for (size_t end = strlen(text); end > 0 && end >= least; end--) {
		if (path[end] != '/' && path[end] != 0)
			continue;
		text[end] = 0;
		if (g_hash_table_lookup_extended(state->mounts.types, text, NULL, &found)) {
			*type = GPOINTER_TO_UINT(found);
			return;
		}
	}
}

enum file_type file_type_of_path(const struct state *state, const char *path)
{
	enum file_type type = FILE_STORED;

	if (path && path[0] == '/')
		find_mounted(state, path, find_usual(path, &type), &type);
	return type;
}

/* A path without slashes at its end, to be freed; NULL if that is the root, or too long. */
static char *mount_point(const char *path)
{
	size_t length = path && path[0] == '/' ? strlen(path) : 0;

	while (length > 0 && path[length - 1] == '/')
		length--;
	return length > 0 && length <= MOUNT_PATH_MAX ? g_strndup(path, length) : NULL;
}

void mounts_add(struct state *state, const char *path, enum file_type type)
{
	GHashTable *types = state->mounts.types;
	char *point = mount_point(path);

	if (point && (g_hash_table_size(types) < MOUNTS_MAX || g_hash_table_contains(types, point)))
		g_hash_table_insert(types, point, GUINT_TO_POINTER(type));
	else
		g_free(point);
}

void mounts_remove(struct state *state, const char *path)
{
	char *point = mount_point(path);

	if (point)
		g_hash_table_remove(state->mounts.types, point);
	g_free(point);
}

/* ---- Images ---- */

void mounts_image(struct image *image)
{
	GHashTable *types = image->state->mounts.types;
	GList *paths = g_list_sort(g_hash_table_get_keys(types), (GCompareFunc)strcmp);
	GList *at = paths;
	uint32_t n = codec_count(image->codec, g_hash_table_size(types), MOUNTS_MAX);

	for (uint32_t i = 0; i < n && !image->codec->failed; i++) {
		char *path = at ? at->data : NULL;
		uint8_t type = path ? GPOINTER_TO_UINT(g_hash_table_lookup(types, path)) : 0;

		codec_text(image->codec, &path);
		codec_u8(image->codec, &type);
		at = at ? at->next : NULL;
		if (!image_reads(image))
			continue;
		if (!path || type >= FILE_TYPES || g_hash_table_contains(types, path))
			codec_fail(image->codec, "a mount is invalid");
		else
			mounts_add(image->state, path, type);
		g_free(path);
	}
	g_list_free(paths);
}
