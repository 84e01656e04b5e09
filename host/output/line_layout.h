/*
 * What a row of text looks like, said as columns of pieces, and rows made of it. What formats have in
 * common: what lines for people look like is in line_text.h, rows of CSV, JSON and LAMI in line_cells.h.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_LINE_LAYOUT_H
#define LTTNGA_LINE_LAYOUT_H

#include "host/output/text_forms.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many different fields one row can name. */
#define LINE_FIELDS_MAX 64

/* How often it can name each of them. */
#define LINE_MENTIONED_MAX 100

/* So many bytes behind a text in its final form can be read. */
#define LINE_SLACK 32

/* What the value of a field can be. */
enum line_kind { LINE_INT, LINE_BOOL, LINE_FLOAT, LINE_TEXT };

#define LINE_KIND(kind) (1u << (kind))
#define LINE_ANY \
	(LINE_KIND(LINE_INT) | LINE_KIND(LINE_BOOL) | LINE_KIND(LINE_FLOAT) | LINE_KIND(LINE_TEXT))

/* The value of a field in one row. */
struct line_value {
	enum line_kind kind;
	bool is_final;    /* a text in the form of the layout, which takes so many columns */
	const char *text; /* need not end with a NUL */
	size_t length;
	size_t columns;
	int64_t number; /* of a boolean: 0 or 1 */
	double real;
};

/* How times are shown, and which of them are early. */
struct line_times {
	bool gmt, date;
	int64_t from;
};

/* How a field is shown; all but the first three take integers. */
enum line_show {
	LINE_LITERAL, /* no field, but a text as it is */
	LINE_PLAIN,
	LINE_STRING,   /* in quotes, whatever it is */
	LINE_TIME,     /* as a time of day */
	LINE_US,       /* as microseconds */
	LINE_DURATION, /* with its unit */
	LINE_SIZE,     /* as a size with its unit */
	LINE_HEX,      /* as an address: 0x7f00 */
	LINE_EARLY,    /* "*" if it is before the time that was asked for, else " " */
	LINE_TRUTH,    /* true if it is before the time that was asked for, else false */
	LINE_SHOWS
};

struct line_layout;

/* An empty one; texts are written in a form, and booleans as 0 and 1 for a terminal. */
struct line_layout *line_layout_new(const struct line_times *times, enum text_form form);
void line_layout_free(struct line_layout *layout);

/* ---- Saying what a row looks like, from left to right ---- */

/*
 * Begins a column that is filled up to its width, at the left if that is positive, at the right if it is
 * negative, with a blank between it and the next one; or a cell, which is no wider than what is in it.
 * What takes more than `most` columns is shortened in its middle, unless that is 0.
 */
void line_layout_column(struct line_layout *layout, int width, size_t most);
void line_layout_cell(struct line_layout *layout);

/*
 * Begins one of the texts that a column or cell can have: the first one counts whose fields are all
 * there, those that it shows, and those that line_layout_need() names.
 */
void line_layout_choice(struct line_layout *layout);
void line_layout_literal(
	struct line_layout *layout, const char *text, size_t length, size_t columns);
bool line_layout_show(struct line_layout *layout, unsigned int field, enum line_show show);
void line_layout_need(struct line_layout *layout, unsigned int field);

/* The number of a field, which is new if the name is; -1 if there are too many. */
int line_layout_name(struct line_layout *layout, const char *name, size_t length);

/* From now on the field may have these kinds only, of those that it could have. */
void line_layout_limit(struct line_layout *layout, unsigned int field, unsigned int kinds);

/* Says that a field is a time, though it is not shown as one. */
void line_layout_keep_as_time(struct line_layout *layout, unsigned int field);

/* ---- What it says ---- */

/* The fields that are named, in the order in which values are to be given. */
unsigned int line_layout_n_fields(const struct line_layout *layout);
const char *line_layout_field(const struct line_layout *layout, unsigned int i);

/* What a field can be, as the way it is shown demands: bits by enum line_kind. */
unsigned int line_layout_kinds(const struct line_layout *layout, unsigned int i);

/* Whether a field is a time. */
bool line_layout_is_time(const struct line_layout *layout, unsigned int i);

/* Below which number this field is shown as early somewhere; INT64_MIN if it never is. */
int64_t line_layout_early(const struct line_layout *layout, unsigned int i);

/* ---- Rows ---- */

/* How many bytes a row may take at most whose texts are so long, all in all. */
size_t line_layout_room(const struct line_layout *layout, size_t texts);

/*
 * Writes a row, without an end of line, to where so much room is; returns where it ends. `there` has a
 * bit for each field that is there.
 */
char *line_layout_write(
	struct line_layout *layout, const struct line_value *values, uint64_t there, char *to);

#endif
