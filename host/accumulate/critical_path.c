/*
 * The critical path of a thread between two times.
 *
 * It is walked backward, from the end: whoever is walked along has a time (all later is done) and a bound,
 * at which that walk ends. Along a thread's turns that is
 *   - running, or on a queue: a piece of that thread;
 *   - a sleep with a source: first what is between the source's time and the waking, which is in flight, then
 *     the source's own turns, in a frame of its own whose bound is where the sleep begins. When that is
 *     done, the walk along the sleeper goes on from there;
 *   - a sleep without one: a piece of the sleeper, with its cause;
 *   - the begin of a thread: its parent's turns, in the same frame;
 *   - the begin of one whose parent is not known: if another thread made possible what one on the way did
 *     (graph_arrive()), what was found since then is dropped, and that one is followed instead, the last
 *     of them first; else it is not known what was before.
 * Frames are a stack of ours, so nothing in a trace makes the program's own deep. A frame's time is within
 * its caller's sleep, so all frames together are a partition of the time too, and each turn is looked at
 * once. Two things could break that, and are ruled out: a circle of threads that wake each other at one
 * moment (a frame is not begun while one for the same thread and moment is open), and arrivals that are
 * followed again and again (each one is once).
 *
 * Since the walk goes back in time only, what a thread did is looked for from where it was last on the way.
 *
 * Pieces are found from the last to the first. Each is cut at the begin of the one that was found
 * before, so what is later than the end that was asked for falls away by itself.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/accumulate/critical_path.h"

#include "host/accumulate/graph_private.h"

#define FRAMES_MAX 65536

/* A walk along a thread, or one that goes on with its parent. */
struct frame {
	item thread;
	item at;       /* turn in which it was last; 0: not known */
	bool open;     /* it is the one that is open */
	bool started;  /* it has begun a piece, or followed a sleep */
	int64_t time;  /* all later is done */
	int64_t bound; /* and earlier is not wanted */
	item reason;   /* manner of the sleep that was followed here */
	guint choices; /* how many there were when it began */
};

/* Another way, if the one that was taken ends too soon. */
struct choice {
	item thread;
	item source, manner;
	int64_t time, source_time;
	/* What had been found until then: */
	guint pieces;
	int64_t cut, last_begin;
};

struct walk {
	struct graph *graph;
	GArray *pieces;    /* struct piece, from the last to the first */
	GArray *frames;    /* struct frame */
	GArray *choices;   /* struct choice */
	GHashTable *taken; /* turns whose arrival was followed; NULL: none */
	int64_t begin;
	int64_t cut; /* all that is later has been found */
};

static struct frame *top(const struct walk *walk)
{
	return &g_array_index(walk->frames, struct frame, walk->frames->len - 1);
}

/* ---- Pieces ---- */

static bool is_same(const struct piece *a, const struct piece *b)
{
	return a->thread == b->thread && a->manner == b->manner && a->reason == b->reason &&
	       a->cpu == b->cpu && a->state == b->state && a->asleep == b->asleep;
}

/* Adds what is new of a piece, before all that was found. */
static void add_piece(struct walk *walk, struct piece piece)
{
	struct piece *next = NULL;

	if (walk->pieces->len > 0)
		next = &g_array_index(walk->pieces, struct piece, walk->pieces->len - 1);
	piece.begin = MAX(piece.begin, walk->begin);
	piece.end = walk->cut;
	if (piece.begin >= piece.end)
		return;
	walk->cut = piece.begin;
	if (next && is_same(next, &piece))
		next->begin = piece.begin;
	else
		g_array_append_val(walk->pieces, piece);
}

/* The time of a frame from `begin` on is done, with a piece of its thread. */
static void tell(struct walk *walk, int64_t begin, enum piece_state state, item manner)
{
	struct frame *frame = top(walk);
	struct piece piece = {
		.thread = frame->thread,
		.manner = manner,
		.reason = frame->reason,
		.cpu = -1,
		.state = state,
	};

	piece.begin = MAX(begin, frame->bound);
	frame->time = piece.begin;
	add_piece(walk, piece);
}

static void tell_unknown(struct walk *walk, int64_t begin)
{
	tell(walk, begin, PIECE_UNKNOWN, 0);
}

/* The same with the CPU of a turn. */
static void tell_on_cpu(struct walk *walk, int64_t begin, enum piece_state state)
{
	struct frame *frame = top(walk);
	struct piece piece = {
		.begin = MAX(begin, frame->bound),
		.thread = frame->thread,
		.reason = frame->reason,
		.cpu = turn_cpu(walk->graph, frame->at),
		.state = state,
	};

	frame->time = piece.begin;
	add_piece(walk, piece);
}

/* Whether a turn is a sleep whose end nobody has seen: the thread did nothing since. */
static bool is_asleep(struct walk *walk, item thread, const struct turn *turn)
{
	struct lengths lengths = turn_lengths(walk->graph, turn);

	return (turn->flags & TURN_SLEPT) && !(turn->flags & TURN_WOKEN) && lengths.queued == 0 &&
	       lengths.ran == 0 && turn->end == graph_lane(walk->graph, thread)->until;
}

/* A sleep without a source, or what is in flight before a waking. */
static void tell_wait(struct walk *walk, int64_t begin, const struct turn *turn)
{
	const char *cause, *detail;
	struct frame *frame = top(walk);
	struct piece piece = {
		.begin = MAX(begin, frame->bound),
		.thread = frame->thread,
		.manner = turn->manner,
		.reason = frame->reason,
		.cpu = -1,
		.asleep = is_asleep(walk, frame->thread, turn),
	};

	graph_explain(walk->graph, turn->manner, &cause, &detail);
	piece.state = cause ? PIECE_WAITS : PIECE_UNKNOWN;
	frame->time = piece.begin;
	add_piece(walk, piece);
}

/* ---- Sleeps ---- */

/* Whether a frame below the one on top has followed a sleep of this thread that ended then. */
static bool is_followed(const struct walk *walk, const struct lane *lane, item thread, int64_t time)
{
	const struct frame *frame;

	/* The one on top is at the sleep itself. */
	if (lane->followed != time || lane->frame >= walk->frames->len - 1)
		return false;
	frame = &g_array_index(walk->frames, struct frame, lane->frame);
	return frame->thread == thread;
}

static void note_followed(struct walk *walk, struct lane *lane, int64_t time)
{
	lane->followed = time;
	lane->frame = walk->frames->len - 1;
}

/*
 * The frame on top comes to a sleep, `times` and all, at its own time. That can be in the middle of it: at the
 * end of the path, what ended it later is followed; elsewhere nobody can have been the source of anything then.
 */
static void walk_sleep(struct walk *walk, struct lane *lane, const struct turn *turn,
	const struct turn_times *times)
{
	struct frame *frame = top(walk), next;
	bool whole = frame->time == times->queued || (walk->frames->len == 1 && !frame->started);
	int64_t time = times->queued;
	int64_t bound = MAX(frame->bound, times->begin);
	item source = whole ? turn_source(walk->graph, turn, &time) : 0;

	frame->started = true;
	if (!source || walk->frames->len >= FRAMES_MAX ||
		is_followed(walk, lane, frame->thread, times->queued)) {
		tell_wait(walk, times->begin, turn);
		return;
	}
	/* What had begun before the bound is all that counts, whatever the sleeper did meanwhile. */
	if (walk->frames->len > 1 && time <= frame->bound)
		bound = frame->bound;
	if (time < times->queued)
		tell_wait(walk, MAX(time, bound), turn);
	note_followed(walk, lane, times->queued);
	frame->time = bound;
	if (time <= bound)
		return;
	next = (struct frame){
		.thread = source,
		.time = time,
		.bound = bound,
		.reason = turn->manner,
		.choices = walk->choices->len,
	};
	g_array_append_val(walk->frames, next);
}

/* ---- Begins, and other ways ---- */

/* The frame on top goes on with another thread. */
static void go_to(struct walk *walk, item thread, int64_t time)
{
	struct frame *frame = top(walk);

	frame->thread = thread;
	frame->time = time;
	frame->at = 0;
	frame->open = false;
	frame->started = true;
}

/* The frame on top goes on with what was the source of what has arrived: in between it was in flight. */
static void follow(struct walk *walk, const struct choice *choice)
{
	struct frame *frame = top(walk);

	if (choice->source_time < frame->time)
		tell(walk, choice->source_time, PIECE_WAITS, choice->manner);
	go_to(walk, choice->source, MAX(choice->source_time, frame->bound));
}

/* Takes the last choice of the frame on top. False if it has none. */
static bool choose_again(struct walk *walk)
{
	struct frame *frame = top(walk);
	struct choice choice;

	if (walk->choices->len == frame->choices)
		return false;
	choice = g_array_index(walk->choices, struct choice, walk->choices->len - 1);
	g_array_set_size(walk->choices, walk->choices->len - 1);
	g_array_set_size(walk->pieces, choice.pieces);
	walk->cut = choice.cut;
	if (choice.pieces > 0)
		g_array_index(walk->pieces, struct piece, choice.pieces - 1).begin =
			choice.last_begin;
	go_to(walk, choice.thread, choice.time);
	follow(walk, &choice);
	return true;
}

/* Nothing is known of the frame's thread before its time. */
static void walk_begin(struct walk *walk, const struct lane *lane)
{
	struct frame *frame = top(walk);
	bool is_born = lane && lane->parent && frame->time == lane->first;
	const struct lane *parent = is_born ? graph_lane(walk->graph, lane->parent) : NULL;

	/* Who was made later than its child is not looked at: there may be a circle of them. */
	if (parent && parent->known && parent->first < frame->time) {
		go_to(walk, lane->parent, frame->time);
		return;
	}
	if (choose_again(walk))
		return;
	if (is_born)
		go_to(walk, lane->parent, frame->time);
	tell_unknown(walk, frame->bound);
}

/* The turn that begins at the frame's time without a wait, since something arrived. NULL: there is none. */
static const struct turn *arrived(
	struct walk *walk, struct lane *lane, const struct frame *frame, item *number)
{
	const struct turn *turn;
	bool open;

	*number = lane_turn_at(walk->graph, lane, 0, frame->time + 1, &open);
	turn = chunks_at(&walk->graph->chunks, *number);
	return turn && turn->flags & TURN_ARRIVED &&
			       turn_times(walk->graph, lane, turn).ran == frame->time
		       ? turn
		       : NULL;
}

/*
 * Looks whether something arrived where the frame on top is: then that is a choice, if it is not taken
 * at once because it leads to the bound. True if it was taken.
 */
static bool walk_arrival(struct walk *walk, struct lane *lane, bool slept)
{
	struct frame *frame = top(walk);
	struct choice choice = {.thread = frame->thread, .time = frame->time};
	const struct turn *turn;
	item number;

	if (!walk->graph->arrivals || walk->frames->len == 1)
		return false;
	turn = arrived(walk, lane, frame, &number);
	choice.source_time = frame->time;
	choice.manner = turn ? turn->manner : 0;
	choice.source = turn ? turn_source(walk->graph, turn, &choice.source_time) : 0;
	if (!choice.source)
		return false;
	if (choice.source_time <= frame->bound) {
		follow(walk, &choice);
		return true;
	}
	if (!walk->taken)
		walk->taken = g_hash_table_new(NULL, NULL);
	if (slept || !g_hash_table_add(walk->taken, GUINT_TO_POINTER(number)))
		return false;
	choice.pieces = walk->pieces->len;
	choice.cut = walk->cut;
	if (choice.pieces > 0)
		choice.last_begin =
			g_array_index(walk->pieces, struct piece, choice.pieces - 1).begin;
	g_array_append_val(walk->choices, choice);
	return false;
}

/* ---- The walk ---- */

/* The turn in which the frame on top is at its time; NULL if none is known of that time. */
static const struct turn *find_turn(struct walk *walk, struct lane *lane, struct frame *frame)
{
	const struct turn *turn = NULL;

	lane_ask(walk->graph, lane);
	if (frame->at || frame->open) {
		/* It has left the turn in which it was last, or not. */
		turn = frame->open ? &lane->open : chunks_at(&walk->graph->chunks, frame->at);
		if (turn && turn_times(walk->graph, lane, turn).begin >= frame->time) {
			frame->at = turn->previous;
			frame->open = false;
			turn = chunks_at(&walk->graph->chunks, frame->at);
		}
		lane->near = frame->at;
		return turn;
	}
	frame->at = lane_turn_at(walk->graph, lane, lane->near, frame->time, &frame->open);
	lane->near = frame->at;
	return frame->open ? &lane->open : chunks_at(&walk->graph->chunks, frame->at);
}

/* The frame on top goes a step back. */
static void step(struct walk *walk)
{
	struct frame *frame = top(walk);
	struct lane *lane = graph_lane(walk->graph, frame->thread);
	const struct turn *turn;
	struct turn_times times;
	bool sleeps;

	if (!lane || !lane->known || frame->time <= lane->first) {
		if (!lane || !walk_arrival(walk, lane, false))
			walk_begin(walk, lane);
		return;
	}
	if (frame->time > lane->until) {
		tell_unknown(walk, lane->until);
		return;
	}
	turn = find_turn(walk, lane, frame);
	if (!turn) {
		tell_unknown(walk, frame->bound);
		return;
	}
	times = turn_times(walk->graph, lane, turn);
	sleeps = frame->time <= times.queued;
	if (walk_arrival(walk, lane, sleeps))
		return;
	if (sleeps)
		walk_sleep(walk, lane, turn, &times);
	else if (frame->time > times.ran)
		tell_on_cpu(walk, times.ran, PIECE_RUNNING);
	else
		tell_on_cpu(walk, times.queued,
			turn->flags & TURN_PREEMPTED ? PIECE_PREEMPTED : PIECE_RUNNABLE);
}

static void reverse(GArray *pieces)
{
	struct piece *first = (struct piece *)pieces->data;
	struct piece *last = pieces->len > 0 ? first + pieces->len - 1 : first;

	for (; first < last; first++, last--) {
		struct piece piece = *first;

		*first = *last;
		*last = piece;
	}
}

GArray *critical_path(struct graph *graph, item thread, int64_t begin, int64_t end)
{
	struct frame whole = {.thread = thread, .time = end, .bound = begin};
	struct walk walk = {
		.graph = graph,
		.pieces = g_array_new(FALSE, FALSE, sizeof(struct piece)),
		.frames = g_array_new(FALSE, FALSE, sizeof(struct frame)),
		.choices = g_array_new(FALSE, FALSE, sizeof(struct choice)),
		.begin = begin,
		.cut = end,
	};

	graph->query++;
	whole.bound = MIN(MAX(begin, graph->before), MAX(begin, end));
	if (begin < end)
		g_array_append_val(walk.frames, whole);
	while (walk.frames->len > 0) {
		if (top(&walk)->time > top(&walk)->bound) {
			step(&walk);
			continue;
		}
		g_array_set_size(walk.choices, top(&walk)->choices);
		g_array_set_size(walk.frames, walk.frames->len - 1);
	}
	if (walk.cut > begin)
		add_piece(&walk, (struct piece){.begin = begin,
					 .thread = thread,
					 .cpu = -1,
					 .state = PIECE_UNKNOWN});
	reverse(walk.pieces);
	g_array_unref(walk.frames);
	g_array_unref(walk.choices);
	if (walk.taken)
		g_hash_table_unref(walk.taken);
	return walk.pieces;
}
