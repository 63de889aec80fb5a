/* What the modem knows about itself and its network. */
#ifndef MODEM_INFO_H__
#define MODEM_INFO_H__

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ncshost.h>
#include <zephyr/kernel.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MODEM_INFO_MAX_RESPONSE_SIZE 100
#define MODEM_INFO_JSON_STRING_SIZE 512
#define MODEM_INFO_FWVER_SIZE 41
#define MODEM_INFO_SHORT_OP_NAME_SIZE 65

#define BAND_UNAVAILABLE 0
#define SNR_UNAVAILABLE 127
#define SNR_OFFSET_VAL 24

/* dBm and dB of the indices that the modem reports. */
#define RSRP_IDX_TO_DBM(rsrp) ((rsrp) < 0 ? (rsrp) - 140 : (rsrp) - 141)
#define RSRQ_IDX_TO_DB(rsrq)                                                                \
	((rsrq) < 0 ? ((float)(rsrq) - 39) * 0.5f                                           \
		    : (rsrq) < 35 ? ((float)(rsrq) - 40) * 0.5f : ((float)(rsrq) - 41) * 0.5f)
#define SNR_IDX_TO_DB(snr) ((snr) - SNR_OFFSET_VAL)

enum modem_info {
	MODEM_INFO_RSRP,
	MODEM_INFO_CUR_BAND,
	MODEM_INFO_SUP_BAND,
	MODEM_INFO_AREA_CODE,
	MODEM_INFO_UE_MODE,
	MODEM_INFO_OPERATOR,
	MODEM_INFO_MCC,
	MODEM_INFO_MNC,
	MODEM_INFO_CELLID,
	MODEM_INFO_IP_ADDRESS,
	MODEM_INFO_UICC,
	MODEM_INFO_BATTERY,
	MODEM_INFO_TEMP,
	MODEM_INFO_FW_VERSION,
	MODEM_INFO_ICCID,
	MODEM_INFO_LTE_MODE,
	MODEM_INFO_NBIOT_MODE,
	MODEM_INFO_GPS_MODE,
	MODEM_INFO_IMSI,
	MODEM_INFO_IMEI,
	MODEM_INFO_DATE_TIME,
	MODEM_INFO_APN,
	MODEM_INFO_COUNT,
};

typedef void (*rsrp_cb_t)(char rsrp_value);

struct lte_param {
	uint16_t value;
	char value_string[MODEM_INFO_MAX_RESPONSE_SIZE];
	char *data_name;
	enum modem_info type;
};

struct network_param {
	struct lte_param current_band;
	struct lte_param sup_band;
	struct lte_param area_code;
	struct lte_param current_operator;
	struct lte_param mcc;
	struct lte_param mnc;
	struct lte_param cellid_hex;
	struct lte_param ip_address;
	struct lte_param ue_mode;
	struct lte_param lte_mode;
	struct lte_param nbiot_mode;
	struct lte_param gps_mode;
	struct lte_param date_time;
	struct lte_param apn;
	struct lte_param rsrp;
	double cellid_dec;
	char network_mode[12];
};

struct sim_param {
	struct lte_param uicc;
	struct lte_param iccid;
	struct lte_param imsi;
};

struct device_param {
	struct lte_param modem_fw;
	struct lte_param battery;
	struct lte_param imei;
	const char *board;
	const char *app_version;
	const char *app_name;
};

struct modem_param_info {
	struct network_param network;
	struct sim_param sim;
	struct device_param device;
};

int modem_info_init(void);

/* modem_info_string_get returns the length of the text, or the negative of an
 * errno; modem_info_short_get the size of the number. */
int modem_info_string_get(enum modem_info info, char *buf, const size_t buf_size);
int modem_info_short_get(enum modem_info info, uint16_t *buf);
int modem_info_name_get(enum modem_info info, char *name);
int modem_info_type_get(enum modem_info info);

int modem_info_params_init(struct modem_param_info *modem_param);
int modem_info_params_get(struct modem_param_info *modem_param);
int modem_info_rsrp_register(rsrp_cb_t cb);

int modem_info_connectivity_stats_init(void);
int modem_info_connectivity_stats_disable(void);
int modem_info_get_connectivity_stats(int *tx_kbytes, int *rx_kbytes);

int modem_info_get_fw_uuid(char *buf, size_t buf_size);
int modem_info_get_fw_version(char *buf, size_t buf_size);
int modem_info_get_hw_version(char *buf, uint8_t buf_size);
int modem_info_get_svn(char *buf, size_t buf_size);
int modem_info_get_batt_voltage(int *val);
int modem_info_get_temperature(int *val);
int modem_info_get_rsrp(int *val);
int modem_info_get_rsrq(float *val);
int modem_info_get_current_band(uint8_t *val);
int modem_info_get_operator(char *buf, size_t buf_size);
int modem_info_get_snr(int *val);

#ifdef __cplusplus
}
#endif

#endif
