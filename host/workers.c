/*
 * Work that is done in several processes at once: copies of this one, which end with it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/workers.h"

#include "host/lua/interrupt.h"
#include "host/lua/object.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <lauxlib.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COUNT = 1, AT_ONCE, WORK, DONE };

/* How often it is looked whether a process has died, ms. */
#define LOOK 20

/* What all processes see. */
struct shared {
	_Atomic lua_Integer taken; /* how many pieces of work have been taken */
	lua_Integer at[]; /* the last one that each process has taken, from 1 on; 0: none yet */
};

/* Bytes: memory of less than MMAP_FROM (the most that glibc allows) comes from the heap, of which up
   to TRIM_FROM are kept once they are free. */
#define MMAP_FROM (32 << 20)
#define TRIM_FROM (256 << 20)

/* Those that are at work, and what they have done. */
struct workers {
	pid_t owner; /* who started them */
	pid_t *pids; /* 0: it has ended, or has not been started */
	bool *is_done;
	lua_Integer count, n, n_done;
	struct shared *shared;
	size_t size; /* of that */
	int pipe[2]; /* numbers of what has been done, as lua_Integer */
};

static bool do_one(lua_State *L, lua_Integer number)
{
	lua_pushvalue(L, WORK);
	lua_pushinteger(L, number);
	if (lua_pcall(L, 1, 1, 0) != LUA_OK || !lua_toboolean(L, -1))
		return false;
	lua_pop(L, 1);
	return fflush(stdout) == 0;
}

/* In a new process: does one piece of work after the other while there are any, and ends. */
static void G_GNUC_NORETURN work(
	lua_State *L, const struct workers *workers, lua_Integer worker, pid_t parent)
{
	struct shared *shared = workers->shared;
	lua_Integer number;

	/* One part needs what the one before let go: fetching memory anew costs more than keeping it. */
	mallopt(M_MMAP_THRESHOLD, MMAP_FROM);
	mallopt(M_TRIM_THRESHOLD, TRIM_FROM);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	while ((number = atomic_fetch_add(&shared->taken, 1) + 1) <= workers->count) {
		shared->at[worker] = number;
		/* What waits in other files is the parent's. */
		if (!do_one(L, number) || write(workers->pipe[1], &number, sizeof(number)) < 0)
			_exit(1);
	}
	_exit(0);
}

/* Starts all processes; false with errno set if that fails. */
static bool start(lua_State *L, struct workers *workers)
{
	pid_t parent = getpid(), pid;

	fflush(stdout);
	fflush(stderr);
	for (lua_Integer i = 0; i < workers->n; i++) {
		pid = fork();
		if (pid == 0)
			work(L, workers, i, parent);
		if (pid < 0)
			return false;
		workers->pids[i] = pid;
	}
	return true;
}

/* Ends those that are at work. */
static void stop(struct workers *workers)
{
	for (lua_Integer i = 0; i < workers->n; i++)
		if (workers->pids[i] > 0)
			kill(workers->pids[i], SIGKILL);
	for (lua_Integer i = 0; i < workers->n; i++)
		while (workers->pids[i] > 0 && waitpid(workers->pids[i], NULL, 0) < 0 &&
			errno == EINTR)
			;
}

static int clear(lua_State *L)
{
	struct workers *workers = lua_touserdata(L, 1);

	if (workers->owner == getpid())
		stop(workers);
	if (workers->shared)
		munmap(workers->shared, workers->size);
	for (int i = 0; i < 2; i++)
		if (workers->pipe[i] >= 0)
			close(workers->pipe[i]);
	g_free(workers->pids);
	g_free(workers->is_done);
	*workers = (struct workers){.pipe = {-1, -1}};
	return 0;
}

static const luaL_Reg meta[] = {{"__close", clear}, {NULL, NULL}};

static const struct object_type workers_type = {
	.name = "lttnga.workers", .gc = clear, .meta = meta};

/* Makes what processes share; false with errno set if that fails. */
static bool make_shared(struct workers *workers)
{
	void *made;

	workers->size =
		sizeof(*workers->shared) + sizeof(*workers->shared->at) * (size_t)workers->n;
	made = mmap(NULL, workers->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (made == MAP_FAILED)
		return false;
	workers->shared = made;
	return pipe2(workers->pipe, O_CLOEXEC) == 0 &&
	       fcntl(workers->pipe[0], F_SETFL, O_NONBLOCK) == 0;
}

/* Calls done() for what has been done since. */
static void tell_done(lua_State *L, struct workers *workers)
{
	lua_Integer number;

	while (read(workers->pipe[0], &number, sizeof(number)) == sizeof(number)) {
		workers->is_done[number - 1] = true;
		workers->n_done++;
		lua_pushvalue(L, DONE);
		lua_pushinteger(L, number);
		lua_call(L, 1, 0);
	}
}

/* Why a process has ended that was at a piece of work. */
static void push_end(lua_State *L, const struct workers *workers, lua_Integer number, int status)
{
	if (WIFSIGNALED(status))
		lua_pushfstring(L, "the process for part %I of %I was killed by signal %d (%s)",
			number, workers->count, WTERMSIG(status), g_strsignal(WTERMSIG(status)));
	else
		lua_pushfstring(L, "the process for part %I of %I failed", number, workers->count);
}

/* Takes leave of processes that have ended; false with a message on the stack if one had not done its work. */
static bool look(lua_State *L, struct workers *workers)
{
	for (lua_Integer i = 0; i < workers->n; i++) {
		lua_Integer at;
		int status = 0;

		if (workers->pids[i] <= 0 ||
			waitpid(workers->pids[i], &status, WNOHANG) != workers->pids[i])
			continue;
		workers->pids[i] = 0;
		tell_done(L, workers);
		at = MAX(workers->shared->at[i], 1);
		if (status != 0 || (workers->shared->at[i] > 0 && !workers->is_done[at - 1])) {
			push_end(L, workers, at, status);
			return false;
		}
	}
	return true;
}

int workers_write_to(lua_State *L)
{
	luaL_Stream *stream = luaL_checkudata(L, 1, LUA_FILEHANDLE);

	luaL_argcheck(L, stream->closef, 1, "the file is closed");
	fflush(stdout);
	return luaL_fileresult(L, dup2(fileno(stream->f), STDOUT_FILENO) >= 0, NULL);
}

int workers_run(lua_State *L)
{
	lua_Integer count = luaL_checkinteger(L, COUNT), at_once = luaL_checkinteger(L, AT_ONCE);
	struct workers *workers;
	struct pollfd wait = {.events = POLLIN};

	luaL_argcheck(L, count > 0 && count <= 1000000, COUNT, "out of range");
	luaL_argcheck(L, at_once > 0, AT_ONCE, "out of range");
	lua_settop(L, DONE);
	workers = object_new(L, &workers_type, sizeof(*workers), 0);
	*workers = (struct workers){
		.owner = getpid(), .count = count, .n = MIN(count, at_once), .pipe = {-1, -1}};
	lua_toclose(L, -1);
	workers->pids = g_new0(pid_t, (gsize)workers->n);
	workers->is_done = g_new0(bool, (gsize)count);
	if (!make_shared(workers) || !start(L, workers)) {
		lua_pushnil(L);
		lua_pushfstring(L, "cannot start a process: %s", g_strerror(errno));
		return 2;
	}
	wait.fd = workers->pipe[0];
	while (workers->n_done < count) {
		if (poll(&wait, 1, LOOK) > 0)
			tell_done(L, workers);
		if (!look(L, workers)) {
			lua_pushnil(L);
			lua_insert(L, -2);
			return 2;
		}
		if (interrupt_wanted())
			return luaL_error(L, "interrupted");
	}
	lua_pushboolean(L, 1);
	return 1;
}
