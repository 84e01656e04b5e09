/*
 * Open requests: a table of hashes for each key of each definition. Requests with one hash are in the order in
 * which they began.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/requests/open_requests.h"

struct bucket {
	struct link *first, *last;
};

struct table {
	struct bucket *buckets;
	size_t mask; /* their number, a power of 2, less 1 */
	size_t n;
};

struct open_requests {
	const struct plan *plan;
	struct table **tables; /* by definition, by key */
	struct request **free; /* by definition: memory for the next ones, by `newer` */
	struct request *oldest, *newest;
	struct request *ended; /* the first of those that have ended, in no order */
	int64_t count;
};

#define TABLE_SIZE 16

static guint n_keys(const struct plan *plan, guint definition)
{
	return plan_definition(plan, definition)->keys->len;
}

static const struct key *key_at(const struct plan *plan, guint definition, guint i)
{
	return &g_array_index(plan_definition(plan, definition)->keys, struct key, i);
}

struct open_requests *open_requests_new(const struct plan *plan)
{
	struct open_requests *all = g_new0(struct open_requests, 1);

	all->plan = plan;
	all->tables = g_new0(struct table *, plan->definitions->len);
	all->free = g_new0(struct request *, plan->definitions->len);
	for (guint i = 0; i < plan->definitions->len; i++) {
		all->tables[i] = g_new0(struct table, n_keys(plan, i));
		for (guint k = 0; k < n_keys(plan, i); k++)
			all->tables[i][k] = (struct table){
				g_new0(struct bucket, TABLE_SIZE), TABLE_SIZE - 1, 0};
	}
	return all;
}

void open_requests_free(struct open_requests *all)
{
	if (!all)
		return;
	while (all->newest) /* children before parents */
		request_free(all, all->newest);
	for (guint i = 0; i < all->plan->definitions->len; i++) {
		for (guint k = 0; k < n_keys(all->plan, i); k++)
			g_free(all->tables[i][k].buckets);
		g_free(all->tables[i]);
		for (struct request *next; all->free[i]; all->free[i] = next) {
			next = all->free[i]->newer;
			g_free(all->free[i]);
		}
	}
	g_free(all->free);
	g_free(all->tables);
	g_free(all);
}

int64_t open_requests_count(const struct open_requests *all)
{
	return all->count;
}

struct request *open_requests_oldest(const struct open_requests *all)
{
	return all->oldest;
}

/* ---- Tables ---- */

static void append(struct table *table, struct link *link)
{
	struct bucket *bucket = &table->buckets[link->hash & table->mask];

	link->next = NULL;
	link->previous = bucket->last;
	if (bucket->last)
		bucket->last->next = link;
	else
		bucket->first = link;
	bucket->last = link;
}

/* Twice the buckets; what had one hash stays in its order. */
static void grow(struct table *table)
{
	struct bucket *old = table->buckets;
	size_t n = table->mask + 1;

	table->mask = 2 * n - 1;
	table->buckets = g_new0(struct bucket, 2 * n);
	for (size_t i = 0; i < n; i++) {
		for (struct link *link = old[i].first, *next; link; link = next) {
			next = link->next;
			append(table, link);
		}
	}
	g_free(old);
}

static void file(struct table *table, struct link *link)
{
	if (table->n > table->mask)
		grow(table);
	table->n++;
	append(table, link);
	link->filed = true;
}

static void unfile(struct table *table, struct link *link)
{
	struct bucket *bucket = &table->buckets[link->hash & table->mask];

	if (link->previous)
		link->previous->next = link->next;
	else
		bucket->first = link->next;
	if (link->next)
		link->next->previous = link->previous;
	else
		bucket->last = link->previous;
	table->n--;
	link->filed = false;
}

/* ---- Making and freeing ---- */

/* Memory for a request, all 0. */
static void *new_memory(struct open_requests *all, guint definition, size_t size)
{
	struct request *memory = all->free[definition];

	if (!memory)
		return g_malloc0(size);
	all->free[definition] = memory->newer;
	return memset(memory, 0, size);
}

struct request *request_new(struct open_requests *all, guint definition, struct request *parent,
	const struct value *kept)
{
	const struct definition *of = plan_definition(all->plan, definition);
	size_t kept_at = sizeof(struct request);
	size_t links_at = kept_at + of->n_kept * sizeof(struct value);
	size_t parts_at = links_at + of->keys->len * sizeof(struct link);
	size_t size = parts_at + of->children->len * sizeof(struct part);
	char *memory = new_memory(all, definition, size);
	struct request *request = (struct request *)(void *)memory;

	request->definition = definition;
	request->kept = (struct value *)(void *)(memory + kept_at);
	request->links = (struct link *)(void *)(memory + links_at);
	request->parts = (struct part *)(void *)(memory + parts_at);
	for (guint i = 0; i < of->n_kept; i++) {
		request->kept[i] = kept[i];
		if (kept[i].kind == VALUE_TEXT)
			request->kept[i].text = g_strdup(kept[i].text);
	}
	request->parent = parent;
	if (parent) {
		request->next_child = parent->first_child;
		if (parent->first_child)
			parent->first_child->previous_child = request;
		parent->first_child = request;
	}
	request->older = all->newest;
	if (all->newest)
		all->newest->newer = request;
	else
		all->oldest = request;
	all->newest = request;
	all->count++;
	return request;
}

/* A part of a key of a request. */
static const struct value *part_of(const struct request *request, struct operand operand)
{
	const struct request *of = operand.space == OPERAND_BEGIN ? request : request->parent;

	return &of->kept[operand.number];
}

void request_file(struct open_requests *all, struct request *request)
{
	for (guint k = 0; k < n_keys(all->plan, request->definition); k++) {
		const struct key *key = key_at(all->plan, request->definition, k);
		struct link *link = &request->links[k];
		bool whole = true;

		link->request = request;
		link->hash = hash_seed;
		for (guint i = 0; i < key->n; i++) {
			const struct value *value = part_of(request, key->parts[i]);

			whole = whole && value->kind != VALUE_NONE;
			link->hash = whole ? value_hash(link->hash, value) : 0;
		}
		if (whole)
			file(&all->tables[request->definition][k], link);
	}
}

void request_note_ended(struct open_requests *all, struct request *request)
{
	if (request->is_ended)
		return;
	request->is_ended = true;
	request->next_ended = all->ended;
	if (all->ended)
		all->ended->previous_ended = request;
	all->ended = request;
}

struct request *open_requests_ended(const struct open_requests *all)
{
	return all->ended;
}

static void forget_ended(struct open_requests *all, struct request *request)
{
	if (!request->is_ended)
		return;
	if (request->previous_ended)
		request->previous_ended->next_ended = request->next_ended;
	else
		all->ended = request->next_ended;
	if (request->next_ended)
		request->next_ended->previous_ended = request->previous_ended;
}

void request_free(struct open_requests *all, struct request *request)
{
	const struct definition *of = plan_definition(all->plan, request->definition);

	for (guint k = 0; k < of->keys->len; k++)
		if (request->links[k].filed)
			unfile(&all->tables[request->definition][k], &request->links[k]);
	if (request->previous_child)
		request->previous_child->next_child = request->next_child;
	else if (request->parent)
		request->parent->first_child = request->next_child;
	if (request->next_child)
		request->next_child->previous_child = request->previous_child;
	if (request->older)
		request->older->newer = request->newer;
	else
		all->oldest = request->newer;
	if (request->newer)
		request->newer->older = request->older;
	else
		all->newest = request->older;
	all->count--;
	forget_ended(all, request);
	for (guint i = 0; i < of->n_kept; i++)
		if (request->kept[i].kind == VALUE_TEXT)
			g_free((char *)request->kept[i].text);
	if (request->ending)
		g_string_free(request->ending, TRUE);
	g_free(request->owner.procname);
	g_free(request->owner.process);
	request->newer = all->free[request->definition];
	all->free[request->definition] = request;
}

/* ---- Finding ---- */

static uint64_t hash_of(const struct value *const values[], guint n)
{
	uint64_t hash = hash_seed;

	for (guint i = 0; i < n; i++)
		hash = value_hash(hash, values[i]);
	return hash;
}

/* Whether the key of a request has these values. */
static bool has_key(const struct link *link, const struct key *key, uint64_t hash,
	const struct value *const values[])
{
	bool equal = link->hash == hash;
	int order = 0;

	for (guint i = 0; equal && i < key->n; i++)
		equal = value_compare(part_of(link->request, key->parts[i]), values[i], &order) &&
			order == 0;
	return equal;
}

/* The first request with a key from a link on, or back from it; NULL if there is none. */
static struct request *find_from(const struct link *link, const struct key *key, uint64_t hash,
	const struct value *const values[], bool back)
{
	while (link && !has_key(link, key, hash, values))
		link = back ? link->previous : link->next;
	return link ? link->request : NULL;
}

static const struct bucket *bucket_of(
	const struct open_requests *all, guint definition, guint key, uint64_t hash)
{
	const struct table *table = &all->tables[definition][key];

	return &table->buckets[hash & table->mask];
}

struct request *requests_find(const struct open_requests *all, guint definition, guint key,
	const struct value *const values[])
{
	const struct key *parts = key_at(all->plan, definition, key);
	uint64_t hash = hash_of(values, parts->n);

	return find_from(bucket_of(all, definition, key, hash)->first, parts, hash, values, false);
}

struct request *requests_find_next(const struct open_requests *all, const struct request *found,
	guint key, const struct value *const values[])
{
	const struct link *link = &found->links[key];

	return find_from(
		link->next, key_at(all->plan, found->definition, key), link->hash, values, false);
}

struct request *requests_find_newest(const struct open_requests *all, guint definition, guint key,
	const struct value *const values[])
{
	const struct key *parts = key_at(all->plan, definition, key);
	uint64_t hash = hash_of(values, parts->n);

	return find_from(bucket_of(all, definition, key, hash)->last, parts, hash, values, true);
}

struct request *requests_find_older(const struct open_requests *all, const struct request *found,
	guint key, const struct value *const values[])
{
	const struct link *link = &found->links[key];

	return find_from(link->previous, key_at(all->plan, found->definition, key), link->hash,
		values, true);
}

struct request *request_twin(const struct open_requests *all, const struct request *request)
{
	const struct key *key = key_at(all->plan, request->definition, 0);
	const struct table *table = &all->tables[request->definition][0];
	const struct link *own = &request->links[0];

	if (!own->filed)
		return NULL;
	for (const struct link *link = table->buckets[own->hash & table->mask].last; link;
		link = link->previous) {
		bool equal = link != own && link->hash == own->hash &&
			     link->request->parent == request->parent;
		int order = 0;

		for (guint i = 0; equal && i < key->n; i++)
			equal = value_compare(part_of(link->request, key->parts[i]),
					part_of(request, key->parts[i]), &order) &&
				order == 0;
		if (equal)
			return link->request;
	}
	return NULL;
}
