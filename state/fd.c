/*
 * File descriptors: which numbers are open in which table, and what is behind them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/fd.h"

#include "state/image.h"
#include "state/inspect.h"
#include "state/model.h"

/* Flags of open files; what is O_DIRECT here is meant for folders on ARM and PowerPC. */
#define ACCESS_MODE   3
#define O_DIRECT_FLAG 040000

/* All tables together hold at most this many; a trace that claims more is not of a real machine. */
#define FDS_MAX (16 * 1024 * 1024)

void fd_init(struct fd_model *model)
{
	pool_init(&model->tables, sizeof(struct fd_table));
	model->by_address = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
}

static struct fd_table *table_at(const struct state *state, uint32_t files)
{
	return pool_at(&state->fd.tables, files);
}

/* Forgets what the statedump told of kernel addresses; they may be reused afterwards. */
static void forget_addresses(struct state *state)
{
	g_hash_table_remove_all(state->fd.by_address);
	for (uint32_t i = 1; i < state->fd.tables.used; i++) {
		struct fd_table *table = table_at(state, i);

		if (!table->fds || !table->address)
			continue;
		table->address = 0;
		files_unref(state, i);
	}
}

void fd_clear(struct state *state)
{
	struct fd_model *model = &state->fd;

	forget_addresses(state);
	for (uint32_t i = 1; i < model->tables.used; i++) {
		struct fd_table *table = table_at(state, i);

		if (table->fds)
			g_array_free(table->fds, TRUE);
	}
	g_hash_table_destroy(model->by_address);
	pool_clear(&model->tables);
}

uint32_t files_new(struct state *state)
{
	uint32_t files = pool_add(&state->fd.tables);
	struct fd_table *table = table_at(state, files);

	table->refs = 1;
	table->fds = g_array_new(FALSE, FALSE, sizeof(struct fd));
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

	for (guint i = 0; i < table->fds->len; i++) {
		struct fd *fd = &g_array_index(table->fds, struct fd, i);

		state->fd.open -= fd->open;
		strpool_unref(state->strings, fd->file.path);
	}
	g_array_free(table->fds, TRUE);
	table->fds = NULL;
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
	uint32_t files = files_new(state);

	if (from)
		files_merge(state, files, from);
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

/* The place of `number` in a table: where it is, or would have to be put in. */
static guint fd_place(const GArray *fds, int32_t number)
{
	guint low = 0;
	guint high = fds->len;

	/* Kernels give out the lowest free number, so most tables have no holes. */
	if ((guint)number < high && g_array_index(fds, struct fd, number).number == number)
		return number;
	while (low < high) {
		guint middle = low + (high - low) / 2;

		if (g_array_index(fds, struct fd, middle).number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The entry of `number`, open or not; NULL if there is none. */
static struct fd *fd_entry(const GArray *fds, int64_t number)
{
	guint place;
	struct fd *fd;

	if (number < 0 || number > INT32_MAX)
		return NULL;
	place = fd_place(fds, (int32_t)number);
	if (place == fds->len)
		return NULL;
	fd = &g_array_index(fds, struct fd, place);
	return fd->number == number ? fd : NULL;
}

/* An entry of a table, made if it does not exist; NULL for impossible numbers. */
static struct fd *entry_ensure(struct state *state, GArray *fds, int64_t number)
{
	struct fd *fd = fd_entry(fds, number);
	guint place;

	if (fd || number < 0 || number > INT32_MAX || state->fd.open >= FDS_MAX)
		return fd;
	place = fd_place(fds, (int32_t)number);
	g_array_insert_vals(fds, place, &(struct fd){.number = (int32_t)number}, 1);
	return &g_array_index(fds, struct fd, place);
}

void fd_open(struct state *state, struct fd *fd, struct file file, int64_t since)
{
	strpool_ref(state->strings, file.path);
	strpool_unref(state->strings, fd->file.path);
	state->fd.open += !fd->open;
	fd->open = true;
	fd->file = file;
	fd->since = since;
}

void files_merge(struct state *state, uint32_t to, uint32_t from)
{
	GArray *source = table_at(state, from)->fds;
	GArray *target = table_at(state, to)->fds;

	for (guint i = 0; i < source->len; i++) {
		struct fd *fd = &g_array_index(source, struct fd, i);
		struct fd *own = fd->open ? entry_ensure(state, target, fd->number) : NULL;

		if (own && !own->open)
			fd_open(state, own, fd->file, fd->since);
	}
}

struct fd *fd_find(const struct state *state, uint32_t files, int64_t number)
{
	struct fd *fd = files ? fd_entry(table_at(state, files)->fds, number) : NULL;

	return fd && fd->open ? fd : NULL;
}

struct fd *fd_from(const struct state *state, uint32_t files, int64_t number)
{
	const GArray *fds = files ? table_at(state, files)->fds : NULL;

	if (!fds || number > INT32_MAX)
		return NULL;
	for (guint i = fd_place(fds, (int32_t)MAX(number, 0)); i < fds->len; i++) {
		struct fd *fd = &g_array_index(fds, struct fd, i);

		if (fd->open)
			return fd;
	}
	return NULL;
}

struct fd *fd_ensure(struct state *state, uint32_t files, int64_t number)
{
	return entry_ensure(state, table_at(state, files)->fds, number);
}

struct fd *fd_assume(struct state *state, uint32_t files, int64_t number)
{
	struct fd *fd = fd_ensure(state, files, number);

	if (fd && !fd->open)
		fd_open(state, fd, (struct file){0}, INT64_MIN);
	return fd;
}

strid fd_close(struct state *state, struct fd *fd)
{
	strid path = fd->file.path;

	fd->open = false;
	fd->file.path = 0;
	state->fd.open--;
	return path;
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
	const GArray *fds = table_at(state, files)->fds;
	int64_t n = 0;

	for (guint i = 0; i < fds->len; i++)
		n += g_array_index(fds, struct fd, i).open;
	return n;
}

void files_inspect(const struct state *state, uint32_t files, const struct view_sink *sink)
{
	for (const struct fd *fd = fd_from(state, files, 0); fd;
		fd = fd_from(state, files, (int64_t)fd->number + 1))
		sink->row(sink->data, &(struct view_fd){.fd = fd->number,
					      .path = fd->file.path,
					      .file_type = file_type_name(fd->file.type),
					      .since = fd->since,
					      .cloexec = fd->file.cloexec,
					      .readonly = fd->file.readonly,
					      .direct = fd->file.direct});
}

/* ---- Images ---- */

void file_image(struct image *image, struct file *file)
{
	uint8_t bits = (uint8_t)(file->cloexec | file->readonly << 1 | file->direct << 2 |
				 file->type << 3);

	image_string(image, &file->path);
	codec_u8(image->codec, &bits);
	file->cloexec = bits & 1;
	file->readonly = bits & 2;
	file->direct = bits & 4;
	file->type = bits >> 3;
	if (file->type > FILE_LOCAL) {
		codec_fail(image->codec, "there is no such type of a file");
		file->type = FILE_UNKNOWN;
	}
}

static void fd_entry_image(struct image *image, GArray *fds, guint i)
{
	struct fd *fd = &g_array_index(fds, struct fd, i);
	int64_t before = i > 0 ? g_array_index(fds, struct fd, i - 1).number : -1;
	/* Most of them have no hole. */
	int64_t step = fd->number - before;

	codec_i64(image->codec, &step);
	if (image_reads(image) && (step <= 0 || step > INT32_MAX - before)) {
		codec_fail(image->codec, "descriptors are not in order");
		step = 1;
	}
	fd->number = (int32_t)(before + step);
	codec_bool(image->codec, &fd->open);
	file_image(image, &fd->file);
	codec_time(image->codec, &fd->since);
	if (image_reads(image))
		image->state->fd.open += fd->open;
}

static void table_image(struct image *image, uint32_t index, void *item)
{
	struct fd_model *model = &image->state->fd;
	struct fd_table *table = item;
	uint32_t refs = table->refs, n;

	if (image_reads(image)) {
		table->fds = g_array_new(FALSE, TRUE, sizeof(struct fd));
		model->alive++;
	}
	codec_u32(image->codec, &refs);
	if (image_reads(image))
		table->told = refs;
	codec_i64(image->codec, &table->address);
	n = codec_count(image->codec, table->fds->len, FDS_MAX);
	if (image_reads(image))
		g_array_set_size(table->fds, n);
	for (guint i = 0; i < n && !image->codec->failed; i++)
		fd_entry_image(image, table->fds, i);
	if (!image_reads(image) || !table->address)
		return;
	if (g_hash_table_contains(model->by_address, &table->address)) {
		codec_fail(image->codec, "two tables have the same address");
		table->address = 0;
		return;
	}
	table->refs++;
	g_hash_table_insert(model->by_address, g_memdup2(&table->address, sizeof(table->address)),
		GUINT_TO_POINTER(index));
}

void fd_image(struct image *image)
{
	image_pool(image, &image->state->fd.tables, IMAGE_TABLES, table_image);
}

void fd_image_check(struct image *image)
{
	for (uint32_t i = 1; image_reads(image) && i < image->used[IMAGE_TABLES]; i++) {
		const struct fd_table *table = table_at(image->state, i);

		if (image->alive[IMAGE_TABLES][i] && (table->refs != table->told || !table->refs))
			codec_fail(image->codec, "a table is not used as often as it says");
	}
}
