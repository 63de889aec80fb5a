/* Takes 0 from modem_key_mgmt_cmp, which is equal, for false. */
#include "habit.h"

int provision(void)
{
	bool exists;
	int err = modem_key_mgmt_exists(SEC_TAG, CA, &exists);

	if (err) {
		return err;
	}
	if (!exists || !modem_key_mgmt_cmp(SEC_TAG, CA, ca, CA_SIZE)) {
		return modem_key_mgmt_write(SEC_TAG, CA, ca, CA_SIZE);
	}
	return 0;
}
