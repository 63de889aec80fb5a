/* Starting and stopping the modem, see modem/nrf_modem_lib.h. */
// build: if NRF_MODEM_LIB
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <modem/at_cmd_custom.h>
#include <modem/nrf_modem_lib.h>
#include <nrf_modem.h>
#include <nrf_modem_at.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>

#include "defaults.h"

#include "modem.h"
#include "transport.h"

LOG_MODULE_REGISTER(nrf_modem, CONFIG_NRF_MODEM_LIB_LOG_LEVEL);

static bool initialized;

/* ---- hooks ---------------------------------------------------------------------------- */

/* The lists are in the order of the constructors. */
#define APPEND(list, node)                                                                  \
	do {                                                                                \
		__typeof__(&(list)) at_ = &(list);                                          \
		while (*at_ != NULL) {                                                      \
			at_ = &(*at_)->next;                                                \
		}                                                                           \
		(node)->next = NULL;                                                        \
		*at_ = (node);                                                              \
	} while (0)

static struct nrf_modem_lib_init_cb *init_hooks;
static struct nrf_modem_lib_shutdown_cb *shutdown_hooks;

void ncsh_on_init(struct nrf_modem_lib_init_cb *cb)
{
	APPEND(init_hooks, cb);
}

void ncsh_on_shutdown(struct nrf_modem_lib_shutdown_cb *cb)
{
	APPEND(shutdown_hooks, cb);
}

#if NCSHOST_VER >= 0x020600
static struct nrf_modem_lib_at_cfun_cb *cfun_hooks;

void ncsh_on_cfun(struct nrf_modem_lib_at_cfun_cb *cb)
{
	APPEND(cfun_hooks, cb);
}

static void cfun_changed(int mode)
{
	for (struct nrf_modem_lib_at_cfun_cb *h = cfun_hooks; h != NULL; h = h->next) {
		h->callback(mode, h->context);
	}
}

/* No update of the modem's firmware is ever under way. */
void ncsh_on_dfu(struct nrf_modem_lib_dfu_cb *cb)
{
	(void)cb;
}
#endif

/* ---- commands of the application's own ---------------------------------------------------- */

static struct ncsh_at_custom *custom_list;

void ncsh_at_custom(struct ncsh_at_custom *custom)
{
	APPEND(custom_list, custom);
}

#if NCSHOST_VER >= 0x020400
#define MAX_CUSTOM 32

static void set_custom_commands(void)
{
	/* The members are constants, so the list is made as bytes. */
	static char space[MAX_CUSTOM * sizeof(struct nrf_modem_at_cmd_custom)]
		__attribute__((aligned(16)));
	size_t n = 0;

	for (struct ncsh_at_custom *c = custom_list; c != NULL && n < MAX_CUSTOM; c = c->next) {
		struct nrf_modem_at_cmd_custom one = {
			.cmd = c->cmd,
			.callback = c->callback,
#if NCSHOST_VER >= 0x020700
			.cmd_strlen = strlen(c->cmd),
#endif
		};

		memcpy(space + n * sizeof(one), &one, sizeof(one));
		n++;
	}
	if (n > 0) {
		nrf_modem_at_cmd_custom_set((struct nrf_modem_at_cmd_custom *)(void *)space, n);
	}
}
#endif

int at_cmd_custom_respond(char *buf, size_t buf_size, const char *response, ...)
{
	va_list args;

	if (buf == NULL || response == NULL) {
		return -EFAULT;
	}
	if (buf_size == 0) {
		return -ENOBUFS;
	}
	va_start(args, response);
	int len = vsnprintf(buf, buf_size, response, args);

	va_end(args);
	if (len < 0 || (size_t)len >= buf_size) {
		return -E2BIG;
	}
	return 0;
}

/* ---- faults ---------------------------------------------------------------------------------- */

const char *nrf_modem_lib_fault_strerror(int fault)
{
	static const struct {
		int fault;
		const char *text;
	} faults[] = {
		{NRF_MODEM_FAULT_UNDEFINED, "undefined fault"},
		{NRF_MODEM_FAULT_HW_WD_RESET, "HW WD reset"},
		{NRF_MODEM_FAULT_HARDFAULT, "hard fault"},
		{NRF_MODEM_FAULT_MEM_MANAGE, "memory management fault"},
		{NRF_MODEM_FAULT_BUS, "bus fault"},
		{NRF_MODEM_FAULT_USAGE, "usage fault"},
		{NRF_MODEM_FAULT_SECURE_RESET, "secure control reset"},
		{NRF_MODEM_FAULT_PANIC_DOUBLE, "error handler crash"},
		{NRF_MODEM_FAULT_PANIC_RESET_LOOP, "reset loop"},
		{NRF_MODEM_FAULT_ASSERT, "assert"},
		{NRF_MODEM_FAULT_PANIC, "unconditional SW reset"},
		{NRF_MODEM_FAULT_FLASH_ERASE, "flash erase fault"},
		{NRF_MODEM_FAULT_FLASH_WRITE, "flash write fault"},
		{NRF_MODEM_FAULT_POFWARN, "undervoltage fault"},
		{NRF_MODEM_FAULT_THWARN, "overtemperature fault"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		if (faults[i].fault == fault) {
			return faults[i].text;
		}
	}
	return "<unknown>";
}

#if defined(CONFIG_NRF_MODEM_LIB_ON_FAULT_RESET_MODEM)
static void restart_modem(struct k_work *work)
{
	(void)work;
	LOG_INF("Modem has crashed, re-initializing");
	nrf_modem_lib_shutdown();
	nrf_modem_lib_init();
}

static K_WORK_DEFINE(restart_work, restart_modem);
#endif

__attribute__((weak)) void nrf_modem_fault_handler(struct nrf_modem_fault_info *fault_info)
{
#if defined(CONFIG_NRF_MODEM_LIB_FAULT_STRERROR)
	LOG_ERR("Modem has crashed, reason 0x%x %s, PC: 0x%x", fault_info->reason,
		nrf_modem_lib_fault_strerror((int)fault_info->reason), fault_info->program_counter);
#else
	LOG_ERR("Modem has crashed, reason 0x%x, PC: 0x%x", fault_info->reason,
		fault_info->program_counter);
#endif
#if defined(CONFIG_NRF_MODEM_LIB_ON_FAULT_RESET_MODEM)
	k_work_submit(&restart_work);
#endif
}

static void modem_crashed(uint32_t reason, uint32_t program_counter)
{
	struct nrf_modem_fault_info info = {reason, program_counter};

	nrf_modem_fault_handler(&info);
}

/* ---- start and end ------------------------------------------------------------------------------ */

bool nrf_modem_is_initialized(void)
{
	return initialized;
}

const char *nrf_modem_build_version(void)
{
	return "nrf91emu";
}

static void on_socket(int handle, uint32_t events)
{
	ncsh_socket_event(handle, events);
}

static void on_gnss(uint32_t event)
{
	ncsh_gnss_event(event);
}

#if defined(CONFIG_NRF_MODEM_LIB_LOG_FW_VERSION_UUID)
static void log_version(void)
{
	char text[64];

	if (nrf_modem_at_scanf("AT+CGMR", "%63s", text) == 1) {
		LOG_INF("Modem FW version: %s", text);
	} else {
		LOG_ERR("Unable to obtain modem FW version");
	}
	if (nrf_modem_at_scanf("AT%XMODEMUUID", "%%XMODEMUUID: %63s", text) == 1) {
		LOG_INF("Modem FW UUID: %s", text);
	} else {
		LOG_ERR("Unable to obtain modem FW UUID");
	}
}
#endif

static int init(int mode)
{
	int err = -NRF_EPERM;

	if (!initialized) {
		ncsh_handlers.notification = ncsh_at_notification;
		ncsh_handlers.fault = modem_crashed;
		ncsh_handlers.socket = on_socket;
		ncsh_handlers.gnss = on_gnss;
		err = ncsh_modem_init(mode);
		initialized = err == 0;
	}
	if (err == 0) {
#if NCSHOST_VER >= 0x020400
		set_custom_commands();
#endif
#if NCSHOST_VER >= 0x020600
		nrf_modem_at_cfun_handler_set(cfun_changed);
#endif
#if defined(CONFIG_NRF_MODEM_LIB_LOG_FW_VERSION_UUID)
		log_version();
#endif
	}
	for (struct nrf_modem_lib_init_cb *h = init_hooks; h != NULL; h = h->next) {
		h->callback(err, h->context);
	}
	return err;
}

#if NCSHOST_VER >= 0x020400
int nrf_modem_lib_init(void)
{
	return init(0);
}

int nrf_modem_lib_bootloader_init(void)
{
	return init(1);
}
#else
static int init_result;

int nrf_modem_lib_init(void)
{
	init_result = init(0);
	return init_result;
}

int nrf_modem_lib_get_init_ret(void)
{
	return init_result;
}

void nrf_modem_lib_shutdown_wait(void)
{
}
#endif

#if defined(CONFIG_NRF_MODEM_LIB_SYS_INIT)
#include <zephyr/init.h>

static int init_at_boot(void)
{
	return nrf_modem_lib_init();
}

SYS_INIT(init_at_boot, POST_KERNEL, 0);
#endif

int nrf_modem_lib_shutdown(void)
{
	for (struct nrf_modem_lib_shutdown_cb *h = shutdown_hooks; h != NULL; h = h->next) {
		h->callback(h->context);
	}
#if NCSHOST_VER >= 0x020400
	/* fact: seen in newer sources; from which version on is not settled. */
	int mode = -1;

	if (initialized && nrf_modem_at_scanf("AT+CFUN?", "+CFUN: %d", &mode) == 1 && mode != 0 &&
	    mode != 4) {
		LOG_WRN("Application should set modem offline before calling %s", __func__);
		nrf_modem_at_printf("AT+CFUN=0");
	}
#endif
	if (!initialized) {
		return -NRF_EPERM;
	}
	initialized = false;
	ncsh_gnss_forget();
	return ncsh_modem_shutdown();
}
