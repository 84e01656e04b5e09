/*
 * The rows of a log, as they are packed until they are given.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/collector.h"
#include "host/output/log_private.h"
#include "host/output/sorted_object.h"

#include <string.h>

/* Lets go of all that is kept of events. */
void log_drop_rows(struct log *log)
{
	sorted_free(log->rows);
	log->rows = NULL;
	finished_free(log->finished);
	log->finished = NULL;
	dictionary_free(log->words);
	log->words = NULL;
	for (unsigned int i = 0; i < log->n_kept; i++)
		identity_cache_clear(&log->kept[i].known);
	if (log->buffer)
		g_byte_array_unref(log->buffer);
	log->buffer = NULL;
}

/* Makes the buffer so large that `n` bytes fit behind the first `used`; returns where they are. */
char *log_room(struct log *log, size_t used, size_t n)
{
	if (!log->buffer)
		log->buffer = g_byte_array_new();
	if (used + n > log->buffer->len)
		g_byte_array_set_size(log->buffer, (guint)(2 * (used + n)));
	return (char *)log->buffer->data + used;
}

/* Reads what a script gave that is no text. */
const char *log_read_other(const char *at, uint64_t what, struct line_value *value)
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
		return log_read_other(at, packed >> 2, value);
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
uint64_t log_read_row(const struct log *log, const struct sorted_text *row,
	struct line_value *values, size_t *texts)
{
	int64_t key = log_key_at(log, row->key);
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
			value->number = packed_number(packed, log_base(kept, key));
		}
	}
	return there;
}

/* The room for a row without its texts, new; raises an error if rows have been given already. */
char *log_begin_row(lua_State *L, struct log *log, size_t *room)
{
	if (log->given || log->finished)
		luaL_error(L, "this log has already been written");
	if (!log->rows)
		log->rows = sorted_new();
	*room = 2 * PACKED_MAX * log->n_kept;
	return sorted_room(log->rows, *room);
}

void log_end_row(lua_State *L, struct log *log, int64_t key, size_t length)
{
	if (!sorted_add(log->rows, log_place_of(log, key), length))
		sorted_fail(L);
	log->count++;
}

/* Packs a text of its own behind `used` bytes of a row; returns where that ends. */
char *log_pack_raw(struct log *log, size_t *room, size_t used, const char *text, size_t length)
{
	char *to;

	length = MIN(length, LOG_TEXT_MAX);
	*room += length;
	to = pack(sorted_room(log->rows, *room) + used, length << 2 | RAW);
	memcpy(to, text, length);
	return to + length;
}

const char *const log_kind_names[LINE_TEXT + 1] = {
	[LINE_INT] = "an integer",
	[LINE_BOOL] = "a boolean",
	[LINE_FLOAT] = "a number",
	[LINE_TEXT] = "a string",
};

/* What a field can be: as it is shown, and if it is packed as a number as that is. */
unsigned int log_kinds(const struct log *log, unsigned int i)
{
	unsigned int kinds = line_layout_kinds(log->layout, i);

	return log->kept[i].is_text ? kinds : kinds & LINE_KIND(log->kept[i].kind);
}

/* The word that a text is, which need not end with a NUL; 0 if it is none. */
static uint32_t word_of(struct log *log, const struct line_value *value)
{
	char text[DICTIONARY_TEXT_MAX + 1];

	if (value->length > DICTIONARY_TEXT_MAX || memchr(value->text, '\0', value->length))
		return 0;
	memcpy(text, value->text, value->length);
	text[value->length] = '\0';
	return dictionary_find(log->words, text);
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
		word = word_of(log, value);
		return word ? pack(to, 2 * (uint64_t)word)
			    : log_pack_raw(log, room, used, value->text, value->length);
	}
}

/* Packs a value that a field can have behind `used` bytes of a row. */
char *log_pack_field(struct log *log, unsigned int i, size_t *room, size_t used,
	const struct line_value *value, int64_t key)
{
	const struct kept *kept = &log->kept[i];

	if (value->kind == LINE_INT)
		log->early |= log_is_early(kept, value->number);
	return kept->is_text ? pack_value(log, room, used, value)
			     : pack_number(sorted_room(log->rows, *room) + used, value->number,
				       log_base(kept, key));
}

/* The next row in order: 1, 0 if that was all, and raises an error if it can't be read. */
int log_next_row(lua_State *L, struct log *log, struct sorted_text *row)
{
	int more = log->rows && log->left > 0 ? sorted_next(log->rows, row) : 0;

	if (more < 0)
		sorted_fail(L);
	log->left -= more;
	return more;
}

void log_check_unread(lua_State *L, struct log *log)
{
	if (log->given)
		luaL_error(L, "this log has already been written");
	log->given = true;
}

/* Makes the texts of a row, which log_read_row() gave, those that came; returns how long they are. */
size_t log_raw_texts(
	const struct log *log, const struct sorted_text *row, struct line_value *values)
{
	const char *at = row->text;
	size_t length = 0;

	for (unsigned int i = 0; i < log->n_kept; i++) {
		uint64_t packed;

		at = unpack(at, &packed);
		if (packed == 0 || !log->kept[i].is_text)
			continue;
		if ((packed & 3) == OTHER) {
			at = log_read_other(at, packed >> 2, &values[i]);
			continue;
		}
		if ((packed & 3) == RAW) {
			at += packed >> 2;
		} else {
			const struct word *word = dictionary_at(log->words, (uint32_t)(packed / 2));

			values[i].text = word->raw;
			values[i].length = word->raw_length;
		}
		length += values[i].length;
	}
	return length;
}
