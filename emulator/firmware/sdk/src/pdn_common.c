/* Packet data contexts of the modem, see pdn_common.h. */
// build: if PDN || LTE_LC_PDN_MODULE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <modem/at_monitor.h>
#include <nrf_modem_at.h>
#include <nrf_socket.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>

#include "defaults.h"
#include "fields.h"
#include "on_cfun.h"
#include "pdn_common.h"

LOG_MODULE_REGISTER(pdn, CONFIG_PDN_LOG_LEVEL);

#define NOBODY (-1)
#define NONE (-1)
#define LONGEST_APN 63

static struct ncsh_pdn_listener *listeners;

/* Whom an activation waits for. */
static struct {
	int cid;
	int esm;
	int reason;
} activating = {.cid = NOBODY};
static K_MUTEX_DEFINE(activating_mutex);
static K_SEM_DEFINE(activated, 0, 1);
static K_SEM_DEFINE(esm_told, 0, 1);

void ncsh_pdn_listen(struct ncsh_pdn_listener *l)
{
	l->next = listeners;
	listeners = l;
}

static void tell(enum ncsh_pdn_event event, int cid, int value)
{
	for (struct ncsh_pdn_listener *l = listeners; l != NULL; l = l->next) {
		l->fn(event, cid, value);
	}
}

/* ---- notifications ----------------------------------------------------------------- */

AT_MONITOR(ncsh_pdn_cnec_esm, "+CNEC_ESM", on_cnec_esm);

static void on_cnec_esm(const char *notif)
{
	const char *f = ncsh_line(notif, "+CNEC_ESM");
	long cause, cid;

	if (f == NULL || !ncsh_number(f, 0, &cause) || !ncsh_number(f, 1, &cid)) {
		return;
	}
	tell(NCSH_PDN_ESM, (int)cid, (int)cause);
	if (cid == activating.cid) {
		activating.esm = (int)cause;
		k_sem_give(&esm_told);
	}
}

AT_MONITOR(ncsh_pdn_cgev, "+CGEV", on_cgev);

/* What stands behind +CGEV, with the number of the context after it. */
static const struct {
	const char *text;
	enum ncsh_pdn_event event;
} events[] = {
	{"ME PDN ACT ", NCSH_PDN_ACTIVATED},
	{"ME PDN DEACT ", NCSH_PDN_DEACTIVATED},
	{"NW PDN DEACT ", NCSH_PDN_DEACTIVATED},
	{"ME PDN SUSPENDED ", NCSH_PDN_SUSPENDED},
	{"ME PDN RESUMED ", NCSH_PDN_RESUMED},
	{"IPV6 FAIL ", NCSH_PDN_IPV6_DOWN},
	{"IPV6 ", NCSH_PDN_IPV6_UP},
	{"APNRATECTRL STAT ", NCSH_PDN_RATE_ON},
};

/* The number at a text, and what stands after a comma behind it; NONE where there is none. */
static int number_at(const char *at, int *after)
{
	char *end;
	long n = strtol(at, &end, 10);

	*after = NONE;
	if (end == at) {
		return NONE;
	}
	if (*end == ',') {
		*after = (int)strtol(end + 1, NULL, 10);
	}
	return (int)n;
}

/* The default context is known to be active. */
static bool default_active;

static void on_cgev(const char *notif)
{
	const char *f = ncsh_line(notif, "+CGEV");
	int after;

	if (f == NULL) {
		return;
	}
	if (strncmp(f, "ME DETACH", 9) == 0 || strncmp(f, "NW DETACH", 9) == 0) {
		default_active = false;
		tell(NCSH_PDN_DETACHED, -1, number_at(f + 9, &after));
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		size_t len = strlen(events[i].text);

		if (strncmp(f, events[i].text, len) != 0) {
			continue;
		}
		enum ncsh_pdn_event event = events[i].event;
		int cid = number_at(f + len, &after);

		if (cid == NONE) {
			return;
		}
		if (event == NCSH_PDN_RATE_ON && after != 1) {
			event = NCSH_PDN_RATE_OFF;
		}
		if (event == NCSH_PDN_ACTIVATED && cid == activating.cid) {
			activating.reason = after;
			k_sem_give(&activated);
		}
		if (cid == 0 && (event == NCSH_PDN_ACTIVATED || event == NCSH_PDN_DEACTIVATED)) {
			default_active = event == NCSH_PDN_ACTIVATED;
		}
		tell(event, cid, event == NCSH_PDN_ACTIVATED ? after : 0);
		return;
	}
}

#if NCSHOST_VER >= 0x020600 || defined(CONFIG_LTE_LINK_CONTROL)
/* An emulated network may be quicker than the subscription: then the default context is active, and
 * nothing has been told of it. */
static void look_at_default(struct k_work *work)
{
	char answer[200];

	(void)work;
	if (!default_active && nrf_modem_at_cmd(answer, sizeof(answer), "AT+CGACT?") == 0 && strstr(answer, "+CGACT: 0,1") != NULL &&
	    !default_active) {
		default_active = true;
		tell(NCSH_PDN_ACTIVATED, 0, NONE);
	}
}
static K_WORK_DELAYABLE_DEFINE(look_work, look_at_default);

/* Subscriptions end with +CFUN=0. */
NCSH_ON_CFUN(ncsh_pdn)
{
	switch (mode) {
	case LTE_LC_FUNC_MODE_NORMAL:
	case LTE_LC_FUNC_MODE_ACTIVATE_LTE:
		nrf_modem_at_printf("AT+CNEC=16");
		nrf_modem_at_printf("AT+CGEREP=1");
		k_work_reschedule(&look_work, K_MSEC(20));
		break;
	case LTE_LC_FUNC_MODE_POWER_OFF:
		default_active = false;
		tell(NCSH_PDN_MODEM_OFF, -1, 0);
		break;
	default:
		default_active = false;
		break;
	}
}
#endif

/* ---- contexts ----------------------------------------------------------------------- */

static int refused(int err)
{
	return err > 0 ? -ENOEXEC : err;
}

int ncsh_pdn_new(uint8_t *cid)
{
	int n;

	if (cid == NULL) {
		return -EFAULT;
	}
	int err = nrf_modem_at_scanf("AT%XNEWCID?", "%%XNEWCID: %d", &n);

	if (err != 1) {
		LOG_ERR("Failed to assign PDP context id, err %d", err);
		return err < 0 ? err : -EBADMSG;
	}
	if (n < 0 || n > INT8_MAX) {
		return -EFAULT;
	}
	*cid = (uint8_t)n;
	return 0;
}

int ncsh_pdn_configure(uint8_t cid, const char *apn, int family, const struct ncsh_pdn_options *options)
{
	static const char *const families[] = {"IP", "IPV6", "IPV4V6", "Non-IP"};
	int err;

	if (family < 0 || (size_t)family >= ARRAY_SIZE(families) || (apn != NULL && strlen(apn) > LONGEST_APN)) {
		return -EINVAL;
	}
	if (options != NULL) {
		err = nrf_modem_at_printf("AT+CGDCONT=%u,%s,%s,,,,%u,,,,%u,%u", cid, families[family],
					  apn != NULL ? apn : "", options->ip4_addr_alloc, options->nslpi,
					  options->secure_pco);
	} else if (apn != NULL) {
		err = nrf_modem_at_printf("AT+CGDCONT=%u,%s,%s", cid, families[family], apn);
	} else {
		err = nrf_modem_at_printf("AT+CGDCONT=%u,%s", cid, families[family]);
	}
	if (err != 0) {
		LOG_ERR("Failed to configure CID %u, err %d", cid, err);
	}
	return refused(err);
}

int ncsh_pdn_authenticate(uint8_t cid, int method, const char *user, const char *password)
{
	int err = method == 0 ? nrf_modem_at_printf("AT+CGAUTH=%u,0", cid)
			      : nrf_modem_at_printf("AT+CGAUTH=%u,%d,%s,%s", cid, method, user, password);

	if (err != 0) {
		LOG_ERR("Failed to configure auth for CID %u, err %d", cid, err);
	}
	return refused(err);
}

int ncsh_pdn_forget(uint8_t cid)
{
	return refused(nrf_modem_at_printf("AT+CGDCONT=%u", cid));
}

static int switch_state(uint8_t cid, int on)
{
	int err = nrf_modem_at_printf("AT+CGACT=%d,%u", on, cid);

	if (err != 0) {
		LOG_WRN("Failed to %s PDN for CID %u, err %d", on ? "activate" : "deactivate", cid, err);
	}
	return refused(err);
}

int ncsh_pdn_activate(uint8_t cid, int *esm, int *family, int esm_timeout_ms)
{
	k_mutex_lock(&activating_mutex, K_FOREVER);
	activating.esm = 0;
	activating.reason = NONE;
	k_sem_reset(&activated);
	k_sem_reset(&esm_told);
	activating.cid = cid;
	int err = switch_state(cid, 1);

	if (err == 0 && family != NULL) {
		k_sem_take(&activated, K_FOREVER);
		/* Which of two families there is; nothing if all that was asked for is there. */
		if (activating.reason == 0) {
			*family = NCSH_PDN_IPV4;
		} else if (activating.reason == 1) {
			*family = NCSH_PDN_IPV6;
		}
	}
	if (esm != NULL) {
		k_sem_take(&esm_told, K_MSEC(esm_timeout_ms));
		*esm = activating.esm;
	}
	activating.cid = NOBODY;
	k_mutex_unlock(&activating_mutex);
	return err;
}

int ncsh_pdn_deactivate(uint8_t cid)
{
	return switch_state(cid, 0);
}

int ncsh_pdn_id(uint8_t cid)
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

/* The next line of an answer that begins like the one whose fields f are. */
static const char *next_line(const char *f, const char *prefix)
{
	return ncsh_line(f + strcspn(f, "\n"), prefix);
}

int ncsh_pdn_default_apn(char *buf, size_t len)
{
	char response[512];
	char apn[LONGEST_APN + 1];
	long cid = NONE;

	if (buf == NULL || len == 0) {
		return -EINVAL;
	}
	int err = nrf_modem_at_cmd(response, sizeof(response), "AT+CGDCONT?");

	if (err != 0) {
		LOG_ERR("Failed to read PDP contexts, err %d", err);
		return refused(err);
	}
	const char *f = ncsh_line(response, "+CGDCONT");

	while (f != NULL && (!ncsh_number(f, 0, &cid) || cid != 0)) {
		f = next_line(f, "+CGDCONT");
	}
	if (f == NULL || ncsh_text(f, 2, apn, sizeof(apn)) <= 0) {
		return -EFAULT;
	}
	if (strlen(apn) >= len) {
		return -E2BIG;
	}
	strcpy(buf, apn);
	return 0;
}

int ncsh_pdn_info(uint8_t cid, struct ncsh_pdn_info *info)
{
	char response[512];
	char text[64];
	long mtu;

	memset(info, 0, sizeof(*info));
	int err = nrf_modem_at_cmd(response, sizeof(response), "AT+CGCONTRDP=%u", cid);

	if (err != 0) {
		return refused(err);
	}
	const char *f = ncsh_line(response, "+CGCONTRDP");

	if (f == NULL) {
		return -EBADMSG;
	}
	/* There is a line for each family, with name servers in fields 5 and 6 and the size of packets
	 * in field 11. */
	for (; f != NULL; f = next_line(f, "+CGCONTRDP")) {
		bool ipv6 = false;

		for (int i = 0; i < 2; i++) {
			if (ncsh_text(f, 5 + i, text, sizeof(text)) <= 0) {
				continue;
			}
			if (nrf_inet_pton(NRF_AF_INET, text, &info->dns4[i]) != 1 &&
			    nrf_inet_pton(NRF_AF_INET6, text, &info->dns6[i]) == 1) {
				ipv6 = true;
			}
		}
		if (ncsh_number(f, 11, &mtu)) {
			*(ipv6 ? &info->mtu6 : &info->mtu4) = (uint32_t)mtu;
		}
	}
	return 0;
}

void ncsh_pdn_protocol(bool legacy_pco)
{
	nrf_modem_at_printf("AT%%XEPCO=%d", legacy_pco ? 0 : 1);
}

void ncsh_pdn_default(const char *apn, int family, int method, const char *user, const char *password)
{
	if (ncsh_pdn_configure(0, apn, family, NULL) == 0 && method != 0) {
		ncsh_pdn_authenticate(0, method, user, password);
	}
}

const char *ncsh_pdn_esm_text(int reason)
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
