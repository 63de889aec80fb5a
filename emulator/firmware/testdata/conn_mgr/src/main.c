/* The connection manager: what it does and tells as the interface goes up, is connected, loses the
 * network and goes down. */
#include <stdio.h>
#include <zephyr/kernel.h>
#include <zephyr/net/conn_mgr_connectivity.h>
#include <zephyr/net/conn_mgr_monitor.h>
#include <zephyr/net/socket.h>
#include <modem/nrf_modem_lib.h>
#include <nrf_modem_at.h>

#define NAMED(event) { event, #event }
static const struct {
	z_net_event_t event;
	const char *name;
} names[] = {
	NAMED(NET_EVENT_IF_UP), NAMED(NET_EVENT_IF_DOWN), NAMED(NET_EVENT_IF_ADMIN_UP), NAMED(NET_EVENT_IF_ADMIN_DOWN),
	NAMED(NET_EVENT_IPV4_ADDR_ADD), NAMED(NET_EVENT_IPV4_ADDR_DEL), NAMED(NET_EVENT_L4_CONNECTED),
	NAMED(NET_EVENT_L4_DISCONNECTED), NAMED(NET_EVENT_L4_IPV4_CONNECTED), NAMED(NET_EVENT_L4_IPV4_DISCONNECTED),
	NAMED(NET_EVENT_CONN_IF_TIMEOUT), NAMED(NET_EVENT_CONN_IF_FATAL_ERROR),
};

static K_SEM_DEFINE(connected, 0, 1);
static K_SEM_DEFINE(disconnected, 0, 1);
static K_SEM_DEFINE(went_down, 0, 1);

static void on_event(struct net_mgmt_event_callback *cb, z_net_event_t event, struct net_if *iface)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].event == event) {
			printk("%s of %d\n", names[i].name, net_if_get_by_iface(iface));
		}
	}
	if (event == NET_EVENT_L4_IPV4_CONNECTED) {
		k_sem_give(&connected);
	} else if (event == NET_EVENT_L4_IPV4_DISCONNECTED) {
		k_sem_give(&disconnected);
	} else if (event == NET_EVENT_IF_ADMIN_DOWN) {
		k_sem_give(&went_down);
	}
}

static void from_the_start(z_net_event_t event, struct net_if *iface, void *info, size_t info_length, void *user_data)
{
	printk("%s %d %d\n", (const char *)user_data, event == NET_EVENT_L4_CONNECTED, info == NULL && info_length == 0);
}
NET_MGMT_REGISTER_EVENT_HANDLER(early, NET_EVENT_L4_CONNECTED, from_the_start, "early");

static void follow(z_net_event_t mask)
{
	static struct net_mgmt_event_callback callbacks[5];
	static int n;

	net_mgmt_init_event_callback(&callbacks[n], on_event, mask);
	net_mgmt_add_event_callback(&callbacks[n++]);
}

static void wait_for(struct k_sem *what)
{
	printk("waited: %d\n", k_sem_take(what, K_SECONDS(20)));
}

/* net_mgmt_event_wait while how things stand is told again and again. */
static void resend(struct k_work *work)
{
	conn_mgr_mon_resend_status();
	k_work_reschedule(k_work_delayable_from_work(work), K_MSEC(10));
}

static void wait_for_event(void)
{
	static K_WORK_DELAYABLE_DEFINE(again, resend);
	z_net_event_t raised = 0;
	struct net_if *iface = NULL;

	k_work_schedule(&again, K_NO_WAIT);
	int err = net_mgmt_event_wait(NET_EVENT_L4_CONNECTED, &raised, &iface, NULL, NULL, K_SECONDS(20));
	int other = net_mgmt_event_wait_on_iface(iface, NET_EVENT_IF_DOWN, NULL, NULL, NULL, K_MSEC(30));

	k_work_cancel_delayable(&again);
	printk("event: %d %d %d, another: %d\n", err, raised == NET_EVENT_L4_CONNECTED, net_if_get_by_iface(iface), other == -ETIMEDOUT);
}

static void show(void)
{
	struct net_if *iface = net_if_get_default();
	struct in_addr *addr = net_if_ipv4_get_global_addr(iface, NET_ADDR_PREFERRED);
	char text[INET_ADDRSTRLEN] = "none", name[8];

	if (addr != NULL) {
		zsock_inet_ntop(AF_INET, addr, text, sizeof(text));
	}
	printk("name: %d %s, address: %s, admin up %d, up %d, dormant %d\n", net_if_get_name(iface, name, sizeof(name)), name, text,
	       net_if_is_admin_up(iface), net_if_is_up(iface), net_if_is_dormant(iface));
}

int main(void)
{
	follow(NET_EVENT_IF_UP | NET_EVENT_IF_DOWN | NET_EVENT_IF_ADMIN_UP | NET_EVENT_IF_ADMIN_DOWN);
	follow(NET_EVENT_IPV4_ADDR_ADD | NET_EVENT_IPV4_ADDR_DEL);
	follow(NET_EVENT_L4_CONNECTED | NET_EVENT_L4_DISCONNECTED | NET_EVENT_L4_IPV4_CONNECTED | NET_EVENT_L4_IPV4_DISCONNECTED);
	follow(NET_EVENT_CONN_IF_TIMEOUT | NET_EVENT_CONN_IF_FATAL_ERROR);

#if defined(CONFIG_NRF_MODEM_LIB_NET_IF_AUTO_CONNECT)
	/* It was started before main and connects by itself. It loses its network, is not connected in
	 * time, and goes down. */
	conn_mgr_mon_resend_status();
	wait_for(&connected);
	show();
	printk("timeout: %d", conn_mgr_if_set_timeout(net_if_get_default(), 1));
	printk(", %d\n", conn_mgr_if_get_timeout(net_if_get_default()));
	nrf_modem_at_printf("AT+CFUN=4");
	wait_for(&went_down);
	printk("initialized %d\n", nrf_modem_is_initialized());
#elif defined(CONFIG_NRF_MODEM_LIB_NET_IF)
	printk("up: %d\n", conn_mgr_all_if_up(true));
	printk("again: %d, by itself: %d\n", conn_mgr_all_if_up(true), net_if_up(net_if_get_default()));
	show();
	printk("connect: %d\n", conn_mgr_all_if_connect(true));
	wait_for(&connected);
	show();
	printk("resend\n");
	conn_mgr_mon_resend_status();
	wait_for(&connected);
	wait_for_event();
	k_sem_reset(&connected);
	printk("ignore\n");
	conn_mgr_ignore_iface(net_if_get_default());
	wait_for(&disconnected);
	conn_mgr_watch_iface(net_if_get_default());
	wait_for(&connected);
	printk("lose\n");
	nrf_modem_at_printf("AT+CFUN=4"); /* persistent: it may come back */
	wait_for(&disconnected);
	nrf_modem_at_printf("AT+CFUN=1");
	wait_for(&connected);
	printk("disconnect\n");
	printk("disconnect: %d\n", conn_mgr_all_if_disconnect(true));
	wait_for(&disconnected);
	printk("down: %d\n", conn_mgr_all_if_down(true));
	show();
	printk("initialized %d, down again: %d, disconnect: %d\n", nrf_modem_is_initialized(), net_if_down(net_if_get_default()),
	       conn_mgr_if_disconnect(net_if_get_default()));
	printk("at once: %d\n", conn_mgr_if_connect(net_if_get_default()));
	wait_for(&connected);
#else
	printk("none: %d %d %d\n", net_if_get_default() == NULL, conn_mgr_all_if_up(true), conn_mgr_all_if_connect(true));
	printk("not bound: %d\n", conn_mgr_if_connect(net_if_get_default()) == -ENOTSUP);
#endif
	printk("Done\n");
	return 0;
}
