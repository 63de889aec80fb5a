/*
 * GNSS. Functions return 0 or the negative of an errno. The event handler runs in
 * interrupt context; data may be read in it.
 */
#ifndef NRF_MODEM_GNSS_H__
#define NRF_MODEM_GNSS_H__

#include <stdbool.h>
#include <stdint.h>

#include <ncshost.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NRF_MODEM_GNSS_MAX_SATELLITES 12
#define NRF_MODEM_GNSS_MAX_SYSTEMS 4
#define NRF_MODEM_GNSS_MAX_SIGNALS 4
#define NRF_MODEM_GNSS_NUM_GPS_SATELLITES 32
#define NRF_MODEM_GNSS_NUM_QZSS_SATELLITES 10
#define NRF_MODEM_GNSS_NMEA_MAX_LEN 83

#define NRF_MODEM_GNSS_SYSTEM_INVALID 0
#define NRF_MODEM_GNSS_SYSTEM_GPS 1
#define NRF_MODEM_GNSS_SYSTEM_QZSS 3
#define NRF_MODEM_GNSS_SYSTEM_GPS_MASK 0x01
#define NRF_MODEM_GNSS_SYSTEM_QZSS_MASK 0x04

#define NRF_MODEM_GNSS_SIGNAL_INVALID 0
#define NRF_MODEM_GNSS_SIGNAL_GPS_L1_CA 1
#define NRF_MODEM_GNSS_SIGNAL_QZSS_L1_CA 3
#define NRF_MODEM_GNSS_SIGNAL_GPS_MASK 0x01
#define NRF_MODEM_GNSS_SIGNAL_QZSS_MASK 0x04

#define NRF_MODEM_GNSS_NMEA_GGA_MASK 0x01
#define NRF_MODEM_GNSS_NMEA_GLL_MASK 0x02
#define NRF_MODEM_GNSS_NMEA_GSA_MASK 0x04
#define NRF_MODEM_GNSS_NMEA_GSV_MASK 0x08
#define NRF_MODEM_GNSS_NMEA_RMC_MASK 0x10

#define NRF_MODEM_GNSS_PSM_DISABLED 0
#define NRF_MODEM_GNSS_PSM_DUTY_CYCLING_PERFORMANCE 1
#define NRF_MODEM_GNSS_PSM_DUTY_CYCLING_POWER 2

#define NRF_MODEM_GNSS_USE_CASE_MULTIPLE_HOT_START 0x01
#define NRF_MODEM_GNSS_USE_CASE_LOW_ACCURACY 0x02
#define NRF_MODEM_GNSS_USE_CASE_SCHED_DOWNLOAD_DISABLE 0x04

#define NRF_MODEM_GNSS_PVT_FLAG_FIX_VALID 0x01
#define NRF_MODEM_GNSS_PVT_FLAG_LEAP_SECOND_VALID 0x02
#define NRF_MODEM_GNSS_PVT_FLAG_SLEEP_BETWEEN_PVT 0x04
#define NRF_MODEM_GNSS_PVT_FLAG_DEADLINE_MISSED 0x08
#define NRF_MODEM_GNSS_PVT_FLAG_NOT_ENOUGH_WINDOW_TIME 0x10
#define NRF_MODEM_GNSS_PVT_FLAG_VELOCITY_VALID 0x20
#define NRF_MODEM_GNSS_PVT_FLAG_SCHED_DOWNLOAD 0x40

#define NRF_MODEM_GNSS_SV_FLAG_USED_IN_FIX 0x02
#define NRF_MODEM_GNSS_SV_FLAG_UNHEALTHY 0x08

#define NRF_MODEM_GNSS_EVT_PVT 1
#define NRF_MODEM_GNSS_EVT_FIX 2
#define NRF_MODEM_GNSS_EVT_NMEA 3
#define NRF_MODEM_GNSS_EVT_AGNSS_REQ 4
#define NRF_MODEM_GNSS_EVT_AGPS_REQ NRF_MODEM_GNSS_EVT_AGNSS_REQ
#define NRF_MODEM_GNSS_EVT_BLOCKED 5
#define NRF_MODEM_GNSS_EVT_UNBLOCKED 6
#define NRF_MODEM_GNSS_EVT_PERIODIC_WAKEUP 7
#define NRF_MODEM_GNSS_EVT_SLEEP_AFTER_TIMEOUT 8
#define NRF_MODEM_GNSS_EVT_SLEEP_AFTER_FIX 9
#define NRF_MODEM_GNSS_EVT_REF_ALT_EXPIRED 10

#define NRF_MODEM_GNSS_DATA_PVT 1
#define NRF_MODEM_GNSS_DATA_NMEA 2
#define NRF_MODEM_GNSS_DATA_AGNSS_REQ 3
#define NRF_MODEM_GNSS_DATA_AGPS_REQ NRF_MODEM_GNSS_DATA_AGNSS_REQ

#define NRF_MODEM_GNSS_TIMING_SOURCE_RTC 0
#define NRF_MODEM_GNSS_TIMING_SOURCE_TCXO 1

#define NRF_MODEM_GNSS_QZSS_NMEA_MODE_STANDARD 0
#define NRF_MODEM_GNSS_QZSS_NMEA_MODE_CUSTOM 1

#define NRF_MODEM_GNSS_DYNAMICS_GENERAL_PURPOSE 0
#define NRF_MODEM_GNSS_DYNAMICS_STATIONARY 1
#define NRF_MODEM_GNSS_DYNAMICS_PEDESTRIAN 2
#define NRF_MODEM_GNSS_DYNAMICS_AUTOMOTIVE 3

#define NRF_MODEM_GNSS_DELETE_EPHEMERIDES 0x01
#define NRF_MODEM_GNSS_DELETE_ALMANACS 0x02
#define NRF_MODEM_GNSS_DELETE_IONO_CORRECTION_DATA 0x04
#define NRF_MODEM_GNSS_DELETE_LAST_GOOD_FIX 0x08
#define NRF_MODEM_GNSS_DELETE_GPS_TOW 0x10
#define NRF_MODEM_GNSS_DELETE_GPS_WEEK 0x20
#define NRF_MODEM_GNSS_DELETE_UTC_DATA 0x40
#define NRF_MODEM_GNSS_DELETE_TCXO_OFFSET 0x80
#define NRF_MODEM_GNSS_DELETE_GPS_TOW_PRECISION 0x100
#define NRF_MODEM_GNSS_DELETE_EKF 0x400

/* Assistance data: what is asked for, and what can be given. */
#define NRF_MODEM_GNSS_AGNSS_GPS_UTC_REQUEST 0x01
#define NRF_MODEM_GNSS_AGNSS_KLOBUCHAR_REQUEST 0x02
#define NRF_MODEM_GNSS_AGNSS_NEQUICK_REQUEST 0x04
#define NRF_MODEM_GNSS_AGNSS_GPS_SYS_TIME_AND_SV_TOW_REQUEST 0x08
#define NRF_MODEM_GNSS_AGNSS_POSITION_REQUEST 0x10
#define NRF_MODEM_GNSS_AGNSS_INTEGRITY_REQUEST 0x20

#define NRF_MODEM_GNSS_AGNSS_GPS_UTC_PARAMETERS 1
#define NRF_MODEM_GNSS_AGNSS_GPS_EPHEMERIDES 2
#define NRF_MODEM_GNSS_AGNSS_GPS_ALMANAC 3
#define NRF_MODEM_GNSS_AGNSS_KLOBUCHAR_IONOSPHERIC_CORRECTION 4
#define NRF_MODEM_GNSS_AGNSS_NEQUICK_IONOSPHERIC_CORRECTION 5
#define NRF_MODEM_GNSS_AGNSS_GPS_SYSTEM_CLOCK_AND_TOWS 6
#define NRF_MODEM_GNSS_AGNSS_LOCATION 7
#define NRF_MODEM_GNSS_AGPS_INTEGRITY 8
#define NRF_MODEM_GNSS_AGNSS_INTEGRITY 9

#define NRF_MODEM_GNSS_AGNSS_MAX_SV_TOW 32

/* The names of 2.4 and older. */
#define NRF_MODEM_GNSS_AGPS_GPS_UTC_REQUEST NRF_MODEM_GNSS_AGNSS_GPS_UTC_REQUEST
#define NRF_MODEM_GNSS_AGPS_KLOBUCHAR_REQUEST NRF_MODEM_GNSS_AGNSS_KLOBUCHAR_REQUEST
#define NRF_MODEM_GNSS_AGPS_NEQUICK_REQUEST NRF_MODEM_GNSS_AGNSS_NEQUICK_REQUEST
#define NRF_MODEM_GNSS_AGPS_SYS_TIME_AND_SV_TOW_REQUEST                                     \
	NRF_MODEM_GNSS_AGNSS_GPS_SYS_TIME_AND_SV_TOW_REQUEST
#define NRF_MODEM_GNSS_AGPS_POSITION_REQUEST NRF_MODEM_GNSS_AGNSS_POSITION_REQUEST
#define NRF_MODEM_GNSS_AGPS_INTEGRITY_REQUEST NRF_MODEM_GNSS_AGNSS_INTEGRITY_REQUEST
#define NRF_MODEM_GNSS_AGPS_UTC_PARAMETERS NRF_MODEM_GNSS_AGNSS_GPS_UTC_PARAMETERS
#define NRF_MODEM_GNSS_AGPS_EPHEMERIDES NRF_MODEM_GNSS_AGNSS_GPS_EPHEMERIDES
#define NRF_MODEM_GNSS_AGPS_ALMANAC NRF_MODEM_GNSS_AGNSS_GPS_ALMANAC
#define NRF_MODEM_GNSS_AGPS_KLOBUCHAR_IONOSPHERIC_CORRECTION                                \
	NRF_MODEM_GNSS_AGNSS_KLOBUCHAR_IONOSPHERIC_CORRECTION
#define NRF_MODEM_GNSS_AGPS_NEQUICK_IONOSPHERIC_CORRECTION                                  \
	NRF_MODEM_GNSS_AGNSS_NEQUICK_IONOSPHERIC_CORRECTION
#define NRF_MODEM_GNSS_AGPS_GPS_SYSTEM_CLOCK_AND_TOWS NRF_MODEM_GNSS_AGNSS_GPS_SYSTEM_CLOCK_AND_TOWS
#define NRF_MODEM_GNSS_AGPS_LOCATION NRF_MODEM_GNSS_AGNSS_LOCATION
#define NRF_MODEM_GNSS_AGPS_MAX_SV_TOW NRF_MODEM_GNSS_AGNSS_MAX_SV_TOW

struct nrf_modem_gnss_1pps_config {
	uint16_t pulse_interval; /* s; 0: one pulse */
	uint16_t pulse_width;    /* ms, 1 to 500 */
	bool apply_start_time;
	uint16_t year;
	uint8_t month;
	uint8_t day;
	uint8_t hour;
	uint8_t minute;
	uint8_t second;
};

struct nrf_modem_gnss_datetime {
	uint16_t year;
	uint8_t month;
	uint8_t day;
	uint8_t hour;
	uint8_t minute;
	uint8_t seconds;
	uint16_t ms;
};

struct nrf_modem_gnss_sv {
	uint16_t sv;
	uint8_t signal;
	uint16_t cn0; /* 0.1 dB/Hz */
	int16_t elevation;
	int16_t azimuth;
	uint8_t flags;
};

/* Degrees, metres, metres a second; accuracies are of one sigma. */
struct nrf_modem_gnss_pvt_data_frame {
	double latitude;
	double longitude;
	float altitude;
	float accuracy;
	float altitude_accuracy;
	float speed;
	float speed_accuracy;
	float vertical_speed;
	float vertical_speed_accuracy;
	float heading;
	float heading_accuracy;
	struct nrf_modem_gnss_datetime datetime;
	float pdop;
	float hdop;
	float vdop;
	float tdop;
	uint8_t flags;
	struct nrf_modem_gnss_sv sv[NRF_MODEM_GNSS_MAX_SATELLITES];
	uint32_t execution_time; /* ms since the start of the fix */
};

struct nrf_modem_gnss_nmea_data_frame {
	char nmea_str[NRF_MODEM_GNSS_NMEA_MAX_LEN];
};

struct nrf_modem_gnss_agnss_system_data_need {
	uint8_t system_id;
	uint64_t sv_mask_ephe;
	uint64_t sv_mask_alm;
};

struct nrf_modem_gnss_agnss_data_frame {
	uint32_t data_flags;
	uint8_t system_count;
	struct nrf_modem_gnss_agnss_system_data_need system[NRF_MODEM_GNSS_MAX_SYSTEMS];
};

struct nrf_modem_gnss_agps_data_frame {
	uint32_t sv_mask_ephe;
	uint32_t sv_mask_alm;
	uint32_t data_flags;
};

struct nrf_modem_gnss_agnss_expiry_data {
	uint8_t system_id;
	uint8_t sv_id;
	uint16_t ephe_expiry; /* min */
	uint16_t alm_expiry;  /* min */
};

struct nrf_modem_gnss_agnss_expiry {
	uint32_t data_flags;
	uint16_t utc_expiry;
	uint16_t klob_expiry;
	uint16_t neq_expiry;
	uint16_t integrity_expiry;
	uint16_t position_expiry;
	uint8_t sv_count;
	struct nrf_modem_gnss_agnss_expiry_data
		sv[NRF_MODEM_GNSS_NUM_GPS_SATELLITES + NRF_MODEM_GNSS_NUM_QZSS_SATELLITES];
};

struct nrf_modem_gnss_agps_expiry {
	uint32_t data_flags;
	uint16_t utc_expiry;
	uint16_t klob_expiry;
	uint16_t neq_expiry;
	uint16_t integrity_expiry;
	uint16_t position_expiry;
	uint16_t ephe_expiry[NRF_MODEM_GNSS_NUM_GPS_SATELLITES];
	uint16_t alm_expiry[NRF_MODEM_GNSS_NUM_GPS_SATELLITES];
};

/* Assistance data, with the scale factors of the GPS interface specification. */
struct nrf_modem_gnss_agnss_gps_data_utc {
	int32_t a1;
	int32_t a0;
	uint8_t tot;
	uint8_t wn_t;
	int8_t delta_tls;
	uint8_t wn_lsf;
	int8_t dn;
	int8_t delta_tlsf;
};

struct nrf_modem_gnss_agnss_gps_data_ephemeris {
	uint8_t sv_id;
	uint8_t health;
	uint16_t iodc;
	uint16_t toc;
	int8_t af2;
	int16_t af1;
	int32_t af0;
	int8_t tgd;
	uint8_t ura;
	uint8_t fit_int;
	uint16_t toe;
	int32_t w;
	int16_t delta_n;
	int32_t m0;
	int32_t omega_dot;
	uint32_t e;
	int16_t idot;
	uint32_t sqrt_a;
	int32_t i0;
	int32_t omega0;
	int16_t crs;
	int16_t cis;
	int16_t cus;
	int16_t crc;
	int16_t cic;
	int16_t cuc;
};

struct nrf_modem_gnss_agnss_gps_data_almanac {
	uint8_t sv_id;
	uint8_t wn;
	uint8_t toa;
	uint8_t ioda;
	uint16_t e;
	int16_t delta_i;
	int16_t omega_dot;
	uint8_t sv_health;
	uint32_t sqrt_a;
	int32_t omega0;
	int32_t w;
	int32_t m0;
	int16_t af0;
	int16_t af1;
};

struct nrf_modem_gnss_agnss_data_klobuchar {
	int8_t alpha0;
	int8_t alpha1;
	int8_t alpha2;
	int8_t alpha3;
	int8_t beta0;
	int8_t beta1;
	int8_t beta2;
	int8_t beta3;
};

struct nrf_modem_gnss_agnss_data_nequick {
	int16_t ai0;
	int16_t ai1;
	int16_t ai2;
	uint8_t storm_cond;
	uint8_t storm_valid;
};

struct nrf_modem_gnss_agnss_gps_data_tow_element {
	uint16_t tlm;
	uint8_t flags;
};

struct nrf_modem_gnss_agnss_gps_data_system_time_and_sv_tow {
	uint16_t date_day;
	uint32_t time_full_s;
	uint16_t time_frac_ms;
	uint32_t sv_mask;
	struct nrf_modem_gnss_agnss_gps_data_tow_element sv_tow[NRF_MODEM_GNSS_AGNSS_MAX_SV_TOW];
};

struct nrf_modem_gnss_agnss_data_location {
	int32_t latitude;
	int32_t longitude;
	int16_t altitude;
	uint8_t unc_semimajor;
	uint8_t unc_semiminor;
	uint8_t orientation_major;
	uint8_t unc_altitude;
	uint8_t confidence;
};

struct nrf_modem_gnss_agnss_data_integrity {
	uint8_t signal_count;
	struct {
		uint8_t signal_id;
		uint64_t integrity_mask;
	} signal[NRF_MODEM_GNSS_MAX_SIGNALS];
};

struct nrf_modem_gnss_agps_data_integrity {
	uint32_t integrity_mask;
};

#define nrf_modem_gnss_agps_data_utc nrf_modem_gnss_agnss_gps_data_utc
#define nrf_modem_gnss_agps_data_ephemeris nrf_modem_gnss_agnss_gps_data_ephemeris
#define nrf_modem_gnss_agps_data_almanac nrf_modem_gnss_agnss_gps_data_almanac
#define nrf_modem_gnss_agps_data_klobuchar nrf_modem_gnss_agnss_data_klobuchar
#define nrf_modem_gnss_agps_data_nequick nrf_modem_gnss_agnss_data_nequick
#define nrf_modem_gnss_agps_data_tow_element nrf_modem_gnss_agnss_gps_data_tow_element
#define nrf_modem_gnss_agps_data_system_time_and_sv_tow                                     \
	nrf_modem_gnss_agnss_gps_data_system_time_and_sv_tow
#define nrf_modem_gnss_agps_data_location nrf_modem_gnss_agnss_data_location

typedef void (*nrf_modem_gnss_event_handler_type_t)(int event);

int32_t nrf_modem_gnss_event_handler_set(nrf_modem_gnss_event_handler_type_t handler);
int32_t nrf_modem_gnss_signal_mask_set(uint8_t signal_mask);
int32_t nrf_modem_gnss_system_mask_set(uint8_t system_mask);
int32_t nrf_modem_gnss_elevation_threshold_set(uint8_t angle);
int32_t nrf_modem_gnss_use_case_set(uint8_t use_case);

/* Seconds: 0 one fix, 1 continuous, 10 to 65535 periodic. */
int32_t nrf_modem_gnss_fix_interval_set(uint16_t fix_interval);
/* Seconds for one attempt; 0 until there is a fix. */
int32_t nrf_modem_gnss_fix_retry_set(uint16_t fix_retry);

int32_t nrf_modem_gnss_nmea_mask_set(uint16_t nmea_mask);
int32_t nrf_modem_gnss_power_mode_set(uint8_t power_mode);
int32_t nrf_modem_gnss_timing_source_set(uint8_t source);
int32_t nrf_modem_gnss_qzss_nmea_mode_set(uint8_t nmea_mode);
int32_t nrf_modem_gnss_qzss_prn_mask_set(uint16_t prn_mask);
int32_t nrf_modem_gnss_start(void);
int32_t nrf_modem_gnss_stop(void);
int32_t nrf_modem_gnss_nv_data_delete(uint32_t delete_mask);
int32_t nrf_modem_gnss_prio_mode_enable(void);
int32_t nrf_modem_gnss_prio_mode_disable(void);
int32_t nrf_modem_gnss_dyn_mode_change(uint32_t dyn_mode);
int32_t nrf_modem_gnss_1pps_enable(const struct nrf_modem_gnss_1pps_config *config);
int32_t nrf_modem_gnss_1pps_disable(void);
int32_t nrf_modem_gnss_read(void *buf, int32_t buf_len, int type);
int32_t nrf_modem_gnss_agnss_write(const void *buf, int32_t buf_len, uint16_t type);
int32_t nrf_modem_gnss_agps_write(const void *buf, int32_t buf_len, uint16_t type);
int32_t nrf_modem_gnss_agnss_expiry_get(struct nrf_modem_gnss_agnss_expiry *agnss_expiry);
int32_t nrf_modem_gnss_agps_expiry_get(struct nrf_modem_gnss_agps_expiry *agps_expiry);

#ifdef __cplusplus
}
#endif

#endif
