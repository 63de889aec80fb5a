/* Commands of the application's own, for nrf_modem_at_cmd (2.4 and newer). */
#ifndef AT_CMD_CUSTOM_H_
#define AT_CMD_CUSTOM_H_

#include <nrf_modem_at.h>
#include <zephyr/kernel.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ncsh_at_custom {
	const char *cmd;
	nrf_modem_at_cmd_custom_handler_t callback;
	struct ncsh_at_custom *next;
};

void ncsh_at_custom(struct ncsh_at_custom *custom);

/* AT_CMD_CUSTOM has _callback answer commands that begin with _cmd. */
#define AT_CMD_CUSTOM(entry, _cmd, _callback)                                               \
	static int _callback(char *buf, size_t len, char *at_cmd);                          \
	static struct ncsh_at_custom entry = {.cmd = (_cmd), .callback = (_callback)};      \
	__attribute__((constructor)) static void ncsh_at_custom_##entry(void)               \
	{                                                                                   \
		ncsh_at_custom(&entry);                                                     \
	}                                                                                   \
	struct ncsh_semicolon

/* at_cmd_custom_respond writes the response of a handler. */
int at_cmd_custom_respond(char *buf, size_t buf_size, const char *response, ...)
	__attribute__((format(printf, 3, 4)));

#ifdef __cplusplus
}
#endif

#endif
