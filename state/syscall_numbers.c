/*
 * The numbers of Linux's system calls on each architecture.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/syscall_numbers.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *name;
	int16_t numbers[SYSCALL_ARCHS - 1];
} rows[] = {
#define ROW(name, ...) {#name, {__VA_ARGS__}},
#include "state/syscall_numbers.inc"
#undef ROW
};

static const struct {
	const char *machine;
	enum syscall_arch arch;
} machines[] = {
	{"x86_64", SYSCALL_ARCH_X86_64},
	{"amd64", SYSCALL_ARCH_X86_64},
	{"aarch64", SYSCALL_ARCH_ARM64},
	{"arm64", SYSCALL_ARCH_ARM64},
	{"riscv64", SYSCALL_ARCH_ARM64},
	{"arm", SYSCALL_ARCH_ARM},
	{"ppc64", SYSCALL_ARCH_PPC64},
	{"powerpc64", SYSCALL_ARCH_PPC64},
	{"s390x", SYSCALL_ARCH_S390X},
	{"i386", SYSCALL_ARCH_I386},
	{"i486", SYSCALL_ARCH_I386},
	{"i586", SYSCALL_ARCH_I386},
	{"i686", SYSCALL_ARCH_I386},
	{"686", SYSCALL_ARCH_I386},
	{"mips", SYSCALL_ARCH_MIPS},
	{"octeon", SYSCALL_ARCH_MIPS},
	{"4kc-malta", SYSCALL_ARCH_MIPS},
	{"5kc-malta", SYSCALL_ARCH_MIPS},
	{"loongson-3", SYSCALL_ARCH_MIPS},
};

enum syscall_arch syscall_arch_of(const char *machine)
{
	/* "arm64" comes before "arm": variants ("armv7l", "ppc64le") are told by how they begin. */
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		if (strncmp(machine, machines[i].machine, strlen(machines[i].machine)) == 0)
			return machines[i].arch;
	return SYSCALL_ARCH_UNKNOWN;
}

enum syscall_arch syscall_arch_compat(enum syscall_arch arch)
{
	switch (arch) {
	case SYSCALL_ARCH_X86_64:
		return SYSCALL_ARCH_I386;
	case SYSCALL_ARCH_ARM64:
		return SYSCALL_ARCH_ARM;
	default:
		return arch; /* the 32-bit calls of PowerPC have the numbers of the 64-bit ones */
	}
}

const char *syscall_name(enum syscall_arch arch, int64_t number)
{
	if (arch == SYSCALL_ARCH_UNKNOWN || arch >= SYSCALL_ARCHS || number < 0)
		return NULL;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].numbers[arch - 1] == number)
			return rows[i].name;
	return NULL;
}
