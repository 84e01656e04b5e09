/*
 * The flags of open(2) in words, which are not the same on all architectures.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/open_flags.h"

#include <glib.h>
#include <inttypes.h>
#include <stdbool.h>

/* How a file is opened: one of these. */
#define ACCESS_MODE 3
static const char *const access_modes[] = {"O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"};

/* A flag, and the bits that it consists of; the last flag of a list has no name. */
struct flag {
	const char *name;
	int64_t bits;
};

/* The same on all that we know but MIPS. A flag that has the bits of another one comes first. */
static const struct flag common[] = {{"O_CREAT", 0100}, {"O_EXCL", 0200}, {"O_NOCTTY", 0400},
	{"O_TRUNC", 01000}, {"O_APPEND", 02000}, {"O_NONBLOCK", 04000}, {"O_SYNC", 04010000},
	{"O_DSYNC", 010000}, {"O_ASYNC", 020000}, {"O_NOATIME", 01000000}, {"O_CLOEXEC", 02000000},
	{"O_PATH", 010000000}, {0}};

/* Of the others, those of x86, and of whoever has the kernel's generic ones. */
static const struct flag generic[] = {{"O_TMPFILE", 020200000}, {"O_DIRECTORY", 0200000},
	{"O_NOFOLLOW", 0400000}, {"O_DIRECT", 040000}, {"O_LARGEFILE", 0100000}, {0}};

/* ARM64 is not told from RISC-V here, which has the generic ones. */
static bool has_generic(enum syscall_arch arch)
{
	return arch == SYSCALL_ARCH_X86_64 || arch == SYSCALL_ARCH_I386 ||
	       arch == SYSCALL_ARCH_S390X;
}

static int64_t append_flags(GString *text, const struct flag *list, int64_t flags)
{
	for (; list->name; list++) {
		if ((flags & list->bits) != list->bits)
			continue;
		g_string_append_printf(text, "|%s", list->name);
		flags &= ~list->bits;
	}
	return flags;
}

char *open_flags_text(enum syscall_arch arch, int64_t flags)
{
	GString *text = g_string_new(NULL);
	int64_t rest = flags & UINT32_MAX;

	if (arch != SYSCALL_ARCH_MIPS) {
		g_string_append(text, access_modes[rest & ACCESS_MODE]);
		rest = append_flags(text, common, rest & ~(int64_t)ACCESS_MODE);
		if (has_generic(arch))
			rest = append_flags(text, generic, rest);
	}
	if (rest != 0 || text->len == 0)
		g_string_append_printf(text, "%s0x%" PRIx64, text->len > 0 ? "|" : "", rest);
	return g_string_free(text, FALSE);
}
