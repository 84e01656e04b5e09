/*
 * Rows for machines: CSV, JSON and LAMI, said as a list of columns, each of a data class, with the fields
 * that its parts are.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_LINE_CELLS_H
#define LTTNGA_LINE_CELLS_H

#include "host/output/line_layout.h"

enum line_format { LINE_CSV, LINE_JSON, LINE_LAMI };

/* How many parts a class has at most. */
#define LINE_PARTS_MAX 3

struct line_class;

/* A data class by its name; NULL if there is none. */
const struct line_class *line_class_find(const char *name);

/* The names of its parts, NULL behind the last one. */
const char *line_class_part(const struct line_class *class, unsigned int i);

/* A column: its key in JSON, and the field of each part, "FIELD" or "FIELD:early", or NULL. */
struct line_cells {
	const struct line_class *class;
	const char *key;
	const char *parts[LINE_PARTS_MAX];
	const char *
		unknown; /* the value is not known, rather than none, if this field is there; or NULL */
};

/* What stands before the first column and behind the last one. */
void line_cells_begin(struct line_layout *layout, enum line_format format);
void line_cells_end(struct line_layout *layout, enum line_format format);

/* Adds a column, `is_first` or behind another one; false if it makes too many fields. */
bool line_cells_add(struct line_layout *layout, enum line_format format,
	const struct line_cells *cells, bool is_first);

/* Names the fields of a column, without a look. */
bool line_cells_name(struct line_layout *layout, const struct line_cells *cells);

#endif
