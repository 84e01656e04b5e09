/*
 * Ctrl-C while something is run.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/interrupt.h"

#include <signal.h>
#include <unistd.h>

#define PROGRAM "lttnga-run"

/* Seconds after a Ctrl-C in which Lua should have stopped. */
#define PATIENCE 1

/* What Ctrl-C is to do. */
enum { STOP_ALL, STOP_NOTHING, STOP_CALL, STOP_READING };

static volatile sig_atomic_t mode = STOP_ALL;
static volatile sig_atomic_t wanted;
static volatile sig_atomic_t asked;  /* to end reading */
static volatile sig_atomic_t shared; /* with a pager */
static lua_State *vm;
static void (*before_end)(void); /* called before a signal ends the program; NULL: nothing is */

/* Raises an error at the next Lua instruction, wherever Lua is. */
static void stop_lua(lua_State *L, lua_Debug *info)
{
	(void)info;
	/* In a session the hook stays until the call is over, whatever catches the error. */
	if (mode == STOP_ALL)
		lua_sethook(L, NULL, 0, 0);
	lua_pushliteral(L, "interrupted");
	lua_error(L);
}

/* Lua did not stop: it is in a coroutine, where our hook is not, or in a C function. */
static void on_alarm(int number)
{
	static const char ended[] = PROGRAM ": interrupted; no results\n";
	static const char busy[] =
		PROGRAM ": still busy; press Ctrl-C again to end the program and the session\n";
	bool all = mode == STOP_ALL;
	ssize_t written =
		write(STDERR_FILENO, all ? ended : busy, (all ? sizeof(ended) : sizeof(busy)) - 1);

	(void)number;
	(void)written;
	if (all)
		raise(SIGINT);
}

/* The second one while reading: nothing goes on after it. */
static void on_last(int number)
{
	if (before_end)
		before_end();
	signal(number, SIG_DFL);
	raise(number);
}

static void on_sigint(int number)
{
	if (mode == STOP_NOTHING)
		return;
	if (mode == STOP_READING) {
		asked = 1;
		signal(number, on_last);
		return;
	}
	if (!shared) {
		signal(number, SIG_DFL); /* a second Ctrl-C does not ask */
		signal(SIGALRM, on_alarm);
		alarm(PATIENCE);
	}
	wanted = 1;
	/*
	 * In a session calls of C functions are no place to raise it: the handler of errors is one.
	 */
	lua_sethook(vm, stop_lua,
		mode == STOP_ALL ? LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT : LUA_MASKCOUNT, 1);
}

/* What waits for input in a session does not go on waiting after a Ctrl-C. */
static void listen(void)
{
	struct sigaction action = {
		.sa_handler = on_sigint, .sa_flags = mode == STOP_ALL ? SA_RESTART : 0};

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
}

void interrupt_setup(lua_State *L)
{
	vm = L;
	listen();
}

void interrupt_reading(bool on)
{
	static const int others[] = {SIGTERM, SIGHUP};

	if (on == (mode == STOP_READING) || (on && mode != STOP_ALL))
		return;
	mode = on ? STOP_READING : STOP_ALL;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		signal(others[i], on ? on_sigint : SIG_DFL);
	listen();
}

void interrupt_before_end(void (*function)(void))
{
	before_end = function;
}

bool interrupt_asked(void)
{
	return asked;
}

void interrupt_end(void)
{
	signal(SIGINT, SIG_DFL);
	alarm(0);
}

void interrupt_share(void)
{
	shared = 1;
}

void interrupt_ignore(void)
{
	signal(SIGINT, SIG_IGN);
	alarm(0);
}

void interrupt_session(bool on)
{
	mode = on ? STOP_NOTHING : STOP_ALL;
	listen();
}

int interrupt_call(lua_State *L, int n_arguments, int handler, bool *interrupted)
{
	lua_State *before = vm;
	int status;

	*interrupted = false;
	if (mode != STOP_NOTHING)
		return lua_pcall(L, n_arguments, LUA_MULTRET, handler);
	vm = L;
	mode = STOP_CALL;
	status = lua_pcall(L, n_arguments, LUA_MULTRET, handler);
	mode = STOP_NOTHING;
	alarm(0);
	lua_sethook(L, NULL, 0, 0);
	*interrupted = wanted;
	wanted = 0;
	listen();
	vm = before;
	return status;
}

bool interrupt_pending(void)
{
	return mode == STOP_CALL && wanted;
}

bool interrupt_wanted(void)
{
	return wanted;
}
