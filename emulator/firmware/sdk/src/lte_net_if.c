/* The modem as a network interface: usable while it is registered and has a packet data context. */
// build: if NET_CONNECTION_MANAGER
#include <stdio.h>
#include "net_if.h"

#if !defined(CONFIG_NRF_MODEM_LIB_NET_IF)

struct net_if *ncsh_net_if;

#else

#include <modem/lte_lc.h>
#include <modem/nrf_modem_lib.h>
#include <nrf_modem_at.h>
#include <zephyr/init.h>
#include <zephyr/logging/log.h>
#include <zephyr/net/socket.h>
#include "fields.h"
#include "pdn_common.h"

#ifndef CONFIG_NRF_MODEM_LIB_NET_IF_LOG_LEVEL
#define CONFIG_NRF_MODEM_LIB_NET_IF_LOG_LEVEL CONFIG_LOG_DEFAULT_LEVEL
#endif
LOG_MODULE_REGISTER(nrf_modem_lib_netif, CONFIG_NRF_MODEM_LIB_NET_IF_LOG_LEVEL);

static bool has_context, has_cell;
static K_MUTEX_DEFINE(link_mutex);

static int modem_up(void);
static int modem_down(void);
static int lte_connect(void);
static int lte_disconnect(void);

static struct net_if lte = {
	.dormant = true,
	.mtu = 1280,
	.timeout = CONFIG_NRF_MODEM_LIB_NET_IF_CONNECT_TIMEOUT_SECONDS,
	.flags = {
		[CONN_MGR_IF_PERSISTENT] = IS_ENABLED(CONFIG_NRF_MODEM_LIB_NET_IF_CONNECTION_PERSISTENCE),
		[CONN_MGR_IF_NO_AUTO_CONNECT] = !IS_ENABLED(CONFIG_NRF_MODEM_LIB_NET_IF_AUTO_CONNECT),
		[CONN_MGR_IF_NO_AUTO_DOWN] = !IS_ENABLED(CONFIG_NRF_MODEM_LIB_NET_IF_AUTO_DOWN),
	},
	.up = modem_up,
	.down = modem_down,
	.connect = lte_connect,
	.disconnect = lte_disconnect,
};
struct net_if *ncsh_net_if = &lte;

/* ---- giving up ---- */

static void down_if_wanted(void)
{
	if (!lte.flags[CONN_MGR_IF_NO_AUTO_DOWN]) {
		(void)net_if_down(&lte);
	}
}

static void give_up(z_net_event_t why)
{
	int err = lte_disconnect();

	if (err != 0) {
		LOG_ERR("lte_net_if_disconnect, error: %d", err);
		why = NET_EVENT_CONN_IF_FATAL_ERROR;
	}
	net_mgmt_event_notify(why, &lte);
	down_if_wanted();
}

static void timed_out(struct k_work *work)
{
	ARG_UNUSED(work);
	LOG_DBG("LTE connection timeout");
	give_up(NET_EVENT_CONN_IF_TIMEOUT);
}
static K_WORK_DELAYABLE_DEFINE(timeout_work, timed_out);

static void begin_timeout(void)
{
	if (lte.timeout > CONN_MGR_IF_NO_TIMEOUT) {
		k_work_reschedule(&timeout_work, K_SECONDS(lte.timeout));
	}
}

#if !defined(CONFIG_NRF_MODEM_LIB_ON_FAULT_RESET_MODEM) && !defined(CONFIG_NRF_MODEM_LIB_ON_FAULT_APPLICATION_SPECIFIC)
static void crashed(struct k_work *work)
{
	ARG_UNUSED(work);
	net_mgmt_event_notify(NET_EVENT_CONN_IF_FATAL_ERROR, &lte);
	ncsh_net_if_dormant(true);
	down_if_wanted();
}
static K_WORK_DEFINE(crash_work, crashed);

void nrf_modem_fault_handler(struct nrf_modem_fault_info *fault_info)
{
	LOG_ERR("Modem error: 0x%x, PC: 0x%x", fault_info->reason, fault_info->program_counter);
	k_work_submit(&crash_work);
}
#endif

/* ---- what the modem tells ---- */

static void changed(bool *what, bool now)
{
	k_mutex_lock(&link_mutex, K_FOREVER);
	bool before = has_context && has_cell;

	*what = now;
	bool after = has_context && has_cell;

	k_mutex_unlock(&link_mutex);
	if (before == after) {
		return;
	}
	LOG_DBG("Becoming %s", after ? "active" : "dormant");
	ncsh_net_if_dormant(!after);
	if (after) {
		k_work_cancel_delayable(&timeout_work);
	} else if (!nrf_modem_is_initialized()) {
		return; /* it was switched off */
	} else if (lte.flags[CONN_MGR_IF_PERSISTENT]) {
		begin_timeout();
	} else {
		int err = lte_disconnect();

		if (err != 0) {
			LOG_ERR("lte_net_if_disconnect, error: %d", err);
			net_mgmt_event_notify(NET_EVENT_CONN_IF_FATAL_ERROR, &lte);
		}
		down_if_wanted();
	}
}

/* Reads the addresses of the default context. */
static void read_addresses(bool only6)
{
	char four[INET_ADDRSTRLEN] = "", six[INET6_ADDRSTRLEN] = "";
	char first[INET6_ADDRSTRLEN] = "";
	struct in_addr addr4;
	struct in6_addr addr6;
	int n = nrf_modem_at_scanf("AT+CGPADDR=0", "+CGPADDR: %*d,\"%45[^\"]\",\"%45[^\"]\"", first, six);

	if (n >= 1) {
		strcpy(strchr(first, ':') != NULL ? six : (strlen(first) < sizeof(four) ? four : first), first);
	}
	if (!only6) {
		bool has4 = four[0] != '\0' && zsock_inet_pton(AF_INET, four, &addr4) == 1;

		if (!has4) {
			LOG_WRN("No IPv4 address given by the network");
		}
		ncsh_net_if_addr4(has4 ? &addr4 : NULL);
	}
	ncsh_net_if_addr6(six[0] != '\0' && zsock_inet_pton(AF_INET6, six, &addr6) == 1 ? &addr6 : NULL);
}

static void on_context(enum ncsh_pdn_event event, int cid, int value)
{
	ARG_UNUSED(value);
	if (cid > 0) {
		return;
	}
	switch (event) {
	case NCSH_PDN_ACTIVATED:
		read_addresses(false);
		changed(&has_context, lte.has4 || lte.has6);
		break;
	case NCSH_PDN_DEACTIVATED:
	case NCSH_PDN_MODEM_OFF:
		ncsh_net_if_addr4(NULL);
		ncsh_net_if_addr6(NULL);
		changed(&has_context, false);
		break;
	case NCSH_PDN_IPV6_UP:
		read_addresses(true);
		break;
	case NCSH_PDN_IPV6_DOWN:
		ncsh_net_if_addr6(NULL);
		break;
	default:
		break;
	}
}
static struct ncsh_pdn_listener context_listener = { .fn = on_context };

static void on_lte(const struct lte_lc_evt *const evt)
{
	if (evt->type != LTE_LC_EVT_NW_REG_STATUS) {
		return;
	}
	switch (evt->nw_reg_status) {
	case LTE_LC_NW_REG_REGISTERED_HOME:
	case LTE_LC_NW_REG_REGISTERED_ROAMING:
		changed(&has_cell, true);
		break;
	case LTE_LC_NW_REG_SEARCHING: /* it may find the cell again */
		break;
	default:
		changed(&has_cell, false);
	}
}

/* ---- what the interface does ---- */

static int modem_up(void)
{
	if (!nrf_modem_is_initialized()) {
		int err = nrf_modem_lib_init();

		if (err != 0) {
			LOG_ERR("modem_init, error: %d", err);
			return err;
		}
	}
#if NCSHOST_VER < 0x020800
	return lte_lc_init();
#else
	return 0;
#endif
}

static int modem_down(void)
{
	return IS_ENABLED(CONFIG_NRF_MODEM_LIB_NET_IF_DOWN_DEFAULT_LTE_DISCONNECT) ? lte_disconnect() : nrf_modem_lib_shutdown();
}

static int lte_connect(void)
{
	int err = lte_lc_func_mode_set(LTE_LC_FUNC_MODE_ACTIVATE_LTE);

	if (err != 0) {
		LOG_ERR("lte_lc_func_mode_set, error: %d", err);
		return err;
	}
	begin_timeout();
	return 0;
}

static int lte_disconnect(void)
{
	k_work_cancel_delayable(&timeout_work);
	int err = lte_lc_func_mode_set(LTE_LC_FUNC_MODE_DEACTIVATE_LTE);

	if (err != 0) {
		LOG_ERR("lte_lc_func_mode_set, error: %d", err);
	}
	return err;
}

static int begin(void)
{
	ncsh_pdn_listen(&context_listener);
	lte_lc_register_handler(on_lte);
#if defined(CONFIG_NRF_MODEM_LIB_NET_IF_AUTO_START)
	return net_if_up(&lte);
#else
	return 0;
#endif
}
SYS_INIT(begin, APPLICATION, CONFIG_APPLICATION_INIT_PRIORITY);

#endif
