/* Packet data contexts as part of LTE link control, see modem/lte_lc.h. */
// build: if LTE_LC_PDN_MODULE
#include <errno.h>

#include <modem/lte_lc.h>
#include <modem/nrf_modem_lib.h>
#include <zephyr/kernel.h>
#include <zephyr/sys/util.h>

#include "defaults.h"
#include "lte_lc_internal.h"
#include "pdn_common.h"

#define CONTEXTS 20 /* 10 of each cellular profile */

static uint32_t known; /* contexts that were made here, and the default one if its events are wanted */

static void tell(enum lte_lc_pdn_evt_type type, int cid, int esm, int profile)
{
	struct lte_lc_evt evt = {.type = LTE_LC_EVT_PDN};

	evt.pdn.type = type;
	evt.pdn.cid = (uint8_t)cid;
	evt.pdn.esm_err = esm;
	evt.pdn.cellular_profile_id = (int8_t)profile;
	ncsh_lte_event(&evt);
}

static bool is_known(int cid)
{
	return cid >= 0 && cid < CONTEXTS && (known & BIT(cid)) != 0;
}

/* A detach is of the contexts of a profile. */
static void detached(int profile)
{
	int from = profile > 0 ? 10 * profile : 0;

	for (int cid = from; cid < from + 10; cid++) {
		if (is_known(cid)) {
			tell(LTE_LC_EVT_PDN_NETWORK_DETACH, cid, 0, profile);
		}
	}
}

static void set_default(void)
{
	if (IS_ENABLED(CONFIG_LTE_LC_PDN_DEFAULTS_OVERRIDE)) {
		ncsh_pdn_default(CONFIG_LTE_LC_PDN_DEFAULT_APN, CONFIG_LTE_LC_PDN_DEFAULT_FAM,
				 CONFIG_LTE_LC_PDN_DEFAULT_AUTH, CONFIG_LTE_LC_PDN_DEFAULT_USERNAME,
				 CONFIG_LTE_LC_PDN_DEFAULT_PASSWORD);
	}
}

/* +CFUN=0 takes the contexts, but for the default one. */
static void modem_off(void)
{
	for (int cid = 1; cid < CONTEXTS; cid++) {
		if (is_known(cid)) {
			tell(LTE_LC_EVT_PDN_CTX_DESTROYED, cid, 0, -1);
		}
	}
	known &= BIT(0);
	set_default();
}

static void on_event(enum ncsh_pdn_event event, int cid, int value)
{
	static const enum lte_lc_pdn_evt_type as[] = {
		[NCSH_PDN_ACTIVATED] = LTE_LC_EVT_PDN_ACTIVATED,
		[NCSH_PDN_DEACTIVATED] = LTE_LC_EVT_PDN_DEACTIVATED,
		[NCSH_PDN_IPV6_UP] = LTE_LC_EVT_PDN_IPV6_UP,
		[NCSH_PDN_IPV6_DOWN] = LTE_LC_EVT_PDN_IPV6_DOWN,
		[NCSH_PDN_SUSPENDED] = LTE_LC_EVT_PDN_SUSPENDED,
		[NCSH_PDN_RESUMED] = LTE_LC_EVT_PDN_RESUMED,
		[NCSH_PDN_RATE_ON] = LTE_LC_EVT_PDN_APN_RATE_CONTROL_ON,
		[NCSH_PDN_RATE_OFF] = LTE_LC_EVT_PDN_APN_RATE_CONTROL_OFF,
	};

	switch (event) {
	case NCSH_PDN_ESM:
		if (is_known(cid)) {
			tell(LTE_LC_EVT_PDN_ESM_ERROR, cid, value, -1);
		}
		break;
	case NCSH_PDN_DETACHED:
		detached(value);
		break;
	case NCSH_PDN_MODEM_OFF:
		modem_off();
		break;
	default:
		tell(as[event], cid, 0, -1);
	}
}

static struct ncsh_pdn_listener listener = {.fn = on_event};

__attribute__((constructor)) static void listen(void)
{
	ncsh_pdn_listen(&listener);
}

NRF_MODEM_LIB_ON_INIT(ncsh_lte_pdn_init, on_modem_init, NULL);

static void on_modem_init(int ret, void *ctx)
{
	(void)ctx;
	if (ret == 0) {
		ncsh_pdn_protocol(IS_ENABLED(CONFIG_LTE_LC_PDN_LEGACY_PCO));
		set_default();
	}
}

int lte_lc_pdn_default_ctx_events_enable(void)
{
	known |= BIT(0);
	return 0;
}

int lte_lc_pdn_default_ctx_events_disable(void)
{
	if (!is_known(0)) {
		return -EINVAL;
	}
	known &= ~BIT(0);
	return 0;
}

int lte_lc_pdn_ctx_create(uint8_t *cid)
{
	int err = ncsh_pdn_new(cid);

	if (err == 0 && *cid < CONTEXTS) {
		known |= BIT(*cid);
	}
	return err;
}

int lte_lc_pdn_ctx_configure(uint8_t cid, const char *apn, enum lte_lc_pdn_family family,
			     struct lte_lc_pdn_pdp_context_opts *opts)
{
	struct ncsh_pdn_options o;

	if (opts != NULL) {
		o = (struct ncsh_pdn_options){opts->ip4_addr_alloc, opts->nslpi, opts->secure_pco};
	}
	return ncsh_pdn_configure(cid, apn, (int)family, opts != NULL ? &o : NULL);
}

int lte_lc_pdn_ctx_auth_set(uint8_t cid, enum lte_lc_pdn_auth method, const char *user,
			    const char *password)
{
	bool none = method == LTE_LC_PDN_AUTH_NONE;

	if (none != (user == NULL) || none != (password == NULL)) {
		return -EINVAL;
	}
	return none ? 0 : ncsh_pdn_authenticate(cid, (int)method, user, password);
}

int lte_lc_pdn_ctx_destroy(uint8_t cid)
{
	if (cid == 0 || !is_known(cid)) {
		return -EINVAL;
	}
	int err = ncsh_pdn_forget(cid);

	known &= ~BIT(cid);
	return err;
}

int lte_lc_pdn_activate(uint8_t cid, int *esm, enum lte_lc_pdn_family *family)
{
	int f = -1;
	int err = ncsh_pdn_activate(cid, esm, family != NULL ? &f : NULL, CONFIG_LTE_LC_PDN_ESM_TIMEOUT);

	if (f >= 0) {
		*family = (enum lte_lc_pdn_family)f;
	}
	return err;
}

int lte_lc_pdn_deactivate(uint8_t cid)
{
	return ncsh_pdn_deactivate(cid);
}

int lte_lc_pdn_id_get(uint8_t cid)
{
	return ncsh_pdn_id(cid);
}

int lte_lc_pdn_dynamic_info_get(uint8_t cid, struct lte_lc_pdn_dynamic_info *info)
{
	struct ncsh_pdn_info i;

	if (info == NULL) {
		return -EINVAL;
	}
	int err = ncsh_pdn_info(cid, &i);

	*info = (struct lte_lc_pdn_dynamic_info){
		.ipv4_mtu = i.mtu4,
		.ipv6_mtu = i.mtu6,
		.dns_addr4_primary = i.dns4[0],
		.dns_addr4_secondary = i.dns4[1],
		.dns_addr6_primary = i.dns6[0],
		.dns_addr6_secondary = i.dns6[1],
	};
	return err;
}

int lte_lc_pdn_default_ctx_apn_get(char *buf, size_t len)
{
	return ncsh_pdn_default_apn(buf, len);
}

int lte_lc_pdn_ctx_default_apn_get(char *buf, size_t len)
{
	return ncsh_pdn_default_apn(buf, len);
}

const char *lte_lc_pdn_esm_strerror(int reason)
{
	return ncsh_pdn_esm_text(reason);
}
