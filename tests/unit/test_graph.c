/*
 * The graph of threads, and the critical path: cases whose paths are known, small ones by hand, and many
 * at random, which are compared with a second, simple way to find a path.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/accumulate/critical_path.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

/* ---- Graphs as texts ---- */

/*
 * A lane is a thread: "0 R 2 B 4 P 5 R 6": it ran from 0 to 2, was blocked until 4, waited for a CPU
 * until 5, and ran until 6. NET is blocked, too. A link is "1@3>0@4 NET": thread 1 at 3 has made thread 0
 * go on at 4.
 */
#define LANES 16
#define MOST  64 /* intervals of a lane, and links */

struct part {
	int64_t begin, end;
	const char *kind;
};

struct link {
	int from, to;
	int64_t begin, end;
	const char *kind;
	bool taken; /* as another way, once */
};

struct case_lane {
	int tid;
	int64_t first;
	struct part parts[MOST];
	int n;
};

struct case_graph {
	struct case_lane lanes[LANES];
	int n_lanes;
	struct link links[MOST];
	int n_links;
};

static void read_lane(struct case_graph *g, const char *text)
{
	char **words = g_strsplit(text, " ", -1);
	struct case_lane *lane = &g->lanes[g->n_lanes++];

	lane->tid = atoi(words[0]);
	lane->first = atoll(words[1]);
	for (int i = 2; words[i]; i += 2) {
		int64_t begin = lane->n ? lane->parts[lane->n - 1].end : lane->first;

		lane->parts[lane->n++] =
			(struct part){begin, atoll(words[i + 1]), g_intern_string(words[i])};
	}
	g_strfreev(words);
}

static void read_link(struct case_graph *g, const char *text)
{
	char **words = g_strsplit_set(text, "@> ", -1);

	g->links[g->n_links++] = (struct link){atoi(words[0]), atoi(words[2]), atoll(words[1]),
		atoll(words[3]), words[4] ? g_intern_string(words[4]) : "", false};
	g_strfreev(words);
}

/* Reads "0: 0 R 1; 1: 0 R 2; 0@1>1@2" */
static struct case_graph *read_graph(const char *text)
{
	struct case_graph *g = g_new0(struct case_graph, 1);
	char **parts = g_strsplit(text, "; ", -1);

	for (int i = 0; parts[i]; i++)
		if (strchr(parts[i], '@'))
			read_link(g, parts[i]);
		else
			read_lane(g, parts[i]);
	g_strfreev(parts);
	return g;
}

static struct link *link_to(struct case_graph *g, int tid, int64_t end)
{
	for (int i = g->n_links - 1; i >= 0; i--)
		if (g->links[i].to == tid && g->links[i].end == end)
			return &g->links[i];
	return NULL;
}

/* A link that takes time is a packet. */
static const char *cause_of(const struct link *link)
{
	if (strcmp(link->kind, "TIMER") == 0)
		return "timer";
	return link->begin < link->end || strcmp(link->kind, "NET") == 0 ? "net" : "thread";
}

static bool is_blocked(const char *kind)
{
	return strcmp(kind, "B") == 0 || strcmp(kind, "NET") == 0 || strcmp(kind, "IRQ") == 0;
}

static const struct case_lane *lane_of(const struct case_graph *g, int tid)
{
	for (int i = 0; i < g->n_lanes; i++)
		if (g->lanes[i].tid == tid)
			return &g->lanes[i];
	return NULL;
}

static void add_part(struct graph *graph, struct case_graph *g, int tid, const struct part *part)
{
	const struct link *link = link_to(g, tid, part->end);
	struct graph_interval interval = {
		.thread = graph_thread(graph, tid, tid, tid),
		.begin = part->begin,
		.end = part->end,
		.cpu = tid,
	};

	if (is_blocked(part->kind)) {
		interval.doing = GRAPH_SLEEPING;
		if (link) {
			interval.manner = graph_manner(graph, cause_of(link), NULL);
			interval.source = graph_thread(graph, link->from, link->from, -1);
			interval.source_time = link->begin;
		} else if (part->kind[0] != 'B') {
			interval.manner =
				graph_manner(graph, part->kind[0] == 'I' ? "irq" : "net", NULL);
		}
	} else {
		interval.doing = part->kind[0] == 'P' ? GRAPH_WOKEN : GRAPH_RUNNING;
	}
	/* What a lane begins with was made, and has not arrived. */
	link = part->begin > lane_of(g, tid)->first ? link_to(g, tid, part->begin) : NULL;
	if (link && interval.doing == GRAPH_RUNNING)
		graph_arrive(graph, interval.thread, part->begin,
			graph_manner(graph, cause_of(link), NULL),
			graph_thread(graph, link->from, link->from, -1), link->begin);
	graph_add(graph, &interval);
}

static struct graph *make_graph(struct case_graph *g, uint64_t limit)
{
	struct graph *graph = graph_new(limit);

	for (int i = 0; i < g->n_lanes; i++) {
		const struct case_lane *lane = &g->lanes[i];
		const struct link *link = link_to(g, lane->tid, lane->first);

		if (link)
			graph_fork(graph, graph_thread(graph, lane->tid, lane->tid, lane->tid),
				graph_thread(graph, link->from, link->from, -1), link->begin);
		for (int k = 0; k < lane->n; k++)
			add_part(graph, g, lane->tid, &lane->parts[k]);
	}
	return graph;
}

/* ---- Paths as texts ---- */

static const char *state_of(struct graph *graph, const struct piece *piece)
{
	static const char *const names[] = {"R", "P", "preempted", NULL, "unknown"};
	const char *cause, *detail;

	if (piece->state != PIECE_WAITS)
		return names[piece->state];
	graph_explain(graph, piece->manner, &cause, &detail);
	return cause;
}

/* Checks that pieces are a partition of the time. */
static void check_pieces(const GArray *pieces, int64_t begin, int64_t end)
{
	for (guint i = 0; i < pieces->len; i++) {
		const struct piece *piece = &g_array_index(pieces, struct piece, i);

		g_assert_cmpint(piece->begin, ==, begin);
		g_assert_cmpint(piece->end, >, piece->begin);
		begin = piece->end;
	}
	g_assert_cmpint(begin, ==, pieces->len ? end : begin);
}

/* A path as "0:R0-2 1:net2-3": neighbours of one thread and state are one. */
static char *path_text(struct graph *graph, int64_t utid, int64_t begin, int64_t end)
{
	GArray *pieces = critical_path(graph, graph_find(graph, utid), begin, end);
	GString *text = g_string_new(NULL);

	check_pieces(pieces, begin, end);
	for (guint i = 0; i < pieces->len;) {
		const struct piece *piece = &g_array_index(pieces, struct piece, i), *last = piece;
		const char *state = state_of(graph, piece);
		struct graph_thread about = {.utid = -1};

		for (; i < pieces->len; i++) {
			const struct piece *next = &g_array_index(pieces, struct piece, i);

			if (next->thread != piece->thread ||
				strcmp(state_of(graph, next), state) != 0)
				break;
			last = next;
		}
		graph_about(graph, piece->thread, &about);
		g_string_append_printf(text, "%s%d:%s%d-%d", text->len ? " " : "", (int)about.utid,
			state, (int)piece->begin, (int)last->end);
	}
	g_array_unref(pieces);
	return g_string_free(text, FALSE);
}

static void expect_path(
	struct graph *graph, int64_t utid, int64_t begin, int64_t end, const char *expected)
{
	char *text = path_text(graph, utid, begin, end);

	g_assert_cmpstr(text, ==, expected);
	g_free(text);
}

/* ---- Cases whose paths are known ---- */

static const struct known_case {
	const char *name, *graph;
	int tid;
	int64_t begin, end;
	const char *path;
} known_cases[] = {
	{"basic", "0: 0 R 1", 0, 0, 1, "0:R0-1"},
	{"wakeup_self", "0: 0 R 1 R 2 B 3 R 4; 0@1>0@3 TIMER", 0, 0, 4, "0:R0-2 0:timer2-3 0:R3-4"},
	{"wakeup_missing", "0: 0 R 2 B 4 R 6", 0, 0, 6, "0:R0-2 0:unknown2-4 0:R4-6"},
	{"wakeup_unknown", "0: 0 R 2 B 4 R 6; 1: 3; 1@3>0@4 NET", 0, 0, 6,
		"0:R0-2 1:unknown2-3 0:net3-4 0:R4-6"},
	{"wakeup_new", "0: 0 R 2 R 4 B 6 R 8; 1: 3 R 6; 0@2>1@3; 1@6>0@6", 0, 0, 8,
		"0:R0-4 1:R4-6 0:R6-8"},
	{"opened", "0: 0 R 3 B 6 R 9; 1: 0 R 6 R 9; 1@6>0@6", 0, 0, 9, "0:R0-3 1:R3-6 0:R6-9"},
	{"opened_delay", "0: 0 R 3 B 6 R 9; 1: 0 R 2 R 5; 1@2>0@6", 0, 0, 9,
		"0:R0-3 0:net3-6 0:R6-9"},
	{"mutual",
		"0: 0 R 1 R 2 R 3 B 4 R 5; 1: 0 R 1 B 2 R 3 R 4 R 5; 0@2>1@2; "
		"1@4>0@4",
		0, 0, 5, "0:R0-3 1:R3-4 0:R4-5"},
	{"embedded",
		"0: 0 R 2 R 4 R 6 B 8 B 10 R 12; 1: 4 R 8; 2: 2 R 10; 0@2>2@2; 0@4>1@4; "
		"1@8>0@8; 2@10>0@10",
		0, 0, 12, "0:R0-6 1:R6-8 2:R8-10 0:R10-12"},
	{"interleave",
		"0: 0 R 2 R 4 R 6 B 8 B 10 R 12; 1: 2 R 8; 2: 4 R 10; 0@2>1@2; 0@4>2@4; "
		"1@8>0@8; 2@10>0@10",
		0, 0, 12, "0:R0-6 1:R6-8 2:R8-10 0:R10-12"},
	{"nested",
		"0: 0 R 1 B 6 R 7; 1: 1 R 2 B 5 R 6; 2: 2 R 3 B 4 R 5; 3: 3 R 4; 0@1>1@1; "
		"1@2>2@2; 2@3>3@3; 3@4>2@4; 2@5>1@5; 1@6>0@6",
		0, 0, 7, "0:R0-1 1:R1-2 2:R2-3 3:R3-4 2:R4-5 1:R5-6 0:R6-7"},
	{"net1",
		"0: 0 R 1 B 11 R 12; 1: 3 R 4 R 5; 2: 6 R 7 R 8; 3: 9 R 10 R 11; 1@4>2@7 NET; "
		"2@8>3@10 NET; 3@11>0@11",
		0, 0, 12, "0:R0-1 1:unknown1-3 1:R3-4 2:net4-7 2:R7-8 3:net8-10 3:R10-11 0:R11-12"},
	/* Two processors, of which the second has lane 1 preempted by lane 2. */
	{"sched_only", "1: 10 P 20 R 30 P 40; 2: 10 R 20 B 30 R 40", 1, 10, 40,
		"1:P10-20 1:R20-30 1:P30-40"},
	{"sched_only of 2", "1: 10 P 20 R 30 P 40; 2: 10 R 20 B 30 R 40", 2, 10, 40,
		"2:R10-20 2:unknown20-30 2:R30-40"},
	{"both hosts, 200",
		"200: 10 R 13 R 15 NET 70 P 75 R 90 R 95; 100: 5 NET 35 P 40 R 45 R 55; "
		"202: 7 B 90 P 95; 200@13>100@35 NET; 100@45>200@70 NET; 200@90>202@90",
		200, 10, 95,
		"200:R10-15 100:net15-35 100:P35-40 100:R40-45 200:net45-70 200:P70-75 200:R75-95"},
	{"client only, 200",
		"200: 10 R 13 R 15 NET 70 P 75 R 90 R 95; 202: 7 B 90 P 95; 200@90>202@90", 200, 10,
		95, "200:R10-15 200:net15-70 200:P70-75 200:R75-95"},
	{"client only, 202",
		"200: 10 R 13 R 15 NET 70 P 75 R 90 R 95; 202: 7 B 90 P 95; 200@90>202@90", 202, 7,
		95, "200:unknown7-10 200:R10-15 200:net15-70 200:P70-75 200:R75-90 202:P90-95"},
	/* Both ways lead through one wait. */
	{"choices",
		"0: 20 R 26 R 30; 1: 26 R 27 R 28 R 30; 6: 24 B 30 P 41; 7: 25 B 26 R 27; 1@30>6@30; "
		"7@27>1@27; 7@27>1@28; 0@26>7@26",
		6, 24, 41, "7:unknown24-25 0:R25-26 7:R26-27 1:net27-28 1:R28-30 6:P30-41"},
	{"weston",
		"338: 0 R 673139 B 951339 P 965639; 6: 0 IRQ 920739 P 934339 R 951339; "
		"6@951339>338@951339",
		338, 673139, 965639,
		"6:irq673139-920739 6:P920739-934339 6:R934339-951339 338:P951339-965639"},
};

static void test_known(gconstpointer data)
{
	const struct known_case *one = data;
	struct case_graph *g = read_graph(one->graph);
	struct graph *graph = make_graph(g, GRAPH_LIMIT);

	expect_path(graph, one->tid, one->begin, one->end, one->path);
	graph_free(graph);
	g_free(g);
}

/* Parts of a path that is known. */
static void expect_paths(const char *text, const struct known_case *cases)
{
	struct case_graph *g = read_graph(text);
	struct graph *graph = make_graph(g, GRAPH_LIMIT);

	for (; cases->path; cases++)
		expect_path(graph, cases->tid, cases->begin, cases->end, cases->path);
	graph_free(graph);
	g_free(g);
}

/* The time that is asked for begins and ends anywhere. */
static void test_borders(void)
{
	static const struct known_case cases[] = {
		/* In the middle of a run, or of a sleep: what ended it later is followed. */
		{NULL, NULL, 0, 1, 9, "0:R1-3 1:R3-6 0:R6-9"},
		{NULL, NULL, 0, 4, 5, "1:R4-5"},
		{NULL, NULL, 0, 2, 4, "0:R2-3 1:R3-4"},
		{NULL, NULL, 0, 5, 8, "1:R5-6 0:R6-8"},
		/* Before and after what is known of it, and of nobody who is known. */
		{NULL, NULL, 0, -5, 1, "0:unknown-5-0 0:R0-1"},
		{NULL, NULL, 0, 8, 20, "0:R8-9 0:unknown9-20"},
		{NULL, NULL, 0, 20, 30, "0:unknown20-30"},
		{NULL, NULL, 0, -9, -5, "0:unknown-9--5"},
		{NULL, NULL, 77, 0, 5, "-1:unknown0-5"},
		{NULL, NULL, 0, 4, 4, ""},
		{0},
	};

	expect_paths("0: 0 R 3 B 6 R 9; 1: 0 R 6 R 9; 1@6>0@6", cases);
}

/* In flight at the begin and at the end. */
static void test_borders_in_flight(void)
{
	static const struct known_case cases[] = {
		{NULL, NULL, 0, 0, 20, "0:R0-4 1:R4-6 0:net6-10 0:R10-20"},
		{NULL, NULL, 0, 7, 9, "0:net7-9"},
		{NULL, NULL, 0, 5, 7, "1:R5-6 0:net6-7"},
		{NULL, NULL, 0, 4, 6, "1:R4-6"},
		{0},
	};

	expect_paths("0: 0 R 4 B 10 R 20; 1: 0 R 6 R 20; 1@6>0@10 NET", cases);
}

/* Who waits for a thread waits for its parent before that was made. */
static void test_fork(void)
{
	static const struct known_case cases[] = {
		{NULL, NULL, 0, 0, 10, "0:R0-1 1:R1-4 2:R4-9 0:R9-10"},
		{NULL, NULL, 2, 0, 9, "1:R0-4 2:R4-9"},
		{NULL, NULL, 2, 4, 9, "2:R4-9"},
		{0},
	};

	expect_paths("0: 0 R 1 B 9 R 10; 1: 0 R 8; 2: 4 R 9; 1@4>2@4; 2@9>0@9", cases);
}

/* Between its making and its first waking, its parent is at work. */
static void test_fork_woken_later(void)
{
	struct graph *graph = graph_new(GRAPH_LIMIT);
	item parent = graph_thread(graph, 1, 1, 1), child = graph_thread(graph, 2, 2, 2);

	graph_fork(graph, child, parent, 10);
	graph_add(graph, &(struct graph_interval){child, GRAPH_WOKEN, 15, 20, -1, 0, 0, 0});
	graph_add(graph, &(struct graph_interval){child, GRAPH_RUNNING, 20, 30, 0, 0, 0, 0});
	graph_add(graph, &(struct graph_interval){parent, GRAPH_RUNNING, 0, 40, 1, 0, 0, 0});
	expect_path(graph, 2, 0, 30, "1:R0-15 2:P15-20 2:R20-30");
	expect_path(graph, 2, 12, 30, "1:R12-15 2:P15-20 2:R20-30");
	graph_free(graph);
}

/* Holes, and threads that wake each other at one moment. */
static void test_odd(void)
{
	static const struct known_case circle[] = {
		{NULL, NULL, 0, 0, 6, "0:R0-1 0:thread1-5 0:R5-6"},
		{0},
	};
	struct graph *graph = graph_new(GRAPH_LIMIT);
	item thread = graph_thread(graph, 1, 1, 1), other = graph_thread(graph, 2, 2, 2);

	expect_paths("0: 0 R 1 B 5 R 6; 1: 0 R 1 B 5 R 6; 0@5>1@5; 1@5>0@5", circle);
	graph_add(graph, &(struct graph_interval){thread, GRAPH_RUNNING, 0, 10, 0, 0, 0, 0});
	graph_add(graph, &(struct graph_interval){thread, GRAPH_RUNNING, 20, 30, 0, 0, 0, 0});
	graph_add(graph, &(struct graph_interval){thread, GRAPH_SLEEPING, 35, 40, -1, 0, 0, 0});
	graph_add(graph, &(struct graph_interval){thread, GRAPH_RUNNING, 40, 50, 0, 0, 0, 0});
	/* What overlaps is cut. */
	graph_add(graph, &(struct graph_interval){thread, GRAPH_PREEMPTED, 30, 60, -1, 0, 0, 0});
	graph_add(graph, &(struct graph_interval){thread, GRAPH_RUNNING, 45, 55, 1, 0, 0, 0});
	expect_path(graph, 1, 0, 70,
		"1:R0-10 1:unknown10-20 1:R20-30 1:unknown30-40 1:R40-50 1:preempted50-60 "
		"1:unknown60-70");
	/* A circle of parents. */
	graph_fork(graph, graph_thread(graph, 3, 3, 3), graph_thread(graph, 4, 4, 4), 5);
	graph_fork(graph, graph_thread(graph, 4, 4, 4), graph_thread(graph, 3, 3, 3), 5);
	graph_add(graph, &(struct graph_interval){
				 graph_thread(graph, 3, 3, 3), GRAPH_RUNNING, 5, 9, 3, 0, 0, 0});
	expect_path(graph, 3, 0, 9, "4:unknown0-5 3:R5-9");
	/* Who is said to have done something while it slept has not. */
	graph_add(graph, &(struct graph_interval){other, GRAPH_RUNNING, 0, 1, 2, 0, 0, 0});
	graph_add(graph, &(struct graph_interval){other, GRAPH_SLEEPING, 1, 9, -1,
				 graph_manner(graph, "lock", "0x1"), thread, 9});
	graph_add(graph, &(struct graph_interval){graph_thread(graph, 5, 5, 5), GRAPH_SLEEPING, 0,
				 6, -1, graph_manner(graph, "pipe", NULL), other, 6});
	expect_path(graph, 5, 0, 6, "2:R0-1 2:lock1-6");
	graph_free(graph);
}

/* A sleep that goes on where what is known ends, and one that was told in two parts. */
static void test_open(void)
{
	struct graph *graph = graph_new(GRAPH_LIMIT);
	item thread = graph_thread(graph, 1, 1, 1), waker = graph_thread(graph, 2, 2, 2);
	struct graph_thread about;
	GArray *pieces;

	graph_add(graph, &(struct graph_interval){waker, GRAPH_RUNNING, 0, 100, 0, 0, 0, 0});
	graph_add(graph, &(struct graph_interval){thread, GRAPH_RUNNING, 0, 10, 1, 0, 0, 0});
	graph_add(graph, &(struct graph_interval){thread, GRAPH_SLEEPING, 10, 20, -1, 0, 0, 0});
	expect_path(graph, 1, 0, 20, "1:R0-10 1:unknown10-20");
	pieces = critical_path(graph, thread, 0, 20);
	g_assert_false(g_array_index(pieces, struct piece, 0).asleep);
	g_assert_true(g_array_index(pieces, struct piece, 1).asleep);
	g_array_unref(pieces);
	graph_add(graph, &(struct graph_interval){thread, GRAPH_SLEEPING, 20, 40, -1,
				 graph_manner(graph, "pipe", "fifo"), waker, 40});
	expect_path(graph, 1, 0, 40, "1:R0-10 2:R10-40");
	graph_add(graph, &(struct graph_interval){thread, GRAPH_WOKEN, 40, 45, -1, 0, 0, 0});
	expect_path(graph, 1, 0, 45, "1:R0-10 2:R10-40 1:P40-45");
	g_assert_true(graph_about(graph, thread, &about));
	g_assert_false(about.born || about.exited);
	graph_free(graph);
}

/* Times that are longer than 40 bits, and an hour of sleep. */
static void test_long(void)
{
	struct graph *graph = graph_new(GRAPH_LIMIT);
	item thread = graph_thread(graph, 1, 1, 1);
	int64_t at = 0, hour = INT64_C(3600000000000);
	static const enum graph_doing doings[] = {
		GRAPH_RUNNING, GRAPH_SLEEPING, GRAPH_WOKEN, GRAPH_RUNNING, GRAPH_PREEMPTED};
	GArray *pieces;

	for (size_t i = 0; i < G_N_ELEMENTS(doings); i++, at += hour)
		graph_add(graph,
			&(struct graph_interval){thread, doings[i], at, at + hour, 0, 0, 0, 0});
	pieces = critical_path(graph, thread, 0, at);
	check_pieces(pieces, 0, at);
	g_assert_cmpuint(pieces->len, ==, 5);
	g_array_unref(pieces);
	graph_free(graph);
}

/* ---- What runs instead, names, numbers ---- */

static void test_longest(void)
{
	struct graph *graph = graph_new(GRAPH_LIMIT);
	item a = graph_thread(graph, 1, 1, 1), b = graph_thread(graph, 2, 2, 2);

	graph_add(graph, &(struct graph_interval){a, GRAPH_RUNNING, 0, 10, 0, 0, 0, 0});
	graph_add(graph, &(struct graph_interval){b, GRAPH_RUNNING, 10, 25, 0, 0, 0, 0});
	graph_add(graph, &(struct graph_interval){a, GRAPH_RUNNING, 25, 35, 0, 0, 0, 0});
	g_assert_cmpuint(graph_longest(graph, 0, 0, 25), ==, b);
	g_assert_cmpuint(graph_longest(graph, 0, 0, 35), ==, a);
	g_assert_cmpuint(graph_longest(graph, 0, 0, 20), ==, a);
	g_assert_cmpuint(graph_longest(graph, 0, 35, 90), ==, 0);
	g_assert_cmpuint(graph_longest(graph, 1, 0, 35), ==, 0);
	g_assert_cmpuint(graph_longest(graph, -1, 0, 35), ==, 0);
	graph_free(graph);
}

static void test_names(void)
{
	struct graph *graph = graph_new(GRAPH_LIMIT);
	item thread = graph_thread(graph, 1, 1, -1);
	const char *cause, *detail;
	struct graph_thread about;
	item manner;

	g_assert_null(graph_name_at(graph, thread, 0));
	graph_name(graph, thread, 10, "bash", 7);
	graph_name(graph, thread, 20, "bash", 8);
	graph_name(graph, thread, 30, "ls", 9);
	g_assert_cmpstr(graph_name_at(graph, thread, 0), ==, "bash");
	g_assert_cmpstr(graph_name_at(graph, thread, 29), ==, "bash");
	g_assert_cmpstr(graph_name_at(graph, thread, 30), ==, "ls");
	for (int i = 0; i < 1000; i++)
		graph_name(graph, thread, 100 + i, i % 2 ? "odd" : "even", 0);
	g_assert_cmpstr(graph_name_at(graph, thread, 150), ==, "even");
	g_assert_cmpstr(graph_name_at(graph, thread, 151), ==, "odd");
	g_assert_cmpstr(graph_name_at(graph, thread, 1099), ==, "odd");
	manner = graph_manner(graph, "disk", "vda");
	g_assert_cmpuint(graph_manner(graph, "disk", "vda"), ==, manner);
	g_assert_cmpuint(graph_manner(graph, "disk", "vdb"), !=, manner);
	g_assert_cmpuint(graph_manner(graph, NULL, NULL), ==, 0);
	graph_explain(graph, manner, &cause, &detail);
	g_assert_cmpstr(cause, ==, "disk");
	g_assert_cmpstr(detail, ==, "vda");
	g_assert_true(graph_about(graph, thread, &about));
	g_assert_cmpint(about.pid, ==, -1);
	g_assert_cmpuint(graph_thread(graph, 1, 1, 5), ==, thread);
	g_assert_true(graph_about(graph, thread, &about));
	g_assert_cmpint(about.pid, ==, 5);
	g_assert_cmpuint(graph_next(graph, 0), ==, thread);
	g_assert_cmpuint(graph_next(graph, thread), ==, 0);
	graph_free(graph);
}

/* ---- A second way to find a path ---- */

/* Whose each unit of time is, and what it did. */
struct cells {
	int tid[1024];
	const char *state[1024];
};

struct found {
	bool is_link;
	int from, to; /* of a link; else both are the lane */
	int64_t begin, end;
	const char *kind;
};

static const struct part *part_to(const struct case_graph *g, int tid, int64_t end)
{
	const struct case_lane *lane = lane_of(g, tid);

	for (int i = 0; lane && i < lane->n; i++)
		if (lane->parts[i].end == end)
			return &lane->parts[i];
	return NULL;
}

/* What of a link is later than the bound. */
static void found_link(GArray *found, const struct link *link, int64_t bound)
{
	struct found one = {
		true, link->from, link->to, MAX(link->begin, bound), link->end, cause_of(link)};

	g_array_append_val(found, one);
}

/* Appends the path of what ended at `end` in a lane, backward to `bound`; whether there was any. */
static bool resolve(struct case_graph *g, int tid, int64_t end, int64_t bound, GArray *found)
{
	struct link *link = link_to(g, tid, end), *in;
	GArray *stack;
	int64_t t;

	if (!link)
		return false;
	found_link(found, link, bound);
	stack = g_array_new(FALSE, FALSE, sizeof(int64_t[3]));
	tid = link->from;
	t = link->begin;
	while (t > bound) {
		const struct part *left = part_to(g, tid, t);

		in = link_to(g, tid, t);
		if (in && in->begin <= bound) {
			found_link(found, in, bound);
			break;
		}
		if (in && !in->taken && !(left && is_blocked(left->kind))) {
			int64_t choice[] = {tid, t, found->len};

			g_array_append_val(stack, choice);
			in->taken = left != NULL;
		}
		if (left) {
			struct found one = {
				false, tid, tid, MAX(left->begin, bound), t, left->kind};

			if (!is_blocked(left->kind) ||
				!resolve(g, tid, t, MAX(bound, left->begin), found))
				g_array_append_val(found, one);
			t = left->begin;
		} else if (stack->len > 0) {
			const int64_t *choice =
				(int64_t *)(stack->data + (stack->len - 1) * sizeof(int64_t[3]));

			in = link_to(g, (int)choice[0], choice[1]);
			g_array_set_size(found, (guint)choice[2]);
			g_array_set_size(stack, stack->len - 1);
			found_link(found, in, bound);
			tid = in->from;
			t = in->begin;
		} else {
			struct found one = {false, tid, tid, bound, t, "unknown"};

			g_array_append_val(found, one);
			break;
		}
	}
	g_array_unref(stack);
	return true;
}

static void fill(struct cells *cells, int tid, int64_t begin, int64_t end, const char *kind)
{
	for (int64_t t = begin; t < end; t++) {
		cells->tid[t] = tid;
		cells->state[t] = strcmp(kind, "NET") == 0 ? "net"
				  : strcmp(kind, "B") == 0 ? "unknown"
							   : kind;
	}
}

static void fill_resolved(struct cells *cells, const GArray *found, int64_t at)
{
	for (guint i = found->len; i-- > 0;) {
		const struct found *one = &g_array_index(found, struct found, i);

		g_assert_cmpint(one->begin, <=, at);
		if (one->end > at)
			fill(cells, one->to, at, one->end, one->kind);
		at = MAX(at, one->end);
	}
}

static void model_path(struct case_graph *g, int tid, struct cells *cells)
{
	const struct case_lane *lane = lane_of(g, tid);

	for (int i = 0; i < g->n_links; i++)
		g->links[i].taken = false;
	for (int i = 0; i < lane->n; i++) {
		const struct part *part = &lane->parts[i];
		GArray *found = g_array_new(FALSE, FALSE, sizeof(struct found));

		fill(cells, tid, part->begin, part->end, part->kind);
		if (is_blocked(part->kind) && resolve(g, tid, part->end, part->begin, found))
			fill_resolved(cells, found, part->begin);
		g_array_unref(found);
	}
}

static void graph_path(
	struct graph *graph, int tid, int64_t begin, int64_t end, struct cells *cells)
{
	GArray *pieces = critical_path(graph, graph_find(graph, tid), begin, end);

	check_pieces(pieces, begin, end);
	for (guint i = 0; i < pieces->len; i++) {
		const struct piece *piece = &g_array_index(pieces, struct piece, i);
		struct graph_thread about = {0};

		graph_about(graph, piece->thread, &about);
		fill(cells, (int)about.tid, piece->begin, piece->end, state_of(graph, piece));
	}
	g_array_unref(pieces);
}

/* A lane at random; it runs where parts end that others can be woken by. */
static void random_lane(struct case_graph *g, int tid)
{
	static const char *const blocked[] = {"B", "B", "B", "NET"};
	struct case_lane *lane = &g->lanes[g->n_lanes++];
	int64_t at = g_test_rand_int_range(0, 40);
	int n = g_test_rand_int_range(1, 20);

	lane->tid = tid;
	lane->first = at;
	for (int i = 0; i < n; i++) {
		const char *last = lane->n ? lane->parts[lane->n - 1].kind : "R";
		int64_t end = at + g_test_rand_int_range(1, 12);
		const char *kind = "R";

		if (is_blocked(last))
			kind = g_test_rand_bit() ? "P" : "R";
		else if (last[0] == 'R' && g_test_rand_bit())
			kind = blocked[g_test_rand_int_range(0, 4)];
		lane->parts[lane->n++] = (struct part){at, end, kind};
		at = end;
	}
}

/* Some lane that runs up to a time no later than `time`: a link from there. */
static bool random_source(const struct case_graph *g, int64_t time, bool late, struct link *link)
{
	for (int tries = 0; tries < 50; tries++) {
		const struct case_lane *lane = &g->lanes[g_test_rand_int_range(0, g->n_lanes)];
		const struct part *part = &lane->parts[g_test_rand_int_range(0, lane->n)];

		if (part->kind[0] == 'R' && (late ? part->end < time : part->end == time)) {
			link->from = lane->tid;
			link->begin = part->end;
			return true;
		}
	}
	return false;
}

static struct case_graph *random_graph(bool arrivals)
{
	struct case_graph *g = g_new0(struct case_graph, 1);
	int n = g_test_rand_int_range(2, LANES);

	for (int i = 0; i < n; i++)
		random_lane(g, i);
	for (int tries = 0; tries < 400 && g->n_links < MOST; tries++) {
		const struct case_lane *lane = &g->lanes[g_test_rand_int_range(0, n)];
		int k = g_test_rand_int_range(-1, lane->n);
		int64_t end = k < 0 ? lane->first : lane->parts[k].end;
		struct link link = {.to = lane->tid, .end = end, .kind = "-"};
		bool blocked = k >= 0 && is_blocked(lane->parts[k].kind);
		bool runs = k >= 0 && k + 1 < lane->n && lane->parts[k].kind[0] != 'P' &&
			    lane->parts[k + 1].kind[0] == 'R';

		if (link_to(g, lane->tid, end) || !(k < 0 || blocked || (arrivals && runs)))
			continue;
		if (random_source(g, end, k >= 0 && g_test_rand_bit(), &link) &&
			link.from != link.to)
			g->links[g->n_links++] = link;
	}
	return g;
}

/* Writes a graph down, for who has to find out what is wrong. */
static void show(const struct case_graph *g)
{
	for (int i = 0; i < g->n_lanes; i++) {
		GString *text = g_string_new(NULL);

		g_string_append_printf(text, "%d: %d", g->lanes[i].tid, (int)g->lanes[i].first);
		for (int k = 0; k < g->lanes[i].n; k++)
			g_string_append_printf(text, " %s %d", g->lanes[i].parts[k].kind,
				(int)g->lanes[i].parts[k].end);
		g_test_message("%s", text->str);
		g_string_free(text, TRUE);
	}
	for (int i = 0; i < g->n_links; i++)
		g_test_message("%d@%d>%d@%d %s", g->links[i].from, (int)g->links[i].begin,
			g->links[i].to, (int)g->links[i].end, g->links[i].kind);
}

static void compare(struct case_graph *g, uint64_t limit)
{
	struct graph *graph = make_graph(g, limit);

	for (int i = 0; i < g->n_lanes; i++) {
		const struct case_lane *lane = &g->lanes[i];
		struct cells expected = {0}, got = {0};
		int64_t end = lane->parts[lane->n - 1].end;

		model_path(g, lane->tid, &expected);
		graph_path(graph, lane->tid, lane->first, end, &got);
		for (int64_t t = lane->first; t < end; t++) {
			if (got.tid[t] != expected.tid[t] || got.state[t] != expected.state[t]) {
				show(g);
				g_test_message("path of %d is wrong at %d", lane->tid, (int)t);
			}
			g_assert_cmpint(got.tid[t], ==, expected.tid[t]);
			g_assert_cmpstr(got.state[t], ==, expected.state[t]);
		}
	}
	graph_free(graph);
}

static void test_random(gconstpointer arrivals)
{
	for (int i = 0; i < 2000; i++) {
		struct case_graph *g = random_graph(arrivals != NULL);

		compare(g, i % 50 == 0 ? 0 : GRAPH_LIMIT);
		g_free(g);
	}
}

/* ---- Anything at all ---- */

static int64_t random_time(void)
{
	return g_test_rand_int_range(0, 3000);
}

static item random_thread(struct graph *graph)
{
	int tid = g_test_rand_int_range(1, 12);

	return graph_thread(graph, tid, tid, tid);
}

static void add_anything(struct graph *graph)
{
	static const char *const causes[] = {NULL, "disk", "net", "lock", "timer"};
	struct graph_interval interval = {
		.thread = random_thread(graph),
		.doing = (enum graph_doing)g_test_rand_int_range(0, 5),
		.begin = random_time(),
		.cpu = g_test_rand_int_range(-1, 4),
		.source_time = random_time(),
	};

	interval.end = interval.begin + g_test_rand_int_range(-2, 60);
	if (g_test_rand_bit())
		interval.manner = graph_manner(graph, causes[g_test_rand_int_range(0, 5)], NULL);
	if (g_test_rand_bit())
		interval.source = random_thread(graph);
	if (g_test_rand_int_range(0, 10) == 0)
		graph_fork(graph, random_thread(graph), random_thread(graph), random_time());
	if (g_test_rand_int_range(0, 10) == 0)
		graph_arrive(graph, interval.thread, interval.begin, interval.manner,
			random_thread(graph), interval.source_time);
	graph_add(graph, &interval);
}

static void ask_anything(struct graph *graph)
{
	int64_t begin = random_time() - 500, end = begin + g_test_rand_int_range(0, 4000);
	item thread = graph_find(graph, g_test_rand_int_range(1, 13));
	GArray *once = critical_path(graph, thread, begin, end);
	GArray *again = critical_path(graph, thread, begin, end);

	check_pieces(once, begin, end);
	g_assert_cmpmem(once->data, once->len * sizeof(struct piece), again->data,
		again->len * sizeof(struct piece));
	graph_longest(graph, g_test_rand_int_range(-1, 5), begin, end);
	g_array_unref(once);
	g_array_unref(again);
}

static void test_anything(void)
{
	for (int i = 0; i < 300; i++) {
		struct graph *graph = graph_new(i % 10 == 0 ? 0 : GRAPH_LIMIT);

		for (int k = 0; k < 500; k++) {
			add_anything(graph);
			if (k % 50 == 0)
				ask_anything(graph);
		}
		for (int k = 0; k < 20; k++)
			ask_anything(graph);
		graph_forget(graph, random_time());
		for (int k = 0; k < 20; k++)
			ask_anything(graph);
		graph_free(graph);
	}
}

/* ---- Long ones ---- */

/* Two threads that hand each other work on two CPUs, `n` times, each time 10 ns. */
static void hand_over(struct graph *graph, int64_t from, int64_t n)
{
	item threads[] = {graph_thread(graph, 1, 1, 1), graph_thread(graph, 2, 2, 2)};
	item manner = graph_manner(graph, "pipe", "fifo");

	for (int64_t i = from; i < from + n; i++) {
		item runs = threads[i % 2], waits = threads[(i + 1) % 2];

		graph_add(graph, &(struct graph_interval){
					 runs, GRAPH_RUNNING, 10 * i, 10 * i + 10, i % 2, 0, 0, 0});
		graph_add(graph, &(struct graph_interval){waits, GRAPH_SLEEPING, 10 * i,
					 10 * i + 10, -1, manner, runs, 10 * i + 10});
	}
}

#define MANY 200000

static void check_hand_over(struct graph *graph, int64_t begin, int64_t end)
{
	GArray *pieces = critical_path(graph, graph_find(graph, 1), begin, end);

	check_pieces(pieces, begin, end);
	for (guint i = 0; i < pieces->len; i++) {
		const struct piece *piece = &g_array_index(pieces, struct piece, i);
		int64_t turn = piece->begin / 10;

		g_assert_cmpint(piece->state, ==, PIECE_RUNNING);
		g_assert_cmpuint(piece->thread, ==, graph_find(graph, 1 + turn % 2));
	}
	g_array_unref(pieces);
}

/* However little may be in memory, the rest is in the file. */
static void test_spill(void)
{
	uint64_t memory, file;
	struct graph *graph = graph_new(1 << 20);

	hand_over(graph, 0, MANY);
	g_assert_cmpint(graph_wrong(graph), ==, 0);
	graph_size(graph, &memory, &file);
	g_assert_cmpuint(memory, <=, 1 << 20);
	/* 40 bytes for a turn, and a little for what is not full. */
	g_assert_cmpuint(memory + file, <, MANY * 41 + (64 << 10));
	check_hand_over(graph, 0, 10 * MANY);
	for (int i = 0; i < 2000; i++) {
		int64_t begin = g_test_rand_int_range(0, 10 * MANY - 500);

		check_hand_over(graph, begin, begin + g_test_rand_int_range(0, 500));
		g_assert_cmpuint(graph_longest(graph, begin / 10 % 2, begin, begin + 1), ==,
			graph_find(graph, 1 + begin / 10 % 2));
	}
	graph_free(graph);
}

/* What was forgotten takes no room, and is unknown. */
static void test_forget(gconstpointer limit)
{
	uint64_t memory, file, most = 0;
	struct graph *graph = graph_new(GPOINTER_TO_SIZE(limit));

	for (int64_t i = 0; i < MANY; i += 1000) {
		hand_over(graph, i, 1000);
		graph_forget(graph, 10 * (i - 2000));
		graph_size(graph, &memory, &file);
		most = MAX(most, memory + file);
	}
	g_assert_cmpuint(most, <, 400 << 10);
	check_hand_over(graph, 10 * (MANY - 3000), 10 * MANY);
	expect_path(graph, 1, 10 * (MANY - 3000) - 50, 10 * (MANY - 3000) + 10,
		"1:unknown1969950-1970000 1:R1970000-1970010");
	graph_free(graph);
}

/* All wait for the next one, and are woken at one moment, or one after the other. */
static void chain_of(int n, bool at_once)
{
	struct graph *graph = graph_new(GRAPH_LIMIT);
	item manner = graph_manner(graph, "lock", NULL);
	GArray *pieces;

	for (int i = 1; i <= n; i++)
		graph_add(graph, &(struct graph_interval){graph_thread(graph, i, i, i),
					 i == n ? GRAPH_RUNNING : GRAPH_SLEEPING, 0,
					 at_once ? 10 * n : 10 * n - i, i == n ? 0 : -1, manner,
					 graph_thread(graph, i + 1, i + 1, i + 1),
					 at_once ? 10 * n : 10 * n - i - 1});
	pieces = critical_path(graph, graph_find(graph, 1), 0, 10 * n - 1);
	check_pieces(pieces, 0, 10 * n - 1);
	g_assert_cmpuint(pieces->len, ==, at_once ? 1 : MIN(n, 65536));
	g_array_unref(pieces);
	graph_free(graph);
}

/* A chain of waits is as deep as it likes. */
static void test_deep(void)
{
	chain_of(1000, true);
	chain_of(1000, false);
	chain_of(200000, true);
	chain_of(200000, false);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(known_cases); i++) {
		char *name = g_strdup_printf("/graph/known/%s", known_cases[i].name);

		g_test_add_data_func(name, &known_cases[i], test_known);
		g_free(name);
	}
	g_test_add_func("/graph/borders", test_borders);
	g_test_add_func("/graph/borders-in-flight", test_borders_in_flight);
	g_test_add_func("/graph/fork", test_fork);
	g_test_add_func("/graph/fork-woken-later", test_fork_woken_later);
	g_test_add_func("/graph/odd", test_odd);
	g_test_add_func("/graph/open", test_open);
	g_test_add_func("/graph/long", test_long);
	g_test_add_func("/graph/longest", test_longest);
	g_test_add_func("/graph/names", test_names);
	g_test_add_data_func("/graph/random", NULL, test_random);
	g_test_add_data_func("/graph/random-arrivals", "arrivals", test_random);
	g_test_add_func("/graph/anything", test_anything);
	g_test_add_func("/graph/spill", test_spill);
	g_test_add_data_func("/graph/forget", GSIZE_TO_POINTER(GRAPH_LIMIT), test_forget);
	g_test_add_data_func("/graph/forget-spilled", NULL, test_forget);
	g_test_add_func("/graph/deep", test_deep);
	return g_test_run();
}
