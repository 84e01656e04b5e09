/*
 * Packets between machines: which of those that were sent is the one that is received.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/codec.h"
#include "state/packets.h"
#include "state/record.h"
#include "state/wire.h"
#include "tests/unit/feed.h"

#include <glib.h>

/* A packet of TCP over IPv4, from 10.0.0.x:1000 to 10.0.0.y:2000. */
static struct packet_header tcp(int from, int to, int64_t seq, int64_t ack, int64_t flags)
{
	return (struct packet_header){
		.from = {4, 0, (uint64_t)(10 << 24) + (uint64_t)from, 1000},
		.to = {4, 0, (uint64_t)(10 << 24) + (uint64_t)to, 2000},
		.protocol = PROTOCOL_TCP,
		.seq = seq,
		.ack = ack,
		.flags = flags,
	};
}

/* Machine 1 sends so many bytes to machine 2, in a thread; utid 0: in none. */
static void post(struct wire *wire, int64_t seq, int64_t size, int64_t flags, int64_t utid)
{
	struct packet_header header = tcp(1, 2, seq, 7, flags);
	struct remote origin = {utid ? 1 : 0, utid, utid * 100};

	wire_send(wire, 1, &header, size, &origin);
}

/* Machine 2 receives; returns who has sent it; 0: nobody. */
static int64_t take(struct wire *wire, int64_t seq, int64_t ack, int64_t flags)
{
	struct packet_header header = tcp(1, 2, seq, ack, flags);
	struct remote remote = wire_receive(wire, 2, &header, 1000);

	if (remote.machine == 0)
		return 0;
	g_assert_cmpuint(remote.machine, ==, 1);
	g_assert_cmpint(remote.time, ==, remote.utid * 100);
	return remote.utid;
}

static void test_same(void)
{
	struct wire *wire = wire_new();
	struct packet_header own = tcp(1, 2, 100, 7, 24), other = tcp(1, 3, 100, 7, 24);

	g_assert_cmpint(take(wire, 100, 7, 24), ==, 0);
	post(wire, 100, 130, 24, 10);
	post(wire, 164, 130, 24, 11);
	g_assert_cmpint(take(wire, 100, 7, 24), ==, 10);
	g_assert_cmpint(take(wire, 164, 7, 24), ==, 11);
	/* It may come twice, and late. */
	g_assert_cmpint(take(wire, 100, 7, 24), ==, 10);
	/* Not what it has sent itself, nor what another one is to get. */
	g_assert_cmpuint(wire_receive(wire, 1, &own, 1000).machine, ==, 0);
	g_assert_cmpuint(wire_receive(wire, 2, &other, 1000).machine, ==, 0);
	g_assert_cmpint(take(wire, 5000, 7, 24), ==, 0);
	wire_free(wire);
}

/* What was lost is sent again by a timer: the thread that sent it first is behind it. */
static void test_sent_again(void)
{
	struct wire *wire = wire_new();

	post(wire, 100, 130, 24, 10);
	post(wire, 164, 130, 24, 11);
	post(wire, 100, 130, 24, 0);
	g_assert_cmpint(take(wire, 100, 7, 24), ==, 10);
	wire_free(wire);
}

/* Cards cut large packets up, and join small ones; numbers of bytes begin again after 2^32. */
static void test_cut_and_joined(void)
{
	struct wire *wire = wire_new();
	int64_t high = 0xffffff00;

	post(wire, high, 54 + 2000, 24, 10);
	post(wire, (high + 2000) & 0xffffffff, 54 + 1000, 24, 11);
	g_assert_cmpint(take(wire, high, 7, 16), ==, 10);
	g_assert_cmpint(take(wire, (high + 1448) & 0xffffffff, 7, 24), ==, 10);
	g_assert_cmpint(take(wire, (high + 2000) & 0xffffffff, 9, 24), ==, 11);
	g_assert_cmpint(take(wire, (high + 2999) & 0xffffffff, 9, 24), ==, 11);
	g_assert_cmpint(take(wire, (high + 9000) & 0xffffffff, 9, 24), ==, 0);
	wire_free(wire);
}

/* An acknowledgement has the number of the data that comes next. */
static void test_acknowledgements(void)
{
	struct wire *wire = wire_new();
	struct packet_header header = tcp(1, 2, 100, 8, 16);
	struct remote nobody = {0};

	wire_send(wire, 1, &header, 66, &nobody);
	post(wire, 100, 130, 24, 10);
	g_assert_cmpuint(wire_receive(wire, 2, &header, 52).machine, ==, 0);
	g_assert_cmpint(take(wire, 100, 9, 24), ==, 10);
	/* Without data it is no part of anything. */
	header = tcp(1, 2, 100, 9, 16);
	g_assert_cmpuint(wire_receive(wire, 2, &header, 52).machine, ==, 0);
	wire_free(wire);
}

/* ... and may have its acknowledgement and its flags, too. */
static void test_same_numbers(void)
{
	struct packet_header header = tcp(1, 2, 100, 7, 16);
	struct wire *wire = wire_new();
	struct remote nobody = {0};

	wire_send(wire, 1, &header, 66, &nobody);
	post(wire, 100, 1514, 16, 10);
	g_assert_cmpuint(wire_receive(wire, 2, &header, 52).machine, ==, 0);
	g_assert_cmpint(take(wire, 100, 7, 16), ==, 10);
	wire_free(wire);
}

/* What the receiver has not recorded is passed over, however much it is. */
static void test_gap(void)
{
	struct wire *wire = wire_new();

	for (int64_t i = 0; i < 5000; i++)
		post(wire, i * 100, 130, 24, 10);
	for (int64_t i = 5000; i < 6000; i++) {
		post(wire, i * 100, 130, 24, 11);
		g_assert_cmpint(take(wire, i * 100, 7, 24), ==, 11);
	}
	wire_free(wire);
}

/* The same ends may have another connection, with other numbers. */
static void test_ports_used_again(void)
{
	struct wire *wire = wire_new();

	for (int64_t way = 0; way < 2; way++) {
		for (int64_t i = 0; i < 2000; i++)
			post(wire, 1000000000 + i * 50000, 50000, 24, 10);
		/* It is known where that begins, or it is seen. */
		if (way == 0)
			post(wire, 500 - 1, 74, 2, 11);
		for (int64_t i = 0; i < 100; i++) {
			post(wire, 500 + i * 100, 130, 24, 12);
			g_assert_cmpint(take(wire, 500 + i * 100, 7, 24), ==, 12);
		}
		wire_reset(wire);
	}
	wire_free(wire);
}

/* What an interrupt sends was left there by the thread that sent last, if it is data. */
static void test_left(void)
{
	struct wire *wire = wire_new();
	struct packet_header header;

	post(wire, 100, 1514, 16, 0);
	post(wire, 1548, 1514, 16, 10);
	post(wire, 2996, 1514, 16, 0);
	post(wire, 4444, 70, 24, 0);
	post(wire, 4448, 66, 16, 0);
	g_assert_cmpint(take(wire, 100, 7, 16), ==, 0);
	g_assert_cmpint(take(wire, 2996, 7, 16), ==, 10);
	g_assert_cmpint(take(wire, 4444, 7, 24), ==, 10);
	header = tcp(1, 2, 4448, 7, 16);
	g_assert_cmpuint(wire_receive(wire, 2, &header, 52).machine, ==, 0);
	wire_free(wire);
}

static void test_what_is_not_followed(void)
{
	struct wire *wire = wire_new();
	struct packet_header header = tcp(1, 2, 100, 7, 24);
	struct remote origin = {1, 10, 1000};

	header.protocol = PROTOCOL_UDP;
	wire_send(wire, 1, &header, 100, &origin);
	g_assert_cmpuint(wire_receive(wire, 2, &header, 1000).machine, ==, 0);
	header = tcp(1, 2, VALUE_ABSENT, 7, 24);
	wire_send(wire, 1, &header, 100, &origin);
	g_assert_cmpuint(wire_receive(wire, 2, &header, 1000).machine, ==, 0);
	header = tcp(1, 1, 100, 7, 24);
	wire_send(wire, 1, &header, 100, &origin);
	g_assert_cmpuint(wire_receive(wire, 2, &header, 1000).machine, ==, 0);
	header = tcp(1, 2, 100, 7, 24);
	wire_send(wire, 1, &header, 100, &origin);
	wire_reset(wire);
	g_assert_cmpuint(wire_receive(wire, 2, &header, 1000).machine, ==, 0);
	wire_free(wire);
}

/* Clocks that differ are noticed. */
static void test_early(void)
{
	struct wire *wire = wire_new();

	g_assert_cmpint(take(wire, 100, 7, 24), ==, 0);
	g_assert_cmpint(take(wire, 200, 7, 24), ==, 0);
	post(wire, 100, 130, 24, 10);
	post(wire, 100, 130, 24, 10);
	post(wire, 300, 130, 24, 10);
	g_assert_cmpuint(wire_early(wire), ==, 1);
	post(wire, 200, 130, 24, 10);
	g_assert_cmpuint(wire_early(wire), ==, 2);
	g_assert_cmpint(take(wire, 300, 7, 24), ==, 10);
	wire_reset(wire);
	g_assert_cmpuint(wire_early(wire), ==, 0);
	wire_free(wire);
}

/* The oldest are forgotten, whosever they are. */
static void test_limit(void)
{
	struct wire *wire = wire_new();
	struct remote origin = {1, 10, 1000};

	for (int64_t i = 0; i < 3 * WIRE_MAX; i++) {
		struct packet_header header = tcp((int)(i % 5), 9, i, 7, 24);

		wire_send(wire, 1, &header, 100, &origin);
	}
	for (int64_t i = 0; i < 3 * WIRE_MAX; i++) {
		struct packet_header header = tcp((int)(i % 5), 9, i, 7, 24);
		struct remote remote = wire_receive(wire, 2, &header, 1000);

		g_assert_cmpuint(remote.machine, ==, i < 2 * WIRE_MAX ? 0 : 1);
	}
	wire_free(wire);
}

/* A thousand packets in several connections, and as many that come, in about that order. */
static void step(struct wire *wire, GRand *rand, int64_t i, GString *out)
{
	struct packet_header header =
		tcp(g_rand_int_range(rand, 1, 4), 9, i * 1000, 7, g_rand_boolean(rand) ? 24 : 16);
	struct remote origin = {g_rand_boolean(rand), i + 1, i};
	struct remote remote;

	wire_send(wire, 1, &header, g_rand_boolean(rand) ? 66 : 1054, &origin);
	header = tcp(g_rand_int_range(rand, 1, 4), 9, i * 1000 - g_rand_int_range(rand, 0, 200000),
		7, 16);
	remote = wire_receive(wire, 2, &header, 1000);
	g_string_append_printf(
		out, "%u %" G_GINT64_FORMAT "\n", remote.machine, remote.machine ? remote.utid : 0);
}

/* What is saved and loaded goes on as if it had not been. */
static void test_saved(void)
{
	guint32 seed = g_test_rand_int_range(0, G_MAXINT32);
	struct wire *whole = wire_new(), *saved = wire_new();
	GRand *one = g_rand_new_with_seed(seed), *other = g_rand_new_with_seed(seed);
	GString *expected = g_string_new(NULL), *found = g_string_new(NULL);

	for (int64_t i = 0; i < 1000; i++) {
		step(whole, one, i, expected);
		step(saved, other, i, found);
		if (i % 97 == 0) {
			GByteArray *bytes = g_byte_array_new();
			struct wire *loaded = wire_new();
			struct codec codec = codec_writer(bytes, 0);

			wire_image(&codec, saved);
			codec = codec_reader(bytes->data, bytes->len, 0);
			wire_image(&codec, loaded);
			codec_end(&codec);
			g_assert_null(codec.failed);
			wire_free(saved);
			saved = loaded;
			g_byte_array_unref(bytes);
		}
	}
	g_assert_cmpstr(found->str, ==, expected->str);
	/* Some were found, and some not. */
	g_assert_nonnull(strstr(expected->str, "0 0\n"));
	g_assert_nonnull(strstr(expected->str, "1 "));
	g_string_free(expected, TRUE);
	g_string_free(found, TRUE);
	g_rand_free(one);
	g_rand_free(other);
	wire_free(whole);
	wire_free(saved);
}

/* ---- In models ---- */

/* The headers of a packet, as events have them, from 10.0.0.x:1000 to 10.0.0.y:2000. */
static void feed_packet(
	struct feed *f, int64_t time, const char *event, int skb, int from, int to, int seq)
{
	char *fields = g_strdup_printf(
		"skbaddr=%d name=eth0 len=100 network_header.version=4 network_header.protocol=6"
		" network_header.saddr[0:4]=%d network_header.daddr[0:4]=%d"
		" network_header.transport_header.source_port=1000"
		" network_header.transport_header.dest_port=2000"
		" network_header.transport_header.seq=%d"
		" network_header.transport_header.ack_seq=7"
		" network_header.transport_header.flags=24",
		skb, (10 << 24) + from, (10 << 24) + to, seq);

	feed(f, time, 0, event, fields);
	g_free(fields);
}

static struct feed *new_machine(struct wire *wire, uint32_t number)
{
	return feed_new_with(&(struct state_config){
		.wants = ~0u, .arch = SYSCALL_ARCH_X86_64, .machine = number, .wire = wire});
}

/* A thread of machine 1 sends; one of machine 2 waits for that, behind a bridge that changes its address. */
static void test_models(void)
{
	struct wire *wire = wire_new();
	struct feed *a = new_machine(wire, 1), *b = new_machine(wire, 2);

	feed_watch(b, "sleep_end", "tid cause source_tid remote_machine remote_utid remote_time");
	for (int way = 0; way < 2; way++) {
		int64_t t = 1000 * way;

		feed(a, t + 10, 0, "sched_switch",
			"prev_tid=0 prev_state=0 next_tid=20 next_comm=client");
		feed(b, t + 11, 0, "sched_switch",
			"prev_tid=0 prev_state=0 next_tid=30 next_comm=server");
		feed(b, t + 12, 0, "sched_switch",
			"prev_tid=30 prev_state=1 next_tid=0 next_comm=swapper/0");
		feed_packet(a, t + 15, "net_dev_queue", 64, 1, 2, way);
		feed(a, t + 16, 0, "sched_switch",
			"prev_tid=20 prev_state=1 next_tid=0 next_comm=swapper/0");
		feed(b, t + 20, 0, "softirq_entry", "vec=3");
		feed_packet(b, t + 21, "net_if_receive_skb", 128, 1, 2, way);
		if (way == 1) {
			feed_packet(b, t + 22, "net_dev_queue", 128, 1, 77, way);
			feed_packet(b, t + 23, "net_if_receive_skb", 128, 1, 77, way);
		}
		feed(b, t + 24, 0, "sched_waking", "tid=30 comm=server prio=20 target_cpu=0");
		feed(b, t + 25, 0, "softirq_exit", "vec=3");
	}
	feed_expect(b, "sleep_end 30 net nil 1 20 15\nsleep_end 30 net nil 1 20 1015\n");
	feed_free(a);
	feed_free(b);
	wire_free(wire);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/wire/same", test_same);
	g_test_add_func("/wire/sent-again", test_sent_again);
	g_test_add_func("/wire/cut-and-joined", test_cut_and_joined);
	g_test_add_func("/wire/acknowledgements", test_acknowledgements);
	g_test_add_func("/wire/same-numbers", test_same_numbers);
	g_test_add_func("/wire/gap", test_gap);
	g_test_add_func("/wire/ports-used-again", test_ports_used_again);
	g_test_add_func("/wire/left", test_left);
	g_test_add_func("/wire/not-followed", test_what_is_not_followed);
	g_test_add_func("/wire/early", test_early);
	g_test_add_func("/wire/limit", test_limit);
	g_test_add_func("/wire/saved", test_saved);
	g_test_add_func("/wire/models", test_models);
	return g_test_run();
}
