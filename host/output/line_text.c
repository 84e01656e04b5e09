/*
 * Lines for people.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/output/line_text.h"

#include "host/output/formats.h"

#include <glib.h>
#include <string.h>

static const char *const names[LINE_SHOWS] = {
	[LINE_PLAIN] = "",
	[LINE_TIME] = "time",
	[LINE_US] = "us",
	[LINE_DURATION] = "duration",
	[LINE_SIZE] = "size",
	[LINE_HEX] = "hex",
	[LINE_EARLY] = "early",
};

static bool find_show(const char *name, size_t length, enum line_show *show)
{
	for (int i = 0; i < LINE_SHOWS; i++) {
		if (names[i] && strlen(names[i]) == length && memcmp(names[i], name, length) == 0) {
			*show = (enum line_show)i;
			return true;
		}
	}
	return false;
}

/* Reads "{field:show}" from behind its brace; returns where it ends, or NULL if it does not. */
static const char *read_field(struct line_layout *layout, const char *at)
{
	enum line_show show = LINE_PLAIN;
	size_t length = strcspn(at, ":}|");
	int field = line_layout_name(layout, at, length);

	if (field < 0)
		return NULL;
	at += length;
	if (*at == ':') {
		length = strcspn(++at, "}|");
		if (!find_show(at, length, &show))
			return NULL;
		at += length;
	}
	return *at == '}' && line_layout_show(layout, (unsigned int)field, show) ? at + 1 : NULL;
}

/* Adds a text as it is, made safe. */
static void add_clean(struct line_layout *layout, const char *text, size_t length)
{
	char *clean = g_malloc(FORMATS_CLEAN_MAX * length);
	size_t columns, clean_length = formats_clean_into(clean, text, length, &columns);

	line_layout_literal(layout, clean, clean_length, columns);
	g_free(clean);
}

bool line_text_add(struct line_layout *layout, int width, size_t most, const char *text)
{
	const char *at = text;

	line_layout_column(layout, width, most);
	line_layout_choice(layout);
	while (at && *at) {
		if (*at == '|') {
			line_layout_choice(layout);
			at++;
		} else if (*at == '{') {
			at = read_field(layout, at + 1);
		} else {
			size_t length = strcspn(at, "{|");

			add_clean(layout, at, length);
			at += length;
		}
	}
	return at != NULL;
}
