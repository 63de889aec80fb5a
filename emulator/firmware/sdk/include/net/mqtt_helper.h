/* MQTT with a thread of its own: callbacks instead of a loop. */
#ifndef NRF91EMU_NET_MQTT_HELPER_H_
#define NRF91EMU_NET_MQTT_HELPER_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ncshost.h>
#include <zephyr/net/mqtt.h>

enum mqtt_state {
	MQTT_STATE_UNINIT,
	MQTT_STATE_DISCONNECTED,
	MQTT_STATE_TRANSPORT_CONNECTING,
	MQTT_STATE_CONNECTING,
	MQTT_STATE_TRANSPORT_CONNECTED,
	MQTT_STATE_CONNECTED,
	MQTT_STATE_DISCONNECTING,
	MQTT_STATE_COUNT,
};
enum mqtt_helper_error {
	MQTT_HELPER_ERROR_MSG_SIZE,
};
struct mqtt_helper_buf {
	char *ptr;
	size_t size;
};

#if NCSHOST_VER >= 0x020600
typedef bool (*mqtt_helper_handle_mqtt_evt_t)(struct mqtt_client *const client, const struct mqtt_evt *const evt);
typedef void (*mqtt_helper_on_connack_t)(enum mqtt_conn_return_code return_code, bool session_present);
#else
typedef void (*mqtt_helper_on_connack_t)(enum mqtt_conn_return_code return_code);
#endif
typedef void (*mqtt_helper_on_disconnect_t)(int result);
typedef void (*mqtt_helper_on_publish_t)(struct mqtt_helper_buf topic_buf, struct mqtt_helper_buf payload_buf);
typedef void (*mqtt_helper_on_puback_t)(uint16_t message_id, int result);
typedef void (*mqtt_helper_on_suback_t)(uint16_t message_id, int result);
typedef void (*mqtt_helper_on_pingresp_t)(void);
typedef void (*mqtt_helper_on_error_t)(enum mqtt_helper_error error);

struct mqtt_helper_cfg {
	struct {
#if NCSHOST_VER >= 0x020600
		/* Sees every event first; false if it has been dealt with. */
		mqtt_helper_handle_mqtt_evt_t on_all_events;
#endif
		mqtt_helper_on_connack_t on_connack;
		mqtt_helper_on_disconnect_t on_disconnect;
		mqtt_helper_on_publish_t on_publish;
		mqtt_helper_on_puback_t on_puback;
		mqtt_helper_on_suback_t on_suback;
		mqtt_helper_on_pingresp_t on_pingresp;
		mqtt_helper_on_error_t on_error;
	} cb;
#if NCSHOST_VER >= 0x030100 && defined(CONFIG_MQTT_LIB_TLS)
	/* In place of CONFIG_MQTT_HELPER_SEC_TAG. */
	const sec_tag_t *sec_tag_list;
	size_t sec_tag_count;
#endif
};
struct mqtt_helper_conn_params {
	/* With a NUL at its end. */
	struct mqtt_helper_buf hostname;
	struct mqtt_helper_buf device_id;
	struct mqtt_helper_buf user_name;
#if NCSHOST_VER >= 0x020600
	struct mqtt_helper_buf password;
#endif
#if NCSHOST_VER >= 0x030100
	const char *if_name;
#endif
};

/* Each returns 0 or a negative errno; -EOPNOTSUPP in the wrong state. */
int mqtt_helper_init(struct mqtt_helper_cfg *cfg);
int mqtt_helper_connect(struct mqtt_helper_conn_params *conn_params);
int mqtt_helper_disconnect(void);
int mqtt_helper_subscribe(struct mqtt_subscription_list *sub_list);
int mqtt_helper_publish(const struct mqtt_publish_param *param);
int mqtt_helper_deinit(void);
#if NCSHOST_VER >= 0x020800
uint16_t mqtt_helper_msg_id_get(void);
#endif

#endif
