/* Packet data network contexts. */
#ifndef PDN_H_
#define PDN_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ncshost.h>
#include <zephyr/kernel.h>
#include <zephyr/net/net_ip.h>

#ifdef __cplusplus
extern "C" {
#endif

enum pdn_fam {
	PDN_FAM_IPV4 = 0,
	PDN_FAM_IPV6 = 1,
	PDN_FAM_IPV4V6 = 2,
	PDN_FAM_NONIP = 3,
};

enum pdn_event {
	PDN_EVENT_CNEC_ESM,
	PDN_EVENT_ACTIVATED,
	PDN_EVENT_DEACTIVATED,
	PDN_EVENT_IPV6_UP,
	PDN_EVENT_IPV6_DOWN,
	PDN_EVENT_NETWORK_DETACH,
	PDN_EVENT_APN_RATE_CONTROL_ON,
	PDN_EVENT_APN_RATE_CONTROL_OFF,
	PDN_EVENT_CTX_DESTROYED,
};

enum pdn_auth {
	PDN_AUTH_NONE = 0,
	PDN_AUTH_PAP = 1,
	PDN_AUTH_CHAP = 2,
};

struct pdn_pdp_opt {
	uint8_t ip4_addr_alloc;
	uint8_t nslpi;
	uint8_t secure_pco;
};

struct pdn_dynamic_info {
	uint32_t ipv4_mtu;
	uint32_t ipv6_mtu;
	struct in_addr dns_addr4_primary;
	struct in_addr dns_addr4_secondary;
	struct in6_addr dns_addr6_primary;
	struct in6_addr dns_addr6_secondary;
};

typedef void (*pdn_event_handler_t)(uint8_t cid, enum pdn_event event, int reason);

int pdn_ctx_create(uint8_t *cid, pdn_event_handler_t cb);
int pdn_ctx_configure(uint8_t cid, const char *apn, enum pdn_fam family, struct pdn_pdp_opt *opts);
int pdn_ctx_auth_set(uint8_t cid, enum pdn_auth method, const char *user, const char *password);
int pdn_ctx_destroy(uint8_t cid);
int pdn_activate(uint8_t cid, int *esm, enum pdn_fam *family);
int pdn_deactivate(uint8_t cid);
int pdn_id_get(uint8_t cid);
/* The cause of 3GPP TS 24.301 for people. */
const char *pdn_esm_strerror(int reason);
int pdn_default_apn_get(char *buf, size_t len);
int pdn_default_ctx_cb_reg(pdn_event_handler_t cb);
int pdn_default_ctx_cb_dereg(pdn_event_handler_t cb);
#if NCSHOST_VER >= 0x020600
int pdn_dynamic_params_get(uint8_t cid, struct in_addr *dns4_pri, struct in_addr *dns4_sec,
			   unsigned int *ipv4_mtu);
int pdn_dynamic_info_get(uint8_t cid, struct pdn_dynamic_info *pdn_info);
#endif

#ifdef __cplusplus
}
#endif

#endif
