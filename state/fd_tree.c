/*
 * Descriptors by number, as trees that tables share.
 *
 * Structure: AVL trees whose nodes count those who hold them, tables and nodes above. A node with more
 * than one holder is never changed: whoever wants to copies it, and what is below has one holder more
 * (own()). So a fork holds the root of its parent's table, and from then on each of both copies the way
 * to what it changes, log n nodes.
 *
 * All is made of two steps. join() puts a node between two trees, the numbers in one of which are all
 * smaller, and those in the other all larger, than its own: it goes down the higher tree's inner side to
 * where the other one is as high, and balances on its way back. split() parts a tree at a number: it
 * joins again what is left and right of the way there. Both take what they are given, and both take
 * O(log n), as heights along a way add up to the height of the tree.
 *
 * Why: processes with many descriptors fork often, and children close them at once (close_range), or
 * let exec do so. With tables as arrays each of these costs as much as there are descriptors.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/fd_tree.h"

#include "state/image.h"
#include "state/model.h"

/* No tree is higher: it would have more numbers than there are. */
#define HEIGHT_MAX 48

struct node {
	struct fd fd;
	uint32_t left, right;
	uint32_t size; /* nodes from here on */
	uint32_t refs;
	uint32_t told; /* the same, as an image tells it */
	uint8_t height;
};

static struct node *at(const struct fd_trees *trees, uint32_t root)
{
	return pool_at(&trees->nodes, root);
}

void fd_trees_init(struct fd_trees *trees, struct strpool *strings)
{
	pool_init(&trees->nodes, sizeof(struct node));
	trees->strings = strings;
	trees->alive = 0;
}

void fd_trees_clear(struct fd_trees *trees)
{
	pool_clear(&trees->nodes);
}

uint32_t fd_tree_ref(struct fd_trees *trees, uint32_t root)
{
	if (root)
		at(trees, root)->refs++;
	return root;
}

void fd_tree_unref(struct fd_trees *trees, uint32_t root)
{
	struct node *node;

	if (!root)
		return;
	node = at(trees, root);
	if (--node->refs > 0)
		return;
	fd_tree_unref(trees, node->left);
	fd_tree_unref(trees, node->right);
	strpool_unref(trees->strings, node->fd.file.path);
	pool_remove(&trees->nodes, root);
	trees->alive--;
}

uint32_t fd_tree_size(const struct fd_trees *trees, uint32_t root)
{
	return root ? at(trees, root)->size : 0;
}

static int height(const struct fd_trees *trees, uint32_t root)
{
	return root ? at(trees, root)->height : 0;
}

const struct fd *fd_tree_find(const struct fd_trees *trees, uint32_t root, int32_t number)
{
	while (root) {
		const struct node *node = at(trees, root);

		if (node->fd.number == number)
			return &node->fd;
		root = number < node->fd.number ? node->left : node->right;
	}
	return NULL;
}

const struct fd *fd_tree_from(const struct fd_trees *trees, uint32_t root, int32_t number)
{
	const struct fd *found = NULL;

	while (root) {
		const struct node *node = at(trees, root);

		if (node->fd.number >= number)
			found = &node->fd;
		root = number <= node->fd.number ? node->left : node->right;
	}
	return found;
}

/* ---- Joining and splitting ---- */

static uint32_t node_new(struct fd_trees *trees, const struct fd *fd)
{
	uint32_t root = pool_add(&trees->nodes);
	struct node *node = at(trees, root);

	node->fd = *fd;
	strpool_ref(trees->strings, fd->file.path);
	node->refs = 1;
	node->size = node->height = 1;
	trees->alive++;
	return root;
}

/* The same node, or a copy of it, that nobody else holds; takes the reference to the former. */
static uint32_t own(struct fd_trees *trees, uint32_t root)
{
	struct node *node = at(trees, root), *copy;
	uint32_t made;

	if (node->refs == 1)
		return root;
	made = node_new(trees, &node->fd);
	copy = at(trees, made);
	copy->left = fd_tree_ref(trees, node->left);
	copy->right = fd_tree_ref(trees, node->right);
	copy->size = node->size;
	copy->height = node->height;
	node->refs--;
	return made;
}

/* Makes a node of one's own say what it has below. */
static void sum_up(struct fd_trees *trees, struct node *node)
{
	node->size = 1 + fd_tree_size(trees, node->left) + fd_tree_size(trees, node->right);
	node->height = (uint8_t)(1 + MAX(height(trees, node->left), height(trees, node->right)));
}

static uint32_t rotate_left(struct fd_trees *trees, uint32_t root)
{
	struct node *node = at(trees, root), *up;
	uint32_t right = own(trees, node->right);

	up = at(trees, right);
	node->right = up->left;
	up->left = root;
	sum_up(trees, node);
	sum_up(trees, up);
	return right;
}

static uint32_t rotate_right(struct fd_trees *trees, uint32_t root)
{
	struct node *node = at(trees, root), *up;
	uint32_t left = own(trees, node->left);

	up = at(trees, left);
	node->left = up->right;
	up->right = root;
	sum_up(trees, node);
	sum_up(trees, up);
	return left;
}

/* Balances a node of one's own, one side of which may be too high by one. */
static uint32_t balance(struct fd_trees *trees, uint32_t root)
{
	struct node *node = at(trees, root);
	int lean = height(trees, node->right) - height(trees, node->left);

	if (lean > 1) {
		node->right = own(trees, node->right);
		if (height(trees, at(trees, node->right)->left) >
			height(trees, at(trees, node->right)->right))
			node->right = rotate_right(trees, node->right);
		return rotate_left(trees, root);
	}
	if (lean < -1) {
		node->left = own(trees, node->left);
		if (height(trees, at(trees, node->left)->right) >
			height(trees, at(trees, node->left)->left))
			node->left = rotate_left(trees, node->left);
		return rotate_right(trees, root);
	}
	sum_up(trees, node);
	return root;
}

/* A tree of all that is in `left`, in the node `middle` (which is one's own), and in `right`. */
static uint32_t join(struct fd_trees *trees, uint32_t left, uint32_t middle, uint32_t right)
{
	int lean = height(trees, right) - height(trees, left);
	struct node *node;

	if (lean < -1) {
		left = own(trees, left);
		node = at(trees, left);
		node->right = join(trees, node->right, middle, right);
		return balance(trees, left);
	}
	if (lean > 1) {
		right = own(trees, right);
		node = at(trees, right);
		node->left = join(trees, left, middle, node->left);
		return balance(trees, right);
	}
	node = at(trees, middle);
	node->left = left;
	node->right = right;
	sum_up(trees, node);
	return middle;
}

/* What a split has made of a tree: `middle` is the node of the number, or 0. All are the caller's. */
struct parts {
	uint32_t left, middle, right;
};

static struct parts split(struct fd_trees *trees, uint32_t root, int32_t number)
{
	struct parts parts = {0};
	struct node *node;

	if (!root)
		return parts;
	root = own(trees, root);
	node = at(trees, root);
	if (number == node->fd.number) {
		parts = (struct parts){node->left, root, node->right};
		node->left = node->right = 0;
		sum_up(trees, node);
	} else if (number < node->fd.number) {
		uint32_t right = node->right;

		parts = split(trees, node->left, number);
		parts.right = join(trees, parts.right, root, right);
	} else {
		uint32_t left = node->left;

		parts = split(trees, node->right, number);
		parts.left = join(trees, left, root, parts.left);
	}
	return parts;
}

/* Takes the last node off a tree that is not empty. */
static uint32_t split_last(struct fd_trees *trees, uint32_t root, uint32_t *last)
{
	struct node *node;
	uint32_t left, right;

	root = own(trees, root);
	node = at(trees, root);
	left = node->left;
	if (!node->right) {
		node->left = 0;
		sum_up(trees, node);
		*last = root;
		return left;
	}
	right = split_last(trees, node->right, last);
	return join(trees, left, root, right);
}

/* A tree of all that is in `left` and in `right`, whose numbers are all larger. */
static uint32_t join_two(struct fd_trees *trees, uint32_t left, uint32_t right)
{
	uint32_t middle;

	if (!left)
		return right;
	left = split_last(trees, left, &middle);
	return join(trees, left, middle, right);
}

/* ---- Changing ---- */

void fd_tree_put(struct fd_trees *trees, uint32_t *root, const struct fd *fd)
{
	uint32_t node = node_new(trees, fd);
	struct parts parts = split(trees, *root, fd->number);

	fd_tree_unref(trees, parts.middle);
	*root = join(trees, parts.left, node, parts.right);
}

struct fd *fd_tree_change(struct fd_trees *trees, uint32_t *root, int32_t number)
{
	struct node *node;

	for (;;) {
		*root = own(trees, *root);
		node = at(trees, *root);
		if (node->fd.number == number)
			return &node->fd;
		root = number < node->fd.number ? &node->left : &node->right;
	}
}

uint32_t fd_tree_cut(struct fd_trees *trees, uint32_t *root, int32_t first, int32_t last)
{
	struct parts lower, upper;
	uint32_t cut;

	/* The usual ones: all of it, or nothing. */
	if (!fd_tree_from(trees, *root, first) || first > last)
		return 0;
	lower = split(trees, *root, first);
	upper = split(trees, lower.right, last);
	cut = upper.left;
	if (lower.middle)
		cut = join(trees, 0, lower.middle, cut);
	if (upper.middle)
		cut = join(trees, cut, upper.middle, 0);
	*root = join_two(trees, lower.left, upper.right);
	return cut;
}

/* All of `into`, and of `other` what is not there; takes both. */
static uint32_t add(struct fd_trees *trees, uint32_t into, uint32_t other)
{
	struct parts parts;
	struct node *node;
	uint32_t left, right;

	if (into == other) {
		fd_tree_unref(trees, other);
		return into;
	}
	if (!into || !other)
		return into ? into : other;
	into = own(trees, into);
	node = at(trees, into);
	left = node->left;
	right = node->right;
	node->left = node->right = 0;
	parts = split(trees, other, node->fd.number);
	fd_tree_unref(trees, parts.middle);
	left = add(trees, left, parts.left);
	right = add(trees, right, parts.right);
	return join(trees, left, into, right);
}

void fd_tree_add(struct fd_trees *trees, uint32_t *root, uint32_t other)
{
	*root = add(trees, *root, fd_tree_ref(trees, other));
}

void fd_tree_drop(struct fd_trees *trees, uint32_t *root, uint32_t other)
{
	struct parts parts;

	if (!*root || !other)
		return;
	parts = split(trees, *root, at(trees, other)->fd.number);
	fd_tree_unref(trees, parts.middle);
	fd_tree_drop(trees, &parts.left, at(trees, other)->left);
	fd_tree_drop(trees, &parts.right, at(trees, other)->right);
	*root = join_two(trees, parts.left, parts.right);
}

/* ---- Images ---- */

void file_image(struct image *image, struct file *file)
{
	uint8_t bits = (uint8_t)(file->cloexec | file->readonly << 1 | file->direct << 2 |
				 file->type << 3);

	image_string(image, &file->path);
	codec_u32(image->codec, &file->socket);
	codec_u8(image->codec, &bits);
	file->cloexec = bits & 1;
	file->readonly = bits & 2;
	file->direct = bits & 4;
	file->type = bits >> 3;
	if (file->type > FILE_LOCAL) {
		codec_fail(image->codec, "a file type is unknown");
		file->type = FILE_UNKNOWN;
	}
}

static void node_image(struct image *image, uint32_t index, void *item)
{
	struct fd_trees *trees = &image->state->fd.trees;
	struct node *node = item;
	uint32_t refs = node->refs;

	(void)index;
	codec_i32(image->codec, &node->fd.number);
	file_image(image, &node->fd.file);
	codec_time(image->codec, &node->fd.since);
	fd_tree_image(image, trees, &node->left);
	fd_tree_image(image, trees, &node->right);
	codec_u8(image->codec, &node->height);
	codec_u32(image->codec, &refs);
	if (!image_reads(image))
		return;
	node->told = refs;
	trees->alive++;
}

void fd_trees_image(struct image *image, struct fd_trees *trees)
{
	image_pool(image, &trees->nodes, IMAGE_FDS, node_image);
}

void fd_tree_image(struct image *image, struct fd_trees *trees, uint32_t *root)
{
	image_number(image, root, IMAGE_FDS);
	if (image_reads(image))
		fd_tree_ref(trees, *root);
}

/* From which to which number a tree goes. */
struct span {
	int32_t low, high;
};

/* Whether a side of a node is a tree that belongs there: it has been checked, if it is lower. */
static bool fits(const struct fd_trees *trees, const struct node *node, uint32_t side)
{
	return !side || at(trees, side)->height < node->height;
}

/* Checks a node whose lower ones have been; returns what is wrong. */
static const char *check_node(struct fd_trees *trees, struct span *spans, uint32_t index)
{
	struct node *node = at(trees, index);
	int32_t number = node->fd.number;
	int lean = height(trees, node->right) - height(trees, node->left);
	uint8_t told = node->height;

	if (number < 0 || node->fd.file.cloexec || !fits(trees, node, node->left) ||
		!fits(trees, node, node->right) || lean < -1 || lean > 1)
		return "the descriptors are not a tree";
	if ((node->left && spans[node->left].high >= number) ||
		(node->right && spans[node->right].low <= number))
		return "the descriptors are not sorted";
	spans[index].low = node->left ? spans[node->left].low : number;
	spans[index].high = node->right ? spans[node->right].high : number;
	sum_up(trees, node);
	if (node->height != told)
		return "the descriptors are not a tree";
	return node->refs == node->told ? NULL : "the reference count of a descriptor is wrong";
}

void fd_trees_image_check(struct image *image, struct fd_trees *trees)
{
	uint32_t used = image->used[IMAGE_FDS], seen = 0;
	const bool *alive = image->alive[IMAGE_FDS];
	struct span *spans;

	if (!image_reads(image) || image->codec->failed)
		return;
	spans = g_new0(struct span, MAX(used, 1));
	for (int height = 1; height <= HEIGHT_MAX && !image->codec->failed; height++) {
		for (uint32_t i = 1; i < used && !image->codec->failed; i++) {
			const char *wrong = NULL;

			if (!alive[i] || at(trees, i)->height != height)
				continue;
			seen++;
			wrong = check_node(trees, spans, i);
			if (wrong)
				codec_fail(image->codec, wrong);
		}
	}
	if (!image->codec->failed && seen != trees->alive)
		codec_fail(image->codec, "the descriptors are not a tree");
	g_free(spans);
}
