/*
 * Interned strings (process names, paths) with reference counts: equal text has one number, and
 * text that nothing refers to any more is forgotten.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_STRPOOL_H
#define LTTNGA_STRPOOL_H

#include <stdbool.h>
#include <stdint.h>

/* The number of an interned string; 0 is "no string". */
typedef uint32_t strid;

struct strpool;

struct strpool *strpool_new(void);
void strpool_free(struct strpool *pool);

/* The number of `text`, with one reference for the caller. NULL gives 0. */
strid strpool_intern(struct strpool *pool, const char *text);

/* One more reference to `id` (0 is allowed); returns `id`. */
strid strpool_ref(struct strpool *pool, strid id);

/* One reference less (0 is allowed); the last one forgets the string. */
void strpool_unref(struct strpool *pool, strid id);

/* The text of `id`, valid while someone holds a reference; NULL for 0. */
const char *strpool_text(const struct strpool *pool, strid id);

/*
 * A number that is this string's alone in this program, of all pools, as long as it is interned; what
 * has the same `id`, or the same text, later has another one. 0 for 0.
 */
uint64_t strpool_serial(const struct strpool *pool, strid id);

/* Makes `*slot` hold `text`, which is a no-operation if it does already. */
void strpool_set(struct strpool *pool, strid *slot, const char *text);

/* How many different strings are alive. */
uint32_t strpool_size(const struct strpool *pool);

/* The strings by number, for images of all of them. */
struct pool;
struct pool *strpool_entries(struct strpool *pool);

/*
 * Writes a string and how often it is referred to, or reads it: then it has no reference yet, as
 * each one who refers to it takes one when it is read itself.
 */
struct codec;
void strpool_archive(struct strpool *pool, strid id, struct codec *codec);

/*
 * Whether a string that was read is referred to as often as it said. If not `all` who refer to it
 * have been read, it may be less often: texts of the others stay, for who comes with them again.
 */
bool strpool_is_told_right(const struct strpool *pool, strid id, bool all);

#endif
