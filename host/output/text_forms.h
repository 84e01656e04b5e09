/*
 * What a text looks like in each format: safe for a terminal, as a field of CSV, as JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_TEXT_FORMS_H
#define LTTNGA_TEXT_FORMS_H

#include <stddef.h>

enum text_form {
	TEXT_FORM_TERMINAL,    /* what could steer a terminal, or is no UTF-8, as \xNN */
	TEXT_FORM_CSV,         /* made safe as for a terminal, in quotes; those in it twice */
	TEXT_FORM_SPREADSHEET, /* as for CSV; what a spreadsheet takes for a formula is behind a ' */
	TEXT_FORM_JSON, /* in quotes; what is no UTF-8 is made safe as for a terminal before */
};

/* How many times longer a text can become at most, and how many bytes more than that. */
#define TEXT_FORM_MAX   6
#define TEXT_FORM_EXTRA 3

/*
 * Writes a text to `to`, which has room for TEXT_FORM_MAX times its length and TEXT_FORM_EXTRA. Returns
 * the bytes written, and the columns that they take (of no meaning but for a terminal).
 */
size_t text_form_into(
	enum text_form form, char *to, const char *text, size_t length, size_t *columns);

#endif
