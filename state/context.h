/*
 * In what context the kernel does something: in a thread, or in one of the handlers that interrupt
 * threads.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CONTEXT_H
#define LTTNGA_CONTEXT_H

#include "state/strpool.h"

#include <stdint.h>

enum context_kind {
	CONTEXT_UNKNOWN,
	CONTEXT_THREAD,
	CONTEXT_IRQ, /* a hard interrupt, of a device or an x86 vector */
	CONTEXT_SOFTIRQ,
	CONTEXT_HRTIMER,
	CONTEXTS,
};

/* All zero: not known. */
struct context {
	enum context_kind kind;
	int64_t number; /* of the interrupt or softirq; VALUE_ABSENT for vectors and if not known */
	strid name;     /* of the handler of the interrupt; 0 if it has none */
};

/* What they are called, by enum context_kind; NULL for CONTEXT_UNKNOWN. */
extern const char *const context_names[CONTEXTS];

/* The name of a softirq, "NET_RX_SOFTIRQ" and "NET_RX"; NULL for unknown numbers. */
const char *softirq_name(int64_t vec);
const char *softirq_short_name(int64_t vec);

/* The number of the interrupt, and the short name of the softirq, that a context is. */
int64_t context_irq(const struct context *context);
const char *context_softirq(const struct context *context);

/* Lets go of the name, and forgets it all. */
void context_drop(struct strpool *strings, struct context *context);

struct image;
void context_image(struct image *image, struct context *context);

#endif
