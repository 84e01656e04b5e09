/*
 * Texts that come in any order and go out sorted by a number, however many they are: what does not
 * fit in a fixed amount of memory waits in a temporary file. To scripts it is the module
 * "lttnga.sorted".
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SORTED_H
#define LTTNGA_SORTED_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sorted;

/* One of them: any bytes. Valid until the next one is asked for. */
struct sorted_text {
	int64_t key;
	const char *text;
	size_t length;
};

struct sorted *sorted_new(void);
void sorted_free(struct sorted *sorted);

/*
 * Adds a text of up to 8 MB; what is beyond is cut off. False with errno set if there is no room in
 * the folder for temporary files. Not after sorted_next().
 */
bool sorted_put(struct sorted *sorted, int64_t key, const char *text, size_t length);

/*
 * Goes on to the next text, equal keys in the order in which they came: 1, 0 if there is none any
 * more, -1 with errno set if the temporary file can't be read.
 */
int sorted_next(struct sorted *sorted, struct sorted_text *text);

/* Whether sorted_next() was called. */
bool sorted_is_read(const struct sorted *sorted);

/* Raises the error that tells what errno says of the temporary file. */
int sorted_fail(lua_State *L);

/* Pushes the module: new(), and the methods add(key, text) and each() of its objects. */
int luaopen_lttnga_sorted(lua_State *L);

#endif
