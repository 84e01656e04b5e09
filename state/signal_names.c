/*
 * The names of signals, whose numbers are not the same on all architectures.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/signal_names.h"

#include <stddef.h>

static const char *const generic[] = {
	[1] = "SIGHUP",
	[2] = "SIGINT",
	[3] = "SIGQUIT",
	[4] = "SIGILL",
	[5] = "SIGTRAP",
	[6] = "SIGABRT",
	[7] = "SIGBUS",
	[8] = "SIGFPE",
	[9] = "SIGKILL",
	[10] = "SIGUSR1",
	[11] = "SIGSEGV",
	[12] = "SIGUSR2",
	[13] = "SIGPIPE",
	[14] = "SIGALRM",
	[15] = "SIGTERM",
	[16] = "SIGSTKFLT",
	[17] = "SIGCHLD",
	[18] = "SIGCONT",
	[19] = "SIGSTOP",
	[20] = "SIGTSTP",
	[21] = "SIGTTIN",
	[22] = "SIGTTOU",
	[23] = "SIGURG",
	[24] = "SIGXCPU",
	[25] = "SIGXFSZ",
	[26] = "SIGVTALRM",
	[27] = "SIGPROF",
	[28] = "SIGWINCH",
	[29] = "SIGIO",
	[30] = "SIGPWR",
	[31] = "SIGSYS",
};

static const char *const mips[] = {
	[1] = "SIGHUP",
	[2] = "SIGINT",
	[3] = "SIGQUIT",
	[4] = "SIGILL",
	[5] = "SIGTRAP",
	[6] = "SIGABRT",
	[7] = "SIGEMT",
	[8] = "SIGFPE",
	[9] = "SIGKILL",
	[10] = "SIGBUS",
	[11] = "SIGSEGV",
	[12] = "SIGSYS",
	[13] = "SIGPIPE",
	[14] = "SIGALRM",
	[15] = "SIGTERM",
	[16] = "SIGUSR1",
	[17] = "SIGUSR2",
	[18] = "SIGCHLD",
	[19] = "SIGPWR",
	[20] = "SIGWINCH",
	[21] = "SIGURG",
	[22] = "SIGIO",
	[23] = "SIGSTOP",
	[24] = "SIGTSTP",
	[25] = "SIGCONT",
	[26] = "SIGTTIN",
	[27] = "SIGTTOU",
	[28] = "SIGVTALRM",
	[29] = "SIGPROF",
	[30] = "SIGXCPU",
	[31] = "SIGXFSZ",
};

/* Real-time signals, without 32 and 33, which the C library uses itself; MIPS has more of them. */
static const char *const real_time[] = {
	[34] = "SIGRTMIN",
	[35] = "SIGRTMIN+1",
	[36] = "SIGRTMIN+2",
	[37] = "SIGRTMIN+3",
	[38] = "SIGRTMIN+4",
	[39] = "SIGRTMIN+5",
	[40] = "SIGRTMIN+6",
	[41] = "SIGRTMIN+7",
	[42] = "SIGRTMIN+8",
	[43] = "SIGRTMIN+9",
	[44] = "SIGRTMIN+10",
	[45] = "SIGRTMIN+11",
	[46] = "SIGRTMIN+12",
	[47] = "SIGRTMIN+13",
	[48] = "SIGRTMIN+14",
	[49] = "SIGRTMIN+15",
	[50] = "SIGRTMAX-14",
	[51] = "SIGRTMAX-13",
	[52] = "SIGRTMAX-12",
	[53] = "SIGRTMAX-11",
	[54] = "SIGRTMAX-10",
	[55] = "SIGRTMAX-9",
	[56] = "SIGRTMAX-8",
	[57] = "SIGRTMAX-7",
	[58] = "SIGRTMAX-6",
	[59] = "SIGRTMAX-5",
	[60] = "SIGRTMAX-4",
	[61] = "SIGRTMAX-3",
	[62] = "SIGRTMAX-2",
	[63] = "SIGRTMAX-1",
	[64] = "SIGRTMAX",
};

#define NAME_IN(names, number)                                                                    \
	((number) >= 0 && (size_t)(number) < sizeof(names) / sizeof((names)[0]) ? (names)[number] \
										: NULL)

const char *signal_name(enum syscall_arch arch, int64_t number)
{
	if (arch == SYSCALL_ARCH_MIPS)
		return NAME_IN(mips, number);
	return NAME_IN(generic, number) ?: NAME_IN(real_time, number);
}
