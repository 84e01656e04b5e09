/*
 * File descriptors: which numbers are open in which table, and what is behind them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/fd.h"

#include "state/hash.h"
#include "state/image.h"
#include "state/inspect.h"
#include "state/model.h"

/* Flags of open files; what is O_DIRECT here is meant for folders on ARM and PowerPC. */
#define ACCESS_MODE   3
#define O_DIRECT_FLAG 040000

/* All tables together hold at most this many; a trace that claims more is not of a real machine. */
#define FDS_MAX (16 * 1024 * 1024)

/*
 * Two trees that lie in each other take as long to be made one as the smaller one is large. Of larger
 * ones the marked descriptors are closed at once: an exec is what they are marked for.
 */
#define MARKED_MAX 1024

void fd_init(struct state *state)
{
	struct fd_model *model = &state->fd;

	pool_init(&model->tables, sizeof(struct fd_table));
	fd_trees_init(&model->trees, state->strings);
	model->by_address = g_hash_table_new_full(number_hash, g_int64_equal, g_free, NULL);
}

static struct fd_table *table_at(const struct state *state, uint32_t files)
{
	return pool_at(&state->fd.tables, files);
}

/* Forgets what the statedump told of kernel addresses; they may be reused afterwards. */
static void forget_addresses(struct state *state)
{
	GList *known = g_hash_table_get_values(state->fd.by_address);

	g_hash_table_remove_all(state->fd.by_address);
	for (const GList *link = known; link; link = link->next) {
		table_at(state, GPOINTER_TO_UINT(link->data))->address = 0;
		files_unref(state, GPOINTER_TO_UINT(link->data));
	}
	g_list_free(known);
}

void fd_clear(struct state *state)
{
	struct fd_model *model = &state->fd;

	g_hash_table_destroy(model->by_address);
	pool_clear(&model->tables);
	fd_trees_clear(&model->trees);
}

uint32_t files_new(struct state *state)
{
	uint32_t files = pool_add(&state->fd.tables);
	struct fd_table *table = table_at(state, files);

	table->refs = 1;
	table->alive = true;
	state->fd.alive++;
	return files;
}

uint32_t files_ref(struct state *state, uint32_t files)
{
	if (files)
		table_at(state, files)->refs++;
	return files;
}

static void files_free(struct state *state, uint32_t files)
{
	struct fd_table *table = table_at(state, files);

	fd_tree_unref(&state->fd.trees, table->stays);
	fd_tree_unref(&state->fd.trees, table->cloexec);
	*table = (struct fd_table){0};
	pool_remove(&state->fd.tables, files);
	state->fd.alive--;
}

/* The table stands under no kernel address any more. */
static void forget_address(struct state *state, uint32_t files)
{
	struct fd_table *table = table_at(state, files);

	g_hash_table_remove(state->fd.by_address, &table->address);
	table->address = 0;
	files_unref(state, files);
}

void files_unref(struct state *state, uint32_t files)
{
	struct fd_table *table;

	if (!files)
		return;
	table = table_at(state, files);
	if (--table->refs == 1 && table->address)
		/* The last thread is gone: the kernel may give the address to another table. */
		forget_address(state, files);
	else if (table->refs == 0)
		files_free(state, files);
}

bool files_shared(const struct state *state, uint32_t files)
{
	const struct fd_table *table = files ? table_at(state, files) : NULL;

	return table && table->refs > (table->address ? 2 : 1);
}

uint32_t files_copy(struct state *state, uint32_t from)
{
	struct fd_trees *trees = &state->fd.trees;
	uint32_t files = files_new(state);

	if (from) {
		table_at(state, files)->stays = fd_tree_ref(trees, table_at(state, from)->stays);
		table_at(state, files)->cloexec =
			fd_tree_ref(trees, table_at(state, from)->cloexec);
	}
	return files;
}

uint32_t files_unshare(struct state *state, uint32_t shared)
{
	uint32_t own;

	if (!shared || table_at(state, shared)->refs == 1)
		return shared;
	own = files_copy(state, shared);
	files_unref(state, shared);
	return own;
}

/* Whether a number can be that of a descriptor. */
static bool is_number(int64_t number)
{
	return number >= 0 && number <= INT32_MAX;
}

/* The tree of a table in which a number is, or NULL. */
static uint32_t *tree_of(const struct state *state, uint32_t files, int64_t number)
{
	struct fd_table *table = files && is_number(number) ? table_at(state, files) : NULL;
	const struct fd_trees *trees = &state->fd.trees;

	if (!table)
		return NULL;
	if (fd_tree_find(trees, table->stays, (int32_t)number))
		return &table->stays;
	return fd_tree_find(trees, table->cloexec, (int32_t)number) ? &table->cloexec : NULL;
}

bool fd_open(struct state *state, uint32_t files, int64_t number, struct file file, int64_t since)
{
	struct fd_table *table = table_at(state, files);
	uint32_t *tree = tree_of(state, files, number);
	uint32_t *wanted = file.cloexec ? &table->cloexec : &table->stays;
	struct fd fd = {.number = (int32_t)number, .file = file, .since = since};

	/* The tree says it. */
	fd.file.cloexec = false;
	if (!is_number(number) || (!tree && state->fd.trees.alive >= FDS_MAX))
		return false;
	strpool_ref(state->strings, file.path);
	if (tree && tree != wanted)
		fd_tree_unref(&state->fd.trees,
			fd_tree_cut(&state->fd.trees, tree, fd.number, fd.number));
	fd_tree_put(&state->fd.trees, wanted, &fd);
	strpool_unref(state->strings, file.path);
	return true;
}

void files_merge(struct state *state, uint32_t to, uint32_t from)
{
	struct fd_trees *trees = &state->fd.trees;
	struct fd_table *source = table_at(state, from), *target = table_at(state, to);
	uint32_t stays = fd_tree_ref(trees, source->stays);
	uint32_t cloexec = fd_tree_ref(trees, source->cloexec);

	fd_tree_drop(trees, &stays, target->cloexec);
	fd_tree_drop(trees, &cloexec, target->stays);
	fd_tree_add(trees, &target->stays, stays);
	fd_tree_add(trees, &target->cloexec, cloexec);
	fd_tree_unref(trees, stays);
	fd_tree_unref(trees, cloexec);
}

const struct fd *fd_find(const struct state *state, uint32_t files, int64_t number)
{
	const struct fd_table *table = files && is_number(number) ? table_at(state, files) : NULL;
	const struct fd *fd;

	if (!table)
		return NULL;
	fd = fd_tree_find(&state->fd.trees, table->stays, (int32_t)number);
	return fd ? fd : fd_tree_find(&state->fd.trees, table->cloexec, (int32_t)number);
}

const struct fd *fd_from(const struct state *state, uint32_t files, int64_t number)
{
	const struct fd_table *table = files && number <= INT32_MAX ? table_at(state, files) : NULL;
	int32_t from = (int32_t)MAX(number, 0);
	const struct fd *stays, *cloexec;

	if (!table)
		return NULL;
	stays = fd_tree_from(&state->fd.trees, table->stays, from);
	cloexec = fd_tree_from(&state->fd.trees, table->cloexec, from);
	if (!stays || !cloexec)
		return stays ? stays : cloexec;
	return stays->number < cloexec->number ? stays : cloexec;
}

struct fd *fd_change(struct state *state, uint32_t files, int64_t number)
{
	uint32_t *tree = tree_of(state, files, number);

	return tree ? fd_tree_change(&state->fd.trees, tree, (int32_t)number) : NULL;
}

const struct fd *fd_assume(struct state *state, uint32_t files, int64_t number)
{
	const struct fd *fd = fd_find(state, files, number);

	if (fd || !fd_open(state, files, number, (struct file){0}, INT64_MIN))
		return fd;
	return fd_find(state, files, number);
}

strid fd_close(struct state *state, uint32_t files, int64_t number)
{
	uint32_t *tree = tree_of(state, files, number);
	struct fd_trees *trees = &state->fd.trees;
	strid path;

	path = strpool_ref(state->strings, fd_tree_find(trees, *tree, (int32_t)number)->file.path);
	fd_tree_unref(trees, fd_tree_cut(trees, tree, (int32_t)number, (int32_t)number));
	return path;
}

/* Takes descriptors from `first` to `last` out of one of the trees of a table. */
static uint32_t cut(struct state *state, uint32_t *tree, uint32_t first, uint32_t last)
{
	if (first > INT32_MAX)
		return 0;
	return fd_tree_cut(
		&state->fd.trees, tree, (int32_t)first, (int32_t)MIN(last, (uint32_t)INT32_MAX));
}

void files_close(struct state *state, uint32_t files, uint32_t first, uint32_t last)
{
	struct fd_table *table = table_at(state, files);

	fd_tree_unref(&state->fd.trees, cut(state, &table->stays, first, last));
	fd_tree_unref(&state->fd.trees, cut(state, &table->cloexec, first, last));
}

void files_mark(struct state *state, uint32_t files, uint32_t first, uint32_t last)
{
	struct fd_table *table = table_at(state, files);
	struct fd_trees *trees = &state->fd.trees;
	uint32_t marked = cut(state, &table->stays, first, last);

	if (MIN(fd_tree_size(trees, marked), fd_tree_size(trees, table->cloexec)) <= MARKED_MAX)
		fd_tree_add(trees, &table->cloexec, marked);
	fd_tree_unref(&state->fd.trees, marked);
}

const struct fd *files_first_cloexec(const struct state *state, uint32_t files)
{
	return files ? fd_tree_from(&state->fd.trees, table_at(state, files)->cloexec, 0) : NULL;
}

void files_close_on_exec(struct state *state, uint32_t files)
{
	if (!files)
		return;
	fd_tree_unref(&state->fd.trees, table_at(state, files)->cloexec);
	table_at(state, files)->cloexec = 0;
}

bool fd_is_cloexec(const struct state *state, uint32_t files, int64_t number)
{
	const uint32_t *tree = tree_of(state, files, number);

	return tree && tree == &table_at(state, files)->cloexec;
}

void fd_set_cloexec(struct state *state, uint32_t files, int64_t number, bool cloexec)
{
	const struct fd *fd = fd_find(state, files, number);
	struct file file;

	if (!fd)
		return;
	file = fd->file;
	file.cloexec = cloexec;
	fd_open(state, files, number, file, fd->since);
}

uint32_t files_find_address(const struct state *state, int64_t address)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(state->fd.by_address, &address));
}

uint32_t files_at_address(struct state *state, uint32_t files, int64_t address)
{
	uint32_t known, own;

	if (address == VALUE_ABSENT || address == 0)
		return files;
	known = files_find_address(state, address);
	if (known && known != files) {
		if (files)
			files_merge(state, known, files);
		files_unref(state, files);
		return files_ref(state, known);
	}
	if (known)
		return files;
	if (!files) {
		files = files_new(state);
	} else if (table_at(state, files)->address) {
		/* They were thought to share it, but this one has another. */
		own = files_new(state);
		files_unref(state, files);
		files = own;
	}
	table_at(state, files)->address = address;
	g_hash_table_insert(state->fd.by_address, g_memdup2(&address, sizeof(address)),
		GUINT_TO_POINTER(files_ref(state, files)));
	return files;
}

enum file_type file_type_of_name(const char *name)
{
	static const char *const local[] = {"pipe:", "anon_inode:", "/memfd:"};

	for (size_t i = 0; name && i < G_N_ELEMENTS(local); i++)
		if (g_str_has_prefix(name, local[i]))
			return FILE_LOCAL;
	return FILE_UNKNOWN;
}

void file_set_flags(struct file *file, int64_t flags)
{
	file->readonly = flags != VALUE_ABSENT && (flags & ACCESS_MODE) == 0;
	file->direct = flags != VALUE_ABSENT && flags & O_DIRECT_FLAG;
}

const char *file_type_name(enum file_type type)
{
	static const char *const names[] = {
		[FILE_UNKNOWN] = "unknown",
		[FILE_STORED] = "file",
		[FILE_DEVICE] = "device",
		[FILE_VIRTUAL] = "virtual",
		[FILE_NET] = "net",
		[FILE_LOCAL] = "local",
	};

	return names[type];
}

void on_statedump_start(struct state *state, const struct record *rec, const struct state_io *io)
{
	(void)rec;
	(void)io;
	forget_addresses(state);
}

void on_statedump_end(struct state *state, const struct record *rec, const struct state_io *io)
{
	(void)rec;
	(void)io;
	forget_addresses(state);
}

/* ---- Views ---- */

int64_t files_count(const struct state *state, uint32_t files)
{
	const struct fd_table *table = table_at(state, files);

	return (int64_t)fd_tree_size(&state->fd.trees, table->stays) +
	       fd_tree_size(&state->fd.trees, table->cloexec);
}

void files_inspect(const struct state *state, uint32_t files, const struct view_sink *sink)
{
	for (const struct fd *fd = fd_from(state, files, 0); fd;
		fd = fd_from(state, files, (int64_t)fd->number + 1)) {
		const struct socket *socket = socket_look(state, fd->file.socket);

		sink->row(sink->data, &(struct view_fd){.fd = fd->number,
					      .path = fd->file.path,
					      .file_type = file_type_name(fd->file.type),
					      .since = fd->since,
					      .cloexec = fd_is_cloexec(state, files, fd->number),
					      .readonly = fd->file.readonly,
					      .direct = fd->file.direct,
					      .peer = socket ? socket->peer_text : 0,
					      .port = socket ? socket_port(socket) : VALUE_ABSENT});
	}
}

/* ---- Images ---- */

static void table_image(struct image *image, uint32_t index, void *item)
{
	struct fd_model *model = &image->state->fd;
	struct fd_table *table = item;
	uint32_t refs = table->refs;

	codec_u32(image->codec, &refs);
	codec_i64(image->codec, &table->address);
	fd_tree_image(image, &model->trees, &table->stays);
	fd_tree_image(image, &model->trees, &table->cloexec);
	if (!image_reads(image))
		return;
	table->told = refs;
	table->alive = true;
	model->alive++;
	if (!table->address)
		return;
	if (g_hash_table_contains(model->by_address, &table->address)) {
		codec_fail(image->codec, "two descriptor tables have the same address");
		table->address = 0;
		return;
	}
	table->refs++;
	g_hash_table_insert(model->by_address, g_memdup2(&table->address, sizeof(table->address)),
		GUINT_TO_POINTER(index));
}

void fd_image(struct image *image)
{
	fd_trees_image(image, &image->state->fd.trees);
	image_pool(image, &image->state->fd.tables, IMAGE_TABLES, table_image);
}

void fd_image_check(struct image *image)
{
	fd_trees_image_check(image, &image->state->fd.trees);
	if (!image_reads(image) || image->codec->failed)
		return;
	for (uint32_t i = 1; i < image->used[IMAGE_TABLES]; i++) {
		const struct fd_table *table = table_at(image->state, i);

		if (!image->alive[IMAGE_TABLES][i])
			continue;
		if (table->refs != table->told || !table->refs)
			codec_fail(
				image->codec, "the reference count of a descriptor table is wrong");
	}
}
