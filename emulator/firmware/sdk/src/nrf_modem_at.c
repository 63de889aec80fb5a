/* AT commands, see nrf_modem_at.h. */
// build: if NRF_MODEM_LIB
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nrf_errno.h>
#include <nrf_modem.h>
#include <nrf_modem_at.h>
#include <zephyr/kernel.h>

#include "modem.h"
#include "transport.h"

#define SMALL 512

static K_SEM_DEFINE(turn, 1, 1); /* to send a command */
static int turn_timeout = -1;
static bool asynchronous; /* a command of nrf_modem_at_cmd_async is under way */
static nrf_modem_at_notif_handler_t notif_handler;
static void (*cfun_handler)(int mode);

/* ---- commands of the application's own -------------------------------------------- */

struct custom {
	const char *cmd;
	nrf_modem_at_cmd_custom_handler_t callback;
};

/* Finds the handler of a command: that of the longest text with which it begins; before 2.7 the
 * first one. */
#if NCSHOST_VER >= 0x020400
static struct nrf_modem_at_cmd_custom *customs;
#else
static struct nrf_modem_at_cmd_filter *customs;
#endif
static size_t custom_count;

static int set_customs(void *list, size_t len)
{
	if (list == NULL && len != 0) {
		return -NRF_EINVAL;
	}
	customs = list;
	custom_count = list != NULL ? len : 0;
	return 0;
}

#if NCSHOST_VER >= 0x020400
int nrf_modem_at_cmd_custom_set(struct nrf_modem_at_cmd_custom *custom_commands, size_t len)
{
	return set_customs(custom_commands, len);
}
#else
int nrf_modem_at_cmd_filter_set(struct nrf_modem_at_cmd_filter *filters, size_t len)
{
	return set_customs(filters, len);
}
#endif

static bool begins(const char *text, const char *with)
{
#if NCSHOST_VER >= 0x020600
	return strncasecmp(text, with, strlen(with)) == 0;
#else
	return strncmp(text, with, strlen(with)) == 0;
#endif
}

static nrf_modem_at_cmd_custom_handler_t custom_of(const char *cmd)
{
	nrf_modem_at_cmd_custom_handler_t found = NULL;
	size_t longest = 0;

	for (size_t i = 0; i < custom_count; i++) {
#if NCSHOST_VER < 0x020400
		if (customs[i].paused) {
			continue;
		}
#endif
		if (customs[i].cmd == NULL || !begins(cmd, customs[i].cmd)) {
			continue;
		}
		size_t len = strlen(customs[i].cmd);

		if (found == NULL || (NCSHOST_VER >= 0x020700 && len > longest)) {
			found = customs[i].callback;
			longest = len;
		}
	}
	return found;
}

/* ---- responses ------------------------------------------------------------------------ */

/* Returns the value that a function returns for a response. */
static int result_of(const char *response)
{
	const char *end = response + strlen(response);

	while (end > response && (end[-1] == '\r' || end[-1] == '\n')) {
		end--;
	}
	const char *line = end;

	while (line > response && line[-1] != '\n') {
		line--;
	}
	size_t len = (size_t)(end - line);

	if (len == 2 && strncmp(line, "OK", 2) == 0) {
		return 0;
	}
	if (strncmp(line, "+CME ERROR: ", 12) == 0) {
		return NRF_MODEM_AT_CME_ERROR << 16 | (atoi(line + 12) & 0xffff);
	}
	if (strncmp(line, "+CMS ERROR: ", 12) == 0) {
		return NRF_MODEM_AT_CMS_ERROR << 16 | (atoi(line + 12) & 0xffff);
	}
	return NRF_MODEM_AT_ERROR << 16;
}

/* Tells of a functional mode that was set. */
static void tell_cfun(const char *cmd)
{
	const char *p = cmd;
	int mode = 0;

	if (cfun_handler == NULL || strncasecmp(p, "AT+CFUN=", 8) != 0) {
		return;
	}
	p += 8;
	if (!isdigit((unsigned char)*p)) {
		return;
	}
	while (isdigit((unsigned char)*p)) {
		mode = 10 * mode + (*p++ - '0');
	}
	cfun_handler(mode);
}

static int take_turn(void)
{
	k_timeout_t wait = turn_timeout < 0 ? K_FOREVER : K_MSEC(turn_timeout);

	return k_sem_take(&turn, wait) == 0 ? 0 : -NRF_EAGAIN;
}

/* Formats into buf, or into memory that the caller frees if that is too small. NULL if there is no
 * memory or the format makes no sense; *err says which. */
static char *format(char *buf, size_t size, const char *fmt, va_list args, int *err)
{
	va_list again;

	va_copy(again, args);
	int len = vsnprintf(buf, size, fmt, args);
	char *cmd = buf;

	if (len < 0) {
		*err = -NRF_EINVAL;
		cmd = NULL;
	} else if ((size_t)len >= size) {
		cmd = malloc((size_t)len + 1);
		if (cmd == NULL) {
			*err = -NRF_ENOMEM;
		} else {
			vsnprintf(cmd, (size_t)len + 1, fmt, again);
		}
	}
	va_end(again);
	return cmd;
}

/* Sends a command in turn. A response that does not fit is in memory that the caller frees. */
static int exchange(const char *cmd, char **response, char *buf, size_t size)
{
	int err = take_turn();

	*response = buf;
	if (err != 0) {
		return err;
	}
	ssize_t len = ncsh_at(cmd, strlen(cmd), buf, size);

	k_sem_give(&turn);
	if (len < 0) {
		return (int)len;
	}
	if ((size_t)len >= size) {
		/* The answer is cut; only its end says what became of the command. */
		return -NRF_E2BIG;
	}
	err = result_of(buf);
	if (err == 0) {
		tell_cfun(cmd);
	}
	return err;
}

/* ---- the functions of the header --------------------------------------------------------- */

int nrf_modem_at_notif_handler_set(nrf_modem_at_notif_handler_t callback)
{
	notif_handler = callback;
	return 0;
}

void nrf_modem_at_cfun_handler_set(nrf_modem_at_cfun_handler_t callback)
{
	cfun_handler = callback;
}

int nrf_modem_at_sem_timeout_set(int timeout_ms)
{
	turn_timeout = timeout_ms;
	return 0;
}

void ncsh_at_notification(const char *text)
{
	nrf_modem_at_notif_handler_t handler = notif_handler;

	if (handler != NULL && nrf_modem_is_initialized()) {
		handler(text);
	}
}

/* The largest response that is looked at where the caller does not want it. */
#define RESPONSE_SIZE 8192

int nrf_modem_at_printf(const char *fmt, ...)
{
	char small[SMALL];
	char response[RESPONSE_SIZE];
	char *at;
	int err = 0;
	va_list args;

	if (!nrf_modem_is_initialized()) {
		return -NRF_EPERM;
	}
	if (fmt == NULL) {
		return -NRF_EFAULT;
	}
	va_start(args, fmt);
	char *cmd = format(small, sizeof(small), fmt, args, &err);

	va_end(args);
	if (cmd == NULL) {
		return err;
	}
	err = exchange(cmd, &at, response, sizeof(response));
	if (cmd != small) {
		free(cmd);
	}
	return err == -NRF_E2BIG ? 0 : err; /* a response that nobody wants can be long */
}

int nrf_modem_at_scanf(const char *cmd, const char *fmt, ...)
{
	char response[RESPONSE_SIZE];
	char *at;
	va_list args;

	if (!nrf_modem_is_initialized()) {
		return -NRF_EPERM;
	}
	if (cmd == NULL || fmt == NULL) {
		return -NRF_EFAULT;
	}
	int err = exchange(cmd, &at, response, sizeof(response));

	if (err != 0) {
		return err < 0 ? err : -NRF_EBADMSG; /* "ERROR" is no value of a text that is asked for */
	}
	va_start(args, fmt);
	int n = vsscanf(response, fmt, args);

	va_end(args);
	return n > 0 ? n : -NRF_EBADMSG;
}

int nrf_modem_at_cmd(void *buf, size_t len, const char *fmt, ...)
{
	char small[SMALL];
	char *at;
	int err = 0;
	va_list args;

	if (!nrf_modem_is_initialized()) {
		return -NRF_EPERM;
	}
	if (buf == NULL || fmt == NULL) {
		return -NRF_EFAULT;
	}
	if (len == 0) {
		return -NRF_EINVAL;
	}
	va_start(args, fmt);
	char *cmd = format(small, sizeof(small), fmt, args, &err);

	va_end(args);
	if (cmd == NULL) {
		return err;
	}
	nrf_modem_at_cmd_custom_handler_t custom = custom_of(cmd);

	if (custom != NULL) {
		err = custom(buf, len, cmd);
	} else {
		err = exchange(cmd, &at, buf, len);
	}
	if (cmd != small) {
		free(cmd);
	}
	return err;
}

/* ---- asynchronous commands ------------------------------------------------------------------ */

struct async {
	nrf_modem_at_resp_handler_t callback;
	char *response;
	char cmd[];
};

static void async_done(void *arg)
{
	struct async *a = arg;

	asynchronous = false;
	k_sem_give(&turn);
	if (a->callback != NULL) {
		a->callback(a->response);
	}
	free(a->response);
	free(a);
}

static void async_run(void *arg)
{
	struct async *a = arg;
	ssize_t len = ncsh_at(a->cmd, strlen(a->cmd), a->response, RESPONSE_SIZE);

	if (len < 0) {
		snprintf(a->response, RESPONSE_SIZE, "ERROR\r\n");
	}
	ncsh_defer(async_done, a);
}

int nrf_modem_at_cmd_async(nrf_modem_at_resp_handler_t callback, const char *fmt, ...)
{
	char small[SMALL];
	int err = 0;
	va_list args;

	if (!nrf_modem_is_initialized()) {
		return -NRF_EPERM;
	}
	if (fmt == NULL) {
		return -NRF_EFAULT;
	}
	if (asynchronous) {
		return -NRF_EINPROGRESS;
	}
	va_start(args, fmt);
	char *cmd = format(small, sizeof(small), fmt, args, &err);

	va_end(args);
	if (cmd == NULL) {
		return err;
	}
	struct async *a = malloc(sizeof(*a) + strlen(cmd) + 1);
	char *response = malloc(RESPONSE_SIZE);

	if (a == NULL || response == NULL) {
		err = -NRF_ENOMEM;
	} else {
		err = take_turn();
	}
	if (err == 0) {
		a->callback = callback;
		a->response = response;
		memcpy(a->cmd, cmd, strlen(cmd) + 1);
		asynchronous = true;
		ncsh_background(async_run, a);
	} else {
		free(a);
		free(response);
	}
	if (cmd != small) {
		free(cmd);
	}
	return err;
}
