/* CoAP requests in the background, with block-wise transfer and observations. */
#ifndef NRF91EMU_ZEPHYR_NET_COAP_CLIENT_H_
#define NRF91EMU_ZEPHYR_NET_COAP_CLIENT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zephyr/kernel.h>
#include <zephyr/net/coap.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef CONFIG_COAP_CLIENT_BLOCK_SIZE
#define CONFIG_COAP_CLIENT_BLOCK_SIZE 256
#endif
#ifndef CONFIG_COAP_CLIENT_MESSAGE_SIZE
#define CONFIG_COAP_CLIENT_MESSAGE_SIZE CONFIG_COAP_CLIENT_BLOCK_SIZE
#endif
#ifndef CONFIG_COAP_CLIENT_MESSAGE_HEADER_SIZE
#define CONFIG_COAP_CLIENT_MESSAGE_HEADER_SIZE 48
#endif
#ifndef CONFIG_COAP_CLIENT_MAX_REQUESTS
#define CONFIG_COAP_CLIENT_MAX_REQUESTS 2
#endif
#ifndef CONFIG_COAP_CLIENT_MAX_PATH_LENGTH
#define CONFIG_COAP_CLIENT_MAX_PATH_LENGTH 64
#endif
#ifndef CONFIG_COAP_CLIENT_MAX_EXTRA_OPTIONS
#define CONFIG_COAP_CLIENT_MAX_EXTRA_OPTIONS 2
#endif

#define MAX_COAP_MSG_LEN (CONFIG_COAP_CLIENT_MESSAGE_HEADER_SIZE + CONFIG_COAP_CLIENT_MESSAGE_SIZE)

#if NCSHOST_VER >= 0x030200
/* What has come of a request: a code, or the negative of an errno; a block of the payload, or NULL. */
struct coap_client_response_data {
	int16_t result_code;
	const struct coap_packet *packet;
	size_t offset;
	const uint8_t *payload;
	size_t payload_len;
	bool last_block;
};

typedef void (*coap_client_response_cb_t)(const struct coap_client_response_data *data, void *user_data);
/* Gives the payload from offset on; 0, or the negative of an errno, which ends the request. */
typedef int (*coap_client_payload_cb_t)(size_t offset, const uint8_t **payload, size_t *len, bool *last_block,
					void *user_data);
#else
typedef void (*coap_client_response_cb_t)(int16_t result_code, size_t offset, const uint8_t *payload, size_t len,
					  bool last_block, void *user_data);
#endif

struct coap_client_option {
	uint16_t code;
#ifdef CONFIG_COAP_EXTENDED_OPTIONS_LEN
	uint16_t len;
	uint8_t value[CONFIG_COAP_EXTENDED_OPTIONS_LEN_VALUE];
#else
	uint8_t len;
	uint8_t value[12];
#endif
};

struct coap_client_request {
	enum coap_method method;
	bool confirmable;
#if NCSHOST_VER >= 0x030400
	char path[CONFIG_COAP_CLIENT_MAX_PATH_LENGTH + 1];
#else
	const char *path;
#endif
	enum coap_content_format fmt;
	const uint8_t *payload;
	size_t len;
#if NCSHOST_VER >= 0x030200
	coap_client_payload_cb_t payload_cb;
#endif
	coap_client_response_cb_t cb;
#if NCSHOST_VER >= 0x030400
	struct coap_client_option options[CONFIG_COAP_CLIENT_MAX_EXTRA_OPTIONS];
#elif NCSHOST_VER >= 0x020900
	const struct coap_client_option *options;
#else
	struct coap_client_option *options;
#endif
	uint8_t num_options;
	void *user_data;
};

/* A request under way. */
struct coap_client_internal_request {
	bool request_ongoing;
	bool is_observe;
	bool acknowledged; /* the answer comes later, by itself */
	bool echoed;
	uint8_t token[COAP_TOKEN_MAX_LEN];
	uint16_t last_id;
	int last_response_id;
	size_t sent;     /* where the block that is sent begins */
	size_t block;    /* how much of the payload the block has */
	bool more;       /* and whether another follows */
	size_t received; /* of the response */
	enum coap_block_size send_size, receive_size;
	struct coap_option echo;
	int64_t due; /* uptime in ms */
	uint32_t timeout;
	uint8_t retries;
	uint16_t percent;
	struct coap_client_request coap_request;
	uint8_t message[MAX_COAP_MSG_LEN];
	uint16_t message_len;
};

struct coap_client {
	int fd;
	struct sockaddr_storage address;
	socklen_t socklen;
	struct k_mutex lock;
	uint8_t recv_buf[MAX_COAP_MSG_LEN];
	struct coap_client_internal_request requests[CONFIG_COAP_CLIENT_MAX_REQUESTS];
};

/* coap_client_init makes a client ready: 0; -EINVAL; -ENOSPC if there are as many as
 * CONFIG_COAP_CLIENT_MAX_INSTANCES. All share one thread, which runs the callbacks. */
int coap_client_init(struct coap_client *client, const char *info);

/* coap_client_req sends a request on a socket, to addr unless it is connected. What its fields point to
 * must stay until the last callback. 0; -EINVAL; -EALREADY if the client has requests on another
 * socket; -EAGAIN if it has as many requests as CONFIG_COAP_CLIENT_MAX_REQUESTS; -ENOMEM if the options
 * do not fit the message; or what the socket says. Then there is no callback. */
int coap_client_req(struct coap_client *client, int sock, const struct sockaddr *addr,
		    struct coap_client_request *req,
#if NCSHOST_VER >= 0x020600
		    struct coap_transmission_parameters *params);
#else
		    int retries);
#endif

/* The callbacks of requests that are cancelled get -ECANCELED. */
void coap_client_cancel_requests(struct coap_client *client);
#if NCSHOST_VER >= 0x030000
/* coap_client_cancel_request cancels those of the same method, path, callback and user data, as far as
 * they are not 0. */
void coap_client_cancel_request(struct coap_client *client, struct coap_client_request *req);
#endif

/* coap_client_option_initial_block2 is an option that asks for blocks of the size that fits here. */
static inline struct coap_client_option coap_client_option_initial_block2(void)
{
	struct coap_client_option option = {.code = COAP_OPTION_BLOCK2, .len = 1};

	for (int bytes = CONFIG_COAP_CLIENT_BLOCK_SIZE; bytes > 16; bytes /= 2) {
		option.value[0]++;
	}
	return option;
}

#ifdef __cplusplus
}
#endif

#endif
