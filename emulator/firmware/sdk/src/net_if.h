/* The modem's network interface, between the connection manager and LTE. */
#ifndef NCSH_NET_IF_H_
#define NCSH_NET_IF_H_

#include <zephyr/net/conn_mgr_connectivity.h>
#include <zephyr/net/net_if.h>

struct net_if {
	bool admin_up, dormant, ignored;
	bool has4, has6;
	struct in_addr addr4;
	struct in6_addr addr6;
	uint16_t mtu;
	bool flags[CONN_MGR_NUM_IF_FLAGS];
	int timeout; /* in seconds */

	/* What the link does: 0, or the negative of an errno. */
	int (*up)(void);
	int (*down)(void);
	int (*connect)(void);
	int (*disconnect)(void);
};

/* ncsh_net_if is NULL if there is no interface. */
extern struct net_if *ncsh_net_if;

/* The link is usable, or waits for the network. */
void ncsh_net_if_dormant(bool dormant);
/* The address that the network has given; NULL is none. */
void ncsh_net_if_addr4(const struct in_addr *addr);
void ncsh_net_if_addr6(const struct in6_addr *addr);

#endif
