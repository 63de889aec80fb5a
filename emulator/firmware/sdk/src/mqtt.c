/* The MQTT client: packets out of and into the client's buffers. */
// build: if MQTT_LIB
#include <errno.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/net/mqtt.h>

LOG_MODULE_REGISTER(net_mqtt, LOG_LEVEL_WRN);

enum { STATE_IDLE, STATE_TCP_CONNECTED, STATE_CONNECTED };

enum {
	CONNECT = 0x10,
	CONNACK = 0x20,
	PUBLISH = 0x30,
	PUBACK = 0x40,
	PUBREC = 0x50,
	PUBREL = 0x62,
	PUBCOMP = 0x70,
	SUBSCRIBE = 0x82,
	SUBACK = 0x90,
	UNSUBSCRIBE = 0xa2,
	UNSUBACK = 0xb0,
	PINGREQ = 0xc0,
	PINGRESP = 0xd0,
	DISCONNECT = 0xe0,
};

/* The fixed header takes at most this much; packets are written behind it. */
#define FIXED_MAX 5

static void lock(struct mqtt_client *client)
{
	k_mutex_lock(&client->internal.mutex, K_FOREVER);
}

static void unlock(struct mqtt_client *client)
{
	k_mutex_unlock(&client->internal.mutex);
}

/* Handlers are called without the lock: they call the library again. */
static void tell(struct mqtt_client *client, const struct mqtt_evt *evt)
{
	if (client->evt_cb != NULL) {
		unlock(client);
		client->evt_cb(client, evt);
		lock(client);
	}
}

/* ---- Transport ---- */

static int *sock_of(struct mqtt_client *client)
{
#ifdef CONFIG_MQTT_LIB_TLS
	if (client->transport.type == MQTT_TRANSPORT_SECURE) {
		return &client->transport.tls.sock;
	}
#endif
	return &client->transport.tcp.sock;
}

#ifdef CONFIG_MQTT_LIB_TLS
static int set_tls(int sock, const struct mqtt_sec_config *c)
{
	if (zsock_setsockopt(sock, SOL_TLS, TLS_PEER_VERIFY, &c->peer_verify, sizeof(c->peer_verify)) < 0) {
		return -errno;
	}
	if (c->cipher_list != NULL && c->cipher_count > 0 &&
	    zsock_setsockopt(sock, SOL_TLS, TLS_CIPHERSUITE_LIST, c->cipher_list,
			     sizeof(int) * c->cipher_count) < 0) {
		return -errno;
	}
	if (c->sec_tag_list != NULL && c->sec_tag_count > 0 &&
	    zsock_setsockopt(sock, SOL_TLS, TLS_SEC_TAG_LIST, c->sec_tag_list,
			     sizeof(sec_tag_t) * c->sec_tag_count) < 0) {
		return -errno;
	}
	if (c->hostname != NULL &&
	    zsock_setsockopt(sock, SOL_TLS, TLS_HOSTNAME, c->hostname, strlen(c->hostname)) < 0) {
		return -errno;
	}
	if (c->session_cache == TLS_SESSION_CACHE_ENABLED &&
	    zsock_setsockopt(sock, SOL_TLS, TLS_SESSION_CACHE, &c->session_cache, sizeof(c->session_cache)) < 0) {
		return -errno;
	}
	if (c->cert_nocopy != TLS_CERT_NOCOPY_NONE &&
	    zsock_setsockopt(sock, SOL_TLS, TLS_CERT_NOCOPY, &c->cert_nocopy, sizeof(c->cert_nocopy)) < 0) {
		return -errno;
	}
	return 0;
}
#endif

static int transport_connect(struct mqtt_client *client)
{
	const struct sockaddr *broker = client->broker;
	int proto = IPPROTO_TCP;
	int err = 0;

#ifdef CONFIG_MQTT_LIB_TLS
	if (client->transport.type == MQTT_TRANSPORT_SECURE) {
		proto = IPPROTO_TLS_1_2;
	}
#endif
	int sock = zsock_socket(broker->sa_family, SOCK_STREAM, proto);

	if (sock < 0) {
		return -errno;
	}
	*sock_of(client) = sock;
#ifdef CONFIG_MQTT_LIB_TLS
	if (proto == IPPROTO_TLS_1_2) {
		err = set_tls(sock, &client->transport.tls.config);
	}
#endif
	if (err == 0 && zsock_connect(sock, broker,
				      broker->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
								    : sizeof(struct sockaddr_in)) < 0) {
		err = -errno;
	}
	if (err != 0) {
		zsock_close(sock);
		*sock_of(client) = -1;
	}
	return err;
}

static int transport_send(struct mqtt_client *client, const struct iovec *parts, size_t n)
{
	struct msghdr msg = { .msg_iov = (struct iovec *)(uintptr_t)parts, .msg_iovlen = n };

	if (zsock_sendmsg(*sock_of(client), &msg, 0) < 0) {
		return -errno;
	}
	client->internal.last_activity = k_uptime_get_32();
	return 0;
}

/* Bytes, 0 at the end of the stream, or a negative errno. */
static int transport_read(struct mqtt_client *client, void *data, size_t len, bool wait)
{
	ssize_t n = zsock_recv(*sock_of(client), data, len, wait ? 0 : ZSOCK_MSG_DONTWAIT);

	return n < 0 ? -errno : (int)n;
}

/* Closes and tells, once. */
static void end(struct mqtt_client *client, int result, bool notify)
{
	struct mqtt_evt evt = { .type = MQTT_EVT_DISCONNECT, .result = result };

	if (client->internal.state == STATE_IDLE) {
		return;
	}
	zsock_close(*sock_of(client));
	client->internal.state = STATE_IDLE;
	client->internal.rx_len = 0;
	client->internal.remaining_payload = 0;
	if (notify) {
		tell(client, &evt);
	}
}

/* ---- Writing packets ---- */

struct writer {
	uint8_t *buf;
	uint32_t at, size;
	bool full;
};

static struct writer writer(struct mqtt_client *client)
{
	struct writer w = { .buf = client->tx_buf, .at = FIXED_MAX, .size = client->tx_buf_size };

	w.full = w.size < FIXED_MAX;
	return w;
}

static void put(struct writer *w, const void *data, uint32_t len)
{
	if (w->full || len > w->size - w->at) {
		w->full = true;
		return;
	}
	if (len > 0) {
		memcpy(w->buf + w->at, data, len);
	}
	w->at += len;
}

static void put8(struct writer *w, uint8_t v)
{
	put(w, &v, 1);
}

static void put16(struct writer *w, uint16_t v)
{
	uint8_t b[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	put(w, b, 2);
}

static void put_text(struct writer *w, const struct mqtt_utf8 *text)
{
	if (text->size > UINT16_MAX) {
		w->full = true;
		return;
	}
	put16(w, (uint16_t)text->size);
	put(w, text->utf8, text->size);
}

/* Puts the fixed header in front, for a packet with more bytes to follow: where it begins, or NULL. */
static uint8_t *finish(struct writer *w, uint8_t type, uint32_t more, uint32_t *len)
{
	uint8_t header[FIXED_MAX];
	uint32_t rest = w->at - FIXED_MAX + more;
	uint32_t n = 1;

	if (w->full || rest > 268435455) {
		return NULL;
	}
	header[0] = type;
	do {
		header[n] = rest & 0x7f;
		rest >>= 7;
		if (rest > 0) {
			header[n] |= 0x80;
		}
		n++;
	} while (rest > 0);
	memcpy(w->buf + FIXED_MAX - n, header, n);
	*len = w->at - FIXED_MAX + n;
	return w->buf + FIXED_MAX - n;
}

static int send_packet(struct mqtt_client *client, struct writer *w, uint8_t type)
{
	uint32_t len;
	uint8_t *begin = finish(w, type, 0, &len);

	if (begin == NULL) {
		return -ENOMEM;
	}
	struct iovec part = { begin, len };
	int err = transport_send(client, &part, 1);

	if (err < 0) {
		end(client, err, true);
	}
	return err;
}

static int send_connect(struct mqtt_client *client)
{
	struct writer w = writer(client);
	static const struct mqtt_utf8 names[] = { MQTT_UTF8_LITERAL("MQIsdp"), MQTT_UTF8_LITERAL("MQTT") };
	uint8_t flags = client->clean_session ? 0x02 : 0;

	if (client->will_topic != NULL) {
		flags |= (uint8_t)(0x04 | client->will_topic->qos << 3 | client->will_retain << 5);
	}
	flags |= client->user_name != NULL ? 0x80 : 0;
	flags |= client->password != NULL ? 0x40 : 0;
	put_text(&w, &names[client->protocol_version != MQTT_VERSION_3_1_0]);
	put8(&w, client->protocol_version);
	put8(&w, flags);
	put16(&w, client->keepalive);
	put_text(&w, &client->client_id);
	if (client->will_topic != NULL) {
		static const struct mqtt_utf8 nothing;

		put_text(&w, &client->will_topic->topic);
		put_text(&w, client->will_message != NULL ? client->will_message : &nothing);
	}
	if (client->user_name != NULL) {
		put_text(&w, client->user_name);
	}
	if (client->password != NULL) {
		put_text(&w, client->password);
	}
	uint32_t len;
	uint8_t *begin = finish(&w, CONNECT, 0, &len);

	if (begin == NULL) {
		return -ENOMEM;
	}
	struct iovec part = { begin, len };

	return transport_send(client, &part, 1);
}

/* ---- The interface ---- */

void mqtt_client_init(struct mqtt_client *client)
{
	memset(client, 0, sizeof(*client));
	k_mutex_init(&client->internal.mutex);
	client->protocol_version = MQTT_VERSION_3_1_1;
	client->clean_session = IS_ENABLED(CONFIG_MQTT_CLEAN_SESSION);
	client->keepalive = CONFIG_MQTT_KEEPALIVE;
}

int mqtt_connect(struct mqtt_client *client)
{
	int err;

	if (client == NULL || client->client_id.utf8 == NULL || client->broker == NULL) {
		return -EINVAL;
	}
	lock(client);
	if (client->tx_buf == NULL || client->rx_buf == NULL) {
		err = -ENOMEM;
	} else {
		client->internal.state = STATE_IDLE;
		client->internal.rx_len = 0;
		client->internal.remaining_payload = 0;
		client->unacked_ping = 0;
		err = transport_connect(client);
		if (err == 0) {
			client->internal.state = STATE_TCP_CONNECTED;
			err = send_connect(client);
			if (err < 0) {
				end(client, err, false);
			}
		}
	}
	unlock(client);
	return err;
}

/* Takes the lock if there is a connection. */
static int begin(struct mqtt_client *client)
{
	lock(client);
	if (client->internal.state != STATE_CONNECTED) {
		unlock(client);
		return -ENOTCONN;
	}
	return 0;
}

int mqtt_publish(struct mqtt_client *client, const struct mqtt_publish_param *param)
{
	if (client == NULL || param == NULL) {
		return -EINVAL;
	}
	const struct mqtt_publish_message *m = &param->message;

	if (m->topic.qos > 0 && param->message_id == 0) {
		return -EINVAL;
	}
	int err = begin(client);

	if (err < 0) {
		return err;
	}
	struct writer w = writer(client);
	uint32_t len;

	put_text(&w, &m->topic.topic);
	if (m->topic.qos > 0) {
		put16(&w, param->message_id);
	}
	uint8_t *at = finish(&w, (uint8_t)(PUBLISH | param->dup_flag << 3 | m->topic.qos << 1 | param->retain_flag),
			     m->payload.len, &len);

	if (at == NULL) {
		err = -ENOMEM;
	} else {
		struct iovec parts[] = { { at, len }, { m->payload.data, m->payload.len } };

		err = transport_send(client, parts, m->payload.len > 0 ? 2 : 1);
		if (err < 0) {
			end(client, err, true);
		}
	}
	unlock(client);
	return err;
}

static int acknowledge(struct mqtt_client *client, uint8_t type, uint16_t id)
{
	int err = begin(client);

	if (err < 0) {
		return err;
	}
	struct writer w = writer(client);

	put16(&w, id);
	err = send_packet(client, &w, type);
	unlock(client);
	return err;
}

int mqtt_publish_qos1_ack(struct mqtt_client *client, const struct mqtt_puback_param *param)
{
	return client == NULL || param == NULL ? -EINVAL : acknowledge(client, PUBACK, param->message_id);
}

int mqtt_publish_qos2_receive(struct mqtt_client *client, const struct mqtt_pubrec_param *param)
{
	return client == NULL || param == NULL ? -EINVAL : acknowledge(client, PUBREC, param->message_id);
}

int mqtt_publish_qos2_release(struct mqtt_client *client, const struct mqtt_pubrel_param *param)
{
	return client == NULL || param == NULL ? -EINVAL : acknowledge(client, PUBREL, param->message_id);
}

int mqtt_publish_qos2_complete(struct mqtt_client *client, const struct mqtt_pubcomp_param *param)
{
	return client == NULL || param == NULL ? -EINVAL : acknowledge(client, PUBCOMP, param->message_id);
}

static int subscriptions(struct mqtt_client *client, const struct mqtt_subscription_list *param, uint8_t type)
{
	if (client == NULL || param == NULL || param->list_count == 0 || param->message_id == 0) {
		return -EINVAL;
	}
	int err = begin(client);

	if (err < 0) {
		return err;
	}
	struct writer w = writer(client);

	put16(&w, param->message_id);
	for (uint16_t i = 0; i < param->list_count; i++) {
		put_text(&w, &param->list[i].topic);
		if (type == SUBSCRIBE) {
			put8(&w, param->list[i].qos);
		}
	}
	err = send_packet(client, &w, type);
	unlock(client);
	return err;
}

int mqtt_subscribe(struct mqtt_client *client, const struct mqtt_subscription_list *param)
{
	return subscriptions(client, param, SUBSCRIBE);
}

int mqtt_unsubscribe(struct mqtt_client *client, const struct mqtt_subscription_list *param)
{
	return subscriptions(client, param, UNSUBSCRIBE);
}

int mqtt_ping(struct mqtt_client *client)
{
	if (client == NULL) {
		return -EINVAL;
	}
	int err = begin(client);

	if (err < 0) {
		return err;
	}
	struct writer w = writer(client);

	err = send_packet(client, &w, PINGREQ);
	if (err == 0 && client->unacked_ping < INT8_MAX) {
		client->unacked_ping++;
	}
	unlock(client);
	return err;
}

static int disconnect(struct mqtt_client *client)
{
	if (client == NULL) {
		return -EINVAL;
	}
	int err = begin(client);

	if (err < 0) {
		return err;
	}
	struct writer w = writer(client);

	err = send_packet(client, &w, DISCONNECT);
	if (err == 0) {
		end(client, 0, true);
	}
	unlock(client);
	return err;
}

#if NCSHOST_VER >= 0x030000
int mqtt_disconnect(struct mqtt_client *client, const struct mqtt_disconnect_param *param)
{
	(void)param;
	return disconnect(client);
}
#else
int mqtt_disconnect(struct mqtt_client *client)
{
	return disconnect(client);
}
#endif

int mqtt_abort(struct mqtt_client *client)
{
	if (client == NULL) {
		return -EINVAL;
	}
	lock(client);
	end(client, -ECONNABORTED, true);
	unlock(client);
	return 0;
}

int mqtt_keepalive_time_left(const struct mqtt_client *client)
{
	uint32_t interval = client->keepalive * 1000U;
	uint32_t passed = k_uptime_get_32() - client->internal.last_activity;

	if (client->keepalive == 0) {
		return -1;
	}
	return passed >= interval ? 0 : (int)(interval - passed);
}

int mqtt_live(struct mqtt_client *client)
{
	if (client == NULL) {
		return -EINVAL;
	}
	if (client->internal.state != STATE_CONNECTED || mqtt_keepalive_time_left(client) != 0) {
		return -EAGAIN;
	}
	return mqtt_ping(client);
}

/* ---- Reading packets ---- */

/* Reads until the buffer holds so much: 0, or a negative errno. */
static int fill(struct mqtt_client *client, uint32_t len)
{
	if (len > client->rx_buf_size) {
		return -ENOMEM;
	}
	while (client->internal.rx_len < len) {
		int n = transport_read(client, client->rx_buf + client->internal.rx_len, len - client->internal.rx_len,
				       true);

		if (n < 0) {
			return n;
		}
		if (n == 0) {
			return -ENOTCONN;
		}
		client->internal.rx_len += (uint32_t)n;
	}
	return 0;
}

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static int publish_event(struct mqtt_client *client, uint8_t flags, uint32_t header, uint32_t length,
			 struct mqtt_evt *evt)
{
	struct mqtt_publish_param *p = &evt->param.publish;
	uint8_t qos = flags >> 1 & 3;
	uint32_t variable = 2 + (qos > 0 ? 2 : 0);
	int err;

	evt->type = MQTT_EVT_PUBLISH;
	if (qos > 2 || length < variable) {
		return -EINVAL;
	}
	err = fill(client, header + 2);
	if (err < 0) {
		return err;
	}
	variable += get16(client->rx_buf + header);
	if (length < variable) {
		return -EINVAL;
	}
	err = fill(client, header + variable);
	if (err < 0) {
		return err;
	}
	p->dup_flag = flags >> 3 & 1;
	p->retain_flag = flags & 1;
	p->message.topic.qos = qos;
	p->message.topic.topic.utf8 = client->rx_buf + header + 2;
	p->message.topic.topic.size = get16(client->rx_buf + header);
	p->message_id = qos > 0 ? get16(client->rx_buf + header + variable - 2) : 0;
	p->message.payload.data = NULL;
	p->message.payload.len = length - variable;
	client->internal.remaining_payload = length - variable;
	return 0;
}

/* Reads one packet and tells of it. */
static int read_packet(struct mqtt_client *client)
{
	struct mqtt_evt evt = { .result = 0 };
	uint32_t header = 1, length = 0;
	bool done = false;
	int err = fill(client, 1);

	for (int shift = 0; err == 0 && !done; shift += 7) {
		if (shift > 21) {
			return -EINVAL;
		}
		err = fill(client, ++header);
		if (err == 0) {
			uint8_t b = client->rx_buf[header - 1];

			length |= (uint32_t)(b & 0x7f) << shift;
			done = !(b & 0x80);
		}
	}
	if (err < 0) {
		return err;
	}
	uint8_t type = client->rx_buf[0];
	const uint8_t *body = client->rx_buf + header;

	if ((type & 0xf0) == PUBLISH) {
		err = publish_event(client, type, header, length, &evt);
		client->internal.rx_len = 0;
		if (err == 0) {
			tell(client, &evt);
		}
		return err;
	}
	err = fill(client, header + length);
	client->internal.rx_len = 0;
	if (err < 0) {
		return err;
	}
	if (length < ((type & 0xf0) == PINGRESP ? 0U : 2U)) {
		return -EINVAL;
	}
	switch (type & 0xf0) {
	case CONNACK:
		evt.type = MQTT_EVT_CONNACK;
		evt.param.connack.session_present_flag = body[0] & 1;
		evt.param.connack.return_code = (enum mqtt_conn_return_code)body[1];
		evt.result = body[1];
		if (body[1] == MQTT_CONNECTION_ACCEPTED) {
			client->internal.state = STATE_CONNECTED;
		} else {
			err = -ECONNREFUSED;
		}
		break;
	case PUBACK:
		evt.type = MQTT_EVT_PUBACK;
		evt.param.puback.message_id = get16(body);
		break;
	case PUBREC:
		evt.type = MQTT_EVT_PUBREC;
		evt.param.pubrec.message_id = get16(body);
		break;
	case PUBREL & 0xf0:
		evt.type = MQTT_EVT_PUBREL;
		evt.param.pubrel.message_id = get16(body);
		break;
	case PUBCOMP:
		evt.type = MQTT_EVT_PUBCOMP;
		evt.param.pubcomp.message_id = get16(body);
		break;
	case SUBACK:
		/* The result is that of the decoding; the granted QoS are the return codes. */
		evt.type = MQTT_EVT_SUBACK;
		evt.param.suback.message_id = get16(body);
		evt.param.suback.return_codes.data = (uint8_t *)(uintptr_t)body + 2;
		evt.param.suback.return_codes.len = length - 2;
		break;
	case UNSUBACK:
		evt.type = MQTT_EVT_UNSUBACK;
		evt.param.unsuback.message_id = get16(body);
		break;
	case PINGRESP:
		evt.type = MQTT_EVT_PINGRESP;
		client->unacked_ping = 0;
		break;
	default:
		return -EBADMSG;
	}
	tell(client, &evt);
	return err;
}

int mqtt_input(struct mqtt_client *client)
{
	int err = 0;

	if (client == NULL) {
		return -EINVAL;
	}
	lock(client);
	if (client->internal.state == STATE_IDLE) {
		err = NCSHOST_VER >= 0x020000 ? -ENOTCONN : -EACCES;
	} else if (client->internal.remaining_payload > 0) {
		err = -EBUSY;
	} else {
		err = read_packet(client);
		if (err == -EAGAIN) {
			err = 0;
		} else if (err < 0) {
			end(client, err, true);
		}
	}
	unlock(client);
	return err;
}

static int read_payload(struct mqtt_client *client, void *buffer, size_t length, bool wait)
{
	int ret;

	if (client == NULL) {
		return -EINVAL;
	}
	lock(client);
	if (client->internal.remaining_payload == 0) {
		ret = length == 0 ? 0 : -EIO;
	} else {
		ret = transport_read(client, buffer, MIN(length, client->internal.remaining_payload), wait);
		if (ret > 0) {
			client->internal.remaining_payload -= (uint32_t)ret;
		} else if (ret != -EAGAIN && length > 0) {
			ret = ret == 0 ? -ENOTCONN : ret;
			end(client, ret, true);
		}
	}
	unlock(client);
	return ret;
}

int mqtt_read_publish_payload(struct mqtt_client *client, void *buffer, size_t length)
{
	return read_payload(client, buffer, length, false);
}

int mqtt_read_publish_payload_blocking(struct mqtt_client *client, void *buffer, size_t length)
{
	return read_payload(client, buffer, length, true);
}

int mqtt_readall_publish_payload(struct mqtt_client *client, uint8_t *buffer, size_t length)
{
	while (length > 0) {
		int n = mqtt_read_publish_payload_blocking(client, buffer, length);

		if (n < 0) {
			return n;
		}
		buffer += n;
		length -= (size_t)n;
	}
	return 0;
}
