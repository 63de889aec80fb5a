/* The events of the network, see net_mgmt.h. */
#ifndef NRF91EMU_ZEPHYR_NET_NET_EVENT_H_
#define NRF91EMU_ZEPHYR_NET_NET_EVENT_H_

#include <zephyr/net/net_mgmt.h>

/* The interface: taken up and down by the application, and usable. */
#define NET_EVENT_IF_DOWN Z_NET_EVENT(1, 0)
#define NET_EVENT_IF_UP Z_NET_EVENT(1, 1)
#define NET_EVENT_IF_ADMIN_DOWN Z_NET_EVENT(1, 2)
#define NET_EVENT_IF_ADMIN_UP Z_NET_EVENT(1, 3)

#define NET_EVENT_IPV6_ADDR_ADD Z_NET_EVENT(2, 0)
#define NET_EVENT_IPV6_ADDR_DEL Z_NET_EVENT(2, 1)
#define NET_EVENT_IPV4_ADDR_ADD Z_NET_EVENT(3, 0)
#define NET_EVENT_IPV4_ADDR_DEL Z_NET_EVENT(3, 1)

/* There is an interface that is usable and has an address, by the connection manager. */
#define NET_EVENT_L4_CONNECTED Z_NET_EVENT(4, 0)
#define NET_EVENT_L4_DISCONNECTED Z_NET_EVENT(4, 1)
#define NET_EVENT_L4_IPV4_CONNECTED Z_NET_EVENT(4, 2)
#define NET_EVENT_L4_IPV4_DISCONNECTED Z_NET_EVENT(4, 3)
#define NET_EVENT_L4_IPV6_CONNECTED Z_NET_EVENT(4, 4)
#define NET_EVENT_L4_IPV6_DISCONNECTED Z_NET_EVENT(4, 5)

/* The link: it was not there in time; it cannot be repaired. */
#define NET_EVENT_CONN_IF_TIMEOUT Z_NET_EVENT(5, 0)
#define NET_EVENT_CONN_IF_FATAL_ERROR Z_NET_EVENT(5, 1)

#endif
