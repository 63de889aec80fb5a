/* Compares with the NUL of the string, and writes without. */
#include "habit.h"

int provision(void)
{
	if (modem_key_mgmt_cmp(SEC_TAG, CA, ca, CA_SIZE + 1) == 0) {
		return 0;
	}
	return modem_key_mgmt_write(SEC_TAG, CA, ca, CA_SIZE);
}
