/* Is online already, and leaves the network for a write that is due. */
#include "habit.h"

#include <modem/lte_lc.h>

int provision(void)
{
	int err = lte_lc_connect();

	if (err) {
		return err;
	}
	if (modem_key_mgmt_cmp(SEC_TAG, CA, ca, CA_SIZE) == 0) {
		return 0;
	}
	err = lte_lc_offline();
	if (err) {
		return err;
	}
	err = modem_key_mgmt_write(SEC_TAG, CA, ca, CA_SIZE);
	return err ? err : lte_lc_connect();
}
