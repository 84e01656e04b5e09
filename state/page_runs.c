/*
 * What is dirty in the page cache, as a structure: neighbouring pages as runs, in one tree by place;
 * the files that they belong to, and which of these have been dirty for longest.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/page_runs.h"

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

	return name->path * 0x9e3779b1u ^ (guint)name->pid;
}

static gboolean name_equal(gconstpointer a, gconstpointer b)
{
	const struct file_name *x = a, *y = b;

	return x->path == y->path && x->pid == y->pid;
}

static guint inode_hash(gconstpointer data)
{
	const struct inode *inode = data;
	uint64_t mix = (uint64_t)inode->ino * 0x9e3779b97f4a7c15u ^ (uint64_t)inode->dev;

	return (guint)(mix >> 32 ^ mix);
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
	model->devices = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
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

static void run_link(struct state *state, uint32_t index, int64_t dev)
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
	model->generation++;
	run->serial = ++model->serial;
	g_tree_insert(model->places, &run->place, GUINT_TO_POINTER(index));
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
	strpool_unref(state->strings, run->comm);
	strpool_unref(state->strings, run->process);
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

uint32_t run_new(struct state *state, const struct record *rec, const struct thread *thread,
	uint32_t file, struct page_place place, int64_t end, int64_t dev)
{
	uint32_t index = pool_add(&state->cache.runs);
	struct page_run *run = run_at(state, index);

	run->place = place;
	run->end = end;
	run->since = rec->time;
	run->tid = thread_tid(thread);
	run->pid = thread_pid(thread);
	run->comm = strpool_ref(state->strings, thread_comm(thread));
	run->process = strpool_ref(state->strings, thread_process(state, thread));
	run->path = strpool_ref(state->strings, file_at(state, file)->name.path);
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
		strpool_ref(state->strings, rest->comm);
		strpool_ref(state->strings, rest->process);
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
