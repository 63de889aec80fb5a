/* Stores a root certificate in the modem, as firmware of a host MCU does: asks whether it
 * is there, compares digests, writes on a difference only.
 */
#include <string.h>
#include <zephyr/device.h>
#include <zephyr/drivers/uart.h>
#include <zephyr/kernel.h>

#define CA \
	"-----BEGIN CERTIFICATE-----\n" \
	"MIIBezCCASGgAwIBAgIUKNkNUj+gWhQicgJi31jyZSsL/RYwCgYIKoZIzj0EAwIw\n" \
	"EjEQMA4GA1UEAwwHVGVzdCBDQTAgFw0yNjExMjMxMzI1MjlaGA8yMTI2MTAzMDEz\n" \
	"MjUyOVowEjEQMA4GA1UEAwwHVGVzdCBDQTBZMBMGByqGSM49AgEGCCqGSM49AwEH\n" \
	"A0IABDS+AzUcZB755yDQy7H2EGmWtoaa83YcF1zdaFBHqa8ksgBRy1fH1PaR5WIu\n" \
	"o4zdlDFD5PPs6BUMCZO64wBB+cmjUzBRMB0GA1UdDgQWBBR6FS4YHuYlTLnoyWsE\n" \
	"zSWCmq5TITAfBgNVHSMEGDAWgBR6FS4YHuYlTLnoyWsEzSWCmq5TITAPBgNVHRMB\n" \
	"Af8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIA4F/NYHE7quThlAlk0WEij0mltu\n" \
	"+cbw9Q9h5GbqgRrPAiEApbmjwtWcLj/QXLM+JHAy8t8N/UrG5xuYEWBbQRi5I04=\n" \
	"-----END CERTIFICATE-----\n"
/* SHA-256 of CA, in the form in which the modem lists it. */
#define CA_DIGEST "311C0BB843C6BA56DC6C086167CFA4E49D85D26EA247CB891DA54A9D417A2B7E"

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
	at("AT");
	if (!(at("AT%CMNG=1,24,0") && strstr(answer, CA_DIGEST) != NULL) &&
	    !at("AT%CMNG=0,24,0,\"" CA "\"")) {
		printk("failed: %s\n", answer);
		return 0;
	}
	printk("provisioned\n");
	return 0;
}
