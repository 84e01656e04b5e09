/*
 * The files of streams, and the packets in them: found by their headers, each of which is checked
 * before anything in it is believed.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CTF_PACKET_H
#define LTTNGA_CTF_PACKET_H

#include "host/ctf/layout.h"

/* What the packets of one trace have in common. */
struct ctf_format {
	struct ctf_metadata *metadata;
	struct ctf_layout header;    /* scope 0 is the packet header */
	struct ctf_layout *contexts; /* by number of the stream class, scope 0 is the context */
};

/* A packet, as its header and its context tell. Times are values of the clock. */
struct ctf_packet {
	uint64_t offset;               /* in its file, bytes */
	uint64_t size;                 /* bytes */
	uint64_t begin_bits, end_bits; /* its events, counted from the packet's begin */
	bool is_cut;                   /* the file ends before its end */
	unsigned int stream;           /* number of the stream class in the metadata */
	bool has_instance, has_begin, has_end, has_seq_num, has_discarded, has_cpu;
	uint64_t instance, begin, end, seq_num, discarded, cpu;
	unsigned int discarded_bits; /* the width of that counter */
};

/* A packet that has been read and may be wanted again, as a whole. */
struct ctf_kept {
	uint64_t offset, size; /* in its file, bytes */
	int64_t begin, end;    /* ns */
};

struct ctf_file {
	char *path;
	const uint8_t *base;    /* NULL while it is not mapped */
	uint64_t size;          /* that can be read */
	uint64_t mapped;        /* bytes that are */
	int64_t modified;       /* when it was written to last, ns */
	int64_t changed;        /* when anything of it was, which nobody can set, ns */
	struct ctf_packet next; /* the packet that comes next, if has_next */
	bool has_next;
	struct ctf_packet passed; /* the one before that, if has_passed */
	bool has_passed;
	GArray *kept; /* struct ctf_kept: packets that were passed and are kept; NULL: none */
	bool grows;   /* more packets may come */
	struct ctf_packet
		newest; /* of a file that grows: the last one that is there, if has_newest */
	bool has_newest;
	uint64_t forgotten; /* bytes from the begin on whose memory has been given back */
	uint64_t advised;   /* bytes from the begin on that the kernel knows will be read */
	/* Of a stream's file, as it was when the trace was opened: */
	unsigned int number;     /* in the stream */
	struct ctf_packet first; /* the first packet that there is */
	uint64_t opened_size;
	int64_t opened_modified, opened_changed;
};

/* Does not open the file. Free it with ctf_file_free(). */
struct ctf_file *ctf_file_new(const char *path);
void ctf_file_free(gpointer file);

/*
 * Makes the bytes of the file readable, or no longer. False with `error` if that fails:
 * SOURCE_ERROR_OPEN if we may not read it, SOURCE_ERROR_NO_STREAM if there is nothing to be read.
 */
bool ctf_file_map(struct ctf_file *file, GError **error);
void ctf_file_unmap(struct ctf_file *file);

/*
 * The file has `size` bytes by now, which is more: makes them readable, if it is mapped; what was there may lie at
 * another address then. False with `error`.
 */
bool ctf_file_grow(struct ctf_file *file, uint64_t size, GError **error);

/* Gives back memory: what is before `offset` is hardly read again. */
void ctf_file_forget(struct ctf_file *file, uint64_t offset);

/*
 * The file is being read at `offset`: the kernel is to fetch the next `ahead` bytes from the disk
 * meanwhile. Asks in pieces of half of that.
 */
void ctf_file_read_ahead(struct ctf_file *file, uint64_t offset, uint64_t ahead);

/*
 * Reads the header of the packet at `offset` of a mapped file. Returns why there is none: a constant
 * text, NULL if there is one.
 */
const char *ctf_packet_read(const struct ctf_format *format, const struct ctf_file *file,
	uint64_t offset, struct ctf_packet *packet);

/*
 * Finds the packet that follows `packet` in its file (NULL: the first one), as file->next. If what
 * should be one is none, goes on with the next one that there is, and returns what is wrong with it
 * (a constant text), and where that is; NULL if nothing is.
 */
const char *ctf_file_advance(const struct ctf_format *format, struct ctf_file *file,
	const struct ctf_packet *packet, uint64_t *where);

/*
 * The last packet of a mapped file whose first one is file->next: from its index, if there is one
 * and it agrees with what is there, and from all headers if not.
 */
struct ctf_packet ctf_file_last(const struct ctf_format *format, const struct ctf_file *file);

#endif
