/* The network interface and the connection manager, see zephyr/net/net_if.h and conn_mgr_*.h. */
// build: if NET_CONNECTION_MANAGER
#include <stdio.h>
#include <zephyr/kernel.h>
#include <zephyr/net/conn_mgr_connectivity.h>
#include <zephyr/net/conn_mgr_monitor.h>
#include "net_if.h"

static K_MUTEX_DEFINE(state_mutex); /* it may be locked several times by one thread */

/* What was told last. */
static bool told_up, told4, told6;

/* ---- the state of the interface ---- */

static bool usable(const struct net_if *iface)
{
	return iface != NULL && iface->admin_up && !iface->dormant;
}

static void tell(bool *told, bool now, z_net_event_t yes, z_net_event_t no)
{
	if (*told != now) {
		*told = now;
		net_mgmt_event_notify(now ? yes : no, ncsh_net_if);
	}
}

/* Tells of what has changed. */
static void look(void)
{
	static bool told_l4;
	struct net_if *iface = ncsh_net_if;
	bool up = usable(iface), counts = up && !iface->ignored;
	bool has4 = counts && iface->has4, has6 = counts && iface->has6;

	tell(&told_up, up, NET_EVENT_IF_UP, NET_EVENT_IF_DOWN);
	tell(&told_l4, has4 || has6, NET_EVENT_L4_CONNECTED, NET_EVENT_L4_DISCONNECTED);
	tell(&told4, has4, NET_EVENT_L4_IPV4_CONNECTED, NET_EVENT_L4_IPV4_DISCONNECTED);
	tell(&told6, has6, NET_EVENT_L4_IPV6_CONNECTED, NET_EVENT_L4_IPV6_DISCONNECTED);
}

static void lock(void)
{
	k_mutex_lock(&state_mutex, K_FOREVER);
}

static void unlock(void)
{
	look();
	k_mutex_unlock(&state_mutex);
}

void ncsh_net_if_dormant(bool dormant)
{
	lock();
	ncsh_net_if->dormant = dormant;
	unlock();
}

void ncsh_net_if_addr4(const struct in_addr *addr)
{
	struct net_if *iface = ncsh_net_if;

	lock();
	if (iface->has4 || addr != NULL) {
		net_mgmt_event_notify(addr != NULL ? NET_EVENT_IPV4_ADDR_ADD : NET_EVENT_IPV4_ADDR_DEL, iface);
	}
	iface->has4 = addr != NULL;
	iface->addr4 = addr != NULL ? *addr : (struct in_addr){ 0 };
	unlock();
}

void ncsh_net_if_addr6(const struct in6_addr *addr)
{
	struct net_if *iface = ncsh_net_if;

	lock();
	if (iface->has6 || addr != NULL) {
		net_mgmt_event_notify(addr != NULL ? NET_EVENT_IPV6_ADDR_ADD : NET_EVENT_IPV6_ADDR_DEL, iface);
	}
	iface->has6 = addr != NULL;
	iface->addr6 = addr != NULL ? *addr : (struct in6_addr){ 0 };
	unlock();
}

/* ---- the interface ---- */

struct net_if *net_if_get_default(void)
{
	return ncsh_net_if;
}

struct net_if *net_if_get_by_index(int index)
{
	return index == 1 ? ncsh_net_if : NULL;
}

int net_if_get_by_iface(struct net_if *iface)
{
	return iface != NULL && iface == ncsh_net_if ? 1 : -1;
}

void net_if_foreach(net_if_cb_t cb, void *user_data)
{
	if (ncsh_net_if != NULL) {
		cb(ncsh_net_if, user_data);
	}
}

int net_if_get_name(struct net_if *iface, char *buf, int len)
{
	static const char name[] = "lte0";

	if (iface == NULL || buf == NULL || len <= 0) {
		return -EINVAL;
	}
	if (len < (int)sizeof(name)) {
		return -ENOMEM;
	}
	memcpy(buf, name, sizeof(name));
	return (int)sizeof(name) - 1;
}

int net_if_up(struct net_if *iface)
{
	if (iface->admin_up) {
		return -EALREADY;
	}
	int err = iface->up();

	if (err != 0) {
		return err;
	}
	lock();
	iface->admin_up = true;
	net_mgmt_event_notify(NET_EVENT_IF_ADMIN_UP, iface);
	unlock();
	return iface->flags[CONN_MGR_IF_NO_AUTO_CONNECT] ? 0 : conn_mgr_if_connect(iface);
}

int net_if_down(struct net_if *iface)
{
	if (!iface->admin_up) {
		return -EALREADY;
	}
	int err = iface->down();

	if (err != 0) {
		return err;
	}
	lock();
	iface->admin_up = false;
	net_mgmt_event_notify(NET_EVENT_IF_ADMIN_DOWN, iface);
	unlock();
	return 0;
}

bool net_if_is_admin_up(struct net_if *iface)
{
	return iface != NULL && iface->admin_up;
}

bool net_if_is_up(struct net_if *iface)
{
	return usable(iface);
}

bool net_if_is_dormant(struct net_if *iface)
{
	return iface != NULL && iface->dormant;
}

uint16_t net_if_get_mtu(struct net_if *iface)
{
	return iface != NULL ? iface->mtu : 0;
}

void net_if_set_mtu(struct net_if *iface, uint16_t mtu)
{
	if (iface != NULL) {
		iface->mtu = mtu;
	}
}

struct in_addr *net_if_ipv4_get_global_addr(struct net_if *iface, enum net_addr_state addr_state)
{
	return iface != NULL && iface->has4 && addr_state != NET_ADDR_TENTATIVE && addr_state != NET_ADDR_DEPRECATED ? &iface->addr4
														     : NULL;
}

struct in6_addr *net_if_ipv6_get_global_addr(enum net_addr_state addr_state, struct net_if **iface)
{
	struct net_if *i = iface != NULL && *iface != NULL ? *iface : ncsh_net_if;

	if (i == NULL || !i->has6 || addr_state == NET_ADDR_TENTATIVE || addr_state == NET_ADDR_DEPRECATED) {
		return NULL;
	}
	if (iface != NULL) {
		*iface = i;
	}
	return &i->addr6;
}

/* ---- the connection manager ---- */

void conn_mgr_mon_resend_status(void)
{
	struct net_if *iface = ncsh_net_if;

	lock();
	net_mgmt_event_notify(told4 || told6 ? NET_EVENT_L4_CONNECTED : NET_EVENT_L4_DISCONNECTED, iface);
	net_mgmt_event_notify(told6 ? NET_EVENT_L4_IPV6_CONNECTED : NET_EVENT_L4_IPV6_DISCONNECTED, iface);
	net_mgmt_event_notify(told4 ? NET_EVENT_L4_IPV4_CONNECTED : NET_EVENT_L4_IPV4_DISCONNECTED, iface);
	unlock();
}

static void ignore(struct net_if *iface, bool ignored)
{
	lock();
	if (iface != NULL) {
		iface->ignored = ignored;
	}
	unlock();
}

void conn_mgr_ignore_iface(struct net_if *iface)
{
	ignore(iface, true);
}

void conn_mgr_watch_iface(struct net_if *iface)
{
	ignore(iface, false);
}

bool conn_mgr_is_iface_ignored(struct net_if *iface)
{
	return iface != NULL && iface->ignored;
}

bool conn_mgr_if_is_bound(struct net_if *iface)
{
	return iface != NULL && iface == ncsh_net_if;
}

int conn_mgr_if_connect(struct net_if *iface)
{
	if (!conn_mgr_if_is_bound(iface)) {
		return -ENOTSUP;
	}
	if (!iface->admin_up) {
		bool manual = iface->flags[CONN_MGR_IF_NO_AUTO_CONNECT];
		int err = net_if_up(iface);

		if (err != 0 || !manual) {
			return err;
		}
	}
	return iface->connect();
}

int conn_mgr_if_disconnect(struct net_if *iface)
{
	if (!conn_mgr_if_is_bound(iface)) {
		return -ENOTSUP;
	}
	return iface->admin_up ? iface->disconnect() : 0;
}

bool conn_mgr_if_get_flag(struct net_if *iface, enum conn_mgr_if_flag flag)
{
	return conn_mgr_if_is_bound(iface) && flag < CONN_MGR_NUM_IF_FLAGS && iface->flags[flag];
}

int conn_mgr_if_set_flag(struct net_if *iface, enum conn_mgr_if_flag flag, bool value)
{
	if (flag >= CONN_MGR_NUM_IF_FLAGS) {
		return -EINVAL;
	}
	if (!conn_mgr_if_is_bound(iface)) {
		return -ENOTSUP;
	}
	iface->flags[flag] = value;
	return 0;
}

int conn_mgr_if_get_timeout(struct net_if *iface)
{
	return conn_mgr_if_is_bound(iface) ? iface->timeout : CONN_MGR_IF_NO_TIMEOUT;
}

int conn_mgr_if_set_timeout(struct net_if *iface, int timeout)
{
	if (!conn_mgr_if_is_bound(iface)) {
		return -ENOTSUP;
	}
	iface->timeout = timeout;
	return 0;
}

static int all(bool skip_ignored, bool up_already, int (*fn)(struct net_if *iface))
{
	struct net_if *iface = ncsh_net_if;

	if (iface == NULL || (skip_ignored && iface->ignored) || iface->admin_up == up_already) {
		return 0;
	}
	return fn(iface);
}

int conn_mgr_all_if_up(bool skip_ignored)
{
	return all(skip_ignored, true, net_if_up);
}

int conn_mgr_all_if_down(bool skip_ignored)
{
	return all(skip_ignored, false, net_if_down);
}

int conn_mgr_all_if_connect(bool skip_ignored)
{
	struct net_if *iface = ncsh_net_if;

	return iface == NULL || (skip_ignored && iface->ignored) ? 0 : conn_mgr_if_connect(iface);
}

int conn_mgr_all_if_disconnect(bool skip_ignored)
{
	return all(skip_ignored, false, conn_mgr_if_disconnect);
}
