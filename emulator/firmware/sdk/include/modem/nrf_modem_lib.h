/* Starting and stopping the modem, and hooks for both. */
#ifndef NRF_MODEM_LIB_H_
#define NRF_MODEM_LIB_H_

#include <stdint.h>

#include <nrf_modem.h>
#include <zephyr/kernel.h>

#ifdef __cplusplus
extern "C" {
#endif

#if NCSHOST_VER >= 0x020400
/* nrf_modem_lib_init starts the modem: 0, the negative of an errno, or the result
 * of a firmware update. */
int nrf_modem_lib_init(void);
int nrf_modem_lib_bootloader_init(void);
#else
enum nrf_modem_mode {
	NORMAL_MODE,
	BOOTLOADER_MODE,
};

/* Called with a mode or without: applications of that time do both. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
int nrf_modem_lib_init();
#pragma GCC diagnostic pop

int nrf_modem_lib_get_init_ret(void);
void nrf_modem_lib_shutdown_wait(void);
#endif

/* nrf_modem_lib_shutdown stops the modem. */
int nrf_modem_lib_shutdown(void);

/* nrf_modem_fault_handler is called when the modem has crashed. An application may
 * have its own. */
void nrf_modem_fault_handler(struct nrf_modem_fault_info *fault_info);

const char *nrf_modem_lib_fault_strerror(int fault);

/* Hooks are nodes of lists, which constructors make. */
struct nrf_modem_lib_init_cb {
	void (*callback)(int ret, void *ctx);
	void *context;
	struct nrf_modem_lib_init_cb *next;
};

struct nrf_modem_lib_shutdown_cb {
	void (*callback)(void *ctx);
	void *context;
	struct nrf_modem_lib_shutdown_cb *next;
};

void ncsh_on_init(struct nrf_modem_lib_init_cb *cb);
void ncsh_on_shutdown(struct nrf_modem_lib_shutdown_cb *cb);

#define NCSH_MODEM_HOOK_(type, add, name, cb, ctx_)                                          \
	static struct type name = {.callback = (cb), .context = (void *)(ctx_)};             \
	__attribute__((constructor)) static void ncsh_add_##name(void)                      \
	{                                                                                   \
		add(&name);                                                                 \
	}                                                                                   \
	struct ncsh_semicolon

#define NRF_MODEM_LIB_ON_INIT(name, cb, ctx_)                                                \
	static void cb(int ret, void *ctx);                                                 \
	NCSH_MODEM_HOOK_(nrf_modem_lib_init_cb, ncsh_on_init, nrf_modem_hook_##name, cb, ctx_)

#define NRF_MODEM_LIB_ON_SHUTDOWN(name, cb, ctx_)                                            \
	static void cb(void *ctx);                                                          \
	NCSH_MODEM_HOOK_(nrf_modem_lib_shutdown_cb, ncsh_on_shutdown, nrf_modem_hook_##name, cb, ctx_)

#if NCSHOST_VER >= 0x020600
struct nrf_modem_lib_at_cfun_cb {
	void (*callback)(int mode, void *ctx);
	void *context;
	struct nrf_modem_lib_at_cfun_cb *next;
};

struct nrf_modem_lib_dfu_cb {
	void (*callback)(int32_t dfu_res, void *ctx);
	void *context;
	struct nrf_modem_lib_dfu_cb *next;
};

void ncsh_on_cfun(struct nrf_modem_lib_at_cfun_cb *cb);
void ncsh_on_dfu(struct nrf_modem_lib_dfu_cb *cb);

#define NRF_MODEM_LIB_ON_CFUN(name, cb, ctx_)                                                \
	static void cb(int mode, void *ctx);                                                \
	NCSH_MODEM_HOOK_(nrf_modem_lib_at_cfun_cb, ncsh_on_cfun, nrf_modem_hook_##name, cb, ctx_)

#define NRF_MODEM_LIB_ON_DFU_RES(name, cb, ctx_)                                             \
	static void cb(int32_t dfu_res, void *ctx);                                         \
	NCSH_MODEM_HOOK_(nrf_modem_lib_dfu_cb, ncsh_on_dfu, nrf_modem_hook_##name, cb, ctx_)
#endif

#ifdef __cplusplus
}
#endif

#endif
