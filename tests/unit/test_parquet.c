/*
 * Parquet files: how numbers are packed, against decoders that are written here from the format's
 * description; examples of that description; and files that can't be written. Whole files are read back by
 * tests/parquet.py.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/output/parquet.h"
#include "host/output/parquet_encode.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* ---- Decoders ---- */

struct bytes {
	const uint8_t *at, *end;
};

static uint64_t take_varint(struct bytes *bytes)
{
	uint64_t value = 0;

	for (unsigned int shift = 0;; shift += 7) {
		g_assert_true(bytes->at < bytes->end);
		value |= (uint64_t)(*bytes->at & 0x7f) << shift;
		if (!(*bytes->at++ & 0x80))
			return value;
	}
}

static int64_t take_zigzag(struct bytes *bytes)
{
	uint64_t value = take_varint(bytes);

	return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

/* Bit by bit: slow, and simple. */
static uint64_t take_bits(const uint8_t *from, size_t first, unsigned int width)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < width; i++)
		value |= (uint64_t)(from[(first + i) / 8] >> ((first + i) % 8) & 1) << i;
	return value;
}

static void check_rle(const uint32_t *values, size_t n, unsigned int width)
{
	GByteArray *packed = g_byte_array_new();
	struct bytes bytes;
	size_t i = 0;

	parquet_rle(packed, values, n, width);
	bytes = (struct bytes){packed->data, packed->data + packed->len};
	while (bytes.at < bytes.end) {
		uint64_t head = take_varint(&bytes);
		size_t count = head & 1 ? (head >> 1) * 8 : head >> 1;
		size_t size = head & 1 ? (head >> 1) * width : (width + 7) / 8;

		g_assert_cmpuint((gsize)(bytes.end - bytes.at), >=, size);
		for (size_t k = 0; k < count; k++, i++) {
			uint64_t value = take_bits(bytes.at, head & 1 ? k * width : 0, width);

			/* Only the last group may be filled. */
			if (i < n)
				g_assert_cmpuint(value, ==, values[i]);
			else
				g_assert_true((head & 1) && i - n < 7);
		}
		bytes.at += size;
	}
	g_assert_cmpuint(i, >=, n);
	g_byte_array_unref(packed);
}

static void check_delta(const int64_t *values, size_t n)
{
	GByteArray *packed = g_byte_array_new();
	struct bytes bytes;
	int64_t value;
	size_t i = 1;

	parquet_delta(packed, values, n);
	bytes = (struct bytes){packed->data, packed->data + packed->len};
	g_assert_cmpuint(take_varint(&bytes), ==, 128);
	g_assert_cmpuint(take_varint(&bytes), ==, 4);
	g_assert_cmpuint(take_varint(&bytes), ==, n);
	value = take_zigzag(&bytes);
	if (n > 0)
		g_assert_cmpint(value, ==, values[0]);
	while (i < n) {
		int64_t least = take_zigzag(&bytes);
		const uint8_t *widths = bytes.at;

		bytes.at += 4;
		for (unsigned int mini = 0; mini < 4 && i < n; mini++) {
			g_assert_true(bytes.at + 4 * widths[mini] <= bytes.end);
			for (size_t k = 0; k < 32 && i < n; k++, i++) {
				uint64_t delta =
					take_bits(bytes.at, k * widths[mini], widths[mini]);

				value = (int64_t)((uint64_t)value + (uint64_t)least + delta);
				g_assert_cmpint(value, ==, values[i]);
			}
			bytes.at += 4 * widths[mini];
		}
	}
	g_assert_true(bytes.at == bytes.end);
	g_byte_array_unref(packed);
}

/* ---- Encodings ---- */

/* The example of the format's description: 0 to 7 in 3 bits; and a run. */
static void test_rle_examples(void)
{
	static const uint32_t count[] = {0, 1, 2, 3, 4, 5, 6, 7};
	static const uint8_t expected[] = {0x03, 0x88, 0xc6, 0xfa};
	static const uint8_t run[] = {0xc8, 0x01, 4};
	uint32_t same[100];
	GByteArray *packed = g_byte_array_new();

	parquet_rle(packed, count, G_N_ELEMENTS(count), 3);
	g_assert_cmpmem(packed->data, packed->len, expected, sizeof(expected));
	g_byte_array_set_size(packed, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(same); i++)
		same[i] = 4;
	parquet_rle(packed, same, G_N_ELEMENTS(same), 3);
	g_assert_cmpmem(packed->data, packed->len, run, sizeof(run));
	g_byte_array_unref(packed);
}

static void test_rle_any(void)
{
	for (int round = 0; round < 2000; round++) {
		size_t n = (size_t)g_test_rand_int_range(0, 200);
		unsigned int width = (unsigned int)g_test_rand_int_range(1, 33);
		uint32_t values[200], value = 0;

		for (size_t i = 0; i < n; i++) {
			/* Runs of any length, and places without any. */
			if (g_test_rand_int_range(0, 1 + round % 12) == 0)
				value = (uint32_t)g_test_rand_int() &
					(uint32_t)((UINT64_C(1) << width) - 1);
			values[i] = value;
		}
		check_rle(values, n, width);
	}
}

static void test_delta_any(void)
{
	static const int64_t extreme[] = {
		INT64_MIN + 1, INT64_MAX, 0, -1, INT64_MAX, INT64_MIN + 1};

	check_delta(extreme, G_N_ELEMENTS(extreme));
	for (int round = 0; round < 2000; round++) {
		size_t n = (size_t)g_test_rand_int_range(0, 400);
		unsigned int shift = (unsigned int)g_test_rand_int_range(0, 33);
		int64_t values[400], value = INT64_C(1795448439539756160);

		for (size_t i = 0; i < n; i++) {
			value = (int64_t)((uint64_t)value +
					  ((uint64_t)(uint32_t)g_test_rand_int() << shift >> 8));
			values[i] = value;
		}
		check_delta(values, n);
	}
}

/* ---- Files ---- */

static const struct parquet_column columns[] = {
	{"n", PARQUET_INTEGER, true}, {"t", PARQUET_TIME, false}, {"b", PARQUET_BOOLEAN, false}};

static char *new_file(int *fd)
{
	char *path = g_build_filename(g_get_tmp_dir(), "test-parquet-XXXXXX", NULL);

	*fd = g_mkstemp(path);
	g_assert_cmpint(*fd, >=, 0);
	return path;
}

/* Writes a file of so many rows, in row groups of 10; returns its bytes. */
static GBytes *file_of(size_t rows)
{
	int fd;
	char *path = new_file(&fd), *bytes;
	struct parquet *parquet = parquet_new(fd, columns, G_N_ELEMENTS(columns), NULL, 10);
	gsize size;

	for (size_t i = 0; i < rows; i++)
		parquet_row(parquet, (const int64_t[]){(int64_t)i, PARQUET_NULL, i % 2});
	g_assert_cmpuint(parquet_rows(parquet), ==, rows);
	g_assert_true(parquet_finish(parquet, NULL, 0));
	parquet_free(parquet);
	close(fd);
	g_assert_true(g_file_get_contents(path, &bytes, &size, NULL));
	g_unlink(path);
	g_free(path);
	return g_bytes_new_take(bytes, size);
}

static void test_frame(void)
{
	static const size_t sizes[] = {0, 1, 9, 10, 11, 100};

	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		GBytes *file = file_of(sizes[i]), *again = file_of(sizes[i]);
		gsize size;
		const uint8_t *bytes = g_bytes_get_data(file, &size);
		uint32_t footer;

		/* The same rows are the same bytes. */
		g_assert_true(g_bytes_equal(file, again));
		g_assert_cmpmem(bytes, 4, "PAR1", 4);
		g_assert_cmpmem(&bytes[size - 4], 4, "PAR1", 4);
		footer = bytes[size - 8] | bytes[size - 7] << 8 | bytes[size - 6] << 16 |
			 (uint32_t)bytes[size - 5] << 24;
		g_assert_cmpuint(footer, <=, size - 12);
		/* The footer of an empty file is all that it has. */
		if (sizes[i] == 0)
			g_assert_cmpuint(footer, ==, size - 12);
		g_bytes_unref(file);
		g_bytes_unref(again);
	}
}

static void test_failure(void)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct parquet *parquet = parquet_new(fd, columns, G_N_ELEMENTS(columns), NULL, 10);

	g_assert_cmpint(parquet_failed(parquet), ==, ENOSPC);
	for (int64_t i = 0; i < 100; i++)
		parquet_row(parquet, (const int64_t[]){i, i, 0});
	g_assert_false(parquet_finish(parquet, NULL, 0));
	g_assert_cmpint(errno, ==, ENOSPC);
	parquet_free(parquet);
	close(fd);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/parquet/runs and bits as described", test_rle_examples);
	g_test_add_func("/parquet/any runs and bits", test_rle_any);
	g_test_add_func("/parquet/any differences", test_delta_any);
	g_test_add_func("/parquet/frame", test_frame);
	g_test_add_func("/parquet/failure", test_failure);
	return g_test_run();
}
