/*
 * Feeds of traces that are being recorded, from where they begin to be read to where they end.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_LIVE_FEED_H
#define LTTNGA_LIVE_FEED_H

#include "host/source/feed.h"

struct live_feed {
	struct feed feed; /* first: it is the same address */
	/* The folders of the traces that can be read: char *, in a list that is to be freed with g_ptr_array_unref(). */
	GPtrArray *(*folders)(const struct feed *feed);
	void (*close)(struct feed *feed);
};

#endif
