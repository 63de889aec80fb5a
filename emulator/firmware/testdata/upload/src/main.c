/* Sends BYTES in pieces of all kinds of sizes to the port UPLOAD, and ends as END says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zephyr/kernel.h>
#include <zephyr/net/socket.h>
#include <modem/nrf_modem_lib.h>
#include <nrf_modem_at.h>

static uint8_t piece[20000];

/* Sends a stream whose bytes follow from their places; returns 0 or the number of the error. */
static int send_all(int fd, size_t all)
{
	for (size_t sent = 0; sent < all;) {
		size_t size = (sent * 7919 + 1) % sizeof(piece);

		size = size < 1 ? 1 : size > all - sent ? all - sent : size;
		for (size_t i = 0; i < size; i++) {
			piece[i] = (uint8_t)((sent + i) * 31 >> 3);
		}
		ssize_t n = zsock_send(fd, piece, size, 0);

		if (n < 0) {
			return errno;
		}
		sent += (size_t)n;
	}
	return 0;
}

int main(void)
{
	const char *end = getenv("END");
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(getenv("UPLOAD")))};
	char byte;

	nrf_modem_lib_init();
	nrf_modem_at_printf("AT+CFUN=1");
	k_sleep(K_MSEC(100));
	int fd = zsock_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);

	zsock_inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
	if (zsock_connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
		printk("Not connected: %d\nDone\n", errno);
		return 0;
	}
	int err = send_all(fd, strtoul(getenv("BYTES"), NULL, 10));

	if (strcmp(end, "reset") == 0) {
		/* The peer is gone: that is told once, by a send or, at the latest, by what follows. */
		for (int i = 0; i < 100 && err == 0; i++) {
			k_sleep(K_MSEC(10));
			err = send_all(fd, sizeof(piece));
		}
	}
	printk("Sent: %d\n", err);
	if (strcmp(end, "exit") == 0) {
		exit(0);
	}
	if (strcmp(end, "answer") == 0) {
		printk("Answer: %d\n", (int)zsock_recv(fd, &byte, 1, 0));
	}
	printk("Closed: %d\n", zsock_close(fd));
	printk("Done\n");
	return 0;
}
