/* Provisions in one of several habits, good and bad, that an option chooses. */
#include <modem/nrf_modem_lib.h>
#include "habit.h"

LOG_MODULE_REGISTER(credential_habits);

const char ca[] = {
#include "ca.pem"
	0x00,
};
const char other_ca[] = {
#include "other.pem"
	0x00,
};
const size_t CA_SIZE = sizeof(ca) - 1, OTHER_CA_SIZE = sizeof(other_ca) - 1;

int ensure(nrf_sec_tag_t tag, enum modem_key_mgmt_cred_type type, const void *content, size_t len)
{
	bool exists;
	int err = modem_key_mgmt_exists(tag, type, &exists);

	if (err) {
		return err;
	}
	if (exists && modem_key_mgmt_cmp(tag, type, content, len) == 0) {
		return 0;
	}
	return modem_key_mgmt_write(tag, type, content, len);
}

int main(void)
{
	int err = nrf_modem_lib_init();

	if (err == 0) {
		err = provision();
	}
	LOG_INF("Done: %d", err);
	return 0;
}
