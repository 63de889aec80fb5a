/*
 * AT commands. Functions that send a command return 0 for OK, the negative of an
 * errno if the library has failed, and a number above 0 for an error of the modem,
 * which nrf_modem_at_err_type and nrf_modem_at_err take apart.
 */
#ifndef NRF_MODEM_AT_H_
#define NRF_MODEM_AT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ncshost.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NRF_MODEM_AT_ERROR 1
#define NRF_MODEM_AT_CME_ERROR 2
#define NRF_MODEM_AT_CMS_ERROR 3

/* Waiting for ever, for nrf_modem_at_sem_timeout_set. */
#define NRF_MODEM_AT_FOREVER (-1)

/* A handler of notifications, and of the response to an asynchronous command. It
 * runs in interrupt context and must not send commands itself. */
typedef void (*nrf_modem_at_notif_handler_t)(const char *notif);
typedef void (*nrf_modem_at_resp_handler_t)(const char *resp);
/* A handler of functional modes. */
typedef void (*nrf_modem_at_cfun_handler_t)(int mode);
/* A handler of a command of the application's own. */
typedef int (*nrf_modem_at_cmd_custom_handler_t)(char *buf, size_t len, char *at_cmd);

#if NCSHOST_VER >= 0x020400
struct nrf_modem_at_cmd_custom {
	const char *const cmd; /* beginning of the commands that are meant */
	const nrf_modem_at_cmd_custom_handler_t callback;
#if NCSHOST_VER >= 0x020700
	size_t cmd_strlen;
#endif
};

int nrf_modem_at_cmd_custom_set(struct nrf_modem_at_cmd_custom *custom_commands, size_t len);
#else
typedef nrf_modem_at_cmd_custom_handler_t nrf_modem_at_cmd_handler_t;

struct nrf_modem_at_cmd_filter {
	const char *const cmd;
	const nrf_modem_at_cmd_custom_handler_t callback;
	bool paused;
};

int nrf_modem_at_cmd_filter_set(struct nrf_modem_at_cmd_filter *filters, size_t len);
#endif

/* nrf_modem_at_notif_handler_set sets the handler of notifications, NULL none. */
int nrf_modem_at_notif_handler_set(nrf_modem_at_notif_handler_t callback);

#if NCSHOST_VER >= 0x020600
/* nrf_modem_at_cfun_handler_set sets the handler that is called after each AT+CFUN
 * that has succeeded. */
void nrf_modem_at_cfun_handler_set(nrf_modem_at_cfun_handler_t callback);
#endif

#if NCSHOST_VER >= 0x020500
/* nrf_modem_at_sem_timeout_set sets how long a command waits for that of another
 * thread, in milliseconds. */
int nrf_modem_at_sem_timeout_set(int timeout_ms);
#endif

/* nrf_modem_at_printf sends a command. What the modem answers is dropped. */
int nrf_modem_at_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* nrf_modem_at_scanf sends a command and scans the response; it returns how many
 * arguments have been matched, -NRF_EBADMSG for none. */
int nrf_modem_at_scanf(const char *cmd, const char *fmt, ...);

/* nrf_modem_at_cmd sends a command and copies the response. */
int nrf_modem_at_cmd(void *buf, size_t len, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* nrf_modem_at_cmd_async sends a command and returns; the response goes to the
 * handler. */
int nrf_modem_at_cmd_async(nrf_modem_at_resp_handler_t callback, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* nrf_modem_at_err returns the number behind +CME ERROR or +CMS ERROR,
 * nrf_modem_at_err_type which of them it was. */
static inline int nrf_modem_at_err(int error)
{
	return (int)((unsigned int)error & 0xff00ffffu);
}

static inline int nrf_modem_at_err_type(int error)
{
	return (int)(((unsigned int)error & 0x00ff0000u) >> 16);
}

#ifdef __cplusplus
}
#endif

#endif
