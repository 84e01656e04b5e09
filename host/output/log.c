/*
 * Logs: rows made of the fields of events, sorted.
 *
 * Structure: a layout (line_layout.h) says which fields a row has, and how they are written. Until a row
 * is written it is kept as the values of these fields, packed (packed.h) and without what the layout says
 * in any case, in a sorted file (sorted.h). Texts that come again are numbers of words of a dictionary,
 * which has them in the form of the format: a text is looked at when it comes for the first time.
 *
 * Invariant: what a packed field can be (`is_text`, `kind`) does not change once there is a row.
 *
 * Why: events come in another order than that of the rows, and there are as many as the trace has.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/output/log.h"

#include "host/accumulate/identity_cache.h"
#include "host/lua/collector.h"
#include "host/lua/interrupt.h"
#include "host/lua/object.h"
#include "host/output/dictionary.h"
#include "host/output/line_cells.h"
#include "host/output/line_layout.h"
#include "host/output/line_text.h"
#include "host/output/packed.h"
#include "host/output/sorted.h"
#include "host/output/sorted_object.h"
#include "state/record.h"

#include <glib.h>
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

/* How much text is given at once. */
#define PIECE 65536

/* Longer texts are cut off: no file has such a name, and a row must be kept whole. */
#define TEXT_MAX 65536

enum format { FORMAT_TEXT, FORMAT_CSV, FORMAT_JSON, FORMAT_LAMI, FORMAT_RECORD, N_FORMATS };

static const struct {
	const char *name;
	enum text_form form;
	enum line_format cells; /* of rows for machines */
	const char *after;      /* each row */
	const char *between;    /* two of them */
} formats[N_FORMATS] = {
	[FORMAT_TEXT] = {"text", TEXT_FORM_TERMINAL, 0, "\n", ""},
	[FORMAT_CSV] = {"csv", TEXT_FORM_CSV, LINE_CSV, "\r\n", ""},
	[FORMAT_JSON] = {"json", TEXT_FORM_JSON, LINE_JSON, "\n", ""},
	[FORMAT_LAMI] = {"lami", TEXT_FORM_JSON, LINE_LAMI, "", ","},
	[FORMAT_RECORD] = {"record", TEXT_FORM_TERMINAL, 0, "\n", ""},
};

/* A field of the layout. */
struct kept {
	const char *name;    /* the layout's */
	unsigned int fed;    /* which of the fields that are fed it is */
	bool is_text;        /* packed as a text, or whatever a script gives; else as a number */
	enum line_kind kind; /* of the number */
	bool is_time;        /* packed as the difference to the key of the row */
	int64_t early;       /* a number below it is early */
	struct identity_cache memo; /* the numbers of words by the identities of texts */
};

struct log {
	enum format format;
	bool is_written; /* it has a layout to be written by */
	bool descending, may_lack, hosts;
	struct line_layout *layout;
	struct sorted *rows;
	GArray *fields;    /* struct collected_field: that it is fed with, if it is */
	struct kept *kept; /* the fields of the layout */
	unsigned int n_kept;
	char *sort;       /* name of the field that rows are sorted by; NULL: the first */
	unsigned int key; /* which of the fields that are fed that is */
	struct dictionary *words;
	int64_t count, left; /* rows that there are; that may still be given */
	bool early;          /* whether something in a row is early */
	bool given;          /* all rows are gone, or going */
	GByteArray *buffer;  /* a piece of text in the making */
};

static const struct object_type log_type;

static struct log *check_log(lua_State *L)
{
	return object_check(L, 1, &log_type);
}

/* Lets go of all that is kept of events. */
static void drop_rows(struct log *log)
{
	sorted_free(log->rows);
	log->rows = NULL;
	dictionary_free(log->words);
	log->words = NULL;
	for (unsigned int i = 0; i < log->n_kept; i++)
		identity_cache_clear(&log->kept[i].memo);
	if (log->buffer)
		g_byte_array_unref(log->buffer);
	log->buffer = NULL;
}

static int log_gc(lua_State *L)
{
	struct log *log = check_log(L);

	drop_rows(log);
	g_free(log->kept);
	g_free(log->sort);
	line_layout_free(log->layout);
	if (log->fields)
		g_array_unref(log->fields);
	*log = (struct log){0};
	return 0;
}

/* ---- What it is to look like; the specification is at stack index 1 ---- */

static bool read_flag(lua_State *L, const char *name)
{
	bool flag;

	lua_getfield(L, 1, name);
	flag = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return flag;
}

static lua_Integer read_integer(lua_State *L, const char *name, lua_Integer otherwise)
{
	lua_Integer value = otherwise;

	if (lua_getfield(L, 1, name) != LUA_TNIL && !lua_isinteger(L, -1))
		luaL_error(L, "'%s' of a log must be an integer", name);
	if (!lua_isnil(L, -1))
		value = lua_tointeger(L, -1);
	lua_pop(L, 1);
	return value;
}

static enum format read_format(lua_State *L)
{
	const char *name = "text";
	int i = 0;

	if (lua_getfield(L, 1, "format") != LUA_TNIL)
		name = luaL_checkstring(L, -1);
	while (i < N_FORMATS && strcmp(formats[i].name, name) != 0)
		i++;
	if (i == N_FORMATS)
		luaL_error(L, "there is no format '%s' of logs", name);
	lua_pop(L, 1);
	return (enum format)i;
}

/* Reads the columns of lines for people. */
static void read_line(lua_State *L, struct log *log)
{
	if (lua_getfield(L, 1, "line") == LUA_TNIL) {
		lua_pop(L, 1);
		return;
	}
	luaL_checktype(L, -1, LUA_TTABLE);
	for (lua_Integer i = 1; lua_geti(L, -1, i) == LUA_TTABLE; i++) {
		lua_Integer width;
		const char *text;

		lua_geti(L, -1, 1);
		width = luaL_checkinteger(L, -1);
		lua_geti(L, -2, 2);
		text = luaL_checkstring(L, -1);
		if (!line_text_add(log->layout, (int)CLAMP(width, INT_MIN, INT_MAX), text))
			luaL_error(L,
				"the column '%s' of a line makes no sense: a field is "
				"{NAME} or {NAME:time}, us, size, early; there are up to %d, each up "
				"to %d times",
				text, LINE_FIELDS_MAX, LINE_MENTIONED_MAX);
		lua_pop(L, 3);
	}
	lua_pop(L, 2);
	log->is_written = log->format == FORMAT_TEXT;
}

/* Pushes a text of the table on top of the stack; NULL if it has none. */
static const char *push_text(lua_State *L, const char *name)
{
	int type = lua_getfield(L, -1, name);

	if (type != LUA_TSTRING && type != LUA_TNIL)
		luaL_error(L, "'%s' of a column of a log must be a text", name);
	return lua_tostring(L, -1);
}

/* Reads the parts of a column: the table on top of the stack. Their texts stay on the stack. */
static void push_parts(lua_State *L, struct line_cells *cells)
{
	int at = lua_gettop(L);

	for (lua_pushnil(L); lua_next(L, at); lua_pop(L, 1)) {
		const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
		unsigned int i = 0;
		const char *part;

		while ((part = line_class_part(cells->class, i)) && strcmp(part, name) != 0)
			i++;
		if (!part || lua_type(L, -1) != LUA_TSTRING)
			luaL_error(
				L, "column '%s' of a log can't have a part '%s'", cells->key, name);
		cells->parts[i] = lua_tostring(L, -1);
	}
}

/* Adds the column that is on top of the stack. */
static void add_column(lua_State *L, struct log *log, bool is_first)
{
	struct line_cells cells = {0};
	int top = lua_gettop(L);
	const char *class;
	bool fits;

	luaL_checkstack(L, 12, "too many columns");
	cells.key = push_text(L, "key");
	lua_pushvalue(L, top);
	class = push_text(L, "class");
	if (!cells.key || !class)
		luaL_error(L, "a column of a log is { key =, class =, parts = { PART = FIELD } }");
	cells.class = line_class_find(class);
	if (!cells.class)
		luaL_error(L, "column '%s' of a log has an unknown class '%s'", cells.key, class);
	lua_pushvalue(L, top);
	cells.unknown = push_text(L, "unknown");
	if (cells.unknown && line_class_part(cells.class, 1))
		luaL_error(L, "column '%s' of a log has several parts: it can't be unknown",
			cells.key);
	lua_pushvalue(L, top);
	cells.with = push_text(L, "with");
	if (cells.with && !line_class_part(cells.class, 1))
		luaL_error(
			L, "column '%s' of a log has one part: `with` is for several", cells.key);
	lua_getfield(L, top, "parts");
	luaL_checktype(L, -1, LUA_TTABLE);
	push_parts(L, &cells);
	fits = log->format == FORMAT_RECORD || log->format == FORMAT_TEXT
		       ? line_cells_name(log->layout, &cells)
		       : line_cells_add(log->layout, formats[log->format].cells, &cells, is_first);
	if (!fits)
		luaL_error(L, "the columns of a log have too many fields");
	lua_settop(L, top);
}

/* Adds the columns that tell where a row comes from. */
static void add_hosts(lua_State *L, struct log *log)
{
	static const char *const names[] = {"host", "trace"};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		lua_createtable(L, 0, 3);
		set_text(L, "key", names[i]);
		set_text(L, "class", "string");
		lua_createtable(L, 0, 1);
		set_text(L, "value", names[i]);
		lua_setfield(L, -2, "parts");
		add_column(L, log, i == 0);
		lua_pop(L, 1);
	}
}

/* Reads the columns of rows for machines. */
static void read_columns(lua_State *L, struct log *log)
{
	bool for_machines = log->format != FORMAT_TEXT && log->format != FORMAT_RECORD;
	bool is_first = true;

	if (lua_getfield(L, 1, "columns") == LUA_TNIL) {
		if (for_machines)
			luaL_error(L, "a log needs `columns`");
		lua_pop(L, 1);
		return;
	}
	luaL_checktype(L, -1, LUA_TTABLE);
	if (for_machines)
		line_cells_begin(log->layout, formats[log->format].cells);
	if (log->hosts) {
		add_hosts(L, log);
		is_first = false;
	}
	for (lua_Integer i = 1; lua_geti(L, -1, i) == LUA_TTABLE; i++) {
		add_column(L, log, is_first);
		is_first = false;
		lua_pop(L, 1);
	}
	lua_pop(L, 2);
	if (for_machines)
		line_cells_end(log->layout, formats[log->format].cells);
	log->is_written = for_machines;
}

/* What is known of the fields once all are named. */
static void find_kept(struct log *log)
{
	log->n_kept = line_layout_n_fields(log->layout);
	log->kept = g_new0(struct kept, log->n_kept);
	for (unsigned int i = 0; i < log->n_kept; i++) {
		log->kept[i] = (struct kept){
			.name = line_layout_field(log->layout, i),
			.is_text = true,
			.is_time = line_layout_is_time(log->layout, i),
			.early = line_layout_early(log->layout, i),
		};
	}
}

static int log_new(lua_State *L)
{
	struct line_times times;
	enum text_form form;
	struct log *log;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	log = object_new(L, &log_type, sizeof(*log), 0);
	log->format = read_format(L);
	log->descending = read_flag(L, "descending");
	log->may_lack = read_flag(L, "may_lack");
	log->hosts =
		read_flag(L, "hosts") && log->format != FORMAT_LAMI && log->format != FORMAT_TEXT;
	log->left = read_integer(L, "limit", INT64_MAX);
	times = (struct line_times){
		read_flag(L, "gmt"), read_flag(L, "date"), read_integer(L, "from", INT64_MIN)};
	form = formats[log->format].form;
	if (form == TEXT_FORM_CSV && read_flag(L, "spreadsheet"))
		form = TEXT_FORM_SPREADSHEET;
	log->layout = line_layout_new(&times, form);
	log->words = dictionary_new(form);
	log->fields = g_array_new(FALSE, FALSE, sizeof(struct collected_field));
	if (log->format == FORMAT_TEXT || log->format == FORMAT_RECORD)
		read_line(L, log);
	if (!log->is_written)
		read_columns(L, log);
	if (lua_getfield(L, 1, "sort") != LUA_TNIL) {
		log->sort = g_strdup(luaL_checkstring(L, -1));
		if (log->format == FORMAT_RECORD)
			line_layout_name(log->layout, log->sort, strlen(log->sort));
	}
	find_kept(log);
	lua_settop(L, 2);
	return 1;
}

/* log:early() -> whether something began before the time that was asked for */
static int log_early(lua_State *L)
{
	lua_pushboolean(L, check_log(L)->early);
	return 1;
}

/* log:count() -> how many rows there are */
static int log_count(lua_State *L)
{
	lua_pushinteger(L, check_log(L)->count);
	return 1;
}

/* log:take(n): only the first n rows will be given */
static int log_take(lua_State *L)
{
	check_log(L)->left = luaL_checkinteger(L, 2);
	return 0;
}

/* Makes the buffer so large that `n` bytes fit behind the first `used`; returns where they are. */
static char *room_for(struct log *log, size_t used, size_t n)
{
	if (!log->buffer)
		log->buffer = g_byte_array_new();
	if (used + n > log->buffer->len)
		g_byte_array_set_size(log->buffer, (guint)(2 * (used + n)));
	return (char *)log->buffer->data + used;
}

/* ---- Rows, as they are packed ---- */

/*
 * What is packed for a text: twice the number of its word; or, with the lowest bits 01, its length, with
 * its bytes behind that; or, with 11, what a script gave that is none. Nothing is 0.
 */
enum { RAW = 1, OTHER = 3 };
enum { OTHER_INT, OTHER_FLOAT, OTHER_FALSE, OTHER_TRUE };

static uint64_t base_of(const struct kept *kept, int64_t key)
{
	return kept->is_time ? (uint64_t)key : 0;
}

/* What rows are sorted by, of the value of the field that they are sorted by. */
static int64_t place_of(const struct log *log, int64_t key)
{
	/* VALUE_ABSENT is the least number there is: the one below it is the largest. */
	return log->descending ? ~key : (int64_t)((uint64_t)key - log->may_lack);
}

static int64_t key_at(const struct log *log, int64_t place)
{
	return log->descending ? ~place : (int64_t)((uint64_t)place + log->may_lack);
}

/* Reads what a script gave that is no text. */
static const char *read_other(const char *at, uint64_t what, struct line_value *value)
{
	uint64_t number = what == OTHER_TRUE;

	value->kind = what == OTHER_INT ? LINE_INT : what == OTHER_FLOAT ? LINE_FLOAT : LINE_BOOL;
	if (what == OTHER_INT || what == OTHER_FLOAT)
		at = unpack(at, &number);
	value->number = (int64_t)number;
	if (what == OTHER_FLOAT)
		memcpy(&value->real, &number, sizeof(number));
	return at;
}

static const char *read_text(
	const struct log *log, const char *at, uint64_t packed, struct line_value *value)
{
	const struct word *word;

	value->kind = LINE_TEXT;
	if ((packed & 3) == OTHER)
		return read_other(at, packed >> 2, value);
	if ((packed & 3) == RAW) {
		value->text = at;
		value->length = packed >> 2;
		value->is_final = false;
		return at + value->length;
	}
	word = dictionary_at(log->words, (uint32_t)(packed / 2));
	value->is_final = true;
	value->text = word->text;
	value->length = word->length;
	value->columns = word->columns;
	return at;
}

/* Gives the values that a row was made of, and how long its texts are; returns which are there. */
static uint64_t read_row(const struct log *log, const struct sorted_text *row,
	struct line_value *values, size_t *texts)
{
	int64_t key = key_at(log, row->key);
	const char *at = row->text;
	uint64_t there = 0;

	*texts = 0;
	for (unsigned int i = 0; i < log->n_kept; i++) {
		const struct kept *kept = &log->kept[i];
		struct line_value *value = &values[i];
		uint64_t packed;

		at = unpack(at, &packed);
		if (packed == 0)
			continue;
		there |= UINT64_C(1) << i;
		if (kept->is_text) {
			at = read_text(log, at, packed, value);
			*texts += value->kind == LINE_TEXT ? value->length : 0;
		} else {
			value->kind = kept->kind;
			value->number = packed_number(packed, base_of(kept, key));
		}
	}
	return there;
}

/* Whether a number is early in a row. */
static bool is_early(const struct kept *kept, int64_t number)
{
	return number < kept->early && number != VALUE_ABSENT;
}

/* The room for a row without its texts, new; raises an error if rows have been given already. */
static char *begin_row(lua_State *L, struct log *log, size_t *room)
{
	if (log->given)
		luaL_error(L, "these lines are written already");
	if (!log->rows)
		log->rows = sorted_new();
	*room = 2 * PACKED_MAX * log->n_kept;
	return sorted_room(log->rows, *room);
}

static void end_row(lua_State *L, struct log *log, int64_t key, size_t length)
{
	if (!sorted_add(log->rows, place_of(log, key), length))
		sorted_fail(L);
	log->count++;
}

/* Packs a text of its own behind `used` bytes of a row; returns where that ends. */
static char *pack_raw(struct log *log, size_t *room, size_t used, const char *text, size_t length)
{
	char *to;

	length = MIN(length, TEXT_MAX);
	*room += length;
	to = pack(sorted_room(log->rows, *room) + used, length << 2 | RAW);
	memcpy(to, text, length);
	return to + length;
}

/* ---- Rows of events ---- */

/* The word that the text of a field is, mostly known from an event before; 0 if it is none. */
static uint32_t find_word(
	struct log *log, struct kept *kept, const struct collected_event *event, uint64_t identity)
{
	void **found = identity_cache_at(&kept->memo, 1, &identity);

	if (!*found)
		*found = GUINT_TO_POINTER(
			dictionary_find(log->words, collected_text(event, kept->fed)));
	return GPOINTER_TO_UINT(*found);
}

static void add(lua_State *L, void *object, int ref, const struct collected_event *event)
{
	struct log *log = object;
	int64_t key = collected_number(event, log->key);
	size_t room;
	char *to = begin_row(L, log, &room), *begin = to;

	(void)ref;
	for (unsigned int i = 0; i < log->n_kept; i++) {
		struct kept *kept = &log->kept[i];
		uint64_t identity;
		uint32_t word;

		if (!kept->is_text) {
			int64_t number = collected_number(event, kept->fed);

			log->early |= is_early(kept, number);
			to = pack_number(to, number, base_of(kept, key));
			continue;
		}
		identity = collected_identity(event, kept->fed);
		word = identity ? find_word(log, kept, event, identity) : 0;
		if (word > 0 || !identity) {
			to = pack(to, 2 * (uint64_t)word);
		} else {
			const char *text = collected_text(event, kept->fed);
			size_t used = (size_t)(to - begin);

			to = pack_raw(log, &room, used, text, strnlen(text, TEXT_MAX));
			begin = sorted_room(log->rows, room);
		}
	}
	end_row(L, log, key, (size_t)(to - begin));
}

/* ---- Rows of scripts ---- */

static const char *const kind_names[] = {
	[LINE_INT] = "an integer",
	[LINE_BOOL] = "a boolean",
	[LINE_FLOAT] = "a number",
	[LINE_TEXT] = "a text",
};

/* Reads the value on top of the stack; false if it is nothing that a row can have. */
static bool read_value(lua_State *L, struct line_value *value)
{
	*value = (struct line_value){0};
	switch (lua_type(L, -1)) {
	case LUA_TBOOLEAN:
		value->kind = LINE_BOOL;
		value->number = lua_toboolean(L, -1);
		return true;
	case LUA_TNUMBER:
		value->kind = lua_isinteger(L, -1) ? LINE_INT : LINE_FLOAT;
		value->number = lua_tointeger(L, -1);
		value->real = lua_tonumber(L, -1);
		return true;
	case LUA_TSTRING:
		value->kind = LINE_TEXT;
		value->text = lua_tolstring(L, -1, &value->length);
		value->length = MIN(value->length, TEXT_MAX);
		return true;
	default:
		return false;
	}
}

/* What a field can be: as it is shown, and if it is packed as a number as that is. */
static unsigned int kinds_of(const struct log *log, unsigned int i)
{
	unsigned int kinds = line_layout_kinds(log->layout, i);

	return log->kept[i].is_text ? kinds : kinds & LINE_KIND(log->kept[i].kind);
}

/* Raises the error that the value on top of the stack is none for a field. */
static void fail_value(lua_State *L, const struct log *log, unsigned int i)
{
	unsigned int kinds = kinds_of(log, i);
	luaL_Buffer buffer;
	const char *what = luaL_typename(L, -1);

	luaL_buffinit(L, &buffer);
	for (int kind = LINE_INT, n = 0; kind <= LINE_TEXT; kind++) {
		if (!(kinds >> kind & 1))
			continue;
		luaL_addstring(&buffer, n++ > 0 ? " or " : "");
		luaL_addstring(&buffer, kind_names[kind]);
	}
	luaL_pushresult(&buffer);
	luaL_error(L, "'%s' of a row of a log must be %s, not a %s", log->kept[i].name,
		lua_tostring(L, -1), what);
}

/* Packs what a script gives for a field, of a kind that it can be, behind `used` bytes of a row. */
static char *pack_value(struct log *log, size_t *room, size_t used, const struct line_value *value)
{
	char *to = sorted_room(log->rows, *room) + used;
	uint64_t bits;
	uint32_t word;

	switch (value->kind) {
	case LINE_INT:
		return pack(pack(to, OTHER_INT << 2 | OTHER), (uint64_t)value->number);
	case LINE_FLOAT:
		memcpy(&bits, &value->real, sizeof(bits));
		return pack(pack(to, OTHER_FLOAT << 2 | OTHER), bits);
	case LINE_BOOL:
		return pack(to, (value->number ? OTHER_TRUE : OTHER_FALSE) << 2 | OTHER);
	default:
		word = strlen(value->text) == value->length
			       ? dictionary_find(log->words, value->text)
			       : 0;
		return word ? pack(to, 2 * (uint64_t)word)
			    : pack_raw(log, room, used, value->text, value->length);
	}
}

/* The name of the field that rows are sorted by. */
static const char *key_name(const struct log *log)
{
	unsigned int first = log->hosts ? COLLECTED_ORIGIN : 0;

	if (log->sort)
		return log->sort;
	if (log->fields->len > 0)
		return g_array_index(log->fields, struct collected_field, 0).name;
	return first < log->n_kept ? log->kept[first].name : "";
}

/* The key of the record at stack index 2. */
static int64_t record_key(lua_State *L, const struct log *log)
{
	const char *name = key_name(log);
	int64_t key = VALUE_ABSENT;

	if (lua_getfield(L, 2, name) == LUA_TNIL && log->may_lack) {
		lua_pop(L, 1);
		return key;
	}
	if (!lua_isinteger(L, -1))
		luaL_error(L,
			"rows of a log are sorted by '%s', which must be an integer, not a %s",
			name, luaL_typename(L, -1));
	key = lua_tointeger(L, -1);
	lua_pop(L, 1);
	return key;
}

/* log:add({ FIELD = value, ... }): adds a row */
static int log_add(lua_State *L)
{
	struct log *log = check_log(L);
	size_t room, used = 0;
	int64_t key;

	luaL_checktype(L, 2, LUA_TTABLE);
	key = record_key(L, log);
	begin_row(L, log, &room);
	for (unsigned int i = 0; i < log->n_kept; i++, lua_pop(L, 1)) {
		const struct kept *kept = &log->kept[i];
		char *to = sorted_room(log->rows, room) + used;
		struct line_value value;

		if (lua_getfield(L, 2, kept->name) == LUA_TNIL)
			to = pack(to, 0);
		else if (!read_value(L, &value) || !(kinds_of(log, i) >> value.kind & 1))
			fail_value(L, log, i);
		else if (kept->is_text)
			to = pack_value(log, &room, used, &value);
		else
			to = pack_number(to, value.number, base_of(kept, key));
		if (!lua_isnil(L, -1) && value.kind == LINE_INT)
			log->early |= is_early(kept, value.number);
		used = (size_t)(to - sorted_room(log->rows, room));
	}
	end_row(L, log, key, used);
	return 0;
}

/* ---- Giving rows ---- */

/* The next row in order: 1, 0 if that was all, and raises an error if it can't be read. */
static int next_row(lua_State *L, struct log *log, struct sorted_text *row)
{
	int more = log->rows && log->left > 0 ? sorted_next(log->rows, row) : 0;

	if (more < 0)
		sorted_fail(L);
	log->left -= more;
	return more;
}

static void check_unread(lua_State *L, struct log *log)
{
	if (log->given)
		luaL_error(L, "these lines are written already");
	log->given = true;
}

/* What stands around each row. */
struct around {
	const char *before, *after, *between;
	size_t before_length, after_length, between_length;
	bool is_first;
};

static char *put(char *to, const char *text, size_t length)
{
	memcpy(to, text, length);
	return to + length;
}

/* Makes the next rows, many at once, in the buffer; returns how long they are, 0 if that was all. */
static size_t next_piece(lua_State *L, struct log *log, struct around *around)
{
	size_t texts, used = 0,
		      more = around->before_length + around->after_length + around->between_length;
	struct line_value values[LINE_FIELDS_MAX];
	struct sorted_text row;

	while (used < PIECE && next_row(L, log, &row)) {
		uint64_t there = read_row(log, &row, values, &texts);
		char *to = room_for(log, used, line_layout_room(log->layout, texts) + more);

		if (!around->is_first)
			to = put(to, around->between, around->between_length);
		around->is_first = false;
		to = put(to, around->before, around->before_length);
		to = line_layout_write(log->layout, values, there, to);
		to = put(to, around->after, around->after_length);
		used = (size_t)(to - (char *)log->buffer->data);
	}
	return used;
}

/* log:write(file, before, between) -> true, or nil and a message; writes the rows. Only once. */
static int log_write(lua_State *L)
{
	struct log *log = check_log(L);
	luaL_Stream *stream = luaL_checkudata(L, 2, LUA_FILEHANDLE);
	struct around around = {.after = formats[log->format].after, .is_first = true};
	size_t length;

	around.before = luaL_optlstring(L, 3, "", &around.before_length);
	around.between =
		luaL_optlstring(L, 4, formats[log->format].between, &around.between_length);
	around.after_length = strlen(around.after);
	luaL_argcheck(L, stream->closef, 2, "the file is closed");
	if (!log->is_written)
		return luaL_error(L, "this log has nothing that says what its rows look like");
	check_unread(L, log);
	while ((length = next_piece(L, log, &around)) > 0) {
		if (fwrite(log->buffer->data, 1, length, stream->f) != length)
			return luaL_fileresult(L, 0, NULL);
		if (interrupt_wanted()) {
			lua_pushliteral(L, "interrupted");
			return lua_error(L);
		}
	}
	drop_rows(log);
	lua_pushboolean(L, true);
	return 1;
}

/* Pushes the text that a value is, as it came. */
static void push_raw(lua_State *L, const struct log *log, uint64_t packed, const char *at)
{
	const struct word *word;

	if ((packed & 3) == RAW) {
		lua_pushlstring(L, at, packed >> 2);
		return;
	}
	word = dictionary_at(log->words, (uint32_t)(packed / 2));
	lua_pushlstring(L, word->raw, word->raw_length);
}

static void push_number(lua_State *L, const struct line_value *value)
{
	if (value->kind == LINE_FLOAT)
		lua_pushnumber(L, value->real);
	else if (value->kind == LINE_BOOL)
		lua_pushboolean(L, value->number != 0);
	else
		lua_pushinteger(L, value->number);
}

/* Pushes a row as a record: texts as they came. */
static void push_record(lua_State *L, const struct log *log, const struct sorted_text *row)
{
	int64_t key = key_at(log, row->key);
	const char *at = row->text;

	lua_createtable(L, 0, (int)log->n_kept);
	for (unsigned int i = 0; i < log->n_kept; i++) {
		const struct kept *kept = &log->kept[i];
		struct line_value value = {.kind = kept->kind};
		uint64_t packed;

		at = unpack(at, &packed);
		if (packed == 0)
			continue;
		if (kept->is_text && (packed & 3) != OTHER) {
			push_raw(L, log, packed, at);
			at += (packed & 3) == RAW ? packed >> 2 : 0;
		} else {
			if (kept->is_text)
				at = read_text(log, at, packed, &value);
			else
				value.number = packed_number(packed, base_of(kept, key));
			push_number(L, &value);
		}
		lua_setfield(L, -2, kept->name);
	}
}

static int next_record(lua_State *L)
{
	struct log *log = lua_touserdata(L, lua_upvalueindex(1));
	struct sorted_text row;

	if (!next_row(L, log, &row)) {
		drop_rows(log);
		return 0;
	}
	push_record(L, log, &row);
	return 1;
}

/* log:each() -> an iterator over the rows as records. Only once. */
static int log_each(lua_State *L)
{
	check_unread(L, check_log(L));
	lua_settop(L, 1);
	lua_pushcclosure(L, next_record, 1);
	return 1;
}

/* log:text({ FIELD = value, ... }) -> one row, which is not added */
static int log_text(lua_State *L)
{
	struct log *log = check_log(L);
	struct line_value values[LINE_FIELDS_MAX];
	uint64_t there = 0;
	size_t texts = 0;
	char *begin, *end;

	luaL_checktype(L, 2, LUA_TTABLE);
	if (log->fields->len > 0)
		return luaL_error(L, "these lines are made of events");
	luaL_checkstack(L, LINE_FIELDS_MAX, "too many fields");
	for (unsigned int i = 0; i < log->n_kept; i++) {
		/* The values stay on the stack, since their texts are used. */
		lua_getfield(L, 2, log->kept[i].name);
		if (!read_value(L, &values[i]) ||
			!(line_layout_kinds(log->layout, i) >> values[i].kind & 1))
			continue;
		texts += values[i].length;
		there |= UINT64_C(1) << i;
		log->early |=
			values[i].kind == LINE_INT && is_early(&log->kept[i], values[i].number);
	}
	begin = room_for(log, 0, line_layout_room(log->layout, texts));
	end = line_layout_write(log->layout, values, there, begin);
	lua_pushlstring(L, begin, (size_t)(end - begin));
	return 1;
}

/* ---- What it is fed with ---- */

/* Which of the fields a name is; those behind them tell where events come from. G_MAXUINT: none. */
static unsigned int find_fed(const struct log *log, const struct collected_field *fields,
	unsigned int n, const char *name)
{
	unsigned int n_all = n + (log->hosts ? COLLECTED_ORIGIN : 0);

	for (unsigned int i = 0; i < n_all; i++)
		if (strcmp(fields[i].name, name) == 0)
			return i;
	return G_MAXUINT;
}

/* Finds out which of the fields that are fed a field of the layout is; returns what is wrong. */
static const char *feed_kept(lua_State *L, struct log *log, unsigned int i,
	const struct collected_field *fields, unsigned int n)
{
	static const enum line_kind kinds[] = {[COLLECTED_INT] = LINE_INT,
		[COLLECTED_BOOL] = LINE_BOOL,
		[COLLECTED_TEXT] = LINE_TEXT};
	struct kept *kept = &log->kept[i];
	unsigned int fed = find_fed(log, fields, n, kept->name);

	if (fed == G_MAXUINT)
		return lua_pushfstring(L, "a line names {%s}, which is not collected", kept->name);
	kept->fed = fed;
	kept->kind = kinds[fields[fed].kind];
	kept->is_text = kept->kind == LINE_TEXT;
	if (kept->is_text && !(line_layout_kinds(log->layout, i) >> LINE_TEXT & 1))
		return lua_pushfstring(L, "{%s} is no number in a line", kept->name);
	if (!(line_layout_kinds(log->layout, i) >> kept->kind & 1))
		return lua_pushfstring(L, "{%s} is not what a line shows: it is %s", kept->name,
			kind_names[kept->kind]);
	return NULL;
}

static const char *attach(
	lua_State *L, int index, const struct collected_field *fields, unsigned int n)
{
	struct log *log = lua_touserdata(L, index);
	const char *wrong = NULL;

	if (log->count > 0 && log->fields->len == 0)
		return "this log has rows already that a script has added";
	log->key = log->sort ? find_fed(log, fields, n, log->sort) : 0;
	if (log->key >= n || fields[log->key].kind != COLLECTED_INT)
		return log->sort ? "lines are sorted by a field that is collected and a number"
				 : "lines are sorted by the first field, which must be a number";
	for (unsigned int i = 0; i < log->n_kept && !wrong; i++)
		wrong = feed_kept(L, log, i, fields, n);
	return wrong ? wrong
		     : collected_keep_fields(
			       log->fields, fields, n, "a log takes one set of fields only");
}

static const struct collector_type collector = {.attach = attach, .add = add, .by_name = true};

static const luaL_Reg methods[] = {
	{"add", log_add},
	{"count", log_count},
	{"each", log_each},
	{"early", log_early},
	{"take", log_take},
	{"text", log_text},
	{"write", log_write},
	{NULL, NULL},
};

static const struct object_type log_type = {
	.name = "lttnga.log", .methods = methods, .gc = log_gc, .collector = &collector};

int luaopen_lttnga_log(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{"new", log_new},
		{NULL, NULL},
	};

	luaL_newlib(L, functions);
	return 1;
}
