/* What the parts of LTE link control have to do with each other. */
#ifndef NCSH_LTE_LC_INTERNAL_H_
#define NCSH_LTE_LC_INTERNAL_H_

#include <modem/lte_lc.h>

/* ncsh_lte_event calls the handlers. */
void ncsh_lte_event(const struct lte_lc_evt *evt);

/* ncsh_lte_registered is called when the modem has registered. */
void ncsh_lte_registered(void);

/* ncsh_lte_forget forgets what the modem has told, as the start of the library does. */
void ncsh_lte_forget(void);

/* ncsh_lte_monitor asks the modem for the timers of power saving. */
int ncsh_lte_monitor(int *tau, int *active_time);

/* ncsh_lte_evaluation reads the fields of %CONEVAL and %ENVEVAL. */
void ncsh_lte_evaluation(const char *fields, struct lte_lc_conn_eval_params *params);

/* Set while the request for eDRX is to be sent again, as +CFUN=0 has ended it. */
extern bool ncsh_lte_edrx_again;

#endif
