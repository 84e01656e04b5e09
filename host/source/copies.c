/*
 * Events that are recorded several times: in two channels of a session, or in two sessions of one
 * machine. Of the streams of one CPU that have a class of events, one is believed; what others have
 * of that class counts outside of its time only. Copies can't be told by their times, which differ.
 *
 * The order in which streams are believed: who records more classes of events comes first, since
 * channels for something special have filters; then the stream that comes first. Streams of one CPU
 * that overlap in time are found by going through them by their begin, with a list of those that
 * have not ended. Each pair is looked at once: the one that comes later in the order gets a struct
 * rival, with the classes that both have. A trace with one stream for each CPU costs nothing,
 * neither here nor for its events.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/source/reader.h"

#include <string.h>

/* How many streams of one CPU are compared at a time: two sessions of some channels have less. */
#define ACTIVE_MAX 32

/* What a state dump tells is true whoever tells it, and counts nowhere. */
#define STATEDUMP "lttng_statedump_"

/* The classes of a group of streams. */
struct group {
	unsigned int first, n;
};

/* A stream, and what the order depends on. */
struct candidate {
	struct stream *stream;
	guint machine;
	int32_t cpu;
	unsigned int n_classes;
};

struct copies {
	GArray *groups;     /* struct group */
	GArray *names;      /* guint by class: equal names are equal numbers; 0: is never a copy */
	GArray *marks;      /* guint by name: the group, from 1, that has it */
	GHashTable *shared; /* both groups -> uint8_t *, by class of the first; or NULL */
	GPtrArray *rivals;  /* GArray of struct rival */
	GHashTable *told;   /* names of classes that there are copies of */
};

static struct group *group_at(const struct copies *copies, guint number)
{
	return &g_array_index(copies->groups, struct group, number);
}

/* Numbers of groups are neighbours: their bits are to be spread. */
static guint hash_pair(gconstpointer key)
{
	return (guint)((*(const guint64 *)key * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

static struct copies *new_copies(void)
{
	struct copies *copies = g_new0(struct copies, 1);

	copies->groups = g_array_new(FALSE, TRUE, sizeof(struct group));
	copies->shared = g_hash_table_new_full(hash_pair, g_int64_equal, g_free, g_free);
	copies->rivals = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
	copies->told = g_hash_table_new(g_str_hash, g_str_equal);
	return copies;
}

void copies_free(struct copies *copies)
{
	if (!copies)
		return;
	g_array_unref(copies->groups);
	g_hash_table_unref(copies->shared);
	g_ptr_array_unref(copies->rivals);
	g_hash_table_unref(copies->told);
	if (copies->names)
		g_array_unref(copies->names);
	if (copies->marks)
		g_array_unref(copies->marks);
	g_free(copies);
}

/* The classes of a group have numbers in a row. */
static void find_groups(struct copies *copies, const struct source *source)
{
	for (unsigned int i = 0; i < source_n_classes(source); i++) {
		guint number = source_class(source, i)->group;
		struct group *group;

		if (copies->groups->len <= number)
			g_array_set_size(copies->groups, number + 1);
		group = group_at(copies, number);
		if (group->n++ == 0)
			group->first = i;
	}
}

/* Numbers for names, made when the first two streams are compared. */
static void number_names(struct copies *copies, const struct source *source)
{
	GHashTable *known = g_hash_table_new(g_str_hash, g_str_equal);
	guint n = source_n_classes(source);

	copies->names = g_array_sized_new(FALSE, TRUE, sizeof(guint), n);
	for (guint i = 0; i < n; i++) {
		const char *name = source_class(source, i)->name;
		guint number = GPOINTER_TO_UINT(g_hash_table_lookup(known, name));

		if (!number) {
			number = g_hash_table_size(known) + 1;
			g_hash_table_insert(known, (gpointer)name, GUINT_TO_POINTER(number));
		}
		if (g_str_has_prefix(name, STATEDUMP))
			number = 0;
		g_array_append_val(copies->names, number);
	}
	copies->marks = g_array_new(FALSE, TRUE, sizeof(guint));
	g_array_set_size(copies->marks, n + 1);
	g_hash_table_unref(known);
}

/* Which classes of a group are in the other one, too; NULL if none is. */
static uint8_t *find_shared(
	struct copies *copies, const struct source *source, guint one, guint other)
{
	const struct group *group = group_at(copies, one), *has = group_at(copies, other);
	const guint *names = (const guint *)(void *)copies->names->data;
	guint *marks = (guint *)(void *)copies->marks->data;
	uint8_t *shared = NULL;

	for (unsigned int i = has->first; i < has->first + has->n; i++)
		marks[names[i]] = other + 1;
	marks[0] = 0;
	for (unsigned int i = group->first; i < group->first + group->n; i++) {
		if (marks[names[i]] != other + 1)
			continue;
		shared = shared ? shared : g_new0(uint8_t, group->n);
		shared[i - group->first] = 1;
		g_hash_table_add(copies->told, (gpointer)source_class(source, i)->name);
	}
	return shared;
}

static const uint8_t *get_shared(
	struct copies *copies, const struct source *source, guint one, guint other)
{
	gint64 key = (gint64)((guint64)one << 32 | other);
	gpointer shared;

	if (!copies->names)
		number_names(copies, source);
	if (!g_hash_table_lookup_extended(copies->shared, &key, NULL, &shared)) {
		shared = find_shared(copies, source, one, other);
		g_hash_table_insert(copies->shared, g_memdup2(&key, sizeof(key)), shared);
	}
	return shared;
}

/* What `stream` has of classes that the other has, too, does not count in the time of that. */
static void add_rival(struct copies *copies, const struct source *source, struct stream *stream,
	const struct stream *believed)
{
	guint one = stream->facts.group, other = believed->facts.group;
	struct rival rival = {believed->facts.from, MIN(believed->facts.to, believed->high), NULL};

	rival.shared = get_shared(copies, source, one, other);
	if (!rival.shared)
		return;
	if (!stream->rivals) {
		stream->rivals = g_array_new(FALSE, FALSE, sizeof(struct rival));
		stream->first_class = group_at(copies, one)->first;
		g_ptr_array_add(copies->rivals, stream->rivals);
	}
	g_array_append_val(stream->rivals, rival);
}

static bool comes_first(const struct candidate *a, const struct candidate *b)
{
	return a->n_classes != b->n_classes ? a->n_classes > b->n_classes
					    : a->stream->number < b->stream->number;
}

static gint compare_candidates(gconstpointer a, gconstpointer b)
{
	const struct candidate *x = a, *y = b;

	if (x->machine != y->machine)
		return x->machine < y->machine ? -1 : 1;
	if (x->cpu != y->cpu)
		return x->cpu < y->cpu ? -1 : 1;
	if (x->stream->facts.from != y->stream->facts.from)
		return x->stream->facts.from < y->stream->facts.from ? -1 : 1;
	return x->stream->number < y->stream->number ? -1 : 1;
}

/* Compares a stream with those that have begun before and not ended; then it is one of them. */
static void compare(struct copies *copies, const struct source *source, GArray *active,
	const struct candidate *candidate)
{
	guint left = 0;

	for (guint i = 0; i < active->len; i++) {
		const struct candidate other = g_array_index(active, struct candidate, i);

		if (other.machine != candidate->machine || other.cpu != candidate->cpu ||
			other.stream->facts.to <= candidate->stream->facts.from)
			continue;
		g_array_index(active, struct candidate, left++) = other;
		if (comes_first(&other, candidate))
			add_rival(copies, source, candidate->stream, other.stream);
		else
			add_rival(copies, source, other.stream, candidate->stream);
	}
	g_array_set_size(active, left);
	if (left < ACTIVE_MAX)
		g_array_append_vals(active, candidate, 1);
}

static GArray *find_candidates(const struct copies *copies, const struct source *source)
{
	GArray *all = g_array_new(FALSE, FALSE, sizeof(struct candidate));

	for (guint i = 0; i < source->streams->len; i++) {
		struct stream *stream = g_ptr_array_index(source->streams, i);
		struct candidate candidate = {.stream = stream, .cpu = stream->facts.first_cpu};

		/* Programs have events of the same names. */
		if (stream->user)
			continue;
		if (stream->facts.first_cpu < 0 || stream->facts.from == INT64_MIN ||
			stream->facts.group >= copies->groups->len)
			continue;
		candidate.machine = source_trace(source, stream->facts.trace)->machine;
		candidate.n_classes = group_at(copies, stream->facts.group)->n;
		g_array_append_val(all, candidate);
	}
	g_array_sort(all, compare_candidates);
	return all;
}

/* "a", "a and b", "a and 5 others" */
static char *describe(GHashTable *names)
{
	GList *sorted = g_list_sort(g_hash_table_get_keys(names), (GCompareFunc)strcmp);
	const char *first = sorted->data;
	guint n = g_list_length(sorted);
	char *text = n == 1   ? g_strdup_printf("%s is", first)
		     : n == 2 ? g_strdup_printf("%s and %s are", first, (char *)sorted->next->data)
			      : g_strdup_printf("%s and %u other events are", first, n - 1);

	g_list_free(sorted);
	return text;
}

void source_believe(struct source *source, GPtrArray *notes)
{
	struct copies *copies = new_copies();
	GArray *active = g_array_new(FALSE, FALSE, sizeof(struct candidate));
	GArray *candidates;
	char *what;

	copies_free(source->copies);
	source->copies = copies;
	for (guint i = 0; i < source->streams->len; i++)
		((struct stream *)g_ptr_array_index(source->streams, i))->rivals = NULL;
	find_groups(copies, source);
	candidates = find_candidates(copies, source);
	for (guint i = 0; i < candidates->len; i++)
		compare(copies, source, active, &g_array_index(candidates, struct candidate, i));
	g_array_unref(candidates);
	g_array_unref(active);
	if (g_hash_table_size(copies->told) == 0)
		return;
	what = describe(copies->told);
	g_ptr_array_add(notes,
		g_strdup_printf(
			"%s recorded in several channels or sessions at once: each event counts once",
			what));
	g_free(what);
}

bool source_is_believed(const struct source *source, unsigned int number, unsigned int class_no)
{
	const struct stream *stream = g_ptr_array_index(source->streams, number);

	for (guint i = 0; stream->rivals && i < stream->rivals->len; i++)
		if (g_array_index(stream->rivals, struct rival, i)
				.shared[class_no - stream->first_class])
			return false;
	return true;
}
