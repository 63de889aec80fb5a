/* Deletes what is there, so as to be sure, and writes it anew. */
#include "habit.h"

int provision(void)
{
	int err = modem_key_mgmt_delete(SEC_TAG, CA);

	if (err && err != -ENOENT) {
		return err;
	}
	return modem_key_mgmt_write(SEC_TAG, CA, ca, CA_SIZE);
}
