/*
 * Checkpoints in memory and in files.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/replay/checkpoints.h"

#include "host/output/file_io.h"

#include "state/codec.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

/* How many checkpoints a trace has if there is room for them. */
#define USUAL 64

/* Where some streams are read faster than others there are more of them, up to this. */
#define MOST (3 * USUAL)

/* No more than one for so many bytes of the trace, which are read in no time. */
#define LEAST_SPACING 4096

/* They take at most this part of the trace, but always so many bytes. */
#define PART        20
#define LEAST_LIMIT (1 << 20)

/* What is saved is never so large; a file that says so is broken. */
#define SAVED_MAX (64u << 20)

/* A file: these bytes, the length of the header, its checksum, the header, and what was saved. */
#define MAGIC        "LTTNGAcp"
#define MAGIC_SIZE   8
#define LENGTH_SIZE  4
#define SUM_SIZE     32
#define HEADER_AT    (MAGIC_SIZE + LENGTH_SIZE + SUM_SIZE)
#define HEADER_MAX   (16u << 20)
#define FILE_VERSION 2

/* What is written by a program that has been killed is removed after this time, s. */
#define STALE 3600

struct checkpoints {
	gint refs;
	char *identity;
	unsigned int wants;
	uint64_t bytes, limit;
	uint64_t spacing; /* bytes of the trace between two of them */
	GArray *list;     /* struct checkpoint, in order of time */
	uint64_t packed;  /* bytes */
	bool complete;
	uint64_t events;
	int fd;             /* of the file that they are in, or -1 */
	ZSTD_CCtx *packing; /* NULL before the first one */
};

static void clear_checkpoint(gpointer data)
{
	g_bytes_unref(((struct checkpoint *)data)->packed);
}

struct checkpoints *checkpoints_new(const struct checkpoints_of *of)
{
	struct checkpoints *list = g_new0(struct checkpoints, 1);

	list->refs = 1;
	list->identity = g_strdup(of->identity);
	list->wants = of->wants;
	list->bytes = of->bytes;
	list->limit = of->limit ? of->limit : MAX(of->bytes / PART, LEAST_LIMIT);
	list->spacing = MAX(of->bytes / USUAL, LEAST_SPACING);
	list->list = g_array_new(FALSE, TRUE, sizeof(struct checkpoint));
	g_array_set_clear_func(list->list, clear_checkpoint);
	list->fd = -1;
	return list;
}

struct checkpoints *checkpoints_ref(struct checkpoints *list)
{
	g_atomic_int_inc(&list->refs);
	return list;
}

void checkpoints_unref(struct checkpoints *list)
{
	if (!list || !g_atomic_int_dec_and_test(&list->refs))
		return;
	g_array_unref(list->list);
	g_free(list->identity);
	ZSTD_freeCCtx(list->packing);
	if (list->fd >= 0)
		close(list->fd);
	g_free(list);
}

unsigned int checkpoints_wants(const struct checkpoints *list)
{
	return list->wants;
}

unsigned int checkpoints_count(const struct checkpoints *list)
{
	return list->list->len;
}

uint64_t checkpoints_size(const struct checkpoints *list)
{
	return list->packed;
}

bool checkpoints_complete(const struct checkpoints *list, uint64_t *events)
{
	*events = list->events;
	return list->complete;
}

void checkpoints_set_complete(struct checkpoints *list, uint64_t events)
{
	list->complete = true;
	list->events = events;
}

const struct checkpoint *checkpoints_at(const struct checkpoints *list, unsigned int i)
{
	return &g_array_index(list->list, struct checkpoint, i);
}

static const struct checkpoint *last_of(const struct checkpoints *list)
{
	return list->list->len ? checkpoints_at(list, list->list->len - 1) : NULL;
}

uint64_t checkpoints_spacing(const struct checkpoints *list)
{
	return list->spacing;
}

bool checkpoints_wanted(const struct checkpoints *list, int64_t time)
{
	const struct checkpoint *last = last_of(list);

	return !list->complete && (!last || last->time < time);
}

/* Every second one goes, and from now on there are half as many. */
static void thin(struct checkpoints *list)
{
	for (guint i = list->list->len; i-- > 0;) {
		if (i % 2 == 1)
			continue;
		list->packed -= checkpoints_at(list, i)->packed_size;
		g_array_remove_index(list->list, i);
	}
	list->spacing *= 2;
}

void checkpoints_add(
	struct checkpoints *list, int64_t time, uint64_t events, const GByteArray *saved)
{
	size_t room = ZSTD_compressBound(saved->len), packed;
	struct checkpoint one = {.time = time, .events = events, .size = saved->len};
	uint8_t *bytes;

	if (saved->len > SAVED_MAX)
		return;
	if (!list->packing) {
		list->packing = ZSTD_createCCtx();
		ZSTD_CCtx_setParameter(list->packing, ZSTD_c_checksumFlag, 1);
		ZSTD_CCtx_setParameter(list->packing, ZSTD_c_compressionLevel, -3);
	}
	bytes = g_malloc(room);
	packed = ZSTD_compress2(list->packing, bytes, room, saved->data, saved->len);
	if (ZSTD_isError(packed) || packed > list->limit) {
		g_free(bytes);
		return;
	}
	while (list->list->len > 0 &&
		(list->packed + packed > list->limit || list->list->len >= MOST))
		thin(list);
	one.packed_size = (uint32_t)packed;
	one.packed = g_bytes_new_take(g_realloc(bytes, packed), packed);
	list->packed += packed;
	g_array_append_val(list->list, one);
}

const struct checkpoint *checkpoints_before(const struct checkpoints *list, int64_t time)
{
	const struct checkpoint *found = NULL;

	for (guint i = 0; i < list->list->len && checkpoints_at(list, i)->time < time; i++)
		found = checkpoints_at(list, i);
	return found;
}

const struct checkpoint *checkpoints_before_event(const struct checkpoints *list, uint64_t events)
{
	const struct checkpoint *found = NULL;

	for (guint i = 0; i < list->list->len && checkpoints_at(list, i)->events < events; i++)
		found = checkpoints_at(list, i);
	return found;
}

/* ---- Files ---- */

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

/* What must be the same for a file to fit. */
static void fit_header(struct codec *codec, const char *identity)
{
	uint32_t version = FILE_VERSION;
	char *model = g_strdup(LTTNGA_MODEL), *own = g_strdup(identity);
	char *its_model = model, *its_identity = own;

	codec_u32(codec, &version);
	codec_text(codec, &its_model);
	if (version != FILE_VERSION || g_strcmp0(its_model, model) != 0)
		codec_fail(codec, "it was saved by another version of lttnga");
	codec_text(codec, &its_identity);
	if (g_strcmp0(its_identity, own) != 0)
		codec_fail(codec, "it belongs to another trace, or the trace has changed");
	if (codec_reads(codec)) {
		g_free(its_model);
		g_free(its_identity);
	}
	g_free(model);
	g_free(own);
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

/* Whether a file begins like ours. */
static bool is_ours(int fd)
{
	char magic[MAGIC_SIZE];
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= MAGIC_SIZE &&
	       file_read_at(fd, magic, sizeof(magic), 0) && memcmp(magic, MAGIC, MAGIC_SIZE) == 0;
}

struct checkpoints *checkpoints_read(
	const char *path, const struct checkpoints_of *of, GError **error)
{
	struct checkpoints *list = checkpoints_new(of);
	struct codec codec;
	GByteArray *header = NULL;
	struct stat st;
	uint64_t start;

	list->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (list->fd < 0) {
		fail(error,
			errno == ENOENT || errno == ENOTDIR ? CHECKPOINTS_ERROR_NONE
							    : CHECKPOINTS_ERROR_READ,
			path, g_strerror(errno));
		checkpoints_unref(list);
		return NULL;
	}
	if (fstat(list->fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= HEADER_AT)
		header = read_header(list->fd, (uint64_t)st.st_size);
	if (!header) {
		if (is_ours(list->fd))
			fail(error, CHECKPOINTS_ERROR_BROKEN, path, "it is damaged");
		else
			fail(error, CHECKPOINTS_ERROR_FOREIGN, path,
				"it is not a file of saved states");
		checkpoints_unref(list);
		return NULL;
	}
	start = HEADER_AT + header->len;
	codec = codec_reader(header->data, header->len, 0);
	fit_header(&codec, of->identity);
	if (codec.failed) {
		fail(error, CHECKPOINTS_ERROR_FIT, path, codec.failed);
	} else {
		list_header(&codec, list, (uint64_t)st.st_size - start);
		if (codec.failed || start + list->packed != (uint64_t)st.st_size)
			fail(error, CHECKPOINTS_ERROR_BROKEN, path,
				codec.failed ? codec.failed : "it is incomplete");
	}
	g_byte_array_unref(header);
	if (codec.failed || start + list->packed != (uint64_t)st.st_size) {
		checkpoints_unref(list);
		return NULL;
	}
	for (guint i = 0; i < list->list->len; i++)
		g_array_index(list->list, struct checkpoint, i).offset += start;
	return list;
}

static bool write_file(const struct checkpoints *list, int fd)
{
	GByteArray *header = g_byte_array_new();
	struct codec codec = codec_writer(header, 0);
	uint8_t fixed[HEADER_AT];
	uint32_t length;
	bool ok;

	fit_header(&codec, list->identity);
	list_header(&codec, (struct checkpoints *)list, 0);
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
	bool foreign = fd >= 0 ? !is_ours(fd) : errno != ENOENT && errno != ENOTDIR;

	if (fd >= 0)
		close(fd);
	return foreign;
}

/* Removes what programs have left that were killed while they wrote. */
static void remove_stale(const char *folder)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	time_t now = time(NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		char *path = g_build_filename(folder, name, NULL);
		GStatBuf st;

		if (g_str_has_prefix(name, ".new-") && g_lstat(path, &st) == 0 &&
			S_ISREG(st.st_mode) && now - st.st_mtime > STALE && !is_foreign(path))
			g_unlink(path);
		g_free(path);
	}
	if (dir)
		g_dir_close(dir);
}

bool checkpoints_write(const struct checkpoints *list, const char *path, GError **error)
{
	char *folder = g_path_get_dirname(path);
	char *name = g_strdup_printf("%s/.new-%d-XXXXXX", folder, (int)getpid());
	int fd = -1, failed;
	bool ok;

	if (is_foreign(path)) {
		g_free(name);
		g_free(folder);
		return fail(error, CHECKPOINTS_ERROR_WRITE, path,
			"a file that lttnga did not write is in the way");
	}
	if (g_mkdir_with_parents(folder, 0700) == 0) {
		remove_stale(folder);
		fd = g_mkstemp_full(name, O_RDWR | O_CLOEXEC, 0600);
	}
	ok = fd >= 0 && write_file(list, fd);
	failed = errno;
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
	g_free(folder);
	return ok || fail(error, CHECKPOINTS_ERROR_WRITE, path,
			     failed ? g_strerror(failed) : "the old file is damaged");
}
