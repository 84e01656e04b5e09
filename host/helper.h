/*
 * A second thread that does one piece of work at a time for whoever made it. What it has not begun with
 * when it is wanted is done by who waits: if the machine is busy, nobody waits for a thread that does
 * not run.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_HELPER_H
#define LTTNGA_HELPER_H

#include <pthread.h>
#include <stdbool.h>

struct helper;

/* NULL if there can't be one. */
struct helper *helper_new(void);

/* Waits for its work, and ends it. NULL is allowed. */
void helper_free(struct helper *helper);

/* Lets it do work(data). Before the next time helper_finish() must be called. */
void helper_begin(struct helper *helper, void (*work)(void *data), void *data);

/* That work has been done then. */
void helper_finish(struct helper *helper);

/*
 * Makes a thread that gets no signals but those that a thread brings upon itself: the others are for the
 * thread that knows Lua. False if there can't be one.
 */
bool helper_make_thread(pthread_t *thread, void *(*run)(void *data), void *data);

/* How many processors we may use. */
unsigned int helper_count_processors(void);

#endif
