/*
 * Hooks from inside, for the files that they consist of:
 *
 *   hooks_read.c  what scripts say, read and checked
 *   hooks_bind.c  where the fields that hooks of raw events name are in the records of a class
 *   hooks_call.c  what passes the filters is handed to the functions
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_HOOKS_PRIVATE_H
#define LTTNGA_HOOKS_PRIVATE_H

#include "host/lua/collect.h"
#include "host/lua/expression.h"
#include "host/lua/hooks.h"

#include <stdbool.h>
#include <stdint.h>

/* The name of a hook on every event of the trace. */
#define ANY_EVENT "*"

struct script {
	char *name;
	int window;    /* reference to the table that hooks get as `w` */
	int64_t first; /* when that window began, ns; VALUE_ABSENT: it has not been looked at */
};

enum arg_kind { ARG_WINDOW, ARG_EVENT, ARG_SELECTED, ARG_FIELD };

struct arg {
	enum arg_kind kind;
	const char *name;
	const struct derived_field *field; /* of a derived event */
};

struct hook {
	const struct script *script;
	char *event;
	char *where;               /* "script.lua:17", where the function is */
	int function;              /* reference */
	int derived;               /* enum derived_kind, or -1 for a raw event */
	GArray *args;              /* struct arg */
	bool whole;                /* some parameter is `event` */
	guint number;              /* among all, from 0 on */
	bool is_deferred;          /* if calls are put off, its are */
	bool sees_all;             /* it is told whether an event passes, and gets all of them */
	struct collect *collect;   /* NULL for a hook that is a function */
	struct expression *filter; /* what passes; NULL: everything */
	struct expression_field *tested; /* its fields, of a derived event */
};

/* A raw hook together with one class: where its arguments are in that class's records. */
struct raw_call {
	struct hook *hook;
	GArray *args;                    /* struct raw_field, one for each of hook->args */
	GArray *all, *own;               /* struct raw_field: every field, if they may be wanted */
	GArray *sources;                 /* struct raw_field: those of hook->filter, */
	struct expression_field *tested; /* and what they are there */
};

struct hooks {
	int on_error;                         /* stack index of the message handler, or 0 */
	bool played;                          /* see hooks_new_played() */
	struct deferred *deferred;            /* where calls are put off to; NULL: they are made */
	guint machine;                        /* there */
	bool watches;                         /* what hooks return */
	bool hit;                             /* one has returned something true, */
	int event;                            /* and this is its event: a reference */
	GPtrArray *scripts;                   /* struct script */
	GPtrArray *hooks;                     /* struct hook */
	GPtrArray *names;                     /* of their events: an array for each script */
	GPtrArray *by_derived[DERIVED_KINDS]; /* struct hook, borrowed */
	unsigned int first_class;             /* the first class that any of them is on */
	GPtrArray *by_class; /* from that on: GPtrArray of struct raw_call, or NULL */
};

/* Whether a class is the event that a hook names: by its own name, or by one it has had. */
bool hooks_class_is(const struct source_class *class, const char *event);

/* Frees the calls of one class: a GPtrArray of struct raw_call, or NULL. */
void hooks_free_raw_calls(gpointer calls);

#endif
