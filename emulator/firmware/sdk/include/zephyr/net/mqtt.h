/* An MQTT 3.1 and 3.1.1 client over the modem's sockets. */
#ifndef NRF91EMU_ZEPHYR_NET_MQTT_H_
#define NRF91EMU_ZEPHYR_NET_MQTT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ncshost.h>
#include <zephyr/kernel.h>
#include <zephyr/net/net_ip.h>
#include <zephyr/net/socket.h>
#include <zephyr/net/tls_credentials.h>

#ifndef CONFIG_MQTT_KEEPALIVE
#define CONFIG_MQTT_KEEPALIVE 60
#endif

enum mqtt_evt_type {
	MQTT_EVT_CONNACK,
	MQTT_EVT_DISCONNECT,
	MQTT_EVT_PUBLISH,
	MQTT_EVT_PUBACK,
	MQTT_EVT_PUBREC,
	MQTT_EVT_PUBREL,
	MQTT_EVT_PUBCOMP,
	MQTT_EVT_SUBACK,
	MQTT_EVT_UNSUBACK,
	MQTT_EVT_PINGRESP,
};
enum mqtt_version {
	MQTT_VERSION_3_1_0 = 3,
	MQTT_VERSION_3_1_1 = 4,
};
enum mqtt_qos {
	MQTT_QOS_0_AT_MOST_ONCE,
	MQTT_QOS_1_AT_LEAST_ONCE,
	MQTT_QOS_2_EXACTLY_ONCE,
};
enum mqtt_conn_return_code {
	MQTT_CONNECTION_ACCEPTED,
	MQTT_UNACCEPTABLE_PROTOCOL_VERSION,
	MQTT_IDENTIFIER_REJECTED,
	MQTT_SERVER_UNAVAILABLE,
	MQTT_BAD_USER_NAME_OR_PASSWORD,
	MQTT_NOT_AUTHORIZED,
};
enum mqtt_suback_return_code {
	MQTT_SUBACK_SUCCESS_QoS_0 = 0,
	MQTT_SUBACK_SUCCESS_QoS_1 = 1,
	MQTT_SUBACK_SUCCESS_QoS_2 = 2,
	MQTT_SUBACK_FAILURE = 0x80,
};

struct mqtt_utf8 {
	const uint8_t *utf8;
	uint32_t size;
};
struct mqtt_binstr {
	uint8_t *data;
	uint32_t len;
};
struct mqtt_topic {
	struct mqtt_utf8 topic;
	uint8_t qos;
};
struct mqtt_publish_message {
	struct mqtt_topic topic;
	struct mqtt_binstr payload;
};
struct mqtt_connack_param {
	uint8_t session_present_flag;
	enum mqtt_conn_return_code return_code;
};
struct mqtt_puback_param {
	uint16_t message_id;
};
struct mqtt_pubrec_param {
	uint16_t message_id;
};
struct mqtt_pubrel_param {
	uint16_t message_id;
};
struct mqtt_pubcomp_param {
	uint16_t message_id;
};
struct mqtt_suback_param {
	uint16_t message_id;
	struct mqtt_binstr return_codes;
};
struct mqtt_unsuback_param {
	uint16_t message_id;
};
struct mqtt_publish_param {
	struct mqtt_publish_message message;
	uint16_t message_id;
	uint8_t dup_flag : 1;
	uint8_t retain_flag : 1;
};
struct mqtt_subscription_list {
	struct mqtt_topic *list;
	uint16_t list_count;
	uint16_t message_id;
};
/* What mqtt_disconnect takes from release 3.0 on; for MQTT 5.0 only. */
struct mqtt_disconnect_param {
	uint8_t reason_code;
};

union mqtt_evt_param {
	struct mqtt_connack_param connack;
	struct mqtt_publish_param publish;
	struct mqtt_puback_param puback;
	struct mqtt_pubrec_param pubrec;
	struct mqtt_pubrel_param pubrel;
	struct mqtt_pubcomp_param pubcomp;
	struct mqtt_suback_param suback;
	struct mqtt_unsuback_param unsuback;
};
struct mqtt_evt {
	enum mqtt_evt_type type;
	union mqtt_evt_param param;
	int result;
};
struct mqtt_client;
typedef void (*mqtt_evt_cb_t)(struct mqtt_client *client, const struct mqtt_evt *evt);

struct mqtt_sec_config {
	int peer_verify;
	uint32_t cipher_count;
	const int *cipher_list;
	uint32_t sec_tag_count;
	const sec_tag_t *sec_tag_list;
	int session_cache;
	const char *hostname;
	int cert_nocopy;
	bool set_native_tls;
};
enum mqtt_transport_type {
	MQTT_TRANSPORT_NON_SECURE,
#ifdef CONFIG_MQTT_LIB_TLS
	MQTT_TRANSPORT_SECURE,
#endif
	MQTT_TRANSPORT_NUM,
};
struct mqtt_transport {
	enum mqtt_transport_type type;
	union {
		struct {
			int sock;
		} tcp;
#ifdef CONFIG_MQTT_LIB_TLS
		struct {
			int sock;
			struct mqtt_sec_config config;
		} tls;
#endif
	};
	const char *if_name;
};
struct mqtt_internal {
	struct k_mutex mutex;
	/* Uptime in ms of the last packet that was sent. */
	uint32_t last_activity;
	uint32_t state;
	uint32_t rx_len;
	/* What is left of the payload of a PUBLISH. */
	uint32_t remaining_payload;
};
struct mqtt_client {
	struct mqtt_internal internal;
	struct mqtt_transport transport;
	struct mqtt_utf8 client_id;
	const void *broker;
	const struct mqtt_utf8 *user_name;
	const struct mqtt_utf8 *password;
	const struct mqtt_topic *will_topic;
	const struct mqtt_utf8 *will_message;
	mqtt_evt_cb_t evt_cb;
	uint8_t *rx_buf;
	uint32_t rx_buf_size;
	uint8_t *tx_buf;
	uint32_t tx_buf_size;
	uint16_t keepalive;
	uint8_t protocol_version;
	int8_t unacked_ping;
	uint8_t will_retain : 1;
	uint8_t clean_session : 1;
	void *user_data;
};

#define MQTT_UTF8_LITERAL(literal) { (const uint8_t *)(literal), sizeof(literal) - 1 }

void mqtt_client_init(struct mqtt_client *client);
/* Connects and sends CONNECT; the answer is an event that mqtt_input finds. */
int mqtt_connect(struct mqtt_client *client);
int mqtt_publish(struct mqtt_client *client, const struct mqtt_publish_param *param);
int mqtt_publish_qos1_ack(struct mqtt_client *client, const struct mqtt_puback_param *param);
int mqtt_publish_qos2_receive(struct mqtt_client *client, const struct mqtt_pubrec_param *param);
int mqtt_publish_qos2_release(struct mqtt_client *client, const struct mqtt_pubrel_param *param);
int mqtt_publish_qos2_complete(struct mqtt_client *client, const struct mqtt_pubcomp_param *param);
int mqtt_subscribe(struct mqtt_client *client, const struct mqtt_subscription_list *param);
int mqtt_unsubscribe(struct mqtt_client *client, const struct mqtt_subscription_list *param);
int mqtt_ping(struct mqtt_client *client);
#if NCSHOST_VER >= 0x030000
int mqtt_disconnect(struct mqtt_client *client, const struct mqtt_disconnect_param *param);
#else
int mqtt_disconnect(struct mqtt_client *client);
#endif
int mqtt_abort(struct mqtt_client *client);
/* 0 a ping was sent, -EAGAIN none is due. */
int mqtt_live(struct mqtt_client *client);
/* Milliseconds until the next ping is due, -1 without keepalive. */
int mqtt_keepalive_time_left(const struct mqtt_client *client);
/* Reads one packet and calls the event handler. */
int mqtt_input(struct mqtt_client *client);
int mqtt_read_publish_payload(struct mqtt_client *client, void *buffer, size_t length);
int mqtt_read_publish_payload_blocking(struct mqtt_client *client, void *buffer, size_t length);
int mqtt_readall_publish_payload(struct mqtt_client *client, uint8_t *buffer, size_t length);

#endif
