/*
 * In what context the kernel does something: in a thread, or in one of the handlers that interrupt
 * threads.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/context.h"

#include "state/image.h"
#include "state/record.h"

#include <glib.h>

const char *const context_names[CONTEXTS] = {
	[CONTEXT_THREAD] = "thread",
	[CONTEXT_IRQ] = "irq",
	[CONTEXT_SOFTIRQ] = "softirq",
	[CONTEXT_HRTIMER] = "hrtimer",
};

/* The softirqs, by number. */
#define SOFTIRQS(S)                                                                   \
	S("HI"), S("TIMER"), S("NET_TX"), S("NET_RX"), S("BLOCK"), S("BLOCK_IOPOLL"), \
		S("TASKLET"), S("SCHED"), S("HRTIMER"), S("RCU")

#define X_SHORT(name) name
#define X_LONG(name)  name "_SOFTIRQ"
static const char *const short_names[] = {SOFTIRQS(X_SHORT)};
static const char *const long_names[] = {SOFTIRQS(X_LONG)};

const char *softirq_name(int64_t vec)
{
	return vec >= 0 && vec < (int64_t)G_N_ELEMENTS(long_names) ? long_names[vec] : NULL;
}

const char *softirq_short_name(int64_t vec)
{
	return vec >= 0 && vec < (int64_t)G_N_ELEMENTS(short_names) ? short_names[vec] : NULL;
}

int64_t context_irq(const struct context *context)
{
	return context->kind == CONTEXT_IRQ ? context->number : VALUE_ABSENT;
}

const char *context_softirq(const struct context *context)
{
	return context->kind == CONTEXT_SOFTIRQ ? softirq_short_name(context->number) : NULL;
}

void context_drop(struct strpool *strings, struct context *context)
{
	strpool_unref(strings, context->name);
	*context = (struct context){0};
}

void context_image(struct image *image, struct context *context)
{
	uint32_t kind = context->kind;

	codec_index(image->codec, &kind, CONTEXTS);
	context->kind = (enum context_kind)kind;
	codec_i64(image->codec, &context->number);
	image_string(image, &context->name);
}
