/*
 * Logs in files, to be merged with others.
 *
 * A saved log is a line that says so; how many fields it has, and their names; and the rows in order, each
 * one behind its length in 4 bytes: its key, and for each field what is packed for it, with texts as they
 * came. The length 0 ends it. Numbers are packed, texts are behind their length.
 *
 * Or it has finished rows, with what is written after each: a line that says so; whether something in them is early;
 * the rows (finished_rows.h).
 */
#include "host/output/log_private.h"

#include <stdio.h>
#include <string.h>

static const char magic[] = "lttnga log 1\n";
static const char magic_finished[] = "lttnga row 1\n";
G_STATIC_ASSERT(sizeof(magic) == sizeof(magic_finished));

static char *pack_bytes(char *to, const char *bytes, size_t length)
{
	to = pack(to, length);
	memcpy(to, bytes, length);
	return to + length;
}

/* Packs a value for a file to where there is room. */
static char *pack_for_file(char *to, const struct line_value *value)
{
	uint64_t bits = (uint64_t)value->number;

	if (value->kind == LINE_TEXT)
		return put_bytes(pack(to, value->length << 2 | RAW), value->text, value->length);
	if (value->kind == LINE_BOOL)
		return pack(to, (value->number ? OTHER_TRUE : OTHER_FALSE) << 2 | OTHER);
	if (value->kind == LINE_FLOAT)
		memcpy(&bits, &value->real, sizeof(bits));
	return pack(
		pack(to, (value->kind == LINE_FLOAT ? OTHER_FLOAT : OTHER_INT) << 2 | OTHER), bits);
}

/* Makes a row for a file in the buffer; returns how long it is, with its length before it. */
static size_t file_row(struct log *log, const struct sorted_text *row)
{
	struct line_value values[LINE_FIELDS_MAX];
	size_t texts;
	uint64_t there = log_read_row(log, row, values, &texts);
	char *begin, *to;
	uint32_t length;

	texts = log_raw_texts(log, row, values);
	begin = log_room(log, 0, sizeof(length) + 2 * PACKED_MAX * (log->n_kept + 1) + texts);
	to = pack(begin + sizeof(length), fold_sign(log_key_at(log, row->key)));
	for (unsigned int i = 0; i < log->n_kept; i++)
		to = there >> i & 1 ? pack_for_file(to, &values[i]) : pack(to, 0);
	length = GUINT32_TO_LE((uint32_t)(to - begin - (ptrdiff_t)sizeof(length)));
	memcpy(begin, &length, sizeof(length));
	return (size_t)(to - begin);
}

/* Makes the begin of a file in the buffer; returns how long it is. */
static size_t file_head(struct log *log)
{
	size_t length = sizeof(magic) + PACKED_MAX;
	char *begin, *to;

	for (unsigned int i = 0; i < log->n_kept; i++)
		length += PACKED_MAX + strlen(log->kept[i].name);
	begin = log_room(log, 0, length);
	to = pack(put_bytes(begin, magic, strlen(magic)), log->n_kept);
	for (unsigned int i = 0; i < log->n_kept; i++)
		to = pack_bytes(to, log->kept[i].name, strlen(log->kept[i].name));
	return (size_t)(to - begin);
}

static FILE *check_file(lua_State *L)
{
	luaL_Stream *stream = luaL_checkudata(L, 2, LUA_FILEHANDLE);

	luaL_argcheck(L, stream->closef, 2, "the file is closed");
	return stream->f;
}

/* Writes the rows as they will be; false with errno set if that fails. */
static bool save_finished(lua_State *L, struct log *log, FILE *file)
{
	struct finished_writer writer = {.file = file};
	const char *after = log_formats[log->format].after;
	struct line_value values[LINE_FIELDS_MAX];
	struct sorted_text row;
	bool written = fprintf(file, "%s%c", magic_finished, log->early ? '*' : '-') > 0;

	while (written && log_next_row(L, log, &row)) {
		size_t texts;
		uint64_t there = log_read_row(log, &row, values, &texts);
		char *begin = finished_room(
			&writer, line_layout_room(log->layout, texts) + strlen(after));
		char *end = line_layout_write(log->layout, values, there, begin);

		end = put_bytes(end, after, strlen(after));
		written = finished_add(&writer, row.key, (size_t)(end - begin));
	}
	return finished_end(&writer) && written;
}

/*
 * log:save(file: file*, finished?: boolean) -> true?, string?; writes the rows for merge(), once; nil and a
 * message if that fails. `finished`: as they will be written, if they can be
 */
int log_save(lua_State *L)
{
	struct log *log = log_check(L);
	FILE *file = check_file(L);
	static const uint32_t end = 0;
	struct sorted_text row;
	size_t length;

	log_check_unread(L, log);
	if (lua_toboolean(L, 3) && log->is_written) {
		bool written = save_finished(L, log, file);

		log_drop_rows(log);
		return luaL_fileresult(L, written, NULL);
	}
	length = file_head(log);
	do {
		if (fwrite(log->buffer->data, 1, length, file) != length)
			return luaL_fileresult(L, 0, NULL);
		length = log_next_row(L, log, &row) ? file_row(log, &row) : 0;
	} while (length > 0);
	log_drop_rows(log);
	return luaL_fileresult(L, fwrite(&end, sizeof(end), 1, file) == 1, NULL);
}

/* A row, or the head, that is being read from a file: what is left of it. */
struct piece {
	const char *at, *end;
};

static void fail_file(lua_State *L)
{
	luaL_error(L, "not a saved log, or damaged");
}

/* Reads so many bytes to the buffer, with slack behind them; false if there are not as many. */
static bool read_bytes(struct log *log, FILE *file, size_t length)
{
	char *to = log_room(log, 0, length + 2 * PACKED_MAX);

	memset(to + length, 0, 2 * PACKED_MAX);
	return fread(to, 1, length, file) == length;
}

/* The next packed number of a piece. */
static uint64_t next_number(lua_State *L, struct piece *piece)
{
	uint64_t number;

	if (piece->at >= piece->end)
		fail_file(L);
	piece->at = unpack(piece->at, &number);
	if (piece->at > piece->end)
		fail_file(L);
	return number;
}

/* Goes over so many bytes of a piece; returns where they are. */
static const char *next_bytes(lua_State *L, struct piece *piece, uint64_t length)
{
	const char *at = piece->at;

	if (length > (uint64_t)(piece->end - piece->at))
		fail_file(L);
	piece->at += length;
	return at;
}

/* The next value of a piece; false if there is none. */
static bool next_value(lua_State *L, struct piece *piece, struct line_value *value)
{
	uint64_t packed = next_number(L, piece);

	*value = (struct line_value){.kind = LINE_TEXT};
	if (packed == 0)
		return false;
	if ((packed & 3) == RAW) {
		value->length = MIN(packed >> 2, LOG_TEXT_MAX);
		value->text = next_bytes(L, piece, packed >> 2);
		return true;
	}
	if ((packed & 3) != OTHER || packed >> 2 > OTHER_TRUE)
		fail_file(L);
	/* What can be read behind the end are zeros. */
	piece->at = log_read_other(piece->at, packed >> 2, value);
	if (piece->at > piece->end)
		fail_file(L);
	return true;
}

/* Reads one byte after the other, up to a number; the head of a file has no length. */
static uint64_t read_packed(lua_State *L, FILE *file)
{
	char bytes[2 * PACKED_MAX] = {0};
	int first = getc(file);
	size_t n = first == 0  ? PACKED_MAX
		   : first > 0 ? (size_t)__builtin_ctz((unsigned)first) + 1
			       : 0;
	uint64_t number;

	bytes[0] = (char)first;
	if (n == 0 || fread(bytes + 1, 1, n - 1, file) != n - 1)
		fail_file(L);
	unpack(bytes, &number);
	return number;
}

/* Reads the head of a file: for each of its fields, which one of the layout it is, or -1. */
static unsigned int read_head(lua_State *L, struct log *log, FILE *file, int *fields)
{
	uint64_t n, length;

	if (memcmp(log->buffer->data, magic, strlen(magic)) != 0 || log->finished)
		fail_file(L);
	n = read_packed(L, file);
	if (n > LINE_FIELDS_MAX)
		fail_file(L);
	for (unsigned int i = 0; i < n; i++) {
		length = read_packed(L, file);
		if (length > LOG_TEXT_MAX || !read_bytes(log, file, length))
			fail_file(L);
		fields[i] = -1;
		for (unsigned int k = 0; k < log->n_kept; k++)
			if (strcmp(log->kept[k].name, (const char *)log->buffer->data) == 0)
				fields[i] = (int)k;
	}
	return (unsigned int)n;
}

/* Adds the row that is in the buffer. */
static void merge_row(
	lua_State *L, struct log *log, size_t length, const int *fields, unsigned int n)
{
	struct piece piece = {
		(const char *)log->buffer->data, (const char *)log->buffer->data + length};
	struct line_value values[LINE_FIELDS_MAX];
	int64_t key = unfold_sign(next_number(L, &piece));
	uint64_t there = 0;
	size_t room, used = 0;

	for (unsigned int i = 0; i < n; i++) {
		struct line_value value;
		unsigned int k = (unsigned int)fields[i];

		if (!next_value(L, &piece, &value) || fields[i] < 0)
			continue;
		if (!(log_kinds(log, k) >> value.kind & 1))
			luaL_error(L, "'%s' of a saved log must not be %s", log->kept[k].name,
				log_kind_names[value.kind]);
		values[k] = value;
		there |= UINT64_C(1) << k;
	}
	log_begin_row(L, log, &room);
	for (unsigned int k = 0; k < log->n_kept; k++) {
		char *to = sorted_room(log->rows, room) + used;

		to = there >> k & 1 ? log_pack_field(log, k, &room, used, &values[k], key)
				    : pack(to, 0);
		used = (size_t)(to - sorted_room(log->rows, room));
	}
	log_end_row(L, log, key, used);
}

/* Adds the finished rows of a file, of which the first line has been read. */
static void merge_finished(lua_State *L, struct log *log, FILE *file)
{
	int early = fgetc(file);
	int64_t rows;

	if (!log->is_written || log->rows)
		luaL_error(L, "finished rows can only be added to others that are");
	if (!log->finished)
		log->finished = finished_new();
	rows = early == EOF ? -1 : finished_take(log->finished, file);
	if (rows < 0)
		fail_file(L);
	log->early |= early == '*';
	log->count += rows;
}

/* log:merge(file: file*); takes in the rows that another one has saved */
int log_merge(lua_State *L)
{
	struct log *log = log_check(L);
	FILE *file = check_file(L);
	int fields[LINE_FIELDS_MAX];
	unsigned int n;
	uint32_t length;

	if (!read_bytes(log, file, strlen(magic)))
		fail_file(L);
	if (memcmp(log->buffer->data, magic_finished, strlen(magic)) == 0) {
		merge_finished(L, log, file);
		return 0;
	}
	n = read_head(L, log, file, fields);
	for (;;) {
		if (fread(&length, sizeof(length), 1, file) != 1)
			fail_file(L);
		length = GUINT32_FROM_LE(length);
		if (length == 0)
			return 0;
		if (length > SORTED_LENGTH_MAX || !read_bytes(log, file, length))
			fail_file(L);
		merge_row(L, log, length, fields, n);
	}
}
