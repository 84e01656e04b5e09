/*
 * Perfetto's format: a small trace, byte for byte as it has to be. What Perfetto makes of these bytes was
 * looked at once: two slices, two counter values, an arrow, three slices of a CPU, a thread's states.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/perfetto/cpus.h"
#include "host/perfetto/packets.h"
#include "host/perfetto/sink.h"
#include "state/context.h"
#include "state/record.h"
#include "state/state.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <zlib.h>

static const char gold[] =
	"0a165001680132100a05080610e8070a05080110e80710060a1d5001ea02180a160a054c696e75781a05362e31"
	"2e3022067838365f36340a2b40e807500112240a09080a10011a036170701209080a1203617070180a120c080b"
	"1206776f726b6572180a0a870150010a82010800122108cc081000221a0a09737761707065722f301000187820"
	"002a03617070300a3878122108940a100a221a0a0361707010"
	"0a187820012a09737761707065722f3030003878121508dc0b10002810a2010b0a03617070100a187828001221"
	"08c00c1000221a0a09737761707065722f301000187820002a03617070300a38780a1040cc085001e20308084d"
	"2204080a100a0a2d40b00950016802620a120808011204726561645a184801584d50012206520266642003f902"
	"05000000000000000a1f40a40d500168025a164802584d2210520372657420f5ffffffffffffffff010a115001"
	"e2030c085812086469736b207664610a2040e209500168025a1748015858ba010652203430393681030500"
	"0000000000000a0d408e0c500168025a04480258580a185001e203130863120b6469727479207061676573420218"
	"030a0e40cc0850015a0748045863f001000a0f40f80a50015a0848045863f0018040";

/* The trace as a script of calls. */
static void write_trace(struct sink *sink)
{
	struct packets *packets = packets_new(sink,
		&(struct packets_machine){.release = "6.1.0", .arch = "x86_64", .begin = 1000});
	struct cpus *cpus = cpus_new(packets, state_version(6, 1, 0), false);
	const struct packets_process process = {10, 1, "app"};
	const struct packets_thread threads[] = {{10, 10, "app"}, {11, 10, "worker"}};
	const struct packets_arg fd = {"fd", PACKETS_INT, 3, NULL, true};
	const struct packets_arg ret = {"ret", PACKETS_INT, -11, NULL, true};

	packets_tree(packets, 1000, &process, 1, threads, G_N_ELEMENTS(threads));
	cpus_slice(cpus, &(struct cpus_slice){.begin = 1100,
				 .tid = 10,
				 .prio = 20,
				 .comm = "app",
				 .state = PREV_INTERRUPTIBLE});
	cpus_slice(cpus,
		&(struct cpus_slice){
			.begin = 1300, .tid = 0, .prio = VALUE_ABSENT, .state = PREV_RUNNABLE});
	cpus_waking(cpus, &(struct cpus_waking){.time = 1500,
				  .context = CONTEXT_SOFTIRQ,
				  .waker = 0,
				  .by_current = true,
				  .tid = 10,
				  .prio = 20,
				  .target_cpu = 0,
				  .comm = "app"});
	cpus_slice(cpus, &(struct cpus_slice){.begin = 1600, .tid = 10, .prio = 20, .comm = "app"});
	cpus_flush(cpus);
	packets_track(packets,
		&(struct packets_track){
			.number = 77, .of_thread = true, .pid = 10, .tid = 10, .since = 1100});
	packets_event(packets, &(struct packets_event){.time = 1200,
				       .type = PACKETS_BEGIN,
				       .track = 77,
				       .name = "read",
				       .args = &fd,
				       .n_args = 1,
				       .arrow_from = 5});
	packets_event(packets,
		&(struct packets_event){
			.time = 1700, .type = PACKETS_END, .track = 77, .args = &ret, .n_args = 1});
	packets_track(packets, &(struct packets_track){.number = 88, .name = "disk vda"});
	packets_event(packets, &(struct packets_event){.time = 1250,
				       .type = PACKETS_BEGIN,
				       .track = 88,
				       .name = "R 4096",
				       .once = true,
				       .arrow_to = 5});
	packets_event(
		packets, &(struct packets_event){.time = 1550, .type = PACKETS_END, .track = 88});
	packets_track(packets, &(struct packets_track){.number = 99,
				       .name = "dirty pages",
				       .is_counter = true,
				       .unit = PACKETS_BYTES});
	packets_event(
		packets, &(struct packets_event){.time = 1100, .type = PACKETS_VALUE, .track = 99});
	packets_event(
		packets, &(struct packets_event){
				 .time = 1400, .type = PACKETS_VALUE, .track = 99, .value = 8192});
	cpus_free(cpus);
	packets_free(packets);
}

/* A new file's name; free it. */
static char *new_path(void)
{
	char *path = g_build_filename(g_get_tmp_dir(), "perfetto-XXXXXX", NULL);
	int fd = g_mkstemp(path);

	g_assert_cmpint(fd, >=, 0);
	g_close(fd, NULL);
	return path;
}

static char *hex_of(const char *bytes, gsize n)
{
	GString *hex = g_string_new(NULL);

	for (gsize i = 0; i < n; i++)
		g_string_append_printf(hex, "%02x", (guchar)bytes[i]);
	return g_string_free(hex, FALSE);
}

static void test_gold(void)
{
	char *path = new_path(), *bytes, *hex;
	struct sink *sink = sink_open(path, false, NULL);
	gsize n;

	write_trace(sink);
	g_assert_cmpuint(sink_bytes(sink), ==, strlen(gold) / 2);
	g_assert_true(sink_close(sink, NULL));
	sink_free(sink);
	g_assert_true(g_file_get_contents(path, &bytes, &n, NULL));
	hex = hex_of(bytes, n);
	g_assert_cmpstr(hex, ==, gold);
	g_unlink(path);
	g_free(hex);
	g_free(bytes);
	g_free(path);
}

static void test_gzip(void)
{
	char *path = new_path(), bytes[4096], *hex;
	struct sink *sink = sink_open(path, true, NULL);
	gzFile file;
	int n;

	write_trace(sink);
	g_assert_true(sink_close(sink, NULL));
	sink_free(sink);
	file = gzopen(path, "r");
	g_assert_nonnull(file);
	n = gzread(file, bytes, sizeof(bytes));
	gzclose(file);
	g_assert_cmpint(n, >, 0);
	hex = hex_of(bytes, (gsize)n);
	g_assert_cmpstr(hex, ==, gold);
	g_unlink(path);
	g_free(hex);
	g_free(path);
}

/* What was not closed is no file. */
static void test_unfinished(void)
{
	char *folder = g_dir_make_tmp("perfetto-XXXXXX", NULL);
	char *path = g_build_filename(folder, "new", NULL);
	struct sink *sink = sink_open(path, false, NULL);

	write_trace(sink);
	sink_free(sink);
	g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
	g_assert_cmpint(g_rmdir(folder), ==, 0);
	g_free(path);
	g_free(folder);
}

static void test_failures(void)
{
	GError *error = NULL;
	struct sink *sink = sink_open("/no/such/folder/file", false, &error);

	g_assert_null(sink);
	g_assert_cmpstr(
		error->message, ==, "cannot write /no/such/folder/file: No such file or directory");
	g_clear_error(&error);
	sink = sink_open("/dev/full", false, &error);
	g_assert_no_error(error);
	write_trace(sink);
	g_assert_false(sink_close(sink, &error));
	g_assert_cmpstr(error->message, ==, "cannot write /dev/full: No space left on device");
	g_clear_error(&error);
	sink_free(sink);
}

/* Whatever comes, as many texts as there are: what is kept of them is bounded, and all of it is told. */
static void test_many_texts(void)
{
	struct sink *sink = sink_open("/dev/null", false, NULL);
	struct packets *packets = packets_new(sink, &(struct packets_machine){.begin = 0});
	char name[32];

	packets_track(packets, &(struct packets_track){.number = 1, .name = "\xff\xfe<b>"});
	for (int i = 0; i < 200000; i++) {
		g_snprintf(name, sizeof(name), "name %d \xc3", i);
		packets_event(packets,
			&(struct packets_event){
				.time = i, .type = PACKETS_INSTANT, .track = 1, .name = name});
	}
	g_assert_cmpuint(sink_bytes(sink), >, (guint64)200000 * 30);
	packets_free(packets);
	g_assert_true(sink_close(sink, NULL));
	sink_free(sink);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/perfetto/gold", test_gold);
	g_test_add_func("/perfetto/gzip", test_gzip);
	g_test_add_func("/perfetto/unfinished", test_unfinished);
	g_test_add_func("/perfetto/failures", test_failures);
	g_test_add_func("/perfetto/many texts", test_many_texts);
	return g_test_run();
}
