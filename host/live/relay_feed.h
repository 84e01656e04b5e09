/*
 * The feed of a live session: what a relay hands on is copied to a spool (host/live/spool.h), and read from there.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_RELAY_FEED_H
#define LTTNGA_RELAY_FEED_H

#include "host/live/live_feed.h"
#include "host/live/viewer.h"

/*
 * Attaches to the sessions that a URL names (the kernel's and that of user space have one name), to copy them to a
 * folder, which is made if it is missing, and must be empty. Tries for `retry`, ms, to reach a relay again whose
 * connection is lost. NULL with `error`.
 */
struct live_feed *relay_feed_new(const char *url, const char *folder, enum viewer_seek seek,
	const struct viewer_wait *wait, int64_t retry, GError **error);

#endif
