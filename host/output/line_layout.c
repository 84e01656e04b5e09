/*
 * Rows of text made of the fields of events.
 *
 * Structure: a layout is a list of columns; a column has choices, of which the first one counts whose
 * fields are all there; a choice is a list of pieces, each a text as it is or a field and how it is shown.
 * Which choices count depends only on which fields are there (a bit for each), so for each such set of
 * bits that comes the layout is compiled to a program once: a list of steps, without columns that have no
 * width, and with texts as they are that follow one another made one. A row is one walk over the steps of
 * its program. Formats (line_text.h, line_cells.h) differ in the columns that they make, and in the form
 * of texts: nothing here knows of them.
 *
 * Invariant: whatever a step writes fits into line_layout_room(), including what it touches behind its end
 * (put_clean(), put_blanks(), put_time() copy fixed sizes, since that is faster than to look how many
 * bytes there are). Texts of steps, words of a dictionary and `clock` have LINE_SLACK bytes behind them.
 *
 * Why: a log has as many rows as a trace has events, but its fields are there in a dozen combinations at
 * most, and nearly all of its texts are words that the dictionary has in their final form.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/output/line_layout.h"

#include "host/output/formats.h"
#include "state/hash.h"

#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Columns wider than this are a mistake. */
#define COLUMN_MAX 10000

/* Room for any number, time or size, as it is written. */
#define NUMBER_MAX FORMATS_SIZE_MAX

/* A piece of a column: a text as it is, or a field. */
struct piece {
	enum line_show show;
	unsigned int field;
	char *text; /* safe to be shown; NULL if it is a field */
	size_t length, columns;
};

/* One of the texts that a column can have. */
struct choice {
	uint64_t needs;   /* a bit for each field that must be there */
	guint begin, end; /* its pieces */
};

struct column {
	bool has_width; /* it is filled up, and a blank follows unless it is the last one */
	size_t width;
	size_t most; /* what takes more columns is shortened; 0: nothing is */
	bool fill_left;
	guint begin, end; /* its choices */
};

struct field {
	char *name;
	unsigned int mentioned; /* how often */
	unsigned int kinds;     /* that it can have: bits by enum line_kind */
	bool is_time, is_early; /* it is shown as a time; whether it is early is shown */
};

/* What is done to make a row: writing a piece, and ending a column that has a width. */
enum { END_COLUMN = LINE_SHOWS, END_LAST };

struct step {
	int what; /* enum line_show, or the above */
	unsigned int field;
	char *text; /* with LINE_SLACK behind it; NULL if it is a field */
	size_t length, hidden;
	const struct column *column;
};

/* The steps of all rows for which the same fields are there. */
struct program {
	GArray *steps; /* struct step; NULL if there is none yet */
	uint64_t there;
};

/* How many programs are kept. */
#define PROGRAMS 64

struct line_layout {
	struct line_times times;
	enum text_form form;
	GArray *columns;                   /* struct column */
	GArray *choices;                   /* struct choice, of one column after the other */
	GArray *pieces;                    /* struct piece, of one choice after the other */
	GArray *fields;                    /* struct field */
	size_t room;                       /* that all but texts may take */
	size_t mentioned;                  /* how often the field that is named most often is */
	struct program programs[PROGRAMS]; /* by what is there */
	uint64_t second; /* ns: the begin of the second that `clock` is the text of */
	char clock[64];
	size_t clock_length;
};

static void clear_piece(gpointer data)
{
	g_free(((struct piece *)data)->text);
}

static void clear_field(gpointer data)
{
	g_free(((struct field *)data)->name);
}

static void clear_step(gpointer data)
{
	g_free(((struct step *)data)->text);
}

struct line_layout *line_layout_new(const struct line_times *times, enum text_form form)
{
	struct line_layout *layout = g_new0(struct line_layout, 1);

	layout->times = *times;
	layout->form = form;
	layout->columns = g_array_new(FALSE, FALSE, sizeof(struct column));
	layout->choices = g_array_new(FALSE, FALSE, sizeof(struct choice));
	layout->pieces = g_array_new(FALSE, FALSE, sizeof(struct piece));
	layout->fields = g_array_new(FALSE, FALSE, sizeof(struct field));
	g_array_set_clear_func(layout->pieces, clear_piece);
	g_array_set_clear_func(layout->fields, clear_field);
	return layout;
}

void line_layout_free(struct line_layout *layout)
{
	if (!layout)
		return;
	g_array_unref(layout->columns);
	g_array_unref(layout->choices);
	g_array_unref(layout->pieces);
	g_array_unref(layout->fields);
	for (size_t i = 0; i < PROGRAMS; i++)
		if (layout->programs[i].steps)
			g_array_unref(layout->programs[i].steps);
	g_free(layout);
}

/* ---- Saying what a row looks like ---- */

static struct field *field_at(const struct line_layout *layout, unsigned int i)
{
	return &g_array_index(layout->fields, struct field, i);
}

static struct column *last_column(const struct line_layout *layout)
{
	return &g_array_index(layout->columns, struct column, layout->columns->len - 1);
}

static struct choice *last_choice(const struct line_layout *layout)
{
	return &g_array_index(layout->choices, struct choice, layout->choices->len - 1);
}

static void add_column(struct line_layout *layout, struct column column)
{
	column.begin = column.end = layout->choices->len;
	layout->room += column.width + 1 + FORMATS_SHORTEN_EXTRA;
	g_array_append_val(layout->columns, column);
}

void line_layout_column(struct line_layout *layout, int width, size_t most)
{
	add_column(layout, (struct column){
				   .has_width = true,
				   .width = (size_t)CLAMP(ABS((int64_t)width), 0, COLUMN_MAX),
				   .most = most,
				   .fill_left = width > 0,
			   });
}

void line_layout_cell(struct line_layout *layout)
{
	add_column(layout, (struct column){0});
}

void line_layout_choice(struct line_layout *layout)
{
	struct choice choice = {.begin = layout->pieces->len, .end = layout->pieces->len};

	g_array_append_val(layout->choices, choice);
	last_column(layout)->end = layout->choices->len;
}

static void add_piece(struct line_layout *layout, struct piece piece)
{
	g_array_append_val(layout->pieces, piece);
	last_choice(layout)->end = layout->pieces->len;
}

void line_layout_literal(
	struct line_layout *layout, const char *text, size_t length, size_t columns)
{
	layout->room += length;
	add_piece(layout,
		(struct piece){
			.text = g_strndup(text, length), .length = length, .columns = columns});
}

int line_layout_name(struct line_layout *layout, const char *name, size_t length)
{
	struct field field = {.kinds = LINE_ANY};
	unsigned int i;

	for (i = 0; i < layout->fields->len; i++)
		if (strlen(field_at(layout, i)->name) == length &&
			memcmp(field_at(layout, i)->name, name, length) == 0)
			return (int)i;
	if (i == LINE_FIELDS_MAX)
		return -1;
	field.name = g_strndup(name, length);
	g_array_append_val(layout->fields, field);
	return (int)i;
}

void line_layout_need(struct line_layout *layout, unsigned int field)
{
	last_choice(layout)->needs |= UINT64_C(1) << field;
}

void line_layout_limit(struct line_layout *layout, unsigned int field, unsigned int kinds)
{
	field_at(layout, field)->kinds &= kinds;
}

bool line_layout_show(struct line_layout *layout, unsigned int number, enum line_show show)
{
	struct field *field = field_at(layout, number);

	if (field->mentioned++ == LINE_MENTIONED_MAX)
		return false;
	layout->mentioned = MAX(layout->mentioned, field->mentioned);
	layout->room += NUMBER_MAX;
	field->is_time |= show == LINE_TIME;
	field->is_early |= show == LINE_EARLY || show == LINE_TRUTH;
	if (show != LINE_PLAIN && show != LINE_STRING)
		field->kinds &= LINE_KIND(LINE_INT);
	line_layout_need(layout, number);
	add_piece(layout, (struct piece){.show = show, .field = number});
	return true;
}

void line_layout_keep_as_time(struct line_layout *layout, unsigned int field)
{
	field_at(layout, field)->is_time = true;
}

unsigned int line_layout_n_fields(const struct line_layout *layout)
{
	return layout->fields->len;
}

const char *line_layout_field(const struct line_layout *layout, unsigned int i)
{
	return field_at(layout, i)->name;
}

unsigned int line_layout_kinds(const struct line_layout *layout, unsigned int i)
{
	return field_at(layout, i)->kinds;
}

bool line_layout_is_time(const struct line_layout *layout, unsigned int i)
{
	return field_at(layout, i)->is_time;
}

int64_t line_layout_early(const struct line_layout *layout, unsigned int i)
{
	return field_at(layout, i)->is_early ? layout->times.from : INT64_MIN;
}

/* ---- Making rows ---- */

/* The following write to `to`, which has room, and return where that ends. */

/* Two digits of each number below 100. */
static const char pairs[] = "000102030405060708091011121314151617181920212223242526272829"
			    "303132333435363738394041424344454647484950515253545556575859"
			    "606162636465666768697071727374757677787980818283848586878889"
			    "90919293949596979899";

/* Writes a number so that it ends before `end`; returns where it begins. */
static char *digits_before(char *end, uint64_t number)
{
	for (; number >= 100; number /= 100)
		memcpy(end -= 2, &pairs[2 * (number % 100)], 2);
	if (number >= 10)
		memcpy(end -= 2, &pairs[2 * number], 2);
	else
		*--end = (char)('0' + number);
	return end;
}

/* How many digits a number has. */
static unsigned int count_digits(uint64_t number)
{
	static const uint64_t powers[] = {0, 10, 100, 1000, 10000, 100000, 1000000, 10000000,
		100000000, 1000000000, 10000000000, 100000000000, 1000000000000, 10000000000000,
		100000000000000, 1000000000000000, 10000000000000000, 100000000000000000,
		1000000000000000000, 10000000000000000000u};
	/* The logarithm to base 10 is that to base 2 times 0.30103; at most one too large. */
	unsigned int bits = 64 - (unsigned int)__builtin_clzll(number | 1), n = bits * 1233 >> 12;

	return n + (number >= powers[n]);
}

static char *put_digits(char *to, uint64_t number)
{
	unsigned int n = count_digits(number);

	digits_before(to + n, number);
	return to + n;
}

/* Blanks: more than are asked for may be touched, see line_layout_room(). */
static inline void put_blanks(char *to, size_t n)
{
	for (size_t i = 0; i < n; i += 16)
		memset(to + i, ' ', 16);
}

/* Four digits of a number below 10,000. */
static inline void put_four(char *to, uint32_t number)
{
	memcpy(to, &pairs[2 * (size_t)(number / 100)], 2);
	memcpy(to + 2, &pairs[2 * (size_t)(number % 100)], 2);
}

static uint64_t size_of(int64_t number)
{
	return number < 0 ? -(uint64_t)number : (uint64_t)number;
}

static char *put_number(char *to, int64_t number)
{
	if (number < 0)
		*to++ = '-';
	return put_digits(to, size_of(number));
}

static char *put_hex(char *to, int64_t number)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t rest = (uint64_t)number;
	int shift = 0;

	while (shift < 60 && rest >> (shift + 4))
		shift += 4;
	*to++ = '0';
	*to++ = 'x';
	for (; shift >= 0; shift -= 4)
		*to++ = digits[rest >> shift & 15];
	return to;
}

static char *put_us(char *to, int64_t ns)
{
	uint32_t rest;

	if (ns < 0)
		*to++ = '-';
	to = put_digits(to, size_of(ns) / 1000);
	rest = (uint32_t)(size_of(ns) % 1000);
	to[0] = '.';
	to[1] = (char)('0' + rest / 100);
	memcpy(to + 2, &pairs[2 * (size_t)(rest % 100)], 2);
	return to + 4;
}

/* Makes the text of the second that a time is in. */
static void read_clock(struct line_layout *layout, int64_t ns)
{
	int64_t rest = ns % 1000000000;
	time_t when = (time_t)(ns / 1000000000 - (rest < 0));
	struct tm parts;

	if (layout->times.gmt)
		gmtime_r(&when, &parts);
	else
		localtime_r(&when, &parts);
	layout->clock_length = strftime(
		layout->clock, sizeof(layout->clock), layout->times.date ? "%F %T" : "%T", &parts);
	layout->second = (uint64_t)ns - (uint64_t)rest - (rest < 0 ? 1000000000 : 0);
}

static char *put_time(struct line_layout *layout, char *to, int64_t ns)
{
	uint64_t rest = (uint64_t)ns - layout->second;

	if (layout->clock_length == 0 || rest >= 1000000000) {
		read_clock(layout, ns);
		rest = (uint64_t)ns - layout->second;
	}
	memcpy(to, layout->clock, LINE_SLACK);
	to += layout->clock_length;
	to[0] = '.';
	to[1] = (char)('0' + rest / 100000000);
	put_four(to + 2, (uint32_t)rest / 10000 % 10000);
	put_four(to + 6, (uint32_t)rest % 10000);
	return to + 10;
}

/* A clean text, which mostly is not longer than LINE_SLACK. */
static inline char *put_clean(char *to, const char *text, size_t length)
{
	if (length <= LINE_SLACK)
		memcpy(to, text, LINE_SLACK);
	else
		memcpy(to, text, length);
	return to + length;
}

/* Moves what is between two addresses so many bytes on, and puts blanks before it. */
static void move_behind_blanks(char *begin, const char *end, size_t fill)
{
	char text[LINE_SLACK];

	if (end - begin <= LINE_SLACK) {
		memcpy(text, begin, LINE_SLACK);
		put_blanks(begin, fill);
		memcpy(begin + fill, text, LINE_SLACK);
	} else {
		memmove(begin + fill, begin, (size_t)(end - begin));
		memset(begin, ' ', fill);
	}
}

/* Fills a column up that has so many bytes; `hidden` of them take no column on a terminal. */
static inline char *end_column(
	char *begin, char *to, const struct column *column, size_t hidden, bool is_last)
{
	size_t columns = (size_t)(to - begin) - hidden;

	if (column->most && columns > column->most)
		to = begin + formats_shorten(begin, (size_t)(to - begin), column->most,
				     column->most / 2, &columns);
	if (columns >= column->width || (is_last && !column->fill_left))
		return to;
	if (column->fill_left)
		move_behind_blanks(begin, to, column->width - columns);
	else
		put_blanks(to, column->width - columns);
	return to + column->width - columns;
}

/* A float as short as it can be without losing a digit; NULL for one that is none. */
static char *put_float(char *to, double number)
{
	if (!isfinite(number))
		return NULL;
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(to, NUMBER_MAX, "%.*g", digits, number);
		if (g_ascii_strtod(to, NULL) == number)
			break;
	}
	return to + strlen(to);
}

static char *put_literal(char *to, const char *text)
{
	size_t length = strlen(text);

	memcpy(to, text, length);
	return to + length;
}

/* A value that is no text. */
static char *put_other(enum text_form form, char *to, const struct line_value *value)
{
	char *end;

	if (value->kind == LINE_FLOAT) {
		end = put_float(to, value->real);
		return end ? end : put_literal(to, form == TEXT_FORM_JSON ? "null" : "");
	}
	if (value->kind == LINE_BOOL)
		return put_literal(to, value->number ? "true" : "false");
	return put_number(to, value->number);
}

/* A value as it is; adds to `hidden` the bytes of it that take no column. */
static inline char *put_plain(
	enum text_form form, char *to, const struct line_value *value, size_t *hidden)
{
	size_t length, columns;

	if (value->kind != LINE_TEXT)
		return put_other(form, to, value);
	if (value->is_final) {
		*hidden += value->length - value->columns;
		return put_clean(to, value->text, value->length);
	}
	length = text_form_into(form, to, value->text, value->length, &columns);
	*hidden += length - columns;
	return to + length;
}

/* A value as a text, even if it is none. */
static char *put_string(
	enum text_form form, char *to, const struct line_value *value, size_t *hidden)
{
	if (value->kind == LINE_TEXT)
		return put_plain(form, to, value, hidden);
	*to++ = '"';
	to = put_other(form, to, value);
	*to++ = '"';
	return to;
}

/* The first choice of a column for which all fields are there, or NULL. */
static const struct choice *find_choice(
	const struct line_layout *layout, const struct column *column, uint64_t there)
{
	for (guint i = column->begin; i < column->end; i++) {
		const struct choice *choice = &g_array_index(layout->choices, struct choice, i);

		if (!(choice->needs & ~there))
			return choice;
	}
	return NULL;
}

/* Adds a text as it is to the last step, if that is one, too. */
static void add_text(GArray *steps, const struct piece *piece)
{
	struct step new = {.what = LINE_LITERAL}, *step;

	if (steps->len == 0 ||
		g_array_index(steps, struct step, steps->len - 1).what != LINE_LITERAL)
		g_array_append_val(steps, new);
	step = &g_array_index(steps, struct step, steps->len - 1);
	step->text = g_realloc(step->text, step->length + piece->length + LINE_SLACK);
	memcpy(step->text + step->length, piece->text, piece->length);
	step->length += piece->length;
	step->hidden += piece->length - piece->columns;
	memset(step->text + step->length, 0, LINE_SLACK);
}

static void make_program(const struct line_layout *layout, struct program *program, uint64_t there)
{
	if (program->steps)
		g_array_unref(program->steps);
	program->steps = g_array_new(FALSE, FALSE, sizeof(struct step));
	g_array_set_clear_func(program->steps, clear_step);
	program->there = there;
	for (guint i = 0; i < layout->columns->len; i++) {
		const struct column *column = &g_array_index(layout->columns, struct column, i);
		const struct choice *choice = find_choice(layout, column, there);
		struct step end = {.column = column};

		for (guint k = choice ? choice->begin : 0; choice && k < choice->end; k++) {
			const struct piece *piece = &g_array_index(layout->pieces, struct piece, k);
			struct step step = {.what = (int)piece->show, .field = piece->field};

			if (piece->show == LINE_LITERAL)
				add_text(program->steps, piece);
			else
				g_array_append_val(program->steps, step);
		}
		end.what = i + 1 < layout->columns->len ? END_COLUMN : END_LAST;
		if (column->has_width)
			g_array_append_val(program->steps, end);
	}
}

static const struct program *find_program(struct line_layout *layout, uint64_t there)
{
	struct program *program = &layout->programs[hash_mix(0, there) % PROGRAMS];

	if (!program->steps || program->there != there)
		make_program(layout, program, there);
	return program;
}

size_t line_layout_room(const struct line_layout *layout, size_t texts)
{
	/* More than what is written may be touched behind it. */
	return layout->room + layout->mentioned * TEXT_FORM_MAX * texts + 2 * LINE_SLACK;
}

char *line_layout_write(
	struct line_layout *layout, const struct line_value *values, uint64_t there, char *to)
{
	const struct program *program = find_program(layout, there);
	const struct step *step = (const struct step *)(const void *)program->steps->data;
	enum text_form form = layout->form;
	char *begin = to;
	size_t hidden = 0;

	for (const struct step *end = step + program->steps->len; step < end; step++) {
		const struct line_value *value = &values[step->field];

		switch (step->what) {
		case LINE_LITERAL:
			to = put_clean(to, step->text, step->length);
			hidden += step->hidden;
			break;
		case LINE_PLAIN:
			to = put_plain(form, to, value, &hidden);
			break;
		case LINE_STRING:
			to = put_string(form, to, value, &hidden);
			break;
		case LINE_TIME:
			to = put_time(layout, to, value->number);
			break;
		case LINE_US:
			to = put_us(to, value->number);
			break;
		case LINE_DURATION:
			to += formats_duration_into(to, value->number);
			break;
		case LINE_SIZE:
			to += formats_size_into(to, (double)value->number);
			break;
		case LINE_HEX:
			to = put_hex(to, value->number);
			break;
		case LINE_EARLY:
			*to++ = value->number < layout->times.from ? '*' : ' ';
			break;
		case LINE_TRUTH:
			to = put_literal(to, value->number < layout->times.from ? "true" : "false");
			break;
		default:
			to = end_column(begin, to, step->column, hidden, step->what == END_LAST);
			if (step->what == END_COLUMN)
				*to++ = ' ';
			begin = to;
			hidden = 0;
		}
	}
	return to;
}
