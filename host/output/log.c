/*
 * Lines of text made of the fields of events, sorted. Until they are asked for they are kept as what
 * they are made of, which is smaller.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/output/log.h"

#include "host/accumulate/identity_cache.h"
#include "host/lua/collector.h"
#include "host/lua/interrupt.h"
#include "host/output/dictionary.h"
#include "host/output/line_layout.h"
#include "host/output/sorted.h"
#include "state/record.h"

#include <glib.h>
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#define LOG_TYPE "lttnga.log"

/* How much text is given at once. */
#define PIECE 65536

/* Longer texts are cut off: no file has such a name, and a row must be kept whole. */
#define TEXT_MAX 65536

/* A field of the layout. */
struct kept {
	unsigned int fed; /* which of the fields that are fed it is */
	bool is_text;
	bool is_time;               /* kept as the difference to the key of the row */
	int64_t early;              /* a number below it is marked */
	struct identity_cache memo; /* the numbers of words by the identities of texts */
};

struct log {
	struct line_layout *layout;
	struct sorted *rows;
	GArray *fields;    /* struct collected_field: that it is fed with, if it is */
	struct kept *kept; /* the fields of the layout */
	unsigned int n_kept;
	struct dictionary *words;
	bool early;         /* whether a line is marked */
	bool written;       /* all rows are gone, or going */
	GByteArray *buffer; /* a piece of text in the making */
};

static struct log *check_log(lua_State *L)
{
	return luaL_checkudata(L, 1, LOG_TYPE);
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
	line_layout_free(log->layout);
	if (log->fields)
		g_array_unref(log->fields);
	*log = (struct log){0};
	return 0;
}

/* Reads the columns in the list at index 1. */
static void read_columns(lua_State *L, struct line_layout *layout)
{
	for (lua_Integer i = 1; lua_geti(L, 1, i) == LUA_TTABLE; i++) {
		lua_Integer width;
		const char *text;

		lua_geti(L, -1, 1);
		width = luaL_checkinteger(L, -1);
		lua_geti(L, -2, 2);
		text = luaL_checkstring(L, -1);
		if (!line_layout_add(layout, (int)CLAMP(width, INT_MIN, INT_MAX), text))
			luaL_error(L,
				"the column '%s' of a line makes no sense: a field is "
				"{NAME} or {NAME:time}, us, size, early; there are up to %d, each up "
				"to %d times",
				text, LINE_FIELDS_MAX, LINE_MENTIONED_MAX);
		lua_pop(L, 3);
	}
	lua_pop(L, 1);
}

/* new(columns, { gmt =, date =, from = }) -> object */
static int log_new(lua_State *L)
{
	struct line_times times;
	struct log *log;

	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_checktype(L, 2, LUA_TTABLE);
	lua_getfield(L, 2, "gmt");
	times.gmt = lua_toboolean(L, -1);
	lua_getfield(L, 2, "date");
	times.date = lua_toboolean(L, -1);
	times.from = lua_getfield(L, 2, "from") == LUA_TNUMBER ? lua_tointeger(L, -1) : INT64_MIN;
	lua_pop(L, 3);
	log = lua_newuserdatauv(L, sizeof(*log), 0);
	*log = (struct log){0};
	luaL_setmetatable(L, LOG_TYPE);
	log->layout = line_layout_new(&times);
	log->fields = g_array_new(FALSE, FALSE, sizeof(struct collected_field));
	read_columns(L, log->layout);
	log->n_kept = line_layout_n_fields(log->layout);
	log->kept = g_new0(struct kept, log->n_kept);
	for (unsigned int i = 0; i < log->n_kept; i++) {
		log->kept[i].is_time = line_layout_times(log->layout) >> i & 1;
		log->kept[i].early = line_layout_early(log->layout, i);
	}
	return 1;
}

/* log:early() -> whether something began before the time that was asked for */
static int log_early(lua_State *L)
{
	lua_pushboolean(L, check_log(L)->early);
	return 1;
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

/* ---- Rows: the fields of one event, as they are kept ---- */

/* Bytes that keeping a number touches, and those that it takes at most. */
#define KEPT_MAX 9

/*
 * A number of up to 56 bits is kept in as many bytes as it has groups of 7 bits, which are (9 bits + 64)
 * / 64. The lowest bit of the first byte that is 1 tells how many: that many bits, up to there, are not
 * the number's. Larger ones are kept in 8 bytes behind one that is 0.
 */
static char *keep(char *to, uint64_t number)
{
	unsigned int bits = 64 - (unsigned int)__builtin_clzll(number | 1),
		     n = (bits * 9 + 64) / 64;
	uint64_t word;

	if (bits > 56) {
		*to++ = 0;
		word = GUINT64_TO_LE(number);
		n = sizeof(word);
	} else {
		word = GUINT64_TO_LE((number << 1 | 1) << (n - 1));
	}
	memcpy(to, &word, sizeof(word));
	return to + n;
}

static const char *read_kept(const char *at, uint64_t *number)
{
	unsigned int first = (unsigned char)*at, n;
	uint64_t word;

	if (first == 0) {
		memcpy(&word, at + 1, sizeof(word));
		*number = GUINT64_FROM_LE(word);
		return at + 1 + sizeof(word);
	}
	n = (unsigned int)__builtin_ctz(first) + 1;
	memcpy(&word, at, sizeof(word));
	*number = GUINT64_FROM_LE(word) >> n & ((UINT64_C(1) << 7 * n) - 1);
	return at + n;
}

/*
 * A number is kept as its distance from a base, since times are near the key of the row: as one more than
 * what that is with its sign at the lowest bit. What is not there is 0; the one distance that would be 0,
 * too, is kept as the one that is left over, since nothing that is there is VALUE_ABSENT.
 */
static char *keep_number(char *to, int64_t number, uint64_t base)
{
	uint64_t distance = (uint64_t)number - base;

	if (number == VALUE_ABSENT)
		return keep(to, 0);
	if (distance == (uint64_t)VALUE_ABSENT)
		distance = (uint64_t)VALUE_ABSENT - base;
	return keep(to, fold_sign((int64_t)distance) + 1);
}

/* The number that is there, and was kept as this. */
static int64_t read_number(uint64_t kept, uint64_t base)
{
	uint64_t number = (uint64_t)unfold_sign(kept - 1) + base;

	return (int64_t)(number == (uint64_t)VALUE_ABSENT ? number + base : number);
}

static uint64_t base_of(const struct kept *kept, int64_t key)
{
	return kept->is_time ? (uint64_t)key : 0;
}

/*
 * A text is kept as twice the number of its word, or as one more than twice its length with its bytes
 * behind that; none is 0.
 */
static const char *read_text(
	const struct log *log, const char *at, uint64_t kept, struct line_value *value)
{
	const struct word *word;

	if (kept & 1) {
		value->text = at;
		value->length = kept / 2;
		return at + kept / 2;
	}
	word = dictionary_at(log->words, (uint32_t)(kept / 2));
	value->is_clean = true;
	value->text = word->text;
	value->length = word->length;
	value->columns = word->columns;
	return at;
}

/* Gives the values that a row was made of, and how long its texts are; returns which are there. */
static uint64_t read_row(const struct log *log, const struct sorted_text *row,
	struct line_value *values, size_t *texts)
{
	const char *at = row->text;
	uint64_t there = 0;

	*texts = 0;
	for (unsigned int i = 0; i < log->n_kept; i++) {
		const struct kept *kept = &log->kept[i];
		struct line_value *value = &values[i];
		uint64_t number;

		value->text = NULL;
		value->is_clean = false;
		at = read_kept(at, &number);
		if (number == 0)
			continue;
		there |= UINT64_C(1) << i;
		if (kept->is_text) {
			at = read_text(log, at, number, value);
			*texts += value->length;
		} else {
			value->number = read_number(number, base_of(kept, row->key));
		}
	}
	return there;
}

/* Whether a number is marked in the line. */
static bool is_early(const struct kept *kept, int64_t number)
{
	return number < kept->early && number != VALUE_ABSENT;
}

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
	size_t most = KEPT_MAX * log->n_kept;
	int64_t key = collected_number(event, 0);
	char *begin, *to;

	(void)ref;
	if (log->written)
		luaL_error(L, "these lines are written already");
	if (!log->rows) {
		log->rows = sorted_new();
		log->words = dictionary_new();
	}
	begin = to = sorted_room(log->rows, most);
	for (unsigned int i = 0; i < log->n_kept; i++) {
		struct kept *kept = &log->kept[i];
		uint64_t identity;
		int64_t number;
		uint32_t word;

		if (!kept->is_text) {
			number = collected_number(event, kept->fed);
			log->early |= is_early(kept, number);
			to = keep_number(to, number, base_of(kept, key));
			continue;
		}
		identity = collected_identity(event, kept->fed);
		word = identity ? find_word(log, kept, event, identity) : 0;
		if (word > 0 || !identity) {
			to = keep(to, 2 * (uint64_t)word);
		} else {
			const char *text = collected_text(event, kept->fed);
			size_t length = strnlen(text, TEXT_MAX), used = (size_t)(to - begin);

			most += length;
			begin = sorted_room(log->rows, most);
			to = keep(begin + used, 2 * length + 1);
			memcpy(to, text, length);
			to += length;
		}
	}
	if (!sorted_add(log->rows, key, (size_t)(to - begin)))
		sorted_fail(L);
}

/* Makes the next lines, many at once, in the buffer; returns how long they are, 0 if that was all. */
static size_t next_piece(lua_State *L, struct log *log)
{
	struct line_value values[LINE_FIELDS_MAX];
	struct sorted_text row;
	size_t used = 0;
	int more = 1;

	while (used < PIECE && (more = sorted_next(log->rows, &row)) > 0) {
		size_t texts;
		uint64_t there = read_row(log, &row, values, &texts);
		char *to = room_for(log, used, line_layout_room(log->layout, texts) + 1);

		to = line_layout_write(log->layout, values, there, to);
		*to++ = '\n';
		used = (size_t)(to - (char *)log->buffer->data);
	}
	if (more < 0)
		sorted_fail(L);
	return used;
}

/* log:write(file) -> true, or nil and a message; writes the lines. Only once. */
static int log_write(lua_State *L)
{
	struct log *log = check_log(L);
	luaL_Stream *stream = luaL_checkudata(L, 2, LUA_FILEHANDLE);
	size_t length;

	luaL_argcheck(L, stream->closef, 2, "the file is closed");
	log->written = true;
	while (log->rows && (length = next_piece(L, log)) > 0) {
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

/* log:text({ FIELD = value, ... }) -> one line, which is not added */
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
		int type = lua_getfield(L, 2, line_layout_field(log->layout, i));

		values[i] = (struct line_value){0};
		if (type == LUA_TBOOLEAN)
			values[i].number = lua_toboolean(L, -1);
		else if (lua_isinteger(L, -1))
			values[i].number = lua_tointeger(L, -1);
		else if (type == LUA_TSTRING && !line_layout_is_number(log->layout, i))
			values[i].text = lua_tolstring(L, -1, &values[i].length);
		else
			continue;
		values[i].length = MIN(values[i].length, TEXT_MAX);
		texts += values[i].length;
		there |= UINT64_C(1) << i;
		log->early |= !values[i].text && is_early(&log->kept[i], values[i].number);
	}
	begin = room_for(log, 0, line_layout_room(log->layout, texts));
	end = line_layout_write(log->layout, values, there, begin);
	lua_pushlstring(L, begin, (size_t)(end - begin));
	return 1;
}

/* ---- What it is fed with ---- */

static const char *attach(
	lua_State *L, int index, const struct collected_field *fields, unsigned int n)
{
	struct log *log = lua_touserdata(L, index);

	if (log->fields->len > 0)
		return collected_same_fields(&g_array_index(log->fields, struct collected_field, 0),
			       log->fields->len, fields, n)
			       ? NULL
			       : "a log takes one set of fields only";
	if (n == 0 || fields[0].kind != COLLECTED_INT)
		return "lines are sorted by the first field, which must be a number";
	for (unsigned int i = 0; i < log->n_kept; i++) {
		const char *name = line_layout_field(log->layout, i);
		unsigned int k = 0;

		while (k < n && strcmp(fields[k].name, name) != 0)
			k++;
		if (k == n)
			return lua_pushfstring(
				L, "a line names {%s}, which is not collected", name);
		log->kept[i].fed = k;
		log->kept[i].is_text = fields[k].kind == COLLECTED_TEXT;
		if (log->kept[i].is_text && line_layout_is_number(log->layout, i))
			return lua_pushfstring(L, "{%s} is no number in a line", name);
	}
	g_array_append_vals(log->fields, fields, n);
	return NULL;
}

int luaopen_lttnga_log(lua_State *L)
{
	static const struct collector_type type = {.attach = attach, .add = add, .by_name = true};
	static const luaL_Reg functions[] = {
		{"new", log_new},
		{NULL, NULL},
	};
	static const luaL_Reg methods[] = {
		{"early", log_early},
		{"text", log_text},
		{"write", log_write},
		{NULL, NULL},
	};

	luaL_newmetatable(L, LOG_TYPE);
	luaL_newlib(L, methods);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, log_gc);
	lua_setfield(L, -2, "__gc");
	collector_mark(L, &type);
	lua_pop(L, 1);
	luaL_newlib(L, functions);
	return 1;
}
