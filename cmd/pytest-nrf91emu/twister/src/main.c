/* Stores an identity for a pre-shared key in the modem, as firmware of a host MCU does:
 * asks whether it is there, compares, writes on a difference only.
 */
#include <string.h>
#include <zephyr/device.h>
#include <zephyr/drivers/uart.h>
#include <zephyr/kernel.h>

#define IDENTITY "twister-identity"

static const struct device *const modem = DEVICE_DT_GET(DT_NODELABEL(modem_uart));
static char answer[512];

/* Sends a command and collects the answer up to its final result. */
static bool at(const char *command)
{
	size_t n = 0;

	for (const char *c = command; *c != '\0'; c++) {
		uart_poll_out(modem, *c);
	}
	uart_poll_out(modem, '\r');
	for (int64_t end = k_uptime_get() + 5000; k_uptime_get() < end;) {
		unsigned char c;

		if (uart_poll_in(modem, &c) != 0) {
			k_sleep(K_MSEC(1));
			continue;
		}
		if (n < sizeof(answer) - 1) {
			answer[n++] = c;
			answer[n] = '\0';
		}
		if (strstr(answer, "OK\r\n") != NULL) {
			return true;
		}
		if (strstr(answer, "ERROR") != NULL && c == '\n') {
			return false;
		}
	}
	return false;
}

int main(void)
{
	bool same;

	at("AT");
	same = at("AT%CMNG=1,24,4") && strstr(answer, "%CMNG: 24,4") != NULL &&
	       at("AT%CMNG=2,24,4") && strstr(answer, "\"" IDENTITY "\"") != NULL;
	if (!same && !at("AT%CMNG=0,24,4,\"" IDENTITY "\"")) {
		printk("failed: %s\n", answer);
		return 0;
	}
	printk("provisioned\n");
	return 0;
}
