/*
 * Files of checkpoints: written all at once, and checked when they are read.
 *
 * A file begins with what says that it is ours, the length of its header, and a checksum of that. The
 * header says which program has written it, which traces it is of, what must be the same for it to fit,
 * and what there is; all that was saved stands behind it. So a look at the header is enough to find out
 * what a file is, and whether it is all there.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/replay/checkpoints_private.h"

#include "host/output/file_io.h"
#include "host/replay/checkpoint_folder.h"
#include "state/codec.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC        "LTTNGAcp"
#define MAGIC_SIZE   8
#define LENGTH_SIZE  4
#define SUM_SIZE     32
#define HEADER_AT    (MAGIC_SIZE + LENGTH_SIZE + SUM_SIZE)
#define HEADER_MAX   (16u << 20)
#define FILE_VERSION 4

/* More traces are not read as one. */
#define PATHS_MAX 65536

/* What must be the same for a file to fit. */
static const char other_version[] = "it was saved by another version of lttnga";
static const char other_trace[] = "it belongs to another trace, or the trace has changed";

/* What the header of a file begins with. */
struct head {
	uint32_t version; /* of this format: with another one the rest is not known */
	char *model;      /* stands for the program that has written it */
	struct checkpoints_origin origin;
	char *identity; /* of the trace, with its options */
};

static bool fail(GError **error, enum checkpoints_error code, const char *path, const char *why)
{
	g_set_error(error, CHECKPOINTS_ERROR, code, "%s: %s", path, why);
	return false;
}

/* The packed bytes of one, from memory or from the file; NULL if they can't be read. */
static GBytes *packed_of(const struct checkpoints *list, const struct checkpoint *one)
{
	uint8_t *bytes;

	if (one->packed)
		return g_bytes_ref(one->packed);
	bytes = g_malloc(one->packed_size);
	if (file_read_at(list->fd, bytes, one->packed_size, one->offset))
		return g_bytes_new_take(bytes, one->packed_size);
	g_free(bytes);
	return NULL;
}

GByteArray *checkpoints_get(
	const struct checkpoints *list, const struct checkpoint *checkpoint, GError **error)
{
	GBytes *packed = packed_of(list, checkpoint);
	GByteArray *saved = g_byte_array_new();
	size_t size = 0;

	if (packed) {
		g_byte_array_set_size(saved, checkpoint->size);
		size = ZSTD_decompress(saved->data, saved->len, g_bytes_get_data(packed, NULL),
			checkpoint->packed_size);
		g_bytes_unref(packed);
	}
	if (packed && !ZSTD_isError(size) && size == checkpoint->size)
		return saved;
	g_byte_array_unref(saved);
	fail(error, CHECKPOINTS_ERROR_BROKEN, "a saved state",
		packed ? "it is damaged" : "it can no longer be read");
	return NULL;
}

static void checksum(const uint8_t *bytes, size_t n, uint8_t sum[SUM_SIZE])
{
	GChecksum *checksum = g_checksum_new(G_CHECKSUM_SHA256);
	gsize size = SUM_SIZE;

	g_checksum_update(checksum, bytes, (gssize)n);
	g_checksum_get_digest(checksum, sum, &size);
	g_checksum_free(checksum);
}

/* The paths of the traces. */
static void codec_paths(struct codec *codec, char ***paths)
{
	uint32_t n = codec_reads(codec) ? 0 : g_strv_length(*paths);

	n = codec_count(codec, n, PATHS_MAX);
	if (codec_reads(codec))
		*paths = g_new0(char *, n + 1);
	for (uint32_t i = 0; i < n && !codec->failed; i++) {
		codec_text(codec, &(*paths)[i]);
		if (!(*paths)[i])
			codec_fail(codec, "a path is missing");
	}
}

/* Of another version of this format nothing is read but that it is one. */
static void codec_head(struct codec *codec, struct head *head)
{
	codec_u32(codec, &head->version);
	if (head->version != FILE_VERSION) {
		codec_fail(codec, other_version);
		return;
	}
	codec_text(codec, &head->model);
	codec_paths(codec, &head->origin.paths);
	codec_bool(codec, &head->origin.whole);
	codec_bool(codec, &head->origin.user);
	codec_text(codec, &head->origin.clocks);
	codec_text(codec, &head->identity);
}

/* Frees what was read of a head. */
static void clear_head(struct head *head)
{
	g_free(head->model);
	g_strfreev(head->origin.paths);
	g_free(head->origin.clocks);
	g_free(head->identity);
}

/* Describes the list but for what was saved; `size` is that of the file, when reading. */
static void list_header(struct codec *codec, struct checkpoints *list, uint64_t size)
{
	uint64_t offset = 0;
	uint32_t n;

	codec_u32(codec, &list->wants);
	codec_bool(codec, &list->complete);
	codec_u64(codec, &list->events);
	n = codec_count(codec, list->list->len, MOST);
	if (codec_reads(codec))
		g_array_set_size(list->list, n);
	for (uint32_t i = 0; i < n && !codec->failed; i++) {
		struct checkpoint *one = &g_array_index(list->list, struct checkpoint, i);
		const struct checkpoint *before = i > 0 ? one - 1 : NULL;

		codec_i64(codec, &one->time);
		codec_u64(codec, &one->events);
		codec_u32(codec, &one->size);
		codec_u32(codec, &one->packed_size);
		if (!codec_reads(codec))
			continue;
		one->offset = offset;
		offset += one->packed_size;
		list->packed += one->packed_size;
		if (one->size > SAVED_MAX || one->packed_size > size || offset > size ||
			one->packed_size > ZSTD_compressBound(one->size) ||
			(before && (before->time >= one->time || before->events > one->events)))
			codec_fail(codec, "its list of states is damaged");
	}
	codec_end(codec);
}

/* Reads the header of a file that is open. */
static GByteArray *read_header(int fd, uint64_t size)
{
	uint8_t fixed[HEADER_AT], sum[SUM_SIZE];
	GByteArray *header = NULL;
	uint32_t length;

	if (!file_read_at(fd, fixed, sizeof(fixed), 0) || memcmp(fixed, MAGIC, MAGIC_SIZE) != 0)
		return NULL;
	memcpy(&length, fixed + MAGIC_SIZE, sizeof(length));
	length = GUINT32_FROM_LE(length);
	if (length > HEADER_MAX || length > size - HEADER_AT)
		return NULL;
	header = g_byte_array_new();
	g_byte_array_set_size(header, length);
	if (file_read_at(fd, header->data, length, HEADER_AT)) {
		checksum(header->data, length, sum);
		if (memcmp(sum, fixed + MAGIC_SIZE + LENGTH_SIZE, SUM_SIZE) == 0)
			return header;
	}
	g_byte_array_unref(header);
	return NULL;
}

bool checkpoints_is_ours(int fd)
{
	char magic[MAGIC_SIZE];
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= MAGIC_SIZE &&
	       file_read_at(fd, magic, sizeof(magic), 0) && memcmp(magic, MAGIC, MAGIC_SIZE) == 0;
}

/* ---- Reading ---- */

/* The header of a file that is open, if it is all there; NULL if not. `size` is that of the file. */
static GByteArray *open_header(int fd, uint64_t *size)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < HEADER_AT)
		return NULL;
	*size = (uint64_t)st.st_size;
	return read_header(fd, *size);
}

/* Reads a list from the header of its file; false with `error` if that does not fit, or is broken. */
static bool read_list(struct checkpoints *list, const GByteArray *header, uint64_t size,
	const char *path, GError **error)
{
	struct codec codec = codec_reader(header->data, header->len, 0);
	uint64_t start = HEADER_AT + header->len;
	struct head head = {0};

	codec_head(&codec, &head);
	if (!codec.failed && g_strcmp0(head.model, LTTNGA_MODEL) != 0)
		codec_fail(&codec, other_version);
	if (!codec.failed && g_strcmp0(head.identity, list->identity) != 0)
		codec_fail(&codec, other_trace);
	clear_head(&head);
	if (codec.failed == other_version || codec.failed == other_trace)
		return fail(error, CHECKPOINTS_ERROR_FIT, path, codec.failed);
	list_header(&codec, list, size - start);
	if (codec.failed || start + list->packed != size)
		return fail(error, CHECKPOINTS_ERROR_BROKEN, path,
			codec.failed ? codec.failed : "it is incomplete");
	for (guint i = 0; i < list->list->len; i++)
		g_array_index(list->list, struct checkpoint, i).offset += start;
	return true;
}

/* Reads a list from its file, which is opened for that. */
static bool read_file(struct checkpoints *list, const char *path, GError **error)
{
	GByteArray *header;
	uint64_t size;
	bool ok;

	list->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (list->fd < 0)
		return fail(error,
			errno == ENOENT || errno == ENOTDIR ? CHECKPOINTS_ERROR_NONE
							    : CHECKPOINTS_ERROR_READ,
			path, g_strerror(errno));
	header = open_header(list->fd, &size);
	if (!header && checkpoints_is_ours(list->fd))
		return fail(error, CHECKPOINTS_ERROR_BROKEN, path, "it is damaged");
	if (!header)
		return fail(
			error, CHECKPOINTS_ERROR_FOREIGN, path, "it is not a file of saved states");
	ok = read_list(list, header, size, path, error);
	g_byte_array_unref(header);
	return ok;
}

struct checkpoints *checkpoints_read(
	const char *path, const struct checkpoints_of *of, GError **error)
{
	struct checkpoints *list = checkpoints_new(of);

	if (read_file(list, path, error))
		return list;
	checkpoints_unref(list);
	return NULL;
}

void checkpoints_mark_used(const struct checkpoints *list)
{
	/* Times of reading are not kept everywhere. */
	const struct timespec times[] = {{.tv_nsec = UTIME_OMIT}, {.tv_nsec = UTIME_NOW}};

	/* That it can't be marked does not matter: it may be somebody else's, to be read only. */
	if (list->fd >= 0)
		(void)!futimens(list->fd, times);
}

enum checkpoints_kind checkpoints_look(int fd, struct checkpoints_origin *origin)
{
	uint64_t size;
	GByteArray *header = open_header(fd, &size);
	struct head head = {0};
	struct codec codec;
	bool is_current;

	*origin = (struct checkpoints_origin){0};
	if (!header)
		return CHECKPOINTS_DAMAGED;
	codec = codec_reader(header->data, header->len, 0);
	codec_head(&codec, &head);
	g_byte_array_unref(header);
	if (!codec.failed) {
		*origin = head.origin;
		head.origin.paths = NULL;
		head.origin.clocks = NULL;
	}
	is_current = g_strcmp0(head.model, LTTNGA_MODEL) == 0;
	clear_head(&head);
	if (codec.failed && codec.failed != other_version)
		return CHECKPOINTS_DAMAGED;
	return is_current ? CHECKPOINTS_CURRENT : CHECKPOINTS_OTHER;
}

/* ---- Writing ---- */

/* The header of a list's file. */
static GByteArray *make_header(
	const struct checkpoints *list, const struct checkpoints_origin *origin)
{
	GByteArray *header = g_byte_array_new();
	struct codec codec = codec_writer(header, 0);
	/* What is written stays as it is. */
	struct head head = {FILE_VERSION, (char *)LTTNGA_MODEL, *origin, list->identity};

	codec_head(&codec, &head);
	list_header(&codec, (struct checkpoints *)list, 0);
	return header;
}

uint64_t checkpoints_file_size(
	const struct checkpoints *list, const struct checkpoints_origin *origin)
{
	GByteArray *header = make_header(list, origin);
	uint64_t size = HEADER_AT + header->len + list->packed;

	g_byte_array_unref(header);
	return size;
}

static bool write_file(
	const struct checkpoints *list, const struct checkpoints_origin *origin, int fd)
{
	GByteArray *header = make_header(list, origin);
	uint8_t fixed[HEADER_AT];
	uint32_t length;
	bool ok;

	memcpy(fixed, MAGIC, MAGIC_SIZE);
	length = GUINT32_TO_LE(header->len);
	memcpy(fixed + MAGIC_SIZE, &length, sizeof(length));
	checksum(header->data, header->len, fixed + MAGIC_SIZE + LENGTH_SIZE);
	ok = file_write(fd, fixed, sizeof(fixed)) && file_write(fd, header->data, header->len);
	g_byte_array_unref(header);
	for (guint i = 0; ok && i < list->list->len; i++) {
		GBytes *packed = packed_of(list, checkpoints_at(list, i));

		ok = packed &&
		     file_write(fd, g_bytes_get_data(packed, NULL), g_bytes_get_size(packed));
		g_bytes_unref(packed);
	}
	return ok;
}

/* Whether a file that can be looked at is not ours, so that it is to stay. */
static bool is_foreign(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	bool foreign = fd >= 0 ? !checkpoints_is_ours(fd) : errno != ENOENT && errno != ENOTDIR;

	if (fd >= 0)
		close(fd);
	return foreign;
}

/* Writes a new file, and gives it its name once it is complete. False with errno if that fails. */
static bool replace(const struct checkpoints *list, const struct checkpoints_origin *origin,
	const char *folder, const char *path)
{
	char *name = checkpoint_folder_unfinished(folder);
	int fd = g_mkstemp_full(name, O_RDWR | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && write_file(list, origin, fd);
	int failed = errno;

	if (fd >= 0 && close(fd) != 0 && ok) {
		ok = false;
		failed = errno;
	}
	if (ok && g_rename(name, path) != 0) {
		ok = false;
		failed = errno;
	}
	if (!ok && fd >= 0)
		g_unlink(name);
	g_free(name);
	errno = failed;
	return ok;
}

bool checkpoints_write(const struct checkpoints *list, const struct checkpoints_origin *origin,
	const char *path, GError **error)
{
	char *folder;
	bool ok;

	if (is_foreign(path))
		return fail(error, CHECKPOINTS_ERROR_WRITE, path,
			"a file that lttnga did not write is in the way");
	folder = g_path_get_dirname(path);
	ok = g_mkdir_with_parents(folder, 0700) == 0;
	if (ok) {
		checkpoint_folder_tidy(folder);
		ok = replace(list, origin, folder, path);
	}
	if (!ok)
		fail(error, CHECKPOINTS_ERROR_WRITE, path,
			errno ? g_strerror(errno) : "the old file is damaged");
	g_free(folder);
	return ok;
}
