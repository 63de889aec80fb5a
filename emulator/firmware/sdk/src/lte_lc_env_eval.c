/* Evaluation of networks before one is chosen, see lte_lc_env_eval in modem/lte_lc.h. */
// build: if LTE_LC_ENV_EVAL_MODULE
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <modem/at_monitor.h>
#include <modem/lte_lc.h>
#include <nrf_modem_at.h>
#include <zephyr/logging/log.h>

#include "defaults.h"
#include "fields.h"
#include "lte_lc_internal.h"

LOG_MODULE_DECLARE(lte_lc, CONFIG_LTE_LINK_CONTROL_LOG_LEVEL);

#define MOST CONFIG_LTE_LC_ENV_EVAL_MAX_PLMN_COUNT

static struct lte_lc_conn_eval_params results[MOST];
static uint8_t count;

AT_MONITOR(ltelc_atmon_enveval, "%ENVEVAL", on_enveval);

/* There is a line for each network, then one with the status alone. */
static void on_enveval(const char *notif)
{
	const char *f = ncsh_line(notif, "%ENVEVAL");
	struct lte_lc_evt evt = {.type = LTE_LC_EVT_ENV_EVAL_RESULT};
	long status;

	if (f == NULL || !ncsh_number(f, 0, &status)) {
		return;
	}
	if (ncsh_count(f) > 1) {
		if (count == MOST) {
			LOG_ERR("Maximum number of PLMN results reached, ignoring notification");
			return;
		}
		ncsh_lte_evaluation(f, &results[count++]);
		return;
	}
	evt.env_eval_result.status = (uint8_t)status;
	evt.env_eval_result.result_count = count;
	evt.env_eval_result.results = results;
	count = 0;
	ncsh_lte_event(&evt);
}

int lte_lc_env_eval(struct lte_lc_env_eval_params *params)
{
	enum lte_lc_func_mode mode;
	char list[9 * MOST + 1];
	size_t len = 0;

	if (params == NULL || params->plmn_list == NULL || params->plmn_count == 0 ||
	    params->plmn_count > MOST) {
		return -EINVAL;
	}
	if (lte_lc_func_mode_get(&mode) != 0) {
		return -EFAULT;
	}
	if (mode != LTE_LC_FUNC_MODE_RX_ONLY) {
		LOG_ERR("Environment evaluation is only available in RX only mode");
		return -EOPNOTSUPP;
	}
	for (uint8_t i = 0; i < params->plmn_count; i++) {
		int mcc = params->plmn_list[i].mcc, mnc = params->plmn_list[i].mnc;

		if (mcc < 0 || mcc > 999 || mnc < 0 || mnc > 999) {
			return -EINVAL;
		}
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s\"%03d%02d\"", i > 0 ? "," : "", mcc,
					mnc);
	}
	int err = nrf_modem_at_printf("AT%%ENVEVAL=%d,%s", (int)params->eval_type, list);

	if (err != 0) {
		LOG_ERR("AT command failed, error: %d", err);
		return -EFAULT;
	}
	return 0;
}

int lte_lc_env_eval_cancel(void)
{
	return nrf_modem_at_printf("AT%%ENVEVALSTOP") != 0 ? -EFAULT : 0;
}
