/* Clears the whole tag before it writes two types. */
#include "habit.h"

int provision(void)
{
	int err = modem_key_mgmt_clear(SEC_TAG);

	if (err && err != -ENOENT) {
		return err;
	}
	err = modem_key_mgmt_write(SEC_TAG, ID, IDENTITY, strlen(IDENTITY));
	return err ? err : modem_key_mgmt_write(SEC_TAG, PSK, SHARED_KEY, strlen(SHARED_KEY));
}
