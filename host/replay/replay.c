/*
 * Replays: from batch to batch, and from checkpoint to checkpoint.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/replay/replay.h"

#include "state/codec.h"

void replay_init(struct replay *replay, struct source *source, struct machines *machines,
	struct checkpoints *checkpoints)
{
	*replay = (struct replay){.source = source,
		.machines = machines,
		.checkpoints = checkpoints ? checkpoints_ref(checkpoints) : NULL,
		.next_time = INT64_MAX,
		.until = INT64_MAX};
}

void replay_clear(struct replay *replay)
{
	machines_free(replay->machines);
	checkpoints_unref(replay->checkpoints);
	*replay = (struct replay){0};
}

void replay_stop_at(struct replay *replay, int64_t time)
{
	replay->until = time;
	source_pause(replay->source, MIN(time, replay->next_time));
}

/* So many times the usual distance is looked ahead for a checkpoint, at most. */
#define FARTHEST (1u << 20)

/*
 * Chooses the time of the next checkpoint, before any stream has read beyond it. Where no event came up to the
 * last one, as in a trace whose packets go back in time, or where nothing is asked for, it is farther away
 * each time.
 */
static void choose_time(struct replay *replay)
{
	bool stands = replay->farther > 0 && !replay->gave;

	replay->farther = stands ? MIN(replay->farther * 2, FARTHEST) : 1;
	replay->gave = false;
	replay->next_time = INT64_MAX;
	if (replay->makes_checkpoints && replay->farther < FARTHEST)
		replay->next_time = source_time_ahead(
			replay->source, replay->farther * checkpoints_spacing(replay->checkpoints));
	source_pause(replay->source, MIN(replay->until, replay->next_time));
}

void replay_make_checkpoints(struct replay *replay)
{
	replay->makes_checkpoints = true;
	choose_time(replay);
}

/* What the models hold, and where the source stands, to be freed; NULL if it is read beyond that. */
static GByteArray *save(const struct replay *replay, int64_t time)
{
	GByteArray *saved = g_byte_array_new();
	struct codec codec = codec_writer(saved, time);

	source_save(replay->source, &codec);
	if (!codec.failed)
		machines_save(replay->machines, &codec);
	if (!codec.failed)
		return saved;
	g_byte_array_unref(saved);
	return NULL;
}

/* The source has paused where a checkpoint may be. */
static void make_checkpoint(struct replay *replay)
{
	int64_t time = source_paused_at(replay->source);
	GByteArray *saved;

	if (!checkpoints_wanted(replay->checkpoints, time))
		return;
	saved = save(replay, time);
	if (!saved)
		return;
	checkpoints_add(replay->checkpoints, time, replay->events, saved);
	g_byte_array_unref(saved);
}

enum replay_status replay_next(struct replay *replay, GError **error)
{
	enum source_status status;

	replay->n = replay->next = 0;
	replay->moved = true;
	status = source_next(replay->source, &replay->records, &replay->n, error);
	switch (status) {
	case SOURCE_MORE:
		replay->gave |= replay->n > 0;
		return REPLAY_MORE;
	case SOURCE_PAUSED:
		if (source_paused_at(replay->source) != replay->next_time)
			return REPLAY_STOPPED;
		make_checkpoint(replay);
		choose_time(replay);
		return REPLAY_MORE;
	case SOURCE_END:
		if (replay->makes_checkpoints)
			checkpoints_set_complete(replay->checkpoints, replay->events);
		return REPLAY_END;
	default:
		return REPLAY_FAILED;
	}
}

static void rewind_all(struct replay *replay)
{
	if (!replay->moved)
		return;
	replay->moved = false;
	source_rewind(replay->source);
	machines_reset(replay->machines);
	replay->n = replay->next = 0;
	replay->events = 0;
	replay->until = INT64_MAX;
	replay->next_time = INT64_MAX;
}

bool replay_go(struct replay *replay, const struct checkpoint *checkpoint, GError **error)
{
	GByteArray *saved = NULL;
	struct codec codec;

	rewind_all(replay);
	replay->farther = 0;
	if (checkpoint)
		saved = checkpoints_get(replay->checkpoints, checkpoint, error);
	if (!saved) {
		choose_time(replay);
		return !checkpoint;
	}
	replay->moved = true;
	codec = codec_reader(saved->data, saved->len, checkpoint->time);
	if (source_load(replay->source, &codec) && machines_load(replay->machines, &codec))
		codec_end(&codec);
	g_byte_array_unref(saved);
	if (codec.failed) {
		g_set_error(error, CHECKPOINTS_ERROR, CHECKPOINTS_ERROR_BROKEN,
			"a saved state is damaged: %s", codec.failed);
		rewind_all(replay);
	} else {
		replay->events = checkpoint->events;
	}
	choose_time(replay);
	return !codec.failed;
}
