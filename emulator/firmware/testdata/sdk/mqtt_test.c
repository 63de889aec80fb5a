/* The MQTT client: packets byte for byte, events, and what is wrong with a broker. */
#include <errno.h>
#include <zephyr/kernel.h>
#include <zephyr/net/mqtt.h>
#include "check.h"

/* ---- A socket whose peer is the test ---- */

static struct {
	uint8_t out[1024];
	size_t out_len;
	const uint8_t *in;
	size_t in_len;
	int err;         /* of a read when nothing is left, 0 for the end of the stream */
	int connect_err; /* of connect */
	int option_err;  /* of the first option */
	int send_err;
	int opened, closed, protocol;
	char options[256];
	uint16_t port;
} peer;

int zsock_socket(int family, int type, int proto)
{
	CHECK_INT(family, AF_INET);
	CHECK_INT(type, SOCK_STREAM);
	peer.protocol = proto;
	peer.opened++;
	return 3;
}

int zsock_close(int sock)
{
	CHECK_INT(sock, 3);
	peer.closed++;
	return 0;
}

static int fail(int err)
{
	errno = err;
	return -1;
}

int zsock_connect(int sock, const struct sockaddr *addr, socklen_t addrlen)
{
	CHECK_INT(sock, 3);
	CHECK_INT(addrlen, sizeof(struct sockaddr_in));
	peer.port = ntohs(net_sin(addr)->sin_port);
	return peer.connect_err != 0 ? fail(peer.connect_err) : 0;
}

int zsock_setsockopt(int sock, int level, int optname, const void *optval, socklen_t optlen)
{
	size_t n = strlen(peer.options);

	CHECK_INT(sock, 3);
	CHECK_INT(level, SOL_TLS);
	n += (size_t)snprintf(peer.options + n, sizeof(peer.options) - n, "%d:", optname);
	if (optname == TLS_HOSTNAME) {
		snprintf(peer.options + n, sizeof(peer.options) - n, "%.*s ", (int)optlen, (const char *)optval);
	} else {
		for (size_t i = 0; i < optlen / sizeof(int); i++) {
			n += (size_t)snprintf(peer.options + n, sizeof(peer.options) - n, "%d ", ((const int *)optval)[i]);
		}
	}
	return peer.option_err != 0 ? fail(peer.option_err) : 0;
}

ssize_t zsock_sendmsg(int sock, const struct msghdr *msg, int flags)
{
	size_t before = peer.out_len;

	CHECK_INT(sock, 3);
	CHECK_INT(flags, 0);
	if (peer.send_err != 0) {
		return fail(peer.send_err);
	}
	for (size_t i = 0; i < msg->msg_iovlen; i++) {
		memcpy(peer.out + peer.out_len, msg->msg_iov[i].iov_base, msg->msg_iov[i].iov_len);
		peer.out_len += msg->msg_iov[i].iov_len;
	}
	return (ssize_t)(peer.out_len - before);
}

/* At most three bytes at a time, as a network may have it. */
ssize_t zsock_recv(int sock, void *buf, size_t max_len, int flags)
{
	size_t n = MIN(MIN(max_len, peer.in_len), 3U);

	CHECK_INT(sock, 3);
	ARG_UNUSED(flags);
	if (n == 0 && max_len > 0 && peer.err != 0) {
		return fail(peer.err);
	}
	if (n > 0) {
		memcpy(buf, peer.in, n);
		peer.in += n;
	}
	peer.in_len -= n;
	return (ssize_t)n;
}

#define SEND(...)                                                                                  \
	do {                                                                                       \
		static const uint8_t bytes_in[] = { __VA_ARGS__ };                                 \
		peer.in = bytes_in;                                                                \
		peer.in_len = sizeof(bytes_in);                                                    \
	} while (0)
#define CHECK_SENT(...)                                                                            \
	do {                                                                                       \
		static const uint8_t want[] = { __VA_ARGS__ };                                     \
		CHECK_INT(peer.out_len, sizeof(want));                                             \
		CHECK(memcmp(peer.out, want, sizeof(want)) == 0);                                  \
		peer.out_len = 0;                                                                  \
	} while (0)

/* ---- The client ---- */

static struct mqtt_client client;
static uint8_t rx[32], tx[64];
static struct sockaddr_in broker = { .sin_family = AF_INET };
static struct mqtt_evt events[8];
static int event_count;
static uint8_t codes[4];

static void on_event(struct mqtt_client *c, const struct mqtt_evt *evt)
{
	CHECK(c == &client);
	if (evt->type == MQTT_EVT_SUBACK) {
		memcpy(codes, evt->param.suback.return_codes.data, MIN(evt->param.suback.return_codes.len, sizeof(codes)));
	}
	if (event_count < (int)ARRAY_SIZE(events)) {
		events[event_count++] = *evt;
	}
}

static void new_client(void)
{
	memset(&peer, 0, sizeof(peer));
	peer.err = EAGAIN;
	event_count = 0;
	mqtt_client_init(&client);
	broker.sin_port = htons(1883);
	client.broker = &broker;
	client.evt_cb = on_event;
	client.client_id = (struct mqtt_utf8)MQTT_UTF8_LITERAL("ab");
	client.rx_buf = rx;
	client.rx_buf_size = sizeof(rx);
	client.tx_buf = tx;
	client.tx_buf_size = sizeof(tx);
	client.clean_session = 1;
}

/* Has the broker accept. */
static void connected(void)
{
	new_client();
	CHECK_INT(mqtt_connect(&client), 0);
	SEND(0x20, 2, 0, 0);
	CHECK_INT(mqtt_input(&client), 0);
	peer.out_len = 0;
	event_count = 0;
}

static void test_connect(void)
{
	static const struct mqtt_utf8 user = MQTT_UTF8_LITERAL("u"), password = MQTT_UTF8_LITERAL("pw"),
				      message = MQTT_UTF8_LITERAL("bye");
	static const struct mqtt_topic will = { .topic = MQTT_UTF8_LITERAL("w"), .qos = MQTT_QOS_1_AT_LEAST_ONCE };

	new_client();
	CHECK_INT(mqtt_connect(&client), 0);
	CHECK_INT(peer.protocol, IPPROTO_TCP);
	CHECK_INT(peer.port, 1883);
	CHECK_SENT(0x10, 14, 0, 4, 'M', 'Q', 'T', 'T', 4, 0x02, 0, 60, 0, 2, 'a', 'b');
	CHECK_INT(mqtt_ping(&client), -ENOTCONN); /* the broker has not answered yet */
	CHECK_INT(event_count, 0);
	SEND(0x20, 2, 1, 0);
	CHECK_INT(mqtt_input(&client), 0);
	CHECK_INT(event_count, 1);
	CHECK_INT(events[0].type, MQTT_EVT_CONNACK);
	CHECK_INT(events[0].result, 0);
	CHECK_INT(events[0].param.connack.session_present_flag, 1);
	CHECK_INT(mqtt_input(&client), 0); /* there is nothing to read */
	CHECK_INT(event_count, 1);

	new_client();
	client.user_name = &user;
	client.password = &password;
	client.will_topic = &will;
	client.will_message = &message;
	client.will_retain = 1;
	client.clean_session = 0;
	client.keepalive = 300;
	CHECK_INT(mqtt_connect(&client), 0);
	CHECK_SENT(0x10, 29, 0, 4, 'M', 'Q', 'T', 'T', 4, 0xec, 1, 44, 0, 2, 'a', 'b', 0, 1, 'w', 0, 3, 'b', 'y', 'e',
		   0, 1, 'u', 0, 2, 'p', 'w');

	new_client();
	client.protocol_version = MQTT_VERSION_3_1_0;
	CHECK_INT(mqtt_connect(&client), 0);
	CHECK_SENT(0x10, 16, 0, 6, 'M', 'Q', 'I', 's', 'd', 'p', 3, 0x02, 0, 60, 0, 2, 'a', 'b');

	/* The reason of a refusal is told before the end. */
	new_client();
	CHECK_INT(mqtt_connect(&client), 0);
	SEND(0x20, 2, 0, 5);
	CHECK_INT(mqtt_input(&client), -ECONNREFUSED);
	CHECK_INT(event_count, 2);
	CHECK_INT(events[0].type, MQTT_EVT_CONNACK);
	CHECK_INT(events[0].result, MQTT_NOT_AUTHORIZED);
	CHECK_INT(events[1].type, MQTT_EVT_DISCONNECT);
	CHECK_INT(events[1].result, -ECONNREFUSED);
	CHECK_INT(peer.closed, 1);
	CHECK_INT(mqtt_input(&client), -ENOTCONN);
}

static void test_no_connection(void)
{
	CHECK_INT(mqtt_connect(NULL), -EINVAL);
	new_client();
	client.client_id.utf8 = NULL;
	CHECK_INT(mqtt_connect(&client), -EINVAL);
	new_client();
	client.broker = NULL;
	CHECK_INT(mqtt_connect(&client), -EINVAL);
	new_client();
	client.tx_buf = NULL;
	CHECK_INT(mqtt_connect(&client), -ENOMEM);
	CHECK_INT(peer.opened, 0);

	new_client();
	peer.connect_err = ECONNREFUSED;
	CHECK_INT(mqtt_connect(&client), -ECONNREFUSED);
	CHECK_INT(peer.closed, 1);
	CHECK_INT(event_count, 0);

	new_client();
	client.tx_buf_size = 12;
	CHECK_INT(mqtt_connect(&client), -ENOMEM);
	CHECK_INT(peer.closed, 1);
	CHECK_INT(event_count, 0); /* the caller knows */
}

static void test_tls(void)
{
	static const sec_tag_t tags[] = { 42, 43 };

	new_client();
	broker.sin_port = htons(8883);
	client.transport.type = MQTT_TRANSPORT_SECURE;
	client.transport.tls.config = (struct mqtt_sec_config){
		.peer_verify = TLS_PEER_VERIFY_REQUIRED, .sec_tag_list = tags, .sec_tag_count = 2, .hostname = "broker.lab",
		.session_cache = TLS_SESSION_CACHE_ENABLED,
	};
	CHECK_INT(mqtt_connect(&client), 0);
	CHECK_INT(peer.protocol, IPPROTO_TLS_1_2);
	CHECK_INT(peer.port, 8883);
	CHECK_STR(peer.options, "5:2 1:42 43 2:broker.lab 12:1 ");

	new_client();
	client.transport.type = MQTT_TRANSPORT_SECURE;
	client.transport.tls.config = (struct mqtt_sec_config){ .sec_tag_list = tags, .sec_tag_count = 1 };
	peer.option_err = EINVAL;
	CHECK_INT(mqtt_connect(&client), -EINVAL);
	CHECK_INT(peer.closed, 1);
	CHECK_INT(peer.out_len, 0);
}

static void test_publish(void)
{
	static uint8_t data[200];
	struct mqtt_publish_param p = {
		.message = { .topic = { .topic = MQTT_UTF8_LITERAL("t/1") }, .payload = { (uint8_t *)"hi", 2 } },
	};

	new_client();
	CHECK_INT(mqtt_publish(&client, &p), -ENOTCONN);
	connected();
	CHECK_INT(mqtt_publish(&client, NULL), -EINVAL);
	CHECK_INT(mqtt_publish(&client, &p), 0);
	CHECK_SENT(0x30, 7, 0, 3, 't', '/', '1', 'h', 'i');
	p.message.topic.qos = MQTT_QOS_1_AT_LEAST_ONCE;
	CHECK_INT(mqtt_publish(&client, &p), -EINVAL); /* without a number */
	p.message_id = 0x102;
	p.dup_flag = 1;
	p.retain_flag = 1;
	CHECK_INT(mqtt_publish(&client, &p), 0);
	CHECK_SENT(0x3b, 9, 0, 3, 't', '/', '1', 1, 2, 'h', 'i');

	/* The payload goes by the buffer, the topic does not. */
	p = (struct mqtt_publish_param){ .message = { .topic = { .topic = MQTT_UTF8_LITERAL("t") }, .payload = { data, sizeof(data) } } };
	CHECK_INT(mqtt_publish(&client, &p), 0);
	CHECK_INT(peer.out_len, 3 + 3 + sizeof(data));
	CHECK_INT(peer.out[1], 0x80 | (203 & 0x7f));
	CHECK_INT(peer.out[2], 203 >> 7);
	peer.out_len = 0;
	p.message.topic.topic = (struct mqtt_utf8){ data, sizeof(tx) };
	CHECK_INT(mqtt_publish(&client, &p), -ENOMEM);
	CHECK_INT(peer.out_len, 0);
	CHECK_INT(peer.closed, 0);

	SEND(0x40, 2, 1, 2, 0x50, 2, 0, 9, 0x70, 2, 0, 9);
	for (int i = 0; i < 3; i++) {
		CHECK_INT(mqtt_input(&client), 0);
	}
	CHECK_INT(event_count, 3);
	CHECK_INT(events[0].type, MQTT_EVT_PUBACK);
	CHECK_INT(events[0].param.puback.message_id, 0x102);
	CHECK_INT(events[1].type, MQTT_EVT_PUBREC);
	CHECK_INT(events[2].type, MQTT_EVT_PUBCOMP);
	CHECK_INT(events[2].param.pubcomp.message_id, 9);

	const struct mqtt_puback_param ack = { 0x102 };
	const struct mqtt_pubrec_param received = { 1 };
	const struct mqtt_pubrel_param release = { 2 };
	const struct mqtt_pubcomp_param complete = { 3 };

	CHECK_INT(mqtt_publish_qos1_ack(&client, &ack), 0);
	CHECK_INT(mqtt_publish_qos2_receive(&client, &received), 0);
	CHECK_INT(mqtt_publish_qos2_release(&client, &release), 0);
	CHECK_INT(mqtt_publish_qos2_complete(&client, &complete), 0);
	CHECK_SENT(0x40, 2, 1, 2, 0x50, 2, 0, 1, 0x62, 2, 0, 2, 0x70, 2, 0, 3);

	/* What cannot be sent ends the connection. */
	peer.send_err = ECONNRESET;
	event_count = 0;
	CHECK_INT(mqtt_publish_qos1_ack(&client, &ack), -ECONNRESET);
	CHECK_INT(event_count, 1);
	CHECK_INT(events[0].type, MQTT_EVT_DISCONNECT);
	CHECK_INT(events[0].result, -ECONNRESET);
	CHECK_INT(peer.closed, 1);
}

static void test_subscribe(void)
{
	struct mqtt_topic topics[] = { { .topic = MQTT_UTF8_LITERAL("a"), .qos = 1 }, { .topic = MQTT_UTF8_LITERAL("b/#") } };
	struct mqtt_subscription_list list = { .list = topics, .list_count = 2, .message_id = 7 };

	connected();
	CHECK_INT(mqtt_subscribe(&client, &list), 0);
	CHECK_SENT(0x82, 12, 0, 7, 0, 1, 'a', 1, 0, 3, 'b', '/', '#', 0);
	CHECK_INT(mqtt_unsubscribe(&client, &list), 0);
	CHECK_SENT(0xa2, 10, 0, 7, 0, 1, 'a', 0, 3, 'b', '/', '#');
	list.message_id = 0;
	CHECK_INT(mqtt_subscribe(&client, &list), -EINVAL);
	list = (struct mqtt_subscription_list){ .message_id = 1 };
	CHECK_INT(mqtt_subscribe(&client, &list), -EINVAL);

	SEND(0x90, 4, 0, 7, 1, 0x80, 0xb0, 2, 0, 7);
	CHECK_INT(mqtt_input(&client), 0);
	CHECK_INT(mqtt_input(&client), 0);
	CHECK_INT(events[0].type, MQTT_EVT_SUBACK);
	CHECK_INT(events[0].result, 0);
	CHECK_INT(events[0].param.suback.message_id, 7);
	CHECK_INT(events[0].param.suback.return_codes.len, 2);
	CHECK_INT(codes[0], MQTT_SUBACK_SUCCESS_QoS_1);
	CHECK_INT(codes[1], MQTT_SUBACK_FAILURE);
	CHECK_INT(events[1].type, MQTT_EVT_UNSUBACK);
	CHECK_INT(events[1].param.unsuback.message_id, 7);
}

static void test_receive(void)
{
	uint8_t payload[16];

	connected();
	SEND(0x33, 12, 0, 3, 'a', '/', 'b', 0, 5, 'h', 'e', 'l', 'l', 'o', 0xd0, 0);
	CHECK_INT(mqtt_input(&client), 0);
	CHECK_INT(event_count, 1);
	const struct mqtt_publish_param *p = &events[0].param.publish;

	CHECK_INT(events[0].type, MQTT_EVT_PUBLISH);
	CHECK_INT(p->message.topic.qos, 1);
	CHECK_INT(p->retain_flag, 1);
	CHECK_INT(p->dup_flag, 0);
	CHECK_INT(p->message_id, 5);
	CHECK_INT(p->message.payload.len, 5);
	CHECK_INT(p->message.topic.topic.size, 3);
	CHECK(memcmp(p->message.topic.topic.utf8, "a/b", 3) == 0);

	/* The payload is read before anything else, and no further. */
	CHECK_INT(mqtt_input(&client), -EBUSY);
	CHECK_INT(mqtt_read_publish_payload(&client, payload, 2), 2);
	CHECK_INT(mqtt_readall_publish_payload(&client, payload + 2, 3), 0);
	CHECK(memcmp(payload, "hello", 5) == 0);
	CHECK_INT(mqtt_read_publish_payload(&client, payload, 1), -EIO);
	CHECK_INT(peer.in_len, 2);
	CHECK_INT(mqtt_input(&client), 0);
	CHECK_INT(events[1].type, MQTT_EVT_PINGRESP);

	SEND(0x30, 5, 0, 1, 'x', '1', '2');
	CHECK_INT(mqtt_input(&client), 0);
	CHECK_INT(events[2].param.publish.message_id, 0);
	CHECK_INT(mqtt_readall_publish_payload(&client, payload, 2), 0);

	/* The broker goes away in the middle of a payload. */
	SEND(0x30, 5, 0, 1, 'x', '1');
	CHECK_INT(mqtt_input(&client), 0);
	CHECK_INT(mqtt_read_publish_payload(&client, payload, 2), 1);
	CHECK_INT(mqtt_read_publish_payload(&client, payload, 2), -EAGAIN);
	CHECK_INT(peer.closed, 0);
	peer.err = 0;
	CHECK_INT(mqtt_read_publish_payload_blocking(&client, payload, 2), -ENOTCONN);
	CHECK_INT(events[4].type, MQTT_EVT_DISCONNECT);
	CHECK_INT(events[4].result, -ENOTCONN);
}

/* What is no MQTT ends the connection, with the reason. */
static void test_malformed(void)
{
	static const struct {
		uint8_t bytes[8];
		size_t len;
		int err; /* of the socket afterwards */
		int want;
	} cases[] = {
		{ { 0 }, 0, 0, -ENOTCONN },
		{ { 0x40, 2 }, 2, 0, -ENOTCONN },
		{ { 0x40 }, 1, ECONNRESET, -ECONNRESET },
		{ { 0x40, 0x80, 0x80, 0x80, 0x80, 1 }, 6, EAGAIN, -EINVAL }, /* a length of five bytes */
		{ { 0x40, 0xff, 0xff, 0x7f }, 4, EAGAIN, -ENOMEM },
		{ { 0x40, 1, 0 }, 3, EAGAIN, -EINVAL },
		{ { 0x36, 4, 0, 1, 'x', 0 }, 6, EAGAIN, -EINVAL }, /* QoS 3 */
		{ { 0x32, 4, 0, 1, 'x', 0 }, 6, EAGAIN, -EINVAL }, /* half a number */
		{ { 0x30, 3, 0, 9, 'x' }, 5, EAGAIN, -EINVAL },    /* a topic longer than the packet */
		{ { 0x30, 100, 0, 90 }, 4, EAGAIN, -ENOMEM },
		{ { 0xf0, 2, 0, 0 }, 4, EAGAIN, -EBADMSG },
		{ { 0x10, 2, 0, 0 }, 4, EAGAIN, -EBADMSG }, /* a broker does not connect */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		connected();
		peer.in = cases[i].bytes;
		peer.in_len = cases[i].len;
		peer.err = cases[i].err;
		int got = mqtt_input(&client);

		if (got != cases[i].want || event_count != 1 || events[0].type != MQTT_EVT_DISCONNECT ||
		    events[0].result != cases[i].want || peer.closed != 1) {
			fprintf(stderr, "case %zu: %d, want %d; %d events, the last result %d\n", i, got, cases[i].want,
				event_count, events[0].result);
			check_failed = 1;
		}
	}
}

static void test_keepalive(void)
{
	connected();
	CHECK(mqtt_keepalive_time_left(&client) > 0);
	CHECK_INT(mqtt_live(&client), -EAGAIN);
	CHECK_INT(peer.out_len, 0);
	client.internal.last_activity -= 60000;
	CHECK_INT(mqtt_keepalive_time_left(&client), 0);
	CHECK_INT(mqtt_live(&client), 0);
	CHECK_SENT(0xc0, 0);
	CHECK_INT(client.unacked_ping, 1);
	CHECK_INT(mqtt_live(&client), -EAGAIN);
	SEND(0xd0, 0);
	CHECK_INT(mqtt_input(&client), 0);
	CHECK_INT(client.unacked_ping, 0);
	client.keepalive = 0;
	client.internal.last_activity -= 600000;
	CHECK_INT(mqtt_keepalive_time_left(&client), -1);
	CHECK_INT(mqtt_live(&client), -EAGAIN);
}

static void test_end(void)
{
	connected();
	CHECK_INT(mqtt_disconnect(&client, NULL), 0);
	CHECK_SENT(0xe0, 0);
	CHECK_INT(event_count, 1);
	CHECK_INT(events[0].type, MQTT_EVT_DISCONNECT);
	CHECK_INT(events[0].result, 0);
	CHECK_INT(peer.closed, 1);
	CHECK_INT(mqtt_disconnect(&client, NULL), -ENOTCONN);
	CHECK_INT(mqtt_abort(&client), 0);
	CHECK_INT(event_count, 1);

	connected();
	CHECK_INT(mqtt_abort(&client), 0);
	CHECK_INT(peer.out_len, 0);
	CHECK_INT(events[0].result, -ECONNABORTED);
	CHECK_INT(peer.closed, 1);
	CHECK_INT(mqtt_abort(NULL), -EINVAL);
}

int main(void)
{
	test_connect();
	test_no_connection();
	test_tls();
	test_publish();
	test_subscribe();
	test_receive();
	test_malformed();
	test_keepalive();
	test_end();
	CHECK_DONE();
}
