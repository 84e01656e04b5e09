/*
 * What the files of logs share: the object, and its rows as they are packed.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_LOG_PRIVATE_H
#define LTTNGA_LOG_PRIVATE_H

#include "host/output/finished_rows.h"
#include "host/accumulate/identity_cache.h"
#include "host/lua/object.h"
#include "host/output/dictionary.h"
#include "host/output/line_cells.h"
#include "host/output/line_layout.h"
#include "host/output/packed.h"
#include "host/output/sorted.h"
#include "state/record.h"

#include <glib.h>
#include <lauxlib.h>
#include <stdbool.h>
#include <stdint.h>

/* Longer texts are cut off: no file has such a name, and a row must be kept whole. */
#define LOG_TEXT_MAX 65536

enum log_format {
	LOG_FORMAT_TEXT,
	LOG_FORMAT_CSV,
	LOG_FORMAT_JSON,
	LOG_FORMAT_LAMI,
	LOG_FORMAT_RECORD,
	LOG_FORMATS
};

struct log_format_info {
	const char *name;
	enum text_form form;
	enum line_format cells; /* of rows for machines */
	const char *after;      /* each row */
	const char *between;    /* two of them */
};

extern const struct log_format_info log_formats[LOG_FORMATS];

/* A field of the layout. */
struct kept {
	const char *name;    /* the layout's */
	unsigned int fed;    /* which of the fields that are fed it is */
	bool is_text;        /* packed as a text, or whatever a script gives; else as a number */
	enum line_kind kind; /* of the number */
	bool is_time;        /* packed as the difference to the key of the row */
	int64_t early;       /* a number below it is early */
	struct identity_cache known; /* the numbers of words by the identities of texts */
};

struct log {
	enum log_format format;
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
	struct finished
		*finished; /* rows that others have finished, instead of own ones; or NULL */
};

extern const struct object_type log_type;

static inline struct log *log_check(lua_State *L)
{
	return object_check(L, 1, &log_type);
}

/* Reads the specification at stack index 1 (log.h). */
void log_read_spec(lua_State *L, struct log *log);

/* Lets go of all that is kept of events. */
void log_drop_rows(struct log *log);

/* Makes the buffer so large that `n` bytes fit behind the first `used`; returns where they are. */
char *log_room(struct log *log, size_t used, size_t n);

/* ---- Rows, as they are packed ---- */

/*
 * What is packed for a text: twice the number of its word; or, with the lowest bits 01, its length, with
 * its bytes behind that; or, with 11, what a script gave that is none. Nothing is 0.
 */
enum { RAW = 1, OTHER = 3 };
enum { OTHER_INT, OTHER_FLOAT, OTHER_FALSE, OTHER_TRUE };

static inline uint64_t log_base(const struct kept *kept, int64_t key)
{
	return kept->is_time ? (uint64_t)key : 0;
}

/* What rows are sorted by, of the value of the field that they are sorted by. */
static inline int64_t log_place_of(const struct log *log, int64_t key)
{
	/* VALUE_ABSENT is the least number there is: the one below it is the largest. */
	return log->descending ? ~key : (int64_t)((uint64_t)key - log->may_lack);
}

/* And the other way. */
static inline int64_t log_key_at(const struct log *log, int64_t place)
{
	return log->descending ? ~place : (int64_t)((uint64_t)place + log->may_lack);
}

/* Whether a number is early in a row. */
static inline bool log_is_early(const struct kept *kept, int64_t number)
{
	return number < kept->early && number != VALUE_ABSENT;
}

/* The room for a row without its texts, new; raises an error if rows have been given already. */
char *log_begin_row(lua_State *L, struct log *log, size_t *room);

/* Adds the row that is there now, of a length. */
void log_end_row(lua_State *L, struct log *log, int64_t key, size_t length);

/* Packs a text of its own behind `used` bytes of a row; returns where that ends. */
char *log_pack_raw(struct log *log, size_t *room, size_t used, const char *text, size_t length);

/* Packs a value that a field can have behind `used` bytes of a row; returns where that ends. */
char *log_pack_field(struct log *log, unsigned int i, size_t *room, size_t used,
	const struct line_value *value, int64_t key);

/* Reads what a script gave that is no text; returns where that ends. */
const char *log_read_other(const char *at, uint64_t what, struct line_value *value);

/* The next row in order: 1, 0 if that was all, and raises an error if it can't be read. */
int log_next_row(lua_State *L, struct log *log, struct sorted_text *row);

/* Gives the values that a row was made of, and how long its texts are; returns which are there. */
uint64_t log_read_row(const struct log *log, const struct sorted_text *row,
	struct line_value *values, size_t *texts);

/* Makes the texts of a row, which log_read_row() gave, those that came; returns how long they are. */
size_t log_raw_texts(
	const struct log *log, const struct sorted_text *row, struct line_value *values);

/* Raises an error if rows have been given already; from now on they are. */
void log_check_unread(lua_State *L, struct log *log);

/* What a field can be: as it is shown, and if it is packed as a number as that is. */
unsigned int log_kinds(const struct log *log, unsigned int i);

extern const char *const log_kind_names[LINE_TEXT + 1]; /* "an integer", ... */

/* ---- Methods ---- */

int log_add(lua_State *L);
int log_each(lua_State *L);
int log_text(lua_State *L);
int log_save(lua_State *L);
int log_merge(lua_State *L);

#endif
