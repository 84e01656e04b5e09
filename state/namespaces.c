/*
 * Namespaces and containers: which there are, what they are called, and in which a thread is.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/namespaces.h"

#include "state/image.h"
#include "state/inspect.h"
#include "state/model.h"

#include <string.h>

/* Those of the machine that have the same number in each kernel (PROC_*_INIT_INO). */
#define PROC_UTS_INIT    0xeffffffeu
#define PROC_USER_INIT   0xeffffffdu
#define PROC_PID_INIT    0xeffffffcu
#define PROC_CGROUP_INIT 0xeffffffbu
#define PROC_IPC_INIT    0xefffffffu
#define PROC_TIME_INIT   0xeffffffau

/* Docker, Kubernetes and Podman name containers by so many hexadecimal digits, people by so many. */
#define ID_DIGITS       64
#define ID_DIGITS_SHORT 12

const char *const ns_names[NS_KINDS] = {
	[NS_PID] = "pid",
	[NS_CGROUP] = "cgroup",
	[NS_MNT] = "mnt",
	[NS_UTS] = "uts",
	[NS_IPC] = "ipc",
	[NS_NET] = "net",
	[NS_USER] = "user",
	[NS_TIME] = "time",
};

static const uint32_t fixed[NS_KINDS] = {
	[NS_PID] = PROC_PID_INIT,
	[NS_CGROUP] = PROC_CGROUP_INIT,
	[NS_UTS] = PROC_UTS_INIT,
	[NS_IPC] = PROC_IPC_INIT,
	[NS_USER] = PROC_USER_INIT,
	[NS_TIME] = PROC_TIME_INIT,
};

/* ---- Containers ---- */

static struct container *container_at(const struct state *state, uint32_t index)
{
	return container_in(&state->namespaces, index);
}

static struct spaces *spaces_at(const struct state *state, uint32_t index)
{
	return spaces_in(&state->namespaces, index);
}

uint32_t container_find(const struct state *state, enum ns_kind kind, uint32_t inum)
{
	uint64_t key = ns_key(kind, inum);

	return inum ? GPOINTER_TO_UINT(g_hash_table_lookup(state->namespaces.by_inum, &key)) : 0;
}

/* A namespace belongs to a container from now on, if it belongs to none. */
static void claim(struct state *state, uint32_t index, enum ns_kind kind, uint32_t inum)
{
	struct container *container = container_at(state, index);
	uint64_t key = ns_key(kind, inum);

	if (!inum || container->inum[kind] || container_find(state, kind, inum))
		return;
	/* It may be that of the machine, which has not been told yet. */
	if (index != CONTAINER_HOST && !container_at(state, CONTAINER_HOST)->inum[kind])
		return;
	container->inum[kind] = inum;
	g_hash_table_insert(
		state->namespaces.by_inum, g_memdup2(&key, sizeof(key)), GUINT_TO_POINTER(index));
}

/* Its namespace of a kind belongs to it no more. */
static void give_up(struct state *state, struct container *container, enum ns_kind kind)
{
	uint64_t key = ns_key(kind, container->inum[kind]);

	if (container->inum[kind])
		g_hash_table_remove(state->namespaces.by_inum, &key);
	container->inum[kind] = 0;
}

static void give_up_all(struct state *state, struct container *container)
{
	for (int kind = 0; kind < NS_KINDS; kind++)
		give_up(state, container, kind);
}

void namespaces_init(struct state *state)
{
	struct namespaces_model *model = &state->namespaces;

	pool_init(&model->spaces, sizeof(struct spaces));
	pool_init(&model->containers, sizeof(struct container));
	model->by_inum = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	listed_init(&model->listed, state->config.containers, state->config.n_containers);
	model->place = g_new(struct thread_place, 1);
}

/* Makes the container of the machine itself, the first one, if it has not been made yet. */
static void ensure_host(struct state *state)
{
	struct container *host;

	if (state->namespaces.containers.used > CONTAINER_HOST)
		return;
	host = container_at(state, pool_add(&state->namespaces.containers));
	host->id = state->namespaces.last = 1;
	host->kind = NS_PID;
	host->key = PROC_PID_INIT;
	host->uses = 1;
	host->label = strpool_intern(state->strings, "host");
	for (int kind = 0; kind < NS_KINDS; kind++)
		claim(state, CONTAINER_HOST, kind, fixed[kind]);
	for (unsigned int i = 0; i < state->config.n_containers; i++)
		for (int kind = 0; kind < NS_KINDS && state->config.containers[i].host; kind++)
			claim(state, CONTAINER_HOST, kind, state->config.containers[i].inum[kind]);
}

void namespaces_clear(struct state *state)
{
	struct namespaces_model *model = &state->namespaces;

	for (uint32_t i = 1; i < model->spaces.used; i++)
		g_free(spaces_at(state, i)->levels);
	g_hash_table_destroy(model->by_inum);
	listed_clear(&model->listed);
	g_free(model->place);
	pool_clear(&model->spaces);
	pool_clear(&model->containers);
}

uint32_t container_ref(struct state *state, uint32_t index)
{
	if (index)
		container_at(state, index)->uses++;
	return index;
}

void container_unref(struct state *state, uint32_t index)
{
	struct container *container = container_at(state, index);

	if (!container || --container->uses > 0)
		return;
	give_up_all(state, container);
	strpool_unref(state->strings, container->label);
	strpool_unref(state->strings, container->cgroup);
	strpool_unref(state->strings, container->listed_label);
	strpool_unref(state->strings, container->listed_cgroup);
	container->id = 0;
	pool_remove(&state->namespaces.containers, index);
}

int64_t container_parent(const struct state *state, const struct container *container)
{
	const struct container *outer;

	if (container->parent)
		return container->parent;
	/* One with the PID namespace of the machine is in nobody else's. */
	outer = container_at(state, container->kind == NS_PID
					    ? container_find(state, NS_PID, container->outer)
					    : CONTAINER_HOST);
	return outer ? outer->id : VALUE_ABSENT;
}

/* ---- Names ---- */

void container_call(struct state *state, uint32_t index, enum name_source source, const char *name)
{
	struct container *container = container_at(state, index);
	char *label = NULL;

	if (!container || index == CONTAINER_HOST || (unsigned int)source < container->named)
		return;
	/* Many containers have the same program. */
	if (source == NAME_NONE)
		label = g_strdup_printf("%s:[%u]", ns_names[container->kind], container->key);
	else if (name && *name && source == NAME_PROGRAM)
		label = g_strdup_printf("%s[%u]", name, container->key);
	if (label || (name && *name)) {
		strpool_set(state->strings, &container->label, label ?: name);
		container->named = source;
	}
	g_free(label);
}

/* How many hexadecimal digits a text ends with. */
static size_t hex_at_end(const char *text, size_t length)
{
	size_t n = 0;

	while (n < length && g_ascii_isxdigit(text[length - n - 1]))
		n++;
	return n;
}

/* A part of a path without what systemd appends. */
static size_t part_length(const char *part)
{
	static const char *const kinds[] = {".scope", ".service", ".slice"};
	size_t length = strcspn(part, "/");

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		size_t n = strlen(kinds[i]);

		if (length > n && strncmp(part + length - n, kinds[i], n) == 0)
			return length - n;
	}
	return length;
}

/* The part of the path that has an ID of a container, or is the one of a whole system; else the last one. */
static char *name_of_path(const char *path)
{
	static const char *const systems[] = {"machine-", "systemd-nspawn@", "lxc.payload."};
	const char *last = NULL;

	for (const char *part = path; part && *part; part += strcspn(part, "/")) {
		size_t length, hex;

		part += *part == '/';
		length = part_length(part);
		hex = hex_at_end(part, length);
		if (hex == ID_DIGITS)
			return g_strndup(part + length - hex, ID_DIGITS_SHORT);
		for (size_t i = 0; i < G_N_ELEMENTS(systems); i++) {
			size_t n = strlen(systems[i]);

			if (length > n && strncmp(part, systems[i], n) == 0)
				return g_strndup(part + n, length - n);
		}
		last = length > 0 ? part : last;
	}
	return last ? g_strndup(last, part_length(last)) : NULL;
}

void container_set_cgroup(struct state *state, uint32_t index, const char *path)
{
	struct container *container = container_at(state, index);
	char *name = name_of_path(path);

	if (container && path && *path)
		strpool_set(state->strings, &container->cgroup, path);
	container_call(state, index, NAME_CGROUP, name);
	g_free(name);
}

/* Looks a container up among those that somebody wrote down. */
static void look_up(struct state *state, uint32_t index)
{
	struct container *container = container_at(state, index);
	const struct container_name *found = listed_find(&state->namespaces.listed, container->inum,
		container_at(state, CONTAINER_HOST)->inum, container->born);
	char *of_path;

	of_path = found && found->cgroup ? name_of_path(found->cgroup) : NULL;
	strpool_set(state->strings, &container->listed_cgroup, found ? found->cgroup : NULL);
	strpool_set(state->strings, &container->listed_label,
		found && found->name ? found->name : of_path);
	g_free(of_path);
}

static uint32_t container_new(struct state *state, enum ns_kind kind, uint32_t inum, bool born)
{
	uint32_t index = pool_add(&state->namespaces.containers);
	struct container *container = container_at(state, index);

	container->id = ++state->namespaces.last;
	container->kind = (uint8_t)kind;
	container->key = inum;
	container->born = born;
	claim(state, index, kind, inum);
	container_call(state, index, NAME_NONE, NULL);
	look_up(state, index);
	return index;
}

void container_renew(struct state *state, enum ns_kind kind, uint32_t inum)
{
	uint32_t index = container_find(state, kind, inum);
	struct container *container = container_at(state, index);

	if (!index || index == CONTAINER_HOST)
		return;
	/* Its threads have gone, but the kernel has not freed them yet; or they have another one of that kind by now. */
	if (container->kind == kind)
		give_up_all(state, container);
	else
		give_up(state, container, kind);
}

/* ---- The spaces of threads ---- */

struct spaces *spaces_ensure(struct state *state, uint32_t *slot)
{
	ensure_host(state);
	if (!*slot)
		*slot = pool_add(&state->namespaces.spaces);
	return spaces_at(state, *slot);
}

/* A thread goes from its container to another one; 0 for none. */
static void move(struct state *state, struct spaces *spaces, uint32_t index)
{
	uint32_t from = spaces->container;

	if (from == index)
		return;
	if (index)
		container_at(state, container_ref(state, index))->threads++;
	if (from)
		container_at(state, from)->threads--;
	container_unref(state, from);
	spaces->container = index;
}

void spaces_drop(struct state *state, uint32_t *slot)
{
	struct spaces *spaces = spaces_at(state, *slot);

	if (!spaces)
		return;
	move(state, spaces, 0);
	strpool_unref(state->strings, spaces->opened);
	strpool_unref(state->strings, spaces->asked);
	g_clear_pointer(&spaces->levels, g_free);
	pool_remove(&state->namespaces.spaces, *slot);
	*slot = 0;
}

void spaces_inherit(struct state *state, uint32_t *slot, uint32_t parent)
{
	const struct spaces *from;
	struct spaces *spaces;

	if (!parent)
		return;
	spaces = spaces_ensure(state, slot);
	from = spaces_at(state, parent);
	memcpy(spaces->inum, from->inum, sizeof(spaces->inum));
	spaces->doubted = from->doubted;
	spaces_set_depth(spaces, from->n_levels);
	for (unsigned int i = 0; i < from->n_levels; i++)
		spaces->levels[i].inum = from->levels[i].inum;
	move(state, spaces, from->container);
}

void spaces_set_depth(struct spaces *spaces, unsigned int n_levels)
{
	n_levels = MIN(n_levels, NS_LEVELS_MAX);
	if (n_levels != spaces->n_levels) {
		spaces->levels = g_renew(struct ns_level, spaces->levels, n_levels);
		for (unsigned int i = spaces->n_levels; i < n_levels; i++)
			spaces->levels[i] = (struct ns_level){0};
	}
	spaces->n_levels = (uint8_t)n_levels;
}

/*
 * The container of who made that of a thread, seen outside of its PID namespace, but in others of it; 0 for
 * none.
 */
static uint32_t find_maker(const struct state *state, const struct spaces *spaces)
{
	for (int kind = NS_PID + 1; kind < NS_IPC; kind++) {
		uint32_t index = container_find(state, kind, spaces->inum[kind]);

		if (index > CONTAINER_HOST && !container_at(state, index)->inum[NS_PID])
			return index;
	}
	return 0;
}

/*
 * The container of a thread by its most specific namespace that is not the machine's, if it is known which that
 * is; 0 if it is not. Makes it if need be.
 */
static uint32_t find_container(struct state *state, const struct spaces *spaces, bool born)
{
	const struct container *host = container_at(state, CONTAINER_HOST), *found;
	bool is_known = false;

	for (int kind = 0; kind < NS_KINDS; kind++) {
		uint32_t inum = spaces->inum[kind], index, maker = 0;

		if (spaces->doubted >> kind & 1)
			return 0;
		is_known = is_known || inum;
		/* That of the machine itself has not been told yet. */
		if (!inum || inum == host->inum[kind] || !host->inum[kind])
			continue;
		index = container_find(state, kind, inum);
		found = container_at(state, index);
		/* The thread's other namespaces may be told later than that. */
		if (kind == NS_PID && (!found || (found->uses == 1 && spaces->container == index)))
			maker = find_maker(state, spaces);
		if (maker && found)
			give_up_all(state, container_at(state, index));
		return maker ?: index ?: container_new(state, kind, inum, born);
	}
	return is_known ? CONTAINER_HOST : 0;
}

/* Whether a thread is the first one of its PID namespace, below that of the machine. */
static bool is_first(const struct spaces *spaces)
{
	return spaces->n_levels > 0 && spaces->levels[spaces->n_levels - 1].vtid == 1;
}

static bool has_inums(const struct container *container, const struct spaces *spaces)
{
	for (int kind = 0; kind < NS_KINDS; kind++)
		if (spaces->inum[kind] && !container->inum[kind])
			return false;
	return true;
}

void spaces_settle(struct state *state, struct spaces *spaces, bool born, const char *program)
{
	uint32_t index = find_container(state, spaces, born);
	struct container *container = container_at(state, index);

	move(state, spaces, index);
	if (!index || index == CONTAINER_HOST)
		return;
	if (!container->outer && spaces->n_levels > 0)
		container->outer = spaces->n_levels > 1
					   ? spaces->levels[spaces->n_levels - 2].inum
					   : container_at(state, CONTAINER_HOST)->inum[NS_PID];
	/* The number may be used again. */
	if (!container->parent)
		container->parent = MAX(0, container_parent(state, container));
	if (!has_inums(container, spaces)) {
		for (int kind = 0; kind < NS_KINDS; kind++)
			claim(state, index, kind, spaces->inum[kind]);
		if (container->kind != NS_PID && container->inum[NS_PID]) {
			container->kind = NS_PID;
			container->key = container->inum[NS_PID];
			/* It is not named after its maker. */
			if (container->named <= NAME_PROGRAM) {
				container->named = NAME_NONE;
				container_call(state, index, NAME_NONE, NULL);
			}
		}
		look_up(state, index);
	}
	if (container->kind != NS_PID ? container->named == NAME_NONE : is_first(spaces))
		container_call(state, index, NAME_PROGRAM, program);
}

void machine_has_space(struct state *state, enum ns_kind kind, uint32_t inum)
{
	struct container *host;
	uint64_t key;

	ensure_host(state);
	host = container_at(state, CONTAINER_HOST);
	key = ns_key(kind, host->inum[kind]);
	if (!inum || host->inum[kind] == inum || container_find(state, kind, inum))
		return;
	if (host->inum[kind])
		g_hash_table_remove(state->namespaces.by_inum, &key);
	host->inum[kind] = 0;
	claim(state, CONTAINER_HOST, kind, inum);
	if (kind == NS_PID)
		host->key = inum;
}

int64_t spaces_levels(const struct state *state, uint32_t index)
{
	const struct spaces *spaces = spaces_at(state, index);

	return spaces && spaces->inum[NS_PID] ? spaces->n_levels + 1 : VALUE_ABSENT;
}

/* ---- Views ---- */

static void show_container(
	const struct state *state, const struct container *container, const struct view_sink *sink)
{
	struct view_container row = {
		.container_id = container->id,
		.container = container_label(container),
		.kind = ns_names[container->kind],
		.container_ns = container->key,
		.parent_id = container_parent(state, container),
		.cgroup = container_cgroup(container),
		.threads = container->threads,
	};

	sink->row(sink->data, &row);
}

static gint by_id(gconstpointer a, gconstpointer b)
{
	const struct container *const *x = a, *const *y = b;

	return ((*x)->id > (*y)->id) - ((*x)->id < (*y)->id);
}

void container_inspect(const struct state *state, int64_t of, const struct view_sink *sink)
{
	const struct pool *pool = &state->namespaces.containers;
	GPtrArray *list = g_ptr_array_new();

	(void)of;
	/* Places that are free have no id. */
	for (uint32_t i = 1; i < pool->used; i++)
		if (container_at(state, i)->id)
			g_ptr_array_add(list, container_at(state, i));
	g_ptr_array_sort(list, by_id);
	for (guint i = 0; i < list->len; i++)
		show_container(state, g_ptr_array_index(list, i), sink);
	g_ptr_array_unref(list);
}

/* ---- Images ---- */

static void container_image(struct image *image, uint32_t index, void *item)
{
	struct codec *codec = image->codec;
	struct container *container = item;
	uint32_t inum;

	codec_i64(codec, &container->id);
	codec_u32(codec, &container->key);
	codec_u8(codec, &container->kind);
	codec_u8(codec, &container->named);
	codec_bool(codec, &container->born);
	codec_u32(codec, &container->outer);
	codec_i64(codec, &container->parent);
	image_string(image, &container->label);
	image_string(image, &container->cgroup);
	image_string(image, &container->listed_label);
	image_string(image, &container->listed_cgroup);
	if (container->kind >= NS_KINDS || container->named >= NAME_SOURCES || container->id <= 0) {
		codec_fail(codec, "a container is invalid");
		container->kind = 0;
	}
	for (int kind = 0; kind < NS_KINDS; kind++) {
		inum = container->inum[kind];
		codec_u32(codec, &inum);
		if (image_reads(image) && inum && !codec->failed) {
			if (container_find(image->state, kind, inum))
				codec_fail(codec, "a namespace is in two containers");
			claim(image->state, index, kind, inum);
		}
	}
}

static void spaces_image(struct image *image, uint32_t index, void *item)
{
	struct codec *codec = image->codec;
	struct spaces *spaces = item;
	uint32_t n, container = spaces->container;

	(void)index;
	for (int kind = 0; kind < NS_KINDS; kind++)
		codec_u32(codec, &spaces->inum[kind]);
	codec_u8(codec, &spaces->doubted);
	codec_bool(codec, &spaces->dumped);
	n = codec_count(codec, spaces->n_levels, NS_LEVELS_MAX);
	spaces_set_depth(spaces, n);
	for (uint32_t i = 0; i < n; i++) {
		codec_u32(codec, &spaces->levels[i].inum);
		codec_i32(codec, &spaces->levels[i].vtid);
		codec_i32(codec, &spaces->levels[i].vpid);
	}
	image_string(image, &spaces->opened);
	image_string(image, &spaces->asked);
	image_number(image, &container, IMAGE_CONTAINERS);
	if (image_reads(image))
		move(image->state, spaces, container);
}

const struct thread_place place_unknown = {
	.container_ns = VALUE_ABSENT,
	.container_parent = VALUE_ABSENT,
	.vtid = VALUE_ABSENT,
	.vpid = VALUE_ABSENT,
};

static int64_t or_absent(int32_t number)
{
	return number ? number : VALUE_ABSENT;
}

const struct thread_place *place_of_spot(const struct state *state, struct spot spot)
{
	const struct container *container = container_at(state, spot.container);
	struct thread_place *place = state->namespaces.place;

	*place = place_unknown;
	place->vtid = or_absent(spot.vtid);
	place->vpid = or_absent(spot.vpid);
	if (!container)
		return place;
	place->container = container_label(container);
	place->container_id = container->id;
	place->container_ns = container->key;
	if (spot.container != CONTAINER_HOST)
		place->container_parent = container->parent ?: container_parent(state, container);
	place->cgroup = container_cgroup(container);
	return place;
}

void spot_image(struct image *image, struct spot *spot)
{
	codec_i32(image->codec, &spot->vtid);
	codec_i32(image->codec, &spot->vpid);
	image_number(image, &spot->container, IMAGE_CONTAINERS);
	if (image_reads(image))
		container_ref(image->state, spot->container);
}

void namespaces_image(struct image *image)
{
	struct namespaces_model *model = &image->state->namespaces;
	uint64_t digest = model->listed.digest, saved = digest;

	codec_u64(image->codec, &saved);
	if (saved != digest)
		codec_fail(image->codec, "the names of containers were others");
	codec_i64(image->codec, &model->last);
	image_pool(image, &model->containers, IMAGE_CONTAINERS, container_image);
	if (image_reads(image) && model->containers.used > CONTAINER_HOST) {
		if (!image->alive[IMAGE_CONTAINERS][CONTAINER_HOST])
			codec_fail(image->codec, "the container of the machine is missing");
		else
			container_at(image->state, CONTAINER_HOST)->uses++;
	}
	image_pool(image, &model->spaces, IMAGE_SPACES, spaces_image);
	if (image_reads(image) && model->spaces.used > 1 &&
		model->containers.used <= CONTAINER_HOST)
		codec_fail(image->codec, "the container of the machine is missing");
}
