/*
 * What is dirty in the page cache, as a structure: neighbouring pages as runs, in one tree by place;
 * the files that they belong to, and which of these have been dirty for longest.
 *
 * Structure. A run is a range of bytes [place.begin, end) in a space: a device, if the blocks of its
 * pages are known, or a file, if they have none yet ("delayed"; the file's space has a number below 0,
 * so that both kinds are in one order). Each run hangs in three structures at once:
 *
 *  - `places`, a tree by (space, begin): what overlaps or touches a range is found in O(log runs);
 *  - the list of all runs, oldest to newest in the order in which they came: for sync, and for
 *    forgetting the oldest when there are too many;
 *  - the list of the runs of its file, likewise in order: for what a call does to one file.
 *
 * A file is there as long as it has a run. It is found by name and by inode. Of two that are called
 * the same (one has replaced the other, or they are in different folders) only the first has the name;
 * the other one is found by inode. A device has the list of its files with delayed pages, in the order
 * in which they became so: the order in which a flusher writes them.
 *
 * Invariant, between any two calls of what page_runs.h offers (check_places() proves it of what is
 * read from an image, and tests/unit/test_pagecache.c after random events):
 *
 *  - runs of one space do not overlap, and none is empty;
 *  - `dirty` is the sum of the sizes of all runs; `delayed` of a file that of its delayed ones;
 *  - a file is in the list of a device if, and only if, `delayed` is not 0;
 *  - each file has a run; only file_ensure() and file_of_inode() make one without, for who gives it
 *    a run right away, or calls file_forget_unused().
 *
 * Who comes back to a run later (a thread's cursor, struct dirtying) has its number and its serial
 * number, as numbers are used again; and the model's `generation`, which grows with each change that
 * could make what was known of a run's surroundings wrong. run_grow() does not change it: only who
 * has looked where the next run begins may grow one.
 *
 * Why. Almost all pages become dirty and clean in order, thousands of them by one call. As single
 * pages they would take a node each (a gigabyte of dirty memory is 262,144 of them); as runs a call
 * takes one, and its next page is an addition without a look at the tree. Writing a run from its begin
 * on moves that, and costs as little. Only what is written in the middle of a run cuts it in two: the
 * part before it stays where it is in the lists, the part behind it goes to their ends though its pages
 * are as old. `since` stays right, the order of runs is no longer that of their ages: whoever goes
 * through the lists must not stop at the first run that is too young.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/page_runs.h"

#include "state/hash.h"
#include "state/image.h"
#include "state/inspect.h"
#include "state/model.h"

static gint place_compare(gconstpointer a, gconstpointer b, gpointer data)
{
	const struct page_place *x = a, *y = b;

	(void)data;
	if (x->space != y->space)
		return x->space < y->space ? -1 : 1;
	return (x->begin > y->begin) - (x->begin < y->begin);
}

static guint name_hash(gconstpointer data)
{
	const struct file_name *name = data;

	return hash_pair(name->path, (uint32_t)name->pid);
}

static gboolean name_equal(gconstpointer a, gconstpointer b)
{
	const struct file_name *x = a, *y = b;

	return x->path == y->path && x->pid == y->pid;
}

static guint inode_hash(gconstpointer data)
{
	const struct inode *inode = data;

	return hash_pair((uint64_t)inode->ino, (uint64_t)inode->dev);
}

static gboolean inode_equal(gconstpointer a, gconstpointer b)
{
	const struct inode *x = a, *y = b;

	return x->ino == y->ino && x->dev == y->dev;
}

struct page_run *run_at(const struct state *state, uint32_t index)
{
	return pool_at(&state->cache.runs, index);
}

struct cached_file *file_at(const struct state *state, uint32_t index)
{
	return pool_at(&state->cache.files, index);
}

void page_runs_init(struct cache_model *model)
{
	pool_init(&model->runs, sizeof(struct page_run));
	pool_init(&model->files, sizeof(struct cached_file));
	model->places = g_tree_new_with_data(place_compare, NULL);
	model->by_name = g_hash_table_new(name_hash, name_equal);
	model->by_inode = g_hash_table_new(inode_hash, inode_equal);
	model->devices = g_hash_table_new_full(number_hash, g_int64_equal, NULL, g_free);
	/* No cursor is right before there is anything. */
	model->generation = 1;
}

void page_runs_clear(struct state *state)
{
	struct cache_model *model = &state->cache;

	g_tree_destroy(model->places);
	g_hash_table_destroy(model->by_name);
	g_hash_table_destroy(model->by_inode);
	g_hash_table_destroy(model->devices);
	pool_clear(&model->runs);
	pool_clear(&model->files);
}

/* ---- Files ---- */

uint32_t file_find(const struct state *state, struct file_name name)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(state->cache.by_name, &name));
}

uint32_t file_at_path(const struct state *state, strid path)
{
	return path ? file_find(state, (struct file_name){.path = path}) : 0;
}

void file_rename(struct state *state, uint32_t index, struct file_name name)
{
	struct cached_file *file = file_at(state, index);

	if (g_hash_table_lookup(state->cache.by_name, &file->name) == GUINT_TO_POINTER(index))
		g_hash_table_remove(state->cache.by_name, &file->name);
	strpool_ref(state->strings, name.path);
	strpool_unref(state->strings, file->name.path);
	file->name = name;
	g_hash_table_insert(state->cache.by_name, &file->name, GUINT_TO_POINTER(index));
	state->cache.generation++;
}

uint32_t file_ensure(struct state *state, struct file_name name)
{
	uint32_t index = file_find(state, name);

	if (index)
		return index;
	index = pool_add(&state->cache.files);
	file_rename(state, index, name);
	return index;
}

static void file_remove(struct state *state, uint32_t index)
{
	struct cached_file *file = file_at(state, index);

	if (file->inode.ino)
		g_hash_table_remove(state->cache.by_inode, &file->inode);
	if (g_hash_table_lookup(state->cache.by_name, &file->name) == GUINT_TO_POINTER(index))
		g_hash_table_remove(state->cache.by_name, &file->name);
	strpool_unref(state->strings, file->name.path);
	pool_remove(&state->cache.files, index);
	state->cache.generation++;
}

uint32_t file_of_inode(struct state *state, struct inode inode, struct file_name name)
{
	uint32_t index = GPOINTER_TO_UINT(g_hash_table_lookup(state->cache.by_inode, &inode));
	struct cached_file *file;

	if (index) {
		if (name.path && !file_at(state, index)->name.path && !file_find(state, name))
			file_rename(state, index, name);
		return index;
	}
	index = name.path ? file_ensure(state, name) : pool_add(&state->cache.files);
	file = file_at(state, index);
	/* Another file is called so, too: it has been replaced, or is in another folder. */
	if (file->inode.ino) {
		index = pool_add(&state->cache.files);
		file = file_at(state, index);
	}
	file->inode = inode;
	g_hash_table_insert(state->cache.by_inode, &file->inode, GUINT_TO_POINTER(index));
	state->cache.generation++;
	return index;
}

static struct cached_device *device_find(const struct state *state, int64_t dev)
{
	return g_hash_table_lookup(state->cache.devices, &dev);
}

/* The file has its first page that waits for a block: it is the newest of its device. */
static void file_enqueue(struct state *state, uint32_t index, int64_t dev)
{
	struct cached_file *file = file_at(state, index);
	struct cached_device *device = device_find(state, dev);

	if (!device) {
		device = g_new0(struct cached_device, 1);
		device->dev = dev;
		g_hash_table_insert(state->cache.devices, &device->dev, device);
	}
	file->dev = dev;
	file->older = device->newest;
	file->newer = 0;
	if (device->newest)
		file_at(state, device->newest)->newer = index;
	else
		device->oldest = index;
	device->newest = index;
}

static void file_dequeue(struct state *state, uint32_t index)
{
	struct cached_file *file = file_at(state, index);
	struct cached_device *device = device_find(state, file->dev);

	if (file->older)
		file_at(state, file->older)->newer = file->newer;
	else
		device->oldest = file->newer;
	if (file->newer)
		file_at(state, file->newer)->older = file->older;
	else
		device->newest = file->older;
	if (!device->oldest)
		g_hash_table_remove(state->cache.devices, &file->dev);
}

void file_forget_unused(struct state *state, uint32_t index)
{
	if (!file_at(state, index)->first)
		file_remove(state, index);
}

uint32_t file_oldest(const struct state *state, int64_t dev)
{
	const struct cached_device *device = device_find(state, dev);

	return device ? device->oldest : 0;
}

/* ---- Runs ---- */

uint32_t run_before(const struct state *state, const struct page_place *place)
{
	GTreeNode *node = g_tree_upper_bound(state->cache.places, place);
	uint32_t index;

	node = node ? g_tree_node_previous(node) : g_tree_node_last(state->cache.places);
	index = node ? GPOINTER_TO_UINT(g_tree_node_value(node)) : 0;
	return index && run_at(state, index)->place.space == place->space ? index : 0;
}

uint32_t run_from(const struct state *state, const struct page_place *place)
{
	GTreeNode *node = g_tree_lower_bound(state->cache.places, place);
	uint32_t index = node ? GPOINTER_TO_UINT(g_tree_node_value(node)) : 0;

	return index && run_at(state, index)->place.space == place->space ? index : 0;
}

/* Puts a run behind all others, and where its place is. */
static void run_chain(struct state *state, uint32_t index)
{
	struct cache_model *model = &state->cache;
	struct page_run *run = run_at(state, index);
	struct cached_file *file = file_at(state, run->file);

	run->prev = file->last;
	if (file->last)
		run_at(state, file->last)->next = index;
	else
		file->first = index;
	file->last = index;
	run->older = model->newest;
	if (model->newest)
		run_at(state, model->newest)->newer = index;
	else
		model->oldest = index;
	model->newest = index;
	model->n_runs++;
	g_tree_insert(model->places, &run->place, GUINT_TO_POINTER(index));
}

static void run_link(struct state *state, uint32_t index, int64_t dev)
{
	struct cache_model *model = &state->cache;
	struct page_run *run = run_at(state, index);
	struct cached_file *file = file_at(state, run->file);

	run_chain(state, index);
	model->generation++;
	run->serial = ++model->serial;
	if (run_is_delayed(run)) {
		if (file->delayed == 0)
			file_enqueue(state, run->file, dev);
		file->delayed += run->end - run->place.begin;
	}
}

/* The run's pages are gone; so is the file if they were its last ones. */
static void run_remove(struct state *state, uint32_t index)
{
	struct cache_model *model = &state->cache;
	struct page_run *run = run_at(state, index);
	struct cached_file *file = file_at(state, run->file);

	if (run->prev)
		run_at(state, run->prev)->next = run->next;
	else
		file->first = run->next;
	if (run->next)
		run_at(state, run->next)->prev = run->prev;
	else
		file->last = run->prev;
	if (run->older)
		run_at(state, run->older)->newer = run->newer;
	else
		model->oldest = run->newer;
	if (run->newer)
		run_at(state, run->newer)->older = run->older;
	else
		model->newest = run->older;
	model->n_runs--;
	model->generation++;
	g_tree_remove(model->places, &run->place);
	if (!file->first)
		file_remove(state, run->file);
	strpool_unref(state->strings, run->owner.comm);
	strpool_unref(state->strings, run->owner.process);
	strpool_unref(state->strings, run->path);
	run->serial = 0;
	pool_remove(&model->runs, index);
}

void run_grow(struct state *state, uint32_t index, int64_t end)
{
	struct page_run *run = run_at(state, index);

	state->cache.dirty += end - run->end;
	if (run_is_delayed(run))
		file_at(state, run->file)->delayed += end - run->end;
	run->end = end;
}

/* What a file is called. Where events are missing it can be taken for a pipe, which has no pages. */
static strid path_of(const struct state *state, uint32_t file)
{
	strid path = file_at(state, file)->name.path;

	return file_type_of_name(strpool_text(state->strings, path)) == FILE_LOCAL ? 0 : path;
}

uint32_t run_new(struct state *state, int64_t since, const struct owner *owner, uint32_t file,
	struct page_place place, int64_t end, int64_t dev)
{
	uint32_t index = pool_add(&state->cache.runs);
	struct page_run *run = run_at(state, index);

	run->place = place;
	run->end = end;
	run->since = since;
	run->owner = *owner;
	strpool_ref(state->strings, owner->comm);
	strpool_ref(state->strings, owner->process);
	run->path = strpool_ref(state->strings, path_of(state, file));
	run->file = file;
	state->cache.dirty += end - place.begin;
	run_link(state, index, dev);
	return index;
}

int64_t run_take(struct state *state, uint32_t index, int64_t from, int64_t size)
{
	struct page_run *run = run_at(state, index), *rest;
	struct cached_file *file = file_at(state, run->file);
	int64_t end = size < run->end - from ? from + size : run->end, taken = end - from;
	uint32_t behind;

	state->cache.dirty -= taken;
	if (run_is_delayed(run)) {
		file->delayed -= taken;
		if (file->delayed == 0)
			file_dequeue(state, run->file);
	}
	if (from == run->place.begin && end == run->end) {
		run_remove(state, index);
		return taken;
	}
	state->cache.generation++;
	if (from == run->place.begin) {
		/* No other run is in between: the order stays. */
		run->place.begin = end;
		run->told -= taken;
		return taken;
	}
	run->told = from - run->place.begin;
	if (end < run->end) {
		behind = pool_add(&state->cache.runs);
		rest = run_at(state, behind);
		*rest = *run;
		rest->place.begin = end;
		rest->told = rest->end - end;
		rest->prev = rest->next = rest->older = rest->newer = 0;
		strpool_ref(state->strings, rest->owner.comm);
		strpool_ref(state->strings, rest->owner.process);
		strpool_ref(state->strings, rest->path);
		run->end = from;
		/* run_link() counts it, and it has been. */
		if (run_is_delayed(rest))
			file->delayed -= rest->end - rest->place.begin;
		run_link(state, behind, file->dev);
		return taken;
	}
	run->end = from;
	return taken;
}

/* ---- Views ---- */

void dirty_inspect(const struct state *state, int64_t of, const struct view_sink *sink)
{
	const struct cache_model *model = &state->cache;

	(void)of;
	/* A file is where its oldest run is: the others are behind it. */
	for (uint32_t i = model->oldest; i; i = run_at(state, i)->newer) {
		const struct page_run *run = run_at(state, i);
		const struct cached_file *file = file_at(state, run->file);
		struct view_dirty row = {.path = path_of(state, run->file) ?: run->path,
			.pid = file->name.pid ? file->name.pid : VALUE_ABSENT,
			.delayed = file->delayed,
			.since = run->since,
			.tid = run->owner.tid,
			.procname = run->owner.comm};

		if (file->first != i)
			continue;
		for (uint32_t k = i; k; k = run_at(state, k)->next) {
			row.runs++;
			row.size += run_at(state, k)->end - run_at(state, k)->place.begin;
		}
		sink->row(sink->data, &row);
	}
}

/* ---- Images ---- */

static void cached_file_image(struct image *image, uint32_t index, void *item)
{
	struct codec *codec = image->codec;
	struct cache_model *model = &image->state->cache;
	struct cached_file *file = item;
	gpointer self = GUINT_TO_POINTER(index);
	bool named = g_hash_table_lookup(model->by_name, &file->name) == self;
	bool known = g_hash_table_lookup(model->by_inode, &file->inode) == self;

	image_string(image, &file->name.path);
	codec_i32(codec, &file->name.pid);
	codec_i64(codec, &file->inode.dev);
	codec_i64(codec, &file->inode.ino);
	codec_amount(codec, &file->pos);
	codec_amount(codec, &file->faults);
	codec_i64(codec, &file->dev);
	codec_i64(codec, &file->delayed);
	codec_bool(codec, &named);
	codec_bool(codec, &known);
	if (!image_reads(image))
		return;
	if ((named && file_find(image->state, file->name)) ||
		(known && g_hash_table_contains(model->by_inode, &file->inode)))
		codec_fail(codec, "two files have the same name");
	else if (named)
		g_hash_table_insert(model->by_name, &file->name, self);
	if (known && !codec->failed)
		g_hash_table_insert(model->by_inode, &file->inode, self);
}

static void page_run_image(struct image *image, uint32_t index, void *item)
{
	struct codec *codec = image->codec;
	struct page_run *run = item;

	(void)index;
	image_number(image, &run->file, IMAGE_FILES);
	codec_i64(codec, &run->place.space);
	codec_i64(codec, &run->place.begin);
	codec_i64(codec, &run->end);
	codec_time(codec, &run->since);
	codec_i64(codec, &run->told);
	codec_u32(codec, &run->serial);
	codec_i64(codec, &run->owner.tid);
	codec_i64(codec, &run->owner.pid);
	codec_i64(codec, &run->owner.utid);
	codec_i64(codec, &run->owner.upid);
	image_string(image, &run->owner.comm);
	image_string(image, &run->owner.process);
	image_string(image, &run->path);
	if (image_reads(image) &&
		(!run->file || run->place.begin < 0 || run->end <= run->place.begin ||
			run->told < 0 || run->told > run->end - run->place.begin ||
			(run_is_delayed(run) && run->place.space != file_space(run->file))))
		codec_fail(codec, "the position of dirty pages is invalid");
}

/* The order of all runs, from which the places, and the order in each file, follow. */
static void order_image(struct image *image)
{
	struct cache_model *model = &image->state->cache;
	uint32_t index = model->oldest, serial = model->serial;
	uint32_t n = codec_count(image->codec, model->n_runs, UINT32_MAX);

	for (uint32_t i = 0; i < n && !image->codec->failed; i++) {
		image_number(image, &index, IMAGE_RUNS);
		if (!image_reads(image)) {
			index = run_at(image->state, index)->newer;
			continue;
		}
		if (!index || image->codec->failed) {
			codec_fail(image->codec, "the list of dirty pages is not in order");
			return;
		}
		/* Each one only once. */
		image->alive[IMAGE_RUNS][index] = false;
		run_chain(image->state, index);
	}
	for (uint32_t i = 1; image_reads(image) && i < image->used[IMAGE_RUNS]; i++)
		if (image->alive[IMAGE_RUNS][i])
			codec_fail(image->codec, "the list of dirty pages is not in order");
	codec_u32(image->codec, &serial);
	model->serial = serial;
}

/* Checks that runs do not overlap, and counts what is dirty. */
static void check_places(struct image *image)
{
	struct cache_model *model = &image->state->cache;
	const struct page_run *before = NULL;
	GTreeNode *node = g_tree_node_first(model->places);

	if (g_tree_nnodes(model->places) != (gint)model->n_runs)
		codec_fail(image->codec, "two runs of dirty pages have the same position");
	for (; node && !image->codec->failed; node = g_tree_node_next(node)) {
		struct page_run *run =
			run_at(image->state, GPOINTER_TO_UINT(g_tree_node_value(node)));
		struct cached_file *file = file_at(image->state, run->file);
		int64_t size = run->end - run->place.begin;

		if (before && before->place.space == run->place.space &&
			before->end > run->place.begin)
			codec_fail(image->codec, "two runs of dirty pages overlap");
		if (__builtin_add_overflow(model->dirty, size, &model->dirty) ||
			(run_is_delayed(run) &&
				__builtin_sub_overflow(file->delayed, size, &file->delayed)))
			codec_fail(image->codec, "there are too many dirty pages");
		before = run;
	}
	/* What was told of each file's pages without blocks has been taken away again. */
	for (uint32_t i = 1; i < image->used[IMAGE_FILES] && !image->codec->failed; i++) {
		const struct cached_file *file = file_at(image->state, i);

		if (image->alive[IMAGE_FILES][i] && (file->delayed != 0 || !file->first))
			codec_fail(image->codec, "dirty pages of a file are missing");
	}
	node = g_tree_node_first(model->places);
	for (; node && !image->codec->failed; node = g_tree_node_next(node)) {
		const struct page_run *run =
			run_at(image->state, GPOINTER_TO_UINT(g_tree_node_value(node)));

		if (run_is_delayed(run))
			file_at(image->state, run->file)->delayed += run->end - run->place.begin;
	}
}

/* The files of one device whose pages have no blocks yet, the oldest first. */
static void device_image(struct image *image, int64_t dev)
{
	struct cached_device *device = device_find(image->state, dev);
	uint32_t index = device ? device->oldest : 0, n = 0;

	codec_i64(image->codec, &dev);
	for (uint32_t i = index; i; i = file_at(image->state, i)->newer)
		n++;
	n = codec_count(image->codec, n, UINT32_MAX);
	for (uint32_t i = 0; i < n; i++) {
		image_number(image, &index, IMAGE_FILES);
		if (!image_reads(image)) {
			index = file_at(image->state, index)->newer;
			continue;
		}
		if (image->codec->failed || !index || file_at(image->state, index)->dev != dev ||
			file_at(image->state, index)->delayed == 0) {
			codec_fail(image->codec, "the files of a device are not in order");
			return;
		}
		image->alive[IMAGE_FILES][index] = false;
		file_enqueue(image->state, index, dev);
	}
}

static void devices_image(struct image *image)
{
	struct cache_model *model = &image->state->cache;
	GArray *devs = image_keys(model->devices);
	uint32_t n = codec_count(image->codec, devs->len, UINT32_MAX);

	for (uint32_t i = 0; i < n && !image->codec->failed; i++)
		device_image(image, i < devs->len ? g_array_index(devs, int64_t, i) : 0);
	for (uint32_t i = 1; image_reads(image) && i < image->used[IMAGE_FILES]; i++)
		if (image->alive[IMAGE_FILES][i] && file_at(image->state, i)->delayed)
			codec_fail(image->codec, "a file is missing from the list of its device");
	g_array_unref(devs);
}

void page_runs_image(struct image *image)
{
	struct cache_model *model = &image->state->cache;

	image_pool(image, &model->files, IMAGE_FILES, cached_file_image);
	image_pool(image, &model->runs, IMAGE_RUNS, page_run_image);
	order_image(image);
	if (image_reads(image) && !image->codec->failed)
		check_places(image);
	devices_image(image);
	codec_u32(image->codec, &model->generation);
	codec_amount(image->codec, &model->flushed);
	codec_bool(image->codec, &model->exact);
}
