/*
 * TSDL text as words.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/ctf/tsdl_lexer.h"

#include <glib.h>
#include <string.h>

void tsdl_lexer_init(struct tsdl_lexer *lexer, const char *text, size_t size)
{
	*lexer = (struct tsdl_lexer){.at = text, .end = text + size, .line = 1};
	tsdl_next(lexer);
}

bool tsdl_is_name(const struct tsdl_lexer *lexer, const char *name)
{
	return lexer->token == TSDL_NAME && lexer->word[0] == name[0] &&
	       strncmp(lexer->word, name, lexer->length) == 0 && name[lexer->length] == '\0';
}

static bool follows(const struct tsdl_lexer *lexer, const char *sign)
{
	size_t length = strlen(sign);

	return (size_t)(lexer->end - lexer->at) >= length && memcmp(lexer->at, sign, length) == 0;
}

/* Skips white space and comments; false if a comment has no end. */
static bool skip_space(struct tsdl_lexer *lexer)
{
	while (lexer->at < lexer->end) {
		if (g_ascii_isspace(*lexer->at)) {
			lexer->line += *lexer->at++ == '\n';
		} else if (follows(lexer, "//")) {
			while (lexer->at < lexer->end && *lexer->at != '\n')
				lexer->at++;
		} else if (follows(lexer, "/*")) {
			lexer->at += 2;
			while (!follows(lexer, "*/")) {
				if (lexer->at == lexer->end)
					return false;
				lexer->line += *lexer->at++ == '\n';
			}
			lexer->at += 2;
		} else {
			break;
		}
	}
	return true;
}

static bool is_name_part(char c)
{
	return g_ascii_isalnum(c) || c == '_';
}

static int digit_value(char c, unsigned int base)
{
	int value = g_ascii_xdigit_value(c);

	return value < (int)base ? value : -1;
}

/* A number: decimal, 0octal or 0xhex, perhaps negative, perhaps with the suffixes of C. */
static int read_number(struct tsdl_lexer *lexer)
{
	unsigned int base = 10;
	uint64_t value = 0;
	bool any = false;

	lexer->is_negative = *lexer->at == '-';
	if (*lexer->at == '-' || *lexer->at == '+')
		lexer->at++;
	if (follows(lexer, "0x") || follows(lexer, "0X")) {
		base = 16;
		lexer->at += 2;
	} else if (follows(lexer, "0")) {
		base = 8;
	}
	for (; lexer->at < lexer->end; lexer->at++, any = true) {
		int digit = digit_value(*lexer->at, base);

		if (digit < 0)
			break;
		if (value > (UINT64_MAX - (uint64_t)digit) / base)
			return TSDL_BROKEN;
		value = value * base + (uint64_t)digit;
	}
	while (lexer->at < lexer->end && strchr("uUlL", *lexer->at) && *lexer->at)
		lexer->at++;
	if (!any || (lexer->at < lexer->end && is_name_part(*lexer->at)) ||
		(lexer->is_negative && value > (uint64_t)INT64_MAX + 1))
		return TSDL_BROKEN;
	lexer->number = lexer->is_negative ? -value : value;
	lexer->length = (size_t)(lexer->at - lexer->word);
	return TSDL_NUMBER;
}

static int read_text(struct tsdl_lexer *lexer)
{
	lexer->word = ++lexer->at;
	lexer->has_escapes = false;
	for (; lexer->at < lexer->end && *lexer->at != '"'; lexer->at++) {
		if (*lexer->at == '\n' || *lexer->at == '\0')
			return TSDL_BROKEN;
		if (*lexer->at == '\\' && lexer->end - lexer->at > 1) {
			lexer->has_escapes = true;
			lexer->at++;
		}
	}
	if (lexer->at == lexer->end)
		return TSDL_BROKEN;
	lexer->length = (size_t)(lexer->at++ - lexer->word);
	return TSDL_TEXT;
}

static int read_token(struct tsdl_lexer *lexer)
{
	char c;

	if (!skip_space(lexer))
		return TSDL_BROKEN;
	if (lexer->at == lexer->end)
		return TSDL_END;
	c = *lexer->at;
	lexer->word = lexer->at;
	if (g_ascii_isalpha(c) || c == '_') {
		while (lexer->at < lexer->end && is_name_part(*lexer->at))
			lexer->at++;
		lexer->length = (size_t)(lexer->at - lexer->word);
		return TSDL_NAME;
	}
	if (g_ascii_isdigit(c) || c == '-' || c == '+')
		return read_number(lexer);
	if (c == '"')
		return read_text(lexer);
	switch (c) {
	case ':':
		if (!follows(lexer, ":="))
			break;
		lexer->at += 2;
		return TSDL_ASSIGN_TYPE;
	case '.':
		if (!follows(lexer, "..."))
			break;
		lexer->at += 3;
		return TSDL_RANGE;
	case '{':
	case '}':
	case '[':
	case ']':
	case '(':
	case ')':
	case '<':
	case '>':
	case ';':
	case ',':
	case '=':
		break;
	default:
		return TSDL_BROKEN;
	}
	lexer->at++;
	return TSDL_SIGN + c;
}

void tsdl_next(struct tsdl_lexer *lexer)
{
	if (lexer->token != TSDL_BROKEN)
		lexer->token = read_token(lexer);
}

void tsdl_skip(struct tsdl_lexer *lexer, const char *at)
{
	lexer->at = at;
	tsdl_next(lexer);
}
