/*
 * What a trace's metadata says: types of fields, classes of streams and events, clocks. It is made
 * of TSDL text (CTF 1.8) or of JSON fragments (CTF 2); everything after that is the same.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CTF_METADATA_H
#define LTTNGA_CTF_METADATA_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ctf_kind {
	CTF_INT,
	CTF_REAL,
	CTF_STRING, /* up to a NUL */
	CTF_STRUCT,
	CTF_ARRAY,    /* of a length that the metadata tells */
	CTF_SEQUENCE, /* of a length that an earlier field tells */
	CTF_VARIANT,  /* an earlier field tells which of several it is */
	CTF_OPTION,   /* an earlier field tells whether it is there: a variant of one */
};

/* In which order an integer's bytes are. */
enum ctf_order { CTF_NATIVE, CTF_LITTLE, CTF_BIG };

/* What fields of headers are for. */
enum ctf_role {
	CTF_NO_ROLE,
	CTF_MAGIC,
	CTF_UUID,
	CTF_STREAM_ID,
	CTF_INSTANCE_ID,
	CTF_BEGIN,
	CTF_END,
	CTF_CONTENT_SIZE,
	CTF_PACKET_SIZE,
	CTF_SEQ_NUM,
	CTF_DISCARDED,
	CTF_CPU_ID,
	CTF_EVENT_ID,
	CTF_TIMESTAMP,
};

/* Values of an integer that have a name; they are signed if the integer is. */
struct ctf_label {
	const char *name;
	uint64_t low, high; /* both included */
};

/* The structures that an event's bytes consist of, after its header. */
enum ctf_scope {
	CTF_COMMON_CONTEXT,
	CTF_SPECIFIC_CONTEXT,
	CTF_PAYLOAD,
	CTF_N_SCOPES,
	CTF_HERE,  /* of a path: what the field lies in, or what that lies in, and so on */
	CTF_OTHER, /* a packet's, or another event's */
};

/* The field that a length or a selector is in: its names from some structure on. */
struct ctf_path {
	enum ctf_scope scope;
	unsigned int n_up; /* with CTF_HERE: how many structures further out to begin */
	const char **names;
	unsigned int n_names;
};

struct ctf_type;

struct ctf_field {
	const char *name; /* as it is told: without the underscore that TSDL puts before it */
	const char *raw;  /* as it is written */
	const struct ctf_type *type;
	enum ctf_role role;
	const struct ctf_label
		*when; /* of a variant: which values select it; NULL if its name does */
	unsigned int n_when;
};

struct ctf_type {
	enum ctf_kind kind;
	uint32_t align; /* bits, a power of 2 */
	uint32_t size;  /* bits, of integers (up to 64) and reals */
	enum ctf_order order;
	bool is_signed;
	bool is_text;             /* a byte that is a character; an array of which is text */
	enum ctf_role role;       /* whatever the field is called */
	const char *clock;        /* that it is a value of, or NULL */
	struct ctf_label *labels; /* of an enumeration */
	unsigned int n_labels;
	const struct ctf_type *element;
	uint64_t length;      /* of an array */
	struct ctf_path path; /* of a sequence, a variant, an option */
	struct ctf_field *fields;
	unsigned int n_fields;
};

struct ctf_event_class {
	uint64_t id;
	const char *name;
	const struct ctf_type *context, *payload; /* or NULL */
};

struct ctf_clock {
	const char *name;
	const char *uuid;   /* as a text; NULL if it has none */
	uint64_t frequency; /* not 0 */
	int64_t offset_s;
	int64_t offset; /* in addition, cycles; old tracers write those below 0 as 2^64 - n */
};

struct ctf_stream_class {
	uint64_t id;
	unsigned int number; /* in ctf_metadata.streams, once it has been looked up */
	const struct ctf_type *packet_context, *event_header, *event_context; /* or NULL */
	GPtrArray *events;                                                    /* ctf_event_class */
	const char *clock; /* that its times are values of, if the metadata names it here */
};

struct ctf_env {
	const char *name;
	const char *text; /* NULL if it is a number */
	int64_t number;
};

struct ctf_metadata {
	struct ctf_arena *arena; /* of all that is not a GArray */
	bool big_endian;         /* what CTF_NATIVE means */
	bool has_uuid;
	uint8_t uuid[16];
	const struct ctf_type *packet_header; /* or NULL */
	GPtrArray *streams;                   /* ctf_stream_class */
	GHashTable *streams_by_id;            /* the same, the first ones of their ids: so many */
	unsigned int n_by_id;
	GPtrArray *clocks; /* ctf_clock */
	GArray *env;       /* ctf_env */
};

/*
 * Reads metadata as it is in the file. Returns NULL and sets `error` if it can't be understood, or
 * has something in it that this reader leaves to another (any error is in that sense a refusal).
 * Free it with ctf_metadata_free().
 */
struct ctf_metadata *ctf_metadata_read(const char *data, size_t size, GError **error);
void ctf_metadata_free(struct ctf_metadata *metadata);

/* The value of an environment entry; NULL if there is none. */
const struct ctf_env *ctf_metadata_env(const struct ctf_metadata *metadata, const char *name);

const struct ctf_clock *ctf_metadata_clock(const struct ctf_metadata *metadata, const char *name);

/* The first stream class of an id; NULL if there is none. Their ids must not change any more. */
struct ctf_stream_class *ctf_metadata_stream(struct ctf_metadata *metadata, uint64_t id);

/* ---- For the parsers ---- */

#define CTF_ERROR (g_quark_from_static_string("lttnga-ctf"))
enum ctf_error {
	CTF_ERROR_OTHER,    /* broken, or beyond what this reader knows: another one may */
	CTF_ERROR_LIMIT,    /* too large, too deep, too many: no reader is to try */
	CTF_ERROR_NO_TIMES, /* events have no times, so there is nothing to analyse */
};

/* How deep types may lie in each other: more is an attack on our stack. */
#define CTF_DEPTH_MAX 32

/* Parse text into empty metadata; false with `error` if it is beyond them. */
bool ctf_parse_tsdl(struct ctf_metadata *metadata, const char *text, size_t size, GError **error);
bool ctf_parse_json(struct ctf_metadata *metadata, const char *text, size_t size, GError **error);

/* Gives the fields of headers that have none the roles that TSDL gives to their names. */
void ctf_name_roles(struct ctf_metadata *metadata);

/* The alignment of a structure whose own is `align`. */
uint32_t ctf_struct_align(const struct ctf_type *type, uint32_t align);

#endif
