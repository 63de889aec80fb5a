/* Writes the other of two roots in each boot, after a look at what is there. */
#include "habit.h"

int provision(void)
{
	if (modem_key_mgmt_cmp(SEC_TAG, CA, ca, CA_SIZE) == 0) {
		return modem_key_mgmt_write(SEC_TAG, CA, other_ca, OTHER_CA_SIZE);
	}
	return modem_key_mgmt_write(SEC_TAG, CA, ca, CA_SIZE);
}
