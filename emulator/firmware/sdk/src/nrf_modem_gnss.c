/* GNSS, see nrf_modem_gnss.h. Numbers of settings and the layout of frames are those of the packages
 * gnss and libmodem of the emulator. */
// build: if NRF_MODEM_LIB
#include <string.h>

#include <nrf_errno.h>
#include <nrf_modem.h>
#include <nrf_modem_gnss.h>

#include "modem.h"
#include "transport.h"
#include "wire.h"

enum {
	SIGNAL_MASK = 1,
	ELEVATION = 2,
	USE_CASE = 3,
	FIX_INTERVAL = 4,
	FIX_RETRY = 5,
	NMEA_MASK = 6,
	POWER_MODE = 7,
	TIMING_SOURCE = 8,
	QZSS_NMEA_MODE = 9,
	QZSS_PRN_MASK = 10,
	DELETE_DATA = 11,
	PRIORITY = 12,
	DYNAMICS = 13,
	PULSE = 14,
	ASSISTANCE = 15,
};

static nrf_modem_gnss_event_handler_type_t handler;

void ncsh_gnss_event(unsigned int event)
{
	nrf_modem_gnss_event_handler_type_t h = handler;

	if (h != NULL) {
		h((int)event);
	}
}

void ncsh_gnss_forget(void)
{
	handler = NULL;
}

static int32_t set(uint32_t what, uint32_t value)
{
	return nrf_modem_is_initialized() ? ncsh_gnss_set(what, value) : -NRF_EPERM;
}

int32_t nrf_modem_gnss_event_handler_set(nrf_modem_gnss_event_handler_type_t h)
{
	if (!nrf_modem_is_initialized()) {
		return -NRF_EPERM;
	}
	handler = h;
	return 0;
}

int32_t nrf_modem_gnss_signal_mask_set(uint8_t signal_mask)
{
	return set(SIGNAL_MASK, signal_mask);
}

int32_t nrf_modem_gnss_system_mask_set(uint8_t system_mask)
{
	return set(SIGNAL_MASK, system_mask);
}

int32_t nrf_modem_gnss_elevation_threshold_set(uint8_t angle)
{
	return set(ELEVATION, angle);
}

int32_t nrf_modem_gnss_use_case_set(uint8_t use_case)
{
	return set(USE_CASE, use_case);
}

int32_t nrf_modem_gnss_fix_interval_set(uint16_t fix_interval)
{
	return set(FIX_INTERVAL, fix_interval);
}

int32_t nrf_modem_gnss_fix_retry_set(uint16_t fix_retry)
{
	return set(FIX_RETRY, fix_retry);
}

int32_t nrf_modem_gnss_nmea_mask_set(uint16_t nmea_mask)
{
	return set(NMEA_MASK, nmea_mask);
}

int32_t nrf_modem_gnss_power_mode_set(uint8_t power_mode)
{
	return set(POWER_MODE, power_mode);
}

int32_t nrf_modem_gnss_timing_source_set(uint8_t source)
{
	return set(TIMING_SOURCE, source);
}

int32_t nrf_modem_gnss_qzss_nmea_mode_set(uint8_t nmea_mode)
{
	return set(QZSS_NMEA_MODE, nmea_mode);
}

int32_t nrf_modem_gnss_qzss_prn_mask_set(uint16_t prn_mask)
{
	return set(QZSS_PRN_MASK, prn_mask);
}

int32_t nrf_modem_gnss_start(void)
{
	return nrf_modem_is_initialized() ? ncsh_gnss_start() : -NRF_EPERM;
}

int32_t nrf_modem_gnss_stop(void)
{
	return nrf_modem_is_initialized() ? ncsh_gnss_stop() : -NRF_EPERM;
}

int32_t nrf_modem_gnss_nv_data_delete(uint32_t delete_mask)
{
	return set(DELETE_DATA, delete_mask);
}

int32_t nrf_modem_gnss_prio_mode_enable(void)
{
	return set(PRIORITY, 1);
}

int32_t nrf_modem_gnss_prio_mode_disable(void)
{
	return set(PRIORITY, 0);
}

int32_t nrf_modem_gnss_dyn_mode_change(uint32_t dyn_mode)
{
	return set(DYNAMICS, dyn_mode);
}

int32_t nrf_modem_gnss_1pps_enable(const struct nrf_modem_gnss_1pps_config *config)
{
	if (config == NULL || config->pulse_interval > 1800 || config->pulse_width < 1 ||
	    config->pulse_width > 500) {
		return -NRF_EINVAL;
	}
	return set(PULSE, 1);
}

int32_t nrf_modem_gnss_1pps_disable(void)
{
	return set(PULSE, 0);
}

/* ---- reading ------------------------------------------------------------------------ */

static float get_float(const uint8_t **p)
{
	uint32_t bits = get32(*p);
	float v;

	memcpy(&v, &bits, sizeof(v));
	*p += 4;
	return v;
}

static double get_double(const uint8_t **p)
{
	uint64_t bits = get64(*p);
	double v;

	memcpy(&v, &bits, sizeof(v));
	*p += 8;
	return v;
}

static uint16_t get_short(const uint8_t **p)
{
	uint16_t v = get16(*p);

	*p += 2;
	return v;
}

static void read_pvt(struct nrf_modem_gnss_pvt_data_frame *f, const uint8_t *p)
{
	memset(f, 0, sizeof(*f));
	f->latitude = get_double(&p);
	f->longitude = get_double(&p);
	f->altitude = get_float(&p);
	f->accuracy = get_float(&p);
	f->altitude_accuracy = get_float(&p);
	f->speed = get_float(&p);
	f->speed_accuracy = get_float(&p);
	f->vertical_speed = get_float(&p);
	f->vertical_speed_accuracy = get_float(&p);
	f->heading = get_float(&p);
	f->heading_accuracy = get_float(&p);
	f->datetime.year = get_short(&p);
	f->datetime.month = *p++;
	f->datetime.day = *p++;
	f->datetime.hour = *p++;
	f->datetime.minute = *p++;
	f->datetime.seconds = *p++;
	f->datetime.ms = get_short(&p);
	f->pdop = get_float(&p);
	f->hdop = get_float(&p);
	f->vdop = get_float(&p);
	f->tdop = get_float(&p);
	f->flags = *p++;
	for (int i = 0; i < NRF_MODEM_GNSS_MAX_SATELLITES; i++) {
		f->sv[i].sv = get_short(&p);
		f->sv[i].signal = *p++;
		f->sv[i].cn0 = get_short(&p);
		f->sv[i].elevation = (int16_t)get_short(&p);
		f->sv[i].azimuth = (int16_t)get_short(&p);
		f->sv[i].flags = *p++;
	}
	f->execution_time = get32(p);
}

#define PVT_SIZE (2 * 8 + 9 * 4 + 9 + 4 * 4 + 1 + NRF_MODEM_GNSS_MAX_SATELLITES * 10 + 4)

int32_t nrf_modem_gnss_read(void *buf, int32_t buf_len, int type)
{
	uint8_t wire[512] = {0};
	size_t need;

	if (!nrf_modem_is_initialized()) {
		return -NRF_EPERM;
	}
	switch (type) {
	case NRF_MODEM_GNSS_DATA_PVT:
		need = sizeof(struct nrf_modem_gnss_pvt_data_frame);
		break;
	case NRF_MODEM_GNSS_DATA_NMEA:
		need = sizeof(struct nrf_modem_gnss_nmea_data_frame);
		break;
	case NRF_MODEM_GNSS_DATA_AGNSS_REQ:
		need = NCSHOST_VER >= 0x020500 ? sizeof(struct nrf_modem_gnss_agnss_data_frame)
					       : sizeof(struct nrf_modem_gnss_agps_data_frame);
		break;
	default:
		return -NRF_EINVAL;
	}
	if (buf == NULL) {
		return -NRF_EINVAL;
	}
	if (buf_len < 0 || (size_t)buf_len < need) {
		return -NRF_EMSGSIZE;
	}
	int n = ncsh_gnss_read((uint32_t)type, wire, sizeof(wire) - 1);

	if (n < 0) {
		return n;
	}
	switch (type) {
	case NRF_MODEM_GNSS_DATA_PVT:
		if (n < PVT_SIZE) {
			return -NRF_EIO;
		}
		read_pvt(buf, wire);
		return 0;
	case NRF_MODEM_GNSS_DATA_NMEA: {
		struct nrf_modem_gnss_nmea_data_frame *f = buf;

		strncpy(f->nmea_str, (const char *)wire, sizeof(f->nmea_str) - 1);
		f->nmea_str[sizeof(f->nmea_str) - 1] = '\0';
		return 0;
	}
	default:
		break;
	}
#if NCSHOST_VER >= 0x020500
	struct nrf_modem_gnss_agnss_data_frame *f = buf;

	memset(f, 0, sizeof(*f));
	f->data_flags = get32(wire);
	f->system_count = 1;
	f->system[0].system_id = NRF_MODEM_GNSS_SYSTEM_GPS;
	f->system[0].sv_mask_ephe = get64(wire + 4);
	f->system[0].sv_mask_alm = get64(wire + 12);
#else
	struct nrf_modem_gnss_agps_data_frame *f = buf;

	f->data_flags = get32(wire);
	f->sv_mask_ephe = get32(wire + 4);
	f->sv_mask_alm = get32(wire + 12);
#endif
	return 0;
}

/* ---- assistance ------------------------------------------------------------------------- */

int32_t nrf_modem_gnss_agnss_write(const void *buf, int32_t buf_len, uint16_t type)
{
	static const size_t sizes[] = {
		0,
		sizeof(struct nrf_modem_gnss_agnss_gps_data_utc),
		sizeof(struct nrf_modem_gnss_agnss_gps_data_ephemeris),
		sizeof(struct nrf_modem_gnss_agnss_gps_data_almanac),
		sizeof(struct nrf_modem_gnss_agnss_data_klobuchar),
		sizeof(struct nrf_modem_gnss_agnss_data_nequick),
		sizeof(struct nrf_modem_gnss_agnss_gps_data_system_time_and_sv_tow),
		sizeof(struct nrf_modem_gnss_agnss_data_location),
		sizeof(struct nrf_modem_gnss_agps_data_integrity),
		sizeof(struct nrf_modem_gnss_agnss_data_integrity),
	};

	if (buf == NULL || type == 0 || type >= sizeof(sizes) / sizeof(sizes[0]) || buf_len < 0 ||
	    (size_t)buf_len != sizes[type]) {
		return -NRF_EINVAL;
	}
	return set(ASSISTANCE, type);
}

int32_t nrf_modem_gnss_agps_write(const void *buf, int32_t buf_len, uint16_t type)
{
	return nrf_modem_gnss_agnss_write(buf, buf_len, type);
}

int32_t nrf_modem_gnss_agnss_expiry_get(struct nrf_modem_gnss_agnss_expiry *agnss_expiry)
{
	uint8_t wire[32] = {0};

	if (!nrf_modem_is_initialized()) {
		return -NRF_EPERM;
	}
	if (agnss_expiry == NULL) {
		return -NRF_EINVAL;
	}
	int n = ncsh_gnss_read(NRF_MODEM_GNSS_DATA_AGNSS_REQ, wire, sizeof(wire));

	if (n < 0) {
		return n;
	}
	memset(agnss_expiry, 0, sizeof(*agnss_expiry));
	agnss_expiry->data_flags = get32(wire);
	return 0;
}

int32_t nrf_modem_gnss_agps_expiry_get(struct nrf_modem_gnss_agps_expiry *agps_expiry)
{
	struct nrf_modem_gnss_agnss_expiry e;

	if (agps_expiry == NULL) {
		return -NRF_EINVAL;
	}
	int32_t err = nrf_modem_gnss_agnss_expiry_get(&e);

	if (err == 0) {
		memset(agps_expiry, 0, sizeof(*agps_expiry));
		agps_expiry->data_flags = e.data_flags;
	}
	return err;
}
