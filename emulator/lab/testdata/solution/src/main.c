/*
 * The exercise "MQTT over TLS": button 1 publishes a message, and LED 1 does what
 * messages say. The gaps are marked STEP; the page of the lab says what belongs there.
 */
#include <string.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <dk_buttons_and_leds.h>
#include <modem/lte_lc.h>
#include <modem/nrf_modem_lib.h>
#include <net/mqtt_helper.h>
#include <modem/modem_key_mgmt.h>

LOG_MODULE_REGISTER(exercise);

#define BROKER "broker.lab"
#define PUBLISH_TOPIC "devacademy/publish/topic"
#define SUBSCRIBE_TOPIC "devacademy/subscribe/topic"
#define MESSAGE "Hi from nRF91 Series device"
#define SUBSCRIBE_ID 1234

#define SEC_TAG 24

static const char ca[] = {
#include "ca.pem"
	0x00,
};
#define CA_SIZE (sizeof(ca) - 1)

static int certificate_provision(void)
{
	bool exists;
	int err = modem_key_mgmt_exists(SEC_TAG, MODEM_KEY_MGMT_CRED_TYPE_CA_CHAIN, &exists);

	if (err) {
		LOG_ERR("Nobody says whether the certificate is there: %d", err);
		return err;
	}
	if (exists && modem_key_mgmt_cmp(SEC_TAG, MODEM_KEY_MGMT_CRED_TYPE_CA_CHAIN, ca, CA_SIZE) == 0) {
		LOG_INF("The certificate is there");
		return 0;
	}
	LOG_INF("The certificate is stored");
	return modem_key_mgmt_write(SEC_TAG, MODEM_KEY_MGMT_CRED_TYPE_CA_CHAIN, ca, CA_SIZE);
}

static void on_connack(enum mqtt_conn_return_code code, bool session_present)
{
	struct mqtt_topic topic = {
		.topic = MQTT_UTF8_LITERAL(SUBSCRIBE_TOPIC),
		.qos = MQTT_QOS_1_AT_LEAST_ONCE,
	};
	struct mqtt_subscription_list list = { .list = &topic, .list_count = 1, .message_id = SUBSCRIBE_ID };

	ARG_UNUSED(session_present);
	if (code != MQTT_CONNECTION_ACCEPTED) {
		LOG_ERR("The broker refuses: %d", code);
		return;
	}
	LOG_INF("Connected to %s, port %d", BROKER, CONFIG_MQTT_HELPER_PORT);
	mqtt_helper_subscribe(&list);
}

static void on_suback(uint16_t id, int result)
{
	LOG_INF("Subscribed, packet %u: %d", id, result);
}

static void on_publish(struct mqtt_helper_buf topic, struct mqtt_helper_buf payload)
{
	LOG_INF("Received on %.*s: %.*s", (int)topic.size, topic.ptr, (int)payload.size, payload.ptr);
	if (payload.size == strlen("LED1ON") && memcmp(payload.ptr, "LED1ON", payload.size) == 0) {
		dk_set_led_on(DK_LED1);
	} else if (payload.size == strlen("LED1OFF") && memcmp(payload.ptr, "LED1OFF", payload.size) == 0) {
		dk_set_led_off(DK_LED1);
	}
}

static void on_puback(uint16_t id, int result)
{
	LOG_INF("Message %u has arrived: %d", id, result);
}

static void on_disconnect(int result)
{
	LOG_WRN("The connection has ended: %d", result);
}

static void button(uint32_t pressed, uint32_t changed)
{
	struct mqtt_publish_param param = {
		.message = {
			.topic = { .topic = MQTT_UTF8_LITERAL(PUBLISH_TOPIC), .qos = MQTT_QOS_1_AT_LEAST_ONCE },
			.payload = { .data = (uint8_t *)MESSAGE, .len = strlen(MESSAGE) },
		},
		.message_id = mqtt_helper_msg_id_get(),
	};

	if (pressed & changed & DK_BTN1_MSK) {
		int err = mqtt_helper_publish(&param);

		LOG_INF("Publishing: %d", err);
	}
}

int main(void)
{
	struct mqtt_helper_cfg config = {
		.cb = {
			.on_connack = on_connack,
			.on_suback = on_suback,
			.on_publish = on_publish,
			.on_puback = on_puback,
			.on_disconnect = on_disconnect,
		},
	};
	struct mqtt_helper_conn_params params = {
		.hostname = { BROKER, sizeof(BROKER) - 1 },
		.device_id = { "nrf-exercise", sizeof("nrf-exercise") - 1 },
	};
	int err;

	if (dk_leds_init() || dk_buttons_init(button)) {
		LOG_ERR("The board has no LEDs or buttons");
		return 0;
	}
	LOG_INF("Initializing modem library");
	err = nrf_modem_lib_init();
	if (err) {
		LOG_ERR("No modem: %d", err);
		return 0;
	}
	err = certificate_provision();
	if (err) {
		LOG_ERR("The certificate is not stored: %d", err);
		return 0;
	}
	LOG_INF("Connecting to the LTE network");
	err = lte_lc_connect();
	if (err) {
		LOG_ERR("No network: %d", err);
		return 0;
	}
	LOG_INF("In the network; connecting to %s, port %d", BROKER, CONFIG_MQTT_HELPER_PORT);
	err = mqtt_helper_init(&config);
	if (err == 0) {
		err = mqtt_helper_connect(&params);
	}
	if (err) {
		LOG_ERR("No connection to the broker: %d", err);
	}
	return 0;
}
