/* Stores a pre-shared key and forgets its identity. */
#include "habit.h"

int provision(void)
{
	bool exists;
	int err = modem_key_mgmt_exists(SEC_TAG, PSK, &exists);

	return err || exists ? err : modem_key_mgmt_write(SEC_TAG, PSK, SHARED_KEY, strlen(SHARED_KEY));
}
