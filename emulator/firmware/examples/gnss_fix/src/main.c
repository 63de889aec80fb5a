/* Waits for a position. The handler runs in interrupt context and only wakes the thread. */
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <modem/lte_lc.h>
#include <modem/nrf_modem_lib.h>
#include <nrf_modem_gnss.h>

LOG_MODULE_REGISTER(gnss_fix);

static K_SEM_DEFINE(fix, 0, 1);

static void on_event(int event)
{
	if (event == NRF_MODEM_GNSS_EVT_FIX) {
		k_sem_give(&fix);
	}
}

int main(void)
{
	struct nrf_modem_gnss_pvt_data_frame pvt;
	int err = nrf_modem_lib_init();

	if (err == 0) {
		err = lte_lc_func_mode_set(LTE_LC_FUNC_MODE_ACTIVATE_GNSS);
	}
	if (err == 0) {
		err = nrf_modem_gnss_event_handler_set(on_event);
	}
	if (err == 0) {
		err = nrf_modem_gnss_start();
	}
	if (err) {
		LOG_ERR("The receiver does not start: %d", err);
		return 0;
	}
	LOG_INF("Searching");
	k_sem_take(&fix, K_FOREVER);
	err = nrf_modem_gnss_read(&pvt, sizeof(pvt), NRF_MODEM_GNSS_DATA_PVT);
	if (err) {
		LOG_ERR("No position: %d", err);
		return 0;
	}
	LOG_INF("Position %.5f, %.5f", pvt.latitude, pvt.longitude);
	return 0;
}
