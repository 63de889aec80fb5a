/* Short messages. */
#ifndef SMS_H_
#define SMS_H_

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <ncshost.h>
#include <zephyr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

enum sms_type {
	SMS_TYPE_DELIVER,
	SMS_TYPE_STATUS_REPORT,
};

#define SMS_MAX_PAYLOAD_LEN_CHARS 160
#define SMS_MAX_ADDRESS_LEN_CHARS 20

struct sms_time {
	uint8_t year; /* the last two digits */
	uint8_t month;
	uint8_t day;
	uint8_t hour;
	uint8_t minute;
	uint8_t second;
	int8_t timezone; /* quarters of an hour */
};

struct sms_address {
	char address_str[SMS_MAX_ADDRESS_LEN_CHARS + 1];
	uint8_t length; /* digits */
	uint8_t type;
};

/* Parts of a longer message. */
struct sms_udh_concat {
	bool present;
	uint16_t ref_number;
	uint8_t total_msgs;
	uint8_t seq_number;
};

struct sms_udh_app_port {
	bool present;
	uint16_t dest_port;
	uint16_t src_port;
};

struct sms_deliver_header {
	struct sms_time time;
	struct sms_address originating_address;
	struct sms_udh_app_port app_port;
	struct sms_udh_concat concatenated;
};

union sms_header {
	struct sms_deliver_header deliver;
};

/* A message, of one part. Text is in ISO 8859-15 and ends with a NUL. */
struct sms_data {
	enum sms_type type;
	union sms_header header;
	int payload_len;
	uint8_t payload[SMS_MAX_PAYLOAD_LEN_CHARS + 1];
};

/* Called on the system work queue. */
typedef void (*sms_callback_t)(struct sms_data *const data, void *context);

/* sms_register_listener returns a number for sms_unregister_listener, or the negative of an errno: -EINVAL,
 * -ENOSPC, -EBUSY if somebody else has registered with the modem. */
int sms_register_listener(sms_callback_t listener, void *context);
void sms_unregister_listener(int handle);

/* Each returns 0, the negative of an errno, or what the modem answers, see nrf_modem_at_err(). Longer
 * text is sent in parts. Somebody must have registered. */
int sms_send_text(const char *number, const char *text);

#if NCSHOST_VER >= 0x020600
enum sms_data_type {
	SMS_DATA_TYPE_ASCII,
	SMS_DATA_TYPE_GSM7BIT, /* a septet in each byte */
};

int sms_send(const char *number, const uint8_t *data, uint16_t data_len, enum sms_data_type type);
#endif

#ifdef __cplusplus
}
#endif

#endif
