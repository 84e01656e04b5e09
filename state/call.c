/*
 * System calls as such: their numbers and names, and a call in progress.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/call.h"

#include "state/hash.h"
#include "state/image.h"
#include "state/model.h"
#include "state/syscall_table.h"

#include <inttypes.h>
#include <sched.h>
#include <string.h>

void call_init(struct call_model *model)
{
	model->names = g_ptr_array_new();
	model->by_large = g_hash_table_new(NULL, NULL);
	model->ids = g_hash_table_new(text_hash, g_str_equal);
	for (unsigned int i = 1; i <= SYSCALL_ROWS; i++)
		g_hash_table_insert(
			model->ids, (gpointer)syscall_rows[i].name, GUINT_TO_POINTER(i));
}

void call_clear(struct call_model *model)
{
	g_ptr_array_free(model->names, TRUE);
	g_hash_table_destroy(model->by_large);
	g_hash_table_destroy(model->ids);
}

uint16_t call_id(struct state *state, const char *name)
{
	struct call_model *model = &state->call;
	unsigned int id = GPOINTER_TO_UINT(g_hash_table_lookup(model->ids, name));
	const char *kept;

	if (id)
		return (uint16_t)id;
	id = SYSCALL_ROWS + 1 + model->names->len;
	if (id > SYSCALL_IDS_MAX)
		return SYSCALL_ANY;
	kept = g_intern_string(name);
	g_ptr_array_add(model->names, (gpointer)kept);
	g_hash_table_insert(model->ids, (gpointer)kept, GUINT_TO_POINTER(id));
	return (uint16_t)id;
}

/* The call of this number by its name, or by the number. */
static uint16_t name_number(struct state *state, bool compat, int64_t number)
{
	enum syscall_arch arch = state->config.arch;
	const char *name = syscall_name(compat ? syscall_arch_compat(arch) : arch, number);
	char numbered[32];

	g_snprintf(numbered, sizeof(numbered), "unknown_%" PRId64, number);
	return call_id(state, name ?: numbered);
}

static uint16_t call_id_of_large(struct state *state, bool compat, int64_t number)
{
	GHashTable *known = state->call.by_large;
	gpointer key = GSIZE_TO_POINTER(2 * (gsize)number + compat);
	guint id = GPOINTER_TO_UINT(g_hash_table_lookup(known, key));

	if (id)
		return (uint16_t)id;
	if (g_hash_table_size(known) >= SYSCALL_NUMBERS_LARGE)
		return call_id(state, "unknown");
	id = name_number(state, compat, number);
	g_hash_table_insert(known, key, GUINT_TO_POINTER(id));
	return (uint16_t)id;
}

uint16_t call_id_of_number(struct state *state, bool compat, int64_t number)
{
	uint16_t *cached;

	/* The kernel's numbers have 32 bits; -1 is a call that a tracer of the process has skipped. */
	if (number < 0 || number > INT32_MAX)
		return call_id(state, "unknown");
	if (number >= SYSCALL_NUMBERS_CACHED)
		return call_id_of_large(state, compat, number);
	cached = &state->call.by_number[compat][number];
	if (!*cached)
		*cached = name_number(state, compat, number);
	return *cached;
}

const char *call_name(const struct state *state, uint16_t id)
{
	if (id == SYSCALL_ANY)
		return "unknown";
	if (id <= SYSCALL_ROWS)
		return syscall_rows[id].name;
	return g_ptr_array_index(state->call.names, id - SYSCALL_ROWS - 1);
}

void call_forget_numbers(struct state *state)
{
	memset(state->call.by_number, 0, sizeof(state->call.by_number));
	g_hash_table_remove_all(state->call.by_large);
}

void call_drop(struct state *state, struct call *call)
{
	sync_call_drop(state, call->sync);
	strpool_unref(state->strings, call->path);
	strpool_unref(state->strings, call->path2);
	strpool_unref(state->strings, call->file.path);
	memset(call, 0, sizeof(*call));
}

bool call_makes_mounts(const struct call *call)
{
	uint8_t op = syscall_row_of(call->id)->op;

	return (op == FD_CLONE || op == FD_UNSHARE) && call->flags != VALUE_ABSENT &&
	       call->flags & CLONE_NEWNS;
}

bool call_is_clone(const struct call *call)
{
	return call->id != SYSCALL_ANY && syscall_row_of(call->id)->op == FD_CLONE;
}

/* ---- Images ---- */

static void add_name(struct image *image, const char *name)
{
	call_id(image->state, name);
}

void call_names_image(struct image *image)
{
	image_names(image, image->state->call.names, add_name, SYSCALL_IDS_MAX - SYSCALL_ROWS);
}

void call_image(struct image *image, struct call *call)
{
	struct codec *codec = image->codec;

	/* Without a call the rest is 0. */
	codec_u16(codec, &call->id);
	codec_bool(codec, &call->between);
	if (call->id == SYSCALL_ANY)
		return;
	if (call->id > SYSCALL_ROWS + image->state->call.names->len)
		codec_fail(codec, "a system call number is unknown");
	codec_time(codec, &call->begin);
	codec_i64(codec, &call->fd);
	codec_i64(codec, &call->fd2);
	codec_i64(codec, &call->count);
	codec_i64(codec, &call->flags);
	codec_i64(codec, &call->pos);
	image_string(image, &call->path);
	image_string(image, &call->path2);
	file_image(image, &call->file);
	address_codec(codec, &call->to);
	image_number(image, &call->sync, IMAGE_CALLS);
	codec_i64(codec, &call->from);
	codec_i64(codec, &call->at);
	codec_bool(codec, &call->compat);
	/* One that is followed is that of one thread only. */
	if (image_reads(image) && call->sync)
		image->alive[IMAGE_CALLS][call->sync] = false;
}
