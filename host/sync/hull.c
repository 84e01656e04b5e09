/*
 * Two clocks, by packets, with exact integers; see hull.h.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/sync/hull.h"

__extension__ typedef __int128 wide;

static const struct hull_line identity = {0, 0, 1, 1};

void hull_begin(struct hull *hull, bool strict)
{
	*hull = (struct hull){
		.strict = strict, .quality = HULL_ABSENT, .steep = identity, .flat = identity};
	hull->received.points = g_array_new(FALSE, FALSE, sizeof(struct hull_point));
	hull->sent.points = g_array_new(FALSE, FALSE, sizeof(struct hull_point));
	hull->received.turn = 1;
	hull->sent.turn = -1;
}

void hull_clear(struct hull *hull)
{
	g_array_unref(hull->received.points);
	g_array_unref(hull->sent.points);
}

static const struct hull_point *point_at(const struct hull_side *side, guint i)
{
	return &g_array_index(side->points, struct hull_point, i);
}

/* On which side of the way from `p` to `a` the point `b` lies: 1, 0, or -1. */
static int turn_of(
	const struct hull_point *p, const struct hull_point *a, const struct hull_point *b)
{
	wide left = (wide)(a->x - p->x) * (b->y - p->y),
	     right = (wide)(a->y - p->y) * (b->x - p->x);

	return (left > right) - (left < right);
}

/* The place of a point in its hull; the length of that if it is not there any more. */
static guint find(const struct hull_side *side, uint64_t number)
{
	guint low = 0, high = side->points->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;

		if (point_at(side, middle)->number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < side->points->len && point_at(side, low)->number == number ? low
										: side->points->len;
}

/* Whether a point says more than the edge that there is. */
static bool is_closer(const struct hull_side *side, const struct hull_point *point)
{
	const struct hull_edge *edge = &side->edge;

	return !edge->has_from || !edge->has_to ||
	       turn_of(point, &edge->from, &edge->to) * side->turn > 0;
}

static void append(struct hull_side *side, const struct hull_point *point)
{
	guint n = side->points->len;

	while (n >= 2 &&
		turn_of(point, point_at(side, n - 2), point_at(side, n - 1)) * side->turn > 0)
		n--;
	g_array_set_size(side->points, n);
	g_array_append_val(side->points, *point);
	side->edge.to = *point;
	side->edge.has_to = true;
}

/* Whether the edge of a hull between two of its points leads towards where an edge ends, on the way there. */
static bool leads_on(
	const struct hull_side *side, const struct hull_point *here, const struct hull_point *next)
{
	const struct hull_edge *edge = &side->edge;

	return turn_of(here, next, &edge->to) * side->turn > 0 && next->x < edge->to.x;
}

/*
 * Makes an edge begin at the point of the other hull that leaves it the least room: from there on, the hull leads away
 * from it. If the hull never does, that is its last point, which counts only if all are to.
 */
static void adjust(const struct hull *hull, struct hull_side *side, const struct hull_side *other)
{
	struct hull_edge *edge = &side->edge;
	guint n = other->points->len, i = edge->has_from ? find(other, edge->from.number) : 0;
	guint high = n - 1;

	if (n < (hull->strict ? 1 : 2))
		return;
	i = i < n ? i : 0;
	/* A hull turns only one way: once it leads away, it does so to its end. */
	while (i < high) {
		guint middle = i + (high - i) / 2;

		if (leads_on(side, point_at(other, middle), point_at(other, middle + 1)))
			i = middle + 1;
		else
			high = middle;
	}
	if (i + 1 < n || hull->strict)
		edge->from = *point_at(other, i);
	else if (!edge->has_from)
		edge->from = *point_at(other, n - 2);
	/* Of two at the same time nothing follows, but that there is a line. */
	edge->has_from = hull->strict ? edge->from.x < edge->to.x : edge->from.x <= edge->to.x;
}

/* The edge as a line: of two points at the same time, or of one, the slope is taken to be 1. */
static struct hull_line line_of(const struct hull_edge *edge)
{
	struct hull_line line = {edge->to.x, edge->to.y, 1, 1};

	if (edge->has_from && edge->from.x != edge->to.x) {
		line.dx = edge->to.x - edge->from.x;
		line.dy = edge->to.y - edge->from.y;
	}
	return line;
}

/* What is known by now, after a point that said more. */
static void conclude(struct hull *hull)
{
	const struct hull_edge *steep = &hull->sent.edge, *flat = &hull->received.edge;
	struct hull_line s, f;

	if (!steep->has_from && !flat->has_from) {
		if (!steep->has_to || !flat->has_to)
			hull->quality = HULL_INCOMPLETE;
		return;
	}
	if (hull->quality == HULL_FAIL)
		return;
	s = line_of(steep);
	f = line_of(flat);
	if (!steep->has_from || !flat->has_from)
		hull->quality = HULL_APPROXIMATE;
	else if ((wide)s.dy * f.dx > (wide)f.dy * s.dx)
		hull->quality = HULL_ACCURATE;
	else
		hull->quality = HULL_FAIL;
	if (hull->quality == HULL_FAIL)
		return;
	hull->steep = s;
	hull->flat = f;
	hull->has_steep = steep->has_from;
	hull->has_flat = flat->has_from;
}

void hull_add(struct hull *hull, int64_t x, int64_t y, bool received)
{
	struct hull_side *side = received ? &hull->received : &hull->sent;
	struct hull_side *other = received ? &hull->sent : &hull->received;
	struct hull_point point = {x, y, hull->n_points++};
	bool closer = is_closer(side, &point);

	if (closer)
		append(side, &point);
	adjust(hull, side, other);
	if (other->edge.has_to &&
		!(other->edge.has_from && find(side, other->edge.from.number) < side->points->len))
		adjust(hull, other, side);
	if (closer)
		conclude(hull);
}

void hull_take_known(struct hull *hull)
{
	if (hull->has_steep && !hull->has_flat)
		hull->flat = hull->steep;
	else if (hull->has_flat && !hull->has_steep)
		hull->steep = hull->flat;
}

/* Where a line is at x: an integer, and how much is left of the next one. */
static wide line_at(const struct hull_line *line, int64_t x, double *rest)
{
	wide step = (wide)line->dy * (x - line->x), whole = step / line->dx;

	if (step % line->dx < 0)
		whole--;
	*rest = (double)(step - whole * line->dx) / (double)line->dx;
	return line->y + whole;
}

int64_t hull_at(const struct hull *hull, int64_t x)
{
	double rest1, rest2;
	wide steep = line_at(&hull->steep, x, &rest1), flat = line_at(&hull->flat, x, &rest2);
	wide sum = steep + flat;
	wide half = sum / 2 - (sum % 2 < 0);
	double rest = ((double)(sum - 2 * half) + rest1 + rest2) / 2;

	return (int64_t)CLAMP(half + (int64_t)(rest + 0.5), INT64_MIN, INT64_MAX);
}

/* The slope of a line, less 1: the difference is exact, and what is left is small. */
static double excess_of(const struct hull_line *line)
{
	return (double)(line->dy - line->dx) / (double)line->dx;
}

double hull_spread(const struct hull *hull)
{
	return excess_of(&hull->steep) - excess_of(&hull->flat);
}

double hull_excess(const struct hull *hull)
{
	return (excess_of(&hull->steep) + excess_of(&hull->flat)) / 2;
}

const char *hull_quality_name(enum hull_quality quality)
{
	static const char *const names[] = {
		[HULL_ABSENT] = "ABSENT",
		[HULL_INCOMPLETE] = "INCOMPLETE",
		[HULL_APPROXIMATE] = "APPROXIMATE",
		[HULL_ACCURATE] = "ACCURATE",
		[HULL_FAIL] = "FAIL",
	};

	return names[quality];
}
