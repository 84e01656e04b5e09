/*
 * Rows for machines.
 *
 * What each class looks like is a template: $0, $1, ... are its parts, what is between [ and ] is left out
 * if the part in it is not there, and %0 is a part as a text in any case. A part that is not there is what
 * the format has for that. In CSV each part is a field of its own.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/output/line_cells.h"

#include <glib.h>
#include <string.h>

#define INT    LINE_KIND(LINE_INT)
#define NUMBER (INT | LINE_KIND(LINE_FLOAT))
#define BOOL   LINE_KIND(LINE_BOOL)
#define TEXT   LINE_KIND(LINE_TEXT)
#define ANY    LINE_ANY

struct part {
	const char *name;
	unsigned int kinds; /* bits by enum line_kind */
	bool is_time;
};

struct line_class {
	const char *name;
	struct part parts[LINE_PARTS_MAX]; /* in the order of CSV */
	const char *json, *lami;
};

#define PLAIN(name, key, kinds, is_time)                                                           \
	{                                                                                          \
		name, {{"value", kinds, is_time}}, "$0", "{\"class\":\"" name "\",\"" key "\":$0}" \
	}

static const struct line_class classes[] = {
	{"string", {{"value", ANY, false}}, "$0", "%0"},
	{"mixed", {{"value", ANY, false}}, "$0", "$0"},
	PLAIN("path", "path", ANY, false),
	PLAIN("syscall", "name", ANY, false),
	PLAIN("disk", "name", ANY, false),
	PLAIN("part", "name", ANY, false),
	PLAIN("netif", "name", ANY, false),
	PLAIN("number", "value", NUMBER, false),
	PLAIN("ratio", "value", NUMBER, false),
	PLAIN("duration", "value", NUMBER, false),
	PLAIN("size", "value", NUMBER, false),
	PLAIN("bitrate", "value", NUMBER, false),
	PLAIN("cpu", "id", NUMBER, false),
	PLAIN("fd", "fd", NUMBER, false),
	PLAIN("timestamp", "value", INT, true),
	PLAIN("bool", "value", BOOL, false),
	{"time-range", {{"begin", INT, true}, {"end", INT, true}}, "{\"begin\":$0,\"end\":$1}",
		"{\"class\":\"time-range\",\"begin\":{\"class\":\"timestamp\",\"value\":$0},"
		"\"end\":{\"class\":\"timestamp\",\"value\":$1}}"},
	{"process", {{"name", TEXT, false}, {"pid", INT, false}, {"tid", INT, false}},
		"{\"name\":$0,\"pid\":$1,\"tid\":$2}",
		"{\"class\":\"process\"[,\"name\":$0][,\"pid\":$1][,\"tid\":$2]}"},
	{"irq", {{"name", TEXT, false}, {"nr", INT, false}, {"hard", BOOL, false}},
		"{\"name\":$0,\"nr\":$1,\"hard\":$2}",
		"{\"class\":\"irq\"[,\"name\":$0][,\"hard\":$2][,\"nr\":$1]}"},
};

const struct line_class *line_class_find(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(classes); i++)
		if (strcmp(classes[i].name, name) == 0)
			return &classes[i];
	return NULL;
}

const char *line_class_part(const struct line_class *class, unsigned int i)
{
	return i < LINE_PARTS_MAX ? class->parts[i].name : NULL;
}

/* A part of a column that is being added: the field that it is. */
struct shown {
	int field; /* -1 if it is none */
	enum line_show show;
};

/* What an empty cell is. */
static const char *absent_in(enum line_format format)
{
	return format == LINE_CSV ? "" : "null";
}

static void add_text(struct line_layout *layout, const char *text)
{
	line_layout_literal(layout, text, strlen(text), 0);
}

/* A text that is there in any case. */
static void add_cell(struct line_layout *layout, const char *text, size_t length)
{
	line_layout_cell(layout);
	line_layout_choice(layout);
	line_layout_literal(layout, text, length, 0);
}

/* The field behind "FIELD" or "FIELD:early", new if it is; false if that makes too many. */
static bool find_shown(struct line_layout *layout, const char *field, struct shown *shown)
{
	static const char early[] = ":early";
	bool is_early = field && g_str_has_suffix(field, early);

	*shown = (struct shown){-1, is_early ? LINE_TRUTH : LINE_PLAIN};
	if (!field)
		return true;
	shown->field =
		line_layout_name(layout, field, strlen(field) - (is_early ? sizeof(early) - 1 : 0));
	return shown->field >= 0;
}

static bool find_parts(
	struct line_layout *layout, const struct line_cells *cells, struct shown *parts)
{
	for (unsigned int i = 0; i < LINE_PARTS_MAX; i++) {
		const struct part *part = &cells->class->parts[i];

		if (!find_shown(layout, cells->parts[i], &parts[i]))
			return false;
		if (parts[i].field < 0)
			continue;
		/* Whether a time is early is a boolean, and the time is none. */
		line_layout_limit(layout, (unsigned int)parts[i].field,
			parts[i].show == LINE_TRUTH ? INT : part->kinds);
		if (part->is_time)
			line_layout_keep_as_time(layout, (unsigned int)parts[i].field);
	}
	return true;
}

/* Adds what is in a template up to `end` to the choice; returns where that is. */
static const char *add_choice(struct line_layout *layout, const char *at, const char *end,
	const struct shown *parts, bool *fits)
{
	while (at < end) {
		size_t length = strcspn(at, "$%");

		length = MIN(length, (size_t)(end - at));
		line_layout_literal(layout, at, length, 0);
		at += length;
		if (at < end) {
			const struct shown *shown = &parts[at[1] - '0'];

			*fits &= line_layout_show(layout, (unsigned int)shown->field,
				*at == '%' && shown->show == LINE_PLAIN ? LINE_STRING
									: shown->show);
			at += 2;
		}
	}
	return end;
}

/* Adds a part, or what stands for it if it is not there, as a cell of its own. */
static const char *add_part(struct line_layout *layout, const char *at, const char *absent,
	const struct shown *parts, bool *fits)
{
	bool optional = *at == '[';
	const char *begin = optional ? at + 1 : at;
	const char *end = optional ? strchr(at, ']') : at + 2;
	const struct shown *shown = &parts[strchr(begin, '$')[1] - '0'];

	line_layout_cell(layout);
	if (shown->field >= 0) {
		line_layout_choice(layout);
		add_choice(layout, begin, end, parts, fits);
	}
	line_layout_choice(layout);
	if (!optional)
		add_text(layout, absent);
	return optional ? end + 1 : end;
}

/* A class of several parts: there in any case. */
static bool add_template(struct line_layout *layout, const char *template, const char *absent,
	const struct shown *parts)
{
	bool fits = true;

	for (const char *at = template; *at;) {
		size_t length = strcspn(at, "$[");

		if (length > 0)
			add_cell(layout, at, length);
		at += length;
		if (*at)
			at = add_part(layout, at, absent, parts, &fits);
	}
	return fits;
}

/* A class of one part: if that is not there, all of it is not. */
static bool add_simple(struct line_layout *layout, enum line_format format,
	const struct line_cells *cells, const struct shown *parts)
{
	const char *template = format == LINE_LAMI ? cells->class->lami : cells->class->json;
	int unknown = -1;
	bool fits = true;

	line_layout_cell(layout);
	if (parts[0].field >= 0) {
		line_layout_choice(layout);
		add_choice(layout, template, template + strlen(template), parts, &fits);
	}
	if (format == LINE_LAMI && cells->unknown) {
		unknown = line_layout_name(layout, cells->unknown, strlen(cells->unknown));
		fits &= unknown >= 0;
	}
	if (unknown >= 0) {
		line_layout_choice(layout);
		line_layout_need(layout, (unsigned int)unknown);
		add_text(layout, "{\"class\":\"unknown\"}");
	}
	line_layout_choice(layout);
	add_text(layout, absent_in(format));
	return fits;
}

/* In CSV: each part, with a comma between them. */
static bool add_fields(
	struct line_layout *layout, const struct line_cells *cells, const struct shown *parts)
{
	bool fits = true;

	for (unsigned int i = 0; line_class_part(cells->class, i); i++) {
		const char part[] = {'$', (char)('0' + i), '\0'};

		if (i > 0)
			add_cell(layout, ",", 1);
		fits &= add_template(layout, part, "", parts);
	}
	return fits;
}

static void add_key(struct line_layout *layout, const char *key)
{
	size_t length = strlen(key), columns;
	char *quoted = g_malloc(TEXT_FORM_MAX * length + TEXT_FORM_EXTRA + 1);

	length = text_form_into(TEXT_FORM_JSON, quoted, key, length, &columns);
	quoted[length++] = ':';
	add_cell(layout, quoted, length);
	g_free(quoted);
}

void line_cells_begin(struct line_layout *layout, enum line_format format)
{
	if (format == LINE_LAMI)
		add_cell(layout, "[", 1);
}

void line_cells_end(struct line_layout *layout, enum line_format format)
{
	if (format != LINE_CSV)
		add_cell(layout, format == LINE_LAMI ? "]" : "}", 1);
}

bool line_cells_add(struct line_layout *layout, enum line_format format,
	const struct line_cells *cells, bool is_first)
{
	struct shown parts[LINE_PARTS_MAX];

	if (!find_parts(layout, cells, parts))
		return false;
	if (!is_first)
		add_cell(layout, ",", 1);
	if (format == LINE_CSV)
		return add_fields(layout, cells, parts);
	if (format == LINE_JSON)
		add_key(layout, cells->key);
	if (!line_class_part(cells->class, 1))
		return add_simple(layout, format, cells, parts);
	return add_template(layout, format == LINE_LAMI ? cells->class->lami : cells->class->json,
		absent_in(format), parts);
}

bool line_cells_name(struct line_layout *layout, const struct line_cells *cells)
{
	struct shown parts[LINE_PARTS_MAX];

	if (cells->unknown && line_layout_name(layout, cells->unknown, strlen(cells->unknown)) < 0)
		return false;
	return find_parts(layout, cells, parts);
}
