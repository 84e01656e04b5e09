/*
 * A terminal as a whole.
 *
 * Ctrl-C and Ctrl-Z stay signals: they work while nobody looks at keys.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/prompt/full_screen.h"

#include "host/lua/interrupt.h"

#include <errno.h>
#include <lauxlib.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* The alternate screen, no cursor, nothing on it; and the reverse. */
#define ENTER "\033[?1049h\033[?25l\033[H\033[2J"
#define LEAVE "\033[0m\033[?25h\033[?1049l"

/* What is handled while the screen is ours, beside what interrupt_reading() handles. */
static const int signals[] = {SIGTSTP, SIGWINCH, SIGQUIT};

/* What signal handlers and others share. */
static struct {
	volatile sig_atomic_t on, resized;
	bool has_keys; /* stdin is a terminal, and `before` how it was */
	struct termios before, raw;
	struct sigaction actions[sizeof(signals) / sizeof(*signals)]; /* before ours */
} screen;

static void put(const char *text, size_t length)
{
	while (length > 0) {
		ssize_t written = write(STDOUT_FILENO, text, length);

		/* A terminal that is gone sends a SIGHUP. */
		if (written < 0 && errno != EINTR)
			return;
		if (written > 0) {
			text += written;
			length -= (size_t)written;
		}
	}
}

static void take_terminal(void)
{
	screen.on = 1;
	if (screen.has_keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &screen.raw);
	put(ENTER, sizeof(ENTER) - 1);
}

void full_screen_restore(void)
{
	if (!screen.on)
		return;
	screen.on = 0;
	put(LEAVE, sizeof(LEAVE) - 1);
	if (screen.has_keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &screen.before);
}

/* Does what a signal does where it is not handled. */
static void pass_on(int number)
{
	sigset_t set;

	signal(number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, number);
	raise(number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void listen(void);

static void on_signal(int number)
{
	int error = errno;

	screen.resized = 1;
	if (number != SIGWINCH) {
		full_screen_restore();
		pass_on(number);
		/* It was only stopped, and goes on now. */
		listen();
		take_terminal();
	}
	errno = error;
}

static void listen(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

	sigfillset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		/* What was ignored still is. */
		if (screen.actions[i].sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
}

static int screen_enter(lua_State *L)
{
	static bool is_set_up;

	if (screen.on)
		return luaL_error(L, "the screen is in use");
	if (!is_set_up) {
		is_set_up = true;
		atexit(full_screen_restore);
		interrupt_before_end(full_screen_restore);
	}
	screen.has_keys = tcgetattr(STDIN_FILENO, &screen.before) == 0;
	screen.raw = screen.before;
	screen.raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
	/* Ctrl-S would stop reading, too, and no signal could restore the terminal. */
	screen.raw.c_iflag &= (tcflag_t)~IXON;
	screen.raw.c_cc[VMIN] = 1;
	screen.raw.c_cc[VTIME] = 0;
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i], NULL, &screen.actions[i]);
	listen();
	take_terminal();
	return 0;
}

static int screen_leave(lua_State *L)
{
	(void)L;
	if (!screen.on)
		return 0;
	full_screen_restore();
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i], &screen.actions[i], NULL);
	return 0;
}

static int screen_size(lua_State *L)
{
	struct winsize size = {0};

	if (!isatty(STDOUT_FILENO))
		return 0;
	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	lua_pushinteger(L, size.ws_col ?: 80);
	lua_pushinteger(L, size.ws_row ?: 24);
	return 2;
}

static int screen_resized(lua_State *L)
{
	lua_pushboolean(L, screen.resized);
	screen.resized = 0;
	return 1;
}

static int screen_keys(lua_State *L)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	char bytes[256];
	ssize_t got = 0;

	if (screen.on && screen.has_keys && poll(&input, 1, 0) > 0)
		got = read(STDIN_FILENO, bytes, sizeof(bytes));
	lua_pushlstring(L, bytes, got > 0 ? (size_t)got : 0);
	return 1;
}

static int screen_write(lua_State *L)
{
	size_t length;
	const char *text = luaL_checklstring(L, 1, &length);

	put(text, length);
	return 0;
}

static int screen_now(lua_State *L)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	lua_pushinteger(L, (lua_Integer)now.tv_sec * 1000000000 + now.tv_nsec);
	return 1;
}

int luaopen_lttnga_full_screen(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{"enter", screen_enter},
		{"leave", screen_leave},
		{"size", screen_size},
		{"resized", screen_resized},
		{"keys", screen_keys},
		{"write", screen_write},
		{"now", screen_now},
		{NULL, NULL},
	};

	luaL_newlib(L, functions);
	return 1;
}
