/*
 * Work that is done in several processes at once: copies of this one, which end with it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/workers.h"

#include "host/lua/interrupt.h"

#include <errno.h>
#include <glib.h>
#include <lauxlib.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COUNT = 1, AT_ONCE, WORK, DONE };

/* How often it is looked whether somebody wants to stop, us. */
#define LOOK 1000

/* Those that are at work: process i is at place i - 1; 0 where there is none. */
struct workers {
	pid_t *pids;
	lua_Integer count, next, running;
};

/* In the new process: does the work, and ends. */
static void G_GNUC_NORETURN work(lua_State *L, lua_Integer number, pid_t parent)
{
	bool done;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	lua_pushvalue(L, WORK);
	lua_pushinteger(L, number);
	done = lua_pcall(L, 1, 1, 0) == LUA_OK && lua_toboolean(L, -1) && fflush(stdout) == 0;
	/* What waits in other files is the parent's. */
	_exit(done ? 0 : 1);
}

static bool start(lua_State *L, struct workers *workers)
{
	pid_t parent = getpid(), pid;

	fflush(stdout);
	fflush(stderr);
	pid = fork();
	if (pid == 0)
		work(L, workers->next + 1, parent);
	if (pid < 0)
		return false;
	workers->pids[workers->next++] = pid;
	workers->running++;
	return true;
}

/* Ends those that are at work. */
static void stop(struct workers *workers)
{
	for (lua_Integer i = 0; i < workers->next; i++)
		if (workers->pids[i] > 0)
			kill(workers->pids[i], SIGKILL);
	for (lua_Integer i = 0; i < workers->next; i++)
		while (workers->pids[i] > 0 && waitpid(workers->pids[i], NULL, 0) < 0 &&
			errno == EINTR)
			;
	workers->running = 0;
}

static int fail(lua_State *L, struct workers *workers, const char *message)
{
	stop(workers);
	lua_pushnil(L);
	lua_pushstring(L, message);
	return 2;
}

/* Which of them has ended, from 0 on, and how; -1: none yet. */
static lua_Integer look(const struct workers *workers, int *status)
{
	for (lua_Integer i = 0; i < workers->next; i++)
		if (workers->pids[i] > 0 &&
			waitpid(workers->pids[i], status, WNOHANG) == workers->pids[i])
			return i;
	return -1;
}

int workers_write_to(lua_State *L)
{
	luaL_Stream *stream = luaL_checkudata(L, 1, LUA_FILEHANDLE);

	luaL_argcheck(L, stream->closef, 1, "the file is closed");
	fflush(stdout);
	return luaL_fileresult(L, dup2(fileno(stream->f), STDOUT_FILENO) >= 0, NULL);
}

/* Starts as many as may be at work; false with errno set if that fails. */
static bool start_all(lua_State *L, struct workers *workers, lua_Integer at_once)
{
	while (workers->running < at_once && workers->next < workers->count)
		if (!start(L, workers))
			return false;
	return true;
}

static int fail_to_start(lua_State *L, struct workers *workers)
{
	return fail(
		L, workers, lua_pushfstring(L, "cannot start a process: %s", g_strerror(errno)));
}

int workers_run(lua_State *L)
{
	struct workers workers = {.count = luaL_checkinteger(L, COUNT)};
	lua_Integer at_once = luaL_checkinteger(L, AT_ONCE), i;
	int status = 0;

	luaL_argcheck(L, workers.count > 0 && workers.count <= 1000000, COUNT, "out of range");
	lua_settop(L, DONE);
	workers.pids = lua_newuserdatauv(L, sizeof(*workers.pids) * (size_t)workers.count, 0);
	memset(workers.pids, 0, sizeof(*workers.pids) * (size_t)workers.count);
	while (workers.next < workers.count || workers.running > 0) {
		if (!start_all(L, &workers, at_once))
			return fail_to_start(L, &workers);
		i = look(&workers, &status);
		if (i < 0) {
			if (interrupt_wanted()) {
				stop(&workers);
				return luaL_error(L, "interrupted");
			}
			g_usleep(LOOK);
			continue;
		}
		workers.pids[i] = 0;
		workers.running--;
		if (!start_all(L, &workers, at_once))
			return fail_to_start(L, &workers);
		if (WIFSIGNALED(status))
			return fail(L, &workers,
				lua_pushfstring(L,
					"the process for part %I of %I was killed by signal %d (%s)",
					i + 1, workers.count, WTERMSIG(status),
					g_strsignal(WTERMSIG(status))));
		if (status != 0)
			return fail(L, &workers,
				lua_pushfstring(L, "the process for part %I of %I failed", i + 1,
					workers.count));
		lua_pushvalue(L, DONE);
		lua_pushinteger(L, i + 1);
		if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
			stop(&workers);
			return lua_error(L);
		}
	}
	lua_pushboolean(L, 1);
	return 1;
}
