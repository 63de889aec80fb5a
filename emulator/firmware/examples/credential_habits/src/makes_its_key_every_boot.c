/* Deletes the private key and has the modem make another. */
#include "habit.h"

#include <nrf_modem_at.h>

int provision(void)
{
	int err = modem_key_mgmt_delete(SEC_TAG, KEY);

	if (err && err != -ENOENT) {
		return err;
	}
	return nrf_modem_at_printf("AT%%KEYGEN=%d,2,0", SEC_TAG);
}
