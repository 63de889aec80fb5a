/* A hook that is called when a functional mode was set: the modem library's from 2.6 on, that of LTE
 * link control before. */
#ifndef NCSH_ON_CFUN_H_
#define NCSH_ON_CFUN_H_

#include <modem/lte_lc.h>
#include <modem/nrf_modem_lib.h>

/* NCSH_ON_CFUN(name) { ... } defines a hook, whose argument mode is the mode that was set. */
#if NCSHOST_VER >= 0x020600
#define NCSH_ON_CFUN(name)                                                                  \
	NRF_MODEM_LIB_ON_CFUN(name, on_cfun_##name, NULL);                                  \
	static void on_cfun_##name(int mode, void *ctx __attribute__((unused)))
#else
#define NCSH_ON_CFUN(name)                                                                  \
	LTE_LC_ON_CFUN(name, on_cfun_##name, NULL);                                         \
	static void on_cfun_##name(enum lte_lc_func_mode mode, void *ctx __attribute__((unused)))
#endif

#endif
