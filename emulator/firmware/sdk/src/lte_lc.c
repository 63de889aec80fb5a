/*
 * LTE link control, see modem/lte_lc.h: what goes to the modem, and when, is that of the SDK
 * version. What the modem tells becomes events in lte_lc_events.c.
 */
// build: if LTE_LINK_CONTROL
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <modem/lte_lc.h>
#include <modem/nrf_modem_lib.h>
#include <nrf_modem_at.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>

#include "defaults.h"
#include "fields.h"
#include "lte_lc_internal.h"
#include "lte_timers.h"

LOG_MODULE_REGISTER(lte_lc, CONFIG_LTE_LINK_CONTROL_LOG_LEVEL);

/* From 2.8 on parts of the library are modules, which an application switches on. */
#define MODULES (NCSHOST_VER >= 0x020800)
#define HAS_PSM (!MODULES || IS_ENABLED(CONFIG_LTE_LC_PSM_MODULE))
#define HAS_EDRX (!MODULES || IS_ENABLED(CONFIG_LTE_LC_EDRX_MODULE))
#define HAS_RAI (!MODULES || IS_ENABLED(CONFIG_LTE_LC_RAI_MODULE))
#define HAS_TAU                                                                             \
	(IS_ENABLED(CONFIG_LTE_LC_TAU_PRE_WARNING_MODULE) ||                                \
	 IS_ENABLED(CONFIG_LTE_LC_TAU_PRE_WARNING_NOTIFICATIONS))
#define HAS_SLEEP                                                                           \
	(IS_ENABLED(CONFIG_LTE_LC_MODEM_SLEEP_MODULE) ||                                    \
	 IS_ENABLED(CONFIG_LTE_LC_MODEM_SLEEP_NOTIFICATIONS))

static struct lte_lc_evt_handler {
	lte_lc_evt_handler_t handler;
	struct lte_lc_evt_handler *next;
} *handlers;

static bool connecting;
static bool events_wanted;
static bool edrx_on = IS_ENABLED(CONFIG_LTE_EDRX_REQ);
static K_SEM_DEFINE(registered, 0, 1);
static K_MUTEX_DEFINE(handlers_mutex);

/* ---- handlers ------------------------------------------------------------------- */

void ncsh_lte_event(const struct lte_lc_evt *evt)
{
	k_mutex_lock(&handlers_mutex, K_FOREVER);
	for (struct lte_lc_evt_handler *h = handlers, *next; h != NULL; h = next) {
		next = h->next;
		h->handler(evt);
	}
	k_mutex_unlock(&handlers_mutex);
}

void lte_lc_register_handler(lte_lc_evt_handler_t handler)
{
	if (handler == NULL) {
		LOG_INF("NULL as a handler received: Nothing to be done.\n"
			"The handler can be deregistered using lte_lc_deregister_handler()");
		return;
	}
	k_mutex_lock(&handlers_mutex, K_FOREVER);
	struct lte_lc_evt_handler **at = &handlers;

	while (*at != NULL && (*at)->handler != handler) {
		at = &(*at)->next;
	}
	if (*at == NULL) {
		*at = calloc(1, sizeof(**at));
		if (*at != NULL) {
			(*at)->handler = handler;
		}
	}
	k_mutex_unlock(&handlers_mutex);
}

int lte_lc_deregister_handler(lte_lc_evt_handler_t handler)
{
	int err = -ENXIO;

	if (handler == NULL) {
		return -EINVAL;
	}
	k_mutex_lock(&handlers_mutex, K_FOREVER);
	for (struct lte_lc_evt_handler **at = &handlers; *at != NULL; at = &(*at)->next) {
		if ((*at)->handler == handler) {
			struct lte_lc_evt_handler *h = *at;

			*at = h->next;
			free(h);
			err = 0;
			break;
		}
	}
	k_mutex_unlock(&handlers_mutex);
	return err;
}

/* ---- system mode ------------------------------------------------------------------- */

static const struct {
	enum lte_lc_system_mode mode;
	unsigned char ltem, nbiot, gps;
} modes[] = {
	{LTE_LC_SYSTEM_MODE_LTEM, 1, 0, 0},      {LTE_LC_SYSTEM_MODE_NBIOT, 0, 1, 0},
	{LTE_LC_SYSTEM_MODE_GPS, 0, 0, 1},       {LTE_LC_SYSTEM_MODE_LTEM_GPS, 1, 0, 1},
	{LTE_LC_SYSTEM_MODE_NBIOT_GPS, 0, 1, 1}, {LTE_LC_SYSTEM_MODE_LTEM_NBIOT, 1, 1, 0},
	{LTE_LC_SYSTEM_MODE_LTEM_NBIOT_GPS, 1, 1, 1},
	{LTE_LC_SYSTEM_MODE_NTN_NBIOT, 0, 0, 0},
};

#if defined(CONFIG_LTE_NETWORK_MODE_LTE_M)
#define DEFAULT_MODE LTE_LC_SYSTEM_MODE_LTEM
#elif defined(CONFIG_LTE_NETWORK_MODE_NBIOT)
#define DEFAULT_MODE LTE_LC_SYSTEM_MODE_NBIOT
#elif defined(CONFIG_LTE_NETWORK_MODE_LTE_M_GPS)
#define DEFAULT_MODE LTE_LC_SYSTEM_MODE_LTEM_GPS
#elif defined(CONFIG_LTE_NETWORK_MODE_NBIOT_GPS)
#define DEFAULT_MODE LTE_LC_SYSTEM_MODE_NBIOT_GPS
#elif defined(CONFIG_LTE_NETWORK_MODE_LTE_M_NBIOT)
#define DEFAULT_MODE LTE_LC_SYSTEM_MODE_LTEM_NBIOT
#elif defined(CONFIG_LTE_NETWORK_MODE_LTE_M_NBIOT_GPS) || NCSHOST_VER >= 0x020600
#define DEFAULT_MODE LTE_LC_SYSTEM_MODE_LTEM_NBIOT_GPS
#elif NCSHOST_VER >= 0x020500
#define DEFAULT_MODE LTE_LC_SYSTEM_MODE_LTEM_GPS
#else
#define DEFAULT_MODE LTE_LC_SYSTEM_MODE_LTEM
#endif

#if defined(CONFIG_LTE_MODE_PREFERENCE_VALUE)
#define DEFAULT_PREFERENCE CONFIG_LTE_MODE_PREFERENCE_VALUE
#elif defined(CONFIG_LTE_MODE_PREFERENCE_AUTO)
#define DEFAULT_PREFERENCE LTE_LC_SYSTEM_MODE_PREFER_AUTO
#elif defined(CONFIG_LTE_MODE_PREFERENCE_LTE_M)
#define DEFAULT_PREFERENCE LTE_LC_SYSTEM_MODE_PREFER_LTEM
#elif defined(CONFIG_LTE_MODE_PREFERENCE_NBIOT)
#define DEFAULT_PREFERENCE LTE_LC_SYSTEM_MODE_PREFER_NBIOT
#elif defined(CONFIG_LTE_MODE_PREFERENCE_NBIOT_PLMN_PRIO)
#define DEFAULT_PREFERENCE LTE_LC_SYSTEM_MODE_PREFER_NBIOT_PLMN_PRIO
#elif defined(CONFIG_LTE_MODE_PREFERENCE_LTE_M_PLMN_PRIO)
#define DEFAULT_PREFERENCE LTE_LC_SYSTEM_MODE_PREFER_LTEM_PLMN_PRIO
#else
#define DEFAULT_PREFERENCE                                                                  \
	(NCSHOST_VER >= 0x020600 && (DEFAULT_MODE == LTE_LC_SYSTEM_MODE_LTEM_NBIOT ||       \
				     DEFAULT_MODE == LTE_LC_SYSTEM_MODE_LTEM_NBIOT_GPS)     \
		 ? LTE_LC_SYSTEM_MODE_PREFER_LTEM_PLMN_PRIO                                 \
		 : LTE_LC_SYSTEM_MODE_PREFER_AUTO)
#endif

static enum lte_lc_system_mode wanted_mode = DEFAULT_MODE;
static enum lte_lc_system_mode_preference wanted_preference =
	(enum lte_lc_system_mode_preference)DEFAULT_PREFERENCE;

int lte_lc_system_mode_set(enum lte_lc_system_mode mode,
			   enum lte_lc_system_mode_preference preference)
{
	if ((unsigned int)preference > LTE_LC_SYSTEM_MODE_PREFER_NBIOT_PLMN_PRIO) {
		return -EINVAL;
	}
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		if (modes[i].mode != mode) {
			continue;
		}
		int err = mode == LTE_LC_SYSTEM_MODE_NTN_NBIOT
				  ? nrf_modem_at_printf("AT%%XSYSTEMMODE=0,0,0,0,1")
				  : nrf_modem_at_printf("AT%%XSYSTEMMODE=%d,%d,%d,%d", modes[i].ltem,
							modes[i].nbiot, modes[i].gps, (int)preference);

		if (err != 0) {
			LOG_ERR("Could not send AT command, error: %d", err);
			return -EFAULT;
		}
		wanted_mode = mode;
		wanted_preference = preference;
		return 0;
	}
	LOG_ERR("Invalid system mode requested: %d", mode);
	return -EINVAL;
}

int lte_lc_system_mode_get(enum lte_lc_system_mode *mode,
			   enum lte_lc_system_mode_preference *preference)
{
	int ltem, nbiot, gps, prefer, satellite = 0;

	if (mode == NULL) {
		return -EINVAL;
	}
	/* The fifth number is for satellites; most firmware has none. */
	if (nrf_modem_at_scanf("AT%XSYSTEMMODE?", "%%XSYSTEMMODE: %d,%d,%d,%d,%d", &ltem, &nbiot, &gps,
			       &prefer, &satellite) < 4) {
		return -EFAULT;
	}
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		if (modes[i].ltem == ltem && modes[i].nbiot == nbiot && modes[i].gps == gps &&
		    (modes[i].mode == LTE_LC_SYSTEM_MODE_NTN_NBIOT) == (satellite != 0)) {
			*mode = modes[i].mode;
			if (preference != NULL) {
				*preference = (enum lte_lc_system_mode_preference)prefer;
			}
			return 0;
		}
	}
	return -EFAULT;
}

/* ---- functional mode ------------------------------------------------------------------ */

static int send(const char *cmd)
{
	int err = nrf_modem_at_printf("%s", cmd);

	if (err != 0) {
		LOG_ERR("AT command failed, command: %s, error: %d", cmd, err);
		return -EFAULT;
	}
	return 0;
}

/* Subscribes to what becomes events. */
static int subscribe(void)
{
	int err = send("AT+CEREG=5");

	if (err == 0 && NCSHOST_VER >= 0x020600) {
		err = send("AT+CSCON=1");
	}
	if (HAS_SLEEP) {
		nrf_modem_at_printf("AT%%XMODEMSLEEP=1,%d,%d",
				    CONFIG_LTE_LC_MODEM_SLEEP_PRE_WARNING_TIME_MS,
				    CONFIG_LTE_LC_MODEM_SLEEP_NOTIFICATIONS_THRESHOLD_MS);
	}
	if (HAS_TAU) {
		nrf_modem_at_printf("AT%%XT3412=1,%d,%d", CONFIG_LTE_LC_TAU_PRE_WARNING_TIME_MS,
				    CONFIG_LTE_LC_TAU_PRE_WARNING_THRESHOLD_MS);
	}
	if (err == 0 && NCSHOST_VER < 0x020600) {
		err = send("AT+CSCON=1");
	}
	if (events_wanted) {
		lte_lc_modem_events_enable();
	}
	return err;
}

#if NCSHOST_VER < 0x030100
static struct lte_lc_cfun_cb *cfun_hooks;

void ncsh_lte_on_cfun(struct lte_lc_cfun_cb *cb)
{
	cb->next = cfun_hooks;
	cfun_hooks = cb;
}
#endif

int lte_lc_func_mode_set(enum lte_lc_func_mode mode)
{
	switch (mode) {
	case LTE_LC_FUNC_MODE_NORMAL:
	case LTE_LC_FUNC_MODE_ACTIVATE_LTE:
	case LTE_LC_FUNC_MODE_RX_ONLY:
		if (NCSHOST_VER >= 0x020600 && subscribe() != 0) {
			LOG_ERR("Failed to enable notifications");
			return -EFAULT;
		}
		if (HAS_EDRX && edrx_on && ncsh_lte_edrx_again) {
			lte_lc_edrx_req(true);
		}
		break;
	case LTE_LC_FUNC_MODE_POWER_OFF:
	case LTE_LC_FUNC_MODE_OFFLINE:
	case LTE_LC_FUNC_MODE_DEACTIVATE_LTE:
	case LTE_LC_FUNC_MODE_DEACTIVATE_GNSS:
	case LTE_LC_FUNC_MODE_ACTIVATE_GNSS:
	case LTE_LC_FUNC_MODE_DEACTIVATE_UICC:
	case LTE_LC_FUNC_MODE_ACTIVATE_UICC:
	case LTE_LC_FUNC_MODE_OFFLINE_UICC_ON:
	case LTE_LC_FUNC_MODE_OFFLINE_KEEP_REG:
	case LTE_LC_FUNC_MODE_OFFLINE_KEEP_REG_UICC_ON:
		break;
	default:
		LOG_ERR("Invalid functional mode: %d", mode);
		return -EINVAL;
	}
	int err = nrf_modem_at_printf("AT+CFUN=%d", (int)mode);

	if (err != 0) {
		LOG_ERR("Failed to set functional mode. Please check XSYSTEMMODE.");
		return -EFAULT;
	}
	ncsh_lte_edrx_again = mode == LTE_LC_FUNC_MODE_POWER_OFF;
	LOG_DBG("Functional mode set to %d", mode);
#if NCSHOST_VER < 0x030100
	for (struct lte_lc_cfun_cb *h = cfun_hooks; h != NULL; h = h->next) {
		h->callback(mode, h->context);
	}
#endif
	return 0;
}

int lte_lc_func_mode_get(enum lte_lc_func_mode *mode)
{
	int n;

	if (mode == NULL) {
		return -EINVAL;
	}
	if (nrf_modem_at_scanf("AT+CFUN?", "+CFUN: %d", &n) != 1) {
		LOG_ERR("AT command failed, nrf_modem_at_scanf() returned error");
		return -EFAULT;
	}
	*mode = (enum lte_lc_func_mode)n;
	return 0;
}

int lte_lc_offline(void)
{
	return lte_lc_func_mode_set(LTE_LC_FUNC_MODE_OFFLINE) != 0 ? -EFAULT : 0;
}

int lte_lc_power_off(void)
{
	return lte_lc_func_mode_set(LTE_LC_FUNC_MODE_POWER_OFF) != 0 ? -EFAULT : 0;
}

int lte_lc_normal(void)
{
	return lte_lc_func_mode_set(LTE_LC_FUNC_MODE_NORMAL) != 0 ? -EFAULT : 0;
}

/* ---- connecting ------------------------------------------------------------------------- */

bool ncsh_lte_edrx_again;

void ncsh_lte_registered(void)
{
	connecting = false;
	k_sem_give(&registered);
}

static int connect_lte(bool blocking)
{
	enum lte_lc_nw_reg_status status;
	enum lte_lc_func_mode mode;

	if (lte_lc_nw_reg_status_get(&status) != 0) {
		LOG_ERR("Failed to get current registration status");
		return -EFAULT;
	}
	if (status == LTE_LC_NW_REG_REGISTERED_HOME || status == LTE_LC_NW_REG_REGISTERED_ROAMING) {
		LOG_DBG("Modem already registered on LTE network");
		return 0;
	}
	if (connecting) {
		LOG_WRN("Connect already in progress");
		return -EINPROGRESS;
	}
	connecting = true;
	k_sem_reset(&registered);
	int err = lte_lc_func_mode_get(&mode);

	if (err == 0 && (mode == LTE_LC_FUNC_MODE_POWER_OFF || mode == LTE_LC_FUNC_MODE_OFFLINE)) {
		err = lte_lc_system_mode_set(wanted_mode, wanted_preference);
	}
	if (err == 0) {
		err = lte_lc_func_mode_set(LTE_LC_FUNC_MODE_NORMAL);
	}
	if (err != 0) {
		connecting = false;
		return -EFAULT;
	}
	if (!blocking) {
		return 0;
	}
	if (k_sem_take(&registered, K_SECONDS(CONFIG_LTE_NETWORK_TIMEOUT)) != 0) {
		connecting = false;
		LOG_INF("Network connection attempt timed out");
		return -ETIMEDOUT;
	}
	return 0;
}

int lte_lc_connect(void)
{
	return connect_lte(true);
}

int lte_lc_connect_async(lte_lc_evt_handler_t handler)
{
	if (handler != NULL) {
		lte_lc_register_handler(handler);
	} else if (handlers == NULL) {
		LOG_ERR("No handler registered");
		return -EINVAL;
	}
	return connect_lte(false);
}

#if NCSHOST_VER < 0x020800
#if NCSHOST_VER < 0x020600
static bool initialized;

int lte_lc_init(void)
{
	enum lte_lc_system_mode mode;
	enum lte_lc_system_mode_preference preference;

	if (initialized) {
		return 0;
	}
	if (lte_lc_system_mode_get(&mode, &preference) != 0) {
		LOG_ERR("Could not get current system mode");
		return -EFAULT;
	}
	if ((mode != wanted_mode || preference != wanted_preference) &&
	    lte_lc_system_mode_set(wanted_mode, wanted_preference) != 0) {
		return -EFAULT;
	}
	if (subscribe() != 0) {
		return -EFAULT;
	}
	initialized = true;
	return 0;
}

int lte_lc_deinit(void)
{
	if (!initialized) {
		return 0;
	}
	initialized = false;
	return nrf_modem_at_printf("AT+CFUN=0") != 0 ? -EFAULT : 0;
}
#else
int lte_lc_init(void)
{
	return 0;
}

int lte_lc_deinit(void)
{
	return lte_lc_power_off();
}
#endif

int lte_lc_init_and_connect(void)
{
	int err = lte_lc_init();

	return err != 0 ? err : lte_lc_connect();
}

int lte_lc_init_and_connect_async(lte_lc_evt_handler_t handler)
{
	int err = lte_lc_init();

	return err != 0 ? err : lte_lc_connect_async(handler);
}
#endif

int lte_lc_nw_reg_status_get(enum lte_lc_nw_reg_status *status)
{
	char response[256];
	char cell[16];
	long stat;

	if (status == NULL) {
		return -EINVAL;
	}
	int err = nrf_modem_at_cmd(response, sizeof(response), "AT+CEREG?");
	const char *fields = err == 0 ? ncsh_line(response, "+CEREG") : NULL;

	if (fields == NULL || !ncsh_number(fields, 1, &stat)) {
		LOG_ERR("Could not get network registration status, error: %d", err);
		return -EFAULT;
	}
	/* Registered without a cell is not settled yet. */
	if ((stat == LTE_LC_NW_REG_REGISTERED_HOME || stat == LTE_LC_NW_REG_REGISTERED_ROAMING) &&
	    ncsh_count(fields) > 2 && ncsh_text(fields, 3, cell, sizeof(cell)) <= 0) {
		stat = LTE_LC_NW_REG_UNKNOWN;
	}
	*status = (enum lte_lc_nw_reg_status)stat;
	return 0;
}

int lte_lc_lte_mode_get(enum lte_lc_lte_mode *mode)
{
	char response[256];
	long act;

	if (mode == NULL) {
		return -EINVAL;
	}
	int err = nrf_modem_at_cmd(response, sizeof(response), "AT+CEREG?");
	const char *fields = err == 0 ? ncsh_line(response, "+CEREG") : NULL;

	if (fields == NULL) {
		return -EFAULT;
	}
	*mode = ncsh_number(fields, 4, &act) ? (enum lte_lc_lte_mode)act : LTE_LC_LTE_MODE_NONE;
	return 0;
}

/* ---- power saving ------------------------------------------------------------------------ */

static char rptau[9] = CONFIG_LTE_PSM_REQ_RPTAU;
static char rat[9] = CONFIG_LTE_PSM_REQ_RAT;
static char edrx_ltem[5] = CONFIG_LTE_EDRX_REQ_VALUE_LTE_M;
static char edrx_nbiot[5] = CONFIG_LTE_EDRX_REQ_VALUE_NBIOT;
static char ptw_ltem[5] = CONFIG_LTE_PTW_VALUE_LTE_M;
static char ptw_nbiot[5] = CONFIG_LTE_PTW_VALUE_NBIOT;

static bool bits(const char *text, size_t n)
{
	return strlen(text) == n && strspn(text, "01") == n;
}

int lte_lc_psm_param_set(const char *new_rptau, const char *new_rat)
{
	if ((new_rptau != NULL && !bits(new_rptau, 8)) || (new_rat != NULL && !bits(new_rat, 8))) {
		return -EINVAL;
	}
	snprintf(rptau, sizeof(rptau), "%s", new_rptau != NULL ? new_rptau : "");
	snprintf(rat, sizeof(rat), "%s", new_rat != NULL ? new_rat : "");
	return 0;
}

#if NCSHOST_VER >= 0x020600
int lte_lc_psm_param_set_seconds(int new_rptau, int new_rat)
{
	if (new_rptau < 0) {
		rptau[0] = '\0';
	} else {
		ncsh_t3412_ext_bits(new_rptau, rptau);
	}
	if (new_rat < 0) {
		rat[0] = '\0';
	} else {
		ncsh_t3324_bits(new_rat, rat);
	}
	return 0;
}

int lte_lc_proprietary_psm_req(bool enable)
{
	return nrf_modem_at_printf("AT%%FEACONF=0,0,%d", enable ? 1 : 0) != 0 ? -EFAULT : 0;
}

int lte_lc_edrx_get(struct lte_lc_edrx_cfg *edrx_cfg)
{
	char response[128];
	char text[8];
	long act;

	if (edrx_cfg == NULL) {
		return -EINVAL;
	}
	int err = nrf_modem_at_cmd(response, sizeof(response), "AT+CEDRXRDP");
	const char *fields = err == 0 ? ncsh_line(response, "+CEDRXRDP") : NULL;

	if (fields == NULL || !ncsh_number(fields, 0, &act)) {
		return -EFAULT;
	}
	memset(edrx_cfg, 0, sizeof(*edrx_cfg));
	edrx_cfg->mode = act == 4   ? LTE_LC_LTE_MODE_LTEM
			 : act == 5 ? LTE_LC_LTE_MODE_NBIOT
				    : LTE_LC_LTE_MODE_NONE;
	if (ncsh_text(fields, 2, text, sizeof(text)) == 4) {
		edrx_cfg->edrx = ncsh_edrx(text, act == 5);
	}
	if (ncsh_text(fields, 3, text, sizeof(text)) == 4) {
		edrx_cfg->ptw = ncsh_ptw(text, act == 5);
	}
	return 0;
}
#endif

int lte_lc_psm_req(bool enable)
{
	int err;

	if (!enable) {
		err = nrf_modem_at_printf("AT+CPSMS=");
	} else if (rptau[0] != '\0' && rat[0] != '\0') {
		err = nrf_modem_at_printf("AT+CPSMS=1,,,\"%s\",\"%s\"", rptau, rat);
	} else if (rptau[0] != '\0') {
		err = nrf_modem_at_printf("AT+CPSMS=1,,,\"%s\"", rptau);
	} else if (rat[0] != '\0') {
		err = nrf_modem_at_printf("AT+CPSMS=1,,,,\"%s\"", rat);
	} else {
		err = nrf_modem_at_printf("AT+CPSMS=1");
	}
	if (err != 0) {
		LOG_ERR("nrf_modem_at_printf failed, reported error: %d", err);
		return -EFAULT;
	}
	return 0;
}

int lte_lc_psm_get(int *tau, int *active_time)
{
	if (tau == NULL || active_time == NULL) {
		return -EINVAL;
	}
	return ncsh_lte_monitor(tau, active_time);
}

static int edrx_request(int act, const char *value)
{
	if (value[0] == '\0') {
		return nrf_modem_at_printf("AT+CEDRXS=2,%d", act);
	}
	return nrf_modem_at_printf("AT+CEDRXS=2,%d,\"%s\"", act, value);
}

int lte_lc_edrx_req(bool enable)
{
	int err;

	edrx_on = enable;
	if (!enable) {
		err = nrf_modem_at_printf("AT+CEDRXS=3");
	} else {
		err = edrx_request(4, edrx_ltem);
		if (err == 0) {
			err = edrx_request(5, edrx_nbiot);
		}
		if (err == 0 && ptw_ltem[0] != '\0') {
			err = nrf_modem_at_printf("AT%%XPTW=4,\"%s\"", ptw_ltem);
		}
		if (err == 0 && ptw_nbiot[0] != '\0') {
			err = nrf_modem_at_printf("AT%%XPTW=5,\"%s\"", ptw_nbiot);
		}
	}
	if (err != 0) {
		LOG_ERR("Failed to configure eDRX, err %d", err);
		return -EFAULT;
	}
	ncsh_lte_edrx_again = false;
	return 0;
}

static int set_bits(enum lte_lc_lte_mode mode, char *ltem, char *nbiot, const char *value)
{
	if (mode != LTE_LC_LTE_MODE_LTEM && mode != LTE_LC_LTE_MODE_NBIOT) {
		return -EINVAL;
	}
	if (value != NULL && !bits(value, 4)) {
		return -EINVAL;
	}
	snprintf(mode == LTE_LC_LTE_MODE_LTEM ? ltem : nbiot, 5, "%s", value != NULL ? value : "");
	return 0;
}

int lte_lc_edrx_param_set(enum lte_lc_lte_mode mode, const char *edrx)
{
	return set_bits(mode, edrx_ltem, edrx_nbiot, edrx);
}

int lte_lc_ptw_set(enum lte_lc_lte_mode mode, const char *ptw)
{
	return set_bits(mode, ptw_ltem, ptw_nbiot, ptw);
}

#if NCSHOST_VER < 0x020800
static char rai_value[4] = "3";

int lte_lc_rai_param_set(const char *value)
{
	if (value == NULL || strlen(value) != 1 || (value[0] != '3' && value[0] != '4')) {
		return -EINVAL;
	}
	rai_value[0] = value[0];
	return 0;
}

int lte_lc_rai_req(bool enable)
{
	int err = enable ? nrf_modem_at_printf("AT%%XRAI=%s", rai_value)
			 : nrf_modem_at_printf("AT%%XRAI=0");

	return err != 0 ? -EFAULT : 0;
}
#endif

/* ---- measurements and events of the modem ------------------------------------------------------ */

int lte_lc_neighbor_cell_measurement(struct lte_lc_ncellmeas_params *params)
{
	int type = params != NULL ? (int)params->search_type : LTE_LC_NEIGHBOR_SEARCH_TYPE_DEFAULT;
	int err;

	if (params != NULL && (type < 1 || type > 6)) {
		return -EINVAL;
	}
	if (type >= LTE_LC_NEIGHBOR_SEARCH_TYPE_GCI_DEFAULT) {
		if (params->gci_count < 2 || params->gci_count > 15) {
			return -EINVAL;
		}
		err = nrf_modem_at_printf("AT%%NCELLMEAS=%d,%d", type - 1, params->gci_count);
	} else if (type == LTE_LC_NEIGHBOR_SEARCH_TYPE_DEFAULT) {
		err = nrf_modem_at_printf("AT%%NCELLMEAS");
	} else {
		err = nrf_modem_at_printf("AT%%NCELLMEAS=%d", type - 1);
	}
	return err != 0 ? -EFAULT : 0;
}

int lte_lc_neighbor_cell_measurement_cancel(void)
{
	return nrf_modem_at_printf("AT%%NCELLMEASSTOP") != 0 ? -EFAULT : 0;
}

void ncsh_lte_evaluation(const char *f, struct lte_lc_conn_eval_params *params)
{
	char text[16];
	long v[17] = {0};
	unsigned long id = 0;

	ncsh_hex(f, 6, &id);
	for (int i = 1; i < 17; i++) {
		if (i != 6 && i != 7) {
			ncsh_number(f, i, &v[i]);
		}
	}
	*params = (struct lte_lc_conn_eval_params){
		.rrc_state = (enum lte_lc_rrc_mode)v[1],
		.energy_estimate = (enum lte_lc_energy_estimate)v[2],
		.rsrp = (int16_t)v[3],
		.rsrq = (int16_t)v[4],
		.snr = (int16_t)v[5],
		.cell_id = (uint32_t)id,
		.phy_cid = (int16_t)v[8],
		.earfcn = (int)v[9],
		.band = (int16_t)v[10],
		.tau_trig = (enum lte_lc_tau_triggered)v[11],
		.ce_level = (enum lte_lc_ce_level)v[12],
		.tx_power = (int16_t)v[13],
		.tx_rep = (int16_t)v[14],
		.rx_rep = (int16_t)v[15],
		.dl_pathloss = (int16_t)v[16],
	};
	if (ncsh_text(f, 7, text, sizeof(text)) >= 5) {
		params->mnc = atoi(text + 3);
		text[3] = '\0';
		params->mcc = atoi(text);
	}
}

int lte_lc_conn_eval_params_get(struct lte_lc_conn_eval_params *params)
{
	char response[256];
	long result;

	if (params == NULL) {
		return -EINVAL;
	}
	int err = nrf_modem_at_cmd(response, sizeof(response), "AT%%CONEVAL");
	const char *f = err == 0 ? ncsh_line(response, "%CONEVAL") : NULL;

	if (f == NULL || !ncsh_number(f, 0, &result)) {
		return -EFAULT;
	}
	if (result == 0) {
		ncsh_lte_evaluation(f, params);
	}
	return (int)result;
}

int lte_lc_modem_events_enable(void)
{
	/* Older modem firmware knows only 1. */
	events_wanted = true;
	if (nrf_modem_at_printf("AT%%MDMEV=2") == 0) {
		return 0;
	}
	return nrf_modem_at_printf("AT%%MDMEV=1") != 0 ? -EFAULT : 0;
}

int lte_lc_modem_events_disable(void)
{
	events_wanted = false;
	return nrf_modem_at_printf("AT%%MDMEV=0") != 0 ? -EFAULT : 0;
}

static int append_pattern(char *cmd, size_t size, const struct lte_lc_periodic_search_pattern *p)
{
	const struct lte_lc_periodic_search_range_cfg *r = &p->range;
	const struct lte_lc_periodic_search_table_cfg *t = &p->table;
	size_t len = strlen(cmd);

	if (p->type == LTE_LC_PERIODIC_SEARCH_PATTERN_RANGE) {
		if (r->time_to_final_sleep == -1) {
			return snprintf(cmd + len, size - len, ",\"0,%u,%u,,%d\"", r->initial_sleep,
					r->final_sleep, r->pattern_end_point);
		}
		return snprintf(cmd + len, size - len, ",\"0,%u,%u,%d,%d\"", r->initial_sleep,
				r->final_sleep, r->time_to_final_sleep, r->pattern_end_point);
	}
	const int16_t v[5] = {t->val_1, t->val_2, t->val_3, t->val_4, t->val_5};

	snprintf(cmd + len, size - len, ",\"1");
	for (int i = 0; i < 5 && v[i] != -1; i++) {
		len = strlen(cmd);
		snprintf(cmd + len, size - len, ",%d", v[i]);
	}
	len = strlen(cmd);
	return snprintf(cmd + len, size - len, "\"");
}

int lte_lc_periodic_search_set(const struct lte_lc_periodic_search_cfg *const cfg)
{
	char cmd[256];

	if (cfg == NULL || cfg->pattern_count < 1 || cfg->pattern_count > 4) {
		return -EINVAL;
	}
	snprintf(cmd, sizeof(cmd), "AT%%PERIODICSEARCHCONF=0,%d,%u,%u", cfg->loop,
		 cfg->return_to_pattern, cfg->band_optimization);
	for (size_t i = 0; i < cfg->pattern_count; i++) {
		append_pattern(cmd, sizeof(cmd), &cfg->patterns[i]);
	}
	return nrf_modem_at_printf("%s", cmd) != 0 ? -EBADMSG : 0;
}

int lte_lc_periodic_search_clear(void)
{
	return nrf_modem_at_printf("AT%%PERIODICSEARCHCONF=2") != 0 ? -EBADMSG : 0;
}

int lte_lc_periodic_search_request(void)
{
	return nrf_modem_at_printf("AT%%PERIODICSEARCHCONF=3") != 0 ? -EFAULT : 0;
}

int lte_lc_periodic_search_get(struct lte_lc_periodic_search_cfg *const cfg)
{
	char response[256];
	char text[64];
	long v;

	if (cfg == NULL) {
		return -EINVAL;
	}
	int err = nrf_modem_at_cmd(response, sizeof(response), "AT%%PERIODICSEARCHCONF=1");

	if (err > 0) {
		return -ENOENT;
	}
	const char *f = err == 0 ? ncsh_line(response, "%PERIODICSEARCHCONF") : NULL;

	if (f == NULL) {
		return -EBADMSG;
	}
	memset(cfg, 0, sizeof(*cfg));
	cfg->loop = ncsh_number(f, 0, &v) && v != 0;
	cfg->return_to_pattern = ncsh_number(f, 1, &v) ? (uint16_t)v : 0;
	cfg->band_optimization = ncsh_number(f, 2, &v) ? (uint16_t)v : 0;
	for (int i = 0; i < 4 && ncsh_text(f, 3 + i, text, sizeof(text)) > 0; i++) {
		struct lte_lc_periodic_search_pattern *p = &cfg->patterns[cfg->pattern_count++];

		p->type = text[0] == '1' ? LTE_LC_PERIODIC_SEARCH_PATTERN_TABLE
					 : LTE_LC_PERIODIC_SEARCH_PATTERN_RANGE;
		long w[5] = {-1, -1, -1, -1, -1};

		for (int k = 0; k < 5; k++) {
			ncsh_number(text, k + 1, &w[k]);
		}
		if (p->type == LTE_LC_PERIODIC_SEARCH_PATTERN_TABLE) {
			p->table = (struct lte_lc_periodic_search_table_cfg){
				(int16_t)w[0], (int16_t)w[1], (int16_t)w[2], (int16_t)w[3],
				(int16_t)w[4]};
		} else {
			p->range = (struct lte_lc_periodic_search_range_cfg){
				(uint16_t)w[0], (uint16_t)w[1], (int16_t)w[2], (int16_t)w[3]};
		}
	}
	return 0;
}

#if NCSHOST_VER < 0x030100
int lte_lc_reduced_mobility_get(enum lte_lc_reduced_mobility_mode *mode)
{
	int v;

	if (mode == NULL) {
		return -EINVAL;
	}
	if (nrf_modem_at_scanf("AT%REDMOB?", "%%REDMOB: %d", &v) != 1) {
		return -EFAULT;
	}
	*mode = (enum lte_lc_reduced_mobility_mode)v;
	return 0;
}

int lte_lc_reduced_mobility_set(enum lte_lc_reduced_mobility_mode mode)
{
	return nrf_modem_at_printf("AT%%REDMOB=%d", (int)mode) != 0 ? -EFAULT : 0;
}

int lte_lc_factory_reset(enum lte_lc_factory_reset_type type)
{
	return nrf_modem_at_printf("AT%%XFACTORYRESET=%d", (int)type) != 0 ? -EFAULT : 0;
}
#endif

/* ---- what is sent when the modem library starts --------------------------------------------- */

NRF_MODEM_LIB_ON_INIT(lte_lc_init_hook, on_modem_init, NULL);

static void on_modem_init(int ret, void *ctx)
{
	(void)ctx;
	connecting = false;
#if NCSHOST_VER < 0x020600
	initialized = false;
#endif
	ncsh_lte_forget();
	if (ret != 0) {
		return;
	}
#if NCSHOST_VER >= 0x030200
	nrf_modem_at_printf("AT+CGMR");
#endif
#if NCSHOST_VER >= 0x020600
	if (lte_lc_system_mode_set(wanted_mode, wanted_preference) != 0) {
		LOG_ERR("Failed to set system mode and mode preference");
		return;
	}
#endif
	if (HAS_PSM && NCSHOST_VER >= 0x020400) {
		lte_lc_psm_req(IS_ENABLED(CONFIG_LTE_PSM_REQ));
#if NCSHOST_VER >= 0x020600
		lte_lc_proprietary_psm_req(IS_ENABLED(CONFIG_LTE_PROPRIETARY_PSM_REQ));
#endif
	}
#if NCSHOST_VER >= 0x020700
	nrf_modem_at_printf("AT%%FEACONF=0,3,1");
#endif
	if (HAS_EDRX) {
		lte_lc_edrx_req(IS_ENABLED(CONFIG_LTE_EDRX_REQ));
	}
#if defined(CONFIG_LTE_LOCK_BANDS)
	nrf_modem_at_printf("AT%%XBANDLOCK=2,\"%s\"", CONFIG_LTE_LOCK_BAND_MASK);
#endif
#if defined(CONFIG_LTE_LOCK_PLMN)
	nrf_modem_at_printf("AT+COPS=1,2,\"%s\"", CONFIG_LTE_LOCK_PLMN_STRING);
#endif
	if (HAS_RAI && NCSHOST_VER >= 0x020600) {
		nrf_modem_at_printf("AT%%RAI=%d", !IS_ENABLED(CONFIG_LTE_RAI_REQ) ? 0
						  : NCSHOST_VER >= 0x020800	  ? 2
										  : 1);
	}
}

#if defined(CONFIG_LTE_AUTO_INIT_AND_CONNECT)
#include <zephyr/init.h>

static int connect_at_boot(void)
{
	return lte_lc_init_and_connect();
}

SYS_INIT(connect_at_boot, APPLICATION, CONFIG_APPLICATION_INIT_PRIORITY);
#endif
