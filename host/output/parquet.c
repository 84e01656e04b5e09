/*
 * Row groups, pages, and the footer of a Parquet file.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/output/parquet.h"

#include "host/output/file_io.h"
#include "host/output/parquet_encode.h"
#include "host/output/thrift.h"
#include "state/hash.h"

#include <errno.h>
#include <string.h>
#include <zstd.h>

/* A trade of size for time: higher levels take far longer for little. */
#define LEVEL 3

/* Texts whose ends are not given as minimum or maximum, as they are too long for that. */
#define LONGEST_BOUND 256

/* Values that Parquet has for what we use. */
enum physical { PHYSICAL_BOOLEAN = 0, PHYSICAL_INT64 = 2, PHYSICAL_BYTE_ARRAY = 6 };
enum { ENCODING_PLAIN = 0, ENCODING_RLE = 3, ENCODING_DELTA = 5, ENCODING_DICTIONARY = 8 };
enum { PAGE_DATA = 0, PAGE_DICTIONARY = 2 };
enum { CODEC_ZSTD = 6, CONVERTED_UTF8 = 0, REQUIRED = 0, OPTIONAL = 1, VERSION = 1 };

static const char magic[4] = {'P', 'A', 'R', '1'};

struct column {
	struct parquet_column is;
	int64_t *values;   /* those that are no nulls */
	uint32_t *present; /* of each row: 0 or 1 */
	size_t n, room;    /* how many values; rows for which there is room */
};

struct parquet {
	int fd, failed;
	uint64_t at; /* where the next byte goes */
	uint64_t all_rows;
	size_t rows, rows_per_group;
	struct column *columns;
	unsigned int n;
	struct parquet_texts texts;
	GByteArray *groups; /* the row groups in the footer */
	size_t n_groups;
	GByteArray *page;    /* one in the making */
	GByteArray *spare;   /* a page's header */
	uint32_t *indexes;   /* of each value in the dictionary */
	int64_t *dictionary; /* its values */
	uint32_t *places;    /* 1 + the index of what is there, by hash */
	size_t n_places;     /* a power of 2 */
	uint8_t *compressed;
	size_t compressed_room;
	ZSTD_CCtx *zstd;
};

static enum physical physical_of(enum parquet_type type)
{
	return type == PARQUET_BOOLEAN ? PHYSICAL_BOOLEAN
	       : type == PARQUET_TEXT  ? PHYSICAL_BYTE_ARRAY
				       : PHYSICAL_INT64;
}

static void write_bytes(struct parquet *parquet, const void *bytes, size_t n)
{
	if (!parquet->failed && !file_write(parquet->fd, bytes, n))
		parquet->failed = errno ? errno : EIO;
	parquet->at += n;
}

struct parquet *parquet_new(int fd, const struct parquet_column *columns, unsigned int n,
	const struct parquet_texts *texts, unsigned int rows_per_group)
{
	struct parquet *parquet = g_new0(struct parquet, 1);

	parquet->fd = fd;
	parquet->n = n;
	parquet->rows_per_group = rows_per_group;
	parquet->columns = g_new0(struct column, n);
	for (unsigned int i = 0; i < n; i++)
		parquet->columns[i].is = columns[i];
	if (texts)
		parquet->texts = *texts;
	parquet->groups = g_byte_array_new();
	parquet->page = g_byte_array_new();
	parquet->spare = g_byte_array_new();
	parquet->zstd = ZSTD_createCCtx();
	if (!parquet->zstd)
		g_error("failed to allocate memory for zstd");
	write_bytes(parquet, magic, sizeof(magic));
	return parquet;
}

void parquet_free(struct parquet *parquet)
{
	if (!parquet)
		return;
	for (unsigned int i = 0; i < parquet->n; i++) {
		g_free(parquet->columns[i].values);
		g_free(parquet->columns[i].present);
	}
	g_free(parquet->columns);
	g_byte_array_unref(parquet->groups);
	g_byte_array_unref(parquet->page);
	g_byte_array_unref(parquet->spare);
	g_free(parquet->indexes);
	g_free(parquet->dictionary);
	g_free(parquet->places);
	g_free(parquet->compressed);
	ZSTD_freeCCtx(parquet->zstd);
	g_free(parquet);
}

int parquet_failed(const struct parquet *parquet)
{
	return parquet->failed;
}

uint64_t parquet_rows(const struct parquet *parquet)
{
	return parquet->all_rows;
}

/* ---- Rows ---- */

static void make_room(struct parquet *parquet, struct column *column)
{
	column->room = MIN(MAX(column->room * 2, 1024), parquet->rows_per_group);
	column->values = g_renew(int64_t, column->values, column->room);
	if (!column->is.required)
		column->present = g_renew(uint32_t, column->present, column->room);
}

void parquet_row(struct parquet *parquet, const int64_t *cells)
{
	for (unsigned int i = 0; i < parquet->n; i++) {
		struct column *column = &parquet->columns[i];
		bool present = cells[i] != PARQUET_NULL;

		if (parquet->rows == column->room)
			make_room(parquet, column);
		if (present || column->is.required)
			column->values[column->n++] = cells[i];
		if (!column->is.required)
			column->present[parquet->rows] = present;
	}
	parquet->all_rows++;
	if (++parquet->rows == parquet->rows_per_group)
		parquet_flush(parquet);
}

/* ---- Pages ---- */

/* A column chunk: what the footer says of it. */
struct chunk {
	uint64_t dictionary_at, data_at; /* 0: there is none */
	uint64_t raw, compressed;        /* bytes of its pages, with their headers */
	int encoding;
};

static void put_u32(GByteArray *to, uint32_t value)
{
	uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
		(uint8_t)(value >> 24)};

	g_byte_array_append(to, bytes, sizeof(bytes));
}

static void put_u64(GByteArray *to, uint64_t value)
{
	put_u32(to, (uint32_t)value);
	put_u32(to, (uint32_t)(value >> 32));
}

/* Compresses the page, and writes it behind its header. Returns where that is. */
static uint64_t write_page(
	struct parquet *parquet, struct chunk *chunk, int type, size_t n_values, int encoding)
{
	struct thrift thrift = {.to = parquet->spare};
	const GByteArray *page = parquet->page;
	size_t room = ZSTD_compressBound(page->len), size;
	uint64_t at = parquet->at;

	if (room > parquet->compressed_room) {
		parquet->compressed = g_realloc(parquet->compressed, room);
		parquet->compressed_room = room;
	}
	size = ZSTD_compressCCtx(
		parquet->zstd, parquet->compressed, room, page->data, page->len, LEVEL);
	if (ZSTD_isError(size))
		g_error("zstd: %s", ZSTD_getErrorName(size));
	g_byte_array_set_size(parquet->spare, 0);
	thrift_begin(&thrift);
	thrift_i32(&thrift, 1, type);
	thrift_i32(&thrift, 2, (int32_t)page->len);
	thrift_i32(&thrift, 3, (int32_t)size);
	thrift_struct(&thrift, type == PAGE_DATA ? 5 : 7);
	thrift_i32(&thrift, 1, (int32_t)n_values);
	thrift_i32(&thrift, 2, encoding);
	if (type == PAGE_DATA) {
		thrift_i32(&thrift, 3, ENCODING_RLE);
		thrift_i32(&thrift, 4, ENCODING_RLE);
	}
	thrift_end(&thrift);
	thrift_end(&thrift);
	write_bytes(parquet, parquet->spare->data, parquet->spare->len);
	write_bytes(parquet, parquet->compressed, size);
	chunk->raw += parquet->spare->len + page->len;
	chunk->compressed += parquet->spare->len + size;
	return at;
}

static const char *text_of(const struct parquet *parquet, int64_t number)
{
	return parquet->texts.text(parquet->texts.data, (uint32_t)number);
}

/* Appends values to the page as they are. */
static void put_plain(
	struct parquet *parquet, enum parquet_type type, const int64_t *values, size_t n)
{
	GByteArray *page = parquet->page;
	uint8_t byte = 0;

	for (size_t i = 0; i < n && type == PARQUET_TEXT; i++) {
		const char *text = text_of(parquet, values[i]);
		size_t length = strlen(text);

		put_u32(page, (uint32_t)length);
		g_byte_array_append(page, (const guint8 *)text, (guint)length);
	}
	for (size_t i = 0; i < n && type == PARQUET_BOOLEAN; i++) {
		byte |= (uint8_t)((values[i] != 0) << (i % 8));
		if (i % 8 == 7 || i + 1 == n) {
			g_byte_array_append(page, &byte, 1);
			byte = 0;
		}
	}
	for (size_t i = 0; i < n && type != PARQUET_TEXT && type != PARQUET_BOOLEAN; i++)
		put_u64(page, (uint64_t)values[i]);
}

/* Makes room for a dictionary of as many values as there are in a row group. */
static void prepare_dictionary(struct parquet *parquet)
{
	if (!parquet->places) {
		parquet->n_places = 1024;
		while (parquet->n_places < 2 * (size_t)parquet->rows_per_group)
			parquet->n_places *= 2;
		parquet->places = g_new(uint32_t, parquet->n_places);
		parquet->indexes = g_new(uint32_t, parquet->rows_per_group);
		parquet->dictionary = g_new(int64_t, parquet->rows_per_group);
	}
	memset(parquet->places, 0, parquet->n_places * sizeof(*parquet->places));
}

/*
 * Finds the different values of a column, and which one each is. Returns how many there are; 0 if they
 * recur so rarely that a dictionary is no gain. Texts always have one: a page of all of them could be too
 * large, a long one need only recur often enough.
 */
static size_t make_dictionary(struct parquet *parquet, const struct column *column)
{
	size_t most = column->is.type == PARQUET_TEXT ? column->n : MAX(column->n / 2, 1), n = 0;

	prepare_dictionary(parquet);
	for (size_t i = 0; i < column->n; i++) {
		int64_t value = column->values[i];
		size_t place = hash_mix(hash_seed, (uint64_t)value) & (parquet->n_places - 1);

		while (parquet->places[place] &&
			parquet->dictionary[parquet->places[place] - 1] != value)
			place = (place + 1) & (parquet->n_places - 1);
		if (!parquet->places[place]) {
			if (n == most)
				return 0;
			parquet->dictionary[n] = value;
			parquet->places[place] = (uint32_t)++n;
		}
		parquet->indexes[i] = parquet->places[place] - 1;
	}
	return n;
}

/* Begins a data page with what says which rows have a value. */
static void begin_data(struct parquet *parquet, const struct column *column)
{
	guint at = parquet->page->len;
	uint32_t length;

	if (column->is.required)
		return;
	put_u32(parquet->page, 0);
	parquet_rle(parquet->page, column->present, parquet->rows, 1);
	length = parquet->page->len - at - 4;
	for (unsigned int i = 0; i < 4; i++)
		parquet->page->data[at + i] = (uint8_t)(length >> (8 * i));
}

static struct chunk write_chunk(struct parquet *parquet, const struct column *column)
{
	struct chunk chunk = {.encoding = ENCODING_PLAIN};
	enum parquet_type type = column->is.type;
	size_t different = 0;
	uint8_t width;

	if (type != PARQUET_BOOLEAN)
		different = make_dictionary(parquet, column);
	if (different > 0) {
		chunk.encoding = ENCODING_DICTIONARY;
		g_byte_array_set_size(parquet->page, 0);
		put_plain(parquet, type, parquet->dictionary, different);
		chunk.dictionary_at =
			write_page(parquet, &chunk, PAGE_DICTIONARY, different, ENCODING_PLAIN);
	}
	g_byte_array_set_size(parquet->page, 0);
	begin_data(parquet, column);
	if (different > 0) {
		width = (uint8_t)MAX(parquet_bits(different - 1), 1);
		g_byte_array_append(parquet->page, &width, 1);
		parquet_rle(parquet->page, parquet->indexes, column->n, width);
	} else if (type == PARQUET_TIME) {
		chunk.encoding = ENCODING_DELTA;
		parquet_delta(parquet->page, column->values, column->n);
	} else {
		put_plain(parquet, type, column->values, column->n);
	}
	chunk.data_at = write_page(parquet, &chunk, PAGE_DATA, parquet->rows, chunk.encoding);
	return chunk;
}

/* ---- The footer ---- */

/* The least and the greatest value of a column, in the order that Parquet has for its type. */
static void find_bounds(
	const struct parquet *parquet, const struct column *column, int64_t *least, int64_t *most)
{
	*least = *most = column->values[0];
	for (size_t i = 1; i < column->n; i++) {
		int64_t value = column->values[i];

		if (column->is.type != PARQUET_TEXT) {
			*least = MIN(*least, value);
			*most = MAX(*most, value);
		} else if (value != *least && value != *most) {
			/* strcmp() compares bytes without a sign, as Parquet does. */
			if (strcmp(text_of(parquet, value), text_of(parquet, *least)) < 0)
				*least = value;
			if (strcmp(text_of(parquet, value), text_of(parquet, *most)) > 0)
				*most = value;
		}
	}
}

static void put_bound(const struct parquet *parquet, struct thrift *thrift, int number,
	enum parquet_type type, int64_t value)
{
	uint8_t bytes[8];

	if (type == PARQUET_TEXT) {
		thrift_text(thrift, number, text_of(parquet, value));
		return;
	}
	for (unsigned int i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)((uint64_t)value >> (8 * i));
	thrift_binary(thrift, number, bytes, type == PARQUET_BOOLEAN ? 1 : sizeof(bytes));
}

static void put_statistics(
	const struct parquet *parquet, struct thrift *thrift, const struct column *column)
{
	enum parquet_type type = column->is.type;
	int64_t least, most;

	thrift_struct(thrift, 12);
	thrift_i64(thrift, 3, (int64_t)(parquet->rows - column->n));
	if (column->n > 0) {
		find_bounds(parquet, column, &least, &most);
		if (type != PARQUET_TEXT ||
			(strlen(text_of(parquet, least)) <= LONGEST_BOUND &&
				strlen(text_of(parquet, most)) <= LONGEST_BOUND)) {
			put_bound(parquet, thrift, 5, type, most);
			put_bound(parquet, thrift, 6, type, least);
		}
	}
	thrift_end(thrift);
}

static void put_chunk(const struct parquet *parquet, struct thrift *thrift,
	const struct column *column, const struct chunk *chunk)
{
	bool has_dictionary = chunk->encoding == ENCODING_DICTIONARY;

	thrift_begin(thrift);
	thrift_i64(thrift, 2, (int64_t)(has_dictionary ? chunk->dictionary_at : chunk->data_at));
	thrift_struct(thrift, 3);
	thrift_i32(thrift, 1, (int32_t)physical_of(column->is.type));
	thrift_list(thrift, 2, THRIFT_I32, has_dictionary ? 3 : 2);
	thrift_varint(thrift->to, thrift_zigzag(ENCODING_RLE));
	thrift_varint(thrift->to, thrift_zigzag(chunk->encoding));
	if (has_dictionary)
		thrift_varint(thrift->to, thrift_zigzag(ENCODING_PLAIN));
	thrift_list(thrift, 3, THRIFT_BINARY, 1);
	thrift_bytes(thrift, column->is.name, strlen(column->is.name));
	thrift_i32(thrift, 4, CODEC_ZSTD);
	thrift_i64(thrift, 5, (int64_t)parquet->rows);
	thrift_i64(thrift, 6, (int64_t)chunk->raw);
	thrift_i64(thrift, 7, (int64_t)chunk->compressed);
	thrift_i64(thrift, 9, (int64_t)chunk->data_at);
	if (has_dictionary)
		thrift_i64(thrift, 11, (int64_t)chunk->dictionary_at);
	put_statistics(parquet, thrift, column);
	thrift_end(thrift);
	thrift_end(thrift);
}

void parquet_flush(struct parquet *parquet)
{
	struct thrift thrift = {.to = parquet->groups};
	uint64_t raw = 0, compressed = 0, at = parquet->at;

	if (parquet->rows == 0)
		return;
	thrift_begin(&thrift);
	thrift_list(&thrift, 1, THRIFT_STRUCT, parquet->n);
	for (unsigned int i = 0; i < parquet->n; i++) {
		struct chunk chunk = write_chunk(parquet, &parquet->columns[i]);

		put_chunk(parquet, &thrift, &parquet->columns[i], &chunk);
		raw += chunk.raw;
		compressed += chunk.compressed;
		parquet->columns[i].n = 0;
	}
	thrift_i64(&thrift, 2, (int64_t)raw);
	thrift_i64(&thrift, 3, (int64_t)parquet->rows);
	thrift_i64(&thrift, 5, (int64_t)at);
	thrift_i64(&thrift, 6, (int64_t)compressed);
	thrift_end(&thrift);
	parquet->n_groups++;
	parquet->rows = 0;
}

/* What a column is, beside how it is stored. */
static void put_logical(struct thrift *thrift, enum parquet_type type)
{
	if (type == PARQUET_TEXT) {
		thrift_i32(thrift, 6, CONVERTED_UTF8);
		thrift_struct(thrift, 10);
		thrift_empty(thrift, 1);
		thrift_end(thrift);
	} else if (type == PARQUET_TIME) {
		thrift_struct(thrift, 10);
		thrift_struct(thrift, 8);
		/* They are UTC, but readers that are told so keep no more than microseconds. */
		thrift_bool(thrift, 1, false);
		thrift_struct(thrift, 2);
		thrift_empty(thrift, 3); /* ns */
		thrift_end(thrift);
		thrift_end(thrift);
		thrift_end(thrift);
	}
}

static void put_schema(const struct parquet *parquet, struct thrift *thrift)
{
	thrift_list(thrift, 2, THRIFT_STRUCT, parquet->n + 1);
	thrift_begin(thrift);
	thrift_text(thrift, 4, "schema");
	thrift_i32(thrift, 5, (int32_t)parquet->n);
	thrift_end(thrift);
	for (unsigned int i = 0; i < parquet->n; i++) {
		const struct parquet_column *column = &parquet->columns[i].is;

		thrift_begin(thrift);
		thrift_i32(thrift, 1, (int32_t)physical_of(column->type));
		thrift_i32(thrift, 3, column->required ? REQUIRED : OPTIONAL);
		thrift_text(thrift, 4, column->name);
		put_logical(thrift, column->type);
		thrift_end(thrift);
	}
}

bool parquet_finish(
	struct parquet *parquet, const struct parquet_entry *entries, unsigned int n_entries)
{
	struct thrift thrift = {.to = parquet->page};
	uint32_t length;

	parquet_flush(parquet);
	g_byte_array_set_size(parquet->page, 0);
	thrift_begin(&thrift);
	thrift_i32(&thrift, 1, VERSION);
	put_schema(parquet, &thrift);
	thrift_i64(&thrift, 3, (int64_t)parquet->all_rows);
	thrift_list(&thrift, 4, THRIFT_STRUCT, parquet->n_groups);
	g_byte_array_append(parquet->page, parquet->groups->data, parquet->groups->len);
	if (n_entries > 0)
		thrift_list(&thrift, 5, THRIFT_STRUCT, n_entries);
	for (unsigned int i = 0; i < n_entries; i++) {
		thrift_begin(&thrift);
		thrift_text(&thrift, 1, entries[i].key);
		thrift_text(&thrift, 2, entries[i].value);
		thrift_end(&thrift);
	}
	thrift_text(&thrift, 6, "lttnga");
	/* Minima and maxima are in the usual order of their types. */
	thrift_list(&thrift, 7, THRIFT_STRUCT, parquet->n);
	for (unsigned int i = 0; i < parquet->n; i++) {
		thrift_begin(&thrift);
		thrift_empty(&thrift, 1);
		thrift_end(&thrift);
	}
	thrift_end(&thrift);
	length = parquet->page->len;
	put_u32(parquet->page, length);
	g_byte_array_append(parquet->page, (const guint8 *)magic, sizeof(magic));
	write_bytes(parquet, parquet->page->data, parquet->page->len);
	errno = parquet->failed;
	return !parquet->failed;
}
