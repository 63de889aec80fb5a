/* How long 1,000 commands take, some times over, and where UPLOAD names a port an upload over TLS; CA is its root. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <zephyr/kernel.h>
#include <zephyr/net/socket.h>
#include <modem/nrf_modem_lib.h>
#include <nrf_modem_at.h>

#define COMMANDS 1000
#define SIZE (1 << 20)
#define RECORD 2048
#define TAG 42

static long long microseconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
}

static void commands(void)
{
	char response[64];
	long long start = microseconds();

	for (int i = 0; i < COMMANDS; i++) {
		if (nrf_modem_at_cmd(response, sizeof(response), "AT+CGSN") != 0) {
			printk("refused\n");
			exit(1);
		}
	}
	printk("commands %lld us\n", microseconds() - start);
}

/* The peer answers with one byte once it has all. */
static void upload(uint16_t port)
{
	static char record[RECORD];
	struct zsock_addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM }, *found;
	int fd = zsock_socket(AF_INET, SOCK_STREAM, IPPROTO_TLS_1_2);
	sec_tag_t tag = TAG;

	zsock_setsockopt(fd, SOL_TLS, TLS_SEC_TAG_LIST, &tag, sizeof(tag));
	if (zsock_getaddrinfo("sink.lab", NULL, &hints, &found) != 0) {
		printk("no address\n");
		exit(1);
	}
	((struct sockaddr_in *)found->ai_addr)->sin_port = htons(port);
	if (zsock_connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
		printk("not connected: %d\n", errno);
		exit(1);
	}
	zsock_freeaddrinfo(found);
	long long start = microseconds();

	for (size_t sent = 0; sent < SIZE;) {
		ssize_t n = zsock_send(fd, record, sizeof(record), 0);

		if (n < 0) {
			printk("not sent: %d\n", errno);
			exit(1);
		}
		sent += (size_t)n;
	}
	zsock_recv(fd, record, 1, 0);
	printk("upload %lld us\n", microseconds() - start);
	zsock_close(fd);
}

int main(void)
{
	const char *port = getenv("UPLOAD");

	nrf_modem_lib_init();
	for (int i = 0; i < 7; i++) {
		commands();
	}
	if (port != NULL) {
		nrf_modem_at_printf("AT%%CMNG=0,%d,0,\"%s\"", TAG, getenv("CA"));
		nrf_modem_at_printf("AT+CFUN=1");
		k_sleep(K_MSEC(100));
		for (int i = 0; i < 7; i++) {
			upload((uint16_t)atoi(port));
		}
	}
	printk("Done\n");
	return 0;
}
