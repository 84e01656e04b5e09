/*
 * Metadata as such: taken out of its packets, looked up, and freed.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/ctf/metadata.h"

#include "host/ctf/arena.h"

#include <string.h>

/* Packets of metadata begin with these: magic, UUID, checksum, sizes, schemes, version. */
#define PACKET_MAGIC        0x75d11d57
#define PACKET_CONTENT_BITS 24
#define PACKET_BITS         28
#define PACKET_HEADER       37

/* What JSON texts are separated by. */
#define RECORD_SEPARATOR 0x1e

static uint32_t read_u32(const char *at, bool swap)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return swap ? GUINT32_SWAP_LE_BE(value) : value;
}

static bool is_packet(const char *data, size_t size)
{
	return size >= PACKET_HEADER &&
	       (read_u32(data, false) == PACKET_MAGIC || read_u32(data, true) == PACKET_MAGIC);
}

/* Appends the text that is in the packets; false with `error` if one is not whole. */
static bool unpack(GString *text, const char *data, size_t size, GError **error)
{
	while (size > 0) {
		bool swap;
		size_t content, packet;

		if (!is_packet(data, size)) {
			g_set_error(error, CTF_ERROR, CTF_ERROR_OTHER,
				"the metadata's last packet is incomplete");
			return false;
		}
		swap = read_u32(data, false) != PACKET_MAGIC;
		content = read_u32(data + PACKET_CONTENT_BITS, swap) / 8;
		packet = read_u32(data + PACKET_BITS, swap) / 8;
		if (content < PACKET_HEADER || packet < content || packet > size) {
			g_set_error(error, CTF_ERROR, CTF_ERROR_OTHER,
				"a packet of the metadata has an invalid size");
			return false;
		}
		g_string_append_len(text, data + PACKET_HEADER, (gssize)(content - PACKET_HEADER));
		data += packet;
		size -= packet;
	}
	return true;
}

/* Ids come from the trace, and may be made to collide where their low bits are taken. */
static guint hash_id(gconstpointer id)
{
	return (guint)((*(const guint64 *)id * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

static struct ctf_metadata *new_metadata(void)
{
	struct ctf_metadata *metadata = g_new0(struct ctf_metadata, 1);

	metadata->arena = ctf_arena_new();
	metadata->streams = g_ptr_array_new();
	metadata->streams_by_id = g_hash_table_new(hash_id, g_int64_equal);
	metadata->clocks = g_ptr_array_new();
	metadata->env = g_array_new(FALSE, FALSE, sizeof(struct ctf_env));
	return metadata;
}

struct ctf_metadata *ctf_metadata_read(const char *data, size_t size, GError **error)
{
	struct ctf_metadata *metadata = new_metadata();
	GString *unpacked = NULL;
	bool ok = true;

	if (is_packet(data, size)) {
		unpacked = g_string_sized_new(size);
		ok = unpack(unpacked, data, size, error);
		data = unpacked->str;
		size = unpacked->len;
	}
	if (ok && size > 0 && (data[0] == RECORD_SEPARATOR || data[0] == '{'))
		ok = ctf_parse_json(metadata, data, size, error);
	else if (ok)
		ok = ctf_parse_tsdl(metadata, data, size, error);
	if (unpacked)
		g_string_free(unpacked, TRUE);
	/* From now on several threads may look them up. */
	ctf_metadata_stream(metadata, 0);
	if (ok)
		return metadata;
	ctf_metadata_free(metadata);
	return NULL;
}

void ctf_metadata_free(struct ctf_metadata *metadata)
{
	if (!metadata)
		return;
	for (guint i = 0; i < metadata->streams->len; i++)
		g_ptr_array_unref(
			((struct ctf_stream_class *)g_ptr_array_index(metadata->streams, i))
				->events);
	g_ptr_array_unref(metadata->streams);
	g_hash_table_unref(metadata->streams_by_id);
	g_ptr_array_unref(metadata->clocks);
	g_array_free(metadata->env, TRUE);
	ctf_arena_free(metadata->arena);
	g_free(metadata);
}

const struct ctf_env *ctf_metadata_env(const struct ctf_metadata *metadata, const char *name)
{
	for (guint i = 0; i < metadata->env->len; i++) {
		const struct ctf_env *env = &g_array_index(metadata->env, struct ctf_env, i);

		if (strcmp(env->name, name) == 0)
			return env;
	}
	return NULL;
}

const struct ctf_clock *ctf_metadata_clock(const struct ctf_metadata *metadata, const char *name)
{
	for (guint i = 0; i < metadata->clocks->len; i++) {
		const struct ctf_clock *clock = g_ptr_array_index(metadata->clocks, i);

		if (g_strcmp0(clock->name, name) == 0)
			return clock;
	}
	return NULL;
}

struct ctf_stream_class *ctf_metadata_stream(struct ctf_metadata *metadata, uint64_t id)
{
	GHashTable *known = metadata->streams_by_id;

	for (; metadata->n_by_id < metadata->streams->len; metadata->n_by_id++) {
		struct ctf_stream_class *stream =
			g_ptr_array_index(metadata->streams, metadata->n_by_id);

		stream->number = metadata->n_by_id;
		if (!g_hash_table_contains(known, &stream->id))
			g_hash_table_insert(known, &stream->id, stream);
	}
	return g_hash_table_lookup(known, &id);
}

uint32_t ctf_struct_align(const struct ctf_type *type, uint32_t align)
{
	for (unsigned int i = 0; i < type->n_fields; i++)
		align = MAX(align, type->fields[i].type->align);
	return align;
}

/* ---- What header fields are for ---- */

struct role_name {
	const char *name;
	enum ctf_role role;
};

/* Structures and variants whose fields get their roles: each once, however often it is used. */
struct to_name {
	GPtrArray *types;
	GHashTable *seen;
};

static struct to_name new_to_name(void)
{
	return (struct to_name){g_ptr_array_new(), g_hash_table_new(NULL, NULL)};
}

static void add_to_name(struct to_name *to_name, const struct ctf_type *type)
{
	if (type && g_hash_table_add(to_name->seen, (gpointer)type))
		g_ptr_array_add(to_name->types, (gpointer)type);
}

/* Adds what lies in those that were added; types can lie in each other without end. */
static void add_inner(struct to_name *to_name, bool claimed[CTF_TIMESTAMP + 1])
{
	for (guint at = 0; at < to_name->types->len; at++) {
		const struct ctf_type *type = g_ptr_array_index(to_name->types, at);

		for (unsigned int i = 0; i < type->n_fields; i++) {
			claimed[type->fields[i].role] = true;
			if (type->fields[i].type->n_fields > 0)
				add_to_name(to_name, type->fields[i].type);
		}
	}
}

/* Names those that were added, but with no role that a field has by itself (CTF 2). */
static void name_roles(struct to_name *to_name, const struct role_name *names, size_t n)
{
	bool claimed[CTF_TIMESTAMP + 1] = {false};

	add_inner(to_name, claimed);
	for (guint at = 0; at < to_name->types->len; at++) {
		const struct ctf_type *type = g_ptr_array_index(to_name->types, at);

		for (unsigned int i = 0; i < type->n_fields; i++)
			for (size_t k = 0; k < n; k++)
				if (!claimed[names[k].role] &&
					type->fields[i].type->n_fields == 0 &&
					strcmp(type->fields[i].name, names[k].name) == 0)
					type->fields[i].role = names[k].role;
	}
	g_ptr_array_unref(to_name->types);
	g_hash_table_unref(to_name->seen);
}

void ctf_name_roles(struct ctf_metadata *metadata)
{
	static const struct role_name packet[] = {
		{"magic", CTF_MAGIC},
		{"uuid", CTF_UUID},
		{"stream_id", CTF_STREAM_ID},
		{"stream_instance_id", CTF_INSTANCE_ID},
	};
	static const struct role_name context[] = {
		{"timestamp_begin", CTF_BEGIN},
		{"timestamp_end", CTF_END},
		{"content_size", CTF_CONTENT_SIZE},
		{"packet_size", CTF_PACKET_SIZE},
		{"packet_seq_num", CTF_SEQ_NUM},
		{"events_discarded", CTF_DISCARDED},
		{"cpu_id", CTF_CPU_ID},
	};
	static const struct role_name event[] = {
		{"id", CTF_EVENT_ID},
		{"timestamp", CTF_TIMESTAMP},
	};
	struct to_name headers = new_to_name(), contexts = new_to_name(), events = new_to_name();

	add_to_name(&headers, metadata->packet_header);
	for (guint i = 0; i < metadata->streams->len; i++) {
		const struct ctf_stream_class *stream = g_ptr_array_index(metadata->streams, i);

		add_to_name(&contexts, stream->packet_context);
		add_to_name(&events, stream->event_header);
	}
	name_roles(&headers, packet, G_N_ELEMENTS(packet));
	name_roles(&contexts, context, G_N_ELEMENTS(context));
	name_roles(&events, event, G_N_ELEMENTS(event));
}
