/*
 * Checkpoints: what a source and its models held at some moments of a trace, so that a run need not
 * begin at the beginning. They are kept in memory, within a limit, and in a cache file that the
 * next program finds. What comes from a file is believed only as far as it can be checked.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CHECKPOINTS_H
#define LTTNGA_CHECKPOINTS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct checkpoint {
	int64_t time;    /* all records up to it have been fed, and none after it, ns */
	uint64_t events; /* how many that were; 0 if a run has left it: runs do not count */
	uint32_t size;   /* of what was saved, bytes */
	uint32_t packed_size;
	uint64_t offset; /* in the file, if it is in one */
	GBytes *packed;  /* NULL if it is in the file only */
};

struct checkpoints;

/* What they are checkpoints of. */
struct checkpoints_of {
	const char *identity; /* of the trace, see source_identity() */
	unsigned int wants;   /* enum want: the parts of the model that were kept */
	uint64_t bytes;       /* size of the trace */
	uint64_t limit;       /* bytes that they may take at most; 0: what is usual for that size */
};

/* An empty list. Free it with checkpoints_unref(). */
struct checkpoints *checkpoints_new(const struct checkpoints_of *of);
struct checkpoints *checkpoints_ref(struct checkpoints *list);
void checkpoints_unref(struct checkpoints *list);

unsigned int checkpoints_wants(const struct checkpoints *list);
unsigned int checkpoints_count(const struct checkpoints *list);
uint64_t checkpoints_size(const struct checkpoints *list);

/* Whether there are those of the whole trace, and how many records that has. */
bool checkpoints_complete(const struct checkpoints *list, uint64_t *events);
void checkpoints_set_complete(struct checkpoints *list, uint64_t events);

/* How many bytes of the trace are to be between two of them. */
uint64_t checkpoints_spacing(const struct checkpoints *list);

/*
 * Whether there should be one at a time: after all others, if the trace has not been gone through.
 */
bool checkpoints_wanted(const struct checkpoints *list, int64_t time);

/* Adds one that is wanted, of which `saved` is kept in packed form; others make room for it. */
void checkpoints_add(
	struct checkpoints *list, int64_t time, uint64_t events, const GByteArray *saved);

/*
 * The last one before a time, or NULL; the last one with fewer events, or NULL. Valid until the
 * next one is added.
 */
const struct checkpoint *checkpoints_before(const struct checkpoints *list, int64_t time);
const struct checkpoint *checkpoints_before_event(const struct checkpoints *list, uint64_t events);

/* One by number, from 0 on, in order of time. */
const struct checkpoint *checkpoints_at(const struct checkpoints *list, unsigned int i);

/* What was saved, to be freed; NULL with `error` if it can't be read, or is damaged. */
GByteArray *checkpoints_get(
	const struct checkpoints *list, const struct checkpoint *checkpoint, GError **error);

#define CHECKPOINTS_ERROR (g_quark_from_static_string("lttnga-checkpoints"))
enum checkpoints_error {
	CHECKPOINTS_ERROR_NONE, /* there is no such file */
	CHECKPOINTS_ERROR_FIT,  /* it is of another trace, or of another version of this program */
	CHECKPOINTS_ERROR_BROKEN,  /* it is damaged */
	CHECKPOINTS_ERROR_FOREIGN, /* it is no file of ours */
	CHECKPOINTS_ERROR_READ,    /* it can't be read */
	CHECKPOINTS_ERROR_WRITE,   /* it can't be written */
};

/* Which traces a file is of, for those who have only the file. */
struct checkpoints_origin {
	char **paths; /* absolute; NULL at the end */
	bool whole;   /* what not all streams have in common was read, too */
	bool user;    /* ... and traces of user space */
	char *clocks; /* how their times were corrected, as whoever saved it writes that; or NULL */
};

/* How many bytes their file takes. */
uint64_t checkpoints_file_size(
	const struct checkpoints *list, const struct checkpoints_origin *origin);

/*
 * Writes them to a file, all at once: whoever reads it at the same time goes on with what was
 * there. The folder is made if need be.
 */
bool checkpoints_write(const struct checkpoints *list, const struct checkpoints_origin *origin,
	const char *path, GError **error);

/* Reads those of a file, if they are of that trace; NULL with `error` if not. */
struct checkpoints *checkpoints_read(
	const char *path, const struct checkpoints_of *of, GError **error);

/* Notes in the time of their file, if they are in one, that they have been used. */
void checkpoints_mark_used(const struct checkpoints *list);

/* What a file is, as far as its head tells. */
enum checkpoints_kind {
	CHECKPOINTS_CURRENT, /* of this version of the program */
	CHECKPOINTS_OTHER,   /* of another one; the paths may be unknown */
	CHECKPOINTS_DAMAGED,
};

/*
 * Reads the head of an open file of ours. `origin` is filled in, its paths and clocks are new and the caller's;
 * NULL if they are not known.
 */
enum checkpoints_kind checkpoints_look(int fd, struct checkpoints_origin *origin);

#endif
