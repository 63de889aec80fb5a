/* Stores a certificate as PRIVATE_CERT, which is the private key. */
#include "habit.h"

int provision(void)
{
	bool exists;
	int err = modem_key_mgmt_exists(SEC_TAG, KEY, &exists);

	return err || exists ? err : modem_key_mgmt_write(SEC_TAG, KEY, ca, CA_SIZE);
}
