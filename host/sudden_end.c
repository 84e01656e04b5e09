/*
 * What is said where the program ends in the middle of its work.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/sudden_end.h"

#include "host/bt2/works.h"
#include "host/prompt/full_screen.h"
#include "host/prompt/prompt.h"

#include <glib.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "lttnga-run"

/* Writes a line, as a handler of signals may. */
static void say(const char *line)
{
	prompt_restore_terminal();
	full_screen_restore();
	if (write(STDERR_FILENO, line, strlen(line)) < 0)
		_exit(2);
}

static void end(const char *line)
{
	say(line);
	_exit(1);
}

/* The words of who has given up are on stderr by now. */
static void on_sigabrt(int number)
{
	(void)number;
	end(bt2_works ? PROGRAM ": libbabeltrace2 aborted (see above): the trace is damaged\n"
		      : PROGRAM ": internal error (see above): please report it\n");
}

/* The streams of a trace are mapped: what is cut off while it is read is gone. */
static void on_sigbus(int number)
{
	(void)number;
	end(PROGRAM ": a file of the trace was truncated while it was read\n");
}

/*
 * libbabeltrace2 also crashes on some kinds of damage. Whoever's fault it is, it has most often to do
 * with the trace; the signal then does what it does.
 */
static void on_crash(int number)
{
	signal(number, SIG_DFL);
	say(PROGRAM ": crashed while reading the trace, which may be damaged\n");
	raise(number);
}

/* GLib stops so where it can't even say that there is no memory. */
static void on_sigtrap(int number)
{
	(void)number;
	end(PROGRAM ": out of memory\n");
}

/* What GLib says before it ends the program: only that there is no memory, or that it is misused. */
static void on_glib(const char *domain, GLogLevelFlags level, const char *message, void *data)
{
	if (!(level & G_LOG_LEVEL_ERROR))
		g_log_default_handler(domain, level, message, data);
	else if (strstr(message, "failed to allocate"))
		end(PROGRAM ": out of memory\n");
	else
		g_log_default_handler(domain, level, message, data);
}

void sudden_end_setup(void)
{
	g_log_set_default_handler(on_glib, NULL);
	signal(SIGABRT, on_sigabrt);
	signal(SIGTRAP, on_sigtrap);
	signal(SIGFPE, on_crash);
	signal(SIGBUS, on_sigbus);
	/* A file that may not become larger is one that can't be written: write() says so. */
	signal(SIGXFSZ, SIG_IGN);
#ifndef __SANITIZE_ADDRESS__
	signal(SIGSEGV, on_crash);
#endif
}
