/*
 * Which threads and processes Perfetto has been told of, under which names; and their tracks.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/perfetto/threads.h"

#include "state/hash.h"
#include "state/record.h"

#include <glib.h>

struct known_thread {
	int64_t tid, pid, utid;
	uint64_t track; /* 0: none yet */
	char *name;     /* NULL: not told yet */
	bool made;      /* it was seen to be made: */
	bool is_told;   /* and that has been told; */
	int64_t since;  /* when, */
	int64_t parent; /* by whom, */
	bool is_thread; /* and as a further thread of its process */
};

struct known_process {
	int64_t pid;
	char *name;
	bool made; /* it was seen to be made: it is called as its first thread */
};

struct threads {
	struct packets *packets;
	struct cpus *cpus;
	uint64_t *tracks;
	GHashTable *threads;   /* by TID */
	GHashTable *processes; /* by PID */
};

static void free_thread(gpointer data)
{
	struct known_thread *thread = data;

	g_free(thread->name);
	g_free(thread);
}

static void free_process(gpointer data)
{
	struct known_process *process = data;

	g_free(process->name);
	g_free(process);
}

struct threads *threads_new(struct packets *packets, struct cpus *cpus, uint64_t *tracks)
{
	struct threads *threads = g_new(struct threads, 1);

	*threads = (struct threads){
		.packets = packets,
		.cpus = cpus,
		.tracks = tracks,
		.threads = g_hash_table_new_full(number_hash, g_int64_equal, NULL, free_thread),
		.processes = g_hash_table_new_full(number_hash, g_int64_equal, NULL, free_process),
	};
	return threads;
}

void threads_free(struct threads *threads)
{
	if (!threads)
		return;
	g_hash_table_unref(threads->threads);
	g_hash_table_unref(threads->processes);
	g_free(threads);
}

static void forget(struct threads *threads, int64_t tid)
{
	g_hash_table_remove(threads->threads, &tid);
	g_hash_table_remove(threads->processes, &tid);
}

/* The thread of that TID; another one of the same TID is forgotten. */
static struct known_thread *find(struct threads *threads, const struct threads_seen *seen)
{
	struct known_thread *thread = g_hash_table_lookup(threads->threads, &seen->tid);

	if (thread && (thread->utid == seen->utid || seen->utid == VALUE_ABSENT))
		return thread;
	if (thread) {
		/* Nobody saw it end. */
		cpus_freetask(threads->cpus, seen->time, seen->tid, thread->name);
		forget(threads, seen->tid);
	}
	thread = g_new(struct known_thread, 1);
	*thread = (struct known_thread){.tid = seen->tid, .pid = VALUE_ABSENT, .utid = seen->utid};
	g_hash_table_insert(threads->threads, &thread->tid, thread);
	return thread;
}

/* The process; a new one has no name. */
static struct known_process *find_process(struct threads *threads, int64_t pid)
{
	struct known_process *process = g_hash_table_lookup(threads->processes, &pid);

	if (!process) {
		process = g_new0(struct known_process, 1);
		process->pid = pid;
		g_hash_table_insert(threads->processes, &process->pid, process);
	}
	return process;
}

/* Whether a process is called otherwise than was told, and that has to be told. */
static bool is_process_new(struct threads *threads, int64_t pid, const char *name)
{
	struct known_process *process = find_process(threads, pid);

	if (process->made || g_strcmp0(process->name, name) == 0)
		return false;
	g_free(process->name);
	process->name = g_strdup(name);
	return true;
}

/* A thread that was told of gets another name. */
static void rename_thread(
	struct threads *threads, struct known_thread *thread, const struct threads_seen *seen)
{
	cpus_rename(threads->cpus, seen->time, seen->tid, thread->name, seen->procname);
	g_free(thread->name);
	thread->name = g_strdup(seen->procname);
}

/* Tells what is new of a thread that was not seen to be made, and of its process. */
static void tell(
	struct threads *threads, struct known_thread *thread, const struct threads_seen *seen)
{
	/* The first thread's name is its process'. */
	const char *name = seen->tid == seen->pid ? seen->procname : seen->process;
	struct packets_process process = {seen->pid, VALUE_ABSENT, name};
	struct packets_thread told = {seen->tid, seen->pid, seen->procname};
	bool new_thread = thread->pid != seen->pid || g_strcmp0(thread->name, seen->procname) != 0;
	bool new_process = name && is_process_new(threads, seen->pid, name);

	if (!new_thread && !new_process)
		return;
	if (new_thread) {
		g_free(thread->name);
		thread->name = g_strdup(seen->procname);
		thread->pid = seen->pid;
	}
	packets_tree(threads->packets, seen->time, &process, new_process, &told, new_thread);
}

/* Tells of a thread that was seen to be made. */
static void tell_made(struct threads *threads, struct known_thread *thread, int64_t time)
{
	cpus_newtask(
		threads->cpus, time, thread->parent, thread->tid, thread->name, thread->is_thread);
	thread->is_told = true;
}

static void see(
	struct threads *threads, struct known_thread *thread, const struct threads_seen *seen)
{
	/* Nobody saw how it was woken. */
	if (thread->made && !thread->is_told)
		tell_made(threads, thread, thread->since);
	if (seen->pid == VALUE_ABSENT || !seen->procname)
		return;
	if (!thread->made)
		tell(threads, thread, seen);
	else if (strcmp(thread->name, seen->procname) != 0)
		rename_thread(threads, thread, seen);
}

void threads_start(
	struct threads *threads, const struct threads_seen *seen, int64_t parent, bool is_thread)
{
	struct known_thread *thread;

	if (seen->tid == VALUE_ABSENT || seen->tid <= 0)
		return;
	thread = find(threads, seen);
	if (thread->name)
		return;
	thread->made = true;
	thread->pid = seen->pid;
	thread->since = seen->time;
	thread->parent = parent;
	thread->is_thread = is_thread;
	thread->name = g_strdup(seen->procname ? seen->procname : "");
	if (!is_thread)
		find_process(threads, seen->tid)->made = true;
}

bool threads_wake(struct threads *threads, const struct threads_seen *seen)
{
	struct known_thread *thread = g_hash_table_lookup(threads->threads, &seen->tid);

	if (!thread || !thread->made || thread->is_told)
		return false;
	/* Perfetto takes it for runnable from then on. */
	tell_made(threads, thread, seen->time);
	return true;
}

void threads_see(struct threads *threads, const struct threads_seen *seen)
{
	if (seen->tid != VALUE_ABSENT && seen->tid > 0)
		see(threads, find(threads, seen), seen);
}

uint64_t threads_track(struct threads *threads, const struct threads_seen *seen)
{
	struct known_thread *thread;

	if (seen->tid == VALUE_ABSENT || seen->tid <= 0)
		return 0;
	thread = find(threads, seen);
	see(threads, thread, seen);
	/* A thread that gets another process is another one for Perfetto. */
	if (thread->track || thread->pid == VALUE_ABSENT)
		return thread->track;
	thread->track = ++*threads->tracks;
	packets_track(threads->packets, &(struct packets_track){.number = thread->track,
						.of_thread = true,
						.pid = thread->pid,
						.tid = seen->tid,
						.since = seen->time});
	return thread->track;
}

void threads_end(struct threads *threads, const struct threads_seen *seen)
{
	/* After it has left: what it does before is still its own. */
	cpus_freetask(threads->cpus, time_later(seen->time, 1), seen->tid, seen->procname);
	forget(threads, seen->tid);
}
