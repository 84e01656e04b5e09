/*
 * Texts that come in any order and go out sorted by a number, however many they are: what does not
 * fit in a fixed amount of memory waits in a temporary file.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SORTED_H
#define LTTNGA_SORTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sorted;

/* One of them: any bytes. Valid until the next one is asked for. */
struct sorted_text {
	int64_t key;
	const char *text;
	size_t length;
};

struct sorted *sorted_new(void);
void sorted_free(struct sorted *sorted);

/* So many bytes behind a text may be read, and written while it is being added. */
#define SORTED_SLACK 16

/* The longest text. */
#define SORTED_LENGTH_MAX (8 * 1024 * 1024)

/*
 * Where a text of up to `length` bytes, SORTED_LENGTH_MAX at most, is to be written that is then
 * added by sorted_add(). Not after sorted_next().
 */
char *sorted_room(struct sorted *sorted, size_t length);

/*
 * Adds the text that has been written there, with its length. False with errno set if there is no
 * room in the folder for temporary files.
 */
bool sorted_add(struct sorted *sorted, int64_t key, size_t length);

/*
 * Goes on to the next text, equal keys in the order in which they came: 1, 0 if there is none any
 * more, -1 with errno set if the temporary file can't be read.
 */
int sorted_next(struct sorted *sorted, struct sorted_text *text);

/* Whether sorted_next() was called. */
bool sorted_is_read(const struct sorted *sorted);

#endif
