/* Packet data network contexts, see modem/pdn.h. */
// build: if PDN
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <modem/at_monitor.h>
#include <modem/pdn.h>
#include <nrf_modem_at.h>
#include <nrf_socket.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>

#include "defaults.h"
#include "fields.h"

LOG_MODULE_REGISTER(pdn, CONFIG_PDN_LOG_LEVEL);

#define ESM_UNKNOWN (-1)

/* A handler of a context; context 0 is the default one. */
struct context {
	struct context *next;
	pdn_event_handler_t handler;
	uint8_t cid;
};

static struct context *contexts;
static K_MUTEX_DEFINE(contexts_mutex);

static K_SEM_DEFINE(esm_told, 0, 1);
static uint8_t esm_cid;
static int esm_reason;
static bool subscribed;

static const char *const families[] = {"IP", "IPV6", "IPV4V6", "Non-IP"};

static void tell(uint8_t cid, enum pdn_event event, int reason)
{
	k_mutex_lock(&contexts_mutex, K_FOREVER);
	for (struct context *c = contexts, *next; c != NULL; c = next) {
		next = c->next;
		if (c->cid == cid && c->handler != NULL) {
			c->handler(cid, event, reason);
		}
	}
	k_mutex_unlock(&contexts_mutex);
}

/* ---- notifications ----------------------------------------------------------------- */

AT_MONITOR(pdn_cnec_esm, "+CNEC_ESM", on_cnec_esm);

static void on_cnec_esm(const char *notif)
{
	const char *f = ncsh_line(notif, "+CNEC_ESM");
	long cause, cid;

	if (f == NULL || !ncsh_number(f, 0, &cause) || !ncsh_number(f, 1, &cid)) {
		return;
	}
	esm_reason = (int)cause;
	if (cid == esm_cid) {
		k_sem_give(&esm_told);
	}
	tell((uint8_t)cid, PDN_EVENT_CNEC_ESM, (int)cause);
}

AT_MONITOR(pdn_cgev, "+CGEV", on_cgev);

static const struct {
	const char *text;
	enum pdn_event event;
} events[] = {
	/* The longer texts first, as all are looked for anywhere. */
	{"ME PDN ACT ", PDN_EVENT_ACTIVATED},
	{"ME PDN DEACT ", PDN_EVENT_DEACTIVATED},
	{"NW PDN DEACT ", PDN_EVENT_DEACTIVATED},
	{"IPV6 FAIL ", PDN_EVENT_IPV6_DOWN},
	{"IPV6 ", PDN_EVENT_IPV6_UP},
	{"APNRATECTRL STAT ", PDN_EVENT_APN_RATE_CONTROL_ON},
};

static void on_cgev(const char *notif)
{
	const char *f = ncsh_line(notif, "+CGEV");

	if (f == NULL) {
		return;
	}
	if (strstr(f, "DETACH") != NULL) {
		k_mutex_lock(&contexts_mutex, K_FOREVER);
		for (struct context *c = contexts, *next; c != NULL; c = next) {
			next = c->next;
			if (c->handler != NULL) {
				c->handler(c->cid, PDN_EVENT_NETWORK_DETACH, 0);
			}
		}
		k_mutex_unlock(&contexts_mutex);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		const char *at = strstr(f, events[i].text);

		if (at == NULL) {
			continue;
		}
		at += strlen(events[i].text);
		char *end;
		long cid = strtol(at, &end, 10);

		if (end == at) {
			return;
		}
		enum pdn_event event = events[i].event;
		long reason = 0;

		if (event == PDN_EVENT_APN_RATE_CONTROL_ON) {
			reason = *end == ',' ? strtol(end + 1, NULL, 10) : 0;
			event = reason == 1 ? PDN_EVENT_APN_RATE_CONTROL_ON
					    : PDN_EVENT_APN_RATE_CONTROL_OFF;
			reason = 0;
		} else if (event == PDN_EVENT_ACTIVATED && *end == ',') {
			reason = strtol(end + 1, NULL, 10);
		}
		tell((uint8_t)cid, event, (int)reason);
		return;
	}
}

/* Subscriptions end with +CFUN=0, so they are made whenever they are needed. */
static void subscribe(void)
{
	nrf_modem_at_printf("AT+CNEC=16");
	nrf_modem_at_printf("AT+CGEREP=1");
	subscribed = true;
}

/* ---- contexts ----------------------------------------------------------------------- */

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

static int refused(int err)
{
	return err < 0 ? err : -ENOEXEC;
}

int pdn_default_ctx_cb_reg(pdn_event_handler_t cb)
{
	if (cb == NULL) {
		return -EFAULT;
	}
	if (!subscribed) {
		subscribe();
	}
	return add(0, cb);
}

int pdn_default_ctx_cb_dereg(pdn_event_handler_t cb)
{
	return drop(0, cb, false);
}

int pdn_ctx_create(uint8_t *cid, pdn_event_handler_t cb)
{
	int n;

	if (cid == NULL) {
		return -EFAULT;
	}
	int err = nrf_modem_at_scanf("AT%XNEWCID?", "%%XNEWCID: %d", &n);

	if (err < 0) {
		LOG_ERR("Failed to assign PDP context id, err %d", err);
		return err;
	}
	if (n < 1 || n > 10) {
		return -EINVAL;
	}
	*cid = (uint8_t)n;
	subscribe();
	return add(*cid, cb);
}

int pdn_ctx_configure(uint8_t cid, const char *apn, enum pdn_fam family, struct pdn_pdp_opt *opts)
{
	int err;

	if (apn == NULL || (unsigned int)family > PDN_FAM_NONIP) {
		return -EINVAL;
	}
	if (opts != NULL) {
		err = nrf_modem_at_printf("AT+CGDCONT=%u,\"%s\",\"%s\",0,0,0,%u,,,,%u,%u", cid,
					  families[family], apn, opts->ip4_addr_alloc, opts->nslpi,
					  opts->secure_pco);
	} else {
		err = nrf_modem_at_printf("AT+CGDCONT=%u,\"%s\",\"%s\"", cid, families[family], apn);
	}
	if (err != 0) {
		LOG_ERR("Failed to configure CID %u, err %d", cid, err);
		return refused(err);
	}
	return 0;
}

int pdn_ctx_auth_set(uint8_t cid, enum pdn_auth method, const char *user, const char *password)
{
	int err;

	if (method != PDN_AUTH_NONE && (user == NULL || password == NULL)) {
		return -EINVAL;
	}
	if (method == PDN_AUTH_NONE) {
		err = nrf_modem_at_printf("AT+CGAUTH=%u,0", cid);
	} else {
		err = nrf_modem_at_printf("AT+CGAUTH=%u,%d,\"%s\",\"%s\"", cid, (int)method, user,
					  password);
	}
	return err != 0 ? refused(err) : 0;
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
	if (drop(cid, NULL, true) != 0) {
		return -EINVAL;
	}
	int err = nrf_modem_at_printf("AT+CGDCONT=%u", cid);

	return err != 0 ? refused(err) : 0;
}

static int state(uint8_t cid, int on)
{
	int err = nrf_modem_at_printf("AT+CGACT=%d,%u", on, cid);

	return err != 0 ? refused(err) : 0;
}

int pdn_activate(uint8_t cid, int *esm, enum pdn_fam *family)
{
	esm_cid = cid;
	esm_reason = ESM_UNKNOWN;
	k_sem_reset(&esm_told);
	int err = state(cid, 1);

	if (esm == NULL && family == NULL) {
		return err;
	}
	if (err != 0 || family != NULL) {
		/* Why it was refused, or which family was left out, comes as a notification. */
		k_sem_take(&esm_told, err != 0 ? K_MSEC(CONFIG_PDN_ESM_TIMEOUT) : K_NO_WAIT);
	}
	if (esm != NULL) {
		*esm = esm_reason != ESM_UNKNOWN ? esm_reason : 0;
	}
	if (err == 0 && family != NULL) {
		/* 3GPP TS 24.301: 50 only IPv4 is allowed, 51 only IPv6. */
		*family = esm_reason == 51 ? PDN_FAM_IPV6 : PDN_FAM_IPV4;
	}
	return err;
}

int pdn_deactivate(uint8_t cid)
{
	return state(cid, 0);
}

int pdn_id_get(uint8_t cid)
{
	char response[64];
	long id;
	int err = nrf_modem_at_cmd(response, sizeof(response), "AT%%XGETPDNID=%u", cid);

	if (err != 0) {
		return refused(err);
	}
	const char *f = ncsh_line(response, "%XGETPDNID");

	return f != NULL && ncsh_number(f, 0, &id) ? (int)id : -EBADMSG;
}

const char *pdn_esm_strerror(int reason)
{
	static const struct {
		int reason;
		const char *text;
	} causes[] = { /* 3GPP TS 24.301, table 9.9.4.4.1 */
		{ 8, "Operator determined barring" },
		{ 26, "Insufficient resources" },
		{ 27, "Missing or unknown APN" },
		{ 28, "Unknown PDN type" },
		{ 29, "User authentication failed" },
		{ 30, "Request rejected by Serving GW or PDN GW" },
		{ 31, "Request rejected, unspecified" },
		{ 32, "Service option not supported" },
		{ 33, "Requested service option not subscribed" },
		{ 34, "Service option temporarily out of order" },
		{ 35, "PTI already in use" },
		{ 36, "Regular deactivation" },
		{ 38, "Network failure" },
		{ 39, "Reactivation requested" },
		{ 50, "PDN type IPv4 only allowed" },
		{ 51, "PDN type IPv6 only allowed" },
		{ 52, "Single address bearers only allowed" },
		{ 53, "ESM information not received" },
		{ 54, "PDN connection does not exist" },
		{ 55, "Multiple PDN connections for a given APN not allowed" },
		{ 65, "Maximum number of EPS bearers reached" },
		{ 66, "Requested APN not supported in current RAT and PLMN combination" },
		{ 96, "Invalid mandatory information" },
		{ 111, "Protocol error, unspecified" },
		{ 112, "APN restriction value incompatible with active EPS bearer context" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(causes); i++) {
		if (causes[i].reason == reason) {
			return causes[i].text;
		}
	}
	return "<unknown>";
}

int pdn_default_apn_get(char *buf, size_t len)
{
	char response[256];
	char apn[64];

	if (buf == NULL || len == 0) {
		return -EINVAL;
	}
	int err = nrf_modem_at_cmd(response, sizeof(response), "AT+CGDCONT?");

	if (err != 0) {
		return refused(err);
	}
	const char *f = ncsh_line(response, "+CGDCONT");

	if (f == NULL || ncsh_text(f, 2, apn, sizeof(apn)) < 0) {
		return -EFAULT;
	}
	if (strlen(apn) >= len) {
		return -E2BIG;
	}
	strcpy(buf, apn);
	return 0;
}

#if NCSHOST_VER >= 0x020600
int pdn_dynamic_info_get(uint8_t cid, struct pdn_dynamic_info *info)
{
	char response[512];
	char text[64];
	long mtu;

	if (info == NULL) {
		return -EINVAL;
	}
	memset(info, 0, sizeof(*info));
	int err = nrf_modem_at_cmd(response, sizeof(response), "AT+CGCONTRDP=%u", cid);

	if (err != 0) {
		return refused(err);
	}
	const char *f = ncsh_line(response, "+CGCONTRDP");

	if (f == NULL) {
		return -EBADMSG;
	}
	/* There is a line for each family. */
	for (; f != NULL; f = ncsh_line(f + strcspn(f, "\n"), "+CGCONTRDP")) {
		bool first = true;

		for (int field = 5; field <= 6; field++) {
			struct nrf_in_addr a4;
			struct nrf_in6_addr a6;

			if (ncsh_text(f, field, text, sizeof(text)) <= 0) {
				continue;
			}
			if (nrf_inet_pton(NRF_AF_INET, text, &a4) == 1) {
				memcpy(field == 5 ? &info->dns_addr4_primary
						  : &info->dns_addr4_secondary,
				       &a4, sizeof(a4));
			} else if (nrf_inet_pton(NRF_AF_INET6, text, &a6) == 1) {
				first = false;
				memcpy(field == 5 ? &info->dns_addr6_primary
						  : &info->dns_addr6_secondary,
				       &a6, sizeof(a6));
			}
		}
		/* The size of packets is field 11 for IPv4 and the same for IPv6. */
		if (ncsh_number(f, 11, &mtu)) {
			if (first) {
				info->ipv4_mtu = (uint32_t)mtu;
			} else {
				info->ipv6_mtu = (uint32_t)mtu;
			}
		}
	}
	return 0;
}

int pdn_dynamic_params_get(uint8_t cid, struct in_addr *dns4_pri, struct in_addr *dns4_sec,
			   unsigned int *ipv4_mtu)
{
	struct pdn_dynamic_info info;
	int err = pdn_dynamic_info_get(cid, &info);

	if (err != 0) {
		return err;
	}
	if (dns4_pri != NULL) {
		*dns4_pri = info.dns_addr4_primary;
	}
	if (dns4_sec != NULL) {
		*dns4_sec = info.dns_addr4_secondary;
	}
	if (ipv4_mtu != NULL) {
		*ipv4_mtu = info.ipv4_mtu;
	}
	return 0;
}
#endif
