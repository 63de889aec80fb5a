/* The connection manager tells whether the network is there: NET_EVENT_L4_CONNECTED and its like. */
#ifndef NRF91EMU_ZEPHYR_NET_CONN_MGR_MONITOR_H_
#define NRF91EMU_ZEPHYR_NET_CONN_MGR_MONITOR_H_

#include <zephyr/net/net_if.h>

/* Tells again how things stand, for who has asked for events late. */
void conn_mgr_mon_resend_status(void);

/* An interface that is ignored does not count. */
void conn_mgr_ignore_iface(struct net_if *iface);
void conn_mgr_watch_iface(struct net_if *iface);
bool conn_mgr_is_iface_ignored(struct net_if *iface);

#endif
