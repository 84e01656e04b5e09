/*
 * Why a wait ended, and with whom the path of what it waited for goes on, as plain data. How that is
 * found is in waits.h.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CAUSE_H
#define LTTNGA_CAUSE_H

#include "state/strpool.h"
#include "state/wire.h"

#include <stdbool.h>
#include <stdint.h>

/* What a thread has waited for. */
enum cause_kind {
	CAUSE_UNKNOWN,
	CAUSE_DISK,
	CAUSE_NET, /* a packet of another machine */
	CAUSE_TIMER,
	CAUSE_LOCK,   /* a futex, or a lock within the kernel */
	CAUSE_PIPE,   /* or something else that is read and written on this machine */
	CAUSE_SOCKET, /* of this machine */
	CAUSE_CHILD,
	CAUSE_SIGNAL,
	CAUSE_THREAD, /* another thread; it is not known why */
	CAUSE_WORK,   /* a thread that has nothing to do has waited for work */
	CAUSE_RCU,
	CAUSE_PAGE, /* that a page is unlocked, or written back */
	CAUSE_IRQ,
	CAUSE_QUEUE, /* what the thread itself does for others */
	CAUSE_LOST,  /* not known, for events were lost */
	CAUSES,
};

/* What they are called. */
extern const char *const cause_names[CAUSES];

/* Who did something that others wait for, and when. */
struct source {
	int64_t utid; /* VALUE_ABSENT: no thread */
	int64_t tid;
	int64_t time; /* ns; up to then the path is that of the thread */
	strid comm;
};

/* Something that ends waits: a disk request has completed, a packet was received. */
struct deed {
	uint8_t kind;   /* enum cause_kind; CAUSE_UNKNOWN: nothing */
	int64_t time;   /* ns */
	int64_t sector; /* of a request; else VALUE_ABSENT */
	strid object;   /* the disk, the network interface */
	strid peer;     /* who has sent the packet */
	struct source source;
	struct remote remote; /* who has sent it on another machine */
};

/* Whether it is a packet that was received. */
static inline bool deed_is_packet(const struct deed *deed)
{
	return deed->kind == CAUSE_NET || deed->kind == CAUSE_SOCKET;
}

/* Why a wait ended. All zero: not known. */
struct cause {
	uint8_t kind;     /* enum cause_kind */
	uint8_t work;     /* where that is CAUSE_WORK: what it would have been otherwise */
	int64_t futex;    /* its address; VALUE_ABSENT if it was none */
	int64_t fd;       /* the descriptor that the thread has waited for; VALUE_ABSENT: none */
	strid path;       /* what that is, or what the waker wrote or locked */
	struct deed deed; /* what had happened; of kind CAUSE_UNKNOWN if nothing of that sort */
	struct source source;
};

struct image;

/* They hold references to texts: a copy has some of its own; dropping makes it all zero. */
struct deed deed_copy(struct strpool *strings, const struct deed *deed);
struct cause cause_copy(struct strpool *strings, const struct cause *cause);
void deed_drop(struct strpool *strings, struct deed *deed);
void source_drop(struct strpool *strings, struct source *source);
void cause_drop(struct strpool *strings, struct cause *cause);

void source_image(struct image *image, struct source *source);
void deed_image(struct image *image, struct deed *deed);
void cause_image(struct image *image, struct cause *cause);

#endif
