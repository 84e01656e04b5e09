/*
 * Namespaces and containers: which namespaces a thread is in, which containers that makes, and what
 * these are called. What events tell of it is in membership.c.
 *
 * A thread is in the container of the most specific namespace in which it differs from the machine
 * itself; the machine is a container, too, the first one. Namespaces that the threads of a container
 * have beside that are the container's as well, so that whoever shares only these is in it.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_NAMESPACES_H
#define LTTNGA_NAMESPACES_H

#include "state/derived.h"
#include "state/listed.h"
#include "state/pool.h"
#include "state/record.h"
#include "state/strpool.h"

#include <glib.h>
#include <stdbool.h>

struct state;
struct image;

/* What /proc/PID/ns calls them. */
extern const char *const ns_names[NS_KINDS];

/* Linux nests PID namespaces no deeper. */
#define NS_LEVELS_MAX 32

/* From what in the trace a name is, the best last. */
enum name_source { NAME_NONE, NAME_PROGRAM, NAME_HOST, NAME_CGROUP, NAME_SOURCES };

struct container {
	int64_t id;              /* no other one has it in the trace; of the machine itself: 1 */
	uint32_t key;            /* the namespace by which it was found, */
	uint8_t kind;            /* and of which kind that is */
	uint8_t named;           /* enum name_source */
	bool born;               /* it was made while the trace was recorded */
	uint32_t inum[NS_KINDS]; /* the namespaces by which it is found; 0: none of that kind */
	int64_t parent;          /* the id of the container around it; 0: not known yet */
	uint32_t outer;          /* the PID namespace around its own; 0: not known, or none */
	uint32_t uses;           /* by threads, and by what they have asked for */
	uint32_t threads;        /* that are in it */
	strid label;             /* its name, or else one made of its namespace */
	strid cgroup;            /* path of its cgroup; 0 if not known */
	strid listed_label, listed_cgroup; /* as somebody wrote them down: these are better; or 0 */
};

/* The number of the machine itself in the pool. */
#define CONTAINER_HOST 1

/* A PID namespace that a thread is in, below that of the machine. */
struct ns_level {
	uint32_t inum;
	int32_t vtid, vpid; /* what it is called in there; 0: not known */
};

/* What is known of the namespaces of a thread. */
struct spaces {
	uint32_t inum[NS_KINDS]; /* 0: not known */
	uint8_t doubted;         /* bit by kind: it has another one, and nothing tells which */
	bool dumped;             /* its levels come next, the deepest one first */
	uint8_t n_levels;
	struct ns_level *levels; /* from the outermost below the machine's on */
	uint32_t container;      /* number in the pool; 0: not known */
	strid opened;            /* the cgroup whose cgroup.procs it opened last; 0: none */
	strid asked;             /* what its call is about: that, or a host name; 0: neither */
};

struct namespaces_model {
	struct pool spaces;
	struct pool containers;
	GHashTable *by_inum;        /* kind << 32 | inum -> number of the container */
	struct listed listed;       /* what somebody wrote down of them */
	int64_t last;               /* the newest container's id */
	struct thread_place *place; /* see place_of_spot() */
};

void namespaces_init(struct state *state);
void namespaces_clear(struct state *state);

static inline uint64_t ns_key(enum ns_kind kind, uint32_t inum)
{
	return (uint64_t)kind << 32 | inum;
}

/* The container with this number; NULL for 0. */
static inline struct container *container_in(const struct namespaces_model *model, uint32_t index)
{
	return index ? pool_at(&model->containers, index) : NULL;
}

/* The spaces with this number; NULL for 0. */
static inline struct spaces *spaces_in(const struct namespaces_model *model, uint32_t index)
{
	return index ? pool_at(&model->spaces, index) : NULL;
}

/* What a container is called, and the path of its cgroup; 0 for none. */
static inline strid container_label(const struct container *container)
{
	return container ? container->listed_label ?: container->label : 0;
}

static inline strid container_cgroup(const struct container *container)
{
	return container ? container->listed_cgroup ?: container->cgroup : 0;
}

/* The one that a namespace belongs to, by number; 0 if there is none. */
uint32_t container_find(const struct state *state, enum ns_kind kind, uint32_t inum);

/* The id of the container around one; VALUE_ABSENT for the machine, and if it is not known. */
int64_t container_parent(const struct state *state, const struct container *container);

/* One more use of a container (0 is allowed), and one less; the last one forgets it. Returns `index`. */
uint32_t container_ref(struct state *state, uint32_t index);
void container_unref(struct state *state, uint32_t index);

/* Says what a container is called, unless it has a better name. */
void container_call(struct state *state, uint32_t index, enum name_source source, const char *name);

/* Says which cgroup it is, which also gives it a name. */
void container_set_cgroup(struct state *state, uint32_t index, const char *path);

/* Says which namespace the machine itself has. */
void machine_has_space(struct state *state, enum ns_kind kind, uint32_t inum);

/* A namespace of this number has just been made: what had the number before is gone. */
void container_renew(struct state *state, enum ns_kind kind, uint32_t inum);

/* Makes a slot hold spaces, empty ones if it had none; lets them go. */
struct spaces *spaces_ensure(struct state *state, uint32_t *slot);
void spaces_drop(struct state *state, uint32_t *slot);

/* A child, in whose slot none are yet, has the same ones as its parent. */
void spaces_inherit(struct state *state, uint32_t *slot, uint32_t parent);

/* Says in how many PID namespaces below the machine's a thread is; those that are left are kept. */
void spaces_set_depth(struct spaces *spaces, unsigned int n_levels);

/*
 * Finds the container of a thread anew, after something was said of its namespaces. `born`: if it is a new
 * one, it was made now; `program`: what the thread is called, or NULL.
 */
void spaces_settle(struct state *state, struct spaces *spaces, bool born, const char *program);

/* In how many PID namespaces a thread is, with that of the machine; VALUE_ABSENT if not known. */
int64_t spaces_levels(const struct state *state, uint32_t index);

/* Where a thread is. */
struct spot {
	uint32_t container; /* number in the pool, 0 if not known */
	int32_t vtid, vpid; /* 0 if not known */
};

/* What derived events say of that, until it is asked for again; and if nothing is known, or nobody wants to. */
const struct thread_place *place_of_spot(const struct state *state, struct spot spot);
extern const struct thread_place place_unknown;

void spot_image(struct image *image, struct spot *spot);
void namespaces_image(struct image *image);

#endif
