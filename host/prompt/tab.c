/*
 * The Tab key of the prompt: what the word before the cursor could become.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/prompt/tab.h"

#include "host/output/formats.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* More completions are not listed, but counted. */
#define LISTED_MAX 200

/* Columns between completions. */
#define GAP 2

void tab_forget(struct tab *tab)
{
	g_free(tab->line);
	tab->line = NULL;
}

static void remember_line(struct tab *tab, EditLine *el)
{
	const LineInfo *line = el_line(el);

	tab_forget(tab);
	tab->line = g_strndup(line->buffer, (size_t)(line->lastchar - line->buffer));
	tab->cursor = (size_t)(line->cursor - line->buffer);
}

static bool is_remembered(const struct tab *tab, EditLine *el)
{
	const LineInfo *line = el_line(el);
	size_t length = (size_t)(line->lastchar - line->buffer);

	return tab->line && strlen(tab->line) == length &&
	       memcmp(tab->line, line->buffer, length) == 0 &&
	       tab->cursor == (size_t)(line->cursor - line->buffer);
}

/* How many bytes all completions begin with, whole characters. */
static size_t common_length(const GPtrArray *completions)
{
	const char *first = g_ptr_array_index(completions, 0);
	size_t common = strlen(first);

	for (guint i = 1; i < completions->len; i++) {
		const char *other = g_ptr_array_index(completions, i);
		size_t same = 0;

		while (same < common && first[same] == other[same])
			same++;
		common = same;
	}
	while (common > 0 && (first[common] & 0xc0) == 0x80)
		common--;
	return common;
}

/* ---- The list ---- */

struct cell {
	char *text; /* clean */
	size_t columns;
};

static struct cell *make_cells(const GPtrArray *completions, guint n, size_t *widest)
{
	struct cell *cells = g_new(struct cell, n);

	*widest = 1;
	for (guint i = 0; i < n; i++) {
		const char *text = g_ptr_array_index(completions, i);
		size_t length = strlen(text);

		cells[i].text = g_malloc(length * FORMATS_CLEAN_MAX + 1);
		length = formats_clean_into(cells[i].text, text, length, &cells[i].columns);
		cells[i].text[length] = '\0';
		*widest = MAX(*widest, cells[i].columns);
	}
	return cells;
}

static size_t terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return 80;
}

/* Lists them below the line, in columns that are read downwards. */
static void list(FILE *out, const GPtrArray *completions)
{
	guint n = MIN(completions->len, LISTED_MAX), across, rows;
	size_t widest;
	struct cell *cells = make_cells(completions, n, &widest);

	across = MAX((guint)((terminal_width() - 1 + GAP) / (widest + GAP)), 1);
	rows = (n + across - 1) / across;
	fputc('\n', out);
	for (guint row = 0; row < rows; row++) {
		for (guint i = row; i < n; i += rows) {
			bool last = i + rows >= n;
			size_t blanks = last ? 0 : widest + GAP - cells[i].columns;

			fprintf(out, "%s%*s", cells[i].text, (int)blanks, "");
		}
		fputc('\n', out);
	}
	if (completions->len > n)
		fprintf(out, "... %u more\n", completions->len - n);
	fflush(out);
	for (guint i = 0; i < n; i++)
		g_free(cells[i].text);
	g_free(cells);
}

/* ---- The key ---- */

/* Replaces the bytes before the cursor, from `start` on; false if they are that already. */
static bool replace(EditLine *el, size_t start, const char *text)
{
	const LineInfo *line = el_line(el);
	const char *from = line->buffer + start;
	size_t typed = (size_t)(line->cursor - from);

	if (strlen(text) >= typed && memcmp(text, from, typed) == 0)
		return text[typed] && el_insertstr(el, text + typed) == 0;
	el_deletestr(el, (int)g_utf8_strlen(from, (gssize)typed));
	return el_insertstr(el, text) == 0;
}

unsigned char tab_complete(
	struct tab *tab, EditLine *el, const GPtrArray *completions, size_t start)
{
	const LineInfo *line = el_line(el);
	size_t cursor = (size_t)(line->cursor - line->buffer), common;
	bool changed = false;
	FILE *out;

	if (completions->len == 0 || start > cursor)
		return CC_REFRESH_BEEP;
	common = common_length(completions);
	if (completions->len == 1 || common > cursor - start) {
		char *text = g_strndup(g_ptr_array_index(completions, 0), common);

		changed = replace(el, start, text);
		g_free(text);
	}
	if (completions->len > 1 && !changed && is_remembered(tab, el) &&
		el_get(el, EL_GETFP, 1, &out) == 0) {
		list(out, completions);
		el_wset(el, EL_REFRESH); /* the line is drawn anew, where we are */
		return CC_NORM;
	}
	remember_line(tab, el);
	return changed ? CC_REFRESH : CC_REFRESH_BEEP;
}
