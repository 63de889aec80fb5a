/* CoAP: packets byte for byte, options, blocks, and what waits for an answer. */
#include <zephyr/kernel.h>
#include <zephyr/net/coap.h>
#include "check.h"

static uint8_t buf[256];

#define CHECK_BYTES(packet, ...)                                                                   \
	do {                                                                                       \
		static const uint8_t want[] = { __VA_ARGS__ };                                     \
		CHECK_INT((packet)->offset, sizeof(want));                                         \
		CHECK(memcmp((packet)->data, want, sizeof(want)) == 0);                            \
	} while (0)

static void test_build(void)
{
	struct coap_packet p, parsed;
	struct coap_option options[4];
	uint8_t token[8], text[300];
	uint16_t len;

	CHECK_INT(coap_packet_init(&p, buf, sizeof(buf), COAP_VERSION_1, COAP_TYPE_CON, 2, (const uint8_t *)"\x12\x34",
				   COAP_METHOD_GET, 0xabcd), 0);
	CHECK_BYTES(&p, 0x42, 0x01, 0xab, 0xcd, 0x12, 0x34);
	CHECK_INT(coap_packet_set_path(&p, "sensors/temp"), 0);
	CHECK_INT(coap_append_option_int(&p, COAP_OPTION_CONTENT_FORMAT, COAP_CONTENT_FORMAT_TEXT_PLAIN), 0);
	CHECK_INT(coap_append_option_int(&p, COAP_OPTION_SIZE1, 1024), 0);
	CHECK_INT(coap_packet_append_payload_marker(&p), 0);
	CHECK_INT(coap_packet_append_payload(&p, (const uint8_t *)"22.3", 4), 0);
	CHECK_BYTES(&p, 0x42, 0x01, 0xab, 0xcd, 0x12, 0x34, 0xb7, 's', 'e', 'n', 's', 'o', 'r', 's', 0x04, 't', 'e', 'm', 'p',
		    0x10, 0xd2, 35, 0x04, 0x00, 0xff, '2', '2', '.', '3');

	CHECK_INT(coap_packet_parse(&parsed, buf, p.offset, NULL, 0), 0);
	CHECK_INT(coap_header_get_version(&parsed), 1);
	CHECK_INT(coap_header_get_type(&parsed), COAP_TYPE_CON);
	CHECK_INT(coap_header_get_code(&parsed), COAP_METHOD_GET);
	CHECK_INT(coap_header_get_id(&parsed), 0xabcd);
	CHECK_INT(coap_header_get_token(&parsed, token), 2);
	CHECK_INT(token[1], 0x34);
	CHECK_INT(coap_find_options(&parsed, COAP_OPTION_URI_PATH, options, 4), 2);
	CHECK_INT(options[1].len, 4);
	CHECK(memcmp(options[1].value, "temp", 4) == 0);
	CHECK_INT(coap_get_option_int(&parsed, COAP_OPTION_SIZE1), 1024);
	CHECK_INT(coap_get_option_int(&parsed, COAP_OPTION_OBSERVE), -ENOENT);
	CHECK(memcmp(coap_packet_get_payload(&parsed, &len), "22.3", 4) == 0);
	CHECK_INT(len, 4);
	CHECK(coap_packet_is_request(&parsed));

	/* An option that comes late goes to its place among the others. */
	coap_packet_init(&p, buf, sizeof(buf), COAP_VERSION_1, COAP_TYPE_NON_CON, 0, NULL, COAP_METHOD_PUT, 1);
	CHECK_INT(coap_packet_append_option(&p, COAP_OPTION_URI_QUERY, (const uint8_t *)"a", 1), 0);
	CHECK_INT(coap_packet_append_option(&p, COAP_OPTION_URI_PATH, (const uint8_t *)"b", 1), 0);
	CHECK_BYTES(&p, 0x50, 0x03, 0x00, 0x01, 0xb1, 'b', 0x41, 'a');
	CHECK_INT(coap_packet_remove_option(&p, COAP_OPTION_URI_PATH), 0);
	CHECK_BYTES(&p, 0x50, 0x03, 0x00, 0x01, 0xd1, 2, 'a');

	/* Lengths of 13 and of 269 take one and two bytes more. */
	memset(text, 'x', sizeof(text));
	coap_packet_init(&p, buf, sizeof(buf), COAP_VERSION_1, COAP_TYPE_NON_CON, 0, NULL, COAP_METHOD_PUT, 1);
	CHECK_INT(coap_packet_append_option(&p, COAP_OPTION_URI_PATH, text, 13), 0);
	CHECK_INT(p.data[4], 0xbd);
	CHECK_INT(p.data[5], 0);
	CHECK_INT(coap_packet_append_option(&p, COAP_OPTION_URI_PATH, text, 240), -EINVAL);
	CHECK_INT(coap_packet_init(&p, buf, 3, COAP_VERSION_1, COAP_TYPE_CON, 0, NULL, COAP_METHOD_GET, 1), -EINVAL);
}

static void test_malformed(void)
{
	static const struct {
		uint8_t data[8];
		uint16_t len;
		int want;
	} packets[] = {
		{ { 0x40, 0x01, 0, 1 }, 4, 0 },
		{ { 0x40, 0x01, 0 }, 3, -EINVAL },              /* shorter than a header */
		{ { 0x49, 0x01, 0, 1 }, 4, -EBADMSG },          /* a token of nine bytes */
		{ { 0x44, 0x01, 0, 1, 1, 2 }, 6, -EBADMSG },    /* a token that is not there */
		{ { 0x40, 0x01, 0, 1, 0xb5, 'a' }, 6, -EILSEQ }, /* an option that is cut */
		{ { 0x40, 0x01, 0, 1, 0xf1, 'a' }, 6, -EILSEQ }, /* a delta of 15 */
	};

	for (size_t i = 0; i < ARRAY_SIZE(packets); i++) {
		struct coap_packet p;
		uint8_t copy[8];

		memcpy(copy, packets[i].data, sizeof(copy));
		int err = coap_packet_parse(&p, copy, packets[i].len, NULL, 0);

		if (packets[i].want == 0 ? err != 0 : err >= 0) {
			fprintf(stderr, "packet %zu: %d, want %d\n", i, err, packets[i].want);
			check_failed = 1;
		}
	}
}

static void test_blocks(void)
{
	struct coap_block_context ctx;
	struct coap_packet p;

	CHECK_INT(coap_block_transfer_init(&ctx, COAP_BLOCK_64, 100), 0);
	coap_packet_init(&p, buf, sizeof(buf), COAP_VERSION_1, COAP_TYPE_CON, 0, NULL, COAP_METHOD_PUT, 1);
	CHECK_INT(coap_append_block1_option(&p, &ctx), 0);
	CHECK_INT(coap_get_option_int(&p, COAP_OPTION_BLOCK1), 0x0a); /* the first of 64 bytes, more to come */
	CHECK_INT(coap_next_block(&p, &ctx), 64);
	coap_packet_init(&p, buf, sizeof(buf), COAP_VERSION_1, COAP_TYPE_CON, 0, NULL, COAP_METHOD_PUT, 2);
	CHECK_INT(coap_append_block1_option(&p, &ctx), 0);
	CHECK_INT(coap_get_option_int(&p, COAP_OPTION_BLOCK1), 0x12); /* the second and last */
	CHECK_INT(coap_block_size_to_bytes(COAP_BLOCK_1024), 1024);
}

static int replies;

static int on_reply(const struct coap_packet *response, struct coap_reply *reply, const struct sockaddr *from)
{
	ARG_UNUSED(from);
	replies += coap_header_get_code(response) == COAP_RESPONSE_CODE_CONTENT && reply->user_data == &replies;
	return 0;
}

static void test_waiting(void)
{
	static struct coap_pending pendings[2];
	static struct coap_reply waiting[2];
	uint8_t answer[32];
	struct coap_packet request, response;
	struct sockaddr addr = { .sa_family = AF_INET };

	coap_packet_init(&request, buf, sizeof(buf), COAP_VERSION_1, COAP_TYPE_CON, 1, (const uint8_t *)"t", COAP_METHOD_GET, 77);
	struct coap_pending *pending = coap_pending_next_unused(pendings, 2);
	struct coap_transmission_parameters params = { .ack_timeout = 100, .coap_backoff_percent = 200, .max_retransmission = 2 };

	CHECK_INT(coap_pending_init(pending, &request, &addr, &params), 0);
	CHECK(coap_pending_cycle(pending));
	CHECK(pending->timeout >= 100 && pending->timeout <= 150);
	uint32_t first = pending->timeout;

	CHECK(coap_pending_cycle(pending));
	CHECK_INT(pending->timeout, 2 * first);
	CHECK(coap_pending_cycle(pending));
	CHECK(!coap_pending_cycle(pending)); /* that was the last try */

	struct coap_reply *reply = coap_reply_next_unused(waiting, 2);

	coap_reply_init(reply, &request);
	reply->reply = on_reply;
	reply->user_data = &replies;
	CHECK_INT(coap_ack_init(&response, &request, answer, sizeof(answer), COAP_RESPONSE_CODE_CONTENT), 0);
	CHECK_INT(coap_header_get_type(&response), COAP_TYPE_ACK);
	CHECK(coap_pending_received(&response, pendings, 2) == pending);
	CHECK(coap_response_received(&response, &addr, waiting, 2) == reply);
	CHECK_INT(replies, 1);
	coap_packet_init(&response, answer, sizeof(answer), COAP_VERSION_1, COAP_TYPE_NON_CON, 1, (const uint8_t *)"u",
			 COAP_RESPONSE_CODE_CONTENT, 78);
	CHECK(coap_response_received(&response, &addr, waiting, 2) == NULL); /* another token */
}

int main(void)
{
	test_build();
	test_malformed();
	test_blocks();
	test_waiting();
	CHECK_DONE();
}
