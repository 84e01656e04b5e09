/*
 * The feed of a trace that is being written on this machine, to a folder.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_FOLLOW_H
#define LTTNGA_FOLLOW_H

#include "host/live/live_feed.h"

/*
 * Follows what is written to a folder, and to those in it; streams of which nothing has been written for `idle`, ns, do
 * not hold back the others. It is over when nobody has any of its files open for writing, for as long, if the file
 * system tells that. What the reader gets are links, in folders in `links`, which is there and stays the caller's.
 * NULL with `error` if there is no such folder.
 */
struct live_feed *follow_new(const char *folder, const char *links, int64_t idle, GError **error);

#endif
