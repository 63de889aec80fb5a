/* Requests of HTTP/1.1 on a socket that is connected. */
#ifndef NRF91EMU_ZEPHYR_NET_HTTP_CLIENT_H_
#define NRF91EMU_ZEPHYR_NET_HTTP_CLIENT_H_

#include <stddef.h>
#include <stdint.h>

#include <zephyr/kernel.h>
#include <zephyr/net/http/method.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HTTP_CRLF "\r\n"
#define HTTP_STATUS_STR_SIZE 32

enum http_final_call {
	HTTP_DATA_MORE = 0,
	HTTP_DATA_FINAL = 1,
};

struct http_request;
struct http_response;
struct http_parser_settings;

/* Send payload or headers by themselves: how many bytes, or the negative of an errno. */
typedef int (*http_payload_cb_t)(int sock, struct http_request *req, void *user_data);
typedef int (*http_header_cb_t)(int sock, struct http_request *req, void *user_data);

/* Called for each part of the body, and at the end. */
#if NCSHOST_VER >= 0x030100
/* A result below 0 ends the request. */
typedef int (*http_response_cb_t)(struct http_response *rsp, enum http_final_call final_data, void *user_data);
#else
typedef void (*http_response_cb_t)(struct http_response *rsp, enum http_final_call final_data, void *user_data);
#endif

struct http_content_range {
	uint64_t start;
	uint64_t end;
	uint64_t total;
};

struct http_response {
	const struct http_parser_settings *http_cb;
	http_response_cb_t cb;
	uint8_t *body_frag_start; /* a part of the body, in recv_buf */
	size_t body_frag_len;
	uint8_t *recv_buf;
	size_t recv_buf_len;
	size_t data_len; /* of recv_buf */
	size_t content_length;
	struct http_content_range content_range;
	size_t processed; /* of the body, all together */
	char http_status[HTTP_STATUS_STR_SIZE];
	uint16_t http_status_code;
	uint8_t cl_present : 1;
	uint8_t body_found : 1;
	uint8_t message_complete : 1;
	uint8_t cr_present : 1;
};

struct http_request {
	struct {
		struct http_response response;
		void *user_data;
		int sock;
	} internal;
	enum http_method method;
	http_response_cb_t response;
	const struct http_parser_settings *http_cb; /* not called */
	uint8_t *recv_buf;
	size_t recv_buf_len;
	const char *url;
	const char *protocol; /* such as HTTP/1.1 */
	const char **header_fields; /* lines with CR LF; NULL ends them */
	const char *content_type_value;
	const char *host;
	const char *port;
	http_payload_cb_t payload_cb;
	const char *payload;
	size_t payload_len; /* 0: the length of the text */
	http_header_cb_t optional_headers_cb;
	const char **optional_headers;
};

/* http_client_req sends a request and waits for the answer, as long as timeout (ms; SYS_FOREVER_MS)
 * says. It returns how many bytes were sent, or the negative of an errno: -EINVAL, -ETIMEDOUT, -EBADMSG for
 * an answer that is none, -ECONNRESET or -ENOMEM, if the head of the answer does not fit recv_buf. */
int http_client_req(int sock, struct http_request *req, int32_t timeout, void *user_data);

#ifdef __cplusplus
}
#endif

#endif
