/* The AT host: AT commands that come in on the console go to the modem, its answers and what it
 * tells come back there. */
// build: if AT_HOST_LIBRARY
#include <modem/at_monitor.h>
#include <nrf_modem_at.h>
#include <zephyr/init.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/sys/ring_buffer.h>
#include "console.h"
#include "input.h"

#ifndef CONFIG_AT_HOST_LOG_LEVEL
#define CONFIG_AT_HOST_LOG_LEVEL CONFIG_LOG_DEFAULT_LEVEL
#endif
#ifndef CONFIG_AT_HOST_CMD_MAX_LEN
#define CONFIG_AT_HOST_CMD_MAX_LEN 4096
#endif
LOG_MODULE_REGISTER(at_host, CONFIG_AT_HOST_LOG_LEVEL);

static char line[CONFIG_AT_HOST_CMD_MAX_LEN]; /* with its NUL */
static size_t len;
static bool too_long;
static char answer[CONFIG_AT_HOST_CMD_MAX_LEN];
static uint8_t input_bytes[2 * CONFIG_AT_HOST_CMD_MAX_LEN];
static struct ring_buf input = RING_BUF_INIT(input_bytes, sizeof(input_bytes));

static K_THREAD_STACK_DEFINE(stack, 4096);
static struct k_work_q queue;

static void write_text(const char *text)
{
	z_console_raw(text, strlen(text));
}

AT_MONITOR(at_host, ANY, on_notification);

static void on_notification(const char *notif)
{
	write_text(notif);
}

static void run_command(void)
{
	int err = nrf_modem_at_cmd(answer, sizeof(answer), "%s", line);

	if (err < 0) {
		LOG_ERR("Error while processing AT command: %d", err);
	} else {
		write_text(answer);
	}
}

static void run_input(struct k_work *work)
{
	uint8_t byte;

	ARG_UNUSED(work);
	while (ring_buf_get(&input, &byte, 1) == 1) {
		if (byte != '\r') {
			too_long = too_long || len + 1 == sizeof(line);
			if (!too_long) {
				line[len++] = (char)byte;
			}
			continue;
		}
		line[len] = '\0';
		if (too_long) {
			LOG_ERR("AT command is longer than %d bytes", (int)sizeof(line) - 1);
			write_text("ERROR\r\n");
		} else if (len > 0) {
			run_command();
		}
		too_long = false;
		len = 0;
	}
}
static K_WORK_DEFINE(run_work, run_input);

static void take(const char *bytes, size_t size)
{
	ring_buf_put(&input, (const uint8_t *)bytes, (uint32_t)size); /* what does not fit is lost */
	k_work_submit_to_queue(&queue, &run_work);
}

static int begin(void)
{
	k_work_queue_start(&queue, stack, K_THREAD_STACK_SIZEOF(stack), K_LOWEST_APPLICATION_THREAD_PRIO,
			   &(struct k_work_queue_config){ .name = "at_host" });
	ncsh_input(take);
	return 0;
}
SYS_INIT(begin, APPLICATION, CONFIG_APPLICATION_INIT_PRIORITY);
