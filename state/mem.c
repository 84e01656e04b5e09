/*
 * The page allocator: who gets pages, and gives them back.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/model.h"

/* Larger than any order that a kernel allocates at once. */
#define ORDER_MAX 32

void on_mm_page_alloc(struct state *state, const struct record *rec, const struct state_io *io)
{
	const struct thread *task = task_of_event(
		state, rec, V(rec, mm_page_alloc, ctx_tid), V(rec, mm_page_alloc, ctx_pid));
	int64_t order = V(rec, mm_page_alloc, order);

	/* Without a page it is told, too, that there was none. */
	if (V(rec, mm_page_alloc, page) == 0 || order < 0 || order > ORDER_MAX)
		return;
	sync_count_pages(state, task, (int64_t)1 << order, true);
	if (!emits(io, DERIVED_page_alloc))
		return;
	EMIT(io, page_alloc, COMMON_OF(state, rec, task), .order = order,
		.pages = (int64_t)1 << order);
}

void on_mm_page_free(struct state *state, const struct record *rec, const struct state_io *io)
{
	const struct thread *task = task_of_event(
		state, rec, V(rec, mm_page_free, ctx_tid), V(rec, mm_page_free, ctx_pid));
	int64_t order = V(rec, mm_page_free, order);

	if (order < 0 || order > ORDER_MAX)
		return;
	sync_count_pages(state, task, (int64_t)1 << order, false);
	reclaim_count_pages(state, rec, (int64_t)1 << order);
	if (!emits(io, DERIVED_page_free))
		return;
	EMIT(io, page_free, COMMON_OF(state, rec, task), .order = order,
		.pages = (int64_t)1 << order);
}
