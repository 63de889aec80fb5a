/* Compares in a callback of the modem library, before anything else can go online. */
#include "habit.h"

#include <modem/lte_lc.h>
#include <modem/nrf_modem_lib.h>

static int result = -EAGAIN;

static void on_init(int ret, void *ctx)
{
	ARG_UNUSED(ctx);
	result = ret ? ret : ensure(SEC_TAG, CA, ca, CA_SIZE);
}
NRF_MODEM_LIB_ON_INIT(provision_hook, on_init, NULL);

int provision(void)
{
	return result ? result : lte_lc_connect();
}
