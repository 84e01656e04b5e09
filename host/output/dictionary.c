/*
 * Words: texts that come again and again, each one kept once.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/output/dictionary.h"

#include "host/output/line_layout.h"
#include "state/hash.h"

#include <glib.h>
#include <string.h>

/* How many words there are at most: what the memory follows. */
#define WORDS_MAX 16384

struct dictionary {
	enum text_form form;
	GStringChunk *texts;
	GHashTable *numbers; /* by text, as it came */
	GArray *words;       /* struct word; that of number 0 is none */
};

struct dictionary *dictionary_new(enum text_form form)
{
	struct dictionary *dictionary = g_new(struct dictionary, 1);

	*dictionary = (struct dictionary){
		.form = form,
		.texts = g_string_chunk_new(4096),
		.numbers = g_hash_table_new(text_hash, g_str_equal),
		.words = g_array_new(FALSE, FALSE, sizeof(struct word)),
	};
	g_array_append_val(dictionary->words, (struct word){0});
	return dictionary;
}

void dictionary_free(struct dictionary *dictionary)
{
	if (!dictionary)
		return;
	g_string_chunk_free(dictionary->texts);
	g_hash_table_unref(dictionary->numbers);
	g_array_unref(dictionary->words);
	g_free(dictionary);
}

/* A text as it is written. */
static struct word make_word(struct dictionary *dictionary, const char *text, size_t length)
{
	char clean[TEXT_FORM_MAX * DICTIONARY_TEXT_MAX + TEXT_FORM_EXTRA + LINE_SLACK] = {0};
	struct word word;

	word.raw = g_string_chunk_insert_len(dictionary->texts, text, (gssize)length);
	word.raw_length = length;
	word.length = text_form_into(dictionary->form, clean, text, length, &word.columns);
	word.text = g_string_chunk_insert_len(
		dictionary->texts, clean, (gssize)(word.length + LINE_SLACK));
	return word;
}

uint32_t dictionary_find(struct dictionary *dictionary, const char *text)
{
	uint32_t number = GPOINTER_TO_UINT(g_hash_table_lookup(dictionary->numbers, text));
	size_t length;
	struct word word;

	if (number > 0 || dictionary->words->len > WORDS_MAX)
		return number;
	length = strnlen(text, DICTIONARY_TEXT_MAX + 1);
	if (length > DICTIONARY_TEXT_MAX)
		return 0;
	word = make_word(dictionary, text, length);
	number = dictionary->words->len;
	g_array_append_val(dictionary->words, word);
	g_hash_table_insert(dictionary->numbers, (gpointer)word.raw, GUINT_TO_POINTER(number));
	return number;
}

const struct word *dictionary_at(const struct dictionary *dictionary, uint32_t number)
{
	return &g_array_index(dictionary->words, struct word, number);
}
