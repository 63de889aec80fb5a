/* Connects first, and takes no notice that the write is refused. */
#include "habit.h"

#include <modem/lte_lc.h>

LOG_MODULE_DECLARE(credential_habits);

int provision(void)
{
	bool exists = false;
	int err = lte_lc_connect();

	if (err == 0) {
		err = modem_key_mgmt_exists(SEC_TAG, CA, &exists);
	}
	if (err == 0 && !exists) {
		LOG_WRN("Not stored: %d", modem_key_mgmt_write(SEC_TAG, CA, ca, CA_SIZE));
	}
	return err;
}
