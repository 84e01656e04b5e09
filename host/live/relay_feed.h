/*
 * The feed of a live session: what a relay hands on is copied to a spool (host/live/spool.h), and read from there.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_RELAY_FEED_H
#define LTTNGA_RELAY_FEED_H

#include "host/live/viewer.h"
#include "host/source/feed.h"

/*
 * Attaches to the sessions that a URL names (the kernel's and that of user space have one name), to copy them to a
 * folder, which is made if it is missing, and must be empty. Close the result with relay_feed_close(); NULL with
 * `error`.
 */
struct feed *relay_feed_new(const char *url, const char *folder, enum viewer_seek seek,
	const struct viewer_wait *wait, GError **error);
void relay_feed_close(struct feed *feed);

/*
 * Whether there is something to open: FEED_MORE if the first packets are there, of all streams that have any;
 * FEED_NOTHING if it is to be asked again (waits a little while before); FEED_OVER if the session has ended before
 * there were any.
 */
enum feed_status relay_feed_prepare(struct feed *feed, GError **error);

/* The folders of the traces that can be read: char *, the feed's, in a list that is to be freed. */
GPtrArray *relay_feed_folders(const struct feed *feed);

#endif
