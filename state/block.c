/*
 * Disks: requests from issue to completion.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/block.h"

#include "state/errno_names.h"
#include "state/hash.h"
#include "state/image.h"
#include "state/inspect.h"
#include "state/model.h"
#include "state/syscall_table.h"

#include <string.h>

/* The kernel counts them in 32 bits. */
#define SECTORS_MAX UINT32_MAX

static guint key_hash(gconstpointer data)
{
	const struct block_key *key = data;

	return hash_pair((uint64_t)key->sector, (uint64_t)key->dev);
}

static gint key_compare(gconstpointer a, gconstpointer b)
{
	const struct block_key *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return (x->sector > y->sector) - (x->sector < y->sector);
}

static gboolean key_equal(gconstpointer a, gconstpointer b)
{
	const struct block_key *x = a, *y = b;

	return x->dev == y->dev && x->sector == y->sector;
}

/* A place in the order of requests that were given back, by place on their disk. */
struct requeued {
	int64_t dev, sector;
	uint32_t request;
};

static gint compare_requeued(gconstpointer a, gconstpointer b, gpointer data)
{
	const struct requeued *x = a, *y = b;

	(void)data;
	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	if (x->sector != y->sector)
		return x->sector < y->sector ? -1 : 1;
	return (x->request > y->request) - (x->request < y->request);
}

void block_init(struct block_model *model)
{
	model->requeued = g_tree_new_full(compare_requeued, NULL, g_free, NULL);
	pool_init(&model->pool, sizeof(struct request));
	model->pending = g_hash_table_new(key_hash, key_equal);
	model->remaps = g_tree_new(key_compare);
	model->remap_order = g_queue_new();
	model->disks = g_hash_table_new_full(number_hash, g_int64_equal, NULL, g_free);
}

void block_clear(struct state *state)
{
	struct block_model *model = &state->block;

	g_hash_table_destroy(model->pending);
	g_hash_table_destroy(model->disks);
	g_tree_destroy(model->remaps);
	g_tree_destroy(model->requeued);
	while (!g_queue_is_empty(model->remap_order))
		g_free(g_queue_pop_head_link(model->remap_order)->data);
	g_queue_free(model->remap_order);
	pool_clear(&model->pool);
}

static struct request *request_find(const struct state *state, int64_t dev, int64_t sector)
{
	struct block_key key = {dev, sector};
	uint32_t index = GPOINTER_TO_UINT(g_hash_table_lookup(state->block.pending, &key));

	return index ? pool_at(&state->block.pool, index) : NULL;
}

/* The number of a pending request in the pool. */
static uint32_t request_index(const struct state *state, const struct request *request)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(state->block.pending, &request->key));
}

/* A request leaves the table of pending ones; returns its number in the pool. */
static uint32_t request_unlink(struct state *state, struct request *request)
{
	uint32_t index = request_index(state, request);

	g_hash_table_remove(state->block.pending, &request->key);
	return index;
}

/* Notes whether a request has been given back, to be issued again. */
static void set_requeued(struct state *state, uint32_t index, bool requeued)
{
	struct request *request = pool_at(&state->block.pool, index);
	struct requeued place = {request->key.dev, request->sector, index};

	if (request->requeued && !requeued)
		g_tree_remove(state->block.requeued, &place);
	else if (requeued)
		g_tree_insert(state->block.requeued, g_memdup2(&place, sizeof(place)), NULL);
	request->requeued = requeued;
}

/* One request more, or (-1) less, is in flight on its disk. */
static void count_request(struct block_model *model, const struct request *request, int by)
{
	struct disk_load *load = g_hash_table_lookup(model->disks, &request->dev);

	model->alive += (uint32_t)by;
	if (!load) {
		load = g_new0(struct disk_load, 1);
		load->dev = request->dev;
		g_hash_table_insert(model->disks, &load->dev, load);
	}
	load->n += (uint32_t)by;
	if (load->n == 0)
		g_hash_table_remove(model->disks, &request->dev);
}

/* How many requests are in flight on a disk. */
static uint32_t in_flight(const struct state *state, int64_t dev)
{
	const struct disk_load *load = g_hash_table_lookup(state->block.disks, &dev);

	return load ? load->n : 0;
}

static void request_free(struct state *state, const struct record *rec, uint32_t index)
{
	struct request *request = pool_at(&state->block.pool, index);

	if (state->config.wants & WANT_CACHE)
		sync_complete(state, rec, request);
	strpool_unref(state->strings, request->comm);
	strpool_unref(state->strings, request->process);
	container_unref(state, request->spot.container);
	strpool_unref(state->strings, request->path);
	set_requeued(state, index, false);
	count_request(&state->block, request, -1);
	pool_remove(&state->block.pool, index);
}

/* Puts a request into the table under its key; one that stands there has lost its completion. */
static void request_link(struct state *state, const struct record *rec, uint32_t index)
{
	struct request *request = pool_at(&state->block.pool, index);
	struct request *stale = request_find(state, request->key.dev, request->key.sector);

	if (stale)
		request_free(state, rec, request_unlink(state, stale));
	g_hash_table_insert(state->block.pending, &request->key, GUINT_TO_POINTER(index));
}

/* ---- Remaps: where on a partition, or on LVM, sectors of a disk were asked for ---- */

static void remap_drop(struct block_model *model, struct remap *remap)
{
	g_tree_remove(model->remaps, &remap->key);
	g_queue_unlink(model->remap_order, &remap->link);
	g_free(remap);
}

static void remap_add(
	struct block_model *model, struct block_key key, int64_t end, struct block_key top)
{
	struct remap *remap = g_new0(struct remap, 1);

	*remap = (struct remap){.key = key, .end = end, .top = top, .link = {.data = remap}};
	if (g_queue_get_length(model->remap_order) >= REMAPS_MAX)
		remap_drop(model, g_queue_peek_head(model->remap_order));
	g_tree_insert(model->remaps, &remap->key, remap);
	g_queue_push_tail_link(model->remap_order, &remap->link);
}

/* The first remap that has sectors from this place on, on its device; NULL if there is none. */
static struct remap *remap_from(const struct block_model *model, const struct block_key *place)
{
	GTreeNode *behind = g_tree_upper_bound(model->remaps, place);
	GTreeNode *node = behind ? g_tree_node_previous(behind) : g_tree_node_last(model->remaps);
	struct remap *remap = node ? g_tree_node_value(node) : NULL;

	if (!remap || remap->key.dev != place->dev || remap->end <= place->sector)
		remap = behind ? g_tree_node_value(behind) : NULL;
	return remap && remap->key.dev == place->dev ? remap : NULL;
}

/* Where a sector of a remap is on the device on top. */
static struct block_key remap_top(const struct remap *remap, int64_t sector)
{
	return (struct block_key){remap->top.dev, remap->top.sector + (sector - remap->key.sector)};
}

/* A remap keeps the sectors before `begin` and those from `end` on. */
static void remap_cut(struct block_model *model, struct remap *remap, int64_t begin, int64_t end)
{
	struct block_key rest = {remap->key.dev, end};
	int64_t old_end = remap->end;

	if (remap->key.sector < begin) {
		remap->end = begin;
		if (old_end > end)
			remap_add(model, rest, old_end, remap_top(remap, end));
	} else if (old_end > end) {
		/* No other one is in between: the tree's order stays. */
		remap->top = remap_top(remap, end);
		remap->key = rest;
	} else {
		remap_drop(model, remap);
	}
}

/*
 * Where a place was first asked for, before it came there. The remaps of `nr_sector` sectors from it
 * on are forgotten: a bio is one request, several, or a part of one.
 */
static struct block_key remap_take(struct state *state, struct block_key place, int64_t nr_sector)
{
	struct block_model *model = &state->block;
	struct remap *remap = remap_from(model, &place);
	struct block_key top = place;

	if (remap && remap->key.sector <= place.sector)
		top = remap_top(remap, place.sector);
	for (; remap && remap->key.sector < place.sector + nr_sector;
		remap = remap_from(model, &place))
		remap_cut(model, remap, place.sector, place.sector + nr_sector);
	return top;
}

static bool is_range(int64_t sector, int64_t nr_sector)
{
	return nr_sector > 0 && nr_sector <= SECTORS_MAX && sector >= 0 &&
	       sector <= INT64_MAX - nr_sector;
}

void on_block_bio_remap(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct block_key key = {V(rec, block_bio_remap, dev), V(rec, block_bio_remap, sector)};
	struct block_key old = {
		V(rec, block_bio_remap, old_dev), V(rec, block_bio_remap, old_sector)};
	int64_t nr_sector = V(rec, block_bio_remap, nr_sector);

	(void)io;
	/* Cache flushes have no sectors. */
	if (!is_range(key.sector, nr_sector) || !is_range(old.sector, nr_sector))
		return;
	/* Remaps may be chained: what counts is the device on top. */
	old = remap_take(state, old, nr_sector);
	remap_take(state, key, nr_sector);
	if (is_range(old.sector, nr_sector))
		remap_add(&state->block, key, key.sector + nr_sector, old);
}

void on_block_bio_backmerge(
	struct state *state, const struct record *rec, const struct state_io *io)
{
	struct block_key place = {
		V(rec, block_bio_backmerge, dev), V(rec, block_bio_backmerge, sector)};

	(void)io;
	if (is_range(place.sector, 1))
		remap_take(state, place, 1);
}

/* Notes who issued a request; returns that thread, or NULL. */
static const struct thread *note_issuer(struct state *state, const struct record *rec,
	const struct state_io *io, struct request *request)
{
	const char *comm = record_string(io->get, rec, F_block_rq_issue_comm);
	struct thread *thread = thread_find(state, V(rec, block_rq_issue, tid));
	const struct thread *owner = thread;

	if (thread && V(rec, block_rq_issue, ctx_pid) != VALUE_ABSENT)
		thread_set_pid(state, thread, V(rec, block_rq_issue, ctx_pid));
	if (!thread || thread->pid == PID_UNKNOWN)
		owner = ring_owner(state, comm) ?: thread;
	/* It is that thread that runs: it is called so now. */
	if (thread)
		thread_name(state, thread, comm);
	request->tid = V(rec, block_rq_issue, tid);
	request->pid = thread_pid(owner);
	request->utid = process_number(state, request->tid);
	request->upid = thread_upid(state, owner);
	request->spot = thread_spot(state, owner);
	container_ref(state, request->spot.container);
	request->comm = comm ? strpool_intern(state->strings, comm)
			     : strpool_ref(state->strings, thread_comm(thread));
	request->ring = ring_owner(state, comm) ||
			(thread && syscall_row_of(thread->call.id)->io == IO_URING);
	if (owner && owner->pid != PID_UNKNOWN)
		request->process = thread_process(state, owner);
	request->process = strpool_ref(state->strings, request->process ?: request->comm);
	return thread;
}

/*
 * Requests that were given back and have become a part of this one, which is not among them, are told
 * no more.
 */
static void drop_merged(struct state *state, const struct record *rec, const struct request *whole)
{
	struct requeued from = {whole->key.dev, whole->sector, 0};

	while (g_tree_nnodes(state->block.requeued) > 0) {
		GTreeNode *node = g_tree_lower_bound(state->block.requeued, &from);
		const struct requeued *part = node ? g_tree_node_key(node) : NULL;
		uint32_t index = part ? part->request : 0;

		if (!part || part->dev != whole->key.dev ||
			part->sector >= whole->sector + whole->nr_sector)
			return;
		request_unlink(state, pool_at(&state->block.pool, index));
		request_free(state, rec, index);
	}
}

static const char *op_name(int64_t rwbs)
{
	if (rwbs == VALUE_ABSENT)
		return NULL;
	if (rwbs & (RWBS_DISCARD | RWBS_SECURE))
		return "discard";
	if (rwbs & RWBS_WRITE)
		return "write";
	if (rwbs & RWBS_READ || rwbs == 0)
		return "read";
	return rwbs & RWBS_FLUSH ? "flush" : "other";
}

/* The flags in the letters of blktrace, as the kernel's blk_fill_rwbs() has them; with a reference;
 * 0 if nobody wants them. */
static strid flags_text(const struct state *state, int64_t rwbs)
{
	static const struct {
		int64_t bit;
		char letter;
	} behind[] = {{RWBS_FUA, 'F'}, {RWBS_RAHEAD, 'A'}, {RWBS_SYNC, 'S'}, {RWBS_META, 'M'}};
	const char *op = op_name(rwbs);
	char text[sizeof("FDEFASM")], *end = text;

	if (!op || !(state->config.wants & WANT_BLOCK_FLAGS))
		return 0;
	/* Before Linux 4.8 a flush before a write was that flag of the write. */
	if (rwbs & RWBS_PREFLUSH || (rwbs & RWBS_FLUSH && rwbs & RWBS_WRITE))
		*end++ = 'F';
	*end++ = *op == 'o' ? 'N' : g_ascii_toupper(*op);
	if (rwbs & RWBS_SECURE)
		*end++ = 'E';
	for (size_t i = 0; i < G_N_ELEMENTS(behind); i++)
		if (rwbs & behind[i].bit)
			*end++ = behind[i].letter;
	*end = 0;
	return strpool_intern(state->strings, text);
}

static void tell_issue(struct state *state, const struct record *rec, const struct state_io *io,
	const struct request *request)
{
	strid disk = disk_name(state, request->dev);
	strid flags = flags_text(state, request->rwbs);

	EMIT(io, disk_request_issue, .time = rec->time,
		.cpu = rec->cpu >= 0 ? rec->cpu : VALUE_ABSENT, .host = state->config.host,
		.tid = request->tid, .pid = request->pid, .utid = request->utid,
		.upid = request->upid, .procname = request->comm, .process = request->process,
		.place = *place_of_spot(state, request->spot), .disk = disk, .dev = request->dev,
		.sector = request->sector, .size = request->nr_sector * SECTOR_SIZE,
		.op = op_name(request->rwbs), .rwbs = request->rwbs, .flags = flags,
		.in_flight = in_flight(state, request->dev));
	strpool_unref(state->strings, flags);
	strpool_unref(state->strings, disk);
}

/* Whether a request without data makes the disk write its cache. */
static bool is_flush(int64_t rwbs)
{
	return rwbs != VALUE_ABSENT && rwbs & (RWBS_FLUSH | RWBS_PREFLUSH) && !(rwbs & RWBS_WRITE);
}

void on_block_rq_issue(struct state *state, const struct record *rec, const struct state_io *io)
{
	int64_t dev = V(rec, block_rq_issue, dev);
	int64_t sector = V(rec, block_rq_issue, sector);
	int64_t nr_sector = V(rec, block_rq_issue, nr_sector);
	struct request *request = request_find(state, dev, sector);
	const struct thread *issuer;
	struct block_key upper;
	uint32_t index;

	if (state->config.wants & WANT_CAUSE)
		waits_issue(state, rec, thread_find(state, V(rec, block_rq_issue, tid)), dev,
			sector, nr_sector);
	if (nr_sector == 0 && is_flush(V(rec, block_rq_issue, rwbs)) &&
		state->config.wants & WANT_CACHE)
		sync_flush_begin(state, rec, dev);
	/* Without data (cache flushes) there is no place by which to find the completion. */
	if (!is_range(sector, nr_sector))
		return;
	upper = remap_take(state, (struct block_key){dev, sector}, nr_sector);
	if (request && request->requeued) {
		set_requeued(state, request_index(state, request), false);
		request->nr_sector = request->left = nr_sector;
		request->failed = 0;
		drop_merged(state, rec, request);
		return;
	}
	index = pool_add(&state->block.pool);
	request = pool_at(&state->block.pool, index);
	request->key.dev = dev;
	request->key.sector = sector;
	request->begin = rec->time;
	request->dev = upper.dev;
	request->sector = sector;
	request->upper_sector = upper.sector;
	request->nr_sector = nr_sector;
	request->left = nr_sector;
	request->rwbs = V(rec, block_rq_issue, rwbs);
	count_request(&state->block, request, 1);
	issuer = note_issuer(state, rec, io, request);
	request_link(state, rec, index);
	drop_merged(state, rec, request);
	if (emits(io, DERIVED_disk_request_issue))
		tell_issue(state, rec, io, request);
	if (state->config.wants & WANT_CACHE)
		sync_issue(state, rec, io, request, issuer);
}

static void tell_request(struct state *state, const struct record *rec, const struct state_io *io,
	const struct request *request)
{
	strid disk = disk_name(state, request->dev);
	strid flags = flags_text(state, request->rwbs);

	EMIT(io, disk_request_end, .time = rec->time,
		.cpu = rec->cpu >= 0 ? rec->cpu : VALUE_ABSENT, .host = state->config.host,
		.tid = request->tid, .pid = request->pid, .utid = request->utid,
		.upid = request->upid, .procname = request->comm, .process = request->process,
		.place = *place_of_spot(state, request->spot), .begin = request->begin,
		.duration = time_span(request->begin, rec->time), .disk = disk, .dev = request->dev,
		.sector = request->sector, .nr_sector = request->nr_sector,
		.size = request->nr_sector * SECTOR_SIZE, .op = op_name(request->rwbs),
		.rwbs = request->rwbs, .flags = flags, .error = request->error,
		.error_name =
			request->error > 0 ? errno_name(state->config.arch, request->error) : NULL,
		.transferred = (request->nr_sector - request->failed) * SECTOR_SIZE,
		.ring = request->ring, .in_flight = in_flight(state, request->dev) - 1);
	strpool_unref(state->strings, flags);
	strpool_unref(state->strings, disk);
}

/*
 * Whether a request may be complete only when the disk has written its cache behind it: the kernel takes the
 * flag away that says so, where it does that by a request of its own.
 */
static bool flushes_behind(int64_t rwbs)
{
	return rwbs != VALUE_ABSENT && rwbs & RWBS_WRITE &&
	       rwbs & (RWBS_SYNC | RWBS_FUA | RWBS_FLUSH | RWBS_PREFLUSH);
}

void on_block_rq_complete(struct state *state, const struct record *rec, const struct state_io *io)
{
	int64_t nr_sector = V(rec, block_rq_complete, nr_sector);
	int64_t error = V(rec, block_rq_complete, error);
	struct request *request = request_find(
		state, V(rec, block_rq_complete, dev), V(rec, block_rq_complete, sector));
	uint32_t index;

	if (nr_sector == 0 && is_flush(V(rec, block_rq_complete, rwbs)) &&
		state->config.wants & WANT_CACHE)
		sync_flush_end(state, rec, V(rec, block_rq_complete, dev));
	if (state->config.wants & WANT_CAUSE)
		waits_complete(state, rec, V(rec, block_rq_complete, dev),
			V(rec, block_rq_complete, sector), nr_sector > 0 ? request : NULL,
			request && flushes_behind(request->rwbs));
	if (!request || nr_sector <= 0)
		return;
	index = request_unlink(state, request);
	if (error != VALUE_ABSENT && error != 0) {
		request->error = error < 0 ? -error : error;
		request->failed += MIN(nr_sector, request->left);
	}
	if (nr_sector < request->left) {
		/* A part is done; the rest will be told from where that ended. */
		request->left -= nr_sector;
		request->key.sector += nr_sector;
		request_link(state, rec, index);
		return;
	}
	if (emits(io, DERIVED_disk_request_end))
		tell_request(state, rec, io, request);
	request_free(state, rec, index);
}

void on_block_rq_requeue(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct request *request = request_find(
		state, V(rec, block_rq_requeue, dev), V(rec, block_rq_requeue, sector));

	(void)io;
	/* A cache flush: it will be issued again. */
	if (V(rec, block_rq_requeue, nr_sector) == 0 && is_flush(V(rec, block_rq_requeue, rwbs)) &&
		state->config.wants & WANT_CACHE)
		sync_flush_end(state, rec, V(rec, block_rq_requeue, dev));
	if (request)
		set_requeued(state, request_index(state, request), true);
}

void on_block_rq_abort(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct request *request =
		request_find(state, V(rec, block_rq_abort, dev), V(rec, block_rq_abort, sector));

	(void)io;
	if (request)
		request_free(state, rec, request_unlink(state, request));
}

/* ---- Requests in flight ---- */

static gint compare_begin(gconstpointer a, gconstpointer b)
{
	const struct request *x = *(struct request *const *)a, *y = *(struct request *const *)b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	if (x->key.sector != y->key.sector)
		return x->key.sector < y->key.sector ? -1 : 1;
	return (x->key.dev > y->key.dev) - (x->key.dev < y->key.dev);
}

/* The requests in flight, the oldest first; free the array with g_ptr_array_unref(). */
static GPtrArray *requests(const struct state *state)
{
	GPtrArray *all = g_ptr_array_new();
	GHashTableIter iter;
	gpointer index;

	g_hash_table_iter_init(&iter, state->block.pending);
	while (g_hash_table_iter_next(&iter, NULL, &index))
		g_ptr_array_add(all, pool_at(&state->block.pool, GPOINTER_TO_UINT(index)));
	g_ptr_array_sort(all, compare_begin);
	return all;
}

void block_tell_open(struct state *state, const struct record *rec, const struct state_io *io)
{
	GPtrArray *all;

	if (!emits(io, DERIVED_disk_request_open))
		return;
	all = requests(state);
	for (guint i = 0; i < all->len; i++) {
		const struct request *request = g_ptr_array_index(all, i);
		strid disk = disk_name(state, request->dev);
		strid flags = flags_text(state, request->rwbs);

		/* Its completion may be missing. */
		if (!lost_since(state, request->begin))
			EMIT(io, disk_request_open, .time = rec->time, .cpu = VALUE_ABSENT,
				.host = state->config.host, .tid = request->tid,
				.pid = request->pid, .utid = request->utid, .upid = request->upid,
				.procname = request->comm, .process = request->process,
				.place = *place_of_spot(state, request->spot),
				.begin = request->begin,
				.duration = time_span(request->begin, rec->time), .disk = disk,
				.dev = request->dev, .sector = request->sector,
				.size = request->nr_sector * SECTOR_SIZE,
				.op = op_name(request->rwbs), .rwbs = request->rwbs,
				.flags = flags);
		strpool_unref(state->strings, flags);
		strpool_unref(state->strings, disk);
	}
	g_ptr_array_unref(all);
}

/* ---- Views ---- */

void request_inspect(const struct state *state, int64_t of, const struct view_sink *sink)
{
	GPtrArray *all = requests(state);

	(void)of;
	for (guint i = 0; i < all->len; i++) {
		const struct request *request = g_ptr_array_index(all, i);

		sink->row(sink->data, &(struct view_request){.begin = request->begin,
					      .dev = request->dev,
					      .disk = disk_known_name(state, request->dev),
					      .sector = request->sector,
					      .size = request->nr_sector * SECTOR_SIZE,
					      .op = op_name(request->rwbs),
					      .tid = request->tid,
					      .pid = request->pid,
					      .procname = request->comm,
					      .path = request->path,
					      .requeued = request->requeued,
					      .lost = lost_since(state, request->begin)});
	}
	g_ptr_array_unref(all);
}

void disk_inspect(const struct state *state, int64_t of, const struct view_sink *sink)
{
	GPtrArray *all = requests(state);
	GHashTable *devs = g_hash_table_new(number_hash, g_int64_equal);
	GArray *known = disk_known(state), *keys;

	(void)of;
	for (guint i = 0; i < known->len; i++)
		g_hash_table_add(devs, &g_array_index(known, int64_t, i));
	for (guint i = 0; i < all->len; i++)
		g_hash_table_add(devs, &((struct request *)g_ptr_array_index(all, i))->dev);
	keys = image_keys(devs);
	for (guint i = 0; i < keys->len; i++) {
		struct view_disk row = {
			.dev = g_array_index(keys, int64_t, i), .oldest = VALUE_ABSENT};

		row.disk = disk_known_name(state, row.dev);
		for (guint k = all->len; k-- > 0;) {
			const struct request *request = g_ptr_array_index(all, k);

			if (request->dev != row.dev)
				continue;
			row.requests++;
			row.size += request->nr_sector * SECTOR_SIZE;
			row.oldest = request->begin;
		}
		sink->row(sink->data, &row);
	}
	g_array_unref(keys);
	g_array_unref(known);
	g_hash_table_destroy(devs);
	g_ptr_array_unref(all);
}

/* ---- Images ---- */

static void key_image(struct image *image, struct block_key *key)
{
	codec_i64(image->codec, &key->dev);
	codec_i64(image->codec, &key->sector);
}

static void request_image(struct image *image, uint32_t index, void *item)
{
	struct codec *codec = image->codec;
	struct block_model *model = &image->state->block;
	struct request *request = item;

	key_image(image, &request->key);
	codec_time(codec, &request->begin);
	codec_i64(codec, &request->dev);
	codec_i64(codec, &request->sector);
	codec_i64(codec, &request->upper_sector);
	codec_i64(codec, &request->nr_sector);
	codec_i64(codec, &request->left);
	codec_i64(codec, &request->failed);
	codec_i64(codec, &request->rwbs);
	codec_i64(codec, &request->tid);
	codec_i64(codec, &request->pid);
	codec_i64(codec, &request->utid);
	codec_i64(codec, &request->upid);
	image_string(image, &request->comm);
	image_string(image, &request->process);
	spot_image(image, &request->spot);
	codec_i64(codec, &request->error);
	codec_bool(codec, &request->requeued);
	codec_bool(codec, &request->ring);
	codec_u64(codec, &request->epoch);
	image_string(image, &request->path);
	codec_u8(codec, &request->load);
	image_past_number(image, &request->sync, IMAGE_CALLS);
	codec_u64(codec, &request->sync_serial);
	if (!image_reads(image))
		return;
	if (request->load >= LOADS || !is_range(request->sector, request->nr_sector) ||
		request->left < 0 || request->left > request->nr_sector || request->failed < 0 ||
		request->failed > request->nr_sector ||
		!is_range(request->key.sector, request->nr_sector) ||
		g_hash_table_contains(model->pending, &request->key)) {
		codec_fail(codec, "a disk request is invalid");
		return;
	}
	g_hash_table_insert(model->pending, &request->key, GUINT_TO_POINTER(index));
	count_request(model, request, 1);
	set_requeued(image->state, index, request->requeued);
}

/* Whether a remap is one that on_block_bio_remap() can have made, and is in no other's way. */
static bool remap_makes_sense(const struct block_model *model, const struct remap *remap)
{
	int64_t sector = remap->key.sector, size;
	const struct remap *next = remap_from(model, &remap->key);

	if (sector < 0 || remap->end <= sector)
		return false;
	size = remap->end - sector;
	return is_range(sector, size) && is_range(remap->top.sector, size) &&
	       (!next || next->key.sector >= remap->end);
}

static void remaps_image(struct image *image)
{
	struct block_model *model = &image->state->block;
	GList *link = model->remap_order->head;
	uint32_t n = codec_count(image->codec, model->remap_order->length, REMAPS_MAX);
	struct remap remap;

	for (uint32_t i = 0; i < n && !image->codec->failed; i++) {
		remap = image_reads(image) ? (struct remap){0} : *(struct remap *)link->data;
		key_image(image, &remap.key);
		codec_i64(image->codec, &remap.end);
		key_image(image, &remap.top);
		link = link ? link->next : NULL;
		if (!image_reads(image))
			continue;
		if (remap_makes_sense(model, &remap))
			remap_add(model, remap.key, remap.end, remap.top);
		else
			codec_fail(image->codec, "a device mapping is invalid");
	}
}

void block_image(struct image *image)
{
	image_pool(image, &image->state->block.pool, IMAGE_REQUESTS, request_image);
	remaps_image(image);
}
