/* Events of LTE link control: what the modem tells, taken apart. */
// build: if LTE_LINK_CONTROL
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <modem/at_monitor.h>
#include <modem/lte_lc.h>
#include <nrf_modem_at.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>

#include "defaults.h"
#include "fields.h"
#include "lte_lc_internal.h"
#include "lte_timers.h"

LOG_MODULE_DECLARE(lte_lc, CONFIG_LTE_LINK_CONTROL_LOG_LEVEL);

#define MODULES (NCSHOST_VER >= 0x020800)
#define HAS_PSM (!MODULES || IS_ENABLED(CONFIG_LTE_LC_PSM_MODULE))
#define HAS_EDRX (!MODULES || IS_ENABLED(CONFIG_LTE_LC_EDRX_MODULE))

/* As last told. */
static enum lte_lc_nw_reg_status status;
static struct {
	uint32_t id, tac;
} cell;
static enum lte_lc_lte_mode lte_mode;
static struct lte_lc_psm_cfg psm;

static void ask_monitor(struct k_work *work);
static K_WORK_DEFINE(monitor_work, ask_monitor);

void ncsh_lte_forget(void)
{
	status = LTE_LC_NW_REG_NOT_REGISTERED;
	cell.id = LTE_LC_CELL_EUTRAN_ID_INVALID;
	cell.tac = LTE_LC_CELL_TAC_INVALID;
	lte_mode = LTE_LC_LTE_MODE_NONE;
	psm = (struct lte_lc_psm_cfg){-1, -1};
}

static bool is_registered(enum lte_lc_nw_reg_status s)
{
	return s == LTE_LC_NW_REG_REGISTERED_HOME || s == LTE_LC_NW_REG_REGISTERED_ROAMING;
}

/* ---- +CEREG ----------------------------------------------------------------------- */

static void tell_psm(int tau, int active_time)
{
	struct lte_lc_evt evt = {.type = LTE_LC_EVT_PSM_UPDATE};

	if (psm.tau == tau && psm.active_time == active_time) {
		return;
	}
	psm.tau = tau;
	psm.active_time = active_time;
	evt.psm_cfg = psm;
	ncsh_lte_event(&evt);
}

int ncsh_lte_monitor(int *tau, int *active_time)
{
	char response[512];
	char text[16];

	int err = nrf_modem_at_cmd(response, sizeof(response), "AT%%XMONITOR");
	const char *f = err == 0 ? ncsh_line(response, "%XMONITOR") : NULL;

	if (f == NULL) {
		LOG_ERR("AT command failed, error: %d", err);
		return -EFAULT;
	}
	/* Active time, extended TAU and TAU are fields 14 to 16, counted from the name. */
	*active_time = -1;
	*tau = -1;
	if (ncsh_text(f, 13, text, sizeof(text)) == 8) {
		*active_time = ncsh_t3324(text);
	}
	if (ncsh_text(f, 14, text, sizeof(text)) == 8) {
		*tau = ncsh_t3412_ext(text);
	}
	if (*tau <= 0 && ncsh_text(f, 15, text, sizeof(text)) == 8) {
		*tau = ncsh_t3324(text);
	}
	return ncsh_count(f) > 1 ? 0 : -EBADMSG;
}

static void ask_monitor(struct k_work *work)
{
	int tau, active_time;

	(void)work;
	if (ncsh_lte_monitor(&tau, &active_time) == 0) {
		tell_psm(tau, active_time);
	}
}

static void update_psm(const char *f)
{
	char active[16], tau[16];

	if (!HAS_PSM) {
		return;
	}
	if (!is_registered(status)) {
#if NCSHOST_VER >= 0x030200
		if (status == LTE_LC_NW_REG_NOT_REGISTERED) {
			tell_psm(-1, -1);
		}
#endif
		return;
	}
	int active_time = -1, seconds = -1;

	if (ncsh_text(f, 6, active, sizeof(active)) == 8) {
		active_time = ncsh_t3324(active);
	}
	if (ncsh_text(f, 7, tau, sizeof(tau)) == 8) {
		seconds = ncsh_t3412_ext(tau);
	}
	if (seconds <= 0) {
		/* The network has given the plain timer only, which is told nowhere else. */
		k_work_submit(&monitor_work);
		return;
	}
	tell_psm(seconds, active_time);
}

static void denied(const char *f)
{
	long cause_type = 0, cause = 0;

	if (ncsh_number(f, 4, &cause_type) && cause_type == 0 && ncsh_number(f, 5, &cause)) {
		LOG_WRN("Registration rejected, EMM cause: %d, Cell ID: %d, Tracking area: %d, "
			"LTE mode: %d",
			(int)cause, (int)cell.id, (int)cell.tac, (int)lte_mode);
	}
}

AT_MONITOR(ltelc_atmon_cereg, "+CEREG", on_cereg);

static void on_cereg(const char *notif)
{
	const char *f = ncsh_line(notif, "+CEREG");
	struct lte_lc_evt evt = {0};
	unsigned long id = LTE_LC_CELL_EUTRAN_ID_INVALID, tac = LTE_LC_CELL_TAC_INVALID;
	long stat, act = LTE_LC_LTE_MODE_NONE;

	if (f == NULL || !ncsh_number(f, 0, &stat)) {
		LOG_ERR("Failed to parse notification");
		return;
	}
	if (!ncsh_hex(f, 1, &tac) || tac > UINT16_MAX) {
		tac = LTE_LC_CELL_TAC_INVALID;
	}
	if (!ncsh_hex(f, 2, &id) || id > LTE_LC_CELL_EUTRAN_ID_MAX) {
		id = LTE_LC_CELL_EUTRAN_ID_INVALID;
	}
	ncsh_number(f, 3, &act);
	if (is_registered((enum lte_lc_nw_reg_status)stat) && id == LTE_LC_CELL_EUTRAN_ID_INVALID) {
		stat = LTE_LC_NW_REG_UNKNOWN;
	}
	bool moved = cell.id != (uint32_t)id || cell.tac != (uint32_t)tac;
	bool other_mode = lte_mode != (enum lte_lc_lte_mode)act;
	bool other_status = status != (enum lte_lc_nw_reg_status)stat;

	cell.id = (uint32_t)id;
	cell.tac = (uint32_t)tac;
	lte_mode = (enum lte_lc_lte_mode)act;
	status = (enum lte_lc_nw_reg_status)stat;
	if (status == LTE_LC_NW_REG_REGISTRATION_DENIED) {
		denied(f);
	}
	if (is_registered(status)) {
		ncsh_lte_registered();
	}
	if (other_status) {
		evt.type = LTE_LC_EVT_NW_REG_STATUS;
		evt.nw_reg_status = status;
		ncsh_lte_event(&evt);
	}
	if (moved) {
		memset(&evt, 0, sizeof(evt));
		evt.type = LTE_LC_EVT_CELL_UPDATE;
		evt.cell.id = cell.id;
		evt.cell.tac = cell.tac;
		ncsh_lte_event(&evt);
	}
	if (other_mode) {
		memset(&evt, 0, sizeof(evt));
		evt.type = LTE_LC_EVT_LTE_MODE_UPDATE;
		evt.lte_mode = lte_mode;
		ncsh_lte_event(&evt);
	}
	update_psm(f);
}

/* ---- the others ---------------------------------------------------------------------- */

AT_MONITOR(ltelc_atmon_cscon, "+CSCON", on_cscon);

static void on_cscon(const char *notif)
{
	const char *f = ncsh_line(notif, "+CSCON");
	struct lte_lc_evt evt = {.type = LTE_LC_EVT_RRC_UPDATE};
	long mode;

	if (f != NULL && ncsh_number(f, 0, &mode)) {
		evt.rrc_mode = mode != 0 ? LTE_LC_RRC_MODE_CONNECTED : LTE_LC_RRC_MODE_IDLE;
		ncsh_lte_event(&evt);
	}
}

AT_MONITOR(ltelc_atmon_cedrxp, "+CEDRXP", on_cedrxp);

static void on_cedrxp(const char *notif)
{
	const char *f = ncsh_line(notif, "+CEDRXP");
	struct lte_lc_evt evt = {.type = LTE_LC_EVT_EDRX_UPDATE};
	char text[8];
	long act;

	if (!HAS_EDRX || f == NULL || !ncsh_number(f, 0, &act)) {
		return;
	}
	evt.edrx_cfg.mode = act == 4   ? LTE_LC_LTE_MODE_LTEM
			    : act == 5 ? LTE_LC_LTE_MODE_NBIOT
				       : LTE_LC_LTE_MODE_NONE;
	if (ncsh_text(f, 2, text, sizeof(text)) == 4) {
		evt.edrx_cfg.edrx = ncsh_edrx(text, act == 5);
	}
	if (ncsh_text(f, 3, text, sizeof(text)) == 4) {
		evt.edrx_cfg.ptw = ncsh_ptw(text, act == 5);
	}
	ncsh_lte_event(&evt);
}

AT_MONITOR(ltelc_atmon_xt3412, "%XT3412", on_xt3412);

static void on_xt3412(const char *notif)
{
	const char *f = ncsh_line(notif, "%XT3412");
	struct lte_lc_evt evt = {.type = LTE_LC_EVT_TAU_PRE_WARNING};
	long ms;

	/* Notifications are also sent when the timer begins; only the warning counts. */
	if (f != NULL && ncsh_number(f, 0, &ms) && ms > 0 &&
	    ms <= CONFIG_LTE_LC_TAU_PRE_WARNING_TIME_MS) {
		evt.time = (uint64_t)ms;
		ncsh_lte_event(&evt);
	}
}

AT_MONITOR(ltelc_atmon_xmodemsleep, "%XMODEMSLEEP", on_xmodemsleep);

static void on_xmodemsleep(const char *notif)
{
	const char *f = ncsh_line(notif, "%XMODEMSLEEP");
	struct lte_lc_evt evt = {0};
	long type, ms = -1;

	if (f == NULL || !ncsh_number(f, 0, &type)) {
		return;
	}
	if (!ncsh_number(f, 1, &ms)) {
		ms = -1;
	}
	switch (type) {
	case LTE_LC_MODEM_SLEEP_PSM:
	case LTE_LC_MODEM_SLEEP_RF_INACTIVITY:
	case LTE_LC_MODEM_SLEEP_LIMITED_SERVICE:
	case LTE_LC_MODEM_SLEEP_FLIGHT_MODE:
	case LTE_LC_MODEM_SLEEP_PROPRIETARY_PSM:
		break;
	default:
		return;
	}
	evt.modem_sleep.type = (enum lte_lc_modem_sleep_type)type;
	evt.modem_sleep.time = ms;
	if (ms == CONFIG_LTE_LC_MODEM_SLEEP_PRE_WARNING_TIME_MS) {
		evt.type = LTE_LC_EVT_MODEM_SLEEP_EXIT_PRE_WARNING;
	} else if (ms == 0) {
		evt.type = LTE_LC_EVT_MODEM_SLEEP_EXIT;
	} else {
		evt.type = LTE_LC_EVT_MODEM_SLEEP_ENTER;
	}
	ncsh_lte_event(&evt);
}

static void cell_at(const char *f, int i, struct lte_lc_cell *c)
{
	char plmn[16];
	unsigned long hex;
	long v;

	memset(c, 0, sizeof(*c));
	c->id = ncsh_hex(f, i, &hex) ? (uint32_t)hex : LTE_LC_CELL_EUTRAN_ID_INVALID;
	if (ncsh_text(f, i + 1, plmn, sizeof(plmn)) >= 5) {
		c->mnc = atoi(plmn + 3);
		plmn[3] = '\0';
		c->mcc = atoi(plmn);
	}
	c->tac = ncsh_hex(f, i + 2, &hex) ? (uint32_t)hex : LTE_LC_CELL_TAC_INVALID;
	c->timing_advance = ncsh_number(f, i + 3, &v) ? (uint16_t)v
						      : LTE_LC_CELL_TIMING_ADVANCE_INVALID;
	c->earfcn = ncsh_number(f, i + 4, &v) ? (uint32_t)v : 0;
	c->phys_cell_id = ncsh_number(f, i + 5, &v) ? (uint16_t)v : 0;
	c->rsrp = ncsh_number(f, i + 6, &v) ? (int16_t)v : LTE_LC_CELL_RSRP_INVALID;
	c->rsrq = ncsh_number(f, i + 7, &v) ? (int16_t)v : LTE_LC_CELL_RSRQ_INVALID;
	c->measurement_time = ncsh_number(f, i + 8, &v) ? (uint64_t)v : 0;
}

AT_MONITOR(ltelc_atmon_ncellmeas, "%NCELLMEAS", on_ncellmeas);

static void on_ncellmeas(const char *notif)
{
	static struct lte_lc_ncell neighbors[CONFIG_LTE_NEIGHBOR_CELLS_MAX];
	const char *f = ncsh_line(notif, "%NCELLMEAS");
	struct lte_lc_evt evt = {.type = LTE_LC_EVT_NEIGHBOR_CELL_MEAS};
	struct lte_lc_cells_info *info = &evt.cells_info;
	long v;

	if (f == NULL) {
		return;
	}
	info->neighbor_cells = neighbors;
	if (!ncsh_number(f, 0, &v) || v != 0) {
		info->current_cell.id = LTE_LC_CELL_EUTRAN_ID_INVALID;
		ncsh_lte_event(&evt);
		return;
	}
	cell_at(f, 1, &info->current_cell);
	int n = ncsh_count(f), i = 10;

	for (; i + 5 <= n && info->ncells_count < CONFIG_LTE_NEIGHBOR_CELLS_MAX; i += 5) {
		struct lte_lc_ncell *c = &neighbors[info->ncells_count++];

		c->earfcn = ncsh_number(f, i, &v) ? (uint32_t)v : 0;
		c->phys_cell_id = ncsh_number(f, i + 1, &v) ? (uint16_t)v : 0;
		c->rsrp = ncsh_number(f, i + 2, &v) ? (int16_t)v : LTE_LC_CELL_RSRP_INVALID;
		c->rsrq = ncsh_number(f, i + 3, &v) ? (int16_t)v : LTE_LC_CELL_RSRQ_INVALID;
		c->time_diff = ncsh_number(f, i + 4, &v) ? (int)v : 0;
	}
	if (ncsh_number(f, i, &v)) {
		info->current_cell.timing_advance_meas_time = (uint64_t)v;
	}
	ncsh_lte_event(&evt);
}

/* The texts of %MDMEV. */
static const struct {
	const char *text;
	int type;
} modem_events[] = {
	{"ME OVERHEATED", LTE_LC_MODEM_EVT_OVERHEATED},
	{"ME BATTERY LOW", LTE_LC_MODEM_EVT_BATTERY_LOW},
	{"SEARCH STATUS 1", LTE_LC_MODEM_EVT_LIGHT_SEARCH_DONE},
	{"SEARCH STATUS 2", LTE_LC_MODEM_EVT_SEARCH_DONE},
	{"RESET LOOP", LTE_LC_MODEM_EVT_RESET_LOOP},
	{"NO IMEI", LTE_LC_MODEM_EVT_NO_IMEI},
#if NCSHOST_VER >= 0x030200
	{"RF CALIBRATION NOT DONE", LTE_LC_MODEM_EVT_RF_CAL_NOT_DONE},
#endif
};

static void tell_modem_event(int type, int ce_level)
{
	struct lte_lc_evt evt = {.type = LTE_LC_EVT_MODEM_EVENT};

#if NCSHOST_VER >= 0x030200
	evt.modem_evt.type = (enum lte_lc_modem_evt_type)type;
	evt.modem_evt.ce_level = (enum lte_lc_ce_level)ce_level;
#else
	(void)ce_level;
	evt.modem_evt = (enum lte_lc_modem_evt)type;
#endif
	ncsh_lte_event(&evt);
}

#if NCSHOST_VER >= 0x030200
/* The end of a search is told after what it has found. */
static void search_done(struct k_work *work)
{
	(void)work;
	tell_modem_event(LTE_LC_MODEM_EVT_SEARCH_DONE, 0);
}

static K_WORK_DELAYABLE_DEFINE(search_done_work, search_done);
#endif

AT_MONITOR(ltelc_atmon_mdmev, "%MDMEV", on_mdmev);

static void on_mdmev(const char *notif)
{
	const char *f = ncsh_line(notif, "%MDMEV");

	if (f == NULL) {
		return;
	}
	if (strncmp(f, "PRACH CE-LEVEL ", 15) == 0) {
		int level = atoi(f + 15);

#if NCSHOST_VER >= 0x030200
		tell_modem_event(LTE_LC_MODEM_EVT_CE_LEVEL, level);
#else
		if (level >= 0 && level <= 3) {
			tell_modem_event(LTE_LC_MODEM_EVT_CE_LEVEL_0 + level, level);
		}
#endif
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(modem_events); i++) {
		if (strncmp(f, modem_events[i].text, strlen(modem_events[i].text)) != 0) {
			continue;
		}
#if NCSHOST_VER >= 0x030200
		if (modem_events[i].type == LTE_LC_MODEM_EVT_SEARCH_DONE) {
			k_work_schedule(&search_done_work, K_MSEC(100));
			return;
		}
#endif
		tell_modem_event(modem_events[i].type, 0);
		return;
	}
	LOG_DBG("No modem event type found: %s", notif);
}

AT_MONITOR(ltelc_atmon_rai, "%RAI", on_rai);

static void on_rai(const char *notif)
{
	const char *f = ncsh_line(notif, "%RAI");
	struct lte_lc_evt evt = {.type = LTE_LC_EVT_RAI_UPDATE};
	char plmn[16];
	unsigned long id;
	long v;

	if (f == NULL || !ncsh_hex(f, 0, &id)) {
		return;
	}
	evt.rai_cfg.cell_id = (uint32_t)id;
	if (ncsh_text(f, 1, plmn, sizeof(plmn)) >= 5) {
		evt.rai_cfg.mnc = atoi(plmn + 3);
		plmn[3] = '\0';
		evt.rai_cfg.mcc = atoi(plmn);
	}
	evt.rai_cfg.as_rai = ncsh_number(f, 2, &v) && v != 0;
	evt.rai_cfg.cp_rai = ncsh_number(f, 3, &v) && v != 0;
	ncsh_lte_event(&evt);
}
