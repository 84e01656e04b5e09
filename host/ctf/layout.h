/*
 * How the fields of one structure of a trace lie in the bits of a packet: types with every
 * reference to another field resolved, and the walks over them. A walk reads nothing beyond the
 * end that its cursor has, and a length never costs more than the bits that are there.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CTF_LAYOUT_H
#define LTTNGA_CTF_LAYOUT_H

#include "host/ctf/arena.h"
#include "host/ctf/bits.h"
#include "host/ctf/metadata.h"
#include "host/source/source.h"

/* The size of what has none that is always the same. */
#define CTF_VARIABLE UINT64_MAX

/* How many lengths and selectors one layout can have. */
#define CTF_REGISTERS_MAX 64

/* Values of a selector, and the option that they select. */
struct ctf_choice {
	uint64_t low, high;
	unsigned int child;
};

struct ctf_node {
	const struct ctf_type *type;
	const char *name;
	enum ctf_role role;
	bool big_endian;
	bool stores;    /* it, or something in it, goes into a register */
	bool leads;     /* it, or something in it, is bound inside of a member, see nested.h */
	uint32_t align; /* bits */
	uint64_t size;  /* bits from its aligned begin on, or CTF_VARIABLE */
	uint64_t least; /* bits that it takes at least */
	int store;      /* the register that the value goes into, or -1 */
	int load;       /* the register that the length or the selector is in */
	bool selector_is_signed;
	unsigned int n_children; /* members, options, or the one that is the element */
	struct ctf_node *children;
	struct ctf_choice *choices; /* of variants and options */
	unsigned int n_choices;
};

/* The structures of one event, or just one structure in the first place; see enum ctf_scope. */
struct ctf_layout {
	struct ctf_node *scopes[CTF_N_SCOPES]; /* NULL where there is none */
	unsigned int n_registers;
};

/* What layouts of one trace share. */
struct ctf_layouts {
	const struct ctf_metadata *metadata;
	struct ctf_arena *arena;
	unsigned int n_nodes; /* so far, with the choices: there is a limit */
	unsigned int n_looks; /* at names, so far: there is a limit, too */
	bool no_clock;        /* fields must not be times of a clock, which goes on with them */
};

/*
 * Lays out structures (NULL where there is none). Returns false and sets `error` if a reference
 * leads nowhere, or a type is beyond what we do.
 */
bool ctf_layout(struct ctf_layouts *layouts, const struct ctf_type *const types[CTF_N_SCOPES],
	struct ctf_layout *layout, GError **error);

/* A place in a packet, in bits from its begin, and where its data ends. */
struct ctf_cursor {
	const uint8_t *base;
	uint64_t at, end;
	uint64_t registers[CTF_REGISTERS_MAX];
};

/* Moves to the begin of a field; false if that is beyond the end. */
static inline bool ctf_align(struct ctf_cursor *cursor, uint32_t align)
{
	cursor->at = bits_align(cursor->at, align);
	return cursor->at <= cursor->end;
}

/* Moves behind a field; false if it is not all there, or makes no sense. */
bool ctf_skip(const struct ctf_node *node, struct ctf_cursor *cursor);

/*
 * Moves to the begin of member `member` of scope `scope` of an event, at whose first scope the
 * cursor is; false if it can't get there.
 */
bool ctf_find(const struct ctf_layout *layout, enum ctf_scope scope, unsigned int member,
	struct ctf_cursor *cursor);

/* The value of the integer at the cursor; false if it is not there. Moves behind it. */
bool ctf_read(const struct ctf_node *node, struct ctf_cursor *cursor, uint64_t *value);

/*
 * Moves to the first element of the array or sequence at the cursor, and tells how many there are;
 * false if they are not all there.
 */
bool ctf_enter(const struct ctf_node *node, struct ctf_cursor *cursor, uint64_t *length);

/* The option that is there; NULL if the selector, which has been read, selects none. */
const struct ctf_node *ctf_choose(const struct ctf_node *node, const struct ctf_cursor *cursor);

/* Whether it is text: a string, or an array of characters. */
bool ctf_is_text(const struct ctf_type *type);

/* Whether it is an array, or a sequence, of anything else. */
bool ctf_is_array(const struct ctf_type *type);

/*
 * The text at the cursor, up to its NUL or its end, which is put into `buffer` if there is no NUL
 * in the trace; NULL if it is not all there. Moves behind it.
 */
const char *ctf_text_at(const struct ctf_node *node, struct ctf_cursor *cursor, GString *buffer);

/* Tells `visitor` the value at the cursor; false if it is not all there. */
bool ctf_visit(const struct ctf_node *node, struct ctf_cursor *cursor, GString *buffer,
	const struct value_visitor *visitor, void *data);

/* Whether a field holds the length of a sequence, and is not told. */
bool ctf_is_length(const char *name);

#endif
