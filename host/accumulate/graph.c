/*
 * The graph of a machine's threads.
 *
 * Each thread is a chain of turns (struct turn, 40 bytes): it waited, was on a queue, ran. A turn begins
 * where the one before it ends, so a chain has no gaps: what is not known is a wait without a cause. A
 * turn that has not run yet is kept with its thread, which can still say how its wait ended; once it has
 * run it goes to the row of its CPU. CPUs do one thing at a time, so rows are in the order of time, and
 * who ran on a CPU at a time is found by halving.
 *
 * So is what a thread did at a time: beside the turn before it (`previous`), each turn knows one that is
 * farther back (`jump`). How far depends on how many turns there are only, as in a number whose digits
 * stand for 1, 3, 7, 15, ...: a turn either jumps to the one before it, or, if the last two jumps were
 * equally long, over both. Then from each turn any earlier one is at most about 2 log n steps away, and
 * adding one looks at the last few only.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/accumulate/graph_private.h"

#include "state/hash.h"

#include <errno.h>

/* Times beyond this are of no trace; the difference of two others is a number. */
#define TIME_MAX (INT64_C(1) << 62)

#define LENGTH_BITS 40
#define LENGTH_MAX  ((INT64_C(1) << LENGTH_BITS) - 1)

#define NAME_MAX_BYTES 512
/* Of a thread that has more names, the last one is what it was called since it had so many. */
#define NAMES_MAX  256
#define CPUS_MAX   65536
#define CAUSES_MAX 255

/* CPU of rows of turns whose CPU is not known. */
#define CPU_NONE (-1)

/* ---- Items by what they are ---- */

/* Places that are tried one after the other. A table that may forget does so when it is full. */
struct item_table {
	item *items;
	uint32_t *hashes;
	uint32_t places, used, most;
};

#define PLACES_FIRST  64
#define PLACES_NEVER  (UINT32_C(1) << 31)
#define PLACES_FORGET (UINT32_C(1) << 16)

static struct item_table *table_new(uint32_t most)
{
	struct item_table *table = g_new0(struct item_table, 1);

	table->most = most;
	return table;
}

static void table_clear(struct item_table *table)
{
	g_free(table->items);
	g_free(table->hashes);
	table->items = NULL;
	table->hashes = NULL;
	table->places = table->used = 0;
}

static void table_free(struct item_table *table)
{
	table_clear(table);
	g_free(table);
}

/* The next item of this hash, from a place on; 0: there is none. */
static item table_next(const struct item_table *table, uint32_t hash, uint32_t *place)
{
	uint32_t mask = table->places - 1;

	for (; table->places > 0 && table->items[*place & mask]; ++*place)
		if (table->hashes[*place & mask] == hash)
			return table->items[(*place)++ & mask];
	return 0;
}

static void table_put(struct item_table *table, uint32_t hash, item number)
{
	uint32_t place = hash;

	while (table->items[place & (table->places - 1)])
		place++;
	place &= table->places - 1;
	table->items[place] = number;
	table->hashes[place] = hash;
	table->used++;
}

/* Adds an item that is not there. */
static void table_add(struct item_table *table, uint32_t hash, item number)
{
	struct item_table old = *table;

	if (table->used >= table->places / 2 && table->places >= table->most) {
		table_clear(table);
		old = *table;
	}
	if (table->used >= table->places / 2) {
		table->places = MAX(2 * old.places, PLACES_FIRST);
		table->items = g_new0(item, table->places);
		table->hashes = g_new0(uint32_t, table->places);
		table->used = 0;
		for (uint32_t i = 0; i < old.places; i++)
			if (old.items[i])
				table_put(table, old.hashes[i], old.items[i]);
		table_clear(&old);
	}
	table_put(table, hash, number);
}

/* ---- The graph as a whole ---- */

/* The turns of a CPU; no two overlap. */
struct cpu_row {
	struct chunk_row row;
	item last;   /* turn */
	int64_t end; /* of it */
};

/* 16 bytes: a name that a thread has from a time on. */
struct name {
	int64_t time;
	item text, previous;
};

/* 16 bytes: how threads wait. */
struct manner {
	uint64_t cause;
	item text;
	uint32_t unused;
};

G_STATIC_ASSERT(sizeof(struct name) == 16 && sizeof(struct manner) == 16);
G_STATIC_ASSERT(sizeof(struct transit) == 16 && sizeof(struct lengths) == 16);

#define ITEM_BYTES 16

static void free_cpu(gpointer data)
{
	chunk_row_free(&((struct cpu_row *)data)->row);
}

struct graph *graph_new(uint64_t limit)
{
	struct graph *graph = g_new0(struct graph, 1);

	chunks_init(&graph->chunks, limit);
	graph->lanes.size = (sizeof(struct lane) + 7) & ~(size_t)7;
	graph->facts.size = graph->transits.size = ITEM_BYTES;
	graph->waits = (struct chunk_row){.size = sizeof(struct turn), .name = CPU_NONE};
	graph->cpus = g_array_new(FALSE, TRUE, sizeof(struct cpu_row));
	g_array_set_clear_func(graph->cpus, free_cpu);
	graph->by_utid = table_new(PLACES_NEVER);
	graph->texts = table_new(PLACES_FORGET);
	graph->manners = table_new(PLACES_FORGET);
	graph->causes = g_ptr_array_new();
	g_ptr_array_add(graph->causes, NULL);
	graph->before = -TIME_MAX;
	return graph;
}

void graph_free(struct graph *graph)
{
	if (!graph)
		return;
	chunk_row_free(&graph->lanes);
	chunk_row_free(&graph->facts);
	chunk_row_free(&graph->transits);
	chunk_row_free(&graph->waits);
	g_array_unref(graph->cpus);
	table_free(graph->by_utid);
	table_free(graph->texts);
	table_free(graph->manners);
	g_ptr_array_unref(graph->causes);
	chunks_free(&graph->chunks);
	g_free(graph);
}

int graph_wrong(const struct graph *graph)
{
	return graph->chunks.wrong;
}

void graph_size(const struct graph *graph, uint64_t *memory, uint64_t *file)
{
	*memory = graph->chunks.held;
	*file = graph->chunks.mapped;
}

/* ---- Threads, names, manners ---- */

static uint32_t utid_hash(int64_t utid)
{
	return (uint32_t)hash_mix(hash_seed, (uint64_t)utid);
}

item graph_find(struct graph *graph, int64_t utid)
{
	uint32_t hash = utid_hash(utid), place = hash;
	item number;

	while ((number = table_next(graph->by_utid, hash, &place)))
		if (graph_lane(graph, number)->utid == utid)
			return number;
	return 0;
}

item graph_thread(struct graph *graph, int64_t utid, int64_t tid, int64_t pid)
{
	item number = graph_find(graph, utid);
	struct lane *lane;

	if (!number && (number = chunks_add(&graph->chunks, &graph->lanes, 1))) {
		table_add(graph->by_utid, utid_hash(utid), number);
		lane = graph_lane(graph, number);
		lane->utid = utid;
		lane->tid = (int32_t)tid;
		lane->pid = -1;
	}
	if (number && pid >= 0 && pid <= INT32_MAX)
		graph_lane(graph, number)->pid = (int32_t)pid;
	return number;
}

/* The number of a text; 0 if there is no room, or no text. */
static item intern(struct graph *graph, const char *text)
{
	size_t length = text ? strnlen(text, NAME_MAX_BYTES - 1) : 0;
	uint32_t hash, place;
	char *known;
	item number;

	if (length == 0)
		return 0;
	hash = text_hash(text);
	place = hash;
	while ((number = table_next(graph->texts, hash, &place))) {
		known = chunks_at(&graph->chunks, number);
		if (strncmp(known, text, length) == 0 && known[length] == '\0')
			return number;
	}
	number = chunks_add(
		&graph->chunks, &graph->facts, (uint32_t)((length + ITEM_BYTES) / ITEM_BYTES));
	if (number) {
		memcpy(chunks_at(&graph->chunks, number), text, length);
		table_add(graph->texts, hash, number);
	}
	return number;
}

void graph_name(struct graph *graph, item thread, int64_t time, const char *name, uint64_t identity)
{
	struct lane *lane = graph_lane(graph, thread);
	struct name *last, new = {.time = time};
	item number;

	if (!lane || !name || (identity && lane->name == identity))
		return;
	lane->name = identity;
	new.text = intern(graph, name);
	new.previous = lane->names;
	last = chunks_at(&graph->chunks, lane->names);
	if (!new.text || (last && last->text == new.text))
		return;
	if (lane->n_names == NAMES_MAX) {
		last->text = new.text;
		return;
	}
	number = chunks_add(&graph->chunks, &graph->facts, 1);
	if (!number)
		return;
	memcpy(chunks_at(&graph->chunks, number), &new, sizeof(new));
	lane->names = number;
	lane->n_names++;
}

const char *graph_name_at(struct graph *graph, item thread, int64_t time)
{
	const struct lane *lane = graph_lane(graph, thread);
	const struct name *name = lane ? chunks_at(&graph->chunks, lane->names) : NULL;

	/* What it was called first is all that is known of before, too. */
	while (name && name->time > time && name->previous)
		name = chunks_at(&graph->chunks, name->previous);
	return name ? chunks_at(&graph->chunks, name->text) : NULL;
}

void graph_process(struct graph *graph, item thread, const char *name)
{
	struct lane *lane = graph_lane(graph, thread);

	if (lane && name)
		lane->process = intern(graph, name);
}

const char *graph_process_of(struct graph *graph, item thread)
{
	const struct lane *lane = graph_lane(graph, thread);

	return lane ? chunks_at(&graph->chunks, lane->process) : NULL;
}

/* The number of a cause; 0: none, or there are too many. */
static uint64_t cause_number(struct graph *graph, const char *cause)
{
	if (!cause)
		return 0;
	for (guint i = 1; i < graph->causes->len; i++) {
		const char *known = g_ptr_array_index(graph->causes, i);

		if (known == cause || strcmp(known, cause) == 0)
			return i;
	}
	if (graph->causes->len > CAUSES_MAX)
		return 0;
	g_ptr_array_add(graph->causes, (gpointer)cause);
	return graph->causes->len - 1;
}

item graph_manner(struct graph *graph, const char *cause, const char *detail)
{
	struct manner manner = {cause_number(graph, cause), intern(graph, detail), 0};
	uint32_t hash = hash_pair(manner.cause, manner.text), place = hash;
	item number;

	if (!manner.cause && !manner.text)
		return 0;
	while ((number = table_next(graph->manners, hash, &place)))
		if (memcmp(chunks_at(&graph->chunks, number), &manner, sizeof(manner)) == 0)
			return number;
	number = chunks_add(&graph->chunks, &graph->facts, 1);
	if (number) {
		memcpy(chunks_at(&graph->chunks, number), &manner, sizeof(manner));
		table_add(graph->manners, hash, number);
	}
	return number;
}

void graph_explain(struct graph *graph, item number, const char **cause, const char **detail)
{
	const struct manner *manner = chunks_at(&graph->chunks, number);

	*cause = manner ? g_ptr_array_index(graph->causes, manner->cause) : NULL;
	*detail = manner ? chunks_at(&graph->chunks, manner->text) : NULL;
}

/* ---- Turns ---- */

static int64_t read_length(const uint8_t *bytes)
{
	return (int64_t)bytes[0] | (int64_t)bytes[1] << 8 | (int64_t)bytes[2] << 16 |
	       (int64_t)bytes[3] << 24 | (int64_t)bytes[4] << 32;
}

static void write_length(uint8_t *bytes, int64_t length)
{
	for (int i = 0; i < LENGTH_BITS / 8; i++)
		bytes[i] = (uint8_t)(length >> 8 * i);
}

struct lengths turn_lengths(struct graph *graph, const struct turn *turn)
{
	struct lengths lengths = {read_length(turn->ran), read_length(turn->queued)};
	const struct lengths *longer;

	if (turn->flags & TURN_LONG) {
		longer = chunks_at(&graph->chunks, (item)lengths.ran);
		lengths = longer ? *longer : (struct lengths){0, 0};
	}
	return lengths;
}

static void set_lengths(struct graph *graph, struct turn *turn, struct lengths lengths)
{
	item number;

	if (!(turn->flags & TURN_LONG) && lengths.ran <= LENGTH_MAX &&
		lengths.queued <= LENGTH_MAX) {
		write_length(turn->ran, lengths.ran);
		write_length(turn->queued, lengths.queued);
		return;
	}
	number = turn->flags & TURN_LONG ? (item)read_length(turn->ran)
					 : chunks_add(&graph->chunks, &graph->transits, 1);
	if (!number || !chunks_at(&graph->chunks, number))
		return;
	memcpy(chunks_at(&graph->chunks, number), &lengths, sizeof(lengths));
	chunks_note(&graph->chunks, number, turn->end);
	write_length(turn->ran, number);
	turn->flags |= TURN_LONG;
}

struct turn_times turn_times(struct graph *graph, const struct lane *lane, const struct turn *turn)
{
	const struct turn *previous = chunks_at(&graph->chunks, turn->previous);
	struct lengths lengths = turn_lengths(graph, turn);
	struct turn_times times;

	times.begin = previous ? previous->end : turn->previous ? -TIME_MAX : lane->first;
	times.ran = turn->end - lengths.ran;
	times.queued = times.ran - lengths.queued;
	return times;
}

int32_t turn_cpu(const struct graph *graph, item number)
{
	return number ? chunk_of(&graph->chunks, number)->row : CPU_NONE;
}

/* What is known of the long times of a turn is needed until that ends. */
static void note_end(struct graph *graph, item number, const struct turn *turn)
{
	chunks_note(&graph->chunks, number, turn->end);
	if (turn->flags & TURN_LONG)
		chunks_note(&graph->chunks, (item)read_length(turn->ran), turn->end);
}

/* Where the turn that is added to a lane jumps to; see above. */
static item next_jump(struct graph *graph, struct lane *lane)
{
	const struct turn *last, *far;
	item jump = lane->last;

	if (!lane->twice) {
		lane->twice = lane->terms & 1;
		lane->terms |= 1;
		return jump;
	}
	last = chunks_at(&graph->chunks, lane->last);
	far = last ? chunks_at(&graph->chunks, last->jump) : NULL;
	if (far)
		jump = far->jump;
	/* The two lowest terms become one of the next larger kind. */
	uint64_t lowest = lane->terms & -lane->terms;
	lane->twice = lane->terms & lowest << 1;
	lane->terms = (lane->terms & ~lowest) | lowest << 1;
	return jump;
}

/* Adds a turn that is complete to its lane. Returns its number; 0 if there is no room. */
static item commit(struct graph *graph, struct lane *lane, struct chunk_row *row, struct turn *turn)
{
	item number = chunks_add(&graph->chunks, row, 1);

	if (!number)
		return 0;
	turn->previous = lane->last;
	turn->jump = next_jump(graph, lane);
	memcpy(chunks_at(&graph->chunks, number), turn, sizeof(*turn));
	lane->last = number;
	note_end(graph, number, turn);
	return number;
}

/* The turn that is open will not run. */
static void close_turn(struct graph *graph, struct lane *lane)
{
	if (lane->is_open)
		commit(graph, lane, &graph->waits, &lane->open);
	lane->is_open = false;
}

/* The turn that is open; a new one that begins now, if there is none. */
static struct turn *open_turn(struct lane *lane, item thread)
{
	if (!lane->is_open)
		lane->open =
			(struct turn){.end = lane->until, .thread = thread, .previous = lane->last};
	lane->is_open = true;
	return &lane->open;
}

/* Whose path a wait goes on with, as it is kept. */
static uint32_t keep_source(struct graph *graph, item source, int64_t time, int64_t end)
{
	struct transit transit = {MAX(time, -TIME_MAX), source, 0};
	item number;

	if (!source || time >= end)
		return source;
	number = chunks_add(&graph->chunks, &graph->transits, 1);
	if (!number)
		return 0;
	memcpy(chunks_at(&graph->chunks, number), &transit, sizeof(transit));
	chunks_note(&graph->chunks, number, end);
	return number | TURN_TRANSIT;
}

item turn_source(struct graph *graph, const struct turn *turn, int64_t *time)
{
	const struct transit *transit;

	if (!(turn->source & TURN_TRANSIT))
		return turn->source;
	transit = chunks_at(&graph->chunks, turn->source & ~TURN_TRANSIT);
	if (!transit)
		return 0;
	*time = MIN(*time, transit->time);
	return transit->thread;
}

/* ---- Intervals ---- */

static void add_sleep(struct graph *graph, struct lane *lane, const struct graph_interval *interval)
{
	struct turn *turn = &lane->open;
	bool woken = interval->manner || interval->source;

	/* A sleep that was told in parts is one: the last part says how it ended. */
	if (lane->is_open && !((turn->flags & TURN_SLEPT) && !(turn->flags & TURN_WOKEN) &&
				     turn_lengths(graph, turn).queued == 0))
		close_turn(graph, lane);
	turn = open_turn(lane, interval->thread);
	turn->end = interval->end;
	turn->flags |= TURN_SLEPT | (woken ? TURN_WOKEN : 0);
	turn->manner = interval->manner;
	turn->source = keep_source(graph, interval->source, interval->source_time, interval->end);
}

static void add_queue(struct graph *graph, struct lane *lane, const struct graph_interval *interval)
{
	uint16_t kind = interval->doing == GRAPH_PREEMPTED ? TURN_PREEMPTED : 0;
	struct lengths lengths;
	struct turn *turn;

	if (lane->is_open && turn_lengths(graph, &lane->open).queued > 0 &&
		(lane->open.flags & TURN_PREEMPTED) != kind)
		close_turn(graph, lane);
	turn = open_turn(lane, interval->thread);
	lengths = turn_lengths(graph, turn);
	lengths.queued += interval->end - lane->until;
	turn->flags |= kind;
	turn->end = interval->end;
	set_lengths(graph, turn, lengths);
}

/* The row of a CPU; NULL if what begins then can't be on it: it was elsewhere, or nobody knows where. */
static struct cpu_row *row_of(struct graph *graph, int32_t cpu, int64_t begin)
{
	struct cpu_row *row;

	if (cpu < 0 || cpu >= CPUS_MAX)
		return NULL;
	while (graph->cpus->len <= (guint)cpu) {
		struct cpu_row new = {
			.row = {.size = sizeof(struct turn), .name = (int32_t)graph->cpus->len},
			.end = -TIME_MAX};

		g_array_append_val(graph->cpus, new);
	}
	row = &g_array_index(graph->cpus, struct cpu_row, cpu);
	return begin >= row->end ? row : NULL;
}

static void add_run(struct graph *graph, struct lane *lane, const struct graph_interval *interval)
{
	struct cpu_row *row = row_of(graph, interval->cpu, lane->until);
	bool arrives = lane->arrival && lane->arrival_time == lane->until && !lane->is_open;
	struct turn *turn = chunks_at(&graph->chunks, lane->last);
	struct lengths lengths;
	item number;

	/* It goes on with what it did. */
	if (turn && !lane->is_open && !arrives && row && row->last == lane->last) {
		lengths = turn_lengths(graph, turn);
		lengths.ran += interval->end - turn->end;
		turn->end = row->end = interval->end;
		set_lengths(graph, turn, lengths);
		note_end(graph, lane->last, turn);
		return;
	}
	turn = open_turn(lane, interval->thread);
	lengths = turn_lengths(graph, turn);
	lengths.ran = interval->end - lane->until;
	turn->end = interval->end;
	if (arrives) {
		turn->flags |= TURN_ARRIVED;
		turn->source = lane->arrival;
		turn->manner = lane->arrival_manner;
	}
	set_lengths(graph, turn, lengths);
	number = commit(graph, lane, row ? &row->row : &graph->waits, turn);
	lane->is_open = false;
	if (row && number) {
		row->last = number;
		row->end = interval->end;
	}
}

/* It is not known what a thread did until then; one that has just been made is waited for by its parent. */
static void add_hole(struct graph *graph, struct lane *lane, item thread, int64_t until)
{
	struct turn *turn;

	close_turn(graph, lane);
	turn = open_turn(lane, thread);
	turn->end = until;
	if (!lane->last)
		turn->source = lane->parent;
	lane->until = until;
}

static bool is_time(int64_t time)
{
	return time > -TIME_MAX && time < TIME_MAX;
}

void graph_add(struct graph *graph, const struct graph_interval *interval)
{
	struct lane *lane = graph_lane(graph, interval->thread);

	if (!lane || graph->chunks.wrong || !is_time(interval->begin) || !is_time(interval->end))
		return;
	if (!lane->known) {
		lane->first = lane->until = interval->begin;
		lane->known = true;
	}
	if (interval->end <= MAX(interval->begin, lane->until))
		return;
	if (interval->begin > lane->until)
		add_hole(graph, lane, interval->thread, interval->begin);
	if (interval->doing == GRAPH_RUNNING)
		add_run(graph, lane, interval);
	else if (interval->doing == GRAPH_SLEEPING || interval->doing == GRAPH_IDLE)
		add_sleep(graph, lane, interval);
	else
		add_queue(graph, lane, interval);
	lane->until = interval->end;
}

void graph_fork(struct graph *graph, item thread, item parent, int64_t time)
{
	struct lane *lane = graph_lane(graph, thread);

	if (!lane || lane->known || !parent || parent == thread || !is_time(time))
		return;
	lane->parent = parent;
	lane->first = lane->until = time;
	lane->known = true;
}

void graph_exit(struct graph *graph, item thread)
{
	struct lane *lane = graph_lane(graph, thread);

	if (lane)
		lane->exited = true;
}

void graph_arrive(struct graph *graph, item thread, int64_t time, item manner, item source,
	int64_t source_time)
{
	struct lane *lane = graph_lane(graph, thread);

	if (!lane || !source || !is_time(time) || !is_time(source_time))
		return;
	lane->arrival = keep_source(graph, source, source_time, time);
	lane->arrival_time = time;
	lane->arrival_manner = manner;
	graph->arrivals = true;
}

void graph_forget(struct graph *graph, int64_t before)
{
	graph->before = MAX(graph->before, MIN(before, TIME_MAX));
	for (guint i = 0; i < graph->cpus->len; i++)
		chunks_forget(
			&graph->chunks, &g_array_index(graph->cpus, struct cpu_row, i).row, before);
	chunks_forget(&graph->chunks, &graph->waits, before);
	chunks_forget(&graph->chunks, &graph->transits, before);
}

/* ---- What is known ---- */

bool graph_about(struct graph *graph, item thread, struct graph_thread *about)
{
	const struct lane *lane = graph_lane(graph, thread);

	if (!lane)
		return false;
	*about = (struct graph_thread){
		.utid = lane->utid,
		.tid = lane->tid,
		.pid = lane->pid,
		.first = MIN(MAX(lane->first, graph->before), lane->until),
		.last = lane->until,
		.born = lane->parent && lane->first >= graph->before,
		.exited = lane->exited,
	};
	return true;
}

item graph_next(struct graph *graph, item thread)
{
	const struct chunk_row *row = &graph->lanes;
	uint32_t number;
	guint i = 0;

	if (!row->chunks)
		return 0;
	if (thread) {
		if ((thread & ((1u << ITEM_PLACE_BITS) - 1)) + 1 <
			chunk_of(&graph->chunks, thread)->used)
			return thread + 1;
		while (i < row->chunks->len &&
			g_array_index(row->chunks, uint32_t, i) != thread >> ITEM_PLACE_BITS)
			i++;
		i++;
	}
	if (i >= row->chunks->len)
		return 0;
	number = g_array_index(row->chunks, uint32_t, i);
	return number << ITEM_PLACE_BITS;
}

item lane_turn_at(struct graph *graph, const struct lane *lane, item near, int64_t time, bool *open)
{
	item at = near;
	const struct turn *turn = chunks_at(&graph->chunks, at), *earlier;

	*open = false;
	if (!turn || turn->end < time) {
		at = lane->last;
		turn = chunks_at(&graph->chunks, at);
	}
	if (!turn || turn->end < time) {
		*open = lane->is_open && lane->open.end >= time;
		return 0;
	}
	for (;;) {
		earlier = chunks_at(&graph->chunks, turn->jump);
		if (earlier && earlier->end >= time) {
			at = turn->jump;
		} else {
			earlier = chunks_at(&graph->chunks, turn->previous);
			if (!earlier || earlier->end < time)
				return at;
			at = turn->previous;
		}
		turn = earlier;
	}
}

/* The first chunk of a row in which a turn may end later than that, as a place in its list. */
static guint chunk_after(const struct graph *graph, const struct chunk_row *row, int64_t time)
{
	guint low = 0, high = row->chunks ? row->chunks->len : 0;

	while (low < high) {
		guint middle = low + (high - low) / 2;
		uint32_t number = g_array_index(row->chunks, uint32_t, middle);

		if (g_array_index(graph->chunks.chunks, struct chunk, number).last <= time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The first turn of a chunk that ends later than that. */
static uint32_t place_after(struct graph *graph, uint32_t number, int64_t time)
{
	uint32_t low = 0, high = g_array_index(graph->chunks.chunks, struct chunk, number).used;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct turn *turn =
			chunks_at(&graph->chunks, number << ITEM_PLACE_BITS | middle);

		if (turn->end <= time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Adds what a turn has of the time between two others to its thread's; returns that. */
static int64_t add_share(struct graph *graph, const struct turn *turn, int64_t begin, int64_t end)
{
	int64_t ran = turn_lengths(graph, turn).ran;
	struct lane *lane = graph_lane(graph, turn->thread);

	lane_ask(graph, lane);
	lane->sum += MIN(end, turn->end) - MAX(begin, turn->end - ran);
	return lane->sum;
}

item graph_longest(struct graph *graph, int32_t cpu, int64_t begin, int64_t end)
{
	const struct chunk_row *row;
	int64_t most = 0;
	item longest = 0;

	if (cpu < 0 || (guint)cpu >= graph->cpus->len)
		return 0;
	row = &g_array_index(graph->cpus, struct cpu_row, cpu).row;
	graph->query++;
	for (guint i = chunk_after(graph, row, begin); row->chunks && i < row->chunks->len; i++) {
		uint32_t number = g_array_index(row->chunks, uint32_t, i);
		uint32_t used = g_array_index(graph->chunks.chunks, struct chunk, number).used;

		for (uint32_t k = place_after(graph, number, begin); k < used; k++) {
			const struct turn *turn =
				chunks_at(&graph->chunks, number << ITEM_PLACE_BITS | k);
			int64_t share;

			if (turn->end - turn_lengths(graph, turn).ran >= end)
				return longest;
			share = add_share(graph, turn, begin, end);
			if (share > most) {
				most = share;
				longest = turn->thread;
			}
		}
	}
	return longest;
}
