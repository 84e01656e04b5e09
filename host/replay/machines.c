/*
 * The machines that a source tells of, each with its kernel model.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/replay/machines.h"

#include "host/replay/container_list.h"
#include "state/codec.h"
#include "state/wire.h"

#include <stdio.h>
#include <string.h>

/* The traces that share a kernel, and so a model of it. */
struct machine {
	struct state_config config;
	struct state *state;
	bool has[EVENT_KINDS]; /* which of the events that the model knows */
	GArray *containers; /* struct container_name: what is written beside its traces; or NULL */
};

static struct machine *machine_at(const struct machines *machines, guint i)
{
	return &g_array_index(machines->all, struct machine, i);
}

/* The machine of a trace. */
static struct machine *machine_of(const struct machines *machines, unsigned int trace)
{
	return machine_at(machines, source_trace(machines->source, trace)->machine);
}

/* The architecture, as far as texts and event names give it away. */
static enum syscall_arch guess_arch(const struct source_trace *trace)
{
	static const char *const machines[] = {"x86_64", "amd64", "aarch64", "arm64", "armv7l",
		"armhf", "armmp", "ppc64le", "ppc64el", "powerpc64le", "s390x", "riscv64", "i686",
		"i386", "686-pae", "mips", "octeon", "4kc-malta", "5kc-malta", "loongson-3"};
	const char *texts[] = {trace->kernel_release, trace->kernel_version};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		for (size_t j = 0; texts[i] && j < G_N_ELEMENTS(machines); j++)
			if (strstr(texts[i], machines[j]))
				return syscall_arch_of(machines[j]);
	return SYSCALL_ARCH_UNKNOWN;
}

/* What the class names tell of a machine before anything is read. */
static void learn_classes(struct machines *machines)
{
	for (unsigned int i = 0; i < source_n_classes(machines->source); i++) {
		const struct source_class *class = source_class(machines->source, i);
		struct machine *machine = machine_of(machines, class->trace);
		struct event_want want;

		if (source_trace(machines->source, class->trace)->user)
			continue;
		if (event_lookup(class->name, &want))
			machine->has[want.kind] = true;
		/* Only x86 has this call, and a 64-bit kernel knows its own by this name. */
		if (machine->config.arch == SYSCALL_ARCH_UNKNOWN &&
			strcmp(class->name, "syscall_entry_arch_prctl") == 0)
			machine->config.arch = SYSCALL_ARCH_X86_64;
		if (machine->config.arch == SYSCALL_ARCH_UNKNOWN &&
			strcmp(class->name, "syscall_entry_sysmips") == 0)
			machine->config.arch = SYSCALL_ARCH_MIPS;
	}
}

/* The version that a release such as "6.1.0-56-amd64" begins with. */
static uint32_t read_version(const char *release)
{
	unsigned int major = 0, minor = 0, patch = 0;

	if (!release || sscanf(release, "%4u.%4u.%4u", &major, &minor, &patch) < 1)
		return 0;
	return state_version(major, minor, patch);
}

static void learn_versions(struct machine *machine, const struct source_trace *trace)
{
	if (!machine->config.kernel)
		machine->config.kernel = read_version(trace->kernel_release);
	if (!machine->config.tracer && trace->tracer_major >= 0)
		machine->config.tracer = state_version((unsigned int)trace->tracer_major,
			(unsigned int)MAX(trace->tracer_minor, 0),
			(unsigned int)MAX(trace->tracer_patch, 0));
}

/* By group of streams: the number of its class of context switches, from 1; 0 if it has none. */
static GArray *find_switches(const struct source *source)
{
	GArray *switches = g_array_new(FALSE, TRUE, sizeof(guint));

	for (unsigned int i = 0; i < source_n_classes(source); i++) {
		const struct source_class *class = source_class(source, i);

		if (switches->len <= class->group)
			g_array_set_size(switches, class->group + 1);
		if (strcmp(class->name, "sched_switch") == 0)
			g_array_index(switches, guint, class->group) = i + 1;
	}
	return switches;
}

/* Whether the context switches of a stream's CPU are in it. */
static bool has_switches(const struct source *source, const GArray *switches, unsigned int stream)
{
	unsigned int group = source_stream(source, stream)->group;
	guint number = group < switches->len ? g_array_index(switches, guint, group) : 0;

	return number > 0 && source_is_believed(source, stream, number - 1);
}

/* Tells the model what the traces of its machine lack. */
static void say_what_lacks(struct machine *machine)
{
	struct state_config *config = &machine->config;
	const bool *has = machine->has;

	config->never_freed = !has[EV_sched_process_free];
	config->no_switches = !has[EV_sched_switch];
	config->no_migrations = !has[EV_sched_migrate_task];
	config->no_waking = !has[EV_sched_waking];
	config->no_irqs = !has[EV_irq_handler_entry] || !has[EV_irq_handler_exit];
	config->no_softirqs = !has[EV_softirq_entry] || !has[EV_softirq_exit];
	config->no_hrtimers = !has[EV_hrtimer_expire_entry] || !has[EV_hrtimer_expire_exit];
}

/* Reads what is written of containers beside the traces of a machine. */
static void read_containers(const struct machines *machines, struct machine *machine)
{
	struct state_config *config = &machine->config;
	GPtrArray *traces;

	if (!(config->wants & WANT_NAMESPACES))
		return;
	traces = g_ptr_array_new();
	for (unsigned int i = 0; i < source_n_traces(machines->source); i++) {
		const struct source_trace *trace = source_trace(machines->source, i);

		if (!trace->user && trace->path && machine_of(machines, i) == machine)
			g_ptr_array_add(traces, (char *)trace->path);
	}
	machine->containers = container_list_read(traces);
	g_ptr_array_unref(traces);
	config->containers = (const struct container_name *)(void *)machine->containers->data;
	config->n_containers = machine->containers->len;
}

/* Machines of one name are told apart: the second one is "web (2)". What hooks get as a fixed text has to stay. */
static void number_names(const struct machines *machines)
{
	/* From the last to the first: those before it still have their plain names. */
	for (guint i = machines->all->len; i-- > 0;) {
		const char **host = &machine_at(machines, i)->config.host;
		unsigned int n = 1;
		char *name;

		for (guint k = 0; k < i; k++)
			n += machine_at(machines, k)->config.host == *host;
		if (!*host || n == 1)
			continue;
		name = g_strdup_printf("%s (%u)", *host, n);
		*host = g_intern_string(name);
		g_free(name);
	}
}

static void make_machines(struct machines *machines, unsigned int wants)
{
	for (unsigned int i = 0; i < source_n_traces(machines->source); i++) {
		const struct source_trace *trace = source_trace(machines->source, i);
		struct machine *machine;

		if (trace->machine >= machines->all->len)
			g_array_set_size(machines->all, trace->machine + 1);
		machine = machine_at(machines, trace->machine);
		/* What hooks get as a fixed text has to stay, and there are few. */
		machine->config.host = g_intern_string(trace->hostname);
		if (trace->user)
			continue;
		if (!machine->config.trace)
			machine->config.trace = g_intern_string(trace->path);
		if (machine->config.arch == SYSCALL_ARCH_UNKNOWN)
			machine->config.arch = guess_arch(trace);
		learn_versions(machine, trace);
	}
	number_names(machines);
	learn_classes(machines);
	if ((wants & WANT_REMOTE) && machines->all->len > 1)
		machines->wire = wire_new();
	for (guint i = 0; i < machines->all->len; i++) {
		struct machine *machine = machine_at(machines, i);

		machine->config.wants = wants;
		machine->config.machine = i + 1;
		machine->config.wire = machines->wire;
		read_containers(machines, machine);
		say_what_lacks(machine);
		machine->state = state_new(&machine->config);
	}
}

/* The models are told which CPUs there will be. */
static void expect_cpus(const struct machines *machines)
{
	for (unsigned int i = 0; i < source_n_streams(machines->source); i++) {
		const struct source_stream *stream = source_stream(machines->source, i);

		if (!source_trace(machines->source, stream->trace)->user)
			state_expect_cpu(
				machine_of(machines, stream->trace)->state, stream->first_cpu);
	}
}

/* Makes the routes of the streams that have none. */
static void make_routes(struct machines *machines)
{
	GArray *switches = find_switches(machines->source);

	for (unsigned int i = machines->routes->len; i < source_n_streams(machines->source); i++) {
		const struct source_stream *stream = source_stream(machines->source, i);
		const struct machine *machine = machine_of(machines, stream->trace);
		struct route route = {
			.state = machine->state,
			.machine = source_trace(machines->source, stream->trace)->machine,
			.begin = MAX(machines->begin, stream->begin),
			.user = source_trace(machines->source, stream->trace)->user,
			.side = machine->has[EV_sched_switch] &&
				!has_switches(machines->source, switches, i),
		};

		g_array_append_val(machines->routes, route);
	}
	g_array_unref(switches);
}

struct machines *machines_new(struct source *source, unsigned int wants, int64_t begin,
	void (*emit)(void *data, enum derived_kind kind, const void *event), void *data)
{
	struct machines *machines = g_new0(struct machines, 1);

	machines->source = source;
	machines->all = g_array_new(FALSE, TRUE, sizeof(struct machine));
	machines->routes = g_array_new(FALSE, FALSE, sizeof(struct route));
	machines->io.get = source_getters(source);
	machines->io.emit = emit;
	machines->io.data = data;
	make_machines(machines, wants);
	machines->begin = begin;
	make_routes(machines);
	expect_cpus(machines);
	return machines;
}

void machines_grow(struct machines *machines)
{
	guint n = machines->routes->len;

	make_routes(machines);
	for (; n < machines->routes->len; n++) {
		const struct source_stream *stream = source_stream(machines->source, n);
		const struct route *route = machines_route(machines, n);

		if (!route->user)
			state_expect_cpu(route->state, stream->first_cpu);
	}
}

void machines_free(struct machines *machines)
{
	if (!machines)
		return;
	for (guint i = 0; i < machines->all->len; i++) {
		state_free(machine_at(machines, i)->state);
		g_clear_pointer(&machine_at(machines, i)->containers, g_array_unref);
	}
	g_array_free(machines->all, TRUE);
	g_array_free(machines->routes, TRUE);
	wire_free(machines->wire);
	g_free(machines);
}

/* What the model of its machine wants of a class. */
static bool want_class(struct machines *machines, unsigned int class_no, struct event_want *want)
{
	const struct source_class *class = source_class(machines->source, class_no);

	return !source_trace(machines->source, class->trace)->user &&
	       state_want(machine_of(machines, class->trace)->state, class->name, want);
}

void machines_bind(struct machines *machines, unsigned int class_no)
{
	struct event_want want;

	/* The model's fields come first: their places in the records are fixed. */
	if (!want_class(machines, class_no, &want))
		return;
	for (unsigned int k = 0; k < want.n_fields; k++)
		source_bind_field(machines->source, class_no, want.fields[k].names);
	source_bind(machines->source, class_no, want.kind, want.sub);
}

void machines_reset(struct machines *machines)
{
	struct event_want want;

	if (machines->wire)
		wire_reset(machines->wire);
	for (guint i = 0; i < machines->all->len; i++) {
		struct machine *machine = machine_at(machines, i);

		state_free(machine->state);
		machine->state = state_new(&machine->config);
	}
	for (unsigned int i = 0; i < source_n_classes(machines->source); i++)
		want_class(machines, i, &want);
	for (unsigned int i = 0; i < source_n_streams(machines->source); i++) {
		g_array_index(machines->routes, struct route, i).state =
			machine_of(machines, source_stream(machines->source, i)->trace)->state;
	}
	expect_cpus(machines);
}

guint machines_count(const struct source *source)
{
	guint n = 0;

	for (unsigned int i = 0; i < source_n_traces(source); i++)
		n = MAX(n, source_trace(source, i)->machine + 1);
	return n;
}

guint machines_n(const struct machines *machines)
{
	return machines->all->len;
}

struct state *machines_state(const struct machines *machines, guint i)
{
	return machine_at(machines, i)->state;
}

guint machines_of_class(const struct machines *machines, unsigned int class_no)
{
	return source_trace(machines->source, source_class(machines->source, class_no)->trace)
		->machine;
}

const char *machines_name(const struct machines *machines, guint i)
{
	return machine_at(machines, i)->config.host;
}

void machines_feed(struct machines *machines, const struct route *route, const struct record *rec,
	uint64_t emits)
{
	if (route->user)
		return;
	machines->at = route->machine;
	machines->io.emits = emits;
	if (route->side && event_kind_is_of_stream(rec->kind)) {
		struct record marked = *rec;

		marked.sub = SUB_SIDE;
		state_feed(route->state, &marked, &machines->io);
		return;
	}
	state_feed(route->state, rec, &machines->io);
}

/* Lets each model tell what there is to tell at a time. */
static void tell_all(struct machines *machines, int64_t time, const uint64_t *emits,
	void (*tell)(struct state *state, int64_t time, const struct state_io *io))
{
	for (guint i = 0; i < machines->all->len; i++) {
		machines->at = i;
		machines->io.emits = emits[i];
		tell(machine_at(machines, i)->state, time, &machines->io);
	}
}

void machines_begin_window(struct machines *machines, int64_t time, const uint64_t *emits)
{
	tell_all(machines, time, emits, state_begin_window);
}

bool machines_enter_window(struct machines *machines, int64_t time)
{
	bool fits = true;

	for (guint i = 0; i < machines->all->len; i++)
		fits = state_enter_window(machine_at(machines, i)->state, time) && fits;
	return fits;
}

void machines_cut(struct machines *machines, int64_t time, const uint64_t *emits)
{
	tell_all(machines, time, emits, state_cut);
}

void machines_settle(struct machines *machines, int64_t time, const uint64_t *emits)
{
	tell_all(machines, time, emits, state_settle);
}

int64_t machines_unsettled(const struct machines *machines)
{
	int64_t since = INT64_MAX;

	for (guint i = 0; i < machines->all->len; i++)
		since = MIN(since, state_unsettled(machine_at(machines, i)->state));
	return since;
}

/* The packets between machines, which were saved if they were followed then. */
static void packets_between(const struct machines *machines, struct codec *codec)
{
	bool there = machines->wire != NULL;
	struct wire *wire;

	codec_bool(codec, &there);
	if (!there)
		return;
	wire = machines->wire ?: wire_new();
	wire_image(codec, wire);
	if (!machines->wire)
		wire_free(wire);
}

void machines_save(const struct machines *machines, struct codec *codec)
{
	codec_count(codec, machines->all->len, UINT32_MAX);
	for (guint i = 0; i < machines->all->len; i++)
		state_save(machine_at(machines, i)->state, codec);
	packets_between(machines, codec);
}

bool machines_load(struct machines *machines, struct codec *codec)
{
	uint32_t n = codec_count(codec, 0, UINT32_MAX);

	if (n != machines->all->len)
		codec_fail(codec, "it belongs to other machines");
	for (guint i = 0; i < machines->all->len && !codec->failed; i++)
		state_load(machine_at(machines, i)->state, codec);
	packets_between(machines, codec);
	return !codec->failed;
}
