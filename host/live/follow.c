/*
 * Following a trace that is being written.
 *
 * Whoever records writes packet after packet to the files of streams, and says nothing of streams that are quiet. So
 * files are looked at again and again; the reader finds out itself which of their packets are whole.
 *
 * Files may get another name while they are read (lttng rotate), and others theirs. So each is opened once, and the
 * reader gets a folder of links to what is open: /proc/self/fd/N.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/live/follow.h"

#include "host/source/source.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
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

/* Chunks of a session that are over are in folders in this one. */
#define ARCHIVES "archives/"

/* A file that is being written. */
struct followed {
	dev_t dev;
	ino_t ino;
	int fd;
	char *link; /* to it, for the reader */
	uint64_t size;
	gint64 grown; /* when that was found, us */
	bool is_idle; /* as was told last */
};

/* A trace: all folders that are of it have one name, but for the chunk they are in. */
struct followed_trace {
	char *name;                /* below the session's folder */
	char *folder;              /* of links */
	struct followed *metadata; /* one of the files */
};

struct follow {
	struct live_feed live;
	char *folder;        /* of the session */
	char *links;         /* where folders of links are */
	gint64 idle;         /* us */
	GPtrArray *files;    /* struct followed */
	GHashTable *by_link; /* the same */
	GPtrArray *traces;   /* struct followed_trace */
	gint64 searched;     /* when it was last looked for folders, and for who writes, us; */
	gint64 appeared;     /* the last such time when there were new files */
	gint64 written;      /* when somebody had files open for the last time, us */
	bool has_new;        /* files that the reader does not know, as far as is known */
	bool is_over;
};

static struct follow *follow_of(const struct feed *feed)
{
	return (struct follow *)(void *)feed;
}

/* ---- Files ---- */

static void free_file(gpointer data)
{
	struct followed *file = data;

	close(file->fd);
	g_free(file->link);
	g_free(file);
}

static struct followed *file_at(const struct follow *follow, guint i)
{
	return g_ptr_array_index(follow->files, i);
}

/* Whether a file is open for writing; without a way to know, it is. */
static bool has_writer(const struct followed *file)
{
	/* Only a file that nobody writes can have this lease. */
	if (fcntl(file->fd, F_SETLEASE, F_RDLCK) < 0)
		return true;
	fcntl(file->fd, F_SETLEASE, F_UNLCK);
	return false;
}

/* Looks at a file; whether there is more of it than before. False with `error` if there is less. */
static bool look_at(struct followed *file, bool *has_grown, GError **error)
{
	struct stat st;

	*has_grown = false;
	if (fstat(file->fd, &st) < 0)
		return true;
	if ((uint64_t)st.st_size < file->size) {
		char *name = g_path_get_basename(file->link);

		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_READ,
			"%s was truncated while it was being read", name);
		g_free(name);
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

static bool is_known(const struct follow *follow, const struct stat *st)
{
	for (guint i = 0; i < follow->files->len; i++)
		if (file_at(follow, i)->ino == st->st_ino && file_at(follow, i)->dev == st->st_dev)
			return true;
	return false;
}

/* ---- Folders ---- */

static void free_trace(gpointer data)
{
	struct followed_trace *trace = data;

	g_free(trace->name);
	g_free(trace->folder);
	g_free(trace);
}

/* What the trace in a folder is called, whatever chunk it is in. */
static const char *trace_name(const struct follow *follow, const char *folder)
{
	const char *name = folder + strlen(follow->folder), *chunk;

	while (*name == '/')
		name++;
	if (g_str_has_prefix(name, ARCHIVES)) {
		chunk = strchr(name + strlen(ARCHIVES), '/');
		name = chunk ? chunk + 1 : "";
	}
	return name;
}

/* The trace in a folder, which is followed from now on; NULL with `error`. */
static struct followed_trace *trace_in(struct follow *follow, const char *folder, GError **error)
{
	const char *name = trace_name(follow, folder);
	struct followed_trace *trace;

	for (guint i = 0; i < follow->traces->len; i++) {
		trace = g_ptr_array_index(follow->traces, i);
		if (strcmp(trace->name, name) == 0)
			return trace;
	}
	trace = g_new0(struct followed_trace, 1);
	trace->name = g_strdup(name);
	trace->folder = g_strdup_printf("%s/%u", follow->links, follow->traces->len);
	g_ptr_array_add(follow->traces, trace);
	if (g_mkdir(trace->folder, 0700) == 0)
		return trace;
	g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(errno), "%s: %s",
		trace->folder, g_strerror(errno));
	return NULL;
}

/* Follows a file of a trace, which is open, from now on. */
static bool add_file(struct follow *follow, struct followed_trace *trace, const char *name, int fd,
	const struct stat *st, GError **error)
{
	struct followed *file = g_new0(struct followed, 1);
	char target[64];

	file->dev = st->st_dev;
	file->ino = st->st_ino;
	file->fd = fd;
	file->grown = g_get_monotonic_time();
	file->link = g_strdup_printf("%s/%s", trace->folder, name);
	if (g_hash_table_contains(follow->by_link, file->link)) {
		g_free(file->link);
		file->link = g_strdup_printf("%s/%s-%u", trace->folder, name, follow->files->len);
	}
	g_ptr_array_add(follow->files, file);
	g_hash_table_insert(follow->by_link, file->link, file);
	if (strcmp(name, "metadata") == 0)
		trace->metadata = file;
	snprintf(target, sizeof(target), "/proc/self/fd/%d", fd);
	if (symlink(target, file->link) == 0)
		return true;
	g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(errno), "%s: %s", file->link,
		g_strerror(errno));
	return false;
}

/* Looks whether a file of a trace is new; of its metadata, that of one chunk will do. */
static bool see_file(struct follow *follow, const char *folder, const char *name, GError **error)
{
	struct followed_trace *trace = trace_in(follow, folder, error);
	char *path = g_build_filename(folder, name, NULL);
	bool is_metadata = strcmp(name, "metadata") == 0, ok = trace != NULL;
	struct stat st;
	int fd = -1;

	if (ok && !(is_metadata && trace->metadata))
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || is_known(follow, &st))) {
		close(fd);
		fd = -1;
	}
	if (fd >= 0) {
		follow->has_new = true;
		follow->appeared = follow->searched;
		ok = add_file(follow, trace, name, fd, &st, error);
	}
	g_free(path);
	return ok;
}

/* Finds folders with metadata, and the files in them. */
static bool search(struct follow *follow, const char *folder, unsigned int depth, GError **error)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	char *metadata = g_build_filename(folder, "metadata", NULL);
	bool is_trace = g_file_test(metadata, G_FILE_TEST_IS_REGULAR), ok = true;
	const char *name;

	while (ok && dir && (name = g_dir_read_name(dir))) {
		char *path = g_build_filename(folder, name, NULL);

		if (name[0] != '.' && g_file_test(path, G_FILE_TEST_IS_DIR)) {
			if (depth < DEPTH_MAX && strcmp(name, "index") != 0 &&
				!g_file_test(path, G_FILE_TEST_IS_SYMLINK))
				ok = search(follow, path, depth + 1, error);
		} else if (is_trace && name[0] != '.') {
			ok = see_file(follow, folder, name, error);
		}
		g_free(path);
	}
	if (dir)
		g_dir_close(dir);
	g_free(metadata);
	return ok;
}

/* Looks for what is new, and for who writes, if that was not done a moment ago. */
static bool look_around(struct follow *follow, GError **error)
{
	gint64 now = g_get_monotonic_time();

	if (now - follow->searched < SEARCH_US)
		return true;
	follow->searched = now;
	if (!g_file_test(follow->folder, G_FILE_TEST_IS_DIR)) {
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_READ,
			"%s was removed while it was being read", follow->folder);
		return false;
	}
	if (!search(follow, follow->folder, 0, error))
		return false;
	for (guint i = 0; i < follow->files->len; i++)
		if (has_writer(file_at(follow, i))) {
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
	*has_come = follow->has_new;
	follow->has_new = false;
	for (guint i = 0; i < follow->files->len; i++) {
		struct followed *file = file_at(follow, i);
		bool has_grown;

		if (!look_at(file, &has_grown, error))
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
	struct followed *file = g_hash_table_lookup(follow->by_link, path);
	bool has_grown;

	if (!file || !look_at(file, &has_grown, NULL))
		return false;
	*state = (struct feed_file){
		.bytes = file->size, .idle = is_idle(follow, file), .over = follow->is_over};
	return true;
}

/* Bytes of a trace's metadata that can be parsed. */
static uint64_t metadata_of(const struct follow *follow, const struct followed_trace *trace)
{
	struct followed *file = trace->metadata;
	bool has_grown;

	if (!file || !look_at(file, &has_grown, NULL))
		return 0;
	return follow->is_over || g_get_monotonic_time() - file->grown >= SETTLED_US ? file->size
										     : 0;
}

static uint64_t know_metadata(struct feed *feed, const char *folder)
{
	const struct follow *follow = follow_of(feed);

	for (guint i = 0; i < follow->traces->len; i++) {
		const struct followed_trace *trace = g_ptr_array_index(follow->traces, i);

		if (strcmp(trace->folder, folder) == 0)
			return metadata_of(follow, trace);
	}
	return 0;
}

static bool know_without_file(struct feed *feed, const char *folder, uint64_t *complete)
{
	(void)feed;
	(void)folder;
	*complete = 0;
	return false;
}

/* Whether a trace has metadata, a stream with something in it, and all its streams, as far as can be known. */
static bool is_ready(const struct follow *follow, const struct followed_trace *trace)
{
	if (metadata_of(follow, trace) == 0 || follow->searched == follow->appeared)
		return false;
	for (guint i = 0; i < follow->files->len; i++) {
		const struct followed *file = file_at(follow, i);

		if (file != trace->metadata && file->size > 0 &&
			g_str_has_prefix(file->link, trace->folder) &&
			file->link[strlen(trace->folder)] == '/')
			return true;
	}
	return false;
}

static GPtrArray *ready_folders(const struct feed *feed)
{
	const struct follow *follow = follow_of(feed);
	GPtrArray *folders = g_ptr_array_new();

	for (guint i = 0; i < follow->traces->len; i++) {
		const struct followed_trace *trace = g_ptr_array_index(follow->traces, i);

		if (is_ready(follow, trace))
			g_ptr_array_add(folders, trace->folder);
	}
	return folders;
}

static void close_follow(struct feed *feed)
{
	struct follow *follow = follow_of(feed);

	g_hash_table_unref(follow->by_link);
	g_ptr_array_unref(follow->files);
	g_ptr_array_unref(follow->traces);
	g_free(follow->folder);
	g_free(follow->links);
	g_free(follow);
}

struct live_feed *follow_new(const char *folder, const char *links, int64_t idle, GError **error)
{
	struct follow *follow;

	if (!g_file_test(folder, G_FILE_TEST_IS_DIR)) {
		g_set_error(
			error, SOURCE_ERROR, SOURCE_ERROR_OPEN, "%s is not a directory", folder);
		return NULL;
	}
	follow = g_new0(struct follow, 1);
	follow->folder = g_strdup(folder);
	follow->links = g_strdup(links);
	follow->live = (struct live_feed){
		.feed = {.name = follow->folder,
			.wait = wait_for_files,
			.file = know_file,
			.metadata = know_metadata,
			.without_file = know_without_file},
		.folders = ready_folders,
		.close = close_follow,
	};
	follow->idle = idle / 1000;
	follow->files = g_ptr_array_new_with_free_func(free_file);
	follow->by_link = g_hash_table_new(g_str_hash, g_str_equal);
	follow->traces = g_ptr_array_new_with_free_func(free_trace);
	follow->written = g_get_monotonic_time();
	/* Who opens a file just when has_writer() looks lets the kernel tell us; there is nothing to be done. */
	signal(SIGIO, SIG_IGN);
	return &follow->live;
}
