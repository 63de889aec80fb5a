/* Asks, compares, and writes on a difference. */
#include "habit.h"

int provision(void)
{
	return ensure(SEC_TAG, CA, ca, CA_SIZE);
}
