/*
 * TSDL text as words: names, numbers, texts and signs.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CTF_TSDL_LEXER_H
#define LTTNGA_CTF_TSDL_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tsdl_token {
	TSDL_END,
	TSDL_BROKEN, /* what is no TSDL: an unknown sign, a text or a comment without end */
	TSDL_NAME,
	TSDL_NUMBER,
	TSDL_TEXT,
	TSDL_ASSIGN_TYPE, /* := */
	TSDL_RANGE,       /* ... */
	/* Other signs are tokens of their own character code. */
	TSDL_SIGN = 256,
};

struct tsdl_lexer {
	const char *at, *end;
	int token; /* enum tsdl_token, or TSDL_SIGN + a character */
	const char *word;
	size_t length;   /* of the word, or of what is between the quotes of a text */
	uint64_t number; /* as two's complement if negative */
	bool is_negative;
	bool has_escapes; /* a text has backslashes in it */
	unsigned int line;
};

void tsdl_lexer_init(struct tsdl_lexer *lexer, const char *text, size_t size);

/* Goes on to the next token. */
void tsdl_next(struct tsdl_lexer *lexer);

/*
 * Goes on to the token that begins at a place behind the one at hand, on the same line, or later.
 */
void tsdl_skip(struct tsdl_lexer *lexer, const char *at);

/* Whether the token is this sign, or this name. */
static inline bool tsdl_is(const struct tsdl_lexer *lexer, char sign)
{
	return lexer->token == TSDL_SIGN + sign;
}
bool tsdl_is_name(const struct tsdl_lexer *lexer, const char *name);

#endif
