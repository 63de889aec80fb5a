/* Sends a datagram and waits for it to come back. */
#include <string.h>
#include <sys/time.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/net/socket.h>
#include <modem/lte_lc.h>
#include <modem/nrf_modem_lib.h>

LOG_MODULE_REGISTER(udp_echo);

#define SERVER "broker.lab"
#define PORT "2444"

static int echo(const char *text)
{
	struct zsock_addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_DGRAM };
	struct zsock_addrinfo *server;
	struct timeval patience = { .tv_sec = 10 };
	char answer[64];
	ssize_t len = -1;
	int err = zsock_getaddrinfo(SERVER, PORT, &hints, &server);

	if (err) {
		LOG_ERR("%s is not known: %s", SERVER, zsock_gai_strerror(err));
		return -EHOSTUNREACH;
	}
	int sock = zsock_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);

	if (sock >= 0 && zsock_setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0 &&
	    zsock_connect(sock, server->ai_addr, server->ai_addrlen) == 0 &&
	    zsock_send(sock, text, strlen(text), 0) > 0) {
		len = zsock_recv(sock, answer, sizeof(answer), 0);
	}
	err = len < 0 ? -errno : 0;
	zsock_freeaddrinfo(server);
	if (sock >= 0) {
		zsock_close(sock);
	}
	if (err == 0) {
		LOG_INF("%.*s came back", (int)len, answer);
	}
	return err;
}

int main(void)
{
	int err = nrf_modem_lib_init();

	if (err == 0) {
		err = lte_lc_connect();
	}
	if (err == 0) {
		err = echo("hello");
	}
	if (err) {
		LOG_ERR("Nothing came back: %d", err);
	}
	return 0;
}
