/* MQTT with a thread of its own. */
// build: if MQTT_HELPER
#include <errno.h>
#include <string.h>

#include <net/mqtt_helper.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/net/socket.h>

#ifndef CONFIG_MQTT_HELPER_PORT
#ifdef CONFIG_MQTT_LIB_TLS
#define CONFIG_MQTT_HELPER_PORT 8883
#else
#define CONFIG_MQTT_HELPER_PORT 1883
#endif
#endif
#ifndef CONFIG_MQTT_HELPER_SEC_TAG
#define CONFIG_MQTT_HELPER_SEC_TAG -1
#endif
#ifndef CONFIG_MQTT_HELPER_SECONDARY_SEC_TAG
#define CONFIG_MQTT_HELPER_SECONDARY_SEC_TAG -1
#endif
#ifndef CONFIG_MQTT_HELPER_SEND_TIMEOUT_SEC
#define CONFIG_MQTT_HELPER_SEND_TIMEOUT_SEC 60
#endif
#ifndef CONFIG_MQTT_HELPER_STACK_SIZE
#define CONFIG_MQTT_HELPER_STACK_SIZE 2560
#endif
#ifndef CONFIG_MQTT_HELPER_RX_TX_BUFFER_SIZE
#define CONFIG_MQTT_HELPER_RX_TX_BUFFER_SIZE 256
#endif
#ifndef CONFIG_MQTT_HELPER_PAYLOAD_BUFFER_LEN
#define CONFIG_MQTT_HELPER_PAYLOAD_BUFFER_LEN 2048
#endif
#ifndef CONFIG_MQTT_HELPER_STATIC_IP_ADDRESS
#define CONFIG_MQTT_HELPER_STATIC_IP_ADDRESS ""
#endif
#ifndef CONFIG_MQTT_HELPER_LOG_LEVEL
#define CONFIG_MQTT_HELPER_LOG_LEVEL CONFIG_LOG_DEFAULT_LEVEL
#endif

LOG_MODULE_REGISTER(mqtt_helper, CONFIG_MQTT_HELPER_LOG_LEVEL);

#if defined(CONFIG_MQTT_LIB_TLS) && NCSHOST_VER < 0x030100
BUILD_ASSERT(CONFIG_MQTT_HELPER_SEC_TAG != -1, "TLS needs a security tag: set CONFIG_MQTT_HELPER_SEC_TAG");
#endif

static struct mqtt_client client;
static struct sockaddr_storage broker;
static uint8_t rx_buffer[CONFIG_MQTT_HELPER_RX_TX_BUFFER_SIZE];
static uint8_t tx_buffer[CONFIG_MQTT_HELPER_RX_TX_BUFFER_SIZE];
static char payload_buffer[CONFIG_MQTT_HELPER_PAYLOAD_BUFFER_LEN];
static struct mqtt_helper_cfg current;
static struct mqtt_utf8 user_name, password;
static enum mqtt_state state = MQTT_STATE_UNINIT;
static K_SEM_DEFINE(connection_poll_sem, 0, 1);

static const char *state_name(enum mqtt_state s)
{
	static const char *const names[] = { "MQTT_STATE_UNINIT",	     "MQTT_STATE_DISCONNECTED",
					     "MQTT_STATE_TRANSPORT_CONNECTING", "MQTT_STATE_CONNECTING",
					     "MQTT_STATE_TRANSPORT_CONNECTED",  "MQTT_STATE_CONNECTED",
					     "MQTT_STATE_DISCONNECTING" };

	return s < ARRAY_SIZE(names) ? names[s] : "MQTT_STATE_UNKNOWN";
}

static void set_state(enum mqtt_state s)
{
	LOG_DBG("State transition: %s --> %s", state_name(state), state_name(s));
	state = s;
}

static int wrong_state(const char *required)
{
	LOG_ERR("Library is in the wrong state (%s), %s required", state_name(state), required);
	return -EOPNOTSUPP;
}

/* ---- Events ---- */

static void on_publish(const struct mqtt_evt *evt)
{
	const struct mqtt_publish_param *p = &evt->param.publish;
	struct mqtt_helper_buf topic = { (char *)(uintptr_t)p->message.topic.topic.utf8, p->message.topic.topic.size };
	struct mqtt_helper_buf payload = { payload_buffer, p->message.payload.len };

	if (payload.size > sizeof(payload_buffer)) {
		LOG_ERR("Incoming MQTT message too large for payload buffer");
		if (current.cb.on_error != NULL) {
			current.cb.on_error(MQTT_HELPER_ERROR_MSG_SIZE);
		}
		return;
	}
	int err = mqtt_readall_publish_payload(&client, (uint8_t *)payload_buffer, payload.size);

	if (err) {
		LOG_ERR("mqtt_readall_publish_payload, error: %d", err);
		return;
	}
	if (p->message.topic.qos == MQTT_QOS_1_AT_LEAST_ONCE) {
		const struct mqtt_puback_param ack = { .message_id = p->message_id };

		err = mqtt_publish_qos1_ack(&client, &ack);
		if (err) {
			LOG_WRN("Failed to send MQTT ACK, error: %d", err);
		}
	}
	if (current.cb.on_publish != NULL) {
		current.cb.on_publish(topic, payload);
	}
}

static void on_connack(const struct mqtt_evt *evt)
{
	enum mqtt_conn_return_code code = evt->param.connack.return_code;

	set_state(code == MQTT_CONNECTION_ACCEPTED ? MQTT_STATE_CONNECTED : MQTT_STATE_DISCONNECTED);
	if (current.cb.on_connack != NULL) {
#if NCSHOST_VER >= 0x020600
		current.cb.on_connack(code, evt->param.connack.session_present_flag != 0);
#else
		current.cb.on_connack(code);
#endif
	}
}

static void on_event(struct mqtt_client *c, const struct mqtt_evt *evt)
{
#if NCSHOST_VER >= 0x020600
	if (current.cb.on_all_events != NULL && !current.cb.on_all_events(c, evt)) {
		return;
	}
#endif
	(void)c;
	switch (evt->type) {
	case MQTT_EVT_CONNACK:
		on_connack(evt);
		break;
	case MQTT_EVT_DISCONNECT:
		set_state(MQTT_STATE_DISCONNECTED);
		if (current.cb.on_disconnect != NULL) {
			current.cb.on_disconnect(evt->result);
		}
		break;
	case MQTT_EVT_PUBLISH:
		on_publish(evt);
		break;
	case MQTT_EVT_PUBACK:
		if (current.cb.on_puback != NULL) {
			current.cb.on_puback(evt->param.puback.message_id, evt->result);
		}
		break;
	case MQTT_EVT_SUBACK:
		if (current.cb.on_suback != NULL) {
			current.cb.on_suback(evt->param.suback.message_id, evt->result);
		}
		break;
	case MQTT_EVT_PUBREC: {
		const struct mqtt_pubrel_param release = { .message_id = evt->param.pubrec.message_id };

		mqtt_publish_qos2_release(&client, &release);
		break;
	}
	case MQTT_EVT_PUBREL: {
		const struct mqtt_pubcomp_param complete = { .message_id = evt->param.pubrel.message_id };

		mqtt_publish_qos2_complete(&client, &complete);
		break;
	}
	case MQTT_EVT_PINGRESP:
		if (current.cb.on_pingresp != NULL) {
			current.cb.on_pingresp();
		}
		break;
	default:
		break;
	}
}

/* ---- The thread ---- */

static int client_socket(void)
{
#ifdef CONFIG_MQTT_LIB_TLS
	return client.transport.tls.sock;
#else
	return client.transport.tcp.sock;
#endif
}

static bool connected(void)
{
	return state == MQTT_STATE_CONNECTING || state == MQTT_STATE_TRANSPORT_CONNECTED ||
	       state == MQTT_STATE_CONNECTED || state == MQTT_STATE_DISCONNECTING;
}

static void poll_connection(void)
{
	struct zsock_pollfd fds = { .fd = client_socket(), .events = ZSOCK_POLLIN };

	while (connected()) {
		int n = zsock_poll(&fds, 1, mqtt_keepalive_time_left(&client));
		int err;

		if (!connected()) {
			return;
		}
		if (n < 0) {
			LOG_ERR("poll() returned an error (%d), errno: %d", n, errno);
			break;
		}
		if (n == 0) {
			err = mqtt_live(&client);
			if (err != 0 && err != -EAGAIN) {
				LOG_ERR("Cloud MQTT keepalive ping failed: %d", err);
				break;
			}
			continue;
		}
		if (fds.revents & ZSOCK_POLLIN) {
			err = mqtt_input(&client);
			if (err) {
				LOG_ERR("Cloud MQTT input error: %d", err);
				if (err == -ENOTCONN) {
					break;
				}
			}
			if (!connected()) {
				return;
			}
		}
		if (fds.revents & ZSOCK_POLLNVAL) {
			LOG_ERR("Socket error: POLLNVAL");
			LOG_ERR("The socket was unexpectedly closed");
			break;
		}
		if (fds.revents & ZSOCK_POLLHUP) {
			LOG_ERR("Socket error: POLLHUP");
			LOG_ERR("Connection was unexpectedly closed");
			break;
		}
		if (fds.revents & ZSOCK_POLLERR) {
			LOG_ERR("Socket error: POLLERR");
			LOG_ERR("Connection was unexpectedly closed");
			break;
		}
	}
	if (connected()) {
		mqtt_abort(&client);
	}
}

static void helper_thread(void)
{
	for (;;) {
		k_sem_take(&connection_poll_sem, K_FOREVER);
		poll_connection();
	}
}
K_THREAD_DEFINE(mqtt_helper_thread, CONFIG_MQTT_HELPER_STACK_SIZE, helper_thread, NULL, NULL, NULL,
		K_LOWEST_APPLICATION_THREAD_PRIO, 0, 0);

/* ---- Connecting ---- */

static int resolve(const struct mqtt_helper_conn_params *params)
{
	struct zsock_addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
	const char *fixed = CONFIG_MQTT_HELPER_STATIC_IP_ADDRESS;
	int err;

	memset(&broker, 0, sizeof(broker));
	if (fixed[0] != '\0') {
		struct sockaddr_in *b = (struct sockaddr_in *)&broker;

		b->sin_family = AF_INET;
		b->sin_port = htons(CONFIG_MQTT_HELPER_PORT);
		return zsock_inet_pton(AF_INET, fixed, &b->sin_addr) == 1 ? 0 : -EFAULT;
	}
	err = zsock_getaddrinfo(params->hostname.ptr, NULL, &hints, &found);
	if (err) {
		LOG_ERR("getaddrinfo() failed, error %d", err);
		return -err;
	}
	memcpy(&broker, found->ai_addr, MIN(found->ai_addrlen, sizeof(broker)));
	if (broker.ss_family == AF_INET6) {
		((struct sockaddr_in6 *)&broker)->sin6_port = htons(CONFIG_MQTT_HELPER_PORT);
	} else {
		((struct sockaddr_in *)&broker)->sin_port = htons(CONFIG_MQTT_HELPER_PORT);
	}
	zsock_freeaddrinfo(found);
	return 0;
}

static void set_text(struct mqtt_utf8 *to, const struct mqtt_utf8 **used, const struct mqtt_helper_buf *from)
{
	to->utf8 = (const uint8_t *)from->ptr;
	to->size = (uint32_t)from->size;
	*used = from->size > 0 ? to : NULL;
}

#ifdef CONFIG_MQTT_LIB_TLS
static void set_tls(const char *hostname)
{
	static sec_tag_t tags[2];
	struct mqtt_sec_config *c = &client.transport.tls.config;

	tags[0] = CONFIG_MQTT_HELPER_SEC_TAG;
	tags[1] = CONFIG_MQTT_HELPER_SECONDARY_SEC_TAG;
	client.transport.type = MQTT_TRANSPORT_SECURE;
	*c = (struct mqtt_sec_config){
		.peer_verify = TLS_PEER_VERIFY_REQUIRED,
		.sec_tag_list = tags,
		.sec_tag_count = tags[1] == -1 ? 1 : 2,
		.session_cache = TLS_SESSION_CACHE_DISABLED,
		.hostname = hostname,
	};
#if NCSHOST_VER >= 0x030100
	if (current.sec_tag_count > 0) {
		c->sec_tag_list = current.sec_tag_list;
		c->sec_tag_count = (uint32_t)current.sec_tag_count;
	}
#endif
}
#endif

#ifdef CONFIG_MQTT_HELPER_LAST_WILL
static void set_last_will(void)
{
	static struct mqtt_topic topic = { .topic = MQTT_UTF8_LITERAL(CONFIG_MQTT_HELPER_LAST_WILL_TOPIC) };
	static const struct mqtt_utf8 message = MQTT_UTF8_LITERAL(CONFIG_MQTT_HELPER_LAST_WILL_MESSAGE);

	client.will_topic = &topic;
	client.will_message = &message;
}
#endif

int mqtt_helper_init(struct mqtt_helper_cfg *cfg)
{
	if (cfg == NULL) {
		return -EINVAL;
	}
	if (state != MQTT_STATE_UNINIT && state != MQTT_STATE_DISCONNECTED) {
		return wrong_state("MQTT_STATE_UNINIT or MQTT_STATE_DISCONNECTED");
	}
	current = *cfg;
	mqtt_client_init(&client);
	set_state(MQTT_STATE_DISCONNECTED);
	return 0;
}

int mqtt_helper_connect(struct mqtt_helper_conn_params *params)
{
	int err;

	if (state != MQTT_STATE_DISCONNECTED) {
		return wrong_state("MQTT_STATE_DISCONNECTED");
	}
	mqtt_client_init(&client);
	err = resolve(params);
	if (err) {
		return err;
	}
	client.broker = &broker;
	client.evt_cb = on_event;
	client.client_id.utf8 = (const uint8_t *)params->device_id.ptr;
	client.client_id.size = (uint32_t)params->device_id.size;
	set_text(&user_name, &client.user_name, &params->user_name);
#if NCSHOST_VER >= 0x020600
	set_text(&password, &client.password, &params->password);
#else
	(void)password;
#endif
	client.rx_buf = rx_buffer;
	client.rx_buf_size = sizeof(rx_buffer);
	client.tx_buf = tx_buffer;
	client.tx_buf_size = sizeof(tx_buffer);
#ifdef CONFIG_MQTT_LIB_TLS
	set_tls(params->hostname.ptr);
#else
	client.transport.type = MQTT_TRANSPORT_NON_SECURE;
#endif
#ifdef CONFIG_MQTT_HELPER_LAST_WILL
	set_last_will();
#endif
	set_state(MQTT_STATE_TRANSPORT_CONNECTING);
	err = mqtt_connect(&client);
	if (err) {
		LOG_ERR("mqtt_connect, error: %d", err);
		set_state(MQTT_STATE_DISCONNECTED);
		return err;
	}
	set_state(MQTT_STATE_TRANSPORT_CONNECTED);
	set_state(MQTT_STATE_CONNECTING);

	struct timeval timeout = { .tv_sec = CONFIG_MQTT_HELPER_SEND_TIMEOUT_SEC };

	if (zsock_setsockopt(client_socket(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) < 0) {
		LOG_WRN("Failed to set timeout, errno: %d", errno);
	}
	k_sem_give(&connection_poll_sem);
	return 0;
}

int mqtt_helper_disconnect(void)
{
	int err;

	if (state != MQTT_STATE_CONNECTED) {
		return wrong_state("MQTT_STATE_CONNECTED");
	}
	set_state(MQTT_STATE_DISCONNECTING);
#if NCSHOST_VER >= 0x030000
	err = mqtt_disconnect(&client, NULL);
#else
	err = mqtt_disconnect(&client);
#endif
	if (err) {
		/* Without a connection there is nothing to end: the state says so. */
		LOG_ERR("Failed to send disconnection request, treating as disconnected");
		set_state(MQTT_STATE_DISCONNECTED);
		if (current.cb.on_disconnect != NULL) {
			current.cb.on_disconnect(err);
		}
	}
	return err;
}

int mqtt_helper_subscribe(struct mqtt_subscription_list *sub_list)
{
	if (state != MQTT_STATE_CONNECTED) {
		return wrong_state("MQTT_STATE_CONNECTED");
	}
#if NCSHOST_VER >= 0x020800
	if (sub_list->message_id == 0) {
		LOG_ERR("Invalid message ID");
		return -EINVAL;
	}
#endif
	return mqtt_subscribe(&client, sub_list);
}

int mqtt_helper_publish(const struct mqtt_publish_param *param)
{
	if (state != MQTT_STATE_CONNECTED) {
		return wrong_state("MQTT_STATE_CONNECTED");
	}
#if NCSHOST_VER >= 0x020800
	if (param->message.topic.qos > MQTT_QOS_0_AT_MOST_ONCE && param->message_id == 0) {
		LOG_ERR("Invalid message ID");
		return -EINVAL;
	}
#endif
	return mqtt_publish(&client, param);
}

int mqtt_helper_deinit(void)
{
	if (state != MQTT_STATE_DISCONNECTED) {
		return wrong_state("MQTT_STATE_DISCONNECTED");
	}
	memset(&client, 0, sizeof(client));
	memset(&current, 0, sizeof(current));
	set_state(MQTT_STATE_UNINIT);
	return 0;
}

#if NCSHOST_VER >= 0x020800
uint16_t mqtt_helper_msg_id_get(void)
{
	static uint16_t id;

	if (++id == 0) {
		id = 1;
	}
	return id;
}
#endif
