/*
 * Rows for machines.
 *
 * What each class looks like is a template: $0, $1, ... are its parts, what is between [ and ] is left out
 * if the part in it is not there, and %0 is a part as a text in any case. A part that is not there is what
 * the format has for that. In CSV each part is a field of its own. In LAMI an object begins with its class,
 * which is "unknown" where parts are missing without which clients would refuse it, and the whole result.
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
	/* Of several parts: sets of them (bits), each of which is enough for LAMI; 0: no more of them. */
	unsigned int enough[LINE_PARTS_MAX];
};

#define PLAIN(class, key, of, time)                                          \
	{                                                                    \
		.name = class, .parts = {{"value", of, time}}, .json = "$0", \
		.lami = "{\"class\":\"" class "\",\"" key "\":$0}"           \
	}
#define NAMED(class, key)                                                      \
	{                                                                      \
		.name = class, .parts = {{"value", ANY, false}}, .json = "$0", \
		.lami = "{\"class\":\"" class "\",\"" key "\":%0}"             \
	}

static const struct line_class classes[] = {
	{.name = "string", .parts = {{"value", ANY, false}}, .json = "$0", .lami = "%0"},
	{.name = "mixed", .parts = {{"value", ANY, false}}, .json = "$0", .lami = "$0"},
	NAMED("path", "path"),
	NAMED("syscall", "name"),
	NAMED("disk", "name"),
	NAMED("part", "name"),
	NAMED("netif", "name"),
	PLAIN("number", "value", NUMBER, false),
	PLAIN("ratio", "value", NUMBER, false),
	PLAIN("duration", "value", NUMBER, false),
	PLAIN("size", "value", NUMBER, false),
	PLAIN("bitrate", "value", NUMBER, false),
	PLAIN("cpu", "id", NUMBER, false),
	PLAIN("fd", "fd", NUMBER, false),
	PLAIN("timestamp", "value", INT, true),
	PLAIN("bool", "value", BOOL, false),
	{
		.name = "time-range",
		.parts = {{"begin", INT, true}, {"end", INT, true}},
		.json = "{\"begin\":$0,\"end\":$1}",
		.lami = "{\"class\":\"time-range\",\"begin\":{\"class\":\"timestamp\",\"value\":$0},"
			"\"end\":{\"class\":\"timestamp\",\"value\":$1}}",
		.enough = {1 | 2},
	},
	{
		.name = "process",
		.parts = {{"name", TEXT, false}, {"pid", INT, false}, {"tid", INT, false}},
		.json = "{\"name\":$0,\"pid\":$1,\"tid\":$2}",
		.lami = "{\"class\":\"process\"[,\"name\":$0][,\"pid\":$1][,\"tid\":$2]}",
		.enough = {1, 2, 4},
	},
	{
		.name = "irq",
		.parts = {{"name", TEXT, false}, {"nr", INT, false}, {"hard", BOOL, false}},
		.json = "{\"name\":$0,\"nr\":$1,\"hard\":$2}",
		.lami = "{\"class\":\"irq\"[,\"name\":$0][,\"hard\":$2][,\"nr\":$1]}",
		.enough = {2},
	},
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

/* The text that is now added is there only with a field (below 0: in any case). */
static void need(struct line_layout *layout, int field)
{
	if (field >= 0)
		line_layout_need(layout, (unsigned int)field);
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

/* The field that a cell goes with, -1 if there is none; false if that makes too many. */
static bool find_with(struct line_layout *layout, const struct line_cells *cells, int *field)
{
	*field = cells->with ? line_layout_name(layout, cells->with, strlen(cells->with)) : -1;
	return !cells->with || *field >= 0;
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
	const struct shown *parts, int with, bool *fits)
{
	bool optional = *at == '[';
	const char *begin = optional ? at + 1 : at;
	const char *end = optional ? strchr(at, ']') : at + 2;
	const struct shown *shown = &parts[strchr(begin, '$')[1] - '0'];

	line_layout_cell(layout);
	if (shown->field >= 0) {
		line_layout_choice(layout);
		need(layout, with);
		add_choice(layout, begin, end, parts, fits);
	}
	line_layout_choice(layout);
	need(layout, with);
	if (!optional)
		add_text(layout, absent);
	return optional ? end + 1 : end;
}

/* A class of several parts, which is there in any case, or with a field only. */
static bool add_template(struct line_layout *layout, const char *template, const char *absent,
	const struct shown *parts, int with)
{
	bool fits = true;

	for (const char *at = template; *at;) {
		size_t length = strcspn(at, "$[");

		if (length > 0) {
			line_layout_cell(layout);
			line_layout_choice(layout);
			need(layout, with);
			line_layout_literal(layout, at, length, 0);
		}
		at += length;
		if (*at)
			at = add_part(layout, at, absent, parts, with, &fits);
	}
	return fits;
}

/* The text that is now added is there only with all parts of a set. */
static void need_parts(struct line_layout *layout, const struct shown *parts, unsigned int set)
{
	for (unsigned int i = 0; i < LINE_PARTS_MAX; i++)
		if (set >> i & 1)
			need(layout, parts[i].field);
}

/*
 * Adds what an object of LAMI begins with: its class, if what is there is enough for it, else that it is
 * not known, and then other members do not matter. Returns what follows in the template.
 */
static const char *add_class(struct line_layout *layout, const struct line_class *class,
	const struct shown *parts, int with)
{
	size_t length = (size_t)(strchr(class->lami, ',') - class->lami);
	unsigned int named = 0;

	length -= class->lami[length - 1] == '[';
	for (unsigned int i = 0; i < LINE_PARTS_MAX; i++)
		named |= (unsigned int)(parts[i].field >= 0) << i;
	line_layout_cell(layout);
	for (unsigned int i = 0; i < LINE_PARTS_MAX && class->enough[i]; i++) {
		if (class->enough[i] & ~named)
			continue;
		line_layout_choice(layout);
		need(layout, with);
		need_parts(layout, parts, class->enough[i]);
		line_layout_literal(layout, class->lami, length, 0);
	}
	line_layout_choice(layout);
	need(layout, with);
	add_text(layout, "{\"class\":\"unknown\"");
	return class->lami + length;
}

/* What stands for a cell where the field that it goes with is not there. */
static void add_without(struct line_layout *layout, const char *absent, int with)
{
	if (with < 0)
		return;
	line_layout_cell(layout);
	line_layout_choice(layout);
	need(layout, with);
	line_layout_choice(layout);
	add_text(layout, absent);
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
static bool add_fields(struct line_layout *layout, const struct line_cells *cells,
	const struct shown *parts, int with)
{
	bool fits = true;

	for (unsigned int i = 0; line_class_part(cells->class, i); i++) {
		const char part[] = {'$', (char)('0' + i), '\0'};

		if (i > 0)
			add_cell(layout, ",", 1);
		fits &= add_template(layout, part, "", parts, with);
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
	const char *template;
	int with;

	if (!find_parts(layout, cells, parts) || !find_with(layout, cells, &with))
		return false;
	if (!is_first)
		add_cell(layout, ",", 1);
	if (format == LINE_CSV)
		return add_fields(layout, cells, parts, with);
	if (format == LINE_JSON)
		add_key(layout, cells->key);
	if (!line_class_part(cells->class, 1))
		return add_simple(layout, format, cells, parts);
	template = format == LINE_LAMI ? add_class(layout, cells->class, parts, with)
				       : cells->class->json;
	if (!add_template(layout, template, absent_in(format), parts, with))
		return false;
	add_without(layout, absent_in(format), with);
	return true;
}

bool line_cells_name(struct line_layout *layout, const struct line_cells *cells)
{
	struct shown parts[LINE_PARTS_MAX];

	int with;

	if (cells->unknown && line_layout_name(layout, cells->unknown, strlen(cells->unknown)) < 0)
		return false;
	return find_with(layout, cells, &with) && find_parts(layout, cells, parts);
}
