/*
 * Clocks by packets: the unit steps of Trace Compass' synchronisation tests, exactly; and clocks that are made up, whose
 * line has to be found again.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/sync/hull.h"

#include <math.h>
#include <string.h>

__extension__ typedef __int128 wide;

/* Checks that num / den is expected / 1000. */
static void check_fraction(wide num, wide den, int64_t expected)
{
	g_assert_true(num * 1000 == den * expected);
}

/* Checks slope and intercept of the line, in thousandths. */
static void check_line(
	const struct hull *hull, enum hull_quality quality, int64_t slope, int64_t intercept)
{
	const struct hull_line *s = &hull->steep, *f = &hull->flat;
	wide steep = (wide)s->y * s->dx - (wide)s->dy * s->x;
	wide flat = (wide)f->y * f->dx - (wide)f->dy * f->x;
	wide den = (wide)2 * s->dx * f->dx;

	g_assert_cmpstr(hull_quality_name(hull->quality), ==, hull_quality_name(quality));
	check_fraction((wide)s->dy * f->dx + (wide)f->dy * s->dx, den, slope);
	check_fraction(steep * f->dx + flat * s->dx, den, intercept);
}

/* A packet from t1 (the reference) to t2, or back. */
static void forth(struct hull *hull, int64_t sent, int64_t received)
{
	hull_add(hull, sent, received, false);
}

static void back(struct hull *hull, int64_t sent, int64_t received)
{
	hull_add(hull, received, sent, true);
}

/* The first eight steps are the same, whether or not the last point counts, but for the third. */
static void first_steps(struct hull *hull)
{
	check_line(hull, HULL_ABSENT, 1000, 0);
	back(hull, 1, 1);
	check_line(hull, HULL_INCOMPLETE, 1000, 0);
	forth(hull, 1, 3);
	check_line(hull, HULL_INCOMPLETE, 1000, 0);
	back(hull, 2, 3);
	/* The only point that was sent counts if all are to. */
	if (hull->strict)
		check_line(hull, HULL_APPROXIMATE, 250, 2750);
	else
		check_line(hull, HULL_APPROXIMATE, 1000, 500);
	forth(hull, 3, 5);
	check_line(hull, HULL_ACCURATE, 750, 1250);
	forth(hull, 4, 8);
	check_line(hull, HULL_ACCURATE, 750, 1250);
	back(hull, 4, 5);
	check_line(hull, HULL_ACCURATE, 1125, 875);
	back(hull, 4, 6);
	check_line(hull, HULL_ACCURATE, 1125, 875);
	forth(hull, 6, 7);
	check_line(hull, HULL_ACCURATE, 725, 1275);
}

static void test_steps(void)
{
	struct hull hull;

	hull_begin(&hull, false);
	first_steps(&hull);
	forth(&hull, 7, 4);
	check_line(&hull, HULL_ACCURATE, 375, 1625);
	back(&hull, 7, 3);
	check_line(&hull, HULL_FAIL, 375, 1625);
	hull_clear(&hull);
}

/* No line is at most 3 at 1, at least 4 at 5, and at most 4 at 7. */
static void test_strict_steps(void)
{
	struct hull hull;

	hull_begin(&hull, true);
	first_steps(&hull);
	forth(&hull, 7, 4);
	check_line(&hull, HULL_FAIL, 725, 1275);
	hull_clear(&hull);
}

/* In one direction only: nothing is known. */
static void test_one_direction(void)
{
	struct hull hull;

	hull_begin(&hull, true);
	forth(&hull, 1, 3);
	forth(&hull, 2, 5);
	forth(&hull, 3, 5);
	check_line(&hull, HULL_INCOMPLETE, 1000, 0);
	hull_clear(&hull);
	hull_begin(&hull, true);
	back(&hull, 1, 3);
	back(&hull, 2, 5);
	check_line(&hull, HULL_INCOMPLETE, 1000, 0);
	hull_clear(&hull);
}

/* What was sent back came after all that was sent there: with one of the lines, the offset is known. */
static void test_disjoint(void)
{
	struct hull hull;

	hull_begin(&hull, true);
	forth(&hull, 1, 3);
	forth(&hull, 2, 5);
	back(&hull, 7, 5);
	back(&hull, 8, 6);
	check_line(&hull, HULL_APPROXIMATE, 1000, 2500);
	hull_clear(&hull);
}

/* ---- Clocks that are made up ---- */

struct packet {
	int64_t sent, received; /* on the clocks of those who do */
	bool forth;
};

/* The other clock at a time of the reference. */
static int64_t other(int64_t x, int64_t offset, int64_t ppb)
{
	return (int64_t)(x + (wide)x * ppb / 1000000000 + offset);
}

static gint by_reference(gconstpointer a, gconstpointer b)
{
	const struct packet *p = a, *q = b;
	int64_t x = p->forth ? p->sent : p->received, y = q->forth ? q->sent : q->received;

	return (x > y) - (x < y);
}

/* Finds a clock again that is `offset` ns ahead and `ppb` billionths faster, by `n` packets in `span` ns. */
static void check_clock(
	GRand *rand, int64_t offset, int64_t ppb, int n, int64_t span, int64_t delay)
{
	struct packet *packets = g_new0(struct packet, (gsize)n);
	struct hull hull;
	int64_t least = INT64_MAX, least_back = INT64_MAX;

	for (int i = 0; i < n; i++) {
		int64_t at = (int64_t)(g_rand_double(rand) * (double)span);
		/* Most take about as long as possible, some nearly as short. */
		int64_t took =
			1 + (int64_t)(g_rand_double(rand) * g_rand_double(rand) * (double)delay);

		packets[i].forth = g_rand_boolean(rand);
		if (packets[i].forth)
			packets[i] = (struct packet){at, other(at + took, offset, ppb), true};
		else
			packets[i] = (struct packet){other(at, offset, ppb), at + took, false};
	}
	qsort(packets, (size_t)n, sizeof(*packets), by_reference);
	hull_begin(&hull, true);
	for (int i = 0; i < n; i++) {
		if (packets[i].forth)
			forth(&hull, packets[i].sent, packets[i].received);
		else
			back(&hull, packets[i].sent, packets[i].received);
		/* There is a line that fits, so none is ever refused. */
		g_assert_cmpint(hull.quality, !=, HULL_FAIL);
	}
	g_assert_cmpint(hull.quality, ==, HULL_ACCURATE);
	/* No packet arrives before it was sent, but for what times are rounded to. */
	for (int i = 0; i < n; i++) {
		int64_t took = packets[i].forth
				       ? packets[i].received - hull_at(&hull, packets[i].sent)
				       : hull_at(&hull, packets[i].received) - packets[i].sent;

		g_assert_cmpint(took, >=, -1);
		if (packets[i].forth)
			least = MIN(least, took);
		else
			least_back = MIN(least_back, took);
	}
	/* It is off by at most what the fastest packets took. */
	g_assert_cmpint(ABS(hull_at(&hull, span / 2) - other(span / 2, offset, ppb)), <=,
		MAX(least, least_back) + delay / 10);
	g_assert_cmpfloat(
		fabs(hull_excess(&hull) - (double)ppb / 1e9) * (double)span, <=, (double)delay);
	hull_clear(&hull);
	g_free(packets);
}

static void test_clocks(void)
{
	static const int64_t offsets[] = {0, 1, -7412594465, 79796507913179, -86400000000000};
	static const int64_t rates[] = {0, 1, -37, 58622, -100000, 5000000};
	GRand *rand = g_rand_new_with_seed(27);

	for (guint i = 0; i < G_N_ELEMENTS(offsets); i++)
		for (guint k = 0; k < G_N_ELEMENTS(rates); k++)
			for (int n = 100; n <= 10000; n *= 10)
				check_clock(rand, offsets[i], rates[k], n, INT64_C(3600000000000),
					300000);
	g_rand_free(rand);
}

/* What doubles would lose: a line of huge times whose packets took 1 ns. */
static void test_exact(void)
{
	struct hull hull;
	int64_t far = INT64_C(1) << 60, offset = INT64_C(1) << 59;

	hull_begin(&hull, true);
	for (int64_t i = 0; i < 1000; i++) {
		int64_t x = far / 1000 * i;

		forth(&hull, x, x + offset + 1);
		back(&hull, x + 1 + offset - 1, x + 1);
	}
	g_assert_cmpint(hull.quality, ==, HULL_ACCURATE);
	for (int64_t i = 0; i < 1000; i++)
		g_assert_cmpint(
			ABS(hull_at(&hull, far / 1000 * i) - far / 1000 * i - offset), <=, 1);
	hull_clear(&hull);
}

/* A clock that is set while packets are exchanged is no line. */
static void test_step(void)
{
	struct hull hull;

	hull_begin(&hull, true);
	for (int64_t i = 0; i < 100; i++) {
		int64_t x = i * 1000000, y = x + (i < 50 ? 0 : 3600000000);

		forth(&hull, x, y + 1000);
		back(&hull, y + 2000, x + 3000);
	}
	g_assert_cmpint(hull.quality, ==, HULL_FAIL);
	hull_clear(&hull);
}

/* Where a steep line leads beyond all times, it stays at the last one. */
static void test_far(void)
{
	struct hull hull;
	int64_t far = INT64_C(1) << 58;

	hull_begin(&hull, true);
	for (int64_t i = 0; i < 4; i++) {
		forth(&hull, i, far * i + 1);
		back(&hull, far * i, i);
	}
	g_assert_cmpint(hull_at(&hull, far), ==, INT64_MAX);
	g_assert_cmpint(hull_at(&hull, -far), ==, INT64_MIN);
	hull_clear(&hull);
}

/* Whether a line contradicts no packet. */
static bool fits(
	const struct hull_line *line, const struct hull_point *points, const bool *received, int n)
{
	for (int i = 0; i < n; i++) {
		wide at = (wide)line->y * line->dx + (wide)(points[i].x - line->x) * line->dy;
		wide is = (wide)points[i].y * line->dx;

		if (received[i] ? is > at : is < at)
			return false;
	}
	return true;
}

/* Whatever few packets say, the lines that are known contradict none; and one that is known is found. */
static void test_few(void)
{
	GRand *rand = g_rand_new_with_seed(5);

	for (int round = 0; round < 100000; round++) {
		int n = g_rand_int_range(rand, 2, 9);
		struct hull_point points[8];
		bool received[8];
		bool forth_first = false, back_first = false;
		struct hull hull;
		int64_t x = 0;

		hull_begin(&hull, true);
		for (int i = 0; i < n; i++) {
			x += g_rand_int_range(rand, 1, 6);
			points[i] = (struct hull_point){x, x + g_rand_int_range(rand, -6, 7), 0};
			received[i] = g_rand_boolean(rand);
			forth_first =
				forth_first || (received[i] && memchr(received, 0, (size_t)i));
			back_first = back_first || (!received[i] && memchr(received, 1, (size_t)i));
			hull_add(&hull, points[i].x, points[i].y, received[i]);
		}
		if (hull.quality == HULL_ACCURATE || hull.quality == HULL_APPROXIMATE) {
			g_assert_true(!hull.has_steep || fits(&hull.steep, points, received, n));
			g_assert_true(!hull.has_flat || fits(&hull.flat, points, received, n));
			g_assert_true(hull.has_steep == back_first && hull.has_flat == forth_first);
		}
		hull_clear(&hull);
	}
	g_rand_free(rand);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/hull/steps", test_steps);
	g_test_add_func("/hull/strict-steps", test_strict_steps);
	g_test_add_func("/hull/one-direction", test_one_direction);
	g_test_add_func("/hull/disjoint", test_disjoint);
	g_test_add_func("/hull/clocks", test_clocks);
	g_test_add_func("/hull/exact", test_exact);
	g_test_add_func("/hull/step", test_step);
	g_test_add_func("/hull/far", test_far);
	g_test_add_func("/hull/few", test_few);
	return g_test_run();
}
