/* What modem/pdn.h and the contexts of modem/lte_lc.h have in common: the modem's packet data
 * contexts, and what it tells of them. */
#ifndef NCSH_PDN_COMMON_H_
#define NCSH_PDN_COMMON_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zephyr/net/net_ip.h>

enum ncsh_pdn_event {
	NCSH_PDN_ESM,
	NCSH_PDN_ACTIVATED,
	NCSH_PDN_DEACTIVATED,
	NCSH_PDN_IPV6_UP,
	NCSH_PDN_IPV6_DOWN,
	NCSH_PDN_SUSPENDED,
	NCSH_PDN_RESUMED,
	NCSH_PDN_DETACHED,
	NCSH_PDN_RATE_ON,
	NCSH_PDN_RATE_OFF,
	NCSH_PDN_MODEM_OFF, /* +CFUN=0: the contexts are gone, but for the default one */
};

/* A listener is told of every event. cid is -1 for all contexts; value is the cause of ESM, the
 * reason of ACTIVATED (-1 if there is none), or the cellular profile of DETACHED (-1 if there is
 * none). It is called on the system work queue, or by who sets a functional mode. */
struct ncsh_pdn_listener {
	void (*fn)(enum ncsh_pdn_event event, int cid, int value);
	struct ncsh_pdn_listener *next;
};

void ncsh_pdn_listen(struct ncsh_pdn_listener *l);

struct ncsh_pdn_options {
	uint8_t ip4_addr_alloc;
	uint8_t nslpi;
	uint8_t secure_pco;
};

struct ncsh_pdn_info {
	uint32_t mtu4, mtu6;
	struct in_addr dns4[2];
	struct in6_addr dns6[2];
};

/* Families, as both headers number them. */
enum { NCSH_PDN_IPV4, NCSH_PDN_IPV6, NCSH_PDN_IPV4V6, NCSH_PDN_NONIP };

/* Each returns 0 or more, or the negative of an errno: -ENOEXEC for what the modem has refused. */
int ncsh_pdn_new(uint8_t *cid);
int ncsh_pdn_configure(uint8_t cid, const char *apn, int family, const struct ncsh_pdn_options *options);
int ncsh_pdn_authenticate(uint8_t cid, int method, const char *user, const char *password);
int ncsh_pdn_forget(uint8_t cid);
/* ncsh_pdn_activate waits for what the modem tells, as far as esm and family are not NULL. */
int ncsh_pdn_activate(uint8_t cid, int *esm, int *family, int esm_timeout_ms);
int ncsh_pdn_deactivate(uint8_t cid);
int ncsh_pdn_id(uint8_t cid);
int ncsh_pdn_default_apn(char *buf, size_t len);
int ncsh_pdn_info(uint8_t cid, struct ncsh_pdn_info *info);
const char *ncsh_pdn_esm_text(int reason);

/* ncsh_pdn_protocol says how options are agreed with the network, ncsh_pdn_default what is attached
 * with, with credentials if method is not 0. */
void ncsh_pdn_protocol(bool legacy_pco);
void ncsh_pdn_default(const char *apn, int family, int method, const char *user, const char *password);

#endif
