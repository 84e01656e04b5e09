/*
 * The list of views, as data.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/inspect.h"

#define X_FIELD(view, field, type, wants, unit, doc) \
	{#field, DERIVED_##type, offsetof(struct view_##view, field), wants, unit, doc},
#define X_VIEW(view, doc, fields) \
	static const struct derived_field view##_fields[] = {fields(X_FIELD)};
STATE_VIEWS(X_VIEW)
#undef X_VIEW
#undef X_FIELD

const struct state_view_info state_views[STATE_VIEW_COUNT] = {
#define X_VIEW(view, doc, fields) \
	[VIEW_##view] = {         \
		#view, doc, view##_fields, sizeof(view##_fields) / sizeof(view##_fields[0])},
	STATE_VIEWS(X_VIEW)
#undef X_VIEW
};

void state_inspect(
	const struct state *state, enum state_view view, int64_t of, const struct view_sink *sink)
{
	static void (*const inspect[STATE_VIEW_COUNT])(
		const struct state *state, int64_t of, const struct view_sink *sink) = {
#define X_VIEW(view, doc, fields) [VIEW_##view] = view##_inspect,
		STATE_VIEWS(X_VIEW)
#undef X_VIEW
	};

	inspect[view](state, of, sink);
}
