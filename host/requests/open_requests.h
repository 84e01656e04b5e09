/*
 * The requests that are open: what is known of each, and finding them by what they have kept of the event
 * that began them. It costs the same however many there are.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_OPEN_REQUESTS_H
#define LTTNGA_OPEN_REQUESTS_H

#include "host/requests/plan.h"

struct request;

/* A request in the table of one key of its definition. */
struct link {
	uint64_t hash;
	struct request *request;
	struct link *previous, *next; /* with the same hash, or nearly; the oldest first */
	bool filed;                   /* not if one of its values is missing */
};

/* The parts of one definition that a request has had. */
struct part {
	int64_t count, sum; /* of those that have ended, ns */
	int64_t covered;    /* ns; while any is open, until `since` */
	int64_t since;
	int64_t open;
};

/* The thread that a request is of, and where it was. */
struct request_owner {
	int64_t cpu, tid, pid, utid, upid;
	char *procname, *process; /* its own; or NULL */
};

struct request {
	guint definition;
	struct request *parent, *first_child;
	struct request *previous_child, *next_child; /* of the same parent */
	struct request *older, *newer;               /* of all that are open */
	struct request *previous_ended, *next_ended; /* of those that have ended */
	bool is_ended;                               /* it is among these */
	int64_t begin;                               /* ns */
	int64_t number;
	int64_t lost;              /* of the machine, when it began */
	int64_t lost_meanwhile;    /* until it ended */
	int64_t port, size, error; /* see enum rule_number; VALUE_ABSENT: not known */
	int64_t end;               /* ns; VALUE_ABSENT: it goes on. Else it may still get longer */
	int64_t end_tid, end_utid; /* of the thread in which it ended; VALUE_ABSENT: not known */
	GString *ending;           /* what was captured when it ended; NULL: nothing */
	struct request_owner owner;
	struct value *kept; /* whose texts are its own */
	struct link *links; /* one for each key of its definition */
	struct part *parts; /* one for each definition that can be part of it */
};

struct open_requests;

struct open_requests *open_requests_new(const struct plan *plan);
void open_requests_free(struct open_requests *all);

/* How many there are, and the oldest one; NULL if there is none. */
int64_t open_requests_count(const struct open_requests *all);
struct request *open_requests_oldest(const struct open_requests *all);

/*
 * A new request of a definition, which keeps those values (copied), as part of `parent` (or NULL). It is
 * found once it is filed.
 */
struct request *request_new(struct open_requests *all, guint definition, struct request *parent,
	const struct value *kept);
void request_file(struct open_requests *all, struct request *request);

/* Forgets a request without parts, filed or not. */
void request_free(struct open_requests *all, struct request *request);

/*
 * The first request, from the oldest on, of a definition whose key has these values; and the next one. NULL if
 * there is no other. What is found may be freed before the next one is asked for, if that has been found before.
 */
struct request *requests_find(const struct open_requests *all, guint definition, guint key,
	const struct value *const values[]);
struct request *requests_find_next(const struct open_requests *all, const struct request *found,
	guint key, const struct value *const values[]);

/* The same from the newest one on. */
struct request *requests_find_newest(const struct open_requests *all, guint definition, guint key,
	const struct value *const values[]);
struct request *requests_find_older(const struct open_requests *all, const struct request *found,
	guint key, const struct value *const values[]);

/* Notes that a request has ended, though it is still open. One of those; NULL if there is none. */
void request_note_ended(struct open_requests *all, struct request *request);
struct request *open_requests_ended(const struct open_requests *all);

/* Another open request of the same parent and first key, the newest one; NULL if there is none. */
struct request *request_twin(const struct open_requests *all, const struct request *request);

#endif
