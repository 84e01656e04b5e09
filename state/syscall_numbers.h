/*
 * The numbers of Linux's system calls on each architecture: LTTng tells calls that are younger
 * than its own tables by number only.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SYSCALL_NUMBERS_H
#define LTTNGA_SYSCALL_NUMBERS_H

#include <stdint.h>

/* From 1 on in the order of the columns of syscall_numbers.inc. RISC-V numbers its calls as ARM64 does. */
enum syscall_arch {
	SYSCALL_ARCH_UNKNOWN,
	SYSCALL_ARCH_X86_64,
	SYSCALL_ARCH_I386,
	SYSCALL_ARCH_ARM64,
	SYSCALL_ARCH_ARM,
	SYSCALL_ARCH_PPC64,
	SYSCALL_ARCH_S390X,
	SYSCALL_ARCHS,                    /* those below are told by their errors only: */
	SYSCALL_ARCH_MIPS = SYSCALL_ARCHS /* three sets of numbers, one of errors */
};

/* The architecture that the kernel calls `machine` ("x86_64", "aarch64"), as uname(2) does. */
enum syscall_arch syscall_arch_of(const char *machine);

/* The architecture of 32-bit calls on a kernel of `arch`. */
enum syscall_arch syscall_arch_compat(enum syscall_arch arch);

/* The name of a call by number, or NULL if it is not known. The text is static. */
const char *syscall_name(enum syscall_arch arch, int64_t number);

#endif
