/* The network interface: one, the modem's (CONFIG_NRF_MODEM_LIB_NET_IF), or none. */
#ifndef NRF91EMU_ZEPHYR_NET_NET_IF_H_
#define NRF91EMU_ZEPHYR_NET_NET_IF_H_

#include <zephyr/net/net_ip.h>
#include <zephyr/net/net_event.h>

struct net_if;

typedef void (*net_if_cb_t)(struct net_if *iface, void *user_data);

enum net_addr_state {
	NET_ADDR_ANY_STATE = -1,
	NET_ADDR_TENTATIVE = 0,
	NET_ADDR_PREFERRED = 1,
	NET_ADDR_DEPRECATED = 2,
};

/* NULL if there is none. */
struct net_if *net_if_get_default(void);
struct net_if *net_if_get_by_index(int index);
/* The index, from 1; -1 if it is no interface. */
int net_if_get_by_iface(struct net_if *iface);
void net_if_foreach(net_if_cb_t cb, void *user_data);
/* The length of the name, -ENOMEM if it does not fit, -EINVAL. */
int net_if_get_name(struct net_if *iface, char *buf, int len);

/* Starts the modem: 0, -EALREADY, or what the start has returned. */
int net_if_up(struct net_if *iface);
/* Switches the modem off, or goes offline with CONFIG_NRF_MODEM_LIB_NET_IF_DOWN_DEFAULT_LTE_DISCONNECT:
 * 0, -EALREADY, or what that has returned. */
int net_if_down(struct net_if *iface);
/* Whether it was taken up. */
bool net_if_is_admin_up(struct net_if *iface);
/* Whether it was and is usable. */
bool net_if_is_up(struct net_if *iface);
/* Whether it waits for the network. */
bool net_if_is_dormant(struct net_if *iface);

uint16_t net_if_get_mtu(struct net_if *iface);
void net_if_set_mtu(struct net_if *iface, uint16_t mtu);

/* The address that the network has given; NULL if it has given none. */
struct in_addr *net_if_ipv4_get_global_addr(struct net_if *iface, enum net_addr_state addr_state);
struct in6_addr *net_if_ipv6_get_global_addr(enum net_addr_state addr_state, struct net_if **iface);

#endif
