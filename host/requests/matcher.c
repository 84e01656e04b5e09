/*
 * Matching requests. An event first ends requests, parts before the whole, then begins some, the whole
 * before its parts: so a part can begin and end with the same events as the whole, but no event begins what
 * it ends.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/requests/matcher.h"

#include "host/output/text_forms.h"
#include "host/requests/open_requests.h"

#include <inttypes.h>

struct matcher {
	const struct plan *plan;
	struct state *state;
	void (*emit)(void *data, enum derived_kind kind, const void *event);
	void *data;
	uint64_t emits;
	struct open_requests *open;
	const struct event_rules *rules; /* of the event at hand, */
	struct event_values event;       /* and its values, */
	int64_t time;                    /* and time */
	int64_t begun;                   /* requests so far */
	int64_t lost;                    /* events */
	int64_t refused;
	GString *text;
	GArray *given; /* struct awaited: of this machine, in the order in which they begin, */
	GArray *ends;  /* and guint: their numbers there, in the order in which they end */
	guint next_given, next_end;
	struct given_counts counts;
};

/* A given request, and what is known of it when it has begun. */
struct awaited {
	const struct given *given;
	struct state_task began;    /* in that thread; its texts are not valid for long */
	enum given_process process; /* what is known of that when it ends */
	int64_t number;             /* 0: it has not begun, or is left out */
	int64_t lost;               /* of the machine, when it began */
};

static gint by_end(gconstpointer a, gconstpointer b, gpointer data)
{
	guint x = *(const guint *)a, y = *(const guint *)b;
	int64_t end_x = g_array_index((GArray *)data, struct awaited, x).given->end;
	int64_t end_y = g_array_index((GArray *)data, struct awaited, y).given->end;

	return end_x != end_y ? (end_x > end_y) - (end_x < end_y) : (x > y) - (x < y);
}

/* What of the plan's given requests is of a machine. */
static void await_given(struct matcher *matcher, guint machine)
{
	matcher->given = g_array_new(FALSE, TRUE, sizeof(struct awaited));
	matcher->ends = g_array_new(FALSE, FALSE, sizeof(guint));
	for (guint i = 0; i < matcher->plan->given->len; i++) {
		struct awaited one = {
			.given = &g_array_index(matcher->plan->given, struct given, i)};
		guint number = matcher->given->len;

		if (one.given->machine != machine)
			continue;
		g_array_append_val(matcher->given, one);
		g_array_append_val(matcher->ends, number);
	}
	g_array_sort_with_data(matcher->ends, by_end, matcher->given);
}

struct matcher *matcher_new(const struct plan *plan, guint machine, struct state *state,
	void (*emit)(void *data, enum derived_kind kind, const void *event), void *data,
	uint64_t emits)
{
	struct matcher *matcher = g_new0(struct matcher, 1);

	matcher->plan = plan;
	matcher->state = state;
	matcher->emit = emit;
	matcher->data = data;
	matcher->emits = emits;
	matcher->open = open_requests_new(plan);
	matcher->text = g_string_new(NULL);
	await_given(matcher, machine);
	return matcher;
}

void matcher_free(struct matcher *matcher)
{
	if (!matcher)
		return;
	open_requests_free(matcher->open);
	event_values_clear(&matcher->event);
	g_string_free(matcher->text, TRUE);
	g_array_unref(matcher->given);
	g_array_unref(matcher->ends);
	g_free(matcher);
}

struct given_counts matcher_given(const struct matcher *matcher)
{
	return matcher->counts;
}

int64_t matcher_refused(const struct matcher *matcher)
{
	return matcher->refused;
}

static bool emits(const struct matcher *matcher, enum derived_kind kind)
{
	return matcher->emits >> kind & 1;
}

/* Whether anybody takes captures. */
static bool wants_captures(const struct matcher *matcher)
{
	return state_config(matcher->state)->wants & WANT_CAPTURES;
}

/* ---- Captures as JSON ---- */

static void put_text(GString *out, const char *text)
{
	size_t length = strlen(text), at = out->len, columns;

	g_string_set_size(out, at + TEXT_FORM_MAX * length + TEXT_FORM_EXTRA);
	length = text_form_into(TEXT_FORM_JSON, out->str + at, text, length, &columns);
	g_string_set_size(out, at + length);
}

static void put_value(GString *out, const struct value *value)
{
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	if (value->kind == VALUE_INTEGER && value->is_unsigned)
		g_string_append_printf(out, "%" PRIu64, (uint64_t)value->integer);
	else if (value->kind == VALUE_INTEGER)
		g_string_append_printf(out, "%" PRId64, value->integer);
	else if (value->kind == VALUE_REAL && value->real - value->real == 0)
		g_string_append(out, g_ascii_dtostr(number, sizeof(number), value->real));
	else if (value->kind == VALUE_TEXT)
		put_text(out, value->text);
	else
		g_string_append(out, "null");
}

/* Writes captures. */
static void put_captures(GString *out, const GArray *captures, const struct scene *scene)
{
	g_string_assign(out, "{");
	for (guint i = 0; i < captures->len; i++) {
		const struct capture *capture = &g_array_index(captures, struct capture, i);

		if (i > 0)
			g_string_append_c(out, ',');
		put_text(out, capture->name);
		g_string_append_c(out, ':');
		put_value(out, scene_value(scene, capture->value));
	}
	g_string_append_c(out, '}');
}

/* What was captured at the begin, as a text of the model, with a reference for the caller; 0: nothing. */
static strid capture_text(
	struct matcher *matcher, const struct definition *of, const struct scene *scene)
{
	if (of->captures->len == 0 || !wants_captures(matcher))
		return 0;
	put_captures(matcher->text, of->captures, scene);
	return state_intern(matcher->state, matcher->text->str);
}

/* ---- Telling ---- */

static struct scene scene_of(struct matcher *matcher, const struct request *request)
{
	return (struct scene){
		&matcher->event, request->kept, request->parent ? request->parent->kept : NULL};
}

static struct thread_place place_of(const struct matcher *matcher, const struct request *request)
{
	return state_place_of(matcher->state, request->owner.tid, request->owner.utid);
}

/* The fields of a request that events share; `captures` and names are to be forgotten. */
#define REQUEST_VALUES(matcher, request, of, at, where)                                          \
	.time = (at), .cpu = (request)->owner.cpu, .host = state_config((matcher)->state)->host, \
	.tid = (request)->owner.tid, .pid = (request)->owner.pid, .utid = (request)->owner.utid, \
	.upid = (request)->owner.upid,                                                           \
	.procname = state_intern((matcher)->state, (request)->owner.procname),                   \
	.process = state_intern((matcher)->state, (request)->owner.process), .place = (where),   \
	.begin = (request)->begin, .duration = time_span((request)->begin, (at)),                \
	.name = (of)->name, .path = (of)->path, .number = (request)->number,                     \
	.parent = (request)->parent ? (request)->parent->number : VALUE_ABSENT,                  \
	.port = (request)->port, .size = (request)->size, .error = MAX((request)->error, 0),     \
	.failed = (request)->error > 0, .owner = (of)->owner

static void tell_end(struct matcher *matcher, const struct request *request)
{
	const struct definition *of = plan_definition(matcher->plan, request->definition);
	struct scene scene = scene_of(matcher, request);
	struct thread_place place = place_of(matcher, request);
	struct derived_request_end end = {
		REQUEST_VALUES(matcher, request, of, request->end, place),
		.captures = capture_text(matcher, of, &scene),
		.end_captures =
			request->ending ? state_intern(matcher->state, request->ending->str) : 0,
		.lost = request->lost_meanwhile,
		.end_tid = request->end_tid,
		.end_utid = request->end_utid,
	};

	matcher->emit(matcher->data, DERIVED_request_end, &end);
	state_forget(matcher->state, end.procname);
	state_forget(matcher->state, end.process);
	state_forget(matcher->state, end.captures);
	state_forget(matcher->state, end.end_captures);
}

static void tell_open(
	struct matcher *matcher, const struct request *request, int64_t time, const char *because)
{
	const struct definition *of = plan_definition(matcher->plan, request->definition);
	struct scene scene = scene_of(matcher, request);
	struct thread_place place = place_of(matcher, request);
	struct derived_request_open open = {
		REQUEST_VALUES(matcher, request, of, time, place),
		.captures = capture_text(matcher, of, &scene),
		.lost = matcher->lost - request->lost,
		.because = because,
	};

	matcher->emit(matcher->data, DERIVED_request_open, &open);
	state_forget(matcher->state, open.procname);
	state_forget(matcher->state, open.process);
	state_forget(matcher->state, open.captures);
}

/* Part of a time, in billionths; it may be more than all of it. */
static int64_t share_of(int64_t part, int64_t all)
{
	double share = all > 0 ? (double)part / (double)all * 1e9 : 0;

	return share < 9e18 ? (int64_t)(share + 0.5) : INT64_MAX;
}

static void tell_parts(struct matcher *matcher, const struct request *request)
{
	const struct definition *of = plan_definition(matcher->plan, request->definition);
	struct scene scene = scene_of(matcher, request);
	int64_t duration = time_span(request->begin, request->end);
	strid captures;

	if (of->children->len == 0)
		return;
	captures = capture_text(matcher, of, &scene);
	for (guint i = 0; i < of->children->len; i++) {
		const struct part *part = &request->parts[i];
		struct derived_request_part told = {
			.time = request->end,
			.begin = request->begin,
			.duration = duration,
			.host = state_config(matcher->state)->host,
			.number = request->number,
			.path = of->path,
			.captures = captures,
			.part = plan_definition(
				matcher->plan, g_array_index(of->children, guint, i))
					->path,
			.count = part->count,
			.sum = part->sum,
			.covered = part->covered,
			.share = share_of(part->sum, duration),
			.active = part->count > 0,
			.owner = of->owner,
		};

		matcher->emit(matcher->data, DERIVED_request_part, &told);
	}
	state_forget(matcher->state, captures);
}

/* ---- Parts ---- */

/* Tells those that a request is part of that it has begun. */
static void note_begin(struct matcher *matcher, const struct request *request)
{
	const int *place = plan_definition(matcher->plan, request->definition)->place;

	for (struct request *up = request->parent; up; up = up->parent, place++) {
		struct part *part = &up->parts[*place];

		if (part->open++ == 0)
			part->since = request->begin;
	}
}

/* Tells those that a request is part of that it is over; `ended`: somebody has seen it. */
static void note_end(
	struct matcher *matcher, const struct request *request, int64_t time, bool ended)
{
	const struct definition *of = plan_definition(matcher->plan, request->definition);
	const int *place = of->place;
	int64_t duration = time_span(request->begin, time);

	ended = ended && duration >= of->min && duration <= of->max;
	for (struct request *up = request->parent; up; up = up->parent, place++) {
		struct part *part = &up->parts[*place];

		if (--part->open == 0)
			part->covered += time_span(part->since, time);
		part->count += ended ? 1 : 0;
		part->sum += ended ? duration : 0;
	}
}

/* ---- Whose an event is ---- */

/* The integer in a field of the derived event at hand. */
static int64_t owner_number(const struct matcher *matcher, enum owner_field i)
{
	const struct derived_field *field = matcher->rules->owner[i];
	const char *values = matcher->event.derived;

	return field ? *(const int64_t *)(const void *)(values + field->offset) : VALUE_ABSENT;
}

/* The text of a name, for the caller to free; NULL if nobody wants names. */
static char *keep_name(const struct matcher *matcher, strid name)
{
	bool wanted = state_config(matcher->state)->wants & WANT_NAMES;

	return wanted ? g_strdup(state_text(matcher->state, name)) : NULL;
}

/* The name in a field of the derived event at hand, as above. */
static char *owner_text(const struct matcher *matcher, enum owner_field i)
{
	const struct derived_field *field = matcher->rules->owner[i];
	const char *values = matcher->event.derived;

	return field ? keep_name(matcher, *(const strid *)(const void *)(values + field->offset))
		     : NULL;
}

/* Who the event at hand is of. */
static struct request_owner owner_at_hand(const struct matcher *matcher)
{
	const struct record *rec = matcher->event.rec;
	struct state_task task;

	if (!rec)
		return (struct request_owner){
			.cpu = owner_number(matcher, OWNER_CPU),
			.tid = owner_number(matcher, OWNER_TID),
			.pid = owner_number(matcher, OWNER_PID),
			.utid = owner_number(matcher, OWNER_UTID),
			.upid = owner_number(matcher, OWNER_UPID),
			.procname = owner_text(matcher, OWNER_PROCNAME),
			.process = owner_text(matcher, OWNER_PROCESS),
		};
	task = state_current(matcher->state, rec->cpu);
	return (struct request_owner){
		.cpu = rec->cpu >= 0 ? rec->cpu : VALUE_ABSENT,
		.tid = task.tid,
		.pid = task.pid,
		.utid = task.utid,
		.upid = task.upid,
		.procname = keep_name(matcher, task.comm),
		.process = keep_name(matcher, task.process),
	};
}

/* In which thread the event at hand ends a request. */
static void read_ender(const struct matcher *matcher, struct request *request)
{
	const struct record *rec = matcher->event.rec;

	request->end_tid = rec ? state_current(matcher->state, rec->cpu).tid
			       : owner_number(matcher, OWNER_TID);
	request->end_utid = rec ? state_current(matcher->state, rec->cpu).utid
				: owner_number(matcher, OWNER_UTID);
}

/* ---- Ends ---- */

/* A request is over that somebody has seen end: it is told. */
static void finish(struct matcher *matcher, struct request *request)
{
	note_end(matcher, request, request->end, true);
	if (emits(matcher, DERIVED_request_end))
		tell_end(matcher, request);
	if (emits(matcher, DERIVED_request_part))
		tell_parts(matcher, request);
	request_free(matcher->open, request);
}

/* Nothing more will come of a request, and of its parts before it: `because` if it has not ended. */
static void close_request(
	struct matcher *matcher, struct request *request, int64_t time, const char *because)
{
	while (request->first_child)
		close_request(matcher, request->first_child, time,
			strcmp(because, "end") == 0 ? because : "parent");
	if (request->end != VALUE_ABSENT) {
		finish(matcher, request);
		return;
	}
	note_end(matcher, request, time, false);
	if (emits(matcher, DERIVED_request_open))
		tell_open(matcher, request, time, because);
	request_free(matcher->open, request);
}

/* A number that the event at hand tells, for a rule; VALUE_ABSENT if it does not. */
static int64_t number_of(struct matcher *matcher, const struct rule *rule, enum rule_number number)
{
	const struct value *value =
		rule->numbers[number] >= 0
			? event_value(&matcher->event, (unsigned int)rule->numbers[number])
			: NULL;

	return value && value->kind == VALUE_INTEGER ? value->integer : VALUE_ABSENT;
}

/* The time that the event at hand tells, for a rule. */
static int64_t time_of(struct matcher *matcher, const struct rule *rule)
{
	int64_t time = number_of(matcher, rule, RULE_TIME);

	return time != VALUE_ABSENT ? time : matcher->time;
}

/* The event at hand tells more of a request. */
static void add_numbers(struct matcher *matcher, struct request *request, const struct rule *rule)
{
	int64_t port = number_of(matcher, rule, RULE_PORT);
	int64_t size = number_of(matcher, rule, RULE_SIZE);
	int64_t error = number_of(matcher, rule, RULE_ERROR);

	if (port != VALUE_ABSENT)
		request->port = port;
	if (size != VALUE_ABSENT)
		request->size = time_sum(size, request->size == VALUE_ABSENT ? 0 : request->size);
	if (error != VALUE_ABSENT && error != 0)
		request->error = error;
}

static void end_request(struct matcher *matcher, struct request *request, const struct rule *rule)
{
	struct scene scene = scene_of(matcher, request);

	if (rule->drops) {
		close_request(matcher, request, time_of(matcher, rule), "dropped");
		return;
	}
	add_numbers(matcher, request, rule);
	request->end = MAX(time_of(matcher, rule), request->begin);
	read_ender(matcher, request);
	request->lost_meanwhile = matcher->lost - request->lost;
	if (rule->captures->len > 0 && wants_captures(matcher)) {
		if (!request->ending)
			request->ending = g_string_new(NULL);
		put_captures(request->ending, rule->captures, &scene);
	}
	while (request->first_child)
		close_request(matcher, request->first_child, request->end, "parent");
	if (!plan_definition(matcher->plan, request->definition)->last)
		finish(matcher, request);
	else
		request_note_ended(matcher->open, request);
}

/* The values by which a rule finds requests; false if one is missing. */
static bool read_parts(struct matcher *matcher, const struct rule *rule, const struct value **parts)
{
	for (guint i = 0; i < rule->n_parts; i++) {
		parts[i] = event_value(&matcher->event, rule->parts[i].number);
		if (parts[i]->kind == VALUE_NONE)
			return false;
	}
	return true;
}

/* Whether what does not depend on any request lets the event at hand do what a rule says. */
static bool passes_gate(struct matcher *matcher, const struct rule *rule)
{
	struct scene scene = {&matcher->event, NULL, NULL};

	return program_holds(rule->gate, &scene);
}

static void end_newest(
	struct matcher *matcher, const struct rule *rule, const struct value *const parts[])
{
	struct request *request =
		requests_find_newest(matcher->open, rule->definition, rule->key, parts);

	for (; request; request = requests_find_older(matcher->open, request, rule->key, parts)) {
		struct scene scene = scene_of(matcher, request);

		if (program_holds(rule->rest, &scene)) {
			end_request(matcher, request, rule);
			return;
		}
	}
}

static void apply_end(struct matcher *matcher, const struct rule *rule)
{
	enum end_policy policy = plan_definition(matcher->plan, rule->definition)->policy;
	const struct value *parts[EVENT_VALUES_MAX];
	struct request *request, *next;

	if (!passes_gate(matcher, rule) || !read_parts(matcher, rule, parts))
		return;
	if (policy == END_NEWEST) {
		end_newest(matcher, rule, parts);
		return;
	}
	request = requests_find(matcher->open, rule->definition, rule->key, parts);
	for (; request; request = next) {
		struct scene scene = scene_of(matcher, request);

		/* What ends with it is of other definitions. */
		next = requests_find_next(matcher->open, request, rule->key, parts);
		if (!program_holds(rule->rest, &scene))
			continue;
		end_request(matcher, request, rule);
		if (policy == END_OLDEST)
			return;
	}
}

/* ---- Begins ---- */

static void begin_request(struct matcher *matcher, struct request *parent, const struct rule *rule)
{
	enum again_policy again = plan_definition(matcher->plan, rule->definition)->again;
	struct scene scene = {&matcher->event, NULL, parent ? parent->kept : NULL};
	struct value kept[KEPT_MAX];
	struct request *request, *twin;

	if (!program_holds(rule->rest, &scene))
		return;
	if (open_requests_count(matcher->open) >= matcher->plan->limit) {
		matcher->refused++;
		return;
	}
	for (guint i = 0; i < rule->n_kept; i++)
		kept[i] = *scene_value(&scene, rule->kept[i]);
	request = request_new(matcher->open, rule->definition, parent, kept);
	request_file(matcher->open, request);
	request->port = request->size = request->error = request->end = VALUE_ABSENT;
	twin = again != AGAIN_ADD ? request_twin(matcher->open, request) : NULL;
	if (twin && again == AGAIN_KEEP && twin->end == VALUE_ABSENT) {
		request_free(matcher->open, request);
		add_numbers(matcher, twin, rule);
		return;
	}
	request->begin = time_of(matcher, rule);
	if (number_of(matcher, rule, RULE_BEGIN) != VALUE_ABSENT)
		request->begin = number_of(matcher, rule, RULE_BEGIN);
	if (twin)
		close_request(matcher, twin, request->begin, "again");
	add_numbers(matcher, request, rule);
	request->number = ++matcher->begun;
	request->lost = matcher->lost;
	request->owner = owner_at_hand(matcher);
	note_begin(matcher, request);
	if (rule->numbers[RULE_BEGIN] >= 0) {
		request->end = MAX(time_of(matcher, rule), request->begin);
		request->end_tid = request->owner.tid;
		request->end_utid = request->owner.utid;
		finish(matcher, request);
	}
}

static void apply_begin(struct matcher *matcher, const struct rule *rule)
{
	int of = plan_definition(matcher->plan, rule->definition)->parent;
	const struct value *parts[EVENT_VALUES_MAX];
	struct request *parent, *next;

	if (!passes_gate(matcher, rule))
		return;
	if (of < 0) {
		begin_request(matcher, NULL, rule);
		return;
	}
	if (!read_parts(matcher, rule, parts))
		return;
	parent = requests_find(matcher->open, (guint)of, rule->key, parts);
	for (; parent; parent = next) {
		next = requests_find_next(matcher->open, parent, rule->key, parts);
		begin_request(matcher, parent, rule);
	}
}

/* ---- Events ---- */

/* Lets the event at hand do what its rules say. */
static void apply(struct matcher *matcher, const struct event_rules *rules)
{
	matcher->rules = rules;
	matcher->event.fields = (const struct event_field *)(const void *)rules->fields->data;
	matcher->event.state = matcher->state;
	matcher->event.known = 0;
	for (guint i = 0; i < rules->ends->len; i++)
		apply_end(matcher, &g_array_index(rules->ends, struct rule, i));
	for (guint i = 0; i < rules->begins->len; i++)
		apply_begin(matcher, &g_array_index(rules->begins, struct rule, i));
}

void matcher_record(struct matcher *matcher, const struct source *source, const struct record *rec)
{
	const struct event_rules *rules = plan_rules(matcher->plan, rec->class_no);

	if (!rules)
		return;
	matcher->event.source = source;
	matcher->event.rec = rec;
	matcher->event.derived = NULL;
	matcher->time = rec->time;
	apply(matcher, rules);
}

/* The integer in a field of a derived event; VALUE_ABSENT if it has none of that name. */
static int64_t integer_of(enum derived_kind kind, const void *values, const char *name)
{
	const struct derived_field *field = derived_field(kind, name);

	return field && field->type == DERIVED_INT
		       ? *(const int64_t *)(const void *)((const char *)values + field->offset)
		       : VALUE_ABSENT;
}

void matcher_derived(struct matcher *matcher, enum derived_kind kind, const void *values)
{
	const struct event_rules *rules = matcher->plan->by_derived[kind];

	if (kind == DERIVED_lost_events) {
		const struct derived_lost_events *gap = values;

		matcher->lost += gap->events != VALUE_ABSENT    ? gap->events
				 : gap->packets != VALUE_ABSENT ? gap->packets
								: 0;
	}
	if (!rules)
		return;
	matcher->event.source = NULL;
	matcher->event.rec = NULL;
	matcher->event.derived = values;
	matcher->time = integer_of(kind, values, "time");
	apply(matcher, rules);
}

/* ---- What is given ---- */

/* A given request as one that was found, told up to `time`: the texts are the caller's. */
static struct request request_of(
	const struct matcher *matcher, const struct awaited *one, const struct state_task *owner)
{
	const struct given *given = one->given;

	return (struct request){
		.begin = given->begin,
		.end = given->end,
		.number = one->number,
		.port = given->port,
		.size = VALUE_ABSENT,
		.error = given->error,
		.owner = {VALUE_ABSENT, owner->tid, owner->pid, owner->utid, owner->upid,
			keep_name(matcher, owner->comm), keep_name(matcher, owner->process)},
	};
}

static void begin_given(struct matcher *matcher, struct awaited *one, int64_t first)
{
	if (one->given->begin < first) {
		matcher->counts.outside++;
		return;
	}
	one->number = ++matcher->begun;
	one->lost = matcher->lost;
	one->began = given_task(matcher->state, one->given, VALUE_ABSENT, &one->process);
}

/* Whose a given request is when it ends, or when no more will be known of it. */
static struct state_task ender_of(struct matcher *matcher, struct awaited *one)
{
	int64_t upid = one->began.upid;
	struct state_task task, began;

	task = given_task(matcher->state, one->given, one->began.utid, &one->process);
	/* Another one can have got its PID. */
	if (upid == VALUE_ABSENT || (task.utid != VALUE_ABSENT &&
					    (task.upid == upid || one->given->pid == VALUE_ABSENT)))
		return task;
	/* What was known then goes for it, whoever has come since. */
	one->process = GIVEN_KNOWN;
	/* It may have exited by now. */
	began = state_thread(matcher->state, one->began.tid);
	if (began.utid == one->began.utid && began.utid != VALUE_ABSENT)
		return began;
	began = one->began;
	began.comm = task.comm;
	began.process = task.process;
	return began;
}

static void end_given(struct matcher *matcher, struct awaited *one, int64_t time, bool open)
{
	const struct definition *of = plan_definition(matcher->plan, one->given->definition);
	struct state_task ender = ender_of(matcher, one), owner = ender, began;
	struct request request;
	struct thread_place place;
	strid captures;

	if (one->process == GIVEN_ELSEWHERE) {
		matcher->counts.elsewhere += !open;
		return;
	}
	captures = wants_captures(matcher) ? state_intern(matcher->state, one->given->captures) : 0;
	began = state_thread(matcher->state, one->began.tid);
	if (began.utid == one->began.utid && began.utid != VALUE_ABSENT)
		owner = began;
	request = request_of(matcher, one, &owner);
	place = place_of(matcher, &request);
	if (open) {
		struct derived_request_open told = {
			REQUEST_VALUES(matcher, &request, of, time, place),
			.captures = captures,
			.lost = matcher->lost - one->lost,
			.because = "end",
		};

		if (emits(matcher, DERIVED_request_open))
			matcher->emit(matcher->data, DERIVED_request_open, &told);
		state_forget(matcher->state, told.procname);
		state_forget(matcher->state, told.process);
	} else {
		struct derived_request_end told = {
			REQUEST_VALUES(matcher, &request, of, time, place),
			.captures = captures,
			.lost = matcher->lost - one->lost,
			.end_tid = ender.tid,
			.end_utid = ender.utid,
		};

		matcher->counts.told++;
		matcher->counts.ambiguous += one->process == GIVEN_AMBIGUOUS;
		matcher->counts.no_process +=
			one->process == GIVEN_KNOWN && ender.upid == VALUE_ABSENT;
		matcher->counts.no_thread +=
			ender.upid != VALUE_ABSENT && ender.utid == VALUE_ABSENT;
		if (emits(matcher, DERIVED_request_end))
			matcher->emit(matcher->data, DERIVED_request_end, &told);
		state_forget(matcher->state, told.procname);
		state_forget(matcher->state, told.process);
	}
	state_forget(matcher->state, captures);
	g_free(request.owner.procname);
	g_free(request.owner.process);
}

int64_t matcher_pass(struct matcher *matcher, int64_t first, int64_t time)
{
	int64_t next = INT64_MAX;

	/* Between two events nothing changes: begins may come before ends that are earlier. */
	for (; matcher->next_given < matcher->given->len; matcher->next_given++) {
		struct awaited *one =
			&g_array_index(matcher->given, struct awaited, matcher->next_given);

		next = one->given->begin;
		if (next > time)
			break;
		begin_given(matcher, one, first);
		next = INT64_MAX;
	}
	for (; matcher->next_end < matcher->ends->len; matcher->next_end++) {
		guint number = g_array_index(matcher->ends, guint, matcher->next_end);
		struct awaited *one = &g_array_index(matcher->given, struct awaited, number);

		if (one->given->end > time)
			return MIN(next, one->given->end);
		if (one->number > 0)
			end_given(matcher, one, one->given->end, false);
	}
	return next;
}

/* Nothing more will come: of what is given, tells what has begun and not ended. */
static void close_given(struct matcher *matcher, int64_t time)
{
	matcher->counts.outside += matcher->given->len - matcher->next_given;
	for (guint i = matcher->next_end; i < matcher->ends->len; i++) {
		guint number = g_array_index(matcher->ends, guint, i);
		struct awaited *one = &g_array_index(matcher->given, struct awaited, number);

		if (one->number == 0)
			continue;
		matcher->counts.outside++;
		end_given(matcher, one, time, true);
	}
	matcher->next_given = matcher->given->len;
	matcher->next_end = matcher->ends->len;
}

void matcher_turn(struct matcher *matcher)
{
	struct request *ended;

	while ((ended = open_requests_ended(matcher->open)))
		finish(matcher, ended);
}

void matcher_end(struct matcher *matcher, int64_t time)
{
	struct request *oldest;

	while ((oldest = open_requests_oldest(matcher->open)))
		close_request(matcher, oldest, time, "end");
	close_given(matcher, time);
}
