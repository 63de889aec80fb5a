/* Stores the certificate that the firmware trusts in the modem, and goes online. */
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <modem/lte_lc.h>
#include <modem/modem_key_mgmt.h>
#include <modem/nrf_modem_lib.h>

LOG_MODULE_REGISTER(provision_certificate);

#define SEC_TAG 42

static const char ca[] = {
#include "ca.pem"
	0x00,
};
#define CA_SIZE (sizeof(ca) - 1)

/* Asks whether the certificate is there, compares it, and writes it on a difference only:
 * every write wears the flash of the modem. LTE must be off. */
static int provision(void)
{
	bool exists = false;
	int err;

	if (!IS_ENABLED(CONFIG_WRITE_AT_EVERY_BOOT)) {
		err = modem_key_mgmt_exists(SEC_TAG, MODEM_KEY_MGMT_CRED_TYPE_CA_CHAIN, &exists);
		if (err) {
			LOG_ERR("The modem does not say whether the certificate is there: %d", err);
			return err;
		}
		if (exists && modem_key_mgmt_cmp(SEC_TAG, MODEM_KEY_MGMT_CRED_TYPE_CA_CHAIN, ca, CA_SIZE) == 0) {
			LOG_INF("The certificate is there");
			return 0;
		}
	}
	err = modem_key_mgmt_write(SEC_TAG, MODEM_KEY_MGMT_CRED_TYPE_CA_CHAIN, ca, CA_SIZE);
	if (err) {
		LOG_ERR("The certificate was not stored: %d", err);
		return err;
	}
	LOG_INF("The certificate was stored");
	return 0;
}

int main(void)
{
	int err = nrf_modem_lib_init();

	if (err) {
		LOG_ERR("The modem does not start: %d", err);
		return 0;
	}
	if (provision() != 0) {
		return 0;
	}
	err = lte_lc_connect();
	if (err) {
		LOG_ERR("No network: %d", err);
		return 0;
	}
	LOG_INF("Online");
	return 0;
}
