/*
 * Hashes: keys that were made to have the same hash, if nothing were chosen by chance, have others.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/hash.h"

#define N 10000

/* How many different hashes there are among N. */
static guint different(const guint *hashes)
{
	GHashTable *set = g_hash_table_new(NULL, NULL);
	guint n;

	for (int i = 0; i < N; i++)
		g_hash_table_add(set, GUINT_TO_POINTER(hashes[i] + 1));
	n = g_hash_table_size(set);
	g_hash_table_destroy(set);
	return n;
}

/* The inverse of HASH_FACTOR, modulo 2^64. */
static uint64_t inverse(void)
{
	uint64_t x = HASH_FACTOR;

	for (int i = 0; i < 6; i++)
		x *= 2 - HASH_FACTOR * x;
	return x;
}

/* Words of eight bytes whose hashes, begun with their length, are one number in the lower half. */
static void test_texts(void)
{
	guint hashes[N];
	uint32_t high = 1;

	for (int n = 0; n < N; high += 2654435761u) {
		uint64_t last = (uint64_t)high << 32 | (high ^ 0x12345678),
			 first = last * inverse();
		uint64_t word = (first ^ first >> 32) * inverse() ^ sizeof(word);
		char text[sizeof(word) + 1] = {0};

		memcpy(text, &word, sizeof(word));
		if (strlen(text) == sizeof(word))
			hashes[n++] = text_hash(text);
	}
	g_assert_cmpuint(different(hashes), >, N / 2);
}

static void test_pairs(void)
{
	guint hashes[N];

	for (uint64_t i = 0; i < N; i++)
		hashes[i] = hash_pair(i, i * HASH_FACTOR);
	g_assert_cmpuint(different(hashes), >, N / 2);
	for (uint64_t i = 0; i < N; i++)
		hashes[i] = hash_pair(i * inverse(), i);
	g_assert_cmpuint(different(hashes), >, N / 2);
}

static void test_numbers(void)
{
	guint hashes[N];

	for (uint64_t i = 0; i < N; i++) {
		uint64_t number = i << 32 | i;

		hashes[i] = number_hash(&number);
	}
	g_assert_cmpuint(different(hashes), >, N / 2);
	for (uint64_t i = 0; i < N; i++) {
		uint64_t number = i << 32;

		hashes[i] = number_hash(&number);
	}
	g_assert_cmpuint(different(hashes), >, N / 2);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/hash/texts", test_texts);
	g_test_add_func("/hash/pairs", test_pairs);
	g_test_add_func("/hash/numbers", test_numbers);
	return g_test_run();
}
