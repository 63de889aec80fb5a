/* Packet data contexts with a handler each, see modem/pdn.h. */
// build: if PDN
#include <errno.h>
#include <stdlib.h>

#include <modem/nrf_modem_lib.h>
#include <modem/pdn.h>
#include <zephyr/kernel.h>

#include "defaults.h"
#include "pdn_common.h"

/* A handler of a context; context 0 is the default one. */
struct context {
	struct context *next;
	pdn_event_handler_t handler;
	uint8_t cid;
};

static struct context *contexts;
static K_MUTEX_DEFINE(contexts_mutex);

/* ---- handlers ------------------------------------------------------------------------- */

static int add(uint8_t cid, pdn_event_handler_t handler)
{
	struct context *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		return -ENOMEM;
	}
	c->cid = cid;
	c->handler = handler;
	k_mutex_lock(&contexts_mutex, K_FOREVER);
	c->next = contexts;
	contexts = c;
	k_mutex_unlock(&contexts_mutex);
	return 0;
}

static int drop(uint8_t cid, pdn_event_handler_t handler, bool any)
{
	int err = -EINVAL;

	k_mutex_lock(&contexts_mutex, K_FOREVER);
	for (struct context **at = &contexts; *at != NULL; at = &(*at)->next) {
		struct context *c = *at;

		if (c->cid == cid && (any || c->handler == handler)) {
			*at = c->next;
			free(c);
			err = 0;
			break;
		}
	}
	k_mutex_unlock(&contexts_mutex);
	return err;
}

/* Calls the handlers of a context, or of all with -1. */
static void tell(int cid, enum pdn_event event, int reason)
{
	k_mutex_lock(&contexts_mutex, K_FOREVER);
	for (struct context *c = contexts, *next; c != NULL; c = next) {
		next = c->next;
		if ((cid < 0 || c->cid == cid) && c->handler != NULL) {
			c->handler(c->cid, event, reason);
		}
	}
	k_mutex_unlock(&contexts_mutex);
}

/* +CFUN=0 takes the contexts, but for the default one. */
static void modem_off(void)
{
#if NCSHOST_VER >= 0x020800
	k_mutex_lock(&contexts_mutex, K_FOREVER);
	for (struct context **at = &contexts; *at != NULL;) {
		struct context *c = *at;

		if (c->cid == 0) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		if (c->handler != NULL) {
			c->handler(c->cid, PDN_EVENT_CTX_DESTROYED, 0);
		}
		free(c);
	}
	k_mutex_unlock(&contexts_mutex);
#endif
}

static void on_event(enum ncsh_pdn_event event, int cid, int value)
{
	static const signed char as[] = {
		[NCSH_PDN_ESM] = PDN_EVENT_CNEC_ESM,
		[NCSH_PDN_ACTIVATED] = PDN_EVENT_ACTIVATED,
		[NCSH_PDN_DEACTIVATED] = PDN_EVENT_DEACTIVATED,
		[NCSH_PDN_IPV6_UP] = PDN_EVENT_IPV6_UP,
		[NCSH_PDN_IPV6_DOWN] = PDN_EVENT_IPV6_DOWN,
		[NCSH_PDN_SUSPENDED] = -1,
		[NCSH_PDN_RESUMED] = -1,
		[NCSH_PDN_DETACHED] = PDN_EVENT_NETWORK_DETACH,
		[NCSH_PDN_RATE_ON] = PDN_EVENT_APN_RATE_CONTROL_ON,
		[NCSH_PDN_RATE_OFF] = PDN_EVENT_APN_RATE_CONTROL_OFF,
	};

	if (event == NCSH_PDN_MODEM_OFF) {
		modem_off();
	} else if (as[event] >= 0) {
		tell(cid, (enum pdn_event)as[event],
		     event == NCSH_PDN_ESM || (event == NCSH_PDN_ACTIVATED && value > 0) ? value : 0);
	}
}

static struct ncsh_pdn_listener listener = {.fn = on_event};

__attribute__((constructor)) static void listen(void)
{
	ncsh_pdn_listen(&listener);
}

NRF_MODEM_LIB_ON_INIT(ncsh_pdn_init, on_modem_init, NULL);

static void on_modem_init(int ret, void *ctx)
{
	(void)ctx;
	if (ret != 0) {
		return;
	}
	ncsh_pdn_protocol(IS_ENABLED(CONFIG_PDN_LEGACY_PCO));
	if (IS_ENABLED(CONFIG_PDN_DEFAULTS_OVERRIDE)) {
		ncsh_pdn_default(CONFIG_PDN_DEFAULT_APN, CONFIG_PDN_DEFAULT_FAM, CONFIG_PDN_DEFAULT_AUTH,
				 CONFIG_PDN_DEFAULT_USERNAME, CONFIG_PDN_DEFAULT_PASSWORD);
	}
}

int pdn_default_ctx_cb_reg(pdn_event_handler_t cb)
{
	return cb == NULL ? -EFAULT : add(0, cb);
}

int pdn_default_ctx_cb_dereg(pdn_event_handler_t cb)
{
	return drop(0, cb, false);
}

/* ---- contexts ----------------------------------------------------------------------- */

int pdn_ctx_create(uint8_t *cid, pdn_event_handler_t cb)
{
	int err = ncsh_pdn_new(cid);

	return err != 0 ? err : add(*cid, cb);
}

int pdn_ctx_configure(uint8_t cid, const char *apn, enum pdn_fam family, struct pdn_pdp_opt *opts)
{
	struct ncsh_pdn_options o;

	if (apn == NULL) {
		return -EINVAL;
	}
	if (opts != NULL) {
		o = (struct ncsh_pdn_options){opts->ip4_addr_alloc, opts->nslpi, opts->secure_pco};
	}
	return ncsh_pdn_configure(cid, apn, (int)family, opts != NULL ? &o : NULL);
}

int pdn_ctx_auth_set(uint8_t cid, enum pdn_auth method, const char *user, const char *password)
{
	if (method != PDN_AUTH_NONE && (user == NULL || password == NULL)) {
		return -EINVAL;
	}
	return ncsh_pdn_authenticate(cid, (int)method, user, password);
}

int pdn_ctx_destroy(uint8_t cid)
{
	if (cid == 0) {
		return -EINVAL;
	}
	/* The modem still has it when its handler has gone, so nothing is told of that. */
#if NCSHOST_VER >= 0x020800
	tell(cid, PDN_EVENT_CTX_DESTROYED, 0);
#endif
	return drop(cid, NULL, true) != 0 ? -EINVAL : ncsh_pdn_forget(cid);
}

int pdn_activate(uint8_t cid, int *esm, enum pdn_fam *family)
{
	int f = -1;
	int err = ncsh_pdn_activate(cid, esm, family != NULL ? &f : NULL, CONFIG_PDN_ESM_TIMEOUT);

	if (f >= 0) {
		*family = (enum pdn_fam)f;
	}
	return err;
}

int pdn_deactivate(uint8_t cid)
{
	return ncsh_pdn_deactivate(cid);
}

int pdn_id_get(uint8_t cid)
{
	return ncsh_pdn_id(cid);
}

const char *pdn_esm_strerror(int reason)
{
	return ncsh_pdn_esm_text(reason);
}

int pdn_default_apn_get(char *buf, size_t len)
{
	return ncsh_pdn_default_apn(buf, len);
}

#if NCSHOST_VER >= 0x020600
int pdn_dynamic_info_get(uint8_t cid, struct pdn_dynamic_info *info)
{
	struct ncsh_pdn_info i;

	if (info == NULL) {
		return -EINVAL;
	}
	int err = ncsh_pdn_info(cid, &i);

	*info = (struct pdn_dynamic_info){
		.ipv4_mtu = i.mtu4,
		.ipv6_mtu = i.mtu6,
		.dns_addr4_primary = i.dns4[0],
		.dns_addr4_secondary = i.dns4[1],
		.dns_addr6_primary = i.dns6[0],
		.dns_addr6_secondary = i.dns6[1],
	};
	return err;
}

int pdn_dynamic_params_get(uint8_t cid, struct in_addr *dns4_pri, struct in_addr *dns4_sec,
			   unsigned int *ipv4_mtu)
{
	struct ncsh_pdn_info i;
	int err = ncsh_pdn_info(cid, &i);

	if (err != 0) {
		return err;
	}
	if (dns4_pri != NULL) {
		*dns4_pri = i.dns4[0];
	}
	if (dns4_sec != NULL) {
		*dns4_sec = i.dns4[1];
	}
	if (ipv4_mtu != NULL) {
		*ipv4_mtu = i.mtu4;
	}
	return 0;
}
#endif
