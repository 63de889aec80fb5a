/* Keeps two servers' roots under tags of their own, each compared. */
#include "habit.h"

int provision(void)
{
	int err = ensure(SEC_TAG, CA, ca, CA_SIZE);

	return err ? err : ensure(OTHER_TAG, CA, other_ca, OTHER_CA_SIZE);
}
