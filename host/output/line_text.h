/*
 * Lines for people, said as a list of columns:
 *
 *     { { -41, "[{begin:time}, {time:time}]" }, { 17, "{duration:us}" }, { 11, "{size:size}|N/A" } }
 *
 * A column is filled up to its width: at the left if that is positive, at the right if it is
 * negative. Of its texts, separated by "|", the first one counts for which all fields are there.
 * {FIELD} is written as it is, {FIELD:time} as a time of day, {FIELD:us} as microseconds,
 * {FIELD:duration} as seconds, milliseconds or microseconds, {FIELD:size} as a size, {FIELD:hex} as an address, and {FIELD:early} as "*" if it is before the time that was
 * asked for, and " " if not. The field `most` of a column is what it takes at most: what is wider is shortened.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_LINE_TEXT_H
#define LTTNGA_LINE_TEXT_H

#include "host/output/line_layout.h"

/* Adds a column; false if its text makes no sense, or it names one field too many, or too often. */
bool line_text_add(struct line_layout *layout, int width, size_t most, const char *text);

#endif
