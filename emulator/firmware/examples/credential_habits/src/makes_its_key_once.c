/* Has the modem make a private key if there is none. */
#include "habit.h"

#include <nrf_modem_at.h>

int provision(void)
{
	bool exists;
	int err = modem_key_mgmt_exists(SEC_TAG, KEY, &exists);

	if (err || exists) {
		return err;
	}
	return nrf_modem_at_printf("AT%%KEYGEN=%d,2,0", SEC_TAG);
}
