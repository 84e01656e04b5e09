/*
 * Decoding ahead: while the records of a stream are being looked at, a second thread makes the next
 * ones. Each stream has two sets of records for that, which change places. What the second thread
 * has not begun with when it is wanted, the first one does itself: if the machine is busy, nobody
 * waits for a thread that does not run.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/ctf/ctf.h"

#include <pthread.h>
#include <signal.h>

struct ctf_ahead {
	pthread_t thread;
	pthread_mutex_t mutex; /* of all that follows, and of the states of streams */
	pthread_cond_t work, done;
	GQueue queue; /* struct ctf_stream: to be filled, in this order */
	bool filling; /* one of them */
	bool held;
	bool stop;
};

/* All there are, struct ctf_ahead: only the first thread makes and frees them. */
static GPtrArray *all_ahead;

/*
 * A process that is forked has no second thread. So nothing may be half done then, nor the mutex be the second
 * thread's: in the new process, too, the first thread does what it finds undone.
 */
static void hold_all(void)
{
	for (guint i = 0; i < all_ahead->len; i++)
		ctf_ahead_hold(g_ptr_array_index(all_ahead, i));
}

static void release_all(void)
{
	for (guint i = all_ahead->len; i-- > 0;)
		ctf_ahead_release(g_ptr_array_index(all_ahead, i));
}

static void note_ahead(struct ctf_ahead *ahead)
{
	if (!all_ahead) {
		all_ahead = g_ptr_array_new();
		pthread_atfork(hold_all, release_all, release_all);
	}
	g_ptr_array_add(all_ahead, ahead);
}

static void *run(void *data)
{
	struct ctf_ahead *ahead = data;
	struct ctf_stream *stream;

	pthread_mutex_lock(&ahead->mutex);
	for (;;) {
		while (!ahead->stop && (ahead->held || g_queue_is_empty(&ahead->queue)))
			pthread_cond_wait(&ahead->work, &ahead->mutex);
		if (ahead->stop)
			break;
		stream = g_queue_pop_head(&ahead->queue);
		stream->state = CTF_FILLING;
		ahead->filling = true;
		pthread_mutex_unlock(&ahead->mutex);
		ctf_stream_feed(stream);
		pthread_mutex_lock(&ahead->mutex);
		stream->state = CTF_READY;
		ahead->filling = false;
		pthread_cond_signal(&ahead->done);
	}
	pthread_mutex_unlock(&ahead->mutex);
	return NULL;
}

/* From now on a stream makes its records apart from those that are delivered, which are used up. */
static void make_back(struct ctf_stream *stream)
{
	struct stream *back = &stream->back;

	*back = stream->stream;
	back->facts.name = NULL;
	back->records = NULL;
	back->values = NULL;
	back->records_room = back->values_room = 0;
	stream->out = back;
}

struct ctf_ahead *ctf_ahead_new(void)
{
	struct ctf_ahead *ahead = g_new0(struct ctf_ahead, 1);
	static const int own[] = {SIGBUS, SIGSEGV, SIGFPE, SIGABRT, SIGILL};
	sigset_t all, before;
	int failed;

	pthread_mutex_init(&ahead->mutex, NULL);
	pthread_cond_init(&ahead->work, NULL);
	pthread_cond_init(&ahead->done, NULL);
	g_queue_init(&ahead->queue);
	/*
	 * Signals are for the thread that knows Lua; but for those that a thread brings upon
	 * itself.
	 */
	sigfillset(&all);
	for (size_t i = 0; i < G_N_ELEMENTS(own); i++)
		sigdelset(&all, own[i]);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&ahead->thread, NULL, run, ahead);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed) {
		pthread_mutex_destroy(&ahead->mutex);
		pthread_cond_destroy(&ahead->work);
		pthread_cond_destroy(&ahead->done);
		g_free(ahead);
		return NULL;
	}
	note_ahead(ahead);
	return ahead;
}

void ctf_ahead_free(struct ctf_ahead *ahead)
{
	if (!ahead)
		return;
	g_ptr_array_remove(all_ahead, ahead);
	pthread_mutex_lock(&ahead->mutex);
	ahead->stop = true;
	pthread_cond_signal(&ahead->work);
	pthread_mutex_unlock(&ahead->mutex);
	pthread_join(ahead->thread, NULL);
	pthread_mutex_destroy(&ahead->mutex);
	pthread_cond_destroy(&ahead->work);
	pthread_cond_destroy(&ahead->done);
	g_queue_clear(&ahead->queue);
	g_free(ahead);
}

/*
 * The records that were made take the place of those that are used up, with what is known by now.
 */
static void change_places(struct ctf_stream *stream)
{
	struct stream *front = &stream->stream, *back = &stream->back;
	struct stream used = *front;
	const char *name = front->facts.name;

	*front = *back;
	front->facts.name = name;
	back->records = used.records;
	back->records_room = used.records_room;
	back->values = used.values;
	back->values_room = used.values_room;
}

void ctf_ahead_take(struct ctf_ahead *ahead, struct ctf_stream *stream)
{
	if (stream->out != &stream->back)
		make_back(stream);
	pthread_mutex_lock(&ahead->mutex);
	while (stream->state == CTF_FILLING)
		pthread_cond_wait(&ahead->done, &ahead->mutex);
	if (stream->state != CTF_READY) {
		if (stream->state == CTF_QUEUED)
			g_queue_remove(&ahead->queue, stream);
		stream->state = CTF_FILLING;
		pthread_mutex_unlock(&ahead->mutex);
		ctf_stream_feed(stream);
		pthread_mutex_lock(&ahead->mutex);
	}
	change_places(stream);
	stream->state = CTF_IDLE;
	if (!stream->back.ended && !stream->back.paused) {
		stream->state = CTF_QUEUED;
		g_queue_push_tail(&ahead->queue, stream);
		pthread_cond_signal(&ahead->work);
	}
	pthread_mutex_unlock(&ahead->mutex);
}

void ctf_ahead_hold(struct ctf_ahead *ahead)
{
	pthread_mutex_lock(&ahead->mutex);
	ahead->held = true;
	while (ahead->filling)
		pthread_cond_wait(&ahead->done, &ahead->mutex);
}

void ctf_ahead_release(struct ctf_ahead *ahead)
{
	ahead->held = false;
	pthread_cond_signal(&ahead->work);
	pthread_mutex_unlock(&ahead->mutex);
}

void ctf_ahead_drop(struct ctf_ahead *ahead, struct ctf_stream *stream)
{
	if (stream->state == CTF_QUEUED)
		g_queue_remove(&ahead->queue, stream);
	stream->state = CTF_IDLE;
}
