/* Requests of HTTP to a server at the port WEB. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zephyr/kernel.h>
#include <zephyr/net/http/client.h>
#include <zephyr/net/socket.h>
#include <modem/nrf_modem_lib.h>
#include <ncs_version.h>
#include <nrf_modem_at.h>

static uint8_t buf[256];
static size_t body;
static unsigned int sum;

#if NCS_VERSION_NUMBER >= 0x30100
static int answered(struct http_response *rsp, enum http_final_call final, void *user_data)
#else
static void answered(struct http_response *rsp, enum http_final_call final, void *user_data)
#endif
{
	for (size_t i = 0; i < rsp->body_frag_len; i++) {
		sum += rsp->body_frag_start[i];
	}
	body += rsp->body_frag_len;
	if (final == HTTP_DATA_FINAL) {
		printk("%s: %u %s, %u bytes, sum %u\n", (const char *)user_data, rsp->http_status_code, rsp->http_status,
		       (unsigned int)body, sum);
	}
#if NCS_VERSION_NUMBER >= 0x30100
	return 0;
#endif
}

static int pieces(int sock, struct http_request *req, void *user_data)
{
	ARG_UNUSED(req);
	ARG_UNUSED(user_data);
	return zsock_send(sock, "in pieces", 9, 0);
}

static void request(enum http_method method, const char *url, const char *payload, http_payload_cb_t cb, const char *name)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(getenv("WEB")))};
	const char *headers[] = {"X-One: 1\r\n", "X-Two: 2\r\n", NULL};
	struct http_request req = {
		.method = method,
		.url = url,
		.host = "web.lab",
		.port = "8080",
		.protocol = "HTTP/1.1",
		.payload = payload,
		.payload_cb = cb,
		.payload_len = cb != NULL ? 9 : payload != NULL ? strlen(payload) : 0,
		.content_type_value = payload != NULL ? "text/plain" : NULL,
		.header_fields = headers,
		.response = answered,
		.recv_buf = buf,
		.recv_buf_len = sizeof(buf),
	};
	int fd = zsock_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);

	zsock_inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
	if (zsock_connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
		printk("not connected: %d\n", errno);
	}
	body = sum = 0;
	int n = http_client_req(fd, &req, strcmp(name, "slow") == 0 ? 200 : 20000, (void *)(uintptr_t)name);

	if (n < 0) {
		printk("%s: %d\n", name, n);
	}
	zsock_close(fd);
}

int main(void)
{
	nrf_modem_lib_init();
	nrf_modem_at_printf("AT+CFUN=1");
	k_sleep(K_MSEC(200));
	request(HTTP_GET, "/hello", NULL, NULL, "get");
	request(HTTP_GET, "/long", NULL, NULL, "long");
	request(HTTP_GET, "/chunks", NULL, NULL, "chunks");
	request(HTTP_GET, "/close", NULL, NULL, "close");
	request(HTTP_HEAD, "/long", NULL, NULL, "head");
	request(HTTP_POST, "/echo", "a payload", NULL, "post");
	request(HTTP_PUT, "/echo", NULL, pieces, "put");
	request(HTTP_GET, "/nowhere", NULL, NULL, "nowhere");
	request(HTTP_GET, "/slow", NULL, NULL, "slow");
	request(HTTP_GET, "/cut", NULL, NULL, "cut");
	printk("invalid: %d\n", http_client_req(0, NULL, 0, NULL));
	printk("Done\n");
	return 0;
}
