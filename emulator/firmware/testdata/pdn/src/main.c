/* Packet data contexts by both of their libraries: what is told of them, and when. */
#include <stdio.h>
#include <string.h>
#include <zephyr/kernel.h>
#include <zephyr/net/socket.h>
#include <modem/lte_lc.h>
#include <modem/nrf_modem_lib.h>
#include <nrf_modem_at.h>

static K_SEM_DEFINE(active, 0, 10);

static void tell(const char *what, int cid, int value)
{
	printk("%s %d %d\n", what, cid, value);
	if (strcmp(what, "activated") == 0) {
		k_sem_give(&active);
	}
}

#if defined(CONFIG_LTE_LC_PDN_MODULE)
static void on_lte(const struct lte_lc_evt *const evt)
{
	static const char *const names[] = {
		"activated", "deactivated", "IPv6 up", "IPv6 down", "suspended", "resumed", "detached", "rate on", "rate off",
		"destroyed", "ESM",
	};

	if (evt->type == LTE_LC_EVT_PDN) {
		tell(names[evt->pdn.type], evt->pdn.cid, evt->pdn.esm_err);
	}
}

#define create(cid) lte_lc_pdn_ctx_create(cid)
#define configure(cid, apn) lte_lc_pdn_ctx_configure(cid, apn, LTE_LC_PDN_FAM_IPV4V6, NULL)
#define authenticate(cid) lte_lc_pdn_ctx_auth_set(cid, LTE_LC_PDN_AUTH_CHAP, "me", "secret")
#define activate lte_lc_pdn_activate
#define deactivate lte_lc_pdn_deactivate
#define destroy lte_lc_pdn_ctx_destroy
#define identify lte_lc_pdn_id_get
#define apn_of_default lte_lc_pdn_default_ctx_apn_get
#define info_of lte_lc_pdn_dynamic_info_get
#define text_of lte_lc_pdn_esm_strerror
#define info_type lte_lc_pdn_dynamic_info
#define family_type lte_lc_pdn_family
#define NEITHER LTE_LC_PDN_FAM_NONIP
#else
#include <modem/pdn.h>

static void on_pdn(uint8_t cid, enum pdn_event event, int reason)
{
	static const char *const names[] = {
		"ESM", "activated", "deactivated", "IPv6 up", "IPv6 down", "detached", "rate on", "rate off", "destroyed",
	};

	tell(names[event], cid, reason);
}

#define create(cid) pdn_ctx_create(cid, on_pdn)
#define configure(cid, apn) pdn_ctx_configure(cid, apn, PDN_FAM_IPV4V6, NULL)
#define authenticate(cid) pdn_ctx_auth_set(cid, PDN_AUTH_CHAP, "me", "secret")
#define activate pdn_activate
#define deactivate pdn_deactivate
#define destroy pdn_ctx_destroy
#define identify pdn_id_get
#define apn_of_default pdn_default_apn_get
#define info_of pdn_dynamic_info_get
#define text_of pdn_esm_strerror
#define info_type pdn_dynamic_info
#define family_type pdn_fam
#define NEITHER PDN_FAM_NONIP
#endif

int main(void)
{
	struct info_type info;
	enum family_type family = NEITHER;
	char apn[64] = "", address[NET_IPV4_ADDR_LEN];
	uint8_t cid = 0;
	int esm = -1;

	nrf_modem_lib_init();
#if defined(CONFIG_LTE_LC_PDN_MODULE)
	lte_lc_register_handler(on_lte);
	lte_lc_pdn_default_ctx_events_enable();
#else
	pdn_default_ctx_cb_reg(on_pdn);
#endif
	lte_lc_connect();
	k_sem_take(&active, K_FOREVER);
	printk("apn: %d", apn_of_default(apn, sizeof(apn)));
	printk(" %s\n", apn);
	printk("create: %d", create(&cid));
	printk(" %d\n", cid);
	printk("configure: %d\n", configure(cid, "second.example"));
	printk("auth: %d\n", authenticate(cid));
	printk("activate: %d", activate(cid, &esm, &family));
	printk(" %d %d %s\n", esm, (int)family, text_of(esm));
	k_sem_take(&active, K_FOREVER);
	printk("id: %d\n", identify(cid) > 0);
	printk("info: %d", info_of(cid, &info));
	zsock_inet_ntop(AF_INET, &info.dns_addr4_primary, address, sizeof(address));
	printk(" %s %u\n", address, (unsigned int)info.ipv4_mtu);
	printk("deactivate: %d\n", deactivate(cid));
	k_sleep(K_MSEC(50));
	printk("destroy: %d\n", destroy(cid));
	printk("destroy: %d\n", destroy(cid) < 0);
	printk("create: %d\n", create(&cid));
	lte_lc_power_off();
	k_sleep(K_MSEC(50));
	/* Subscriptions are made again. */
	lte_lc_connect();
	k_sem_take(&active, K_FOREVER);
	printk("Done\n");
	return 0;
}
