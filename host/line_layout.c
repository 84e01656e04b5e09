/*
 * Lines of text in columns, made of the fields of events.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/line_layout.h"

#include "host/formats.h"

#include <glib.h>
#include <string.h>
#include <time.h>

/* Columns wider than this are a mistake. */
#define COLUMN_MAX 10000

/* Room for any number, time or size, as it is written. */
#define NUMBER_MAX FORMATS_SIZE_MAX

/* So much room may be touched behind the end of a line. */
#define SLACK 16

enum format { FORMAT_PLAIN, FORMAT_TIME, FORMAT_US, FORMAT_SIZE, FORMAT_EARLY };

static const char *const format_names[] = {"", "time", "us", "size", "early"};

/* A piece of a column: a text as it is, or a field. */
struct piece {
	char *text; /* safe to be shown; NULL if it is a field */
	size_t length, columns;
	unsigned int field;
	enum format format;
};

/* One of the texts that a column can have. */
struct choice {
	uint64_t needs; /* a bit for each field that must be there */
	GArray *pieces; /* struct piece */
};

struct column {
	size_t width;
	bool fill_left;
	GArray *choices; /* struct choice */
};

struct field {
	char *name;
	unsigned int mentioned; /* how often */
};

struct line_layout {
	struct line_times times;
	GArray *columns; /* struct column */
	GArray *fields;  /* struct field */
	size_t room;     /* that all but texts may take */
	/* Bits for fields: that are shown as times, as "*", and as numbers of some kind. */
	uint64_t times_of, early_of, numbers;
	int64_t second; /* that `clock` is the text of */
	char clock[64];
	size_t clock_length;
};

static void clear_piece(gpointer data)
{
	g_free(((struct piece *)data)->text);
}

static void clear_choice(gpointer data)
{
	g_array_unref(((struct choice *)data)->pieces);
}

static void clear_column(gpointer data)
{
	g_array_unref(((struct column *)data)->choices);
}

static void clear_field(gpointer data)
{
	g_free(((struct field *)data)->name);
}

/* An array that clears what is taken out of it. */
static GArray *new_array(size_t size, GDestroyNotify clear)
{
	GArray *array = g_array_new(FALSE, FALSE, (guint)size);

	g_array_set_clear_func(array, clear);
	return array;
}

struct line_layout *line_layout_new(const struct line_times *times)
{
	struct line_layout *layout = g_new0(struct line_layout, 1);

	layout->times = *times;
	layout->columns = new_array(sizeof(struct column), clear_column);
	layout->fields = new_array(sizeof(struct field), clear_field);
	layout->second = INT64_MIN;
	return layout;
}

void line_layout_free(struct line_layout *layout)
{
	if (!layout)
		return;
	g_array_unref(layout->columns);
	g_array_unref(layout->fields);
	g_free(layout);
}

/* ---- Reading what a line looks like ---- */

static bool find_format(const char *name, size_t length, enum format *format)
{
	for (size_t i = 0; i < G_N_ELEMENTS(format_names); i++) {
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
	struct piece piece = {0};
	size_t name = strcspn(at, ":}|"), format = 0;
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
	field_at(layout, piece.field)->mentioned++;
	bit = UINT64_C(1) << piece.field;
	choice->needs |= bit;
	layout->early_of |= piece.format == FORMAT_EARLY ? bit : 0;
	layout->times_of |= piece.format == FORMAT_TIME ? bit : 0;
	layout->numbers |= piece.format != FORMAT_PLAIN ? bit : 0;
	layout->room += NUMBER_MAX;
	g_array_append_val(choice->pieces, piece);
	return at + 1;
}

/* Reads a text as it is; returns where it ends. */
static const char *read_literal(struct line_layout *layout, const char *at, struct choice *choice)
{
	size_t length = strcspn(at, "{|");
	struct piece piece = {.text = g_malloc(FORMATS_CLEAN_MAX * length + 1)};

	piece.length = formats_clean_into(piece.text, at, length, &piece.columns);
	layout->room += piece.length;
	g_array_append_val(choice->pieces, piece);
	return at + length;
}

bool line_layout_add(struct line_layout *layout, int width, const char *text)
{
	struct column column = {
		.width = (size_t)CLAMP(ABS((int64_t)width), 0, COLUMN_MAX),
		.fill_left = width > 0,
		.choices = new_array(sizeof(struct choice), clear_choice),
	};
	struct choice choice = {.pieces = new_array(sizeof(struct piece), clear_piece)};
	const char *at = text;

	layout->room += column.width + 1;
	while (at && *at) {
		if (*at == '|') {
			g_array_append_val(column.choices, choice);
			choice = (struct choice){
				.pieces = new_array(sizeof(struct piece), clear_piece)};
			at++;
		} else if (*at == '{') {
			at = read_field(layout, at + 1, &choice);
		} else {
			at = read_literal(layout, at, &choice);
		}
	}
	g_array_append_val(column.choices, choice);
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

static char *put_digits(char *to, uint64_t number)
{
	unsigned int n = 1;

	/* A number of 64 bits has up to 20 digits, and 10 to the 20th does not fit in as many. */
	for (uint64_t limit = 10; n < 20 && number >= limit; limit *= 10)
		n++;
	digits_before(to + n, number);
	return to + n;
}

/* Blanks: more than are asked for may be touched, see SLACK. */
static void put_blanks(char *to, size_t n)
{
	for (size_t i = 0; i < n; i += SLACK)
		memset(to + i, ' ', SLACK);
}

/* `n` digits, an odd number of them. */
static char *put_fraction(char *to, uint32_t number, unsigned int n)
{
	for (unsigned int i = n - 1; i > 0; i -= 2, number /= 100)
		memcpy(to + i - 1, &pairs[2 * (size_t)(number % 100)], 2);
	*to = (char)('0' + number);
	return to + n;
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
	if (ns < 0)
		*to++ = '-';
	to = put_digits(to, size_of(ns) / 1000);
	*to++ = '.';
	return put_fraction(to, (uint32_t)(size_of(ns) % 1000), 3);
}

static char *put_time(struct line_layout *layout, char *to, int64_t ns)
{
	int64_t second = ns / 1000000000, rest = ns % 1000000000;
	struct tm parts;
	time_t when;

	if (rest < 0) {
		rest += 1000000000;
		second--;
	}
	if (second != layout->second) {
		layout->second = second;
		when = (time_t)second;
		if (layout->times.gmt)
			gmtime_r(&when, &parts);
		else
			localtime_r(&when, &parts);
		layout->clock_length = strftime(layout->clock, sizeof(layout->clock),
			layout->times.date ? "%F %T" : "%T", &parts);
	}
	memcpy(to, layout->clock, layout->clock_length);
	to += layout->clock_length;
	*to++ = '.';
	return put_fraction(to, (uint32_t)rest, 9);
}

static char *put_value(struct line_layout *layout, char *to, enum format format, int64_t number)
{
	switch (format) {
	case FORMAT_TIME:
		return put_time(layout, to, number);
	case FORMAT_US:
		return put_us(to, number);
	case FORMAT_SIZE:
		return to + formats_size_into(to, (double)number);
	case FORMAT_EARLY:
		*to = number < layout->times.from ? '*' : ' ';
		return to + 1;
	default:
		return put_number(to, number);
	}
}

/* Writes the pieces of a column; `columns` becomes how many of them they take on a terminal. */
static char *put_pieces(struct line_layout *layout, char *to, const GArray *pieces,
	const struct line_value *values, size_t *columns)
{
	const struct piece *piece = (const struct piece *)(const void *)pieces->data;

	*columns = 0;
	for (const struct piece *end = piece + pieces->len; piece < end; piece++) {
		const struct line_value *value = &values[piece->field];
		char *begin = to;
		size_t part;

		if (piece->text) {
			memcpy(to, piece->text, piece->length);
			to += piece->length;
			part = piece->columns;
		} else if (value->text) {
			to += formats_clean_into(to, value->text, value->length, &part);
		} else {
			to = put_value(layout, to, piece->format, value->number);
			part = (size_t)(to - begin);
		}
		*columns += part;
	}
	return to;
}

static char *put_column(struct line_layout *layout, char *to, const struct column *column,
	const struct line_value *values, uint64_t there, bool is_last)
{
	const struct choice *choice = (const struct choice *)(const void *)column->choices->data;
	const struct choice *end = choice + column->choices->len;
	size_t columns = 0, fill;
	char *begin = to;

	while (choice < end && (choice->needs & ~there))
		choice++;
	if (choice < end)
		to = put_pieces(layout, to, choice->pieces, values, &columns);
	if (columns >= column->width || (is_last && !column->fill_left))
		return to;
	fill = column->width - columns;
	if (column->fill_left) {
		memmove(begin + fill, begin, (size_t)(to - begin));
		memset(begin, ' ', fill);
	} else {
		put_blanks(to, fill);
	}
	return to + fill;
}

uint64_t line_layout_times(const struct line_layout *layout)
{
	return layout->times_of;
}

bool line_layout_early(
	const struct line_layout *layout, const struct line_value *values, uint64_t there)
{
	uint64_t fields = layout->early_of & there;

	for (unsigned int i = 0; fields; i++, fields >>= 1)
		if (fields & 1 && values[i].number < layout->times.from)
			return true;
	return false;
}

size_t line_layout_room(const struct line_layout *layout, const struct line_value *values)
{
	size_t room = layout->room + SLACK;

	for (guint i = 0; i < layout->fields->len; i++)
		if (values[i].text)
			room += field_at(layout, i)->mentioned * FORMATS_CLEAN_MAX *
				values[i].length;
	return room;
}

char *line_layout_write(
	struct line_layout *layout, const struct line_value *values, uint64_t there, char *to)
{
	for (guint i = 0; i < layout->columns->len; i++) {
		if (i > 0)
			*to++ = ' ';
		to = put_column(layout, to, &g_array_index(layout->columns, struct column, i),
			values, there, i + 1 == layout->columns->len);
	}
	return to;
}
