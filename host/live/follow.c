/*
 * Following a trace that is being written.
 *
 * Whoever records writes packet after packet to the files of streams, and says nothing of streams that are quiet. So
 * files are looked at again and again; the reader finds out itself which of their packets are whole.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/live/follow.h"

#include "host/source/source.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* How long to wait before looking again. */
#define LOOK_US 20000

/* Metadata that has not grown for so long can be parsed. */
#define SETTLED_US 100000

/* Whether there are new folders, and whether files are still open, is looked at every so often. */
#define SEARCH_US 200000

/* Folders in folders. */
#define DEPTH_MAX 6

/* A file that is being written. */
struct followed {
	uint64_t size;
	gint64 grown; /* when that was found, us */
	bool is_gone;
	bool is_idle; /* as was told last */
};

struct follow {
	struct live_feed live;
	char *folder;
	gint64 idle;       /* us */
	GHashTable *files; /* struct followed, by path */
	GPtrArray *traces; /* paths of folders with metadata */
	gint64 searched;   /* when it was last looked for folders, and for who writes, us */
	gint64 written;    /* when somebody had files open for the last time, us */
	bool has_new;      /* files that the reader does not know, as far as is known */
	bool is_over;
};

static struct follow *follow_of(const struct feed *feed)
{
	return (struct follow *)(void *)feed;
}

/* ---- Files ---- */

/* Whether a file is open for writing; without a way to know, it is. */
static bool has_writer(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool has = fd >= 0;

	/* Only a file that nobody writes can have this lease. */
	if (fd >= 0 && fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
		has = false;
		fcntl(fd, F_SETLEASE, F_UNLCK);
	}
	if (fd >= 0)
		close(fd);
	return has;
}

/* Looks at a file; whether there is more of it than before. False with `error` if there is less. */
static bool look_at(const char *path, struct followed *file, bool *has_grown, GError **error)
{
	GStatBuf st;

	*has_grown = false;
	if (file->is_gone)
		return true;
	if (g_stat(path, &st) < 0) {
		/* What was read of it has been read. */
		file->is_gone = true;
		return true;
	}
	if ((uint64_t)st.st_size < file->size) {
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_READ,
			"%s was truncated while it was being read", path);
		return false;
	}
	*has_grown = (uint64_t)st.st_size > file->size;
	if (*has_grown) {
		file->size = (uint64_t)st.st_size;
		file->grown = g_get_monotonic_time();
	}
	return true;
}

static bool is_idle(const struct follow *follow, const struct followed *file)
{
	return g_get_monotonic_time() - file->grown >= follow->idle;
}

/* The file at a path, which is followed from now on. */
static struct followed *followed_at(struct follow *follow, const char *path)
{
	struct followed *file = g_hash_table_lookup(follow->files, path);

	if (!file) {
		file = g_new0(struct followed, 1);
		file->grown = g_get_monotonic_time();
		g_hash_table_insert(follow->files, g_strdup(path), file);
	}
	return file;
}

/* ---- Folders ---- */

static bool is_known(const struct follow *follow, const char *folder)
{
	for (guint i = 0; i < follow->traces->len; i++)
		if (strcmp(g_ptr_array_index(follow->traces, i), folder) == 0)
			return true;
	return false;
}

/* Finds folders with metadata, and the files in them. */
static void search(struct follow *follow, const char *folder, unsigned int depth)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	char *metadata = g_build_filename(folder, "metadata", NULL);
	bool is_trace = g_file_test(metadata, G_FILE_TEST_IS_REGULAR);
	const char *name;

	if (is_trace && !is_known(follow, folder))
		g_ptr_array_add(follow->traces, g_strdup(folder));
	while (dir && (name = g_dir_read_name(dir))) {
		char *path = g_build_filename(folder, name, NULL);

		if (name[0] != '.' && g_file_test(path, G_FILE_TEST_IS_DIR)) {
			if (depth < DEPTH_MAX && strcmp(name, "index") != 0 &&
				!g_file_test(path, G_FILE_TEST_IS_SYMLINK))
				search(follow, path, depth + 1);
		} else if (is_trace && name[0] != '.' &&
			   !g_hash_table_contains(follow->files, path)) {
			followed_at(follow, path);
			follow->has_new = true;
		}
		g_free(path);
	}
	if (dir)
		g_dir_close(dir);
	g_free(metadata);
}

/* Looks for what is new, and for who writes, if that was not done a moment ago. */
static bool look_around(struct follow *follow, GError **error)
{
	gint64 now = g_get_monotonic_time();
	GHashTableIter iter;
	gpointer path;

	if (now - follow->searched < SEARCH_US)
		return true;
	follow->searched = now;
	if (!g_file_test(follow->folder, G_FILE_TEST_IS_DIR)) {
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_READ,
			"%s was removed while it was being read", follow->folder);
		return false;
	}
	search(follow, follow->folder, 0);
	g_hash_table_iter_init(&iter, follow->files);
	while (g_hash_table_iter_next(&iter, &path, NULL))
		if (has_writer(path)) {
			follow->written = now;
			break;
		}
	follow->is_over = now - follow->written >= follow->idle;
	return true;
}

/* ---- The feed ---- */

/* Looks at all files; whether there is something for the reader. */
static bool look_at_all(struct follow *follow, bool *has_come, GError **error)
{
	GHashTableIter iter;
	gpointer path, value;

	*has_come = follow->has_new;
	follow->has_new = false;
	g_hash_table_iter_init(&iter, follow->files);
	while (g_hash_table_iter_next(&iter, &path, &value)) {
		struct followed *file = value;
		bool has_grown;

		if (!look_at(path, file, &has_grown, error))
			return false;
		*has_come = *has_come || has_grown || is_idle(follow, file) != file->is_idle;
		file->is_idle = is_idle(follow, file);
	}
	return true;
}

static enum feed_status wait_for_files(struct feed *feed, GError **error)
{
	struct follow *follow = follow_of(feed);
	bool has_come;

	if (!look_around(follow, error) || !look_at_all(follow, &has_come, error))
		return FEED_FAILED;
	if (follow->is_over)
		return FEED_OVER;
	if (has_come)
		return FEED_MORE;
	g_usleep(LOOK_US);
	return FEED_NOTHING;
}

static bool know_file(struct feed *feed, const char *path, struct feed_file *state)
{
	struct follow *follow = follow_of(feed);
	struct followed *file = followed_at(follow, path);
	bool has_grown;

	if (!look_at(path, file, &has_grown, NULL))
		return false;
	*state = (struct feed_file){.bytes = file->size,
		.idle = file->is_gone || is_idle(follow, file),
		.over = follow->is_over};
	return true;
}

static uint64_t know_metadata(struct feed *feed, const char *folder)
{
	struct follow *follow = follow_of(feed);
	char *path = g_build_filename(folder, "metadata", NULL);
	struct followed *file = followed_at(follow, path);
	bool has_grown, is_settled;

	look_at(path, file, &has_grown, NULL);
	is_settled = follow->is_over || g_get_monotonic_time() - file->grown >= SETTLED_US;
	g_free(path);
	return is_settled ? file->size : 0;
}

static bool know_without_file(struct feed *feed, const char *folder, uint64_t *complete)
{
	(void)feed;
	(void)folder;
	*complete = 0;
	return false;
}

/* Whether a trace has metadata, and a stream with something in it. */
static bool is_ready(struct follow *follow, const char *folder)
{
	GHashTableIter iter;
	gpointer path, value;
	bool any = false;

	if (know_metadata(&follow->live.feed, folder) == 0)
		return false;
	g_hash_table_iter_init(&iter, follow->files);
	while (g_hash_table_iter_next(&iter, &path, &value)) {
		char *of = g_path_get_dirname(path);

		any = any || (strcmp(of, folder) == 0 && !g_str_has_suffix(path, "/metadata") &&
				     ((struct followed *)value)->size > 0);
		g_free(of);
	}
	return any;
}

static GPtrArray *ready_folders(const struct feed *feed)
{
	struct follow *follow = follow_of(feed);
	GPtrArray *folders = g_ptr_array_new();

	for (guint i = 0; i < follow->traces->len; i++)
		if (is_ready(follow, g_ptr_array_index(follow->traces, i)))
			g_ptr_array_add(folders, g_ptr_array_index(follow->traces, i));
	return folders;
}

static enum feed_status prepare(struct feed *feed, GError **error)
{
	enum feed_status status = wait_for_files(feed, error);
	GPtrArray *folders;
	bool any;

	if (status == FEED_FAILED)
		return status;
	folders = ready_folders(feed);
	any = folders->len > 0;
	g_ptr_array_unref(folders);
	return any ? FEED_MORE : status == FEED_OVER ? FEED_OVER : FEED_NOTHING;
}

static void close_follow(struct feed *feed)
{
	struct follow *follow = follow_of(feed);

	g_hash_table_unref(follow->files);
	g_ptr_array_unref(follow->traces);
	g_free(follow->folder);
	g_free(follow);
}

struct live_feed *follow_new(const char *folder, int64_t idle, GError **error)
{
	struct follow *follow;

	if (!g_file_test(folder, G_FILE_TEST_IS_DIR)) {
		g_set_error(
			error, SOURCE_ERROR, SOURCE_ERROR_OPEN, "%s is not a directory", folder);
		return NULL;
	}
	follow = g_new0(struct follow, 1);
	follow->live = (struct live_feed){
		.feed = {.wait = wait_for_files,
			.file = know_file,
			.metadata = know_metadata,
			.without_file = know_without_file},
		.prepare = prepare,
		.folders = ready_folders,
		.close = close_follow,
	};
	follow->folder = g_strdup(folder);
	follow->idle = idle / 1000;
	follow->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	follow->traces = g_ptr_array_new_with_free_func(g_free);
	follow->written = g_get_monotonic_time();
	/* Who opens a file just when has_writer() looks lets the kernel tell us; there is nothing to be done. */
	signal(SIGIO, SIG_IGN);
	return &follow->live;
}
