/*
 * The kernel models of all machines that a source tells of.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/replay/models.h"

#include "state/archive.h"

#include <stdio.h>
#include <string.h>

/* The traces that share a kernel, and so a model of it. */
struct host {
	struct state_config config;
	struct state *state;
	bool has_free, has_switch, has_migrate;
};

static struct host *host_at(const struct models *models, guint i)
{
	return &g_array_index(models->hosts, struct host, i);
}

/* The machine of a trace. */
static struct host *host_of(const struct models *models, unsigned int trace)
{
	return host_at(models, g_array_index(models->host_of, guint, trace));
}

/* Whether two traces have an event in common that the model knows. */
static bool have_common_events(const struct source *source, unsigned int one, unsigned int other)
{
	for (unsigned int i = 0; i < source_n_classes(source); i++) {
		const struct source_class *class = source_class(source, i);

		for (unsigned int k = 0; class->trace == one && k < source_n_classes(source); k++) {
			const struct source_class *same = source_class(source, k);

			if (same->trace == other && strcmp(same->name, class->name) == 0)
				return true;
		}
	}
	return false;
}

/*
 * Whether two traces tell of the same kernel at the same time, each something else. Two that tell
 * the same would tell everything twice, and one that follows another has missed what was between.
 */
static bool share_model(const struct source *source, unsigned int one, unsigned int other)
{
	const struct source_trace *a = source_trace(source, one);
	const struct source_trace *b = source_trace(source, other);

	return a->hostname && g_strcmp0(a->hostname, b->hostname) == 0 && a->begin <= a->end &&
	       b->begin <= b->end && a->begin <= b->end && b->begin <= a->end &&
	       !have_common_events(source, one, other);
}

/* The number of the host of a trace; those of the traces before it are known. */
static guint host_number(struct models *models, unsigned int trace)
{
	struct host host = {0};

	for (unsigned int i = 0; i < trace; i++)
		if (share_model(models->source, trace, i))
			return g_array_index(models->host_of, guint, i);
	g_array_append_val(models->hosts, host);
	return models->hosts->len - 1;
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

/* What the class names tell of a host before anything is read. */
static void learn_classes(struct models *models)
{
	for (unsigned int i = 0; i < source_n_classes(models->source); i++) {
		const struct source_class *class = source_class(models->source, i);
		struct host *host = host_of(models, class->trace);

		host->has_free |= strcmp(class->name, "sched_process_free") == 0;
		host->has_switch |= strcmp(class->name, "sched_switch") == 0;
		host->has_migrate |= strcmp(class->name, "sched_migrate_task") == 0;
		/* Only x86 has this call, and a 64-bit kernel knows its own by this name. */
		if (host->config.arch == SYSCALL_ARCH_UNKNOWN &&
			strcmp(class->name, "syscall_entry_arch_prctl") == 0)
			host->config.arch = SYSCALL_ARCH_X86_64;
		if (host->config.arch == SYSCALL_ARCH_UNKNOWN &&
			strcmp(class->name, "syscall_entry_sysmips") == 0)
			host->config.arch = SYSCALL_ARCH_MIPS;
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

static void learn_versions(struct host *host, const struct source_trace *trace)
{
	if (!host->config.kernel)
		host->config.kernel = read_version(trace->kernel_release);
	if (!host->config.tracer && trace->tracer_major >= 0)
		host->config.tracer = state_version((unsigned int)trace->tracer_major,
			(unsigned int)MAX(trace->tracer_minor, 0),
			(unsigned int)MAX(trace->tracer_patch, 0));
}

/* Whether the streams of a group have context switches. */
static bool has_switches(const struct source *source, unsigned int group)
{
	for (unsigned int i = 0; i < source_n_classes(source); i++) {
		const struct source_class *class = source_class(source, i);

		if (class->group == group && strcmp(class->name, "sched_switch") == 0)
			return true;
	}
	return false;
}

static void make_hosts(struct models *models, unsigned int wants)
{
	for (unsigned int i = 0; i < source_n_traces(models->source); i++) {
		const struct source_trace *trace = source_trace(models->source, i);
		guint number = host_number(models, i);
		struct host *host = host_at(models, number);

		g_array_append_val(models->host_of, number);
		/* What hooks get as a fixed text has to stay, and there are few. */
		host->config.host = g_intern_string(trace->hostname);
		if (!host->config.trace)
			host->config.trace = g_intern_string(trace->path);
		if (host->config.arch == SYSCALL_ARCH_UNKNOWN)
			host->config.arch = guess_arch(trace);
		learn_versions(host, trace);
	}
	learn_classes(models);
	for (guint i = 0; i < models->hosts->len; i++) {
		struct host *host = host_at(models, i);

		host->config.wants = wants;
		host->config.never_freed = !host->has_free;
		host->config.no_switches = !host->has_switch;
		host->config.no_migrations = !host->has_migrate;
		host->state = state_new(&host->config);
	}
}

static void make_channels(struct models *models, int64_t begin)
{
	for (unsigned int i = 0; i < source_n_streams(models->source); i++) {
		const struct source_stream *stream = source_stream(models->source, i);
		const struct host *host = host_of(models, stream->trace);
		struct channel channel = {
			.state = host->state,
			.begin = MAX(begin, stream->begin),
			.side = host->has_switch && !has_switches(models->source, stream->group),
		};

		g_array_append_val(models->channels, channel);
	}
}

struct models *models_new(struct source *source, unsigned int wants, int64_t begin,
	void (*emit)(void *data, enum derived_kind kind, const void *event), void *data)
{
	struct models *models = g_new0(struct models, 1);

	models->source = source;
	models->hosts = g_array_new(FALSE, TRUE, sizeof(struct host));
	models->host_of = g_array_new(FALSE, TRUE, sizeof(guint));
	models->channels = g_array_new(FALSE, FALSE, sizeof(struct channel));
	models->io.get = source_getters(source);
	models->io.emit = emit;
	models->io.data = data;
	make_hosts(models, wants);
	make_channels(models, begin);
	return models;
}

void models_free(struct models *models)
{
	if (!models)
		return;
	for (guint i = 0; i < models->hosts->len; i++)
		state_free(host_at(models, i)->state);
	g_array_free(models->hosts, TRUE);
	g_array_free(models->host_of, TRUE);
	g_array_free(models->channels, TRUE);
	g_free(models);
}

/* What the model of its machine wants of a class. */
static bool want_class(struct models *models, unsigned int class_no, struct event_want *want)
{
	const struct source_class *class = source_class(models->source, class_no);

	return state_want(host_of(models, class->trace)->state, class->name, want);
}

void models_bind(struct models *models, unsigned int class_no)
{
	struct event_want want;

	/* The model's fields come first: their places in the records are fixed. */
	if (!want_class(models, class_no, &want))
		return;
	for (unsigned int k = 0; k < want.n_fields; k++)
		source_bind_field(models->source, class_no, want.fields[k].names);
	source_bind(models->source, class_no, want.kind, want.sub);
}

void models_reset(struct models *models)
{
	struct event_want want;

	for (guint i = 0; i < models->hosts->len; i++) {
		struct host *host = host_at(models, i);

		state_free(host->state);
		host->state = state_new(&host->config);
	}
	for (unsigned int i = 0; i < source_n_classes(models->source); i++)
		want_class(models, i, &want);
	for (unsigned int i = 0; i < source_n_streams(models->source); i++) {
		g_array_index(models->channels, struct channel, i).state =
			host_of(models, source_stream(models->source, i)->trace)->state;
	}
}

guint models_count_hosts(struct source *source)
{
	struct models *models = models_new(source, 0, INT64_MIN, NULL, NULL);
	guint n = models->hosts->len;

	models_free(models);
	return n;
}

guint models_n_hosts(const struct models *models)
{
	return models->hosts->len;
}

struct state *models_host(const struct models *models, guint i)
{
	return host_at(models, i)->state;
}

const char *models_host_name(const struct models *models, guint i)
{
	return host_at(models, i)->config.host;
}

void models_feed(struct models *models, const struct channel *channel, const struct record *rec,
	uint32_t emits)
{
	models->state = channel->state;
	models->io.emits = emits;
	if (channel->side && event_kind_is_of_stream(rec->kind)) {
		struct record marked = *rec;

		marked.sub = SUB_SIDE;
		state_feed(models->state, &marked, &models->io);
		return;
	}
	state_feed(models->state, rec, &models->io);
}

void models_cut(struct models *models, int64_t time, uint32_t emits)
{
	models->io.emits = emits;
	for (guint i = 0; i < models->hosts->len; i++) {
		models->state = host_at(models, i)->state;
		state_cut(models->state, time, &models->io);
	}
}

void models_save(const struct models *models, struct archive *archive)
{
	archive_count(archive, models->hosts->len, UINT32_MAX);
	for (guint i = 0; i < models->hosts->len; i++)
		state_save(host_at(models, i)->state, archive);
}

bool models_load(struct models *models, struct archive *archive)
{
	uint32_t n = archive_count(archive, 0, UINT32_MAX);

	if (n != models->hosts->len)
		archive_fail(archive, "it is of other machines");
	for (guint i = 0; i < models->hosts->len && !archive->failed; i++)
		state_load(host_at(models, i)->state, archive);
	return !archive->failed;
}
