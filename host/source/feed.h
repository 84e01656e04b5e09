/*
 * A feed: who brings what a source reads while that is being recorded (host/live/). The reader asks it how much
 * of each file is whole; what lies behind that may be what is being written.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_FEED_H
#define LTTNGA_FEED_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* What a feed knows of a file. */
struct feed_file {
	uint64_t
		bytes; /* that are there; the last packet need not be whole yet, unless it is over */
	uint64_t
		complete; /* cycles of its clock: what else will come is later; 0: see the last packet's end */
	bool idle; /* nothing has come for so long that nobody is to wait for it */
	bool over; /* nothing else will come */
};

enum feed_status {
	FEED_FAILED,  /* with an error */
	FEED_MORE,    /* more has come, or may have: look */
	FEED_NOTHING, /* nothing has, in the time that was waited */
	FEED_OVER,    /* all that there is has come */
};

struct feed {
	const char *name; /* what its traces are called; NULL: as their folders */
	/* Waits a little while for more to come, not longer than people notice. */
	enum feed_status (*wait)(struct feed *feed, GError **error);
	/* False if the file is not one of the feed's: it is left out. */
	bool (*file)(struct feed *feed, const char *path, struct feed_file *file);
	/* Bytes `begin` to `end` of a file will not be read again. NULL: nobody wants to know. */
	void (*passed)(struct feed *feed, const char *path, uint64_t begin, uint64_t end);
	/* Bytes of the file `metadata` of a folder that can be parsed. */
	uint64_t (*metadata)(struct feed *feed, const char *folder);
	/*
	 * False if there are no streams of a folder that have no file yet; else up to which cycle all of these are
	 * complete, 0 if that is not known.
	 */
	bool (*without_file)(struct feed *feed, const char *folder, uint64_t *complete);
};

#endif
