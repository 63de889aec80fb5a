/* LTE link control. */
#ifndef LTE_LC_H__
#define LTE_LC_H__

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ncshost.h>
#include <zephyr/kernel.h>
#include <zephyr/net/net_ip.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LTE_LC_CELL_TIMING_ADVANCE_MAX 20512
#define LTE_LC_CELL_TIMING_ADVANCE_INVALID 65535
#define LTE_LC_CELL_EARFCN_MAX 262143
#define LTE_LC_CELL_RSRP_INVALID 255
#define LTE_LC_CELL_RSRQ_INVALID 255
#define LTE_LC_CELL_EUTRAN_ID_INVALID UINT32_MAX
#define LTE_LC_CELL_EUTRAN_ID_MAX 268435455
#define LTE_LC_CELL_TAC_INVALID UINT32_MAX
#define LTE_LC_CELL_TIME_DIFF_INVALID 0
#define LTE_LC_CELL_TIME_DIFF_MAX 99999

enum lte_lc_nw_reg_status {
	LTE_LC_NW_REG_NOT_REGISTERED = 0,
	LTE_LC_NW_REG_REGISTERED_HOME = 1,
	LTE_LC_NW_REG_SEARCHING = 2,
	LTE_LC_NW_REG_REGISTRATION_DENIED = 3,
	LTE_LC_NW_REG_UNKNOWN = 4,
	LTE_LC_NW_REG_REGISTERED_ROAMING = 5,
	LTE_LC_NW_REG_REGISTERED_EMERGENCY = 8,
	/* in functional mode 2, with the firmware for satellites */
	LTE_LC_NW_REG_RX_ONLY_NOT_REGISTERED = 50,
	LTE_LC_NW_REG_RX_ONLY_REGISTERED_HOME = 51,
	LTE_LC_NW_REG_RX_ONLY_SEARCHING = 52,
	LTE_LC_NW_REG_RX_ONLY_REGISTRATION_DENIED = 53,
	LTE_LC_NW_REG_RX_ONLY_UNKNOWN = 54,
	LTE_LC_NW_REG_RX_ONLY_REGISTERED_ROAMING = 55,
	LTE_LC_NW_REG_UICC_FAIL = 90,
	LTE_LC_NW_REG_NO_SUITABLE_CELL = 91,
};

enum lte_lc_system_mode {
	LTE_LC_SYSTEM_MODE_NONE = 0,
	LTE_LC_SYSTEM_MODE_LTEM = 1,
	LTE_LC_SYSTEM_MODE_NBIOT = 2,
	LTE_LC_SYSTEM_MODE_GPS = 3,
	LTE_LC_SYSTEM_MODE_LTEM_GPS = 4,
	LTE_LC_SYSTEM_MODE_NBIOT_GPS = 5,
	LTE_LC_SYSTEM_MODE_LTEM_NBIOT = 6,
	LTE_LC_SYSTEM_MODE_LTEM_NBIOT_GPS = 7,
	LTE_LC_SYSTEM_MODE_NTN_NBIOT = 8,
};

enum lte_lc_lte_mode {
	LTE_LC_LTE_MODE_NONE = 0,
	LTE_LC_LTE_MODE_LTEM = 7,
	LTE_LC_LTE_MODE_NBIOT = 9,
	LTE_LC_LTE_MODE_NTN_NBIOT = 14,
};

enum lte_lc_system_mode_preference {
	LTE_LC_SYSTEM_MODE_PREFER_AUTO = 0,
	LTE_LC_SYSTEM_MODE_PREFER_LTEM = 1,
	LTE_LC_SYSTEM_MODE_PREFER_NBIOT = 2,
	LTE_LC_SYSTEM_MODE_PREFER_LTEM_PLMN_PRIO = 3,
	LTE_LC_SYSTEM_MODE_PREFER_NBIOT_PLMN_PRIO = 4,
};

enum lte_lc_func_mode {
	LTE_LC_FUNC_MODE_POWER_OFF = 0,
	LTE_LC_FUNC_MODE_NORMAL = 1,
	LTE_LC_FUNC_MODE_RX_ONLY = 2,
	LTE_LC_FUNC_MODE_OFFLINE = 4,
	LTE_LC_FUNC_MODE_DEACTIVATE_LTE = 20,
	LTE_LC_FUNC_MODE_ACTIVATE_LTE = 21,
	LTE_LC_FUNC_MODE_DEACTIVATE_GNSS = 30,
	LTE_LC_FUNC_MODE_ACTIVATE_GNSS = 31,
	LTE_LC_FUNC_MODE_DEACTIVATE_UICC = 40,
	LTE_LC_FUNC_MODE_ACTIVATE_UICC = 41,
	LTE_LC_FUNC_MODE_OFFLINE_UICC_ON = 44,
	LTE_LC_FUNC_MODE_OFFLINE_KEEP_REG = 45,
	LTE_LC_FUNC_MODE_OFFLINE_KEEP_REG_UICC_ON = 46,
};

enum lte_lc_evt_type {
	LTE_LC_EVT_NW_REG_STATUS = 0,
	LTE_LC_EVT_PSM_UPDATE = 1,
	LTE_LC_EVT_EDRX_UPDATE = 2,
	LTE_LC_EVT_RRC_UPDATE = 3,
	LTE_LC_EVT_CELL_UPDATE = 4,
	LTE_LC_EVT_LTE_MODE_UPDATE = 5,
	LTE_LC_EVT_TAU_PRE_WARNING = 6,
	LTE_LC_EVT_NEIGHBOR_CELL_MEAS = 7,
	LTE_LC_EVT_MODEM_SLEEP_EXIT_PRE_WARNING = 8,
	LTE_LC_EVT_MODEM_SLEEP_EXIT = 9,
	LTE_LC_EVT_MODEM_SLEEP_ENTER = 10,
	LTE_LC_EVT_MODEM_EVENT = 11,
	LTE_LC_EVT_RAI_UPDATE = 12,
	LTE_LC_EVT_ENV_EVAL_RESULT = 13,
	LTE_LC_EVT_PDN = 14,
	LTE_LC_EVT_CELLULAR_PROFILE_ACTIVE = 15,
};

enum lte_lc_rrc_mode {
	LTE_LC_RRC_MODE_IDLE = 0,
	LTE_LC_RRC_MODE_CONNECTED = 1,
};

enum lte_lc_modem_sleep_type {
	LTE_LC_MODEM_SLEEP_PSM = 1,
	LTE_LC_MODEM_SLEEP_RF_INACTIVITY = 2,
	LTE_LC_MODEM_SLEEP_LIMITED_SERVICE = 3,
	LTE_LC_MODEM_SLEEP_FLIGHT_MODE = 4,
	LTE_LC_MODEM_SLEEP_PROPRIETARY_PSM = 7,
};

enum lte_lc_ce_level {
	LTE_LC_CE_LEVEL_0 = 0,
	LTE_LC_CE_LEVEL_1 = 1,
	LTE_LC_CE_LEVEL_2 = 2,
	LTE_LC_CE_LEVEL_3 = 3,
	LTE_LC_CE_LEVEL_UNKNOWN = 255,
	/* names up to 2.5 */
	LTE_LC_CE_LEVEL_0_NO_REPETITION = 0,
	LTE_LC_CE_LEVEL_1_LOW_REPETITION = 1,
	LTE_LC_CE_LEVEL_2_MEDIUM_REPETITION = 2,
	LTE_LC_CE_LEVEL_3_LARGE_REPETITION = 3,
};

enum lte_lc_energy_estimate {
	LTE_LC_ENERGY_CONSUMPTION_EXCESSIVE = 5,
	LTE_LC_ENERGY_CONSUMPTION_INCREASED = 6,
	LTE_LC_ENERGY_CONSUMPTION_NORMAL = 7,
	LTE_LC_ENERGY_CONSUMPTION_REDUCED = 8,
	LTE_LC_ENERGY_CONSUMPTION_EFFICIENT = 9,
};

enum lte_lc_tau_triggered {
	LTE_LC_CELL_IN_TAI_LIST = 0,
	LTE_LC_CELL_NOT_IN_TAI_LIST = 1,
	LTE_LC_CELL_UNKNOWN = 255,
};

enum lte_lc_neighbor_search_type {
	LTE_LC_NEIGHBOR_SEARCH_TYPE_DEFAULT = 1,
	LTE_LC_NEIGHBOR_SEARCH_TYPE_EXTENDED_LIGHT = 2,
	LTE_LC_NEIGHBOR_SEARCH_TYPE_EXTENDED_COMPLETE = 3,
	LTE_LC_NEIGHBOR_SEARCH_TYPE_GCI_DEFAULT = 4,
	LTE_LC_NEIGHBOR_SEARCH_TYPE_GCI_EXTENDED_LIGHT = 5,
	LTE_LC_NEIGHBOR_SEARCH_TYPE_GCI_EXTENDED_COMPLETE = 6,
};

#if NCSHOST_VER >= 0x030200
enum lte_lc_modem_evt_type {
	LTE_LC_MODEM_EVT_LIGHT_SEARCH_DONE = 0,
	LTE_LC_MODEM_EVT_SEARCH_DONE = 1,
	LTE_LC_MODEM_EVT_RESET_LOOP = 2,
	LTE_LC_MODEM_EVT_BATTERY_LOW = 3,
	LTE_LC_MODEM_EVT_OVERHEATED = 4,
	LTE_LC_MODEM_EVT_NO_IMEI = 5,
	LTE_LC_MODEM_EVT_CE_LEVEL = 6,
	LTE_LC_MODEM_EVT_RF_CAL_NOT_DONE = 7,
	LTE_LC_MODEM_EVT_INVALID_BAND_CONF = 8,
	LTE_LC_MODEM_EVT_DETECTED_COUNTRY = 9,
};

struct lte_lc_invalid_band_conf {
	int status_ltem;
	int status_nbiot;
	int status_ntn_nbiot;
};

struct lte_lc_modem_evt {
	enum lte_lc_modem_evt_type type;
	union {
		enum lte_lc_ce_level ce_level;
		struct lte_lc_invalid_band_conf invalid_band_conf;
		uint32_t detected_country;
	};
};
#else
enum lte_lc_modem_evt {
	LTE_LC_MODEM_EVT_LIGHT_SEARCH_DONE = 0,
	LTE_LC_MODEM_EVT_SEARCH_DONE = 1,
	LTE_LC_MODEM_EVT_RESET_LOOP = 2,
	LTE_LC_MODEM_EVT_BATTERY_LOW = 3,
	LTE_LC_MODEM_EVT_OVERHEATED = 4,
	LTE_LC_MODEM_EVT_NO_IMEI = 5,
	LTE_LC_MODEM_EVT_CE_LEVEL_0 = 6,
	LTE_LC_MODEM_EVT_CE_LEVEL_1 = 7,
	LTE_LC_MODEM_EVT_CE_LEVEL_2 = 8,
	LTE_LC_MODEM_EVT_CE_LEVEL_3 = 9,
};
#endif

/* Times in seconds; -1 where there is none. */
struct lte_lc_psm_cfg {
	int tau;
	int active_time;
};

/* Times in seconds. */
struct lte_lc_edrx_cfg {
	enum lte_lc_lte_mode mode;
	float edrx;
	float ptw;
};

struct lte_lc_cell {
	int mcc;
	int mnc;
	uint32_t id;
	uint32_t tac;
	uint32_t earfcn;
	uint16_t timing_advance;
	uint64_t timing_advance_meas_time;
	uint64_t measurement_time;
	uint16_t phys_cell_id;
	int16_t rsrp;
	int16_t rsrq;
};

struct lte_lc_ncell {
	uint32_t earfcn;
	int time_diff;
	uint16_t phys_cell_id;
	int16_t rsrp;
	int16_t rsrq;
};

struct lte_lc_cells_info {
	struct lte_lc_cell current_cell;
	uint8_t ncells_count;
	struct lte_lc_ncell *neighbor_cells;
	uint8_t gci_cells_count;
	struct lte_lc_cell *gci_cells;
};

struct lte_lc_modem_sleep {
	enum lte_lc_modem_sleep_type type;
	int64_t time; /* ms; -1: for ever */
};

struct lte_lc_rai_cfg {
	uint32_t cell_id;
	int mcc;
	int mnc;
	bool as_rai;
	bool cp_rai;
};

struct lte_lc_conn_eval_params {
	enum lte_lc_rrc_mode rrc_state;
	enum lte_lc_energy_estimate energy_estimate;
	enum lte_lc_tau_triggered tau_trig;
	enum lte_lc_ce_level ce_level;
	int earfcn;
	int16_t dl_pathloss;
	int16_t rsrp;
	int16_t rsrq;
	int16_t tx_rep;
	int16_t rx_rep;
	int16_t phy_cid;
	int16_t band;
	int16_t snr;
	int16_t tx_power;
	int mcc;
	int mnc;
	uint32_t cell_id;
};

struct lte_lc_ncellmeas_params {
	enum lte_lc_neighbor_search_type search_type;
	uint8_t gci_count;
};

/* Which networks are evaluated, and how thoroughly they are looked for. */
enum lte_lc_env_eval_type {
	LTE_LC_ENV_EVAL_TYPE_DYNAMIC = 0,
	LTE_LC_ENV_EVAL_TYPE_LIGHT = 1,
	LTE_LC_ENV_EVAL_TYPE_FULL = 2,
};

struct lte_lc_env_eval_plmn {
	int mcc;
	int mnc;
};

struct lte_lc_env_eval_params {
	enum lte_lc_env_eval_type eval_type;
	uint8_t plmn_count; /* 1 to CONFIG_LTE_LC_ENV_EVAL_MAX_PLMN_COUNT */
	struct lte_lc_env_eval_plmn *plmn_list;
};

struct lte_lc_env_eval_result {
	uint8_t status; /* 0 done, 5 broken off, 7 failed */
	uint8_t result_count;
	struct lte_lc_conn_eval_params *results;
};

enum lte_lc_pdn_evt_type {
	LTE_LC_EVT_PDN_ACTIVATED,
	LTE_LC_EVT_PDN_DEACTIVATED,
	LTE_LC_EVT_PDN_IPV6_UP,
	LTE_LC_EVT_PDN_IPV6_DOWN,
	LTE_LC_EVT_PDN_SUSPENDED,
	LTE_LC_EVT_PDN_RESUMED,
	LTE_LC_EVT_PDN_NETWORK_DETACH,
	LTE_LC_EVT_PDN_APN_RATE_CONTROL_ON,
	LTE_LC_EVT_PDN_APN_RATE_CONTROL_OFF,
	LTE_LC_EVT_PDN_CTX_DESTROYED,
	LTE_LC_EVT_PDN_ESM_ERROR,
};

struct lte_lc_pdn_evt {
	enum lte_lc_pdn_evt_type type;
	uint8_t cid;
	int esm_err; /* of LTE_LC_EVT_PDN_ESM_ERROR */
	int8_t cellular_profile_id; /* of LTE_LC_EVT_PDN_NETWORK_DETACH; -1 if there is none */
};

struct lte_lc_cellular_profile_evt {
	int8_t profile_id;
};

struct lte_lc_evt {
	enum lte_lc_evt_type type;
	union {
		enum lte_lc_nw_reg_status nw_reg_status;
		enum lte_lc_rrc_mode rrc_mode;
		struct lte_lc_psm_cfg psm_cfg;
		struct lte_lc_edrx_cfg edrx_cfg;
		struct lte_lc_cell cell;
		enum lte_lc_lte_mode lte_mode;
		struct lte_lc_modem_sleep modem_sleep;
#if NCSHOST_VER >= 0x030200
		struct lte_lc_modem_evt modem_evt;
#else
		enum lte_lc_modem_evt modem_evt;
#endif
		uint64_t time; /* ms until the tracking area update */
		struct lte_lc_cells_info cells_info;
		struct lte_lc_rai_cfg rai_cfg;
		struct lte_lc_env_eval_result env_eval_result;
		struct lte_lc_pdn_evt pdn;
		struct lte_lc_cellular_profile_evt cellular_profile;
	};
};

typedef void (*lte_lc_evt_handler_t)(const struct lte_lc_evt *const evt);

/* Patterns of the periodic search. */
enum lte_lc_periodic_search_pattern_type {
	LTE_LC_PERIODIC_SEARCH_PATTERN_RANGE = 0,
	LTE_LC_PERIODIC_SEARCH_PATTERN_TABLE = 1,
};

struct lte_lc_periodic_search_range_cfg {
	uint16_t initial_sleep;
	uint16_t final_sleep;
	int16_t time_to_final_sleep;
	int16_t pattern_end_point;
};

struct lte_lc_periodic_search_table_cfg {
	int16_t val_1;
	int16_t val_2;
	int16_t val_3;
	int16_t val_4;
	int16_t val_5;
};

struct lte_lc_periodic_search_pattern {
	enum lte_lc_periodic_search_pattern_type type;
	union {
		struct lte_lc_periodic_search_range_cfg range;
		struct lte_lc_periodic_search_table_cfg table;
	};
};

struct lte_lc_periodic_search_cfg {
	bool loop;
	uint16_t return_to_pattern;
	uint16_t band_optimization;
	size_t pattern_count;
	struct lte_lc_periodic_search_pattern patterns[4];
};

enum lte_lc_pdn_family {
	LTE_LC_PDN_FAM_IPV4 = 0,
	LTE_LC_PDN_FAM_IPV6 = 1,
	LTE_LC_PDN_FAM_IPV4V6 = 2,
	LTE_LC_PDN_FAM_NONIP = 3,
};

enum lte_lc_pdn_auth {
	LTE_LC_PDN_AUTH_NONE = 0,
	LTE_LC_PDN_AUTH_PAP = 1,
	LTE_LC_PDN_AUTH_CHAP = 2,
};

struct lte_lc_pdn_pdp_context_opts {
	uint8_t ip4_addr_alloc;
	uint8_t nslpi;
	uint8_t secure_pco;
};

struct lte_lc_pdn_dynamic_info {
	uint32_t ipv4_mtu;
	uint32_t ipv6_mtu;
	struct in_addr dns_addr4_primary;
	struct in_addr dns_addr4_secondary;
	struct in6_addr dns_addr6_primary;
	struct in6_addr dns_addr6_secondary;
};

enum lte_lc_uicc {
	LTE_LC_UICC_PHYSICAL = 0,
	LTE_LC_UICC_SOFTSIM = 2,
};

enum lte_lc_act {
	LTE_LC_ACT_LTEM = 1,
	LTE_LC_ACT_NBIOT = 2,
	LTE_LC_ACT_NTN = 4,
};

struct lte_lc_cellular_profile {
	uint8_t id;  /* 0 or 1 */
	uint8_t act; /* LTE_LC_ACT_, some of them */
	enum lte_lc_uicc uicc;
};

void lte_lc_register_handler(lte_lc_evt_handler_t handler);
int lte_lc_deregister_handler(lte_lc_evt_handler_t handler);

#if NCSHOST_VER < 0x020800
int lte_lc_init(void);
int lte_lc_init_and_connect(void);
int lte_lc_init_and_connect_async(lte_lc_evt_handler_t handler);
int lte_lc_deinit(void);
#endif

int lte_lc_connect(void);
int lte_lc_connect_async(lte_lc_evt_handler_t handler);
int lte_lc_offline(void);
int lte_lc_power_off(void);
int lte_lc_normal(void);

int lte_lc_psm_param_set(const char *rptau, const char *rat);
int lte_lc_psm_req(bool enable);
int lte_lc_psm_get(int *tau, int *active_time);
#if NCSHOST_VER >= 0x020600
int lte_lc_psm_param_set_seconds(int rptau, int rat);
int lte_lc_proprietary_psm_req(bool enable);
int lte_lc_edrx_get(struct lte_lc_edrx_cfg *edrx_cfg);
#endif

int lte_lc_ptw_set(enum lte_lc_lte_mode mode, const char *ptw);
int lte_lc_edrx_param_set(enum lte_lc_lte_mode mode, const char *edrx);
int lte_lc_edrx_req(bool enable);

#if NCSHOST_VER < 0x020800
int lte_lc_rai_param_set(const char *value);
int lte_lc_rai_req(bool enable);
#endif

int lte_lc_nw_reg_status_get(enum lte_lc_nw_reg_status *status);
int lte_lc_system_mode_set(enum lte_lc_system_mode mode,
			   enum lte_lc_system_mode_preference preference);
int lte_lc_system_mode_get(enum lte_lc_system_mode *mode,
			   enum lte_lc_system_mode_preference *preference);
int lte_lc_func_mode_get(enum lte_lc_func_mode *mode);
int lte_lc_func_mode_set(enum lte_lc_func_mode mode);
int lte_lc_lte_mode_get(enum lte_lc_lte_mode *mode);

int lte_lc_neighbor_cell_measurement(struct lte_lc_ncellmeas_params *params);
int lte_lc_neighbor_cell_measurement_cancel(void);

/* lte_lc_conn_eval_params_get returns 0, the negative of an errno, or the reason
 * (1 to 7) for which the modem has no result. */
int lte_lc_conn_eval_params_get(struct lte_lc_conn_eval_params *params);

int lte_lc_modem_events_enable(void);
int lte_lc_modem_events_disable(void);

int lte_lc_periodic_search_set(const struct lte_lc_periodic_search_cfg *const cfg);
int lte_lc_periodic_search_clear(void);
int lte_lc_periodic_search_request(void);
int lte_lc_periodic_search_get(struct lte_lc_periodic_search_cfg *const cfg);

#if NCSHOST_VER >= 0x030200
/* lte_lc_env_eval evaluates networks in functional mode 2; the result is an event. */
int lte_lc_env_eval(struct lte_lc_env_eval_params *params);
int lte_lc_env_eval_cancel(void);

/* Packet data contexts. What happens to them is told by LTE_LC_EVT_PDN; errors of the network and its
 * detach for contexts that were made here, and for the default one once its events are enabled. */
int lte_lc_pdn_ctx_create(uint8_t *cid);
int lte_lc_pdn_ctx_configure(uint8_t cid, const char *apn, enum lte_lc_pdn_family family,
			     struct lte_lc_pdn_pdp_context_opts *opts);
int lte_lc_pdn_ctx_auth_set(uint8_t cid, enum lte_lc_pdn_auth method, const char *user,
			    const char *password);
int lte_lc_pdn_ctx_destroy(uint8_t cid);
int lte_lc_pdn_activate(uint8_t cid, int *esm, enum lte_lc_pdn_family *family);
int lte_lc_pdn_deactivate(uint8_t cid);
int lte_lc_pdn_id_get(uint8_t cid);
int lte_lc_pdn_dynamic_info_get(uint8_t cid, struct lte_lc_pdn_dynamic_info *info);
int lte_lc_pdn_default_ctx_events_enable(void);
int lte_lc_pdn_default_ctx_events_disable(void);
int lte_lc_pdn_default_ctx_apn_get(char *buf, size_t len);
/* The same by the name that it had first. */
int lte_lc_pdn_ctx_default_apn_get(char *buf, size_t len);
const char *lte_lc_pdn_esm_strerror(int reason);

int lte_lc_cellular_profile_configure(struct lte_lc_cellular_profile *profile);
int lte_lc_cellular_profile_remove(uint8_t id);
#endif

#if NCSHOST_VER < 0x030100
enum lte_lc_reduced_mobility_mode {
	LTE_LC_REDUCED_MOBILITY_DEFAULT = 0,
	LTE_LC_REDUCED_MOBILITY_NORDIC = 1,
	LTE_LC_REDUCED_MOBILITY_DISABLED = 2,
};

enum lte_lc_factory_reset_type {
	LTE_LC_FACTORY_RESET_ALL = 0,
	LTE_LC_FACTORY_RESET_USER = 1,
};

int lte_lc_reduced_mobility_get(enum lte_lc_reduced_mobility_mode *mode);
int lte_lc_reduced_mobility_set(enum lte_lc_reduced_mobility_mode mode);
int lte_lc_factory_reset(enum lte_lc_factory_reset_type type);

struct lte_lc_cfun_cb {
	void (*callback)(enum lte_lc_func_mode, void *ctx);
	void *context;
	struct lte_lc_cfun_cb *next;
};

void ncsh_lte_on_cfun(struct lte_lc_cfun_cb *cb);

/* LTE_LC_ON_CFUN has callback called when link control has set a functional mode. */
#define LTE_LC_ON_CFUN(name, _callback, _context)                                           \
	static void _callback(enum lte_lc_func_mode, void *ctx);                            \
	static struct lte_lc_cfun_cb lte_lc_cfun_cb_##name = {                              \
		.callback = (_callback), .context = (void *)(_context)};                    \
	__attribute__((constructor)) static void ncsh_add_lte_cfun_##name(void)             \
	{                                                                                   \
		ncsh_lte_on_cfun(&lte_lc_cfun_cb_##name);                                   \
	}                                                                                   \
	struct ncsh_semicolon
#endif

#ifdef __cplusplus
}
#endif

#endif
