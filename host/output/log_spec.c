/*
 * What a log is to look like. The specification is at stack index 1.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/collector.h"
#include "host/lua/push.h"
#include "host/output/line_text.h"
#include "host/output/log_private.h"

#include <limits.h>
#include <string.h>

const struct log_format_info log_formats[LOG_FORMATS] = {
	[LOG_FORMAT_TEXT] = {"text", TEXT_FORM_TERMINAL, 0, "\n", ""},
	[LOG_FORMAT_CSV] = {"csv", TEXT_FORM_CSV, LINE_CSV, "\r\n", ""},
	[LOG_FORMAT_JSON] = {"json", TEXT_FORM_JSON, LINE_JSON, "\n", ""},
	[LOG_FORMAT_LAMI] = {"lami", TEXT_FORM_JSON, LINE_LAMI, "", ","},
	[LOG_FORMAT_RECORD] = {"record", TEXT_FORM_TERMINAL, 0, "\n", ""},
};

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

static enum log_format read_format(lua_State *L)
{
	const char *name = "text";
	int i = 0;

	if (lua_getfield(L, 1, "format") != LUA_TNIL)
		name = luaL_checkstring(L, -1);
	while (i < LOG_FORMATS && strcmp(log_formats[i].name, name) != 0)
		i++;
	if (i == LOG_FORMATS)
		luaL_error(L, "unknown log format '%s'", name);
	lua_pop(L, 1);
	return (enum log_format)i;
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
		lua_Integer width, most;
		const char *text;

		lua_geti(L, -1, 1);
		width = luaL_checkinteger(L, -1);
		lua_geti(L, -2, 2);
		text = luaL_checkstring(L, -1);
		lua_getfield(L, -3, "most");
		most = luaL_optinteger(L, -1, 0);
		lua_pop(L, 1);
		if (!line_text_add(log->layout, (int)CLAMP(width, INT_MIN, INT_MAX),
			    (size_t)MAX(most, 0), text))
			luaL_error(L,
				"invalid column '%s' of a line: a field is {NAME} or {NAME:FORM}, "
				"where FORM is time, us, duration, size, hex or early; at most %d fields, each at "
				"most %d times",
				text, LINE_FIELDS_MAX, LINE_MENTIONED_MAX);
		lua_pop(L, 3);
	}
	lua_pop(L, 2);
	log->is_written = log->format == LOG_FORMAT_TEXT;
}

/* Pushes a text of the table on top of the stack; NULL if it has none. */
static const char *push_text(lua_State *L, const char *name)
{
	int type = lua_getfield(L, -1, name);

	if (type != LUA_TSTRING && type != LUA_TNIL)
		luaL_error(L, "'%s' of a column of a log must be a string", name);
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
			luaL_error(L, "column '%s' of a log: unknown part '%s'", cells->key, name);
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
		luaL_error(L,
			"a column of a log must be { key =, class =, parts = { PART = FIELD } }");
	cells.class = line_class_find(class);
	if (!cells.class)
		luaL_error(L, "column '%s' of a log: unknown class '%s'", cells.key, class);
	lua_pushvalue(L, top);
	cells.unknown = push_text(L, "unknown");
	if (cells.unknown && line_class_part(cells.class, 1))
		luaL_error(L, "column '%s' of a log: `unknown` is only for columns with one part",
			cells.key);
	lua_pushvalue(L, top);
	cells.with = push_text(L, "with");
	if (cells.with && !line_class_part(cells.class, 1))
		luaL_error(L, "column '%s' of a log: `with` is only for columns with several parts",
			cells.key);
	lua_getfield(L, top, "parts");
	luaL_checktype(L, -1, LUA_TTABLE);
	push_parts(L, &cells);
	fits = log->format == LOG_FORMAT_RECORD || log->format == LOG_FORMAT_TEXT
		       ? line_cells_name(log->layout, &cells)
		       : line_cells_add(
				 log->layout, log_formats[log->format].cells, &cells, is_first);
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
	bool for_machines = log->format != LOG_FORMAT_TEXT && log->format != LOG_FORMAT_RECORD;
	bool is_first = true;

	if (lua_getfield(L, 1, "columns") == LUA_TNIL) {
		if (for_machines)
			luaL_error(L, "a log needs `columns`");
		lua_pop(L, 1);
		return;
	}
	luaL_checktype(L, -1, LUA_TTABLE);
	if (for_machines)
		line_cells_begin(log->layout, log_formats[log->format].cells);
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
		line_cells_end(log->layout, log_formats[log->format].cells);
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

void log_read_spec(lua_State *L, struct log *log)
{
	struct line_times times;
	enum text_form form;

	log->format = read_format(L);
	log->descending = read_flag(L, "descending");
	log->may_lack = read_flag(L, "may_lack");
	log->hosts = read_flag(L, "hosts") && log->format != LOG_FORMAT_LAMI &&
		     log->format != LOG_FORMAT_TEXT;
	log->left = read_integer(L, "limit", INT64_MAX);
	times = (struct line_times){
		read_flag(L, "gmt"), read_flag(L, "date"), read_integer(L, "from", INT64_MIN)};
	form = log_formats[log->format].form;
	if (form == TEXT_FORM_CSV && read_flag(L, "spreadsheet"))
		form = TEXT_FORM_SPREADSHEET;
	log->layout = line_layout_new(&times, form);
	log->words = dictionary_new(form);
	log->fields = g_array_new(FALSE, FALSE, sizeof(struct collected_field));
	if (log->format == LOG_FORMAT_TEXT || log->format == LOG_FORMAT_RECORD)
		read_line(L, log);
	if (!log->is_written)
		read_columns(L, log);
	if (lua_getfield(L, 1, "sort") != LUA_TNIL) {
		log->sort = g_strdup(luaL_checkstring(L, -1));
		if (log->format == LOG_FORMAT_RECORD)
			line_layout_name(log->layout, log->sort, strlen(log->sort));
	}
	find_kept(log);
}
