/*
 * The readers of traces, and which of them reads one.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/readers.h"

#include "host/source/reader.h"
#include "host/source/trace_files.h"

#include <string.h>

/* All readers, the fastest first: what one declines is left to the next. */
#define READERS(X)       \
	X(native_reader) \
	X(babeltrace2_reader)

#define DECLARE(name) extern const struct reader name;
READERS(DECLARE)

#define ADDRESS(name) &(name),
static const struct reader *const readers[] = {READERS(ADDRESS)};

const char *readers_name(unsigned int number)
{
	return number < G_N_ELEMENTS(readers) ? readers[number]->name : NULL;
}

/* Whether a name is that of a reader after number `i`. */
static bool is_after(const char *name, size_t i)
{
	while (++i < G_N_ELEMENTS(readers))
		if (strcmp(name, readers[i]->name) == 0)
			return true;
	return false;
}

/*
 * A limit is a limit: what a reader before the one that was asked for refuses, for its size say, is
 * not tried with that. False with `error`, which is then to be told.
 */
static bool is_within_limits(const struct reader *reader, GPtrArray *traces,
	const struct source_options *options, GError **error)
{
	GPtrArray *notes = g_ptr_array_new_with_free_func(g_free);
	GError *why = NULL;
	bool ok;

	source_close(reader->open(traces, options, notes, &why));
	g_ptr_array_unref(notes);
	ok = !g_error_matches(why, SOURCE_ERROR, SOURCE_ERROR_REFUSED);
	if (ok)
		g_clear_error(&why);
	else
		g_propagate_error(error, why);
	return ok;
}

/*
 * Tries the readers that may be taken. What one declined, and why, is told with the next one's
 * success, or failure.
 */
static struct source *try_readers(
	GPtrArray *traces, const struct source_options *options, GPtrArray *notes, GError **error)
{
	struct source *source = NULL;
	GError *declined = NULL, *why = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(readers) && !source && !why; i++) {
		/* Traces that grow are not for all. */
		if (options->feed && !readers[i]->grow)
			continue;
		if (options->reader && strcmp(options->reader, readers[i]->name) != 0) {
			if (is_after(options->reader, i))
				is_within_limits(readers[i], traces, options, &why);
			continue;
		}
		source = readers[i]->open(traces, options, notes, &why);
		if (source && declined)
			g_ptr_array_add(notes, g_strdup_printf("using %s, which is slower: %s",
						       readers[i]->title, declined->message));
		/* Of many traces, the one that the first reader declined is what is wrong. */
		if (why && declined)
			g_prefix_error(&why, "cannot read %s; ", declined->message);
		if (source || why->code != SOURCE_ERROR_DECLINED)
			continue;
		g_clear_error(&declined);
		declined = g_steal_pointer(&why);
	}
	if (!source && !why && declined) {
		why = g_steal_pointer(&declined);
		why->code = SOURCE_ERROR_OPEN;
	}
	if (!source && !why)
		g_set_error(&why, SOURCE_ERROR, SOURCE_ERROR_OPEN, "unknown reader '%s'",
			options->reader);
	if (why)
		g_propagate_error(error, why);
	g_clear_error(&declined);
	return source;
}

struct source *source_open(const char *const *paths, const struct source_options *options,
	GPtrArray *notes, GError **error)
{
	GPtrArray *traces = trace_files_find(paths, options->user, notes, error);
	struct source *source = NULL;

	if (traces) {
		if (options->n_clocks > 0 && options->n_clocks != traces->len)
			g_set_error_literal(error, SOURCE_ERROR, SOURCE_ERROR_OPEN,
				"the traces have changed while they were being opened");
		else
			source = try_readers(traces, options, notes, error);
		g_ptr_array_unref(traces);
		if (source) {
			source_find_machines(source, options);
			source_believe(source, notes);
		}
	}
	return source;
}
