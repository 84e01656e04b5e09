/*
 * Why a wait ended, as plain data.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/cause.h"

#include "state/image.h"

const char *const cause_names[CAUSES] = {
	[CAUSE_UNKNOWN] = "unknown",
	[CAUSE_DISK] = "disk",
	[CAUSE_NET] = "net",
	[CAUSE_TIMER] = "timer",
	[CAUSE_LOCK] = "lock",
	[CAUSE_PIPE] = "pipe",
	[CAUSE_SOCKET] = "socket",
	[CAUSE_CHILD] = "child",
	[CAUSE_SIGNAL] = "signal",
	[CAUSE_THREAD] = "thread",
	[CAUSE_WORK] = "work",
	[CAUSE_RCU] = "rcu",
	[CAUSE_PAGE] = "page",
	[CAUSE_IRQ] = "irq",
	[CAUSE_QUEUE] = "queue",
	[CAUSE_LOST] = "lost",
};

void source_drop(struct strpool *strings, struct source *source)
{
	strpool_unref(strings, source->comm);
	*source = (struct source){0};
}

struct deed deed_copy(struct strpool *strings, const struct deed *deed)
{
	strpool_ref(strings, deed->object);
	strpool_ref(strings, deed->peer);
	strpool_ref(strings, deed->source.comm);
	return *deed;
}

struct cause cause_copy(struct strpool *strings, const struct cause *cause)
{
	deed_copy(strings, &cause->deed);
	strpool_ref(strings, cause->path);
	strpool_ref(strings, cause->source.comm);
	return *cause;
}

void deed_drop(struct strpool *strings, struct deed *deed)
{
	if (deed->kind == CAUSE_UNKNOWN)
		return;
	strpool_unref(strings, deed->object);
	strpool_unref(strings, deed->peer);
	source_drop(strings, &deed->source);
	*deed = (struct deed){0};
}

void cause_drop(struct strpool *strings, struct cause *cause)
{
	strpool_unref(strings, cause->path);
	deed_drop(strings, &cause->deed);
	source_drop(strings, &cause->source);
	*cause = (struct cause){0};
}

static void kind_image(struct codec *codec, uint8_t *kind)
{
	codec_u8(codec, kind);
	if (*kind < CAUSES)
		return;
	codec_fail(codec, "the cause of a wait is unknown");
	*kind = CAUSE_UNKNOWN;
}

void source_image(struct image *image, struct source *source)
{
	codec_i64(image->codec, &source->utid);
	codec_i64(image->codec, &source->tid);
	codec_time(image->codec, &source->time);
	image_string(image, &source->comm);
}

void deed_image(struct image *image, struct deed *deed)
{
	kind_image(image->codec, &deed->kind);
	/* What is nothing holds nothing. */
	if (deed->kind == CAUSE_UNKNOWN)
		return;
	codec_time(image->codec, &deed->time);
	codec_i64(image->codec, &deed->sector);
	image_string(image, &deed->object);
	image_string(image, &deed->peer);
	source_image(image, &deed->source);
	remote_image(image->codec, &deed->remote);
}

void cause_image(struct image *image, struct cause *cause)
{
	kind_image(image->codec, &cause->kind);
	kind_image(image->codec, &cause->work);
	codec_i64(image->codec, &cause->futex);
	codec_i64(image->codec, &cause->fd);
	image_string(image, &cause->path);
	deed_image(image, &cause->deed);
	source_image(image, &cause->source);
}
