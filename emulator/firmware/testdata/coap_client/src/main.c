/* Requests of the CoAP client: to the lab's server at the port LAB, and to one that is strange at STRANGE. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zephyr/kernel.h>
#include <zephyr/net/coap_client.h>
#include <zephyr/net/socket.h>
#include <modem/nrf_modem_lib.h>
#include <ncs_version.h>
#include <nrf_modem_at.h>

static K_SEM_DEFINE(done, 0, 10);
static struct coap_client client;
static char large[1000];

static void say(int code, size_t offset, const uint8_t *payload, size_t len, bool last, void *user_data)
{
	if (code < 0) {
		printk("%s: %d\n", (const char *)user_data, code);
	} else {
		printk("%s: %d.%02d at %u: %.*s%s\n", (const char *)user_data, code >> 5, code & 31, (unsigned int)offset,
		       (int)(len < 12 ? len : 12), payload != NULL ? (const char *)payload : "", last ? "" : " ...");
	}
	if (last || code < 0) {
		k_sem_give(&done);
	}
}

#if NCS_VERSION_NUMBER >= 0x30200
static void answered(const struct coap_client_response_data *d, void *user_data)
{
	say(d->result_code, d->offset, d->payload, d->payload_len, d->last_block, user_data);
}

/* The payload in pieces, as they are asked for. */
static int give(size_t offset, const uint8_t **payload, size_t *len, bool *last_block, void *user_data)
{
	ARG_UNUSED(user_data);
	*payload = (const uint8_t *)large + offset;
	*last_block = sizeof(large) - offset <= *len;
	*len = *last_block ? sizeof(large) - offset : *len;
	return 0;
}
#else
static void answered(int16_t code, size_t offset, const uint8_t *payload, size_t len, bool last, void *user_data)
{
	say(code, offset, payload, len, last, user_data);
}
#endif

static int connect_to(const char *port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(getenv(port)))};
	int fd = zsock_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);

	zsock_inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
	if (zsock_connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
		printk("not connected: %d\n", errno);
	}
	return fd;
}

static void request(int fd, enum coap_method method, const char *path, const char *payload, size_t len,
		    struct coap_client_option *option, const char *name)
{
	struct coap_transmission_parameters params = {.ack_timeout = 100, .coap_backoff_percent = 200, .max_retransmission = 1};
	struct coap_client_request req = {
		.method = method,
		.confirmable = true,
		.path = path,
		.fmt = COAP_CONTENT_FORMAT_TEXT_PLAIN,
		.payload = (const uint8_t *)payload,
		.len = len,
		.cb = answered,
		.options = option,
		.num_options = option != NULL,
		.user_data = (void *)(uintptr_t)name,
	};
#if NCS_VERSION_NUMBER >= 0x30200
	if (payload == large && strcmp(name, "pieces") == 0) {
		req.payload = NULL;
		req.len = 0;
		req.payload_cb = give;
	}
#endif
	int err = coap_client_req(&client, fd, NULL, &req, strcmp(name, "silent") == 0 || strcmp(name, "cancelled") == 0 ? &params : NULL);

	if (err != 0) {
		printk("%s: not sent: %d\n", name, err);
		k_sem_give(&done);
	}
}

int main(void)
{
	struct coap_client_option block = coap_client_option_initial_block2();
	struct coap_client_option observe = {.code = COAP_OPTION_OBSERVE, .len = 0};

	for (size_t i = 0; i < sizeof(large); i++) {
		large[i] = (char)('a' + i / 256);
	}
	nrf_modem_lib_init();
	nrf_modem_at_printf("AT+CFUN=1");
	k_sleep(K_MSEC(200));
	printk("init: %d\n", coap_client_init(&client, NULL));
	int fd = connect_to("LAB");

	request(fd, COAP_METHOD_GET, "validate", NULL, 0, NULL, "get");
	k_sem_take(&done, K_FOREVER);
	request(fd, COAP_METHOD_GET, "nowhere", NULL, 0, NULL, "nowhere");
	k_sem_take(&done, K_FOREVER);
	request(fd, COAP_METHOD_PUT, "large-update", large, sizeof(large), NULL, "put");
	k_sem_take(&done, K_FOREVER);
	request(fd, COAP_METHOD_GET, "large-update", NULL, 0, &block, "blocks");
	k_sem_take(&done, K_FOREVER);
#if NCS_VERSION_NUMBER >= 0x30200
	request(fd, COAP_METHOD_PUT, "large-update", large, 700, NULL, "pieces");
	k_sem_take(&done, K_FOREVER);
#endif
	zsock_close(fd);
	fd = connect_to("STRANGE");
	request(fd, COAP_METHOD_GET, "silent", NULL, 0, NULL, "silent");
	k_sem_take(&done, K_FOREVER);
	request(fd, COAP_METHOD_GET, "reset", NULL, 0, NULL, "reset");
	k_sem_take(&done, K_FOREVER);
	request(fd, COAP_METHOD_GET, "later", NULL, 0, NULL, "later");
	k_sem_take(&done, K_FOREVER);
	request(fd, COAP_METHOD_PUT, "echo", "x", 1, NULL, "echo");
	k_sem_take(&done, K_FOREVER);
	request(fd, COAP_METHOD_GET, "watch", NULL, 0, &observe, "watch");
	k_sem_take(&done, K_FOREVER);
	k_sem_take(&done, K_FOREVER);
	request(fd, COAP_METHOD_GET, "silent", NULL, 0, NULL, "cancelled");
	request(fd, COAP_METHOD_GET, "validate", NULL, 0, NULL, "too many");
	k_sem_take(&done, K_FOREVER);
	coap_client_cancel_requests(&client);
	k_sem_take(&done, K_FOREVER);
	k_sem_take(&done, K_FOREVER);
	printk("Done\n");
	return 0;
}
