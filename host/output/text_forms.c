/*
 * What a text looks like in each format.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/output/text_forms.h"

#include "host/output/formats.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* ---- CSV ---- */

static size_t count_quotes(const char *text, size_t length)
{
	size_t n = 0;

	for (size_t i = 0; i < length; i++)
		n += text[i] == '"';
	return n;
}

/*
 * Whether a spreadsheet may take a text for a formula; Csv:field() of render_csv.lua says the same. Tabs
 * and the like are written as \xNN anyway.
 */
static bool is_formula(const char *text, size_t length)
{
	return length > 0 && text[0] != '\0' && strchr("=+-@", text[0]);
}

/* A field in quotes. The quotes in it become two, from the end on, where there is room. */
static size_t csv_into(char *to, const char *text, size_t length, bool quote_formulas)
{
	size_t clean, quotes, columns;
	char *at = to, *end;

	*at++ = '"';
	if (quote_formulas && is_formula(text, length))
		*at++ = '\'';
	clean = formats_clean_into(at, text, length, &columns);
	quotes = count_quotes(at, clean);
	end = at + clean + quotes;
	for (char *from = at + clean, *into = end; into > from;) {
		*--into = *--from;
		if (*from == '"')
			*--into = '"';
	}
	*end++ = '"';
	return (size_t)(end - to);
}

/* ---- JSON ---- */

struct range {
	uint32_t first, last;
};

/* Characters that are escaped beside controls and quotes: some programs go wrong with them. */
static const struct range escaped[] = {{0x7f, 0x9f}, {0xad, 0xad}, {0x600, 0x604}, {0x70f, 0x70f},
	{0x17b4, 0x17b5}, {0x200c, 0x200f}, {0x2028, 0x202f}, {0x2060, 0x206f}, {0xfeff, 0xfeff},
	{0xfff0, 0xffff}};

static bool is_escaped(uint32_t code)
{
	for (size_t i = 0; i < G_N_ELEMENTS(escaped); i++)
		if (code >= escaped[i].first && code <= escaped[i].last)
			return true;
	return code < 0x20;
}

/* The letter that stands for a character behind a backslash; 0 if there is none. */
static char short_escape(uint32_t code)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *at = code > 0 && code < 0x80 ? strchr(from, (int)code) : NULL;

	return at ? to[at - from] : '\0';
}

/* Writes a text that is UTF-8 between quotes. */
static size_t quote_into(char *to, const char *text, size_t length)
{
	char *begin = to;

	*to++ = '"';
	for (size_t at = 0, size; at < length; at += size) {
		uint32_t code = 0;

		size = formats_decode(text + at, length - at, &code);
		if (short_escape(code)) {
			*to++ = '\\';
			*to++ = short_escape(code);
		} else if (is_escaped(code)) {
			char escape[8];

			snprintf(escape, sizeof(escape), "\\u%04x", code & 0xffff);
			memcpy(to, escape, 6);
			to += 6;
		} else {
			memcpy(to, text + at, size);
			to += size;
		}
	}
	*to++ = '"';
	return (size_t)(to - begin);
}

static size_t json_into(char *to, const char *text, size_t length)
{
	size_t columns, clean;
	char *safe;

	if (formats_is_utf8(text, length))
		return quote_into(to, text, length);
	safe = g_malloc(FORMATS_CLEAN_MAX * length);
	clean = formats_clean_into(safe, text, length, &columns);
	clean = quote_into(to, safe, clean);
	g_free(safe);
	return clean;
}

size_t text_form_into(
	enum text_form form, char *to, const char *text, size_t length, size_t *columns)
{
	*columns = 0;
	if (form == TEXT_FORM_TERMINAL)
		return formats_clean_into(to, text, length, columns);
	if (form == TEXT_FORM_JSON)
		return json_into(to, text, length);
	return csv_into(to, text, length, form == TEXT_FORM_SPREADSHEET);
}
