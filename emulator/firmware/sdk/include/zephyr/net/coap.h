/* CoAP (RFC 7252): packets, options, block-wise transfer, and what waits for an answer. */
#ifndef NRF91EMU_ZEPHYR_NET_COAP_H_
#define NRF91EMU_ZEPHYR_NET_COAP_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zephyr/kernel.h>
#include <zephyr/net/net_ip.h>
#include <zephyr/net/socket.h>

enum coap_option_num {
	COAP_OPTION_IF_MATCH = 1,
	COAP_OPTION_URI_HOST = 3,
	COAP_OPTION_ETAG = 4,
	COAP_OPTION_IF_NONE_MATCH = 5,
	COAP_OPTION_OBSERVE = 6,
	COAP_OPTION_URI_PORT = 7,
	COAP_OPTION_LOCATION_PATH = 8,
	COAP_OPTION_URI_PATH = 11,
	COAP_OPTION_CONTENT_FORMAT = 12,
	COAP_OPTION_MAX_AGE = 14,
	COAP_OPTION_URI_QUERY = 15,
	COAP_OPTION_ACCEPT = 17,
	COAP_OPTION_LOCATION_QUERY = 20,
	COAP_OPTION_BLOCK2 = 23,
	COAP_OPTION_BLOCK1 = 27,
	COAP_OPTION_SIZE2 = 28,
	COAP_OPTION_PROXY_URI = 35,
	COAP_OPTION_PROXY_SCHEME = 39,
	COAP_OPTION_SIZE1 = 60,
	COAP_OPTION_NO_RESPONSE = 258,
};
/* The bits of COAP_OPTION_NO_RESPONSE (RFC 7967). */
#define COAP_NO_RESPONSE_SUPPRESS_2_XX BIT(1)
#define COAP_NO_RESPONSE_SUPPRESS_4_XX BIT(3)
#define COAP_NO_RESPONSE_SUPPRESS_5_XX BIT(4)
#define COAP_NO_RESPONSE_SUPPRESS_ALL                                                              \
	(COAP_NO_RESPONSE_SUPPRESS_2_XX | COAP_NO_RESPONSE_SUPPRESS_4_XX | COAP_NO_RESPONSE_SUPPRESS_5_XX)

enum coap_method {
	COAP_METHOD_GET = 1,
	COAP_METHOD_POST = 2,
	COAP_METHOD_PUT = 3,
	COAP_METHOD_DELETE = 4,
	COAP_METHOD_FETCH = 5,
	COAP_METHOD_PATCH = 6,
	COAP_METHOD_IPATCH = 7,
};
#define COAP_REQUEST_MASK 0x07
#define COAP_VERSION_1 1U
#define COAP_TOKEN_MAX_LEN 8UL
#define COAP_MARKER 0xff
#define COAP_CODE_EMPTY 0

enum coap_msgtype {
	COAP_TYPE_CON = 0,
	COAP_TYPE_NON_CON = 1,
	COAP_TYPE_ACK = 2,
	COAP_TYPE_RESET = 3,
};
#define COAP_MAKE_RESPONSE_CODE(class, detail) (((class) << 5) | (detail))
#define coap_make_response_code(class, detail) COAP_MAKE_RESPONSE_CODE(class, detail)
enum coap_response_code {
	COAP_RESPONSE_CODE_OK = COAP_MAKE_RESPONSE_CODE(2, 0),
	COAP_RESPONSE_CODE_CREATED = COAP_MAKE_RESPONSE_CODE(2, 1),
	COAP_RESPONSE_CODE_DELETED = COAP_MAKE_RESPONSE_CODE(2, 2),
	COAP_RESPONSE_CODE_VALID = COAP_MAKE_RESPONSE_CODE(2, 3),
	COAP_RESPONSE_CODE_CHANGED = COAP_MAKE_RESPONSE_CODE(2, 4),
	COAP_RESPONSE_CODE_CONTENT = COAP_MAKE_RESPONSE_CODE(2, 5),
	COAP_RESPONSE_CODE_CONTINUE = COAP_MAKE_RESPONSE_CODE(2, 31),
	COAP_RESPONSE_CODE_BAD_REQUEST = COAP_MAKE_RESPONSE_CODE(4, 0),
	COAP_RESPONSE_CODE_UNAUTHORIZED = COAP_MAKE_RESPONSE_CODE(4, 1),
	COAP_RESPONSE_CODE_BAD_OPTION = COAP_MAKE_RESPONSE_CODE(4, 2),
	COAP_RESPONSE_CODE_FORBIDDEN = COAP_MAKE_RESPONSE_CODE(4, 3),
	COAP_RESPONSE_CODE_NOT_FOUND = COAP_MAKE_RESPONSE_CODE(4, 4),
	COAP_RESPONSE_CODE_NOT_ALLOWED = COAP_MAKE_RESPONSE_CODE(4, 5),
	COAP_RESPONSE_CODE_NOT_ACCEPTABLE = COAP_MAKE_RESPONSE_CODE(4, 6),
	COAP_RESPONSE_CODE_INCOMPLETE = COAP_MAKE_RESPONSE_CODE(4, 8),
	COAP_RESPONSE_CODE_CONFLICT = COAP_MAKE_RESPONSE_CODE(4, 9),
	COAP_RESPONSE_CODE_PRECONDITION_FAILED = COAP_MAKE_RESPONSE_CODE(4, 12),
	COAP_RESPONSE_CODE_REQUEST_TOO_LARGE = COAP_MAKE_RESPONSE_CODE(4, 13),
	COAP_RESPONSE_CODE_UNSUPPORTED_CONTENT_FORMAT = COAP_MAKE_RESPONSE_CODE(4, 15),
	COAP_RESPONSE_CODE_UNPROCESSABLE_ENTITY = COAP_MAKE_RESPONSE_CODE(4, 22),
	COAP_RESPONSE_CODE_TOO_MANY_REQUESTS = COAP_MAKE_RESPONSE_CODE(4, 29),
	COAP_RESPONSE_CODE_INTERNAL_ERROR = COAP_MAKE_RESPONSE_CODE(5, 0),
	COAP_RESPONSE_CODE_NOT_IMPLEMENTED = COAP_MAKE_RESPONSE_CODE(5, 1),
	COAP_RESPONSE_CODE_BAD_GATEWAY = COAP_MAKE_RESPONSE_CODE(5, 2),
	COAP_RESPONSE_CODE_SERVICE_UNAVAILABLE = COAP_MAKE_RESPONSE_CODE(5, 3),
	COAP_RESPONSE_CODE_GATEWAY_TIMEOUT = COAP_MAKE_RESPONSE_CODE(5, 4),
	COAP_RESPONSE_CODE_PROXYING_NOT_SUPPORTED = COAP_MAKE_RESPONSE_CODE(5, 5),
};
enum coap_content_format {
	COAP_CONTENT_FORMAT_TEXT_PLAIN = 0,
	COAP_CONTENT_FORMAT_APP_LINK_FORMAT = 40,
	COAP_CONTENT_FORMAT_APP_XML = 41,
	COAP_CONTENT_FORMAT_APP_OCTET_STREAM = 42,
	COAP_CONTENT_FORMAT_APP_EXI = 47,
	COAP_CONTENT_FORMAT_APP_JSON = 50,
	COAP_CONTENT_FORMAT_APP_JSON_PATCH_JSON = 51,
	COAP_CONTENT_FORMAT_APP_MERGE_PATCH_JSON = 52,
	COAP_CONTENT_FORMAT_APP_CBOR = 60,
};

#ifndef CONFIG_COAP_EXTENDED_OPTIONS_LEN_VALUE
#define CONFIG_COAP_EXTENDED_OPTIONS_LEN_VALUE 13
#endif
struct coap_packet {
	uint8_t *data;
	uint16_t offset; /* bytes used */
	uint16_t max_len;
	uint8_t hdr_len; /* header and token */
	uint16_t opt_len;
	uint16_t delta; /* number of the last option */
};
struct coap_option {
	uint16_t delta; /* the number of the option */
	uint16_t len;
#ifdef CONFIG_COAP_EXTENDED_OPTIONS_LEN
	uint8_t value[CONFIG_COAP_EXTENDED_OPTIONS_LEN_VALUE];
#else
	uint8_t value[12];
#endif
};

uint8_t coap_header_get_version(const struct coap_packet *cpkt);
uint8_t coap_header_get_type(const struct coap_packet *cpkt);
/* The length of the token, which is copied to 8 bytes. */
uint8_t coap_header_get_token(const struct coap_packet *cpkt, uint8_t *token);
uint8_t coap_header_get_code(const struct coap_packet *cpkt);
int coap_header_set_code(const struct coap_packet *cpkt, uint8_t code);
uint16_t coap_header_get_id(const struct coap_packet *cpkt);
/* 0; -EINVAL too short or arguments wrong; -EBADMSG the header, -EILSEQ the options make no sense. */
int coap_packet_parse(struct coap_packet *cpkt, uint8_t *data, uint16_t len, struct coap_option *options,
		      uint8_t opt_num);
int coap_packet_init(struct coap_packet *cpkt, uint8_t *data, uint16_t max_len, uint8_t ver, uint8_t type,
		     uint8_t token_len, const uint8_t *token, uint8_t code, uint16_t id);
int coap_ack_init(struct coap_packet *cpkt, const struct coap_packet *req, uint8_t *data, uint16_t max_len,
		  uint8_t code);
int coap_rst_init(struct coap_packet *cpkt, const struct coap_packet *req, uint8_t *data, uint16_t max_len);
uint16_t coap_next_id(void);
uint8_t *coap_next_token(void);
/* How many options of that number there are, -EINVAL if the packet makes no sense. */
int coap_find_options(const struct coap_packet *cpkt, uint16_t code, struct coap_option *options, uint16_t veclen);
int coap_packet_append_option(struct coap_packet *cpkt, uint16_t code, const uint8_t *value, uint16_t len);
int coap_packet_remove_option(struct coap_packet *cpkt, uint16_t code);
int coap_append_option_int(struct coap_packet *cpkt, uint16_t code, unsigned int val);
unsigned int coap_option_value_to_int(const struct coap_option *option);
int coap_get_option_int(const struct coap_packet *cpkt, uint16_t code);
/* Splits path at slashes into options. */
int coap_packet_set_path(struct coap_packet *cpkt, const char *path);
int coap_packet_append_payload_marker(struct coap_packet *cpkt);
int coap_packet_append_payload(struct coap_packet *cpkt, const uint8_t *payload, uint16_t payload_len);
const uint8_t *coap_packet_get_payload(const struct coap_packet *cpkt, uint16_t *len);
bool coap_packet_is_request(const struct coap_packet *cpkt);
static inline bool coap_request_is_observe(const struct coap_packet *request)
{
	return coap_get_option_int(request, COAP_OPTION_OBSERVE) == 0;
}

/* ---- Block-wise transfer (RFC 7959) ---- */

enum coap_block_size {
	COAP_BLOCK_16,
	COAP_BLOCK_32,
	COAP_BLOCK_64,
	COAP_BLOCK_128,
	COAP_BLOCK_256,
	COAP_BLOCK_512,
	COAP_BLOCK_1024,
};
static inline uint16_t coap_block_size_to_bytes(enum coap_block_size block_size)
{
	return (uint16_t)(1 << (block_size + 4));
}
struct coap_block_context {
	size_t total_size;
	size_t current;
	enum coap_block_size block_size;
};
#define GET_BLOCK_NUM(v) ((v) >> 4)
#define GET_BLOCK_SIZE(v) (((v) & 0x7))
#define GET_MORE(v) (!!((v) & 0x08))
#define GET_NUM(v) ((v) >> 4)
int coap_block_transfer_init(struct coap_block_context *ctx, enum coap_block_size block_size, size_t total_size);
int coap_append_block1_option(struct coap_packet *cpkt, struct coap_block_context *ctx);
int coap_append_block2_option(struct coap_packet *cpkt, struct coap_block_context *ctx);
int coap_append_size1_option(struct coap_packet *cpkt, struct coap_block_context *ctx);
int coap_append_size2_option(struct coap_packet *cpkt, struct coap_block_context *ctx);
int coap_update_from_block(const struct coap_packet *cpkt, struct coap_block_context *ctx);
/* Where the next block begins; 0 at the end, or an error below zero in newer releases. */
size_t coap_next_block(const struct coap_packet *cpkt, struct coap_block_context *ctx);

/* ---- What waits for an answer ---- */

struct coap_reply;
typedef int (*coap_reply_t)(const struct coap_packet *response, struct coap_reply *reply, const struct sockaddr *from);
struct coap_transmission_parameters {
	uint32_t ack_timeout;
	uint16_t coap_backoff_percent;
	uint8_t max_retransmission;
};
struct coap_pending {
	struct sockaddr addr;
	int64_t t0;
	uint32_t timeout;
	uint16_t id;
	uint8_t *data;
	uint16_t len;
	uint8_t retries;
	struct coap_transmission_parameters params;
};
struct coap_reply {
	coap_reply_t reply;
	void *user_data;
	int age;
	uint16_t id;
	uint8_t token[COAP_TOKEN_MAX_LEN];
	uint8_t tkl;
};
#define COAP_DEFAULT_MAX_RETRANSMIT 4
#define COAP_DEFAULT_ACK_RANDOM_FACTOR 1.5
int coap_pending_init(struct coap_pending *pending, const struct coap_packet *request, const struct sockaddr *addr,
#if NCSHOST_VER >= 0x020600
		      const struct coap_transmission_parameters *params);
#else
		      uint8_t retries);
#endif
struct coap_pending *coap_pending_next_unused(struct coap_pending *pendings, size_t len);
struct coap_pending *coap_pending_received(const struct coap_packet *response, struct coap_pending *pendings,
					   size_t len);
struct coap_pending *coap_pending_next_to_expire(struct coap_pending *pendings, size_t len);
/* Whether to send again: the next time-out is set then. */
bool coap_pending_cycle(struct coap_pending *pending);
void coap_pending_clear(struct coap_pending *pending);
void coap_pendings_clear(struct coap_pending *pendings, size_t len);
size_t coap_pendings_count(struct coap_pending *pendings, size_t len);
void coap_reply_init(struct coap_reply *reply, const struct coap_packet *request);
struct coap_reply *coap_reply_next_unused(struct coap_reply *replies, size_t len);
struct coap_reply *coap_response_received(const struct coap_packet *response, const struct sockaddr *from,
					  struct coap_reply *replies, size_t len);
void coap_reply_clear(struct coap_reply *reply);
void coap_replies_clear(struct coap_reply *replies, size_t len);

#endif
