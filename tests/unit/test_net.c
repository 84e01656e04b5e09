/*
 * The network: packets on interfaces.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/packets.h"
#include "state/sockets.h"
#include "tests/unit/feed.h"

#include <glib.h>
#include <string.h>

static void test_packets(void)
{
	struct feed *f = feed_new();

	feed(f, 1, 0, "sched_switch", "prev_tid=0 next_tid=10 next_comm=app");
	feed_watch(f, "net_tx", "time cpu tid procname netif size");
	feed_watch(f, "net_rx", "time cpu tid netif size");
	feed(f, 10, 0, "net_dev_xmit", "name=eth0 len=100");
	feed(f, 20, 1, "netif_receive_skb", "name=lo len=60");
	feed(f, 30, 0, "net_if_receive_skb", "name=lo len=61");
	feed_expect(
		f, "net_tx 10 0 10 app eth0 100\nnet_rx 20 1 nil lo 60\nnet_rx 30 0 10 lo 61\n");
	feed_free(f);
}

/* Headers as a trace has them: of TCP over IPv4, from 10.0.0.x to 10.0.0.y. */
static const char *tcp(int from, int sport, int to, int dport, int seq)
{
	static char text[512];

	g_snprintf(text, sizeof(text),
		" network_header.version=4 network_header.protocol=6"
		" network_header.saddr[0:4]=%d network_header.daddr[0:4]=%d"
		" network_header.transport_header.source_port=%d"
		" network_header.transport_header.dest_port=%d"
		" network_header.transport_header.seq=%d"
		" network_header.transport_header.ack_seq=7 network_header.transport_header.flags=24",
		(10 << 24) + from, (10 << 24) + to, sport, dport, seq);
	return text;
}

/* Feeds an event of a packet. */
static void feed_packet(struct feed *f, int64_t time, int cpu, const char *event, int skb,
	const char *netif, int len, const char *header)
{
	char *fields = g_strdup_printf(
		"skbaddr=%d name=%s len=%d%s", skb, netif, len, header ? header : "");

	feed(f, time, cpu, event, fields);
	g_free(fields);
}

/* A packet that a device hands back at once, as the loopback does. */
static void feed_sent(
	struct feed *f, int64_t time, int cpu, int skb, const char *netif, const char *header)
{
	feed_packet(f, time, cpu, "net_dev_queue", skb, netif, 100, header);
	feed_packet(f, time + 1, cpu, "net_if_rx", skb, netif, 86, header);
	feed_packet(f, time + 2, cpu, "net_dev_xmit", skb, netif, 100, NULL);
}

/* Thread 10 (app) runs on CPU 0, and 20 (srv) on CPU 1; all handlers are seen. */
static struct feed *feed_two(void)
{
	struct feed *f = feed_new();

	feed(f, 1, 0, "sched_switch", "prev_tid=0 next_tid=10 next_comm=app");
	feed(f, 1, 1, "sched_switch", "prev_tid=0 next_tid=20 next_comm=srv");
	return f;
}

/* Headers of UDP from 10.0.0.`from` to port 53 of 10.0.0.5. */
#define UDP_TO_53(from)                                                                    \
	" network_header.version=4 network_header.protocol=17"                             \
	" network_header.saddr[0:4]=16777216" #from " network_header.daddr[0:4]=167772165" \
	" network_header.transport_header.source_port=5000"                                \
	" network_header.transport_header.dest_port=53"

#define SENT "time sent sender_tid sender_procname"

static void test_headers(void)
{
	struct feed *f = feed_two();

	feed_watch(f, "net_tx", "peer address protocol sport dport seq ack flags sender_tid");
	feed_watch(f, "net_rx", "peer address protocol sport dport seq ack flags sender_tid");
	feed_sent(f, 10, 0, 99, "eth0", tcp(1, 40000, 2, 80, 5));
	feed_packet(f, 20, 1, "net_if_receive_skb", 98, "eth0", 60, tcp(2, 80, 1, 40000, 6));
	feed_packet(f, 30, 1, "net_if_receive_skb", 97, "eth0", 60,
		" network_header.version=6 network_header.nexthdr=17"
		" network_header.saddr[0:4]=-108086391056891904 network_header.saddr[4:8]=1"
		" network_header.daddr[0:4]=0 network_header.daddr[4:8]=1"
		" network_header.transport_header.source_port=53"
		" network_header.transport_header.dest_port=5353");
	feed_packet(f, 40, 1, "net_if_receive_skb", 96, "eth0", 60,
		" network_header.version=4 network_header.protocol=1"
		" network_header.saddr[0:4]=3232235777 network_header.daddr[0:4]=167772161");
	feed_packet(f, 50, 1, "net_if_receive_skb", 95, "eth0", 60, NULL);
	feed_expect(f, "net_tx 10.0.0.2:80 10.0.0.1:40000 tcp 40000 80 5 7 24 10\n"
		       "net_rx 10.0.0.2:80 10.0.0.1:40000 tcp 80 40000 6 7 24 nil\n"
		       "net_rx [fe80::1]:53 [::1]:5353 udp 53 5353 nil nil nil nil\n"
		       "net_rx 192.168.1.1 10.0.0.1 icmp nil nil nil nil nil nil\n"
		       "net_rx nil nil nil nil nil nil nil nil nil\n");
	feed_free(f);
}

/* What a thread sends to this machine has it as its sender, whoever runs when it is received. */
static void test_sender(void)
{
	struct feed *f = feed_two();

	feed_watch(f, "net_rx", SENT);
	feed_sent(f, 10, 0, 99, "lo", tcp(1, 40000, 1, 80, 5));
	feed(f, 13, 1, "irq_softirq_entry", "vec=3");
	feed_packet(f, 14, 1, "net_if_receive_skb", 99, "lo", 86, tcp(1, 40000, 1, 80, 5));
	/* The answer is nobody's; its buffer is that of what has just been received. */
	feed_sent(f, 15, 1, 99, "lo", tcp(1, 80, 1, 40000, 8));
	feed_packet(f, 18, 1, "net_if_receive_skb", 99, "lo", 86, tcp(1, 80, 1, 40000, 8));
	feed(f, 19, 1, "irq_softirq_exit", "vec=3");
	/* Thread 20 sends itself. */
	feed_sent(f, 20, 1, 99, "lo", tcp(1, 80, 1, 40000, 9));
	feed_packet(f, 30, 0, "net_if_receive_skb", 99, "lo", 86, tcp(1, 80, 1, 40000, 9));
	/* Buffers that were sent come again with something else. */
	feed_sent(f, 40, 1, 98, "eth0", tcp(1, 80, 3, 40000, 9));
	feed_packet(f, 50, 0, "net_if_receive_skb", 98, "eth0", 86, tcp(3, 40000, 1, 80, 7));
	feed_packet(f, 60, 0, "net_if_receive_skb", 98, "eth0", 86, tcp(1, 80, 3, 40000, 9));
	/* The numbers of TCP tell what is new; of others both ends must be the same. */
	feed_sent(f, 70, 1, 97, "lo", UDP_TO_53(1));
	feed_packet(f, 73, 0, "net_if_receive_skb", 97, "lo", 86, UDP_TO_53(1));
	feed_packet(f, 74, 0, "net_if_receive_skb", 97, "eth0", 86, UDP_TO_53(3));
	feed_expect(f, "net_rx 14 10 10 app\n"
		       "net_rx 18 15 nil nil\n"
		       "net_rx 30 20 20 srv\n"
		       "net_rx 50 nil nil nil\n"
		       "net_rx 60 nil nil nil\n"
		       "net_rx 73 70 20 srv\n"
		       "net_rx 74 nil nil nil\n");
	feed_free(f);
}

/* Without headers it takes the device to have handed it back. */
static void test_without_headers(void)
{
	struct feed *f = feed_two();

	feed_watch(f, "net_rx", SENT);
	feed_sent(f, 10, 0, 99, "lo", NULL);
	feed_packet(f, 14, 1, "net_if_receive_skb", 99, "lo", 86, NULL);
	feed_packet(f, 20, 0, "net_dev_queue", 98, "eth0", 86, NULL);
	feed_packet(f, 21, 0, "net_dev_xmit", 98, "eth0", 86, NULL);
	feed_packet(f, 22, 1, "net_if_receive_skb", 98, "eth0", 86, NULL);
	feed_expect(f, "net_rx 14 10 10 app\nnet_rx 22 nil nil nil\n");
	feed_free(f);
}

/* From container to container over a bridge: three devices, one sender, once with NAT on the way. */
static void test_handed_on(void)
{
	struct feed *f = feed_two();

	feed_watch(f, "net_rx", SENT);
	feed_watch(f, "net_tx", SENT " peer");
	feed_sent(f, 10, 0, 99, "veth1", tcp(1, 40000, 2, 80, 5));
	feed(f, 13, 1, "irq_softirq_entry", "vec=3");
	feed_packet(f, 14, 1, "net_if_receive_skb", 99, "veth0", 86, tcp(1, 40000, 2, 80, 5));
	feed_packet(f, 15, 1, "net_dev_queue", 99, "br0", 100, tcp(1, 40000, 3, 8080, 5));
	feed_packet(f, 16, 1, "net_dev_queue", 99, "veth2", 100, tcp(1, 40000, 3, 8080, 5));
	feed_packet(f, 17, 1, "net_if_rx", 99, "veth3", 86, tcp(1, 40000, 3, 8080, 5));
	feed_packet(f, 18, 1, "net_dev_xmit", 99, "veth2", 100, NULL);
	feed_packet(f, 19, 1, "net_dev_xmit", 99, "br0", 100, NULL);
	feed_packet(f, 20, 1, "net_if_receive_skb", 99, "veth3", 86, tcp(1, 40000, 3, 8080, 5));
	feed_expect(f, "net_tx 12 10 10 app 10.0.0.2:80\n"
		       "net_rx 14 10 10 app\n"
		       "net_tx 18 10 10 app 10.0.0.3:8080\n"
		       "net_tx 19 10 10 app 10.0.0.3:8080\n"
		       "net_rx 20 10 10 app\n");
	feed_free(f);
}

/* Large packets are cut into several that have addresses of their own. */
static void test_parts(void)
{
	struct feed *f = feed_two();

	feed_watch(f, "net_tx", "size peer seq sender_tid");
	feed_packet(f, 10, 0, "net_dev_queue", 99, "eth0", 2962, tcp(1, 40000, 2, 80, 5));
	feed_packet(f, 11, 0, "net_dev_xmit", 50, "eth0", 1514, NULL);
	feed_packet(f, 12, 0, "net_dev_xmit", 51, "eth0", 1514, NULL);
	feed_packet(f, 13, 1, "net_dev_xmit", 52, "eth0", 1514, NULL);
	feed_packet(f, 14, 0, "net_dev_xmit", 53, "eth0", 3000, NULL);
	feed_expect(f, "net_tx 1514 10.0.0.2:80 nil 10\n"
		       "net_tx 1514 10.0.0.2:80 nil 10\n"
		       "net_tx 1514 nil nil nil\n"
		       "net_tx 3000 nil nil nil\n");
	feed_free(f);
}

/* Who runs may not have sent it, if interrupts are not recorded, or events are missing. */
static void test_unknown_sender(void)
{
	struct feed *f =
		feed_new_with(&(struct state_config){.wants = WANT_ALL, .no_softirqs = true});

	feed(f, 1, 0, "sched_switch", "prev_tid=0 next_tid=10 next_comm=app");
	feed_watch(f, "net_rx", SENT);
	feed_sent(f, 10, 0, 99, "lo", tcp(1, 40000, 1, 80, 5));
	feed_packet(f, 14, 0, "net_if_receive_skb", 99, "lo", 86, tcp(1, 40000, 1, 80, 5));
	feed_expect(f, "net_rx 14 10 nil nil\n");
	feed_free(f);
	f = feed_two();
	feed_watch(f, "net_rx", SENT);
	feed_lost(f, 5, 8, 0, 3);
	feed_sent(f, 10, 0, 99, "lo", tcp(1, 40000, 1, 80, 5));
	feed_packet(f, 14, 1, "net_if_receive_skb", 99, "lo", 86, tcp(1, 40000, 1, 80, 5));
	feed_expect(f, "net_rx 14 10 nil nil\n");
	feed_free(f);
}

/* However many are sent, only the last ones are remembered. */
static void test_many(void)
{
	struct feed *f = feed_two();
	uint32_t strings;

	for (int i = 0; i < 3 * PACKETS_MAX; i++)
		feed_sent(f, 10 + 5 * i, 0, 1000 + i, "lo", tcp(1, 40000, 1, 80, i));
	feed_watch(f, "net_rx", SENT);
	strings = state_count(feed_state(f)).strings;
	feed_packet(f, 100000, 1, "net_if_receive_skb", 1000 + 2 * PACKETS_MAX - 1, "lo", 86,
		tcp(1, 40000, 1, 80, 2 * PACKETS_MAX - 1));
	feed_packet(f, 100000, 1, "net_if_receive_skb", 1000 + 2 * PACKETS_MAX, "lo", 86,
		tcp(1, 40000, 1, 80, 2 * PACKETS_MAX));
	feed_expect(f, "net_rx 100000 nil nil nil\nnet_rx 100000 40970 10 app\n");
	/* The CPU still knows where the last one came from, and through which interface. */
	g_assert_cmpuint(state_count(feed_state(f)).strings, <=, strings + 2);
	feed_free(f);
}

/* Who waits for a packet has waited for who sent it; of one from elsewhere, for the network. */
static void test_wait(void)
{
	struct feed *f = feed_two();

	feed_watch(f, "sleep_end", "tid cause netif peer source_utid source_time");
	for (int i = 0; i < 2; i++) {
		int64_t t = 100 + 100 * i;

		feed(f, t, 1, "syscall_entry_recvfrom", "fd=5 size=10");
		feed(f, t + 1, 1, "sched_switch",
			"prev_tid=20 prev_state=1 next_tid=0 next_comm=swapper/1");
		if (i == 0)
			feed_sent(f, t + 10, 0, 99, "lo", tcp(1, 40000, 1, 80, 5));
		feed(f, t + 20, 1, "irq_softirq_entry", "vec=3");
		feed_packet(f, t + 21, 1, "net_if_receive_skb", 99, i == 0 ? "lo" : "eth0", 86,
			tcp(i == 0 ? 1 : 3, 40000, 1, 80, 5 + i));
		feed(f, t + 22, 1, "sched_waking", "tid=20 prio=20 comm=srv");
		feed(f, t + 23, 1, "irq_softirq_exit", "vec=3");
		feed(f, t + 30, 1, "sched_switch", "prev_tid=0 next_tid=20 next_comm=srv");
		feed(f, t + 40, 1, "syscall_exit_recvfrom", "ret=10");
	}
	feed_expect(f, "sleep_end 20 socket lo 10.0.0.1:40000 10 110\n"
		       "sleep_end 20 net eth0 10.0.0.3:40000 nil nil\n");
	feed_free(f);
}

#define CALL "name fd ret peer port opened"

/* Who is at the other end, and which port serves, on both sides of a connection. */
static void test_peers(void)
{
	struct feed *f = feed_two();

	feed_watch(f, "syscall_exit", CALL);
	feed_call(f, 100, 0, "socket", "family=2 type=1", "ret=3");
	feed(f, 120, 0, "syscall_entry_connect",
		"fd=3 family=2 dport=80 v4addr=[10,0,0,2] v6addr=[]");
	feed_packet(f, 121, 0, "net_dev_queue", 1, "eth0", 74, tcp(1, 40000, 2, 80, 1));
	feed(f, 125, 0, "syscall_exit_connect", "ret=0");
	feed_call(f, 140, 0, "write", "fd=3 count=5", "ret=5");
	feed_call(f, 160, 0, "dup", "fildes=3", "ret=4");
	feed_call(f, 180, 0, "read", "fd=4 count=5", "ret=-11");
	feed_call(f, 200, 0, "connect", "fd=4 family=2 dport=81 v4addr=[10,0,0,3] v6addr=[]",
		"ret=-111");
	feed_call(f, 220, 0, "close", "fd=3", "ret=0");
	feed_call(f, 240, 0, "write", "fd=1 count=5", "ret=5");
	feed_expect(f, "syscall_exit socket 3 3 nil nil 110\n"
		       "syscall_exit connect 3 0 10.0.0.2:80 80 110\n"
		       "syscall_exit write 3 5 10.0.0.2:80 80 110\n"
		       "syscall_exit dup 4 4 10.0.0.2:80 80 110\n"
		       "syscall_exit read 4 -11 10.0.0.2:80 80 110\n"
		       "syscall_exit connect 4 -111 10.0.0.2:80 80 110\n"
		       "syscall_exit close 3 0 10.0.0.2:80 80 110\n"
		       "syscall_exit write 1 5 nil nil nil\n");
	/* One that has been there before is made by its connect. */
	feed_call(f, 300, 0, "connect",
		"fd=9 family=10 dport=443 v4addr=[] v6addr=[65152,0,0,0,0,0,0,1]", "ret=-115");
	feed_call(f, 320, 0, "write", "fd=9 count=5", "ret=5");
	feed_expect(f, "syscall_exit connect 9 -115 [fe80::1]:443 443 nil\n"
		       "syscall_exit write 9 5 [fe80::1]:443 443 nil\n");
	feed_free(f);
}

/* The port of who accepts is told by packets only: all that come from the same listener know it then. */
static void test_accepted(void)
{
	struct feed *f = feed_two();

	feed_watch(f, "syscall_exit", CALL);
	feed_call(f, 100, 1, "socket", "family=10 type=1", "ret=3");
	feed_call(f, 120, 1, "accept4", "fd=3 flags=0",
		"ret=5 family=10 sport=40000 v4addr=[] v6addr=[0,0,0,0,0,65535,2560,1]");
	/* It comes from an interrupt, while nobody calls. */
	feed_packet(f, 140, 0, "net_if_receive_skb", 1, "eth0", 60, tcp(1, 40000, 2, 80, 1));
	feed_call(f, 150, 1, "read", "fd=5 count=5", "ret=5");
	feed_call(f, 170, 1, "accept", "fd=3",
		"ret=6 family=2 sport=40001 v4addr=[10,0,0,1] v6addr=[]");
	feed_call(f, 190, 1, "accept", "fd=3", "ret=7 family=0 sport=0 v4addr=[] v6addr=[]");
	feed_call(f, 210, 1, "read", "fd=7 count=5", "ret=5");
	feed(f, 230, 1, "syscall_entry_write", "fd=7 count=5");
	feed_packet(f, 231, 1, "net_dev_queue", 2, "eth0", 74, tcp(2, 80, 3, 40002, 1));
	feed(f, 232, 1, "syscall_exit_write", "ret=5");
	feed_expect(f, "syscall_exit socket 3 3 nil nil 110\n"
		       "syscall_exit accept4 5 5 10.0.0.1:40000 nil 130\n"
		       "syscall_exit read 5 5 10.0.0.1:40000 80 130\n"
		       "syscall_exit accept 6 6 10.0.0.1:40001 80 180\n"
		       "syscall_exit accept 7 7 nil 80 200\n"
		       "syscall_exit read 7 5 nil 80 200\n"
		       "syscall_exit write 7 5 10.0.0.3:40002 80 200\n");
	feed_free(f);
}

/* A connection that was answered before it is accepted; of those that were not, none is taken for it. */
static void test_answered(void)
{
	struct feed *f = feed_two();
	char *answer = g_strconcat(tcp(2, 80, 1, 40000, 1), NULL);

	/* Flags 24 become 18: SYN and ACK. */
	strcpy(strrchr(answer, '=') + 1, "18");
	feed_watch(f, "io_end", "io_class fd peer port");
	feed_call(f, 100, 1, "socket", "family=2 type=1", "ret=3");
	feed_packet(f, 120, 0, "net_dev_queue", 1, "eth0", 74, answer);
	feed_call(f, 130, 1, "accept", "fd=3",
		"ret=5 family=2 sport=40009 v4addr=[10,0,0,1] v6addr=[]");
	feed_call(f, 150, 1, "accept", "fd=3",
		"ret=6 family=2 sport=40000 v4addr=[10,0,0,1] v6addr=[]");
	feed_call(f, 170, 1, "accept", "fd=3",
		"ret=7 family=2 sport=40001 v4addr=[10,0,0,1] v6addr=[]");
	feed_expect(f, "io_end open 3 nil nil\n"
		       "io_end accept 5 10.0.0.1:40009 nil\n"
		       "io_end accept 6 10.0.0.1:40000 80\n"
		       "io_end accept 7 10.0.0.1:40001 80\n");
	feed_free(f);
	g_free(answer);
}

/* This side of a connection, as packets tell it, and its protocol; and when its descriptors are closed. */
static void test_own_side(void)
{
	struct feed *f = feed_two();
	char *answer = g_strconcat(tcp(2, 80, 1, 40000, 1), NULL);

	strcpy(strrchr(answer, '=') + 1, "18");
	feed_watch(f, "syscall_exit", "name fd address peer protocol");
	feed_watch(f, "fd_close", "fd side");
	feed_call(f, 100, 1, "socket", "family=2 type=1 protocol=0", "ret=3");
	feed_packet(f, 120, 0, "net_dev_queue", 1, "eth0", 74, answer);
	feed_call(f, 130, 1, "accept", "fd=3",
		"ret=5 family=2 sport=40000 v4addr=[10,0,0,1] v6addr=[]");
	feed_call(f, 150, 1, "close", "fd=5", "ret=0");
	feed_expect(f, "syscall_exit socket 3 nil nil tcp\n"
		       "syscall_exit accept 5 10.0.0.2:80 10.0.0.1:40000 tcp\n"
		       "syscall_exit close 5 10.0.0.2:80 10.0.0.1:40000 tcp\n"
		       "fd_close 5 server\n");
	/* The port is known by now, this side's address will be when it sends. */
	feed_call(f, 170, 1, "accept", "fd=3", "ret=6 family=0 sport=0 v4addr=[] v6addr=[]");
	feed(f, 190, 1, "syscall_entry_write", "fd=6 count=5");
	feed_packet(f, 191, 1, "net_dev_queue", 2, "eth0", 74, tcp(2, 80, 3, 40002, 1));
	feed(f, 192, 1, "syscall_exit_write", "ret=5");
	feed_expect(f, "syscall_exit accept 6 nil nil tcp\n"
		       "syscall_exit write 6 10.0.0.2:80 10.0.0.3:40002 tcp\n");
	feed_call(f, 200, 1, "socket", "family=2 type=524290 protocol=0", "ret=7");
	feed_call(f, 220, 1, "socket", "family=2 type=3 protocol=1", "ret=8");
	feed_call(f, 240, 1, "socket", "family=10 type=1 protocol=262", "ret=9");
	feed_call(f, 260, 1, "close", "fd=7", "ret=0");
	feed_expect(f, "syscall_exit socket 7 nil nil udp\n"
		       "syscall_exit socket 8 nil nil icmp\n"
		       "syscall_exit socket 9 nil nil tcp\n"
		       "syscall_exit close 7 nil nil udp\n"
		       "fd_close 7 unknown\n");
	feed_free(f);
	g_free(answer);
}

/* Descriptors that were open before, of a child, of both sides of a copy; UDP; softirqs. */
static void test_learned(void)
{
	struct feed *f = feed_two();

	feed_watch(f, "io_end", "tid io_class fd peer port");
	feed(f, 100, 0, "syscall_entry_sendfile64", "in_fd=4 out_fd=5 count=5");
	feed_packet(f, 101, 0, "net_dev_queue", 1, "eth0", 74, tcp(2, 80, 3, 40002, 1));
	feed(f, 102, 0, "syscall_exit_sendfile64", "ret=5");
	feed(f, 103, 0, "sched_process_fork",
		"parent_tid=10 parent_pid=10 child_tid=11 child_pid=11 child_comm=app");
	feed(f, 104, 0, "sched_switch", "prev_tid=10 next_tid=11 next_comm=app");
	feed_call(f, 110, 0, "read", "fd=5 count=5", "ret=5");
	/* What an interrupt sends meanwhile is of another connection. */
	feed_call(f, 130, 0, "socket", "family=2 type=1", "ret=6");
	feed(f, 150, 0, "syscall_entry_write", "fd=6 count=5");
	feed(f, 151, 0, "irq_softirq_entry", "vec=3");
	feed_packet(f, 152, 0, "net_dev_queue", 2, "eth0", 74, tcp(2, 80, 3, 40003, 1));
	feed(f, 153, 0, "irq_softirq_exit", "vec=3");
	feed(f, 154, 0, "syscall_exit_write", "ret=5");
	/* Without a connection each call has its own. */
	feed_call(f, 160, 0, "socket", "family=2 type=2", "ret=7");
	feed(f, 180, 0, "syscall_entry_sendto", "fd=7 len=5");
	feed_packet(f, 181, 0, "net_dev_queue", 3, "eth0", 74,
		UDP_TO_53(1) " network_header.transport_header.source_port=40000");
	feed(f, 182, 0, "syscall_exit_sendto", "ret=5");
	feed_call(f, 190, 0, "sendto", "fd=7 len=5", "ret=5");
	/* Its port is known by now, a client's. */
	feed(f, 200, 0, "syscall_entry_sendto", "fd=7 len=5");
	feed_packet(f, 201, 0, "net_dev_queue", 4, "eth0", 74, UDP_TO_53(1));
	feed(f, 202, 0, "syscall_exit_sendto", "ret=5");
	feed_expect(f, "io_end 10 read 4 nil nil\n"
		       "io_end 10 write 5 10.0.0.3:40002 80\n"
		       "io_end 11 read 5 10.0.0.3:40002 80\n"
		       "io_end 11 open 6 nil nil\n"
		       "io_end 11 write 6 nil nil\n"
		       "io_end 11 open 7 nil nil\n"
		       "io_end 11 write 7 10.0.0.5:53 53\n"
		       "io_end 11 write 7 nil nil\n"
		       "io_end 11 write 7 10.0.0.5:53 53\n");
	feed_free(f);
}

/* Which side a socket is, as far as calls tell; and what the statedump leaves of it. */
static void test_sides(void)
{
	struct feed *f = feed_two();

	feed_watch(f, "io_end", "tid io_class fd side peer opened");
	feed_call(f, 100, 0, "socket", "family=2 type=1", "ret=3");
	feed_call(f, 120, 0, "socket", "family=1 type=1", "ret=4");
	feed_call(f, 140, 0, "open", "filename=/etc/passwd flags=0", "ret=5");
	feed_call(f, 160, 0, "connect", "fd=3 family=2 dport=80 v4addr=[10,0,0,2] v6addr=[]",
		"ret=0");
	feed_call(f, 180, 0, "connect", "fd=4 family=1 dport=0 v4addr=[] v6addr=[]", "ret=0");
	feed_call(f, 200, 0, "write", "fd=4 count=5", "ret=5");
	/* One that has been waiting since before the trace. */
	feed(f, 220, 1, "syscall_exit_accept",
		"ret=6 family=2 sport=1 v4addr=[10,0,0,9] v6addr=[]");
	feed_call(f, 230, 1, "read", "fd=6 count=5", "ret=5");
	feed_expect(f, "io_end 10 open 3 unknown nil 110\n"
		       "io_end 10 open 4 nil nil nil\n"
		       "io_end 10 open 5 nil nil nil\n"
		       "io_end 10 write 4 client nil nil\n"
		       "io_end 20 read 6 server nil 220\n");
	feed(f, 300, 0, "lttng_statedump_file_descriptor",
		"pid=10 fd=3 flags=2 filename=socket:[7]");
	feed_call(f, 310, 0, "write", "fd=3 count=5", "ret=5");
	feed(f, 330, 0, "lttng_statedump_file_descriptor",
		"pid=10 fd=3 flags=2 filename=/etc/passwd");
	feed_call(f, 340, 0, "write", "fd=3 count=5", "ret=5");
	feed_expect(f, "io_end 10 write 3 client 10.0.0.2:80 110\n"
		       "io_end 10 write 3 nil nil nil\n");
	feed_free(f);
}

/* Of more sockets than there is room for, those that are used stay. */
static void test_many_sockets(void)
{
	struct feed *f = feed_two();
	uint32_t strings = 0;

	for (int i = 0; i < SOCKETS_MAX + 100; i++) {
		char *fields =
			g_strdup_printf("fd=5 family=2 dport=%d v4addr=[10,0,%d,%d] v6addr=[]",
				i % 65536, i / 256, i % 256);
		if (i % 1000 == 1)
			feed_call(f, 100 * i + 60, 0, "read", "fd=3 count=5", "ret=5");
		feed_call(f, 100 * i + 100, 0, "socket", "family=2 type=1",
			i == 0 ? "ret=3" : "ret=5");
		if (i == 0)
			fields[3] = '3';
		feed_call(f, 100 * i + 120, 0, "connect", fields, "ret=0");
		if (i == SOCKETS_MAX)
			strings = state_count(feed_state(f)).strings;
		g_free(fields);
	}
	g_assert_cmpuint(state_count(feed_state(f)).strings, <=, strings + 1);
	feed_watch(f, "io_end", "fd peer port");
	feed_call(f, 100 * (SOCKETS_MAX + 200), 0, "read", "fd=3 count=5", "ret=5");
	feed_expect(f, "io_end 3 10.0.0.0:0 0\n");
	feed_free(f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/net/packets", test_packets);
	g_test_add_func("/net/headers", test_headers);
	g_test_add_func("/net/sender", test_sender);
	g_test_add_func("/net/without-headers", test_without_headers);
	g_test_add_func("/net/handed-on", test_handed_on);
	g_test_add_func("/net/parts", test_parts);
	g_test_add_func("/net/unknown-sender", test_unknown_sender);
	g_test_add_func("/net/many", test_many);
	g_test_add_func("/net/wait", test_wait);
	g_test_add_func("/net/peers", test_peers);
	g_test_add_func("/net/accepted", test_accepted);
	g_test_add_func("/net/own-side", test_own_side);
	g_test_add_func("/net/answered", test_answered);
	g_test_add_func("/net/learned", test_learned);
	g_test_add_func("/net/sides", test_sides);
	g_test_add_func("/net/many-sockets", test_many_sockets);
	return g_test_run();
}
