/*
 * Lines of text in columns, made of the fields of events.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/output/line_layout.h"

#include "host/output/formats.h"

#include <glib.h>
#include <string.h>
#include <time.h>

/* Columns wider than this are a mistake. */
#define COLUMN_MAX 10000

/* Room for any number, time or size, as it is written. */
#define NUMBER_MAX FORMATS_SIZE_MAX

/* The first one is that of a text as it is. */
enum format {
	FORMAT_LITERAL,
	FORMAT_PLAIN,
	FORMAT_TIME,
	FORMAT_US,
	FORMAT_SIZE,
	FORMAT_EARLY,
	N_FORMATS
};

static const char *const format_names[N_FORMATS] = {NULL, "", "time", "us", "size", "early"};

/* A piece of a column: a text as it is, or a field. */
struct piece {
	enum format format;
	unsigned int field;
	char *text; /* safe to be shown, LINE_SLACK behind it; NULL if it is a field */
	size_t length, columns;
};

/* One of the texts that a column can have. */
struct choice {
	uint64_t needs;   /* a bit for each field that must be there */
	guint begin, end; /* its pieces */
};

struct column {
	size_t width;
	bool fill_left;
	guint begin, end; /* its choices */
};

struct field {
	char *name;
	unsigned int mentioned; /* how often */
};

/* What is done to make a line: writing pieces of a column, and ending it. */
enum { END_COLUMN = N_FORMATS, END_LAST };

struct step {
	int what; /* enum format, or the above */
	union {
		const struct piece *piece;
		const struct column *column;
	};
};

/* The steps of all lines for which the same fields are there. */
struct program {
	GArray *steps; /* struct step; NULL if there is none yet */
	uint64_t there;
};

/* How many programs are kept. */
#define PROGRAMS 16

struct line_layout {
	struct line_times times;
	GArray *columns;  /* struct column */
	GArray *choices;  /* struct choice, of one column after the other */
	GArray *pieces;   /* struct piece, of one choice after the other */
	GArray *fields;   /* struct field */
	size_t room;      /* that all but texts may take */
	size_t mentioned; /* how often the field that is named most often is */
	/* Bits for fields: that are shown as times, as "*", and as numbers of some kind. */
	uint64_t times_of, early_of, numbers;
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

struct line_layout *line_layout_new(const struct line_times *times)
{
	struct line_layout *layout = g_new0(struct line_layout, 1);

	layout->times = *times;
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

/* ---- Reading what a line looks like ---- */

static bool find_format(const char *name, size_t length, enum format *format)
{
	for (size_t i = FORMAT_PLAIN; i < N_FORMATS; i++) {
		if (strlen(format_names[i]) == length &&
			memcmp(format_names[i], name, length) == 0) {
			*format = (enum format)i;
			return true;
		}
	}
	return false;
}

static struct field *field_at(const struct line_layout *layout, unsigned int i)
{
	return &g_array_index(layout->fields, struct field, i);
}

/* The number of a field, new if it is; false if there are too many. */
static bool find_field(
	struct line_layout *layout, const char *name, size_t length, unsigned int *number)
{
	struct field field = {0};

	for (*number = 0; *number < layout->fields->len; ++*number)
		if (strlen(field_at(layout, *number)->name) == length &&
			memcmp(field_at(layout, *number)->name, name, length) == 0)
			return true;
	if (*number == LINE_FIELDS_MAX)
		return false;
	field.name = g_strndup(name, length);
	g_array_append_val(layout->fields, field);
	return true;
}

/* Reads "{field:format}" from behind its brace; returns where it ends, or NULL if it does not. */
static const char *read_field(struct line_layout *layout, const char *at, struct choice *choice)
{
	struct piece piece = {.format = FORMAT_PLAIN};
	size_t name = strcspn(at, ":}|"), format = 0;
	struct field *field;
	uint64_t bit;

	if (!find_field(layout, at, name, &piece.field))
		return NULL;
	at += name;
	if (*at == ':') {
		format = strcspn(++at, "}|");
		if (!find_format(at, format, &piece.format))
			return NULL;
		at += format;
	}
	if (*at != '}')
		return NULL;
	field = field_at(layout, piece.field);
	if (field->mentioned++ == LINE_MENTIONED_MAX)
		return NULL;
	layout->mentioned = MAX(layout->mentioned, field->mentioned);
	bit = UINT64_C(1) << piece.field;
	choice->needs |= bit;
	layout->early_of |= piece.format == FORMAT_EARLY ? bit : 0;
	layout->times_of |= piece.format == FORMAT_TIME ? bit : 0;
	layout->numbers |= piece.format != FORMAT_PLAIN ? bit : 0;
	layout->room += NUMBER_MAX;
	g_array_append_val(layout->pieces, piece);
	return at + 1;
}

/* Reads a text as it is; returns where it ends. */
static const char *read_literal(struct line_layout *layout, const char *at)
{
	size_t length = strcspn(at, "{|");
	struct piece piece = {.text = g_malloc0(FORMATS_CLEAN_MAX * length + LINE_SLACK)};

	piece.length = formats_clean_into(piece.text, at, length, &piece.columns);
	layout->room += piece.length;
	g_array_append_val(layout->pieces, piece);
	return at + length;
}

bool line_layout_add(struct line_layout *layout, int width, const char *text)
{
	struct column column = {
		.width = (size_t)CLAMP(ABS((int64_t)width), 0, COLUMN_MAX),
		.fill_left = width > 0,
		.begin = layout->choices->len,
	};
	struct choice choice = {.begin = layout->pieces->len};
	const char *at = text;

	layout->room += column.width + 1;
	while (at) {
		if (*at == '|' || *at == '\0') {
			choice.end = layout->pieces->len;
			g_array_append_val(layout->choices, choice);
			choice = (struct choice){.begin = choice.end};
			if (*at++ == '\0')
				break;
		} else if (*at == '{') {
			at = read_field(layout, at + 1, &choice);
		} else {
			at = read_literal(layout, at);
		}
	}
	column.end = layout->choices->len;
	g_array_append_val(layout->columns, column);
	return at != NULL;
}

unsigned int line_layout_n_fields(const struct line_layout *layout)
{
	return layout->fields->len;
}

const char *line_layout_field(const struct line_layout *layout, unsigned int i)
{
	return field_at(layout, i)->name;
}

bool line_layout_is_number(const struct line_layout *layout, unsigned int i)
{
	return (layout->numbers >> i & 1) != 0;
}

/* ---- Making lines ---- */

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

	if (columns >= column->width || (is_last && !column->fill_left))
		return to;
	if (column->fill_left)
		move_behind_blanks(begin, to, column->width - columns);
	else
		put_blanks(to, column->width - columns);
	return to + column->width - columns;
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

static void make_program(const struct line_layout *layout, struct program *program, uint64_t there)
{
	if (program->steps)
		g_array_unref(program->steps);
	program->steps = g_array_new(FALSE, FALSE, sizeof(struct step));
	program->there = there;
	for (guint i = 0; i < layout->columns->len; i++) {
		const struct column *column = &g_array_index(layout->columns, struct column, i);
		const struct choice *choice = find_choice(layout, column, there);
		struct step step;

		for (guint k = choice ? choice->begin : 0; choice && k < choice->end; k++) {
			step.piece = &g_array_index(layout->pieces, struct piece, k);
			step.what = (int)step.piece->format;
			g_array_append_val(program->steps, step);
		}
		step.column = column;
		step.what = i + 1 < layout->columns->len ? END_COLUMN : END_LAST;
		g_array_append_val(program->steps, step);
	}
}

static const struct program *find_program(struct line_layout *layout, uint64_t there)
{
	size_t at = there * UINT64_C(0x9e3779b97f4a7c15) >> 32;
	struct program *program = &layout->programs[at % PROGRAMS];

	if (!program->steps || program->there != there)
		make_program(layout, program, there);
	return program;
}

uint64_t line_layout_times(const struct line_layout *layout)
{
	return layout->times_of;
}

int64_t line_layout_early(const struct line_layout *layout, unsigned int i)
{
	return layout->early_of >> i & 1 ? layout->times.from : INT64_MIN;
}

size_t line_layout_room(const struct line_layout *layout, size_t texts)
{
	/* More than what is written may be touched behind it. */
	return layout->room + layout->mentioned * FORMATS_CLEAN_MAX * texts + 2 * LINE_SLACK;
}

char *line_layout_write(
	struct line_layout *layout, const struct line_value *values, uint64_t there, char *to)
{
	const struct program *program = find_program(layout, there);
	const struct step *step = (const struct step *)(const void *)program->steps->data;
	const struct line_value *value;
	char *begin = to;
	size_t hidden = 0, columns, length;

	for (const struct step *end = step + program->steps->len; step < end; step++) {
		switch (step->what) {
		case FORMAT_LITERAL:
			to = put_clean(to, step->piece->text, step->piece->length);
			hidden += step->piece->length - step->piece->columns;
			break;
		case FORMAT_PLAIN:
			value = &values[step->piece->field];
			if (value->is_clean) {
				to = put_clean(to, value->text, value->length);
				hidden += value->length - value->columns;
			} else if (value->text) {
				length = formats_clean_into(
					to, value->text, value->length, &columns);
				hidden += length - columns;
				to += length;
			} else {
				to = put_number(to, value->number);
			}
			break;
		case FORMAT_TIME:
			to = put_time(layout, to, values[step->piece->field].number);
			break;
		case FORMAT_US:
			to = put_us(to, values[step->piece->field].number);
			break;
		case FORMAT_SIZE:
			to += formats_size_into(to, (double)values[step->piece->field].number);
			break;
		case FORMAT_EARLY:
			*to++ = values[step->piece->field].number < layout->times.from ? '*' : ' ';
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
