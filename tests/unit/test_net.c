/*
 * The network: packets on interfaces.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tests/unit/feed.h"

#include <glib.h>

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

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/net/packets", test_packets);
	return g_test_run();
}
