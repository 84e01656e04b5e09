/*
 * What requests are looked for: definitions, and what each class of events may do to them. Made by
 * lua/lib/requests.lua for the classes of a trace, and shared by all its machines.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_PLAN_H
#define LTTNGA_PLAN_H

#include "host/requests/given.h"
#include "host/requests/program.h"

/* What is done if several open requests could end with one event. */
enum end_policy { END_ALL, END_NEWEST, END_OLDEST };

/* What is done if a request begins while one of its definition, with the same key, is open. */
enum again_policy { AGAIN_ADD, AGAIN_KEEP, AGAIN_REPLACE };

/* Depth of definitions in each other, and their number. */
#define DEFINITION_DEPTH_MAX 32
#define DEFINITIONS_MAX      1000

/* Values that one request keeps. */
#define KEPT_MAX 250

/* Values that open requests are filed under; a definition has several of these if ends differ in that. */
struct key {
	guint n;
	struct operand *parts; /* of what has been kept: OPERAND_BEGIN, OPERAND_PARENT */
};

/* A value that is shown under a name. */
struct capture {
	char *name;
	struct operand value;
};

struct definition {
	const char *name; /* interned; NULL: it has none */
	const char *path; /* interned: with the names of its parents */
	int64_t owner;    /* number of the script, from 1 */
	int parent;       /* number of the definition that it is part of, or -1 */
	enum end_policy policy;
	enum again_policy again; /* by the first key */
	bool last;        /* it ends with the last event that ends it, before it begins again */
	int64_t min, max; /* as a part it counts if it took so long, ns */
	guint n_kept;     /* values that are kept of the event that begins it */
	GArray *keys;     /* struct key */
	GArray *captures; /* struct capture, of what has been kept */
	GArray *children; /* guint: definitions that are part of it, themselves or by others */
	int place
		[DEFINITION_DEPTH_MAX]; /* its place in `children` of its parent, of that one's parent... */
};

/* What requests are told of by the events that begin them and end them: numbers. */
enum rule_number {
	RULE_TIME,  /* when that was; else it is the time of the event */
	RULE_BEGIN, /* of an event that is a request by itself: when it began */
	RULE_PORT,  /* of the connection: the last one counts */
	RULE_SIZE,  /* bytes: all are added up */
	RULE_ERROR, /* the last one that is not 0 counts */
	RULE_NUMBERS
};

/* How an event of a class begins requests of a definition, or ends them. */
struct rule {
	guint definition;
	struct program *gate; /* what does not depend on any request; NULL: holds always */
	guint key; /* requests are found by this key of theirs (or of the parent's definition), */
	guint n_parts;
	struct operand *parts; /* which is equal to this of the event */
	struct program *rest;  /* what must hold besides; NULL: always */
	/* What begins keeps these, of the event and of the parent; what ends shows these. */
	guint n_kept;
	struct operand *kept;
	GArray *captures;          /* struct capture */
	int numbers[RULE_NUMBERS]; /* fields that tell them; -1: none */
	bool drops;                /* what ends is no request: nobody will answer */
};

/* Fields of derived events that tell whose they are. */
enum owner_field {
	OWNER_CPU,
	OWNER_TID,
	OWNER_PID,
	OWNER_UTID,
	OWNER_UPID,
	OWNER_PROCNAME,
	OWNER_PROCESS,
	OWNER_FIELDS
};

/* What events of a class can do. */
struct event_rules {
	GPtrArray *names; /* of the fields, */
	GArray *fields;   /* and these: struct event_field */
	const struct derived_field
		*owner[OWNER_FIELDS]; /* of a derived event; NULL: it does not tell */
	GArray *begins;               /* struct rule, parents before children */
	GArray *ends;                 /* struct rule, children before parents */
};

struct plan {
	GArray *definitions; /* struct definition */
	GPtrArray *by_class; /* struct event_rules or NULL, by number of the class */
	struct event_rules *by_derived[DERIVED_KINDS];
	int64_t limit; /* so many requests may be open at once */
	GArray *given; /* struct given, in the order in which they begin */
};

/* An empty plan. */
struct plan *plan_new(void);
void plan_free(struct plan *plan);

/*
 * Reads what a plan is to be from the value on top of the stack, and leaves it there; see plan.c for its
 * form. Raises a Lua error if it has another one: then the plan is good for plan_free() only.
 */
void plan_read(lua_State *L, struct plan *plan);

/* Binds the fields of a raw class that the plan needs; before the first record. */
void plan_bind(struct plan *plan, struct source *source, unsigned int class_no);

/* Parts of the model that it needs (enum want), and derived events (bits). */
unsigned int plan_wants(const struct plan *plan);
uint64_t plan_emits(const struct plan *plan);

static inline const struct definition *plan_definition(const struct plan *plan, guint i)
{
	return &g_array_index(plan->definitions, struct definition, i);
}

/* What events of a class can do; NULL: nothing. */
static inline struct event_rules *plan_rules(const struct plan *plan, unsigned int class_no)
{
	return class_no < plan->by_class->len ? plan->by_class->pdata[class_no] : NULL;
}

#endif
