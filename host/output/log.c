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

#include "host/lua/collector.h"
#include "host/lua/interrupt.h"
#include "host/output/log_private.h"

#include <stdio.h>
#include <string.h>

/* How much text is given at once. */
#define PIECE 65536

static int log_gc(lua_State *L)
{
	struct log *log = log_check(L);

	log_drop_rows(log);
	g_free(log->kept);
	g_free(log->sort);
	line_layout_free(log->layout);
	if (log->fields)
		g_array_unref(log->fields);
	*log = (struct log){0};
	return 0;
}

static int log_new(lua_State *L)
{
	struct log *log;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	log = object_new(L, &log_type, sizeof(*log), 0);
	log_read_spec(L, log);
	lua_settop(L, 2);
	return 1;
}

/* log:early() -> boolean; whether a row began before the time that was asked for */
static int log_early(lua_State *L)
{
	lua_pushboolean(L, log_check(L)->early);
	return 1;
}

/* log:count() -> integer; how many rows there are */
static int log_count(lua_State *L)
{
	lua_pushinteger(L, log_check(L)->count);
	return 1;
}

/* log:take(n: integer); gives only the first `n` rows */
static int log_take(lua_State *L)
{
	log_check(L)->left = luaL_checkinteger(L, 2);
	return 0;
}

/* ---- Rows of events ---- */

/* The word that the text of a field is, mostly known from an event before; 0 if it is none. */
static uint32_t find_word(
	struct log *log, struct kept *kept, const struct collected_event *event, uint64_t identity)
{
	void **found = identity_cache_at(&kept->known, 1, &identity);

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
	char *to = log_begin_row(L, log, &room), *begin = to;

	(void)ref;
	for (unsigned int i = 0; i < log->n_kept; i++) {
		struct kept *kept = &log->kept[i];
		uint64_t identity;
		uint32_t word;

		if (!kept->is_text) {
			int64_t number = collected_number(event, kept->fed);

			log->early |= log_is_early(kept, number);
			to = pack_number(to, number, log_base(kept, key));
			continue;
		}
		identity = collected_identity(event, kept->fed);
		word = identity ? find_word(log, kept, event, identity) : 0;
		if (word > 0 || !identity) {
			to = pack(to, 2 * (uint64_t)word);
		} else {
			const char *text = collected_text(event, kept->fed);
			size_t used = (size_t)(to - begin);

			to = log_pack_raw(log, &room, used, text, strnlen(text, LOG_TEXT_MAX));
			begin = sorted_room(log->rows, room);
		}
	}
	log_end_row(L, log, key, (size_t)(to - begin));
}

/* ---- Writing rows ---- */

/* What stands around each row. */
struct around {
	const char *before, *after, *between;
	size_t before_length, after_length, between_length;
	bool is_first;
};

/* Writes what stands before a row. */
static char *put_before(char *to, const struct around *around)
{
	if (!around->is_first)
		to = put_bytes(to, around->between, around->between_length);
	return put_bytes(to, around->before, around->before_length);
}

/* Writes the next row behind `used` bytes of the buffer, with what stands around it; returns where that ends, or NULL. */
static char *next_finished(struct log *log, size_t used, const struct around *around)
{
	struct finished_rows row;
	char *to;

	if (log->left <= 0 || !finished_next(log->finished, 1, &row))
		return NULL;
	log->left--;
	to = log_room(log, used, row.length + around->before_length + around->between_length);
	to = put_before(to, around);
	return put_bytes(to, row.text, row.length);
}

/* The same of the log's own rows. */
static char *next_own(lua_State *L, struct log *log, size_t used, const struct around *around)
{
	struct line_value values[LINE_FIELDS_MAX];
	struct sorted_text row;
	uint64_t there;
	size_t texts;
	char *to;

	if (!log_next_row(L, log, &row))
		return NULL;
	there = log_read_row(log, &row, values, &texts);
	to = log_room(log, used,
		line_layout_room(log->layout, texts) + around->before_length +
			around->after_length + around->between_length);
	to = put_before(to, around);
	to = line_layout_write(log->layout, values, there, to);
	return put_bytes(to, around->after, around->after_length);
}

/* Gives the next rows, many at once, in the buffer or where they are; returns how long they are, 0 if that was all. */
static size_t next_piece(lua_State *L, struct log *log, struct around *around, const char **piece)
{
	struct finished_rows rows;
	size_t used = 0;
	char *to;

	if (log->finished && around->before_length + around->between_length == 0) {
		if (log->left <= 0 || !finished_next(log->finished, log->left, &rows))
			return 0;
		log->left -= rows.n;
		*piece = rows.text;
		return rows.length;
	}
	while (used < PIECE) {
		to = log->finished ? next_finished(log, used, around)
				   : next_own(L, log, used, around);
		if (!to)
			break;
		around->is_first = false;
		used = (size_t)(to - (char *)log->buffer->data);
	}
	*piece = log->buffer ? (const char *)log->buffer->data : NULL;
	return used;
}

/*
 * log:write(file: file*, before?: string, between?: string) -> true?, string?; writes the rows,
 * once; nil and a message if that fails
 */
static int log_write(lua_State *L)
{
	struct log *log = log_check(L);
	luaL_Stream *stream = luaL_checkudata(L, 2, LUA_FILEHANDLE);
	struct around around = {.after = log_formats[log->format].after, .is_first = true};
	const char *piece;
	size_t length;

	around.before = luaL_optlstring(L, 3, "", &around.before_length);
	around.between =
		luaL_optlstring(L, 4, log_formats[log->format].between, &around.between_length);
	around.after_length = strlen(around.after);
	luaL_argcheck(L, stream->closef, 2, "the file is closed");
	if (!log->is_written)
		return luaL_error(L, "this log has no layout: give it `line` or `columns`");
	log_check_unread(L, log);
	while ((length = next_piece(L, log, &around, &piece)) > 0) {
		if (fwrite(piece, 1, length, stream->f) != length)
			return luaL_fileresult(L, 0, NULL);
		if (interrupt_wanted()) {
			lua_pushliteral(L, "interrupted");
			return lua_error(L);
		}
	}
	log_drop_rows(log);
	lua_pushboolean(L, true);
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
		return lua_pushfstring(L, "a line uses {%s}, which is not collected", kept->name);
	kept->fed = fed;
	kept->kind = kinds[fields[fed].kind];
	kept->is_text = kept->kind == LINE_TEXT;
	if (kept->is_text && !(line_layout_kinds(log->layout, i) >> LINE_TEXT & 1))
		return lua_pushfstring(
			L, "a line shows {%s} as a number, but it is a string", kept->name);
	if (!(line_layout_kinds(log->layout, i) >> kept->kind & 1))
		return lua_pushfstring(L, "a line cannot show {%s} in this way: it is %s",
			kept->name, log_kind_names[kept->kind]);
	return NULL;
}

static const char *attach(
	lua_State *L, int index, const struct collected_field *fields, unsigned int n)
{
	struct log *log = lua_touserdata(L, index);
	const char *wrong = NULL;

	if (log->count > 0 && log->fields->len == 0)
		return "this log already has rows that a script has added";
	log->key = log->sort ? find_fed(log, fields, n, log->sort) : 0;
	if (log->key >= n || fields[log->key].kind != COLLECTED_INT)
		return log->sort
			       ? "the field that lines are sorted by must be collected and numeric"
			       : "the first field, which lines are sorted by, must be numeric";
	for (unsigned int i = 0; i < log->n_kept && !wrong; i++)
		wrong = feed_kept(L, log, i, fields, n);
	return wrong ? wrong
		     : collected_keep_fields(log->fields, fields, n,
			       "all collects into one log must give the same fields");
}

static const struct collector_type collector = {.attach = attach, .add = add, .by_name = true};

static const luaL_Reg methods[] = {
	{"add", log_add},
	{"count", log_count},
	{"each", log_each},
	{"early", log_early},
	{"merge", log_merge},
	{"save", log_save},
	{"take", log_take},
	{"text", log_text},
	{"write", log_write},
	{NULL, NULL},
};

const struct object_type log_type = {
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
