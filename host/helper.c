/*
 * A second thread that does one piece of work at a time.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/helper.h"

#include <glib.h>
#include <sched.h>
#include <signal.h>

struct helper {
	pthread_t thread;
	pthread_mutex_t mutex; /* of all that follows */
	pthread_cond_t begun, done;
	enum { IDLE, WAITING, WORKING } state;
	bool stop;
	void (*work)(void *data);
	void *data;
};

bool helper_make_thread(pthread_t *thread, void *(*run)(void *data), void *data)
{
	static const int own[] = {SIGBUS, SIGSEGV, SIGFPE, SIGABRT, SIGILL};
	sigset_t all, before;
	int failed;

	sigfillset(&all);
	for (size_t i = 0; i < G_N_ELEMENTS(own); i++)
		sigdelset(&all, own[i]);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(thread, NULL, run, data);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return !failed;
}

unsigned int helper_count_processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 ? (unsigned int)CPU_COUNT(&set)
							    : g_get_num_processors();
}

static void *run(void *data)
{
	struct helper *helper = data;

	pthread_mutex_lock(&helper->mutex);
	for (;;) {
		while (!helper->stop && helper->state != WAITING)
			pthread_cond_wait(&helper->begun, &helper->mutex);
		if (helper->stop)
			break;
		helper->state = WORKING;
		pthread_mutex_unlock(&helper->mutex);
		helper->work(helper->data);
		pthread_mutex_lock(&helper->mutex);
		helper->state = IDLE;
		pthread_cond_signal(&helper->done);
	}
	pthread_mutex_unlock(&helper->mutex);
	return NULL;
}

static void clear(struct helper *helper)
{
	pthread_mutex_destroy(&helper->mutex);
	pthread_cond_destroy(&helper->begun);
	pthread_cond_destroy(&helper->done);
	g_free(helper);
}

struct helper *helper_new(void)
{
	struct helper *helper = g_new0(struct helper, 1);

	pthread_mutex_init(&helper->mutex, NULL);
	pthread_cond_init(&helper->begun, NULL);
	pthread_cond_init(&helper->done, NULL);
	if (helper_make_thread(&helper->thread, run, helper))
		return helper;
	clear(helper);
	return NULL;
}

void helper_free(struct helper *helper)
{
	if (!helper)
		return;
	helper_finish(helper);
	pthread_mutex_lock(&helper->mutex);
	helper->stop = true;
	pthread_cond_signal(&helper->begun);
	pthread_mutex_unlock(&helper->mutex);
	pthread_join(helper->thread, NULL);
	clear(helper);
}

void helper_begin(struct helper *helper, void (*work)(void *data), void *data)
{
	pthread_mutex_lock(&helper->mutex);
	helper->work = work;
	helper->data = data;
	helper->state = WAITING;
	pthread_cond_signal(&helper->begun);
	pthread_mutex_unlock(&helper->mutex);
}

void helper_finish(struct helper *helper)
{
	bool own;

	pthread_mutex_lock(&helper->mutex);
	own = helper->state == WAITING;
	if (own)
		helper->state = IDLE;
	while (helper->state == WORKING)
		pthread_cond_wait(&helper->done, &helper->mutex);
	pthread_mutex_unlock(&helper->mutex);
	if (own)
		helper->work(helper->data);
}
