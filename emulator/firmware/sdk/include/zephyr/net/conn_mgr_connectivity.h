/* The connection manager takes interfaces up and connects them. */
#ifndef NRF91EMU_ZEPHYR_NET_CONN_MGR_CONNECTIVITY_H_
#define NRF91EMU_ZEPHYR_NET_CONN_MGR_CONNECTIVITY_H_

#include <zephyr/net/net_if.h>

enum conn_mgr_if_flag {
	/* A connection that was lost is to come back. */
	CONN_MGR_IF_PERSISTENT,
	/* Taking it up does not connect it. */
	CONN_MGR_IF_NO_AUTO_CONNECT,
	/* It stays up when it gives up. */
	CONN_MGR_IF_NO_AUTO_DOWN,
	CONN_MGR_NUM_IF_FLAGS,
};
#define CONN_MGR_IF_NO_TIMEOUT 0

bool conn_mgr_if_is_bound(struct net_if *iface);

/* Takes the interface up if it is down, and begins to connect: 0, -ENOTSUP if it cannot be
 * connected, or what went wrong. */
int conn_mgr_if_connect(struct net_if *iface);
/* 0 also if it is down; else as above. */
int conn_mgr_if_disconnect(struct net_if *iface);

bool conn_mgr_if_get_flag(struct net_if *iface, enum conn_mgr_if_flag flag);
int conn_mgr_if_set_flag(struct net_if *iface, enum conn_mgr_if_flag flag, bool value);
/* How long a connection may take, in seconds. */
int conn_mgr_if_get_timeout(struct net_if *iface);
int conn_mgr_if_set_timeout(struct net_if *iface, int timeout);

/* The same for all interfaces, those that are ignored left out or not: the first error, or 0. */
int conn_mgr_all_if_up(bool skip_ignored);
int conn_mgr_all_if_down(bool skip_ignored);
int conn_mgr_all_if_connect(bool skip_ignored);
int conn_mgr_all_if_disconnect(bool skip_ignored);

#endif
