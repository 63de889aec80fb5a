/* Cellular profiles, see lte_lc_cellular_profile_configure in modem/lte_lc.h. */
// build: if LTE_LC_CELLULAR_PROFILE_MODULE
#include <errno.h>

#include <modem/at_monitor.h>
#include <modem/lte_lc.h>
#include <nrf_modem_at.h>

#include "fields.h"
#include "lte_lc_internal.h"

AT_MONITOR(ltelc_atmon_cellularprfl, "%CELLULARPRFL", on_cellularprfl);

static void on_cellularprfl(const char *notif)
{
	const char *f = ncsh_line(notif, "%CELLULARPRFL");
	struct lte_lc_evt evt = {.type = LTE_LC_EVT_CELLULAR_PROFILE_ACTIVE};
	long id;

	if (f != NULL && ncsh_number(f, 0, &id)) {
		evt.cellular_profile.profile_id = (int8_t)id;
		ncsh_lte_event(&evt);
	}
}

static int result(int err)
{
	return err > 0 ? -EINVAL : err;
}

int lte_lc_cellular_profile_configure(struct lte_lc_cellular_profile *profile)
{
	if (profile == NULL) {
		return -EINVAL;
	}
	int err = nrf_modem_at_printf("AT%%CELLULARPRFL=2,%u,%u,%u", profile->id, profile->act,
				      (unsigned int)profile->uicc);

	/* The subscription ends with +CFUN=0, and profiles are configured before +CFUN=1. */
	return result(err != 0 ? err : nrf_modem_at_printf("AT%%CELLULARPRFL=1"));
}

int lte_lc_cellular_profile_remove(uint8_t id)
{
	return result(nrf_modem_at_printf("AT%%CELLULARPRFL=2,%u", id));
}
