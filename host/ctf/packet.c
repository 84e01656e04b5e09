/*
 * The files of streams, and the packets in them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/ctf/packet.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC 0xc1fc1fc1

/* Headers longer than this are none: what is searched for packets would be read again and again. */
#define HEADER_BITS_MAX (8 * 65536)

/* Tracers begin packets at a page. */
#define PAGE 4096

/* Linux ignores the rest of an advice that is longer than what it reads ahead by itself: 128 KB. */
#define ADVICE_MAX (UINT64_C(128) << 10)

/* An index: this header, then entries of a length that it tells. All big-endian. */
#define INDEX_MAGIC        0xc1f1dcc1
#define INDEX_HEADER       16
#define INDEX_ENTRY_LENGTH 12
#define INDEX_ENTRY_LEAST  56

struct ctf_file *ctf_file_new(const char *path)
{
	struct ctf_file *file = g_new0(struct ctf_file, 1);

	file->path = g_strdup(path);
	return file;
}

void ctf_file_free(gpointer data)
{
	struct ctf_file *file = data;

	ctf_file_unmap(file);
	if (file->kept)
		g_array_unref(file->kept);
	g_free(file->path);
	g_free(file);
}

bool ctf_file_map(struct ctf_file *file, GError **error)
{
	int fd;
	struct stat st;
	void *base = NULL;

	if (file->base)
		return true;
	fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		base = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (!base || base == MAP_FAILED) {
		bool denied = fd < 0 && errno == EACCES;

		g_set_error(error, SOURCE_ERROR,
			denied ? SOURCE_ERROR_OPEN : SOURCE_ERROR_NO_STREAM, "cannot read %s: %s",
			file->path,
			fd < 0 || base == MAP_FAILED ? g_strerror(errno)
						     : "empty, or not a regular file");
		if (fd >= 0)
			close(fd);
		return false;
	}
	close(fd);
	file->base = base;
	file->mapped = (uint64_t)st.st_size;
	file->size = file->grows ? MIN(file->size, file->mapped) : file->mapped;
	file->modified = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	file->changed = (int64_t)st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec;
	file->forgotten = file->advised = 0;
	return true;
}

void ctf_file_unmap(struct ctf_file *file)
{
	if (file->base)
		munmap((void *)file->base, file->mapped);
	file->base = NULL;
}

bool ctf_file_grow(struct ctf_file *file, uint64_t size, GError **error)
{
	uint64_t forgotten = file->forgotten, advised = file->advised;

	if (file->base && size > file->mapped) {
		ctf_file_unmap(file);
		if (!ctf_file_map(file, error))
			return false;
		file->forgotten = forgotten;
		file->advised = advised;
		if (file->mapped < size) {
			g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_READ,
				"%s has become shorter while it was being read", file->path);
			return false;
		}
	}
	file->size = size;
	return true;
}

void ctf_file_forget(struct ctf_file *file, uint64_t offset)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	offset = MIN(offset, file->size);
	offset -= offset % page;
	if (!file->base || offset <= file->forgotten)
		return;
	madvise((void *)(file->base + file->forgotten), offset - file->forgotten, MADV_DONTNEED);
	file->forgotten = offset;
}

void ctf_file_read_ahead(struct ctf_file *file, uint64_t offset, uint64_t ahead)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), begin,
		 end = MIN(offset + ahead, file->size);

	/* It may have gone back. */
	begin = file->advised > offset + ahead ? offset : MAX(offset, file->advised);
	if (!file->base || begin >= end || (begin > offset + ahead / 2 && end < file->size))
		return;
	begin -= begin % page;
	for (uint64_t piece; begin < end; begin += piece) {
		piece = MIN(end - begin, ADVICE_MAX);
		madvise((void *)(file->base + begin), piece, MADV_WILLNEED);
	}
	file->advised = end;
}

/* ---- Headers ---- */

/* The integers of a header that have a role. */
struct facts {
	uint64_t values[CTF_TIMESTAMP + 1];
	unsigned int bits[CTF_TIMESTAMP + 1]; /* 0: there is none */
	uint8_t uuid[16];
	bool has_uuid;
	bool is_other; /* the magic is another one: there is no use in reading on */
};

static bool read_uuid(const struct ctf_node *node, struct ctf_cursor *cursor, struct facts *facts)
{
	const struct ctf_node *element = &node->children[0];
	uint64_t length, value;

	if (!ctf_enter(node, cursor, &length) || length != sizeof(facts->uuid))
		return false;
	for (uint64_t i = 0; i < length; i++) {
		if (element->type->kind != CTF_INT || !ctf_read(element, cursor, &value))
			return false;
		facts->uuid[i] = (uint8_t)value;
	}
	facts->has_uuid = true;
	return true;
}

/* Collects what the members of a structure tell. */
static bool collect(const struct ctf_node *node, struct ctf_cursor *cursor, struct facts *facts)
{
	if (!ctf_align(cursor, node->align))
		return false;
	for (unsigned int i = 0; i < node->n_children; i++) {
		const struct ctf_node *child = &node->children[i];
		bool ok;

		if (child->type->kind == CTF_INT) {
			ok = ctf_read(child, cursor, &facts->values[child->role]);
			facts->bits[child->role] = child->type->size;
			facts->is_other =
				child->role == CTF_MAGIC && facts->values[CTF_MAGIC] != MAGIC;
			ok = ok && !facts->is_other;
		} else if (child->type->kind == CTF_ARRAY && child->role == CTF_UUID) {
			ok = read_uuid(child, cursor, facts);
		} else {
			ok = ctf_skip(child, cursor);
		}
		if (!ok)
			return false;
	}
	return true;
}

/* The number of a packet's stream class; -1 if there is no such class. */
static int stream_class_of(struct ctf_metadata *metadata, const struct facts *facts)
{
	const struct ctf_stream_class *stream;

	if (!facts->bits[CTF_STREAM_ID])
		return metadata->streams->len == 1 ? 0 : -1;
	stream = ctf_metadata_stream(metadata, facts->values[CTF_STREAM_ID]);
	return stream ? (int)stream->number : -1;
}

static const char *check_header(const struct ctf_metadata *metadata, const struct facts *facts)
{
	if (facts->bits[CTF_MAGIC] && facts->values[CTF_MAGIC] != MAGIC)
		return "no packet header where a packet should start";
	/* LTTng 2.14 to 2.16 leave it 0 in packets of streams without events. */
	if (facts->has_uuid && metadata->has_uuid &&
		memcmp(facts->uuid, metadata->uuid, sizeof(facts->uuid)) != 0 &&
		memcmp(facts->uuid, (uint8_t[16]){0}, sizeof(facts->uuid)) != 0)
		return "the packet belongs to another trace: its UUID differs from the metadata's";
	return NULL;
}

/* Takes over the sizes; `room` is what the file has left. */
static const char *set_sizes(struct ctf_packet *packet, const struct facts *facts, uint64_t room)
{
	uint64_t content = facts->values[CTF_CONTENT_SIZE], whole = facts->values[CTF_PACKET_SIZE];

	if (!facts->bits[CTF_PACKET_SIZE])
		whole = facts->bits[CTF_CONTENT_SIZE] ? content : room;
	if (!facts->bits[CTF_CONTENT_SIZE])
		content = whole;
	if (content > whole || content < packet->begin_bits || whole == 0 || whole % 8 != 0 ||
		whole / 8 > INT64_MAX / 8)
		return "the sizes of a packet are invalid";
	packet->size = whole / 8;
	packet->is_cut = content > room;
	packet->end_bits = MIN(content, room);
	return NULL;
}

const char *ctf_packet_read(const struct ctf_format *format, const struct ctf_file *file,
	uint64_t offset, struct ctf_packet *packet)
{
	struct ctf_metadata *metadata = format->metadata;
	const struct ctf_node *header = format->header.scopes[0], *context;
	uint64_t room = 8 * (file->size - offset);
	struct ctf_cursor cursor = {.base = file->base + offset, .end = MIN(room, HEADER_BITS_MAX)};
	struct facts facts = {0};
	const char *why;
	int stream;

	*packet = (struct ctf_packet){.offset = offset};
	if (header && !collect(header, &cursor, &facts) && !facts.is_other)
		return "the file ends in the middle of a packet header";
	why = check_header(metadata, &facts);
	if (why)
		return why;
	stream = stream_class_of(metadata, &facts);
	if (stream < 0)
		return "the metadata does not describe the packet's stream";
	context = format->contexts[stream].scopes[0];
	if (context && !collect(context, &cursor, &facts))
		return "the file ends in the middle of a packet header";
	packet->stream = (unsigned int)stream;
	packet->begin_bits = cursor.at;
	packet->has_instance = facts.bits[CTF_INSTANCE_ID];
	packet->instance = facts.values[CTF_INSTANCE_ID];
	packet->has_begin = facts.bits[CTF_BEGIN];
	packet->begin = facts.values[CTF_BEGIN];
	packet->has_end = facts.bits[CTF_END];
	packet->end = facts.values[CTF_END];
	packet->has_seq_num = facts.bits[CTF_SEQ_NUM];
	packet->seq_num = facts.values[CTF_SEQ_NUM];
	packet->has_discarded = facts.bits[CTF_DISCARDED];
	packet->discarded = facts.values[CTF_DISCARDED];
	packet->discarded_bits = facts.bits[CTF_DISCARDED];
	packet->has_cpu = facts.bits[CTF_CPU_ID];
	packet->cpu = facts.values[CTF_CPU_ID];
	why = set_sizes(packet, &facts, room);
	/* After a crash of the tracer's machine the end of the last packet is 0. */
	if (!why && packet->has_begin && packet->has_end && packet->end != 0 &&
		packet->end < packet->begin)
		why = "a packet ends before it starts";
	return why;
}

/* ---- From packet to packet ---- */

/* Whether anything tells a packet from other bytes. */
static bool has_magic(const struct ctf_format *format)
{
	const struct ctf_node *header = format->header.scopes[0];

	for (unsigned int i = 0; header && i < header->n_children; i++)
		if (header->children[i].role == CTF_MAGIC)
			return true;
	return false;
}

/* Finds the first packet that begins at a page from `offset` on, as file->next. */
static void search(const struct ctf_format *format, struct ctf_file *file, uint64_t offset)
{
	file->has_next = false;
	if (!has_magic(format))
		return;
	offset += (PAGE - offset % PAGE) % PAGE;
	for (; offset < file->size && !file->has_next; offset += PAGE)
		file->has_next = !ctf_packet_read(format, file, offset, &file->next);
}

const char *ctf_file_advance(const struct ctf_format *format, struct ctf_file *file,
	const struct ctf_packet *packet, uint64_t *where)
{
	const char *why;
	/* If the sizes of the packet are wrong, the next one may be anywhere behind its content. */
	uint64_t offset = packet ? packet->offset + packet->size : 0, behind = 1;

	file->has_next = false;
	if (packet)
		behind = packet->offset +
			 MAX((packet->is_cut ? packet->begin_bits : packet->end_bits) / 8, 1);
	if (offset == file->size)
		return NULL;
	if (offset > file->size) {
		/* Where the file is cut, or the size is wrong. */
		search(format, file, behind);
		*where = packet->offset;
		return file->has_next ? "a packet is larger than its file" : NULL;
	}
	why = ctf_packet_read(format, file, offset, &file->next);
	file->has_next = !why;
	if (why) {
		*where = offset;
		search(format, file, behind);
	}
	return why;
}

static uint64_t read_be(const uint8_t *at, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = 0; i < bytes; i++)
		value = value << 8 | at[i];
	return value;
}

/* The offset that the last entry of the file's index tells; false if there is no index. */
static bool last_in_index(const struct ctf_file *file, uint64_t *offset)
{
	char *folder = g_path_get_dirname(file->path);
	char *name = g_path_get_basename(file->path);
	char *path = g_strdup_printf("%s/index/%s.idx", folder, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	uint8_t header[INDEX_HEADER], entry[8];
	uint64_t length = 0;
	struct stat st;
	bool found;

	found = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
		pread(fd, header, sizeof(header), 0) == sizeof(header) &&
		read_be(header, 4) == INDEX_MAGIC;
	if (found)
		length = read_be(header + INDEX_ENTRY_LENGTH, 4);
	found = found && length >= INDEX_ENTRY_LEAST &&
		(uint64_t)st.st_size >= INDEX_HEADER + length &&
		((uint64_t)st.st_size - INDEX_HEADER) % length == 0 &&
		pread(fd, entry, sizeof(entry), st.st_size - (off_t)length) == sizeof(entry);
	if (found)
		*offset = read_be(entry, sizeof(entry));
	if (fd >= 0)
		close(fd);
	g_free(path);
	g_free(name);
	g_free(folder);
	return found;
}

struct ctf_packet ctf_file_last(const struct ctf_format *format, const struct ctf_file *file)
{
	struct ctf_file walk = *file; /* shares what is mapped */
	struct ctf_packet last = file->next;
	uint64_t offset, where;

	if (last_in_index(file, &offset) && offset > last.offset && offset < file->size &&
		!ctf_packet_read(format, file, offset, &walk.next) &&
		walk.next.offset + walk.next.size == file->size)
		return walk.next;
	for (walk.next = last; walk.has_next; ctf_file_advance(format, &walk, &last, &where)) {
		last = walk.next;
		/* Header by header: there is no need for their pages any longer. */
		ctf_file_forget(&walk, last.offset);
	}
	return last;
}
