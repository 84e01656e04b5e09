/*
 * What a line of text looks like, said as a list of columns, and lines made of it:
 *
 *     { { -41, "[{begin:time}, {time:time}]" }, { 17, "{duration:us}" }, { 11, "{size:size}|N/A" } }
 *
 * A column is filled up to its width: at the left if that is positive, at the right if it is
 * negative. Of its texts, separated by "|", the first one counts for which all fields are there.
 * {FIELD} is written as it is, {FIELD:time} as a time of day, {FIELD:us} as microseconds, {FIELD:size}
 * as a size, and {FIELD:early} as "*" if it is before the time that was asked for, and " " if not.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_LINE_LAYOUT_H
#define LTTNGA_LINE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many different fields one line can name. */
#define LINE_FIELDS_MAX 64

/* How often it can name each of them. */
#define LINE_MENTIONED_MAX 100

/* So many bytes behind a clean text can be read. */
#define LINE_SLACK 32

/* The value of a field in one line. */
struct line_value {
	const char *text; /* need not end with a NUL; NULL if it is a number */
	size_t length;    /* of the text */
	bool is_clean;    /* it is safe to be shown, and takes so many columns */
	size_t columns;
	int64_t number;
};

/* How times are shown, and which of them are early. */
struct line_times {
	bool gmt, date;
	int64_t from;
};

struct line_layout;

struct line_layout *line_layout_new(const struct line_times *times);
void line_layout_free(struct line_layout *layout);

/* Adds a column; false if its text makes no sense, or it names one field too many, or too often. */
bool line_layout_add(struct line_layout *layout, int width, const char *text);

/* The fields that are named, in the order in which values are to be given. */
unsigned int line_layout_n_fields(const struct line_layout *layout);
const char *line_layout_field(const struct line_layout *layout, unsigned int i);

/* Whether a field is shown in a way that takes a number: as :time, :us, :size or :early. */
bool line_layout_is_number(const struct line_layout *layout, unsigned int i);

/* Which fields are shown as times: a bit for each, from the lowest on. */
uint64_t line_layout_times(const struct line_layout *layout);

/* Below which number this field is marked with an "*" somewhere; INT64_MIN if it never is. */
int64_t line_layout_early(const struct line_layout *layout, unsigned int i);

/* How many bytes a line may take at most whose texts are so long, all in all. */
size_t line_layout_room(const struct line_layout *layout, size_t texts);

/*
 * Writes a line, without an end of line, to where so much room is; returns where it ends. `there` has a
 * bit for each field that is there.
 */
char *line_layout_write(
	struct line_layout *layout, const struct line_value *values, uint64_t there, char *to);

#endif
