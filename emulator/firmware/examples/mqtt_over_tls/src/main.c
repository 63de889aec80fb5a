/* Reports to a broker over TLS, also when button 1 is pressed; orders switch LED 1 on and off. */
#include <string.h>
#include <dk_buttons_and_leds.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <modem/lte_lc.h>
#include <modem/modem_key_mgmt.h>
#include <modem/nrf_modem_lib.h>
#include <net/mqtt_helper.h>

LOG_MODULE_REGISTER(mqtt_over_tls);

#define BROKER "broker.lab"
#define DEVICE "example-device"
#define REPORTS "example/report"
#define ORDERS "example/order"

#define SEC_TAG 42

static const char ca[] = {
#include "ca.pem"
	0x00,
};
#define CA_SIZE (sizeof(ca) - 1)

static K_SEM_DEFINE(subscribed, 0, 1);

/* Asks whether the certificate is there, compares it, and writes it on a difference only:
 * every write wears the flash of the modem. LTE must be off. */
static int provision(void)
{
	bool exists = false;
	int err;

	if (!IS_ENABLED(CONFIG_WRITE_AT_EVERY_BOOT)) {
		err = modem_key_mgmt_exists(SEC_TAG, MODEM_KEY_MGMT_CRED_TYPE_CA_CHAIN, &exists);
		if (err) {
			LOG_ERR("The modem does not say whether the certificate is there: %d", err);
			return err;
		}
		if (exists && modem_key_mgmt_cmp(SEC_TAG, MODEM_KEY_MGMT_CRED_TYPE_CA_CHAIN, ca, CA_SIZE) == 0) {
			LOG_INF("The certificate is there");
			return 0;
		}
	}
	err = modem_key_mgmt_write(SEC_TAG, MODEM_KEY_MGMT_CRED_TYPE_CA_CHAIN, ca, CA_SIZE);
	if (err) {
		LOG_ERR("The certificate was not stored: %d", err);
		return err;
	}
	LOG_INF("The certificate was stored");
	return 0;
}

static void on_connack(enum mqtt_conn_return_code code, bool session_present)
{
	struct mqtt_topic topic = {
		.topic = MQTT_UTF8_LITERAL(ORDERS),
		.qos = MQTT_QOS_1_AT_LEAST_ONCE,
	};
	struct mqtt_subscription_list list = { .list = &topic, .list_count = 1, .message_id = 1 };

	ARG_UNUSED(session_present);
	if (code != MQTT_CONNECTION_ACCEPTED) {
		LOG_ERR("The broker refuses: %d", code);
		return;
	}
	LOG_INF("Connected");
	mqtt_helper_subscribe(&list);
}

static void on_suback(uint16_t id, int result)
{
	LOG_INF("Subscription %u: %d", id, result);
	k_sem_give(&subscribed);
}

static void on_publish(struct mqtt_helper_buf topic, struct mqtt_helper_buf payload)
{
	LOG_INF("%.*s: %.*s", (int)topic.size, topic.ptr, (int)payload.size, payload.ptr);
	dk_set_led(DK_LED1, payload.size == 2 && memcmp(payload.ptr, "on", 2) == 0);
}

static void on_puback(uint16_t id, int result)
{
	LOG_INF("Report %u has arrived: %d", id, result);
}

static void on_disconnect(int result)
{
	LOG_WRN("The connection has ended: %d", result);
}

static int report(const char *text)
{
	struct mqtt_publish_param param = {
		.message = {
			.topic = { .topic = MQTT_UTF8_LITERAL(REPORTS), .qos = MQTT_QOS_1_AT_LEAST_ONCE },
			.payload = { .data = (uint8_t *)text, .len = strlen(text) },
		},
		.message_id = mqtt_helper_msg_id_get(),
	};

	return mqtt_helper_publish(&param);
}

static void button_pressed(uint32_t pressed, uint32_t changed)
{
	if ((pressed & changed & DK_BTN1_MSK) != 0) {
		report("button");
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
		.device_id = { DEVICE, sizeof(DEVICE) - 1 },
	};
	int err = dk_leds_init();

	if (err == 0) {
		err = nrf_modem_lib_init();
	}
	if (err == 0) {
		err = provision();
	}
	if (err == 0) {
		err = lte_lc_connect();
	}
	if (err == 0) {
		err = mqtt_helper_init(&config);
	}
	if (err == 0) {
		err = mqtt_helper_connect(&params);
	}
	if (err) {
		LOG_ERR("Not connected: %d", err);
		return 0;
	}
	k_sem_take(&subscribed, K_FOREVER);
	err = dk_buttons_init(button_pressed);
	if (err) {
		LOG_ERR("No buttons: %d", err);
	}
	err = report("ready");
	if (err) {
		LOG_ERR("Not reported: %d", err);
	}
	return 0;
}
