/*
 * How to get over events, and to their fields.
 *
 * A layout (layout.h) is a tree that could be walked for each event; most of that would be asking
 * what is known for the whole class. So when the first event of a class comes, its layout is
 * compiled into a plan: a list of steps, which are all that is done for each event.
 *
 * A step is a run of fields whose distances from the run's begin are known, and after that at most
 * one field whose size only the event tells (its tail: a text, a sequence, a variant). For a run
 *   - the position is aligned once, and the event's end is checked once, for all of it;
 *   - loads read single integers, each at its distance: into a slot, if somebody has bound the
 *     field, or into a register, if the length of a sequence or the selector of a variant refers
 *     to it;
 *   - picks make an integer of an array or of some of its elements (IP addresses);
 * all other fields of the run cost nothing. Then the tail is walked over the slow way (ctf_skip()),
 * which finds lengths and selectors in the registers; if something inside of it is bound, by the walk that
 * fills that in on its way (nested.h). A class without fields of variable size is
 * one step; if nobody has bound any of them, an addition is enough (ctf_plan_bytes()).
 *
 * Fields are added in their order in the event. A run ends, and the next step begins,
 *   - behind a tail: where it ends is not known before;
 *   - before a field that is aligned more than the begin of the run is, unless nothing is in the
 *     run yet: then its begin is aligned so. Distances in a run hold wherever the run begins, since
 *     that is aligned to the most that any of its fields needs;
 *   - before its size would no longer fit (RUN_MAX).
 *
 * What has to hold: after each step the cursor is where the next field begins, before its
 * alignment; each register has been loaded before a tail needs it, as fields only refer to fields
 * before them (layout.c has checked that); each slot is filled exactly once, by a load or by a
 * pick, or it is in `absent`: then it is emptied, and what is nested may fill it; nothing is read at or beyond the event's end, since runs are
 * compared with it as a whole, by subtraction, which can't overflow.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/ctf/plan.h"

#include "host/ctf/nested.h"

/* How an integer is read: those that are whole bytes in our own order directly. */
enum load_how { LOAD_U8, LOAD_S8, LOAD_U16, LOAD_S16, LOAD_U32, LOAD_S32, LOAD_64, LOAD_BITS };

struct load {
	uint32_t at; /* bits from the begin of the run */
	uint16_t to; /* slot or register */
	uint8_t how;
	bool to_register;
	const struct ctf_node *node;
};

/* An array from which an integer is to be made. */
struct pick {
	uint32_t at;
	uint16_t to;
	struct elements elements;
	const struct ctf_node *node;
};

/* A run of fields at fixed distances, and the field of variable size behind it. */
struct step {
	uint32_t align;
	uint32_t size; /* bits */
	unsigned int first_load, n_loads;
	unsigned int first_pick, n_picks;
	const struct ctf_node *tail; /* NULL in the last step, or if more alignment follows */
	unsigned int first_tail_pick, n_tail_picks;
};

struct ctf_plan {
	GArray *steps;  /* struct step */
	GArray *loads;  /* struct load */
	GArray *picks;  /* struct pick */
	GArray *absent; /* uint16_t: slots that have no integer, as far as steps tell */
	GArray *nested; /* struct ctf_nested */
};

/* Runs end where offsets would no longer fit, even if they are aligned. */
#define RUN_MAX (UINT32_MAX / 2)

struct compiler {
	struct ctf_plan *plan;
	struct ctf_slot *slots;
	unsigned int n_slots;
	struct step step; /* that is being made */
	bool filled;      /* there is something in it */
};

static void end_step(struct compiler *compiler, const struct ctf_node *tail)
{
	compiler->step.tail = tail;
	g_array_append_val(compiler->plan->steps, compiler->step);
	compiler->step = (struct step){
		.align = 1,
		.first_load = compiler->plan->loads->len,
		.first_pick = compiler->plan->picks->len,
	};
	compiler->filled = false;
}

/* What comes next is aligned: in this run, if its begin can be aligned as well. */
static void add_align(struct compiler *compiler, uint32_t align)
{
	if (align > compiler->step.align && compiler->filled)
		end_step(compiler, NULL);
	compiler->step.align = MAX(compiler->step.align, align);
	compiler->step.size = (uint32_t)bits_align(compiler->step.size, align);
}

static enum load_how how_to_load(const struct ctf_node *node, uint32_t at)
{
	bool native = node->big_endian == (G_BYTE_ORDER == G_BIG_ENDIAN);
	bool is_signed = node->type->is_signed;

	if (at % 8 != 0 || node->align % 8 != 0)
		return LOAD_BITS;
	switch (node->type->size) {
	case 8:
		return is_signed ? LOAD_S8 : LOAD_U8;
	case 16:
		return !native ? LOAD_BITS : is_signed ? LOAD_S16 : LOAD_U16;
	case 32:
		return !native ? LOAD_BITS : is_signed ? LOAD_S32 : LOAD_U32;
	case 64:
		return !native ? LOAD_BITS : LOAD_64;
	default:
		return LOAD_BITS;
	}
}

static void add_load(
	struct compiler *compiler, const struct ctf_node *node, uint16_t to, bool to_register)
{
	struct load load = {
		.at = compiler->step.size,
		.to = to,
		.to_register = to_register,
		.how = how_to_load(node, compiler->step.size),
		.node = node,
	};

	g_array_append_val(compiler->plan->loads, load);
	compiler->step.n_loads++;
}

/* Adds what the slots want of a field; those of a tail are arrays if anything. */
static void add_slots(struct compiler *compiler, const struct ctf_node *node, enum ctf_scope scope,
	unsigned int member, bool tail)
{
	for (unsigned int i = 0; i < compiler->n_slots; i++) {
		struct ctf_slot *slot = &compiler->slots[i];
		struct pick pick = {compiler->step.size, (uint16_t)i, slot->elements, node};

		if (slot->scope != scope || slot->member != member || slot->inside)
			continue;
		/* Lengths that a tail needs are not at hand where only its place is. */
		if (compiler->plan->steps->len == 0 && (!tail || node->type->kind == CTF_STRING))
			slot->offset = compiler->step.size;
		if (!tail && node->type->kind == CTF_INT) {
			add_load(compiler, node, (uint16_t)i, false);
		} else if (ctf_is_array(node->type)) {
			g_array_append_val(compiler->plan->picks, pick);
			if (tail)
				compiler->step.n_tail_picks++;
			else
				compiler->step.n_picks++;
		}
	}
}

static void add_field(struct compiler *compiler, const struct ctf_node *node, enum ctf_scope scope,
	unsigned int member)
{
	add_align(compiler, node->align);
	if (node->size < RUN_MAX && !node->leads &&
		(!node->stores || node->type->kind == CTF_INT)) {
		if (compiler->step.size > RUN_MAX - node->size) {
			end_step(compiler, NULL);
			add_align(compiler, node->align);
		}
		if (node->store >= 0)
			add_load(compiler, node, (uint16_t)node->store, true);
		add_slots(compiler, node, scope, member, false);
		compiler->step.size += (uint32_t)node->size;
		compiler->filled = true;
		return;
	}
	compiler->step.first_tail_pick = compiler->plan->picks->len;
	add_slots(compiler, node, scope, member, true);
	end_step(compiler, node);
}

/* Notes the slots that no load and no pick fills. */
static void find_absent(struct compiler *compiler)
{
	struct ctf_plan *plan = compiler->plan;

	for (unsigned int i = 0; i < compiler->n_slots; i++) {
		uint16_t to = (uint16_t)i;
		bool found = false;

		for (guint k = 0; k < plan->loads->len && !found; k++) {
			const struct load *load = &g_array_index(plan->loads, struct load, k);

			found = !load->to_register && load->to == to;
		}
		for (guint k = 0; k < plan->picks->len && !found; k++)
			found = g_array_index(plan->picks, struct pick, k).to == to;
		if (!found)
			g_array_append_val(plan->absent, to);
	}
}

struct ctf_plan *ctf_plan_new(const struct ctf_layout *layout, struct ctf_slot *slots,
	unsigned int n_slots, const GArray *nested)
{
	struct ctf_plan *plan = g_new0(struct ctf_plan, 1);
	struct compiler compiler = {plan, slots, n_slots, {.align = 1}, false};

	plan->steps = g_array_new(FALSE, FALSE, sizeof(struct step));
	plan->loads = g_array_new(FALSE, FALSE, sizeof(struct load));
	plan->picks = g_array_new(FALSE, FALSE, sizeof(struct pick));
	plan->absent = g_array_new(FALSE, FALSE, sizeof(uint16_t));
	plan->nested = g_array_new(FALSE, FALSE, sizeof(struct ctf_nested));
	g_array_append_vals(plan->nested, nested->data, nested->len);
	for (unsigned int i = 0; i < n_slots; i++)
		slots[i].offset = CTF_VARIABLE;
	for (int scope = 0; scope < CTF_N_SCOPES; scope++) {
		const struct ctf_node *node = layout->scopes[scope];

		if (!node)
			continue;
		add_align(&compiler, node->align);
		for (unsigned int i = 0; i < node->n_children; i++)
			add_field(&compiler, &node->children[i], (enum ctf_scope)scope, i);
	}
	end_step(&compiler, NULL);
	find_absent(&compiler);
	return plan;
}

void ctf_plan_free(struct ctf_plan *plan)
{
	if (!plan)
		return;
	g_array_free(plan->steps, TRUE);
	g_array_free(plan->loads, TRUE);
	g_array_free(plan->picks, TRUE);
	g_array_free(plan->absent, TRUE);
	g_array_free(plan->nested, TRUE);
	g_free(plan);
}

int64_t ctf_plan_bytes(const struct ctf_plan *plan)
{
	const struct step *step = &g_array_index(plan->steps, struct step, 0);

	if (plan->steps->len > 1 || plan->loads->len > 0 || plan->picks->len > 0 ||
		step->align > 8 || step->size % 8 != 0)
		return -1;
	return step->size / 8;
}

uint32_t ctf_plan_align(const struct ctf_plan *plan)
{
	return g_array_index(plan->steps, struct step, 0).align;
}

static int64_t load_value(const struct load *load, const uint8_t *base, uint64_t at)
{
	const uint8_t *p = base + (at + load->at) / 8;
	unsigned int size = load->node->type->size;
	int16_t half;
	int32_t word;
	int64_t both;
	uint64_t value;

	switch ((enum load_how)load->how) {
	case LOAD_U8:
		return *p;
	case LOAD_S8:
		return (int8_t)*p;
	case LOAD_U16:
		memcpy(&half, p, sizeof(half));
		return (uint16_t)half;
	case LOAD_S16:
		memcpy(&half, p, sizeof(half));
		return half;
	case LOAD_U32:
		memcpy(&word, p, sizeof(word));
		return (uint32_t)word;
	case LOAD_S32:
		memcpy(&word, p, sizeof(word));
		return word;
	case LOAD_64:
		memcpy(&both, p, sizeof(both));
		return both;
	case LOAD_BITS:
		break;
	}
	value = bits_read(base, at + load->at, size, load->node->big_endian);
	return load->node->type->is_signed ? bits_signed(value, size) : (int64_t)value;
}

/* Reads the picks of a run, or of what is behind it. */
static void run_picks(const struct ctf_plan *plan, unsigned int first, unsigned int n,
	const struct ctf_cursor *cursor, int64_t *v)
{
	struct ctf_cursor at = *cursor;

	for (unsigned int i = first; i < first + n; i++) {
		const struct pick *pick = &g_array_index(plan->picks, struct pick, i);

		at.at = cursor->at + pick->at;
		v[pick->to] = ctf_array_integer(pick->node, &at, pick->elements);
	}
}

/* Moves behind the field behind a run. */
static bool skip_tail(
	const struct ctf_plan *plan, const struct step *step, struct ctf_cursor *cursor, int64_t *v)
{
	if (step->n_tail_picks > 0) {
		struct ctf_cursor begin = *cursor;

		begin.at -= step->size; /* where the places of picks count from */
		run_picks(plan, step->first_tail_pick, step->n_tail_picks, &begin, v);
	}
	return step->tail->leads ? ctf_nested_read(step->tail, cursor, plan->nested, v)
				 : ctf_skip(step->tail, cursor);
}

bool ctf_plan_run(const struct ctf_plan *plan, struct ctf_cursor *cursor, int64_t *v)
{
	const struct step *steps = (const struct step *)(const void *)plan->steps->data;
	const struct load *loads = (const struct load *)(const void *)plan->loads->data;

	for (guint i = 0; i < plan->absent->len; i++)
		v[g_array_index(plan->absent, uint16_t, i)] = VALUE_ABSENT;
	for (guint i = 0; i < plan->steps->len; i++) {
		const struct step *step = &steps[i];
		const unsigned int last = step->first_load + step->n_loads;

		cursor->at = bits_align(cursor->at, step->align);
		if (cursor->at > cursor->end || step->size > cursor->end - cursor->at)
			return false;
		for (unsigned int k = step->first_load; k < last; k++) {
			const struct load *load = &loads[k];
			int64_t value = load_value(load, cursor->base, cursor->at);

			if (load->to_register)
				cursor->registers[load->to] = (uint64_t)value;
			else
				v[load->to] = value;
		}
		if (step->n_picks > 0)
			run_picks(plan, step->first_pick, step->n_picks, cursor, v);
		cursor->at += step->size;
		if (step->tail && !skip_tail(plan, step, cursor, v))
			return false;
	}
	return true;
}
