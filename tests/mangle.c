/*
 * mangle FOLDER CUTS FLIPS SEED: damages copies of a trace's streams in many ways, and checks that the
 * native reader always comes to an end: with events no more than there are, or with an error. CUTS is how
 * many places of each stream it is cut at (0: every byte of the begin, up to 8192, and 1000 others),
 * FLIPS how many single bytes are changed. The folder is written to.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/readers.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Nothing here takes long: what does is stuck. */
#define SECONDS_MAX 20

struct outcome {
	uint64_t events, damaged;
	bool opened;
};

/* Opens and reads all; whether there was an error does not matter, only that this ends. */
static struct outcome read_trace(const char *folder)
{
	const char *paths[] = {folder, NULL};
	GPtrArray *notes = g_ptr_array_new_with_free_func(g_free);
	struct source_options options = {.reader = "native"};
	struct source *source = source_open(paths, &options, notes, NULL);
	struct outcome outcome = {.opened = source != NULL};
	const struct record *records;
	size_t n;

	if (source) {
		source_count(source);
		while (source_next(source, &records, &n, NULL) == SOURCE_MORE)
			;
		for (unsigned int i = 0; i < source_n_classes(source); i++)
			outcome.events += source_class(source, i)->events;
		for (unsigned int i = 0; i < source_n_streams(source); i++)
			outcome.damaged += source_stream(source, i)->damaged;
	}
	source_close(source);
	g_ptr_array_unref(notes);
	return outcome;
}

/* The streams' files below a folder. */
static void find_files(const char *folder, GPtrArray *paths)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		char *path = g_build_filename(folder, name, NULL);

		if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
			if (strcmp(name, "index") != 0)
				find_files(path, paths);
			g_free(path);
		} else if (strcmp(name, "metadata") == 0) {
			g_free(path);
		} else {
			g_ptr_array_add(paths, path);
		}
	}
	if (dir)
		g_dir_close(dir);
}

struct tally {
	uint64_t tries, damaged, refused, more;
	uint64_t most; /* how many events too many there were */
};

static void judge(struct tally *tally, struct outcome outcome, uint64_t events, const char *what,
	const char *path, uint64_t at)
{
	tally->tries++;
	tally->refused += !outcome.opened;
	tally->damaged += outcome.damaged > 0;
	if (outcome.events > events) {
		tally->more++;
		tally->most = MAX(tally->most, outcome.events - events);
		printf("%s %s at %" PRIu64 ": %" PRIu64 " events instead of %" PRIu64 "\n", path,
			what, at, outcome.events, events);
	}
}

/* Cuts a file to `size` bytes, reads, and puts back what it was. */
static struct outcome with_cut(
	const char *folder, const char *path, const char *data, gsize whole, uint64_t size)
{
	struct outcome outcome;
	int fd = open(path, O_WRONLY);

	alarm(SECONDS_MAX);
	if (fd < 0 || ftruncate(fd, (off_t)size) != 0)
		exit(2);
	outcome = read_trace(folder);
	if (pwrite(fd, data + size, whole - size, (off_t)size) != (ssize_t)(whole - size))
		exit(2);
	close(fd);
	return outcome;
}

static struct outcome with_byte(
	const char *folder, const char *path, uint64_t at, char byte, char old)
{
	struct outcome outcome;
	int fd = open(path, O_WRONLY);

	alarm(SECONDS_MAX);
	if (fd < 0 || pwrite(fd, &byte, 1, (off_t)at) != 1)
		exit(2);
	outcome = read_trace(folder);
	if (pwrite(fd, &old, 1, (off_t)at) != 1)
		exit(2);
	close(fd);
	return outcome;
}

int main(int argc, char **argv)
{
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	struct tally cuts = {0}, flips = {0};
	struct outcome whole;
	unsigned int n_cuts, n_flips;
	GRand *rand;

	if (argc != 5)
		return 2;
	find_files(argv[1], paths);
	n_cuts = (unsigned int)atoi(argv[2]);
	n_flips = (unsigned int)atoi(argv[3]);
	rand = g_rand_new_with_seed((guint32)atoi(argv[4]));
	whole = read_trace(argv[1]);
	if (!whole.opened || whole.events == 0 || whole.damaged > 0)
		return 2;
	for (guint i = 0; i < paths->len; i++) {
		const char *path = g_ptr_array_index(paths, i);
		unsigned int n = n_cuts > 0 ? n_cuts : 8192 + 1000;
		char *data;
		gsize size;

		if (!g_file_get_contents(path, &data, &size, NULL))
			return 2;
		for (unsigned int k = 0; k < n; k++) {
			uint64_t at = n_cuts == 0 && k < 8192
					      ? k
					      : (uint64_t)(g_rand_double(rand) * (double)size);

			at = MIN(at, size);
			judge(&cuts, with_cut(argv[1], path, data, size, at), whole.events, "cut",
				path, at);
		}
		for (unsigned int k = 0; k < n_flips / paths->len; k++) {
			uint64_t at = (uint64_t)(g_rand_double(rand) * (double)size);
			char byte = (char)(data[at] ^ (1 + g_rand_int_range(rand, 0, 255)));

			judge(&flips, with_byte(argv[1], path, at, byte, data[at]), whole.events,
				"changed", path, at);
		}
		g_free(data);
	}
	printf("%" PRIu64 " events; cut: %" PRIu64 " times, damage told %" PRIu64
	       ", refused %" PRIu64 ", too many events %" PRIu64 "; changed: %" PRIu64
	       " times, damage told %" PRIu64 ", refused %" PRIu64 ", too many events %" PRIu64
	       " (by up to %" PRIu64 ")\n",
		whole.events, cuts.tries, cuts.damaged, cuts.refused, cuts.more, flips.tries,
		flips.damaged, flips.refused, flips.more, flips.most);
	g_rand_free(rand);
	g_ptr_array_unref(paths);
	return cuts.more > 0 || flips.more > 0;
}
