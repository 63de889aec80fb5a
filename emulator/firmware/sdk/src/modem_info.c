/* What the modem knows, see modem/modem_info.h. */
// build: if MODEM_INFO
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <modem/at_monitor.h>
#include <modem/modem_info.h>
#include <nrf_modem_at.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>

#include "defaults.h"
#include "fields.h"

LOG_MODULE_REGISTER(modem_info, CONFIG_MODEM_INFO_LOG_LEVEL);

/* How a value is got: command, name of the line, field. */
enum kind { TEXT, NUMBER, LINE, RSRP, ADDRESS, BANDS, NUMBER_ID, MCC, MNC };

static const struct {
	const char *name;
	const char *cmd;
	const char *prefix;
	int field;
	enum kind kind;
} infos[MODEM_INFO_COUNT] = {
	[MODEM_INFO_RSRP] = {"rsrp", "AT+CESQ", "+CESQ", 5, RSRP},
	[MODEM_INFO_CUR_BAND] = {"currentBand", "AT%XCBAND", "%XCBAND", 0, NUMBER},
	[MODEM_INFO_SUP_BAND] = {"supportedBands", "AT%XCBAND=?", "%XCBAND", 0, BANDS},
	[MODEM_INFO_AREA_CODE] = {"areaCode", "AT+CEREG?", "+CEREG", 2, TEXT},
	[MODEM_INFO_UE_MODE] = {"ueMode", "AT+CEMODE?", "+CEMODE", 0, NUMBER},
	[MODEM_INFO_OPERATOR] = {"mccmnc", "AT+COPS?", "+COPS", 2, TEXT},
	[MODEM_INFO_MCC] = {"mcc", "AT+COPS?", "+COPS", 2, MCC},
	[MODEM_INFO_MNC] = {"mnc", "AT+COPS?", "+COPS", 2, MNC},
	[MODEM_INFO_CELLID] = {"cellID", "AT+CEREG?", "+CEREG", 3, TEXT},
	[MODEM_INFO_IP_ADDRESS] = {"ipAddress", "AT+CGDCONT?", "+CGDCONT", 3, ADDRESS},
	[MODEM_INFO_UICC] = {"uiccMode", "AT%XSIM?", "%XSIM", 0, NUMBER},
	[MODEM_INFO_BATTERY] = {"batteryVoltage", "AT%XVBAT", "%XVBAT", 0, NUMBER},
	[MODEM_INFO_TEMP] = {"temperature", "AT%XTEMP?", "%XTEMP", 0, NUMBER},
	[MODEM_INFO_FW_VERSION] = {"modemFirmware", "AT+CGMR", NULL, 0, LINE},
	[MODEM_INFO_ICCID] = {"iccid", "AT+CRSM=176,12258,0,0,10", "+CRSM", 2, NUMBER_ID},
	[MODEM_INFO_LTE_MODE] = {"lteMode", "AT%XSYSTEMMODE?", "%XSYSTEMMODE", 0, NUMBER},
	[MODEM_INFO_NBIOT_MODE] = {"nbiotMode", "AT%XSYSTEMMODE?", "%XSYSTEMMODE", 1, NUMBER},
	[MODEM_INFO_GPS_MODE] = {"gpsMode", "AT%XSYSTEMMODE?", "%XSYSTEMMODE", 2, NUMBER},
	[MODEM_INFO_IMSI] = {"imsi", "AT+CIMI", NULL, 0, LINE},
	[MODEM_INFO_IMEI] = {"imei", "AT+CGSN", NULL, 0, LINE},
	[MODEM_INFO_DATE_TIME] = {"dateTime", "AT+CCLK?", "+CCLK", 0, TEXT},
	[MODEM_INFO_APN] = {"apn", "AT+CGDCONT?", "+CGDCONT", 2, TEXT},
};

#define RSRP_UNKNOWN 255

static char response[512];
static K_MUTEX_DEFINE(response_mutex);

/* Asks the modem; the fields of the line are in *fields until the mutex is given back. */
static int ask(const char *cmd, const char *prefix, const char **fields)
{
	if (nrf_modem_at_cmd(response, sizeof(response), "%s", cmd) != 0) {
		return -EIO;
	}
	*fields = prefix != NULL ? ncsh_line(response, prefix) : response;
	return *fields != NULL ? 0 : -EBADMSG;
}

int modem_info_init(void)
{
	return 0;
}

int modem_info_name_get(enum modem_info info, char *name)
{
	if ((unsigned int)info >= MODEM_INFO_COUNT || name == NULL) {
		return -EINVAL;
	}
	strcpy(name, infos[info].name);
	return (int)strlen(name);
}

int modem_info_type_get(enum modem_info info)
{
	if ((unsigned int)info >= MODEM_INFO_COUNT) {
		return -EINVAL;
	}
	return infos[info].kind == NUMBER || infos[info].kind == RSRP ? 1 : 2;
}

static int number(enum modem_info info, long *v)
{
	const char *f;

	k_mutex_lock(&response_mutex, K_FOREVER);
	int err = ask(infos[info].cmd, infos[info].prefix, &f);

	if (err == 0 && !ncsh_number(f, infos[info].field, v)) {
		err = -ENOENT;
	}
	k_mutex_unlock(&response_mutex);
	return err;
}

int modem_info_short_get(enum modem_info info, uint16_t *buf)
{
	long v;

	if ((unsigned int)info >= MODEM_INFO_COUNT || buf == NULL) {
		return -EINVAL;
	}
	if (infos[info].kind != NUMBER && infos[info].kind != RSRP) {
		return -EINVAL;
	}
	int err = number(info, &v);

	if (err != 0) {
		return err;
	}
	*buf = (uint16_t)v;
	return sizeof(uint16_t);
}

static int give(char *buf, size_t size, const char *text)
{
	if (strlen(text) >= size) {
		return -EMSGSIZE;
	}
	strcpy(buf, text);
	return (int)strlen(text);
}

/* Digits of a card are in pairs whose order is reversed; what is left is filled with F. */
static void swap_digits(char *text)
{
	for (size_t i = 0; text[i] != '\0' && text[i + 1] != '\0'; i += 2) {
		char c = text[i];

		text[i] = text[i + 1];
		text[i + 1] = c;
	}
	size_t n = strlen(text);

	while (n > 0 && (text[n - 1] == 'F' || text[n - 1] == 'f')) {
		text[--n] = '\0';
	}
}

static int string_get(enum modem_info info, char *buf, size_t size)
{
	const char *f;
	char text[256];
	long v;
	int err = ask(infos[info].cmd, infos[info].prefix, &f);

	if (err != 0) {
		return err;
	}
	switch (infos[info].kind) {
	case NUMBER:
	case RSRP:
		if (!ncsh_number(f, infos[info].field, &v)) {
			return -ENOENT;
		}
		snprintf(text, sizeof(text), "%ld", infos[info].kind == RSRP ? RSRP_IDX_TO_DBM(v) : v);
		return give(buf, size, text);
	case LINE:
		snprintf(text, sizeof(text), "%.*s", (int)strcspn(f, "\r\n"), f);
		return give(buf, size, text);
	default:
		break;
	}
	int len = ncsh_text(f, infos[info].field, text, sizeof(text));

	if (len <= 0 || (size_t)len >= sizeof(text)) {
		return len <= 0 ? -ENOENT : -EMSGSIZE;
	}
	switch (infos[info].kind) {
	case BANDS:
		if (text[0] == '(' && text[len - 1] == ')') {
			text[len - 1] = '\0';
			memmove(text, text + 1, (size_t)len - 1);
		}
		break;
	case NUMBER_ID:
		swap_digits(text);
		break;
	case MCC:
	case MNC:
		if (len < 5) {
			return -ENOENT;
		}
		if (infos[info].kind == MCC) {
			text[3] = '\0';
		} else {
			memmove(text, text + 3, (size_t)len - 2);
		}
		break;
	default:
		break;
	}
	return give(buf, size, text);
}

int modem_info_string_get(enum modem_info info, char *buf, const size_t buf_size)
{
	if ((unsigned int)info >= MODEM_INFO_COUNT || buf == NULL || buf_size == 0) {
		return -EINVAL;
	}
	k_mutex_lock(&response_mutex, K_FOREVER);
	buf[0] = '\0';
	int n = string_get(info, buf, buf_size);

	k_mutex_unlock(&response_mutex);
	return n;
}

/* ---- parameters ------------------------------------------------------------------------ */

static void prepare(struct lte_param *p, enum modem_info type)
{
	p->type = type;
	p->data_name = (char *)(uintptr_t)infos[type].name;
}

int modem_info_params_init(struct modem_param_info *m)
{
	if (m == NULL) {
		return -EINVAL;
	}
	memset(m, 0, sizeof(*m));
	struct network_param *n = &m->network;

	prepare(&n->current_band, MODEM_INFO_CUR_BAND);
	prepare(&n->sup_band, MODEM_INFO_SUP_BAND);
	prepare(&n->area_code, MODEM_INFO_AREA_CODE);
	prepare(&n->current_operator, MODEM_INFO_OPERATOR);
	prepare(&n->mcc, MODEM_INFO_MCC);
	prepare(&n->mnc, MODEM_INFO_MNC);
	prepare(&n->cellid_hex, MODEM_INFO_CELLID);
	prepare(&n->ip_address, MODEM_INFO_IP_ADDRESS);
	prepare(&n->ue_mode, MODEM_INFO_UE_MODE);
	prepare(&n->lte_mode, MODEM_INFO_LTE_MODE);
	prepare(&n->nbiot_mode, MODEM_INFO_NBIOT_MODE);
	prepare(&n->gps_mode, MODEM_INFO_GPS_MODE);
	prepare(&n->date_time, MODEM_INFO_DATE_TIME);
	prepare(&n->apn, MODEM_INFO_APN);
	prepare(&n->rsrp, MODEM_INFO_RSRP);
	prepare(&m->sim.uicc, MODEM_INFO_UICC);
	prepare(&m->sim.iccid, MODEM_INFO_ICCID);
	prepare(&m->sim.imsi, MODEM_INFO_IMSI);
	prepare(&m->device.modem_fw, MODEM_INFO_FW_VERSION);
	prepare(&m->device.battery, MODEM_INFO_BATTERY);
	prepare(&m->device.imei, MODEM_INFO_IMEI);
#ifdef CONFIG_BOARD
	m->device.board = CONFIG_BOARD;
#else
	m->device.board = "nrf91emu";
#endif
	m->device.app_version = "";
	m->device.app_name = "";
	return 0;
}

static void get_param(struct lte_param *p)
{
	if (modem_info_type_get(p->type) == 1) {
		modem_info_short_get(p->type, &p->value);
	}
	int n = modem_info_string_get(p->type, p->value_string, sizeof(p->value_string));

	if (n < 0) {
		LOG_DBG("No value of %s: %d", p->data_name, n);
		p->value_string[0] = '\0';
	}
}

int modem_info_params_get(struct modem_param_info *m)
{
	if (m == NULL) {
		return -EINVAL;
	}
	struct network_param *n = &m->network;
	struct lte_param *all[] = {
		&n->current_band,   &n->sup_band,   &n->area_code, &n->current_operator,
		&n->mcc,            &n->mnc,        &n->cellid_hex, &n->ip_address,
		&n->ue_mode,        &n->lte_mode,   &n->nbiot_mode, &n->gps_mode,
		&n->date_time,      &n->apn,        &n->rsrp,      &m->sim.uicc,
		&m->sim.iccid,      &m->sim.imsi,   &m->device.modem_fw,
		&m->device.battery, &m->device.imei,
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		get_param(all[i]);
	}
	n->cellid_dec = (double)strtoul(n->cellid_hex.value_string, NULL, 16);
	n->network_mode[0] = '\0';
	if (n->lte_mode.value == 1) {
		strcat(n->network_mode, "LTE-M");
	} else if (n->nbiot_mode.value == 1) {
		strcat(n->network_mode, "NB-IoT");
	}
	if (n->gps_mode.value == 1) {
		strcat(n->network_mode, " GPS");
	}
	return 0;
}

/* ---- signal -------------------------------------------------------------------------------- */

static rsrp_cb_t rsrp_handler;

AT_MONITOR(modem_info_cesq, "%CESQ", on_cesq, PAUSED);

static void on_cesq(const char *notif)
{
	const char *f = ncsh_line(notif, "%CESQ");
	long v;

	if (f != NULL && rsrp_handler != NULL && ncsh_number(f, 0, &v)) {
		rsrp_handler((char)v);
	}
}

int modem_info_rsrp_register(rsrp_cb_t cb)
{
	rsrp_handler = cb;
	at_monitor_resume(&modem_info_cesq);
	return nrf_modem_at_printf("AT%%CESQ=1") != 0 ? -EIO : 0;
}

int modem_info_connectivity_stats_init(void)
{
	return nrf_modem_at_printf("AT%%XCONNSTAT=1") != 0 ? -EIO : 0;
}

int modem_info_connectivity_stats_disable(void)
{
	return nrf_modem_at_printf("AT%%XCONNSTAT=0") != 0 ? -EIO : 0;
}

int modem_info_get_connectivity_stats(int *tx_kbytes, int *rx_kbytes)
{
	const char *f;
	long tx, rx;

	if (tx_kbytes == NULL || rx_kbytes == NULL) {
		return -EINVAL;
	}
	k_mutex_lock(&response_mutex, K_FOREVER);
	int err = ask("AT%XCONNSTAT?", "%XCONNSTAT", &f);

	if (err == 0 && (!ncsh_number(f, 2, &tx) || !ncsh_number(f, 3, &rx))) {
		err = -EBADMSG;
	}
	k_mutex_unlock(&response_mutex);
	if (err == 0) {
		*tx_kbytes = (int)tx;
		*rx_kbytes = (int)rx;
	}
	return err;
}

/* ---- single values ----------------------------------------------------------------------------- */

static int text_of(const char *cmd, const char *prefix, int field, char *buf, size_t size)
{
	const char *f;
	char text[256];

	if (buf == NULL || size == 0) {
		return -EINVAL;
	}
	k_mutex_lock(&response_mutex, K_FOREVER);
	int err = ask(cmd, prefix, &f);

	if (err == 0 && prefix == NULL) {
		snprintf(text, sizeof(text), "%.*s", (int)strcspn(f, "\r\n"), f);
	} else if (err == 0 && ncsh_text(f, field, text, sizeof(text)) <= 0) {
		err = -ENOENT;
	}
	k_mutex_unlock(&response_mutex);
	if (err == 0) {
		err = give(buf, size, text);
	}
	return err < 0 ? err : 0;
}

static int number_of(const char *cmd, const char *prefix, int field, long unknown, long *v)
{
	const char *f;

	k_mutex_lock(&response_mutex, K_FOREVER);
	int err = ask(cmd, prefix, &f);

	if (err == 0 && (!ncsh_number(f, field, v) || *v == unknown)) {
		err = -ENOENT;
	}
	k_mutex_unlock(&response_mutex);
	return err;
}

int modem_info_get_fw_uuid(char *buf, size_t buf_size)
{
	return text_of("AT%XMODEMUUID", "%XMODEMUUID", 0, buf, buf_size);
}

int modem_info_get_fw_version(char *buf, size_t buf_size)
{
	return text_of("AT+CGMR", NULL, 0, buf, buf_size);
}

int modem_info_get_hw_version(char *buf, uint8_t buf_size)
{
	return text_of("AT%HWVERSION", "%HWVERSION", 0, buf, buf_size);
}

int modem_info_get_svn(char *buf, size_t buf_size)
{
	return text_of("AT+CGSN=3", "+CGSN", 0, buf, buf_size);
}

int modem_info_get_operator(char *buf, size_t buf_size)
{
	return text_of("AT%XMONITOR", "%XMONITOR", 2, buf, buf_size);
}

#define INT_GETTER(name, cmd, prefix, field, unknown, convert)                              \
	int name(int *val)                                                                  \
	{                                                                                   \
		long v;                                                                     \
                                                                                            \
		if (val == NULL) {                                                          \
			return -EINVAL;                                                     \
		}                                                                           \
		int err = number_of(cmd, prefix, field, unknown, &v);                       \
                                                                                            \
		if (err == 0) {                                                             \
			*val = (int)(convert);                                              \
		}                                                                           \
		return err;                                                                 \
	}

INT_GETTER(modem_info_get_batt_voltage, "AT%XVBAT", "%XVBAT", 0, -1, v)
INT_GETTER(modem_info_get_temperature, "AT%XTEMP?", "%XTEMP", 0, -1000, v)
INT_GETTER(modem_info_get_rsrp, "AT+CESQ", "+CESQ", 5, RSRP_UNKNOWN, RSRP_IDX_TO_DBM(v))
INT_GETTER(modem_info_get_snr, "AT%XSNRSQ?", "%XSNRSQ", 0, SNR_UNAVAILABLE, SNR_IDX_TO_DB(v))

int modem_info_get_rsrq(float *val)
{
	long v;

	if (val == NULL) {
		return -EINVAL;
	}
	int err = number_of("AT+CESQ", "+CESQ", 4, RSRP_UNKNOWN, &v);

	if (err == 0) {
		*val = RSRQ_IDX_TO_DB(v);
	}
	return err;
}

int modem_info_get_current_band(uint8_t *val)
{
	long v;

	if (val == NULL) {
		return -EINVAL;
	}
	int err = number_of("AT%XCBAND", "%XCBAND", 0, BAND_UNAVAILABLE, &v);

	if (err == 0) {
		*val = (uint8_t)v;
	}
	return err;
}
